"""What if: a plan's fleet where a part of it fails, clips slow down or the peak grows, and what keeps its target."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions.names import finite
from t2v_capacity.errors import Mistakes, count_of
from t2v_capacity.plan.advice import remedies
from t2v_capacity.plan.cells import ancestry
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.evidence import FACTOR
from t2v_capacity.plan.pins import measured_pins, pin_between
from t2v_capacity.plan.tree import views
from t2v_capacity.plan.trials import LESS_USED, Trial, change, in_brackets, trials
from t2v_capacity.plan.verdict import SURE, Verdict
from t2v_capacity.questions.what_if.scaling import check_fleet
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.measured import measured_at
from t2v_capacity.scenario.settings import point

# A failing server alone is one of endless ones; and the peak that is half as high again.
_ALONE, _HIGHER = math.inf, 1.5
# What a case moves.
_SHOWN = ("served_share", "latency_p95", "fluid_wait")
_EAGER, _ONLY_REGION = "eager", "the only region fails"
# A clip's seconds, which take no longer where one of these is pinned.
_SECONDS = {"generation_latency", "first_frame_seconds", "delivery_seconds"}


class Remedy(TypedDict):
    """The cheapest change with which a case keeps the target."""

    text: str
    flags: list[str]
    """With these after the flags of the case, the estimate keeps the target"""
    cost_per_month: float | None
    """USD, of the fleet before anything fails"""


class Failure(TypedDict):
    """A case, and the estimate with its flags; null where a figure has no value."""

    case: str
    flags: list[str]
    """Empty where nothing is left that could serve"""
    served_share: float | None
    """Null where a stream is made slower than it plays"""
    latency_p95: float | None
    """Null where the peak is more than the fleet can make"""
    longest_wait: float | None
    """Of the overload in a day, without chance"""
    done_within: float | None
    """`latency_p95`; where the peak is overloaded, that of its end"""
    chance: float | None
    """That the target is kept; null without a target"""
    kept: bool
    """Whether that is 90% or more; without a target, whether the peak is carried. And work that can wait is in time"""
    remedy: Remedy | None
    """Null where the target is kept, or where no change tried keeps it"""


class _Case(NamedTuple):
    """A case as flags, and of how many servers one fails in it, at least one in all."""

    name: str
    settings: dict[str, str]
    one_of: float = 0.0  # none fails

    def left(self, servers: float) -> float:
        """Return how many of so many servers don't fail."""
        return servers - max(1, math.ceil(servers / self.one_of))


def failure_cases(plan: Estimate) -> list[Failure]:
    """Return what becomes of a plan's fleet in each case.

    Raise Mistakes if a clip cannot run, or a pin holds the fleet or its waits.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> rows = failure_cases(estimate(load_scenario("scenarios/start-up.yaml")))
    >>> [(row["case"], row["served_share"]) for row in rows[1:4]]
    [('one server fails', 1), ('a tenth of the GPUs fails', 1), ('the only region fails', 0.0)]
    """
    check_fleet(plan)
    if pin := pin_between(plan.scenario, "replicas", _SHOWN):
        raise Mistakes(f"the pin of `{pin}` holds in every case; remove it")
    return [failure for case in _cases(plan) if (failure := _failure(plan, case))]


