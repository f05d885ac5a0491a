"""How long a start takes, against a program that does nothing on the same stack; exits with 1 where a goal is missed.

Run it alone on a quiet machine: `python tests/benchmarks/startup.py`.
"""

import contextlib
import os
import pty
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from measure import MOCHI, Goal, medians, verdict

HERE = Path(__file__).resolve().parent
# The same lines as in the installed `t2v-cap` script.
OURS = [sys.executable, "-c", "import sys; from t2v_capacity.__main__ import main; sys.exit(main())"]
ENVIRONMENT = {**os.environ, "COLUMNS": "120", "TERM": "xterm-256color"}
# An installed program has its bytecode beside it; here it is kept for the time of the benchmark.
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
PLAIN_RATIO, TERMINAL_RATIO, NAMES_RATIO = 1.1, 1.3, 0.5


def floor() -> None:
    """Run the floor program."""
    subprocess.run([sys.executable, str(HERE / "floor.py"), MOCHI], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)


def piped(*arguments: str, completes: str = "") -> None:
    """Run ours into a pipe, or as a shell does that completes a line."""
    asked = {"_T2V_CAP_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": f"t2v-cap {completes}"} if completes else {}
    subprocess.run([*OURS, *arguments], check=True, stdout=subprocess.PIPE, env={**ENVIRONMENT, **asked})


def table() -> None:
    """Run the estimate as a table into a pseudo-terminal, so that Rich draws it."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen([*OURS, "estimate", MOCHI], stdout=theirs, env=ENVIRONMENT)
    finally:
        os.close(theirs)
    shown = b""
    # Reading fails, on Linux, when the other end is closed; elsewhere it gives nothing.
    with contextlib.suppress(OSError):
        while part := os.read(ours, 65_536):
            shown += part
    os.close(ours)
    if process.wait() or b"\x1b[" not in shown:
        raise SystemExit("the estimate failed, or didn't draw for a terminal")


def main() -> int:
    """Measure, print, and return 1 where a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        ENVIRONMENT["PYTHONPYCACHEPREFIX"] = folder
        found = medians(
            {
                "floor": floor,
                "estimate, JSON": partial(piped, "estimate", MOCHI, "--format", "json"),
                "estimate, table into a pipe": partial(piped, "estimate", MOCHI),
                "estimate, table at a terminal": table,
                "--help": partial(piped, "--help"),
                "completing a command": partial(piped, completes="estim"),
                "completing a flag": partial(piped, completes="estimate --da"),
                "completing a value": partial(piped, completes="estimate --gpu h"),
            }
        )
    least = found.pop("floor")
    most = {name: PLAIN_RATIO for name in found if name.startswith("estimate")} | {"estimate, table at a terminal": TERMINAL_RATIO}
    goals = [Goal("floor", least * 1e3, "ms")]
    for name, seconds in found.items():
        goals += [Goal(name, seconds * 1e3, "ms"), Goal("  over the floor", seconds / least, "x", most.get(name, NAMES_RATIO))]
    return verdict(goals)


if __name__ == "__main__":
    sys.exit(main())
