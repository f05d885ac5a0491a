"""Gates of a diff: what is read, and how much of it at the most."""

import io

import pytest

from places import shipped
from shared import Program, refusal
from t2v_capacity.questions.review.gates import parse_gate
from texts import Recorded


@pytest.mark.parametrize(
    ("text", "said", "kinds"),
    [
        ("gpus>+10%  and >+50", "gpus > +10% and > +50", ["relative", "absolute"]),
        ("storage-held > +1.5 PB", "storage_held > +1.5 PB", ["absolute"]),
        ("average_utilization < 60%", "average_utilization < 60%", ["value"]),
        (
            "gpus < -5% and cost_per_month > +20K USD",
            "gpus < -5% and cost_per_month > +20K USD",
            ["relative", "absolute"],
        ),
        ("new-warnings", "new-warnings", ["warning"]),
        (
            "warning:memory-does-not-fit and gpus > +1%",
            "warning:memory-does-not-fit and gpus > +1%",
            ["warning", "relative"],
        ),
    ],
)
def test_a_gate_is_read(text: str, said: str, kinds: list[str]) -> None:
    """A gate is read with or without blanks, said again in one form, and that form is read as the same gate."""
    gate = parse_gate(text)
    assert (gate.name, gate.rule, [clause.kind for clause in gate.clauses]) == (said, said, kinds)
    assert parse_gate(said) == gate


def test_a_gate_names_a_figure(recorded: Recorded) -> None:
    """A gate of nothing is refused."""
    recorded(refusal(parse_gate, ""))


def test_gates_may_come_from_standard_input(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides of a comparison are read with the gates of standard input, which is read once."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'fail_on: ["gpus > +1%"]\n')))
    assert "<stdin>:1:11" in t2v_cap("diff", shipped("start-up"), "--dau", "20K", "--gates", "-", code=3).err
