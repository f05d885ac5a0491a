"""What a formula may call, on floats and on numpy arrays alike.

Each verb has four forms: float and array here, spreadsheet and browser where those are written.
numpy is imported only when an array comes in.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from t2v_capacity.engine.figures import Figure, Number, ancestors, ordered

# Below this relative distance from a whole number, rounding sees the whole number: 100 * 1.1 is
# 110.00000000000001 in binary, and its ceiling is 110. Large enough for a dozen roundings, far below
# anything that a planner could mean.
TOLERANCE = 1e-9
# A term this small beside its sum no longer moves a double; an inverse chance this large is a chance of nothing.
TERM = 1e-15
HUGE = 1e250
_LOG_HUGE = math.log(HUGE)
# Where the bell's top is this high, one node of the integral alone is more than HUGE: no node lies further than 0.15 widths from the
# top, which takes 0.02 off its exponent, and the least weight times the least root is above 2.
_SURELY_HUGE = _LOG_HUGE + 1
# Beyond this load Erlang's series is long and its integral is used: a bell around the margin, in square roots of the load, of
# which nothing is left nine widths before it or eleven behind; ten panels of width 2 hold it.
LARGE_LOAD = 1_000
BELL, PANELS = 9, 10
SMALL = 0.1
# Halvings of a whole number of servers: enough for a margin of 10^12. Of the arrival that waits longest, whose wait is level around it,
# and of the end of its wait, to a nanosecond of a day.
HALVINGS, ARRIVAL_HALVINGS, EXIT_HALVINGS = 40, 24, 46
BLOCK = 64  # terms of the series of arrays that are added at once
# Gauss-Legendre nodes and weights of ten points; Abramowitz and Stegun, table 25.4.
GAUSS = (
    (0.14887433898163122, 0.29552422471475287),
    (0.43339539412924719, 0.26926671930999635),
    (0.67940956829902441, 0.21908636251598204),
    (0.86506336668898451, 0.14945134915058059),
    (0.97390652851717172, 0.06667134430868814),
)


def _numpy() -> Any:
    import numpy as np

    return np


def ceil(x: Number) -> Number:
    """Return the least whole number that is not below x - 1e-9 |x|.

    >>> ceil(100 * 1.1), ceil(110.1)
    (110, 111)
    """
    if isinstance(x, (float, int)):
        return x if math.isnan(x) else math.ceil(x - TOLERANCE * abs(x))
    return _numpy().ceil(x - TOLERANCE * abs(x))


def floor(x: Number) -> Number:
    """Return the greatest whole number that is not above x + 1e-9 |x|.

    >>> floor(0.29 * 100), floor(28.9)
    (29, 28)
    """
    if isinstance(x, (float, int)):
        return x if math.isnan(x) else math.floor(x + TOLERANCE * abs(x))
    return _numpy().floor(x + TOLERANCE * abs(x))


def sqrt(x: Number) -> Number:
    """Return the square root."""
    return math.sqrt(x) if isinstance(x, (float, int)) else _numpy().sqrt(x)


def exp(x: Number) -> Number:
    """Return e to the power of x."""
    return math.exp(x) if isinstance(x, (float, int)) else _numpy().exp(x)


def log(x: Number) -> Number:
    """Return the natural logarithm."""
    return math.log(x) if isinstance(x, (float, int)) else _numpy().log(x)


def sin(x: Number) -> Number:
    """Return the sine of an angle in radians."""
    return math.sin(x) if isinstance(x, (float, int)) else _numpy().sin(x)


def acos(x: Number) -> Number:
    """Return the angle in radians, 0 to pi, whose cosine is x; x lies between -1 and 1."""
    return math.acos(x) if isinstance(x, (float, int)) else _numpy().arccos(x)


def minimum(x: Number, y: Number) -> Number:
    """Return the smaller of two numbers, element by element; what has no value (nan) gives none, as in numpy."""
    return (x if x <= y or math.isnan(x) else y) if _scalars(x, y) else _numpy().minimum(x, y)


def maximum(x: Number, y: Number) -> Number:
    """Return the larger of two numbers, element by element; what has no value (nan) gives none, as in numpy."""
    return (x if x >= y or math.isnan(x) else y) if _scalars(x, y) else _numpy().maximum(x, y)


def where(condition: Any, yes: Number, no: Number) -> Number:
    """Return `yes` where the condition holds, else `no`, element by element; both are computed."""
    return (yes if condition else no) if _scalars(condition, yes, no) else _numpy().where(condition, yes, no)


def erlang_c(servers: Number, load: Number) -> Number:
    """Return the chance that an arrival waits, for Poisson arrivals and so many servers busy on average.

    The inverse of Erlang's loss is 1/B = 1 + c/R + c(c-1)/R^2 + ... (Erlang 1917), cut once a term falls below 1e-15 of the
    sum; for large loads the same number as the integral of exp(-t) (1 + t/R)^c, whose effort does not grow with the fleet
    (Jagerman 1974). Then C = 1 / (1 + (1 - R/c) (1/B - 1)), in which nothing cancels. A load of the servers or more waits for
    certain. Whole servers are meant: 4.5 count as 4.

    >>> erlang_c(10, 9), erlang_c(10, 12)
    (0.6687315241076971, 1.0)
    """
    if not _scalars(servers, load):
        return _erlang_c_array(servers, load)
    if math.isnan(servers) or math.isnan(load):
        return math.nan
    count = _whole(servers, math)
    if load >= count or count < 1:
        return 1.0
    if load <= 0:
        return 0.0
    if load > LARGE_LOAD:
        inverse = HUGE if _top(count, load, math) > _SURELY_HUGE else _inverse_loss(count, load, math)
    else:
        inverse = term = 1.0
        for k in range(count, 0, -1):
            term *= k / load
            inverse += term
            if term < TERM * inverse or inverse > HUGE:
                break
    return _waiting(min(inverse, HUGE), count, load)


def _waiting(inverse: Number, count: Number, load: Number) -> Number:
    """Return the chance to wait from the inverse of Erlang's loss."""
    return 1.0 / (1.0 + (1.0 - load / count) * (inverse - 1.0))


