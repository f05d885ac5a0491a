"""What operates a fleet: the floor, ceiling and hours of its autoscaler, and the thresholds of who is on call."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from typing_extensions import TypedDict

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.assumptions.traffic import MOST_RATES, cosine, week_levels
from t2v_capacity.engine.constants import (
    DAYS_PER_WEEK,
    FEWEST_REFUSED,
    HOURS_PER_DAY,
    LATE_SHARE,
    NO_QUEUE_LIMIT,
    SECONDS_PER_HOUR,
    SMALLEST_SPREAD,
    WEEKDAYS,
)
from t2v_capacity.engine.figures import FIGURES, Known
from t2v_capacity.errors import Mistakes
from t2v_capacity.formulas.burst import paid_burst
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.pins import pin_between
from t2v_capacity.plan.uncertain import NO_BAND
from t2v_capacity.plan.verdict import LATE_BY, late, no_fleet, serves_nothing
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.settings import Scenario

_HOURS = int(HOURS_PER_DAY)
_MINUTES = _HOURS * 60
_FLEET = ("servers", "gpus", "peak_busy_gpus", "servers_per_region", *LATE_BY)
_HALVINGS = 50
_WATCHED, _SAMPLED = 600, 15  # seconds: a rule takes the mean of the GPUs at work, `[10m:15s]` in docs/on-call.md
_MARGIN = 1.1  # over a figure without a band: a convention
_Fleet = Callable[[float], Known]


class Hour(TypedDict):
    """An hour of the day, and the fleet that its load needs."""

    hour: int
    requests: float
    """Per hour"""
    gpus: int
    servers: int
    utilization: float
    """GPUs at work over the GPUs that the hour needs; of streams their sessions over places for them"""


class Early(TypedDict):
    """Servers that no rule has in time: within a cold start the load outgrows those that the rule holds."""

    at: str
    """When to ask for them, such as 08:53"""
    servers: int


class Scaling(TypedDict):
    """The settings of an autoscaler."""

    hours: list[Hour]
    weekend: list[Hour]
    """Of a weekend day, where `weekend_level` is set; else empty"""
    floor: int
    """Servers"""
    floor_spares: int
    floor_keeps_target: bool | None
    """Whether the floor keeps `target_latency` at the quietest hour; null without a target"""
    ceiling: int
    """Servers"""
    lead_seconds: float
    """From the request for a server to its first clip"""
    add_above: float
    """The share of GPUs at work above which to add servers; it holds in hours of at least the average load

    Of streams it is the share of session places that are taken.
    """
    early: list[Early]
    """What to ask for by the clock; empty where the rule is enough"""
    gpu_cost_per_month: float | None
    """Of the GPUs of these hours, and of a cold start of each that comes and goes; null without a price"""


def scaling(plan: Estimate) -> Scaling:
    """Return the hours, the floor and the ceiling of a plan. Raise Mistakes if its fleet cannot follow the day.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> answer = scaling(estimate(load_scenario("scenarios/start-up.yaml")))
    >>> answer["floor"], answer["ceiling"], [hour["gpus"] for hour in answer["hours"][3:6]]
    (2, 81, [6, 13, 24])
    """
    check_fleet(plan)
    known, fleet = plan.known, _fleet_by_load(plan.scenario, plan.known)
    loads = hourly_loads(plan)
    work = worked_loads(loads, known["deferrable_share"])
    weekday, weekend = week_levels(known["weekend_level"])
    hours = _hours(known, loads, work, weekday, fleet)
    weekend_hours = _hours(known, loads, work, weekend, fleet) if weekday != weekend else []

    lowest, kept = _lowest_fleet(plan, min(work) * min(weekday, weekend))
    floor = _servers(known, lowest)
    add_above = _threshold(known, work, fleet)
    return {
        "hours": hours,
        "weekend": weekend_hours,
        "floor": floor,
        "floor_spares": int(max(0, floor - known["regions"] * lowest["servers_per_region"])),
        "floor_keeps_target": kept,
        "ceiling": int(known["servers"]),
        "lead_seconds": known["cold_start"],
        "add_above": add_above,
        "early": _early(plan, floor * known["gpus_had_per_server"], add_above, fleet, max(weekday, weekend)),
        "gpu_cost_per_month": _cost_of(known, hours, weekend_hours or hours),
    }


def check_fleet(plan: Estimate) -> None:
    """Raise Mistakes if a plan has no fleet that follows its load: a clip cannot run, or the fleet is pinned."""
    if serves_nothing(plan.known):
        raise Mistakes(f"there is no fleet: {no_fleet(plan.known)}")
    if pin := pin_between(plan.scenario, "peak_trps", ("gpus",)):
        raise Mistakes(f"the pin of `{pin}` holds the fleet at any load; remove it, or set `gpu_limit`")


def hourly_loads(plan: Estimate) -> list[float]:
    """Return the load of each hour from midnight, over the day's mean: of a finer curve its highest in the hour."""
    curve = _curve(plan, _HOURS)
    parts = len(curve)
    return [max(curve[hour * parts // _HOURS : -(-(hour + 1) * parts // _HOURS)]) for hour in range(_HOURS)]


def _curve(plan: Estimate, parts: int) -> Sequence[float]:
    """Return the plan's own day from midnight, else equal parts of a cosine that peaks at noon."""
    return plan.scenario.day_curve or cosine(plan.known["zoned_peak"], parts, hour=0.5)


def worked_loads(loads: Sequence[float], deferrable: float) -> list[float]:
    """Return the load of the hours after the work that can wait has filled the quiet ones.

    >>> worked_loads((0.5, 1.5), 0.2)
    [0.8, 1.2]
    """
    urgent = [load * (1 - deferrable) for load in loads]
    low, high, total = 0.0, max(loads), math.fsum(loads)
    for _ in range(_HALVINGS):
        level = (low + high) / 2
        if math.fsum(max(load, level) for load in urgent) > total:
            high = level
        else:
            low = level
    return [round(max(load, low), 12) for load in urgent]


def _fleet_by_load(scenario: Scenario, known: Known) -> _Fleet:
    """Return the function from a load, over the day's mean, to the fleet that is planned for it."""
    cell = cells_of(scenario, ("peak_trps",), _FLEET)
    rate = known["peak_trps"] / known["week_peak"]
    return lambda load: cell({"peak_trps": rate * max(SMALLEST_SPREAD, load)})


def _hours(known: Known, loads: Sequence[float], work: Sequence[float], level: float, fleet: _Fleet) -> list[Hour]:
    """Return the hours of a day, each with the load that arrives and the work that is done, at a level of the week."""
    hours = list[Hour]()
    for hour, (load, worked) in enumerate(zip(loads, work, strict=True)):
        needed = fleet(worked * level)
        servers = _servers(known, needed)
        gpus = servers * known["gpus_had_per_server"]
        hours.append(
            {
                "hour": hour,
                "requests": load * level * known["trps"] * SECONDS_PER_HOUR,
                "gpus": int(gpus),
                "servers": servers,
                "utilization": needed["peak_busy_gpus"] / gpus,
            }
        )
    return hours


def _servers(known: Known, needed: Known) -> int:
    """Return the servers for a load: no more than the plan's, no fewer than can't be had on demand."""
    beyond = math.ceil((known["gpus"] - known["on_demand_limit"]) / known["gpus_had_per_server"])
    return int(max(min(needed["servers"], known["servers"]), beyond))


def _cost_of(known: Known, weekday: Sequence[Hour], weekend: Sequence[Hour]) -> float | None:
    """Return the GPU cost of a month of these hours, at the prices of the bill that follows the day."""
    weekdays, rest = WEEKDAYS * _gpus_held(known, weekday), (DAYS_PER_WEEK - WEEKDAYS) * _gpus_held(known, weekend)
    given = {**known, "gpus_following": (weekdays + rest) / DAYS_PER_WEEK}
    given["spot_following"] = FIGURES["spot_following"].of(given)
    return finite(FIGURES["gpu_cost_following"].of(given))


def _gpus_held(known: Known, hours: Sequence[Hour]) -> float:
    """Return the GPUs paid for on average: those of the hours, and a cold start of each that comes and goes."""
    gpus = [hour["gpus"] for hour in hours]
    return float(sum(gpus) / _HOURS + (max(gpus) - min(gpus)) * known["cold_start_share"])


def _lowest_fleet(plan: Estimate, load: float) -> tuple[Known, bool | None]:
    """Return the smallest fleet for a load, and whether it keeps the latency target."""
    promised = plan.scenario.promises
    scenario = with_flags(plan.scenario, ["sized_by=latency"]) if promised else plan.scenario
    lowest = _fleet_by_load(scenario, plan.known)(load)
    kept = not late({**plan.known, **lowest}) if promised else None
    return lowest, kept


def _threshold(known: Known, loads: Sequence[float], fleet: _Fleet) -> float:
    """Return the lowest share of GPUs at work now to those needed a cold start later.

    Quiet hours have the floor: of a few GPUs the spares are most, and no share is right there.
    """
    mean, shares = math.fsum(loads) / _HOURS, [1.0]
    for load, then in zip(loads, _later(loads, known["cold_start"] / SECONDS_PER_HOUR).tolist(), strict=True):
        if load >= mean * (1 - SMALLEST_SPREAD):
            needed = min(fleet(then)["gpus"], known["gpus"])
            shares.append(fleet(load)["peak_busy_gpus"] / needed)
    return min(shares)


def _later(loads: Any, ahead: float) -> Any:
    """Return the load so many parts of the day after each, in a straight line between two of them."""
    import numpy as np

    parts = np.arange(len(loads))
    return np.interp(parts + ahead, parts, loads, period=len(loads))


def _early(plan: Estimate, floor: float, add_above: float, fleet: _Fleet, level: float) -> list[Early]:
    """Return what to ask for by the clock on a day of a level.

    The rule holds the GPUs at work over its share, and no fewer than the floor. If a cold start later the load keeps
    more at work, it was too late to ask when it came. A queue that takes half of the target's room is not: what is
    asked for then comes in time.
    """
    import numpy as np

    from t2v_capacity.questions.what_if.curves import load_at

    known, busy = plan.known, fleet(1.0)["peak_busy_gpus"]
    work = worked_loads(_curve(plan, MOST_RATES), known["deferrable_share"])
    loads = level * load_at(work, (np.arange(_MINUTES) + 0.5) / _MINUTES)
    later = _later(loads, known["cold_start"] / 60)
    held = np.maximum(busy * loads / add_above, floor)
    room = max(0.0, known["latency_room"]) / 2 if plan.scenario.promises else 0.0
    short = (busy * later - held) * known["cold_start"] > held * room

    early = list[Early]()
    for minute in np.flatnonzero(short & ~np.roll(short, 1)).tolist():
        lasting = np.argmin(np.roll(short, -minute))
        highest = np.roll(later, -minute)[:lasting].max()
        servers = _servers(known, fleet(float(highest)))
        early.append({"at": f"{minute // 60:02}:{minute % 60:02}", "servers": servers})
    return early


class Alert(TypedDict):
    """A threshold that follows from the plan; null where none does."""

    name: str
    above: float | None
    unit: str
    action: str
    follows: str


def alerts(plan: Estimate) -> list[Alert]:
    """Return the thresholds of a plan: what its planned load seldom exceeds.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/start-up.yaml"))
    >>> [(alert["name"], round(alert["above"] or 0, 2)) for alert in alerts(plan)[:2]]
    [('utilization', 0.86), ('queued_clips', 134.14)]
    """
    known = plan.known
    wait, queue, late = _longest_wait(plan)
    refuses = known["queue_limit"] < NO_QUEUE_LIMIT
    watched = "refused_share" if refuses else "the wait"
    at_work = _most_at_work(known) * known["gpus_per_replica"] / known["gpus"]
    taken = "takes more session places" if plan.scenario.streams else "keeps more GPUs at work"
    rarely = f"the planned peak seldom {taken} for ten minutes"
    if math.isnan(at_work):
        rarely = f"the planned peak keeps all replicas at work: watch {watched}"
    if known["held_fraction"] < 1:
        at_work, rarely = math.nan, "the fleet follows the day: its rule is in `--only scaling`"

    thresholds = [
        ("utilization", at_work, "share", "add servers", rarely),
        ("queued_clips", wait * known["generation_capacity"] / known["regions"], "video", "page", queue),
        ("wait", wait, "second", "page", late),
    ]
    if refuses:
        planned = f"of a day's requests: the plan refuses {show(known['refused_share'], 'share')}, seldom this many"
        thresholds.append(("refused_share", _most_refused(known), "share", "page", planned))
    thresholds += [_slowest(plan), *_dearest_days(plan)]
    nothing = no_fleet(known) if serves_nothing(known) else ""
    return [
        {"name": name, "above": finite(above), "unit": unit, "action": action, "follows": nothing or follows}
        for name, above, unit, action, follows in thresholds
    ]


def _longest_wait(plan: Estimate) -> tuple[float, str, str]:
    """Return the wait above which to page, and why: of the queue that is made within it, and of a request.

    It misses the target, and the planned peak keeps fewer than one request a week waiting for longer.
    """
    known = plan.known
    room, longest = known["latency_room"], known["longest_queue"]
    wait, late = room, f"a request{_least_room(plan)} that waits longer misses target_latency"
    # The percentile of one request a week instead of one in twenty.
    likelier = known["click_wait_probability"] * LATE_SHARE * known["generations_per_day"] * DAYS_PER_WEEK
    by_chance = FIGURES["wait_p95"].of({**known, "click_wait_probability": likelier})
    if by_chance > room > known["click_wait"]:
        wait, late = by_chance, "the planned load keeps fewer than one request a week waiting longer"

    none = ""
    if wait >= longest:
        none = f"95% wait {show(longest, 'second')} at most: watch refused_share"
    elif not plan.scenario.promises:
        none = "set target_latency"
    elif not room > 0:
        none = "target_latency is missed without a wait"
    if none:
        return math.nan, none, none
    of_a_region = " of a region" if known["regions"] > 1 else ""
    alone = ", of urgent work alone" if known["deferrable_share"] else ""
    return wait, f"the replicas{of_a_region} make them within that wait{alone}", f"{late}{alone}"


def _most_refused(known: Known) -> float:
    """Return the share of a busy day's requests that the plan rarely refuses more of.

    Refusals come in runs: a full fleet is soon full again. The longer a walk with the drift of the load takes to leave,
    the wider is their spread, of which two are added.
    """
    load, requests = known["utilization"], known["generations_per_day"] * known["busy_day_level"]
    drift = max(abs(1 - load), 1 / (math.sqrt(known["clicks_at_once"]) + known["queue_room"]))
    runs = max(1.0, known["arrival_variability"]) * (1 + load) / drift
    refused: float = known["refused_share"]
    return max(refused + 2 * math.sqrt(refused * runs / requests), FEWEST_REFUSED)


def _slowest(plan: Estimate) -> tuple[str, float, str, str, str]:
    """Return the threshold of a clip's seconds, or of those of a stream's chunk: sessions stop beyond it."""
    known = plan.known
    if not plan.scenario.streams:
        seconds, why = _high_end(plan, "gpu_seconds_per_video")
        return "gpu_seconds_per_video", seconds, "second", "look for a regression", why
    played = known["sessions_per_replica"] * known["fps"]
    stops = f"a replica that makes less than {played:g} frames/second stops its sessions"
    return "chunk_seconds", known["frames_at_a_time"] / played, "second", "page", stops


def _dearest_days(plan: Estimate) -> Iterator[tuple[str, float, str, str, str]]:
    """Yield the threshold of a day's bill, and that of a weekend day where it has a load of its own."""
    known = plan.known
    bill, why = _high_end(plan, "cost_per_month")
    levels = dict.fromkeys(week_levels(known["weekend_level"]))  # one where both are the same
    for name, level in zip(("cost_per_day", "cost_per_weekend_day"), levels, strict=False):
        yield name, bill / known["days_per_month"] * _day_share(known, level), "USD", "look for a leak", why


def _high_end(plan: Estimate, name: str) -> tuple[float, str]:
    """Return the high end of a figure's band, and what it is.

    Without a band it is a margin over the figure, and where the plan is sure but for the model's error.
    """
    least, _point, most = plan.bands.get(name, NO_BAND)
    if least == most or (most is None and not plan.samples):
        what = "band" if least == most else "high end"
        return _MARGIN * plan.known[name], f"a tenth above {name}, which has no {what}"
    if most is None:
        return math.nan, f"{name} has no high end"
    return most, f"the high end of {name}"


def _day_share(known: Known, level: float) -> float:
    """Return the bill of a day of a level over the mean day's: GPUs follow it, stored bytes do not."""
    busy = max(SMALLEST_SPREAD, level) / known["busy_day_level"]
    burst = paid_burst(
        known["held_fraction"],
        known["levelled_peak"],
        known["fleet_share"] / busy,
        known["cold_start_share"] * busy,
        known["server_share"],
    )
    month, bill, stored = FIGURES["gpu_cost_per_month"], known["gpu_cost_per_month"], known["storage_cost_per_month"]
    gpus = bill * month.of({**known, "paid_burst_share": burst}) / month.of(known)
    return float((gpus + stored + (known["cost_per_month"] - bill - stored) * level) / known["cost_per_month"])


def _most_at_work(known: Known) -> float:
    """Return the replicas that the planned peak rarely keeps at work for as long as the rule watches.

    Requests come by chance: the mean over that time has a spread, of which two are added. There is no number where that
    is the whole fleet, as where work that can wait does so at the peak.
    """
    load = known["utilization"] * known["peak_over_level"] * known["replicas"]
    watched = min(1.0, max(_SAMPLED, known["generation_latency"]) / _WATCHED)
    clips = max(1.0, known["arrival_variability"]) / known["sessions_per_replica"]
    most = load + 2 * math.sqrt(load * clips * watched)
    return most if most < known["replicas"] else math.nan


def _least_room(plan: Estimate) -> str:
    """Return which part of a mix has the least room to wait, in words."""
    if not plan.parts:
        return ""
    return f" of {min(plan.parts, key=lambda part: part.figures['latency_room']).name}"
