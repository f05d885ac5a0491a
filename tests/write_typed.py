"""Writes assumptions/typed.pyi: every name as a type.

tests/write_docs.py writes and holds it with the generated pages.
"""

from collections.abc import Iterable

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.formulas import FIGURES
from texts import RENEW_DOCS

TYPED = "src/t2v_capacity/assumptions/typed.pyi"
_TEMPLATE = """# Names as types, for type checkers and editors: nothing imports this when the program runs.
# `{renew}` writes it.

from typing import Generic, TypedDict, TypeVar

from t2v_capacity.assumptions import {sections}

_Value = TypeVar("_Value")
_Word = TypeVar("_Word")

class Named({sections}):
    # The attributes of a plan, in base units: assumptions and figures, nan if one has no value, and choices.
{numbers}
{words}

class Settable(TypedDict, Generic[_Value, _Word], total=False):
    # The inputs that can be set, by name.
{values}
{choices}
"""


def typed_module() -> str:
    """Return assumptions/typed.pyi."""
    return _TEMPLATE.format(
        renew=RENEW_DOCS,
        sections=", ".join(sorted(model.__name__ for model in SECTIONS.values())),
        numbers=_fields(FIGURES, "float"),
        words=_fields(CHOICES, "str"),
        values=_fields(ASSUMPTIONS, "_Value"),
        choices=_fields(CHOICES, "_Word"),
    )


def _fields(names: Iterable[str], kind: str) -> str:
    """Return a field of a kind for each name."""
    return "\n".join(f"    {name}: {kind}" for name in names)
