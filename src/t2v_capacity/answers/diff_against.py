"""A request against its base as a report: each cause once, then failing scenarios, the others counted and folded."""

from collections.abc import Iterator, Sequence

from t2v_capacity.answers.check import in_line
from t2v_capacity.answers.diff import junit, of_entry, of_request, of_sums
from t2v_capacity.answers.diff_document import AgainstDocument, against_document
from t2v_capacity.answers.diff_report import (
    DEFAULT_DAYS,
    SLIGHT,
    before_after,
    difference_report,
    failures,
    percent,
    reported_causes,
    sides,
    source_notes,
)
from t2v_capacity.errors import Mistakes, count_of
from t2v_capacity.forms.annotations import ERROR, TOTAL, UNCOMPUTED, Annotation, annotations, stderr_lines
from t2v_capacity.forms.answer import Answer, Cells, Page
from t2v_capacity.forms.report import Column, Fold, Report, Table, conventions, left_out, numbers
from t2v_capacity.questions.change.causes import Cause
from t2v_capacity.questions.change.diff_against import Against
from t2v_capacity.questions.change.entry import FAIL, PASS, UNREADABLE, WARN, ScenarioDiff
from t2v_capacity.questions.change.pairing import DELETED, NEW, RENAMED, SAME
from t2v_capacity.questions.change.why import ChangedInput
from t2v_capacity.release import RELEASED

SHOWN = {"gpus": "GPUs", "cost_per_month": "cost"}
_CAUSES = (Column(""), Column("cause", wrap=True))
_COST = numbers("cost per month", from_width=110)
_SCENARIOS = (Column(""), Column("scenario"), numbers("gpus"), _COST, Column("rule", wrap=True))
_HEADING = (
    "file",
    "base_file",
    "pairing",
    "verdict",
    "rule",
    *(f"{name}_{side}" for name in SHOWN for side in ("base", "head")),
)
# So many changed scenarios have their whole diff in a comment; of more, so many have a row, as have so many causes.
_FEW, _MOST = 5, 20


def headline(found: Against) -> str:
    """Return the verdict in words: what fails, and of how many scenarios against what."""
    if found.refused:
        return f"Capacity: nothing could be compared with {found.fork.revision}"
    failing = [one for entry in found.entries if entry.judged for one in entry.judged.failing]
    verdicts = [entry.verdict for entry in found.entries]
    unread, warned = verdicts.count(UNREADABLE), verdicts.count(WARN)
    said = failures([*failing, *(one for one in found.totals if one.fails)])
    said += [f"{count_of(unread, 'file')} can't be read"] if unread else []
    said += [f"{count_of(len(found.mistakes), 'total')} can't be computed"] if found.mistakes else []
    said += [f"{count_of(warned, 'scenario')} {'warns' if warned == 1 else 'warn'}"] if warned else []
    changed = sum(not entry.unchanged for entry in found.entries)
    told = ", ".join(said) or (
        f"nothing fails, {count_of(changed, 'scenario')} changed" if changed else "nothing changed"
    )
    compared = count_of(len(found.entries), "scenario")
    return f"Capacity: {told}; {compared} against {found.fork.revision} at {found.fork.short}"


def against_report(found: Against, page: Page) -> Report:
    """Return a request as a report.

    A request that could not be compared is a comment alone, since a table would look like an answer.
    Raise Mistakes if another form of it is asked for.
    """
    if found.refused and page.form != "markdown":
        raise Mistakes(found.mistakes)
    changed = [entry for entry in found.worst_first if not entry.unchanged]
    most = None if page.everything else _MOST
    causes, shown = found.causes[:most], changed[:most]
    rows = (*map(_row, shown), *_sum_rows(found))
    tables = [Table(_CAUSES, {"": list(map(_cause_row, causes))}), Table(_SCENARIOS, {"": rows})]
    notes = [*left_out(_SCENARIOS, page.width), *(in_line(mistake) for mistake in found.mistakes if found.refused)]
    for name, one in found.sums(SHOWN).items():
        if one.without:
            have = "has" if one.without == 1 else "have"
            notes.append(f"the total of {name} is without {count_of(one.without, 'scenario')} that {have} no value")
    if rest := [name_of(entry) for entry in changed[len(shown) :]]:
        notes.append(f"{count_of(len(rest), 'scenario')} changed too, `--all` has their rows: {', '.join(rest)}")
    notes += [f"{count_of(more, 'more cause')}: --all"] if (more := len(found.causes) - len(causes)) else []
    notes += [f"{count_of(same, 'scenario')} unchanged"] if (same := len(found.entries) - len(changed)) else []
    folded = shown if page.form == "markdown" and len(changed) <= _FEW else ()
    return Report(
        headline(found),
        found.left_out,
        [table for table in tables if table.sections[""]],
        notes,
        conventions(DEFAULT_DAYS, _as_of(found)),
        alerts=source_notes(found.gates_from),
        folds=[_detail(entry, page) for entry in folded if entry.verdict != PASS],
        mark="t2v-cap",
    )


