"""Check plans against their budgets: each with its measured value and its distance from the limit.

A draw without a value counts against a budget, whichever way that budget is written.
"""

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from t2v_capacity.assumptions.names import finite, plain, unit_of
from t2v_capacity.assumptions.parts import is_of_a_part, plain_name
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.figures import FIGURES, Number
from t2v_capacity.errors import Mistake, Mistakes, Place, collected, gathered
from t2v_capacity.files.document import Scalar
from t2v_capacity.plan.advice import change_text, remedies
from t2v_capacity.plan.candidates import alternatives
from t2v_capacity.plan.cells import SAMPLES, SEED, Sampling
from t2v_capacity.plan.conditions import Condition, parse_condition, result_at
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.rules import BUDGETS, written_rules
from t2v_capacity.plan.trials import in_brackets
from t2v_capacity.plan.uncertain import draws_used
from t2v_capacity.plan.verdict import SURE, chance_in_words
from t2v_capacity.plan.warnings import together
from t2v_capacity.plan.warnings.service import held_instead
from t2v_capacity.questions.review.findings import Finding, Waiver, findings, waivers
from t2v_capacity.questions.review.gates import Gate, read_gates
from t2v_capacity.questions.what_if.simulated import simulated
from t2v_capacity.scenario.folders import GATES, Sorted, scenarios_of
from t2v_capacity.scenario.settings import PlanWarning, Scenario

if TYPE_CHECKING:
    from t2v_capacity.questions.what_if.days import SimulatedValue

BUDGET, FOUND, WAIVED = "error", "warning", "info"
WRITE_BUDGETS = "write them under `budgets` in the file, or as `--budget 'gpus <= 5000'`"


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


class CheckLine(NamedTuple):
    """One budget or finding: whether it lets the plan pass, and what to know of it."""

    name: str
    passed: bool
    severity: str
    message: str
    place: Place
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    condition: Condition | None = None
    chance: float | None = None  # that a budget is kept, over all that is uncertain and reaches it
    before: str = ""  # the value on the base of a change

    def at(self, condition: Condition, measured: float | None) -> "CheckLine":
        """Return a budget's row with what was measured of its condition."""
        of = "" if condition.chance is not None else condition.figure
        return self._replace(passed=condition.meets(measured), value=plain(of, measured))

    @property
    def measured_text(self) -> str:
        """The measured value as a person reads it; nothing for a finding."""
        if not self.unit:
            return ""
        return "none" if self.value is None else show(self.value, self.unit, 6)

    @property
    def result(self) -> str:
        """Its status, in a word; at risk if it is met at the point values with too small a chance."""
        if self.severity == WAIVED:
            return "waived"
        if self.at_risk:
            return "AT RISK"
        return "PASS" if self.passed else "FAIL"

    @property
    def at_risk(self) -> bool:
        """Whether it is met at the point values, but with a chance below 90%."""
        own = self.condition is not None and self.condition.chance is not None  # a chance of the author's own
        return self.passed and not own and self.chance is not None and self.chance < SURE


class Checked(NamedTuple):
    """A plan with its budgets and findings; `samples` and `seed` are of the draws that were needed."""

    plan: Estimate
    rows: tuple[CheckLine, ...]
    samples: int = 0
    seed: int | None = None

    @property
    def has_budgets(self) -> bool:
        """Whether it is held to any budget."""
        return any(row.severity == BUDGET for row in self.rows)


