"""A trace of requests -> the assumptions of traffic and waiting that it shows, each with the spread of its days."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import QuantityError, digits
from t2v_capacity.errors import Mistake, Mistakes, Place
from t2v_capacity.questions.measured.accuracy import quantile
from t2v_capacity.questions.measured.trace import (
    DAY,
    DONE,
    FAILED,
    HOUR,
    NEAR,
    OUTPUT,
    PROMPT,
    UNKNOWN,
    WINDOWS,
    Day,
    Trace,
    read_trace,
)

SPREAD_FROM = 3  # whole days
_LOW, _HIGH = 0.05, 0.95
_DIGITS = 6
_USUAL_WINDOW = 60  # seconds, where no durations say how long a clip takes
_FEWEST = 100  # requests that would be expected of a day before it shows how they cluster


@dataclass(frozen=True, slots=True)
class Fitted:
    """An assumption as a trace shows it: as it is written, with the ends of its range where there is one."""

    name: str
    value: float
    days: int  # whole days that it rests on
    low: float | None = None
    high: float | None = None
    spread: tuple[float, float] | None = None  # 5th and 95th percentile of the days, a range or not
    measured: float | None = None  # what was measured, where it is out of the assumption's bounds


@dataclass(frozen=True, slots=True)
class Fit:
    """The traffic of a trace."""

    trace: Trace
    fitted: Mapping[str, Fitted]
    whole: tuple[Day, ...]
    partial: tuple[str, ...]  # days of which the trace holds a part
    silent: int  # days between without a request
    busiest_hour: int | None  # of the average day
    worst: tuple[str, int, float] | None  # the day, hour and ratio of the busiest hour of all
    window: int  # seconds of the windows in which arrivals were counted

    @property
    def dates(self) -> tuple[str, str]:
        """The first and the last day that the assumptions rest on."""
        days = self.whole or tuple(self.trace.days)
        return days[0].date, days[-1].date


def fit(path: str, columns: Mapping[str, str] | None = None, statuses: Mapping[str, str] | None = None) -> Fit:
    """Return the assumptions that a trace of requests shows. Raise Mistakes if it can't be read."""
    return fitted(read_trace(path, columns, statuses))


def fitted(trace: Trace) -> Fit:
    """Return the assumptions that a trace shows.

    Of the days that it holds whole; what no whole day is needed for, of all days where there is none.
    """
    near = min(max(NEAR, trace.pause), HOUR)  # of a quiet service a day may begin and end without a request
    whole = tuple(day for day in trace.days if _is_whole(day, trace, near))
    days = whole or tuple(trace.days)
    window = _window(days)
    found: dict[str, Fitted] = {}
    hour, worst = None, None
    if whole:
        hour = _busiest([sum(one) for one in zip(*(day.hours for day in whole), strict=True)])
        peaks = [(day.date, at, 24 * day.hours[at] / day.requests) for day in whole for at in [_busiest(day.hours)]]
        worst = max(peaks, key=lambda peak: peak[2])
        found = _traffic(trace, whole, hour)
    for name, share in _SHARES.items():
        if share(days) is not None:  # a status stands
            found[name] = _pooled(name, share, [day for day in days if share([day]) is not None], len(whole))
    arrivals = [squares / expected for squares, expected in (day.clusters[window] for day in days) if expected >= _FEWEST]
    if arrivals:
        found["arrival_variability"] = _of("arrival_variability", quantile(arrivals, 0.5), arrivals, len(whole))
    varying = [day for day in days if day.seconds[0] > 1]
    if varying:
        found["service_variability"] = _pooled("service_variability", _variability, varying, len(whole))
    if not found:
        why = "it holds no day from midnight to midnight, and too few requests to see whether they cluster; fit a longer one"
        raise Mistakes(Mistake(why, Place(trace.name)))
    return Fit(
        trace,
        {name: found[name] for name in ASSUMPTIONS if name in found},
        whole,
        tuple(day.date for day in trace.days if day not in whole),
        trace.days[-1].number - trace.days[0].number + 1 - len(trace.days),
        hour,
        worst,
        window,
    )


