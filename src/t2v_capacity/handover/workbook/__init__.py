"""A plan as a workbook whose figures are live formulas."""

from t2v_capacity.forms.title import title
from t2v_capacity.handover.workbook.answer import COLUMNS, write_answer
from t2v_capacity.handover.workbook.book import ANSWER, ASSUMPTIONS, FIGURES, PARTS, WORKINGS, Book
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
    answer = book.sheets[ANSWER]
    top = answer.open(f"As exported: {'; '.join(title(plan.scenario, plan.values))}", COLUMNS)
    beside = write_main_inputs(answer, top)
    workings = Workings(book.sheets[WORKINGS])
    parts = write_parts(book.sheets[PARTS], workings) if PARTS in book.sheets else Parts()
    write_answer(answer, top, beside, parts)
    write_assumptions(book.sheets[ASSUMPTIONS])
    write_figures(book.sheets[FIGURES], workings, parts.joined)
    workings.close()
    return book.bytes()
