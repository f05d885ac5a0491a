"""The bills, and the cheapest reserve, against an integrated day.

GPUs that may be taken away are held against simulated runs.
"""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import t2v_capacity.formulas  # noqa: F401 - registers the figures
from day_fleet import curve
from places import ROOT, shipped
from shared import over, plan_of, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.scenario.load import load_scenario
from texts import Recorded

DEFAULTS = {name: float(a.read(a.default)) for name, a in ASSUMPTIONS.items()}  # type: ignore[arg-type]
# Prices that are easily told apart, and no cold start, so that a day is its load.
PRICED = {**DEFAULTS, "dau": 5e6, "gpu_price": 4.0, "provision_time": 0.0, "load_rate": 1e12, "warm_up_time": 0.0}
STEPS = 1_440  # minutes
MINUTES = (np.arange(STEPS) + 0.5) * 60
BILLS = ("gpu_cost_on_demand", "gpu_cost_following", "gpu_cost_reserved")


def day(peak: float) -> Any:
    """Return a day's load over its peak."""
    return curve(peak, MINUTES) / peak


def above(load: Any, base: float) -> float:
    """Return the area of a day above a base."""
    return float(np.maximum(load - base, 0).mean())


def held(peak: float, cold_start: float, base: float) -> float:
    """Integrate what is held above a base, over the peak.

    All that the load will ask for is ordered a cold start ahead.
    """
    load, ahead = day(peak), round(cold_start / 86_400 * STEPS)
    ordered = np.max([np.roll(load, -shift) for shift in range(ahead + 1)], axis=0)
    return above(ordered, base)


@over(("reserved", [0.0, 2.4, 5.0]), ("minutes", [6, 60]), ("peak", [1.0, 1.7, 4.0]))
def test_three_bills_are_those_of_an_integrated_day(peak: float, minutes: int, reserved: float) -> None:
    """Each bill is within 1 % of a day of orders that come a cold start ahead.

    No fraction's bill is 1 % below the cheapest reserve's.
    """
    plan = evaluate({**PRICED, "reserved_price": reserved, "provision_time": 60.0 * minutes, "peak_to_average": peak})
    month, price = plan["gpus"] * 720, min(reserved or 4.0, 4.0)

    def bill(base: float) -> float:
        return float(month * (base * price + held(peak, 60.0 * minutes, base) * 4.0))

    assert plan["gpu_cost_on_demand"] == pytest.approx(month * 4.0, rel=1e-12)
    assert plan["gpu_cost_following"] == pytest.approx(month * held(peak, 60.0 * minutes, 0) * 4.0, rel=0.01)
    assert plan["gpu_cost_reserved"] == pytest.approx(bill(plan["cheapest_reserved_fraction"]), rel=0.01)
    assert plan["gpu_cost_reserved"] <= min(bill(float(base)) for base in np.linspace(0, 1, 51)) * 1.01
    assert plan["gpu_cost_reserved"] <= plan["gpu_cost_following"] <= plan["gpu_cost_on_demand"] * (1 + 1e-9)


def test_a_fleet_that_follows_the_day_has_whole_servers() -> None:
    """An autoscaled fleet holds a server in each region, and never falls as users come.

    It never costs more than the fleet always on.
    """
    users = 10.0 ** np.linspace(1, 5, 2_000)
    for region in (1.0, 3.0):
        for peak in (1.0, 1.7, 4.0):
            for more in (
                {},
                {"gpu_limit": 200.0},
                {"on_demand_limit": 40.0},
                {"gpus_per_replica": 16.0},
                {"provision_time": 3e4},
            ):
                known: dict[str, Any] = {**DEFAULTS, **more, "regions": region, "peak_to_average": peak, "dau": users}
                plan = evaluate(known, (*BILLS, "gpus_following"))

                assert (plan["gpus_following"] >= region * max(8.0, known["gpus_per_replica"]) * (1 - 1e-9)).all()
                assert (np.diff(plan["gpu_cost_following"]) >= -1e-9 * plan["gpu_cost_following"][1:]).all()
                assert (plan["gpu_cost_following"] <= plan["gpu_cost_on_demand"] * (1 + 1e-9)).all()


