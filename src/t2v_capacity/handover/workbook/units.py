"""The unit in which a person uses a number, and the number format that shows it."""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import COUNTED, EASILY_COUNTED, EASILY_READ, SIGNIFICANT, label, number, show, unit

# Units with prefixes or names of their own; numbers in other units are written unchanged.
_NAMED = ("byte", "bit", "FLOP", "watt", "joule", "second", "USD", "kg")
_PREFIXES = {1e3: ("K", "k"), 1e6: ("M", "M"), 1e9: ("G", "G"), 1e12: ("T", "T"), 1e15: ("P", "P"), 1e18: ("E", "E")}
_LETTERS, _QUOTE = "KMBT", '"'
_COUNTS = ("K ", "M ", "B ", "T ")
# A number that is longer than this as it stands is shown in fewer digits.
_LONG = 9
# Units whose thousands are written with their letter from 10,000 on.
_COUNTED = (*(label(name, "") for name in COUNTED), "d")
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


def typed_format(value: float, shown: Unit, *, whole: bool = False) -> str:
    """Return the number format of a number that a person types in."""
    if shown.text == "%":
        return PERCENT
    if len(f"{value:.15g}") <= _LONG and not whole:
        return "General"
    return "#,##0" if value == int(value) else "#,##0.0###"


def plain_format(value: float | None, said: str, text: str = "") -> str:
    """Return the number format that shows a number as `said`, near ones in three digits, with the unit after it.

    >>> plain_format(11574.07, "11574 requests/s", "requests/s"), plain_format(0.25, "25%", "%")
    ('[>=100000]0" requests/s";[>=10000]0" requests/s";0" requests/s"', '0%')
    >>> plain_format(20.65e9, "20.7B USD", "USD/month")
    '[>=1000000000000]0.00,,,,"T USD/month";[>=1000000000]0.0,,,"B USD/month";0,,"M USD/month"'
    """
    amount, letter = _said(said)
    size, places = abs(value or 0), len(amount.partition(".")[2])
    tail = "%" if text == "%" else f'" {text}"' if text and text != "ratio" else ""
    if "e" in amount:
        return f"0.00E+00{tail.strip('%')}"
    if text == "%" or (value is not None and value < 0):
        return f"{_zeros(places)}{tail}"
    if letter:
        least = 1_000 if text.startswith("USD") else int(EASILY_COUNTED if text.startswith(_COUNTED) else EASILY_READ)
        tails = {at: f'"{letter}{tail.strip(_QUOTE)}"' for at, letter in enumerate(_LETTERS, 1)}
        return _steps(_LETTERS.index(letter) + 1, places, tails, tail, least)
    return _near(size, places, tail, said.partition(" ")[2])


def _near(size: float, places: int, tail: str, unit_of_one: str) -> str:
    """Return the format of a number without a prefix: in these places as it is, in three digits ten times above and below."""
    if not size:
        return f"[=0]0{tail};[>=100]0{tail};0.00##{tail}"
    if size == 1 and unit_of_one and tail != f'" {unit_of_one}"':
        return f'[=1]0" {unit_of_one}";[>=10]0{tail};0.0#{tail}'
    digit = math.floor(math.log10(size))
    above, below = _zeros(SIGNIFICANT - 2 - digit), _zeros(SIGNIFICANT - digit)
    return f"[>={_power(digit + 1)}]{above}{tail};[>={_power(digit)}]{_zeros(places)}{tail};{below}{tail}"


def _said(said: str) -> tuple[str, str]:
    """Return the digits of a quantity, and the letter that counts thousands and so on."""
    match = re.match(rf"([-+.e\d]+)([{_LETTERS}]?)", said)
    return (match[1], match[2]) if match else ("0", "")


def _zeros(places: int) -> str:
    return f"0.{'0' * places}" if places > 0 else "0"


def _power(exponent: int) -> str:
    """Return a power of ten as a number format writes it."""
    return f"{10**exponent}" if exponent >= 0 else f"{10.0**exponent:.{-exponent}f}"


def _steps(power: int, places: int, tails: Mapping[int, str], bare: str, least: int = 1_000) -> str:
    """Return the format of a number in this power of a thousand, with the next power above it and the one below; thousands from `least` on."""
    tails = {0: bare, **tails}
    above = f"[>={1000 ** (power + 1)}]0.00{',' * (power + 1)}{tails[power + 1]};" if power + 1 in tails else ""
    below = f"0{',' * (power - 1)}{tails[power - 1]}" if power else ""
    here = f"{_zeros(places)}{',' * power}{tails[power]}"
    return f"{above}[>={least if power == 1 else 1000**power}]{here};{below}" if power else f"{above}{here}"


def scaled(shown: Unit, said: str) -> str:
    """Return the number format that shows base units in thousands, millions and so on, as a value in this one is `said`.

    >>> scaled(Unit("MB/video", 1e6), "1.25 MB/video")
    '[>=1000000000]0.00,,," GB/video";[>=1000000]0.00,," MB/video";0," KB/video"'
    """
    power = round(math.log10(shown.factor)) // 3
    bare = shown.text[1:] if power else shown.text
    places = len(_said(said)[0].partition(".")[2])
    return _steps(power, places, {at: _tail(at, bare) for at in range(1, len(_PREFIXES) + 1)}, _tail(0, bare))


def _tail(power: int, bare: str) -> str:
    prefix = _PREFIXES[10.0 ** (3 * power)][not bare.startswith("B")] if power else ""
    return f'" {prefix}{bare}"'


def scales(shown: Unit) -> bool:
    """Return whether a number format alone can show a base unit in this one: it is a power of a thousand of it."""
    power = math.log10(shown.factor) / 3
    return shown.text.partition("/")[0] not in ("s", "g", "kg") and power >= 0 and math.isclose(power, round(power), abs_tol=1e-9)
