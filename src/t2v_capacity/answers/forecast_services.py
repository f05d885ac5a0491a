"""The forecast of several services as a report, as data and as a plot: a table per figure, a column per service."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain

from typing_extensions import TypedDict

from t2v_capacity.answers.forecast import (
    CrossingData,
    crossing_text,
    crossings_data,
    month_columns,
    month_ticks,
    sum_lines,
)
from t2v_capacity.assumptions.names import plain
from t2v_capacity.errors import count_of
from t2v_capacity.forms.answer import Answer, Cells, Page
from t2v_capacity.forms.data import Head, ScenarioData, WarningData, data, document
from t2v_capacity.forms.plot import LOOKS, Plot, limit, line, quantities
from t2v_capacity.forms.report import (
    Column,
    Report,
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
from t2v_capacity.forms.values import show_cell
from t2v_capacity.formulas import FIGURES
from t2v_capacity.questions.what_if.forecast import Forecast, Services
from t2v_capacity.scenario.settings import PlanWarning

_SHOWN = ("gpus", "cost_per_month")
_PANELS = 6


class ServiceMonthData(TypedDict):
    """A month of a service, or of all: every figure; of all it is null where it does not add."""

    month: int
    date: str | None
    figures: dict[str, float | None]


class ServiceByMonthData(TypedDict):
    """A service by month."""

    name: str
    scenario: ScenarioData
    months: list[ServiceMonthData]


class ServicesDocument(Head):
    """What t2v-cap forecast --format json writes of several services."""

    services: list[ServiceByMonthData]
    total: list[ServiceMonthData]
    sums: dict[str, float | None]
    """Of the total, of each figure that is per month and adds: over all of the months"""
    crossed: dict[str, int | None]
    """The month in which the total crosses each limit; null where it holds"""
    crossings: dict[str, CrossingData]
    warnings: list[WarningData]
    start: str | None
    lead_time: float | None
    """In seconds"""


def services_report(services: Services, page: Page, names: Sequence[str]) -> Report:
    """Return a table per figure, a row a month; on a narrow page the first services and the sum."""
    whole, months = services.total, services.total.series.months
    columns = {name: _columns(services, name) for name in names}
    notes = [
        *left_out(chain(*columns.values()), page.width),
        *(crossing_text(whole, limit, month) for limit, month in whole.crossed.items()),
    ]
    if blank := [name for name in names if None in whole.series.of(name)]:
        notes.append(f"no sum: {', '.join(blank)} can't be added")
    notes += sum_lines(whole, names)
    notes += warning_lines(_warnings(services), everything=page.everything)
    about = f"{count_of(len(months), 'month')}, {months[0]} to {months[-1]}; flags are set in all"
    return Report(
        _title(services),
        about,
        [table(columns[name], months, name) for name in names],
        notes,
        conventions_of([ahead.plan for ahead in services.forecasts]),
    )


def _columns(services: Services, name: str) -> list[Column]:
    """Return the columns of a figure: the month, its date, the services and their sum."""

    def cell(ahead: Forecast, month: int) -> str:
        return show_cell(name, ahead.series.of(name)[month])

    of_services = (
        optional_numbers(heading, partial(cell, ahead))
        for heading, ahead in zip(services.names, services.forecasts, strict=True)
    )
    columns = (*month_columns(services.total), *of_services, numbers("sum", partial(cell, services.total)))
    return with_minimum_widths(columns, services.total.series.months)


def _warnings(services: Services) -> Iterator[PlanWarning]:
    return shared_warnings(services.names, (ahead.warnings for ahead in services.forecasts))


def _title(services: Services) -> str:
    return f"{len(services.names)} services: {', '.join(services.names)}"


def services_document(services: Services) -> ServicesDocument:
    """Return every figure of every service and of their sum by month."""
    whole = services.total
    return document(
        ServicesDocument,
        whole,
        "forecast",
        youngest(ahead.plan for ahead in services.forecasts),
        services=[
            data(ServiceByMonthData, ahead.plan, name=name, months=[*_months(ahead)])
            for name, ahead in zip(services.names, services.forecasts, strict=True)
        ],
        total=[*_months(whole)],
        warnings=[*_warnings(services)],
        **crossings_data(whole),
    )


def _months(ahead: Forecast) -> Iterator[ServiceMonthData]:
    for month in ahead.series.months:
        figures = {name: plain(name, ahead.series.of(name)[month]) for name in FIGURES}
        yield {"month": month, "date": ahead.calendar.date(month), "figures": figures}


def _rows(services: Services, names: Sequence[str]) -> Cells:
    """Return a heading and rows: for each figure its months, with a column a service and the sum."""
    aheads, date = (*services.forecasts, services.total), services.total.calendar.date
    rows = [
        (name, month, date(month), *(plain(name, ahead.series.of(name)[month]) for ahead in aheads))
        for name in names
        for month in services.total.series.months
    ]
    return ("figure", "month", "date", *services.names, "sum"), rows


ServicesAnswer = Answer[Services, ServicesDocument]


def services_answer(services: Services, shown: Sequence[str]) -> ServicesAnswer:
    """Return the forecast of several services in all its forms."""
    names = shown or _SHOWN
    return Answer(
        services,
        partial(services_report, names=names),
        services_document,
        cells=partial(_rows, names=names),
        plot=partial(services_plot, names=names),
    )


def services_plot(services: Services, document: ServicesDocument, names: Sequence[str]) -> Plot:
    """Return a panel per figure, with a line for each service and for their sum."""
    whole, names = services.total, names[:_PANELS]
    months = whole.series.months
    about = {**document, "file": f"{len(services.names)} services"}
    plot = Plot(_title(services), f"By month, {months[0]} to {months[-1]}", about, len(names))

    for axes, name in zip(plot.panels, names, strict=True):
        lines = [*zip((*services.names, "sum"), (*services.forecasts, whole), strict=True)]
        for place, (label, ahead) in enumerate(lines):
            color, dashes, mark = LOOKS[place % len(LOOKS)]
            line(axes, months, ahead.series.of(name), f"{dashes}{mark}", color, gid=f"line {label}", label=label)
        for condition in whole.limits:
            if condition.figure == name:
                limit(axes, condition.limit, f"limit {condition.text}")
        quantities(axes, "y", name)
        month_ticks(axes, whole)
    return plot
