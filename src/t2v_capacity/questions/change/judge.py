"""A change held to rules: the gates and budgets of the base, which a pull request can't edit.

Where an owner says so, the rules are the head's. From a base of 0 or null any change is infinite in proportion. A
figure that lost its value trips every gate on it. One without a value in the head trips a limit on the value itself:
what can't be shown never passes. In a percentile a draw without a value is the worst, as in the bands of an estimate.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.errors import Mistakes, collected, gathered, nearest
from t2v_capacity.files.revisions import in_plan_revision
from t2v_capacity.plan.cells import SAMPLING
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.uncertain import is_best_high
from t2v_capacity.questions.change.diff import NOBODY, Difference, Side, diff
from t2v_capacity.questions.change.rules_changed import OUTLIVED, ChangedRule, outlived_pins
from t2v_capacity.questions.change.why import ChangedInput, Why, inputs, why
from t2v_capacity.questions.review.check import CheckLine, Rules, check, read_rules
from t2v_capacity.questions.review.gates import FAIL, Clause, Gate, read_gates
from t2v_capacity.scenario.settings import PlanWarning

BASE, HEAD = SOURCES = ("base", "head")

# The values of a clause's subject, in the base and in the head.
BaseAndHead = tuple[float | None, float | None]


class Ruling(NamedTuple):
    """A gate and its result: in the figure's unit the head's value and its limit, and the clauses that hold."""

    gate: Gate
    passed: bool
    base: float | None
    value: float | None
    limit: float | None
    holding: tuple[bool, ...]
    reason: str
    tripping: tuple[PlanWarning, ...]  # warnings that its clauses are about

    @property
    def fails(self) -> bool:
        """Whether it fails the run."""
        return not self.passed and self.gate.severity == FAIL

    @property
    def condition(self) -> Condition | None:
        """What its first clause on a figure is of; nothing where it is of warnings alone."""
        return _as_estimated(self.gate.first)

    @property
    def names(self) -> tuple[str, ...]:
        """What those warnings are about."""
        return tuple(dict.fromkeys(name for warning in self.tripping for name in warning.names))

    @property
    def excess(self) -> float | None:
        """The head's excess over the limit."""
        return None if self.value is None or self.limit is None else abs(self.value - self.limit)


# What can trip, and all that can fail a run.
Rule = Ruling | CheckLine
Failing = Rule | ChangedRule


class GateOptions(NamedTuple):
    """The gates of the command line, a file of gates, which each side has its own state of, and whose rules count.

    With `total`, all scenarios of a side add up.
    """

    fail_on: Sequence[str] = ()
    warn_on: Sequence[str] = ()
    file: str | None = None
    gates_from: str = BASE
    total: bool = False

    @property
    def lenient(self) -> bool:
        """Whether an owner accepts what can't be compared with the base."""
        return self.gates_from == HEAD

    def rules_of(self, side: Side) -> Rules:
        """Return the rules of a side's scenario, and of the file of gates as it was there."""
        assert side.scenario is not None
        return read_rules(side.scenario, in_plan_revision(self.file, side.committed, new=self.lenient))


