"""What an estimate rests on: the published runs near it, how far off the model is on runs like it, and what that is called."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from t2v_capacity.catalogue.published import Published, published
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.scenario.settings import Scenario, point
from t2v_capacity.vocabulary.quantities import Range

MEASURED, SAME_GENERATION, EXTRAPOLATED = "measured", "same-generation", "extrapolated"
# How much of what decides the seconds is known: the classes of the model's error, and what takes its place.
STATED, LEFT_OPEN, OWN_RANGE, PINNED = "stated", "default", "time_factor", "pinned"
CLASSES = (STATED, LEFT_OPEN, EXTRAPOLATED, OWN_RANGE, PINNED)
# A run is near where its clip has as many tokens within this factor.
_FACTOR = 2.0
_SIXTEEN_BITS = ("bf16", "fp16")
# Kernels and runtimes that do the same under two names: PyTorch's own attention runs the kernel of FlashAttention-2.
_KERNELS = {"sdpa": "fa2"}
_RUNTIMES = {"fused": "compiled"}
# What a difference counts for in the distance between two runs, in doublings of tokens.
_OTHER_MODEL, _OTHER_GENERATION, _OTHER_KERNEL, _OTHER_RUNTIME, _OTHER_PRECISION, _WITH_OPTION = 1.5, 2.0, 1.0, 1.0, 1.0, 2.0
# What a user's catalogue may say of a GPU without making another GPU of it.
_NO_PHYSICS = frozenset(("label", "aliases", "source", "note", "vendor", "gpu_price", "gpu_power", "gpu_idle_power", "successor"))
# The stages of a clip whose seconds may be pinned, each a part of `gpu_seconds_per_video`.
_STAGES = (
    *("denoising_seconds", "vae_decode_seconds", "vae_encode_seconds"),
    *("text_encoder_seconds", "host_seconds", "offload_seconds"),
)
_CALIBRATED = frozenset(("evidence", "rows", "linear_efficiency"))


class ModelError(NamedTuple):
    """How far true seconds lie from predicted ones, as factors, in so large a share of the published runs of a class."""

    low: float
    high: float
    share: float
    kind: str


class _Plan(NamedTuple):
    """What a plan has in common with runs."""

    model: str
    generation: str
    kernel: str
    runtime: str
    precision: str
    gpus: float
    tokens: float


def _of(scenario: Scenario, known: Mapping[str, float]) -> _Plan:
    chosen, catalogue = scenario.chosen(), scenario.catalogue
    generation = catalogue.generation(chosen).id
    return _Plan(
        chosen["model"],
        generation,
        _kernel(chosen["attention_kernel"]),
        _runtime(chosen["runtime"]),
        _bits(chosen["compute_precision"]),
        known["gpus_per_replica"],
        known["visual_tokens"],
    )


def _kernel(name: str) -> str:
    return _KERNELS.get(name, name)


def _runtime(name: str) -> str:
    return _RUNTIMES.get(name, name)


def _bits(precision: str) -> str:
    return "bf16" if precision in _SIXTEEN_BITS else precision


def _alike(run: Published, plan: _Plan) -> bool:
    """Return whether a plain run had the plan's kernel, runtime and precision, by class."""
    return run.judged and (
        (_kernel(run.kernel), _runtime(run.runtime), _bits(run.precision)) == (plan.kernel, plan.runtime, plan.precision)
    )


def near(scenario: Scenario, known: Mapping[str, float]) -> tuple[Published, ...]:
    """Return the published runs near a plan: its generation, kernel, runtime, precision and group, half to twice its tokens.

    `known` are the plan's assumptions and figures, by name.
    """
    plan = _of(scenario, known)
    runs = (run for run in published().runs if run.generation == plan.generation and run.gpus == plan.gpus and _alike(run, plan))
    return tuple(run for run in runs if plan.tokens / _FACTOR <= run.tokens <= plan.tokens * _FACTOR)


def evidence(scenario: Scenario, known: Mapping[str, float]) -> str:
    """Return whether runs like this one were measured; a pinned `gpu_seconds_per_video` is the user's own measurement.

    Same generation: the plan's GPU generation was timed with another kernel, runtime, size or group; or its model was, elsewhere, with
    the same kernel and runtime. A GPU or a model of a user's own catalogue is extrapolated until that catalogue holds the
    result of `calibrate`, and so is a clip longer or larger than any that was timed of its model.
    """
    if "gpu_seconds_per_video" in scenario.pins:
        return MEASURED
    if (own := _own(scenario)) is not None:
        return own
    if near(scenario, known):
        return MEASURED
    plan = _of(scenario, known)
    if not plan.tokens <= _FACTOR * max((run.tokens for run in published().runs if run.model == plan.model), default=_most()):
        return EXTRAPOLATED
    there = any(run.generation == plan.generation and run.judged for run in published().runs)
    elsewhere = any(run.model == plan.model and _alike(run, plan) for run in published().runs)
    return SAME_GENERATION if there or elsewhere else EXTRAPOLATED


