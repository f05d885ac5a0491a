"""What is uncertain of every plan: the model's error in bands, in what decides, and in a promise."""

import math
import re
from contextlib import suppress
from random import Random
from statistics import NormalDist

import pytest

from shared import Program, check_rows, plan_of, some, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.catalogue.published import published
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.conditions import parse_condition
from t2v_capacity.plan.estimate import Estimate, estimate, with_bands
from t2v_capacity.plan.evidence import EXTRAPOLATED, OWN_RANGE, PINNED
from t2v_capacity.plan.uncertain import (
    NO_BAND,
    QUANTILES,
    draw,
    error_quantiles,
    is_best_high,
    percentiles_of,
    uncertain,
)
from t2v_capacity.scenario.load import with_flags
from texts import Recorded

WAN = "scenarios/wan2.2-h100.yaml"
ONE = "videos_per_user_per_day=2"
CODE = "target-latency-uncertain"
NEAREST = "stated-near"
ERROR = Range(*published().ends(NEAREST), 1.0)
_FLAGS = {
    "gpu": ("h100-sxm", "b200-hgx", "l40s", "a100-80gb-sxm"),
    "dau": ("20", "3K", "1M"),
    "gpu_limit": ("16", "2000"),
    "gpus_per_replica": ("1", "4"),
    "steps": ("20", "50"),
    "peak_to_average": ("1.2", "3"),
    "target_latency": ("4 min", "8 min"),
    "sized_by": ("start", "latency"),
    "deferrable_share": ("30%",),
    "price_per_video_second": ("0.2 USD",),
    "arrival_variability": ("4",),
    "queue_limit": ("40", "5K"),
}
_PINS = ("generation_latency=300 s", "gpus=50", "denoising_seconds=200 s", "gpu_seconds_per_video=300 s")


def drawn_plan(seed: int) -> Estimate:
    """Return a plan with three to six flags and sometimes a pin, which can be together."""
    chance = Random(f"bands {seed}")
    while True:
        sets = [f"{name}={chance.choice(_FLAGS[name])}" for name in chance.sample(sorted(_FLAGS), chance.randint(3, 6))]
        pins = [chance.choice(_PINS)] if chance.random() < 0.3 else []
        with suppress(Mistakes):
            return plan_of(WAN, [ONE, *sets], pins)


@pytest.mark.parametrize("seed", some(range(120), 6))
def test_a_value_lies_in_its_band(seed: int) -> None:
    """Of any plan p5 <= p50 = value <= p95, nothing is drawn, and what the seconds do not move has no band."""
    plan = drawn_plan(seed)
    banded = with_bands(plan, 20_000, 0)
    assert (banded.samples, banded.seed) == (0, None)
    for name, (low, middle, high) in banded.bands.items():
        value = plan.figures[name]
        if (low, middle, high) == NO_BAND:
            continue
        assert middle == value, name
        if is_best_high(name):  # what has no value is worse than any: below the least of these
            assert high is not None, name
            assert low is None or (value is not None and low <= value), name
            assert value is None or value <= high, name
        else:
            assert low is not None, name
            assert value is None or low <= value, name
            assert high is None or (value is not None and value <= high), name
    assert banded.bands.get("trps", NO_BAND) == NO_BAND


@pytest.mark.parametrize("seed", some(range(120), 6))
def test_a_chance_is_a_share(seed: int) -> None:
    """Of any plan P is from 0 to 1, grows with the limit, and a percentile keeps a limit where its chance does."""
    plan = drawn_plan(seed)
    for name, unit in (("gpus", ""), ("latency_p95", " s"), ("cost_per_month", " USD/month")):
        value, found = plan.figures[name], plan.likely((name,))
        if value is None or name not in found:
            continue
        texts = [f"P({name} <= {value * factor!r}{unit}) >= 0.5" for factor in (0.5, 0.9, 1, 1.1, 3)]
        shares = [parse_condition(text).measure(found[name]) for text in texts]
        assert all(share is not None and 0 <= share <= 1 for share in shares)
        assert shares == sorted(share or 0 for share in shares)


