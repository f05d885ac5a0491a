"""A forecast as a report and as data."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count

from typing_extensions import TypedDict

from t2v_capacity.answers.forecast_money import (
    MONEY_COLUMNS,
    CashData,
    money_lines,
    month_cell,
    profit_columns,
    sold_columns,
)
from t2v_capacity.assumptions.names import plain, unit_of
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.errors import count_of
from t2v_capacity.forms.answer import Cells, Page, Rows
from t2v_capacity.forms.data import BandData, PlanHead, WarningData, document
from t2v_capacity.forms.plot import Data, Plot, band, called, limit, line, quantities, ring, ticks
from t2v_capacity.forms.report import (
    Column,
    Report,
    in_turn,
    left_out,
    numbers,
    of_ranges,
    of_scenario,
    table,
)
from t2v_capacity.forms.values import show_brief, show_ends, show_value
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.questions.what_if.calendar import Calendar
from t2v_capacity.questions.what_if.forecast import Forecast
from t2v_capacity.questions.what_if.months import MOVING

# A narrow page has room for the first of these.
_SHOWN = "dau gpus cost_per_month requests_per_day storage_held egress_bandwidth".split()


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


WhenData = TypedDict(
    "WhenData", {"month": int | None, "date": str | None, "order_month": int | None, "order_by": str | None}
)
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
    dated = [Column("date", lambda month: forecast.calendar.date(month) or "")] if forecast.calendar.start else []
    first = [numbers("month"), *dated]

    sold = forecast.sells and not names
    names = names or _column_names(forecast)
    shown = sold_columns(forecast, page) if sold else _columns(forecast, names)
    columns = in_turn([*first, *shown], months)
    tables = [table(columns, months)]
    if sold and plan.scenario.parts:
        tables.append(table(in_turn([*first, *profit_columns(forecast)], months), months, "profit by part"))

    growth = show_value("growth_per_month", plan.values["growth_per_month"])
    change = show_value("gpu_price_change_per_year", plan.values["gpu_price_change_per_year"])
    prices = f", GPU prices changing {change} a year" if plan.values["gpu_price_change_per_year"] else ""
    span = f"{count_of(len(months), 'month')}, {months[0]} to {months[-1]}"
    about = f"{span}, users growing {growth} a month{prices}; month 0 is the estimate"

    notes = [*left_out(columns, page.width), *_paragraphs(forecast, names, banded=page.everything or not sold)]
    lines = [*(money_lines(forecast, everything=page.everything) if sold else sum_lines(forecast, names))]
    if lines:
        notes += lines if page.form == "markdown" else ["\n".join(lines)]
    return of_scenario(plan.scenario, tables, notes, forecast.warnings, everything=page.everything, about=about)


def _column_names(forecast: Forecast) -> Sequence[str]:
    """Return the columns of a plan for which none are named."""
    return MONEY_COLUMNS if forecast.sells else _SHOWN


def _columns(forecast: Forecast, names: Sequence[str]) -> Iterator[Column]:
    """Yield a column for each figure or assumption, with its bands."""
    bands = forecast.series.bands(names)
    for name in names:
        yield numbers(name, partial(month_cell, name, forecast.series.of(name), bands.get(name)))


def _paragraphs(forecast: Forecast, shown: Sequence[str], *, banded: bool) -> Iterator[str]:
    plan = forecast.plan
    yield from (crossing_text(forecast, limit, month) for limit, month in forecast.crossed.items())
    if not plan.values["growth_per_month"]:
        yield "growth_per_month is 0%: users stay constant and only stored data grows; set `--growth-per-month 8%`"
    if banded and (drawn := forecast.series.drawn):
        yield from of_ranges(plan, drawn.samples, drawn.seed)
    if pinned := [name for name in shown if name in plan.scenario.pins]:
        yield f"pinned: {', '.join(pinned)}, the same in every month"


def sum_lines(forecast: Forecast, shown: Sequence[str]) -> Iterator[str]:
    """Yield the sums of what is shown over the months."""
    sums = [
        f"{name} {show(total, unit_of(name).removesuffix('/month'))}"
        for name, total in forecast.sums.items()
        if total and name in shown
    ]
    if sums:
        yield f"months 0 to {forecast.series.months[-1]} together: {', '.join(sums)}"


def crossing_text(forecast: Forecast, limit: Condition, month: int | None) -> str:
    """Return when a limit is crossed, and by when to order."""
    last = forecast.series.months[-1]

    def measured_text(month: int) -> str:
        measured = forecast.limits[limit][month].measured
        return show(measured or 0, "share", 6) if limit.chance is not None else show_value(limit.figure, measured, 6)

    if month is None:
        return f"{limit.text} holds for {count_of(last + 1, 'month')}: {measured_text(last)} in month {last}"
    if month == 0:
        return f"{limit.text} does not hold in month 0: {measured_text(0)}{_ordering(forecast, month)}"
    date = f", {forecast.calendar.date(month)}" if forecast.calendar.start else ""
    values = f"{measured_text(month)}, after {measured_text(month - 1)} in month {month - 1}"
    return f"{limit.text} is crossed in month {month}{date}: {values}{_ordering(forecast, month)}"


def _ordering(forecast: Forecast, month: int) -> str:
    """Return by when to order; nothing if no lead time was given."""
    order = forecast.calendar.order(month)
    if order is None:
        return ""
    if order.day:
        return f"; order by {order.day}{' (overdue)' if order.month < 0 else ''}"
    return f"; order in month {order.month}" if order.month >= 0 else f"; order {-order.month} months ago"


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
        crossed={limit.text: month for limit, month in forecast.crossed.items()},
        start=calendar.start,
        lead_time=calendar.lead_time,
        crossings={limit.text: {"at_points": when_data(calendar, month)} for limit, month in forecast.crossed.items()},
    )


def when_data(calendar: Calendar, month: int | None) -> WhenData:
    """Return the month in which a limit is crossed as data, and by when to order."""
    order_month, order_by = calendar.order(month) or (None, None)
    return {"month": month, "date": calendar.date(month), "order_month": order_month, "order_by": order_by}


def _rows(forecast: Forecast, names: Sequence[str]) -> Cells:
    """Return a forecast as a heading and rows, one row per month; bands and a date follow the shown columns.

    Without names they are those of a plan that sells, and its cash, or of one that does not.
    """
    series, sold = forecast.series, () if names else forecast.cash
    names = names or (*_column_names(forecast), *forecast.profits)
    columns: dict[str, Sequence[object]] = {"month": series.months}
    columns |= {name: [plain(name, value) for value in series.of(name)] for name in names}
    for name, bands in series.bands(names).items():
        columns |= {f"{name}_{key}": [plain(name, ends[place]) for ends in bands] for place, key in enumerate(_BAND)}
    columns |= {f"cash_{way}": forecast.cash[way].balances for way in sold}
    columns |= {"date": list(map(forecast.calendar.date, series.months))} if forecast.calendar.start else {}
    return columns, zip(*columns.values(), strict=True)


@Rows.remade
def forecast_answer(
    forecast: Forecast, shown: Sequence[str]
) -> Rows[Forecast, ForecastDocument, dict[str, float | None]]:
    """Return a forecast in all its forms."""
    return Rows(
        forecast,
        lambda page: forecast_report(forecast, page, shown),
        lambda: forecast_document(forecast),
        cells=lambda: _rows(forecast, shown),
        plot=lambda: forecast_plot(forecast, shown),
    )


_TICKS, _PANELS = 6, 6


def forecast_plot(forecast: Forecast, shown: Sequence[str]) -> Plot:
    """Return the plot of the figures that limits are on, else of those shown, else of GPUs."""
    document: Data = forecast_document(forecast)
    months = document["months"]
    names = list(dict.fromkeys([limit.figure for limit in forecast.limits] or shown or ["gpus"]))[:_PANELS]
    growth = show_value("growth_per_month", forecast.plan.values["growth_per_month"])
    subtitle = f"Users grow {growth} per month"
    if months[0]["bands"]:
        draws = f"5% to 95% of {document['samples']:,} draws" if document["samples"] else "the model's error"
        subtitle += f"; band: {draws}"
    subtitle += f" ({_month_name(months[0])} to {_month_name(months[-1])})"
    plot = Plot(_finding(forecast, months, names[0]), subtitle, document, len(names))

    places = [month["month"] for month in months]
    step = next(
        step for step in count(1) if (len(places) - 1) / step <= _TICKS and (step in (1, 2, 3, 6) or step % 12 == 0)
    )

    for axes, name in zip(plot.panels, names, strict=True):
        values, ends = forecast.series.of(name), [month["bands"].get(name) for month in months]
        line(axes, places, values, label=f"{_month_name(months[-1])}: {show_brief(name, values[-1])}")
        if ends[0]:
            low, high = ([month_ends[end] for month_ends in ends] for end in ("p5", "p95"))
            band(axes, places, low, high, f"band: {show_ends(name, low[-1], high[-1])}")
        for condition in forecast.limits:
            if condition.figure == name:
                percentile = condition.subject.partition("(")[0] if condition.percentile else ""
                limit(axes, condition.limit, f"{percentile} limit {show_brief(name, condition.limit)}".strip())
                if (month := forecast.crossed[condition]) is not None:
                    measured = None if condition.chance is not None else forecast.limits[condition][month].measured
                    height = condition.limit if measured is None else measured
                    ring(axes, month, height, f"{_month_name(months[month])}: {show_brief(name, height)}")
        quantities(axes, "y", name)
        ticks(axes, "x", {month["month"]: month["date"] or str(month["month"]) for month in months[::step]})
        called(axes, "x", "" if months[0]["date"] else "month")
    return plot


def _finding(forecast: Forecast, months: Sequence[Data], name: str) -> str:
    if not forecast.limits:
        first, *_between, last = forecast.series.of(name)
        return (
            f"{show_value(name, last)} in {_month_name(months[-1])}, "
            f"{show_brief(name, first)} in {_month_name(months[0])}"
        )
    limit, month = min(
        forecast.crossed.items(), key=lambda crossing: len(months) if crossing[1] is None else crossing[1]
    )
    if month is None:
        return f"{limit.text} holds until {_month_name(months[-1])}"
    if month == 0:
        return f"{limit.text} does not hold in {_month_name(months[0])}"
    return f"{limit.text} is crossed in {_month_name(months[month])}"


def _month_name(month: Data) -> str:
    return month["date"] or f"month {month['month']}"
