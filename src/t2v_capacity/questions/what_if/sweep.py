"""A plan over axes: one cell for each combination of their values, each the estimate with those flags."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import assumption
from t2v_capacity.engine.figures import Number, ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.cells import cells_of, in_chunks, moved_by, quiet
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.verdict import LATE_BY, LIMITED_BY, Verdict, below_limit, error_range, limit_refused
from t2v_capacity.plan.warning_counts import Cell, WarningCounts
from t2v_capacity.plan.warnings import DUE_BY, due
from t2v_capacity.questions.what_if.axes import Axis
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import shares_beyond
from t2v_capacity.scenario.settings import PlanWarning, Scenario

_Figures = Callable[[dict[str, Number]], dict[str, Number]]
_Tests = Mapping[str, Callable[[Mapping[str, Number]], Number]]
_Beyond = Callable[[Mapping[str, Number]], Number]
_NOT_ALL = "the shares of the parts would not add to 100%"

SHOWN = ("gpus", "gpu_seconds_per_video", "cost_per_month", "cost_per_video")
# From so many cells on, arrays are faster than importing numpy takes; below, cells are plain floats.
_MANY = 1_000


@dataclass(frozen=True, slots=True)
class Sweep:
    """Axes, the figures shown, and a column of values for each figure; the last axis runs fastest.

    `idle` names the numeric axes that move none of those figures.
    """

    scenario: Scenario
    axes: Sequence[Axis]
    columns: Mapping[str, Sequence[float]]
    errors: Mapping[int, str]
    warnings: tuple[PlanWarning, ...] = ()
    idle: tuple[str, ...] = ()
    codes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # of the warnings of each cell, where that was asked
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)  # of each cell; of none where there are many

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return math.prod(len(axis.values) for axis in self.axes)

    def codes_of_cells(self) -> Mapping[int, tuple[str, ...]]:
        """Return the codes of the warnings of each cell: of a million cells they take longer than the figures, and few ask."""
        return self.codes or sweep(self.scenario, self.axes, list(self.columns), each=True).codes

    def place(self, index: int) -> tuple[float | str, ...]:
        """Return a cell's value on each axis."""
        return tuple(reversed(_values(self.axes, index).values()))

    def rows(self) -> Iterator[tuple[tuple[float | str, ...], list[float | None], str | None]]:
        """Yield each cell: its place on the axes, its figures in order, and why it has none where it has none."""
        places = product(*(axis.values for axis in self.axes))
        for index, (place, figures) in enumerate(zip(places, zip(*self.columns.values(), strict=True), strict=True)):
            yield place, [finite(value) for value in figures], self.errors.get(index)


@dataclass(slots=True)
class _Cells:
    """The results, cell by cell."""

    columns: dict[str, Number]
    errors: dict[int, str] = field(default_factory=dict)
    tally: WarningCounts = field(default_factory=WarningCounts)
    each: bool = False  # whether the codes of each cell are kept
    codes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    verdicts: dict[int, Verdict] = field(default_factory=dict)

    def warn(self, code: str, cells: Sequence[int]) -> None:
        """Count the cells that a warning is due in."""
        self.tally.add(code, len(cells), int(cells[0]) if len(cells) else 0)
        if self.each:
            for cell in cells:
                self.codes[int(cell)] = (*self.codes.get(int(cell), ()), code)


