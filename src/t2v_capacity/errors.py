"""Define the errors that a user can fix: one base class, whose message is shown unchanged."""

import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

# How a line begins that a runner obeys; it skips blanks before.
_COMMAND = re.compile(r"^([ \t]*)(::|##\[)", re.MULTILINE)
# Columns of a full-width character.
_WIDE = {"W": 2, "F": 2}
MOST_SHOWN = 20  # mistakes of one input
_WIDTH = 100  # characters of a line that are shown
PRIVATE = (
    "there is a mistake here; nothing of this file is shown, "
    "since it is no .yaml file of the scenario's folder or repository"
)


class Place(NamedTuple):
    """Where in the input something stands: a file, a 1-based line and column, and that line's text."""

    file: str
    line: int = 0
    column: int = 0
    text: str = ""
    length: int = 1
    private: bool = False  # nothing of the file may be quoted

    def __str__(self) -> str:
        """Return the place as editors and terminals link it: `file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Mistake(NamedTuple):
    """One thing that is wrong, and where."""

    message: str
    place: Place | None = None

    @property
    def file(self) -> str:
        """The file, or the flag, in which it stands; nothing if it stands nowhere."""
        return self.place.file if self.place else ""

    @property
    def line(self) -> int:
        """The line, from 1; 0 where there is none."""
        return self.place.line if self.place else 0

    @property
    def column(self) -> int:
        """The column, from 1; 0 where there is none."""
        return self.place.column if self.place else 0

    def __str__(self) -> str:
        """Return the message, its place, and the line with a caret under the mistake."""
        lines = [f"error: {printable(self.message)}"]
        if self.place:
            lines.append(f" --> {printable(str(self.place))}")
        if self.place and self.place.text.strip():
            text, column = excerpt(self.place.text, self.place.column)
            number = str(self.place.line)
            before, under = text[: column - 1].ljust(column - 1), text[column - 1 : column - 1 + self.place.length]
            caret = " " * _columns(before) + "^" * max(1, _columns(under))
            lines += [f"{' ' * len(number)} |", f"{number} | {text}", f"{' ' * len(number)} | {caret}"]
        return "\n".join(lines)


class Mistakes(Exception):  # noqa: N818 - what it holds is what it is called
    """The input can't be used as it is; the message names the thing, the place and the likely fix."""

    def __init__(self, mistakes: str | Mistake | Iterable[Mistake], place: Place | None = None) -> None:
        """Take one message, where there is one with its place; one mistake, or several of them."""
        if isinstance(mistakes, str):
            mistakes = Mistake(mistakes, place)
        listed = [mistakes] if isinstance(mistakes, Mistake) else mistakes
        self.mistakes = tuple(_in_order(dict.fromkeys(map(_discreet, listed))))
        more = len(self.mistakes) - MOST_SHOWN
        shown = [str(mistake) for mistake in self.mistakes[:MOST_SHOWN]]
        super().__init__(
            "\n\n".join([*shown, f"error: {count_of(more, 'more mistake')} not shown"] if more > 0 else shown)
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Return the data to copy or pickle it from."""
        return type(self), (self.mistakes,)


def _discreet(mistake: Mistake) -> Mistake:
    """Return a mistake as it may be shown: for a private file, its place without its text."""
    if not mistake.place or not mistake.place.private:
        return mistake
    return Mistake(PRIVATE, mistake.place._replace(text="", length=1))


def refuse(mistakes: list[Mistake], message: str, place: Place | None = None) -> None:
    """Note a mistake, and go on."""
    mistakes.append(Mistake(message, place))


@contextmanager
def collected(mistakes: list[Mistake]) -> Iterator[None]:
    """Add the mistakes of a block to a list and go on, so that a user sees all of them at once.

    >>> found = []
    >>> with collected(found):
    ...     raise Mistakes("no such file")
    >>> [mistake.message for mistake in found]
    ['no such file']
    """
    try:
        yield
    except Mistakes as error:
        mistakes += error.mistakes


@contextmanager
def placed(place: Place | None, about: str = "") -> Iterator[None]:
    """Give the mistakes of a block their place, and begin each with what it is about.

    >>> with placed(Place("plan.yaml"), "`gpu`: "):
    ...     raise Mistakes("no such GPU")
    Traceback (most recent call last):
    t2v_capacity.errors.Mistakes: error: `gpu`: no such GPU
     --> plan.yaml
    """
    try:
        yield
    except Mistakes as error:
        raise Mistakes(
            [Mistake(f"{about}{mistake.message}", place or mistake.place) for mistake in error.mistakes]
        ) from error


@contextmanager
def gathered() -> Iterator[list[Mistake]]:
    """Give a list for the mistakes of a block, and raise them together at its end.

    >>> with gathered() as mistakes:
    ...     mistakes.append(Mistake("no such file"))
    Traceback (most recent call last):
    t2v_capacity.errors.Mistakes: error: no such file
    """
    mistakes: list[Mistake] = []
    yield mistakes
    if mistakes:
        raise Mistakes(mistakes)


def _in_order(mistakes: Collection[Mistake]) -> list[Mistake]:
    """Return mistakes in the order in which their file is read; files stay in the order in which they came."""
    files = list(dict.fromkeys(mistake.file for mistake in mistakes))
    return sorted(mistakes, key=lambda mistake: (files.index(mistake.file), mistake.line, mistake.column))


def count_of(number: int, word: str) -> str:
    """Return a count with its noun.

    >>> count_of(1, "note"), count_of(2, "note")
    ('1 note', '2 notes')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"


def enumeration(names: Iterable[str]) -> str:
    """Return names as a sentence has them.

    >>> enumeration(["basic"]), enumeration(["basic", "pro", "hd"])
    ('basic', 'basic, pro and hd')
    """
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def quote(text: str, longest: int = 60) -> str:
    """Return a text that someone wrote as a message shows it: in backticks, its middle cut out where it is long.

    >>> quote("dau"), quote("1" * 100, 9)
    ('`dau`', '`11111...1111`')
    """
    return f"`{text}`" if len(text) <= longest else f"`{text[: (longest + 1) // 2]}...{text[-(longest // 2) :]}`"


def unwritable(named: str, file: str, error: OSError) -> Mistakes:
    """Return the message for a file that can't be written, with a remedy.

    >>> print(unwritable("`no/plan.md`", "no/plan.md", FileNotFoundError(2, "No such file or directory")))
    error: `no/plan.md` can't be written: there is no directory `no`; make it first
    """
    reason = (error.strerror or str(error)).lower()
    if isinstance(error, IsADirectoryError):
        reason = "it is a directory; name a file in it"
    elif isinstance(error, FileNotFoundError):
        folder = os.path.dirname(file)  # noqa: PTH120 - as it was typed
        reason = f"there is no directory {quote(folder)}; make it first"
    return Mistakes(f"{named} can't be written: {reason}")


def printable(text: str) -> str:
    """Return a text without the characters that would move a terminal's cursor or change its colours."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " for c in text)


def printable_lines(text: str) -> str:
    """Return a text of several lines without such characters, each line a line still."""
    return "\n".join(map(printable, text.split("\n")))


def unspoken(text: str) -> str:
    """Return lines that a runner of continuous integration does not take as commands.

    The runner reads lines that begin with `::` as commands.

    >>> unspoken("::error::forged"), unspoken("fine")
    ('- ::error::forged', 'fine')
    """
    return _COMMAND.sub(r"\1- \2", text)


def _columns(text: str) -> int:
    """Return the number of terminal columns that a text takes: a full-width character takes two, an accent none."""
    from unicodedata import combining, east_asian_width

    return sum(_WIDE.get(east_asian_width(c), 1) for c in text if not combining(c))


def excerpt(text: str, column: int) -> tuple[str, int]:
    """Return a long line cut around the column, and the column within the cut."""
    text = printable(text.rstrip("\r\n"))
    start = max(0, min(column - _WIDTH // 2, len(text) - _WIDTH))
    return text[start : start + _WIDTH], max(column - start, 1)


# The similarity (difflib's ratio) from which a name is suggested for another: with the same first letter, and without.
_ALIKE, _VERY_ALIKE = 0.65, 0.85


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean `dau`?" for the nearest known name, or nothing where none is near.

    >>> nearest("duu", ["dau", "steps"]), nearest("price", ["gpu_price"])
    ('; did you mean `dau`?', '; did you mean `gpu_price`?')
    >>> nearest("x", ["dau", "steps"]), nearest("watch", ["patch"])
    ('', '')
    """
    return _nearest(name, tuple(known))


@lru_cache(maxsize=1_000)
def _nearest(name: str, known: tuple[str, ...]) -> str:
    """Return the same, and remember it.

    A search over GPUs asks it of the same kernels again and again, and it takes longer than a plan.
    """
    from difflib import SequenceMatcher, get_close_matches

    wanted = name.replace("-", "_").lower()
    for near in get_close_matches(wanted, known, cutoff=0.6):
        least = _ALIKE if near[:1] == wanted[:1] or wanted in re.split(r"\W|_", near) else _VERY_ALIKE
        if near != name and SequenceMatcher(None, near, wanted).ratio() >= least:
            return f"; did you mean `{near}`?"
    return ""
