"""The option of a choice that has the least of a figure, or the most, and keeps conditions."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.questions.plan.cells import SAMPLES, SEED
from t2v_capacity.questions.plan.conditions import Condition
from t2v_capacity.questions.plan.estimate import computed, estimate
from t2v_capacity.questions.plan.options import options
from t2v_capacity.questions.plan.serving import MEMORY, NO_PRICE, OVERLOADED, against
from t2v_capacity.questions.search.trials import Kept, Solution, Trials, Tried
from t2v_capacity.scenario.load import laid
from t2v_capacity.scenario.settings import Scenario
from t2v_capacity.vocabulary.names import finite


def choose(
    scenario: Scenario,
    choice: str,
    figure: str,
    conditions: Sequence[Condition],
    *,
    most: bool = False,
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
    for option in options(scenario, choice):
        try:
            there = laid(scenario, [f"{choice}={option}"])
            figures = computed(there, there.values())
        except Mistakes as error:
            tried.append(Tried(option, None, error.mistakes[0].message))
            continue
        trials = Trials(there, (), conditions, samples, seed)
        used = max(used, trials.used, key=lambda one: one[0])
        value = finite(figures[figure])
        spoken = "; ".join(_against(there, figures, (figure, *(condition.figure for condition in conditions))))
        against = spoken or (f"{figure} has no value" if value is None else "")
        rank = (math.inf if value is None else -value if most else value), len(runs)
        runs.append(_Running(option, there, trials.at(), rank, able=not against))
        tried.append(Tried(option, value, against or _broken(trials.at()) or None))
    if not runs:
        raise Mistakes(f"no option of `{choice}` can be computed; {tried[0].option}: {tried[0].against}")
    able = [one for one in runs if one.able]
    keeping = [one for one in able if not _broken(one.kept)]
    if keeping:
        best = min(keeping, key=lambda one: one.rank)
        better = min((one for one in able if one.rank < best.rank), key=lambda one: one.rank, default=None)
        binding = better.kept if better else ()
    else:
        best = min(able or runs, key=lambda one: (max((kept.excess for kept in one.kept), default=0.0), one.rank))
        binding = best.kept
    plan = estimate(best.scenario)
    return Solution(
        best.scenario,
        choice,
        best.option,
        feasible=bool(keeping),
        conditions=best.kept,
        figures=plan.figures,
        warnings=plan.warnings,
        binding=tuple(kept.condition for kept in binding if not kept.kept),
        tried=tuple(tried),
        samples=used[0],
        seed=used[1],
        sought=figure,
    )


class _Running(NamedTuple):
    """An option that can be computed: what it keeps, how little of the sought figure it has, and whether nothing speaks against it."""

    option: str
    scenario: Scenario
    kept: tuple[Kept, ...]
    rank: tuple[float, int]
    able: bool


def _against(scenario: Scenario, figures: Mapping[str, float], asked: Sequence[str]) -> Iterator[str]:
    """Yield what speaks against an option whatever is asked of it, and the price where that is needed for it."""
    priced = "gpu_price" in ancestors(asked, stop=scenario.pins)
    known = {**scenario.values(), **figures}
    yield from (
        f"{reason}: {text}"
        for reason, text in against(scenario, known, "")
        if reason in (MEMORY, OVERLOADED) or (reason == NO_PRICE and priced)
    )


def _broken(kept: Sequence[Kept]) -> str:
    return "; ".join(f"misses {k.condition.text}" for k in kept if not k.kept)
