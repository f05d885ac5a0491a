"""Measured runs of a user's own give that user's efficiencies, which a scenario can name as a catalogue."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared import Program, plan_of, write
from t2v_capacity.answers.calibrate import calibration_notes, overlay
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.errors import Mistakes
from t2v_capacity.questions.measured.calibrate import calibrate, fitted_pair
from t2v_capacity.scenario.load import load_scenario
from texts import Recorded

SCENARIO = "model: wan2.1\ngpu: h200\nattention_kernel: fa3\n"
CLIPS = ("width: 832, height: 480, frames: 81", "width: 1280, height: 720, frames: 81", "width: 480, height: 320, frames: 33")
TRUE = (0.61, 0.52)


@pytest.fixture(autouse=True)
def scenario_at_hand(folder: Path) -> None:
    """Work in a folder that holds a scenario."""
    write(SCENARIO, folder / "plan.yaml")


def seconds(clip: str = "", efficiencies: Sequence[float] = (), figure: str = "generation_latency", *further: str) -> float:
    """Return what the plan takes for a clip at two efficiencies."""
    parts = dict(part.split(": ") for part in clip.split(", ")) if clip else {}
    pins = [f"frames_per_video={parts.pop('frames')}"] if "frames" in parts else []
    sets = [*further, *(f"{name}={text}" for name, text in parts.items())]
    sets += [f"{name}={value}" for name, value in zip(("linear_efficiency", "attention_efficiency"), efficiencies, strict=False)]
    found = plan_of("plan.yaml", sets, pins).figures[figure]
    assert found is not None
    return found


def write_runs(*lines: str) -> str:
    """Write a file of runs and return its name."""
    write("".join(f"- {{{line}}}\n" for line in lines), "runs.yaml")
    return "runs.yaml"


@pytest.mark.parametrize("true", [TRUE, (0.3, 0.9), (0.95, 0.2)])
def test_several_runs_give_both_efficiencies_back(true: tuple[float, float]) -> None:
    """Runs made from known efficiencies give these back to a millionth."""
    found = calibrate("plan.yaml", write_runs(*(f"seconds: {seconds(clip, true)!r}, {clip}" for clip in CLIPS)))

    assert tuple(found.fitted.values()) == pytest.approx(true, rel=1e-6)
    assert not found.scaled_together
    assert found.error("after", 1) < 1e-6


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
    shipped = calibrate("plan.yaml", write_runs("seconds: 600")).shipped
    true = [value * 0.8 for value in shipped.values()]
    settings = "".join(f", {text.replace('=', ': ')}" for text in further)
    found = calibrate("plan.yaml", write_runs(f"{key}: {seconds('', true, figure, *further)!r}{settings}"))

    assert tuple(found.fitted.values()) == pytest.approx(true, rel=1e-9)
    assert found.scaled_together


def test_runs_that_weigh_both_alike_scale_both() -> None:
    """Three timings of one clip can't tell the efficiencies apart, and scale both to their middle."""
    found = calibrate("plan.yaml", write_runs("seconds: 500", "seconds: 510", "seconds: 505"))
    linear, attention = found.fitted.values()

    assert found.scaled_together
    assert linear / attention == pytest.approx(found.shipped["linear_efficiency"] / found.shipped["attention_efficiency"])
    assert found.error("after", 1) < 0.011


def test_noise_is_averaged() -> None:
    """Runs that scatter by 3 % give efficiencies that are off by little more, and say how well they fit."""
    noise = (1.03, 0.98, 1.0, 0.97, 1.02, 1.01)
    lines = [f"seconds: {seconds(clip, TRUE) * factor!r}, {clip}" for clip, factor in zip(CLIPS * 2, noise, strict=True)]
    found = calibrate("plan.yaml", write_runs(*lines))

    assert tuple(found.fitted.values()) == pytest.approx(TRUE, rel=0.1)
    assert 0.005 < found.error("after", 0.5) < 0.03


def test_an_efficiency_stops_at_the_peak() -> None:
    """Where the runs ask for more than the peak of one kind of work, it is held there and the other is fitted."""
    point, scaled = fitted_pair(
        [lambda p: math.exp(-p[0]) + math.exp(-p[1]), lambda p: 3 * math.exp(-p[0]) + math.exp(-p[1])], [2.9, 4.6], (-0.7, -0.7)
    )

    assert not scaled
    assert point[0] == pytest.approx(0, abs=1e-9)
    assert -1 < point[1] < 0