@pytest.mark.parametrize("seed", some(range(120), 6))
def test_a_promise_breaks_where_it_says(seed: int) -> None:
    """The chance of any plan's promise is a share.

    The warning stands where the promise is kept and its chance is below 90%. Up to its factor the promise is kept.
    """
    plan = drawn_plan(seed)
    warned = [warning for warning in plan.warnings if warning.code == CODE]
    if not plan.scenario.promises or "time_factor" not in uncertain(plan.scenario, plan.known).ranges():
        assert not warned
        return
    chance = plan.verdict.target
    missed = any(warning.code == "misses-target-latency" for warning in plan.warnings)
    runs = plan.figures["gpu_seconds_per_video"] is not None
    assert chance is None or 0 <= chance <= 1
    assert bool(warned) == plan.verdict.at_risk == (runs and not missed and chance is not None and chance < 0.9)
    for factor in (float(text) for one in warned for text in re.findall(r"over (\S+) times", one.message)):
        for tried, breaks in ((factor, False), (factor + 0.01, True)):
            there = estimate(with_flags(plan.scenario, [f"time_factor={tried!r}"]))
            assert any(warning.code == "misses-target-latency" for warning in there.warnings) == breaks


@pytest.mark.parametrize("seed", some(range(60), 5))
def test_no_warning_says_what_has_no_value(seed: int) -> None:
    """No warning of a drawn plan shows a number that isn't one.

    This also holds of a promise that a fleet below its peak keeps to those it serves.
    """
    plans = [drawn_plan(seed), plan_of("scenarios/start-up.yaml", [f"gpu_limit={35 + seed % 12}", "queue_limit=50"])]
    assert [one.message for plan in plans for one in plan.warnings if re.search(r"\bnan\b|\binf\b", one.message)] == []


def test_even_points_are_those_of_the_draws() -> None:
    """The 21 even points are each twentieth of the draws of the same range, at quantiles of the standard library."""
    shares = [0.01, *(index / 20 for index in range(1, 20)), 0.99]
    points = error_quantiles(ERROR)

    assert pytest.approx([NormalDist().inv_cdf(share) for share in shares], abs=1e-12) == QUANTILES
    assert points == pytest.approx(percentiles_of(draw("time_factor", ERROR, 200_000, 0), shares), rel=1e-4)
    assert (points[1], points[10], points[19]) == pytest.approx((ERROR.low, 1, ERROR.high), rel=1e-12)


@pytest.mark.parametrize("percent", [1, 2, 3, 4, 5, 50, 95, 96, 97, 98, 99])
def test_percentiles_of_the_error_are_those_of_its_draws(percent: int) -> None:
    """Of the widest error a percentile of the factor itself is within 1.5 % of the closed form, at 1, 5, 95, 99 exact.

    The logarithm of what lies above the factor's bound is normal, each half with its own spread.
    """
    (low, high), share, least = (0.49, 2.05), percent / 100, ASSUMPTIONS["time_factor"].low
    z = NormalDist().inv_cdf(share) / NormalDist().inv_cdf(0.95)
    end = high if z > 0 else low
    exact = least + (1 - least) * ((end - least) / (1 - least)) ** abs(z)
    near = 0.015 if 1 < min(percent, 100 - percent) < 5 else 1e-9

    assert percentiles_of([*error_quantiles(Range(low, high, 1.0))], (share,)) == [pytest.approx(exact, rel=near)]


def test_a_percentile_and_its_chance_agree_whatever_else_has_a_range() -> None:
    """At 4470 users 50 GPUs are enough for 98.958 % of the error, so no p99; an irrelevant range changes neither."""
    users, name = "dau=4470", "scenarios/start-up.yaml"
    plan, other = plan_of(name, [users]), plan_of(name, [users, "user_profile_size=9.9 KB to 10.1 KB"])
    kept, broken = 1.0, 2.0
    for _ in range(40):
        middle = (kept + broken) / 2
        enough = plan_of(name, [users, f"time_factor={middle!r}"]).known["gpus"] <= 50
        kept, broken = (middle, broken) if enough else (kept, middle)
    least = ASSUMPTIONS["time_factor"].low
    above = [math.log((factor - least) / (1 - least)) for factor in (kept, plan.model_error.high)]
    z = above[0] / above[1] * NormalDist().inv_cdf(0.95)

    assert NormalDist().cdf(z) == pytest.approx(0.98958, abs=0.0003)
    for text in ("p99(gpus) <= 50", "P(gpus <= 50) >= 99%"):
        condition = parse_condition(text)
        assert [condition.holds_of(one.likely(["gpus"])["gpus"]) for one in (plan, other)] == [False, False], text


