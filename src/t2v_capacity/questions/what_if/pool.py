"""Several scenarios on one fleet: it carries the peak of what can't wait, and over the day the work of all.

The order of the scenarios is their priority. The first can't wait; one after it waits for those before it, unless it promises a
latency of its own. Requests of `deferrable_share` wait until all others are served. Of one that waits for others, `gpu_limit` is the
most GPUs that its clips take at a time; that of the first is the pool's. The fleet and its bill are those of the formulas, for the work of
all: its mean clip, the spread of its clips, its peak. What each class waits is simulated (`days`).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.catalogue import KINDS
from t2v_capacity.engine.constants import DAY, FEWEST_REFUSED, LATE_SHARE, NO_QUEUE_LIMIT, SECONDS_PER_DAY, SMALLEST_CHANCE
from t2v_capacity.engine.figures import FIGURES, ancestors, ordered
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import evaluated
from t2v_capacity.questions.what_if.simulated import ends, stream
from t2v_capacity.scenario.settings import PlanWarning

# The figures of one fleet; traffic and storage are the total's.
GROUPS = ("fleet", "waiting", "money", "owning", "energy")
# Inputs that apply to the whole pool: limits, margins, targets of waiting.
SIZING = ("fleet", "waiting")
# The share of the day's demand that a fleet serves; each class has its own.
SERVED = "served_share"
# Choices and assumptions that must be the same: clips of one pool run on the same groups of the same GPUs.
SAME = ("gpu", "gpus_per_replica", "gpus_per_server")
# Assumptions that are amounts: two products have the users of both.
ADDING = ("dau",)
# The targets of each scenario.
PROMISES = ("target_latency", "target_deferred_wait")
_POINTS = 8_640  # of the day, on which the work that waits is followed: ten seconds
_NEAR = 1e-9
# Where a day leaves less of what can be made than so many standard deviations of its work, some days leave work for the next.
_SPREADS = 2
# From so many times a class's own clip on, another's is long.
_LONGER = 2


class Class(NamedTuple):
    """The waits of one scenario's requests in the pool."""

    scenario: str
    deferred_share: float  # of its requests, those that wait
    wait: float | None  # 95th percentile, of those that don't
    latency: float | None
    longest_wait: float | None  # of those that do, else of all, mean over days
    longest_wait_p95: float | None  # 95th percentile over days
    served_share: float = 1.0  # of its requests, those that the pool serves


class _Made(NamedTuple):
    """Of a plan's work that waits, over a day: the share of all the plan's work that is made, and of what capacity and cap leave it."""

    share: float = 1.0
    filled: float = 0.0
    left_over: float = math.inf  # of that, in standard deviations of a day's work


class _Met(NamedTuple):
    """What a plan's requests meet in seconds: those that can't wait, at the 95th percentile, and the longest wait of a day of the others."""

    wait: float = math.nan
    latency: float = math.nan
    longest: float = math.nan
    longest_p95: float = math.nan


class Pool(NamedTuple):
    """One fleet for all: its figures, what each scenario meets, and the same figures of fleets apart."""

    figures: Mapping[str, float | None]
    classes: tuple[Class, ...]
    apart: Mapping[str, float | None]
    work: Mapping[str, float]  # of all scenarios together, in place of what one of them says
    notes: tuple[str, ...]
    warnings: tuple[PlanWarning, ...]


