"""Verbs that take more than a cell, as named steps in functions that all spreadsheets have.

Each step has its formula, and its present value by the same arithmetic, for readers that do not recalculate.
"""

import ast
import math
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_col_to_name

from t2v_capacity.engine import constants
from t2v_capacity.engine.figures import Number
from t2v_capacity.engine.verbs import FLOATS, TOLERANCE, VERBS, floor, maximum, minimum
from t2v_capacity.formulas.queueing import GAUSS, HUGE, SMALL
from t2v_capacity.formulas.runs import MOST_LOST, MOST_RUNS, NEGLIGIBLE, RUN_HALVINGS, log_most, share_longer

# Below SMALL a difference is taken from its series, of so many terms: the next one would be below 1e-16 of it.
_LOG_TERMS, EXP_TERMS, _PEAK_TERMS = 16, 10, 16
# Of exp(-(c+1) (e^d - 1 - d)) nothing is left beyond this many widths of the bell, and beyond this exponent.
_WIDTHS, _NOTHING = 9, 37
# So many panels of the verbs' Gauss-Legendre nodes.
_PANELS = 12
# So many halvings at once, which takes a fourth of the cells: an interval is cut in parts, and those whose ends it lies beyond are counted.
AT_ONCE = 4
SLICES = 2**AT_ONCE
SLICE_ENDS = [(repr(part / SLICES), part / SLICES) for part in range(1, SLICES)]
# Steps of a block, below which a table stands.
STEPS = {"erlang_c": 12, "latency_in_runs": 24, "late_in_runs": 11}


class Step(NamedTuple):
    """A named cell of a block: what it holds, its formula, and its present value."""

    name: str
    meaning: str
    formula: str
    value: float


# A cell: its formula and its present value.
Cell = tuple[str, float]
# What a block's formulas read of its table: Erlang's the sum over its points, those of runs the ranges of `runs_of_clips` and of the parts of
# a latency's interval.
Table = tuple[str, ...]


class Search(NamedTuple):
    """A block that searches: its steps, the heads and rows of its table, and its result, for which the table is read."""

    steps: list[Step]
    heads: list[str]
    rows: list[list[Cell]]
    result: Step


def points() -> Iterator[tuple[float, float]]:
    """Yield the places, from 0 to 1, and weights of the integral's points; the weights add up to 1."""
    for panel in range(_PANELS):
        for node, weight in GAUSS:
            for side in (-node, node):
                yield (panel + (1 + side) / 2) / _PANELS, weight / 2 / _PANELS


def sum_of_points(head: int) -> Table:
    """Return the sum over the points, whose own head stands in this row."""
    first, last = head + 2, head + 1 + 2 * len(GAUSS) * _PANELS
    return (f"SUMPRODUCT(B{first}:B{last},D{first}:D{last})",)


def ranges_of_runs(head: int) -> Table:
    """Return the ranges of the numbers of runs, of the shares of clips, and of the parts of an interval, whose heads stand in this row."""
    first, last = head + 2, head + 1 + MOST_RUNS
    return f"A{first}:A{last}", f"B{first}:B{last}", f"C{first}:{xl_col_to_name(SLICES)}{first}"


def fleet_of(servers: Number, load: Number) -> tuple[float, float, float]:
    """Return the whole servers, and a fleet and a load for which every step has a value."""
    if math.isnan(servers):
        return math.nan, math.nan, math.nan
    count = math.floor(servers + min(TOLERANCE * abs(servers), 0.5))
    fleet = max(1, count)
    return count, fleet, (min(load, fleet) if load > 0 else fleet / 2) if not math.isnan(load) else math.nan


def interval(fleet: float, busy: float) -> tuple[float, float]:
    """Return the ends of the integral, as distances from the bell's peak."""
    high = _WIDTHS / math.sqrt(fleet + 1)
    return max(-math.log((fleet + 1) / busy), -high - _NOTHING / (fleet + 1)), high


