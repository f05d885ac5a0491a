"""What a plan rests on: runs count for it only if they did what it does.

Nothing is faster than its GPU or larger than the world.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from fit.shipped import shipped_runs
from places import ROOT
from shared import Program, plan_of, some, write
from t2v_capacity.answers.estimate_lines import rests_on
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import published
from t2v_capacity.engine.constants import GPUS_SHIPPED_PER_YEAR
from t2v_capacity.measured.runs.accuracy import predicted
from t2v_capacity.plan.advice import remedies, remedy_text
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.evidence import (
    EXTRAPOLATED,
    MEASURED,
    OWN_RUNS,
    SAME_GENERATION,
    at_peak,
    class_of,
    evidence_of,
    has_engine,
    model_error,
    near,
    nearest_runs,
    profile,
    ways,
)
from t2v_capacity.plan.warnings import plan_warnings
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.load import load_scenario, with_flags
from texts import Recorded

MODELS, GPUS = Catalogue().names("models"), Catalogue().names("gpus")
PLAIN = ("model=wan2.2-t2v-a14b", "gpu=h100-sxm", "attention_kernel=fa3")
pytestmark = pytest.mark.usefixtures("folder")


def _plan(
    sets: Iterable[str], pins: Iterable[str] = (), file: str | None = None, catalogues: Iterable[str] = ()
) -> Estimate:
    return estimate(load_scenario(file, ["dau=10K", *sets], pins, catalogues))


def _codes(plan: Estimate) -> set[str]:
    return {warning.code for warning in plan.warnings}


def test_a_clip_in_an_engine_lies_in_its_band() -> None:
    """MiniMax-H3 on 8 H200 in an engine, its kernel left open: LMSYS measured 39.67 s (2026-08-25)."""
    flags = ["model=minimax-h3", "gpu=h200-sxm", "gpus_per_replica=8", "runtime=engine", "vae_parallel_gpus=8"]
    plan = _plan(flags)
    low, high = plan.model_error.low, plan.model_error.high
    assert plan.model_error.kind in ("open-near", "open-middle")
    assert high <= 1.6
    assert low <= 39.67 / (plan.figures["generation_latency"] or 0) <= high
    assert _plan([*flags, "gpu=mi300x"]).model_error.kind == "extrapolated"


@pytest.mark.parametrize(
    ("model", "gpu", "kernel", "seconds"),
    [
        ("wan2.2-i2v-a14b", "h100-sxm", "fa3", 1055.9),
        ("wan2.2-i2v-a14b", "a100-80gb-sxm", "fa2", 2810.9),
        ("wan2.1-i2v-14b", "a100-80gb-sxm", "fa2", 2715.5),
    ],
)
def test_a_clip_from_an_image_has_the_runs_of_its_network(model: str, gpu: str, kernel: str, seconds: float) -> None:
    """Wan's own tables time images to video at 720p on one GPU: such a plan is measured, and within 5% of them."""
    plan = _plan([f"model={model}", f"gpu={gpu}", f"attention_kernel={kernel}", "resolution=1280x720", "offload=all"])
    assert plan.evidence == MEASURED
    assert plan.known["generation_latency"] == pytest.approx(seconds, rel=0.05)
    assert has_engine(Catalogue().find("models", model))


def test_a_network_of_ones_own_has_no_runs_of_the_one_that_it_extends() -> None:
    """A model of twice the layers says nothing else than what it extends, and was timed under no name."""
    write("models: {mine: {extends: wan2.2-i2v-a14b, layers: 80}}\n", "mine.yaml")
    sets = ["gpu=h100-sxm", "attention_kernel=fa3", "resolution=1280x720", "offload=all"]
    listed, own = (_plan([f"model={name}", *sets], catalogues=["mine.yaml"]) for name in ("wan2.2-i2v-a14b", "mine"))
    assert (listed.evidence, own.evidence == MEASURED) == (MEASURED, False)


