"""Checked plans as a report, as data, as JUnit's XML, and as the lines that a failed check ends with."""

from collections.abc import Iterator
from typing import Annotated

from typing_extensions import TypedDict

from t2v_capacity.errors import MOST_SHOWN, Mistake, Mistakes, Place, count_of, printable
from t2v_capacity.files.document import tidy
from t2v_capacity.forms.annotations import (
    ERROR,
    UNREAD,
    WARNING,
    Annotation,
    JUnitCase,
    annotations,
    as_junit,
    stderr_lines,
)
from t2v_capacity.forms.answer import Answer, Cells, Page
from t2v_capacity.forms.data import Head, WarningData, data, document, one_of, writes
from t2v_capacity.forms.report import Column, Report, conventions_of, numbers, table, warning_lines, youngest
from t2v_capacity.plan.rules import BUDGETS
from t2v_capacity.questions.review.check import (
    BUDGET,
    FOUND,
    WAIVED,
    WRITE_BUDGETS,
    CheckLine,
    Checks,
)

_COLUMNS = (
    Column("result", "result"),
    Column("check", lambda row: printable(row.name), cut=True),
    numbers("value", "measured_text"),
    Column("what to know", lambda row: printable(row.message), wrap=True),
)


class JudgedData(TypedDict):
    """A budget or a finding."""

    name: str
    passed: bool
    value: float | None
    limit: float | None
    severity: Annotated[str, one_of(BUDGET, FOUND, WAIVED)]
    message: str
    place: str | None
    chance: float | None
    """That a budget is kept, over all that is uncertain; null where nothing uncertain reaches it"""


class CheckRow(JudgedData):
    """A budget or a finding of a scenario, or a mistake that keeps it from being checked."""

    scenario: str | None


class CheckDocument(Head):
    """What t2v-cap check --format json writes."""

    rows: list[CheckRow]
    warnings: list[WarningData]


def check_report(checks: Checks, page: Page) -> Report:
    """Return checked plans as a report: a table per scenario, and what fails in a sentence."""
    checked = _require_checks(checks).checked
    plans = [plan_check.plan for plan_check in checked]
    return Report(
        _headline(checks),
        ", ".join(printable(plan.scenario.file) for plan in plans),
        [
            table(
                _COLUMNS,
                plan_check.rows,
                printable(f"{plan_check.plan.scenario.name} ({plan_check.plan.scenario.file})"),
            )
            for plan_check in checked
            if plan_check.rows
        ],
        [*_paragraphs(checks), *map(printable, warning_lines(checks.warnings, everything=page.everything))],
        conventions_of(plans),
    )


def _headline(checks: Checks) -> str:
    """Return the whole answer in a line."""
    rows = [row for plan_check in checks.checked for row in plan_check.rows]
    failed = [row.name for row in rows if not row.passed]
    if checks.nothing_checked and {*failed} <= {BUDGETS}:
        return f"nothing was checked: {count_of(len(checks.checked), 'scenario')}, no budgets"
    if failed:
        return f"{len(failed)} of {count_of(len(rows), 'check')} {'fails' if len(failed) == 1 else 'fail'}"
    risky = f", {count_of(risks, 'budget')} at risk" if (risks := sum(row.at_risk for row in rows)) else ""
    return f"{count_of(len(rows), 'check')}, none fails{risky}"


def _paragraphs(checks: Checks) -> Iterator[str]:
    checked = checks.checked
    without = [printable(plan_check.plan.scenario.file) for plan_check in checked if not plan_check.has_budgets]
    if not any(plan_check.rows for plan_check in checked):
        yield f"budgets: {WRITE_BUDGETS}"
    elif without and not checks.nothing_checked:
        yield f"no budgets: {', '.join(without)}; {WRITE_BUDGETS}"
    samples, seed = checks.draws
    if samples:
        yield f"ranges: {samples} draws, seed {seed}; a plain figure is judged at the medians"
    if checks.left_out:
        yield printable(checks.left_out)


def row_in_words(row: CheckLine) -> str:
    """Return a check that fails or is at risk as a line: its measured value, distance from the limit, and place."""
    return f"{'at risk' if row.at_risk else 'failed'}: {row.name}: {_outcome_text(row)} ({row.place})"


