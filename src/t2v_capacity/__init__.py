"""t2v-cap turns a YAML file of assumptions about a text-to-video service into a capacity plan.

>>> import t2v_capacity as t2v
>>> t2v.estimate("scenarios/lesson.yaml", dau="200M").trps
23148.14814814815
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from t2v_capacity import assumptions, catalogue
    from t2v_capacity.api.ask import accuracy, calibrate, check, diff, estimate, fit, forecast, total
    from t2v_capacity.api.plan import Band, Plan
    from t2v_capacity.assumptions.quantities import Range
    from t2v_capacity.errors import Mistakes
    from t2v_capacity.formulas import FIGURES as figures  # noqa: N811 - a public name, written like the others
    from t2v_capacity.release import __version__

__all__ = [
    "Band",
    "Mistakes",
    "Plan",
    "Range",
    "__version__",
    "accuracy",
    "assumptions",
    "calibrate",
    "catalogue",
    "check",
    "diff",
    "estimate",
    "figures",
    "fit",
    "forecast",
    "total",
]
# Where each of them is, and its name there; imported when it is first asked for.
_HOMES = {
    **dict.fromkeys(("accuracy", "calibrate", "check", "diff", "estimate", "fit", "forecast", "total"), "api.ask"),
    **dict.fromkeys(("Band", "Plan"), "api.plan"),
    "Mistakes": "errors",
    "Range": "assumptions.quantities",
    "__version__": "release",
    "assumptions": "assumptions",
    "catalogue": "catalogue",
    "figures": "formulas",
}
_CALLED = {"figures": "FIGURES"}


if not TYPE_CHECKING:  # which knows the names from the imports above, and refuses others

    def __getattr__(name: str) -> object:
        """Return a public name, importing what it needs. Raise AttributeError if there is none."""
        if name not in _HOMES:
            raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
        module = import_module(f"{__name__}.{_HOMES[name]}")
        if _HOMES[name].startswith("api."):
            from t2v_capacity.api.keywords import name_keywords

            name_keywords()
        public = module if name in ("assumptions", "catalogue") else getattr(module, _CALLED.get(name, name))
        globals()[name] = public
        return public


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
