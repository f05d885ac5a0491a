"""Curves of a day's load: at any moment, over its mean, and several together."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from t2v_capacity.assumptions.traffic import MOST_RATES
from t2v_capacity.engine.constants import DAY, SECONDS_PER_HOUR


def loads(curves: Sequence[Sequence[float]], parts: int) -> Any:
    """Return each day's load over its mean, in parts of the day, with the busiest hour of the first in the middle.

    >>> [load.tolist() for load in loads([(1, 1, 4, 2), (2, 4, 1, 1)], 4)]
    [[0.5, 0.5, 2.0, 1.0], [1.0, 2.0, 0.5, 0.5]]
    """
    at = (np.arange(parts) + 0.5) / parts
    whole = [load_at(curve, at) for curve in curves]
    shift = parts // 2 - middle_of_busiest_hour(whole[0])
    return [np.roll(load / load.mean(), shift) for load in whole]


def load_at(curve: Sequence[float], at: Any) -> Any:
    """Return a curve's load at parts of the day.

    A rate is level within its part. Those of five minutes, as a cosine has, are joined by straight lines.

    >>> load_at([1] * 23 + [5], np.array([0.95, 0.96])).tolist()
    [1, 5]
    """
    if len(curve) < MOST_RATES:
        return np.asarray(curve)[(at * len(curve)).astype(int)]
    return np.interp(at * len(curve) - 0.5, np.arange(len(curve)), curve, period=len(curve))


def middle_of_busiest_hour(load: Any) -> int:
    """Return the step in the middle of the busiest hour of a day."""
    hour = max(1, len(load) * int(SECONDS_PER_HOUR) // int(DAY))
    return int(np.argmax(np.convolve(np.concatenate([load, load[: hour - 1]]), np.ones(hour), "valid"))) + hour // 2


def summed_peak(curves: Sequence[Sequence[float]], peaks: Sequence[float]) -> tuple[float, float]:
    """Return the highest sum of days whose peaks are so high, and when it is, a part of the day.

    Each curve is at its own hours. A day without one, which is empty, peaks when the others do.

    >>> summed_peak([(1, 2, 1, 0), (0, 1, 2, 1), ()], [2, 2, 5])
    (8.0, 0.375)
    """
    at = np.array(sorted({(part + 0.5) / len(curve) for curve in curves for part in range(len(curve))} or {0.0}))
    summed = np.zeros(len(at))
    for curve, peak in zip(curves, peaks, strict=True):
        summed += peak * load_at(curve, at) / max(curve) if curve else peak
    highest = int(np.argmax(summed))
    return float(summed[highest]), float(at[highest])
