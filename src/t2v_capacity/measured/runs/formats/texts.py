"""Files that are no YAML: MLPerf's summary, lines of JSON, and a table of runs as CSV; and xDiT's list of seconds.

Each becomes the tree that YAML of the same content gives, with the places of the file.
"""

import csv
import re
from collections.abc import Collection, Iterator

from t2v_capacity.errors import Mistakes, Place
from t2v_capacity.files.document import MAX_DEPTH, Document, Listing, Scalar, parse_document
from t2v_capacity.files.source import Source
from t2v_capacity.measured.runs.formats.fields import document_at, file_of_runs
from t2v_capacity.measured.runs.formats.tools import MLPERF_LATENCY, XDIT_TIMINGS

# AIPerf nests a statistic of a GPU one level deeper than a scenario may.
_DEEPER = 2
_WORD = re.compile(r"[a-z][a-z0-9_]*")
# A line of MLPerf's summary: a name and what it is.
_LINE = re.compile(r"(.+?)\s*: *(\S+)")


def document_of(text: str, source: Source, measured: Collection[str]) -> Document:
    """Return the content of a file of runs as a tree. `measured` are the keys of which a table's header has one.

    Raise Mistakes with every mistake of form.
    """
    place = Place(source.name, private=source.private)
    filled = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if "MLPerf Results Summary" in text or MLPERF_LATENCY in text:
        return document_at(place, dict(_summary(filled, source)))
    if len(filled) > 1 and all(line.startswith("{") and line.rstrip().endswith("}") for _number, line in filled):
        return file_of_runs([parse_document("\n" * (number - 1) + line, source) for number, line in filled], place)
    if filled and _is_header(filled[0][1], measured):
        return file_of_runs([*_rows(filled, source)], place)
    document = parse_document(text, source, list_of="runs", most=MAX_DEPTH + _DEEPER)
    runs = document.entries.get("runs")
    if isinstance(runs, Listing) and runs.items and all(isinstance(entry, Scalar) for entry in runs.items):
        return document_at(runs.place, {XDIT_TIMINGS: runs})
    return document


def _summary(filled: list[tuple[int, str]], source: Source) -> Iterator[tuple[str, Scalar]]:
    """Yield the names of MLPerf's summary, each with its text."""
    for number, line in filled:
        if stated := _LINE.match(line):
            place = Place(source.name, number, stated.start(2) + 1, line, len(stated[2]), source.private)
            yield stated[1], Scalar(stated[2], place)


def _is_header(line: str, measured: Collection[str]) -> bool:
    names = [name.strip() for name in line.split(",")]
    return len(names) > 1 and all(_WORD.fullmatch(name) for name in names) and not {*measured}.isdisjoint(names)


def _rows(filled: list[tuple[int, str]], source: Source) -> Iterator[Document]:
    """Yield the rows of a table, each a run; an empty cell states nothing."""

    def cells_in(number: int, line: str) -> list[Scalar]:
        cells, end = [], 0
        for cell in next(csv.reader([line], skipinitialspace=True)):
            start = max(line.find(cell, end), end)
            end = start + len(cell)
            place = Place(source.name, number, start + 1, line, max(len(cell), 1), source.private)
            cells.append(Scalar(cell.strip(), place))
        return cells

    header = cells_in(*filled[0])
    for number, line in filled[1:]:
        cells = cells_in(number, line)
        if len(cells) > len(header):
            message = f"this line has {len(cells)} cells, the header {len(header)} names"
            raise Mistakes(f"{message}; put a cell with a comma in quotes", cells[len(header)].place)
        run = Document({}, {}, cells[0].place)
        for name, cell in zip(header, cells, strict=False):
            if cell.text:
                run.add(name.text, cell, name.place)
        yield run
