"""Where a working tree left another branch, and the files that were there."""

import os
import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from t2v_capacity.errors import UserError, quote
from t2v_capacity.files.revisions import Committed, git, named, path_inside, words_of
from t2v_capacity.scenario.folders import ENDINGS

_BRIEF = 7


class Fork(NamedTuple):
    """Where a head left another branch: the revision that was named, and their merge base."""

    revision: str
    commit: str

    @property
    def short(self) -> str:
        """The commit as people say it."""
        return self.commit[:_BRIEF]


def fork(revision: str) -> Fork:
    """Return the merge base of a revision and HEAD; raise UserError where there is none, with what would help."""
    found = named(f"{revision}:.")
    if not isinstance(found, Committed):
        raise UserError(f"`--against {revision}` is not a revision")
    base = git("merge-base", found.commit, "HEAD")
    if base.returncode:
        shallow = git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        fix = "this clone is shallow: fetch all of it (`fetch-depth: 0` in a workflow, GIT_DEPTH 0)" if shallow else "they share no history"
        raise UserError(f"`--against {revision}`: {quote(revision)} and HEAD have no merge base; {fix}")
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
                raise UserError(f"{quote(path)} can't be looked up at {base.short}: {words_of(listed)}")
            for line in filter(None, listed.stdout.split(b"\0")):
                about, _tab, name = line.partition(b"\t")
                inside = os.fsdecode(name)
                if about.split()[1] == b"commit":
                    raise UserError(f"{quote(inside)} is a submodule at {base.short}, so what it held can't be compared; run in it")
                within = os.path.relpath(inside, below)
                hidden = any(part.startswith(".") for part in posixpath.dirname(within).split("/") if part != "..")
                if inside == below or (inside.endswith(ENDINGS) and not hidden):
                    found[inside] = Committed(base.revision, base.commit, inside)
    return found


def renames_since(base: Fork) -> dict[str, str]:
    """Return the new path of each file that git holds to be renamed since a merge base, by the old one."""
    told = [os.fsdecode(part) for part in git("diff", "-M", "-z", "--name-status", "--diff-filter=R", base.commit).stdout.split(b"\0")]
    return {told[index + 1]: told[index + 2] for index in range(0, len(told) - 2, 3)}
