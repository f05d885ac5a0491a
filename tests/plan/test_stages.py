"""The stages of a clip keep their laws: what is joined, decoded and encoded again, and what stays as it was."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from places import PLAIN, shipped
from shared import scenario_with, some
from t2v_capacity.api.plan import Plan
from t2v_capacity.assumptions.architecture import ENCODE_OF_DECODE
from t2v_capacity.engine.figures import FIGURES, ancestors, evaluate
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.estimate import estimate, with_bands
from t2v_capacity.plan.evidence import EXTRAPOLATED
from t2v_capacity.plan.tree import OF_THE_DECODE, own_figures
from t2v_capacity.questions.change.diff import diff, side
from t2v_capacity.questions.change.why import why
from t2v_capacity.scenario.load import load_scenario, with_flags
from t2v_capacity.scenario.settings import Scenario

NEAR = 1e-9
WAN, START_UP = shipped("wan2.2-h100"), shipped("start-up")
TWO = "base: {resolution: 832x480, steps: 8}, refine: {resolution: 1280x720, steps: 4}"
DECODED, USUAL_STEPS = TWO.replace("steps: 8", "steps: 8, decoded: true"), TWO.replace(", steps: 8", "")
# Frames of which each is larger than the one before, and what a stage may set of its own beside its frame.
FRAMES = ("416x240", "640x352", "832x480", "1280x720")
OWN = st.fixed_dictionaries(
    {"steps": st.sampled_from(["3", "8", "20"])},
    optional={
        "passes_per_step": st.sampled_from(["1", "2"]),
        "fps": st.sampled_from(["12", "24"]),
        "attention_sparsity": st.sampled_from(["0%", "50%"]),
        "decoded": st.sampled_from(["true", "false"]),
    },
)


def staged(path: str | Path, stages: str = TWO) -> Scenario:
    """Return a shipped scenario whose clips are made in these stages."""
    return scenario_with(path, f"stages: {{{stages}}}")


# What changes nothing: one stage, one part, parts that are all equal.
ALIKE = [
    ["stages: {only: {}}"],
    ["stages: {gone: {}, only: {}}", "stages: {gone: null}"],
    ["mix: {all: {stages: {only: {}}}}"],
    ["mix: {only: {}}"],
    ["mix: {a: {share: 30%}, b: {share: 70%}}"],
    ["mix: {a: {share: 30%}, b: {share: 70%}, none: {share: 0%, steps: 1}}"],
]


@pytest.mark.parametrize("path", some(PLAIN, 6), ids=lambda path: path.stem)
def test_one_stage_or_part_is_the_plain_plan(path: Path) -> None:
    """A clip of one stage, and a mix of one part or of equal parts, are the scenario without.

    They are so in every figure, band and warning.
    """
    plain = with_bands(estimate(load_scenario(str(path))), 200, 0)
    for over in ALIKE:
        found = with_bands(estimate(scenario_with(path, *over)), 200, 0)

        assert (found.figures, found.bands, found.evidence) == (plain.figures, plain.bands, plain.evidence)
        assert {one.code for one in found.warnings} == {one.code for one in plain.warnings}


@settings(max_examples=30, deadline=None)
@given(owns=st.lists(OWN, min_size=2, max_size=4), path=st.sampled_from(PLAIN))
def test_stages_take_at_least_the_largest_and_at_most_the_sum_of_their_plans(
    owns: list[dict[str, str]], path: Path
) -> None:
    """Denoising is the sum of the stages', and memory and size are one stage's.

    GPU-seconds lie between the largest plan's and the sum of all.
    """
    owns[-1].pop("decoded", None)
    frames = FRAMES[-len(owns) :]
    stages = {
        f"s{place}": {"resolution": frame, **own} for place, (frame, own) in enumerate(zip(frames, owns, strict=True))
    }
    scenario = scenario_with(path, f"stages: {json.dumps(stages)}")
    found = estimate(scenario).known
    plans = [evaluate(stage.scenario.values()) for stage in scenario.stages]
    if "gpu_seconds_per_video" in scenario.pins:
        assert found["gpu_seconds_per_video"] == plans[0]["gpu_seconds_per_video"]
        return
    once, seconds = found["other_gpu_seconds_per_video"], [one["gpu_seconds_per_video"] for one in plans]

    assert found["denoising_seconds"] == pytest.approx(
        math.fsum(one["denoising_seconds"] for one in plans), nan_ok=True
    )
    assert found["denoising_flops"] == pytest.approx(math.fsum(one["denoising_flops"] for one in plans))
    assert found["video_size"] == plans[-1]["video_size"]
    assert found["visual_tokens"] == plans[-1]["visual_tokens"]
    if "memory_needed" not in scenario.pins:
        held = [
            one["memory_needed"] if stage.decodes else max(one["text_encoding_memory"], one["denoising_memory"])
            for stage, one in zip(scenario.stages, plans, strict=True)
        ]
        assert found["memory_needed"] == pytest.approx(max(held))
    if not any(map(math.isnan, seconds)):
        assert found["gpu_seconds_per_video"] >= max(seconds) * (1 - NEAR)
        assert found["gpu_seconds_per_video"] <= (sum(seconds) - (len(plans) - 1) * once) * (1 + NEAR)


def test_what_is_of_a_stage() -> None:
    """What is joined over stages is over parts too.

    What follows from what a stage decodes is named, and a stage encodes all the same.
    """
    own, whole = own_figures("stages"), {"decoded_pixels", "pixels_at_once"}
    found = {name for name in own if whole & {name, *ancestors([name], stop=["memory_needed", "can_run"])}}

    assert all(FIGURES[name].mix for name in own)
    assert found | {"vae_decode_weights"} == {*OF_THE_DECODE, "vae_encode_seconds"}


def test_latents_are_handed_on_unless_a_stage_decodes() -> None:
    """A stage that is not the last decodes nothing.

    Where one decodes, the next one encodes pixels of its own size at the measured share.
    """
    plain = estimate(staged(WAN))
    other = estimate(staged(WAN, DECODED))
    base, refine = (evaluate(stage.scenario.values()) for stage in plain.scenario.stages)

    assert {plain.stages[0].figures[name] for name in OF_THE_DECODE} == {0.0}
    assert plain.known["vae_decode_seconds"] == refine["vae_decode_seconds"]
    assert plain.known["vae_encode_seconds"] == 0
    assert other.known["vae_decode_seconds"] == pytest.approx(base["vae_decode_seconds"] + refine["vae_decode_seconds"])
    assert other.known["vae_encode_seconds"] == pytest.approx(ENCODE_OF_DECODE * refine["vae_decode_seconds"])
    assert other.known["denoising_seconds"] == plain.known["denoising_seconds"]
    assert other.scenario.stages[1].scenario.settings["vae_encode_share"].origin.kind == "default"
    own = with_flags(other.scenario, ["stages.refine.vae_encode_share=1"])
    assert estimate(own).known["vae_encode_seconds"] == pytest.approx(refine["vae_decode_seconds"])


def test_a_stage_lies_over_the_file_and_over_flags() -> None:
    """A flag changes the stages that don't set it, and files add up by name, in the order of the first.

    Null takes a stage away, or a value that lies below.
    """
    scenario = scenario_with(WAN, f"stages: {{{USUAL_STEPS}}}", "stages: {refine: {steps: 5}, last: {steps: null}}")
    there = with_flags(scenario, ["steps=20"])

    assert [(stage.name, stage.scenario.values()["steps"]) for stage in there.stages] == [
        ("base", 20),
        ("refine", 5),
        ("last", 40),
    ]
    assert [stage.name for stage in scenario_with(WAN, f"stages: {{{TWO}}}", "stages: {refine: null}").stages] == [
        "base"
    ]


def test_a_part_has_stages_of_its_own_over_the_plans() -> None:
    """A part of a mix lies under its stages: it takes one of the plan's away, changes one, or has others."""
    mix = (
        "mix: {draft: {share: 50%, stages: {refine: null}}, "
        "final: {share: 30%, steps: 9, stages: {refine: {steps: 3}}}, like: {}}"
    )
    scenario = scenario_with(WAN, f"stages: {{{USUAL_STEPS}}}", mix)
    plan = estimate(scenario)
    alone = {part.name: estimate(part.scenario).known for part in scenario.parts}
    plain = estimate(staged(WAN, USUAL_STEPS))

    assert [[one.name for one in part.stages] for part in plan.parts] == [
        ["base"],
        ["base", "refine"],
        ["base", "refine"],
    ]
    assert [stage.scenario.values()["steps"] for stage in scenario.parts[1].stages] == [9, 3]
    assert alone["like"]["gpu_seconds_per_video"] == plain.known["gpu_seconds_per_video"]
    for name in ("gpu_seconds_per_video", "busy_gpus", "video_size", "vae_decode_seconds"):
        expected = sum(part.share * alone[part.name][name] for part in plan.parts)
        assert plan.known[name] == pytest.approx(expected), name


