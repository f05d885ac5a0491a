"""A plan against its months as a report, as data, and as a scenario that stands on the last of them."""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from t2v_capacity.assumptions.parts import SHARE, is_own, named_of
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes, count_of, printable
from t2v_capacity.files.git_tree import Committed
from t2v_capacity.forms.answer import Page, Rows
from t2v_capacity.forms.data import PlanHead, as_yaml, data, document
from t2v_capacity.forms.report import Column, Report, Table, numbers, of_scenario, table
from t2v_capacity.forms.values import show_band, show_brief, show_cell, show_value
from t2v_capacity.measured.months.actuals import ALL_DIGITS, ActualRow, Actuals, Month
from t2v_capacity.measured.months.month import Actual
from t2v_capacity.measured.months.on_month import SplitFigure
from t2v_capacity.plan.estimate import computed
from t2v_capacity.plan.evidence import FACTOR
from t2v_capacity.plan.warnings.sources import inputs_now
from t2v_capacity.release import __version__
from t2v_capacity.scenario.flags import flags_of
from t2v_capacity.scenario.layers import AT
from t2v_capacity.scenario.settings import point

if TYPE_CHECKING:
    from t2v_capacity.measured.months.focus import FocusBill

_WHYS = (Column("why", code=True), numbers("from"), numbers("to"), numbers("part"), numbers("of planned"))
_VERDICTS = {None: "no band", True: "yes", False: "no"}
_SLIGHT = 5e-4  # of what was planned: what prints as nothing has no row
_DAYS = "days_per_month"
_SECONDS = "gpu_seconds_per_video"
_MONTHS = 3  # that show how users grow


class FocusBillData(TypedDict):
    """A month of a bill, in USD of its `EffectiveCost`."""

    sums: dict[str, float]
    """By figure; GPU-hours among them if the bill counts them"""
    by_gpu: dict[str, float]
    """The cost of GPUs by the GPU that a SKU names; under an empty name what names none"""
    days: float
    """That it covers"""
    days_in_month: int


class MonthData(TypedDict):
    """A month that was measured."""

    month: str
    index: int
    """Months after month 0 of the plan"""
    source: str
    why: dict[SplitFigure, dict[str, float]]
    bill: FocusBillData | None
    """Where a FOCUS bill was read; rows have a month that is not whole at its cost per day"""


class ActualsDocument(PlanHead):
    """What t2v-cap actuals --format json writes."""

    start: str
    """The calendar month that month 0 of the plan is; empty where no file says a month"""
    rows: list[ActualRow]
    why: dict[SplitFigure, dict[str, float]]
    """Of the last month: the difference of a figure in parts, by what differs; `unexplained` is the rest"""
    months: list[MonthData]
    overlay: str | None
    """The text of a scenario on the last month, seen from the working folder; null where the plan is no file"""


def overlay(actuals: Actuals, folder: str = "") -> str:
    """Return the scenario that extends the plan and stands on its last month, for a file in a folder.

    Raises Mistakes where the plan is no file that can be extended.
    """
    scenario, month = actuals.plan.scenario, actuals.months[-1]
    flags, on, named = flags_of(scenario), month.on, month.month or "the month"
    if scenario.file == "<stdin>" or isinstance(scenario.file, Committed):
        raise Mistakes("the plan on a month extends its plan, and this one is no file; save it, and name the file")
    if parts := [name for name in (*flags.named, *flags.pins) if is_own(name)]:
        raise Mistakes(
            f"the plan on a month extends its plan, which does not say `{parts[0]}`; "
            f"write it there, under `{parts[0].partition('.')[0]}`"
        )
    files = {"extends": [scenario.file] if scenario.file else [], "catalogue": flags.catalogues}
    assumptions, pins = _updates(month)
    entries: dict[str, Any] = {name: _entry(actual) for name, actual in assumptions.items() if name != _DAYS}
    measured = {name: _entry(actual) for name, actual in pins.items()}
    if _SECONDS in pins and not on.scenario.inner:
        measured[_SECONDS][AT] = inputs_now(on.scenario, _SECONDS)
        if month.plan.scenario.by_hand(FACTOR):  # the pin stands in its place
            entries.setdefault(FACTOR, None)
    planned = f"{count_of(month.index, 'month')} after {actuals.start}, as planned"
    aged = {name: {**ends, "source": planned} for name, ends in month.aged.items()}
    written = {
        "name": printable(f"{scenario.name}, {named}"),
        **{key: [os.path.relpath(name, folder or ".") for name in names] for key, names in files.items()},
        "as_of": month.measured.last_day,
        **{name: setting for name, setting in {**flags.named, **aged}.items() if name not in entries},
        **{name: entry for name, entry in entries.items() if not is_own(name)},
        "mix": _shares(month, entries),
        "pins": {**flags.pins, **measured},
    }
    written = {key: content for key, content in written.items() if content not in ("", [], {})}
    return as_yaml([f"{printable(scenario.name)} on {named} as it was measured, by t2v-cap {__version__}."], written)


