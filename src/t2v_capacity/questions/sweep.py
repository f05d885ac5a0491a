"""A plan over axes: one cell for each combination of their values, each the estimate with those flags."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.errors import UserError, nearest
from t2v_capacity.figures import FIGURES, Number, ancestors
from t2v_capacity.quantities import show
from t2v_capacity.questions.axes import Axis, cells_of, moves
from t2v_capacity.questions.warnings import SELLING
from t2v_capacity.scenario import PlanWarning, Scenario, laid

SHOWN = ("gpus", "gpu_seconds_per_video", "cost_per_month", "cost_per_video")
_MEMORY = ("memory_needed", "memory_usable")
# From so many cells on, arrays are faster than importing numpy takes; below, cells are plain floats.
_MANY = 1_000
# Cells that are computed together: an array of them fits in the processor's cache.
_CHUNK = 25_000


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

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return math.prod(len(axis.values) for axis in self.axes)

    def rows(self) -> Iterator[tuple[tuple[float | str, ...], list[float | None], str | None]]:
        """Yield each cell: its place on the axes, its figures in order, and why it has none where it has none."""
        places = product(*(axis.values for axis in self.axes))
        for index, (place, figures) in enumerate(zip(places, zip(*self.columns.values(), strict=True), strict=True)):
            yield place, [None if math.isnan(value) else value for value in figures], self.errors.get(index)


@dataclass(slots=True)
class _Cells:
    """What is found, cell by cell."""

    columns: dict[str, Number]
    errors: dict[int, str] = field(default_factory=dict)


def sweep(scenario: Scenario, axes: Sequence[Axis], shown: Sequence[str] = SHOWN) -> Sweep:
    """Return the shown figures over the axes; a cell that can't be computed says why and stops no other.

    >>> from t2v_capacity.questions.axes import read_axes
    >>> from t2v_capacity.scenario import load_scenario
    >>> plan = load_scenario("scenarios/lesson.yaml")
    >>> list(sweep(plan, read_axes(["dau=100M,200M"], plan), ["trps"]).columns["trps"])
    [11574.074074074075, 23148.14814814815]
    """
    shown = checked(shown)
    wanted = tuple(dict.fromkeys((*shown, *_MEMORY)))
    lengths = [len(axis.values) for axis in axes]
    strides = [math.prod(lengths[index + 1 :]) for index in range(len(axes))]
    options = [index for index, axis in enumerate(axes) if not axis.numeric]
    numeric = [index for index, axis in enumerate(axes) if axis.numeric]
    total = math.prod(lengths)
    many = total > _MANY and math.prod(lengths[index] for index in numeric) > 1
    cells = _Cells(_empty(wanted, total, many=many))
    for places in product(*(range(lengths[index]) for index in options)):
        sets = [f"{axes[index].name}={axes[index].values[place]}" for index, place in zip(options, places, strict=True)]
        offset = sum(strides[index] * place for index, place in zip(options, places, strict=True))
        part = _Part([axes[index] for index in numeric], [strides[index] for index in numeric], offset)
        try:
            there = laid(scenario, sets) if sets else scenario
        except UserError as error:
            message = "; ".join(mistake.message for mistake in error.mistakes)
            cells.errors |= dict.fromkeys(part.all_cells(), message)
            continue
        (part.in_arrays if many else part.in_floats)(there, wanted, cells)
    columns = {name: column if isinstance(column, list) else column.tolist() for name, column in cells.columns.items()}
    warnings = tuple(_warnings(axes, columns, cells.errors, shown))
    return Sweep(scenario, axes, {name: columns[name] for name in shown}, cells.errors, warnings, tuple(_idle(scenario, axes, shown)))


def checked(shown: Sequence[str]) -> tuple[str, ...]:
    """Return the names of figures, each once; raise UserError with the nearest where one is none."""
    for name in shown:
        if name not in FIGURES:
            raise UserError(f"`{name}` is not a figure{nearest(name, FIGURES) or '; `t2v-cap list figures` shows them all'}")
    return tuple(dict.fromkeys(shown))


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

    def in_floats(self, scenario: Scenario, wanted: tuple[str, ...], cells: _Cells) -> None:
        figures = cells_of(scenario, [axis.name for axis in self.axes], wanted)
        for places, cell in zip(self._places(), self.all_cells(), strict=True):
            if refused := self._refused(places):
                cells.errors[cell] = refused
                continue
            for name, value in figures({axis.name: axis.values[place] for axis, place in zip(self.axes, places, strict=True)}).items():
                cells.columns[name][cell] = value

    def in_arrays(self, scenario: Scenario, wanted: tuple[str, ...], cells: _Cells) -> None:
        import numpy as np

        figures = cells_of(scenario, [axis.name for axis in self.axes], wanted)
        shape = [len(axis.values) for axis in self.axes]
        refused = [np.array([error is not None for error in axis.errors]) for axis in self.axes]
        # A refused value is not computed with: another stands in its place, and its cells stay empty.
        safe = [np.where(bad, scenario.values()[axis.name], axis.values) for axis, bad in zip(self.axes, refused, strict=True)]
        for begin in range(0, math.prod(shape), _CHUNK):
            places = np.unravel_index(np.arange(begin, min(begin + _CHUNK, math.prod(shape))), shape)
            index = np.add.reduce([stride * place for stride, place in zip(self.strides, places, strict=True)]) + self.offset
            with np.errstate(invalid="ignore", divide="ignore"):
                found = figures({axis.name: values[place] for axis, values, place in zip(self.axes, safe, places, strict=True)})
            bad = np.logical_or.reduce([mask[place] for mask, place in zip(refused, places, strict=True)])
            for name, value in found.items():
                cells.columns[name][index] = np.where(bad, np.nan, value)
            for row in np.nonzero(bad)[0].tolist():
                cells.errors[int(index[row])] = self._refused([int(place[row]) for place in places])


def _warnings(
    axes: Sequence[Axis], columns: Mapping[str, Sequence[float]], errors: Mapping[int, str], shown: Sequence[str]
) -> Iterator[PlanWarning]:
    """Warn of what a table of figures alone would hide: no room in memory, figures without a value."""
    total = math.prod(len(axis.values) for axis in axes)
    needed, usable = (columns[name] for name in _MEMORY)
    short = [index for index in range(total) if needed[index] > usable[index]]
    if short:
        first = short[0]
        sizes = f"{show(needed[first], 'byte')} needed, {show(usable[first], 'byte')} there"
        message = f"in {_of(len(short), total)} a clip needs more memory than its GPU has; the first is {_where(axes, first)}: {sizes}"
        yield PlanWarning("memory-does-not-fit", message, ("memory_needed",))
    for name in shown:
        empty = [index for index, value in enumerate(columns[name]) if math.isnan(value) and index not in errors]
        if empty:
            message = f"`{name}` has no value in {_of(len(empty), total)}; the first is {_where(axes, empty[0])}"
            if name in SELLING:
                yield PlanWarning("no-revenue", f"{message}, where nothing is sold", (name,), "info")
            else:
                yield PlanWarning("overloaded", f"{message}, where the fleet is overloaded", (name,))


def _idle(scenario: Scenario, axes: Sequence[Axis], shown: Sequence[str]) -> Iterator[str]:
    """Yield the numeric axes that move nothing of what is shown."""
    reached = ancestors(shown, stop=scenario.pins)
    yield from (axis.name for axis in axes if axis.numeric and not reached & set(moves(scenario, [axis.name])))


def _of(some: int, total: int) -> str:
    return f"{some} of {total} cells" if total > 1 else "the one cell"


def _where(axes: Sequence[Axis], index: int) -> str:
    """Return a cell's place on the axes, as a person reads it."""
    parts = []
    for axis in reversed(axes):
        index, place = divmod(index, len(axis.values))
        value = axis.values[place]
        parts.append(f"{axis.name} {value if isinstance(value, str) else ASSUMPTIONS[axis.name].show(value)}")
    return ", ".join(reversed(parts))
