"""What the benchmarks of engines write: tools.yaml has the paths of what is read, and this what no path reaches."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from t2v_capacity.files.document import Document, Node, Scalar
from t2v_capacity.measured.runs.formats.fields import amount_in, nodes_at, text_at

# A GPU that did less, in percent of the time, had no part in the clips.
_BUSY = 5.0
XDIT_TIMINGS, MLPERF_LATENCY = "timings", "50.00 percentile latency (ns)"


class Tool(NamedTuple):
    """A benchmark, as tools.yaml says it."""

    name: str
    has: Sequence[str]
    seconds: Sequence[str]
    lacks: Sequence[str] = ()
    memory: Sequence[str] = ()
    denoising: Sequence[str] = ()
    decode: Sequence[str] = ()
    model: Sequence[str] = ()
    settings: Mapping[str, str] = {}
    clip: Mapping[str, str] = {}
    completed: Sequence[str] = ()
    rate: Sequence[str] = ()
    mean: Sequence[str] = ()
    fix: str = "run it again"

    def entries(self, node: Document) -> dict[str, Node]:
        """Return the entries of its object, with what no path reaches under keys of its own."""
        return {**node.entries, **(_MORE[self.name](node) if self.name in _MORE else {})}


@cache
def benchmarks() -> list[Tool]:
    """Return the benchmarks in the order in which an object is held against them."""
    text = Path(__file__).with_name("tools.yaml").read_text(encoding="utf-8")
    return [Tool(name, **paths) for name, paths in yaml.safe_load(text).items()]


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
    """Return the median latency of MLPerf's clip, or of the offline scenario what each group makes."""
    entries = dict[str, Node]()
    scenario, rate, latency = (text_at(node, name) for name in ("Scenario", "Samples per second", MLPERF_LATENCY))
    if scenario and scenario.text == "Offline":
        if rate and amount_in(rate) > 0:
            entries["seconds"] = rate._replace(text=repr(1 / amount_in(rate)))
    elif latency:
        entries["seconds"] = latency._replace(text=repr(amount_in(latency) / 1e9))
    return entries


# What no path reaches, under keys of its own.
_MORE = {"AIPerf benchmark": _aiperf_entries, "SGLang perf dump": _dump_entries, "MLPerf": _mlperf_entries}
