"""How many servers keep a latency: the inverse of the formulas of waiting, found by halving."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from t2v_capacity.engine.figures import Figure, Number, ancestors, ordered
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
) -> float:
    """Return the fewest servers with which 95% of requests are served within `allowance`; 0 if none can.

    `allowance` is in multiples of their work's time. `work_variability` is the spread of all work and
    `service_variability` of like work, of which the slowest takes `slowest` times the mean. `urgent` is the part of the
    load that can't wait for a quiet hour, `all_of_it` the load if nothing waited, over the load, `peak` that of the day
    over its mean, `bend` the figure `peak_bend`, `failed` the share of runs that are, and `lost` the figure `lost_p95`.

    It is the inverse of the figure `latency_p95`, whose own formulas are asked at each halving: the load is too few
    servers, and with `margin` of them beyond all of it nothing waits.

    >>> day, runs = (0, 0, 1, 1, 1), (0, 0)
    >>> promises = (2.6, (1, 0)), (2.6, (1.7, 0.001)), (0.9, (1, 0))
    >>> [servers_for(66.6, allowed, 1, *day, *peak, *runs) for allowed, peak in promises]
    [68.0, 67.0, 0.0]
    """
    of_clips = arrival_variability, work_variability, service_variability, slowest
    known = (load, allowance, *of_clips, urgent, all_of_it, peak, bend, failed, lost)
    if not scalars(*known):
        servers: float = _servers_for_array(*known)
        return servers
    if any(map(math.isnan, known)):
        return math.nan
    keeps = keeping(*known)
    low, high = floor(load), margin(load * all_of_it, arrival_variability)
    if allowance < slowest or not keeps(high):  # nothing is faster than its own work
        return 0.0
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


# What the figures of waiting follow from at each halving, apart from the servers: what `servers_for` is given but for
# the allowance, in its order; and that a clip's mean time is 1, in one region.
GIVEN = (
    *("busy_replicas", "arrival_variability", "work_variability", "service_variability", "slowest_seconds"),
    *("urgent_share", "peak_over_level", "zoned_peak", "peak_bend", "failed_share", "lost_p95"),
)
ALIKE = {"regions": 1.0, "generation_latency": 1.0}


@cache
def waiting_figures() -> tuple[Figure, ...]:
    """Return the figures that lead from servers and load to `latency_p95`, each after its inputs."""
    given = {"replicas", "delivery_seconds", *GIVEN, *ALIKE}
    needed = {"latency_p95", *ancestors(["latency_p95"], stop=given)} - given
    return tuple(one for one in ordered() if one.name in needed)


def keeping(load: Number, allowance: Number, *about: Number) -> Callable[[Number], Any]:
    """Return whether so many servers keep the allowance; what is overloaded has no latency, and keeps none.

    `about` is the rest of what `servers_for` is given.
    """
    known = ALIKE | dict(zip(GIVEN, (load, *about), strict=True))
    known["delivery_seconds"] = known["slowest_seconds"]  # nothing is off the GPU

    def keeps(servers: Number) -> Any:
        values = {**known, "replicas": servers}
        for one in waiting_figures():
            values[one.name] = one.of(values)
        return values["latency_p95"] <= allowance * (1 + TOLERANCE)

    return keeps


def _servers_for_array(*columns: Number) -> Number:
    """Return the same on arrays: those elements are halved on that have not settled."""
    import numpy as np

    shaped: Number = np.broadcast_arrays(*(np.asarray(column, float) for column in columns))
    known = tuple(column.ravel() for column in shaped)
    load, allowance, arrivals, _clips, _services, slowest, _urgent, all_of_it, *_day = known
    absent = np.any([np.isnan(column) for column in known], axis=0)
    low: Number = floor(load)
    high: Number = margin(load * all_of_it, arrivals)
    possible = (allowance >= slowest) & ~absent
    if possible.any():
        possible[possible] = keeping(*(column[possible] for column in known))(high[possible])
    (rows,) = np.nonzero(possible)
    for _ in range(HALVINGS):
        rows = rows[high[rows] - low[rows] > 1]
        if not len(rows):
            break
        middle = np.floor((low[rows] + high[rows]) / 2)
        kept = keeping(*(column[rows] for column in known))(middle)
        high[rows], low[rows] = np.where(kept, middle, high[rows]), np.where(kept, low[rows], middle)
    return np.where(absent, np.nan, np.where(possible, high, 0.0)).reshape(shaped[0].shape)
