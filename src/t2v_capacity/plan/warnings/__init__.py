"""Warn the reader of a plan. Each code is stable; `warnings.md` in the folder above explains it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain

from t2v_capacity.engine.figures import FIGURES, Known, parameters_of
from t2v_capacity.plan.tree import views_of
from t2v_capacity.plan.warnings import bill, model, service, sources
from t2v_capacity.plan.warnings.register import REGISTER, Test, Warned
from t2v_capacity.scenario.settings import NOTE, Part, PlanWarning, Scenario

# The order in which they are defined, module by module, is the order in which a plan reports them.
_WARNINGS = [
    entry
    for module in (service, bill, model, sources)
    for entry in REGISTER.values()
    if entry.write.__module__ == module.__name__
]
# Every code: also those of layers, bands, pools, months and changes. `warnings.md` has a section on each.
_ELSEWHERE = (
    "model-error-ignored",
    "override-replaced",
    "pool-long-clips",
    "pool-swaps-weights",
    "reserve-falls",
    "rules-changed",
)
WARNING_CODES = sorted((*REGISTER, *_ELSEWHERE))
# The figures that the tests ask for.
DUE_BY = tuple(
    name
    for entry in _WARNINGS
    for name in (*entry.by, *(parameters_of(entry.due) if entry.due else ()))
    if name in FIGURES
)


def plan_warnings(scenario: Scenario, known: Known, *, notes: bool = True) -> tuple[PlanWarning, ...]:
    """Return the warnings of a plan, those of its scenario first.

    `known` are all of its values as floats. Without `notes`, what drives it is not looked for, which takes longer than
    all else.
    """
    return (*scenario.warnings, *chain(*(entry.warnings(scenario, known, notes=notes) for entry in _WARNINGS)))


def due(scenario: Scenario) -> dict[str, Test]:
    """Return, by code, the tests of the warnings that numbers decide; what was chosen and set decides the others.

    A test takes assumptions and the figures of `DUE_BY`, as numbers.
    """
    return {entry.code: _test(entry, scenario) for entry in _WARNINGS if entry.due}


def _test(entry: Warned, scenario: Scenario) -> Test:
    """Return the test of whether a warning is due of a plan, or of any part or stage that it is asked of."""

    @cache  # the test of a part remembers what it judged
    def test_of(part: Part | None) -> Test | None:
        return entry.test(part.scenario if part else scenario)

    def is_due(known: Known) -> bool:
        tests = ((test_of(view.part), view.known) for view in views_of(scenario, known, entry.of))
        return any(test(of_view) for test, of_view in tests if test)

    return is_due


# A cell's place in words, and all of its warnings.
Cell = tuple[str, Sequence[PlanWarning]]


def counted(codes: Sequence[Iterable[str]], at: Callable[[int], Cell], what: str) -> tuple[PlanWarning, ...]:
    """Return one warning per code, the grave ones first.

    `codes` are those of each cell, and `at` returns a whole cell.
    """
    return tuple(sorted(_warnings_by_code(codes, at, what), key=lambda warning: warning.severity == NOTE))


def _warnings_by_code(codes: Sequence[Iterable[str]], at: Callable[[int], Cell], what: str) -> Iterator[PlanWarning]:
    places = dict[str, list[int]]()
    for index, cell_codes in enumerate(codes):
        for code in dict.fromkeys(cell_codes):
            places.setdefault(code, []).append(index)
    whole_cell = cache(at)
    for code, (first, *others) in places.items():
        where, warnings = whole_cell(first)
        if alike := [warning for warning in warnings if warning.code == code]:
            message = "; ".join(dict.fromkeys(warning.message for warning in alike))
            if len(codes) > 1:
                more = f" and {len(others)} more of {len(codes)} {what}" if others else ""
                message = f"for {where}{more}: {message}"
            names = tuple(dict.fromkeys(name for warning in alike for name in warning.names))
            yield min(alike, key=lambda warning: warning.severity == NOTE)._replace(message=message, names=names)


def together(cells: Sequence[Cell], what: str) -> tuple[PlanWarning, ...]:
    """Return the warnings of a few cells, one a code.

    >>> short = PlanWarning("memory-does-not-fit", "82 GB needed", ("memory_needed",))
    >>> together([("1 GPU", [short]), ("2 GPUs", [short]), ("4 GPUs", [])], "cells")[0].message
    'for 1 GPU and 1 more of 3 cells: 82 GB needed'
    """
    return counted([[warning.code for warning in warnings] for _where, warnings in cells], cells.__getitem__, what)
