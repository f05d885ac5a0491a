"""Why so many GPUs: from those at work on average to those that are rented, one factor after the other."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.plan.estimate import Estimate

# Rounding up to whole replicas is a link of its own where it is more than this.
_ROUNDING = 1.01


class Link(NamedTuple):
    """One factor between the work and the rent: what it is, the GPUs after it, the factor, and what to turn."""

    name: str
    gpus: float
    factor: float
    turn: str


def gpu_waterfall(plan: Estimate) -> tuple[Link, ...]:
    """Return the factors from `busy_gpus` to `gpus`, whose product is their ratio; none if one of them has no value.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> [(link.name, round(link.factor, 2)) for link in gpu_waterfall(estimate(load_scenario("scenarios/million-clips.yaml")))][:3]
    [('the peak', 1.7), ('headroom', 1.11), ('a region may fail', 1.5)]
    """
    known = plan.known
    if not known["busy_gpus"] > 0 or not known["gpus"] > 0:
        return ()
    found, gpus = list[Link](), known["busy_gpus"]
    for name, after, turn in _links(plan, known):
        found.append(Link(name, after, after / gpus, turn))
        gpus = after
    return tuple(found)


def _links(plan: Estimate, known: Mapping[str, float]) -> Iterator[tuple[str, float, str]]:
    """Yield each step, the GPUs after it, and the input to change; a pinned figure comes before its inputs."""
    pins, peak, rented = plan.scenario.pins, known["peak_busy_gpus"], known["gpus"]
    yield "the peak", peak, "peak_to_average"
    left = max(1.0, known["regions"] - known["regions_lost"])
    failing = known["regions"] / left
    working = known["replicas"] * known["gpus_per_replica"]
    if "replicas" in pins:
        yield "the replicas", working, "pinned"
    else:
        needed = known["replicas_needed"] * known["gpus_per_replica"]
        by_utilization, by_waiting = known["replicas_by_utilization"], known["replicas_by_latency"] or known["replicas_by_waiting"]
        asked = known["regions"] * max(1.0, by_utilization, by_waiting) * known["gpus_per_replica"]
        name, turn = "headroom", f"max_utilization {100 * known['max_utilization']:.3g}%"
        if by_waiting > by_utilization:
            name, turn = (
                f"{100 * (1 - known['target_wait_probability']):.3g}% without queueing",
                f"at {100 * known['utilization']:.0f}% utilization",
            )
            name = "latency target" if known["replicas_by_latency"] else name
        if max(by_utilization, by_waiting) < 1:
            name, turn = "one per region", "regions"
        rounded = asked if needed > asked * _ROUNDING else needed
        yield name, rounded / failing, turn
        yield "a region may fail", rounded, f"{known['regions']:.0f} regions, {known['regions_lost']:.0f} lost"
        yield "whole replicas", needed, f"of {show(known['gpus_per_replica'], 'gpu')}"
        yield "what can be had", working, f"gpu_limit {show(known['gpu_limit'], 'gpu')}"
    serving = known["regions"] * known["servers_per_region"] * known["gpus_had_per_server"]
    if "servers" in pins or "gpus" in pins:
        yield "the servers", rented, "pinned"
        return
    yield "whole servers", serving, f"{known['gpus_had_per_server']:.0f} GPUs per server"
    yield "spares", rented, "spare_fraction" if not known["spare_servers"] else "spare_servers"
