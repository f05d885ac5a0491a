"""Figures as small pictures of blocks, for pages of one letter width."""

from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
_MOST = 10  # blocks of a curve


def curve(values: Sequence[float | None], texts: Sequence[str] = ()) -> str:
    """Return values as a line of blocks, from their least to their largest; many are thinned, level ones stay low.

    Values are also level if they print alike: `texts` are the values printed next to the line.

    >>> curve([0, 1, 2, 3, 4, 5, 6, 7]), curve([5, 5, None]), curve([5, 5 + 1e-9, 5], ["5", "5", "5"])
    ('▁▂▃▄▅▆▇█', '▁▁ ', '▁▁▁')
    """
    if texts and len({text for text, value in zip(texts, values, strict=True) if value is not None}) <= 1:
        values = [None if value is None else 0.0 for value in values]
    last = len(values) - 1
    points = values if last < _MOST else [values[round(index * last / (_MOST - 1))] for index in range(_MOST)]
    known = [value for value in points if value is not None] or [0.0]
    low, size = min(known), (max(known) - min(known)) or 1
    return "".join(" " if value is None else _BLOCKS[round((len(_BLOCKS) - 1) * (value - low) / size)] for value in points)
