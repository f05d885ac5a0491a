"""A report as text: plain where it is piped, markdown for a page. Rich is not needed for either."""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from textwrap import wrap

from t2v_capacity.errors import printable, printable_lines, unspoken
from t2v_capacity.forms.report import Column, Report, Table

_PAGE = 1_000
# Columns beyond which a piped table cuts what may be cut, to so many at least.
_WIDE, _CUT = 120, 12
# Bytes of a comment: GitHub takes 65,536, and some are kept for the note that it is cut. Then characters of one text in
# it, and of a paragraph.
_MOST, _LONGEST, _PARAGRAPH = 64_500, 600, 10_000
_CODE = re.compile(r"\\`([\w-](?:[\w ./=+-]|\\_)*)\\`", re.ASCII)
_NAMES = re.compile(r"[a-z][a-z0-9_]*( \+ [a-z][a-z0-9_]*)*")
_VERDICTS = {
    "fail": "❌ fail",
    "FAIL": "❌ fail",
    "warn": "⚠️ warn",
    "pass": "✅ pass",
    "unreadable": "🚫 unreadable",
    "~": "",
    "+": "new",
    "-": "gone",
}
# A character of no width, which stops a word from becoming a mention, a reference or a link.
_BREAK = "\u200b"
_LINKS = re.compile(r"@|#(?=\d)|(?<=:)//|(?<=www)\.|GH-(?=\d)|:(?=[a-z+-][\w+-]*:|1(?:00|234):)", re.IGNORECASE)


def plain_text(report: Report) -> str:
    """Return a report as aligned plain text without boxes or colour."""
    parts = [report.title, report.subtitle, ""] if report.title else []
    for sentences in (report.alerts, report.lead):
        parts += [*sentences, ""] if sentences else []
    parts += report.tree
    parts += [line for table in report.tables for line in (_plain_table(table.fitting(_PAGE)), "")]
    parts += [line for paragraph in report.summary_lines for line in (paragraph, "")]
    if report.footer:
        parts.append(report.footer)
    return unspoken(printable_lines("\n".join(parts).rstrip("\n"))) + "\n"


def _plain_table(table: Table) -> str:
    widths = _widths(table)

    def line(cells: Sequence[str]) -> str:
        texts = []
        for cell, width, column in zip(cells, widths, table.columns, strict=True):
            text = cell if len(cell) <= width else f"{cell[: width - 3]}..."
            texts.append(text.rjust(width) if column.number else text.ljust(width))
        return "  ".join(texts).rstrip()

    lines = [table.title, ""] if table.title else []
    if any(table.headings) or not table.headed:
        lines.append(line(table.headings))
    for name, section in table.sections.items():
        if name and not table.headed:
            lines += ["", "".join(table.section_heading(name))]
        for *cells, last in section:
            texts = [last]
            if table.columns[-1].widest:
                texts = wrap(last, widths[-1], break_on_hyphens=False, break_long_words=False)
            lines.append(line([*cells, *texts[:1]]))
            lines += [line([*([""] * len(cells)), text]) for text in texts[1:]]
    return "\n".join(lines)


def _widths(table: Table) -> list[int]:
    """Return the widths of a table's columns; a last one of long texts has what is left of a line."""
    (*widths, last), column = table.widths(), table.columns[-1]
    if column.cut or column.widest:
        room = (column.widest or _WIDE) - sum(widths) - 2 * len(widths)
        last = min(last, max(_CUT, room))
    return [*widths, last]


def markdown(report: Report) -> str:
    """Return a report as GitHub-flavoured markdown; one that has a mark as a comment on a pull request."""
    if report.mark:
        return _comment(report)
    title = [f"## {_escaped(report.title)}", "", _escaped(report.subtitle), ""] if report.title else []
    lines = [*title, *_lines(report, _escaped)]
    if report.footer:
        lines.append(f"<sub>{_escaped(report.footer)}</sub>")
    return "\n".join(lines).rstrip("\n") + "\n"


