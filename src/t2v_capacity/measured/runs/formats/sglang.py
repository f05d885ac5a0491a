"""What SGLang's diffusion writes of one clip: `sglang generate --perf-dump-path`, and its offline benchmark.

After `dump_benchmark_report` of python/sglang/multimodal_gen/runtime/utils/perf_logger.py, and `save_results` of
python/sglang/multimodal_gen/benchmarks/bench_offline_throughput.py, which appends a line of JSON a run. The offline
benchmark spreads its seconds over the requests, so that one of several in a batch has no seconds of its own.
"""

from t2v_capacity.errors import Mistake
from t2v_capacity.files.document import Document, Listing, Scalar
from t2v_capacity.measured.runs.formats.fields import (
    Runs,
    amount_in,
    failed,
    node_at,
    runs_of_clip,
    settings_at,
    size_settings,
    text_at,
    with_unit,
)

_STAGES = {"DenoisingStage": "denoising_seconds", "DecodingStage": "vae_decode"}


def is_dump(node: Document) -> bool:
    """Return whether an object is SGLang's dump of a clip's seconds."""
    return "total_duration_ms" in node.entries


def dump_runs(node: Document, mistakes: list[Mistake]) -> Runs:
    """Yield the clip, its denoising and its decode; its steps are those that were timed."""
    total = text_at(node, "total_duration_ms")
    if total is None or amount_in(total) <= 0:
        place = node.entries["total_duration_ms"].place
        mistakes.append(Mistake("`total_duration_ms` has no seconds of a clip; generate it again", place))
        return
    steps = node_at(node, "denoise_steps_ms")
    settings: dict[str, Scalar] = {}
    if isinstance(steps, Listing) and steps.items:
        settings["steps"] = Scalar(str(len(steps.items)), steps.place)
    stages: dict[str, Scalar | None] = {}
    listed = node_at(node, "steps")
    for stage in listed.items if isinstance(listed, Listing) else ():
        name, duration = text_at(stage, "name"), text_at(stage, "duration_ms")
        if name and duration and name.text in _STAGES:
            stages[_STAGES[name.text]] = with_unit(duration, "ms")
    yield from runs_of_clip(node.place, "SGLang perf dump", None, settings, with_unit(total, "ms"), stages)


def is_offline(node: Document) -> bool:
    """Return whether an object is a line of SGLang's offline benchmark."""
    return {"configuration", "results", "metadata"} <= node.entries.keys()


def offline_runs(node: Document, mistakes: list[Mistake]) -> Runs:
    """Yield the clip of a benchmark of one request a batch."""
    batch, results = text_at(node, "configuration", "batch_size"), node_at(node, "results")
    wrong = [*failed(text_at(results, "successful_requests"))]
    seconds = text_at(results, "latency_per_request_seconds")
    if not wrong and (seconds is None or amount_in(seconds) <= 0):
        wrong.append(Mistake("this benchmark has no `latency_per_request_seconds`; run it again", node.place))
    if batch and amount_in(batch) != 1:
        message = f"`batch_size` is {batch.text}, so that no clip has seconds of its own; run it with `--batch-size 1`"
        wrong.append(Mistake(message, batch.place))
    if wrong or seconds is None:
        mistakes += wrong
        return
    configuration = node_at(node, "configuration")
    settings = size_settings(text_at(configuration, "resolution")) | settings_at(
        configuration, {"num_inference_steps": "steps"}
    )
    model = text_at(node, "metadata", "model_path")
    yield from runs_of_clip(node.place, "SGLang offline benchmark", model, settings, with_unit(seconds, "s"), {})
