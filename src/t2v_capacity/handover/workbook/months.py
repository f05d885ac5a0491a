"""The sheet Months: the bill of each month ahead, as the export forecasts it, following the plan; and its chart on the sheet Answer."""

from typing import Any

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes
from t2v_capacity.handover.workbook.book import Book, cell
from t2v_capacity.questions.what_if.months import series

_SHEET = "Months"
_MONTHS = 24
_BILLS = ("gpu_cost_per_month", "storage_cost_per_month", "egress_cost_per_month", "request_cost_per_month", "other_cost_per_month")
_USD = '[>=1000000]#,##0.00,,"M USD";#,##0" USD"'
_AXIS = '[>=10000000]#,##0,,"M";[>=1000000]0.0,,"M";#,##0'
# Of the chart, in pixels.
WIDTH, HEIGHT = 560, 300


def write_months(book: Book) -> Any:
    """Write the months and return their chart; a plan that cannot run, or grows out of its bounds, has none."""
    plan, page = book.plan, book.sheets[_SHEET]
    row = first = book.open_sheet(
        _SHEET,
        "Each month is today's bill, times how it changes by the export's forecast; where growth, age or price changes, export again.",
        [("Month", 12), *((FIGURES[name].label, 24) for name in _BILLS)],
    )
    try:
        bills = series(plan, range(_MONTHS + 1), _BILLS).figures
    except Mistakes:
        book.text(_SHEET, row, 0, f"none: within {_MONTHS} months the plan grows out of the bounds of an assumption")
        return None
    if plan.figures["cost_per_month"] is None:
        book.text(_SHEET, row, 0, "none: the bill has no value")
        return None
    for month in range(_MONTHS + 1):
        book.number(_SHEET, row, 0, month)
        for column, name in enumerate(_BILLS, 1):
            value = bills[name][month]
            book.formula(_SHEET, row, column, following(name, value, plan.figures[name]), value, number=_USD)
        row += 1
    chart = book.chart("column", "stacked")
    for column, name in enumerate(_BILLS, 1):
        if any(bills[name]):
            head, values = cell(_SHEET, first - 1, column), (_SHEET, first, column, row - 1, column)
            chart.add_series({"name": f"={head}", "categories": [_SHEET, first, 0, row - 1, 0], "values": [*values], "gap": 30})
    chart.set_title({"name": "Cost by month, USD", "name_font": {"size": 12}, "overlay": False})
    chart.set_x_axis({"name": "months from now", "interval_unit": 3})
    chart.set_y_axis({"min": 0, "num_format": _AXIS, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": WIDTH, "height": HEIGHT})
    page.freeze_panes(first, 1)
    return chart


def following(name: str, value: float | None, now: float | None) -> str:
    """Return a value of a figure as a formula: its ratio to the figure today, however that changes.

    >>> following("gpus", 30.0, 20.0), following("gpus", 3.0, 0.0)
    ('gpus*1.5', 'gpus+3.0')
    """
    if value is None or now is None:
        return "NA()"
    return f"{name}*{value / now!r}" if now else f"{name}+{value!r}"