@dataclass(frozen=True, slots=True)
class Judged:
    """A change and what the rules say of it.

    `rules` are those that changed. The gates of `totals` are judged once for all scenarios.
    """

    difference: Difference
    rulings: tuple[Ruling, ...]
    budgets: tuple[CheckLine, ...]
    rules: tuple[ChangedRule, ...]
    gates_from: str
    totals: tuple[Gate, ...]
    inputs: Mapping[str, ChangedInput]  # what was changed, each with the line that states it
    _whys: dict[Condition | str, Why] = field(default_factory=dict, compare=False)

    @property
    def fails(self) -> bool:
        """Whether a gate, a budget or a changed rule fails the run."""
        return bool(self.failing)

    @property
    def failing(self) -> tuple[Failing, ...]:
        """The gates that fail the run, the budgets, and the changed rules unless an owner lets them through."""
        rules = self.rules if self.gates_from == BASE else ()
        gates = (ruling for ruling in self.rulings if ruling.fails)
        return (*gates, *(row for row in self.budgets if not row.passed), *rules)

    @property
    def warns(self) -> bool:
        """Whether it needs attention: a gate that warns, or a changed rule."""
        return any(not ruling.passed for ruling in self.rulings) or bool(self.rules)

    @property
    def unchanged(self) -> bool:
        """Whether neither the plan nor its rules changed."""
        return self.difference.empty and not self.rules

    @property
    def findings(self) -> tuple[PlanWarning, ...]:
        """The changed rules, and the pins that are outlived, as a warning of the change each."""
        codes = dict.fromkeys(change.code for change in self.rules)
        return tuple(_warning_of([change for change in self.rules if change.code == code]) for code in codes)

    def why(self, figure: str, drawn: Condition | None = None) -> Why:
        """Return the change in parts of a figure, or of what a condition makes of its draws; each is split once."""
        subject = drawn or figure
        if subject not in self._whys:
            self._whys[subject] = why(self.difference, figure, drawn)
        return self._whys[subject]

    @property
    def tripped(self) -> tuple[Rule, ...]:
        """The gates and the budgets that trip, whether they fail the run or warn."""
        rules: tuple[Rule, ...] = (*self.rulings, *self.budgets)
        return tuple(rule for rule in rules if not rule.passed)

    def why_of(self, rule: Rule) -> Why:
        """Return in parts the change of what a rule is on, or of what the warnings that trip it are about."""
        if condition := rule.condition:
            return self.why(condition.figure, condition if condition.of_draws else None)
        named = _names_of(rule)
        if "latency_p95" in named:  # a stream that stops misses its target, whatever its first frame takes
            named = ("clip_runs", *named)
        return self.why(next((name for name in named if name in self.difference.figures), ""))

    def causes(self, rule: Rule) -> tuple[str, ...]:
        """Return the inputs that move what a tripped rule is on to the side where it trips, the biggest part first.

        Where only all of them together do, `together` too. Of a value that is gone those are why that alone leave none.
        Of what else can't be split they are the inputs that the rule names, or all.
        """
        why = self.why_of(rule)
        direction = why.total
        if rule.value is not None and rule.limit is not None:
            direction = rule.value - rule.limit
        if why.reason or not (direction or rule.condition):
            named = _names_of(rule)
            return why.decisive or tuple(name for name in self.inputs if name in named) or tuple(self.inputs)
        return why.towards(direction or why.total)


UNJUDGED = Judged(Difference(NOBODY, NOBODY), (), (), (), BASE, (), {})


def _names_of(rule: Rule) -> tuple[str, ...]:
    """Return what the warnings that trip a rule are about."""
    return rule.names if isinstance(rule, Ruling) else ()


def _warning_of(changes: Sequence[ChangedRule]) -> PlanWarning:
    """Return changed rules, or outlived pins, as one warning."""
    names = tuple(dict.fromkeys(name for change in changes for name in (change.rule, *change.inputs)))
    text = "; ".join(map(str, changes))
    if changes[0].kind == OUTLIVED:
        return PlanWarning("pin-outlived", text, names)
    return PlanWarning("rules-changed", text, names)


def check_source(gates_from: str) -> str:
    """Return the sides whose rules apply. Raise Mistakes if there are none."""
    if gates_from not in SOURCES:
        raise Mistakes(
            f"`--gates-from {gates_from}`: the rules that count are those of {', '.join(SOURCES)}"
            f"{nearest(gates_from, SOURCES)}"
        )
    return gates_from


def judge_change(base: Side, head: Side, asked: GateOptions) -> Judged:
    """Return the change from base to head, held to the rules of one of them. Raise Mistakes if a rule is invalid."""
    with gathered() as mistakes:
        with collected(mistakes):
            given = read_gates(asked.fail_on, asked.warn_on)
        with collected(mistakes):
            before = asked.rules_of(base)
        with collected(mistakes):
            after = asked.rules_of(head)
    difference = _with_outlived(diff(base, head))
    return judge_difference(difference, rules_in_force(base, before, after, asked.gates_from), given, asked.gates_from)


def _with_outlived(difference: Difference) -> Difference:
    """Return a difference that also warns of pins that are outlived, which fails no gate by itself."""
    warned = difference.head.outlived
    new = [_warning_of([change]) for change in outlived_pins(difference) if change.rule not in warned]
    return difference._replace(new_warnings=(*difference.new_warnings, *new))


def rules_in_force(base: Side, before: Rules, after: Rules, gates_from: str) -> Rules:
    """Return the rules that judge: the base's, each at its line in the head where the head still has it.

    The rules are the head's if there is no base.
    """
    if gates_from == HEAD or base is NOBODY:
        return after
    return Rules(_placed_in_head(after.gates, before.gates), _placed_in_head(after.budgets, before.budgets))


_Rule = TypeVar("_Rule")


def _placed_in_head(head: Iterable[_Rule], base: Iterable[_Rule]) -> tuple[_Rule, ...]:
    same = {rule: rule for rule in head}
    return tuple(same.get(rule, rule) for rule in base)