MOVING = {"dau": 2e5, "steps": 17.0, "fps": 20.0, "duration": 4.0, "vae_efficiency": 0.2}
MOVING |= {"stages.base.steps": 11.0, "stages.refine.width": 1024.0}


@pytest.mark.parametrize(
    "over", ["", "mix: {draft: {share: 40%, stages: {refine: null}}, final: {stages: {base: {steps: 6}}}}"]
)
def test_a_cell_is_the_estimate_with_its_flags(over: str) -> None:
    """A cell, of floats or of arrays, is the estimate with those flags.

    The flags are of the plan, of a stage, and of a part's share and stage.
    """
    scenario = scenario_with(
        WAN, f"stages: {{{DECODED.replace('steps: 4', 'passes_per_step: 1')}}}", *filter(None, [over])
    )
    moving = MOVING | ({"mix.draft.share": 0.7, "mix.final.stages.base.steps": 5.0} if over else {})
    wanted = tuple(name for name in FIGURES if name not in scenario.pins)
    expected = estimate(with_flags(scenario, numbers=moving)).known
    cell = cells_of(scenario, moving, wanted)

    # No frame size is drawn.
    arrays = {name: value if name.endswith("width") else np.array([value, value]) for name, value in moving.items()}
    for found in (cell(dict(moving)), cell(arrays)):
        for name in wanted:
            assert float(np.broadcast_to(found[name], 2)[0]) == pytest.approx(expected[name], rel=1e-12, nan_ok=True), (
                name
            )


