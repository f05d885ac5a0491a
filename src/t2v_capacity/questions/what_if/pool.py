"""Several scenarios on one fleet: it carries the peak of what can't wait, and over the day the work of all.

The order of the scenarios is their priority. The first can't wait; one after it waits for those before it, unless it
promises a latency of its own. Requests of `deferrable_share` wait until all others are served. Formulas give the fleet
and its bill for the work of all: its mean clip, the spread of its clips, its peak. How long each class waits is
simulated (`days`).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import MIX, word_of
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.assumptions.traffic import week_levels
from t2v_capacity.engine.constants import FEWEST_REFUSED, SHORT_CLIP, SMALLEST_CHANCE
from t2v_capacity.engine.figures import FIGURES, Known, ancestors, ordered
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import evaluated, join_by_word, own_figures, views
from t2v_capacity.plan.verdict import no_fleet, stops
from t2v_capacity.plan.warnings.register import REGISTER
from t2v_capacity.questions.what_if.simulated import met_by
from t2v_capacity.scenario.settings import PlanWarning

# The figures of one fleet; traffic and storage are the total's.
POOLED_GROUPS = ("fleet", "waiting", "money", "owning", "energy")
# Inputs that apply to the whole pool: limits, margins, targets of waiting.
SIZING = ("fleet", "waiting")
# The share of the day's demand that a fleet serves; each class has its own.
SERVED = "served_share"
# Choices and assumptions that must be the same: clips of one pool run on the same groups of the same GPUs.
_SHARED = ("delivery", "gpu", "gpus_per_replica", "gpus_per_server")
# Choices that make other weights.
_WEIGHTS = ("model", "distilled", "precision")
# Assumptions that are amounts, of no known sum: two products may have the same users.
ADDING = ("dau",)
# The targets of each scenario.
PROMISES = ("target_latency", "target_deferred_wait")
# Warnings of a fleet, which a pool has by its own figures.
FLEET_WARNINGS = ("limit-drops-spares", "regions-unequal", "spot-without-promise")
# What a fleet is made for: it follows from the clips of all.
_FLEET = ("gpus", "latency_slack", "gpu_cost_per_month")
_NEAR = 1e-9
# From so many times a class's own clip on, another's is long.
_LONGER = 2


class ClassData(TypedDict):
    """The waits of one scenario's requests in the pool."""

    scenario: str
    deferred_share: float
    """Of its requests, those that wait"""
    wait: float | None
    """95th percentile in seconds, of those that don't"""
    latency: float | None
    longest_wait: float | None
    """Of those that do, else of all, mean over days"""
    longest_wait_p95: float | None
    """95th percentile over days"""
    served_share: float


class _Member(NamedTuple):
    """One scenario of a pool."""

    name: str
    plan: Estimate
    deferred_share: float  # of its work that waits until all other is served

    @property
    def known(self) -> Known:
        """Its assumptions and figures."""
        return self.plan.known


class Pool(NamedTuple):
    """One fleet for all: its figures, what each scenario meets, and the same figures of fleets apart."""

    figures: Mapping[str, float | None]
    classes: tuple[ClassData, ...]
    apart: Mapping[str, float | None]
    work: Known  # of all scenarios together, in place of what one of them says
    notes: tuple[str, ...]
    warnings: tuple[PlanWarning, ...]


