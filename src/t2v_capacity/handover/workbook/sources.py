"""The sheet Sources: each source once, the names that rest on it, its dates and its links."""

import re

from t2v_capacity.engine import constants
from t2v_capacity.forms.text import ADDRESS
from t2v_capacity.handover.workbook.book import Book
from t2v_capacity.handover.workbook.inputs import used_constants

_SHEET = "Sources"
_LONGEST_LINK = 2_079


def links(text: str) -> list[str]:
    """Return the web addresses in a text.

    >>> links("a page, https://example.org/a(b)?c=1, read 2026-11; javascript:alert(1)")
    ['https://example.org/a(b)?c=1']
    """
    return list(dict.fromkeys(re.findall(ADDRESS, text, re.IGNORECASE)))


def write_sources(book: Book) -> None:
    """Write every source of an assumption, a pin, a choice and a constant."""
    scenario = book.plan.scenario
    names: dict[str, list[str]] = {}
    dates: dict[str, dict[str, None]] = {}
    for known in (scenario.settings, scenario.pins, scenario.of_parts(), scenario.choices):
        for name, setting in known.items():
            if setting.source:
                names.setdefault(setting.source, []).append(name)
                dates.setdefault(setting.source, {})[getattr(setting, "as_of", "")] = None
    for name in used_constants():
        names.setdefault(getattr(constants, name).source, []).append(name.lower())
    row = book.open_sheet(
        _SHEET,
        "What the plan rests on; the names are those of the sheets before.",
        [("Source", 80), ("As of", 14), ("Names that rest on it", 60), ("Link", 60)],
    )
    for source, resting in names.items():
        book.text(_SHEET, row, 0, source, "wrap")
        book.text(_SHEET, row, 1, ", ".join(filter(None, dates.get(source, {}))), "unit", "wrap")
        book.text(_SHEET, row, 2, ", ".join(resting), "unit", "wrap")
        for index, link in enumerate(links(source)):
            if len(link) <= _LONGEST_LINK:
                book.sheets[_SHEET].set_column(3 + index, 3 + index, 60)
                book.sheets[_SHEET].write_url(row, 3 + index, link, book.style("link", "unit", "wrap"), link)
        row += 1
