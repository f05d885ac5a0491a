"""List a plan's uncertain inputs: its ranges, and the generation model's own error unless `time_factor` is set by hand.

Where the error alone is uncertain nothing is drawn. A band is the plan at the error's ends and its point. A percentile
or a chance that decides is of 21 even points of the error: docs/decisions/0015.

Elsewhere ranges go in and bands come out: the same formulas on arrays of draws. An assumption's draws depend on the
seed and its name alone, so they don't move when another gets a range. Each takes the middles of equally likely strata,
in an order of its own. This Latin hypercube (McKay, Beckman and Conover 1979) needs far fewer draws than independent
ones for the same error: docs/decisions/0005.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import FIGURES, Known, Names, Number
from t2v_capacity.plan.cells import SAMPLES, SEED, Compute, ancestry, cells_of, quiet
from t2v_capacity.plan.evidence import FACTOR, model_error
from t2v_capacity.scenario.settings import Origin, Scenario, Setting, point

Percentiles = tuple[float | None, ...]
NO_BAND: Percentiles = (None, None, None)
# The normal quantiles of 0.55 to 0.95 in steps of 0.05, and of 0.99, the largest that is asked for.
_ABOVE = (
    *(0.12566134685507416, 0.2533471031357997, 0.38532046640756773, 0.5244005127080407, 0.6744897501960817),
    *(0.8416212335729144, 1.0364333894937898, 1.2815515655446004, 1.6448536269514722, 2.3263478740408408),
)
END = _ABOVE[-2]
QUANTILES = (*(-z for z in reversed(_ABOVE)), 0.0, *_ABOVE)


def uncertain(scenario: Scenario, known: Known) -> Scenario:
    """Return a scenario with the model's error as the range of `time_factor`.

    Return it as it is if `time_factor` is set by hand, or if nothing is predicted. `known` are its assumptions and
    figures, from which the class of the error follows.
    """
    if scenario.by_hand(FACTOR):
        return scenario
    error = model_error(scenario, known)
    if error.low == error.high:
        return scenario
    source = f"docs/accuracy.md: the model's error, class {error.kind}"
    return scenario.but(
        settings={**scenario.settings, FACTOR: Setting(Range(error.low, error.high, 1.0), Origin("default"), source)}
    )


def error_alone(scenario: Scenario) -> bool:
    """Return whether the model's error is all that is uncertain of what `uncertain` returned."""
    return {*scenario.ranges()} == {FACTOR} and scenario.settings[FACTOR].origin.kind == "default"


def error_bands(scenario: Scenario, known: Known) -> dict[str, Percentiles]:
    """Return every figure's least, point and most over the model's error: at its ends and its point.

    What the seconds do not move has no band. What has no value at an end has no most, and a margin no least: it is
    beyond the worst.
    """
    error = scenario.ranges().get(FACTOR)
    if not error:
        return {}
    low, high = at_factors(scenario, known, tuple(FIGURES), (error.low, error.high))
    return {name: error_band(name, (low[name], known[name], high[name])) for name in FIGURES}


def error_band(name: str, values: Sequence[float]) -> Percentiles:
    """Return the band of a figure's values at the model error's low end, point and high end.

    >>> error_band("gpus", (104.0, 200.0, math.nan)), error_band("gross_margin", (0.5, 0.1, math.nan))
    ((104.0, 200.0, None), (None, 0.1, 0.5))
    """
    finite_values = [figure for figure in values if math.isfinite(figure)]
    if not finite_values or {*finite_values} == {values[1]}:  # it does not move where it has a value
        return NO_BAND
    least, middle, most = min(finite_values), finite(values[1]), max(finite_values)
    if len(finite_values) == len(values):
        return least, middle, most
    return (None, middle, most) if is_best_high(name) else (least, middle, None)


def is_best_high(name: str) -> bool:
    """Return whether more of a figure is better, so that what has no value is below the least."""
    return name in FIGURES and FIGURES[name].better == "higher"


def at_factors(scenario: Scenario, known: Known, wanted: Names, factors: Iterable[float]) -> list[dict[str, Number]]:
    """Return figures of a plan with each of these in the place of `time_factor`; nan where one has no value.

    Of the figures `known` may hold some alone: what else is needed is computed.
    """
    cell = cells_of(scenario, (FACTOR,), wanted, known)
    return [values_or_nan(cell, {FACTOR: factor}, wanted) for factor in factors]


def values_or_nan(cell: Compute, values: dict[str, Number], wanted: Names) -> dict[str, Number]:
    """Return wanted figures of a cell; nan where it can't be computed."""
    try:
        return cell(values)
    except (ArithmeticError, ValueError):
        return dict.fromkeys(wanted, math.nan)


def error_quantiles(error: Range) -> tuple[float, ...]:
    """Return the 21 even points of a range of `time_factor`, as its draws lie.

    They are each twentieth of the draws, and the 1st and the 99th percentile.

    >>> [round(factor, 2) for factor in error_quantiles(Range(0.84, 1.19, 1.0))[::5]]
    [0.78, 0.93, 1.0, 1.07, 1.28]
    """
    least = ASSUMPTIONS[FACTOR].low
    middle, low, high = (math.log(factor - least) for factor in (point(FACTOR, error), error.low, error.high))
    return tuple(least + math.exp(middle + (high - middle if z > 0 else middle - low) * z / END) for z in QUANTILES)


