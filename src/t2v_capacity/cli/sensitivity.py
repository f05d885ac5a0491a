"""`t2v-cap sensitivity`: what a figure hangs on, and what to measure first."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario
from t2v_capacity.cli.flags import argument
from t2v_capacity.forms.answer import AnyAnswer


@on_scenario(drawn=True, plotted=True)
def command(
    plan: Plan, figure: Annotated[str | None, argument("The figure to take apart.", "FIGURE")] = None
) -> AnyAnswer:
    """Show what moves a figure, and what to measure first.

    \b
    Examples:
      t2v-cap sensitivity scenarios/mochi.yaml gpus
      t2v-cap sensitivity plan.yaml cost_per_month --dau '50M to 200M'
      t2v-cap sensitivity plan.yaml gpus --samples 100000 --seed 7
      t2v-cap sensitivity plan.yaml latency_p95 --all --format csv
      t2v-cap sensitivity plan.yaml gpus --plot tornado.svg
    """
    return plan.sensitivity(figure or "")
