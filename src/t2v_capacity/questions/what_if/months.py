"""A plan by month: month m is the estimate of a service m months older, with its users and prices of then.

Bands are over the draws of an estimate with the same seed, so that those of month 0 are its bands. Where the model's
error alone is uncertain, its even points stand for draws. Bands are then of its ends and its point, as an estimate's
are. Months are also dates, and what takes long to come has a day by which to order it.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import floor
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.assumptions.quantities import DURATIONS, QuantityError, parse
from t2v_capacity.assumptions.quantities import number as number_and_unit
from t2v_capacity.engine.constants import DAYS_PER_YEAR, SECONDS_PER_DAY
from t2v_capacity.engine.figures import FIGURES, Number, ancestors
from t2v_capacity.errors import Mistakes, Place, gathered, quote, refuse
from t2v_capacity.plan.cells import cells_of, quiet
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.uncertain import (
    NO_BAND,
    QUANTILES,
    Percentiles,
    band_of,
    draws,
    error_alone,
    error_band,
    error_points,
    values_or_nan,
)
from t2v_capacity.scenario.settings import Scenario

# The assumptions that change from month to month.
MOVING = ("dau", "service_age", "gpu_price", "spot_price")
MOST_MONTHS = 600
# Of the even points of the model's error: its low end, its point and its high end.
_ENDS = [1, len(QUANTILES) // 2, len(QUANTILES) - 2]


def moved(values: Mapping[str, Number], month: int) -> dict[str, Number]:
    """Return users, age and prices after so many months; a reserved price is a contract's and stays.

    >>> known = {"dau": 100.0, "growth_per_month": 0.5, "service_age": 0.0, "gpu_price": 4.0, "spot_price": 0.0}
    >>> moved({**known, "days_per_month": 30.0, "gpu_price_change_per_year": 0.0}, 2)
    {'dau': 225.0, 'service_age': 5184000.0, 'gpu_price': 4.0, 'spot_price': 0.0}
    """
    cheaper = (1 + values["gpu_price_change_per_year"]) ** (month * values["days_per_month"] / float(DAYS_PER_YEAR))
    return {
        "dau": values["dau"] * (1 + values["growth_per_month"]) ** month,
        "service_age": values["service_age"] + month * values["days_per_month"] * SECONDS_PER_DAY,
        "gpu_price": values["gpu_price"] * cheaper,
        "spot_price": values["spot_price"] * cheaper,
    }


def changed_values(values: Mapping[str, float], month: int) -> dict[str, float]:
    """Return the values that have changed after so many months; an unknown price never changes.

    >>> known = {"dau": 100.0, "growth_per_month": 0.0, "service_age": 0.0,
    ...     "gpu_price": float("nan"), "spot_price": 0.0}
    >>> changed_values({**known, "days_per_month": 30.0, "gpu_price_change_per_year": -0.1}, 1)
    {'service_age': 2592000.0}
    """
    return {name: number for name, number in moved(values, month).items() if abs(number - values[name]) > 0}


class Drawn(NamedTuple):
    """What is uncertain of a plan: its draws by name, how many, and their seed.

    Even points of the model's error have no seed.
    """

    scenario: Scenario
    known: Mapping[str, Number]
    samples: int
    seed: int | None

    def by_month(self, months: Iterable[int], names: Sequence[str]) -> Iterator[dict[str, Number]]:
        """Yield the draws of figures and assumptions in each month: an array, or a number that no draw reaches."""
        known = {**self.scenario.values(), **self.known}
        figures = tuple(name for name in names if plain_name(name) in FIGURES)
        with quiet():
            cell = cells_of(self.scenario, MOVING, figures, known)
        for month in months:
            with quiet():
                moving = moved(known, month)
                draws_of_month = {**known, **moving, **cell(moving)}
            yield {name: draws_of_month[name] for name in names}

    def band(self, name: str, values: Number) -> Percentiles:
        """Return the 5th, 50th and 95th percentile of draws."""
        if self.seed is not None:
            return band_of(plain_name(name), values)
        return error_band(plain_name(name), values[_ENDS].tolist()) if hasattr(values, "shape") else NO_BAND


class Series(NamedTuple):
    """A plan by month: figures and assumptions at the points, and their draws where something is uncertain."""

    plan: Estimate
    months: Sequence[int]
    figures: Mapping[str, tuple[float | None, ...]]
    drawn: Drawn | None

    def of(self, name: str) -> tuple[float | None, ...]:
        """Return a figure or an assumption, month by month."""
        return self.figures[name] if name in self.figures else (self.plan.values[name],) * len(self.months)

    def by_month(self) -> list[dict[str, float]]:
        """Return the assumptions and these figures of each month by name; nan where one has no value."""
        rows = zip(*self.figures.values(), strict=True)
        return [{**self.plan.values, **dict(zip(self.figures, map(or_nan, row), strict=True))} for row in rows]

    def bands(self, names: Iterable[str]) -> dict[str, tuple[Percentiles, ...]]:
        """Return the band of figures and of what moves in every month; of none where nothing is uncertain."""
        if not self.drawn:
            return {}
        names = [name for name in names if name in self.figures]
        first, *later = self.months
        moving = [
            name
            for name in names
            if name in MOVING or not ancestors([plain_name(name)], stop=self.plan.scenario.pins).isdisjoint(MOVING)
        ]

        draws_by_month = [*self.drawn.by_month([first], names), *self.drawn.by_month(later, moving)]
        ends = [{name: self.drawn.band(name, values) for name, values in month.items()} for month in draws_by_month]
        return {name: tuple(month.get(name, ends[0][name]) for month in ends) for name in names}


def series(plan: Estimate, months: Sequence[int], figures: Iterable[str], samples: int = 0, seed: int = 0) -> Series:
    """Return figures of a plan in these months, with what moves; without `samples` nothing is drawn.

    Raises Mistakes where an assumption would grow out of its bounds.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml", ["growth_per_month=50%"]))
    >>> series(plan, [0, 2], ["trps"]).figures["dau"]
    (100000000.0, 225000000.0)
    """
    ahead = [moved(plan.values, month) for month in months]
    _check_bounds(months, ahead)

    wanted = tuple(figures)
    cell = cells_of(plan.scenario, MOVING, wanted)
    rows = [{**moving, **values_or_nan(cell, dict(moving), wanted)} for moving in ahead]
    by_name = {name: tuple(finite(row[name]) for row in rows) for name in (*MOVING, *wanted)}
    return Series(plan, months, by_name, drawn_of(plan.uncertain, samples, seed))


def drawn_of(scenario: Scenario, samples: int, seed: int) -> Drawn | None:
    """Return what is uncertain of a scenario, over draws or even points.

    Return None if nothing is uncertain or no samples are asked for.
    """
    if not samples or not scenario.ranges():
        return None
    if error_alone(scenario):
        return Drawn(scenario, error_points(scenario), 0, None)
    return Drawn(scenario, draws(scenario.ranges(), samples, seed), samples, seed)


def or_nan(number: float | None) -> float:
    """Return a number, or nan where there is none."""
    return math.nan if number is None else number


def check_months(months: int) -> None:
    """Raise Mistakes if a forecast of so many months is too short or too long."""
    if months not in range(1, MOST_MONTHS + 1):
        raise Mistakes(f"a forecast is of 1 to {MOST_MONTHS} months", Place(f"--months {months}"))


def _check_bounds(months: Sequence[int], ahead: Sequence[Mapping[str, float]]) -> None:
    """Raise Mistakes if an assumption leaves its bounds in one of the months."""
    for month, moving in zip(months, ahead, strict=True):
        for name, number in moving.items():
            known = ASSUMPTIONS[name]
            if number < known.low or number > known.high:  # an unknown price is neither
                message = (
                    f"in month {month} `{name}` would be {known.show(number)}, out of bounds; it is {known.bounds()}"
                )
                raise Mistakes(f"{message}; ask for {month} at most", Place(f"--months {len(months)}"))


_FIRST, _LAST = 1970, 2999
_MOST_YEARS = 50


class WhenData(TypedDict):
    """A month, and by when to order what is needed in it; before month 0 a month has a number below 0."""

    month: int | None
    date: str | None
    order_month: int | None
    order_by: str | None


class Calendar(NamedTuple):
    """The calendar month of month 0, and the lead time of an order in seconds, each only if it is given.

    A lead time that is written in months or years is so many calendar months too.
    """

    start: str | None = None
    lead_time: float | None = None
    lead_months: float = 0

    def date(self, month: int | None) -> str | None:
        """Return a month as it is written in calendars.

        >>> Calendar("2027-11").date(3), Calendar().date(3)
        ('2028-02', None)
        """
        if self.start is None or month is None:
            return None
        year, of_year = divmod(_count(self.start) - 1 + month, 12)
        return f"{year}-{of_year + 1:02}"

    def when(self, month: int | None) -> WhenData:
        """Return a month, and by when to order what is needed on its first day.

        >>> Calendar("2027-03", 150 * 86_400).when(8)
        {'month': 8, 'date': '2027-11', 'order_month': 3, 'order_by': '2027-06-04'}
        >>> Calendar("2027-03", 150 * 86_400, lead_months=5).when(8)["order_by"]
        '2027-06-01'
        """
        when: WhenData = {"month": month, "date": self.date(month), "order_month": None, "order_by": None}
        if self.lead_time is not None and month is not None:
            whole = floor(self.lead_months)
            seconds = (self.lead_months - whole) * DURATIONS["month"] if self.lead_months else self.lead_time
            when["order_month"] = floor(month - whole - seconds / DURATIONS["month"])
            if self.start and (first := self.date(month - whole)):
                day = str(date.fromisoformat(f"{first}-01") - timedelta(days=seconds / SECONDS_PER_DAY))
                when |= {"order_by": day, "order_month": months_between(self.start, day[:7])}
        return when


def not_a_month(text: str) -> str:
    """Return the message that a text is no month as calendars write it; nothing if it is one.

    >>> not_a_month("2027-03"), not_a_month("03/2027")
    ('', '`03/2027` is not a month from 1970 to 2999; write it as 2027-03')
    """
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII) and _FIRST <= int(text[:4]) <= _LAST:
        return ""
    return f"{quote(text)} is not a month from {_FIRST} to {_LAST}; write it as 2027-03"


def months_between(first: str, second: str) -> int:
    """Return the number of months between two, below 0 if the second is the earlier.

    >>> months_between("2026-11", "2027-02")
    3
    """
    return _count(second) - _count(first)


def _count(month: str) -> int:
    """Return the number of a calendar month: `2027-03`."""
    return 12 * int(month[:4]) + int(month[5:])


def calendar_of(start: str | None, lead_time: str | None, *, limited: bool) -> Calendar:
    """Return the calendar that texts describe, such as 2027-03 and 5 months. Raise Mistakes if they are invalid.

    A lead time says by when to order before a limit is crossed: without a limit it is refused.
    """
    seconds, months = None, 0.0
    with gathered() as mistakes:
        if start is not None and (message := not_a_month(start)):
            refuse(mistakes, message, Place(f"--start {start}"))
        if lead_time is not None:
            place = Place(f"--lead-time '{lead_time}'")
            try:
                seconds = parse(lead_time, "second", bare=False, write="months")
                amount, unit = number_and_unit(lead_time)
                months = amount * round(DURATIONS.get(unit, 0) / DURATIONS["month"])
                if not 0 <= seconds <= _MOST_YEARS * DURATIONS["year"]:
                    refuse(mistakes, f"a lead time is from 0 to {_MOST_YEARS} years", place)
            except QuantityError as error:
                refuse(mistakes, error.message, place)
            if not limited:
                fix = "add a `--limit 'gpus <= 1000'`"
                refuse(mistakes, f"a lead time says by when to order before a limit is crossed; {fix}", place)
    return Calendar(start, seconds, months)