def bend(d: str) -> str:
    """Return e^d - 1 - d for a cell."""
    series = "1"
    for term in range(EXP_TERMS, 2, -1):
        series = f"1+{d}/{term}*({series})" if series != "1" else f"1+{d}/{term}"
    return f"IF(ABS({d})<{SMALL},{d}^2/2*({series}),EXP({d})-1-{d})"


def bent(d: float) -> float:
    """Return e^d - 1 - d without cancellation."""
    if abs(d) >= SMALL:
        return math.expm1(d) - d
    return sum(d**n / math.factorial(n) for n in range(2, EXP_TERMS + 1))


def _raised(h: float) -> float:
    """Return (1 + h) ln(1 + h) - h without cancellation."""
    if h >= SMALL:
        return (1 + h) * math.log1p(h) - h
    return sum((-h) ** n / (n * (n - 1)) for n in range(2, _PEAK_TERMS + 1))


def _erlang_c(me: str, texts: list[str], values: list[float], table: Table) -> Iterator[Step]:
    """Yield the steps of Erlang C, by the integral for 1/B (Jagerman 1974) with its peak taken out.

    1/B = R e^K times the integral of exp(-(c+1) (e^d - 1 - d)) over d from -ln((c+1)/R) on, a bell around 0 for every load.
    """
    servers, load = values
    (points_sum,) = table
    count, fleet, busy = fleet_of(servers, load)
    excess = (fleet + 1 - busy) / busy
    peak = busy * _raised(excess)
    low, high = interval(fleet, busy)
    bell = (high - low) * sum(weight * math.exp(-(fleet + 1) * bent(low + (high - low) * place)) for place, weight in points())
    yield Step(f"{me}_servers", "servers", texts[0], servers)
    yield Step(f"{me}_load", "servers busy on average", texts[1], load)
    yield Step(f"{me}_count", "whole servers", f"INT({me}_servers+MIN({TOLERANCE:.0E}*ABS({me}_servers),1/2))", count)
    yield Step(f"{me}_fleet", "c: at least one server", f"MAX(1,{me}_count)", fleet)
    yield Step(f"{me}_busy", "R: a load that the fleet can carry", f"IF({me}_load>0,MIN({me}_load,{me}_fleet),{me}_fleet/2)", busy)
    yield Step(f"{me}_excess", "h = (c + 1 - R) / R", f"({me}_fleet+1-{me}_busy)/{me}_busy", excess)
    series = f"1/{_PEAK_TERMS * (_PEAK_TERMS - 1)}"
    for n in range(_PEAK_TERMS - 1, 1, -1):
        series = f"1/{n * (n - 1)}-{me}_excess*({series})"
    direct = f"({me}_fleet+1)*LN(({me}_fleet+1)/{me}_busy)-({me}_fleet+1-{me}_busy)"
    near = f"{me}_busy*{me}_excess^2*({series})"
    yield Step(f"{me}_peak", "K = (c + 1) ln(1 + h) - R h", f"IF({me}_excess<{SMALL},{near},{direct})", peak)
    yield Step(f"{me}_high", "upper end of the integral", f"{_WIDTHS}/SQRT({me}_fleet+1)", high)
    lowest = f"MAX(-LN(({me}_fleet+1)/{me}_busy),-{me}_high-{_NOTHING}/({me}_fleet+1))"
    yield Step(f"{me}_low", "lower end of the integral", lowest, low)
    yield Step(f"{me}_bell", "the integral, over the points below", f"({me}_high-{me}_low)*{points_sum}", bell)
    inverse = math.exp(minimum(math.log(HUGE), peak + math.log(busy) + math.log(bell)))
    capped = f"EXP(MIN(LN({HUGE:.0E}),{me}_peak+LN({me}_busy)+LN({me}_bell)))"
    yield Step(f"{me}_inverse", "1/B, the inverse of Erlang's loss; at most 1E+250", capped, inverse)
    # One server waits as often as it is busy; for a tiny load that is exact where the integral is not.
    chance = f"IF({me}_fleet=1,{me}_load,1/(1+({me}_fleet-{me}_busy)/{me}_fleet*({me}_inverse-1)))"
    checked = f"IF(ISNUMBER({me}_load+{me}_count),IF(OR({me}_load>={me}_count,{me}_count<1),1,IF({me}_load<=0,0,{chance})),NA())"
    yield Step(me, "the chance that an arrival waits", checked, float(VERBS["erlang_c"](servers, load)))


