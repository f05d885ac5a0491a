"""A report on a terminal, with Rich."""

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from t2v_capacity.errors import printable, printable_lines
from t2v_capacity.forms.report import Report, Table

# Blanks between columns; the least that is left of a column that may be cut, and of one that wraps.
_GAP, _CUT, _WRAPPED = 2, 12, 26
# What is new, gone or changed in a diff, and its verdicts.
_SIGNS = {"+": "green", "-": "red", "~": "yellow", "fail": "red", "FAIL": "red", "unreadable": "red", "warn": "yellow", "pass": "green"}


def show(report: Report, *, color: bool) -> None:
    """Print a report to standard output, as wide as the terminal is."""
    console = Console(no_color=not color or None, highlight=False, emoji=False, markup=False)
    if report.title:
        console.print(Text(printable(report.title), "bold"))
        console.print(Text(printable_lines(report.subtitle), "dim"))
        console.print()
    for alert in report.alerts:
        console.print(Text(printable_lines(alert), "yellow"), soft_wrap=True)
    if report.alerts:
        console.print()
    for sentence in report.lead:
        console.print(Text(printable_lines(sentence), "bold"), soft_wrap=True)
    if report.lead:
        console.print()
    _show_tree(console, report.tree)
    for table in report.tables:
        _show_table(console, table.fitting(console.width))
        console.print()
    for paragraph in (*report.paragraphs, *(fold.summary for fold in report.folds)):
        head, colon, tail = printable_lines(paragraph).partition(": ")
        console.print(Text.assemble((head + colon, "bold"), tail))
        console.print()
    if report.footer:
        console.print(Text(report.footer, "dim"))


def _show_table(console: Console, table: Table) -> None:
    """Print a table section by section, in columns of one width throughout.

    Rich's own table lays out again what is known here, which took a third of the time of an answer.
    """
    widths = _widths(table, console.width)
    lines = (
        [Text(line, "bold" if not index else "") for index, line in enumerate(printable_lines(table.title).split("\n"))]
        if table.title
        else []
    )
    lines += [] if table.headed else _lines(table, widths, tuple(column.heading for column in table.columns), heading=True)
    for index, (name, rows) in enumerate(table.sections):
        if table.headed:
            lines += [
                *([Text()] if index else []),
                *(_lines(table, widths, table.headings(index), heading=True) if any(table.headings(index)) else []),
            ]
        elif name:
            lines += [Text(), Text(name.upper(), "bold cyan")]
        lines += [line for row in rows for line in _lines(table, widths, row)]
    console.print(Text("\n").join(lines), soft_wrap=True)


def _widths(table: Table, page: int) -> list[int]:
    """Return the columns' widths: what they hold; those that may be cut or wrapped share what is left of the page."""
    rows = [tuple(column.heading for column in table.columns), *(row for _name, rows in table.sections for row in rows)]
    widths = [max(cell_len(row[index]) for row in rows) for index in range(len(table.columns))]
    fixed = [i for i, column in enumerate(table.columns) if not column.cut and not column.wrap]
    room = page - _GAP * (len(widths) - 1) - sum(widths[i] for i in fixed)
    for index, column in enumerate(table.columns):
        if column.cut:
            later = sum(min(widths[i], _WRAPPED) for i in range(index + 1, len(widths)) if table.columns[i].wrap)
            widths[index] = min(widths[index], max(room - later, _CUT))
            room -= widths[index]
        elif column.wrap:
            widths[index] = min(widths[index], max(room, _CUT))
            room -= widths[index]
    texts = [i for i in fixed if not table.columns[i].number]
    while room < 0 and texts and max(widths[i] for i in texts) > _CUT:
        widest = max(texts, key=widths.__getitem__)
        widths[widest] -= 1
        room += 1
    return widths


def _lines(table: Table, widths: list[int], row: tuple[str, ...], *, heading: bool = False) -> list[Text]:
    """Return a row as lines of text: one, or several where a column wraps."""
    cells = [_fold(cell, width) if column.wrap else [cell] for cell, width, column in zip(row, widths, table.columns, strict=True)]
    lines = []
    for number in range(max(map(len, cells))):
        line = Text()
        for cell, width, column in zip(cells, widths, table.columns, strict=True):
            text = printable(cell[number]) if number < len(cell) else ""
            style = "dim" if heading else _SIGNS.get(text, "bold" if column.number else "")
            line.append(_sized(text, width, right=column.number), style)
            line.append(" " * _GAP)
        line.rstrip()
        lines.append(line)
    return lines


def _fold(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, width, break_on_hyphens=False) or [""] if cell_len(text) > width else [text]


def _sized(text: str, width: int, *, right: bool) -> str:
    """Return a cell cut or filled to its column's width, as a terminal counts it."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…"
    blanks = " " * (width - length)
    return blanks + text if right else text + blanks


def _show_tree(console: Console, lines: tuple[str, ...]) -> None:
    """Print a tree: names and results stand out, its branches stay back."""
    for line in lines:
        text = line.lstrip("│├└─ ")
        stem = line[: len(line) - len(text)]
        named = not stem or stem.endswith("─ ")
        console.print(Text.assemble((stem, "dim"), (text, "bold" if named else "")), soft_wrap=True)
