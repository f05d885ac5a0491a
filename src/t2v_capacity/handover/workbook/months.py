"""The sheet Months: the bill of each month ahead, as the export forecasts it, following the plan."""

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes
from t2v_capacity.handover.workbook.book import Sheet
from t2v_capacity.questions.what_if.months import series

_AHEAD = 24
_BILLS = FIGURES["cost_per_month"].parameters
_USD = '[>=1000000]#,##0.00,,"M USD";#,##0" USD"'


def write_months(sheet: Sheet) -> None:
    """Write each month's bill as today's, times how the export's forecast changes it; or why there is none."""
    plan = sheet.plan
    subtitle = (
        "Each month is today's bill, times how it changes by the export's forecast; where growth, age or price changes, export again."
    )
    row = sheet.open(subtitle, [("Month", 12), *((FIGURES[name].label, 24) for name in _BILLS)])
    try:
        bills = series(plan, range(_AHEAD + 1), _BILLS).figures
    except Mistakes:
        sheet.text(row, 0, f"none: within {_AHEAD} months the plan grows out of the bounds of an assumption")
        return
    if plan.figures["cost_per_month"] is None:
        sheet.text(row, 0, "none: the bill has no value")
        return
    for month in range(_AHEAD + 1):
        sheet.number(row + month, 0, month)
        for column, name in enumerate(_BILLS, 1):
            value, now = bills[name][month], plan.known[name]
            following = "NA()" if value is None else f"{name}*{value / now!r}" if now else f"{name}+{value!r}"
            sheet.formula(row + month, column, following, value, number=_USD)