def _whole(servers: Number, functions: Any) -> Number:
    """Return the whole servers, as `floor` does; its tolerance may not add one to a fleet of more than half a billion."""
    slack = min(TOLERANCE * abs(servers), 0.5) if functions is math else functions.minimum(TOLERANCE * abs(servers), 0.5)
    return functions.floor(servers + slack)


def _top(count: Number, load: Number, functions: Any) -> Number:
    """Return the largest exponent of the bell under the integral, which it has at a margin of count - load."""
    return count * functions.log1p((count - load) / load) - (count - load)


def _inverse_loss(count: Number, load: Number, functions: Any) -> Number:
    """Return 1/B for a large load: the integral of a bell around the margin, in units of the load's square root.

    `functions` is math for a float, numpy for an array whose elements are all near or all far (see `_near`).
    """
    root = functions.sqrt(load)
    start = maximum((count - load) / root - BELL, 0.0)
    near = _near(start, root) if functions is math else _near(start[0], root[0])
    total = 0.0 * root
    for panel in range(PANELS):
        for node, weight in GAUSS:
            for shift in (2 * panel + 1 - node, 2 * panel + 1 + node):
                x = (start + shift) / root
                if near:  # log(1 + x) - x without cancellation: r = x / (2 + x), log(1 + x) = 2 (r + r^3 / 3 + ...)
                    r = x / (2 + x)
                    q = r * r
                    bend = 2 * r * q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q / 13))))) - x * r
                else:
                    bend = functions.log1p(x) - x
                exponent = count * bend + (count - load) * x
                capped = min(exponent, _LOG_HUGE) if functions is math else functions.minimum(exponent, _LOG_HUGE)
                total = total + weight * functions.exp(capped)
    return total * root


def _near(start: Number, root: Number) -> Any:
    """Return whether the whole bell lies where x is small."""
    return (start + 2 * PANELS) / root < SMALL


def _erlang_c_array(servers: Number, load: Number) -> Number:
    """Return the same on arrays: the series a block of terms at a time for the elements that have not settled."""
    np = _numpy()
    servers, load = np.broadcast_arrays(np.asarray(servers, float), np.asarray(load, float))
    count, flat = _whole(servers, np).ravel(), load.ravel()
    answer = np.where((flat > 0) | (count < 1), 1.0, 0.0)
    answer[np.isnan(flat) | np.isnan(count)] = np.nan
    large = (flat < count) & (flat > LARGE_LOAD)
    # Where the answer is a chance of nothing whatever the integral is, it is not taken: so with most draws of a fleet with room.
    (sure,) = np.nonzero(large)
    sure = sure[_top(count[sure], flat[sure], np) > _SURELY_HUGE]
    answer[sure] = _waiting(HUGE, count[sure], flat[sure])
    large[sure] = False
    root = np.sqrt(np.where(large, flat, 1.0))
    near = _near(np.maximum((count - flat) / root - BELL, 0.0), root)
    for some in (large & near, large & ~near):
        if some.any():
            inverse = np.minimum(_inverse_loss(count[some], flat[some], np), HUGE)
            answer[some] = _waiting(inverse, count[some], flat[some])
    (rows,) = np.nonzero((flat < count) & (flat > 0) & (flat <= LARGE_LOAD))
    k, terms, totals = count[rows], np.ones(len(rows)), np.ones(len(rows))
    while len(rows):
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # beyond HUGE the sum no longer matters
            series = terms[:, None] * np.cumprod(np.maximum(k[:, None] - np.arange(BLOCK), 0.0) / flat[rows][:, None], axis=1)
            totals = np.where(totals + series.sum(axis=1) < HUGE, totals + series.sum(axis=1), HUGE)
        terms, k = series[:, -1], k - BLOCK
        settled = (terms < TERM * totals) | (totals >= HUGE) | (k <= 0)
        done = rows[settled]
        answer[done] = _waiting(totals[settled], count[done], flat[done])
        rows, k, terms, totals = (part[~settled] for part in (rows, k, terms, totals))
    return answer.reshape(servers.shape)