def judge_difference(
    difference: Difference,
    rules: Rules,
    given: tuple[Gate, ...],
    gates_from: str,
    changed: tuple[ChangedRule, ...] = (),
    *,
    many: bool = False,
) -> Judged:
    """Return a change held to rules; of `many` scenarios gates on totals are set aside."""
    gates = tuple(dict.fromkeys((*given, *rules.gates)))
    totals = tuple(gate for gate in gates if gate.of_total) if many else ()
    plan = difference.head.plan
    checked = check(plan, rules.budgets, (), SAMPLING).rows if plan else ()
    budgets = tuple(_with_before(row, difference.base) for row in checked)
    rulings = tuple(judge_gate(gate, _ends(gate, difference), difference) for gate in gates if gate not in totals)
    return Judged(difference, rulings, budgets, changed, gates_from, totals, inputs(difference))


def _ends(gate: Gate, difference: Difference) -> dict[str, BaseAndHead]:
    """Return by subject what the clauses of a gate are about, in base and head."""
    conditions = filter(None, map(_as_estimated, gate.clauses))
    base, head = difference.base, difference.head
    return {asked.subject: (base.measured(asked), head.measured(asked)) for asked in conditions}


def _as_estimated(clause: Clause) -> Condition | None:
    """Return a clause's condition, turned so that a draw without a value is the worst, as an estimate has it.

    A gate says what must not be: its own comparison may count such a draw as the best.
    """
    return clause.condition and clause.condition._replace(
        comparison=">=" if is_best_high(plain_name(clause.figure)) else "<="
    )


def _with_before(row: CheckLine, base: Side) -> CheckLine:
    """Return a budget's row with its value on the base, none of what is simulated; it says so if it failed there."""
    assert row.condition is not None
    before = row.at(row.condition, base.measured(row.condition))
    if before.value is None:
        return row
    also = "" if row.passed or before.passed else f"; failed before, at {before.measured_text}"
    return row._replace(before=before.measured_text, message=f"{row.message}{also}")


def judge_gate(gate: Gate, ends: Mapping[str, BaseAndHead], difference: Difference | None = None) -> Ruling:
    """Return the result of a gate; `ends` are by subject the values of its clauses in base and head.

    A gate on sums has no single difference. Without a base no change of a figure is judged.
    """
    alone = difference is not None and difference.base is NOBODY
    holding, tripping = list[bool](), list[PlanWarning]()
    for clause in gate.clauses:
        if clause.kind == "warning" and difference:
            warnings = [warning for warning in difference.new_warnings if warning.severity == "warning"]
            if clause.code:
                warnings = [warning for warning in difference.head.warnings if warning.code == clause.code]
            tripping += warnings
            holding.append(bool(warnings))
        else:
            holding.append(_holds(clause, ends[clause.subject], alone=alone))

    figure, (base, head) = gate.first.figure, ends.get(gate.first.subject, (None, None))
    reason = ""
    if alone and any(clause.kind in ("relative", "absolute") for clause in gate.clauses):
        reason = "nothing to compare"
    elif figure and head is None:
        reason = "it has no value any more" if base is not None else "it has no value"
    elif figure and not base:
        reason = f"from {'nothing' if base is None else '0'}, where any change is infinite in proportion"

    return Ruling(gate, not all(holding), base, head, _limit(gate, base), tuple(holding), reason, tuple(tripping))


def _holds(clause: Clause, ends: BaseAndHead, *, alone: bool) -> bool:
    """Return whether a clause holds of what it is about in base and head."""
    assert clause.condition is not None
    base, head = ends
    if clause.kind == "value":
        return clause.condition.holds(head) or head is None
    if alone or head is None:
        return base is not None

    if limit := _on_the_head(clause, base):
        return limit.holds(head)
    return clause.condition.holds(math.copysign(math.inf, head) if head else 0.0)


def _on_the_head(clause: Clause, base: float | None) -> Condition | None:
    """Return a clause as a condition on the head's value; none from 0, where a change is infinite in proportion."""
    condition = clause.condition
    if condition is None or clause.kind == "value":
        return condition
    if clause.kind == "absolute":
        return condition._replace(limit=(base or 0.0) + condition.limit)
    return condition._replace(limit=base + abs(base) * condition.limit) if base else None


def _limit(gate: Gate, base: float | None) -> float | None:
    """Return the value of the head at which the gate begins to trip: the hardest to reach of several clauses."""
    conditions = [_on_the_head(clause, base) for clause in gate.clauses if clause.subject == gate.first.subject]
    limits = [condition.limit for condition in conditions if condition]
    falling = any(clause.condition and "<" in clause.condition.comparison for clause in gate.clauses)
    return min(limits, default=None) if falling else max(limits, default=None)
