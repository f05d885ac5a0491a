"""A solution as a report and as data."""

import math
from collections.abc import Collection, Iterator, Sequence

from typing_extensions import TypedDict

from t2v_capacity.assumptions.parts import assumption, definition_of
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.forms.data import FigureData, Head, ScenarioData, WarningData, data, document, figures_data, plain_of
from t2v_capacity.forms.report import Column, Report, Table, numbers, of_scenario, table
from t2v_capacity.forms.values import show_cell, show_headline, show_value
from t2v_capacity.plan.candidates import HEADLINE
from t2v_capacity.plan.conditions import Condition, ConditionResult
from t2v_capacity.plan.rules import figure_budgets, kept_budgets
from t2v_capacity.plan.uncertain import SHARES
from t2v_capacity.questions.search.trials import Solution

# How a search ends that finds nothing.
NOTHING_FOUND = 3
_LEVERS = (
    Column("change alone", "name"),
    numbers("now", "now"),
    numbers("would do", "text"),
    numbers("a month", lambda lever: show_headline("cost_per_month", {"cost_per_month": lever.cost_per_month})),
    Column("now from", "origin", cut=True),
)


ConditionData = TypedDict("ConditionData", {"text": str, "measured": float | None, "kept": bool})


class TriedData(TypedDict):
    """An option that was tried."""

    option: str
    value: float | None
    """What was sought of it"""
    against: str | None


class LeverData(TypedDict):
    """A single change that keeps all conditions."""

    name: str
    value: float | str | None
    text: str
    now: str
    cost_per_month: float | None
    """The bill with it"""


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


def solve_report(solution: Solution, page: Page) -> Report:
    """Return a solution as a report: the answer, its conditions, headline figures, and the options or changes tried."""
    notes = [
        *(_notes(solution) if solution.name else _change_notes(solution)),
        *(f"note: {note}" for note in solution.notes),
    ]
    if solution.seed is not None:
        notes.append(f"ranges: {solution.samples} draws, seed {solution.seed}, the same for every value that was tried")
    return of_scenario(solution.scenario, _tables(solution), notes, solution.plan.warnings, everything=page.everything)


def _tables(solution: Solution) -> Iterator[Table]:
    """Yield the answer, its conditions and figures, and the options tried; without a name, the changes that do."""
    if not solution.name:
        yield _conditions_table("now", solution.conditions)
        if solution.levers:
            yield table(_LEVERS, solution.levers)
        return

    whose = f" ({solution.whose})" if solution.whose else ""
    answer = f"{_kind(solution)}{solution.name}{whose}"
    yield Table((Column("answer", wrap=True), numbers("")), {"": [(answer, solution.text)]})
    if solution.conditions:
        yield _conditions_table("there", solution.conditions, solution.binding if solution.feasible else ())

    names = [kept.condition.figure for kept in solution.conditions]
    figures = (Column("figure"), numbers("there", lambda name: show_value(name, solution.plan.figure(name))))
    yield table(figures, dict.fromkeys(filter(None, (*names, solution.sought, *HEADLINE))))

    if solution.options:
        yield table(
            (
                Column(solution.name, "option"),
                numbers(solution.sought, lambda option: show_cell(solution.sought, option.value)),
                Column("", "against", wrap=True),
            ),
            sorted(
                solution.options,
                key=lambda option: (option.option != solution.nearest, bool(option.against), option.value or -1),
            ),
        )


def _kind(solution: Solution) -> str:
    """Return what the answer is of all that would do."""
    if not solution.feasible:
        return "nearest "
    if not definition_of(solution.name):
        return ""
    return "smallest " if solution.smallest else "largest "


def _conditions_table(when: str, conditions: Sequence[ConditionResult], binding: Collection[Condition] = ()) -> Table:
    """Return each condition with what is measured, and whether it is met, limits the answer, or is missed."""

    def verdict(kept: ConditionResult) -> str:
        if kept.kept:
            return "met, limiting" if kept.condition in binding else "met"
        return "missed" if kept.measured is None else f"missed by {digits(100 * kept.excess)}%"

    return table(
        (Column("condition", lambda kept: kept.condition.text), numbers(when, measured_text), Column("", verdict)),
        conditions,
    )


def measured_text(kept: ConditionResult, significant: int = 4) -> str:
    """Return what is measured of a condition, in its unit."""
    if kept.condition.chance is not None:
        return "none" if kept.measured is None else show(kept.measured, "share", significant)
    return show_value(kept.condition.figure, kept.measured, significant)


