"""`t2v-cap groups`: how many GPUs should make one clip together."""

from typing import Annotated, Any

import typer

from t2v_capacity.api.given import LARGEST_GROUP
from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario
from t2v_capacity.cli.flags import ScenarioCommand
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import Answer
from t2v_capacity.plan.candidates import SIZES

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("groups", cls=ScenarioCommand)
@on_scenario(plotted=True)
def command(
    plan: Plan,
    sizes: Annotated[str, typer.Option("--sizes", metavar="N,N,...", help="The group sizes to try.")] = ",".join(map(str, SIZES)),
) -> Answer[Any, Any]:
    """Compare how many GPUs make one clip together: 1, 2, 4 or 8.

    Shows latency, GPU-seconds, memory per GPU and cost per clip for each group size.

    \b
    Examples:
      t2v-cap groups scenarios/mochi.yaml --precision bf16
      t2v-cap groups scenarios/hunyuanvideo-720p.yaml --target-latency '5 min'
      t2v-cap groups plan.yaml --sizes 1,2,3,6 --sharding weights
      t2v-cap groups plan.yaml --plot groups.svg
    """
    return plan.groups(_sizes(sizes))


def _sizes(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 1 <= int(part[:9]) <= LARGEST_GROUP for part in parts):
        raise Mistakes(f"`--sizes {text}` is not a list of group sizes from 1 to {LARGEST_GROUP}, such as 1,2,4,8")
    return sorted({int(part) for part in parts})
