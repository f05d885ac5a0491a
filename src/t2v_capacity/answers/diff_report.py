"""A diff as a report: its verdict in a sentence, the rules, what changed and why; and the facts of a tripped gate."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Place, count_of
from t2v_capacity.forms.annotations import few
from t2v_capacity.forms.answer import Page
from t2v_capacity.forms.report import Column, Report, Table, conventions, numbers, warning_lines
from t2v_capacity.forms.values import show_cell, show_ends, show_value
from t2v_capacity.plan.candidates import HEADLINE
from t2v_capacity.questions.change.diff import Change, Difference
from t2v_capacity.questions.change.judge import BASE, Judged, Rule, Ruling
from t2v_capacity.questions.change.rules_changed import ChangedRule
from t2v_capacity.questions.change.why import TOGETHER, Why
from t2v_capacity.questions.review.check import CheckLine
from t2v_capacity.questions.review.gates import FAIL, Gate

_SIDES = (numbers("base"), numbers("head"), numbers("change"))
_CHANGES = (Column(""), Column("name", code=True), *_SIDES)
_JUDGED = (Column(""), Column("rule", wrap=True), *_SIDES, numbers("limit"))
_WHYS = (Column("what changed", code=True), *_SIDES[:2], numbers("its part"), numbers("of the change"))
# A change below this share of the base is left out of a page, and a part below this share of the biggest one.
SLIGHT, _NO_PART = 1e-4, 1e-9
_LEAST, _MANY = 1e-6, 1e4  # in proportion, below which no change is said, and from which on no number
# So many of the figures that moved alike are named.
_NAMED = 3
# Digits in which two sides are shown: the fewest that tell them apart.
_DIGITS = (3, 6, 12)
DEFAULT_DAYS = 30.0
# What fails a run: its name, and what becomes of one and of several.
_FAILURES = (
    (Ruling, "gate", "fails", "fail"),
    (CheckLine, "budget", "fails", "fail"),
    (ChangedRule, "rule", "changed", "changed"),
)


def difference_report(judged: Judged, page: Page, whys: Mapping[str, Why]) -> Report:
    """Return a diff as a report, with figures of detail and slight changes only if everything is shown.

    Otherwise figures that moved alike share a line, but for those that a plan is read for.
    """
    difference, base, head = judged.difference, judged.difference.base, judged.difference.head
    shown = [name for name, change in difference.figures.items() if page.everything or _is_shown(name, change)]
    alike = [] if page.everything else _moved_alike(difference, shown)
    own = [name for name in shown if not any(name in names for _change, names in alike)]
    changes = {
        "assumptions": [_row(name, change) for name, change in difference.assumed.items()],
        "figures": [_row(name, difference.figures[name]) for name in own],
    }
    tables = [
        _table("rules", (("fail" if judged.gates_from == BASE else "warn", str(change)) for change in judged.rules)),
        _judged_table(judged, noted=page.form == "markdown"),
        _table("warnings", _warnings(difference, page)),
        Table(_CHANGES, {name: rows for name, rows in changes.items() if rows}),
        *(Table(_WHYS, {"": _why_rows(judged, why)}, _why_title(judged, why)) for why in whys.values()),
    ]
    paragraphs = [why_note(why) for why in whys.values() if not why.parts]
    paragraphs += [f"{len(names)} figures by {change}: {few(names, _NAMED)}, --all" for change, names in alike]
    if judged.unchanged:
        paragraphs.append("Nothing changed.")
    elif not difference.figures:
        paragraphs.append("No figure changed.")
    if any(change.base_range != change.head_range for change in difference.assumptions.values()):
        paragraphs.append("A range changed, and figures are at its point: gate the range with `p95(gpus) > +10%`.")
    if left := len(difference.figures) - len(shown):
        paragraphs.append(f"{count_of(left, 'smaller change')}: --all")

    names = head.name if base.name == head.name else f"{base.name} -> {head.name}"
    return Report(
        f"{names}: {_headline(judged)}",
        f"{base.shown} -> {head.shown}",
        [table for table in tables if any(table.sections.values())],
        paragraphs,
        conventions(head.assumptions.get("days_per_month") or DEFAULT_DAYS, head.as_of),
        alerts=source_notes(judged.gates_from),
        mark=f"t2v-cap diff: {head.file}",
    )


def _table(heading: str, rows: Iterable[tuple[str, str]]) -> Table:
    return Table((Column(""), Column(heading, wrap=True)), {"": [*rows]})


def _headline(judged: Judged) -> str:
    """Return how the first headline figure moved, and what became of the gates and budgets, in a sentence."""
    outcomes = failures(judged.failing)
    if warned := sum(not ruling.passed and not ruling.fails for ruling in judged.rulings):
        outcomes.append(f"{warned} warned")
    if not outcomes and (judged.rulings or judged.budgets):
        outcomes.append("nothing fails")

    change = _headline_change(judged)
    return f"{change}; {', '.join(outcomes)}" if outcomes else change


def _headline_change(judged: Judged) -> str:
    figures = judged.difference.figures
    name = next((name for name in HEADLINE if name in figures and figures[name].share >= SLIGHT), None)
    if name is None:
        return "nothing changed" if judged.unchanged else "no headline figure changed by 0.01% or more"

    ends = " -> ".join(sides(name, figures[name], brief=False))
    relative = percent(figures[name].relative_change)
    return f"{name} {relative}, {ends}" if relative else f"{name} {ends}"


def failures(rules: Iterable[object]) -> list[str]:
    """Return the numbers of failed gates, failed budgets and changed rules."""
    counts = Counter(map(type, rules))
    return [
        f"{count_of(counts[kind], name)} {singular if counts[kind] == 1 else plural}"
        for kind, name, singular, plural in _FAILURES
        if counts[kind]
    ]


def source_notes(gates_from: str) -> Sequence[str]:
    """Return whose rules count, where they are the head's; else nothing."""
    return () if gates_from == BASE else ("held to the rules of the head (`--gates-from head`)",)


