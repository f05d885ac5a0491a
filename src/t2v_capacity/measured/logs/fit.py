"""A trace of requests -> the assumptions of traffic and waiting that it shows, each with the spread of its days."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from math import inf, pi, sqrt
from statistics import mean, variance
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import QuantityError, digits
from t2v_capacity.errors import Mistakes, Place
from t2v_capacity.measured.logs.trace import (
    DAY,
    DONE,
    FAILED,
    HOUR,
    MOST_KINDS,
    NEAR,
    OUTPUT,
    PROMPT,
    REFUSED,
    TICK,
    UNKNOWN,
    Day,
    Sums,
    Trace,
    kind_of,
    read_trace,
    summed,
)
from t2v_capacity.measured.runs.accuracy import quantile

SPREAD_FROM = 3  # whole days
_WEEKDAYS, _TWO_WEEKS, _SURE = 5, 14, 3  # a weekend is seen in two weeks, and beyond three standard errors
_LOW, _HIGH = 0.05, 0.95
_LEAST_DAY = 0.05  # of the requests of the busiest day
_DIGITS = 6
_USUAL_WINDOW = 60  # seconds, where no durations say how long a clip takes
_FEWEST = 100  # requests that would be expected of a day before it shows how they cluster
_WINDOWS = (60, 120, 300, 600, 1_200, 1_800, HOUR)  # seconds, in which requests are counted
_LONGEST_ALONE = 1_200  # of them, where no other day tells the curve
_FEWEST_WINDOWS = 12  # of a day
_BINS = (288, 144, 96, 48, 24)  # of a day's curve
_A_BIN = 400  # requests, so that chance lifts a peak by little
# Requests. With fewer than _A_BIN in an hour, chance moves its rates by some percent.
FEWEST_OF_A_CURVE = 50 * _BINS[-1]


class Fitted(NamedTuple):
    """An assumption as a trace shows it: as it is written, with the ends of its range where there is one."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    spread: tuple[float, float] | None = None  # 5th and 95th percentile of the days, a range or not
    measured: float | None = None  # what was measured, where it is out of the assumption's bounds


class Kind(TypedDict):
    """A kind of clip."""

    name: str
    """As a part of a mix"""
    columns: dict[str, str]
    share: float
    """Of requests, without runs that failed"""
    seconds: float | None
    """Mean of its runs"""
    variability: float | None
    """Squared coefficient of variation of its runs"""


class Fit(NamedTuple):
    """The traffic of a trace."""

    trace: Trace
    fitted: Mapping[str, Fitted]
    whole: tuple[Day, ...]
    partial: tuple[str, ...]  # days of which the trace holds a part
    silent: int  # days between without a request
    window: int  # seconds of the windows in which requests cluster most
    kinds: tuple[Kind, ...]
    refused_share: float  # of requests, turned away by the service
    curve: tuple[float, ...]  # the rates of the average day, in place of its peak; none of too few requests

    @property
    def dates(self) -> tuple[str, str]:
        """The first and the last day that the assumptions rest on."""
        days = self.whole or tuple(self.trace.days)
        return days[0].date, days[-1].date


