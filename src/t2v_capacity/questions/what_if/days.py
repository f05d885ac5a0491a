"""Days of a fleet, many at once and step by step: how long requests wait where no formula is right.

In each step what has ended leaves, what arrives joins its queue, and what is served first begins first. Clips that have
begun hold their replicas to their end. The effort does not grow with the fleet. The same days come for the same seed,
so that two plans meet the same days. Held against a discrete-event simulation: tests/formulas/test_days.py.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from t2v_capacity.assumptions.traffic import week_levels
from t2v_capacity.engine.constants import DAY, DAYS_PER_WEEK, LATE_SHARE, SECONDS_PER_HOUR, SHORT_CLIP, WEEKDAYS
from t2v_capacity.questions.what_if.curves import loads, middle_of_busiest_hour

# A step is a tenth of the shortest clip, but no shorter or longer than this in seconds.
_USUAL, _LONGEST = (10, 15.0), 60
# A limited queue is full for moments, which takes finer steps where it is less than so many spreads of what comes and
# goes in a usual one. It forgets a day, which takes fewer of them.
_LIMITED, _LIMITED_DAYS, _LIMIT_IN_SPREADS = (100, 4.0), 4, 10
# A limit is checked once a step. This shift of it, in spreads of a step's arrivals and ends, corrects for that:
# Broadie, Glasserman and Kou, Mathematical Finance 7, 1997.
_CONTINUITY_CORRECTION = 0.5826
# Short clips may wait for less than such a step. Then the peak is simulated apart: so many steps per clip, no shorter
# than this, and so many seconds around the peak at least. A longer wait than this comes from before it.
_FINE, _AROUND_PEAK, _FROM_BEFORE = (5, 0.3), 10_800, 1_800
_SEEN = 4  # steps that a wait takes to be seen
# So many days side by side, of so many steps in all; of more classes fewer days, so that they take no more time.
_FEWEST, _MOST, _WORK = 20, 400, 3.5e6
# Days in a row: one or two to warm up, those that are measured, and one in which the last requests are served. A day of
# few steps gets more of them. Clips of half a day and more take so many more days to fill the replicas.
_DAYS, _MOST_DAYS, _STEPS, _LONG_DAYS = 6, 8, 24_000, 30
_LENGTH_BINS, _DRAWS = 24, 50_000  # of varied clips, each with its part of the time of so many
_SAMPLES = 20_000  # requests of the hour of the peak, of which percentiles are taken
_WAITS_PER_STEP = 4  # in a step's arrivals, at which the wait in the hour of the peak is taken
_NEAR = 1e-9  # of a replica: a step in which nothing begins passes too
_GROUPS = 10  # of the days side by side, from whose spread the standard error is known
MEASURES = ("wait_p95", "latency_p50", "latency_p95", "latency_p99", "longest_wait", "longest_wait_p95", "backlog")


class RequestClass(NamedTuple):
    """Requests of one class; the class that is served first comes first."""

    rate: float  # runs per second, mean over the day
    holding_times: tuple[tuple[float, float], ...]  # shares of the clips, and their seconds on a replica
    load_curve: tuple[float, ...]  # the load over the day, relative, at the hours that all classes share
    service_variability: float = 0.0  # squared coefficient of variation of like clips
    arrival_variability: float = 1.0  # variability of arrivals: clips that come together
    day_variability: float = 0.0  # coefficient of variation between days
    weekend_level: float = 1.0  # requests of a weekend day over a weekday's
    failed_share: float = 0.0  # share of runs that are run again
    spot_share: float = 0.0  # share of the runs that can be interrupted
    interruptions_per_second: float = 0.0  # per second of such a run
    first_frame_seconds: float | None = None  # seconds to the first frame, where a request is answered by it
    off_gpu_seconds: tuple[float, ...] = (0.0,)  # of each of the holding times, to the delivery of the clip


class SimulatedValue(NamedTuple):
    """A simulated value, and its standard error."""

    value: float
    error: float


def days(
    classes: Sequence[RequestClass],
    replicas: float,
    limit: float = math.inf,
    seed: int = 1,
    regions: float = 1,
    limited_classes: int = 1,
) -> list[Mapping[str, SimulatedValue]]:
    """Return the simulated measures of each class, by name, in one of `regions` equal regions with so many replicas.

    Values are seconds, clips, and the share refused. Percentiles are those in the hour of the peak of the work of a
    class and those served before it. The longest wait is a day's, in all regions: its mean, and that of one day in
    twenty. A request of the first `limited_classes` is refused if `limit` others of these wait. Short clips of two
    classes, or with a limit, have no values if their waits are shorter than a step.

    >>> requests = RequestClass(3e-4, holding_times=((1, 3_600),), load_curve=(1, 2, 3, 2))
    >>> first, second = days([requests, requests], replicas=4)
    >>> first["wait_p95"].value < second["wait_p95"].value, first["longest_wait"].value < second["longest_wait"].value
    (True, True)
    """
    shortest = min(seconds for requests in classes for share, seconds in requests.holding_times if share)
    whole = _Days(classes, replicas, limit, seed, regions)
    measured = whole.measured(limited_classes)
    longest = measured[-1]["longest_wait"].value
    if shortest >= SHORT_CLIP or longest > _FROM_BEFORE:
        return measured
    if len(classes) == 1 and limit == math.inf:
        return _Days(classes, replicas, limit, seed, regions, around_peak=True).measured()
    return measured if longest > _SEEN * whole.step else [{} for _ in classes]


class _Days:
    """Days side by side; a step's row has one place for each.

    Of a day all steps are simulated, or those around its peak.
    """

    def __init__(
        self,
        classes: Sequence[RequestClass],
        replicas: float,
        limit: float,
        seed: int,
        regions: float,
        *,
        around_peak: bool = False,
    ) -> None:
        self.classes, self.replicas, self.limit, self.seed, self.regions = classes, replicas, limit, seed, regions
        times = [seconds for requests in classes for share, seconds in requests.holding_times if share]
        has_limit = limit < math.inf
        whole_day = round(DAY / _step(min(times), *(_FINE if around_peak else _steps(classes, limit))))
        self.step = DAY / whole_day
        if around_peak:
            self.per_day = min(whole_day, max(round(_AROUND_PEAK / self.step), _STEPS))
            self.days, self.warm, last = 1, 0, 0
        else:
            self.per_day = whole_day
            filling = min(_LONG_DAYS, int(2 * max(times) / DAY))
            usual = _LIMITED_DAYS if has_limit else max(_DAYS, min(_MOST_DAYS, _STEPS // whole_day))
            self.days, self.warm, last = usual + filling, (1 if usual < _MOST_DAYS else 2) + filling, 1

        self.steps = self.days * self.per_day
        self.measured_steps = slice(self.warm * self.per_day, (self.days - last) * self.per_day)
        # From the first simulated step of a day to its last: the peak of the first class is in the middle of both.
        first = (whole_day - self.per_day) // 2
        whole = loads([requests.load_curve for requests in classes], whole_day)
        self.loads = [load[first : first + self.per_day] for load in whole]
        self.middles = [self.per_day // 2] * len(classes)
        if len({requests.load_curve for requests in classes}) > 1:
            mean = np.array([requests.rate * sum(map(math.prod, requests.holding_times)) for requests in classes])
            self.middles = [middle_of_busiest_hour(work) for work in np.cumsum(mean[:, None] * whole, axis=0)]

        self.count = int(min(_MOST, max(_FEWEST, _WORK / self.steps / len(classes))))
        self.random = np.random.default_rng(seed)
        self.weekend = (
            np.arange(self.days)[:, None] + self.random.integers(int(DAYS_PER_WEEK), size=self.count)
        ) % DAYS_PER_WEEK >= WEEKDAYS
        self.times = [self._holding_times(requests) for requests in classes]
        self.lengths = [self._lengths(drawn) for drawn in self.times]

    def measured(self, limited_classes: int = 1) -> list[Mapping[str, SimulatedValue]]:
        """Step through the days, and measure; so many classes stand in the queue that has a limit."""
        by_class = zip(self.classes, self.loads, self.times, self.lengths, strict=True)
        arrived = [self._arrivals(*of_class) for of_class in by_class]
        arrivals = sum(of_class.sum() for of_class in arrived[:limited_classes])

        begun, refused = self._starts(arrived, limited_classes)
        met_by_class = zip(self.classes, self.middles, self.times, arrived, begun, strict=True)
        waits = [self._waits(*met) for met in met_by_class]
        waits[0] |= self._over(["refused_share"], lambda mine: [refused[mine].sum() / (arrivals * mine.mean() or 1.0)])
        return [*waits]

    def _holding_times(self, requests: RequestClass) -> Any:
        """Return for how long clips hold a replica: their times, varied by a gamma, and what interruptions take."""
        drawn = _draws(requests, [seconds for _share, seconds in requests.holding_times])
        if requests.service_variability:
            varied = self.random.gamma(1 / requests.service_variability, requests.service_variability, _DRAWS)
            # A load that is off by a hundredth doubles the waits of a full fleet.
            drawn = drawn * varied / varied.mean()

        spot = requests.spot_share if requests.interruptions_per_second > 0 else 0.0
        taken, rows = drawn.copy(), np.flatnonzero(self.random.random(_DRAWS) < spot)
        while len(rows):
            after = self.random.exponential(1 / requests.interruptions_per_second, len(rows))
            rows, after = rows[after < drawn[rows]], after[after < drawn[rows]]
            taken[rows] += after
        return taken

    def _lengths(self, drawn: Any) -> dict[int, float]:
        """Return in how many steps a clip ends, and how often: the means of parts of the draws.

        The parts are finer where the draws are long.
        """
        ordered, shares = np.sort(drawn), dict[int, float]()
        parts = [ordered]
        if ordered[0] != ordered[-1]:
            weight = np.cumsum(ordered**2)
            parts = np.split(ordered, np.searchsorted(weight, weight[-1] * np.arange(1, _LENGTH_BINS) / _LENGTH_BINS))

        for part in parts:
            if len(part):
                steps = max(1, round(float(part.mean()) / self.step))
                shares[steps] = shares.get(steps, 0.0) + len(part) / _DRAWS
        return shares

    def _arrivals(self, requests: RequestClass, load: Any, drawn: Any, lengths: Mapping[int, float]) -> Any:
        """Return the clips that arrive in each step.

        A clip takes whole steps. Where these are longer or shorter than it, fewer or more clips come. Of clips shorter
        than a step, parts come.
        """
        seconds = float(drawn.mean())
        work = seconds / self.step / sum(steps * often for steps, often in lengths.items())
        wanted = requests.rate * self.step * work * np.tile(load, self.days)[:, None]
        if requests.day_variability or requests.weekend_level != 1:
            wanted = wanted * np.repeat(self._levels(requests), self.per_day, axis=0)

        clip = work if seconds < self.step else 1.0
        came = clip * self._click_arrivals(wanted / clip, max(1.0, requests.arrival_variability))
        return wanted + (came - wanted) * math.sqrt(min(1.0, requests.arrival_variability))

    def _levels(self, requests: RequestClass) -> Any:
        """Return the load of each day over the mean day's. All classes and regions have the same good and bad days."""
        weekday, weekend = week_levels(requests.weekend_level)
        level = np.where(self.weekend, weekend, weekday)
        if requests.day_variability:
            variance = requests.day_variability**2
            level = level * np.random.default_rng(self.seed).gamma(1 / variance, variance, level.shape)
        return level

    def _click_arrivals(self, wanted: Any, batch: float) -> Any:
        """Return the clips of clicks in each step.

        A click asks for n clips, k or k + 1 of them, with E[n^2] / E[n] = `batch`.
        """
        k = int(batch)
        larger = k * (batch - k) / (2 * k + 1 - batch)  # share of the clicks
        clicks, shape = wanted / (k + larger), (self.steps, self.count)
        came = k * self.random.poisson(clicks * (1 - larger), shape).astype(float)
        return came + (k + 1) * self.random.poisson(clicks * larger, shape) if larger else came

    def _starts(self, arrived: Sequence[Any], limited_classes: int) -> tuple[list[Any], Any]:
        """Return how many clips of each class begin in each step, and how many each of the days side by side refuses.

        So many classes stand in a queue that has a limit. Refused clips are subtracted from `arrived`.
        """
        begun = [np.zeros_like(of_class) for of_class in arrived]
        ends = [self._ends(lengths, of_class) for lengths, of_class in zip(self.lengths, begun, strict=True)]
        queues = [np.zeros(self.count) for _ in arrived]
        free, refused = np.full(self.count, float(self.replicas)), np.zeros(self.count)

        def begin(t: int) -> None:
            for queue, of_class in zip(queues, begun, strict=True):
                now = np.minimum(queue, free)
                of_class[t] += now
                np.subtract(queue, now, out=queue)
                np.subtract(free, now, out=free)

        has_limit = self.limit < math.inf
        for t in range(self.steps):
            ended = sum(end(t) for end in ends)
            for queue, came in zip(queues, arrived, strict=True):
                np.add(queue, came[t], out=queue)
            if has_limit:  # arrivals meet most of the ends of their step, and are refused before the others
                early = np.maximum(ended / 2, ended - _CONTINUITY_CORRECTION * np.sqrt(2 * ended))
                free += early
                ended = ended - early
                begin(t)
                over = np.maximum(sum(queues[:limited_classes]) - self.limit, 0)
                for place in reversed(range(limited_classes)):  # who is served last is at the queue's end
                    sent_away = np.minimum(over, np.minimum(queues[place], arrived[place][t]))
                    queues[place] -= sent_away
                    arrived[place][t] -= sent_away
                    over = over - sent_away
                    refused += sent_away
            free += ended
            begin(t)
        return begun, refused

    def _ends(self, lengths: Mapping[int, float], begun: Any) -> Callable[[int], Any]:
        """Return a function that gives the number of clips of a class that end in a step.

        Varied clips have their lengths by the number at which they begin.
        """
        longest = max(lengths)
        if len(lengths) == 1:
            return lambda t: begun[t - longest] if t >= longest else 0.0
        after, often = np.array([*lengths]), np.array([*lengths.values()])
        ends = np.zeros((self.steps + longest, self.count))
        drawn = self.random.permutation(np.repeat(np.arange(len(after)), np.round(_DRAWS * often).astype(int)))
        among = np.pad(np.cumsum(drawn[:, None] == np.arange(len(after)), axis=0), ((1, 0), (0, 0)))
        # Each day goes round the same draws from its own place.
        number = self.random.integers(len(drawn), size=self.count).astype(float)
        was = among[number.astype(int)]

        def ended(t: int) -> Any:
            nonlocal was
            if t:
                np.add(number, begun[t - 1], out=number)
                whole = np.floor(number).astype(int)
                rounds, rest = np.divmod(whole, len(drawn))
                part = (number - whole)[:, None]  # of a clip that has begun, which ends as it began
                now = among[rest] + part * (among[rest + 1] - among[rest]) + rounds[:, None] * among[-1]
                ends[t - 1 + after] += (now - was).T
                was = now
            return ends[t]

        return ended

    def _waits(
        self, requests: RequestClass, peak: int, drawn: Any, arrived: Any, begun: Any
    ) -> dict[str, SimulatedValue]:
        """Return what requests of the measured days meet, whose peak is in a step of each.

        A request begins when as many have begun as came before it, half of its step among them. Requests of one click
        come together, and the last of them waits longest. A run that is run again meets the same queue.
        """
        ends = np.arange(self.steps + 1.0)
        hour = (peak + np.arange(*(round(side * SECONDS_PER_HOUR / 2 / self.step) for side in (-1, 1)))) % self.per_day
        total, started = np.cumsum(arrived, axis=0), np.cumsum(begun, axis=0)
        served = np.pad(started.T, ((0, 0), (1, 0))) + _NEAR * ends

        def by_day(rows: Any) -> Any:
            return rows[self.measured_steps].T.reshape(self.count, -1, self.per_day)

        def waits(wanted: Any, at: Any) -> Any:
            until = [np.interp(row.ravel(), served_then, ends) for row, served_then in zip(wanted, served, strict=True)]
            after = np.reshape(until, wanted.shape) - at
            # What begins in its own step has not waited.
            return np.where(after > 1 + _NEAR * self.steps, after - 1 / 2, 0) * self.step

        came, before, at = by_day(arrived), by_day(total), ends[self.measured_steps].reshape(-1, self.per_day)
        middle, together = before - came / 2, np.minimum(came, max(1.0, requests.arrival_variability))
        longest = (waits(middle + together / 2, at) * (came > 0)).max(axis=2)
        places = (np.arange(_WAITS_PER_STEP) + 1 / 2) / _WAITS_PER_STEP - 1 / 2
        at_peak = waits(middle[..., hour, None] + together[..., hour, None] * places, at[:, hour, None]).reshape(
            self.count, -1
        )
        weights = np.repeat(came[..., hour], _WAITS_PER_STEP, axis=2).reshape(self.count, -1)
        queued = by_day(total - started)
        runs = self.random.geometric(1 - requests.failed_share, _SAMPLES)
        clip = self.random.integers(_DRAWS, size=_SAMPLES)
        answered = drawn[clip] if requests.first_frame_seconds is None else requests.first_frame_seconds
        off_gpu = _draws(requests, requests.off_gpu_seconds)[clip]
        levels = self._levels(requests)[self.warm : self.warm + longest.shape[1]].T

        def of_days(mine: Any) -> list[float]:
            share = np.cumsum(weights[mine].ravel())
            met = np.zeros(_SAMPLES)
            if share[-1]:
                met = at_peak[mine].ravel()[np.searchsorted(share, (np.arange(_SAMPLES) + 0.5) / _SAMPLES * share[-1])]
            late = np.quantile(runs * (met + answered) + off_gpu, (0.5, 1 - LATE_SHARE, 0.99))
            wait = np.quantile(met, 1 - LATE_SHARE)
            return [wait, *late, *self._longest(longest[mine], levels[mine]), queued[mine].mean(axis=(0, 1)).max()]

        return self._over(MEASURES, of_days)

    def _longest(self, waits: Any, levels: Any) -> tuple[float, float]:
        """Return the mean over days of the longest wait in any region, and that of one day in twenty.

        Regions share good and bad days: those of a day are as many simulated days of like level.
        """
        regions = min(int(self.regions), waits.size)
        by_level = waits.ravel()[np.argsort(levels, axis=None, kind="stable")]
        places = np.clip(np.arange(waits.size) - regions // 2, 0, waits.size - regions)
        longest = np.lib.stride_tricks.sliding_window_view(by_level, regions).max(axis=1)[places]
        return longest.mean(), np.quantile(longest, 1 - LATE_SHARE)

    def _over(self, names: Sequence[str], measure: Callable[[Any], list[float]]) -> dict[str, SimulatedValue]:
        """Return measures of all days side by side, and their standard errors from groups of them."""
        group = np.arange(self.count) * _GROUPS // self.count
        # The longest wait of many regions is of few days: then it is measured without each group, as a jackknife does.
        alone = self.regions == 1
        measured = [measure((group == number) == alone) for number in range(_GROUPS)]
        errors = np.std(measured, axis=0) * (_GROUPS - 1) ** (-0.5 if alone else 0.5)
        return {
            name: SimulatedValue(float(mean), float(error))
            for name, mean, error in zip(names, measure(group >= 0), errors, strict=True)
        }


def _steps(classes: Sequence[RequestClass], limit: float) -> tuple[int, float]:
    """Return the steps per clip, and the shortest step in seconds, that a queue of such a limit takes."""
    if limit == math.inf:
        return _USUAL
    per_clip, finest = _LIMITED
    # The variance of what comes and goes in a second of the busiest moment.
    peaks = [(of.rate * max(of.load_curve) / np.mean(of.load_curve), of.arrival_variability) for of in classes]
    busiest = float(sum(rate * (variability + 1) for rate, variability in peaks))
    return per_clip, max(finest, min(_USUAL[1], (limit / _LIMIT_IN_SPREADS) ** 2 / busiest))


def _step(clip: float, per_clip: int, shortest: float) -> float:
    """Return the seconds of a step, of which the shortest clip takes so many, but none shorter than this.

    A clip takes whole steps, so that a limit counts clips of its length.
    """
    step = min(_LONGEST, max(shortest, clip / per_clip))
    return clip / math.ceil(clip / step) if step < clip else step


def _draws(requests: RequestClass, of_parts: Sequence[float]) -> Any:
    """Return what the parts of a mix have, each as often as its share says."""
    shares = np.cumsum([0.0, *(share for share, _seconds in requests.holding_times)])
    return np.repeat(np.array(of_parts, float), np.diff(np.round(shares / shares[-1] * _DRAWS).astype(int)))
