"""Check plans against their budgets: each with its measured value and its distance from the limit.

A draw without a value counts against a budget, whichever way that budget is written.
"""

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from t2v_capacity.assumptions.names import finite, unit_of
from t2v_capacity.assumptions.parts import is_of_a_part, named_of, plain_name
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.figures import FIGURES, Number
from t2v_capacity.errors import Mistake, Mistakes, Place, collected, gathered
from t2v_capacity.files.document import Scalar
from t2v_capacity.plan.advice import remedies
from t2v_capacity.plan.cells import SAMPLING, SEED, Sampling
from t2v_capacity.plan.conditions import Condition, parse_condition
from t2v_capacity.plan.drivers import alternatives
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.verdict import SURE
from t2v_capacity.plan.warning_counts import together
from t2v_capacity.plan.warnings.service import WAITING
from t2v_capacity.questions.review.findings import Finding, Waiver, findings, waivers
from t2v_capacity.questions.review.gates import Gate, read_gates
from t2v_capacity.questions.review.rules import BUDGETS, written_rules
from t2v_capacity.questions.what_if.simulated import simulated
from t2v_capacity.scenario.folders import GATES, scenarios_of
from t2v_capacity.scenario.settings import PlanWarning, Scenario

if TYPE_CHECKING:
    from t2v_capacity.questions.what_if.days import Measured

BUDGET, FOUND, WAIVED = "error", "warning", "info"


@dataclass(frozen=True, slots=True)
class Budget:
    """A condition that a plan must meet, and where it is written."""

    condition: Condition
    place: Place = field(compare=False)
    name: str = ""  # where it has one besides its text

    @property
    def text(self) -> str:
        """Its label: its name, then its condition."""
        return f"{self.name} ({self.condition.text})" if self.name else self.condition.text


class Rules(NamedTuple):
    """The rules of a plan."""

    gates: tuple[Gate, ...] = ()
    budgets: tuple[Budget, ...] = ()
    waivers: tuple[Waiver, ...] = ()


class Row(NamedTuple):
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
    condition: Condition | None = None
    chance: float | None = None  # that a budget is kept, over all that is uncertain and reaches it
    cure: str = ""  # the change that keeps it

    @property
    def shown(self) -> str:
        """The measured value as a person reads it; nothing for a finding."""
        return "" if not self.unit else "none" if self.value is None else show(self.value, self.unit, 6)

    @property
    def result(self) -> str:
        """Its status, in a word; at risk if it is met at the point values with too small a chance."""
        return "waived" if self.severity == WAIVED else "AT RISK" if self.at_risk else "PASS" if self.passed else "FAIL"

    @property
    def at_risk(self) -> bool:
        """Whether it is met at the point values, but with a chance below 90%."""
        own = self.condition is not None and self.condition.chance is not None  # a chance of the author's own
        return self.passed and not own and self.chance is not None and self.chance < SURE


class Checked(NamedTuple):
    """A plan with its budgets and findings; `samples` and `seed` are of the draws that were needed."""

    plan: Estimate
    rows: tuple[Row, ...]
    samples: int = 0
    seed: int | None = None


