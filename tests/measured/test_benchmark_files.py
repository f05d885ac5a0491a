"""Each file that a benchmark writes gives the run that it states; the files follow the code of each tool."""

from pathlib import Path
from typing import NamedTuple

import pytest

from shared import Program, write
from t2v_capacity.errors import Mistakes
from t2v_capacity.measured.runs.calibrate import calibrate
from t2v_capacity.measured.runs.reading import Run, read_runs
from t2v_capacity.scenario.load import merged
from texts import Recorded

# sglang python/sglang/multimodal_gen/benchmarks/bench_serving.py, calculate_metrics.
SGLANG_SERVING = """{
  "duration": 740.0, "completed_requests": 3, "failed_requests": 0, "throughput_qps": 0.00405,
  "latency_mean": 246.9, "latency_median": 246.1, "latency_p99": 249.0, "latency_p50": 246.1,
  "peak_memory_mb_max": 61100.0, "peak_memory_mb_mean": 61000.0, "peak_memory_mb_median": 61000.0
}"""
# vllm-omni benchmarks/diffusion/diffusion_benchmark_serving.py, calculate_metrics and its callers.
VLLM_SCRIPT = """{
  "duration": 740.0, "completed_requests": 3, "failed_requests": 0, "throughput_qps": 0.00405,
  "latency_mean": 246.9, "latency_median": 246.1, "peak_memory_mb_median": 61000.0,
  "stage_durations_p50": {"Wan22Pipeline.diffuse": 240.0, "Wan22Pipeline.vae.decode": 3.5},
  "backend": "v1/videos", "model": "Wan-AI/Wan2.2-T2V-A14B-Diffusers", "task": "t2v"
}"""
# vllm-omni vllm_omni/benchmarks, `vllm bench serve --omni --save-result`.
VLLM_OMNI = """{
  "model_id": "Wan-AI/Wan2.2-T2V-A14B-Diffusers", "completed": 3, "request_throughput": 0.00405,
  "mean_video_generation_ms": 246900, "median_video_generation_ms": 246100, "median_peak_memory_mb": 61000
}"""
# aiperf src/aiperf/common/models/export_models.py, JsonExportData and GpuSummary; the second GPU did nothing.
AIPERF = """{
  "schema_version": "1.0", "aiperf_version": "0.13.0",
  "request_throughput": {"unit": "requests/sec", "avg": 0.00405},
  "request_latency": {"unit": "ms", "avg": 246900.0, "p50": 246100.0},
  "request_count": {"unit": "requests", "avg": 3.0},
  "telemetry_data": {"summary": {}, "endpoints": {"localhost:9400": {"gpus": {
    "gpu_0": {"gpu_index": 0, "gpu_name": "NVIDIA H100 80GB HBM3",
      "metrics": {"gpu_utilization": {"unit": "%", "avg": 97.0}}},
    "gpu_1": {"gpu_index": 1, "gpu_name": "NVIDIA H100 80GB HBM3",
      "metrics": {"gpu_utilization": {"unit": "%", "avg": 0.0}}}}}}},
  "input_config": {"endpoint": {
    "model_names": ["Wan-AI/Wan2.2-T2V-A14B-Diffusers"], "type": "video_generation",
    "extra": {"size": "1280x720", "num_frames": 81, "num_inference_steps": 20}}}
}"""
# FastVideo fastvideo/tests/performance/test_inference_performance.py and identity.py.
FASTVIDEO = """{
  "benchmark_id": "wan-t2v-1.3b-2gpu", "device": "NVIDIA L40S", "num_gpus": 2, "avg_generation_time_s": 28.4,
  "individual_times_s": [28.5, 28.3, 28.4], "max_peak_memory_mb": 10840.0, "text_encoder_time_s": 2.1,
  "dit_time_s": 9.0, "vae_decode_time_s": 8.0,
  "recipe": {
    "model": {"model_path": "Wan-AI/Wan2.1-T2V-1.3B-Diffusers", "revision": null},
    "generation_kwargs": {"height": 480, "width": 832, "num_frames": 45, "num_inference_steps": 4, "fps": 24},
    "attention": {"requested_backend": "auto", "resolved_backend": "TORCH_SDPA"}
  }
}"""
# sglang python/sglang/multimodal_gen/runtime/utils/perf_logger.py, dump_benchmark_report.
SGLANG_DUMP = """{
  "request_id": "r", "tag": "benchmark_dump", "total_duration_ms": 258000.0,
  "steps": [{"name": "TextEncodingStage", "duration_ms": 600.0}, {"name": "DenoisingStage", "duration_ms": 240000.0},
            {"name": "DecodingStage", "duration_ms": 3500.0}],
  "denoise_steps_ms": [{"step": 0, "duration_ms": 80000.0}, {"step": 1, "duration_ms": 80000.0},
                       {"step": 2, "duration_ms": 80000.0}],
  "memory_checkpoints": {}, "meta": {}
}"""
# sglang python/sglang/multimodal_gen/benchmarks/bench_offline_throughput.py, save_results, which appends lines.
SGLANG_OFFLINE = (
    '{"metadata": {"model_path": "Wan-AI/Wan2.2-T2V-A14B-Diffusers", "backend": "engine"}, "configuration": '
    '{"num_inference_steps": 40, "batch_size": 1, "resolution": "832x480x81"}, "results": '
    '{"num_requests": 2, "successful_requests": 2, "latency_per_request_seconds": 246.7, "peak_memory_mb": 0}}\n'
)
# xDiT xfuser/model_executor/models/runner_models/base_model.py, save_timings.
XDIT = "[\n  246.1,\n  245.8,\n  252.0\n]"
# mlcommons/inference loadgen/results.cc, PerformanceSummary::LogSummary.
MLPERF = """================================================
MLPerf Results Summary
================================================
SUT name : PySUT
Scenario : SingleStream
Mode     : PerformanceOnly
90.0th percentile latency (ns) : 250000000000
Result is : VALID

================================================
Additional Stats
================================================
Mean latency (ns)               : 247000000000
50.00 percentile latency (ns)   : 246100000000
90.00 percentile latency (ns)   : 250000000000
"""
MLPERF_OFFLINE = """================================================
MLPerf Results Summary
================================================
Scenario : Offline
Samples per second: 0.02
Result is : VALID

50.00 percentile latency (ns)   : 3000000000000
"""
CSV = "seconds,gpus,steps,gpu,runtime\n246.1,2,40,h200,eager\n131,4,40,,\n"


