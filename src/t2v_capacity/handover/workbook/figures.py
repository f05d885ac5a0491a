"""The sheet Figures: every figure as a live formula over names."""

from collections.abc import Mapping

from t2v_capacity.engine.figures import FIGURES, Figure
from t2v_capacity.forms.formula_text import in_names, in_sheet
from t2v_capacity.formulas import GROUPS
from t2v_capacity.handover.workbook.book import Columns, Sheet
from t2v_capacity.handover.workbook.units import readable_unit, shown_format
from t2v_capacity.handover.workbook.workings import Workings, searched_figures
from t2v_capacity.plan.uncertain import NO_BAND

_COLUMNS: Columns = [
    ("Figure", 32),
    ("Value", 26),
    ("As people say it", 20),
    ("Base unit", 18),
    ("Meaning", 40),
    ("Formula in names", 64),
]
_BANDS: Columns = [("5 %", 22), ("50 %", 22), ("95 %", 22)]
_VALUE, _SAID, _BASE_UNIT, _LABEL, _FORMULA, _BAND = range(1, len(_COLUMNS) + 1)


def write_figures(sheet: Sheet, workings: Workings, joined: Mapping[str, str]) -> None:
    """Write every figure in the plan's order, its formula reading the names of others.

    The cell of a figure in `joined` joins those of parts or stages.
    """
    plan = sheet.plan
    drawn = (
        f"of the export's {plan.samples} draws, seed {plan.seed}"
        if plan.samples
        else "the plan if clips take as much less or more time as published runs did"
    )
    columns = [*_COLUMNS, *(_BANDS if plan.bands else [])]
    row = sheet.open(
        "Every value is a formula in base units; a colored one is pinned: a known number that stands for its formula."
        + (f" Percentiles are {drawn}: numbers, not formulas." if plan.bands else ""),
        columns,
    )
    for group in GROUPS:
        row = sheet.section(row, group, len(columns))
        for figure in FIGURES.values():
            if figure.group == group:
                _write_figure(sheet, workings, joined, row, figure)
                row += 1


def _write_figure(sheet: Sheet, workings: Workings, joined: Mapping[str, str], row: int, figure: Figure) -> None:
    """Write the row of a figure: its value, what people say, its formula and its band."""
    plan, name = sheet.plan, figure.name
    sheet.text(row, 0, name, "name")
    if name in joined:
        sheet.formula(row, _VALUE, joined[name], plan.figures[name], number=base_format(name))
        sheet.text(row, _FORMULA, f"= joined on the sheet Parts: {in_names(figure)}", "meaning", "faint")
    elif pin := plan.scenario.pins.get(name):
        sheet.number(row, _VALUE, plan.figures[name], "pinned", number=base_format(name))
        sheet.text(row, _FORMULA, f"pinned, {pin.source or pin.origin}; not {in_names(figure)}", "meaning")
    else:
        formula = in_sheet(figure, workings.call(figure, plan.known))
        sheet.formula(row, _VALUE, formula, plan.figures[name], number=base_format(name))
        as_exported = "; as exported, #N/A once what it asks for changes (sheet Workings)"
        note = as_exported if name in searched_figures() else ""
        sheet.text(row, _FORMULA, f"= {in_names(figure)}{note}", "meaning", "faint")
    sheet.name(row, _VALUE, name)
    write_readable(sheet, row, _SAID, name, plan.figures[name], name)
    sheet.texts(row, {_BASE_UNIT: figure.unit, _LABEL: figure.label})

    band = plan.bands.get(name, NO_BAND)
    if plan.samples or band != NO_BAND:
        for index, end in enumerate(band):
            sheet.number(row, _BAND + index, end, number=base_format(name))


def base_format(name: str) -> str:
    """Return the number format of a figure in its base unit, which has a column of its own."""
    return "0.0##%" if FIGURES[name].unit == "share" else "[>=100]#,##0;[<0]-#,##0.0####;0.0####"


def write_readable(sheet: Sheet, row: int, column: int, name: str, figure: float | None, place: str) -> None:
    """Write a figure that stands in a place in the unit that a person uses."""
    formula, shown, number = readable_figure(name, figure, place)
    sheet.formula(row, column, formula, shown, number=number)


def readable_figure(name: str, figure: float | None, place: str) -> tuple[str, float | None, str]:
    """Return a figure that stands in a place, in the unit that a person uses: a formula, its value and a format."""
    shown = readable_unit(figure or 0, FIGURES[name].unit)
    formula = place if shown.factor == 1 else f"{place}/{shown.factor!r}"
    return formula, None if figure is None else figure / shown.factor, shown_format(shown.text)
