"""A report on a terminal, with Rich."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from t2v_capacity.errors import printable, printable_lines
from t2v_capacity.forms.report import Column, Report, Table

# Blanks between columns, and the least that is left of a column that may be cut or wrapped.
_GAP, _CUT = 2, 12
# Letters of a line of the foot in which its first word stands.
_HEAD = 9
# Marks of new, removed or changed entries in a diff, and its verdicts.
_SIGNS = {
    "+": "green",
    "-": "red",
    "~": "magenta",
    "fail": "red",
    "FAIL": "red",
    "unreadable": "red",
    "warn": "magenta",
    "AT RISK": "magenta",
    "pass": "green",
    "PASS": "green",
}


def print_report(report: Report, *, color: bool) -> None:
    """Print a report to standard output, as wide as the terminal is."""
    console = Console(no_color=not color or None, highlight=False, emoji=False, markup=False)
    _show_head(console, report)
    _show_tree(console, report.tree)

    for table in report.tables:
        if table.title:
            console.print(Text(printable(table.title), "bold"))
        grid = rich_table(table.fitting(console.width), console.width)
        console.print(grid, width=grid.width, crop=False)
        console.print()

    for paragraph in report.summary_lines:
        head, colon, tail = printable_lines(paragraph).partition(": ")
        console.print(Text.assemble((head + colon, "bold"), tail))
        console.print()

    *lines, foot = printable_lines(report.footer).split("\n")
    for line in lines:
        console.print(Text.assemble((line[:_HEAD], "bold"), line[_HEAD:]), soft_wrap=True)
    if foot:
        console.print(Text(foot, "dim"))


def _show_head(console: Console, report: Report) -> None:
    """Print the title, and what is said before any table."""
    if report.title:
        console.print(Text(printable(report.title), "bold"))
        console.print(Text(printable_lines(report.subtitle), "dim"))
        console.print()

    for sentences, style in ((report.alerts, "bold red"), (report.lead, "bold")):
        for sentence in sentences:
            console.print(Text(printable_lines(sentence), style), soft_wrap=True)
        if sentences:
            console.print()


def rich_table(table: Table, page: int) -> RichTable:
    """Return a report's table as Rich's, for a page of so many columns.

    Numbers are never cut: where they do not fit, the table is wider than the page. Long texts are cut or wrapped.
    """
    rows = [
        [column.heading for column in table.columns],
        *(row for section in table.sections.values() for row in section),
    ]
    widths = [max(map(cell_len, cells)) for cells in zip(*rows, strict=True)]
    fixed = sum(
        width for width, column in zip(widths, table.columns, strict=True) if not column.cut and not column.wrap
    )
    tight = fixed + _GAP * (len(widths) - 1) > page
    name_width = 0 if table.headed else max(map(cell_len, table.sections), default=0)

    grid = RichTable(box=None, show_header=not table.headed, header_style="", pad_edge=False, padding=(0, _GAP, 0, 0))
    leasts = list[int]()
    for width, column in zip(widths, table.columns, strict=True):
        bends = column.cut or column.wrap or (tight and not column.number)
        least = min(width, _CUT) if bends else width
        leasts.append(least if leasts else max(least, name_width))
        grid.add_column(
            Text(column.heading), justify="right" if column.number else "left", no_wrap=not bends, min_width=leasts[-1]
        )
    needed = sum(leasts) + _GAP * (len(leasts) - 1)
    grid.width = needed if needed > page else None

    if table.headed and any(table.headings):
        grid.add_row(*(Text(heading, no_wrap=True) for heading in table.headings))
    for name, section in table.sections.items():
        if name and not table.headed:
            grid.add_row()
            grid.add_row(Text(name.upper(), no_wrap=True))
        for row in section:
            grid.add_row(*(_cell(cell, column) for cell, column in zip(row, table.columns, strict=True)))
    return grid


def _cell(text: str, column: Column) -> Text:
    """Return a cell, of one line where its column does not wrap."""
    text = printable(text)
    if column.named:
        name, _, amount = text.partition("  ")
        return Text.assemble(name, ("  " + amount, "bold"), no_wrap=True)
    style = _SIGNS.get(text, "bold" if column.number and not column.plain else "")
    return Text(text, style, no_wrap=not column.wrap, overflow="fold" if column.wrap else "ellipsis")


def _show_tree(console: Console, lines: Sequence[str]) -> None:
    """Print a tree: names and results stand out, its branches stay back."""
    for line in lines:
        text = line.lstrip("│├└─ ")
        stem = line[: len(line) - len(text)]
        named = not stem or stem.endswith("─ ")
        console.print(Text.assemble((stem, "dim"), (text, "bold" if named else "")), soft_wrap=True)
