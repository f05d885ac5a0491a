"""A diff and a pull request against its base in all forms: reports, findings with file and line, JUnit's cases."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from t2v_capacity.answers.check import in_line, row_in_words
from t2v_capacity.answers.diff_document import (
    AgainstDocument,
    DiffDocument,
    FigureChange,
    against_document,
    difference_document,
)
from t2v_capacity.answers.diff_report import (
    DEFAULT_DAYS,
    SLIGHT,
    before_after,
    difference_report,
    facts,
    failures,
    look_at,
    percent,
    rule_name,
    sides,
    source_notes,
    why_note,
)
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import MOST_SHOWN, Mistake, Mistakes, count_of, printable
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
from t2v_capacity.forms.answer import Answer, Cells, Page, keyed
from t2v_capacity.forms.report import Column, Fold, Report, Table, conventions, left_out, numbers
from t2v_capacity.questions.change.diff import Change
from t2v_capacity.questions.change.diff_against import (
    DELETED,
    NEW,
    PASS,
    RENAMED,
    SAME_PATH,
    UNREADABLE,
    Cause,
    PullRequestDiff,
    ScenarioDiff,
)
from t2v_capacity.questions.change.judge import BASE, Judged, Ruling
from t2v_capacity.questions.change.why import ChangedInput, Why
from t2v_capacity.questions.review.check import CheckLine
from t2v_capacity.questions.review.gates import FAIL, WARN
from t2v_capacity.release import RELEASED

_PASSED = ""  # the level of a rule that passes, which is no finding


def of_pull_request(pull_request: PullRequestDiff) -> Iterator[Annotation]:
    """Yield the findings of a pull request: the sums, then scenario by scenario, the worst first."""
    yield from of_sums(pull_request)
    for entry in pull_request.worst_first:
        yield from of_entry(entry)


def of_sums(pull_request: PullRequestDiff) -> Iterator[Annotation]:
    """Yield the sums that can't be computed, and the gates on sums that trip."""
    yield from (
        Annotation(TOTAL, ERROR, UNCOMPUTED, (in_line(mistake),), mistake.place) for mistake in pull_request.mistakes
    )
    yield from (_of_ruling(TOTAL, ruling, None) for ruling in pull_request.totals if not ruling.passed)


def of_entry(entry: ScenarioDiff) -> Iterator[Annotation]:
    """Yield the findings of a scenario: why it can't be read, or what its rules say."""
    yield from (Annotation(entry.file, ERROR, UNREAD, (in_line(mistake),), mistake.place) for mistake in entry.mistakes)
    yield from of_judged(entry.judged, entry.file)


def of_judged(judged: Judged, file: str = "") -> Iterator[Annotation]:
    """Yield the gates and budgets that trip, then the changes of what judges."""
    yield from (finding for finding in _of_rules(judged, file) if finding.level != _PASSED)
    word, level = ("failed", ERROR) if judged.gates_from == BASE else ("warning", WARNING)
    yield from (
        Annotation(file, level, change.code, (f"{word}: {change.code}: {change}",), change.place)
        for change in judged.rules
    )


def _of_rules(judged: Judged, file: str) -> Iterator[Annotation]:
    """Yield every gate and budget; of one that passes, its name alone."""
    yield from (_of_ruling(file, ruling, judged) for ruling in judged.rulings)
    yield from (_of_budget(file, row, judged) for row in judged.budgets)


def _of_ruling(file: str, ruling: Ruling, judged: Judged | None) -> Annotation:
    gate = ruling.gate
    if ruling.passed:
        return Annotation(file, _PASSED, gate.name, ())
    word, level = ("failed", ERROR) if ruling.fails else ("warning", WARNING)
    lines = [f"  {key}: {text}" if key else f"  {text}" for key, text in facts(ruling, judged)]
    return Annotation(file, level, gate.name, (f"{word}: {rule_name(gate)}", *lines), gate.place and tidy(gate.place))


def _of_budget(file: str, row: CheckLine, judged: Judged) -> Annotation:
    if row.passed:
        return Annotation(file, _PASSED, row.name, ())
    causes = (f"  look at: {text}" for text in look_at(judged, row))
    return Annotation(file, ERROR, row.name, (row_in_words(row), *causes), tidy(row.place))