def test_a_pin_is_the_whole_clips_or_a_stages() -> None:
    """A figure that is pinned of the plan is the clip's, and no stage has it.

    One that a stage pins joins with the others'.
    """
    plain = estimate(staged(WAN))
    whole = estimate(with_flags(plain.scenario, pins=["denoising_seconds=90 s"]))
    one = estimate(with_flags(plain.scenario, pins=["stages.base.denoising_seconds=90 s"]))

    assert whole.known["denoising_seconds"] == 90
    assert whole.stages[0].figures["denoising_seconds"] == plain.stages[0].figures["denoising_seconds"]
    assert one.known["denoising_seconds"] == pytest.approx(90 + plain.stages[1].figures["denoising_seconds"])
    assert ["denoising_seconds" in stage.own for stage in (*whole.scenario.stages, *one.scenario.stages)] == [
        False,
        False,
        True,
        False,
    ]
    # What all stages have in common is pinned in the plan of each, which has it not of its own.
    shared = with_flags(plain.scenario, pins=["model_size=9 GB"]).stages
    assert [(estimate(stage.scenario).known["model_size"], "model_size" in stage.own) for stage in shared] == [
        (9e9, False)
    ] * 2


def test_a_stage_is_measured_and_pinned_as_its_warning_says() -> None:
    """What the warning dictates is a pin of its stage, which counts and is not doubted until the stage's steps move."""
    messages = [one.message for one in estimate(staged(WAN)).warnings if one.code == "extrapolated"]
    (says,) = [message for message in messages if message.startswith("stages.refine: ")]
    pins = says.partition("`")[2].removesuffix("`").replace("...", "90 s")
    pinned = estimate(staged(WAN, TWO.replace("steps: 4", f"steps: 4, {pins}")))
    moved = estimate(with_flags(pinned.scenario, ["stages.refine.steps=12"]))

    assert pinned.stages[1].figures["denoising_seconds"] == 90
    assert [one.names for one in pinned.warnings if one.code == "pin-outlived"] == []
    outlived = [one.message for one in moved.warnings if one.code == "pin-outlived"]
    assert [message.partition(": ")[0] for message in outlived] == [
        "`stages.refine.denoising_seconds` was measured at steps 4 (now 12)"
    ]


