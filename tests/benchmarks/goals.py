"""The goals of speed that docs/contributing.md lists: `python tests/benchmarks/goals.py [NAME ...]`.

Run it with tests/ on the path, alone on a quiet machine: all are measured, or those that are named, and it ends with 1
where one is missed. `start` compares a start with a program that does nothing on the same stack; `draws` the bands of
every figure with the same formulas in one loop by hand. Seconds are those of a core, which hardly move on a busy
machine.
"""

import contextlib
import json
import os
import pty
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import t2v_capacity as t2v
from places import ROOT, shipped
from t2v_capacity.assumptions.names import finite
from t2v_capacity.engine.figures import FIGURES, ordered
from t2v_capacity.plan.uncertain import bands
from t2v_capacity.plan.uncertain import draws as drawn
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario
from traces import Service

MOCHI, MIX = shipped("mochi"), shipped("price-list")
_AUTHOR = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
RUNS = 9
# The same lines as in the installed `t2v-cap` script.
OURS = [sys.executable, "-c", "import sys; from t2v_capacity.__main__ import main; sys.exit(main())"]
ENVIRONMENT = {**os.environ, "COLUMNS": "120", "TERM": "xterm-256color"}
# Uncertain inputs of a plan.
RANGES = (
    "dau=50M to 200M",
    "videos_per_user_per_day=1 to 4",
    "peak_to_average=1.3 to 2",
    "time_factor=0.9 to 1.2",
    "gpu_price=2 to 5",
)
AXES = {
    "two numbers": ["dau=1M..1B log 100", "duration=2 s..12 s 100"],
    "numbers and a choice": [
        "dau=1M..1B log 50",
        "max_utilization=50%..95% 50",
        "gpu=h100-sxm,b200-hgx,a100-80gb-sxm,l40s",
    ],
}
TRACE = Service(days=2, dau=50_000, clicks=5, clips=2)  # half a million requests a day


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
    """Return the seconds of a core that this process and those that it waited for have had.

    Other work on the machine adds none.
    """
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def medians(ways: Mapping[str, Callable[[], object]], runs: int = RUNS) -> dict[str, float]:
    """Return the median seconds of each way.

    They take turns, so that all meet the same machine, after one round for the caches.
    """
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
    seconds, memory, code, warned = json.loads(answer.stdout)
    if code:
        raise SystemExit(f"{' '.join(arguments)} ended with {code}: {warned}")
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


def start() -> Iterator[Goal]:
    """Yield how long a start takes."""
    ways: dict[str, tuple[float, Callable[[], object]]] = {
        "estimate, JSON": (1.1, partial(_piped, "estimate", MOCHI, "--format", "json")),
        "estimate, table into a pipe": (1.1, partial(_piped, "estimate", MOCHI)),
        "estimate, table at a terminal": (1.3, _at_a_terminal),
        "--help": (0.5, partial(_piped, "--help")),
        "completing a command": (0.5, partial(_piped, completes="estim")),
        "completing a flag": (0.5, partial(_piped, completes="estimate --da")),
    }
    floor = [sys.executable, str(Path(__file__).parent / "floor.py"), MOCHI]
    # An installed program has its bytecode beside it; here it is kept for the time of the benchmark.
    ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as ENVIRONMENT["PYTHONPYCACHEPREFIX"]:
        found = medians({"floor": partial(_quietly, floor), **{name: way for name, (_most, way) in ways.items()}})
    yield Goal("floor", found["floor"] * 1e3, "ms")
    for name, (most, _way) in ways.items():
        yield Goal(name, found[name] * 1e3, "ms")
        yield Goal("  over the floor", found[name] / found["floor"], "x", most)


def _quietly(line: list[str], **more: str) -> None:
    subprocess.run(line, check=True, stdout=subprocess.PIPE, env={**ENVIRONMENT, **more})


def _piped(*arguments: str, completes: str = "") -> None:
    """Run ours into a pipe, or as a shell does that completes a line."""
    asked = {"_T2V_CAP_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": f"t2v-cap {completes}"} if completes else {}
    _quietly([*OURS, *arguments], **asked)


