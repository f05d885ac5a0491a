"""The option of a choice that has the least of a figure, or the most, and keeps conditions."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.candidates import candidate_changes, sizes_of
from t2v_capacity.plan.cells import SAMPLES, SEED
from t2v_capacity.plan.conditions import Condition, Kept, kept_at
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.options import options
from t2v_capacity.plan.trials import Trial, change, trials
from t2v_capacity.plan.uncertain import uncertain
from t2v_capacity.plan.verdict import NO_PRICE
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
    samples: int = SAMPLES,
    seed: int = SEED,
) -> Solution:
    """Return the option of a choice with the least of a figure, or the most, that keeps all conditions.

    An option that doesn't run, whose memory doesn't suffice, or whose unknown price the figure or a condition needs, is set
    aside with the reason. Where no option is left, the one that misses the conditions by least.
    """
    tried: list[Tried] = []
    runs: list[_Running] = []
    used: tuple[int, int | None] = (0, None)
    check_parts(scenario, conditions)
    asked = (figure, *(condition.figure for condition in conditions))
    together = choice == "gpu" and not alone  # every group size and runtime
    for option in options(scenario, choice):
        found: list[_Running] = []
        refused = ""
        ways = candidate_changes(scenario, [option], sizes_of(scenario)) if together else [change(**{choice: option})]
        for trial in trials(scenario, ways, figures=asked):
            if trial.scenario is None or not trial.figures:
                refused = refused or trial.refused
                continue
            kept, drawn = _kept(trial.scenario, trial.figures, conditions, samples, seed)
            used = max(used, drawn, key=lambda one: one[0])
            value = finite(trial.figures[figure])
            spoken = "; ".join(_against(trial, asked)) or (f"{figure} has no value" if value is None else "")
            rank = (math.inf if value is None else -value if most else value), len(runs) + len(found)
            found.append(_Running(option, trial, kept, rank, spoken))
        if not found:
            tried.append(Tried(option, None, refused))
            continue
        best = min(found, key=_order)
        runs.append(best)
        tried.append(Tried(option, finite(best.trial.figures[figure]), best.against or _broken(best.kept) or None))
    if not runs:
        raise Mistakes(f"no option of `{choice}` can be computed; {tried[0].option}: {tried[0].against}")
    able = [one for one in runs if not one.against]
    keeping = [one for one in able if not _broken(one.kept)]
    if keeping:
        best = min(keeping, key=lambda one: one.rank)
        better = min((one for one in able if one.rank < best.rank), key=lambda one: one.rank, default=None)
        binding = better.kept if better else ()
    else:
        best = min(able or runs, key=_order)
        binding = best.kept
    assert best.trial.scenario is not None
    plan = estimate(best.trial.scenario)
    return Solution(
        best.trial.scenario,
        choice,
        best.option,
        feasible=bool(keeping),
        conditions=best.kept,
        figures={**plan.figures, **{one.figure: plan.figure(one.figure) for one in conditions}},
        warnings=plan.warnings,
        binding=tuple(kept.condition for kept in binding if not kept.kept),
        tried=tuple(tried),
        samples=used[0],
        seed=used[1],
        sought=figure,
        flags=best.trial.change.flags,
    )


class _Running(NamedTuple):
    """An option that can be computed: what it keeps, how little of the sought figure it has, and what speaks against it."""

    option: str
    trial: Trial
    kept: tuple[Kept, ...]
    rank: tuple[float, int]
    against: str


def _order(one: _Running) -> tuple[bool, float, tuple[float, int]]:
    return bool(one.against), max((kept.excess for kept in one.kept), default=0.0), one.rank


def _kept(
    there: Scenario, figures: Mapping[str, float], conditions: Sequence[Condition], samples: int, seed: int
) -> tuple[tuple[Kept, ...], tuple[int, int | None]]:
    """Return every condition at a trial, and the draws that were needed; conditions on points take its figures."""
    if any(condition.of_draws for condition in conditions):
        known = {**there.values(), **figures}
        measured = Trials(uncertain(there, known), (), conditions, samples, seed)
        return measured.at(), measured.used
    return tuple(kept_at(condition, figures[condition.figure]) for condition in conditions), (0, None)


def _against(trial: Trial, asked: Sequence[str]) -> Iterator[str]:
    """Yield the objections to an option; a missing price is one if it is needed."""
    assert trial.scenario is not None
    assert trial.verdict is not None
    priced = "gpu_price" in ancestors(map(plain_name, asked), stop=trial.scenario.pins)
    yield from (str(one) for one in trial.verdict.objections if one.code != NO_PRICE or priced)


def _broken(kept: Sequence[Kept]) -> str:
    return "; ".join(f"misses {k.condition.text}" for k in kept if not k.kept)
