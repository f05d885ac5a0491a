"""What else could serve: the one search over GPUs, group sizes and runtimes, alternatives, and defaults that decide.

The search is for comparisons, for `solve`, and for what an estimate offers. A default drives a plan if a usual other
value moves a headline figure by 10%. This is so of a choice, a price or a guess. Another value is tried as the estimate
with that flag.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.catalogue import LIST
from t2v_capacity.engine.figures import Known, evaluate
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.evidence import EXTRAPOLATED, uncalibrated
from t2v_capacity.plan.sellers import few_sellers
from t2v_capacity.plan.trials import FlagChange, Trial, at_own_prices, change, other_options, trials, trials_over
from t2v_capacity.plan.uncertain import Percentiles
from t2v_capacity.plan.verdict import (
    LATE,
    LIMIT,
    MEMORY,
    PRECISION,
    Objection,
    Verdict,
    heads_left_over,
)
from t2v_capacity.scenario.settings import Origin, PlanWarning, Scenario

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
    gpu_cost_per_month: float | None
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
    marks: tuple[str, ...] = ()
    warnings: tuple[PlanWarning, ...] = ()
    """Those of the estimate with its flags"""
    bands: Mapping[str, Percentiles] = {}
    """Its figures over the model's error"""

    @property
    def sellers(self) -> Mapping[str, float]:
        """What sellers ask for its GPU; none unless it is at the list's price."""
        return self.trial.scenario.sellers if self.trial.scenario else {}

    @property
    def holds(self) -> bool:
        """Whether nothing objects to it."""
        return not self.few_sellers and self.trial.holds

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
            return (*self.trial.to_choose, *self.verdict.objections, *self.trial.to_change, *self.few_sellers)
        return (Objection(PRECISION if self.trial.scenario is None else LIMIT, self.trial.refused),)

    @property
    def against(self) -> Mapping[str, str]:
        """The objections to it, by their codes."""
        return {objection.code: objection.message for objection in self.objections}

    @property
    def fits(self) -> bool:
        """Whether its memory suffices, and its group is within the limit of GPUs."""
        return not {MEMORY, LIMIT, PRECISION} & {*self.against}

    @property
    def evidence(self) -> str:
        """What its seconds rest on; a pin that was measured on another plan is no evidence of it."""
        return self.verdict.evidence.kind if self.verdict and not self.trial.has_stale_pin else EXTRAPOLATED

    @property
    def cost(self) -> tuple[float, float]:
        """The bill and the GPUs, by which candidates are put in order; without a price, more than any other."""
        cost = self.figures["cost_per_month"]
        return (math.inf if cost is None else cost), self.figures["gpus"] or 0


def best_or_nearest(candidates: Iterable[Candidate]) -> Candidate:
    """Return the cheapest candidate to which nothing objects, or the one nearest to serving if each has an objection.

    Nearness is by this order: able, in time, surely so, and of those in time cheap, of the others quick.
    """
    ranked = sorted(candidates, key=_order)
    surely = (candidate for candidate in ranked if not any(_order(candidate)[:3]) and candidate.trial.sure)
    return next(chain((candidate for candidate in ranked if candidate.holds), surely, ranked))


def seconds_of(candidate: Candidate) -> float:
    """Return a candidate's latency, or where its peak is not carried, what the last request of the overload waits."""
    waited = finite(candidate.trial.known.get("overload_wait", math.nan))
    return candidate.figures["latency_p95"] or (math.inf if waited is None else waited)


def nearest_to_serving(candidates: Iterable[Candidate], gpu: str) -> Candidate:
    """Return the candidate that lacks least: able, in time, with few objections; of equals the cheapest.

    A GPU without a run is no reason to leave the plan's own.
    """

    def lacking(candidate: Candidate) -> tuple[bool, bool, float, int, bool, tuple[float, float]]:
        unable, late, _stale, unserved, *_rest = _order(candidate)
        untimed = candidate.evidence == EXTRAPOLATED and candidate.gpu != gpu
        return unable, late, unserved, len(candidate.objections), untimed, candidate.cost

    return min(candidates, key=lacking)


