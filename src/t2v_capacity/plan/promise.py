"""A promised latency: the chance that it is kept over the model's error, and the factor on the seconds of a clip at which it breaks."""

from collections.abc import Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import Range, digits
from t2v_capacity.engine.figures import Number
from t2v_capacity.plan.evidence import FACTOR, model_error
from t2v_capacity.plan.feasibility import LATE_BY, late, no_value, promised, slowest_said
from t2v_capacity.plan.mix import views
from t2v_capacity.plan.uncertain import at_factors, even_points, uncertain
from t2v_capacity.scenario.settings import PlanWarning, Scenario, point

# A target met with a smaller chance than this is at risk.
SURE = 0.9
# So many halvings find the factor to more digits than anybody reads.
_HALVINGS = 24


class Promise(NamedTuple):
    """The chance that a promise is kept, and the most that clips may take, as a factor on the predicted seconds; none beyond the last point."""

    chance: float
    breaks: float | None


def error_range(scenario: Scenario, known: Mapping[str, float], rests_on: str) -> Range | None:
    """Return the range of `time_factor` over which a written target is judged; none without a target or a range."""
    if not scenario.promises:
        return None
    value = uncertain(scenario, known, rests_on).settings[FACTOR].value
    return value if isinstance(value, Range) else None


def at_risk(scenario: Scenario, known: Mapping[str, Number], error: Range) -> Number:
    """Return whether a promise is kept at the point and too often broken over the error: of floats, or of each of an array of cells."""
    kept = sum(1 - _broken(one) for one in at_factors(scenario, known, LATE_BY, even_points(error)))
    return (kept < SURE * len(even_points(error))) & (1 - _broken(known) == 1)


def promise(scenario: Scenario, known: Mapping[str, float], error: Range) -> Promise:
    """Return the chance that a promise is kept, and where above the point it breaks.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml", ["target_latency=10 min"]))
    >>> found = promise(plan.scenario, plan.known, Range(0.85, 1.18, 1.0))
    >>> round(found.chance, 2), round(found.breaks, 2)
    (0.57, 1.02)
    """
    points, middle = even_points(error), point(FACTOR, error)
    broken = _broken_at(scenario, known, error)
    chance = 1 - sum(broken) / len(points)
    first = next((factor for factor, late_there in zip(points, broken, strict=True) if late_there and factor > middle), None)
    if first is None:
        return Promise(chance, None)
    low, high = max(factor for factor in points if factor < first), first
    for _halving in range(_HALVINGS):
        between = (low + high) / 2
        (there,) = at_factors(scenario, known, LATE_BY, (between,))
        low, high = (low, between) if _broken(there) else (between, high)
    return Promise(chance, low / middle)


def chance_kept(scenario: Scenario, known: Mapping[str, float], rests_on: str) -> float | None:
    """Return the chance that a target is met over the model's error; none if no target is written or nothing is uncertain."""
    error = error_range(scenario, known, rests_on)
    if error is None:
        return None
    broken = _broken_at(scenario, known, error)
    return 1 - sum(broken) / len(broken)


def _broken_at(scenario: Scenario, known: Mapping[str, float], error: Range) -> list[bool]:
    return [bool(_broken(one)) for one in at_factors(scenario, known, LATE_BY, even_points(error))]


def _broken(known: Mapping[str, Number]) -> Number:
    return late(known) | no_value(known["utilization"])


def uncertain_promise(scenario: Scenario, known: Mapping[str, float], error: Range, rests_on: str) -> PlanWarning:
    """Warn of a promise that is kept at the point, with its chance and the factor at which it breaks."""
    found, whose = promise(scenario, known, error), model_error(scenario, rests_on, known).whose
    tightest = min(views(scenario, known), key=lambda view: view.known["latency_slack"])
    target = promised(tightest.scenario, tightest.known["target_latency"])
    message = (
        f"{tightest.name}{': ' * bool(tightest.name)}{slowest_said(tightest.known)}, target {target}: met in "
        f"{digits(100 * found.chance, 2)}% of {whose}"
    )
    if found.breaks is not None:
        message += f"; met as long as clips take at most {found.breaks:.2f} times the predicted time"
    return PlanWarning("target-latency-uncertain", message, ("latency_p95", "target_latency"))
