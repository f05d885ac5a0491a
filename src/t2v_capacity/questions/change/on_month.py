"""The plan on a month: assumptions as they were measured, three that figures settle, and the rest as pins.

Figures are met in the order in which they are computed. One that is met already needs nothing. One that nothing but measured
values leads to contradicts them, and is left out; any other is pinned.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, get_args

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import plain, reached_from
from t2v_capacity.assumptions.parts import known_of
from t2v_capacity.engine.figures import FIGURES, ancestors, ordered
from t2v_capacity.errors import Mistake, Mistakes
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.conditions import TOLERANCE
from t2v_capacity.plan.estimate import Estimate, computed
from t2v_capacity.plan.tree import evaluated
from t2v_capacity.questions.change.month import Actual
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.settings import Scenario

# Assumptions that a measured figure settles: those figures, the first that is known counts.
SETTLED = {
    "videos_per_user_per_day": ("requests_per_day", "trps", "generations_per_day"),
    "time_factor": ("gpu_seconds_per_video", "generation_latency"),
}
FLEET, HOURS, PRICE, BILLS = "gpus", "gpu_hours_per_month", "gpu_price", ("gpu_cost_per_month", "cost_per_month")
# Figures whose difference is split by cause.
SplitFigure = Literal["gpus", "gpu_cost_per_month", "cost_per_month", "latency_p95"]
SPLIT: tuple[SplitFigure, ...] = get_args(SplitFigure)
UNEXPLAINED = "unexplained"
# A month's length is a convention, not a measurement that could be off.
_CONVENTION = "days_per_month"


class Contradiction(NamedTuple):
    """A figure that other measured values make something else: these, and what is switched off in the plan and could explain it."""

    name: str
    actual: float
    computed: float | None
    measured: tuple[str, ...]
    unless: tuple[str, ...]


class Part(NamedTuple):
    """The part of a figure's difference due to a cause, and the cause as planned and as measured; the rest has neither."""

    name: str
    part: float
    planned: float | None = None
    actual: float | None = None


@dataclass(frozen=True, slots=True)
class OnMonth:
    """A plan on a month: the assumptions and pins that it takes, what it leaves out, and the plan with all."""

    assumptions: Mapping[str, Actual]
    pins: Mapping[str, Actual]
    contradictions: tuple[Contradiction, ...]
    scenario: Scenario


def on_month(scenario: Scenario, actuals: Mapping[str, Actual]) -> OnMonth:
    """Return a plan of a month on what was measured of it."""
    assumptions = {name: actual for name, actual in actuals.items() if name in ASSUMPTIONS}
    figures = {name: actual for name, actual in actuals.items() if name in FIGURES}
    on = with_flags(scenario, numbers={name: actual.value for name, actual in assumptions.items()})
    for name, settling in SETTLED.items():
        by = next((figure for figure in settling if figure in figures), None)
        if by and name not in assumptions and (found := _settled(on, name, figures[by])):
            assumptions[name] = found
            on = with_flags(on, numbers={name: found.value})
    if HOURS in figures and FLEET not in figures and (fleet := _fleet(on, figures[HOURS])):
        figures[FLEET] = fleet
    pins, contradictions = dict[str, Actual](), dict[str, Contradiction]()
    names = [figure.name for figure in ordered() if figure.name in figures]
    for name in (*names, *names):  # twice, since a pinned fleet caps replicas that were met before it
        actual = figures[name]
        if name in pins or name in contradictions:
            continue
        if name in BILLS and PRICE not in assumptions and FLEET in figures and (found := _settled(on, PRICE, actual)):
            assumptions[PRICE] = found
            on = with_flags(on, numbers={PRICE: found.value})
        if math.isclose(computed(on, on.values())[name], actual.value, rel_tol=TOLERANCE):
            continue
        known = {one: other.value for one, other in {**actuals, **assumptions}.items() if one != name and one not in contradictions}
        if contradiction := _contradiction(on, actual, known):
            contradictions[name] = contradiction
        elif reached_from(name) == name:  # else no shown figure follows from it
            pins[name] = actual
            on = _pinned(on, actual)
    return OnMonth(assumptions, pins, tuple(contradictions.values()), on)


def _settled(scenario: Scenario, name: str, actual: Actual) -> Actual | None:
    """Return the value of an assumption with which a figure is as it was measured, if the figure is a straight line of it."""
    figure, known, now = cells_of(scenario, (name,), (actual.name,)), ASSUMPTIONS[name], scenario.values()[name]
    at = now if now and math.isfinite(now) else 1.0
    try:
        first, second = (figure({name: value})[actual.name] for value in (at, 2 * at))
        value = at + at * (actual.value - first) / (second - first)
        if not known.low <= value <= known.high or not math.isclose(figure({name: value})[actual.name], actual.value, rel_tol=TOLERANCE):
            return None
    except (ArithmeticError, ValueError):  # it does not move the figure, say
        return None
    value = now if math.isclose(value, now, rel_tol=TOLERANCE) else value
    return replace(actual, name=name, value=value, written=None, note=f"from {actual.name}")


