"""`t2v-cap forecast`: a scenario month by month."""

from typing import Annotated

from t2v_capacity.api import ask
from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario
from t2v_capacity.cli.flags import list_option, number_of, option
from t2v_capacity.forms.answer import AnyAnswer


@on_scenario(drawn=True, plotted=True, several=True)
def command(
    plans: list[Plan],
    *,
    months: Annotated[str, option("How many months, month 0 the first: 1 to 600, or 2y.", "--months", "N")] = "24",
    limits: Annotated[list[str], list_option("Find when this first fails: 'gpus <= 10K'.", "--limit", "CONDITION")],
    show: Annotated[str | None, option("The figures and assumptions to show.", "--show", "NAME,NAME,...")] = None,
    start: Annotated[str | None, option("The calendar month of month 0.", "--start", "YYYY-MM")] = None,
    lead_time: Annotated[
        str | None, option("Time from order to delivery: when to order.", "--lead-time", "TIME")
    ] = None,
) -> AnyAnswer:
    """Forecast a service month by month, or several and their sum.

    Shows users, GPUs and cost; with a price of clips also profit and cash.

    \b
    Examples:
      t2v-cap forecast scenarios/mochi.yaml --growth-per-month 8%
      t2v-cap forecast plan.yaml --start 2027-03 --limit 'p95(gpus) <= 5000'
      t2v-cap forecast plan.yaml --limit 'gpus <= 1000' --lead-time '5 months'
      t2v-cap forecast plan.yaml --price-per-video-second 0.1 --server-price 300K
      t2v-cap forecast a.yaml b.yaml --show cost_per_month --plot months.svg
    """
    shown = () if show is None else show.split(",")
    if len(plans) > 1:
        return ask.forecast(
            *plans, months=number_of(months), limit=limits, show=shown, start=start, lead_time=lead_time
        )
    return plans[0].forecast(number_of(months), limits, shown, start=start, lead_time=lead_time)
