"""The hours, floor and ceiling of a day: by hand at each hour's rate, and in a simulated queue at the quietest."""

import math
import re
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from day_fleet import heap_waits
from places import ROOT, shipped
from shared import Program, clips_of_a_day, over, write
from t2v_capacity import Plan, estimate
from t2v_capacity.errors import Mistakes
from t2v_capacity.questions.what_if.scaling import Scaling

# A day of one's own, from midnight: quiet at night, two peaks.
CURVE = [0.3, 0.2, 0.2, 0.2, 0.3, 0.4, 0.6, 0.9, 1.3, 1.5, 1.4, 1.3]
CURVE += [1.4, 1.3, 1.2, 1.1, 1.1, 1.2, 1.4, 1.7, 1.8, 1.5, 1.0, 0.6]


def scaling_of(plan: Plan) -> Scaling:
    """Return the settings of an autoscaler as the JSON of a plan has them."""
    scaling = plan.table("scaling").document()["scaling"]
    assert scaling
    return scaling


def margin_by_hand(share: float) -> float:
    """Return the beta at which a share of requests waits, by halving Halfin and Whitt's own formula."""
    normal, low, high = NormalDist(), 0.0, 10.0
    for _ in range(60):
        beta = (low + high) / 2
        if 1 / (1 + beta * normal.cdf(beta) / normal.pdf(beta)) > share:
            low = beta
        else:
            high = beta
    return low


def servers_by_hand(requests_per_hour: float, seconds: float) -> int:
    """Return the servers of one GPU that a rate needs: used to 90%, 5% start later, and a spare for each 20."""
    load = requests_per_hour / 3_600 * seconds
    at_work = max(1, math.ceil(max(load / 0.9, load + margin_by_hand(0.05) * math.sqrt(load))))
    return at_work + math.ceil(0.05 * at_work)


def test_each_hour_is_the_fleet_of_its_rate_by_hand() -> None:
    """On a day of one's own the servers of each hour are the square-root rule at that hour's requests."""
    plan = estimate(shipped("start-up"), day_curve=CURVE)
    scaling = scaling_of(plan)
    rates = [20_000 / 24 * rate / (sum(CURVE) / 24) for rate in CURVE]
    by_hand = [servers_by_hand(rate, plan.gpu_seconds_per_video) for rate in rates]

    assert [hour["hour"] for hour in scaling["hours"]] == [*range(24)]
    assert [hour["requests"] for hour in scaling["hours"]] == pytest.approx(rates)
    assert [hour["servers"] for hour in scaling["hours"]] == by_hand == [hour["gpus"] for hour in scaling["hours"]]
    assert [hour["utilization"] for hour in scaling["hours"]] == pytest.approx(
        [rate / 3_600 * plan.gpu_seconds_per_video / gpus for rate, gpus in zip(rates, by_hand, strict=True)]
    )
    assert scaling["ceiling"] == max(by_hand) == plan.servers


def test_the_cosine_is_read_in_the_middle_of_the_hour() -> None:
    """A peak of 2.5 times the mean fills 19.2 hours around noon; at 11:30 it is 1.25 (1 + cos(0.5 / 19.2 turns))."""
    hours = scaling_of(estimate(shipped("start-up")))["hours"]
    load = 1.25 * (1 + math.cos(2 * math.pi * 0.5 / 19.2))

    assert hours[11]["requests"] == pytest.approx(20_000 / 24 * load)
    assert [hours[hour]["requests"] for hour in (0, 1, 22, 23)] == [0] * 4
    assert [hour["gpus"] for hour in hours[:12]] == [2, 2, 2, 6, 13, 24, 35, 48, 60, 70, 77, 81]


def test_a_finer_curve_is_read_at_its_highest() -> None:
    """Of five-minute rates an hour has the largest of its twelve."""
    curve = [1.0] * 288
    curve[3 * 12 + 7], curve[20 * 12] = 4.0, 2.5
    hours = scaling_of(estimate(shipped("start-up"), day_curve=curve))["hours"]
    mean = sum(curve) / 288

    assert [hour["requests"] for hour in hours] == pytest.approx(
        [20_000 / 24 / mean * {3: 4.0, 20: 2.5}.get(hour, 1.0) for hour in range(24)]
    )


@over(("name", ("start-up", "wan2.2-h100", "price-list", "million-clips", "free", "two-stage", "mochi", "draft")))
def test_the_hours_sum_to_the_autoscaled_bill(name: str) -> None:
    """GPU-hours of the rows and one cold start of what comes and goes, at the list price, are the rows' bill.

    The plan's own is a straight line from floor to ceiling: the square-root rule and half a server per region are
    between.
    """
    plan = estimate(shipped(name))
    scaling = scaling_of(plan)
    gpus = [hour["gpus"] for hour in scaling["hours"]]
    starts = (max(gpus) - min(gpus)) * plan.cold_start / 3_600
    a_month_of_one = plan.gpu_price * plan.days_per_month * 24

    assert scaling["gpu_cost_per_month"] == pytest.approx((sum(gpus) + starts) / 24 * a_month_of_one)
    assert scaling["gpu_cost_per_month"] == pytest.approx(
        plan.gpu_cost_following, rel=0.045, abs=plan.regions * plan.gpus_per_server / 2 * a_month_of_one
    )


