"""The cheapest single changes that mend a plan: a format, a kernel, a runtime, then more hardware, each with what it costs."""

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, product
from typing import NamedTuple

from t2v_capacity.engine.figures import evaluate
from t2v_capacity.questions.plan.options import numbers, options, same_picture
from t2v_capacity.questions.plan.serving import overfull
from t2v_capacity.scenario.settings import Scenario

GROUPS = (2, 4, 8)
_LOWER_WAITS = (0.02, 0.01, 0.001)
_SECONDS = "gpu_seconds_per_video"
_TILED = "vae_tiling"

Values = Mapping[str, float]


class Mend(NamedTuple):
    """A change as it is written in a file, and the figure that was amiss and the GPU seconds of a clip after it."""

    written: str
    found: float
    seconds: float

    def cost(self, before: float) -> str:
        """Return what the change costs in seconds, in words; nothing where there were none before."""
        if math.isnan(before):
            return ""
        share = self.seconds / before - 1 if before else 0.0
        return "same seconds" if abs(share) < 1e-3 else f"{max(1, round(abs(share) * 100))}% {'more' if share > 0 else 'fewer'} seconds"  # noqa: PLR2004


def memory_mends(scenario: Scenario, values: Values) -> Iterator[Mend]:
    """Yield the changes with which a clip fits its GPU, the cheapest first: number format, offload, tiles, then groups that divide weights."""
    yield from _mending("memory_needed", lambda known: not overfull(known), values, _memory(scenario, values))


def latency_mends(scenario: Scenario, values: Values) -> Iterator[Mend]:
    """Yield the changes with which the promised latency is met: kernel, runtime, then groups, then a fleet that waits less."""
    yield from _meeting(values, _latency(scenario, values))


def quicker_mends(scenario: Scenario, values: Values) -> Iterator[Mend]:
    """Yield the kernels and runtimes, one by one and then both, with which the promised latency is met on the same GPUs."""
    yield from _meeting(values, _quicker(scenario))


def _meeting(values: Values, changes: Iterator[tuple[str, Values]]) -> Iterator[Mend]:
    yield from _mending("latency_p95", lambda known: known["latency_p95"] <= values["target_latency"], values, changes)


def _mending(figure: str, mended: Callable[[Values], bool], values: Values, changes: Iterator[tuple[str, Values]]) -> Iterator[Mend]:
    for written, change in changes:
        found = evaluate({**values, **change}, (figure, _SECONDS, "memory_usable"))
        if mended(found):
            yield Mend(written, found[figure], found[_SECONDS])


def _memory(scenario: Scenario, values: Values) -> Iterator[tuple[str, Values]]:
    tiled = numbers(scenario, _TILED, "tiled")
    smaller = tiled["vae_tile_pixels"] < values["vae_tile_pixels"]
    if values["bytes_per_parameter"] > 2:  # noqa: PLR2004 - 16 bits
        yield "precision: bf16", {"bytes_per_parameter": 2}
    yield "offload: encoder", {"encoder_resident": 0}
    if smaller:
        yield f"{_TILED}: tiled", tiled
    yield "offload: all", {"encoder_resident": 0, "model_resident": 0}
    if smaller:
        yield f"{_TILED}: tiled with offload: all", {**tiled, "encoder_resident": 0, "model_resident": 0}
    if values["bytes_per_parameter"] > 1:
        yield "precision: fp8", {"bytes_per_parameter": 1}
    for group in GROUPS:
        if group > values["gpus_per_replica"]:
            yield f"gpus_per_replica: {group} with sharding: weights", {"gpus_per_replica": group, "weights_sharded": 1}


def _latency(scenario: Scenario, values: Values) -> Iterator[tuple[str, Values]]:
    yield from _quicker(scenario)
    yield from ((f"gpus_per_replica: {group}", {"gpus_per_replica": group}) for group in GROUPS if group > values["gpus_per_replica"])
    if not values["sized_by_latency"]:
        yield "sized_by: latency", {"sized_by_latency": 1}
    for wait in _LOWER_WAITS:
        if wait < values["target_wait_probability"]:
            yield f"target_wait_probability: {wait:g}", {"target_wait_probability": wait}


def _quicker(scenario: Scenario) -> Iterator[tuple[str, Values]]:
    """Yield the other kernels and runtimes of the same picture and what each supplies, one by one and then both at once."""
    found: list[list[tuple[str, Values]]] = []
    for choice in ("attention_kernel", "runtime"):
        others = [option for option in options(scenario, choice) if option != scenario.choices[choice].value]
        found.append([(f"{choice}: {o}", numbers(scenario, choice, o)) for o in others if same_picture(scenario, choice, o)])
    yield from chain(*found)
    yield from ((f"{kernel} with {runtime}", {**first, **second}) for (kernel, first), (runtime, second) in product(*found))
