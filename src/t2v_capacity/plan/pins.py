"""Pinned measurements and bills of a plan, and whether they are of another one."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.engine.figures import FIGURES, Known, Names, ancestors
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.tree import remembered
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
    part: Part | None  # whose values they are; of a clip in stages the last one's, whose frame it has
    computed: float | None = None  # of a bill: what its formula gives on the plan

    def scenario(self, plan: Scenario) -> Scenario:
        """Return the scenario that it is a figure of."""
        return self.part.scenario if self.part else plan

    def differing(self, plan: Scenario, known: Known) -> list[str]:
        """Return the inputs that are others than the plan's; `known` are the plan's values."""
        values, choices = self.part.over(known) if self.part else known, self.scenario(plan).choices
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

    A part that takes the plan's pin is held against what that says of inputs that the part has of its own.
    """
    pins = written_pins(scenario)
    for part in scenario.parts:
        taken = [pin for pin in pins if pin.stated and pin.called in part.pins.keys() - part.own]
        for pin in taken:
            at = tuple(pair for pair in pin.at if pair[0] in part.own)
            if at and FIGURES[pin.name].mix:
                pins.append(pin._replace(called=part.called(pin.name), part=part, at=at))
    return pins


def written_pins(scenario: Scenario) -> list[Pinned]:
    """Return the pinned measurements where they are written: of a scenario, of its parts and of its stages."""
    last = scenario.stages[-1] if scenario.stages else None
    pins = [_pinned(name, name, pin, scenario, last) for name, pin in scenario.pins.items()]
    for part in (*scenario.parts, *scenario.stages):
        pins += [
            _pinned(name, part.called(name), part.pins[name], scenario, part) for name in part.pins if name in part.own
        ]
    return [pin for pin in pins if pin.at]


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
    return tuple(Pinned(name, name, at, False, None, FIGURES[name].of(known)) for name in names)  # noqa: FBT003


def other_seconds(scenario: Scenario, changed: Scenario, known: Known) -> str:
    """Return on which GPU seconds by hand were measured that are over a tenth of another one's; else nothing."""
    other, gpu = "other_gpu_seconds_per_video", scenario.option("gpu")
    matters = scenario.by_hand(other) and 10 * known[other] > known["gpu_seconds_per_video"]
    return f"`{other}` was measured at gpu {gpu}" if matters and changed.option("gpu") != gpu else ""


def formula_figures(names: Iterable[str]) -> Names:
    """Return the figures that the formulas of some take."""
    return tuple({parameter for name in names for parameter in FIGURES[name].parameters if parameter in FIGURES})


def _pinned(name: str, called: str, pin: Setting, plan: Scenario, part: Part | None) -> Pinned:
    own = part.scenario if part else plan
    at = pin.at or tuple((above, input_of(own, above)) for above in measured_at(name))
    return Pinned(name, called, at, bool(pin.at), part)


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
