"""`t2v-cap actuals`: a plan against what its months were."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario
from t2v_capacity.cli.flags import argument, check_paths, option
from t2v_capacity.files.document import STANDARD_INPUT
from t2v_capacity.forms.answer import AnyAnswer
from t2v_capacity.measured.months.actuals_answer import overlay


@on_scenario(drawn=True, overlay=overlay)
def command(
    plan: Plan,
    files: Annotated[list[str], argument("Actuals, a file a month, or bills.", "FILE...")],
    start: Annotated[str | None, option("The calendar month of the plan's month 0.", "--start", "YYYY-MM")] = None,
) -> AnyAnswer:
    """Compare a plan with its measured months.

    A file of actuals has `month`, `source` and, under `actuals`, measured figures and assumptions in a scenario's
    units. A FOCUS 1.x bill (.csv) is summed by month. The differences of GPUs, cost and latency are split by cause.

    --output FILE.yaml writes the plan on the month: it extends the plan with the measured values.

    \b
    Examples:
      t2v-cap actuals plan.yaml october.yaml
      t2v-cap actuals plan.yaml october.yaml november.yaml
      t2v-cap actuals plan.yaml bill.csv october.yaml --start 2026-09
      t2v-cap actuals plan.yaml october.yaml --output on-october.yaml
      t2v-cap actuals plan.yaml october.yaml --format csv
    """
    check_paths([STANDARD_INPUT if plan.scenario.file == "<stdin>" else "", *files])
    return plan.actuals(*files, start=start)
