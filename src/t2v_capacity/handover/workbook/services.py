"""Services by month as a workbook: a sheet for each, and a sheet of sums that are live formulas."""

from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_rowcol_to_cell

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.forms.formula_text import in_sheet
from t2v_capacity.handover.workbook.book import Book, Sheet
from t2v_capacity.handover.workbook.units import Unit, readable_unit, shown_format
from t2v_capacity.questions.what_if.forecast import Forecast, Services

_SUM, _LONGEST = "Sum", 31  # the first sheet, and the letters of a sheet's name
_LEADING = ("gpus", "cost_per_month", "revenue_per_month", "profit_per_month")
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", "-"))
_FIRST, _WIDTH = 2, 24  # the column of the first figure, after the month and its date
_PROFIT = _FIRST + _LEADING.index("profit_per_month")
_SALES = FIGURES["profit_per_month"].parameters  # what follows from these alone is live


def services_workbook(services: Services) -> bytes:
    """Return services by month as the bytes of an .xlsx file.

    The sheets have the same figures in the same cells: first those that add. Each cell of the sum adds up theirs.
    """
    total, forecasts = services.total, services.forecasts
    names = sheet_names(services.names)
    shown = (*_LEADING, *(name for name, figure in FIGURES.items() if not figure.detail))
    figures = sorted(dict.fromkeys(shown), key=lambda name: not FIGURES[name].adds)
    adding = [name for name in figures if FIGURES[name].adds]
    units = {name: _unit(name, (*forecasts, total)) for name in figures}

    book = Book(total.plan, (_SUM, *names))
    sheet = book.sheets[_SUM]
    _write_months(sheet, total, adding, units, names)
    sheet.title(f"{len(names)} services", ", ".join(names))
    for name, ahead in zip(names, forecasts, strict=True):
        _write_months(book.sheets[name], ahead, figures, units)
    return book.bytes()


def _write_months(
    sheet: Sheet, ahead: Forecast, figures: Sequence[str], units: Mapping[str, Unit], services: Sequence[str] = ()
) -> None:
    """Write figures by month, or the sums of the same cells of services."""
    sheet.plan = ahead.plan
    sheet.open(
        "Sums of the services, live. Months have the days of each service, whose sheet ends with its warnings."
        if services
        else "As of the export. A number typed here changes its own sum; cost and revenue move profit and margin too.",
        [("Month", 14), ("Date", 10), *((name, _WIDTH) for name in figures)],
    )
    for month in ahead.series.months:
        sheet.number(0, month, number="0")
        sheet.text(1, ahead.calendar.date(month) or "")
        for column, name in enumerate(figures, _FIRST):
            amount, unit = ahead.series.of(name)[month], units[name]
            shown, number = amount and amount / unit.factor, shown_format(unit.text)
            if services and amount is not None:
                summands = "+".join(_summand(service, sheet.row, column) for service in services)
                sheet.formula(column, summands, shown, number=number)
            elif amount is not None and FIGURES[name].parameters == _SALES and name not in ahead.plan.scenario.pins:
                cells = {sale: xl_rowcol_to_cell(sheet.row, _FIRST + _LEADING.index(sale)) for sale in _SALES}
                sheet.formula(column, in_sheet(FIGURES[name], places=cells), shown, number=number)
            else:
                sheet.number(column, shown, number=number)
        sheet.row += 1
    for warning in ahead.warnings:
        sheet.row += 1
        sheet.text(0, str(warning))


def _summand(service: str, row: int, column: int) -> str:
    """Return a cell of a service; for its profit, where it is free, its revenue less its cost, which are before it."""
    cost, revenue, cell = (f"'{service}'!{xl_rowcol_to_cell(row, place)}" for place in range(column - 2, column + 1))
    return f"IF(ISNUMBER({cell}),{cell},{revenue}-{cost})" if column == _PROFIT else cell


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