def _at_a_terminal() -> None:
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


def draws() -> Iterator[Goal]:
    """Yield how long the bands of every figure take over draws."""
    plan = load_scenario(MOCHI, RANGES)
    for samples in (10_000, 100_000):
        found, expected = (
            np.array([ways[name] for name in FIGURES], float)
            for ways in (bands(plan, samples), _by_hand(plan, samples))
        )
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        taken = medians({"module": partial(bands, plan, samples), "hand": partial(_by_hand, plan, samples)})
        yield Goal(f"{samples:,} draws, bands of {len(FIGURES)} figures", taken["module"], "s")
        yield Goal(f"{samples:,} draws by hand", taken["hand"], "s")
        yield Goal(f"{samples:,} draws, over those by hand", taken["module"] / taken["hand"], "x", 1.2)
    sets = [part for text in RANGES for part in ("--set", text)]
    seconds, megabytes = spent(["estimate", MOCHI, *sets, "--samples", "100000", "--format", "json"])
    yield Goal("estimate of 100,000 draws, the whole program", seconds, "s")
    yield Goal(f"its memory, {len(RANGES)} ranges", megabytes, "MB", 500)


def _by_hand(plan: Scenario, samples: int) -> dict[str, tuple[float | None, ...]]:
    """Return the same bands: every formula called in order, then one sort of each figure."""
    formulas = [(f.name, f.formula, f.parameters) for f in ordered()]
    values = {**plan.values(), **drawn(plan.ranges(), samples)}
    with np.errstate(all="ignore"):
        for name, formula, parameters in formulas:
            if name not in values:
                values[name] = formula(*[values[parameter] for parameter in parameters])
    whole = {name: values[name] for name in FIGURES if isinstance(values[name], np.ndarray)}
    fixed = {name: (finite(float(values[name])),) * 3 for name in FIGURES if name not in whole}
    return fixed | {name: tuple(_band(array)) for name, array in whole.items()}


def _band(array: Any) -> Iterator[float | None]:
    """Yield the percentiles by one sort."""
    array.sort()
    unending = np.isnan(array[-1]) or np.isinf(array[[0, -1]]).any()
    for share in (0.05, 0.5, 0.95):
        place = (len(array) - 1) * share
        low, high, part = array[int(place)], array[min(int(place) + 1, len(array) - 1)], place % 1
        one = array[max(int(np.ceil(len(array) * share - 1)), 0)] if unending else low + (high - low) * part
        yield finite(float(one if part < 1 / 2 or unending else high - (high - low) * (1 - part)))


def sweep() -> Iterator[Goal]:
    """Yield how long sweeps of as many cells as there may be take."""
    for name, axes in AXES.items():
        over = [part for axis in axes for part in ("--over", axis)]
        for form in ("csv", "json"):
            seconds, megabytes = program(["sweep", MOCHI, *over, "--format", form])
            yield Goal(f"{name}: 10,000 cells as {form.upper()}", seconds, "s", 5)
            yield Goal(f"{name}: its memory", megabytes, "MB", 500)


def overrides() -> Iterator[Goal]:
    """Yield how long overrides of one scenario take in a loop, a plan each."""
    plan, users, rounds = t2v.estimate(MOCHI), count(1e6 + 1), 200
    # What is asked of each plan: the most, and how it is made.
    loops: dict[str, tuple[float | None, Callable[[], object]]] = {
        "plan.but(dau=...).gpus": (1, lambda: plan.but(dau=next(users)).gpus),
        "t2v.estimate(file, dau=...).gpus": (1, lambda: t2v.estimate(MOCHI, dau=next(users)).gpus),
        "plan.but(dau=...).warnings": (None, lambda: plan.but(dau=next(users)).warnings),
        "plan.but(dau=...).json()": (None, lambda: plan.but(dau=next(users)).json()),
    }
    ways: dict[str, Callable[[], object]] = {
        name: lambda ask=ask: [ask() for _one in range(rounds)]  # type: ignore[misc]
        for name, (_most, ask) in loops.items()
    }
    found = medians(ways)
    for name, (most, _ask) in loops.items():
        yield Goal(name, found[name] / rounds * 1e3, "ms", most)