def growth_sum(rate: Number, periods: Number) -> Number:
    """Return the sum of (1 + rate)^k over the first whole numbers k from 0; a last part of a period counts by its share.

    Exact for a quantity that is level within a period and steps between them; continuous, and right at rate 0.

    >>> growth_sum(0, 12), growth_sum(0.15, 2.5)
    (12.0, 2.81125)
    """
    if _scalars(rate, periods):
        whole, log_growth = floor(periods), math.log1p(rate)
        full = whole if log_growth == 0 else math.expm1(whole * log_growth) / rate
        return float(full + (periods - whole) * math.exp(whole * log_growth))
    np = _numpy()
    whole, log_growth = floor(periods), np.log1p(rate)
    still = log_growth == 0
    full = np.where(still, whole, np.expm1(whole * log_growth) / np.where(still, 1.0, rate))
    return full + (periods - whole) * np.exp(whole * log_growth)


def servers_for(
    load: Number, allowance: Number, arrival_variability: Number, service_variability: Number, urgent: Number, all_of_it: Number
) -> Number:
    """Return the fewest servers with which 95 % of requests are served within `allowance`, in multiples of their work's time; 0 if none can.

    `urgent` is the part of the load that can't wait for a quiet hour, `all_of_it` the load if nothing waited, over the load. It is the
    inverse of the figure `latency_p95`, whose own formulas are asked at each halving: the load is too few servers, and `margin` of
    them beyond all of it wait for nothing.

    >>> servers_for(66.6, 2.6, 1, 0, 1, 1), servers_for(66.6, 1, 1, 0, 1, 1), servers_for(66.6, 0.9, 1, 0, 1, 1)
    (68.0, 82.0, 0.0)
    """
    known = (load, allowance, arrival_variability, service_variability, urgent, all_of_it)
    if not _scalars(*known):
        return _servers_for_array(*known)
    if any(map(math.isnan, known)):
        return math.nan
    keeps = keeping(*known)
    low, high = floor(load), margin(load * all_of_it, arrival_variability, service_variability)
    if allowance < 1 or not keeps(high):  # nothing is faster than its own work
        return 0.0
    for _ in range(HALVINGS):
        if high - low <= 1:
            break
        middle = math.floor((low + high) / 2)
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return float(high)


def margin(load: Number, arrival_variability: Number, service_variability: Number) -> Number:
    """Return servers, of a load, with which less than one request in twenty waits, whatever the variability.

    By Chernoff's bound twice two spreads of a load with peakedness z = 1 + (ca - 1) / (1 + cs) are far enough, in small fleets too.
    """
    peakedness = 1 + (arrival_variability - 1) / (1 + service_variability)
    return floor(load) + ceil(8 * sqrt(peakedness * load) + 16 * peakedness + 4)


def waiting_inputs(
    load: Number, arrival_variability: Number, service_variability: Number, urgent: Number, all_of_it: Number
) -> dict[str, Number]:
    """Return what latency_p95 is asked for at each halving, beside the servers: a clip's time is 1, in one region."""
    return {
        "busy_replicas": load,
        "regions": 1.0,
        "generation_latency": 1.0,
        "other_seconds_per_video": 0.0,
        "arrival_variability": arrival_variability,
        "service_variability": service_variability,
        "urgent_share": urgent,
        "peak_over_level": all_of_it,
    }


def keeping(
    load: Number, allowance: Number, arrival_variability: Number, service_variability: Number, urgent: Number, all_of_it: Number
) -> Callable[[Number], Any]:
    """Return whether so many servers keep the allowance; what is overloaded has no latency, and keeps none."""
    known = waiting_inputs(load, arrival_variability, service_variability, urgent, all_of_it)

    def keeps(servers: Number) -> Any:
        values = {**known, "replicas": servers}
        for one in waiting_figures():
            values[one.name] = one.formula(*[values[parameter] for parameter in one.parameters])
        return values["latency_p95"] <= allowance

    return keeps


@cache
def waiting_figures() -> tuple[Figure, ...]:
    """Return the figures that lead from servers and load to `latency_p95`, each after those that it is computed from."""
    given = {"replicas", *waiting_inputs(0, 0, 0, 0, 0)}
    needed = {"latency_p95", *ancestors(("latency_p95",), stop=given)} - given
    return tuple(one for one in ordered() if one.name in needed)


