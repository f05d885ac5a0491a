"""A plan as a workbook whose figures are live formulas."""

from t2v_capacity.handover.workbook.answer import open_answer, write_answer
from t2v_capacity.handover.workbook.book import Book
from t2v_capacity.handover.workbook.figures import write_figures
from t2v_capacity.handover.workbook.inputs import write_assumptions
from t2v_capacity.handover.workbook.main_inputs import write_main_inputs
from t2v_capacity.handover.workbook.months import write_months
from t2v_capacity.handover.workbook.parts import write_parts
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
    top = open_answer(book)
    beside = write_main_inputs(book, top)
    workings = Workings(book)
    parts = write_parts(book, workings)
    write_answer(book, top, beside, parts)
    write_assumptions(book)
    write_figures(book, workings, parts.joined)
    write_months(book)
    workings.close()
    return book.bytes()
