"""The sheet Lesson: the lesson's little table, live, and the plan's headline below it."""

from typing import NamedTuple

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.reports.answers.estimate_report import HEADLINE
from t2v_capacity.reports.handover.workbook.book import Book, cell
from t2v_capacity.reports.handover.workbook.checking import validate
from t2v_capacity.reports.handover.workbook.figures import as_said, number_format
from t2v_capacity.reports.handover.workbook.units import Unit, typed
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.quantities import unit

_SHEET = "Lesson"
_MILLION = Unit("million users", 1e6)


class Line(NamedTuple):
    """A line of the little table: an assumption to be typed in, or a figure that follows; and the unit it has here."""

    name: str
    text: str
    unit: Unit


def _in(text: str) -> Unit:
    return Unit(text, unit(text)[0])


TABLE = (
    Line("dau", "Daily active users", _MILLION),
    Line("user_profile_size", "Profile data of a user", _in("KB")),
    Line("user_profile_storage", "Profile data", _in("TB")),
    Line("videos_per_user_per_day", "Interactions of a user, clips a day", Unit("a day")),
    Line("delivered_per_day", "Interactions", Unit("a day")),
    Line("video_size", "An interaction, a stored clip", _in("MB")),
    Line("interaction_storage_per_day", "Interaction data", Unit("TB a day", _in("TB").factor)),
    Line("indexing", "Indexing", Unit("%")),
    Line("index_storage_per_day", "Index", Unit("TB a day", _in("TB").factor)),
    Line("model_and_encoder_size", "Model, with its text encoder", _in("GB")),
    Line("storage_per_day", "Total: interactions and index", Unit("TB a day", _in("TB").factor)),
)
_FIRST = 6  # the row below the heads
# The assumptions that are typed in on this sheet: each one's cell and unit.
INPUTS = {line.name: (_FIRST + index, line.unit) for index, line in enumerate(TABLE) if line.name in ASSUMPTIONS}


def input_cell(name: str) -> str:
    """Return the address of the cell in which an assumption of the lesson is typed."""
    return cell(_SHEET, INPUTS[name][0], 1)


def write_lesson(book: Book) -> None:
    """Write the little table, then the plan's headline and its warnings."""
    page, plan = book.sheets[_SHEET], book.plan
    row = book.open_sheet(
        _SHEET,
        "Change a coloured cell and see the rest change; all other assumptions are on the next sheet.",
        [("The lesson's table", 46), ("Value", 22), ("Unit", 18), ("Name, or formula in names", 52)],
    )
    for line in TABLE:
        last = ("bold",) if line is TABLE[-1] else ()
        book.text(_SHEET, row, 0, line.text, *last)
        book.text(_SHEET, row, 2, "" if line.unit.text == "%" else line.unit.text, "unit", *last)
        if line.name in ASSUMPTIONS:
            held = plan.values[line.name] / line.unit.factor
            book.number(_SHEET, row, 1, held, "input", number=typed(held, line.unit))
            validate(page, row, 1, line.name, line.unit)
            book.text(_SHEET, row, 3, line.name, "unit", "name")
        else:
            figure = plan.figures[line.name]
            formula = line.name if line.unit.factor == 1 else f"{line.name}/{line.unit.factor:.0E}"
            number = "#,##0" if line.name == "delivered_per_day" else "#,##0.00##"
            value = None if figure is None else figure / line.unit.factor
            _write(book, row, line.name, (formula, value, number), *last)
        row += 1
    book.text(
        _SHEET,
        row,
        0,
        "The model and the profiles are constant and left out of the total. Retention, renditions, copies and growth count in storage held.",
        "note",
    )
    row = book.section(_SHEET, row + 2, "The plan", 4)
    for name in HEADLINE:
        book.text(_SHEET, row, 0, FIGURES[name].label)
        _write(book, row, name, as_said(book, name) or (name, plan.figures[name], number_format(book, name)))
        row += 1
    book.grey_errors(_SHEET, _FIRST, row, 1)
    if plan.warnings:
        row = book.section(_SHEET, row + 1, "Warnings, as of the export", 4)
        for warning in plan.warnings:
            page.merge_range(row, 0, row, 3, "")
            book.text(_SHEET, row, 0, str(warning), "wrap")
            page.set_row(row, 15 * (1 + len(str(warning)) // 130))
            row += 1


def _write(book: Book, row: int, name: str, cell: tuple[str, float | None, str], *styles: str) -> None:
    """Write a figure's formula, value and format, and say where the figure is pinned."""
    formula, value, number = cell
    pinned = name in book.plan.scenario.pins
    book.formula(_SHEET, row, 1, formula, value, *styles, *(("pinned",) if pinned else ()), number=number)
    book.text(_SHEET, row, 3, f"= {formula}{', pinned' if pinned else ''}", "unit", "name")
