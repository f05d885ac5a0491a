"""Compare what the program answered before the issue at hand with what it answers now: `python tests/before.py`.

The commit BEFORE, the parent of the issue's first commit, is installed once into an environment of its own. It draws
the plans and answers each command line as JSON (tests/before_plans.py); its answers are kept. The tree answers the same
lines. A difference of more than 1e-9 in a number, or in a code, another field or an exit code, needs a line in
tests/moved.yaml; sentences are not compared. A line that nothing needs fails too.

    python tests/before.py              all plans
    python tests/before.py plan-017     the plans of these names
"""

import argparse
import fnmatch
import gzip
import json
import math
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import yaml

from before_plans import Answered
from places import ROOT, TESTS

BEFORE = "f26777485181e825947475875ece048953d323bc"
MOVED, PLANS = TESTS / "moved.yaml", TESTS / "before_plans.py"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "t2v-cap"
SAME = 1e-9
_SHOWN = 25
# Files of that commit that command lines read.
DATA = ("tests/golden/runs.yaml", "tests/golden/october.yaml", "tests/authorities/requests.csv")
# Keys of sentences, of where something is written, and of what every release changes.
TEXTS = frozenset(
    "tool message label source text note notes place formula caution said "
    "line column file against refused fixes overlay not_added".split()
)
# Keys by which the entries of a list are told apart; where none says, they are counted.
IDENTITIES = (
    "code scenario name figure flags gpu gpus_per_replica sharded guidance_groups runtime month option id".split()
)


