"""A sweep as a table and as data."""

from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import Any

from t2v_capacity.assumptions.parts import known_of
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import Cells, Rows
from t2v_capacity.forms.data import PlanHead, VerdictData, WarningData, document, plain_of, values_data, verdict_data
from t2v_capacity.forms.plot import ACCENT, LOOKS, RATIOS, Data, Plot, called, line, quantities, ring, ticks
from t2v_capacity.forms.report import Column, Report, numbers, of_scenario, table, warning_lines
from t2v_capacity.forms.values import label_of, show_brief, show_value
from t2v_capacity.questions.what_if.sweep import Sweep, Swept

Row = dict[str, Any]
# Up to so many rows a table has all of them; of more it has so many of the first.
_READ, _FIRST = 1_000, 30
_DIGITS = 4  # of a value of an axis


class SweepDocument(PlanHead):
    """What t2v-cap sweep --format json writes."""

    axes: list[str]
    rows: list[dict[str, float | str | VerdictData | None]]
    """The value of each axis, each figure's, under `error` why it has none, and its `verdict`"""
    warnings: list[WarningData]


def sweep_report(found: Sweep) -> Report:
    """Return a sweep as a report, a row a cell; of more rows than anyone reads, the first."""
    rows = found.cells[:_FIRST] if len(found.cells) > _READ else found.cells
    columns = (
        *(Column(axis.name, partial(_place, axis.name), number=axis.numeric) for axis in found.axes),
        *(numbers(name, partial(_figure, name)) for name in found.shown),
        *([Column("error", "error", wrap=True)] if any(row.error for row in rows) else []),
    )
    notes = [*warning_lines(found.warnings)]
    if len(rows) < len(found.cells):
        notes.insert(
            0, f"the first {_FIRST} of {len(found.cells):,} rows; `--format csv --output FILE` writes all of them"
        )
    notes += [
        f"note: nothing that is shown depends on `{name}`; `--show` names the figures to show" for name in found.idle
    ]
    return of_scenario(found.scenario, [table(columns, rows)], notes)


def _place(name: str, row: Swept) -> str:
    value = row.place[name]
    return value if isinstance(value, str) else show_value(name, value, _DIGITS, brief=True)


def _figure(name: str, row: Swept) -> str:
    return "" if row.error else show_brief(name, row.figures[name])


def sweep_document(found: Sweep) -> SweepDocument:
    """Return a sweep as the contract's rows over axes."""
    rows = [
        {
            **values_data(cell.place),
            **{name: cell.figures.get(name) for name in found.shown},
            "error": cell.error,
            "verdict": cell.verdict and verdict_data(cell.verdict),
        }
        for cell in found.cells
    ]
    return document(
        SweepDocument, found, "sweep", found.scenario.as_of, axes=[axis.name for axis in found.axes], rows=rows
    )


@Rows.remade
def sweep_answer(found: Sweep) -> Rows[Sweep, SweepDocument, Row]:
    """Return a sweep in all its forms."""

    def cells() -> Cells:
        head = [*(axis.name for axis in found.axes), *found.shown, "error"]
        values = [[plain_of(axis.name, value) for value in axis.values] for axis in found.axes]
        rows = (
            (*place, *figures, error) for place, (figures, error) in zip(product(*values), found.results(), strict=True)
        )
        return head, rows

    return Rows(
        found,
        lambda _page: sweep_report(found),
        lambda: sweep_document(found),
        cells=cells,
        plot=lambda: sweep_plot(found),
        codes=lambda index: found.codes[index] if found.each == 1 else (),
    )


_AXES = 2


def sweep_plot(found: Sweep) -> Plot:
    """Return the plot of the first figure of a sweep.

    Raises Mistakes where there are more axes or lines than can be drawn, or nothing to draw.
    """
    document: Data = sweep_document(found)
    axes, rows, figure = document["axes"], document["rows"], found.shown[0]
    values = {axis: list(dict.fromkeys(row[axis] for row in rows)) for axis in axes}
    across = max(axes, key=lambda axis: (known_of(axis) is not None, len(values[axis])))
    others = [axis for axis in axes if axis != across]
    lines = values[others[0]] if others else [""]
    if len(axes) > _AXES or len(lines) > len(LOOKS):
        raise Mistakes(
            f"a plot has one axis, or two of which one has {len(LOOKS)} values at most; "
            f"this sweep is over {', '.join(f'{axis} ({len(values[axis])})' for axis in axes)}"
        )
    drawn = {line: [row for row in rows if not others or row[others[0]] == line] for line in lines}
    known = [row[figure] for row in rows if row[figure] is not None]
    if not known:
        raise Mistakes(f"there is nothing to draw: {figure} has no value in any cell")
    plan = {**found.scenario.values(), **found.scenario.chosen()}
    own = next(
        (row for row in rows if all(row[axis] == plan.get(axis, "") for axis in axes) and row[figure] is not None), None
    )
    left_out = f"; {len(rows) - len(known)} of {len(rows)} cells have no value" if len(known) < len(rows) else ""
    reach = " to ".join(dict.fromkeys(show_brief(figure, end) for end in (min(known), max(known))))
    title = (
        f"{show_value(figure, own[figure])} at {_value(across, own[across])}" if own else f"{label_of(figure)}: {reach}"
    )
    plot = Plot(title, f"Each point is the estimate with that {' and '.join(axes)}{left_out}", document)
    (axes,) = plot.panels
    numeric = known_of(across) is not None
    places = {value: value if numeric else float(index) for index, value in enumerate(values[across])}
    by_ratio = numeric and _by_ratio(list(places.values()))
    for (name, cells), (color, dash, mark) in zip(drawn.items(), LOOKS, strict=False):
        x, y = [places[row[across]] for row in cells], [row[figure] for row in cells]
        label = _value(others[0], name) if others else "_"
        line(axes, x, y, f"{dash if numeric else ''}{mark}", color, gid=f"line {name}".strip(), label=label)
    if own:
        ring(axes, places[own[across]], own[figure], f"this plan: {show_brief(figure, own[figure])}", ACCENT)
    quantities(axes, "y", figure, ratios=by_ratio and _by_ratio(known))
    if numeric:
        quantities(axes, "x", across, ratios=by_ratio)
    else:
        ticks(axes, "x", {place: str(value) for value, place in places.items()})
        called(axes, "x", across)
    return plot


def _by_ratio(values: Sequence[float]) -> bool:
    """Return whether values are far enough apart to be drawn by ratios."""
    return min(values) > 0 and max(values) / min(values) >= RATIOS


def _value(axis: str, value: float | str) -> str:
    """Return a value of an axis: with its unit, or with its name where it has none."""
    if isinstance(value, str):
        return value
    text = show_value(axis, value)
    return text.removesuffix("/video") if " " in text else f"{axis.replace('_', ' ')} {text}"
