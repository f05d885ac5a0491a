"""The plan on a month: assumptions as they were measured, those that figures settle, and the rest as pins.

Figures are met in the order in which they are computed; one that is met already needs nothing.
"""

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import nearest_pinnable
from t2v_capacity.engine.figures import FIGURES, ordered
from t2v_capacity.errors import Mistakes, placed
from t2v_capacity.measured.months.month import OTHER_COST, Actual
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.conditions import LIMIT_TOLERANCE
from t2v_capacity.plan.estimate import Estimate, computed
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.settings import Scenario

_RUNS, _CLIPS, _FAILED = "generations_per_day", "delivered_per_day", "failed_share"
# Assumptions that a measured figure settles: those figures, the first that is known counts.
INFERRED_FROM = {
    "videos_per_user_per_day": ("requests_per_day", "trps", _CLIPS, _RUNS),
    _FAILED: (_RUNS,),  # by those beyond the clips, if these were measured
    "time_factor": ("gpu_seconds_per_video", "generation_latency"),
}
FLEET, HOURS = "gpus", "gpu_hours_per_month"
_GPU_BILL, _BILL = "gpu_cost_per_month", "cost_per_month"
_HELD, _BURST = "held_fraction", "paid_burst_share"  # shares of the fleet whose sum gives the hours
_SPARES = "spare_fraction"
# The first that moves a bill takes all of its difference. Three years at a price count where no price of one is given.
_PRICES = ("gpu_price", "reserved_3_year_price", "reserved_price", "spot_price")
# Figures that settle an assumption once what they follow from is met, so that they grow with the load in a forecast:
# the first that can give the figure.
SETTLED_LAST = {
    "view_bandwidth": ["views_per_video"],
    FLEET: [_SPARES],
    "storage_cost_per_month": ["storage_price"],
    "egress_cost_per_month": ["egress_price"],
    _GPU_BILL: _PRICES,
    _BILL: (*_PRICES, "other_cost_per_video"),
}
# What carries a measured figure into other months; the figure itself is the cause of a difference.
_LEVELS = (_HELD, _BURST, _SPARES, "storage_price", "egress_price")
# Figures whose difference is split by cause.
SplitFigure = Literal["gpus", "gpu_cost_per_month", "cost_per_month", "latency_p95"]
SPLIT: tuple[SplitFigure, ...] = get_args(SplitFigure)
UNEXPLAINED, _OTHER_COMPUTE = "unexplained", "other_compute"


class Contribution(NamedTuple):
    """The part of a figure's difference due to a cause, and the cause as planned and as measured.

    The unexplained rest has no cause.
    """

    name: str
    part: float
    planned: float | None = None
    actual: float | None = None


class UpdatedPlan(NamedTuple):
    """A plan on a month: the assumptions and pins that it takes, and the plan with all."""

    assumptions: Mapping[str, Actual]
    pins: Mapping[str, Actual]
    scenario: Scenario


def on_month(scenario: Scenario, actuals: Mapping[str, Actual]) -> UpdatedPlan:
    """Return a plan of a month on what was measured of it."""
    assumptions = {name: actual for name, actual in actuals.items() if name not in FIGURES}
    figures = {name: actual for name, actual in actuals.items() if name in FIGURES}
    on = with_flags(scenario, numbers={name: actual.value for name, actual in assumptions.items()})
    for name, settling in INFERRED_FROM.items():
        by = next(filter(figures.get, settling), None) if name != _FAILED or _CLIPS in figures else None
        if by and name not in assumptions and (settled := _inferred(on, name, figures[by])):
            assumptions[name] = settled
            on = with_flags(on, numbers={name: settled.value})
    figures = _fleet(on, figures) | figures
    pins = dict[str, Actual]()
    # Twice, since a pinned fleet caps replicas that were met before it.
    for name in [figure.name for figure in ordered() if figure.name in figures] * 2:
        actual = figures[name]
        if name in pins:
            continue
        for share in _paid_shares(on, actual):
            pins[share.name] = share
            on = _with_pin(on, share)
        met = math.isclose(computed(on)[name], actual.value, rel_tol=LIMIT_TOLERANCE)
        if settled := _settled(on, actual, {*assumptions, *figures}, met=met):
            assumptions[settled.name] = settled
            on = with_flags(on, numbers={settled.name: settled.value})
        # A figure that no shown one follows from is met by nothing, and a sum by its parts.
        elif not met and nearest_pinnable(name) == name and not (name == _BILL and _GPU_BILL in figures):
            pins[name] = actual
            on = _with_pin(on, actual)
    return UpdatedPlan(assumptions, pins, on)


def _settled(scenario: Scenario, actual: Actual, known: set[str], *, met: bool) -> Actual | None:
    """Return the first assumption that a figure settles, of those that were not measured and can give its value.

    One price that is paid follows from a bill, with the GPUs or hours that it is of. A total whose GPU cost is known
    has other cost.
    """
    priced = any(_is_paid(scenario, price) for price in known.intersection(_PRICES))
    for name in SETTLED_LAST.get(actual.name, ()):
        if name in _PRICES:
            due = known & {FLEET, HOURS} and not priced
        else:
            due = not met and name not in known and (actual.name != _BILL or priced or _GPU_BILL in known)
        if due and (settled := _inferred(scenario, name, actual)):
            return settled
    return None


def _is_paid(scenario: Scenario, price: str) -> bool:
    """Return whether any GPU of the plan has this price."""
    bill = cells_of(scenario, (price,), (_GPU_BILL,))
    return bill({price: 1.0}) != bill({price: 2.0})