def test_near_asks_for_the_card() -> None:
    """Wan 2.2 A14B was timed on H100 SXM with fa3: an H200 has its rate, an H100 PCIe and an H100 NVL have not.

    Cards of one generation and another rate are apart, whatever their rows. Why no run is like a plan is nine words.
    """
    flags = ["model=wan2.2-t2v-a14b", "attention_kernel=fa3", "runtime=eager"]
    kinds = {gpu: _plan([*flags, f"gpu={gpu}"]) for gpu in ("h100-sxm", "h200-sxm", "h100-pcie", "h100-nvl")}
    assert [plan.evidence for plan in kinds.values()] == ["measured", "measured", "same-generation", "same-generation"]
    assert not kinds["h100-pcie"].model_error.kind.endswith("near")

    wan = ["model=wan2.1-t2v-1.3b", "resolution=480p", "attention_kernel=fa2"]
    assert _plan([*wan, "gpu=rtx-4090"]).evidence == "measured"
    l40s = _plan([*wan, "gpu=l40s"])
    assert (l40s.evidence, l40s.model_error.kind) == ("same-generation", "stated-middle")
    far = _plan([*wan, "gpu=l40s", "gpus_per_replica=4", "runtime=engine", "compute_precision=fp8"])
    reason = evidence_of(far.scenario, far.known).reason
    assert reason == "its nearest run differs in GPU, runtime, precision"
    assert len(reason.split()) <= 9


@pytest.mark.parametrize("model", some(MODELS, 12))
def test_a_measured_plan_has_a_run_that_did_what_it_does(model: str) -> None:
    """At its defaults each model is measured exactly where a judged run near it did all that the plan does.

    Otherwise it says why it is not.
    """
    for gpu in GPUS:
        plan = _plan([f"model={model}", f"gpu={gpu}"])
        found = evidence_of(plan.scenario, plan.known)
        assert plan.evidence == found.kind
        assert (found.kind == MEASURED) == bool(near(plan.scenario, plan.known)) == (found.reason == ""), gpu
        assert all(run.judged and ways(plan.known) <= run.ways for run in near(plan.scenario, plan.known)), gpu


@pytest.mark.wide
@pytest.mark.parametrize("model", some(MODELS, 40))
def test_no_default_is_faster_than_its_gpu(model: str) -> None:
    """On every GPU and runtime a model at its defaults takes at least the seconds of the whole peak.

    Nothing warns of it.
    """
    for gpu in GPUS:
        for runtime in Catalogue().names("runtimes"):
            plan = _plan([f"model={model}", f"gpu={gpu}", f"runtime={runtime}"])
            seconds = plan.figures["gpu_seconds_per_video"]
            assert seconds is None or seconds > at_peak(plan.known), (gpu, runtime)
            warned = plan_warnings(plan.scenario, plan.known, notes=False)
            assert "faster-than-the-gpu" not in {one.code for one in warned}, (gpu, runtime)


@pytest.mark.parametrize(
    ("sets", "kind"),
    [
        (PLAIN, MEASURED),
        ((*PLAIN, "cached_step_share=30%"), SAME_GENERATION),
        ((*PLAIN, "attention_sparsity=50%"), SAME_GENERATION),
        ((*PLAIN, "steps=8"), SAME_GENERATION),
        ((*PLAIN, "other_gpu_seconds_per_video=1000"), SAME_GENERATION),
        ((*PLAIN, "offload=all"), MEASURED),
        (("model=wan2.1-t2v-14b", "gpu=b200", "attention_kernel=fa2", "offload=all"), SAME_GENERATION),
        ((*PLAIN, "attention_efficiency=0.7"), EXTRAPOLATED),
        ((*PLAIN, "peak_flops=1000 TFLOP/s"), EXTRAPOLATED),
        ((*PLAIN, "time_factor=0.1"), EXTRAPOLATED),
        (("model=magi-1-24b", "gpu=h100-sxm"), EXTRAPOLATED),
        (("model=magi-1-4.5b", "gpu=b200"), EXTRAPOLATED),
        (("model=sana-video-2b", "gpu=h100-sxm"), SAME_GENERATION),
        (("model=sana-video-2b", "gpu=h100-sxm", "runtime=engine"), SAME_GENERATION),
    ],
)
def test_evidence_is_earned(sets: tuple[str, ...], kind: str, recorded: Recorded) -> None:
    """What no run near it did makes a plan unmeasured, with its reason.

    Offload counts where published runs offloaded.
    """
    plan = _plan(sets)
    assert plan.evidence == kind
    recorded(evidence_of(plan.scenario, plan.known).reason)