def _lines(report: Report, text: Callable[[str], str]) -> Iterator[str]:
    """Yield the body of a report, between title and foot, folds within folds.

    `text` makes a line or a cell of a text.
    """
    for sentence in (*(f"**{text(alert)}**" for alert in report.alerts), *map(text, report.lead)):
        yield from (sentence, "")
    yield from ("```text", *report.tree, "```") if report.tree else ()
    for table in report.tables:
        yield from _table_lines(table, text)
    for paragraph in report.paragraphs:
        yield from (_coded(inert(paragraph[:_PARAGRAPH])) if text is _strict else text(paragraph), "")
    for fold in report.folds:
        verdict, _, scenario = inert_html(fold.summary).partition(" ")
        yield from (
            f"<details><summary>{_VERDICTS[verdict]} {scenario}</summary>",
            "",
            *_lines(fold.inside, text),
            "</details>",
            "",
        )


def _table_lines(table: Table, text: Callable[[str], str]) -> Iterator[str]:
    if table.title:
        yield from (f"### {text(table.title)}", "")
    headings = " | ".join(text(column.heading) for column in table.columns)
    rule = "|".join(" ---: " if column.number else " --- " for column in table.columns)

    for name, section in table.sections.items():
        if name:
            yield from (f"**{text(name[:1].upper() + name[1:])}**", "")
        yield from (f"| {headings} |", f"|{rule}|")
        for row in section:
            cells = [_cell(column, cell, text) for column, cell in zip(table.columns, row, strict=True)]
            yield f"| {' | '.join(cells)} |"
        yield ""


def _comment(report: Report) -> str:
    """Return a report as a comment, its mark in the first line.

    Lines that are too many are left out from the end, and counted.
    """
    # A name can't end a comment of HTML.
    mark = " ".join(printable(report.mark).split()).replace(">", "&gt;")[:_LONGEST]
    foot = f"<sub>{'; '.join(_strict(text) for text in (report.subtitle, report.footer) if text)}</sub>"
    lines = [f"**{_strict(report.title)}** <!-- {mark} -->", "", *_lines(report, _strict)]
    room, kept = _MOST - len(foot.encode()), list[str]()
    for line in lines:
        room -= len(line.encode("utf-8", "replace")) + 1
        if room < 0:
            break
        kept.append(line)
    if len(kept) < len(lines):
        left = sum(line.startswith("|") - 2 * line.startswith("| ---") for line in lines[len(kept) :])
        kept += ["", "</details>"] * sum(line.startswith("<details>") - line.startswith("</details>") for line in kept)
        kept += [
            "",
            f"**Cut to the size of a comment: {left} rows are left out;** `t2v-cap diff` shows them on a terminal.",
            "",
        ]
    return unspoken("\n".join([*kept, foot])) + "\n"


def _strict(text: str) -> str:
    """Return user-written text as a comment shows it, cut to a readable length."""
    return _coded(inert(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."))


def _coded(text: str) -> str:
    """Return a text in which plain words between backticks, which were escaped, are code again."""
    return _CODE.sub(lambda match: f"`{match[1].replace(chr(92), '')}`", text)


def _cell(column: Column, cell: str, text: Callable[[str], str]) -> str:
    if text is _strict and not column.heading and cell in _VERDICTS:
        return _VERDICTS[cell]
    return f"`{cell}`" if column.code and _NAMES.fullmatch(cell) else text(cell)


def inert(text: str) -> str:
    """Return user-written text escaped for GitHub: no part of it becomes markup, a link or a mention.

    >>> inert("a <b> | `c`")
    'a &lt;b&gt; \\\\| \\\\`c\\\\`'
    """
    text = _without_marks(re.sub(r"\s+", " ", printable(text)), r"\|*_`[]~$")
    return _LINKS.sub(lambda match: f"{_BREAK}{match[0]}" if match[0] in ("//", ".") else f"{match[0]}{_BREAK}", text)


def inert_html(text: str) -> str:
    """Return user-written text escaped for the inside of an HTML element, where markdown has no meaning."""
    text = escape(re.sub(r"\s+", " ", printable(text)), quote=False)
    return _LINKS.sub(lambda match: f"{match[0]}{_BREAK}", text)


def _escaped(text: str) -> str:
    """Return text escaped so that markdown shows it unchanged, without mentions: a scenario holds user-written text."""
    return printable(" ".join(_without_marks(text, r"\|*_`[]").split())).replace("@", f"@{_BREAK}")


def _without_marks(text: str, marks: str) -> str:
    """Return a text in which HTML and the marks of markdown mean themselves."""
    return re.sub(f"([{re.escape(marks)}])", r"\\\1", escape(text, quote=False))
