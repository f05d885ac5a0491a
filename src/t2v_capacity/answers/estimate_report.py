"""The plan as a report: the headline, figures by question with their arithmetic, and where a clip's time goes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from t2v_capacity.answers.estimate_figures import SECONDS_OF, arithmetic, parts_of_mix, stages_of_clip
from t2v_capacity.answers.estimate_lines import rests_on
from t2v_capacity.answers.estimate_on_call import failures_table, scaling_tables
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import unit_of
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.constants import SHORT_CLIP
from t2v_capacity.engine.figures import FIGURES, Figure
from t2v_capacity.errors import count_of
from t2v_capacity.forms.answer import Page
from t2v_capacity.forms.report import Column, Report, Table, left_out, numbers, of_ranges, of_scenario, table
from t2v_capacity.forms.values import NAME_WIDTH, SOURCE_WIDTH, show_band, show_cell, shown_values
from t2v_capacity.formulas.simulated import SIMULATED
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.verdict import no_fleet, serves_nothing
from t2v_capacity.questions.estimate import ALERTS, BUYING, FAILURES, SCALING, PlanRecord
from t2v_capacity.questions.what_if.buying import Bill

if TYPE_CHECKING:
    from t2v_capacity.questions.what_if.days import SimulatedValue

# The width of a page that has room for GPUs and their prices.
_WIDE = 100


def plan_report(
    record: PlanRecord, only: Sequence[str], days: "Mapping[str, SimulatedValue] | None", page: Page
) -> Report:
    """Return all of a plan as a report, or some of its figures with the warnings about them; `days` are simulated."""
    estimate = record.plan
    draws = of_ranges(estimate, estimate.samples, estimate.seed) if estimate.bands else ()
    # Tables that follow the day as formulas do.
    named = {*only, "day-unlike-cosine" if {BUYING, ALERTS, FAILURES} & set(only) else ""}
    warnings = (warning for warning in estimate.warnings if not only or {*warning.names, warning.code} & named)
    figures = _figures(estimate, only, days)
    if only:
        asked = [block for name, blocks in _ASKED.items() if name in only for block in blocks(record, page)]
        tables = [figures] if figures.sections else []
        if days:
            tables.append(_days(days))
        tables += [block for block in asked if isinstance(block, Table)]
        notes = [block for block in asked if isinstance(block, str)]
        if not {SCALING, FAILURES} >= set(only):  # which nothing uncertain reaches
            notes += draws
        notes += _of_days(estimate, only, days)
    else:
        tables = [
            figures,
            *parts_of_mix(estimate, record.apis),
            *stages_of_clip(estimate),
            seconds_of_clip(estimate),
            _assumptions(estimate),
        ]
        notes = [f"evidence: {rests_on(record)}", *draws]
    return of_scenario(estimate.scenario, tables, notes, warnings, everything=page.everything)


def _figures(estimate: Estimate, only: Sequence[str], days: "Mapping[str, SimulatedValue] | None") -> Table:
    """Return all figures, or some of them, with their arithmetic."""
    shown, brief = shown_values(estimate.known), shown_values(estimate.known, brief=True)
    figures = [figure for figure in FIGURES.values() if not only or figure.name in only]
    if days is not None and estimate.known["utilization"] < 1:  # nothing queues without chance
        figures = [figure for figure in figures if not figure.name.startswith("fluid_")]

    def band(figure: Figure) -> str:
        return show_band(figure.name, estimate.figures[figure.name], *estimate.bands[figure.name])

    columns = [Column("figure", "name"), numbers("value", lambda figure: shown[figure.name])]
    if estimate.bands:
        columns.append(numbers("p5 to p95", band, plain=True))
    width = NAME_WIDTH if estimate.bands else 0
    columns.append(
        Column("arithmetic", lambda figure: _arithmetic(figure, estimate, brief), cut=True, from_width=width)
    )

    steady = ", at a steady peak" if days else ""
    return table(columns, figures, section=lambda figure: f"{figure.group}{steady}")


def _days(days: "Mapping[str, SimulatedValue]") -> Table:
    """Return what days were simulated for."""
    columns = (
        Column("simulated"),
        numbers("value", lambda name: show(days[name].value, unit_of(name))),
        numbers("standard error", lambda name: show(days[name].error, unit_of(name))),
        Column("meaning", lambda name: SIMULATED[name].label, from_width=NAME_WIDTH, wrap=True),
    )
    return table(columns, days, "Simulated days: all requests, on your day's curve: use these")


def _of_days(estimate: Estimate, only: Sequence[str], days: "Mapping[str, SimulatedValue] | None") -> Iterator[str]:
    """Yield of which days simulated waits are, or why there are none."""
    if days:
        curve = (
            "your day's curve"
            if estimate.scenario.day_curve
            else f"a cosine, its peak {digits(estimate.known['zoned_peak'])} times the average"
        )
        whose = ", all clips of all parts" if estimate.parts else ""
        yield f"simulated with {curve}{whose}; the table above assumes a steady peak hour"
    elif days is not None and estimate.known["generation_capacity"] > estimate.known["generation_rate"]:
        yield (
            f"no day is simulated: clips below {show(SHORT_CLIP, 'second')} may wait for less than a simulated step, "
            "which is refined for one class of requests without a `queue_limit`"
        )
    elif days is not None:
        yield "no day is simulated: the queue never ends, or the plan cannot run"
    elif not SIMULATED.keys().isdisjoint({*only} - FIGURES.keys()):
        yield "days are simulated with NumPy: pip install 't2v-cap[ranges]'"


def _arithmetic(figure: Figure, estimate: Estimate, shown: Mapping[str, str]) -> str:
    pin = estimate.scenario.pins.get(figure.name)
    if pin:
        return f"pinned, {pin.source or pin.origin}"
    text = arithmetic(figure, estimate, shown)
    if figure.name == "latency_p95" and estimate.parts and estimate.figures[figure.name]:
        slowest = max(estimate.parts, key=lambda part: part.figures[figure.name])
        return f"of {slowest.name}: {text}"
    return text


def seconds_of_clip(estimate: Estimate) -> Table:
    """Return where the seconds of a clip on one GPU go."""
    seconds = {name: estimate.figures[name] or 0 for name in SECONDS_OF}
    total = sum(seconds.values())
    columns = (
        Column("stage of a clip on one GPU", lambda name: FIGURES[name].label),
        numbers("time", lambda name: show(seconds[name], "second")),
        numbers("share", lambda name: f"{digits(100 * seconds[name] / total)}%"),
    )
    return table(columns, sorted(filter(seconds.get, seconds), key=lambda name: -seconds[name]))


def _assumptions(estimate: Estimate) -> Table:
    shown, given = shown_values(estimate.known), estimate.scenario.settings
    return table(
        (
            Column("assumption"),
            numbers("value", lambda name: shown[name]),
            Column("origin", lambda name: str(given[name].origin)),
            Column("source", lambda name: given[name].source, from_width=SOURCE_WIDTH, cut=True),
        ),
        given,
        "Assumptions",
        section=lambda name: ASSUMPTIONS[name].section,
    )


def _buying(record: PlanRecord, page: Page) -> Iterator[Table | str]:
    """Yield the bills of the ways to buy, of GPUs alone, and what they leave out and hold.

    A month's bill is GPUs held and GPUs rented by the hour, each times its price.
    """
    known, months = record.plan.known, record.months
    if serves_nothing(known):
        yield f"no bill: {no_fleet(known)}"
        return
    columns = (
        Column("buying, USD", "name"),
        numbers("GPUs held", lambda bill: _hours(bill["base_gpus"], bill["base_price"]), from_width=_WIDE),
        numbers(
            "rented by the hour",
            lambda bill: _hours(bill["burst_gpus"], bill["burst_price"], " on average"),
            from_width=_WIDE,
        ),
        numbers("per month", lambda bill: _usd(bill["per_month"])),
        numbers(count_of(months, "month"), lambda bill: _usd(bill["over_months"])),
        numbers("owed after", lambda bill: _usd(bill["owed_after"] or None)),
        Column("", lambda bill: "; ".join(_remarks(bill, months)), wrap=True),
    )
    yield table(columns, record.buying)
    yield from left_out(columns, page.width)
    if record.plan.figures["gpus"]:
        rest = sum(known[name] for name in FIGURES["cost_per_month"].parameters if name != "gpu_cost_per_month")
        spares = show(known["regions"] * known["spares_per_region"], "server")
        over_months = ""
        if months > 1:
            over_months = (
                f" Cheapest over {count_of(months, 'month')} is with what is owed after. A mix commits no more once a "
                "term no longer pays by then."
            )
        yield (
            f"GPUs alone: all else adds {show(rest, 'USD')} per month. The fleet has {spares} to spare. "
            f"A commitment is owed for its term, whatever the load.{over_months}"
        )
    if (limit := known["on_demand_limit"]) < known["gpus"]:
        yield (
            f"Only {show(limit, 'gpu')} can be had on demand: without a commitment the others are billed at its price, "
            "for every hour."
        )


def _remarks(bill: Bill, months: int) -> Iterator[str]:
    """Yield when a way is the cheapest, and what is committed, or what has to be given."""
    if bill["cheapest"]:
        yield "cheapest now"
    if bill["cheapest_over_months"] and months > 1:
        yield f"cheapest over {count_of(months, 'month')}"
    if bill["seller"]:
        yield f"{bill['seller']}, from, term not stated"
    elif bill["needs"]:
        yield f"set {bill['needs']}"
    elif bill["term"]:
        yield f"for {count_of(round(bill['term']), 'month')}"
    if bill["paid_by_end"] and not bill["needs"]:
        yield f"servers: {_usd(bill['paid_at_first'])} at first, {_usd(bill['paid_by_end'])} by the end"


def _hours(gpus: float | None, price: float | None, often: str = "") -> str:
    return f"{digits(gpus)}{often} x {digits(price)}" if gpus and price else ""


def _usd(dollars: float | None) -> str:
    return show_cell("cost_per_month", dollars).removesuffix(" USD")


def _alerts(record: PlanRecord, _page: Page) -> Iterator[Table]:
    """Yield the thresholds of a plan."""
    yield table(
        (
            Column("alert", "name"),
            numbers("above", lambda alert: "none" if alert["above"] is None else show(alert["above"], alert["unit"])),
            Column("then", "action"),
            Column("", "follows", wrap=True),
        ),
        record.alerts,
    )


# What is asked for by its own name: its tables, and the notes on them.
_ASKED: dict[str, Callable[[PlanRecord, Page], Iterator[Table | str]]] = {
    BUYING: _buying,
    ALERTS: _alerts,
    SCALING: scaling_tables,
    FAILURES: failures_table,
}
