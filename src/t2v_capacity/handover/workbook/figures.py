"""The sheet Figures: every figure as a live formula over names."""

from collections.abc import Mapping

from t2v_capacity.engine.figures import FIGURES, Figure
from t2v_capacity.forms.formula_text import in_names, in_sheet
from t2v_capacity.formulas import GROUPS
from t2v_capacity.handover.workbook.book import Columns, Sheet
from t2v_capacity.handover.workbook.ends import moved_end
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
        else f"the plan if clips take as much less or more time as {plan.chances_of} did"
    )
    columns = [*_COLUMNS, *(_BANDS if plan.bands else [])]
    sheet.open(
        "Every value is a formula in base units; a colored one is pinned: a known number that stands for its formula."
        + (f" Percentiles are {drawn}: numbers, not formulas." if plan.bands else ""),
        columns,
    )
    for group in GROUPS:
        sheet.section(group, len(columns))
        for figure in FIGURES.values():
            if figure.group == group:
                _write_figure(sheet, workings, joined, figure)
                sheet.row += 1


def _write_figure(sheet: Sheet, workings: Workings, joined: Mapping[str, str], figure: Figure) -> None:
    """Write the row of a figure: its value, what people say, its formula and its band."""
    plan, name = sheet.plan, figure.name
    sheet.text(0, name, "name")
    if name in joined:
        sheet.formula(_VALUE, joined[name], plan.figures[name], number=base_format(name))
        sheet.text(_FORMULA, f"= joined on the sheet Parts: {in_names(figure)}", "meaning", "faint")
    elif pin := plan.scenario.pins.get(name):
        sheet.number(_VALUE, plan.figures[name], "pinned", number=base_format(name))
        sheet.text(_FORMULA, f"pinned, {pin.source or pin.origin}; not {in_names(figure)}", "meaning")
    else:
        formula = in_sheet(figure, workings.call(figure, plan.known))
        sheet.formula(_VALUE, formula, plan.figures[name], number=base_format(name))
        as_exported = "; as exported, #N/A once what it asks for changes (sheet Workings)"
        note = as_exported if name in searched_figures() else ""
        sheet.text(_FORMULA, f"= {in_names(figure)}{note}", "meaning", "faint")
    sheet.name(_VALUE, name)
    write_readable(sheet, _SAID, name)
    sheet.texts({_BASE_UNIT: figure.unit, _LABEL: figure.label})

    band = plan.bands.get(name, NO_BAND)
    if plan.samples or band != NO_BAND:
        for index, end in enumerate(band):
            sheet.number(_BAND + index, end, number=base_format(name))


def base_format(name: str) -> str:
    """Return the number format of a figure in its base unit, which has a column of its own."""
    return "0.0##%" if FIGURES[name].unit == "share" else "[>=100]#,##0;[<0]-#,##0.0####;0.0####"


def write_readable(sheet: Sheet, column: int, name: str, *styles: str, end: float | None = None) -> str:
    """Write a figure of the plan, or an end of its band, in the unit that a person uses; return its formula."""
    plan = sheet.plan
    unit = readable_unit(plan.figures[name] or 0, FIGURES[name].unit)
    formula, amount = (name, plan.figures[name]) if end is None else (moved_end(plan, name, end), end)
    if unit.factor != 1:
        formula = f"{formula if formula == name else f'({formula})'}/{unit.factor!r}"
    sheet.formula(
        column, formula, None if amount is None else amount / unit.factor, *styles, number=shown_format(unit.text)
    )
    return formula
