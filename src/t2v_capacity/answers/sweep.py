"""A sweep as a table with a chart below it, and as data."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from t2v_capacity.answers.sweep_plot import sweep_plot
from t2v_capacity.assumptions.names import finite, plain
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import Page, Rows
from t2v_capacity.forms.bars import bars
from t2v_capacity.forms.columns import Columns, csv_parts, json_parts
from t2v_capacity.forms.data import Head, ScenarioData, VerdictData, WarningData, as_json, head, scenario_data, verdict_data, warnings_data
from t2v_capacity.forms.plot import Plot
from t2v_capacity.forms.report import Column, Report, Table, of_scenario, table, warning_lines
from t2v_capacity.forms.values import show_value
from t2v_capacity.questions.what_if.axes import Axis
from t2v_capacity.questions.what_if.sweep import Sweep

Row = dict[str, Any]
# Up to so many rows a table has all of them; of more it has so many first and last ones.
_READ, _FIRST, _LAST = 1_000, 20, 10
_DRAWN = 10_000
_LEAST_DIGITS, _MOST_DIGITS = 3, 15


class SweepDocument(Head):
    """What t2v-cap sweep --format json writes."""

    scenario: ScenarioData
    axes: list[str]
    rows: list[dict[str, float | str | VerdictData | None]]
    """The value of each axis, each figure's, under `error` why it has none, and its `verdict`, null in a sweep of more than 1,000 cells"""
    warnings: list[WarningData]


def sweep_report(found: Sweep, *, chart: bool = True) -> Report:
    """Return a sweep as a report: a row a cell, and, along a single numeric axis, a chart of each figure.

    Of more rows than anyone reads, the first and the last are shown.
    """
    shown = range(found.cells) if found.cells <= _READ else (*range(_FIRST), *range(found.cells - _LAST, found.cells))
    rows = [_row(found, index) for index in shown]
    texts = {axis.name: _texts(axis, {row[axis.name]: None for row in rows}) for axis in found.axes}
    columns = (
        *(Column(axis.name, _place(axis.name, texts[axis.name]), number=axis.numeric) for axis in found.axes),
        *(Column(name, _figure(name), number=True) for name in found.columns),
        *([Column("error", lambda row: row["error"] or "", wrap=True)] if found.errors else []),
    )
    cells, notes = table(columns, rows), [*warning_lines(found.warnings)]
    if len(rows) < found.cells:
        ((_name, lines),) = cells.sections
        between = tuple("..." for _column in columns)
        cells = cells._replace(sections=(("", (*lines[:_FIRST], between, *lines[_FIRST:])),))
        notes.insert(0, f"the first {_FIRST} and the last {_LAST} of {found.cells:,} rows; `--format csv --output FILE` writes all of them")
    notes += [f"note: nothing that is shown depends on `{name}`; `--show` names the figures to show" for name in found.idle]
    return of_scenario(found.scenario, [cells, *(_charts(found, texts) if chart else ())], notes)


def _row(found: Sweep, index: int) -> Row:
    """Return a cell as a row: its place on the axes, its figures, and why it has none."""
    names, figures = [axis.name for axis in found.axes], {name: column[index] for name, column in found.columns.items()}
    cells = {**dict(zip(names, found.place(index), strict=True)), **figures}
    return {name: value if isinstance(value, str) else plain(name, value) for name, value in cells.items()} | {
        "error": found.errors.get(index),
        "verdict": verdict_data(found.verdicts[index]) if index in found.verdicts else None,
    }


def _place(axis: str, texts: Mapping[float | str, str]) -> Callable[[Row], str]:
    return lambda row: texts[row[axis]]


def _figure(name: str) -> Callable[[Row], str]:
    return lambda row: "" if row["error"] else show_value(name, row[name], brief=True)


