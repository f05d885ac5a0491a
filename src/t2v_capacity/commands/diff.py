"""`t2v-cap diff`: what changed between two scenarios."""

from typing import Annotated

import typer

from t2v_capacity.commands.flags import Catalogues, Pins, Sets, scenario_of
from t2v_capacity.commands.output import All, Format, NoColor, Output, check_format, on_terminal, write
from t2v_capacity.errors import Mistake, UserError
from t2v_capacity.questions.diff import diff
from t2v_capacity.questions.estimate import Estimate, estimate

app = typer.Typer(rich_markup_mode=None)


@app.command("diff")
def command(
    base: Annotated[str, typer.Argument(metavar="BASE", help="The scenario before.")],
    head: Annotated[str, typer.Argument(metavar="HEAD", help="The scenario after.")],
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 where anything changed.")] = False,
    form: Format = "table",
    output: Output = None,
    everything: All = False,
    no_color: NoColor = False,
) -> None:
    """Show what changed between two scenarios: assumptions, figures and warnings.

    \b
    Examples:
      t2v-cap diff scenarios/mochi.yaml scenarios/mochi-bf16.yaml
      t2v-cap diff scenarios/mochi.yaml scenarios/lesson.yaml --format markdown
      t2v-cap diff old.yaml new.yaml --exit-code --set dau=200e6
    """
    check_format(form, ("table", "json", "markdown", "csv"))
    found = diff(*_estimates([base, head], sets, pins, catalogues))
    from t2v_capacity.reports.difference import difference_document, difference_report

    if form == "json":
        from t2v_capacity.reports.data import as_json

        write(as_json(difference_document(found)), output)
    elif form == "csv":
        from t2v_capacity.reports.data import as_csv

        keys = ("base", "head", "change", "relative_change", "unit", "label")
        figures = difference_document(found)["figures"]
        write(as_csv(("figure", *keys), ((name, *(figure[key] for key in keys)) for name, figure in figures.items())), output)
    elif form == "table" and on_terminal(output):
        from t2v_capacity.reports.terminal import show

        show(difference_report(found, everything=everything), color=not no_color)
    else:
        from t2v_capacity.reports.text import markdown, plain

        report = difference_report(found, everything=everything)
        write(markdown(report) if form == "markdown" else plain(report), output)
    if exit_code and not found.empty:
        raise typer.Exit(3)


def _estimates(paths: list[str], sets: list[str] | None, pins: list[str] | None, catalogues: list[str] | None) -> list[Estimate]:
    """Return the plan of each scenario; raise UserError with the mistakes of all of them."""
    plans: list[Estimate] = []
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            plans.append(estimate(scenario_of(path, sets, pins, catalogues, None)))
        except UserError as error:
            mistakes += error.mistakes
    if mistakes:
        raise UserError(mistakes)
    return plans
