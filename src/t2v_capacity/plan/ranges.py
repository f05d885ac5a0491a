"""Ranges in, bands out: the same formulas on arrays of draws.

An assumption's draws are its own: they depend on the seed and its name alone, so they don't move when another gets a
range. Each takes the middles of equally likely strata, in an order of its own (a Latin hypercube, McKay, Beckman and
Conover 1979), which needs far fewer draws than independent ones for the same error: docs/decisions/0005.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from statistics import NormalDist
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import FIGURES, Number
from t2v_capacity.plan.cells import SAMPLES, SEED, cells_of, in_chunks, quiet
from t2v_capacity.plan.evidence import FACTOR
from t2v_capacity.plan.percentiles import Percentiles, endless, in_order, percentile
from t2v_capacity.scenario.settings import Scenario, point

# The ends of a range are its 5th and 95th percentile, this many standard deviations from its middle.
_END = NormalDist().inv_cdf(0.95)
# The percentiles of a band: its ends and its middle.
SHARES = (0.05, 0.5, 0.95)
# Up to so many draws those of every figure are kept: a hundred megabytes.
_WHOLE = 100_000


def draws(ranges: Mapping[str, Range], samples: int = SAMPLES, seed: int = SEED) -> dict[str, Number]:
    """Return so many draws of each range, in base units.

    >>> drawn = draws({"dau": Range(50e6, 200e6)}, samples=1_000)["dau"]
    >>> round(float(sorted(drawn)[500]) / 1e8, 2)
    1.0
    """
    return {name: draw(name, value, samples, seed) for name, value in ranges.items()}


def draw(name: str, value: Range, samples: int, seed: int) -> Number:
    """Return the draws of one range: lognormal above the lower bound, or logit-normal between both, with its point as the median.

    Where the point is not the middle of its family, the two halves have a spread of their own.
    """
    return _drawing(name, value, samples, seed)(slice(0, samples))


def _drawing(name: str, value: Range, samples: int, seed: int) -> Callable[[slice], Number]:
    """Return the function from a part of so many draws to these; what it keeps is their order alone."""
    import numpy as np

    known = ASSUMPTIONS.get(plain_name(name))
    low, high = (known.low, known.high) if known else (0.0, math.inf)
    bounded = known is not None and not known.unlimited

    def flat(x: float) -> float:
        return math.log((x - low) / (high - x)) if bounded else math.log(x - low)

    middle = flat(point(name, value))
    below, above = (middle - flat(value.low)) / _END, (flat(value.high) - middle) / _END
    order = _order(FACTOR if plain_name(name) == FACTOR else name, samples, seed)  # all parts' errors lie at one quantile

    def part(some: slice) -> Number:
        z = _normal(samples)[order[some]]  # found once all orders are, which take more while they are made
        with quiet():
            bent = np.exp(middle + np.where(z < 0, below, above) * z)
            return low + (high - low) * bent / (1 + bent) if bounded else low + bent

    return part


@cache
def _normal(samples: int) -> Any:
    """Return the normal quantiles of the middles of so many equally likely strata."""
    import numpy as np

    quantile, count = NormalDist().inv_cdf, samples // 2
    half = np.fromiter((quantile((i + 0.5) / samples) for i in range(count)), float, count)
    return np.concatenate([half, np.zeros(samples % 2), -half[::-1]])


def _order(name: str, samples: int, seed: int) -> Any:
    """Return the order in which a name takes its strata: from raw bits, which are the same on any machine."""
    import numpy as np

    own = int.from_bytes(sha256(f"{seed}:{name}".encode()).digest()[:16], "big")
    raw = np.random.PCG64(own).random_raw(samples)
    # Several times as fast as a stable sort, and the same where no two are alike; four bytes number any draws that are made.
    order = np.argsort(raw).astype(np.uint32)
    raw.sort()
    if (raw[1:] == raw[:-1]).any():
        order = np.argsort(np.random.PCG64(own).random_raw(samples), kind="stable").astype(np.uint32)
    return order


def sampled(scenario: Scenario, wanted: Sequence[str] = (), samples: int = SAMPLES, seed: int = SEED) -> Iterator[tuple[str, Number]]:
    """Yield each wanted figure's draws: an array, or one number where nothing uncertain reaches it."""
    yield from evaluate_draws(scenario, draws(scenario.ranges(), samples, seed), tuple(wanted or FIGURES), samples)


def evaluate_draws(scenario: Scenario, drawn: Mapping[str, Number], wanted: tuple[str, ...], samples: int) -> Iterator[tuple[str, Number]]:
    """Yield figures of a scenario and draws, computed in parts: an array, or one number where no draw reaches it."""
    import numpy as np

    parts: dict[str, list[Number]] = {name: [] for name in wanted}
    figures = cells_of(scenario, drawn, wanted)
    for chunk in in_chunks(samples):
        with quiet():
            found = figures({name: array[chunk] for name, array in drawn.items()})
        for name, pieces in parts.items():
            pieces.append(found[name])
    while parts:  # each is let go as soon as it is whole
        name, pieces = next(iter(parts.items()))
        del parts[name]
        yield name, np.concatenate(pieces) if isinstance(pieces[0], np.ndarray) else pieces[0]


Band = tuple[float | None, ...]


def bands(scenario: Scenario, samples: int = SAMPLES, seed: int = SEED, progress: Callable[[float], None] | None = None) -> dict[str, Band]:
    """Return the 5th, 50th and 95th percentile of every figure over the draws.

    All figures are computed together, part by part, and from so many draws on of each only what may be a percentile is kept: any number of draws takes
    the memory of their orders, four bytes each, and little else. `progress` receives the share of the work done, 0 to 1.
    """
    if samples <= _WHOLE:
        return {name: tuple(band(values)) for name, values in sampled(scenario, samples=samples, seed=seed)}
    drawn = {name: _drawing(name, value, samples, seed) for name, value in scenario.ranges().items()}
    figures = cells_of(scenario, drawn, tuple(FIGURES))
    found: dict[str, Percentiles | Band] = {}
    for chunk in in_chunks(samples):
        with quiet():
            values = figures({name: part(chunk) for name, part in drawn.items()})
        for name, value in values.items():
            kept = found.get(name)
            if isinstance(kept, Percentiles):
                kept.add(value)
            elif kept is None and hasattr(value, "shape"):
                found[name] = kept = Percentiles(SHARES, samples)
                kept.add(value)
            elif kept is None:
                found[name] = tuple(band(value))
        if progress:
            progress(chunk.stop / samples)
    return {name: one if isinstance(one, tuple) else _band_of(scenario, name, one, samples, seed) for name, one in found.items()}


def _band_of(scenario: Scenario, name: str, kept: Percentiles, samples: int, seed: int) -> Band:
    """Return the percentiles that were kept; where one was let go, as happens once in many million, those of all its draws."""
    ends = kept.found()
    if ends is None:
        return tuple(band(dict(sampled(scenario, (name,), samples, seed))[name]))
    return tuple(finite(value) for value in ends)


def band(draws: Number, shares: Sequence[float] = SHARES) -> list[float | None]:
    """Return percentiles of a figure's draws, an array or a list; what has no value counts as beyond the worst, and a percentile there is null."""
    if isinstance(draws, list):
        ordered = sorted(math.inf if math.isnan(value) else value for value in draws)
    elif not hasattr(draws, "shape"):
        return [finite(float(draws))] * len(shares)
    else:
        ordered = in_order(draws)
    unending = endless(ordered)
    return [finite(percentile(share, len(ordered), ordered.__getitem__, endless=unending) or 0.0) for share in shares]
