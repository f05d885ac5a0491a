"""Read a FOCUS 1.x bill: a CSV with a row per charge, summed by the month in which a charge begins.

Its cost is the effective one: a part of what was paid upfront is a cost of each hour that it covers.
"""

import math
import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from itertools import product
from operator import itemgetter
from typing import Any, NamedTuple

from t2v_capacity.catalogue import Catalogue
from t2v_capacity.engine.constants import HOURS_PER_DAY
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes, Place, collected, gathered, quote, refuse
from t2v_capacity.files.source import discreet, named_source
from t2v_capacity.measured.logs.rows import LogRow, csv_rows
from t2v_capacity.measured.logs.trace import open_lines
from t2v_capacity.questions.what_if.months import not_a_month

_COST, _CURRENCY, _START, _CATEGORY = "EffectiveCost", "BillingCurrency", "ChargePeriodStart", "ServiceCategory"
_NEEDED = (_COST, _CURRENCY, _START, _CATEGORY)
_END, _CHARGE, _QUANTITY, _UNIT = "ChargePeriodEnd", "ChargeCategory", "ConsumedQuantity", "ConsumedUnit"
_FREQUENCY, _CLASS = "ChargeFrequency", "ChargeClass"
_NAMING = ("SkuId", "ResourceName")
_GPUS, _HOURS, _OTHER, _ALL = "gpu_cost_per_month", "gpu_hours_per_month", "other_cost_per_month", "cost_per_month"
# The figure of each category of services, charges that buy nothing, and units that count GPU-hours.
_FIGURES = {
    "compute": _GPUS,
    "ai and machine learning": _GPUS,
    "storage": "storage_cost_per_month",
    "networking": "egress_cost_per_month",
}
_NO_SERVICE, _PURCHASE = ("credit", "tax", "adjustment"), "purchase"
_GPU_HOURS = re.compile(r"gpu[ -]?(h|hrs?|hours?)", re.IGNORECASE)
_MOST_MISTAKES = 10
_DAY = int(HOURS_PER_DAY)
# The first hour of a charge in its month, and the one after its last; of one without an end those of its day, and none.
_Period = tuple[int, int | None]


class _Charge(NamedTuple):
    """What charges have that add up."""

    figure: str
    gpu: str  # that its SKU names
    bought: bool  # such as a commitment
    period: _Period


