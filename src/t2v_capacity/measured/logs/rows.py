"""Rows of a log: those of a CSV, or lines of JSON whose keys are the columns."""

import csv
import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from t2v_capacity.errors import Mistakes, Place

# So many lines of JSON at the beginning name the columns between them.
_NAMING = 1_000
_MOST_LINES = 100  # of one row, in a text within quotes
# What JSON writes in words of its own, as cells.
_WORDS = {None: "", True: "true", False: "false"}
# The line that a row begins on, and its cells, or the reason why it is none.
LogRow = tuple[int, list[str] | str]


def csv_rows(lines: Iterator[str], name: str) -> Iterator[LogRow]:
    """Yield the rows of a CSV, its header first.

    Raise Mistakes if a quote that is never closed takes many rows with it.
    """
    reader = csv.reader(lines, strict=True)
    while True:
        line = reader.line_num + 1
        row: list[str] | str
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = f"it is no row ({error}); is each quote closed?"
        if reader.line_num - line > _MOST_LINES:
            raise Mistakes(f"the lines from here to {reader.line_num} are one row; close the quote", Place(name, line))
        if row or line == 1:
            yield line, row


def json_rows(lines: Iterator[str]) -> Iterator[LogRow]:
    """Yield a header, then the rows of lines of JSON, each an object.

    What lies within an object has its keys joined by dots. Lists are left out, and a key that a line lacks is an empty
    cell.

    >>> [row for _line, row in json_rows(iter(['{"time": 1, "by": {"user": "ana"}}', '{"time": 2, "status": null}']))]
    [['time', 'by.user', 'status'], ['1', 'ana', ''], ['2', '', '']]
    """
    first = list(map(_cells, islice(lines, _NAMING)))
    header = list(dict.fromkeys(name for cells in first if isinstance(cells, dict) for name in cells))
    yield 0, header
    for line, cells in enumerate(chain(first, map(_cells, lines)), 1):
        if isinstance(cells, str):
            yield line, f"it is no row ({cells})"
        elif cells:
            yield line, [cells.get(name, "") for name in header]


def _cells(line: str) -> dict[str, str] | str:
    """Return the cells of a line by their names, or the reason why it is no object."""
    if not line.strip():
        return {}
    try:
        fields = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)  # numbers keep their digits
    except (ValueError, RecursionError) as error:
        return str(getattr(error, "msg", error))
    return dict(_flat(fields, "")) if isinstance(fields, dict) else "it is no object"


def _flat(known: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, cell in known.items():
        if isinstance(cell, dict):
            yield from _flat(cell, f"{before}{key}.")
        elif not isinstance(cell, list):
            yield f"{before}{key}", _WORDS.get(cell, cell)
