"""Gates: changes that must not happen, and how they are written.

gpus > +10%                  a change in proportion to the base; < -5% is a decrease
gpus > +10% and > +50        both; the second clause is of the same figure
cost_per_month > +20K USD    a change in the figure's unit
gpus > 5000                  the head's own value: a limit without a sign
p95(gpus) > +10%             of the 95th percentile over the ranges of each side
total(gpus) > +10%           of the sum over all scenarios of each side, new and deleted ones too
group:money > +5%            each figure of a group
new-warnings                 a warning that the base doesn't have
warning:memory-does-not-fit  a warning of the head, new or not
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from t2v_capacity.assumptions.quantities import QuantityError, parse
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistake, Mistakes, Place, collected, nearest, quote
from t2v_capacity.files.document import Listing, Node, Scalar, fields, read_document
from t2v_capacity.formulas import GROUPS
from t2v_capacity.plan.conditions import SHAPE, Condition, parse_condition
from t2v_capacity.plan.warnings import CODES
from t2v_capacity.questions.review.rules import WrittenRule, rules_of_gates, written_rules
from t2v_capacity.scenario.layers import Layer

FAIL, WARN = "fail", "warn"
SEVERITIES = {"fail_on": FAIL, "warn_on": WARN}
NEW, CODE, GROUP = "new-warnings", "warning:", "group:"
_PARTS = ("when", "name", "owner", "message")
_AND = re.compile(r" and ")
_OF_CHANCE = re.compile(r"P\s*\(")
_MOST_CLAUSES = 10
_EXAMPLE = "write it as `gpus > +10%`"


@dataclass(frozen=True, slots=True)
class Clause:
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
    owner: str = ""
    message: str = ""
    place: Place | None = field(default=None, compare=False)

    @property
    def figure(self) -> str:
        """The figure that it is about first, or nothing where it is of warnings alone."""
        return next((clause.figure for clause in self.clauses if clause.figure), "")

    @property
    def subject(self) -> str:
        """The measure of that figure, as written."""
        return next((clause.subject for clause in self.clauses if clause.subject), "")

    @property
    def of_total(self) -> bool:
        """Whether it is about sums over all scenarios, which are judged once for all."""
        return self.clauses[0].of_total

    @property
    def rule(self) -> str:
        """The clauses as one text."""
        return _said(self.clauses)


@dataclass
class _Reading:
    """Reads gates, noting every mistake."""

    gates: list[Gate] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def text(self, severity: str, text: str, place: Place) -> None:
        with collected(self.mistakes):
            self.gates += parse_gate(text, severity, place)

    def rules(self, rules: Iterable[WrittenRule]) -> None:
        for rule in rules:
            if rule.kind in SEVERITIES:
                start = len(self.gates)
                self.item(SEVERITIES[rule.kind], rule.node)
                named = rule.name if rule.named else ""
                self.gates[start:] = [
                    replace(gate, name=named if named and gate.name == gate.rule else gate.name, place=rule.place)
                    for gate in self.gates[start:]
                ]

    def item(self, severity: str, node: Node) -> None:
        if isinstance(node, Scalar):
            self.text(severity, node.text, node.place)
            return
        if isinstance(node, Listing):
            self.mistakes.append(Mistake("a gate is a text, or a mapping with `when`; not a list", node.place))
            return
        parts = fields(node, _PARTS, "a gate", self.mistakes)
        if "when" not in parts:
            if "when" not in node.entries:
                self.mistakes.append(Mistake("a gate needs `when`, such as `when: gpus > +10%`", node.place))
            return
        read: list[Gate] = []
        with collected(self.mistakes):
            read = parse_gate(parts["when"].text, severity, parts["when"].place)
        owner, message = (parts[key].text if key in parts else "" for key in ("owner", "message"))
        name = parts["name"].text if "name" in parts else ""
        for gate in read:
            own = f"{name} ({gate.figure})" if name and len(read) > 1 else name or gate.name
            self.gates.append(replace(gate, name=own, owner=owner, message=message))


def read_gates(
    fail_on: Iterable[str] = (),
    warn_on: Iterable[str] = (),
    file: str | None = None,
    layers: Iterable[Layer] = (),
) -> tuple[Gate, ...]:
    """Return the gates of the command line, of a file and of a scenario's layers, each once. Raise Mistakes with all their mistakes."""
    reading = _Reading()
    for option, severity, texts in (("--fail-on", FAIL, fail_on), ("--warn-on", WARN, warn_on)):
        for text in texts:
            start, place = len(reading.gates), Place(f"{option} '{text}'")
            reading.text(severity, text, place)
            reading.gates[start:] = [replace(gate, place=place) for gate in reading.gates[start:]]
    if file is not None:
        with collected(reading.mistakes):
            reading.rules(rules_of_gates(read_document(file), reading.mistakes))
    reading.rules(written_rules(layers, reading.mistakes))
    if reading.mistakes:
        raise Mistakes(reading.mistakes)
    return tuple(dict.fromkeys(reading.gates))


