"""A trace of requests, as CSV or lines of JSON in any order -> its days.

It is read once, row by row, into a table of SQLite, which sums it up. Memory grows with days, not with rows or users.
"""

import gzip
import io
import re
import sqlite3
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, groupby, repeat
from math import inf
from operator import itemgetter
from os.path import realpath
from pathlib import Path
from tempfile import gettempdir
from typing import IO, Any, NamedTuple

import yaml

from t2v_capacity.assumptions.quantities import QuantityError, parse
from t2v_capacity.errors import Mistake, Mistakes, Place, gathered, nearest, printable, quote, refuse
from t2v_capacity.files.document import STANDARD_INPUT, shown_name, unreadable
from t2v_capacity.files.source import ENDINGS, WAS_READ, discreet, named_source
from t2v_capacity.measured.logs.rows import LogRow, csv_rows, json_rows
from t2v_capacity.measured.logs.times import time_of

_FILE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
COLUMNS: dict[str, str] = _FILE["columns"]
KIND_BY = ("kind", "resolution", "length")  # which together say what kind of clip a request asks for
DONE, FAILED, PROMPT, OUTPUT, REFUSED, UNKNOWN_OUTCOME = (
    "done",
    "failed",
    "rejected_prompt",
    "rejected_output",
    "refused",
    "unknown",
)
OUTCOMES: dict[str, str] = _FILE["outcomes"]
DAY_TICKS, HOUR_TICKS, TICK_SECONDS = 1_440, 60, 60
BOUNDARY_TICKS = 5  # to midnight that make no difference
_NAMED = 5  # of what can't be read
_MOST_WORDS = 1_000  # of a column that says what became of a request
MOST_KINDS, _BETWEEN = 20, "\0"
_AGAIN = 60  # seconds within which a refused request is sent again
_SHARED_HOURS = 0.01  # of a log's hours, which may have two offsets where clocks are changed
_CHANGE = 3_600  # seconds at most by which clocks are changed
_FEWEST_TIMES, _OF_RUNS = 10, 100  # different run times, of so many runs
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_GZIP = b"\x1f\x8b"
_BRIEFEST, _LONGEST = 1e-9, 1e8  # seconds that something takes
_LONGEST_LINE = 1_000_000  # characters
# Of amounts how many, their sum, the sum of their squares.
Sums = tuple[int, float, float]


class Day(NamedTuple):
    """One day of a trace, summed up."""

    number: int  # since 1970-01-01
    requests: int  # without runs that failed, which came again
    users: int
    hours: tuple[int, ...]  # requests in each
    statuses: Mapping[str, int]
    kinds: Mapping[str, int]  # requests of each kind of clip
    failed: Mapping[str, int]  # runs of each kind that failed
    seconds: Mapping[str, Sums]  # of runs that came to an end, by kind
    ticks: Sequence[int]  # requests in each

    @property
    def date(self) -> str:
        """The day as it is written."""
        return date.fromordinal(_EPOCH_DAY + self.number).isoformat()


