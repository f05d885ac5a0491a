"""Whether plans keep what is asked of them: budgets, each with what is measured and how far it is from its limit.

A draw without a value counts against a budget, whichever way that budget is written.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from t2v_capacity.assumptions import ASSUMPTIONS, FIT, GPU, MODEL, OPTION
from t2v_capacity.document import Listing, Scalar
from t2v_capacity.errors import Mistake, Place, UserError
from t2v_capacity.figures import FIGURES, Number, ancestors, evaluate
from t2v_capacity.quantities import digits, show
from t2v_capacity.questions.cells import together
from t2v_capacity.questions.conditions import Condition, parse_condition
from t2v_capacity.questions.estimate import Estimate
from t2v_capacity.questions.hygiene import Finding
from t2v_capacity.scenario import PlanWarning, Scenario, Setting

BUDGET, FOUND, WAIVED = "error", "warning", "info"
# What is tried to see which assumption moves a figure most, and the sources of defaults that are no guesses.
_STEP = 0.1
_NO_GUESS = ("neutral", FIT, OPTION, MODEL, GPU)
_DIGITS = 6
_UPPER = ("<", "<=")


@dataclass(frozen=True, slots=True)
class Budget:
    """A condition that a plan must meet, and where it is written."""

    condition: Condition
    place: Place


@dataclass(frozen=True, slots=True)
class Row:
    """One budget or finding: whether it lets the plan pass, and what to know of it."""

    name: str
    passed: bool
    severity: str
    message: str
    place: Place
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    whole: bool = False  # the value is a count

    @property
    def shown(self) -> str:
        """The measured value as a person reads it; nothing for a finding."""
        return "" if not self.unit else "none" if self.value is None else show(self.value, self.unit, _DIGITS)

    @property
    def result(self) -> str:
        """How it went, in a word."""
        return "waived" if self.severity == WAIVED else "pass" if self.passed else "FAIL"


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan with its budgets and findings; `samples` and `seed` are of the draws that were needed."""

    plan: Estimate
    rows: tuple[Row, ...]
    samples: int = 0
    seed: int | None = None

    @property
    def failed(self) -> tuple[Row, ...]:
        """What doesn't let the plan pass."""
        return tuple(row for row in self.rows if not row.passed)


def budgets(scenario: Scenario, more: Iterable[Condition] = ()) -> tuple[Budget, ...]:
    """Return a scenario's own budgets and those of the command line; raise UserError with the mistakes of all of them."""
    node = scenario.rules.get("budgets")
    found: dict[Condition, Budget] = {}
    mistakes: list[Mistake] = []
    for item in node.items if isinstance(node, Listing) else ():
        if not isinstance(item, Scalar):
            message = "a budget is one condition, such as `gpus <= 5000`; put quotes around it"
            mistakes.append(Mistake(message, item.place))
            continue
        try:
            condition = parse_condition(item.text, item.place)
        except UserError as error:
            mistakes += error.mistakes
        else:
            found.setdefault(condition, Budget(condition, item.place))
    if mistakes:
        raise UserError(mistakes)
    for condition in more:
        found.setdefault(condition, Budget(condition, Place(f"--budget '{condition.text}'")))
    return tuple(found.values())


def check(plan: Estimate, asked: Iterable[Budget], found: Iterable[Finding], samples: int, seed: int) -> Checked:
    """Return a plan's budgets and findings, judged.

    >>> from t2v_capacity.questions.estimate import estimate
    >>> from t2v_capacity.scenario import load_scenario
    >>> plan = estimate(load_scenario("scenarios/lesson.yaml"))
    >>> asked = budgets(plan.scenario, [parse_condition("rule_of_thumb_gpus <= 8000")])
    >>> [row.message.partition(";")[0] for row in check(plan, asked, (), 1_000, 0).rows]
    ['180 GPUs (2.25%) over']
    """
    conditions = tuple(asked)
    drawn = _draws(plan.scenario, [budget.condition.figure for budget in conditions if budget.condition.of_draws], samples, seed)
    rows = [_row(plan, budget, drawn) for budget in conditions]
    rows += [_found(finding) for finding in found]
    return Checked(plan, tuple(rows), samples, seed) if drawn else Checked(plan, tuple(rows))


def told(checked: Iterable[Checked]) -> tuple[PlanWarning, ...]:
    """Return the warnings of checked plans, one a code."""
    return together([(one.plan.scenario.file, one.plan.warnings) for one in checked], "scenarios")


def _draws(scenario: Scenario, wanted: list[str], samples: int, seed: int) -> dict[str, Number]:
    """Return the draws of the figures that a range reaches."""
    from t2v_capacity.questions.ranges import sampled

    if not wanted or not scenario.ranges():
        return {}
    return {name: drawn for name, drawn in sampled(scenario, tuple(dict.fromkeys(wanted)), samples, seed) if hasattr(drawn, "shape")}


