"""The option of a choice that has the least of a figure, or the most, and keeps conditions."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.candidates import candidates, sizes_of
from t2v_capacity.plan.cells import SAMPLING, Sampling
from t2v_capacity.plan.conditions import Condition, Kept, kept_at
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.options import options
from t2v_capacity.plan.trials import FlagChange, Trial, change, trials
from t2v_capacity.plan.uncertain import uncertain
from t2v_capacity.plan.verdict import NO_LIST_PRICE, Verdict, few_sellers
from t2v_capacity.questions.search.trials import Solution, Trials, Tried, check_parts
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.settings import Scenario


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
    aim = _Aim(scenario, figure, conditions, most, priced, sampling)

    choosable, tried = list[_Candidate](), list[Tried]()
    for option in options(scenario, choice):
        if choice == "gpu" and not alone:
            tries = [way.trial for way in candidates(scenario, [option], sizes_of(scenario), figures)]
        else:
            tries = [*trials(scenario, [change(**{choice: option})], figures=figures)]
        running = [trial for trial in tries if trial.figures]
        if not running:
            tried.append(Tried(option, None, tries[0].refused))
            continue

        of_option = [_candidate(option, trial, aim, place) for place, trial in enumerate(running, len(choosable))]
        candidate = min(of_option, key=_badness)
        if choice == "gpu" and priced:
            objections = [candidate.against, *map(str, few_sellers(candidate.scenario))]
            candidate = candidate._replace(against="; ".join(text for text in objections if text))
        choosable.append(candidate)
        tried.append(Tried(option, candidate.value, candidate.against or candidate.broken or None))

    if not choosable:
        raise Mistakes(f"no option of `{choice}` can be computed; {tried[0].option}: {tried[0].against}")
    return _solution(aim, choice, choosable, tried)


class _Aim(NamedTuple):
    """What is sought among the options of a plan: the least of a figure, or the most, and conditions."""

    scenario: Scenario
    figure: str
    conditions: Sequence[Condition]
    most: bool
    priced: bool  # whether the figure or a condition needs a price
    sampling: Sampling


class _Candidate(NamedTuple):
    """An option that can be computed: what it keeps, how little it has of the sought figure, and what is against it."""

    option: str
    change: FlagChange
    scenario: Scenario  # of a GPU without its group
    kept: tuple[Kept, ...]
    used: tuple[int, int | None]  # draws, and their seed
    value: float | None
    rank: tuple[float, int]
    against: str

    @property
    def broken(self) -> str:
        """The conditions that it misses."""
        return "; ".join(f"misses {kept.condition.text}" for kept in self.kept if not kept.kept)


def _badness(candidate: _Candidate) -> tuple[bool, float, tuple[float, int]]:
    """Return what orders candidates that have objections or miss conditions: the least bad is the first."""
    excess = max((kept.excess for kept in candidate.kept), default=0.0)
    return bool(candidate.against), excess, candidate.rank


def _candidate(option: str, trial: Trial, aim: _Aim, place: int) -> _Candidate:
    """Return a trial of an option as a candidate; of equals the one of the lower place is better."""
    verdict = trial.verdict
    assert verdict is not None
    number = finite(trial.figures[aim.figure])
    objections = [str(objection) for objection in verdict.objections if objection.code != NO_LIST_PRICE or aim.priced]
    if number is None and not objections:
        objections = [f"{aim.figure} has no value"]
    sign = -1 if aim.most else 1
    least = math.inf if number is None else sign * number

    kept, used = _outcomes_and_draws(trial.change, verdict, aim)
    against = "; ".join(objections)
    return _Candidate(option, trial.change, verdict.scenario, kept, used, number, (least, place), against)


def _outcomes_and_draws(
    flags: FlagChange, verdict: Verdict, aim: _Aim
) -> tuple[tuple[Kept, ...], tuple[int, int | None]]:
    """Return what becomes of every condition at a trial, and the draws that were needed.

    Without a condition on draws the trial's own figures suffice.
    """
    if any(condition.of_draws for condition in aim.conditions):
        changed = with_flags(aim.scenario, flags.sets)
        drawn = Trials(uncertain(changed, verdict.known), "", aim.conditions, aim.sampling)
        return drawn.at(), drawn.used
    return tuple(kept_at(condition, verdict.known[condition.figure]) for condition in aim.conditions), (0, None)


def _solution(aim: _Aim, choice: str, candidates: Sequence[_Candidate], tried: Sequence[Tried]) -> Solution:
    """Return the best of the candidates that keep all conditions, or else the one that misses them by least."""
    able = [candidate for candidate in candidates if not candidate.against]
    able.sort(key=lambda candidate: (candidate.rank, candidate.broken))
    keeping = [candidate for candidate in able if not candidate.broken]
    best = keeping[0] if keeping else min(able or candidates, key=_badness)

    # What binds is what a better option misses; where nothing keeps the conditions, what the nearest misses.
    nearest = able[0] if keeping else best
    samples, seed = max(candidate.used for candidate in candidates)
    chosen = with_flags(aim.scenario, best.change.sets)
    return Solution(
        chosen,
        choice,
        best.option,
        feasible=bool(keeping),
        conditions=best.kept,
        plan=estimate(chosen),
        binding=tuple(kept.condition for kept in nearest.kept if not kept.kept),
        options=tuple(tried),
        samples=samples,
        seed=seed,
        sought=aim.figure,
        text=best.option,
        flags=best.change.flags,
    )