class Checks(NamedTuple):
    """The plans of several scenarios, judged, and what keeps others from being read."""

    checked: tuple[Checked, ...]
    mistakes: tuple[Mistake, ...]
    left_out: str  # what of their folders is no scenario

    @property
    def nothing_checked(self) -> bool:
        """Whether no scenario has a budget."""
        return not any(checked.has_budgets for checked in self.checked)

    @property
    def draws(self) -> tuple[int, int | None]:
        """The draws that were needed, and their seed."""
        return next(((checked.samples, checked.seed) for checked in self.checked if checked.samples), (0, None))

    @property
    def code(self) -> int:
        """2 where something can't be read, else 3 where a budget or a finding fails, else 0."""
        if self.mistakes:
            return 2
        return 0 if all(row.passed for checked in self.checked for row in checked.rows) else 3

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings of the plans, one per code."""
        return together(
            [(checked.plan.scenario.file, checked.plan.brief_warnings) for checked in self.checked], "scenarios"
        )


def checks(
    paths: Iterable[str], more: Iterable[Condition], load: Callable[[str], Scenario], draws: Sampling, *, strict: bool
) -> Checks:
    """Return every scenario of paths, held to its budgets and to more of them.

    With `strict`, findings about its inputs fail it too, and so does a check of no budgets. `load` reads a scenario
    with its flags. A scenario that can't be read is reported, and the others are still checked.
    """
    mistakes = list[Mistake]()
    folders = Sorted((), {})
    with collected(mistakes):
        folders = scenarios_of(paths)
        for file, kind in folders.others.items():
            if kind == GATES:
                with collected(mistakes):
                    read_gates(file=file)

    checked = list[Checked]()
    for path in folders.scenarios:
        with collected(mistakes):
            scenario = load(path)
            # Gates are read too: only a change is held to them, and a misspelt one would be found too late.
            waived = read_rules(scenario).waivers
            plan, asked = estimate(scenario), budgets(scenario, more)
            checked.append(check(plan, asked, findings(plan, waived) if strict else (), draws, strict=strict))
    outcome = Checks(tuple(checked), tuple(mistakes), folders.left_out())
    if strict and outcome.nothing_checked:
        return outcome._replace(checked=tuple(map(_failing_without_budgets, checked)))
    return outcome


def _failing_without_budgets(checked: Checked) -> Checked:
    """Return a plan that has no budgets with a row that fails for it."""
    message = f"nothing was checked; {WRITE_BUDGETS}"
    row = CheckLine(BUDGETS, passed=False, severity=FOUND, message=message, place=Place(checked.plan.scenario.file))
    return checked._replace(rows=(*checked.rows, row))


def budgets(scenario: Scenario, more: Iterable[Condition] = ()) -> tuple[Budget, ...]:
    """Return a scenario's own budgets and those of the command line. Raise Mistakes with all of their mistakes."""
    by_condition = dict[Condition, Budget]()
    with gathered() as mistakes:
        for rule in written_rules(scenario.layers, mistakes):
            if rule.kind == BUDGETS:
                with collected(mistakes):
                    if not isinstance(rule.node, Scalar) or rule.node.null:
                        raise Mistakes(
                            "a budget is one condition, such as `gpus <= 5000`; put quotes around it", rule.node.place
                        )
                    condition = parse_condition(rule.node.text, rule.node.place, simulated=True)
                    by_condition[condition] = Budget(condition, rule.place, rule.name if rule.named else "")

    for condition in more:
        by_condition.setdefault(condition, Budget(condition, Place(f"--budget '{condition.text}'")))
    return tuple(by_condition.values())


def read_rules(scenario: Scenario, file: str | None = None) -> Rules:
    """Return the rules of a scenario and of a file of gates for a plan. Raise Mistakes with all of their mistakes."""
    with gathered() as mistakes:
        with collected(mistakes):
            gates = read_gates(file=file, layers=scenario.layers)
        with collected(mistakes):
            own_budgets = budgets(scenario)
        with collected(mistakes):
            own_waivers = waivers(scenario)
    return Rules(gates, own_budgets, own_waivers)


def own_budgets(plan: Estimate) -> tuple[CheckLine, ...]:
    """Return a plan's own budgets, judged."""
    return check(plan, budgets(plan.scenario), (), (plan.samples or SAMPLES, plan.seed or SEED)).rows