def test_the_class_says_whether_the_kernel_is_stated() -> None:
    """A kernel left at its default has a wider band than the same one written by hand.

    A plan like no run has the widest.
    """
    error = plan_of(WAN, [ONE]).model_error
    left, stated = (
        plan_of("scenarios/cogvideox-5b-a100.yaml", kernel).model_error for kernel in ([], ["attention_kernel=sdpa"])
    )

    assert (error.kind, error.low, error.high) == (NEAREST, *published().ends(NEAREST))
    assert (left.kind.partition("-")[0], stated.kind.partition("-")[0]) == ("open", "stated")
    assert left.high > stated.high > 1 > stated.low > left.low
    unlike = plan_of("scenarios/mochi.yaml", ["gpu=mi300x", "offload=none"])
    assert (unlike.evidence, unlike.model_error.kind) == (EXTRAPOLATED, EXTRAPOLATED)


def test_what_was_set_by_hand_takes_the_place_of_the_error() -> None:
    """A `time_factor` by hand, a number or a range, stands in the place of the published error.

    Its factors are of the point.
    """
    number, spread = plan_of(WAN, [ONE, "time_factor=1"]), plan_of(WAN, [ONE, "time_factor=1 to 4"])
    errors = [plan.model_error for plan in (number, spread)]

    assert [(error.low, error.high, error.kind) for error in errors] == [(1, 1, OWN_RANGE), (0.5, 2, OWN_RANGE)]
    assert with_bands(number, 100, 0).bands == {}
    assert with_bands(spread, 100, 0).samples == 100


def test_pinned_seconds_have_no_error() -> None:
    """Pinned GPU-seconds leave nothing to err in, a pinned stage leaves the others, and a pinned latency the fleet."""
    clip = plan_of(WAN, [ONE], ["gpu_seconds_per_video=300 s"])
    denoising = plan_of(WAN, [ONE], ["denoising_seconds=280 s"])
    latency = with_bands(plan_of(WAN, [ONE], ["generation_latency=300 s"]), 100, 0)
    error = denoising.model_error
    low, high = published().ends(NEAREST)
    rest = 1 - 280 / (denoising.figures["gpu_seconds_per_video"] or math.nan)

    assert clip.model_error.kind == PINNED
    assert with_bands(clip, 100, 0).bands == {}
    assert (error.low, error.high) == pytest.approx((1 - (1 - low) * rest, 1 + (high - 1) * rest), rel=1e-9)
    assert latency.bands["generation_latency"] == NO_BAND
    assert latency.bands["gpus"] != NO_BAND


def test_overloaded_at_the_high_end_is_beyond_the_worst() -> None:
    """Where a fleet can't carry its peak at the error's high end, the latency has no p95."""
    sized = plan_of(WAN, [ONE, "spare_fraction=0.01", "max_utilization=95%"])
    plan = with_bands(plan_of(WAN, [ONE, "max_utilization=95%", f"gpu_limit={sized.figures['gpus']}"]), 100, 0)
    low, middle, high = plan.bands["latency_p95"]

    assert plan.figures["latency_p95"] == middle
    assert high is None
    assert low is not None
    assert low <= plan.known["latency_p95"]
    assert parse_condition("p95(latency_p95) <= 1 h").holds_of(plan.likely(("latency_p95",))["latency_p95"]) is False


def test_every_door_has_the_same_band(t2v_cap: Program) -> None:
    """Estimate, month 0 of a forecast and sensitivity agree on a band.

    Beside another range the error is drawn with it.
    """
    flags = ("--videos-per-user-per-day", "2", "--growth-per-month", "5%", "--format", "json")
    bands = with_bands(plan_of(WAN, [ONE, "growth_per_month=5%"]), 1, 0).bands
    forecast = t2v_cap("forecast", WAN, "--months", "2", *flags).json
    sensitivity = t2v_cap("sensitivity", WAN, "gpus", *flags).json
    drawn = t2v_cap("estimate", WAN, "--samples", "2000", "--format", "json").json["figures"]["gpus"]

    assert (forecast["samples"], sensitivity["samples"]) == (0, 0)
    for name, one in forecast["months"][0]["bands"].items():
        if name in FIGURES:
            assert list(one.values()) == [
                end if end is None else pytest.approx(end, rel=1e-9) for end in bands[name]
            ], name
    assert sensitivity["band"] == list(bands["gpus"])
    assert sensitivity["measure_first"] == "time_factor"
    low, _middle, high = bands["gpus"]
    assert drawn["p5"] < low < drawn["value"] < high < drawn["p95"]


