"""Define the functions that a formula may call, on floats and on numpy arrays alike.

Formulas and verbs are annotated with `float`, and arrays of floats pass through the same arithmetic. Each verb has four
forms: float and array here, spreadsheet and browser where those are written. Verbs of one field stand with its
formulas. numpy is imported only when an array comes in.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar

# A number this close to a whole one, relative to its size, rounds to the whole one.
# In binary 100 * 1.1 is 110.00000000000001, and its ceiling is 110.
# The distance covers a dozen roundings, and is far below anything that a planner could mean.
TOLERANCE = 1e-9

# The types of a plain number. Verbs that are called often test these themselves: a call of `scalars` takes longer.
_PLAIN = (float, int)

VERBS: dict[str, Callable[..., Any]] = {}
Verb = TypeVar("Verb", bound=Callable[..., float])


def verb(function: Verb) -> Verb:
    """Register a function as a verb that formulas may call; the function itself is returned untouched."""
    VERBS[function.__name__] = function
    return function


def scalars(*values: Any) -> bool:
    """Return whether all values are plain numbers, not arrays."""
    for number in values:  # noqa: SIM110 - a loop takes half the time of all(), and every verb asks
        if not isinstance(number, _PLAIN):
            return False
    return True


def _numpy() -> Any:
    import numpy as np

    return np


@verb
def ceil(x: float) -> float:
    """Return the least whole number that is not below x - 1e-9 |x|.

    >>> ceil(100 * 1.1), ceil(110.1)
    (110, 111)
    """
    if isinstance(x, _PLAIN):
        return x if math.isnan(x) else math.ceil(x - TOLERANCE * abs(x))
    return _numpy().ceil(x - TOLERANCE * abs(x))


@verb
def floor(x: float) -> float:
    """Return the greatest whole number that is not above x + 1e-9 |x|.

    >>> floor(0.29 * 100), floor(28.9)
    (29, 28)
    """
    if isinstance(x, _PLAIN):
        return x if math.isnan(x) else math.floor(x + TOLERANCE * abs(x))
    return _numpy().floor(x + TOLERANCE * abs(x))


@verb
def sqrt(x: float) -> float:
    """Return the square root."""
    return math.sqrt(x) if isinstance(x, _PLAIN) else _numpy().sqrt(x)


@verb
def exp(x: float) -> float:
    """Return e to the power of x."""
    return math.exp(x) if isinstance(x, _PLAIN) else _numpy().exp(x)


@verb
def log(x: float) -> float:
    """Return the natural logarithm."""
    return math.log(x) if isinstance(x, _PLAIN) else _numpy().log(x)


@verb
def sin(x: float) -> float:
    """Return the sine of an angle in radians."""
    return math.sin(x) if isinstance(x, _PLAIN) else _numpy().sin(x)


@verb
def acos(x: float) -> float:
    """Return the angle in radians, 0 to pi, whose cosine is x; x lies between -1 and 1."""
    return math.acos(x) if isinstance(x, _PLAIN) else _numpy().arccos(x)


@verb
def minimum(x: float, y: float) -> float:
    """Return the smaller of two numbers, element by element; what has no value (nan) gives none, as in numpy."""
    smaller = x <= y  # of plain numbers True or False itself: in half the time that a test of their types takes
    if smaller is True:
        return x
    if smaller is False:
        return x if math.isnan(x) else y
    least: float = _numpy().minimum(x, y)
    return least


@verb
def maximum(x: float, y: float) -> float:
    """Return the larger of two numbers, element by element; what has no value (nan) gives none, as in numpy."""
    larger = x >= y
    if larger is True:
        return x
    if larger is False:
        return x if math.isnan(x) else y
    most: float = _numpy().maximum(x, y)
    return most


@verb
def where(condition: Any, yes: float, no: float) -> float:
    """Return `yes` where the condition holds, else `no`, element by element; both are computed."""
    if condition is True or condition is False:
        return yes if condition else no
    chosen: float = _numpy().where(condition, yes, no)
    return chosen


@verb
def growth_sum(rate: float, periods: float) -> float:
    """Return the sum of (1 + rate)^k over the first whole numbers k from 0.

    A last part of a period counts by its share. The sum is exact for a quantity that is level within each period. It is
    continuous, and right at rate 0.

    >>> growth_sum(0, 12), growth_sum(0.15, 2.5)
    (12.0, 2.81125)
    """
    whole = floor(periods)
    functions = math if scalars(rate, periods) else _numpy()
    log_growth = functions.log1p(rate)
    grown = functions.expm1(whole * log_growth) / where(log_growth == 0, 1.0, rate)
    total: float = where(log_growth == 0, whole, grown) + (periods - whole) * functions.exp(whole * log_growth)
    return total
