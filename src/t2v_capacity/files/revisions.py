"""Plans that are not a scenario on the disk: one of a git revision, with what it extends, or an estimate saved as JSON."""

import json
import math
import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self

from t2v_capacity.errors import UserError, nearest, quote
from t2v_capacity.files.document import MAX_BYTES, STANDARD_INPUT, Elsewhere, read_text
from t2v_capacity.formulas import FIGURES
from t2v_capacity.questions.change.diff import TOOL, Side, side
from t2v_capacity.questions.plan.estimate import estimate
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import PlanWarning

# A revision may have a colon within braces, as in `main@{yesterday 12:00}`.
_NAMED = re.compile(r"((?:[^:{]|\{[^}]*\})+):(.+)", re.DOTALL)
_SHORT = 10


class Held(Elsewhere):
    """A file that was read already, which standard input and a pipe can be only once."""

    __slots__ = ("data",)
    on_disk = True
    data: bytes

    def __new__(cls, name: str, data: bytes) -> Self:
        """Make the name of a file with its content."""
        held = super().__new__(cls, name)
        held.data = data
        return held

    def content(self) -> bytes:
        """Return what was read."""
        return self.data

    def beside(self, other: str) -> str:
        """Return the name of a file on the disk, relative to this one; standard input has the working folder."""
        found = other if self == STANDARD_INPUT else super().beside(other)
        return f"./{found}" if found == STANDARD_INPUT else found


class Committed(Elsewhere):
    """A file of a git revision; the files that it names are of the same revision."""

    __slots__ = ("commit", "inside", "revision")
    revision: str
    commit: str
    inside: str

    def __new__(cls, revision: str, commit: str, inside: str) -> Self:
        """Make the name of a file from a revision, its commit, and the path from the top of the repository."""
        inside = posixpath.normpath(inside)
        name = super().__new__(cls, f"{revision}:{inside}")
        name.revision, name.commit, name.inside = revision, commit, inside
        return name

    def content(self) -> bytes:
        """Return the file as it is in that commit."""
        if self.inside.startswith(("/", "../")) or self.inside == "..":
            raise UserError(f"{quote(self.inside)} is outside the repository, so `{self.revision}` has no such file")
        kind, size, data = _blob(self.commit, self.inside)
        if not kind:
            raise UserError(f"`{self.revision}` has no file {quote(self.inside)}{self._near()}")
        if kind != "blob":
            raise UserError(f"{self} is a directory; name a scenario file in it")
        if size > MAX_BYTES:
            raise UserError(f"{self} is larger than 1 MB; a scenario is a page of text")
        return data

    @property
    def exists(self) -> bool:
        """Whether the revision has this file."""
        return _blob(self.commit, self.inside)[0] == "blob"

    def beside(self, other: str) -> str:
        """Return the name of another file of the same revision; a path that leads out of the repository and back is one within."""
        top = _top()
        there = os.path.normpath(os.path.join(top, posixpath.dirname(self.inside), other))  # noqa: PTH118 - texts of git
        return Committed(self.revision, self.commit, os.path.relpath(there, top))

    def _near(self) -> str:
        """Return what the revision has instead: a near name in the same folder, or the file below the working folder."""
        folder = posixpath.dirname(self.inside)
        listed = git("ls-tree", "--name-only", "-z", self.commit, *([f"{folder}/"] if folder else []))
        names = listed.stdout.decode("utf-8", "replace").split("\0")
        here = _prefix() + self.inside
        if here != self.inside and not git("cat-file", "-e", f"{self.commit}:{here}").returncode:
            return f"; paths start at the top of the repository: `{here}`"
        return nearest(self.inside, [name for name in names if name])


