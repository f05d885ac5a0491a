"""A mix keeps the laws of its parts: what is joined, what adds up, and what stays as it was."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fifo import gamma, peak_latencies
from places import PLAIN, SHIPPED, shipped
from shared import scenario_with, write
from t2v_capacity.api.plan import Plan
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.parts import HOMES, PART_OF
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.catalogue import KINDS
from t2v_capacity.engine.figures import FIGURES, ancestors, evaluate
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.conditions import parse_conditions
from t2v_capacity.plan.estimate import estimate, with_bands
from t2v_capacity.plan.evidence import FACTOR, MEASURED, SAME_GENERATION, model_error
from t2v_capacity.plan.tree import evaluated, own_figures, part_figures, views, views_of
from t2v_capacity.plan.verdict import AT_RISK, LATENCY, promised
from t2v_capacity.questions.change.diff import diff, side
from t2v_capacity.questions.change.why import why
from t2v_capacity.questions.what_if.forecast import forecast
from t2v_capacity.questions.what_if.months import changed_values
from t2v_capacity.scenario.load import load_scenario, with_flags
from t2v_capacity.scenario.settings import Scenario

# What a part may set of its own, over which mixes are drawn.
OWN = st.fixed_dictionaries(
    {},
    optional={
        "duration": st.sampled_from(["3 s", "5 s", "8 s"]),
        "resolution": st.sampled_from(["480p", "832x480", "1280x720"]),
        "steps": st.sampled_from(["4", "20", "30"]),
        "target_latency": st.sampled_from(["2 min", "20 min"]),
        "paid_share": st.sampled_from(["0%", "50%"]),
        "price_per_video_second": st.sampled_from(["0.1", "0.2"]),
    },
)
SHARES = st.lists(st.integers(0, 20), min_size=2, max_size=5).filter(any)


def mixed(path: str | Path, parts: Mapping[str, object]) -> Scenario:
    """Return a shipped scenario with these parts over it."""
    return scenario_with(path, f"mix: {json.dumps(parts)}")


def _elsewhere(name: str, value: float) -> float:
    """Return another value of an assumption: one more of a count, or a tenth more of an amount.

    Return less where that is beyond its bounds.
    """
    known = ASSUMPTIONS[name]
    higher, lower = (value + 1, value - 1) if known.whole else (value * 1.1 or 0.5, value * 0.9)
    return higher if known.low <= higher <= known.high else lower


@pytest.mark.wide
@pytest.mark.parametrize("path", [path for path in SHIPPED if path not in PLAIN], ids=lambda path: path.stem)
def test_every_assumption_moves_parts_and_stages_as_its_flag_does(path: Path) -> None:
    """A cell in which any one assumption moves is the estimate with that flag.

    This also holds where a part's own bitrate follows from its frames.
    """
    scenario, compared = load_scenario(str(path)), 0
    for name, value in scenario.values().items():
        if name not in ASSUMPTIONS or name in scenario.of_parts():
            continue
        moved = {name: _elsewhere(name, value)}
        try:
            there = with_flags(scenario, (), moved)
        except Mistakes:  # such as more GPUs per replica than a server has
            continue
        expected = evaluated(there, there.values())
        found = cells_of(scenario, moved, tuple(FIGURES))(dict(moved))
        compared += 1
        assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-12, nan_ok=True), name
    assert compared > 100


@settings(max_examples=20, deadline=None)
@given(shares=SHARES, owns=st.lists(OWN, min_size=5, max_size=5), path=st.sampled_from(PLAIN))
def test_a_mix_is_its_parts(shares: list[int], owns: list[dict[str, str]], path: Path) -> None:
    """Busy GPUs and the bytes of clips are the sums of share times part.

    A joined figure lies between its parts, and order changes nothing.
    """
    parts = {
        f"p{index}": {"share": repr(share / sum(shares)), **own}
        for index, (share, own) in enumerate(zip(shares, owns, strict=False))
    }
    scenario = mixed(path, parts)
    values = scenario.values()
    found = evaluated(scenario, values)
    alone = {part.name: evaluate(part.scenario.values()) for part in scenario.parts if part.share.value}
    weights = {part.name: float(str(part.share.value)) for part in scenario.parts}

    for name in (
        *("busy_gpus", "peak_busy_gpus", "spot_seconds_per_video", "video_size", "raw_video_size"),
        *("revenue_per_video", "flops_per_video"),
    ):
        expected = sum(weights[part] * figures[name] for part, figures in alone.items())
        assert found[name] == pytest.approx(expected, rel=1e-9, nan_ok=True), name
    for name in own_figures("mix"):
        own = [figures[name] for figures in alone.values()]
        if not any(map(math.isnan, own)):
            assert min(own) <= found[name] <= max(own), name
    for one in part_figures(scenario.parts, values | found):
        if one.share:
            assert all(
                one.figures[name] == pytest.approx(alone[one.name][name], nan_ok=True) for name in own_figures("mix")
            )
    backwards = mixed(path, dict(reversed(parts.items())))
    again = evaluated(backwards, backwards.values())
    assert all(again[name] == value or math.isnan(value) for name, value in found.items())


@pytest.mark.parametrize(("word", "names"), [(home, one.names) for home, one in HOMES.items()], ids=["part", "stage"])
def test_what_one_may_set_reaches_the_plan_through_joined_figures_alone(word: str, names: list[str]) -> None:
    """No figure without the word reads what a part or a stage may set, or what a choice supplies that it may make."""
    settable = set(names)
    settable |= {part for name in settable & {*SHORTHANDS} for part in SHORTHANDS[name][1]}
    settable |= {fact for name in settable & {*CHOICES} for fact in KINDS[CHOICES[name].kind].facts}

    assert settable & {*ASSUMPTIONS}
    assert {
        name: settable.intersection(figure.parameters)
        for name, figure in FIGURES.items()
        if not getattr(figure, word) and settable.intersection(figure.parameters)
    } == {}


def test_a_joined_figure_needs_nothing_of_the_fleet() -> None:
    """A clip's figures are computed from what is of clips or shared by all parts.

    Nothing that the fleet's size decides is in them.
    """
    fleet = {
        name for name, figure in FIGURES.items() if not figure.mix and "gpu_seconds_per_video" in ancestors([name])
    }

    assert fleet
    assert not ancestors(own_figures("mix")) & fleet


_HD = {"short": {"share": "60%"}, "hd": {"resolution": "1280x720", "steps": "30"}}
_THREE = {**_HD, "long": {"share": "25%", "duration": "10 s"}}


def test_a_part_has_its_part_of_the_fleet_and_of_the_bill() -> None:
    """The parts' GPUs add up to the plan's, and their costs per clip are by share the plan's."""
    plan = estimate(mixed(shipped("wan2.2-h100"), _THREE))
    found = part_figures(plan.scenario.parts, plan.known)
    alone = {part.name: evaluate(part.scenario.values())["busy_gpus"] for part in plan.scenario.parts}

    assert sum(one.figures["gpus"] for one in found) == pytest.approx(plan.known["gpus"])
    assert [one.figures["busy_gpus"] for one in found] == pytest.approx([alone[one.name] * one.share for one in found])
    assert sum(one.figures["busy_gpus"] for one in found) == pytest.approx(plan.known["busy_gpus"])
    assert sum(one.share * one.figures["cost_per_video"] for one in found) == pytest.approx(
        plan.known["cost_per_video"]
    )
    assert min(one.figures["latency_slack"] for one in found) == pytest.approx(plan.known["latency_slack"])
    assert max(one.figures["latency_p95"] for one in found) == plan.known["latency_p95"]


