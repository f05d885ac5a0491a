"""Several services month by month, and their sum: what adds up is added, as in the total of plans."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.parts import is_of_a_part
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.questions.what_if.calendar import Calendar
from t2v_capacity.questions.what_if.forecast import Forecast, forecast, outcomes
from t2v_capacity.questions.what_if.months import MOVING, Series
from t2v_capacity.questions.what_if.pool import ADDING
from t2v_capacity.questions.what_if.total import short_names, total


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
    by_name = {name: tuple(month.get(name) for month in totals) for name in FIGURES}
    for name in ASSUMPTIONS:
        own = [ahead.series.of(name) for ahead in forecasts]
        by_name[name] = tuple(math.fsum(map(float, row)) if name in ADDING else None for row in zip(*own, strict=True))

    summed = Series(plans[0], range(months), by_name, None)
    return Services(short_names(plans), forecasts, Forecast(summed, outcomes(summed, limits), (), calendar))


def _plan_of(ahead: Forecast, month: int) -> Estimate:
    """Return the plan of a month, with the values and figures that the forecast has of it."""
    figures = ahead.series.figures
    moved = {name: figures[name][month] for name in MOVING}
    values = {**ahead.plan.values, **{name: math.nan if number is None else number for name, number in moved.items()}}
    return Estimate(ahead.plan.scenario, values, {name: figures[name][month] for name in FIGURES}, memo={})