def _servers_for_array(*columns: Number) -> Number:
    """Return the same on arrays: those elements are halved on that have not settled."""
    np = _numpy()
    shaped = np.broadcast_arrays(*(np.asarray(column, float) for column in columns))
    known = tuple(column.ravel() for column in shaped)
    load, allowance, arrivals, services, _urgent, all_of_it = known
    absent = np.logical_or.reduce([np.isnan(column) for column in known])
    low, high = floor(load), margin(load * all_of_it, arrivals, services)
    possible = (allowance >= 1) & ~absent
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


def longest_deferral(peak: Number, deferred: Number, capacity: Number) -> Number:
    """Return the longest wait, in days, of the share of a day's work that can wait, where the rest is always served first.

    `peak` and `capacity` are multiples of the day's mean; capacity is more than 1 and than the rest's peak, (1 - deferred) peak. The
    load is the day's curve, middle + swing cos. From the moment t0 at which it rises above capacity, what arrived of the work that
    waits by t, d (L(t) - L(t0)), is made by e, when the capacity that the rest leaves, c (e - t0) - (1 - d) (L(e) - L(t0)), has come
    to as much. The wait e - t grows while d l(t) + (1 - d) l(e) is above capacity; both times are found by halving.

    >>> round(24 * longest_deferral(1.7, 0.4, 1.1), 2), longest_deferral(1.7, 0, 1.8)
    (7.26, 0.0)
    """
    if _scalars(peak, deferred, capacity):
        return _longest_deferral(peak, deferred, capacity, _FLOATS) if deferred > 0 and 1 < capacity < peak else 0.0
    np = _numpy()
    arrays = _Functions(np.sin, np.cos, np.arccos, np.minimum, np.maximum, np.where)
    peak, deferred, capacity = np.broadcast_arrays(*(np.asarray(column, float) for column in (peak, deferred, capacity)))
    waits = (deferred > 0) & (capacity > 1) & (capacity < peak)
    answer = np.zeros(peak.shape)
    answer[waits] = _longest_deferral(peak[waits], deferred[waits], capacity[waits], arrays)
    return answer


class _Functions(NamedTuple):
    """What a search of many steps calls on floats, or on arrays, without asking at each step which it has."""

    sin: Callable[[Any], Any]
    cos: Callable[[Any], Any]
    acos: Callable[[Any], Any]
    least: Callable[[Any, Any], Any]
    most: Callable[[Any, Any], Any]
    choose: Callable[[Any, Any, Any], Any]


_FLOATS = _Functions(math.sin, math.cos, math.acos, min, max, lambda holds, yes, no: yes if holds else no)


def _longest_deferral(peak: Number, deferred: Number, capacity: Number, of: _Functions) -> Number:
    """Return the longest wait of a day in which some work waits."""
    middle = of.most(1.0, peak / 2)
    swing, filled = peak - middle, of.least(1.0, 2 / peak)
    arc = of.acos((capacity - middle) / swing)
    turn, rest = 2 * math.pi / filled, 1 - deferred

    def within(x: Number) -> tuple[Number, Number]:
        """Return a time within the hours with load of this day, and of the next."""
        return of.most(-filled / 2, of.least(filled / 2, x)), of.most(-filled / 2, of.least(filled / 2, x - 1))

    def load(x: Number) -> Number:
        today, tomorrow = within(x)
        return middle + swing * (1 + of.cos(turn * today) + of.cos(turn * tomorrow))

    def arrived(x: Number) -> Number:
        today, tomorrow = within(x)
        return middle * (today + tomorrow) + swing / turn * (of.sin(turn * today) + of.sin(turn * tomorrow))

    start = -arc / turn
    before = arrived(start)

    def made_by(t: Number) -> Number:
        """Return when what arrived by t is made."""
        asked = capacity * start + deferred * (arrived(t) - before) - rest * before
        span = start + 1 - t
        x = t + span / 2
        for k in range(2, EXIT_HALVINGS + 2):
            x = x + of.choose(capacity * x - rest * arrived(x) < asked, span, -span) / 2**k
        return x

    t, span = 0.0 * start, -2 * start
    for k in range(2, ARRIVAL_HALVINGS + 2):
        t = t + of.choose(deferred * load(t) + rest * load(made_by(t)) > capacity, span, -span) / 2**k
    return made_by(t) - t


def _scalars(*values: Any) -> bool:
    for value in values:  # noqa: SIM110 - a loop takes half the time of all(), and every verb asks
        if not isinstance(value, (float, int)):
            return False
    return True


VERBS: dict[str, Callable[..., Number]] = {
    verb.__name__: verb
    for verb in (ceil, floor, sqrt, exp, log, sin, acos, minimum, maximum, where, erlang_c, growth_sum, servers_for, longest_deferral)
}
