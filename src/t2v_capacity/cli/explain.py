"""`t2v-cap explain`: where one figure comes from."""

from typing import Annotated, Any

import typer

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import JSON, MARKDOWN, TABLE, on_scenario
from t2v_capacity.cli.flags import ScenarioCommand
from t2v_capacity.forms.answer import Answer

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("explain", cls=ScenarioCommand)
@on_scenario((TABLE, JSON, MARKDOWN))
def command(
    plan: Plan, figure: Annotated[str | None, typer.Argument(metavar="FIGURE|NAME", help="A figure, or an assumption.")] = None
) -> Answer[Any, Any]:
    """Show where a figure or an assumption comes from.

    A figure's formula, in names and in numbers, down to the assumptions and their sources; an assumption's meaning, bounds and source.

    \b
    Examples:
      t2v-cap explain scenarios/mochi.yaml storage_per_day
      t2v-cap explain scenarios/lesson.yaml rule_of_thumb_gpus --dau 200e6
      t2v-cap explain scenarios/mochi.yaml trps --format json
    """
    return plan.explain(figure or "")
