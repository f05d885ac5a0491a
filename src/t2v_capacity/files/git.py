"""Run git so that nothing in a request changes what it does.

A request may hold a folder made a repository, a filter, a hook, or a name that means several things.
"""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from t2v_capacity.errors import Mistakes, nearest, quote

if TYPE_CHECKING:
    from subprocess import CompletedProcess

# These stand before every command. A bare repository counts only where it is named, and no program watches files.
# Git warns of a name that means several things, and names hold no patterns.
_SAFE = (
    *("-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false", "-c", "core.warnAmbiguousRefs=true"),
    *("--literal-pathspecs", "--no-replace-objects", "--no-pager"),
)
# Of git's own variables these stay, which say where its settings are and how far up it looks.
# The others may move the repository, or name programs.
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")
_SETTINGS = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ATTR_NOSYSTEM": "1",
}
_NO_PROGRAM = 127  # as a shell says it


def git(*arguments: str, stdin: bytes = b"") -> "CompletedProcess[bytes]":
    """Run git, and return how it ended and what it wrote. No command that applies filters to a file is used here."""
    from shutil import which
    from subprocess import CompletedProcess, run  # a scenario is mostly read without git

    program = which("git")
    if program is None:
        return CompletedProcess(arguments, _NO_PROGRAM, b"", b"there is no `git` on this machine")
    environment = {
        name: setting for name, setting in os.environ.items() if not name.startswith("GIT_") or name in _KEPT
    }
    line = [program, *_SAFE, *arguments]
    return run(line, capture_output=True, check=False, env={**environment, **_SETTINGS}, input=stdin)  # noqa: S603


def git_words(done: "CompletedProcess[bytes]") -> str:
    """Return git's own words, in one line."""
    words = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return words[0].removeprefix("fatal: ") if words else "git says nothing"


def top() -> str:
    """Return the top of the repository that holds the working folder, links resolved."""
    return top_of(os.path.realpath("."))


@cache
def top_of(folder: str) -> str:
    """Return the top of the repository that holds a folder. Raise Mistakes if there is none."""
    answer = git("-C", folder, "rev-parse", "--show-toplevel")
    if answer.returncode:
        raise Mistakes(f"git finds no working tree here: {git_words(answer)}")
    above = os.path.realpath(os.fsdecode(answer.stdout).rstrip("\n"))
    # Git before 2.38 takes any folder with a HEAD, objects and refs for a repository.
    if not (Path(above) / ".git").exists():
        raise Mistakes(
            f"{quote(above)} has no `.git`, so it is not taken for the top of a repository; run in a plain clone"
        )
    return above


def prefix() -> str:
    """Return the working folder's path from the top of the repository: nothing, or one that ends with a slash."""
    here = os.path.relpath(os.path.realpath("."), top())
    return "" if here == "." else f"{here}/"


def commit_of(revision: str, about: str) -> str:
    """Return the commit of a revision.

    Raise Mistakes, which begin with `about`, if git, the repository or the revision is missing.
    """
    inside = git("rev-parse", "--git-dir")
    if inside.returncode:
        raise Mistakes(f"{about}{git_words(inside)}")
    top()
    answer = None if revision.startswith("-") else git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if answer is None or answer.returncode:
        raise Mistakes(f"{about}{quote(revision)} is not a revision of this repository{_likely_fix(revision)}")
    return answer.stdout.decode().strip()


def check_meaning(revision: str) -> None:
    """Raise Mistakes if a revision's name means several: whoever writes a request can make a tag of a branch's name."""
    if b"is ambiguous" in git("rev-parse", "--verify", f"{revision}^{{commit}}").stderr:
        raise Mistakes(
            f"{quote(revision)} can mean several things here; "
            "write the one that you mean in full, such as refs/heads/main"
        )


def _likely_fix(revision: str) -> str:
    """Return the likely fix for a revision that is not there: a near name, or to fetch it."""
    names = git("for-each-ref", "--format=%(refname:short)").stdout.decode("utf-8", "replace").split()
    if remote := next((name for name in names if name.endswith(f"/{revision}")), ""):
        return f"; did you mean `{remote}`?"
    return nearest(revision, names) or ("; fetch it first: `git fetch --all`" if git("remote").stdout else "")


def is_shallow() -> bool:
    """Return whether the clone has only the last commits."""
    return git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
