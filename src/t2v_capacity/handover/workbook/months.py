"""The sheet Months: the bill of each month ahead, as the export forecasts it, following the plan."""

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes
from t2v_capacity.handover.workbook.book import MONTHS, Book
from t2v_capacity.questions.what_if.months import series

_AHEAD = 24
_BILLS = ("gpu_cost_per_month", "storage_cost_per_month", "egress_cost_per_month", "request_cost_per_month", "other_cost_per_month")
_USD = '[>=1000000]#,##0.00,,"M USD";#,##0" USD"'


def write_months(book: Book) -> None:
    """Write each month's bill as today's, times how the export's forecast changes it; or why there is none."""
    plan = book.plan
    subtitle = (
        "Each month is today's bill, times how it changes by the export's forecast; where growth, age or price changes, export again."
    )
    row = book.open_sheet(MONTHS, subtitle, [("Month", 12), *((FIGURES[name].label, 24) for name in _BILLS)])
    try:
        bills = series(plan, range(_AHEAD + 1), _BILLS).figures
    except Mistakes:
        book.text(MONTHS, row, 0, f"none: within {_AHEAD} months the plan grows out of the bounds of an assumption")
        return
    if plan.figures["cost_per_month"] is None:
        book.text(MONTHS, row, 0, "none: the bill has no value")
        return
    for month in range(_AHEAD + 1):
        book.number(MONTHS, row + month, 0, month)
        for column, name in enumerate(_BILLS, 1):
            value, now = bills[name][month], plan.known[name]
            following = "NA()" if value is None else f"{name}*{value / now!r}" if now else f"{name}+{value!r}"
            book.formula(MONTHS, row + month, column, following, value, number=_USD)
