"""How many servers keep a latency: the inverse of the formulas of waiting, found by halving."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from t2v_capacity.engine.constants import NO_QUEUE_LIMIT
from t2v_capacity.engine.figures import FIGURES, Figure, Known, Number, ancestors, ordered
from t2v_capacity.engine.verbs import TOLERANCE, ceil, floor, maximum, scalars, sqrt, verb

# Halvings of a whole number of servers: enough for 16 million more than their load, and of more for a ten-millionth of
# them.
HALVINGS = 24


@verb
def servers_for(
    load: float,
    allowance: float,
    arrival_variability: float,
    work_variability: float,
    service_variability: float,
    slowest: float,
    urgent: float,
    all_of_it: float,
    peak: float,
    bend: float,
    failed: float,
    lost: float,
    streamed: float = 0.0,
    sessions: float = 1.0,
) -> float:
    """Return the fewest servers with which 95% of requests are served within `allowance`; 0 if none can.

    `allowance` is in multiples of their work's time. `work_variability` is the spread of all work and
    `service_variability` of like work, of which the slowest takes `slowest` times the mean. `urgent` is the part of the
    load that can't wait for a quiet hour, `all_of_it` the load if nothing waited, over the load, `peak` that of the day
    over its mean, `bend` the figure `peak_bend`, `failed` the share of runs that are, and `lost` the figure `lost_p95`.
    A server of `streamed` work plays so many `sessions` at once.

    It is the inverse of the figure `latency_p95`, whose own formulas are asked at each halving: the load is too few
    servers, and with `margin` of them beyond all of it nothing waits.

    >>> day, runs = (0, 0, 1, 1, 1), (0, 0)
    >>> promises = (2.6, (1, 0)), (2.6, (1.7, 0.001)), (0.9, (1, 0))
    >>> [servers_for(66.6, allowed, 1, *day, *peak, *runs) for allowed, peak in promises]
    [68.0, 67.0, 0.0]
    """
    known = {
        "busy_replicas": load,
        "latency_allowance": allowance,
        "arrival_variability": arrival_variability,
        "work_variability": work_variability,
        "service_variability": service_variability,
        "slowest_seconds": slowest,
        "urgent_share": urgent,
        "peak_over_level": all_of_it,
        "zoned_peak": peak,
        "peak_bend": bend,
        "failed_share": failed,
        "lost_p95": lost,
        "streamed": streamed,
        "sessions_per_replica": sessions,
    }
    if not scalars(*known.values()):
        servers: float = _servers_for_array(known)
        return servers
    if any(map(math.isnan, known.values())):
        return math.nan
    keeps = keeping(known)
    low, high = floor(load), margin(load * all_of_it, arrival_variability)
    if allowance < slowest or not keeps(high):  # nothing is faster than its own work
        return 0.0
    return _fewest(low, high, keeps)


def _fewest(low: float, high: float, keeps: Callable[[float], bool]) -> float:
    """Return the fewest servers that keep a promise: more than `low`, which don't, and no more than `high`."""
    for _ in range(HALVINGS):
        if high - low <= 1:
            break
        middle = math.floor((low + high) / 2)
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return float(high)


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
        "queue_limit",
        "replicas",
        "busy_replicas",
        "regions",
        "delivery_seconds",
    }
    needed = {"latency_p95", *ancestors(["latency_p95"], stop=given)} - given
    return tuple(figure for figure in ordered() if figure.name in needed)


def keeping(known: Known) -> Callable[[Number], Any]:
    """Return whether so many servers keep the allowance; what is overloaded has no latency, and keeps none.

    `known` is what `servers_for` is given, each by the name of its figure. A clip's mean time is 1, in one region, and
    nothing is off the GPU.
    """
    alone = {"regions": 1.0, "generation_latency": 1.0, "delivery_seconds": known["slowest_seconds"]}
    # Fewer servers that refuse more would keep any promise, so a fleet is sized as if requests could queue.
    alone["queue_limit"] = NO_QUEUE_LIMIT

    def keeps(servers: Number) -> Any:
        values = {**known, **alone, "replicas": servers}
        for figure in waiting_figures():
            values[figure.name] = figure.of(values)
        return values["latency_p95"] <= known["latency_allowance"] * (1 + TOLERANCE)

    return keeps


def _servers_for_array(known: Known) -> Number:
    """Return the same on arrays: those elements are halved on that have not settled."""
    import numpy as np

    shaped: Number = np.broadcast_arrays(*(np.asarray(column, float) for column in known.values()))
    columns = {name: column.ravel() for name, column in zip(known, shaped, strict=True)}
    load = columns["busy_replicas"]
    absent = np.any([np.isnan(column) for column in columns.values()], axis=0)

    def keep(rows: Number, servers: Number) -> Number:
        return keeping({name: column[rows] for name, column in columns.items()})(servers)

    low: Number = floor(load)
    high: Number = margin(load * columns["peak_over_level"], columns["arrival_variability"])
    possible = (columns["latency_allowance"] >= columns["slowest_seconds"]) & ~absent
    if possible.any():
        possible[possible] = keep(possible, high[possible])
    (rows,) = np.nonzero(possible)
    for _ in range(HALVINGS):
        rows = rows[high[rows] - low[rows] > 1]
        if not len(rows):
            break
        middle = np.floor((low[rows] + high[rows]) / 2)
        kept = keep(rows, middle)
        high[rows], low[rows] = np.where(kept, middle, high[rows]), np.where(kept, low[rows], middle)
    return np.where(absent, np.nan, np.where(possible, high, 0.0)).reshape(shaped[0].shape)
