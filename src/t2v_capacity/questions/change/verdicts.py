"""Whether gates hold of a difference.

From a base of 0 or null any rise is infinite in proportion, and any fall too. A figure that has no value in the head any more
trips every gate on it, and one without a value in both trips a limit on the value itself: what can't be shown never passes.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from t2v_capacity.questions.change.diff import Difference
from t2v_capacity.questions.review.gates import FAIL, Clause, Gate


@dataclass(frozen=True, slots=True)
class Verdict:
    """A gate and what became of it: in the figure's unit the head's value, the limit for it, and the clauses that hold."""

    gate: Gate
    passed: bool
    base: float | None
    value: float | None
    limit: float | None
    holding: tuple[bool, ...]
    reason: str = ""
    names: tuple[str, ...] = ()  # of the warnings that tripped it

    @property
    def excess(self) -> float | None:
        """How far the head is beyond the limit."""
        return None if self.value is None or self.limit is None else abs(self.value - self.limit)


def judge(gates: Iterable[Gate], difference: Difference, *, alone: bool = False) -> tuple[Verdict, ...]:
    """Return what became of each gate; `alone` says that one side is not there, so that no change of a figure is judged."""
    return tuple(_judged(gate, difference, alone=alone) for gate in gates)


def failed(verdicts: Iterable[Verdict]) -> bool:
    """Return whether a gate that fails the run has tripped."""
    return any(not verdict.passed and verdict.gate.severity == FAIL for verdict in verdicts)


def _judged(gate: Gate, difference: Difference, *, alone: bool) -> Verdict:
    holding, names = [], list[str]()
    for clause in gate.clauses:
        if clause.kind == "warning":
            found = (*difference.head.warnings, *difference.findings) if clause.code else difference.new_warnings
            named = [w for w in found if (w.code == clause.code if clause.code else w.severity == "warning")]
            names += [name for warning in named for name in warning.names]
            holding.append(bool(named))
        else:
            holding.append(_holds(clause, difference, alone=alone))
    tripped, reason = all(holding), ""
    if not gate.figure:
        return Verdict(gate, not tripped, None, None, None, tuple(holding), names=tuple(dict.fromkeys(names)))
    change = difference.figure(gate.figure)
    base, head = (None if isinstance(value, str) else value for value in (change.base, change.head))
    if tripped and gate.floor and base is not None and head is not None and abs(head - base) < gate.floor:
        tripped, reason = False, "below the floor"
    if alone and any(clause.kind in ("relative", "absolute") for clause in gate.clauses):
        reason = "nothing to compare"
    elif head is None:
        reason = "it has no value any more" if base is not None else "it has no value"
    elif not base:
        reason = f"from {'nothing' if base is None else '0'}, where any change is infinite in proportion"
    return Verdict(gate, not tripped, base, head, _limit(gate, base), tuple(holding), reason, tuple(dict.fromkeys(names)))


def _holds(clause: Clause, difference: Difference, *, alone: bool) -> bool:
    """Return whether a clause holds of a figure."""
    assert clause.condition is not None
    change = difference.figure(clause.figure)
    base, head = (None if isinstance(value, str) else value for value in (change.base, change.head))
    if alone:
        return clause.kind == "value" and clause.condition.holds(head)
    if head is None:
        return base is not None or clause.kind == "value"
    if clause.kind == "value":
        return clause.condition.holds(head)
    moved = head - (base or 0)
    if clause.kind == "absolute":
        return clause.condition.holds(moved)
    return clause.condition.holds(moved / abs(base) if base else math.copysign(math.inf, moved) if moved else 0.0)


def _limit(gate: Gate, base: float | None) -> float | None:
    """Return the value of the head at which the gate begins to trip: of several clauses, the one that is the hardest to reach."""
    limits = []
    for clause in gate.clauses:
        if clause.figure != gate.figure or clause.condition is None:
            continue
        given = clause.condition.limit
        if clause.kind == "value":
            limits.append(given)
        elif clause.kind == "absolute":
            limits.append((base or 0) + given)
        elif base:
            limits.append(base + abs(base) * given)
    falling = any(clause.condition and clause.condition.comparison.startswith("<") for clause in gate.clauses)
    return (min(limits) if falling else max(limits)) if limits else None


def clause_data(verdict: Verdict) -> Iterator[Mapping[str, object]]:
    """Yield the clauses of a gate as data."""
    for clause, holds in zip(verdict.gate.clauses, verdict.holding, strict=True):
        limit = clause.condition.limit if clause.condition else None
        yield {"text": clause.text, "kind": clause.kind, "figure": clause.figure or None, "limit": limit, "holds": holds}
