"""Files of a commit: its tree is listed once, and a file is read as it is there. No link, attribute or filter acts."""

import os
import posixpath
import re
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Self

from t2v_capacity.errors import Mistake, Mistakes, nearest, printable, quote
from t2v_capacity.files.git import git, git_words, prefix, top
from t2v_capacity.files.source import is_folder, is_shown

MAX_BYTES = 1_000_000
BRIEF = 7
_LINK = "120000"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class TreeEntry(NamedTuple):
    """What a commit has at a path: a file, a link or a submodule."""

    mode: str
    kind: str
    object: str
    size: str


@cache
def tree(commit: str) -> dict[str, TreeEntry]:
    """Return what a commit has, by path from the top of the repository. Raise Mistakes if git lacks a part of it."""
    listed = git("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
    if listed.returncode:
        raise Mistakes(f"{commit[:BRIEF]} can't be read: {git_words(listed)}")
    lines = (os.fsdecode(line).partition("\t") for line in listed.stdout.split(b"\0") if line)
    return {name: TreeEntry(*about.split()) for about, _tab, name in lines}


# The content of objects that were read together with others.
_CONTENT: dict[str, bytes] = {}


def read_together(files: "Iterable[Committed]") -> None:
    """Read many files in one run of git, which otherwise runs for each.

    A file that it can't read is an error when that file is read alone.
    """
    entries = [tree(file.commit)[file.inside] for file in files if file.exists]
    sized = [entry for entry in entries if entry.kind == "blob" and entry.size.isdecimal()]
    wanted = [entry.object for entry in sized if int(entry.size) <= MAX_BYTES]
    contents = BytesIO(git("cat-file", "--batch", stdin="\n".join(wanted).encode()).stdout)
    for name in wanted:
        head = contents.readline().split()
        if len(head) == 3:  # noqa: PLR2004 - name, kind and size, or that it is missing
            _CONTENT[name] = contents.read(int(head[2]))
            contents.readline()


class Committed(str):
    """A file of a git revision; the files that it names are of the same revision."""

    __slots__ = ("commit", "inside", "revision")
    revision: str
    commit: str
    inside: str

    def __new__(cls, revision: str, commit: str, inside: str) -> Self:
        """Make the name of a file from a revision, its commit, and the path from the top."""
        inside = posixpath.normpath(inside)
        name = super().__new__(cls, f"{revision}:{inside}")
        name.revision, name.commit, name.inside = revision, commit, inside
        return name

    @property
    def exists(self) -> bool:
        """Whether the revision has this file."""
        return self.inside in tree(self.commit)

    def content(self) -> bytes:
        """Return the file as it is in that commit."""
        if is_outside(self.inside) or self.inside.startswith("/"):
            raise Mistakes(f"{quote(self.inside)} is outside the repository, so `{self.revision}` has no such file")
        entry = tree(self.commit).get(self.inside)
        if entry is None:
            raise Mistakes(self._missing())
        if entry.mode == _LINK:
            raise Mistakes(f"{self} is a link, which is not followed in a revision; name the file itself")
        if entry.kind == "commit":
            raise Mistakes(
                f"{quote(self.inside)} is a submodule at {self.commit[:BRIEF]}, "
                "so what it held can't be compared; run in it"
            )
        if int(entry.size) > MAX_BYTES:
            raise Mistakes(f"{self} is larger than 1 MB; a scenario is a page of text")
        if entry.object in _CONTENT:
            return _CONTENT[entry.object]
        answer = git("cat-file", "blob", entry.object)
        if answer.returncode:
            raise Mistakes(
                f"{quote(self.inside)} is in {self.commit[:BRIEF]} and git can't read it: {git_words(answer)}"
            )
        return answer.stdout

    def file_from(self, other: str) -> "Committed":
        """Return the name of another file of the same revision.

        A path that leads out of the repository and back counts as one within it.
        """
        path = os.path.normpath(os.path.join(top(), posixpath.dirname(self.inside), other))  # noqa: PTH118
        return Committed(self.revision, self.commit, os.path.relpath(path, top()))

    @property
    def home(self) -> str:
        """Its folder, from the top of the repository: the files that it names are open or private seen from there."""
        return posixpath.dirname(self.inside) or "."

    def is_open_from(self, home: str) -> bool:
        """Return whether it may be quoted in a scenario of a folder: it is YAML and not hidden."""
        return is_shown(posixpath.relpath(self.inside, home)) or is_shown(self.inside)

    def _missing(self) -> str:
        """Return that there is no such file, with one below the working folder or a near name in the same folder."""
        names, here = tree(self.commit), prefix() + self.inside
        if any(name.startswith(f"{self.inside}/") for name in names):
            return f"{self} is a directory; name a scenario file in it"
        near = nearest(
            self.inside, [name for name in names if posixpath.dirname(name) == posixpath.dirname(self.inside)]
        )
        if here in names:
            near = f"; paths start at the top of the repository: `{here}`"
        return f"`{self.revision}` has no file {quote(self.inside)}{near}"


def refuse_odd_names(names: Iterable[str]) -> None:
    """Raise Mistakes if a file's name has a control character: git and terminals take it for something else."""
    odd = [name for name in names if _CONTROL.search(name)]
    if odd:
        raise Mistakes(
            [Mistake(f"{quote(printable(name))}: this name has a control character; rename the file") for name in odd]
        )


def path_inside(path: str) -> str:
    """Return where a path on the disk is, from the top of the repository.

    Links of the folders above it are resolved, and so is a folder's own.
    """
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
    real = os.path.realpath(path) if is_folder(path) else os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
    return posixpath.normpath(os.path.relpath(real, top()))


def same_place(path: str) -> str:
    """Return where a path of the command line is in any commit.

    Raise Mistakes if a link, which a request can make, leads it elsewhere.
    """
    spelled, here = _spelled_inside(path), path_inside(path)
    if spelled != here and not is_outside(spelled):
        raise Mistakes(
            f"{quote(path)} leads through links to {quote(here)}, "
            "and links are not followed in a revision; name that itself"
        )
    return here


def _spelled_inside(path: str) -> str:
    """Return a path from the top of the repository as it is spelled.

    Only links on the way into the repository are resolved.
    """
    parts, real, above = Path(os.path.abspath(path)).parts, os.sep, top()  # noqa: PTH100 - its links stay
    for index, part in enumerate(parts):
        real = os.path.realpath(os.path.join(real, part))  # noqa: PTH118
        if Path(real).is_relative_to(above):
            return posixpath.normpath(posixpath.join(os.path.relpath(real, above), *parts[index + 1 :]))
    return os.path.relpath(real, above)


def is_outside(inside: str) -> bool:
    """Return whether a path from the top of the repository leads out of it."""
    return inside == ".." or inside.startswith("../")
