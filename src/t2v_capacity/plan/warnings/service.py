"""What keeps a plan from being served: memory, the layout of a clip, load, refusals, targets."""

from collections.abc import Callable, Iterator
from itertools import islice

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.constants import FEWEST_REFUSED, NO_QUEUE_LIMIT
from t2v_capacity.engine.figures import FIGURES, Known, Number, evaluate
from t2v_capacity.plan.cells import ancestry
from t2v_capacity.plan.trials import FIXES, Trial, deferred_fixes, in_brackets, latency_fixes, memory_fixes
from t2v_capacity.plan.verdict import (
    FITS_BY,
    LATE_BY,
    cannot_run,
    deferred_in_words,
    deferred_late,
    heads_left_over,
    late,
    late_in_words,
    no_value,
    overfull,
    overload_in_words,
    short_of_memory,
)
from t2v_capacity.plan.warnings.register import ROUNDING_ERROR, Case, Test, Text, note, warning
from t2v_capacity.scenario.settings import Scenario

# Matrices of a block's adaptive norms, which modulate before and after its two halves.
# The source is Peebles and Xie, arXiv:2212.09748, 2022.
_MODULATION = 6
# Parameters of a transformer lie within this factor of those that its layers imply.
# Audio streams and embeddings are the rest.
_UNLIKE = 1.5
_SIZES = "model_params layers hidden_size ffn_size ffn_matrices"
# Of a number that is carried, so that it is carried when it is typed as it is shown, with three digits.
_ROUNDED = 0.995
# Figures of waiting, absent for an overloaded fleet.
WAITING = ("idle_share", "delayed_wait", "wait_p95", "runs_latency_p95", "latency_p95")
# Of one whose urgent work leaves nothing, also these; and of one that never catches up.
ENDLESS = ("fluid_deferred_wait", "deferred_slack", "fluid_backlog", "fluid_wait", "overload_wait", "latency_slack")


def held_instead(name: str, known: Known) -> str:
    """Return what to hold to a limit where a wait has no value since a fleet makes its peak later; else nothing.

    Where the queue has a limit, waits end with it, and more runs are refused.

    >>> held_instead("latency_p95", {"utilization": 1.2, "fluid_wait": 600.0, "queue_limit": 1e18})
    'where the peak need not be carried, hold `overload_wait` to a limit instead'
    """
    if name not in WAITING or not known["utilization"] >= 1 or no_value(known["fluid_wait"]):
        return ""
    refusing = known["queue_limit"] < NO_QUEUE_LIMIT
    held = "`overload_wait` and `refused_share` to limits" if refusing else "`overload_wait` to a limit"
    return f"where the peak need not be carried, hold {held} instead"


def _fixes_in_words(fixes: Iterator[Trial], cost: Callable[[Known], str]) -> str:
    """Return the first changes as they are typed, the very first with what it costs; nothing if there is none."""
    texts = list[str]()
    for trial in islice(fixes, FIXES):
        other = "another picture" if trial.makes_another_picture else ""
        texts.append(f"`{trial.change}`{in_brackets('' if texts else cost(trial.figures), other, trial.caveat)}")
    return " or ".join(texts)


@warning("memory-does-not-fit", due=overfull, by=FITS_BY, of="clip")
def _memory(plan: Case) -> Iterator[Text]:
    """Warn of a clip that does not fit its GPU, or cannot run there.

    Name the cheapest changes that mend it, and what each costs.
    """
    if fitting := _fixes_in_words(
        memory_fixes(plan.whole_scenario, plan.whole_known),
        lambda figures: (
            f"{show(figures['memory_needed'], 'byte')}, {show(figures['gpu_seconds_per_video'], 'second/video')}"
        ),
    ):
        fix = f"fits with {fitting}"
    else:
        fix = f"fits on a GPU with {show(plan['memory_needed'] / plan['usable_memory_share'], 'byte')}"

    short = short_of_memory(plan.known)
    without: tuple[str, ...] = ()
    if no_value(FIGURES["can_run"].of(plan.known)):  # of a part its own memory, not that of the worst part
        without = tuple(
            name for name in FIGURES if no_value(plan[name]) and "can_run" in (name, *ancestry(name, plan.scenario))
        )
    verdict = f"cannot run: {short}"
    if not cannot_run(plan.known):
        verdict = f"may not fit: {short}, within the memory model's error"
        if without:
            verdict = f"is predicted not to run, but its seconds are pinned: {short}"
    yield Text(f"{verdict}; {fix}", ("memory_needed", *without))


