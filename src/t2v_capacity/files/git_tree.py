"""Where a path leads, in a commit and on the disk, and what a commit has there."""

import os
import posixpath
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from t2v_capacity.errors import Mistake, Mistakes, printable, quote
from t2v_capacity.files.document import MAX_BYTES
from t2v_capacity.files.git import git, git_words, top
from t2v_capacity.files.source import is_folder

_BRIEF = 7
_LINK, _MOST_LINKS = "120000", 40
LINK = _LINK.encode()
_FIRST_PLAIN, _DELETE = 32, 127  # of characters


@cache
def blob(commit: str, inside: str) -> tuple[str, int, bytes]:
    """Return the object at a path of a commit: its kind, its size in bytes, and its content if a scenario may be that long.

    Links within the repository are followed, as they are on the disk. Raise Mistakes if git has the path and not its content.
    """
    refuse_odd_names([inside])
    asked = f"{commit}:{inside}\n".encode(errors="surrogateescape")
    found = git("cat-file", "--batch-check", "--follow-symlinks", stdin=asked).stdout.split()
    if len(found) != 3 or not found[2].isdigit():  # noqa: PLR2004 - name, kind, size; else missing, or a link that leads out
        return "", 0, b""
    name, kind, size = found[0].decode(), found[1].decode(), int(found[2])
    if kind != "blob" or size > MAX_BYTES:
        return kind, size, b""
    read = git("cat-file", "blob", name)
    if read.returncode:
        raise Mistakes(f"{quote(inside)} is in {commit[:_BRIEF]} and git can't read it: {git_words(read)}")
    return kind, size, read.stdout


def refuse_odd_names(names: Iterable[str]) -> None:
    """Raise Mistakes if a file's name has a control character: git and terminals take it for something else."""
    odd = [name for name in names if any(ord(character) < _FIRST_PLAIN or ord(character) == _DELETE for character in name)]
    if odd:
        raise Mistakes([Mistake(f"{quote(printable(name))}: this name has a control character; rename the file") for name in odd])


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
    found = os.path.realpath(path) if is_folder(path) else os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
    return posixpath.normpath(os.path.relpath(found, top()))


def same_place(path: str, commit: str) -> str:
    """Return where a path of the command line is at a commit; raise Mistakes if it is elsewhere on the disk."""
    spelled, here = spelled_inside(path), path_inside(path)
    if is_outside(spelled):
        return spelled
    there = resolved(commit, spelled)
    if there != here:
        places = f"{quote(there)} at {commit[:_BRIEF]} and {quote(here)} in the working tree"
        raise Mistakes(f"{quote(path)} leads through links to {places}, so there is nothing to compare; name the folder itself")
    return there


@cache
def resolved(commit: str, inside: str, *, whole: bool = False) -> str:
    """Return where a path leads at a commit: links of the folders above it are resolved, and a folder's own; a file's own if `whole`."""
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
        if mode != _LINK or (not whole and not left and blob(commit, here)[0] != "tree"):
            done.append(part)
            continue
        links += 1
        target = os.fsdecode(git("cat-file", "blob", name).stdout)
        if links > _MOST_LINKS or target.startswith("/"):
            return posixpath.join("..", target.lstrip("/"))
        left = [step for step in target.split("/") if step not in ("", ".")] + left
    return "/".join(done) or "."


def _entry(commit: str, inside: str) -> tuple[str, str, str]:
    """Return mode, kind and name of what a commit has at a path, itself and no link's target; nothing if it has nothing."""
    listed = git("ls-tree", "-z", "--full-tree", commit, "--", inside)
    about = listed.stdout.partition(b"\t")[0].decode("utf-8", "replace").split()
    return (about[0], about[1], about[2]) if len(about) == 3 else ("", "", "")  # noqa: PLR2004 - a line of git's


def is_outside(inside: str) -> bool:
    """Return whether a path from the top of the repository leads out of it."""
    return inside == ".." or inside.startswith("../")
