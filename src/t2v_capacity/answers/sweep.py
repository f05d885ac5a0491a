"""A sweep as a table and as data."""

from functools import partial
from itertools import product
from typing import Any

from t2v_capacity.assumptions.parts import definition_of
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import Cells, Page, Rows
from t2v_capacity.forms.data import PlanHead, VerdictData, WarningData, document, plain_of, values_data, verdict_data
from t2v_capacity.forms.plot import ACCENT, LOOKS, RATIOS, Data, Plot, called, line, quantities, ring
from t2v_capacity.forms.report import Column, Report, numbers, of_scenario, table
from t2v_capacity.forms.values import label_of, show_brief, show_value
from t2v_capacity.questions.what_if.sweep import Sweep, Swept

SweepRow = dict[str, Any]
# Up to so many rows a table has all of them; of more it has so many of the first.
_READ, _FIRST = 1_000, 30
_DIGITS = 4  # of a value of an axis


class SweepDocument(PlanHead):
    """What t2v-cap sweep --format json writes."""

    axes: list[str]
    rows: list[dict[str, float | str | VerdictData | None]]
    """The value of each axis, each figure's, under `error` why it has none, and its `verdict`"""
    warnings: list[WarningData]


def sweep_report(sweep: Sweep, page: Page) -> Report:
    """Return a sweep as a report, a row a cell; of more rows than anyone reads, the first."""
    rows = sweep.cells[:_FIRST] if len(sweep.cells) > _READ else sweep.cells
    columns = [Column(axis.name, partial(_place, axis.name), number=axis.numeric) for axis in sweep.axes]
    columns += [numbers(name, partial(_figure, name)) for name in sweep.shown]
    if any(row.error for row in rows):
        columns.append(Column("error", "error", wrap=True))

    notes = list[str]()
    if len(rows) < len(sweep.cells):
        notes.append(f"the first {_FIRST} of {len(sweep.cells):,} rows; `--output rows.csv` writes all of them")
    notes += [
        f"note: nothing that is shown depends on `{name}`; `--show` names the figures to show" for name in sweep.idle
    ]
    return of_scenario(sweep.scenario, [table(columns, rows)], notes, sweep.warnings, everything=page.everything)


def _place(name: str, row: Swept) -> str:
    coordinate = row.place[name]
    return coordinate if isinstance(coordinate, str) else show_value(name, coordinate, _DIGITS, brief=True)


def _figure(name: str, row: Swept) -> str:
    return "" if row.error else show_brief(name, row.figures[name])


def sweep_document(sweep: Sweep) -> SweepDocument:
    """Return a sweep as the contract's rows over axes."""
    rows = [
        {
            **values_data(cell.place),
            **{name: cell.figures.get(name) for name in sweep.shown},
            "error": cell.error,
            "verdict": cell.verdict and verdict_data(cell.verdict),
        }
        for cell in sweep.cells
    ]
    return document(
        SweepDocument, sweep, "sweep", sweep.scenario.as_of, axes=[axis.name for axis in sweep.axes], rows=rows
    )


def _cells(sweep: Sweep) -> Cells:
    """Return the heading and the rows, which no document holds."""
    coordinates = [[plain_of(axis.name, coordinate) for coordinate in axis.values] for axis in sweep.axes]
    rows = (
        (*place, *figures, error)
        for place, (figures, error) in zip(product(*coordinates), sweep.results(), strict=True)
    )
    return [*(axis.name for axis in sweep.axes), *sweep.shown, "error"], rows


def _codes(sweep: Sweep, index: int) -> tuple[str, ...]:
    return sweep.codes[index] if sweep.stride == 1 else ()


SweepAnswer = Rows[Sweep, SweepDocument, SweepRow]


def sweep_answer(sweep: Sweep) -> SweepAnswer:
    """Return a sweep in all its forms."""
    return Rows(sweep, sweep_report, sweep_document, cells=_cells, plot=sweep_plot, codes=_codes)


_AXES = 2


def sweep_plot(sweep: Sweep, document: Data) -> Plot:
    """Return the plot of the first figure of a sweep.

    Raises Mistakes where there are more axes or lines than can be drawn, or nothing to draw.
    """
    names, rows, figure = document["axes"], document["rows"], sweep.shown[0]
    coordinates = {name: list(dict.fromkeys(row[name] for row in rows)) for name in names}
    across = max(names, key=lambda name: (definition_of(name) is not None, len(coordinates[name])))
    other = next((name for name in names if name != across), "")
    lines = coordinates[other] if other else [""]
    if len(names) > _AXES or len(lines) > len(LOOKS):
        raise Mistakes(
            f"a plot has one axis, or two of which one has {len(LOOKS)} values at most; "
            f"this sweep is over {', '.join(f'{name} ({len(coordinates[name])})' for name in names)}"
        )
    valued = [row for row in rows if row[figure] is not None]
    if not valued:
        raise Mistakes(f"there is nothing to draw: {figure} has no value in any cell")

    own, known = _own_row(sweep, names, valued), [row[figure] for row in valued]
    ends = " to ".join(dict.fromkeys(show_brief(figure, end) for end in (min(known), max(known))))
    title = f"{label_of(figure)}: {ends}"
    if own:
        title = f"{show_value(figure, own[figure])} at {_value(across, own[across])}"
    left_out = f"; {len(rows) - len(known)} of {len(rows)} cells have no value" if len(known) < len(rows) else ""

    plot = Plot(title, f"Each point is the estimate with that {' and '.join(names)}{left_out}", document)
    (axes,) = plot.panels
    numeric = definition_of(across) is not None
    by_ratio = numeric and _by_ratio(coordinates[across])
    for name, (color, dash, mark) in zip(lines, LOOKS, strict=False):
        cells = [row for row in rows if not other or row[other] == name]
        x, y = [row[across] for row in cells], [row[figure] for row in cells]
        label = _value(other, name) if other else "_"
        line(axes, x, y, f"{dash if numeric else ''}{mark}", color, gid=f"line {name}".strip(), label=label)

    if own:
        ring(axes, own[across], own[figure], f"this plan: {show_brief(figure, own[figure])}", ACCENT)
    quantities(axes, "y", figure, ratios=by_ratio and _by_ratio(known))
    if numeric:
        quantities(axes, "x", across, ratios=by_ratio)
    else:
        called(axes, "x", across)
    return plot


def _own_row(sweep: Sweep, names: list[str], rows: list[Data]) -> Data | None:
    """Return the row of the plan itself, if there is one."""
    plan = {**sweep.scenario.values(), **sweep.scenario.chosen()}
    return next((row for row in rows if all(row[name] == plan.get(name, "") for name in names)), None)


def _by_ratio(values: list[float]) -> bool:
    """Return whether values are far enough apart to be drawn by ratios."""
    return min(values) > 0 and max(values) / min(values) >= RATIOS


def _value(axis: str, coordinate: float | str) -> str:
    """Return a value of an axis: with its unit, or with its name where it has none."""
    if isinstance(coordinate, str):
        return coordinate
    text = show_value(axis, coordinate)
    return text.removesuffix("/video") if " " in text else f"{axis.replace('_', ' ')} {text}"
