"""Read a FOCUS 1.x bill: a CSV with a row per charge, summed by the month in which a charge begins."""

import math
import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from t2v_capacity.catalogue import Catalogue
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes, Place, gathered, quote, refuse
from t2v_capacity.files.source import discreet, named_source
from t2v_capacity.measured.logs.rows import LogRow, csv_rows
from t2v_capacity.measured.logs.trace import open_lines
from t2v_capacity.questions.what_if.months import not_a_month

_COST, _CURRENCY, _START, _CATEGORY = "BilledCost", "BillingCurrency", "ChargePeriodStart", "ServiceCategory"
_NEEDED = (_COST, _CURRENCY, _START, _CATEGORY)
_END, _CHARGE, _QUANTITY, _UNIT = "ChargePeriodEnd", "ChargeCategory", "ConsumedQuantity", "ConsumedUnit"
_NAMING = ("SkuId", "ResourceName")
_GPUS, _HOURS, _OTHER, _ALL = "gpu_cost_per_month", "gpu_hours_per_month", "other_cost_per_month", "cost_per_month"
# The figure of each category of services, charges that buy nothing, and units that count GPU-hours.
_FIGURES = {
    "compute": _GPUS,
    "ai and machine learning": _GPUS,
    "storage": "storage_cost_per_month",
    "networking": "egress_cost_per_month",
}
_NO_SERVICE = ("credit", "tax", "adjustment")
_GPU_HOURS = re.compile(r"gpu[ -]?(h|hrs?|hours?)", re.IGNORECASE)
_MOST_MISTAKES = 10


class FocusBill(NamedTuple):
    """A month of a bill: its sums in USD by figure, its GPU cost by GPU, and the days that it covers.

    What names no GPU of the catalogue is under an empty name. GPU-hours are among the sums if all that name a GPU
    count them.
    """

    month: str
    sums: Mapping[str, float]
    by_gpu: Mapping[str, float]
    days: int

    @property
    def days_in_month(self) -> int:
        """The days of the calendar month."""
        return monthrange(int(self.month[:4]), int(self.month[5:]))[1]

    @property
    def figures(self) -> dict[str, float]:
        """The sums of a whole month, at the cost per day of the days that are covered, and its days.

        A sum below 0, such as that of credits, is no cost of a plan: it is in the total alone.
        """
        costs = {name: amount for name, amount in self.sums.items() if amount >= 0}
        whole = {name: amount / self.days * self.days_in_month for name, amount in costs.items()}
        return {"days_per_month": float(self.days_in_month), **whole}


class _Month:
    """The sums of a month's charges."""

    def __init__(self) -> None:
        self.sums, self.by_sku = defaultdict[str, float](float), defaultdict[str, float](float)
        self.days = set[date]()
        self.hours = dict[str, float | None]()  # by SKU; none where a charge does not count them

    def add(self, cost: float, figure: str, first: date, last: date, sku: str, hours: float | None) -> None:
        """Add a charge: the figure that it is part of, when it begins and ends, and what it says of GPUs."""
        self.sums[figure] += cost
        self.sums[_ALL] += cost
        day = first
        while day <= last and day.month == first.month:
            self.days.add(day)
            day += timedelta(days=1)
        if figure == _GPUS:
            self.by_sku[sku] += cost
            before = self.hours.get(sku, 0.0)
            self.hours[sku] = None if before is None or hours is None else before + hours


def read_bill(path: str, catalogue: Catalogue) -> list[FocusBill]:
    """Return the months of a bill, the earliest first.

    Raise Mistakes if a column is missing, a cost is no number, or a currency is not USD.
    """
    with discreet(named_source(path)), open_lines(path, path, "bill") as lines:
        months = _months(csv_rows(lines, path), path)
    skus = {sku for month in months.values() for sku in month.by_sku}
    gpus = {sku: _gpu_of(sku, catalogue) for sku in skus}
    return [_bill(name, months[name], gpus) for name in sorted(months)]


