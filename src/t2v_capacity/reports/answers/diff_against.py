"""A request against its base, as a report, as data, as a comment and as JUnit's XML."""

from collections.abc import Iterator, Sequence
from typing import Any

from t2v_capacity.errors import MOST_SHOWN, Mistake, printable
from t2v_capacity.questions.change.diff_against import Against
from t2v_capacity.questions.change.entry import FAIL, PASS, UNREADABLE, WARN, Entry
from t2v_capacity.questions.change.judge import Verdict
from t2v_capacity.questions.change.pairing import DELETED, NEW, RENAMED, SAME
from t2v_capacity.questions.change.sums import totals, without_value
from t2v_capacity.questions.change.why import why
from t2v_capacity.questions.review.gates import FAIL as FAILING
from t2v_capacity.release import RELEASED
from t2v_capacity.reports.answers.check import counted, in_line
from t2v_capacity.reports.answers.diff import told
from t2v_capacity.reports.answers.diff_comment import Block, escaped, fitted, parts, table
from t2v_capacity.reports.answers.diff_document import difference_document, gate_data, rules_data
from t2v_capacity.reports.answers.diff_junit import against_junit
from t2v_capacity.reports.answers.diff_report import DEFAULT_DAYS, before_after, source_note, tripped_lines
from t2v_capacity.reports.forms.answer import Answer
from t2v_capacity.reports.forms.data import document, warning_data
from t2v_capacity.reports.forms.report import Column, Report, Table, conventions
from t2v_capacity.reports.forms.text import inert_html

SHOWN = ("gpus", "cost_per_month")
_SIDES = (Column("gpus", number=True), Column("cost a month", number=True))
MARK = "<!-- t2v-cap -->"
HEADING = ("file", "base_file", "pairing", "verdict", "rule", *(f"{name}_{side}" for name in SHOWN for side in ("base", "head")))
_SIGNS = {UNREADABLE: "🚫 unreadable", FAIL: "❌ fail", WARN: "⚠️ warn", PASS: "✅ pass"}


def headline(found: Against) -> str:
    """Return the verdict in words: what fails, and of how many scenarios against what."""
    verdicts = [*(v for e in found.entries if e.judged for v in e.judged.verdicts), *found.totals]
    gates = sum(not v.passed and v.gate.severity == FAILING for v in verdicts)
    budgets = sum(not row.passed for e in found.entries if e.judged for row in e.judged.budgets)
    unread = sum(entry.verdict == UNREADABLE for entry in found.entries)
    warned = sum(entry.verdict == WARN for entry in found.entries)
    said = [f"{counted(gates, 'gate')} {'fails' if gates == 1 else 'fail'}"] if gates else []
    said += [f"{counted(budgets, 'budget')} {'fails' if budgets == 1 else 'fail'}"] if budgets else []
    said += [f"{counted(unread, 'file')} can't be read"] if unread else []
    said += [f"{counted(len(found.mistakes), 'total')} can't be computed"] if found.mistakes else []
    said += [f"{counted(warned, 'scenario')} {'warns' if warned == 1 else 'warn'}"] if warned else []
    changed = sum(not entry.unchanged for entry in found.entries)
    told = ", ".join(said) or (f"nothing fails, {counted(changed, 'scenario')} changed" if changed else "nothing changed")
    return f"Capacity: {told}; {counted(len(found.entries), 'scenario')} against {found.fork.revision} at {found.fork.short}"


def _name(entry: Entry) -> str:
    """Return a scenario's file, and what it was called."""
    return f"{entry.base_file} -> {entry.file}" if entry.pairing == RENAMED else entry.file


def _rules(entry: Entry) -> list[str]:
    """Return what fails and what warns, each with its line: gates, budgets, findings."""
    if entry.judged is None:
        return [in_line(mistake) for mistake in entry.mistakes[:MOST_SHOWN]]
    tripped = [verdict for verdict in entry.judged.verdicts if not verdict.passed]
    texts = {v: _tripped(v) for v in tripped}
    rules = [texts[verdict] for verdict in tripped if verdict.gate.severity == FAILING]
    rules += [f"{row.name} ({row.place}): {row.message}" for row in entry.judged.budgets if not row.passed]
    rules += [texts[verdict] for verdict in tripped if verdict.gate.severity != FAILING]
    return [*rules, *(f"{warning.code}: {warning.message}" for warning in entry.judged.difference.findings)]


