"""Sums over all scenarios of a request, of the base and of the head: new scenarios count from nothing, deleted ones to nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from t2v_capacity.errors import Mistake, Mistakes, collected
from t2v_capacity.questions.change.diff import Difference
from t2v_capacity.questions.change.entry import ScenarioDiff
from t2v_capacity.questions.change.judge import Ends, Verdict, judged_by
from t2v_capacity.questions.change.sides import Side
from t2v_capacity.questions.review.gates import Clause, Gate

_NOBODY = Side("", "", "", {}, {}, {}, {}, ())


def totals(entries: Iterable[ScenarioDiff], figures: Sequence[str]) -> Mapping[str, tuple[float, float]]:
    """Return the sums of figures, of the base and of the head, without scenarios that lack a value on a side that they have."""
    read = [entry for entry in entries if entry.judged is not None]
    return {name: _sum(one for entry in read if (one := _ends(entry, name)) is not None) for name in figures} if read else {}


def without_value(entries: Iterable[ScenarioDiff], figures: Sequence[str]) -> dict[str, int]:
    """Return of how many scenarios a figure has no value, and so is in no sum."""
    read = [entry for entry in entries if entry.judged is not None]
    counts = {name: sum(_ends(entry, name) is None for entry in read) for name in figures}
    return {name: count for name, count in counts.items() if count}


def _sum(ends: Iterable[tuple[float, float]]) -> tuple[float, float]:
    known = list(ends)
    return sum(base for base, _head in known), sum(head for _base, head in known)


def _ends(entry: ScenarioDiff, name: str, *, again: bool = False) -> tuple[float, float] | None:
    """Return a figure on both sides, 0 on one that is not there; nothing if a side that is there has no value.

    With `again` the head is the one with the base's calibration, where it has another.
    """
    base, head = entry.figure(name)
    if again and entry.judged and entry.judged.again:
        head = entry.judged.again.figures.get(name)
    in_base, in_head = entry.sides
    if (in_base and base is None) or (in_head and head is None):
        return None
    return base or 0.0, head or 0.0


def sums_judged(entries: Sequence[ScenarioDiff], given: Iterable[Gate]) -> tuple[tuple[Verdict, ...], tuple[Mistake, ...]]:
    """Return the results of the gates on totals, each once for all scenarios, and the reason why one can't be computed."""
    gates = [gate for entry in entries if entry.judged for gate in entry.judged.totals]
    found: list[Verdict] = []
    mistakes: list[Mistake] = []
    for gate in dict.fromkeys([*(gate for gate in given if gate.of_total), *gates]):
        with collected(mistakes):
            first, second = (_judged(gate, entries, again=again) for again in (False, True))
            found.append(second.because("without the calibration that the head changes") if first.passed and not second.passed else first)
    return tuple(found), tuple(mistakes)


def _judged(gate: Gate, entries: Sequence[ScenarioDiff], *, again: bool) -> Verdict:
    return judged_by(gate, Difference(_NOBODY, _NOBODY, {}, {}, {}, {}, (), ()), _of_all(gate, entries, again=again))


def _of_all(gate: Gate, entries: Sequence[ScenarioDiff], *, again: bool) -> Callable[[Clause], Ends]:
    """Return the function from a clause to its sums; it raise Mistakes where a scenario has no value, or can't be read."""

    def ends(clause: Clause) -> Ends:
        known = {entry.file: None if entry.judged is None else _ends(entry, clause.figure, again=again) for entry in entries}
        lacking = [file for file, one in known.items() if one is None]
        if lacking:
            of = f"{lacking[0]}{f' and {len(lacking) - 1} more' if len(lacking) > 1 else ''}"
            raise Mistakes(
                Mistake(f"`{gate.name}`: the total can't be computed, since {of} can't be read or has no `{clause.figure}`", gate.place)
            )
        return _sum(one for one in known.values() if one is not None)

    return ends
