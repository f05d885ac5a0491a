"""The question turned around: the largest or smallest value of an assumption that keeps conditions.

A scan over the assumption's bounds finds where each condition's figure crosses its limit; bisection between neighbouring
floats, or whole numbers for a count, then finds the last value that keeps it. What is compared is what `estimate`
computes, steps included, and a condition on draws sees the same draws at every trial.
"""

import math
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from itertools import pairwise

from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.questions.plan.cells import SAMPLES, SEED, moves
from t2v_capacity.questions.plan.conditions import Condition
from t2v_capacity.questions.plan.estimate import estimate
from t2v_capacity.questions.search.trials import Kept, Line, Solution, Trials
from t2v_capacity.scenario.load import laid
from t2v_capacity.scenario.settings import Scenario
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS

# Values that are tried first; fewer where each takes thousands of draws, half of them in equal steps and half in equal ratios.
_TRIED, _TRIED_ON_DRAWS = 1_000, 80
# Where keeping comes and goes: crossings that are followed, and how often and finely the last gap is searched again.
_CROSSINGS, _ROUNDS, _AGAIN, _WINDOW = 600, 6, 128, 4
_STEPS_IN_A_GAP = 8
# Values that are tried in each round of looking for the nearest to an answer.
_NEARER, _NEARER_ON_DRAWS = 32, 8
_NAMED = 12


def solve(
    scenario: Scenario, name: str, conditions: Sequence[Condition], *, smallest: bool = False, samples: int = SAMPLES, seed: int = SEED
) -> Solution:
    """Return the largest value of an assumption that keeps all conditions, or the smallest; where none does, the nearest to it.

    >>> from t2v_capacity.questions.plan.conditions import parse_condition
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> solve(load_scenario("scenarios/lesson.yaml"), "steps", [parse_condition("rule_of_thumb_gpus <= 5000")]).value
    30.0
    """
    _check_depends(scenario, name, conditions)
    trials, line, current = Trials(scenario, [name], conditions, samples, seed), Line(name), scenario.values()[name]
    if math.isnan(current):  # a price that nobody knows is sought from the usual one
        current = ASSUMPTIONS[name].number(ASSUMPTIONS[name].default)
    search = _Search(trials, line, smallest=smallest)
    search.scan(current)
    notes = tuple(_notes(scenario, name, conditions, search))
    bound = ""
    if search.intervals:  # what binds is missed at the next value
        value, past = line.value(search.answer), search.answer + (-1 if smallest else 1)
        binding = trials.at(line.value(past)) if line.ends[0] <= past <= line.ends[1] else ()
        bound = "" if binding else "lower" if smallest else "upper"
    else:
        value = search.nearest(current)
        binding = tuple(sorted(trials.at(value), key=lambda kept: -kept.excess))
    plan = estimate(laid(scenario, (), {name: value}))
    return Solution(
        scenario,
        name,
        value,
        feasible=bool(search.intervals),
        conditions=trials.at(value),
        figures=plan.figures,
        warnings=plan.warnings,
        binding=tuple(kept.condition for kept in binding if not kept.kept),
        intervals=tuple((line.value(a), line.value(b)) for a, b in search.intervals),
        monotone=search.monotone,
        bound=bound,
        notes=notes,
        samples=trials.used[0],
        seed=trials.used[1],
        keeps=trials.keeps,
        smallest=smallest,
    )


def _check_depends(scenario: Scenario, name: str, conditions: Sequence[Condition]) -> None:
    asked = list(dict.fromkeys(condition.figure for condition in conditions))
    reached = ancestors(asked, stop=scenario.pins)
    if reached & set(moves(scenario, [name])):
        return
    told = ", ".join(f"`{figure}`" for figure in asked)
    pinned = [figure for figure in asked if figure in scenario.pins]
    if pinned:
        raise Mistakes(f"{told} does not depend on `{name}`: it is pinned; `--pin {pinned[0]}=null` lets it be computed")
    known = [known for known in ASSUMPTIONS if known in reached]
    more = f" and {len(known) - _NAMED} more (`t2v-cap explain` shows them)" if len(known) > _NAMED else ""
    raise Mistakes(f"{told} does not depend on `{name}`; it depends on {', '.join(known[:_NAMED])}{more}")


class _Search:
    """The values that were tried, in order, and the intervals in which the conditions are kept."""

    def __init__(self, trials: Trials, line: Line, *, smallest: bool) -> None:
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
        gaps = list(pairwise(there))
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

        count = _NEARER_ON_DRAWS if self.trials.on_draws else _NEARER
        for _round in range(_ROUNDS):
            best = bisect_left(self.ranks, min(self.ranks, key=missed))
            low, high = self.ranks[max(0, best - 1)], self.ranks[min(best + 1, len(self.ranks) - 1)]
            self.ranks = sorted({*self.ranks, *self.line.spread(self.line.value(low), self.line.value(high), count // 2)})
        return self.line.value(min(self.ranks, key=missed))


def _notes(scenario: Scenario, name: str, conditions: Sequence[Condition], search: _Search) -> Iterator[str]:
    """Yield what a reader should know of how the answer was found."""
    for condition in conditions:
        if not ancestors([condition.figure], stop=scenario.pins) & set(moves(scenario, [name])):
            yield f"`{condition.text}` does not depend on `{name}`"
    if any(condition.of_draws for condition in conditions) and not search.trials.on_draws:
        yield "no assumption that matters here has a range, so a percentile or a chance is that of one value"
    if len({search.at(rank) for rank in search.ranks}) == 1:
        yield f"`{name}` moves nothing that is asked for, anywhere within its bounds"
