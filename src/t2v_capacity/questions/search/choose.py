"""The option of a choice that has the least of a figure, or the most, and keeps conditions."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.candidates import candidate_changes, sizes_of
from t2v_capacity.plan.cells import SAMPLING, Sampling
from t2v_capacity.plan.conditions import Condition, Kept, kept_at
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.options import options
from t2v_capacity.plan.trials import Trial, change, trials
from t2v_capacity.plan.uncertain import uncertain
from t2v_capacity.plan.verdict import NO_PRICE, few_sellers
from t2v_capacity.questions.search.trials import Solution, Trials, Tried, check_parts
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

    An option that doesn't run, whose memory doesn't suffice, or whose unknown price the figure or a condition needs, is
    set aside with the reason. Where no option is left, the one that misses the conditions by least.
    """
    check_parts(scenario, conditions)
    asked = (figure, *(condition.figure for condition in conditions))
    # Otherwise a missing price is no objection.
    priced = "gpu_price" in ancestors(map(plain_name, asked), stop=scenario.pins)
    tried: list[Tried] = []
    runs: list[_Running] = []
    for option in options(scenario, choice):
        # Of a GPU every group size and runtime, unless it alone is to change.
        together = choice == "gpu" and not alone
        ways = candidate_changes(scenario, [option], sizes_of(scenario)) if together else [change(**{choice: option})]
        found, refused = list[_Running](), ""
        for trial in trials(scenario, ways, figures=asked):
            verdict = trial.verdict
            if trial.scenario is None or verdict is None:
                refused = refused or trial.refused
                continue
            value = finite(trial.figures[figure])
            objections = [str(one) for one in verdict.objections if one.code != NO_PRICE or priced]
            against = "; ".join(objections) or (f"{figure} has no value" if value is None else "")
            rank = (math.inf if value is None else -value if most else value), len(runs) + len(found)
            found.append(
                _Running(option, trial, trial.scenario, *_kept(trial, conditions, sampling), value, rank, against)
            )
        if found:
            best = min(found, key=_order)
            few = few_sellers(best.scenario) if choice == "gpu" and priced else ()
            runs.append(best := best._replace(against="; ".join(filter(None, (best.against, *map(str, few))))))
            tried.append(Tried(option, best.value, best.against or best.broken or None))
        else:
            tried.append(Tried(option, None, refused))
    if not runs:
        raise Mistakes(f"no option of `{choice}` can be computed; {tried[0].option}: {tried[0].against}")
    able = [one for one in runs if not one.against]
    keeping = [one for one in able if not one.broken]
    best = min(keeping, key=lambda one: one.rank) if keeping else min(able or runs, key=_order)
    # What binds is what the next better option misses; where nothing keeps the conditions, what the nearest misses.
    better = (
        min((one for one in able if one.rank < best.rank), key=lambda one: one.rank, default=None) if keeping else best
    )
    used = max((one.used for one in runs), key=lambda one: one[0])
    return Solution(
        best.scenario,
        choice,
        best.option,
        feasible=bool(keeping),
        conditions=best.kept,
        plan=estimate(best.scenario),
        binding=tuple(kept.condition for kept in (better.kept if better else ()) if not kept.kept),
        options=tuple(tried),
        samples=used[0],
        seed=used[1],
        sought=figure,
        text=best.option,
        flags=best.trial.change.flags,
    )


class _Running(NamedTuple):
    """An option that can be computed: what it keeps, how little it has of the sought figure, and what is against it."""

    option: str
    trial: Trial
    scenario: Scenario
    kept: tuple[Kept, ...]
    used: tuple[int, int | None]  # draws, and their seed
    value: float | None
    rank: tuple[float, int]
    against: str

    @property
    def broken(self) -> str:
        """The conditions that it misses."""
        return "; ".join(f"misses {kept.condition.text}" for kept in self.kept if not kept.kept)


def _order(one: _Running) -> tuple[bool, float, tuple[float, int]]:
    return bool(one.against), max((kept.excess for kept in one.kept), default=0.0), one.rank


def _kept(
    trial: Trial, conditions: Sequence[Condition], sampling: Sampling
) -> tuple[tuple[Kept, ...], tuple[int, int | None]]:
    """Return every condition at a trial, and the draws that were needed; conditions on points take its figures."""
    assert trial.scenario is not None
    if any(condition.of_draws for condition in conditions):
        measured = Trials(
            uncertain(trial.scenario, {**trial.scenario.values(), **trial.figures}), "", conditions, sampling
        )
        return measured.at(), measured.used
    return tuple(kept_at(condition, trial.figures[condition.figure]) for condition in conditions), (0, None)
