"""A report as text: plain where it is piped, markdown for a page. Rich is not needed for either."""

from t2v_capacity.errors import printable, printable_lines
from t2v_capacity.reports import Report, Table

_PAGE = 1_000


def plain(report: Report) -> str:
    """Return a report as aligned plain text without boxes or colour."""
    parts = [report.title, report.subtitle, ""] if report.title else []
    for table in report.tables:
        parts += [_plain_table(table.fitting(_PAGE)), ""]
    parts += [line for paragraph in report.paragraphs for line in (paragraph, "")]
    return printable_lines("\n".join([*parts, report.footer] if report.footer else parts).rstrip("\n")) + "\n"


def _plain_table(table: Table) -> str:
    rows = [row for _name, rows in table.sections for row in rows]
    headings = tuple(column.heading for column in table.columns)
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]

    def line(cells: tuple[str, ...]) -> str:
        aligned = (c.rjust(w) if column.number else c.ljust(w) for c, w, column in zip(cells, widths, table.columns, strict=True))
        return "  ".join(aligned).rstrip()

    lines = [table.title, ""] if table.title else []
    lines.append(line(headings))
    for name, section in table.sections:
        lines += ["", name.upper()] if name else []
        lines += [line(row) for row in section]
    return "\n".join(lines)


def markdown(report: Report) -> str:
    """Return a report as GitHub-flavoured markdown."""
    parts = [f"## {_escaped(report.title)}", "", _escaped(report.subtitle), ""] if report.title else []
    for table in report.tables:
        parts += [f"### {_escaped(table.title)}", ""] if table.title else []
        for name, section in table.sections:
            parts += [f"**{_escaped(name.capitalize())}**", ""] if name else []
            parts.append("| " + " | ".join(_escaped(column.heading) for column in table.columns) + " |")
            parts.append("|" + "|".join(" ---: " if column.number else " --- " for column in table.columns) + "|")
            parts += ["| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in section]
            parts.append("")
    parts += [line for paragraph in report.paragraphs for line in (_escaped(paragraph), "")]
    return "\n".join([*parts, f"<sub>{_escaped(report.footer)}</sub>"] if report.footer else parts).rstrip("\n") + "\n"


def _escaped(text: str) -> str:
    """Return text that markdown shows as it is: a scenario is somebody's text."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\|*_`[]":
        text = text.replace(mark, f"\\{mark}")
    return printable(" ".join(text.split()))
