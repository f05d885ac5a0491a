"""Findings with their file and line: as GitHub's annotations, as lines of standard error, and as JUnit's XML.

Findings that are alike stand together in the first two.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from t2v_capacity.errors import Place, printable, printable_lines
from t2v_capacity.files.git_tree import Committed

# The names of scenarios that a line lists, of those that have the same finding.
_NAMED = 5
ERROR, WARNING = "error", "warning"
TOTAL = "total"
UNREAD, UNCOMPUTED = "can't be read", "can't be computed"
RULES_CHANGED, PIN_OUTLIVED = "rules-changed", "pin-outlived"
# Findings of these rules are alike only if they have the same message.
_BY_MESSAGE = (UNREAD, UNCOMPUTED, RULES_CHANGED, PIN_OUTLIVED)


class Annotation(NamedTuple):
    """A failure, a warning or an unreadable scenario: its name, its message, and its place."""

    file: str
    level: str
    rule: str
    lines: Sequence[str]
    place: Place | None = None


def _alike(findings: Iterable[Annotation]) -> Iterator[tuple[Annotation, list[str]]]:
    """Yield the first of the findings that are alike, and the files of the others."""
    groups: dict[tuple[object, ...], list[Annotation]] = {}
    for finding in findings:
        message = finding.lines[0] if finding.rule in _BY_MESSAGE else None
        groups.setdefault((finding.level, finding.rule, finding.place, message), []).append(finding)

    for first, *others in groups.values():
        yield first, list(dict.fromkeys(other.file for other in others))


def few(names: Sequence[str], most: int = _NAMED) -> str:
    """Return the first names, and how many more there are.

    >>> few(["a", "b", "c"], 2), few(["a", "b"], 2)
    ('a, b and 1 more', 'a, b')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def stderr_lines(findings: Iterable[Annotation]) -> Iterator[str]:
    """Yield each finding as a line for standard error: its scenario, the finding, and the others that have it."""
    for first, others in _alike(findings):
        rule, *details = (line.strip() for line in first.lines)
        if others:
            rule += f" (also {few(others)})"
        text = "; ".join([rule, *details])
        yield printable(f"{first.file}: {text}" if first.file else text)


def annotations(findings: Iterable[Annotation]) -> str:
    """Return findings as workflow commands of GitHub, a line each, at the file and line of the rule or the mistake.

    >>> annotations([Annotation("a.yaml", "error", "gpus > 5", ("failed: 100%",), Place("b,c.yaml", 7, 3))])
    '::error file=b%2Cc.yaml,line=7,col=3,title=gpus > 5 (a.yaml)::failed: 100%25\\n'
    """
    return "".join(_command(first, others) for first, others in _alike(findings))


def _command(finding: Annotation, others: Sequence[str]) -> str:
    """Return a finding as a workflow command, with the other files that have it."""
    lines, about = [*finding.lines], finding.file
    if others:
        lines.insert(0, f"{finding.file}, {few(others)}")
        about = f"{len(others) + 1} scenarios"

    properties = _place_properties(finding) | {"title": f"{finding.rule} ({about})"}
    texts = ",".join(f"{key}={_escaped(text, ':,')}" for key, text in properties.items() if text)
    return f"::{finding.level} {texts}::{_escaped(chr(10).join(lines))}\n"


def _place_properties(finding: Annotation) -> dict[str, str]:
    place = finding.place
    if not place or not place.line:
        return {"file": "" if finding.file == TOTAL else finding.file}

    # The head may have nothing at a line of the base.
    if isinstance(place.file, Committed) and place.file.inside:
        return {"file": place.file.inside}

    return {"file": place.file, "line": str(place.line), "col": str(place.column)}


def _escaped(text: str, more: str = "") -> str:
    """Return a text as a workflow command takes it: nothing in it ends the command or one of its properties."""
    text = printable_lines(text).replace("%", "%25").replace("\n", "%0A")
    for character in more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


class JUnitCase(NamedTuple):
    """A case of a JUnit suite: its name, what to know, and `failure`, `error` or `skipped`, or nothing if it passes."""

    name: str
    lines: Sequence[str] = ()
    kind: str = ""


def as_junit(title: str, suites: Iterable[tuple[str, str, Sequence[JUnitCase]]]) -> str:
    """Return suites of cases, each with its name and its file, as JUnit's XML."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", {"name": title})
    for name, file, cases in suites:
        suite = ET.SubElement(root, "testsuite", {"name": printable(name), "file": printable(file)})
        for case in cases:
            element = ET.SubElement(suite, "testcase", {"name": printable(case.name), "classname": printable(file)})
            lines = [printable(line.strip()) for line in case.lines]
            text = "\n".join(lines)
            if case.kind:
                ET.SubElement(element, case.kind, {"type": case.kind, "message": "; ".join(lines)}).text = text
            elif lines:
                ET.SubElement(element, "system-out").text = text

    for element in (root, *root):
        for key, kind in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            element.set(key, str(len(element.findall(f".//{kind}"))))

    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