@over(("rate", [0.0, 1e-6, 0.01, 1.0, 6.0]), ("servers", [1, 4]))
def test_interrupted_work_is_that_of_simulated_runs(rate: float, servers: int) -> None:
    """A clip's GPU-seconds on spot GPUs are within 2 % of 40,000 simulated ones.

    Those begin again at each interruption of any server.
    """
    shape = {
        "interruptions_per_hour": rate,
        "gpus_per_replica": 8.0 * servers,
        "gpu_seconds_per_video": 4_800.0 * servers,
    }
    plan = evaluate({**DEFAULTS, **shape}, ("interrupted_work", "interruptions_per_run"))
    seconds, draw = 600.0, np.random.default_rng(1)
    if not rate:
        assert plan["interrupted_work"] == 1
        return
    spent, running = np.zeros(40_000), np.ones(40_000, dtype=bool)
    while running.any():
        until = draw.exponential(3_600 / (rate * servers), 40_000)
        spent += running * np.minimum(until, seconds)
        running &= until < seconds

    assert plan["interruptions_per_run"] == pytest.approx(rate * servers * seconds / 3_600, rel=1e-12)
    assert plan["interrupted_work"] == pytest.approx(spent.mean() / seconds, rel=0.02)


def test_interrupted_work_is_its_closed_form() -> None:
    """From next to no interruption to many, the work is (exp(x) - 1) / x to 2e-6."""
    for x in (1e-12, 1e-9, 1e-4, 0.1, 1.0, 5.0, 19.0):
        found = evaluate({**DEFAULTS, "interruptions_per_run": x}, ("interrupted_work",))["interrupted_work"]
        assert found == pytest.approx(math.expm1(x) / x, rel=2e-6)


def test_spot_is_neutral_and_bought() -> None:
    """Without a spot part nothing moves.

    With one, the fleet grows by what is lost, and the bill is that of two parts.
    """
    spot = {**DEFAULTS, "spot_price": 1.0, "interruptions_per_hour": 3.0}
    plain, none, some = evaluate(DEFAULTS), evaluate(spot), evaluate({**spot, "spot_fraction": 0.5})

    assert all(none[name] == plain[name] for name in ("busy_gpus", "gpus", "gpu_cost_per_month", "replicas_needed"))
    assert some["busy_gpus"] * (0.5 + 0.5 / some["interrupted_work"]) == pytest.approx(plain["busy_gpus"], rel=1e-12)
    assert some["gpu_cost_per_month"] == pytest.approx(
        some["gpus"] * 720 * (0.5 * DEFAULTS["gpu_price"] + 0.5 * 1.0), rel=1e-12
    )


def warned(name: str, *sets: str) -> dict[str, tuple[str, str]]:
    """Return how grave each warning of a shipped scenario with flags is, and what it says."""
    return {warning.code: (warning.severity, warning.message) for warning in plan_of(shipped(name), sets).warnings}


def test_what_makes_no_sense_is_told(recorded: Recorded) -> None:
    """What is left without spot GPUs is told as info.

    A reserve above the on-demand price, and regions that may all be lost, are warned of.
    """
    found = warned("wan2.2-h100", "spot_fraction=60%", "reserved_price=9") | warned(
        "wan2.2-h100", "regions=2", "regions_lost=2"
    )
    codes = ("spot-without-promise", "reserve-dearer", "no-region-left")

    recorded(": ".join(found[code]) for code in codes)
    assert not {*codes} & {*warned("wan2.2-h100", "regions=2", "regions_lost=1")}


@over(("rate", (0.1, 2.0)), ("minutes", (5, 60)))
def test_reclaimed_spot_is_away_until_another_has_started(rate: float, minutes: int) -> None:
    """Servers are simulated that come and are reclaimed: more of them away than spare are a warning.

    The GPUs without spot carry the peak of 409, and 24 are spare.
    """
    flags = ["model=wan2.2-ti2v-5b", "gpu=h100-sxm", "dau=60K", "videos_per_user_per_day=3", "peak_to_average=1.8"]
    flags += ["target_latency=4 min", "spot_fraction=14%", "spot_price=1", f"interruptions_per_hour={rate}"]
    flags += [f"provision_time={minutes} min"]
    plan = estimate(load_scenario(None, flags, pins=["gpu_seconds_per_video=109 s"]))
    (warning,) = (warning for warning in plan.warnings if warning.code == "spot-without-promise")
    up = np.random.default_rng(82).exponential(3_600 / rate, 200_000).sum()
    down = 200_000 * plan.known["cold_start"]
    away = plan.known["gpus"] * 0.14 * down / (up + down)

    (said,) = re.findall(r"keep ([\d.]+) GPUs away, which waits omit; 24 GPUs", warning.message)
    assert float(said) == pytest.approx(away, rel=0.01)
    assert warning.severity == ("warning" if away > 24 else "info")


