"""Changes of what judges a pull request, or of what stands in the model's place.

A reviewer looks at each, whichever way it goes. Those are rules, waivers, pins, dates and entries of users' catalogues.
A value typed by hand counts too where a catalogue, the fit or a default supplies it. Figures show whatever else a pull
request changes. A rule that is only added counts for nothing, nor does a line that moves, nor a new measurement of a
clip that stays as it was.
"""

from collections.abc import Iterator
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.parts import definition_of, plain_name, within
from t2v_capacity.assumptions.quantities import Range, show
from t2v_capacity.catalogue import KINDS, Catalogue, Entry
from t2v_capacity.errors import Place
from t2v_capacity.files.document import Document, text_of, tidy
from t2v_capacity.formulas import FIGURES
from t2v_capacity.questions.change.diff import Difference, Side
from t2v_capacity.questions.review.check import Rules
from t2v_capacity.scenario.measured import measured_at
from t2v_capacity.scenario.settings import Scenario, Setting

_BUDGET, _GATE, _WAIVER, _PIN, _VALUE, _AS_OF, _CATALOGUE, SCENARIO, OUTLIVED = RULE_KINDS = (
    "budget",
    "gate",
    "waiver",
    "pin",
    "value by hand",
    "as_of",
    "catalogue",
    "scenario",
    "outlived pin",
)


class ChangedRule(NamedTuple):
    """What judges, before and after, both as texts; and its line, in the head if there is one."""

    rule: str
    kind: str
    base: str | None
    head: str | None
    place: Place
    inputs: tuple[str, ...] = ()  # of an outlived pin: what changed that its figure follows from

    @property
    def code(self) -> str:
        """The code of its finding."""
        return "pin-outlived" if self.kind == OUTLIVED else "rules-changed"

    def __str__(self) -> str:
        """Return the change in words."""
        if self.kind == OUTLIVED:
            return f"`{self.rule}` stays pinned at {self.head} ({self.place}); measure it again, or take the pin out"
        name = f" `{self.rule}`" if self.rule else ""
        return f"{self.kind}{name}: {self.base or 'none'} -> {self.head or 'none'} ({self.place})"


class _Stated(NamedTuple):
    """What one side holds: its kind and name, its text, what that means, and where it stands."""

    kind: str
    name: str
    text: str
    meaning: object
    place: Place


def rules_changed(difference: Difference, before: Rules, after: Rules) -> Iterator[ChangedRule]:
    """Yield the changes of what judges a head, or stands in the model's place.

    A new scenario has its own rules and its own date.
    """
    base, head = difference.base, difference.head
    old, new = _stated_by_name(base, before), _stated_by_name(head, after)
    for kind, name in dict.fromkeys((*old, *new)):
        sides = [by_name.get((kind, name), []) for by_name in (old, new)]
        was, now = ({stated.meaning for stated in side} for side in sides)
        is_added = (
            (kind in (_BUDGET, _GATE) and was < now)
            or (kind == _AS_OF and not base.scenario)
            or (kind == _PIN and not was and _measures_what_was(difference, name))
        )
        if was == now or is_added:
            continue
        was_text, now_text = ("; ".join(stated.text for stated in side) if side else None for side in sides)
        yield ChangedRule(name, kind, was_text, now_text, tidy((sides[1] or sides[0])[0].place))


def outlived_pins(difference: Difference) -> Iterator[ChangedRule]:
    """Yield the pinned measurements that stay while an input changes that their figure follows from.

    A flag pins both sides on purpose, and a new pin or another value was looked at.
    """
    base, head = difference.base.scenario, difference.head.scenario
    if not base or not head:
        return
    before = _pins(base)
    for name, pin in _pins(head).items():
        was = before.get(name)
        if was is None or pin.origin.kind == "flag" or (was.value, was.at) != (pin.value, pin.at):
            continue
        if moved := _moved(difference, name):
            text, place = _text(name, pin), tidy(pin.origin.place or Place(head.file))
            now = f"{text} while {', '.join(moved)} changed"
            yield ChangedRule(name, OUTLIVED, text, now, place, tuple(moved))


