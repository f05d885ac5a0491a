"""The chance to wait for one of many servers: Erlang's formula, on floats and on arrays."""

import math
from typing import Any

from t2v_capacity.engine.figures import Number
from t2v_capacity.engine.verbs import TOLERANCE, maximum, minimum, scalars, verb, where

# A term this small relative to its sum no longer changes a double; an inverse chance this large is a chance of nothing.
TERM = 1e-15
HUGE = 1e250
_LOG_HUGE = math.log(HUGE)
# Where the bell's top is this high, one node of the integral alone is more than HUGE: no node lies further than 0.15
# widths from the top, which takes 0.02 off its exponent, and the least weight times the least root is above 2.
_SURELY_HUGE = _LOG_HUGE + 1
# Beyond this load Erlang's series is long and its integral is used: a bell around the margin, in square roots of the
# load, of which nothing is left nine widths before it or eleven after; ten panels of width 2 hold it.
LARGE_LOAD = 1_000
BELL, PANELS = 9, 10
SMALL = 0.1
BLOCK = 64  # terms of the series of arrays that are added at once
# Gauss-Legendre nodes and weights of ten points; Abramowitz and Stegun, table 25.4.
GAUSS = (
    (0.14887433898163122, 0.29552422471475287),
    (0.43339539412924719, 0.26926671930999635),
    (0.67940956829902441, 0.21908636251598204),
    (0.86506336668898451, 0.14945134915058059),
    (0.97390652851717172, 0.06667134430868814),
)


@verb
def erlang_c(servers: float, load: float) -> float:
    """Return the chance that an arrival waits, for Poisson arrivals and so many servers busy on average.

    The inverse of Erlang's loss is 1/B = 1 + c/R + c(c-1)/R^2 + ... (Erlang 1917), cut once a term falls below 1e-15 of
    the sum; for large loads the same number as the integral of exp(-t) (1 + t/R)^c, whose effort does not grow with the
    fleet (Jagerman 1974). Then C = 1 / (1 + (1 - R/c) (1/B - 1)), in which nothing cancels. A load of the servers or
    more waits for certain. Between whole servers, at the same load per server, the chance is on a straight line.

    >>> erlang_c(10, 9), erlang_c(10, 12), round(erlang_c(1.5, 0.9), 9)
    (0.6687315241076971, 1.0, 0.525)
    """
    chance = _chance if scalars(servers, load) else _chances
    # As `floor` does, whose tolerance may not add one to a fleet of more than half a billion.
    count: Number = (servers + minimum(TOLERANCE * abs(servers), 0.5)) // 1
    share: Number = where(count >= 1, maximum(0.0, servers - count), 0.0)
    if not (share if scalars(share) else share.any()):
        whole: float = chance(count, load)
        return whole
    each = load / maximum(1.0, servers)
    below, above = chance(count, where(share > 0, each * count, load)), chance(count + 1, each * (count + 1))
    between: float = below + share * (above - below)
    return between


def _chance(count: float, load: float) -> float:
    """Return the chance to wait for one of so many whole servers."""
    if math.isnan(count + load):
        return math.nan
    if load >= count or count < 1:
        return 1.0
    if load <= 0:
        return 0.0
    if load > LARGE_LOAD:
        inverse = HUGE if _top(count, load, math) > _SURELY_HUGE else _inverse_loss(count, load, math)
    else:
        inverse = term = 1.0
        for k in range(int(count), 0, -1):
            term *= k / load
            inverse += term
            if term < TERM * inverse or inverse > HUGE:
                break
    chance: float = _waiting(min(inverse, HUGE), count, load)
    return chance


def _waiting(inverse: Number, count: Number, load: Number) -> Number:
    """Return the chance to wait from the inverse of Erlang's loss."""
    return 1.0 / (1.0 + (1.0 - load / count) * (inverse - 1.0))


def _top(count: Number, load: Number, functions: Any) -> Number:
    """Return the largest exponent of the bell under the integral, which it has at a margin of count - load."""
    return count * functions.log1p((count - load) / load) - (count - load)


def _inverse_loss(count: Number, load: Number, functions: Any) -> Number:
    """Return 1/B for a large load: the integral of a bell around the margin, in units of the load's square root.

    `functions` is math for a float, numpy for an array whose elements are all near or all far (see `_near`).
    """
    root = functions.sqrt(load)
    start: Number = maximum((count - load) / root - BELL, 0.0)
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


def _chances(servers: Number, load: Number) -> Number:
    """Return the same on arrays.

    The series is added a block of terms at a time for the elements that have not settled.
    """
    import numpy as np

    columns: Number = np.broadcast_arrays(np.asarray(servers, float), np.asarray(load, float))
    count, flat = (column.ravel() for column in columns)
    answer = np.where((flat > 0) | (count < 1), 1.0, 0.0)
    answer[np.isnan(flat) | np.isnan(count)] = np.nan
    large = (flat < count) & (flat > LARGE_LOAD)
    # Where the answer is a chance of nothing whatever the integral is, it is not taken: so with most draws of a fleet
    # with room.
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
            series = terms[:, None] * np.cumprod(
                np.maximum(k[:, None] - np.arange(BLOCK), 0.0) / flat[rows][:, None], axis=1
            )
            totals = np.where(totals + series.sum(axis=1) < HUGE, totals + series.sum(axis=1), HUGE)
        terms, k = series[:, -1], k - BLOCK
        settled = (terms < TERM * totals) | (totals >= HUGE) | (k <= 0)
        done = rows[settled]
        answer[done] = _waiting(totals[settled], count[done], flat[done])
        rows, k, terms, totals = (part[~settled] for part in (rows, k, terms, totals))
    return answer.reshape(columns[0].shape)