class FocusBill:
    """A month of a bill: its sums in USD by figure, its GPU cost by GPU, and the days that it covers."""

    def __init__(self, month: str) -> None:
        self.month = month
        self.days_in_month = monthrange(int(month[:4]), int(month[5:]))[1]
        self._costs = defaultdict[_Charge, float](float)
        self._hours = defaultdict[_Charge, float](float)  # of GPUs that are named; nan where one charge counts none
        self.corrects = True  # an earlier bill, with all of its charges

    def add(self, charge: _Charge, cost: float, hours: float) -> None:
        """Add a charge with its cost and GPU-hours; nan where it counts none."""
        self._costs[charge] += cost
        if charge.gpu and charge.figure == _GPUS:
            self._hours[charge] += hours

    @property
    def _compute(self) -> list[_Charge]:
        return [charge for charge in self._costs if charge.figure == _GPUS]

    @cached_property
    def days(self) -> float:
        """The days that it covers, from the first charge to the last: GPUs that are off on a day are billed nothing.

        What is bought for the month is billed before it ends, and covers no day. Used GPUs cover their month. The first
        day and the last are counted in hours, of those at which other days have charges, unless the month begins or
        ends on them.
        """
        periods = {charge.period for charge in self._costs if not self._is_of_month(charge)}
        if not periods or any(self._is_of_month(charge) and not charge.bought for charge in self._compute):
            return self.days_in_month
        hours = sorted({hour for start, end in periods for hour in range(start, end or start + _DAY)})
        of_day = {hour % _DAY for hour in hours}
        covered = [
            day
            for day, at in product(range(hours[0] // _DAY, hours[-1] // _DAY + 1), of_day)
            if day in (0, self.days_in_month - 1) or hours[0] <= day * _DAY + at <= hours[-1]
        ]
        return len(covered) / len(of_day)

    def _is_of_month(self, charge: _Charge) -> bool:
        """Return whether a charge is for the whole month: one of the first day without an end is, if all those are."""
        start, end = charge.period
        if end is None:
            return all(other.period[0] < _DAY for other in self._costs if other.period[1] is None)
        return start < _DAY and end > (self.days_in_month - 1) * _DAY

    @property
    def sums(self) -> dict[str, float]:
        """The sums by figure; GPU-hours are among them if all charges that name a GPU count them."""
        return self._sums(self._costs, whole=False)

    @property
    def by_gpu(self) -> dict[str, float]:
        """The cost of each GPU, the largest first; what names no GPU of the catalogue is under an empty name."""
        costs = defaultdict[str, float](float)
        for charge in self._compute:
            costs[charge.gpu] += self._costs[charge]
        return dict(sorted(costs.items(), key=itemgetter(1), reverse=True))

    @property
    def figures(self) -> dict[str, float]:
        """The sums of a whole month, and its days.

        A sum below 0, such as that of credits, is no cost of a plan: it is in the total alone.
        """
        costs = {name: amount for name, amount in self._sums(self._costs).items() if amount >= 0}
        return {"days_per_month": float(self.days_in_month), **costs}

    def of_gpu(self, gpu: str, least_hours: float) -> dict[str, float]:
        """Return the cost and the hours of a whole month that name a GPU; nothing where all compute names others.

        A purchase, such as a commitment, that names none is of it. If the hours are none, or below the least, all that
        names none is of it, and its hours are unknown.
        """
        figures, fleet = self.figures, [charge for charge in self._compute if charge.gpu in (gpu, "")]
        if _GPUS not in figures or not fleet:
            return {}
        own = self._sums([charge for charge in fleet if charge.gpu or charge.bought])
        if _HOURS in figures and own.get(_HOURS) and not own[_HOURS] < least_hours:
            return {name: own[name] for name in (_GPUS, _HOURS)}
        return {_GPUS: self._sums(fleet)[_GPUS]}

    def _sums(self, charges: Iterable[_Charge], *, whole: bool = True) -> dict[str, float]:
        """Return the sums of charges by figure, of a whole month or as billed.

        Charges for the month are whole, the others are taken at their cost per day.
        """
        sums = defaultdict[str, float](float)
        for charge in charges:
            times = self.days_in_month / self.days if whole and not self._is_of_month(charge) else 1
            for name in (charge.figure, _ALL):
                sums[name] += times * self._costs[charge]
            if charge in self._hours:
                sums[_HOURS] += times * self._hours[charge]
        return {name: sums[name] for name in FIGURES if name in sums and not math.isnan(sums[name])}


def read_bill(path: str, catalogue: Catalogue) -> list[FocusBill]:
    """Return the months of a bill, the earliest first.

    Raise Mistakes if a column is missing, a cost is no number, or a currency is not USD.
    """
    names = {name: entry.id for entry in catalogue.entries("gpus").values() for name in (entry.id, *entry.aliases)}
    with discreet(named_source(path)), open_lines(path, path, "bill") as lines:
        months = _months(csv_rows(lines, path), path, cache(lambda sku: _gpu_of(sku, names)))
    return [months[name] for name in sorted(months)]


def _months(rows: Iterator[LogRow], path: str, gpu_of: Callable[[str], str]) -> dict[str, FocusBill]:
    _line, header = next(rows, (1, list[str]()))
    missing = [f"`{name}`" for name in _NEEDED if name not in header]
    if missing:
        message = f"this bill lacks {', '.join(missing)}; a FOCUS bill is a CSV with {', '.join(_NEEDED)}"
        raise Mistakes(message, Place(path, 1, 1))

    months = dict[str, FocusBill]()
    with gathered() as mistakes:
        for line, cells in rows:
            place = Place(path, line, 1)
            if isinstance(cells, str) or len(cells) != len(header):
                refuse(mistakes, f"this row has not the {len(header)} cells of the header", place)
            else:
                with collected(mistakes):
                    _add_charge(months, dict(zip(header, cells, strict=True)), place, gpu_of)
            if len(mistakes) >= _MOST_MISTAKES:
                break
    if not months:
        raise Mistakes("there is no charge below the header", Place(path))
    # Corrections and the hours of a time zone reach into months of other bills.
    return {name: bill for name, bill in months.items() if bill.days > 1 and not bill.corrects} or months


def _add_charge(
    months: dict[str, FocusBill], row: Mapping[str, str], place: Place, gpu_of: Callable[[str], str]
) -> None:
    """Add a row to its month. Raise Mistakes with what is wrong in it."""
    read = dict[str, Any]()
    with gathered() as mistakes:
        for name, (reader, fix) in _READERS.items():
            try:
                read[name] = reader(row.get(name, ""))
            except ValueError:
                refuse(mistakes, f"`{name}` is {quote(row[name])}; {fix}", place)
    start, end = read[_START], read[_END]
    bill = months.setdefault(f"{start:%Y-%m}", FocusBill(f"{start:%Y-%m}"))
    month = start.replace(day=1, hour=0)
    first, last = ((moment - month) // timedelta(hours=1) for moment in (start, max(start, end or start)))
    hours_in_month = bill.days_in_month * _DAY
    period: _Period = (first, min(last + 1, hours_in_month)) if end else (first // _DAY * _DAY, None)
    frequency, category, kind, correction = (
        row.get(name, "").strip().lower() for name in (_FREQUENCY, _CATEGORY, _CHARGE, _CLASS)
    )
    bill.corrects &= correction == "correction"
    if frequency == "one-time":  # it has no cost per day
        period = 0, hours_in_month
    figure = _OTHER if kind in _NO_SERVICE else _FIGURES.get(category, _OTHER)
    hours = math.nan
    if _GPU_HOURS.fullmatch(row.get(_UNIT, "").strip()):
        with suppress(ValueError):
            hours = _number(row.get(_QUANTITY, ""))
    gpu = gpu_of(" ".join(row.get(name, "") for name in _NAMING))
    bill.add(_Charge(figure, gpu, kind == _PURCHASE, period), read[_COST], hours)


def _gpu_of(sku: str, names: Mapping[str, str]) -> str:
    """Return the GPU that the words of a SKU name, by its longest name; nothing if they name none.

    A count is part of no name: `8xh100` names an H100.
    """
    words = re.sub(r"[^a-z0-9]+", "-", sku.lower())
    named = [name for name in names if re.search(rf"(?<![a-z0-9])(\d+x)?{re.escape(name)}(?![a-z0-9])", words)]
    return names[max(named, key=len)] if named else ""


def _number(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:  # beyond the years 1 to 9999
        raise ValueError(text) from error
    if not_a_month(f"{moment:%Y-%m}"):
        raise ValueError(text)
    return moment


def _end(text: str) -> datetime | None:
    """Return the last moment before an end; nothing where there is none."""
    return _moment(text) - timedelta(microseconds=1) if text else None


def _dollars(text: str) -> str:
    if text != "USD":
        raise ValueError(text)
    return text


# How the cells of a column are read, and what to do where they can't be.
_READERS: dict[str, tuple[Callable[[str], object], str]] = {
    _CURRENCY: (_dollars, "a plan is in USD: convert the bill"),
    _COST: (_number, "write a number, such as 12.50"),
    _START: (_moment, "write a time, such as 2026-10-01T00:00:00Z"),
    _END: (_end, "write a time, such as 2026-10-02T00:00:00Z"),
}