@cache
def _blob(commit: str, inside: str) -> tuple[str, int, bytes]:
    """Return what git holds at a path of a commit: its kind, its size, and its bytes where a scenario may have so many.

    Links within the repository are followed, as they are on the disk.
    """
    if "\n" in inside:
        return "", 0, b""
    asked = f"{commit}:{inside}\n".encode(errors="surrogateescape")
    told = git("cat-file", "--batch-check", "--follow-symlinks", stdin=asked).stdout.split()
    if len(told) != 3 or not told[2].isdigit():  # noqa: PLR2004 - name, kind, size; else missing, or a link that leads out
        return "", 0, b""
    name, kind, size = told[0].decode(), told[1].decode(), int(told[2])
    return kind, size, git("cat-file", "blob", name).stdout if kind == "blob" and size <= MAX_BYTES else b""


@cache
def _top_of(folder: str) -> str:
    return git("-C", folder, "rev-parse", "--show-toplevel").stdout.decode("utf-8", "replace").strip("\n")


def _top() -> str:
    """Return the top of the repository that holds the working folder, links resolved."""
    return os.path.realpath(_top_of(os.path.realpath(".")))


def opened(path: str) -> Elsewhere | Side:
    """Return a plan's file with its content read, or the plan itself where it is an estimate that was saved.

    A path may be a file, - for standard input, or a file of a git revision. Raises UserError where it can't be read.
    """
    found = named(path)
    text, name = read_text(found)
    if text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            document = None  # braces are YAML too
        if isinstance(document, dict) and "command" in document:
            return saved(document, name)
    return found if isinstance(found, Elsewhere) else Held(found, text.encode())


