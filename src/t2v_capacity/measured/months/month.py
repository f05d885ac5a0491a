"""Read the measurements of months, a file each.

    month: 2026-10
    source: "billing export and request log, 2026-11-02"
    actuals:
      dau: 1.12M
      gpus: {value: 14200, source: "inventory"}

Names are those of figures and assumptions, values as in a scenario. A file that ends in `.csv` is a FOCUS bill.
"""

import json
from calendar import monthrange
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from t2v_capacity.assumptions.names import ASSUMPTION, FIGURE, kind_of, unknown
from t2v_capacity.assumptions.parts import SHARE, is_of_a_part, plain_name
from t2v_capacity.assumptions.quantities import Range, digits, show
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.errors import Mistake, Mistakes, Place, collected, gathered, printable, refuse
from t2v_capacity.files.document import Document, fields, parse_document, read_text
from t2v_capacity.questions.what_if.months import not_a_month
from t2v_capacity.scenario.layers import Value, read_value, written_of
from t2v_capacity.scenario.settings import point

if TYPE_CHECKING:
    from t2v_capacity.measured.months.focus import FocusBill

_BILLS = (".csv", ".csv.gz")
_GPU_COST, OTHER_COST = "gpu_cost_per_month", "other_cost_per_month"
_FLEET, _HOURS = "gpus", "gpu_hours_per_month"
_EXAMPLE = "write the figures and assumptions that were measured below it, as `dau: 1.12M`"


class Actual(NamedTuple):
    """A figure or an assumption as it was measured: its value in base units, and as it was written."""

    name: str
    value: float
    written: Value
    place: Place
    source: str
    as_of: str = ""
    note: str = ""


class MeasuredMonth(NamedTuple):
    """The measurements of a month, which is empty if the file does not state it."""

    month: str
    place: Place
    source: str
    actuals: Mapping[str, Actual] = {}
    bill: "FocusBill | None" = None
    other_compute: float = 0.0  # of its GPU cost, in USD: what is not of the plan's GPU

    def on_gpu(self, gpu: str, known: Mapping[str, float]) -> "MeasuredMonth":
        """Return the month with what its bill has of the plan's GPU, whose figures are known.

        Hours are those of the fleet from half of what the plan has for the measured GPUs; one machine's are not.
        """
        gpus = self.actuals.get(_FLEET)
        least = known[_HOURS] / (known[_FLEET] or 1) * gpus.value / 2 if gpus else 0.0
        own = self.bill.of_gpu(gpu, least) if self.bill else {}
        if not self.bill or not own:
            return self
        billed, by_gpu, source = self.bill.figures, self.bill.by_gpu, self.source
        unknown_hours = billed.keys() & {_HOURS} - own.keys()
        if _HOURS not in own and len(by_gpu) > 1 and "" in by_gpu:
            source += f"; {show(by_gpu[''], 'USD')} of compute that names no GPU is taken as {gpu}"
        other_compute = billed[_GPU_COST] - own.pop(_GPU_COST)
        actuals = {
            name: actual._replace(value=own.get(name, actual.value))
            for name, actual in self.actuals.items()
            if name not in unknown_hours
        }
        return self._replace(source=source, actuals=actuals, other_compute=other_compute)

    @property
    def settling(self) -> Mapping[str, Actual]:
        """The actuals with compute that is not of the plan's GPU as other cost, so that it is in no price."""
        if not self.other_compute:
            return self.actuals
        gpus = self.actuals[_GPU_COST]
        other = self.actuals.get(OTHER_COST, gpus._replace(name=OTHER_COST, value=0.0))
        note = f"of it {digits(self.other_compute)} USD of other compute"
        return {
            **self.actuals,
            _GPU_COST: gpus._replace(value=gpus.value - self.other_compute),
            OTHER_COST: other._replace(value=other.value + self.other_compute, written=None, note=note),
        }

    @property
    def last_day(self) -> str:
        """The last day of the month; nothing of none."""
        return f"{self.month}-{monthrange(int(self.month[:4]), int(self.month[5:]))[1]}" if self.month else ""


