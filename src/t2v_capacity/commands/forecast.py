"""`t2v-cap forecast`: a scenario month by month."""

from shutil import get_terminal_size
from typing import Annotated

import typer

from t2v_capacity.commands.flags import AsOf, Catalogues, File, Pins, ScenarioCommand, Sets, scenario_of
from t2v_capacity.commands.output import Format, NoColor, Output, on_terminal, write, write_answer
from t2v_capacity.errors import Mistake, Place, UserError
from t2v_capacity.questions.plan.conditions import parse_conditions
from t2v_capacity.questions.plan.estimate import estimate
from t2v_capacity.questions.what_if.forecast import forecast
from t2v_capacity.vocabulary.names import ASSUMPTION, FIGURE, kind_of, name_in, unknown

app = typer.Typer(rich_markup_mode=None)


@app.command("forecast", cls=ScenarioCommand)
def command(
    scenario: File,
    months: Annotated[int, typer.Option("--months", metavar="N", help="How many months ahead, 1 to 600.")] = 24,
    limits: Annotated[
        list[str] | None, typer.Option("--limit", metavar="CONDITION", help="Say when this no longer holds: 'gpus <= 10000'.")
    ] = None,
    show: Annotated[str | None, typer.Option("--show", metavar="NAME,NAME,...", help="The figures and assumptions to show.")] = None,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    form: Format = "table",
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """Forecast a service month by month: users, requests, GPUs, storage, egress and cost as it grows and ages.

    \b
    Examples:
      t2v-cap forecast scenarios/mochi.yaml --growth-per-month 8%
      t2v-cap forecast plan.yaml --months 36 --limit 'gpus <= 1000'
      t2v-cap forecast plan.yaml --show dau,gpus,storage_on_disk
      t2v-cap forecast plan.yaml --format csv --output months.csv
    """
    shown, conditions = _names(show), parse_conditions(limits or (), "--limit")
    if of_draws := [condition for condition in conditions if condition.of_draws]:
        message = "a forecast is made of medians and has no draws; ask it of the figure itself"
        raise UserError([Mistake(message, Place(f"--limit '{condition.text}'")) for condition in of_draws])
    found = forecast(estimate(scenario_of(scenario, sets, pins, catalogues, as_of)), months, conditions)
    from t2v_capacity.reports.answers.forecast import forecast_document, forecast_report, forecast_rows

    if form == "csv":
        from t2v_capacity.reports.forms.data import as_csv

        write(as_csv(*forecast_rows(found, shown)), output)
        return
    width = get_terminal_size().columns if form == "table" and on_terminal(output) else None
    write_answer(form, output, no_color, lambda: forecast_report(found, shown, width), lambda: forecast_document(found))


def _names(text: str | None) -> list[str]:
    """Return the names that `--show` lists, each once; raise UserError with all that are neither figure nor assumption."""
    if text is None:
        return []
    names = {name_in(part): part.strip() for part in text.split(",")}
    wrong = [unknown(written, FIGURE, ASSUMPTION) for name, written in names.items() if kind_of(name) not in (FIGURE, ASSUMPTION)]
    if wrong:
        raise UserError([Mistake(message, Place(f"--show {text}")) for message in wrong])
    return list(names)
