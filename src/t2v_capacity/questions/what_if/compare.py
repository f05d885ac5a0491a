"""Which GPU should serve this: each with the best of its group sizes and runtimes, and the best of all."""

from collections.abc import Iterable

from t2v_capacity.plan.candidates import Candidate, candidates, sizes_of
from t2v_capacity.plan.feasibility import LATENCY
from t2v_capacity.questions.what_if.groups import Options, marked
from t2v_capacity.scenario.settings import Scenario


def compare(scenario: Scenario, gpus: Iterable[str]) -> Options:
    """Return each GPU with the best of its group sizes and runtimes: the cheapest that surely keeps the promise, else the nearest to it.

    The cheapest of all is marked, and the front: those that no other beats in both cost and latency. A GPU without evidence,
    without a dated price of its own, or that keeps the promise with too small a chance is never the cheapest.
    """
    best = [_best(sorted(candidates(scenario, [gpu], sizes_of(scenario)), key=_rank)) for gpu in gpus]
    good = [one for one in best if not one.against and one.sure]
    cheapest = min(good, key=lambda one: one.cost, default=None)
    options = []
    for one in best:
        marks = ["cheapest"] if one is cheapest else []
        if one in good and not any(_beats(other, one) for other in good):
            marks.append("front")
        options.append(marked(one, tuple(marks)))
    return Options(scenario, sorted(options, key=lambda option: (bool(option.against), option.candidate.cost)), cheapest)


def _best(found: list[Candidate]) -> Candidate:
    """Return the first candidate that surely keeps the promise, of those that keep it at the point; else the first."""
    keeping = (one for one in found if one.able and LATENCY not in one.against)
    return next((one for one in keeping if one.sure), found[0])


def _rank(one: Candidate) -> tuple[bool, bool, tuple[float, float], int, bool]:
    return not one.able, LATENCY in one.against, one.cost, one.gpus_per_replica, one.sharded


def _beats(other: Candidate, one: Candidate) -> bool:
    """Return whether another is no dearer and no slower, and better in one of the two."""
    mine, theirs = [(o.cost[0], o.figures["latency_p95"] or float("inf")) for o in (one, other)]
    return theirs != mine and theirs[0] <= mine[0] and theirs[1] <= mine[1]
