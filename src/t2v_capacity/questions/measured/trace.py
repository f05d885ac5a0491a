"""A trace of requests, as CSV or lines of JSON in any order -> its days.

It is read in one go, a few thousand rows at a time, and most days that go on lie on disk: memory grows with the users of some days,
not with rows.
"""

import csv
import gzip
import io
import re
import sys
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain, islice
from math import inf, isfinite
from operator import gt, sub
from os.path import realpath
from pathlib import Path
from typing import IO, Any

from t2v_capacity.assumptions.quantities import QuantityError, parse
from t2v_capacity.errors import Mistake, Mistakes, Place, nearest, quote, unquoted
from t2v_capacity.files.document import STANDARD_INPUT, unreadable
from t2v_capacity.files.places import was_read
from t2v_capacity.files.source import named_source
from t2v_capacity.questions.measured.json_rows import JsonRows
from t2v_capacity.questions.measured.open_days import OpenDay, OpenDays

# The parts of a request -> the usual names of its column, the likeliest first; capitals, blanks and underscores don't count.
COLUMNS = {
    "time": "time timestamp created_at created ts datetime requested_at request_time submitted_at submit_time received_at "
    "arrival_time arrived_at event_time start_time started_at time_iso8601 received enqueued_at date",
    "user": "user user_id uid account_id account customer_id customer member_id client_id user_hash user_uuid "
    "username user_name user_email email end_user end_user_id",
    "status": "status state outcome result status_code http_status response_code",
    "duration": "duration duration_s duration_ms gpu_seconds generation_seconds generation_time generation_ms seconds service_time "
    "processing_time processing_ms inference_time run_time elapsed elapsed_s elapsed_ms took "
    "gpu_time gpu_time_ms gpu_ms inference_seconds inference_ms predict_time metrics.predict_time runtime_s runtime_ms",
}
DONE, FAILED, PROMPT, OUTPUT, UNKNOWN = "done", "failed", "rejected_prompt", "rejected_output", "unknown"
STATUSES = (DONE, FAILED, PROMPT, OUTPUT)
# The outcomes of a request -> the usual words for each.
WORDS = {
    DONE: "done ok success succeeded successful complete completed finished delivered ready 200 201",
    FAILED: "failed failure fail error errored exception crashed oom timeout timed_out 500 502 503 504",
    PROMPT: "rejected_prompt prompt_rejected rejected blocked moderated denied refused prompt_blocked input_blocked",
    OUTPUT: "rejected_output output_rejected output_blocked output_moderated discarded filtered nsfw",
}
# How the name of a column of durations ends -> seconds of its unit.
UNITS = {"ms": 1e-3, "millis": 1e-3, "milliseconds": 1e-3, "us": 1e-6, "min": 60.0, "minutes": 60.0}
DAY, HOUR, TICK = 86_400, 3_600, 10
# Seconds of the windows in which arrivals are counted, each a divisor of an hour.
WINDOWS = (10, 30, 60, 120, 300, 600)
NEAR = 300  # seconds to midnight, or to an hour, that make no difference
_ROWS_AT_ONCE = 20_000
_NAMED = 5  # of what can't be read
_MOST_WORDS = 1_000  # of a column that says what became of a request
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_NAIVE = datetime(1970, 1, 1)  # noqa: DTZ001 - times without a zone count from here
_SOONEST, _LATEST = 946_684_800.0, 4_102_444_800.0  # 2000 and 2100, between which an epoch's unit shows
_SCALES = (1.0, 1e-3, 1e-6, 1e-9)
_GZIP = b"\x1f\x8b"
_BRIEFEST, _LONGEST = 1e-9, 1e8  # seconds that something takes
_LONGEST_LINE = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a trace, summed up."""

    number: int  # since 1970-01-01
    requests: int
    users: int
    hours: tuple[int, ...]
    statuses: Mapping[str, int]
    seconds: tuple[int, float, float]  # of runs that came to an end: how many, their sum and the sum of their squares
    clusters: Mapping[int, tuple[int, int]]  # window -> sums of squared second differences of counts, and of what these would be one by one

    @property
    def date(self) -> str:
        """The day as it is written."""
        return day_of(self.number)


@dataclass(slots=True)
class Unread:
    """The unreadable rows: their number, and the first few."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)  # line and reason

    def add(self, line: int, reason: str) -> None:
        """Count one, and keep its line and reason where it is one of the first."""
        self.count += 1
        if len(self.first) < _NAMED:
            self.first.append((line, reason))