def junit(entries: Sequence[ScenarioDiff], totals: Iterable[Ruling] = (), mistakes: Iterable[Mistake] = ()) -> str:
    """Return a diff as JUnit's XML: a suite per scenario, and a case per gate, budget and finding.

    A scenario that can't be read is an error. A failure has its rule, limit, value and cause; what passes its name.
    """
    suites = [(entry.file, entry.file, [*_cases(entry)]) for entry in entries]
    sums = [_case(_of_ruling(TOTAL, ruling, None)) for ruling in totals]
    sums += [JUnitCase("can be computed", (in_line(mistake),), "error") for mistake in mistakes]
    if sums:
        suites.append((TOTAL, TOTAL, sums))
    return as_junit("t2v-cap diff", suites)


def _cases(entry: ScenarioDiff) -> Iterator[JUnitCase]:
    if entry.mistakes:
        yield JUnitCase("can be read", [in_line(mistake) for mistake in entry.mistakes[:MOST_SHOWN]], "error")
        return
    yield JUnitCase("can be read", [entry.pairing, *entry.notes])
    yield from map(_case, _of_rules(entry.judged, entry.file))
    for finding in entry.judged.findings:
        yield JUnitCase(finding.code, [finding.message], "failure" if entry.judged.gates_from == BASE else "")


def _case(finding: Annotation) -> JUnitCase:
    return JUnitCase(finding.rule, finding.lines, "failure" if finding.level == ERROR else "")


# How a run ends where a gate or a budget fails.
_GATE_FAILED = 3


class DiffAnswer(Answer[Judged, DiffDocument]):
    """A diff, by figure: `answer["gpus"].relative_change`."""

    def __getitem__(self, name: str) -> Change:
        """Return a figure before and after, changed or not. Raise KeyError if there is none of that name."""
        if name not in FIGURES:
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
        forms={"junit": _junit, "github": _annotated},
        code=_GATE_FAILED if judged.fails else 0,
        stderr=partial(_stderr_lines, whys=whys),
    )


def _annotated(judged: Judged) -> str:
    return annotations(of_judged(judged, judged.difference.head.file))


def _cells(judged: Judged) -> Cells:
    return keyed(difference_document(judged, {})["figures"], tuple(FigureChange.__annotations__))


def _junit(judged: Judged) -> str:
    base, head = judged.difference.base, judged.difference.head
    return junit([ScenarioDiff(head.file, base.file, SAME_PATH, judged)])


def _stderr_lines(judged: Judged, form: str, whys: Mapping[str, Why]) -> Sequence[str]:
    """Return the notes that data has no place for, then the gates and budgets that trip."""
    noted = {"json": [why for why in whys.values() if why.reason], "csv": whys.values()}
    return [*(printable(why_note(why)) for why in noted.get(form, ())), *stderr_lines(of_judged(judged))]


_SHOWN = {"gpus": "GPUs", "cost_per_month": "cost"}
_CAUSES = (Column(""), Column("cause", wrap=True))
_COST = numbers("cost per month", from_width=110)
_SCENARIOS = (Column(""), Column("scenario"), numbers("gpus"), _COST, Column("rule", wrap=True))
_HEADING = (
    "file",
    "base_file",
    "pairing",
    "verdict",
    "rule",
    *(f"{name}_{side}" for name in _SHOWN for side in ("base", "head")),
)
# So many changed scenarios have their whole diff in a comment; of more, so many have a row, as have so many causes.
_FEW, _MOST = 5, 20


def headline(pull_request: PullRequestDiff) -> str:
    """Return the verdict in words: what fails, and of how many scenarios against what."""
    if pull_request.refused:
        return f"Capacity: nothing could be compared with {pull_request.fork.revision}"
    changed = sum(not entry.unchanged for entry in pull_request.entries)
    calm = f"nothing fails, {count_of(changed, 'scenario')} changed" if changed else "nothing changed"
    outcome = ", ".join(_troubles(pull_request)) or calm
    compared = count_of(len(pull_request.entries), "scenario")
    return f"Capacity: {outcome}; {compared} against {pull_request.fork.revision} at {pull_request.fork.short}"


