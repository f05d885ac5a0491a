"""`t2v-cap compare`: which GPU should serve this."""

from typing import Annotated

import typer

from t2v_capacity.commands.flags import AsOf, Catalogues, File, Pins, ScenarioCommand, Sets, scenario_of
from t2v_capacity.commands.output import Format, NoColor, Output, write_answer
from t2v_capacity.errors import Mistake, Place, UserError
from t2v_capacity.questions.what_if.compare import compare
from t2v_capacity.scenario.settings import Scenario

app = typer.Typer(rich_markup_mode=None)


class CompareCommand(ScenarioCommand):
    """A command on one scenario whose `--gpu` is the axis."""

    axis = "gpu"


@app.command("compare", cls=CompareCommand)
def command(
    scenario: File,
    gpu: Annotated[
        str | None, typer.Option("--gpu", metavar="ID,ID,...", help="The GPUs to compare; all of the catalogue unless given.")
    ] = None,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    form: Format = "table",
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """Compare GPUs, each with the best of 1, 2, 4 and 8 GPUs a replica: what fits, how fast it is and what it costs.

    \b
    Examples:
      t2v-cap compare scenarios/wan2.2-h100.yaml
      t2v-cap compare plan.yaml --gpu h100,b200,l40s --target-latency '4 min'
      t2v-cap compare scenarios/mochi.yaml --precision bf16 --format json
    """
    plan = scenario_of(scenario, sets, pins, catalogues, as_of)
    options = compare(plan, _gpus(plan, gpu))
    from t2v_capacity.reports.answers.compare import comparison_report
    from t2v_capacity.reports.answers.groups import options_document

    write_answer(form, output, no_color, lambda: comparison_report(plan, options), lambda: options_document("compare", plan, options))


def _gpus(plan: Scenario, text: str | None) -> list[str]:
    if text is None:
        return list(plan.catalogue.entries("gpus"))
    found, mistakes = [], []
    for name in text.split(","):
        try:
            found.append(plan.catalogue.find("gpus", name.strip()).id)
        except UserError as error:
            mistakes.append(Mistake(error.mistakes[0].message, Place(f"--gpu {text}")))
    if mistakes:
        raise UserError(mistakes)
    return list(dict.fromkeys(found))
