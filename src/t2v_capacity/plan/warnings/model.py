"""Where the model is not sure: beyond its runs, its frames, its formulas of waits; and what makes another picture."""

import math
from collections.abc import Collection, Iterator

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.constants import GPUS_SHIPPED_PER_YEAR
from t2v_capacity.engine.figures import FIGURES, Known, Number
from t2v_capacity.plan.cells import ancestry, bitrate
from t2v_capacity.plan.evidence import PEAK_BY, at_peak, faster_than_peak, made_seconds, uncalibrated
from t2v_capacity.plan.verdict import verdict_of
from t2v_capacity.plan.warnings.register import ROUNDING_ERROR, Case, Test, Text, any_of, note, warning
from t2v_capacity.scenario.settings import PlanWarning, Scenario

# Inputs that can make a clip faster than its GPU if set by hand.
_SPEEDS = (
    "time_factor",
    "linear_efficiency",
    "attention_efficiency",
    "vae_efficiency",
    "peak_flops",
    "attention_peak_flops",
    "vae_peak_flops",
)
# A fleet that is busier at its peak has waits that no formula of a steady queue knows.
_BUSY = 0.95
# Visual tokens of the runs that the generation model was held against, docs/accuracy.md.
_FEWEST, _MOST = 4_000, 130_000


@warning("faster-than-the-gpu", due=faster_than_peak, by=PEAK_BY, of="stage")
def _faster(plan: Case) -> Iterator[Text]:
    """Warn of a plan that is faster than its GPU, naming what was set by hand."""
    seconds, least, gpu = made_seconds(plan.known), at_peak(plan.known), plan.scenario.option("gpu")
    pinned = [name for name in (*PEAK_BY, "generated_fps", "denoising_seconds") if name in plan.scenario.pins]
    names = [*pinned, *filter(plan.scenario.by_hand, _SPEEDS)]
    fix = f"correct {', '.join(names)}" if names else f"correct the efficiencies of {gpu} in the catalogue"
    message = f"a clip takes {show(seconds, 'second/video')} of GPU time, but at least {show(least, 'second/video')}"
    message += f" at the whole peak of {gpu}; {fix}"
    yield Text(message, ("gpu_seconds_per_video", *names))


@warning("beyond-reference", "gpus", lambda gpus: gpus > GPUS_SHIPPED_PER_YEAR)
def _beyond(plan: Case) -> str:
    years = show(plan["gpus"] / GPUS_SHIPPED_PER_YEAR, "ratio")
    return (
        f"{show(plan['gpus'], 'gpu')}: {years} times one class's shipments in a year, "
        f"{show(GPUS_SHIPPED_PER_YEAR, 'gpu')} (2025). Check dau and gpu_seconds_per_video"
    )


@warning("waits-uncertain", "wait_p95 latency_p95", lambda utilization: (utilization > _BUSY) & (utilization < 1))
def _uncertain_waits(plan: Case) -> str:
    return (
        f"{show(plan['utilization'], 'share')} of the replicas are at work at the peak: "
        "waits of so full a fleet depend on chance and on the day. "
        f"`{plan.to_simulate}` simulates days"
    )


def _beyond_runs(scenario: Scenario) -> Test | None:
    if "gpu_seconds_per_video" in scenario.pins:
        return None
    return lambda known: (known["visual_tokens"] < _FEWEST) | (known["visual_tokens"] > _MOST)


@warning(
    "outside-model-range", "visual_tokens gpu_seconds_per_video", due=_beyond_runs, by=("visual_tokens",), of="stage"
)
def _tokens(plan: Case) -> str:
    return (
        f"{plan['visual_tokens']:.0f} visual tokens are outside the {_FEWEST} to {_MOST} "
        "of the runs that the generation model was held against"
    )


@warning("not-calibrated", "gpu runtime")
def _not_calibrated(plan: Case) -> str:
    """Warn of seconds that the user's own runs say nothing of, though they moved others."""
    timed = uncalibrated(plan.scenario)
    return timed and f"{timed}; its seconds rest on published runs alone"


