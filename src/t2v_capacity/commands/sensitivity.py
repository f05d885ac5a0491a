"""`t2v-cap sensitivity`: what a figure hangs on, and what to measure first."""

import sys
from typing import Annotated

import typer

from t2v_capacity.commands.flags import (
    AsOf,
    Catalogues,
    File,
    Pins,
    Samples,
    ScenarioCommand,
    Seed,
    Sets,
    check_samples,
    check_seed,
    scenario_of,
)
from t2v_capacity.commands.output import All, Format, NoColor, Output, check_format, on_terminal, progress, write
from t2v_capacity.questions.what_if.sensitivity import Sensitivity, sensitivity, with_shares

app = typer.Typer(rich_markup_mode=None)
_FEWEST, _MOST = 100, 1_000_000


@app.command("sensitivity", cls=ScenarioCommand)
def command(
    scenario: File,
    figure: Annotated[str, typer.Argument(metavar="FIGURE", help="The figure to take apart.")],
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    samples: Samples = 20_000,
    seed: Seed = 0,
    form: Format = "table",
    output: Output = None,
    everything: All = False,
    no_color: NoColor = False,
) -> None:
    """Show which assumptions move a figure, their shares of its variance, and what to measure first.

    \b
    Examples:
      t2v-cap sensitivity scenarios/mochi.yaml gpus
      t2v-cap sensitivity plan.yaml cost_per_month --dau '50M to 200M'
      t2v-cap sensitivity plan.yaml gpus --samples 100000 --seed 7
      t2v-cap sensitivity plan.yaml latency_p95 --all --format csv
    """
    check_format(form, ("table", "json", "markdown", "csv"))
    check_samples(samples, _MOST, _FEWEST)
    check_seed(seed)
    answer = sensitivity(scenario_of(scenario, sets, pins, catalogues, as_of), figure)
    with progress(samples) as told:
        answer = with_shares(answer, samples, seed, told)
    _write(answer, form, output, everything=everything, color=not no_color)


def _write(answer: Sensitivity, form: str, output: str | None, *, everything: bool, color: bool) -> None:
    from t2v_capacity.reports.answers.sensitivity import KEYS, sensitivity_document, sensitivity_report

    if form in ("json", "csv"):
        from t2v_capacity.reports.forms.data import as_csv, as_json

        data = sensitivity_document(answer)
        write(as_json(data) if form == "json" else as_csv(KEYS, (row.values() for row in data["inputs"])), output)
    elif form == "table" and on_terminal(output):
        from t2v_capacity.reports.forms.terminal import show

        blocks = (sys.stdout.encoding or "").lower().startswith("utf")
        show(sensitivity_report(answer, everything=everything, blocks=blocks), color=color)
    else:
        from t2v_capacity.reports.forms.text import markdown, plain

        report = sensitivity_report(answer, everything=everything, bars=form != "markdown")
        write(markdown(report) if form == "markdown" else plain(report), output)
