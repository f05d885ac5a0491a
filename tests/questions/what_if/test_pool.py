"""One pool: of one scenario it is the estimate.

A pool of several scenarios carries what can't wait, and over the day the work of all.
"""

import heapq
import math
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from day_fleet import heap_waits
from places import ROOT, SHIPPED
from shared import Program, answer, plan_of, plan_of_text, some, write
from t2v_capacity.answers.total import total_report
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.forms.answer import Page
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.questions.what_if.pool import POOLED_GROUPS, Pool
from t2v_capacity.questions.what_if.scaling import scaling
from t2v_capacity.questions.what_if.simulated import simulated
from t2v_capacity.questions.what_if.total import total
from texts import Recorded

pytestmark = pytest.mark.usefixtures("folder")
PAID = (
    "dau: 100K\nmodel: wan2.2-t2v-a14b\nattention_kernel: fa2\noffload: encoder\n"
    "peak_to_average: 1.8\ntarget_latency: 30 min\n"
)
FREE = "dau: 60K\nmodel: wan2.2-t2v-a14b\nattention_kernel: fa2\noffload: encoder\npeak_to_average: 1.8\n"


def numbers(values: Mapping[str, float | None]) -> dict[str, float]:
    """Return figures as floats."""
    return {name: math.nan if value is None else value for name, value in values.items()}


def pooled(*plans: Estimate) -> Pool:
    """Return plans on one fleet."""
    found = total(plans, pooled=True).pool
    assert found is not None
    return found


CLIPS = [path for path in SHIPPED if path.stem != "stream"]  # the work of a stream cannot wait


def turned_away(curves: tuple[list[float], ...], per_day: float, seconds: float, places: int) -> list[float]:
    """Return the share of each service's sessions that finds no place, in twenty days simulated by events."""
    chance, busy, now = random.Random(1), list[float](), 0.0
    asked, refused = [0.0] * len(curves), [0.0] * len(curves)
    rates = [[per_day / 86_400 * level * len(curve) / sum(curve) for level in curve] for curve in curves]
    top = max(map(sum, zip(*rates, strict=True)))
    while now < 20 * 86_400:
        now += chance.expovariate(top)
        drawn, hour = chance.random() * top, int(now / 3_600) % 24
        for place, rate in enumerate(rates):
            if 0 <= drawn < rate[hour]:
                while busy and busy[0] <= now:
                    heapq.heappop(busy)
                asked[place] += 1
                if len(busy) < places:
                    heapq.heappush(busy, now + chance.expovariate(1 / seconds))
                else:
                    refused[place] += 1
            drawn -= rate[hour]
    return [of / all_asked for of, all_asked in zip(refused, asked, strict=True)]


@pytest.mark.wide
def test_a_pool_that_refuses_has_no_order() -> None:
    """Of streams that find no place none waits, and each service loses the share that is simulated by events."""
    day = [float(level) for level in EVENING]
    days = (day, day[12:] + day[:12])
    plans = [
        plan_of(
            ROOT / "scenarios/stream.yaml",
            ("dau=6000", "gpus_per_server=1", "gpu_limit=26", f"day_curve=[{', '.join(map(str, levels))}]"),
            ("generated_fps=36",),
        )
        for levels in days
    ]
    found = pooled(*plans)
    places = int(2 * numbers(found.figures)["replicas"])
    first = plans[0].known["first_play_seconds"] + plans[0].known["off_gpu_seconds"]

    for met in found.classes:
        assert (met["wait"], met["longest_wait"], met["longest_wait_p95"]) == (0, 0, 0)
        assert met["latency"] == pytest.approx(first)
    lost = turned_away(days, 3_000, 600, places)
    assert lost == pytest.approx([1 - met["served_share"] for met in found.classes], rel=0.15)