def _updates(month: Month) -> tuple[dict[str, Actual], dict[str, Actual]]:
    """Return the assumptions and pins of the updated plan.

    A `time_factor` says nothing of another GPU, runtime or model, so that the seconds which it follows from are pinned.
    """
    assumptions, pins = {**month.on.assumptions}, _pins(month)
    factor = assumptions.get(FACTOR)
    if factor and _from_where(factor) and not month.on.scenario.inner:
        seconds = factor._replace(name=_SECONDS, value=computed(month.on.scenario)[_SECONDS])
        del assumptions[FACTOR]
        pins = {_SECONDS: month.measured.actuals.get(_SECONDS, seconds), **pins}
    return assumptions, pins


def _pins(month: Month) -> dict[str, Actual]:
    """Return the month's pins, sums of its days as those of the plan's: other months have not its calendar."""
    pins, planned = {**month.on.pins}, month.plan.known[_DAYS]
    days = month.on.scenario.values()[_DAYS]
    for name, pin in pins.items():
        if days != planned and FIGURES[name].unit.endswith("/month"):
            noted = "; ".join(filter(None, (pin.note, f"of {digits(days)} days, scaled to {digits(planned)}")))
            pins[name] = pin._replace(value=pin.value * planned / days, written=None, note=noted)
    return pins


