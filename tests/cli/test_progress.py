"""How far long work is: told at a terminal to somebody who waits, and nowhere else."""

import contextlib
import io
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from places import ROOT
from shared import Terminal, some
from t2v_capacity.cli import output
from t2v_capacity.cli.output import watching
from t2v_capacity.progress import steps, tell, watched

# What takes long, on few enough inputs that it doesn't.
LONG = {
    "calibrate": (["calibrate", "scenarios/mochi.yaml", "{runs}"], "runs read"),
    "check": (["check", "scenarios/lesson.yaml", "scenarios/mochi.yaml"], "scenarios"),
    "total": (["total", "scenarios/lesson.yaml", "scenarios/mochi.yaml"], "scenarios"),
    "accuracy": (["accuracy", "scenarios/mochi.yaml", "{runs}"], "runs"),
    "sweep": (["sweep", "scenarios/lesson.yaml", "--over", "dau=1..3000 3000", "--format", "csv"], "cells"),
    "solve": (["solve", "scenarios/mochi.yaml", "--dau", "1M to 2M", "--for", "steps", "--until", "p95(gpus) <= 1M"], "values tried"),
    "sensitivity": (["sensitivity", "scenarios/mochi.yaml", "gpus", "--dau", "1M to 2M"], "ranges"),
}


def at_terminal(arguments: list[str], patience: float) -> tuple[int, bytes, bytes]:
    """Return a run's code, its piped answer, and what a terminal was shown on standard error."""
    code = f"import sys; from t2v_capacity.cli import app, output; output._PATIENCE, output._PACE = {patience}, 0; app.main()"
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    with tempfile.TemporaryFile() as answer:  # a pipe that nobody reads would hold the program up, and the terminal with it
        process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=answer, stderr=theirs, cwd=ROOT, env=environment)
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # which Linux says where the other end is closed
            while part := os.read(ours, 65_536):
                shown += part
        os.close(ours)
        ended = process.wait()
        answer.seek(0)
        return ended, answer.read(), shown


@pytest.mark.slow
@pytest.mark.wide
@pytest.mark.parametrize("command", some(LONG, 4))
def test_long_work_is_told_at_a_terminal_and_its_answer_is_the_same(command: str, tmp_path: Path) -> None:
    """Whatever takes long says what it does on standard error where that is a terminal; the answer is that of a run in silence."""
    runs = tmp_path / "runs.yaml"
    runs.write_text("".join(f"- {{seconds: {900 + index}, steps: {50 + index}}}\n" for index in range(3)), encoding="utf-8")
    arguments = [part.format(runs=runs) for part in LONG[command][0]]
    silent = subprocess.run([sys.executable, "-m", "t2v_capacity", *arguments], check=True, capture_output=True, cwd=ROOT)
    code, answer, shown = at_terminal(arguments, patience=0)

    assert (code, answer) == (0, silent.stdout)
    assert LONG[command][1].encode() in shown
    assert b"\x1b[" not in silent.stderr


def test_what_is_there_at_once_shows_no_bar() -> None:
    """Nobody who waits for less than half a second is shown a bar."""
    code, answer, shown = at_terminal(["check", "scenarios/lesson.yaml"], patience=output._PATIENCE)

    assert code == 0
    assert answer
    assert b"scenarios " not in shown


def test_a_bar_ends_with_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar is drawn while work lasts, of a known share or of none, and nothing is told once it is over, by a mistake too."""
    monkeypatch.setattr(output, "_PATIENCE", 0.0)
    monkeypatch.setattr(output, "_PACE", 0.0)
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    with contextlib.suppress(KeyError), watching():
        list(steps([1, 2], "clips"))
        tell("guesses")
        raise KeyError
    drawn = screen.getvalue()
    tell("nobody hears")

    assert "clips" in drawn
    assert "guesses" in drawn
    assert "nobody hears" not in screen.getvalue()


def test_nobody_watches_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where standard error is no terminal, steps are the items themselves; the innermost watcher is the one who is told."""
    items, told = [1, 2, 3], list[tuple[str, float | None]]()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with watching():
        assert steps(items, "clips") is items
    with watched(lambda what, share: told.append((what, share))):
        assert list(steps(items, "clips")) == items

    assert told == [("clips", 0.0), ("clips", 1 / 3), ("clips", 2 / 3)]
