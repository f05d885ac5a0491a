"""The months ahead: the plan of a service that ages and grows, month by month, and when its limits are crossed.

A service that sells its clips has cash: the sum of what came in less what was paid. Of several services there is the
sum too, of what adds up in the total of plans.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import accumulate, repeat
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import is_of_a_part, named_of
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.constants import HOURS_PER_DAY, HOURS_PER_YEAR, MONTHS_PER_YEAR, YEAR
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes, count_of
from t2v_capacity.plan.conditions import Condition, ConditionResult, check_parts, result_at
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import COSTS, OF_THE_WORK
from t2v_capacity.plan.warnings import due, plan_warnings
from t2v_capacity.plan.warnings.model import model_error_ignored
from t2v_capacity.plan.warnings.register import REGISTER
from t2v_capacity.questions.what_if.buying import (
    bought_servers,
    needed_servers,
    owed_beyond_months,
    with_numbers,
)
from t2v_capacity.questions.what_if.months import MOVING, Calendar, Series, changed_values, check_months, or_nan, series
from t2v_capacity.questions.what_if.total import PROFIT, short_names, total
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.settings import PlanWarning


class CashData(TypedDict):
    """The cash of a way to have GPUs, in USD: what came in less what was paid since the start of month 0.

    Each range is at its point.
    """

    lowest: float | None
    """Its lowest point, once a month's servers are paid for or at its end; null where a month has no value"""
    month: int | None
    """The month of the lowest point"""
    balances: list[float | None]
    """At the end of each month; of rented GPUs it is the sum of profit"""
    bought: list[float]
    """Servers bought in each month; none where GPUs are rented"""


def cash_of(ahead: Series) -> dict[str, CashData]:
    """Return the cash of a plan by month where GPUs are rented, and where servers are owned.

    Rented GPUs are paid for in their month, so their cash is the sum of profit. Servers are paid for before a month
    earns: as the fleet grows, and again at the end of their life, when the old one is sold for its residual share.
    Maintenance, place and electricity of those in use are paid monthly. Cash has no interest.
    """
    known = ahead.by_month()
    now = known[0]
    rented = _cash([month["profit_per_month"] for month in known])
    if not now["server_price"]:
        return {"rented": rented}

    if now["spot_fraction"]:  # servers of one's own are never taken back
        known = series(with_numbers(ahead.plan, spot_fraction=0.0), ahead.months, FIGURES).by_month()
    life = math.ceil(now["service_life"] / YEAR * MONTHS_PER_YEAR)
    bought = bought_servers([*map(needed_servers, known)], life)
    sold = [*repeat(0.0, life), *bought]
    paid = [now["server_price"] * (new - now["residual_share"] * old) for new, old in zip(bought, sold, strict=False)]
    others = [name for name in COSTS if name not in OF_THE_WORK]
    profits = [
        month["revenue_per_month"] - sum(month[name] for name in others) - _running_cost(month) - of_servers
        for month, of_servers in zip(known, paid, strict=True)
    ]
    return {"rented": rented, "owned": {**_cash(profits, paid), "bought": bought}}


def _running_cost(month: dict[str, float]) -> float:
    """Return a month's maintenance, place and electricity of the servers of one's own that it needs."""
    of_a_gpu = month["owned_place_price"] + month["owned_electricity_price"]
    maintenance = month["server_price"] * month["maintenance_share"] / HOURS_PER_YEAR
    of_a_server = maintenance + month["gpus_per_server"] * of_a_gpu
    return needed_servers(month) * of_a_server * HOURS_PER_DAY * month["days_per_month"]


def _cash(profits: list[float], paid_before: Sequence[float] = ()) -> CashData:
    """Return the cash of months with these profits, of which so much is paid before a month earns."""
    balances = [*accumulate(profits)]
    dips = [before - paid for before, paid in zip([0.0, *balances], paid_before, strict=False)]
    lows = [*map(min, balances, dips or balances)]
    lowest = min(lows) if all(map(math.isfinite, lows)) else None
    month = lows.index(lowest) if lowest in lows else None
    return {"lowest": lowest, "month": month, "balances": [*map(finite, balances)], "bought": []}


class Forecast(NamedTuple):
    """A plan by month, what each limit is held against there, when it is crossed, and the warnings."""

    series: Series
    limits: Mapping[Condition, tuple[ConditionResult, ...]]
    warnings: tuple[PlanWarning, ...]  # of month 0, then those that begin later
    calendar: Calendar

    @property
    def plan(self) -> Estimate:
        """The plan of month 0."""
        return self.series.plan

    @property
    def cash(self) -> dict[str, CashData]:
        """The cash of a plan that sells: with GPUs `rented` and, where servers have a price, `owned`."""
        return cash_of(self.series) if self.sells else {}

    @property
    def cash_at_ends(self) -> dict[float, dict[str, CashData]]:
        """The same with each end of the model's error as `time_factor`; empty where the seconds are certain."""
        return {
            end: cash_of(series(with_numbers(self.plan, time_factor=end), self.series.months, FIGURES))
            for end in self.plan.ranges.get("time_factor", ())[:2]
        }

    @property
    def drawn_low(self) -> Sequence[float | None]:
        """The share of draws in which the cash of renting falls below zero, and the 5th percentile of its lowest point.

        Nothing where no range was drawn: the model's error alone has ends.
        """
        drawn = self.series.drawn
        if not drawn or not drawn.samples:
            return ()
        import numpy as np

        months = drawn.by_month(self.series.months, (PROFIT,))
        lowest = reduce(np.minimum, accumulate(month[PROFIT] for month in months))
        return 1 - np.mean(lowest >= 0), drawn.band(PROFIT, lowest)[0]  # what has no value is below

    @property
    def sells(self) -> bool:
        """Whether the plan has a profit."""
        return self.plan.figures[PROFIT] is not None

    @property
    def profits(self) -> dict[str, tuple[float | None, ...]]:
        """The profits of the parts of a plan that sells, month by month, by their names."""
        names = (named_of(part.name, PROFIT) for part in self.plan.scenario.parts)
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
        return {name: finite(math.fsum(map(or_nan, self.series.of(name)))) for name in names}


