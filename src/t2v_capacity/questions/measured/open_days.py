"""Days of a trace that go on while its rows come in any order: a few are held, the others lie in a temporary folder."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from types import TracebackType
from typing import Any, Self

from t2v_capacity.errors import Mistakes

# Days that are held at first: rows near midnight may come in either order. A day that comes back lets one more be held, up to so many users.
_AT_FIRST, _MOST_USERS = 2, 4_000_000


@dataclass(slots=True)
class OpenDay:
    """A day that goes on."""

    number: int
    requests: int = 0
    users: set[str] = field(default_factory=set)
    ticks: Counter[int] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    seconds: tuple[int, float, float] = (0, 0.0, 0.0)


class OpenDays:
    """The days of a trace by number; those that have not been used for longest are written down."""

    def __init__(self) -> None:
        """Begin with none."""
        self._held: dict[int, OpenDay] = {}  # the least recently used first
        self._files: dict[int, Path] = {}
        self._room = _AT_FIRST
        self._folder: TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take away what was written."""
        if self._folder:
            self._folder.cleanup()

    @property
    def numbers(self) -> list[int]:
        """The days that there are, in order."""
        return sorted(self._held.keys() | self._files.keys())

    def day(self, number: int) -> OpenDay:
        """Return a day, as far as it has come."""
        day = self._held.pop(number, None) or self._read(number) or OpenDay(number)
        self._held[number] = day
        while len(self._held) > self._room:
            self._write(self._held.pop(next(iter(self._held))))
        return day

    def _read(self, number: int) -> OpenDay | None:
        file = self._files.get(number)
        if file is None:
            return None
        if sum(len(day.users) for day in self._held.values()) < _MOST_USERS:
            self._room += 1
        known: dict[str, Any] = json.loads(file.read_text(encoding="ascii"))
        ticks = Counter({int(tick): count for tick, count in known["ticks"].items()})
        return OpenDay(number, known["requests"], {*known["users"]}, ticks, Counter(known["words"]), tuple(known["seconds"]))

    def _write(self, day: OpenDay) -> None:
        try:
            self._folder = self._folder or TemporaryDirectory(prefix="t2v-cap.")
            file = self._files[day.number] = Path(self._folder.name, str(day.number))
            known = {"requests": day.requests, "users": [*day.users], "ticks": day.ticks, "words": day.words, "seconds": day.seconds}
            file.write_text(json.dumps(known), encoding="ascii")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise Mistakes(f"the days of a trace can't be kept in {gettempdir()}: {reason}; name a folder with room in TMPDIR") from error
