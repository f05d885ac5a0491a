"""`t2v-cap sweep`: a plan over axes."""

from typing import Annotated

import typer

from t2v_capacity.commands.flags import AsOf, Catalogues, File, Pins, ScenarioCommand, Sets, scenario_of
from t2v_capacity.commands.output import Format, NoColor, Output, check_format, write_answer
from t2v_capacity.errors import UserError
from t2v_capacity.questions.what_if.axes import read_axes
from t2v_capacity.questions.what_if.sweep import SHOWN, sweep
from t2v_capacity.vocabulary.names import figures_in

app = typer.Typer(rich_markup_mode=None)

Over = Annotated[
    list[str] | None,
    typer.Option("--over", metavar="AXIS", help="An axis: NAME=LOW..HIGH N, NAME=LOW..HIGH log N, or NAME=A,B,C. May be repeated."),
]


@app.command("sweep", cls=ScenarioCommand)
def command(
    scenario: File,
    over: Over = None,
    show: Annotated[str, typer.Option("--show", metavar="FIGURE,...", help="The figures to show.")] = ",".join(SHOWN),
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    form: Format = "table",
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """Compute a plan over axes: each cell is the estimate with those flags.

    \b
    Examples:
      t2v-cap sweep scenarios/mochi.yaml --over 'dau=10M..1B log 9'
      t2v-cap sweep plan.yaml --over 'dau=10M..100M 10' --over gpu=h100,b200
      t2v-cap sweep plan.yaml --over steps=20,30,50 --show gpus --format csv
    """
    check_format(form, ("table", "json", "markdown", "csv"))
    plan = scenario_of(scenario, sets, pins, catalogues, as_of)
    if not over:
        raise UserError("`--over` is missing; name an axis, such as --over 'dau=10M..1B log 9'")
    shown = figures_in(show.split(","), "a sweep is")
    found = sweep(plan, read_axes(over, plan), shown)
    from t2v_capacity.reports.answers.sweep import sweep_document, sweep_report

    write_answer(form, output, no_color, lambda: sweep_report(found, chart=form == "table"), lambda: sweep_document(found))
