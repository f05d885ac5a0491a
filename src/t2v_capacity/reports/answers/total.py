"""Several scenarios beside each other with their total, as a report and as data."""

from typing import Any

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.formulas import GROUPS
from t2v_capacity.questions.what_if.total import Total
from t2v_capacity.reports.forms.answer import Answer
from t2v_capacity.reports.forms.data import document, estimate_document
from t2v_capacity.reports.forms.report import Column, Report, Table, conventions, left_out
from t2v_capacity.reports.forms.values import show_value
from t2v_capacity.vocabulary.names import plain

_LONGEST, _GAP = 16, 2  # characters of a scenario's heading; blanks between columns
_WHY_WIDTH = 110


def total_report(total: Total, *, everything: bool = False, width: int | None = None) -> Report:
    """Return scenarios and their total as a report; what has no total says why on a page that is wide enough."""
    sections = []
    for group in GROUPS:
        names = [f.name for f in FIGURES.values() if f.group == group and (everything or not f.detail)]
        if names:
            sections.append((group, tuple(_row(total, name) for name in names)))
    plans = total.plans
    paragraphs = [f"note: {note}" for note in total.notes]
    columns = _columns(total, sections)
    if total.not_added:
        paragraphs.append("no total: a blank stands where scenarios can't be added")
    paragraphs += left_out(columns if total.not_added else columns[:-1], width)
    if details := sum(figure.detail and not everything for figure in FIGURES.values()):
        paragraphs.append(f"left out: {details} figures of detail, which `--all` shows")
    for warning in dict.fromkeys(warning for plan in plans for warning in plan.warnings):
        named = [name for name, plan in zip(total.names, plans, strict=True) if warning in plan.warnings]
        paragraphs.append(str(warning).replace(":", f" in {', '.join(named)}:", 1))
    how = "stages of one product, in series" if total.in_series else "products of one service"
    days = {plan.values["days_per_month"] for plan in plans}
    return Report(
        title=" + ".join(plan.scenario.name for plan in plans),
        subtitle=how if len(plans) > 1 else plans[0].scenario.file,
        tables=(Table(columns, tuple(sections)),),
        paragraphs=tuple(paragraphs),
        footer=conventions(max(days), _as_of(total)),
    )


def _columns(total: Total, sections: list[tuple[str, tuple[tuple[str, ...], ...]]]) -> tuple[Column, ...]:
    """Return the columns; a narrow page has room for the first scenarios and the total."""
    headings = (
        "figure",
        "total" if len(total.plans) == 1 else f"total of {len(total.plans)}",
        *(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..." for name in total.names),
    )
    rows = [row for _name, rows in sections for row in rows]
    order = (0, len(total.plans) + 1, *range(1, len(total.plans) + 1))  # of a row's cells: the total before the scenarios
    widths = [max(len(heading), *(len(row[index]) for row in rows)) for index, heading in zip(order, headings, strict=True)]
    needed = [sum(widths[: index + 1]) + _GAP * index for index in range(len(widths))]
    scenarios = (Column(heading, number=True, from_width=needed[index + 2]) for index, heading in enumerate(headings[2:]))
    why = Column("why there is no total", cut=True, from_width=max(_WHY_WIDTH, needed[-1] + _WHY_WIDTH // 4))
    return Column("figure"), *scenarios, Column(headings[1], number=True), why


def _row(total: Total, name: str) -> tuple[str, ...]:
    own = (show_value(name, plan.figures[name], brief=True) for plan in total.plans)
    summed = show_value(name, total.figures[name], brief=True) if name in total.figures else ""
    return name, *own, summed, total.not_added.get(name, "").replace("`", "")


def _as_of(total: Total) -> str:
    """Return the youngest of the scenarios' dates."""
    return max(plan.scenario.as_of for plan in total.plans)


def total_document(total: Total) -> dict[str, Any]:
    """Return scenarios and their total as the contract's `total` document."""
    return document(
        "total",
        _as_of(total),
        in_series=total.in_series,
        scenarios=[estimate_document(plan) for plan in total.plans],
        total={name: {"value": plain(name, value), "unit": FIGURES[name].unit} for name, value in total.figures.items()},
        not_added=dict(total.not_added),
        notes=list(total.notes),
    )


def total_rows(total: Total) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return scenarios and their total as a heading and rows, a row a figure."""
    rows: list[tuple[object, ...]] = [
        (
            name,
            *(plain(name, plan.figures[name]) for plan in total.plans),
            plain(name, total.figures.get(name)),
            figure.unit,
            figure.label,
            total.not_added.get(name, ""),
        )
        for name, figure in FIGURES.items()
    ]
    return ("figure", *total.names, "total", "unit", "label", "not_added"), rows


def total_answer(found: Total) -> Answer[Total]:
    """Return a total in all its forms."""
    return Answer(
        found,
        lambda page: total_report(found, everything=page.everything, width=page.width),
        lambda: total_document(found),
        cells=lambda: total_rows(found),
    )
