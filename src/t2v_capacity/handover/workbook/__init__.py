"""A plan as a workbook whose figures are live formulas."""

from t2v_capacity.forms.title import title
from t2v_capacity.handover.workbook.answer import ANSWER_COLUMNS, write_answer
from t2v_capacity.handover.workbook.book import (
    ANSWER_SHEET,
    ASSUMPTIONS_SHEET,
    FIGURES_SHEET,
    PARTS_SHEET,
    WORKINGS_SHEET,
    Book,
)
from t2v_capacity.handover.workbook.figures import write_figures
from t2v_capacity.handover.workbook.inputs import write_assumptions
from t2v_capacity.handover.workbook.main_inputs import write_main_inputs
from t2v_capacity.handover.workbook.parts import Parts, write_parts
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
    answer = book.sheets[ANSWER_SHEET]
    top = answer.open(f"As exported: {'; '.join(title(plan.scenario, plan.values))}", ANSWER_COLUMNS)
    beside = write_main_inputs(answer, top)
    workings = Workings(book.sheets[WORKINGS_SHEET])
    parts = write_parts(book.sheets[PARTS_SHEET], workings) if PARTS_SHEET in book.sheets else Parts()
    write_answer(answer, top, beside, parts)
    write_assumptions(book.sheets[ASSUMPTIONS_SHEET])
    write_figures(book.sheets[FIGURES_SHEET], workings, parts.joined)
    workings.close()
    return book.bytes()