def _outcome_text(row: CheckLine) -> str:
    """Return the measured value, if there is one, and its distance from the limit."""
    return row.message if row.value is None else f"{row.measured_text}, {row.message}"


def check_document(checks: Checks) -> CheckDocument:
    """Return checked plans as the contract's `check` document; a mistake that prevents a check is a failed row."""
    checked = checks.checked
    rows: list[CheckRow] = [
        {"scenario": plan_check.plan.scenario.file, **budget_data(row)}
        for plan_check in checked
        for row in plan_check.rows
    ]
    rows += [_mistake_row(mistake) for mistake in checks.mistakes]
    samples, seed = checks.draws
    as_of = youngest(plan_check.plan for plan_check in checked)
    return document(CheckDocument, checks, "check", as_of, seed, samples, rows=rows)


@writes(JudgedData)
def budget_data(row: CheckLine) -> JudgedData:
    """Return a budget or finding as data."""
    return data(JudgedData, row, place=str(row.place) or None)


def _mistake_row(mistake: Mistake) -> CheckRow:
    row = CheckLine("mistake", passed=False, severity=BUDGET, message=mistake.message, place=mistake.place or Place(""))
    return {"scenario": mistake.file if mistake.line else None, **budget_data(row)}


def check_junit(checks: Checks) -> str:
    """Return checked plans as JUnit's XML: each scenario is a suite, each budget or finding a case.

    A waived finding is skipped. What can't be read is an error, in a suite of its file.
    """
    suites = []
    for plan_check in checks.checked:
        scenario = plan_check.plan.scenario
        suites.append((scenario.name, scenario.file, list(map(_case, plan_check.rows))))

    for file in dict.fromkeys(map(_file, checks.mistakes)):
        lines = [in_line(mistake) for mistake in checks.mistakes if _file(mistake) == file]
        suites.append((file, file, [JUnitCase("can be read", lines[:MOST_SHOWN], "error")]))
    return as_junit("t2v-cap check", suites)


def _case(row: CheckLine) -> JUnitCase:
    if row.severity == WAIVED:
        return JUnitCase(row.name, [row.message], "skipped")
    if row.passed:
        return JUnitCase(row.name, [_outcome_text(row)])
    return JUnitCase(row.name, [_outcome_text(row), str(row.place)], "failure")


def in_line(mistake: Mistake) -> str:
    """Return a mistake and its place in one line."""
    return f"{mistake.message} ({mistake.place})" if mistake.place else mistake.message


def _file(mistake: Mistake) -> str:
    return mistake.file or "the command line"


def _findings(checks: Checks) -> Iterator[Annotation]:
    """Yield each check that fails or is at risk, at its line in a file."""
    for plan_check in checks.checked:
        for row in plan_check.rows:
            if row.at_risk or not row.passed:
                yield Annotation(
                    plan_check.plan.scenario.file,
                    WARNING if row.at_risk else ERROR,
                    row.name,
                    (row_in_words(row),),
                    tidy(row.place),
                )


def check_annotations(checks: Checks) -> str:
    """Return what fails, is at risk or can't be read as annotations of GitHub."""
    unread = (
        Annotation(_file(mistake), ERROR, UNREAD, (in_line(mistake),), mistake.place) for mistake in checks.mistakes
    )
    return annotations((*_findings(checks), *unread))


def _stderr_lines(checks: Checks, _form: str) -> list[str]:
    lines = [*stderr_lines(_findings(checks))]
    if checks.mistakes:
        lines.append(str(Mistakes(checks.mistakes)))
    return lines


def _cells(checks: Checks) -> Cells:
    rows = check_document(_require_checks(checks))["rows"]
    return ("scenario", *JudgedData.__annotations__), (row.values() for row in rows)


CheckAnswer = Answer[Checks, CheckDocument]


def check_answer(checks: Checks) -> CheckAnswer:
    """Return checked scenarios in all their forms, how the run ends, and a line for each failure."""
    return Answer(
        checks,
        check_report,
        check_document,
        cells=_cells,
        forms={"junit": check_junit, "github": check_annotations},
        code=checks.code,
        stderr=_stderr_lines,
    )


def _require_checks(checks: Checks) -> Checks:
    """Return the checks. Raise Mistakes if nothing could be read, since an empty answer would look like a pass."""
    if checks.mistakes and not checks.checked:
        raise Mistakes(checks.mistakes)
    return checks
