"""The plan itself: every figure of a scenario, what it rests on, and what a reader should be warned of."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from t2v_capacity.figures import evaluate
from t2v_capacity.questions.evidence import evidence
from t2v_capacity.questions.warnings import plan_warnings
from t2v_capacity.scenario import PlanWarning, Scenario


@dataclass(frozen=True, slots=True)
class Estimate:
    """A scenario, the values of its assumptions, the figures that follow, and the warnings."""

    scenario: Scenario
    values: Mapping[str, float]
    figures: Mapping[str, float | None]
    evidence: str
    warnings: tuple[PlanWarning, ...]


def estimate(scenario: Scenario) -> Estimate:
    """Return the capacity plan of a scenario.

    >>> from t2v_capacity.scenario import load_scenario
    >>> estimate(load_scenario("scenarios/lesson.yaml")).figures["rule_of_thumb_gpus"]
    8180
    """
    values = scenario.values()
    figures = {name: None if math.isnan(value) else value for name, value in evaluate(values).items()}
    rests_on = evidence(scenario)
    return Estimate(scenario, values, figures, rests_on, plan_warnings(scenario, values, figures, rests_on))
