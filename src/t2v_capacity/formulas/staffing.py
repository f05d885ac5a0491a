"""How many servers keep a latency: the inverse of the formulas of waiting, found by halving."""

from collections.abc import Callable
from functools import cache
from typing import Any

from t2v_capacity.engine.constants import NO_QUEUE_LIMIT, UNDEFINED
from t2v_capacity.engine.figures import FIGURES, Figure, Known, Number, ancestors, ordered
from t2v_capacity.engine.verbs import TOLERANCE, ceil, floor, maximum, scalars, sqrt, verb, where

# Halvings of a whole number of servers: enough for 16 million more than their load, and of more for a ten-millionth of
# them.
HALVINGS = 24


@verb
def servers_for(
    busy_replicas: float,
    latency_allowance: float,
    arrival_variability: float,
    work_variability: float,
    service_variability: float,
    slowest_seconds: float,
    urgent_share: float,
    peak_over_level: float,
    zoned_peak: float,
    peak_bend: float,
    failed_share: float,
    interrupted_share: float,
    lost_p95: float,
    streamed: float = 0.0,
    sessions_per_replica: float = 1.0,
) -> float:
    """Return the fewest servers with which 95% of requests are served within `latency_allowance`; 0 if none can.

    Each parameter is the figure or the assumption of its name. `latency_allowance` and `slowest_seconds` are in
    multiples of a clip's mean time.

    It is the inverse of the figure `latency_p95`, whose own formulas are asked at each halving: the load is too few
    servers, and with `margin` of them beyond all of it nothing waits.

    >>> day, runs = (0, 0, 1, 1, 1), (0, 0, 0)
    >>> promises = (2.6, (1, 0)), (2.6, (1.7, 0.001)), (0.9, (1, 0))
    >>> [servers_for(66.6, allowed, 1, *day, *peak, *runs) for allowed, peak in promises]
    [68.0, 67.0, 0.0]
    """
    servers: float = _fewest(dict(locals()))
    return servers


def _fewest(known: Known) -> Number:
    """Return the fewest servers that keep the promise of what `servers_for` is given, found by halving."""
    keeps, load = latency_test(known), known["busy_replicas"]
    # Whole numbers, as floats. The load is too few servers.
    low, high = 1.0 * floor(load), 1.0 * margin(load * known["peak_over_level"], known["arrival_variability"])
    possible = known["latency_allowance"] >= known["slowest_seconds"]  # nothing is faster than its own work
    if _any(possible):
        possible = possible & keeps(high)
    for _ in range(HALVINGS):
        if not _any(possible & (high - low > 1)):
            break
        middle = maximum(1.0, (low + high) // 2)
        kept = (middle > low) & keeps(middle)  # of work that can wait, the load itself would do: it is too few
        low, high = where(kept, low, middle), where(kept, middle, high)
    every = sum(known.values())
    return where(every == every, where(possible, high, 0.0), UNDEFINED)  # noqa: PLR0124 - without one there is none


def _any(holds: Any) -> bool:
    """Return whether it holds, or holds of any element of an array."""
    return bool(holds if scalars(holds) else holds.any())


def margin(load: Number, arrival_variability: Number) -> Number:
    """Return servers, of a load, with which less than one request in twenty waits, whatever the variability.

    They are twice two spreads of a load of clicks and more, which is far enough in small fleets too.
    """
    clips = maximum(1, arrival_variability)
    return floor(load) + ceil(8 * sqrt(clips * load) + 16 * clips + 4)


@cache
def waiting_figures() -> tuple[Figure, ...]:
    """Return the figures that lead from servers and load to `latency_p95`, each after its inputs."""
    given = {
        *FIGURES["replicas_by_latency"].parameters,
        "longest_queue",
        "replicas",
        "busy_replicas",
        "regions",
        "delivery_seconds",
    }
    needed = {"latency_p95", *ancestors(["latency_p95"], stop=given)} - given
    return tuple(figure for figure in ordered() if figure.name in needed)


def latency_test(known: Known) -> Callable[[Number], Any]:
    """Return the test of whether so many servers keep the allowance; what is overloaded has no latency, and keeps none.

    `known` is what `servers_for` is given, each by the name of its figure. A clip's mean time is 1, in one region, and
    nothing is off the GPU.
    """
    alone = {
        "regions": 1.0,
        "generation_latency": 1.0,
        "delivery_seconds": known["slowest_seconds"],
        # Fewer servers that refuse more would keep any promise, so a fleet is sized as if requests could queue.
        "longest_queue": NO_QUEUE_LIMIT,
    }

    def keeps(servers: Number) -> Any:
        values = {**known, **alone, "replicas": servers}
        for figure in waiting_figures():
            values[figure.name] = figure.of(values)
        return values["latency_p95"] <= known["latency_allowance"] * (1 + TOLERANCE)

    return keeps
