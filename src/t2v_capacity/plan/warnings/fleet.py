"""What is wrong with a fleet: it can't carry its load or keep a promise, lacks spares, or asks for more than exists."""

from collections.abc import Iterator, Sequence

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.assumptions.traffic import cosine
from t2v_capacity.engine.constants import DAY, FEWEST_REFUSED, GPUS_SHIPPED_PER_YEAR
from t2v_capacity.engine.figures import Known, Number
from t2v_capacity.plan.fixes import in_words, latency_fixes
from t2v_capacity.plan.verdict import (
    LATE_BY,
    at_risk,
    error_range,
    late,
    no_value,
    promise_at_risk,
    promised,
    slowest_said,
)
from t2v_capacity.plan.warnings.register import Case, Said, Test, note, warning
from t2v_capacity.scenario.settings import Scenario

# Figures of waiting, absent for an overloaded fleet.
WAITING = ("idle_share", "delayed_wait", "wait_p95", "runs_latency_p95", "latency_p95", "latency_slack")
# Of one whose urgent work leaves nothing, also these; and of one that never catches up.
ENDLESS = ("fluid_deferred_wait", "deferred_slack", "fluid_backlog", "fluid_wait")
# A fleet that is busier at its peak has waits that no formula of a steady queue knows.
_BUSY = 0.95
# A day is near its peak above so much of it.
# It is unlike a cosine where that takes so many times as long, or days vary by more.
_AT_PEAK, _UNLIKE, _VARYING = 0.9, 1.5, 0.05
# Parts of a mix differ by more than this squared coefficient of variation.
# A spread of so much of it may be the same one.
_APART, _ALIKE = 0.1, 0.8


def _overloaded(known: Known) -> Number:
    without = any(no_value(known[name]) for name in WAITING)
    return (without | (known["utilization"] >= 1) | (known["peak_busy_gpus"] > known["gpus"])) & (
        known["gpu_seconds_per_video"] >= 0
    )


@warning("overloaded", due=_overloaded, by=(*WAITING, "gpu_seconds_per_video", "utilization", "peak_busy_gpus", "gpus"))
def _overload(plan: Case) -> Iterator[Said]:
    """Warn of a fleet that can't carry its peak: how long its backlog grows, or that it never clears."""
    waiting = tuple(name for name in (*WAITING, *ENDLESS) if no_value(plan[name]))
    if not waiting and plan["utilization"] < 1:
        message = (
            f"at the peak {show(plan['peak_busy_gpus'], 'gpu')} would be at work "
            f"and {show(plan['gpus'], 'gpu')} are rented; "
            f"waits and latencies are those of the {show(plan['replicas'], 'replica')} that the load asks for; write "
            f"`gpu_limit: {plan['gpus']:.0f}` in place of the pin, and they follow"
        )
        yield Said(message, ("gpus", "average_utilization"))
        return
    carried = plan["dau"] / plan["utilization"] if plan["utilization"] else 0.0  # by utilization only
    fix = (
        "raise the pinned number of them"
        if "replicas" in plan.scenario.pins
        else f"it carries the peak of {show(carried, ASSUMPTIONS['dau'].unit)}"
    )
    if no_value(plan["fluid_wait"]):
        served, demand = plan["delivered_per_day"], plan["delivered_per_day"] / plan["served_share"]
        message = (
            f"serves {show(served, 'video/day')} of {show(demand, 'video/day')}; the queue grows indefinitely; {fix}"
        )
    else:
        message = (
            f"for {show(plan['overload_time'], 'second')} a day more arrives "
            f"than the fleet ({show(plan['replicas'], 'replica')}) can make; "
            f"the last request of the overload waits {show(plan['fluid_wait'], 'second')}; {fix}"
        )
    yield Said(message, ("utilization", *waiting))


