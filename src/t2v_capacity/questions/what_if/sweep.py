"""A plan over axes: one cell for each combination of their values, each the estimate with those flags.

An axis is read from a text:

dau=10M..100M 10      ten values in equal steps
dau=10M..1B log 9     nine values in equal ratios
steps=20,30,50        a list
gpu=h100-sxm,b200-hgx options of a choice
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Any, NamedTuple

from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import is_count, name_in, plain
from t2v_capacity.assumptions.parts import OWN_PRICES, assumption, definition_of, plain_name
from t2v_capacity.assumptions.quantities import QuantityError, numbers_in, parse_range
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistake, Mistakes, Place, collected, gathered, quote, refuse
from t2v_capacity.plan.cells import cells_of, moved_by, quiet
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.verdict import LATE_BY, LIMITED_BY, Verdict, below_limit, limit_refused
from t2v_capacity.plan.warnings import DUE_BY, Cell, counted, due
from t2v_capacity.plan.warnings.register import Test
from t2v_capacity.scenario.layers import flag_layer
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import check_of_a_part, shares_beyond
from t2v_capacity.scenario.settings import PlanWarning, Scenario
from t2v_capacity.scenario.streams import OF_CLIPS

_SPAN = re.compile(r"(?P<low>.+?) ?\.\. ?(?P<high>.+?)(?: (?P<scale>log|linear))?(?: (?P<count>[0-9]+))?", re.ASCII)
# Computed values have this many digits, so that 0.1..0.9 9 holds 0.3 and not 0.30000000000000004.
_DIGITS = 15
_MOST = 2_000_000
_NAMED = 12


class Axis(NamedTuple):
    """One name and the values that it takes in turn: numbers in base units, or options of a choice.

    A value that the assumption's bounds refuse stays, with the reason in `errors`.
    """

    name: str
    values: tuple[float | str, ...]
    errors: Mapping[float | str, str] = {}

    @property
    def numeric(self) -> bool:
        """Whether it is an assumption's axis, whose values are numbers."""
        return definition_of(self.name) is not None

    @property
    def fine(self) -> list[int]:
        """The places of the values that the assumption's bounds allow."""
        return [place for place, coordinate in enumerate(self.values) if coordinate not in self.errors]


def read_axis(text: str, scenario: Scenario) -> Axis:
    """Return the axis that a text describes. Raise Mistakes if it is invalid.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> read_axis("dau=10M..1B log 3", load_scenario("scenarios/lesson.yaml")).values
    (10000000.0, 100000000.0, 1000000000.0)
    """
    place = Place(f"--over {text}")
    name, equals, values = text.partition("=")
    name, values = name_in(name), values.strip()
    if not equals or not values:
        raise Mistakes(f"{quote(text)} has no values; write it as dau=10M..1B log 9, or steps=20,30,50", place)
    try:
        check_of_a_part(scenario, name)
        if definition_of(name):
            return _numbers(name, values)
        if plain_name(name) in CHOICES or plain_name(name) == "resolution":
            return _options(name, values, scenario)
    except Mistakes as error:
        raise Mistakes(Mistake(mistake.message, place) for mistake in error.mistakes) from error
    if text.startswith(f"{OWN_PRICES}."):
        raise Mistakes("a price in `prices` is written, not varied; sweep `gpu_price`, that of the plan's GPU", place)
    if name in SHORTHANDS:
        raise Mistakes(f"`{name}` stands for {', '.join(SHORTHANDS[name][1])}; sweep one of them", place)
    mistakes = list[Mistake]()
    flag_layer([text], (), mistakes)
    raise Mistakes([Mistake(mistake.message, place) for mistake in mistakes])


def _numbers(name: str, text: str) -> Axis:
    text = " ".join(text.split())
    known, span = assumption(name), _SPAN.fullmatch(text)

    if ends := parse_range(text):
        raise QuantityError(f"{quote(text)} is a range; an axis is written {ends[0]}..{ends[1]} log 9")
    if ".." in text and not span:
        raise QuantityError(f"{quote(text)} is not a span; write it as {name}=10..100 10, or {name}=10..1000 log 3")

    numbers = _spread(name, text, span) if span else numbers_in(text.split(","), known.number)
    if known.whole and (broken := [number for number in numbers if number != int(number)]):
        near = list(dict.fromkeys(map(round, numbers)))
        fix = ",".join(map(str, near)) if len(near) <= _NAMED else f"{near[0]}..{near[-1]} {near[-1] - near[0] + 1}"
        raise QuantityError(f"{quote(text)} gives {broken[0]:g}, and `{name}` is a count; write {name}={fix}")

    errors = dict[float | str, str]()
    for number in numbers:
        try:
            known.read(number)
        except QuantityError as error:
            errors[number] = error.message
    return Axis(name, tuple(numbers), errors)


