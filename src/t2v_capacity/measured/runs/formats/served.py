"""What benchmarks of a serving engine write: vLLM-Omni's two, SGLang's and FastVideo's, and AIPerf's.

`diffusion_benchmark_serving.py --output-file` and `vllm bench serve --omni` write one object each, with other names.
SGLang's `bench_serving.py`, which FastVideo's `bench` is a copy of, has the names of the first. It writes no `backend`,
`model` and stages, and polls each second, so that its latency is half a second long on average. Of these files only
AIPerf's states the clip and the GPUs. The median over requests counts: the first request after a warm-up of another
shape may hold compilation, and draws the mean away.
"""

from collections.abc import Iterator

from t2v_capacity.errors import Mistake
from t2v_capacity.files.document import Document, Scalar
from t2v_capacity.measured.runs.formats import aiperf
from t2v_capacity.measured.runs.formats.fields import Runs, amount_in, failed, runs_of_clip, text_at, with_unit

# The values read -> their names in the two programs. The first that is there counts.
# A name with `_ms` holds milliseconds.
_SECONDS = ("latency_median", "median_video_generation_ms", "median_e2el_ms")
MEAN = ("latency_mean", "mean_video_generation_ms", "mean_e2el_ms")
_MEMORY = ("peak_memory_mb_median", "median_peak_memory_mb", "peak_memory_mb_max")
COMPLETED, RATE = ("completed_requests", "completed"), ("throughput_qps", "request_throughput")
# Seconds of the stages: medians, or means where an older benchmark has no medians.
# Each is held against the same of the whole.
_STAGES = {"stage_durations_p50": _SECONDS, "stage_durations_mean": MEAN}
# The ending of a stage's name -> the run's key for it.
OF_STAGES = {".diffuse": "denoising_seconds", ".decode": "vae_decode"}
# Requests under way at once, on average, above which the latency holds waiting.
_ALONE = 1.05
# How much longer than the whole a stage may seem: medians of both are of different requests.
_SLACK = 1.05
# The name and the value of what is measured.
Given = tuple[str, Scalar]


def is_served(node: Document) -> bool:
    """Return whether a mapping is what a benchmark of a serving engine writes."""
    return aiperf.is_aiperf(node) or any(name in node.entries for name in (*_SECONDS, *RATE))


def served_runs(node: Document, mistakes: list[Mistake]) -> Runs:
    """Yield the median clip, and its denoising and decode where the benchmark timed stages."""
    is_aiperf = aiperf.is_aiperf(node)
    measured = aiperf.flat_metrics(node) if is_aiperf else node
    stages, limits = next(
        ((_stages(measured, name), of) for name, of in _STAGES.items() if name in measured.entries), ([], MEAN)
    )
    wrong = [*_wrong(measured, stages, _first(measured, limits))]
    whole, memory = _first(measured, _SECONDS), _first(measured, _MEMORY)
    if wrong or whole is None or _number(whole) <= 0:
        message = (
            "this benchmark kept no latency; "
            "run it with `--percentile-metrics e2el`, or with diffusion_benchmark_serving.py"
        )
        mistakes += wrong or [Mistake(message, whole[1].place if whole else node.place)]
        return

    model = aiperf.model_named(node) if is_aiperf else text_at(node, "model") or text_at(node, "model_id")
    settings = aiperf.settings_stated(node) if is_aiperf else {}
    tool = f"{_tool(node)} benchmark"
    seconds = with_unit(whole[1], "ms" if whole[0].endswith("_ms") else "s")
    timed = dict[str, Scalar | None]()
    for ending, name in OF_STAGES.items():
        of_stage = [scalar for key, scalar in stages if key.endswith(ending)]
        # Of a pipeline of two denoisers neither is the clip's.
        timed[name] = with_unit(of_stage[0], "s") if len(of_stage) == 1 else None
    yield from runs_of_clip(node.place, tool, model, settings, seconds, timed, memory and memory[1])


def _tool(node: Document) -> str:
    """Return the tool that wrote an object: without the keys that vLLM-Omni's script adds it is SGLang's."""
    if aiperf.is_aiperf(node):
        return aiperf.AIPERF
    is_script = any(name in node.entries for name in (*COMPLETED[:1], *RATE[:1], *_SECONDS[:1]))
    has_more = any(name in node.entries for name in ("backend", "model", *_STAGES))
    return "SGLang" if is_script and not has_more else "vLLM-Omni"


def _first(node: Document, names: tuple[str, ...]) -> Given | None:
    """Return the first of several names that says something, with its value; `null` and `false` say nothing."""
    for name in names:
        if entry := text_at(node, name):
            return name, entry
    return None


def _number(given: Given | None) -> float:
    """Return what is measured, in seconds where that is a time; 0 where it is none."""
    if given is None:
        return 0.0
    name, number = given
    return amount_in(number) / (1000 if name.endswith("_ms") else 1)


def _stages(node: Document, name: str) -> list[Given]:
    """Return the stages that are timed in seconds."""
    stages = node.entries[name]
    timed = stages.entries.items() if isinstance(stages, Document) else ()
    return [(key, seconds) for key, seconds in timed if isinstance(seconds, Scalar) and not key.endswith("_ms")]


def _wrong(node: Document, stages: list[Given], whole: Given | None) -> Iterator[Mistake]:
    """Yield the reasons why a benchmark's times are no run of a clip."""
    completed, rate, mean, task = (_first(node, names) for names in (COMPLETED, RATE, MEAN, ("task",)))
    if completed and (none := [*failed(completed[1])]):
        yield from none
        return
    for given in (rate, mean, _first(node, _SECONDS), _first(node, _MEMORY), *stages):
        if given and _number(given) < 0:
            yield Mistake(f"`{given[0]}` is {given[1].text}, and nothing that is measured is negative", given[1].place)
    for name, seconds in stages:
        if name.endswith(tuple(OF_STAGES)) and _number((name, seconds)) > _number(whole) * _SLACK > 0:
            longer = f"longer than the clip that it is a stage of ({_number(whole):g} s); measure it again"
            yield Mistake(f"`{name}` takes {seconds.text} s, {longer}", seconds.place)
    if task and task[1].text in ("t2i", "i2i", "ti2i"):
        yield Mistake(f"this benchmark made images (`task` is {task[1].text}); a run is of a video", task[1].place)
    if rate and mean and (at_once := _number(rate) * _number(mean)) > _ALONE:
        message = (
            f"{at_once:.2g} requests were under way at once (`{rate[0]}` x `{mean[0]}`), "
            "so that a latency holds waiting"
        )
        yield Mistake(f"{message}; run the benchmark with `--max-concurrency 1`", mean[1].place)