def pool(
    plans: Sequence[Estimate],
    names: Sequence[str],
    totals: Known,
    summed: Callable[[Sequence[Estimate]], Known],
) -> Pool:
    """Return plans as classes of one fleet, the first served first.

    `totals` are those of the plans apart, and `summed` gives those of other plans. Raise Mistakes if the plans don't
    run on the same GPUs in the same groups.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.questions.what_if.total import total
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/start-up.yaml"))
    >>> alone = total([plan], pooled=True).pool
    >>> alone.figures["gpus"] == plan.figures["gpus"], alone.figures["latency_p95"] == plan.figures["latency_p95"]
    (True, True)
    """
    members = [
        _Member(name, plan, 1.0 if place and not plan.scenario.promises else plan.values["deferrable_share"])
        for place, (name, plan) in enumerate(zip(names, plans, strict=True))
    ]
    _check_same(members)
    day = _busiest_day(members)
    work, load = _work(members, day), 0.0
    for _sizing in range(3):  # the load by which classes wait follows from the fleet
        sized = [(_pool_known(members, totals, own)[0], own) for own in _by_promise(members, day, work, load)]
        known, work = max(sized, key=lambda pair: pair[0]["replicas_needed"])
        load = known["urgent_share"] * known["busy_replicas"] / known["replicas_needed"]
    shares = _served_shares(members, known)
    served = [_plan_serving(plan, share) for plan, share in zip(plans, shares, strict=True)]
    served_totals = {**totals, **summed(served)}
    known, differing = _pool_known(members, served_totals, work)

    figures = {name: finite(known[name]) for name in FIGURES if FIGURES[name].group in POOLED_GROUPS and name in known}
    if figures[SERVED] is not None:
        figures[SERVED] = served_totals[SERVED]  # of requests; `known` has the share of their work
    classes = tuple(_classes(members, shares, known, day.hour))
    notes = (*_overload(known), *_missed(members, classes), *_unseen(classes, known), *_notes(members, differing))
    of_fleet = (
        text for code in FLEET_WARNINGS for text in REGISTER[code].warnings(plans[0].scenario, known, notes=False)
    )
    warnings = (*of_fleet, *_swapping(members), *_behind_long_clips(members, classes))
    return Pool(figures, classes, {name: totals.get(name) for name in figures}, work, notes, warnings)


def _check_same(members: Sequence[_Member]) -> None:
    """Raise Mistakes if plans differ in what one pool has one of."""
    for same in _SHARED:
        own = {name: plan.scenario.chosen().get(same) or f"{plan.values[same]:.0f}" for name, plan, _share in members}
        first, *others = dict.fromkeys(own.values())
        if others:
            each = ", ".join(f"{option} in {name}" for name, option in own.items())
            reason = (
                f"one pool has the same GPUs in the same groups: `--set {same}={first}`; "
                "this changes the fleets apart too, so compare the pool with `total` of the plans as they are"
            )
            if same == "delivery":
                reason = "one pool makes clips or streams; leave `--pooled` out"
            raise Mistakes(f"`{same}` differs: {each}; {reason}")


class _Day(NamedTuple):
    """The GPUs at work on the kind of day, a weekday's or a weekend's, that needs the larger fleet."""

    needed: float  # by what can't wait, and over the day by all work
    mean: float
    peak: float
    urgent: float  # the peak of what can't wait
    hour: float  # at which days without a curve peak, a part of the day
    urgent_peaks: Sequence[float]  # of each member
    weekend_level: float = 1.0  # what weekends need over what weekdays do


def _busiest_day(members: Sequence[_Member]) -> _Day:
    """Return the kind of day that needs the larger fleet."""
    weekday, weekend = _day(members, 0), _day(members, 1)
    return max(weekday, weekend)._replace(weekend_level=weekend.needed / weekday.needed)


def _day(members: Sequence[_Member], kind: int) -> _Day:
    """Return a weekday, of kind 0, or a weekend day, of kind 1.

    Each `day_curve` is at its own hours. A day without one peaks when the others do, at whatever hour.
    """
    from t2v_capacity.questions.what_if.curves import summed_peak

    curves, means, peaks = [member.plan.scenario.day_curve for member in members], list[float](), list[float]()
    for member in members:
        levels = week_levels(member.known["weekend_level"])
        level = member.known["busy_day_level"] * levels[kind] / max(levels)
        means.append(member.known["busy_gpus"] * level)
        peaks.append(means[-1] * member.known["zoned_peak"])

    urgent_peaks = [(1 - member.deferred_share) * peak for member, peak in zip(members, peaks, strict=True)]
    peak, hour = summed_peak(curves, peaks)
    urgent, urgent_hour = summed_peak(curves, urgent_peaks)
    if any(curve and own for curve, own in zip(curves, urgent_peaks, strict=True)):
        hour = urgent_hour
    return _Day(max(sum(means), urgent), sum(means), peak, urgent, hour, urgent_peaks)


