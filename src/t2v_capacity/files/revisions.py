"""Files that are not on the disk under their name: those of a git revision, with what they name, and what was read already."""

import os
import posixpath
import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple, Self

from t2v_capacity.errors import Mistakes, nearest, quote
from t2v_capacity.files.document import MAX_BYTES, STANDARD_INPUT, Elsewhere
from t2v_capacity.files.git import commit_of, git, git_words, is_shallow, meanings, prefix, top
from t2v_capacity.files.git_tree import LINK, blob, is_outside, refuse_odd_names, resolved, same_place
from t2v_capacity.files.places import ENDINGS
from t2v_capacity.files.source import Source, folder_of, is_shown

# A revision may have a colon within braces, as in `main@{yesterday 12:00}`.
_NAMED = re.compile(r"((?:[^:{]|\{[^}]*\})+):(.+)", re.DOTALL)
_BRIEF = 7
_AT_ONCE = 500  # names on one command line
_LABEL = "where that is meant, an owner lets it through with `--gates-from head`"


class ReadOnce(Elsewhere):
    """A file that was read already, which standard input and a pipe can be only once."""

    __slots__ = ("data", "private")
    on_disk = True
    data: bytes

    def __new__(cls, source: Source, data: bytes) -> Self:
        """Make the name of a file with its content."""
        held = super().__new__(cls, source.name)
        held.data, held.private = data, source.private
        return held

    def content(self) -> bytes:
        """Return the content."""
        return self.data

    def beside(self, other: str) -> str:
        """Return the name of a file on the disk, relative to this one; standard input has the working folder."""
        found = other if self == STANDARD_INPUT else super().beside(other)
        return f"./{found}" if found == STANDARD_INPUT else found

    @property
    def home(self) -> str:
        """The folder from which what it names is open or private: of standard input the working folder."""
        return folder_of("./stdin") if self == STANDARD_INPUT else super().home


class Committed(Elsewhere):
    """A file of a git revision; the files that it names are of the same revision."""

    __slots__ = ("commit", "inside", "is_file", "revision")
    revision: str
    commit: str
    inside: str
    is_file: bool

    def __new__(cls, revision: str, commit: str, inside: str, *, is_file: bool = False) -> Self:
        """Make the name of a file from a revision, its commit, and the path from the top; `is_file` says that it is known to be no link."""
        inside = posixpath.normpath(inside)
        name = super().__new__(cls, f"{revision}:{inside}")
        name.revision, name.commit, name.inside, name.is_file = revision, commit, inside, is_file
        return name

    def content(self) -> bytes:
        """Return the file as it is in that commit."""
        if self.inside.startswith(("/", "../")) or self.inside == "..":
            raise Mistakes(f"{quote(self.inside)} is outside the repository, so `{self.revision}` has no such file")
        kind, size, data = blob(self.commit, self.inside)
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
        return blob(self.commit, self.inside)[0] == "blob"

    def beside(self, other: str) -> str:
        """Return the name of another file of the same revision; a path that leads out of the repository and back is one within."""
        above = top()
        there = os.path.normpath(os.path.join(above, posixpath.dirname(self.inside), other))  # noqa: PTH118 - texts of git
        return Committed(self.revision, self.commit, os.path.relpath(there, above))

    @property
    def private(self) -> bool:  # type: ignore[override]
        """Whether it is a link to a file that may not be quoted; other names of the command line may be."""
        if self.is_file or resolved(self.commit, self.inside, whole=True) == resolved(self.commit, self.inside):
            return False
        return not self.is_open_from(self.home)

    @property
    def home(self) -> str:
        """The folder from which what it names is open or private, from the top of the repository."""
        return posixpath.dirname(self.inside) or "."

    def is_open_from(self, home: str) -> bool:
        """Return whether it may be quoted in a scenario of a folder: it is YAML and not hidden, links resolved."""
        there = resolved(self.commit, self.inside, whole=True)
        return is_shown(posixpath.relpath(there, home)) or is_shown(there)

    def _near(self) -> str:
        """Return a suggestion for a missing file: a near name in the same folder, or the file below the working folder."""
        folder = posixpath.dirname(self.inside)
        listed = git("ls-tree", "--name-only", "-z", self.commit, *([f"{folder}/"] if folder else []))
        names = listed.stdout.decode("utf-8", "replace").split("\0")
        here = prefix() + self.inside
        if here != self.inside and not git("cat-file", "-e", f"{self.commit}:{here}").returncode:
            return f"; paths start at the top of the repository: `{here}`"
        return nearest(self.inside, [name for name in names if name])


