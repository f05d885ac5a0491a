"""Report several scenarios side by side with their total; write them as data."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

from typing_extensions import TypedDict

from t2v_capacity.answers.estimate_document import EstimateDocument, estimate_document
from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.forms.answer import Answer
from t2v_capacity.forms.data import AmountData, Head, WarningData, amounts_data, head, warnings_data
from t2v_capacity.forms.report import Column, Report, Table, conventions, left_out, warning_lines
from t2v_capacity.forms.values import show_value
from t2v_capacity.formulas import GROUPS
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.what_if.pool import Class, Pool
from t2v_capacity.questions.what_if.total import Total
from t2v_capacity.scenario.settings import PlanWarning

# Figures that decide between one pool and several, and the waits of a request in it.
_DECIDING = (
    "gpus",
    "servers",
    "utilization",
    "average_utilization",
    "gpu_cost_per_month",
    "cost_per_month",
    "cost_per_video",
    "fleet_power",
)
# Warnings of a fleet of one's own, which a pool says of itself.
_OF_A_FLEET = ("overloaded", "requests-refused", "misses-target-latency", "misses-deferred-wait")
_MEETS = ("waits its turn", "wait, 95%", "latency, 95%", "longest wait", "longest, 95%")
_OF_THE_WORK = {"generation_latency": "second", "service_variability": "ratio", "zoned_peak": "ratio"}
_LONGEST, _GAP = 16, 2  # characters of a scenario's heading; blanks between columns
_WHY_WIDTH = 110


class ClassData(TypedDict):
    """The waits of one scenario's requests in the pool."""

    scenario: str
    deferred_share: float
    """Of its requests, those that wait"""
    wait: float | None
    """95th percentile in seconds, of those that don't"""
    latency: float | None
    longest_wait: float | None
    """Of those that do, else of all, mean over days"""
    longest_wait_p95: float | None
    """95th percentile over days"""
    served_share: float


class PoolData(TypedDict):
    """One fleet for all."""

    figures: dict[str, AmountData]
    classes: list[ClassData]
    apart: dict[str, float | None]
    """The same figures of fleets apart"""
    work: dict[str, float | None]
    """What the pool's work is"""
    notes: list[str]
    warnings: list[WarningData]


class TotalDocument(Head):
    """What t2v-cap total --format json writes."""

    in_series: bool
    scenarios: list[EstimateDocument]
    total: dict[str, AmountData]
    not_added: dict[str, str]
    """Why a figure has no total"""
    notes: list[str]
    pool: PoolData | None


def total_report(total: Total, *, everything: bool = False, width: int | None = None) -> Report:
    """Return scenarios and their total as a report; what has no total says why on a page that is wide enough.

    If they share a pool, its answer comes first and `--all` shows the long table.
    """
    if total.pool and not everything:
        return pool_report(total, total.pool)
    sections = []
    for group in GROUPS:
        names = [f.name for f in FIGURES.values() if f.group == group and (everything or not f.detail)]
        if names:
            sections.append((group, tuple(_row(total, name) for name in names)))
    plans = total.plans
    paragraphs = [f"note: {note}" for note in total.notes]
    columns = _columns(total, sections)
    if total.not_added:
        paragraphs.append("no total: blank for figures that cannot be added")
    paragraphs += left_out(columns if total.not_added else columns[:-1], width)
    if details := sum(figure.detail and not everything for figure in FIGURES.values()):
        paragraphs.append(f"left out: {details} figures of detail, which `--all` shows")
    paragraphs += warning_lines(_warned(total, lambda _warning: True), "--all", everything=everything)
    how = "stages of one product, in series" if total.in_series else "products of one service"
    days = {plan.values["days_per_month"] for plan in plans}
    return Report(
        title=" + ".join(plan.scenario.name for plan in plans),
        subtitle=how if len(plans) > 1 else plans[0].scenario.file,
        tables=(*(pool_report(total, total.pool).tables if total.pool else ()), Table(columns, tuple(sections))),
        paragraphs=tuple(paragraphs),
        footer=conventions(max(days), _as_of(total)),
    )


def _warned(total: Total, wanted: Callable[[PlanWarning], bool]) -> Iterator[PlanWarning]:
    """Yield those of the plans' warnings that are wanted, each once, with the scenarios that it is of."""
    for warning in dict.fromkeys(warning for plan in total.plans for warning in plan.warnings if wanted(warning)):
        named = [name for name, plan in zip(total.names, total.plans, strict=True) if warning in plan.warnings]
        yield warning._replace(message=f"{', '.join(named)}: {warning.message}")


