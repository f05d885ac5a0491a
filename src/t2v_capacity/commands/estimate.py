"""`t2v-cap estimate`: the plan of a scenario."""

from typing import Annotated

import typer

from t2v_capacity.commands.flags import (
    MOST_SAMPLES,
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
from t2v_capacity.commands.output import All, Format, NoColor, Output, check_format, on_terminal, progress, write, write_file
from t2v_capacity.errors import UserError
from t2v_capacity.questions.plan.estimate import Estimate, estimate, with_bands

app = typer.Typer(rich_markup_mode=None)


@app.command("estimate", cls=ScenarioCommand)
def command(
    scenario: File,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    samples: Samples = 20_000,
    seed: Seed = 0,
    samples_file: Annotated[
        str | None, typer.Option("--samples-file", metavar="FILE", help="Write the draws to a .csv or .npz file.")
    ] = None,
    form: Format = "table",
    output: Output = None,
    everything: All = False,
    no_color: NoColor = False,
) -> None:
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
    check_format(form, ("table", "json", "markdown", "csv"))
    plan = _bands(estimate(scenario_of(scenario, sets, pins, catalogues, as_of)), samples, seed, samples_file)
    if form == "json":
        from t2v_capacity.reports.forms.data import as_json, estimate_document

        write(as_json(estimate_document(plan)), output)
    elif form == "csv":
        from t2v_capacity.reports.forms.data import as_csv, estimate_document

        keys = ("value", "unit", "label", "pinned", "p5", "p50", "p95")
        figures = estimate_document(plan)["figures"]
        write(as_csv(("figure", *keys), ((name, *(figure[key] for key in keys)) for name, figure in figures.items())), output)
    else:
        from t2v_capacity.reports.answers.estimate import plan_report

        report = plan_report(plan, everything=everything)
        if form == "table" and on_terminal(output):
            from t2v_capacity.reports.forms.terminal import show

            show(report, color=not no_color)
        else:
            from t2v_capacity.reports.forms.text import markdown, plain

            write(markdown(report) if form == "markdown" else plain(report), output)


def _bands(plan: Estimate, samples: int, seed: int, samples_file: str | None) -> Estimate:
    check_samples(samples, MOST_SAMPLES)
    check_seed(seed)
    if samples_file is not None and not samples_file.endswith((".csv", ".npz")):
        raise UserError(f"`--samples-file {samples_file}`: the name must end in .csv or .npz")
    with progress(samples) as told:
        plan = with_bands(plan, samples, seed, told)
    if samples_file is not None:
        if not plan.bands:
            raise UserError("`--samples-file`: no assumption has a range, so there are no draws to write")
        from t2v_capacity.reports.handover.draws import draws_file

        content = draws_file(plan, npz=samples_file.endswith(".npz"))
        write_file(content, samples_file, f"`--samples-file {samples_file}`")
    return plan
