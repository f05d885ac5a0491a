"""The on-call thresholds that follow from a plan: to add servers, to page, to look for a regression or a leak."""

import math

from typing_extensions import TypedDict

from t2v_capacity.assumptions.names import finite
from t2v_capacity.plan.estimate import Estimate


class Alert(TypedDict):
    """A threshold that follows from the plan; null where none does."""

    name: str
    above: float | None
    unit: str
    action: str
    follows: str


def alerts(plan: Estimate) -> list[Alert]:
    """Return the thresholds of a plan; those of seconds and money are the ends of its bands.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/start-up.yaml"))
    >>> [(alert["name"], round(alert["above"] or 0, 2)) for alert in alerts(plan)[:2]]
    [('utilization', 0.78), ('queued_clips', 130.13)]
    """
    known, promised = plan.known, plan.scenario.promises
    queues = not plan.scenario.streams or known["queue_limit"] > 0
    wait = known["latency_room"] if promised and queues and known["latency_room"] > 0 else math.nan
    missed = (
        f"a request{_least_room(plan)} that waits longer misses target_latency" if promised else "set target_latency"
    )
    if not queues:
        missed = "no session waits: queue_limit is 0"
    seconds, bill = (
        plan.bands.get(name, (None,))[-1] or known[name] for name in ("gpu_seconds_per_video", "cost_per_month")
    )
    at_work = min(known["utilization"], known["max_utilization"]) * known["replicas"] * known["gpus_per_replica"]

    thresholds = (
        ("utilization", at_work / known["gpus"], "share", "add servers", "rented GPUs at work at the planned peak"),
        (
            "queued_clips",
            wait * known["generation_capacity"],
            "video",
            "page",
            "the replicas make them within that wait",
        ),
        ("wait", wait, "second", "page", missed),
        ("gpu_seconds_per_video", seconds, "second", "look for a regression", "the high end of its band"),
        ("cost_per_day", bill / known["days_per_month"], "USD", "look for a leak", "the high end of cost_per_month"),
    )
    return [
        {"name": name, "above": finite(above), "unit": unit, "action": action, "follows": follows}
        for name, above, unit, action, follows in thresholds
    ]


def _least_room(plan: Estimate) -> str:
    """Return which part of a mix has the least room to wait, in words."""
    if not plan.parts:
        return ""
    return f" of {min(plan.parts, key=lambda part: part.figures['latency_room']).name}"
