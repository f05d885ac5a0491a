"""Which GPU should serve this, and how many of it should make one clip together."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.candidates import Candidate, best, best_or_nearest, candidates, shown, sizes_of
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.tree import evaluated
from t2v_capacity.plan.uncertain import Band, error_bands
from t2v_capacity.plan.verdict import LIMIT, MEMORY, PRECISION, few_sellers, promised
from t2v_capacity.plan.warning_counts import together
from t2v_capacity.scenario.settings import PlanWarning, Scenario


class Option(NamedTuple):
    """A candidate with its marks, and the warnings and model-error bands of the estimate with its flags."""

    candidate: Candidate
    marks: tuple[str, ...] = ()
    warnings: tuple[PlanWarning, ...] = ()
    bands: Mapping[str, Band] = {}

    @property
    def figures(self) -> Mapping[str, float | None]:
        """Its results."""
        return self.candidate.figures

    @property
    def against(self) -> Mapping[str, str]:
        """The objections to it, by their codes."""
        return {one.code: one.message for one in self.candidate.objections}

    @property
    def fits(self) -> bool:
        """Whether its memory suffices, and its group is within the limit of GPUs."""
        return not {MEMORY, LIMIT, PRECISION} & {*self.against}


class Tie(NamedTuple):
    """The price of a GPU-hour at which a GPU costs as much as another, whose price stays.

    `asked` are the prices that sellers ask for it, and `lost_at` the sellers of both at whose prices the other costs
    less.
    """

    of: Candidate
    other: Candidate
    price: float
    asked: tuple[float, ...]
    lost_at: tuple[str, ...] = ()


class Options(NamedTuple):
    """The best candidates with their marks, and the best of all, if any can serve.

    The candidates are GPUs, or group sizes of one GPU.
    """

    scenario: Scenario
    of_groups: bool
    """Whether the options are group sizes"""
    options: list[Option]
    best: Candidate | None
    crossing: "Tie | None" = None
    """Where the next best GPU becomes as cheap as the best"""
    few_sellers: "Tie | None" = None
    """Up to where a GPU that few sell would be the cheapest"""

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings of the options, one per code."""
        cells = [(one.candidate, one.warnings) for one in self.options]
        return together(
            [(f"{one.gpu}, {show(one.gpus_per_replica, 'gpu')} per replica", warnings) for one, warnings in cells]
        )

    @property
    def target(self) -> str:
        """The latency that was promised, as it was written."""
        return promised(self.scenario, self.scenario.values()["target_latency"])


def compare(scenario: Scenario, gpus: Collection[str], sizes: Collection[int] | None = None) -> Options:
    """Return each GPU with the best of its group sizes and runtimes.

    The best is the cheapest without an objection, else the nearest to that. Of one GPU return each group size with the
    best of its layouts, at the plan's own runtime.

    The cheapest of all is marked, and the front: the options that no other beats in both cost and latency. An option
    with an objection is never the cheapest, for example without evidence, without a dated price of its own, or with a
    target at risk.
    """
    sizes = sizes_of(scenario) if sizes is None else sizes
    of_groups = len(gpus) == 1
    if of_groups:
        found = [shown(best_or_nearest(candidates(scenario, gpus, [size], layouts=True))) for size in sizes]
    else:
        found = [_among_gpus(shown(best_or_nearest(candidates(scenario, [gpu], sizes)))) for gpu in gpus]
    good = [one for one in found if not one.objections]
    cheapest = best(good)
    options = []
    for one in found:
        marks = ["cheapest"] if one is cheapest else []
        if one in good and not any(_beats(other, one) for other in good):
            marks.append("front")
        options.append(_marked(one, (*marks, *_terms(one, found))))
    options.sort(key=lambda option: (bool(option.candidate.objections), option.candidate.cost))
    if of_groups or cheapest is None:
        return Options(scenario, of_groups, options, cheapest)
    rivals = sorted((one for one in good if one is not cheapest), key=lambda one: one.cost)
    crossing = _tie(cheapest, rivals[0]) if rivals else None
    few = [one for one in found if one.objections and one.objections == one.few_sellers]
    ties = [tie for one in few if (tie := _tie(one, cheapest)) and tie.price > min(tie.asked, default=math.inf)]
    highest = max(ties, key=lambda tie: tie.price / min(tie.asked), default=None)
    return Options(scenario, of_groups, options, cheapest, crossing, highest)


