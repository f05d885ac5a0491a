"""What a formula may call, on floats and on numpy arrays alike.

Each verb has four forms: float and array here, spreadsheet and browser where those are written.
numpy is imported only when an array comes in.
"""

import math
from collections.abc import Callable
from typing import Any

from t2v_capacity.figures import Number

# Below this relative distance from a whole number, rounding sees the whole number: 100 * 1.1 is
# 110.00000000000001 in binary, and its ceiling is 110. Large enough for a dozen roundings, far below
# anything that a planner could mean.
_TOLERANCE = 1e-9
# A term this small beside its sum no longer moves a double; an inverse chance this large is a chance of nothing.
_TERM = 1e-15
_HUGE = 1e250
_LOG_HUGE = math.log(_HUGE)
# Beyond this load Erlang's series is long and its integral is used: a bell, at a margin in square roots of the load, and
# nothing of it is left ten widths further. At a margin of 34 the chance of waiting is below 1e-250.
_LARGE_LOAD = 1_000
_WIDEST_MARGIN = 35
_BELL = 10
_SMALL = 1e-4
# Gauss-Legendre nodes and weights of ten points on a panel of width 1; Abramowitz and Stegun, table 25.4, halved.
_GAUSS = (
    (0.07443716949081561, 0.14776211235737644),
    (0.21669769706462359, 0.13463335965499818),
    (0.33970478414951225, 0.10954318125799102),
    (0.43253168334449226, 0.07472567457529030),
    (0.48695326425858587, 0.03333567215434407),
)


def _numpy() -> Any:
    import numpy as np

    return np


def ceil(x: Number) -> Number:
    """Return the least whole number that is not below x - 1e-9 |x|.

    >>> ceil(100 * 1.1), ceil(110.1)
    (110, 111)
    """
    return math.ceil(x - _TOLERANCE * abs(x)) if isinstance(x, (float, int)) else _numpy().ceil(x - _TOLERANCE * abs(x))


def floor(x: Number) -> Number:
    """Return the greatest whole number that is not above x + 1e-9 |x|.

    >>> floor(0.29 * 100), floor(28.9)
    (29, 28)
    """
    return math.floor(x + _TOLERANCE * abs(x)) if isinstance(x, (float, int)) else _numpy().floor(x + _TOLERANCE * abs(x))


def sqrt(x: Number) -> Number:
    """Return the square root."""
    return math.sqrt(x) if isinstance(x, (float, int)) else _numpy().sqrt(x)


def exp(x: Number) -> Number:
    """Return e to the power of x."""
    return math.exp(x) if isinstance(x, (float, int)) else _numpy().exp(x)


def log(x: Number) -> Number:
    """Return the natural logarithm."""
    return math.log(x) if isinstance(x, (float, int)) else _numpy().log(x)


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
    count = floor(servers)
    if math.isnan(load) or load >= count or count < 1:
        return 1.0
    if load <= 0:
        return 0.0
    if load > _LARGE_LOAD:
        inverse = _inverse_loss(count, load, math)
    else:
        inverse = term = 1.0
        for k in range(count, 0, -1):
            term *= k / load
            inverse += term
            if term < _TERM * inverse or inverse > _HUGE:
                break
    return 1.0 / (1.0 + (1.0 - load / count) * (min(inverse, _HUGE) - 1.0))


def _inverse_loss(count: Number, load: Number, functions: Any) -> Number:
    """Return 1/B for a large load: a bell of width 1 in u = t / sqrt(R), integrated in panels of width 1.

    `functions` is math for a float, numpy for an array.
    """
    root = functions.sqrt(load)
    margin = (count - load) / root
    panels = math.ceil(min(float(margin if functions is math else margin.max()), _WIDEST_MARGIN)) + _BELL
    total = 0.0 * root
    for panel in range(panels):
        for node, weight in _GAUSS:
            for u in (panel + 0.5 - node, panel + 0.5 + node):
                x = u / root
                # log1p(x) - x by its series where the difference would cancel
                bend = -x * x * (1 / 2 - x * (1 / 3 - x * (1 / 4 - x / 5))) if _small(x) else functions.log1p(x) - x
                exponent = count * bend + (count - load) * x
                capped = min(exponent, _LOG_HUGE) if functions is math else functions.minimum(exponent, _LOG_HUGE)
                total = total + weight * functions.exp(capped)
    return total * root


def _small(x: Number) -> bool:
    return bool(abs(x) < _SMALL if isinstance(x, float) else (abs(x) < _SMALL).all())


def _erlang_c_array(servers: Number, load: Number, block: int = 64) -> Number:
    """Return the same on arrays: the series a block of terms at a time for the elements that have not settled."""
    np = _numpy()
    servers, load = np.broadcast_arrays(np.asarray(servers, float), np.asarray(load, float))
    count, flat = floor(servers).ravel(), load.ravel()
    answer = np.where(flat > 0, 1.0, 0.0)
    answer[np.isnan(flat)] = 1.0
    (large,) = np.nonzero((flat < count) & (flat > _LARGE_LOAD))
    for rows in _alike(large, count, flat):
        inverse = np.minimum(_inverse_loss(count[rows], flat[rows], np), _HUGE)
        answer[rows] = 1.0 / (1.0 + (1.0 - flat[rows] / count[rows]) * (inverse - 1.0))
    (rows,) = np.nonzero((flat < count) & (flat > 0) & (flat <= _LARGE_LOAD))
    k, terms, totals = count[rows], np.ones(len(rows)), np.ones(len(rows))
    while len(rows):
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # beyond _HUGE the sum no longer matters
            series = terms[:, None] * np.cumprod(np.maximum(k[:, None] - np.arange(block), 0.0) / flat[rows][:, None], axis=1)
            totals = np.where(totals + series.sum(axis=1) < _HUGE, totals + series.sum(axis=1), _HUGE)
        terms, k = series[:, -1], k - block
        settled = (terms < _TERM * totals) | (totals >= _HUGE) | (k <= 0)
        done = rows[settled]
        answer[done] = 1.0 / (1.0 + (1.0 - flat[done] / count[done]) * (totals[settled] - 1.0))
        rows, k, terms, totals = (part[~settled] for part in (rows, k, terms, totals))
    return answer.reshape(servers.shape)


def _alike(rows: Any, count: Any, load: Any) -> Any:
    """Yield rows in groups of one number of panels and one form of the bend, so that arrays compute what floats do."""
    np = _numpy()
    root = np.sqrt(load[rows])
    panels = np.ceil(np.minimum((count[rows] - load[rows]) / root, _WIDEST_MARGIN)) + _BELL
    for number in np.unique(panels):
        for small in (True, False):
            chosen = rows[(panels == number) & ((number / root < _SMALL) == small)]
            if len(chosen):
                yield chosen


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


def _scalars(*values: Any) -> bool:
    return all(isinstance(value, (float, int)) for value in values)


VERBS: dict[str, Callable[..., Number]] = {
    verb.__name__: verb for verb in (ceil, floor, sqrt, exp, log, minimum, maximum, where, erlang_c, growth_sum)
}
