"""The JSON that vLLM-Omni's diffusion benchmarks write, as runs of the program's own form: what was measured keeps its place.

`diffusion_benchmark_serving.py --output-file` writes one object, which says neither the clip nor the GPUs: these are the
scenario's. Its test runner writes a list of records, each with such an object under `result`, and with the settings.
`vllm bench serve --omni` writes one object with other names. The median over requests counts: the first request after a
warm-up of another shape may hold compilation, and draws the mean away.
"""

import json
import re
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from t2v_capacity.errors import Mistake, Place
from t2v_capacity.files.document import Listing, Node, Scalar
from t2v_capacity.files.document import Mapping as Document

# The values read -> their names in the two programs; the first that is there counts. A name with `_ms` holds milliseconds.
SECONDS = ("latency_median", "median_video_generation_ms", "median_e2el_ms")
MEAN = ("latency_mean", "mean_video_generation_ms", "mean_e2el_ms")
MEMORY = ("peak_memory_mb_median", "median_peak_memory_mb", "peak_memory_mb_max")
COMPLETED, RATE, STAGES = ("completed_requests", "completed"), ("throughput_qps", "request_throughput"), ("stage_durations_p50",)
# The ending of a stage's name -> the run's key for it.
OF_STAGES = {".diffuse": "denoising_seconds", ".decode": "vae_decode"}
# A record's name -> the setting of a run.
SETTINGS = {"width": "width", "height": "height", "num-frames": "frames", "num-inference-steps": "steps", "fps": "fps"}
# The degrees of a group, each with its names; their product is the group.
_GUIDANCE = ("cfg-parallel-size",)
_DEGREES = (("ulysses-degree", "usp"), ("ring-degree", "ring"), _GUIDANCE, ("tensor-parallel-size",))
_COUNT = re.compile("[1-9][0-9]{0,3}")
# Requests under way at once, on average, above which the latency holds waiting.
_ALONE = 1.05
# How much longer than the whole a stage may seem: medians of both are of different requests. Means are held against the mean.
_SLACK = 1.05


def as_runs(node: Document, mistakes: list[Mistake]) -> Iterator[tuple[str, Document]]:
    """Yield the measurements of a benchmark's object or record as mappings of runs, each with the ending of its id; else the mapping.

    >>> from t2v_capacity.files.document import parse_document
    >>> found = parse_document('{"latency_median": 9.1, "stage_durations_p50": {"Wan22Pipeline.diffuse": 8.5}}', "bench.json")
    >>> [(ending, [*run.entries]) for ending, run in as_runs(found, [])]
    [('', ['source', 'seconds']), ('-denoising', ['source', 'denoising_seconds'])]
    """
    result = measured_by(node)
    if result is None:
        yield "", node
        return
    before = len(mistakes)
    settings = _settings(node, mistakes)
    _refuse(result, mistakes)
    if len(mistakes) > before:
        return
    whole = _first(result, SECONDS)
    if whole is None:
        message = "this benchmark kept no latency; run it with `--percentile-metrics e2el`, or with diffusion_benchmark_serving.py"
        mistakes.append(Mistake(message, result.place))
        return
    memory = _first(result, MEMORY)
    said = {"peak_memory": _with_unit(memory, "MiB")} if memory and _number(memory) else {}
    yield "", _run(node, {**settings, "seconds": _with_unit(whole, "ms" if whole[0].endswith("_ms") else "s"), **said})
    for ending, name in OF_STAGES.items():
        found = [(key, value) for key, value in _stages(result) if key.endswith(ending)]
        if len(found) != 1 or not _number(found[0]):  # a pipeline of two denoisers: neither is the clip's
            continue
        seconds, place = _with_unit(found[0], "s"), found[0][1].place
        stage = {name: seconds} if name == "denoising_seconds" else {"seconds": seconds, "includes": Scalar(name, place)}
        yield f"-{name.removesuffix('_seconds')}", _run(node, {**settings, **stage})


def measured_by(node: Document) -> Document | None:
    """Return the object of a benchmark that a mapping is, or holds as `result`; else nothing."""
    result = _inside(node, "result") or node
    return result if any(name in result.entries for name in (*SECONDS, *RATE)) else None


def _run(node: Document, entries: Mapping[str, Scalar]) -> Document:
    return Document({**entries}, {name: value.place for name, value in entries.items()}, node.place)


def _inside(node: Document, *names: str) -> Document | None:
    """Return the mapping that stands under names, one in the other."""
    found: Node | None = node
    for name in names:
        found = found.entries.get(name) if isinstance(found, Document) else None
    return found if isinstance(found, Document) else None


Given = tuple[str, Scalar]


def _first(node: Document | None, names: tuple[str, ...]) -> Given | None:
    """Return the first of several names that says something, with its value; `null` and `false` say nothing."""
    found = ((name, node.entries[name]) for name in names if node and name in node.entries)
    return next(((name, v) for name, v in found if isinstance(v, Scalar) and not v.null and v.text not in ("", "false")), None)


def _number(given: Given | None) -> float | None:
    try:
        return float(given[1].text) if given else None
    except ValueError:
        return None


def _seconds(given: Given | None) -> float | None:
    number = _number(given)
    return number / 1000 if number and given and given[0].endswith("_ms") else number


def _with_unit(given: Given, unit: str) -> Scalar:
    return given[1]._replace(text=f"{given[1].text} {unit}")


