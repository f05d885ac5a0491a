"""What vLLM-Omni's benchmarks write is read as it is: the same answers as from runs of the program's own form."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from places import AUTHORITIES
from shared import plan_of, write
from t2v_capacity.errors import Mistakes
from t2v_capacity.measured.runs.accuracy import accuracy
from t2v_capacity.measured.runs.calibrate import calibrate
from t2v_capacity.measured.runs.calibrate_answer import overlay
from t2v_capacity.measured.runs.reading import Run, read_runs
from t2v_capacity.scenario.load import load_scenario

STAGES = {
    "Wan22Pipeline.text_encoder.forward": 0.08,
    "Wan22Pipeline.diffuse": 310.0,
    "Wan22Pipeline.vae.decode": 3.25,
    "queue_wait_ms": 0.29,
    "stage_0_gen_ms": 314610.0,
}
# What diffusion_benchmark_serving.py writes.
SERVED: dict[str, Any] = {
    "duration": 960.0,
    "completed_requests": 3,
    "failed_requests": 0,
    "throughput_qps": 0.003125,
    "latency_mean": 319.5,
    "latency_median": 315.5,
    "latency_p99": 330.0,
    "peak_memory_mb_max": 71213.0,
    "peak_memory_mb_median": 71182.0,
    "stage_durations_mean": {name: 2 * seconds for name, seconds in STAGES.items()},
    "stage_durations_p50": STAGES,
    "backend": "v1/videos",
    "model": "Wan-AI/Wan2.2-T2V-A14B-Diffusers",
    "task": "t2v",
}
# What `vllm bench serve --omni --save-result` writes.
OMNI: dict[str, Any] = json.loads((AUTHORITIES / "vllm_omni_video.json").read_text(encoding="utf-8"))
WHOLE = "seconds: 315.5, peak_memory: 71182 MiB"
PLAN = "model: wan2.2-t2v-a14b\ngpu: h100-sxm\nattention_kernel: fa3\n"


@pytest.fixture(autouse=True)
def plan_at_hand(folder: Path) -> None:
    """Work in a folder that holds a scenario."""
    write(PLAN, folder / "plan.yaml")


def runs(measured: object, **how: Any) -> list[Run]:
    """Return the runs of a benchmark's JSON."""
    return list(read_runs(write(json.dumps(measured, **how), "bench.json")))


@pytest.mark.parametrize(
    ("measured", "ours"),
    [
        (SERVED, [WHOLE, "denoising_seconds: 310", "seconds: 3.25, includes: vae_decode"]),
        (OMNI, [WHOLE]),
    ],
    ids=["served", "omni"],
)
def test_a_benchmark_says_what_runs_of_the_own_form_say(measured: object, ours: list[str]) -> None:
    """A benchmark's JSON gives the measured and predicted values of the runs that a person would write for it."""
    write(json.dumps(measured), "bench.json")
    write("".join(f"- {{{line}}}\n" for line in ours), "runs.yaml")
    scenario = load_scenario("plan.yaml")
    theirs, mine = (accuracy(file, scenario=scenario).rows for file in ("bench.json", "runs.yaml"))

    assert [(r.quantity, r.gpus, r.measured, r.predicted) for r in theirs] == [
        (r.quantity, r.gpus, r.measured, r.predicted) for r in mine
    ]


def test_benchmarks_are_numbered_and_say_who_measured() -> None:
    """The runs of several benchmarks have their numbers, and a source that names the model."""
    found = runs([OMNI, SERVED])
    assert [run.id for run in found] == ["1", "2", "2-denoising", "2-vae_decode"]
    assert {run.source for run in found} == {"vLLM-Omni benchmark of Wan-AI/Wan2.2-T2V-A14B-Diffusers"}


