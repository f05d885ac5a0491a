"""Where an answer goes: standard output or a file, in the format asked for."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from t2v_capacity.errors import UserError, nearest

Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help="How to write the answer: table, json, markdown or csv.")]
Output = Annotated[str | None, typer.Option("--output", metavar="FILE", help="Write the answer to a file.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Use no colour (as NO_COLOR does).")]
All = Annotated[bool, typer.Option("--all", help="Show every figure and assumption.")]


def check_format(name: str, known: tuple[str, ...]) -> str:
    """Return a format's name; raise UserError where the command has none of that name."""
    if name not in known:
        raise UserError(f"`--format {name}`: this command has {', '.join(known)}{nearest(name, known)}")
    return name


def on_terminal(output: str | None) -> bool:
    """Return whether the answer goes to a terminal, where it may have colour and its width."""
    return output is None and sys.stdout.isatty()


def write(text: str, output: str | None) -> None:
    """Write an answer whole, or not at all; raise UserError where its file can't be written."""
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    target = Path(output)
    try:
        if target.exists() and not target.is_file():
            target.open("w", encoding="utf-8").write(text)
            return
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            draft.write_text(text, encoding="utf-8")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"`--output {output}` can't be written: {error.strerror}") from error


def emit(formats: dict[str, Callable[[], str]], chosen: str, output: str | None) -> None:
    """Write the answer in the chosen format."""
    write(formats[chosen](), output)
