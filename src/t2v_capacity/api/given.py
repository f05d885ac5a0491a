"""What Python is given, as the texts that a file or a flag would hold: so that both read it alike."""

import os
from collections.abc import Mapping, Sequence

from t2v_capacity.errors import Mistake, Mistakes, Place
from t2v_capacity.vocabulary.names import ASSUMPTION, FIGURE, kind_of, name_in, unknown
from t2v_capacity.vocabulary.quantities import Range

Path = str | os.PathLike[str]


def texts_of(values: Mapping[str, object]) -> list[str]:
    """Return values as flags write them."""
    return [f"{name}={text_of(value)}" for name, value in values.items()]


def text_of(value: object) -> str:
    """Return a value as a file writes it, a number in all of its digits."""
    if value is None:
        return "null"
    if isinstance(value, Range):
        return f"{text_of(value.low)} to {text_of(value.high)}" if value.mid is None else _three(value)
    if isinstance(value, (list, tuple)):
        return ("x" if len(value) == 2 else ",").join(map(text_of, value))  # noqa: PLR2004 - a frame's sides
    plain = value.item() if hasattr(value, "item") else value  # a number of numpy's
    return repr(plain) if isinstance(plain, float) else str(plain)


def _three(value: Range) -> str:
    raise Mistakes(f"a range with a median is written in a file: low {value.low}, mid {value.mid}, high {value.high}")


def files_of(files: Path | Sequence[Path]) -> list[str]:
    """Return the names of files."""
    return [os.fspath(files)] if isinstance(files, (str, os.PathLike)) else [os.fspath(file) for file in files]


def one_or_more(texts: Sequence[str] | str) -> list[str]:
    """Return texts, of which one may stand alone."""
    return [texts] if isinstance(texts, str) else list(texts)


def listed(names: Sequence[str] | str) -> list[str]:
    """Return names, which may be written in one text with commas."""
    return [part.strip() for part in names.split(",")] if isinstance(names, str) else list(names)


def shown_of(names: Sequence[str] | str) -> list[str]:
    """Return figures and assumptions to show, each once; raise Mistakes with all that are neither."""
    given = listed(names) if names else []
    found = {name_in(name): name for name in given}
    wrong = [unknown(text, FIGURE, ASSUMPTION) for name, text in found.items() if kind_of(name) not in (FIGURE, ASSUMPTION)]
    if wrong:
        raise Mistakes([Mistake(message, Place(f"--show {','.join(given)}")) for message in wrong])
    return list(found)


def named(path: str) -> str:
    """Return a path as it is, or the file of a git revision where it begins with one."""
    if ":" not in path:
        return path
    from t2v_capacity.files import revisions

    return revisions.named(path)
