"""A report on a terminal, with Rich."""

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from t2v_capacity.reports import Report, Table

# Blanks between columns; the least that is left of a column that may be cut, and of one that wraps.
_GAP, _CUT, _WRAPPED = 2, 12, 26


def show(report: Report, *, color: bool) -> None:
    """Print a report to standard output, as wide as the terminal is."""
    console = Console(no_color=not color or None, highlight=False, emoji=False, markup=False)
    if report.title:
        console.print(Text(report.title, "bold"))
        console.print(Text(report.subtitle, "dim"))
        console.print()
    for table in report.tables:
        _show_table(console, table.fitting(console.width))
        console.print()
    for paragraph in report.paragraphs:
        head, colon, tail = paragraph.partition(": ")
        console.print(Padding(Text.assemble((head + colon, "bold"), tail), (0, 0, 1, 0)))
    if report.footer:
        console.print(Text(report.footer, "dim"))


def _show_table(console: Console, table: Table) -> None:
    """Print a table section by section, in columns of one width throughout."""
    if table.title:
        console.print(Text(table.title, "bold"))
    widths = _widths(table, console.width)
    console.print(_grid(table, widths, (tuple(column.heading for column in table.columns),), heading=True))
    for name, rows in table.sections:
        if name:
            console.print()
            console.print(Text(name.upper(), "bold cyan"))
        console.print(_grid(table, widths, rows))


def _widths(table: Table, page: int) -> list[int]:
    """Return the columns' widths: what they hold; those that may be cut or wrapped share what is left of the page."""
    rows = [tuple(column.heading for column in table.columns), *(row for _name, rows in table.sections for row in rows)]
    widths = [max(cell_len(row[index]) for row in rows) for index in range(len(table.columns))]
    room = (
        page
        - _GAP * (len(widths) - 1)
        - sum(w for w, column in zip(widths, table.columns, strict=True) if not column.cut and not column.wrap)
    )
    for index, column in enumerate(table.columns):
        if column.cut:
            later = sum(min(widths[i], _WRAPPED) for i in range(index + 1, len(widths)) if table.columns[i].wrap)
            widths[index] = min(widths[index], max(room - later, _CUT))
            room -= widths[index]
        elif column.wrap:
            widths[index] = min(widths[index], max(room, _CUT))
            room -= widths[index]
    return widths


def _grid(table: Table, widths: list[int], rows: tuple[tuple[str, ...], ...], *, heading: bool = False) -> RichTable:
    grid = RichTable.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
    for column, width in zip(table.columns, widths, strict=True):
        grid.add_column(
            justify="right" if column.number else "left",
            style="dim" if heading else "bold" if column.number else "",
            no_wrap=not column.wrap,
            overflow="ellipsis",
            width=width,
        )
    for row in rows:
        grid.add_row(*(Text(cell, _style(cell)) for cell in row))
    return grid


def _style(cell: str) -> str:
    return {"+": "green", "-": "red", "~": "yellow"}.get(cell, "")


def show_tree(lines: list[str], *, color: bool) -> None:
    """Print an explanation: names and results stand out, the branches of the tree stay back."""
    console = Console(no_color=not color or None, highlight=False, emoji=False, markup=False)
    for line in lines:
        text = line.lstrip("│├└─ ")
        stem = line[: len(line) - len(text)]
        named = not stem or stem.endswith("─ ")
        console.print(Text.assemble((stem, "dim"), (text, "bold" if named else "")), soft_wrap=True)