@pytest.mark.parametrize("how", [{"indent": 2, "sort_keys": True}, {"separators": (",", ":")}])
def test_any_layout_of_the_json_is_read(how: dict[str, Any]) -> None:
    """Indentation and the order of keys change nothing, of an object and of a list."""
    for measured in (SERVED, [SERVED]):
        assert [(run.id, run.figure, run.seconds, run.peak_memory) for run in runs(measured, **how)] == [
            ("1", "generation_latency", 315.5, 71182 * 2**20),
            ("1-denoising", "denoising_seconds", 310, None),
            ("1-vae_decode", "group_decode_seconds", 3.25, None),
        ]


def test_an_older_benchmark_is_read() -> None:
    """Without percentiles of stages the clip counts alone, without memory none."""
    older = {key: value for key, value in SERVED.items() if key != "stage_durations_p50"}
    assert [run.seconds for run in runs(older)] == [315.5]
    assert [(run.seconds, run.peak_memory) for run in runs({"latency_median": 315.5, "throughput_qps": 0.003})] == [
        (315.5, None)
    ]
    assert [run.peak_memory for run in runs(SERVED | {"peak_memory_mb_median": 0.0, "stage_durations_p50": {}})] == [
        None
    ]


def test_two_denoisers_are_no_denoising_of_the_clip() -> None:
    """Where several parts of a pipeline denoise, none of them is taken for the clip's."""
    twice = SERVED | {"stage_durations_p50": {"Stage1.diffuse": 200.0, "Stage2.diffuse": 110.0}}
    assert [run.id for run in runs(twice)] == ["1"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(factor=st.floats(0.8, 1.5), extra=st.floats(1, 60))
def test_calibrating_on_denoising_gives_it_back(factor: float, extra: float) -> None:
    """Calibrated on a benchmark with stages, the plan predicts its denoising, and the whole, whatever the rest took."""
    before = load_scenario("plan.yaml")
    clip, *stages = accuracy(write(json.dumps(SERVED), "bench.json"), scenario=before).rows
    shipped = next(row.predicted for row in stages if row.id == "1-denoising")
    denoising, rest = shipped * factor, clip.predicted - shipped + extra
    measured = deepcopy(SERVED)
    measured["stage_durations_p50"]["Wan22Pipeline.diffuse"] = denoising
    measured["latency_median"] = denoising + rest
    found = calibrate("plan.yaml", write(json.dumps(measured), "bench.json"))

    write(overlay(found), "mine.yaml")
    known = plan_of("plan.yaml", catalogues=["mine.yaml"]).known

    assert [run.run.id for run in found.runs] == ["1"]
    assert found.error("after", 1) < 1e-6
    assert known["denoising_seconds"] == pytest.approx(denoising, rel=1e-5)
    assert known["generation_latency"] == pytest.approx(denoising + rest, rel=1e-5)
    assert known["other_gpu_seconds_per_video"] == pytest.approx(extra, rel=1e-3)


@pytest.mark.parametrize(
    ("file", "seconds", "title"),
    [("aiperf_video", 312.84, "AIPerf benchmark"), ("vllm_omni_video", 315.5, "vLLM-Omni benchmark of Wan-AI")],
)
def test_a_file_of_each_engine_is_read(file: str, seconds: float, title: str) -> None:
    """A file in the form of each program is one run: the median clip of the server, and its memory."""
    (run,) = read_runs(str(AUTHORITIES / f"{file}.json"))

    assert run.seconds == pytest.approx(seconds)
    assert run.peak_memory == pytest.approx(71182 * 2**20, rel=0.011)
    assert run.source.startswith(title)


def test_requests_at_once_of_aiperf_are_refused() -> None:
    """A latency of requests that ran side by side holds waiting, whatever wrote it."""
    document = json.loads((AUTHORITIES / "aiperf_video.json").read_text(encoding="utf-8"))
    document["request_throughput"]["avg"] = 0.02
    with pytest.raises(Mistakes, match="requests were under way at once"):
        read_runs(write(json.dumps(document), "aiperf.json"))
