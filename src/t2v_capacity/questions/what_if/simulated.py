"""What no formula says of a plan's waits: simulated days of its fleet, with their standard errors.

These are no figures: nothing else follows from them, and they are computed only where they are asked for by name.
"""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from t2v_capacity.assumptions.traffic import cosine
from t2v_capacity.engine.constants import NO_QUEUE_LIMIT, SECONDS_PER_HOUR
from t2v_capacity.formulas.simulated import SIMULATED
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.verdict import serves_nothing

if TYPE_CHECKING:
    from t2v_capacity.questions.what_if.days import RequestClass, SimulatedValue

_Class = TypeVar("_Class")
_SEED = 1
# What the days follow from, besides the seconds of each part of a mix and the day's curve.
FROM = (
    "replicas",
    "regions",
    "generation_rate",
    "generation_latency",
    "sessions_per_replica",
    "first_play_seconds",
    "streamed",
    "zoned_peak",
    "deferrable_share",
    "arrival_variability",
    "service_variability",
    "day_variability",
    "weekend_level",
    "failed_share",
    "spot_fraction",
    "interruptions_per_hour",
    "queue_limit",
)


def simulated(plan: Estimate, names: Iterable[str] = (), seed: int = _SEED) -> dict[str, "SimulatedValue"]:
    """Return what is simulated of a plan by name, all or those that are named.

    Return nothing if its queue has no end or no clip is made.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/start-up.yaml"))
    >>> list(simulated(plan, ["longest_wait"]))
    ['longest_wait']
    """
    known, deferred = plan.known, plan.known["deferrable_share"]
    waits = met_by(
        known, {kind: (plan, share) for kind, share in ((False, 1 - deferred), (True, deferred)) if share > 0}, seed
    )

    measured: dict[str, SimulatedValue] = {}
    for name in tuple(names) or SIMULATED:
        of_kind = waits.get(SIMULATED[name].deferred, {})
        if met := of_kind.get(name.replace("deferred_wait", "longest_wait")):
            factor = known["regions"] if name == "backlog" else 1.0
            measured[name] = met._replace(value=factor * met.value, error=factor * met.error)
    return measured


def met_by(
    known: Mapping[str, float],
    classes: Mapping[_Class, tuple[Estimate, float]],
    seed: int = _SEED,
    hour: float = 0.0,
    urgent: int = 1,
) -> dict[_Class, Mapping[str, "SimulatedValue"]]:
    """Return what each class meets in a region of a fleet, its longest wait in any, the first served first.

    A class is a share of a plan's requests. The first `urgent` ones stand in the queue that has a limit. Days without a
    curve peak at `hour`, a part of the day. Return nothing if no clip is made or the queue has no end. It has none
    where the fleet makes no more than arrives, and no limit refuses the rest.
    """
    limited = known["queue_limit"] < NO_QUEUE_LIMIT
    least = 0 if limited else known["generation_rate"]
    if serves_nothing(known) or not known["generation_capacity"] > least:
        return {}

    from t2v_capacity.questions.what_if.days import days

    regions, places = known["regions"], known["replicas"] * known["sessions_per_replica"]
    requests = [
        _requests(plan, plan.known["generation_rate"] * share / regions, hour) for plan, share in classes.values()
    ]
    limit = known["queue_limit"] / regions if limited else math.inf
    return dict(zip(classes, days(requests, places / regions, limit, seed, regions, urgent), strict=True))


def _requests(plan: Estimate, rate: float, hour: float) -> "RequestClass":
    """Return runs of a plan, so many a second, as the days need them: their times, their day and their chances.

    A day without a curve peaks at the hour, a part of the day.
    """
    from t2v_capacity.questions.what_if import days

    known = plan.known
    clips = [(part.share, part.figures) for part in plan.parts if part.share] or [(1.0, known)]
    on_spot = known["spot_share"] / known["interrupted_work"]
    return days.RequestClass(
        rate,
        holding_times=tuple(
            (share, clip["generation_latency"] * clip["sessions_per_replica"]) for share, clip in clips
        ),
        load_curve=plan.scenario.day_curve or cosine(known["zoned_peak"], hour=hour),
        service_variability=known["service_variability"],
        arrival_variability=known["arrival_variability"],
        day_variability=known["day_variability"],
        weekend_level=known["weekend_level"],
        failed_share=known["failed_share"],
        spot_share=on_spot / (1 - known["spot_share"] + on_spot),
        interruptions_per_second=known["interruptions_per_hour"] * known["servers_per_replica"] / SECONDS_PER_HOUR,
        first_frame_seconds=known["first_play_seconds"] if known["streamed"] else None,
        off_gpu_seconds=tuple(clip["off_gpu_seconds"] for _share, clip in clips),
    )
