"""Days of a fleet, simulated clip by clip.

Clicks are Poisson at the rate of the day's curve (by thinning), for one clip or several; replicas take the first class
that waits, first come, first served within it, and no clip is broken off. A run that fails is queued again, behind
those that wait; a clip on a spot replica that is taken away begins again there. A day warms up, the next are measured,
one more lets them end. The engine is a heap of replicas; `library_waits` is the same in SimPy, and a test holds the two
together wait by wait. tests/recorded_days.py has the record.
"""

import heapq
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any, NamedTuple

import numpy as np
import simpy

SEED = 20261125
DAY = 86_400
HALF_HOUR = 1_800
GROUPS = 10  # of days, from whose spread the error of a percentile is known
OVERLOAD, DEFERRAL, PROMISE, POOL, MIX = "overload", "deferral", "promise", "pool", "mix"
CARRIED, RERUN = "carried", "rerun"  # fleets that carry their peak; of the second, runs fail or are interrupted
LIMIT = "limit"  # a queue of a limit refuses requests


@dataclass(frozen=True)
class Cell:
    """A fleet and its day.

    `load` is the mean work over the replicas; of a promise, the replicas at work at the peak.
    """

    kind: str
    replicas: int  # 0 where a promise had found them
    peak: float  # over the mean, of all classes
    load: float
    share: float = 0.0  # of the work that is the second class's: can wait, is free, or longer
    seconds: float = 120.0  # a clip takes
    second: float = 120.0  # and one of the second class
    batch: float = 1  # clips a click asks for, E[n^2] / E[n] where they are k or k + 1
    allowance: float = 0.0  # the promise, in times of a clip
    spread: float = 0.0  # squared coefficient of variation of a clip's time, a gamma's
    failed: float = 0.0  # share of runs that are run again
    spot: float = 0.0  # share of the replicas, one per server
    interruptions: float = 0.0  # per hour of a spot replica
    limit: float = 0.0  # requests that may wait; 0 is any number

    def random(self) -> np.random.Generator:
        """Return the cell's own generator, the same in every run."""
        known = astuple(self)
        numbers = [round(1_000 * value) for value in (*known[1:_FIRST], *filter(None, known[_FIRST:]))]
        return np.random.default_rng([SEED, *map(ord, self.kind), *numbers])


# Kinds of which a day's longest wait is asked, by what name, and whether of the second class alone.
WAITS = {
    **dict.fromkeys((CARRIED, OVERLOAD, LIMIT), ("wait", False)),
    DEFERRAL: ("deferral", True),
    POOL: ("free", True),
}
# Fields that the generator's seed always has, so that a new one moves no cell without it.
_FIRST = 9


class Served(NamedTuple):
    """Requests of measured days: the day and its second at which each came, its class, its wait, its own work."""

    day: Any
    second: Any
    place: Any
    wait: Any
    work: Any


# The day, by clips.


def curve(peak: float, at: Any) -> Any:
    """Return the day's load over its mean at seconds of a day: middle - swing cos.

    A peak beyond 2 fills only some hours of the day.
    """
    filled, middle = min(1.0, 2 / peak), max(1.0, peak / 2)
    hour = at % DAY / DAY
    return np.where(hour < filled, middle - (peak - middle) * np.cos(2 * np.pi * hour / filled), 0.0)


def peak_second(peak: float) -> float:
    """Return the second of the day at which it peaks."""
    return DAY * min(1.0, 2 / peak) / 2


def clicks(rate: float, peak: float, days: int, batch: float, random: np.random.Generator) -> Any:
    """Return when requests come, in order: clicks for k or k + 1 requests, by thinning the busiest second's rate."""
    k = int(batch)
    larger = k * (batch - k) / (2 * k + 1 - batch)  # share of the clicks
    most = rate / (k + larger) * peak
    times = random.random(random.poisson(most * days * DAY)) * days * DAY
    times = np.sort(times[random.random(len(times)) * peak < curve(peak, times)])
    return np.repeat(times, k + (random.random(len(times)) < larger) if larger else k)


def streams(cell: Cell, replicas: int) -> list[tuple[float, float]]:
    """Return requests a second, and seconds of a clip, of each class, the first served first."""
    if cell.kind == PROMISE:
        return [(cell.load / cell.peak / cell.seconds, cell.seconds)]
    work = replicas * cell.load * (1 - cell.failed) / spot_work(cell)
    first = (work * (1 - cell.share) / cell.seconds, cell.seconds)
    return [first, (work * cell.share / cell.second, cell.second)] if cell.share else [first]