def test_each_part_of_a_price_list_has_price_cost_margin_and_break_even() -> None:
    """A part's margin and break-even are those of its own clips, by hand.

    Sold clips of all parts bring the plan's revenue.
    """
    plan = estimate(load_scenario(shipped("price-list")))
    parts = {part.name: part for part in plan.parts}
    hd, preview = (parts[name].figures for name in ("hd", "preview"))
    clips = plan.known["delivered_per_day"] * 30

    assert hd["revenue_per_video"] == pytest.approx(81 / 16 * 0.5)
    assert hd["gross_margin"] == pytest.approx(1 - hd["cost_per_video"] / (81 / 16 * 0.5))
    assert hd["break_even_price"] == pytest.approx(hd["cost_per_video"] / (81 / 16))
    assert math.isnan(preview["gross_margin"])
    assert math.isnan(preview["break_even_price"])
    assert sum(one.share * one.figures["revenue_per_video"] for one in plan.parts) * clips == pytest.approx(
        plan.known["revenue_per_month"]
    )


def test_a_part_at_no_price_is_carried_by_the_others(tmp_path: Path) -> None:
    """A price of 0 is as free as a share of 0%: the other clips, 4 of 10 and of 121 / 24 s, carry the bill."""
    text = (
        "dau: 10K\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\nprice_per_video_second: 0.1\n"
        "mix: {preview: {share: 60%, duration: 3 s, FREE}, clip: {share: 40%}}\n"
    )
    for free in ("price_per_video_second: 0", "paid_share: 0%"):
        plan = estimate(load_scenario(write(text.replace("FREE", free), tmp_path / "plan.yaml"))).known
        assert plan["break_even_price"] == pytest.approx(plan["cost_per_video"] / (0.4 * 121 / 24)), free


