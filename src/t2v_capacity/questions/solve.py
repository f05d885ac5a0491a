"""The question turned around: the largest or smallest value of an assumption, or the option of a choice, that keeps conditions.

A scan over the assumption's bounds finds where each condition's figure crosses its limit; bisection between neighbouring
floats, or whole numbers for a count, then finds the last value that keeps it. What is compared is what `estimate`
computes, steps included, and a condition on draws sees the same draws at every trial.
"""

import math
import struct
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.errors import UserError
from t2v_capacity.figures import FIGURES, Number, ancestors, evaluate
from t2v_capacity.questions.axes import cells_of, moves
from t2v_capacity.questions.conditions import Condition
from t2v_capacity.questions.ranges import SAMPLES, SEED, draws, uncertain
from t2v_capacity.scenario import Scenario

# Values that are tried first; fewer where each takes thousands of draws, half of them in equal steps and half in equal ratios.
_TRIED, _TRIED_ON_DRAWS = 2_000, 160
_SMALLEST_RATIO = 1e-12
# Where keeping comes and goes: crossings that are followed, and how often and finely the last gap is searched again.
_CROSSINGS, _ROUNDS, _AGAIN, _WINDOW = 600, 6, 128, 4
_STEPS_IN_A_GAP = 8
_NAMED = 12


@dataclass(frozen=True, slots=True)
class Kept:
    """A condition at a value: what was held against its limit, and whether that keeps it."""

    condition: Condition
    measured: float | None
    kept: bool

    @property
    def limit(self) -> float:
        """What it is held against: the limit, or the chance that is asked for."""
        return self.condition.limit if self.condition.chance is None else self.condition.chance

    @property
    def side(self) -> tuple[bool, bool | None]:
        """Whether it is kept, and on which side it lies where an equality is asked; these change where it crosses its limit."""
        if self.measured is None:
            return False, None
        return self.kept, self.condition.comparison == "=" and not self.kept and self.measured > self.limit

    @property
    def excess(self) -> float:
        """By how much it is missed, relative to the limit."""
        if self.kept or self.measured is None:
            return 0.0 if self.kept else math.inf
        return abs(self.measured - self.limit) / (abs(self.limit) or 1)


@dataclass(frozen=True, slots=True)
class Tried:
    """An option of a choice: the figure that is sought there, and what speaks against it."""

    option: str
    value: float | None
    against: str | None


@dataclass(frozen=True, slots=True)
class Solution:
    """An answer, or the nearest to one: its conditions and figures, and where in the bounds the conditions are kept."""

    scenario: Scenario
    name: str
    value: float | str
    feasible: bool
    conditions: tuple[Kept, ...]
    figures: Mapping[str, float | None]
    binding: tuple[Condition, ...] = ()
    intervals: tuple[tuple[float, float], ...] = ()
    monotone: bool = True
    bound: str = ""
    tried: tuple[Tried, ...] = ()
    notes: tuple[str, ...] = ()
    samples: int = 0
    seed: int | None = None
    keeps: Callable[[float], bool] = field(default=lambda _value: False, repr=False)


class _Trials:
    """What each condition measures at a value; each value is computed once."""

    def __init__(self, scenario: Scenario, names: Sequence[str], conditions: Sequence[Condition], samples: int, seed: int) -> None:
        self.conditions = conditions
        ranges = {name: value for name, value in uncertain(scenario).items() if name not in moves(scenario, names)}
        reached = ancestors([c.figure for c in conditions if c.of_draws], stop=scenario.pins) | {c.figure for c in conditions}
        self.on_draws = any(condition.of_draws for condition in conditions) and bool(reached & set(ranges))
        figures = tuple(dict.fromkeys(condition.figure for condition in conditions))
        self._points = cells_of(scenario, names, figures) if figures else None
        if self.on_draws:
            drawn = tuple(dict.fromkeys(condition.figure for condition in conditions if condition.of_draws))
            known = {**scenario.values(), **draws(ranges, samples, seed)}
            with _quiet():
                self._draws = cells_of(scenario, names, drawn, known)
        self._found: dict[float | None, tuple[Kept, ...]] = {}
        self._name = names[0] if names else ""

    def at(self, value: float | None = None) -> tuple[Kept, ...]:
        if value not in self._found:
            given = {} if value is None else {self._name: value}
            points = self._points(given) if self._points else {}
            drawn = {}
            if self.on_draws:
                with _quiet():
                    drawn = self._draws(given)
            self._found[value] = tuple(_kept(c, points[c.figure], drawn.get(c.figure)) for c in self.conditions)
        return self._found[value]

    def keeps(self, value: float) -> bool:
        return all(kept.kept for kept in self.at(value))