def _order(candidate: Candidate) -> tuple[bool, bool, bool, float, float, tuple[float, float], float, int, bool]:
    """Return what puts a candidate in order: a stale pin's figures say nothing; of equal bills the quicker is first.

    Where the peak is not carried, who serves more is first, and then whose last request waits less.
    """
    objections = candidate.verdict.service_objections if candidate.verdict else ()
    late = bool(candidate.trial.to_choose) or any(objection.code in LATE for objection in objections)
    served = (candidate.verdict and candidate.verdict.served) or 0.0
    seconds = seconds_of(candidate)
    return (
        not (candidate.verdict and candidate.verdict.able),
        late,
        candidate.trial.has_stale_pin,
        -served,
        late and seconds,
        candidate.cost,
        seconds,
        candidate.gpus_per_replica,
        candidate.sharded,
    )


def sizes_of(scenario: Scenario) -> tuple[int, ...]:
    """Return the group sizes that are tried: the usual ones over which attention heads divide, and the plan's own."""
    usual = [size for size in SIZES if _splits(scenario, size)]
    return tuple(sorted({*usual, int(scenario.values()["gpus_per_replica"])}))


def runtimes(scenario: Scenario) -> list[str]:
    """Return the runtimes that are tried, the plan's own first; one that is written by hand stays.

    A runtime brings its kernel; a written kernel stays.
    """
    own = scenario.choices["runtime"]
    others = [] if own.origin.by_hand else scenario.catalogue.names("runtimes")
    return list(dict.fromkeys((own.value, *others)))


def candidates(
    scenario: Scenario,
    gpus: Iterable[str],
    sizes: Iterable[int],
    figures: Sequence[str] = (),
    budgets: Sequence[Condition] | None = None,
) -> Iterator[Candidate]:
    """Yield every GPU with every runtime and group, the plan's own runtime first.

    Each is the estimate with its flags. A GPU and a runtime are applied once, and a group is numbers over them.
    Besides what puts candidates in order they have these figures. Without `budgets` they are judged by those that
    the plan keeps.
    """
    groups = [*_groups(scenario, sizes)]
    for gpu, runtime in product(gpus, runtimes(scenario)):
        of_runtime = {"runtime": runtime} if runtime != scenario.option("runtime") else {}
        gpu_alone = at_own_prices(scenario, change(gpu=gpu, **of_runtime))
        cells = [
            (at_own_prices(scenario, change(gpu=gpu, **settings, **of_runtime)), numbers)
            for settings, numbers in groups
        ]
        yield from (_candidate(trial, scenario) for trial in trials_over(scenario, gpu_alone, cells, figures, budgets))


def _groups(scenario: Scenario, sizes: Iterable[int]) -> Iterator[tuple[dict[str, str], dict[str, float]]]:
    """Yield how GPUs may make a clip together: each as settings, and as the numbers that these are.

    A group shares a clip. It may divide the weights too, and run the two passes of guidance side by side; what is
    written by hand stays.
    """
    supplied = scenario.catalogue.find("shardings", SHARDED).facts
    sharded = {name: fact.point(name) for name, fact in supplied.items()}
    divides = not any(map(scenario.by_hand, sharded))

    for size in sizes:
        shardings = [{}, sharded] if size > 1 and divides else [{}]
        for sharding, split in product(shardings, _splits(scenario, size) or [{}]):
            counts = {"gpus_per_replica": float(size), **split}
            settings = {name: f"{count:.0f}" for name, count in counts.items()}
            if sharding:
                settings["sharding"] = SHARDED
            yield settings, {**counts, **sharding}


def divided_evenly(scenario: Scenario, sizes: Iterable[int]) -> list[int]:
    """Return the groups over which attention heads divide, with guidance as the plan runs it.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> divided_evenly(load_scenario(None, ["model=wan2.1-t2v-1.3b", "passes_per_step=1"]), (4, 5, 8))  # of 12 heads
    [4]
    """
    return [size for size in sizes if {} in _splits(scenario, size)]


