"""What is wrong with a clip's making, and with inputs.

A clip doesn't fit its GPU, is none of its model, or its seconds rest on too little.
"""

from collections.abc import Collection, Iterator

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import FIGURES, Known, Number, evaluate
from t2v_capacity.plan.cells import ancestry, bitrate
from t2v_capacity.plan.drivers import drivers
from t2v_capacity.plan.evidence import (
    EVIDENCE_BY,
    EXTRAPOLATED,
    PEAK_BY,
    at_peak,
    evidence_of,
    faster_than_peak,
    model_error,
    unmeasured,
)
from t2v_capacity.plan.fixes import in_words, memory_fixes
from t2v_capacity.plan.measured_pins import at_now
from t2v_capacity.plan.verdict import FITS_BY, cannot_run, no_value, overfull, short_of_memory
from t2v_capacity.plan.warnings.register import NEAR, Case, Said, Test, any_of, note, warning
from t2v_capacity.scenario.settings import PlanWarning, Scenario, point

# Visual tokens of the runs that the generation model was held against, docs/accuracy.md.
_FEWEST, _MOST = 4_000, 130_000
# A checkpoint that isn't distilled is not run at fewer than one step in so many of its own.
_FEWER = 4
# Seconds within this part of each other are the same.
_SAME = 1e-3
# A bitrate this many times below that of its frame's size was meant for another.
_LOW_BITRATE = 5
# Inputs that can make a clip faster than its GPU if set by hand.
_SPEEDS = (
    *("time_factor", "linear_efficiency", "attention_efficiency", "vae_efficiency"),
    *("peak_flops", "attention_peak_flops", "vae_peak_flops"),
)
# Parameters of a transformer lie within this factor of those that its layers imply.
# Audio streams and embeddings are the rest.
_UNLIKE = 1.5
# Matrices of a block's adaptive norms, which modulate before and after its two halves.
# The source is Peebles and Xie, arXiv:2212.09748, 2022.
_MODULATION = 6


@warning("memory-does-not-fit", due=overfull, by=FITS_BY, of="clip")
def _memory(plan: Case) -> Iterator[Said]:
    """Warn of a clip that does not fit its GPU, or cannot run there.

    Name the cheapest changes that mend it, and what each costs.
    """
    needed = plan["memory_needed"]
    fitting = in_words(
        memory_fixes(plan.whole, plan.plan, plan.memo),
        lambda one: f"{show(one['memory_needed'], 'byte')}, {_slower(one, plan.plan)}",
    )
    fix = (
        f"fits with {fitting}"
        if fitting
        else f"fits on a GPU with {show(needed / plan['usable_memory_share'], 'byte')}"
    )
    short = short_of_memory(plan.known)
    without: tuple[str, ...] = ()
    if no_value(plan["can_run"]):
        without = tuple(
            name for name in FIGURES if no_value(plan[name]) and "can_run" in (name, *ancestry(name, plan.scenario))
        )
    said = f"cannot run: {short}"
    if not cannot_run(plan.known):
        pinned, near = "is predicted not to run, but its seconds are pinned", "within the memory model's error"
        said = f"{pinned}: {short}" if without else f"may not fit: {short}, {near}"
    yield Said(f"{said}; {fix}", ("memory_needed", *without))


def _slower(found: Known, known: Known) -> str:
    """Return a change's cost in seconds per clip, in words."""
    seconds, before = found["gpu_seconds_per_video"], known["gpu_seconds_per_video"]
    if no_value(before) or not before:
        return show(seconds, "second/video")
    share = seconds / before - 1
    return (
        "same seconds"
        if abs(share) < _SAME
        else f"{max(1, round(abs(share) * 100))}% {'more' if share > 0 else 'fewer'} seconds"
    )


def _indivisible(heads: Number, gpus_per_replica: Number, guidance_split: Number) -> Number:
    sharing = gpus_per_replica / guidance_split
    return (sharing > 1) & (heads % sharing != 0)


@warning("heads-not-divisible", "heads gpus_per_replica", _indivisible, of="clip")
def _heads(plan: Case) -> str:
    sharing = plan["gpus_per_replica"] / plan["guidance_split"]
    return (
        f"{plan['heads']:.0f} attention heads don't divide over {sharing:g} GPUs; "
        "sequence parallelism by heads (Ulysses) needs that"
    )


