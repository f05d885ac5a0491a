"""The workbook that sheets are written on: its styles, its defined names, and text that stays text."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml
from xlsxwriter.utility import xl_rowcol_to_cell

from t2v_capacity.errors import printable
from t2v_capacity.forms.report import conventions
from t2v_capacity.plan.estimate import Estimate

# In their order; that of the parts of a mix and of the stages of clips is there where there are some.
SHEETS = ANSWER_SHEET, ASSUMPTIONS_SHEET, PARTS_SHEET, FIGURES_SHEET, WORKINGS_SHEET = (
    "Answer",
    "Assumptions",
    "Parts",
    "Figures",
    "Workings",
)
# By name, as XlsxWriter has them.
_STYLES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("styles.yaml").read_text(encoding="utf-8"))


Columns = list[tuple[str, float]]  # headings and widths


class Book:
    """A workbook in memory; the same plan gives the same bytes."""

    def __init__(self, plan: Estimate, names: Sequence[str] = ()) -> None:
        self.plan = plan
        self.inputs: dict[str, str] = {}  # the cells of assumptions that are typed apart from the others
        self._out = BytesIO()
        self.workbook = xlsxwriter.Workbook(self._out, {"in_memory": True})
        self._styles: dict[tuple[tuple[str, ...], str], Any] = {}
        made = datetime.fromisoformat(plan.scenario.as_of).replace(tzinfo=UTC)
        self.workbook.set_properties({"title": printable(plan.scenario.name), "created": made})
        self.workbook.set_calc_mode("auto")
        in_parts = plan.scenario.inner
        names = names or [name for name in SHEETS if name != PARTS_SHEET or in_parts]
        self.sheets = {name: Sheet(self, name, self.workbook.add_worksheet(name)) for name in names}

    def style(self, *names: str, number: str = "") -> Any:
        """Return a cell's format: styles applied in order, and a number format."""
        key = (names, number)
        if key not in self._styles:
            properties: dict[str, Any] = {"valign": "top"}
            for name in names:
                properties |= _STYLES[name]
            self._styles[key] = self.workbook.add_format(properties | ({"num_format": number} if number else {}))
        return self._styles[key]

    def bytes(self) -> bytes:
        """Return the file."""
        self.workbook.close()
        return self._out.getvalue()


class Sheet:
    """A sheet of a workbook, which is written row by row: `row` is where it stands."""

    def __init__(self, book: Book, name: str, page: Any) -> None:
        self.book, self.plan, self.page = book, book.plan, page
        self.row, self._name = 0, name

    def cell(self, column: int) -> str:
        """Return a cell's address from anywhere in the workbook: `Answer!$B$5`."""
        return f"{self._name}!{xl_rowcol_to_cell(self.row, column, row_abs=True, col_abs=True)}"

    def name(self, column: int, name: str) -> None:
        """Give a cell a defined name."""
        self.book.workbook.define_name(name, f"={self.cell(column)}")

    def text(self, column: int, text: str, *styles: str) -> None:
        """Write a text, whatever it begins with, as a text."""
        if text:
            self.page.write_string(self.row, column, printable(text), self.book.style(*styles))

    def texts(self, texts: dict[int, str]) -> None:
        """Write texts by their columns, in the style of each: a name, a unit or a meaning."""
        for column, text in texts.items():
            style = "meaning" if column else "name"
            self.text(column, text, "unit" if self._heads[column] in _UNITS else style)

    def formula(self, column: int, formula: str, amount: float | None, *styles: str, number: str = "") -> None:
        """Write a formula with its present value, for readers that do not recalculate; nothing is shown as #N/A."""
        cached: float | str = "#N/A" if amount is None or math.isnan(amount) else amount
        self.page.write_formula(self.row, column, f"={formula}", self.book.style(*styles, number=number), cached)

    def verdict(self, formula: str, word: str, **marked: str) -> None:
        """Write a verdict; the row has a style where what is given by the style's name is true of the verdict."""
        self.page.write_formula(self.row, 1, f"={formula}", self.book.style("right"), word)
        for style, criteria in marked.items():
            rule = {"type": "formula", "criteria": f"=$B${self.row + 1}{criteria}", "format": self.book.style(style)}
            self.page.conditional_format(self.row, 0, self.row, 3, rule)

    def number(self, column: int, amount: float | None, *styles: str, number: str = "") -> None:
        """Write a number, or the word for none."""
        if amount is None:
            self.text(column, "none", *styles, "faint", "right")
        else:
            self.page.write_number(self.row, column, amount, self.book.style(*styles, number=number))

    def title(self, name: str, about: str, *notes: str) -> None:
        """Write the sheet's title, what it is of, and notes, in the first rows."""
        for row, (text, *styles) in enumerate([(name, "title"), (about,), *((note, "note") for note in notes)]):
            self.row = row
            self.text(0, text, *styles)

    def open(self, subtitle: str, widths: Columns) -> None:
        """Write the sheet's title, what it is, and the heads of its columns; stand below them."""
        scenario = self.plan.scenario
        self._heads = [heading for heading, _width in widths]
        foot = conventions(self.plan.values["days_per_month"], scenario.as_of)
        self.title(scenario.name, scenario.description or scenario.file, subtitle, foot)
        self.row = _HEAD
        for column, (heading, width) in enumerate(widths):
            self.page.set_column(column, column, width)
            styles = ("unit",) if column else ()
            self.text(column, heading, "head", *(("right",) if heading in _NUMBERS else styles))
        self.row += 1
        # What has no value is grey.
        rule = {"type": "errors", "format": self.book.style("faint")}
        self.page.conditional_format(_HEAD + 1, 0, _LAST, len(widths), rule)
        self.page.freeze_panes(_HEAD + 1, 1)
        self.page.set_landscape()
        self.page.fit_to_pages(1, 0)
        self.page.hide_gridlines(2)

    def section(self, text: str, columns: int, *heads: str) -> None:
        """Write a section's heading over so many columns, and heads of those after the first."""
        for column in range(columns):
            self.page.write_blank(self.row, column, None, self.book.style("section"))
        for column, head in enumerate(heads, 1):
            self.text(column, head, "section", "right")
        self.text(0, text, "section")
        self.row += 1

    def print_on(self, pages: int, columns: int) -> None:
        """Print the rows so far, and so many columns, on at most so many pages, each below the heads."""
        self.page.print_area(0, 0, self.row - 1, columns - 1)
        self.page.repeat_rows(_HEAD)
        self.page.fit_to_pages(1, pages)


# The row of the heads, and the last row; heads above numbers, and those whose texts are short.
_HEAD, _LAST = 5, 1_048_575
_UNITS = ("Value", "Unit", "Base unit", "As of")
_NUMBERS = ("Value", "In base units", "As people say it", "5 %", "50 %", "95 %")
