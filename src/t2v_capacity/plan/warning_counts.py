"""The warnings of many cells: one a code, with how many cells have it and what it says of the first."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from t2v_capacity.scenario.settings import PlanWarning

# A cell's place in words, and all of its warnings.
Cell = tuple[str, Sequence[PlanWarning]]


class _Seen(NamedTuple):
    cells: int
    first: int


class WarningCounts:
    """Counts the cells that have a warning, by its code."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def add(self, code: str, cells: int, first: int) -> None:
        """Count cells with a code; this cell is the first."""
        if cells:
            known = self._seen.get(code, _Seen(0, first))
            self._seen[code] = _Seen(known.cells + cells, min(known.first, first))

    def warnings(self, total: int, at: Callable[[int], Cell], what: str = "cells") -> Iterator[PlanWarning]:
        """Yield one warning a code, the grave ones first: how many cells, which is the first, and what is wrong there."""
        yield from sorted(self._told(total, at, what), key=lambda warning: warning.severity == "info")

    def _told(self, total: int, at: Callable[[int], Cell], what: str) -> Iterator[PlanWarning]:
        cells = {first: at(first) for first in dict.fromkeys(seen.first for seen in self._seen.values())}
        for code, seen in self._seen.items():
            where, found = cells[seen.first]
            if not (own := [warning for warning in found if warning.code == code]):
                continue
            said = "; ".join(dict.fromkeys(warning.message for warning in own))
            message = f"in {seen.cells} of {total} {what}, first {where}: {said}" if total > 1 else said
            names = tuple(dict.fromkeys(name for warning in own for name in warning.names))
            yield min(own, key=lambda warning: warning.severity == "info")._replace(message=message, names=names)


def together(cells: Sequence[Cell], what: str = "cells") -> tuple[PlanWarning, ...]:
    """Return the warnings of a few cells, one a code.

    >>> short = PlanWarning("memory-does-not-fit", "82 GB needed", ("memory_needed",))
    >>> together([("1 GPU", [short]), ("2 GPUs", [short]), ("4 GPUs", [])])[0].message
    'in 2 of 3 cells, first 1 GPU: 82 GB needed'
    """
    tally = WarningCounts()
    for index, (_where, found) in enumerate(cells):
        for code in dict.fromkeys(warning.code for warning in found):
            tally.add(code, 1, index)
    return tuple(tally.warnings(len(cells), cells.__getitem__, what))