def test_a_condition_on_a_part_is_searched_for_as_it_is_shown() -> None:
    """What a search measures of a part is what the estimate there shows of it, of cells and of draws too."""
    mix = mixed(shipped("wan2.2-h100"), {**_HD, "long": {"share": "25%", "duration": "8 s to 12 s"}})
    plan = estimate(with_flags(mix, ["price_per_video_second=0.3"]))
    wanted = tuple(f"mix.{part.name}.{name}" for part in plan.scenario.parts for name in (*PART_OF, "visual_tokens"))
    found = cells_of(plan.scenario, ["dau", "width", "mix.long.steps"], wanted)(
        {"dau": 2e5, "width": 1024.0, "mix.long.steps": 11.0}
    )
    there = estimate(with_flags(plan.scenario, ["mix.long.steps=11"], {"dau": 2e5, "width": 1024.0}))

    assert {name: there.figure(name) for name in wanted} == pytest.approx(found)


def test_a_limit_on_a_part_is_of_the_grown_plan() -> None:
    """In a month a limit on a part is held against that part's figure of the plan that has grown so far.

    A limit on a percentile is held against the plan's own draws in month 0.
    """
    scenario = with_flags(mixed(shipped("wan2.2-h100"), _HD), ["growth_per_month=20%"])
    limits = parse_conditions(["mix.hd.gpus <= 100K", "p95(mix.hd.latency_p95) <= 1 h"], "--limit")
    plan = estimate(scenario)
    found = forecast(plan, 3, limits, samples=200)
    grown = estimate(with_flags(scenario, numbers=changed_values(plan.values, 2)))

    assert found.limits[limits[0]][2].measured == pytest.approx(grown.figure("mix.hd.gpus"))
    assert found.limits[limits[0]][0].measured == plan.figure("mix.hd.gpus")
    assert found.limits[limits[1]][0].measured == limits[1].measure(
        plan.likely([limits[1].figure], 200, 0)[limits[1].figure]
    )
    with pytest.raises(Mistakes):
        forecast(plan, 3, parse_conditions(["mix.none.gpus <= 8"], "--limit"))


@pytest.mark.wide
def test_a_change_for_a_part_keeps_what_is_asked_of_it() -> None:
    """Each single change that is offered for a condition on a part keeps it in the estimate, the part's own too."""
    plan = Plan(mixed(shipped("wan2.2-h100"), _HD))
    until = f"mix.hd.latency_p95 <= {0.8 * (plan.at_points.figure('mix.hd.latency_p95') or 0)} s"
    levers = plan.solve(until=until).levers

    assert {"mix.hd.steps", "gpu"} <= {one.name for one in levers}
    assert "steps" not in {one.name for one in levers}
    for one in levers:
        value = {one.name: one.value} if isinstance(one.value, float) else {}
        there = with_flags(plan.scenario, [] if value else [f"{one.name}={one.value}"], value)
        assert Plan(there).holds(until), one


