"""Own runs that were made from known factors give these back; more of them never make a plan less sure."""

import math
from functools import cache
from pathlib import Path
from random import Random

import pytest

from shared import Program, plan_of, write
from t2v_capacity.errors import Mistakes
from t2v_capacity.measured.runs.calibrate import EFFICIENCIES, Calibration, calibrate
from t2v_capacity.measured.runs.calibrate_answer import calibration_notes, overlay, plan_bands

PLAN = "model: wan2.2\ngpu: h100\nattention_kernel: fa3\nruntime: engine\n"
# Width, height, frames, and steps of clips of many sizes.
CLIPS = (
    *((832, 480, 81, 40), (1280, 720, 81, 40), (640, 352, 49, 40), (640, 384, 81, 20), (1280, 720, 121, 40)),
    *((832, 480, 49, 30), (480, 320, 33, 40), (1280, 720, 49, 20), (960, 544, 81, 40), (832, 480, 121, 20)),
    *((640, 352, 121, 40), (1280, 720, 33, 30)),
)
# The known factors on both published efficiencies.
TRUE = {"eager": 0.84, "engine": 0.93}
NOISE = 0.05
Clip = tuple[int, int, int, int]


@pytest.fixture(autouse=True)
def plan_at_hand(folder: Path) -> None:
    """Work in a folder that holds a plan."""
    write(PLAN, folder / "plan.yaml")


@cache
def true_seconds(clip: Clip, runtime: str) -> float:
    """Return what a clip takes at the known factors of a runtime."""
    width, height, frames, steps = clip
    sets = [f"width={width}", f"height={height}", f"steps={steps}", f"runtime={runtime}"]
    pins = [f"frames_per_video={frames}"]
    known = plan_of("plan.yaml", sets, pins).known
    sets += [f"{name}={known[name] * TRUE[runtime]!r}" for name in EFFICIENCIES]
    return plan_of("plan.yaml", sets, pins).known["generation_latency"]


def run_line(clip: Clip, runtime: str, chance: Random) -> str:
    """Return a run of a clip as a person writes it, with the noise of a measurement."""
    width, height, frames, steps = clip
    seconds = true_seconds(clip, runtime) * math.exp(chance.gauss(0, NOISE))
    size = f"width: {width}, height: {height}, frames: {frames}, steps: {steps}"
    return f"- {{seconds: {seconds!r}, runtime: {runtime}, {size}}}\n"


def fitted(lines: list[str]) -> Calibration:
    """Return what runs give to the plan."""
    return calibrate("plan.yaml", write("".join(lines), "runs.yaml"))


def off_by(calibration: Calibration, runtime: str) -> float:
    """Return how far the factors of a runtime are from the known ones, at most."""
    (fit,) = (fit for fit in calibration.fits if fit.runtime == runtime)
    return max(abs(factor / TRUE[runtime] - 1) for factor in fit.factors.values())


@pytest.mark.wide
def test_runs_of_two_runtimes_recover_both() -> None:
    """Twelve runs of each in one file, with 5% noise, recover both within 7% in nine of ten of 40 draws."""
    chance = Random(68)
    off = list[float]()
    for _draw in range(40):
        found = fitted([run_line(clip, runtime, chance) for clip in CLIPS for runtime in TRUE])
        off.append(max(off_by(found, runtime) for runtime in TRUE))
    assert sum(error <= 0.07 for error in off) >= 36


@pytest.mark.wide
@pytest.mark.parametrize("count", [1, 3, 8])
def test_the_truth_is_within_the_band(count: int) -> None:
    """The true seconds of the plan are within the printed band in nine of ten of 40 draws."""
    chance = Random(count)
    true = true_seconds(CLIPS[0], "engine")
    within = 0
    for _draw in range(40):
        found = fitted([run_line(clip, "engine", chance) for clip in chance.sample(CLIPS, count)])
        after = plan_bands(found)[1]
        error = after.verdict.error
        predicted = after.known["generation_latency"]
        within += predicted * error.low <= true <= predicted * error.high
    assert within >= 36


