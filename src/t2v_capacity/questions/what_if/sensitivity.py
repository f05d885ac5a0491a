"""Compute a figure's sensitivities: each assumption's swing and elasticity, and the input to measure first.

A swing is how far an input moves a figure; structural inputs are no estimates.
An assumption is worth knowing by how much that narrows the figure's band, averaged over equally likely values of it.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.assumption import FIT, GPU, OPTION
from t2v_capacity.assumptions.names import figures_in, finite, is_count, plain
from t2v_capacity.assumptions.parts import SHARE, definition_of, plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import Known, Number, ancestors
from t2v_capacity.plan.candidates import PRICE
from t2v_capacity.plan.cells import ancestry, cells_of, moved_by, quiet
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.evidence import FACTOR
from t2v_capacity.plan.uncertain import NO_BAND, SHARES, Percentiles, band_of, draws, error_alone, error_bands
from t2v_capacity.plan.warnings.model import model_error_ignored
from t2v_capacity.scenario.settings import PlanWarning, Scenario, Setting

RANGE, STEP = "range", "step"
# Counts of GPUs put together: decided, not guessed, as are the counts that describe the model, GPU and options.
_TOGETHER = ("gpus_per_replica", "gpus_per_server")
# Why an assumption has no swing.
ZERO, SWITCH = "zero", "switch"
# Sources of the values that a choice supplies.
_SUPPLIED = (FIT, OPTION, GPU)
# The step to try if there is no range.
_STEP = 0.1


class Input(NamedTuple):
    """An assumption or a pin that a figure depends on: what was tried, and what the figure made of it."""

    name: str
    kind: str
    low: float | None
    high: float | None
    at_low: float | None
    at_high: float | None
    swing: float | None
    elasticity: float | None
    band_narrowing: float | None = None
    fixed: bool = False  # the model's own, or structural: not an estimate

    @property
    def moves(self) -> bool:
        """Whether the figure differs between the ends, or has a value at one alone; a swing of none says nothing."""
        return (self.at_low is None) != (self.at_high is None) or bool(self.swing)


def of_the_model(scenario: Scenario, name: str) -> bool:
    """Return whether an input describes the chosen model, and is no estimate."""
    setting = scenario.setting(name)
    known = definition_of(name)
    given = setting.origin.kind in ("catalogue", "default") and not isinstance(setting.value, Range)
    return known is not None and given and known.section == "architecture"


def is_structure(name: str) -> bool:
    """Return whether a name is a decided count, of a model's parts or of GPUs together.

    An error of 10% in it is impossible.

    >>> is_structure("gpus_per_replica"), is_structure("layers"), is_structure("steps")
    (True, True, False)
    """
    known = definition_of(name)
    return (
        known is not None
        and known.whole
        and (known.section == "architecture" or known.source in _SUPPLIED or name in _TOGETHER)
    )


def inputs_of(
    scenario: Scenario, known: Known, figures: tuple[str, ...], names: Iterable[str]
) -> Iterator[dict[str, Input]]:
    """Yield the effect of each input on each figure that depends on it.

    `known` holds all values of a plan, nan for missing ones. One input moves at a time: over its range, or 10% down and
    up within its bounds. A count moves by at least 1.
    """
    reached = {figure: {figure, *ancestry(plain_name(figure), scenario)} for figure in figures}
    for name in names:
        first = moved_by(scenario, [name])
        wanted = tuple(figure for figure in figures if not first.isdisjoint(reached[figure]))
        cell = cells_of(scenario, (name,), wanted, known)
        step, amount = _ends(name, known[name]), scenario.setting(name).value
        ends = amount[:2] if isinstance(amount, Range) else step
        near = [cell({name: end}) for end in step]
        kind, far = (STEP, near) if ends is step else (RANGE, [cell({name: end}) for end in ends])
        inputs = {}
        low, high = (plain(name, end) for end in ends)
        for figure in wanted:
            at_low, at_high = (plain(figure, at_end[figure]) for at_end in far)
            numbers = [number for number in (at_low, plain(figure, known[figure]), at_high) if number is not None]
            swing = None if None in (at_low, at_high) else max(numbers) - min(numbers)
            elasticity = _elasticity(step, (near[0][figure], near[1][figure]))
            inputs[figure] = Input(name, kind, low, high, at_low, at_high, swing, elasticity)
        yield inputs


def without_swing(name: str, setting: Setting) -> str:
    """Return why 10 % of a value means nothing, or an empty text."""
    if isinstance(setting.value, Range):
        return ""
    known = definition_of(name)
    if known and known.unit == "ratio" and (known.low, known.high) == (0, 1) and setting.value in (0, 1):
        return SWITCH
    if known and known.endless and setting.value == known.high:
        return known.endless
    return "" if setting.value else ZERO


def _ends(name: str, amount: float) -> tuple[float, float]:
    """Return a value less and more 10 %, within its bounds; a count moves by at least 1."""
    ends, known = [amount * (1 - _STEP), amount * (1 + _STEP)], definition_of(name)
    if is_count(name):
        ends = [min(round(ends[0]), amount - 1), max(round(ends[1]), amount + 1)]
        if known is None:
            return max(ends[0], min(amount, 1)), ends[1]  # a fleet of none divides by nothing
    low, high = (known.low, known.high) if known else (-math.inf, math.inf)
    return max(min(ends), low), min(max(ends), high)


def _elasticity(ends: tuple[float, float], values: tuple[float, float]) -> float | None:
    """Return the percent by which a figure moves as an input moves by one: a central difference of logarithms.

    It is taken over 10 % either way. Figures move in steps (frames, servers), and over less they'd jump or stand still.
    A loss moves by a percent of its size: a cost that rises makes it fall.

    >>> _elasticity((9, 11), (90, 110)), _elasticity((9, 11), (-90, -110))
    (1.0, -1.0)
    """
    if not values[0] * values[1] > 0 or not ends[0] * ends[1] > 0:
        return None
    return finite(math.copysign(1, values[0]) * math.log(values[1] / values[0]) / math.log(ends[1] / ends[0])) or None


# The most quantiles at which an assumption is fixed, and the fewest draws at each.
_QUANTILES, _FEWEST = 40, 200


class Sensitivity(NamedTuple):
    """A figure, its inputs by their swing, then structural inputs, and those without a swing, with the reason."""

    scenario: Scenario
    figure: str
    value: float | None
    inputs: tuple[Input, ...]
    left_out: Mapping[str, str]
    band: Percentiles = NO_BAND
    null_share: float = 0.0
    samples: int = 0
    seed: int | None = None
    warnings: tuple[PlanWarning, ...] = ()
    quotes: Input | None = None  # what sellers ask for the GPU, where the plan has the list's price

    @property
    def quote_first(self) -> bool:
        """Whether sellers of the GPU move the figure further than what has a range does."""
        low, *_middle, high = self.band
        swing = self.quotes.swing if self.quotes else None
        return None not in (low, high, swing) and swing > high - low  # type: ignore[operator]

    @property
    def known_band(self) -> bool:
        """Whether the figure has a band."""
        return self.band != NO_BAND

    @property
    def measure_first(self) -> str | None:
        """The input whose knowledge narrows the band most."""
        return next((assumption.name for assumption in self.by_worth), None)

    @property
    def by_worth(self) -> list[Input]:
        """The inputs that would narrow the band if they were known, the best first."""
        narrowing = [assumption for assumption in self.inputs if (assumption.band_narrowing or 0) > 0]
        return sorted(narrowing, key=lambda assumption: -(assumption.band_narrowing or 0))


def sensitivity(scenario: Scenario, figure: str) -> Sensitivity:
    """Return each assumption's effect on a figure, all else at the point values.

    Raise Mistakes if no figure has that name. The inputs of a pin are not followed: it is an input itself.
    """
    (figure,) = figures_in([figure], "sensitivity is")
    plan = estimate(scenario)
    scenario = plan.uncertain
    settings = _settings(scenario, figure)

    left_out = {name: reason for name, setting in settings.items() if (reason := without_swing(name, setting))}
    moving = [name for name in settings if name not in left_out]
    swings = [of_figures[figure] for of_figures in inputs_of(scenario, plan.known, (figure,), moving)]
    inputs = [
        swing._replace(fixed=of_the_model(scenario, swing.name) or is_structure(swing.name))
        for swing in swings
        if swing.moves or plain_name(swing.name) != SHARE  # of parts that are alike
    ]
    inputs.sort(
        key=lambda swing: (is_structure(swing.name), swing.swing is not None or not swing.moves, -(swing.swing or 0))
    )
    return Sensitivity(
        scenario,
        figure,
        plain(figure, plan.known[figure]),
        tuple(inputs),
        left_out,
        warnings=plan.warnings,
        quotes=_quotes(scenario, plan.known, figure) if PRICE in moving else None,
    )


def _quotes(scenario: Scenario, known: Known, figure: str) -> Input | None:
    """Return what the least and the most that sellers ask for a GPU make of a figure, if its price is the list's."""
    prices = {*scenario.sellers.values()}
    if len(prices) <= 1:
        return None
    setting = scenario.settings[PRICE]._replace(value=Range(min(prices), max(prices)))
    quoted = scenario.but(settings={**scenario.settings, PRICE: setting})
    (inputs,) = inputs_of(quoted, known, (figure,), (PRICE,))
    return inputs[figure]


