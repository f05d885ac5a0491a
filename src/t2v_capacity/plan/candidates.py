"""The one search over GPUs, group sizes and runtimes: for comparisons, for `solve`, and for what an estimate offers."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.evidence import EXTRAPOLATED
from t2v_capacity.plan.tree import evaluated
from t2v_capacity.plan.trials import ADVISED, Trial, at_own_prices, change, trials_over
from t2v_capacity.plan.verdict import LATENCY, LIMIT, PRECISION, Objection, Verdict
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.settings import Scenario, point

SIZES = (1, 2, 4, 8)
SHARDED = "weights"  # the sharding that a search tries


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
    sessions_per_replica: float | None


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


def nearest_to_serving(candidates: Iterable[Candidate], gpu: str) -> Candidate:
    """Return the candidate that lacks least: able, in time, with few objections; of equals this GPU's, or the cheapest.

    A GPU without a run is no reason to leave the plan's own.
    """

    def order(candidate: Candidate) -> tuple[bool, bool, int, bool, tuple[float, float]]:
        able, late, *_rest = _order(candidate)
        return able, late, len(candidate.objections), candidate.gpu != gpu, candidate.cost

    return min(candidates, key=order)


def with_shown_figures(candidate: Candidate, scenario: Scenario) -> Candidate:
    """Return a candidate of a scenario as its estimate has it, with all figures that are shown of it.

    In a search it has only those that put candidates in order, and its scenario lacks its group.
    """
    if candidate.verdict is None:
        return candidate
    whole = with_flags(scenario, candidate.trial.change.sets)
    figures = evaluated(whole, whole.values(), SHOWN)
    return candidate._replace(
        trial=candidate.trial._replace(scenario=whole), figures={name: finite(figures[name]) for name in SHOWN}
    )


def _order(candidate: Candidate) -> tuple[bool, bool, tuple[float, float], int, bool, float]:
    objections = candidate.verdict.service_objections if candidate.verdict else ()
    able = bool(candidate.verdict and candidate.verdict.able)
    late = any(objection.code == LATENCY for objection in objections)
    latency = candidate.figures["latency_p95"]
    seconds = math.inf if latency is None else latency
    return not able, late, candidate.cost, candidate.gpus_per_replica, candidate.sharded, seconds


def sizes_of(scenario: Scenario) -> tuple[int, ...]:
    """Return the group sizes that are tried: the usual ones, and the plan's own."""
    return tuple(sorted({*SIZES, int(scenario.values()["gpus_per_replica"])}))


def runtimes(scenario: Scenario) -> list[str]:
    """Return the runtimes that are tried, the plan's own first; one that is written by hand stays.

    A runtime brings its kernel; a written kernel stays.
    """
    own = scenario.choices["runtime"]
    others = [] if own.origin.by_hand else scenario.catalogue.names("runtimes")
    return list(dict.fromkeys((own.value, *others)))


def candidates(
    scenario: Scenario, gpus: Iterable[str], sizes: Iterable[int], figures: Sequence[str] = ()
) -> Iterator[Candidate]:
    """Yield every GPU with every runtime and group, the plan's own runtime first.

    Each is the estimate with its flags. A GPU and a runtime are applied once, and a group is numbers over them.
    Besides what puts candidates in order they have these figures.
    """
    groups = [*_groups(scenario, sizes)]
    for gpu, runtime in product(gpus, runtimes(scenario)):
        of_runtime = {"runtime": runtime} if runtime != scenario.choices["runtime"].value else {}
        gpu_alone = at_own_prices(scenario, change(gpu=gpu, **of_runtime))
        cells = [
            (at_own_prices(scenario, change(gpu=gpu, **settings, **of_runtime)), numbers)
            for settings, numbers in groups
        ]
        yield from (_candidate(trial, scenario) for trial in trials_over(scenario, gpu_alone, cells, figures))


def _groups(scenario: Scenario, sizes: Iterable[int]) -> Iterator[tuple[dict[str, str], dict[str, float]]]:
    """Yield how GPUs may make a clip together: each as settings, and as the numbers that these are.

    A group shares a clip. It may divide the weights too, and run the two passes of guidance side by side; what is
    written by hand stays.
    """
    supplied = scenario.catalogue.find("shardings", SHARDED).facts
    sharded = {name: point(name, fact.read(name)) for name, fact in supplied.items()}
    divides = not any(scenario.settings[name].origin.by_hand for name in sharded)
    guides = scenario.values()["passes_per_step"] > 1 and not scenario.settings["guidance_groups"].origin.by_hand

    for size in sizes:
        shardings = [{}, sharded] if size > 1 and divides else [{}]
        splits = [{}, {"guidance_groups": 2.0}] if size % 2 == 0 and guides else [{}]
        for sharding, split in product(shardings, splits):
            counts = {"gpus_per_replica": float(size), **split}
            settings = {name: f"{count:.0f}" for name, count in counts.items()}
            if sharding:
                settings["sharding"] = SHARDED
            yield settings, {**counts, **sharding}


def _candidate(trial: Trial, scenario: Scenario) -> Candidate:
    """Return a trial as a candidate, judged; a refused one says why."""
    settings = dict(trial.change.settings)
    size, gpu = int(settings["gpus_per_replica"]), settings["gpu"]
    runtime = settings.get("runtime", scenario.choices["runtime"].value)
    if trial.scenario is None or not trial.figures:
        return Candidate(trial, gpu, size, False, 1, runtime, "", dict.fromkeys(SHOWN), None)  # noqa: FBT003

    return Candidate(
        trial,
        trial.scenario.choices["gpu"].value,
        size,
        bool(trial.known["weights_sharded"]),
        int(trial.known["guidance_groups"]),
        runtime,
        trial.scenario.choices["attention_kernel"].value,
        {name: finite(trial.figures[name]) for name in ADVISED},
        trial.verdict,
    )
