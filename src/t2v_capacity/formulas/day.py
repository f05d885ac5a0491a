"""The curve of a day's load: how long work waits that may wait for a quiet hour."""

import math
from typing import Any

from t2v_capacity.engine.constants import SMALLEST_SPREAD
from t2v_capacity.engine.figures import Number
from t2v_capacity.engine.verbs import acos, maximum, minimum, scalars, sin, verb, where

# Halvings of the arrival that waits longest, whose wait is level around it, and of the end of its wait, to a nanosecond
# of a day.
ARRIVAL_HALVINGS, EXIT_HALVINGS = 24, 44


@verb
def longest_deferral(peak: float, deferred: float, capacity: float) -> float:
    """Return the longest wait, in days, of the share of a day's work that can wait.

    The rest is always served first. `peak` and `capacity` are multiples of the day's mean; capacity is more than 1 and
    than the rest's peak, (1 - deferred) peak. The load is the day's curve, middle + swing cos. From the moment t0 at
    which it rises above capacity, what arrived of the work that waits by t, d (L(t) - L(t0)), is made by e, when the
    capacity that the rest leaves, c (e - t0) - (1 - d) (L(e) - L(t0)), has come to as much. The wait e - t grows while
    d l(t) + (1 - d) l(e) is above capacity; both times are found by halving.

    >>> round(24 * longest_deferral(1.7, 0.4, 1.1), 2), longest_deferral(1.7, 0, 1.8)
    (7.26, 0.0)
    """
    if scalars(peak, deferred, capacity):
        wait = _longest_deferral(peak, deferred, capacity) if deferred > 0 and 1 < capacity < peak else 0.0
    else:
        wait = _longest_deferrals(peak, deferred, capacity)
    longest: float = wait
    return longest


def _cos(x: Number) -> Number:
    """Return the cosine of an angle, or of each of an array."""
    if scalars(x):
        return math.cos(x)
    import numpy as np

    return np.cos(x)


def _longest_deferrals(*columns: Number) -> Any:
    """Return the same on arrays."""
    import numpy as np

    peak, deferred, capacity = np.broadcast_arrays(*(np.asarray(column, float) for column in columns))
    waits = (deferred > 0) & (capacity > 1) & (capacity < peak)
    longest = np.zeros(peak.shape)
    if waits.any():
        longest[waits] = _longest_deferral(peak[waits], deferred[waits], capacity[waits])
    return longest


def _longest_deferral(peak: Number, deferred: Number, capacity: Number) -> Number:
    """Return the longest wait of a day in which some work waits."""
    middle = maximum(1.0, peak / 2)
    swing, filled = peak - middle, minimum(1.0, 2 / peak)
    arc = acos(minimum(1.0, (capacity - middle) / maximum(SMALLEST_SPREAD, swing)))
    turn, rest = 2 * math.pi / filled, 1 - deferred

    def within(x: Number) -> tuple[Number, Number]:
        """Return a time within the hours with load of this day, and of the next."""
        return maximum(-filled / 2, minimum(filled / 2, x)), maximum(-filled / 2, minimum(filled / 2, x - 1))

    def load(x: Number) -> Number:
        today, tomorrow = within(x)
        return middle + swing * (1 + _cos(turn * today) + _cos(turn * tomorrow))

    def arrived(x: Number) -> Number:
        today, tomorrow = within(x)
        return middle * (today + tomorrow) + swing / turn * (sin(turn * today) + sin(turn * tomorrow))

    start = -arc / turn
    before = arrived(start)

    def behind(t: Number) -> Number:
        """Return the work that waits at t."""
        return maximum(0.0, arrived(t) - before - capacity * (t - start))

    def wait(t: Number, work: Number) -> Number:
        """Return how long the capacity that the rest leaves takes from t on for some work, by halving.

        It is less than a day.
        """
        asked = capacity * t - rest * arrived(t) + work
        x = t + 1 / 2
        for k in range(2, EXIT_HALVINGS + 2):
            x = x + where(capacity * x - rest * arrived(x) < asked, 1.0, -1.0) / 2**k
        return x - t

    t, span = 0.0 * start, -2 * start
    for k in range(2, ARRIVAL_HALVINGS + 2):
        t = t + where(deferred * load(t) + rest * load(t + wait(t, behind(t))) > capacity, span, -span) / 2**k
    return wait(t, behind(t))
