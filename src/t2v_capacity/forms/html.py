"""A report as a notebook shows it: plain HTML that takes the notebook's own style."""

from collections.abc import Iterator
from html import escape

from t2v_capacity.errors import printable
from t2v_capacity.forms.report import Report, Table


def html(report: Report) -> str:
    """Return a report as HTML: its tables, its notes, a tree as it stands.

    >>> html(Report("Ours", "a <plan>", ()))
    '<div><h3>Ours</h3><p>a &lt;plan&gt;</p></div>'
    """
    return f"<div>{''.join(_parts(report))}</div>"


def _parts(report: Report) -> Iterator[str]:
    if report.title:
        yield f"<h3>{_text(report.title)}</h3><p>{_text(report.subtitle)}</p>"
    yield from (f"<p><strong>{_text(alert)}</strong></p>" for alert in report.alerts)
    yield from (f"<p>{_text(sentence)}</p>" for sentence in report.lead)
    yield from map(_table, report.tables)
    if report.tree:
        lines = "\n".join(map(_text, report.tree))
        yield f"<pre>{lines}</pre>"
    yield from (f"<p>{_text(paragraph)}</p>" for paragraph in report.paragraphs)
    yield from (f"<details><summary>{_text(fold.summary)}</summary>{html(fold.inside)}</details>" for fold in report.folds)
    if report.footer:
        yield f"<p><small>{_text(report.footer)}</small></p>"


def _table(table: Table) -> str:
    headings = "".join(f"<th>{_text(column.heading)}</th>" for column in table.columns)
    sections = []
    for name, rows in table.sections:
        head = f"<tr><th colspan={len(table.columns)}>{_text(name)}</th></tr>" if name else ""
        cells = ("".join(map(_cell, (column.number for column in table.columns), row)) for row in rows)
        sections.append(f"<tbody>{head}{''.join(f'<tr>{row}</tr>' for row in cells)}</tbody>")
    caption = f"<caption>{_text(table.title)}</caption>" if table.title else ""
    return f"<table>{caption}<thead><tr>{headings}</tr></thead>{''.join(sections)}</table>"


def _cell(number: bool, text: str) -> str:  # noqa: FBT001 - mapped over columns
    return f"<td style='text-align:{'right' if number else 'left'}'>{_text(text)}</td>"


def _text(text: str) -> str:
    return escape(printable(text), quote=False)
