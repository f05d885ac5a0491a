"""Evaluate conditions at trial values, and list the values that can be tried: the parts of a search.

What is compared is what `estimate` computes, and a condition on draws sees the same draws at every trial: where the model's
error alone is uncertain, its even points.
"""

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import assumption, is_of_a_part, plain_name
from t2v_capacity.assumptions.quantities import QuantityError, digits, number, show
from t2v_capacity.engine.figures import Number, ancestors
from t2v_capacity.plan.cells import cells_of, moves, quiet
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.ranges import draws
from t2v_capacity.plan.uncertain import error_alone, error_points
from t2v_capacity.plan.verdict import LIMITED_BY, below_limit
from t2v_capacity.scenario.mix import part_called, shares_beyond
from t2v_capacity.scenario.settings import PlanWarning, Scenario

# An answer is written in so many digits, or in as many more as it takes to keep the conditions.
_LEAST_DIGITS, _MOST_DIGITS = 4, 17
# Equal ratios begin this far below the upper bound, where the lower one is 0.
_SMALLEST_RATIO = 1e-12


class Kept(NamedTuple):
    """A condition at a value: what was held against its limit, and whether that keeps it."""

    condition: Condition
    measured: float | None
    kept: bool

    @property
    def limit(self) -> float:
        """The value to compare with: the limit, or the required chance."""
        return self.condition.asked

    @property
    def side(self) -> tuple[bool, bool | None]:
        """Whether it is met, and for an equality the side on which it lies; these change where it crosses its limit."""
        if self.measured is None:
            return False, None
        return self.kept, self.condition.comparison == "=" and not self.kept and self.measured > self.limit

    @property
    def excess(self) -> float:
        """By how much it is missed, relative to the limit."""
        if self.kept or self.measured is None:
            return 0.0 if self.kept else math.inf
        return abs(self.measured - self.limit) / (abs(self.limit) or 1)


class Tried(NamedTuple):
    """An option of a choice: the figure that is sought there, and what speaks against it."""

    option: str
    value: float | None
    against: str | None


class Solution(NamedTuple):
    """An answer, or the nearest to one: its conditions and figures, and where in the bounds the conditions are kept."""

    scenario: Scenario
    name: str
    nearest: float | str  # the answer, or what misses the conditions by least
    feasible: bool
    conditions: tuple[Kept, ...]
    figures: Mapping[str, float | None]
    binding: tuple[Condition, ...] = ()
    intervals: tuple[tuple[float, float], ...] = ()
    monotone: bool = True
    bound: str = ""
    tried: tuple[Tried, ...] = ()
    sought: str = ""
    smallest: bool = False
    flags: tuple[str, ...] = ()  # what the answer takes: of a GPU its group and runtime too
    notes: tuple[str, ...] = ()
    samples: int = 0
    seed: int | None = None
    warnings: tuple[PlanWarning, ...] = ()
    keeps: Callable[[float], bool] = lambda _value: False

    @property
    def value(self) -> float | str:
        """The answer; of an infeasible search nan, or no text."""
        return self.nearest if self.feasible else "" if isinstance(self.nearest, str) else math.nan

    @property
    def text(self) -> str:
        """The answer as a person reads it, rounded to the side that keeps the conditions: what is printed keeps them too."""
        if isinstance(self.nearest, str):
            return self.nearest
        if not self.feasible:
            return assumption(self.name).show(self.nearest)
        first, last = self.intervals[0 if self.smallest else -1]
        return said(self.name, self.nearest, lambda value: first <= value <= last and self.keeps(value), up=self.smallest)