def spot_work(cell: Cell) -> float:
    """Return how much of a fleet's time its spot part takes for what a whole one makes.

    A run interrupted x times takes (e^x - 1) / x.
    """
    x = cell.interruptions * cell.seconds / 3_600
    return 1 / (1 - cell.spot + cell.spot / (math.expm1(x) / x if x else 1.0))


def heap_waits(
    replicas: int, arrivals: Sequence[float], places: Sequence[int], works: Sequence[float], limit: float = math.inf
) -> list[float]:
    """Return the waits of requests, in their order of arrival: a free replica takes the first class that waits.

    So many requests may wait at the most; of one refused the wait is nan.
    """
    ends, queues = list[float](), [deque[int]() for _ in range(max(places) + 1)]
    waits = [math.nan] * len(arrivals)

    def start(taken: int, now: float) -> None:
        waits[taken] = now - arrivals[taken]
        heapq.heappush(ends, now + works[taken])

    def finish(until: float) -> None:
        while ends and ends[0] <= until:
            now = heapq.heappop(ends)
            if first := next(filter(None, queues), None):
                start(first.popleft(), now)

    for k, at in enumerate(arrivals):
        finish(at)
        if len(ends) < replicas:
            start(k, at)
        elif sum(map(len, queues)) < limit:
            queues[places[k]].append(k)
    finish(math.inf)
    return waits


def heap_latencies(
    replicas: int,
    arrivals: Sequence[float],
    works: Sequence[float],
    runs: Sequence[int],
    spot: int = 0,
    lost: Sequence[float] = (),
) -> list[float]:
    """Return the latencies of requests that take several runs, the next one queued where the last one failed.

    The first so many replicas are spot; on them a run takes as long again as `lost` says.
    """
    free, left, queue, again = (
        [(0.0, replica) for replica in range(replicas)],
        list(runs),
        deque[int](),
        list[tuple[float, int]](),
    )
    latencies, coming, number, unfinished, now = [0.0] * len(arrivals), 0, len(arrivals), sum(runs), 0.0
    while unfinished:
        now, replica = max(now, free[0][0]), free[0][1]
        if not queue:
            now = max(now, min(arrivals[coming] if coming < number else math.inf, again[0][0] if again else math.inf))
        while True:
            first = arrivals[coming] if coming < number else math.inf
            if again and again[0][0] <= min(first, now):
                queue.append(heapq.heappop(again)[1])
            elif first <= now:
                queue.append(coming)
                coming += 1
            else:
                break
        taken = queue.popleft()
        ends = now + works[taken] + (lost[taken] if replica < spot else 0.0)
        heapq.heapreplace(free, (ends, replica))
        unfinished -= 1
        left[taken] -= 1
        if left[taken]:
            heapq.heappush(again, (ends, taken))
        else:
            latencies[taken] = ends - arrivals[taken]
    return latencies


def library_waits(
    replicas: int, arrivals: Sequence[float], places: Sequence[int], works: Sequence[float], limit: float = math.inf
) -> list[float]:
    """Return the same by SimPy."""
    environment, waits = simpy.Environment(), [math.nan] * len(arrivals)
    pool = simpy.PriorityResource(environment, capacity=replicas)

    def request(k: int) -> Iterator[Any]:
        if pool.count == replicas and len(pool.queue) >= limit:
            return
        with pool.request(priority=places[k]) as turn:
            yield turn
            waits[k] = environment.now - arrivals[k]
            yield environment.timeout(works[k])

    def source() -> Iterator[Any]:
        for k, at in enumerate(arrivals):
            if at > environment.now:
                yield environment.timeout(at - environment.now)
            environment.process(request(k))  # type: ignore[arg-type]

    environment.process(source())  # type: ignore[arg-type]
    environment.run()
    return waits


def requests(cell: Cell, replicas: int, days: int) -> tuple[list[float], list[int], list[float]]:
    """Return the arrivals, classes and seconds of work of so many days, in order of arrival."""
    random, known = cell.random(), streams(cell, replicas)
    times = [clicks(rate, cell.peak, days, cell.batch, random) for rate, _seconds in known]
    order = np.argsort(np.concatenate(times), kind="stable")
    places = np.repeat(np.arange(len(times)), [len(one) for one in times])[order]
    works = np.array([seconds for _rate, seconds in known])[places]
    if cell.spread:
        works = works * random.gamma(1 / cell.spread, cell.spread, len(works))
    return np.concatenate(times)[order].tolist(), places.tolist(), works.tolist()


