"""Files that are not on the disk under their name: those of a git revision, with what they name, and what was read already."""

import os
import posixpath
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

from t2v_capacity.errors import Mistake, Mistakes, nearest, printable, quote
from t2v_capacity.files.document import MAX_BYTES, STANDARD_INPUT, Elsewhere
from t2v_capacity.files.git import commit_of, git, is_shallow, meanings, prefix, top, words_of
from t2v_capacity.files.places import ENDINGS

# A revision may have a colon within braces, as in `main@{yesterday 12:00}`.
_NAMED = re.compile(r"((?:[^:{]|\{[^}]*\})+):(.+)", re.DOTALL)
_BRIEF = 7
_LINK, _MOST_LINKS = "120000", 40
_FIRST_PLAIN, _DELETE = 32, 127  # of characters
_LABEL = "where that is meant, an owner lets it through with `--gates-from head`"


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
        above = top()
        there = os.path.normpath(os.path.join(above, posixpath.dirname(self.inside), other))  # noqa: PTH118 - texts of git
        return Committed(self.revision, self.commit, os.path.relpath(there, above))

    def _near(self) -> str:
        """Return what the revision has instead: a near name in the same folder, or the file below the working folder."""
        folder = posixpath.dirname(self.inside)
        listed = git("ls-tree", "--name-only", "-z", self.commit, *([f"{folder}/"] if folder else []))
        names = listed.stdout.decode("utf-8", "replace").split("\0")
        here = prefix() + self.inside
        if here != self.inside and not git("cat-file", "-e", f"{self.commit}:{here}").returncode:
            return f"; paths start at the top of the repository: `{here}`"
        return nearest(self.inside, [name for name in names if name])


@cache
def _blob(commit: str, inside: str) -> tuple[str, int, bytes]:
    """Return what git holds at a path of a commit: its kind, its size, and its bytes where a scenario may have so many.

    Links within the repository are followed, as they are on the disk. Raise Mistakes if git has the path and not its content.
    """
    refuse_odd_names([inside])
    asked = f"{commit}:{inside}\n".encode(errors="surrogateescape")
    told = git("cat-file", "--batch-check", "--follow-symlinks", stdin=asked).stdout.split()
    if len(told) != 3 or not told[2].isdigit():  # noqa: PLR2004 - name, kind, size; else missing, or a link that leads out
        return "", 0, b""
    name, kind, size = told[0].decode(), told[1].decode(), int(told[2])
    if kind != "blob" or size > MAX_BYTES:
        return kind, size, b""
    found = git("cat-file", "blob", name)
    if found.returncode:
        raise Mistakes(f"{quote(inside)} is in {commit[:_BRIEF]} and git can't read it: {words_of(found)}")
    return kind, size, found.stdout


def refuse_odd_names(names: Iterable[str]) -> None:
    """Raise Mistakes if a file's name has a control character: git and terminals take it for something else."""
    odd = [name for name in names if any(ord(character) < _FIRST_PLAIN or ord(character) == _DELETE for character in name)]
    if odd:
        raise Mistakes([Mistake(f"{quote(printable(name))}: this name has a control character; rename the file") for name in odd])


def named(path: str) -> str:
    """Return a path as it is, or the file of a git revision where it begins with one: no file's name can stand for a revision.

    Raises Mistakes where it is neither: git, the repository or the revision is missing.
    """
    match = _NAMED.fullmatch(path)
    if not match or path == STANDARD_INPUT or "\0" in path:
        return path
    revision, inside = match.groups()
    literal = os.path.lexists(path)
    if several := meanings(revision):
        wholes = ", ".join(map(quote, several))
        raise Mistakes(f"{quote(revision)} can mean {len(several)} things here: {wholes}; write the one that you mean in full")
    try:
        commit = commit_of(revision, f"there is no file {quote(path)}, and as a git revision it can't be read: ")
    except Mistakes:
        if literal:
            return path
        raise
    if inside.startswith(("./", "../")):
        inside = posixpath.join(prefix(), inside)
    return Committed(revision, commit, inside)


def at(file: str | None, path: str, *, new: bool = False) -> str | None:
    """Return a file as it was where a plan was read: of the plan's revision, or the file itself where it lies outside the repository.

    Raise Mistakes if the revision has no such file, unless a `new` one may stand for both, or if a link leads elsewhere than it did.
    """
    found = path if isinstance(path, Committed) else named(path)
    if file is None or not isinstance(found, Committed) or isinstance(named(file), Committed):
        return file
    inside = _same_place(file, found.commit)
    there = Committed(found.revision, found.commit, inside)
    if _outside(inside):
        return file
    if there.exists:
        return there
    if new:
        return file
    raise Mistakes(f"{quote(file)} is not in {found.commit[:_BRIEF]}, so it can't be held against what it was; {_LABEL}")


