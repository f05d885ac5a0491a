"""What was left at a default and decides: each choice, price and guess whose usual other value moves a headline figure by a tenth.

Another value is laid as a flag is, so a factor is that of two estimates; nothing is loaded again.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from t2v_capacity.engine.figures import evaluate
from t2v_capacity.errors import Mistakes
from t2v_capacity.questions.plan.estimate import Estimate
from t2v_capacity.questions.plan.options import options
from t2v_capacity.questions.plan.options import same_picture as is_same
from t2v_capacity.questions.plan.serving import price_unknown
from t2v_capacity.scenario.load import laid
from t2v_capacity.scenario.settings import Origin, Scenario
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS

# The figures that a plan is read for; the fleet and the bill are what the largest factor is of.
HEADLINE = ("gpus", "latency_p95", "cost_per_month", "cost_per_video", "fleet_power")
LARGEST_OF = ("gpus", "cost_per_month")
# Choices that say how the same clip is made.
HOW = ("attention_kernel", "runtime", "offload", "precision", "compute_precision")
# A factor between this and its inverse decides nothing.
DECIDES = 1.1
PRICE = "gpu_price"
SIZED_BY = "sized_by"


class Decides(NamedTuple):
    """What nobody decided: its value, where that is from, one other value, and the factor of that on each headline figure."""

    name: str
    value: str
    origin: Origin
    other: str
    figures: Mapping[str, float]
    same_picture: bool = True

    @property
    def largest(self) -> float:
        """How far the fleet or the bill moves, whichever way, in logarithms."""
        return max((abs(math.log(self.figures[name])) for name in LARGEST_OF if self.figures.get(name)), default=0.0)


def decides(plan: Estimate) -> tuple[Decides, ...]:
    """Return what was left at a default and moves a headline figure by a tenth or more, the largest first.

    >>> from t2v_capacity.questions.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> [(one.name, one.other) for one in decides(estimate(load_scenario("scenarios/mochi.yaml")))][1:3]
    [('runtime', 'engine'), ('peak_to_average', '1.7')]
    """
    found = [*_choices(plan, same_picture=True), *_prices(plan), *_guesses(plan), *_sizings(plan)]
    return tuple(sorted((one for one in found if _is_far(one)), key=lambda one: -round(one.largest, 6)))


def faster(plan: Estimate) -> tuple[Decides, ...]:
    """Return the options of choices that make another picture and need a tenth less of a headline figure, the best of each choice."""
    return tuple(one for one in _choices(plan, same_picture=False) if _is_far(one))


class Beside(NamedTuple):
    """The factor on the fleet of choices that cost nothing, beside that of the next generation's GPU; 1 where there is none."""

    choices: tuple[str, ...]
    free: float
    gpu: str
    bought: float

    def __str__(self) -> str:
        """Return both in a sentence."""
        bought = f"; {self.gpu} with today's settings: {self.bought:.2f}" if self.gpu else ""
        return f"{' and '.join(self.choices)} on the GPUs you have: {self.free:.2f}{bought}"


def beside(plan: Estimate, found: tuple[Decides, ...]) -> Beside | None:
    """Return what the best of the choices among these give together, and what a GPU of the next generation gives; none without a choice.

    >>> from t2v_capacity.questions.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> print(beside(plan, decides(plan)))
    engine on the GPUs you have: 0.56; b200-hgx with today's settings: 0.37
    """
    choices = {one.name: one.other for one in reversed(found) if one.name in HOW}  # of each choice the option that needs least
    if not choices:
        return None
    kernel = HOW[0]
    if "runtime" in choices and choices.get(kernel) == plan.scenario.catalogue.usual_kernel(plan.scenario.chosen() | choices):
        del choices[kernel]  # which that runtime takes by itself
    free = _factors(plan, laid(plan.scenario, [f"{name}={option}" for name, option in choices.items()]))["gpus"]
    scenario = plan.scenario
    gpu = scenario.catalogue.find("gpus", scenario.choices["gpu"].value).about.get("successor", "")
    bought = _factors(plan, laid(scenario, [f"gpu={gpu}"]))["gpus"] if gpu else 1.0
    return Beside(tuple(choices[name] for name in HOW if name in choices), free, gpu, bought)


def _is_far(one: Decides) -> bool:
    """Return whether it decides something; what a written promise alone would take is always told."""
    return one.name == SIZED_BY or any(not 1 / DECIDES < factor < DECIDES for factor in one.figures.values())


def _factors(plan: Estimate, there: Scenario) -> dict[str, float]:
    """Return what another scenario makes of each headline figure, as a factor."""
    values = evaluate(there.values(), HEADLINE)
    return {name: values[name] / here for name in HEADLINE if (here := plan.figures[name]) and not math.isnan(values[name])}


def _choices(plan: Estimate, *, same_picture: bool) -> Iterator[Decides]:
    """Yield the options of the choices that nobody made which need less: those of the same picture, or of another."""
    scenario = plan.scenario
    for name in HOW:
        setting = scenario.choices[name]
        if setting.origin.by_hand:
            continue
        for option in options(scenario, name):
            if option != setting.value and same_picture == is_same(scenario, name, option):
                with suppress(Mistakes):  # an option that this GPU does not run
                    factors = _factors(plan, laid(scenario, [f"{name}={option}"]))
                    if min(factors.values(), default=1.0) < 1:
                        yield Decides(name, setting.value, setting.origin, option, factors, same_picture)


def _prices(plan: Estimate) -> Iterator[Decides]:
    """Yield the lowest and the highest on-demand price of the GPU that the catalogue lists, where nobody wrote one."""
    setting, gpu = plan.scenario.settings[PRICE], plan.scenario.choices["gpu"].value
    if setting.origin.by_hand or price_unknown(plan.scenario):
        return
    listed = plan.scenario.catalogue.listed_prices(gpu)
    for price in dict.fromkeys((min(listed), max(listed))) if listed else ():
        yield _guess(plan, PRICE, ASSUMPTIONS[PRICE].show(price), price)


def _guesses(plan: Estimate) -> Iterator[Decides]:
    """Yield the assumptions at a default of which planners usually take another value."""
    for name, known in ASSUMPTIONS.items():
        if known.other and plan.scenario.settings[name].origin.kind == "default":
            value = known.read(known.other)
            assert isinstance(value, float)
            yield _guess(plan, name, known.other, value)


def _sizings(plan: Estimate) -> Iterator[Decides]:
    """Yield what a promise that somebody wrote would take by itself, where nobody said that it sizes the fleet and it takes another one."""
    setting = plan.scenario.choices[SIZED_BY]
    if setting.origin.by_hand or not plan.scenario.settings["target_latency"].origin.by_hand:
        return
    factors = _factors(plan, laid(plan.scenario, [f"{SIZED_BY}=latency"]))
    if factors.get("gpus", 1.0) != 1:
        yield Decides(SIZED_BY, setting.value, setting.origin, "latency", factors)


def _guess(plan: Estimate, name: str, other: str, value: float) -> Decides:
    setting = plan.scenario.settings[name]
    return Decides(
        name, ASSUMPTIONS[name].show(plan.values[name]), setting.origin, other, _factors(plan, laid(plan.scenario, (), {name: value}))
    )