def error_points(scenario: Scenario) -> dict[str, Number]:
    """Return the even points of the model's error as an array in the place of `time_factor`."""
    import numpy as np

    return {FACTOR: np.array(error_quantiles(scenario.ranges()[FACTOR]))}


def likely(scenario: Scenario, known: Known, wanted: Iterable[str], samples: int, seed: int) -> dict[str, Number]:
    """Return figures over all that is uncertain of what `uncertain` returned.

    Each is draws, or a list where the model's error is alone. A figure that nothing uncertain reaches is left out.
    """
    ranges = scenario.ranges()
    moving = {plain_name(name) for name in ranges}
    reached = tuple(
        name
        for name in dict.fromkeys(wanted)
        if not ancestry(plain_name(name), scenario).isdisjoint(moving) or name in ranges
    )
    if not reached:
        return {}
    if error_alone(scenario):
        points = at_factors(scenario, known, reached, error_quantiles(ranges[FACTOR]))
        return {name: [figures[name] for figures in points] for name in reached}
    return {name: drawn for name, drawn in sampled(scenario, reached, samples, seed).items() if hasattr(drawn, "shape")}


def draws_used(drawn: Mapping[str, Number], sampling: tuple[int, int]) -> tuple[int, int | None]:
    """Return how many draws what `likely` returned is of, and their seed; none where it is even points."""
    return sampling if any(hasattr(numbers, "shape") for numbers in drawn.values()) else (0, None)


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
    scenario: Scenario,
    wanted: Sequence[str] = (),
    samples: int = SAMPLES,
    seed: int = SEED,
    known: Known | None = None,
) -> dict[str, Number]:
    """Return each wanted figure's draws, by default of all: an array, or one number if nothing uncertain reaches it.

    What is `known` takes the place of the scenario's values.
    """
    drawn = draws(scenario.ranges(), samples, seed)
    with quiet():
        return cells_of(scenario, drawn, tuple(wanted or FIGURES), known)(drawn)


def bands(scenario: Scenario, samples: int, seed: int = SEED) -> dict[str, Percentiles]:
    """Return the 5th, 50th and 95th percentile of every figure over the draws.

    Two in three figures are another figure times a number.
    """
    seen = dict[bytes, tuple[Number, Percentiles]]()
    return {
        name: _in_proportion(name, values, seen) if hasattr(values, "shape") else band_of(name, values)
        for name, values in sampled(scenario, samples=samples, seed=seed).items()
    }


def _in_proportion(name: str, draws: Any, seen: dict[bytes, tuple[Number, Percentiles]]) -> Percentiles:
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
    percentiles = band_of(name, draws)
    seen.setdefault(few, (draws, percentiles))
    return percentiles


def band_of(name: str, draws: Any) -> Percentiles:
    """Return the percentiles of a figure's draws. What has no value is beyond the worst: of a margin, below the least.

    >>> import numpy as np
    >>> band_of("gross_margin", np.array([math.nan, 0.1, 0.2, 0.3])), band_of("gpus", np.array([math.nan, 8.0, 8.0]))
    ((None, 0.2, 0.3), (8.0, 8.0, None))
    """
    if not (is_best_high(name) and hasattr(draws, "shape") and (draws != draws).any()):  # noqa: PLR0124 - has no value
        return tuple(percentiles_of(draws))
    return tuple(None if percentile is None else -percentile for percentile in reversed(percentiles_of(-draws)))


def percentiles_of(draws: Any, shares: Sequence[float] = SHARES) -> list[float | None]:
    """Return percentiles of a figure's draws, an array or a list.

    What has no value counts as beyond the worst, and a percentile there is null. Between two numbers a percentile is
    straight; where some are endless it is the number itself. A list is of even points of the model's error.
    """
    if isinstance(draws, list):
        shares = [*map(_among_even_points, shares)]
        draws = sorted(math.inf if math.isnan(drawn) else drawn for drawn in draws)
    elif not hasattr(draws, "shape"):
        return [finite(float(draws))] * len(shares)
    else:
        import numpy as np

        last = len(draws) - 1
        near = {min(math.floor(last * share) + more, last) for share in shares for more in (0, 1)}
        draws = np.partition(draws, sorted({0, *near, last}))  # what has no value is last
    return [finite(_percentile(draws, share)) for share in shares]


def _among_even_points(share: float) -> float:
    """Return where a percentile lies among even points, which end at the 1st and the 99th.

    Next to those a figure is straight in the normal quantile, as the logarithm of `time_factor` is.
    """
    from statistics import NormalDist

    beyond = max(share, 1 - share)
    if beyond <= SHARES[-1]:
        return share
    place = 1 - SHARES[0] * (_ABOVE[-1] - NormalDist().inv_cdf(beyond)) / (_ABOVE[-1] - END)
    return place if share == beyond else 1 - place


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