class UnreadLine(NamedTuple):
    """A row that can't be read: its line, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Unread:
    """The unreadable rows: their number, and the first few."""

    count: int = 0
    first: list[UnreadLine] = field(default_factory=list)

    def add(self, line: int, reason: str) -> None:
        """Count one, and keep its line and reason where it is one of the first."""
        self.count += 1
        if len(self.first) < _NAMED:
            self.first.append(UnreadLine(line, printable(reason)))


@dataclass(slots=True)
class Trace:
    """A trace that was read."""

    file: str
    columns: dict[str, str]
    unread: Unread = field(default_factory=Unread)
    unread_durations: Unread = field(default_factory=Unread)
    without_zone: int = 0
    without_user: int = 0
    words: Counter[str] = field(default_factory=Counter)  # what stood as status
    kinds: dict[str, str] = field(default_factory=dict)  # such a word -> what it means
    utc_offset_seconds: int = 0  # that its days are ahead of UTC
    clocks: str = ""  # what became of several offsets
    first: float = inf  # tick since 1970 by its clocks that has a request
    last: float = inf
    pause: float = 0  # ticks of the longest without a request
    days: list[Day] = field(default_factory=list)
    kinds_of_clips: int = 0
    lengths: str = ""  # the column of durations that are too few to be run times
    others: list[str] = field(default_factory=list)  # columns that are not read
    repeats: int = 0  # refused requests that their users sent again

    @property
    def requests(self) -> int:
        """How many rows were read."""
        return sum(day.requests + sum(day.failed.values()) for day in self.days) + self.repeats

    @property
    def rows(self) -> int:
        """How many rows there are below the header."""
        return self.requests + self.unread.count


def kind_columns(trace: Trace, stored: str) -> dict[str, str]:
    """Return what the columns of a trace say of a kind of clip."""
    return dict(zip([part for part in KIND_BY if part in trace.columns], stored.split(_BETWEEN), strict=False))


def read_trace(path: str, columns: Mapping[str, str], statuses: Mapping[str, str]) -> Trace:
    """Return a trace's days; raise Mistakes if the column of times is missing, or nothing can be read."""
    _check_named(columns, statuses)
    name = shown_name(path)
    with discreet(named_source(path)):
        if name.endswith(ENDINGS):
            raise Mistakes(f"{name} is a scenario; `t2v-cap fit` takes a log, CSV or lines of JSON, a request a line")
        with open_lines(path, name, "trace") as lines, _table() as table:
            rows = _rows(lines, name)
            _line, header = next(rows, (0, list[str]()))
            if isinstance(header, str):
                raise Mistakes(f"this is no CSV: {header}", Place(name, 1))
            places = _places(header, columns, name)
            names = [printable(cell).strip() for cell in header]
            trace = Trace(printable(name), {part: names[at] for part, at in places.items()})
            trace.others = [each for each in names if each not in trace.columns.values()]
            requests = _requests(trace, rows, places, len(header))
            table.executemany("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?)", requests)
            _drop_unusable_columns(trace, table, columns)
            _follow_clocks(trace, table)
            _add_meanings(trace, table, statuses)
            _forget_repeats(trace, table)
            _add_days(trace, table)
        if trace.unread.count and not trace.days:
            raise Mistakes(
                [Mistake(f"no request can be read: {reason}", Place(name, line)) for line, reason in trace.unread.first]
            )
        if not any(day.requests for day in trace.days):
            raise Mistakes("there is no request below the header, or all of them failed", Place(name))
    return trace


@contextmanager
def _table() -> Iterator[sqlite3.Connection]:
    """Open an empty table of requests, which SQLite moves from memory to a file of its own where it grows."""
    try:
        with closing(sqlite3.connect("")) as table:
            table.execute(
                "CREATE TABLE requests (second INTEGER, ahead INTEGER, spent REAL, user BLOB, word BLOB, kind BLOB)"
            )
            table.execute(
                "CREATE VIEW local AS SELECT (second + ahead) / 86400 AS day, (second + ahead) % 86400 / 60 AS tick,"
                " user, word, spent, kind FROM requests"
            )
            yield table
    except sqlite3.Error as error:
        raise Mistakes(
            f"the rows of a trace can't be kept in {gettempdir()}: {error}; name a folder with room in TMPDIR"
        ) from error


def _rows(lines: Iterator[str], name: str) -> Iterator[LogRow]:
    """Return the rows: of CSV, or of JSON if the first line is an object."""
    first = next(lines, "")
    if first.lstrip().startswith("["):
        raise Mistakes("this is a list of JSON; write an object a line, as `jq -c '.[]'` does", Place(name, 1))
    lines = chain((first,), lines)
    return json_rows(lines) if first.lstrip().startswith("{") else csv_rows(lines, name)


def _check_named(columns: Mapping[str, str], statuses: Mapping[str, str]) -> None:
    """Refuse a part of a request, and what becomes of one, that there is not."""
    with gathered() as mistakes:
        for given, known, what in ((columns, COLUMNS, "a part"), (statuses.values(), OUTCOMES, "what becomes")):
            for word in given:
                if word not in known:
                    more = nearest(word, known) or f"; write {', '.join(known)}"
                    refuse(mistakes, f"{quote(word)} is not {what} of a request{more}")


