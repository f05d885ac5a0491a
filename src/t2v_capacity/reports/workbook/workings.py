"""The sheet Workings: verbs that take more than a cell, each as a block of named steps in functions that all spreadsheets have."""

import ast
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from t2v_capacity import constants
from t2v_capacity.figures import Figure, Number
from t2v_capacity.notation import SHEET, expression
from t2v_capacity.reports.workbook.book import Book
from t2v_capacity.verbs import VERBS, floor

_SHEET = "Workings"
# Below this size a difference is taken from its series, whose terms below 1e-16 are left out.
_SMALL = 0.1
_LOG_TERMS, _EXP_TERMS, _PEAK_TERMS = 16, 10, 16
# Of exp(-(c+1) (e^d - 1 - d)) nothing is left beyond this many widths of the bell, and beyond this exponent.
_WIDTHS, _NOTHING = 9, 37
_LOG_MOST = math.log(1e250)  # as in verbs: a chance below 1e-250 is none
# Gauss-Legendre nodes and weights of ten points (Abramowitz and Stegun, table 25.4), on so many panels.
_GAUSS = (
    (0.14887433898163122, 0.29552422471475287),
    (0.43339539412924719, 0.26926671930999635),
    (0.67940956829902441, 0.21908636251598204),
    (0.86506336668898451, 0.14945134915058059),
    (0.97390652851717172, 0.06667134430868814),
)
_PANELS = 12


class Step(NamedTuple):
    """A named cell of a block: what it holds, its formula, and its present value."""

    name: str
    meaning: str
    formula: str
    value: float


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

    def call(self, figure: Figure, values: dict[str, float]) -> Callable[[str, list[str]], str]:
        """Return how a figure's formula writes a verb: in place, or as the name of a new block's result."""
        arguments = arguments_of(expression(figure), values)

        def write(verb: str, texts: list[str]) -> str:
            if verb not in _BLOCKS:
                return SHEET.call(verb, texts)
            return self.block(figure.name, verb, texts, next(arguments))

        return write

    def block(self, what: str, verb: str, texts: list[str], values: list[float]) -> str:
        """Write the block of one call and return the defined name of its result."""
        self._used[verb] = self._used.get(verb, 0) + 1
        name = f"{verb}_{self._used[verb]}"
        row = self._book.section(_SHEET, self._row, f"{name} = {verb}({', '.join(texts)}), for {what}", 4)
        nodes = _nodes(row + _STEPS_BEFORE_NODES) if verb == "erlang_c" else ""
        for step in _BLOCKS[verb](name, texts, values, nodes):
            self._book.text(_SHEET, row, 0, step.name, "name")
            self._book.formula(_SHEET, row, 1, step.formula, None if math.isnan(step.value) else step.value)
            self._book.name(step.name, _SHEET, row, 1)
            self._book.text(_SHEET, row, 2, step.meaning, "wrap")
            self._book.text(_SHEET, row, 3, step.formula, "faint", "wrap")
            row += 1
        if nodes:
            row = self._write_nodes(name, row, values)
        self._row = row + 1
        return name

    def _write_nodes(self, name: str, row: int, values: list[float]) -> int:
        """Write the points of the integral, a row each: where, its weight, its distance from the peak, the bell there."""
        for column, heading in enumerate(("place in the interval", "weight", "distance from the peak", "height of the bell")):
            self._book.text(_SHEET, row, column, heading, "bold")
        row += 1
        _count, fleet, busy = _fleet(*values)
        low, high = _interval(fleet, busy)
        for place, weight in points():
            distance = low + (high - low) * place
            self._book.number(_SHEET, row, 0, place)
            self._book.number(_SHEET, row, 1, weight)
            self._book.formula(_SHEET, row, 2, f"{name}_low+({name}_high-{name}_low)*A{row + 1}", distance)
            self._book.formula(_SHEET, row, 3, f"EXP(-({name}_fleet+1)*{_bend(f'C{row + 1}')})", math.exp(-(fleet + 1) * _bent(distance)))
            row += 1
        return row