class Checks(NamedTuple):
    """The plans of several scenarios, judged, and what keeps others from being read."""

    checked: tuple[Checked, ...]
    mistakes: tuple[Mistake, ...] = ()
    left_out: str = ""  # what of their folders is no scenario

    @property
    def code(self) -> int:
        """2 where something can't be read, else 3 where a budget or a finding fails, else 0."""
        return 2 if self.mistakes else 0 if all(row.passed for one in self.checked for row in one.rows) else 3

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings of the plans, one per code."""
        return together([(one.plan.scenario.file, one.plan.brief_warnings) for one in self.checked], "scenarios")


def checks(
    paths: Iterable[str], more: Iterable[Condition], load: Callable[[str], Scenario], draws: Sampling, *, strict: bool
) -> Checks:
    """Return every scenario of paths, held to its budgets and to more of them, and with `strict` to what it rests on.

    `load` reads one with its flags; a scenario that can't be read is reported, and the others are still checked.
    """
    mistakes: list[Mistake] = []
    files: tuple[str, ...] = ()
    left_out = ""
    with collected(mistakes):
        found = scenarios_of(paths)
        files, left_out = found.scenarios, found.left_out()
        for file, kind in found.others.items():
            if kind == GATES:
                with collected(mistakes):
                    read_gates(file=file)
    checked = list[Checked]()
    for path in files:
        with collected(mistakes):
            scenario = load(path)
            # Gates are read too: only a change is held to them, and a misspelt one would be found too late.
            waived = check_rules(scenario).waivers
            plan, asked = estimate(scenario), budgets(scenario, more)
            checked.append(check(plan, asked, findings(plan, waived) if strict else (), draws, strict=strict))
    return Checks(tuple(checked), tuple(mistakes), left_out)


def budgets(scenario: Scenario, more: Iterable[Condition] = ()) -> tuple[Budget, ...]:
    """Return a scenario's own budgets and those of the command line. Raise Mistakes with all of their mistakes."""
    found: dict[Condition, Budget] = {}
    with gathered() as mistakes:
        for rule in written_rules(scenario.layers, mistakes):
            if rule.kind == BUDGETS:
                with collected(mistakes):
                    if not isinstance(rule.node, Scalar) or rule.node.null:
                        raise Mistakes(
                            "a budget is one condition, such as `gpus <= 5000`; put quotes around it", rule.node.place
                        )
                    condition = parse_condition(rule.node.text, rule.node.place, simulated=True)
                    found[condition] = Budget(condition, rule.place, rule.name if rule.named else "")
    for condition in more:
        found.setdefault(condition, Budget(condition, Place(f"--budget '{condition.text}'")))
    return tuple(found.values())


def check_rules(scenario: Scenario | None, file: str | None = None) -> Rules:
    """Return the rules of a scenario and of a file of gates for a plan. Raise Mistakes with all of their mistakes."""
    with gathered() as mistakes:
        rules = Rules()
        with collected(mistakes):
            rules = rules._replace(gates=read_gates(file=file, layers=scenario.layers if scenario else ()))
        if scenario:
            with collected(mistakes):
                rules = rules._replace(budgets=budgets(scenario))
            with collected(mistakes):
                rules = rules._replace(waivers=waivers(scenario))
    return rules


def own_budgets(plan: Estimate) -> tuple[Row, ...]:
    """Return a plan's own budgets, judged."""
    if not any(BUDGETS in layer.rules for layer in plan.scenario.layers):
        return ()
    draws = (plan.samples, plan.seed or SEED) if plan.samples else SAMPLING
    return check(plan, budgets(plan.scenario), (), draws).rows


def check(
    plan: Estimate,
    asked: Sequence[Budget],
    found: Iterable[Finding],
    draws: Sampling,
    *,
    strict: bool = False,
) -> Checked:
    """Return a plan's budgets and findings, judged.

    A failed budget says which change of those that the estimate offers would keep it. A budget has the chance that it
    is kept, over all that is uncertain. `strict` fails one that is at risk.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/lesson.yaml"))
    >>> asked = budgets(plan.scenario, [parse_condition("rule_of_thumb_gpus <= 8000")])
    >>> [row.message.partition(";")[0] for row in check(plan, asked, (), (1_000, 0)).rows]
    ['180 GPUs (2.25%) over']
    """
    had = tuple(named_of(part.name, "") for part in plan.scenario.parts)
    likely = [one.condition.figure for one in asked]
    named = {name for name in likely if plain_name(name) not in FIGURES}
    of_days = {**dict.fromkeys(named), **(simulated(plan, named) if named else {})}
    likely = [name for name in likely if name not in of_days and (not is_of_a_part(name) or name.startswith(had))]
    drawn = plan.likely(likely, *draws)
    drawn = {
        name: found for name, found in drawn.items() if not isinstance(found, list) or any(map(math.isfinite, found))
    }
    rows = list[Row]()
    for budget in asked:
        row = _row(plan, budget, drawn, of_days)
        rows.append(
            row._replace(passed=False, message=f"{row.message}; --strict fails a budget at risk")
            if strict and row.at_risk
            else row
        )
    rows += map(_found, found)
    sampled = any(not isinstance(one, list) for one in drawn.values())
    return Checked(plan, tuple(rows), *draws) if sampled else Checked(plan, tuple(rows))


def _found(finding: Finding) -> Row:
    waived = f"waived: {finding.waived}" if finding.waived else ""
    return Row(
        finding.name, bool(waived), WAIVED if waived else FOUND, waived or finding.warning.message, finding.place
    )


