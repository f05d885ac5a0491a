"""Rows that are kept as columns, written as CSV and JSON a part at a time: the bytes that row by row would give, many times sooner.

Each column becomes texts at once, and a row is joined from texts that are ready. A million rows are never one text.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any, NamedTuple

from pydantic_core import to_json

from t2v_capacity.assumptions.names import is_count, plain
from t2v_capacity.forms.data import as_csv, as_json, spreadsheet_cell

# So many rows are joined at once: enough that a part costs nothing, few enough that it fits in the processor's cache.
PART = 20_000
_NULL = "null"
# A column whose values each occur this often is read by its distinct values; this many values are sampled first.
_OFTEN, _TASTE = 4, 400


class Columns(NamedTuple):
    """Rows over axes, the last one running fastest: the axes' values, a column of values for each name, and why a row has none."""

    axes: Mapping[str, Sequence[float | str]]
    values: Mapping[str, Sequence[float]]
    errors: Mapping[int, str]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return math.prod(len(values) for values in self.axes.values())


def csv_parts(columns: Columns) -> Iterator[str]:
    """Yield the rows as CSV, whose last column is the error."""
    yield as_csv([*columns.axes, *columns.values, "error"], ())
    places = product(*([_of_axis(name, one, _field, "") for one in values] for name, values in columns.axes.items()))
    for part in _parts(columns, _field, ""):
        yield "\n".join([*map(",".join, zip(map(",".join, islice(places, len(part[0]))), *part, strict=True)), ""])


def json_parts(document: Mapping[str, Any], columns: Columns) -> Iterator[str]:
    """Yield a document as JSON, with these as its rows; so many have no verdict."""
    # No text within JSON has a line of its own, so this is the key itself.
    before, here, after = as_json({**document, "rows": []}).partition('\n  "rows": []')
    yield f"{before}{here.removesuffix(']')}"
    axes = ([f"      {_json(name)}: {_of_axis(name, one, _json, _NULL)},\n" for one in values] for name, values in columns.axes.items())
    places = product(*axes)
    cells = ",\n".join("      {}: %s".format(_json(name).replace("%", "%%")) for name in (*columns.values, "error"))
    row = f'    {{\n%s{cells},\n      "verdict": null\n    }}'.__mod__
    between = "\n"
    for part in _parts(columns, _json, _NULL):
        yield between + ",\n".join(map(row, zip(map("".join, islice(places, len(part[0]))), *part, strict=True)))
        between = ",\n"
    yield f"\n  ]{after}"


def _parts(columns: Columns, text: Callable[[str], str], none: str) -> Iterator[list[Sequence[str]]]:
    """Yield the columns of each part as texts, the errors last."""
    for begin in range(0, columns.rows, PART):
        places = range(begin, min(begin + PART, columns.rows))
        texts = [column_texts(name, values[begin : begin + PART], none) for name, values in columns.values.items()]
        known = columns.errors
        yield [*texts, [text(known[place]) if place in known else none for place in places] if known else [none] * len(places)]


def column_texts(name: str, values: Sequence[float], none: str) -> list[str]:
    """Return values of a name as data holds them, a count without a fraction; `none` for what is no number.

    >>> column_texts("gpus", [8.0, float("nan"), 8.5], "null"), column_texts("trps", [8.0, 1e16, 2], "")
    (['8', 'null', '8.5'], ['8.0', '1e+16', '2'])
    """
    several = {*values} if len({*values[:_TASTE]}) * _OFTEN <= len(values[:_TASTE]) else {0.0}
    if len(several) * _OFTEN <= len(values) and 0.0 not in several and {*map(type, several)} == {float}:  # 0.0 and -0.0 are one key
        known = dict(zip(several, column_texts(name, [*several], none), strict=True))
        return [known[value] for value in values]
    if math.isfinite(sum(values)):  # the sum of what is finite may be endless, never the other way
        if not is_count(name):
            return _numbers(values, none)
        whole = [*map(int, values)]
        if whole == list(values):
            return [*map(str, whole)]
    return _numbers([plain(name, value) for value in values], none)


def _numbers(values: Sequence[float | None], none: str) -> list[str]:
    """Return numbers as JSON writes them where there is a word for none, else as CSV does."""
    if none:
        return to_json(values).decode()[1:-1].split(",")
    return ["" if value is None else repr(value) for value in values]


def _of_axis(name: str, value: float | str, text: Callable[[str], str], none: str) -> str:
    return text(value) if isinstance(value, str) else _numbers([plain(name, value)], none)[0]


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _field(text: str) -> str:
    """Return a text as a field of CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([spreadsheet_cell(text), ""])
    return out.getvalue().removesuffix(",\n")
