"""The question turned around: the largest or smallest value of an assumption that keeps conditions.

A scan over the assumption's bounds finds where each condition's figure crosses its limit; bisection down to neighboring
floats, or whole numbers for a count, then finds the last value that keeps it. What is compared is what `estimate`
computes, steps included, and a condition on draws sees the same draws at every trial.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import ASSUMPTION, CHOICE, figures_in, name_in, unknown
from t2v_capacity.assumptions.parts import assumption, is_own, known_of, plain_name
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistakes, Place
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.cells import SAMPLES, SEED, moved_by
from t2v_capacity.plan.conditions import Condition, Kept, parse_condition, parse_conditions
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.questions.search.choose import choose
from t2v_capacity.questions.search.levers import reach
from t2v_capacity.questions.search.trials import Solution, Trials, ValueOrder, check_parts
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import check_of_a_part, value_in
from t2v_capacity.scenario.settings import Scenario

# Values that are tried first; fewer where each takes thousands of draws, half of them in equal steps and half in equal ratios.
_TRIED, _TRIED_ON_DRAWS = 1_000, 80
_NAMED = 12


def asked(
    plan: Estimate,
    sought: str | None,
    until: Sequence[str],
    *,
    smallest: bool = False,
    minimize: str | None = None,
    maximize: str | None = None,
    samples: int = SAMPLES,
    seed: int = SEED,
) -> Solution:
    """Return the value or the option of a name that keeps conditions; without a name, the single changes that keep them.

    Raises Mistakes where the name is neither an assumption nor a choice, or what is asked doesn't fit it.
    """
    scenario, name = plan.uncertain, name_in(sought or "")
    if sought is None and until and not (smallest or minimize or maximize):
        return reach(plan._replace(scenario=scenario), parse_conditions(until, "--until"), samples, seed)
    conditions = [parse_condition(text, Place(f"--until {text}")) for text in until]
    if name in CHOICES:
        if smallest:
            raise Mistakes(f"`{name}` is a choice, which has no smallest; name a figure with --minimize or --maximize")
        if (minimize is None) == (maximize is None):
            raise Mistakes(f"`{name}` is a choice; name one figure to go by, such as --minimize cost_per_month")
        (figure,) = figures_in([minimize or maximize or ""], "what is sought is")
        return choose(scenario, name, figure, conditions, most=maximize is not None, samples=samples, seed=seed)
    if is_own(name):
        check_of_a_part(scenario, name)
    if not known_of(name):
        raise Mistakes(_unknown(name))
    if minimize is not None or maximize is not None:
        raise Mistakes(
            f"--minimize and --maximize are for choices; of `{name}` solve gives the largest value, or with --smallest the smallest"
        )
    if not conditions:
        raise Mistakes("`--until` is missing; name what must hold, such as --until 'gpus <= 10000'")
    return solve(scenario, name, conditions, smallest=smallest, samples=samples, seed=seed)


def _unknown(name: str) -> str:
    if not name:
        return "`--for` is missing; name an assumption or a choice, such as --for dau"
    if name in FIGURES:
        return f"`{name}` is a figure, which is computed; `--for` names an assumption, and --until says what `{name}` must keep"
    name = plain_name(name)
    if name in SHORTHANDS:
        return f"`{name}` stands for {', '.join(SHORTHANDS[name][1])}; seek one of them"
    return unknown(name, ASSUMPTION, CHOICE)


def solve(
    scenario: Scenario, name: str, conditions: Sequence[Condition], *, smallest: bool = False, samples: int = SAMPLES, seed: int = SEED
) -> Solution:
    """Return the largest value of an assumption that keeps all conditions, or the smallest; where none does, the nearest to it.

    The smallest where that was asked, or where the conditions hold up to the upper bound and not from the lower one: of a price that
    reaches a margin.

    >>> from t2v_capacity.plan.conditions import parse_condition
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> solve(load_scenario("scenarios/lesson.yaml"), "steps", [parse_condition("rule_of_thumb_gpus <= 5000")]).value
    30.0
    """
    _check_depends(scenario, name, conditions)
    trials, line, current = Trials(scenario, [name], conditions, samples, seed), ValueOrder(name), value_in(scenario, name)
    if math.isnan(current):  # an unknown price is sought from the usual one
        current = assumption(name).number(assumption(name).default)
    holds = [trials.keeps(line.value(end)) for end in line.ends]
    search = _Search(trials, line, line.rank(current), smallest=smallest or holds == [False, True])
    search.scan()
    bound = ""
    if search.intervals:  # what binds is missed at the next value
        value, past = line.value(search.answer), search.answer + (-1 if search.smallest else 1)
        inside = line.ends[0] <= past <= line.ends[1]
        binding = trials.at(line.value(past)) if inside else ()
        bound = "" if inside else "lower" if search.smallest else "upper"
    else:
        value = search.nearest()
        binding = tuple(sorted(trials.at(value), key=lambda kept: -kept.excess))
    plan = estimate(with_flags(scenario, (), {name: value}))
    return Solution(
        scenario,
        name,
        value,
        feasible=bool(search.intervals),
        conditions=trials.at(value),
        figures={**plan.figures, **{one.figure: plan.figure(one.figure) for one in conditions}},
        warnings=plan.warnings,
        binding=tuple(kept.condition for kept in binding if not kept.kept),
        intervals=tuple((line.value(a), line.value(b)) for a, b in search.intervals),
        monotone=search.monotone,
        bound=bound,
        notes=tuple(_notes(scenario, name, conditions, search)),
        samples=trials.used[0],
        seed=trials.used[1],
        keeps=trials.keeps,
        smallest=search.smallest,
    )


def _check_depends(scenario: Scenario, name: str, conditions: Sequence[Condition]) -> None:
    check_parts(scenario, conditions)
    if any(_reaches(scenario, name, condition) for condition in conditions):
        return
    asked = list(dict.fromkeys(plain_name(condition.figure) for condition in conditions))
    figures = ", ".join(f"`{figure}`" for figure in asked)
    pinned = [figure for figure in asked if figure in scenario.pins]
    if pinned:
        raise Mistakes(f"{figures} does not depend on `{name}`: it is pinned; `--pin {pinned[0]}=null` lets it be computed")
    reached = ancestors(asked, stop=scenario.pins)
    known = [known for known in ASSUMPTIONS if known in reached]
    more = f" and {len(known) - _NAMED} more (`t2v-cap explain` shows them)" if len(known) > _NAMED else ""
    raise Mistakes(f"{figures} does not depend on `{name}`; it depends on {', '.join(known[:_NAMED])}{more}")


def _reaches(scenario: Scenario, name: str, condition: Condition) -> bool:
    """Return whether an assumption may move what a condition asks for."""
    asked = plain_name(condition.figure)
    return not {asked, *ancestors([asked], stop=scenario.pins)}.isdisjoint(moved_by(scenario, [name]))


class _Search:
    """The values that were tried, and the intervals of them in which the conditions are kept; their ends are exact."""

    def __init__(self, trials: Trials, line: ValueOrder, current: int, *, smallest: bool) -> None:
        self.trials, self.line, self.current, self.smallest = trials, line, current, smallest
        self.ranks: set[int] = set()
        self.intervals: list[tuple[int, int]] = []

    @property
    def answer(self) -> int:
        return self.intervals[0][0] if self.smallest else self.intervals[-1][1]

    @property
    def monotone(self) -> bool:
        """Whether keeping changes at most once between the bounds."""
        return not self.intervals or (len(self.intervals) == 1 and not {*self.intervals[0]}.isdisjoint(self.line.ends))

    def at(self, rank: int) -> tuple[Kept, ...]:
        return self.trials.at(self.line.value(rank))

    def scan(self) -> None:
        """Try values between the bounds; where keeping comes and goes, more from the answer outward until no better one is found."""
        (low, high), found = self.line.ends, None
        count = (_TRIED_ON_DRAWS if self.trials.on_draws else _TRIED) // 2
        self._try(self.line.spread(low, high, count) | {self.current})
        while not self.monotone and self.answer != found:
            found = self.answer
            self._try(self.line.spread(*((low, found) if self.smallest else (found, high)), count))

    def _try(self, ranks: Iterable[int]) -> None:
        """Try values; where a condition crosses its limit between two of them, halve the gap until neighbors show it."""
        self.ranks.update(ranks)
        gaps = list(pairwise(sorted(self.ranks)))
        while gaps:
            left, right = gaps.pop()
            middle = (left + right) // 2
            if middle > left and [kept.side for kept in self.at(left)] != [kept.side for kept in self.at(right)]:
                self.ranks.add(middle)
                gaps += (left, middle), (middle, right)
        runs = groupby(sorted(self.ranks), lambda rank: self.trials.keeps(self.line.value(rank)))
        self.intervals = [(run[0], run[-1]) for run in (tuple(ranks) for keeps, ranks in runs if keeps)]

    def nearest(self) -> float:
        """Return the value, of those that were tried, at which the worst condition is missed by least; of equals, the one next to the current value."""

        def missed(rank: int) -> tuple[float, int]:
            return max(kept.excess for kept in self.at(rank)), abs(rank - self.current)

        return self.line.value(min(self.ranks, key=missed))


def _notes(scenario: Scenario, name: str, conditions: Sequence[Condition], search: _Search) -> Iterator[str]:
    """Yield the notes on the search."""
    yield from (f"`{one.text}` does not depend on `{name}`" for one in conditions if not _reaches(scenario, name, one))
    if any(condition.of_draws for condition in conditions) and not search.trials.on_draws:
        yield "no assumption that matters here has a range, so a percentile or a chance is that of one value"
    if all(here == there for here, there in pairwise(search.at(rank) for rank in search.ranks)):
        yield f"`{name}` moves nothing that is asked for, anywhere within its bounds"
