"""A diff in all its forms, and its findings with file and line: on standard error, as annotations, as JUnit's cases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from t2v_capacity.answers.check import in_line, row_in_words
from t2v_capacity.answers.diff_document import DiffDocument, FigureChange, difference_document
from t2v_capacity.answers.diff_report import difference_report, facts, look_at, rule_name, why_note
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
    JUnitCase,
    annotations,
    as_junit,
    stderr_lines,
)
from t2v_capacity.forms.answer import Answer, Cells, keyed
from t2v_capacity.questions.change.diff import Change
from t2v_capacity.questions.change.diff_against import SAME_PATH, Against, ScenarioDiff
from t2v_capacity.questions.change.judge import BASE, Judged, Ruling
from t2v_capacity.questions.change.why import Why
from t2v_capacity.questions.review.check import CheckLine


def of_request(request: Against) -> Iterator[Annotation]:
    """Yield the findings of a request: the sums, then scenario by scenario, the worst first."""
    yield from of_sums(request)
    for entry in request.worst_first:
        yield from of_entry(entry)


def of_sums(request: Against) -> Iterator[Annotation]:
    """Yield the sums that can't be computed, and the gates on sums that trip."""
    yield from (
        Annotation(TOTAL, ERROR, UNCOMPUTED, (in_line(mistake),), mistake.place) for mistake in request.mistakes
    )
    yield from (_of_ruling(TOTAL, ruling, None) for ruling in request.totals if not ruling.passed)


def of_entry(entry: ScenarioDiff) -> Iterator[Annotation]:
    """Yield the findings of a scenario: why it can't be read, or what its rules say."""
    yield from (Annotation(entry.file, ERROR, UNREAD, (in_line(mistake),), mistake.place) for mistake in entry.mistakes)
    yield from of_judged(entry.judged, entry.file) if entry.judged else ()


def of_judged(judged: Judged, file: str = "") -> Iterator[Annotation]:
    """Yield the gates and budgets that trip, then the changes of what judges."""
    yield from (_of_ruling(file, ruling, judged) for ruling in judged.rulings if not ruling.passed)
    yield from (_of_budget(file, row, judged) for row in judged.budgets if not row.passed)
    word, level = ("failed", ERROR) if judged.gates_from == BASE else ("warning", WARNING)
    yield from (
        Annotation(file, level, change.code, (f"{word}: {change.code}: {change}",), change.place)
        for change in judged.rules
    )


def _of_ruling(file: str, ruling: Ruling, judged: Judged | None) -> Annotation:
    gate = ruling.gate
    word, level = ("failed", ERROR) if ruling.fails else ("warning", WARNING)
    lines = [f"  {key}: {text}" if key else f"  {text}" for key, text in facts(ruling, judged)]
    return Annotation(file, level, gate.name, (f"{word}: {rule_name(gate)}", *lines), gate.place and tidy(gate.place))


def _of_budget(file: str, row: CheckLine, judged: Judged) -> Annotation:
    figure = row.condition.figure if row.condition else ""
    causes = look_at(judged, figure) if figure in judged.difference.figures else ()
    return Annotation(
        file, ERROR, row.name, (row_in_words(row), *(f"  look at: {text}" for text in causes)), tidy(row.place)
    )


def junit(entries: Sequence[ScenarioDiff], totals: Iterable[Ruling] = (), mistakes: Iterable[Mistake] = ()) -> str:
    """Return a diff as JUnit's XML: a suite per scenario, and a case per gate, budget and finding.

    A scenario that can't be read is an error. A failure has the rule, its limit, the value and the cause.
    What passes has its name alone.
    """
    suites = [(entry.file, entry.file, [*_cases(entry)]) for entry in entries]
    sums = [_gate_case(TOTAL, ruling, None) for ruling in totals]
    sums += [JUnitCase("can be computed", (in_line(mistake),), "error") for mistake in mistakes]
    if sums:
        suites.append((TOTAL, TOTAL, sums))
    return as_junit("t2v-cap diff", suites)


def _cases(entry: ScenarioDiff) -> Iterator[JUnitCase]:
    if entry.judged is None:
        yield JUnitCase("can be read", [in_line(mistake) for mistake in entry.mistakes[:MOST_SHOWN]], "error")
        return
    yield JUnitCase("can be read", [entry.pairing, *entry.notes])
    yield from (_gate_case(entry.file, ruling, entry.judged) for ruling in entry.judged.rulings)
    for row in entry.judged.budgets:
        if row.passed:
            yield JUnitCase(row.name)
        else:
            yield JUnitCase(row.name, _of_budget(entry.file, row, entry.judged).lines, "failure")
    for finding in entry.judged.findings:
        yield JUnitCase(finding.code, [finding.message], "failure" if entry.judged.gates_from == BASE else "")


def _gate_case(file: str, ruling: Ruling, judged: Judged | None) -> JUnitCase:
    lines = () if ruling.passed else _of_ruling(file, ruling, judged).lines
    return JUnitCase(ruling.gate.name, lines, "failure" if ruling.fails else "")


# How a run ends where a gate or a budget fails.
_GATE_FAILED = 3


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


def diff_answer(judged: Judged, whys: Mapping[str, Why]) -> DiffAnswer:
    """Return a diff in all its forms, with the parts of the changes that were asked about."""
    return DiffAnswer(
        judged,
        partial(difference_report, whys=whys),
        partial(difference_document, whys=whys),
        cells=_cells,
        forms={"junit": _junit, "github": _github},
        code=_GATE_FAILED if judged.fails else 0,
        stderr=partial(_stderr_lines, whys=whys),
    )


def _cells(judged: Judged) -> Cells:
    return keyed(difference_document(judged, {})["figures"], tuple(FigureChange.__annotations__))


def _junit(judged: Judged) -> str:
    base, head = judged.difference.base, judged.difference.head
    return junit([ScenarioDiff(head.file, base.file, SAME_PATH, judged)])


def _github(judged: Judged) -> str:
    return annotations(of_judged(judged, judged.difference.head.file))


def _stderr_lines(judged: Judged, form: str, whys: Mapping[str, Why]) -> Sequence[str]:
    """Return the notes that data has no place for, then the gates and budgets that trip."""
    noted = {"json": [why for why in whys.values() if why.reason], "csv": whys.values()}
    return [*(printable(why_note(why)) for why in noted.get(form, ())), *stderr_lines(of_judged(judged))]
