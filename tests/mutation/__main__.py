"""Try a seeded sample of mutants and write what became of it into tests/mutation/survivors.md: `just mutate 300 1`.

Each runs against the tests that run its line, the fastest first, until one fails; in a copy of the tree, in a process
that is forked with the libraries loaded, under a limit of time.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

from mutation.operators import Mutant, mutants, mutated, printed
from mutation.page import KILLED, LATE, PACKAGE, SURVIVED, Tried, lines_of, write
from places import ORDINARY_AND_WIDE, ROOT

NAMED = (
    "files/document",
    "assumptions/quantities",
    "plan/conditions",
    "questions/review/gates",
    "questions/review/check",
    "questions/change/why",
    "questions/change/judge",
    "questions/search/solve",
)
# Loaded once, before a process is forked for each mutant.
LIBRARIES = "coverage hypothesis jsonschema numpy pydantic pytest rich.table typer xlsxwriter yaml"
# How many tests are tried at a time, and seconds of tests that a mutant may take in all.
BATCHES, MOST_SECONDS = (60, 300, 100_000), 40.0
FAILED = "failed"
_ENDLESS, _FACTOR = 30.0, 5.0  # what a batch may take beyond this many times its recorded seconds


class Table(NamedTuple):
    """Of each test its seconds, and of each line of a module the tests that run it."""

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[str]]]

    def tests(self, mutant: Mutant) -> list[str]:
        """Return the tests that may notice a mutant, up to the seconds that one may take.

        Those of its room come first, the fastest first.
        """
        by_line = self.lines[mutant.file]
        wanted = by_line if mutant.at_import else map(str, mutant.printed)
        found = {test for line in wanted for test in by_line.get(line, ()) if test in self.seconds}
        room = f"tests/{mutant.file.removeprefix(PACKAGE).rpartition('/')[0]}/"
        taken, kept = 0.0, list[str]()
        for test in sorted(found, key=lambda test: (room not in test, self.seconds[test], test)):
            taken += self.seconds[test]
            if taken > MOST_SECONDS and kept:
                break
            kept.append(test)
        return kept

    def spent(self, tests: Iterable[str]) -> float:
        """Return the seconds of some tests."""
        return sum(self.seconds[test] for test in tests)


def modules() -> list[str]:
    """Return the modules whose mutants are tried, by their paths from the root."""
    scenario = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / PACKAGE / "scenario").glob("*.py"))
    return [*scenario, *(f"{PACKAGE}{name}.py" for name in NAMED)]


def drawn(found: Mapping[str, list[Mutant]], count: int, seed: int) -> list[Mutant]:
    """Return so many mutants, of each module in proportion to how many it has.

    A change elsewhere in a module leaves most of them.
    """
    total, chosen, passed = sum(map(len, found.values())), list[Mutant](), 0
    for of in found.values():
        share = round(count * (passed + len(of)) / total) - round(count * passed / total)
        passed += len(of)
        chosen += sorted(sorted(of, key=lambda one: _lot(one, seed))[:share], key=of.index)
    return chosen


def _lot(mutant: Mutant, seed: int) -> str:
    return sha256(repr((seed, *mutant.key, mutant.path[-1], mutant.which)).encode()).hexdigest()


def copied(folder: Path) -> None:
    """Copy the tree, its modules printed as mutants are, and compile it."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for file in modules():
        (folder / file).write_text(printed((ROOT / file).read_text(encoding="utf-8")), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "compileall", "-q", "src"], cwd=folder, check=True)


def recorded(kept: Path, also: list[str]) -> Table:
    """Return the table of tests that a file keeps, else that of a run over the copy.

    The run is of the ordinary suite and the wide tests.
    """
    if not kept.exists():
        known = {"T2V_CAP_MODULES": json.dumps(modules()), "T2V_CAP_TABLE": str(kept)}
        line = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "0",
            "-p",
            "mutation.record",
            "-m",
            ORDINARY_AND_WIDE,
            *also,
        ]
        subprocess.run(line, env={**os.environ, **known}, check=False)
    document = json.loads(kept.read_text(encoding="utf-8"))
    _tell(
        f"{len(document['seconds'])} tests; left out, since they fail here: {', '.join(document['failed']) or 'none'}"
    )
    return Table(document["seconds"], document["lines"])


