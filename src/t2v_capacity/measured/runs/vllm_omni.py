"""The JSON that vLLM-Omni's diffusion benchmarks and AIPerf write, as runs of the program's own form.

What was measured keeps its place. `diffusion_benchmark_serving.py --output-file` and `vllm bench serve --omni` write
one object each, with other names. `aiperf profile` has an object for each metric in `profile_export_aiperf.json`. None
of them states the clip or the GPUs: these are the scenario's. The median over requests counts: the first request after
a warm-up of another shape may hold compilation, and draws the mean away.
"""

from collections.abc import Iterator

from t2v_capacity.errors import Mistake
from t2v_capacity.files.document import Document, Scalar

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
# Statistics of AIPerf's metrics -> the names above; a server's own seconds count before those of the whole request.
_AIPERF = {
    ("request_latency", "p50"): "median_e2el_ms",
    ("request_latency", "avg"): "mean_e2el_ms",
    ("video_inference_time", "p50"): "median_video_generation_ms",
    ("video_peak_memory", "p50"): "median_peak_memory_mb",
    ("request_count", "avg"): "completed",
    ("request_throughput", "avg"): "request_throughput",
}
# The name and the value of what is measured.
Given = tuple[str, Scalar]


def as_runs(node: Document, mistakes: list[Mistake]) -> Iterator[tuple[str, Document]]:
    """Yield the measurements of a benchmark's object as mappings of runs, each with the ending of its id.

    Yield any other mapping as it is.

    >>> from t2v_capacity.files.document import parse_document
    >>> text = '{"latency_median": 9.1, "stage_durations_p50": {"Wan22Pipeline.diffuse": 8.5}}'
    >>> benchmark = parse_document(text, "bench.json")
    >>> [(ending, [*run.entries]) for ending, run in as_runs(benchmark, [])]
    [('', ['source', 'seconds']), ('-denoising', ['source', 'denoising_seconds'])]
    """
    if not is_benchmark(node):
        yield "", node
        return
    node = _flat(node)
    stages, limits = next(
        ((_stages(node, name), of) for name, of in _STAGES.items() if name in node.entries), ([], MEAN)
    )
    wrong = [*_wrong(node, stages, _first(node, limits))]
    whole, memory, model = (_first(node, names) for names in (_SECONDS, _MEMORY, ("model", "model_id")))
    if wrong or whole is None:
        message = (
            "this benchmark kept no latency; "
            "run it with `--percentile-metrics e2el`, or with diffusion_benchmark_serving.py"
        )
        mistakes += wrong or [Mistake(message, node.place)]
        return
    program = "AIPerf" if "aiperf_version" in node.entries else "vLLM-Omni"
    title = f"{program} benchmark{f' of {model[1].text}' if model else ''}"
    title += ", settings those of the scenario"
    source = {"source": Scalar(title, node.place)}
    peak = {"peak_memory": _with_unit(memory, "MiB")} if memory and _number(memory) else {}
    yield "", _run(node, source | {"seconds": _with_unit(whole, "ms" if whole[0].endswith("_ms") else "s")} | peak)
    for ending, name in OF_STAGES.items():
        of_stage = [stage for stage in stages if stage[0].endswith(ending)]
        if len(of_stage) != 1 or not _number(of_stage[0]):  # a pipeline of two denoisers: neither is the clip's
            continue
        seconds, place = _with_unit(of_stage[0], "s"), of_stage[0][1].place
        stage = (
            {name: seconds} if name == "denoising_seconds" else {"seconds": seconds, "includes": Scalar(name, place)}
        )
        yield f"-{name.removesuffix('_seconds')}", _run(node, source | stage)


def _flat(node: Document) -> Document:
    """Return what AIPerf measured, a number a name; any other object as it is."""
    metrics = {
        name: part.entries[of]
        for (key, of), name in _AIPERF.items()
        if isinstance(part := node.entries.get(key), Document) and of in part.entries
    }
    return Document({**node.entries, **metrics}, node.keys, node.place) if metrics else node


def is_benchmark(node: Document) -> bool:
    """Return whether a mapping is what a benchmark writes."""
    return any(name in node.entries for name in (*_SECONDS, *RATE))


def _run(node: Document, entries: dict[str, Scalar]) -> Document:
    return Document({**entries}, {name: entry.place for name, entry in entries.items()}, node.place)


def _first(node: Document, names: tuple[str, ...]) -> Given | None:
    """Return the first of several names that says something, with its value; `null` and `false` say nothing."""
    for name in names:
        entry = node.entries.get(name)
        if isinstance(entry, Scalar) and not entry.null and entry.text not in ("", "false"):
            return name, entry
    return None


def _number(given: Given | None) -> float:
    """Return what is measured, in seconds where that is a time; 0 where it is none."""
    if given is None:
        return 0.0
    name, number = given
    try:
        return float(number.text) / (1000 if name.endswith("_ms") else 1)
    except ValueError:
        return 0.0


def _with_unit(given: Given, unit: str) -> Scalar:
    return given[1]._replace(text=f"{given[1].text} {unit}")


def _stages(node: Document, name: str) -> list[Given]:
    """Return the stages that are timed in seconds."""
    stages = node.entries[name]
    timed = stages.entries.items() if isinstance(stages, Document) else ()
    return [(key, seconds) for key, seconds in timed if isinstance(seconds, Scalar) and not key.endswith("_ms")]


def _wrong(node: Document, stages: list[Given], whole: Given | None) -> Iterator[Mistake]:
    """Yield the reasons why a benchmark's times are no run of a clip."""
    completed, rate, mean, task = (_first(node, names) for names in (COMPLETED, RATE, MEAN, ("task",)))
    if completed and _number(completed) <= 0:
        message = f"no request succeeded (`{completed[0]}` is {completed[1].text}); look into the server's log"
        yield Mistake(message, completed[1].place)
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