def _stages(result: Document) -> Iterator[Given]:
    """Yield the stages that are timed in seconds: medians, or means where an older benchmark has no medians."""
    stages = next((found for name in (*STAGES, "stage_durations_mean") if (found := _inside(result, name))), None)
    for key, value in stages.entries.items() if stages else ():
        if isinstance(value, Scalar) and not key.endswith("_ms"):
            yield key, value


def _refuse(result: Document, mistakes: list[Mistake]) -> None:
    """Note the reasons why a benchmark's times are no run of a clip."""
    completed, rate, mean, task = (_first(result, names) for names in (COMPLETED, RATE, MEAN, ("task",)))
    if completed and (_number(completed) or 0) <= 0:
        message = f"no request succeeded (`{completed[0]}` is {completed[1].text}); look into the server's log"
        mistakes.append(Mistake(message, completed[1].place))
        return
    known = (rate, mean, _first(result, SECONDS), _first(result, MEMORY), *_stages(result))
    below = [given for given in known if given and (_number(given) or 0) < 0]
    mistakes += [Mistake(f"`{name}` is {value.text}, and nothing that is measured is negative", value.place) for name, value in below]
    whole = _seconds(_first(result, SECONDS) if any(name in result.entries for name in STAGES) else mean) or 0.0
    for name, value in _stages(result) if whole else ():
        if name.endswith(tuple(OF_STAGES)) and (_seconds((name, value)) or 0) > whole * _SLACK:
            message = f"`{name}` takes {value.text} s, longer than the clip that it is a stage of ({whole:g} s); measure it again"
            mistakes.append(Mistake(message, value.place))
    if task and task[1].text in ("t2i", "i2i", "ti2i"):
        mistakes.append(Mistake(f"this benchmark made images (`task` is {task[1].text}); a run is of a video", task[1].place))
    each = _seconds(mean) or 0
    if rate and mean and (at_once := (_number(rate) or 0) * each) > _ALONE:
        message = f"{at_once:.2g} requests were under way at once (`{rate[0]}` x `{mean[0]}`), so that a latency holds waiting"
        mistakes.append(Mistake(f"{message}; run the benchmark with `--max-concurrency 1`", mean[1].place))


def _settings(node: Document, mistakes: list[Mistake]) -> dict[str, Scalar]:
    """Return a record's clip, its server, and the author of the measurement; an object alone has none of them."""
    server, asked = _dashed(_inside(node, "server_params", "serve_args"), node.place), _inside(node, "benchmark_params")
    model = _first(_inside(node, "server_params"), ("model",)) or _first(node, ("model", "model_id"))
    known = [f"vLLM-Omni benchmark{f' of {model[1].text}' if model else ''}"]
    if asked is None:
        return {"source": Scalar(f"{known[0]}, settings those of the scenario", node.place)}
    known += [given[1].text for name in ("test_name", "Hardware") if (given := _first(node, (name,)))]
    found = {"source": Scalar(", ".join(known), node.place)}
    clip = _profile(_dashed(asked, node.place), mistakes)
    found |= {ours: given[1] for theirs, ours in SETTINGS.items() if (given := _first(clip, (theirs,)))}
    if given := _first(clip, ("enable-negative-prompt",)):
        found["passes_per_step"] = given[1]._replace(text="2")
    degrees = [given for names in _DEGREES if (given := _first(server, names))]
    mistakes += [Mistake(f"`{name}` must be a count of GPUs", value.place) for name, value in degrees if not _COUNT.fullmatch(value.text)]
    group = prod(int(value.text) for _name, value in degrees if _COUNT.fullmatch(value.text))
    guidance = _first(server, _GUIDANCE)
    found["gpus"] = Scalar(str(group), degrees[0][1].place if degrees else server.place)
    found["guidance_groups"] = guidance[1] if guidance else Scalar("1", server.place)
    sharded = _first(server, ("use-hsdp",))
    found["sharding"] = sharded[1]._replace(text="weights") if sharded else Scalar("none", server.place)
    if given := _first(server, ("enforce-eager",)):
        found["runtime"] = given[1]._replace(text="eager")
    if given := _first(server, ("vae-patch-parallel-size",)):
        found["vae_parallel_gpus"] = given[1]
    if given := _first(server, ("quantization",)):
        found |= dict.fromkeys(("precision", "compute_precision"), given[1])
    if (given := _first(server, ("cache-backend",))) and given[1].text != "none":
        message = (
            f"this server skips work by a cache (`cache-backend` is {given[1].text}), and how much is not in the file; time it without"
        )
        mistakes.append(Mistake(message, given[1].place))
    return found


def _dashed(node: Document | None, place: Place) -> Document:
    """Return a mapping whose names are written with hyphens, as the flags are."""
    if node is None:
        return Document({}, {}, place)
    return Document({name.replace("_", "-"): value for name, value in node.entries.items()}, {}, node.place)


def _profile(asked: Document, mistakes: list[Mistake]) -> Document:
    """Return the clip that was asked for: the record's own, or the one profile of its random requests."""
    profiles = asked.entries.get("random-request-config")
    if isinstance(profiles, Scalar) and not profiles.null:
        place, listed = profiles.place, _read(profiles.text)
        items: list[Any] = [{key: Scalar(str(value), place, value is None) for key, value in one.items()} for one in listed]
    elif isinstance(profiles, Listing):
        place, items = profiles.place, [item.entries for item in profiles.items if isinstance(item, Document)]
    else:
        return asked
    if len(items) != 1:
        mistakes.append(Mistake("these requests are of several clips, whose latencies are mixed; run the benchmark once for each", place))
        return asked
    return _dashed(Document({**asked.entries, **{key.replace("_", "-"): value for key, value in items[0].items()}}, {}, place), place)


def _read(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
