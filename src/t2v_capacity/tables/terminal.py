"""A report on a terminal, with Rich."""

import re

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
# Words of a cell that have a color: marks of entries in a diff, verdicts, and remarks. The word says the same.
_COLORS = {
    "green": ("+", "pass", "PASS", "cheapest", "cheapest now"),
    "yellow": ("~", "warn", "AT RISK", "at risk", "few sellers", "too close", "too close to call"),
    "red": ("-", "fail", "FAIL", "unreadable", "memory", "overloaded", "latency", "cannot run"),
}
_SIGNS = {word: color for color, words in _COLORS.items() for word in words}
# Sentences before the tables that begin so have a style of their own; a cure is no trouble.
_STYLES = {"AT RISK": "bold yellow", "Close:": "bold yellow", "cure": "bold"}


def print_report(report: Report, *, color: bool, forced: bool = False) -> None:
    """Print a report to standard output, as wide as the terminal is; `forced` gives color to a pipe too."""
    console = Console(
        no_color=not color or None,
        force_terminal=forced or None,
        color_system="standard" if forced else "auto",
        highlight=False,
        emoji=False,
        markup=False,
    )
    _show_head(console, report)
    _show_tree(console, report)

    for table in report.tables:
        if table.title:
            console.print(Text(printable(table.title), "bold"))
        grid = rich_table(table.fitting(console.width), console.width)
        with console.capture() as printed:
            console.print(grid, width=grid.width, crop=False)
        text = printed.get()
        for head, tail in map(table.section_heading, table.sections):
            if tail:  # it is longer than the column below it
                text = re.sub(rf"^{re.escape(head)} *$", head + tail, text, count=1, flags=re.MULTILINE)
        console.file.write(f"{text}\n")

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
            own = [shown for begin, shown in _STYLES.items() if sentence.startswith(begin)]
            console.print(Text(printable_lines(sentence), *own or [style]))
        if sentences:
            console.print()


def rich_table(table: Table, page: int) -> RichTable:
    """Return a report's table as Rich's, for a page of so many columns.

    Numbers are never cut: where they do not fit, the table is wider than the page. Long texts are cut or wrapped.
    """
    widths = table.widths(cell_len)
    fixed = sum(
        width for width, column in zip(widths, table.columns, strict=True) if not column.cut and not column.wrap
    )
    tight = fixed + _GAP * (len(widths) - 1) > page
    name_width = (
        0 if table.headed else max((cell_len(table.section_heading(name)[0]) for name in table.sections), default=0)
    )

    grid = RichTable(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
    leasts = list[int]()
    for width, column in zip(widths, table.columns, strict=True):
        bends = column.cut or column.wrap or (tight and not column.number)
        least = min(width, _CUT) if bends else width
        leasts.append(least if leasts else max(least, name_width))
        grid.add_column(justify="right" if column.number else "left", no_wrap=not bends, min_width=leasts[-1])
    needed = sum(leasts) + _GAP * (len(leasts) - 1)
    grid.width = needed if needed > page else None

    if any(table.headings):
        _add_headings(grid, table)
    for place, (name, section) in enumerate(table.sections.items()):
        if name and not table.headed:
            if place:
                grid.add_row()
            grid.add_row(Text(table.section_heading(name)[0], no_wrap=True))
        for row in section:
            grid.add_row(*(_cell(cell, column) for cell, column in zip(row, table.columns, strict=True)))
    return grid


def _add_headings(grid: RichTable, table: Table) -> None:
    """Add the headings and a thin rule below each."""
    from rich.rule import Rule

    grid.add_row(*(Text(heading, "dim", no_wrap=table.headed or None) for heading in table.headings))
    grid.add_row(*(Rule(style="dim") if heading else "" for heading in table.headings))


def _cell(text: str, column: Column) -> Text:
    """Return a cell, of one line where its column does not wrap."""
    text = printable(text)
    if column.named:
        name, _, amount = text.partition("  ")
        return Text.assemble(name, ("  " + amount, "bold"), no_wrap=True)
    style = ""
    if column.number:
        style = "dim" if column.plain else "bold"
    cell = Text(no_wrap=not column.wrap, overflow="fold" if column.wrap else "ellipsis")
    for part in re.split("(; )", text):
        cell.append(part, _SIGNS.get(part, style))
    return cell


def _show_tree(console: Console, report: Report) -> None:
    """Print a tree: names and results stand out, its branches stay back."""
    for line in report.tree:
        text = line.lstrip("│├└─ ")
        stem = line[: len(line) - len(text)]
        named = not stem or stem.endswith("─ ")
        console.print(Text.assemble((stem, "dim"), (text, "bold" if named else "")), soft_wrap=True)
