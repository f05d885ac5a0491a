"""Units as pint sees them: what the laws check formulas' dimensions with.

Checked dimensions: byte, bit, second, FLOP, joule, USD, user, video (a request asks for one video) and kg.
Everything that is merely counted (GPUs, servers, frames, tokens, steps, layers, months) is a label and has no
dimension, so that `R + beta sqrt(R)` and `n - 1` are legal.
"""

import math
from functools import cache
from typing import Any

import pint

LABELS = (
    "gpu server replica frame token step layer pass parameter pixel iteration head matrix region month year view clip key interruption share ratio count"
).split()


@cache
def registry() -> Any:
    """Return a registry of exactly the units that figures and assumptions are declared in."""
    units: Any = pint.UnitRegistry(None)
    for dimension in ("byte", "bit", "s", "FLOP", "joule", "USD", "user", "video", "kg"):
        units.define(f"{dimension} = [{dimension}]")
    units.define("second = s")
    units.define("hour = 3600 s")
    units.define("day = 86400 s")
    units.define("watt = joule / s")
    units.define("request = video")
    for label in LABELS:
        units.define(f"{label} = []")
    return units


def quantity(value: float, unit: str) -> Any:
    """Return a number in a declared unit as a pint quantity."""
    return registry().Quantity(value, parsed(unit))


@cache
def parsed(unit: str) -> Any:
    """Return a declared unit: numerator/below/below, products joined by hyphens."""
    first, *below = unit.split("/")
    text = " * ".join(f"({part.replace('-', ' * ')})" for part in [first]) + "".join(f" / ({part.replace('-', ' * ')})" for part in below)
    return registry().parse_units(text) if first != "1" else registry().parse_units(text.replace("(1)", "ratio"))


def _dimensionless(x: Any) -> float:
    return float(x.to_base_units().to("").magnitude) if hasattr(x, "to_base_units") else float(x)


def _rounded(x: Any, rounding: Any) -> Any:
    """Round in the unit that the quantity stands in: frames a video are counted, whatever they are per."""
    if not hasattr(x, "to_base_units"):
        return rounding(x)
    base = x.to_base_units()
    if any(str(dimension) != "[video]" for dimension in base.dimensionality):
        raise pint.DimensionalityError(base.units, "a count", extra_msg="; only counts can be rounded")
    return registry().Quantity(rounding(base.magnitude), base.units)


def _same(x: Any, y: Any) -> tuple[Any, Any]:
    left = (x if hasattr(x, "to_base_units") else registry().Quantity(x, "")).to_base_units()
    right = (y if hasattr(y, "to_base_units") else registry().Quantity(y, "")).to_base_units()
    # Nothing, and no value at all, are the same in every unit.
    if left.dimensionless and (left.magnitude == 0 or math.isnan(left.magnitude)):
        left = registry().Quantity(left.magnitude, right.units)
    if right.dimensionless and (right.magnitude == 0 or math.isnan(right.magnitude)):
        right = registry().Quantity(right.magnitude, left.units)
    return left, right.to(left.units)


def verbs(floats: dict[str, Any]) -> dict[str, Any]:
    """Return every verb in its pint form; the arithmetic itself is the float's."""

    def larger(x: Any, y: Any) -> Any:
        left, right = _same(x, y)
        return registry().Quantity(floats["maximum"](left.magnitude, right.magnitude), left.units)

    def smaller(x: Any, y: Any) -> Any:
        left, right = _same(x, y)
        return registry().Quantity(floats["minimum"](left.magnitude, right.magnitude), left.units)

    def where(condition: Any, yes: Any, no: Any) -> Any:
        left, right = _same(yes, no)
        return left if condition else right

    own = {
        "ceil": lambda x: _rounded(x, floats["ceil"]),
        "floor": lambda x: _rounded(x, floats["floor"]),
        "sqrt": lambda x: x**0.5,
        "exp": lambda x: math.exp(_dimensionless(x)),
        "log": lambda x: math.log(_dimensionless(x)),
        "sin": lambda x: math.sin(_dimensionless(x)),
        "acos": lambda x: math.acos(_dimensionless(x)),
        "maximum": larger,
        "minimum": smaller,
        "where": where,
    }
    others = {name: (lambda *xs, verb=verb: verb(*(_dimensionless(x) for x in xs))) for name, verb in floats.items() if name not in own}
    return own | others