def _tripped(verdict: Verdict) -> str:
    """Return a gate that trips: its name, its line, and why where that is more than its limit."""
    gate = verdict.gate
    return "; ".join(filter(None, (f"{gate.name}{f' ({gate.place})' if gate.place else ''}", verdict.reason)))


def _sum_rows(found: Against) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return the rows of sums: verdict, name, rule, and the figures before and after."""
    sums = totals(found.entries, SHOWN)
    rows = [("", "total", "", tuple(before_after(name, *sides) for name, sides in sums.items()))] if sums else []
    for verdict in found.totals:
        if not verdict.passed:
            word = FAIL if verdict.gate.severity == FAILING else WARN
            moved = {verdict.gate.figure: before_after(verdict.gate.figure, verdict.base, verdict.value)}
            other = "" if verdict.gate.figure in SHOWN else f"; {verdict.gate.figure} {moved[verdict.gate.figure]}"
            rows.append((word, "total", _tripped(verdict) + other, tuple(moved.get(name, "") for name in SHOWN)))
    return rows + [(UNREADABLE, "total", in_line(mistake), ("",) * len(SHOWN)) for mistake in found.mistakes]


def _rule(entry: Entry) -> str:
    """Return the first rule that fails or warns, and what else there is to say."""
    rules = _rules(entry)
    said = [f"{rules[0]}{f'; and {len(rules) - 1} more' if len(rules) > 1 else ''}"] if rules else []
    return "; ".join([*said, *([] if entry.pairing == SAME else [entry.pairing]), *entry.notes])


def against_report(found: Against) -> Report:
    """Return a request as a report: a row a scenario that is not plain pass without change, the worst first, and the total."""
    rows = [
        (entry.verdict, printable(_name(entry)), *(before_after(name, *entry.figure(name)) for name in SHOWN), printable(_rule(entry)))
        for entry in found.worst_first
        if not entry.unchanged
    ]
    rows += [(word, name, *moved, printable(rule)) for word, name, rule, moved in _sum_rows(found)]
    columns = (Column(""), Column("scenario"), *_SIDES, Column("", wrap=True))
    return Report(
        headline(found),
        source_note(found.gates_from),
        (Table(columns, (("", tuple(rows)),)),) if rows else (),
        tuple(_notes(found)),
        _footer(found),
    )


def _notes(found: Against) -> Iterator[str]:
    same = sum(entry.unchanged for entry in found.entries)
    if same:
        yield f"{counted(same, 'scenario')} unchanged"
    for name, count in without_value(found.entries, SHOWN).items():
        yield f"the total of {name} is without {counted(count, 'scenario')} that {'has' if count == 1 else 'have'} no value"
    if found.left_out:
        yield found.left_out


def _footer(found: Against) -> str:
    plans = [entry.judged.difference.head for entry in found.entries if entry.judged]
    return conventions(DEFAULT_DAYS, max((plan.as_of for plan in plans), default=""))


def against_document(found: Against, as_of: str) -> dict[str, Any]:
    """Return a request as the contract's `diff` document of many scenarios."""
    return document(
        "diff",
        as_of,
        against={"revision": found.fork.revision, "merge_base": found.fork.commit},
        code=found.code,
        gates_from=found.gates_from,
        scenarios=[_entry(entry) for entry in found.entries],
        total={name: {"base": sides[0], "head": sides[1]} for name, sides in totals(found.entries, SHOWN).items()},
        left_out=found.left_out or None,
        gates=[gate_data(verdict) for verdict in found.totals],
        mistakes=[_mistake(mistake) for mistake in found.mistakes],
    )


def _entry(entry: Entry) -> dict[str, Any]:
    judged = entry.judged
    rules = rules_data(judged) if judged else {"rules": [], "budgets": []}
    compared = judged and entry.pairing in (SAME, RENAMED) and not entry.unchanged
    return {
        "file": None if entry.pairing == DELETED else entry.file,
        "base_file": entry.base_file,
        "pairing": entry.pairing,
        "verdict": entry.verdict,
        "rules": rules["rules"],
        "gates": [gate_data(verdict) for verdict in judged.verdicts] if judged else [],
        "budgets": rules["budgets"],
        "findings": [warning_data(warning) for warning in judged.difference.findings] if judged else [],
        "diff": difference_document(judged) if judged and compared else None,
        "mistakes": [_mistake(mistake) for mistake in entry.mistakes],
        "notes": list(entry.notes),
    }


