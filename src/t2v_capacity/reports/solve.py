"""A solution as a report and as data."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.quantities import QuantityError, digits, number, show
from t2v_capacity.questions.trials import Kept, Solution
from t2v_capacity.reports import Column, Report, Table, conventions
from t2v_capacity.reports.data import document, figure_data, scenario_data, warning_data, whole
from t2v_capacity.reports.plan import HEADLINE, show_value, warning_line

# An answer is written in so many digits, or in as many more as it takes to keep the conditions.
_LEAST_DIGITS, _MOST_DIGITS = 4, 17
_INTERVALS = 10


def solve_report(found: Solution, *, smallest: bool = False) -> Report:
    """Return a solution as a report: the answer, its conditions, the headline figures, and the options that were tried."""
    scenario = found.scenario
    kind = "" if found.name not in ASSUMPTIONS else "smallest " if smallest else "largest "
    answer = answer_text(found, smallest=smallest)
    head = (f"{kind}{found.name}", answer) if found.feasible else (f"nearest {found.name}", answer)
    tables = [
        Table((Column("answer"), Column("", number=True)), (("", (head,)),)),
        Table(
            (Column("condition"), Column("there", number=True), Column("")),
            (("", tuple((k.condition.text, _measured(k), _verdict(found, k)) for k in found.conditions)),),
        ),
        Table(
            (Column("figure"), Column("there", number=True)),
            (("", tuple((name, show_value(name, found.figures[name])) for name in _figures(found))),),
        ),
    ]
    if found.tried:
        columns = (Column(found.name), Column(found.sought, number=True), Column("", wrap=True))
        rows = sorted(found.tried, key=lambda t: (t.option != found.value, bool(t.against), -1 if t.value is None else t.value))
        texts = ((t.option, "" if t.value is None else show_value(found.sought, t.value, brief=True), t.against or "") for t in rows)
        tables.append(Table(columns, (("", tuple(texts)),)))
    if not found.conditions:
        del tables[1]
    paragraphs = (*_said(found, smallest=smallest), *(warning_line(warning) for warning in found.warnings))
    days = scenario.values()["days_per_month"]
    return Report(scenario.name, scenario.description or scenario.file, tuple(tables), paragraphs, conventions(days, scenario.as_of))


def answer_text(found: Solution, *, smallest: bool = False) -> str:
    """Return the answer as a person reads it, rounded to the side that keeps the conditions: what is printed keeps them too."""
    if isinstance(found.value, str):
        return found.value
    known = ASSUMPTIONS[found.name]
    if (known.forever and found.value == known.high) or not found.feasible:
        return show_value(found.name, found.value, 6)
    for significant in range(_LEAST_DIGITS, _MOST_DIGITS + 1):
        text = show(found.value, known.unit, significant)
        plain = [digits(found.value, significant)] if known.unit == "share" else []
        for candidate in (text, *plain, _nudged(text, significant, up=smallest)):
            if _keeps(found, candidate, smallest=smallest):
                return candidate
    return f"{found.value!r} {known.unit}"


def _keeps(found: Solution, text: str, *, smallest: bool) -> bool:
    """Return whether a text is read back as a value on the keeping side of the answer that keeps the conditions."""
    assert isinstance(found.value, float)
    try:
        value = ASSUMPTIONS[found.name].read(text)
    except QuantityError:
        return False
    if not isinstance(value, float):
        return False
    first, last = found.intervals[0 if smallest else -1]
    return first <= value <= last and found.keeps(value)


def _nudged(text: str, significant: int, *, up: bool) -> str:
    """Return a text with the last digit of its number one up or down."""
    _value, unit = number(text)
    amount = Decimal(text[: len(text) - len(unit)].strip())
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)
    step = Decimal(1).scaleb(min(exponent, amount.adjusted() - significant + 1))
    between = " " if text[: len(text) - len(unit)].endswith(" ") else ""
    return f"{amount + step if up else amount - step:f}{between}{unit}"


def _measured(kept: Kept) -> str:
    if kept.condition.chance is not None:
        return "none" if kept.measured is None else show(kept.measured, "share", 4)
    return show_value(kept.condition.figure, kept.measured, 4)


def _verdict(found: Solution, kept: Kept) -> str:
    binds = ", binds" if found.feasible and kept.condition in found.binding else ""
    by = f" by {digits(100 * kept.excess)}%" if not kept.kept and kept.measured is not None else ""
    return f"kept{binds}" if kept.kept else f"missed{by}"


def _figures(found: Solution) -> list[str]:
    return list(
        dict.fromkeys((*(kept.condition.figure for kept in found.conditions), *((found.sought,) if found.sought else ()), *HEADLINE))
    )


def _said(found: Solution, *, smallest: bool) -> Iterator[str]:
    """Yield what a reader must know of the answer besides its value."""
    binding = ", ".join(f"`{condition.text}`" for condition in found.binding)
    if not found.feasible:
        yield f"infeasible: nothing within the bounds of `{found.name}` keeps all conditions; the nearest misses {binding or 'what is asked'}"
    elif isinstance(found.value, str):
        yield f"binds: {binding or 'no condition; the best option keeps them all'}"
    elif found.bound:
        yield f"at its bound: `{found.name}` is {ASSUMPTIONS[found.name].bounds()}, and every condition is still kept at the {found.bound} one"
    else:
        yield f"binds: {binding or 'no single condition'} is missed by the next {'smaller' if smallest else 'larger'} value"
    if not found.monotone:
        shown = "; ".join(f"{show_value(found.name, a, 6)} to {show_value(found.name, b, 6)}" for a, b in found.intervals[:_INTERVALS])
        more = f"; and {len(found.intervals) - _INTERVALS} more" if len(found.intervals) > _INTERVALS else ""
        several = "; between the values that were tried, more may come and go" if len(found.intervals) > 1 else ""
        yield f"warning: not monotone: the conditions are kept only in {shown}{more}{several}"
    yield from (f"note: {note}" for note in found.notes)
    if found.seed is not None:
        yield f"ranges: {found.samples} draws, seed {found.seed}, the same for every value that was tried"


def solve_document(found: Solution) -> dict[str, Any]:
    """Return a solution as the contract's `solve` document."""
    scenario, known = found.scenario, ASSUMPTIONS.get(found.name)
    return document(
        "solve",
        scenario.as_of,
        found.seed,
        found.samples,
        scenario=scenario_data(scenario),
        **{"for": found.name},
        value=_count(found, found.value),
        unit=known.unit if known else "",
        feasible=found.feasible,
        binding=found.binding[0].text if found.binding else None,
        conditions=[{"text": k.condition.text, "measured": k.measured, "kept": k.kept} for k in found.conditions],
        violation=_violation(found),
        bound=found.bound or None,
        monotone=found.monotone,
        intervals=[[_count(found, end) for end in interval] for interval in found.intervals],
        figures={name: figure_data(name, value, pinned=name in scenario.pins) for name, value in found.figures.items()},
        options=[{"option": t.option, "value": t.value, "against": t.against} for t in found.tried],
        notes=list(found.notes),
        warnings=[warning_data(warning) for warning in found.warnings],
    )


def _count(found: Solution, value: float | str) -> float | str | None:
    if isinstance(value, str) or not ASSUMPTIONS[found.name].whole:
        return value
    return whole(value)


def _violation(found: Solution) -> float | None:
    """Return by how much the worst condition is missed, relative to its limit; null where one has no value."""
    worst = max((kept.excess for kept in found.conditions), default=0.0)
    return None if worst == float("inf") else worst