def _judged_table(judged: Judged, *, noted: bool) -> Table:
    """Return the results of gates and budgets, tripped ones first; if `noted`, with facts that have no column."""
    rulings = sorted(judged.rulings, key=lambda ruling: (ruling.passed, ruling.gate.severity != FAIL))
    gates = [_gate_row(ruling, judged) for ruling in rulings]
    budgets = [
        (row.result, _placed(row.name, row.place), row.before, row.measured_text, "", "", row.message)
        for row in judged.budgets
    ]
    columns = (*_JUDGED, Column("note")) if noted else _JUDGED
    sections = (("gates", gates), ("budgets", budgets))
    return Table(columns, {name: [row[: len(columns)] for row in rows] for name, rows in sections if rows})


def _gate_row(ruling: Ruling, judged: Judged) -> Sequence[str]:
    gate, figure = ruling.gate, ruling.gate.first.figure
    change = Change(ruling.base, ruling.value)
    values = sides(figure, change) if figure else ("", "")
    note = "; ".join(
        f"{key}: {text}" if key else text
        for key, text in facts(ruling, judged)
        if key not in (gate.first.subject, "limit", "at")
    )
    return (
        "pass" if ruling.passed else gate.severity,
        _placed(rule_name(gate), gate.place),
        *values,
        percent(change.relative_change),
        show_cell(figure, ruling.limit),
        note,
    )


def rule_name(gate: Gate) -> str:
    """Return a gate's name, and its rule where that is another text."""
    return gate.name if gate.name == gate.rule else f"{gate.name} ({gate.rule})"


def _placed(rule: str, place: Place | None) -> str:
    """Return a rule with the line that states it, where a file does."""
    return f"{rule}, {place}" if place and place.line else rule


