"""Write the inputs that a planner decides next to the answer on its sheet."""

import re

from t2v_capacity.assumptions.parts import assumption
from t2v_capacity.handover.init import DECIDE
from t2v_capacity.handover.workbook.book import ANSWER, Book
from t2v_capacity.handover.workbook.inputs import input_unit, write_input
from t2v_capacity.scenario.mix import share_name

COLUMN = 6  # the first one


def write_main_inputs(book: Book, row: int) -> int:
    """Write the inputs of every plan and those that the scenario writes, which other sheets follow; return the row below them.

    A bitrate that follows the frame has its formula elsewhere.
    """
    plan, scenario = book.plan, book.plan.scenario
    shares = {share_name(part.name): f"Share of {part.name}" for part in scenario.parts}
    decided = [name for name, setting in scenario.settings.items() if name in DECIDE or setting.origin.by_hand]
    for name in (*shares, *(name for name in decided if not (name == "bitrate" and scenario.bitrate_follows))):
        known, value = assumption(name), plan.values[name]
        shown = input_unit(name, value)
        # One row has no room for what a label explains.
        book.text(ANSWER, row, COLUMN, shares.get(name) or re.split("[:;]", known.label)[0])
        write_input(book, ANSWER, row, COLUMN + 1, name, value, shown)
        book.inputs[name] = ANSWER, row, COLUMN + 1, shown
        book.text(ANSWER, row, COLUMN + 2, f"{shown.text} (forever)" if known.forever and value >= known.high else shown.text, "unit")
        row += 1
    own = "What parts and stages have of their own is on the sheet Parts, all" if shares or scenario.stages else "All"
    book.text(ANSWER, row, COLUMN, f"{own} others are on the sheet Assumptions, with the choices, which are fixed.", "note")
    return row + 1