def check(
    plan: Estimate,
    asked: Sequence[Budget],
    reviewed: Iterable[Finding],
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
    likely = [budget.condition.figure for budget in asked]
    named = {name for name in likely if plain_name(name) not in FIGURES}
    of_days = {**dict.fromkeys(named), **(simulated(plan, named) if named else {})}
    drawn = plan.likely([name for name in likely if name not in of_days], *draws)

    rows = list[CheckLine]()
    for budget in asked:
        row = _budget_row(plan, budget, drawn, of_days)
        if strict and row.at_risk:
            row = row._replace(passed=False, message=f"{row.message}; --strict fails a budget at risk")
        rows.append(row)
    rows += map(_finding_row, reviewed)

    return Checked(plan, tuple(rows), *draws_used(drawn, draws))


def _finding_row(finding: Finding) -> CheckLine:
    waived = f"waived: {finding.waived}" if finding.waived else ""
    return CheckLine(
        finding.name, bool(waived), WAIVED if waived else FOUND, waived or finding.warning.message, finding.place
    )


def _budget_row(
    plan: Estimate, budget: Budget, drawn: dict[str, Number], of_days: Mapping[str, "SimulatedValue | None"]
) -> CheckLine:
    """Return a budget, judged; without a value it fails, and the row says why."""
    condition, name = budget.condition, budget.condition.figure
    chance = condition.chance is not None
    row = CheckLine(
        budget.text,
        passed=False,
        severity=BUDGET,
        message="",
        place=budget.place,
        limit=plain("" if chance else name, condition.threshold),
        unit="share" if chance else unit_of(name),
        condition=condition,
    )

    days, draws = of_days.get(name), drawn.get(name)
    point = days and days.value
    if name not in of_days:
        point = plan.figure(name)
    if is_of_a_part(name) and name.split(".")[1] not in {part.name for part in plan.parts}:
        return row._replace(message=f"the plan has no part `{name.split('.')[1]}`")
    measured = result_at(condition, point, draws).measured
    if measured is None or (point is None and draws is None):
        why = " in too many of the draws" if point is not None else f": {_why_null(plan, name)}"
        return row._replace(message=f"{name} has no value{why}")
    return _judged_row(row.at(condition, measured), plan, condition, measured, draws, days)


def _judged_row(
    row: CheckLine,
    plan: Estimate,
    condition: Condition,
    measured: float,
    draws: Number | None,
    days: "SimulatedValue | None",
) -> CheckLine:
    """Return a budget's row with its measured value held against the limit."""
    if condition.chance is not None:
        row = row._replace(chance=measured)
    elif draws is not None and condition.percentile is None:
        row = row._replace(chance=condition.share_kept(draws))

    parts = [_distance(measured, condition, row.unit, passed=row.passed)]
    if row.at_risk and row.chance is not None:
        whose = "draws" if hasattr(draws, "shape") else plan.model_error.whose
        parts.insert(0, f"met in {chance_in_words(row.chance)} of {whose}")
    if condition.of_draws and draws is None and not days:
        parts.append("nothing uncertain reaches it, so the point value is what is judged")
    if days:
        parts.append(f"simulated{' over all parts' if plan.parts else ''}, standard error {show(days.error, row.unit)}")
    cure = "" if row.passed or days else _cure(plan, condition)
    if cure:
        parts.append(cure)
    return row._replace(message="; ".join(parts))


def _why_null(plan: Estimate, name: str) -> str:
    if name not in FIGURES and not is_of_a_part(name):
        return "its queue never ends, or no request is of that kind; `t2v-cap estimate` shows what is served"
    why = next(
        (warning.message for warning in plan.warnings if plain_name(name) in warning.names),
        f"`t2v-cap explain {plan.scenario.file} {name}` shows why",
    )
    return "; ".join(filter(None, (why, held_instead(name, plan.known))))


def _distance(measured: float, condition: Condition, unit: str, *, passed: bool) -> str:
    """Return a value's distance from its limit, in its unit and in percent of the limit."""
    limit, points = condition.threshold, unit == "share"
    far = min(abs(measured - limit), sys.float_info.max)
    if not far:
        return "exactly at the limit"
    amount = f"{digits(min(far, 1e300) * 100)} percentage points" if points else show(far, unit)
    part = 100 * far / abs(limit) if limit else math.inf
    share = "" if points or not math.isfinite(part) else f" ({digits(part)}%)"
    if not passed:
        return f"{amount}{share} {'over' if measured > limit else 'below'}"
    return f"{amount}{share} {'away' if condition.comparison == '=' else 'to spare'}"


def _cure(plan: Estimate, condition: Condition) -> str:
    """Return the first change offered by the estimate that keeps a budget on a plain figure, with the figure's value.

    Return an empty text if none does.
    """
    offered = (*alternatives(plan.scenario), *remedies(plan))
    for trial in () if condition.of_draws else sorted(offered, key=lambda trial: trial.caveat):
        figure = trial.figures.get(condition.figure, math.nan)
        if condition.holds(finite(figure)):
            return f"try {change_text(trial)}{in_brackets(trial.caveat)}: {show(figure, unit_of(condition.figure))}"
    return ""