def _mistake(mistake: Mistake) -> dict[str, Any]:
    place = mistake.place
    where = (
        {"file": place.file, "line": place.line or None, "column": place.column or None}
        if place
        else dict.fromkeys(("file", "line", "column"))
    )
    return {**where, "message": mistake.message}


def against_rows(found: Against) -> Iterator[tuple[object, ...]]:
    """Yield a row a scenario, for CSV."""
    for entry in found.entries:
        sides = (value for name in SHOWN for value in entry.figure(name))
        yield (None if entry.pairing == DELETED else entry.file, entry.base_file, entry.pairing, entry.verdict, _rule(entry), *sides)


def against_comment(found: Against) -> str:
    """Return a request as markdown: the verdict, a row a scenario that matters, the total, then a fold for each failure with its why.

    Its first line holds a hidden mark by which a workflow finds it again. Verdicts come first, so that what is cut is detail.
    """
    rows = [
        (
            _SIGNS[entry.verdict],
            escaped(_name(entry)),
            escaped(_rule(entry)),
            *(escaped(before_after(name, *entry.figure(name))) for name in SHOWN),
        )
        for entry in found.worst_first
        if not entry.unchanged
    ]
    sums = _sum_rows(found)
    rows += [(_SIGNS.get(word, ""), f"**{name}**", escaped(rule), *map(escaped, moved)) for word, name, rule, moved in sums]
    note = source_note(found.gates_from)
    blocks = [Block((f"**{escaped(headline(found))}** {MARK}", "", *([f"**{escaped(note)}**", ""] if note else [])))]
    if len(rows) > len(sums) or len(sums) > 1:
        blocks.append(table((*map(Column, ("", "scenario", "rule")), *_SIDES), rows))
    same = [escaped(entry.file) for entry in found.entries if entry.unchanged]
    if same:
        blocks.append(
            Block(
                (
                    f"<details><summary>{counted(len(same), 'scenario')} unchanged</summary>",
                    "",
                    f"Unchanged: {', '.join(same)}"[:10_000],
                    "",
                    "</details>",
                    "",
                )
            )
        )
    blocks += [block for entry in found.worst_first if entry.verdict != PASS for block in _detail(entry)]
    left = escaped("; ".join(note for note in _notes(found) if "unchanged" not in note))
    return fitted(blocks, f"<sub>{f'{left}; ' if left else ''}{escaped(_footer(found))}</sub>")


def _detail(entry: Entry) -> list[Block]:
    """Return the fold of a scenario that does not plainly pass."""
    opening = (f"<details><summary>{_SIGNS[entry.verdict]} {inert_html(_name(entry))}</summary>", "")
    judged = entry.judged
    if judged is None or entry.pairing in (NEW, DELETED):
        return [Block(opening, tuple(f"- {escaped(text)}" for text in (*_rules(entry), *entry.notes)), ("", "</details>", ""))]
    difference = judged.difference
    wanted = [v.gate.figure for v in judged.verdicts if not v.passed and v.gate.figure in difference.figures]
    wanted += [name for name in SHOWN if name in difference.figures]
    inner = parts(judged, {figure: why(difference, figure) for figure in dict.fromkeys(wanted)})
    lines = tuple(line for block in inner for line in (*block.before, *block.rows, *block.after))
    return [Block(opening, lines, ("</details>", ""))]


def mistake_lines(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield a line for each mistake, after its scenario."""
    for entry in entries:
        yield from (f"{entry.file}: {in_line(mistake)}" for mistake in entry.mistakes)


def against_answer(found: Against) -> Answer[Against]:
    """Return a request in all its forms; its comment begins with the mark by which it is found again."""
    plans = [entry.judged.difference.head for entry in found.entries if entry.judged]
    as_of = max((plan.as_of for plan in plans if plan.as_of), default=RELEASED)
    return Answer(
        found,
        lambda _page: against_report(found),
        lambda: against_document(found, as_of),
        cells=lambda: (HEADING, against_rows(found)),
        comment=lambda _page: against_comment(found),
        junit=lambda: against_junit(found),
        code=found.code,
        told=lambda _form: [*_told(found)],
    )


def _told(found: Against) -> Iterator[str]:
    yield from map(printable, mistake_lines(found.entries))
    yield from (printable(f"total: {in_line(mistake)}") for mistake in found.mistakes)
    for verdict in found.totals:
        if not verdict.passed:
            yield from (printable(f"total: {line}") for line in tripped_lines(verdict, None, None))
    for entry in found.entries:
        if entry.judged:
            yield from told(entry.judged, {}, "junit", f"{entry.file}: ")
