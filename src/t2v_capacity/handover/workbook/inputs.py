"""The sheet Assumptions: the choices, the assumptions and the constants.

Every assumption has its input cell and its value in base units. Those that a planner decides are typed next to the
answer on its sheet.
"""

import math
import re
from collections.abc import Mapping

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.parts import SHARE, assumption
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine import constants
from t2v_capacity.engine.constants import Constant
from t2v_capacity.handover.init import DECIDE
from t2v_capacity.handover.workbook.book import ANSWER_SHEET, Columns, Sheet
from t2v_capacity.handover.workbook.units import Unit, readable_unit, shown_format

_COLUMNS: Columns = [
    ("Assumption", 28),
    ("Value", 18),
    ("Unit", 26),
    ("5 %", 10),
    ("95 %", 10),
    ("Meaning", 40),
    ("Bounds", 26),
    ("In base units", 22),
    ("Origin", 24),
    ("As of", 11),
    ("Source", 50),
    ("Note", 28),
]
# The most characters that a spreadsheet shows of a validation's title and message.
_TITLE, _MESSAGE = 32, 255
_MAIN = 6  # the first column of the inputs next to the answer
_LONG = 1e6  # an input from here on is grouped by thousands
_VALUE, _UNIT, _LOW, _HIGH, _LABEL, _BOUNDS, _BASE, _ORIGIN, _AS_OF, _SOURCE, _NOTE = range(1, len(_COLUMNS))


def write_assumptions(sheet: Sheet) -> None:
    """Write the choices, the assumptions by section, and the constants at the foot."""
    scenario = sheet.plan.scenario
    sheet.open(
        (
            "Change a colored cell. Formulas read the column In base units, whose cells carry the names; "
            "5 % and 95 % are the ends of a range."
        ),
        _COLUMNS,
    )
    sheet.section("choices: each stands for many numbers below; another choice needs a new export", len(_COLUMNS))
    for name, choice in scenario.choices.items():
        origin = str(choice.origin)
        sheet.texts(
            {0: name, _VALUE: choice.value, _LABEL: CHOICES[name].label, _ORIGIN: origin, _SOURCE: choice.source}
        )
        sheet.row += 1
    for section in SECTIONS:
        sheet.section(section, len(_COLUMNS))
        for name in (name for name, known in ASSUMPTIONS.items() if known.section == section):
            _write(sheet, name)
            sheet.row += 1
    sheet.section("constants", len(_COLUMNS))
    for name, constant in vars(constants).items():
        if not isinstance(constant, Constant) or math.isnan(constant):
            continue
        sheet.number(_BASE, float(constant), number=shown_format(constant.unit))
        sheet.name(_BASE, name.lower())
        sheet.texts({0: name.lower(), _SOURCE: constant.source})
        sheet.row += 1
    sheet.page.set_portrait()
    sheet.print_on(3, _BOUNDS)


def write_main_inputs(sheet: Sheet) -> None:
    """Write the inputs of every plan and those that the scenario writes, which other sheets follow.

    A bitrate that follows the frame has its formula elsewhere.
    """
    plan, scenario = sheet.plan, sheet.plan.scenario
    shares = {part.called(SHARE): f"Share of {part.name}" for part in scenario.parts}
    decided = [name for name, setting in scenario.settings.items() if name in DECIDE or setting.origin.by_hand]
    for name in (*shares, *(name for name in decided if not (name == "bitrate" and scenario.bitrate_follows))):
        known, amount = assumption(name), plan.values[name]
        shown = input_unit(name, amount)
        # One row has no room for what a label explains.
        sheet.text(_MAIN, shares.get(name) or re.split("[:;]", known.label)[0])
        write_input(sheet, _MAIN + 1, name, amount, shown)
        sheet.book.inputs[name] = sheet.cell(_MAIN + 1)
        endless = f" ({known.endless})" if known.endless and amount >= known.high else ""
        sheet.text(_MAIN + 2, f"{shown.text}{endless}", "unit")
        sheet.row += 1
    own = "What parts and stages have of their own is on the sheet Parts, all" if shares or scenario.stages else "All"
    sheet.text(_MAIN, f"{own} others are on the sheet Assumptions, with the choices, which are fixed.", "note")
    sheet.row += 1


