"""A plan against its months as a report, as data, and as a scenario that stands on the last of them."""

from collections.abc import Iterator, Sequence

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import plain
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import printable
from t2v_capacity.forms.answer import Rows
from t2v_capacity.forms.data import Head, ScenarioData, head, scenario_data
from t2v_capacity.forms.report import Column, Report, conventions, table
from t2v_capacity.forms.values import show_band, show_value
from t2v_capacity.questions.change.actuals import Actuals, Month, Row


class ActualRow(TypedDict):
    """A figure or an assumption of a month: planned and actual, in base units."""

    name: str
    planned: float | None
    actual: float
    ratio: float | None
    """Actual over planned"""
    low: float | None
    """5th percentile of the plan of that month"""
    high: float | None
    inside: bool | None
    """Whether the band holds the actual; null without a band"""
    month: str
    unit: str
    source: str


class MonthData(TypedDict):
    """A month that was measured."""

    month: str
    index: int
    """Months after month 0 of the plan"""
    source: str


class ActualsDocument(Head):
    """What t2v-cap actuals --format json writes."""

    scenario: ScenarioData
    start: str
    """The calendar month that month 0 of the plan is; empty where no file says a month"""
    rows: list[ActualRow]
    months: list[MonthData]


_VERDICTS = {None: "no band", True: "yes", False: "no"}


def _columns(months: Sequence[Month]) -> Iterator[Column]:
    yield Column("name", lambda row: row.name, code=True) if len(months) == 1 else Column("month", lambda row: row.month)
    yield Column("planned", lambda row: show_value(row.name, row.planned), number=True)
    yield Column("p5 to p95", lambda row: show_band(row.name, row.planned, row.low, row.high), number=True)
    yield Column("actual", lambda row: show_value(row.name, row.actual), number=True)
    yield Column("ratio", lambda row: "" if row.ratio is None else f"{row.ratio:.3f}", number=True)
    yield Column("inside", lambda row: _VERDICTS[row.inside])


def actuals_report(found: Actuals) -> Report:
    """Return the table of a month, or of several by name with a row a month."""
    scenario, months = found.plan.scenario, found.months
    several = len(months) > 1
    names = list(dict.fromkeys(row.name for row in found.rows))
    rows = sorted(found.rows, key=lambda row: names.index(row.name)) if several else found.rows
    return Report(
        title=scenario.name,
        subtitle=_subtitle(found),
        tables=(table(_columns(months), rows, section=(lambda row: row.name) if several else None),),
        paragraphs=tuple(f"source: {printable(month.measured.source)}" for month in months),
        footer=conventions(found.plan.values["days_per_month"], scenario.as_of),
    )


def _subtitle(found: Actuals) -> str:
    first, last = found.months[0], found.months[-1]
    if not last.measured.month:
        return "the plan against actuals"
    named = last.measured.month if first is last else f"{first.measured.month} to {last.measured.month}"
    return f"the plan against {named}; month 0 of the plan is {found.start}"


def actuals_document(found: Actuals) -> ActualsDocument:
    """Return the same as a JSON document."""
    return {
        **head("actuals", found.plan.scenario.as_of, found.seed, found.samples),
        "scenario": scenario_data(found.plan.scenario),
        "start": found.start,
        "rows": [_row(row) for row in found.rows],
        "months": [{"month": one.measured.month, "index": one.index, "source": printable(one.measured.source)} for one in found.months],
    }


def _row(row: Row) -> ActualRow:
    planned, actual, low, high = (plain(row.name, value) for value in (row.planned, row.actual, row.low, row.high))
    assert actual is not None
    return {
        "name": row.name,
        "planned": planned,
        "actual": actual,
        "ratio": row.ratio,
        "low": low,
        "high": high,
        "inside": row.inside,
        "month": row.month,
        "unit": (FIGURES[row.name] if row.name in FIGURES else ASSUMPTIONS[row.name]).unit,
        "source": printable(row.source),
    }


class ActualsAnswer(Rows[Actuals, ActualsDocument, ActualRow]):
    """A plan against its months: rows by month and name."""

    months: tuple[Month, ...]


def actuals_answer(found: Actuals) -> ActualsAnswer:
    """Return a plan against its months in all its forms."""
    return ActualsAnswer(found, lambda _page: actuals_report(found), lambda: actuals_document(found))
