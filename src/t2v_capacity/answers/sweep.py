"""A sweep as a table and as data."""

from collections.abc import Callable
from itertools import product
from typing import Any

from t2v_capacity.answers.sweep_plot import sweep_plot
from t2v_capacity.assumptions.names import plain
from t2v_capacity.forms.answer import Cells, Rows
from t2v_capacity.forms.data import Head, ScenarioData, VerdictData, WarningData, head, scenario_data, verdict_data, warnings_data
from t2v_capacity.forms.plot import Plot
from t2v_capacity.forms.report import Column, Report, of_scenario, table, warning_lines
from t2v_capacity.forms.values import show_value
from t2v_capacity.questions.what_if.sweep import Sweep, Swept

Row = dict[str, Any]
# Up to so many rows a table has all of them; of more it has so many first and last ones.
_READ, _FIRST, _LAST = 1_000, 20, 10
_DIGITS = 4  # of a value of an axis


class SweepDocument(Head):
    """What t2v-cap sweep --format json writes."""

    scenario: ScenarioData
    axes: list[str]
    rows: list[dict[str, float | str | VerdictData | None]]
    """The value of each axis, each figure's, under `error` why it has none, and its `verdict`"""
    warnings: list[WarningData]


def sweep_report(found: Sweep) -> Report:
    """Return a sweep as a report, a row a cell; of more rows than anyone reads, the first and the last."""
    cut = len(found.cells) > _READ
    rows = [*found.cells[:_FIRST], *found.cells[-_LAST:]] if cut else found.cells
    columns = (
        *(Column(axis.name, _place(axis.name), number=axis.numeric) for axis in found.axes),
        *(Column(name, _figure(name), number=True) for name in found.shown),
        *([Column("error", lambda row: row.error or "", wrap=True)] if any(row.error for row in rows) else []),
    )
    cells, notes = table(columns, rows), [*warning_lines(found.warnings)]
    if cut:
        ((_name, lines),) = cells.sections
        between = tuple("..." for _column in columns)
        cells = cells._replace(sections=(("", (*lines[:_FIRST], between, *lines[_FIRST:])),))
        count = f"{len(found.cells):,}"
        notes.insert(0, f"the first {_FIRST} and the last {_LAST} of {count} rows; `--format csv --output FILE` writes all of them")
    notes += [f"note: nothing that is shown depends on `{name}`; `--show` names the figures to show" for name in found.idle]
    return of_scenario(found.scenario, [cells], notes)


def _place(name: str) -> Callable[[Swept], str]:
    def text(row: Swept) -> str:
        value = row.place[name]
        return value if isinstance(value, str) else show_value(name, value, _DIGITS, brief=True)

    return text


def _figure(name: str) -> Callable[[Swept], str]:
    return lambda row: "" if row.error else show_value(name, row.figures[name], brief=True)


def sweep_document(found: Sweep) -> SweepDocument:
    """Return a sweep as the contract's rows over axes."""
    return {
        **head("sweep", found.scenario.as_of),
        "scenario": scenario_data(found.scenario),
        "axes": [axis.name for axis in found.axes],
        "rows": [_row(found, cell) for cell in found.cells],
        "warnings": warnings_data(found.warnings),
    }


def _row(found: Sweep, cell: Swept) -> Row:
    place = {name: value if isinstance(value, str) else plain(name, value) for name, value in cell.place.items()}
    figures = {name: cell.figures.get(name) for name in found.shown}
    return {**place, **figures, "error": cell.error, "verdict": cell.verdict and verdict_data(cell.verdict)}


def _written(name: str, value: float | str) -> float | str | None:
    """Return a value of an axis as rows have it: a number as its text, written once for all of its cells, but for what a sign begins."""
    number = value if isinstance(value, str) else plain(name, value)
    return repr(number) if isinstance(number, (float, int)) and number >= 0 else number


@Rows.remade
def sweep_answer(found: Sweep) -> Rows[Sweep, SweepDocument, Row]:
    """Return a sweep in all its forms."""

    def plot() -> Plot:
        own, chosen = found.scenario.values(), found.scenario.choices
        plan = {axis.name: own.get(axis.name, chosen[axis.name].value if axis.name in chosen else "") for axis in found.axes}
        return sweep_plot(sweep_document(found), plan)

    def cells() -> Cells:
        head = [*(axis.name for axis in found.axes), *found.shown, "error"]
        values = [[_written(axis.name, value) for value in axis.values] for axis in found.axes]
        rows = ((*place, *figures, error) for place, (figures, error) in zip(product(*values), found.results(), strict=True))
        return head, rows

    answer: Rows[Sweep, SweepDocument, Row] = Rows(
        found, lambda _page: sweep_report(found), lambda: sweep_document(found), cells=cells, plot=plot
    )
    answer.codes = lambda index: found.cells[index].codes
    return answer