@pytest.mark.wide
def test_a_run_more_widens_no_band_and_moves_no_other_class() -> None:
    """Over 100 drawn sets: with a run left out the band is as wide or wider, and the other runtime is as it was.

    A band is wider only to hold a run that the fit leaves outside.
    """
    chance = Random(100)
    for _draw in range(100):
        drawn = [(clip, chance.choice([*TRUE])) for clip in chance.sample(CLIPS, chance.randint(2, 6))]
        lines = [run_line(*run, chance) for run in drawn]
        left_out = chance.randrange(len(lines))
        whole, without = (fitted(some) for some in (lines, lines[:left_out] + lines[left_out + 1 :]))
        runtime = drawn[left_out][1]

        fits, before = ({fit.runtime: fit for fit in of.fits} for of in (whole, without))
        for other in before.keys() - {runtime}:
            assert fits[other].factors == before[other].factors
            assert fits[other].constant == before[other].constant
        if runtime in before:
            earlier = {timed.clip: timed.error for timed in before[runtime].clips}
            assert all(timed.error < earlier[timed.clip] for timed in fits[runtime].clips)
        if whole.own.runs:
            band, wider = (plan_bands(of)[1].verdict.error for of in (whole, without))
            outside = max(max(run.after / run.seconds, run.seconds / run.after) for run in whole.own.runs)
            assert band.high <= max(wider.high, outside + 0.001)


def test_catalogues_add_up(t2v_cap: Program) -> None:
    """A second catalogue takes nothing away: what each timed is measured, and no band is wider than with one."""
    chance = Random(2)
    write(overlay(fitted([run_line(clip, "eager", chance) for clip in CLIPS[:3]])), "eager.yaml")
    write(overlay(fitted([run_line(clip, "engine", chance) for clip in CLIPS[:5]])), "engine.yaml")
    write(overlay(fitted([run_line(clip, "engine", chance) for clip in CLIPS[5:7]])), "more.yaml")
    for runtime in TRUE:
        sets = [f"runtime={runtime}"]
        alone = plan_of("plan.yaml", sets, catalogues=[f"{runtime}.yaml"])
        for files in (["eager.yaml", "engine.yaml"], ["engine.yaml", "more.yaml", "eager.yaml"]):
            both = plan_of("plan.yaml", sets, catalogues=files)
            assert both.evidence == "measured"
            assert both.model_error.high <= alone.model_error.high
            assert "not calibrated" not in [objection.code for objection in both.verdict.objections]
        if runtime == "eager":
            assert both.known["generation_latency"] == alone.known["generation_latency"]
    # Of the same GPU and runtime each counts by its runs: five and two of seven.
    five, two, seven = (
        plan_of("plan.yaml", catalogues=files).known["linear_efficiency"]
        for files in (["engine.yaml"], ["more.yaml"], ["engine.yaml", "more.yaml"])
    )
    assert seven == pytest.approx(five ** (5 / 7) * two ** (2 / 7), rel=1e-4)
    assert "7 runs of your own" in " ".join(
        t2v_cap("estimate", "plan.yaml", "--catalogue", "engine.yaml", "--catalogue", "more.yaml", "--all").out.split()
    )


