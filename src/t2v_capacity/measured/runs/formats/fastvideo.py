"""`perf_*.json` of FastVideo's performance tests: a clip timed several times, its stages, and everything that ran it.

After fastvideo/tests/performance/test_inference_performance.py, and `build_recipe_from_benchmark_config` of identity.py
next to it, which writes `recipe`.
"""

from t2v_capacity.errors import Mistake
from t2v_capacity.files.document import Document
from t2v_capacity.measured.runs.formats.fields import (
    Runs,
    gpu_setting,
    median_of,
    node_at,
    runs_of_clip,
    settings_at,
    text_at,
)

_TOOL = "FastVideo benchmark"
_CLIP = {"width": "width", "height": "height", "num_frames": "frames", "num_inference_steps": "steps", "fps": "fps"}
# Its attention backends that name a kernel of the catalogue; `FLASH_ATTN` is of two generations, and the plan's counts.
_KERNELS = {"TORCH_SDPA": "sdpa", "SAGE_ATTN": "sage2", "SAGE_ATTN_THREE": "sage3"}


def is_fastvideo(node: Document) -> bool:
    """Return whether FastVideo's performance tests wrote an object."""
    return "individual_times_s" in node.entries


def fastvideo_runs(node: Document, mistakes: list[Mistake]) -> Runs:
    """Yield the median clip, its denoising and its decode."""
    seconds = median_of(node.entries["individual_times_s"])
    if seconds is None:
        place = node.entries["individual_times_s"].place
        mistakes.append(Mistake("`individual_times_s` has no seconds of a clip; run the benchmark again", place))
        return
    model = text_at(node, "recipe", "model", "model_path")
    settings = settings_at(node_at(node, "recipe", "generation_kwargs"), _CLIP) | settings_at(
        node, {"num_gpus": "gpus"}
    )
    if device := text_at(node, "device"):
        settings["gpu"] = gpu_setting(device)
    backend = text_at(node, "recipe", "attention", "resolved_backend")
    if backend and backend.text in _KERNELS:
        settings["attention_kernel"] = backend._replace(text=_KERNELS[backend.text])

    stages = {"denoising_seconds": text_at(node, "dit_time_s"), "vae_decode": text_at(node, "vae_decode_time_s")}
    memory = text_at(node, "max_peak_memory_mb")
    yield from runs_of_clip(node.place, _TOOL, model, settings, seconds, stages, memory)
