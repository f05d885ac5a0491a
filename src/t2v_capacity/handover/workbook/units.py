"""The unit in which a person uses a number, and the number format that shows it."""

import math
import re
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import label, number, show, unit

# Units with prefixes or names of their own; numbers in other units are written unchanged.
_NAMED = ("byte", "bit", "FLOP", "watt", "joule", "second", "USD", "kg")
_LETTERS = " KMBT"
_SAID = re.compile(rf"(-?)([\d.]+)(e[-+]\d+)?([{_LETTERS.strip()}]?)(.*)")
# An input from here on is grouped by thousands.
_LONG = 1e6


class Unit(NamedTuple):
    """A unit as text, and how many of the base unit one of it is."""

    text: str
    factor: float = 1.0


def used(value: float, base: str) -> Unit:
    """Return the unit in which a person would write a value of a base unit; a share's is the percent sign of its cell.

    >>> used(2e6, "bit/s"), used(7_776_000, "second").factor, used(0.25, "share"), used(1e8, "user")
    (Unit(text='Mbit/s', factor=1000000.0), 86400.0, Unit(text='%', factor=1.0), Unit(text='users', factor=1.0))
    """
    numerator, slash, below = base.partition("/")
    if numerator in ("share", "ratio"):
        return Unit("%" if base == "share" else base)
    if numerator not in _NAMED:
        return Unit(label(numerator, "") + slash + below.replace("gpu", "GPU"))
    text = number(show(value, base))[1]
    text = text[2:] if text[:1] in _LETTERS and text[1:2] == " " else text
    return Unit(text, unit(text)[0] / unit(base)[0])


def typed_format(value: float, shown: Unit, *, whole: bool = False) -> str:
    """Return the number format of a number that a person types in."""
    if shown.text == "%":
        return "0.0###%"
    return "#,##0" if whole or value >= _LONG else "General"


def thousands(shown: Unit) -> int:
    """Return how many times a thousand base units a unit is; 0 where it is none of these, or no number format can show it."""
    power = math.log10(shown.factor) / 3
    scales = shown.text.partition("/")[0] not in ("s", "g", "kg") and power > 0 and math.isclose(power, round(power), abs_tol=1e-9)
    return round(power) if scales else 0


def shown_format(said: str, base: str = "", power: int = 0) -> str:
    """Return the number format that shows a number as `said`, which is in so many thousands of a base unit; less, in that unit.

    >>> shown_format("11574 requests/s"), shown_format("25%")
    ('[>=10000]0" requests/s";0.0###" requests/s"', '0%')
    >>> shown_format("20.7B USD/month", "USD/month"), shown_format("1.25 MB/video", "B/video", 2)
    ('[>=1000000000]0.0,,,"B USD/month";#,##0" USD/month"', '[>=1000000]0.00,," MB/video";#,##0" B/video"')
    """
    if not (found := _SAID.fullmatch(said)):
        return "General"
    sign, amount, exponent, letter, unit_text = found.groups()
    places, tail = len(amount.partition(".")[2]), f'"{letter}{unit_text}"' if letter or unit_text else ""
    zeros = f"0.{'0' * places}" if places else "0"
    power = power or _LETTERS.index(letter or " ")
    shown = f"{zeros}{',' * power}{tail}"
    if unit_text == "%":
        return f"{zeros}%"
    if sign or exponent:
        return f"0.00E+00{tail}" if exponent else shown
    if power:
        return f'[>={1000**power}]{shown};#,##0" {base}"'
    size = float(amount)
    least = f">={10.0 ** math.floor(math.log10(size)):.10f}".rstrip("0").rstrip(".") if size else "=0"
    return f"[{least}]{shown};0.0###{tail}"