def noticed(tests: list[str], seconds: float, folder: Path, *, all_of_them: bool = False) -> str:
    """Return what some tests say of the tree as it is now, up to the first that fails."""
    folder.mkdir(exist_ok=True)
    (folder / FAILED).unlink(missing_ok=True)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        sink = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(sink, stream)
        sys.modules.pop("places", None)  # which says where the tree lies: here it is the copy
        import pytest

        os.environ["T2V_CAP_FAILED"] = str(folder / FAILED)
        # The libraries are loaded already, which pytest would warn of.
        places = [
            f"--basetemp={folder / 'tests'}",
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
            "-p",
            "mutation.record",
            "-m",
            "",
        ]
        places += ["-q", "--tb=no", "-n", "0", *([] if all_of_them else ["-x"])]
        code = 1
        try:
            code = int(pytest.main([*places, *tests]))
        finally:
            os._exit(code)
    limit = time.monotonic() + _ENDLESS + _FACTOR * seconds
    while time.monotonic() < limit:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return SURVIVED if status == 0 else KILLED
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return LATE


def tried(mutant: Mutant, table: Table, folder: Path) -> Tried:
    """Return what became of a mutant: killed by a test, late, or alive after all of its tests."""
    source, place = (ROOT / mutant.file).read_text(encoding="utf-8"), Path(mutant.file)
    place.write_text(mutated(mutant, source), encoding="utf-8")
    Path(cache_from_source(mutant.file)).unlink(missing_ok=True)
    start, done, became, tests = time.monotonic(), 0, SURVIVED, table.tests(mutant)
    for size in BATCHES:
        batch = tests[done : done + size]
        if not batch or became != SURVIVED:
            break
        became = noticed(batch, table.spent(batch), folder)
        done += len(batch)
    place.write_text(printed(source), encoding="utf-8")
    return Tried(
        mutant, became, done, time.monotonic() - start, next(iter(failed(folder)), "") if became == KILLED else ""
    )


def failed(folder: Path) -> list[str]:
    """Return the tests that failed last."""
    return (folder / FAILED).read_text(encoding="utf-8").splitlines() if (folder / FAILED).exists() else []


def hold(tests: list[str], table: Table, folder: Path) -> None:
    """End the program where some tests fail without a mutant."""
    if tests and noticed(tests, table.spent(tests), folder, all_of_them=True) != SURVIVED:
        sys.exit(f"without a mutant these fail too: {', '.join(failed(folder) or tests)}")


def attempts(chosen: list[Mutant], table: Table, folder: Path) -> Iterator[Tried]:
    """Yield what became of each mutant."""
    for name in LIBRARIES.split():
        __import__(name)
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1"}
    for number, mutant in enumerate(chosen, 1):
        one = tried(mutant, table, folder)
        _tell(
            f"{number}/{len(chosen)} {one.became} {one.seconds:.1f} s {one.tests} {one.by} "
            f"{mutant.file}:{mutant.line} {mutant.change}"
        )
        yield one


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Try so many mutants, drawn by that seed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("count", type=int)
    asked.add_argument("seed", type=int)
    asked.add_argument("--only", default="", help="those of which this text is a part: file:line change")
    asked.add_argument("--tests", default="", help="the tests to choose from, instead of the ordinary suite")
    asked.add_argument("--table", type=Path, help="a file that keeps the table of tests for the next run")
    options = asked.parse_args()
    start = time.monotonic()
    found = {file: mutants(file, (ROOT / file).read_text(encoding="utf-8")) for file in modules()}
    chosen = [
        one
        for one in drawn(found, options.count, options.seed)
        if options.only in f"{one.file}:{one.line} {one.change}"
    ]
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree, scratch = Path(folder) / "tree", Path(folder) / "scratch"
        copied(tree)
        os.chdir(tree)
        sys.path[:0] = [str(tree / "src"), str(tree / "tests")]
        os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
        table = recorded(options.table or Path(folder) / "table.json", options.tests.split())
        hold(sorted(table.seconds, key=table.seconds.__getitem__)[: BATCHES[0]], table, scratch)
        results = list(attempts(chosen, table, scratch))
        hold(sorted({one.by for one in results if one.by}), table, scratch)
    lines = lines_of(
        results,
        sum(map(len, found.values())),
        f"just mutate {options.count} {options.seed}",
        (time.monotonic() - start) / 60,
    )
    if options.only or options.tests:
        _tell("\n".join(lines))
    else:
        write(lines)


if __name__ == "__main__":
    main()
