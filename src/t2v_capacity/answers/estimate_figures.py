"""The figures of the first screen: a name, a value, its band, and a remark."""

import math
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from t2v_capacity.answers.estimate_parts import WIDTH
from t2v_capacity.assumptions.quantities import digits, parse, show, with_commas
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.forms.formula_text import in_numbers
from t2v_capacity.forms.report import Column, Table, numbers, table
from t2v_capacity.forms.values import headline_like, show_band, show_headline, shown_values
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.verdict import cannot_run, promised

# What a service takes and what it moves, on pages that have room. The bills are the cost of the same GPUs in each way
# to rent them.
_BILLS = ("gpu_cost_on_demand", "gpu_cost_following", "gpu_cost_reserved")
TAKES = ("gpus", "latency_p95", "cost_per_month", *_BILLS, "cost_per_video", "cost_per_user", "fleet_power")
MOVES = ("trps", "model_and_encoder_size", "video_size", "storage_per_day", "egress_bandwidth")
# Daily active users from which the lesson's rule of thumb stands on the screen.
_LESSON_SCALE = 100e6
_MINUTE = parse("1 min", "second")
# The least room between a name and its value, and between columns; and the width of a page that has room for bands.
_GAP, _BANDED = 2, 52
# A factor is shown where it is more than this.
SHOWN_LINK = 1.005
# The last part of a remark.
_PART = re.compile(r"[,;:] [^,;:]*$")


class _Row(NamedTuple):
    """A figure as the screen shows it; an exclamation mark follows the name of a pinned one."""

    name: str
    value: str
    band: str
    remark: str


def figures_table(plan: Estimate, width: int, *, aligned: bool) -> Table:
    """Return the figures as a table of a page of so many columns; a name and its value are never cut.

    `aligned` puts a name and its value in one column.
    """
    rows = [_row(plan, name) for name in _shown_names(plan)]
    named = max(len(f"{row.name}{row.value}") for row in rows) + _GAP
    room = width - named - _GAP
    columns = [Column("", "name"), numbers("value", "value")]
    if aligned:
        columns = [Column("", lambda row: f"{row.name}{row.value:>{named - len(row.name)}}", named=True)]
    if plan.bands:
        room -= _GAP + max(len(row.band) for row in rows)
        columns.append(numbers("" if aligned else "p5 to p95", "band", plain=True, from_width=_BANDED))
    columns.append(Column("", lambda row: _within(row.remark, room), from_width=WIDTH))
    return table(columns, rows)._replace(headed=True)


def _shown_names(plan: Estimate) -> Iterable[str]:
    """Return the figures of the screen that the plan has, in the order of the remarks; pinned ones stand last."""
    runs = not cannot_run(plan.known)
    called_for = {
        "gross_margin": runs and plan.known["revenue_per_video"],
        "rule_of_thumb_gpus": plan.known["dau"] >= _LESSON_SCALE,
        "storage_per_day": not plan.scenario.streams and (runs or plan.figures["storage_per_day"] is not None),
    }
    names = [name for name in _REMARKS if called_for.get(name, runs or plan.figures[name] is not None)]
    return dict.fromkeys((*names, *plan.scenario.pins))


def _row(plan: Estimate, name: str) -> _Row:
    """Return the row of a figure."""
    like = headline_like(name, plan.figures) or plan.figures[name]
    headline, band = show_headline(name, plan.figures), show_band(name, like, *plan.bands.get(name, (None,)))
    if pin := plan.scenario.pins.get(name):
        return _Row(f"{name}!", headline, band, f"pinned, {pin.origin}")
    return _Row(name, headline, band, _REMARKS[name](plan))


def _within(text: str, room: int) -> str:
    """Return a remark without its last parts, those for which a page has no room.

    >>> _within("1B / 86400, all day", 12)
    '1B / 86400'
    """
    while text and len(text) > room:
        text = _PART.sub("", text) if _PART.search(text) else ""
    return text


def _servers(plan: Estimate) -> str:
    """Return the servers, and the GPUs of each."""
    return _arithmetic(plan, "gpus", servers=show(plan.known["servers"], "server")).replace(" x ", " of ")


def _target(plan: Estimate) -> str:
    """Return the latency that was asked for."""
    if plan.scenario.parts:
        return "of the slowest part"
    by_hand = plan.scenario.settings["target_latency"].origin.by_hand
    return f"target {promised(plan.scenario, plan.known['target_latency'])}" if by_hand else "no target set"


