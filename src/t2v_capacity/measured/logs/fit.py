"""A trace of requests -> the assumptions of traffic and waiting that it shows, each with the spread of its days."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, zip_longest
from math import inf, pi, sqrt
from statistics import mean, variance
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import QuantityError, digits
from t2v_capacity.errors import Mistakes, Place
from t2v_capacity.measured.logs.trace import (
    BOUNDARY_TICKS,
    DAY_TICKS,
    DONE,
    FAILED,
    HOUR_TICKS,
    MOST_KINDS,
    OUTPUT,
    PROMPT,
    REFUSED,
    TICK_SECONDS,
    Day,
    Sums,
    Trace,
    add_sums,
    kind_columns,
    read_trace,
    summed,
)
from t2v_capacity.measured.logs.trend import (
    TWO_WEEKS,
    Trend,
    busiest_hour,
    kind_of_day,
    kinds_by_curve,
    kinds_of_days,
    other_peak,
    trend,
    week_over_mean,
    weekend_level,
)
from t2v_capacity.measured.runs.accuracy import quantile

SPREAD_FROM = 3  # whole days
_LOW, _HIGH = 0.05, 0.95
_LEAST_DAY = 0.05  # of the requests of the busiest day
_DIGITS = 6
_USUAL_WINDOW = 60  # seconds, where no durations say how long a clip takes
_FEWEST = 100  # requests that would be expected of a day before it shows how they cluster
_WINDOWS = (60, 120, 300, 600, 1_200, 1_800, 3_600)  # seconds, in which requests are counted
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
    measured: float  # other than the value where it is out of the assumption's bounds, or a share of few days
    low: float | None = None
    high: float | None = None
    p5_of_days: float | None = None  # percentiles of the days, a range or not
    p95_of_days: float | None = None


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
    failed_share: float
    """Of its runs"""


class Fit(NamedTuple):
    """The traffic of a trace."""

    trace: Trace
    fitted: Mapping[str, Fitted]
    whole: tuple[Day, ...]
    partial_days: tuple[str, ...]  # days of which the trace holds a part
    silent_days: int  # days between without a request
    window_seconds: int  # of the windows in which requests cluster most
    mix: tuple[Kind, ...]
    refused_share: float  # of requests, turned away by the service
    day_curve: tuple[float, ...]  # the rates of the average busy day, in place of its peak; none of too few requests
    trend: Trend
    other_peak: float  # the busiest hour of the other kind of days over that of the curve's
    week_over_mean: float  # the mean of a whole week at the last day's level, over that of the whole days
    weekend: float  # the requests of a weekend day over a weekday's; 1 where no difference shows
    kind_of_day: str  # of which the curve is the average

    @property
    def dates(self) -> tuple[str, str]:
        """The first and the last day that the assumptions rest on."""
        days = self.whole or tuple(self.trace.days)
        return days[0].date, days[-1].date


def fit(path: str, columns: Mapping[str, str] = {}, statuses: Mapping[str, str] = {}) -> Fit:
    """Return the assumptions that a trace of requests shows. Raise Mistakes if it can't be read.

    They are of its whole days. Where there is none, what needs no whole day is of all days.
    """
    trace = read_trace(path, columns, statuses)
    whole = _whole_days(trace)
    days = whole or tuple(trace.days)
    growth = trend(kinds_of_days(whole))
    weekend = weekend_level(whole, growth)
    kinds = kinds_by_curve(days, weekend, growth)
    fitted = [*_users_and_shares(whole, days, kinds[0], growth)]
    if weekend != 1:
        fitted.append(_of("weekend_level", weekend))
    window, arrivals = _most_clustered(trace, whole, kinds)
    clustering = 1.0
    if arrivals:
        fitted.append(_of("arrival_variability", quantile(arrivals, 0.5), arrivals))
        clustering = max(clustering, fitted[-1].value)
    curve = _curve(kinds[0], clustering) if whole else ()
    fitted += _shape_of_days(whole, kinds, curve, clustering, growth)
    varying = [day for day in days if any(sums[0] > 1 for sums in day.seconds.values())]
    if varying:
        fitted.append(_of_all_days("service_variability", _variability, varying))

    if not fitted:
        why = (
            "it holds no day from midnight to midnight, and too few requests to see whether they cluster; "
            "fit a longer one"
        )
        raise Mistakes(why, Place(trace.file))
    if not whole:  # of days that are not whole no spread is known
        fitted = [Fitted(known.name, known.value, known.measured) for known in fitted]
    return Fit(
        trace,
        {known.name: known for known in sorted(fitted, key=lambda known: [*ASSUMPTIONS].index(known.name))},
        whole,
        tuple(day.date for day in trace.days if day not in whole),
        trace.days[-1].number - trace.days[0].number + 1 - len(trace.days),
        window,
        _kinds(days, trace),
        _share((REFUSED,), (DONE, PROMPT, OUTPUT, REFUSED), days) or 0.0,
        curve,
        growth,
        other_peak(kinds),
        week_over_mean(days, growth),
        weekend,
        kind_of_day(kinds) if curve else "day",
    )


def _users_and_shares(
    whole: Sequence[Day], days: Sequence[Day], busier: Sequence[Day], growth: Trend
) -> Iterator[Fitted]:
    """Yield the users and what each asks for, where the log names them, and the shares of requests by status.

    Users are at the level of the last day. Both spread as on the busier days, since users fall less than requests.
    """
    named = [day for day in whole if day.users and day.number >= growth.since]
    if named:
        busier = [day for day in busier if day in named] or named
        users = mean(day.users for day in named) * week_over_mean(named, growth)
        yield _of_level("dau", users, [day.users * growth.to_last(day) for day in busier])
        yield _of_level("videos_per_user_per_day", _videos(named), [_videos([day]) for day in busier])
    for name, share in _SHARES.items():
        if measured := share(days):  # a share of nothing was not measured: no word of the log may mean it
            of_days = [of_day for day in days if (of_day := share([day])) is not None]
            most = quantile(of_days, _HIGH)  # which an outage is beyond
            fitted = _of(name, min(measured, most), of_days)
            yield fitted._replace(measured=measured) if measured > most else fitted


def _most_clustered(trace: Trace, whole: Sequence[Day], kinds: Sequence[Sequence[Day]]) -> tuple[int, list[float]]:
    """Return the window in which requests cluster most, and each day's variance over mean in it."""
    longest = _WINDOWS[-1] if len(whole) > 1 else _LONGEST_ALONE
    shortest = min(_window(chain(*kinds)), longest)
    ticks = [[day.ticks if whole else _seen(day, trace) for day in days] for days in kinds]
    by_window = {
        window: _dispersion(
            [[summed(counts, window // TICK_SECONDS) for counts in rows] for rows in ticks], shared=len(whole) > 1
        )
        for window in _WINDOWS
        if shortest <= window <= longest
    }
    largest = max(by_window, key=lambda window: by_window[window][0])
    return largest, by_window[largest][1]


def _shape_of_days(
    whole: Sequence[Day], kinds: Sequence[Sequence[Day]], curve: Sequence[float], clustering: float, growth: Trend
) -> Iterator[Fitted]:
    """Yield the peak within whole days, and what differs between them."""
    if whole:
        yield _peak(kinds[0] if curve else whole, curve)
    if len(whole) >= SPREAD_FROM:
        yield _of("day_variability", _between(max(kinds, key=_requests), clustering, growth))
    if growth.slope:
        yield _of("growth_per_month", growth.per_month)


def _whole_days(trace: Trace) -> tuple[Day, ...]:
    """Return the days that the trace holds from midnight to midnight, and no hole of almost all of them."""
    near = min(max(BOUNDARY_TICKS, trace.pause), HOUR_TICKS)  # a quiet day may begin and end without a request
    first, last = trace.first - near, trace.last + near
    days = [day for day in trace.days if first <= day.number * DAY_TICKS <= last - DAY_TICKS]
    kinds = kinds_of_days(days)  # for a service may rest on weekends, which two weeks show
    if len(days) < TWO_WEEKS or min(map(len, kinds)) <= 1:
        kinds = [days]
    whole = list[Day]()
    for kind in filter(None, kinds):
        fewest = max(1, _LEAST_DAY * max([day.requests for day in kind]))
        whole += [day for day in kind if day.requests >= fewest]
    return tuple(sorted(whole))


def _peak(days: Sequence[Day], curve: Sequence[float]) -> Fitted:
    """Return the peak of the average day, of its curve or else its busiest hour, and the spread of that hour's days."""
    hour, _mean = busiest_hour(days)
    peak = _of_all_days(
        "peak_to_average", lambda some: 24 * sum(day.hours[hour] for day in some) / _requests(some), days
    )
    if not curve:
        return peak
    of_curve = _round_digits(max(curve) * len(curve) / sum(curve))
    return peak._replace(value=of_curve, measured=of_curve, low=None, high=None)


def _requests(days: Iterable[Day]) -> int:
    return sum(day.requests for day in days)


def _tally(days: Iterable[Day], *kinds: str) -> int:
    return sum(day.statuses.get(kind, 0) for day in days for kind in kinds)


def _share(part: Sequence[str], of: Sequence[str], days: Sequence[Day]) -> float | None:
    """Return the share of some requests among others; nothing if there are no others."""
    return _tally(days, *part) / whole if (whole := _tally(days, *of)) else None


# A run that failed is one that is run again. It isn't counted among what users ask for, but in the share of runs that
# fail. So the figures generations_per_day and delivered_per_day come out as in the trace.
_SHARES = {
    "rejected_prompt_share": partial(_share, (PROMPT,), (DONE, PROMPT, OUTPUT)),
    "failed_share": partial(_share, (FAILED,), (DONE, FAILED, OUTPUT)),
    "rejected_output_share": partial(_share, (OUTPUT,), (DONE, OUTPUT)),
}


def _videos(days: Sequence[Day]) -> float:
    return _requests(days) / sum(day.users for day in days)


def _variability(days: Sequence[Day]) -> float:
    """Return the squared coefficient of variation of how long clips of a kind took.

    The difference between kinds belongs to the mix.
    """
    sums = _seconds_by_kind(days).values()
    of_means = sum(total**2 / count for count, total, _squares in sums)
    return max(0.0, sum(squares for _count, _total, squares in sums) / of_means - 1)


def _seconds_by_kind(days: Iterable[Day]) -> dict[str, Sums]:
    """Return how many runs of each kind of clip ended, their seconds and the sum of their squares."""
    by_kind = dict[str, Sums]()
    for day in days:
        for kind, sums in day.seconds.items():
            add_sums(by_kind, kind, sums)
    return by_kind


def _kinds(days: Sequence[Day], trace: Trace) -> tuple[Kind, ...]:
    """Return the kinds of clips, the most asked for first; none where there is one, or too many."""
    counts, failed = Counter[str](), Counter[str]()
    for day in days:
        counts.update(day.kinds)
        failed.update(day.failed)
    if not 1 < trace.kinds_of_clips <= MOST_KINDS:
        return ()

    by_kind = _seconds_by_kind(days)
    requests = counts.total()
    kinds = list[Kind]()
    for kind, count in counts.most_common():
        columns, (runs, total, squares) = kind_columns(trace, kind), by_kind.get(kind, (0, 0.0, 0.0))
        name = re.sub(r"\W+", "_", "_".join(columns.values()), flags=re.ASCII).strip("_") or "other"
        if name in [known["name"] for known in kinds]:
            name += f"_{len(kinds)}"
        seconds, variability = (total / runs, squares * runs / total**2 - 1) if runs else (None, None)
        kinds.append(
            {
                "name": name,
                "columns": columns,
                "share": count / requests,
                "seconds": seconds,
                "variability": variability,
                "failed_share": failed[kind] / (count + failed[kind]),
            }
        )
    return tuple(kinds)


def _window(days: Iterable[Day]) -> int:
    """Return the shortest window in which requests are counted.

    It is as long as a clip takes, where that is known, since queues forget about as fast.
    """
    sums = _seconds_by_kind(days).values()
    count, total = sum(runs[0] for runs in sums), sum(runs[1] for runs in sums)
    takes = total / count if count else _USUAL_WINDOW
    return min(_WINDOWS, key=lambda window: max(window / takes, takes / window))


def _dispersion(kinds: Sequence[Sequence[Sequence[int]]], *, shared: bool) -> tuple[float, list[float]]:
    """Return the least by which counts of each day's windows cluster, and each day's variance over mean.

    The least is four standard errors down. Where days of a kind share a curve, each count is taken less the curve at
    the day's level. Second differences forget what a day's own curve differs by, such as a holiday's.
    """
    ratios = list[float]()
    triples, windows, requests = 0.0, 0, 0
    for rows in kinds:
        of_kind = sum(map(sum, rows)) or 1 if shared else inf  # of which a day that shares no curve is no share
        curve = [sum(column) / of_kind for column in zip_longest(*rows, fillvalue=0)]
        for row in rows:
            level = sum(row)
            windows += len(row)
            requests += level
            own = 1 - level / of_kind  # the curve has taken the day's share of its own chance
            left = [count - level * rate for count, rate in zip(row, curve, strict=False)]
            squares = sum([(a - 2 * b + c) ** 2 for a, b, c in zip(left, left[1:], left[2:], strict=False)])
            expected = own * sum([a + 4 * b + c for a, b, c in zip(row, row[1:], row[2:], strict=False)])
            if expected >= _FEWEST and len(row) >= _FEWEST_WINDOWS:
                # Triples overlap: they are as sure as 36/70 as many apart.
                # The median of such a sum of squares lies below its mean.
                ratios.append(squares / expected / (1 - 2 / 9 / ((len(row) - 2) * 36 / 70)) ** 3)
                triples += (len(row) - 2) * own
    if not ratios:
        return -inf, []
    error = sqrt(pi / 2 * (2 * 70 / 36 + windows / requests) / triples)
    return quantile(ratios, 0.5) * (1 - 4 * error), ratios


def _seen(day: Day, trace: Trace) -> Sequence[int]:
    """Return the requests of a day's ticks that the trace holds whole."""
    midnight = day.number * DAY_TICKS
    return day.ticks[max(0, int(trace.first) + 1 - midnight) : int(trace.last) - midnight]


def _curve(days: Sequence[Day], clustering: float) -> tuple[float, ...]:
    """Return the rates of the average day in as many bins as hold requests enough; nothing where not even hours do."""
    requests = _requests(days)
    for bins in _BINS:
        if requests >= bins * _A_BIN * clustering or (requests >= FEWEST_OF_A_CURVE and bins == _BINS[-1]):
            sums = [summed(day.ticks, DAY_TICKS // bins) for day in days]
            rates = [sum(counts) * bins / requests for counts in zip(*sums, strict=True)]
            if max(rates) < ASSUMPTIONS["peak_to_average"].high:
                return tuple([float(digits(rate, 3)) for rate in rates])
    return ()


def _between(days: Sequence[Day], clustering: float, growth: Trend) -> float:
    """Return the coefficient of variation of a kind of days' requests beyond growth, chance and clusters."""
    counts = [day.requests * growth.to_last(day) for day in days]
    return sqrt(max(0.0, variance(counts) - clustering * mean(counts))) / mean(counts)


def _of_all_days(name: str, of: Callable[[Sequence[Day]], float | None], days: Sequence[Day]) -> Fitted:
    """Return an assumption of all days taken together, with the spread of each alone."""
    return _of(name, of(days) or 0.0, [of([day]) or 0.0 for day in days])


def _of_level(name: str, amount: float, days: Sequence[float]) -> Fitted:
    """Return an assumption that spreads about its amount as some days do about their mean."""
    return _of(name, amount, [amount * day / mean(days) for day in days])


def _of(name: str, amount: float, days: Sequence[float] = ()) -> Fitted:
    """Return an assumption with the spread of its days where there are enough, as a range where one can be written."""
    known = ASSUMPTIONS[name]
    inside = min(max(amount, known.low), known.high)
    middle = _round_digits(inside)
    fitted = Fitted(name, middle, middle if inside == amount else amount)
    if len(days) < SPREAD_FROM:
        return fitted
    low, high = _round_digits(quantile(days, _LOW)), _round_digits(quantile(days, _HIGH))
    fitted = fitted._replace(p5_of_days=low, p95_of_days=high)
    try:
        known.read({"low": repr(low), "mid": repr(middle), "high": repr(high)})
    except QuantityError:  # it touches a bound, the days are all alike, or the whole is unlike each of them
        return fitted
    return fitted._replace(low=low, high=high)


def _round_digits(number: float) -> float:
    return float(digits(number, _DIGITS))
