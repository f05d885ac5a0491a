"""Days of a trace -> the growth of their requests, the last day's level over each day's, and that of weekends."""

from collections.abc import Callable, Sequence
from math import exp, expm1, log, sqrt
from operator import mul
from statistics import fmean, variance
from typing import NamedTuple

from t2v_capacity.assumptions.traffic import week_levels
from t2v_capacity.engine.constants import DAYS_PER_YEAR, MONTHS_PER_YEAR
from t2v_capacity.measured.logs.trace import Day

_DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR
_WEEKDAYS, _WEEK, TWO_WEEKS, _SURE = 5, 7, 14, 3  # days, and standard errors beyond which a trend is seen


class Trend(NamedTuple):
    """A straight line through the logarithms of the days' requests, or a step; level where none is clear."""

    slope: float = 0.0  # per day
    error: float = 0.0  # standard error of the slope
    last: int = 0  # number of the last day
    step: float = 0.0  # of the logarithm, at once
    since: int = 0  # number of the first day after it

    @property
    def per_month(self) -> float:
        """Growth per month."""
        return expm1(self.slope * _DAYS_PER_MONTH)

    @property
    def error_per_month(self) -> float:
        """Standard error of the growth per month."""
        return (1 + self.per_month) * self.error * _DAYS_PER_MONTH

    def to_last(self, day: Day) -> float:
        """Return the last day's level over that of a day."""
        return exp(self.slope * (self.last - day.number) + self.step * (day.number < self.since))


def _is_weekend(day: Day) -> bool:
    """Return whether a day is a Saturday or a Sunday; day 0 was a Thursday."""
    return (day.number + 3) % 7 >= _WEEKDAYS


def kinds_of_days(days: Sequence[Day], weekend: float = 1.0) -> list[list[Day]]:
    """Return weekdays, and days of weekends; these first if they have more requests, for which a fleet is sized."""
    return [[day for day in days if _is_weekend(day) == kind] for kind in (weekend > 1, weekend <= 1)]


def kinds_by_curve(days: Sequence[Day], weekend: float, growth: Trend) -> list[list[Day]]:
    """Return days by the curve that they share, those for which a fleet is sized first.

    Weekends have a curve of their own where they differ in level, or in the busiest hour of either kind. Of one level
    the kind with the higher peak comes first.
    """
    kinds = kinds_of_days(days, weekend)
    if not all(kinds):
        return [[*days]]
    if weekend != 1:
        return kinds
    hours = [slice(hour, hour + 1) for hour, _requests in map(busiest_hour, kinds)]
    if all(weekend_level(days, growth, hour) == 1 for hour in hours):
        return [[*days]]
    return sorted(kinds, key=lambda kind: -busiest_hour(kind)[1])


def kind_of_day(kinds: Sequence[Sequence[Day]]) -> str:
    """Return what the first of some kinds of days is called."""
    if len(kinds) == 1:
        return "day"
    return "weekend day" if _is_weekend(kinds[0][0]) else "weekday"


def busiest_hour(days: Sequence[Day]) -> tuple[int, float]:
    """Return the busiest hour of the average of some days, and its requests."""
    requests = [fmean(hour) for hour in zip(*[day.hours for day in days], strict=True)]
    return requests.index(max(requests)), max(requests)


def other_peak(kinds: Sequence[Sequence[Day]]) -> float:
    """Return the requests in the busiest hour of the last kind of days over those of the first."""
    return busiest_hour(kinds[-1])[1] / busiest_hour(kinds[0])[1]


def trend(kinds: Sequence[Sequence[Day]]) -> Trend:
    """Return the trend of weekdays and of weekend days, each kind of which has a level of its own."""
    days = [day for kind in kinds for day in kind]
    if len(days) < TWO_WEEKS:
        return Trend()
    numbers = sorted(day.number for day in days)
    residual, slope, squares = _line(kinds, float)
    error = sqrt(residual / (len(days) - len(kinds) - 1) / squares)
    if not abs(slope) > _SURE * error:
        return Trend()
    steps = ((*_line(kinds, since.__le__)[:2], since) for since in numbers[_WEEK : 1 - _WEEK])
    step_residual, step, since = min(steps)
    # Of growth two levels leave more than a line.
    return (
        Trend(0.0, 0.0, numbers[-1], step, since) if step_residual < residual / 2 else Trend(slope, error, numbers[-1])
    )


def _line(kinds: Sequence[Sequence[Day]], place: Callable[[int], float]) -> tuple[float, float, float]:
    """Return the squares that the line through kinds of days leaves, its slope, and the squares of their places."""
    at, levels = list[float](), list[float]()
    for kind in filter(None, kinds):
        middle, level = fmean([place(day.number) for day in kind]), fmean([log(day.requests) for day in kind])
        weight = sqrt(fmean([day.requests for day in kind]))  # chance moves days of few requests the most
        at += [weight * (place(day.number) - middle) for day in kind]
        levels += [weight * (log(day.requests) - level) for day in kind]
    squares = sum(map(mul, at, at))
    slope = sum(map(mul, at, levels)) / (squares or 1)
    return sum([(y - slope * x) ** 2 for x, y in zip(at, levels, strict=True)]), slope, squares


def weekend_level(days: Sequence[Day], growth: Trend, hours: slice = slice(None)) -> float:
    """Return the requests of a weekend day over a weekday's, in all hours or some.

    The ratio is 1 if there are less than two weeks, or no difference beyond chance; 0 if all weekends are silent.
    """
    split = [[sum(day.hours[hours]) * growth.to_last(day) for day in kind] for kind in kinds_of_days(days)]
    if len(days) < TWO_WEEKS or min(map(len, split)) <= 1:  # of one day nothing varies
        return 1.0 if split[1] or len(days) < TWO_WEEKS else 0.0
    weekday, on_weekend = (fmean(requests) for requests in split)
    error = sqrt(sum(variance(requests) / len(requests) for requests in split))
    return on_weekend / weekday if on_weekend > 0 and abs(on_weekend - weekday) > _SURE * error else 1.0


def week_over_mean(days: Sequence[Day], growth: Trend) -> float:
    """Return the mean of a whole week at the last day's level, over the mean of some days."""
    weekday, on_weekend = week_levels(weekend_level(days, growth))
    of_week = fmean([on_weekend if _is_weekend(day) else weekday for day in days])
    at_last = [day.requests * growth.to_last(day) for day in days]
    return fmean(at_last) / fmean([day.requests for day in days]) / of_week
