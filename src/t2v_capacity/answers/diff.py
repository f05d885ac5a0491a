"""A diff in all its forms, and its findings with file and line: on standard error, as annotations, as JUnit's cases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from t2v_capacity.answers.check import in_line, in_words
from t2v_capacity.answers.diff_document import DiffDocument, FigureChange, difference_document
from t2v_capacity.answers.diff_report import difference_report, facts, look_at, reported_causes, rule_name, why_note
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import MOST_SHOWN, Mistake, printable
from t2v_capacity.files.document import tidy
from t2v_capacity.forms.annotations import (
    ERROR,
    TOTAL,
    UNCOMPUTED,
    UNREAD,
    WARNING,
    Annotation,
    Case,
    annotations,
    as_junit,
    stderr_lines,
)
from t2v_capacity.forms.answer import Answer, keyed
from t2v_capacity.questions.change.diff import Change
from t2v_capacity.questions.change.diff_against import Against
from t2v_capacity.questions.change.entry import ScenarioDiff
from t2v_capacity.questions.change.judge import BASE, Judged, Verdict
from t2v_capacity.questions.change.pairing import SAME
from t2v_capacity.questions.change.why import Why
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
    yield from (
        Annotation(file, level, change.code, (f"{word}: {change.code}: {change}",), change.place)
        for change in found.rules
    )


def _of_verdict(file: str, verdict: Verdict, found: Judged | None) -> Annotation:
    gate = verdict.gate
    word, level = ("failed", ERROR) if gate.severity == FAIL else ("warning", WARNING)
    known = [f"  {f'{key}: ' if key else ''}{text}" for key, text in facts(verdict, found)]
    return Annotation(file, level, gate.name, (f"{word}: {rule_name(gate)}", *known), gate.place and tidy(gate.place))


def _of_budget(file: str, row: Row, found: Judged) -> Annotation:
    figure = row.condition.figure if row.condition else ""
    causes = look_at(found, figure) if figure in found.difference.figures else ()
    return Annotation(
        file, ERROR, row.name, (in_words(row), *(f"  look at: {text}" for text in causes)), tidy(row.place)
    )


def junit(entries: Sequence[ScenarioDiff], totals: Iterable[Verdict] = (), mistakes: Iterable[Mistake] = ()) -> str:
    """Return a diff as JUnit's XML: a suite per scenario, and a case per gate, budget and finding.

    A scenario that can't be read is an error. A failure tells the rule, its limit, the value and the cause; what passes
    has its name alone.
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
        yield (
            Case(row.name) if row.passed else Case(row.name, _of_budget(entry.file, row, entry.judged).lines, "failure")
        )
    for finding in entry.judged.findings:
        yield Case(finding.code, [finding.message], "failure" if entry.judged.gates_from == BASE else "")


def _gate_case(file: str, verdict: Verdict, found: Judged | None) -> Case:
    told = () if verdict.passed else _of_verdict(file, verdict, found).lines
    return Case(verdict.gate.name, told, "failure" if verdict.fails else "")


# How a run ends where a gate or a budget fails.
GATE = 3


class DiffAnswer(Answer[Judged, DiffDocument]):
    """A diff, by figure: `answer["gpus"].relative_change`."""

    def __getitem__(self, name: str) -> Change:
        """Return a figure before and after, changed or not. Raise KeyError if there is none of that name."""
        if name not in FIGURES and name not in self.found.difference.figures:
            raise KeyError(name)
        return self.found.difference.figure(name)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the figures that changed."""
        return iter(self.found.difference.figures)


@DiffAnswer.remade
def diff_answer(found: Judged, whys: Mapping[str, Why]) -> DiffAnswer:
    """Return a diff in all its forms, with the parts of the changes that were asked about."""
    head = found.difference.head
    return DiffAnswer(
        found,
        lambda page: difference_report(found, page, reported_causes(found, whys) if page.form == "markdown" else whys),
        lambda: difference_document(found, whys),
        cells=lambda: keyed(difference_document(found, whys)["figures"], tuple(FigureChange.__annotations__)),
        forms={
            "junit": lambda: junit([ScenarioDiff(head.file, found.difference.base.file, SAME, found)]),
            "github": lambda: annotations(of_judged(found, head.file)),
        },
        code=GATE if found.fails else 0,
        stderr=lambda form: [*_told(found, whys, form)],
    )


def _told(found: Judged, whys: Mapping[str, Why], form: str) -> Iterator[str]:
    """Yield the notes that data has no place for, then the gates and budgets that trip, each line after its subject."""
    if form in ("json", "csv"):
        yield from (printable(why_note(why)) for why in whys.values() if form == "csv" or why.reason)
    yield from stderr_lines(of_judged(found))
