"""Where the files lie that tests and their scripts read, whatever folder a test lies in.

This module also says which of them are the project's, and which commit it is.
"""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
AUTHORITIES = TESTS / "authorities"
GOLDEN = TESTS / "golden"
MISTAKES = TESTS / "mistakes"
SCHEMA_FOLDER = ROOT / "docs" / "schema"
# What the top level holds, besides dot files.
TOP = {"LICENSE", "README.md", "docs", "pyproject.toml", "scenarios", "src", "tests"}


# What pytest runs of the tests that need no other program, but for the slow ones.
ORDINARY_AND_WIDE = "not slow and not browser and not office"


def from_git(*arguments: str) -> str | None:
    """Return what git prints of this checkout, or nothing where this is none or git is missing."""
    if not (ROOT / ".git").exists():
        return None
    try:
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


@cache
def tracked() -> frozenset[str] | None:
    """Return the files that git keeps, by their names below the root, or nothing where git doesn't say."""
    listed = from_git("ls-files", "-z")
    return None if listed is None else frozenset(listed.split("\0")) - {""}


def ours(under: str = "") -> list[Path]:
    """Return the project's files below a folder: those that git keeps, so that what else lies in a clone is not judged.

    Where git doesn't say, as in an unpacked sdist, they are all that lie in the folders of the top level.
    """
    names = tracked()
    if names is None:
        places = [ROOT / under] if under else [ROOT / name for name in TOP]
        found = {path for place in places for path in ([place] if place.is_file() else place.rglob("*"))}
        return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)
    return sorted(
        path for name in names if name.startswith(f"{under}/" if under else "") and (path := ROOT / name).is_file()
    )


@cache
def landing() -> str:
    """Return the commit that is checked out, which seeds what a landing draws; the same word where git doesn't say."""
    return (from_git("rev-parse", "HEAD") or "none").strip()


SHIPPED = [path for path in ours("scenarios") if path.suffix == ".yaml"]
# Those that are no mix, have no stages and are no stream, which can have neither.
_OTHERS = {"mix:", "stages:", "  delivery: stream"}
PLAIN = [path for path in SHIPPED if not _OTHERS & {*path.read_text(encoding="utf-8").splitlines()}]


def shipped(name: str) -> str:
    """Return the path of a shipped scenario, which holds from every folder."""
    return str(ROOT / "scenarios" / f"{name}.yaml")
