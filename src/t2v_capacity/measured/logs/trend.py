"""Days of a trace -> the growth of their requests, and the last day's level over each day's."""

from collections.abc import Sequence
from math import exp, expm1, log, sqrt
from statistics import mean
from typing import NamedTuple

from t2v_capacity.engine.constants import DAYS_PER_YEAR, MONTHS_PER_YEAR
from t2v_capacity.measured.logs.trace import Day

_DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR
_WEEKDAYS, _TWO_WEEKS, _SURE = 5, 14, 3  # a trend is seen in two weeks, and beyond three standard errors


class Trend(NamedTuple):
    """A straight line through the logarithms of the days' requests; level where no slope is clear."""

    slope: float = 0.0  # per day
    error: float = 0.0  # standard error of the slope
    last: int = 0  # number of the last day

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
        return exp(self.slope * (self.last - day.number))

    def last_over_mean(self, days: Sequence[Day]) -> float:
        """Return the last day's level over the mean of some days."""
        return sum([day.requests * self.to_last(day) for day in days]) / sum([day.requests for day in days])


def is_weekend(day: Day) -> bool:
    """Return whether a day is a Saturday or a Sunday; day 0 was a Thursday."""
    return (day.number + 3) % 7 >= _WEEKDAYS


def kinds_of_days(days: Sequence[Day], weekend: float = 1.0) -> list[list[Day]]:
    """Return weekdays, and days of weekends; these first if they have more requests, for which a fleet is sized."""
    return [[day for day in days if is_weekend(day) == kind] for kind in (weekend > 1, weekend <= 1)]


def other_peak(kinds: Sequence[Sequence[Day]]) -> float:
    """Return the requests in the busiest hour of the last kind of days over those of the first."""
    peaks = [max(map(sum, zip(*[day.hours for day in kind], strict=True))) / len(kind) for kind in kinds]
    return peaks[-1] / peaks[0]


def trend(kinds: Sequence[Sequence[Day]]) -> Trend:
    """Return the trend of weekdays and of weekend days, each kind of which has a level of its own."""
    days = [day for kind in kinds for day in kind]
    if len(days) < _TWO_WEEKS:
        return Trend()
    at, levels = list[float](), list[float]()
    for kind in filter(None, kinds):
        middle, level = mean([day.number for day in kind]), mean([log(day.requests) for day in kind])
        weight = sqrt(mean([day.requests for day in kind]))  # chance moves days of few requests the most
        at += [weight * (day.number - middle) for day in kind]
        levels += [weight * (log(day.requests) - level) for day in kind]

    squares = sum([x**2 for x in at])
    slope = sum([x * y for x, y in zip(at, levels, strict=True)]) / squares
    left = sum([(y - slope * x) ** 2 for x, y in zip(at, levels, strict=True)])
    error = sqrt(left / (len(days) - len(kinds) - 1) / squares)
    return Trend(slope, error, max(day.number for day in days)) if abs(slope) > _SURE * error else Trend()