def _splits(scenario: Scenario, size: int) -> list[dict[str, float]]:
    """Return how a group may run the passes of guidance, where attention heads divide over the GPUs of each pass."""
    values = {**scenario.values(), "gpus_per_replica": float(size)}
    guides = values["passes_per_step"] > 1 and not scenario.by_hand("guidance_groups")
    splits = [{}, {"guidance_groups": 2.0}] if size % 2 == 0 and guides else [{}]
    gpus = ("gpus_per_pass",)
    return [split for split in splits if not heads_left_over(values["heads"], **evaluate({**values, **split}, gpus))]


def shown_figures(figures: Known) -> dict[str, float | None]:
    """Return the figures shown for a candidate; none where one has no value, or was not asked for."""
    return {name: finite(figures.get(name, math.nan)) for name in SHOWN}


def _candidate(trial: Trial, scenario: Scenario) -> Candidate:
    """Return a trial as a candidate, judged; a refused one has no figures."""
    settings, judged = dict(trial.change.settings), trial.scenario if trial.figures else None
    return Candidate(
        trial,
        judged.option("gpu") if judged else settings["gpu"],
        int(settings["gpus_per_replica"]),
        bool(trial.known.get("weights_sharded")),
        int(trial.known.get("guidance_groups", 1)),
        settings.get("runtime", scenario.option("runtime")),
        judged.option("attention_kernel") if judged else "",
        shown_figures(trial.figures),
        trial.verdict,
    )


# The figures that a plan is read for, the first one first; the fleet and the bill are what the largest factor is of.
HEADLINE = ("gpus", "cost_per_month", "latency_p95", "cost_per_video", "fleet_power")
LARGEST_OF = ("gpus", "cost_per_month")
# Choices that say how the same clip is made; no acceleration makes the same picture.
HOW = ("attention_kernel", "runtime", "offload", "precision", "compute_precision")
# A factor between this and its inverse decides nothing.
DECIDES = 1.1
PRICE = "gpu_price"
SIZED_BY = "sized_by"


class Driver(NamedTuple):
    """An input left at its default: its value, its origin, one other value, and the plan with that value."""

    name: str
    value: str
    origin: Origin
    other: str
    trial: Trial
    figures: Mapping[str, float]  # the factor of the other value on each headline figure
    overloads: bool  # whether the fleet is then overloaded, and is not now

    @property
    def largest(self) -> float:
        """The change of the fleet or the bill, in either direction, as a logarithm."""
        return max((abs(math.log(self.figures[name])) for name in LARGEST_OF if self.figures.get(name)), default=0.0)


def drivers(scenario: Scenario, known: Known, *, priced: bool = True) -> tuple[Driver, ...]:
    """Return the defaults whose other value overloads the fleet or moves a headline figure by 10%, the largest first.

    `known` are all values of the plan, by name. Unless `priced`, no other price is tried, and the catalogue of prices
    stays closed.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> [(driver.name, driver.other) for driver in drivers(plan.scenario, plan.known)][1:3]
    [('gpu_price', '3.2 USD/GPU-hour'), ('runtime', 'engine')]
    """
    driving = list[Driver]()
    for name, other, shown in _others(scenario, priced=priced):
        (trial,) = trials(scenario, [change(**{name: other})])
        if trial.refused or not trial.scenario:
            continue

        factors = {
            figure: trial.figures[figure] / known[figure]
            for figure in HEADLINE
            if known[figure] > 0 and not math.isnan(trial.figures[figure])
        }
        if name in HOW and (uncalibrated(trial.scenario) or min(factors.values(), default=1.0) >= 1):
            continue

        overloads = known["latency_p95"] > 0 and "latency_p95" not in factors
        decides = overloads or any(not 1 / DECIDES < factor < DECIDES for factor in factors.values())
        if name == SIZED_BY:
            decides = factors.get("gpus", 1.0) != 1
        if decides:
            setting = scenario.choices.get(name) or scenario.settings[name]
            own = setting.value if isinstance(setting.value, str) else ASSUMPTIONS[name].show(known[name])
            driving.append(Driver(name, own, setting.origin, shown, trial, factors, overloads))
    return tuple(sorted(driving, key=lambda driver: -round(driver.largest, 6)))


