"""Percentiles of numbers that come in parts: the same as of all of them together, from a small share of them.

Only what may still be a percentile is kept: the values between two bounds around it, which move closer as more has been seen. Of
n numbers in random order that share grows as the square root of n, so ten million draws of every figure fit where a hundred
thousand would.
"""

import math
from collections.abc import Callable, Sequence

from t2v_capacity.engine.figures import Number

Rank = Callable[[int], float | None]
# Bounds lie this many standard deviations of a rank from the percentile: beyond them is one value in a hundred million.
_DEVIATIONS = 6
# Bounds are drawn closer each time that so much more has been seen.
_MORE = 1.25


class Percentiles:
    """Percentiles of what has been added so far, each of parts in ascending order; what has no value is beyond the worst."""

    def __init__(self, shares: Sequence[float], samples: int) -> None:
        """Take which shares, and of how many numbers in all."""
        self.shares, self.samples = shares, samples
        self._kept = [_Kept(share) for share in shares]
        self._endless = False

    def add(self, values: Number) -> None:
        """Take a part: an array without holes, which is put in order."""
        ordered = in_order(values)
        self._endless |= endless(ordered)
        for kept in self._kept:
            kept.add(ordered)

    def found(self) -> list[float] | None:
        """Return the percentiles; nothing if what was seen first misled about one, so that its values were let go."""
        found = []
        for share, kept in zip(self.shares, self._kept, strict=True):
            value = percentile(share, self.samples, kept.rank(), endless=self._endless)
            if value is None:
                return None
            found.append(value)
        return found


def in_order(values: Number) -> Number:
    """Return an array in ascending order, with infinity for what has no value."""
    import numpy as np

    ordered = np.sort(values)  # which puts nan last
    if np.isnan(ordered[-1]):
        ordered[np.isnan(ordered)] = np.inf
    return ordered


def endless(ordered: Number) -> bool:
    """Return whether an array in ascending order has an endless end."""
    return math.isinf(ordered[-1]) or math.isinf(ordered[0])


def percentile(share: float, count: int, rank: Rank, *, endless: bool) -> float | None:
    """Return a percentile of a number of values; `rank` gives the value of a rank, or nothing if it lacks it.

    Between two numbers it is straight, as in numpy's quantile; where some are endless it is the number itself (`inverted_cdf`).

    >>> percentile(0.5, 4, [1.0, 2.0, 4.0, 8.0].__getitem__, endless=False)
    3.0
    """
    if endless:
        found = rank(max(math.ceil(count * share - 1), 0))
        return None if found is None else float(found)
    place = (count - 1) * share
    below = math.floor(place)
    low, high, part = rank(below), rank(min(below + 1, count - 1)), place - below
    if low is None or high is None:
        return None
    # numpy's own line, from the nearer end, so that not a digit differs
    return float(high - (high - low) * (1 - part) if part >= 1 / 2 else low + (high - low) * part)


class _Kept:
    """The remaining candidates for a percentile: the values between two bounds with their counts, and the number of values below."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._low, self._high = -math.inf, math.inf
        self._seen = self._below = self._narrowed = 0
        self._parts: list[tuple[Number, Number]] = []

    def add(self, ordered: Number) -> None:
        """Take a part in ascending order."""
        begin, end = int(ordered.searchsorted(self._low)), int(ordered.searchsorted(self._high, "right"))
        self._seen += len(ordered)
        self._below += begin
        if begin < end:
            self._parts.append(_runs(ordered[begin:end]))
        if self._seen >= self._narrowed * _MORE:
            self._narrow()

    def _narrow(self) -> None:
        """Move the bounds closer: to between which values the percentile of all will be, by what was seen."""
        values, counts = self._merged()
        if not len(values):
            return
        aside = _DEVIATIONS * math.sqrt(self._share * (1 - self._share) * self._seen) + 2
        places = counts.cumsum() + self._below
        first = int(places.searchsorted(self._share * self._seen - aside))
        last = min(int(places.searchsorted(self._share * self._seen + aside)), len(values) - 1)
        if first > last:  # the percentile has left its bounds; reported at the end
            return
        self._narrowed = self._seen
        self._below += int(counts[:first].sum())
        self._low, self._high = values[first], values[last]
        self._parts = [(values[first : last + 1].copy(), counts[first : last + 1].copy())]

    def _merged(self) -> tuple[Number, Number]:
        """Return the kept values in ascending order, each once, and how often each came."""
        import numpy as np

        if len(self._parts) > 1:
            values, counts = (np.concatenate(part) for part in zip(*self._parts, strict=True))
            order = values.argsort(kind="stable")
            values, counts = values[order], counts[order]
            starts = _edges(values)[:-1]
            self._parts = [(values[starts], np.add.reduceat(counts, starts))]
        return self._parts[0] if self._parts else (np.empty(0), np.empty(0, int))

    def rank(self) -> Rank:
        """Return the function from a place among all that was seen to the value there; to nothing where it was let go."""
        values, counts = self._merged()
        places = counts.cumsum() + self._below

        def at(place: int) -> float | None:
            index = int(places.searchsorted(place, "right"))
            return float(values[index]) if self._below <= place and index < len(values) else None

        return at


def _runs(ordered: Number) -> tuple[Number, Number]:
    """Return the values of an array in ascending order, each once, and how often each comes."""
    edges = _edges(ordered)
    return ordered[edges[:-1]], edges[1:] - edges[:-1]


def _edges(ordered: Number) -> Number:
    """Return where each value of an array in ascending order begins, and its end."""
    import numpy as np

    return np.concatenate(([0], np.nonzero(ordered[1:] != ordered[:-1])[0] + 1, [len(ordered)]))
