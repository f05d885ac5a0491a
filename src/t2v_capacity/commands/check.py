"""`t2v-cap check`: whether scenarios keep their budgets, and whether what they rest on is in order."""

import sys
from typing import Annotated

import typer

from t2v_capacity.commands.app import GATE
from t2v_capacity.commands.flags import (
    MOST_SAMPLES,
    Catalogues,
    Pins,
    Samples,
    Seed,
    Sets,
    check_paths,
    check_samples,
    check_seed,
    scenario_of,
)
from t2v_capacity.commands.output import NoColor, Output, check_format, write, write_answer
from t2v_capacity.errors import Mistake, UserError, collected
from t2v_capacity.questions.plan.conditions import Condition, parse_conditions
from t2v_capacity.questions.plan.estimate import Estimate, estimate
from t2v_capacity.questions.review.check import Budget, Checked, budgets, check
from t2v_capacity.questions.review.findings import Waiver, findings, waivers
from t2v_capacity.scenario.folders import scenarios_of

app = typer.Typer(rich_markup_mode=None)
_FORMATS = ("table", "json", "markdown", "csv", "junit")

Asked = tuple[Estimate, tuple[Budget, ...], tuple[Waiver, ...]]


@app.command("check")
def command(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO", help="The scenarios to check, and folders of them.")],
    asked: Annotated[
        list[str] | None, typer.Option("--budget", metavar="CONDITION", help="What must hold for each of them: 'gpus <= 5000'.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on values without a source, out of date or never set, as of today.")
    ] = False,
    samples: Samples = 20_000,
    seed: Seed = 0,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="How to write it: table, json, markdown, csv or junit.")
    ] = "table",
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """Check scenarios against their budgets, and exit with 3 where one fails.

    \b
    Examples:
      t2v-cap check plan.yaml --budget 'gpus <= 10M'
      t2v-cap check scenarios --format junit --output budgets.xml
      t2v-cap check plan.yaml --budget 'P(gpus <= 10M) >= 90%'
      t2v-cap check scenarios/start-up.yaml --strict --format markdown
    """
    check_format(form, _FORMATS)
    more, wrong = _more(asked, samples, seed)
    read, refused = _read(scenarios, more, sets, pins, catalogues)
    refused = [*wrong, *refused]
    checked = [] if wrong else [_checked(one, samples, seed, strict=strict) for one in read]
    if checked or form in ("json", "junit"):  # a reader of the answer sees what failed, never an empty answer
        _write(checked, refused, form, output, no_color=no_color)
    from t2v_capacity.reports.answers.check import failures

    if lines := list(failures(checked)):
        sys.stderr.write("".join(f"{line}\n" for line in lines))
    if refused:
        raise UserError(refused)
    if lines:
        raise typer.Exit(GATE)


def _more(asked: list[str] | None, samples: int, seed: int) -> tuple[tuple[Condition, ...], list[Mistake]]:
    """Return the budgets of the command line, and all mistakes of the options."""
    mistakes: list[Mistake] = []
    more: tuple[Condition, ...] = ()
    with collected(mistakes):
        check_samples(samples, MOST_SAMPLES)
    with collected(mistakes):
        check_seed(seed)
    with collected(mistakes):
        more = parse_conditions(asked or (), "--budget")
    return more, mistakes


def _read(
    paths: list[str], more: tuple[Condition, ...], sets: list[str] | None, pins: list[str] | None, catalogues: list[str] | None
) -> tuple[list[Asked], list[Mistake]]:
    """Return each scenario's plan, budgets and waivers, and the mistakes of those that can't be read."""
    check_paths(paths)
    found: list[Asked] = []
    mistakes: list[Mistake] = []
    files: tuple[str, ...] = ()
    with collected(mistakes):
        files = scenarios_of(paths).scenarios
    for path in files:
        own: list[Mistake] = []
        with collected(own):
            scenario = scenario_of(path, sets, pins, catalogues, None, judges=True)
            budgeted: tuple[Budget, ...] = ()
            waived: tuple[Waiver, ...] = ()
            with collected(own):
                budgeted = budgets(scenario, more)
            with collected(own):
                waived = waivers(scenario)
            if not own:
                found.append((estimate(scenario), budgeted, waived))
        mistakes += own
    return found, mistakes


def _checked(asked: Asked, samples: int, seed: int, *, strict: bool) -> Checked:
    plan, own, waived = asked
    return check(plan, own, findings(plan, waived) if strict else (), samples, seed)


def _write(checked: list[Checked], refused: list[Mistake], form: str, output: str | None, *, no_color: bool) -> None:
    from t2v_capacity.reports.answers.check import HEADING, check_document, check_junit, check_report

    if form == "junit":
        write(check_junit(checked, refused), output)
    elif form == "csv":
        from t2v_capacity.reports.forms.data import as_csv

        write(as_csv(HEADING, (row.values() for row in check_document(checked, refused)["rows"])), output)
    else:
        write_answer(form, output, no_color, lambda: check_report(checked), lambda: check_document(checked, refused))
