"""The assumptions that decide a plan: those that move its figures most, and by how much."""

from collections.abc import Mapping
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS, GPU
from t2v_capacity.questions.estimate import Estimate
from t2v_capacity.questions.sensitivity import RANGE, Input, of_the_model, sensitivity
from t2v_capacity.questions.warnings import DECIDED, DECISIVE
from t2v_capacity.scenario import Scenario, Setting

# From 10 % less to 10 % more, what decides moves a figure by a tenth.
_SWING = 0.2 * DECISIVE


class Effect(NamedTuple):
    """What an assumption does to each of the figures that it moves."""

    name: str
    setting: Setting
    inputs: Mapping[str, Input]
    largest: float  # swing, over the figure's value


def effects(plan: Estimate) -> list[Effect]:
    """Return the assumptions and pins that decide, the strongest first."""
    scenario = plan.scenario
    found: dict[str, dict[str, Input]] = {}
    for figure in DECIDED:
        if figure not in scenario.pins and plan.figures[figure]:
            for one in sensitivity(scenario, figure).inputs:
                if one.moves and not _known(scenario, one):
                    found.setdefault(one.name, {})[figure] = one
    every = [Effect(name, _setting(scenario, name), inputs, _largest(plan, inputs)) for name, inputs in found.items()]
    # Rounded, so that equals stay in the order of the scenario whatever the last digit is.
    return sorted((effect for effect in every if _decides(effect)), key=lambda effect: -round(effect.largest, 6))


def _setting(scenario: Scenario, name: str) -> Setting:
    return scenario.pins[name] if name in scenario.pins else scenario.settings[name]


def _known(scenario: Scenario, one: Input) -> bool:
    """Return whether nobody guesses an input: it is what the chosen model or GPU is, neutral or a convention."""
    setting = scenario.settings.get(one.name)
    if setting is None or one.name in scenario.pins:
        return False
    usual = ASSUMPTIONS[one.name].source
    by_hand = setting.origin.by_hand
    return usual.startswith("convention") or (not by_hand and (usual == GPU or setting.neutral or of_the_model(scenario, one)))


def _largest(plan: Estimate, inputs: Mapping[str, Input]) -> float:
    """Return the largest swing over its figure; one that leaves the figure without a value at an end is beyond all."""
    swings = (float("inf") if one.swing is None else one.swing / abs(plan.figures[figure] or 1) for figure, one in inputs.items())
    return max(swings)


def _decides(effect: Effect) -> bool:
    ranged = any(one.kind == RANGE for one in effect.inputs.values())
    return ranged or effect.largest >= _SWING or any(abs(one.elasticity or 0) >= DECISIVE for one in effect.inputs.values())
