"""The sheet Lesson: the lesson's table, live, where a scenario is of the lesson."""

from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import digits, unit
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.handover.workbook.book import LESSON, Book
from t2v_capacity.handover.workbook.checking import validate
from t2v_capacity.handover.workbook.units import Unit, plain_format, typed_format

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
    Line("raw_video_size", "The same clip before it is compressed", _in("MB")),
    Line("interaction_storage_per_day", "Interaction data", Unit("TB a day", _in("TB").factor)),
    Line("indexing", "Indexing", Unit("%")),
    Line("index_storage_per_day", "Index", Unit("TB a day", _in("TB").factor)),
    TOTAL := Line("storage_per_day", "Total: interactions and index", Unit("TB a day", _in("TB").factor)),
    Line("storage_per_month", "The same in a month", Unit("PB a month", _in("PB").factor)),
    Line("model_size", "Model", _in("GB")),
    Line("text_encoder_size", "Text encoder", _in("GB")),
    Line("model_and_encoder_size", "Model, with its text encoder", _in("GB")),
    Line("trps", "Total requests per second (TRPS)", Unit("requests a second")),
    Line("rule_of_thumb_seconds", "Inference time, by rule of thumb", Unit("s")),
    Line("rule_of_thumb_servers", "Inference servers, by rule of thumb", Unit("servers")),
    Line("servers", "Inference servers, by the physical model", Unit("servers")),
    Line("ingress_bandwidth", "Bandwidth in: prompts", _in("Mbit/s")),
    Line("egress_bandwidth", "Bandwidth out: clips", _in("Gbit/s")),
)
_FIRST = 6  # the row below the heads
# The assumptions that are typed in on this sheet: each one's cell and unit.
INPUTS = {line.name: (_FIRST + index, line.unit) for index, line in enumerate(TABLE) if line.name in ASSUMPTIONS}


def write_lesson(book: Book) -> None:
    """Write the lesson's table."""
    page, plan = book.sheets[LESSON], book.plan
    row = book.open_sheet(
        LESSON,
        "Change a coloured cell and see the rest change; all other assumptions are on the next sheet.",
        [("The lesson's table", 46), ("Value", 22), ("Unit", 20), ("Name, or formula in names", 52)],
    )
    for line in TABLE:
        last = ("bold",) if line is TOTAL else ()
        book.text(LESSON, row, 0, line.text, *last)
        book.text(LESSON, row, 2, "" if line.unit.text == "%" else line.unit.text, "unit", *last)
        if line.name in ASSUMPTIONS:
            held = plan.values[line.name] / line.unit.factor
            book.number(LESSON, row, 1, held, "input", number=typed_format(held, line.unit))
            validate(page, row, 1, line.name, line.unit)
            book.inputs[line.name] = LESSON, row, 1, line.unit
            book.text(LESSON, row, 3, line.name, "unit", "name")
        else:
            figure, pinned = plan.figures[line.name], line.name in plan.scenario.pins
            formula = line.name if line.unit.factor == 1 else f"{line.name}/{line.unit.factor:.0E}"
            value = None if figure is None else figure / line.unit.factor
            counted = FIGURES[line.name].whole or line.name == "delivered_per_day"
            number = "#,##0" if counted else plain_format(value, digits(value or 0))
            book.formula(LESSON, row, 1, formula, value, *last, *(("pinned",) if pinned else ()), number=number)
            book.text(LESSON, row, 3, f"= {formula}{', pinned' if pinned else ''}", "unit", "name")
        row += 1
    note = (
        "The model and the profiles are constant and left out of the total. Retention, renditions, copies and growth count in storage held."
    )
    book.text(LESSON, row, 0, note, "note")
    book.grey_errors(LESSON, _FIRST, row, 1)