@warning(
    "requests-refused", "refused_per_day served_share queue_limit", lambda refused_share: refused_share > FEWEST_REFUSED
)
def _refusals(plan: Case) -> str:
    share, number = show(plan["refused_share"], "share"), show(plan["refused_per_day"], "video/day")
    return (
        f"the queue holds {show(plan['queue_limit'], 'video')}: {share} of runs, {number}, "
        "come to a full one and are refused; raise `queue_limit` or use more GPUs"
    )


def _late(scenario: Scenario) -> Test | None:
    return late if scenario.settings["target_latency"].origin.by_hand else None  # a default is no promise


@warning("misses-target-latency", "latency_p95 target_latency", due_in=_late, by=LATE_BY, of="clip")
def _latency(plan: Case) -> str:
    """Warn of a missed promise, with the cheapest changes that keep it and what each gives."""
    latency, target = plan["latency_p95"], plan["target_latency"]
    fixes = iter(()) if no_value(latency) else latency_fixes(plan.whole, plan.plan, plan.memo)
    meeting = in_words(fixes, lambda one: show(one["latency_p95"], "second"))
    fix = (
        f"met with {meeting}"
        if meeting
        else "no kernel, runtime, group size, few-step checkpoint, or fleet tested meets it"
    )
    if no_value(latency):
        fix = "it takes more GPUs, or fewer requests"
    return f"{slowest_said(plan.known)}, target {promised(plan.scenario, target)}; {fix}"


@warning("target-latency-uncertain", "latency_p95 target_latency")
def _promise(plan: Case) -> str:
    error = error_range(plan.scenario, plan.known)
    return (
        promise_at_risk(plan.scenario, plan.known, error) if error and at_risk(plan.scenario, plan.known, error) else ""
    )


@warning("misses-deferred-wait", "fluid_deferred_wait target_deferred_wait", lambda deferred_slack: deferred_slack < 0)
def _deferred(plan: Case) -> str:
    target = plan.scenario.written("target_deferred_wait") or show(plan["target_deferred_wait"], "second")
    return (
        f"deferred work waits up to {show(plan['fluid_deferred_wait'], 'second')}, target {target}; "
        f"it takes more GPUs, or a deferrable_share other than {show(plan['deferrable_share'], 'share')}"
    )


@warning("waits-uncertain", "wait_p95 latency_p95", lambda utilization: (utilization > _BUSY) & (utilization < 1))
def _uncertain_waits(plan: Case) -> str:
    return (
        f"{show(plan['utilization'], 'share')} of the replicas are at work at the peak: "
        "waits of so full a fleet depend on chance and on the day. "
        f"`t2v-cap estimate {plan.scenario.file} --only waiting` simulates days"
    )


def _near_peak(day: Sequence[float]) -> float:
    """Return the share of a day's parts whose load is within a tenth of its peak."""
    high = _AT_PEAK * max(day)
    return sum(rate > high for rate in day) / len(day)


@warning("day-unlike-cosine", "wait_p95 latency_p95 fluid_wait gpu_cost_following")
def _unlike_cosine(plan: Case) -> str:
    """Warn of a day that formulas take for another: by the hours near the peak, or since days vary."""
    curve, varies, weekend = plan.scenario.day_curve, plan["day_variability"], plan["weekend_level"]
    unlike = list[str]()
    if curve:
        at_peak, usual = _near_peak(curve), _near_peak(cosine(plan["zoned_peak"]))
        said = (
            f"the load is within a tenth of its peak for {show(DAY * at_peak, 'second')} a day, "
            f"a cosine's for {show(DAY * usual, 'second')}"
        )
        unlike += [] if usual / _UNLIKE < at_peak < usual * _UNLIKE else [said]
    unlike += [f"days vary by {show(varies, 'share')}"] if varies > _VARYING else []
    unlike += (
        [f"weekends have {show(weekend, 'ratio')} times a weekday's requests"] if abs(1 - weekend) > _VARYING else []
    )
    if not unlike:
        return ""
    return (
        f"{'; '.join(unlike)}: waits and bills that follow the day are a cosine's, every day alike. "
        f"`t2v-cap estimate {plan.scenario.file} --only waiting` simulates this day's"
    )