def _cases(plan: Estimate) -> Iterator[_Case]:
    """Yield the cases; each holds the fleet at the plan's GPUs, less what fails."""
    known, gpus = plan.known, f"{plan.known['gpus']:.0f}"
    yield _Case(f"nothing ({count_of(int(known['gpus']), 'GPU')})", {"gpu_limit": gpus})
    regions = known["regions"]
    region = f"one of {regions:.0f} regions fails" if regions > 1 else _ONLY_REGION
    for name, one_of in (("one server fails", _ALONE), ("a tenth of the GPUs fails", 10), (region, regions)):
        case = _Case(name, {}, one_of)
        servers = case.left(known["servers"])
        # Servers too few for a replica in each region leave whole regions, as many as they hold.
        holding = regions - 1 if name == region else servers // known["servers_per_replica"]
        settings = dict[str, str]()
        if 0 < holding < regions:  # the others are left as they were planned for
            lost = regions - holding
            case = case._replace(one_of=regions / lost)
            servers = min(servers, case.left(known["servers"]))
            settings = {"regions": f"{holding:.0f}", "regions_lost": f"{max(0, known['regions_lost'] - lost):.0f}"}
        limit = f"{servers * known['gpus_had_per_server']:.0f}"
        yield case._replace(settings={"gpu_limit": limit, **settings})
    timed = any("runtime" in measured_at(pin.name) for pin in measured_pins(plan.scenario))
    if plan.scenario.option("runtime") != _EAGER and not timed:
        yield _Case("it runs eager", {"gpu_limit": gpus, "runtime": _EAGER})

    higher = {"peak_to_average": f"{_HIGHER * known['zoned_peak']:g}"}
    if known["time_zones"]:  # whose peak it is already
        higher["time_zones"] = "0"
    if "peak_to_average" in ancestry("busy_replicas", plan.scenario):  # not under a pin of the peak
        yield _Case("the peak is half as high again", {"gpu_limit": gpus, **higher})

    if (error := plan.ranges.get(FACTOR)) and _SECONDS.isdisjoint(plan.scenario.pins):
        slower = f"{error.high:.3g}"
        times = float(slower) / point(FACTOR, error)
        what = "streams" if plan.scenario.streams else "clips"
        yield _Case(f"{what} take {times:.3g} times as long", {"gpu_limit": gpus, FACTOR: slower})


def _failure(plan: Estimate, case: _Case) -> Failure | None:
    """Return a case with its estimate; nothing where its flags are refused though nothing fails.

    Refused where something fails, too few GPUs are left for a clip in each region.
    """
    flags = change(**case.settings)
    try:
        changed = estimate(with_flags(plan.scenario, flags.sets))
    except Mistakes:
        if not case.one_of:
            return None
        held = with_flags(plan.scenario, [f"gpu_limit={plan.known['gpus']:.0f}"])
        return {
            "case": case.name,
            "flags": [],
            "served_share": 0.0,
            "latency_p95": None,
            "longest_wait": None,
            "done_within": None,
            "chance": 0.0 if plan.scenario.promises else None,
            "kept": False,
            "remedy": _second_region(plan) if case.name == _ONLY_REGION else _cheapest(plan, case, estimate(held)),
        }

    known, kept = changed.known, _keeps(changed.verdict)
    last = [view.known["target_latency"] - view.known["latency_slack"] for view in views(changed.scenario, known)]
    return {
        "case": case.name,
        "flags": [*flags.flags],
        "served_share": finite(known["served_share"]),
        "latency_p95": finite(known["latency_p95"]),
        "longest_wait": finite(known["fluid_wait"]),
        "done_within": finite(known["clip_runs"] * max(last)),
        "chance": changed.verdict.target,
        "kept": kept,
        "remedy": None if kept else _cheapest(plan, case, changed),
    }


def _keeps(verdict: Verdict | None) -> bool:
    """Return whether a plan serves all and keeps its targets; without one of latency, whether it carries its peak."""
    if verdict is None or verdict.service_objections:
        return False
    if verdict.target is None:
        return bool(verdict.known["utilization"] < 1)
    return verdict.target >= SURE


def _second_region(plan: Estimate) -> Remedy | None:
    """Return a second region, where both together and each of them alone keep the target."""
    second = {"regions": "2", "regions_lost": "1"}
    for trial in _larger_fleets(plan, **second):
        settings = {name: text for name, text in trial.change.settings if name not in (*second, "gpu_limit")}
        (survivor,) = trials(plan.scenario, [change(**settings, gpu_limit=f"{trial.figures['gpus'] / 2:.0f}")])
        if _keeps(trial.verdict) and _keeps(survivor.verdict):
            return {
                "text": _with_flags("2 regions", settings),
                "flags": [*trial.change.flags],
                "cost_per_month": finite(trial.figures["cost_per_month"]),
            }
    return None


