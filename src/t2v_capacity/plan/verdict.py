"""Whether a plan can run, is served and keeps its promise, how sure that is, and why not.

Every command, JSON, Python and the page read it. No other module compares a figure with a GPU's memory, a target or a
limit of GPUs.
"""

from bisect import bisect
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite, flag_of
from t2v_capacity.assumptions.parts import PROMISE_BY
from t2v_capacity.assumptions.quantities import digits, show, show_apart
from t2v_capacity.engine.constants import NO_QUEUE_LIMIT
from t2v_capacity.engine.figures import Known, Number
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.evidence import (
    EXTRAPOLATED,
    FACTOR,
    OWN_RANGE,
    Evidence,
    ModelError,
    evidence_of,
    model_error,
    uncalibrated,
)
from t2v_capacity.plan.tree import View, remembered, views
from t2v_capacity.plan.uncertain import QUANTILES, error_quantiles, sampled, uncertain, values_or_nan
from t2v_capacity.scenario.settings import Scenario, least_gpus, point

# What memory says of a plan.
FITS, MAY_NOT_FIT, CANNOT_RUN = "fits", "may not fit", "cannot run"
# The codes of objections.
MEMORY, LIMIT, PRECISION, OVERLOADED = "memory", "limit", "precision", "overloaded"
LATENCY, AT_RISK = "latency", "at risk"
DEFERRED = "deferred wait"
LATE = (LATENCY, DEFERRED)  # of a plan that serves all, but not in time
NO_EVIDENCE, NO_LIST_PRICE, NOT_CALIBRATED = "no evidence", "no list price", "not calibrated"
MEASURED_ELSEWHERE, BREAKS_BUDGET = "pinned", "budget"
# A stream that keeps up.
PLAYS = "plays without a stop"
# A target or a budget that is met with a smaller chance than this is at risk.
SURE = 0.9
# So many of the even points of the model's error are too many to be late at.
_TOO_MANY = int((1 - SURE) * len(QUANTILES)) + 1
# Of a plan with ranges of its own, so many draws: fewer than in a band, since a search asks for many chances.
_DRAWS = 2_000
# Within this relative distance a target is met: latency and slack are added up with rounding.
_REACHED = 1e-9

# The figures by which a clip fits, and a limit is below one replica per region.
FITS_BY = ("memory_needed", "memory_usable", "resident_weights", "gpu_seconds_per_video")
LIMITED_BY = ("servers_available", "servers_per_replica")


class Objection(NamedTuple):
    """A reason against a plan: a stable code, and what it is of this plan."""

    code: str
    message: str

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.code}: {self.message}"


