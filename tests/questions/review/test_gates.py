"""Gates of a diff: what is read, and how much of it at the most."""

import pytest

from shared import refusal
from t2v_capacity.questions.review.gates import parse_gate
from texts import Recorded


@pytest.mark.parametrize(
    ("text", "said", "kinds"),
    [
        ("gpus>+10%  and >+50", "gpus > +10% and > +50", ["relative", "absolute"]),
        ("storage-held > +1.5 PB", "storage_held > +1.5 PB", ["absolute"]),
        ("average_utilization < 60%", "average_utilization < 60%", ["value"]),
        ("gpus < -5% and cost_per_month > +20K USD", "gpus < -5% and cost_per_month > +20K USD", ["relative", "absolute"]),
        ("new-warnings", "new-warnings", ["warning"]),
        ("warning:memory-does-not-fit and gpus > +1%", "warning:memory-does-not-fit and gpus > +1%", ["warning", "relative"]),
    ],
)
def test_a_gate_is_read(text: str, said: str, kinds: list[str]) -> None:
    """A gate is read with or without blanks, said again in one form, and that form is read as the same gate."""
    gate = parse_gate(text)
    assert (gate.name, gate.rule, [clause.kind for clause in gate.clauses]) == (said, said, kinds)
    assert parse_gate(said) == gate


def test_a_gate_has_ten_parts_at_the_most(recorded: Recorded) -> None:
    """Ten clauses are one gate; an eleventh is refused, and so is a gate of none."""
    clauses = [f"gpus > +{limit}%" for limit in range(11)]
    assert len(parse_gate(" and ".join(clauses[:10])).clauses) == 10
    recorded(refusal(parse_gate, " and ".join(clauses)))
    recorded(refusal(parse_gate, ""))
