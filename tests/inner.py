"""The inner loop, between two edits: `python tests/inner.py`, or `just inner`, in seconds and in one process.

It runs the tests of the rooms in which something changed since the last commit, and those of the rooms that import a
module that changed, as tests/house.py reads the arrows; changed test modules too. A module at the bottom, such as
`engine/figures.py`, is imported nearly everywhere: where more than a few rooms import it, its own room's tests run,
with those that every change must pass. It leaves out what the ordinary suite does. What follows the name goes to
pytest.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from house import MODULES, PACKAGE, arrows
from places import ROOT, TESTS, from_git

# Rooms that import what changed, beyond which they are too many for an inner loop.
FEW = 4
# Run at every change of the package.
_ALWAYS = ("tests/test_house.py", "tests/laws/test_laws.py")


def changed() -> list[Path]:
    """Return the files that differ from the last commit, new ones too."""
    listed = [
        from_git("diff", "--name-only", "--no-renames", "-z", "HEAD"),
        from_git("ls-files", "-o", "--exclude-standard", "-z"),
    ]
    if None in listed:
        sys.exit("what changed is read from git, which doesn't answer here; run `pytest -n auto`")
    return [ROOT / name for name in sorted({*"".join(map(str, listed)).split("\0")} - {""})]


def room(module: Path) -> str:
    """Return the folder of tests that hold a module's promises, or nothing where there is none."""
    folders = module.parent.relative_to(PACKAGE)
    return next((str(one) for one in (folders, *folders.parents) if one.parts and (TESTS / one).is_dir()), "")


def touched(modules: Iterable[Path]) -> Iterator[str]:
    """Yield the rooms of modules that changed, new and deleted ones too.

    Rooms that import one of them are yielded too, where these are few.
    """
    drawn, names = arrows(), {path: name for name, path in MODULES.items()}
    for module in modules:
        yield room(module)
        importing = {room(MODULES[name]) for name, others in drawn.items() if names.get(module) in others} - {
            room(module),
            "",
        }
        if len(importing) <= FEW:
            yield from importing


def chosen(files: Iterable[Path]) -> list[str]:
    """Return what pytest is given for some changed files: folders and modules of tests, by their paths."""
    files = list(files)
    modules = [path for path in files if path.is_relative_to(PACKAGE)]
    tests = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.is_relative_to(TESTS) and path.match("test_*.py") and path.is_file()
    }
    folders = {f"tests/{one}" for one in touched(modules) if one}
    sources = {path.relative_to(ROOT).as_posix() for path in modules if path.suffix == ".py" and path.is_file()}
    found = tests | folders | sources | (set(_ALWAYS) if modules else set())
    return sorted(one for one in found if not any(one != other and one.startswith(f"{other}/") for other in folders))


def main() -> int:
    """Run them; return pytest's code, or 0 where nothing changed that has tests."""
    wanted = chosen(changed())
    if not wanted:
        sys.stdout.write(
            "nothing changed since the last commit that has tests of its own; `pytest -n auto` runs them all\n"
        )
        return 0
    sys.stdout.write(f"{' '.join(wanted)}\n")
    sys.stdout.flush()
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", *wanted, *sys.argv[1:]], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