@pytest.mark.parametrize(
    "scenario", [SCENARIO, "model: wan2.1\n", "model: wan2.1\ngpu: rtx-4090\ncompute_precision: fp8\nprecision: fp8\noffload: all\n"]
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
    """A GPU in a user's catalogue is no measured one, whatever it extends, until `calibrate` wrote rows of it; a price alone changes none."""
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
    write(Path("mine.yaml").read_text(encoding="utf-8").replace("gpus:\n", "gpus:\n  theirs: {extends: ours}\n", 1), "mine.yaml")
    assert plan_of("plan.yaml", ["gpu=theirs"]).evidence == "extrapolated"
    write("gpus:\n  h100-sxm: {gpu_price: 2}\n", "prices.yaml")
    assert plan_of("plan.yaml", ["gpu=h100", "model=wan2.2"], catalogues=["prices.yaml"]).evidence == "measured"


def test_calibrating_a_gpu_changes_no_other(recorded: Recorded) -> None:
    """The catalogue changes the GPUs that were timed and no other of their generation, nor another precision; where the scenario's own has no run, it says so."""
    found = calibrate("plan.yaml", write_runs("seconds: 600", "seconds: 700, gpu: h100, attention_kernel: fa3"))
    write(overlay(found), "mine.yaml")
    for gpu in ("h100-nvl", "h800-sxm", "h100-sxm", "h200-sxm"):
        values = [load_scenario("plan.yaml", [f"gpu={gpu}"], catalogues=own).values() for own in ([], ["mine.yaml"])]
        moved = {name for name in ASSUMPTIONS if finite(values[0][name]) != finite(values[1][name])}
        assert moved == ({"linear_efficiency", "attention_efficiency"} if gpu in ("h100-sxm", "h200-sxm") else set())
    fp8 = [load_scenario("plan.yaml", ["compute_precision=fp8"], catalogues=own).values() for own in ([], ["mine.yaml"])]
    assert fp8[0]["linear_efficiency"] == pytest.approx(fp8[1]["linear_efficiency"])
    other = calibrate("plan.yaml", write_runs("seconds: 600, gpu: h100, attention_kernel: fa3"))
    recorded(calibration_notes(other))


@pytest.mark.parametrize(
    "line",
    [
        "seconds: 5",
        "seconds: 600, gpu: a100, attention_kernel: fa2",
        "seconds: 600, attention_kernel: fa2",
        "seconds: 600, compute_precision: fp8",
        "peak_memory: 60 GB",
        "seconds: 600, generation_latency: 3 s",
        "seconds: 600, stepps: 3",
    ],
)
def test_runs_that_say_nothing_are_refused(line: str, recorded: Recorded) -> None:
    """A run that can't be, or of something else, is refused with the reason and its line."""
    with pytest.raises(Mistakes) as refused:
        calibrate("plan.yaml", write_runs("seconds: 600", line))

    recorded(str(refused.value))
    assert [mistake.place.line for mistake in refused.value.mistakes if mistake.place] == [2]


def test_an_efficiency_set_by_hand_is_refused(recorded: Recorded) -> None:
    """A scenario that sets an efficiency itself would not see the calibrated one."""
    with pytest.raises(Mistakes) as refused:
        calibrate("plan.yaml", write_runs("seconds: 600"), ["attention_efficiency=0.5"])
    recorded(str(refused.value))


def test_the_boards_of_a_generation_calibrate_together() -> None:
    """A run on another board of the same generation counts, with that board's own peak and power."""
    timed = [(gpu, seconds("", TRUE, "generation_latency", f"gpu={gpu}", "attention_kernel=fa3")) for gpu in ("h100", "h200")]
    lines = [f"seconds: {took!r}, gpu: {gpu}" for gpu, took in timed]
    found = calibrate("plan.yaml", write_runs(*lines, f"seconds: {seconds(CLIPS[1], TRUE)!r}, {CLIPS[1]}"))

    assert tuple(found.fitted.values()) == pytest.approx(TRUE, rel=1e-6)
