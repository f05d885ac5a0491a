"""A sweep as a table with a chart below it, and as data."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Any

from t2v_capacity.questions.what_if.axes import Axis
from t2v_capacity.questions.what_if.sweep import Sweep, sweep
from t2v_capacity.reports.forms.answer import Rows
from t2v_capacity.reports.forms.bars import bars
from t2v_capacity.reports.forms.data import document, scenario_data, warning_data
from t2v_capacity.reports.forms.report import Column, Report, Table, of_scenario, table
from t2v_capacity.reports.forms.values import show_value
from t2v_capacity.vocabulary.names import plain

Row = dict[str, Any]
_LEAST_DIGITS, _MOST_DIGITS = 3, 15


def sweep_report(found: Sweep, *, chart: bool = True) -> Report:
    """Return a sweep as a report: a row a cell, and, along a single numeric axis, a chart of each figure."""
    texts, rows = {axis.name: _texts(axis) for axis in found.axes}, list(_rows(found))
    columns = (
        *(Column(axis.name, _place(axis.name, texts[axis.name]), number=axis.numeric) for axis in found.axes),
        *(Column(name, _figure(name), number=True) for name in found.columns),
        *([Column("error", lambda row: row["error"] or "", wrap=True)] if found.errors else []),
    )
    notes = [str(warning) for warning in found.warnings]
    notes += [f"note: nothing that is shown depends on `{name}`; `--show` names the figures to show" for name in found.idle]
    return of_scenario(found.scenario, [table(columns, rows), *(_charts(found, rows, texts) if chart else ())], notes)


def _rows(found: Sweep) -> Iterator[Row]:
    """Yield each cell as a row: its place on the axes, its figures, and why it has none."""
    keys = (*(axis.name for axis in found.axes), *found.columns)
    for place, figures, error in found.rows():
        cells = zip(keys, (*place, *figures), strict=True)
        yield {name: value if isinstance(value, str) else plain(name, value) for name, value in cells} | {"error": error}


def _place(axis: str, texts: Mapping[float | str, str]) -> Callable[[Row], str]:
    return lambda row: texts[row[axis]]


def _figure(name: str) -> Callable[[Row], str]:
    return lambda row: "" if row["error"] else show_value(name, row[name], brief=True)


def _texts(axis: Axis) -> dict[float | str, str]:
    """Return an axis's values as a person reads them, in as many digits as tell them apart."""
    if not axis.numeric:
        return {value: str(value) for value in axis.values}
    values = [float(value) for value in axis.values]
    for significant in range(_LEAST_DIGITS, _MOST_DIGITS + 1):
        shown = {value: show_value(axis.name, value, significant, brief=True) for value in values}
        if len(set(shown.values())) == len(shown):
            break
    return {value: shown[value] for value in values}


def _charts(found: Sweep, rows: list[Row], texts: Mapping[str, Mapping[float | str, str]]) -> Iterator[Table]:
    """Yield a table of charts, one for each figure and combination of choices; all of a figure have one scale."""
    numeric = [axis for axis in found.axes if axis.numeric]
    if len(numeric) != 1 or len(numeric[0].values) < 3:  # noqa: PLR2004 - two values are no curve
        return
    (axis,) = numeric
    choices = [other.name for other in found.axes if other != axis]

    def others(row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in choices)

    lines = {key: list(group) for key, group in groupby(sorted(rows, key=others), key=others)}
    drawn = []
    for name in found.columns:
        curves = {key: [row[name] for row in line] for key, line in lines.items()}
        if any(len(set(curve)) > 1 for curve in curves.values()):
            draw, scale = bars([value for curve in curves.values() for value in curve])
            for key, curve in curves.items():
                own = [value for value in curve if value is not None]
                reach = (show_value(name, end(own), brief=True) if own else "none" for end in (min, max))
                drawn.append((f"{name}{scale}", *key, draw(curve), *reach))
    first, last = (texts[axis.name][axis.values[end]] for end in (0, -1))
    headings = ("figure", *choices, f"{axis.name} from {first} to {last}")
    if drawn:
        columns = (*map(Column, headings), Column("least", number=True), Column("most", number=True))
        yield Table(columns, (("", tuple(drawn)),))


def sweep_document(found: Sweep) -> dict[str, Any]:
    """Return a sweep as the contract's rows over axes."""
    scenario, axes = found.scenario, [axis.name for axis in found.axes]
    warnings = [warning_data(warning) for warning in found.warnings]
    return document("sweep", scenario.as_of, scenario=scenario_data(scenario), axes=axes, rows=list(_rows(found)), warnings=warnings)


def sweep_answer(found: Sweep) -> Rows[Sweep]:
    """Return a sweep in all its forms; charts are for pages of one letter width."""

    @cache
    def codes() -> Mapping[int, tuple[str, ...]]:  # of a million cells they take longer than the figures, and few ask
        return sweep(found.scenario, found.axes, list(found.columns), each=True).codes

    answer = Rows(found, lambda page: sweep_report(found, chart=page.form != "markdown"), lambda: sweep_document(found))
    answer.codes = lambda index: codes().get(index, ())
    return answer