def pool(
    plans: Sequence[Estimate],
    names: Sequence[str],
    totals: Mapping[str, float],
    summed: Callable[[Sequence[Estimate]], Mapping[str, float]],
) -> Pool:
    """Return plans as classes of one fleet, the first served first; `totals` are those of the plans apart, `summed` gives those of others.

    Raises Mistakes where they don't run on the same GPUs in the same groups.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.questions.what_if.total import total
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/start-up.yaml"))
    >>> alone = total([plan], pooled=True).pool
    >>> alone.figures["gpus"] == plan.figures["gpus"], alone.figures["latency_p95"] == plan.figures["latency_p95"]
    (True, True)
    """
    _check_same(plans, names)
    waiting = [_deferred_share(plan, first=place == 0) for place, plan in enumerate(plans)]
    caps = [_cap(plan, first=place == 0, waits=waits) for place, (plan, waits) in enumerate(zip(plans, waiting, strict=True))]
    work = _work(plans, waiting, [min(1.0, cap / plan.known["busy_gpus"]) for cap, plan in zip(caps, plans, strict=True)])
    known, differing = _known(plans, totals, work, caps)
    made = _made(plans, waiting, caps, known)
    shares = [min(shares) for shares in zip(_served(plans, waiting, caps, known), (one.share for one in made), strict=True)]
    if any(share != plan.known[SERVED] for share, plan in zip(shares, plans, strict=True)):
        served = [_serving(plan, share) for plan, share in zip(plans, shares, strict=True)]
        known, differing = _known(plans, {**totals, **summed(served)}, work, caps)
    figures = {name: finite(known[name]) for name in FIGURES if FIGURES[name].group in GROUPS and name in known}
    apart = {name: totals.get(name) for name in figures}
    met = _met(plans, waiting, caps, known)
    classes = tuple(
        Class(name, waits, finite(one.wait), finite(one.latency), finite(one.longest), finite(one.longest_p95), share)
        for name, waits, one, share in zip(names, waiting, map(_finished, met, waiting, made), shares, strict=True)
    )
    notes = (*_missed(plans, classes, known), *_notes(plans, names, waiting, differing), *_capped(classes, caps, made))
    return Pool(figures, classes, apart, work, notes, tuple(_behind_long_clips(plans, classes, known)))


def _check_same(plans: Sequence[Estimate], names: Sequence[str]) -> None:
    """Raise Mistakes if plans differ in what one pool has one of."""
    for same in SAME:
        own = [plan.scenario.choices[same].value if same in plan.scenario.choices else f"{plan.values[same]:.0f}" for plan in plans]
        if any(value != own[0] for value in own):
            each = ", ".join(f"{value} in {name}" for value, name in zip(own, names, strict=True))
            raise Mistakes(f"`{same}` differs: {each}; one pool has the same GPUs in the same groups: `--set {same}={own[0]}`")


def _deferred_share(plan: Estimate, *, first: bool) -> float:
    """Return the share of a plan's work that waits: what it says can wait, or all where it comes later and promises no latency."""
    return plan.values["deferrable_share"] if first or plan.scenario.promises else 1.0


def _cap(plan: Estimate, *, first: bool, waits: float) -> float:
    """Return the most GPUs that a plan's clips take at a time, in whole groups: a limit of one that waits for others, else all."""
    group = plan.values["gpus_per_replica"]
    return math.inf if first or waits < 1 else plan.values["gpu_limit"] // group * group


def _work(plans: Sequence[Estimate], waiting: Sequence[float], counted: Sequence[float]) -> dict[str, float]:
    """Return the work of all: rates add, times are means over clips, the peak is one over work, all peaks at the same hour.

    `counted` is the share of each plan's work that is counted: not what a cap leaves undone.

    The spread of the clips' times is that of the mixture, E[S^2] / E[S]^2 - 1; that of arrivals is the mean over clips, as in Whitt's
    asymptotic method (1983, https://doi.org/10.1002/j.1538-7305.1983.tb03204.x).
    """
    known = [plan.known for plan in plans]
    rates = [one["generation_rate"] * part for one, part in zip(known, counted, strict=True)]
    worked = [one["busy_gpus"] * part for one, part in zip(known, counted, strict=True)]
    rate, busy = sum(rates), sum(worked)

    def mean(name: str) -> float:
        return sum(share * one[name] for share, one in zip(rates, known, strict=True)) / rate

    time = mean("generation_latency")
    # As squares of differences, which leave nothing of rounding where all clips take the same time.
    varied = [
        one["squared_latency"] * one["service_variability"]
        + max(0.0, one["squared_latency"] - one["generation_latency"] ** 2)
        + (one["generation_latency"] - time) ** 2
        for one in known
    ]
    peak = sum(gpus * one["zoned_peak"] for gpus, one in zip(worked, known, strict=True))
    urgent = sum((1 - waits) * gpus * one["zoned_peak"] for waits, gpus, one in zip(waiting, worked, known, strict=True))
    of_all = {
        "generation_rate": rate,
        "gpu_seconds_per_video": mean("gpu_seconds_per_video"),
        "generation_latency": time,
        "zoned_peak": peak / busy,
        "deferrable_share": max(0.0, 1 - urgent / peak),
        "arrival_variability": mean("arrival_variability"),
        "service_variability": sum(share * square for share, square in zip(rates, varied, strict=True)) / rate / time**2,
        "off_gpu_seconds": max(one["off_gpu_seconds"] for one in known),
    }
    return of_all | (_of_mixes(known, rates, mean) if any(plan.parts for plan in plans) and _spread(known) else {})


