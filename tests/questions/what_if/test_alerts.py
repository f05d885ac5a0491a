"""Thresholds for who is on call follow from the plan; the page's rules have those of its command."""

import heapq
import math
import re

import numpy as np
import pytest

import t2v_capacity as t2v
from places import ROOT, shipped
from shared import write

pytestmark = pytest.mark.usefixtures("folder")


def test_thresholds_follow_from_the_plan() -> None:
    """Each threshold by hand: the peak's utilization, the wait that misses the target, its queue, the ends of bands."""
    plan = t2v.estimate(shipped("start-up"), target_latency="5 min")
    found = {one["name"]: one["above"] for one in plan.table("alerts").document()["alerts"]}
    wait = 300 - plan.generation_latency - plan.off_gpu_seconds

    spread = math.sqrt(plan.peak_busy_gpus * plan.generation_latency / 600)  # of the mean of ten minutes
    assert found["utilization"] == pytest.approx((plan.peak_busy_gpus + 2 * spread) / plan.gpus)
    assert found["wait"] == pytest.approx(wait)
    assert found["queued_clips"] == pytest.approx(wait * plan.replicas / plan.generation_latency)
    assert found["gpu_seconds_per_video"] == plan.bands["gpu_seconds_per_video"].p95
    assert found["cost_per_day"] == (plan.bands["cost_per_month"].p95 or 0) / plan.days_per_month


def test_a_mix_waits_as_its_part_with_the_least_room() -> None:
    """The wait of a mix is what is left to the part with the least room; spot's lost work lengthens the queue."""
    text = (
        "model: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: 20K\nspot_fraction: 50%\nspot_price: 1\ninterruptions_per_hour: 1\n"
    )
    parts = "mix:\n  hd: {share: 10%, duration: 8 s, target_latency: 15 min}\n  sd: {target_latency: 5 min}\n"
    plan = t2v.estimate(write(text + parts))
    found = {one["name"]: one for one in plan.table("alerts").document()["alerts"]}
    rooms = [part.values["target_latency"] - part.figures["delivery_seconds"] for part in plan.mix]

    assert found["wait"]["above"] == pytest.approx(min(rooms))
    assert "of sd that waits" in found["wait"]["follows"]
    assert plan.spot_work > 1
    queue = min(rooms) * plan.replicas / plan.generation_latency / plan.spot_work
    assert found["queued_clips"]["above"] == pytest.approx(queue)


def _days_that_fire(per_day: float, seconds: float, replicas: int, above: float, days: int = 60) -> float:
    """Return the share of days, each a cosine of 1.7, on which more replicas are at work for ten minutes together."""
    random = np.random.default_rng(3)
    time = np.sort(random.random(random.poisson(per_day * 1.7 * days)) * days)
    time = time[random.random(len(time)) * 1.7 < 1 - 0.7 * np.cos(2 * np.pi * time)] * 86_400
    free, begins = [0.0] * replicas, np.empty(len(time))
    for index, asked in enumerate(time.tolist()):
        begins[index] = max(free[0], asked)
        heapq.heapreplace(free, begins[index] + seconds)
    grid = np.arange(0, days * 86_400, 30.0)
    busy = np.searchsorted(np.sort(begins), grid, "right") - np.searchsorted(np.sort(begins + seconds), grid, "right")
    fired, run = set[int](), 0
    for moment, more in zip(grid.tolist(), busy > above, strict=True):
        run = run + 1 if more else 0
        if run >= 20:
            fired.add(int(moment // 86_400))
    return len(fired) / days


@pytest.mark.parametrize(("users", "seconds"), [(360, 120), (1_440, 120), (324, 400), (3_000, 110)])
def test_the_rule_fires_for_more_load_and_not_for_the_planned_one(users: int, seconds: int) -> None:
    """Simulated for sixty days: at the planned load on few of them, at half as much again on most."""
    pins = f"pins: {{gpu_seconds_per_video: {seconds} s}}\n"
    plan = t2v.estimate(write(f"gpu: h100-sxm\ndau: {users}\nvideos_per_user_per_day: 2\ngpus_per_server: 1\n{pins}"))
    found = {one["name"]: one["above"] for one in plan.table("alerts").document()["alerts"]}
    above = (found["utilization"] or 0) * plan.gpus
    planned, more = (
        _days_that_fire(plan.generations_per_day * load, seconds, int(plan.replicas), above) for load in (1, 1.5)
    )

    assert planned <= 0.15
    assert more >= 0.5


def test_a_fleet_that_chance_fills_has_no_rule() -> None:
    """Of two replicas, clips of 15 minutes keep both at work at the planned peak: only the wait tells of more load."""
    pins = "pins: {gpu_seconds_per_video: 900 s}\n"
    plan = t2v.estimate(write(f"gpu: h100-sxm\ndau: 20\nvideos_per_user_per_day: 2\ngpu_limit: 2\n{pins}"))
    (rule, *_others) = plan.table("alerts").document()["alerts"]
    assert (rule["name"], rule["above"]) == ("utilization", None)
    assert rule["follows"] == "the planned peak keeps all replicas at work by chance: watch the wait"


def test_a_full_queue_that_meets_the_target_pages_for_no_wait() -> None:
    """A queue of 100 before 120 replicas is gone in 100 clips' time over 120, and no request waits for longer.

    The fleet is overloaded: its peak keeps all replicas at work, so no share of them is a threshold.
    """
    traffic = "dau: 30K\nvideos_per_user_per_day: 2\npeak_to_average: 3\n"
    text = f"model: wan2.2-ti2v-5b\ngpu: h100-sxm\n{traffic}gpu_limit: 120\n"
    found = {}
    for limit in (100, 2_000):
        plan = t2v.estimate(write(f"{text}target_latency: 10 min\ngpus_per_server: 1\nqueue_limit: {limit}\n"))
        found[limit] = {one["name"]: one for one in plan.table("alerts").document()["alerts"]}
    emptied = 100 * plan.generation_latency / 120

    assert plan.peak_busy_gpus > plan.gpus == 120
    assert found[100]["wait"]["above"] is found[100]["queued_clips"]["above"] is None
    assert found[100]["wait"]["follows"] == f"a full queue takes {emptied:.3g} s: alert on refusals"
    assert found[100]["queued_clips"]["follows"] == "the queue is full at 100 videos: alert on refusals"
    assert emptied < (found[2_000]["wait"]["above"] or 0) < 20 * emptied
    assert found[100]["utilization"]["above"] is None
    assert found[100]["utilization"]["follows"] == "the planned peak asks for more than all replicas make"


def test_a_plan_without_a_target_pages_for_no_wait() -> None:
    """Without a target of one's own, and of a clip that alone misses it, no wait is a threshold.

    A plan that cannot run has none at all.
    """
    for plan in (
        t2v.estimate(model="wan2.2-ti2v-5b", dau="10K"),
        t2v.estimate(shipped("start-up"), target_latency="1 s"),
    ):
        found = {one["name"]: one["above"] for one in plan.table("alerts").document()["alerts"]}
        assert found["wait"] is found["queued_clips"] is None
        assert found["utilization"]


def test_the_page_s_rules_have_the_plan_s_thresholds() -> None:
    """The numbers of docs/on-call.md's rules are those of the command that it shows, to three digits."""
    page = (ROOT / "docs" / "on-call.md").read_text(encoding="utf-8")
    above = [one["above"] for one in t2v.estimate(shipped("start-up")).table("alerts").document()["alerts"]]

    assert [float(text) for text in re.findall(r"> ([\d.]+)", page)] == pytest.approx(above, rel=5e-3)
