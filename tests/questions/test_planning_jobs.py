"""Planning jobs from beginning to end: what a planner writes, and the numbers and sentences that the decision rests on."""

import pytest

from shared import Program, check_rows, write
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
