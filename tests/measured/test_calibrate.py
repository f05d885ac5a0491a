"""Measured runs of a user's own give that user's efficiencies, which a scenario can name as a catalogue."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from shared import Program, plan_of, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.errors import Mistakes
from t2v_capacity.measured.runs.calibrate import calibrate
from t2v_capacity.measured.runs.calibrate_answer import calibration_notes, overlay
from t2v_capacity.scenario.load import load_scenario
from texts import Recorded

SCENARIO = "model: wan2.1\ngpu: h200\nattention_kernel: fa3\n"
CLIPS = (
    *(
        "width: 832, height: 480, frames: 81",
        "width: 1280, height: 720, frames: 81",
        "width: 480, height: 320, frames: 33",
    ),
    *(
        "width: 640, height: 384, frames: 81",
        "width: 1280, height: 720, frames: 121",
        "width: 832, height: 480, frames: 49",
    ),
)
TRUE = (0.61, 0.52)


@pytest.fixture(autouse=True)
def scenario_at_hand(folder: Path) -> None:
    """Work in a folder that holds a scenario."""
    write(SCENARIO, folder / "plan.yaml")


def seconds(
    clip: str = "", efficiencies: Sequence[float] = (), figure: str = "generation_latency", *further: str
) -> float:
    """Return what the plan takes for a clip at two efficiencies."""
    parts = dict(part.split(": ") for part in clip.split(", ")) if clip else {}
    pins = [f"frames_per_video={parts.pop('frames')}"] if "frames" in parts else []
    sets = [*further, *(f"{name}={text}" for name, text in parts.items())]
    sets += [
        f"{name}={value}"
        for name, value in zip(("linear_efficiency", "attention_efficiency"), efficiencies, strict=False)
    ]
    found = plan_of("plan.yaml", sets, pins).figures[figure]
    assert found is not None
    return found


def write_runs(*lines: str) -> str:
    """Write a file of runs and return its name."""
    write("".join(f"- {{{line}}}\n" for line in lines), "runs.yaml")
    return "runs.yaml"


@pytest.mark.parametrize("true", [TRUE, (0.4, 0.9), (0.95, 0.4)])
@pytest.mark.parametrize("constant", [0.0, 7.0])
def test_six_runs_give_both_efficiencies_and_a_constant_back(true: tuple[float, float], constant: float) -> None:
    """Runs made from known efficiencies and a constant per clip give these back to a millionth."""
    found = calibrate(
        "plan.yaml", write_runs(*(f"seconds: {seconds(clip, true) + constant!r}, {clip}" for clip in CLIPS))
    )

    assert tuple(found.fitted.values()) == pytest.approx(true, rel=1e-6)
    assert found.own.constant == pytest.approx(constant, abs=1e-6)
    assert found.own.terms == 3
    assert found.error("after", 1) < 1e-6


def test_three_runs_give_one_factor_and_a_constant_back() -> None:
    """Runs that are too few for two efficiencies give the factor on both and the constant that they were made from."""
    shipped = calibrate("plan.yaml", write_runs("seconds: 450")).shipped
    true = [value * 0.8 for value in shipped.values()]
    found = calibrate("plan.yaml", write_runs(*(f"seconds: {seconds(clip, true) + 4!r}, {clip}" for clip in CLIPS[:3])))

    assert tuple(found.fitted.values()) == pytest.approx(true, rel=1e-6)
    assert found.own.constant == pytest.approx(4, rel=1e-6)
    assert found.own.terms == 2


@pytest.mark.parametrize(
    ("key", "figure", "further"),
    [
        ("seconds", "generation_latency", ()),
        ("denoising_seconds", "denoising_seconds", ()),
        ("gpu_seconds", "gpu_seconds_per_video", ("gpus_per_replica=4",)),
    ],
)
def test_one_run_scales_both(key: str, figure: str, further: tuple[str, ...]) -> None:
    """One run scales both efficiencies by the factor that explains it, whatever of it was timed."""
    shipped = calibrate("plan.yaml", write_runs("seconds: 450")).shipped
    true = [value * 0.8 for value in shipped.values()]
    settings = "".join(f", {text.replace('=', ': ')}" for text in further)
    found = calibrate("plan.yaml", write_runs(f"{key}: {seconds('', true, figure, *further)!r}{settings}"))

    assert tuple(found.fitted.values()) == pytest.approx(true, rel=1e-9)
    assert found.own.terms < 3


def test_runs_that_weigh_both_alike_scale_both() -> None:
    """Three timings of one clip can't tell the efficiencies apart, and scale both to their middle."""
    found = calibrate("plan.yaml", write_runs("seconds: 500", "seconds: 510", "seconds: 505"))
    linear, attention = found.fitted.values()

    assert found.own.terms < 3
    assert linear / attention == pytest.approx(
        found.shipped["linear_efficiency"] / found.shipped["attention_efficiency"]
    )
    assert found.error("after", 1) < 0.011


