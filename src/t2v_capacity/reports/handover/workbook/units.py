"""The unit in which a person uses a number, and the number format that shows it."""

import math
from typing import NamedTuple

from t2v_capacity.vocabulary.quantities import label, number, show, unit

# What a number counts in units that have prefixes or names of their own; everything else is written as it is.
_NAMED = ("byte", "bit", "FLOP", "watt", "joule", "second", "USD", "kg")
_PREFIXES = {1e3: ("K", "k"), 1e6: ("M", "M"), 1e9: ("G", "G"), 1e12: ("T", "T"), 1e15: ("P", "P"), 1e18: ("E", "E")}
_COUNTS = ("K ", "M ", "B ", "T ")
# Numbers below the first are written with a power of ten, from the second on without decimals, from the last on in millions.
_FEW, _MANY, _MILLIONS = 1e-4, 1_000, 1e6
# A number that is longer than this as it stands is shown in fewer digits.
_LONG = 9
PERCENT = "0.0###%"


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
    text = text[2:] if text.startswith(_COUNTS) else text
    return Unit(text, unit(text)[0] / unit(base)[0])


def typed(value: float, shown: Unit, *, whole: bool = False) -> str:
    """Return the number format of a number that a person types in."""
    if shown.text == "%":
        return PERCENT
    if len(f"{value:.15g}") <= _LONG and not whole:
        return "General"
    return "#,##0" if value == int(value) else "#,##0.0###"


def plain(value: float | None, text: str = "", *, whole: bool = False) -> str:
    """Return the number format that shows a number about as large as this one in three digits or more, its unit behind it.

    >>> plain(11574.07, "requests/s"), plain(0.25, "%")
    ('[>=1000]#,##0" requests/s";[>=1]0.00" requests/s";0.00##" requests/s"', '0.00%')
    >>> plain(520.69e6, "USD/month")
    '[>=1000000000]0.00,,,"B USD/month";[>=1000000]0.00,,"M USD/month";#,##0" USD/month"'
    """
    size = abs(value or 0)
    if text == "%":
        return "0.00%" if size >= _FEW or not size else "0.00E+00"
    tail = f'" {text}"' if text and text != "ratio" else ""
    if whole:
        return f"#,##0{tail}"
    if 0 < size < _FEW:
        return f"0.00E+00{tail}"
    if value is not None and value < 0:
        return f"#,##0.00{tail}"
    if size >= _MILLIONS:
        power, prefixes = (4, "TB") if size >= _MILLIONS**2 else (3, "BM")
        inner = tail.strip('"')
        above, below = (f'0.00{"," * (power - place)}"{prefix}{inner}"' for place, prefix in enumerate(prefixes))
        return f"[>={1_000**power}]{above};[>={1_000 ** (power - 1)}]{below};#,##0{tail}"
    return f"[>={_MANY}]#,##0{tail};[>=1]0.00{tail};0.00##{tail}"


def scaled(shown: Unit) -> str:
    """Return the number format that shows base units in thousands, millions and so on, around this one.

    >>> scaled(Unit("MB/video", 1e6))
    '[>=1000000000]0.00,,," GB/video";[>=1000000]0.00,," MB/video";0.00," KB/video"'
    """
    power = round(math.log10(shown.factor)) // 3
    bare = shown.text[1:] if power else shown.text
    powers = [max(power, 1) + 1, max(power, 1), max(power, 1) - 1]
    if powers[0] > len(_PREFIXES):
        powers = [power, power - 1, power - 2]
    return ";".join(f"{f'[>={10 ** (3 * p)}]' if place < 2 else ''}0.00{',' * p}{_tail(p, bare)}" for place, p in enumerate(powers))  # noqa: PLR2004


def _tail(power: int, bare: str) -> str:
    prefix = _PREFIXES[10.0 ** (3 * power)][not bare.startswith("B")] if power else ""
    return f'" {prefix}{bare}"'


def scales(shown: Unit) -> bool:
    """Return whether a number format alone can show a base unit in this one: it is a power of a thousand of it."""
    power = math.log10(shown.factor) / 3
    return shown.text.partition("/")[0] not in ("s", "g", "kg") and power >= 0 and math.isclose(power, round(power), abs_tol=1e-9)
