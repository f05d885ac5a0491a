"""How long a start takes, against a program that does nothing on the same stack; exits with 1 over a limit.

Run it alone on a quiet machine: `python tests/benchmarks/startup.py`.
"""

import contextlib
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCENARIO = str(ROOT / "scenarios" / "mochi.yaml")
RUNS = 15
JSON_RATIO, TABLE_RATIO, MILLISECONDS = 1.2, 1.3, 330

# The same lines as in the installed `t2v-cap` script.
OURS = [sys.executable, "-c", "import sys; from t2v_capacity.__main__ import main; sys.exit(main())", "estimate", SCENARIO]
ENVIRONMENT = {**os.environ, "COLUMNS": "120", "TERM": "xterm-256color"}
# An installed program has its bytecode beside it; here it is kept for the time of the benchmark.
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)


def floor() -> None:
    """Run the floor program."""
    subprocess.run([sys.executable, str(HERE / "floor.py"), SCENARIO], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)


def json() -> None:
    """Run the estimate as JSON into a pipe."""
    subprocess.run([*OURS, "--format", "json"], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)


def table() -> None:
    """Run the estimate as a table into a pseudo-terminal, so that Rich draws it."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(OURS, stdout=theirs, env=ENVIRONMENT)
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


def medians(programs: tuple[Callable[[], None], ...]) -> list[float]:
    """Return the median milliseconds of each program; their runs take turns, so that all meet the same machine."""
    taken: list[list[float]] = [[] for _program in programs]
    for run in range(RUNS + 1):
        for times, program in zip(taken, programs, strict=True):
            start = time.perf_counter()
            program()
            if run:  # the first run fills the caches
                times.append((time.perf_counter() - start) * 1_000)
    return [statistics.median(times) for times in taken]


def main() -> int:
    """Measure, print, and return 1 where a limit is exceeded."""
    with tempfile.TemporaryDirectory() as folder:
        ENVIRONMENT["PYTHONPYCACHEPREFIX"] = folder
        least, as_json, as_table = medians((floor, json, table))
    rows = [("floor", least, 0.0), ("JSON", as_json, JSON_RATIO), ("table", as_table, TABLE_RATIO)]
    exceeded = False
    for name, milliseconds, limit in rows:
        ratio = milliseconds / least
        over = bool(limit) and (ratio > limit or milliseconds > MILLISECONDS)
        exceeded = exceeded or over
        bound = f"  {ratio:.2f}x the floor; at most {limit}x and {MILLISECONDS} ms{'  EXCEEDED' if over else ''}" if limit else ""
        sys.stdout.write(f"{name:6}{milliseconds:6.0f} ms{bound}\n")
    sys.stdout.write(f"median of {RUNS}, Python {sys.version.split()[0]}\n")
    return int(exceeded)


if __name__ == "__main__":
    sys.exit(main())
