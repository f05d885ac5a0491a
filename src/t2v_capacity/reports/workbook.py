"""A plan as a workbook whose figures are live formulas."""

from t2v_capacity.questions.estimate import Estimate


def workbook(plan: Estimate) -> bytes:
    """Return a plan as the bytes of an .xlsx file."""
    raise NotImplementedError(plan.scenario.name)
