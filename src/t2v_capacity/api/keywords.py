"""List the keywords of Python's functions for notebooks: `**values` names them for type checkers only."""

from collections.abc import Callable
from inspect import Parameter, signature

from t2v_capacity.api import ask
from t2v_capacity.api.plan import Plan
from t2v_capacity.assumptions.names import SETTABLE, names_of

TAKING: tuple[Callable[..., object], ...] = (Plan.but, Plan.sweep, ask.estimate, ask.check, ask.calibrate)


def name_keywords() -> None:
    """Give each function that takes assumptions and choices by name a signature with these names.

    A shell completes them.
    """
    settable = [Parameter(name, Parameter.KEYWORD_ONLY, default=...) for name in names_of(*SETTABLE)]
    for function in TAKING:
        known = signature(function)
        own = [parameter for parameter in known.parameters.values() if parameter.kind is not Parameter.VAR_KEYWORD]
        more = [parameter for parameter in settable if parameter.name not in known.parameters]
        function.__signature__ = known.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
