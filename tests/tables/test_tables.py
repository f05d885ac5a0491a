"""Rich's tables: what a report holds is there, at any width."""

import io

import pytest
from rich.console import Console

from t2v_capacity.forms.report import Column, Table, table
from t2v_capacity.tables.terminal import rich_table


def drawn(of: Table, width: int) -> str:
    """Return a table as a terminal of a width shows it."""
    console = Console(width=width, file=io.StringIO())
    arranged = rich_table(of, width)
    console.print(arranged, width=arranged.width, crop=False)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("width", [10, 20, 40, 80])
def test_numbers_keep_their_digits(width: int) -> None:
    """However narrow a terminal is, no number is cut, and no column vanishes; a table without rows is its headings."""
    columns = (Column("name"), Column("one", number=True), Column("two", number=True), Column("note", wrap=True))
    shown = drawn(
        Table(columns, {"": [("a name that is long", "123456789", "987654321", "some words to fold")]}), width
    )

    assert {"123456789", "987654321", "fold"} <= {*shown.split()}
    assert drawn(table(columns[:2], [], section=str), width).split() == ["name", "one", "────", "───"]