@pytest.mark.parametrize(
    "overlay",
    [
        "gpus:\n  h100-sxm: {linear_efficiency: {bf16: 0.9}}\n",
        "kernels:\n  hopper/fa3: {attention_efficiency: 0.9}\n",
        "kernels:\n  h100-sxm/fa3: {extends: hopper/fa3, evidence: extrapolated, attention_efficiency: 0.9}\n",
        "runtimes:\n  eager: {elementwise_factor: 0.5}\n",
        "generations:\n  hopper: {vae_efficiency: 0.5}\n",
    ],
)
def test_a_catalogue_of_ones_own_is_no_evidence(overlay: str) -> None:
    """A catalogue that changes an efficiency, a kernel or a runtime makes the plan extrapolated.

    One that changes those of another plan does not.
    """
    write(overlay, "own.yaml")
    assert _plan(PLAIN, catalogues=["own.yaml"]).evidence == EXTRAPOLATED
    assert _plan(["model=wan2.2-t2v-a14b", "gpu=a100-80gb"], catalogues=["own.yaml"]).evidence == (
        EXTRAPOLATED if overlay.startswith("runtimes") else MEASURED
    )


@pytest.mark.parametrize(
    "gpu",
    [
        "h200-sxm: {extends: h200-sxm, gpu_price: 2.20}",
        "h200-sxm: {spot_price: 1.10, gpus_per_server: 4}",
        "ours: {extends: h200-sxm, gpu_price: 2.20}",
        "ours: {extends: h200-sxm, peak_flops: {bf16: 989.4 TFLOP/s}}",
    ],
)
def test_a_price_of_ones_own_leaves_a_gpu_its_evidence(gpu: str) -> None:
    """The seconds of a GPU with another price or server are measured as before, also where the entry extends it.

    One that says its peak is to be calibrated, although it is the same.
    """
    sets = ("model=wan2.2-t2v-a14b", "attention_kernel=fa3")
    write(f"gpus:\n  {gpu}\n", "own.yaml")
    listed = _plan([*sets, "gpu=h200-sxm"])
    own = _plan([*sets, f"gpu={gpu.partition(':')[0]}"], catalogues=["own.yaml"])

    assert listed.evidence == MEASURED
    assert own.known["gpu_seconds_per_video"] == pytest.approx(listed.known["gpu_seconds_per_video"], rel=1e-3)
    assert (own.model_error == listed.model_error) == ("peak_flops" not in gpu)


def test_another_network_is_another_model(t2v_cap: Program) -> None:
    """Twice the layers are no model that was timed: by hand, in place, as a model of one's own. The listed ones are.

    Own runs of the listed network are no evidence of another either.
    """
    write("models:\n  wan2.2-t2v-a14b: {layers: 80}\n", "place.yaml")
    write("models:\n  ours: {extends: wan2.2-t2v-a14b, layers: 80}\n", "ours.yaml")
    by_hand, in_place = _plan([*PLAIN, "layers=80"]), _plan(PLAIN, catalogues=["place.yaml"])
    ours = _plan([*PLAIN, "model=ours"], catalogues=["ours.yaml"])
    listed = _plan([*PLAIN, "layers=40"])

    assert (listed.evidence, ours.evidence) == (MEASURED, SAME_GENERATION)
    for other in (by_hand, in_place):
        assert other.known["denoising_seconds"] == pytest.approx(2 * listed.known["denoising_seconds"], rel=0.02)
        assert (other.evidence, other.model_error) == (ours.evidence, ours.model_error)
        assert not near(other.scenario, other.known)

    _calibrate(t2v_cap, (1.5, 1.6, 1.5))
    runs = [plan_of("plan.yaml", sets, catalogues=["mine.yaml"]).evidence for sets in ([], ["layers=80"])]
    assert runs == [MEASURED, SAME_GENERATION]


