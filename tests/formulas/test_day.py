"""The day's curve, time zones and a fleet below its peak, held against a day that is integrated minute by minute."""

import heapq
import json
import math
import re
import shlex

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from day_fleet import DAY, curve, heap_waits
from places import shipped
from shared import Program, over, plan_of, plan_of_text, write
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.formulas.day import longest_deferral
from texts import Recorded

SECONDS = np.arange(DAY) + 0.5
PEAKED = "dau: 1M\npeak_to_average: 1.7\n"
pytestmark = pytest.mark.usefixtures("folder")


@over(("zones", [0.5, 3, 8, 12, 20, 24]), ("peak", [1.2, 1.7, 2.0, 3.0, 5.0]))
def test_time_zones_flatten_the_day(peak: float, zones: float) -> None:
    """The peak over all time zones is that of the mean of the zones' days, integrated."""
    hours = int(zones * 3_600)
    day = curve(peak, SECONDS)
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([day, day]))])
    spread = (sums[hours:][:DAY] - sums[:-hours][:DAY]) / hours
    plan = plan_of_text(f"dau: 1M\npeak_to_average: {peak}\ntime_zones: {zones}\n")

    assert plan.known["zoned_peak"] == pytest.approx(spread.max(), rel=2e-3)
    views = plan.known["peak_view_bandwidth"] / plan.known["view_bandwidth"]
    assert views == pytest.approx(spread.max(), rel=2e-3)  # viewers are where users are


@over(("share", [0, 0.3, 0.7]), ("peak", [1.2, 1.7, 2.5, 4.0]), ("depth", [0.05, 0.3, 0.6, 0.95]))
def test_a_fleet_below_its_peak_falls_behind_as_a_fluid_does(depth: float, peak: float, share: float) -> None:
    """Time of overload, backlog and longest wait, chance apart, are within 1 % of a fluid over the day.

    The fluid is of work that cannot wait, which is served first. It fills and drains, even if the rest piles up.
    """
    text = f"dau: 1M\npeak_to_average: {peak}\ndeferrable_share: {share}\n"
    plan = plan_of_text(text).known
    rate = plan["generation_rate"] * (1 - share)
    replicas = max(1, round(rate * (1 + depth * (peak - 1)) * plan["generation_latency"]))
    found = plan_of_text(text, [f"replicas={replicas}"]).known
    capacity = found["generation_capacity"]
    load = np.tile(curve(peak, SECONDS) * rate, 2)  # the first day warms up
    above = np.cumsum(load - capacity)
    most = float(np.max(above - np.minimum.accumulate(np.minimum(0.0, above))))
    over = np.count_nonzero(load > capacity) / 2

    assert found["overload_time"] == pytest.approx(over, rel=0.01, abs=30)
    assert found["fluid_backlog"] == pytest.approx(most, rel=0.01)
    assert found["fluid_wait"] == pytest.approx(most / capacity, rel=0.01)


def test_urgent_work_of_an_overload_waits_for_its_own_queue_alone(t2v_cap: Program) -> None:
    """Of 20,000 users 30% can wait: 104 GPUs carry less than the day's mean, and the urgent queue still ends at night.

    A fluid, minute by minute, has its longest wait. No wait of an endless queue is said, but that the rest piles up.
    """
    text = "model: wan2.2-t2v-a14b\ngpu: h100-sxm\noffload: encoder\ndau: 20K\ndeferrable_share: 30%\n"
    pins = ["gpu_seconds_per_video=230 s"]
    for gpus, words in ((104, "the queue of work that can wait grows indefinitely"), (120, "more urgent work arrives")):
        file = write(f"{text}gpu_limit: {gpus}\ntarget_latency: 6 min\n")
        known = plan_of(file, pins=pins).known
        behind = longest = 0.0
        for minute in range(2 * 1_440):
            arriving = 0.7 * 40_000 / 1_440 * (1 - 0.7 * math.cos(math.tau * minute / 1_440))
            behind = max(0.0, behind + arriving - gpus * 60 / 230)
            longest = max(longest, 230 / gpus * behind)

        assert known["fluid_wait"] == pytest.approx(longest, rel=0.01)
        assert known["served_share"] == pytest.approx(min(1, gpus * 86_400 / 230 / 40_000), rel=1e-6)
        screen = " ".join(t2v_cap("estimate", file, "--pin", *pins).out.split())
        assert words in screen.partition("OVERLOADED: ")[2].partition("TARGET MISSED")[0]
        ready = known["overload_wait"] + known["delivery_seconds"]
        assert f"last request of the overload is ready after {show(ready, 'second')}, target 6 min." in screen


