"""Where simulated days wait longer than the formulas say: which figures, and how much longer at the most."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import Number
from t2v_capacity.scenario.settings import PlanWarning

Known = Mapping[str, Number]
# The figures that say where; of these the assumptions stand in every plan.
UNCERTAIN_BY = ("utilization", "peak_over_level", "replicas", "longest_wait", "deferred_wait")
# A region of so few replicas near its capacity is one that a few long clips can fill.
_FEW, _NEAR_CAPACITY = 5, 0.92


class Longer(NamedTuple):
    """Figures that simulated days exceeded: on which fleets, how far at the most, and why; docs/day.md, fleets drawn at random, 2026-11."""

    figures: tuple[str, ...]
    most: float  # simulated over predicted
    on: Callable[[Known], Number]
    why: str


def _work_at_peak(known: Known) -> Number:
    """Return the load of all work at the peak over the capacity, of work that can wait too."""
    return known["utilization"] * known["peak_over_level"]


def _small_and_full(known: Known) -> Number:
    full = _work_at_peak(known)
    return (known["replicas"] / known["regions"] <= _FEW) & (full >= _NEAR_CAPACITY) & (full < 1)


def _deferred(known: Known) -> Number:
    return (known["deferrable_share"] > 0) & (_work_at_peak(known) >= 1) & (known["deferred_wait"] > 0)


LONGER = (
    Longer(("latency_p50", "latency_p99"), 1.7, _small_and_full, "few replicas near capacity"),
    Longer(("deferred_wait",), 1.6, _deferred, "all work exceeds capacity at the peak"),
    Longer(("longest_wait",), 1.5, lambda known: (known["utilization"] >= 1) & (known["longest_wait"] > 0), "one day in twenty"),
)


def uncertain_waits(known: Known) -> Number:
    """Return whether waits may be longer than the formulas say: of floats, or of each of an array of cells."""
    return reduce(or_, (one.on(known) for one in LONGER))


def warn_of_waits(known: Known) -> PlanWarning:
    """Warn of waits that simulated days exceeded, one clause for each."""
    found = [one for one in LONGER if one.on(known)]
    clauses = "; ".join(f"{' and '.join(one.figures)} up to {show(one.most, 'ratio')} times as long ({one.why})" for one in found)
    severity = "warning" if _small_and_full(known) else "info"  # of an overload and of deferred work something is said already
    return PlanWarning("waits-uncertain", f"simulated days had {clauses}", tuple(name for one in found for name in one.figures), severity)