@pytest.mark.wide
@pytest.mark.parametrize("path", some(CLIPS, len(CLIPS)), ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "sets",
    [
        (),
        pytest.param(("peak_to_average=1.9", "deferrable_share=45%"), marks=pytest.mark.slow),
        pytest.param(("deferrable_share=20%", "gpu_limit=1000"), marks=pytest.mark.slow),
        ("deferrable_share=20%", "gpu_limit=1000", "queue_limit=200"),
    ],
)
def test_a_pool_of_one_scenario_is_its_estimate(path: Path, sets: tuple[str, ...]) -> None:
    """A pool of one scenario has the fleet, waits, bill and power of its estimate, and waits as it does there."""
    plan = plan_of(path, sets)
    found = pooled(plan)
    (only,) = found.classes

    for name, one in FIGURES.items():
        if one.group in POOLED_GROUPS:
            wanted = plan.figures[name]
            assert found.figures[name] == (wanted if wanted is None else pytest.approx(wanted, rel=1e-9)), name
    own = simulated(plan)
    assert only["wait"] == (own["wait_p95"].value if own else None)
    assert only["latency"] == (pytest.approx(own["latency_p95"].value) if own else None)
    if own and plan.values["deferrable_share"] and plan.known["utilization"] < 1:
        assert only["longest_wait"] == pytest.approx(own["deferred_wait"].value, rel=0.05, abs=120)


def test_work_that_waits_fills_idle_hours(recorded: Recorded) -> None:
    """A second scenario without a promise needs no peak of its own.

    The fleet carries the first's peak, and the mean of both.
    """
    paid, free = plan_of_text(PAID), plan_of_text(FREE)
    found = pooled(paid, free)
    peak, mean = paid.known["peak_busy_gpus"], paid.known["busy_gpus"] + free.known["busy_gpus"]
    first, second = found.classes

    assert found.figures["peak_busy_gpus"] == pytest.approx(max(peak, mean))
    assert numbers(found.figures)["gpus"] < 0.65 * numbers(found.apart)["gpus"]
    assert found.apart["gpus"] == paid.known["gpus"] + free.known["gpus"]
    assert (first["deferred_share"], second["deferred_share"]) == (0, 1)
    assert first["longest_wait"] is not None
    assert first["longest_wait"] < 60  # of urgent requests, which never count as none
    assert second["wait"] is None
    assert second["longest_wait"] is not None
    assert 3_600 < second["longest_wait"] < 12 * 3_600
    recorded(found.notes[0])


@pytest.mark.slow
def test_a_promise_makes_a_later_scenario_urgent() -> None:
    """Where the second promises a latency too, the pool carries both peaks.

    The first in order waits no longer than the second.
    """
    small = f"{PAID}target_wait_probability: 50%\nmax_utilization: 99%\n".replace("100K", "900")
    paid, free = plan_of_text(small), plan_of_text(f"{small.replace('900', '700')}duration: 3 s\n")
    found = pooled(paid, free)
    first, second = found.classes

    assert found.figures["peak_busy_gpus"] == pytest.approx(paid.known["peak_busy_gpus"] + free.known["peak_busy_gpus"])
    assert numbers(found.figures)["gpus"] <= numbers(found.apart)["gpus"]
    assert first["wait"] is not None
    assert second["wait"] is not None
    assert 0 < first["wait"] <= second["wait"]
    (note,) = found.notes
    assert note.startswith("no `day_curve` in ")


EVENING = (".5 .4 .3 .3 .3 .4 .5 .6 .7 .8 .9 1 1.1 1.2 1.3 1.4 1.6 1.8 2 2.2 2.2 1.8 1.2 .8").split()
AFTERNOON = (".3 .2 .2 .2 .3 .4 .6 .8 .9 1 1.1 1.2 1.4 1.8 2.4 2.8 2.6 1.8 1.2 .9 .7 .6 .5 .4").split()


def start_up(dau: str, *more: str) -> Estimate:
    """Return a start-up's plan of so many users."""
    return plan_of(ROOT / "scenarios/start-up.yaml", (f"dau={dau}", *more))


def hours(curve: list[str]) -> str:
    """Return the flag of a day's curve."""
    return f"day_curve=[{', '.join(curve)}]"


