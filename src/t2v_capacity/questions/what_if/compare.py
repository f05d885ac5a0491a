"""Which GPU should serve this, and how many of it should make one clip together."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.candidates import Candidate, best, best_or_nearest, candidates, shown, sizes_of
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.uncertain import Band, error_bands
from t2v_capacity.plan.verdict import LIMIT, MEMORY, PRECISION, promised
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


class Options(NamedTuple):
    """The best candidates with their marks, and the best of all, if any can serve.

    The candidates are GPUs, or group sizes of one GPU.
    """

    scenario: Scenario
    of_groups: bool
    """Whether the options are group sizes"""
    options: list[Option]
    best: Candidate | None

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
        found = [shown(best_or_nearest(candidates(scenario, [gpu], sizes))) for gpu in gpus]
    good = [one for one in found if not one.objections]
    cheapest = best(good)
    options = []
    for one in found:
        marks = ["cheapest"] if one is cheapest else []
        if one in good and not any(_beats(other, one) for other in good):
            marks.append("front")
        options.append(_marked(one, tuple(marks)))
    options.sort(key=lambda option: (bool(option.candidate.objections), option.candidate.cost))
    return Options(scenario, of_groups, options, cheapest)


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
