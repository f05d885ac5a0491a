"""`--watch`: a command runs again when a file that it read is saved."""

import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import typer

from t2v_capacity.cli.output import tell
from t2v_capacity.errors import Mistakes, count_of
from t2v_capacity.files.places import WAS_READ

_PACE = 0.25  # seconds between two looks
_CLEARED = "\x1b[2J\x1b[H"


def run_again(run: Callable[[], None]) -> None:
    """Run at once, and whenever a file that was read changes, until it is interrupted.

    Report mistakes in a file and wait for the next save. Raise Mistakes if no file was read.
    """
    files = set[str]()
    while True:
        WAS_READ.clear()
        if sys.stdout.isatty():
            sys.stdout.write(_CLEARED)
        try:
            run()
        except Mistakes as error:
            if not WAS_READ:
                raise
            tell(f"{error}\n")
        except typer.Exit:  # a gate: there is no code before the end
            pass
        files |= WAS_READ
        sys.stdout.flush()
        tell(f"watching {count_of(len(files), 'file')}; Ctrl-C ends it\n")
        known = _times_saved(files)
        while _times_saved(files) == known:
            time.sleep(_PACE)


def _times_saved(files: Iterable[str]) -> dict[str, int]:
    """Return when each file was saved; none of a file that is missing."""
    times = dict[str, int]()
    for file in files:
        with suppress(OSError):
            times[file] = os.stat(file).st_mtime_ns  # noqa: PTH116 - as it was read
    return times