@note("group-slower", "generation_latency gpus_per_replica", of="stage")
def _slower_group(plan: Case) -> str:
    """Note that half of a group's GPUs, or fewer, are quicker: what they exchange outlasts what they share."""
    gpus, given = plan["gpus_per_replica"], {name: plan[name] for name in (*ASSUMPTIONS, *plan.scenario.pins)}
    sizes = [2**power for power in range(int(gpus).bit_length() - 1)]
    seconds = {
        size: evaluate({**given, "gpus_per_replica": size}, ("generation_latency",))["generation_latency"]
        for size in sizes
    }
    size = min(sizes, key=lambda one: (no_value(seconds[one]), seconds[one]), default=gpus)
    if size == gpus or not seconds[size] < plan["generation_latency"] * (1 - NEAR):
        return ""
    exchanged = show(plan["communication_seconds"] + plan["starting_seconds"], "second")
    return (
        f"{gpus:g} GPUs take {show(plan['generation_latency'], 'second')} per clip, "
        f"{size} take {show(seconds[size], 'second')}: "
        f"the larger group exchanges and starts layers for {exchanged} of them; set `gpus_per_replica: {size}`"
    )


def _implied_params(known: Known) -> tuple[Number, Number]:
    """Return the fewest and the most parameters that layers, width and feed-forward imply.

    Joint attention may hold text apart.
    """
    hidden, joint = known["hidden_size"], known["text_in_sequence"]
    block = (8 - 4 * joint) * hidden**2 + known["ffn_matrices"] * hidden * known["ffn_size"]
    layers = known["layers"] / known["active_share"]
    return layers * block, layers * (block + joint * (block + 2 * _MODULATION * hidden**2))


def _unlike(known: Known) -> Number:
    least, most = _implied_params(known)
    return (known["model_params"] * _UNLIKE < least) | (known["model_params"] > most * _UNLIKE)


@warning("parameters-unlike-architecture", "model_params layers hidden_size ffn_size ffn_matrices", _unlike)
def _parameters(plan: Case) -> str:
    least, most = _implied_params(plan.known)
    implied = show(least, "parameter") if least == most else f"{show(least, 'parameter')} to {show(most, 'parameter')}"
    return (
        f"model_params is {show(plan['model_params'], 'parameter')}, but {plan['layers']:.0f} layers of hidden_size "
        f"{plan['hidden_size']:.0f} imply {implied}; "
        "sizes follow the one and seconds the other, so correct whichever is wrong"
    )


@warning("vae-of-default-model", "layers hidden_size vae_params vae_decode_bytes_per_pixel", of="clip")
def _default_vae(plan: Case) -> str:
    """Warn of an architecture that was set by hand with the VAE of the default model."""
    model = plan.scenario.choices["model"]
    if model.origin.kind != "default":
        return ""
    written = {name for name, one in plan.scenario.settings.items() if one.origin.by_hand}
    if not written & {"layers", "hidden_size"} or any(name.startswith("vae_") for name in written):
        return ""
    return (
        f"layers and width are set by hand, but the VAE is that of {model.value}; "
        "set the `vae_` inputs, or `model` to one with this VAE"
    )


@warning("faster-than-the-gpu", due=faster_than_peak, by=PEAK_BY, of="stage")
def _faster(plan: Case) -> Iterator[Said]:
    """Warn of a plan that is faster than its GPU, naming what was set by hand."""
    seconds, least, gpu = plan["gpu_seconds_per_video"], at_peak(plan.known), plan.scenario.choices["gpu"].value
    pinned = [name for name in (*PEAK_BY, "denoising_seconds") if name in plan.scenario.pins]
    names = [*pinned, *(name for name in _SPEEDS if plan.scenario.settings[name].origin.by_hand)]
    fix = f"correct {', '.join(names)}" if names else f"correct the efficiencies of {gpu} in the catalogue"
    message = f"a clip takes {show(seconds, 'second/video')} of GPU time, but at least {show(least, 'second/video')}"
    message += f" at the whole peak of {gpu}; {fix}"
    yield Said(message, ("gpu_seconds_per_video", *names))