def facts(ruling: Ruling, judged: Judged | None) -> Iterator[tuple[str, str]]:
    """Yield the facts of a gate that trips, each with its name: the value, the limit, the place, the cause.

    A gate that passes has a reason at most. Without `judged`, the gate is on totals over all scenarios.
    """
    gate, figure = ruling.gate, ruling.gate.first.figure
    if ruling.passed:
        if ruling.reason:
            yield "", ruling.reason
        return

    if figure:
        yield from _figure_facts(ruling, figure)
    new = judged.difference.new_warnings if judged else ()
    for warning in dict.fromkeys(ruling.tripping):
        yield "", f"{'new ' if warning in new else ''}{warning}"
    if gate.place and gate.place.line:
        yield "at", str(gate.place)
    if judged:
        yield from (("look at", text) for text in look_at(judged, ruling))


def _figure_facts(ruling: Ruling, figure: str) -> Iterator[tuple[str, str]]:
    """Yield the change of a gate's figure, its limit, and why it has no value."""
    change = Change(ruling.base, ruling.value)
    text = " -> ".join(sides(figure, change, brief=False))
    steps = [] if change.change is None else [signed(figure, change.change)]
    if relative := percent(change.relative_change):
        steps.append(relative)
    yield ruling.gate.first.subject, f"{text} ({', '.join(steps)})" if steps else text
    if ruling.limit is not None and ruling.value is not None:
        side = "below" if ruling.value < ruling.limit else "above"
        far = signed(figure, ruling.excess or 0).lstrip("+")
        yield "limit", f"{show_value(figure, ruling.limit)}; it is {far} {side}"
    if ruling.reason:
        yield "why it trips" if ruling.value is None else "", ruling.reason


def look_at(judged: Judged, rule: Rule) -> Iterator[str]:
    """Yield the input that drove a rule to trip most, its place, and its effect; or those that only together did."""
    why, causes = judged.why_of(rule), judged.causes(rule)
    if not why.parts or not causes:
        return
    subject = rule.condition.measured if rule.condition else why.figure
    total = _amount(rule, why, why.total)
    if causes[-1] == TOGETHER:
        yield f"{few(causes[:-1], _NAMED)} {TOGETHER}, which moved {subject} by {total}"
        return
    driver = judged.inputs[causes[0]]
    ends = " -> ".join(sides(driver.name, driver.change))
    effect = f"which moved {subject} by {_amount(rule, why, why.parts[driver.name])} of {total}"
    yield f"{driver.name} ({ends}, {driver.where}), {effect}"


def _amount(rule: Rule, why: Why, change: float) -> str:
    """Return a change of what a rule is on: of a chance in percentage points, else in the figure's unit."""
    if rule.condition and rule.condition.chance is not None:
        return f"{digits(100 * change)} percentage points"
    return signed(why.figure, change)


def _is_shown(name: str, change: Change) -> bool:
    """Return whether a figure is not a detail and its change is large enough.

    Chances of 1e-200 and 1e-9 are both none.
    """
    base, head = (None if isinstance(end, str) else end for end in (change.base, change.head))
    return (
        not FIGURES[name].detail and change.share >= SLIGHT and show_value(name, base, 6) != show_value(name, head, 6)
    )


def _moved_alike(difference: Difference, names: Iterable[str]) -> list[tuple[str, Sequence[str]]]:
    """Return how several figures moved by the same factor, to three digits, and which figures these are."""
    alike = dict[tuple[str, str], list[str]]()
    for name in names:
        relative = difference.figures[name].relative_change
        if relative is not None and name not in HEADLINE:
            # A small change differs in percent, and a fall by 99.9% in the factor.
            alike.setdefault((percent(relative), digits(1 + relative, exact=False)), []).append(name)
    return [(change, figures) for (change, _factor), figures in alike.items() if len(figures) > 1]


def _warnings(difference: Difference, page: Page) -> Iterator[tuple[str, str]]:
    """Yield the new warnings, those that got worse, and those that are gone.

    Notes are counted, unless everything is shown.
    """
    known = {(warning.code, warning.names) for warning in difference.base.warnings}
    worse = [warning for warning in difference.new_warnings if (warning.code, warning.names) in known]
    new = [warning for warning in difference.new_warnings if warning not in worse]
    for word, warnings in (("new", new), ("worse", worse), ("gone", difference.gone_warnings)):
        yield from ((word, line) for line in warning_lines(warnings, everything=page.everything))