def _spread(name: str, text: str, span: re.Match[str]) -> list[float]:
    low, high = numbers_in(span.group("low", "high"), assumption(name).number)
    if span["count"] is None:
        more = "" if text.endswith(" log") else f", or {name}={text} log 10"
        raise QuantityError(f"{quote(text)} doesn't say how many values; write {name}={text} 10{more}")
    count = int(span["count"][:9])
    if not 2 <= count <= _MOST:  # noqa: PLR2004 - the two ends
        raise QuantityError(f"{quote(text)}: a span has 2 to {_MOST} values")
    if low >= high:
        raise QuantityError(f"{quote(text)}: the lower end stands first, and below the upper one")
    if span["scale"] == "log" and low <= 0:
        raise QuantityError(f"{quote(text)}: equal ratios need an end above 0; begin above it, or leave `log` out")

    shares = [step / (count - 1) for step in range(1, count - 1)]
    inner = (low * (high / low) ** share if span["scale"] == "log" else low + (high - low) * share for share in shares)
    return [low, *(float(f"{number:.{_DIGITS}g}") for number in inner), high]


def _options(name: str, text: str, scenario: Scenario) -> Axis:
    options = [option.strip().lower() for option in text.split(",")]
    choice = plain_name(name)

    if choice == "attention_kernel":
        from t2v_capacity.assumptions.synonyms import VALUE_SYNONYMS, meant

        known = scenario.catalogue.options("attention_kernel")
        for option in options:
            if option not in known:
                raise Mistakes(f"{quote(option)} is not among the known kernels{meant(option, known, VALUE_SYNONYMS)}")
    elif choice in CHOICES:
        options = [scenario.catalogue.find(CHOICES[choice].kind, option).id for option in options]
    else:
        for option in options:
            scenario.catalogue.shorthand(choice, option)

    return Axis(name, tuple(options))


def read_axes(texts: Iterable[str], scenario: Scenario) -> list[Axis]:
    """Return the axes that texts describe. Raise Mistakes with the mistakes of all of them."""
    axes = list[Axis]()
    with gathered() as mistakes:
        for text in texts:
            with collected(mistakes):
                axes.append(read_axis(text, scenario))

        names = [axis.name for axis in axes]
        mistakes += [
            Mistake(f"`{name}` has two axes; put its values in one list")
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]

        flagged = {name for name in (*scenario.layers[-1].shorthands, *names) if name in SHORTHANDS}
        for shorthand in sorted(flagged):
            parts = [name for name in names if name in SHORTHANDS[shorthand][1]]
            mistakes += [Mistake(f"`{shorthand}` stands for `{part}` too; keep one of them") for part in parts]

        cells = math.prod(len(axis.values) for axis in axes)
        if cells > _MOST:
            refuse(mistakes, f"{cells} cells are more than a sweep takes; leave at most {_MOST}")
    return axes


# Beyond so many cells, figures are computed in arrays of so many cells, and warnings are looked for in so many cells.
_MANY, _AT_ONCE, _LOOKED_AT = 10_000, 25_000, 1_000
# Whole numbers below this are exact as floats.
_EXACT = 2**53
SWEPT_FIGURES = ("gpus", "gpu_seconds_per_video", "cost_per_month", "cost_per_video")

