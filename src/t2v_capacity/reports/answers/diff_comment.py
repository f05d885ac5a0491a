"""A diff as a comment on a pull request: the headline, the gates, what matters, why; and the rest folded.

GitHub takes 65,536 characters. What does not fit is left out from the end, with a note; a scenario is somebody's text, and
nothing of it becomes markup, a link or a mention.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import printable
from t2v_capacity.questions.change.diff import Difference
from t2v_capacity.questions.change.judge import BOTH, Judged, Verdict
from t2v_capacity.questions.change.why import Why
from t2v_capacity.questions.review.gates import FAIL
from t2v_capacity.reports.answers.diff_report import (
    CHANGES,
    WHYS,
    change_row,
    days,
    left_out,
    look_at,
    outcome,
    percent,
    sorted_out,
    why_note,
    why_rows,
    why_title,
)
from t2v_capacity.reports.answers.estimate_report import HEADLINE
from t2v_capacity.reports.forms.report import Column, conventions
from t2v_capacity.reports.forms.text import inert, markdown_rows
from t2v_capacity.reports.forms.values import show_value
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.choices import CHOICES

# Bytes of a comment, which are never fewer than its characters; some are kept for the notes at its end.
_MOST, _KEPT = 65_000, 1_500
# Characters of one text that somebody wrote.
_LONGEST = 600
# A change below this share of the base does not matter.
_MATTERS = 1e-3
_ROWS = (CHANGES[0], Column("figure"), *CHANGES[2:])
_GATES = (Column(""), Column("gate"), *(Column(name, number=True) for name in ("base", "head", "limit")), Column("note"))
_RULES = tuple(map(Column, ("rules", "kind", "base", "head", "at")))
_BUDGETS = (Column(""), Column("budget"), Column("value", number=True), Column("note"))


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the comment: lines that stand or fall together, and rows of which the last may be left out."""

    before: tuple[str, ...]
    rows: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def comment(found: Judged, whys: Mapping[str, Why] | None = None, *, everything: bool = False) -> str:
    """Return a diff as markdown for a pull request, with a hidden tag by which it can be found and updated in place."""
    difference = found.difference
    head = difference.head
    # Within a comment of HTML, which the file's name can't end.
    tag = " ".join(printable(head.file).split()).replace(">", "&gt;")[:_LONGEST]
    title = f"**{escaped(head.name)}**: {_headline(found)}"
    blocks = [Block((f"<!-- t2v-cap diff: {tag} -->", title, "")), *parts(found, whys, everything=everything)]
    sides = f"{escaped(difference.base.shown)} → {escaped(head.shown)}; {escaped(conventions(days(head), head.as_of))}"
    return fitted(blocks, f"<sub>{sides}</sub>")


def parts(found: Judged, whys: Mapping[str, Why] | None = None, *, everything: bool = False) -> Iterator[Block]:
    """Yield the parts of a comment: rules, gates, budgets, warnings, figures, why, and what is folded."""
    difference = found.difference
    yield from _rules(found)
    yield from _gates(difference, found.verdicts, whys or {})
    yield from _budgets(found)
    yield from _warnings(difference)
    yield from _figures(found)
    yield from (block for why in (whys or {}).values() for block in _why(difference, why))
    yield from _details(difference, everything=everything)


def _rules(found: Judged) -> Iterator[Block]:
    if found.gates_from != BOTH:
        yield Block((f"Held to the rules of the **{found.gates_from}** alone (`--gates-from {found.gates_from}`).", ""))
    rows = [
        (
            f"{'⚠️ ' if change.looser else ''}{change.change}",
            change.kind,
            *map(escaped, (change.base or "", change.head or "", str(change.place))),
        )
        for change in found.rules
    ]
    if rows:
        yield table(_RULES, rows)


def _budgets(found: Judged) -> Iterator[Block]:
    rows = [(f"❌ {escaped(row.result)}", escaped(row.name), row.shown, escaped(row.message)) for row in found.budgets if not row.passed]
    if rows:
        yield table(_BUDGETS, rows)


def escaped(text: str) -> str:
    """Return a text that somebody wrote as GitHub shows it unchanged, and no more of it than a reader wants.

    >>> escaped("a <b> | `c`")
    'a &lt;b&gt; \\\\| \\\\`c\\\\`'
    """
    text = " ".join(printable(text).split())
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."
    return inert(text)


def _headline(found: Judged) -> str:
    """Return the one sentence: the biggest change among the headline figures, and what became of the gates and budgets."""
    difference, verdicts = found.difference, found.verdicts
    changed = [name for name in HEADLINE if name in difference.figures and difference.figures[name].share >= _MATTERS]
    if changed:
        name = max(changed, key=lambda figure: difference.figures[figure].share)
        change = difference.figures[name]
        base, head = (None if isinstance(value, str) else value for value in (change.base, change.head))
        moved = percent(change.relative_change)
        said = f"`{name}` {f'{moved}, ' if moved else ''}{show_value(name, base)} → {show_value(name, head)}"
    elif found.unchanged:
        said = "nothing changed"
    else:
        said = "no headline figure changed by 0.1% or more"
    failing = sum(not v.passed and v.gate.severity == FAIL for v in verdicts)
    warning = sum(not v.passed for v in verdicts) - failing
    broken = sum(not row.passed for row in found.budgets)
    looser = sum(change.looser for change in found.rules)
    result = [f"{failing} of {len(verdicts)} gates failed" if failing else "", f"{warning} warned" if warning else ""]
    result += [f"{broken} of {len(found.budgets)} budgets failed" if broken else "", f"{looser} rules loosened" if looser else ""]
    told = ", ".join(filter(None, result)) or (
        f"all {len(verdicts)} gates passed" if len(verdicts) > 1 else "the gate passed" if verdicts else ""
    )
    return f"{said}{f'; {told}' if told else ''}."


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Block:
    """Return a table whose last rows may be left out; the cells are escaped already."""
    heading, rule, *lines = markdown_rows(columns, rows)
    return Block((*before, heading, rule), tuple(lines), ("", *after))