def _measures_what_was(difference: Difference, name: str) -> bool:
    """Return whether a new pin is a measurement of a plan that a base has too."""
    changed = difference.base.scenario is None or name in difference.head.outlived or _moved(difference, name)
    return bool(measured_at(plain_name(name))) and not changed


def _moved(difference: Difference, name: str) -> list[str]:
    """Return the inputs that change of those that a measurement was made at."""
    above, part = measured_at(plain_name(name)), name.removesuffix(plain_name(name))
    changed = (*difference.choices, *difference.assumptions)
    # A figure of the plan follows from all parts; one of a part from that part and from what that part is in.
    return [
        key
        for key in changed
        if plain_name(key) in above and (key.startswith(part) or key in within(part + plain_name(key)))
    ]


def _pins(scenario: Scenario) -> dict[str, Setting]:
    """Return the pins of a plan and of its parts, by the plan's names."""
    return {name: setting for name, setting in scenario.all_settings().items() if plain_name(name) in FIGURES}


def _stated_by_name(side: Side, rules: Rules) -> dict[tuple[str, str], list[_Stated]]:
    """Return what a side holds, by kind and name; rules without a name stand under what they are about."""
    by_name = dict[tuple[str, str], list[_Stated]]()
    for stated in (*_of_rules(rules), *(_of_scenario(side.scenario) if side.scenario else ())):
        by_name.setdefault((stated.kind, stated.name), []).append(stated)
    return by_name


def _of_rules(rules: Rules) -> Iterator[_Stated]:
    for budget in rules.budgets:
        condition = budget.condition
        yield _Stated(
            _BUDGET, budget.name or condition.subject, condition.text, condition._replace(text=""), budget.place
        )
    for gate in rules.gates:
        about = " and ".join(clause.subject or clause.text for clause in gate.clauses)
        clauses = (
            (clause.kind, clause.code, clause.condition and clause.condition._replace(text=""))
            for clause in gate.clauses
        )
        name = about if gate.name == gate.rule else gate.name
        yield _Stated(
            _GATE, name, f"{gate.severity}_on {gate.rule}", (gate.severity, *clauses), gate.place or Place("")
        )
    for waiver in rules.waivers:
        yield _Stated(_WAIVER, f"{waiver.code} {waiver.name}".strip(), waiver.reason, waiver.reason, waiver.place)


def _of_scenario(scenario: Scenario) -> Iterator[_Stated]:
    for name, setting in scenario.all_settings().items():
        plain, place = plain_name(name), setting.origin.place
        if plain in FIGURES or (plain in ASSUMPTIONS and ASSUMPTIONS[plain].supplied and setting.origin.by_hand):
            kind = _PIN if plain in FIGURES else _VALUE
            yield _Stated(kind, name, _text(name, setting), (setting.value, setting.at), place or Place(scenario.file))
    for layer in scenario.layers:
        if date := layer.about.get("as_of"):
            yield _Stated(_AS_OF, "", date, date, Place(layer.file))
    yield from _of_catalogue(scenario.catalogue)


def _of_catalogue(catalogue: Catalogue) -> Iterator[_Stated]:
    for document in catalogue.overlays:
        for kind, table in document.entries.items():
            if kind != "sources" and isinstance(table, Document):
                for name, node in table.entries.items():
                    entry = catalogue.entries(kind).get(name) if kind in KINDS else None
                    text = text_of(node)
                    stated = _entry_meaning(entry) if entry else text
                    yield _Stated(_CATALOGUE, f"{kind}.{name}", text, stated, table.keys[name])


def _entry_meaning(entry: Entry) -> str:
    """Return what an entry of a catalogue says, however its values are written and in whatever order."""
    facts = {name: fact.read(name) for name, fact in entry.facts.items()}
    formats = {
        name: {precision: fact.read(name) for precision, fact in own.items()}
        for name, own in entry.at_precision.items()
    }
    return repr([sorted(part.items()) for part in (entry.about, facts, formats)])


def _text(name: str, setting: Setting) -> str:
    unit, number = (definition_of(name) or FIGURES[plain_name(name)]).unit, setting.value
    ends = (number.low, number.high) if isinstance(number, Range) else (number,)
    return " to ".join(show(end, unit, 12) for end in ends)