def test_a_calibration_is_for_the_peak_of_its_gpu() -> None:
    """A run took 1.8 times what was predicted; then the peak is halved, and its factor would count that twice.

    The plan takes the new sheet's seconds, without the factor, and says that it is not calibrated. Runs fitted before
    peaks were written count on any.
    """
    write("gpus:\n  h100-sxm: {peak_flops: {bf16: 494.7 TFLOP/s}}\n", "half.yaml")
    own = overlay(fitted([f"- {{seconds: {1.7 * true_seconds(CLIPS[0], 'engine')!r}}}\n"]))
    write(own, "own.yaml")
    write(own.replace("peak: 9.894e+14 FLOP/s, ", ""), "before.yaml")
    listed, half = (plan_of("plan.yaml", catalogues=files) for files in ([], ["half.yaml"]))
    fit, left_out, before = (
        plan_of("plan.yaml", catalogues=files)
        for files in (["own.yaml"], ["half.yaml", "own.yaml"], ["half.yaml", "before.yaml"])
    )

    assert (fit.evidence, left_out.evidence) == ("measured", "extrapolated")
    assert fit.known["linear_efficiency"] < listed.known["linear_efficiency"]
    assert left_out.known["generation_latency"] == half.known["generation_latency"]
    assert before.known["generation_latency"] > 1.4 * half.known["generation_latency"]
    assert "not calibrated" in [objection.code for objection in left_out.verdict.objections]


@pytest.mark.parametrize("files", [1, 2])
def test_a_band_holds_own_runs_that_the_fit_contradicts(files: int) -> None:
    """One GPU took what was predicted, four half as long again: each plan's band holds what its own run took.

    So it is with both runs in one catalogue, and with a catalogue of each.
    """
    groups = {1: 1.0, 4: 1.5}
    took = {
        n: f * plan_of("plan.yaml", [f"gpus_per_replica={n}"]).known["generation_latency"] for n, f in groups.items()
    }
    lines = [f"- {{seconds: {seconds!r}, gpus: {gpus}}}\n" for gpus, seconds in took.items()]
    own = [
        write(overlay(fitted([*some])), f"own{number}.yaml")
        for number, some in enumerate([lines] if files == 1 else zip(lines))
    ]
    for gpus, seconds in took.items():
        plan = plan_of("plan.yaml", [f"gpus_per_replica={gpus}"], catalogues=own)
        error = plan.model_error
        assert error.kind == "own-runs"
        assert error.low <= seconds / plan.known["generation_latency"] <= error.high
    assert "the worst of its runs is as far off" in " ".join(calibration_notes(fitted(lines)))


def test_a_constant_above_half_of_a_clip_keeps_its_evidence() -> None:
    """Three clips took what was predicted and 300 s more, most of each; a plan like them is of own runs, and true."""
    sizes = CLIPS[0], CLIPS[5], CLIPS[8]
    lines = [
        f"- {{seconds: {true_seconds(clip, 'engine') + 300!r}, width: {clip[0]}, height: {clip[1]}, "
        f"frames: {clip[2]}, steps: {clip[3]}}}\n"
        for clip in sizes
    ]
    write(overlay(fitted(lines)), "own.yaml")
    plan = plan_of("plan.yaml", catalogues=["own.yaml"])
    truth = true_seconds(CLIPS[0], "engine") + 300
    assert truth < 2 * 300
    assert plan.model_error.kind == "own-runs"
    assert plan.known["generation_latency"] == pytest.approx(truth, rel=0.01)


def test_repeats_of_a_clip_count_as_one() -> None:
    """Ten runs of one clip promise no more than one does: of published pairs 85% are as near as ten would have it."""
    one, ten = (fitted([f"- {{seconds: {250 + number}}}\n" for number in range(count)]) for count in (1, 10))
    bands = [plan_bands(found)[1].verdict.error.high for found in (one, ten)]
    assert bands == pytest.approx([1.145] * 2, abs=0.004)


def test_equal_settings_with_other_seconds_are_refused() -> None:
    """Runs of one clip that are more than a tenth apart differ in something that they don't state."""
    lines = ["- {seconds: 262}\n", "- {seconds: 100, resolution: 640x352}\n", "- {seconds: 290, runtime: eager}\n"]
    with pytest.raises(Mistakes) as refused:
        fitted([*lines, "- {seconds: 200}\n"])
    (mistake,) = refused.value.mistakes
    assert mistake.message == (
        "runs 1 and 4 have the same settings, but 262 s and 200 s: write what differs, such as `runtime: eager`"
    )
    assert mistake.line == 4
    assert len(fitted([*lines, "- {seconds: 250}\n"]).runs) == 4


