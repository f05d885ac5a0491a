"""The plan as a report: figures by question, with the arithmetic that gives each."""

from collections.abc import Mapping

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.figures import FIGURES, Figure
from t2v_capacity.formulas import GROUPS
from t2v_capacity.notation import in_numbers
from t2v_capacity.quantities import show
from t2v_capacity.questions.estimate import Estimate
from t2v_capacity.reports import Column, Report, Table, conventions
from t2v_capacity.scenario import PlanWarning

NAME_WIDTH = 110


def shown_values(estimate: Estimate, significant: int = 3, *, brief: bool = False) -> dict[str, str]:
    """Return every assumption and figure as a person reads it."""
    values = {**estimate.values, **estimate.figures}
    return {name: show_value(name, value, significant, brief=brief) for name, value in values.items()}


def show_value(name: str, value: float | None, significant: int = 3, *, brief: bool = False) -> str:
    """Return the value of an assumption or a figure as a person reads it."""
    known = FIGURES[name] if name in FIGURES else ASSUMPTIONS[name]
    return "none" if value is None else show(value, known.unit, significant, brief=brief)


def plan_report(estimate: Estimate, *, everything: bool = False) -> Report:
    """Return the plan as a report; `everything` adds the figures of detail and all assumptions."""
    shown, brief = shown_values(estimate), shown_values(estimate, brief=True)
    columns = (Column("figure"), Column("value", number=True), Column("arithmetic"), Column("meaning", from_width=NAME_WIDTH))
    sections = []
    for group in GROUPS:
        figures = [f for f in FIGURES.values() if f.group == group and (everything or not f.detail)]
        sections.append((group, tuple((f.name, shown[f.name], _arithmetic(f, estimate, brief), f.label) for f in figures)))
    tables = [Table(columns, tuple(sections))]
    if everything:
        tables.append(_assumptions(estimate, shown))
    scenario = estimate.scenario
    return Report(
        title=scenario.name,
        subtitle=scenario.description or scenario.file,
        tables=tuple(tables),
        paragraphs=tuple(warning_line(warning) for warning in estimate.warnings),
        footer=conventions(estimate.values["days_per_month"], scenario.as_of),
    )


def warning_line(warning: PlanWarning) -> str:
    """Return a warning as a paragraph that begins with its code."""
    return f"{warning.severity} {warning.code}: {warning.message}"


def _arithmetic(figure: Figure, estimate: Estimate, shown: Mapping[str, str]) -> str:
    pin = estimate.scenario.pins.get(figure.name)
    if pin:
        return f"pinned, {pin.source or pin.origin}"
    return in_numbers(figure, shown)


def _assumptions(estimate: Estimate, shown: Mapping[str, str]) -> Table:
    sections: dict[str, list[tuple[str, ...]]] = {}
    for name, setting in estimate.scenario.settings.items():
        row = (name, shown[name], str(setting.origin), setting.source)
        sections.setdefault(ASSUMPTIONS[name].section, []).append(row)
    columns = (Column("assumption"), Column("value", number=True), Column("origin"), Column("source", from_width=NAME_WIDTH))
    return Table(columns, tuple((name, tuple(rows)) for name, rows in sections.items()), "Assumptions")
