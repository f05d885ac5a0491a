"""What is uncertain of every plan: the model's error in bands, in what decides, and in a promise."""

import json
import math
import re
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import NormalDist

import pytest
from openpyxl import load_workbook

import t2v_capacity as t2v
from shared import Program, plan_of, some
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.catalogue.published import published
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.conditions import parse_condition
from t2v_capacity.plan.estimate import Estimate, with_bands
from t2v_capacity.plan.evidence import EXTRAPOLATED, ONE_GPU, OWN_RANGE, PINNED
from t2v_capacity.plan.ranges import band, draw
from t2v_capacity.plan.uncertain import NO_BAND, QUANTILES, even_points
from t2v_capacity.plan.verdict import at_risk, error_range
from texts import Recorded

WAN = "scenarios/wan2.2-h100.yaml"
ONE = "videos_per_user_per_day=2"
CODE = "target-latency-uncertain"
ERROR = Range(*published().bands[ONE_GPU], 1.0)
_NEAR = 1e-12
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


def drawn_plan(seed: int) -> Estimate | None:
    """Return a plan with three to six flags and sometimes a pin; nothing where these can't be together."""
    chance = Random(f"bands {seed}")
    sets = [f"{name}={chance.choice(_FLAGS[name])}" for name in chance.sample(sorted(_FLAGS), chance.randint(3, 6))]
    pins = [chance.choice(_PINS)] if chance.random() < 0.3 else []
    try:
        return plan_of(WAN, [ONE, *sets], pins)
    except Mistakes:
        return None


DRAWN = range(120)


@pytest.mark.parametrize("seed", some(DRAWN, 6))
def test_a_value_lies_in_its_band(seed: int) -> None:
    """Of any plan p5 <= p50 = value <= p95, nothing is drawn, and what the seconds do not move has no band."""
    plan = drawn_plan(seed)
    if plan is None:
        return
    banded = with_bands(plan, 20_000, 0)
    assert (banded.samples, banded.seed) == (0, None)
    for name, (low, middle, high) in banded.bands.items():
        value = plan.figures[name]
        if (low, middle, high) == NO_BAND:
            continue
        assert middle == value, name
        assert low is not None, name
        assert value is None or low <= value, name
        assert high is None or (value is not None and value <= high), name
    assert banded.bands.get("trps", NO_BAND) == NO_BAND


@pytest.mark.parametrize("seed", some(DRAWN, 6))
def test_a_chance_is_a_share(seed: int) -> None:
    """Of any plan P is from 0 to 1, grows with the limit, and a percentile keeps a limit where its chance does."""
    plan = drawn_plan(seed)
    if plan is None:
        return
    for name in ("gpus", "latency_p95", "cost_per_month"):
        value, found = plan.figures[name], plan.likely((name,))
        if value is None or name not in found:
            continue
        shares = [
            parse_condition(f"P({name} <= {value * factor!r}{_unit(name)}) >= 0.5").measure(found[name]) for factor in (0.5, 0.9, 1, 1.1, 3)
        ]
        assert all(share is not None and 0 <= share <= 1 for share in shares)
        assert all(one <= other for one, other in pairwise(share or 0 for share in shares))


def _unit(name: str) -> str:
    return {"latency_p95": " s", "cost_per_month": " USD/month"}.get(name, "")


@pytest.mark.parametrize("seed", some(DRAWN, 6))
def test_a_promise_breaks_where_it_says(seed: int) -> None:
    """Of any plan the chance of its promise is a share, the warning stands where it is kept and below 90%, and up to its factor it is kept."""
    plan = drawn_plan(seed)
    if plan is None:
        return
    error = error_range(plan.scenario, plan.known)
    warned = [warning for warning in plan.warnings if warning.code == CODE]
    if error is None:
        assert not warned
        return
    chance = plan.verdict.target
    missed = any(warning.code == "misses-target-latency" for warning in plan.warnings)
    runs = plan.figures["gpu_seconds_per_video"] is not None
    assert chance is None or 0 <= chance <= 1
    assert bool(warned) == bool(at_risk(plan.scenario, plan.known, error)) == (runs and not missed and chance is not None and chance < 0.9)
    for factor in (float(text) for one in warned for text in re.findall(r"at most (\S+) times", one.message)):
        for tried, breaks in ((max(1, factor - 0.01), False), (factor + 0.06, True)):
            there = plan_of(WAN, [*_written(plan), f"time_factor={tried!r}"], _pinned(plan))
            assert any(warning.code == "misses-target-latency" for warning in there.warnings) == breaks