@pytest.mark.parametrize(
    ("sets", "doubted"),
    [([], []), (["stages.refine.resolution=960x544"], ["width 1280 (now 960), height 720 (now 544)"])],
)
def test_a_pin_of_the_whole_clip_is_at_its_last_frame(sets: list[str], doubted: list[str]) -> None:
    """The frame of a clip in stages is the last one's, 1280x720, and no stage has the plan's own."""
    pins = "pins: {gpu_seconds_per_video: {value: 90 s, at: {width: 1280, height: 720}}}"
    plan = estimate(with_flags(scenario_with(WAN, f"stages: {{{TWO}}}\n{pins}"), sets))
    says = [one.message for one in plan.warnings if one.code == "pin-outlived"]

    assert [message.partition(" was measured at ")[2].partition(": ")[0] for message in says] == doubted


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        ("", TWO, {"stages"}),
        (TWO, "", {"stages"}),
        (TWO, DECODED, {"stages"}),
        (TWO, TWO.replace("832x480, steps: 8", "640x352, steps: 6"), {"stages.base.resolution", "stages.base.steps"}),
        (TWO, ", ".join(reversed(re.split("(?<=}), ", TWO))), {"stages"}),
    ],
)
@pytest.mark.parametrize("of_a_part", some([False, True], 2))
def test_a_change_of_stages_is_split_over_what_changed(
    base: str,
    head: str,
    expected: set[str],
    of_a_part: bool,  # noqa: FBT001
) -> None:
    """What moved in stages has parts that sum to the change, of a plan and of a part of a mix.

    The stages may have come or gone, or decode.
    """
    wrapped = "mix: {{one: {{share: 30%}}, two: {{stages: {{{}}}}}}}" if of_a_part else "stages: {{{}}}"
    before, after = (scenario_with(START_UP, wrapped.format(stages)) for stages in (base, head))
    after = with_flags(after, ["dau=300K"])
    difference = diff(side(estimate(before)), side(estimate(after)))
    found = why(difference, "cost_per_month")
    first, last = (value or math.nan for value in difference.ends("cost_per_month"))

    assert found.total == pytest.approx(last - first)
    assert sum(found.parts.values()) == pytest.approx(last - first)
    assert {*found.parts} - {"together"} == {"dau", *(f"mix.two.{name}" if of_a_part else name for name in expected)}


