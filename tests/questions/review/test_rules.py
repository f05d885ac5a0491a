"""Rules over files and over a change: which hold, which became looser, and how that is said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import write
from t2v_capacity.errors import Mistake
from t2v_capacity.plan.conditions import parse_condition
from t2v_capacity.questions.change.diff import diff
from t2v_capacity.questions.change.judge import judge
from t2v_capacity.questions.change.sides import Side
from t2v_capacity.questions.review.check import Budget
from t2v_capacity.questions.review.gates import Gate, parse_gate, read_gates
from t2v_capacity.questions.review.rules import ComparableRule, keeps, rule_changes, written_rules
from t2v_capacity.scenario.layers import file_layers
from texts import Recorded

pytestmark = pytest.mark.usefixtures("folder")
PLACE = parse_gate("gpus > 1")[0].held.place


def _side(gpus: float, servers: float) -> Side:
    return Side("a plan", "a.yaml", "2026-11-24", {}, {}, {}, {"gpus": gpus, "servers": servers}, ())


def _gates(text: str) -> list[Gate]:
    return [*read_gates([text])]


_CLAUSES = st.builds(
    "{} {}".format,
    st.sampled_from(["gpus", "servers"]),
    st.sampled_from(["> +5%", "> +20%", ">= +5%", "< -5%", "< -20%", "> +3", "> +30", "< -3", "> 90", "> 130", "< 90", "< 130", "= 100"]),
)

_RULES = st.lists(_CLAUSES, min_size=1, max_size=3).map(" and ".join)
_VALUES = st.tuples(*[st.integers(60, 160)] * 4)


@settings(max_examples=150, deadline=None)
@given(head=_RULES, base=_RULES, values=_VALUES)
def test_what_keeps_a_rule_trips_where_it_trips(head: str, base: str, values: tuple[int, int, int, int]) -> None:
    """Where a gate of the head is held to keep one of the base, it trips on every change on which that one trips."""
    (mine,), (theirs,) = _gates(head), _gates(base)
    if keeps(mine.held, theirs.held):
        change = diff(_side(*values[:2]), _side(*values[2:]))
        mine_passes, theirs_passes = (verdict.passed for verdict in judge([mine, theirs], change))
        assert theirs_passes or not mine_passes


@pytest.mark.parametrize(
    ("head", "base", "kept"),
    [
        ("gpus > +5%", "gpus > +5%", True),
        ("gpus > +4%", "gpus > +5%", True),
        ("gpus > +6%", "gpus > +5%", False),
        ("gpus > +5%", "servers > +5%", False),
        ("gpus > +5", "gpus > +5%", False),
        ("gpus >= +5%", "gpus > +5%", False),
        ("gpus < -4%", "gpus < -5%", True),
        ("gpus < -6%", "gpus < -5%", False),
        ("gpus < 100", "gpus < 90", True),
        ("gpus < 90", "gpus < 100", False),
        ("gpus = 100", "gpus = 100", True),
        ("gpus = 100", "gpus = 90", False),
        ("gpus > +5%", "gpus > +5% and > +50", True),
        ("gpus > +5% and > +50", "gpus > +5%", False),
        ("gpus > +50 and > +5%", "gpus > +5% and > +50", True),
        ("gpus > +50 and > +50", "gpus > +50 and > +5%", False),
        ("new-warnings", "new-warnings", True),
        ("new-warnings", "warning:overloaded", False),
        ("warning:overloaded", "warning:overloaded and gpus > +5%", True),
    ],
)
def test_which_rule_keeps_another(head: str, base: str, kept: bool) -> None:  # noqa: FBT001 - a table's column
    """A rule keeps another of the same figure, form and comparison whose limit is as near or nearer, without a further `and`."""
    (mine,), (theirs,) = _gates(head), _gates(base)
    assert keeps(mine.held, theirs.held) == kept


@pytest.mark.parametrize(
    ("head", "base", "kept"),
    [
        ("gpus <= 100", "gpus <= 100", True),
        ("gpus <= 90", "gpus <= 100", True),
        ("gpus <= 110", "gpus <= 100", False),
        ("gpus >= 110", "gpus >= 100", True),
        ("gpus >= 90", "gpus >= 100", False),
        ("gpus < 100", "gpus <= 100", False),
        ("gpus = 90", "gpus = 100", False),
        ("p95(gpus) <= 90", "p95(gpus) <= 100", True),
        ("p90(gpus) <= 90", "p95(gpus) <= 100", False),
        ("P(gpus <= 100) >= 95%", "P(gpus <= 100) >= 90%", True),
        ("P(gpus <= 100) >= 85%", "P(gpus <= 100) >= 90%", False),
        ("P(gpus <= 100) > 95%", "P(gpus <= 100) > 90%", True),
        ("P(gpus <= 100) > 85%", "P(gpus <= 100) > 90%", False),
        ("P(gpus > 100) < 5%", "P(gpus > 100) < 10%", True),
        ("P(gpus > 100) < 15%", "P(gpus > 100) < 10%", False),
        ("P(gpus > 100) <= 5%", "P(gpus > 100) <= 10%", True),
        ("P(gpus > 100) <= 15%", "P(gpus > 100) <= 10%", False),
        ("P(gpus <= 90) >= 90%", "P(gpus <= 100) >= 90%", False),
        ("gpus <= 100", "P(gpus <= 100) >= 90%", False),
    ],
)
def test_which_budget_keeps_another(head: str, base: str, kept: bool) -> None:  # noqa: FBT001 - a table's column
    """A budget keeps another of the same figure, percentile and comparison whose limit, or whose chance, is as tight or tighter."""
    mine, theirs = (Budget(parse_condition(text), PLACE).held for text in (head, base))
    assert keeps(mine, theirs) == kept


def test_a_severity_and_a_floor_are_part_of_a_rule() -> None:
    """A gate that fails keeps one that warns and not the other way, a smaller floor keeps a larger one, and a budget keeps no gate."""
    (fails,), (warns,) = read_gates(["gpus > +5%"]), read_gates((), ["gpus > +5%"])
    assert (keeps(fails.held, warns.held), keeps(warns.held, fails.held)) == (True, False)
    small, large = (fails.held._replace(floor=floor) for floor in (5.0, 50.0))
    assert [keeps(*pair) for pair in ((small, small), (small, large), (large, small), (fails.held, small))] == [True, True, False, True]
    budget = Budget(parse_condition("gpus <= 5"), PLACE).held
    assert not keeps(budget, fails.held)
    assert not keeps(fails.held, budget)


def _said(base: list[ComparableRule], head: list[ComparableRule]) -> list[str]:
    return [f"{change} {'looser' if change.looser else ''}".strip() for change in rule_changes(base, head)]


def _held(*texts: str, kind: str = "fail") -> list[ComparableRule]:
    gates = read_gates(texts) if kind == "fail" else read_gates((), texts)
    return [gate.held for gate in gates]


def test_what_became_of_rules_is_said(recorded: Recorded) -> None:
    """Of two lists of rules those that are gone, looser, tighter and new are said in words, with the line of the head or of the base."""
    base = _held("gpus > +5%", "servers > +5%", "trps > +1%", "gpus > 100")
    head = _held("gpus > +50%", "servers > +4%", "gpus > 100", "replicas > +1%")
    recorded(_said(base, head))
    assert _said(base, base) == []
    recorded(_said(_held("gpus > +5%"), _held("gpus > +5%", kind="warn")))
    floored = [rule._replace(floor=8) for rule in base[:1]]
    recorded(_said(base[:1], floored))
    budget = [Budget(parse_condition("gpus <= 5"), PLACE).held]
    assert [line.partition(":")[0] for line in _said(_held("gpus > +5%"), budget)] == ["gate removed", "budget added"]
    waiver = [ComparableRule("waiver", "no-source", PLACE, ())]
    assert [line.partition(":")[0] for line in _said([], waiver)] == ["waiver loosened"]
    assert _said(waiver, []) == []


def test_rules_add_up_over_files(recorded: Recorded) -> None:
    """A later file replaces a rule of the same name, takes one away by null, and adds its own; each says which files hold it."""
    write(
        "budgets: {cap: gpus <= 1, own: gpus <= 2}\ngates: {fail_on: [gpus > +5%, gpus > +5%], warn_on: {cap: gpus > +1%}}\n", "base.yaml"
    )
    write(
        "extends: base.yaml\nbudgets: {cap: gpus <= 3, own: null, more: gpus <= 4}\n"
        "gates: {fail_on: [gpus  >  +5%], warn_on: {caps: null, 'cap': }}\n",
        "plan.yaml",
    )
    mistakes = list[Mistake]()
    found = written_rules(file_layers("plan.yaml", mistakes), mistakes)
    assert [(rule.kind, rule.name, rule.named, str(rule.place), [*map(str, rule.also)]) for rule in found] == [
        ("budgets", "cap", True, "plan.yaml:2:16", ["base.yaml:1:16"]),
        ("budgets", "more", True, "plan.yaml:2:44", []),
        ("fail_on", "gpus > +5%", False, "plan.yaml:3:19", ["base.yaml:2:19"]),
    ]
    recorded([(mistake.message, str(mistake.place)) for mistake in mistakes])


def test_a_rule_of_many_words_lies_where_its_name_is() -> None:
    """A rule that is a mapping or a list lies at its name, one that is a text at that text; null without a name takes nothing away."""
    write("budgets: {cap: gpus <= 1, odd: [gpus <= 2]}\ngates: {fail_on: {fleet: {when: gpus > +5%}}}\n", "plan.yaml")
    write("extends: plan.yaml\nbudgets: [null]\n", "child.yaml")
    mistakes = list[Mistake]()
    found = [(rule.name, str(rule.place)) for rule in written_rules(file_layers("plan.yaml", mistakes), mistakes)]
    assert found == [("cap", "plan.yaml:1:16"), ("odd", "plan.yaml:1:27"), ("fleet", "plan.yaml:2:19")]
    assert [rule.named for rule in written_rules(file_layers("child.yaml", mistakes), mistakes)] == [True, True, True, False]
    assert mistakes == []
