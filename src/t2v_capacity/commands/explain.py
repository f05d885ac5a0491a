"""`t2v-cap explain`: where one figure comes from."""

from typing import Annotated

import typer

from t2v_capacity.commands.flags import AsOf, Catalogues, File, Pins, ScenarioCommand, Sets, scenario_of
from t2v_capacity.commands.output import Format, NoColor, Output, check_format, on_terminal, write
from t2v_capacity.questions.plan.estimate import estimate
from t2v_capacity.questions.plan.explain import explain

app = typer.Typer(rich_markup_mode=None)


@app.command("explain", cls=ScenarioCommand)
def command(
    scenario: File,
    figure: Annotated[str, typer.Argument(metavar="FIGURE", help="A figure, or an assumption.")],
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    form: Format = "table",
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """Show a figure's formula, in names and in numbers, down to the assumptions and their sources.

    \b
    Examples:
      t2v-cap explain scenarios/mochi.yaml storage_per_day
      t2v-cap explain scenarios/lesson.yaml rule_of_thumb_gpus --dau 200e6
      t2v-cap explain scenarios/mochi.yaml trps --format json
    """
    check_format(form, ("table", "json", "markdown"))
    plan = estimate(scenario_of(scenario, sets, pins, catalogues, as_of))
    root = explain(plan, figure)
    from t2v_capacity.reports.answers.explain import explanation_data, explanation_lines

    if form == "json":
        from t2v_capacity.reports.forms.data import as_json, document, scenario_data

        data = document("explain", plan.scenario.as_of, scenario=scenario_data(plan.scenario), figure=explanation_data(plan, root))
        write(as_json(data), output)
        return
    lines = explanation_lines(plan, root)
    if form == "markdown":
        write("\n".join(["```text", *lines, "```"]) + "\n", output)
    elif on_terminal(output):
        from t2v_capacity.reports.forms.terminal import show_tree

        show_tree(lines, color=not no_color)
    else:
        write("\n".join(lines) + "\n", output)