def test_a_plain_plan_is_not_judged_by_a_run_of_few_steps() -> None:
    """Fifty steps of Wan 2.2 TI2V 5B are judged by fifty: Wan's own table has 326.9 s for about 318 predicted.

    A distilled run of three steps, mostly decode, took 0.58 of its prediction. Only the denoising of one is near.
    A run of four steps of Cosmos 3 Nano differs from a plain plan in two ways, in its GPUs and in its runtime: that is
    far.
    """
    for runtime in ("engine", "eager"):
        plan = _plan(["model=wan2.2-ti2v-5b", "gpu=h100-sxm", f"runtime={runtime}"])
        of_model = [run for run in nearest_runs(plan.scenario, plan.known) if run.model == "wan2.2-ti2v-5b"]
        assert {run.steps for run in of_model} | {50} in ({50}, {3, 50})
        assert all(not run.ways for run in of_model)
    (four,) = (run for run in published().runs if run.id == "s055")
    cosmos = _plan(["model=cosmos3-nano", "gpu=h100-sxm", "runtime=eager"])
    here = profile(cosmos.scenario, cosmos.known)
    as_many = here._replace(gpus=four.gpus, tokens=four.tokens, kernel=four.kernel, runtime=four.runtime)

    assert (four.steps, four.gpus, cosmos.known["steps"], len(four.ways)) == (4, 2, 35, 2)
    assert class_of(here, [four], stated=False, measured=False) == "open-far"
    assert class_of(as_many, [four], stated=False, measured=True) == "open-middle"  # two ways
    assert class_of(as_many._replace(ways=four.ways), [four], stated=False, measured=True) == "open-near"


def test_a_pass_takes_as_long_in_three_steps_as_in_fifty() -> None:
    """So says FastWan's table of denoising on an H200, of three models: within 2% with one kernel and runtime.

    That is why the denoising of few steps tells how long a plan of many takes.
    """
    seconds = defaultdict[str, list[float]](list)
    for run in shipped_runs():
        scenario, values = predicted(run, Catalogue())
        if run.source.startswith("FastWan, table 1") and scenario.option("attention_kernel") == "fa2":
            seconds[scenario.option("model")].append((run.seconds or 0) / values["passes_per_video"])
    assert len(seconds) == 3
    for many, few in seconds.values():
        assert few == pytest.approx(many, rel=0.02)


def test_a_model_is_timed_as_the_one_whose_network_it_is() -> None:
    """Each fact that moves seconds is the same, but for the keys of an image: up to 2% of the bytes of a pass."""
    models = Catalogue().entries("models")
    timed = {entry.id: models[entry.about["timed_as"]] for entry in models.values() if "timed_as" in entry.about}
    own = {"model_params", "active_share", "vae_encode_share", "counted_passes_per_layer", "steps"}
    assert len(timed) > 2
    for name, other in timed.items():
        assert "timed_as" not in other.about
        facts, timed_facts = (
            {fact: stated.text for fact, stated in entry.facts.items() if fact not in own}
            for entry in (models[name], other)
        )
        assert facts == timed_facts, name
        bytes_moved = [float(entry.facts["counted_passes_per_layer"].text) for entry in (models[name], other)]
        assert bytes_moved[0] == pytest.approx(bytes_moved[1], rel=0.02)
    # Wan 2.1 14B is an expert of Wan 2.2 A14B, parameter for parameter.
    dense, mixture = (models[name].facts["model_params"].text for name in ("wan2.1-t2v-14b", "wan2.2-t2v-a14b"))
    assert int(mixture) == 2 * int(dense)