def _kept(condition: Condition, value: Number, drawn: Number = None) -> Kept:
    if condition.of_draws:
        found = value if drawn is None else drawn
        return Kept(condition, condition.measure(found), condition.holds_of(found))
    number = None if math.isnan(value) else float(value)
    return Kept(condition, number, condition.holds(number))


def _quiet() -> Any:
    import numpy as np

    return np.errstate(invalid="ignore", divide="ignore")


class _Line:
    """The values that an assumption can have, in order: each has a rank, and no value lies between two ranks."""

    def __init__(self, name: str) -> None:
        self._known = ASSUMPTIONS[name]
        self.ends = self.rank(self._known.low), self.rank(self._known.high)

    def rank(self, value: float) -> int:
        if self._known.whole:
            return round(value)
        (bits,) = struct.unpack("<q", struct.pack("<d", value))
        return int(bits) if bits >= 0 else -(int(bits) & 0x7FFF_FFFF_FFFF_FFFF)

    def value(self, rank: int) -> float:
        if self._known.whole:
            return float(rank)
        (number,) = struct.unpack("<d", struct.pack("<q", abs(rank)))
        return float(number) if rank >= 0 else -float(number)

    def spread(self, low: float, high: float, count: int) -> set[int]:
        """Return ranks from one value to another, in equal steps and in equal ratios."""
        values = [low + (high - low) * i / (count - 1) for i in range(count)]
        if high > 0:
            least = max(low, high * _SMALLEST_RATIO)
            values += [least * (high / least) ** (i / (count - 1)) for i in range(count)]
        first, last = self.rank(low), self.rank(high)
        return {min(max(self.rank(value), first), last) for value in values}


def solve(
    scenario: Scenario, name: str, conditions: Sequence[Condition], *, smallest: bool = False, samples: int = SAMPLES, seed: int = SEED
) -> Solution:
    """Return the largest value of an assumption that keeps all conditions, or the smallest; where none does, the nearest to it.

    >>> from t2v_capacity.questions.conditions import parse_condition
    >>> from t2v_capacity.scenario import load_scenario
    >>> solve(load_scenario("scenarios/lesson.yaml"), "dau", [parse_condition("trps <= 1000")]).value
    8640000.0
    """
    _check_depends(scenario, name, conditions)
    trials, line = _Trials(scenario, [name], conditions, samples, seed), _Line(name)
    search = _Search(trials, line, smallest=smallest)
    search.scan(scenario.values()[name])
    notes = tuple(_notes(scenario, name, conditions, search))
    used = (samples, seed) if trials.on_draws else (0, None)
    if not search.intervals:
        value = search.nearest(scenario.values()[name])
        kept = trials.at(value)
        missed = tuple(k.condition for k in sorted(kept, key=lambda k: -k.excess) if not k.kept)
        return Solution(scenario, name, value, False, kept, _figures(scenario, name, value), missed, notes=notes, samples=used[0], seed=used[1])
    answer = search.answer
    past = answer - 1 if smallest else answer + 1
    inside = line.ends[0] <= past <= line.ends[1]
    binding = tuple(k.condition for k in trials.at(line.value(past)) if not k.kept) if inside else ()
    value = line.value(answer)
    return Solution(
        scenario,
        name,
        value,
        feasible=True,
        conditions=trials.at(value),
        figures=_figures(scenario, name, value),
        binding=binding,
        intervals=tuple((line.value(a), line.value(b)) for a, b in search.intervals),
        monotone=search.monotone,
        bound="" if inside else "lower" if smallest else "upper",
        notes=notes,
        samples=used[0],
        seed=used[1],
        keeps=trials.keeps,
    )


def _figures(scenario: Scenario, name: str, value: float) -> dict[str, float | None]:
    found = cells_of(scenario, [name], tuple(FIGURES))({name: value})
    return {figure: None if math.isnan(number) else number for figure, number in found.items()}


def _check_depends(scenario: Scenario, name: str, conditions: Sequence[Condition]) -> None:
    asked = list(dict.fromkeys(condition.figure for condition in conditions))
    reached = ancestors(asked, stop=scenario.pins)
    if reached & set(moves(scenario, [name])):
        return
    told = ", ".join(f"`{figure}`" for figure in asked)
    pinned = [figure for figure in asked if figure in scenario.pins]
    if pinned:
        raise UserError(f"{told} does not depend on `{name}`: it is pinned; `--pin {pinned[0]}=null` lets it be computed")
    known = [known for known in ASSUMPTIONS if known in reached]
    more = f" and {len(known) - _NAMED} more (`t2v-cap explain` shows them)" if len(known) > _NAMED else ""
    raise UserError(f"{told} does not depend on `{name}`; it depends on {', '.join(known[:_NAMED])}{more}")


