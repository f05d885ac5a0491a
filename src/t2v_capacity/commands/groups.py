"""`t2v-cap groups`: how many GPUs should make one clip together."""

from typing import Annotated

import typer

from t2v_capacity.commands.flags import AsOf, Catalogues, File, Pins, ScenarioCommand, Sets, scenario_of
from t2v_capacity.commands.output import Format, NoColor, Output, write_answer
from t2v_capacity.errors import UserError
from t2v_capacity.questions.what_if.groups import SIZES, groups

app = typer.Typer(rich_markup_mode=None)
_LARGEST = 1_024


@app.command("groups", cls=ScenarioCommand)
def command(
    scenario: File,
    sizes: Annotated[str, typer.Option("--sizes", metavar="N,N,...", help="The group sizes to try.")] = ",".join(map(str, SIZES)),
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    form: Format = "table",
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """Compare group sizes: latency, GPU-seconds, memory a GPU and cost a clip of 1, 2, 4, 8 GPUs a replica.

    \b
    Examples:
      t2v-cap groups scenarios/mochi.yaml --precision bf16
      t2v-cap groups scenarios/hunyuanvideo-720p.yaml --target-latency '5 min'
      t2v-cap groups plan.yaml --sizes 1,2,3,6 --sharding weights
    """
    plan = scenario_of(scenario, sets, pins, catalogues, as_of)
    options = groups(plan, _sizes(sizes))
    from t2v_capacity.reports.answers.groups import groups_report, options_document

    write_answer(form, output, no_color, lambda: groups_report(plan, options), lambda: options_document("groups", plan, options))


def _sizes(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 1 <= int(part[:9]) <= _LARGEST for part in parts):
        raise UserError(f"`--sizes {text}` is not a list of group sizes from 1 to {_LARGEST}, such as 1,2,4,8")
    return sorted({int(part) for part in parts})
