"""The scenarios of a request, each with its verdict, and sums over them.

In sums new scenarios count from nothing, and deleted ones to nothing.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from t2v_capacity.errors import Mistake, Mistakes, collected
from t2v_capacity.questions.change.judge import BaseAndHead, Judged, Ruling, judged_by
from t2v_capacity.questions.change.pairing import DELETED, NEW, SAME_PATH
from t2v_capacity.questions.review.gates import FAIL, WARN, Clause, Gate

# What a scenario can be, as well as the severities of gates; and all of it, the worst first.
PASS, UNREADABLE = "pass", "unreadable"
WORST_FIRST = (UNREADABLE, FAIL, WARN, PASS)


class ScenarioDiff(NamedTuple):
    """A scenario of the head, of the base or of both: its pairing, its changes and its mistakes."""

    file: str  # as it is in the head, or in the base where it is gone
    base_file: str | None
    pairing: str
    judged: Judged | None = None
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Its status, in a word."""
        if self.judged is None:
            return UNREADABLE
        if self.judged.fails:
            return FAIL
        return WARN if self.judged.warns else PASS

    @property
    def unchanged(self) -> bool:
        """Whether it passes and nothing of it changed."""
        return self.pairing == SAME_PATH and self.verdict == PASS and self.judged is not None and self.judged.unchanged

    def figure(self, name: str) -> BaseAndHead:
        """Return a figure of the base and of the head."""
        return self.judged.difference.ends(name) if self.judged else (None, None)

    def addend(self, name: str) -> tuple[float, float] | None:
        """Return a figure on both sides, 0 on a side that lacks the scenario.

        Return nothing if a side that has the scenario has no value.
        """
        base, head = self.figure(name)
        lacks = (base is None and self.pairing != NEW) or (head is None and self.pairing != DELETED)
        return None if lacks else (base or 0.0, head or 0.0)


class FigureSum(NamedTuple):
    """The sums of a figure in base and head, and how many scenarios have no value and are left out."""

    base: float
    head: float
    without: int


def totals(entries: Iterable[ScenarioDiff], figures: Iterable[str]) -> dict[str, FigureSum]:
    """Return the sums of figures over the scenarios that could be read."""
    read = [entry for entry in entries if entry.judged]
    sums = dict[str, FigureSum]()
    for name in figures if read else ():
        known = [addend for entry in read if (addend := entry.addend(name))]
        sums[name] = FigureSum(
            sum(base for base, _head in known), sum(head for _base, head in known), len(read) - len(known)
        )
    return sums


def sums_judged(
    entries: Sequence[ScenarioDiff], given: Iterable[Gate]
) -> tuple[tuple[Ruling, ...], tuple[Mistake, ...]]:
    """Return the results of the gates on totals, each once for all scenarios, and why any can't be computed."""
    gates = [gate for entry in entries if entry.judged for gate in entry.judged.totals]
    rulings: list[Ruling] = []
    mistakes: list[Mistake] = []
    for gate in dict.fromkeys([*(gate for gate in given if gate.of_total), *gates]):

        def ends(clause: Clause, gate: Gate = gate) -> BaseAndHead:
            lacking = [entry.file for entry in entries if entry.addend(clause.figure) is None]
            if lacking:
                others = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
                of = f"{lacking[0]}{others} can't be read or has no `{clause.figure}`"
                raise Mistakes(f"`{gate.name}`: the total can't be computed, since {of}", gate.place)
            return totals(entries, [clause.figure])[clause.figure][:2]

        with collected(mistakes):
            rulings.append(judged_by(gate, ends))
    return tuple(rulings), tuple(mistakes)