def read_months(given: Iterable[str | Mapping[str, object]], catalogue: Catalogue) -> list[MeasuredMonth]:
    """Return the months that files, bills or mappings of the same form describe, the earliest first.

    A bill and a file are one month where they measure different things. Raise Mistakes with those of all files.
    """
    with gathered() as mistakes:
        months: dict[str, MeasuredMonth] = {}
        for what in given:
            with collected(mistakes):
                for month in _months(what, catalogue, mistakes):
                    first = months.get(month.month)
                    if first and (bool(first.bill) == bool(month.bill) or first.actuals.keys() & month.actuals):
                        message = f"{month.month or 'this month'} is measured twice; the first is {first.place}"
                        refuse(mistakes, message, month.place)
                    months[month.month] = _together(first, month) if first else month
        if "" in months and len(months) > 1:
            message = "this file names no month, and the others do; write it, such as `month: 2026-10`"
            refuse(mistakes, message, Place(months[""].place.file))
    return [months[name] for name in sorted(months)]


def _months(
    given: str | Mapping[str, object], catalogue: Catalogue, mistakes: list[Mistake]
) -> Iterable[MeasuredMonth]:
    """Return the months of a bill, or the one of a file or a mapping."""
    if not isinstance(given, str) or not given.lower().endswith(_BILLS):
        return [_month(*_document(given), mistakes)]
    from t2v_capacity.measured.months.focus import read_bill  # which files of actuals need not read

    return [_billed_month(bill, given) for bill in read_bill(given, catalogue)]


def _billed_month(bill: "FocusBill", file: str) -> MeasuredMonth:
    """Return a month of a bill, as a file that has its figures."""
    place = Place(file)
    month = MeasuredMonth(bill.month, place, printable(f"FOCUS bill, {file}"), bill=bill)
    actuals = {
        name: Actual(name, amount, None, place, month.source, month.last_day) for name, amount in bill.figures.items()
    }
    return month._replace(actuals=actuals)


def _together(first: MeasuredMonth, second: MeasuredMonth) -> MeasuredMonth:
    """Return a file and a bill of the same month as one."""
    actuals = {**first.actuals, **second.actuals}
    source = f"{first.source}; {second.source}"
    return first._replace(source=source, actuals=actuals, bill=first.bill or second.bill)


def _document(given: str | Mapping[str, object]) -> tuple[Document, str]:
    """Return a file's document and name, or those of a mapping, which is read as a file that holds it."""
    if isinstance(given, str):
        text, source = read_text(given)
        return parse_document(text, source), source.name
    return parse_document(json.dumps(given, indent=1, ensure_ascii=False), "<actuals>"), "<actuals>"


def _month(document: Document, file: str, mistakes: list[Mistake]) -> MeasuredMonth:
    stated = fields(document, ("month", "source"), "a file of actuals", mistakes, ("actuals",))
    name, source = (stated[key].text if key in stated else "" for key in ("month", "source"))
    if name and (message := not_a_month(name)):
        refuse(mistakes, message, stated["month"].place)
        name = ""
    month = MeasuredMonth(name, document.keys.get("month", document.place), printable(source or file))
    actuals = document.entries.get("actuals")
    if isinstance(actuals, Document) and actuals.entries:
        return month._replace(actuals=_actuals(actuals, month, mistakes))
    wrong = "is a mapping" if actuals else "is missing"
    refuse(mistakes, f"`actuals` {wrong}; {_EXAMPLE}", document.keys.get("actuals", Place(file)))
    return month


def _actuals(document: Document, month: MeasuredMonth, mistakes: list[Mistake]) -> dict[str, Actual]:
    """Return what was measured of figures, assumptions and shares of parts, written as a scenario writes it."""
    actuals = {}
    for name, node in document.entries.items():
        kind, plain, place = kind_of(name), plain_name(name), document.keys[name]
        is_share = is_of_a_part(name) and plain == SHARE
        with collected(mistakes):
            if kind not in (FIGURE, ASSUMPTION) and not is_share:
                what = f"`{name}` is {kind}, and actuals are of figures and assumptions"
                raise Mistakes(what if kind else unknown(name, FIGURE, ASSUMPTION), place)
            written = written_of(plain, node, place)
            read_value(plain, written, mistakes)
            if isinstance(written.read, Range):
                raise Mistakes(f"`{name}` was one value; write it, not a range", written.place)
            if written.value is None:
                raise Mistakes(f"`{name}` has no value; write what was measured, or leave it out", written.place)
            if written.read is not None:
                notes = written.notes
                actuals[name] = Actual(
                    name,
                    point(name, written.read),
                    written.value,
                    written.place,
                    printable(notes.get("source", month.source)),
                    notes.get("as_of", month.last_day),
                    printable(notes.get("note", "")),
                )
    return actuals
