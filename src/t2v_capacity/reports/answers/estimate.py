"""A plan in all its forms."""

from t2v_capacity.questions.plan.estimate import Estimate
from t2v_capacity.reports.forms.answer import Answer, Cells, Page, keyed
from t2v_capacity.reports.forms.data import estimate_document
from t2v_capacity.reports.forms.report import Report


def estimate_answer(plan: Estimate) -> Answer[Estimate]:
    """Return a plan in all its forms; data needs nothing of what reads formulas."""

    def report(page: Page) -> Report:
        from t2v_capacity.reports.answers.estimate_report import plan_report

        return plan_report(plan, everything=page.everything)

    def cells() -> Cells:
        keys = ("value", "unit", "label", "pinned", "p5", "p50", "p95")
        return keyed(estimate_document(plan)["figures"].items(), "figure", keys)

    return Answer(plan, report, lambda: estimate_document(plan), cells=cells)
