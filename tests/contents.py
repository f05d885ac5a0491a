"""What travels to people, held to tests/contents.txt.

`python tests/contents.py FOLDER` holds the wheel and the sdist that lie there to that list. In a git checkout they also
hold every file of the package that git keeps, and nothing that git doesn't know.
"""

import sys
import tarfile
import zipfile
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from places import TESTS, tracked

LIST = TESTS / "contents.txt"
# What the build itself writes into an archive.
_BUILT = {"wheel": "t2v_cap-*.dist-info/*", "sdist": "PKG-INFO"}


def listed(kind: str) -> list[str]:
    """Return what may travel in a wheel or in an sdist, as patterns."""
    blocks = [block.splitlines() for block in LIST.read_text(encoding="utf-8").split("\n\n")]
    (patterns,) = [block[1:] for block in blocks if block[0] == kind]
    return [pattern.strip() for pattern in patterns]


def in_wheel(path: Path) -> list[str]:
    """Return the files of a wheel."""
    with zipfile.ZipFile(path) as archive:
        return [name for name in archive.namelist() if not name.endswith("/")]


def in_sdist(path: Path) -> list[str]:
    """Return the files of an sdist, without the folder that holds them all."""
    with tarfile.open(path) as archive:
        return [member.name.partition("/")[2] for member in archive.getmembers() if not member.isdir()]


def strays(kind: str, names: Iterable[str], known: Collection[str] | None = None) -> list[str]:
    """Return, in words, what an archive holds that the list or git doesn't know, and what it lacks."""
    names, patterns = list(names), listed(kind)
    found = [
        f"{name} is stray: no line of tests/contents.txt fits"
        for name in names
        if not any(fnmatchcase(name, one) for one in patterns)
    ]
    found += [
        f"nothing in it fits `{one}` of tests/contents.txt"
        for one in patterns
        if not any(fnmatchcase(name, one) for name in names)
    ]
    if known is not None:
        within = "src/" if kind == "wheel" else ""
        kept = {
            name
            for name in known
            if any(fnmatchcase(name.removeprefix(within), one) for one in patterns if name.startswith(within))
        }
        ours = {f"{within}{name}" for name in names if not fnmatchcase(name, _BUILT[kind])}
        found += [f"{name} is not in git" for name in sorted(ours.difference(known))] + [
            f"{name} is missing" for name in sorted(kept - ours)
        ]
    return found


def check(kind: str, names: Iterable[str]) -> None:
    """End the program where an archive holds what it should not, or lacks what it should hold."""
    names = list(names)
    if wrong := strays(kind, names, tracked()):
        sys.exit("\n".join(f"{kind}: {one}" for one in wrong))
    sys.stdout.write(f"{kind}: {len(names)} files, each in its place\n")


def main(folder: Path) -> None:
    """Hold the one wheel and the one sdist of a folder to the list."""
    for kind, pattern, read in (("wheel", "t2v_cap-*.whl", in_wheel), ("sdist", "t2v_cap-*.tar.gz", in_sdist)):
        paths = list(folder.glob(pattern))
        if len(paths) != 1:
            sys.exit(f"{folder} holds {len(paths)} files like {pattern}, not one; empty it and build anew")
        check(kind, read(paths[0]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