def _cause_row(cause: Cause) -> tuple[str, str]:
    """Return a cause with the worst verdict of its scenarios.

    The cause says what changed, where, in how many scenarios, by how much, and what fails.
    """
    what, entries = cause.what, cause.entries
    verdicts = {entry.verdict for entry in entries}
    parts = [count_of(len(entries), "scenario") if len(entries) > 1 else name_of(entries[0])]
    if isinstance(what, ChangedInput):
        moved = " -> ".join(sides(what.name, what.change))
        said = f"`{what.name}` {moved}, {what.where}"
    else:
        said = str(what)
    for name, (low, high) in cause.moved.items():
        if max(abs(low), abs(high)) >= SLIGHT:
            ends = list(dict.fromkeys(map(percent, (low, high))))
            parts.append(f"{SHOWN[name]} {' to '.join(ends)}")
    parts += failures(one for entry in entries if entry.judged for one in entry.judged.failing)
    return next(word for word in (UNREADABLE, FAIL, WARN, PASS) if word in verdicts), f"{said}: {', '.join(parts)}"


def _row(entry: ScenarioDiff) -> Sequence[str]:
    return entry.verdict, name_of(entry), *(before_after(name, *entry.figure(name)) for name in SHOWN), _rule(entry)


def name_of(entry: ScenarioDiff) -> str:
    """Return a scenario's file, and what it was called."""
    return f"{entry.base_file} -> {entry.file}" if entry.pairing == RENAMED else entry.file


def _rules(entry: ScenarioDiff) -> list[str]:
    """Return what fails, then what warns."""
    return list(map(_in_line, sorted(of_entry(entry), key=lambda one: one.level != ERROR)))


def _in_line(finding: Annotation) -> str:
    """Return a finding with its place, and with its first fact where that is of no column."""
    rule, *known = (line.strip() for line in finding.lines)
    more = [fact for fact in known[:1] if fact.partition(":")[0] not in SHOWN]
    said = "; ".join([rule.removeprefix("failed: ").removeprefix("warning: "), *more])
    return said if finding.place is None or str(finding.place) in said else f"{said} ({finding.place})"


def _rule(entry: ScenarioDiff) -> str:
    """Return the first rule that fails or warns, and what else there is to say."""
    rules = _rules(entry)
    said = [f"{rules[0]}{f'; and {len(rules) - 1} more' if len(rules) > 1 else ''}"] if rules else []
    return "; ".join([*said, *([] if entry.pairing == SAME else [entry.pairing]), *entry.notes])


def _sum_rows(found: Against) -> Iterator[Sequence[str]]:
    """Yield the rows of sums: verdict, name, the figures before and after, and the rule."""
    if sums := found.sums(SHOWN):
        yield "", TOTAL, *(before_after(name, one.base, one.head) for name, one in sums.items()), ""
    blank = ("",) * len(SHOWN)
    for one in () if found.refused else of_sums(found):
        verdict = UNREADABLE if one.rule == UNCOMPUTED else FAIL if one.level == ERROR else WARN
        yield verdict, TOTAL, *blank, _in_line(one)


def _detail(entry: ScenarioDiff, page: Page) -> Fold:
    """Return the fold of a scenario that does not plainly pass."""
    summary, judged = f"{entry.verdict} {name_of(entry)}", entry.judged
    if judged is None or entry.pairing in (NEW, DELETED):
        return Fold(summary, Report("", "", (), (*_rules(entry), *entry.notes)))
    return Fold(
        summary,
        difference_report(judged, page, reported_causes(judged, {}))._replace(
            title="", subtitle="", footer="", mark=""
        ),
    )


def _cells(entry: ScenarioDiff) -> Sequence[object]:
    """Return a scenario as a row of CSV."""
    ends = (value for name in SHOWN for value in entry.figure(name))
    return (
        None if entry.pairing == DELETED else entry.file,
        entry.base_file,
        entry.pairing,
        entry.verdict,
        _rule(entry),
        *ends,
    )


def _as_of(found: Against) -> str:
    return max((entry.judged.difference.head.as_of for entry in found.entries if entry.judged), default="") or RELEASED


@Answer.remade
def against_answer(found: Against) -> Answer[Against, AgainstDocument]:
    """Return a request in all its forms; its comment begins with the mark by which it is found again."""
    findings = [*of_request(found)]

    def cells() -> Cells:
        if found.refused:
            raise Mistakes(found.mistakes)
        return _HEADING, map(_cells, found.entries)

    return Answer(
        found,
        lambda page: against_report(found, page),
        lambda: against_document(found, SHOWN, _as_of(found)),
        cells=cells,
        forms={
            "junit": lambda: junit(found.entries, found.totals, found.mistakes),
            "github": lambda: annotations(findings),
        },
        code=found.code,
        stderr=lambda _form: [str(Mistakes(found.mistakes))] if found.refused else [*stderr_lines(findings)],
    )
