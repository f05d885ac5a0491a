"""Data validation: a number outside an assumption's bounds is refused in the words of the command line."""

from typing import Any

from t2v_capacity.assumptions.parts import assumption
from t2v_capacity.handover.workbook.units import Unit

# The most characters that a spreadsheet shows of a validation's title and message.
_TITLE, _MESSAGE = 32, 255


def bounds(name: str) -> str:
    """Return an assumption's bounds in words.

    >>> bounds("max_utilization"), bounds("width")
    ('from 5% to 99.9%', 'from 16 pixels to 16384 pixels, a whole number')
    """
    return f"{assumption(name).bounds()}{', a whole number' if assumption(name).whole else ''}"


def validate(page: Any, row: int, column: int, name: str, shown: Unit) -> None:
    """Let a cell take numbers between an assumption's bounds alone, in the unit that it is written in there."""
    known = assumption(name)
    page.data_validation(
        row,
        column,
        row,
        column,
        {
            "validate": "integer" if known.whole else "decimal",
            "criteria": "between",
            "minimum": known.low / shown.factor,
            "maximum": known.high / shown.factor,
            "ignore_blank": False,
            "input_title": name[:_TITLE],
            "input_message": f"{known.label}, {bounds(name)}; here in {shown.text}"[:_MESSAGE],
            "error_title": "Out of bounds",
            "error_message": f"`{name}` is {bounds(name)}"[:_MESSAGE],
        },
    )
