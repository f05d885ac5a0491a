"""A stage of a clip whose seconds are pinned: every question answers, and of the same plan the same."""

from typing import Any

import pytest

from shared import Program, plan_of, write
from t2v_capacity.plan.evidence import TIMED_STAGES

PLAN = "model: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: 100K\ntarget_latency: {latency}\npins: {{{stage}: {pin}}}\n"
PINS = {"plain": "100 s", "at": "{value: 100 s, at: {gpu: h100-sxm}}"}


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("latency", ["90 s", "10 min"])
@pytest.mark.parametrize("stage", TIMED_STAGES)
@pytest.mark.parametrize("pin", PINS.values(), ids=[*PINS])
def test_every_question_has_the_estimates_fleet(stage: str, pin: str, latency: str, t2v_cap: Program) -> None:
    """What a search, a month or a difference says of a plan is what `estimate` says of it, also where it is late."""
    plan = write(PLAN.format(stage=stage, pin=pin, latency=latency), "plan.yaml")
    whole = t2v_cap("estimate", plan, "--format", "json", code=(0, 3)).json
    fleets = [plan_of(plan, sets).figures["gpus"] for sets in ([], ["dau=200K"])]

    def asked(command: str, *words: str) -> Any:
        return t2v_cap(command, plan, *words, "--format", "json", code=(0, 3)).json

    cells = asked("sweep", "--over", "dau=100K,200K")["rows"]
    months = asked("forecast", "--months", "2")["months"]
    (kept,) = asked("solve", "--until", f"gpus <= {fleets[0]}")["conditions"]

    assert [row["gpus"] for row in cells] == fleets
    assert cells[0]["verdict"] == whole["verdict"]
    assert "h100-sxm" in {row["gpu"] for row in asked("compare")["rows"]}
    assert (kept["measured"], kept["kept"], months[0]["figures"]["gpus"]) == (fleets[0], True, fleets[0])
    assert asked("diff", plan)["figures"] == {}
    assert asked("sensitivity", "gpus")["value"] == fleets[0]