def _with_flags(text: str, settings: Mapping[str, str]) -> str:
    return f"{text} and {change(**settings)}" if settings else text


def _cheapest(plan: Estimate, case: _Case, changed: Estimate) -> Remedy | None:
    """Return the cheapest of the screen's remedies and of larger fleets that keeps the target in a case.

    What has a caveat is the remedy where nothing else is.
    """
    fixed = case.settings.keys() - {"gpu_limit"}
    tried = (
        trial
        for trial in remedies(changed)
        if fixed.isdisjoint(dict(trial.change.settings)) and not trial.makes_another_picture and _keeps(trial.verdict)
    )
    larger = islice(filter(lambda trial: _keeps(trial.verdict), _larger_fleets(changed)), 1)
    fewest = (_fewest(case, changed, trial, int(plan.known["gpus_had_per_server"])) for trial in larger)
    fixes = [*tried, *fewest]
    plain = [trial for trial in fixes if not trial.caveat]
    offered = [_of_whole_fleet(plan, case, trial) for trial in plain or fixes]
    # Of the same bill, the change of fewer settings.
    return min(
        offered,
        key=lambda remedy: (round(remedy["cost_per_month"] or math.inf, 2), len(remedy["flags"])),
        default=None,
    )


def _larger_fleets(changed: Estimate, **also: str) -> Iterator[Trial]:
    """Yield the fleet that the load of a case asks for, then those used less, each larger than the one before.

    `also` are settings that all of them have.
    """
    scenario, most = changed.scenario, changed.known["max_utilization"]
    less = [{"max_utilization": f"{share:g}"} for share in LESS_USED if share < most]
    for settings in ({}, *less):
        (free,) = trials(scenario, [change(**also, **settings, gpu_limit="null")])
        if free.figures:  # a fleet that is held to its size does not grow where clips take longer
            held = change(**also, **settings, gpu_limit=f"{free.figures['gpus']:.0f}")
            yield from trials(scenario, [held])


def _fewest(case: _Case, changed: Estimate, trial: Trial, per_server: int) -> Trial:
    """Return the smallest fleet of whole servers that carries its peak and keeps the target as a larger one does."""

    def limited(gpus: int) -> Trial:
        return next(trials(changed.scenario, [change(**{**dict(trial.change.settings), "gpu_limit": f"{gpus}"})]))

    def carries(gpus: int) -> bool:
        return _keeps(limited(gpus).verdict) and limited(gpus).known["utilization"] < 1

    larger = range(int(case.settings["gpu_limit"]) + per_server, int(trial.figures["gpus"]), per_server)
    enough = bisect_left(larger, x=True, key=carries)  # fewer don't, and more do
    return limited(larger[enough]) if enough < len(larger) else trial


def _of_whole_fleet(plan: Estimate, case: _Case, trial: Trial) -> Remedy:
    """Return a change as a remedy, with the bill of the fleet before a part of it fails."""
    known, text, gpus = plan.known, str(trial.change), trial.figures["gpus"]
    settings, paid = dict(trial.change.settings), max(known["gpus"], gpus)
    if limit := settings.pop("gpu_limit", ""):  # all of it is needed where clips take longer
        per_server = known["gpus_had_per_server"]
        servers = math.ceil(int(limit) / per_server)
        paid = max(known["gpus"], per_server * servers)
        if case.one_of:
            paid = per_server * _servers_before(case, known["servers"], servers)
        text = _with_flags(count_of(int(paid - known["gpus"]), "more GPU"), settings)
    bill = trial.figures["cost_per_month"] + (paid - gpus) * known["gpu_cost_per_month"] / known["gpus"]
    return {
        "text": f"{text}{in_brackets(trial.caveat)}",
        "flags": [*trial.change.flags],
        "cost_per_month": finite(bill),
    }


def _servers_before(case: _Case, servers: float, needed: float) -> float:
    """Return the fewest servers, no fewer than there are, of which enough are left after some fail."""
    while (left := case.left(servers)) < needed:
        servers += needed - left
    return servers