class Trials:
    """The result of each condition at a value; each value is computed once."""

    def __init__(self, scenario: Scenario, names: Sequence[str], conditions: Sequence[Condition], samples: int, seed: int) -> None:
        self.conditions = conditions
        ranges = {name: value for name, value in scenario.ranges().items() if name not in moves(scenario, names)}
        reached = ancestors([plain_name(c.figure) for c in conditions if c.of_draws], stop=scenario.pins) | {c.figure for c in conditions}
        self.on_draws = any(condition.of_draws for condition in conditions) and bool(reached & {*ranges, *map(plain_name, ranges)})
        figures = tuple(dict.fromkeys((*(condition.figure for condition in conditions), *LIMITED_BY)))
        self._points = cells_of(scenario, names, figures) if conditions else None
        self._values, self._scenario = scenario.values(), scenario
        if self.on_draws:
            drawn = tuple(dict.fromkeys(condition.figure for condition in conditions if condition.of_draws))
            alone = error_alone(scenario)
            known = {**self._values, **(error_points(scenario) if alone else draws(ranges, samples, seed))}
            with quiet():
                self._draws = cells_of(scenario, names, drawn, known)
        self.used = (samples, seed) if self.on_draws and not error_alone(scenario) else (0, None)
        self._found: dict[float | None, tuple[Kept, ...]] = {}
        self._name = names[0] if names else ""

    def at(self, value: float | None = None) -> tuple[Kept, ...]:
        """Return every condition at a value, or at the scenario's own where none is given."""
        if value not in self._found:
            given = {} if value is None else {self._name: value}
            beyond = shares_beyond(self._scenario, given)
            points = self._points({} if beyond else given) if self._points else {}
            drawn = {}
            if points and (beyond or below_limit({**self._values, **given, **points})):
                points = dict.fromkeys(points, math.nan)
                drawn = points
            elif self.on_draws:
                with quiet():
                    drawn = self._draws(given)
            self._found[value] = tuple(kept_at(c, points[c.figure], drawn.get(c.figure)) for c in self.conditions)
        return self._found[value]

    def keeps(self, value: float) -> bool:
        """Return whether all conditions are kept at a value."""
        return all(kept.kept for kept in self.at(value))

    def first(self, line: "ValueOrder", before: int, ranks: Iterable[int]) -> int | None:
        """Return the first rank on a way that keeps all conditions, exact between the ranks tried; nothing where none does."""
        for rank in ranks:
            if self.keeps(line.value(rank)):
                first = rank
                while abs(first - before) > 1:
                    middle = (first + before) // 2
                    first, before = (middle, before) if self.keeps(line.value(middle)) else (first, middle)
                return first
            before = rank
        return None


def check_parts(scenario: Scenario, conditions: Iterable[Condition]) -> None:
    """Raise Mistakes if a condition names a part that the scenario's mix lacks."""
    for condition in conditions:
        if is_of_a_part(condition.figure):
            part_called(scenario.parts, condition.figure.split(".")[1])


def kept_at(condition: Condition, value: Number, drawn: Number = None) -> Kept:
    """Return a condition at a value, and at its draws where it is asked of them."""
    if condition.of_draws:
        found = value if drawn is None else drawn
        return Kept(condition, condition.measure(found), condition.holds_of(found))
    found = finite(value)
    return Kept(condition, found, condition.holds(found))


def said(name: str, value: float, keeps: Callable[[float], bool], *, up: bool) -> str:
    """Return a value that keeps conditions as a person reads it, rounded up or down to what keeps them too; a count as it is."""
    known = assumption(name)
    if known.whole or value in (known.low, known.high):
        return known.exact(value)
    for significant in range(_LEAST_DIGITS, _MOST_DIGITS + 1):
        text = show(value, known.unit, significant)
        plain = [digits(value, significant)] if known.unit == "share" else []
        for candidate in (text, *plain, _nudged(text, significant, up=up)):
            with suppress(QuantityError):
                found = known.read(candidate)
                if isinstance(found, float) and (found >= value if up else found <= value) and keeps(found):
                    return candidate
    return f"{value!r} {known.unit}"


def _nudged(text: str, significant: int, *, up: bool) -> str:
    """Return a text with the last digit of its number one up or down."""
    _value, unit = number(text)
    amount = Decimal(text[: len(text) - len(unit)].strip())
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)
    step = Decimal(1).scaleb(min(exponent, amount.adjusted() - significant + 1))
    between = " " if text[: len(text) - len(unit)].endswith(" ") else ""
    return f"{amount + step if up else amount - step:f}{between}{unit}"


class ValueOrder:
    """The values that an assumption can have, in order: each has a rank, and no value lies between two ranks."""

    def __init__(self, name: str) -> None:
        self._known = assumption(name)
        self.ends = self.rank(self._known.low), self.rank(self._known.high)

    def rank(self, value: float) -> int:
        """Return the rank of a value."""
        if self._known.whole:
            return round(value)
        (bits,) = struct.unpack("<q", struct.pack("<d", value))
        return int(bits) if bits >= 0 else -(int(bits) & 0x7FFF_FFFF_FFFF_FFFF)

    def value(self, rank: int) -> float:
        """Return the value of a rank."""
        if self._known.whole:
            return float(rank)
        (number,) = struct.unpack("<d", struct.pack("<q", abs(rank)))
        return float(number) if rank >= 0 else -float(number)

    def spread(self, first: int, last: int, count: int) -> set[int]:
        """Return ranks from one to another, their values in equal steps and in equal ratios."""
        low, high = self.value(first), self.value(last)
        steps = (low + (high - low) * i / (count - 1) for i in range(count))
        return {min(max(self.rank(value), first), last) for value in steps} | self.ratios(first, last, count)

    def ratios(self, first: int, last: int, count: int) -> set[int]:
        """Return ranks from one to another, their values in equal ratios; none where no value is positive."""
        low, high = self.value(first), self.value(last)
        if high <= 0:
            return set()
        least = max(low, high * _SMALLEST_RATIO)
        values = (least * (high / least) ** (i / (count - 1)) for i in range(count))
        return {min(max(self.rank(value), first), last) for value in values}