def _columns(total: Total, sections: list[tuple[str, tuple[tuple[str, ...], ...]]]) -> tuple[Column, ...]:
    """Return the columns; a narrow page has room for the first scenarios and the total."""
    headings = (
        "figure",
        "total" if len(total.plans) == 1 else f"total of {len(total.plans)}",
        *(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..." for name in total.names),
    )
    rows = [row for _name, rows in sections for row in rows]
    order = (0, len(total.plans) + 1, *range(1, len(total.plans) + 1))  # of a row's cells: the total before the scenarios
    widths = [max(len(heading), *(len(row[index]) for row in rows)) for index, heading in zip(order, headings, strict=True)]
    needed = [sum(widths[: index + 1]) + _GAP * index for index in range(len(widths))]
    scenarios = (Column(heading, number=True, from_width=needed[index + 2]) for index, heading in enumerate(headings[2:]))
    why = Column("why there is no total", cut=True, from_width=max(_WHY_WIDTH, needed[-1] + _WHY_WIDTH // 4))
    return Column("figure"), *scenarios, Column(headings[1], number=True), why


def _row(total: Total, name: str) -> tuple[str, ...]:
    own = (show_value(name, plan.figures[name], brief=True) for plan in total.plans)
    summed = show_value(name, total.figures[name], brief=True) if name in total.figures else ""
    return name, *own, summed, total.not_added.get(name, "").replace("`", "")


def pool_report(total: Total, pool: Pool) -> Report:
    """Return one shared fleet next to separate fleets, and the wait of each scenario in it."""
    rows = [
        (
            name,
            show_value(name, pool.figures[name], brief=True),
            _shown(name, pool.apart[name]),
            _saved(pool.figures[name], pool.apart[name]),
        )
        for name in _DECIDING
    ]
    fleets = Table((Column("figure"), *(Column(head, number=True) for head in ("one pool", "apart", "pool / apart"))), (("", tuple(rows)),))
    short = any(one.served_share != 1 for one in pool.classes)  # the column stands only where the pool leaves clips undone
    heads = (*_MEETS, *(("served",) if short else ()))
    met = tuple((*_met(one), *((show(one.served_share, "share"),) if short else ())) for one in pool.classes)
    classes = Table((Column("scenario", wrap=True), *(Column(head, number=True) for head in heads)), (("", met),))
    return Report(
        title=" + ".join(plan.scenario.name for plan in total.plans),
        subtitle="on one fleet, served in this order",
        tables=(fleets, classes),
        paragraphs=(
            _work(pool),
            *(f"note: {note}" for note in (*pool.notes, *total.notes)),
            *warning_lines((*pool.warnings, *_warned(total, lambda warning: warning.code not in _OF_A_FLEET))),
            "more: --all shows every figure apart, `--format json` every figure of the pool",
        ),
        footer=conventions(max(plan.values["days_per_month"] for plan in total.plans), _as_of(total)),
    )


def _work(pool: Pool) -> str:
    """Return what the pool's work is, in words."""
    if any(math.isnan(pool.work[name]) for name in _OF_THE_WORK):
        return "of the work: none is made, for not all clips can run on these GPUs"
    latency, variability, peak = (show(pool.work[name], unit) for name, unit in _OF_THE_WORK.items())
    return f"of the work: a clip takes {latency} on average, service_variability {variability}, the peak is {peak} times the mean"


def _met(one: Class) -> tuple[str, ...]:
    """Return the waits of a scenario's requests as a row; blank for waits that none of them has."""
    waits = [
        "none" if value is None else show(value, "second") for value in (one.wait, one.latency, one.longest_wait, one.longest_wait_p95)
    ]
    return (one.scenario, show(one.deferred_share, "share"), *(waits[:2] if one.deferred_share < 1 else ("", "")), *waits[2:])


def _shown(name: str, value: float | None) -> str:
    return "" if value is None else show_value(name, value, brief=True)


def _saved(pooled: float | None, apart: float | None) -> str:
    return f"{pooled / apart:.2f}" if pooled is not None and apart else ""


def _pool_data(pool: Pool) -> PoolData:
    return {
        "figures": amounts_data(pool.figures),
        "classes": [
            {
                "scenario": one.scenario,
                "deferred_share": one.deferred_share,
                "wait": one.wait,
                "latency": one.latency,
                "longest_wait": one.longest_wait,
                "longest_wait_p95": one.longest_wait_p95,
                "served_share": one.served_share,
            }
            for one in pool.classes
        ],
        "apart": {name: plain(name, value) for name, value in pool.apart.items()},
        "work": {name: plain(name, value) for name, value in pool.work.items()},
        "notes": list(pool.notes),
        "warnings": warnings_data(pool.warnings),
    }


def _as_of(total: Total) -> str:
    """Return the youngest of the scenarios' dates."""
    return max(plan.scenario.as_of for plan in total.plans)


def total_document(total: Total, records: Iterable[PlanRecord]) -> TotalDocument:
    """Return scenarios and their total as the contract's `total` document."""
    return {
        **head("total", _as_of(total)),
        "in_series": total.in_series,
        "scenarios": list(map(estimate_document, records)),
        "total": amounts_data(total.figures),
        "not_added": dict(total.not_added),
        "notes": list(total.notes),
        "pool": _pool_data(total.pool) if total.pool else None,
    }


def total_rows(total: Total) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return scenarios and their total as a heading and rows, a row a figure."""
    rows: list[tuple[object, ...]] = [
        (
            name,
            *(plain(name, plan.figures[name]) for plan in total.plans),
            plain(name, total.figures.get(name)),
            figure.unit,
            figure.label,
            total.not_added.get(name, ""),
            plain(name, total.pool.figures.get(name)) if total.pool else "",
        )
        for name, figure in FIGURES.items()
    ]
    return ("figure", *total.names, "total", "unit", "label", "not_added", "pool"), rows


class TotalAnswer(Answer[Total, TotalDocument]):
    """Plans as one service: the totals, why other figures have none, and one fleet for all where that was asked."""

    figures: Mapping[str, float]
    not_added: Mapping[str, str]
    pool: Pool | None


def total_answer(found: Total, records: Iterable[PlanRecord]) -> TotalAnswer:
    """Return a total in all its forms, with what the answer of each plan shows."""
    return TotalAnswer(
        found,
        lambda page: total_report(found, everything=page.everything, width=page.width),
        lambda: total_document(found, records),
        cells=lambda: total_rows(found),
    )