class Verdict:
    """Whether a plan holds, how sure that is, and why not; each part is computed when it is first read.

    `known` are the plan's assumptions and figures, nan where a figure has no value.
    """

    def __init__(self, scenario: Scenario, known: Known) -> None:
        """Take a plan."""
        self.scenario, self.known = scenario, known

    @property
    def memory(self) -> str:
        """Whether a clip fits its GPU, may not fit it by the memory model's error, or cannot run there."""
        if cannot_run(self.known):
            return CANNOT_RUN
        return MAY_NOT_FIT if overfull(self.known) else FITS

    @property
    def served(self) -> float | None:
        """The share of the day's demand that is served; none where nothing is."""
        return finite(self.known["served_share"])

    @cached_property
    def evidence(self) -> Evidence:
        """Whether runs like the plan were measured, and why not."""
        return evidence_of(self.scenario, self.known)

    @cached_property
    def error(self) -> ModelError:
        """The model's error on the plan's seconds: the band that its evidence gives."""
        return model_error(self.scenario, self.known)

    @cached_property
    def target(self) -> float | None:
        """The chance over all that is uncertain that a promised latency holds; none of a plan that cannot run."""
        if not self.scenario.promises or cannot_run(self.known):
            return None
        if self.has_ranges:
            late = broken({**self.known, **sampled(self.uncertain, LATE_BY, _DRAWS, known=self.known)})
            return float(1 - (late.mean() if hasattr(late, "mean") else late))
        factors = self._factors or (self.known[FACTOR],)
        return 1 - sum(map(_is_late(self.scenario, self.known), factors)) / len(factors)

    @cached_property
    def _factors(self) -> tuple[float, ...]:
        """The even points of the model's error; none where that is not what is uncertain."""
        error = self.uncertain.ranges().get(FACTOR)
        return error_quantiles(error) if error and not self.has_ranges else ()

    @cached_property
    def uncertain(self) -> Scenario:
        """The scenario with the model's error as the range of `time_factor`, where no hand set that."""
        return uncertain(self.scenario, self.known)

    @cached_property
    def has_ranges(self) -> bool:
        """Whether more has a range than the seconds, so that a chance is of draws."""
        return not {FACTOR}.issuperset(self.uncertain.ranges())

    @property
    def whose(self) -> str:
        """What a chance is a share of, in words: draws, or the runs from which the model's error was found."""
        return "draws" if self.has_ranges else self.error.whose

    @cached_property
    def service_objections(self) -> tuple[Objection, ...]:
        """The objections of its figures alone, the worst first, by which a search puts candidates in order."""
        return tuple(self._service_objections())

    @cached_property
    def point_objections(self) -> tuple[Objection, ...]:
        """The objections that the point values decide, the worst first: all but a target that is at risk."""
        return (*self.service_objections, *self._evidence_objections())

    @cached_property
    def objections(self) -> tuple[Objection, ...]:
        """The objections to the plan, the worst first; without one it is a candidate."""
        at_risk = not self.service_objections and self.at_risk
        return (Objection(AT_RISK, self.risk), *self.point_objections) if at_risk else self.point_objections

    @cached_property
    def at_risk(self) -> bool:
        """Whether the promise holds at the point, but with too small a chance over the error.

        Where it is late at the slowest points, no more are tried: a search asks most of what it leaves.
        """
        if not self.scenario.promises or cannot_run(self.known) or broken(self.known):
            return False
        slowest = self._factors[-_TOO_MANY:]
        return (slowest != () and all(map(_is_late(self.scenario, self.known), slowest))) or (self.target or 0) < SURE

    @cached_property
    def risk(self) -> str:
        """How long a target that is at risk is kept, and how many runs keep it."""
        runs = f"{chance_in_words(self.target or 0)} of {self.whose}"
        if self.has_ranges or self.error.kind == OWN_RANGE or self.scenario.streams:
            kept = f"{promised(self.scenario, self.known['target_latency'])} is met"
            return f"{PLAYS} and {kept} in {runs}" if self.scenario.streams else f"{kept} in {runs}"
        return (
            f"{_target_in_words(_tightest(self.scenario, self.known))} is kept unless clips take over "
            f"{self._kept_to:.2f} times the prediction; {runs} took less"
        )

    @property
    def _kept_to(self) -> float:
        """How many times the prediction clips may take until a promise is broken, in whole hundredths."""
        is_late = _is_late(self.scenario, self.known)
        percent = bisect(range(1_000), x=False, lo=100, key=lambda percent: is_late(self.known[FACTOR] * percent / 100))
        return (percent - 1) / 100

    @property
    def holds(self) -> bool:
        """Whether nothing objects to it; the chance of a target takes longest, and is computed where all else holds."""
        return not (self.service_objections or self.point_objections or self.at_risk)

    @property
    def able(self) -> bool:
        """Whether it runs, fits and serves the day's demand, whatever its latency and price."""
        return all(objection.code in LATE for objection in self.service_objections)

    def _service_objections(self) -> Iterator[Objection]:
        known = self.known
        if self.memory != FITS:
            yield Objection(MEMORY, f"{self.memory}: {short_of_memory(known)}")
        if known["served_share"] < 1:
            yield Objection(OVERLOADED, f"serves {show(known['served_share'], 'share')} of the day's demand")
        if self.scenario.promises and not cannot_run(known) and broken(known):
            yield Objection(LATENCY, late_in_words(self.scenario, known))
        if self.scenario.by_hand("target_deferred_wait") and deferred_late(known):
            yield Objection(DEFERRED, deferred_in_words(known))

    def _evidence_objections(self) -> Iterator[Objection]:
        if self.evidence.kind == EXTRAPOLATED:
            yield Objection(NO_EVIDENCE, self.evidence.reason)
        if timed := uncalibrated(self.scenario):
            yield Objection(NOT_CALIBRATED, timed)
        missing = [price for price, unknown in unpriced(self.known).items() if unknown]
        if missing:
            yield Objection(NO_LIST_PRICE, f"set `{flag_of(missing[0])}`")


# ---------------------------------------------------------------------------------------------------------------- tests


def overfull(known: Known) -> Number:
    """Return whether a GPU needs more memory than it has to give."""
    return known["memory_needed"] > known["memory_usable"]