def _beyond_runs(scenario: Scenario) -> Test | None:
    if "gpu_seconds_per_video" in scenario.pins:
        return None
    return lambda known: (known["visual_tokens"] < _FEWEST) | (known["visual_tokens"] > _MOST)


@warning(
    "outside-model-range", "visual_tokens gpu_seconds_per_video", due_in=_beyond_runs, by=("visual_tokens",), of="stage"
)
def _tokens(plan: Case) -> str:
    return (
        f"{plan['visual_tokens']:.0f} visual tokens are outside the {_FEWEST} to {_MOST} "
        "of the runs that the generation model was held against"
    )


def _undistilled(scenario: Scenario) -> Test | None:
    """Return the test of steps far below the checkpoint's, which was not distilled to so few.

    Return none if `steps` has a source. A distilled checkpoint is recognized by its distilled guidance: fewer passes
    per step than the model's own.
    """
    if scenario.settings["steps"].source and scenario.settings["steps"].origin.by_hand:
        return None
    if "gpu_seconds_per_video" in scenario.pins or scenario.settings["model_params"].origin.by_hand:
        return None
    steps, passes = _own(scenario)
    return lambda known: (known["steps"] * _FEWER < steps) & (known["passes_per_step"] >= passes)


def _own(scenario: Scenario) -> tuple[float, float]:
    """Return the steps and the passes a step of the chosen checkpoint; the defaults are those of the default model."""
    distilled = scenario.choices["distilled"].value != CHOICES["distilled"].default
    if scenario.choices["model"].origin.kind == "default" and not distilled:
        return float(ASSUMPTIONS["steps"].default), float(ASSUMPTIONS["passes_per_step"].default)
    supplied = scenario.catalogue.supplied("distilled" if distilled else "model", scenario.chosen())
    return float(supplied["steps"][0].text), float(supplied["passes_per_step"][0].text)


@warning("steps-not-distilled", "steps", due_in=_undistilled, of="stage")
def _undistilled_steps(plan: Case) -> str:
    model, (own, _passes) = plan.scenario.choices["model"].value, _own(plan.scenario)
    return (
        f"{show(plan['steps'], 'step')} are far below the {own:g} of {model}, which is not distilled to so few; "
        "take a distilled model, or add the `source` of `steps`"
    )


@warning("base-checkpoint", "model distilled", of="stage")
def _base_checkpoint(plan: Case) -> str:
    """Warn of a base checkpoint where services run a distilled one, unless its steps or seconds were set by hand."""
    scenario = plan.scenario
    if not scenario.choices["model"].origin.by_hand:  # the default one is served as it is
        return ""
    model = scenario.catalogue.find("models", scenario.choices["model"].value)
    served = scenario.catalogue.entry("distilled", model.about.get("served", ""))
    set_by_hand = scenario.settings["steps"].origin.by_hand or "gpu_seconds_per_video" in scenario.pins
    if (
        not served
        or model.private
        or set_by_hand
        or scenario.choices["distilled"].value != CHOICES["distilled"].default
    ):
        return ""
    steps, own = served.facts["steps"].text, show(plan["steps"], "step")
    return (
        f"{model.id} is the base checkpoint, {own}; "
        f"services run the distilled one, {steps} steps: add `--distilled {served.id.partition('/')[2]}`"
    )


def _most_skipped(scenario: Scenario) -> dict[str, float]:
    """Return the catalogue's largest share of each kind of skipped work that was written by hand without a source."""
    settings, entries = scenario.settings, scenario.catalogue.entries
    shares = {"cached_step_share": "step_caches", "attention_sparsity": "sparse_attentions"}
    by_hand = {
        name: kind for name, kind in shares.items() if settings[name].origin.by_hand and not settings[name].source
    }
    return {
        name: max(point(name, one.facts[name].read(name)) for one in entries(kind).values() if name in one.facts)
        for name, kind in by_hand.items()
    }


def _beyond_catalogue(scenario: Scenario) -> Test | None:
    most = _most_skipped(scenario)
    return any_of(lambda known: {name: known[name] > share + NEAR for name, share in most.items()}) if most else None


