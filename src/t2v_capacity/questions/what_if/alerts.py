"""Thresholds for who is on call, which follow from a plan: when to add servers, when to page, what is a regression or a leak."""

import math
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.plan.estimate import Estimate


class Alert(NamedTuple):
    """What is measured, the value above which to act and what to do; nothing for a value that does not follow from the plan."""

    name: str
    above: float | None
    unit: str
    action: str
    follows: str


def alerts(plan: Estimate) -> tuple[Alert, ...]:
    """Return the thresholds of a plan; those of seconds and money are the ends of its bands.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> [(one.name, round(one.above or 0, 2)) for one in alerts(estimate(load_scenario("scenarios/start-up.yaml")))[:2]]
    [('utilization', 0.77), ('queued_clips', 30.86)]
    """
    known, promised = plan.known, plan.scenario.settings["target_latency"].origin.by_hand
    wait = known["latency_room"] if promised and known["latency_room"] > 0 else math.nan
    ends = {name: plan.bands.get(name, (None, None, None))[2] or known[name] for name in ("gpu_seconds_per_video", "cost_per_month")}
    found = (
        (
            "utilization",
            min(known["utilization"], known["max_utilization"]),
            "share",
            "add servers",
            "replicas at work at the planned peak",
        ),
        (
            "queued_clips",
            wait * known["replicas"] / known["generation_latency"],
            "video",
            "page",
            "the replicas make them within that wait",
        ),
        ("wait", wait, "second", "page", "a request that waits longer misses target_latency" if promised else "set target_latency"),
        ("gpu_seconds_per_video", ends["gpu_seconds_per_video"], "second", "look for a regression", "the high end of its band"),
        ("cost_per_day", ends["cost_per_month"] / known["days_per_month"], "USD", "look for a leak", "the high end of cost_per_month"),
    )
    return tuple(Alert(name, finite(above), *about) for name, above, *about in found)
