"""Compute how far each input moves a figure, and which inputs are structural."""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from t2v_capacity.assumptions.assumption import FIT, GPU, OPTION
from t2v_capacity.assumptions.names import finite, is_count, plain
from t2v_capacity.assumptions.parts import known_of, plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import Known
from t2v_capacity.plan.cells import ancestry, cells_of, moved_by
from t2v_capacity.scenario.settings import Scenario, Setting

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
    low: float
    high: float
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
    known = known_of(name)
    given = setting.origin.kind in ("catalogue", "default") and not isinstance(setting.value, Range)
    return known is not None and given and known.section == "architecture"


def is_structure(name: str) -> bool:
    """Return whether a name is a decided count, of a model's parts or of GPUs together.

    An error of 10% in it is impossible.

    >>> is_structure("gpus_per_replica"), is_structure("layers"), is_structure("steps")
    (True, True, False)
    """
    known = known_of(name)
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
    reached = {figure: ancestry(plain_name(figure), scenario) for figure in figures}
    for name in names:
        first = moved_by(scenario, [name])
        wanted = tuple(figure for figure in figures if figure in first or not first.isdisjoint(reached[figure]))
        cell = cells_of(scenario, (name,), wanted, known)
        step, amount = _ends(name, known[name]), scenario.setting(name).value
        ends = (amount.low, amount.high) if isinstance(amount, Range) else step
        near = [cell({name: end}) for end in step]
        kind, far = (STEP, near) if ends is step else (RANGE, [cell({name: end}) for end in ends])
        inputs = {}
        for figure in wanted:
            at_low, at_high = (plain(figure, at_end[figure]) for at_end in far)
            numbers = [number for number in (at_low, plain(figure, known[figure]), at_high) if number is not None]
            swing = max(numbers) - min(numbers) if at_low is not None and at_high is not None else None
            elasticity = _elasticity(step, (near[0][figure], near[1][figure]))
            inputs[figure] = Input(name, kind, *ends, at_low, at_high, swing, elasticity)
        yield inputs


def without_swing(name: str, setting: Setting) -> str:
    """Return why 10 % of a value means nothing, or an empty text."""
    if isinstance(setting.value, Range):
        return ""
    known = known_of(name)
    if known and known.unit == "ratio" and (known.low, known.high) == (0, 1) and setting.value in (0, 1):
        return SWITCH
    if known and known.endless and setting.value == known.high:
        return known.endless
    return "" if setting.value else ZERO


def _ends(name: str, value: float) -> tuple[float, float]:
    """Return a value less and more 10 %, within its bounds; a count moves by at least 1."""
    ends, known = [value * (1 - _STEP), value * (1 + _STEP)], known_of(name)
    if is_count(name):
        ends = [min(round(ends[0]), value - 1), max(round(ends[1]), value + 1)]
        if known is None:
            return max(ends[0], min(value, 1)), ends[1]  # a fleet of none divides by nothing
    low, high = (known.low, known.high) if known else (-math.inf, math.inf)
    return max(min(ends), low), min(max(ends), high)


def _elasticity(ends: tuple[float, float], values: tuple[float, float]) -> float | None:
    """Return the percent by which a figure moves as an input moves by one: a central difference of logarithms.

    It is taken over 10 % either way. Figures move in steps (frames, servers), and over less they'd jump or stand still.
    """
    if not values[0] * values[1] > 0 or values[0] == values[1] or not ends[0] * ends[1] > 0:
        return None
    return finite(math.log(values[1] / values[0]) / math.log(ends[1] / ends[0]))
