"""Gates of a diff: what is read, what is refused and where, when each trips, and what it says."""

from pathlib import Path

import pytest

from shared import Program, refusal, write
from t2v_capacity.questions.review.gates import parse_gate
from texts import Recorded

# A clip's time as if it were measured, so that the fleet is proportional to the users, up to whole servers.
SCENARIO = "name: A service\ndau: {dau}\npins:\n  gpu_seconds_per_video: 120 s\n"


@pytest.fixture(autouse=True)
def plans(folder: Path) -> None:
    """Run in a folder that holds a base and a head with a fifth more users."""
    write(SCENARIO.format(dau="10M"), folder / "base.yaml")
    write(SCENARIO.format(dau="12M"), folder / "head.yaml")


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


def test_a_wrong_gate_ends_with_2(t2v_cap: Program, recorded: Recorded) -> None:
    """A gate that can't be read is an error with exit code 2 at its place, and nothing is printed or passes."""
    changes = "dau > +5%, gpus, '> +5%', '', gpus => +5%, gpus > -5%, gpus >= +0, gpus > +x%, gpus > +5 GB"
    warnings = "'warning:memory-doesnt-fit', new-warning, new-warnings > 3"
    measures = "P(gpus > 5) > 90%, p0(gpus) > +5%, total(gppus) > +5%, total(latency_p95) > +5%, total(gpus) > +5% and gpus > +5"
    write(f"fail_on: [{changes}]\nwarn_on: [{warnings}, {measures}]\n", "gates.yaml")
    out, err = t2v_cap("diff", "base.yaml", "head.yaml", "--gates", "gates.yaml", "--format", "json", code=2)
    assert out == ""
    recorded(err)


def test_a_gate_has_ten_parts_at_the_most(recorded: Recorded) -> None:
    """Ten clauses are one gate; an eleventh is refused."""
    clauses = [f"gpus > +{limit}%" for limit in range(11)]
    assert len(parse_gate(" and ".join(clauses[:10])).clauses) == 10
    recorded(refusal(parse_gate, " and ".join(clauses)))
