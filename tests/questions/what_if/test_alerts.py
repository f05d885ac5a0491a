"""Thresholds for who is on call follow from the plan; the page's rules have those of its command."""

import heapq
import math
import re
from typing import Any, NamedTuple

import numpy as np
import pytest

import t2v_capacity as t2v
from places import ROOT, shipped
from shared import clips_of_a_day, write

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
    assert found["cost_per_day"] == pytest.approx((plan.bands["cost_per_month"].p95 or 0) / plan.days_per_month)


def test_a_gpu_of_one_stream_is_not_full() -> None:
    """At the planned peak of four streams a GPU, nearly all GPUs play one: the share is of places for sessions.

    A simulation puts each session on any free place, and counts GPUs with a session and places that are taken.
    """
    plan = t2v.estimate(shipped("stream"), pins={"generated_fps": 70})
    alert = plan.table("alerts").document()["alerts"][0]
    places, random = int(plan.sessions_per_replica), np.random.default_rng(1)
    ends = np.zeros((int(plan.gpus), places))
    time, busy, taken = 0.0, list[float](), list[float]()
    while time < 4 * plan.duration:
        time += random.exponential(1 / plan.peak_trps)
        free = np.flatnonzero(ends < time)
        ends.flat[random.choice(free)] = time + plan.duration
        if time > plan.duration:
            busy.append(float((ends > time).any(axis=1).mean()))
            taken.append(float((ends > time).mean()))

    assert places == 4
    assert alert["above"]
    assert math.fsum(taken) / len(taken) < alert["above"] < math.fsum(busy) / len(busy)
    assert alert["follows"] == "the planned peak seldom takes more session places for ten minutes"
    assert "of the session places are taken" in str(plan.table("scaling"))


@pytest.mark.parametrize("share", [0, 0.5])
def test_a_fleet_that_follows_the_day_has_no_threshold_of_its_peak(share: float) -> None:
    """By hand none of its hours is as busy as the held fleet's threshold, which would ask for servers too late."""
    plan = t2v.estimate(shipped("start-up"), reserved_fraction=share)
    scaling = plan.table("scaling").document()["scaling"]
    held = _above(t2v.estimate(shipped("start-up")))["utilization"]
    assert scaling
    seconds = plan.gpu_seconds_per_video

    assert max(hour["requests"] * seconds / 3600 / hour["gpus"] for hour in scaling["hours"]) < (held or 0)
    assert _above(plan)["utilization"] is None


