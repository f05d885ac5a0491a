"""A solution as a report and as data."""

import math
from collections.abc import Collection, Iterator, Sequence

from typing_extensions import TypedDict

from t2v_capacity.assumptions.parts import assumption, known_of
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.forms.answer import Answer
from t2v_capacity.forms.data import FigureData, Head, ScenarioData, WarningData, data, document, figures_data, plain_of
from t2v_capacity.forms.report import Column, Report, Table, numbers, of_scenario, table, warning_lines
from t2v_capacity.forms.values import show_cell, show_value
from t2v_capacity.plan.conditions import Condition, Kept
from t2v_capacity.plan.drivers import HEADLINE
from t2v_capacity.questions.search.trials import Solution

_ONE_FLAG = 2  # an option by itself is one flag, of two words
# How a search ends that finds nothing.
NOTHING_FOUND = 3
_LEVERS = (
    Column("change alone", "name"),
    numbers("now", "now"),
    numbers("would do", "text"),
    Column("now from", "origin"),
)


ConditionData = TypedDict("ConditionData", {"text": str, "measured": float | None, "kept": bool})


class TriedData(TypedDict):
    """An option that was tried."""

    option: str
    value: float | None
    """What was sought of it"""
    against: str | None


LeverData = TypedDict("LeverData", {"name": str, "value": float | str | None, "text": str, "now": str})
_For = TypedDict("_For", {"scenario": ScenarioData, "for": str | None})  # null where every single change was asked for


class SolveDocument(Head, _For):
    """What t2v-cap solve --format json writes."""

    value: float | str | None
    """Null where nothing keeps all conditions"""
    nearest: float | str | None
    unit: str | None
    feasible: bool
    binding: str | None
    """The first condition that binds"""
    conditions: list[ConditionData]
    violation: float | None
    """By how much the worst is missed, relative to its limit; null where one has no value"""
    bound: str | None
    """The end of the assumption at which the answer is"""
    figures: dict[str, FigureData]
    flags: list[str]
    """What the answer takes besides"""
    options: list[TriedData]
    changes: list[LeverData]
    notes: list[str]
    warnings: list[WarningData]


def solve_report(found: Solution) -> Report:
    """Return a solution as a report: the answer, its conditions, headline figures, and the options or changes tried."""
    if not found.name:
        tables = [_kept("now", found.conditions), *([table(_LEVERS, found.levers)] if found.levers else [])]
        return of_scenario(
            found.scenario, tables, (*_changed(found), *_draws(found), *warning_lines(found.plan.warnings))
        )
    kind = "" if known_of(found.name) is None else "smallest " if found.smallest else "largest "
    head = (f"{kind if found.feasible else 'nearest '}{found.name}", found.text)
    tables = [Table((Column("answer"), numbers("")), {"": [head]})]
    if found.conditions:
        tables.append(_kept("there", found.conditions, found.binding if found.feasible else ()))
    measured = (*(kept.condition.figure for kept in found.conditions), *filter(None, [found.sought]))
    figures = (Column("figure"), numbers("there", lambda name: show_value(name, found.plan.figure(name))))
    tables.append(table(figures, dict.fromkeys((*measured, *HEADLINE))))
    if found.options:
        columns = (
            Column(found.name, "option"),
            numbers(found.sought, lambda t: show_cell(found.sought, t.value)),
            Column("", "against", wrap=True),
        )
        rows = sorted(
            found.options,
            key=lambda t: (t.option != found.nearest, bool(t.against), -1 if t.value is None else t.value),
        )
        tables.append(table(columns, rows))
    return of_scenario(found.scenario, tables, (*_said(found), *_draws(found), *warning_lines(found.plan.warnings)))


def _kept(when: str, conditions: Sequence[Kept], binding: Collection[Condition] = ()) -> Table:
    """Return conditions with what each measures: whether that keeps it, binds the answer, or by how much it misses."""

    def verdict(kept: Kept) -> str:
        by = "" if kept.measured is None else f" by {digits(100 * kept.excess)}%"
        return f"kept{', binds' if kept.condition in binding else ''}" if kept.kept else f"missed{by}"

    return table(
        (Column("condition", lambda kept: kept.condition.text), numbers(when, _measured), Column("", verdict)),
        conditions,
    )


def _measured(kept: Kept) -> str:
    if kept.condition.chance is not None:
        return "none" if kept.measured is None else show(kept.measured, "share", 4)
    return show_value(kept.condition.figure, kept.measured, 4)


def _said(found: Solution) -> Iterator[str]:
    """Yield the notes on the answer."""
    binding = ", ".join(f"`{condition.text}`" for condition in found.binding)
    if not found.feasible:
        yield (
            f"infeasible: nothing within the bounds of `{found.name}` keeps all conditions; "
            f"the nearest misses {binding or 'what is asked'}"
        )
    elif isinstance(found.nearest, str):
        if len(found.flags) > _ONE_FLAG:
            yield f"with {' '.join(found.flags)}"
        yield f"binds: {binding or 'no condition; the best option keeps them all'}"
    elif found.bound:
        yield (
            f"at its bound: `{found.name}` is {assumption(found.name).bounds()}, "
            f"and every condition is still kept at the {found.bound} one"
        )
    else:
        side = "smaller" if found.smallest else "larger"
        yield f"binds: {binding or 'no single condition'} is missed by the next {side} value"
    yield from (f"note: {note}" for note in found.notes)


def _changed(found: Solution) -> Iterator[str]:
    """Yield what single changes do."""
    if all(kept.kept for kept in found.conditions):
        yield "kept already: nothing has to change; `--for NAME` seeks the largest value that keeps all conditions"
    elif not found.levers:
        yield "infeasible: no single change keeps all conditions; `--for NAME` shows how near one comes"
    else:
        yield (
            "each line alone keeps all conditions; "
            "first what was set by hand, then choices, price and group size, the picture, and demand"
        )


def _draws(found: Solution) -> Iterator[str]:
    if found.seed is not None:
        yield f"ranges: {found.samples} draws, seed {found.seed}, the same for every value that was tried"


def solve_document(found: Solution) -> SolveDocument:
    """Return a solution as the contract's `solve` document; without a name it has the single changes."""
    known, worst = known_of(found.name), max((kept.excess for kept in found.conditions), default=0.0)
    nearest = plain_of(found.name, found.nearest) if found.name else None
    given = {
        "for": found.name or None,
        "value": nearest if found.feasible else None,
        "nearest": nearest,
        "unit": (known.unit if known else "") if found.name else None,
        "binding": found.binding[0].text if found.binding else None,
        "conditions": [data(ConditionData, kept, text=kept.condition.text) for kept in found.conditions],
        "violation": None if math.isinf(worst) else worst,
        "bound": found.bound or None,
        "figures": figures_data(found.scenario, found.plan.figures),
        "warnings": found.plan.warnings,
        "changes": [data(LeverData, one, value=plain_of(one.name, one.value)) for one in found.levers],
    }
    return document(SolveDocument, found, "solve", found.scenario.as_of, found.seed, found.samples, **given)


@Answer.remade
def solve_answer(found: Solution) -> Answer[Solution, SolveDocument]:
    """Return a solution in all its forms."""
    code = 0 if found.feasible else NOTHING_FOUND
    return Answer(found, lambda _page: solve_report(found), lambda: solve_document(found), code=code)
