"""Report the progress of long work to a listener, if there is one.

A loop over many is `for run in steps(runs, "runs")`. Without a listener, as in Python and in pipes, a report costs nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

# The current work, and the share done, nothing if unknown.
Tell = Callable[[str, float | None], None]
Item = TypeVar("Item")
_watching: list[Tell] = []


@contextmanager
def watched(tell: Tell) -> Iterator[None]:
    """Report all work to `tell` until the end of the block."""
    _watching.append(tell)
    try:
        yield
    finally:
        _watching.remove(tell)


def tell(what: str, share: float | None = None) -> None:
    """Tell whoever watches what is done, and the share of it that is."""
    if _watching:
        _watching[-1](what, share)


def steps(items: Sequence[Item], what: str) -> Iterable[Item]:
    """Yield the items and report each as it begins; `what` names them.

    >>> with watched(lambda what, share: print(what, share)):
    ...     list(steps("ab", "letters"))
    letters 0.0
    letters 0.5
    ['a', 'b']
    """
    return _told(items, what) if _watching else items


def _told(items: Sequence[Item], what: str) -> Iterator[Item]:
    for done, item in enumerate(items):
        tell(what, done / len(items))
        yield item
