"""The shell lines that time a plan's clips with an engine, and the line that calibrates on what they write.

The options are those that each tool documents (read 2026-11):
- vLLM-Omni: docs/user_guide/diffusion/parallelism/sequence_parallel.md (`--usp`) and benchmarks/diffusion/README.md;
- SGLang: docs.sglang.io/diffusion/api/cli.html and `--perf-dump-path` of its profiling page. A group makes more frames
  than it is asked for, unless `--adjust-frames false` of its sampling_params.py; `--warmup` is of its server_args.py;
- FastVideo: docs/contributing/performance_benchmarks.md, "Adding a new benchmark": a JSON file that pytest finds;
- diffusers: `DiffusionPipeline.from_pretrained` and the arguments of a video pipeline's call.
What leaves the GPU is set too, since tools offload by default: `--enable-cpu-offload` of vLLM-Omni's cpu_offload.md,
SGLang's server_args.py, docs/inference/offloading.md of FastVideo, and `enable_model_cpu_offload` of diffusers.
"""

import json
import shlex
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.errors import Mistakes, nearest
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import View, views_of
from t2v_capacity.scenario.flags import flags_of, words_of
from t2v_capacity.scenario.settings import Scenario

_TYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
# What the lines leave to the tool, and how a run of them is counted; a null is the default of the model or the GPU.
_AS_TIMED: dict[str, str | float] = {
    **dict.fromkeys(("distilled", "step_cache", "sparse_attention", "offload", "sharding"), "none"),
    **dict.fromkeys(("precision", "compute_precision"), "bf16"),
    **dict.fromkeys(("attention_kernel", "passes_per_step"), "null"),
    "decoder": "full",
    "vae_tiling": "model",
}
_OF_A_GROUP = {"guidance_groups": 1, "tensor_parallel": 1}
_PROMPT = "A cat walks on the grass, realistic style."
_TIMED = 3  # clips after the one that warms up


class Clip(NamedTuple):
    """A clip to be timed: what a tool is given of it."""

    name: str  # of a part or a stage
    model: str
    repository: str  # and the options that select its checkpoint
    width: int
    height: int
    frames: int
    steps: int
    gpus: int
    fps: float
    precision: str
    offload: str


class BlockData(TypedDict):
    """The shell lines that time a clip with an engine."""

    part: str
    """The part of a mix or the stage; empty for the plan itself"""
    engine: str
    lines: list[str]
    """None where the engine can't time it; the last one calibrates the plan"""
    note: str


class Measuring(NamedTuple):
    """A plan, and the lines that time its clips."""

    scenario: Scenario
    rows: list[BlockData]


def measuring(plan: Estimate, engine: str = "") -> Measuring:
    """Return the blocks of a plan's clips, of one engine or of all. Raise Mistakes if the engine is unknown."""
    if engine and engine not in _ENGINES:
        near = nearest(engine, _ENGINES) or f"; write {', '.join(_ENGINES)}"
        raise Mistakes(f"`--with` is no `{engine}`{near}")
    engines = [engine] if engine else [*_ENGINES]
    views = views_of(plan.scenario, plan.known, "stage")
    return Measuring(plan.scenario, [_block(view, of, plan) for view in views for of in engines])