@pytest.mark.wide
def test_work_that_waits_meets_the_others_at_their_own_hours() -> None:
    """Free clips of the afternoon wait for paid ones of the evening as in clip-by-clip days of both curves."""
    paid = start_up("8K", hours(EVENING))
    free = start_up("12K", hours(AFTERNOON), "videos_per_user_per_day=1", "target_latency=null")
    found = pooled(paid, free)
    random, arrivals, places = np.random.default_rng(1), list[Any](), list[Any]()
    for served, (curve, daily) in enumerate(((EVENING, 16_000), (AFTERNOON, 12_000))):
        rates = np.repeat(np.array(curve, float), 60)
        counts = random.poisson(np.tile(rates / rates.sum() * daily, 12))
        arrivals.append(np.repeat(np.arange(len(counts)), counts) * 60 + random.random(counts.sum()) * 60)
        places.append(np.full(counts.sum(), served))

    at, place = np.concatenate(arrivals), np.concatenate(places)
    order = np.argsort(at)
    replicas = round(numbers(found.figures)["replicas"])
    works = [paid.known["generation_latency"]] * len(at)
    waits = np.array(heap_waits(replicas, at[order].tolist(), place[order].tolist(), works))
    day = at[order] // 86_400
    longest = [waits[(day == number) & (place[order] == 1)].max() for number in range(1, 11)]
    assert found.classes[1]["longest_wait"] == pytest.approx(np.mean(longest), rel=0.05)


@pytest.mark.wide
def test_a_pool_carries_the_peak_of_summed_curves() -> None:
    """Where all is urgent the peak is that of the curves' sum, by hand, whatever their order."""
    later = [*EVENING[12:], *EVENING[:12]]  # half a day apart
    summed = [(float(own) + float(other)) / 2 for own, other in zip(EVENING, later, strict=True)]
    level = max(summed) / (sum(summed) / 24)
    for curves in ((EVENING, later), (later, EVENING)):
        found = pooled(*(start_up("40K", hours(curve)) for curve in curves))
        assert found.work["zoned_peak"] == pytest.approx(level)
        assert found.notes == ()
    assert numbers(found.figures)["gpus"] < 0.75 * numbers(found.apart)["gpus"]


def test_the_table_has_the_bill_of_gpus_that_follow_the_day(t2v_cap: Program) -> None:
    """One pool of two days, nine hours apart, is billed for the GPUs of each hour of their sum, added up by hand."""
    west = [1] * 8 + [2, 3, 5, 8, 10, 9, 8, 7, 6, 5, 4, 3, 2, 2, 1, 1]
    east = west[9:] + west[:9]
    users = "model: wan2.2-ti2v-5b\ngpu: h100-sxm\nruntime: compiled\ntarget_latency: 3 min\ndau:"
    files = [write(f"{users} 20K\nday_curve: {day}\n", f"{name}.yaml") for name, day in (("w", west), ("e", east))]
    both = plan_of_text(f"{users} 40K\nday_curve: {[a + b for a, b in zip(west, east, strict=True)]}\n")
    month = 30 * sum(hour["gpus"] for hour in scaling(both)["hours"]) * both.known["gpu_price"]
    table = answer(t2v_cap, "total", "--pooled", *files)
    found = re.search(r"^gpu_cost_following +(\d+)K USD +(\d+)K USD", table, re.MULTILINE)

    assert found
    assert 1e3 * float(found[1]) == pytest.approx(month, rel=0.03)
    apart = sum(plan_of(file).known["gpu_cost_following"] for file in files)
    assert 1e3 * float(found[2]) == pytest.approx(apart, rel=0.005)


