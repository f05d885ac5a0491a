"""Plans that are not a scenario on the disk: one of a git revision, with what it extends, or an estimate saved as JSON."""

import json
import math
import os
import posixpath
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

from t2v_capacity.document import STANDARD_INPUT, Elsewhere, read_text
from t2v_capacity.errors import UserError, nearest, quote
from t2v_capacity.formulas import FIGURES
from t2v_capacity.questions.diff import TOOL, Side
from t2v_capacity.scenario import PlanWarning

# A revision may have a colon within braces, as in `main@{yesterday 12:00}`.
_NAMED = re.compile(r"((?:[^:{]|\{[^}]*\})+):(.+)", re.DOTALL)
_SHORT = 10


class Held(Elsewhere):
    """A file that was read already, which standard input and a pipe can be only once."""

    __slots__ = ("data",)
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
        kind = _git("cat-file", "-t", f"{self.commit}:{self.inside}")
        if kind.returncode:
            raise UserError(f"`{self.revision}` has no file {quote(self.inside)}{self._near()}")
        if kind.stdout.strip() != b"blob":
            raise UserError(f"{self} is a directory; name a scenario file in it")
        shown = _git("show", f"{self.commit}:{self.inside}")
        if shown.returncode:
            raise UserError(f"{self} can't be read: {_said(shown)}")
        return shown.stdout

    def beside(self, other: str) -> str:
        """Return the name of another file of the same revision."""
        return Committed(self.revision, self.commit, posixpath.join(posixpath.dirname(self.inside), other))

    def _near(self) -> str:
        """Return what the revision has instead: a near name in the same folder, or the file below the working folder."""
        folder = posixpath.dirname(self.inside)
        listed = _git("ls-tree", "--name-only", "-z", self.commit, *([f"{folder}/"] if folder else []))
        names = listed.stdout.decode("utf-8", "replace").split("\0")
        here = _prefix() + self.inside
        if here != self.inside and not _git("cat-file", "-e", f"{self.commit}:{here}").returncode:
            return f"; paths start at the top of the repository: `{here}`"
        return nearest(self.inside, [name for name in names if name])


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
        return Side(
            name=str(document["scenario"]["name"]),
            file=str(document["scenario"]["file"]),
            as_of=str(document["as_of"]),
            choices={key: str(part["value"]) for key, part in document["choices"].items()},
            assumptions={key: float(part["value"]) for key, part in settings.items()},
            pins={key: float(value or 0) for key, value in figures.items() if document["figures"][key]["pinned"]},
            figures=figures,
            warnings=tuple(PlanWarning(w["code"], w["message"], tuple(w["names"]), w["severity"]) for w in document["warnings"]),
            ranges={key: (float(part["low"]), float(part["high"])) for key, part in settings.items() if part["low"] is not None},
            foreign={key: (str(part["unit"]), str(part["label"])) for key, part in document["figures"].items() if key not in FIGURES},
            tool=tool,
            shown=name,
            notes=() if tool == TOOL else (_older(name, tool),),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
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
    """Return a path as it is, or the file of a git revision where it is written as one; a file of that literal name wins.

    Raises UserError where git, the repository or the revision is missing.
    """
    match = _NAMED.fullmatch(path)
    if not match or path == STANDARD_INPUT or "\0" in path or os.path.lexists(path):
        return path
    revision, inside = match.groups()
    commit = _commit(revision, path)
    if inside.startswith(("./", "../")):
        inside = posixpath.join(_prefix(), inside)
    return Committed(revision, commit, inside)


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
    inside = _git("rev-parse", "--git-dir")
    if inside.returncode:
        raise UserError(f"{about}{_said(inside)}")
    found = None if revision.startswith("-") else _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if found is None or found.returncode:
        raise UserError(f"{about}{quote(revision)} is not a revision of this repository{_known(revision)}")
    return found.stdout.decode().strip()


def _known(revision: str) -> str:
    """Return the likely fix for a revision that is not there: a near name, or a deeper clone."""
    listed = _git("for-each-ref", "--format=%(refname:short)")
    names = listed.stdout.decode("utf-8", "replace").split()
    remote = [name for name in names if name.endswith(f"/{revision}")]
    if remote:
        return f"; did you mean `{remote[0]}`?"
    shallow = _git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    fetch = f"; this clone is shallow, so fetch it first: `git fetch origin {revision}`" if shallow else ""
    return nearest(revision, names) or fetch


def _prefix() -> str:
    """Return the working folder's path from the top of the repository: nothing, or one that ends with a slash."""
    return _git("rev-parse", "--show-prefix").stdout.decode("utf-8", "replace").strip("\n")


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("git") or "git"
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run([program, *arguments], capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return git's own words, in one line."""
    words = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return words[0].removeprefix("fatal: ") if words else "git says nothing"
