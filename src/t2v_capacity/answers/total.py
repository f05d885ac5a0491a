"""Report several scenarios side by side with their total; write them as data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from typing_extensions import TypedDict

from t2v_capacity.answers.estimate import EstimateDocument, estimate_document
from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import FIGURES, Figure
from t2v_capacity.forms.answer import Answer, Cells, Page
from t2v_capacity.forms.data import AmountData, Head, WarningData, document
from t2v_capacity.forms.report import (
    Column,
    Report,
    Table,
    conventions_of,
    left_out,
    numbers,
    optional_numbers,
    shared_warnings,
    table,
    warning_lines,
    with_minimum_widths,
    youngest,
)
from t2v_capacity.forms.values import show_brief, show_cell
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.what_if.pool import FLEET_WARNINGS, ClassData, Pool
from t2v_capacity.questions.what_if.total import Total
from t2v_capacity.scenario.settings import PlanWarning

# Figures that decide between one pool and several, and the waits of a request in it.
_DECIDING = (
    "gpus",
    "servers",
    "utilization",
    "average_utilization",
    "gpu_cost_per_month",
    "gpu_cost_following",
    "cost_per_month",
    "cost_per_video",
    "fleet_power",
)
_time = partial(show_brief, "wait_p95")
# Warnings of a fleet of one's own; a pool says of itself what holds of it, and its waits are simulated.
_OF_A_FLEET = (
    *FLEET_WARNINGS,
    "overloaded",
    "requests-refused",
    "misses-target-latency",
    "target-latency-uncertain",
    "misses-deferred-wait",
    "waits-uncertain",
)


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

    scenarios: list[EstimateDocument]
    total: dict[str, AmountData]
    not_added: dict[str, str]
    """Why a figure has no total"""
    notes: list[str]
    pool: PoolData | None


def total_report(total: Total, page: Page) -> Report:
    """Return scenarios and their total as a report.

    If they share a pool, its answer comes first and `--all` shows the long table.
    """
    everything = page.everything
    if total.pool and not everything:
        return pool_report(total, total.pool)
    shown = [figure for figure in FIGURES.values() if everything or not figure.detail]
    plans = total.plans
    paragraphs = [f"note: {note}" for note in total.notes]
    columns = _columns(total, shown)
    if total.not_added:
        paragraphs.append("no total: blank for figures that cannot be added; `--format csv` says why")
    paragraphs += left_out(columns, page.width)
    if details := len(FIGURES) - len(shown):
        paragraphs.append(f"left out: {details} figures of detail, which `--all` shows")
    paragraphs += warning_lines(_plan_warnings(total), everything=everything)
    return _report(
        total,
        "products of one service" if len(plans) > 1 else plans[0].scenario.file,
        (*(_pool_tables(total.pool) if total.pool else ()), table(columns, shown, section="group")),
        paragraphs,
    )


def _report(total: Total, subtitle: str, tables: Sequence[Table], paragraphs: Iterable[str]) -> Report:
    title = " + ".join(plan.scenario.name for plan in total.plans)
    return Report(title, subtitle, tables, [*paragraphs], conventions_of(total.plans))


def _plan_warnings(total: Total) -> Iterator[PlanWarning]:
    return shared_warnings(total.names, (plan.brief_warnings for plan in total.plans))


def _columns(total: Total, shown: Sequence[Figure]) -> Sequence[Column]:
    """Return the columns; a narrow page has room for the first scenarios and the total."""

    def cell(values: Mapping[str, float | None], figure: Figure) -> str:
        return show_brief(figure.name, values[figure.name]) if figure.name in values else ""

    heading = "total" if len(total.plans) == 1 else f"total of {len(total.plans)}"
    scenarios = (
        optional_numbers(name, partial(cell, plan.figures)) for name, plan in zip(total.names, total.plans, strict=True)
    )
    return with_minimum_widths(
        (Column("figure", "name"), *scenarios, numbers(heading, partial(cell, total.figures))), shown
    )


def pool_report(total: Total, pool: Pool) -> Report:
    """Return one shared fleet next to separate fleets, and the wait of each scenario in it."""
    apart = (warning for warning in _plan_warnings(total) if warning.code not in _OF_A_FLEET)
    paragraphs = (
        *(f"note: {note}" for note in (*pool.notes, *total.notes)),
        "more: --all shows every figure apart, `--format json` every figure of the pool",
        *warning_lines((*pool.warnings, *apart), everything=False),
    )
    # Where no queue is allowed, who finds no place is refused, whatever the order.
    waits = total.plans[0].values["queue_limit"] > 0 or any(requests["deferred_share"] for requests in pool.classes)
    order = "served in this order" if waits else "where no request waits"
    return _report(total, f"on one fleet, {order}", _pool_tables(pool), paragraphs)


def _pool_tables(pool: Pool) -> Sequence[Table]:
    def quotient(name: str) -> str:
        pooled, apart = pool.figures[name], pool.apart[name]
        return f"{pooled / apart:.2f}" if pooled is not None and apart else ""

    fleets = (
        Column("figure"),
        numbers("one pool", lambda name: show_brief(name, pool.figures[name])),
        numbers("apart", lambda name: show_cell(name, pool.apart[name])),
        numbers("pool / apart", quotient),
    )
    classes = (
        Column("scenario", "scenario", wrap=True),
        numbers("waits its turn", lambda requests: show(requests["deferred_share"], "share")),
        # Blank are waits that no request of a scenario has.
        numbers("wait, 95%", lambda requests: _time(requests["wait"]) if requests["deferred_share"] < 1 else ""),
        numbers("latency, 95%", lambda requests: _time(requests["latency"]) if requests["deferred_share"] < 1 else ""),
        numbers("longest wait", lambda requests: _time(requests["longest_wait"])),
        numbers("longest, 95%", lambda requests: _time(requests["longest_wait_p95"])),
        numbers("served", lambda requests: show(requests["served_share"], "share")),
    )
    # The last column stands only where the pool leaves clips undone.
    short = any(requests["served_share"] != 1 for requests in pool.classes)
    return table(fleets, _DECIDING), table(classes if short else classes[:-1], pool.classes)


def total_document(total: Total, records: Iterable[PlanRecord]) -> TotalDocument:
    """Return scenarios and their total as the contract's `total` document."""
    return document(
        TotalDocument,
        total,
        "total",
        youngest(total.plans),
        scenarios=map(estimate_document, records),
        total=total.figures,
    )


def total_rows(total: Total) -> Cells:
    """Return scenarios and their total as a heading and rows, a row a figure."""
    rows = [
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


TotalAnswer = Answer[Total, TotalDocument]


def total_answer(total: Total, records: Iterable[PlanRecord]) -> TotalAnswer:
    """Return a total in all its forms, with what the answer of each plan shows."""
    return Answer(total, total_report, partial(total_document, records=records), cells=total_rows)
