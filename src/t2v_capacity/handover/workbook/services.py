"""Services by month as a workbook: a sheet for each, and a sheet of sums that are live formulas."""

from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_rowcol_to_cell

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.handover.workbook.book import Book, Sheet
from t2v_capacity.handover.workbook.units import Unit, readable_unit, shown_format
from t2v_capacity.questions.what_if.forecast import Forecast, Services

_SUM, _LONGEST = "Sum", 31  # the first sheet, and the letters of a sheet's name
_LEADING = ("gpus", "cost_per_month", "revenue_per_month", "profit_per_month")
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", "-"))
_FIRST, _WIDTH = 2, 24  # the column of the first figure, after the month and its date


def services_workbook(services: Services) -> bytes:
    """Return services by month as the bytes of an .xlsx file.

    The sheets have the same figures in the same cells: first those that add. Each cell of the sum adds up theirs.
    """
    total, forecasts = services.total, services.forecasts
    names = sheet_names(services.names)
    shown = [*_LEADING, *(name for name, figure in FIGURES.items() if not figure.detail and name not in _LEADING)]
    adding = [name for name in shown if FIGURES[name].adds]
    figures = [*adding, *(name for name in shown if name not in adding)]
    units = {name: _unit(name, (*forecasts, total)) for name in figures}

    book = Book(total.plan, (_SUM, *names))
    sheet = book.sheets[_SUM]
    first = _write_months(sheet, total, adding, units, names)
    sheet.text(0, 0, f"{len(names)} services", "title")
    sheet.text(1, 0, ", ".join(names))
    _write_all_months(sheet, first, adding, total, units)
    for name, ahead in zip(names, forecasts, strict=True):
        _write_months(book.sheets[name], ahead, figures, units)
    return book.bytes()


def _write_months(
    sheet: Sheet, ahead: Forecast, figures: Sequence[str], units: Mapping[str, Unit], services: Sequence[str] = ()
) -> int:
    """Write figures by month, or the sums of the same cells of services, and return the row of the first month."""
    sheet.plan = ahead.plan
    first = sheet.open(
        "The sum of the sheets of the services: a live formula in each cell."
        if services
        else "As of the export: a number that is changed here changes the sum.",
        [("Month", 14), ("Date", 10), *((name, _WIDTH) for name in figures)],
    )
    for month in ahead.series.months:
        row = first + month
        sheet.number(row, 0, month, number="0")
        sheet.text(row, 1, ahead.calendar.date(month) or "")
        for column, name in enumerate(figures, _FIRST):
            formula = "+".join(f"'{service}'!{xl_rowcol_to_cell(row, column)}" for service in services)
            _write_amount(sheet, row, column, formula, ahead.series.of(name)[month], units[name])
    return first


def sheet_names(names: Sequence[str]) -> list[str]:
    """Return names as sheets may have them: cut to 31 letters, and numbered where they would be equal.

    >>> sheet_names(["a/b", "A-b", "x" * 40, "sum"])
    ['a-b', 'A-b 2', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 'sum 2']
    """
    taken = [_SUM.lower()]
    unique = list[str]()
    for name in names:
        cut, count = name.translate(_FORBIDDEN)[:_LONGEST], 1
        while cut.lower() in taken:
            count += 1
            cut = f"{name.translate(_FORBIDDEN)[: _LONGEST - len(f' {count}')]} {count}"
        taken.append(cut.lower())
        unique.append(cut)
    return unique


def _unit(name: str, forecasts: Sequence[Forecast]) -> Unit:
    """Return the unit of a figure on all sheets, that of its largest value."""
    amounts = [abs(amount) for ahead in forecasts for amount in ahead.series.of(name) if amount is not None]
    return readable_unit(max(amounts, default=0.0), FIGURES[name].unit)


def _write_amount(sheet: Sheet, row: int, column: int, formula: str, amount: float | None, unit: Unit) -> None:
    """Write an amount, as a formula where there is one, or the word for none."""
    if formula and amount is not None:
        sheet.formula(row, column, formula, amount / unit.factor, number=shown_format(unit.text))
    else:
        shown = None if amount is None else amount / unit.factor
        sheet.number(row, column, shown, number=shown_format(unit.text))


def _write_all_months(
    sheet: Sheet, first: int, names: Sequence[str], total: Forecast, units: Mapping[str, Unit]
) -> None:
    """Write the sum over the months of each figure that is an amount of a month."""
    last = first + len(total.series.months)
    sheet.text(last, 0, "all months", "bold")
    for column, name in enumerate(names, _FIRST):
        if name in total.sums:
            cells = f"{xl_rowcol_to_cell(first, column)}:{xl_rowcol_to_cell(last - 1, column)}"
            _write_amount(sheet, last, column, f"SUM({cells})", total.sums[name], units[name])
