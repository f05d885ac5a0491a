"""`t2v-cap calibrate`: a user's own measured runs become that user's efficiencies."""

import sys
from typing import Annotated

import typer

from t2v_capacity.cli.flags import AsOf, Catalogues, Pins, ScenarioCommand, Sets
from t2v_capacity.cli.output import Force, check_format, check_replaced, on_terminal, watching, write
from t2v_capacity.questions.measured.calibrate import calibrate

app = typer.Typer(rich_markup_mode=None, add_completion=False)
RunsFile = Annotated[str, typer.Argument(metavar="RUNS", help="A list of runs, {seconds: 120, differences}, or vLLM-Omni's JSON.")]
Overlay = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the catalogue of your efficiencies to a file.")]
Form = Annotated[str, typer.Option("--format", metavar="table|json", help="A table shows the catalogue and how well it fits.")]


@app.command("calibrate", cls=ScenarioCommand)
def command(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or - for standard input.")],
    runs: RunsFile,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    form: Form = "table",
    output: Overlay = None,
    force: Force = False,
) -> None:
    """Fit the efficiencies of your GPUs to clips that you timed.

    Writes the efficiencies as a catalogue.

    A run gives its seconds (per clip; or `includes: denoising`, or gpu_seconds) and its settings that differ from the
    scenario. One run scales both efficiencies; runs of several sizes separate linear layers from attention.

    \b
    Examples:
      t2v-cap calibrate scenarios/mochi.yaml runs.yaml --output calibrated.yaml
      t2v-cap estimate scenarios/mochi.yaml --catalogue calibrated.yaml
      t2v-cap calibrate scenarios/mochi.yaml runs.yaml --gpu h200 --format json
    """
    check_format(form, ("table", "json"))
    check_replaced(output, "yaml" if form == "table" else form, force=force)
    with watching():
        found = calibrate(scenario, runs, sets or (), pins or (), catalogues or (), as_of)
    from t2v_capacity.answers.calibrate import calibrate_answer, overlay

    answer = calibrate_answer(found)
    if form == "json":
        write(answer.json(), output)
        return
    write(overlay(found), output)
    if output is not None or not on_terminal(output):
        sys.stderr.write(str(answer))
    else:
        sys.stdout.write("\n" + str(answer))
