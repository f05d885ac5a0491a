"""Checked plans as a report, as data, as JUnit's XML, and as the lines that a failed check ends with."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from typing_extensions import TypedDict

from t2v_capacity.errors import MOST_SHOWN, Mistake, Mistakes, count_of, printable
from t2v_capacity.files.document import tidy
from t2v_capacity.forms.annotations import ERROR, UNREAD, WARNING, Annotation, Case, annotations, as_junit, stderr_lines
from t2v_capacity.forms.answer import Answer
from t2v_capacity.forms.data import Head, WarningData, data, document, one_of, whole, writes
from t2v_capacity.forms.report import Column, Report, conventions, numbers, table, warning_lines
from t2v_capacity.questions.review.check import BUDGET, FOUND, WAIVED, Checked, Checks, Row
from t2v_capacity.release import RELEASED

_COLUMNS = (
    Column("result", "result"),
    Column("check", lambda row: printable(row.name), cut=True),
    numbers("value", "shown"),
    Column("what to know", lambda row: printable(row.message), wrap=True),
)
_WRITE = "write them under `budgets` in the file, or as `--budget 'gpus <= 5000'`"


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


def check_report(found: Checks) -> Report:
    """Return checked plans as a report: a table per scenario, and what fails in a sentence."""
    checked = found.checked
    plans = [one.plan for one in checked]
    return Report(
        title=_headline(checked),
        subtitle=", ".join(printable(plan.scenario.file) for plan in plans),
        tables=[
            table(_COLUMNS, one.rows, printable(f"{one.plan.scenario.name} ({one.plan.scenario.file})"))
            for one in checked
            if one.rows
        ],
        paragraphs=[*_paragraphs(found)],
        footer=conventions(max(plan.values["days_per_month"] for plan in plans), _as_of(checked)),
    )


def _headline(checked: Sequence[Checked]) -> str:
    """Return the whole answer in a line."""
    rows = [row for one in checked for row in one.rows]
    if failed := sum(not row.passed for row in rows):
        return f"{failed} of {count_of(len(rows), 'check')} {'fails' if failed == 1 else 'fail'}"
    risky = f", {count_of(risks, 'budget')} at risk" if (risks := sum(row.at_risk for row in rows)) else ""
    return f"{count_of(len(rows), 'check')}, none fails{risky}" if rows else "nothing fails"


def _paragraphs(found: Checks) -> Iterator[str]:
    checked = found.checked
    if without := [
        printable(one.plan.scenario.file) for one in checked if not any(row.severity == BUDGET for row in one.rows)
    ]:
        yield f"no budgets: {', '.join(without)}; {_WRITE}"
    if drawn := next((one for one in checked if one.samples), None):
        yield f"ranges: {drawn.samples} draws, seed {drawn.seed}; a plain figure is judged at the medians"
    if found.left_out:
        yield printable(found.left_out)
    yield from map(printable, warning_lines(found.warnings))


def _as_of(checked: Sequence[Checked]) -> str:
    """Return the youngest of the scenarios' dates."""
    return max((one.plan.scenario.as_of for one in checked), default=RELEASED)


def in_words(row: Row) -> str:
    """Return a check that fails or is at risk as a line: its measured value, distance from the limit, and place."""
    return f"{'at risk' if row.at_risk else 'failed'}: {row.name}: {_told(row)} ({row.place})"


def _told(row: Row) -> str:
    """Return the measured value, if there is one, and its distance from the limit."""
    return row.message if row.value is None else f"{row.shown}, {row.message}"


def check_document(found: Checks) -> CheckDocument:
    """Return checked plans as the contract's `check` document; a mistake that prevents a check is a failed row."""
    checked = found.checked
    drawn = next((one for one in checked if one.samples), None)
    rows: list[CheckRow] = [
        {"scenario": one.plan.scenario.file, **budget_data(row)} for one in checked for row in one.rows
    ]
    rows += [_refused(mistake) for mistake in found.mistakes]
    seed, samples = (drawn.seed, drawn.samples) if drawn else (None, 0)
    return document(CheckDocument, found, "check", _as_of(checked), seed, samples, rows=rows)


@writes(JudgedData)
def budget_data(row: Row) -> JudgedData:
    """Return a budget or finding as data."""
    value, limit = (whole(number) if row.whole else number for number in (row.value, row.limit))
    return data(JudgedData, row, value=value, limit=limit, place=str(row.place))


def _refused(mistake: Mistake) -> CheckRow:
    return {
        "scenario": mistake.file if mistake.line else None,
        "name": "mistake",
        "passed": False,
        "value": None,
        "limit": None,
        "severity": BUDGET,
        "message": mistake.message,
        "place": str(mistake.place) if mistake.place else None,
        "chance": None,
    }


def check_junit(found: Checks) -> str:
    """Return checked plans as JUnit's XML: a suite a scenario, a case a budget or finding, what is waived as skipped.

    What can't be read is an error, in a suite of its file.
    """
    suites = [(one.plan.scenario.name, one.plan.scenario.file, list(map(_case, one.rows))) for one in found.checked]
    for file in dict.fromkeys(map(_file, found.mistakes)):
        lines = [in_line(mistake) for mistake in found.mistakes if _file(mistake) == file]
        suites.append((file, file, [Case("can be read", lines[:MOST_SHOWN], "error")]))
    return as_junit("t2v-cap check", suites)


def _case(row: Row) -> Case:
    if row.severity == WAIVED:
        return Case(row.name, [row.message], "skipped")
    return Case(row.name, [_told(row)] if row.passed else [_told(row), str(row.place)], "" if row.passed else "failure")


def in_line(mistake: Mistake) -> str:
    """Return a mistake and its place in one line."""
    return f"{mistake.message} ({mistake.place})" if mistake.place else mistake.message


def _file(mistake: Mistake) -> str:
    return mistake.file or "the command line"


def _findings(checked: Sequence[Checked], refused: Sequence[Mistake] = ()) -> Iterator[Annotation]:
    """Yield each check that fails or is at risk at the line of its budget or finding, then what can't be read."""
    for one in checked:
        for row in one.rows:
            if row.at_risk or not row.passed:
                yield Annotation(
                    one.plan.scenario.file,
                    WARNING if row.at_risk else ERROR,
                    row.name,
                    (in_words(row),),
                    tidy(row.place),
                )
    yield from (Annotation(_file(mistake), ERROR, UNREAD, (in_line(mistake),), mistake.place) for mistake in refused)


@Answer.remade
def check_answer(found: Checks) -> Answer[Checks, CheckDocument]:
    """Return checked scenarios in all their forms, how the run ends, and a line for each failure."""
    checked, refused = found.checked, found.mistakes
    return Answer(
        found,
        lambda _page: check_report(_read(found)),
        lambda: check_document(found),
        cells=lambda: (
            ("scenario", *JudgedData.__annotations__),
            (row.values() for row in check_document(_read(found))["rows"]),
        ),
        forms={
            "junit": lambda: check_junit(found),
            "github": lambda: annotations(_findings(checked, refused)),
        },
        code=found.code,
        stderr=lambda _form: [*stderr_lines(_findings(checked)), *([str(Mistakes(refused))] if refused else [])],
    )


def _read(found: Checks) -> Checks:
    """Return the checks. Raise Mistakes if nothing could be read, since an empty answer would look like a pass."""
    if found.mistakes and not found.checked:
        raise Mistakes(found.mistakes)
    return found
