"""A diff as a report, and as data; and what a tripped gate says."""

from collections.abc import Iterator, Mapping
from typing import Any

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Place
from t2v_capacity.questions.change.diff import Change, Difference
from t2v_capacity.questions.change.judge import BOTH, Judged, Verdict
from t2v_capacity.questions.change.sides import Side
from t2v_capacity.questions.change.why import Why
from t2v_capacity.questions.review.gates import FAIL
from t2v_capacity.reports.forms.report import Column, Report, Table, conventions, warning_lines
from t2v_capacity.reports.forms.values import show_ends, show_value
from t2v_capacity.vocabulary.choices import SHORTHANDS
from t2v_capacity.vocabulary.quantities import digits

CHANGES = (Column(""), Column("name"), Column("base", number=True), Column("head", number=True), Column("change", number=True))
_JUDGED = (CHANGES[0], Column("rule", wrap=True), *CHANGES[2:])
_RULES = (Column(""), Column("kind"), *(Column(name, wrap=True) for name in ("base", "head", "at")))
WHYS = (
    *(Column("what changed"), Column("base", number=True), Column("head", number=True)),
    *(Column("its part", number=True), Column("of the change", number=True)),
)
# A change below this share of the base is left out of a page, and a part below this share of the biggest one.
SLIGHT, _NO_PART = 1e-4, 1e-9
_MANY = 1e4
DEFAULT_DAYS = 30.0


def difference_report(found: Judged, *, everything: bool = False, whys: Mapping[str, Why] | None = None) -> Report:
    """Return a diff as a report, figures of detail and slight changes only with `everything`; unchanged says so in a line."""
    difference = found.difference
    base, head = difference.base, difference.head
    shown, detail, slight = sorted_out(difference, SLIGHT, everything=everything)
    sections = [
        ("assumptions", tuple(change_row(name, change) for name, change in difference.assumed.items())),
        ("figures", tuple(change_row(name, difference.figures[name]) for name in shown)),
    ]
    judged = [
        ("gates", tuple(_gate_row(verdict) for verdict in found.verdicts)),
        ("budgets", tuple((row.result, _placed(row.name, row.place), "", row.shown, "") for row in found.budgets)),
    ]
    rules = tuple((change.change, change.kind, change.base or "", change.head or "", str(change.place)) for change in found.rules)
    parts = ((_RULES, [("rules", rules)]), (_JUDGED, judged), (CHANGES, sections))
    filled = [(columns, [(name, rows) for name, rows in named if rows]) for columns, named in parts]
    tables = [Table(columns, tuple(named)) for columns, named in filled if named]
    explained = {why_title(difference, why): why_rows(difference, why) for why in (whys or {}).values()}
    tables += [Table(WHYS, (("", rows),), title) for title, rows in explained.items() if rows]
    paragraphs = [why_note(why) for why in (whys or {}).values() if not why.parts or why.method != "exact"]
    paragraphs += [
        *filter(None, [source_note(found.gates_from)]),
        *(f"new {line}" for line in warning_lines(difference.new_warnings, "--all", everything=everything)),
        *(f"gone {line}" for line in warning_lines(difference.gone_warnings, "--all", everything=everything)),
    ]
    if found.unchanged:
        paragraphs.append("Nothing changed.")
    elif not difference.figures:
        paragraphs.append("No figure changed.")
    else:
        paragraphs += left_out(detail, slight, "0.01%")
    return Report(
        title=f"{base.name} -> {head.name}",
        subtitle=f"{base.shown} -> {head.shown}",
        alerts=difference.notes,
        tables=tuple(tables),
        paragraphs=tuple(paragraphs),
        footer=conventions(days(head), head.as_of),
    )


def source_note(gates_from: str) -> str:
    """Return whose rules count, where it is not both sides'; else nothing."""
    return "" if gates_from == BOTH else f"held to the rules of the {gates_from} alone (`--gates-from {gates_from}`)"


