"""What a pinned measurement was made at: the assumptions and choices above it, and whether a plan is still that."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.catalogue.kinds import KINDS
from t2v_capacity.engine.figures import Known, Number, ancestors
from t2v_capacity.formulas import FIGURES

if TYPE_CHECKING:
    from t2v_capacity.scenario.settings import Part, Scenario, Setting

# Groups of figures that are measured. A pinned figure of any other group is a decision, such as a fleet.
MEASURED_GROUPS = frozenset("demand model video storage network generation memory energy".split())
# Sections whose assumptions say what a measurement was made at, and single names of others. What a catalogue or the
# fit supplies, such as an efficiency, follows from a choice.
_SECTIONS = ("traffic", "video", "generation")
_NAMES = ("gpus_per_replica", "cached_step_share", "attention_sparsity")
# Choices that decide how the linear layers and attention run, beyond the facts that they supply.
_OF_THE_RUN = ("compute_precision", "attention_kernel", "runtime", "offload", "sharding")
_OF_A_RUN = "linear_efficiency"
_NEAR = 1e-9  # relative: values this near are the same
# The inputs by which a measured clip is named.
NAMED_BY = (
    *("model", "width", "height", "duration", "steps", "passes_per_step", "gpu", "gpus_per_replica"),
    *("runtime", "attention_kernel", "precision", "dau", "videos_per_user_per_day"),
)


@cache
def measured_at(figure: str) -> tuple[str, ...]:
    """Return the choices and assumptions above a figure that a measurement of it was made at; none of a decision.

    >>> measured_at("trps"), "steps" in measured_at("gpu_seconds_per_video"), measured_at("gpus")
    (('dau', 'videos_per_user_per_day', 'request_share'), True, ())
    """
    if FIGURES[figure].group not in MEASURED_GROUPS:
        return ()
    inputs = ancestors([figure])
    choices = [name for name, choice in CHOICES.items() if _supplies(choice.kind, inputs)]
    choices += [name for name in _OF_THE_RUN if _OF_A_RUN in inputs and name not in choices]
    assumptions = [
        name
        for name, known in ASSUMPTIONS.items()
        if name in inputs and (name in _NAMES or (known.section in _SECTIONS and not known.supplied))
    ]
    return (*choices, *assumptions)


def _supplies(kind: str, inputs: frozenset[str] | set[str]) -> bool:
    """Return whether entries of a kind have a fact among these inputs."""
    return not inputs.isdisjoint((*KINDS[kind].facts, *KINDS[kind].at_precision))


def at_now(scenario: "Scenario", figure: str) -> str:
    """Return what a figure measured on a plan was measured at, as a scenario writes it."""
    names = [name for name in NAMED_BY if name in measured_at(figure)]
    return f"{{{', '.join(f'{name}: {_written(scenario, name)}' for name in names)}}}"


def _written(scenario: "Scenario", name: str) -> str:
    if name in CHOICES:
        return scenario.choices[name].value
    value = scenario.settings[name].value
    known = ASSUMPTIONS[name]
    text = known.exact(known.median(value) if isinstance(value, Range) else value)
    return text.partition(" ")[0] if known.bare and "second" not in known.unit else text


class Pinned(NamedTuple):
    """A pin that says what it was measured at: the plan's, or one of a part of a mix or of a stage."""

    name: str
    called: str  # the plan's name for it
    setting: "Setting"
    part: "Part | None"

    def scenario(self, plan: "Scenario") -> "Scenario":
        """Return the scenario that it is a figure of."""
        return self.part.scenario if self.part else plan

    def values(self, known: Known) -> Known:
        """Return the assumptions of that scenario among those of the plan."""
        return self.part.over(known) if self.part else known

    def is_outlived(self, plan: "Scenario", known: Known) -> Number:
        """Return whether it was measured at other inputs than the plan's, or than those of cells."""
        values, choices = self.values(known), self.scenario(plan).choices
        outlived: Number = False
        for name, measured in self.setting.at:
            if isinstance(measured, str):
                outlived = outlived | (choices[name].value != measured)
            else:
                outlived = outlived | (abs(values[name] - measured) > _NEAR * abs(measured))
        return outlived

    def differing(self, plan: "Scenario", known: Known) -> Iterator[tuple[str, str, str]]:
        """Yield the inputs that differ: the name, what it was measured at, and what the plan has."""
        values, choices = self.values(known), self.scenario(plan).choices
        for name, measured in self.setting.at:
            if isinstance(measured, str):
                if choices[name].value != measured:
                    yield name, measured, choices[name].value
            elif abs(values[name] - measured) > _NEAR * abs(measured):
                exact = ASSUMPTIONS[name].exact
                yield name, exact(measured), exact(float(values[name]))


def pins_measured_at(scenario: "Scenario") -> list[Pinned]:
    """Return the pins of a scenario, of its parts and of its stages that say what they were measured at."""
    found = [Pinned(name, name, pin, None) for name, pin in scenario.pins.items() if pin.at]
    for part in (*scenario.parts, *scenario.stages):
        own = [name for name in part.pins if name in part.own and part.pins[name].at]
        found += [Pinned(name, part.called(name), part.pins[name], part) for name in own]
    return found