def many() -> Iterator[Goal]:
    """Yield how long many runs and many scenarios take."""
    plan, text = t2v.estimate(MOCHI), Path(MOCHI).read_text(encoding="utf-8")
    sizes = [(steps, length) for length in (2, 3, 4, 5) for steps in range(15, 265)]
    seconds = [plan.but(steps=steps, duration=f"{length} s").gpu_seconds_per_video for steps, length in sizes]
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        runs = Path(second) / "runs.yaml"
        with runs.open("w", encoding="utf-8") as file:
            for index, ((steps, length), planned) in enumerate(zip(sizes, seconds, strict=True)):
                measured = planned * (0.95 + 0.2 * (index * 37 % 101) / 101)
                file.write(f"- {{seconds: {measured:.2f}, steps: {steps}, duration: {length} s}}\n")
        for index in range(500):
            own = "\n".join(f"name: Plan {index}" if line.startswith("name:") else line for line in text.splitlines())
            (Path(first) / f"plan-{index}.yaml").write_text(own + "\n", encoding="utf-8")
        calibrated = program(["calibrate", MOCHI, str(runs), "--format", "json"])
        checked = program(["check", first, "--budget", "gpus <= 100M"])
        added = program(["total", first])
    yield Goal("calibrate: 1,000 runs", calibrated[0], "s", 3)
    yield Goal("its memory", calibrated[1], "MB")
    yield Goal("check: 500 scenarios", checked[0], "s", 1)
    yield Goal("its memory", checked[1], "MB")
    yield Goal("total: 500 scenarios", added[0], "s")


def floors() -> Iterator[Goal]:
    """Yield how long comparisons, checks and differences take, in floors of the same turns."""
    text = Path(MOCHI).read_text(encoding="utf-8")
    # Within the repository, where `diff --against` looks for the revision.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        plans = Path("plans")
        plans.mkdir()
        for index in range(300):
            own = text.replace("\nname: ", f"\nname: {index} ", 1)
            (plans / f"plan-{index}.yaml").write_text(own, encoding="utf-8")
        for words in (["init", "--quiet"], ["add", "."], [*_AUTHOR, "commit", "--quiet", "--message", "Plans"]):
            subprocess.run(["git", *words], check=True)  # noqa: S607
        ways: dict[str, tuple[float, Callable[[], object]]] = {
            "estimate of a mix": (1.5, partial(_piped, "estimate", MIX, "--format", "json")),
            "compare of all GPUs": (5, partial(_piped, "compare", MOCHI, "--format", "json")),
            "compare of a mix of five": (8, partial(_piped, "compare", MIX, "--format", "json")),
            "check of 300 scenarios": (5, partial(_piped, "check", "plans", "--budget", "gpus <= 100M")),
            "diff --against of 300, unchanged": (8, partial(_piped, "diff", "--against", "HEAD", "plans")),
        }
        floor = [sys.executable, str(Path(__file__).parent / "floor.py"), MOCHI]
        found = medians({"floor": partial(_quietly, floor), **{name: way for name, (_most, way) in ways.items()}})
    yield Goal("floor", found["floor"] * 1e3, "ms")
    for name, (most, _way) in ways.items():
        yield Goal(name, found[name], "s")
        yield Goal("  over the floor", found[name] / found["floor"], "x", most)


def fit() -> Iterator[Goal]:
    """Yield how long a trace of a million requests takes, run once."""
    with tempfile.TemporaryDirectory() as folder:
        file = TRACE.write(Path(folder) / "requests.csv")
        size = Path(file).stat().st_size / 1e6
        seconds, megabytes = spent(["fit", file, "--format", "json"])
    yield Goal(f"fit: a trace of {size:.0f} MB", seconds, "s", 30)
    yield Goal("its memory", megabytes, "MB", 100)


KINDS = {kind.__name__: kind for kind in (start, draws, sweep, overrides, many, floors, fit)}

if __name__ == "__main__":
    sys.exit(max([verdict(KINDS[name]()) for name in sys.argv[1:] or KINDS]))