def no_fuller(changed: Known, known: Known) -> bool:
    """Return whether a changed plan fits its GPU, or needs no more memory than before."""
    return not overfull(changed) or changed["memory_needed"] <= known["memory_needed"]


def cannot_run(known: Known) -> Number:
    """Return whether a clip has no seconds, since its weights, or at the least its memory, exceed the GPU."""
    return no_value(known["gpu_seconds_per_video"])


def serves_nothing(known: Known) -> Number:
    """Return whether no fleet serves a plan: a clip cannot run, or a stream is made slower than it plays."""
    return no_value(known["clip_runs"])


def heads_left_over(heads: Number, gpus_per_pass: Number) -> Number:
    """Return whether attention heads don't divide over the GPUs of each pass of guidance, or GPUs over the passes."""
    return heads % gpus_per_pass + gpus_per_pass % 1 > 0


def below_limit(known: Known) -> Number:
    """Return whether the GPUs that can be had hold less than one replica per region, counted in whole servers."""
    return known["servers_available"] < known["regions"] * known["servers_per_replica"]


def at_limit(known: Known, gpus: Number) -> Number:
    """Return whether so many GPUs are all that can be had."""
    return gpus >= known["servers_available"] * known["gpus_had_per_server"]


def unpriced(known: Known) -> dict[str, Number]:
    """Return of each price that the bill rests on whether it is unknown: on demand, and of spot where it is used."""
    return {
        "gpu_price": no_value(known["gpu_price"]),
        "spot_price": no_value(known["spot_price"]) & (known["spot_share"] > 0),
    }


def no_value(figure: Number) -> Number:
    """Return whether a figure has no value."""
    return figure != figure  # noqa: PLR0124 - what is not a number


# The figures by which a plan is late or not, and how a target that is missed is described.
_OVERDUE_BY = ("latency_slack", "latency_p95", "utilization")
_STOPS_BY = ("playing_speed", "generated_fps", "first_frame_seconds")
LATE_BY = (*_OVERDUE_BY, *_STOPS_BY, "delivery_seconds", "served_share", *PROMISE_BY)


def late(known: Known) -> Number:
    """Return whether the target latency is missed, or a stream stops; of a mix, whether that of any part is missed.

    Where an overload never ends, no promise is kept.
    """
    slack = known["latency_slack"]
    endless = (known["utilization"] >= 1) & no_value(slack)
    return (slack < -_REACHED * known["delivery_seconds"]) | endless | stops(known["playing_speed"])


def deferred_late(known: Known) -> Number:
    """Return whether work that can wait misses its target, or waits for a time that no figure says."""
    return (known.get("deferred_slack", 0) < 0) | (known["utilization"] >= 1) & (known["deferrable_share"] > 0)


def stops(playing_speed: Number) -> Number:
    """Return whether a stream is made slower than it plays; a clip never is."""
    return playing_speed < 1 - _REACHED


@remembered
def verdict_of(scenario: Scenario, known: Known) -> Verdict:
    """Return the verdict on a plan, for its warnings and its answers."""
    return Verdict(scenario, known)


@remembered
def _is_late(scenario: Scenario, known: Known) -> Callable[[float], bool]:
    """Return the function from the model's error to whether a promised latency is broken."""
    cell = cells_of(scenario, (FACTOR,), LATE_BY, known)
    return lambda factor: bool(broken(values_or_nan(cell, {FACTOR: factor}, LATE_BY)))


def broken(known: Known) -> Number:
    """Return whether a promised latency is broken: missed, or that of a fleet that has no load."""
    return late(known) | no_value(known["utilization"])


# ------------------------------------------------------------------------------------------------------------- in words


def short_of_memory(known: Known) -> str:
    """Return what a GPU lacks: its weights alone where these exceed it, else all that a clip needs."""
    usable, weights = known["memory_usable"], known["resident_weights"]
    what, needed = ("weights alone need", weights) if weights > usable else ("needs", known["memory_needed"])
    return f"{what} {show(needed, 'byte')} per GPU; {show(usable, 'byte')} usable"


def no_fleet(known: Known) -> str:
    """Return why no fleet serves a plan: a clip cannot run, or more frames of a stream play than a replica makes."""
    if cannot_run(known):
        return f"a clip cannot run, since its {short_of_memory(known)}"
    fps = known["generated_fps"]
    return f"a replica makes {digits(fps)} frames per second; playing takes {digits(fps / known['playing_speed'])}"