def _block(view: View, engine: str, plan: Estimate) -> BlockData:
    chosen, catalogue = view.scenario.chosen(), view.scenario.catalogue
    model, gpu = catalogue.find("models", chosen["model"]), catalogue.find("gpus", chosen["gpu"])
    engines = {
        name: options
        for name, _blank, options in (word.partition(" ") for word in model.about.get("engines", "").split(", "))
    }
    repository = f"{model.about.get('repository', '')} {engines.get(engine, '')}".strip()
    width, height, frames, steps, gpus = (
        int(view.known[name]) for name in ("width", "height", "frames_per_video", "steps", "gpus_per_replica")
    )
    timed = {**_AS_TIMED, **(_OF_A_GROUP if gpus > 1 else {})}
    if chosen["offload"] == _ENGINES[engine].offload:
        timed["offload"] = chosen["offload"]
    if engine == "diffusers" and chosen["compute_precision"] in _TYPES:
        timed["precision"] = timed["compute_precision"] = chosen["compute_precision"]
    size = (width, height, frames, steps, gpus, view.known["fps"])
    clip = Clip(view.name or "", model.id, repository, *size, str(timed["compute_precision"]), str(timed["offload"]))
    reason = _why_not(clip, engine, engines, gpu.about.get("vendor", ""))
    block: BlockData = {"part": clip.name, "engine": engine, "lines": [], "note": reason}
    if reason:
        return block
    lines, file = _ENGINES[engine].lines(clip)
    undone = differences(view.scenario, timed)
    prefix = f"{clip.name}: " if clip.name else ""
    notes = [
        warning.message.removeprefix(prefix)
        for warning in plan.warnings
        if warning.code == "frames-left-out" and warning.message.startswith(prefix)
    ]
    if "extends" in model.about and "repository" not in model.changed:
        notes.append(f"these lines load the weights of {model.about['extends']}")
    if undone:
        notes.append(
            f"these lines do not set {', '.join(undone.values())}, and the last line counts the run without; "
            f"to time the plan's own, set it as {engine} documents, and leave it out of the last line"
        )
    block["note"] = "; ".join(notes)
    # The runtime of the lines may have other guidance groups than the plan's.
    counted = {name: str(timed[name]) for name in timed if name in undone or name == "guidance_groups"}
    return {**block, "lines": [*lines, _calibrate_line(clip, engine, file, plan.scenario, counted)]}


def differences(scenario: Scenario, timed: Mapping[str, str | float] = _AS_TIMED) -> dict[str, str]:
    """Return what a plan has otherwise than a clip as it is timed, by name, in words such as `offload all`."""
    values = {**scenario.values(), **scenario.chosen()}
    return {
        name: f"{name} {values[name]}".removesuffix(".0")
        for name, default in timed.items()
        if (scenario.by_hand(name) if default == "null" else values[name] != default)
    }


def _why_not(clip: Clip, engine: str, engines: Collection[str], vendor: str) -> str:
    """Return why an engine can't time a clip; nothing where it can."""
    if engine not in engines:
        return f"it is not known that {engine} runs {clip.model}; if so, write `engines` and `repository` in its entry"
    if vendor not in _ENGINES[engine].vendors:
        return f"{engine} does not document GPUs of {vendor or 'this vendor'}"
    if engine == "diffusers" and clip.gpus > 1:
        return f"diffusers makes a clip on one GPU, and the plan's group has {clip.gpus}"
    return ""


def _calibrate_line(clip: Clip, engine: str, file: str, plan: Scenario, counted: Mapping[str, str]) -> str:
    """Return the line that reads what the lines before it write; of a part with the part's clip."""
    flags, runtime = flags_of(plan), _ENGINES[engine].runtime
    named = {**flags.named, **counted}
    if plan.option("runtime") != runtime:
        named["runtime"] = runtime
    if clip.name or "distilled" in counted:
        named["steps"] = str(clip.steps)
    if clip.name:
        named.pop("resolution", None)
        named |= {
            "model": clip.model,
            "width": str(clip.width),
            "height": str(clip.height),
            "gpus_per_replica": str(clip.gpus),
        }
        flags.pins["frames_per_video"] = str(clip.frames)
    output = "-".join(filter(None, ("calibrated", clip.name, engine)))
    files, words = [plan.file or "PLAN.yaml", file], words_of(flags._replace(named=named))
    return shlex.join(["t2v-cap", "calibrate", *files, *words, "--output", f"{output}.yaml"])


Lines = tuple[list[str], str]  # and the file that they write


def _size(clip: Clip) -> str:
    return f"--width {clip.width} --height {clip.height} --num-frames {clip.frames} --num-inference-steps {clip.steps}"


def _vllm_omni_lines(clip: Clip) -> Lines:
    group = f" --usp {clip.gpus}" if clip.gpus > 1 else ""
    offload = " --enable-cpu-offload" if clip.offload == "all" else ""
    script = "python3 benchmarks/diffusion/diffusion_benchmark_serving.py --base-url http://localhost:8091"
    requests = f"--model {clip.repository} --task t2v --dataset random --num-prompts {_TIMED} --max-concurrency 1"
    return [
        f"vllm serve {clip.repository} --omni --port 8091{group}{offload} &",
        f"{script} {requests} {_size(clip)} --fps {clip.fps:g} --output-file vllm-omni.json",
    ], "vllm-omni.json"