@contextmanager
def open_lines(path: str, name: str, what: str) -> Iterator[Iterator[str]]:
    """Open a file, or standard input, as lines; one that is compressed is read as what it holds."""
    try:
        if path == STANDARD_INPUT:
            raw: IO[bytes] = sys.stdin.buffer if sys.stdin else io.BytesIO()
        else:
            if not path.strip():
                raise Mistakes("the name of the file is empty; write a file's name, or - for standard input")
            WAS_READ.add(realpath(path))
            raw = Path(path).open("rb")  # noqa: SIM115 - closed below
        buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # type: ignore[type-var]
        packed = buffered.peek(len(_GZIP)).startswith(_GZIP)
    except (OSError, ValueError) as error:
        raise unreadable(path, error, what) from error
    try:
        opened: Any = gzip.GzipFile(fileobj=buffered) if packed else buffered
        text = io.TextIOWrapper(opened, encoding="utf-8-sig", errors="surrogateescape", newline="")
        yield _lines(text, name)
        text.detach()  # so that standard input stays open
    finally:
        if path != STANDARD_INPUT:
            raw.close()


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    """Yield lines. Raise Mistakes where one has no end, before it fills the memory, or where compressed data do."""
    for number in range(1, sys.maxsize):
        try:
            line = text.readline(_LONGEST_LINE)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            fix = "it was cut off or damaged; copy it again"
            raise Mistakes(
                f"{name} can't be read beyond line {number}: its compressed data end there; {fix}"
            ) from error
        if len(line) == _LONGEST_LINE:
            raise Mistakes("this line is longer than 1 MB; a trace has a line for each request", Place(name, number))
        if not line:
            return
        yield line


def _places(header: Sequence[str], named: Mapping[str, str], name: str) -> dict[str, int]:
    """Return the column of each part of a request. Raise Mistakes if one that is named, or the time, is not there."""
    place = Place(name, 1, 1, ",".join(header))
    _check_header(header, place)
    names, known = [cell.strip() for cell in header], [_plain(cell) for cell in header]
    places: dict[str, int] = {}
    taken = {names.index(column.strip()) for column in named.values() if column.strip() in names}
    with gathered() as mistakes:
        for part, words in COLUMNS.items():
            if part not in named:
                usual = [
                    known.index(word)
                    for word in map(_plain, words.split())
                    if word in known and known.index(word) not in taken
                ]
                taken |= {*usual[:1]}
                if message := _in_doubt(part, [names[at] for at in usual]):
                    refuse(mistakes, message, place)
                elif usual:
                    places[part] = usual[0]
            elif (count := names.count(named[part].strip())) == 1:
                places[part] = names.index(named[part].strip())
            elif count:
                refuse(mistakes, f"{quote(named[part])} is the name of {count} columns; give one another name", place)
            else:
                more = nearest(named[part], names) or f"; it has {', '.join(names)}"
                refuse(mistakes, f"{quote(named[part])} is not a column of the trace{more}", place)
        if "time" not in places and "time" not in named:
            refuse(mistakes, _no_time(header), place)
    return places


def _check_header(header: Sequence[str], place: Place) -> None:
    """Refuse a first line that names no columns, or parts them by another mark."""
    if not any(cell.strip() for cell in header):
        message = "there is no header; the first line of a trace names its columns, such as `time,user`"
        raise Mistakes(message, Place(place.file))
    if len(header) == 1 and (between := next((mark for mark in ";\t|" if mark in header[0]), "")):
        raise Mistakes(f"the columns are parted by {quote(repr(between)[1:-1])}; write the trace with commas", place)


def _in_doubt(part: str, usual: Sequence[str]) -> str:
    """Return what to write where several columns may have the run times, and none says it; else nothing."""
    if part != "duration" or len(usual) <= 1 or _plain(usual[0]) not in map(_plain, _FILE["either"].split()):
        return ""
    return f"{' and '.join(map(quote, usual))} may each be the run time; name it: `--columns duration={usual[-1]}`"


def _no_time(header: Sequence[str]) -> str:
    """Return what to write where no column has times."""
    if any(isinstance(time_of(cell), tuple) for cell in header):
        return "the first line is a request; write a header above it, such as `time,user`"
    return f"no column says when a request came; name it: `--columns time={header[0].strip() or 'NAME'}`"


def _plain(name: str) -> str:
    """Return a column's name without what people write differently.

    >>> _plain(" Created At"), _plain("createdAt"), _plain("created_at")
    ('createdat', 'createdat', 'createdat')
    """
    return re.sub(r"[\W_]+", "", name.lower())


