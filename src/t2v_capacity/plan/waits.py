"""Where simulated days wait longer than the formulas say, which figures and how much longer at the most; and what a full queue refuses."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.constants import DAY, FEWEST_REFUSED, LATE_SHARE, LATEST_SHARE, SMALLEST_CHANCE, SMALLEST_SPREAD
from t2v_capacity.engine.figures import FIGURES, Number
from t2v_capacity.engine.verbs import ceil, log, maximum
from t2v_capacity.scenario.settings import PlanWarning

Known = Mapping[str, Number]
# The figures that say where; of these the assumptions stand in every plan.
UNCERTAIN_BY = (
    *("utilization", "peak_over_level", "replicas", "longest_wait", "longest_wait_p95", "urgent_chance_wait", "peak_relief"),
    *("generation_latency", "generation_rate", "generation_capacity", "work_variability", "deferred_wait_p95"),
)
# The figures that say what a full queue refuses.
REFUSED_BY = ("refused_per_day", "refused_share", "chance_backlog")
# A queue that holds less than this part of what chance alone queues on a usual day is full more than once a day.
_SHORT = 1 / 2
# Clips are long on a region of so few replicas where a passing peak is worth so many of them.
_FEW, _LONG = 5, 0.25
# Of a clip's time, a wait that no user notices.
_OF_A_CLIP = 0.01
# A region of so many replicas has brief queues, if they are shorter than such a part of a clip; they are worth a word for clips of minutes.
_MANY, _BRIEF, _MINUTES = 100, 1 / 2, 300
# A percentile steps to the next run where so much more of the runs fail, and that is more than a fifth longer after so few runs.
_MORE_FAIL, _FEW_RUNS = 1.25, 4
# Less work that can wait than this is made late on some days, where the rest keeps so much of the fleet at work at the peak.
_FEW_CAN_WAIT, _MOSTLY_URGENT = 1 / 5, 0.78
# Where a day leaves less of the capacity than so many standard deviations of its work, some days leave work for the next.
SPREADS = 2


class Longer(NamedTuple):
    """Figures that simulated days exceeded: on which fleets, how far at the most, and why; docs/day.md, fleets drawn at random, 2026-11."""

    figures: tuple[str, ...]
    most: float  # simulated over predicted
    on: Callable[[Known], Number]
    why: str


def _work_at_peak(known: Known) -> Number:
    """Return the load of all work at the peak over the capacity, of work that can wait too."""
    return known["utilization"] * known["peak_over_level"]


def _few_and_long(known: Known) -> Number:
    return (known["replicas"] / known["regions"] <= _FEW) & (known["peak_relief"] > _LONG) & (_work_at_peak(known) < 1)


def _many_and_brief(known: Known) -> Number:
    clip, wait = known["generation_latency"], known["longest_wait_p95"]
    brief = (wait > _OF_A_CLIP * clip) & (wait < _BRIEF * clip) & (clip >= _MINUTES)
    return (known["replicas"] / known["regions"] >= _MANY) & brief & (_work_at_peak(known) < 1)


def _days_in_a_row(known: Known) -> Number:
    """Return whether a day's work is so near to what a day can make that some days leave a part of it."""
    spare = (known["generation_capacity"] - known["generation_rate"]) * DAY
    spread = (known["arrival_variability"] + known["work_variability"]) * known["generation_rate"] * DAY
    return (spare > 0) & (spare**2 < SPREADS**2 * spread)


def _overloads_in_a_row(known: Known) -> Number:
    return (known["utilization"] >= 1) & _days_in_a_row(known)


def _deferrals_in_a_row(known: Known) -> Number:
    return (known["deferrable_share"] > 0) & _days_in_a_row(known)


def _few_can_wait(known: Known) -> Number:
    """Return whether so little work can wait, of a fleet so busy with the rest, that the chance of the rest decides when it is made."""
    share, noticed = known["deferrable_share"], known["deferred_wait_p95"] > _OF_A_CLIP * known["generation_latency"]
    return (share < _FEW_CAN_WAIT) & (_work_at_peak(known) * (1 - share) > _MOSTLY_URGENT) & noticed


def _mostly_chance(known: Known) -> Number:
    return (known["utilization"] >= 1) & (known["urgent_chance_wait"] > known["longest_wait"] / 2)


def _at_a_step(late: float) -> Callable[[Known], Number]:
    """Return the test whether about this share of clips takes one run more than the percentile counts."""

    def on(known: Known) -> Number:
        again = maximum(SMALLEST_CHANCE, known["failed_share"])
        runs = maximum(1, ceil(-log(late) / maximum(SMALLEST_SPREAD, -log(again))))
        return (again**runs > late / _MORE_FAIL) & (runs <= _FEW_RUNS)

    return on


def short_queue(known: Known) -> Number:
    """Return whether a queue's limit is so low that it is full more often than the formulas count."""
    return known["queue_limit"] < _SHORT * known["regions"] * known["chance_backlog"]


LONGER = (
    Longer(("latency_p50", "latency_p95", "latency_p99"), 2, _few_and_long, "few replicas, and clips so long that the peak is soon over"),
    Longer(("latency_p95",), 2, _at_a_step(LATE_SHARE), "almost one clip in twenty is run once more"),
    Longer(("latency_p99",), 2, _at_a_step(LATEST_SHARE), "almost one clip in a hundred is run once more"),
    Longer(("longest_wait", "longest_wait_p95"), 2.6, _many_and_brief, "queues of many replicas are brief, and rarer than waits of a clip"),
    Longer(("longest_wait", "longest_wait_p95", "backlog"), 3, _overloads_in_a_row, "some days leave work for the next"),
    Longer(("deferred_wait", "deferred_wait_p95"), 2, _deferrals_in_a_row, "some days leave work for the next"),
    Longer(("deferred_wait_p95",), 2, _few_can_wait, "little work can wait, and the rest leaves it little capacity"),
    Longer(("longest_wait", "longest_wait_p95", "backlog"), 1.34, _mostly_chance, "chance makes more than half of it"),
)


def uncertain_waits(known: Known) -> Number:
    """Return whether waits may be longer than the formulas say: of floats, or of each of an array of cells."""
    return reduce(or_, (one.on(known) for one in LONGER))


def warn_of_waits(known: Known) -> PlanWarning:
    """Warn of waits that simulated days exceeded, one clause for each."""
    found = [one for one in LONGER if one.on(known)]
    clauses = "; ".join(f"{' and '.join(one.figures)} up to {show(one.most, 'ratio')} times as long ({one.why})" for one in found)
    severity = "warning" if _few_and_long(known) else "info"  # of an overload and of deferred work something is said already
    return PlanWarning("waits-uncertain", f"simulated days had {clauses}", tuple(name for one in found for name in one.figures), severity)


def refuses(known: Known) -> Number:
    """Return whether a full queue refuses requests: of floats, or of each of an array of cells."""
    return (known["refused_share"] > FEWEST_REFUSED) | short_queue(known)


def warn_of_refusals(known: Known) -> PlanWarning:
    """Warn of the requests that are not served, since they come to a full queue."""
    share, number = (show(known[name], FIGURES[name].unit) for name in ("refused_share", "refused_per_day"))
    more, often = (" or more", ", and is full more often than the formulas count") if short_queue(known) else ("", "")
    message = (
        f"the queue holds {show(known['queue_limit'], 'video')}{often}: {share} of runs{more}, {number}, come to a full one and are refused; "
        "raise `queue_limit` or use more GPUs"
    )
    return PlanWarning("requests-refused", message, ("refused_per_day", "served_share", "queue_limit"))