def test_what_is_about_a_stage_is_told_of_it() -> None:
    """Warnings of how a clip is made begin with their stage and name its own values.

    The evidence is the worst stage's.
    """
    stages = "base: {resolution: 832x480, steps: 8}, huge: {resolution: 3840x2176, steps: 2}"
    plan = estimate(with_flags(staged(WAN, stages), ["offload=all", "vae_tiling=tiled"]))
    warned = {(one.code, one.message.partition(":")[0]): one for one in plan.warnings}

    assert plan.evidence == EXTRAPOLATED
    assert warned["steps-not-distilled", "stages.base"].names == ("stages.base.steps",)
    assert ("outside-model-range", "stages.huge") in warned
    assert not any(one.message.startswith("stages.") for one in plan.warnings if one.code == "misses-target-latency")


def test_python_sets_what_a_stage_has() -> None:
    """`but` is the same layer as flags: values, pins and whether a stage decodes, of the plan and of a part."""
    plan = Plan(staged(START_UP))
    sets = {"stages.base.steps": 12, "stages.base.decoded": "true"}
    other = plan.but(sets=sets, pins={"stages.base.denoising_seconds": "9 s"})
    flags = ["stages.base.steps=12", "stages.base.decoded=true"]

    assert other == Plan(with_flags(plan.scenario, flags, pins=["stages.base.denoising_seconds=9 s"])) != plan
    assert plan.but(sets={"stages.base.decoded": "true"}) != plan
    assert [stage.decoded for stage in other.stages] == [True, True]
    mix = Plan(scenario_with(START_UP, f"mix: {{one: {{stages: {{{TWO}}}}}}}")).but(
        sets={"mix.one.stages.base.steps": 12}
    )
    assert mix.mix[0].stages[0].values["steps"] == 12


def test_an_explanation_shows_a_sum_with_its_stages() -> None:
    """A joined figure follows from those of its stages, and a stage's own from the stage's values.

    What is of the whole clip is refused.
    """
    plan = Plan(scenario_with(START_UP, f"stages: {{{TWO}}}", "mix: {one: {}, two: {share: 10%}}"))
    whole = Plan(staged(START_UP))
    names = ("denoising_seconds", "stages.base.denoising_seconds", "visual_tokens", "mix.one.stages.base.visual_tokens")
    explained = [(plan if "mix" in name else whole).explain(name).document()["figure"] for name in names]
    total, own, last, of_a_part = filter(None, explained)

    assert [one["name"] for one in total["inputs"]] == [
        "stages.base.denoising_seconds",
        "stages.refine.denoising_seconds",
    ]
    assert whole.denoising_seconds == total["value"] == pytest.approx(sum(one["value"] or 0 for one in total["inputs"]))
    assert own["value"] == total["inputs"][0]["value"]
    assert last["value"] == last["inputs"][-1]["value"]
    assert of_a_part["value"] == last["inputs"][0]["value"]
    for name in ("stages.base.gpus", "stages.base.vae_decode_seconds", "stages.none.steps"):
        with pytest.raises(Mistakes):
            whole.explain(name)


def test_a_stage_whose_denoising_is_pinned_is_measured() -> None:
    """Its evidence is the pin once nine tenths are pinned; the decode may be off, by its share of the stage's seconds.

    Twice the tokens of any clip that was timed are no evidence of a sixth of the seconds.
    """
    large = load_scenario(shipped("two-stage"), ["stages.refine.resolution=2560x1472"])
    pins = ["stages.base.denoising_seconds=9 s", "stages.refine.denoising_seconds=40 s"]
    plain, pinned = estimate(large), estimate(with_flags(large, pins=pins))
    decode = pinned.stages[1].figures["vae_decode_seconds"]
    whole = estimate(with_flags(large, pins=[*pins, f"stages.refine.vae_decode_seconds={decode} s"]))

    assert 7 < decode < 8
    assert (plain.evidence, pinned.evidence, whole.evidence) == (EXTRAPOLATED, EXTRAPOLATED, "measured")
    assert ["extrapolated" in {one.code for one in some.warnings} for some in (pinned, whole)] == [True, False]
    assert pinned.model_error.high - 1 == pytest.approx((plain.model_error.high - 1) * decode / (decode + 40), rel=0.05)
