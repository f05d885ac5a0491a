"""A plan over axes: one cell for each combination of their values, each the estimate with those flags."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Any, NamedTuple

from t2v_capacity.assumptions.names import is_count, plain
from t2v_capacity.assumptions.parts import assumption
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.cells import cells_of, moved_by, quiet
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.verdict import LATE_BY, LIMITED_BY, Verdict, below_limit, error_range, limit_refused
from t2v_capacity.plan.warnings import DUE_BY, Cell, counted, due
from t2v_capacity.plan.warnings.register import Test
from t2v_capacity.questions.what_if.axes import Axis
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import shares_beyond
from t2v_capacity.scenario.settings import PlanWarning, Scenario

# Beyond so many cells, figures are computed in arrays of so many cells, and warnings are looked for in so many cells.
_MANY, _AT_ONCE, _LOOKED_AT = 10_000, 25_000, 1_000
# Whole numbers below this are exact as floats.
_EXACT = 2**53
SWEPT_FIGURES = ("gpus", "gpu_seconds_per_video", "cost_per_month", "cost_per_video")

_Coordinates = Mapping[str, float | str]  # a cell's value on each axis


class Swept(NamedTuple):
    """A cell: its place, its figures and verdict; or why it has none."""

    place: _Coordinates
    figures: Mapping[str, float | None] = {}
    error: str | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Sweep:
    """Axes and their cells, the last axis running fastest.

    `idle` names the numeric axes that move none of the shown figures. Cells beyond 10,000 have figures alone, and
    warnings are of some of them, `each` so many.
    """

    scenario: Scenario
    axes: Sequence[Axis]
    shown: Sequence[str]
    cells: Sequence[Swept]
    some: Sequence[Swept]
    each: int
    idle: tuple[str, ...]

    @cached_property
    def codes(self) -> list[tuple[str, ...]]:
        """The codes of the warnings of each of some cells.

        Some warnings are not decided by numbers. Those are looked up once for the first cell of each set of options.
        """
        tests, codes = dict[tuple[str, ...], tuple[Mapping[str, Test], tuple[str, ...]]](), list[tuple[str, ...]]()
        for cell in self.some:
            if not cell.verdict:
                codes.append(())
                continue
            options, numbers = _flags(cell.place)
            tests[options] = tests.get(options) or _warning_tests(cell.verdict.scenario, numbers)
            of_numbers, others = tests[options]
            codes.append((*others, *(code for code, test in of_numbers.items() if test(cell.verdict.known))))
        return codes

    @cached_property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings of its cells, one a code."""
        looked_at = "cells" if self.each == 1 else f"cells, each {self.each}th of all"
        return counted(self.codes, lambda index: _warnings_at(self.scenario, self.some[index].place), looked_at)

    def results(self) -> "Iterator[Result]":
        """Yield the shown figures of each cell, and why it has none."""
        if isinstance(self.cells, _ManyCells):
            return self.cells.results()
        return (_result(cell, self.shown) for cell in self.cells)


# The shown figures of a cell, and why it has none.
Result = tuple[tuple[float | None, ...], str | None]


def _result(cell: Swept, shown: Iterable[str]) -> Result:
    return tuple(map(cell.figures.get, shown)), cell.error


def sweep(scenario: Scenario, axes: Sequence[Axis], shown: Sequence[str] = SWEPT_FIGURES) -> Sweep:
    """Return the shown figures over the axes; a cell that can't be computed says why and stops no other.

    >>> from t2v_capacity.questions.what_if.axes import read_axes
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = load_scenario("scenarios/lesson.yaml")
    >>> [cell.figures["trps"] for cell in sweep(plan, read_axes(["dau=100M,200M"], plan), ["trps"]).cells]
    [11574.074074074075, 23148.14814814815]
    """
    numeric = tuple(axis.name for axis in axes if axis.numeric)

    @cache
    def variant_of(options: tuple[str, ...]) -> _Variant | str:
        try:
            return _Variant(with_flags(scenario, options), numeric, shown)
        except Mistakes as error:
            return "; ".join(mistake.message for mistake in error.mistakes)

    def cell(place: _Coordinates) -> Swept:
        options, numbers = _flags(place)
        variant = variant_of(options)
        if isinstance(variant, str):
            return Swept(place, error=variant)
        errors = [axis.errors[place[axis.name]] for axis in axes if place[axis.name] in axis.errors]
        return Swept(place, error="; ".join(errors)) if errors else variant.cell(place, numbers)

    count = math.prod(len(axis.values) for axis in axes)
    each = -(-count // _LOOKED_AT) if count > _MANY else 1
    some = [cell(_place(axes, index)) for index in range(0, count, each)]
    cells = some if each == 1 else _ManyCells(axes, _columns(axes, variant_of, shown), cell)

    reached = {*shown, *ancestors(shown, stop=scenario.pins)}
    idle = tuple(name for name in numeric if not reached & moved_by(scenario, [name]))
    return Sweep(scenario, axes, shown, cells, some, each, idle)


def _place(axes: Sequence[Axis], index: int) -> _Coordinates:
    """Return the place of a cell by its number: the last axis runs fastest."""
    values = list[tuple[str, float | str]]()
    for axis in reversed(axes):
        index, at = divmod(index, len(axis.values))
        values.insert(0, (axis.name, axis.values[at]))
    return dict(values)


class _ManyCells(Sequence[Swept]):
    """Very many cells, each made when it is read: with figures from arrays, or why it has none."""

    def __init__(
        self, axes: Sequence[Axis], columns: Mapping[str, Sequence[float | None]], cell: Callable[[_Coordinates], Swept]
    ) -> None:
        self.axes, self.columns, self.cell = axes, columns, cell
        self.names = [axis.name for axis in axes]
        self.numbers = range(math.prod(len(axis.values) for axis in axes))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[number] for number in self.numbers[index]]
        figures = tuple(column[index] for column in self.columns.values())
        return self._cell_at(tuple(_place(self.axes, self.numbers[index]).values()), figures)

    def results(self) -> Iterator[Result]:
        """Yield the figures of each cell, and why it has none, without making it."""
        places = product(*(axis.values for axis in self.axes))
        for values, figures in zip(places, zip(*self.columns.values(), strict=True), strict=True):
            yield _result(self._cell_at(values, figures), self.columns) if None in figures else (figures, None)

    def _cell_at(self, values: tuple[float | str, ...], figures: tuple[float | None, ...]) -> Swept:
        place = dict(zip(self.names, values, strict=True))
        return self.cell(place) if None in figures else Swept(place, dict(zip(self.columns, figures, strict=True)))


