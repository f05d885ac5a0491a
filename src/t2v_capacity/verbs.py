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
    """Return the smaller of two numbers, element by element."""
    return min(x, y) if _scalars(x, y) else _numpy().minimum(x, y)


def maximum(x: Number, y: Number) -> Number:
    """Return the larger of two numbers, element by element."""
    return max(x, y) if _scalars(x, y) else _numpy().maximum(x, y)


def where(condition: Any, yes: Number, no: Number) -> Number:
    """Return `yes` where the condition holds, else `no`, element by element; both are computed."""
    return (yes if condition else no) if _scalars(condition, yes, no) else _numpy().where(condition, yes, no)


def _scalars(*values: Any) -> bool:
    return all(isinstance(value, (float, int)) for value in values)


VERBS: dict[str, Callable[..., Number]] = {verb.__name__: verb for verb in (ceil, floor, sqrt, exp, log, minimum, maximum, where)}