def _spread(known: Sequence[Mapping[str, float]]) -> bool:
    """Return whether the clips of a scenario have several times, as those of a mix have."""
    return any(one["squared_latency"] > one["generation_latency"] ** 2 * (1 + _NEAR) for one in known)


def _of_mixes(known: Sequence[Mapping[str, float]], rates: Sequence[float], mean: Callable[[str], float]) -> dict[str, float]:
    """Return a mix's variability over all clips, joined over scenarios as over parts: similar clips vary alike."""
    squared = mean("squared_latency")
    weights = [rate * one["squared_latency"] for rate, one in zip(rates, known, strict=True)]
    varied = sum(weight * one["service_variability"] for weight, one in zip(weights, known, strict=True)) / sum(weights)
    return {
        "service_variability": varied,
        "squared_latency": squared,
        "slowest_seconds": max(one["slowest_seconds"] for one in known),
        "latency_room": min(one["latency_room"] for one in known),
        **{name: mean(name) for name in ("spot_seconds_per_video", "interruptions_per_run", "interrupted_work")},
    }


def _known(
    plans: Sequence[Estimate], totals: Mapping[str, float], work: Mapping[str, float], caps: Sequence[float]
) -> tuple[dict[str, float], list[str]]:
    """Return the pool's figures and what they begin with, and which assumptions differ: those of the first plan are taken.

    What does not follow from the work of the fleet, such as the clips delivered and stored, is the total's.
    """
    follows = {name for name in FIGURES if name == SERVED or ancestors([name], stop={SERVED}) & {*work}} - {*work}
    of_pool = [one for one in FIGURES.values() if one.group in SIZING or (one.group in GROUPS and one.name in follows)]
    asked = {parameter for one in of_pool for parameter in one.parameters}
    shared = {name: {plan.values[name] for plan in plans} for name in ASSUMPTIONS if name not in work and name not in ADDING}
    shared["gpu_limit"] = {plan.values["gpu_limit"] for plan, cap in zip(plans, caps, strict=True) if math.isinf(cap)}
    known = {**plans[0].values, **{name: sum(plan.values[name] for plan in plans) for name in ADDING}}
    known |= {name: value for name, value in totals.items() if name not in follows} | {**work}
    known = {name: value for name, value in known.items() if name not in follows}
    for one in ordered():
        ours = not one.mix or one.name in follows  # a clip's seconds and price are each scenario's own
        if ours and one.name not in known and all(parameter in known for parameter in one.parameters):
            known[one.name] = one.formula(*[known[parameter] for parameter in one.parameters])
    return known, [name for name, values in shared.items() if name in asked and name not in PROMISES and len(values) > 1]


def _served(plans: Sequence[Estimate], waiting: Sequence[float], caps: Sequence[float], known: Mapping[str, float]) -> list[float]:
    """Return the share of each plan's demand that the pool serves over a day: urgent work in order, then work that waits, in order.

    Only what can't wait stands in the queue whose limit refuses.
    """
    left = known["supply_ratio"] * known["busy_gpus"]
    busy = [plan.known["generation_rate"] * plan.known["gpu_seconds_per_video"] * known["spot_work"] for plan in plans]
    urgent_rate = sum((1 - waits) * plan.known["generation_rate"] for waits, plan in zip(waiting, plans, strict=True))
    refused = known["refused_per_day"] / SECONDS_PER_DAY / (urgent_rate or 1.0) if known["refused_share"] > FEWEST_REFUSED else 0.0
    if not (left < sum(busy) or refused):
        return [1.0] * len(plans)
    taken = [0.0] * len(plans)
    for urgent in (True, False):
        for place, waits in enumerate(waiting):
            part = min(left, busy[place] * (1 - waits) * (1 - refused) if urgent else min(busy[place] * waits, caps[place]))
            taken[place] += part
            left -= part
    return [part / whole for part, whole in zip(taken, busy, strict=True)]


def _serving(plan: Estimate, share: float) -> Estimate:
    """Return a plan of whose demand this share is served, whatever its own fleet is; a share of nothing still has a logarithm."""
    known = {**plan.values, SERVED: max(share, SMALLEST_CHANCE)}
    return plan._replace(figures={name: finite(value) for name, value in evaluated(plan.scenario, known).items()})