def test_noise_is_averaged() -> None:
    """Runs that scatter by 3 % give efficiencies that are off by little more, and say how well they fit."""
    noise = (1.03, 0.98, 1.0, 0.97, 1.02, 1.01)
    lines = [
        f"seconds: {seconds(clip, TRUE) * factor!r}, {clip}"
        for clip, factor in zip(CLIPS * 2, (*noise, *noise[::-1]), strict=True)
    ]
    found = calibrate("plan.yaml", write_runs(*lines))

    assert tuple(found.fitted.values()) == pytest.approx(TRUE, rel=0.1)
    assert 0.005 < found.error("after", 0.5) < 0.03


def test_what_is_out_of_bounds_is_not_taken() -> None:
    """Efficiencies beyond the peak are not taken: the factor is kept, and the answer says why.

    Runs that no factor explains are refused.
    """
    lines = [f"seconds: {seconds(clip, (0.3, 0.9))!r}, {clip}" for clip in CLIPS]
    found = calibrate("plan.yaml", write_runs(*lines))
    assert found.own.terms < 3
    assert any(
        note.startswith("not taken: the model can't explain these runs with linear_efficiency 0.3")
        for note in calibration_notes(found)
    )

    with pytest.raises(Mistakes) as refused:
        calibrate("plan.yaml", write_runs("seconds: 450", f"seconds: {9 * seconds(CLIPS[2])!r}, {CLIPS[2]}, id: slow"))
    assert "Farthest off is run slow" in str(refused.value)
    assert [mistake.place.line for mistake in refused.value.mistakes if mistake.place] == [2]


FEW_STEPS = "model: wan2.2-t2v-a14b\ngpu: h100-sxm\ndau: 100K\nsteps: {value: 4, source: distilled}\n"
# Clips of a few steps as a person timed them, in seconds.
TIMED = ("seconds: 38.5, resolution: 832x480, steps: 4", "seconds: 71, resolution: 832x480, steps: 8")


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("steps", [4, 8])
def test_three_runs_of_few_steps_recommend_no_nonsense(passes: int, steps: int, t2v_cap: Program) -> None:
    """No efficiency is below half of the shipped one, or a run is named.

    What these runs say nothing of is not offered.
    """
    plan = f"{FEW_STEPS}passes_per_step: {passes}\n"
    write(plan, "plan.yaml")
    runs = write_runs(*TIMED, f"seconds: 17.5, resolution: 480x272, steps: {steps}")
    try:
        found = calibrate("plan.yaml", runs)
    except Mistakes as refused:
        assert "Farthest off is run" in str(refused)  # noqa: PT017 - either is right
        return
    assert all(value >= found.shipped[name] / 2 for name, value in found.fitted.items())
    write(overlay(found), "mine.yaml")
    write(f"{plan}catalogue: mine.yaml\n", "plan.yaml")
    document = t2v_cap("estimate", "plan.yaml", "--format", "json").json
    changed = {flag.partition("=")[0] for one in document["advice"] for flag in one["flags"]}

    assert changed.isdisjoint({"gpu", "attention_kernel", "precision", "compute_precision", "runtime"})
    for change in (["gpu=b200-hgx"], ["compute_precision=fp16"], ["attention_kernel=cudnn"], ["runtime=engine"]):
        assert "not calibrated" in [one.code for one in plan_of("plan.yaml", change).verdict.objections], change
    assert "not calibrated" not in [one.code for one in plan_of("plan.yaml").verdict.objections]
    both = [
        plan_of("plan.yaml", [f"compute_precision={one}"]).known["gpu_seconds_per_video"] for one in ("bf16", "tf32")
    ]
    assert both[0] < both[1]  # the factor is the GPU's, so that formats keep their order


@pytest.mark.parametrize(
    "scenario",
    [
        SCENARIO,
        "model: wan2.1\n",
        "model: wan2.1\ngpu: rtx-4090\ncompute_precision: fp8\nprecision: fp8\noffload: all\n",
    ],
)
def test_the_catalogue_reproduces_what_was_measured(scenario: str, t2v_cap: Program) -> None:
    """An estimate with the written catalogue takes what was measured, for the default GPU and kernel too."""
    write(scenario, "plan.yaml")
    measured = 1.2 * seconds()
    t2v_cap("calibrate", "plan.yaml", write_runs(f"seconds: {measured!r}, source: our log"), "--output", "mine.yaml")
    write(f"{scenario}catalogue: mine.yaml\n", "plan.yaml")

    assert seconds() == pytest.approx(measured, rel=1e-4)
    assert "our log" in load_scenario("plan.yaml").settings["linear_efficiency"].source


