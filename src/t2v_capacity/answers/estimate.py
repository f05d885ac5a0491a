"""A plan in all its forms."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from t2v_capacity.answers.estimate_document import EstimateDocument, estimate_document
from t2v_capacity.assumptions.names import name_in
from t2v_capacity.errors import Mistake, Mistakes, Place, quote
from t2v_capacity.forms.answer import Answer, Cells, Page, keyed, rows_of
from t2v_capacity.formulas import FIGURES, GROUPS
from t2v_capacity.formulas.simulated import SIMULATED
from t2v_capacity.questions.estimate import FAILURES, SCALING, TABLES, PlanRecord

if TYPE_CHECKING:
    from t2v_capacity.forms.plot import Plot
    from t2v_capacity.forms.report import Report
    from t2v_capacity.plan.estimate import Estimate
    from t2v_capacity.questions.what_if.days import SimulatedValue


def estimate_answer(record: PlanRecord, only: Sequence[str] = ()) -> "Answer[Estimate, EstimateDocument]":
    """Return a plan in all its forms; data needs nothing of what reads formulas. `only` names what to show."""
    asked = groups_and_figures(only)
    return Answer(
        record.plan,
        partial(_report, record, asked),
        partial(_document, record, asked),
        cells=partial(_cells, record, asked),
        plot=None if {SCALING, FAILURES}.isdisjoint(asked) else partial(_plot, record),
    )


def _report(record: PlanRecord, asked: Sequence[str], _plan: "Estimate", page: Page) -> "Report":
    if page.everything or asked:
        from t2v_capacity.answers.estimate_report import plan_report

        return plan_report(record, asked, days_of(record, asked), page)
    from t2v_capacity.answers.estimate_screen import screen

    return screen(record, page.width, aligned=page.form != "markdown")


def _document(record: PlanRecord, asked: Sequence[str], _plan: "Estimate") -> EstimateDocument:
    return estimate_document(record, asked, days_of(record, asked) or {})


def _cells(record: PlanRecord, asked: Sequence[str], plan: "Estimate") -> Cells:
    document = _document(record, asked, plan)
    if {*TABLES}.issuperset(asked) and (rows := table_rows(document)):
        return rows_of(rows)
    return keyed(document["figures"], ("value", "unit", "label", "pinned", "p5", "p50", "p95"))


def _plot(record: PlanRecord, _plan: "Estimate", document: EstimateDocument) -> "Plot":
    from t2v_capacity.answers.estimate_on_call import failures_plot, scaling_plot

    draw = scaling_plot if document["scaling"] else failures_plot
    return draw(record, document)


def table_rows(document: EstimateDocument) -> Sequence[Mapping[str, Any]]:
    """Return the rows of the table that was asked for, as CSV has them; nothing where none was."""
    if scaling := document["scaling"]:
        days = {"weekday": scaling["hours"], "weekend": scaling["weekend"]}
        return [{"day": day, **hour} for day, hours in days.items() for hour in hours]
    return document["failures"] or document["buying"] or document["alerts"]


def groups_and_figures(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the figures that texts name, one by one or as a group. Raise Mistakes with every text that names neither.

    >>> groups_and_figures(["rule-of-thumb", "trps"])[-3:]
    ('rule_of_thumb_gpus', 'rule_of_thumb_servers', 'trps')
    """
    groups = {name.replace(" ", "_"): name for name in GROUPS}
    known = [*FIGURES, *SIMULATED, *groups, *TABLES]
    mistakes, figures = list[Mistake](), list[str]()
    for text in [part.strip() for several in texts for part in several.split(",")]:
        name = name_in(text)
        if name in groups:
            figures += [
                figure.name for figure in FIGURES.values() if figure.group == groups[name] and not figure.detail
            ]
            if name == "waiting":
                figures += SIMULATED
        elif name in known:
            figures.append(name)
        else:
            from t2v_capacity.assumptions.synonyms import NAME_SYNONYMS, meant

            near = (
                meant(text, known, NAME_SYNONYMS)
                or f"; the groups are {', '.join(group.replace(' ', '-') for group in (*GROUPS, *TABLES))}"
            )
            mistakes.append(
                Mistake(f"{quote(text)} is neither a group of figures nor a figure{near}", Place(f"--only {text}"))
            )
    if mistakes:
        raise Mistakes(mistakes)
    return tuple(dict.fromkeys(figures))


def days_of(record: PlanRecord, names: Sequence[str]) -> "dict[str, SimulatedValue] | None":
    """Return what the names ask of simulated days.

    Return None if all names are of figures or tables, or if a group asks and there is no NumPy.
    Raise ModuleNotFoundError if there is no NumPy for what is asked by its name.
    """
    asked = [name for name in SIMULATED if name in names]
    if FIGURES.keys() | {*TABLES} >= {*names}:
        return None
    try:
        return {name: record.simulated[name] for name in asked if name in record.simulated}
    except ModuleNotFoundError:
        if len(asked) < len(SIMULATED):
            raise
        return None