def _scale_of(name: str) -> float:
    """Return the unit of a column of durations in seconds, by the ending of its name.

    >>> _scale_of("duration_ms"), _scale_of("tookMs"), _scale_of("seconds")
    (0.001, 0.001, 1.0)
    """
    ending = re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", name)[-1].lower()
    return float(_FILE["units"].get(ending, 1.0))


# A row of the table: the second (UTC) since 1970, the seconds that its clock is ahead, those of its run, the user, the
# status's word and the kind of clip.
_Request = tuple[int, float, float | None, bytes | None, bytes | None, bytes | None]


def _requests(trace: Trace, rows: Iterator[LogRow], places: Mapping[str, int], width: int) -> Iterator[_Request]:
    """Yield the requests of the rows that can be read; count the others."""
    scale = _scale_of(trace.columns.get("duration", ""))
    for line, row in rows:
        if isinstance(row, str):
            trace.unread.add(line, row)
        elif len(row) != width:
            trace.unread.add(line, f"it has {len(row)} columns, the header {width}")
        elif isinstance(time := time_of(row[places["time"]]), str):
            trace.unread.add(line, time)
        else:
            cells = {part: row[at] for part, at in places.items()}
            user, (when, offset) = cells.get("user"), time
            trace.without_user += user == ""
            trace.without_zone += offset is None
            spent = _seconds(cells.get("duration", ""), scale)
            if spent is None:
                trace.unread_durations.add(line, f"{quote(cells['duration'], 40)} is no duration")
            kind = _BETWEEN.join([cells[part].strip() for part in KIND_BY if part in cells])
            yield (
                int(when),
                offset or 0.0,
                spent or None,
                _stored_bytes(user),
                _stored_bytes(cells.get("status")),
                _stored_bytes(kind),
            )


def _seconds(text: str, scale: float) -> float | None:
    """Return a duration in seconds, 0 of an empty text; nothing of what takes neither no time nor what runs take."""
    try:
        seconds = float(text) * scale
    except ValueError:
        try:
            seconds = parse(text, "second") if text.strip() else 0.0
        except QuantityError:
            return None
    # A nanosecond to three years.
    return seconds if seconds == 0 or _BRIEFEST <= seconds <= _LONGEST else None


def _stored_bytes(text: str | None) -> bytes | None:
    """Return a text as the table holds it: one that is no Unicode too."""
    return None if text is None else text.encode("utf-8", "surrogatepass")


def _drop_unusable_columns(trace: Trace, table: sqlite3.Connection, named: Mapping[str, str]) -> None:
    """Count the kinds of clips; forget kinds that are too many, and run times that are too few to be any."""
    (trace.kinds_of_clips, runs, times), *_ = table.execute(
        "SELECT COUNT(DISTINCT kind), COUNT(spent), COUNT(DISTINCT spent) FROM requests"
    )
    if trace.kinds_of_clips > MOST_KINDS:
        table.execute("UPDATE requests SET kind = NULL")
    if times < _FEWEST_TIMES and runs >= _OF_RUNS and "duration" not in named:
        trace.lengths = trace.columns.pop("duration")
        table.execute("UPDATE requests SET spent = NULL")


def _follow_clocks(trace: Trace, table: sqlite3.Connection) -> None:
    """Give each request the time of its own clock, where clocks are changed for summer or winter.

    In several zones hours have several offsets, and days are those of the first row.
    """
    ((_row, first, offsets),) = table.execute("SELECT MIN(rowid), ahead, COUNT(DISTINCT ahead) FROM requests")
    trace.utc_offset_seconds = first or 0
    if offsets <= 1:
        return
    ((shared,),) = table.execute(
        "SELECT AVG(offsets > 1) FROM (SELECT COUNT(DISTINCT ahead) AS offsets FROM requests GROUP BY second / 3600)"
    )
    most = _CHANGE if shared <= _SHARED_HOURS else 0
    table.execute("UPDATE requests SET ahead = ?1 WHERE ABS(ahead - ?1) > ?2", (first, most))
    ((changed,),) = table.execute("SELECT MAX(ahead <> ?) FROM requests", (first,))
    trace.clocks = (
        ", rows after a change of clocks by their own offset"
        if changed
        else ", the first row's of several offsets (cut the log where clocks change)"
    )