def test_a_promise_at_risk_is_told(recorded: Recorded) -> None:
    """A promise that is kept at the point and in less than nine of ten published runs is warned of.

    The warning has the factor at which it breaks.
    """
    said = [
        next((str(warning) for warning in plan_of(WAN, [ONE, *sets]).warnings if warning.code == CODE), "none")
        for sets in (
            ["target_latency=310 s"],
            ["target_latency=10 min"],
            ["target_latency=310 s", "time_factor=0.8 to 1.25"],
            [],
        )
    ]
    recorded("\n".join(said))
    plan = plan_of(WAN, [ONE, "target_latency=310 s"])
    limit = parse_condition("P(latency_p95 <= 310 s) >= 0.9")
    assert limit.measure(plan.likely(("latency_p95",))["latency_p95"]) == pytest.approx(plan.verdict.target)


@pytest.mark.wide
def test_a_sweep_warns_of_the_same_cells(t2v_cap: Program) -> None:
    """A promise at risk is counted in a sweep in the cells whose estimates warn of it, in floats and in arrays."""
    targets = [290, 305, 320, 400]
    overs = (",".join(map(str, targets)), "290..400 linear 1101")
    few, many = (
        t2v_cap("sweep", WAN, "--set", ONE, "--over", f"target_latency={one}", "--format", "json").json for one in overs
    )

    def warns(target: float) -> bool:
        return CODE in {warning.code for warning in plan_of(WAN, [ONE, f"target_latency={target}"]).warnings}

    counted = [sum(map(warns, targets)), sum(warns(290 + index / 10) for index in range(0, 1_101, 50)) * 50]
    found = [next(one["message"] for one in document["warnings"] if one["code"] == CODE) for document in (few, many)]

    more = [int(re.search(r" and (\d+) more of \d+ cells: ", message)[1]) for message in found]  # type: ignore[index]
    assert 1 + more[0] == counted[0]
    assert 1 + more[1] == pytest.approx(counted[1], abs=100)


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("sets", "pin", "most", "low", "high"),
    [
        # A clip's seconds: those that are kept are below the target, of which a few hundred milliseconds are delivery.
        (["dau=200K", "target_latency=330 s"], "300 s to 355 s", 329.8, 300, 355),
        # Users of a fleet that does not grow: each asks for two clips a day of 318 s, 1.7 times as many at the peak.
        (
            ["dau=100K to 400K", "target_latency=6 min", "gpu_limit=2928"],
            "318 s",
            2_928 / (318 * 2 * 1.7 / 86_400),
            100e3,
            400e3,
        ),
    ],
    ids=["seconds", "users"],
)
def test_a_target_is_judged_over_the_ranges_of_the_plan(
    sets: list[str], pin: str, most: float, low: float, high: float, t2v_cap: Program
) -> None:
    """A chance is that of the range by hand: its logarithm is normal, with 5% below its low end and above its high.

    The screen, JSON, a check and the failures of a fleet say the same.
    """
    names = ["model=wan2.2-t2v-a14b", "offload=all", *sets]
    flags = [word for text in names for word in ("--set", text)] + ["--pin", f"gpu_seconds_per_video={pin}"]
    spread = math.log(high / low) / 2 / NormalDist().inv_cdf(0.95)
    by_hand = NormalDist().cdf(math.log(most / math.sqrt(low * high)) / spread)

    document = t2v_cap("estimate", *flags, "--format", "json").json
    chance = document["verdict"]["target"]
    assert chance == pytest.approx(by_hand, abs=0.015)
    screen = t2v_cap("estimate", *flags).out
    assert re.search(rf"AT RISK: .* is met in {100 * chance:.0f}% of draws", screen)
    target = next(text.partition("=")[2] for text in sets if text.startswith("target"))
    write("{}\n", "plan.yaml")
    (budget,) = check_rows(t2v_cap, 0, "plan.yaml", *flags, "--budget", f"latency_p95 <= {target}")
    assert budget["chance"] == pytest.approx(chance, abs=0.01)
    (nothing, *_others) = t2v_cap("estimate", *flags, "--only", "failures", "--format", "json").json["failures"]
    assert nothing["chance"] == pytest.approx(chance, abs=0.02)