# What is read anew for each value: a verdict weighs it where it was set by hand, or a scenario may refuse it.
_READ_ANEW = ("target_latency", "time_factor", "steps", "chunk_frames", "window_frames", "cache_passes", *OF_CLIPS)

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
    warnings are of `sampled_cells`, one in `stride` of all.
    """

    scenario: Scenario
    axes: Sequence[Axis]
    shown: Sequence[str]
    cells: Sequence[Swept]
    columns: Mapping[str, Sequence[float | None]]
    sampled_cells: Sequence[Swept]
    stride: int
    idle: tuple[str, ...]

    @cached_property
    def codes(self) -> list[tuple[str, ...]]:
        """The codes of the warnings of each of some cells.

        Some warnings are not decided by numbers. Those are looked up once for the first cell of each set of options.
        """
        tests, codes = dict[tuple[str, ...], tuple[Mapping[str, Test], tuple[str, ...]]](), list[tuple[str, ...]]()
        for cell in self.sampled_cells:
            if not cell.verdict:
                codes.append(())
                continue
            options, numbers = _flags(cell.place)
            tests[options] = tests.get(options) or _warning_tests(cell.verdict.scenario, numbers)
            of_numbers, others = tests[options]
            codes.append((*others, *(code for code, test in of_numbers.items() if _is_due(code, test, cell.verdict))))
        return codes

    @cached_property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings of its cells, one a code."""
        looked_at = "cells" if self.stride == 1 else f"cells, each {self.stride}th of all"
        return counted(
            self.codes, lambda index: _warnings_at(self.scenario, self.sampled_cells[index].place), looked_at
        )

    def results(self) -> Iterator[tuple[tuple[float | None, ...], str | None]]:
        """Yield the shown figures of each cell, and why it has none; cells that have all are not made."""
        for index, figures in enumerate(zip(*self.columns.values(), strict=True)):
            yield figures, self.cells[index].error if None in figures else None


def sweep(scenario: Scenario, axes: Sequence[Axis], shown: Sequence[str] = SWEPT_FIGURES) -> Sweep:
    """Return the shown figures over the axes; a cell that can't be computed says why and stops no other.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = load_scenario("scenarios/lesson.yaml")
    >>> [cell.figures["trps"] for cell in sweep(plan, read_axes(["dau=100M,200M"], plan), ["trps"]).cells]
    [11574.074074074075, 23148.14814814815]
    """
    numeric = tuple(axis.name for axis in axes if axis.numeric)

    @cache
    def variant_of(options: tuple[str, ...], anew: tuple[tuple[str, float], ...] = ()) -> _Variant | str:
        try:
            return _Variant(with_flags(scenario, options, dict(anew)), numeric, shown)
        except Mistakes as error:
            return "; ".join(mistake.message for mistake in error.mistakes)

    def cell(place: _Coordinates) -> Swept:
        errors = [axis.errors[place[axis.name]] for axis in axes if place[axis.name] in axis.errors]
        if errors:
            return Swept(place, error="; ".join(errors))
        options, numbers = _flags(place)
        variant = variant_of(options, tuple(pair for pair in numbers.items() if plain_name(pair[0]) in _READ_ANEW))
        return Swept(place, error=variant) if isinstance(variant, str) else variant.cell(place, numbers)

    count = math.prod(len(axis.values) for axis in axes)
    stride = -(-count // _LOOKED_AT) if count > _MANY else 1
    sampled = [cell(_place(axes, index)) for index in range(0, count, stride)]
    few = {name: [swept.figures.get(name) for swept in sampled] for name in shown}
    columns = few if stride == 1 else _columns(axes, variant_of, shown)
    cells = sampled if stride == 1 else _ManyCells(axes, columns, cell)

    reached = {*shown, *ancestors(shown, stop=scenario.pins)}
    idle = tuple(name for name in numeric if not reached & moved_by(scenario, [name]))
    return Sweep(scenario, axes, shown, cells, columns, sampled, stride, idle)


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
        self.numbers = range(math.prod(len(axis.values) for axis in axes))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[number] for number in self.numbers[index]]
        place = _place(self.axes, self.numbers[index])
        figures = {name: column[index] for name, column in self.columns.items()}
        return self.cell(place) if None in figures.values() else Swept(place, figures)


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
                known = {**variant.values, **given, **figures}
                refused = shares_beyond(variant.scenario, given) | below_limit(known)
                refused |= known["streamed"] * sum(known[name] for name in OF_CLIPS) > 0
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
        return due(varied), ()
    tests = due(varied)
    return tests, tuple(dict.fromkeys(warning.code for warning in plan.warnings if warning.code not in tests))


def _is_due(code: str, test: Test, verdict: Verdict) -> bool:
    """Return whether a warning is due of a cell; of a target at risk, by the verdict that the cell's row has."""
    return verdict.at_risk if code == "target-latency-uncertain" else bool(test(verdict.known))


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
