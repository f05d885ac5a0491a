"""Everything that an answer advises, each as the estimate with those flags: remedies, alternatives and drivers."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.plan.candidates import DECIDES
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.trials import (
    FIXES,
    Trial,
    in_brackets,
    latency_fixes,
    limit_fixes,
    memory_fixes,
    rank_of,
    repainted_fixes,
)
from t2v_capacity.plan.verdict import broken, chance_in_words, late, late_in_words, no_value, overfull
from t2v_capacity.scenario.settings import Scenario

_MEMORY, _LATENCY, _OVERLOAD = "memory-does-not-fit", "misses-target-latency", "overloaded"
_RISK = "target-latency-uncertain"
# The warnings that name remedies.
_FIXED = {_MEMORY: memory_fixes, _LATENCY: latency_fixes, _RISK: latency_fixes, _OVERLOAD: limit_fixes}
_PERSISTS: dict[str, Callable[[Trial], object]] = {
    _MEMORY: lambda trial: overfull(trial.known),
    _LATENCY: lambda trial: no_value(trial.known["latency_p95"]) or late(trial.known),
    _RISK: lambda trial: not trial.sure,
    _OVERLOAD: lambda trial: not trial.known["utilization"] < 1,
}


def troubles(plan: Estimate) -> tuple[str, ...]:
    """Return the codes of a plan's warnings that name remedies, each once."""
    return tuple(dict.fromkeys(warning.code for warning in plan.warnings if warning.code in _FIXED))


def mended(codes: Iterable[str], trial: Trial) -> list[str]:
    """Return which troubles a plan no longer has with a change."""
    return [code for code in codes if trial.figures and not _PERSISTS[code](trial)]


def mends_all(codes: Sequence[str], trial: Trial) -> bool:
    """Return whether a change leaves no trouble of these."""
    return len(mended(codes, trial)) == len(codes)


def remedies(plan: Estimate) -> tuple[Trial, ...]:
    """Return the changes that mend what a plan is warned of: first what mends all, last another picture.

    The first ones of each trouble are taken. Where none of these surely mends all, so is one that mends all, of those
    for the last trouble.
    """
    codes = troubles(plan)
    asked = plan.scenario, plan.known
    tried = [
        trial for code in codes for trial in islice((fix for fix in _FIXED[code](*asked) if mended([code], fix)), FIXES)
    ]
    if codes and not any(mends_all(codes, trial) and trial.sure for trial in tried):
        tried += islice((fix for fix in _FIXED[codes[-1]](*asked) if mends_all(codes, fix)), 1)
    if _LATENCY in codes:
        tried += islice(repainted_fixes(*asked), 1)
    tried.sort(
        key=lambda trial: (
            trial.makes_another_picture,
            -len(mended(codes, trial)),
            overfull(trial.known),
            not trial.sure,
            rank_of(trial),
        )
    )
    return tuple({frozenset(trial.change.settings): trial for trial in tried}.values())


def change_text(trial: Trial) -> str:
    """Return a change as it is typed; of another checkpoint or decoder it says first what that makes."""
    return f"another picture: {trial.change}" if trial.makes_another_picture else str(trial.change)


def remedy_text(plan: Estimate, trial: Trial) -> str:
    """Return a remedy as it is typed; one that leaves a trouble says which it mends and what remains.

    One that meets a target too rarely says how often, and one that takes an engine that no list has says so. One whose
    bill is over a tenth more says the bill.
    """
    codes = troubles(plan)
    mends = mended(codes, trial)
    notes = [_outcome(code, trial, mends=code in mends) for code in codes]
    if len(mends) == len(codes):
        notes = [_risk(trial)]
    bill = trial.figures["cost_per_month"]
    if bill > plan.known["cost_per_month"] * DECIDES:
        notes.append(show(bill, "USD/month"))
    return f"{change_text(trial)}{in_brackets(*notes, trial.caveat)}"


def _risk(trial: Trial) -> str:
    """Return how often a change keeps the target, or by how much it misses it; nothing where it surely keeps it.

    Of what could not run, a limit may then be too low.
    """
    if _PERSISTS[_OVERLOAD](trial):
        return "then overloaded"
    if trial.sure or not trial.verdict:
        return ""
    missed = late_in_words(trial.verdict.scenario, trial.known)
    return missed if broken(trial.known) else f"at risk: met in {chance_in_words(trial.verdict.target or 0)}"


def _outcome(code: str, trial: Trial, *, mends: bool) -> str:
    """Return what becomes of a trouble with a change."""
    known = trial.known
    if code == _MEMORY:
        return "fits" if mends else "still does not fit"
    if code == _OVERLOAD:
        return "carries the peak" if mends else "still overloaded"
    if code == _RISK and not mends:
        return _risk(trial)
    if no_value(known["latency_p95"]):
        return "no p95 latency"
    latency = show(known["latency_p95"], "second")
    return f"p95 {latency}" if mends else f"p95 still {latency}"


def kept_kernel(scenario: Scenario) -> tuple[str, ...]:
    """Return that a kernel by hand is kept on all GPUs that are tried, where some run it and usually another.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> [len(kept_kernel(load_scenario(None, [f"attention_kernel={kernel}"]))) for kernel in ("fa2", "fa3")]
    [1, 0]
    """
    kernel, catalogue = scenario.choices["attention_kernel"], scenario.catalogue
    text = (
        f"`attention_kernel: {kernel.value}` is kept on every GPU that runs it; "
        "with `--set attention_kernel=null` each has its usual one"
    )
    kept = any(
        generation.about["kernel"] != kernel.value and catalogue.entry("kernels", f"{generation.id}/{kernel.value}")
        for generation in catalogue.entries("generations").values()
    )
    return (text,) if kept and kernel.origin.by_hand else ()
