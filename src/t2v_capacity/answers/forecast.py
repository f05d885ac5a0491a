"""A forecast as a report and as data; of a plan that sells its clips with revenue, profit, and the lowest cash."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from typing_extensions import TypedDict

from t2v_capacity.answers.solve import measured_text
from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import count_of
from t2v_capacity.forms.answer import Cells, Page, Rows
from t2v_capacity.forms.data import BandData, PlanHead, WarningData, document
from t2v_capacity.forms.plot import Data, Plot, band, called, limit, line, quantities, ring, ticks
from t2v_capacity.forms.report import (
    Column,
    Report,
    left_out,
    numbers,
    of_ranges,
    of_scenario,
    optional_numbers,
    table,
    with_minimum_widths,
)
from t2v_capacity.forms.values import show_band, show_brief, show_ends, show_value
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.uncertain import Percentiles
from t2v_capacity.questions.what_if.forecast import CashData, Forecast
from t2v_capacity.questions.what_if.months import MOVING, WhenData

# A narrow page has room for the first of these.
_SHOWN = "dau gpus cost_per_month requests_per_day storage_held egress_bandwidth".split()
# The columns of a plan that sells its clips, and what heads them.
_SOLD = "dau gpus cost_per_month revenue_per_month profit_per_month".split()
_HEADINGS = {
    "gpus": "GPUs",
    "cost_per_month": "cost per month",
    "revenue_per_month": "revenue",
    "profit_per_month": "profit",
}
_PROFIT = "profit_per_month"
_MUCH = 0.05  # of a bill: what a launch has not stored yet counts
_BAND = tuple(BandData.__annotations__)  # p5, p50, p95


class MonthData(TypedDict):
    """A month: what moves, and every figure."""

    month: int
    assumptions: dict[str, float | None]
    figures: dict[str, float | None]
    date: str | None
    bands: dict[str, BandData]
    """Of what is uncertain"""
    profit_by_part: dict[str, float | None]
    """Of a mix that is sold; parts that are free have a loss"""


CrossingData = TypedDict("CrossingData", {"at_points": WhenData})


class ForecastDocument(PlanHead):
    """What t2v-cap forecast --format json writes."""

    months: list[MonthData]
    crossed: dict[str, int | None]
    """The month in which each limit is crossed; null where it holds"""
    warnings: list[WarningData]
    start: str | None
    lead_time: float | None
    """In seconds"""
    crossings: dict[str, CrossingData]
    sums: dict[str, float | None]
    """Of each figure that is per month and adds: over all of the months"""
    cash: dict[str, CashData]
    """Of a plan that is sold: `rented`, and `owned` with a server_price"""


def forecast_report(forecast: Forecast, page: Page, names: Sequence[str] = ()) -> Report:
    """Return a forecast as a report, a row a month; without names with the columns of a plan that sells, or not."""
    months, plan = forecast.series.months, forecast.plan
    first = month_columns(forecast)
    sold = forecast.sells and not names
    banded = page.everything or not sold
    names = names or (_SOLD if sold else _SHOWN)
    columns = with_minimum_widths([*first, *_columns(forecast, names, sold=sold, banded=banded)], months)
    tables = [table(columns, months)]
    if sold and plan.scenario.parts:
        tables.append(
            table(with_minimum_widths([*first, *_profit_columns(forecast)], months), months, "profit by part")
        )

    change = plan.values["gpu_price_change_per_year"]
    prices = f", GPU prices changing {show_value('gpu_price_change_per_year', change)} a year" if change else ""
    about = (
        f"{count_of(len(months), 'month')}, {months[0]} to {months[-1]}, "
        f"users growing {show_value('growth_per_month', plan.values['growth_per_month'])} a month{prices}; "
        "month 0 is the estimate"
    )

    notes = [*left_out(columns, page.width), *_paragraphs(forecast, banded=banded)]
    lines = [*(_money_lines(forecast, page) if sold else sum_lines(forecast, names))]
    if lines:
        notes += lines if page.form == "markdown" else ["\n".join(lines)]
    return of_scenario(plan.scenario, tables, notes, forecast.warnings, everything=page.everything, about=about)


def month_columns(forecast: Forecast) -> list[Column]:
    """Return the columns of a month, and of its date where it has one."""
    date = forecast.calendar.date
    return [numbers("month"), *([Column("date", lambda month: date(month) or "")] if forecast.calendar.start else [])]


def _columns(forecast: Forecast, names: Sequence[str], *, sold: bool, banded: bool) -> Iterator[Column]:
    """Yield a column for each figure or assumption; of a plan that sells, also the sum of its profit."""
    series, bands = forecast.series, forecast.series.bands(names) if banded else {}
    for name in names:
        heading = _HEADINGS.get(name, name) if sold else name
        yield _month_column(heading, name, series.of(name), bands.get(name), sold=sold)
    if sold:
        yield _month_column("sum of profit", _PROFIT, forecast.cash["rented"]["balances"])


def _profit_columns(forecast: Forecast) -> Iterator[Column]:
    """Yield the profit of each part, and of the plan, without units."""
    for name, profits in forecast.profits.items():
        yield _month_column(name.split(".")[1], name, profits)
    yield _month_column("all, USD", _PROFIT, forecast.series.of(_PROFIT))


def _month_column(
    heading: str,
    name: str,
    amounts: Sequence[float | None],
    bands: Sequence[Percentiles] | None = None,
    *,
    sold: bool = True,
) -> Column:
    """Return the column of what has a value in each month, followed by the ends of its band if it has one.

    Of a plan that sells, it has three digits, the cost alone with its unit.
    """

    def cell(month: int) -> str:
        text = show_value(name, amounts[month], brief=True, exact=not sold or name in ("dau", "gpus"))
        if bands and (band := show_band(name, amounts[month], *bands[month])):
            text += f" ({band})"
        return text.replace(" USD", "") if sold and name != "cost_per_month" else text

    return optional_numbers(heading, cell)


def _money_lines(forecast: Forecast, page: Page) -> Iterator[str]:
    """Yield the sums over the months, the lowest point of cash, and where the ranges are."""
    values, cash = forecast.plan.values, forecast.cash
    yield from sum_lines(forecast, _SOLD)
    yield f"cash, rented: {_lowest_text(forecast, cash['rented'])}"
    if low := forecast.drawn_low:
        yield (
            f"cash, rented, over the draws of ranges: below zero in {low[0]:.0%}, 5th percentile "
            f"{show_value(_PROFIT, low[1]).removesuffix('/month')}; all other lines of cash are at the medians"
        )
    if owned := cash.get("owned"):
        price, bought = values["server_price"], sum(owned["bought"])
        paid = f"{show(bought, 'server')} bought for {show(bought * price, 'USD')}"
        yield f"cash, own servers at {show(price, 'USD')}: {_lowest_text(forecast, owned)}; {paid}"
    else:
        yield f"cash, own servers: set `--server-price` to a quote of one with {show(values['gpus_per_server'], 'gpu')}"
    for end, cash_at_end in forecast.cash_at_ends.items():
        ways = (f"{way} {_lowest_text(forecast, of_way)}" for way, of_way in cash_at_end.items())
        yield f"at {end:.2f} times the predicted seconds: {'; '.join(ways)}"
    if forecast.series.drawn and not page.everything:
        yield "ranges of GPUs and costs: --all"


def _lowest_text(forecast: Forecast, cash: CashData) -> str:
    """Return when the cash of a way to have GPUs is lowest, how low, and whether the last month lost some."""
    lowest, month = cash["lowest"], cash["month"]
    if lowest is None or month is None:
        return "a month has no value"
    low = "never below zero" if lowest >= 0 else f"lowest in {_month_name(forecast, month)}, {show(lowest, 'USD')}"
    before, after = (balance or 0.0 for balance in (0.0, *cash["balances"])[-2:])
    return f"{low}, still falling at the end" if after < before else low


def _paragraphs(forecast: Forecast, *, banded: bool) -> Iterator[str]:
    plan, known = forecast.plan, forecast.plan.known
    yield from (crossing_text(forecast, limit, month) for limit, month in forecast.crossed.items())
    if not plan.scenario.by_hand("service_age") and known["storage_cost_per_month"] > _MUCH * known["cost_per_month"]:
        age = show_value("service_age", known["service_age"])
        yield f"storage begins with the clips of {age} (`service_age`, a default); for a launch: `--service-age '15 d'`"
    if not known["growth_per_month"]:
        yield "growth_per_month is 0%: users stay constant and only stored data grows; set `--growth-per-month 8%`"
    if banded and (drawn := forecast.series.drawn):
        yield from of_ranges(plan, drawn.samples, drawn.seed)
    if pinned := [name for name in plan.scenario.pins if not ancestors([name]).isdisjoint(MOVING)]:
        yield f"pinned: {', '.join(pinned)}, the same in every month; `--pin NAME=null` lets one grow"


def sum_lines(forecast: Forecast, shown: Sequence[str]) -> Iterator[str]:
    """Yield the sums of what is shown over the months."""
    sums = [
        f"{name} {show_value(name, total).removesuffix('/month')}"
        for name, total in forecast.sums.items()
        if total and name in shown
    ]
    if sums:
        yield f"months 0 to {forecast.series.months[-1]} together: {', '.join(sums)}"


def crossing_text(forecast: Forecast, limit: Condition, month: int | None) -> str:
    """Return when a limit is crossed, from when on it holds again, and by when to order."""
    outcomes, last = forecast.limits[limit], forecast.series.months[-1]
    measured = [measured_text(outcome, 6) for outcome in outcomes]
    if month is None:
        full = [month for month, load in enumerate(forecast.series.of("utilization")) if load and load >= 1]
        overloaded = f"; the fleet is overloaded first in month {full[0]}" if full else ""
        return f"{limit.text} holds for {count_of(last + 1, 'month')}: {measured[last]} in month {last}{overloaded}"
    missed = [month for month, outcome in enumerate(outcomes) if not outcome.kept]
    again = f"; holds from month {missed[-1] + 1} on" if missed[-1] < last else ""
    if month == 0:
        return f"{limit.text} does not hold in month 0: {measured[0]}{again}{_ordering(forecast, month)}"
    date = f", {forecast.calendar.date(month)}" if forecast.calendar.start else ""
    values = f"{measured[month]}, after {measured[month - 1]} in month {month - 1}"
    return f"{limit.text} is crossed in month {month}{date}: {values}{again}{_ordering(forecast, month)}"


def _ordering(forecast: Forecast, month: int) -> str:
    """Return by when to order; nothing if no lead time was given."""
    order = forecast.calendar.when(month)
    day, month_of_order = order["order_by"], order["order_month"]
    if day:
        return f"; order by {day}{' (overdue)' if day < forecast.plan.scenario.as_of else ''}"
    if month_of_order is None:
        return ""
    return f"; order {f'in month {month_of_order}' if month_of_order >= 0 else f'{-month_of_order} months ago'}"


def forecast_document(forecast: Forecast) -> ForecastDocument:
    """Return a forecast as the contract's `forecast` document: each figure in each month, with a band if it has one."""
    series, calendar = forecast.series, forecast.calendar
    bands, drawn = series.bands((*MOVING, *FIGURES)), series.drawn
    return document(
        ForecastDocument,
        forecast,
        "forecast",
        forecast.plan.scenario.as_of,
        drawn.seed if drawn else None,
        drawn.samples if drawn else 0,
        scenario=forecast.plan.scenario,
        months=[
            {
                "month": month,
                "assumptions": {name: plain(name, series.figures[name][month]) for name in MOVING},
                "figures": {name: plain(name, series.figures[name][month]) for name in FIGURES},
                "date": calendar.date(month),
                "profit_by_part": {
                    name.split(".")[1]: plain(name, profits[month]) for name, profits in forecast.profits.items()
                },
                "bands": {
                    name: dict(zip(_BAND, (plain(name, end) for end in ends[month]), strict=True))
                    for name, ends in bands.items()
                },
            }
            for month in series.months
        ],
        **crossings_data(forecast),
    )