def test_busy_weekdays_and_busy_weekends_share_a_pool() -> None:
    """Weekdays at 7 / 5.6 and 7 / 9 of the mean, weekends at 0.3 and 2 times that: weekdays are busier, by hand."""
    found = pooled(start_up("40K", "weekend_level=0.3"), start_up("40K", "weekend_level=2"))
    weekday, weekend = 7 / 5.6 + 7 / 9, 0.3 * 7 / 5.6 + 2 * 7 / 9

    assert found.work["busy_day_level"] == pytest.approx(weekday / 2)
    assert found.work["weekend_level"] == pytest.approx(weekend / weekday)
    mean = numbers(found.apart)["busy_gpus"]
    assert found.figures["peak_busy_gpus"] == pytest.approx(mean * 2.5 * weekday / 2)
    assert len(found.notes) == 1


@pytest.mark.wide
def test_no_wait_without_its_reason() -> None:
    """A mix whose mean clip is long, and whose preview takes seconds, has no simulated wait in a pool: a note says so.

    Without the preview there are waits, and no note.
    """
    file = f"{PAID}pins: {{gpu_seconds_per_video: 200 s}}\n"
    mixed = f"{file}mix: {{preview: {{share: 50%, pins: {{gpu_seconds_per_video: 10 s}}}}, clip: {{}}}}\n"
    found, whole = (pooled(plan_of_text(PAID), plan_of_text(text)) for text in (mixed, file))

    assert {met["longest_wait"] for met in found.classes} == {None}
    assert [note for note in found.notes if note.startswith("some clips take less than 30 s, or those of a part do")]
    assert None not in {met["longest_wait"] for met in whole.classes}
    assert "some clips" not in " ".join(whole.notes)


@pytest.mark.slow
def test_the_spread_of_clips_is_computed_from_the_mix() -> None:
    """Clips of 5 s and of 10 s have the mean, and the mean of the squares, of their mixture.

    The squared coefficient of variation is that of all clips. Batches keep theirs.
    """
    short = plan_of_text(f"{PAID}request_share: 80%\narrival_variability: 2\n")
    long = plan_of_text(f"{PAID}request_share: 20%\nduration: 10 s\narrival_variability: 4\n")
    s, t = short.known["generation_latency"], long.known["generation_latency"]
    mean = 0.8 * s + 0.2 * t
    found = pooled(short, long)
    work = found.work

    assert work["generation_latency"] == pytest.approx(mean)
    assert found.figures["clip_variability"] == pytest.approx((0.8 * s**2 + 0.2 * t**2) / mean**2 - 1)
    assert work["arrival_variability"] == pytest.approx(2.4)


@pytest.mark.slow
def test_the_bill_of_a_pool_is_its_gpus_and_the_rest_of_all() -> None:
    """Storage, egress and other costs are those of the scenarios added; only the GPUs are the pool's."""
    paid, free = (
        plan_of_text(f"{PAID}other_cost_per_video: 0.01\n"),
        plan_of_text(f"{FREE}other_cost_per_video: 0.01\n"),
    )
    found = numbers(pooled(paid, free).figures)
    rest = sum(plan.known["cost_per_month"] - plan.known["gpu_cost_per_month"] for plan in (paid, free))

    assert found["cost_per_month"] - found["gpu_cost_per_month"] == pytest.approx(rest, rel=1e-9)
    assert math.isnan(found["cost_per_user"])  # of 100,000 to 160,000 users


MIXED = (
    f"model: wan2.2-ti2v-5b\ngpus_per_server: 1\nday_curve: [{', '.join(EVENING)}]\ndau: 1K\n"
    "videos_per_user_per_day: 4\ntarget_latency: 2 min\nmix:\n"
    "  short: {share: 97%, pins: {gpu_seconds_per_video: 60 s}}\n"
    "  long: {target_latency: 1 h, pins: {gpu_seconds_per_video: 600 s}}\n"
)