@warning("skips-beyond-catalogue", due_in=_beyond_catalogue, of="stage")
def _skipping(plan: Case) -> Iterator[Said]:
    """Warn of steps or attention left out by hand, more than any acceleration of the catalogue leaves out."""
    for name, most in _most_skipped(plan.scenario).items():
        if plan[name] > most + NEAR:
            said = (
                f"{name} is {show(plan[name], 'share')}; "
                f"no acceleration in the catalogue skips more than {show(most, 'share')}"
            )
            yield Said(f"{said}. Correct it, or add its `source`", (name,))


@note("another-picture")
def _another_picture(plan: Case) -> Iterator[Said]:
    """State the known effect of each chosen acceleration on picture quality."""
    chosen = plan.scenario.chosen()
    for name in ACCELERATIONS:
        if (
            chosen[name] != CHOICES[name].default
            and not (entry := plan.scenario.catalogue.acceleration(name, chosen)).private
        ):
            known = "; ".join(
                filter(None, (entry.about.get("quality", "nothing is said of it"), entry.about.get("note")))
            )
            yield Said(f"`{name}: {chosen[name]}` changes the picture: {known}", (name,))


def _low_bitrate(scenario: Scenario) -> Test | None:
    """Return the test of a bitrate written by hand that is far below that of the frame's size.

    Return none if the bitrate follows the size.
    """
    if scenario.bitrate_follows:
        return None
    return lambda known: known["bitrate"] * _LOW_BITRATE < bitrate(scenario, known["width"], known["height"])


@warning("bitrate-unlike-frame", "bitrate width height", due_in=_low_bitrate, of="clip")
def _bitrate(plan: Case) -> str:
    usual = ASSUMPTIONS["bitrate"].show(bitrate(plan.scenario, plan["width"], plan["height"]))
    return (
        f"bitrate is {ASSUMPTIONS['bitrate'].show(plan['bitrate'])}, "
        f"and a frame of {plan['width']:.0f}x{plan['height']:.0f} usually has {usual}; "
        "set `bitrate`, or `bitrate: null` to take that"
    )


@warning("extrapolated", "gpu_seconds_per_video", due_in=unmeasured, by=EVIDENCE_BY, of="stage")
def _evidence(plan: Case) -> Iterator[Said]:
    """Say why a plan is not measured; a plan that is faster than its GPU has a warning of its own."""
    (kind, reason), error = evidence_of(plan.scenario, plan.known), model_error(plan.scenario, plan.known)
    severity = "warning" if kind == EXTRAPOLATED else "info"
    at = at_now(plan.scenario, "gpu_seconds_per_video")
    message = (
        f"{reason}; expect {error.low:.2f} to {error.high:.2f} times gpu_seconds_per_video. "
        f"Measure a clip and pin it: `pins: {{gpu_seconds_per_video: {{value: ..., at: {at}}}}}`"
    )
    yield Said(message, severity=severity)


@note("default-decides")
def _deciding_defaults(plan: Case) -> Iterator[Said]:
    """Name the defaults that drive the answer: the model, the GPU, and the drivers' list.

    What a catalogue supplies is no default; its price is dated, and `price-stale` watches that.
    """
    if not plan.notes:
        return
    chosen = {
        name: plan.scenario.choices[name].value
        for name in ("model", "gpu")
        if plan.scenario.choices[name].origin.kind == "default"
    }
    driving = {
        one.name: one.value
        for one in drivers(plan.scenario, plan.known, plan.memo, priced=False)
        if one.origin.kind == "default"
    }
    if not chosen and not driving:
        return
    shown = ", ".join(f"{name} = {value}" for name, value in {**chosen, **driving}.items())
    yield Said(f"these defaults drive the answer: {shown}", (*chosen, *driving))


def model_error_ignored(scenario: Scenario, ranges: Collection[str]) -> Iterator[PlanWarning]:
    """Warn of bands that leave out the model's error, since `time_factor` was set to one number by hand."""
    names = (
        () if "time_factor" in ranges else tuple(name for name in FIGURES if "time_factor" in ancestry(name, scenario))
    )
    if not names:
        return
    message = (
        "time_factor is one number, set by hand, so the bands leave out the generation model's own error; "
        "without it they hold the published one"
    )
    yield PlanWarning("model-error-ignored", message, ("time_factor", *names), "info")
