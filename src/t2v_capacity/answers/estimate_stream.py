"""What the first screen says of a stream: sessions, frames per second, the first frame, and how sure these are."""

from collections.abc import Iterator

from t2v_capacity.assumptions.quantities import digits, parse
from t2v_capacity.forms.values import show_headline
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import EXTRAPOLATED, is_timed

_MINUTE = parse("1 min", "second")


def stream_sentences(plan: Estimate) -> Iterator[str]:
    """Yield what the fleet carries and how fast, and when the first frame comes."""
    known = plan.known
    gpus, streams = show_headline("gpus", plan.figures), digits(known["peak_sessions"])
    made, played = (digits(fps) for fps in (known["generated_fps"], known["generated_fps"] / known["playing_speed"]))
    yield (
        f"{gpus} carry {streams} streams at the peak, {digits(known['sessions_per_replica'])} a replica, "
        f"at {made} of {played} frames per second."
    )
    if plan.figures["latency_p95"] is not None:
        yield f"The first frame comes within {show_headline('latency_p95', plan.figures)} for 19 of 20."


def stream_cost(plan: Estimate) -> str:
    """Return the cost of a minute that is watched, and how long streams are; nothing if it has none."""
    cost, seconds = plan.figures["cost_per_video"], plan.known["delivered_seconds_per_video"]
    if not (cost and seconds):
        return ""
    minutes = digits(plan.known["duration"] / _MINUTE)
    return f"{digits(cost / seconds * _MINUTE)} per minute watched, streams of {minutes} min"


def stream_proof(plan: Estimate) -> str:
    """Return how far off the seconds of a stream may be, and how to know them."""
    error = plan.verdict.error
    if is_timed(plan.scenario):
        return "measured: the frames per second are pinned"
    how = "predicted: streams" if plan.evidence == EXTRAPOLATED else f"{plan.evidence}: streams"
    ends = f"{error.low:.2f} to {error.high:.2f} times the predicted time"
    return f"{how} take {ends}; measure one: `--pin generated_fps=...`"
