"""The months ahead: the plan of a service that ages and grows, month by month, and when its limits are crossed."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import is_of_a_part, named_of
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.plan.conditions import Condition, Kept, kept_at
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.verdict import error_range
from t2v_capacity.plan.warnings import due, plan_warnings
from t2v_capacity.plan.warnings.model import model_error_ignored
from t2v_capacity.questions.what_if.calendar import Calendar
from t2v_capacity.questions.what_if.cash import Cash, cash_of
from t2v_capacity.questions.what_if.months import MOVING, Series, changed_values, check_months, series
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import part_called
from t2v_capacity.scenario.settings import PlanWarning

_PROFIT = "profit_per_month"


class Forecast(NamedTuple):
    """A plan by month, what each limit is held against there, when it is crossed, and the warnings."""

    series: Series
    limits: Mapping[Condition, tuple[Kept, ...]]
    warnings: tuple[PlanWarning, ...]  # of month 0, then those that begin later
    calendar: Calendar

    @property
    def plan(self) -> Estimate:
        """The plan of month 0."""
        return self.series.plan

    @property
    def cash(self) -> dict[str, Cash]:
        """The cash of a plan that sells: with GPUs `rented` and, where servers have a price, `owned`."""
        return cash_of(self.series) if self.sells else {}

    @property
    def sells(self) -> bool:
        """Whether the plan has a profit."""
        return self.plan.figures[_PROFIT] is not None

    @property
    def profits(self) -> dict[str, tuple[float | None, ...]]:
        """The profits of the parts of a plan that sells, month by month, by their names."""
        names = (named_of(part.name, _PROFIT) for part in self.plan.scenario.parts)
        return {name: self.series.of(name) for name in names if self.sells}

    @property
    def crossed(self) -> Mapping[Condition, int | None]:
        """The first month in which each limit no longer holds."""
        return {
            limit: next((month for month, outcome in enumerate(outcomes) if not outcome.kept), None)
            for limit, outcomes in self.limits.items()
        }

    @property
    def sums(self) -> dict[str, float | None]:
        """The sum over all months of each figure that is an amount of a month; nothing where one has no value."""
        names = [figure.name for figure in FIGURES.values() if figure.adds and figure.unit.endswith("/month")]
        return {name: finite(math.fsum(map(_or_nan, self.series.of(name)))) for name in names}


def forecast(
    plan: Estimate,
    months: int,
    limits: Iterable[Condition] = (),
    calendar: Calendar | None = None,
    *,
    samples: int = 0,
    seed: int = 0,
) -> Forecast:
    """Return so many months of a plan, month 0 the first, and what becomes of limits.

    Without `samples` each range is at its point, and nothing has a band. Raises Mistakes where there are too many
    months, or an assumption would grow out of its bounds.
    """
    check_months(months)
    limits = tuple(limits)
    for limit in limits:
        if is_of_a_part(limit.figure):
            part_called(plan.scenario.parts, limit.figure.split(".")[1])

    of_parts = [named_of(part.name, _PROFIT) for part in plan.scenario.parts]
    names = dict.fromkeys((*FIGURES, *of_parts, *(limit.figure for limit in limits)))
    ahead = series(plan, range(months), names, samples, seed)
    scenario = plan.uncertain
    ignored = model_error_ignored(scenario, scenario.ranges()) if ahead.drawn else ()
    warnings = (*plan.warnings, *ignored, *_later_warnings(ahead))
    return Forecast(ahead, outcomes(ahead, limits), warnings, calendar or Calendar())


def outcomes(ahead: Series, limits: tuple[Condition, ...]) -> dict[Condition, tuple[Kept, ...]]:
    """Return whether each limit is kept in each month, over draws where something is uncertain."""
    names = tuple(dict.fromkeys(limit.figure for limit in limits))
    draws = [*ahead.drawn.by_month(ahead.months, names)] if ahead.drawn else [{}] * len(ahead.months)
    return {
        limit: tuple(
            kept_at(limit, _or_nan(point), of_month.get(limit.figure))
            for point, of_month in zip(ahead.figures[limit.figure], draws, strict=True)
        )
        for limit in limits
    }


def _later_warnings(ahead: Series) -> Iterator[PlanWarning]:
    """Yield the warnings that a later month has and month 0 has not, each with its first month."""
    plan, seen = ahead.plan, set[str]()
    tests = due(plan.scenario, error_range(plan.scenario, plan.known))

    for month in ahead.months:
        known = {**plan.values, **{name: _or_nan(ahead.figures[name][month]) for name in (*MOVING, *plan.figures)}}
        new = {code for code, test in tests.items() if code not in seen and test(known)}
        seen |= new
        if new and month:  # remedies are those of the grown service
            grown = with_flags(plan.scenario, (), changed_values(plan.values, month))
            for warning in plan_warnings(grown, known, notes=False):
                if warning.code in new:
                    yield warning._replace(message=f"from month {month} on, {warning.message}")


def _or_nan(number: float | None) -> float:
    return math.nan if number is None else number
