"""The sheet Parts of a mix: a column for each part, with what it has of its own, the figures of its clips, and what it has of the plan.

The figures of the plan are joined from these cells by each figure's own word; of a part whose share is 0 nothing counts.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.parts import OF_THE_PROMISE, SHARE, assumption
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.forms.formula_text import in_names, in_sheet
from t2v_capacity.handover.workbook.book import PARTS, Book, cell
from t2v_capacity.handover.workbook.checking import validate
from t2v_capacity.handover.workbook.figures import number_format
from t2v_capacity.handover.workbook.inputs import following_bitrate, input_format, input_unit, write_input
from t2v_capacity.handover.workbook.workings import Workings
from t2v_capacity.plan.mix import clip_figures
from t2v_capacity.scenario.mix import share_name
from t2v_capacity.scenario.settings import Part

_ALL, _FIRST, _WIDTH = 1, 2, 22
# More than any figure, so that the least and the most are of parts that count.
_HUGE = "9E+307"
# What a part has of the plan, as `part_of_the_plan` computes it; what is in braces is the part's own.
_WORK, _STORED = "{spot_seconds_per_video}/spot_seconds_per_video", "{video_size}/video_size"
_OF_THE_PLAN = {
    "busy_gpus": f"busy_gpus*{{share}}*{_WORK}",
    "gpus": f"gpus*{{share}}*{_WORK}",
    "cost_per_video": f"(gpu_cost_per_month*{_WORK}+(storage_cost_per_month+egress_cost_per_month)*{_STORED}"
    "+request_cost_per_month+other_cost_per_month)/(delivered_per_day*days_per_month)",
}


class PartColumn(NamedTuple):
    """A part: its column, its values and figures, and the cell of each by name."""

    part: Part
    at: int
    known: dict[str, float]
    cells: dict[str, str]

    def place(self, name: str) -> str:
        """Return the cell of a name from anywhere in the workbook."""
        return f"{PARTS}!{self.cells[name]}"


class Parts(NamedTuple):
    """The columns of a mix, and the cell of each figure that is joined over them; both are empty where the plan is no mix."""

    columns: tuple[PartColumn, ...]
    joined: dict[str, str]

    def any_of(self, formula: str) -> str:
        """Return the formula that is true where this one is of any part that has a share, its names being those of the part."""
        each = (re.sub(r"[a-z]\w*", lambda found, one=one: _named(one, found[0]), formula) for one in self.columns)  # type: ignore[misc]
        return f"OR({','.join(f'IF({one.place(SHARE)}>0,{of},1=0)' for one, of in zip(self.columns, each, strict=True))})"


def _named(one: PartColumn, name: str) -> str:
    return one.place(name) if name in one.cells else name


def write_parts(book: Book, workings: Workings) -> Parts:
    """Write the sheet of a mix, whose shares are typed beside the answer."""
    plan = book.plan
    if not plan.scenario.parts:
        return Parts((), {})
    columns = tuple(
        PartColumn(part, _FIRST + index, {**part.over(plan.known), SHARE: found.share, **found.figures}, {})
        for index, (part, found) in enumerate(zip(plan.scenario.parts, plan.parts, strict=True))
    )
    last = _FIRST + len(columns)
    row = book.open_sheet(
        PARTS,
        "A coloured cell is a part's own; all else that a part reads is the plan's. All is the mean by share, the most or the least of the parts.",
        [("Name", 32), ("All", _WIDTH), *((one.part.name, _WIDTH) for one in columns), ("Unit", 18), ("Meaning", 40), ("Formula", 64)],
    )
    for column in range(_ALL, last):
        book.text(PARTS, row - 1, column, "All" if column == _ALL else columns[column - _FIRST].part.name, "head", "right")
    own = [SHARE, *(name for name in ASSUMPTIONS if any(name in one.part.own for one in columns))]
    typed = book.section(PARTS, row, "inputs of the parts", last + 3)
    base = book.section(PARTS, typed + len(own), "the same in base units", last + 3)
    for at, name in enumerate(own):
        for one in columns:
            one.cells[name] = xl_rowcol_to_cell(base + at, one.at, row_abs=True, col_abs=True)
    for at, name in enumerate(own):
        _write_input(book, columns, name, typed + at, base + at)
    row = book.section(PARTS, base + len(own), "figures of a clip", last + 3)
    first, joined = row, dict[str, str]()
    for name in clip_figures():
        joined[name] = cell(PARTS, row, _ALL)
        _write_figure(book, workings, columns, row, name, _joined(columns, name, row))
        row += 1
    row = book.section(PARTS, row, "the part's promise, and what it has of the plan", last + 3)
    for name in (*OF_THE_PROMISE, *_OF_THE_PLAN):
        _write_figure(book, workings, columns, row, name, name)
        row += 1
    for column in range(_ALL, last):
        book.grey_errors(PARTS, first, row, column)
    return Parts(columns, joined)


def _write_input(book: Book, columns: Iterable[PartColumn], name: str, typed: int, base: int) -> None:
    """Write what is typed of a name for each part, in the unit that a person uses, and the same in base units."""
    own = [one for one in columns if name == SHARE or name in one.part.own]
    shown, known, last = input_unit(name, own[0].known[name]), assumption(name), _FIRST + len([*columns])
    book.text(PARTS, typed, 0, name, "name")
    book.text(PARTS, base, 0, name, "name")
    for one in columns:
        value, above, number = one.known[name], xl_rowcol_to_cell(typed, one.at), input_format(name, one.known[name], shown)
        steps = one.part.scenario.bitrates() if name == "bitrate" and one in own else []
        if name == SHARE:
            book.formula(PARTS, typed, one.at, cell(*book.inputs[share_name(one.part.name)][:-1]), value, "faint", number=number)
        elif one not in own:  # which somebody may write over
            book.formula(PARTS, typed, one.at, f"{name}/{shown.factor!r}", value / shown.factor, "faint", number=number)
            validate(book.sheets[PARTS], typed, one.at, name, shown)
        elif steps:
            frame = (one.cells.get("width", "width"), one.cells.get("height", "height"))
            following = following_bitrate(steps, shown, one.known, frame)
            book.formula(PARTS, typed, one.at, following, value / shown.factor, "input", number=number)
        else:
            write_input(book, PARTS, typed, one.at, name, value, shown)
        book.formula(PARTS, base, one.at, f"{above}*{shown.factor!r}", value, number="General")
    for row, unit in ((typed, shown.text), (base, known.unit)):
        book.text(PARTS, row, last, unit, "unit")
        book.text(PARTS, row, last + 1, known.label, "unit", "wrap")


def _write_figure(book: Book, workings: Workings, columns: tuple[PartColumn, ...], row: int, name: str, of_all: str) -> None:
    """Write a figure of all parts, and of each."""
    figure, last, number = FIGURES[name], _FIRST + len(columns), number_format(book, name)
    book.text(PARTS, row, 0, name, "name")
    book.formula(PARTS, row, _ALL, of_all, book.plan.figures[name], "bold", number=number)
    for one in columns:
        if name in one.part.pins and name not in _OF_THE_PLAN:
            book.number(PARTS, row, one.at, one.known[name], "pinned", number=number)
        else:
            call = workings.call(figure, {**book.plan.known, **one.known}, PARTS)
            formula = _OF_THE_PLAN[name].format_map(one.cells) if name in _OF_THE_PLAN else in_sheet(figure, call, one.cells)
            book.formula(PARTS, row, one.at, formula, one.known[name], number=number)
    for one in columns:
        one.cells[name] = xl_rowcol_to_cell(row, one.at, row_abs=True, col_abs=True)
    book.text(PARTS, row, last, figure.unit, "unit")
    book.text(PARTS, row, last + 1, figure.label, "unit", "wrap")
    said = f"{figure.mix} of {in_names(figure)}" if figure.mix else in_names(figure)
    book.text(PARTS, row, last + 2, f"= {said}", "unit", "wrap", "faint")


def _joined(columns: Iterable[PartColumn], name: str, row: int) -> str:
    """Return the join of a row over the parts that have a share: a mean lies between the least and the most."""
    word, pairs = FIGURES[name].mix, [(one.cells[SHARE], xl_rowcol_to_cell(row, one.at)) for one in columns]
    least, most = (
        f"{verb}({','.join(f'IF({share}>0,{own},{none})' for share, own in pairs)})"
        for verb, none in (("MIN", _HUGE), ("MAX", f"-{_HUGE}"))
    )
    total = "+".join(f"IF({share}>0,{share}*{own},0)" for share, own in pairs)
    return {"mean": f"MIN(MAX({total},{least}),{most})", "max": most, "min": least}[word]
