"""A request against its base as JUnit's XML."""

from collections.abc import Iterator

from t2v_capacity.errors import MOST_SHOWN, printable
from t2v_capacity.questions.change.diff_against import Against
from t2v_capacity.questions.change.entry import Entry
from t2v_capacity.questions.change.judge import Verdict
from t2v_capacity.questions.review.gates import FAIL as FAILING
from t2v_capacity.reports.answers.check import in_line
from t2v_capacity.reports.answers.diff_report import before_after
from t2v_capacity.reports.forms.data import as_junit


def against_junit(found: Against) -> str:
    """Return a request as JUnit's XML: a suite a scenario, a case a rule, an error where it can't be read."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", {"name": "t2v-cap diff"})
    suites = [(entry.file, [*_cases(entry)]) for entry in found.entries]
    sums = [*map(_gate_case, found.totals), *(("can be computed", "error", in_line(mistake)) for mistake in found.mistakes)]
    for suite_name, cases in [*suites, *([("total", sums)] if sums else [])]:
        suite = ET.SubElement(root, "testsuite", {"name": printable(suite_name)})
        for name, kind, message in cases:
            case = ET.SubElement(suite, "testcase", {"name": printable(name), "classname": printable(suite_name)})
            if kind:
                ET.SubElement(case, kind, {"message": printable(message)})
            elif message:
                ET.SubElement(case, "system-out").text = printable(message)
        kinds = [kind for _name, kind, _message in cases]
        suite.attrib |= {"tests": str(len(cases)), "failures": str(kinds.count("failure")), "errors": str(kinds.count("error"))}
    return as_junit(root, "tests", "failures", "errors")


def _cases(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Yield the cases of a scenario: name, failure or error or nothing, and what to know."""
    if entry.judged is None:
        yield "can be read", "error", "; ".join(in_line(mistake) for mistake in entry.mistakes[:MOST_SHOWN])
        return
    yield "can be read", "", "; ".join([entry.pairing, *entry.notes])
    yield from map(_gate_case, entry.judged.verdicts)
    for row in entry.judged.budgets:
        yield row.name, "" if row.passed else "failure", f"{row.shown}, {row.message} ({row.place})"
    for finding in entry.judged.difference.findings:
        yield finding.code, "", finding.message


def _gate_case(verdict: Verdict) -> tuple[str, str, str]:
    gate = verdict.gate
    kind = "failure" if not verdict.passed and gate.severity == FAILING else ""
    moved = before_after(gate.figure, verdict.base, verdict.value) if gate.figure else ""
    return gate.name, kind, "; ".join(filter(None, (moved, verdict.reason, str(gate.place or ""))))