def _traffic(trace: Trace, days: tuple[Day, ...], hour: int) -> dict[str, Fitted]:
    """Return the traffic of whole days."""
    found = []
    count = len(days)
    if "user" in trace.columns and (users := [float(day.users) for day in days if day.users]):
        found.append(_of("dau", sum(users) / len(users), users, count))
        found.append(_pooled("videos_per_user_per_day", _videos, [day for day in days if day.users], count))
    found.append(_pooled("peak_to_average", lambda some: _ratio(sum(d.hours[hour] for d in some) * 24, _requests(some)), days, count))
    return {one.name: one for one in found}


def _is_whole(day: Day, trace: Trace, near: float) -> bool:
    """Return whether the trace holds a day from midnight to midnight."""
    midnight = day.number * DAY - trace.offset
    return trace.first <= midnight + near and trace.last >= midnight + DAY - near


def _busiest(hours: Sequence[int]) -> int:
    return max(range(len(hours)), key=hours.__getitem__)


def _requests(days: Iterable[Day]) -> int:
    return sum(day.requests for day in days)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _tally(days: Iterable[Day], *kinds: str) -> int:
    return sum(day.statuses.get(kind, 0) for day in days for kind in kinds)


def _share(part: Sequence[str], of: Sequence[str]) -> Callable[[Sequence[Day]], float | None]:
    """Return a function from days to the share of some requests among others; nothing if there are no others."""

    def share(days: Sequence[Day]) -> float | None:
        return _tally(days, *part) / whole if (whole := _tally(days, *of)) else None

    return share


# A run that failed is one that is run again: it isn't counted among what users ask for, but in the share of runs that fail, so that
# the figures generations_per_day and delivered_per_day come out as in the trace.
_SHARES = {
    "rejected_prompt_share": _share([PROMPT], [DONE, PROMPT, OUTPUT]),
    "failed_share": _share([FAILED], [DONE, FAILED, OUTPUT]),
    "rejected_output_share": _share([OUTPUT], [DONE, OUTPUT]),
}


def _videos(days: Sequence[Day]) -> float:
    """Return a user's requests per day, without failed runs, which were run again."""
    known = _requests(days) - _tally(days, UNKNOWN)
    failed = _ratio(_tally(days, FAILED), known)
    return _requests(days) * (1 - failed) / sum(day.users for day in days)


def _variability(days: Sequence[Day]) -> float:
    """Return the squared coefficient of variation of how long clips took."""
    count, total, squares = (sum(day.seconds[part] for day in days) for part in range(3))
    return max(0.0, squares * count / total**2 - 1)


def _window(days: Iterable[Day]) -> int:
    """Return the window in which requests are counted: as long as a clip takes, where that is known, since queues forget about as fast."""
    count, total = (sum(day.seconds[part] for day in days) for part in (0, 1))
    takes = total / count if count else _USUAL_WINDOW
    return min(WINDOWS, key=lambda window: max(window / takes, takes / window))


def _pooled(name: str, of: Callable[[Sequence[Day]], float | None], days: Sequence[Day], count: int) -> Fitted:
    """Return an assumption of all days taken together, with the spread of each alone."""
    return _of(name, of(days) or 0.0, [of([day]) or 0.0 for day in days], count)


def _of(name: str, value: float, days: Sequence[float], count: int) -> Fitted:
    """Return an assumption with the spread of its days where there are enough, as a range where one can be written."""
    known = ASSUMPTIONS[name]
    inside = min(max(value, known.low), known.high)
    measured = None if inside == value else value
    if count < SPREAD_FROM or len(days) < SPREAD_FROM:
        return Fitted(name, _rounded(inside), count, measured=measured)
    low, high = _rounded(quantile(days, _LOW)), _rounded(quantile(days, _HIGH))
    try:
        known.read({"low": repr(low), "mid": repr(_rounded(inside)), "high": repr(high)})
    except QuantityError:  # it touches a bound, the days are all alike, or the whole is unlike each of them
        return Fitted(name, _rounded(inside), count, spread=(low, high), measured=measured)
    return Fitted(name, _rounded(inside), count, low, high, (low, high), measured)


def _rounded(value: float) -> float:
    return float(digits(value, _DIGITS))
