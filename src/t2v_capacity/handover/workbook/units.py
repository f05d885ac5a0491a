"""The unit in which a person uses a number, and the number format that shows it."""

from typing import NamedTuple

from t2v_capacity.assumptions.quantities import label, number, show, unit

# Units with prefixes or names of their own; numbers in other units are written unchanged.
_NAMED = ("byte", "bit", "FLOP", "watt", "joule", "second", "USD", "kg")
_LETTERS = "KMBT"


class Unit(NamedTuple):
    """A unit as text, and how many of the base unit one of it is."""

    text: str
    factor: float = 1.0


def readable_unit(amount: float, base: str) -> Unit:
    """Return the unit in which a person would write a value of a base unit.

    That of a share is the percent sign of its cell.

    >>> readable_unit(2e6, "bit/s"), readable_unit(7_776_000, "second").factor
    (Unit(text='Mbit/s', factor=1000000.0), 86400.0)
    >>> readable_unit(0.25, "share").text, readable_unit(1e8, "user").text
    ('%', 'users')
    """
    numerator, slash, below = base.partition("/")
    if numerator in ("share", "ratio"):
        return Unit("%" if base == "share" else base)
    if numerator not in _NAMED:
        return Unit(label(numerator, "") + slash + below.replace("gpu", "GPU"))
    text = number(show(amount, base))[1]
    text = text[2:] if text[:1] in _LETTERS and text[1:2] == " " else text
    return Unit(text, unit(text)[0] / unit(base)[0])


def shown_format(unit_text: str) -> str:
    """Return the number format of a number in a unit.

    >>> shown_format("MB/video"), shown_format("%")
    ('[>=100]#,##0" MB/video";[<0]-#,##0.0####" MB/video";0.0####" MB/video"', '0.0##%')
    """
    if unit_text == "%":
        return "0.0##%"
    # A loss has its sign: of two sections the second is that of negative numbers, without one.
    return f'[>=100]#,##0" {unit_text}";[<0]-#,##0.0####" {unit_text}";0.0####" {unit_text}"'