def _texts(axis: Axis, shown: Iterable[float | str]) -> dict[float | str, str]:
    """Return an axis's values that are shown as a person reads them, in as many digits as tell them apart."""
    if not axis.numeric:
        return {value: str(value) for value in shown}
    values = [float(value) for value in shown]
    for significant in range(_LEAST_DIGITS, _MOST_DIGITS + 1):
        texts = {value: show_value(axis.name, value, significant, brief=True) for value in values}
        if len(set(texts.values())) == len(texts):
            break
    return {value: texts[value] for value in values}


def _charts(found: Sweep, texts: Mapping[str, Mapping[float | str, str]]) -> Iterator[Table]:
    """Yield a table of charts, one for each figure and combination of choices; all of a figure have one scale."""
    numeric = [index for index, axis in enumerate(found.axes) if axis.numeric]
    if len(numeric) != 1 or len(found.axes[numeric[0]].values) < 3:  # noqa: PLR2004 - two values are no curve
        return
    (own,) = numeric
    axis, step = found.axes[own], math.prod(len(other.values) for other in found.axes[own + 1 :])
    choices = [index for index in range(len(found.axes)) if index != own]
    starts = [index for index in range(found.cells) if index // step % len(axis.values) == 0]
    keys = sorted(((*(str(found.place(start)[choice]) for choice in choices),), start) for start in starts)
    drawn = []
    for name, column in found.columns.items():
        curves = {key: [finite(value) for value in column[start : start + step * len(axis.values) : step]] for key, start in keys}
        if any(len({show_value(name, value, brief=True) for value in curve}) > 1 for curve in curves.values()):
            draw, scale = bars([value for curve in curves.values() for value in curve])
            for key, curve in curves.items():
                known = [value for value in curve if value is not None]
                reach = (show_value(name, plain(name, end(known)), brief=True) if known else "none" for end in (min, max))
                drawn.append((f"{name}{scale}", *key, draw(curve), *reach))
    first, last = (texts[axis.name][axis.values[end]] for end in (0, -1))
    headings = ("figure", *(found.axes[choice].name for choice in choices), f"{axis.name} from {first} to {last}")
    if drawn:
        columns = (*map(Column, headings), Column("least", number=True), Column("most", number=True))
        yield Table(columns, (("", tuple(drawn)),))


def sweep_document(found: Sweep, cells: Iterable[int] | None = None) -> SweepDocument:
    """Return a sweep as the contract's rows over axes: all of them, or some cells'."""
    return {
        **head("sweep", found.scenario.as_of),
        "scenario": scenario_data(found.scenario),
        "axes": [axis.name for axis in found.axes],
        "rows": [_row(found, index) for index in (range(found.cells) if cells is None else cells)],
        "warnings": warnings_data(found.warnings),
    }


def sweep_parts(found: Sweep, form: str) -> Iterator[str]:
    """Return a sweep as JSON or as CSV, a part at a time; rows that have verdicts are few."""
    if form == "json" and found.verdicts:
        return iter((as_json(sweep_document(found)),))
    rows = Columns({axis.name: axis.values for axis in found.axes}, found.columns, found.errors)
    return json_parts(sweep_document(found, ()), rows) if form == "json" else csv_parts(rows)


def sweep_answer(found: Sweep) -> Rows[Sweep, SweepDocument, Row]:
    """Return a sweep in all its forms; charts are for pages of one letter width."""
    codes = cache(found.codes_of_cells)

    def report(page: Page) -> Report:
        return sweep_report(found, chart=page.form != "markdown")

    def plot() -> Plot:
        if found.cells > _DRAWN:
            raise Mistakes(f"a plot is of {_DRAWN:,} cells at most; this sweep has {found.cells:,}")
        own, chosen = found.scenario.values(), found.scenario.choices
        plan = {axis.name: own.get(axis.name, chosen[axis.name].value if axis.name in chosen else "") for axis in found.axes}
        return sweep_plot(sweep_document(found), plan)

    answer: Rows[Sweep, SweepDocument, Row] = Rows(
        found, report, lambda: sweep_document(found), parts=lambda form: sweep_parts(found, form), plot=plot
    )
    answer.codes = lambda index: codes().get(index, ())
    return answer
