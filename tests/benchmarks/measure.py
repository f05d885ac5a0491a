"""What the benchmarks share: medians of nine, runs that take turns, a program's seconds and memory, and the verdict.

Seconds are those of a core, which are the clock's on a quiet machine and hardly move on a busy one.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
MOCHI = str(ROOT / "scenarios" / "mochi.yaml")
RUNS = 9


class Goal(NamedTuple):
    """Something measured, and what it may be at most; nothing where it only stands beside."""

    what: str
    found: float
    unit: str
    most: float | None = None

    @property
    def missed(self) -> bool:
        """Whether it is more than it may be."""
        return self.most is not None and self.found > self.most

    def __str__(self) -> str:
        """Return it as a line."""
        bound = "" if self.most is None else f"  at most {self.most:g}{'  MISSED' if self.missed else ''}"
        return f"{self.what:58}{self.found:10.3g} {self.unit:4}{bound}"


def core() -> float:
    """Return the seconds of a core that this process and those that it waited for have had: other work on the machine adds none."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def medians(ways: Mapping[str, Callable[[], object]], runs: int = RUNS) -> dict[str, float]:
    """Return the median seconds of each way; they take turns, so that all meet the same machine, after one round for the caches."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(runs + 1):
        for name, way in ways.items():
            begin = core()
            way()
            if run:
                taken[name].append(core() - begin)
    return {name: statistics.median(times) for name, times in taken.items()}


# A program of its own starts the one that is measured: a child's memory counts that of its parent before it begins.
_STARTS = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
told = process.stderr.read()[-500:]
_pid, status, used = os.wait4(process.pid, 0)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status), told.decode()]))
"""


def spent(arguments: Sequence[str]) -> tuple[float, float]:
    """Return the seconds of a core that `t2v-cap` takes for these arguments, and the most megabytes that it holds."""
    program = [sys.executable, "-m", "t2v_capacity", *arguments]
    answer = subprocess.run([sys.executable, "-c", _STARTS, *program], check=True, stdout=subprocess.PIPE, cwd=ROOT)
    seconds, memory, code, told = json.loads(answer.stdout)
    if code:
        raise SystemExit(f"{' '.join(arguments)} ended with {code}: {told}")
    return seconds, memory / (1e6 if sys.platform == "darwin" else 1e6 / 1_024)


def program(arguments: Sequence[str], runs: int = RUNS) -> tuple[float, float]:
    """Return the median seconds of a core of runs of `t2v-cap`, and the most megabytes."""
    found = [spent(arguments) for _run in range(runs)]
    return statistics.median(seconds for seconds, _megabytes in found), max(megabytes for _seconds, megabytes in found)


def verdict(goals: Iterable[Goal]) -> int:
    """Print what was found; return 1 where a goal is missed."""
    missed = 0
    for goal in goals:
        sys.stdout.write(f"{goal}\n")
        missed |= goal.missed
    sys.stdout.write(f"medians of {RUNS}, seconds of one core of {os.cpu_count()}, Python {sys.version.split()[0]}\n\n")
    return int(missed)
