"""Evaluate conditions at trial values, and list the values that can be tried: the parts of a search.

What is compared is what `estimate` computes. A condition on draws sees the same draws at every trial. Where the model's
error alone is uncertain, its even points stand for draws.
"""

import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from t2v_capacity.assumptions.parts import assumption, is_of_a_part, plain_name
from t2v_capacity.assumptions.quantities import QuantityError, digits, show
from t2v_capacity.engine.figures import Number, ancestors
from t2v_capacity.plan.cells import Sampling, cells_of, moves, quiet
from t2v_capacity.plan.conditions import Condition, Kept, kept_at
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.ranges import draws
from t2v_capacity.plan.uncertain import error_alone, error_points
from t2v_capacity.plan.verdict import LIMITED_BY, below_limit
from t2v_capacity.scenario.mix import part_called, shares_beyond
from t2v_capacity.scenario.settings import Origin, Scenario

# An answer is written in so many digits, or in as many more as it takes to keep the conditions.
_LEAST_DIGITS, _MOST_DIGITS = 4, 17
# Equal ratios begin this far below the upper bound, where the lower one is 0.
_SMALLEST_RATIO = 1e-12


class Tried(NamedTuple):
    """An option of a choice: the figure that is sought there, and what speaks against it."""

    option: str
    value: float | None
    against: str | None


class Lever(NamedTuple):
    """A single change that keeps the conditions: an input and its nearest value that does, or an option of a choice."""

    name: str
    origin: Origin
    now: str
    text: str
    value: float | str
    far: float = 0.0  # how far that is from the current value, in proportion; nothing of a choice


class Solution(NamedTuple):
    """An answer, or the nearest to one, with its conditions and plan.

    Where no name was given, the plan itself, and the single changes that keep the conditions.
    """

    scenario: Scenario
    name: str
    nearest: float | str  # the answer, or what misses the conditions by least
    feasible: bool
    conditions: tuple[Kept, ...]
    plan: Estimate  # with the answer
    binding: tuple[Condition, ...] = ()
    bound: str = ""
    options: tuple[Tried, ...] = ()
    sought: str = ""
    smallest: bool = False
    flags: tuple[str, ...] = ()  # what the answer takes: of a GPU its group and runtime too
    levers: tuple[Lever, ...] = ()
    notes: tuple[str, ...] = ()
    samples: int = 0
    seed: int | None = None
    whose: str = ""  # of which parts, where others set their own
    # The answer as a person reads it, rounded to the side that keeps the conditions: what is printed keeps them too.
    text: str = ""

    @property
    def value(self) -> float | str:
        """The answer; of an infeasible search nan, or no text."""
        if self.feasible:
            return self.nearest
        return "" if isinstance(self.nearest, str) else math.nan


