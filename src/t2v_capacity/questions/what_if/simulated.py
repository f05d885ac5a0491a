"""What no formula says of a plan's waits: simulated days of its fleet, with their standard errors.

These are no figures: nothing else follows from them, and they are computed only where they are asked for by name.
"""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from t2v_capacity.assumptions.traffic import cosine
from t2v_capacity.engine.constants import NO_QUEUE_LIMIT, SECONDS_PER_HOUR
from t2v_capacity.formulas.simulated import SIMULATED
from t2v_capacity.plan.estimate import Estimate

if TYPE_CHECKING:
    from t2v_capacity.questions.what_if.days import Measured, Stream


SEED = 1
# What the days follow from, besides the seconds of each part of a mix and the day's curve.
FROM = (
    *("replicas", "regions", "generation_rate", "generation_latency", "zoned_peak", "deferrable_share", "arrival_variability"),
    *("service_variability", "day_variability", "weekend_level", "failed_share", "spot_fraction", "interruptions_per_hour", "queue_limit"),
)


def simulated(plan: Estimate, names: Iterable[str] = (), seed: int = SEED) -> dict[str, "Measured"]:
    """Return what is simulated of a plan by name, all or those that are named; nothing where its queue has no end or no clip is made.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/start-up.yaml"))
    >>> list(simulated(plan, ["longest_wait"]))
    ['longest_wait']
    """
    from t2v_capacity.questions.what_if import days

    known, wanted = plan.known, tuple(names) or tuple(SIMULATED)
    if not ends(known):
        return {}
    regions, shares = known["regions"], {"urgent": 1 - known["deferrable_share"], "deferred": known["deferrable_share"]}
    asked = {kind: stream(plan, known["generation_rate"] * share / regions) for kind, share in shares.items() if share > 0}
    met = days.days([*asked.values()], known["replicas"] / regions, limit_of_region(known), seed)
    found = dict(zip(asked, met, strict=True))
    measured = dict[str, days.Measured]()
    for name in wanted:
        kind = "deferred" if SIMULATED[name].deferred else "urgent"
        measure = name.replace("deferred_wait", "longest_wait")
        if kind in found and measure in found[kind]:
            value, error = found[kind][measure]
            factor, off = (regions if name == "backlog" else 1.0), known["off_gpu_seconds"] * name.startswith("latency")
            measured[name] = days.Measured(factor * value + off, factor * error)
    return measured


def ends(known: Mapping[str, float]) -> bool:
    """Return whether a plan's clips are made and its queue ends: the fleet makes more than arrives, or a limit refuses the rest."""
    return known["generation_capacity"] > known["generation_rate"] or known["queue_limit"] < NO_QUEUE_LIMIT


def limit_of_region(known: Mapping[str, float]) -> float:
    """Return the most requests that may wait in one region."""
    return known["queue_limit"] / known["regions"] if known["queue_limit"] < NO_QUEUE_LIMIT else math.inf


def stream(plan: Estimate, rate: float) -> "Stream":
    """Return runs of a plan, so many a second, as the days need them: their times, their day and their chances."""
    from t2v_capacity.questions.what_if import days

    known = plan.known
    clips = [(part.share, part.figures["generation_latency"]) for part in plan.parts if part.share] or [(1.0, known["generation_latency"])]
    on_spot = known["spot_fraction"] / known["interrupted_work"]
    return days.Stream(
        rate,
        tuple(clips),
        plan.scenario.day_curve or cosine(known["zoned_peak"]),
        known["service_variability"],
        known["arrival_variability"],
        known["day_variability"],
        known["weekend_level"],
        known["failed_share"],
        on_spot / (1 - known["spot_fraction"] + on_spot),
        known["interruptions_per_hour"] * known["servers_per_replica"] / SECONDS_PER_HOUR,
    )