def write_input(
    sheet: Sheet, column: int, name: str, amount: float, shown: Unit, formula: str = "", style: str = "input"
) -> None:
    """Write the cell in which an assumption is typed, or a formula that is typed over.

    It takes numbers between the assumption's bounds alone, in its unit. It is empty where the value is not known.
    """
    number = input_format(name, amount, shown)
    if formula:
        sheet.formula(column, formula, amount / shown.factor, style, number=number)
    elif math.isnan(amount):
        sheet.page.write_blank(sheet.row, column, None, sheet.book.style(style, number=number))
    else:
        sheet.number(column, amount / shown.factor, style, number=number)
    known = assumption(name)
    rule = {
        "validate": "integer" if known.whole else "decimal",
        "criteria": "between",
        "minimum": known.low / shown.factor,
        "maximum": known.high / shown.factor,
        "ignore_blank": False,
        "input_title": name[:_TITLE],
        "input_message": f"{known.label}, {_bounds(name)}; here in {shown.text}"[:_MESSAGE],
        "error_title": "Out of bounds",
        "error_message": f"`{name}` is {_bounds(name)}"[:_MESSAGE],
    }
    sheet.page.data_validation(sheet.row, column, sheet.row, column, rule)


def _bounds(name: str) -> str:
    return f"{assumption(name).bounds()}{', a whole number' if assumption(name).whole else ''}"


def input_unit(name: str, amount: float) -> Unit:
    """Return the unit in which a person types an assumption that has a value, or none yet."""
    return readable_unit(_usual(name, amount), assumption(name).unit)


def input_format(name: str, amount: float, shown: Unit) -> str:
    """Return the number format of an assumption's cell."""
    if shown.text == "%":
        return "0.0###%"
    return "#,##0" if assumption(name).whole or _usual(name, amount) / shown.factor >= _LONG else "General"


def _usual(name: str, amount: float) -> float:
    return assumption(name).number(assumption(name).default) if math.isnan(amount) else amount


def _write(sheet: Sheet, name: str) -> None:
    """Write an assumption's row."""
    known, setting, amount = ASSUMPTIONS[name], sheet.plan.scenario.settings[name], sheet.plan.values[name]
    elsewhere, none = sheet.book.inputs.get(name), math.isnan(amount)
    lacking = none or (known.low > 0 and known.unit.startswith("USD"))  # a price that is emptied is not 0
    shown = input_unit(name, amount)
    steps = sheet.plan.scenario.bitrates() if name == "bitrate" and not elsewhere else []
    formula, style = following_bitrate(steps, shown, sheet.plan.values), "input"
    if elsewhere:
        formula, style = elsewhere, "right"
        if lacking:
            formula = f'IF(ISNUMBER({formula}),{formula},"")'
    write_input(sheet, _VALUE, name, amount, shown, formula, style)
    note = "not known: what rests on it is #N/A until a number stands here" if none else ""
    note = f"{known.high / shown.factor:,.0f} {shown.text} is {known.endless}" if known.endless else note
    note = (
        "follows the frame, as the program's table of resolutions has it; write a number over it to set it by hand"
        if steps
        else note
    )
    number = input_format(name, amount, shown)
    if isinstance(setting.value, Range):
        sheet.number(_LOW, setting.value.low / shown.factor, number=number)
        sheet.number(_HIGH, setting.value.high / shown.factor, number=number)
    typed_in = typed = f"B{sheet.row + 1}"
    if shown.factor != 1:
        typed_in += f"*{shown.factor!r}"
    in_base = f"IF(ISNUMBER({typed}),{typed_in},NA())" if lacking else typed_in
    sheet.formula(_BASE, in_base, amount, number=shown_format(known.unit))
    sheet.name(_BASE, name)
    texts = {
        0: name,
        _UNIT: f"{shown.text}, sheet {ANSWER_SHEET}" if elsewhere else shown.text,
        _LABEL: known.label,
        _BOUNDS: _bounds(name),
        _ORIGIN: str(setting.origin),
        _AS_OF: setting.as_of,
        _SOURCE: setting.source,
        _NOTE: "; ".join(filter(None, (note, setting.note))),
    }
    sheet.texts(texts)


def following_bitrate(
    steps: list[tuple[float, float, float]],
    shown: Unit,
    now: Mapping[str, float],
    frame: tuple[str, str] = ("width", "height"),
) -> str:
    """Return a bitrate as a formula of the frame; nothing of what does not follow it.

    For the frame of `now` it is the bitrate of `now`, else that of its step.
    """
    if not steps:
        return ""
    width, height = frame
    formula = repr(steps[-1][1] / shown.factor)
    for most, bitrate, power in reversed(steps[:-1]):
        step = f"{bitrate / shown.factor!r}*({width}*{height}/{most!r})^{power!r}"
        formula = f"IF({width}*{height}<={most!r},{step},{formula})"
    same = f"AND({width}={now['width']:.15g},{height}={now['height']:.15g})"
    return f"IF({same},{now['bitrate'] / shown.factor!r},{formula})"