def broken_lines(found: Judged) -> Iterator[str]:
    """Yield a line for each budget that fails, and for each rule that the head loosened."""
    yield from (f"failed: {row.name}: {row.shown or 'none'}, {row.message} ({row.place})" for row in found.budgets if not row.passed)
    yield from (f"warning gates-loosened: {change}" for change in found.rules if change.looser)


def days(side: Side) -> float:
    """Return the days that a side's month has."""
    return side.assumptions.get("days_per_month") or DEFAULT_DAYS


def sorted_out(difference: Difference, least: float, *, everything: bool = False) -> tuple[list[str], int, int]:
    """Return the changed figures to show, and how many of detail and how many slight changes are left out."""
    lacking = difference.lacking
    detail = [name for name in difference.figures if name not in lacking and FIGURES[name].detail and not everything]
    slight = [
        name
        for name, change in difference.figures.items()
        if name not in detail and name not in lacking and not everything and (change.share < least or _alike(name, change))
    ]
    return [name for name in difference.figures if name not in {*detail, *slight}], len(detail), len(slight)


def _alike(name: str, change: Change) -> bool:
    """Return whether a person could not tell two values apart: chances of 1e-200 and 1e-9 are both none."""
    base, head = (None if isinstance(value, str) else value for value in (change.base, change.head))
    return show_value(name, base, 6) == show_value(name, head, 6)


def left_out(detail: int, slight: int, least: str) -> Iterator[str]:
    """Say how many changed figures a page leaves out."""
    of_detail = f"{detail} figures of detail" if detail > 1 else "1 figure of detail" if detail else ""
    by_less = f"{slight} figures by less than {least}" if slight > 1 else f"1 figure by less than {least}" if slight else ""
    if detail or slight:
        yield f"{' and '.join(filter(None, (of_detail, by_less)))} changed too; `--all` shows {'it' if detail + slight == 1 else 'them'}."


def change_row(name: str, change: Change) -> tuple[str, ...]:
    """Return a changed choice, assumption, pin or figure as a row: sign, name, base, head, change."""
    sides = _shown(name, change.base, change.base_range), _shown(name, change.head, change.head_range)
    return change.sign, name, *sides, percent(change.relative_change)


def _shown(name: str, value: float | str | None, ends: tuple[float, float] | None = None) -> str:
    text = value if isinstance(value, str) else show_value(name, value, brief=True)
    return f"{text}, {show_ends(name, *ends)}" if ends else text


def percent(share: float | None) -> str:
    """Return a change in proportion with its sign, or nothing where there is none."""
    if share is not None and abs(share) >= _MANY:
        return "over +1M%" if share > 0 else "over -1M%"
    return "" if share is None else f"{'+' if share > 0 else ''}{digits(share * 100)}%"


def signed(name: str, amount: float, *, brief: bool = False) -> str:
    """Return a change of a figure in its unit, with its sign."""
    return f"{'+' if amount > 0 else ''}{show_value(name, amount, brief=brief)}"


def _gate_row(verdict: Verdict) -> tuple[str, ...]:
    figure = verdict.gate.figure
    values = ("", "") if not figure else tuple(show_value(figure, value, brief=True) for value in (verdict.base, verdict.value))
    return (
        outcome(verdict),
        _placed(verdict.gate.name, verdict.gate.place),
        *values,
        percent(Change(verdict.base, verdict.value).relative_change),
    )


def _placed(rule: str, place: Place | None) -> str:
    """Return a rule with the line that states it, where a file does."""
    return f"{rule} ({place})" if place and place.line else rule


def outcome(verdict: Verdict) -> str:
    """Return a gate's outcome in a word."""
    return "pass" if verdict.passed else verdict.gate.severity


def why_title(difference: Difference, why: Why) -> str:
    """Return what a table of parts explains."""
    change = difference.figure(why.figure)
    moved = f" ({relative})" if (relative := percent(change.relative_change)) else ""
    return f"Why {why.figure}: {signed(why.figure, change.change or 0)}{moved}"


def why_note(why: Why) -> str:
    """Return how the parts were computed, or why there are none."""
    if why.reason:
        return f"why {why.figure}: not split, since {why.reason}"
    if not why.parts:
        return f"why {why.figure}: nothing that it is computed from changed"
    return f"why {why.figure}: parts are averages over {why.method}; they sum to the change"


