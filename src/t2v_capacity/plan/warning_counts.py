"""The warnings of many cells: one per code, with how many cells have it and its text of the first."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from t2v_capacity.scenario.settings import NOTE, PlanWarning

# A cell's place in words, and all of its warnings.
Cell = tuple[str, Sequence[PlanWarning]]


def counted(codes: Sequence[Iterable[str]], at: Callable[[int], Cell], what: str = "cells") -> tuple[PlanWarning, ...]:
    """Return one warning per code, the grave ones first.

    `codes` are those of each cell, and `at` returns a whole cell.
    """
    return tuple(sorted(_warnings_by_code(codes, at, what), key=lambda warning: warning.severity == NOTE))


def _warnings_by_code(codes: Sequence[Iterable[str]], at: Callable[[int], Cell], what: str) -> Iterator[PlanWarning]:
    own = [dict.fromkeys(cell_codes) for cell_codes in codes]
    counts = Counter(code for cell_codes in own for code in cell_codes)
    first = dict[str, int]()
    for index, cell_codes in enumerate(own):
        first |= {code: index for code in cell_codes if code not in first}
    cells = {index: at(index) for index in {*first.values()}}
    for code, index in first.items():
        where, warnings = cells[index]
        if alike := [warning for warning in warnings if warning.code == code]:
            message = "; ".join(dict.fromkeys(warning.message for warning in alike))
            if len(codes) > 1:
                others = f" and {counts[code] - 1} more of {len(codes)} {what}" if counts[code] > 1 else ""
                message = f"for {where}{others}: {message}"
            names = tuple(dict.fromkeys(name for warning in alike for name in warning.names))
            yield min(alike, key=lambda warning: warning.severity == NOTE)._replace(message=message, names=names)


def together(cells: Sequence[Cell], what: str = "cells") -> tuple[PlanWarning, ...]:
    """Return the warnings of a few cells, one a code.

    >>> short = PlanWarning("memory-does-not-fit", "82 GB needed", ("memory_needed",))
    >>> together([("1 GPU", [short]), ("2 GPUs", [short]), ("4 GPUs", [])])[0].message
    'for 1 GPU and 1 more of 3 cells: 82 GB needed'
    """
    return counted([[warning.code for warning in warnings] for _where, warnings in cells], cells.__getitem__, what)