def test_the_other_shares_keep_their_proportion() -> None:
    """A flag sets one share, and the others share the rest as before; what flags set stays as they set it."""
    scenario = mixed(shipped("start-up"), {"a": {"share": "60%"}, "b": {"share": "20%"}, "c": {"share": "20%"}})
    one, two = with_flags(scenario, ["mix.a.share=20%"]), with_flags(scenario, ["mix.a.share=20%", "mix.b.share=50%"])

    assert [part.share.value for part in one.parts] == pytest.approx([0.2, 0.4, 0.4])
    assert [part.share.value for part in two.parts] == pytest.approx([0.2, 0.5, 0.3])


@pytest.mark.wide
def test_a_change_of_a_mix_is_split_over_what_changed() -> None:
    """What moved in a mix, its shares, a part's own and the plan's, has parts that sum to the change.

    This holds on both sides of a mix that came.
    """
    plain, base = load_scenario(shipped("start-up")), mixed(shipped("start-up"), _THREE)
    other_parts = {**_THREE, "long": {"share": "15%", "duration": "8 s"}, "free": {"share": "10%"}}
    head = with_flags(mixed(shipped("start-up"), other_parts), ["dau=300K"])
    for one, other in ((base, head), (plain, base), (base, plain)):
        difference = diff(side(estimate(one)), side(estimate(other)))
        found = why(difference, "cost_per_month")
        before, after = (value or math.nan for value in difference.ends("cost_per_month"))

        assert sum(found.parts.values()) == pytest.approx(after - before)
        assert found.parts
    assert {"dau", "mix", "mix.long.duration", "together"} == {
        *why(diff(side(estimate(base)), side(estimate(head))), "gpus").parts
    }


# A part that is nothing like what was timed of its model, beside one that was timed.
_UNALIKE = {"short": {"share": "60%"}, "endless": {"share": "40%", "duration": "25 s", "steps": "4"}}
_FITTING = ["offload=all", "vae_tiling=tiled"]


def test_what_is_about_a_clip_is_told_of_its_part() -> None:
    """Warnings of a clip begin with their part and name its own values; the evidence of a mix is its worst part's."""
    plan = estimate(with_flags(mixed(shipped("wan2.2-h100"), _UNALIKE), _FITTING))
    warned = {one.code: one for one in plan.warnings}

    assert plan.evidence == SAME_GENERATION
    assert warned["outside-model-range"].message.startswith("mix.endless: ")
    assert warned["steps-not-distilled"].names == ("mix.endless.steps",)
    assert not [one for one in plan.warnings if one.message.startswith("mix.short: ") and one.severity == "warning"]
    assert with_flags(plan.scenario, ["mix.endless.share=0%"]).parts
    assert estimate(with_flags(plan.scenario, ["mix.endless.share=0%"])).evidence == MEASURED


def test_a_mix_has_one_error() -> None:
    """The error of a mix is that of its worst part, drawn once: its band is the plan with it at both ends."""
    plan = estimate(with_flags(mixed(shipped("wan2.2-h100"), _UNALIKE), ["videos_per_user_per_day=2", *_FITTING]))
    error = plan.uncertain.settings[FACTOR].value

    assert list(plan.ranges) == [FACTOR]
    views = views_of(plan.scenario, plan.known, "clip")
    worst = max((model_error(one.scenario, one.known) for one in views), key=lambda one: one.high / one.low)
    assert plan.model_error.kind == worst.kind
    factors = (error.low, error.high)  # type: ignore[union-attr]
    ends = [estimate(with_flags(plan.scenario, [], {FACTOR: end})).figures["gpus"] for end in factors]
    assert [with_bands(plan, 0, 0).bands["gpus"][at] for at in (0, 2)] == ends


_LONG = {"short": {"share": "60%"}, "long": {"duration": "8 s", "pins": {"raw_video_size": "2 GB"}}}


