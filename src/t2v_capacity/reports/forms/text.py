"""A report as text: plain where it is piped, markdown for a page. Rich is not needed for either."""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape

from t2v_capacity.errors import printable, printable_lines, unspoken
from t2v_capacity.reports.forms.report import Column, Report, Table

_PAGE = 1_000
# A character of no width, which stops a word from becoming a mention, a reference or a link.
_BREAK = "\u200b"
_LINKS = re.compile(r"@|#(?=\d)|(?<=:)//|(?<=www)\.|GH-(?=\d)|:(?=[a-z+-][\w+-]*:|1(?:00|234):)", re.IGNORECASE)
# An address of the web, without what ends the sentence around it; brackets belong to it in pairs. Python and browsers read it alike.
ADDRESS = r"""https?://(?:\([^\s()<>"]*\)|[^\s<>"'`|\\^{}\[\]()])*(?:\([^\s()<>"]*\)|[^\s<>"'`|\\^{}\[\]().,;:!?])"""
_ADDRESS = re.compile(f"({ADDRESS})", re.IGNORECASE)


def plain(report: Report) -> str:
    """Return a report as aligned plain text without boxes or colour."""
    parts = [report.title, report.subtitle, ""] if report.title else []
    parts += [*report.alerts, ""] if report.alerts else []
    parts += [*report.lead, ""] if report.lead else []
    parts += report.tree
    for table in report.tables:
        parts += [_plain_table(table.fitting(_PAGE)), ""]
    parts += [line for paragraph in report.paragraphs for line in (paragraph, "")]
    return unspoken(printable_lines("\n".join([*parts, report.footer] if report.footer else parts).rstrip("\n"))) + "\n"


def _plain_table(table: Table) -> str:
    rows = [row for _name, rows in table.sections for row in rows]
    headings = tuple(column.heading for column in table.columns)
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]

    def line(cells: tuple[str, ...]) -> str:
        aligned = (c.rjust(w) if column.number else c.ljust(w) for c, w, column in zip(cells, widths, table.columns, strict=True))
        return "  ".join(aligned).rstrip()

    lines = ([table.title] if table.headed else [table.title, ""]) if table.title else []
    lines += [] if table.headed else [line(headings)]
    for index, (name, section) in enumerate(table.sections):
        if table.headed:
            lines += [*([""] if index else []), *([line(table.headings(index))] if any(table.headings(index)) else [])]
        elif name:
            lines += ["", name.upper()]
        lines += [line(row) for row in section]
    return "\n".join(lines)


def markdown(report: Report) -> str:
    """Return a report as GitHub-flavoured markdown."""
    parts = [f"## {_escaped(report.title)}", "", _escaped(report.subtitle), ""] if report.title else []
    parts += [line for alert in report.alerts for line in (f"**{_escaped(alert)}**", "")]
    parts += [line for sentence in report.lead for line in (_escaped(sentence), "")]
    parts += ["```text", *report.tree, "```"] if report.tree else []
    for table in report.tables:
        title, *under = table.title.split("\n")
        parts += [f"### {_escaped(title)}", "", *(line for text in under for line in (_escaped(text), ""))] if table.title else []
        parts += markdown_table(table)
    parts += [line for paragraph in report.paragraphs for line in (_escaped(paragraph), "")]
    return "\n".join([*parts, f"<sub>{_escaped(report.footer)}</sub>"] if report.footer else parts).rstrip("\n") + "\n"


def markdown_table(table: Table, escaped: Callable[[str], str] | None = None) -> list[str]:
    """Return a table's sections as lines, each under its name; `escaped` makes a cell of a text, here one that is shown as it is."""
    cell = escaped or _escaped
    parts = []
    for name, section in table.sections:
        parts += [f"**{cell(name[:1].upper() + name[1:])}**", ""] if name else []
        parts += [*markdown_rows(table.columns, section, cell), ""]
    return parts


def markdown_rows(columns: Sequence[Column], rows: Iterable[Iterable[str]], cell: Callable[[str], str] = str) -> list[str]:
    """Return a table's heading in two lines, then a line a row; `cell` makes a cell of a text."""
    rule = "|" + "|".join(" ---: " if column.number else " --- " for column in columns) + "|"
    heading, *lines = (f"| {' | '.join(map(cell, row))} |" for row in ([column.heading for column in columns], *rows))
    return [heading, rule, *lines]


def inert(text: str) -> str:
    """Return a text that somebody wrote as GitHub shows it unchanged: nothing of it becomes markup, a link or a mention.

    >>> inert("a <b> | `c`")
    'a &lt;b&gt; \\\\| \\\\`c\\\\`'
    """
    text = _without_marks(re.sub(r"\s+", " ", printable(text)), r"\|*_`[]~$")
    return _LINKS.sub(lambda found: f"{_BREAK}{found.group()}" if found.group() in ("//", ".") else f"{found.group()}{_BREAK}", text)


def inert_html(text: str) -> str:
    """Return a text that somebody wrote as it stands within an element of HTML, where marks of markdown mean nothing."""
    text = escape(re.sub(r"\s+", " ", printable(text)), quote=False)
    return _LINKS.sub(lambda found: f"{found.group()}{_BREAK}", text)


def linked(text: str) -> str:
    """Return a text that somebody wrote as `inert` does, but its addresses of the web as links.

    >>> linked("*us*, https://example.com/a_b, 2026")
    '\\\\*us\\\\*, <https://example.com/a_b>, 2026'
    """
    parts = _ADDRESS.split(text)
    return "".join(f"<{printable(part)}>" if index % 2 else inert(part) for index, part in enumerate(parts))


def linked_item(text: str) -> str:
    """Return a text as `linked` does, fit to begin a list's item: nothing at its start makes a heading or a list of it.

    >>> linked_item("# one"), linked_item("1. two"), linked_item("3 kinds")
    ('\\\\# one', '1\\\\. two', '3 kinds')
    """
    return re.sub(r"^(\d*)([#+.)-])", r"\1\\\2", linked(text))


def _escaped(text: str) -> str:
    """Return text that markdown shows as it is: a scenario is somebody's text."""
    return printable(" ".join(_without_marks(text, r"\|*_`[]").split()))


def _without_marks(text: str, marks: str) -> str:
    """Return a text in which HTML and the marks of markdown mean themselves."""
    return re.sub(f"([{re.escape(marks)}])", r"\\\1", escape(text, quote=False))