def _most() -> float:
    return max(run.tokens for run in published().runs)


def _own(scenario: Scenario) -> str | None:
    """Return the evidence of a user's own GPU, kernel or model; nothing where these are the package's."""
    catalogue, chosen = scenario.catalogue, scenario.chosen()
    if not catalogue.overlaid:
        return None
    precision = chosen["compute_precision"]
    gpu, kernel = catalogue.find("gpus", chosen["gpu"]), catalogue.kernel(chosen)
    calibrated = gpu.about.get("evidence") == MEASURED and precision in gpu.at_precision.get("linear_efficiency", {})
    if calibrated and kernel.id.startswith(f"{gpu.id}/") and kernel.about["evidence"] == MEASURED:
        return MEASURED
    return EXTRAPOLATED if gpu.changed - _NO_PHYSICS - (_CALIBRATED if calibrated else frozenset()) else None


def model_error(scenario: Scenario, rests_on: str, known: Mapping[str, float]) -> ModelError:
    """Return how far off the predicted seconds of a plan may be, as factors on them; a `time_factor` set by hand takes the place of the runs'.

    The class is that of the plan as printed: its kernel and runtime are what it says, default or not. `known` are the plan's
    assumptions and figures; of a clip part of whose seconds are pinned, the rest alone may be off.

    >>> from t2v_capacity.questions.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> model_error(plan.scenario, plan.evidence, plan.known)
    ModelError(low=0.84, high=1.19, share=0.9, kind='stated')
    """
    index, factor = published(), scenario.settings["time_factor"]
    if "gpu_seconds_per_video" in scenario.pins:
        return ModelError(1.0, 1.0, index.share, PINNED)
    if factor.origin.kind != "default":
        middle = point("time_factor", factor.value)
        ends = (factor.value.low, factor.value.high) if isinstance(factor.value, Range) else (middle, middle)
        return ModelError(ends[0] / middle, ends[1] / middle, index.share, OWN_RANGE)
    kind = EXTRAPOLATED if rests_on == EXTRAPOLATED else STATED
    low, high = (1 + (end - 1) * _predicted_share(scenario, known) for end in index.bands[kind])
    return ModelError(low, high, index.share, kind)


def _predicted_share(scenario: Scenario, known: Mapping[str, float]) -> float:
    """Return the part of a clip's seconds that the model predicts: all but the stages that are pinned, which somebody measured."""
    stages = [name for name in _STAGES if name in scenario.pins]
    if not stages:
        return 1.0
    clip = FIGURES["gpu_seconds_per_video"]
    given = {name: known[name] for name in clip.parameters} | {"other_gpu_seconds_per_video": 0.0}
    whole, rest = clip(**given), clip(**given | dict.fromkeys(stages, 0.0))
    return rest / whole if whole > 0 else 1.0


def nearest(scenario: Scenario, known: Mapping[str, float]) -> tuple[Published, ...]:
    """Return the nearest published run of the plan's model, and the nearest of its generation, kernel and runtime; one where it is both.

    `known` are the plan's assumptions and figures, by name.
    """
    plan = _of(scenario, known)
    same_model = [run for run in published().runs if run.model == plan.model]
    same_way = [run for run in published().runs if run.generation == plan.generation and _alike(run, plan)]
    found = [min(runs, key=lambda run: _distance(run, plan), default=None) for runs in (same_model, same_way)]
    return tuple(dict.fromkeys(run for run in found if run))


def _distance(run: Published, plan: _Plan) -> float:
    """Return how far a run is from a plan, in doublings of tokens and GPUs and in what else differs."""
    return (
        abs(math.log2(run.tokens / max(plan.tokens, 1)))
        + abs(math.log2(run.gpus / plan.gpus))
        + _OTHER_MODEL * (run.model != plan.model)
        + _OTHER_GENERATION * (run.generation != plan.generation)
        + _OTHER_KERNEL * (_kernel(run.kernel) != plan.kernel)
        + _OTHER_RUNTIME * (_runtime(run.runtime) != plan.runtime)
        + _OTHER_PRECISION * (_bits(run.precision) != plan.precision)
        + _WITH_OPTION * bool(run.option)
    )