@warning(
    "heads-not-divisible",
    "heads gpus_per_replica",
    heads_left_over,
    of="clip",
)
def _heads(plan: Case) -> str:
    if plan["gpus_per_pass"] % 1:
        return f"{plan['gpus_per_replica']:g} GPUs don't divide over {plan['guidance_split']:g} passes side by side"
    return (
        f"{plan['heads']:.0f} attention heads don't divide over {plan['gpus_per_pass']:g} GPUs; "
        "sequence parallelism by heads (Ulysses) needs that"
    )


def _own_link(scenario: Scenario) -> Test | None:
    """Return the test of a pass that goes over host links though its own link was set by hand."""
    if not scenario.by_hand("interconnect_bandwidth") or scenario.by_hand("bridged_gpus"):
        return None
    return lambda known: known["gpus_per_pass"] > known["bridged_gpus"]


@warning("link-not-used", "interconnect_bandwidth bridged_gpus", due=_own_link, by=("bridged_gpus",))
def _unused_link(plan: Case) -> str:
    bridged, gpus = plan["bridged_gpus"], plan["gpus_per_pass"]
    return (
        f"`interconnect_bandwidth` is of {bridged:g} bridged GPUs, and a pass of {gpus:g} goes over host links; "
        "if more share it, set `bridged_gpus`"
    )