def _written(plan: Estimate) -> list[str]:
    flags = plan.scenario.layers[-1]
    return [f"{name}={written.value}" for name, written in {**flags.numbers, **flags.choices}.items()]


def _pinned(plan: Estimate) -> list[str]:
    return [f"{name}={setting.value} {FIGURES[name].unit}" for name, setting in plan.scenario.pins.items()]


@pytest.mark.parametrize("seed", some(range(60), 5))
def test_no_warning_says_what_has_no_value(seed: int) -> None:
    """No warning of a drawn plan shows a number that isn't one, also of a promise that a fleet below its peak keeps to those it serves."""
    plans = [drawn_plan(seed), plan_of("scenarios/start-up.yaml", [f"gpu_limit={35 + seed % 12}", "queue_limit=50"])]
    assert [one.message for plan in plans if plan for one in plan.warnings if re.search(r"\bnan\b|\binf\b", one.message)] == []


def test_even_points_are_those_of_the_draws() -> None:
    """The 21 even points are each twentieth of the draws of the same range: the ends and the point are among them."""
    points = even_points(ERROR)
    drawn = band(draw("time_factor", ERROR, 200_000, 0), [0.0125, *(index / 20 for index in range(1, 20)), 0.9875])

    assert points == pytest.approx(drawn, rel=1e-4)
    assert (points[1], points[10], points[19]) == pytest.approx((ERROR.low, 1, ERROR.high), rel=_NEAR)


def test_quantiles_are_the_normal_ones() -> None:
    """The quantiles that stand in the program, which saves an import, are the standard library's."""
    shares = [0.0125, *(index / 20 for index in range(1, 20)), 0.9875]
    assert pytest.approx([NormalDist().inv_cdf(share) for share in shares], abs=1e-12) == QUANTILES


def test_the_class_is_that_of_the_plan_as_printed() -> None:
    """A kernel and a runtime that were left at their default are no error: the class is that of stated ones."""
    left, stated = plan_of(WAN, [ONE]), plan_of(WAN, [ONE, "runtime=eager", "attention_kernel=fa3"])
    errors = [plan.model_error for plan in (left, stated)]

    assert errors[0] == errors[1]
    assert (errors[0].kind, errors[0].low, errors[0].high) == (ONE_GPU, *published().bands[ONE_GPU])


def test_an_extrapolated_plan_has_its_own_class() -> None:
    """A plan that nothing like it was timed for has the wider error."""
    plan = plan_of("scenarios/mochi.yaml", ["gpu=mi300x", "offload=none"])
    assert plan.evidence == EXTRAPOLATED
    assert plan.model_error.kind == EXTRAPOLATED


def test_what_was_set_by_hand_takes_the_place_of_the_error() -> None:
    """A `time_factor` by hand, a number or a range, stands in the place of the published error; its factors are of the point."""
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
    low, high = published().bands[ONE_GPU]
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

    assert plan.figures["latency_p95"] is not None
    assert low is not None
    assert low <= (middle or 0)
    assert high is None
    assert parse_condition("p95(latency_p95) <= 1 h").holds_of(plan.likely(("latency_p95",))["latency_p95"]) is False


