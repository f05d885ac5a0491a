"""A plan as a workbook whose figures are live formulas."""

from t2v_capacity.forms.title import title
from t2v_capacity.handover.workbook import answer, figures, inputs, parts
from t2v_capacity.handover.workbook.book import (
    ANSWER_SHEET,
    ASSUMPTIONS_SHEET,
    FIGURES_SHEET,
    PARTS_SHEET,
    WORKINGS_SHEET,
    Book,
)
from t2v_capacity.handover.workbook.workings import Workings
from t2v_capacity.plan.estimate import Estimate


def workbook(plan: Estimate) -> bytes:
    """Return a plan as the bytes of an .xlsx file: the same plan gives the same bytes.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> workbook(estimate(load_scenario("scenarios/lesson.yaml")))[:2]
    b'PK'
    """
    book = Book(plan)
    sheet = book.sheets[ANSWER_SHEET]
    sheet.open(f"As exported: {'; '.join(title(plan.scenario, plan.values))}", answer.ANSWER_COLUMNS)
    top = sheet.row
    inputs.write_main_inputs(sheet)
    below_inputs, sheet.row = sheet.row, top
    workings = Workings(book.sheets[WORKINGS_SHEET])
    columns = parts.write_parts(book.sheets[PARTS_SHEET], workings) if PARTS_SHEET in book.sheets else parts.Parts()
    answer.write_answer(sheet, below_inputs, columns)
    inputs.write_assumptions(book.sheets[ASSUMPTIONS_SHEET])
    figures.write_figures(book.sheets[FIGURES_SHEET], workings, columns.joined)
    workings.close()
    return book.bytes()