def _renting(plan: Estimate) -> str:
    """Return how the GPUs are rented, and the bill of GPUs that follow the day."""
    known, name = plan.known, "cost_per_month"
    autoscaled = FIGURES[name].of({**known, "gpu_cost_per_month": known["gpu_cost_following"]})
    if math.isnan(known[name] + autoscaled):
        return f"no list price of {plan.scenario.choices['gpu'].value}"
    if known["reserved_fraction"] < 1:
        return f"{digits(known['reserved_fraction'] * 100)}% of GPUs reserved"
    bill = show(autoscaled, "USD").removesuffix(" USD")
    return f"{bill} if GPUs follow demand" if autoscaled * SHOWN_LINK < known[name] else "always on"


def _cost_of_second(plan: Estimate) -> str:
    """Return the cost of a second of a delivered clip, or of a minute of a stream; nothing if it has none."""
    cost, seconds = plan.figures["cost_per_video"], plan.known["delivered_seconds_per_video"]
    if not (cost and seconds):
        return ""
    if plan.scenario.streams:
        minutes = digits(plan.known["duration"] / _MINUTE)
        return f"{digits(cost / seconds * _MINUTE)} per minute watched, streams of {minutes} min"
    return f"{digits(cost / seconds)} per video second"


def _price(plan: Estimate) -> str:
    """Return the price that a clip is sold at; of a mix, the mean of its parts."""
    if plan.parts:
        return f"sold at {digits(plan.known['revenue_per_video'])} USD per clip"
    return f"sold at {digits(plan.known['price_per_video_second'])} USD per second"


def _peak(plan: Estimate) -> str:
    """Return the rate at the peak, or the arithmetic of a level day."""
    if plan.figures["peak_trps"] == plan.figures["trps"]:
        return f"{_arithmetic(plan, 'trps')}, all day"
    return f"{digits(plan.figures['peak_trps'] or 0)} at peak"


def _clips_and_index(plan: Estimate) -> str:
    """Return what is written of clips and of the index; without an index, what a month adds."""
    if not plan.figures["index_storage_per_day"]:
        return f"{show(plan.figures['storage_per_month'] or 0, 'byte')} per month"
    like = headline_like("storage_per_day", plan.figures)
    clips, index = (show(plan.known[f"{part}_storage_per_day"], "byte", like=like) for part in ("interaction", "index"))
    return _arithmetic(
        plan, "storage_per_day", interaction_storage_per_day=clips, index_storage_per_day=f"{index} index"
    )


def _clips_sent(plan: Estimate) -> str:
    """Return the arithmetic of clips that go out once, or the bandwidth of their views."""
    if plan.known["views_per_video"] != 1:
        return f"views {show(plan.figures['view_bandwidth'] or 0, 'bit/s')}"
    return "" if cannot_run(plan.known) else _arithmetic(plan, "egress_bandwidth")


def _error_of_thumb(plan: Estimate) -> str:
    """Return the error of the rule of thumb; nothing if there are no GPUs to hold it against."""
    thumb, gpus = plan.figures["rule_of_thumb_gpus"], plan.figures["gpus"]
    return with_commas(f"{show(gpus / thumb, 'ratio')} times less than gpus") if thumb and gpus else ""


def _arithmetic(plan: Estimate, name: str, **shown: str) -> str:
    """Return a figure's formula in numbers, as `--all` has it; some of them as they are `shown` on this page."""
    figure = FIGURES[name]
    inputs = {parameter: plan.known[parameter] for parameter in figure.parameters}
    return in_numbers(figure, {**shown_values(inputs, brief=True), **shown}, plan.known)


# What the screen shows of a plan, each figure with its remark: what it follows from, or what to hold it against.
_REMARKS: dict[str, Callable[[Estimate], str]] = {
    "gpus": _servers,
    "latency_p95": _target,
    "cost_per_month": _renting,
    "cost_per_video": _cost_of_second,
    "gross_margin": _price,
    "fleet_power": lambda plan: f"{show(plan.figures['nameplate_power'] or 0, 'watt')} at full draw",
    "trps": _peak,
    "model_and_encoder_size": lambda plan: _arithmetic(plan, "model_and_encoder_size"),
    "storage_per_day": _clips_and_index,
    "egress_bandwidth": _clips_sent,
    "rule_of_thumb_gpus": _error_of_thumb,
}
