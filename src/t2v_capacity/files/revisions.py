"""Files that are not on the disk under their name: those of a git revision, with what they name, and what was read already."""

import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, Self

from t2v_capacity.errors import Mistakes, nearest, quote
from t2v_capacity.files.document import MAX_BYTES, STANDARD_INPUT, Elsewhere
from t2v_capacity.files.places import ENDINGS

# A revision may have a colon within braces, as in `main@{yesterday 12:00}`.
_NAMED = re.compile(r"((?:[^:{]|\{[^}]*\})+):(.+)", re.DOTALL)
_BRIEF = 7


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
            raise Mistakes(f"{quote(self.inside)} is outside the repository, so `{self.revision}` has no such file")
        kind, size, data = _blob(self.commit, self.inside)
        if not kind:
            raise Mistakes(f"`{self.revision}` has no file {quote(self.inside)}{self._near()}")
        if kind != "blob":
            raise Mistakes(f"{self} is a directory; name a scenario file in it")
        if size > MAX_BYTES:
            raise Mistakes(f"{self} is larger than 1 MB; a scenario is a page of text")
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


def named(path: str) -> str:
    """Return a path as it is, or the file of a git revision where it begins with one: no file's name can stand for a revision.

    Raises Mistakes where it is neither: git, the repository or the revision is missing.
    """
    match = _NAMED.fullmatch(path)
    if not match or path == STANDARD_INPUT or "\0" in path:
        return path
    revision, inside = match.groups()
    literal = os.path.lexists(path)
    try:
        commit = _commit(revision, path)
    except Mistakes:
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


def path_inside(path: str) -> str:
    """Return a path as it is called from the top of the repository: the links of the folders above it are resolved, its own is not."""
    above, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 - the path's own link stays
    return posixpath.normpath(os.path.relpath(os.path.join(os.path.realpath(above), name), _top()))  # noqa: PTH118


def _commit(revision: str, path: str) -> str:
    about = f"there is no file {quote(path)}, and as a git revision it can't be read: "
    if shutil.which("git") is None:
        raise Mistakes(f"{about}there is no `git` on this machine")
    inside = git("rev-parse", "--git-dir")
    if inside.returncode:
        raise Mistakes(f"{about}{words_of(inside)}")
    found = None if revision.startswith("-") else git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if found is None or found.returncode:
        raise Mistakes(f"{about}{quote(revision)} is not a revision of this repository{_known(revision)}")
    return found.stdout.decode().strip()


def _known(revision: str) -> str:
    """Return the likely fix for a revision that is not there: a near name, or a deeper clone."""
    listed = git("for-each-ref", "--format=%(refname:short)")
    names = listed.stdout.decode("utf-8", "replace").split()
    remote = [name for name in names if name.endswith(f"/{revision}")]
    if remote:
        return f"; did you mean `{remote[0]}`?"
    fetch = f"; this clone is shallow, so fetch it first: `git fetch origin {revision}`" if _is_shallow() else ""
    return nearest(revision, names) or fetch


def _is_shallow() -> bool:
    return git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


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


class Fork(NamedTuple):
    """Where a head left another branch: the revision that was named, and their merge base."""

    revision: str
    commit: str

    @property
    def short(self) -> str:
        """The commit as people say it."""
        return self.commit[:_BRIEF]


def fork(revision: str) -> Fork:
    """Return the merge base of a revision and HEAD; raise Mistakes where there is none, with what would help."""
    found = named(f"{revision}:.")
    if not isinstance(found, Committed):
        raise Mistakes(f"`--against {revision}` is not a revision")
    base = git("merge-base", found.commit, "HEAD")
    if base.returncode:
        deeper = "this clone is shallow: fetch all of it (`fetch-depth: 0` in a workflow, GIT_DEPTH 0)"
        fix = deeper if _is_shallow() else "they share no history"
        raise Mistakes(f"`--against {revision}`: {quote(revision)} and HEAD have no merge base; {fix}")
    return Fork(revision, base.stdout.decode().strip())


def files_at(base: Fork, paths: Iterable[str]) -> dict[str, Committed]:
    """Return the YAML files of paths as they are at a merge base, by their path from the top of the repository.

    A path is looked up as it is written, and with its links resolved; hidden folders below it are left out.
    """
    found = dict[str, Committed]()
    for path in paths:
        for below in dict.fromkeys((path_inside(path), path_inside(os.path.realpath(path)))):
            if below.startswith("../") or below == "..":
                continue
            listed = git("ls-tree", "-r", "-z", "--full-tree", base.commit, *(["--", below] if below != "." else []))
            if listed.returncode:
                raise Mistakes(f"{quote(path)} can't be looked up at {base.short}: {words_of(listed)}")
            for line in filter(None, listed.stdout.split(b"\0")):
                about, _tab, name = line.partition(b"\t")
                inside = os.fsdecode(name)
                if about.split()[1] == b"commit":
                    raise Mistakes(f"{quote(inside)} is a submodule at {base.short}, so what it held can't be compared; run in it")
                within = os.path.relpath(inside, below)
                hidden = any(part.startswith(".") for part in posixpath.dirname(within).split("/") if part != "..")
                if inside == below or (inside.endswith(ENDINGS) and not hidden):
                    found[inside] = Committed(base.revision, base.commit, inside)
    return found


def renames_since(base: Fork) -> dict[str, str]:
    """Return the new path of each file that git holds to be renamed since a merge base, by the old one."""
    told = [os.fsdecode(part) for part in git("diff", "-M", "-z", "--name-status", "--diff-filter=R", base.commit).stdout.split(b"\0")]
    return {told[index + 1]: told[index + 2] for index in range(0, len(told) - 2, 3)}