def parse_gate(text: str, severity: str = FAIL, place: Place | None = None) -> list[Gate]:
    """Return the gate that a text states, one for each figure where it is of a group.

    Raises Mistakes where the text has another form, or names a figure, a group or a warning that is not known.

    >>> [gate.name for gate in parse_gate("gpus>+10%  and >+50")]
    ['gpus > +10% and > +50']
    """
    parts = [part.strip() for part in _AND.split(" ".join(text.split()))]
    if len(parts) > _MOST_CLAUSES:
        raise Mistakes(Mistake(f"{quote(text)} has more than {_MOST_CLAUSES} parts; write several gates", place))
    shapes = [SHAPE.fullmatch(part) for part in parts]
    subjects: list[str] = []
    for part, shape in zip(parts, shapes, strict=True):
        subject = shape.group(1).strip() if shape else part
        if not subject and not subjects:
            raise Mistakes(Mistake(f"{quote(text)} names no figure; {_EXAMPLE}", place))
        subjects.append(subject or subjects[-1])
    groups = list(dict.fromkeys(subject for subject in subjects if subject.startswith(GROUP)))
    if len(groups) > 1:
        raise Mistakes(Mistake("a gate is of one group; write a gate for each", place))
    gates = []
    for figure in _of_group(groups[0], place) if groups else ("",):
        clauses = []
        for subject, part, shape in zip(subjects, parts, shapes, strict=True):
            of = figure if subject in groups else subject
            clauses.append(_of_figure(of, shape, place) if shape else _of_warning(part, place))
        if len({clause.of_total for clause in clauses}) > 1:
            raise Mistakes(Mistake(f"{quote(text)}: a gate on a total is of totals alone; write a gate for each", place))
        if all(clause.trips_unchanged for clause in clauses):
            raise Mistakes(Mistake(f"{quote(text)} trips where nothing changes; a rise is `> +10%`, a fall is `< -10%`", place))
        gates.append(Gate(severity, tuple(clauses), _said(clauses)))
    return gates


def _said(clauses: Sequence[Clause]) -> str:
    """Return clauses as one text, a figure's name once where it is that of the clause before."""
    texts = [clauses[0].text]
    for before, clause in pairwise(clauses):
        same = clause.subject and clause.subject == before.subject
        texts.append(clause.text.removeprefix(f"{clause.subject} ") if same else clause.text)
    return " and ".join(texts)


def _of_group(subject: str, place: Place | None) -> tuple[str, ...]:
    names = {name.replace(" ", "-"): name for name in GROUPS}
    wanted = re.sub(r"[\s_]+", "-", subject.removeprefix(GROUP).strip())
    if wanted not in names:
        more = nearest(wanted, names) or f"; there are {', '.join(names)}"
        raise Mistakes(Mistake(f"{quote(wanted)} is not a group of figures{more}", place))
    return tuple(f.name for f in FIGURES.values() if f.group == names[wanted] and not f.detail)


def _of_warning(part: str, place: Place | None) -> Clause:
    if part == NEW:
        return Clause("warning", NEW)
    code = part.removeprefix(CODE).strip()
    if not part.startswith(CODE):
        near = nearest(part, (NEW,))
        more = near or f"; {_EXAMPLE}, or name a warning: `{NEW}`, `{CODE}CODE`"
        raise Mistakes(Mistake(f"{quote(part)} has no comparison{more}", place))
    if code not in CODES:
        near = nearest(code, [known.replace("-", "_") for known in CODES]).replace("_", "-")
        more = near or f"; there are {', '.join(CODES)}"
        raise Mistakes(Mistake(f"{quote(code)} is not the code of a warning{more}", place))
    return Clause("warning", f"{CODE}{code}", code=code)


def _of_figure(subject: str, shape: re.Match[str], place: Place | None) -> Clause:
    """Return the clause of a figure: its limit is a change where it has a sign, and else a value."""
    _subject, comparison, limit = (" ".join(part.split()) for part in shape.groups())
    if _OF_CHANCE.match(subject):
        raise Mistakes(Mistake(f"{quote(subject)} is a chance, which no gate is of; write a percentile, `p95(gpus) > +10%`", place))
    if subject.startswith(CODE) or subject == NEW:
        raise Mistakes(Mistake(f"{quote(subject)} is a warning, which has no amount; write it alone", place))
    named = parse_condition(f"{subject} {comparison} 0", place, gate=True)  # refuses names and comparisons as everywhere
    if limit[:1] in ("+", "-") and limit.endswith("%"):
        try:
            share = parse(limit, "share")
        except QuantityError as error:
            raise Mistakes(Mistake(error.message, place)) from None
        text = f"{named.subject} {named.comparison} {limit}"
        return Clause("relative", text, named._replace(limit=share, text=text))
    try:
        found = parse_condition(f"{subject} {comparison} {limit}", place, gate=True)
    except Mistakes as error:
        if limit.endswith("%"):
            raise Mistakes(
                Mistake(f"{error.mistakes[0].message}; a change of so much is written with its sign: `+{limit}`", place)
            ) from None
        raise
    return Clause("absolute" if limit[:1] in ("+", "-") else "value", found.text, found)