@pytest.mark.parametrize("percent", range(10, 100, 10))
def test_the_gpus_without_spot_are_whole(percent: int) -> None:
    """Of ten GPUs the tenths that are no spot are left. One breaks no promise where urgent work takes less."""
    flags = ["model=wan2.2-ti2v-5b", "gpu=h100-sxm", "dau=100", "spot_price=1", "gpus_per_server=1"]
    flags += ["target_latency=1 h"]
    plan = estimate(load_scenario(None, [*flags, f"spot_fraction={percent}%"], pins=["gpus=10"]))
    (warning,) = (warning for warning in plan.warnings if warning.code == "spot-without-promise")

    assert f"without it {10 - percent // 10} GPU" in warning.message
    assert warning.severity == "info"


@pytest.mark.parametrize(
    "promised", ["", "target_latency: 2 min\n", "mix: {fast: {share: 50%, target_latency: 2 min}, slow: {}}\n"]
)
def test_a_promise_on_spot_is_warned_of(promised: str, tmp_path: Path) -> None:
    """GPUs that are left without spot, fewer than urgent work takes, break a promise, of the plan or of a part."""
    text = "model: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: 50K\nspot_fraction: 60%\nspot_price: 1.5\n"
    plan = plan_of(write(f"{text}{promised}", tmp_path / "plan.yaml"))
    (warning,) = (one for one in plan.warnings if one.code == "spot-without-promise")
    left, urgent = (
        float(number) for number in re.findall(r"without it (\d+) GPUs.* takes (\d+) GPUs", warning.message)[0]
    )

    assert left < urgent
    assert warning.severity == ("warning" if promised else "info")


def test_spot_that_saves_nothing_names_who_asks_less() -> None:
    """A spot GPU that is no cheaper at the list's price is at another seller's: the file of prices has both.

    Below the price on demand there is nothing to say.
    """
    rows = yaml.safe_load((ROOT / "src/t2v_capacity/catalogue/prices.yaml").read_text(encoding="utf-8"))["prices"]
    listed = [row for row in rows.values() if row["gpu"] == "h100-sxm" and row["kind"] == "spot"]
    asked = {row["provider"]: float(row["gpu_price"].split()[0]) for row in listed}
    spot = ("gpu=h100-sxm", "spot_fraction=30%")
    message = warned("wan2.2-h100", *spot)["spot-dearer"][1]

    assert min(asked.values()) < 4.5 < max(asked.values())
    assert all(f"; {seller} asks {price:.2f} USD for spot" in message for seller, price in asked.items())
    assert "never" not in message
    assert "spot-dearer" not in warned("wan2.2-h100", *spot, f"spot_price={min(asked.values())}")


def test_a_limit_that_drops_spares_says_so() -> None:
    """A limit that leaves no room for spares or for a lost region is told with what it drops.

    A roomy limit is not, and neither is one without spares.
    """

    def dropped(*sets: str) -> str:
        severity, message = warned("wan2.2-h100", *sets).get("limit-drops-spares", ("info", ""))
        assert severity == ("warning" if "lost region" in message else "info")
        return message

    lost = ("regions=3", "regions_lost=1")
    assert (
        dropped() == dropped("gpu_limit=20000") == dropped("gpu_limit=9000", "spare_fraction=0") == dropped(*lost) == ""
    )
    assert "no room for 57 servers of the spares;" in dropped("gpu_limit=9000")
    assert "no room for replicas for a lost region, so" in dropped("gpu_limit=9000", "spare_fraction=0", *lost)
    assert "of the spares and replicas for a lost region, so" in dropped("gpu_limit=9000", *lost)


def test_a_limit_drops_no_more_spares_than_were_asked_for() -> None:
    """Three regions with a spare server each lack three where a limit cuts off more, without spares none."""
    flags = ("model=wan2.2-ti2v-5b", "runtime=compiled", "dau=12K", "videos_per_user_per_day=2", "regions=3")
    said = {}
    for spares in (0, 1):
        sets = [*flags, "gpu_limit=32", f"spare_servers={spares}", "spare_fraction=0"]
        said[spares] = {one.code: one.message for one in plan_of(shipped("wan2.2-h100"), sets).warnings}

    assert "no room for 3 servers of the spares;" in said[1]["limit-drops-spares"]
    assert "limit-drops-spares" not in said[0]