def _troubles(pull_request: PullRequestDiff) -> Iterator[str]:
    """Yield how many rules fail, how many files and sums have no figures, and how many scenarios warn."""
    failing = [rule for entry in pull_request.entries for rule in entry.judged.failing]
    yield from failures([*failing, *(ruling for ruling in pull_request.totals if ruling.fails)])

    verdicts = [entry.verdict for entry in pull_request.entries]
    if unread := verdicts.count(UNREADABLE):
        yield f"{count_of(unread, 'file')} can't be read"
    if pull_request.mistakes:
        yield f"{count_of(len(pull_request.mistakes), 'total')} can't be computed"
    if warned := verdicts.count(WARN):
        yield f"{count_of(warned, 'scenario')} {'warns' if warned == 1 else 'warn'}"


def against_report(pull_request: PullRequestDiff, page: Page) -> Report:
    """Return a pull request as a report; one that could not be compared is a comment alone.

    Raise Mistakes if another form of that is asked for.
    """
    if pull_request.refused and page.form != "markdown":
        raise Mistakes(pull_request.mistakes)
    changed = [entry for entry in pull_request.worst_first if not entry.unchanged]
    most = None if page.everything else _MOST
    causes, shown = pull_request.causes[:most], changed[:most]
    tables = [
        Table(_CAUSES, {"": list(map(_cause_row, causes))}),
        Table(_SCENARIOS, {"": (*map(_row, shown), *_sum_rows(pull_request))}),
    ]
    notes = [*left_out(_SCENARIOS, page.width), *_notes(pull_request)]
    if rest := [name_of(entry) for entry in changed[len(shown) :]]:
        notes.append(f"{count_of(len(rest), 'scenario')} changed too, `--all` has their rows: {', '.join(rest)}")
    if more := len(pull_request.causes) - len(causes):
        notes.append(f"{count_of(more, 'more cause')}: --all")
    if same := len(pull_request.entries) - len(changed):
        notes.append(f"{count_of(same, 'scenario')} unchanged")

    folded = shown if page.form == "markdown" and len(changed) <= _FEW else ()
    return Report(
        headline(pull_request),
        pull_request.left_out,
        [table for table in tables if table.sections[""]],
        notes,
        conventions(DEFAULT_DAYS, _as_of(pull_request)),
        alerts=source_notes(pull_request.gates_from),
        folds=[_detail(entry, page) for entry in folded if entry.verdict != PASS],
        mark="t2v-cap",
    )


def _notes(pull_request: PullRequestDiff) -> Iterator[str]:
    """Yield why nothing was compared, and which sums leave scenarios out."""
    if pull_request.refused:
        yield from map(in_line, pull_request.mistakes)
    for name, ends in pull_request.sums(_SHOWN).items():
        if lacking := len(ends.lacking):
            have = "has" if lacking == 1 else "have"
            yield f"the total of {name} is without {count_of(lacking, 'scenario')} that {have} no value"


def _cause_row(cause: Cause) -> tuple[str, str]:
    """Return a cause with its verdict: what changed, where, in how many scenarios, by how much, and what fails."""
    what, entries = cause.what, cause.entries
    parts = [count_of(len(entries), "scenario") if len(entries) > 1 else name_of(entries[0])]
    text = str(what)
    if isinstance(what, ChangedInput):
        text = f"`{what.name}` {' -> '.join(sides(what.name, what.change))}, {what.where}"
        parts += _own_moves(what, cause)
    return cause.verdict, f"{text}: {', '.join([*parts, *failures(cause.failing)])}"


def _own_moves(what: ChangedInput, cause: Cause) -> Iterator[str]:
    """Yield how far an input moves figures; `alone`, where they moved otherwise."""
    for name, shares in cause.moved.items():
        if max(map(abs, shares)) >= SLIGHT:
            ends = " to ".join(dict.fromkeys(map(percent, shares)))
            whys = [entry.judged.why(name) for entry in cause.entries]
            exact = all(math.isclose(why.parts.get(what.name, 0), why.total, rel_tol=SLIGHT) for why in whys)
            yield f"{_SHOWN[name]} {ends}" if exact else f"{_SHOWN[name]} {ends} alone"


def _row(entry: ScenarioDiff) -> Sequence[str]:
    return (
        entry.verdict,
        name_of(entry),
        *(before_after(name, *entry.figure(name)) for name in _SHOWN),
        _rule_cell(entry),
    )


