"""The lines below the figures of the first screen: why, what else and how sure."""

import shlex
from collections.abc import Iterator
from textwrap import wrap

from t2v_capacity.answers.estimate_figures import SHOWN_LINK
from t2v_capacity.assumptions.quantities import digits, show, with_commas
from t2v_capacity.engine.constants import NO_QUEUE_LIMIT
from t2v_capacity.engine.figures import Known
from t2v_capacity.errors import count_of
from t2v_capacity.forms.title import price_text
from t2v_capacity.plan.advice import mends_all, troubles
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import EXTRAPOLATED, OWN_RANGE, OWN_RUNS, is_timed, own_rows, timed_in_words
from t2v_capacity.plan.verdict import serves_nothing
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.flags import command_words
from t2v_capacity.scenario.settings import NOTE, PlanWarning

# A factor between the work and the rent in words: as a factor, as the share in use, or as GPUs on top.
_LINKS = {
    "peak": "x {factor} peak",
    "headroom": "used to {used}%",
    "queue": "+{more}% so {waits}",
    "latency target": "+{more}% for the target",
    "one per region": "x {factor} for one per region",
    "lost region": "x {factor} to lose a region",
    "whole replicas": "+{more}% to fill groups",
    "gpu_limit": "held to gpu_limit: x {factor}",
    "pinned replicas": "pinned: x {factor}",
    "whole servers": "+{more}% to fill servers",
    "pinned servers": "pinned: x {factor}",
    "spare": "+{more}% spare",
}
# Requests wait more often than the target says where they do so many times as often: the square-root rule is near.
_OFTENER = 1.25
# Below so many percent, GPUs on top are shown with one digit.
_TENTH = 10
# What the line on its proof says of a stream already.
_OF_A_STREAM = ("extrapolated",)
_SECONDS = "held_seconds"
# The stand-in for a blank within a text that is kept on one line, and the end of a shell's line that goes on.
BLANK, _GOES_ON = "\0", " \\"

# The word that begins a line, and its texts.
Line = tuple[str, list[str]]


def lines_below(record: PlanRecord, room: int, *, savings: int, following: bool) -> Iterator[Line]:
    """Yield each line as the word that begins it and its texts, for pages with so many columns after the word.

    A short page has fewer `savings`, and no costs of GPUs `following` demand where a service is the cheaper choice.
    """
    plan = record.plan
    if not serves_nothing(plan.known):
        if why := _why(record):
            yield "why", [why]
        if changes := [text for _factor, text in sorted(_savings(record))[:savings]]:
            yield "save", changes
        if record.apis and not plan.parts:
            small = ", with too few for the peak" if plan.known["utilization"] >= 1 else ""
            yield "or buy", [record.apis.in_words(following=following) + small]
        yield "proof", [_proof(record)]
        if plan.scenario.file and is_unsteady(plan):
            yield "days", ["the table assumes a steady peak hour; `estimate FILE --only waiting` simulates your day"]
    shown_above = (*troubles(plan), *_OF_A_STREAM) if plan.scenario.streams else troubles(plan)
    for warning in shown_warnings(plan).values():
        if warning.code not in shown_above:
            text = f"{warning.code}: {warning.message}"
            first, stop, _rest = text.partition(". ")  # of more than two lines the first sentence, and what explains it
            too_long = stop and len(text) > 2 * room
            yield "warning", [f"{first}. See `t2v-cap explain {warning.code}`" if too_long else text]
    yield "more", _more(plan, room)


def _more(plan: Estimate, room: int) -> list[str]:
    """Return what to ask next: other commands, or how to keep a plan of flags, in lines that can be pasted."""
    notes = sum(warning.severity == NOTE for warning in plan.warnings)
    counted = f" ({count_of(notes, 'note')})" if notes else ""
    if not plan.scenario.file:
        words = command_words(plan.scenario, "init", "my.yaml")
        text = f"`--all`{counted}; to keep this plan: {shlex.join(word.replace(' ', BLANK) for word in words)}"
        lines = wrap(text, room - len(_GOES_ON), break_on_hyphens=False, break_long_words=False)
        return f"{_GOES_ON}\n".join(lines).replace(BLANK, " ").split("\n")
    ways = [(plan.scenario.file, counted), (plan.scenario.file, ""), ("FILE", counted)]
    texts = [f"t2v-cap explain {shlex.quote(file)} gpus; `compare`; `--all`{count}" for file, count in ways]
    return [next((text for text in texts if len(text) <= room), texts[-1])]


def shown_warnings(plan: Estimate) -> dict[str, PlanWarning]:
    """Return the warnings by their codes, without notes."""
    return {warning.code: warning for warning in plan.warnings if warning.severity != NOTE}


