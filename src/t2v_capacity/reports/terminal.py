"""A report on a terminal, with Rich."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from t2v_capacity.reports import Report, Table


def show(report: Report, *, color: bool) -> None:
    """Print a report to standard output, as wide as the terminal is."""
    console = Console(no_color=not color or None, highlight=False, emoji=False, markup=False)
    if report.title:
        console.print(Text(report.title, "bold"))
        console.print(Text(report.subtitle, "dim"))
        console.print()
    for table in report.tables:
        console.print(_rich_table(table.fitting(console.width)))
        console.print()
    for paragraph in report.paragraphs:
        head, colon, tail = paragraph.partition(": ")
        console.print(Padding(Text.assemble((head + colon, "bold"), tail), (0, 0, 1, 0)))
    if report.footer:
        console.print(Text(report.footer, "dim"))


def _rich_table(table: Table) -> RichTable:
    rich = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), title=table.title or None, title_justify="left", title_style="bold")
    last = len(table.columns) - 1
    for index, column in enumerate(table.columns):
        rich.add_column(
            column.heading,
            justify="right" if column.number else "left",
            header_style="dim",
            style="bold" if column.number else "",
            no_wrap=index == 0 or column.number,
            overflow="fold",
            ratio=1 if index == last else None,
        )
    for name, rows in table.sections:
        if name:
            rich.add_row()
            rich.add_row(Text(name.upper(), "bold cyan"))
        for row in rows:
            rich.add_row(*(Text(cell, _style(cell)) for cell in row))
    return rich


def _style(cell: str) -> str:
    return {"+": "green", "-": "red", "~": "yellow"}.get(cell, "")


def show_tree(lines: list[str], *, color: bool) -> None:
    """Print an explanation: names and results stand out, formulas and places stay back."""
    console = Console(no_color=not color or None, highlight=False, emoji=False, markup=False)
    for line in lines:
        bare = line.lstrip("│├└─ ")
        stem = line[: len(line) - len(bare)]
        leading = not stem.endswith("  ") or stem.strip("│ ") != ""
        console.print(Text.assemble((stem, "dim"), (bare, "bold" if leading or not stem else "")), soft_wrap=True)
