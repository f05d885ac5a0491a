"""A plan over axes: one cell for each combination of their values, each the estimate with those flags."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.parts import assumption
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.cells import cells_of, moved_by
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.verdict import LATE_BY, LIMITED_BY, Verdict, below_limit, error_range, limit_refused
from t2v_capacity.plan.warning_counts import Cell, counted
from t2v_capacity.plan.warnings import DUE_BY, due
from t2v_capacity.plan.warnings.register import Test
from t2v_capacity.questions.what_if.axes import Axis
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import shares_beyond
from t2v_capacity.scenario.settings import PlanWarning, Scenario

SHOWN = ("gpus", "gpu_seconds_per_video", "cost_per_month", "cost_per_video")

Place = Mapping[str, float | str]  # a cell's value on each axis


class Swept(NamedTuple):
    """A cell: its place, its figures and verdict, and the codes of its warnings; or why it has none."""

    place: Place
    figures: Mapping[str, float | None] = {}
    error: str | None = None
    verdict: Verdict | None = None
    codes: tuple[str, ...] = ()


class Sweep(NamedTuple):
    """Axes and their cells, the last axis running fastest; `idle` names the numeric axes that move none of the shown figures."""

    scenario: Scenario
    axes: Sequence[Axis]
    shown: Sequence[str]
    cells: Sequence[Swept]
    warnings: tuple[PlanWarning, ...]
    idle: tuple[str, ...]


def sweep(scenario: Scenario, axes: Sequence[Axis], shown: Sequence[str] = SHOWN) -> Sweep:
    """Return the shown figures over the axes; a cell that can't be computed says why and stops no other.

    >>> from t2v_capacity.questions.what_if.axes import read_axes
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = load_scenario("scenarios/lesson.yaml")
    >>> [cell.figures["trps"] for cell in sweep(plan, read_axes(["dau=100M,200M"], plan), ["trps"]).cells]
    [11574.074074074075, 23148.14814814815]
    """
    numeric = tuple(axis.name for axis in axes if axis.numeric)
    refused = {(axis.name, value): error for axis in axes for value, error in zip(axis.values, axis.errors, strict=True) if error}

    @cache
    def chosen(options: tuple[str, ...]) -> _Chosen | str:
        try:
            return _Chosen(with_flags(scenario, options), numeric, shown)
        except Mistakes as error:
            return "; ".join(mistake.message for mistake in error.mistakes)

    def cell(place: Place) -> Swept:
        options, numbers = _flags(place)
        there, errors = chosen(options), [refused[one] for one in numbers.items() if one in refused]
        if isinstance(there, str):
            return Swept(place, error=there)
        return Swept(place, error="; ".join(errors)) if errors else there.cell(place, numbers)

    names = [axis.name for axis in axes]
    cells = [cell(dict(zip(names, values, strict=True))) for values in product(*(axis.values for axis in axes))]
    warnings = counted([one.codes for one in cells], lambda index: _warned(scenario, cells[index].place))
    reached = {*shown, *ancestors(shown, stop=scenario.pins)}
    idle = tuple(name for name in numeric if not reached & moved_by(scenario, [name]))
    return Sweep(scenario, axes, shown, cells, warnings, idle)


class _Chosen:
    """A scenario with options of choices, whose cells differ in numbers alone."""

    def __init__(self, scenario: Scenario, numeric: Sequence[str], shown: Sequence[str]) -> None:
        self.scenario, self.values, self.shown = scenario, scenario.values(), shown
        self.figures = cells_of(scenario, numeric, tuple(dict.fromkeys((*shown, *DUE_BY, *LATE_BY, *LIMITED_BY))))
        self.warned: tuple[Mapping[str, Test], tuple[str, ...]] | None = None

    def cell(self, place: Place, numbers: dict[str, float]) -> Swept:
        """Return the cell of these numbers."""
        if shares_beyond(self.scenario, numbers):
            return Swept(place, error="the shares of the parts would not add to 100%")
        known = {**self.values, **numbers, **self.figures({**numbers})}
        if below_limit(known):
            return Swept(place, error=limit_refused(known))
        self.warned = self.warned or self._warned(numbers)
        tests, codes = self.warned
        due_here = (code for code, test in tests.items() if test(known))
        shown = {name: plain(name, known[name]) for name in self.shown}
        return Swept(place, shown, verdict=Verdict(self.scenario, known), codes=(*codes, *due_here))

    def _warned(self, numbers: Mapping[str, float]) -> tuple[Mapping[str, Test], tuple[str, ...]]:
        """Return the tests of the warnings that numbers decide, and the codes of the others: those of the first cell."""
        there = with_flags(self.scenario, (), numbers)
        try:
            plan = estimate(there)
        except Mistakes:  # its pins leave it without a finite value
            return due(there, None), ()
        tests = due(there, error_range(there, plan.known))
        return tests, tuple(dict.fromkeys(warning.code for warning in plan.warnings if warning.code not in tests))


def _flags(place: Place) -> tuple[tuple[str, ...], dict[str, float]]:
    """Return a place as the texts that set choices, and the numbers."""
    options = tuple(f"{name}={value}" for name, value in place.items() if isinstance(value, str))
    return options, {name: value for name, value in place.items() if not isinstance(value, str)}


def _warned(scenario: Scenario, place: Place) -> Cell:
    """Return a cell's place in words and the warnings of the estimate with its flags."""
    options, numbers = _flags(place)
    where = ", ".join(f"{name} {value if isinstance(value, str) else assumption(name).show(value)}" for name, value in place.items())
    try:
        return where, estimate(with_flags(scenario, options, numbers)).warnings
    except Mistakes:
        return where, ()
