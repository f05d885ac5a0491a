"""List a diff's findings, each with its file and line: as lines of standard error, as GitHub's annotations, as JUnit's cases."""

from collections.abc import Iterable, Iterator, Sequence

from t2v_capacity.answers.check import in_line, in_words
from t2v_capacity.answers.diff_report import before_after, facts, look_at, rule_name
from t2v_capacity.errors import MOST_SHOWN, Mistake
from t2v_capacity.files.document import tidy
from t2v_capacity.forms.annotations import ERROR, RULES_CHANGED, TOTAL, UNCOMPUTED, UNREAD, WARNING, Annotation
from t2v_capacity.forms.data import Case, as_junit
from t2v_capacity.questions.change.diff_against import Against
from t2v_capacity.questions.change.entry import ScenarioDiff
from t2v_capacity.questions.change.judge import BASE, Judged, Verdict
from t2v_capacity.questions.review.check import Row
from t2v_capacity.questions.review.gates import FAIL


def of_request(found: Against) -> Iterator[Annotation]:
    """Yield the findings of a request: the sums, then scenario by scenario, the worst first."""
    yield from of_sums(found)
    for entry in found.worst_first:
        yield from of_entry(entry)


def of_sums(found: Against) -> Iterator[Annotation]:
    """Yield the sums that can't be computed, and the gates on sums that trip."""
    yield from (Annotation(TOTAL, ERROR, UNCOMPUTED, (in_line(mistake),), mistake.place) for mistake in found.mistakes)
    yield from (_of_verdict(TOTAL, verdict, None) for verdict in found.totals if not verdict.passed)


def of_entry(entry: ScenarioDiff) -> Iterator[Annotation]:
    """Yield the findings of a scenario: why it can't be read, or what its rules say."""
    yield from (Annotation(entry.file, ERROR, UNREAD, (in_line(mistake),), mistake.place) for mistake in entry.mistakes)
    yield from of_judged(entry.judged, entry.file) if entry.judged else ()


def of_judged(found: Judged, file: str = "") -> Iterator[Annotation]:
    """Yield the gates and budgets that trip, each after what it is about, then what judges and changed."""
    yield from (_of_verdict(file, verdict, found) for verdict in found.verdicts if not verdict.passed)
    yield from (_of_budget(file, row, found) for row in found.budgets if not row.passed)
    word, level = ("failed", ERROR) if found.gates_from == BASE else ("warning", WARNING)
    yield from (Annotation(file, level, RULES_CHANGED, (f"{word}: {RULES_CHANGED}: {change}",), change.place) for change in found.rules)


def _of_verdict(file: str, verdict: Verdict, found: Judged | None) -> Annotation:
    gate = verdict.gate
    word, level = ("failed", ERROR) if gate.severity == FAIL else ("warning", WARNING)
    known = [f"  {f'{key}: ' if key else ''}{text}" for key, text in facts(verdict, found)]
    return Annotation(file, level, gate.name, (f"{word}: {rule_name(gate)}", *known), gate.place and tidy(gate.place))


def _of_budget(file: str, row: Row, found: Judged) -> Annotation:
    figure = row.condition.figure if row.condition else ""
    causes = look_at(found, figure) if figure in found.difference.figures else ()
    return Annotation(file, ERROR, row.name, (in_words(row), *(f"  look at: {text}" for text in causes)), tidy(row.place))


def junit(entries: Sequence[ScenarioDiff], totals: Iterable[Verdict] = (), mistakes: Iterable[Mistake] = ()) -> str:
    """Return a diff as JUnit's XML: a suite per scenario, a case per gate, budget and finding, an error where it can't be read.

    A failure tells the rule, its limit, the value and the cause.
    """
    suites = [(entry.file, entry.file, [*_cases(entry)]) for entry in entries]
    sums = [_gate_case(TOTAL, verdict, None) for verdict in totals]
    sums += [Case("can be computed", (in_line(mistake),), "error") for mistake in mistakes]
    return as_junit("t2v-cap diff", [*suites, *([(TOTAL, TOTAL, sums)] if sums else [])])


def _cases(entry: ScenarioDiff) -> Iterator[Case]:
    if entry.judged is None:
        yield Case("can be read", [in_line(mistake) for mistake in entry.mistakes[:MOST_SHOWN]], "error")
        return
    yield Case("can be read", [entry.pairing, *entry.notes])
    yield from (_gate_case(entry.file, verdict, entry.judged) for verdict in entry.judged.verdicts)
    for row in entry.judged.budgets:
        known = [f"{row.shown}, {row.message} ({row.place})"] if row.passed else _of_budget(entry.file, row, entry.judged).lines
        yield Case(row.name, known, "" if row.passed else "failure")
    for finding in entry.judged.findings:
        yield Case(finding.code, [finding.message], "failure" if entry.judged.gates_from == BASE else "")


def _gate_case(file: str, verdict: Verdict, found: Judged | None) -> Case:
    gate = verdict.gate
    if not verdict.passed:
        return Case(gate.name, _of_verdict(file, verdict, found).lines, "failure" if verdict.fails else "")
    moved = before_after(gate.figure, verdict.base, verdict.value) if gate.figure else ""
    return Case(gate.name, [text for text in (moved, verdict.reason, str(gate.place or "")) if text])