@dataclass(slots=True)
class Trace:
    """A trace that was read."""

    name: str
    columns: dict[str, str]
    unread: Unread = field(default_factory=Unread)
    unread_durations: Unread = field(default_factory=Unread)
    unordered: int = 0  # rows that came before the one above
    without_zone: int = 0
    without_user: int = 0
    words: Counter[str] = field(default_factory=Counter)  # what stood as status
    kinds: dict[str, str] = field(default_factory=dict)  # such a word -> what it means
    offset: int = 0  # seconds that its days are ahead of UTC
    first: float = 0.0
    last: float = 0.0
    pause: float = 0.0  # the longest without a request, to within 10 s
    days: list[Day] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many rows were read."""
        return sum(day.requests for day in self.days)

    @property
    def rows(self) -> int:
        """How many rows there are below the header."""
        return self.read + self.unread.count


def day_of(number: int) -> str:
    """Return a day, counted from 1970, as it is written.

    >>> day_of(20_000)
    '2024-10-04'
    """
    return date.fromordinal(_EPOCH_DAY + number).isoformat()


def read_trace(path: str, columns: Mapping[str, str] | None = None, statuses: Mapping[str, str] | None = None) -> Trace:
    """Return a trace's days; raise Mistakes if the column of times is missing, or nothing can be read."""
    _check_named(columns or {}, statuses or {})
    if named_source(path).private:
        try:
            return _read(path, columns, statuses)
        except Mistakes as error:
            raise unquoted(error, path) from None
    return _read(path, columns, statuses)


def _read(path: str, columns: Mapping[str, str] | None, statuses: Mapping[str, str] | None) -> Trace:
    name = "<stdin>" if path == STANDARD_INPUT else path
    with _opened(path) as lines, OpenDays() as days:
        reader: Any = None
        try:
            reader = _rows(lines, name)
            header = _header(reader, name)
            places = _places(header, columns or {}, name)
            trace = Trace(name, {part: header[index] for part, index in places.items()})
            reading = _Reading(trace, places, len(header), statuses or {}, days)
            for numbers, rows in _chunks(reader, trace.unread):
                reading.take(numbers, rows)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            fix = "it was cut off or damaged; copy it again"
            raise Mistakes(
                f"{name} can't be read beyond line {reader.line_num if reader else 0}: its compressed data end there; {fix}"
            ) from error
        return reading.ended()


def _rows(lines: Iterator[str], name: str) -> Any:
    """Return the reader of rows: of CSV, or of JSON if the first line is an object."""
    first = next(lines, "")
    if first.lstrip().startswith("["):
        raise Mistakes(Mistake("this is a list of JSON; write an object a line, as `jq -c '.[]'` does", Place(name, 1)))
    lines = chain((first,), lines)
    # A quote that is never closed would swallow rows in silence.
    return JsonRows(lines) if first.lstrip().startswith("{") else csv.reader(lines, strict=True)


def _header(reader: Any, name: str) -> list[str]:
    try:
        found: list[str] = next(reader, [])
    except csv.Error as error:
        raise Mistakes(Mistake(f"this is no CSV: {error}", Place(name, 1))) from error
    return found


def _check_named(columns: Mapping[str, str], statuses: Mapping[str, str]) -> None:
    """Refuse a part of a request, and what becomes of one, that there is not."""
    asked = [(part, "a part of a request", tuple(COLUMNS)) for part in columns]
    asked += [(kind, "what becomes of a request", STATUSES) for kind in statuses.values()]
    wrong = [
        Mistake(f"{quote(one)} is not {what}" + (nearest(one, known) or f"; write {', '.join(known)}"))
        for one, what, known in asked
        if one not in known
    ]
    if wrong:
        raise Mistakes(wrong)


