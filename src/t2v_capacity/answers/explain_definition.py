"""The definition of a figure or an assumption, without a plan."""

from t2v_capacity.answers.explain import ExplainDocument, FormulaData, ReasonData, branches, explain_document
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import SHOWN_AS
from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.forms.data import data
from t2v_capacity.forms.formula_text import in_names, place
from t2v_capacity.forms.report import Report
from t2v_capacity.formulas import FIGURES


def definition_answer(name: str) -> Answer[str, ExplainDocument]:
    """Return what a figure or an assumption is, without a plan: its formula and inputs, or its bounds and default."""

    def of(one: str) -> list[str]:
        known = FIGURES.get(one) or ASSUMPTIONS[one]
        return [f"{one}  ({SHOWN_AS.get(known.unit, known.unit)})", f"  {known.label}"]

    def reason(one: str, *, deeper: bool) -> ReasonData:
        figure = FIGURES.get(one)
        formula = FormulaData(names=in_names(figure), numbers="", place=place(figure)) if figure else None
        inputs = [reason(parameter, deeper=False) for parameter in figure.parameters] if figure and deeper else []
        source, known = None if figure else ASSUMPTIONS[one].source, figure or ASSUMPTIONS[one]
        return data(ReasonData, known, name=one, value=None, pinned=False, formula=formula, origin=None, source=source, inputs=inputs)

    def report(_page: Page) -> Report:
        if figure := FIGURES.get(name):
            more = (f"  = {in_names(figure)}", f"  {place(figure)}", *branches(list(map(of, figure.parameters))))
        else:
            given = ASSUMPTIONS[name]
            more = (f"  {given.bounds()}; unless set, {given.default}: {given.source}",)
        return Report(tree=(*of(name), *more))

    return Answer(name, report, lambda: explain_document(None, figure=reason(name, deeper=True)))