def _work(members: Sequence[_Member], day: _Day) -> dict[str, float]:
    """Return the work of all members together: their clips are joined as those of the parts of a mix are.

    Rates add, and similar clips vary alike. The spread of arrivals is the mean over clips, as in Whitt's asymptotic
    method (1983, https://doi.org/10.1002/j.1538-7305.1983.tb03204.x).
    """
    known = [member.known for member in members]
    rate, busy = (sum(own[name] for own in known) for name in ("generation_rate", "busy_gpus"))
    weighed = [(own["generation_rate"] / rate, own) for own in known]

    needed = ancestors(_FLEET, stop=own_figures(MIX))
    words = {name: word_of(name, MIX) for name in own_figures(MIX) if name in needed}
    words["arrival_variability"] = "mean"
    work = {name: join_by_word(word, [(share, own[name]) for share, own in weighed]) for name, word in words.items()}
    squares = sum(share * own["squared_latency"] * (1 + own["service_variability"]) for share, own in weighed)
    return {
        **work,
        "playing_speed": min(own["playing_speed"] for own in known),
        "generation_rate": rate,
        "clip_variability": max(0.0, squares / work["generation_latency"] ** 2 - 1),
        "zoned_peak": day.peak / day.mean,
        "busy_day_level": day.mean / busy,
        "weekend_level": day.weekend_level,
        "deferrable_share": max(0.0, 1 - day.urgent / day.peak),
    }


def _by_promise(members: Sequence[_Member], day: _Day, work: Known, load: float) -> Iterator[dict[str, float]]:
    """Yield the work of all with the clip of each class and its room to wait: one of them sizes the fleet.

    Formulas serve requests as they come. In order, those of a class that takes the load from a to b wait
    (1 - load) / (1 - a) / (1 - b) times as long (A. Cobham, Operations Research 2, 1954).
    """
    left, urgent = 1.0, 0.0
    for member, peak in zip(members, day.urgent_peaks, strict=True):
        before = left
        urgent += peak
        left = 1 - load * min(1.0, urgent / (day.urgent or 1.0))
        own = {name: member.known[name] for name in ("slowest_seconds", "service_variability", "latency_room")}
        own["latency_room"] *= before * left / (1 - load)
        yield {**work, **own}


def _pool_known(members: Sequence[_Member], totals: Known, work: Known) -> tuple[dict[str, float], list[str]]:
    """Return the pool's figures and what they begin with, and which assumptions differ.

    Where assumptions differ, those of the first plan are taken. What does not follow from the work of the fleet, such
    as the clips delivered and stored, is the total's.
    """
    follows = {name for name in FIGURES if name == SERVED or ancestors([name], stop={SERVED}) & {*work}} - {*work}
    of_pool = [
        figure
        for figure in FIGURES.values()
        if figure.group in SIZING or (figure.group in POOLED_GROUPS and figure.name in follows)
    ]
    asked = {parameter for figure in of_pool for parameter in figure.parameters} - {*work, *ADDING, *PROMISES}

    values = [member.plan.values for member in members]
    known = {name: number for name, number in {**values[0], **totals, **work}.items() if name not in follows}
    if len(values) > 1:  # the wait of all together is none that a class meets
        known |= dict.fromkeys((*ADDING, "wait_p95"), math.nan)

    for figure in ordered():
        # A clip's seconds and price are each scenario's own.
        ours = not figure.mix or figure.name in follows
        if ours and figure.name not in known and known.keys() >= {*figure.parameters}:
            known[figure.name] = figure.of(known)
    return known, [name for name in ASSUMPTIONS if name in asked and len({own[name] for own in values}) > 1]


