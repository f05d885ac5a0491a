"""The sheet Workings: a block for each call of a verb that takes more than a cell, its result a defined name.

What takes a search is as exported: waits, and the fewest servers that keep a promise. Its block compares what it is
asked for with the export, and has no value once one of these numbers is another.
"""

import ast
import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from t2v_capacity.engine import constants
from t2v_capacity.engine.figures import FIGURES, Figure, ancestors
from t2v_capacity.engine.verbs import TOLERANCE, VERBS
from t2v_capacity.forms.formula_text import SHEET, SHEET_VERBS, expression
from t2v_capacity.handover.workbook.book import Sheet

# The name of the cell that is more than 0 once a search was asked for another number than in the export.
CHANGED = "searches_changed"
# Where a search has nothing to find its value is 0, whatever else is asked: no promise can be kept, no work can wait.
_NOTHING_TO_FIND = {"servers_for": "{latency_allowance}<{slowest_seconds}", "longest_deferral": "{deferred}<=0"}


class Workings:
    """The blocks of one workbook, one below the other."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._used: dict[str, int] = {}
        self._changed: list[str] = []  # the cells that say whether a search's block is asked for another number
        sheet.open(
            "Steps of functions that a spreadsheet lacks; nothing here is to be changed. "
            "What is searched is as exported, and #N/A once it is asked for another number.",
            [("Step", 30), ("Value", 22), ("As exported", 22), ("What it is", 60), ("Formula", 90)],
        )

    def call(
        self, figure: Figure, values: Mapping[str, float], *, of_the_plan: bool = True
    ) -> Callable[[str, list[str]], str]:
        """Return a verb as a figure's formula writes it: in place, or as the name of a new block's result.

        The figure is the plan's, or that of a part or a stage.
        """
        arguments = _arguments(expression(figure), values)

        def write(verb: str, texts: list[str]) -> str:
            if verb == "where" and (changed := self._changes(texts[0])):
                # A condition without a value fails. One that an outdated search has left without a value is unknown.
                condition, *branches = texts
                return f"IF(IFERROR({condition},IF({changed}>0,NA(),FALSE)),{','.join(branches)})"
            if verb in SHEET_VERBS:
                return SHEET.call(verb, texts)
            return self.block(figure.name, verb, texts, next(arguments), figure.name if of_the_plan else "")

        return write

    def _changes(self, condition: str) -> str:
        """Return the sum that says whether a search of a condition has changed.

        It is empty if there are none.
        """
        pins = self._sheet.plan.scenario.pins
        names = [name for name in re.findall(r"[a-z]\w*", condition) if name in FIGURES and name not in pins]
        return "+".join(
            f"{name}_changed" for name in sorted({*names, *ancestors(names, stop=pins)} & searched_figures() - {*pins})
        )

    def block(self, what: str, verb: str, texts: list[str], values: list[float], figure: str = "") -> str:
        """Write the block of one search, and return the defined name of its result.

        The block is for a `figure` of the plan if one is named. It has what is asked for, now and in the export,
        whether that has changed, and the result as exported.
        """
        self._used[verb] = self._used.get(verb, 0) + 1
        name = f"{verb}_{self._used[verb]}"
        changed = f"{figure or name}_changed"
        self._sheet.section(f"{name} = {verb}({', '.join(texts)}), for {what}", 5)
        answer, places, same = float(VERBS[verb](*values)), dict[str, str](), list[str]()
        for parameter, text, exported in zip(inspect.signature(VERBS[verb]).parameters, texts, values, strict=True):
            now, then = (f"{column}{self._sheet.row + 1}" for column in "BC")
            places[parameter] = now
            if math.isnan(exported):
                same.append(f"ISERROR({now})")
            else:
                self._sheet.number(2, exported)
                same.append(f"IFERROR(ABS({now}-{then})<={TOLERANCE:.0E}*ABS({then})+1E-15,FALSE)")
            self._write_step(f"{name}_{parameter}", parameter.replace("_", " "), text, exported)
        formula = "NA()" if math.isnan(answer) else f"IF({changed}=0,{answer!r},NA())"
        if verb in _NOTHING_TO_FIND:
            nothing = f"AND(ISNUMBER({'+'.join(places.values())}),{_NOTHING_TO_FIND[verb].format_map(places)})"
            formula = f"IF({nothing},0,{formula})"
            same = [f"OR(IFERROR({nothing},FALSE),AND({','.join(same)}))"]
        self._changed.append(changed)
        self._write_step(changed, "1 if one of these has changed: export again", f"IF(AND({','.join(same)}),0,1)", 0)
        self._write_step(name, "as exported; #N/A if one of these has changed", formula, answer)
        self._sheet.row += 1
        return name

    def close(self) -> None:
        """Write whether any search is asked for another number than in the export."""
        self._write_step(
            CHANGED, "searches whose input has changed since the export", "+".join(["0", *self._changed]), 0
        )

    def _write_step(self, name: str, meaning: str, formula: str, exported: float) -> None:
        """Write a named step in a row."""
        self._sheet.formula(1, formula, exported)
        self._sheet.name(1, name)
        self._sheet.texts({0: name, 3: meaning})
        self._sheet.text(4, formula, "unit", "faint", "wrap")
        self._sheet.row += 1


@cache
def searched_figures() -> frozenset[str]:
    """Return the names of the figures whose formula takes a search.

    >>> "replicas_by_latency" in searched_figures(), "latency_p95" in searched_figures()
    (True, False)
    """
    calls = {
        name: [node for node in ast.walk(expression(figure)) if isinstance(node, ast.Call)]
        for name, figure in FIGURES.items()
    }
    return frozenset(
        name for name, nodes in calls.items() if any(ast.unparse(node.func) not in SHEET_VERBS for node in nodes)
    )


def _arguments(node: ast.expr, values: Mapping[str, float]) -> Iterator[list[float]]:
    """Yield the present arguments of each verb that takes a block and that an expression calls, in written order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _arguments(child, values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in SHEET_VERBS:
        scope: dict[str, Any] = {**vars(constants), **VERBS, **values}
        # The expression is one of the project's own formulas, never user input.
        compiled = [compile(ast.Expression(argument), "formula", "eval") for argument in node.args]
        yield [eval(argument, scope) for argument in compiled]  # noqa: S307