def test_the_rows_bill_has_five_weekdays_and_a_weekend_of_the_plans_own_curve() -> None:
    """By hand: 120 hours of a week's rows and 48 of its weekend's, of which half can be had on demand alone."""
    plan = clips_of_a_day(
        day_curve=[1.0] * 20 + [3.0] * 4, weekend_level=0.5, on_demand_limit=160, reserved_price=2, provision_time="0 s"
    )
    scaling = scaling_of(plan)
    weekday, weekend = ([hour["gpus"] for hour in scaling[day]] for day in ("hours", "weekend"))
    start = plan.cold_start / 3_600
    gpu_hours = 5 * (sum(weekday) + start * (max(weekday) - min(weekday)))
    gpu_hours += 2 * (sum(weekend) + start * (max(weekend) - min(weekend)))
    always = plan.gpus - 160
    mean = gpu_hours / 7 / 24

    assert (max(weekday), min(weekday)) == (plan.gpus, always)
    assert scaling["gpu_cost_per_month"] == pytest.approx(
        (always * plan.held_price + (mean - always) * plan.gpu_price) * 24 * 30
    )


def test_what_cannot_be_had_on_demand_is_held_at_every_hour() -> None:
    """By hand: of 480 GPUs 160 can be had on demand, so 320 (40 servers) stay, and what comes and goes is the bill."""
    plan = clips_of_a_day(peak_to_average=1.8, on_demand_limit=160)
    scaling = scaling_of(plan)
    gpus = [hour["gpus"] for hour in scaling["hours"]]

    assert (plan.gpus, scaling["floor"], min(gpus)) == (480, 40, 320)
    assert min(hour["servers"] for hour in scaling["hours"]) == 40
    assert sum(gpus) / 24 == pytest.approx(plan.gpus_following, rel=0.01)


def test_on_the_hours_work_that_can_wait_waits_longer_than_the_plan_says() -> None:
    """Two fluids, minute by minute: urgent work first, on the GPUs of each hour's row, spares at work too.

    The plan's wait is that of the whole fleet, and it warns where the bill is of fewer.
    """
    plan = clips_of_a_day(peak_to_average=2, deferrable_share="25%", reserved_fraction=0)
    gpus = np.repeat([hour["gpus"] for hour in scaling_of(plan)["hours"]], 60)
    arriving = 125 * (1 + np.cos(2 * np.pi * ((np.arange(1_440) + 0.5) / 1_440 - 0.5)))  # a minute, the peak at noon
    waiting, made = 0.0, []
    for came, left in np.tile(np.stack([0.25 * arriving, gpus * 60 / 109 - 0.75 * arriving], axis=1), (4, 1)):
        made.append(min(waiting + came, left))
        waiting += came - made[-1]
    asked = np.cumsum(np.tile(0.25 * arriving, 4))
    waits = np.searchsorted(np.cumsum(made), asked[1_440:2_880] * (1 - 1e-9)) - np.arange(1_440, 2_880)

    assert waits.max() * 60 > 1.8 * plan.fluid_deferred_wait
    assert "deferred-wait-always-on" in {warning.code for warning in plan.warnings}
    for other in (plan.but(reserved_fraction=1), plan.but(deferrable_share=0)):
        assert "deferred-wait-always-on" not in {warning.code for warning in other.warnings}


@pytest.mark.wide
@over(("name", ("price-list", "million-clips", "two-stage", "draft")))
def test_each_hour_is_the_estimate_at_its_peak(name: str) -> None:
    """An hour of any plan, a mix too, is the estimate with that hour's requests pinned as the peak's."""
    plan = estimate(shipped(name))
    scaling = scaling_of(plan)

    for hour in scaling["hours"][::4]:
        pinned = plan.but(pins={"peak_trps": hour["requests"] / 3_600})
        assert (hour["gpus"], hour["servers"]) == (pinned.gpus, pinned.servers)
        assert hour["utilization"] == pytest.approx(pinned.peak_busy_gpus / pinned.gpus, rel=1e-9)
    assert scaling["ceiling"] == plan.servers
    assert scaling["lead_seconds"] == plan.cold_start == plan.provision_time + plan.load_time + plan.warm_up_time