def with_narrowing(answer: Sensitivity, samples: int, seed: int) -> Sensitivity:
    """Return an answer with how much each range narrows the band; unchanged if no input of the figure has a range.

    The draws are those of an estimate with that seed, so the band is the estimate's.
    """
    scenario, figure = answer.scenario, answer.figure
    names = {assumption.name for assumption in answer.inputs}
    ranges = {name: spread for name, spread in scenario.ranges().items() if name in names}
    if not ranges:
        return answer
    if error_alone(scenario):  # the whole band is the model's error, and nothing is drawn
        band = error_bands(scenario, estimate(scenario).known)[figure]
        return answer if band == NO_BAND else _narrowed(answer, {FACTOR: 1.0}, band)

    import numpy as np

    def model(drawn: Known) -> Number:
        with quiet():
            figures = cells_of(scenario, drawn, (figure,))({**drawn})[figure]
        (first, *_) = drawn.values()
        # A figure that no draw reaches is one number, such as the playing speed of clips.
        return np.where(np.isfinite(figures), figures, np.full(len(first), np.nan))

    known = draws(ranges, samples, seed)
    drawn = model(known)
    worth = {name: narrowing(model, known, name, drawn) for name in ranges}
    ignored = [warning for warning in model_error_ignored(scenario, ranges) if figure in warning.names]
    return _narrowed(answer, worth, band_of(figure, drawn))._replace(
        null_share=float(np.isnan(drawn).mean()),
        samples=samples,
        seed=seed,
        warnings=(*answer.warnings, *ignored),
    )