class Stated(NamedTuple):
    """What a run says: the figure that predicts its seconds, these, its memory, its tool, and its settings."""

    figure: str
    seconds: float
    memory: float | None
    tool: str
    settings: dict[str, str]


MIB = 2.0**20
WAN22 = {"model": "wan2.2-t2v-a14b"}
L40S = {
    "model": "wan2.1-t2v-1.3b",
    "gpu": "l40s",
    "gpus_per_replica": "2",
    "attention_kernel": "sdpa",
    "width": "832",
    "height": "480",
    "frames_per_video": "45",
    "steps": "4",
    "fps": "24",
}
H100_CLIP = {"width": "1280", "height": "720", "frames_per_video": "81", "steps": "20"}
WHOLE, DENOISING, DECODE = "generation_latency", "denoising_seconds", "group_decode_seconds"
FILES: dict[str, tuple[str, list[Stated]]] = {
    "sglang-serving": (SGLANG_SERVING, [Stated(WHOLE, 246.1, 61_000 * MIB, "SGLang benchmark", {})]),
    "vllm-omni-script": (
        VLLM_SCRIPT,
        [
            Stated(WHOLE, 246.1, 61_000 * MIB, "vLLM-Omni benchmark of Wan-AI", WAN22),
            Stated(DENOISING, 240, None, "vLLM-Omni", WAN22),
            Stated(DECODE, 3.5, None, "vLLM-Omni", WAN22),
        ],
    ),
    "vllm-bench-omni": (VLLM_OMNI, [Stated(WHOLE, 246.1, 61_000 * MIB, "vLLM-Omni benchmark of Wan-AI", WAN22)]),
    "aiperf": (
        AIPERF,
        [Stated(WHOLE, 246.1, None, "AIPerf", WAN22 | H100_CLIP | {"gpu": "h100", "gpus_per_replica": "1"})],
    ),
    "fastvideo": (
        FASTVIDEO,
        [
            Stated(WHOLE, 28.4, 10_840 * MIB, "FastVideo benchmark of Wan-AI", L40S),
            Stated(DENOISING, 9, None, "FastVideo", L40S),
            Stated(DECODE, 8, None, "FastVideo", L40S),
        ],
    ),
    "sglang-dump": (
        SGLANG_DUMP,
        [
            Stated(WHOLE, 258, None, "SGLang perf dump", {"steps": "3"}),
            Stated(DENOISING, 240, None, "SGLang perf dump", {"steps": "3"}),
            Stated(DECODE, 3.5, None, "SGLang perf dump", {"steps": "3"}),
        ],
    ),
    "sglang-offline": (
        SGLANG_OFFLINE,
        [
            Stated(
                WHOLE,
                246.7,
                None,
                "SGLang offline benchmark",
                WAN22 | {"width": "832", "height": "480", "frames_per_video": "81", "steps": "40"},
            )
        ],
    ),
    "xdit": (XDIT, [Stated(WHOLE, 246.1, None, "xDiT", {})]),
    "mlperf": (MLPERF, [Stated(WHOLE, 246.1, None, "MLPerf", WAN22 | H100_CLIP)]),
    "mlperf-offline": (MLPERF_OFFLINE, [Stated(WHOLE, 50, None, "MLPerf", WAN22 | H100_CLIP)]),
    "csv": (
        CSV,
        [
            Stated(WHOLE, 246.1, None, "", {"gpus_per_replica": "2", "steps": "40", "gpu": "h200", "runtime": "eager"}),
            Stated(WHOLE, 131, None, "", {"gpus_per_replica": "4", "steps": "40"}),
        ],
    ),
}


