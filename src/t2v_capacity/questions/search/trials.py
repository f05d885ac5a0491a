"""Evaluate conditions at trial values, list the values that can be tried, and try the options of a choice.

What is compared is what `estimate` computes. A condition on draws sees the same draws at every trial. Where the model's
error alone is uncertain, its even points stand for draws. Of options the best is the one that has the least of a
figure, or the most, and keeps conditions.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import assumption, plain_name
from t2v_capacity.assumptions.quantities import QuantityError, digits, show
from t2v_capacity.engine.figures import Number, ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.advice import kept_kernel
from t2v_capacity.plan.candidates import candidates, sizes_of
from t2v_capacity.plan.cells import SAMPLING, Sampling, cells_of, moves, quiet
from t2v_capacity.plan.conditions import Condition, ConditionResult, check_parts, result_at
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.pins import pinned_bills
from t2v_capacity.plan.rules import broken_budgets, figure_budgets
from t2v_capacity.plan.sellers import FEW_SELLERS, few_sellers
from t2v_capacity.plan.trials import WAITS, Trial, options, to_option, trials
from t2v_capacity.plan.uncertain import draws, draws_used, error_alone, error_points, likely, uncertain
from t2v_capacity.plan.verdict import (
    BREAKS_BUDGET,
    LIMITED_BY,
    MEASURED_ELSEWHERE,
    NO_LIST_PRICE,
    below_limit,
)
from t2v_capacity.plan.warnings.service import held_instead
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import shares_beyond
from t2v_capacity.scenario.settings import Origin, Scenario

# An answer is written in so many digits, or in as many more as it takes to keep the conditions.
_LEAST_DIGITS, _MOST_DIGITS = 4, 17
# Equal ratios begin this far below the upper bound, where the lower one is 0.
_SMALLEST_RATIO = 1e-12
_LEAST_FLOAT = math.nextafter(0, 1)
_MOST_SHOWN = 1e300  # larger numbers may have no finite one in another unit


class Tried(NamedTuple):
    """An option of a choice: the figure that is sought there, and what speaks against it."""

    option: str
    value: float | None
    against: str | None
    bill: float = math.nan  # of a month
    text: str = ""  # as it is typed after its flag, with what it takes besides


class Lever(NamedTuple):
    """A single change that keeps the conditions: an input and its nearest value that does, or an option of a choice."""

    name: str
    origin: Origin
    now: str
    text: str
    value: float | str
    cost_per_month: float | None  # none where the GPU has no price
    far: float = 0.0  # how far that is from the current value, in proportion; nothing of a choice


class Solution(NamedTuple):
    """An answer, or the nearest to one, with its conditions and plan.

    Where no name was given, the plan itself, and the single changes that keep the conditions.
    """

    scenario: Scenario
    name: str
    nearest: float | str  # the answer, or what misses the conditions by least
    feasible: bool
    conditions: tuple[ConditionResult, ...]
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
    whose: str = ""  # of which parts, where others set their own; of which smallest value
    # The answer as a person reads it, rounded to the side that keeps the conditions: what is printed keeps them too.
    text: str = ""

    @property
    def value(self) -> float | str:
        """The answer; of an infeasible search nan, or no text."""
        if self.feasible:
            return self.nearest
        return "" if isinstance(self.nearest, str) else math.nan


class Search:
    """The result of each condition at a value of a name; each value is computed once."""

    def __init__(self, scenario: Scenario, name: str, conditions: Sequence[Condition], sampling: Sampling) -> None:
        self.conditions, self._name, self._scenario = conditions, name, scenario
        self._known, self._values, names = assumption(name), scenario.values(), [name]

        ranges = {name: spread for name, spread in scenario.ranges().items() if name not in moves(scenario, names)}
        asked = [condition.figure for condition in conditions]
        drawn = tuple(dict.fromkeys(condition.figure for condition in conditions if condition.of_draws))
        reached = {*asked, *ancestors(map(plain_name, drawn), stop=scenario.pins)}
        self.on_draws = bool(drawn) and not reached.isdisjoint((*ranges, *map(plain_name, ranges)))

        self._points = cells_of(scenario, names, tuple(dict.fromkeys((*asked, *LIMITED_BY))))
        self._alone = error_alone(scenario)
        self.used = sampling if self.on_draws and not self._alone else (0, None)
        if self.on_draws:
            known = {**self._values, **(error_points(scenario) if self._alone else draws(ranges, *sampling))}
            with quiet():
                self._draws = cells_of(scenario, names, drawn, known)
        self._outcomes: dict[float, tuple[ConditionResult, ...]] = {}

    @property
    def ends(self) -> tuple[float, float]:
        """The bounds of the name."""
        return float(self._known.low), float(self._known.high)

    def spread(self, low: float, high: float, count: int) -> set[float]:
        """Return values from one to another, these too: in equal steps and, if some are positive, in equal ratios."""
        shares = [step / (count - 1) for step in range(count)]
        levels = [low + (high - low) * share for share in shares]
        if high > 0:
            least = max(low, high * _SMALLEST_RATIO, _LEAST_FLOAT)
            levels += [least * (high / least) ** share for share in shares]
        if self._known.whole:
            levels = [float(round(level)) for level in levels]
        return {low, high, *(min(max(level, low), high) for level in levels)}  # which rounding leads a bit off the end

    def within(self, level: float) -> float:
        """Return the value of the name that is nearest to another one."""
        low, high = self.ends
        return min(max(float(round(level)) if self._known.whole else level, low), high)

    def next_to(self, level: float, *, up: bool) -> float:
        """Return the next larger value of the name, or the next smaller one."""
        end = math.inf if up else -math.inf
        return level + math.copysign(1, end) if self._known.whole else math.nextafter(level, end)

    def _middle(self, first: float, second: float) -> float:
        """Return a value between two, or one of them if none is between.

        Where they lie far apart it is the middle of their exponents, so that few steps lead to neighboring floats.
        """
        low, high = sorted((first, second))
        least = max(low, _LEAST_FLOAT)
        if self._known.whole:
            return (low + high) // 2
        return math.sqrt(least) * math.sqrt(high) if low >= 0 and high > 4 * least else (low + high) / 2

    def at(self, level: float) -> tuple[ConditionResult, ...]:
        """Return what becomes of every condition at a value."""
        if level not in self._outcomes:
            setting = {self._name: level}
            beyond = shares_beyond(self._scenario, setting)
            points, drawn = self._points({} if beyond else setting), dict[str, Number]()
            endless = any(abs(number) > _MOST_SHOWN for number in points.values())
            if beyond or endless or below_limit({**self._values, **setting, **points}):
                points = drawn = dict.fromkeys(points, math.nan)
            elif self.on_draws:
                with quiet():
                    drawn = self._draws(setting)
                if self._alone:
                    drawn = {figure: even.tolist() for figure, even in drawn.items() if hasattr(even, "tolist")}
            self._outcomes[level] = tuple(
                result_at(condition, points[condition.figure], drawn.get(condition.figure))
                for condition in self.conditions
            )
        return self._outcomes[level]

    def keeps(self, level: float) -> bool:
        """Return whether all conditions are kept at a value."""
        return all(kept.kept for kept in self.at(level))

    def first(self, start: float, end: float, count: int, *also: float) -> float | None:
        """Return the first value on the way from one to another that keeps all conditions; nothing where none does.

        `count` values are tried in equal steps, as many in equal ratios, and those of `also`. Where a condition crosses
        its limit between two values, the gap is halved until neighbors show it.
        """
        low, high = sorted((start, end))
        *way, here = sorted({*self.spread(low, high, count), *also}, reverse=start < end)
        while not self.keeps(here):
            if not way:
                return None
            middle = self._middle(here, way[-1])
            sides = [[kept.side for kept in self.at(level)] for level in (here, way[-1])]
            if middle in (here, way[-1]) or sides[0] == sides[1]:
                here = way.pop()
            else:
                way.append(middle)
        return here

    def worst(self, low: float, high: float, halvings: int) -> float:
        """Return the value just above a step down of what keeps the conditions; where there is none, the upper end."""
        least = self._slack(low)
        for _ in range(halvings if self._slack(high) < least else 0):
            middle = self._middle(low, high)
            low, high = (low, middle) if self._slack(middle) < least else (middle, high)
        return high

    def _slack(self, level: float) -> float:
        """Return by how much the condition that is kept by least is kept, relative to its limit."""
        return min(kept.slack for kept in self.at(level))

    def nearest(self, current: float) -> float:
        """Return the tried value at which the worst condition is missed by least.

        Of equals, return the one next to the current value.
        """
        excesses = {level: max(kept.excess for kept in outcomes) for level, outcomes in self._outcomes.items()}
        return min(excesses, key=lambda level: (excesses[level], abs(level - current)))

    def text_of(self, answer: float, *, up: bool) -> str:
        """Return a value that keeps conditions as a person reads it, rounded up or down to what keeps them too.

        A count stays as it is, and the value next to 0 is any above.
        """
        known = self._known
        if known.whole or answer in (known.low, known.high):
            return known.exact(answer)
        if answer == _LEAST_FLOAT:
            return "> 0"

        for text in self._roundings(answer, up=up):
            with suppress(QuantityError):
                number = known.read(text)
                if isinstance(number, float) and (number >= answer if up else number <= answer) and self.keeps(number):
                    return text
        return f"{answer!r} {known.unit}"

    def _roundings(self, answer: float, *, up: bool) -> Iterator[str]:
        """Yield texts of an answer, each closer to it than those before: rounded, then rounded up or down."""
        unit = self._known.unit
        for significant in range(_LEAST_DIGITS, _MOST_DIGITS + 1):
            last_digit = 10.0 ** (math.floor(math.log10(abs(answer) or 1)) - significant + 1)
            for rounded in (answer, answer + last_digit / 2 if up else answer - last_digit / 2):
                yield show(rounded, unit, significant)
                if unit == "share":
                    yield digits(rounded, significant)


def choose(
    scenario: Scenario,
    choice: str,
    figure: str,
    conditions: Sequence[Condition],
    *,
    most: bool = False,
    alone: bool = False,
    sampling: Sampling = SAMPLING,
) -> Solution:
    """Return the option of a choice with the least of a figure, or the most, that keeps all conditions.

    An option is set aside with the reason if it doesn't run or its memory doesn't suffice. So is one whose price is
    unknown, if the figure or a condition needs it. Where no option is left, return the nearest to the conditions.
    """
    check_parts(scenario, conditions)
    figures = (figure, *(condition.figure for condition in conditions))
    # Otherwise a missing price is no objection.
    priced = "gpu_price" in ancestors(map(plain_name, figures), stop=scenario.pins)
    aim = _Aim(scenario, choice, figures, conditions, -1 if most else 1, priced, sampling)

    choosable, tried = list[_Candidate](), list[Tried]()
    for option in options(scenario, choice):
        if choice == "gpu" and not alone:
            tries = [way.trial for way in candidates(scenario, [option], sizes_of(scenario), figures)]
        else:
            tries = [*trials(scenario, [to_option(scenario, choice, option)], figures=figures)]
        running = [trial for trial in tries if trial.figures]
        if not running:
            tried.append(Tried(option, None, tries[0].refused))
            continue

        candidate = min((_candidate(option, trial, aim) for trial in running), key=_badness)
        choosable.append(candidate)
        bill, text = candidate.trial.known["cost_per_month"], str(candidate.trial.change).partition(" ")[2]
        against = candidate.against or ("" if alone else candidate.over) or None
        tried.append(Tried(option, candidate.value, against, bill, text))

    if not choosable:
        raise Mistakes(f"no option of `{choice}` can be computed; {tried[0].option}: {tried[0].against}")
    return _solution(aim, choosable, tried)


def bills_of(scenario: Scenario, figures: Iterable[str]) -> list[str]:
    """Return the pinned bills that some figures follow from."""
    names = [plain_name(figure) for figure in figures]
    return [bill.name for bill in pinned_bills(scenario) if bill.name in {*names, *ancestors(names)}]


def pins_against(trial: Trial, scenario: Scenario, figures: Iterable[str]) -> list[str]:
    """Return the objections to pins that a change outlives; those to bills alone only if figures follow from one."""
    counting = trial.has_stale_pin or bills_of(scenario, figures)
    return [str(objection) for objection in trial.to_change if counting and objection.code == MEASURED_ELSEWHERE]


def wait_notes(scenario: Scenario, setting: Mapping[str, float], missed: Iterable[ConditionResult]) -> Iterator[str]:
    """Yield a note of each wait that has no value with a setting, with what to hold to a limit instead."""
    waits = [kept.condition.figure for kept in missed if kept.measured is None]
    with suppress(Mistakes):  # a limit below one replica has no plan, and no wait
        known = estimate(with_flags(scenario, (), setting)).known if waits else {}
        for figure in waits:
            if instead := held_instead(figure, known):
                yield f"`{figure}` has no value beyond the peak that the fleet carries; {instead}"


class _Aim(NamedTuple):
    """What is sought among the options of a plan: the least of a figure, or the most, and conditions."""

    scenario: Scenario
    choice: str
    figures: Sequence[str]  # what is sought, and those of the conditions
    conditions: Sequence[Condition]
    sign: int  # -1 where the most is sought
    priced: bool  # whether the figure or a condition needs a price
    sampling: Sampling


class _Candidate(NamedTuple):
    """An option that can be computed: what it keeps, how little it has of the sought figure, and what is against it."""

    option: str
    trial: Trial
    kept: tuple[ConditionResult, ...]
    used: tuple[int, int | None]  # draws, and their seed
    value: float | None
    place: tuple[bool, float]  # whether it breaks a budget, then the value, or less it where the most is sought
    over: str  # the budgets that it breaks
    objections: Sequence[str]

    @property
    def against(self) -> str:
        """The objections to it, or else the conditions that it misses."""
        return "; ".join(self.objections or [f"misses {kept.condition.text}" for kept in self.kept if not kept.kept])


def _badness(candidate: _Candidate) -> tuple[bool, bool, float, bool, float, tuple[bool, float]]:
    """Return what orders candidates that have objections or miss conditions: the least bad is the first.

    Who does not serve the day comes last, and of those who serves less.
    """
    verdict, excess = candidate.trial.verdict, max((kept.excess for kept in candidate.kept), default=0.0)
    able, late = (verdict.able, bool(verdict.service_objections)) if verdict else (False, True)
    served = (verdict and verdict.served) or 0.0
    return not able, late, -served, bool(candidate.objections), excess, candidate.place


def _candidate(option: str, trial: Trial, aim: _Aim) -> _Candidate:
    """Return a trial of an option as a candidate."""
    verdict = trial.verdict
    assert verdict
    number = finite(trial.figures[aim.figures[0]])
    queueing = () if any(condition.figure in WAITS for condition in aim.conditions) else trial.to_choose
    counting = {  # of another seller, who mends nothing else, what is of the bill alone
        BREAKS_BUDGET: True,
        NO_LIST_PRICE: aim.priced,
        FEW_SELLERS: aim.priced and aim.choice == "gpu",
        MEASURED_ELSEWHERE: bool(pins_against(trial, aim.scenario, aim.figures)),
    }
    against = (*queueing, *verdict.objections, *trial.to_change, *few_sellers(verdict.scenario, verdict.known))
    objections = [str(objection) for objection in against if counting.get(objection.code, aim.choice != "provider")]
    if number is None and not objections:
        objections = [f"{aim.figures[0]} has no value"]
    drawn, known = dict[str, Number](), trial.known
    over = "; ".join(f"breaks {budget}" for budget in broken_budgets(figure_budgets(aim.scenario), known))
    place = bool(over), math.inf if number is None else aim.sign * number
    if on_draws := [condition.figure for condition in aim.conditions if condition.of_draws]:
        changed = with_flags(aim.scenario, trial.change.sets)
        drawn = likely(uncertain(changed, known), known, on_draws, *aim.sampling)
    kept = tuple(result_at(limit, known[limit.figure], drawn.get(limit.figure)) for limit in aim.conditions)
    return _Candidate(option, trial, kept, draws_used(drawn, aim.sampling), number, place, over, objections)


def _solution(aim: _Aim, candidates: Sequence[_Candidate], tried: Sequence[Tried]) -> Solution:
    """Return the best of the candidates that keep all conditions, or else the one that misses them by least."""
    able = sorted((candidate for candidate in candidates if not candidate.objections), key=attrgetter("place"))
    keeping = [candidate for candidate in able if not candidate.against]
    best = keeping[0] if keeping else min(able or candidates, key=_badness)

    # What binds is what a better option misses; where nothing keeps the conditions, what the nearest misses.
    nearest = able[0] if keeping else best
    samples, seed = best.used
    chosen = with_flags(aim.scenario, best.trial.change.sets)
    return Solution(
        chosen,
        aim.choice,
        best.option,
        feasible=bool(keeping),
        conditions=best.kept,
        plan=estimate(chosen),
        binding=tuple(kept.condition for kept in nearest.kept if not kept.kept),
        notes=kept_kernel(aim.scenario) if aim.choice == "gpu" else (),
        options=tuple(tried),
        samples=samples,
        seed=seed,
        sought=aim.figures[0],
        text=best.option,
        flags=best.trial.change.flags,
    )
