"""Find the reasons why a plan cannot be served as it is: one verdict for every question that asks it."""

import math
from collections.abc import Iterator, Mapping

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import Number
from t2v_capacity.plan.evidence import EXTRAPOLATED
from t2v_capacity.scenario.settings import Scenario, point

MEMORY, LATENCY, PRECISION, NO_PRICE, NO_EVIDENCE = "memory", "latency", "precision", "no price", "no evidence"
OVERLOADED, LIMIT = "overloaded", "limit"
# Within this relative distance a target is met: latency and slack are added up with rounding.
_REACHED = 1e-9


# The figures by which a plan is late or not, and by which a clip fits.
LATE_BY = (
    *(
        "latency_p95",
        "latency_slack",
        "utilization",
        "longest_wait",
        "latency_room",
        "generation_latency",
        "off_gpu_seconds",
        "served_share",
    ),
)
FITS_BY = ("memory_needed", "memory_usable", "gpu_seconds_per_video")
# Those by which a limit is below one replica per region.
LIMITED_BY = ("servers_available", "servers_per_replica")


def overfull(known: Mapping[str, Number]) -> Number:
    """Return whether a GPU needs more memory than it has to give: of floats, or of each of an array of cells."""
    return known["memory_needed"] > known["memory_usable"]


def cannot_run(known: Mapping[str, Number]) -> Number:
    """Return whether a clip has no seconds, since its memory is short by more than the model's error: of floats, or of each of an array."""
    return no_value(known["gpu_seconds_per_video"])


def below_limit(known: Mapping[str, Number]) -> Number:
    """Return whether the GPUs that can be had hold less than one replica per region, counted in whole servers."""
    return known["servers_available"] < known["regions"] * known["servers_per_replica"]


def limit_refused(known: Mapping[str, float]) -> str:
    """Return why a limit below one replica per region is refused, and from which on it would not be."""
    limit, group, per_server, regions = (known[name] for name in ("gpu_limit", "gpus_per_replica", "gpus_per_server", "regions"))
    least = regions * (group if group <= per_server else math.ceil(group / per_server) * per_server)
    one = f"one replica (`gpus_per_replica`: {group:.0f})" + (f" in each of {regions:.0f} `regions`" if regions > 1 else "")
    return f"`gpu_limit` is {show(limit, 'gpu')}, less than {one}; set it to {least:.0f} or more"


def no_value(value: Number) -> Number:
    """Return whether a figure has no value: of a float, or of each of an array of cells."""
    return value != value  # noqa: PLR0124 - what is not a number


def late(known: Mapping[str, Number]) -> Number:
    """Return whether the promised latency is missed, of floats or of arrays of cells; of a mix, whether that of any part is.

    Where the peak isn't carried the longest wait says so, and where what waits is never worked off, no promise is kept.
    """
    longest, room = known["longest_wait"], known["latency_room"] + known["off_gpu_seconds"]
    return (known["latency_slack"] < -_REACHED * known["latency_p95"]) | (
        (known["utilization"] >= 1) & ((longest > room) | no_value(longest + room))
    )


def slowest_said(known: Mapping[str, float]) -> str:
    """Return what a promised latency is held against, in words: the latency at the peak or, where that is not carried, the longest wait."""
    latency, longest = known["latency_p95"], known["longest_wait"]
    if not no_value(latency):
        return f"p95 latency is {show(latency, 'second')}"
    return "the queue grows indefinitely" if no_value(longest) else f"the last request of the overload waits {show(longest, 'second')}"


def price_unknown(scenario: Scenario) -> bool:
    """Return whether the chosen GPU's price is unknown: neither the catalogue nor a file or flag has one."""
    price = scenario.settings["gpu_price"].value
    return isinstance(price, float) and math.isnan(price)


def promised(scenario: Scenario, target: float) -> str:
    """Return the latency that was asked for, as it was written; of a mix those that its parts promise."""
    own = {part.name: part.scenario.settings["target_latency"] for part in scenario.parts if "target_latency" in part.own}
    if own:
        return ", ".join(f"{show(point('target_latency', one.value), 'second')} of mix.{name}" for name, one in own.items())
    return scenario.written("target_latency") or show(target, "second")


def objections(scenario: Scenario, known: Mapping[str, float], rests_on: str) -> Iterator[tuple[str, str]]:
    """Yield the objections to a plan with these values, each as a reason and a text; an overloaded fleet has no latency."""
    latency = known["latency_p95"]
    if overfull(known):
        yield MEMORY, f"needs {show(known['memory_needed'], 'byte')}, has {show(known['memory_usable'], 'byte')}"
    if known["served_share"] < 1:
        yield OVERLOADED, f"serves {show(known['served_share'], 'share')} of the day's demand"
    if not cannot_run(known) and (no_value(latency) or late(known)):
        found = "overloaded" if math.isnan(latency) else show(latency, "second")
        yield LATENCY, f"{found}, {promised(scenario, known['target_latency'])} asked"
    if price_unknown(scenario):
        yield NO_PRICE, "set `--gpu-price`"
    if rests_on == EXTRAPOLATED:
        yield NO_EVIDENCE, "no measured run of its generation"
