"""Pinned measurements and bills of a plan, and whether they are of another one."""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.engine.figures import FIGURES, Known, Names, Number, ancestors
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.tree import homes, remembered, share_of
from t2v_capacity.scenario.measured import measured_at
from t2v_capacity.scenario.settings import Part, Scenario, Setting, point

_NEAR = 1e-9  # relative: values this near are the same
_MONEY = "USD"


class Pinned(NamedTuple):
    """A pinned measurement of the plan, of a part or of a stage, and what it was measured at."""

    name: str
    called: str  # the plan's name for it
    at: tuple[tuple[str, float | str], ...]
    stated: bool  # whether the scenario says so; else it was measured on the plan
    inner: tuple[Part, ...]  # the part and the stage whose values they are; none of the plan's own
    computed: float | None = None  # of a bill: what its formula gives on the plan

    def scenario(self, plan: Scenario) -> Scenario:
        """Return the scenario that it is a figure of."""
        return self.inner[-1].scenario if self.inner else plan

    def differing(self, plan: Scenario, known: Known) -> list[str]:
        """Return the inputs that are others than the plan's; `known` are the plan's values."""
        choices, values = self.scenario(plan).choices, known
        for part in self.inner:
            values = part.over(values)
        return [
            name
            for name, measured in self.at
            if (
                choices[name].value != measured
                if isinstance(measured, str)
                else abs(values[name] - measured) > _NEAR * abs(measured)
            )
        ]

    def outlived_by(self, plan: Scenario, known: Known) -> str:
        """Return what it was measured at and a changed plan is not; nothing if its formula bills that the same."""
        if self.computed is not None and math.isclose(FIGURES[self.name].of(known), self.computed, rel_tol=_NEAR):
            return ""
        names = self.differing(plan, known)
        if not names:
            return ""
        name = "gpu" if "gpu" in names else names[0]
        verb = "measured" if self.computed is None else "billed"
        return f"`{self.called}` was {verb} at {name} {as_written(name, dict(self.at)[name])}"


def measured_pins(scenario: Scenario) -> list[Pinned]:
    """Return the pinned measurements of a scenario, of its parts and of its stages, and those that parts inherit.

    A part that takes the plan's pin is held against what that says of inputs that the part has of its own. The plan is
    held against the rest.
    """
    pins = list[Pinned]()
    for pin in written_pins(scenario):
        taken = [*_taken(scenario, pin)] if pin.stated and FIGURES[pin.name].mix else []
        of_all = set.intersection(*({*other.at} for other in taken)) if taken else ()
        pins += [pin._replace(at=tuple(pair for pair in pin.at if pair not in of_all)), *taken]
    return [pin for pin in pins if pin.at]


def _taken(plan: Scenario, pin: Pinned) -> Iterator[Pinned]:
    """Yield a plan's pin as each part of the mix has it that takes it."""
    for part in plan.parts:
        if pin.called in part.scenario.all_settings().keys() - part.own:
            called, own = part.called(pin.called), {*map(plain_name, part.own)}
            at = tuple(pair for pair in pin.at if pair[0] in own)
            yield pin._replace(called=called, inner=_inner(plan, called), at=at)


def written_pins(scenario: Scenario) -> list[Pinned]:
    """Return the pinned figures where they are written: of a scenario, of its parts and of their stages."""
    known = {**scenario.pins, **scenario.of_parts()}
    return [_pinned(called, pin, scenario) for called, pin in known.items() if plain_name(called) in FIGURES]


@remembered
def pinned_bills(scenario: Scenario) -> tuple[Pinned, ...]:
    """Return the pinned figures of money of a plan, such as the bill of a month; a change that moves one outlives it.

    A bill says nothing of what another plan costs.
    """
    names = [name for name in scenario.pins if FIGURES[name].unit.startswith(_MONEY)]
    values = scenario.values()
    known = {**values, **cells_of(scenario, (), formula_figures(names))({})}
    inputs = (*CHOICES, *(name for name in ASSUMPTIONS if name in ancestors(names)))
    at = tuple((name, input_of(scenario, name)) for name in inputs)
    return tuple(Pinned(name, name, at, False, (), FIGURES[name].of(known)) for name in names)  # noqa: FBT003


def other_seconds(scenario: Scenario, changed: Scenario, known: Known) -> str:
    """Return on which GPU or group seconds by hand were measured; nothing if the plan has them, or they hardly count.

    They count over a tenth of a clip's seconds, of the plan's or the other's. Those of parts count by their shares.
    """
    other, group = "other_gpu_seconds_per_video", "gpus_per_replica"
    seconds = known[other] * scenario.by_hand(other)
    if scenario.parts:
        parts = [part for part in scenario.parts if part.scenario.by_hand(other)]
        seconds = sum(share_of(part, known) * part.over(known)[other] for part in parts)
    if not seconds:
        return ""
    counts = 10 * seconds > min(known["gpu_seconds_per_video"], _own_seconds(scenario))
    for name, now in (("gpu", changed.option("gpu")), (group, known[group])):
        before = input_of(scenario, name)
        if counts and before != now:
            return f"`{other}` was measured at {name} {as_written(name, before)}"
    return ""


def pin_between(scenario: Scenario, moved: str, shown: Names) -> str:
    """Return the first pin that keeps figures as they are where another one moves; nothing if none does."""
    reached = {*shown, *ancestors(shown)}
    return next((name for name in scenario.pins if name in reached and moved in ancestors([name])), "")


@remembered
def _own_seconds(scenario: Scenario) -> Number:
    """Return the GPU-seconds of a plan's clip, once for all changes of the plan."""
    return cells_of(scenario, (), ("gpu_seconds_per_video",))({})["gpu_seconds_per_video"]


def formula_figures(names: Iterable[str]) -> Names:
    """Return the figures that the formulas of some take."""
    return tuple({parameter for name in names for parameter in FIGURES[name].parameters if parameter in FIGURES})


def _pinned(called: str, pin: Setting, plan: Scenario) -> Pinned:
    name, inner = plain_name(called), _inner(plan, called)
    own = inner[-1].scenario if inner else plan
    at = pin.at or tuple((above, input_of(own, above)) for above in measured_at(name))
    return Pinned(name, called, at, bool(pin.at), inner)


def _inner(plan: Scenario, called: str) -> tuple[Part, ...]:
    """Return the part and the stage that a name is of; of a whole clip in stages the last one, whose frame it has."""
    way = homes(plan)[called.removesuffix(plain_name(called))]
    return way + (way[-1] if way else plan).stages[-1:]


def input_of(scenario: Scenario, name: str) -> float | str:
    """Return a choice, or the point of an assumption."""
    if name in CHOICES:
        return scenario.option(name)
    return point(name, scenario.settings[name].value)


def as_written(name: str, setting: float | str) -> str:
    """Return a choice, or a number as a file writes it.

    >>> as_written("steps", 20), as_written("duration", 5.0)
    ('20', '5 s')
    """
    if isinstance(setting, str):
        return setting
    known = ASSUMPTIONS[name]
    text = known.exact(setting)
    return text.partition(" ")[0] if known.bare and "second" not in known.unit else text
