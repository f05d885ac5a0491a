"""`t2v-cap total`: several scenarios as one service."""

from typing import Annotated

import typer

from t2v_capacity.commands.flags import Catalogues, Pins, Sets, check_paths, scenario_of
from t2v_capacity.commands.output import All, Format, NoColor, Output, write, write_answer
from t2v_capacity.errors import Mistake, UserError, collected
from t2v_capacity.questions.plan.estimate import Estimate, estimate
from t2v_capacity.questions.what_if.total import total
from t2v_capacity.scenario.folders import scenarios_of

app = typer.Typer(rich_markup_mode=None)


@app.command("total")
def command(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO", help="The scenarios to add, and folders of them.")],
    in_series: Annotated[
        bool, typer.Option("--in-series", help="They are stages of one product: users counted once, latencies added.")
    ] = False,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    form: Format = "table",
    output: Output = None,
    everything: All = False,
    no_color: NoColor = False,
) -> None:
    """Show scenarios beside each other and as one service: what adds up is added, ratios are computed again.

    \b
    Examples:
      t2v-cap total scenarios/start-up.yaml scenarios/million-clips.yaml
      t2v-cap total --in-series scenarios/draft.yaml scenarios/final.yaml
      t2v-cap total free.yaml paid.yaml --set growth_per_month=5% --format json
    """
    found = total(_plans(scenarios, sets, pins, catalogues), in_series=in_series)
    from t2v_capacity.reports.answers.total import total_document, total_report, total_rows

    if form == "csv":
        from t2v_capacity.reports.forms.data import as_csv

        write(as_csv(*total_rows(found)), output)
        return
    write_answer(form, output, no_color, lambda: total_report(found, everything=everything), lambda: total_document(found))


def _plans(paths: list[str], sets: list[str] | None, pins: list[str] | None, catalogues: list[str] | None) -> list[Estimate]:
    """Return the plan of each scenario; raise UserError with the mistakes of all of them."""
    plans: list[Estimate] = []
    mistakes: list[Mistake] = []
    check_paths(paths)
    for path in scenarios_of(paths).scenarios:
        with collected(mistakes):
            plans.append(estimate(scenario_of(path, sets, pins, catalogues, None)))
    if mistakes:
        raise UserError(mistakes)
    return plans
