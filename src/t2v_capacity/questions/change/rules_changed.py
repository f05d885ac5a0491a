"""Changes of what judges a request, or of what stands in the model's place.

A reviewer looks at each, whichever way it goes. Those are rules and waivers; pins, dates, entries of users' catalogues;
and a value typed by hand where a catalogue or the fit supplies one, its default too. Whatever else a request changes,
its figures show. A rule that is only added, and a line that moves, count for nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.parts import known_of, plain_name
from t2v_capacity.assumptions.quantities import Range, show
from t2v_capacity.errors import Place
from t2v_capacity.files.document import Mapping, text_of, tidy
from t2v_capacity.formulas import FIGURES
from t2v_capacity.questions.change.sides import Side
from t2v_capacity.questions.review.check import Rules
from t2v_capacity.questions.review.gates import Clause
from t2v_capacity.scenario.settings import Scenario, Setting

BUDGET, GATE, WAIVER, PIN, VALUE, AS_OF, CATALOGUE, SCENARIO = KINDS = (
    *("budget", "gate", "waiver", "pin", "value by hand", "as_of", "catalogue"),
    "scenario",
)


class RuleChange(NamedTuple):
    """What judges, before and after, both as texts; and its line, in the head if there is one."""

    rule: str
    kind: str
    base: str | None
    head: str | None
    place: Place

    def __str__(self) -> str:
        """Return the change in words."""
        name = f" `{self.rule}`" if self.rule else ""
        return f"{self.kind}{name}: {self.base or 'none'} -> {self.head or 'none'} ({self.place})"


class _Stated(NamedTuple):
    """What one side holds: its kind and name, its text, what that means, and where it stands."""

    kind: str
    name: str
    text: str
    meaning: object
    place: Place


def rules_changed(base: Side, before: Rules, head: Side, after: Rules) -> tuple[RuleChange, ...]:
    """Return the changes of what judges a head, or stands in the model's place; a new scenario has its own rules."""
    old, new = _held(base, before), _held(head, after)
    found = []
    for kind, name in dict.fromkeys((*old, *new)):
        one, other = (held.get((kind, name), []) for held in (old, new))
        was, now = ({stated.meaning for stated in held} for held in (one, other))
        if was == now or (kind in (BUDGET, GATE) and was < now):
            continue
        was_text, now_text = ("; ".join(stated.text for stated in held) if held else None for held in (one, other))
        found.append(RuleChange(name, kind, was_text, now_text, tidy((other or one)[0].place)))
    return tuple(found)


def _held(side: Side, rules: Rules) -> dict[tuple[str, str], list[_Stated]]:
    """Return what a side holds, by kind and name; rules without a name stand under what they are about."""
    found = dict[tuple[str, str], list[_Stated]]()
    for stated in (*_of_rules(rules), *(_of_scenario(side.scenario) if side.scenario else ())):
        found.setdefault((stated.kind, stated.name), []).append(stated)
    return found


def _of_rules(rules: Rules) -> Iterator[_Stated]:
    for budget in rules.budgets:
        condition = budget.condition
        yield _Stated(
            BUDGET, budget.name or condition.subject, condition.text, condition._replace(text=""), budget.place
        )
    for gate in rules.gates:
        about = " and ".join(clause.subject or clause.text for clause in gate.clauses)
        meaning = gate.severity, *map(_meaning, gate.clauses)
        name = about if gate.name == gate.rule else gate.name
        yield _Stated(GATE, name, f"{gate.severity}_on {gate.rule}", meaning, gate.place or Place(""))
    for waiver in rules.waivers:
        yield _Stated(WAIVER, f"{waiver.code} {waiver.name}".strip(), waiver.reason, waiver.reason, waiver.place)


def _meaning(clause: Clause) -> object:
    return clause.kind, clause.code, clause.condition and clause.condition._replace(text="")


def _of_scenario(scenario: Scenario) -> Iterator[_Stated]:
    for name, setting in {**scenario.settings, **scenario.pins, **scenario.of_parts()}.items():
        plain, place = plain_name(name), setting.origin.place
        if plain in FIGURES or (plain in ASSUMPTIONS and ASSUMPTIONS[plain].supplied and setting.origin.by_hand):
            kind = PIN if plain in FIGURES else VALUE
            yield _Stated(kind, name, _text(name, setting), setting.value, place or Place(scenario.file))
    for layer in scenario.layers:
        if date := layer.about.get("as_of"):
            yield _Stated(AS_OF, "", date, date, Place(layer.file))
    for document in scenario.catalogue.overlays:
        for kind, table in document.entries.items():
            if kind != "sources" and isinstance(table, Mapping):
                for name, one in table.entries.items():
                    yield _Stated(CATALOGUE, f"{kind}.{name}", text_of(one), text_of(one), table.keys[name])


def _text(name: str, setting: Setting) -> str:
    value, unit = setting.value, (known_of(name) or FIGURES[plain_name(name)]).unit
    ends = (value.low, value.high) if isinstance(value, Range) else (value,)
    return " to ".join(show(end, unit, 12) for end in ends)
