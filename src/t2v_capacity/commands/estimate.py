"""`t2v-cap estimate`: the plan of a scenario."""

import typer

from t2v_capacity.commands.flags import AsOf, Catalogues, File, Pins, ScenarioCommand, Sets, scenario_of
from t2v_capacity.commands.output import All, Format, NoColor, Output, check_format, on_terminal, write
from t2v_capacity.questions.estimate import estimate

app = typer.Typer(rich_markup_mode=None)


@app.command("estimate", cls=ScenarioCommand)
def command(
    scenario: File,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    form: Format = "table",
    output: Output = None,
    everything: All = False,
    no_color: NoColor = False,
) -> None:
    """Turn a scenario into a capacity plan.

    \b
    Examples:
      t2v-cap estimate scenarios/mochi.yaml
      t2v-cap estimate scenarios/mochi.yaml --dau 200e6 --precision fp16 --pin video_size=1.25MB
      t2v-cap estimate scenarios/mochi.yaml --format json --output plan.json
      cat scenarios/mochi.yaml | t2v-cap estimate -
    """
    check_format(form, ("table", "json", "markdown", "csv"))
    plan = estimate(scenario_of(scenario, sets, pins, catalogues, as_of))
    if form == "json":
        from t2v_capacity.reports.data import as_json, estimate_document

        write(as_json(estimate_document(plan)), output)
    elif form == "csv":
        from t2v_capacity.reports.data import as_csv, estimate_document

        figures = estimate_document(plan)["figures"]
        write(
            as_csv(
                ("figure", "value", "unit", "label", "pinned"),
                ((n, f["value"], f["unit"], f["label"], f["pinned"]) for n, f in figures.items()),
            ),
            output,
        )
    else:
        from t2v_capacity.reports.plan import plan_report

        report = plan_report(plan, everything=everything)
        if form == "table" and on_terminal(output):
            from t2v_capacity.reports.terminal import show

            show(report, color=not no_color)
        else:
            from t2v_capacity.reports.text import markdown, plain

            write(markdown(report) if form == "markdown" else plain(report), output)
