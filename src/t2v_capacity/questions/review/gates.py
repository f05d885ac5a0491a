"""Gates: changes that must not happen, and how they and all rules are written.

A rule's name is its text, or its key where the list is written as a mapping. Rules of files add up over `extends`: a
later file that gives a name again replaces that rule, and a null takes it away. A gate is written as one of

gpus > +10%                  a change in proportion to the base; < -5% is a decrease
gpus > +10% and > +50        both; the second clause is of the same figure
cost_per_month > +20K USD    a change in the figure's unit
gpus > 5000                  the head's own value: a limit without a sign
p95(gpus) > +10%             of the 95th percentile over the ranges of each side
total(gpus) > +10%           of the sum over all scenarios of each side, new and deleted ones too
new-warnings                 a warning that the base doesn't have
warning:memory-does-not-fit  a warning of the head, new or not
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import QuantityError, parse
from t2v_capacity.errors import Mistakes, Place, collected, gathered, nearest, quote
from t2v_capacity.files.document import Scalar, read_document
from t2v_capacity.plan.conditions import SHAPE, Condition, parse_condition
from t2v_capacity.plan.rules import WrittenRule, rules_of_gates, written_rules
from t2v_capacity.plan.warnings import WARNING_CODES
from t2v_capacity.scenario.layers import Layer

FAIL, WARN = "fail", "warn"
SEVERITIES = {"fail_on": FAIL, "warn_on": WARN}
_NEW, _CODE = "new-warnings", "warning:"
_AND = re.compile(r" and ")
_OF_CHANCE = re.compile(r"P\s*\(")
_EXAMPLE = "write it as `gpus > +10%`"


class Clause(NamedTuple):
    """One part of a gate: a figure's change in proportion, its change, its value in the head, or a warning."""

    kind: str  # relative, absolute, value or warning
    text: str
    condition: Condition | None = None  # on the change or the value; none of a warning
    code: str = ""  # of a warning; any new one where it is empty

    @property
    def figure(self) -> str:
        """The figure that it is about, or nothing."""
        return self.condition.figure if self.condition else ""

    @property
    def subject(self) -> str:
        """The measure of that figure, as written."""
        return self.condition.subject if self.condition else ""

    @property
    def of_total(self) -> bool:
        """Whether it is about the sum over all scenarios."""
        return self.condition is not None and self.condition.of_total

    @property
    def trips_unchanged(self) -> bool:
        """Whether an unchanged figure meets it; a limit on the value is about no change."""
        return self.kind in ("relative", "absolute") and self.condition is not None and self.condition.holds(0.0)


@dataclass(frozen=True, slots=True)
class Gate:
    """A change that must not happen: all the clauses at once."""

    severity: str
    clauses: tuple[Clause, ...]
    name: str
    place: Place | None = field(default=None, compare=False)

    @property
    def first(self) -> Clause:
        """The first clause on a figure, or of all where it is of warnings alone."""
        return next((clause for clause in self.clauses if clause.condition), self.clauses[0])

    @property
    def of_total(self) -> bool:
        """Whether it is about sums over all scenarios, which are judged once for all."""
        return self.clauses[0].of_total

    @property
    def rule(self) -> str:
        """The clauses as one text."""
        return _clauses_text(self.clauses)


def read_gates(
    fail_on: Iterable[str] = (),
    warn_on: Iterable[str] = (),
    file: str | None = None,
    layers: Iterable[Layer] = (),
) -> tuple[Gate, ...]:
    """Return the gates of the command line, of a file and of a scenario's layers, each once.

    Raise Mistakes with all their mistakes.
    """
    gates, rules = list[Gate](), list[WrittenRule]()
    with gathered() as mistakes:
        for option, severity, texts in (("--fail-on", FAIL, fail_on), ("--warn-on", WARN, warn_on)):
            for text in texts:
                with collected(mistakes):
                    gates.append(parse_gate(text, severity, Place(f"{option} '{text}'")))
        if file is not None:
            with collected(mistakes):
                rules += rules_of_gates(read_document(file), mistakes)
        rules += written_rules(layers, mistakes)
        for rule in rules:
            if rule.kind in SEVERITIES:
                with collected(mistakes):
                    if not isinstance(rule.node, Scalar):
                        raise Mistakes(
                            "a gate is one text, such as `gpus > +10%`; its name stands before it: `growth: ...`",
                            rule.place,
                        )
                    gate = parse_gate(rule.node.text, SEVERITIES[rule.kind], rule.place)
                    gates.append(replace(gate, name=rule.name if rule.named else gate.name))
    return tuple(dict.fromkeys(gates))