def _row(plan: Estimate, budget: Budget, drawn: dict[str, Number], of_days: Mapping[str, "Measured | None"]) -> Row:
    condition = budget.condition
    name, chance, limit = condition.figure, condition.chance is not None, condition.asked
    unit, whole = ("share", False) if chance else (unit_of(name), name in FIGURES and FIGURES[name].whole)
    row = Row(
        budget.text,
        passed=False,
        severity=BUDGET,
        message="",
        place=budget.place,
        limit=limit,
        unit=unit,
        whole=whole,
        condition=condition,
    )
    days = of_days.get(name)
    known = (days.value if days else None) if name in of_days else plan.figure(name)
    if is_of_a_part(name) and name.split(".")[1] not in {part.name for part in plan.parts}:
        return row._replace(message=f"the plan has no part `{name.split('.')[1]}`")
    if condition.of_draws and name in drawn:
        value = condition.measure(_against(condition, drawn[name]))
    elif known is None:
        return row._replace(message=f"{name} has no value: {_why_null(plan, name)}")
    else:
        value = float(bool(condition.kept(known))) if chance else known
    if value is None:
        why = f": {_why_null(plan, name)}" if known is None else ""
        return row._replace(message=f"{name} has no value in too many of the draws{why}")
    # The chance itself is held against its limit as any value is.
    held = condition._replace(comparison=condition.chance_comparison, limit=limit) if chance else condition
    passed = held.holds(value)
    likely = (
        value
        if chance
        else condition.share_kept(drawn[name])
        if name in drawn and condition.percentile is None
        else None
    )
    parts = [_distance(value, held, row.unit, passed=passed)]
    if passed and not chance and likely is not None and likely < SURE:
        whose = "draws" if hasattr(drawn[name], "shape") else plan.model_error.whose
        parts.insert(0, f"met in {digits(100 * likely, 2)}% of {whose}")
    if condition.of_draws and name not in drawn and not days:
        parts.append("nothing uncertain reaches it, so the point value is what is judged")
    if days:
        parts.append(f"simulated, standard error {show(days.error, row.unit)}")
    cure = _cure(plan, condition) if not passed and not days else ""
    message = "; ".join(filter(None, (*parts, cure)))
    return row._replace(passed=passed, value=value, message=message, chance=likely, cure=cure)


def _against(condition: Condition, draws: Number) -> Number:
    """Return draws in which what has no value is beyond the limit, on the side that fails the budget."""
    wanted_low = condition.wants_less or (condition.comparison == "=" and condition.chance is None)
    beyond = math.inf if wanted_low else -math.inf
    if isinstance(draws, list):
        return [beyond if math.isnan(value) else value for value in draws]
    import numpy as np

    return np.where(np.isnan(draws), beyond, draws)


def _why_null(plan: Estimate, name: str) -> str:
    if name not in FIGURES and not is_of_a_part(name):
        return "its queue never ends, or no request is of that kind; `t2v-cap estimate` shows what is served"
    why = next(
        (w.message for w in plan.warnings if name in w.names),
        f"`t2v-cap explain {plan.scenario.file} {name}` shows why",
    )
    instead = "; where the peak need not be carried, hold `fluid_wait` to a limit instead"
    return why + instead if name in WAITING and plan.figures["fluid_wait"] else why


def _distance(value: float, condition: Condition, unit: str, *, passed: bool) -> str:
    """Return a value's distance from its limit, in its unit and in percent of the limit."""
    limit, points = condition.limit, unit == "share"
    far = min(abs(value - limit), sys.float_info.max)
    if not far:
        return "exactly at the limit"
    amount = f"{digits(min(far, 1e300) * 100)} percentage points" if points else show(far, unit)
    part = 100 * far / abs(limit) if limit else math.inf
    share = "" if points or not math.isfinite(part) else f" ({digits(part)}%)"
    over = "over" if value > limit else "below"
    return f"{amount}{share} {over if not passed else 'to spare' if condition.comparison != '=' else 'away'}"


def _cure(plan: Estimate, condition: Condition) -> str:
    """Return the first change that the estimate offers and that keeps a budget on a plain figure, with its value.

    Return an empty text if none does.
    """
    offered = (*(one.trial for one in alternatives(plan.scenario, plan.memo)), *remedies(plan))
    for trial in () if condition.of_draws else offered:
        there = finite(trial.figures.get(condition.figure, math.nan))
        if condition.holds(there):
            return f"try {trial.change}: {show(there or 0.0, unit_of(condition.figure))}"
    return ""