def _others(scenario: Scenario, *, priced: bool) -> Iterator[tuple[str, str, str]]:
    """Yield each default with another usual value, as it is set and as it is shown."""
    for name in HOW:
        if not scenario.by_hand(name):
            yield from ((name, option, option) for option in other_options(scenario, name))
    listed = scenario.sellers.values() if priced else ()
    if listed:
        ends = min(listed), max(listed)
        yield from ((PRICE, repr(price), ASSUMPTIONS[PRICE].show(price)) for price in dict.fromkeys(ends))
    for name, assumption in ASSUMPTIONS.items():
        if assumption.other and scenario.settings[name].origin.kind == "default":
            yield name, assumption.other, assumption.other
    if scenario.settings["gpus_per_server"].origin.kind == "default":  # GPUs are rented singly too, or by the group
        values = scenario.values()
        group = f"{min(values['gpus_per_replica'], values['gpus_per_server']):.0f}"
        yield "gpus_per_server", group, group
    if scenario.promises and not scenario.by_hand(SIZED_BY):
        yield SIZED_BY, "latency", "latency"


def alternatives(scenario: Scenario) -> tuple[Trial, ...]:
    """Return the best of the other runtimes, of smaller groups and of other GPUs, in this order.

    Each is tried as the plan is, and with the best before it. A GPU is that of the next generation, or the one of
    cheapest clips. A smaller group is for a plan that promises a latency, which it keeps. They are candidates of a
    comparison to which nothing objects.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> [str(trial.change) for trial in alternatives(load_scenario("scenarios/mochi.yaml"))]
    ['--runtime engine', '--gpu b200-hgx --runtime engine']
    """
    other_runtimes = [change(runtime=runtime) for runtime in runtimes(scenario)[1:]]
    of_runtimes = sorted(_without_objection(scenario, other_runtimes), key=lambda trial: trial.figures["gpus"])[:1]
    settings = [{}, *(dict(trial.change.settings) for trial in of_runtimes)]
    own_group = scenario.values()["gpus_per_replica"] if scenario.promises else 0
    smaller = [str(size) for size in SIZES if size < own_group]
    groups = [change(gpus_per_replica=size, **runtime) for size in smaller for runtime in settings]
    of_groups = _by_bill(scenario, groups)
    settings += [dict(trial.change.settings) for trial in of_groups[:1]]
    of_gpus = _by_bill(scenario, [change(gpu=gpu, **more) for gpu in _other_gpus(scenario) for more in settings])
    sold = [trial for trial in of_gpus if trial.scenario and not few_sellers(trial.scenario, trial.known)]
    return (*of_runtimes, *of_groups[:1], *sold[:1])


def _other_gpus(scenario: Scenario) -> Iterator[str]:
    """Yield the GPU of the next generation, and the one that makes the clips of most plans at the least list price."""
    catalogue, own = scenario.catalogue, scenario.option("gpu")
    successor = catalogue.find("gpus", own).about.get("successor")
    cheapest = catalogue.find("providers", LIST).about["cheapest_clips"]
    yield from (gpu for gpu in dict.fromkeys((successor, cheapest)) if gpu and gpu != own)


def _by_bill(scenario: Scenario, changes: Iterable[FlagChange]) -> list[Trial]:
    """Return the changes to which nothing objects, the cheapest first."""
    return sorted(_without_objection(scenario, changes), key=lambda trial: trial.figures["cost_per_month"])


def _without_objection(scenario: Scenario, changes: Iterable[FlagChange]) -> list[Trial]:
    """Return the changes to which nothing objects."""
    return [trial for trial in trials(scenario, changes) if trial.holds]