def _sglang_lines(clip: Clip) -> Lines:
    group = f" --num-gpus {clip.gpus} --ulysses-degree {clip.gpus}" if clip.gpus > 1 else ""
    encoder = str(clip.offload == "encoder").lower()
    resident = "--adjust-frames false --dit-cpu-offload false --dit-layerwise-offload false --vae-cpu-offload false"
    line = f'sglang generate --model-path {clip.repository} --prompt "{_PROMPT}" {_size(clip)}{group}'
    return [
        f"{line} {resident} --text-encoder-cpu-offload {encoder} --warmup --perf-dump-path sglang.json",
    ], "sglang.json"


def _fastvideo_lines(clip: Clip) -> Lines:
    benchmark = {
        "benchmark_id": "t2v-cap",
        "model": {"model_path": clip.repository, "model_short_name": clip.model},
        "init_kwargs": {
            "num_gpus": clip.gpus,
            "sp_size": clip.gpus,
            "tp_size": 1,
            **dict.fromkeys(("dit_cpu_offload", "dit_layerwise_offload", "vae_cpu_offload"), False),
            "text_encoder_cpu_offload": clip.offload == "encoder",
        },
        "generation_kwargs": {
            "width": clip.width,
            "height": clip.height,
            "num_frames": clip.frames,
            "num_inference_steps": clip.steps,
            "fps": round(clip.fps),
        },
        "test_prompts": [_PROMPT],
        "run_config": {"required_gpus": clip.gpus, "num_warmup_runs": 1, "num_measurement_runs": _TIMED},
        "thresholds": {"default": {"max_generation_time_s": 1e5, "max_peak_memory_mb": 1e6}},
    }
    return [
        f"echo '{json.dumps(benchmark)}' > .buildkite/performance-benchmarks/tests/t2v-cap.json",
        "pytest fastvideo/tests/performance/test_inference_performance.py -vs",
        'cp "$(ls -t fastvideo/tests/performance/results/perf_*.json | head -1)" fastvideo.json',
    ], "fastvideo.json"


def _diffusers_lines(clip: Clip) -> Lines:
    size = f"width={clip.width}, height={clip.height}, num_frames={clip.frames}, num_inference_steps={clip.steps}"
    weights = f'"{clip.repository}", torch_dtype=torch.{_TYPES[clip.precision]}'
    stated = f"{clip.model},{clip.width},{clip.height},{clip.frames},{clip.steps},1,eager,diffusers"
    return [
        "python3 - <<'END'",
        "import statistics, time, torch",
        "from diffusers import DiffusionPipeline",
        f"pipe = DiffusionPipeline.from_pretrained({weights})",
        "pipe.enable_model_cpu_offload()" if clip.offload == "all" else 'pipe.to("cuda")',
        "seconds = []",
        f"for _ in range({_TIMED + 1}):  # the first warms up",
        "    torch.cuda.synchronize(); start = time.perf_counter()",
        f'    pipe(prompt="{_PROMPT}", {size})',
        "    torch.cuda.synchronize(); seconds.append(time.perf_counter() - start)",
        "with open('diffusers.csv', 'w') as file:",
        "    file.write('seconds,model,width,height,frames,steps,gpus,runtime,source\\n')",
        f"    file.write(f'{{statistics.median(seconds[1:])}},{stated}\\n')",
        "END",
    ], "diffusers.csv"


class _Engine(NamedTuple):
    lines: Callable[[Clip], Lines]
    offload: str  # what the lines may keep off the GPU
    vendors: tuple[str, ...] = ("nvidia", "amd")  # of GPUs that its documentation names
    runtime: str = "engine"  # of the catalogue


_ENGINES = {
    "vllm-omni": _Engine(_vllm_omni_lines, "all", ("nvidia", "amd", "huawei")),
    "sglang": _Engine(_sglang_lines, "encoder"),
    "fastvideo": _Engine(_fastvideo_lines, "encoder", ("nvidia",)),
    "diffusers": _Engine(_diffusers_lines, "all", runtime="eager"),
}