def why_rows(difference: Difference, why: Why) -> tuple[tuple[str, ...], ...]:
    """Return the parts of a change as rows, the biggest first; an input that moves nothing has none."""
    biggest = max((abs(part) for part in why.parts.values()), default=0.0)
    total = why.total
    return tuple(
        (name, *moved(difference, name), signed(why.figure, part, brief=True), percent(part / total) if total else "")
        for name, part in why.parts.items()
        if abs(part) > _NO_PART * biggest
    )


def moved(difference: Difference, player: str) -> tuple[str, str]:
    """Return what an input of a change was and is: a value, a choice or several, the parts of a shorthand."""
    sides = []
    for side in (difference.base, difference.head):
        known: dict[str, Any] = {**side.choices, **side.assumptions, **side.pins}
        if player in SHORTHANDS:
            sides.append("x".join(digits(known[part], 6) for part in SHORTHANDS[player][1]))
        else:
            sides.append(", ".join(_shown(name, known.get(name)) for name in player.split(" + ")))
    return sides[0], sides[1]


def tripped_lines(verdict: Verdict, difference: Difference | None, why: Why | None) -> list[str]:
    """Return what a tripped gate says: its name, base, head, limit, by how much, whom it concerns, and what to look at.

    A gate on totals is about no difference of one scenario.
    """
    gate, figure = verdict.gate, verdict.gate.figure
    word = "failed" if gate.severity == FAIL else "warning"
    lines = [f"{word}: {gate.name}" if gate.name == gate.rule else f"{word}: {gate.name} ({gate.rule})"]
    if figure:
        change = Change(verdict.base, verdict.value)
        by = (
            ""
            if change.change is None
            else f" ({signed(figure, change.change)}{', ' if change.relative_change is not None else ''}{percent(change.relative_change)})"
        )
        lines.append(f"  {gate.subject}: {show_value(figure, verdict.base)} -> {show_value(figure, verdict.value)}{by}")
        if verdict.limit is not None and verdict.excess is not None:
            side = "below" if verdict.value is not None and verdict.value < verdict.limit else "above"
            lines.append(f"  limit: {show_value(figure, verdict.limit)}; it is {show_value(figure, verdict.excess)} {side}")
        if verdict.reason:
            lines.append(f"  why it trips: {verdict.reason}" if verdict.value is None else f"  {verdict.reason}")
    codes = {clause.code for clause in gate.clauses if clause.kind == "warning"}
    for warning in (*difference.head.warnings, *difference.findings) if difference else ():
        new = difference is not None and warning in difference.new_warnings
        if warning.code in codes or ("" in codes and new and warning.severity == "warning"):
            lines.append(f"  {'new ' if new else ''}{warning}")
    lines += [f"  at: {gate.place}"] if gate.place and gate.place.line else []
    lines += [f"  also held: {place}" for place in gate.also]
    lines += [f"  owner: {gate.owner}"] if gate.owner else []
    lines += [f"  message: {gate.message}"] if gate.message else []
    return [*lines, *(f"  look at: {text}" for text in (look_at(difference, why) if difference else ()))]


def before_after(name: str, base: float | None, head: float | None) -> str:
    """Return a figure before and after, its unit once, and how far it moved."""
    if base is None and head is None:
        return ""
    before, after = ("none" if value is None else show_value(name, value, brief=True) for value in (base, head))
    if base == head or base is None:
        return after
    amount, _space, unit = before.rpartition(" ")
    relative = f" ({percent((head - base) / abs(base))})" if base and head is not None else ""
    return f"{amount if unit and after.endswith(f' {unit}') else before} -> {after}{relative}"


def look_at(difference: Difference, why: Why | None) -> Iterator[str]:
    """Say which input drove a change most, and how far."""
    if why and why.driver:
        base, head = moved(difference, why.driver)
        part = why.parts[why.driver]
        yield f"{why.driver} ({base} -> {head}), which moved {why.figure} by {signed(why.figure, part)} of {signed(why.figure, why.total)}"