def _pinned(scenario: Scenario, actual: Actual) -> Scenario:
    """Return a scenario with a figure as it was measured. Raise Mistakes if others can't be computed from it."""
    found = with_flags(scenario, numbers={actual.name: actual.value})
    try:
        computed(found, found.values())
    except Mistakes as error:
        raise Mistakes([Mistake(one.message, actual.place) for one in error.mistakes]) from error
    return found


def _fleet(scenario: Scenario, hours: Actual) -> Actual | None:
    """Return the GPUs that a bill's hours are of, to a whole one; nothing if the plan has none."""
    figures = computed(scenario, scenario.values())
    if not figures[HOURS] > 0:
        return None
    count = max(1, round(hours.value * figures[FLEET] / figures[HOURS]))
    return replace(hours, name=FLEET, value=float(count), written=str(count), note=f"from {HOURS}")


def _contradiction(scenario: Scenario, actual: Actual, measured: Mapping[str, float]) -> Contradiction | None:
    """Return the inputs that determine a figure, if no unmeasured input in force could move it."""
    name = actual.name
    known = {**scenario.values(), **measured}
    known.pop(name, None)
    above = ancestors([name], stop={*measured, *scenario.pins} - {name})
    free = (*(one for one in above if one in ASSUMPTIONS and one not in measured and one != _CONVENTION), *scenario.of_parts())
    loose = [one for one in free if one in known and _moves(scenario, known, name, one)]
    settings = [(one, scenario.settings[one]) for one in loose if one in scenario.settings]
    off = [one for one, setting in settings if setting.neutral and setting.origin.kind == "default"]
    by = tuple(one for one in measured if one in above and _moves(scenario, known, name, one))
    if len(off) < len(loose) or not by:
        return None
    return Contradiction(
        name, actual.value, plain(name, _value(scenario, known, name)), by, tuple(one for one in ASSUMPTIONS if one in off)
    )


def _moves(scenario: Scenario, known: Mapping[str, float], figure: str, name: str) -> bool:
    """Return whether a figure moves with another name, halved or doubled within its bounds; or from nothing, to a half and to one.

    Where it would have no value at all the service would not run, and it was measured.
    """
    now, bounds = known[name], known_of(name)
    low, high = (bounds.low, bounds.high) if bounds else (0.0, math.inf)
    tried = (min(max(value, low), high) for value in (now, *((now / 2, 2 * now) if now else (0.5, 1.0))))
    values = [_value(scenario, {**known, name: value}, figure) for value in tried]
    return not all(math.isclose(value, values[0], rel_tol=TOLERANCE) for value in values if math.isfinite(value))


def _value(scenario: Scenario, known: Mapping[str, float], figure: str) -> float:
    try:
        return float(evaluated(scenario, known, (figure,))[figure])
    except (ArithmeticError, ValueError):
        return math.nan


def split(base: Estimate, on: OnMonth, actuals: Mapping[str, Actual]) -> dict[str, tuple[Part, ...] | str]:
    """Return the difference of each figure of `SPLIT` that was measured, in parts; or why there are none.

    Causes are applied to the plan one after the other, assumptions first, then measured figures: a part is what its cause moves. The
    rest is unexplained.
    """
    found: dict[str, list[Part]] = {figure: [] for figure in SPLIT if figure in actuals}
    there, now = base.scenario, base.known
    for name, actual in {**on.assumptions, **on.pins}.items():
        planned, before = now[name], now
        there = with_flags(there, numbers={name: actual.value})
        now = _known(there)
        for figure, parts in found.items():
            if name != figure and (part := now[figure] - before[figure]):
                parts.append(Part(name, part, planned, actual.value))
    for figure, parts in found.items():
        rest = actuals[figure].value - base.known[figure] - math.fsum(part.part for part in parts)
        if not abs(rest) <= TOLERANCE * abs(actuals[figure].value):
            parts.append(Part(UNEXPLAINED, rest))
    return {
        figure: tuple(parts) if all(math.isfinite(part.part) for part in parts) else "it has no value on one side"
        for figure, parts in found.items()
    }


def _known(scenario: Scenario) -> dict[str, float]:
    """Return all assumptions and figures of a scenario; those of `SPLIT` nan where it can't be computed."""
    values = scenario.values()
    try:
        return {**values, **computed(scenario, values)}
    except Mistakes:
        return {**values, **dict.fromkeys(FIGURES, math.nan)}
