"""A plan as a section of a design document."""

from t2v_capacity.questions.estimate import Estimate


def brief(plan: Estimate) -> str:
    """Return a plan as markdown."""
    raise NotImplementedError(plan.scenario.name)