@warning(
    "target-latency-uncertain",
    "latency_p95 target_latency",
    due=lambda scenario: lambda known: verdict_of(scenario, known).at_risk,
)
def _promise(plan: Case) -> str:
    return verdict_of(plan.scenario, plan.known).risk


def model_error_ignored(scenario: Scenario, ranges: Collection[str]) -> Iterator[PlanWarning]:
    """Warn of bands that leave out the model's error, since `time_factor` was set to one number by hand."""
    names = [name for name in FIGURES if "time_factor" in ancestry(name, scenario)]
    if "time_factor" in ranges or not names:
        return
    message = (
        "time_factor is one number, set by hand, so the bands leave out the generation model's own error; "
        "without it they hold the published one"
    )
    yield PlanWarning("model-error-ignored", message, ("time_factor", *names), "info")


# A checkpoint that isn't distilled is not run at fewer than one step in so many of its own, nor a distilled one at more
# than so many times its own.
_FEWER = 4
# A bitrate this many times below that of its frame's size was meant for another.
_LOW_BITRATE = 5


def _is_distilled(scenario: Scenario) -> bool:
    return scenario.option("distilled") != CHOICES["distilled"].default


def _own(scenario: Scenario) -> tuple[float, float]:
    """Return the steps and the passes a step of the chosen checkpoint."""
    supplied = scenario.catalogue.supplied("distilled" if _is_distilled(scenario) else "model", scenario.chosen())
    return float(supplied["steps"][0].text), float(supplied["passes_per_step"][0].text)


def _unlike_checkpoint(scenario: Scenario) -> Test | None:
    """Return the test of steps far below the checkpoint's, or far above those of a distilled one.

    Few steps that have a source are of another checkpoint. One that is distilled is recognized by its distilled
    guidance: fewer passes per step than the model's own.
    """
    if "gpu_seconds_per_video" in scenario.pins or scenario.by_hand("model_params"):
        return None
    steps, passes = _own(scenario)
    sourced = scenario.settings["steps"].source and scenario.by_hand("steps")
    few = 0.0 if sourced else steps / _FEWER
    most = steps * _FEWER if _is_distilled(scenario) else math.inf
    return lambda known: (known["steps"] > most) | ((known["steps"] < few) & (known["passes_per_step"] >= passes))


@warning("steps-not-distilled", "steps", due=_unlike_checkpoint, of="stage")
def _undistilled_steps(plan: Case) -> str:
    model, (own, _passes) = plan.scenario.option("model"), _own(plan.scenario)
    if plan["steps"] > own:
        return f"{show(plan['steps'], 'step')} are far above the {own:g} of the distilled checkpoint; take `steps` out"
    return (
        f"{show(plan['steps'], 'step')} are far below the {own:g} of {model}, which is not distilled to so few; "
        "take a distilled model, or add the `source` of `steps`"
    )


_STRIDES = ("frames_at_a_time", "vae_compression_frames", "chunk_frames")


def _odd_frames(scenario: Scenario) -> Test | None:
    """Return the test of a clip that is no first frame and whole strides of its VAE, as the model's own clip is."""
    seconds = "gpu_seconds_per_video"
    if not {seconds, *ancestry(seconds, scenario)}.isdisjoint(scenario.pins):
        return None
    facts = scenario.catalogue.find("models", scenario.option("model")).facts
    own = 1
    if "duration" in facts:  # a user's model may have none
        duration, fps = (facts[name].point(name) for name in ("duration", "fps"))
        own = round(duration * fps)

    def odd(known: Known) -> Number:
        frames, stride, chunk = (known[name] for name in _STRIDES)
        return (chunk <= 0) & (stride % 1 == 0) & ((own - 1) % stride == 0) & ((frames - 1) % stride > 0)

    return odd


