"""Rules as files state them, added up over `extends`; and what became of a base's rules in a head.

A rule's name is its text, or its key where the list is written as a mapping. A later file that gives a name again replaces that
rule, and a null takes it away.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from t2v_capacity.errors import Mistake, Place, nearest, quote
from t2v_capacity.files.document import Listing, Node, Scalar, parts
from t2v_capacity.files.document import Mapping as Document
from t2v_capacity.scenario.layers import Layer

BUDGETS, FAIL_ON, WARN_ON = "budgets", "fail_on", "warn_on"
# The changes of a rule.
GONE, LOOSENED, TIGHTENED, ADDED = "gone", "loosened", "tightened", "added"


class WrittenRule(NamedTuple):
    """A rule as it is written, in which list, where, and where a file below holds one of that name too."""

    kind: str
    name: str
    node: Node
    place: Place
    named: bool
    also: tuple[Place, ...] = ()


def written_rules(layers: Iterable[Layer], mistakes: list[Mistake]) -> list[WrittenRule]:
    """Return the rules that the layers of a scenario add up to, noting what can't be a list of rules."""
    held: dict[tuple[str, str], WrittenRule] = {}
    for layer in layers:
        below, seen = dict(held), set[tuple[str, str]]()
        for rule in _stated(layer, mistakes):
            key = rule.kind, rule.name
            if isinstance(rule.node, Scalar) and rule.node.null and rule.named:
                if held.pop(key, None) is None:
                    mistakes.append(Mistake(_unheld(rule, below), rule.place))
            elif key not in seen:
                seen.add(key)
                other = below.get(key)
                held.pop(key, None)
                held[key] = rule._replace(also=(*other.also, other.place) if other else ())
    return list(held.values())


def _unheld(rule: WrittenRule, below: dict[tuple[str, str], WrittenRule]) -> str:
    names = [name for (kind, name), other in below.items() if kind == rule.kind and not other.place.private]
    more = nearest(rule.name, names) or (f"; there are {', '.join(quote(name) for name in names)}" if names else "")
    return f"{quote(rule.name)} takes a rule away, and no file that this one extends has it under `{rule.kind}`{more}"


def _stated(layer: Layer, mistakes: list[Mistake]) -> Iterator[WrittenRule]:
    """Yield the rules of one file."""
    if (budgets := layer.rules.get(BUDGETS)) is not None:
        yield from _of_list(BUDGETS, budgets)
    gates = layer.rules.get("gates")
    if isinstance(gates, Document):
        yield from rules_of_gates(gates, mistakes)


def rules_of_gates(document: Document, mistakes: list[Mistake]) -> Iterator[WrittenRule]:
    """Yield the rules of a mapping of gates."""
    for key, node in parts(document, (FAIL_ON, WARN_ON), "gates", mistakes).items():
        yield from _of_list(key, node)


def _of_list(kind: str, node: Node) -> Iterator[WrittenRule]:
    if isinstance(node, Document) and "when" not in node.entries:
        for key, rule in node.entries.items():
            place = rule.place if isinstance(rule, Scalar) and rule.text and not rule.null else node.keys[key]
            yield WrittenRule(kind, " ".join(key.split()), rule, place, named=True)
        return
    for item in node.items if isinstance(node, Listing) else [node]:
        when = item.entries.get("when") if isinstance(item, Document) else item
        text = " ".join(when.text.split()) if isinstance(when, Scalar) else ""
        yield WrittenRule(kind, text, item, when.place if isinstance(when, Scalar) else item.place, named=False)


class RuleChange(NamedTuple):
    """The change of a rule from a base to a head, both as texts; and its line, in the head if there is one."""

    rule: str
    kind: str
    base: str | None
    head: str | None
    change: str
    place: Place
    head_kind: str = ""  # where the head holds it as another kind

    @property
    def looser(self) -> bool:
        """Whether the head's rule is weaker."""
        return self.change in (GONE, LOOSENED)

    def __str__(self) -> str:
        """Return the change in words."""
        before = _listed(self.kind, self.base) if self.base else ""
        after = _listed(self.head_kind or self.kind, self.head) if self.head else ""
        what = self.kind if self.kind in _SELF else "gate"
        return f"{what} {_WORDS.get(self.change, self.change)}: {' -> '.join(filter(None, (before, after)))} ({self.place})"


# Kinds of rules that are called what they are; the others are gates, each with the list in which it stands.
_SELF = ("budget", "waiver")
_WORDS = {GONE: "removed"}


def _listed(kind: str, text: str) -> str:
    return text if kind in _SELF else f"{kind}_on {text}"


class ComparableRule(NamedTuple):
    """A rule to compare: its kind, its text, where it stands, and what it is about; `limits` are read by `keeps`."""

    kind: str  # budget, fail, warn or waiver
    text: str
    place: Place
    limits: tuple["Limit", ...]
    floor: float = 0.0

    @property
    def demand(self) -> tuple[object, ...]:
        """Its demand, independent of wording and place."""
        return self.kind, self.limits, self.floor

    @property
    def about(self) -> frozenset[str]:
        """Its subject: figures, or the codes of warnings."""
        return frozenset(limit.about for limit in self.limits)


class Limit(NamedTuple):
    """One limit of a rule: what it is about, in which form, and how near it is; a smaller number is nearer, none is as it is."""

    about: str
    form: tuple[object, ...]
    near: float | None

    def fits(self, other: "Limit") -> bool:
        """Return whether it is of the same thing in the same form as another, and as near or nearer."""
        same = (self.about, self.form) == (other.about, other.form)
        return same and (self.near is None or other.near is None or self.near <= other.near)


_SEVERITY = {"fail": ("fail",), "warn": ("fail", "warn"), "budget": ("budget",), "waiver": ("waiver",)}


def keeps(head: ComparableRule, base: ComparableRule) -> bool:
    """Return whether a rule of the head holds at least as tight as one of the base.

    That is: the same figure, comparison and unit, a limit as near or nearer, no further `and`, no larger floor, and the same or
    a higher severity.
    """
    if head.kind not in _SEVERITY[base.kind] or head.floor > base.floor or len(head.limits) > len(base.limits):
        return False
    left = list(base.limits)
    for limit in head.limits:
        fitting = next(filter(limit.fits, left), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True


def rule_changes(base: Sequence[ComparableRule], head: Sequence[ComparableRule]) -> list[RuleChange]:
    """Return the changes of a base's rules in a head, without unchanged ones."""
    same = {rule.demand for rule in base} & {rule.demand for rule in head}
    before = [rule for rule in base if rule.demand not in same]
    after = [rule for rule in head if rule.demand not in same]
    found = []
    for rule in before:
        keeping = next((other for other in head if keeps(other, rule)), None)
        other = keeping or next(
            (one for one in after if one.about & rule.about and (one.kind == "budget") == (rule.kind == "budget")), None
        )
        if other in after:
            after.remove(other)
        change = GONE if other is None else TIGHTENED if keeping else LOOSENED
        place, kind = (other.place, other.kind) if other else (rule.place, "")
        found.append(RuleChange(rule.text, rule.kind, _text(rule), other and _text(other), change, place, kind))
    found += [
        RuleChange(rule.text, rule.kind, None, _text(rule), LOOSENED if rule.kind == "waiver" else ADDED, rule.place) for rule in after
    ]
    return [change for change in found if not (change.kind == "waiver" and change.change == GONE)]


def _text(rule: ComparableRule) -> str:
    return f"{rule.text}, floor {rule.floor:g}" if rule.floor else rule.text