def tell(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def read_answers(file: Path) -> Iterator[Answered]:
    """Yield the answers of a file."""
    with gzip.open(file, "rt", encoding="utf-8") as text:
        for line in text:
            yield Answered(*json.loads(line))


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each number, word and null of a document by its path: of a list's entry its identity, not its place."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key not in TEXTS:
                yield from flat(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        seen = Counter[str]()
        for one in value:
            who = identity(one)
            seen[who] += 1
            yield from flat(one, f"{path}.{who}{'' if who and seen[who] == 1 else f'#{seen[who]}'}")
        if not value:
            yield path, "empty"
    else:
        yield path, value


def identity(one: Any) -> str:
    """Return the identity of an entry of a list: its code, name, flags or axes."""
    if not isinstance(one, dict):
        return ""
    said = [one[key] for key in IDENTITIES if key in one]
    return "/".join(
        " ".join(map(str, part)) if isinstance(part, list) else str(part) for part in said if not isinstance(part, dict)
    )


class Difference(NamedTuple):
    """A value that moved: the command line, the path in its answer, and the value before and now."""

    line: tuple[str, ...]
    path: str
    was: Any
    now: Any

    @property
    def command(self) -> str:
        """The command."""
        return self.line[0]

    @property
    def plan(self) -> str:
        """The plan's name, or the line where it has none."""
        return next((part.removesuffix(".yaml") for part in self.line if part.startswith("plan-")), " ".join(self.line))

    @property
    def plans(self) -> tuple[str, ...]:
        """The names of all plans of the line."""
        return tuple(part.removesuffix(".yaml") for part in self.line if part.startswith("plan-"))

    @property
    def is_new(self) -> bool:
        """Whether a value comes or goes."""
        return any(value in (_ABSENT, None) for value in (self.was, self.now))

    @property
    def change(self) -> float:
        """The relative change; infinity if a value is no number."""
        if isinstance(self.was, bool) or isinstance(self.now, bool):
            return math.inf
        if isinstance(self.was, (int, float)) and isinstance(self.now, (int, float)):
            return abs(self.now - self.was) / max(abs(self.was), abs(self.now))
        return math.inf

    def __str__(self) -> str:
        """Return it on one line."""
        return f"{' '.join(self.line[:4])}: {self.path}: {self.was} -> {self.now}"


_ABSENT = "(absent)"


def differences(was: Answered, now: Answered) -> Iterator[Difference]:
    """Yield what differs between two answers to one line."""
    line = tuple(was.line)
    if was.code != now.code:
        yield Difference(line, "exit code", f"{was.code}", f"{now.code}")
    before, after = dict(flat(was.document)), dict(flat(now.document))
    for path in dict.fromkeys((*before, *after)):
        one = Difference(line, path, before.get(path, _ABSENT), after.get(path, _ABSENT))
        if one.was != one.now and one.change > SAME:
            yield one


class Move(NamedTuple):
    """A line of tests/moved.yaml: which values may differ, by how much, and why."""

    reason: str
    figures: tuple[str, ...]
    fields: tuple[str, ...]
    commands: tuple[str, ...]
    bound: float
    new: bool  # of values that come or go alone
    where: str  # a path, with `*`, of which a value moved too in the answer or in an estimate of its plans
    says: str  # a pattern that the text of one of these plans has

    def holds(self, command: str, moved: AbstractSet[str], text: str) -> bool:
        """Return whether it applies to an answer of a command in which these values moved, of plans with this text."""
        if self.commands and command not in self.commands:
            return False
        return not (self.where and not fnmatch.filter(moved, self.where)) and not (
            self.says and not re.search(self.says, text, re.MULTILINE)
        )

    def covers(self, one: Difference) -> bool:
        """Return whether it explains a difference of an answer for which it holds."""
        if one.change > self.bound or (self.new and not one.is_new):
            return False
        return any(fnmatch.fnmatchcase(one.path, field) for field in self.fields) or not {*self.figures}.isdisjoint(
            one.path.split(".")
        )


class Moved(NamedTuple):
    """What tests/moved.yaml says: settings that the tree has no more, which plans leave out for it, and the lines."""

    settings: tuple[str, ...]
    lines: list[Move]


def moves() -> Moved:
    """Return the content of tests/moved.yaml."""
    said = yaml.safe_load(MOVED.read_text(encoding="utf-8"))
    lines = [
        Move(
            one["reason"],
            tuple(one.get("figures", ())),
            tuple(one.get("fields", ())),
            tuple(one.get("commands", ())),
            math.inf if one["bound"] in ("any", "new") else float(one["bound"]),
            one["bound"] == "new",
            one.get("where", ""),
            one.get("says", ""),
        )
        for one in said["moved"]
    ]
    return Moved(tuple(said["settings"]), lines)


def run_in(python: Path, *arguments: str, at: Path, source: str = "") -> None:
    """Draw or answer with a Python, in a folder; `source` is the tree of a program that is not installed there."""
    subprocess.run([python, PLANS, *arguments], cwd=at, env={**os.environ, "PYTHONPATH": source}, check=True)


def commit_before() -> Path:
    """Return the Python of the environment in which that commit is installed, made on first use."""
    folder = CACHE / f"before-{BEFORE[:12]}"
    python = folder / "env" / "bin" / "python"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "tree").mkdir(parents=True)
        archive = ["git", "archive", BEFORE]
        packed = subprocess.run(archive, cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(folder / "tree")], input=packed, check=True)  # noqa: S607
        subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"{folder / 'tree'}[all]"], check=True)
        (folder / "ready").touch()
    return python


def asked_before() -> Path:
    """Return the folder with the plans, the lines and that commit's answers, made on first use."""
    python = commit_before()
    drawn_by = sha256(PLANS.read_bytes()).hexdigest()[:12]
    folder = CACHE / f"before-{BEFORE[:12]}-{drawn_by}"
    if not (folder / "before.gz").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in DATA:
            shutil.copy(python.parents[2] / "tree" / name, folder)
        run_in(python, "draw", at=folder)
        run_in(python, "answer", "lines.json", "part.gz", at=folder)
        (folder / "part.gz").rename(folder / "before.gz")
    return folder