def sweep(scenario: Scenario, axes: Sequence[Axis], shown: Sequence[str] = SHOWN, *, each: bool = False) -> Sweep:
    """Return the shown figures over the axes; a cell that can't be computed says why and stops no other.

    `each` keeps the codes of every cell's warnings.

    >>> from t2v_capacity.questions.what_if.axes import read_axes
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = load_scenario("scenarios/lesson.yaml")
    >>> list(sweep(plan, read_axes(["dau=100M,200M"], plan), ["trps"]).columns["trps"])
    [11574.074074074075, 23148.14814814815]
    """
    lengths = [len(axis.values) for axis in axes]
    strides = [math.prod(lengths[index + 1 :]) for index in range(len(axes))]
    options = [index for index, axis in enumerate(axes) if not axis.numeric]
    numeric = [index for index, axis in enumerate(axes) if axis.numeric]
    total = math.prod(lengths)
    many = total > _MANY and math.prod(lengths[index] for index in numeric) > 1
    cells = _Cells(_empty(shown, total, many=many), each=each)
    for places in product(*(range(lengths[index]) for index in options)):
        sets = [f"{axes[index].name}={axes[index].values[place]}" for index, place in zip(options, places, strict=True)]
        offset = sum(strides[index] * place for index, place in zip(options, places, strict=True))
        part = _Part([axes[index] for index in numeric], [strides[index] for index in numeric], offset)
        try:
            there = with_flags(scenario, sets)
        except Mistakes as error:
            message = "; ".join(mistake.message for mistake in error.mistakes)
            cells.errors |= dict.fromkeys(part.all_cells(), message)
            continue
        part.compute(there, cells, many=many)
    columns = {name: column if isinstance(column, list) else column.tolist() for name, column in cells.columns.items()}
    warnings = tuple(cells.tally.warnings(total, lambda index: _cell(scenario, axes, index)))
    idle = tuple(_idle(scenario, axes, shown))
    return Sweep(scenario, axes, columns, cells.errors, warnings, idle, cells.codes, cells.verdicts)


def _cell(scenario: Scenario, axes: Sequence[Axis], index: int) -> Cell:
    """Return a cell's place and the warnings of the estimate with its flags."""
    values = _values(axes, index)
    sets = [f"{name}={value}" for name, value in values.items() if isinstance(value, str)]
    numbers = {name: value for name, value in values.items() if not isinstance(value, str)}
    where = ", ".join(
        f"{name} {value if isinstance(value, str) else assumption(name).show(value)}" for name, value in reversed(values.items())
    )
    plan = _estimated(with_flags(scenario, sets, numbers))
    return where, plan.warnings if plan else ()


def _estimated(scenario: Scenario) -> Estimate | None:
    """Return the estimate of a cell; none if its pins leave it without a finite value."""
    try:
        return estimate(scenario)
    except Mistakes:
        return None


def _values(axes: Sequence[Axis], index: int) -> dict[str, float | str]:
    """Return a cell's value on each axis, the last axis first."""
    found = {}
    for axis in reversed(axes):
        index, place = divmod(index, len(axis.values))
        found[axis.name] = axis.values[place]
    return found


def _empty(wanted: Sequence[str], total: int, *, many: bool) -> dict[str, Number]:
    if not many:
        return {name: [math.nan] * total for name in wanted}
    import numpy as np

    return {name: np.full(total, np.nan) for name in wanted}