def _found(finding: Finding) -> Row:
    waived = f"waived: {finding.waived}" if finding.waived else ""
    return Row(finding.name, bool(waived), WAIVED if waived else FOUND, waived or finding.warning.message, finding.place)


def _row(plan: Estimate, budget: Budget, drawn: dict[str, Number]) -> Row:
    condition = budget.condition
    name = condition.figure
    chance = condition.chance is not None
    limit = condition.limit if condition.chance is None else condition.chance
    row = Row(condition.text, passed=False, severity=BUDGET, message="", place=budget.place, limit=limit)
    row = replace(row, unit="share" if chance else FIGURES[name].unit, whole=FIGURES[name].whole and not chance)
    known = plan.figures[name]
    if condition.of_draws and name in drawn:
        value = condition.measure(_against(condition, drawn[name]))
    elif known is None:
        return replace(row, message=f"{name} has no value: {_why_null(plan, name)}")
    else:
        value = float(bool(condition.kept(known))) if chance else known
    if value is None:
        return replace(row, message=f"{name} has no value in too many of the draws{_nulls(plan, name)}")
    # The chance itself is held against its limit as any value is.
    held = replace(condition, comparison=condition.chance_comparison, limit=limit) if chance else condition
    passed = held.holds(value)
    parts = [_distance(value, held, row.unit, passed=passed)]
    if condition.of_draws and name not in drawn:
        parts.append("no range reaches it, so the point value is what is judged")
    if not passed and known is not None and (look := _driver(plan, name, known)):
        parts.append(f"look at {look}")
    return replace(row, passed=passed, value=value, message="; ".join(parts))


def _against(condition: Condition, draws: Number) -> Number:
    """Return draws in which what has no value is beyond the limit, on the side that fails the budget."""
    import numpy as np

    wanted_low = condition.comparison in (*_UPPER, "=")
    if condition.chance is not None and condition.chance_comparison in _UPPER:
        wanted_low = not wanted_low
    return np.where(np.isnan(draws), math.inf if wanted_low else -math.inf, draws)


def _why_null(plan: Estimate, name: str) -> str:
    return next((w.message for w in plan.warnings if name in w.names), f"`t2v-cap explain {plan.scenario.file} {name}` shows why")


def _nulls(plan: Estimate, name: str) -> str:
    return f": {_why_null(plan, name)}" if plan.figures[name] is None else ""


def _distance(value: float, condition: Condition, unit: str, *, passed: bool) -> str:
    """Return how far a value is from its limit, in its unit and in percent of the limit."""
    far, limit = abs(value - condition.limit), condition.limit
    if not far:
        return "exactly at the limit"
    points = unit == "share"
    amount = f"{digits(far * 100)} percentage points" if points else show(far, unit)
    share = "" if points or not limit else f" ({digits(100 * far / abs(limit))}%)"
    over = "over" if value > limit else "below"
    return f"{amount}{share} {over if not passed else 'to spare' if condition.comparison != '=' else 'away'}"


def _driver(plan: Estimate, figure: str, base: float) -> str:
    """Return the assumption that moves a figure most, of those that somebody set or guessed, and by how much."""
    scenario = plan.scenario
    if figure in scenario.pins:
        return f"`{figure}` itself, which is pinned ({scenario.pins[figure].origin})"
    behind = ancestors([figure], stop=scenario.pins)
    best, most, text = "", 0.0, ""
    for name, setting in {**scenario.settings, **scenario.pins}.items():
        if name not in behind or not plan.values[name] or not _open(setting):
            continue
        value = plan.values[name] * (1 + _STEP)
        more = name not in ASSUMPTIONS or value <= ASSUMPTIONS[name].high
        value = value if more else plan.values[name] * (1 - _STEP)
        moved = evaluate({**plan.values, name: value}, (figure,))[figure]
        effect = (moved - base) / (abs(base) or 1)
        if most < abs(effect) < math.inf:  # false for what is not a number
            best, most = name, abs(effect)
            by = f"{'+' if effect > 0 else ''}{digits(effect * 100)}%" if base else show(moved - base, FIGURES[figure].unit)
            text = f"10% {'more' if more else 'less'} of it changes {figure} by {by}"
    known = {**scenario.settings, **scenario.pins}
    return f"`{best}` ({known[best].origin}): {text}" if best else ""


def _open(setting: Setting) -> bool:
    """Return whether a value was set by hand or is a guess: neither known nor neutral."""
    return setting.origin.by_hand or (setting.origin.kind == "default" and not setting.source.startswith(_NO_GUESS))
