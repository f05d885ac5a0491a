"""A fleet's queue at its daily peaks, request by request: what a promise is held against, without the program.

Days are a cosine, or one that is zero for a part of the day where the peak is more than twice the mean.
"""

import heapq
from collections.abc import Callable
from typing import Any

import numpy as np

DAY, NEAR_PEAK = 86_400.0, 1_800.0
Draw = Callable[[Any, int], Any]  # so many clips' seconds, of a generator


def equal(seconds: float) -> Draw:
    """Return the draw of clips that all take the same time."""
    return lambda _random, count: np.full(count, seconds)


def gamma(seconds: float, variability: float) -> Draw:
    """Return the draw of clips whose times have this mean and squared coefficient of variation."""
    return lambda random, count: random.gamma(1 / variability, variability * seconds, count)


def peak_latencies(per_day: float, peak: float, replicas: int, kinds: dict[float, Draw], days: int = 100) -> list[Any]:
    """Return, of each kind of clip by its share, how long requests within half an hour of the peak take to be made."""
    random = np.random.default_rng(1)
    time = np.sort(random.random(random.poisson(per_day * peak * days)) * days)
    middle, filled = max(1, peak / 2), min(1, 2 / peak)
    at = (time - 0.5 + filled / 2) % 1 / filled
    rate = np.where(at < 1, middle - (peak - middle) * np.cos(2 * np.pi * at), 0)
    time = time[random.random(len(time)) * peak < rate] * DAY
    kind = random.choice(len(kinds), len(time), p=[*kinds])
    work = np.empty(len(time))
    for index, draw in enumerate(kinds.values()):
        work[kind == index] = draw(random, int((kind == index).sum()))

    free, done = [0.0] * replicas, np.empty(len(time))
    for index, (asked, seconds) in enumerate(zip(time.tolist(), work.tolist(), strict=True)):
        done[index] = max(free[0], asked) + seconds
        heapq.heapreplace(free, done[index])
    near = (abs(time % DAY - DAY / 2) < NEAR_PEAK) & (time > DAY)
    return [(done - time)[near & (kind == index)] for index in range(len(kinds))]
