"""A forecast as a report and as data."""

from collections.abc import Callable, Iterator, Sequence

from typing_extensions import TypedDict

from t2v_capacity.answers.forecast_plot import forecast_plot
from t2v_capacity.assumptions.names import plain, unit_of
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.errors import count_of
from t2v_capacity.forms.answer import Cells, Rows
from t2v_capacity.forms.data import BandData, Head, ScenarioData, WarningData, head, scenario_data, warnings_data
from t2v_capacity.forms.report import Column, Report, conventions, in_turn, left_out, of_ranges, table, warning_lines
from t2v_capacity.forms.values import show_band, show_value
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.uncertain import Band
from t2v_capacity.questions.what_if.calendar import Calendar
from t2v_capacity.questions.what_if.forecast import Forecast
from t2v_capacity.questions.what_if.months import MOVING

# A narrow page has room for the first of these.
SHOWN = "dau gpus cost_per_month requests_per_day storage_held egress_bandwidth".split()


class MonthData(TypedDict):
    """A month: what moves, and every figure."""

    month: int
    assumptions: dict[str, float | None]
    figures: dict[str, float | None]
    date: str | None
    bands: dict[str, BandData]
    """Of what is uncertain"""


WhenData = TypedDict("WhenData", {"month": int | None, "date": str | None, "order_month": int | None, "order_by": str | None})
CrossingData = TypedDict("CrossingData", {"at_points": WhenData})


class ForecastDocument(Head):
    """What t2v-cap forecast --format json writes."""

    scenario: ScenarioData
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


def forecast_report(forecast: Forecast, names: Sequence[str] = SHOWN, width: int | None = None) -> Report:
    """Return a forecast as a report, a row a month."""
    months, bands = forecast.series.months, forecast.series.bands(names)
    columns = in_turn(
        [
            Column("month", number=True),
            *([Column("date", lambda month: forecast.calendar.date(month) or "")] if forecast.calendar.start else []),
            *(Column(name, _cell(name, forecast.series.of(name), bands.get(name)), number=True) for name in names),
        ],
        months,
    )
    plan, last = forecast.plan, months[-1]
    growth = show_value("growth_per_month", plan.values["growth_per_month"])
    change = show_value("gpu_price_change_per_year", plan.values["gpu_price_change_per_year"])
    prices = f", GPU prices changing {change} a year" if plan.values["gpu_price_change_per_year"] else ""
    return Report(
        title=plan.scenario.name,
        subtitle=f"{count_of(last, 'month')} ahead, users growing {growth} a month{prices}; month 0 is the estimate",
        tables=(table(columns, months),),
        paragraphs=(*left_out(columns, width), *_paragraphs(forecast, names)),
        footer=conventions(plan.values["days_per_month"], plan.scenario.as_of),
    )


def _cell(name: str, values: Sequence[float | None], bands: Sequence[Band] | None) -> Callable[[int], str]:
    """Return what shows the value of a month, followed by the ends of its band if it has one."""

    def text(month: int) -> str:
        band = show_band(name, values[month], bands[month][0], bands[month][-1]) if bands else ""
        return show_value(name, values[month], brief=True) + (f" ({band})" if band else "")

    return text


def _paragraphs(forecast: Forecast, shown: Sequence[str]) -> Iterator[str]:
    plan = forecast.plan
    yield from (_crossing(forecast, limit, month) for limit, month in forecast.crossed.items())
    if not plan.values["growth_per_month"]:
        yield "growth_per_month is 0%: users stay constant and only stored data grows; set `--growth-per-month 8%`"
    if drawn := forecast.series.drawn:
        yield from of_ranges(plan, drawn.samples, drawn.seed)
    if pinned := [name for name in shown if name in plan.scenario.pins]:
        yield f"pinned: {', '.join(pinned)}, the same in every month"
    yield from warning_lines(forecast.warnings)
    sums = [
        f"{name} {show(total, unit_of(name).removesuffix('/month'))}" for name, total in forecast.sums.items() if total and name in shown
    ]
    if sums:
        yield f"months 0 to {forecast.series.months[-1]} together: {', '.join(sums)}"