def test_where_both_are_there_both_are_told(t2v_cap: Program) -> None:
    """With another range the error is drawn beside it, JSON keeps `model_error`, and the screen says how far off it is."""
    flags = ("--samples", "2000")
    found, screen = t2v_cap("estimate", WAN, *flags, "--format", "json").json, t2v_cap("estimate", WAN, *flags).out
    alone = with_bands(plan_of(WAN, [ONE]), 1, 0).bands["gpus"]
    both = found["figures"]["gpus"]

    assert found["samples"] == 2_000
    assert (found["model_error"]["low"], found["model_error"]["high"]) == tuple(published().bands[ONE_GPU])
    assert both["p5"] < alone[0] < both["value"] < alone[2] < both["p95"]
    assert "took 0.90 to 1.11 times the prediction" in screen
    assert found["figures"]["gpu_seconds_per_video"]["p50"] == pytest.approx(found["figures"]["gpu_seconds_per_video"]["value"], rel=1e-3)


def test_every_door_has_the_same_band(t2v_cap: Program) -> None:
    """Estimate, month 0 of a forecast, sensitivity, check and Python agree on a band."""
    flags = ("--videos-per-user-per-day", "2", "--growth-per-month", "5%")
    plan = t2v_cap("estimate", WAN, *flags, "--format", "json").json
    forecast = t2v_cap("forecast", WAN, *flags, "--months", "2", "--format", "json").json
    sensitivity = t2v_cap("sensitivity", WAN, "gpus", *flags, "--format", "json").json
    ends = [plan["figures"]["gpus"][end] for end in ("p5", "p50", "p95")]

    assert (plan["samples"], forecast["samples"], sensitivity["samples"]) == (0, 0, 0)
    for name, one in forecast["months"][0]["bands"].items():
        if name in FIGURES:
            wanted = [plan["figures"][name][end] for end in ("p5", "p50", "p95")]
            assert list(one.values()) == [end if end is None else pytest.approx(end, rel=1e-9) for end in wanted], name
    assert sensitivity["band"] == ends
    assert sensitivity["measure_first"] == "time_factor"
    assert list(t2v.estimate(WAN, videos_per_user_per_day=2, growth_per_month="5%").bands["gpus"]) == [*ends, "model error"]


def test_what_decides_is_read_without_draws(t2v_cap: Program) -> None:
    """p95 and P of a plan without a range are of the model's error, alike in check, in budgets of an estimate, in a forecast and in Python."""
    flags = ("--set", ONE)
    plan = t2v.estimate(WAN, videos_per_user_per_day=2)
    limit = plan.bands["gpus"].p95 or 0
    texts = f"p95(gpus) <= {limit}", f"p95(gpus) <= {limit - 1:.0f}", "P(gpus <= 14000) >= 0.5", "P(gpus <= 14000) >= 0.9"
    rows = t2v_cap("check", WAN, *flags, *(part for text in texts for part in ("--budget", text)), "--format", "json", code=3).json
    months = t2v_cap(
        "forecast",
        WAN,
        "--videos-per-user-per-day",
        "2",
        "--months",
        "1",
        *(part for text in texts for part in ("--limit", text)),
        "--format",
        "json",
    ).json

    assert [row["passed"] for row in rows["rows"]] == [True, False, True, False]
    assert rows["samples"] == 0
    assert [plan.holds(text) for text in texts] == [True, False, True, False]
    assert [month is None for month in months["crossed"].values()] == [True, False, True, False]


def test_a_budget_has_a_chance(t2v_cap: Program, tmp_path: Path) -> None:
    """In JSON a budget of a plain figure has the chance that it is kept, and reads AT RISK on the screen where that is small."""
    file, text = tmp_path / "plan.yaml", "model: wan2.2-t2v-a14b\ngpu: h100-sxm\ndau: 1M\n"
    file.write_text(text, encoding="utf-8")
    gpus = plan_of(str(file)).figures["gpus"] or 0
    file.write_text(f"{text}budgets: [gpus <= 1M, gpus <= {1.05 * gpus}, gpus <= 10, trps <= 100]\n", encoding="utf-8")
    found = t2v_cap("estimate", str(file), "--format", "json").json
    screen = t2v_cap("estimate", str(file)).out
    chances = [row["chance"] for row in found["budgets"]]

    assert chances[0] == 1
    assert chances[2] == 0
    assert chances[3] is None
    assert 0 < chances[1] < 0.9
    assert found["budgets"][1]["passed"]
    assert "AT RISK" in screen