def _met(plans: Sequence[Estimate], waiting: Sequence[float], caps: Sequence[float], known: Mapping[str, float]) -> list[_Met]:
    """Return what each plan's requests meet in one region: those that can't wait in the plans' order, then the others in the same."""
    if not ends(known):  # the queue grows every day; or no clip is made at all
        return [_Met() for _plan in plans]
    from t2v_capacity.questions.what_if.days import days

    regions, group = known["regions"], known["gpus_per_replica"]
    asked = {
        (urgent, place): stream(plan, plan.known["generation_rate"] * part / regions, most / group / regions)
        for urgent in (True, False)
        for place, (plan, waits, cap) in enumerate(zip(plans, waiting, caps, strict=True))
        for part, most in (((1 - waits, math.inf) if urgent else (waits, cap)),)
        if part
    }
    limit = known["queue_limit"] / regions if known["queue_limit"] < NO_QUEUE_LIMIT else math.inf
    found = dict(zip(asked, days([*asked.values()], known["replicas"] / regions, limit), strict=True))
    met = []
    for place, plan in enumerate(plans):
        urgent, last = found.get((True, place)), found.get((False, place)) or found[True, place]
        first = (urgent["wait_p95"].value, urgent["latency_p95"].value + plan.known["off_gpu_seconds"]) if urgent else (math.nan, math.nan)
        met.append(_Met(*first, last["longest_wait"].value, last["longest_wait_p95"].value))
    return met


def _finished(met: _Met, waits: float, made: _Made) -> _Met:
    """Return what requests meet, without a longest wait where work that waits is never made."""
    return met._replace(longest=math.nan, longest_p95=math.nan) if waits and made.filled > 1 + _NEAR else met


def _behind_long_clips(plans: Sequence[Estimate], classes: Sequence[Class], known: Mapping[str, float]) -> Iterator[PlanWarning]:
    """Warn of a class that waits for clips more than twice as long, which hold their replicas, with the most that it may wait.

    At the worst every replica that the class and those before it leave makes such a clip. One of them ends so often, and takes a request,
    that their queue is that of one exponential server with so much left: the wait's 95th percentile is log 20 times a long clip over
    what is left of the replicas. Long clips of one length may come to end together; then it is a whole one. Simulated: docs/day.md.
    """
    urgent = [
        (1 - one.deferred_share) * plan.known["busy_gpus"] * plan.known["zoned_peak"] for one, plan in zip(classes, plans, strict=True)
    ]
    for place, (plan, one) in enumerate(zip(plans, classes, strict=True)):
        own = plan.known["generation_latency"]
        long = max((later.known["generation_latency"] for later in plans[place + 1 :]), default=0.0)
        taken = known["utilization"] * known["urgent_share"] * sum(urgent[: place + 1]) / (sum(urgent) or 1.0)
        if one.latency is None or not one.wait or long <= _LONGER * own:
            continue
        wait = -math.log(LATE_SHARE) * long / (known["replicas"] / known["regions"] * (1 - taken))
        at_random, together = (show(one.latency + max(0.0, longest - one.wait), "second") for longest in (wait, max(wait, long)))
        message = (
            f"{one.scenario} is served before clips {long / own:.3g} times as long, which hold their replicas to their end, and waits for that: "
            f"its latency is {show(one.latency, 'second')} at the 95th percentile. At the most it is {at_random} if the long clips end at random, "
            f"{together} if they end together; give it replicas of its own, or cut the long clips"
        )
        yield PlanWarning("pool-long-clips", message, ("latency",))


def _made(plans: Sequence[Estimate], waiting: Sequence[float], caps: Sequence[float], known: Mapping[str, float]) -> list[_Made]:
    """Return how much of each plan's work that waits is made over a day, as a fluid: what can't wait first, then each plan in its turn.

    A plan's waiting work takes the capacity that is left by all before it, up to its cap.
    """
    import numpy as np

    from t2v_capacity.questions.what_if.days import loads

    capacity = known["replicas"] * known["gpus_per_replica"]
    two_days = [np.tile(plan.known["busy_gpus"] * loads(stream(plan, 0.0).curve, _POINTS), 2) for plan in plans]  # the first fills up
    urgent = np.sum([(1 - waits) * load for waits, load in zip(waiting, two_days, strict=True)], axis=0)
    if not (urgent.max() < capacity and sum(min(plan.known["busy_gpus"], cap) for plan, cap in zip(plans, caps, strict=True)) < capacity):
        return [_Made(filled=math.inf) for _plan in plans]  # whoever comes first waits too, or all that come later do without end
    left = np.concatenate([[0.0], np.cumsum(capacity - urgent)]) / _POINTS
    found = []
    for plan, waits, load, cap in zip(plans, waiting, two_days, caps, strict=True):
        if not waits:
            found.append(_Made())
            continue
        arrived = np.concatenate([[0.0], np.cumsum(waits * load)]) / _POINTS
        mine = np.concatenate([[0.0], np.cumsum(np.minimum(np.diff(left), cap / _POINTS))]) if cap < capacity else left
        left = left - (mine + np.minimum.accumulate(arrived - mine))
        most, busy = float(mine[-1] - mine[_POINTS]), plan.known["busy_gpus"]
        filled = waits * busy / most
        share = 1.0 if filled <= 1 + _NEAR else 1 - waits + most / busy
        found.append(_Made(share, filled, _left_over(plan, waits, most)))
    return found


