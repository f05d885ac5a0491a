"""What the benchmarks of engines write, each by the paths of what is read of it.

The median over requests counts: the first request after a warm-up of another shape may hold compilation, and draws the
mean away.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from t2v_capacity.files.document import Document, Node, Scalar
from t2v_capacity.measured.runs.formats.fields import amount_in, nodes_at, text_at

# A GPU that did less, in percent of the time, had no part in the clips.
_BUSY = 5.0
XDIT_TIMINGS, MLPERF_LATENCY = "timings", "50.00 percentile latency (ns)"
# MLPerf's clip of text-to-video, by its rules; mlcommons/inference, text_to_video/wan2.2-t2v-a14b,
# inference_config.yaml, 2026.
_MLPERF = {"model": "wan2.2-t2v-a14b", "width": "1280", "height": "720", "frames": "81", "steps": "20"}


class Tool(NamedTuple):
    """A benchmark: its name, keys of which its object has one, and none of these; and where it has what is read.

    A quantity has paths with units, of which the first that is there counts.
    """

    name: str
    has: tuple[str, ...]
    seconds: tuple[str, ...]
    memory: tuple[str, ...] = ()
    denoising: tuple[str, ...] = ()
    decode: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    settings: Mapping[str, str] = {}  # of a run -> their paths
    completed: tuple[str, ...] = ()
    rate: tuple[str, ...] = ()
    mean: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    more: Callable[[Document], Mapping[str, Node]] = lambda _node: {}  # what no path reaches, under keys of its own
    fix: str = "run it again"


def _aiperf_entries(node: Document) -> dict[str, Node]:
    """Return the settings of the requests, which older releases write as a list of pairs, and the GPUs that worked."""
    entries = dict[str, Node]()
    for extra in nodes_at(node, "input_config/endpoint/extra"):
        entries |= extra.entries if isinstance(extra, Document) else {}
        for pair in nodes_at(extra, "*"):
            key, setting = (*nodes_at(pair, "*"), None, None)[:2]
            if isinstance(key, Scalar) and setting:
                entries[key.text] = setting
    busy = [gpu for gpu in nodes_at(node, "telemetry_data/endpoints/*/gpus/*") if _is_busy(gpu)]
    names = [name for gpu in busy if (name := text_at(gpu, "gpu_name"))]
    if names:
        entries |= {"gpu": names[0], "gpus": names[0]._replace(text=str(len(names)))}
    return entries


def _is_busy(gpu: Node) -> bool:
    utilization = text_at(gpu, "metrics/gpu_utilization/avg")
    return utilization is None or amount_in(utilization) >= _BUSY


def _dump_entries(node: Document) -> dict[str, Node]:
    """Return the stages of a clip by name, and how many steps were timed."""
    entries = dict[str, Node]()
    for stage in nodes_at(node, "steps/*"):
        name, duration = text_at(stage, "name"), text_at(stage, "duration_ms")
        if name and duration:
            entries[name.text] = duration
    if steps := nodes_at(node, "denoise_steps_ms/*"):
        entries["step_count"] = Scalar(str(len(steps)), steps[0].place)
    return entries


def _mlperf_entries(node: Document) -> dict[str, Node]:
    """Return the clip of MLPerf's rules, and its median latency, or of the offline scenario what each group makes."""
    entries: dict[str, Node] = {key: Scalar(setting, node.place) for key, setting in _MLPERF.items()}
    scenario, rate, latency = (text_at(node, name) for name in ("Scenario", "Samples per second", MLPERF_LATENCY))
    if scenario and scenario.text == "Offline":
        if rate and amount_in(rate) > 0:
            entries["seconds"] = rate._replace(text=repr(1 / amount_in(rate)))
    elif latency:
        entries["seconds"] = latency._replace(text=repr(amount_in(latency) / 1e9))
    return entries


