"""`t2v-cap actuals`: a plan against what its months were."""

import os
from typing import Annotated

import typer

from t2v_capacity.api.plan import plan_of
from t2v_capacity.cli.command_options import ALL_FORMS, show_answer
from t2v_capacity.cli.flags import AsOf, Catalogues, Pins, Samples, ScenarioCommand, Seed, Sets, check_paths
from t2v_capacity.cli.output import Force, NoColor, Plotted, check_format, check_plot, check_replaced, watching, write, write_plot
from t2v_capacity.files.places import ENDINGS
from t2v_capacity.plan.cells import SAMPLES, SEED

app = typer.Typer(rich_markup_mode=None, add_completion=False)
Scenario = Annotated[str, typer.Argument(metavar="PLAN", help="A scenario file, or - for standard input.")]
Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Actuals of a month, or a file from `fit` or `calibrate`.")]
Start = Annotated[str | None, typer.Option("--start", metavar="YYYY-MM", help="The calendar month of the plan's month 0.")]
Output = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="A .yaml: the plan on the month. Others: the answer.")]
Form = Annotated[str, typer.Option("--format", metavar="|".join(ALL_FORMS), help="How to write the answer.")]


@app.command("actuals", cls=ScenarioCommand)
def command(
    plan: Scenario,
    files: Files,
    start: Start = None,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    samples: Samples = SAMPLES,
    seed: Seed = SEED,
    form: Form = "table",
    output: Output = None,
    force: Force = False,
    plot: Plotted = None,
    no_color: NoColor = False,
) -> None:
    """Compare a plan with its measured months.

    A file of actuals has `month`, `source` and, under `actuals`, measured figures and assumptions in a scenario's units.
    The differences of GPUs, cost and latency are split by cause.

    --output FILE.yaml writes the plan on the month: it extends the plan with the measured values.

    \b
    Examples:
      t2v-cap actuals plan.yaml october.yaml
      t2v-cap actuals plan.yaml october.yaml november.yaml --plot months.svg
      t2v-cap actuals plan.yaml october.yaml --output on-october.yaml
      t2v-cap actuals plan.yaml october.yaml traffic.yaml --format csv
    """
    check_format(form, ALL_FORMS)
    on_month = output is not None and output.endswith(ENDINGS)
    check_replaced(output, "yaml" if on_month else form, force=force)
    check_plot(plot, output, force=force)
    check_paths([plan, *files])
    with watching():
        answer = plan_of(plan, sets or (), pins or (), catalogues or (), as_of, samples, seed).actuals(*files, start=start)
    write_plot(answer, plot)
    if output is not None and on_month:
        from t2v_capacity.answers.actuals import overlay

        write(overlay(answer.found, os.path.dirname(output)), output)  # noqa: PTH120 - as it was typed
    show_answer(answer, form, None if on_month else output, no_color=no_color)