def test_streamed_weights_are_a_way_of_their_own() -> None:
    """Of the published runs whose blocks came in every forward, the band of a plan holds nine in ten at least.

    Once a clip, as `offload: all` copies, was timed on an RTX 4090; blocks were not, and took up to 1.8 times.
    """
    took = dict[str, bool]()
    for run in shipped_runs():
        scenario, values = predicted(run, Catalogue())
        if values["blocks_streamed"] and run.seconds:
            error = model_error(scenario, values)
            took[run.id] = error.low <= run.seconds / values[run.figure] <= error.high
    kinds = {
        offload: _plan(["model=wan2.1-i2v-14b", "gpu=rtx-4090", f"offload={offload}", "precision=fp8"]).model_error.kind
        for offload in ("all", "blocks", "layers")
    }

    assert len(took) > 30
    assert sum(took.values()) >= 0.9 * len(took)
    assert all(took[run] for run in ("s096", "s098", "s100", "s101"))
    assert (kinds["all"] != EXTRAPOLATED, kinds["blocks"], kinds["layers"]) == (True, EXTRAPOLATED, EXTRAPOLATED)


@pytest.mark.parametrize(
    ("gpu", "pinned", "kind", "proof"),
    [
        ("h100-sxm", "60 s", MEASURED, "{} of the seconds are pinned, the rest predicted; plan for"),
        ("gaudi3", "60 s", EXTRAPOLATED, "{} of the seconds are pinned, nothing like the rest was timed; plan for"),
        ("gaudi3", "600 s", MEASURED, "{} of the seconds are pinned, the rest predicted; plan for"),
    ],
)
def test_a_pinned_stage_is_no_evidence_of_the_rest(gpu: str, pinned: str, kind: str, proof: str) -> None:
    """The proof says how much is pinned; a GPU that no run timed stays extrapolated while over a tenth is predicted."""
    plan = _plan(["model=wan2.2-ti2v-5b", f"gpu={gpu}"], [f"denoising_seconds={pinned}"])
    share = 1 - plan.known["denoising_seconds"] / plan.known["gpu_seconds_per_video"]
    free = _plan(["model=wan2.2-ti2v-5b", f"gpu={gpu}"]).model_error
    ends = f"{1 + (free.low - 1) * share:.2f} to {1 + (free.high - 1) * share:.2f}"
    says = rests_on(PlanRecord(plan))

    assert (plan.evidence, share < 0.1) == (kind, pinned == "600 s")
    assert says.startswith(f"{proof.format(f'{1 - share:.0%}')} {ends} times the prediction")
    assert ("extrapolated" in _codes(plan)) == (kind == EXTRAPOLATED)
    whole = _plan(["model=wan2.2-ti2v-5b", f"gpu={gpu}"], [f"denoising_seconds={pinned}", "vae_decode_seconds=600 s"])
    assert rests_on(PlanRecord(whole)).startswith("the seconds are pinned")


def test_a_pin_times_its_own_gpu_alone(t2v_cap: Program) -> None:
    """What was measured on an H100 makes a comparison call no other GPU, group or runtime timed."""
    pin = ("--model", "wan2.2-ti2v-5b", "--gpu", "h100-sxm", "--dau", "100K", "--pin", "denoising_seconds=100s")
    rows = t2v_cap("compare", *pin[:2], *pin[4:], "--gpu", "h100-sxm,gaudi3,tpu-v7x", "--format", "json").json["rows"]
    timed = {(row["gpu"], row["gpus_per_replica"], row["runtime"]) for row in rows if row["evidence"] == MEASURED}

    assert {row["gpu"] for row in rows} == {"h100-sxm", "gaudi3", "tpu-v7x"}
    assert timed <= {("h100-sxm", 1, "eager")}


