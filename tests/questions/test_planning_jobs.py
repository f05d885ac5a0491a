"""Planning jobs from beginning to end: what a planner writes, and the numbers and sentences that the decision rests on."""

from typing import Any

import pytest

from shared import Program, check_rows, plan_of_text, write
from texts import Recorded

pytestmark = pytest.mark.usefixtures("folder")
# A start-up that got three GPUs: a clip takes 110 s, and 4.4 GPUs would be at work at the peak.
THREE_GPUS = """
model: wan2.2-ti2v-5b
attention_kernel: fa3
runtime: compiled
dau: 690
peak_to_average: 2.5
gpus_per_server: 1
gpu_limit: 3
"""
# Two fifths of the work may wait, and the day peaks at 1.7 times its mean.
CAN_WAIT = """
model: wan2.2-t2v-a14b
attention_kernel: fa3
dau: 1M
peak_to_average: 1.7
deferrable_share: 40%
"""


def warnings_of(t2v_cap: Program, text: str) -> dict[str, Any]:
    """Return the warnings of a scenario's estimate, by code."""
    document = t2v_cap("estimate", write(text), "--format", "json").json
    return {warning["code"]: warning for warning in document["warnings"]}


def test_a_fleet_below_its_peak_drains_at_night(t2v_cap: Program, recorded: Recorded) -> None:
    """690 users on 3 GPUs: the plan says for how long the fleet falls behind, how long the last request waits, and whom it would carry."""
    known = plan_of_text(THREE_GPUS).known
    warning = warnings_of(t2v_cap, THREE_GPUS)["overloaded"]

    assert known["gpus"] == 3
    assert known["busy_gpus"] < 3 < known["peak_busy_gpus"]
    assert 7 * 3_600 < known["overload_time"] < 9 * 3_600
    recorded(warning["message"])
    assert "latency_p95" in warning["names"]
    carried = plan_of_text(THREE_GPUS.replace("dau: 690", "dau: 436")).known
    assert carried["utilization"] < 1
    assert carried["fluid_wait"] == 0
    assert 7_000 < known["fluid_wait"] < 8_000


def test_a_budget_on_latency_fails_below_the_peak_and_names_the_longest_wait(t2v_cap: Program, recorded: Recorded) -> None:
    """Where the peak isn't carried a budget on latency fails, says the longest wait, and names the figure that can be held to a limit."""
    recorded(t2v_cap("check", write(f"{THREE_GPUS}budgets: ['latency_p95 <= 10 min']\n"), code=3).err)
    judged = check_rows(t2v_cap, 3, write(THREE_GPUS), "--budget", "longest_wait_p95 <= 3 h", "--budget", "longest_wait_p95 <= 1 h")
    assert [one["passed"] for one in judged] == [True, False]


def test_a_budget_on_latency_of_a_fleet_that_never_catches_up_names_no_wait(t2v_cap: Program, recorded: Recorded) -> None:
    """Below the day's mean there is no longest wait, and none is named."""
    (row,) = check_rows(t2v_cap, 3, write(THREE_GPUS.replace("gpu_limit: 3", "gpu_limit: 1")), "--budget", "latency_p95 <= 10 min")

    assert (row["passed"], row["value"]) == (False, None)
    recorded(row["message"])


def test_what_can_wait_waits_and_the_rest_does_not(t2v_cap: Program, recorded: Recorded) -> None:
    """40 % deferrable under a peak of 1.7: two classes, each with its own figure, and a promise to those that wait is held to theirs."""
    without, with_it = plan_of_text(CAN_WAIT.replace("40%", "0%")).known, plan_of_text(CAN_WAIT).known

    assert with_it["gpus"] < 0.65 * without["gpus"]
    assert without["fluid_deferred_wait"] == 0
    assert 6 * 3_600 < with_it["fluid_deferred_wait"] < 7 * 3_600
    assert with_it["wait_p95"] < 60
    assert "misses-deferred-wait" not in warnings_of(t2v_cap, f"{CAN_WAIT}target_deferred_wait: 8 h\n")
    missed = warnings_of(t2v_cap, f"{CAN_WAIT}target_deferred_wait: 4 h\n")["misses-deferred-wait"]
    recorded(missed["message"])