class Trials:
    """The result of each condition at a value of a name, or of the scenario alone where there is none.

    Each value is computed once.
    """

    def __init__(self, scenario: Scenario, name: str, conditions: Sequence[Condition], sampling: Sampling) -> None:
        self.conditions, self._name, self._scenario = conditions, name, scenario
        self._values = scenario.values()
        names = [name] if name else []

        ranges = {name: spread for name, spread in scenario.ranges().items() if name not in moves(scenario, names)}
        asked = [condition.figure for condition in conditions]
        drawn = tuple(dict.fromkeys(condition.figure for condition in conditions if condition.of_draws))
        reached = {*asked, *ancestors(map(plain_name, drawn), stop=scenario.pins)}
        self.on_draws = bool(drawn) and not reached.isdisjoint((*ranges, *map(plain_name, ranges)))

        self._points = cells_of(scenario, names, tuple(dict.fromkeys((*asked, *LIMITED_BY))))
        alone = error_alone(scenario)
        self.used = sampling if self.on_draws and not alone else (0, None)
        if self.on_draws:
            known = {**self._values, **(error_points(scenario) if alone else draws(ranges, *sampling))}
            with quiet():
                self._draws = cells_of(scenario, names, drawn, known)
        self._outcomes: dict[float | None, tuple[Kept, ...]] = {}

    @cached_property
    def line(self) -> "ValueOrder":
        """The values of the name, in order."""
        return ValueOrder(self._name)

    def at(self, value: float | None = None) -> tuple[Kept, ...]:
        """Return what becomes of every condition at a value, or at the scenario's own where none is given."""
        if value not in self._outcomes:
            setting = {} if value is None else {self._name: value}
            beyond = shares_beyond(self._scenario, setting)
            points, drawn = self._points({} if beyond else setting), dict[str, Number]()
            if beyond or below_limit({**self._values, **setting, **points}):
                points = drawn = dict.fromkeys(points, math.nan)
            elif self.on_draws:
                with quiet():
                    drawn = self._draws(setting)
            self._outcomes[value] = tuple(
                kept_at(condition, points[condition.figure], drawn.get(condition.figure))
                for condition in self.conditions
            )
        return self._outcomes[value]

    def keeps(self, value: float | None = None) -> bool:
        """Return whether all conditions are kept at a value, or at the scenario's own where none is given."""
        return all(kept.kept for kept in self.at(value))

    def first(self, start: int, end: int, count: int, *also: int) -> int | None:
        """Return the first rank on the way from one to another that keeps all conditions; nothing where none does.

        `count` ranks are tried in equal steps, as many in equal ratios, and those of `also`. Where a condition crosses
        its limit between two ranks, the gap is halved until neighbors show it.
        """
        line, (low, high) = self.line, sorted((start, end))
        *way, here = sorted({*line.spread(low, high, count), *also}, reverse=start < end)
        while not self.keeps(line.value(here)):
            if not way:
                return None
            middle = (here + way[-1]) // 2
            sides = [[kept.side for kept in self.at(line.value(rank))] for rank in (here, way[-1])]
            if middle in (here, way[-1]) or sides[0] == sides[1]:
                here = way.pop()
            else:
                way.append(middle)
        return here

    def nearest(self, current: float) -> float:
        """Return the tried value at which the worst condition is missed by least.

        Of equals, return the one next to the current value.
        """
        excesses = {
            value: max(kept.excess for kept in outcomes)
            for value, outcomes in self._outcomes.items()
            if value is not None
        }
        return min(excesses, key=lambda value: (excesses[value], abs(value - current)))

    def text_of(self, answer: float, *, up: bool) -> str:
        """Return a value that keeps conditions as a person reads it, rounded up or down to what keeps them too.

        A count stays as it is.
        """
        known = assumption(self._name)
        if known.whole or answer in (known.low, known.high):
            return known.exact(answer)

        for text in self._roundings(answer, up=up):
            with suppress(QuantityError):
                number = known.read(text)
                if isinstance(number, float) and (number >= answer if up else number <= answer) and self.keeps(number):
                    return text
        return f"{answer!r} {known.unit}"

    def _roundings(self, answer: float, *, up: bool) -> Iterator[str]:
        """Yield texts of an answer, each closer to it than those before: rounded, then rounded up or down."""
        unit = assumption(self._name).unit
        for significant in range(_LEAST_DIGITS, _MOST_DIGITS + 1):
            last_digit = 10.0 ** (math.floor(math.log10(abs(answer) or 1)) - significant + 1)
            for rounded in (answer, answer + last_digit / 2 if up else answer - last_digit / 2):
                yield show(rounded, unit, significant)
                if unit == "share":
                    yield digits(rounded, significant)


def check_parts(scenario: Scenario, conditions: Iterable[Condition]) -> None:
    """Raise Mistakes if a condition names a part that the scenario's mix lacks."""
    for condition in conditions:
        if is_of_a_part(condition.figure):
            part_called(scenario.parts, condition.figure.split(".")[1])


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
        """Return ranks from one to another: values in equal steps and, if some are positive, in equal ratios."""
        low, high = self.value(first), self.value(last)
        shares = [step / (count - 1) for step in range(count)]
        values = [low + (high - low) * share for share in shares]
        if high > 0:
            least = max(low, high * _SMALLEST_RATIO)
            values += [least * (high / least) ** share for share in shares]
        return {min(max(self.rank(value), first), last) for value in values}
