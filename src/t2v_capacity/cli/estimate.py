"""`t2v-cap estimate`: the plan of a scenario."""

from typing import Annotated, Any

import typer

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario, watchable
from t2v_capacity.cli.flags import ScenarioCommand
from t2v_capacity.cli.output import write_file, wrote
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import Answer

app = typer.Typer(rich_markup_mode=None, add_completion=False)

Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="GROUP|FIGURE", help="Show a group of figures whole, or one figure. May be repeated.")
]
SamplesFile = Annotated[str | None, typer.Option("--samples-file", metavar="FILE", help="Write the draws to a .csv or .npz file.")]


@app.command("estimate", cls=ScenarioCommand)
@watchable
@on_scenario(fewest_draws=1, everything=True)
def command(plan: Plan, only: Only = None, samples_file: SamplesFile = None) -> Answer[Any, Any]:
    """Turn a scenario into a capacity plan.

    \b
    Examples:
      t2v-cap estimate scenarios/mochi.yaml
      t2v-cap estimate scenarios/mochi.yaml --dau 200e6 --precision fp16
      t2v-cap estimate scenarios/mochi.yaml --pin video_size=1.25MB
      t2v-cap estimate scenarios/mochi.yaml --format json --output plan.json
      t2v-cap estimate scenarios/mochi.yaml --dau '50M to 200M'
      cat scenarios/mochi.yaml | t2v-cap estimate -
    """
    if samples_file is not None and not samples_file.endswith((".csv", ".npz")):
        raise Mistakes(f"`--samples-file {samples_file}`: the name must end in .csv or .npz")
    if samples_file is not None:
        _write_draws(plan, samples_file)
    return plan.table(only=only or ())


def _write_draws(plan: Plan, file: str) -> None:
    if not plan.estimated().samples:
        raise Mistakes("`--samples-file`: no assumption has a range, so there are no draws to write")
    from t2v_capacity.handover.draws import draws_file

    write_file(draws_file(plan.estimated(), npz=file.endswith(".npz")), file, f"`--samples-file {file}`")
    wrote(file)
