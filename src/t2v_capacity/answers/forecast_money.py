"""What a forecast shows of a plan that sells its clips: revenue, profit and its sum, and the lowest point of cash."""

import math
from collections.abc import Iterator, Sequence
from functools import partial

from typing_extensions import TypedDict

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.errors import count_of
from t2v_capacity.forms.answer import Page
from t2v_capacity.forms.report import Column, numbers
from t2v_capacity.forms.values import show_band, show_value
from t2v_capacity.plan.uncertain import Percentiles
from t2v_capacity.questions.what_if.forecast import Forecast

# The columns of a plan that sells its clips, and what heads them.
MONEY_COLUMNS = "dau gpus cost_per_month revenue_per_month profit_per_month".split()
_HEADINGS = {
    "gpus": "GPUs",
    "cost_per_month": "cost per month",
    "revenue_per_month": "revenue",
    "profit_per_month": "profit",
}


class CashData(TypedDict):
    """The cash of a way to have GPUs, in USD: what came in less what was paid since the start of month 0."""

    lowest: float | None
    """Its lowest point, at the end of a month; null where a month has no value"""
    month: int | None
    """The month of the lowest point"""
    balances: list[float | None]
    """At the end of each month; of rented GPUs it is the sum of profit"""
    bought: list[float]
    """Servers bought in each month; none where GPUs are rented"""


def month_cell(
    name: str, values: Sequence[float | None], bands: Sequence[Percentiles] | None, month: int, *, exact: bool = True
) -> str:
    """Return the value of a month, followed by the ends of its band if it has one."""
    band = show_band(name, values[month], bands[month][0], bands[month][-1]) if bands else ""
    return show_value(name, values[month], brief=True, exact=exact) + (f" ({band})" if band else "")


def sold_columns(forecast: Forecast, page: Page) -> Iterator[Column]:
    """Yield users, GPUs, cost, revenue, profit and its sum, of which the cost alone has its unit."""
    series, bands = forecast.series, forecast.series.bands(MONEY_COLUMNS) if page.everything else {}
    for name in MONEY_COLUMNS:
        yield numbers(_HEADINGS.get(name, name), partial(_sold_cell, name, series.of(name), bands.get(name)))
    yield numbers("sum of profit", partial(_sold_cell, "profit_per_month", forecast.cash["rented"].balances, None))


def profit_columns(forecast: Forecast) -> Iterator[Column]:
    """Yield the profit of each part, and of the plan, without units."""
    for name, profits in forecast.profits.items():
        yield numbers(name.split(".")[1], partial(_sold_cell, name, profits, None))
    yield numbers("all, USD", partial(_sold_cell, "profit_per_month", forecast.series.of("profit_per_month"), None))


def _sold_cell(name: str, values: Sequence[float | None], bands: Sequence[Percentiles] | None, month: int) -> str:
    """Return a cell in three digits, the cost alone with its unit."""
    cell = month_cell(name, values, bands, month, exact=name in ("dau", "gpus"))
    return cell if name == "cost_per_month" else cell.replace(" USD", "")


def money_lines(forecast: Forecast, *, everything: bool) -> Iterator[str]:
    """Yield the sums over the months, the lowest point of cash, and where the ranges are."""
    values, sums = forecast.plan.values, forecast.sums
    amounts = [
        f"{name.partition('_')[0]} {show_value(name, sums[name])}".removesuffix(" USD/month")
        for name in MONEY_COLUMNS[2:]
    ]
    first, *others = amounts
    yield f"{count_of(len(forecast.series.months), 'month')}: {', '.join((f'{first} USD', *others))}"
    yield f"cash, rented: {_lowest_text(forecast, 'rented')}"
    if owned := forecast.cash.get("owned"):
        price = show_value("server_price", values["server_price"]).removesuffix("/server")
        bought = math.fsum(owned.bought)
        paid = show(bought * values["server_price"], "USD").removesuffix(" USD")
        count = show(bought, "server")
        yield f"cash, own servers at {price}: {_lowest_text(forecast, 'owned')}; {count} bought for {paid}"
    else:
        yield "cash, own servers: set `--server-price 300K`"
    if forecast.series.drawn and not everything:
        yield "ranges of GPUs and costs: --all"


def _lowest_text(forecast: Forecast, way: str) -> str:
    """Return when the cash of a way to have GPUs is lowest, and how low."""
    cash = forecast.cash[way]
    if cash.lowest is None or cash.month is None:
        return "a month has no value"
    if cash.lowest >= 0:
        return "never below zero"
    place = forecast.calendar.date(cash.month) or f"month {cash.month}"
    lowest = show(cash.lowest, "USD")
    if cash.month == forecast.series.months[-1]:
        return f"still falling, {lowest} in {place}"
    return f"lowest in {place}, {lowest}"