def answers_now(folder: Path, lines: list[list[str]], settings: Iterable[str]) -> list[Answered]:
    """Return the tree's answers, from plans without these settings."""
    with TemporaryDirectory() as aside:
        for file in folder.glob("*"):
            if file.suffix != ".gz":
                shutil.copy(file, aside)
        for file in Path(aside).glob("*.yaml"):
            kept = [
                line for line in file.read_text(encoding="utf-8").splitlines() if line.partition(":")[0] not in settings
            ]
            file.write_text("\n".join(kept) + "\n", encoding="utf-8")
        (Path(aside) / "now.json").write_text(json.dumps(lines), encoding="utf-8")
        run_in(Path(sys.executable), "answer", "now.json", "now.gz", at=Path(aside), source=str(ROOT / "src"))
        return [*read_answers(Path(aside) / "now.gz")]


def compare(folder: Path, plans: Iterable[str]) -> int:
    """Print what moved between that commit's answers and the tree's.

    Return 1 if a difference has no line, or a line no difference.
    """
    wanted, said = {*plans}, moves()
    known = [
        one
        for one in read_answers(folder / "before.gz")
        if not wanted or wanted & {part.removesuffix(".yaml") for part in one.line}
    ]
    pairs = zip(known, answers_now(folder, [one.line for one in known], said.settings), strict=True)
    found = [one for was, now in pairs for one in differences(was, now)]
    texts = {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("plan-*.yaml")}
    moved = dict[tuple[str, ...], set[str]]()  # by the line, and of estimates by the plan
    for one in found:
        moved.setdefault(one.line, set()).add(one.path)
        if one.command == "estimate":
            moved.setdefault((one.plan,), set()).add(one.path)
    covered, left = dict[int, list[Difference]](), list[Difference]()
    holding = dict[tuple[str, ...], list[int]]()  # what is asked of a whole answer is asked once
    for one in found:
        if one.line not in holding:
            there = moved[one.line].union(*(moved.get((name,), set()) for name in one.plans))
            text = "\n".join(texts[name] for name in one.plans if name in texts)
            holding[one.line] = [place for place, move in enumerate(said.lines) if move.holds(one.command, there, text)]
        place = next((place for place in holding[one.line] if said.lines[place].covers(one)), None)
        (left if place is None else covered.setdefault(place, [])).append(one)
    for place, move in enumerate(said.lines):
        own = covered.get(place, [])
        if not own and not wanted:
            tell(f"NEEDED BY NOTHING  {move.reason}: take it out of tests/moved.yaml")
        elif own:
            finite = max((one for one in own if one.change < math.inf), key=lambda one: one.change, default=None)
            largest = f", largest {finite.change:.2g} ({finite})" if finite else ""
            tell(f"{len({one.plan for one in own})} plans, {len(own)} values: {move.reason}{largest}")
    report(left)
    tell(f"{len(known)} command lines: {len(left)} differences without a line")
    return int(bool(left) or (not wanted and len(covered) < len(said.lines)))


def report(left: list[Difference]) -> None:
    """Print the differences that no line explains: counted by what they are of, each with its largest."""
    kinds = dict[tuple[str, str], list[Difference]]()
    for one in left:
        kinds.setdefault((one.command, subject(one.path)), []).append(one)
    for (command, what), found in sorted(kinds.items(), key=lambda kind: -len(kind[1]))[:_SHOWN]:
        worst = max(found, key=lambda one: one.change)
        tell(f"MOVED  {command} {what}: {len({one.plan for one in found})} plans, such as {worst}")
    if len(kinds) > _SHOWN:
        tell(f"and {len(kinds) - _SHOWN} more figures and fields")


def subject(path: str) -> str:
    """Return what a value is of: `figures.gpus`, `warnings.overloaded`, `rows.gpus`."""
    first, *others = re.sub(r"#\d+", "", path).split(".")
    return ".".join((first, *(others[-1:] if first in ("rows", "months", "scenarios", "inputs") else others[:1])))


def main() -> int:
    """Do what the command line asks."""
    line = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    line.add_argument("plans", nargs="*", metavar="PLAN", help="only these plans, such as plan-017")
    asked = line.parse_args()
    start = time.monotonic()
    folder = asked_before()
    between = time.monotonic()
    ended = compare(folder, asked.plans)
    tell(f"{between - start:.0f} s for that commit, {time.monotonic() - between:.0f} s for the tree")
    return ended


if __name__ == "__main__":
    sys.exit(main())