def arguments_of(node: ast.expr, values: dict[str, float]) -> Iterator[list[float]]:
    """Yield the present arguments of each verb that needs a block, in the order in which a formula is written."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from arguments_of(child, values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _BLOCKS:
        scope: dict[str, Any] = {**vars(constants), **VERBS, **values}
        # The expression is one of the project's own formulas, never somebody's text.
        yield [eval(compile(ast.Expression(argument), "formula", "eval"), scope) for argument in node.args]  # noqa: S307


def points() -> Iterator[tuple[float, float]]:
    """Yield the places, from 0 to 1, and weights of the integral's points; the weights add up to 1."""
    for panel in range(_PANELS):
        for node, weight in _GAUSS:
            for side in (-node, node):
                yield (panel + (1 + side) / 2) / _PANELS, weight / 2 / _PANELS


def _nodes(head: int) -> str:
    """Return the sum over the points, whose own head stands in this row."""
    first, last = head + 2, head + 1 + 2 * len(_GAUSS) * _PANELS
    return f"SUMPRODUCT(B{first}:B{last},D{first}:D{last})"


def _fleet(servers: Number, load: Number) -> tuple[float, float, float]:
    """Return the whole servers, and a fleet and a load for which every step has a value."""
    count = math.floor(servers + min(1e-9 * abs(servers), 0.5))
    fleet = max(1, count)
    return count, fleet, (min(load, fleet) if load > 0 else fleet / 2) if not math.isnan(load) else math.nan


def _interval(fleet: float, busy: float) -> tuple[float, float]:
    high = _WIDTHS / math.sqrt(fleet + 1)
    return max(-math.log((fleet + 1) / busy), -high - _NOTHING / (fleet + 1)), high


def _bend(d: str) -> str:
    """Return e^d - 1 - d for a cell."""
    series = "1"
    for term in range(_EXP_TERMS, 2, -1):
        series = f"1+{d}/{term}*({series})" if series != "1" else f"1+{d}/{term}"
    return f"IF(ABS({d})<{_SMALL},{d}^2/2*({series}),EXP({d})-1-{d})"


def _bent(d: float) -> float:
    if abs(d) >= _SMALL:
        return math.expm1(d) - d
    return sum(d**n / math.factorial(n) for n in range(2, _EXP_TERMS + 1))


