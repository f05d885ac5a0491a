"""Ranges in, bands out: the same formulas on arrays of draws.

An assumption's draws depend on the seed and its name alone, so they don't move when another gets a range. Each takes
the middles of equally likely strata, in an order of its own. This Latin hypercube (McKay, Beckman and Conover 1979)
needs far fewer draws than independent ones for the same error: docs/decisions/0005.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import FIGURES, Number
from t2v_capacity.plan.cells import SAMPLES, SEED, cells_of, quiet
from t2v_capacity.scenario.settings import Scenario, point

# The percentiles of a band: its ends and its middle.
SHARES = (0.05, 0.5, 0.95)
# Draws are in proportion where all are to this factor.
# The first few, to so many digits, show whether that is worth a look.
_SAME, _FEW, _SHOWN_DIGITS = 1 + 1e-12, 8, 9


def draws(ranges: Mapping[str, Range], samples: int = SAMPLES, seed: int = SEED) -> dict[str, Number]:
    """Return so many draws of each range, in base units.

    >>> drawn = draws({"dau": Range(50e6, 200e6)}, samples=1_000)["dau"]
    >>> round(float(sorted(drawn)[500]) / 1e8, 2)
    1.0
    """
    return {name: draw(name, ends, samples, seed) for name, ends in ranges.items()}


def draw(name: str, ends: Range, samples: int, seed: int) -> Number:
    """Return the draws of one range, with its point as the median.

    They are lognormal above the lower bound, or logit-normal between both. Where the point is not the middle of its
    family, the two halves have a spread of their own.
    """
    from statistics import NormalDist

    import numpy as np

    end = NormalDist().inv_cdf(0.95)
    known = ASSUMPTIONS.get(plain_name(name))
    low, high = (known.low, known.high) if known else (0.0, math.inf)
    bounded = known is not None and not known.unlimited

    def flat(x: float) -> float:
        return math.log((x - low) / (high - x)) if bounded else math.log(x - low)

    middle = flat(point(name, ends))
    # The ends of a range are its 5th and 95th percentile.
    below, above = (middle - flat(ends.low)) / end, (flat(ends.high) - middle) / end
    z = _normal(samples)[_order(name, samples, seed)]
    with quiet():
        bent = np.exp(middle + np.where(z < 0, below, above) * z)
        return low + (high - low) * bent / (1 + bent) if bounded else low + bent


@cache
def _normal(samples: int) -> Any:
    """Return the normal quantiles of the middles of so many equally likely strata."""
    from statistics import NormalDist

    import numpy as np

    quantile, count = NormalDist().inv_cdf, samples // 2
    half = np.fromiter(map(quantile, ((np.arange(count) + 0.5) / samples).tolist()), float, count)
    return np.concatenate([half, np.zeros(samples % 2), -half[::-1]])


def _order(name: str, samples: int, seed: int) -> Any:
    """Return the order in which a name takes its strata: from raw bits, which are the same on any machine."""
    import numpy as np

    own = int.from_bytes(sha256(f"{seed}:{name}".encode()).digest()[:16], "big")
    bits = np.random.PCG64(own).random_raw(samples).astype("<u8").view("<u2")
    return np.lexsort(bits.reshape(samples, -1).T.copy())  # by radix, in less than half the time of argsort


def sampled(
    scenario: Scenario, wanted: Sequence[str] = (), samples: int = SAMPLES, seed: int = SEED
) -> dict[str, Number]:
    """Return each wanted figure's draws, by default of all: an array, or one number if nothing uncertain reaches it."""
    drawn = draws(scenario.ranges(), samples, seed)
    with quiet():
        return cells_of(scenario, drawn, tuple(wanted or FIGURES))(drawn)


_Percentiles = tuple[float | None, ...]


def bands(scenario: Scenario, samples: int = SAMPLES, seed: int = SEED) -> dict[str, _Percentiles]:
    """Return the 5th, 50th and 95th percentile of every figure over the draws.

    Two in three figures are another figure times a number.
    """
    percentiles = dict[str, _Percentiles]()
    seen = dict[bytes, tuple[Number, _Percentiles]]()
    for name, values in sampled(scenario, samples=samples, seed=seed).items():
        percentiles[name] = _in_proportion(values, seen) if hasattr(values, "shape") else tuple(percentiles_of(values))
    return percentiles


def _in_proportion(draws: Any, seen: dict[bytes, tuple[Number, _Percentiles]]) -> _Percentiles:
    """Return percentiles of draws: a search, or those of draws that were seen and are in proportion to these."""
    if draws[0] == draws[-1] and (draws == draws[0]).all():
        return tuple(percentiles_of(float(draws[0])))
    with quiet():
        few = (draws[:_FEW] / draws[0]).round(_SHOWN_DIGITS).tobytes()
        if few in seen:
            other, known = seen[few]
            times = draws / other
            if 0 < times.max() <= times.min() * _SAME:
                return tuple(percentile and percentile * float(times[0]) for percentile in known)
    percentiles = tuple(percentiles_of(draws))
    seen.setdefault(few, (draws, percentiles))
    return percentiles


def percentiles_of(draws: Any, shares: Sequence[float] = SHARES) -> list[float | None]:
    """Return percentiles of a figure's draws, an array or a list.

    What has no value counts as beyond the worst, and a percentile there is null. Between two numbers a percentile is
    straight; where some are endless it is the number itself.
    """
    if isinstance(draws, list):
        draws = sorted(math.inf if math.isnan(drawn) else drawn for drawn in draws)
    elif not hasattr(draws, "shape"):
        return [finite(float(draws))] * len(shares)
    else:
        import numpy as np

        last = len(draws) - 1
        near = {min(math.floor(last * share) + more, last) for share in shares for more in (0, 1)}
        draws = np.partition(draws, sorted({0, *near, last}))  # what has no value is last
    return [finite(_percentile(draws, share)) for share in shares]


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Return what numpy's quantile would, so that a list needs no numpy.

    The numbers are in ascending order at their ends and at the share.
    """
    if not (math.isfinite(ordered[0]) and math.isfinite(ordered[-1])):
        return float(ordered[max(math.ceil(len(ordered) * share - 1), 0)])
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    low, high, part = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)]), place - below
    # From the nearer end, as numpy does.
    return high - (high - low) * (1 - part) if part >= 1 / 2 else low + (high - low) * part