def test_work_that_waits_for_a_quieter_day_misses_its_target(t2v_cap: Program) -> None:
    """A week of 60% that can wait and weekends of 0.4: a fluid, minute by minute, waits longer than the promised 8 h.

    The fleet is below the mean of a weekday and above that of the week, so no day's figure says how long.
    """
    text = "model: wan2.2-t2v-a14b\ngpu: h200-sxm\ndau: 200K\nvideos_per_user_per_day: 1\nweekend_level: 0.4\n"
    file = write(f"{text}deferrable_share: 60%\ntarget_deferred_wait: 8 h\ngpus_per_server: 1\n")
    capped, pins = ["gpu_limit=1400", "target_latency=30 min"], ["gpu_seconds_per_video=600"]
    weekday = 200_000 * 600 / 86_400 * 7 / (5 + 2 * 0.4)
    came, made, queue = [0.0], [0.0], 0.0
    for minute in range(14 * 1_440):
        load = weekday * (1 if minute // 1_440 % 7 < 5 else 0.4) * (1 - 0.7 * math.cos(math.tau * minute / 1_440))
        came.append(came[-1] + 0.6 * load)
        queue += 0.6 * load
        done = min(queue, max(0.0, 1_400 - 0.4 * load))
        queue -= done
        made.append(made[-1] + done)
    waits = np.searchsorted(made, came[7 * 1_440 : 12 * 1_440]) - np.arange(7 * 1_440, 12 * 1_440)
    assert waits.max() / 60 > 30

    plan = plan_of(file, capped, pins)
    assert plan.known["utilization"] > 1
    assert [objection.code for objection in plan.verdict.service_objections] == ["deferred wait"]
    (warned,) = (warning for warning in plan.warnings if warning.code == "misses-deferred-wait")
    assert warned.message.startswith("deferred work waits without a known end, target 8 h")
    flags = ("--gpu-limit", "1400", "--target-latency", "30 min", "--pin", *pins)
    assert "No group size is recommended" in t2v_cap("compare", file, *flags, "--gpus", "h200-sxm").out
    free = plan_of(file, ["target_deferred_wait=null", *capped], pins)
    assert not free.verdict.service_objections


def test_a_limit_is_a_fleet() -> None:
    """Where fewer GPUs can be had than the load asks for, the fleet is those, and waits and bill are theirs.

    A limit within the spares takes spares alone.
    """
    free = plan_of_text("dau: 10M\n").known
    half, less, more = (
        plan_of_text(f"dau: 10M\ngpu_limit: {gpus:.0f}\n").known
        for gpus in (free["gpus"] // 2, free["gpus"] - 80, free["gpus"])
    )

    assert half["gpus"] <= free["gpus"] // 2
    assert half["cost_per_month"] < 0.51 * free["cost_per_month"] + 1
    assert half["utilization"] > 1
    assert math.isnan(half["latency_p95"])
    assert more == {**free, "gpu_limit": free["gpus"], "servers_available": more["servers_available"]}
    assert [less[name] for name in ("gpus", "replicas", "latency_p95")] == [
        free["gpus"] - 80,
        free["replicas"],
        free["latency_p95"],
    ]


def test_pinned_gpus_carry_what_as_many_at_most_carry() -> None:
    """Five GPUs of a server of eight are five replicas, whether pinned or the most that can be had.

    At 840 s a clip and 2,000 clips a day 19.44 GPUs would work, so that five carry 257 of 1,000 users or a few less.
    """
    text = "dau: 1000\nvideos_per_user_per_day: 2\npeak_to_average: 1\n"
    for flags, pins in ((["gpu_limit=5"], []), ([], ["gpus=5"])):
        plan = plan_of(write(text), sets=flags, pins=["gpu_seconds_per_video=840 s", *pins])
        (overloaded,) = (warning for warning in plan.warnings if warning.code == "overloaded")
        assert (plan.figures["gpus"], plan.figures["replicas"]) == (5, 5)
        assert plan.figures["utilization"] == pytest.approx(2_000 / 86_400 * 840 / 5)
        assert "carries the peak of 256 users" in overloaded.message


def test_no_limit_caps_no_fleet(t2v_cap: Program) -> None:
    """Two billion clips of a day of GPU time each take more than a billion GPUs, as by hand.

    2e9 are at work; 90% of the fleet is 2,222,222,223 GPUs, so 277,777,778 servers of 8, and 13,888,889 spares.
    """
    plan = plan_of_text("dau: 2B\nvideos_per_user_per_day: 1\npeak_to_average: 1\n", ["gpu_seconds_per_video=86400 s"])

    assert plan.figures["gpus"] == 8 * (277_777_778 + 13_888_889)
    assert plan.figures["not_on_demand_share"] == 0

    write("dau: 1M\n", "free.yaml")
    arithmetic = re.compile(r"[-+*/x(] ?none\b|\bnone ?[-+*/x]")
    for figure in ("gpus", "not_on_demand_share", "queue_room"):
        for form in ([], ["--format", "json"]):
            assert not arithmetic.search(t2v_cap("explain", "free.yaml", figure, "--depth", "100", *form).out)


@pytest.mark.parametrize("name", ["gpu_limit", "queue_limit", "on_demand_limit"])
def test_no_limit_is_none_in_every_form(name: str, t2v_cap: Program) -> None:
    """A limit that is not set is `none` where a person reads it, may be typed so, and is a number as data."""
    write(f"dau: 1M\n{name}: none\n", "typed.yaml")
    write("dau: 1M\n", "free.yaml")
    assert plan_of("typed.yaml").known == plan_of("free.yaml").known
    assert plan_of("free.yaml").known[name] == 1e18

    for arguments in (["estimate", "free.yaml", "--all"], ["explain", "free.yaml", name], ["list", "assumptions"]):
        (row, *_) = (line for line in t2v_cap(*arguments).out.splitlines() if line.split()[:1] == [name])
        assert "none" in row
        assert "1e" not in row
    assert t2v_cap("estimate", "free.yaml", "--format", "json").json["assumptions"][name]["value"] == 1e18


@over(("spare", [0.02, 0.3, 0.9]), ("share", [0.05, 0.7, 1.0]), ("peak", [1.2, 2.0, 4.0]))
def test_work_that_can_wait_waits_as_a_fluid_behind_the_rest(peak: float, share: float, spare: float) -> None:
    """The longest wait of deferred work is within 0.1 % of a day of two fluids.

    The urgent one is always served first.
    """
    least = max(1.0, (1 - share) * peak)
    capacity = least + spare * (peak - least)
    at = np.arange(3 * DAY + 1) / DAY
    load = np.tile(curve(peak, SECONDS), 3)
    left = np.concatenate([[0.0], np.cumsum(capacity - (1 - share) * load)]) / DAY
    arrived = np.concatenate([[0.0], np.cumsum(share * load)]) / DAY
    made = left + np.minimum.accumulate(arrived - left)
    day = slice(DAY, 2 * DAY)  # the first day warms up, the third works off what the second left
    waits = np.interp(arrived[day], made + 1e-12 * at, at) - at[day]

    assert longest_deferral(peak, share, capacity) == pytest.approx(float(np.max(waits)), rel=1e-3, abs=2 / DAY)


def test_nothing_waits_where_the_whole_peak_is_carried() -> None:
    """Work that can wait does not wait where the fleet carries all of the peak.

    It has no wait where the rest overloads the fleet.
    """
    roomy, tight = (plan_of_text(f"{PEAKED}deferrable_share: 40%\n", [f"replicas={count}"]) for count in (1_000_000, 1))

    assert roomy.figures["fluid_deferred_wait"] == 0
    assert tight.figures["fluid_deferred_wait"] is None
    assert any("fluid_deferred_wait" in warning.names for warning in tight.warnings)


def test_urgent_work_has_its_waits_while_the_rest_piles_up() -> None:
    """Of 200 replicas urgent work takes 164 at the peak, and the rest more than is left: it goes first, and is in time.

    The queue is simulated at the level of the peak, clip by clip.
    """
    plan = plan_of_text(
        "dau: 60K\nvideos_per_user_per_day: 3\npeak_to_average: 1.8\ndeferrable_share: 60%\n"
        "gpu_limit: 200\ntarget_latency: 5 min\nmodel: wan2.2-ti2v-5b\n",
        ["gpu_seconds_per_video=109 s"],
    )
    random, seconds, fleet = np.random.default_rng(82), 5 * 3_600, 200
    urgent, rest = (random.uniform(0, seconds, int(rate * seconds)) for rate in (1.5, 0.8))
    at = np.concatenate([np.zeros(fleet), urgent, rest])  # first a clip on each replica, which ends at any time
    order, places = np.argsort(at, kind="stable"), np.repeat([1, 0, 1], [fleet, len(urgent), len(rest)])
    works = [*random.uniform(0, 109, fleet), *[109.0] * (len(at) - fleet)]
    waits = heap_waits(fleet, at[order].tolist(), places[order].tolist(), works)
    measured = np.array(waits)[(at[order] > 3_600) & (places[order] == 0)]

    assert plan.known["served_share"] < 1
    assert [objection.code for objection in plan.verdict.objections] == ["overloaded"]
    assert plan.figures["wait_p95"] == pytest.approx(np.quantile(measured, 0.95), abs=3)


def test_a_promise_to_work_that_can_wait_is_judged(recorded: Recorded) -> None:
    """A longest wait beyond `target_deferred_wait` is warned of, and one within it is not."""
    late, fine = (
        plan_of_text(f"{PEAKED}deferrable_share: 40%\ntarget_deferred_wait: {hours} h\n") for hours in (1, 12)
    )

    (warned,) = (warning for warning in late.warnings if warning.code == "misses-deferred-wait")
    recorded(warned.message)
    assert show(late.known["fluid_deferred_wait"], "second") in warned.message
    assert all(warning.code != "misses-deferred-wait" for warning in fine.warnings)


@pytest.mark.wide
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    users=st.floats(2, 5).map(lambda power: 10.0**power),
    slack=st.floats(1.01, 3),
    batch=st.sampled_from([1.0, 2.0, 4.0]),
    spread=st.sampled_from([0.0, 0.3]),
)
def test_the_promise_takes_the_smallest_fleet_that_keeps_it(
    users: float, slack: float, batch: float, spread: float
) -> None:
    """Sized by its promise a fleet keeps it, and with a replica less it would not.

    The exception is a fleet for which `max_utilization` asks for that replica.
    """
    sets = [
        f"dau={users}",
        "sized_by=latency",
        f"arrival_variability={batch}",
        f"service_variability={spread}",
        "max_utilization=99.9%",
    ]
    alone = plan_of(shipped("lesson"), [*sets, "sized_by=start"]).known
    work = alone["generation_latency"] * (1 + 2 * math.sqrt(spread)) * slack
    sets.append(f"target_latency={work} s")
    found = plan_of(shipped("lesson"), sets).known
    fewer = plan_of(shipped("lesson"), sets, [f"replicas={found['replicas'] - 1}"]).known

    assert found["latency_p95"] <= found["target_latency"]
    assert (
        not fewer["latency_p95"] <= found["target_latency"]
        or fewer["utilization"] > found["max_utilization"] * (1 - 1e-9)
        or found["replicas"] == 1
    )


def test_a_promise_that_no_fleet_keeps_does_not_size_it() -> None:
    """A target below a clip's own time leaves the fleet as it is where 95 % start at once, and is warned of."""
    text = "dau: 1M\ntarget_latency: 10 s\n"
    start, latency = plan_of_text(text), plan_of_text(f"{text}sized_by: latency\n")

    assert latency.figures["gpus"] == start.figures["gpus"]
    assert any(warning.code == "misses-target-latency" for warning in latency.warnings)


@over(("failed", [0.0, 0.02, 0.045, 0.2, 0.6]))
def test_a_promise_counts_the_runs_that_fail(failed: float) -> None:
    """A promise takes more GPUs where runs fail, and is kept.

    The slowest clip in twenty is run twice where more than one in twenty fails.
    """
    sized = plan_of_text(f"{PEAKED}sized_by: latency\ntarget_latency: 6000 s\nfailed_share: {failed}\n").known

    assert not sized["replicas_by_latency"] or sized["latency_p95"] <= 6_000
    assert (sized["runs_latency_p95"] >= 2 * sized["slowest_seconds"] * (1 - 1e-9)) == (failed > 0.05)


@pytest.mark.wide
@pytest.mark.parametrize(("weekend", "busy_days"), [(0.2, 5), (1.5, 2)])
def test_the_busier_kind_of_day_is_carried(weekend: float, busy_days: int) -> None:
    """By hand the busy days have 7 / 5.4 of the mean, or 1.5 * 7 / 8; simulated clip by clip their peak is on time."""
    plan = plan_of(shipped("start-up"), [f"weekend_level={weekend}"]).known
    level = {5: 7 / 5.4, 2: 1.5 * 7 / 8}[busy_days]
    random, replicas, seconds = np.random.default_rng(7), int(plan["replicas"]), plan["generation_latency"]
    rate = 20_000 / DAY * level * curve(2.5, SECONDS)
    late = list[float]()
    for _day in range(20):
        arrivals = np.repeat(SECONDS, random.poisson(rate))
        free = [0.0] * replicas
        for at in arrivals:
            begins = max(at, free[0])
            heapq.heapreplace(free, begins + seconds)
            if rate[int(at)] > 0.98 * rate.max():
                late.append(begins + seconds - at)

    assert plan["peak_trps"] == pytest.approx(20_000 / DAY * level * 2.5)
    assert plan["trps"] == pytest.approx(20_000 / DAY)  # users and bills are the week's
    assert np.percentile(late, 95) == pytest.approx(plan["latency_p95"] - plan["off_gpu_seconds"], rel=0.1)


@pytest.mark.usefixtures("folder")
def test_a_day_with_another_base_is_unlike_a_cosine(t2v_cap: Program) -> None:
    """A day at 0.6 with five hours at 2.5 is as long near its peak as a cosine, and has less above that level.

    By hand, above 0.6 lie 5 x 1.9 / 24 of that day. A cosine with its peak of 2.5 and mean of 1 fills 80% of the day;
    the area above x, with middle m, swing s and d = (x - m) / s, is (s sqrt(1 - d^2) + (m - x) acos(d)) / pi of that.
    """
    evening = ["0.6"] * 17 + ["2.5"] * 5 + ["0.6"] * 2
    path = write(f"{{model: wan2.2-ti2v-5b, gpu: h100-sxm, day_curve: [{', '.join(evening)}]}}", "plan.yaml")
    mean = (19 * 0.6 + 5 * 2.5) / 24
    peak, base = 2.5 / mean, 0.6 / mean
    own = 5 * 1.9 / 24 / mean
    middle = peak / 2
    depth = (base - middle) / middle
    usual = 2 / peak * (middle * math.sqrt(1 - depth**2) + (middle - base) * math.acos(depth)) / math.pi
    (warning,) = [warning for warning in plan_of(path).warnings if warning.code == "day-unlike-cosine"]
    said = re.search(r"up to (\S+)% of the fleet's", str(warning))

    assert said
    assert "within a tenth" not in str(warning)
    assert float(said[1]) == pytest.approx(100 * abs(own - usual) / peak, abs=0.05)
    for table in ("buying", "alerts", "failures"):
        assert str(warning) in t2v_cap("estimate", path, "--only", table).out
    assert str(warning) not in t2v_cap("estimate", path, "--only", "scaling").out  # which has each hour's own load
    cosine_day = ", ".join(f"{1 - 0.7 * math.cos(2 * math.pi * (hour + 0.5) / 24):.6f}" for hour in range(24))
    level = write(f"{{model: wan2.2-ti2v-5b, gpu: h100-sxm, day_curve: [{cosine_day}]}}", "cosine.yaml")
    assert "day-unlike-cosine" not in [warning.code for warning in plan_of(level).warnings]


@pytest.mark.parametrize("code", ["day-unlike-cosine", "waits-uncertain"])
@pytest.mark.parametrize("file", ["", "my plan.yaml"])
def test_the_day_to_simulate_is_the_plans(t2v_cap: Program, file: str, code: str) -> None:
    """The command in the warning has the plan's flags, and runs: the same demand, with or without a file."""
    write("{model: wan2.2-ti2v-5b, gpu: h100-sxm}", "my plan.yaml")
    flags = ["--dau", "50M", "--weekend-level", "0.3", "--max-utilization", "99%", "--spare-fraction", "0"]
    words = ["estimate", *filter(None, [file]), *flags]
    plan = json.loads(t2v_cap(*words, "--format", "json").out)
    (says,) = [warning["message"] for warning in plan["warnings"] if warning["code"] == code]
    command = shlex.split(says.partition("`t2v-cap ")[2].partition("`")[0])

    assert command[-2:] == ["--only", "waiting"]
    assert json.loads(t2v_cap(*command[:-2], "--format", "json").out)["figures"] == plan["figures"]


def test_regions_that_share_time_zones_are_warned_of() -> None:
    """The peak is that of a sine over all 18 zones by hand; a region of six zones has 2.31, and nothing to share."""

    def warned(zones: int, regions: int) -> list[str]:
        plan = plan_of_text(f"peak_to_average: 2.5\ntime_zones: {zones}\nregions: {regions}\n")
        return [warning.message for warning in plan.warnings if warning.code == "regions-share-zones"]

    shared, alone = (1.25 * (1 + np.sinc(zones / 24 / (2 / 2.5))) for zones in (18, 6))
    assert f"the peak is {shared:.3g} times the mean if each region" in warned(18, 3)[0]
    assert plan_of_text("peak_to_average: 2.5\ntime_zones: 6\n").known["zoned_peak"] == pytest.approx(alone, rel=1e-9)
    assert not warned(0, 3) + warned(6, 1)