def _growth_sum(me: str, texts: list[str], values: list[float], _table: Table) -> Iterator[Step]:
    """Yield the steps of a sum of growing periods, by ln(1 + rate) and e^x - 1 without cancellation at small rates."""
    rate, periods = values
    whole = floor(periods)
    log = math.log1p(rate)
    yield Step(f"{me}_rate", "growth in a period", texts[0], rate)
    yield Step(f"{me}_periods", "periods, the last one by its share", texts[1], periods)
    yield Step(f"{me}_whole", "whole periods", f"INT({me}_periods+{TOLERANCE:.0E}*ABS({me}_periods))", whole)
    series = f"1/{_LOG_TERMS}"
    for n in range(_LOG_TERMS - 1, 0, -1):
        series = f"1/{n}-{me}_rate*({series})"
    yield Step(f"{me}_log", "ln(1 + rate)", f"IF(ABS({me}_rate)<{SMALL},{me}_rate*({series}),LN(1+{me}_rate))", log)
    yield Step(f"{me}_exponent", "ln of the growth over the whole periods", f"{me}_whole*{me}_log", whole * log)
    yield Step(f"{me}_growth", "growth over the whole periods", f"{bend(f'{me}_exponent')}+{me}_exponent", math.expm1(whole * log))
    yield Step(
        f"{me}_full",
        "the sum over the whole periods",
        f"IF({me}_rate=0,{me}_whole,{me}_growth/{me}_rate)",
        whole if rate == 0 else math.expm1(whole * log) / rate,
    )
    total = f"{me}_full+({me}_periods-{me}_whole)*EXP({me}_exponent)"
    yield Step(me, "with the last period's share", total, float(VERBS["growth_sum"](rate, periods)))


