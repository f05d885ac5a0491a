"""Thresholds for who is on call follow from the plan; the page's rules have those of its command."""

import re

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

    assert found["utilization"] == pytest.approx(plan.peak_busy_gpus / plan.gpus)
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