def test_a_region_that_may_not_be_lost_any_more_is_a_warning() -> None:
    """One of two regions of 100 GPUs has to make all of 60K clips a day, twice the mean at the peak, by hand."""
    flags = ("model=wan2.2-ti2v-5b", "runtime=compiled", "gpus_per_server=1", "dau=30K", "videos_per_user_per_day=2")
    kept = ("peak_to_average=2", "regions=2", "regions_lost=1", "target_latency=3 min")
    plan = plan_of(shipped("wan2.2-h100"), [*flags, *kept, "gpu_limit=200"])
    (warning,) = (warning for warning in plan.warnings if warning.code == "limit-drops-spares")
    busy = 60_000 / 86_400 * 2 * plan.known["gpu_seconds_per_video"]

    assert warning.severity == "warning"
    assert f"the regions that are left would be {busy / 100:.0%} busy at the peak" in warning.message
    roomy = plan_of(shipped("wan2.2-h100"), [*flags, *kept])
    assert "limit-drops-spares" not in {warning.code for warning in roomy.warnings}


def worked(peak: float, fleet: float) -> np.ndarray:
    """Return what a fleet of a part of the peak's GPUs works at through a day, over its own size.

    What it can't make it makes later.
    """
    load, queue = day(peak), 0.0
    done = np.zeros(20 * STEPS)
    for minute in range(20 * STEPS):  # but the last day they warm up
        asked = queue + load[minute % STEPS]
        done[minute] = min(asked, fleet)
        queue = asked - done[minute]
    return done[-STEPS:] / fleet


@over(("part", [0.97, 0.9, 0.8, 0.5, 0.2]), ("peak", [1.3, 1.7, 2.0, 2.5]))
def test_bills_of_a_limited_fleet_are_those_of_a_day_with_a_queue(peak: float, part: float) -> None:
    """Under `gpu_limit` each bill is that of the fleet that there is.

    It is within 2 % of a simulated one that works off its queue. Hours above a reserve are never too few. They are too
    many by at most 3 % of the fleet's, where the queue is worked off below the reserve.
    """
    known = {**PRICED, "peak_to_average": peak}
    limit = {"gpu_limit": float(int(evaluate(known)["gpus"] * part)), "spare_fraction": 0.0, "reserved_price": 2.0}
    plan = evaluate({**known, **limit})
    month, work = plan["gpus"] * 720, worked(peak, plan["fleet_share"])

    assert plan["gpus"] <= limit["gpu_limit"]
    assert plan["gpu_cost_on_demand"] == pytest.approx(month * 4, rel=1e-12)
    assert plan["gpu_cost_following"] == pytest.approx(month * 4 * work.mean(), rel=0.015)
    assert plan["gpus_following"] >= min(plan["gpus"], plan["busy_gpus"])
    for base in (0.0, 0.3, 0.6, 0.9, 1.0):
        share = evaluate({**known, **limit, "reserved_fraction": base})["paid_burst_share"]
        assert above(work, base) - 0.004 <= share <= above(work, base) + 0.03, base
    best = min(month * (base * 2 + 4 * above(work, base)) for base in np.linspace(0, 1, 101))
    assert best * 0.99 <= plan["gpu_cost_reserved"] <= best * 1.02


def test_owned_and_spot_follow_a_limited_fleet() -> None:
    """What an owned GPU-hour costs is that of a busier fleet, all of it where the day's work is too much.

    Spot is a part of what there is.
    """
    base = {**DEFAULTS, "peak_to_average": 1.7, "dau": 1e6, "server_price": 3e5, "electricity_price": 2.5e-8}
    whole, tight, short = (evaluate({**base, "gpu_limit": limit}) for limit in (1e9, 16_000.0, 800.0))

    assert whole["gpus"] > tight["gpus"] > short["gpus"] == 800
    assert whole["average_utilization"] < tight["average_utilization"] < short["average_utilization"] == 1
    assert whole["owned_price"] < tight["owned_price"] < short["owned_price"]
    assert short["owned_electricity_price"] == pytest.approx(2.5e-8 * short["working_power"] * 3_600, rel=1e-12)
    spot = evaluate({**base, "gpu_limit": 800.0, "spot_fraction": 0.5, "spot_price": 1.0})
    assert spot["gpu_cost_per_month"] == pytest.approx(800 * 720 * (0.5 * 1 + 0.5 * base["gpu_price"]), rel=1e-12)


@over(("had", [0.0, 0.1, 0.3, 0.6, 0.9, 1.0]), ("peak", [1.0, 1.3, 1.7, 2.0, 2.5, 4.0]))
def test_what_cannot_be_had_on_demand_is_held(peak: float, had: float) -> None:
    """The autoscaled bill is within 1 % of an integrated day that always holds what can't be had on demand."""
    known = {**PRICED, "peak_to_average": peak}
    gpus = evaluate(known)["gpus"]
    plan = evaluate({**known, "on_demand_limit": float(round(gpus * had)), "reserved_fraction": 0.0})
    least = 1 - round(gpus * had) / gpus

    assert plan["gpu_cost_following"] == pytest.approx(gpus * 720 * 4 * (least + above(day(peak), least)), rel=0.01)
    assert plan["gpu_cost_per_month"] == pytest.approx(plan["gpu_cost_following"], rel=1e-9)
    assert plan["cheapest_reserved_fraction"] >= least - 1e-12