def crossings_data(forecast: Forecast) -> dict[str, Any]:
    """Return the months in which limits are crossed, and by when to order, as they stand in a document."""
    calendar, crossed = forecast.calendar, {limit.text: month for limit, month in forecast.crossed.items()}
    crossings = {text: {"at_points": calendar.when(month)} for text, month in crossed.items()}
    return {"crossed": crossed, "crossings": crossings, "start": calendar.start, "lead_time": calendar.lead_time}


def _rows(forecast: Forecast, names: Sequence[str]) -> Cells:
    """Return a forecast as a heading and rows, one row per month; bands and a date follow the shown columns.

    Without names they are those of a plan that sells, and its cash, or of one that does not.
    """
    series, cash = forecast.series, {} if names else forecast.cash
    names = names or (*(_SOLD if forecast.sells else _SHOWN), *forecast.profits)
    columns: dict[str, Sequence[object]] = {"month": series.months}
    columns |= {name: [plain(name, figure) for figure in series.of(name)] for name in names}
    for name, bands in series.bands(names).items():
        columns |= {f"{name}_{key}": [plain(name, ends[place]) for ends in bands] for place, key in enumerate(_BAND)}
    columns |= {f"cash_{way}": of_way["balances"] for way, of_way in cash.items()}
    columns |= {"date": list(map(forecast.calendar.date, series.months))} if forecast.calendar.start else {}
    return columns, zip(*columns.values(), strict=True)


