"""The published runs nearest to a plan, as the plan's own catalogue predicts them."""

from collections.abc import Mapping

from t2v_capacity.catalogue.published import Measurement
from t2v_capacity.plan.evidence import nearest_runs, physics
from t2v_capacity.scenario.settings import Scenario

# The entries that the seconds of a clip follow from.
_KINDS = ("gpus", "generations", "kernels", "runtimes", "models")


def nearest_here(scenario: Scenario, known: Mapping[str, float]) -> tuple[Measurement, ...]:
    """Return the nearest published runs; predicted anew where a user's catalogue changes what seconds follow from.

    `known` are the plan's assumptions and figures, by name.
    """
    found, catalogue = nearest_runs(scenario, known), scenario.catalogue
    if not found or not catalogue.overlaid or not any(physics(entry) for kind in _KINDS for entry in catalogue.entries(kind).values()):
        return found
    from t2v_capacity.questions.measured.accuracy import anew

    return tuple(anew(found, catalogue))
