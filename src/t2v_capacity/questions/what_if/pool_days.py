"""Days of a pool, many at once and step by step: how long each class waits where no formula is right.

Clips that have begun hold their replicas to their end, and long ones of a class that waits come to end in bunches, which shorter clips
served first then wait for. Nothing closed that was tried held from 3 replicas to 300 (docs/day.md), so these days are simulated: in each
step what has ended leaves, what arrives joins its queue, and what is served first begins first. The effort does not grow with the fleet.
The same days come for the same pool.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from t2v_capacity.engine.constants import DAY, LATE_SHARE

_SEED = 1
_HOUR = 3_600  # around the peak, in which latencies are those at the peak
# Steps are a tenth of the shortest clip, but no shorter or longer than this in seconds; so many days side by side, of so many steps in all.
_STEPS_PER_CLIP, _SHORTEST, _LONGEST = 10, 15, 120
FEWEST, _MOST, _WORK = 100, 400, 2e6
_CLASSES, _LEAST = 6, 10  # of more classes fewer days, so that they take no more memory
# Days in a row: one or two to warm up, those that are measured, and one in which the last requests are served; more where a day has few
# steps. Clips of half a day and more take so many more days to fill the replicas.
_DAYS, _MOST_DAYS, _STEPS, _LONG_DAYS = 3, 8, 24_000, 30
_MANY = 100  # clicks in a step are normal, which is drawn faster
_LENGTHS, _DRAWS = 12, 50_000  # of varied clips, each with its part of the time of so many
_PLACES = 4  # in a step's arrivals, at which the wait in the hour of the peak is taken
_NEAR = 1e-9  # of a replica: a step in which nothing begins passes too


class Stream(NamedTuple):
    """Requests of one class: those served first come first."""

    rate: float  # clips per second, mean over the day
    seconds: float  # a clip holds a replica
    spread: float  # squared coefficient of variation of that
    batch: float  # variability of arrivals: clips that come together
    peak: float  # over the mean
    most: float  # replicas that it takes at a time


class Waited(NamedTuple):
    """Waits of a class in seconds: of requests in the hour of the peak, and the longest of a day, mean and 95th percentile of each."""

    mean: float
    p95: float
    longest: float
    longest_p95: float


def waits_of_days(streams: Sequence[Stream], replicas: float) -> list[Waited]:
    """Return the waits of each class on so many replicas of one region.

    >>> first, second = waits_of_days([Stream(3e-4, 3_600, 0, 1, 2, 9), Stream(3e-4, 3_600, 0, 1, 2, 9)], 3)
    >>> first.p95 < second.p95, first.longest < second.longest
    (True, True)
    """
    return _Days(streams, replicas).waits()


class _Days:
    """Days side by side; a step's row has one place for each."""

    def __init__(self, streams: Sequence[Stream], replicas: float) -> None:
        import numpy as np

        self.streams, self.replicas = streams, replicas
        shortest = min(one.seconds for one in streams)
        self.per_day = round(DAY / min(_LONGEST, max(_SHORTEST, shortest / _STEPS_PER_CLIP)))
        self.step = DAY / self.per_day
        filling = min(_LONG_DAYS, int(2 * max(one.seconds for one in streams) / DAY))
        usual = max(_DAYS, min(_MOST_DAYS, _STEPS // self.per_day))
        self.days, self.warm = usual + filling, (1 if usual < _MOST_DAYS else 2) + filling
        self.steps = self.days * self.per_day
        self.count = max(_LEAST, int(min(_MOST, max(FEWEST, _WORK / self.steps)) * min(1.0, _CLASSES / len(streams))))
        self.random = np.random.default_rng(_SEED)
        self.lengths = [self._lengths(one) for one in streams]

    def waits(self) -> list[Waited]:
        """Step through the days, and measure."""
        arrived = [self._arrivals(one, lengths) for one, lengths in zip(self.streams, self.lengths, strict=True)]
        return [self._measured(*of_one) for of_one in zip(self.streams, arrived, self._begun(arrived), strict=True)]

    def _arrivals(self, one: Stream, lengths: Mapping[int, float]) -> Any:
        """Return the clips that arrive in each step; all classes peak in the middle of a day.

        A clip takes whole steps; for what these are longer or shorter than it, fewer or more clips come, and parts of a clip where one is
        shorter than a step.
        """
        import numpy as np

        work = one.seconds / self.step / sum(steps * often for steps, often in lengths.items())
        wanted = one.rate * self.step * work * curve(one.peak, (np.arange(self.steps) + 0.5) / self.per_day - 1 / 2)[:, None]
        together = max(1.0, one.batch) * (work if one.seconds < self.step else 1.0)
        size = self.steps, self.count
        if wanted.max() > _MANY * together:
            came = np.maximum(wanted + np.sqrt(wanted * together) * self.random.standard_normal(size), 0)
        else:
            came = self.random.poisson(wanted / together, size) * together
        return wanted + (came - wanted) * math.sqrt(min(1.0, one.batch))

    def _lengths(self, one: Stream) -> dict[int, float]:
        """Return in how many steps a clip ends, and how often: of varied clips the means of a gamma's parts that take the same time in all."""
        import numpy as np

        if not one.spread:
            return {max(1, round(one.seconds / self.step)): 1.0}
        draws = np.sort(np.random.default_rng(_SEED).gamma(1 / one.spread, one.spread * one.seconds, _DRAWS))
        taken = np.cumsum(draws)
        parts = np.split(draws, np.searchsorted(taken, taken[-1] * np.arange(1, _LENGTHS) / _LENGTHS))
        found = dict[int, float]()
        for part in parts:
            steps = max(1, round(float(part.mean()) / self.step))
            found[steps] = found.get(steps, 0.0) + len(part) / _DRAWS
        return found

    def _begun(self, arrived: Sequence[Any]) -> list[Any]:
        """Return how many clips of each class begin in each step."""
        import numpy as np

        begun = [np.zeros_like(of_one) for of_one in arrived]
        ends = [self._ends(lengths, of_one) for lengths, of_one in zip(self.lengths, begun, strict=True)]
        queues, running = ([np.zeros(self.count) for _ in arrived] for _ in range(2))
        caps = [one.most if one.most < self.replicas else 0.0 for one in self.streams]
        free = np.full(self.count, float(self.replicas))
        for t in range(self.steps):
            for k, ended in enumerate(ends):
                left = ended(t)
                free += left
                if caps[k]:
                    running[k] -= left
            for k, came in enumerate(arrived):
                queues[k] += came[t]
                now = np.minimum(queues[k], free, out=begun[k][t])
                if caps[k]:
                    np.minimum(now, caps[k] - running[k], out=now)
                    running[k] += now
                queues[k] -= now
                free -= now
        return begun

    def _ends(self, lengths: Mapping[int, float], begun: Any) -> Callable[[int], Any]:
        """Return what tells how many clips of a class end in a step; varied clips have their lengths by the number at which they begin."""
        import numpy as np

        longest = max(lengths)
        if len(lengths) == 1:
            return lambda t: begun[t - longest] if t >= longest else 0.0
        after, often = np.array([*lengths]), np.array([*lengths.values()])
        ends = np.zeros((self.steps + longest, self.count))
        drawn = self.random.permutation(np.repeat(np.arange(len(after)), np.round(_DRAWS * often).astype(int)))
        among = np.concatenate([np.zeros((1, len(after))), np.cumsum(drawn[:, None] == np.arange(len(after)), axis=0)])
        number = self.random.integers(_DRAWS, size=self.count).astype(float)  # each day goes round the same draws from a place of its own
        was = among[number.astype(int)]

        def ended(t: int) -> Any:
            nonlocal was
            if t:
                np.add(number, begun[t - 1], out=number)
                rounds, rest = np.divmod(number.astype(int), _DRAWS)
                now = among[rest] + rounds[:, None] * among[-1]
                ends[t - 1 + after] += (now - was).T
                was = now
            return ends[t]

        return ended

    def _measured(self, one: Stream, arrived: Any, begun: Any) -> Waited:
        """Return the waits of requests of the measured days: each begins when as many have as came before it, half of its step among them.

        Those of one click come together, and the last of it waits longest.
        """
        import numpy as np

        asked = slice(self.warm * self.per_day, (self.days - 1) * self.per_day)
        around = round(_HOUR / 2 / self.step)
        hour = slice(self.per_day // 2 - around, self.per_day // 2 + around + 1)
        ends = np.arange(self.steps + 1.0)
        served = np.concatenate([np.zeros((self.count, 1)), np.cumsum(begun, axis=0).T], axis=1) + _NEAR * ends

        def by_day(rows: Any) -> Any:
            return rows.reshape(self.count, -1, self.per_day)

        def waits(wanted: Any, at: Any) -> Any:
            until = [np.interp(row.ravel(), served_then, ends) for row, served_then in zip(wanted, served, strict=True)]
            return np.maximum(np.reshape(until, wanted.shape) - at - 1 / 2, 0) * self.step

        came, before = by_day(arrived[asked].T), by_day(np.cumsum(arrived, axis=0)[asked].T)
        at = ends[asked].reshape(-1, self.per_day)
        middle, together = before - came / 2, np.minimum(came, max(1.0, one.batch))
        longest = (waits(middle + together / 2, at) * (came > 0)).max(axis=2).ravel()
        weights = np.repeat(came[..., hour].ravel(), _PLACES)
        places = (np.arange(_PLACES) + 1 / 2) / _PLACES - 1 / 2
        at_peak = waits(middle[..., hour, None] + together[..., hour, None] * places, at[:, hour, None]).ravel()
        order = np.argsort(at_peak)
        later = np.searchsorted(np.cumsum(weights[order]), (1 - LATE_SHARE) * weights.sum())
        return Waited(
            float(np.average(at_peak, weights=weights)) if weights.any() else 0.0,
            float(at_peak[order][min(later, len(order) - 1)]),
            float(longest.mean()),
            float(np.quantile(longest, 1 - LATE_SHARE)),
        )


def curve(peak: float, at: Any) -> Any:
    """Return the day's load over its mean at times in days: middle - swing cos, in the hours that a peak beyond twice the mean fills."""
    import numpy as np

    filled, middle = min(1.0, 2 / peak), max(1.0, peak / 2)
    hour = (at + filled / 2) % 1  # all days peak at the same hour
    return np.where(hour < filled, middle - (peak - middle) * np.cos(2 * math.pi * hour / filled), 0.0)