def test_faster_than_the_gpu(recorded: Recorded) -> None:
    """A plan beyond the peak of its GPU is warned of, and what was set by hand is named.

    It is never measured, not even by a pin.
    """
    for sets, pins in (
        ([*PLAIN, "attention_efficiency=1", "linear_efficiency=1", "time_factor=0.1"], []),
        ([*PLAIN, "time_factor=0.3"], []),
        (PLAIN, ["gpu_seconds_per_video=100 s"]),
    ):
        plan = _plan(sets, pins)
        (warning,) = (one for one in plan.warnings if one.code == "faster-than-the-gpu")
        assert warning.severity == "warning"
        assert plan.evidence == EXTRAPOLATED
        recorded(warning.message)
    least = at_peak(_plan(PLAIN).known)
    doubted, believed = (_plan(PLAIN, [f"gpu_seconds_per_video={least * factor} s"]) for factor in (0.999, 1.001))
    assert "faster-than-the-gpu" in _codes(doubted) - _codes(believed)
    assert believed.evidence == MEASURED


def test_frames_faster_than_the_gpu() -> None:
    """Measured frames of a stream are held against the peak: by hand 989.4 TFLOP/s make 9,600 frames of its FLOPs."""
    stream = load_scenario(str(ROOT / "scenarios" / "stream.yaml"))
    known = estimate(stream).known
    passes = known["passes_per_video"] * (known["linear_flops_per_pass"] + known["attention_flops_per_pass"])
    most = 9_600 * 989.4e12 / (passes + known["vae_decode_flops"])
    believed, doubted = (estimate(with_flags(stream, pins=[f"generated_fps={most * by}"])) for by in (0.999, 1.001))

    assert 50 < most < 60
    assert (believed.evidence, doubted.evidence) == (MEASURED, EXTRAPOLATED)
    assert "faster-than-the-gpu" in _codes(doubted) - _codes(believed)


CLIPS = ((832, 480, 81), (1280, 720, 81), (480, 320, 33))


def _calibrate(t2v_cap: Program, factors: Iterable[float], *more: str) -> None:
    """Write mine.yaml: what runs gave that were so many times slower than predicted."""
    write("model: wan2.2\ngpu: h100-sxm\nattention_kernel: fa3\n", "plan.yaml")
    runs = []
    for (width, height, frames), factor in zip(CLIPS * 4, factors, strict=False):
        sets = (f"width={width}", f"height={height}", *more)
        seconds = plan_of("plan.yaml", sets, [f"frames_per_video={frames}"]).known["generation_latency"]
        run = ", ".join((f"seconds={seconds * factor!r}", *sets, f"frames={frames}")).replace("=", ": ")
        runs.append(f"- {{{run}}}\n")
    write("".join(runs), "runs.yaml")
    t2v_cap("calibrate", "plan.yaml", "runs.yaml", "--output", "mine.yaml")