def _add_meanings(trace: Trace, table: sqlite3.Connection, statuses: Mapping[str, str]) -> None:
    """Find what each word of the status means; refuse a column of more words than a status has."""
    known = {word: kind for kind, words in OUTCOMES.items() for word in words.split()}
    known |= {_word(word): kind for word, kind in statuses.items()}
    for (stored,) in table.execute("SELECT DISTINCT word FROM requests WHERE word IS NOT NULL"):
        word = _read_back(stored)
        code = re.fullmatch(r"\s*([1-5])\d\d\s*", word, re.ASCII)
        trace.kinds[word] = known.get(_word(word)) or _FILE["http"].get(code[1] if code else "", UNKNOWN_OUTCOME)
    if len(trace.kinds) > _MOST_WORDS:
        raise Mistakes(
            f"`{trace.columns['status']}` has more than {_MOST_WORDS} different words and is no status; "
            "name its column: `--columns status=NAME`"
        )


def _forget_repeats(trace: Trace, table: sqlite3.Connection) -> None:
    """Forget each refused request that its user sent again soon, for a click is one request, its last."""
    for word, means in trace.kinds.items():
        if means == REFUSED:
            trace.repeats += table.execute(
                "DELETE FROM requests WHERE rowid IN (SELECT id FROM (SELECT rowid AS id, word, LEAD(second) OVER"
                " (PARTITION BY user ORDER BY second, rowid) - second AS pause FROM requests WHERE user > x'')"
                " WHERE word = ? AND pause <= ?)",
                (_stored_bytes(word), _AGAIN),
            ).rowcount


def _read_back(stored: bytes | None) -> str:
    return (stored or b"").decode("utf-8", "surrogatepass")


def _add_days(trace: Trace, table: sqlite3.Connection) -> None:
    """Sum the table up, day by day."""
    users = dict(table.execute("SELECT day, COUNT(DISTINCT NULLIF(user, x'')) FROM local GROUP BY 1"))
    rows = table.execute(
        "SELECT day, tick, word, kind, COUNT(*), COUNT(spent), TOTAL(spent), TOTAL(spent * spent) "
        "FROM local GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    for number, of_day in groupby(rows, itemgetter(0)):
        statuses, kinds, failed = (Counter[str]() for _ in range(3))
        seconds = dict[str, Sums]()
        ticks = array("I", repeat(0, DAY_TICKS))
        for _day, tick, stored, stored_kind, count, *sums in of_day:
            kind, means = _read_back(stored_kind), ""
            if stored is not None:
                word = _read_back(stored)
                means = trace.kinds[word]
                trace.words[word] += count
                statuses[means] += count
            if means == FAILED:
                failed[kind] += count
            else:
                kinds[kind] += count
                ticks[tick] += count
            # A run that came to no end says nothing of how long a clip takes.
            if sums[0] and means not in (FAILED, PROMPT, REFUSED):
                add_sums(seconds, kind, sums)
            now = number * DAY_TICKS + tick
            trace.first = min(trace.first, now)
            trace.pause = max(trace.pause, now - trace.last)
            trace.last = now
        hours = tuple(summed(ticks, HOUR_TICKS))
        trace.days.append(Day(number, sum(hours), users[number], hours, statuses, kinds, failed, seconds, ticks))


def add_sums(by_kind: dict[str, Sums], kind: str, more: Sequence[float]) -> None:
    """Add the sums of runs to those of their kind."""
    count, total, squares = by_kind.get(kind, (0, 0.0, 0.0))
    by_kind[kind] = (count + int(more[0]), total + more[1], squares + more[2])


def summed(ticks: Sequence[int], size: int) -> list[int]:
    """Return the sums of so many ticks each; what is left over counts nowhere.

    >>> summed([1, 2, 3, 4, 5], 2)
    [3, 7]
    """
    return [sum(ticks[start : start + size]) for start in range(0, len(ticks) - size + 1, size)]


def _word(text: str) -> str:
    """Return a word of a status without what people write differently."""
    return re.sub(r"[\s_-]+", "_", text.strip().lower())
