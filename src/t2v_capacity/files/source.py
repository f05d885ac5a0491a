"""Define a source: a file by its name, and whether its text may be quoted.

A scenario may name any path. What the command line names is open. Of what that names, `.yaml` and `.yml` files are open
below the scenario's folder, or if its git repository tracks them. Links are resolved, and what is below a hidden folder
is not open. Of any other file an error says path, line and column. It quotes no excerpt, key or value, and suggests
nothing that it has from the file.
"""

import os
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

from t2v_capacity.errors import Mistake, Mistakes, Place
from t2v_capacity.files.git import git, top_of

# How the name of a scenario file ends.
ENDINGS = (".yaml", ".yml")
# The files that were read since the program began, links resolved. An answer is written over none of them.
# A program that answers several times clears it.
WAS_READ: set[str] = set()


def is_yaml(name: str) -> bool:
    """Return whether a file's name ends as that of a scenario, in letters of any case.

    >>> is_yaml("plan.YAML"), is_yaml("plan.json")
    (True, False)
    """
    return name.lower().endswith(ENDINGS)


class Source(NamedTuple):
    """A file to read: its name, whether it is private, and where another file names it."""

    name: str
    private: bool = False
    named: Place | None = None


def named_source(path: str) -> Source:
    """Return a file that the command line names: it is open, but for a link to one that would be private.

    Whoever writes a request can make a scenario a link to a secret.
    """
    if not (os.path.islink(path) and os.path.isfile(path)):  # noqa: PTH113, PTH114 - of any text, too long ones
        return Source(path)
    return Source(path, private=not is_open(path, folder_of(path)))


@contextmanager
def discreet(source: Source) -> Iterator[None]:
    """Let the mistakes of a block quote nothing of a private file."""
    try:
        yield
    except Mistakes as error:
        if source.private:
            raise Mistakes(
                Mistake("", (mistake.place or Place(source.name))._replace(private=True)) for mistake in error.mistakes
            ) from None
        raise


def folder_of(path: str) -> str:
    """Return the folder in which a file stands by its name, the links above it resolved."""
    return os.path.realpath(os.path.dirname(path))  # noqa: PTH120 - its own link stays


def is_folder(path: str) -> bool:
    """Return whether a folder is there, of any text: one that is too long for a name is none."""
    return os.path.isdir(path)  # noqa: PTH112


def is_open(path: str, folder: str) -> bool:
    """Return whether a file that another one names may be quoted, seen from the folder of the scenario."""
    target = os.path.realpath(path)
    if is_folder(target):  # what it holds may be named
        target = os.path.join(target, ENDINGS[0])  # noqa: PTH118
    if is_shown(os.path.relpath(target, folder)):
        return True
    try:
        above = top_of(folder)
    except Mistakes:
        return False
    inside = os.path.relpath(target, above)
    return is_shown(inside) and is_tracked(above, inside)


def is_shown(inside: str) -> bool:
    """Return whether a path below a folder is of a kind that may be quoted: YAML, and in no hidden folder.

    >>> is_shown("s/base.yaml"), is_shown(".git/base.yaml"), is_shown("../base.yaml"), is_shown("s/.env")
    (True, False, False, False)
    """
    above = posixpath.dirname(inside)
    return is_yaml(inside) and not any(part.startswith(".") for part in above.split("/"))


@cache
def is_tracked(above: str, inside: str) -> bool:
    """Return whether git tracks a file of a repository; what it said is kept."""
    return bool(git("-C", above, "ls-files", "-z", "--", inside).stdout)