def _latency_in_runs(me: str, texts: list[str], values: list[float], table: Table) -> Iterator[Step]:
    """Yield the steps of the latency of the latest clips: each tries several latencies, and keeps the part in which the share is crossed."""
    late, failed, interrupted, _lost_again, chance, tail = values
    runs, shares, parts = table
    yield Step(f"{me}_late", "share of clips that takes longer", texts[0], late)
    yield from _late_about(me, texts[1:], values[1:])
    at_once = 1 + tail * maximum(0.0, math.log(maximum(NEGLIGIBLE, chance) / late))
    yield Step(f"{me}_once", "the latency of clips that run once", f"1+{me}_tail*MAX(0,LN({me}_chance/{me}_late))", at_once)
    most = f"MIN({MOST_RUNS},1+LN({me}_late/4)/LN({_ratio(f'{me}_failed')}))"
    whole = f"(1+MAX(0,LN({me}_late/4/MAX({me}_interrupted,{NEGLIGIBLE:.0E}))/{me}_loglost))"
    known = failed + interrupted > 0 and not any(map(math.isnan, values))
    last = log_most(FLOATS, *values) if known else math.nan
    in_times = f"{most}*(1+{whole}+{me}_tail*MAX(0,LN({me}_chance/({me}_late/4))))"
    yield Step(f"{me}_last", "ln of the longest latency", f"LN({in_times})", last)
    low, part = "0", 0.0
    longer = share_longer(FLOATS, *values[1:]) if known else lambda _latency: 0.0
    for k in range(1, RUN_HALVINGS // AT_ONCE + 1):
        for halving in range(AT_ONCE * (k - 1) + 1, AT_ONCE * k + 1):
            above = known and longer(math.exp(last * (part + 1 / 2**halving))) > late * (1 - TOLERANCE)
            part += above / 2**halving
        tried = _late_of(me, f"EXP({me}_last*({low}+{parts}/{SLICES}^{k - 1}))", runs, shares)
        found = f"SUMPRODUCT((MMULT({_ONES},{tried})>{me}_late*(1-{TOLERANCE:.0E}))*1)"
        yield Step(f"{me}_{k}", f"the part of it in which it lies, of {SLICES}^{k}", f"{low}+{found}/{SLICES}^{k}", part)
        low = f"{me}_{k}"
    checked = f"IF(ISNUMBER({me}_once+{me}_last),IF({me}_failed+{me}_interrupted>0,EXP({me}_last*{low}),{me}_once),NA())"
    yield Step(me, "the latency, in times of a run", checked, float(VERBS["latency_in_runs"](*values)))


def _late_in_runs(me: str, texts: list[str], values: list[float], table: Table) -> Iterator[Step]:
    """Yield the steps of the share of clips that takes longer than a latency."""
    latency, *about = values
    runs, shares, *_parts = table
    yield Step(f"{me}_latency", "latency, in times of a run", texts[0], latency)
    yield from _late_about(me, texts[1:], about)
    share = f"SUMPRODUCT({_late_of(me, f'{me}_latency', runs, shares)})"
    checked = f"IF(ISNUMBER({me}_latency+{me}_failed+{me}_interrupted+{me}_series),{share},NA())"
    yield Step(me, "share of clips that takes longer", checked, float(VERBS["late_in_runs"](*values)))


def _late_about(me: str, texts: list[str], values: list[float]) -> Iterator[Step]:
    """Yield what the share of clips that take longer follows from, whatever the latency: as in `late_in_runs`."""
    failed, interrupted, lost_again, chance, tail = values
    lost_again = minimum(lost_again, 1 - 1 / MOST_LOST)
    least = f"{NEGLIGIBLE:.0E}"
    yield Step(f"{me}_failed", "share of runs that fails", texts[0], failed)
    yield Step(f"{me}_interrupted", "share of runs that is interrupted", texts[1], interrupted)
    yield Step(f"{me}_lost", "of those, the share that loses more than a run", f"MIN({texts[2]},1-1/{MOST_LOST})", lost_again)
    yield Step(f"{me}_chance", "chance to wait", f"MAX({least},{texts[3]})", maximum(NEGLIGIBLE, chance))
    yield Step(f"{me}_tail", "scale of the wait, in runs", f"MAX({least},{texts[4]})", maximum(NEGLIGIBLE, tail))
    chance, tail = maximum(NEGLIGIBLE, chance), maximum(NEGLIGIBLE, tail)
    surely = tail * math.log(maximum(1.0, chance))
    yield Step(f"{me}_surely", "what every run waits", f"{me}_tail*LN(MAX(1,{me}_chance))", surely)
    log_lost = math.log(minimum(maximum(lost_again, NEGLIGIBLE), 1 - NEGLIGIBLE))
    yield Step(f"{me}_loglost", "ln a", f"LN({_ratio(f'{me}_lost')})", log_lost)
    apart = maximum(NEGLIGIBLE, abs(log_lost + 1 / tail))
    yield Step(f"{me}_apart", "distance of the two ratios, in logarithms", f"MAX({least},ABS({me}_loglost+1/{me}_tail))", apart)
    over = minimum(1.0, chance) * tail * math.expm1(-1 / tail) / math.expm1(-apart)
    of_series = f"MIN(1,{me}_chance)*{me}_tail*{_less(f'1/{me}_tail')}/{_less(f'{me}_apart')}"
    yield Step(f"{me}_series", "the series of runs lost, over its last term", of_series, over)


def _ratio(share: str) -> str:
    return f"MIN(MAX({share},{NEGLIGIBLE:.0E}),1-{NEGLIGIBLE:.0E})"


def _less(x: str) -> str:
    """Return 1 - e^-x of what is not below 0, without cancellation."""
    return f"(2/(1+1/(TANH({x}/2)+1E-300)))"


def _late_of(me: str, latency: str, runs: str, shares: str) -> str:
    """Return the share of clips of each number of runs that takes longer, down: without IF, which not every spreadsheet takes over a range."""
    beyond = f"({latency}/{runs}-1-{me}_surely)"
    wait = f"(({beyond}+ABS({beyond}))/2)"
    whole, waits = f"INT{wait}", f"MIN(1,{me}_chance)"
    once = f"(({beyond}<0)+({beyond}>=0)*{waits}*EXP(-{wait}/{me}_tail))"
    still, lost = f"EXP(({whole}-{wait})/{me}_tail)", f"EXP({whole}*{me}_loglost)"
    series = f"{me}_series*{still}*EXP(({whole}-1)*MAX({me}_loglost,-1/{me}_tail))*{_less(f'{whole}*{me}_apart')}"
    again = f"((1-{me}_lost)*({series}+{lost}*({waits}*{me}_tail*(1-{still})+1-{wait}+{whole}))+{lost}*{me}_lost)"
    return f"{shares}*((1-{me}_interrupted)*{once}+{me}_interrupted*{again})"


def runs_of_clips(failed: float, failed_cell: str) -> Iterator[tuple[int, Cell]]:
    """Yield numbers of runs and the share of clips that has so many, as a cell."""
    for runs in range(1, MOST_RUNS + 1):
        last = runs == MOST_RUNS
        # 0^0 has no value in a spreadsheet, and a power that is too small for it none in LibreOffice.
        formula = f"EXP({runs - 1}*LN({_ratio(failed_cell)}))" + f"*(1-{failed_cell})" * (not last)
        yield runs, (formula, failed ** (runs - 1) * (1 if last else 1 - failed))


_ONES = "{" + ",".join("1" * MOST_RUNS) + "}"
# The verbs whose block has a table, and what its formulas read of it by the row of its head.
TABLES = {"erlang_c": sum_of_points, "latency_in_runs": ranges_of_runs, "late_in_runs": ranges_of_runs}
BLOCKS: dict[str, Callable[[str, list[str], list[float], Table], Iterator[Step]]] = {
    "erlang_c": _erlang_c,
    "growth_sum": _growth_sum,
    "latency_in_runs": _latency_in_runs,
    "late_in_runs": _late_in_runs,
}


def cell_steps(verb: str, name: str, texts: list[str], values: list[float], table: Table = ()) -> list[Step]:
    """Return the steps of one call, the last one its result; `texts` are the formulas of its arguments.

    >>> [step.name for step in cell_steps("growth_sum", "g", ["0", "12"], [0, 12])][-2:]
    ['g_full', 'g']
    """
    return list(BLOCKS[verb](name, texts, values, table or (TABLES[verb](0) if verb in TABLES else ())))


def arguments_of(node: ast.expr, values: Mapping[str, float], verbs: Container[str]) -> Iterator[list[float]]:
    """Yield the present arguments of each of these verbs that an expression calls, in the order in which it is written.

    >>> import ast
    >>> [*arguments_of(ast.parse("1 + growth_sum(rate, 2 * months)", mode="eval").body, {"rate": 0.1, "months": 6}, {"growth_sum"})]
    [[0.1, 12]]
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from arguments_of(child, values, verbs)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in verbs:
        scope: dict[str, Any] = {**vars(constants), **VERBS, **values}
        # The expression is one of the project's own formulas, never user input.
        yield [eval(compile(ast.Expression(argument), "formula", "eval"), scope) for argument in node.args]  # noqa: S307
