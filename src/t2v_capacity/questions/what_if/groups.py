"""How many GPUs should make one clip together: the same plan at each group size, what fits and what it costs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.candidates import SIZES, Candidate, candidates
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.uncertain import Band, error_bands
from t2v_capacity.plan.verdict import AT_RISK, LATENCY, LIMIT, MEMORY, PRECISION, promised
from t2v_capacity.plan.warning_counts import together
from t2v_capacity.scenario.settings import PlanWarning, Scenario


@dataclass(frozen=True, slots=True)
class Option:
    """A candidate with its marks, and of the estimate with its flags the warnings and the bands over the model's error."""

    candidate: Candidate
    marks: tuple[str, ...] = ()
    warnings: tuple[PlanWarning, ...] = ()
    bands: Mapping[str, Band] = field(default_factory=dict)

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


@dataclass(frozen=True, slots=True)
class Options:
    """Candidates of a scenario with their marks, and the best of all candidates; none if nothing can serve."""

    scenario: Scenario
    options: list[Option]
    best: Candidate | None = None

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings of the options, one per code."""
        cells = [(one.candidate, one.warnings) for one in self.options]
        return together([(f"{one.gpu}, {show(one.gpus_per_replica, 'gpu')} per replica", warnings) for one, warnings in cells])

    @property
    def target(self) -> str:
        """The latency that was promised, as it was written."""
        return promised(self.scenario, self.scenario.values()["target_latency"])


def groups(scenario: Scenario, sizes: Iterable[int] = SIZES) -> Options:
    """Return the plan at each group size in its faster layout, as the scenario divides weights or not; the smallest that fits is marked.

    Where a target latency was set, the smallest group that fits and surely meets it is marked too; and so is a group that is no faster
    than fewer GPUs, as over PCIe; such a group is never useful.
    """
    found = [min(candidates(scenario, sizes=[size], runtimes=False, layouts=True), key=_seconds) for size in sizes]
    fitting = [one for one in found if Option(one).fits]
    meeting = [one for one in fitting if not {LATENCY, AT_RISK} & {against.code for against in one.objections}]
    marks: dict[int, list[str]] = {}
    if fitting:
        marks.setdefault(fitting[0].gpus_per_replica, []).append("smallest that fits")
    if meeting and scenario.promises:
        marks.setdefault(meeting[0].gpus_per_replica, []).append("smallest that meets the latency")
    for place, one in enumerate(found):
        if any(_seconds(other) <= _seconds(one) < math.inf for other in found[:place]):
            marks.setdefault(one.gpus_per_replica, []).append("no faster than fewer GPUs")
    return Options(scenario, [marked(one, tuple(marks.get(one.gpus_per_replica, ()))) for one in found])


def _seconds(one: Candidate) -> float:
    """Return the seconds of a clip, by which layouts of a group are compared; beyond all where it has none."""
    latency = one.figures["generation_latency"]
    return math.inf if latency is None else latency


def marked(one: Candidate, marks: tuple[str, ...]) -> Option:
    """Return a candidate with its marks, warnings and bands; without the latter two where the estimate is refused."""
    if one.trial.scenario is None or not one.trial.figures:
        return Option(one, marks)
    try:
        plan = estimate(one.trial.scenario)
    except Mistakes:
        return Option(one, marks)
    return Option(one, marks, plan.warnings, error_bands(plan.uncertain, plan.known))
