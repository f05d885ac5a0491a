"""The months ahead: the plan of a service that is older and has grown, month by month.

Month 0 is the estimate. Month m is that of the same service m months older, its users grown for m months: the same formulas,
on one array for all months. A pin stays as it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from t2v_capacity.engine.constants import SECONDS_PER_DAY
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.errors import Mistake, Mistakes, Place
from t2v_capacity.questions.plan.cells import quiet
from t2v_capacity.questions.plan.conditions import Condition, parse_conditions
from t2v_capacity.questions.plan.estimate import Estimate
from t2v_capacity.questions.plan.warnings import due, plan_warnings
from t2v_capacity.scenario.settings import PlanWarning
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.names import finite

MOST_MONTHS = 600
# The assumptions that change from month to month.
MOVING = ("dau", "service_age")


@dataclass(frozen=True, slots=True)
class Forecast:
    """A plan and its months: the value of what moves and of every figure in each, when limits are crossed, and the warnings."""

    plan: Estimate
    months: int
    moving: Mapping[str, tuple[float, ...]]
    figures: Mapping[str, tuple[float | None, ...]]
    crossed: Mapping[Condition, int | None]
    warnings: tuple[PlanWarning, ...]  # of month 0, then those that begin later

    def series(self, name: str) -> tuple[float | None, ...]:
        """Return a figure or an assumption, month by month."""
        if name in self.figures:
            return self.figures[name]
        return self.moving[name] if name in self.moving else (self.plan.values[name],) * (self.months + 1)


def forecast(plan: Estimate, months: int, limits: Iterable[Condition] = ()) -> Forecast:
    """Return a plan's months, from 0 to `months`, and the first month in which each limit no longer holds.

    Raises Mistakes where there are too many months, or an assumption would grow out of its bounds.

    >>> from t2v_capacity.questions.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> found = forecast(estimate(load_scenario("scenarios/mochi.yaml", ["growth_per_month=50%"])), 2)
    >>> [round(users) for users in found.moving["dau"]]
    [100000000, 150000000, 225000000]
    """
    if not 1 <= months <= MOST_MONTHS:
        raise Mistakes(Mistake(f"a forecast is of 1 to {MOST_MONTHS} months", Place(f"--months {months}")))
    import numpy as np

    values, month = plan.values, np.arange(months + 1)
    moved = {
        "dau": values["dau"] * (1 + values["growth_per_month"]) ** month,
        "service_age": values["service_age"] + month * values["days_per_month"] * SECONDS_PER_DAY,
    }
    moving = {name: tuple(moved[name].tolist()) for name in MOVING}
    _check_bounds(moving, months)
    figures = {}
    for name, value in evaluate({**values, **moved}).items():
        ahead = np.broadcast_to(np.asarray(value, float), (months + 1,))[1:]
        figures[name] = (plan.figures[name], *(finite(one) for one in ahead.tolist()))
    crossed = {
        limit: next((month for month, value in enumerate(figures[limit.figure]) if not limit.holds(value)), None) for limit in limits
    }
    warnings = (*plan.warnings, *_later_warnings(plan, moving, figures))
    return Forecast(plan, months, moving, figures, crossed, warnings)


def limits_of(texts: Iterable[str]) -> tuple[Condition, ...]:
    """Return the limits that texts state; raise Mistakes where one says nothing, or is of draws."""
    limits = parse_conditions(texts, "--limit")
    if of_draws := [limit for limit in limits if limit.of_draws]:
        message = "a forecast is made of medians and has no draws; ask it of the figure itself"
        raise Mistakes([Mistake(message, Place(f"--limit '{limit.text}'")) for limit in of_draws])
    return limits


def _check_bounds(moving: Mapping[str, tuple[float, ...]], months: int) -> None:
    beyond = [
        (month, name)
        for name, values in moving.items()
        for month, value in enumerate(values)
        if not ASSUMPTIONS[name].low <= value <= ASSUMPTIONS[name].high
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
        months = {code: np.flatnonzero(np.broadcast_to(test(known), (len(moving["dau"]),))) for code, test in due(plan.scenario).items()}
    first = {code: int(found[0]) for code, found in months.items() if len(found) and found[0]}
    for month in sorted(set(first.values())):
        there = {**plan.values, **{name: float(series[month]) for name, series in by_month.items()}}
        for warning in plan_warnings(plan.scenario, there, plan.evidence):
            if first.get(warning.code) == month:
                yield warning._replace(message=f"from month {month} on, {warning.message}")
