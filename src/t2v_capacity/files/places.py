"""Files by their place: which were read, and where in one something stands."""

from typing import Any

from t2v_capacity.errors import Place

# How the name of a scenario file ends.
ENDINGS = (".yaml", ".yml")


def is_yaml(name: str) -> bool:
    """Return whether a file's name ends as that of a scenario, in letters of any case.

    >>> is_yaml("plan.YAML"), is_yaml("plan.json")
    (True, False)
    """
    return name.lower().endswith(ENDINGS)


# The files that were read since the program began, links resolved. An answer is written over none of them.
# A program that answers several times clears it.
WAS_READ: set[str] = set()


def place_of(mark: Any, name: str, lines: list[str], length: int = 1, *, private: bool = False) -> Place:
    """Return where a mark of the YAML parser stands in a file's lines."""
    text = lines[mark.line] if mark.line < len(lines) else ""
    return Place(name, mark.line + 1, mark.column + 1, text, length, private)