def _months(rows: Iterator[LogRow], path: str) -> dict[str, _Month]:
    _line, header = next(rows, (1, list[str]()))
    missing = [f"`{name}`" for name in _NEEDED if name not in header]
    if missing:
        message = f"this bill lacks {', '.join(missing)}; a FOCUS bill is a CSV with {', '.join(_NEEDED)}"
        raise Mistakes(message, Place(path, 1, 1))

    months, currency = dict[str, _Month](), ""
    with gathered() as mistakes:
        for line, cells in rows:
            if isinstance(cells, str) or len(cells) != len(header):
                refuse(mistakes, f"this row has not the {len(header)} cells of the header", Place(path, line, 1))
            else:
                row = dict(zip(header, cells, strict=True))
                wrong = [*_wrong_cells(row, currency)]
                for message in wrong:
                    refuse(mistakes, message, Place(path, line, 1))
                if not wrong:
                    _add_charge(months, row)
                currency = currency or row[_CURRENCY]
            if len(mistakes) >= _MOST_MISTAKES:
                break
    if not months:
        raise Mistakes("there is no charge below the header", Place(path))
    return months


def _wrong_cells(row: Mapping[str, str], currency: str) -> Iterator[str]:
    """Yield what is wrong with a row; `currency` is that of the first."""
    if currency and row[_CURRENCY] != currency:
        yield f"`{_CURRENCY}` is {quote(row[_CURRENCY])}, and {quote(currency)} above; a bill has one currency, USD"
    elif row[_CURRENCY] != "USD":
        yield f"`{_CURRENCY}` is {quote(row[_CURRENCY])}; a plan is in USD: convert the bill"
    if _number(row[_COST]) is None:
        yield f"`{_COST}` is {quote(row[_COST])}; write a number, such as 12.50"
    start = _moment(row[_START])
    if start is None or not_a_month(f"{start:%Y-%m}"):
        yield f"`{_START}` is {quote(row[_START])}; write a time, such as 2026-10-01T00:00:00Z"
    if row.get(_END) and _moment(row[_END]) is None:
        yield f"`{_END}` is {quote(row[_END])}; write a time, such as 2026-10-02T00:00:00Z"


def _add_charge(months: dict[str, _Month], row: Mapping[str, str]) -> None:
    """Add a row that has been checked to its month. Without an end, a charge of the first day is of its month."""
    start, end, cost = _moment(row[_START]), _moment(row.get(_END, "")), _number(row[_COST])
    assert start
    assert cost is not None
    last = start + timedelta(days=31 if start.day == 1 else 0)
    if end:
        last = max(start, end - timedelta(microseconds=1))
    figure = _FIGURES.get(row[_CATEGORY].strip().lower(), _OTHER)
    if row.get(_CHARGE, "").strip().lower() in _NO_SERVICE:
        figure = _OTHER
    sku = " ".join(row.get(name, "") for name in _NAMING)
    hours = _number(row.get(_QUANTITY, "")) if _GPU_HOURS.fullmatch(row.get(_UNIT, "").strip()) else None
    months.setdefault(f"{start:%Y-%m}", _Month()).add(cost, figure, start.date(), last.date(), sku, hours)


def _bill(name: str, month: _Month, gpus: Mapping[str, str]) -> FocusBill:
    by_gpu = defaultdict[str, float](float)
    for sku, cost in month.by_sku.items():
        by_gpu[gpus[sku]] += cost
    sums = dict(month.sums)
    hours = [month.hours[sku] for sku in month.by_sku if gpus[sku]]
    counted = [amount for amount in hours if amount is not None]
    if counted and len(counted) == len(hours):
        sums[_HOURS] = math.fsum(counted)
    in_order = {figure: sums[figure] for figure in FIGURES if figure in sums}
    largest_first = dict(sorted(by_gpu.items(), key=itemgetter(1), reverse=True))
    return FocusBill(name, in_order, largest_first, len(month.days))


def _gpu_of(sku: str, catalogue: Catalogue) -> str:
    """Return the GPU that the words of a SKU name, by its longest name; nothing if they name none.

    A count is part of no name: `8xh100` names an H100.
    """
    words = re.sub(r"[^a-z0-9]+", "-", sku.lower())
    names = {name: entry.id for entry in catalogue.entries("gpus").values() for name in (entry.id, *entry.aliases)}
    named = [name for name in names if re.search(rf"(?<![a-z0-9])(\d+x)?{re.escape(name)}(?![a-z0-9])", words)]
    return names[max(named, key=len)] if named else ""


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