@pytest.mark.parametrize("count", [1, 4, 12])
def test_a_calibrated_plan_has_the_error_of_own_runs(count: int, t2v_cap: Program) -> None:
    """Own runs of the plan's model and group narrow its band, of more clips more; of another precision none does.

    Published runs of one source and one kind are 1.145 times apart in nine of ten pairs, each source with one weight.
    """
    _calibrate(t2v_cap, [1.5, 1.6, 1.5][:count] * (1 + count // 3))
    rows = len(Path("runs.yaml").read_text(encoding="utf-8").splitlines())
    plan = plan_of("plan.yaml", catalogues=["mine.yaml"])
    error, published = plan.model_error, plan_of("plan.yaml").model_error

    assert (plan.evidence, error.kind, error.promised) == (MEASURED, OWN_RUNS, 0.9)
    clips = min(rows, len(CLIPS))  # the repeats of one tell nothing of the next
    assert error.high == pytest.approx(1.145 ** ((1 + 1 / clips) / 2) ** 0.5, abs=0.004)
    assert 1 < error.high < published.high
    screen = t2v_cap("estimate", "plan.yaml", "--catalogue", "mine.yaml", "--all").out
    assert f"{rows} run" in " ".join(screen.split())
    # Of another precision, model, or group nothing was timed.
    for change in ("compute_precision=fp8", "model=hunyuanvideo", "gpus_per_replica=4"):
        assert plan_of("plan.yaml", [change], catalogues=["mine.yaml"]).model_error.kind != OWN_RUNS


def test_own_runs_count_for_what_they_did(t2v_cap: Program) -> None:
    """A calibration is evidence of an option only if one of its runs had it."""
    _calibrate(t2v_cap, (1.5, 1.6, 1.5))
    assert plan_of("plan.yaml", ["offload=all"], catalogues=["mine.yaml"]).evidence == SAME_GENERATION
    Path("mine.yaml").unlink()
    _calibrate(t2v_cap, (1.5, 1.6, 1.5), "offload=all")
    assert plan_of("plan.yaml", ["offload=all"], catalogues=["mine.yaml"]).evidence == MEASURED
    assert plan_of("plan.yaml", catalogues=["mine.yaml"]).evidence == MEASURED


def test_what_own_runs_say_nothing_of_is_named(t2v_cap: Program) -> None:
    """Beside runs 1.5 times slower than published, another GPU or runtime has the published seconds, and says so.

    Of what mends a missed target, that comes first which the runs are of.
    """
    _calibrate(t2v_cap, (1.5, 1.5, 1.5))
    plan = plan_of("plan.yaml", ["target_latency=5 min", "offload=encoder"], catalogues=["mine.yaml"])
    other = plan_of("plan.yaml", ["gpu=h200-sxm"], catalogues=["mine.yaml"])
    published = plan_of("plan.yaml", ["gpu=h200-sxm"])

    assert other.known["gpu_seconds_per_video"] == published.known["gpu_seconds_per_video"]
    assert _codes(other) - _codes(published) == {"not-calibrated"}
    assert "not-calibrated" not in _codes(plan)
    cures = [remedy_text(plan, remedy) for remedy in remedies(plan)]
    assert cures[0] == "--gpus-per-replica 2"
    for cure in cures:
        assert ("not among your own runs" in cure) == ("--runtime" in cure or "--attention-kernel" in cure)


def test_constants_of_ones_own_have_no_published_neighbor(t2v_cap: Program) -> None:
    """A calibrated plan names no published run, which its constants do not predict.

    A price of one's own moves nothing.
    """
    _calibrate(t2v_cap, (1.5, 1.6, 1.5))
    write("gpus:\n  h100-sxm: {gpu_price: 2}\n", "prices.yaml")
    plain, calibrated, priced = (
        t2v_cap("estimate", "plan.yaml", *more, "--format", "json").json["nearest"]
        for more in ((), ("--catalogue", "mine.yaml"), ("--catalogue", "prices.yaml"))
    )
    assert plain == priced != []
    assert calibrated == []


def test_beyond_reference(recorded: Recorded) -> None:
    """A plan with more GPUs than were shipped in a year says by how much; a usual service says nothing."""
    assert "beyond-reference" not in _codes(_plan(PLAIN))
    plans = [_plan([*PLAIN, f"dau={dau}"]) for dau in ("100M", "1B")]
    assert ["beyond-reference" in _codes(plan) for plan in plans] == [
        plan.known["gpus"] > GPUS_SHIPPED_PER_YEAR for plan in plans
    ]
    recorded(one.message for one in plans[1].warnings if one.code == "beyond-reference")


@pytest.mark.parametrize("model", some(MODELS, 12))
def test_steps_far_below_the_checkpoints_are_told(model: str) -> None:
    """Fewer than a quarter of a checkpoint's steps are told, and a quarter is not.

    Less guidance is the sign of a distilled checkpoint.
    """
    facts = Catalogue().find("models", model).facts
    steps, passes = int(facts["steps"].text), int(facts["passes_per_step"].text)
    fewer = (steps - 1) // 4
    tried = {1, fewer - 1, fewer, fewer + 1, fewer + 2, steps // 2, steps} & {*range(1, steps + 1)}
    warned = {count: "steps-not-distilled" in _codes(_plan([f"model={model}", f"steps={count}"])) for count in tried}
    assert warned == {count: count <= fewer for count in tried}
    if fewer and passes > 1:
        assert "steps-not-distilled" not in _codes(
            _plan([f"model={model}", f"steps={fewer}", f"passes_per_step={passes - 1}"])
        )


def test_a_source_beside_steps_says_why_they_are_few() -> None:
    """Steps with a source, and a clip whose seconds are pinned, are no oversight."""
    for text, warned in (("4", True), ("{value: 4, source: our distilled LoRA}", False)):
        file = write(f"model: wan2.2-t2v-a14b\nsteps: {text}\n")
        assert ("steps-not-distilled" in _codes(_plan([], file=file))) is warned
    assert "steps-not-distilled" not in _codes(
        _plan(["model=wan2.2-t2v-a14b", "steps=4"], ["gpu_seconds_per_video=60"])
    )


def test_steps_far_above_a_distilled_checkpoints_are_warned_of() -> None:
    """Lightning takes 4 steps: up to 16 pass, 17 do not, and a part's 20 do not although they have a source."""
    plan = "model: wan2.2-t2v-a14b\ndistilled: lightning-4\n"
    part = write(
        f"{plan}mix: {{draft: {{share: 30%, steps: {{value: 20, source: a draft}}}}, final: {{}}}}\n", "mix.yaml"
    )
    warned = {
        count: "steps-not-distilled" in _codes(_plan([f"steps={count}"], file=write(plan))) for count in (4, 16, 17)
    }
    of_parts = [one.message for one in _plan([], file=part).warnings if one.code == "steps-not-distilled"]

    assert warned == {4: False, 16: False, 17: True}
    assert of_parts == ["mix.draft: 20 steps are far above the 4 of the distilled checkpoint; take `steps` out"]


def test_a_base_checkpoint_is_named_with_what_is_served() -> None:
    """A base checkpoint is warned of where services run a distilled one of its own.

    There is no warning once that is chosen, or once steps or seconds are set.
    """
    models = Catalogue().entries("models").values()
    served = {model.id: model.about["served"] for model in models if "served" in model.about}
    assert "helios-14b" in served
    for model, entry in served.items():
        option = entry.removeprefix(f"{model}/")
        warned = [
            warning.message for warning in _plan([f"model={model}"]).warnings if warning.code == "base-checkpoint"
        ]
        assert [message.endswith(f"`--distilled {option}`") for message in warned] == [True]
        for by_hand in (f"distilled={option}", "steps=50"):
            assert "base-checkpoint" not in _codes(_plan([f"model={model}", by_hand]))
        assert "base-checkpoint" not in _codes(_plan([f"model={model}"], ["gpu_seconds_per_video=60"]))
    assert "base-checkpoint" not in _codes(_plan(["model=wan2.2-t2v-a14b"]))


def test_a_clip_of_which_nothing_is_left_is_told() -> None:
    """A share of skipped work above all of the catalogue's is told.

    One of the catalogue is not, nor one that has a source.
    """
    tried = {
        "cached_step_share: 95%": True,
        "cached_step_share: 67%": False,
        "attention_sparsity: 99%": True,
        "attention_sparsity: 91%": False,
        "attention_sparsity: {value: 99%, source: our kernel}": False,
    }
    warned = {
        text: "skips-beyond-catalogue" in _codes(_plan([], file=write(f"model: wan2.1-t2v-14b\n{text}\n")))
        for text in tried
    }
    assert warned == tried


@pytest.mark.parametrize("model", some(MODELS, 6))
def test_fewer_runs_give_no_narrower_band(model: str) -> None:
    """Of whatever runs are taken away, and of a kernel left open, a plan's band is as wide at least."""
    runs, index = published().runs, published()
    for gpu in ("h100-sxm", "a100-80gb-sxm", "b200-hgx", "l40s"):
        plan = _plan([f"model={model}", f"gpu={gpu}"])
        here = profile(plan.scenario, plan.known)
        for measured, fewer in ((True, runs[::2]), (True, runs[1::3]), (True, ()), (False, runs)):
            for stated in (True, False):
                all_of_them = index.ends(class_of(here, runs, stated=True, measured=True))[1]
                assert index.ends(class_of(here, fewer, stated=stated, measured=measured))[1] >= all_of_them
