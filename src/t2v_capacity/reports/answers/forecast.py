"""A forecast as a report, with a small curve above each column, and as data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from t2v_capacity.questions.plan.conditions import Condition
from t2v_capacity.questions.what_if.forecast import MOVING, Forecast
from t2v_capacity.reports.forms.answer import Rows
from t2v_capacity.reports.forms.bars import curve
from t2v_capacity.reports.forms.data import document, scenario_data, warning_data
from t2v_capacity.reports.forms.report import Column, Report, Table, conventions
from t2v_capacity.reports.forms.values import show_value
from t2v_capacity.vocabulary.names import plain

# Requests are in proportion to users: the column that a narrow page can do without.
SHOWN = "dau requests_per_day gpus storage_held egress_bandwidth cost_per_month".split()
_SPARED = "requests_per_day"
_GAP = 2  # blanks between columns


def forecast_report(forecast: Forecast, shown: Sequence[str] = (), width: int | None = None) -> Report:
    """Return a forecast as a report: a row a month, as many tables as a page of this width needs for its columns."""
    series = {name: forecast.series(name) for name in shown or SHOWN}
    columns = {name: (curve(values), *(show_value(name, value, brief=True) for value in values)) for name, values in series.items()}
    if not shown and width is not None and _width(columns, columns) > width:
        del columns[_SPARED]
    plan, months = forecast.plan, forecast.months
    growth = show_value("growth_per_month", plan.values["growth_per_month"])
    return Report(
        title=plan.scenario.name,
        subtitle=f"{months} month{'s' if months > 1 else ''} ahead, users growing {growth} a month; month 0 is the estimate",
        tables=tuple(_table(columns, names) for names in _pages(columns, width)),
        paragraphs=tuple(_paragraphs(forecast, list(columns))),
        footer=conventions(plan.values["days_per_month"], plan.scenario.as_of),
    )


def _width(columns: Mapping[str, tuple[str, ...]], names: Iterable[str]) -> int:
    return len("month") + sum(_GAP + max(map(len, (name, *columns[name]))) for name in names)


def _pages(columns: Mapping[str, tuple[str, ...]], width: int | None) -> list[list[str]]:
    """Return the names of each table's columns: a page's width of them, at least one."""
    pages: list[list[str]] = [[]]
    for name in columns:
        if width is not None and pages[-1] and _width(columns, [*pages[-1], name]) > width:
            pages.append([])
        pages[-1].append(name)
    return pages


def _table(columns: Mapping[str, tuple[str, ...]], names: list[str]) -> Table:
    months = ("trend", *(str(month) for month in range(len(columns[names[0]]) - 1)))
    rows = tuple(zip(months, *(columns[name] for name in names), strict=True))
    return Table((Column("month", number=True), *(Column(name, number=True) for name in names)), (("", rows),))


def _paragraphs(forecast: Forecast, shown: list[str]) -> Iterator[str]:
    plan = forecast.plan
    yield from (_crossing(forecast, limit, month) for limit, month in forecast.crossed.items())
    if not plan.values["growth_per_month"]:
        yield "growth_per_month is 0%: users stay as they are, and what accumulates grows alone; `--growth-per-month 8%` sets it"
    if ranges := plan.scenario.ranges():
        yield f"ranges: {', '.join(ranges)}; every month is the plan at the medians"
    if pinned := [name for name in shown if name in plan.scenario.pins]:
        yield f"pinned: {', '.join(pinned)}, the same in every month"
    yield from (str(warning) for warning in forecast.warnings)


def _crossing(forecast: Forecast, limit: Condition, month: int | None) -> str:
    name = limit.figure
    values = forecast.figures[name]

    def shown(at: int) -> str:
        return show_value(name, values[at], 6)

    if month is None:
        months = forecast.months
        return f"{limit.text} holds for {months} month{'s' if months > 1 else ''}: {shown(months)} in month {months}"
    if month == 0:
        return f"{limit.text} does not hold in month 0: {shown(0)}"
    return f"{limit.text} is crossed in month {month}: {shown(month)}, after {shown(month - 1)} in month {month - 1}"


def forecast_document(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast as the contract's `forecast` document: every figure in every month."""
    return document(
        "forecast",
        forecast.plan.scenario.as_of,
        scenario=scenario_data(forecast.plan.scenario),
        months=[
            {
                "month": month,
                "assumptions": {name: _value(forecast, name, month) for name in MOVING},
                "figures": {name: _value(forecast, name, month) for name in forecast.figures},
            }
            for month in range(forecast.months + 1)
        ],
        crossed={limit.text: month for limit, month in forecast.crossed.items()},
        warnings=[warning_data(warning) for warning in forecast.warnings],
    )


def forecast_rows(forecast: Forecast, shown: Sequence[str] = ()) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return a forecast as a heading and rows, a row a month."""
    names = tuple(shown or SHOWN)
    rows: list[tuple[object, ...]] = [(month, *(_value(forecast, name, month) for name in names)) for month in range(forecast.months + 1)]
    return ("month", *names), rows


def _value(forecast: Forecast, name: str, month: int) -> float | None:
    return plain(name, forecast.series(name)[month])


def forecast_answer(found: Forecast, shown: Sequence[str] = ()) -> Rows[Forecast]:
    """Return a forecast in all its forms."""
    return Rows(
        found,
        lambda page: forecast_report(found, shown, page.width),
        lambda: forecast_document(found),
        cells=lambda: forecast_rows(found, shown),
    )
