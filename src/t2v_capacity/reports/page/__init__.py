"""A plan as one page that recalculates in a browser."""

from t2v_capacity.questions.estimate import Estimate


def page(plans: list[Estimate]) -> str:
    """Return one plan, or two side by side, as an HTML page."""
    raise NotImplementedError(plans[0].scenario.name)