def stated_settings(run: Run) -> dict[str, str]:
    """Return what a run states of its clip and machine, as texts."""
    tables = (run.layer.choices, run.layer.numbers, run.layer.pins)
    return {name: str(written.value) for table in tables for name, written in table.items()}


@pytest.mark.parametrize("file", FILES)
def test_each_file_gives_the_run_that_it_states(file: str, folder: Path) -> None:
    """Seconds, memory, tool, and settings are those of the file; what it does not state is not set."""
    text, wanted = FILES[file]
    runs = read_runs(write(text, folder / "file"))

    assert len(runs) == len(wanted)
    for run, stated in zip(runs, wanted, strict=True):
        assert run.figure == stated.figure
        assert run.seconds == pytest.approx(stated.seconds)
        assert run.peak_memory == (None if stated.memory is None else pytest.approx(stated.memory))
        assert run.source.startswith(stated.tool)
        assert stated_settings(run) == stated.settings
        merged([run.layer], [])  # the catalogue knows its model and GPU


def test_lines_of_json_are_a_run_each(folder: Path) -> None:
    """The offline benchmark appends a line, and each line is a run at its own place."""
    second = SGLANG_OFFLINE.replace("246.7", "61.5").replace("832x480x81", "640x352x81")
    runs = read_runs(write(SGLANG_OFFLINE + second, folder / "results.jsonl"))

    assert [(run.id, run.seconds, run.place.line) for run in runs] == [("1", 246.7, 1), ("2", 61.5, 2)]


def test_a_stated_clip_wins_over_the_plan(folder: Path) -> None:
    """A file of 1280x720 and 20 steps is predicted as such, whatever clip the plan has."""
    plan = write("model: wan2.2\ngpu: h100\nresolution: 832x480\nsteps: 40\n", folder / "plan.yaml")
    own = write(
        "- {seconds: 520, width: 1280, height: 720, frames: 81, steps: 20, gpu: h100, gpus: 1}\n", folder / "own.yaml"
    )
    by_file, by_hand = (
        calibrate(plan, runs) for runs in (write(AIPERF.replace("246100", "520000"), folder / "aiperf.json"), own)
    )

    assert by_file.runs[0].before == pytest.approx(by_hand.runs[0].before)
    assert by_file.fitted == pytest.approx(by_hand.fitted)


WRONG = {
    "truncated": (SGLANG_SERVING[:150], 3),
    "none-succeeded": (SGLANG_SERVING.replace('"completed_requests": 3', '"completed_requests": 0'), 2),
    "no-latency": ('{"completed": 3, "request_throughput": 0.004}', 1),
    "no-seconds": (SGLANG_SERVING.replace("246.1", "0"), 3),
    "unknown-model": (SGLANG_OFFLINE.replace("Wan2.2-T2V-A14B", "Wan2.2-T2V-A15B"), 1),
    "unknown-gpu": (FASTVIDEO.replace("NVIDIA L40S", "NVIDIA L40Z"), 2),
    "batch-of-two": (SGLANG_OFFLINE.replace('"batch_size": 1', '"batch_size": 2'), 1),
    "offline-failed": (SGLANG_OFFLINE.replace('"successful_requests": 2', '"successful_requests": 0'), 1),
    "nothing-timed": (FASTVIDEO.replace("[28.5, 28.3, 28.4]", "[]"), 3),
    "empty-dump": (SGLANG_DUMP.replace("258000.0", "0.0"), 2),
    "mlperf-server": (MLPERF_OFFLINE.replace("Samples per second: 0.02\n", ""), 0),
    "mlperf-nothing": (MLPERF.replace("246100000000", "0"), 14),
    "xdit-words": ("[fast, slow]", 1),
    "csv-unknown-name": ("seconds,gpuz\n246,2\n", 1),
    "csv-long-line": ("seconds,gpus\n246,2,40\n", 2),
    "csv-no-number": ("seconds,gpus\n246,2\nlong,2\n", 3),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_an_error_at_its_place(case: str, folder: Path, t2v_cap: Program, recorded: Recorded) -> None:
    """A file that is cut, failed, or of an unknown model ends with 2 at its line, and nothing is written."""
    text, line = WRONG[case]
    write("model: wan2.2\ngpu: h100\n", folder / "plan.yaml")
    file = write(text, "bench.json")
    with pytest.raises(Mistakes) as refused:
        calibrate("plan.yaml", file)
    assert [mistake.line for mistake in refused.value.mistakes] == [line]

    recorded(t2v_cap("calibrate", "plan.yaml", file, "--output", "mine.yaml", code=2).err)
    assert not Path("mine.yaml").exists()