@warning("no-region-left", "regions_lost regions", lambda regions_lost, regions: regions_lost >= regions)
def _none_left(plan: Case) -> str:
    lost, regions = (show(plan[name], ASSUMPTIONS[name].unit) for name in ("regions_lost", "regions"))
    return (
        f"of {regions} as many as {lost} may be lost, which leaves none; "
        "the fleet is that of one left: set `regions_lost` below `regions`"
    )


@note(
    "limit-drops-spares",
    "servers gpu_limit",
    lambda servers, regions, servers_per_region, spares_per_region, regions_lost, replicas, replicas_needed: (
        (servers < regions * (servers_per_region + spares_per_region))
        | ((regions_lost > 0) & (replicas < replicas_needed))
    ),
)
def _no_room(plan: Case) -> str:
    short = plan["regions"] * (plan["servers_per_region"] + plan["spares_per_region"]) - plan["servers"]
    lost = "replicas for a lost region" if plan["regions_lost"] and plan["replicas"] < plan["replicas_needed"] else ""
    dropped = " and ".join(filter(None, (f"{show(short, 'server')} of the spares" if short > 0 else "", lost)))
    return f"the fleet has no room for {dropped}; give it more GPUs, or plan without them"


@warning(
    "spread-counted-twice",
    "service_variability",
    lambda service_variability, squared_latency, generation_latency: (
        (squared_latency / generation_latency**2 > 1 + _APART)
        & (service_variability > _ALIKE * (squared_latency / generation_latency**2 - 1))
    ),
)
def _spread(plan: Case) -> str:
    """Warn of a spread as large as that between the parts of a mix: it may have been measured over all of them."""
    between = plan["squared_latency"] / plan["generation_latency"] ** 2 - 1
    return (
        f"service_variability {show(plan['service_variability'], 'ratio')} is of clips of one kind, "
        f"and the parts of the mix spread by {show(between, 'ratio')} besides: "
        "measured over all kinds it counts twice; `t2v-cap fit LOG` measures it within kinds"
    )


@note(
    "spot-without-promise",
    "spot_fraction gpus",
    lambda spot_fraction, gpu_seconds_per_video: (spot_fraction > 0) & (gpu_seconds_per_video >= 0),
)
def _spot(plan: Case) -> Iterator[Said]:
    """Tell what the fleet does without its spot GPUs, which may all be taken away at once.

    Warn of a promised latency that needs them.
    """
    left = int(plan["gpus"] * (1 - plan["spot_fraction"]))
    promised = plan.scenario.settings["target_latency"].origin.by_hand
    peak, mean = plan["peak_busy_gpus"] / plan["spot_work"], plan["busy_gpus"] / plan["spot_work"]
    does = (
        "carry the peak"
        if left >= peak
        else "carry the day's mean and not its peak"
        if left >= mean
        else "make less than a day asks for"
    )
    more = f", {show(left / peak, 'share')} of it" if left < peak else ""
    lost = (
        f"; interruptions take {show(plan['interrupted_work'], 'ratio')} times a clip's GPU-seconds on them"
        if plan["interruptions_per_run"]
        else ""
    )
    yield Said(
        f"{show(plan['spot_fraction'], 'share')} of the fleet is spot and carries no promise: "
        f"without it {show(left, 'gpu')} are left, which {does}{more}{lost}",
        severity="warning" if promised and left < peak else "",
    )


@warning("beyond-reference", "gpus", lambda gpus: gpus > float(GPUS_SHIPPED_PER_YEAR))
def _beyond(plan: Case) -> str:
    shipped = float(GPUS_SHIPPED_PER_YEAR)
    return (
        f"{show(plan['gpus'], 'gpu')}: {show(plan['gpus'] / shipped, 'ratio')} times one class's shipments in a year, "
        f"{show(shipped, 'gpu')} (2025). Check dau and gpu_seconds_per_video"
    )
