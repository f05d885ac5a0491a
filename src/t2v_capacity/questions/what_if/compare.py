"""Which GPU should serve this, and how many of it should make one clip together."""

import math
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.catalogue.published import published
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.candidates import SHOWN, Candidate, best_or_nearest, candidates, shown_figures, sizes_of
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.rules import broken_budgets, figure_budgets, kept_budgets
from t2v_capacity.plan.sellers import few_sellers
from t2v_capacity.plan.tree import evaluated
from t2v_capacity.plan.uncertain import error_bands
from t2v_capacity.plan.verdict import MEMORY, NOT_CALIBRATED, broken, promised
from t2v_capacity.plan.warnings import together
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.settings import PlanWarning, Scenario


class TieData(TypedDict):
    """The price of a GPU-hour at which a GPU costs as much as another, whose price stays."""

    gpu: str
    gpu_price: float
    other: str
    cost_per_month: float
    asked: list[float]
    """What each seller asks for the GPU; empty if its price is by hand"""
    lost_at: list[str]
    """The sellers of both at whose prices the other costs less"""


class Options(NamedTuple):
    """The best candidates with their marks, and the best of all, if any can serve.

    The candidates are GPUs, or group sizes of one GPU.
    """

    scenario: Scenario
    of_groups: bool
    """Whether the options are group sizes"""
    options: list[Candidate]
    best: Candidate | None
    close: Candidate | None = None
    """The next best candidate, where its GPU bill is within the model's error between two GPUs"""
    crossing: TieData | None = None
    """Where the next best GPU becomes as cheap as the best"""
    few_sellers: TieData | None = None
    """Up to where a GPU that few sell would be the cheapest"""
    untimed: Candidate | None = None
    """A cheaper candidate that is not among the user's own runs, and has no other objection"""
    budgets: tuple[Condition, ...] = ()
    """The budgets that judge the options: all where the best keeps all, else those that the plan keeps"""
    breaks: Sequence[str] = ()
    """The budgets that the best breaks, each with its value, since none that can be chosen keeps them all"""

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings of the options, one per code."""
        return together(
            [
                (
                    f"{option.gpu}, {show(option.gpus_per_replica, 'gpu')} per replica",
                    option.warnings,
                )
                for option in self.options
            ],
            "options",
        )

    @property
    def is_tight(self) -> bool:
        """Whether a GPU has too little memory for a clip alone, so that an offload may pay."""
        return any(option.sharded or MEMORY in option.against for option in self.options)

    @property
    def target(self) -> str:
        """The latency that was promised, as it was written."""
        return promised(self.scenario, self.scenario.values()["target_latency"])


def compare(scenario: Scenario, gpus: Collection[str], sizes: Collection[int] | None = None) -> Options:
    """Return each GPU with the best of its group sizes and runtimes.

    The best is the cheapest to which nothing objects, else the nearest to that. Of a single GPU return each group size
    with the best of its runtimes and layouts.

    The cheapest of all is marked, and the front: the options that no other beats in both cost and latency. An option
    with an objection is never the cheapest: without evidence, without a dated price, or with a target at risk.
    Budgets object too: all of them where an option keeps all, else those that the plan itself keeps.
    """
    sizes = sizes_of(scenario) if sizes is None else sizes
    of_groups = len(gpus) == 1
    every_budget = figure_budgets(scenario)
    for budgets in dict.fromkeys((every_budget, kept_budgets(scenario))):
        if of_groups:
            contenders = [_best_of(scenario, gpus, [size], budgets) for size in sizes]
        else:
            contenders = [_with_few_sellers(_best_of(scenario, [gpu], sizes, budgets)) for gpu in gpus]
        if good := [candidate for candidate in contenders if not candidate.objections]:
            break

    cheapest = best_or_nearest(good) if good else None
    with_a_reserve = any(map(_reserve, contenders))  # a reserve is of one GPU, and others say so
    options = []
    for candidate in contenders:
        marks = ["cheapest"] if candidate is cheapest else []
        if candidate in good and not any(_beats(other, candidate) for other in good):
            marks.append("front")
        if with_a_reserve and candidate.trial.scenario:
            price = _reserve(candidate)
            marks.append(f"reserved at {price:.2f}" if price else "on demand")
        options.append(candidate._replace(marks=tuple(marks)))
    options.sort(key=lambda option: (bool(option.objections), option.cost))
    breaks = broken_budgets(every_budget, cheapest.trial.known) if cheapest else ()
    compared = Options(scenario, of_groups, options, cheapest, budgets=budgets, breaks=breaks)
    if of_groups or cheapest is None:
        return compared

    untimed = [rival for rival in contenders if {*rival.against} == {NOT_CALIBRATED} and rival.cost < cheapest.cost]
    next_best = min((rival for rival in good if rival is not cheapest), key=lambda rival: rival.cost, default=None)
    rare = [rival for rival in contenders if rival.objections and rival.objections == rival.few_sellers]
    ties = [
        tie
        for rival in rare
        if (tie := _tie(rival, cheapest)) and tie["gpu_price"] > min(tie["asked"], default=math.inf)
    ]
    highest = max(ties, key=lambda tie: tie["gpu_price"] / min(tie["asked"]), default=None)
    next_bill = (next_best and next_best.figures[_GPU_BILL]) or math.inf
    return compared._replace(
        close=next_best if next_bill < published().between_gpus * (cheapest.figures[_GPU_BILL] or 0.0) else None,
        crossing=next_best and _tie(cheapest, next_best),
        few_sellers=highest,
        untimed=min(untimed, key=lambda rival: rival.cost, default=None),
    )


_BILL, _GPU_BILL = "cost_per_month", "gpu_cost_per_month"


def _tie(candidate: Candidate, other: Candidate) -> TieData | None:
    """Return the GPU price at which a candidate costs as much as another.

    There is none where the candidate's bill is not of its GPU price alone.
    """
    hours, rest = _hours_and_rest(candidate)
    bill = other.cost[0]
    if not hours or bill <= rest:
        return None

    prices, other_prices = candidate.sellers, other.sellers
    other_hours, other_rest = _hours_and_rest(other)
    lost_at = [
        seller
        for seller in (prices if other_hours else ())
        if seller in other_prices and hours * prices[seller] + rest > other_hours * other_prices[seller] + other_rest
    ]
    return {
        "gpu": candidate.gpu,
        "gpu_price": (bill - rest) / hours,
        "other": other.gpu,
        "cost_per_month": bill,
        "asked": list(prices.values()),
        "lost_at": lost_at,
    }


def _hours_and_rest(candidate: Candidate) -> tuple[float, float]:
    """Return the GPU-hours that a month bills at the GPU's price, and the rest of the bill.

    There are no such hours where a reserve, spot GPUs or a pin carry a part of the bill.
    """
    scenario = candidate.trial.scenario
    assert scenario is not None
    values = scenario.values()
    price = values["gpu_price"]

    usual, doubled = (
        evaluated(scenario, {**values, "gpu_price": price * factor}, (_BILL, _GPU_BILL)) for factor in (1, 2)
    )
    alone = price > 0 and math.isclose(doubled[_BILL] - usual[_BILL], usual[_GPU_BILL], rel_tol=1e-6)
    return (usual[_GPU_BILL] / price if alone else 0.0), usual[_BILL] - usual[_GPU_BILL]


def _best_of(scenario: Scenario, gpus: Iterable[str], sizes: Iterable[int], budgets: Sequence[Condition]) -> Candidate:
    """Return the best candidate of some GPUs and group sizes, or the one nearest to serving, as its estimate has it.

    In a search it has only the figures that put candidates in order, and its scenario lacks its group.
    """
    candidate = best_or_nearest(candidates(scenario, gpus, sizes, budgets=budgets))
    searched = candidate.verdict
    if searched is None:
        return candidate
    whole = with_flags(scenario, candidate.trial.change.sets)
    candidate = candidate._replace(trial=candidate.trial._replace(scenario=whole))
    try:
        plan = estimate(whole)
    except Mistakes:
        return candidate._replace(figures=shown_figures(evaluated(whole, whole.values(), SHOWN)))
    if not broken(plan.known):
        plan.verdict.target = searched.target  # the same plan's, and it takes longest
    return candidate._replace(
        figures=shown_figures(plan.known),
        verdict=plan.verdict,
        warnings=plan.brief_warnings,
        bands=error_bands(plan.uncertain, plan.known),
    )


def _with_few_sellers(candidate: Candidate) -> Candidate:
    """Return the best way to serve with a GPU, with the objection that too few sell this GPU."""
    verdict = candidate.verdict
    return candidate._replace(few_sellers=few_sellers(verdict.scenario, verdict.known)) if verdict else candidate


def _reserve(candidate: Candidate) -> float:
    """Return the reserved price of a candidate's GPU; 0 without one."""
    return candidate.trial.scenario.values()["reserved_price"] if candidate.trial.scenario else 0.0


def _beats(other: Candidate, candidate: Candidate) -> bool:
    """Return whether another is no dearer and no slower, and better in one of the two."""
    mine, theirs = [(rival.cost[0], rival.figures["latency_p95"] or math.inf) for rival in (candidate, other)]
    return theirs != mine and theirs[0] <= mine[0] and theirs[1] <= mine[1]
