"""Rules over files: which hold, and where each stands."""

import pytest

from shared import write
from t2v_capacity.errors import Mistake
from t2v_capacity.plan.rules import written_rules
from t2v_capacity.scenario.layers import file_layers
from texts import Recorded

pytestmark = pytest.mark.usefixtures("folder")


def test_rules_add_up_over_files(recorded: Recorded) -> None:
    """A later file replaces a rule of the same name, takes one away by null, and adds its own."""
    write(
        "budgets: {cap: gpus <= 1, own: gpus <= 2}\n"
        "gates: {fail_on: [gpus > +5%, gpus > +5%], warn_on: {cap: gpus > +1%}}\n",
        "base.yaml",
    )
    write(
        "extends: base.yaml\nbudgets: {cap: gpus <= 3, own: null, more: gpus <= 4}\n"
        "gates: {fail_on: [gpus  >  +5%], warn_on: {caps: null, 'cap': }}\n",
        "plan.yaml",
    )
    mistakes = list[Mistake]()
    found = written_rules(file_layers("plan.yaml", mistakes), mistakes)
    assert [(rule.kind, rule.name, rule.named, str(rule.place)) for rule in found] == [
        ("budgets", "cap", True, "plan.yaml:2:16"),
        ("budgets", "more", True, "plan.yaml:2:44"),
        ("fail_on", "gpus > +5%", False, "plan.yaml:3:19"),
    ]
    recorded([(mistake.message, str(mistake.place)) for mistake in mistakes])


def test_a_rule_of_many_words_lies_where_its_name_is() -> None:
    """A rule that is a mapping or a list lies at its name, one that is a text at that text.

    Null without a name takes nothing away.
    """
    write("budgets: {cap: gpus <= 1, odd: [gpus <= 2]}\ngates: {fail_on: {fleet: {when: gpus > +5%}}}\n", "plan.yaml")
    write("extends: plan.yaml\nbudgets: [null]\n", "child.yaml")
    mistakes = list[Mistake]()
    found = [(rule.name, str(rule.place)) for rule in written_rules(file_layers("plan.yaml", mistakes), mistakes)]
    assert found == [("cap", "plan.yaml:1:16"), ("odd", "plan.yaml:1:27"), ("fleet", "plan.yaml:2:19")]
    assert [rule.named for rule in written_rules(file_layers("child.yaml", mistakes), mistakes)] == [
        True,
        True,
        True,
        False,
    ]
    assert mistakes == []
