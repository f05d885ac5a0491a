"""The verb `servers_for` in a spreadsheet: a block's named steps, and below them a table with a halving of a number of servers in each row."""

import math
import re
from collections.abc import Callable, Iterator
from itertools import count, zip_longest

from xlsxwriter.utility import xl_col_to_name

from t2v_capacity.engine import constants
from t2v_capacity.engine.verbs import TOLERANCE, floor
from t2v_capacity.forms.formula_text import SHEET, expression, written
from t2v_capacity.formulas.queueing import SMALL
from t2v_capacity.formulas.runs import MOST_RUNS
from t2v_capacity.formulas.staffing import HALVINGS, MOST_LATE, keeping, margin, waiting_figures, waiting_inputs
from t2v_capacity.handover.workbook.cell_functions import (
    BLOCKS,
    EXP_TERMS,
    Cell,
    Search,
    Step,
    arguments_of,
    cell_steps,
    points,
    runs_of_clips,
)

# Columns next to the table hold the integral's points and their weights, and the runs of clips and the shares of clips that have so many.
_PLACES, _WEIGHTS, _RUNS, _SHARES = "ABCD"
_LOW, _HIGH, _MIDDLE = "EFG"
_BEFORE = 7
_HEADS = ("place in the interval", "weight", "runs of a clip", "share of clips", "too few", "enough", "tried")
# The verb's arguments, in order: the names of its steps, and their meanings.
_GIVEN = {
    "load": "servers busy on average",
    "allowance": "latency asked for, in clips' times",
    "arrivals": "squared coefficient of variation of arrivals",
    "clips": "squared coefficient of variation of all clips' work",
    "services": "squared coefficient of variation of like clips' times",
    "slowest": "the slowest clip's time over the mean",
    "urgent": "urgent part of the load",
    "all_of_it": "load if nothing waited, over the load",
    "peak": "peak of the day over its mean",
    "bend": "bend of the load at its peak",
    "failed": "share of runs that fails",
    "interrupted": "share of runs that is interrupted",
    "work": "GPU-seconds on spot GPUs over those of one run",
}

# The steps that the figures of waiting read.
_READ = {
    "busy_replicas": "load",
    "urgent_share": "urgent",
    "peak_over_level": "all_of_it",
    "zoned_peak": "peak",
    "peak_bend": "bend",
    "arrival_variability": "arrivals",
    "work_variability": "clips",
    "service_variability": "services",
    "slowest_seconds": "slowest",
    "allowance": "allowance",
    "failed_share": "failed",
    "interrupted_share": "interrupted",
    "interrupted_work": "work",
}


def servers_for(me: str, texts: list[str], values: list[float], first: int) -> Search:
    """Return the halvings of a number of servers: the first row asks for the most that are tried."""
    load, allowance, arrivals, clips, _services, slowest, _urgent, all_of_it, *_day = values
    most = margin(load * all_of_it, arrivals, clips)
    rounded = f"8*SQRT({me}_peakedness*{me}_whole)+16*{me}_peakedness+4"
    enough = f"{SHEET.call('floor', [f'{me}_whole'])}-INT(-({rounded})*(1-{TOLERANCE:.0E}))"
    given = [Step(f"{me}_{name}", says, text, value) for (name, says), text, value in zip(_GIVEN.items(), texts, values, strict=True)]
    found = [
        *given,
        Step(f"{me}_whole", "load if nothing waited", f"{me}_load*{me}_all_of_it", load * all_of_it),
        Step(f"{me}_peakedness", "z = 1 + (ca - 1) / (1 + cs)", f"1+({me}_arrivals-1)/(1+{me}_clips)", 1 + (arrivals - 1) / (1 + clips)),
        Step(f"{me}_least", "too few servers", SHEET.call("floor", [f"{me}_load"]), floor(load)),
        Step(f"{me}_most", "servers enough for any variability", enough, most),
    ]
    spots = [[(str(place), place), (str(weight), weight)] for place, weight in points()]
    runs = [[(str(number), number), share] for number, share in runs_of_clips(values[-3], f"{me}_failed")]
    heads, rows, fewest = _tried(me, values, (float(floor(load)), float(most)), first, len(spots))
    table = [[*spot, *(run or [("", 0.0)] * 2), *row] for spot, run, row in zip_longest(spots, runs, rows, fillvalue=())]
    kept, last = xl_col_to_name(len(table[0]) - 1), first + HALVINGS + 1
    known = "+".join(f"{me}_{name}" for name in _GIVEN)
    result = f"IF(ISNUMBER({known}),IF({me}_allowance>={me}_slowest,IF({kept}{first},{_HIGH}{last},0),0),NA())"
    if any(map(math.isnan, values)):
        fewest = math.nan
    elif allowance < slowest or not keeping(*values)(float(most)):
        fewest = 0.0
    return Search(found, heads, table, Step(me, "the fewest servers that keep the allowance", result, fewest))