def spelled_inside(path: str) -> str:
    """Return a path from the top of the repository as it is spelled: only links on the way into the repository are resolved.

    A link within the repository is part of the request, which could make it lead anywhere.
    """
    parts, real, above = Path(os.path.abspath(path)).parts, os.sep, top()  # noqa: PTH100 - its links stay
    for index, part in enumerate(parts):
        real = os.path.realpath(os.path.join(real, part))  # noqa: PTH118
        if Path(real).is_relative_to(above):
            return posixpath.normpath(posixpath.join(os.path.relpath(real, above), *parts[index + 1 :]))
    return os.path.relpath(real, above)


def path_inside(path: str) -> str:
    """Return where a path on the disk is, from the top of the repository: links of the folders above it are resolved, and a folder's own."""
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
    found = os.path.realpath(path) if Path(path).is_dir() else os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
    return posixpath.normpath(os.path.relpath(found, top()))


def _same_place(path: str, commit: str) -> str:
    """Return where a path of the command line is at a commit; raise Mistakes if it is elsewhere on the disk."""
    spelled, here = spelled_inside(path), path_inside(path)
    if _outside(spelled):
        return spelled
    there = _resolved(commit, spelled)
    if there != here:
        places = f"{quote(there)} at {commit[:_BRIEF]} and {quote(here)} in the working tree"
        raise Mistakes(f"{quote(path)} leads through links to {places}, so there is nothing to compare; name the folder itself")
    return there


@cache
def _resolved(commit: str, inside: str) -> str:
    """Return where a path leads at a commit: links of the folders above it are resolved, and a folder's own."""
    refuse_odd_names([inside])
    done: list[str] = []
    left, links = [part for part in inside.split("/") if part != "."], 0
    while left:
        part = left.pop(0)
        if part == "..":
            if not done:
                return posixpath.join("..", *left)
            done.pop()
            continue
        here = "/".join([*done, part])
        mode, kind, name = _entry(commit, here)
        if kind == "commit":
            raise Mistakes(f"{quote(here)} is a submodule at {commit[:_BRIEF]}, so what it held can't be compared; run in it")
        if mode != _LINK or (not left and _blob(commit, here)[0] != "tree"):
            done.append(part)
            continue
        links += 1
        target = os.fsdecode(git("cat-file", "blob", name).stdout)
        if links > _MOST_LINKS or target.startswith("/"):
            return posixpath.join("..", target.lstrip("/"))
        left = [step for step in target.split("/") if step not in ("", ".")] + left
    return "/".join(done) or "."


def _entry(commit: str, inside: str) -> tuple[str, str, str]:
    """Return mode, kind and name of what a commit has at a path, itself and no link's target; nothing where it has nothing."""
    listed = git("ls-tree", "-z", "--full-tree", commit, "--", inside)
    about = listed.stdout.partition(b"\t")[0].decode("utf-8", "replace").split()
    return (about[0], about[1], about[2]) if len(about) == 3 else ("", "", "")  # noqa: PLR2004 - a line of git's


def _outside(inside: str) -> bool:
    return inside == ".." or inside.startswith("../")


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
        fix = deeper if is_shallow() else "they share no history"
        raise Mistakes(f"`--against {revision}`: {quote(revision)} and HEAD have no merge base; {fix}")
    return Fork(revision, base.stdout.decode().split()[0])


def files_at(base: Fork, paths: Iterable[str], *, new: bool = False) -> dict[str, Committed]:
    """Return the YAML files of paths as they are at a merge base, by their path from the top of the repository.

    Hidden folders below a path are left out. Raise Mistakes if a path leads elsewhere on the disk than it did, or the base has
    nothing there, unless a `new` one may stand for both.
    """
    found = dict[str, Committed]()
    for path in paths:
        below = _same_place(path, base.commit)
        if _outside(below):
            raise Mistakes(f"{quote(path)} lies outside the repository, so there is nothing to compare it with")
        listed = git("ls-tree", "-r", "-z", "--full-tree", base.commit, *(["--", below] if below != "." else []))
        if listed.returncode:
            raise Mistakes(f"{quote(path)} can't be looked up at {base.short}: {words_of(listed)}")
        if not listed.stdout and not new:
            raise Mistakes(f"{quote(path)} is not in {base.short}, so there is nothing to compare it with; {_LABEL}")
        for line in filter(None, listed.stdout.split(b"\0")):
            about, _tab, name = line.partition(b"\t")
            inside = os.fsdecode(name)
            if about.split()[1] == b"commit":
                raise Mistakes(f"{quote(inside)} is a submodule at {base.short}, so what it held can't be compared; run in it")
            within = posixpath.relpath(inside, below)
            hidden = any(part.startswith(".") for part in posixpath.dirname(within).split("/"))
            if inside == below or (inside.endswith(ENDINGS) and not hidden):
                found[inside] = Committed(base.revision, base.commit, inside)
    refuse_odd_names(found)
    return found


def not_checked_out(files: Iterable[str]) -> list[str]:
    """Return those of files, by their path from the top, that git leaves out of the working tree on purpose (a sparse one)."""
    wanted = list(files)
    if not wanted:
        return []
    listed = git("-C", top(), "ls-files", "-z", "-t", "--", *wanted)
    marked = [os.fsdecode(line).partition(" ") for line in listed.stdout.split(b"\0")]
    return [name for mark, _space, name in marked if mark == "S"]