def test_a_runtime_brings_its_kernel_and_is_no_mistake() -> None:
    """Eager runs next to an engine's are fitted by themselves, though eager takes another attention kernel."""
    write("model: wan2.2\ngpu: b200\nruntime: engine\n", "plan.yaml")
    found = fitted(["- {seconds: 110}\n", "- {seconds: 140, runtime: eager}\n"])
    assert [(fit.runtime, fit.runs[0].kernel) for fit in found.fits] == [("engine", "fa4"), ("eager", "cudnn")]
    notes = " ".join(calibration_notes(found))
    assert "separate factors need 6 runs of different sizes" in notes


def test_a_model_of_ones_own_is_calibrated(t2v_cap: Program) -> None:
    """A plan on a catalogue of its own has the same GPUs in the answer of `calibrate` as in its estimate after."""
    write("models:\n  ours: {extends: wan2.2-t2v-a14b, layers: 30}\n", "ours.yaml")
    write(f"{PLAN.replace('wan2.2', 'ours')}catalogue: ours.yaml\n", "plan.yaml")
    write("- {seconds: 210}\n", "runs.yaml")
    document = t2v_cap("calibrate", "plan.yaml", "runs.yaml", "--format", "json").json
    write(document["catalogue"], "mine.yaml")
    after = plan_of("plan.yaml", catalogues=["mine.yaml"])

    assert after.known["generation_latency"] == pytest.approx(210, rel=1e-4)
    assert document["plan"]["after"][1] == after.figures["gpus"] != document["plan"]["before"][1]
    low, _gpus, high = document["plan"]["after"]
    assert document["plan"]["before"][0] < low < high


@pytest.mark.wide
@pytest.mark.parametrize(
    ("size", "own"), [((640, 352), True), ((960, 544), True), ((1280, 720), False), ((448, 256), False)]
)
def test_own_runs_vouch_for_half_to_twice_their_tokens(size: tuple[int, int], *, own: bool) -> None:
    """A run of 832x480 is evidence of clips of half to twice as many pixels of the same length, and of no other.

    Of published pairs further apart one in three is off by more than the band of one own run.
    """
    width, height = size
    write(overlay(fitted([run_line(CLIPS[0], "engine", Random(3))])), "own.yaml")
    plan = plan_of("plan.yaml", [f"width={width}", f"height={height}", "steps=40"], catalogues=["own.yaml"])
    assert own == (0.5 <= width * height / (832 * 480) <= 2)
    assert (plan.model_error.kind == "own-runs") == own
    if not own:
        without = plan_of("plan.yaml", [f"width={width}", f"height={height}", "steps=40"])
        assert plan.model_error.high >= without.model_error.high
        assert plan.evidence == without.evidence


@pytest.mark.parametrize("steps", [10, 19, 20, 80, 81])
def test_own_runs_vouch_for_half_to_twice_their_steps(steps: int) -> None:
    """A run of 40 steps spent 15% on a load of its own: where the band is of own runs it holds the load of any clip."""
    load = 0.15 * true_seconds(CLIPS[0], "engine")
    write(overlay(fitted([f"- {{seconds: {true_seconds(CLIPS[0], 'engine') + load!r}}}\n"])), "own.yaml")
    plan = plan_of("plan.yaml", [f"steps={steps}"], catalogues=["own.yaml"])
    error = plan.model_error
    truth = true_seconds((*CLIPS[0][:3], steps), "engine") + load

    assert (error.kind == "own-runs") == (20 <= steps <= 80)
    assert error.kind != "own-runs" or error.low <= truth / plan.known["generation_latency"] <= error.high
