"""How many GPUs should make one clip together: the same plan at each group size, what fits and what it costs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from t2v_capacity.engine.figures import evaluate
from t2v_capacity.questions.plan.estimate import estimate
from t2v_capacity.questions.plan.evidence import EVIDENCE_BY, EXTRAPOLATED, evidence
from t2v_capacity.questions.plan.mends import quicker_mends
from t2v_capacity.questions.plan.serving import (
    FITS_BY,
    LATE_BY,
    LATENCY,
    LIMIT,
    LIMITED_BY,
    MEMORY,
    PRECISION,
    against,
    below_limit,
    limit_refused,
    promised,
)
from t2v_capacity.questions.plan.tally import together
from t2v_capacity.scenario.load import laid
from t2v_capacity.scenario.settings import PlanWarning, Scenario
from t2v_capacity.vocabulary.names import finite
from t2v_capacity.vocabulary.quantities import show

SIZES = (1, 2, 4, 8)
SHOWN = (
    "gpu_seconds_per_video generation_latency latency_p95 memory_needed memory_usable gpus cost_per_month cost_per_video energy_per_video "
    "gpu_cost_on_demand gpu_cost_following gpu_cost_reserved"
).split()


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
        """Whether its memory suffices, and its group is within the limit of GPUs."""
        return MEMORY not in self.against and LIMIT not in self.against


def groups(scenario: Scenario, sizes: Iterable[int] = SIZES) -> list[Option]:
    """Return the plan at each group size, as the scenario divides weights or not; the smallest that fits is marked.

    Where a target latency was set, the smallest group that fits and meets it is marked too.
    """
    options = [option_of(scenario, size) for size in sizes]
    fitting = [option for option in options if option.fits]
    meeting = [option for option in fitting if LATENCY not in option.against]
    marks: dict[int, list[str]] = {}
    if fitting:
        marks.setdefault(fitting[0].gpus_per_replica, []).append("smallest that fits")
    if meeting and scenario.settings["target_latency"].origin.kind != "default":
        marks.setdefault(meeting[0].gpus_per_replica, []).append("smallest that meets the latency")
    return [planned(scenario, option, tuple(marks.get(option.gpus_per_replica, ()))) for option in options]


def quicker(scenario: Scenario, options: Iterable[Option]) -> str:
    """Return, in words, with which kernel and runtime the smallest group that fits would meet the latency that was asked for.

    Nothing where it meets it, where none was asked for, or where no group fits.
    """
    smallest = next((option for option in options if option.fits), None)
    if smallest is None or LATENCY not in smallest.against or not scenario.settings["target_latency"].origin.by_hand:
        return ""
    values = {**scenario.values(), "gpus_per_replica": float(smallest.gpus_per_replica)}
    group, target = show(smallest.gpus_per_replica, "gpu"), promised(scenario, values["target_latency"])
    mend = next(quicker_mends(scenario, values), None)
    if mend is None:
        return f"no kernel and runtime lets {group} a replica meet {target}"
    return f"{group} a replica would meet {target} with `{mend.written}` ({show(mend.found, 'second')})"


def planned(scenario: Scenario, option: Option, marks: tuple[str, ...]) -> Option:
    """Return an option with its marks, and the warnings of the estimate with its flags."""
    if not {PRECISION, LIMIT}.isdisjoint(option.against):
        return option
    sets = [f"gpu={option.gpu}", *(["sharding=weights"] if option.sharded else [])]
    there = laid(scenario, sets, {"gpus_per_replica": float(option.gpus_per_replica)})
    return replace(option, marks=marks, warnings=estimate(there).warnings)


def told(options: Iterable[Option]) -> tuple[PlanWarning, ...]:
    """Return the warnings of options, one a code."""
    return together([(f"{option.gpu}, {show(option.gpus_per_replica, 'gpu')} a replica", option.warnings) for option in options])


def option_of(scenario: Scenario, size: int, *, sharded: bool | None = None) -> Option:
    """Return a group size of a scenario, judged; weights are divided as it says, or as `sharded` does."""
    values = {**scenario.values(), "gpus_per_replica": float(size)}
    if sharded is not None:
        values["weights_sharded"] = float(sharded or bool(values["weights_sharded"]))
    found = evaluate(values, (*SHOWN, *FITS_BY, *LATE_BY, *LIMITED_BY, *EVIDENCE_BY))
    if below_limit(values | found):
        gpu, divided = scenario.choices["gpu"].value, bool(values["weights_sharded"])
        return Option(gpu, size, divided, dict.fromkeys(SHOWN), {LIMIT: limit_refused(values | found)}, EXTRAPOLATED)
    rests_on = evidence(scenario, values | found)
    figures = {name: finite(found[name]) for name in SHOWN}
    return Option(
        scenario.choices["gpu"].value,
        size,
        bool(values["weights_sharded"]),
        figures,
        dict(against(scenario, values | found, rests_on)),
        rests_on,
    )


def cost_of(option: Option) -> tuple[float, float]:
    """Return what an option costs a month and its GPUs, by which options are put in order; without a price, more than any other."""
    cost = option.figures["cost_per_month"]
    return (math.inf if cost is None else cost), option.figures["gpus"] or 0
