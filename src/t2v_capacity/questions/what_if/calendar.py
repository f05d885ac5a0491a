"""Months as dates, and the day by which to order what takes long to come."""

import re
from datetime import date, timedelta
from math import floor
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import DURATIONS, QuantityError, parse
from t2v_capacity.engine.constants import SECONDS_PER_DAY
from t2v_capacity.errors import Place, gathered, quote, refuse

_FIRST, _LAST = 1970, 2999
_MOST_YEARS = 50


class Order(NamedTuple):
    """The month by which to order, and the day where months have dates.

    A month before month 0 has a number below 0.
    """

    month: int
    day: str | None


class Calendar(NamedTuple):
    """The calendar month of month 0, and the lead time of an order in seconds, each only if it is given."""

    start: str | None = None
    lead_time: float | None = None

    def date(self, month: int | None) -> str | None:
        """Return a month as it is written in calendars.

        >>> Calendar("2027-11").date(3), Calendar().date(3)
        ('2028-02', None)
        """
        if self.start is None or month is None:
            return None
        year, of_year = divmod(12 * int(self.start[:4]) + int(self.start[5:]) - 1 + month, 12)
        return f"{year}-{of_year + 1:02}"

    def order(self, month: int | None) -> Order | None:
        """Return by when to order what is needed on the first day of a month.

        >>> Calendar("2027-03", 150 * 86_400).order(8)
        Order(month=3, day='2027-06-04')
        """
        if self.lead_time is None or month is None:
            return None
        by = floor(month - self.lead_time / DURATIONS["month"])
        needed = self.date(month)
        if needed is None:
            return Order(by, None)
        day = date.fromisoformat(f"{needed}-01") - timedelta(days=self.lead_time / SECONDS_PER_DAY)
        return Order(by, str(day))


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
    counts = [12 * int(text[:4]) + int(text[5:]) for text in (first, second)]
    return counts[1] - counts[0]


def calendar_of(start: str | None, lead_time: str | None, *, limited: bool) -> Calendar:
    """Return the calendar that texts describe, such as 2027-03 and 5 months. Raise Mistakes if they are invalid.

    A lead time says by when to order before a limit is crossed: without a limit it is refused.
    """
    seconds = None
    with gathered() as mistakes:
        if start is not None and (message := not_a_month(start)):
            refuse(mistakes, message, Place(f"--start {start}"))
        if lead_time is not None:
            place = Place(f"--lead-time '{lead_time}'")
            try:
                seconds = parse(lead_time, "second", bare=False, write="months")
                if not 0 <= seconds <= _MOST_YEARS * DURATIONS["year"]:
                    refuse(mistakes, f"a lead time is from 0 to {_MOST_YEARS} years", place)
            except QuantityError as error:
                refuse(mistakes, error.message, place)
            if not limited:
                fix = "add a `--limit 'gpus <= 1000'`"
                refuse(mistakes, f"a lead time says by when to order before a limit is crossed; {fix}", place)
    return Calendar(start, seconds)