# vLLM-Omni's two: benchmarks/diffusion/diffusion_benchmark_serving.py `--output-file`, and `vllm bench serve --omni`
# with other names: `MultiModalsBenchmarkMetrics` of vllm_omni/benchmarks/metrics/metrics.py.
_VLLM_OMNI = Tool(
    "vLLM-Omni benchmark",
    ("latency_median", "throughput_qps", "median_video_generation_ms", "median_e2el_ms", "request_throughput"),
    ("latency_median s", "median_video_generation_ms ms", "median_e2el_ms ms"),
    ("peak_memory_mb_median MiB", "median_peak_memory_mb MiB", "peak_memory_mb_max MiB"),
    ("stage_durations_p50/*.diffuse s",),
    ("stage_durations_p50/*.decode s",),
    ("model", "model_id"),
    completed=("completed_requests", "completed"),
    rate=("throughput_qps", "request_throughput"),
    mean=("latency_mean s", "mean_video_generation_ms ms", "mean_e2el_ms ms"),
    fix="run it with `--percentile-metrics e2el`, or with diffusion_benchmark_serving.py",
)
TOOLS = (
    # `perf_*.json` of its performance tests: fastvideo/tests/performance/test_inference_performance.py, and
    # `build_recipe_from_benchmark_config` of identity.py next to it, which writes `recipe`.
    Tool(
        "FastVideo benchmark",
        ("individual_times_s",),
        ("individual_times_s s",),
        ("max_peak_memory_mb MiB",),
        ("dit_time_s s",),
        ("vae_decode_time_s s",),
        ("recipe/model/model_path",),
        {
            "width": "recipe/generation_kwargs/width",
            "height": "recipe/generation_kwargs/height",
            "frames": "recipe/generation_kwargs/num_frames",
            "steps": "recipe/generation_kwargs/num_inference_steps",
            "fps": "recipe/generation_kwargs/fps",
            "gpus": "num_gpus",
            "gpu": "device",
            "attention_kernel": "recipe/attention/resolved_backend",
        },
    ),
    # `sglang generate --perf-dump-path`: `dump_benchmark_report` of
    # python/sglang/multimodal_gen/runtime/utils/perf_logger.py.
    Tool(
        "SGLang perf dump",
        ("total_duration_ms",),
        ("total_duration_ms ms",),
        (),
        ("DenoisingStage ms",),
        ("DecodingStage ms",),
        settings={"steps": "step_count"},
        more=_dump_entries,
    ),
    # `save_results` of python/sglang/multimodal_gen/benchmarks/bench_offline_throughput.py, which appends a line of
    # JSON a run. It spreads its seconds over the requests, so that one of several in a batch has none of its own.
    Tool(
        "SGLang offline benchmark",
        ("results",),
        ("results/latency_per_request_seconds s",),
        model=("metadata/model_path",),
        settings={"size": "configuration/resolution", "steps": "configuration/num_inference_steps"},
        completed=("results/successful_requests",),
    ),
    # `profile_export_aiperf.json` of `aiperf profile`: `JsonExportData`, `GpuSummary` and `JsonMetricResult` of
    # src/aiperf/common/models/export_models.py, and `--extra-inputs` of a video endpoint. A server's own seconds, of
    # src/aiperf/metrics/types/video_generation_metrics.py, count before the whole request's.
    Tool(
        "AIPerf benchmark",
        ("aiperf_version", "request_latency/*"),
        ("video_inference_time/p50 ms", "request_latency/p50 ms"),
        ("video_peak_memory/p50 MiB",),
        model=("input_config/endpoint/model_names/*",),
        settings={
            "size": "size",
            "frames": "num_frames",
            "steps": "num_inference_steps",
            "fps": "fps",
            "gpu": "gpu",
            "gpus": "gpus",
        },
        completed=("request_count/avg",),
        rate=("request_throughput/avg",),
        mean=("request_latency/avg ms",),
        more=_aiperf_entries,
    ),
    # `bench_serving.py`, which FastVideo's `bench` is a copy of: without the keys that vLLM-Omni's script adds. It
    # polls each second, so that its latency is half a second long on average.
    _VLLM_OMNI._replace(
        name="SGLang benchmark",
        has=("latency_median", "throughput_qps"),
        lacks=("backend", "model", "stage_durations_p50"),
    ),
    _VLLM_OMNI,
    # `timings.json`, a number per iteration: `save_timings` of
    # xfuser/model_executor/models/runner_models/base_model.py.
    Tool(
        "xDiT",
        (XDIT_TIMINGS,),
        (f"{XDIT_TIMINGS} s",),
        fix="write runs, such as `- {seconds: 120, steps: 50}`",
    ),
    # What loadgen's PerformanceSummary::LogSummary writes: nanoseconds of a clip, or clips per second of the whole
    # system.
    Tool(
        "MLPerf",
        (MLPERF_LATENCY, "Samples per second", "Scenario"),
        ("seconds s",),
        settings={key: key for key in _MLPERF},
        more=_mlperf_entries,
        fix="take the summary of SingleStream or Offline",
    ),
)