@contextmanager
def _opened(path: str) -> Iterator[Iterator[str]]:
    """Open a file, or standard input, as lines; one that is compressed is read as what it holds."""
    try:
        if path == STANDARD_INPUT:
            raw: IO[bytes] = sys.stdin.buffer if sys.stdin else io.BytesIO()
        else:
            if not path.strip():
                raise Mistakes("the name of the file is empty; write a file's name, or - for standard input")
            was_read().add(realpath(path))
            raw = Path(path).open("rb")  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        raise unreadable(path, error, "trace") from error
    try:
        buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # type: ignore[type-var]
        packed = buffered.peek(len(_GZIP))[: len(_GZIP)] == _GZIP
        plain = gzip.GzipFile(fileobj=buffered) if packed else buffered
        bounded = io.BufferedReader(_Bounded(plain, "<stdin>" if path == STANDARD_INPUT else path))
        yield io.TextIOWrapper(bounded, encoding="utf-8-sig", errors="surrogateescape", newline="")
    except IsADirectoryError as error:
        raise unreadable(path, error, "trace") from error
    finally:
        if path != STANDARD_INPUT:
            raw.close()


class _Bounded(io.RawIOBase):
    """Bytes of a file whose lines have an end: an endless one is refused before it fills the memory."""

    def __init__(self, plain: Any, name: str) -> None:
        self.plain, self.name, self.lines, self.open = plain, name, 1, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.plain.read1(len(buffer))
        buffer[: len(data)] = data
        end = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self.lines += data.count(b"\n")
        self.open = self.open + len(data) if end < 0 else len(data) - end - 1
        if self.open > _LONGEST_LINE:
            raise Mistakes(Mistake("this line is longer than 1 MB; a trace has a line for each request", Place(self.name, self.lines)))
        return len(data)