def saved(document: dict[str, Any], name: str) -> Side:
    """Return the plan of a saved `estimate` document, with what this version does not know of it.

    Raises UserError where it is another document, or is not as `estimate --format json` writes it.
    """
    command, version = document.get("command"), document.get("version")
    if command != "estimate":
        raise UserError(f"{name} is the JSON of `{command}`; save one with `t2v-cap estimate SCENARIO --format json --output {name}`")
    if version != 1:
        raise UserError(f"{name} is of version {version} of the JSON documents, and this is {TOOL}, which reads version 1")
    try:
        figures = {key: _amount(part["value"]) for key, part in document["figures"].items()}
        settings, tool = document["assumptions"], str(document["tool"])
        date.fromisoformat(str(document["as_of"]))
        return Side(
            name=str(document["scenario"]["name"]),
            file=str(document["scenario"]["file"]),
            as_of=str(document["as_of"]),
            choices={key: str(part["value"]) for key, part in document["choices"].items()},
            assumptions={key: _amount(part["value"]) or 0.0 for key, part in settings.items()},
            pins={key: float(value or 0) for key, value in figures.items() if document["figures"][key]["pinned"]},
            figures=figures,
            warnings=tuple(
                PlanWarning(str(w["code"]), str(w["message"]), tuple(map(str, w["names"])), str(w["severity"]))
                for w in document["warnings"]
            ),
            ranges={key: (float(part["low"]), float(part["high"])) for key, part in settings.items() if part["low"] is not None},
            foreign={key: (str(part["unit"]), str(part["label"])) for key, part in document["figures"].items() if key not in FIGURES},
            tool=tool,
            shown=name,
            notes=() if tool == TOOL else (_older(name, tool),),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UserError(
            f"{name} is not as `t2v-cap estimate --format json` writes it ({type(error).__name__}: {error}); save it again"
        ) from error


def _older(name: str, tool: str) -> str:
    return f"warning other-version: {name} was saved by {tool} and this is {TOOL}: a figure may differ because its formula does"


def _amount(value: object) -> float | None:
    """Return a figure's value; raise ValueError where it is not a finite number or null."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return value


def named(path: str) -> str:
    """Return a path as it is, or the file of a git revision where it begins with one: no file's name can stand for a revision.

    Raises UserError where it is neither: git, the repository or the revision is missing.
    """
    match = _NAMED.fullmatch(path)
    if not match or path == STANDARD_INPUT or "\0" in path:
        return path
    revision, inside = match.groups()
    literal = os.path.lexists(path)
    try:
        commit = _commit(revision, path)
    except UserError:
        if literal:
            return path
        raise
    if inside.startswith(("./", "../")):
        inside = posixpath.join(_prefix(), inside)
    return Committed(revision, commit, inside)


def at(file: str | None, path: str) -> str | None:
    """Return a file as it was where a plan was read: of the plan's revision where that has it, else the file itself."""
    found = path if isinstance(path, Committed) else named(path)
    if file is None or not isinstance(found, Committed) or isinstance(named(file), Committed):
        return file
    there = Committed(found.revision, found.commit, path_inside(file))
    return there if there.exists else file


def read_side(file: str | Side, sets: Iterable[str], pins: Iterable[str], catalogues: Iterable[str]) -> Side:
    """Return a plan as one side of a comparison, with flags over it; raise UserError where it can't be read, or is saved and can't change."""
    if isinstance(file, Side):
        for option, given in (("--set", sets), ("--pin", pins), ("--catalogue", catalogues)):
            if given:
                raise UserError(f"`{option}` can't change {file.shown}, which is a saved estimate; name its scenario")
        return file
    plan = side(estimate(load_scenario(file, sets, pins, catalogues)))
    assert plan.scenario is not None
    own = next(layer for layer in reversed(plan.scenario.layers) if layer.kind == "file")
    plan = replace(plan, name=plan.name if "name" in own.about else stem(file), shown=shown(file))
    return replace(plan, file=file.inside, revision=file.commit) if isinstance(file, Committed) else plan


def path_inside(path: str) -> str:
    """Return a path as it is called from the top of the repository: the links of the folders above it are resolved, its own is not."""
    above, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 - the path's own link stays
    return posixpath.normpath(os.path.relpath(os.path.join(os.path.realpath(above), name), _top()))  # noqa: PTH118


def shown(path: str) -> str:
    """Return a path as a title shows it: a revision that is a name with the commit that it stands for."""
    if isinstance(path, Committed) and not path.commit.startswith(path.revision):
        return f"{path} ({path.commit[:_SHORT]})"
    return "<stdin>" if path == STANDARD_INPUT else str(path)


def stem(path: str) -> str:
    """Return the name of a plan whose file gives it none."""
    return "scenario" if path == STANDARD_INPUT else Path(path.inside if isinstance(path, Committed) else path).stem


def _commit(revision: str, path: str) -> str:
    about = f"there is no file {quote(path)}, and as a git revision it can't be read: "
    if shutil.which("git") is None:
        raise UserError(f"{about}there is no `git` on this machine")
    inside = git("rev-parse", "--git-dir")
    if inside.returncode:
        raise UserError(f"{about}{words_of(inside)}")
    found = None if revision.startswith("-") else git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if found is None or found.returncode:
        raise UserError(f"{about}{quote(revision)} is not a revision of this repository{_known(revision)}")
    return found.stdout.decode().strip()


def _known(revision: str) -> str:
    """Return the likely fix for a revision that is not there: a near name, or a deeper clone."""
    listed = git("for-each-ref", "--format=%(refname:short)")
    names = listed.stdout.decode("utf-8", "replace").split()
    remote = [name for name in names if name.endswith(f"/{revision}")]
    if remote:
        return f"; did you mean `{remote[0]}`?"
    shallow = git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    fetch = f"; this clone is shallow, so fetch it first: `git fetch origin {revision}`" if shallow else ""
    return nearest(revision, names) or fetch


def _prefix() -> str:
    """Return the working folder's path from the top of the repository: nothing, or one that ends with a slash."""
    return git("rev-parse", "--show-prefix").stdout.decode("utf-8", "replace").strip("\n")


def git(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git, and return how it ended and what it wrote."""
    program = shutil.which("git") or "git"
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run([program, *arguments], capture_output=True, check=False, env=environment, input=stdin)  # noqa: S603


def words_of(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return git's own words, in one line."""
    words = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return words[0].removeprefix("fatal: ") if words else "git says nothing"