@pytest.mark.wide
@over(("seconds", ("2 min", "5 min")), ("rates", (CURVE, [0.6, 1.0, 1.4] * 8)))
def test_the_floor_keeps_the_target_at_the_quietest_hour(seconds: str, rates: list[float]) -> None:
    """In a queue simulated request by request 95% of the quietest hour's are done in time on the floor's GPUs.

    So they are on those at work alone, without its spare.
    """
    plan = estimate(shipped("start-up"), day_curve=rates, target_latency=seconds)
    scaling = scaling_of(plan)
    quiet, random = min(hour["requests"] for hour in scaling["hours"]), np.random.default_rng(70)
    arrivals = np.cumsum(random.exponential(3_600 / quiet, 20_000)).tolist()
    works = [plan.generation_latency] * len(arrivals)
    at_work = int(scaling["floor"] - scaling["floor_spares"])
    waits = heap_waits(at_work, arrivals, [0] * len(arrivals), works)

    assert scaling["floor_keeps_target"]
    assert at_work >= 1
    assert np.quantile(waits, 0.95) + plan.generation_latency + plan.off_gpu_seconds <= plan.target_latency


def test_the_rule_holds_a_cold_start_ahead() -> None:
    """In each hour of at least the mean load, busy GPUs over the share are no fewer than are needed a start later.

    The start is longer than an hour here, and in one hour the share is exact.
    """
    plan = estimate(shipped("start-up"), day_curve=CURVE, provision_time="90 min")
    scaling = scaling_of(plan)
    hours, ahead, mean = scaling["hours"], plan.cold_start / 3_600, 20_000 / 24
    held = []
    for hour in hours:
        if hour["requests"] >= mean:
            after = hour["hour"] + ahead
            now, then = (hours[int(at) % 24]["requests"] for at in (after, after + 1))
            rate = now + (after - int(after)) * (then - now)
            needed = servers_by_hand(rate, plan.gpu_seconds_per_video)
            held.append(hour["utilization"] * hour["gpus"] / scaling["add_above"] / needed)

    assert min(held) == pytest.approx(1)
    assert len(held) > 10


# Rates of five minutes each: 0.3 until 09:00, then 1.5 until 21:00.
OPENING = [0.3] * 108 + [1.5] * 144 + [0.3] * 36


def longest_wait(scaling: Scaling, seconds: float, by_clock: Mapping[str, int]) -> float:
    """Return the longest wait in seconds of an opening day, served by a rule and by what is asked for by the clock.

    Servers come a cold start after they are asked for. None leaves, so that only what is asked too late waits.
    """
    servers, queue, longest = float(scaling["floor"]), 0.0, 0.0
    coming = deque([0.0] * int(scaling["lead_seconds"]))
    for second in range(int(10.5 * 3_600)):
        arriving = 40_000 / 86_400 * (0.3 if second < 9 * 3_600 else 1.5) / (sum(OPENING) / 288)
        servers = max(servers, coming.popleft())
        made = min(queue + arriving, servers / seconds)
        queue += arriving - made
        longest = max(longest, queue * seconds / servers)
        asked = by_clock.get(f"{second // 3_600:02}:{second // 60 % 60:02}", 0)
        coming.append(max(asked, made * seconds / scaling["add_above"]))
    return longest


def test_a_load_that_outgrows_a_cold_start_is_asked_for_by_the_clock() -> None:
    """The rule alone is late at an opening hour, and keeps 5 min with the servers that are asked for before it.

    So it is where the day is a list of hours. A day that moves by the hour needs none.
    """
    for rates in (OPENING, OPENING[::12]):
        plan = estimate(shipped("start-up"), dau=20_000, day_curve=rates)
        scaling = scaling_of(plan)
        (early,) = scaling["early"]

        assert early["at"] in ("08:50", "08:51", "08:52", "08:53")
        assert early["servers"] == scaling["hours"][9]["servers"]
        assert longest_wait(scaling, plan.gpu_seconds_per_video, {}) > 300
        assert longest_wait(scaling, plan.gpu_seconds_per_video, {early["at"]: early["servers"]}) < 1

    assert scaling_of(estimate(shipped("start-up"), day_curve=CURVE))["early"] == []


def test_a_weekend_day_has_its_own_hours() -> None:
    """With half the requests on a weekend day, a weekday has 7 / 6 of the mean and a weekend day 7 / 12."""
    plan = estimate(shipped("start-up"), day_curve=CURVE, weekend_level=0.5)
    scaling, alike = scaling_of(plan), scaling_of(estimate(shipped("start-up"), day_curve=CURVE))
    rates = [hour["requests"] for hour in alike["hours"]]

    assert [hour["requests"] for hour in scaling["hours"]] == pytest.approx([rate * 7 / 6 for rate in rates])
    assert [hour["requests"] for hour in scaling["weekend"]] == pytest.approx([rate * 7 / 12 for rate in rates])
    assert [hour["servers"] for hour in scaling["weekend"]] == [
        servers_by_hand(rate * 7 / 12, plan.gpu_seconds_per_video) for rate in rates
    ]
    assert max(hour["gpus"] for hour in scaling["hours"]) == plan.gpus  # no hour has more than the fleet
    assert alike["weekend"] == []