def _places(header: Sequence[str], named: Mapping[str, str], name: str) -> dict[str, int]:
    """Return the column of each part of a request. Raise Mistakes if one that is named, or the time, is not there."""
    place = Place(name, 1, 1, ",".join(header))
    if not any(cell.strip() for cell in header):
        raise Mistakes(Mistake("there is no header; the first line of a trace names its columns, such as `time,user`", Place(name)))
    if len(header) == 1 and (between := next((mark for mark in ";\t|" if mark in header[0]), "")):
        raise Mistakes(Mistake(f"the columns are parted by {quote(repr(between)[1:-1])}; write the trace with commas", place))
    known = [_plain(cell) for cell in header]
    found: dict[str, int] = {}
    wrong: list[Mistake] = []
    has = ", ".join([cell.strip() for cell in header])
    for part, words in COLUMNS.items():
        if part in named:
            same = [index for index, cell in enumerate(header) if cell.strip() == named[part].strip()]
            if len(same) == 1:
                found[part] = same[0]
                continue
            problem = (
                f"is the name of {len(same)} columns; give one another name" if same else f"is not a column of the trace; it has {has}"
            )
            near = "" if same else nearest(named[part], [cell.strip() for cell in header])
            wrong.append(Mistake(f"{quote(named[part])} {problem if same or not near else f'is not a column of the trace{near}'}", place))
        elif one := next((word for word in map(_plain, words.split()) if word in known), ""):
            found[part] = known.index(one)
    if "time" not in found and "time" not in named:
        if any(_is_time(cell) for cell in header):
            wrong.append(Mistake("the first line is a request; write a header above it, such as `time,user`", place))
        else:
            wrong.append(Mistake(f"no column says when a request came; name it: `--columns time={header[0].strip() or 'NAME'}`", place))
    if wrong:
        raise Mistakes(wrong)
    return found


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
    return UNITS.get(re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", name.strip())[-1].lower(), 1.0)


def _chunks(reader: Any, unread: Unread) -> Iterator[tuple[list[int], list[list[str]]]]:
    """Yield some thousand rows at a time, each with the line on which it begins; count those that are no CSV."""
    ended = False
    while not ended:
        numbers, rows = [reader.line_num], []
        try:
            for row in islice(reader, _ROWS_AT_ONCE):
                rows.append(row)
                numbers.append(reader.line_num)
            ended = not rows
        except csv.Error as error:
            first, last = numbers[-1] + 1, reader.line_num
            lines = f"lines {first} to {last} are" if last > first else "it is"
            unread.add(first, f"{lines} no row ({error}){'' if isinstance(reader, JsonRows) else '; is each quote closed?'}")
        yield numbers, rows


def _is_time(text: str) -> bool:
    try:
        time_of(text)
    except ValueError:
        return False
    return True


def time_of(text: str) -> tuple[float, float | None]:
    """Return a time in seconds since 1970, and its offset from UTC in seconds if it has one. Raise ValueError if it is not a time.

    >>> time_of("2026-11-01T09:00:00+09:00"), time_of("1793491200"), time_of("1793491200000")
    ((1793491200.0, 32400.0), (1793491200.0, 0.0), (1793491200.0, 0.0))
    """
    text = text.strip()
    if not text:
        raise ValueError("it has no time")
    try:
        number = float(text)
    except ValueError:
        found = _moment(text)
        offset = found.utcoffset()
        when = (found - _NAIVE).total_seconds() if offset is None else found.timestamp()
        if not _SOONEST <= when < _LATEST:
            raise ValueError(f"{quote(text, 40)} is not between 2000 and 2100") from None
        return when, None if offset is None else offset.total_seconds()
    for scale in _SCALES:
        if _SOONEST <= number * scale < _LATEST:
            return number * scale, 0.0
    raise ValueError(f"{quote(text, 40)} is no time; write ISO 8601, or seconds since 1970")


def _moment(text: str) -> datetime:
    """Return a time written with its date. Raise ValueError if it is not a time."""
    try:
        found = datetime.fromisoformat(re.sub(r"\s*(UTC|GMT)$", "+00:00", text))
    except ValueError:
        raise ValueError(f"{quote(text, 40)} is no time; write it as 2026-11-01T09:30:00Z, or in seconds since 1970") from None
    if len(text) <= len("2026-11-01"):
        raise ValueError(f"{quote(text, 40)} is a day without a time")
    return found


class _Reading:
    """Sums rows up, day by day."""

    def __init__(self, trace: Trace, places: Mapping[str, int], width: int, statuses: Mapping[str, str], days: OpenDays) -> None:
        self.trace, self.places, self.width, self.days = trace, places, width, days
        self.busy_until = inf  # of the days that are summed up, the last time of a request
        self.newest = -inf  # of the rows so far, the time of the last
        self.begun = False
        self.scale = _scale_of(trace.columns.get("duration", ""))
        self.known = {word: kind for kind, words in WORDS.items() for word in words.split()} | {_word(w): k for w, k in statuses.items()}
        self.unspent: set[str] = set()  # words of runs that say nothing of how long a clip takes

    def take(self, numbers: Sequence[int], rows: Sequence[list[str]]) -> None:
        """Take some rows; `numbers` are the line above the first, and then each one's last."""
        trace, at = self.trace, self.places["time"]
        kept = []  # the line of a row, and the row
        for above, last, row in zip(numbers, numbers[1:], rows, strict=False):
            if len(row) == self.width and (last == above + 1 or not any("\n" in row[index] for index in self.places.values())):
                kept.append((above + 1, row))
            elif row:
                trace.unread.add(above + 1, self._odd(row, above + 1, last))
        times = _alike([row[at] for _line, row in kept]) if self.begun else None
        if times is None:
            times, kept = self._one_by_one(kept)
        elif times[1]:
            trace.without_zone += len(kept)
        if kept:
            self._split(*self._in_order(times[0], kept))

    def _odd(self, row: list[str], first: int, last: int) -> str:
        """Return why a row is none of the trace's."""
        if last > first:
            return f"lines {first} to {last} are one row; is each quote closed?"
        return f"it has {len(row)} columns, the header {self.width}"

    def _one_by_one(self, rows: list[tuple[int, list[str]]]) -> tuple[tuple[list[float], bool], list[tuple[int, list[str]]]]:
        """Return the times of rows, and the rows that have one."""
        times, kept = [], []
        for line, row in rows:
            try:
                when, offset = time_of(row[self.places["time"]])
            except ValueError as error:
                self.trace.unread.add(line, str(error))
                continue
            if not self.begun:
                self.begun = True
                self.trace.first = self.trace.last = when
                self.trace.offset = int(offset or 0)
            self.trace.without_zone += offset is None
            times.append(when)
            kept.append((line, row))
        return (times, False), kept

    def _in_order(self, times: list[float], rows: list[tuple[int, list[str]]]) -> tuple[list[float], list[tuple[int, list[str]]]]:
        """Return times and rows in order of time; count those that came before the one above."""
        trace = self.trace
        late = sum(map(gt, [self.newest, *times[:-1]], times))
        self.newest = times[-1]
        if late:
            trace.unordered += late
            order = sorted(range(len(times)), key=times.__getitem__)
            times, rows = [times[index] for index in order], [rows[index] for index in order]
        trace.first, trace.last = min(trace.first, times[0]), max(trace.last, times[-1])
        return times, rows

    def _split(self, times: list[float], rows: list[tuple[int, list[str]]]) -> None:
        """Give each day its rows, which are in order."""
        start = 0
        while start < len(times):
            day = self.days.day(int((times[start] + self.trace.offset) // DAY))
            midnight = day.number * DAY - self.trace.offset
            end = bisect_left(times, midnight + DAY, start)
            self._add(day, midnight, times[start:end], rows[start:end])
            start = end

    def _add(self, day: OpenDay, midnight: int, times: list[float], rows: list[tuple[int, list[str]]]) -> None:
        day.requests += len(rows)
        day.ticks.update([int(when - midnight) // TICK for when in times])
        if (at := self.places.get("user")) is not None:
            users = [row[at] for _line, row in rows]
            day.users.update(users)
            self.trace.without_user += users.count("")
        words = None
        if (at := self.places.get("status")) is not None:
            words = [row[at] for _line, row in rows]
            found = Counter(words)
            day.words.update(found)
            self._learn(found)
        if (at := self.places.get("duration")) is not None:
            seconds = self._seconds([row[at] for _line, row in rows], rows)
            if words is not None and self.unspent:
                seconds = [one for one, word in zip(seconds, words, strict=True) if word not in self.unspent]
            spent = [one for one in seconds if one]
            count, total, squares = day.seconds
            day.seconds = (count + len(spent), total + sum(spent), squares + sum([one * one for one in spent]))

    def _learn(self, words: Iterable[str]) -> None:
        """Note the meanings of status words."""
        kinds = self.trace.kinds
        for word in words:
            if word not in kinds:
                kinds[word] = self.known.get(_word(word), UNKNOWN)
                if kinds[word] in (FAILED, PROMPT):
                    self.unspent.add(word)
        if len(kinds) > _MOST_WORDS:
            name = self.trace.columns["status"].strip()
            raise Mistakes(
                f"`{name}` has more than {_MOST_WORDS} different words and is no status; name its column: `--columns status=NAME`"
            )

    def _seconds(self, texts: list[str], rows: list[tuple[int, list[str]]]) -> list[float]:
        """Return durations in seconds, with nothing for those that are empty or can't be read; the latter are counted."""
        try:
            found = [float(text) if text else 0.0 for text in texts]
        except ValueError:
            found = [-1.0]
        if (
            min(found) < 0
            or not isfinite(sum(found))
            or not self._likely(max(found))
            or not self._likely(min(filter(None, found), default=0.0))
        ):
            found = [self._duration(text, line) for text, (line, _row) in zip(texts, rows, strict=True)]
        return found if self.scale == 1 else [one * self.scale for one in found]

    def _likely(self, duration: float) -> bool:
        """Return whether something can take so long, in the column's unit: nothing, or a nanosecond to three years."""
        return duration == 0 or _BRIEFEST <= duration * self.scale <= _LONGEST

    def _duration(self, text: str, line: int) -> float:
        if not text.strip():
            return 0.0
        try:
            found = float(text)
        except ValueError:
            try:
                found = parse(text, "second") / self.scale
            except QuantityError:
                found = -1.0
        if self._likely(found):
            return found
        self.trace.unread_durations.add(line, f"{quote(text, 40)} is no duration")
        return 0.0

    def _close(self, day: OpenDay, *, last: bool) -> None:
        """Sum a day up."""
        trace = self.trace
        midnight = day.number * DAY - trace.offset
        ticks = [day.ticks.get(index, 0) for index in range(DAY // TICK)]
        busy = [midnight + index * TICK for index, count in enumerate(ticks) if count]
        trace.pause = max(trace.pause, *map(sub, busy, [self.busy_until, *busy[:-1]]))
        self.busy_until = busy[-1]
        hours = tuple(sum(ticks[hour * HOUR // TICK : (hour + 1) * HOUR // TICK]) for hour in range(DAY // HOUR))
        # Hours that the trace sees whole.
        begin = max(0, -int((midnight + NEAR - trace.first) // HOUR))
        end = int((trace.last + NEAR - midnight) // HOUR) if last else DAY // HOUR
        statuses = Counter[str]()
        for word, count in day.words.items():
            statuses[trace.kinds[word]] += count
        trace.words.update(day.words)
        seen = ticks[begin * HOUR // TICK : max(begin, min(end, DAY // HOUR)) * HOUR // TICK]
        clusters = {window: clustered(seen, window // TICK) for window in WINDOWS}
        users = len(day.users - {""})
        trace.days.append(Day(day.number, day.requests, users, hours, statuses, day.seconds, clusters))

    def ended(self) -> Trace:
        """Return the trace. Raise Mistakes if it has no request that can be read."""
        trace, numbers = self.trace, self.days.numbers
        for number in numbers:
            self._close(self.days.day(number), last=number == numbers[-1])
        trace.unread.first.sort()
        if not trace.days:
            if not trace.unread.count:
                raise Mistakes(Mistake("there is no request below the header", Place(trace.name)))
            raise Mistakes([Mistake(f"no request can be read: {reason}", Place(trace.name, line)) for line, reason in trace.unread.first])
        return trace


def clustered(ticks: Sequence[int], ticks_a_window: int) -> tuple[int, int]:
    """Return the sum of squared second differences of the counts in an hour's windows, and what requests one by one would make of it.

    A second difference forgets how busy it is and how fast that changes, so that the day's swing isn't taken for clusters.

    >>> clustered([3, 0, 3], 1)
    (36, 6)
    """
    counts = ticks if ticks_a_window == 1 else [sum(ticks[i : i + ticks_a_window]) for i in range(0, len(ticks), ticks_a_window)]
    an_hour = HOUR // TICK // ticks_a_window
    squares = expected = 0
    for start in range(0, len(counts), an_hour):
        hour = counts[start : start + an_hour]
        squares += sum([(a - 2 * b + c) ** 2 for a, b, c in zip(hour, hour[1:], hour[2:], strict=False)])
        expected += sum([a + 4 * b + c for a, b, c in zip(hour, hour[1:], hour[2:], strict=False)])
    return squares, expected


def _word(text: str) -> str:
    """Return a word of a status without what people write differently."""
    return re.sub(r"[\s_-]+", "_", text.strip().lower())


def _alike(texts: list[str]) -> tuple[list[float], bool] | None:
    """Return the times of rows that are all written alike, and whether they have no zone; nothing if one is not."""
    if not texts or min(map(len, texts)) <= len("2026-11-01") - 1:
        return None
    try:
        times = list(map(float, texts))
    except ValueError:
        return _moments(texts)
    scale = next((scale for scale in _SCALES if _SOONEST <= times[0] * scale < _LATEST), 0.0)
    times = times if scale == 1 else [when * scale for when in times]
    return (times, False) if scale and _usual(times) else None


def _usual(times: list[float]) -> bool:
    """Return whether all times are in this century; where one is not a number, its sum tells, and no minimum."""
    return isfinite(sum(times)) and min(times) >= _SOONEST and max(times) < _LATEST


def _moments(texts: list[str]) -> tuple[list[float], bool] | None:
    if min(map(len, texts)) <= len("2026-11-01"):
        return None
    try:
        found = list(map(datetime.fromisoformat, texts))
    except ValueError:
        return None
    zones = {one.tzinfo for one in found}
    if None in zones and len(zones) > 1:
        return None
    times = [(one.replace(tzinfo=UTC) if zones == {None} else one).timestamp() for one in found]
    return (times, zones == {None}) if _usual(times) else None