def _inferred(scenario: Scenario, name: str, actual: Actual) -> Actual | None:
    """Return the value of an assumption that gives a figure as measured, if the figure is a straight line of it."""
    figure, known, now = cells_of(scenario, (name,), (actual.name,)), ASSUMPTIONS[name], scenario.values()[name]
    runs = name == _FAILED  # of which 1 / (1 - share) runs are made
    spares = name == _SPARES  # whole servers: all of them twice, three times, and of the share a little less
    at = 1.0 if runs or spares or not 0 < now < math.inf else now
    try:
        first, second = (figure({name: 1 - 1 / level if runs else level})[actual.name] for level in (at, 2 * at))
        level = at + at * (actual.value - first) / (second - first)
        level = 1 - 1 / level if runs else level * (1 - spares * LIMIT_TOLERANCE)
        if not known.low <= level <= known.high or not math.isclose(
            figure({name: level})[actual.name], actual.value, rel_tol=LIMIT_TOLERANCE
        ):
            return None
    except (ArithmeticError, ValueError):  # it does not move the figure, say
        return None
    level = now if math.isclose(level, now, rel_tol=LIMIT_TOLERANCE) else level
    return actual._replace(name=name, value=level, written=None, note=f"from {actual.name}")


def _with_pin(scenario: Scenario, actual: Actual) -> Scenario:
    """Return a scenario with a figure as it was measured. Raise Mistakes if others can't be computed from it."""
    pinned = with_flags(scenario, numbers={actual.name: actual.value})
    with placed(actual.place):
        computed(pinned)
    return pinned


def _fleet(scenario: Scenario, measured: Mapping[str, Actual]) -> dict[str, Actual]:
    """Return the GPUs that measured hours are of, to a whole one; nothing if they are not paid for at every hour."""
    hours = measured.get(HOURS)
    figures = computed(scenario) if hours else {}
    if not hours or not figures[HOURS] > 0 or not math.isclose(figures["gpus_held"], figures[FLEET]):
        return {}
    count = max(1, round(hours.value * figures[FLEET] / figures[HOURS]))
    return {FLEET: hours._replace(name=FLEET, value=float(count), written=None, note=f"from {HOURS}")}


def _paid_shares(scenario: Scenario, hours: Actual) -> list[Actual]:
    """Return the shares of the fleet that give measured hours; nothing of another figure, or if none can.

    What is held at every hour is kept, unless the hours are fewer. Burst is the rest.
    """
    values = scenario.values()
    figures = computed(scenario, values) if hours.name == HOURS else {}
    if not figures or math.isclose(figures[HOURS], hours.value, rel_tol=LIMIT_TOLERANCE):
        return []
    paid = figures["gpus_held"] / figures[FLEET] * hours.value / figures[HOURS] if figures[HOURS] > 0 else math.inf
    held = min(paid, figures[_HELD])
    shares = {_HELD: held, _BURST: paid - held} if held < figures[_HELD] else {_BURST: paid - held}
    # A plan that buys nothing on demand has no burst at a price of its own.
    most = FIGURES[_BURST].most if figures[_BURST] or figures["held_price"] == values["gpu_price"] else 0
    if shares[_BURST] > most:
        return []
    return [
        hours._replace(name=name, value=share, written=None, note=f"from {HOURS}") for name, share in shares.items()
    ]


def split(
    base: Estimate, on: UpdatedPlan, actuals: Mapping[str, Actual], other_compute: float = 0.0
) -> dict[SplitFigure, tuple[Contribution, ...] | str]:
    """Return the difference of each figure of `SPLIT` that was measured, in parts; or why there are none.

    Causes are applied to the plan one after the other, assumptions first, then measured figures: a part is what its
    cause moves. The compute of a bill that is not of the plan's GPU is a cause of its own. The rest is unexplained.
    """
    differences: dict[SplitFigure, list[Contribution]] = {figure: [] for figure in SPLIT if figure in actuals}
    scenario, now = base.scenario, base.known
    for name, actual in {**on.assumptions, **on.pins}.items():
        scenario = with_flags(scenario, numbers={name: actual.value})
        source = actual.note.removeprefix("from ")
        cause = source if source in FIGURES and name in _LEVELS else name
        if cause != name == _HELD:  # burst comes next: together they are the hours
            continue
        before, now = now, _values_and_figures(scenario)
        apart = other_compute if name == OTHER_COST else 0.0
        for figure, parts in differences.items():
            part = now[figure] - before[figure] - (apart if figure == _BILL else 0.0)
            if cause != figure and not abs(part) <= LIMIT_TOLERANCE * abs(now[figure]):
                parts.append(Contribution(cause, part, before[cause], now[cause] - apart))
    for figure, parts in differences.items():
        if other_compute and figure in (_BILL, _GPU_BILL):
            parts.append(Contribution(_OTHER_COMPUTE, other_compute))
        rest = actuals[figure].value - base.known[figure] - math.fsum(part.part for part in parts)
        if not abs(rest) <= LIMIT_TOLERANCE * abs(actuals[figure].value):
            parts.append(Contribution(UNEXPLAINED, rest))
    return {
        figure: tuple(parts) if all(math.isfinite(part.part) for part in parts) else "it has no value on one side"
        for figure, parts in differences.items()
    }


def _values_and_figures(scenario: Scenario) -> dict[str, float]:
    """Return all assumptions and figures of a scenario; those of `SPLIT` nan where it can't be computed."""
    values = scenario.values()
    try:
        return {**values, **computed(scenario, values)}
    except Mistakes:
        return {**values, **dict.fromkeys(FIGURES, math.nan)}
