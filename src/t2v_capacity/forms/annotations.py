"""Findings with their file and line: as GitHub's annotations, as lines of standard error, and as JUnit's XML.

Findings that are alike stand together in the first two.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from t2v_capacity.errors import Place, printable
from t2v_capacity.files.git_tree import Committed

# The names of scenarios that a line lists, of those that have the same finding.
_NAMED = 5
ERROR, WARNING = "error", "warning"
TOTAL = "total"
UNREAD, UNCOMPUTED = "can't be read", "can't be computed"
RULES_CHANGED, PIN_OUTLIVED = "rules-changed", "pin-outlived"


class Annotation(NamedTuple):
    """A failure, a warning or an unreadable scenario: its name, its message, and its place."""

    file: str
    level: str
    rule: str
    lines: Sequence[str]
    place: Place | None = None


def _alike(findings: Iterable[Annotation]) -> Iterator[tuple[Annotation, list[str]]]:
    """Yield each finding once for all scenarios that it is about: that of the first, and the names of the others."""
    found: dict[tuple[object, ...], list[Annotation]] = {}
    for one in findings:
        told = one.lines[0] if one.rule in (UNREAD, UNCOMPUTED, RULES_CHANGED, PIN_OUTLIVED) else None
        found.setdefault((one.level, one.rule, one.place, told), []).append(one)
    for first, *others in found.values():
        yield first, list(dict.fromkeys(one.file for one in others))


def _few(files: Sequence[str]) -> str:
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return f"{', '.join(files[:_NAMED])}{more}"


def stderr_lines(findings: Iterable[Annotation]) -> Iterator[str]:
    """Yield each whole finding as a line for standard error: after its scenario, with the others that have it."""
    for first, others in _alike(findings):
        before, more = f"{first.file}: " if first.file else "", f" (also {_few(others)})" if others else ""
        rule, *known = (line.strip() for line in first.lines)
        yield printable(f"{before}{'; '.join([rule + more, *known])}")


def annotations(findings: Iterable[Annotation]) -> str:
    """Return findings as workflow commands of GitHub, a line each, at the file and line of the rule or the mistake.

    >>> annotations([Annotation("a.yaml", "error", "gpus > 5", ("failed: 100%",), Place("b,c.yaml", 7, 3))])
    '::error file=b%2Cc.yaml,line=7,col=3,title=gpus > 5 (a.yaml)::failed: 100%25\\n'
    """
    lines = []
    for first, others in _alike(findings):
        place = first.place if first.place and first.place.line else None
        # The head may have nothing at a line of the base.
        gone = place.file.inside if place and isinstance(place.file, Committed) else ""
        at = {"file": gone or (place.file if place else first.file if first.file != TOTAL else "")}
        at |= {"line": str(place.line), "col": str(place.column)} if place and not gone else {}
        at["title"] = f"{first.rule} ({f'{len(others) + 1} scenarios' if others else first.file})"
        known = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in at.items() if value)
        more = [f"{first.file}, {_few(others)}"] if others else []
        lines.append(f"::{first.level} {known}::{_escaped(chr(10).join([*more, *first.lines]))}\n")
    return "".join(lines)


def _escaped(text: str, more: str = "") -> str:
    """Return a text as a workflow command takes it: nothing in it ends the command or one of its properties."""
    text = "\n".join(printable(line) for line in text.split("\n")).replace("%", "%25").replace("\n", "%0A")
    for character in more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


class Case(NamedTuple):
    """A case of a JUnit suite: its name, what to know, and `failure`, `error` or `skipped`, or nothing if it passes."""

    name: str
    lines: Sequence[str] = ()
    kind: str = ""


def as_junit(title: str, suites: Iterable[tuple[str, str, Sequence[Case]]]) -> str:
    """Return suites of cases, each with its name and its file, as JUnit's XML."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", {"name": title})
    for name, file, cases in suites:
        suite = ET.SubElement(root, "testsuite", {"name": printable(name), "file": printable(file)})
        for one in cases:
            case = ET.SubElement(suite, "testcase", {"name": printable(one.name), "classname": printable(file)})
            told = [printable(line.strip()) for line in one.lines]
            if one.kind:
                ET.SubElement(case, one.kind, {"type": one.kind, "message": "; ".join(told)}).text = "\n".join(told)
            elif told:
                ET.SubElement(case, "system-out").text = "\n".join(told)
    for element in (root, *root):
        for key, kind in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            element.set(key, str(len(element.findall(f".//{kind}"))))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