@note("group-slower", "first_frame_seconds gpus_per_replica", of="stage")
def _slower_group(plan: Case) -> str:
    """Note that half of a group's GPUs, or fewer, are quicker: exchanges take longer than sharing saves."""
    gpus = plan["gpus_per_replica"]
    given = {name: plan[name] for name in (*ASSUMPTIONS, *plan.scenario.pins)}
    sizes = [2**power for power in range(int(gpus).bit_length() - 1)]
    seconds = {
        size: evaluate({**given, "gpus_per_replica": size}, ("first_frame_seconds",))["first_frame_seconds"]
        for size in sizes
    }
    size = min(sizes, key=lambda group: (no_value(seconds[group]), seconds[group]), default=gpus)
    if size == gpus or not seconds[size] < plan["first_frame_seconds"] * (1 - ROUNDING_ERROR):
        return ""
    exchange = max(plan["communication_seconds"], plan["gathering_seconds"])
    exchanged = show(exchange + plan["starting_seconds"], "second")
    return (
        f"{gpus:g} GPUs take {show(plan['first_frame_seconds'], 'second')} per "
        f"{'chunk' if plan.scenario.streams else 'clip'}, "
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


@warning("parameters-unlike-architecture", _SIZES, _unlike)
def _parameters(plan: Case) -> str:
    """Warn of sizes that a user wrote; an entry of the package says in its note how a stream's differ."""
    model = plan.scenario.catalogue.find("models", plan.scenario.option("model"))
    if not model.changed and not any(map(plan.scenario.by_hand, _SIZES.split())):
        return ""
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
    written = {*filter(plan.scenario.by_hand, ASSUMPTIONS)}
    if not written & {"layers", "hidden_size"} or any(name.startswith("vae_") for name in written):
        return ""
    return (
        f"layers and width are set by hand, but the VAE is that of {model.value}; "
        "set the `vae_` inputs, or `model` to one with this VAE"
    )


def _is_overloaded(known: Known) -> Number:
    without = any(no_value(known[name]) for name in WAITING)
    return (without | (known["utilization"] >= 1) | (known["peak_busy_gpus"] > known["gpus"])) & (
        known["clip_runs"] > 0
    )


@warning("overloaded", due=_is_overloaded, by=(*WAITING, "clip_runs", "utilization", "peak_busy_gpus", "gpus"))
def _overload(plan: Case) -> Iterator[Text]:
    """Warn of a fleet that can't carry its peak: how long its backlog grows, or that it never clears."""
    waiting = tuple(name for name in (*WAITING, *ENDLESS) if no_value(plan[name]))
    if not waiting and plan["utilization"] < 1:
        message = (
            f"at the peak {show(plan['peak_busy_gpus'], 'gpu')} would be at work "
            f"and {show(plan['gpus'], 'gpu')} are rented; "
            f"waits and latencies are those of the {show(plan['replicas'], 'replica')} that the load asks for; write "
            f"`gpu_limit: {plan['gpus']:.0f}` in place of the pin, and they follow"
        )
        yield Text(message, ("gpus", "average_utilization"))
        return

    fix = "more GPUs or fewer requests carry the peak"
    if "replicas" in plan.scenario.pins:
        fix = "raise the pinned number of them"
    elif "dau" in ancestry("busy_replicas", plan.scenario):
        carried = _ROUNDED * plan["dau"] / plan["utilization"] if plan["utilization"] else 0.0  # by utilization only
        fix = f"it carries the peak of {show(carried, ASSUMPTIONS['dau'].unit)}"
    endless, deferred = no_value(plan["fluid_wait"]), plan["supply_ratio"] < 1 and plan["deferrable_share"] > 0
    if endless or deferred:
        served, demand = plan["delivered_per_day"], plan["delivered_per_day"] / plan["served_share"]
        queue = "the queue" if endless else "the queue of work that can wait"
        message = (
            f"serves {show(served, 'video/day')} of {show(demand, 'video/day')}; {queue} grows indefinitely; {fix}"
        )
    else:
        message = f"{overload_in_words(plan.known)}; {fix}"
    yield Text(message, ("utilization", *waiting))


@warning(
    "requests-refused", "refused_per_day served_share queue_limit", lambda refused_share: refused_share > FEWEST_REFUSED
)
def _refusals(plan: Case) -> str:
    share, number = show(plan["refused_share"], "share"), show(plan["refused_per_day"], "video/day")
    longer = "raise `queue_limit` or " if plan["utilization"] < 1 and not late(plan.known) else ""
    more = "raise `gpu_limit`" if plan["replicas"] < plan["replicas_needed"] else "lower `max_utilization`"
    return (
        f"the queue holds {show(plan['queue_limit'], 'video')}: {share} of runs, {number}, "
        f"come to a full one and are refused; {longer}{_pin_to_raise(plan) or more}"
    )


def _pin_to_raise(plan: Case) -> str:
    """Return that a pinned fleet is to be raised; nothing where none is pinned."""
    pins = (f"raise the pinned `{name}`" for name in ("replicas", "servers", "gpus") if name in plan.scenario.pins)
    return next(pins, "")


@warning(
    "misses-target-latency",
    "latency_p95 target_latency",
    # A default is no promise, but a stream promises to keep up.
    due=lambda scenario: late if scenario.by_hand("target_latency") or scenario.streams else None,
    by=LATE_BY,
    of="clip",
)
def _latency(plan: Case) -> str:
    """Warn of a missed promise, with the cheapest changes that keep it and what each gives."""
    fix = (
        "no kernel, runtime, group of up to 8 GPUs, listed few-step checkpoint or decoder, or fleet tested meets it; "
        "step caches, sparse attention and kernels of fewer bits were not tried"
    )
    if no_value(plan["latency_p95"]):
        fix = "more GPUs or fewer requests carry the peak"
    elif meeting := _fixes_in_words(
        latency_fixes(plan.whole_scenario, plan.whole_known),
        # Of a mix the slowest part has it, which may be another one.
        lambda figures: "" if plan.whole_scenario.parts else show(figures["latency_p95"], "second"),
    ):
        fix = f"met with {meeting}"
    return f"{late_in_words(plan.scenario, plan.known)}; {fix}"


@warning(
    "stream-without-chunks",
    "chunk_frames",
    lambda streamed, chunk_frames, first_frame_seconds: (
        (streamed > 0) & (chunk_frames <= 0) & (first_frame_seconds >= 0)
    ),
)
def _whole_stream(plan: Case) -> str:
    """Warn of a stream that is made as one clip, of which no frame can be sent before all are made."""
    return (
        f"the first frame comes after {show(plan['first_frame_seconds'], 'second')}, when all are made; "
        "set `chunk_frames` and `window_frames` as the model has them"
    )


@warning(
    "misses-deferred-wait",
    "fluid_deferred_wait target_deferred_wait",
    due=lambda scenario: deferred_late if scenario.by_hand("target_deferred_wait") else None,
    by=("deferred_slack", "utilization", "deferrable_share"),
)
def _deferred_wait(plan: Case) -> str:
    """Warn of a missed promise to work that can wait, with the cheapest changes that keep it."""
    fixes = islice(deferred_fixes(plan.whole_scenario, plan.whole_known), 1)
    fix = "no larger fleet tested keeps it"
    if pin := _pin_to_raise(plan):
        fix = f"{pin} and lower `max_utilization`"
    elif kept := _fixes_in_words(fixes, lambda figures: show(figures["gpus"], "gpu")):
        fix = f"kept with {kept}"
    return f"{deferred_in_words(plan.known)}; {fix}"


@warning(
    "deferred-wait-always-on",
    "fluid_deferred_wait gpu_cost_per_month",
    lambda held_fraction, deferrable_share, levelled_peak: (
        (held_fraction < 1) & (deferrable_share > 0) & (levelled_peak > 1)
    ),
)
def _following(_plan: Case) -> str:
    return (
        "the bill's GPUs follow the day, and the wait of deferred work is that of all of them at every hour: "
        "on the hours of `--only scaling` it waits several times as long; scale by its rule, or reserve all"
    )
