"""The lines below the figures of the first screen: why, what else and how sure."""

import shlex
from collections.abc import Iterator

from t2v_capacity.answers.estimate_figures import SHOWN_LINK
from t2v_capacity.answers.estimate_stream import stream_proof
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.constants import NO_QUEUE_LIMIT
from t2v_capacity.errors import count_of
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import EXTRAPOLATED, MEASURED, OWN_RANGE, OWN_RUNS, own_rows, timed_in_words
from t2v_capacity.plan.verdict import cannot_run
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.flags import flags_of, words_of
from t2v_capacity.scenario.settings import NOTE, PlanWarning

# Warnings that what stands before the answer says already.
_STAND_FIRST = ("memory-does-not-fit", "misses-target-latency", "overloaded", "target-latency-uncertain")
# What the line on its proof says of a stream already.
_OF_A_STREAM = ("extrapolated",)
_SECONDS = "held_seconds"


def lines_below(record: PlanRecord) -> Iterator[tuple[str, str]]:
    """Yield each line as the word that begins it and its text."""
    plan = record.plan
    if not cannot_run(plan.known):
        if why := _why(record):
            yield "why", why
        if savings := "; ".join(_savings(record)):
            yield "save", savings
        if record.apis and not plan.parts:
            yield "buy", str(record.apis)
        yield "sure", stream_proof(plan) if plan.scenario.streams else _sure(record)
        if plan.scenario.file and is_unsteady(plan):
            yield "days", "waits are of a steady queue; `estimate FILE --only waiting` simulates days"
    shown_above = (*_STAND_FIRST, *_OF_A_STREAM) if plan.scenario.streams else _STAND_FIRST
    for warning in shown_warnings(plan).values():
        if warning.code not in shown_above:
            yield "warning", f"{warning.code}: {warning.message}"
    yield "more", _more(plan)


def _more(plan: Estimate) -> str:
    """Return what to ask next: other commands, or how to keep a plan of flags in a file."""
    notes = sum(warning.severity == NOTE for warning in plan.warnings)
    more = f"--all ({count_of(notes, 'note')})" if notes else "--all"
    if plan.scenario.file:
        return f"explain FILE gpus | compare FILE | {more} | init my.yaml"
    return f"{more} | keep it: t2v-cap init my.yaml {shlex.join(words_of(flags_of(plan.scenario)))}"


def shown_warnings(plan: Estimate) -> dict[str, PlanWarning]:
    """Return the warnings by their codes, without notes."""
    return {warning.code: warning for warning in plan.warnings if warning.severity != NOTE}


def _why(record: PlanRecord) -> str:
    """Return the way from a clip's seconds to the GPUs that are rented, one factor after the other."""
    seconds, rate, busy = (record.plan.figures[name] for name in (_SECONDS, "generation_rate", "busy_gpus"))
    if not (seconds and rate and busy):
        return ""
    work = f"{show(busy, 'gpu', brief=True)} busy"
    if abs(seconds * rate / busy - 1) < SHOWN_LINK - 1:
        work = f"{show(seconds, 'second')} x {digits(rate)}/s = {work}"
    factors = (
        f"x {digits(link.factor)} {link.name}"
        for link in record.waterfall
        if not 1 / SHOWN_LINK < link.factor < SHOWN_LINK
    )
    return ", ".join((work, *factors))


def _savings(record: PlanRecord) -> Iterator[str]:
    """Yield each change that makes the bill smaller, by how much, and what its seconds rest on.

    Without a price, the fleet stands for the bill.
    """
    plan = record.plan
    figure = "gpus" if plan.figures["cost_per_month"] is None else "cost_per_month"
    price = plan.values["gpu_price"]
    for trial, verdict in record.alternatives:
        factor = trial.figures[figure] / (plan.figures[figure] or 1.0)
        if factor < 1 / SHOWN_LINK:
            other = verdict.scenario.values()["gpu_price"]
            prices = "" if other == price else f"{other:.2f} USD/h, not {price:.2f}; "
            timed = timed_in_words(verdict.scenario, verdict.known)
            yield f"{100 * (factor - 1):+.0f}% {trial.change} ({prices}{timed})"


def _sure(record: PlanRecord) -> str:
    """Return how far off the seconds may be, by how many runs."""
    plan = record.plan
    error = plan.verdict.error
    if exact := _exact(plan):
        return exact
    ends = f"{error.low:.2f} to {error.high:.2f} times the prediction"
    if not error.promised:
        return f"{_unlike(plan)}; {ends}"
    own = own_rows(plan.scenario)
    runs = f"{own} runs of your own" if own else f"{record.similar_runs} near"
    if error.kind == OWN_RUNS:
        return f"{error.promised:.0%} of {own} runs of your own took {ends}"
    return f"{error.promised:.0%} of {error.whose} took {ends}; {runs}"


def _exact(plan: Estimate) -> str:
    """Return why the seconds can't be off: each part's are pinned, or a factor without a range was set by hand."""
    error = plan.verdict.error
    if error.low < error.high:
        return ""
    return "`time_factor` is set by hand" if error.kind == OWN_RANGE else "the seconds are pinned"


def _unlike(plan: Estimate) -> str:
    """Return how far the nearest published run is from a plan that no run is like."""
    return "nothing like it was measured" if plan.evidence == EXTRAPOLATED else "no published run is like it"


def rests_on(record: PlanRecord) -> str:
    """Return the evidence of a plan, and the nearest published run."""
    evidence = _evidence(record)
    if not record.nearest:
        return evidence
    run = record.nearest[0]
    ratio = (
        f"measured {digits(run.measured, exact=False)} s, "
        f"predicted {digits(run.predicted, exact=False)} s ({run.ratio:.2f})"
    )
    return f"{evidence}; nearest ({run.label}): {ratio}"


def _evidence(record: PlanRecord) -> str:
    """Return what the seconds rest on: a pin, runs of one's own, or published ones."""
    plan = record.plan
    if exact := _exact(plan):
        return exact
    if plan.evidence != MEASURED:
        return _unlike(plan)
    if own := own_rows(plan.scenario):  # a text, as a catalogue writes it
        return f"{own} run{'' if own == '1' else 's'} of your own"
    return count_of(record.similar_runs, "similar published run")


def is_unsteady(plan: Estimate) -> bool:
    """Return whether waits are more than those of a queue with a steady peak, so that days are simulated for them."""
    known = plan.known
    steady = known["utilization"] < 1 and not known["deferrable_share"] and known["queue_limit"] >= NO_QUEUE_LIMIT
    return not steady or bool(plan.scenario.day_curve)
