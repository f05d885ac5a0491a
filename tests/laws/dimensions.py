"""Units as pint sees them: what the laws check formulas' dimensions with.

Checked dimensions: byte, bit, second, FLOP, joule, USD, user, video (a request asks for one video) and kg.
Everything that is merely counted (GPUs, servers, frames, tokens, steps, layers, months) is a label and has no
dimension, so that `R + beta sqrt(R)` and `n - 1` are legal.
"""

import math
from functools import cache, partial
from typing import Any

import pint

LABELS = (
    "gpu server replica frame token step layer pass parameter pixel iteration head matrix region month year".split()
)
LABELS += "view clip key interruption share ratio count".split()


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
    first, *below = (part.replace("-", " * ") for part in unit.split("/"))
    return registry().parse_units("".join(["ratio" if first == "1" else first, *(f" / ({part})" for part in below)]))


def of_number(x: Any) -> Any:
    """Return a quantity as it is, and a number as one without a dimension."""
    return x if hasattr(x, "to_base_units") else registry().Quantity(float(x), "")


def _dimensionless(x: Any) -> float:
    return float(of_number(x).to_base_units().to("").magnitude)


def _rounded(x: Any, rounding: Any) -> Any:
    """Round in the unit that the quantity stands in: frames a video are counted, whatever they are per."""
    if not hasattr(x, "to_base_units"):
        return rounding(x)
    base = x.to_base_units()
    if any(str(dimension) != "[video]" for dimension in base.dimensionality):
        raise pint.DimensionalityError(base.units, "a count", extra_msg="; only counts can be rounded")
    return registry().Quantity(rounding(base.magnitude), base.units)


def _same(x: Any, y: Any) -> tuple[Any, Any]:
    left, right = (of_number(one).to_base_units() for one in (x, y))
    # Nothing, and no value at all, are the same in every unit.
    if left.dimensionless and (left.magnitude == 0 or math.isnan(left.magnitude)):
        left = registry().Quantity(left.magnitude, right.units)
    if right.dimensionless and (right.magnitude == 0 or math.isnan(right.magnitude)):
        right = registry().Quantity(right.magnitude, left.units)
    return left, right.to(left.units)


def verbs(floats: dict[str, Any]) -> dict[str, Any]:
    """Return every verb in its pint form; the arithmetic itself is the float's."""

    def of_two(name: str, x: Any, y: Any) -> Any:
        left, right = _same(x, y)
        return registry().Quantity(floats[name](left.magnitude, right.magnitude), left.units)

    def where(condition: Any, yes: Any, no: Any) -> Any:
        left, right = _same(yes, no)
        return left if condition else right

    own = {
        "ceil": lambda x: _rounded(x, floats["ceil"]),
        "floor": lambda x: _rounded(x, floats["floor"]),
        "sqrt": lambda x: x**0.5,
        "maximum": partial(of_two, "maximum"),
        "minimum": partial(of_two, "minimum"),
        "where": where,
    }
    others = {
        name: (lambda *xs, verb=verb: verb(*(_dimensionless(x) for x in xs)))
        for name, verb in floats.items()
        if name not in own
    }
    return own | others