def parse_gate(text: str, severity: str = FAIL, place: Place | None = None) -> Gate:
    """Return the gate that a text states.

    Raise Mistakes if it has another form, or names a figure or a warning that is not known.

    >>> parse_gate("gpus>+10%  and >+50").name
    'gpus > +10% and > +50'
    """
    parts = [part.strip() for part in _AND.split(" ".join(text.split()))]
    clauses = list[Clause]()
    subject = ""
    for part in parts:
        shape = SHAPE.fullmatch(part)
        subject = (shape.group(1).strip() if shape else part) or subject
        if not subject:
            raise Mistakes(f"{quote(text)} names no figure; {_EXAMPLE}", place)
        clauses.append(_of_figure(subject, shape, place) if shape else _of_warning(part, place))
    if len({clause.of_total for clause in clauses}) > 1:
        raise Mistakes(f"{quote(text)}: a gate on a total is of totals alone; write a gate for each", place)
    if all(clause.trips_unchanged for clause in clauses):
        raise Mistakes(f"{quote(text)} trips where nothing changes; a rise is `> +10%`, a fall is `< -10%`", place)
    return Gate(severity, tuple(clauses), _clauses_text(clauses), place)


def _clauses_text(clauses: Sequence[Clause]) -> str:
    """Return clauses as one text, a figure's name once where it is that of the clause before."""
    texts = [clauses[0].text]
    for before, clause in pairwise(clauses):
        same = clause.subject and clause.subject == before.subject
        texts.append(clause.text.removeprefix(f"{clause.subject} ") if same else clause.text)
    return " and ".join(texts)


def _of_warning(part: str, place: Place | None) -> Clause:
    if part == _NEW:
        return Clause("warning", _NEW)
    code = part.removeprefix(_CODE).strip()
    if not part.startswith(_CODE):
        more = nearest(part, (_NEW,)) or f"; {_EXAMPLE}, or name a warning: `{_NEW}`, `{_CODE}CODE`"
        raise Mistakes(f"{quote(part)} has no comparison{more}", place)
    if code not in WARNING_CODES:
        more = nearest(code, WARNING_CODES) or f"; take one that a plan shows, such as `{_CODE}overloaded`"
        raise Mistakes(f"{quote(code)} is not the code of a warning{more}", place)
    return Clause("warning", f"{_CODE}{code}", code=code)


def _of_figure(subject: str, shape: re.Match[str], place: Place | None) -> Clause:
    """Return the clause of a figure: its limit is a change where it has a sign, and else a value."""
    _subject, comparison, limit = (" ".join(part.split()) for part in shape.groups())
    if _OF_CHANCE.match(subject):
        raise Mistakes(
            f"{quote(subject)} is a chance, which no gate is of; write a percentile, `p95(gpus) > +10%`", place
        )
    # This refuses names and comparisons as everywhere.
    named = parse_condition(f"{subject} {comparison} 0", place, gate=True)
    if limit[:1] in ("+", "-") and limit.endswith("%"):
        try:
            share = parse(limit, "share")
        except QuantityError as error:
            raise Mistakes(error.message, place) from None
        text = f"{named.subject} {named.comparison} {limit}"
        return Clause("relative", text, named._replace(limit=share, text=text))
    try:
        condition = parse_condition(f"{subject} {comparison} {limit}", place, gate=True)
    except Mistakes as error:
        if limit.endswith("%"):
            raise Mistakes(
                f"{error.mistakes[0].message}; a change of so much is written with its sign: `+{limit}`", place
            ) from None
        raise
    return Clause("absolute" if limit[:1] in ("+", "-") else "value", condition.text, condition)