def _served_shares(members: Sequence[_Member], known: Known) -> list[float]:
    """Return the share of each plan's demand that the pool serves over a day.

    Urgent work is served first, in order, then work that waits, in order. Only what can't wait stands in the queue
    whose limit refuses. Of that work, what is refused beyond the day's shortage is not served.
    """
    busy = [member.known["generation_rate"] * member.known["held_seconds"] * known["spot_work"] for member in members]
    asked, left = sum(busy), known["supply_ratio"] * known["busy_gpus"]
    refused = known["refused_share"] * asked if known["refused_share"] > FEWEST_REFUSED else 0.0
    if not (left < asked or refused):
        return [1.0] * len(members)

    urgent_work = sum(whole * (1 - member.deferred_share) for whole, member in zip(busy, members, strict=True))
    queued = 1 - max(0.0, refused - max(0.0, asked - left)) / (urgent_work or 1.0)
    left, taken = min(left, asked - refused), [0.0] * len(members)
    for urgent in (True, False):
        for place, member in enumerate(members):
            part = min(left, busy[place] * ((1 - member.deferred_share) * queued if urgent else member.deferred_share))
            taken[place] += part
            left -= part
    return [part / whole for part, whole in zip(taken, busy, strict=True)]


def _plan_serving(plan: Estimate, share: float) -> Estimate:
    """Return a plan of whose demand a share is served, no less than the smallest chance, which has a logarithm."""
    served = evaluated(plan.scenario, {**plan.values, SERVED: max(share, SMALLEST_CHANCE)})
    return plan._replace(figures={name: finite(number) for name, number in served.items()})


def _classes(members: Sequence[_Member], shares: Sequence[float], known: Known, hour: float) -> Iterator[ClassData]:
    """Yield what each plan's requests meet in one region, where days without a curve peak at an hour.

    Requests that can't wait are served in the plans' order, then the others in the same order.
    """
    urgent_ones = {
        (True, member.name): (member.plan, 1 - member.deferred_share) for member in members if member.deferred_share < 1
    }
    others = {(False, member.name): (member.plan, member.deferred_share) for member in members if member.deferred_share}
    waits = met_by(known, {**urgent_ones, **others}, hour=hour, urgent=len(urgent_ones))
    carried = known["generation_capacity"] > known["generation_rate"]  # else some of the work that waits is never made

    for member, share in zip(members, shares, strict=True):
        urgent = waits.get((True, member.name))
        last = waits.get((not member.deferred_share, member.name)) if carried or not member.deferred_share else None
        wait, latency = (urgent[name].value if urgent else None for name in ("wait_p95", "latency_p95"))
        longest, worst = (last[name].value if last else None for name in ("longest_wait", "longest_wait_p95"))
        yield {
            "scenario": member.name,
            "deferred_share": member.deferred_share,
            "wait": wait,
            "latency": latency,
            "longest_wait": longest,
            "longest_wait_p95": worst,
            "served_share": share,
        }


def _behind_long_clips(members: Sequence[_Member], classes: Sequence[ClassData]) -> Iterator[PlanWarning]:
    """Warn of a class that waits for clips more than twice as long, which hold their replicas."""
    latencies = [member.known["generation_latency"] for member in members]
    for place, (own, waiting) in enumerate(zip(latencies, classes, strict=True)):
        long = max(latencies[place:])
        if waiting["latency"] is None or not waiting["wait"] or long <= _LONGER * own:
            continue
        message = (
            f"{waiting['scenario']} is served before clips {long / own:.3g} times as long, "
            "which hold their replicas to their end, and waits for that: "
            f"its latency is {show(waiting['latency'], 'second')} at the 95th percentile; "
            "give it replicas of its own, or cut the long clips"
        )
        yield PlanWarning("pool-long-clips", message, ("latency",))


def _swapping(members: Sequence[_Member]) -> Iterator[PlanWarning]:
    """Warn of different weights on the same replicas, whose loading no figure of a pool has."""
    weights = {tuple(map(member.plan.scenario.option, _WEIGHTS)) for member in members}
    if len(weights) > 1:
        longest = max(member.known["load_time"] for member in members)
        message = (
            f"the scenarios differ in {', '.join(_WEIGHTS[:-1])} or {_WEIGHTS[-1]}, and the pool leaves out that a "
            f"replica then loads other weights, for up to {show(longest, 'second')} at each change; "
            "unless all of them stay in its memory, leave `--pooled` out"
        )
        yield PlanWarning("pool-swaps-weights", message, ("load_time",))


