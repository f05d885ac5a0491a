"""The sheet Workings: a block for each call of a verb that takes more than a cell, its result a defined name."""

import math
import re
from collections.abc import Callable

from t2v_capacity.engine.figures import Figure
from t2v_capacity.forms.formula_text import SHEET, expression
from t2v_capacity.formulas.runs import MOST_RUNS
from t2v_capacity.handover.workbook.bisection import SEARCHES, STEPS_OF, search
from t2v_capacity.handover.workbook.book import Book
from t2v_capacity.handover.workbook.cell_functions import (
    BLOCKS,
    SLICE_ENDS,
    STEPS,
    TABLES,
    Step,
    arguments_of,
    bend,
    bent,
    cell_steps,
    fleet_of,
    interval,
    points,
    runs_of_clips,
)

_SHEET = "Workings"


class Workings:
    """The blocks of one workbook, one below the other."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._used: dict[str, int] = {}
        self._row = book.open_sheet(
            _SHEET,
            "Steps of functions that a spreadsheet lacks; nothing here is to be changed.",
            [("Step", 26), ("Value", 22), ("What it is", 60), ("Formula", 90)],
        )

    def call(self, figure: Figure, values: dict[str, float], sheet: str = "") -> Callable[[str, list[str]], str]:
        """Return a verb as a figure's formula writes it: in place, or as the name of a new block's result.

        `sheet` is where the formula stands, if it reads cells of its own sheet.
        """
        arguments = arguments_of(expression(figure), values, {**BLOCKS, **SEARCHES})

        def write(verb: str, texts: list[str]) -> str:
            if verb not in BLOCKS and verb not in SEARCHES:
                return SHEET.call(verb, texts)
            texts = [re.sub(r"(?<![!\w])\$[A-Z]+\$", f"{sheet}!\\g<0>", text) for text in texts] if sheet else texts
            return self.block(figure.name, verb, texts, next(arguments))

        return write

    def block(self, what: str, verb: str, texts: list[str], values: list[float]) -> str:
        """Write the block of one call and return the defined name of its result."""
        self._used[verb] = self._used.get(verb, 0) + 1
        name = f"{verb}_{self._used[verb]}"
        row = self._book.section(_SHEET, self._row, f"{name} = {verb}({', '.join(texts)}), for {what}", 4)
        if verb in SEARCHES:
            self._row = self._write_search(verb, name, texts, values, row) + 1
            return name
        table = TABLES[verb](row + STEPS[verb]) if verb in TABLES else ()
        for step in cell_steps(verb, name, texts, values, table):
            row = self._write_step(step, row)
        if verb == "erlang_c":
            row = self._write_nodes(name, row, values)
        elif table:
            row = self._write_runs(name, row, values)
        self._row = row + 1
        return name

    def _write_step(self, step: Step, row: int) -> int:
        """Write a named step in a row, and return the next."""
        self._book.text(_SHEET, row, 0, step.name, "name")
        self._book.formula(_SHEET, row, 1, step.formula, step.value)
        self._book.name(step.name, _SHEET, row, 1)
        self._book.text(_SHEET, row, 2, step.meaning, "unit", "wrap")
        self._book.text(_SHEET, row, 3, step.formula, "unit", "faint", "wrap")
        return row + 1

    def _write_search(self, verb: str, name: str, texts: list[str], values: list[float], row: int) -> int:
        """Write a search: its steps, its result, and its table, which begins two rows below them; return the row below that."""
        first = row + STEPS_OF[verb] + 3
        found = search(verb, name, texts, values, first)
        for step in (*found.steps, found.result):
            row = self._write_step(step, row)
        for column, heading in enumerate(found.heads):
            self._book.text(_SHEET, row, column, heading, "bold", "wrap")
        for at, cells in enumerate(found.rows):
            for column, (formula, value) in enumerate(cells):
                if formula:
                    self._book.formula(_SHEET, row + 1 + at, column, formula, value)
        return row + 1 + len(found.rows)

    def _write_nodes(self, name: str, row: int, values: list[float]) -> int:
        """Write the points of the integral, a row each: where, its weight, its distance from the peak, the bell there."""
        for column, heading in enumerate(("place in the interval", "weight", "distance from the peak", "height of the bell")):
            self._book.text(_SHEET, row, column, heading, "bold")
        row += 1
        _count, fleet, busy = fleet_of(*values)
        low, high = interval(fleet, busy)
        for place, weight in points():
            distance = low + (high - low) * place
            self._book.number(_SHEET, row, 0, place)
            self._book.number(_SHEET, row, 1, weight)
            self._book.formula(_SHEET, row, 2, f"{name}_low+({name}_high-{name}_low)*A{row + 1}", distance)
            self._book.formula(_SHEET, row, 3, f"EXP(-({name}_fleet+1)*{bend(f'C{row + 1}')})", math.exp(-(fleet + 1) * bent(distance)))
            row += 1
        return row

    def _write_runs(self, name: str, row: int, values: list[float]) -> int:
        """Write the numbers of runs, a row each with the share of clips that has so many, and in the first the parts of an interval."""
        for column, heading in enumerate(("runs of a clip", "share of clips", "parts of the interval")):
            self._book.text(_SHEET, row, column, heading, "bold")
        for column, (_text, end) in enumerate(SLICE_ENDS, 2):
            self._book.number(_SHEET, row + 1, column, end)
        for runs, (formula, value) in runs_of_clips(values[1], f"{name}_failed"):
            self._book.number(_SHEET, row + runs, 0, runs)
            self._book.formula(_SHEET, row + runs, 1, formula, value)
        return row + MOST_RUNS + 1