@pytest.mark.wide
def test_a_pool_names_the_part_of_a_mix_that_is_late() -> None:
    """Short clips wait for free ones of ten minutes, as clip by clip, and miss two minutes; long ones keep an hour.

    No formula knows that wait, so the pool as a whole has none.
    """
    paid = plan_of_text(MIXED)
    free = plan_of_text(MIXED.partition("target")[0] + "pins: {gpu_seconds_per_video: 600 s}\n")
    found = pooled(paid, free)
    random, rates = np.random.default_rng(2), np.repeat(np.array(EVENING, float), 60)
    clips = [(0, 60.0, 0.97), (0, 600.0, 0.03), (1, 600.0, 1.0)]
    counts = [random.poisson(np.tile(rates / rates.sum() * 4_000 * share, 30)) for _place, _work, share in clips]
    arrivals = [np.repeat(np.arange(len(came)), came) * 60 + random.random(came.sum()) * 60 for came in counts]
    at, kind = np.concatenate(arrivals), np.repeat(np.arange(3), [len(came) for came in arrivals])
    order = np.argsort(at)
    at, kind = at[order], kind[order]
    places, works = [clips[own][0] for own in kind], [clips[own][1] for own in kind]
    replicas = round(numbers(found.figures)["replicas"])
    waits = np.array(heap_waits(replicas, at.tolist(), places, works))
    in_the_hour = (at % 86_400 // 1_800 == 39) | (at % 86_400 // 1_800 == 40)
    late = np.quantile(waits[in_the_hour & (kind == 0)], 0.95) + 60
    (note,) = (note for note in found.notes if "misses its promise" in note)

    assert late > 120
    assert "`mix.short.target_latency` is 120 s" in note
    assert float(re.findall(r"([\d.]+) s", note)[0]) == pytest.approx(late, rel=0.1)
    assert [found.figures[name] for name in ("wait_p95", "latency_p95", "latency_slack")] == [None] * 3


@pytest.mark.wide
@pytest.mark.parametrize(
    ("seconds", "spreads", "targets", "busy"),
    [((40, 760), (0, 1), (160, 4_200), (5, 12)), ((60, 230), (0.3, 1), (350, math.inf), (24, 8))],
)
def test_a_pool_that_is_sized_by_latency_has_hardly_more_than_it_takes(
    seconds: tuple[float, ...], spreads: tuple[float, ...], targets: tuple[float, ...], busy: tuple[float, ...]
) -> None:
    """Clip by clip the fleet keeps each promise at the peak of a day of 1.5, and six sevenths of it do not.

    A short promise before a long one, and clips of a wide spread that wait their turn.
    """
    plans, random, came, works = list[Estimate](), np.random.default_rng(3), list[Any](), list[Any]()
    rates = 1 - 0.5 * np.cos(2 * np.pi * (np.arange(1_440) + 0.5) / 1_440)
    for clip, spread, target, at_peak in zip(seconds, spreads, targets, busy, strict=True):
        daily = at_peak / 1.5 / clip * 86_400
        promise = f"target_latency: {target} s\n" if target < math.inf else ""
        text = f"model: wan2.2-ti2v-5b\nsized_by: latency\ngpus_per_server: 1\nspare_fraction: 0%\n{promise}"
        text += f"dau: {daily:.0f}\nvideos_per_user_per_day: 1\npeak_to_average: 1.5\nservice_variability: {spread}\n"
        plans.append(plan_of_text(f"{text}pins: {{gpu_seconds_per_video: {clip} s}}\n"))
        counts = random.poisson(np.tile(rates / rates.sum() * daily, 40))
        came.append(np.repeat(np.arange(len(counts)), counts) * 60 + random.random(counts.sum()) * 60)
        drawn = random.gamma(1 / spread, spread * clip, len(came[-1])) if spread else np.full(len(came[-1]), clip)
        works.append(drawn)
    order = np.argsort(np.concatenate(came))
    at, work, kind = (
        column[order]
        for column in (np.concatenate(came), np.concatenate(works), np.repeat([0, 1], [len(each) for each in came]))
    )

    def keeps(replicas: int) -> bool:
        latencies = np.array(heap_waits(replicas, at.tolist(), kind.tolist(), work.tolist())) + work
        peak = abs(at % 86_400 - 43_200) < 1_800
        return all(np.quantile(latencies[peak & (kind == place)], 0.95) <= targets[place] for place in (0, 1))

    gpus = round(numbers(pooled(*plans).figures)["gpus"])
    assert keeps(gpus)
    assert not keeps(gpus * 6 // 7)


@pytest.mark.slow
def test_what_a_pool_does_not_keep_is_told(folder: Path, recorded: Recorded) -> None:
    """An overloaded pool says so, and has waits where its queue ends at night.

    A class that misses its promise is named, and so is each limit that only one has. A pool that is sized by latency
    keeps the tightest promise.
    """
    own = f"extends: {ROOT / 'scenarios/start-up.yaml'}\n"
    slow, quick, small = (
        plan_of(write(own + more, folder / name))
        for name, more in (
            ("slow.yaml", "sized_by: latency\ntarget_latency: 1 h\n"),
            ("quick.yaml", "target_latency: 118 s\n"),
            ("small.yaml", "gpu_limit: 51\ndau: 10.05K\ntarget_wait_probability: 0.1%\n"),
        )
    )
    recorded(pooled(slow, quick).notes)
    full = pooled(small, slow)
    assert full.figures["utilization"] is not None
    assert full.figures["utilization"] > 1
    recorded(full.notes[:2])
    assert all(
        one["latency"] is not None and one["latency"] > 20 * slow.known["generation_latency"] for one in full.classes
    )
    endless = pooled(plan_of(write(f"{own}gpu_limit: 20\n", folder / "endless.yaml")), slow)
    assert {(one["wait"], one["latency"], one["longest_wait"]) for one in endless.classes} == {(None, None, None)}
    assert any("`gpu_limit`" in note and "`target_wait_probability`" in note for note in pooled(slow, small).notes)


@pytest.mark.slow
def test_a_pool_shows_what_is_wrong_with_its_plans(t2v_cap: Program, recorded: Recorded) -> None:
    """A warning of a plan that a pool does not answer by itself stands on the pool's page too."""
    mochi = str(ROOT / "scenarios/mochi.yaml")
    recorded(t2v_cap("total", "--pooled", mochi, mochi, "--set", "offload=none").out)


def test_a_pool_whose_clips_cannot_run_says_so(t2v_cap: Program) -> None:
    """Where no clip fits its GPU a pool has no waits and no work, and is answered in every form."""
    command = ("total", "--pooled", write(PAID, "paid.yaml"), write(FREE, "free.yaml"), "--set", "gpu=rtx-4090")
    page, data = answer(t2v_cap, *command), t2v_cap(*command, "--format", "json").json

    assert (
        {one["latency"] for one in data["pool"]["classes"]}
        == {one["longest_wait"] for one in data["pool"]["classes"]}
        == {None}
    )
    assert "nan" not in page.lower() + answer(t2v_cap, *command, "--format", "csv").lower()


@pytest.mark.slow
def test_work_that_is_never_made_has_no_longest_wait() -> None:
    """Where a limit lets the queue end and the day asks for more than the fleet makes, work that waits has no wait."""
    limits = "queue_limit: 100\ngpu_limit: 400\n"
    first, later = pooled(plan_of_text(PAID + limits), plan_of_text(FREE)).classes

    assert later["longest_wait"] is None
    assert first["latency"] is not None
    # Work that waits levels the day, so that a little more is made.
    alone = plan_of_text(PAID + limits).figures["served_share"]
    assert first["served_share"] == pytest.approx(alone, rel=0.1)
    assert later["served_share"] == 0


def test_the_share_served_is_of_requests() -> None:
    """Of many short clips and a few long ones as many are served as are delivered, whatever GPUs they take."""
    short = plan_of_text("model: ltx-video-2b\nsteps: 8\npasses_per_step: 1\ndau: 500K\ngpu_limit: 8\n")
    found = total([short, plan_of_text(FREE)], pooled=True)
    requests = [1_000_000, 120_000]
    assert found.pool is not None
    served = [of_class["served_share"] * asked for of_class, asked in zip(found.pool.classes, requests, strict=True)]

    assert found.figures["served_share"] == pytest.approx(found.figures["delivered_per_day"] / sum(requests))
    assert found.pool.figures["served_share"] == pytest.approx(sum(served) / sum(requests))
    assert 0 < sum(served) < sum(requests) / 2


CLIPS_OF_TWO = "gpu: h100-sxm\nruntime: engine\npeak_to_average: 1.7\n"
CINEMATIC = f"{CLIPS_OF_TWO}model: wan2.2-t2v-a14b\nattention_kernel: fa3\ndau: 10K\ntarget_latency: 6 min\n"
SOCIAL = f"""{CLIPS_OF_TWO}model: ltx-2.3-22b
vae_tiling: tiled
steps: 8
passes_per_step: 1
resolution: 960x544
dau: 200K
target_latency: 2 min
"""


@pytest.mark.wide
def test_a_pool_of_other_weights_leaves_out_their_loading() -> None:
    """Two models that no GPU holds at once overload the pool's replicas by what they load; the pool says so.

    A request finds a replica with the other model as often as that had the request before, which takes its load time.
    Of one model in two lengths nothing is loaded.
    """
    plans = [plan_of_text(text) for text in (CINEMATIC, SOCIAL)]
    pool = pooled(*plans)
    rates = [plan.known["peak_trps"] for plan in plans]
    changes = 2 * rates[0] * rates[1] / sum(rates)
    loading = changes * min(plan.known["load_time"] for plan in plans)
    making = sum(rate * plan.known["held_seconds"] for rate, plan in zip(rates, plans, strict=True))
    weights = sum(plan.known["load_time"] * plan.known["load_rate"] for plan in plans)

    assert weights > plans[0].known["memory_usable"]
    assert making < numbers(pool.figures)["replicas"] < making + loading
    assert [warning.code for warning in pool.warnings] == ["pool-swaps-weights"]
    longer = plan_of_text(CINEMATIC.replace("6 min", "30 min") + "duration: 8 s\n")
    assert "pool-swaps-weights" not in [warning.code for warning in pooled(plans[0], longer).warnings]


AVATARS = """
model: self-forcing
gpu: h100-sxm
runtime: engine
decoder: taehv
delivery: stream
queue_limit: 0
target_latency: 1 s
videos_per_user_per_day: 0.5
peak_to_average: 2
fps: 16
"""


def _refused(replicas: int, *, emptiest: bool) -> float:
    """Return the simulated share of large sessions, each a whole replica, that find none at the peak."""
    draw = random.Random(9)
    used, leaving = [0] * replicas, list[tuple[float, int, int]]()
    asked, refused, now = 0, 0, 0.0
    rates, lasts, sizes = (20_000 / 86_400, 60_000 / 86_400), (600.0, 240.0), (3, 1)
    while now < 12_000:
        now += draw.expovariate(sum(rates))
        while leaving and leaving[0][0] <= now:
            _left, place, size = heapq.heappop(leaving)
            used[place] -= size
        kind = int(draw.random() * sum(rates) > rates[0])
        room = [place for place in range(replicas) if used[place] + sizes[kind] <= 3]
        asked += kind == 0
        if not room:
            refused += kind == 0
            continue
        place = (min if emptiest else max)(room, key=used.__getitem__)
        used[place] += sizes[kind]
        heapq.heappush(leaving, (now + draw.expovariate(1 / lasts[kind]), place, sizes[kind]))
    return refused / asked


@pytest.mark.wide
def test_a_pool_of_two_kinds_of_sessions_says_how_to_place_them() -> None:
    """Large sessions find room on so few replicas only if small ones are packed: else one in five finds none."""
    large = plan_of_text(f"{AVATARS}dau: 20K\nduration: 10 min\n", ["generated_fps=20"])
    small = plan_of_text(f"{AVATARS}dau: 60K\nduration: 4 min\n", ["generated_fps=52"])
    sessions = [plan.known["sessions_per_replica"] for plan in (large, small)]
    pool = pooled(large, small)
    replicas = int(numbers(pool.figures)["replicas"])

    assert sessions == [1, 3]
    assert len([note for note in pool.notes if "fullest" in note]) == 1
    assert _refused(replicas, emptiest=False) < 0.01
    assert _refused(replicas, emptiest=True) > 0.2
    assert not [note for note in pooled(large, large).notes if "fullest" in note]


def test_a_pool_says_what_it_is_too_small_for() -> None:
    """Urgent work of 12K clips a day asks for less than 40 replicas at its peak; with 40K that wait all is too much."""
    text = "model: wan2.2-ti2v-5b\ngpu: h100-sxm\nruntime: compiled\nvideos_per_user_per_day: 2\ngpu_limit: 40\n"
    urgent = plan_of_text(f"{text}dau: 6K\ntarget_latency: 5 min\n")
    batch, later = (plan_of_text(f"{text}dau: 20K\n{target}") for target in ("", "target_latency: 6 min\n"))
    seconds = urgent.known["gpu_seconds_per_video"]

    assert 12_000 / 86_400 * 1.7 * seconds < 40 < 52_000 / 86_400 * seconds
    mean, peak = (clips / 86_400 * seconds / 40 for clips in (52_000, 52_000 * 1.7))
    assert f"overloaded: the work of all over the day asks for {mean:.0%} of its" in pooled(urgent, batch).notes[0]
    assert f"overloaded: the peak of what can't wait asks for {peak:.0%} of its" in pooled(urgent, later).notes[0]


def test_a_clip_longer_than_its_target_breaks_a_promise_of_a_pool_without_waits() -> None:
    """Waits of clips below 30 s are not simulated; a clip alone may take longer than its target."""
    text = "model: ltx-video-2b\ngpu: h100-sxm\nruntime: compiled\ndau: 100K\nsteps: 30\n"
    strict, lenient = (plan_of_text(f"{text}target_latency: {target}\n") for target in ("2 s", "10 min"))
    notes = " ".join(pooled(strict, lenient).notes)

    assert strict.known["generation_latency"] > 2
    assert notes.count("misses its promise in the pool") == 1
    assert "where `target_latency` is 2 s" in notes


@pytest.mark.wide
def test_a_pool_has_the_warnings_of_its_own_fleet() -> None:
    """A fleet of 20 is 99% busy and short of spares, and a pool of 60 is not; it lacks the one that 61 would have."""
    text = "model: wan2.2-ti2v-5b\ngpu: h100-sxm\nruntime: compiled\ngpus_per_server: 1\ntarget_latency: 10 min\n"
    large, small = f"{text}dau: 6K\n", plan_of_text(f"{text}dau: 4.6K\ngpu_limit: 20\n")
    unlimited = pooled(plan_of_text(large), small)
    limited = total([plan_of_text(f"{large}gpu_limit: 60\n"), small], pooled=True)
    assert limited.pool is not None
    page = total_report(limited, Page())

    assert {"waits-uncertain", "limit-drops-spares"} <= {warning.code for warning in small.brief_warnings}
    assert (unlimited.figures["gpus"], limited.pool.figures["gpus"]) == (61, 60)
    assert not unlimited.warnings
    assert [warning.message[:45] for warning in limited.pool.warnings] == [
        "the fleet has no room for 1 server of the spa"
    ]
    assert "waits-uncertain" not in str(page.paragraphs)


def test_a_pool_of_a_stream_that_stops_says_what_stops_it() -> None:
    """9,600 frames of 600 s play at 16 per second, and a replica makes 12: sessions of minutes are no short clips."""
    plan = plan_of(ROOT / "scenarios/stream.yaml", pins=["generated_fps=12"])
    notes = " ".join(pooled(plan, plan).notes)

    assert plan.known["frames_per_video"] / plan.known["duration"] == 16
    assert notes.count("a replica makes 12 frames per second; playing takes 16") == 2
    assert "not simulated" not in notes