def _overload(known: Known) -> Iterator[str]:
    """Yield what asks for more than the pool has: the peak of what can't wait, else the work of a day."""
    if known["utilization"] >= 1:
        work, asked = "the peak of what can't wait", known["utilization"] * known["urgent_share"]
        if asked < 1:
            work, asked = "the work of all over the day", known["utilization"]
        yield f"the pool is overloaded: {work} asks for {show(asked, 'share')} of its replicas"


def _missed(members: Sequence[_Member], classes: Sequence[ClassData]) -> Iterator[str]:
    """Yield each missed latency target, and what a stream stops for."""
    for member, met in zip(members, classes, strict=True):
        if stops(member.known["playing_speed"]):
            yield f"{member.name} misses its promise in the pool: {no_fleet(member.known)}"
            continue
        longest = met["longest_wait_p95"] if member.deferred_share else None
        promises = {"target_deferred_wait": (longest, member.known["target_deferred_wait"])}
        if member.deferred_share < 1:
            # The latency of all clips says nothing of a part's: each part waits as all do. Where no wait is simulated,
            # a clip's own time may miss the target.
            for view in views(member.plan.scenario, {**member.known, "wait_p95": met["wait"] or 0.0}):
                latency = view.known["latency_p95"] if view.part else met["latency"] or view.known["delivery_seconds"]
                promises[f"{view.name}.target_latency".strip(".")] = latency, view.known["target_latency"]

        for name, (seconds, target) in promises.items():
            if seconds is not None and seconds > target * (1 + _NEAR):
                yield (
                    f"{member.name} misses its promise in the pool: {show(seconds, 'second')}, "
                    f"where `{name}` is {show(target, 'second')}"
                )


def _unseen(classes: Sequence[ClassData], known: Known) -> Iterator[str]:
    """Say why no wait is simulated of a pool that makes all of its clips: some are short, be it in a mix."""
    makes_all = known["clip_runs"] * known["generation_capacity"] > known["generation_rate"]
    if makes_all and None in [met["longest_wait"] for met in classes]:
        yield (
            f"some clips take less than {show(SHORT_CLIP, 'second')}, or those of a part do: "
            "waits below a minute, as these, are not simulated in a pool"
        )


def _notes(members: Sequence[_Member], differing: Sequence[str]) -> Iterator[str]:
    if later := [member.name for member in members if member.deferred_share > member.plan.values["deferrable_share"]]:
        yield (
            f"{', '.join(later)} has no latency target, so its requests wait for those before it; "
            "with a `target_latency` there, the pool carries its peak too"
        )
    curveless = [member.name for member in members if not member.plan.scenario.day_curve]
    if curveless and len(members) > 1:
        yield (
            f"no `day_curve` in {', '.join(curveless)}: assumed to peak in the pool's busiest hour, which takes the "
            "most GPUs; work that waits may wait longer if peaks are hours apart"
        )
    if len({member.known["sessions_per_replica"] for member in members if member.plan.scenario.streams}) > 1:
        yield (
            "replicas hold different numbers of sessions: so few suffice only if a session goes to the fullest "
            "replica that has room; placed otherwise, the larger ones find none"
        )
    if differing:
        # A choice is named as a user writes it.
        labels = [f"`{'sized_by' if name == 'sized_by_latency' else name}`" for name in differing]
        yield f"different between the scenarios: {', '.join(labels)}; the pool takes what {members[0].name} has"
    if pinned := {
        pin for member in members for pin in member.plan.scenario.pins if FIGURES[pin].group in POOLED_GROUPS
    }:
        yield f"pinned {', '.join(f'`{name}`' for name in sorted(pinned))}: not of the pool, which is computed"
