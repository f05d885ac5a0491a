"""Find the defaults that drive a plan.

A default drives it if a usual other value moves a headline figure by 10%. This is so of a choice, a price or a guess.
Another value is tried as the estimate with that flag.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import LIST
from t2v_capacity.engine.figures import Known
from t2v_capacity.plan.candidates import runtimes
from t2v_capacity.plan.evidence import uncalibrated
from t2v_capacity.plan.options import options, same_picture
from t2v_capacity.plan.trials import FlagChange, Memo, Trial, change, trials
from t2v_capacity.plan.verdict import Verdict, few_sellers
from t2v_capacity.scenario.settings import Origin, Scenario

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

    @property
    def largest(self) -> float:
        """The change of the fleet or the bill, in either direction, as a logarithm."""
        return max((abs(math.log(self.figures[name])) for name in LARGEST_OF if self.figures.get(name)), default=0.0)


def drivers(scenario: Scenario, known: Known, memo: Memo | None = None, *, priced: bool = True) -> tuple[Driver, ...]:
    """Return the defaults whose other value moves a headline figure by 10% or more, the largest first.

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
        (trial,) = trials(scenario, [change(**{name: other})], memo)
        if trial.refused or not trial.scenario:
            continue

        factors = {
            figure: trial.figures[figure] / known[figure]
            for figure in HEADLINE
            if known[figure] > 0 and not math.isnan(trial.figures[figure])
        }
        if name in HOW and (uncalibrated(trial.scenario) or min(factors.values(), default=1.0) >= 1):
            continue

        decides = any(not 1 / DECIDES < factor < DECIDES for factor in factors.values())
        if name == SIZED_BY:
            decides = factors.get("gpus", 1.0) != 1
        if decides:
            setting = scenario.choices.get(name) or scenario.settings[name]
            own = setting.value if isinstance(setting.value, str) else ASSUMPTIONS[name].show(known[name])
            driving.append(Driver(name, own, setting.origin, shown, trial, factors))
    return tuple(sorted(driving, key=lambda driver: -round(driver.largest, 6)))


def _others(scenario: Scenario, *, priced: bool) -> Iterator[tuple[str, str, str]]:
    """Yield each default with another usual value, as it is set and as it is shown."""
    for name in HOW:
        if not (chosen := scenario.choices[name]).origin.by_hand:
            yield from (
                (name, option, option)
                for option in options(scenario, name)
                if option != chosen.value and same_picture(scenario, name, option)
            )
    if priced and scenario.at_list_price:
        listed = scenario.catalogue.sellers(scenario.choices["gpu"].value).values()
        ends = (min(listed), max(listed)) if listed else ()
        yield from ((PRICE, repr(price), ASSUMPTIONS[PRICE].show(price)) for price in dict.fromkeys(ends))
    for name, assumption in ASSUMPTIONS.items():
        if assumption.other and scenario.settings[name].origin.kind == "default":
            yield name, assumption.other, assumption.other
    if scenario.promises and not scenario.choices[SIZED_BY].origin.by_hand:
        yield SIZED_BY, "latency", "latency"


class Alternative(NamedTuple):
    """A single change that could be made at once, and the verdict on the plan with it."""

    trial: Trial
    verdict: Verdict


def alternatives(scenario: Scenario, memo: Memo | None = None) -> tuple[Alternative, ...]:
    """Return the best of the other runtimes, and the better of the next generation's GPU and the cheapest arithmetic.

    The GPU is tried as the plan is, and with that runtime. They are candidates of a comparison to which nothing
    objects.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> [str(alternative.trial.change) for alternative in alternatives(load_scenario("scenarios/mochi.yaml"))]
    ['--runtime engine', '--gpu b200-hgx --runtime engine']
    """
    other_runtimes = [change(runtime=runtime) for runtime in runtimes(scenario)[1:]]
    of_runtimes = sorted(
        _without_objection(scenario, other_runtimes, memo), key=lambda alternative: alternative.trial.figures["gpus"]
    )
    settings = [{}, *(dict(alternative.trial.change.settings) for alternative in of_runtimes[:1])]
    other_gpus = [change(gpu=gpu, **runtime) for gpu in _other_gpus(scenario) for runtime in settings]
    gpus = [
        alternative
        for alternative in _without_objection(scenario, other_gpus, memo)
        if not few_sellers(alternative.verdict.scenario)
    ]
    gpus.sort(key=lambda alternative: alternative.trial.figures["cost_per_month"])
    return (*of_runtimes[:1], *gpus[:1])


def _other_gpus(scenario: Scenario) -> Iterator[str]:
    """Yield the GPU of the next generation, and the one with the least list price of its peak arithmetic."""
    catalogue, own = scenario.catalogue, scenario.choices["gpu"].value
    successor = catalogue.find("gpus", own).about.get("successor")
    cheapest = catalogue.find("providers", LIST).about["cheapest_peak"]
    yield from (gpu for gpu in dict.fromkeys((successor, cheapest)) if gpu and gpu != own)


def _without_objection(scenario: Scenario, changes: Iterable[FlagChange], memo: Memo | None) -> Iterator[Alternative]:
    """Yield the changes to which nothing objects."""
    for trial in trials(scenario, changes, memo):
        if (verdict := trial.verdict) and verdict.holds:
            yield Alternative(trial, verdict)