def _gates(difference: Difference, verdicts: Sequence[Verdict], whys: Mapping[str, Why]) -> Iterator[Block]:
    if not verdicts:
        return
    marks = {"pass": "✅ pass", "warn": "⚠️ warn", "fail": "❌ fail"}
    rows = []
    for verdict in sorted(verdicts, key=lambda v: (v.passed, v.gate.severity != FAIL)):
        gate = verdict.gate
        values = [show_value(gate.figure, value, brief=True) if gate.figure else "" for value in (verdict.base, verdict.value)]
        limit = show_value(gate.figure, verdict.limit, brief=True) if verdict.limit is not None else ""
        notes = [] if verdict.passed else [gate.message, gate.owner, verdict.reason]
        if not verdict.passed and gate.figure:
            beyond = f"{show_value(gate.figure, verdict.excess)} beyond" if verdict.excess is not None else ""
            notes = [beyond, *notes, *(f"look at {text}" for text in look_at(difference, whys.get(gate.figure)))]
        notes += [str(gate.place)] if gate.place and gate.place.line else []
        notes += [f"also held: {place}" for place in gate.also]
        name = gate.name if gate.name == gate.rule else f"{gate.name} ({gate.rule})"
        rows.append((marks[outcome(verdict)], escaped(name), *values, limit, escaped("; ".join(filter(None, notes)))))
    yield table(_GATES, rows)


def _warnings(difference: Difference) -> Iterator[Block]:
    rows = [f"- ⚠️ {escaped(note)}" for note in difference.notes]
    rows += [f"- new {escaped(str(warning))}" for warning in difference.new_warnings if warning.severity == "warning"]
    if rows:
        yield Block((), tuple(rows), ("",))


def _figures(found: Judged) -> Iterator[Block]:
    difference = found.difference
    shown, _detail, _slight = sorted_out(difference, _MATTERS)
    if shown:
        yield table(_ROWS, (_cells(change_row(name, difference.figures[name])) for name in shown))
    elif found.unchanged:
        yield Block(("Nothing changed: every assumption, figure and warning is the same.", ""))
    else:
        yield Block(("No figure that matters changed by 0.1% or more.", ""))


def _cells(row: Iterable[str]) -> list[str]:
    """Return a row's cells: a known name as code, a word where something is new or gone."""
    words = {"~": "", "+": "new", "-": "gone"}
    known = {*FIGURES, *ASSUMPTIONS, *CHOICES}
    return [words[cell] if cell in words else f"`{cell}`" if cell in known else escaped(cell) for cell in row]


def _why(difference: Difference, why: Why) -> Iterator[Block]:
    rows = why_rows(difference, why)
    if not rows:
        yield Block((escaped(why_note(why)), ""))
        return
    note = () if why.method == "exact" else (f"<sub>{escaped(why_note(why))}</sub>", "")
    title = f"**Why `{why.figure}`**: {escaped(why_title(difference, why).partition(': ')[2])}"
    yield table(WHYS, map(_cells, rows), (title, ""), note)


def _details(difference: Difference, *, everything: bool) -> Iterator[Block]:
    """Yield what is folded: assumptions, other warnings, and with `everything` the figures that matter less."""
    if difference.assumed:
        rows = [_cells(change_row(name, change)) for name, change in difference.assumed.items()]
        yield _folded(f"What was assumed differently: {len(rows)}", CHANGES, rows)
    warnings = [f"new {w}" for w in difference.new_warnings if w.severity != "warning"]
    warnings += [f"gone {w}" for w in difference.gone_warnings]
    if warnings:
        lines = tuple(f"- {escaped(line)}" for line in warnings)
        yield Block((f"<details><summary>Other warnings: {len(lines)}</summary>", ""), lines, ("", "</details>", ""))
    shown, detail, slight = sorted_out(difference, _MATTERS)
    rest = [name for name in FIGURES if name in difference.figures and name not in shown]
    if everything and rest:
        rows = [_cells(change_row(name, difference.figures[name])) for name in rest]
        yield _folded(f"Figures of detail, and those that changed by less than 0.1%: {len(rest)}", _ROWS, rows)
    elif rest:
        yield Block((*left_out(detail, slight, "0.1%"), ""))


def _folded(summary: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Block:
    return table(columns, rows, (f"<details><summary>{summary}</summary>", ""), ("</details>", ""))


def fitted(blocks: Iterable[Block], footer: str) -> str:
    """Return blocks as a text that GitHub takes: from the first that does not fit on, rows and blocks are counted instead."""
    lines: list[str] = []
    room, rows_out, blocks_out = _MOST - _KEPT - _size([footer]), 0, 0
    for block in blocks:
        frame = _size([*block.before, *block.after])
        if frame > room:
            rows_out, blocks_out = rows_out + len(block.rows), blocks_out + 1
            continue
        room -= frame
        kept = []
        for row in block.rows:
            if _size([row]) > room:
                break
            kept.append(row)
            room -= _size([row])
        rows_out += len(block.rows) - len(kept)
        opened = sum(row.startswith("<details>") - row.startswith("</details>") for row in kept)
        kept += ["", "</details>"] * opened  # of a fold that was cut in its middle
        lines += [*block.before, *kept, *block.after]
    if rows_out or blocks_out:
        lines += [f"**Cut to the size of a comment: {rows_out} rows are left out;** `t2v-cap diff` shows them on a terminal.", ""]
    return "\n".join([*lines, footer]) + "\n"


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)


__all__ = ["comment", "escaped"]
