"""Write the inputs that a planner decides, and the fixed choices, next to the answer on its sheet."""

import re
from collections.abc import Iterator

from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.parts import assumption
from t2v_capacity.handover.init import DECIDE
from t2v_capacity.handover.workbook.book import ANSWER, Book, cell
from t2v_capacity.handover.workbook.inputs import input_format, input_unit, write_input
from t2v_capacity.scenario.mix import share_name

COLUMN = 6  # the first one
_FIXED = ("model", "gpu", "runtime", "attention_kernel", "precision", "offload", "sharding")


def write_main_inputs(book: Book, row: int) -> int:
    """Write the inputs, whose cells on other sheets follow, and the choices; return the row below."""
    plan = book.plan
    shares = {share_name(part.name): f"Share of {part.name}" for part in plan.scenario.parts}
    for name in (*shares, *_decided(book)):
        value, elsewhere = plan.values[name], book.inputs.get(name)
        shown = elsewhere[-1] if elsewhere else input_unit(name, value)
        book.text(ANSWER, row, COLUMN, shares.get(name) or _short(assumption(name).label))
        if elsewhere:
            book.formula(ANSWER, row, COLUMN + 1, cell(*elsewhere[:-1]), value / shown.factor, number=input_format(name, value, shown))
        else:
            write_input(book, ANSWER, row, COLUMN + 1, name, value, shown)
            book.inputs[name] = ANSWER, row, COLUMN + 1, shown
        known = assumption(name)
        unit = f"{shown.text} (forever)" if known.forever and value >= known.high else shown.text
        book.text(ANSWER, row, COLUMN + 2, f"{unit}, sheet {elsewhere[0]}" if elsewhere else unit, "unit")
        row += 1
    others = (
        "What parts and stages have of their own is on the sheet Parts, all others on Assumptions."
        if shares or plan.scenario.stages
        else "All others are on the sheet Assumptions."
    )
    book.text(ANSWER, row, COLUMN, others, "note")
    row = book.section(ANSWER, row + 2, "Choices are fixed: another one needs a new export", 3, first=COLUMN)
    for name in _FIXED:
        book.text(ANSWER, row, COLUMN, _short(CHOICES[name].label))
        book.text(ANSWER, row, COLUMN + 1, plan.scenario.choices[name].value, "faint")
        row += 1
    return row


def _short(label: str) -> str:
    """Return a label without what it explains: it has one row."""
    return re.split("[:;]", label)[0]


def _decided(book: Book) -> Iterator[str]:
    """Yield the assumptions of every plan, and those that the user wrote; a bitrate that follows the frame has its formula elsewhere."""
    scenario = book.plan.scenario
    for name, setting in scenario.settings.items():
        if (name in DECIDE or setting.origin.by_hand) and not (name == "bitrate" and scenario.bitrate_follows):
            yield name
