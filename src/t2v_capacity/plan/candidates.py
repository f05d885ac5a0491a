"""The one search over GPUs, group sizes and runtimes: for comparisons, for `solve`, and for what an estimate offers."""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.evidence import EXTRAPOLATED
from t2v_capacity.plan.tree import evaluated
from t2v_capacity.plan.trials import ADVISED, FlagChange, Trial, change, trials
from t2v_capacity.plan.verdict import LATENCY, LIMIT, PRECISION, Objection, Verdict
from t2v_capacity.scenario.settings import Scenario

SIZES = (1, 2, 4, 8)


class ShownData(TypedDict):
    """The figures shown for a candidate."""

    gpu_seconds_per_video: float | None
    generation_latency: float | None
    latency_p95: float | None
    memory_needed: float | None
    memory_usable: float | None
    gpus: float | None
    cost_per_month: float | None
    cost_per_video: float | None
    energy_per_video: float | None
    gpu_cost_on_demand: float | None
    gpu_cost_following: float | None
    gpu_cost_reserved: float | None


SHOWN = tuple(ShownData.__annotations__)


class Candidate(NamedTuple):
    """One way to serve: the change that gives it, its figures, and the verdict on it.

    There is no verdict where the change is refused.
    """

    trial: Trial
    gpu: str
    gpus_per_replica: int
    sharded: bool
    guidance_groups: int
    runtime: str
    kernel: str
    figures: Mapping[str, float | None]
    verdict: Verdict | None
    few_sellers: tuple[Objection, ...] = ()
    """The objection that too few sell it, once it stands among other GPUs"""

    @property
    def sellers(self) -> Mapping[str, float]:
        """What sellers ask for its GPU; none unless it is at the list's price."""
        scenario = self.trial.scenario
        return scenario.catalogue.sellers(self.gpu) if scenario and scenario.at_list_price else {}

    @property
    def holds(self) -> bool:
        """Whether nothing objects to it."""
        return self.verdict is not None and not self.few_sellers and self.verdict.holds

    @property
    def layout(self) -> str:
        """The division of a clip among the GPUs of a group; none for a GPU alone.

        A group divides the passes of guidance, the matrices of a layer, or the tokens of a sequence.
        """
        if self.trial.scenario is None:
            return ""
        split = evaluate(self.trial.scenario.values(), ("guidance_split", "tensor_split", "sequence_split"))
        named = zip(("guidance", "tensors", "sequence"), split.values(), strict=True)
        return " x ".join(f"{what} {digits(gpus)}" for what, gpus in named if gpus > 1)

    @property
    def objections(self) -> tuple[Objection, ...]:
        """The objections to it, the worst first."""
        if self.verdict:
            return (*self.verdict.objections, *self.few_sellers)
        return (Objection(PRECISION if self.trial.scenario is None else LIMIT, self.trial.refused),)

    @property
    def evidence(self) -> str:
        """What its seconds rest on."""
        return self.verdict.evidence.kind if self.verdict else EXTRAPOLATED

    @property
    def cost(self) -> tuple[float, float]:
        """The bill and the GPUs, by which candidates are put in order; without a price, more than any other."""
        cost = self.figures["cost_per_month"]
        return (math.inf if cost is None else cost), self.figures["gpus"] or 0


def best(candidates: Iterable[Candidate]) -> Candidate | None:
    """Return the cheapest candidate to which nothing objects; none where each has an objection."""
    return next((candidate for candidate in sorted(candidates, key=_order) if candidate.holds), None)


def best_or_nearest(candidates: Iterable[Candidate]) -> Candidate:
    """Return the best of candidates, or the one nearest to serving if each has an objection.

    Nearness is by this order: able, in time, cheap.
    """
    ranked = sorted(candidates, key=_order)
    return best(ranked) or ranked[0]


def shown(candidate: Candidate) -> Candidate:
    """Return a candidate with all figures that are shown of it.

    In a search it has only those that put candidates in order.
    """
    if candidate.verdict is None or candidate.trial.scenario is None:
        return candidate
    figures = evaluated(candidate.trial.scenario, candidate.trial.scenario.values(), tuple(SHOWN))
    return candidate._replace(figures={name: finite(figures[name]) for name in SHOWN})


def _order(candidate: Candidate) -> tuple[bool, bool, tuple[float, float], int, bool, float]:
    objections = candidate.verdict.service_objections if candidate.verdict else ()
    able = bool(candidate.verdict and candidate.verdict.able)
    late = any(objection.code == LATENCY for objection in objections)
    latency = candidate.figures["latency_p95"]
    seconds = math.inf if latency is None else latency
    return not able, late, candidate.cost, candidate.gpus_per_replica, candidate.sharded, seconds


def candidates(
    scenario: Scenario, gpus: Iterable[str], sizes: Iterable[int], *, layouts: bool = False
) -> Iterator[Candidate]:
    """Yield the candidates of `candidate_changes`, each the estimate with those flags."""
    for trial in trials(scenario, candidate_changes(scenario, gpus, sizes, layouts=layouts)):
        yield candidate(trial, scenario)


def sizes_of(scenario: Scenario) -> tuple[int, ...]:
    """Return the group sizes that are tried: the usual ones, and the plan's own."""
    return tuple(sorted({*SIZES, int(scenario.values()["gpus_per_replica"])}))


def candidate_changes(
    scenario: Scenario, gpus: Iterable[str] = ("",), sizes: Iterable[int] = (0,), *, layouts: bool = False
) -> Iterator[FlagChange]:
    """Yield every GPU with every group size and runtime, the plan's own runtime first.

    What is left out stays as the scenario has it. Groups share a clip, and may divide the weights. A runtime brings its
    kernel; a written kernel stays. With `layouts` the runtime stays. A group then also runs the passes of guidance
    side by side, unless the plan says how many.
    """
    own = scenario.choices["runtime"]
    others = list[str]()
    if not layouts and not own.origin.by_hand:
        others = [name for name in scenario.catalogue.names("runtimes") if name != own.value]
    guided = (
        layouts and not scenario.settings["guidance_groups"].origin.by_hand and scenario.values()["passes_per_step"] > 1
    )

    for gpu, size in product(gpus, sizes):
        for sharding in ("", "weights") if size > 1 else ("",):
            for runtime, layout in product(("", *others), ("", "2") if guided and size % 2 == 0 else ("",)):
                settings = {
                    "gpu": gpu,
                    "gpus_per_replica": str(size or ""),
                    "guidance_groups": layout,
                    "sharding": sharding,
                    "runtime": runtime,
                }
                yield change(**{name: text for name, text in settings.items() if text})


def candidate(trial: Trial, scenario: Scenario) -> Candidate:
    """Return a trial as a candidate, judged; a refused one says why."""
    settings = dict(trial.change.settings)
    if trial.scenario is None or not trial.figures:
        gpu, size = settings.get("gpu", scenario.choices["gpu"].value), int(settings.get("gpus_per_replica", 0) or 1)
        runtime = settings.get("runtime", scenario.choices["runtime"].value)
        return Candidate(trial, gpu, size, False, 1, runtime, "", dict.fromkeys(SHOWN), None)  # noqa: FBT003

    changed, values = trial.scenario, trial.scenario.values()
    return Candidate(
        trial,
        changed.choices["gpu"].value,
        int(values["gpus_per_replica"]),
        bool(values["weights_sharded"]),
        int(values["guidance_groups"]),
        changed.choices["runtime"].value,
        changed.choices["attention_kernel"].value,
        {name: finite(trial.figures[name]) for name in ADVISED},
        trial.verdict,
    )
