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
from t2v_capacity.assumptions.parts import MIX, PINS, SHARE, is_of_a_part, named_of, plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.errors import Mistake, Place, collected, gathered, refuse
from t2v_capacity.files.document import Document, Node, Scalar, parse_document, parts, read_text
from t2v_capacity.questions.what_if.months import not_a_month
from t2v_capacity.scenario.layers import Layer, Value, read_layer, read_values
from t2v_capacity.scenario.settings import point

if TYPE_CHECKING:
    from t2v_capacity.measured.months.focus import FocusBill

_BILLS = (".csv", ".csv.gz")
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
    month = MeasuredMonth(bill.month, place, f"FOCUS bill, {file}", bill=bill)
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
    noted = parts(document, ("month", "source", "actuals"), "a file of actuals", mistakes)
    texts = {key: _text(key, noted, document, mistakes) for key in ("month", "source")}
    if texts["month"] and (message := not_a_month(texts["month"])):
        refuse(mistakes, message, noted["month"].place)
        texts["month"] = ""
    month = MeasuredMonth(texts["month"], document.keys.get("month", document.place), texts["source"] or file)
    actuals = noted.get("actuals")
    if isinstance(actuals, Document) and actuals.entries:
        layer = read_layer(_as_scenario(actuals, mistakes), file, mistakes)
        return month._replace(actuals=_actuals(layer, month, mistakes))
    wrong = "is a mapping" if actuals else "is missing"
    refuse(mistakes, f"`actuals` {wrong}; {_EXAMPLE}", document.keys.get("actuals", Place(file)))
    return month


def _text(key: str, noted: Mapping[str, Node], document: Document, mistakes: list[Mistake]) -> str:
    node = noted.get(key)
    if node is None or isinstance(node, Scalar):
        return node.text if node else ""
    refuse(mistakes, f"`{key}` takes one text", document.keys[key])
    return ""


def _as_scenario(actuals: Document, mistakes: list[Mistake]) -> Document:
    """Return actuals as a scenario writes them: figures as pins, and shares in their parts.

    Note a mistake for each name of nothing that is measured.
    """
    pins, mix = Document({}, {}, actuals.place), Document({}, {}, actuals.place)
    scenario = Document({PINS: pins, MIX: mix}, dict.fromkeys((PINS, MIX), actuals.place), actuals.place)
    for name, node in actuals.entries.items():
        kind, place = kind_of(name), actuals.keys[name]
        if is_of_a_part(name) and plain_name(name) == SHARE:
            part = name.split(".")[1]
            mix.add(part, Document({SHARE: node}, {SHARE: place}, place), place)
        elif kind in (FIGURE, ASSUMPTION):
            (pins if kind == FIGURE else scenario).add(name, node, place)
        else:
            message = (
                f"`{name}` is {kind}, and actuals are of figures and assumptions"
                if kind
                else unknown(name, FIGURE, ASSUMPTION)
            )
            refuse(mistakes, message, place)
    return scenario


def _actuals(layer: Layer, month: MeasuredMonth, mistakes: list[Mistake]) -> dict[str, Actual]:
    """Return a layer's values of figures and assumptions."""
    read_values(layer, mistakes)
    actuals = {}
    shares = {named_of(name, SHARE): part.share for name, part in layer.inner[MIX].items() if part.share}
    for name, written in {**layer.numbers, **layer.pins, **shares}.items():
        if isinstance(written.read, Range):
            refuse(mistakes, f"`{name}` was one value; write it, not a range", written.place)
        elif written.read is not None:
            notes = written.notes
            actuals[name] = Actual(
                name,
                point(name, written.read),
                written.value,
                written.place,
                notes.get("source", month.source),
                notes.get("as_of", month.last_day),
                notes.get("note", ""),
            )
        elif written.value is None:
            refuse(mistakes, f"`{name}` has no value; write what was measured, or leave it out", written.place)
    return actuals