def limit_refused(known: Known) -> str:
    """Return why a limit below one replica per region is refused, and from which on it would not be."""
    regions = known["regions"]
    replica = f"one replica (`gpus_per_replica`: {known['gpus_per_replica']:.0f})"
    if regions > 1:
        replica += f" in each of {regions:.0f} `regions`"
    limit = show(known["gpu_limit"], "gpu")
    return f"`gpu_limit` is {limit}, less than {replica}; set it to {least_gpus(known):.0f} or more"


def late_in_words(scenario: Scenario, known: Known) -> str:
    """Return how a promise is broken: a stream that stops, or a latency beyond its target.

    Where the peak is not carried, the wait at the end of the overload is compared with the target.
    """
    if stops(known["playing_speed"]):
        return no_fleet(known)
    view = _tightest(scenario, known)
    latency, target = view.known["latency_p95"], view.known["target_latency"]
    slowest = "the queue grows indefinitely"
    if not no_value(latency):
        slowest = f"p95 latency is {show_apart(latency, target, 'second')}"
    elif not no_value(ready := target - view.known["latency_slack"]):
        slowest = f"the last request of the overload is ready after {show_apart(ready, target, 'second')}"
    text = f"{slowest}, target {_target_in_words(view)}"
    full = no_value(latency) and known["queue_limit"] < NO_QUEUE_LIMIT
    return f"{text}; a lower `queue_limit` waits less, and refuses more" if full else text


def deferred_in_words(known: Known) -> str:
    """Return how long work that can wait does, and its target."""
    target = known["target_deferred_wait"]
    seconds = target - known["deferred_slack"]
    longest = "without a known end" if no_value(seconds) else f"up to {show_apart(seconds, target, 'second')}"
    return f"deferred work waits {longest}, target {show(target, 'second')}"


def _tightest(scenario: Scenario, known: Known) -> View:
    """Return the part of a mix whose promise leaves the least time; else the plan."""
    return min(views(scenario, known), key=lambda view: view.known["latency_slack"])


def _target_in_words(view: View) -> str:
    """Return the target of a plan or of a part of its mix, as it was written."""
    if view.part and "target_latency" in view.part.own:
        return f"{show(view.known['target_latency'], 'second')} of {view.name}"
    target = view.scenario.written_text("target_latency") or show(view.known["target_latency"], "second")
    return f"{target} of {view.name}" if view.part else target


def queues(known: Known) -> Number:
    """Return whether a fleet makes all of a day's clips, those of its peak later."""
    return (known["utilization"] >= 1) & (known["served_share"] >= 1)


def chance_in_words(chance: float) -> str:
    """Return a chance in percent: 89.7%, which is at risk, never reads as 90%.

    >>> chance_in_words(0.857), chance_in_words(0.897)
    ('86%', '89.7%')
    """
    return show_apart(chance, SURE, "share", 2)


def renting_in_words(known: Known) -> str:
    """Return how the GPUs of a bill are rented: what is held without the price of a reserve is always on."""
    if known["held_fraction"] >= 1:
        return "always on"
    held = "reserved" if known["reserved_price"] or known["reserved_3_year_price"] else "always on"
    return f"with {digits(100 * known['reserved_part'])}% of GPUs {held}"


def overload_in_words(known: Known) -> str:
    """Return for how long a day's peak is more than the fleet can make, and how long its last request waits.

    Of a fleet that carries its urgent work return that the rest waits for a quieter day.
    """
    if not no_value(known["latency_p95"]):
        return "the queue of work that can wait grows until a quieter day"
    more = "more urgent work" if known["deferrable_share"] > 0 else "more"
    return (
        f"for {show(known['overload_time'], 'second')} a day {more} arrives "
        f"than the fleet ({show(known['replicas'], 'replica')}) can make; "
        f"the last request of the overload waits {show(known['overload_wait'], 'second')}"
    )


def promised(scenario: Scenario, target: float) -> str:
    """Return the latency that was asked for, as it was written; of a mix that of the plan and those of its parts."""
    whole = scenario.written_text("target_latency")
    if not whole and scenario.by_hand("target_latency"):
        whole = show(target, "second")
    own = [part for part in scenario.parts if "target_latency" in part.own]
    if not own:
        return whole or show(target, "second")
    targets = {part.name: point("target_latency", part.scenario.settings["target_latency"].value) for part in own}
    of_parts = [f"{show(seconds, 'second')} of mix.{name}" for name, seconds in targets.items()]
    return ", ".join([whole, *of_parts] if whole and len(own) < len(scenario.parts) else of_parts)