ForecastAnswer = Rows[Forecast, ForecastDocument, dict[str, float | None]]


def forecast_answer(forecast: Forecast, shown: Sequence[str]) -> ForecastAnswer:
    """Return a forecast in all its forms."""
    return Rows(
        forecast,
        partial(forecast_report, names=shown),
        forecast_document,
        cells=partial(_rows, names=shown),
        plot=partial(forecast_plot, shown=shown),
    )


_TICKS, _PANELS = 6, 6


def forecast_plot(forecast: Forecast, document: Data, shown: Sequence[str]) -> Plot:
    """Return the plot of the figures that limits are on, else of those shown, else of GPUs."""
    months, bands = forecast.series.months, document["months"][0]["bands"]
    first, last = (_month_name(forecast, month) for month in (months[0], months[-1]))
    names = list(dict.fromkeys([limit.figure for limit in forecast.limits] or shown or ["gpus"]))[:_PANELS]
    growth = show_value("growth_per_month", forecast.plan.values["growth_per_month"])
    subtitle = f"Users grow {growth} per month ({first} to {last})"
    if bands:
        draws = f"5% to 95% of {document['samples']:,} draws" if document["samples"] else "the model's error"
        subtitle += f"; band: {draws}"
    plot = Plot(_finding(forecast, names[0]), subtitle, document, len(names))

    for axes, name in zip(plot.panels, names, strict=True):
        values = forecast.series.of(name)
        line(axes, months, values, label=f"{last}: {show_brief(name, values[-1])}")
        if name in bands:
            low, high = ([month["bands"][name][end] for month in document["months"]] for end in ("p5", "p95"))
            band(axes, months, low, high, f"band: {show_ends(name, low[-1], high[-1])}")
        for condition in forecast.limits:
            if condition.figure == name:
                percentile = condition.subject.partition("(")[0] if condition.percentile else ""
                limit(axes, condition.limit, f"{percentile} limit {show_brief(name, condition.limit)}".strip())
                if (month := forecast.crossed[condition]) is not None:
                    measured = None if condition.chance is not None else forecast.limits[condition][month].measured
                    height = condition.limit if measured is None else measured
                    text = "" if measured is None else f": {show_brief(name, measured)}"
                    ring(axes, month, height, _month_name(forecast, month) + text)
        month_ticks(axes, forecast)
        quantities(axes, "y", name)
    return plot


def month_ticks(axes: Any, forecast: Forecast) -> None:
    """Write months below a panel, by their dates where they have one."""
    months, calendar = forecast.series.months, forecast.calendar
    step = 1 + (len(months) - 1) // _TICKS
    ticks(axes, "x", {month: calendar.date(month) or str(month) for month in months[::step]})
    called(axes, "x", "" if calendar.start else "month")


def _finding(forecast: Forecast, name: str) -> str:
    """Return when the first limit is crossed; without a limit, where a figure goes."""
    values, months = forecast.series.of(name), forecast.series.months
    if not forecast.limits:
        start, end = (_month_name(forecast, month) for month in (months[0], months[-1]))
        return f"{show_value(name, values[-1])} in {end}, {show_brief(name, values[0])} in {start}"
    first = min(forecast.crossed.items(), key=lambda crossing: len(months) if crossing[1] is None else crossing[1])
    return crossing_text(forecast, *first)


def _month_name(forecast: Forecast, month: int) -> str:
    return forecast.calendar.date(month) or f"month {month}"
