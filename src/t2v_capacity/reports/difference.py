"""A diff as a report, and as data."""

from typing import Any

from t2v_capacity import __version__
from t2v_capacity.figures import FIGURES
from t2v_capacity.quantities import digits
from t2v_capacity.questions.diff import Change, Difference
from t2v_capacity.questions.estimate import Estimate
from t2v_capacity.reports import Column, Report, Table, conventions
from t2v_capacity.reports.data import document, warning_data, whole
from t2v_capacity.reports.plan import show_value, warning_line

_COLUMNS = (Column(""), Column("name"), Column("base", number=True), Column("head", number=True), Column("change", number=True))


def difference_report(difference: Difference, *, everything: bool = False) -> Report:
    """Return a diff as a report, figures of detail only with `everything`; unchanged says so in a line."""
    base, head = difference.base.scenario, difference.head.scenario
    rows: list[tuple[str, ...]] = [(c.sign, name, str(c.base), str(c.head), "") for name, c in difference.choices.items()]
    for table in (difference.assumptions, difference.pins):
        rows += [_row(name, change) for name, change in table.items()]
    shown = [name for name in difference.figures if everything or not FIGURES[name].detail]
    figures = tuple(_row(name, difference.figures[name]) for name in shown)
    sections = [("assumptions", tuple(rows))] if rows else []
    sections += [("figures", figures)] if figures else []
    paragraphs = [f"new {warning_line(warning)}" for warning in difference.new_warnings]
    paragraphs += [f"gone {warning_line(warning)}" for warning in difference.gone_warnings]
    if difference.empty:
        paragraphs.append("Nothing changed.")
    elif not difference.figures:
        paragraphs.append("No figure changed.")
    elif len(shown) < len(difference.figures):
        paragraphs.append(f"{len(difference.figures) - len(shown)} figures of detail changed too; `--all` shows them.")
    return Report(
        title=f"{base.name} -> {head.name}",
        subtitle=f"{base.file} -> {head.file}",
        tables=(Table(_COLUMNS, tuple(sections)),) if sections else (),
        paragraphs=tuple(paragraphs),
        footer=conventions(difference.head.values["days_per_month"], head.as_of),
    )


def _row(name: str, change: Change) -> tuple[str, ...]:
    base, head = (None if isinstance(value, str) else value for value in (change.base, change.head))
    relative = change.relative
    moved = "" if relative is None else f"{'+' if relative > 0 else ''}{digits(relative * 100)}%"
    return change.sign, name, show_value(name, base, brief=True), show_value(name, head, brief=True), moved


def difference_document(difference: Difference) -> dict[str, Any]:
    """Return a diff as the contract's `diff` document: what changed, and nothing else."""
    assumed = {**difference.choices, **difference.assumptions, **difference.pins}
    return document(
        "diff",
        difference.head.scenario.as_of,
        base=_side(difference.base),
        head=_side(difference.head),
        assumptions={name: {"base": change.base, "head": change.head} for name, change in assumed.items()},
        figures={name: _figure(name, change) for name, change in difference.figures.items()},
        warnings={
            "new": [warning_data(warning) for warning in difference.new_warnings],
            "gone": [warning_data(warning) for warning in difference.gone_warnings],
        },
        gates=[],
        why={},
    )


def _side(estimate: Estimate) -> dict[str, Any]:
    scenario = estimate.scenario
    return {"name": scenario.name, "file": scenario.file, "revision": None, "tool": f"t2v-cap {__version__}"}


def _figure(name: str, change: Change) -> dict[str, Any]:
    figure = FIGURES[name]
    values = {"base": change.base, "head": change.head, "change": change.change}
    shown = {key: whole(value) if figure.whole and not isinstance(value, str) else value for key, value in values.items()}
    return {**shown, "relative_change": change.relative, "unit": figure.unit, "label": figure.label}
