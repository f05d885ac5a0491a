"""Git, run so that nothing of a request moves it: not a folder made a repository, a filter, a hook, or a name that means several."""

import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from t2v_capacity.errors import Mistakes, nearest, quote

if TYPE_CHECKING:
    from subprocess import CompletedProcess

# Before every command: a bare repository counts only where it is named, no program watches files, and names hold no patterns.
_SAFE = ("-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false", "--literal-pathspecs", "--no-replace-objects", "--no-pager")
# Of git's own variables these stay, which say where its settings are and how far up it looks; the others may move the repository, or name programs.
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")
_SETTINGS = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_ATTR_NOSYSTEM": "1"}
# Where git looks for a short name, in its own order.
_PLACES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
_NO_PROGRAM = 127  # as a shell says it
_NAME = re.compile(r"[\w.+/-]*\w")  # of a revision that could be fetched; an expression can't
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_ABBREVIATED = re.compile(r"(?:.*-g)?([0-9a-fA-F]{4,39})")


def git(*arguments: str, stdin: bytes = b"") -> "CompletedProcess[bytes]":
    """Run git, and return how it ended and what it wrote. No command that applies filters to a file is used here."""
    from subprocess import CompletedProcess, run  # a scenario is mostly read without git

    program = _found()
    if program is None:
        return CompletedProcess(arguments, _NO_PROGRAM, b"", b"there is no `git` on this machine")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    line = [program, *_SAFE, *arguments]
    return run(line, capture_output=True, check=False, env={**environment, **_SETTINGS}, input=stdin)  # noqa: S603


def _found() -> str | None:
    from shutil import which

    return which("git")


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
    found = git("-C", folder, "rev-parse", "--show-toplevel")
    if found.returncode:
        raise Mistakes(f"git finds no working tree here: {git_words(found)}")
    above = os.path.realpath(os.fsdecode(found.stdout).rstrip("\n"))
    if not (Path(above) / ".git").exists():  # git before 2.38 takes any folder with a HEAD, objects and refs for a repository
        raise Mistakes(f"{quote(above)} has no `.git`, so it is not taken for the top of a repository; run in a plain clone")
    return above


def prefix() -> str:
    """Return the working folder's path from the top of the repository: nothing, or one that ends with a slash."""
    here = os.path.relpath(os.path.realpath("."), top())
    return "" if here == "." else f"{here}/"


def commit_of(revision: str, about: str) -> str:
    """Return the commit of a revision; raise Mistakes, which begin so, if git, the repository or the revision is missing."""
    if _found() is None:
        raise Mistakes(f"{about}there is no `git` on this machine")
    inside = git("rev-parse", "--git-dir")
    if inside.returncode:
        raise Mistakes(f"{about}{git_words(inside)}")
    top()
    found = None if revision.startswith("-") else git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if found is None or found.returncode:
        raise Mistakes(f"{about}{quote(revision)} is not a revision of this repository{_likely(revision)}")
    return found.stdout.decode().strip()


def meanings(revision: str) -> list[str]:
    """Return the meanings of the name in a revision, if it has several: refs of several kinds, or a ref and a commit.

    A tag comes before a branch of that name, and whoever writes a request can make one.
    """
    name = re.split(r"[~^]|@\{", revision, maxsplit=1)[0]
    if not name or name.startswith("-") or _found() is None:
        return []
    known = set(_refs())
    found = [ref for ref in (place.format(name) for place in _PLACES) if ref in known]
    hexadecimal = _ABBREVIATED.fullmatch(name)
    if found and hexadecimal:
        found += git("rev-parse", f"--disambiguate={hexadecimal[1]}").stdout.decode().split()
    return found if len(found) > 1 else []


def _refs() -> list[str]:
    listed = git("for-each-ref", "--format=%(refname)")
    return [] if listed.returncode else listed.stdout.decode("utf-8", "replace").split("\n")


def _likely(revision: str) -> str:
    """Return the likely fix for a revision that is not there: a near name, or what fetches it."""
    listed = git("for-each-ref", "--format=%(refname:short)")
    names = listed.stdout.decode("utf-8", "replace").split()
    remote = [name for name in names if name.endswith(f"/{revision}")]
    if remote:
        return f"; did you mean `{remote[0]}`?"
    near, fetch = nearest(revision, names), _fetching(revision)
    return f"{near} Or fetch it: {fetch}" if near and fetch else near or (f"; fetch it first: {fetch}" if fetch else "")


def _fetching(revision: str) -> str:
    """Return the command that fetches a commit, a branch or a remote's branch; nothing if there is no remote, or no such name."""
    remotes = git("remote").stdout.decode("utf-8", "replace").split()
    if not remotes or not _NAME.fullmatch(revision):
        return ""
    whole = revision.removeprefix("refs/remotes/")
    remote = next((one for one in remotes if whole.startswith(f"{one}/")), "")
    branch = whole.removeprefix(f"{remote}/") if remote else revision
    kept = f"refs/remotes/{remote}/{branch}" if remote else branch
    what = branch if _COMMIT.fullmatch(branch) else f"{branch}:{kept}"
    return f"`git fetch {remote or ('origin' if 'origin' in remotes else remotes[0])} {what}`"


def is_shallow() -> bool:
    """Return whether the clone has only the last commits."""
    return git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