def fit(path: str, columns: Mapping[str, str] | None = None, statuses: Mapping[str, str] | None = None) -> Fit:
    """Return the assumptions that a trace of requests shows. Raise Mistakes if it can't be read.

    Of the days that it holds whole; what no whole day is needed for, of all days where there is none.
    """
    trace = read_trace(path, columns or {}, statuses or {})
    near = min(max(NEAR, trace.pause), HOUR)  # of a quiet service a day may begin and end without a request
    whole = tuple(day for day in trace.days if _is_whole(day, trace, near))
    days = whole or tuple(trace.days)
    longest = HOUR if len(whole) > 1 else _LONGEST_ALONE
    shortest = min(_window(days), longest)
    found, named = dict[str, Fitted](), [day for day in whole if day.users]
    if named:
        found["dau"] = _pooled("dau", _users, named)
        found["videos_per_user_per_day"] = _pooled("videos_per_user_per_day", _videos, named)
    for name, share in _SHARES.items():
        if share(days):  # a share of nothing was not measured: no word of the log may mean it
            found[name] = _pooled(name, share, [day for day in days if share([day]) is not None])
    measured = {
        window: _clustered(
            [summed(day.ticks if whole else _seen(day, trace), window // TICK) for day in days], shared=len(whole) > 1
        )
        for window in _WINDOWS
        if shortest <= window <= longest
    }
    largest = max(measured, key=lambda window: measured[window][0])
    arrivals = measured[largest][1]
    clustering = 1.0
    if arrivals:
        found["arrival_variability"] = arriving = _of("arrival_variability", quantile(arrivals, 0.5), arrivals)
        clustering = max(clustering, arriving.value)
    curve = _curve(whole, clustering)
    if whole:
        found["peak_to_average"] = _peak(whole, curve)
    if len(whole) >= SPREAD_FROM:
        weekend = _weekend(whole)
        found["day_variability"] = _of("day_variability", _between(whole, clustering, weekend))
        if weekend != 1:
            found["weekend_level"] = _of("weekend_level", weekend)
    varying = [day for day in days if max((sums[0] for sums in day.seconds.values()), default=0) > 1]
    if varying:
        found["service_variability"] = _pooled("service_variability", _variability, varying)
    if not found:
        why = (
            "it holds no day from midnight to midnight, and too few requests to see whether they cluster; "
            "fit a longer one"
        )
        raise Mistakes(why, Place(trace.name))
    return Fit(
        trace,
        # Of days that are not whole no spread is known.
        {
            name: found[name] if whole else found[name]._replace(low=None, high=None, spread=None)
            for name in ASSUMPTIONS
            if name in found
        },
        whole,
        tuple(day.date for day in trace.days if day not in whole),
        trace.days[-1].number - trace.days[0].number + 1 - len(trace.days),
        largest,
        _kinds(days, trace),
        _share((REFUSED,), (DONE, PROMPT, OUTPUT, REFUSED), days) or 0.0,
        curve,
    )


def _users(days: Sequence[Day]) -> float:
    """Return the users of a day."""
    return sum(day.users for day in days) / len(days)


def _is_whole(day: Day, trace: Trace, near: float) -> bool:
    """Return whether the trace holds a day from midnight to midnight, and no hole of almost all of it."""
    midnight = day.number * DAY - trace.offset
    return (
        day.requests >= _LEAST_DAY * max(one.requests for one in trace.days)
        and trace.first <= midnight + near
        and trace.last >= midnight + DAY - near
    )


def _peak(days: Sequence[Day], curve: Sequence[float]) -> Fitted:
    """Return the peak of the average day, of its curve or else its busiest hour, and the spread of that hour's days."""
    hour = max(range(24), key=lambda at: sum(day.hours[at] for day in days))
    found = _pooled("peak_to_average", lambda some: 24 * sum(day.hours[hour] for day in some) / _requests(some), days)
    return found._replace(value=_rounded(max(curve) * len(curve) / sum(curve)), low=None, high=None) if curve else found


def _requests(days: Iterable[Day]) -> int:
    return sum(day.requests for day in days)


def _tally(days: Iterable[Day], *kinds: str) -> int:
    return sum(day.statuses.get(kind, 0) for day in days for kind in kinds)


def _share(part: Sequence[str], of: Sequence[str], days: Sequence[Day]) -> float | None:
    """Return the share of some requests among others; nothing if there are no others."""
    return _tally(days, *part) / whole if (whole := _tally(days, *of)) else None


# A run that failed is one that is run again: it isn't counted among what users ask for, but in the share of runs that
# fail, so that the figures generations_per_day and delivered_per_day come out as in the trace.
_SHARES = {
    "rejected_prompt_share": partial(_share, (PROMPT,), (DONE, PROMPT, OUTPUT)),
    "failed_share": partial(_share, (FAILED,), (DONE, FAILED, OUTPUT)),
    "rejected_output_share": partial(_share, (OUTPUT,), (DONE, OUTPUT)),
}


def _videos(days: Sequence[Day]) -> float:
    """Return a user's requests per day, without failed runs, which were run again."""
    known = _requests(days) - _tally(days, UNKNOWN)
    failed = _tally(days, FAILED) / (known or 1)
    return _requests(days) * (1 - failed) / sum(day.users for day in days)


def _variability(days: Sequence[Day]) -> float:
    """Return the squared coefficient of variation of how long clips of a kind took.

    The difference between kinds belongs to the mix.
    """
    sums = _spent(days).values()
    of_means = sum(total**2 / count for count, total, _squares in sums)
    return max(0.0, sum(squares for _count, _total, squares in sums) / of_means - 1)


def _spent(days: Iterable[Day]) -> dict[str, Sums]:
    """Return of each kind of clip how many runs came to an end, their seconds and the sum of their squares."""
    found = dict[str, Sums]()
    for day in days:
        for kind, sums in day.seconds.items():
            count, total, squares = (
                one + other for one, other in zip(found.get(kind, (0, 0.0, 0.0)), sums, strict=True)
            )
            found[kind] = (int(count), total, squares)
    return found


def _kinds(days: Sequence[Day], trace: Trace) -> tuple[Kind, ...]:
    """Return the kinds of clips, the most asked for first; none where there is one, or too many."""
    counts = Counter[str]()
    for day in days:
        counts.update(day.kinds)
    if not 1 < trace.kinds_of_clips <= MOST_KINDS:
        return ()
    spent, every, found = _spent(days), counts.total(), list[Kind]()
    for kind, count in counts.most_common():
        columns, (runs, total, squares) = kind_of(trace, kind), spent.get(kind, (0, 0.0, 0.0))
        name = re.sub(r"\W+", "_", "_".join(columns.values()), flags=re.ASCII).strip("_") or "other"
        name += f"_{len(found)}" * (name in [one["name"] for one in found])
        took = (total / runs, squares * runs / total**2 - 1) if runs else (None, None)
        found.append(
            {"name": name, "columns": columns, "share": count / every, "seconds": took[0], "variability": took[1]}
        )
    return tuple(found)


def _window(days: Iterable[Day]) -> int:
    """Return the shortest window in which requests are counted.

    It is as long as a clip takes, where that is known, since queues forget about as fast.
    """
    sums = _spent(days).values()
    count, total = sum(one[0] for one in sums), sum(one[1] for one in sums)
    takes = total / count if count else _USUAL_WINDOW
    return min(_WINDOWS, key=lambda window: max(window / takes, takes / window))


def _clustered(rows: Sequence[Sequence[int]], *, shared: bool) -> tuple[float, list[float]]:
    """Return the least by which counts of each day's windows cluster, and each day's variance over mean.

    The least is four standard errors down. Where days share a curve, each count is taken less the curve at the day's
    level. Second differences forget what a day's own curve differs by, such as a Sunday's.
    """
    requests = sum(map(sum, rows))
    curve = [sum(column) / requests for column in zip(*rows, strict=True)] if shared else [0.0] * max(map(len, rows))
    found, triples = list[float](), 0.0
    for row in rows:
        level = sum(row)
        own = 1 - level / requests if shared else 1.0  # the curve has taken the day's share of its own chance
        left = [count - level * rate for count, rate in zip(row, curve, strict=False)]
        squares = sum([(a - 2 * b + c) ** 2 for a, b, c in zip(left, left[1:], left[2:], strict=False)])
        expected = own * sum([a + 4 * b + c for a, b, c in zip(row, row[1:], row[2:], strict=False)])
        if expected >= _FEWEST and len(row) >= _FEWEST_WINDOWS:
            # Triples overlap: they are as sure as 36/70 as many apart.
            # The median of such a sum of squares lies below its mean.
            found.append(squares / expected / (1 - 2 / 9 / ((len(row) - 2) * 36 / 70)) ** 3)
            triples += (len(row) - 2) * own
    if not found:
        return -inf, []
    error = sqrt(pi / 2 * (2 * 70 / 36 + sum(map(len, rows)) / requests) / triples)
    return quantile(found, 0.5) * (1 - 4 * error), found


def _seen(day: Day, trace: Trace) -> Sequence[int]:
    """Return the requests of a day's ticks that the trace holds whole."""
    midnight = day.number * DAY - trace.offset
    return day.ticks[max(0, -int((midnight - trace.first) // TICK)) : int((trace.last - midnight) // TICK)]


def _curve(days: Sequence[Day], clustering: float) -> tuple[float, ...]:
    """Return the rates of the average day in as many bins as hold requests enough; nothing where not even hours do."""
    requests = _requests(days)
    for bins in _BINS:
        if requests >= bins * _A_BIN * clustering or (requests >= FEWEST_OF_A_CURVE and bins == _BINS[-1]):
            sums = [summed(day.ticks, DAY // TICK // bins) for day in days]
            rates = [sum(one) * bins / requests for one in zip(*sums, strict=True)]
            if max(rates) < ASSUMPTIONS["peak_to_average"].high:
                return tuple([float(digits(rate, 3)) for rate in rates])
    return ()


def _on_weekend(day: Day) -> bool:
    """Return whether a day is a Saturday or a Sunday; day 0 was a Thursday."""
    return (day.number + 3) % 7 >= _WEEKDAYS


def _weekend(days: Sequence[Day]) -> float:
    """Return the requests of a weekend day over a weekday's.

    The ratio is 1 if there are less than two weeks, or no difference beyond chance.
    """
    split = [[day.requests for day in days if _on_weekend(day) == weekend] for weekend in (False, True)]
    if len(days) < _TWO_WEEKS or min(map(len, split)) < 2:  # noqa: PLR2004 - of one day nothing varies
        return 1.0
    weekday, on_weekend, error = mean(split[0]), mean(split[1]), sqrt(sum(variance(one) / len(one) for one in split))
    return on_weekend / weekday if on_weekend > 0 and abs(on_weekend - weekday) > _SURE * error else 1.0


def _between(days: Sequence[Day], clustering: float, weekend: float) -> float:
    """Return the coefficient of variation of the days' requests beyond that of weekends, chance and clusters."""
    counts = [day.requests / (weekend if _on_weekend(day) else 1.0) for day in days]
    return sqrt(max(0.0, variance(counts) - clustering * mean(counts))) / mean(counts)


def _pooled(name: str, of: Callable[[Sequence[Day]], float | None], days: Sequence[Day]) -> Fitted:
    """Return an assumption of all days taken together, with the spread of each alone."""
    return _of(name, of(days) or 0.0, [of([day]) or 0.0 for day in days])


def _of(name: str, value: float, days: Sequence[float] = ()) -> Fitted:
    """Return an assumption with the spread of its days where there are enough, as a range where one can be written."""
    known = ASSUMPTIONS[name]
    inside = min(max(value, known.low), known.high)
    measured = None if inside == value else value
    if len(days) < SPREAD_FROM:
        return Fitted(name, _rounded(inside), measured=measured)
    low, high = _rounded(quantile(days, _LOW)), _rounded(quantile(days, _HIGH))
    try:
        known.read({"low": repr(low), "mid": repr(_rounded(inside)), "high": repr(high)})
    except QuantityError:  # it touches a bound, the days are all alike, or the whole is unlike each of them
        return Fitted(name, _rounded(inside), spread=(low, high), measured=measured)
    return Fitted(name, _rounded(inside), low, high, (low, high), measured)


def _rounded(value: float) -> float:
    return float(digits(value, _DIGITS))