def test_each_region_has_a_queue_of_its_own() -> None:
    """Half of the replicas make half as many clips within the wait: the sum of both queues would page too late."""
    plan = t2v.estimate(shipped("start-up"), target_latency="5 min", regions=2)
    queue = next(row for row in plan.table("alerts").document()["alerts"] if row["name"] == "queued_clips")
    wait = 300 - plan.generation_latency - plan.off_gpu_seconds

    assert queue["above"] == pytest.approx(wait * (plan.replicas / 2) / plan.generation_latency)
    assert queue["follows"] == "the replicas of a region make them within that wait"


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
    """Return the share of days, each a cosine of 1.7, on which a mean of ten minutes has more at work for ten more."""
    random = np.random.default_rng(3)
    time = np.sort(random.random(random.poisson(per_day * 1.7 * days)) * days)
    time = time[random.random(len(time)) * 1.7 < 1 - 0.7 * np.cos(2 * np.pi * time)] * 86_400
    free, begins = [0.0] * replicas, np.empty(len(time))
    for index, asked in enumerate(time.tolist()):
        begins[index] = max(free[0], asked)
        heapq.heapreplace(free, begins[index] + seconds)
    grid = np.arange(0, days * 86_400, 15.0)
    busy = np.searchsorted(np.sort(begins), grid, "right") - np.searchsorted(np.sort(begins + seconds), grid, "right")
    means = np.convolve(busy, np.ones(40) / 40, "valid")
    lasting = np.convolve(means > above, np.ones(40), "valid") > 39.5
    fired = {int(day) for day in grid[78:][lasting] // 86_400}
    return len(fired) / days


@pytest.mark.wide
@pytest.mark.parametrize(
    ("users", "seconds", "load"),
    [(360, 120, 1.5), (1_440, 120, 1.5), (324, 400, 1.5), (3_000, 110, 1.3), (6_000, 20, 1.25)],
)
def test_the_rule_fires_for_more_load_and_not_for_the_planned_one(users: int, seconds: int, load: float) -> None:
    """Simulated for sixty days: at the planned load on few of them, at more on most; short clips show little more."""
    pins = f"pins: {{gpu_seconds_per_video: {seconds} s}}\n"
    plan = t2v.estimate(write(f"gpu: h100-sxm\ndau: {users}\nvideos_per_user_per_day: 2\ngpus_per_server: 1\n{pins}"))
    found = {one["name"]: one["above"] for one in plan.table("alerts").document()["alerts"]}
    assert found["utilization"]
    above = found["utilization"] * plan.gpus
    planned, more = (
        _days_that_fire(plan.generations_per_day * times, seconds, int(plan.replicas), above) for times in (1, load)
    )

    assert planned <= 0.15
    assert more >= 0.5


def test_a_fleet_that_chance_fills_has_no_rule() -> None:
    """Of two replicas, clips of 15 minutes keep both at work at the planned peak: only the wait tells of more load."""
    pins = "pins: {gpu_seconds_per_video: 900 s}\n"
    plan = t2v.estimate(write(f"gpu: h100-sxm\ndau: 20\nvideos_per_user_per_day: 2\ngpu_limit: 2\n{pins}"))
    (rule, *_others) = plan.table("alerts").document()["alerts"]
    assert (rule["name"], rule["above"]) == ("utilization", None)
    assert rule["follows"] == "the planned peak keeps all replicas at work: watch the wait"


def replicas_at_work(replicas: float) -> np.ndarray[Any, Any]:
    """Return how many of the replicas work in each minute of a planned day: 180K clips of 109 s, 40% of which can wait.

    A replica that has a clip to make makes it.
    """
    arriving = 125 * (1 + 0.8 * np.cos(2 * np.pi * (np.arange(2 * 1_440) / 1_440 - 0.5)))  # a minute, peak at noon
    waiting, busy = 0.0, []
    for came in arriving:
        made = min(waiting + came, replicas * 60 / 109)
        waiting += came - made
        busy.append(made * 109 / 60)
    return np.array(busy[1_440:])


def test_work_that_can_wait_pages_no_planned_day() -> None:
    """A fleet of the levelled peak works whole for hours a day: no share is too much. One of the whole peak has one."""
    plan = clips_of_a_day(peak_to_average=1.8, deferrable_share="40%", target_latency="5 min")
    for roomy in (False, True):
        asked = plan.but(max_utilization="40%") if roomy else plan
        found = {row["name"]: row for row in asked.table("alerts").document()["alerts"]}
        above, busy = found["utilization"]["above"], replicas_at_work(asked.replicas)
        assert (above is not None) == roomy == bool(busy.max() < asked.replicas * 0.999)
        assert above is None or above * asked.gpus > busy.max()
        assert all("urgent work alone" in found[name]["follows"] for name in ("queued_clips", "wait"))


def test_a_full_queue_that_meets_the_target_pages_for_no_wait() -> None:
    """A queue of 100 before 120 replicas is gone in 100 clips' time over 120: none of one length waits longer.

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
    for alert in ("wait", "queued_clips"):
        assert found[100][alert]["follows"] == f"95% wait {emptied:.3g} s at most: watch refused_share"
    assert emptied < (found[2_000]["wait"]["above"] or 0) < 20 * emptied
    assert found[100]["utilization"]["above"] is None
    assert found[100]["utilization"]["follows"] == "the planned peak keeps all replicas at work: watch refused_share"


def _above(plan: t2v.Plan) -> dict[str, float | None]:
    """Return the threshold of each alert of a plan."""
    return {alert["name"]: alert["above"] for alert in plan.table("alerts").document()["alerts"]}


def test_without_a_band_the_margin_is_stated() -> None:
    """Measured clips of 109 s have no band: above their mean are half of normal hours, above the threshold none.

    An hour of 833 clips whose seconds have a spread of 3% is drawn 500 times. Where they take 15% longer all fire.
    """
    plan = t2v.estimate(shipped("start-up"), pins={"gpu_seconds_per_video": "109 s"})
    rows = {alert["name"]: alert for alert in plan.table("alerts").document()["alerts"]}
    above = rows["gpu_seconds_per_video"]["above"] or 0
    hours = np.random.default_rng(3).normal(109, 0.03 * 109, (500, 833)).mean(axis=1)

    assert not (hours > above).any()
    assert (1.15 * hours > above).all()
    assert above == pytest.approx(1.1 * 109)
    assert rows["gpu_seconds_per_video"]["follows"] == "a tenth above gpu_seconds_per_video, which has no band"
    assert rows["cost_per_day"]["above"] == pytest.approx(1.1 * plan.cost_per_month / 30)

    unsure = t2v.estimate(shipped("start-up"), pins={"gpu_seconds_per_video": "109 s"}, dau="8K to 12K")
    assert _above(unsure)["gpu_seconds_per_video"] == pytest.approx(1.1 * 109)  # whose band is that number alone
    assert _above(unsure)["cost_per_day"] == (unsure.bands["cost_per_month"].p95 or 0) / 30


def test_a_band_without_an_end_has_no_threshold() -> None:
    """Where clips from 2 to 200 s are asked for, the longest exceed the GPU: neither seconds nor bill have a most."""
    plan = t2v.estimate(model="mochi-1", gpu="l40s", dau="10K", duration="2 s to 200 s")
    rows = {alert["name"]: alert for alert in plan.table("alerts").document()["alerts"]}

    assert rows["gpu_seconds_per_video"]["above"] is rows["cost_per_day"]["above"] is None
    assert rows["gpu_seconds_per_video"]["follows"] == "gpu_seconds_per_video has no high end"
    assert rows["cost_per_day"]["follows"] == "cost_per_month has no high end"

    stream = t2v.estimate(shipped("stream"))  # whose seconds alone are unsure, and at the slow end it stops
    assert _above(stream)["cost_per_day"] == pytest.approx(1.1 * stream.cost_per_month / 30)


@pytest.mark.parametrize(("fps", "sessions"), [(None, 1), (31.9, 1), (36, 2), (64, 4)])
def test_a_stream_pages_where_its_sessions_stop(fps: float | None, sessions: int) -> None:
    """A chunk of 12 frames plays for 750 ms, in which each session of a replica has a turn.

    The threshold is the same whether frames per second were measured or predicted: no error moves what plays.
    """
    plan = t2v.estimate(shipped("stream"), pins={"generated_fps": fps} if fps else {})
    rows = {alert["name"]: alert for alert in plan.table("alerts").document()["alerts"]}

    assert plan.sessions_per_replica == sessions
    assert "gpu_seconds_per_video" not in rows
    assert rows["chunk_seconds"]["above"] == pytest.approx(12 / 16 / sessions)
    assert rows["chunk_seconds"]["follows"].startswith(f"a replica that makes less than {16 * sessions} frames/second")


@pytest.mark.parametrize(("users", "weekend", "share"), [(40, 0.4, 0.2), (100, 0, 0), (60, 1.4, 0), (200, 0.7, 0.5)])
def test_weekends_have_a_bill_of_their_own(users: int, weekend: float, share: float) -> None:
    """A day's bill is that of its hours, by hand: a share is reserved at 2.5 USD, and each hour's rest costs 4.5.

    Delivery is paid by the day's load. Stored clips, and a fleet that is held at its peak, cost as much on any day.
    """
    prices: dict[str, Any] = {"gpu_price": 4.5, "reserved_price": 2.5, "reserved_fraction": share}
    days: dict[str, Any] = {"dau": users * 1_000, "weekend_level": weekend, "peak_to_average": 1.7}
    seconds = {"gpu_seconds_per_video": "109 s"}
    plan = t2v.estimate(shipped("start-up"), pins=seconds, gpus_per_server=1, **days, **prices)
    above, scaling = _above(plan), plan.table("scaling").document()["scaling"]
    assert scaling
    reserve, level = share * plan.gpus, 7 / (5 + 2 * weekend)
    stored = plan.storage_cost_per_month / 30
    delivered = (plan.egress_cost_per_month + plan.request_cost_per_month) / 30
    assert stored > delivered > 0
    for alert, hours, load in (
        ("cost_per_day", scaling["hours"], level),
        ("cost_per_weekend_day", scaling["weekend"], level * weekend),
    ):
        by_hand = sum(reserve * 2.5 + max(0, hour["gpus"] - reserve) * 4.5 for hour in hours)
        by_hand += stored + delivered * load
        assert above[alert] == pytest.approx(1.1 * by_hand, rel=0.06), alert

    held = _above(t2v.estimate(shipped("start-up"), pins=seconds, gpus_per_server=1, **days, gpu_price=4.5))
    for alert in ("cost_per_day", "cost_per_weekend_day"):
        assert held[alert] == pytest.approx(1.1 * plan.gpus * 4.5 * 24, rel=0.02), alert
    assert "cost_per_weekend_day" not in _above(t2v.estimate(shipped("start-up")))


class Days(NamedTuple):
    """Simulated days of sessions: when each came, whether it was refused, and how long it waited."""

    time: Any
    refused: Any
    waits: Any

    def share_of_a_day(self) -> Any:
        """Return the share that was refused in the 24 hours before each ten minutes, by days."""
        grid = np.arange(1, self.time[-1] // 86_400, 1 / 144) * 86_400
        refused, asked = (
            np.searchsorted(times, grid) - np.searchsorted(times, grid - 86_400)
            for times in (self.time[self.refused], self.time)
        )
        whole = len(grid) // 144 * 144
        return (refused / asked)[:whole].reshape(-1, 144)


def _sessions(per_day: float, peak: float, places: int, *, wait: bool, days: int = 200) -> Days:
    """Return days, each a cosine, of sessions of ten minutes that find a place, or wait for one or are refused."""
    random = np.random.default_rng(3)
    time = np.sort(random.random(random.poisson(per_day * peak * days)) * days)
    time = time[random.random(len(time)) * peak < 1 - (peak - 1) * np.cos(2 * np.pi * time)] * 86_400
    lengths = random.exponential(600, len(time))
    free, refused, waits = [0.0] * places, np.zeros(len(time), bool), np.zeros(len(time))
    for index, (asked, length) in enumerate(zip(time.tolist(), lengths.tolist(), strict=True)):
        refused[index] = free[0] > asked and not wait
        if not refused[index]:
            waits[index] = max(0.0, free[0] - asked)
            heapq.heapreplace(free, max(free[0], asked) + length)
    return Days(time, refused, waits)


@pytest.mark.wide
@pytest.mark.parametrize(("users", "limit"), [(100, 1e18), (1_000, 1e18), (1_000, 9), (2_000, 1e18), (3_000, 25)])
def test_refusals_page_for_more_load_and_not_for_the_planned_one(users: int, limit: float) -> None:
    """Simulated: the planned load refuses so many in any 24 hours on few days, twice as much on most."""
    fleet: dict[str, Any] = {"gpus_per_server": 1, "spare_fraction": 0, "gpu_limit": limit}
    plan = t2v.estimate(shipped("stream"), dau=users, pins={"generated_fps": 31.9}, **fleet)
    above = _above(plan)["refused_share"] or 0
    planned, more = (_sessions(users / 2 * load, 2, int(plan.replicas), wait=False).share_of_a_day() for load in (1, 2))

    assert plan.refused_share > 0.001
    assert (planned.max(axis=1) > above).mean() <= 0.15
    assert (more.max(axis=1) > above).mean() >= 0.5


def test_where_nothing_waits_refusals_are_watched() -> None:
    """Without a queue no wait is a threshold, and each alert that has none names one that has.

    A plan that refuses fewer than one in a thousand serves all: fewer page no one.
    """
    few = t2v.estimate(shipped("stream"), dau=1_000, pins={"generated_fps": 31.9}, gpus_per_server=1)
    rows = {alert["name"]: alert for alert in few.table("alerts").document()["alerts"]}

    assert {name for name, row in rows.items() if row["above"] is None} == {"utilization", "queued_clips", "wait"}
    assert rows["wait"]["follows"] == rows["queued_clips"]["follows"]
    assert rows["wait"]["follows"] == "95% wait 0 s at most: watch refused_share"
    assert rows["utilization"]["follows"].endswith("at work: watch refused_share")
    assert rows["refused_share"]["follows"] == "of a day's requests: the plan refuses 1.15%, seldom this many"
    assert _above(t2v.estimate(shipped("stream")))["refused_share"] == 0.001


def test_a_wait_that_chance_makes_pages_no_one() -> None:
    """A session that waits at all waits for minutes, and misses its first frame in 1 s: so do one in 20 at the peak.

    Simulated, that happens every day at the planned load. Longer than the threshold one waits every other week.
    At twice the load that is daily.
    """
    sized: dict[str, Any] = {"gpus_per_server": 1, "spare_fraction": 0, "queue_limit": "none", "sized_by": "latency"}
    plan = t2v.estimate(shipped("stream"), dau=1_000, pins={"generated_fps": 31.9}, **sized)
    rows = {alert["name"]: alert for alert in plan.table("alerts").document()["alerts"]}
    above, room = rows["wait"]["above"] or 0, 1 - plan.first_frame_seconds - plan.off_gpu_seconds
    planned, more = (_sessions(500 * load, 2, int(plan.replicas), wait=True) for load in (1, 2))

    late, seldom, often = (
        len({int(moment // 86_400) for moment in days.time[days.waits > longest]}) / 200
        for days, longest in ((planned, room), (planned, above), (more, above))
    )
    assert late > 0.5
    assert seldom <= 1 / 14
    assert often > 0.9
    assert rows["wait"]["follows"] == "the planned load keeps fewer than one request a week waiting longer"
    assert rows["queued_clips"]["above"] == pytest.approx(above * plan.replicas / 600)


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

    for file in (shipped("stream"), write("queue_limit: 5\n")):
        lacking = t2v.estimate(file, model="krea-realtime-14b", gpu="l4").table("alerts").document()["alerts"]
        assert len(lacking) == 6
        assert {(alert["above"], alert["follows"].partition(", since")[0]) for alert in lacking} == {
            (None, "a clip cannot run")
        }


def test_the_page_s_rules_have_the_plan_s_thresholds() -> None:
    """The numbers of docs/on-call.md's rules are those of the command that it shows, to three digits."""
    page = (ROOT / "docs" / "on-call.md").read_text(encoding="utf-8")
    above = [one["above"] for one in t2v.estimate(shipped("start-up")).table("alerts").document()["alerts"]]

    assert [float(text) for text in re.findall(r"> ([\d.]+)", page)] == pytest.approx(above, rel=5e-3)