def _left_over(plan: Estimate, waits: float, most: float) -> float:
    """Return what a plan's waiting work leaves over of the most that can be made of it in a day, in standard deviations of that work."""
    busy, clip = waits * plan.known["busy_gpus"], plan.known["gpu_seconds_per_video"] * plan.known["spot_work"]
    return (most - busy) / math.sqrt(busy * clip / DAY * (plan.known["arrival_variability"] + plan.known["work_variability"]))


def _missed(plans: Sequence[Estimate], classes: Sequence[Class], known: Mapping[str, float]) -> Iterator[str]:
    """Yield the pool's failures: its peak, and each missed latency target."""
    if known["utilization"] >= 1:
        asked = show(known["utilization"], "share")
        yield f"the pool is overloaded: the peak of what can't wait asks for {asked} of its replicas"
    for plan, met in zip(plans, classes, strict=True):
        room = sum(plan.known[name] for name in ("latency_room", "slowest_seconds", "off_gpu_seconds"))  # the target, of a mix too
        promises = (
            ("target_latency", met.latency, room, plan.scenario.promises and met.deferred_share < 1),
            (
                "target_deferred_wait",
                met.longest_wait_p95,
                plan.values["target_deferred_wait"],
                plan.scenario.settings["target_deferred_wait"].origin.by_hand and met.deferred_share > 0,
            ),
        )
        for name, found, target, concerned in promises:
            if concerned and found is not None and found > target * (1 + _NEAR):
                told = f"{show(found, 'second')}, where `{name}` is {show(target, 'second')}"
                yield f"{met.scenario} misses its promise in the pool: {told}"


def _capped(classes: Sequence[Class], caps: Sequence[float], made: Sequence[_Made]) -> Iterator[str]:
    """Yield what each cap leaves undone, or nearly so: then chance piles up over days, which no figure of one day knows."""
    for one, cap, of_waiting in zip(classes, caps, made, strict=True):
        if math.isinf(cap) or of_waiting.left_over > _SPREADS or cap >= ASSUMPTIONS["gpu_limit"].high:
            continue
        most = f"{one.scenario} takes at most {show(cap, 'gpu')} at a time, its `gpu_limit`"
        if of_waiting.filled > 1 + _NEAR:
            yield f"{most}: {show(one.served_share, 'share')} of its clips are made, the others never"
        else:
            yield f"{most}, and needs {show(of_waiting.filled, 'share')} of what that leaves it: by chance it may wait for days"


def _called(name: str) -> str:
    """Return the choice that sets an assumption, as a user writes it; else the assumption."""
    return next((choice for choice in ("sized_by", "egress") if name in KINDS[CHOICES[choice].kind].facts), name)


def _notes(plans: Sequence[Estimate], names: Sequence[str], waiting: Sequence[float], differing: Sequence[str]) -> Iterator[str]:
    later = [name for name, waits, plan in zip(names, waiting, plans, strict=True) if waits > plan.values["deferrable_share"]]
    if later:
        yield (
            f"{', '.join(later)} has no latency target, so its requests wait for those before it; with a `target_latency` there, "
            "the pool carries its peak too"
        )
    if differing:
        told = [f"`{name}`" for name in dict.fromkeys(map(_called, differing))]
        verb, those = ("differs", "that") if len(told) == 1 else ("differ", "those")
        yield f"{', '.join(told)} {verb} between the scenarios; the pool takes {those} of {names[0]}"
    pinned = {pin for plan in plans for pin in plan.scenario.pins if FIGURES[pin].group in GROUPS}
    if pinned:
        yield f"pinned {', '.join(f'`{name}`' for name in sorted(pinned))}: not of the pool, which is computed"
