"""A request against its base, as a report, as data, as a comment and as JUnit's XML."""

from collections.abc import Iterator, Sequence
from typing import Any

from t2v_capacity import RELEASED
from t2v_capacity.errors import MOST_SHOWN, Mistake, printable
from t2v_capacity.questions.change.diff_against import FAIL, PASS, UNREADABLE, WARN, Against, Entry, totals
from t2v_capacity.questions.change.pairing import DELETED, NEW, RENAMED, SAME
from t2v_capacity.questions.change.why import why
from t2v_capacity.questions.review.gates import FAIL as FAILING
from t2v_capacity.reports.answers.check import counted, in_line
from t2v_capacity.reports.answers.diff import told
from t2v_capacity.reports.answers.diff_comment import Block, escaped, fitted, parts, table
from t2v_capacity.reports.answers.diff_document import difference_document, gate_data, rules_data
from t2v_capacity.reports.answers.diff_report import DEFAULT_DAYS, percent, source_note
from t2v_capacity.reports.forms.answer import Answer
from t2v_capacity.reports.forms.data import as_junit, document, warning_data
from t2v_capacity.reports.forms.report import Column, Report, Table, conventions
from t2v_capacity.reports.forms.text import inert_html
from t2v_capacity.reports.forms.values import show_value

SHOWN = ("gpus", "cost_per_month")
_SIDES = (Column("gpus", number=True), Column("cost a month", number=True))
MARK = "<!-- t2v-cap -->"
HEADING = ("file", "base_file", "pairing", "verdict", "rule", *(f"{name}_{side}" for name in SHOWN for side in ("base", "head")))
_SIGNS = {UNREADABLE: "🚫 unreadable", FAIL: "❌ fail", WARN: "⚠️ warn", PASS: "✅ pass"}


def headline(found: Against) -> str:
    """Return the verdict in words: what fails, and of how many scenarios against what."""
    gates = sum(not v.passed and v.gate.severity == FAILING for e in found.entries if e.judged for v in e.judged.verdicts)
    budgets = sum(not row.passed for e in found.entries if e.judged for row in e.judged.budgets)
    unread = sum(entry.verdict == UNREADABLE for entry in found.entries)
    warned = sum(entry.verdict == WARN for entry in found.entries)
    said = [f"{counted(gates, 'gate')} {'fails' if gates == 1 else 'fail'}"] if gates else []
    said += [f"{counted(budgets, 'budget')} {'fails' if budgets == 1 else 'fail'}"] if budgets else []
    said += [f"{counted(unread, 'file')} can't be read"] if unread else []
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
    texts = {v: f"{v.gate.name}{f' ({v.gate.place})' if v.gate.place else ''}" for v in tripped}
    rules = [texts[verdict] for verdict in tripped if verdict.gate.severity == FAILING]
    rules += [f"{row.name} ({row.place}): {row.message}" for row in entry.judged.budgets if not row.passed]
    rules += [texts[verdict] for verdict in tripped if verdict.gate.severity != FAILING]
    return [*rules, *(f"{warning.code}: {warning.message}" for warning in entry.judged.difference.findings)]


def _rule(entry: Entry) -> str:
    """Return the first rule that fails or warns, and what else there is to say."""
    rules = _rules(entry)
    said = [f"{rules[0]}{f'; and {len(rules) - 1} more' if len(rules) > 1 else ''}"] if rules else []
    return "; ".join([*said, *([] if entry.pairing == SAME else [entry.pairing]), *entry.notes])


def _moved(name: str, base: float | None, head: float | None) -> str:
    """Return a figure before and after, its unit once, and how far it moved."""
    if base is None and head is None:
        return ""
    before, after = ("none" if value is None else show_value(name, value, brief=True) for value in (base, head))
    if base == head or base is None:
        return after
    amount, _space, unit = before.rpartition(" ")
    relative = f" ({percent((head - base) / abs(base))})" if base and head is not None else ""
    return f"{amount if unit and after.endswith(f' {unit}') else before} -> {after}{relative}"


def against_report(found: Against) -> Report:
    """Return a request as a report: a row a scenario that is not plain pass without change, the worst first, and the total."""
    rows = [
        (entry.verdict, printable(_name(entry)), *(_moved(name, *entry.figure(name)) for name in SHOWN), printable(_rule(entry)))
        for entry in found.worst_first
        if not entry.unchanged
    ]
    sums = totals(found.entries, SHOWN)
    rows += [("", "total of what both sides have", *(_moved(name, *sides) for name, sides in sums.items()), "")] if sums else []
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
            *(escaped(_moved(name, *entry.figure(name))) for name in SHOWN),
        )
        for entry in found.worst_first
        if not entry.unchanged
    ]
    sums = totals(found.entries, SHOWN)
    if sums:
        rows.append(("", "**total** of what both sides have", "", *(escaped(_moved(name, *sides)) for name, sides in sums.items())))
    note = source_note(found.gates_from)
    blocks = [Block((f"**{escaped(headline(found))}** {MARK}", "", *([f"**{escaped(note)}**", ""] if note else [])))]
    if len(rows) > bool(sums):
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
    left = escaped(found.left_out)
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


def against_junit(found: Against) -> str:
    """Return a request as JUnit's XML: a suite a scenario, a case a rule, an error where it can't be read."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", {"name": "t2v-cap diff"})
    for entry in found.entries:
        suite = ET.SubElement(root, "testsuite", {"name": printable(entry.file)})
        cases = [*_cases(entry)]
        for name, kind, message in cases:
            case = ET.SubElement(suite, "testcase", {"name": printable(name), "classname": printable(entry.file)})
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
    for verdict in entry.judged.verdicts:
        gate = verdict.gate
        kind = "failure" if not verdict.passed and gate.severity == FAILING else ""
        moved = _moved(gate.figure, verdict.base, verdict.value) if gate.figure else ""
        yield gate.name, kind, "; ".join(filter(None, (moved, verdict.reason, str(gate.place or ""))))
    for row in entry.judged.budgets:
        yield row.name, "" if row.passed else "failure", f"{row.shown}, {row.message} ({row.place})"
    for finding in entry.judged.difference.findings:
        yield finding.code, "", finding.message


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
    for entry in found.entries:
        if entry.judged:
            yield from told(entry.judged, {}, "junit", f"{entry.file}: ")
