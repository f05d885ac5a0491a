"""Writes assumptions/typed.py: every name as a type. tests/write_docs.py writes and holds it with the generated pages."""

from collections.abc import Iterator, Mapping

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.formulas import FIGURES
from texts import RENEW_DOCS

TYPED = "src/t2v_capacity/assumptions/typed.py"
_ABOUT = {
    **{name: f"{figure.label} ({figure.unit})" for name, figure in FIGURES.items()},
    **{name: f"{assumption.label} ({assumption.unit})" for name, assumption in ASSUMPTIONS.items()},
    **{name: choice.label for name, choice in CHOICES.items()},
}
_TEMPLATE = '''"""Every name of an assumption, a choice, and a figure as a type, for type checkers and editors: nothing imports this file when the program runs.

Written by tests/write_typed.py; renew it with `{renew}`.
"""

from dataclasses import dataclass
from typing import Generic, TypedDict, TypeVar

Value = TypeVar("Value")
Word = TypeVar("Word")


@dataclass(frozen=True)
class Named:
    """The attributes of a plan, in base units: figures and assumptions, nan if one has no value, and choices."""

{named}


class Figures(TypedDict):
    """The figures of a row; None if one has no value."""

{figures}


class Values(Figures):
    """The names of a row: those that it was asked for."""

{values}


class Settable(TypedDict, Generic[Value, Word], total=False):
    """The inputs that can be set, by name."""

{settable}
'''


def typed_module() -> str:
    """Return assumptions/typed.py."""
    return _TEMPLATE.format(
        renew=RENEW_DOCS,
        named="\n".join((*_lines({**FIGURES, **ASSUMPTIONS}, "float", explained=True), *_lines(CHOICES, "str", explained=True))),
        figures="\n".join(_lines(FIGURES, "float | None")),
        values="\n".join((*_lines(ASSUMPTIONS, "float | None"), *_lines(CHOICES, "str"))),
        settable="\n".join((*_lines(ASSUMPTIONS, "Value"), *_lines(CHOICES, "Word"))),
    )


def _lines(names: Mapping[str, object], kind: str, *, explained: bool = False) -> Iterator[str]:
    """Yield a field for each name; with its meaning, which editors show, where `explained`."""
    for name in names:
        yield f"    {name}: {kind}"
        if explained:
            yield f'    """{_ABOUT[name]}"""'