class _Search:
    """The values that were tried, in order, and the intervals in which the conditions are kept."""

    def __init__(self, trials: _Trials, line: _Line, *, smallest: bool) -> None:
        self.trials, self.line, self.smallest = trials, line, smallest
        self.ranks: list[int] = []
        self.intervals: list[tuple[int, int]] = []
        self.followed = 0

    @property
    def answer(self) -> int:
        return self.intervals[0][0] if self.smallest else self.intervals[-1][1]

    @property
    def monotone(self) -> bool:
        """Whether keeping changes at most once between the bounds."""
        ends = self.line.ends
        return not self.intervals or (len(self.intervals) == 1 and (self.intervals[0][0] == ends[0] or self.intervals[0][1] == ends[1]))

    def at(self, rank: int) -> tuple[Kept, ...]:
        return self.trials.at(self.line.value(rank))

    def scan(self, current: float) -> None:
        low, high = (self.line.value(end) for end in self.line.ends)
        count = (_TRIED_ON_DRAWS if self.trials.on_draws else _TRIED) // 2
        self.ranks = sorted(self.line.spread(low, high, count) | {self.line.rank(current)})
        self._follow(self.ranks[0], self.ranks[-1])
        for _round in range(_ROUNDS):
            if self.monotone or self.answer in self.line.ends:
                return
            before, index = self.answer, bisect_left(self.ranks, self.answer)
            others = self.ranks[max(0, index - _WINDOW) : index + 1] if self.smallest else self.ranks[index : index + _WINDOW + 1]
            if others[-1] - others[0] < len(others):
                return
            fresh = self.line.spread(self.line.value(others[0]), self.line.value(others[-1]), _AGAIN // 2)
            self.ranks = sorted({*self.ranks, *fresh})
            self._follow(others[0], others[-1])
            if self.answer == before:
                return

    def _follow(self, first: int, last: int) -> None:
        """Find where each condition crosses its limit between two ranks, and the intervals that follow."""
        there = [rank for rank in self.ranks if first <= rank <= last]
        gaps = list(zip(there, there[1:], strict=False))
        for left, right in gaps if self.smallest else reversed(gaps):
            for which in range(len(self.trials.conditions)):
                if self.followed < _CROSSINGS:
                    self._crossings(left, right, which)
        self.intervals = []
        open_at: int | None = None
        for before, rank in zip([None, *self.ranks], [*self.ranks, None], strict=True):
            kept = rank is not None and all(k.kept for k in self.at(rank))
            if kept and open_at is None:
                open_at = rank
            elif not kept and open_at is not None and before is not None:
                self.intervals.append((open_at, before))
                open_at = None

    def _crossings(self, left: int, right: int, which: int) -> None:
        for _step in range(_STEPS_IN_A_GAP):
            side = self.at(left)[which].side
            if side == self.at(right)[which].side:
                return
            self.followed += 1
            low, high = left, right
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self.at(middle)[which].side == side else (low, middle)
            for rank in (low, high):
                if self.ranks[min(bisect_left(self.ranks, rank), len(self.ranks) - 1)] != rank:
                    insort(self.ranks, rank)
            left = high

    def nearest(self, current: float) -> float:
        """Return the value at which the worst condition is missed by least; of equals, the one next to the current value."""
        here = self.line.rank(current)

        def missed(rank: int) -> tuple[float, int]:
            return max(kept.excess for kept in self.at(rank)), abs(rank - here)

        for _round in range(_ROUNDS):
            best = bisect_left(self.ranks, min(self.ranks, key=missed))
            low, high = self.ranks[max(0, best - 1)], self.ranks[min(best + 1, len(self.ranks) - 1)]
            self.ranks = sorted({*self.ranks, *self.line.spread(self.line.value(low), self.line.value(high), _AGAIN // 4)})
        return self.line.value(min(self.ranks, key=missed))


def _notes(scenario: Scenario, name: str, conditions: Sequence[Condition], search: _Search) -> Iterator[str]:
    """Yield what a reader should know of how the answer was found."""
    for condition in conditions:
        if not ancestors([condition.figure], stop=scenario.pins) & set(moves(scenario, [name])):
            yield f"`{condition.text}` does not depend on `{name}`"
    if any(condition.of_draws for condition in conditions) and not search.trials.on_draws:
        yield "no assumption that matters here has a range, so a percentile or a chance is that of one value"
    if not search.monotone:
        yield f"not monotone: keeping comes and goes; between the {len(search.ranks)} values that were tried, others may keep or break"
    elif len({search.at(rank) for rank in search.ranks}) == 1:
        yield f"`{name}` moves nothing that is asked for, anywhere within its bounds"
