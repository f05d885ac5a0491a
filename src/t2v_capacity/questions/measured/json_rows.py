"""Lines of JSON as rows of a table: each line an object, its keys the columns."""

import csv
import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

# So many lines at the beginning name the columns between them.
_NAMING = 1_000


class JsonRows(Iterator[list[str]]):
    """Rows of lines of JSON, as `csv.reader` gives those of CSV: the header first; `line_num` is the line that was read last.

    What lies within an object has its keys joined by dots; lists are left out, and a key that a line lacks is an empty cell.

    >>> list(JsonRows(['{"time": 1, "by": {"user": "ana"}}', '{"time": 2, "status": null}']))
    [['time', 'by.user', 'status'], ['1', 'ana', ''], ['2', '', '']]
    """

    def __init__(self, lines: Iterable[str]) -> None:
        """Take the lines; their beginning is read at once."""
        waiting = iter(lines)
        naming = list(islice(waiting, _NAMING))
        self.line_num = 0
        self._lines = chain(naming, waiting)
        self._header: list[str] = list(dict.fromkeys(name for line in naming for name in _cells_or_none(line)))
        self._named = False

    def __next__(self) -> list[str]:
        """Return the header, then a row; raise csv.Error if a line is no object."""
        if not self._named:
            self._named = True
            return self._header
        line = next(self._lines)
        self.line_num += 1
        if not line.strip():
            return []
        try:
            cells = _cells(line)
        except (ValueError, RecursionError) as error:
            raise csv.Error(getattr(error, "msg", str(error))) from error
        return [cells.get(name, "") for name in self._header]


def _cells_or_none(line: str) -> dict[str, str]:
    try:
        return _cells(line)
    except (ValueError, RecursionError):
        return {}


def _cells(line: str) -> dict[str, str]:
    """Return the cells of a line by their names; raise ValueError if it is no object."""
    found = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)  # numbers keep their digits
    if not isinstance(found, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - of a file, not of an argument
    return dict(_flat(found, ""))


def _flat(known: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, value in known.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        elif not isinstance(value, list):
            yield f"{before}{key}", "" if value is None else str(value).lower() if isinstance(value, bool) else value