def _tried(me: str, values: list[float], ends: tuple[float, float], first: int, spots: int) -> tuple[list[str], list[list[Cell]], float]:
    """Return the heads of the table, a row for each number of servers that is tried between two ends, and the fewest that are enough."""
    (low, high), rows, kept = ends, list[list[Cell]](), ""
    for at in range(first, first + HALVINGS + 2):
        above, tried = at - 1, high if at == first else _halfway(low, high)
        if at == first:
            formulas = f"{me}_least", f"{me}_most", f"{me}_most"
        elif at == first + 1:
            formulas = f"{_LOW}{above}", f"{_HIGH}{above}", f"INT(({_LOW}{at}+{_HIGH}{at})/2)"
        else:
            few, enough = f"IF({kept}{above},{_LOW}{above},{_MIDDLE}{above})", f"IF({kept}{above},{_MIDDLE}{above},{_HIGH}{above})"
            formulas = few, enough, f"INT(({_LOW}{at}+{_HIGH}{at})/2)"
        heads, chain = _chain(me, tried, values, at, (first, first + spots - 1))
        kept = xl_col_to_name(_BEFORE + len(chain) - 1)
        rows.append([*zip(formulas, (low, high, tried), strict=True), *chain])
        _formula, keeps = chain[-1]
        if at > first:
            low, high = (low, tried) if keeps else (tried, high)
    return heads, rows, float(high)


def _halfway(low: float, high: float) -> float:
    return math.nan if math.isnan(low + high) else math.floor((low + high) / 2)


def _chain(me: str, servers: float, values: list[float], row: int, spots: tuple[int, int]) -> tuple[list[str], list[Cell]]:
    """Return the heads of all columns, and the cells of the figures of waiting for so many servers, the last one whether they keep it."""
    load, allowance, *about = values
    known = {"replicas": servers, "allowance": allowance, **waiting_inputs(load, *about)}
    places = {"replicas": f"{_MIDDLE}{row}", "regions": "1", "generation_latency": "1"}
    places |= {name: f"{me}_{step}" for name, step in _READ.items()}
    heads, cells, columns = [*_HEADS], list[Cell](), count(_BEFORE)

    def add(head: str, formula: str, value: float) -> str:
        heads.append(head)
        cells.append((formula, value))
        return f"{xl_col_to_name(next(columns))}{row}"

    for one in waiting_figures():
        formula = expression(one)
        arguments = arguments_of(formula, known, BLOCKS)

        def call(verb: str, texts: list[str], arguments: Iterator[list[float]] = arguments) -> str:
            return _block(add, verb, texts, next(arguments), spots) if verb in BLOCKS else SHEET.call(verb, texts)

        text = written(formula, lambda name: places.get(name) or _constant(name), SHEET._replace(call=call))
        try:
            known[one.name] = one.formula(*[known[parameter] for parameter in one.parameters])
        except ArithmeticError:  # no servers at all
            known[one.name] = math.nan
        places[one.name] = add(one.name, text, known[one.name])
    late = places["later_share"]
    add("kept", f"IF(ISNUMBER({late}),IF({late}<={MOST_LATE!r},1,0),0)", float(known["later_share"] <= MOST_LATE))
    return heads, cells


def _constant(name: str) -> str:
    return "NA()" if name == "UNDEFINED" else repr(float(getattr(constants, name)))


def _block(add: Callable[[str, str, float], str], verb: str, texts: list[str], values: list[float], spots: tuple[int, int]) -> str:
    """Add the steps of a verb's block as columns, and return the last one's place; an integral is one cell over the points' columns."""
    places: dict[str, str] = {}
    first, last = spots
    over, weights = (f"${column}${first}:${column}${last}" for column in (_PLACES, _WEIGHTS))
    runs, shares = (f"${column}${first}:${column}${first + MOST_RUNS - 1}" for column in (_RUNS, _SHARES))
    for step in cell_steps(verb, _ME, texts, values, (_POINTS,) if verb == "erlang_c" else (runs, shares)):
        formula = re.sub(rf"\b{_ME}_(\w+)\b", lambda found: places[found[0]], step.formula)
        if _POINTS in formula:
            formula = formula.replace(_POINTS, _integral(places, over, weights))
        places[step.name] = add(step.meaning, formula, step.value)
    return places[_ME]


# A block's own name within a row of the table.
_ME = "block"
_POINTS = "SUM_OF_POINTS"


def _integral(places: dict[str, str], over: str, weights: str) -> str:
    """Return the sum over all points in one formula: without IF, which not every spreadsheet takes over a range."""
    d = f"({places[f'{_ME}_low']}+({places[f'{_ME}_high']}-{places[f'{_ME}_low']})*{over})"
    series = "1"
    for term in range(EXP_TERMS, 2, -1):
        series = f"1+{d}/{term}*({series})" if series != "1" else f"1+{d}/{term}"
    bend = f"((ABS({d})<{SMALL})*{d}^2/2*({series})+(ABS({d})>={SMALL})*(EXP({d})-1-{d}))"
    return f"SUMPRODUCT({weights},EXP(-({places[f'{_ME}_fleet']}+1)*{bend}))"
