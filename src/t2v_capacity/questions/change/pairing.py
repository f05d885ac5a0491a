"""Which scenario of a head is which of the base: by path, then by likeness, then by an equal `name` in the file itself.

Likeness is git's own measure of a rename: the bytes of equal lines over those of the longer file, of which half are enough. It is
computed here, since git would read the working tree through filters that it may be set to run.
"""

from collections import Counter
from collections.abc import Iterable

from t2v_capacity.errors import Mistakes
from t2v_capacity.files.document import Scalar, read_document, read_text
from t2v_capacity.files.git_tree import Committed, path_inside
from t2v_capacity.scenario.folders import Sorted

SAME, RENAMED, NEW, DELETED = "same", "renamed", "new", "deleted"
_ALIKE = 0.5
_MOST_COMPARED = 250_000  # pairs of files; git gives up at a million


def paired(old: Sorted, new: Sorted) -> list[tuple[str, Committed | None, str]]:
    """Return head file, base file and pairing of each scenario, in the order of the head; what is gone at the end."""
    left = {file.inside: file for file in old.scenarios if isinstance(file, Committed)}
    inside = {file: path_inside(file) for file in new.scenarios}
    found: dict[str, tuple[Committed | None, str]] = {file: (left.pop(path), SAME) for file, path in inside.items() if path in left}
    for file, path in _alike([file for file in new.scenarios if file not in found], left):
        found[file] = left.pop(path), RENAMED
    names = {file: name for file in new.scenarios if file not in found and (name := _own_name(file))}
    before = {path: name for path, file in left.items() if (name := _own_name(file))}
    for file, name in names.items():
        fitting = [path for path, other in before.items() if other == name and path in left]
        if len(fitting) == 1 and [*names.values()].count(name) == 1:
            found[file] = left.pop(fitting[0]), RENAMED
    pairs = [(file, *found.get(file, (None, NEW))) for file in new.scenarios]
    return [*pairs, *((path, file, DELETED) for path, file in left.items())]


def _alike(come: Iterable[str], gone: dict[str, Committed]) -> list[tuple[str, str]]:
    """Return pairs of added and removed files, the most alike first."""
    heads, bases = {file: _lines(file) for file in come}, {path: _lines(file) for path, file in gone.items()}
    if len(heads) * len(bases) > _MOST_COMPARED:
        return []
    scored = [(_likeness(head, base), file, path) for file, head in heads.items() for path, base in bases.items()]
    found: list[tuple[str, str]] = []
    for score, file, path in sorted(scored, key=lambda one: (-one[0], one[1], one[2])):
        if score >= _ALIKE and file not in dict(found) and path not in {base for _head, base in found}:
            found.append((file, path))
    return found


def _lines(file: str) -> Counter[str]:
    try:
        return Counter(read_text(file)[0].splitlines(keepends=True))
    except Mistakes:
        return Counter()


def _likeness(head: Counter[str], base: Counter[str]) -> float:
    longest = max(_size(head), _size(base))
    return _size(head & base) / longest if longest else 0.0


def _size(lines: Counter[str]) -> int:
    return sum(len(line) * count for line, count in lines.items())


def _own_name(file: str) -> str:
    """Return the name that stands in a file itself, or nothing."""
    try:
        node = read_document(file).entries.get("name")
    except Mistakes:
        return ""
    return node.text if isinstance(node, Scalar) else ""
