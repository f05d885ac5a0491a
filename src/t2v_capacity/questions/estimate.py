"""The plan itself: every figure of a scenario, and what a reader should be warned of."""

from collections.abc import Mapping
from dataclasses import dataclass

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.figures import FIGURES, ancestors, evaluate
from t2v_capacity.scenario import PlanWarning, Scenario

# The figures that a plan is read for; a default that moves one of them in proportion decides the answer.
HEADLINE = ("rule_of_thumb_gpus", "storage_per_day", "egress_bandwidth")
# Assumptions that no figure but a warning uses.
WARNED_OF: frozenset[str] = frozenset()
_STEP = 1.1
_DECISIVE = 0.5


@dataclass(frozen=True, slots=True)
class Estimate:
    """A scenario, the values of its assumptions, the figures that follow, and the warnings."""

    scenario: Scenario
    values: Mapping[str, float]
    figures: Mapping[str, float | None]
    warnings: tuple[PlanWarning, ...]


def estimate(scenario: Scenario) -> Estimate:
    """Return the capacity plan of a scenario.

    >>> from t2v_capacity.scenario import load_scenario
    >>> estimate(load_scenario("scenarios/lesson.yaml")).figures["rule_of_thumb_gpus"]
    8180
    """
    values = scenario.values()
    figures = evaluate(values)
    warnings = (*scenario.warnings, *_bypassing_pins(scenario), *_deciding_defaults(scenario, values, figures))
    return Estimate(scenario, values, figures, warnings)


def _bypassing_pins(scenario: Scenario) -> list[PlanWarning]:
    """Warn where an assumption was set by hand but counts nowhere, since a pin stands before every figure that uses it."""
    if not scenario.pins:
        return []
    reached = ancestors(FIGURES, stop=scenario.pins)
    idle = [
        name for name, setting in scenario.settings.items() if setting.origin.kind in ("file", "flag", "shorthand") and name not in reached
    ]
    if not idle:
        return []
    pins = ", ".join(f"`{pin}`" for pin in scenario.pins if set(idle) & ancestors([pin]))
    message = f"pinned {pins}: {', '.join(f'`{name}`' for name in idle)} no longer counts"
    return [PlanWarning("pin-bypasses", message, tuple(idle))]


def _deciding_defaults(scenario: Scenario, values: Mapping[str, float], figures: Mapping[str, float | None]) -> list[PlanWarning]:
    """Name the defaults, set by nobody, that move a headline figure at least half as much as themselves."""
    deciding = [
        name
        for name, setting in scenario.settings.items()
        if setting.origin.kind == "default" and values[name] and _moves(name, values, figures)
    ]
    if not deciding:
        return []
    shown = ", ".join(f"{name} = {ASSUMPTIONS[name].default}" for name in deciding)
    return [PlanWarning("default-decides", f"these defaults decide the answer: {shown}", tuple(deciding), "info")]


def _moves(name: str, values: Mapping[str, float], figures: Mapping[str, float | None]) -> bool:
    moved = evaluate({**values, name: values[name] * _STEP})
    for headline in HEADLINE:
        base, other = figures[headline], moved[headline]
        if base and other is not None and abs(other / base - 1) >= _DECISIVE * (_STEP - 1):
            return True
    return False
