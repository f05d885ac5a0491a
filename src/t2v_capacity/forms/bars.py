"""Figures as small pictures of blocks, for pages of one letter width."""

from collections.abc import Callable, Sequence
from math import log

_BLOCKS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"
# A curve has at most so many blocks, and so has a chart.
_CURVE, _WIDEST = 10, 60
# Figures that span more than this are drawn by their ratios.
_WIDE = 100


def curve(values: Sequence[float | None], texts: Sequence[str] = ()) -> str:
    """Return values as a line of blocks, from their least to their largest; many are thinned, level ones stay low.

    Values are also level if they print alike: `texts` are the values printed next to the line.

    >>> curve([0, 1, 2, 3, 4, 5, 6, 7]), curve([5, 5, None]), curve([5, 5 + 1e-9, 5], ["5", "5", "5"])
    ('▁▂▃▄▅▆▇█', '▁▁ ', '▁▁▁')
    """
    if texts and len({text for text, value in zip(texts, values, strict=True) if value is not None}) <= 1:
        values = [None if value is None else 0.0 for value in values]
    last = len(values) - 1
    points = values if last < _CURVE else [values[round(index * last / (_CURVE - 1))] for index in range(_CURVE)]
    share = _shares([value for value in points if value is not None])
    return "".join(" " if value is None else _BLOCKS[round((len(_BLOCKS) - 1) * share(value))] for value in points)


def bars(everything: Sequence[float | None]) -> tuple[Callable[[Sequence[float | None]], str], str]:
    """Return the function that draws a chart on the scale of all of a figure's values, and the scale's name if it isn't linear.

    A chart that would be too wide shows every so manyth value.

    >>> draw, scale = bars([1, 10, 1000, None])
    >>> draw([1, 10, 1000, None]), scale
    ('▁▃█·', ' (log)')
    """
    known = [value for value in everything if value is not None]
    ratios = min(known) > 0 and max(known) / min(known) > _WIDE
    share = _shares([log(value) for value in known] if ratios else known)

    def mark(value: float | None) -> str:
        if value is None:
            return _NOTHING
        return _BLOCKS[min(int(share(log(value) if ratios else value) * len(_BLOCKS)), len(_BLOCKS) - 1)]

    return lambda values: "".join(map(mark, values[:: -(-len(values) // _WIDEST)])), " (log)" if ratios else ""


def _shares(known: Sequence[float]) -> Callable[[float], float]:
    """Return the function that places a value between the smallest and the largest known value, from 0 to 1."""
    low, high = min(known, default=0), max(known, default=0)
    return lambda value: (value - low) / (high - low) if high > low else 0