def simulated(cell: Cell, replicas: int, days: int) -> Served:
    """Return the requests of so many measured days."""
    arrivals, places, works = requests(cell, replicas, days + 2)
    if cell.kind == RERUN:
        random = np.random.default_rng([SEED, len(arrivals)])
        runs = random.geometric(1 - cell.failed, len(arrivals)).tolist()
        latencies = heap_latencies(
            replicas, arrivals, works, runs, round(cell.spot * replicas), _lost(cell, works, random)
        )
        waits = np.array(latencies) - works
    else:
        waits = np.array(heap_waits(replicas, arrivals, places, works, cell.limit or math.inf))
    day, second = np.divmod(np.array(arrivals), DAY)
    kept = (day >= 1) & (day <= days)
    return Served(day[kept] - 1, second[kept], np.array(places)[kept], waits[kept], np.array(works)[kept])


def _lost(cell: Cell, works: Sequence[float], random: np.random.Generator) -> list[float]:
    """Return what each run would lose on a spot replica.

    The loss is of the interruptions that come within its seconds, until none does.
    """
    work, lost = np.array(works), np.zeros(len(works))
    rate = cell.interruptions / 3_600
    rows = np.arange(len(works)) if rate else np.arange(0)
    while len(rows):
        after = random.exponential(1 / rate, len(rows))
        broken = after < work[rows]
        rows, after = rows[broken], after[broken]
        lost[rows] += after
    return lost.tolist()


# What is measured of it.


def over_days(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean over days, and its standard error."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / len(values) ** 0.5)


def late(values: Any, day: Any, days: int, share: float = 0.95) -> tuple[float, float]:
    """Return a percentile, and its standard error from groups of days."""
    groups = [np.quantile(values[(day * GROUPS // days) == group], share) for group in range(GROUPS)]
    return float(np.quantile(values, share)), float(np.std(groups, ddof=1) / GROUPS**0.5)


def measured(cell: Cell, served: Served, days: int, replicas: int) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield what a cell's kind asks for."""
    at_peak = abs(served.second - peak_second(cell.peak)) <= HALF_HOUR
    first, everyone = served.place == 0, served.place >= 0
    day, latency = served.day.astype(int), served.wait + served.work

    def of_latency(mine: Any, share: float = 0.95) -> tuple[float, float]:
        return late(latency[mine & at_peak], day[mine & at_peak], days, share)

    if cell.kind in (CARRIED, RERUN):
        for percent in (50, 95, 99):
            yield f"latency_p{percent}", of_latency(everyone, percent / 100)
    elif cell.kind == LIMIT:
        came, refused = (np.bincount(day, part, days) for part in (None, np.isnan(served.wait)))
        yield (
            "refused_share",
            (
                int(np.sum(refused)) / int(np.sum(came)),
                float(np.std(refused, ddof=1) / days**0.5 / float(np.mean(came))),
            ),
        )
    elif cell.kind == OVERLOAD:
        ends = overload(cell, replicas)[1]
        behind = (served.second <= ends) & (served.second + served.wait > ends)
        yield "backlog", over_days(np.bincount(day[behind], minlength=days).tolist())
    else:
        yield "latency_p95" if cell.kind in (DEFERRAL, PROMISE) else "latency_first", of_latency(first)
    if cell.kind == MIX:
        yield "latency_second", of_latency(~first)
    if cell.kind in WAITS:
        yield from longest_waits(cell, served, days)


def longest_waits(cell: Cell, served: Served, days: int) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield the longest wait of a day, and that of one day in twenty."""
    name, second = WAITS[cell.kind]
    mine, longest = served.place != 0 if second else served.place >= 0, np.zeros(days)
    np.fmax.at(longest, served.day.astype(int)[mine], served.wait[mine])
    yield f"longest_{name}", over_days(longest.tolist())
    if cell.kind != LIMIT:
        yield f"bad_{name}", late(longest, np.arange(days), days)


def overload(cell: Cell, replicas: int) -> tuple[float, float]:
    """Return for how many seconds of a day more arrives than is made, and in which of them that ends.

    This is counted second by second.
    """
    seconds = np.arange(DAY) + 0.5
    above = sum(rate * clip for rate, clip in streams(cell, replicas)) * curve(cell.peak, seconds) > replicas
    return float(above.sum()), float(seconds[above].max() + 0.5)
