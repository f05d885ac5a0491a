"""Files by their place: which were read, and which lie outside of what the command line names.

A scenario may name any path. Of a file that lies outside the folder of the scenario on the command line (or the git repository
that holds it), an error says path, line and column, and nothing of its content.
"""

import os
from pathlib import Path
from typing import Any

from t2v_capacity.errors import Outside, Place

# How the name of a scenario file ends.
ENDINGS = (".yaml", ".yml")
# The files that were read since the program began, links resolved, so that an answer is written over none of them.
_READ: set[str] = set()


def was_read() -> set[str]:
    """Return the files that were read; a program that answers several times clears it."""
    return _READ


def root_of(path: str) -> str:
    """Return the folder within which a scenario's files are shown: the repository that holds it, else its own folder."""
    folder = Path(os.path.realpath(path)).parent
    return str(next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder))


def seen_from(root: str, path: str) -> str:
    """Return a path as it is where it lies within a root, links resolved, and as one of which nothing is told where it doesn't."""
    if not root or Path(os.path.realpath(path)).is_relative_to(root):
        return path
    return Outside(path)


def place_of(mark: Any, name: str, lines: list[str], length: int = 1) -> Place:
    """Return where a mark of the YAML parser stands in a file's lines."""
    text = lines[mark.line] if mark.line < len(lines) else ""
    return Place(name, mark.line + 1, mark.column + 1, text, length)
