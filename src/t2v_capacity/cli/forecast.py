"""`t2v-cap forecast`: a scenario month by month."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario
from t2v_capacity.cli.flags import list_option, number_of, option
from t2v_capacity.forms.answer import AnyAnswer


@on_scenario(drawn=True, plotted=True)
def command(
    plan: Plan,
    *,
    months: Annotated[str, option("How many months, month 0 the first: 1 to 600, or 2y.", "--months", "N")] = "24",
    limits: Annotated[list[str], list_option("Report when this first fails: 'gpus <= 10000'.", "--limit", "CONDITION")],
    show: Annotated[str | None, option("The figures and assumptions to show.", "--show", "NAME,NAME,...")] = None,
    start: Annotated[str | None, option("The calendar month of month 0.", "--start", "YYYY-MM")] = None,
    lead_time: Annotated[
        str | None, option("Time from order to delivery; adds the date to order by.", "--lead-time", "TIME")
    ] = None,
) -> AnyAnswer:
    """Forecast a service month by month.

    Shows users, requests, GPUs, storage, egress and cost; ranges as p5 to p95.

    \b
    Examples:
      t2v-cap forecast scenarios/mochi.yaml --growth-per-month 8%
      t2v-cap forecast plan.yaml --start 2027-03 --limit 'p95(gpus) <= 5000'
      t2v-cap forecast plan.yaml --limit 'gpus <= 1000' --lead-time '5 months'
      t2v-cap forecast plan.yaml --show gpus,storage_on_disk --plot months.svg
    """
    return plan.forecast(
        number_of(months), limits, () if show is None else show.split(","), start=start, lead_time=lead_time
    )
