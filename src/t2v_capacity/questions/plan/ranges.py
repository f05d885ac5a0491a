"""Ranges in, bands out: the same formulas on arrays of draws.

An assumption's draws are its own: they depend on the seed and its name alone, so they don't move when another gets a
range. Each takes the middles of equally likely strata, in an order of its own (a Latin hypercube, McKay, Beckman and
Conover 1979), which needs far fewer draws than independent ones for the same error: docs/decisions/0005.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from statistics import NormalDist
from typing import Any

from t2v_capacity.engine.figures import FIGURES, Number, evaluate
from t2v_capacity.questions.plan.cells import CHUNK, SAMPLES, SEED, in_chunks, quiet
from t2v_capacity.scenario.settings import Scenario, point
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.names import finite
from t2v_capacity.vocabulary.quantities import Range

# The ends of a range are its 5th and 95th percentile, this many standard deviations from its middle.
_END = NormalDist().inv_cdf(0.95)


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
    import numpy as np

    low, high = (ASSUMPTIONS[name].low, ASSUMPTIONS[name].high) if name in ASSUMPTIONS else (0.0, math.inf)
    bounded = name in ASSUMPTIONS and not ASSUMPTIONS[name].unlimited

    def flat(x: float) -> float:
        return math.log((x - low) / (high - x)) if bounded else math.log(x - low)

    middle = flat(point(name, value))
    z = _normal(samples)[_order(name, samples, seed)]
    spread = np.where(z < 0, middle - flat(value.low), flat(value.high) - middle) / _END
    with quiet():
        bent = np.exp(middle + spread * z)
        return low + (high - low) * bent / (1 + bent) if bounded else low + bent


@cache
def _normal(samples: int) -> Any:
    """Return the normal quantiles of the middles of so many equally likely strata."""
    import numpy as np

    quantile = NormalDist().inv_cdf
    half = [quantile((i + 0.5) / samples) for i in range(samples // 2)]
    return np.array([*half, *([0.0] if samples % 2 else []), *(-z for z in reversed(half))])


def _order(name: str, samples: int, seed: int) -> Any:
    """Return the order in which a name takes its strata: from raw bits, which are the same on any machine."""
    import numpy as np

    own = int.from_bytes(sha256(f"{seed}:{name}".encode()).digest()[:16], "big")
    return np.argsort(np.random.PCG64(own).random_raw(samples), kind="stable")


def sampled(scenario: Scenario, wanted: Sequence[str] = (), samples: int = SAMPLES, seed: int = SEED) -> Iterator[tuple[str, Number]]:
    """Yield each wanted figure's draws: an array, or one number where nothing uncertain reaches it.

    Figures are computed in parts, and a few at a time, so that a million draws of all of them need no gigabyte.
    """
    names = tuple(wanted or FIGURES)
    drawn = draws(scenario.ranges(), samples, seed)
    values = scenario.values()
    together = max(1, CHUNK * len(names) // max(samples, 1)) if samples > CHUNK else len(names)
    together = max(together, 48)
    for start in range(0, len(names), together):
        yield from evaluate_draws(values, drawn, names[start : start + together], samples)


def evaluate_draws(
    values: Mapping[str, float], drawn: Mapping[str, Number], wanted: tuple[str, ...], samples: int
) -> Iterator[tuple[str, Number]]:
    """Yield figures of values and draws, computed in parts: an array, or one number where no draw reaches it."""
    import numpy as np

    parts: dict[str, list[Number]] = {name: [] for name in wanted}
    for chunk in in_chunks(samples):
        with quiet():
            found = evaluate({**values, **{name: array[chunk] for name, array in drawn.items()}}, wanted)
        for name in wanted:
            parts[name].append(found[name])
    for name, pieces in parts.items():
        yield name, np.concatenate(pieces) if isinstance(pieces[0], np.ndarray) else pieces[0]


def band(draws: Number, shares: Sequence[float] = (0.05, 0.5, 0.95)) -> list[float | None]:
    """Return percentiles of a figure's draws; what has no value counts as beyond the worst, and a percentile there is null."""
    import numpy as np

    if not isinstance(draws, np.ndarray):
        return [finite(float(draws))] * len(shares)
    known = np.where(np.isnan(draws), np.inf, draws)
    found = np.quantile(known, shares, method="inverted_cdf" if np.isinf(known).any() else "linear")
    return [finite(float(value)) for value in found]
