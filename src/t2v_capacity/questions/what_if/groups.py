"""Which group size, and which GPU: the same plan on each, what fits and what it costs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from t2v_capacity.catalogue import NO_PRICE as PRICE_UNKNOWN
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.errors import UserError
from t2v_capacity.questions.plan.estimate import estimate
from t2v_capacity.questions.plan.evidence import EXTRAPOLATED, evidence
from t2v_capacity.questions.plan.tally import together
from t2v_capacity.scenario.load import laid
from t2v_capacity.scenario.settings import PlanWarning, Scenario
from t2v_capacity.vocabulary.quantities import show

SIZES = (1, 2, 4, 8)
SHOWN = (
    "gpu_seconds_per_video generation_latency latency_p95 memory_needed memory_usable gpus cost_per_month cost_per_video energy_per_video"
).split()
# Why a GPU or a group is not to be chosen.
MEMORY, LATENCY, PRECISION, NO_PRICE, NO_EVIDENCE = "memory", "latency", "precision", "no price", "no evidence"


@dataclass(frozen=True, slots=True)
class Option:
    """One way to serve: a GPU, a group size, whether the group divides the weights; what it gives, and what speaks against it."""

    gpu: str
    gpus_per_replica: int
    sharded: bool
    figures: Mapping[str, float | None]
    against: Mapping[str, str]
    evidence: str
    marks: tuple[str, ...] = ()
    warnings: tuple[PlanWarning, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether its memory suffices."""
        return MEMORY not in self.against


def groups(scenario: Scenario, sizes: Iterable[int] = SIZES) -> list[Option]:
    """Return the plan at each group size, as the scenario divides weights or not; the smallest that fits is marked.

    Where a target latency was set, the smallest group that fits and meets it is marked too.
    """
    rests_on = evidence(scenario)
    options = [_option(scenario, size, rests_on) for size in sizes]
    fitting = [option for option in options if option.fits]
    meeting = [option for option in fitting if LATENCY not in option.against]
    marks: dict[int, list[str]] = {}
    if fitting:
        marks.setdefault(fitting[0].gpus_per_replica, []).append("smallest that fits")
    if meeting and scenario.settings["target_latency"].origin.kind != "default":
        marks.setdefault(meeting[0].gpus_per_replica, []).append("smallest that meets the latency")
    return [_planned(scenario, option, tuple(marks.get(option.gpus_per_replica, ()))) for option in options]


def compare(scenario: Scenario, gpus: Iterable[str]) -> list[Option]:
    """Return each GPU with the best of its group sizes: the cheapest that nothing speaks against, else the nearest to it.

    The cheapest of all is marked, and the front: those that no other beats in both cost and latency. A GPU without evidence
    or without a dated price of its own is never marked.
    """
    best = [_best(scenario, gpu) for gpu in gpus]
    good = [option for option in best if not option.against]
    cheapest = min(good, key=_cost, default=None)
    marked = []
    for option in best:
        marks = ["cheapest"] if option is cheapest else []
        if option in good and not any(_beats(other, option) for other in good):
            marks.append("front")
        marked.append(_planned(scenario, option, tuple(marks)))
    return sorted(marked, key=lambda option: (bool(option.against), _cost(option)))


def _best(scenario: Scenario, gpu: str) -> Option:
    try:
        there = laid(scenario, [f"gpu={gpu}"])
    except UserError as error:
        return Option(
            gpu, 1, sharded=False, figures=dict.fromkeys(SHOWN), against={PRECISION: error.mistakes[0].message}, evidence=EXTRAPOLATED
        )
    rests_on = evidence(there)
    options = [_option(there, size, rests_on, sharded=sharded) for size in SIZES for sharded in ((False,) if size == 1 else (False, True))]
    return min(
        options, key=lambda option: (not option.fits, LATENCY in option.against, _cost(option), option.gpus_per_replica, option.sharded)
    )


def _planned(scenario: Scenario, option: Option, marks: tuple[str, ...]) -> Option:
    """Return an option with its marks, and the warnings of the estimate with its flags."""
    if PRECISION in option.against:
        return option
    sets = [f"gpu={option.gpu}", *(["sharding=weights"] if option.sharded else [])]
    there = laid(scenario, sets, {"gpus_per_replica": float(option.gpus_per_replica)})
    return replace(option, marks=marks, warnings=estimate(there).warnings)


def told(options: Iterable[Option]) -> tuple[PlanWarning, ...]:
    """Return the warnings of options, one a code."""
    return together([(f"{option.gpu}, {show(option.gpus_per_replica, 'gpu')} a replica", option.warnings) for option in options])


def _option(scenario: Scenario, size: int, rests_on: str, *, sharded: bool | None = None) -> Option:
    values = {**scenario.values(), "gpus_per_replica": float(size)}
    if sharded is not None:
        values["weights_sharded"] = float(sharded or bool(values["weights_sharded"]))
    found = evaluate(values, tuple(SHOWN))
    figures = {name: None if math.isnan(value) else value for name, value in found.items()}
    return Option(
        scenario.choices["gpu"].value,
        size,
        bool(values["weights_sharded"]),
        figures,
        dict(_against(scenario, values, figures, rests_on)),
        rests_on,
    )


def _against(
    scenario: Scenario, values: Mapping[str, float], figures: Mapping[str, float | None], rests_on: str
) -> Iterable[tuple[str, str]]:
    needed, usable, latency = figures["memory_needed"] or 0, figures["memory_usable"] or 0, figures["latency_p95"]
    if needed > usable:
        yield MEMORY, f"needs {show(needed, 'byte')}, has {show(usable, 'byte')}"
    if latency is None or latency > values["target_latency"]:
        found = "overloaded" if latency is None else show(latency, "second")
        yield LATENCY, f"{found}, {show(values['target_latency'], 'second')} asked"
    if scenario.settings["gpu_price"].source == PRICE_UNKNOWN:
        yield NO_PRICE, "the catalogue has none with a date"
    if rests_on == EXTRAPOLATED:
        yield NO_EVIDENCE, "no measured run of its generation"


def _cost(option: Option) -> float:
    return option.figures["cost_per_month"] or float("inf")


def _beats(other: Option, option: Option) -> bool:
    """Return whether another is no dearer and no slower, and better in one of the two."""
    mine, theirs = [(_cost(o), o.figures["latency_p95"] or float("inf")) for o in (option, other)]
    return theirs != mine and theirs[0] <= mine[0] and theirs[1] <= mine[1]