def _narrowed(answer: Sensitivity, worth: Mapping[str, float | None], band: Iterable[float | None]) -> Sensitivity:
    """Return an answer with the figure's band, and by how much it would be narrower if an input were known."""
    inputs = tuple(swing._replace(band_narrowing=worth.get(swing.name)) for swing in answer.inputs)
    return answer._replace(inputs=inputs, band=tuple(plain(answer.figure, end) for end in band))


def narrowing(model: Callable[[Known], Number], draws: Known, name: str, drawn: Number) -> float | None:
    """Return by what share the 5 % to 95 % band would narrow, on average, if an input were known.

    Where the band is open, since over 5 % of draws have no value, return it of the doubt whether there is one: of the
    variance of that, 1 or 0.

    The input is fixed at the middles of equally likely strata of its draws. Each middle meets equally many draws of all
    else, a Latin hypercube of their own strata. Null where there is no band.
    """
    import numpy as np

    is_open = np.isnan(drawn).mean() > SHARES[0]

    def width(values: Number) -> Number:
        missing = np.isnan(values)
        if is_open:
            return missing.var()
        known = values[~missing]
        return np.subtract(*np.quantile(known, (0.95, 0.05), method="hazen")) if known.size else math.nan

    count = max(1, min(_QUANTILES, len(drawn) // _FEWEST))
    each = len(drawn) // count

    def middles(values: Number, strata: int) -> Number:
        return np.quantile(values, (np.arange(strata) + 0.5) / strata)

    def spread_out(values: Number) -> Number:
        ranks = values[: each * count].reshape(each, count).argsort(axis=0).argsort(axis=0)
        return middles(values, each)[ranks].ravel()

    figures = model(
        {
            assumption: np.tile(middles(draws[name], count), each) if assumption == name else spread_out(values)
            for assumption, values in draws.items()
        }
    )
    widths, whole = [width(figures[start::count]) for start in range(count)], width(drawn)
    return finite(1 - float(np.nanmean(widths)) / whole) if whole > 0 else None


def _settings(scenario: Scenario, figure: str) -> dict[str, Setting]:
    """Return the assumptions and pins that a figure depends on; a pinned figure depends on its pin alone."""
    if figure in scenario.pins:
        return {figure: scenario.pins[figure]}
    inputs = ancestors([figure], stop=scenario.pins) | {figure}
    settings = {**scenario.settings, **scenario.pins, **scenario.of_parts()}
    return {name: setting for name, setting in settings.items() if not inputs.isdisjoint(moved_by(scenario, [name]))}