def name_of(entry: ScenarioDiff) -> str:
    """Return a scenario's file, and what it was called."""
    return f"{entry.base_file} -> {entry.file}" if entry.pairing == RENAMED else entry.file


def _rules(entry: ScenarioDiff) -> list[str]:
    """Return what fails, then what warns."""
    return list(map(_in_line, sorted(of_entry(entry), key=lambda finding: finding.level != ERROR)))


def _in_line(finding: Annotation) -> str:
    """Return a finding with its place, and with its first fact where no column has it."""
    rule, *facts = (line.strip() for line in finding.lines)
    more = [fact for fact in facts[:1] if fact.partition(":")[0] not in _SHOWN]
    text = "; ".join([rule.removeprefix("failed: ").removeprefix("warning: "), *more])
    return text if finding.place is None or str(finding.place) in text else f"{text} ({finding.place})"


def _rule_cell(entry: ScenarioDiff) -> str:
    """Return the first rule that fails or warns, and what else there is to say."""
    rules = _rules(entry)
    texts = rules[:1]
    if len(rules) > 1:
        texts.append(f"and {len(rules) - 1} more")
    if entry.pairing != SAME_PATH:
        texts.append(entry.pairing)
    return "; ".join([*texts, *entry.notes])


def _sum_rows(pull_request: PullRequestDiff) -> Iterator[Sequence[str]]:
    """Yield the rows of sums: verdict, name, the figures before and after, and the rule."""
    if sums := pull_request.sums(_SHOWN):
        yield "", TOTAL, *(before_after(name, ends.base, ends.head) for name, ends in sums.items()), ""
    if pull_request.refused:
        return

    for finding in of_sums(pull_request):
        verdict = FAIL if finding.level == ERROR else WARN
        if finding.rule == UNCOMPUTED:
            verdict = UNREADABLE
        yield verdict, TOTAL, *("" for _name in _SHOWN), _in_line(finding)


def _detail(entry: ScenarioDiff, page: Page) -> Fold:
    """Return the fold of a scenario that does not plainly pass."""
    summary = f"{entry.verdict} {name_of(entry)}"
    if entry.mistakes or entry.pairing in (NEW, DELETED):
        return Fold(summary, Report(paragraphs=(*_rules(entry), *entry.notes)))
    return Fold(
        summary,
        difference_report(entry.judged, page, {})._replace(title="", subtitle="", footer="", mark=""),
    )


def _entry_cells(entry: ScenarioDiff) -> Sequence[object]:
    """Return a scenario as a row of CSV."""
    return (
        None if entry.pairing == DELETED else entry.file,
        entry.base_file,
        entry.pairing,
        entry.verdict,
        _rule_cell(entry),
        *(end for name in _SHOWN for end in entry.figure(name)),
    )


def _as_of(pull_request: PullRequestDiff) -> str:
    return max((entry.judged.difference.head.as_of for entry in pull_request.entries), default="") or RELEASED


def _pull_request_cells(pull_request: PullRequestDiff) -> Cells:
    if pull_request.refused:
        raise Mistakes(pull_request.mistakes)
    return _HEADING, map(_entry_cells, pull_request.entries)


def _pull_request_document(pull_request: PullRequestDiff) -> AgainstDocument:
    return against_document(pull_request, _SHOWN, _as_of(pull_request))


def _pull_request_junit(pull_request: PullRequestDiff) -> str:
    return junit(pull_request.entries, pull_request.totals, pull_request.mistakes)


def _pull_request_annotated(pull_request: PullRequestDiff) -> str:
    return annotations(of_pull_request(pull_request))


def _pull_request_stderr_lines(pull_request: PullRequestDiff, _form: str) -> Sequence[str]:
    if pull_request.refused:
        return [str(Mistakes(pull_request.mistakes))]
    return [*stderr_lines(of_pull_request(pull_request))]


AgainstAnswer = Answer[PullRequestDiff, AgainstDocument]


def against_answer(pull_request: PullRequestDiff) -> AgainstAnswer:
    """Return a pull request in all its forms; its comment begins with the mark by which it is found again."""
    return Answer(
        pull_request,
        against_report,
        _pull_request_document,
        cells=_pull_request_cells,
        forms={"junit": _pull_request_junit, "github": _pull_request_annotated},
        code=pull_request.code,
        stderr=_pull_request_stderr_lines,
    )
