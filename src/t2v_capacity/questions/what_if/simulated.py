"""What no formula says of a plan's waits: simulated days of its fleet, with their standard errors.

These are no figures: nothing else follows from them, and they are computed only where they are asked for by name.
"""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from t2v_capacity.engine.constants import NO_QUEUE_LIMIT, SECONDS_PER_HOUR
from t2v_capacity.plan.estimate import Estimate

if TYPE_CHECKING:
    from t2v_capacity.questions.what_if.days import Measured, Stream


class Simulated(NamedTuple):
    """A name of what is simulated: its unit, and what it is; less of it is better."""

    unit: str
    label: str
    of: Literal["urgent", "deferred"] = "urgent"
    measure: str = ""  # of the days; its own name where that is not said


SIMULATED: dict[str, Simulated] = {
    "wait_p95": Simulated("second/video", "Wait at the peak, 95th percentile of urgent requests"),
    "latency_p50": Simulated("second/video", "Latency at the peak, median of urgent requests"),
    "latency_p95": Simulated("second/video", "Latency at the peak, 95th percentile of urgent requests"),
    "latency_p99": Simulated("second/video", "Latency at the peak, 99th percentile of urgent requests"),
    "longest_wait": Simulated("second", "Longest wait of the day, mean over days"),
    "longest_wait_p95": Simulated("second", "Longest wait of the day, on one day in twenty"),
    "deferred_wait": Simulated("second", "Longest wait of work that can wait, mean over days", "deferred", "longest_wait"),
    "deferred_wait_p95": Simulated("second", "Longest wait of work that can wait, on one day in twenty", "deferred", "longest_wait_p95"),
    "backlog": Simulated("video", "Clips that wait at the busiest moment, mean over days"),
    "refused_share": Simulated("share", "Demand that is refused"),
}
SEED = 1


def simulated(plan: Estimate, names: Iterable[str] = (), seed: int = SEED) -> dict[str, "Measured"]:
    """Return what is simulated of a plan by name, all or those that are named; nothing where its queue has no end or no clip is made.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/start-up.yaml"))
    >>> list(simulated(plan, ["longest_wait"])), simulated(plan) == simulated(plan)
    (['longest_wait'], True)
    """
    from t2v_capacity.questions.what_if import days

    known, wanted = plan.known, tuple(names) or tuple(SIMULATED)
    if not ends(known):
        return {}
    regions, shares = known["regions"], {"urgent": 1 - known["deferrable_share"], "deferred": known["deferrable_share"]}
    asked = {kind: stream(plan, known["generation_rate"] * share / regions) for kind, share in shares.items() if share > 0}
    limit = known["queue_limit"] / regions if known["queue_limit"] < NO_QUEUE_LIMIT else math.inf
    found = dict(zip(asked, days.days([*asked.values()], known["replicas"] / regions, limit, seed), strict=True))
    measured = dict[str, days.Measured]()
    for name in wanted:
        one = SIMULATED[name]
        if one.of in found and (one.measure or name) in found[one.of]:
            value, error = found[one.of][one.measure or name]
            factor, off = (regions if name == "backlog" else 1.0), known["off_gpu_seconds"] * name.startswith("latency")
            measured[name] = days.Measured(factor * value + off, factor * error)
    return measured


def ends(known: Mapping[str, float]) -> bool:
    """Return whether a plan's clips are made and its queue ends: the fleet makes more than arrives, or a limit refuses the rest."""
    return known["generation_capacity"] > known["generation_rate"] or known["queue_limit"] < NO_QUEUE_LIMIT


def stream(plan: Estimate, rate: float, most: float = math.inf) -> "Stream":
    """Return runs of a plan, so many a second, as the days need them: their times, their day and their chances."""
    from t2v_capacity.questions.what_if import days

    known = plan.known
    clips = [(part.share, part.figures["generation_latency"]) for part in plan.parts if part.share] or [(1.0, known["generation_latency"])]
    on_spot = known["spot_fraction"] / known["interrupted_work"]
    return days.Stream(
        rate,
        tuple(clips),
        plan.scenario.day_curve or days.cosine(known["zoned_peak"]),
        known["service_variability"],
        known["arrival_variability"],
        known["day_variability"],
        known["failed_share"],
        on_spot / (1 - known["spot_fraction"] + on_spot),
        known["interruptions_per_hour"] * known["servers_per_replica"] / SECONDS_PER_HOUR,
        most,
    )
