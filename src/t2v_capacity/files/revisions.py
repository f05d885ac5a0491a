"""Git revisions as the command line names them: a file of one, a request's merge base, and its files below a path."""

import os
import posixpath
import re
from collections.abc import Iterable
from typing import NamedTuple

from t2v_capacity.errors import Mistakes, quote
from t2v_capacity.files.document import STANDARD_INPUT
from t2v_capacity.files.git import check_meaning, commit_of, git, is_shallow, prefix, top
from t2v_capacity.files.git_tree import BRIEF, Committed, is_outside, refuse_odd_names, same_place, tree
from t2v_capacity.files.source import is_shown

# A revision may have a colon within braces, as in `main@{yesterday 12:00}`.
_NAMED = re.compile(r"((?:[^:{]|\{[^}]*\})+):(.+)", re.DOTALL)
_LABEL = "where that is meant, an owner lets it through with `--gates-from head`"


def file_named(path: str, about: str = "") -> str:
    """Return a path as it is, or the file of a git revision if it begins with one.

    No file's name can stand for a revision.

    Raise Mistakes, which begin with `about`, if it is neither: git, the repository or the revision is missing.
    """
    match = _NAMED.fullmatch(path)
    if not match or path == STANDARD_INPUT or "\0" in path:
        return path
    revision, inside = match.groups()
    check_meaning(revision)
    try:
        commit = commit_of(
            revision, about or f"there is no file {quote(path)}, and as a git revision it can't be read: "
        )
    except Mistakes:
        if os.path.lexists(path):
            return path
        raise
    if inside.startswith(("./", "../")):
        inside = posixpath.join(prefix(), inside)
    return Committed(revision, commit, inside)


def in_plan_revision(file: str | None, path: str, *, new: bool = False) -> str | None:
    """Return a file as it was where a plan was read.

    That is the file of the plan's revision, or the file itself if it lies outside the repository. Raise Mistakes if the
    revision has no such file, unless a `new` one may stand for both. Raise Mistakes if a link leads elsewhere.
    """
    plan = path if isinstance(path, Committed) else file_named(path)
    if file is None or not isinstance(plan, Committed) or isinstance(file_named(file), Committed):
        return file

    committed = Committed(plan.revision, plan.commit, same_place(file))
    if committed.exists:
        return committed
    if new or is_outside(committed.inside):
        return file
    raise Mistakes(f"{quote(file)} is not in {plan.commit[:BRIEF]}, so it can't be held against what it was; {_LABEL}")


class MergeBase(NamedTuple):
    """Where a head left another branch: the revision that was named, and their merge base."""

    revision: str
    commit: str

    @property
    def short(self) -> str:
        """The commit as people say it."""
        return self.commit[:BRIEF]


def merge_base(revision: str) -> MergeBase:
    """Return the merge base of a revision and HEAD. Raise Mistakes if there is none, with what would help."""
    other = file_named(f"{revision}:.", f"`--against {revision}`: ")
    if not isinstance(other, Committed):
        raise Mistakes(f"`--against {revision}` is not a revision")
    base = git("merge-base", other.commit, "HEAD")
    if base.returncode:
        deeper = "this clone is shallow: fetch all of it (`fetch-depth: 0` in a workflow, GIT_DEPTH 0)"
        fix = deeper if is_shallow() else "they share no history"
        raise Mistakes(f"`--against {revision}`: {quote(revision)} and HEAD have no merge base; {fix}")
    return MergeBase(revision, base.stdout.decode().split()[0])


def files_at(base: MergeBase, paths: Iterable[str], *, new: bool) -> list[Committed]:
    """Return the YAML files of paths as they are at a merge base; hidden folders below a path are left out.

    Raise Mistakes if a link leads a path elsewhere. Raise Mistakes if the base has nothing there, unless a `new` one
    may stand for both.
    """
    files = dict[str, Committed]()
    for path in paths:
        below = same_place(path)
        if is_outside(below):
            raise Mistakes(f"{quote(path)} lies outside the repository, so there is nothing to compare it with")
        names = [name for name in tree(base.commit) if below in (".", name) or name.startswith(f"{below}/")]
        if not names and not new:
            raise Mistakes(f"{quote(path)} is not in {base.short}, so there is nothing to compare it with; {_LABEL}")
        for name in names:
            if name == below or is_shown(posixpath.relpath(name, below)):
                files[name] = Committed(base.revision, base.commit, name)
            if tree(base.commit)[name].kind == "commit":
                raise Mistakes(
                    f"{quote(name)} is a submodule at {base.short}, so what it held can't be compared; run in it"
                )
    refuse_odd_names(files)
    return list(files.values())


def not_checked_out(files: Iterable[str]) -> list[str]:
    """Return the files, by path from the top, that git leaves out of the working tree on purpose (a sparse one)."""
    listed = git("-C", top(), "ls-files", "-z", "-t").stdout.split(b"\0")
    left_out = {os.fsdecode(line)[2:] for line in listed if line.startswith(b"S ")}
    return [file for file in files if file in left_out]