def test_a_promise_at_risk_is_told(t2v_cap: Program, recorded: Recorded) -> None:
    """A promise that is kept at the point and in less than nine of ten published runs is warned of, with the factor at which it breaks."""
    said = [
        next((str(warning) for warning in plan_of(WAN, [ONE, *sets]).warnings if warning.code == CODE), "none")
        for sets in (["target_latency=310 s"], ["target_latency=10 min"], ["target_latency=310 s", "time_factor=0.8 to 1.25"], [])
    ]
    recorded("\n".join(said))
    found = t2v_cap(
        "check",
        WAN,
        "--set",
        ONE,
        "--set",
        "target_latency=310 s",
        "--budget",
        "P(latency_p95 <= 310 s) >= 0.9",
        "--format",
        "json",
        code=3,
    ).json

    assert CODE in {warning["code"] for warning in found["warnings"]}
    assert found["rows"][0]["value"] == pytest.approx(plan_of(WAN, [ONE, "target_latency=310 s"]).verdict.target)


@pytest.mark.wide
def test_a_sweep_warns_of_the_same_cells(t2v_cap: Program) -> None:
    """A promise at risk is counted in a sweep in the cells whose estimates warn of it, in floats and in arrays."""
    targets = [290, 305, 320, 400]
    few = t2v_cap("sweep", WAN, "--set", ONE, "--over", f"target_latency={','.join(map(str, targets))}", "--format", "json").json
    many = t2v_cap("sweep", WAN, "--set", ONE, "--over", "target_latency=290..400 linear 1101", "--format", "json").json
    counted = [sum(map(_warns, targets)), sum(_warns(290 + index / 10) for index in range(0, 1_101, 50)) * 50]
    found = [next(one["message"] for one in document["warnings"] if one["code"] == CODE) for document in (few, many)]

    assert found[0].startswith(f"in {counted[0]} of 4 cells")
    assert int(found[1].split()[1]) == pytest.approx(counted[1], abs=100)


def _warns(target: float) -> bool:
    return any(warning.code == CODE for warning in plan_of(WAN, [ONE, f"target_latency={target}"]).warnings)


def test_a_gate_is_on_the_error_too(t2v_cap: Program) -> None:
    """A gate on a percentile compares both sides at the error's high end: other seconds known to be certain are less."""
    plan, gate = "scenarios/hunyuanvideo-720p.yaml", ("--fail-on", "p95(gpus) > +10%", "--format", "json")
    grown = t2v_cap("diff", plan, "--dau", "24K", *gate, code=3).json["gates"][0]
    certain = t2v_cap("diff", plan, "--time-factor", "1", *gate).json["gates"][0]

    assert grown["value"] == with_bands(plan_of(plan, ["dau=24K"]), 1, 0).bands["gpus"][2]
    assert certain["value"] == plan_of(plan).figures["gpus"]


@pytest.mark.wide
def test_a_promise_at_risk_is_handed_over(tmp_path: Path, t2v_cap: Program) -> None:
    """The page, the workbook and the section say that a promise is at risk, and their bands are the estimate's."""
    flags = ("--videos-per-user-per-day", "2", "--target-latency", "310 s")
    bands = with_bands(plan_of(WAN, [ONE, "target_latency=310 s"]), 1, 0).bands
    for ending in ("html", "xlsx", "md"):
        t2v_cap("export", WAN, str(tmp_path / f"plan.{ending}"), *flags)
    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    held = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])["plans"][0]  # type: ignore[index]
    book = load_workbook(tmp_path / "plan.xlsx")
    cells = [cell.value for row in book["Answer"].iter_rows() for cell in row]
    (row,) = (row for row in book["Figures"].iter_rows(values_only=True) if row[0] == "gpus")

    assert CODE in {warning["code"] for warning in held["warnings"]}
    assert {name: tuple(band) for name, band in held["bands"].items()} == bands
    assert any(isinstance(cell, str) and CODE in cell for cell in cells)
    assert row[-3:] == bands["gpus"]
    assert CODE in (tmp_path / "plan.md").read_text(encoding="utf-8")
