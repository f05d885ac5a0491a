"""Find the defaults that drive a plan: each choice, price and guess whose usual other value moves a headline figure by 10%.

Another value is tried as the estimate with that flag.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import Known
from t2v_capacity.plan.candidates import candidate_changes
from t2v_capacity.plan.evidence import uncalibrated
from t2v_capacity.plan.options import options, same_picture
from t2v_capacity.plan.trials import FlagChange, Memo, Trial, change, trials
from t2v_capacity.plan.verdict import Verdict, price_unknown
from t2v_capacity.scenario.settings import Origin, Scenario

# The figures that a plan is read for; the fleet and the bill are what the largest factor is of.
HEADLINE = ("gpus", "latency_p95", "cost_per_month", "cost_per_video", "fleet_power")
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

    `known` are all values of the plan, by name. Unless `priced`, no other price is tried, and the catalogue of prices stays closed.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> [(one.name, one.other) for one in drivers(plan.scenario, plan.known)][1:3]
    [('peak_to_average', '1.7'), ('runtime', 'engine')]
    """
    tried = _Tried(scenario, known, memo)
    found = [*tried.choices(), *(tried.prices() if priced else ()), *tried.guesses(), *tried.sizings()]
    far = (one for one in found if one.name == SIZED_BY or any(not 1 / DECIDES < factor < DECIDES for factor in one.figures.values()))
    return tuple(sorted(far, key=lambda one: -round(one.largest, 6)))


class Alternative(NamedTuple):
    """A single change that could be made at once, and the verdict on the plan with it."""

    trial: Trial
    verdict: Verdict


def alternatives(scenario: Scenario, memo: Memo | None = None) -> tuple[Alternative, ...]:
    """Return the best of the other runtimes, and a GPU of the next generation: candidates of a comparison to which nothing objects.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> [str(one.trial.change) for one in alternatives(load_scenario("scenarios/mochi.yaml"))]
    ['--runtime engine', '--gpu b200-hgx']
    """
    changes = [one for one in candidate_changes(scenario) if one.settings]
    runtimes = sorted(_held(scenario, changes, memo), key=lambda one: one.trial.figures["gpus"])
    successor = scenario.catalogue.find("gpus", scenario.choices["gpu"].value).about.get("successor", "")
    return (*runtimes[:1], *_held(scenario, [change(gpu=successor)] if successor else [], memo))


def _held(scenario: Scenario, changes: Iterable[FlagChange], memo: Memo | None) -> Iterator[Alternative]:
    """Yield the changes to which nothing objects."""
    for trial in trials(scenario, changes, memo):
        if (found := trial.verdict) and found.holds:
            yield Alternative(trial, found)


class _Tried:
    """The other values of one plan that are tried."""

    def __init__(self, scenario: Scenario, known: Known, memo: Memo | None) -> None:
        self.scenario, self.known, self.memo = scenario, known, memo

    def choices(self) -> Iterator[Driver]:
        """Yield the options of defaulted choices that need less and keep the picture."""
        for name in HOW:
            setting = self.scenario.choices[name]
            if setting.origin.by_hand:
                continue
            for option in options(self.scenario, name):
                if option != setting.value and same_picture(self.scenario, name, option):
                    one = self._driver(name, setting.value, setting.origin, option)
                    there = one and one.trial.scenario
                    if one and there and not uncalibrated(there) and min(one.figures.values(), default=1.0) < 1:
                        yield one

    def prices(self) -> Iterator[Driver]:
        """Yield the lowest and the highest listed on-demand price of the GPU, if its price is a default."""
        setting, gpu = self.scenario.settings[PRICE], self.scenario.choices["gpu"].value
        if setting.origin.by_hand or price_unknown(self.scenario):
            return
        listed = self.scenario.catalogue.listed_prices(gpu)
        for price in dict.fromkeys((min(listed), max(listed))) if listed else ():
            yield from self._guess(PRICE, repr(price), ASSUMPTIONS[PRICE].show(price))

    def guesses(self) -> Iterator[Driver]:
        """Yield the assumptions at a default for which planners usually take another value."""
        for name, known in ASSUMPTIONS.items():
            if known.other and self.scenario.settings[name].origin.kind == "default":
                yield from self._guess(name, known.other, known.other)

    def sizings(self) -> Iterator[Driver]:
        """Yield the size for a written latency target alone, if `sized_by` is a default and that size differs."""
        setting = self.scenario.choices[SIZED_BY]
        if setting.origin.by_hand or not self.scenario.promises:
            return
        one = self._driver(SIZED_BY, setting.value, setting.origin, "latency")
        if one and one.figures.get("gpus", 1.0) != 1:
            yield one

    def _guess(self, name: str, text: str, shown: str) -> Iterator[Driver]:
        one = self._driver(name, ASSUMPTIONS[name].show(self.known[name]), self.scenario.settings[name].origin, text)
        if one:
            yield one._replace(other=shown)

    def _driver(self, name: str, value: str, origin: Origin, other: str) -> Driver | None:
        """Return a setting with another value; none if that is refused."""
        (trial,) = trials(self.scenario, [change(**{name: other})], self.memo)
        if trial.refused:
            return None
        there, here = trial.figures, self.known
        factors = {one: there[one] / here[one] for one in HEADLINE if here[one] > 0 and not math.isnan(there[one])}
        return Driver(name, value, origin, other, trial, factors)
