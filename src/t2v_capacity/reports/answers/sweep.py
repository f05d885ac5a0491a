"""A sweep as a table with a chart below it, and as data."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import groupby
from math import log
from typing import Any

from t2v_capacity.questions.what_if.axes import Axis
from t2v_capacity.questions.what_if.sweep import Sweep, sweep
from t2v_capacity.reports.forms.answer import Rows
from t2v_capacity.reports.forms.data import document, scenario_data, warning_data
from t2v_capacity.reports.forms.report import Column, Report, Table, conventions
from t2v_capacity.reports.forms.values import show_value
from t2v_capacity.vocabulary.names import plain

_BARS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"
# A chart has at most so many bars; a longer axis shows every so manyth value.
_WIDEST = 60
# Figures that span more than this are drawn by their ratios.
_WIDE = 100
_LEAST_DIGITS, _MOST_DIGITS = 3, 15


def sweep_report(found: Sweep, *, chart: bool = True) -> Report:
    """Return a sweep as a report: a row a cell, and, along a single numeric axis, a chart of each figure."""
    scenario = found.scenario
    names = list(found.columns)
    texts = [_texts(axis) for axis in found.axes]
    rows = []
    for place, figures, error in found.rows():
        cells = [text[value] for text, value in zip(texts, place, strict=True)]
        cells += [("" if error else show_value(name, value, brief=True)) for name, value in zip(names, figures, strict=True)]
        rows.append((*cells, *([error or ""] if found.errors else [])))
    columns = (
        *(Column(axis.name, number=axis.numeric) for axis in found.axes),
        *(Column(name, number=True) for name in names),
        *([Column("error", wrap=True)] if found.errors else []),
    )
    tables = [Table(columns, (("", tuple(rows)),))]
    if chart:
        tables += _charts(found, texts)
    notes = [str(warning) for warning in found.warnings]
    notes += [f"note: nothing that is shown depends on `{name}`; `--show` names the figures to show" for name in found.idle]
    days = scenario.values()["days_per_month"]
    return Report(scenario.name, scenario.description or scenario.file, tuple(tables), tuple(notes), conventions(days, scenario.as_of))


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


def _charts(found: Sweep, texts: list[dict[float | str, str]]) -> Iterator[Table]:
    """Yield a table of charts, one for each figure and combination of choices; all of a figure have one scale."""
    numeric = [index for index, axis in enumerate(found.axes) if axis.numeric]
    if len(numeric) != 1 or len(found.axes[numeric[0]].values) < 3:  # noqa: PLR2004 - two values are no curve
        return
    (axis,) = numeric
    choices = [index for index in range(len(found.axes)) if index != axis]

    def others(row: tuple[tuple[float | str, ...], list[float | None], str | None]) -> tuple[str, ...]:
        return tuple(str(row[0][index]) for index in choices)

    lines = {key: [row[1] for row in group] for key, group in groupby(sorted(found.rows(), key=others), key=others)}
    drawn = []
    for column, name in enumerate(found.columns):
        curves = {key: [figures[column] for figures in line] for key, line in lines.items()}
        if any(len(set(curve)) > 1 for curve in curves.values()):
            bars, scale = _bars([value for curve in curves.values() for value in curve])
            for key, curve in curves.items():
                own = [value for value in curve if value is not None]
                reach = (show_value(name, end(own), brief=True) if own else "none" for end in (min, max))
                drawn.append((f"{name}{scale}", *key, bars(curve), *reach))
    ends = [texts[axis][found.axes[axis].values[end]] for end in (0, -1)]
    heading = f"{found.axes[axis].name} from {ends[0]} to {ends[1]}"
    columns = (
        Column("figure"),
        *(Column(found.axes[index].name) for index in choices),
        Column(heading),
        Column("least", number=True),
        Column("most", number=True),
    )
    if drawn:
        yield Table(columns, (("", tuple(drawn)),))


def _bars(everything: list[float | None]) -> tuple[Callable[[list[float | None]], str], str]:
    """Return what draws a curve on the scale of all of a figure's values, and the scale's name where it isn't linear."""
    known = [value for value in everything if value is not None]
    least, most = min(known), max(known)
    ratios = least > 0 and most / least > _WIDE
    low, high = (log(least), log(most)) if ratios else (least, most)

    def mark(value: float | None) -> str:
        if value is None:
            return _NOTHING
        share = ((log(value) if ratios else value) - low) / (high - low) if high > low else 0
        return _BARS[min(int(share * len(_BARS)), len(_BARS) - 1)]

    return lambda curve: "".join(mark(value) for value in curve[:: -(-len(curve) // _WIDEST)]), " (log)" if ratios else ""


def sweep_document(found: Sweep) -> dict[str, Any]:
    """Return a sweep as the contract's rows over axes."""
    axes = [axis.name for axis in found.axes]
    keys = (*axes, *found.columns, "error")
    rows = []
    for place, figures, error in found.rows():
        cells = zip(keys, (*place, *figures), strict=False)
        rows.append({name: value if isinstance(value, str) else plain(name, value) for name, value in cells} | {"error": error})
    scenario = found.scenario
    warnings = [warning_data(warning) for warning in found.warnings]
    return document("sweep", scenario.as_of, scenario=scenario_data(scenario), axes=axes, rows=rows, warnings=warnings)


def sweep_answer(found: Sweep) -> Rows[Sweep]:
    """Return a sweep in all its forms; charts are for pages of one letter width."""

    @cache
    def codes() -> Mapping[int, tuple[str, ...]]:  # of a million cells they take longer than the figures, and few ask
        return sweep(found.scenario, found.axes, list(found.columns), each=True).codes

    answer = Rows(found, lambda page: sweep_report(found, chart=page.form != "markdown"), lambda: sweep_document(found))
    answer.codes = lambda index: codes().get(index, ())
    return answer