def test_an_explanation_shows_a_mean_with_its_parts() -> None:
    """A joined figure follows from those of its parts, and a part's own from the part's values.

    What is shared out is refused.
    """
    plan = Plan(mixed(shipped("start-up"), _LONG))
    explained = (plan.explain(name).document()["figure"] for name in ("frames_per_video", "mix.long.frames_per_video"))
    mean, own = filter(None, explained)

    assert [one["name"] for one in mean["inputs"]] == ["mix.long.frames_per_video", "mix.short.frames_per_video"]
    assert own["value"] == mean["inputs"][0]["value"]
    assert {one["name"]: one["value"] for one in own["inputs"]}["duration"] == 8
    for name in ("mix.long.gpus", "mix.long.share", "mix.none.steps"):
        with pytest.raises(Mistakes):
            plan.explain(name)


# By hand: a takes 83 s, b 131 s, c 415 s or more of 20 min; all wait alike, so b's target leaves the least time.
THREE = """
model: wan2.1-t2v-14b
gpu: h100-sxm
runtime: engine
dau: 3K
target_latency: 5 min
mix:
  a: {share: 70%}
  b: {share: 20%, duration: 8 s}
  c: {resolution: 1280x720, target_latency: 20 min}
"""


def _kept_below(scenario: Scenario) -> float:
    """Return the largest hundredth up to which a factor on the seconds leaves every part in time, by plans with it."""
    for hundredths in range(101, 200):
        plan = estimate(with_flags(scenario, [f"time_factor={hundredths / 100}"]))
        if plan.known["latency_slack"] < 0:
            return (hundredths - 1) / 100
    raise AssertionError("it is kept at twice the seconds")


def test_the_part_that_misses_its_target_is_named(tmp_path: Path) -> None:
    """A verdict names the part of which the target is missed or nearly so, with that part's latency."""
    late, near = (
        estimate(load_scenario(write(THREE, tmp_path / "plan.yaml"), flags)) for flags in ([], ["gpus_per_replica=2"])
    )
    parts = {view.name: view.known for view in views(late.scenario, late.known)}

    assert parts["mix.b"]["latency_p95"] > 300 > parts["mix.a"]["latency_p95"]
    assert parts["mix.c"]["latency_p95"] < 1200
    (missed,) = [objection.message for objection in late.verdict.objections if objection.code == LATENCY]
    assert f"p95 latency is {show(parts['mix.b']['latency_p95'], 'second')}, target 5 min of mix.b" in missed
    (risk,) = [objection.message for objection in near.verdict.objections if objection.code == AT_RISK]
    assert f"5 min of mix.b is kept unless clips take over {_kept_below(near.scenario):.2f} times" in risk
    assert promised(late.scenario, math.nan) == "5 min, 1200 s of mix.c"


# By hand: 20 s of 60 s, 600 s of 20 or 30 min; 8,000 clips a day, twice as many at the peak.
SPREAD = """
model: wan2.2-t2v-a14b
gpu: h100-sxm
traffic: {dau: 4000, videos_per_user_per_day: 2, peak_to_average: 2}
serving: {gpus_per_server: 1, spare_fraction: 0, service_variability: 0.3}
mix:
  preview: {share: 90%, pins: {gpu_seconds_per_video: 20 s}, target_latency: 60 s}
  hd: {share: 10%, pins: {gpu_seconds_per_video: 600 s}, target_latency: 30 min}
"""


@pytest.mark.parametrize("target", [20, 30])
def test_a_mix_is_late_where_a_part_is_in_a_simulation(target: int, tmp_path: Path) -> None:
    """The spread of one part's clips takes nothing from the promise of another, and the part that is late is named."""
    scenario = load_scenario(write(SPREAD, tmp_path / "plan.yaml"), [f"mix.hd.target_latency={target} min"])
    plan = estimate(scenario)
    clips = {0.9: gamma(20, 0.3), 0.1: gamma(600, 0.3)}
    preview, hd = (
        np.quantile(seconds, 0.95) for seconds in peak_latencies(8_000, 2, int(plan.known["replicas"]), clips)
    )
    messages = [objection.message for objection in plan.verdict.objections if objection.code == LATENCY]

    assert preview < 55
    assert (hd > target * 60) == (target == 20)
    assert messages == (["p95 latency is 1258 s, target 1200 s of mix.hd"] if target == 20 else [])
    assert plan.known["latency_slack"] == min(part.figures["latency_slack"] for part in plan.parts)
    assert cells_of(scenario, ["dau"], ("latency_slack",))({"dau": 4_000.0})["latency_slack"] == pytest.approx(
        plan.known["latency_slack"]
    )


