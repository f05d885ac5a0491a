"""List a plan's uncertain inputs: its ranges, and the generation model's own error unless `time_factor` is set by hand.

Where the error alone is uncertain nothing is drawn. A band is the plan at the error's ends and its point. A percentile
or a chance that decides is of 21 even points of the error: docs/decisions/0015.
"""

import math
from collections.abc import Iterable, Sequence

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import FIGURES, Known, Names, Number
from t2v_capacity.plan.cells import Compute, ancestry, cells_of, moving_with
from t2v_capacity.plan.evidence import FACTOR, model_error
from t2v_capacity.scenario.settings import Origin, Scenario, Setting, point

Percentiles = tuple[float | None, ...]
NO_BAND: Percentiles = (None, None, None)
# The normal quantiles of 0.55 to 0.95 in steps of 0.05, and of 0.9875, the middle of the rest.
_ABOVE = (
    *(0.12566134685507416, 0.2533471031357997, 0.38532046640756773, 0.5244005127080407, 0.6744897501960817),
    *(0.8416212335729144, 1.0364333894937898, 1.2815515655446004, 1.6448536269514722, 2.241402727604947),
)
END = _ABOVE[-2]
QUANTILES = (*(-z for z in reversed(_ABOVE)), 0.0, *_ABOVE)


def _is_pinned(scenario: Scenario) -> bool:
    """Return whether nothing of a clip's seconds is predicted, or of those of all parts."""
    scenarios = [part.scenario for part in scenario.parts] or [scenario]
    return all(FACTOR not in ancestry("gpu_seconds_per_video", own) for own in scenarios)


def uncertain(scenario: Scenario, known: Known) -> Scenario:
    """Return a scenario with the model's error as the range of `time_factor`.

    Return it as it is if `time_factor` is set by hand, or if nothing is predicted. `known` are its assumptions and
    figures, from which the class of the error follows.
    """
    if scenario.settings[FACTOR].origin.kind != "default" or _is_pinned(scenario):
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

    What the seconds do not move has no band. What has no value at an end has no most: it is beyond the worst.
    """
    error = scenario.ranges().get(FACTOR)
    if not error:
        return {}
    moving = moving_with(FACTOR, frozenset(scenario.pins))
    low, high = at_factors(scenario, known, moving, (error.low, error.high))
    return {name: error_band((low[name], known[name], high[name])) if name in low else NO_BAND for name in FIGURES}


def error_band(values: Sequence[float]) -> Percentiles:
    """Return the band of a figure's values at the model error's low end, point and high end."""
    finite_values = [value for value in values if math.isfinite(value)]
    if not finite_values or values[0] == values[1] == values[2]:
        return NO_BAND
    return min(finite_values), finite(values[1]), max(finite_values) if len(finite_values) == len(values) else None


def at_factors(scenario: Scenario, known: Known, wanted: Names, factors: Iterable[float]) -> list[dict[str, Number]]:
    """Return figures of a plan with each of these in the place of `time_factor`; nan where one has no value.

    Of the figures `known` may hold some alone: what else is needed is computed.
    """
    cell = cells_of(scenario, (FACTOR,), wanted, known)
    return [or_none(cell, {FACTOR: factor}, wanted) for factor in factors]


def or_none(cell: Compute, values: dict[str, Number], wanted: Names) -> dict[str, Number]:
    """Return wanted figures of a cell; nan where it can't be computed."""
    try:
        return cell(values)
    except (ArithmeticError, ValueError):
        return dict.fromkeys(wanted, math.nan)


def even_points(error: Range) -> tuple[float, ...]:
    """Return the 21 even points of a range of `time_factor`, as its draws lie.

    They are each twentieth of the draws, and the middles of the outermost.

    >>> [round(factor, 2) for factor in even_points(Range(0.84, 1.19, 1.0))[::5]]
    [0.79, 0.93, 1.0, 1.07, 1.27]
    """
    least = ASSUMPTIONS[FACTOR].low
    middle, low, high = (math.log(factor - least) for factor in (point(FACTOR, error), error.low, error.high))
    return tuple(least + math.exp(middle + (high - middle if z > 0 else middle - low) * z / END) for z in QUANTILES)


def error_points(scenario: Scenario) -> dict[str, Number]:
    """Return the even points of the model's error as an array in the place of `time_factor`."""
    import numpy as np

    error = scenario.ranges().get(FACTOR)
    return {FACTOR: np.array(even_points(error))} if error else {}


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
        points = at_factors(scenario, known, reached, even_points(ranges[FACTOR]))
        return {name: [figures[name] for figures in points] for name in reached}
    from t2v_capacity.plan.ranges import sampled

    return {name: drawn for name, drawn in sampled(scenario, reached, samples, seed).items() if hasattr(drawn, "shape")}