def _columns(
    axes: Sequence[Axis], variant_of: Callable[[tuple[str, ...]], "_Variant | str"], shown: Sequence[str]
) -> dict[str, Sequence[float | None]]:
    """Return the shown figures of all cells; none where one has no value, or its cell is refused."""
    import numpy as np

    shape = [len(axis.values) for axis in axes]
    index = np.arange(math.prod(shape)).reshape(shape)
    numeric = [axis.name for axis in axes if axis.numeric]
    wanted = tuple(dict.fromkeys((*shown, *LIMITED_BY)))
    columns = {name: np.full(index.size, np.nan) for name in shown}

    for options in product(*([None] if axis.numeric else axis.values for axis in axes)):
        pairs = [*zip(axes, options, strict=True)]
        variant = variant_of(tuple(f"{axis.name}={option}" for axis, option in pairs if not axis.numeric))
        if isinstance(variant, str):
            continue
        figures_of = cells_of(variant.scenario, numeric, wanted)
        fine = [axis.fine if option is None else [axis.values.index(option)] for axis, option in pairs]
        numbers = index[np.ix_(*fine)].ravel()

        for begin in range(0, len(numbers), _AT_ONCE):
            part = numbers[begin : begin + _AT_ONCE]
            places = zip(axes, np.unravel_index(part, shape), strict=True)
            given = {axis.name: np.array(axis.values)[place] for axis, place in places if axis.numeric}
            with quiet():
                figures = figures_of({**given})
                refused = shares_beyond(variant.scenario, given) | below_limit({**variant.values, **given, **figures})
            for name, column in columns.items():
                column[part] = np.where(refused, np.nan, figures[name])

    return {name: _as_data(name, column) for name, column in columns.items()}


def _as_data(name: str, column: Any) -> list[float | None]:
    """Return what `plain` makes of each value of a figure; of numbers alone at once."""
    import numpy as np

    if not np.isfinite(column).all():
        return [plain(name, number) for number in column.tolist()]
    exact = is_count(name) and (column == np.floor(column)).all() and (np.abs(column) < _EXACT).all()
    values: list[float | None] = (column.astype(np.int64) if exact else column).tolist()
    return values


class _Variant:
    """A scenario with options of choices, whose cells differ in numbers alone."""

    def __init__(self, scenario: Scenario, numeric: Sequence[str], shown: Sequence[str]) -> None:
        self.scenario, self.values, self.shown = scenario, scenario.values(), shown
        self.figures = cells_of(scenario, numeric, tuple(dict.fromkeys((*shown, *DUE_BY, *LATE_BY, *LIMITED_BY))))

    def cell(self, place: _Coordinates, numbers: dict[str, float]) -> Swept:
        """Return the cell of these numbers."""
        if shares_beyond(self.scenario, numbers):
            return Swept(place, error="the shares of the parts would not add to 100%")
        known = {**self.values, **numbers, **self.figures({**numbers})}
        if below_limit(known):
            return Swept(place, error=limit_refused(known))
        return Swept(
            place, {name: plain(name, known[name]) for name in self.shown}, verdict=Verdict(self.scenario, known)
        )


def _warning_tests(scenario: Scenario, numbers: Mapping[str, float]) -> tuple[Mapping[str, Test], tuple[str, ...]]:
    """Return the tests of the warnings that numbers decide, and the codes of the others at these numbers."""
    varied = with_flags(scenario, (), numbers)
    try:
        plan = estimate(varied)
    except Mistakes:  # its pins leave it without a finite value
        return due(varied, None), ()
    tests = due(varied, error_range(varied, plan.known))
    return tests, tuple(dict.fromkeys(warning.code for warning in plan.warnings if warning.code not in tests))


def _flags(place: _Coordinates) -> tuple[tuple[str, ...], dict[str, float]]:
    """Return a place as the texts that set choices, and the numbers."""
    options = tuple(f"{name}={coordinate}" for name, coordinate in place.items() if isinstance(coordinate, str))
    return options, {name: coordinate for name, coordinate in place.items() if not isinstance(coordinate, str)}


def _warnings_at(scenario: Scenario, place: _Coordinates) -> Cell:
    """Return a cell's place in words and the warnings of the estimate with its flags."""
    options, numbers = _flags(place)
    where = ", ".join(
        f"{name} {coordinate if isinstance(coordinate, str) else assumption(name).show(coordinate)}"
        for name, coordinate in place.items()
    )
    try:
        return where, estimate(with_flags(scenario, options, numbers)).warnings
    except Mistakes:
        return where, ()
