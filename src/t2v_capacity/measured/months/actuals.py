"""A plan against its months: what was planned of each, what came, why they differ, and the plan on the month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.parts import assumption, is_of_a_part
from t2v_capacity.assumptions.quantities import Range, show
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes, Place, gathered, placed, refuse
from t2v_capacity.measured.months.month import MeasuredMonth, read_months
from t2v_capacity.measured.months.on_month import Contribution, SplitFigure, UpdatedPlan, on_month, split
from t2v_capacity.plan.conditions import LIMIT_TOLERANCE
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.uncertain import NO_BAND, Percentiles
from t2v_capacity.questions.what_if.months import (
    MOST_MONTHS,
    Drawn,
    changed_values,
    drawn_of,
    months_between,
    moved,
    not_a_month,
)
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import part_called
from t2v_capacity.scenario.settings import Scenario

ALL_DIGITS = 12  # of what is found from a figure, so that the figure is met


class ActualRow(TypedDict):
    """A figure or an assumption of a month: planned and actual, in base units."""

    name: str
    planned: float | None
    actual: float
    ratio: float | None
    """Actual over planned"""
    low: float | None
    """5th percentile of the plan of that month"""
    high: float | None
    inside: bool | None
    """Whether the band holds the actual; null without a band"""
    month: str
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Month:
    """A measured month: its number of months after month 0 of the plan, the plan of that month, and its rows."""

    measured: MeasuredMonth
    index: int
    plan: Estimate
    rows: tuple[ActualRow, ...]
    aged: Mapping[str, Mapping[str, str]]  # users and age of the service by then, as planned; of month 0 nothing
    on: UpdatedPlan
    why: Mapping[SplitFigure, tuple[Contribution, ...] | str]  # a figure's difference in parts, or why there are none

    @property
    def month(self) -> str:
        """The calendar month; empty where no file says one."""
        return self.measured.month


class Actuals(NamedTuple):
    """A plan and its measured months, the earliest first; `start` is the calendar month of month 0."""

    plan: Estimate
    start: str
    months: tuple[Month, ...]
    samples: int
    seed: int | None

    @property
    def rows(self) -> list[ActualRow]:
        """The rows of all months."""
        return [row for month in self.months for row in month.rows]


def actuals(
    plan: Estimate,
    given: Sequence[str | Mapping[str, object]],
    start: str | None = None,
    *,
    samples: int = 0,
    seed: int = 0,
) -> Actuals:
    """Return a plan against months that were measured.

    Month 0 of the plan is `start`, else the month of the scenario's own `as_of`, else the first month given. Raises
    Mistakes where files can't be read, or a month lies before month 0.
    """
    if not given:
        raise Mistakes("there is nothing to hold the plan against; name a file with the actuals of a month")
    if start is not None and (message := not_a_month(start)):
        raise Mistakes(message, Place(f"--start {start}"))
    measured = read_months(given, plan.scenario.catalogue)
    written = [layer.about["as_of"][:7] for layer in plan.scenario.layers if "as_of" in layer.about]
    start = start or [measured[0].month, *written][-1]
    indexed = [(month, months_between(start, month.month) if month.month else 0) for month in measured]
    with gathered() as mistakes:
        for month, index in indexed:
            if not 0 <= index <= MOST_MONTHS:
                refuse(
                    mistakes,
                    f"{month.month} is before month 0 of the plan, {start}, or more than {MOST_MONTHS} months "
                    "after it; set `--start`",
                    month.place,
                )
    drawn = drawn_of(plan.uncertain, samples, seed)
    months = tuple(_month(plan, month, index, drawn) for month, index in indexed)
    return Actuals(plan, start, months, *((drawn.samples, drawn.seed) if drawn else (0, None)))


def _month(plan: Estimate, measured: MeasuredMonth, index: int, drawn: Drawn | None) -> Month:
    for name in measured.actuals:
        if is_of_a_part(name):
            part_called(plan.scenario.parts, name.split(".")[1])
    then = estimate(_after(plan.scenario, index, measured.place)) if index else plan
    measured = measured.on_gpu(plan.scenario.option("gpu"), then.known)
    bands = dict[str, Percentiles]()
    if drawn:
        bands = {
            name: drawn.band(name, values)
            for name, values in next(drawn.by_month([index], [*measured.actuals])).items()
        }
    on = on_month(then.scenario, measured.settling)
    return Month(
        measured,
        index,
        then,
        tuple(_rows(measured, then, bands)),
        _values_by_then(plan.scenario, index),
        on,
        split(then, on, measured.actuals, measured.other_compute),
    )


def _values_by_then(scenario: Scenario, months: int) -> dict[str, dict[str, str]]:
    """Return what has moved by then as a file states it, the ends of a range each by themselves."""
    values, texts = scenario.values(), dict[str, dict[str, str]]()
    for name in changed_values(values, months):
        quantity = scenario.settings[name].value
        ends = quantity._asdict() if isinstance(quantity, Range) else {"value": quantity}
        texts[name] = {
            end: show(float(moved({**values, name: number}, months)[name]), assumption(name).unit, ALL_DIGITS)
            for end, number in ends.items()
            if number is not None
        }
    return texts


def _after(scenario: Scenario, months: int, place: Place) -> Scenario:
    """Return a scenario so many months on, its users grown and its service older, as a forecast has it."""
    with placed(place, f"{months} months after month 0 of the plan, "):
        return with_flags(scenario, numbers=changed_values(scenario.values(), months))


def _rows(measured: MeasuredMonth, plan: Estimate, bands: Mapping[str, Percentiles]) -> Iterable[ActualRow]:
    for name, measurement in measured.actuals.items():
        planned, actual = plain(name, plan.known[name]), plain(name, measurement.value)
        assert actual is not None
        low, _middle, high = (plain(name, end) for end in bands.get(name, NO_BAND))
        inside = None
        if low == high:
            low = high = None
        if low is not None:  # a band has no upper end if a draw has no value
            slack = LIMIT_TOLERANCE * abs(actual)
            inside = low - slack <= actual and (high is None or actual <= high + slack)
        yield {
            "name": name,
            "planned": planned,
            "actual": actual,
            "ratio": actual / planned if planned else None,
            "low": low,
            "high": high,
            "inside": inside,
            "month": measured.month,
            "unit": (FIGURES.get(name) or assumption(name)).unit,
            "source": measurement.source,
        }