@over(("reserved", [0.0, 0.9, 1.0]), ("spot", [0.0, 0.1, 0.25, 1.0]))
def test_no_gpu_beyond_the_on_demand_limit_is_spot(spot: float, reserved: float) -> None:
    """The bill of a fleet with a quota for a quarter of it is within 1% of an integrated day.

    The other three quarters are held at the reserve's price, whatever part is spot.
    """
    known = {**PRICED, "peak_to_average": 1.7, "reserved_price": 3.0, "spot_price": 1.5, "spot_fraction": spot}
    gpus = evaluate(known)["gpus"]
    plan = evaluate({**known, "on_demand_limit": gpus / 4, "reserved_fraction": reserved})
    held, part = max(0.75, reserved), min(1, 4 * spot)
    burst, in_quota = above(day(1.7), held), held - 0.75
    hour = 0.75 * 3 + (1 - part) * (in_quota * 3 + burst * 4) + part * (in_quota + burst) * 1.5

    assert plan["gpus"] == gpus
    assert plan["gpu_cost_per_month"] == pytest.approx(gpus * 720 * hour, rel=0.01)
    assert plan["reserved_part"] == pytest.approx(0.75 + (1 - part) * in_quota, rel=1e-9)


def test_without_an_on_demand_limit_above_zero_no_spot_price_is_needed() -> None:
    """A fleet of which nothing is had on demand has the reserve's bill, though the price of a spot GPU is unknown."""
    plan = evaluate(
        {**PRICED, "reserved_price": 3.0, "on_demand_limit": 0.0, "spot_fraction": 0.2, "spot_price": math.nan}
    )

    assert plan["gpu_cost_per_month"] == pytest.approx(plan["gpus"] * 720 * 3, rel=1e-12)


def test_the_cheapest_commitment_is_taken() -> None:
    """Of a year, three years and a server of one's own the cheapest hour is committed.

    Each that has no price is left out.
    """

    def price(**prices: float) -> float:
        return float(evaluate({**PRICED, **prices})["committed_price"])

    owned = evaluate({**PRICED, "server_price": 300_000.0})["owned_price"]
    assert price() == 4.0
    assert price(reserved_price=3.0) == price(reserved_price=3.0, reserved_3_year_price=3.5) == 3.0
    assert price(reserved_price=3.0, reserved_3_year_price=2.0) == 2.0
    assert price(reserved_price=3.0, server_price=300_000.0) == owned < 2.0
    assert price(reserved_price=1.0, server_price=300_000.0) == 1.0


def test_a_reserve_of_three_years_is_billed_where_no_other_has_a_price() -> None:
    """The fleet for 720 hours at 1.5 USD, or at the price of one year. A reserve that has neither is noted."""
    given = [["reserved_3_year_price=1.5"], ["reserved_3_year_price=1.5", "reserved_price=2"], []]
    plans = [plan_of(shipped("start-up"), ["gpu_price=4.5", "reserved_fraction=100%", *prices]) for prices in given]
    noted = ["reserve-unpriced" in {warning.code for warning in plan.warnings} for plan in plans]

    bills = [plan.known["gpu_cost_per_month"] / plan.known["gpus"] / 720 for plan in plans]
    assert bills == pytest.approx([1.5, 2, 4.5])
    assert noted == [False, False, True]


@over(("reserved", [0.0, 1.2, 5.0]), ("spot", [0.5, 2.0, 3.9, 4.1, 30.0]))
def test_no_spot_is_bought_that_is_dearer(spot: float, reserved: float) -> None:
    """A mix with a spot part never costs more than the cheapest reserve, whatever spot costs.

    It costs less where spot is cheaper than both.
    """
    known = {**PRICED, "peak_to_average": 2.0, "reserved_price": reserved, "spot_price": spot, "spot_fraction": 0.5}
    plan = evaluate(known)

    assert plan["gpu_cost_mixed"] <= plan["gpu_cost_reserved"] * (1 + 1e-12)
    assert (plan["gpu_cost_mixed"] < 0.9 * plan["gpu_cost_reserved"]) == (
        spot == 0.5 or (spot == 2.0 and reserved != 1.2)
    )