def _row(name: str, change: Change) -> Sequence[str]:
    """Return a changed choice, assumption, pin or figure as a row: sign, name, base, head, change."""
    return change.sign, name, *sides(name, change), percent(change.relative_change)


def sides(name: str, change: Change, *, brief: bool = True) -> tuple[str, str]:
    """Return a value before and after, in as many digits as tell the two apart.

    Both are rounded alike, so that a rise never reads as a fall; two short numbers are written out.
    """
    exact = _is_short(name, change.base) and _is_short(name, change.head)

    def text(end: float | str | None, spread: tuple[float, float] | None, significant: int) -> str:
        shown = end if isinstance(end, str) else show_value(name, end, significant, brief=brief, exact=exact)
        return f"{shown}, {show_ends(name, *spread)}" if spread else shown

    for significant in _DIGITS if change.base != change.head else _DIGITS[:1]:
        base = text(change.base, change.base_range, significant)
        head = text(change.head, change.head_range, significant)
        if base != head:
            break
    return base, head


def _is_short(name: str, quantity: float | str | None) -> bool:
    """Return whether a value is shown without rounding."""
    return isinstance(quantity, str) or show_value(name, quantity) == show_value(name, quantity, _DIGITS[-1])


def percent(share: float | None) -> str:
    """Return a change in proportion with its sign and three digits, or nothing where there is none."""
    if share is None or abs(share) < _LEAST:
        return ""
    if abs(share) >= _MANY:
        return "over +1M%" if share > 0 else "over -1M%"
    return f"{'+' if share > 0 else ''}{digits(share * 100, exact=False)}%"


def signed(name: str, amount: float, *, brief: bool = False) -> str:
    """Return a change of a figure in its unit, with its sign: of a share in points, which no proportion is."""
    return f"{'+' if amount > 0 else ''}{show_value(name, amount, brief=brief)}".replace("%", " points")


def before_after(name: str, base: float | None, head: float | None) -> str:
    """Return a figure before and after, its unit once, and how far it moved.

    Return one value where the figure moved by less than is shown.
    """
    change = Change(base, head)
    if base is None or change.share < SLIGHT or base == head:
        return show_cell(name, head)
    before, after = sides(name, change)
    amount, _space, unit = before.rpartition(" ")
    relative = f" ({percent(change.relative_change)})" if change.relative_change is not None else ""
    return f"{amount if unit and after.endswith(f' {unit}') else before} -> {after}{relative}"


def _why_title(judged: Judged, why: Why) -> str:
    """Return the subject of a table of parts."""
    change = judged.difference.figure(why.figure)
    relative = f" ({share})" if (share := percent(change.relative_change)) else ""
    return f"Why {why.figure}: {signed(why.figure, change.change or 0)}{relative}"


def why_note(why: Why) -> str:
    """Return what the parts are, or the reason why there are none."""
    if why.reason:
        return f"why {why.figure}: not split, since {why.reason}"
    if not why.parts:
        return f"why {why.figure}: nothing that it is computed from changed"
    return f"why {why.figure}: each part is what a change does alone; `{TOGETHER}` is what they do beyond that"


def _why_rows(judged: Judged, why: Why) -> list[Sequence[str]]:
    """Return the parts of a change as rows, the biggest first; an input that moves nothing has none."""
    least = _NO_PART * max((abs(part) for part in why.parts.values()), default=0.0)
    changes = {name: sides(name, changed.change) for name, changed in judged.inputs.items()}
    return [
        (
            name,
            *changes.get(name, ("", "")),
            signed(why.figure, part, brief=True),
            percent(part / why.total) if why.total else "",
        )
        for name, part in why.parts.items()
        if abs(part) > least
    ]
