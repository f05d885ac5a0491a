"""Which scenario of a head is which of the base: by path, then by the name that the file states or has."""

import posixpath
from collections.abc import Iterable

from t2v_capacity.errors import Mistakes
from t2v_capacity.files.document import Scalar, read_document
from t2v_capacity.files.git_tree import Committed, path_inside
from t2v_capacity.scenario.folders import Sorted

SAME_PATH, RENAMED, NEW, DELETED = "same", "renamed", "new", "deleted"


def paired(old: Sorted, new: Sorted) -> list[tuple[str, Committed | None, str]]:
    """Return each scenario's head file, base file and pairing, in the order of the head, then those that are gone."""
    left = {file.inside: file for file in old.scenarios if isinstance(file, Committed)}
    inside = {file: path_inside(file) for file in new.scenarios}
    pairings: dict[str, tuple[Committed | None, str]] = {
        file: (left.pop(path), SAME_PATH) for file, path in inside.items() if path in left
    }

    come = _by_name(file for file in new.scenarios if file not in pairings)
    gone = _by_name(left.values())
    pairings |= {file: (base, RENAMED) for name, file in come.items() if isinstance(base := gone.get(name), Committed)}
    gone_to = {base for base, _pairing in pairings.values()}

    pairs = [(file, *pairings.get(file, (None, NEW))) for file in new.scenarios]
    return [*pairs, *((path, file, DELETED) for path, file in left.items() if file not in gone_to)]


def _by_name(files: Iterable[str]) -> dict[str, str]:
    """Return files by their names, without those that share one."""
    names = [(_name(file), file) for file in files]
    return {name: file for name, file in names if [other for other, _file in names].count(name) == 1}


def _name(file: str) -> str:
    try:
        node = read_document(file).entries.get("name")
    except Mistakes:
        node = None
    return node.text if isinstance(node, Scalar) else posixpath.splitext(posixpath.basename(file))[0]
