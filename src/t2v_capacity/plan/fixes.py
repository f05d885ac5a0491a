"""Remedies: the cheapest changes that mend a plan, each tried as the estimate with those flags."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, product

from t2v_capacity.engine.figures import Known
from t2v_capacity.plan.options import options, same_picture
from t2v_capacity.plan.trials import FlagChange, Memo, Trial, change, trials
from t2v_capacity.plan.verdict import late, no_fuller, no_value, overfull, stops
from t2v_capacity.scenario.settings import Scenario

# Changes that a warning names.
FIXES = 2
LARGER = (2, 4, 8)
LOWER_WAITS = (0.02, 0.01, 0.001)
# Choices that make the same clip sooner.
QUICKER = ("attention_kernel", "runtime")


def memory_fixes(scenario: Scenario, known: Known, memo: Memo | None = None) -> Iterator[Trial]:
    """Yield the changes with which a clip fits its GPU, the cheapest first.

    The order is number format, offload, tiles, then groups that divide weights.
    """
    yield from _fixing(scenario, _for_memory(known), lambda figures, _values: not overfull(figures), memo)


def latency_fixes(scenario: Scenario, known: Known, memo: Memo | None = None) -> Iterator[Trial]:
    """Yield the changes that meet the promised latency.

    The order is kernel, runtime, both, then groups, a fleet that waits less, few-step checkpoints.
    """
    yield from _fixing(scenario, _for_latency(scenario, known, memo), _meets(known), memo)


def checkpoint_fixes(scenario: Scenario, known: Known, memo: Memo | None = None) -> Iterator[Trial]:
    """Yield the few-step checkpoints of the model that meet the promised latency."""
    yield from _fixing(scenario, _checkpoints(scenario), _meets(known), memo)


def _meets(known: Known) -> Callable[[Known, Known], bool]:
    """Return the test of whether a changed plan keeps its promise, and fits as well as before."""

    def test(figures: Known, values: Known) -> bool:
        return no_fuller(figures, known) and not late({**values, **figures}) and not no_value(figures["latency_p95"])

    return test


def limit_fixes(scenario: Scenario, known: Known, memo: Memo | None = None) -> Iterator[Trial]:
    """Yield the `gpu_limit` with which a fleet that a limit keeps too small carries its peak."""
    free = trials(scenario, [change(gpu_limit="null")], memo) if scenario.settings["gpu_limit"].origin.by_hand else ()
    enough = [
        change(gpu_limit=f"{trial.figures['gpus']:.0f}")
        for trial in free
        if trial.figures and trial.figures["utilization"] < 1
    ]
    yield from _fixing(
        scenario, enough, lambda figures, _values: not known["utilization"] <= figures["utilization"] < 1, memo
    )


def fixes_in_words(fixes: Iterator[Trial], cost: Callable[[Known], str]) -> str:
    """Return the first changes as they are typed, the very first with what it costs; nothing if there is none."""
    tried = [*islice(fixes, FIXES)]
    texts = [f"`{trial.change}`" for trial in tried]
    if tried:
        other = ", another checkpoint" if "distilled" in dict(tried[0].change.settings) else ""
        texts[0] += f" ({cost(tried[0].figures)}{other})"
    return " or ".join(texts)


def _fixing(
    scenario: Scenario, changes: Iterable[FlagChange], fixed: Callable[[Known, Known], bool], memo: Memo | None
) -> Iterator[Trial]:
    for trial in trials(scenario, changes, memo):
        if trial.figures and trial.scenario and fixed(trial.figures, trial.scenario.values()):
            yield trial


def _for_memory(known: Known) -> Iterator[FlagChange]:
    if known["bytes_per_parameter"] > 2:  # noqa: PLR2004 - 16 bits
        yield change(precision="bf16")
    yield change(offload="encoder")
    yield change(vae_tiling="tiled")
    yield change(offload="all")
    yield change(offload="blocks")
    yield change(vae_tiling="tiled", offload="all")
    yield change(vae_tiling="tiled", offload="blocks")
    if known["bytes_per_parameter"] > 1:
        yield change(precision="fp8")
    yield from _groups(known, sharding="weights")
    if known["bytes_per_parameter"] > 1:
        yield change(precision="fp8", vae_tiling="tiled", offload="all")


def _for_latency(scenario: Scenario, known: Known, memo: Memo | None) -> Iterator[FlagChange]:
    """Yield the changes that may meet a latency.

    Kernels and runtimes are tried together where each alone is quicker. A stream that stops takes a larger group.
    """
    if stops(known["playing_speed"]):
        yield from _groups(known)
    others = [_others(scenario, name) for name in QUICKER]
    yield from chain(*others)
    quicker = [[flags for flags in own if _is_quicker(scenario, flags, known, memo)] for own in others]
    yield from (FlagChange(kernel.settings + runtime.settings) for kernel, runtime in product(*quicker))

    groups = _groups(known)
    yield from groups
    yield from (FlagChange(runtime.settings + group.settings) for group in groups for runtime in quicker[1])

    if not known["sized_by_latency"]:
        yield change(sized_by="latency")
    yield from (
        change(target_wait_probability=f"{wait:g}") for wait in LOWER_WAITS if wait < known["target_wait_probability"]
    )
    yield from _groups(known, sharding="weights")
    yield from _checkpoints(scenario)


def _checkpoints(scenario: Scenario) -> list[FlagChange]:
    return [
        change(distilled=option)
        for option in options(scenario, "distilled")
        if option not in ("none", scenario.choices["distilled"].value)
    ]


def _groups(known: Known, **also: str) -> list[FlagChange]:
    """Return the groups of more GPUs, with what they also change."""
    return [change(gpus_per_replica=str(group), **also) for group in LARGER if group > known["gpus_per_replica"]]


def _others(scenario: Scenario, name: str) -> list[FlagChange]:
    """Return the other options of a choice that make the same picture."""
    chosen = scenario.choices[name].value
    return [
        change(**{name: option})
        for option in options(scenario, name)
        if option != chosen and same_picture(scenario, name, option)
    ]


def _is_quicker(scenario: Scenario, flags: FlagChange, known: Known, memo: Memo | None) -> bool:
    (trial,) = trials(scenario, [flags], memo)
    return bool(trial.figures) and trial.figures["first_frame_seconds"] < known["first_frame_seconds"]
