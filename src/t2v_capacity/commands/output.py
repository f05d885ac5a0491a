"""Where an answer goes: standard output or a file, in the format asked for."""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from t2v_capacity.errors import Mistakes, nearest, printable, unwritable
from t2v_capacity.files.places import was_read

# From so many draws on, a bar is shown.
_LONG_WORK = 100_000

Output = Annotated[str | None, typer.Option("--output", metavar="FILE", help="Write the answer to a file.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Use no colour (as NO_COLOR does).")]
All = Annotated[bool, typer.Option("--all", help="Show every figure and assumption.")]


def check_format(name: str, known: tuple[str, ...]) -> str:
    """Return a format's name; raise Mistakes where the command has none of that name."""
    if name not in known:
        raise Mistakes(f"`--format {name}`: this command has {', '.join(known)}{nearest(name, known)}")
    return name


def on_terminal(output: str | None) -> bool:
    """Return whether the answer goes to a terminal, where it may have colour and its width."""
    return output is None and sys.stdout.isatty()


def write(text: str | Iterable[str], output: str | None) -> None:
    """Write an answer, or its parts one after the other; a file whole or not at all. Raise Mistakes where that can't be written."""
    if output is None:
        escaped = None
        for part in _parts(text):
            escaped = not _utf8() and part.startswith("{\n") if escaped is None else escaped
            sys.stdout.write(_escaped(part) if escaped else part)
        sys.stdout.flush()
        return
    if not output:
        raise Mistakes("`--output` needs the name of a file")
    write_file(text, output, f"`--output {output}`")
    wrote(output)


def wrote(file: str) -> None:
    """Say on standard error which file was written."""
    sys.stderr.write(f"wrote {printable(file)}\n")


def _utf8() -> bool:
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8")


def _escaped(text: str) -> str:
    """Return JSON in ASCII, for a stream that would write other bytes than those of UTF-8."""
    return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text)


def _parts(text: str | bytes | Iterable[str]) -> Iterable[Any]:
    return (text,) if isinstance(text, (str, bytes)) else text


def write_file(content: str | bytes | Iterable[str], file: str, named: str) -> None:
    """Write a file whole, or not at all; raise Mistakes, which names it so, where that can't be done."""
    if file.endswith(("/", os.sep)):
        raise unwritable(named, file, IsADirectoryError())
    target = Path(os.path.realpath(file))  # a link stays one
    if str(target) in was_read():
        raise Mistakes(f"{named} would be written over {file}, from which the answer is computed; name another file")
    # A name that is no text, of a file say, is written in escapes.
    parts = (part if isinstance(part, bytes) else part.encode(errors="backslashreplace") for part in _parts(content))
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as device:  # or a pipe; a directory says so
                device.writelines(parts)
            return
        draft = target.with_name(f".t2v-cap.{os.getpid()}")  # short, whatever the file is called
        try:
            with draft.open("wb") as begun:
                begun.writelines(parts)
            if target.exists():
                draft.chmod(stat.S_IMODE(target.stat().st_mode))
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(named, file, error) from error


@contextmanager
def progress(samples: int) -> Iterator[Callable[[float], None] | None]:
    """Show a bar for work that takes seconds, on standard error and only where that is a terminal."""
    if samples < _LONG_WORK or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{samples} draws", total=1.0)
        yield lambda share: bar.update(task, completed=share)
