"""What a reader of a plan should be warned of. Each code is stable; docs/warnings.md has a paragraph on it."""

from collections.abc import Iterator, Mapping

from t2v_capacity.assumptions import ASSUMPTIONS, FIT, GPU, MODEL, OPTION
from t2v_capacity.figures import FIGURES, ancestors, evaluate
from t2v_capacity.quantities import show
from t2v_capacity.questions.evidence import EXTRAPOLATED, SAME_GENERATION
from t2v_capacity.scenario import PlanWarning, Scenario

# Assumptions that no figure but a warning uses.
WARNED_OF: frozenset[str] = frozenset()
# The figures that a plan is read for; a default that moves one of them in proportion decides the answer.
HEADLINE = ("gpu_seconds_per_video", "storage_per_day", "egress_bandwidth")
_MEMORY = ("memory_needed",)
_STEP = 1.1
_DECISIVE = 0.5
_NO_GUESS = ("neutral", FIT, OPTION, MODEL, GPU)
# Visual tokens of the runs that the generation model was held against, docs/accuracy.md.
_MEASURED_TOKENS = (4_000, 130_000)

Values = Mapping[str, float]
Figures = Mapping[str, float | None]


def plan_warnings(scenario: Scenario, values: Values, figures: Figures, evidence: str) -> tuple[PlanWarning, ...]:
    """Return the warnings of a plan, those of its scenario first."""
    return (
        *scenario.warnings,
        *_memory(values, figures),
        *_heads(values),
        *_evidence(scenario, figures, evidence),
        *_bypassing_pins(scenario),
        *_deciding_defaults(scenario, values, figures),
    )


def _memory(values: Values, figures: Figures) -> Iterator[PlanWarning]:
    needed, usable = figures["memory_needed"], figures["memory_usable"]
    if needed is None or usable is None or needed <= usable:
        return
    remedies: dict[str, dict[str, float]] = {"offload: encoder": {"encoder_resident": 0}}
    remedies["offload: all"] = {"encoder_resident": 0, "model_resident": 0}
    if values["bytes_per_parameter"] > 2:  # noqa: PLR2004 - 16 bits
        remedies["precision: bf16"] = {"bytes_per_parameter": 2}
    if values["bytes_per_parameter"] > 1:
        remedies["precision: fp8"] = {"bytes_per_parameter": 1}
    for group in (2, 4, 8):
        if group > values["gpus_per_replica"]:
            remedies[f"gpus_per_replica: {group} with sharding: weights"] = {"gpus_per_replica": group, "weights_sharded": 1}
    fitting = [name for name, change in remedies.items() if evaluate({**values, **change}, _MEMORY)["memory_needed"] <= usable]
    fix = f"; it would fit with {' or '.join(f'`{name}`' for name in fitting[:3])}, or" if fitting else "; it would fit"
    message = (
        f"a GPU needs {show(needed, 'byte')} and has {show(usable, 'byte')} to give, {show(needed - usable, 'byte')} too little"
        f"{fix} on a GPU with {show(needed / values['usable_memory_share'], 'byte')}"
    )
    yield PlanWarning("memory-does-not-fit", message, ("memory_needed",))


def _heads(values: Values) -> Iterator[PlanWarning]:
    sharing = values["gpus_per_replica"] / values["guidance_groups"]
    if sharing > 1 and values["heads"] % sharing:
        message = (
            f"{values['heads']:.0f} attention heads don't divide over {sharing:g} GPUs; sequence parallelism by heads (Ulysses) needs that"
        )
        yield PlanWarning("heads-not-divisible", message, ("heads", "gpus_per_replica"))


def _evidence(scenario: Scenario, figures: Figures, evidence: str) -> Iterator[PlanWarning]:
    gpu, kernel, precision = (scenario.choices[name].value for name in ("gpu", "attention_kernel", "compute_precision"))
    if evidence == EXTRAPOLATED:
        message = f"no measured run of {gpu}'s generation stands behind gpu_seconds_per_video; expect 0.7 to 1.5 times it"
        yield PlanWarning("extrapolated", message, ("gpu_seconds_per_video",))
    elif evidence == SAME_GENERATION:
        message = f"{gpu}'s generation was measured, but not with {kernel} in {precision}; measure one clip and pin gpu_seconds_per_video"
        yield PlanWarning("extrapolated", message, ("gpu_seconds_per_video",), "info")
    tokens = figures["visual_tokens"]
    low, high = _MEASURED_TOKENS
    if tokens is not None and not low <= tokens <= high and "gpu_seconds_per_video" not in scenario.pins:
        message = f"{tokens:.0f} visual tokens are outside the {low} to {high} of the runs that the generation model was held against"
        yield PlanWarning("outside-model-range", message, ("visual_tokens", "gpu_seconds_per_video"))


def _bypassing_pins(scenario: Scenario) -> list[PlanWarning]:
    """Warn where an assumption was set by hand but counts nowhere, since a pin stands before every figure that uses it."""
    if not scenario.pins:
        return []
    reached = ancestors(FIGURES, stop=scenario.pins)
    idle = [
        name for name, setting in scenario.settings.items() if setting.origin.kind in ("file", "flag", "shorthand") and name not in reached
    ]
    if not idle:
        return []
    pins = ", ".join(f"`{pin}`" for pin in scenario.pins if set(idle) & ancestors([pin]))
    message = f"pinned {pins}: {', '.join(f'`{name}`' for name in idle)} no longer counts"
    return [PlanWarning("pin-bypasses", message, tuple(idle))]


def _deciding_defaults(scenario: Scenario, values: Values, figures: Figures) -> list[PlanWarning]:
    """Name the guesses that nobody replaced and that decide the answer: the model, the GPU, and assumptions.

    An assumption decides where a headline figure moves at least half as much as it does, in proportion. What is neutral,
    fitted or a definition is no guess; what stands for the default model and GPU is told by their names.
    """
    chosen = [name for name in ("model", "gpu") if scenario.choices[name].origin.kind == "default"]
    guessed = [
        name
        for name, setting in scenario.settings.items()
        if setting.origin.kind == "default" and values[name] and not setting.source.startswith(_NO_GUESS) and _moves(name, values, figures)
    ]
    if not chosen and not guessed:
        return []
    shown = [f"{name} = {scenario.choices[name].value}" for name in chosen] + [f"{name} = {ASSUMPTIONS[name].default}" for name in guessed]
    return [PlanWarning("default-decides", f"these defaults decide the answer: {', '.join(shown)}", (*chosen, *guessed), "info")]


def _moves(name: str, values: Values, figures: Figures) -> bool:
    moved = evaluate({**values, name: values[name] * _STEP}, HEADLINE)
    for headline in HEADLINE:
        base, other = figures[headline], moved[headline]
        if base and other is not None and abs(other / base - 1) >= _DECISIVE * (_STEP - 1):
            return True
    return False
