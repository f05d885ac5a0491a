"""Files that are no YAML: MLPerf's summary, lines of JSON, and a table of runs as CSV; and xDiT's list of seconds.

Each becomes the tree that YAML of the same content gives, with the places of the file.
"""

import csv
import re
from collections.abc import Collection, Iterator

from t2v_capacity.errors import Mistake, Mistakes, Place
from t2v_capacity.files.document import MAX_DEPTH, Document, Listing, Node, Scalar, parse_document
from t2v_capacity.files.source import Source
from t2v_capacity.measured.runs.formats.fields import file_of_runs, median_of, run_of

# MLPerf's clip of text-to-video, by its rules; mlcommons/inference, text_to_video/wan2.2-t2v-a14b,
# inference_config.yaml, 2026.
_MLPERF = {"model": "wan2.2-t2v-a14b", "width": "1280", "height": "720", "frames": "81", "steps": "20"}
# What loadgen's PerformanceSummary::LogSummary writes: nanoseconds of a clip, or clips per second of the whole system.
_LATENCY = re.compile(r"^50\.00 percentile latency \(ns\)\s*: *(\S+)", re.MULTILINE)
_RATE = re.compile(r"^Samples per second\s*: *(\S+)", re.MULTILINE)
_SCENARIO = re.compile(r"^Scenario *: *(\S+)", re.MULTILINE)
# AIPerf nests a statistic of a GPU one level deeper than a scenario may.
_DEEPER = 2
_WORD = re.compile(r"[a-z][a-z0-9_]*")


def document_of(text: str, source: Source, measured: Collection[str]) -> Document:
    """Return the content of a file of runs as a tree. `measured` are the keys of which a table's header has one.

    Raise Mistakes with every mistake of form.
    """
    lines, place = text.splitlines(), Place(source.name, private=source.private)
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if "MLPerf Results Summary" in text or _LATENCY.search(text):
        return file_of_runs([_mlperf_run(text, source, lines)], place)
    if len(filled) > 1 and all(line.startswith("{") and line.rstrip().endswith("}") for _number, line in filled):
        return file_of_runs([parse_document("\n" * (number - 1) + line, source) for number, line in filled], place)
    if filled and _is_header(filled[0][1], measured):
        return file_of_runs([*_rows(filled, source)], place)
    return parse_document(text, source, list_of="runs", most=MAX_DEPTH + _DEEPER)


def _mlperf_run(text: str, source: Source, lines: list[str]) -> Document:
    """Return the clip of MLPerf's summary: its median latency, or of the offline scenario what each group makes."""
    scenario = _SCENARIO.search(text)
    is_offline = bool(scenario and scenario[1] == "Offline")
    line_read = (_RATE if is_offline else _LATENCY).search(text)
    if line_read is None:
        line = "Samples per second" if is_offline else "50.00 percentile latency (ns)"
        raise Mistakes(f"this MLPerf summary has no `{line}`; take that of SingleStream or Offline", Place(source.name))
    number = text.count("\n", 0, line_read.start()) + 1
    column = line_read.start(1) - text.rfind("\n", 0, line_read.start(1))
    place = Place(source.name, number, column, lines[number - 1], len(line_read[1]), source.private)
    try:
        amount = float(line_read[1])
    except ValueError:
        amount = 0.0
    if amount <= 0:
        raise Mistakes(f"{line_read[1]} is no number above 0; this benchmark timed no clip", place)
    seconds = 1 / amount if is_offline else amount / 1e9
    settings = {key: Scalar(setting, place) for key, setting in _MLPERF.items()}
    return run_of(place, "MLPerf", None, settings, {"seconds": Scalar(f"{seconds!r} s", place)})


def _is_header(line: str, measured: Collection[str]) -> bool:
    names = [name.strip() for name in line.split(",")]
    return len(names) > 1 and all(_WORD.fullmatch(name) for name in names) and not {*measured}.isdisjoint(names)


def _rows(filled: list[tuple[int, str]], source: Source) -> Iterator[Document]:
    """Yield the rows of a table, each a run; an empty cell states nothing."""

    def places(number: int, line: str) -> list[tuple[str, Place]]:
        cells, end = [], 0
        for cell in next(csv.reader([line], skipinitialspace=True)):
            start = max(line.find(cell, end), end)
            end = start + len(cell)
            cells.append((cell.strip(), Place(source.name, number, start + 1, line, max(len(cell), 1), source.private)))
        return cells

    header = places(*filled[0])
    for number, line in filled[1:]:
        cells = places(number, line)
        if len(cells) > len(header):
            message = f"this line has {len(cells)} cells, the header {len(header)} names"
            raise Mistakes(f"{message}; put a cell with a comma in quotes", cells[len(header)][1])
        stated = [(name, place, cell) for (name, place), cell in zip(header, cells, strict=False) if cell[0]]
        yield Document(
            {name: Scalar(*cell) for name, _place, cell in stated},
            {name: place for name, place, _cell in stated},
            cells[0][1],
        )


def is_xdit(runs: Node | None) -> bool:
    """Return whether a list is the seconds that xDiT's runner writes into `timings.json`.

    After `save_timings` of xfuser/model_executor/models/runner_models/base_model.py: a number per iteration.
    """
    if not isinstance(runs, Listing) or not runs.items:
        return False
    return all(isinstance(entry, Scalar) for entry in runs.items)


def xdit_document(runs: Listing) -> Document:
    """Return the median of xDiT's seconds as a file of one run. Raise Mistakes if there is none."""
    seconds = median_of(runs)
    if seconds is None:
        message = "this list has no seconds of a clip; write runs, such as `- {seconds: 120, steps: 50}`"
        raise Mistakes(Mistake(message, runs.place))
    return file_of_runs([run_of(runs.place, "xDiT", None, {"seconds": seconds})], runs.place)