@note("frames-left-out", "frames_per_video gpu_seconds_per_video", due=_odd_frames, by=_STRIDES, of="clip")
def _frames_left_out(plan: Case) -> str:
    frames, stride, _chunk = (plan[name] for name in _STRIDES)
    fewer, more = (stride * (count - 1) + 1 for count in (plan["latent_frames"], plan["latent_frames"] + 1))
    return (
        f"the seconds are those of {fewer:g} of {frames:g} frames, since the VAE adds {stride:g} at a time; "
        f"a tool that makes {more:g} takes longer: `duration: {more / plan['fps']:.6g} s`"
    )


@warning("base-checkpoint", "model distilled", of="stage")
def _base_checkpoint(plan: Case) -> str:
    """Warn of a base checkpoint where services run a distilled one, unless its steps or seconds were set by hand."""
    scenario = plan.scenario
    model = scenario.catalogue.find("models", scenario.option("model"))
    served = scenario.catalogue.entry("distilled", model.about.get("served", ""))
    set_by_hand = scenario.by_hand("steps") or "gpu_seconds_per_video" in scenario.pins
    if not served or model.private or set_by_hand or _is_distilled(scenario):
        return ""
    steps, own = served.facts["steps"].text, show(plan["steps"], "step")
    return (
        f"{model.id} is the base checkpoint, {own}; "
        f"services run the distilled one, {steps} steps: add `--distilled {served.id.partition('/')[2]}`"
    )


def _most_skipped(scenario: Scenario) -> dict[str, float]:
    """Return the catalogue's largest share of each kind of skipped work that was written by hand without a source."""
    entries = scenario.catalogue.entries
    shares = {"cached_step_share": "step_caches", "attention_sparsity": "sparse_attentions"}
    by_hand = {
        name: kind for name, kind in shares.items() if scenario.by_hand(name) and not scenario.settings[name].source
    }
    return {
        name: max(entry.facts[name].point(name) for entry in entries(kind).values() if name in entry.facts)
        for name, kind in by_hand.items()
    }


def _beyond_catalogue(scenario: Scenario) -> Test:
    most = _most_skipped(scenario)
    return any_of(lambda known: {name: known[name] > share + ROUNDING_ERROR for name, share in most.items()})


@warning("skips-beyond-catalogue", due=_beyond_catalogue, of="stage")
def _skipping(plan: Case) -> Iterator[Text]:
    """Warn of steps or attention left out by hand, more than any acceleration of the catalogue leaves out."""
    for name, most in _most_skipped(plan.scenario).items():
        if plan[name] > most + ROUNDING_ERROR:
            excess = (
                f"{name} is {show(plan[name], 'share')}; "
                f"no acceleration in the catalogue skips more than {show(most, 'share')}"
            )
            yield Text(f"{excess}. Correct it, or add its `source`", (name,))


@note("another-picture")
def _another_picture(plan: Case) -> Iterator[Text]:
    """State the known effect of each chosen acceleration on picture quality."""
    chosen = plan.scenario.chosen()
    for name in ACCELERATIONS:
        if (
            chosen[name] != CHOICES[name].default
            and not (entry := plan.scenario.catalogue.acceleration(name, chosen)).private
        ):
            remarks = entry.about.get("quality", "nothing is said of it"), entry.about.get("note")
            known = "; ".join(remark for remark in remarks if remark)
            yield Text(f"`{name}: {chosen[name]}` changes the picture: {known}", (name,))


def _low_bitrate(scenario: Scenario) -> Test | None:
    """Return the test of a bitrate written by hand that is far below that of the frame's size.

    Return none if the bitrate follows the size.
    """
    if scenario.bitrate_follows:
        return None
    return lambda known: known["bitrate"] * _LOW_BITRATE < bitrate(scenario, known["width"], known["height"])


@warning("bitrate-unlike-frame", "bitrate width height", due=_low_bitrate, of="clip")
def _bitrate(plan: Case) -> str:
    show_rate = ASSUMPTIONS["bitrate"].show
    return (
        f"bitrate is {show_rate(plan['bitrate'])}, and a frame of {plan['width']:.0f}x{plan['height']:.0f} "
        f"usually has {show_rate(bitrate(plan.scenario, plan['width'], plan['height']))}; "
        "set `bitrate`, or `bitrate: null` to take that"
    )