def _shares(month: Month, entries: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the shares of all parts if one was measured: the others keep their proportion."""
    if not any(map(is_own, entries)):
        return {}
    return {
        part.name: {
            SHARE: entries.get(named_of(part.name, SHARE))
            or {
                "value": digits(point(SHARE, part.share.value), ALL_DIGITS),
                "source": "in proportion to the plan's",
            }
        }
        for part in month.on.scenario.parts
    }


def _entry(actual: Actual) -> dict[str, Any]:
    """Return a measured value for a file: as it was written, or in all digits if it follows from a figure."""
    written = (
        actual.written
        if isinstance(actual.written, dict)
        else {"value": actual.written or show_value(actual.name, actual.value, ALL_DIGITS)}
    )
    return {**written, **{key: text for key in ("source", "as_of", "note") if (text := getattr(actual, key))}}


def actuals_report(actuals: Actuals, page: Page) -> Report:
    """Return the table of a month, or of several by name with a row a month; then why the last one differs."""
    months, several = actuals.months, len(actuals.months) > 1
    tables = [table(_columns(months), actuals.rows, section="name" if several else None)]
    for month in months:
        tables += _why_tables(month, named=several)
    return of_scenario(
        actuals.plan.scenario,
        tables,
        _paragraphs(actuals),
        actuals.plan.warnings,
        everything=page.everything,
        about=_subtitle(actuals),
    )


def _subtitle(actuals: Actuals) -> str:
    first, last = actuals.months[0], actuals.months[-1]
    if not last.month:
        return "the plan against actuals"
    named = last.month if first is last else f"{first.month} to {last.month}"
    return f"the plan against {named}; month 0 of the plan is {actuals.start}"


def _columns(months: Sequence[Month]) -> Iterator[Column]:
    yield Column("name", "name", code=True) if len(months) == 1 else Column("month", "month")
    yield numbers("planned", lambda row: show_brief(row["name"], row["planned"]))
    yield numbers("p5 to p95", lambda row: show_band(row["name"], row["planned"], row["low"], row["high"]))
    yield numbers("actual", lambda row: show_brief(row["name"], row["actual"]))
    yield numbers("actual / planned", "ratio", form=".3f")
    yield Column("within its range", lambda row: _VERDICTS[row["inside"]])


def _why_tables(month: Month, *, named: bool) -> Iterator[Table]:
    """Yield the parts of each figure's difference in a month: assumptions, then measured figures, then the rest."""
    planned = {row["name"]: row["planned"] or math.nan for row in month.rows}
    sections = dict[str, list[tuple[str, ...]]]()
    for figure, parts in month.why.items():
        for part in () if isinstance(parts, str) else parts:
            if not abs(part.part) < _SLIGHT * abs(planned[figure]):
                # The name of the hours says their unit, which would widen the column of all causes.
                ends = (show_cell(part.name, end).removesuffix(" GPU-hours") for end in (part.planned, part.actual))
                moved = f"{'+' if part.part > 0 else ''}{show_brief(figure, part.part)}"
                sections.setdefault(figure, []).append((part.name, *ends, moved, f"{part.part / planned[figure]:+.1%}"))
    if sections:
        yield Table(_WHYS, sections, month.month if named else "")


def _paragraphs(actuals: Actuals) -> Iterator[str]:
    last = actuals.months[-1]
    yield from (f"{figure} can't be split: {reason}" for figure, reason in last.why.items() if isinstance(reason, str))
    assumptions, pins = _updates(last)
    on, mix = {**assumptions, **pins}, actuals.plan.scenario.parts
    if mix and any(row["name"] == "latency_p95" for row in last.rows):
        yield (
            "latency_p95 of a mix is that of its slowest part, not of all requests: "
            "compare it with the log's slowest kind"
        )
    if mix and FACTOR in on and not any(map(is_own, on)):
        yield (
            "time_factor may be the mix: no share was measured, and another mix takes other seconds; "
            f"add `mix.{mix[0].name}.share`"
        )
    if named := "; ".join(f"{name}{_from_where(actual)}" for name, actual in on.items() if name != _DAYS):
        yield f"updated: {named}. `--output next.yaml` writes the plan on {last.month or 'the month'}"
    if pins:
        yield f"pinned: {', '.join(pins)}, the same in every month of a forecast; `--pin NAME=null` lets one grow"
    users = [row["actual"] for row in actuals.rows if row["name"] == "dau"]
    if len(users) == len(actuals.months) >= _MONTHS:
        growth = (users[-1] / users[0]) ** (1 / (last.index - actuals.months[0].index)) - 1
        grown, planned = (show(rate, "share", 2) for rate in (growth, actuals.plan.values["growth_per_month"]))
        if grown != planned:
            yield f"users grew {grown} a month, not {planned} as planned: forecast it with `--growth-per-month {grown}`"
    yield from (_billed_text(month.measured.bill) for month in actuals.months if month.measured.bill)
    yield from (f"source: {month.measured.source}" for month in actuals.months)


def _from_where(actual: Actual) -> str:
    """Return the figure that an assumption follows from, in words; nothing where it was measured itself."""
    return f", {actual.note}" if actual.note.startswith("from ") else ""


def _billed_text(bill: "FocusBill") -> str:
    """Return the cost of a bill's month, of which GPUs, and how much of the month."""
    gpus = ", ".join(f"{name or 'without a GPU'} {show(cost, 'USD')}" for name, cost in bill.by_gpu.items())
    part = (
        f" in {digits(bill.days)} of {bill.days_in_month} days, compared per day"
        if bill.days < bill.days_in_month
        else ""
    )
    return (
        f"{bill.month}: {show(bill.sums['cost_per_month'], 'USD')} of EffectiveCost{part}; GPU cost: {gpus or 'none'}"
    )


def actuals_document(actuals: Actuals) -> ActualsDocument:
    """Return the same as a JSON document."""
    return document(
        ActualsDocument,
        actuals,
        "actuals",
        actuals.plan.scenario.as_of,
        actuals.seed,
        actuals.samples,
        scenario=actuals.plan.scenario,
        why=_why(actuals.months[-1]),
        months=[data(MonthData, month.measured, index=month.index, why=_why(month)) for month in actuals.months],
        overlay=_overlay_or_none(actuals),
    )


def _overlay_or_none(actuals: Actuals) -> str | None:
    try:
        return overlay(actuals)
    except Mistakes:
        return None


def _why(month: Month) -> dict[SplitFigure, dict[str, float]]:
    return {
        figure: {part.name: part.part for part in parts}
        for figure, parts in month.why.items()
        if not isinstance(parts, str)
    }


ActualsAnswer = Rows[Actuals, ActualsDocument, ActualRow]


def actuals_answer(actuals: Actuals) -> ActualsAnswer:
    """Return a plan against its months in all its forms; the plan on the last one is `overlay(found)`."""
    return Rows(actuals, actuals_report, actuals_document)
