"""Which GPU should serve this: each with the best of its group sizes and runtimes, and the best of all."""

from collections.abc import Iterable

from t2v_capacity.plan.candidates import Candidate, best, best_or_nearest, candidates, sizes_of
from t2v_capacity.questions.what_if.groups import Options, marked
from t2v_capacity.scenario.settings import Scenario


def compare(scenario: Scenario, gpus: Iterable[str]) -> Options:
    """Return each GPU with the best of its group sizes and runtimes: the cheapest without an objection, else the nearest to that.

    The cheapest of all is marked, and the front: those that no other beats in both cost and latency. A GPU with an objection, such as no
    evidence, no dated price of its own, or a target at risk, is never the cheapest.
    """
    found = [best_or_nearest(candidates(scenario, [gpu], sizes_of(scenario))) for gpu in gpus]
    good = [one for one in found if not one.objections]
    cheapest = best(good)
    options = []
    for one in found:
        marks = ["cheapest"] if one is cheapest else []
        if one in good and not any(_beats(other, one) for other in good):
            marks.append("front")
        options.append(marked(one, tuple(marks)))
    return Options(scenario, sorted(options, key=lambda option: (bool(option.candidate.objections), option.candidate.cost)), cheapest)


def _beats(other: Candidate, one: Candidate) -> bool:
    """Return whether another is no dearer and no slower, and better in one of the two."""
    mine, theirs = [(o.cost[0], o.figures["latency_p95"] or float("inf")) for o in (one, other)]
    return theirs != mine and theirs[0] <= mine[0] and theirs[1] <= mine[1]
