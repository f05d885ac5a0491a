"""A fleet that a limit keeps too small for its peak is recommended by no search, by a count of clips hour by hour."""

import math
import re

import pytest

from places import shipped
from shared import Program, plan_of, write
from t2v_capacity.plan.candidates import candidates
from t2v_capacity.questions.search.trials import choose
from t2v_capacity.questions.what_if.compare import compare

MINUTES = 24 * 60
PLAN, LIMIT = shipped("wan2.2-h100"), "gpu_limit=9000"


def longest_wait(mean: float, peak_to_average: float, made: float) -> float:
    """Return the longest wait in minutes of a day of clips, a cosine, of which `made` can be made per minute.

    A queue is counted minute by minute, for two days.
    """
    queued = longest = 0.0
    for minute in range(2 * MINUTES):
        arriving = mean * (1 - (peak_to_average - 1) * math.cos(2 * math.pi * minute / MINUTES))
        queued = max(0.0, queued + arriving - made)
        longest = max(longest, queued / made)
    return longest


@pytest.mark.wide
def test_what_is_recommended_carries_its_peak() -> None:
    """Of 9,000 GPUs the queue of an H100 PCIe grows for hours, and that of the GPU that is recommended never."""
    scenario = plan_of(PLAN, [LIMIT]).scenario
    waits = {}
    for candidate in candidates(scenario, ["h100-pcie", "b200-hgx"], [1]):
        plan = plan_of(PLAN, [LIMIT, *candidate.trial.change.sets])
        made = 60 * plan.known["replicas"] / plan.known["generation_latency"]
        arriving = plan.known["generations_per_day"] / MINUTES
        waits[candidate.gpu, candidate.runtime] = longest_wait(arriving, plan.known["peak_to_average"], made)
        if candidate.verdict and candidate.verdict.able:
            assert ("overloaded" in candidate.against) == (waits[candidate.gpu, candidate.runtime] > 0)

    compared = compare(scenario, ["h100-pcie", "b200-hgx"])
    assert compared.best
    assert (compared.best.gpu, waits["b200-hgx", "engine"]) == ("b200-hgx", 0)
    assert waits["h100-pcie", "compiled"] == pytest.approx(5.02 * 60, rel=0.01)
    # The bill of GPUs that nothing objects to is where another one is as cheap.
    assert compared.crossing is None

    assert choose(scenario, "gpu", "cost_per_month", ()).nearest == "b200-hgx"


@pytest.mark.usefixtures("folder")
def test_a_budget_says_how_late_a_peak_may_be(t2v_cap: Program) -> None:
    """With 6 hours to wait an H100 PCIe is the cheapest; where no GPU carries its peak, the nearest is named."""
    file = write(f"extends: {shipped('wan2.2-h100')}\ngpu_limit: 9000\nbudgets: ['overload_wait <= 6 h']\n")
    late = compare(plan_of(file).scenario, ["h100-pcie", "b200-hgx"])
    assert late.best
    assert late.best.gpu == "h100-pcie"

    small = t2v_cap("compare", shipped("wan2.2-h100"), "--gpu-limit", "3000").out
    assert "No GPU is recommended; the nearest is b200-hgx: overloaded: for 10.1 h a day more arrives" in small


@pytest.mark.usefixtures("folder")
def test_the_peak_that_an_overloaded_fleet_carries_is_carried_as_it_is_shown() -> None:
    """The users that a warning names, typed, are no overload; a percent more are one."""
    for users in range(20_000, 60_000, 1_777):
        pins = f"pins: {{gpu_seconds_per_video: {users % 97 + 60} s}}"
        text = f"gpu: h100-sxm\nvideos_per_user_per_day: 2\ngpu_limit: 96\n{pins}\ndau: {users * 9}\n"
        said = " ".join(warning.message for warning in plan_of(write(text)).warnings)
        carried = re.findall(r"it carries the peak of ([\d.]+[KM]?) users", said)[0]
        utilization = plan_of("my.yaml", [f"dau={carried}"]).known["utilization"]
        assert utilization < 1 < utilization * 1.011


@pytest.mark.usefixtures("folder")
def test_users_that_do_not_count_carry_no_peak() -> None:
    """Pinned requests are the load whatever the users are, so that no number of users is offered."""
    text = "model: wan2.2-ti2v-5b\ngpu: h100-sxm\ngpu_limit: 32\npins: {requests_per_day: 24K}\n"
    few, many = (plan_of(write(f"{text}dau: {users}\n")) for users in ("1K", "100K"))
    (said,) = [warning.message for warning in few.warnings if warning.code == "overloaded"]

    assert few.known["utilization"] == many.known["utilization"] > 1
    assert "users" not in said
    assert said.endswith("; more GPUs or fewer requests carry the peak")