@pytest.mark.usefixtures("folder")
def test_a_pin_of_the_whole_mix_is_one_of_each_part() -> None:
    """What is pinned at the top level, such as the seconds of denoising, each part has, long clips too."""
    text = "pins: {denoising_seconds: 100 s}\n"
    plan = estimate(load_scenario(write(f"{text}mix: {{a: {{share: 60%}}, b: {{duration: 20 s}}}}\n")))
    assert [part.figures["denoising_seconds"] for part in plan.parts] == [100, 100]


PINNED_APART = """
pins: {gpu_seconds_per_video: 240 s}
mix:
  clip: {share: 60%}
  hd: {share: 20%, pins: {gpu_seconds_per_video: 900 s}}
  long: {duration: 8 s, pins: {gpu_seconds_per_video: null}}
"""


@pytest.mark.usefixtures("folder")
def test_a_pin_that_a_part_replaces_is_that_of_the_others() -> None:
    """Each part has its own seconds, of which the plan has the mean, and predicted ones stay uncertain."""
    plan = estimate(load_scenario(write(PINNED_APART)))
    clip, hd, long = (part.figures for part in plan.parts)
    predicted = long["gpu_seconds_per_video"]
    mean = 0.6 * 240 + 0.2 * 900 + 0.2 * predicted
    ends = [0.6 * 240 + 0.2 * 900 + 0.2 * predicted * end for end in (plan.model_error.low, plan.model_error.high)]

    assert (clip["gpu_seconds_per_video"], hd["gpu_seconds_per_video"]) == (240, 900)
    assert predicted == estimate(load_scenario(None, ["duration=8 s"])).figures["gpu_seconds_per_video"]
    assert clip["gpus"] == pytest.approx(plan.known["gpus"] * 0.6 * 240 / mean)
    assert [with_bands(plan, 0, 0).bands["gpu_seconds_per_video"][at] for at in (0, 2)] == pytest.approx(ends)
    assert [*plan.scenario.pins] == []


PROMISED_IN_PART = """
dau: 20K
mix:
  clip: {share: 90%, target_latency: 10 min, pins: {gpu_seconds_per_video: 240 s}}
  take: {pins: {gpu_seconds_per_video: 2 h}}
"""


@pytest.mark.usefixtures("folder")
def test_a_part_that_promises_nothing_is_not_late() -> None:
    """Its clips of two hours take nothing from the ten minutes of another part, which alone decides."""
    plan = estimate(load_scenario(write(PROMISED_IN_PART)))
    clip, take = (part.figures for part in plan.parts)

    assert take["latency_p95"] > 2 * 3_600
    assert plan.known["latency_room"] == pytest.approx(10 * 60 - 240 - clip["off_gpu_seconds"])
    assert plan.known["latency_slack"] == pytest.approx(10 * 60 - clip["latency_p95"])
    assert [objection for objection in plan.verdict.objections if objection.code == LATENCY] == []

    late = estimate(with_flags(plan.scenario, ["mix.clip.target_latency=240 s"]))
    assert next(one.message for one in late.verdict.objections if one.code == LATENCY).endswith("of mix.clip")


@pytest.mark.usefixtures("folder")
def test_a_part_that_skips_a_stage_skips_the_model_before_it() -> None:
    """Three seconds of an upscaler are of the part that names them, and of the plan by that part's share."""
    text = "dau: 20K\nmix: {draft: {share: 60%}, full: {duration: 8 s, other_gpu_seconds_per_video: 3 s}}\n"
    plan = estimate(load_scenario(write(text)))
    without = estimate(with_flags(plan.scenario, ["mix.full.other_gpu_seconds_per_video=0 s"]))
    more = [
        part.figures["gpu_seconds_per_video"] - bare.figures["gpu_seconds_per_video"]
        for part, bare in zip(plan.parts, without.parts, strict=True)
    ]

    assert more == pytest.approx([0, 3])
    assert plan.known["gpu_seconds_per_video"] == pytest.approx(without.known["gpu_seconds_per_video"] + 0.4 * 3)