def _why(record: PlanRecord) -> str:
    """Return the way from a clip's seconds to the GPUs that are rented, one factor after the other."""
    seconds, rate, busy = (record.plan.figures[name] for name in (_SECONDS, "generation_rate", "busy_gpus"))
    if not (seconds and rate and busy):
        return ""
    work = f"{show(busy, 'gpu')} busy"
    if abs(seconds * rate / busy - 1) < SHOWN_LINK - 1:
        work = f"{show(seconds, 'second')} x {digits(rate)} {product_of(record.plan)}/s = {work}"
    texts = [with_commas(work)]
    for name, _gpus, factor in record.waterfall:
        if not 1 / SHOWN_LINK < factor < SHOWN_LINK:
            more = 100 * (factor - 1)
            amounts = {"factor": digits(factor), "used": digits(100 / factor, 2), "waits": _waits(record.plan.known)}
            texts.append(_LINKS[name].format(**amounts, more=digits(more, 1 if more < _TENTH else 2)))
    return "; ".join(texts)


def _waits(known: Known) -> str:
    """Return what a margin is for: that few wait or, in a small fleet or with work that fills it, for a short time."""
    waiting = known["wait_probability"]
    if known["fleet_share"] < 1 or not waiting > _OFTENER * known["target_wait_probability"]:
        return "few wait"
    return f"waits are short ({digits(100 * waiting, 2)}% wait)"


def product_of(plan: Estimate) -> str:
    """Return what a plan makes, in words."""
    return "streams" if plan.scenario.streams else "clips"


def _savings(record: PlanRecord) -> Iterator[tuple[float, str]]:
    """Yield the factor on the bill of each change that makes it smaller, and the change with its price and proof.

    Of a plan without a price nothing is known to save.
    """
    plan = record.plan
    bill, codes = plan.known["cost_per_month"], troubles(plan)
    for trial in record.alternatives:
        factor = trial.figures["cost_per_month"] / bill if bill else 1.0
        if trial.scenario and factor < 1 / SHOWN_LINK:
            known, prices = trial.known, ""
            # A reserve or spot GPUs are not billed at the price on demand.
            if known["gpu_price"] != plan.values["gpu_price"] and not (known["reserved_price"] or known["spot_share"]):
                prices = f"{price_text(known['gpu_price'])} USD/h; "
            cure = "cures it too" if codes and mends_all(codes, trial) else ""
            proof = "; ".join(filter(None, (cure, timed_in_words(trial.scenario, known), trial.engine_note)))
            yield factor, f"{100 * (1 - factor):.0f}%: {trial.change} ({prices}{proof})"


def _proof(record: PlanRecord) -> str:
    """Return how far off the seconds may be, by how many runs."""
    plan = record.plan
    error = plan.verdict.error
    if plan.scenario.streams:
        return _stream_proof(plan)
    if not round(error.high - error.low, 2):
        return "you set `time_factor` by hand" if error.kind == OWN_RANGE else "the seconds are pinned"
    return f"{_proved_by(record)} {error.low:.2f} to {error.high:.2f} times the prediction"


def _proved_by(record: PlanRecord) -> str:
    """Return what the ends of the model's error on a plan are of."""
    plan = record.plan
    error, own, extrapolated = plan.verdict.error, own_rows(plan.scenario), plan.evidence == EXTRAPOLATED
    if error.kind == OWN_RANGE:
        return "your range of time_factor:"
    if round(error.predicted, 2) < 1:
        return (
            f"{1 - error.predicted:.0%} of the seconds are pinned, "
            f"{'nothing like the rest was timed' if extrapolated else 'the rest predicted'}; plan for"
        )
    if error.promised:
        runs = f"{count_of(int(own or record.similar_runs), 'run')} {'of your own' if own else 'like it published'}"
        return f"{runs}; {error.promised:.0%} {'within' if error.kind == OWN_RUNS else 'took'}"
    if record.nearest and not record.nearest[0].kernel:  # which is no evidence, and was published
        return f"nearest run took {1 / record.nearest[0].ratio:.2f}; others"
    return "nothing like it was timed; plan for" if extrapolated else "not published; similar jobs took"


def _stream_proof(plan: Estimate) -> str:
    """Return how far off the seconds of a stream may be, and how to know them."""
    error = plan.verdict.error
    if is_timed(plan.scenario):
        return "measured: the frames per second are pinned"
    how = f"{'predicted' if plan.evidence == EXTRAPOLATED else plan.evidence}: streams"
    return (
        f"{how} take {error.low:.2f} to {error.high:.2f} times the predicted time; measure one: "
        "`--pin generated_fps=...`"
    )


def rests_on(record: PlanRecord) -> str:
    """Return what the seconds of a plan rest on, and the nearest published run."""
    proof = _proof(record)
    if not record.nearest:
        return proof
    run = record.nearest[0]
    ratio = (
        f"measured {digits(run.measured, exact=False)} s, "
        f"predicted {digits(run.predicted, exact=False)} s ({run.ratio:.2f})"
    )
    return f"{proof}; nearest ({run.label}): {ratio}"


def is_unsteady(plan: Estimate) -> bool:
    """Return whether waits are more than those of a queue with a steady peak, so that days are simulated for them."""
    known = plan.known
    steady = known["utilization"] < 1 and not known["deferrable_share"] and known["queue_limit"] >= NO_QUEUE_LIMIT
    return not steady or bool(plan.scenario.day_curve)