def test_a_gpu_of_ones_own_is_extrapolated_until_it_is_calibrated(recorded: Recorded) -> None:
    """A GPU in a user's catalogue is no measured one, whatever it extends, until `calibrate` wrote rows of it.

    A price alone changes none.
    """
    write("gpus:\n  ours:\n    extends: h100-sxm\n    peak_flops: {bf16: 1500 TFLOP/s}\n", "own.yaml")
    plan = "model: wan2.1\ngpu: ours\nattention_kernel: fa3\ncatalogue: [own.yaml]\n"
    write(plan, "plan.yaml")
    found = plan_of("plan.yaml")
    assert found.evidence == "extrapolated"
    recorded(" ".join(warning.message for warning in found.warnings))
    write(overlay(calibrate("plan.yaml", write_runs(f"seconds: {1.2 * seconds()!r}"))), "mine.yaml")
    calibrated = plan.replace("own.yaml", "own.yaml, mine.yaml")
    write(calibrated, "plan.yaml")
    assert plan_of("plan.yaml").evidence == "measured"
    assert plan_of("plan.yaml", ["attention_kernel=sdpa"]).evidence == "extrapolated"
    # A GPU that extends the calibrated one has no runs of its own.
    write("gpus:\n  theirs: {extends: ours}\n", "theirs.yaml")
    assert plan_of("plan.yaml", ["gpu=theirs"], catalogues=["theirs.yaml"]).evidence == "extrapolated"
    write("gpus:\n  h100-sxm: {gpu_price: 2}\n", "prices.yaml")
    assert plan_of("plan.yaml", ["gpu=h100", "model=wan2.2"], catalogues=["prices.yaml"]).evidence == "measured"


def test_calibrating_a_gpu_changes_no_other(recorded: Recorded) -> None:
    """The catalogue changes the GPUs that were timed at every precision, and no other of their generation.

    Where the scenario's own has no run, it says so.
    """
    found = calibrate("plan.yaml", write_runs("seconds: 450", "seconds: 500, gpu: h100, attention_kernel: fa3"))
    write(overlay(found), "mine.yaml")
    constant = {"other_gpu_seconds_per_video"} if found.own.constant else set()
    for gpu in ("h100-nvl", "h800-sxm", "h100-sxm", "h200-sxm"):
        values = [load_scenario("plan.yaml", [f"gpu={gpu}"], catalogues=own).values() for own in ([], ["mine.yaml"])]
        moved = {name for name in ASSUMPTIONS if finite(values[0][name]) != finite(values[1][name])}
        assert moved == (
            {"linear_efficiency", "attention_efficiency"} | constant if gpu in ("h100-sxm", "h200-sxm") else set()
        )
    both = [
        load_scenario("plan.yaml", ["compute_precision=fp8"], catalogues=own).values() for own in ([], ["mine.yaml"])
    ]
    factor = found.fitted["linear_efficiency"] / found.shipped["linear_efficiency"]
    assert both[1]["linear_efficiency"] == pytest.approx(factor * both[0]["linear_efficiency"], rel=1e-4)
    other = calibrate("plan.yaml", write_runs("seconds: 450, gpu: h100, attention_kernel: fa3"))
    recorded([*calibration_notes(other)])


def test_each_board_has_factors_of_its_own() -> None:
    """A run on another board of the same generation says nothing of this one, and its own are those that it had."""
    lines = [f"seconds: {seconds(clip, TRUE)!r}, {clip}" for clip in CLIPS]
    alone = calibrate("plan.yaml", write_runs(*lines))
    other = seconds("", (0.4, 0.4), "generation_latency", "gpu=h100", "attention_kernel=fa3")
    both = calibrate("plan.yaml", write_runs(*lines, f"seconds: {other!r}, gpu: h100"))

    assert tuple(both.fitted.values()) == pytest.approx(TRUE, rel=1e-6)
    assert both.fitted == alone.fitted
    assert [(fit.gpu, len(fit.runs)) for fit in both.fits] == [("h200-sxm", 6), ("h100-sxm", 1)]


def test_the_gpus_of_another_plan_are_not_called_the_plan_s(t2v_cap: Program) -> None:
    """With flags the line says so, with the GPUs by hand of a 230 s clip; without them the file's plan is smaller.

    2M clips a day, 1.7 times as many at the peak, GPUs used to 90%, 5% spare.
    """
    write("model: wan2.2\ngpu: h100\nruntime: engine\nstep_cache: magcache-e006k2r04\n", "plan.yaml")
    run = ("calibrate", "plan.yaml", write_runs("seconds: 230"), "--output", "mine.yaml", "--step-cache=none")
    of_run = t2v_cap(*run).err.split("\n\n")[-2]
    by_hand = 2e6 * 230 / 86400 * 1.7 / 0.9 * 1.05

    assert of_run.startswith("GPUs of the plan with --step-cache=none: ")
    assert f" before, {by_hand / 1000:.1f}K GPUs " in of_run
    command = ("estimate", "plan.yaml", "--catalogue", "mine.yaml", "--format", "json")
    assert t2v_cap(*command).json["figures"]["gpus"]["value"] < 0.8 * by_hand