@dataclass(frozen=True, slots=True)
class _Part:
    """The cells of one combination of choices: the numeric axes, how far a step along each is, and the first cell."""

    axes: Sequence[Axis]
    strides: Sequence[int]
    offset: int

    def all_cells(self) -> Iterator[int]:
        for places in self._places():
            yield self.offset + sum(stride * place for stride, place in zip(self.strides, places, strict=True))

    def _places(self) -> Iterator[tuple[int, ...]]:
        return product(*(range(len(axis.values)) for axis in self.axes))

    def _refused(self, places: Sequence[int]) -> str:
        found = (axis.errors[place] for axis, place in zip(self.axes, places, strict=True))
        return "; ".join(error for error in found if error)

    def compute(self, scenario: Scenario, cells: _Cells, *, many: bool) -> None:
        """Compute the cells, and count the warnings of each: what numbers decide cell by cell, the rest at the first cell."""
        computed = math.prod(sum(error is None for error in axis.errors) for axis in self.axes)
        first = self._first(scenario)
        if first is not None:
            flags = {axis.name: float(axis.values[place]) for axis, place in zip(self.axes, first, strict=True)}
            there = with_flags(scenario, (), flags)
            plan = _estimated(there)
            tests, values = due(there, error_range(there, plan.known) if plan else None), scenario.values()
            own = dict.fromkeys(warning.code for warning in (plan.warnings if plan else ()) if warning.code not in tests)
            cell = self.offset + sum(stride * place for stride, place in zip(self.strides, first, strict=True))
            for code in own:
                cells.tally.add(code, computed, cell)
            if cells.each and own:
                cells.codes |= {one: tuple(own) for one, at in zip(self.all_cells(), self._places(), strict=True) if not self._refused(at)}
        else:
            tests, values = {}, {}
        wanted = tuple(dict.fromkeys((*cells.columns, *DUE_BY, *LATE_BY, *LIMITED_BY)))
        figures = cells_of(scenario, [axis.name for axis in self.axes], wanted)
        if many:
            self._in_arrays(figures, values, tests, cells, partial(shares_beyond, scenario))
        else:
            self._in_floats(figures, scenario, tests, cells)

    def _first(self, scenario: Scenario) -> Sequence[int] | None:
        """Return the place of the first cell that nothing refuses."""
        limited = cells_of(scenario, [axis.name for axis in self.axes], (*LIMITED_BY,))
        values = scenario.values()
        for places in self._places():
            given = {axis.name: axis.values[place] for axis, place in zip(self.axes, places, strict=True)}
            if not self._refused(places) and not shares_beyond(scenario, given) and not below_limit({**values, **given, **limited(given)}):
                return places
        return None

    def _in_floats(self, figures: _Figures, scenario: Scenario, tests: _Tests, cells: _Cells) -> None:
        values = scenario.values()
        for places, cell in zip(self._places(), self.all_cells(), strict=True):
            if refused := self._refused(places):
                cells.errors[cell] = refused
                continue
            given = {axis.name: axis.values[place] for axis, place in zip(self.axes, places, strict=True)}
            if shares_beyond(scenario, given):
                cells.errors[cell] = _NOT_ALL
                continue
            found = figures(given)
            known = {**values, **given, **found}
            if below_limit(known):
                cells.errors[cell] = limit_refused(known)
                continue
            for name, column in cells.columns.items():
                column[cell] = found[name]
            cells.verdicts[cell] = Verdict(scenario, known)
            for code, test in tests.items():
                if test(known):
                    cells.warn(code, [cell])

    def _in_arrays(self, figures: _Figures, values: Mapping[str, float], tests: _Tests, cells: _Cells, beyond: _Beyond) -> None:
        import numpy as np

        shape = [len(axis.values) for axis in self.axes]
        refused = [np.array([error is not None for error in axis.errors]) for axis in self.axes]
        # A refused value is not computed with: another stands in its place, and its cells stay empty.
        safe = [np.where(bad, values.get(axis.name, math.nan), axis.values) for axis, bad in zip(self.axes, refused, strict=True)]
        for chunk in in_chunks(math.prod(shape)):
            places = np.unravel_index(np.arange(chunk.start, chunk.stop), shape)
            index = np.add.reduce([stride * place for stride, place in zip(self.strides, places, strict=True)]) + self.offset
            given = {axis.name: own[place] for axis, own, place in zip(self.axes, safe, places, strict=True)}
            unlike = np.broadcast_to(beyond(given), index.shape)
            bad = np.logical_or.reduce([mask[place] for mask, place in zip(refused, places, strict=True)]) | unlike
            with quiet():
                found = figures(given)
                known = {**values, **given, **found}
                below = np.broadcast_to(below_limit(known), bad.shape) & ~bad
                bad = bad | below
                for code, test in tests.items():
                    cells.warn(code, index[np.logical_and(test(known), ~bad)])
            for row in np.nonzero(below)[0].tolist():
                one = {name: value[row] if getattr(value, "shape", ()) else value for name, value in known.items()}
                cells.errors[int(index[row])] = limit_refused(one)
            for name, column in cells.columns.items():
                column[index] = np.where(bad, np.nan, found[name])
            for row in np.nonzero(bad & ~below)[0].tolist():
                cells.errors[int(index[row])] = self._refused([int(place[row]) for place in places]) or _NOT_ALL


def _idle(scenario: Scenario, axes: Sequence[Axis], shown: Sequence[str]) -> Iterator[str]:
    """Yield the numeric axes that move nothing of what is shown."""
    reached = ancestors(shown, stop=scenario.pins)
    yield from (axis.name for axis in axes if axis.numeric and not {*shown, *reached} & moved_by(scenario, [axis.name]))
