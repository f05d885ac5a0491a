"""Which GPU should serve this: the same plan on each, with the best of its group sizes."""

from collections.abc import Iterable

from t2v_capacity.errors import Mistakes
from t2v_capacity.questions.plan.evidence import EXTRAPOLATED
from t2v_capacity.questions.plan.serving import LATENCY, PRECISION
from t2v_capacity.questions.what_if.groups import SHOWN, SIZES, Option, cost_of, option_of, planned
from t2v_capacity.scenario.load import laid
from t2v_capacity.scenario.settings import Scenario


def compare(scenario: Scenario, gpus: Iterable[str]) -> list[Option]:
    """Return each GPU with the best of its group sizes: the cheapest that nothing speaks against, else the nearest to it.

    The cheapest of all is marked, and the front: those that no other beats in both cost and latency. A GPU without evidence
    or without a dated price of its own is never marked.
    """
    best = [_best(scenario, gpu) for gpu in gpus]
    good = [option for option in best if not option.against]
    cheapest = min(good, key=cost_of, default=None)
    marked = []
    for option in best:
        marks = ["cheapest"] if option is cheapest else []
        if option in good and not any(_beats(other, option) for other in good):
            marks.append("front")
        marked.append(planned(scenario, option, tuple(marks)))
    return sorted(marked, key=lambda option: (bool(option.against), cost_of(option)))


def _best(scenario: Scenario, gpu: str) -> Option:
    try:
        there = laid(scenario, [f"gpu={gpu}"])
    except Mistakes as error:
        return Option(
            gpu, 1, sharded=False, figures=dict.fromkeys(SHOWN), against={PRECISION: error.mistakes[0].message}, evidence=EXTRAPOLATED
        )
    options = [option_of(there, size, sharded=sharded) for size in SIZES for sharded in ((False,) if size == 1 else (False, True))]
    return min(
        options, key=lambda option: (not option.fits, LATENCY in option.against, cost_of(option), option.gpus_per_replica, option.sharded)
    )


def _beats(other: Option, option: Option) -> bool:
    """Return whether another is no dearer and no slower, and better in one of the two."""
    mine, theirs = [(cost_of(o)[0], o.figures["latency_p95"] or float("inf")) for o in (option, other)]
    return theirs != mine and theirs[0] <= mine[0] and theirs[1] <= mine[1]