_BILL, _GPU_BILL = "cost_per_month", "gpu_cost_per_month"


def _tie(one: Candidate, other: Candidate) -> Tie | None:
    """Return the price at which one costs as much as another; none where its bill is not of its GPU price alone."""
    hours, rest = _billed(one)
    bill = other.cost[0]
    if not hours or bill <= rest:
        return None
    of_one, of_other = _sellers(one), _sellers(other)
    other_hours, other_rest = _billed(other)
    lost_at = [
        seller
        for seller in (of_one if other_hours else ())
        if seller in of_other and hours * of_one[seller] + rest > other_hours * of_other[seller] + other_rest
    ]
    return Tie(one, other, (bill - rest) / hours, tuple(of_one.values()), tuple(lost_at))


def _billed(one: Candidate) -> tuple[float, float]:
    """Return the GPU-hours that a month bills at the GPU's price, and the rest of the bill.

    There are no such hours where a reserve, spot GPUs or a pin carry a part of the bill.
    """
    scenario = one.trial.scenario
    assert scenario is not None
    values, (price, twice) = scenario.values(), (scenario.values()["gpu_price"] * factor for factor in (1, 2))
    found, doubled = (evaluated(scenario, {**values, "gpu_price": at}, (_BILL, _GPU_BILL)) for at in (price, twice))
    alone = price > 0 and math.isclose(doubled[_BILL] - found[_BILL], found[_GPU_BILL], rel_tol=1e-6)
    return (found[_GPU_BILL] / price if alone else 0.0), found[_BILL] - found[_GPU_BILL]


def _sellers(one: Candidate) -> Mapping[str, float]:
    """Return what sellers ask for a candidate's GPU; none unless it is at the list's price."""
    scenario = one.trial.scenario
    assert scenario is not None
    return scenario.catalogue.sellers(one.gpu) if scenario.at_list_price else {}


def _among_gpus(one: Candidate) -> Candidate:
    """Return the best way to serve with a GPU with what speaks against this GPU: that too few sell it."""
    return one._replace(few_sellers=few_sellers(one.trial.scenario)) if one.trial.scenario else one


def _terms(one: Candidate, found: Sequence[Candidate]) -> Iterator[str]:
    """Yield the term at which a GPU is billed, where some GPU has a reserve: a reserve is of one GPU."""
    if any(_reserve(other) for other in found) and one.trial.scenario:
        yield f"reserved at {_reserve(one):.2f}" if _reserve(one) else "on demand"


def _reserve(one: Candidate) -> float:
    """Return the reserved price of a candidate's GPU; 0 without one."""
    return one.trial.scenario.values()["reserved_price"] if one.trial.scenario else 0.0


def _beats(other: Candidate, one: Candidate) -> bool:
    """Return whether another is no dearer and no slower, and better in one of the two."""
    mine, theirs = [(o.cost[0], o.figures["latency_p95"] or float("inf")) for o in (one, other)]
    return theirs != mine and theirs[0] <= mine[0] and theirs[1] <= mine[1]


def _marked(one: Candidate, marks: tuple[str, ...]) -> Option:
    """Return a candidate with its marks, warnings and bands; without the latter two where the estimate is refused."""
    if one.trial.scenario is None or not one.trial.figures:
        return Option(one, marks)
    try:
        plan = estimate(one.trial.scenario)
    except Mistakes:
        return Option(one, marks)
    return Option(one, marks, plan.brief_warnings, error_bands(plan.uncertain, plan.known))