_UNDATED = Calendar()


def forecast(
    plan: Estimate,
    months: int,
    limits: Iterable[Condition] = (),
    calendar: Calendar = _UNDATED,
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
    check_parts(plan.scenario, limits)

    of_parts = [named_of(part.name, PROFIT) for part in plan.scenario.parts]
    names = dict.fromkeys((*FIGURES, *of_parts, *(limit.figure for limit in limits)))
    ahead = series(plan, range(months), names, samples, seed)
    scenario = plan.uncertain
    ignored = model_error_ignored(scenario, scenario.ranges()) if ahead.drawn else ()
    then = scenario.but(as_of=Calendar(calendar.start or scenario.as_of[:7]).date(months - 1))
    expired = REGISTER["expired"].warnings(then, plan.known, notes=False)
    now = (warning for warning in plan.warnings if warning.code != "expired")
    warnings = (*now, *ignored, *_later_warnings(ahead), *_reserve_warnings(ahead), *expired)
    return Forecast(ahead, outcomes(ahead, limits), warnings, calendar)


def outcomes(ahead: Series, limits: tuple[Condition, ...]) -> dict[Condition, tuple[ConditionResult, ...]]:
    """Return whether each limit is kept in each month, over draws where something is uncertain."""
    names = [limit.figure for limit in limits]
    draws = [*ahead.drawn.by_month(ahead.months, names)] if ahead.drawn else [{}] * len(ahead.months)
    return {
        limit: tuple(
            result_at(limit, or_nan(point), of_month.get(limit.figure))
            for point, of_month in zip(ahead.figures[limit.figure], draws, strict=True)
        )
        for limit in limits
    }


def _later_warnings(ahead: Series) -> Iterator[PlanWarning]:
    """Yield the warnings that a later month has and month 0 has not, each with its first month."""
    plan, seen = ahead.plan, set[str]()
    tests = due(plan.scenario)

    for month, known in enumerate(ahead.by_month()):
        new = {code for code, test in tests.items() if code not in seen and test(known)}
        seen |= new
        if new and month:  # remedies are those of the grown service
            grown = with_flags(plan.scenario, (), changed_values(plan.values, month))
            for warning in plan_warnings(grown, known, notes=False):
                if warning.code in new:
                    yield warning._replace(message=f"from month {month} on, {warning.message}")


def _reserve_warnings(ahead: Series) -> Iterator[PlanWarning]:
    """Warn of a reserve that falls within its term, which the months' own bills do not owe."""
    known = ahead.by_month()
    if known[0]["held_price"] != known[0]["gpu_price"] and (owed := owed_beyond_months(known)) > 0:
        message = (
            "the reserve falls within its term, and each month is billed for its own: a reserve that is owed for its "
            f"term costs {show(owed, 'USD')} more over {count_of(len(known), 'month')}, and profit and cash are lower; "
            "reserve less (`reserved_fraction`), or see `--only buying`"
        )
        yield PlanWarning("reserve-falls", message, ("reserved_fraction", "gpu_cost_per_month"))


class Services(NamedTuple):
    """The forecasts of services by short names, and their sum: a forecast in which what does not add has no value."""

    names: tuple[str, ...]
    forecasts: tuple[Forecast, ...]
    total: Forecast


def forecast_services(
    plans: Sequence[Estimate], months: int, limits: Iterable[Condition], calendar: Calendar
) -> Services:
    """Return so many months of several plans at their points, and of their sum, on which limits are.

    Raise Mistakes as a forecast does, or if a limit is of draws or of a part.
    """
    limits = tuple(limits)
    for limit in limits:
        if limit.of_draws or is_of_a_part(limit.figure):
            raise Mistakes(f"`{limit.text}`: a sum of services has no draws and no parts; write `gpus <= 1000`")

    forecasts = tuple(forecast(plan, months, calendar=calendar) for plan in plans)
    totals = [total([_plan_of(ahead, month) for ahead in forecasts]).figures for month in range(months)]
    by_name = {name: tuple(month.get(name) for month in totals) for name in (*FIGURES, *ASSUMPTIONS)}

    summed = Series(plans[0], range(months), by_name, None)
    return Services(short_names(plans), forecasts, Forecast(summed, outcomes(summed, limits), (), calendar))


def _plan_of(ahead: Forecast, month: int) -> Estimate:
    """Return the plan of a month, with the values and figures that the forecast has of it."""
    figures = ahead.series.figures
    values = {**ahead.plan.values, **{name: or_nan(figures[name][month]) for name in MOVING}}
    return Estimate(ahead.plan.scenario, values, {name: figures[name][month] for name in FIGURES})
