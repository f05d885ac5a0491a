"""Write the inputs that a planner decides next to the answer on its sheet."""

import re

from t2v_capacity.assumptions.parts import assumption
from t2v_capacity.handover.init import DECIDE
from t2v_capacity.handover.workbook.book import Sheet
from t2v_capacity.handover.workbook.inputs import input_unit, write_input
from t2v_capacity.scenario.mix import share_name

COLUMN = 6  # the first one


def write_main_inputs(sheet: Sheet, row: int) -> int:
    """Write the inputs of every plan and those that the scenario writes, which other sheets follow.

    Return the row below them. A bitrate that follows the frame has its formula elsewhere.
    """
    plan, scenario = sheet.plan, sheet.plan.scenario
    shares = {share_name(part.name): f"Share of {part.name}" for part in scenario.parts}
    decided = [name for name, setting in scenario.settings.items() if name in DECIDE or setting.origin.by_hand]
    for name in (*shares, *(name for name in decided if not (name == "bitrate" and scenario.bitrate_follows))):
        known, value = assumption(name), plan.values[name]
        shown = input_unit(name, value)
        # One row has no room for what a label explains.
        sheet.text(row, COLUMN, shares.get(name) or re.split("[:;]", known.label)[0])
        write_input(sheet, row, COLUMN + 1, name, value, shown)
        sheet.book.inputs[name] = sheet.cell(row, COLUMN + 1), shown
        sheet.text(
            row,
            COLUMN + 2,
            f"{shown.text} ({known.endless})" if known.endless and value >= known.high else shown.text,
            "unit",
        )
        row += 1
    own = "What parts and stages have of their own is on the sheet Parts, all" if shares or scenario.stages else "All"
    sheet.text(row, COLUMN, f"{own} others are on the sheet Assumptions, with the choices, which are fixed.", "note")
    return row + 1
