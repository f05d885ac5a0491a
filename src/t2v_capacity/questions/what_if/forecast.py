"""The months ahead: the plan of a service that is older and has grown, month by month.

Month 0 is the estimate. Month m is that of the same service m months older, its users grown for m months: the same formulas,
on one array for all months. A pin stays as it is. Every month has its band, made as the estimate's own bands are.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import is_of_a_part
from t2v_capacity.engine.figures import Number
from t2v_capacity.errors import Mistake, Mistakes, Place
from t2v_capacity.plan.cells import cells_of, quiet
from t2v_capacity.plan.conditions import Condition, parse_conditions
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import evaluated
from t2v_capacity.plan.verdict import error_range
from t2v_capacity.plan.warnings import due, plan_warnings
from t2v_capacity.plan.warnings.clip import model_error_ignored
from t2v_capacity.questions.what_if.calendar import Calendar
from t2v_capacity.questions.what_if.months import MOVING, Band, DrawnMonths, changed, moved
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import part_called
from t2v_capacity.scenario.settings import PlanWarning

MOST_MONTHS = 600


@dataclass(frozen=True, slots=True)
class Forecast:
    """A plan and its months: the value of what moves and of every figure in each, when limits are crossed, and the warnings.

    `measured` is what each limit is held against, month by month: the figure, a percentile of it or a chance. Where assumptions have
    ranges, `between` holds the 5th, 50th and 95th percentile of the month in which a limit on a figure is crossed.
    """

    plan: Estimate
    months: int
    moving: Mapping[str, tuple[float, ...]]
    figures: Mapping[str, tuple[float | None, ...]]
    crossed: Mapping[Condition, int | None]
    warnings: tuple[PlanWarning, ...]  # of month 0, then those that begin later
    measured: Mapping[Condition, tuple[float | None, ...]] = field(default_factory=dict)
    between: Mapping[Condition, tuple[int | None, ...]] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    drawn: DrawnMonths | None = None

    def bands(self, names: Iterable[str]) -> dict[str, tuple[Band, ...]]:
        """Return the bands of figures and of what moves, month by month; of none where nothing is uncertain."""
        known = [name for name in names if name in self.figures or name in self.moving]
        return self.drawn.bands(known) if self.drawn else {}

    def series(self, name: str) -> tuple[float | None, ...]:
        """Return a figure or an assumption, month by month."""
        if name in self.figures:
            return self.figures[name]
        return self.moving[name] if name in self.moving else (self.plan.values[name],) * (self.months + 1)


def forecast(
    plan: Estimate, months: int, limits: Iterable[Condition] = (), calendar: Calendar | None = None, *, samples: int = 0, seed: int = 0
) -> Forecast:
    """Return a plan's months, from 0 to `months`, and the first month in which each limit no longer holds.

    Without `samples` each range is at its point, and nothing has a band. Raises Mistakes where there are too many months, or an assumption would grow out of its bounds.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> found = forecast(estimate(load_scenario("scenarios/mochi.yaml", ["growth_per_month=50%"])), 2)
    >>> [round(users) for users in found.moving["dau"]]
    [100000000, 150000000, 225000000]
    """
    if not 1 <= months <= MOST_MONTHS:
        raise Mistakes(Mistake(f"a forecast is of 1 to {MOST_MONTHS} months", Place(f"--months {months}")))
    import numpy as np

    values, limits = plan.values, tuple(limits)
    ahead_of_now = moved(values, np.arange(months + 1))
    moving = {name: tuple(ahead_of_now[name].tolist()) for name in MOVING}
    check_bounds(moving, months)
    figures = {}
    for name, value in evaluated(plan.scenario, {**values, **ahead_of_now}).items():
        ahead = np.broadcast_to(np.asarray(value, float), (months + 1,))[1:]
        figures[name] = (plan.figures[name], *(finite(one) for one in ahead.tolist()))
    of_parts = _of_parts(plan, tuple(dict.fromkeys(limit.figure for limit in limits if is_of_a_part(limit.figure))), ahead_of_now)
    scenario = plan.uncertain
    ranges = scenario.ranges()
    drawn = DrawnMonths(scenario, months, samples, seed) if ranges and samples else None
    by_limit = _measured(limits, figures | of_parts, drawn)
    measured = {limit: tuple(value for value, _kept in series) for limit, series in by_limit.items()}
    crossed = {limit: next((month for month, (_value, kept) in enumerate(series) if not kept), None) for limit, series in by_limit.items()}
    between = drawn.crossings([limit for limit in limits if not limit.of_draws]) if drawn else {}
    ignored = model_error_ignored(scenario, ranges) if drawn else ()
    warnings = (*plan.warnings, *ignored, *_later_warnings(plan, moving, figures))
    return Forecast(plan, months, moving, figures, crossed, warnings, measured, between, calendar or Calendar(), drawn)


def _of_parts(plan: Estimate, names: tuple[str, ...], ahead: Mapping[str, Number]) -> dict[str, tuple[float | None, ...]]:
    """Return figures of parts of a mix, month by month. Raise Mistakes if there is no such part."""
    import numpy as np

    for name in names:
        part_called(plan.scenario.parts, name.split(".")[1])
    months = len(ahead["dau"])
    with quiet():
        found = cells_of(plan.scenario, MOVING, names)(dict(ahead)) if names else {}
    series = {name: np.broadcast_to(np.asarray(value, float), (months,)).tolist() for name, value in found.items()}
    return {name: (plan.figure(name), *map(finite, values[1:])) for name, values in series.items()}


def _measured(
    limits: Sequence[Condition], figures: Mapping[str, tuple[float | None, ...]], drawn: DrawnMonths | None
) -> dict[Condition, list[tuple[float | None, bool]]]:
    """Return the value compared with each limit in each month, and whether it meets the limit."""
    of_draws = [limit for limit in limits if limit.of_draws]
    months = list(drawn.measured(of_draws)) if drawn and of_draws else []
    found: dict[Condition, list[tuple[float | None, bool]]] = {}
    for limit in limits:
        if not limit.of_draws:
            found[limit] = [(value, limit.holds(value)) for value in figures[limit.figure]]
        elif drawn:
            found[limit] = [month[limit] for month in months]
        else:  # one value, which every percentile is, and which keeps a limit surely or not at all
            points = [math.nan if value is None else value for value in figures[limit.figure]]
            found[limit] = [(limit.measure(point), limit.holds_of(point)) for point in points]
    return found


def limits_of(texts: Iterable[str]) -> tuple[Condition, ...]:
    """Return the limits that texts state. Raise Mistakes if one is invalid."""
    return parse_conditions(texts, "--limit")


def check_bounds(moving: Mapping[str, tuple[float, ...]], months: int) -> None:
    """Raise Mistakes if an assumption leaves its bounds within so many months; `moving` has each month's value, from month 0."""
    beyond = [
        (month, name)
        for name, values in moving.items()
        for month, value in enumerate(values)
        if value < ASSUMPTIONS[name].low or value > ASSUMPTIONS[name].high  # an unknown price is neither
    ]
    if beyond:
        month, name = min(beyond)
        grown = ASSUMPTIONS[name].show(moving[name][month])
        message = f"in month {month} `{name}` would be {grown}, out of bounds; it is {ASSUMPTIONS[name].bounds()}"
        fix = f"; ask for {month - 1} at most" if month > 1 else ""
        raise Mistakes(Mistake(message + fix, Place(f"--months {months}")))


def _later_warnings(
    plan: Estimate, moving: Mapping[str, tuple[float, ...]], figures: Mapping[str, tuple[float | None, ...]]
) -> Iterator[PlanWarning]:
    """Yield the warnings that a later month has and month 0 has not, each with its first month."""
    import numpy as np

    by_month = {name: np.array(series, float) for name, series in {**moving, **figures}.items()}
    known = {**plan.values, **by_month}
    with quiet():
        tests = due(plan.scenario, error_range(plan.scenario, plan.known))
        months = {code: np.flatnonzero(np.broadcast_to(test(known), (len(moving["dau"]),))) for code, test in tests.items()}
    first = {code: int(found[0]) for code, found in months.items() if len(found) and found[0]}
    for month in sorted(set(first.values())):
        there = {**plan.values, **{name: float(series[month]) for name, series in by_month.items()}}
        grown = with_flags(plan.scenario, (), changed(plan.values, month))  # remedies are those of the grown service
        for warning in plan_warnings(grown, there, notes=False):
            if first.get(warning.code) == month:
                yield warning._replace(message=f"from month {month} on, {warning.message}")