def _crossing(forecast: Forecast, limit: Condition, month: int | None) -> str:
    """Return when a limit is crossed, and by when to order."""
    found, last = forecast.limits[limit], forecast.series.months[-1]

    def shown(at: int) -> str:
        value = found[at].measured
        return show(value or 0, "share", 6) if limit.chance is not None else show_value(limit.figure, value, 6)

    if month is None:
        return f"{limit.text} holds for {count_of(last, 'month')}: {shown(last)} in month {last}"
    if month == 0:
        return f"{limit.text} does not hold in month 0: {shown(0)}{_ordering(forecast, month)}"
    dated = f", {forecast.calendar.date(month)}" if forecast.calendar.start else ""
    then = f"{shown(month)}, after {shown(month - 1)} in month {month - 1}"
    return f"{limit.text} is crossed in month {month}{dated}: {then}{_ordering(forecast, month)}"


def _ordering(forecast: Forecast, month: int) -> str:
    """Return by when to order; nothing if no lead time was given."""
    order = forecast.calendar.order(month)
    if order is None:
        return ""
    if order.day:
        return f"; order by {order.day}{' (overdue)' if order.month < 0 else ''}"
    return f"; order in month {order.month}" if order.month >= 0 else f"; order {-order.month} months ago"


def forecast_document(forecast: Forecast) -> ForecastDocument:
    """Return a forecast as the contract's `forecast` document: every figure in every month, with its band where it has one."""
    series, calendar = forecast.series, forecast.calendar
    bands, drawn = series.bands((*MOVING, *FIGURES)), series.drawn
    return {
        **head("forecast", forecast.plan.scenario.as_of, drawn.seed if drawn else None, drawn.samples if drawn else 0),
        "scenario": scenario_data(forecast.plan.scenario),
        "months": [
            {
                "month": month,
                "assumptions": {name: plain(name, series.figures[name][month]) for name in MOVING},
                "figures": {name: plain(name, series.figures[name][month]) for name in FIGURES},
                "date": calendar.date(month),
                "bands": {name: _band(name, ends[month]) for name, ends in bands.items()},
            }
            for month in series.months
        ],
        "crossed": {limit.text: month for limit, month in forecast.crossed.items()},
        "warnings": warnings_data(forecast.warnings),
        "start": calendar.start,
        "lead_time": calendar.lead_time,
        "sums": forecast.sums,
        "crossings": {limit.text: {"at_points": _when(calendar, month)} for limit, month in forecast.crossed.items()},
    }


def _band(name: str, ends: Band) -> BandData:
    low, middle, high = (plain(name, end) for end in ends)
    return {"p5": low, "p50": middle, "p95": high}


def _when(calendar: Calendar, month: int | None) -> WhenData:
    order_month, order_by = calendar.order(month) or (None, None)
    return {"month": month, "date": calendar.date(month), "order_month": order_month, "order_by": order_by}


def _rows(forecast: Forecast, names: Sequence[str]) -> Cells:
    """Return a forecast as a heading and rows, one row per month; bands and a date follow the shown columns."""
    series = forecast.series
    columns: dict[str, Sequence[object]] = {"month": series.months}
    columns |= {name: [plain(name, value) for value in series.of(name)] for name in names}
    for name, bands in series.bands(names).items():
        columns |= {f"{name}_{key}": [plain(name, ends[place]) for ends in bands] for place, key in enumerate(BandData.__annotations__)}
    columns |= {"date": list(map(forecast.calendar.date, series.months))} if forecast.calendar.start else {}
    return columns, zip(*columns.values(), strict=True)


def forecast_answer(found: Forecast, shown: Sequence[str] = ()) -> Rows[Forecast, ForecastDocument, dict[str, float | None]]:
    """Return a forecast in all its forms."""
    names = shown or SHOWN
    return Rows(
        found,
        lambda page: forecast_report(found, names, page.width),
        lambda: forecast_document(found),
        cells=lambda: _rows(found, names),
        plot=lambda: forecast_plot(forecast_document(found), shown, found.plan.values["growth_per_month"]),
    )
