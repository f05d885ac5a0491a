"""What the user can fix: one base class, whose message is shown as it is."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the input something stands: a file, a 1-based line and column, and that line's text."""

    file: str
    line: int = 0
    column: int = 0
    text: str = ""
    length: int = 1

    def __str__(self) -> str:
        """Return the place as editors and terminals link it: `file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, and where."""

    message: str
    place: Place | None = None

    def __str__(self) -> str:
        """Return the message, its place, and the line with a caret under the mistake."""
        lines = [f"error: {self.message}"]
        if self.place:
            lines.append(f" --> {self.place}")
        if self.place and self.place.text.strip():
            text, column = excerpt(self.place.text, self.place.column)
            number = str(self.place.line)
            caret = " " * (column - 1) + "^" * max(1, min(self.place.length, len(text) - column + 1))
            lines += [f"{' ' * len(number)} |", f"{number} | {text}", f"{' ' * len(number)} | {caret}"]
        return "\n".join(lines)


class UserError(Exception):
    """The input can't be used as it is; the message names the thing, the place and the likely fix."""

    def __init__(self, mistakes: str | Mistake | Iterable[Mistake]) -> None:
        """Take one message, one mistake or several of them."""
        found = [Mistake(mistakes)] if isinstance(mistakes, str) else [mistakes] if isinstance(mistakes, Mistake) else mistakes
        self.mistakes = tuple(dict.fromkeys(found))
        super().__init__("\n\n".join(map(str, self.mistakes)))


def excerpt(text: str, column: int, width: int = 100) -> tuple[str, int]:
    """Return a long line cut to what stands around the column, and the column in what is left."""
    text = "".join(c if c.isprintable() else " " for c in text.rstrip("\r\n"))
    if len(text) <= width:
        return text, max(column, 1)
    start = max(0, min(column - width // 2, len(text) - width))
    return text[start : start + width], max(column - start, 1)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean `dau`?" for the nearest known name, or nothing where none is near.

    >>> nearest("duu", ["dau", "steps"])
    '; did you mean `dau`?'
    >>> nearest("x", ["dau", "steps"])
    ''
    """
    from difflib import get_close_matches

    found = get_close_matches(name.replace("-", "_").lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean `{found[0]}`?" if found else ""