def _erlang_c(me: str, texts: list[str], values: list[float], nodes: str) -> Iterator[Step]:
    """Yield the steps of Erlang C, by the integral for 1/B (Jagerman 1974) with its peak taken out.

    1/B = R e^K times the integral of exp(-(c+1) (e^d - 1 - d)) over d from -ln((c+1)/R) on, a bell around 0 for every load.
    """
    servers, load = values
    count, fleet, busy = _fleet(servers, load)
    excess = (fleet + 1 - busy) / busy
    peak = busy * ((1 + excess) * math.log1p(excess) - excess)
    low, high = _interval(fleet, busy)
    bell = (high - low) * sum(weight * math.exp(-(fleet + 1) * _bent(low + (high - low) * place)) for place, weight in points())
    yield Step(f"{me}_servers", "servers", texts[0], servers)
    yield Step(f"{me}_load", "servers busy on average", texts[1], load)
    yield Step(f"{me}_count", "whole servers", f"INT({me}_servers+MIN(1E-9*ABS({me}_servers),1/2))", count)
    yield Step(f"{me}_fleet", "c: at least one server", f"MAX(1,{me}_count)", fleet)
    yield Step(f"{me}_busy", "R: a load that the fleet can carry", f"IF({me}_load>0,MIN({me}_load,{me}_fleet),{me}_fleet/2)", busy)
    yield Step(f"{me}_excess", "h = (c + 1 - R) / R", f"({me}_fleet+1-{me}_busy)/{me}_busy", excess)
    series = f"1/{_PEAK_TERMS * (_PEAK_TERMS - 1)}"
    for n in range(_PEAK_TERMS - 1, 1, -1):
        series = f"1/{n * (n - 1)}-{me}_excess*({series})"
    direct = f"({me}_fleet+1)*LN(({me}_fleet+1)/{me}_busy)-({me}_fleet+1-{me}_busy)"
    near = f"{me}_busy*{me}_excess^2*({series})"
    yield Step(f"{me}_peak", "K = (c + 1) ln(1 + h) - R h", f"IF({me}_excess<{_SMALL},{near},{direct})", peak)
    yield Step(f"{me}_high", "upper end of the integral", f"{_WIDTHS}/SQRT({me}_fleet+1)", high)
    lowest = f"MAX(-LN(({me}_fleet+1)/{me}_busy),-{me}_high-{_NOTHING}/({me}_fleet+1))"
    yield Step(f"{me}_low", "lower end of the integral", lowest, low)
    yield Step(f"{me}_bell", "the integral, over the points below", f"({me}_high-{me}_low)*{nodes}", bell)
    inverse = math.exp(min(_LOG_MOST, peak + math.log(busy * bell)))
    capped = f"EXP(MIN(LN(1E250),{me}_peak+LN({me}_busy*{me}_bell)))"
    yield Step(f"{me}_inverse", "1/B, the inverse of Erlang's loss; at most 1E250", capped, inverse)
    chance = f"1/(1+({me}_fleet-{me}_busy)/{me}_fleet*({me}_inverse-1))"
    checked = f"IF(ISNUMBER({me}_load),IF(OR({me}_load>={me}_count,{me}_count<1),1,IF({me}_load<=0,0,{chance})),1)"
    yield Step(me, "the chance that an arrival waits", checked, float(VERBS["erlang_c"](servers, load)))


_STEPS_BEFORE_NODES = 12


def _growth_sum(me: str, texts: list[str], values: list[float], _nodes: str) -> Iterator[Step]:
    """Yield the steps of a sum of growing periods, by ln(1 + rate) and e^x - 1 without cancellation at small rates."""
    rate, periods = values
    whole = floor(periods)
    log = math.log1p(rate)
    yield Step(f"{me}_rate", "growth in a period", texts[0], rate)
    yield Step(f"{me}_periods", "periods, the last one by its share", texts[1], periods)
    yield Step(f"{me}_whole", "whole periods", f"INT({me}_periods+1E-9*ABS({me}_periods))", whole)
    series = f"1/{_LOG_TERMS}"
    for n in range(_LOG_TERMS - 1, 0, -1):
        series = f"1/{n}-{me}_rate*({series})"
    yield Step(f"{me}_log", "ln(1 + rate)", f"IF(ABS({me}_rate)<{_SMALL},{me}_rate*({series}),LN(1+{me}_rate))", log)
    yield Step(f"{me}_exponent", "ln of the growth over the whole periods", f"{me}_whole*{me}_log", whole * log)
    bend = _bend(f"{me}_exponent")
    yield Step(f"{me}_growth", "growth over the whole periods", f"{bend}+{me}_exponent", math.expm1(whole * log))
    yield Step(
        f"{me}_full",
        "the sum over the whole periods",
        f"IF({me}_rate=0,{me}_whole,{me}_growth/{me}_rate)",
        whole if rate == 0 else math.expm1(whole * log) / rate,
    )
    total = f"{me}_full+({me}_periods-{me}_whole)*EXP({me}_exponent)"
    yield Step(me, "with the last period's share", total, float(VERBS["growth_sum"](rate, periods)))


_BLOCKS: dict[str, Callable[[str, list[str], list[float], str], Iterator[Step]]] = {"erlang_c": _erlang_c, "growth_sum": _growth_sum}