def test_work_that_can_wait_fills_the_quiet_hours() -> None:
    """All work is done: the GPUs at work add up to the day's, and the busiest hour is the plan's peak."""
    plan = estimate(shipped("start-up"), day_curve=CURVE, deferrable_share="30%")
    hours = scaling_of(plan)["hours"]

    assert sum(hour["utilization"] * hour["gpus"] for hour in hours) == pytest.approx(24 * plan.busy_gpus)
    assert max(hour["utilization"] * hour["gpus"] for hour in hours) == pytest.approx(plan.peak_busy_gpus)
    assert [hour["requests"] for hour in hours][20] == pytest.approx(20_000 * 1.8 / sum(CURVE))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"model": "wan2.2-t2v-a14b", "gpu": "l40s", "precision": "fp32"},
            "there is no fleet: a clip cannot run, since its weights alone need 138 GB per GPU; 45.9 GB usable",
        ),
        (
            {"pins": {"gpus": 100, "cold_start": "4 min", "generation_latency": "100 s"}},
            "the pin of `gpus` holds the fleet at any load; remove it, or set `gpu_limit`",
        ),
    ],
)
def test_a_plan_without_a_fleet_that_follows_is_refused(changes: Any, text: str) -> None:
    """A clip that cannot run and a pinned fleet have no hours and no failures."""
    plan = estimate(shipped("start-up")).but(**changes)
    for table in ("scaling", "failures"):
        with pytest.raises(Mistakes) as caught:
            plan.table(table).document()
        assert str(caught.value) == f"error: {text}"


def test_the_page_s_autoscaler_has_the_plan_s_settings(tmp_path: Path) -> None:
    """The numbers of docs/on-call.md's ScaledObject are those of the plan that the page writes."""
    page = (ROOT / "docs" / "on-call.md").read_text(encoding="utf-8")
    plan_text = page.partition("# service.yaml\n")[2].partition("```")[0]
    scaling = scaling_of(estimate(write(plan_text, tmp_path / "service.yaml")))
    settings = {
        name: float(re.findall(rf'{name}: "?([\d.]+)', page)[0])
        for name in ("minReplicaCount", "maxReplicaCount", "stabilizationWindowSeconds", "threshold")
    }

    assert settings == {
        "minReplicaCount": scaling["floor"],
        "maxReplicaCount": scaling["ceiling"],
        "stabilizationWindowSeconds": pytest.approx(2 * scaling["lead_seconds"], rel=1e-3),
        "threshold": pytest.approx(scaling["add_above"], abs=5e-3),
    }


def test_the_table_has_hours_and_settings(t2v_cap: Program) -> None:
    """The hours stand in a table, and below them the settings in words; CSV has a row for each hour of both days."""
    text = t2v_cap("estimate", shipped("start-up"), "--only", "scaling").out
    rows = t2v_cap(
        "estimate", shipped("start-up"), "--only", "scaling", "--weekend-level", "0.5", "--format", "csv"
    ).out

    assert "\nhour   requests per hour  GPUs needed  servers  busy\n" in text
    assert "\n11:00               2069           81       81   77%\n" in text
    assert text.splitlines()[29:35] == [
        "floor      2 servers: 1 at work and 1 spare keep 5 min at the quietest hour",
        "ceiling    81 servers: the fleet at its peak, 4 spares among them",
        "ask early  7 min before they are needed: 5 min to get a server, 120 s to load",
        "rule       add servers when more than 69% of the GPUs are busy",
        "bill       GPUs cost 115K USD a month by the hours, 110K by a straight line",
        "day        a cosine, its peak 2.5 times the average; your own: day_curve",
    ]
    assert "\na cosine of this peak has no request at night: give your own day_curve\n" in text
    assert rows.splitlines()[0] == "day,hour,requests,gpus,servers,utilization"
    assert [row.partition(",")[0] for row in rows.splitlines()[1:]] == ["weekday"] * 24 + ["weekend"] * 24


def test_other_pins_keep_the_hours() -> None:
    """Pinned rates, seconds and starts are those of each hour too: twice the seconds are the fleet by hand."""
    plan = estimate(shipped("start-up"), day_curve=CURVE).but(
        pins={"trps": 0.5, "gpu_seconds_per_video": "200 s", "cold_start": "4 min"}
    )
    scaling = scaling_of(plan)
    rates = [0.5 * 3_600 * rate * 24 / sum(CURVE) for rate in CURVE]

    assert [hour["servers"] for hour in scaling["hours"]] == [servers_by_hand(rate, 200) for rate in rates]
    assert scaling["lead_seconds"] == 240
