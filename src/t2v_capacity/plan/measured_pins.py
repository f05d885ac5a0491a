"""Pins that say what they were measured at, and whether a plan is still that."""

from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import Known, Number
from t2v_capacity.scenario.measured import measured_at
from t2v_capacity.scenario.settings import Part, Scenario

# The inputs by which a measured clip is named.
NAMED_BY = (
    *("model", "width", "height", "duration", "steps", "passes_per_step", "gpu", "gpus_per_replica"),
    *("runtime", "attention_kernel", "precision", "dau", "videos_per_user_per_day"),
)
_NEAR = 1e-9  # relative: values this near are the same


def at_now(scenario: Scenario, figure: str) -> str:
    """Return what a figure measured on a plan was measured at, as a scenario writes it."""
    names = [name for name in NAMED_BY if name in measured_at(figure)]
    return f"{{{', '.join(f'{name}: {as_written(name, input_of(scenario, name))}' for name in names)}}}"


def input_of(scenario: Scenario, name: str) -> float | str:
    """Return a choice, or the point of an assumption."""
    if name in CHOICES:
        return scenario.choices[name].value
    amount = scenario.settings[name].value
    return ASSUMPTIONS[name].median(amount) if isinstance(amount, Range) else amount


def as_written(name: str, value: float | str) -> str:
    """Return a choice, or a number as a file writes it.

    >>> as_written("steps", 20), as_written("duration", 5.0)
    ('20', '5 s')
    """
    if isinstance(value, str):
        return value
    known = ASSUMPTIONS[name]
    text = known.exact(value)
    return text.partition(" ")[0] if known.bare and "second" not in known.unit else text


class Pinned(NamedTuple):
    """A pin of the plan, of a part or of a stage, that says what it was measured at."""

    name: str
    called: str  # the plan's name for it
    at: tuple[tuple[str, float | str], ...]
    part: Part | None

    def scenario(self, plan: Scenario) -> Scenario:
        """Return the scenario that it is a figure of."""
        return self.part.scenario if self.part else plan

    def differing(self, plan: Scenario, known: Known) -> dict[str, Number]:
        """Return whether each input is another than the plan's, or that of cells; `known` are the plan's values."""
        values, choices = self.part.over(known) if self.part else known, self.scenario(plan).choices
        return {
            name: choices[name].value != measured
            if isinstance(measured, str)
            else abs(values[name] - measured) > _NEAR * abs(measured)
            for name, measured in self.at
        }


def pins_measured_at(scenario: Scenario) -> list[Pinned]:
    """Return the pins of a scenario, of its parts and of its stages that say what they were measured at."""
    pins = [Pinned(name, name, pin.at, None) for name, pin in scenario.pins.items() if pin.at]
    for part in (*scenario.parts, *scenario.stages):
        own = [name for name in part.pins if name in part.own and part.pins[name].at]
        pins += [Pinned(name, part.called(name), part.pins[name].at, part) for name in own]
    return pins