def named(path: str, about: str = "") -> str:
    """Return a path as it is, or the file of a git revision where it begins with one: no file's name can stand for a revision.

    Raises Mistakes, which begin with `about`, where it is neither: git, the repository or the revision is missing.
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
        commit = commit_of(revision, about or f"there is no file {quote(path)}, and as a git revision it can't be read: ")
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
    inside = same_place(file, found.commit)
    there = Committed(found.revision, found.commit, inside)
    if is_outside(inside):
        return file
    if there.exists:
        return there
    if new:
        return file
    raise Mistakes(f"{quote(file)} is not in {found.commit[:_BRIEF]}, so it can't be held against what it was; {_LABEL}")


class MergeBase(NamedTuple):
    """Where a head left another branch: the revision that was named, and their merge base."""

    revision: str
    commit: str

    @property
    def short(self) -> str:
        """The commit as people say it."""
        return self.commit[:_BRIEF]


def merge_base(revision: str) -> MergeBase:
    """Return the merge base of a revision and HEAD. Raise Mistakes if there is none, with what would help."""
    found = named(f"{revision}:.", f"`--against {revision}`: ")
    if not isinstance(found, Committed):
        raise Mistakes(f"`--against {revision}` is not a revision")
    base = git("merge-base", found.commit, "HEAD")
    if base.returncode:
        deeper = "this clone is shallow: fetch all of it (`fetch-depth: 0` in a workflow, GIT_DEPTH 0)"
        fix = deeper if is_shallow() else "they share no history"
        raise Mistakes(f"`--against {revision}`: {quote(revision)} and HEAD have no merge base; {fix}")
    return MergeBase(revision, base.stdout.decode().split()[0])


def files_at(base: MergeBase, paths: Iterable[str], *, new: bool = False) -> dict[str, Committed]:
    """Return the YAML files of paths as they are at a merge base, by their path from the top of the repository.

    Hidden folders below a path are left out. Raise Mistakes if a path leads elsewhere on the disk than it did, or the base has
    nothing there, unless a `new` one may stand for both.
    """
    found = dict[str, Committed]()
    for path in paths:
        below = same_place(path, base.commit)
        if is_outside(below):
            raise Mistakes(f"{quote(path)} lies outside the repository, so there is nothing to compare it with")
        listed = git("ls-tree", "-r", "-z", "--full-tree", base.commit, *(["--", below] if below != "." else []))
        if listed.returncode:
            raise Mistakes(f"{quote(path)} can't be looked up at {base.short}: {git_words(listed)}")
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
                found[inside] = Committed(base.revision, base.commit, inside, is_file=not about.startswith(LINK))
    refuse_odd_names(found)
    return found


def not_checked_out(files: Iterable[str]) -> list[str]:
    """Return those of files, by their path from the top, that git leaves out of the working tree on purpose (a sparse one)."""
    waiting, found = iter(files), list[str]()
    while some := list(islice(waiting, _AT_ONCE)):
        listed = git("-C", top(), "ls-files", "-z", "-t", "--", *some)
        marked = [os.fsdecode(line).partition(" ") for line in listed.stdout.split(b"\0")]
        found += [name for mark, _space, name in marked if mark == "S"]
    return found