def _notes(solution: Solution) -> Iterator[str]:
    """Yield the notes on the answer."""
    binding = ", ".join(f"`{condition.text}`" for condition in solution.binding)
    if not solution.feasible:
        yield (
            f"infeasible: nothing within the bounds of `{solution.name}` keeps all conditions; "
            f"the nearest misses {binding or 'what is asked'}"
        )
    elif isinstance(solution.nearest, str):
        if solution.flags[2:]:  # an option by itself is one flag, of two words
            yield f"with {' '.join(solution.flags)}"
        yield f"binds: {binding or 'no condition; the best option keeps them all'}"
    elif solution.bound:
        yield (
            f"at its bound: `{solution.name}` is {assumption(solution.name).bounds()}, "
            f"and every condition is still kept at the {solution.bound} one"
        )
    else:
        side = "smaller" if solution.smallest else "larger"
        yield f"binds: {binding or 'no single condition'} is missed by the next {side} value"
        yield from _chances(solution)


def _chances(solution: Solution) -> Iterator[str]:
    """Yield in how many runs or draws each condition on a point value that limits the answer is met: often in half."""
    plan = solution.plan
    at_points = [condition for condition in solution.binding if not condition.of_draws]
    likely = plan.likely(condition.figure for condition in at_points)
    for condition in at_points:
        share = condition.share_kept(likely[condition.figure]) if condition.figure in likely else 1
        if share < SHARES[-1]:  # else that percentile asks for no more
            surer = f"p{95 if condition.wants_less else 5}({condition.figure})"
            yield (
                f"`{condition.text}` is met in {digits(100 * share, 2)}% of {plan.chances_of}; "
                f"`{surer}` in its place is surer"
            )


def _change_notes(solution: Solution) -> Iterator[str]:
    """Yield what single changes do."""
    if all(kept.kept for kept in solution.conditions):
        yield "kept already: nothing has to change; `--for NAME` seeks the largest value that keeps all conditions"
    elif not solution.levers:
        yield "infeasible: no single change that was tried keeps all conditions; `--for NAME` shows how near one comes"
    else:
        yield (
            "each line alone keeps all conditions, at the nearest value found "
            f"(now {show_headline('cost_per_month', solution.plan.figures)} a month); "
            "first what was set by hand, then choices, price and group size, the picture, and demand; "
            "what is off, such as a share of 0, is not tried"
        )


def solve_document(solution: Solution) -> SolveDocument:
    """Return a solution as the contract's `solve` document; without a name it has the single changes."""
    worst = max((kept.excess for kept in solution.conditions), default=0.0)
    nearest, unit = None, None
    if solution.name:
        known = definition_of(solution.name)
        nearest, unit = plain_of(solution.name, solution.nearest), known.unit if known else ""
    given = {
        "for": solution.name or None,
        "value": nearest if solution.feasible else None,
        "nearest": nearest,
        "unit": unit,
        "binding": next((condition.text for condition in solution.binding), None),
        "conditions": [data(ConditionData, kept, text=kept.condition.text) for kept in solution.conditions],
        "violation": None if math.isinf(worst) else worst,
        "bound": solution.bound or None,
        "figures": figures_data(solution.scenario, solution.plan.figures),
        "notes": [*filter(None, [solution.whose]), *solution.notes],
        "warnings": solution.plan.warnings,
        "changes": [data(LeverData, lever, value=plain_of(lever.name, lever.value)) for lever in solution.levers],
    }
    return document(SolveDocument, solution, "solve", solution.scenario.as_of, solution.seed, solution.samples, **given)


SolveAnswer = Answer[Solution, SolveDocument]


def solve_answer(solution: Solution) -> SolveAnswer:
    """Return a solution in all its forms, with a note of the plan's budgets that an answer breaks."""
    scenario = solution.plan.scenario
    if broken := {*figure_budgets(scenario)} - {*kept_budgets(scenario)}:
        texts = sorted(budget.text for budget in broken)
        note = f"of the plan's budgets, which `--until` does not hold, these are broken: {'; '.join(texts)}"
        solution = solution._replace(notes=(*solution.notes, note))
    return Answer(solution, solve_report, solve_document, code=0 if solution.feasible else NOTHING_FOUND)
