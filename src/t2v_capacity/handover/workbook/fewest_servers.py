"""The verb `servers_for` in a spreadsheet: a block's named steps, and below them a table with a halving of a number of servers in each row."""

import math
import re
from collections.abc import Callable, Mapping
from itertools import count, zip_longest

from xlsxwriter.utility import xl_col_to_name

from t2v_capacity.engine import constants
from t2v_capacity.engine.verbs import FLOATS, TOLERANCE, floor
from t2v_capacity.forms.formula_text import SHEET, expression, written
from t2v_capacity.formulas.queueing import SMALL
from t2v_capacity.formulas.runs import NEGLIGIBLE, share_longer
from t2v_capacity.formulas.staffing import HALVINGS, keeping, margin, waiting_figures, waiting_inputs
from t2v_capacity.handover.workbook.cell_functions import EXP_TERMS, Cell, LongerCells, Search, Step, cell_steps, points

# Columns next to the table hold the integral's points and their weights.
_PLACES, _WEIGHTS = 0, 1
_LOW, _HIGH, _MIDDLE = 2, 3, 4
_HEADS = ("place in the interval", "weight", "too few", "enough", "tried")
# The verb's arguments, in order: the names of its steps, and their meanings.
_GIVEN = {
    "load": "servers busy on average",
    "allowance": "latency asked for, in clips' times",
    "arrivals": "squared coefficient of variation of arrivals",
    "clips": "squared coefficient of variation of all clips' times",
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
    "clip_variability": "clips",
    "service_variability": "services",
    "slowest_seconds": "slowest",
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
    spots = [*points()]
    heads, rows, fewest = _tried(me, values, (float(floor(load)), float(most)), first, len(spots))
    beside = [[(str(place), place), (str(weight), weight)] for place, weight in spots]
    table = [[*spot, *row] for spot, row in zip_longest(beside, rows, fillvalue=())]
    kept, last = xl_col_to_name(_LOW + len(rows[0]) - 1), first + HALVINGS + 1
    known = "+".join(f"{me}_{name}" for name in _GIVEN)
    result = f"IF(ISNUMBER({known}),IF({me}_allowance>={me}_slowest,IF({kept}{first},D{last},0),0),NA())"
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
            formulas = f"C{above}", f"D{above}", f"INT((C{at}+D{at})/2)"
        else:
            formulas = f"IF({kept}{above},C{above},E{above})", f"IF({kept}{above},E{above},D{above})", f"INT((C{at}+D{at})/2)"
        heads, chain = _chain(me, tried, values, at, (first, first + spots - 1))
        kept = xl_col_to_name(_MIDDLE + len(chain))
        rows.append([*zip(formulas, (low, high, tried), strict=True), *chain])
        _formula, keeps = chain[-1]
        if at > first:
            low, high = (low, tried) if keeps else (tried, high)
    return heads, rows, float(high)


def _halfway(low: float, high: float) -> float:
    return math.nan if math.isnan(low + high) else math.floor((low + high) / 2)


def _chain(me: str, servers: float, values: list[float], row: int, spots: tuple[int, int]) -> tuple[list[str], list[Cell]]:
    """Return the heads of all columns, and the cells of the figures of waiting for so many servers, the last one whether they keep it."""
    load, _allowance, *about = values
    known = {"replicas": servers, **waiting_inputs(load, *about)}
    places = {"replicas": f"{xl_col_to_name(_MIDDLE)}{row}", "regions": "1", "generation_latency": "1", "off_gpu_seconds": "0"}
    places |= {name: f"{me}_{step}" for name, step in _READ.items()}
    heads, cells, columns = [*_HEADS], list[Cell](), count(_MIDDLE + 1)

    def add(head: str, formula: str, value: float) -> str:
        heads.append(head)
        cells.append((formula, value))
        return f"{xl_col_to_name(next(columns))}{row}"

    def call(verb: str, texts: list[str]) -> str:
        return _erlang(add, texts, servers, load, spots) if verb == "erlang_c" else SHEET.call(verb, texts)

    for one in waiting_figures():
        if one.name in _OF_RUNS:
            continue
        formula = written(expression(one), lambda name: places.get(name) or _constant(name), SHEET._replace(call=call))
        try:
            known[one.name] = one.formula(*[known[parameter] for parameter in one.parameters])
        except ArithmeticError:  # no servers at all
            known[one.name] = math.nan
        places[one.name] = add(one.name, formula, known[one.name])
    _add_kept(me, values, known, places, add)
    return heads, cells


# The latency is found by halving, but whether it is kept by the share of clips that take longer.
_OF_RUNS = ("runs_latency_p95", "runs_latency_mean", "latency_p95")


def _add_kept(
    me: str, values: list[float], known: Mapping[str, float], places: Mapping[str, str], add: Callable[[str, str, float], str]
) -> None:
    """Add whether the allowance is kept: the latency of equal clips that `latency_p95` asks for then, and the share of clips that take longer."""
    _load, allowance, *_about = values
    slowest, failed, interrupted, work = (
        known[name] for name in ("slowest_seconds", "failed_share", "interrupted_share", "interrupted_work")
    )
    varied = known["service_variability"]
    excess = slowest * min(2 * math.sqrt(varied), max(2.0, varied)) / math.sqrt(1 - failed)
    mean = (known["wait_mean"] + slowest * (1 + interrupted * (work - 1 / 2))) / (1 - failed)
    asked = (
        mean + math.sqrt(max(0.0, (allowance - mean) ** 2 - excess**2)) if allowance - excess >= mean else allowance - excess
    ) / slowest
    excess_in = f"{me}_slowest*MIN(2*SQRT({me}_services),MAX(2,{me}_services))/SQRT(1-{me}_failed)"
    spread = add("excess of a clip's own time", excess_in, excess)
    middle = add("mean latency", f"({places['wait_mean']}+{me}_slowest*(1+{me}_interrupted*({me}_work-1/2)))/(1-{me}_failed)", mean)
    root = f"{middle}+SQRT(MAX(0,({me}_allowance-{middle})^2-{spread}^2))"
    limit = add("most for equal clips", f"IF({me}_allowance-{spread}>={middle},{root},{me}_allowance-{spread})/{me}_slowest", asked)
    chance = add("chance to wait", f"MAX({NEGLIGIBLE:.0E},{places['wait_chance']})", max(NEGLIGIBLE, known["wait_chance"]))
    tail = add(
        "scale of the wait, in runs",
        f"MAX({NEGLIGIBLE:.0E},{places['wait_tail']}/{me}_slowest)",
        max(NEGLIGIBLE, known["wait_tail"] / slowest),
    )
    cells = LongerCells(f"{me}_failed", f"{me}_interrupted", f"(1-1/{me}_work)", chance, tail)
    waits = known["wait_chance"], known["wait_tail"] / slowest
    share = share_longer(FLOATS, failed, interrupted, 1 - 1 / work, *waits)(asked) if not math.isnan(asked + sum(waits)) else math.nan
    meant = constants.LATE_SHARE * (1 - TOLERANCE)
    late = add("share of clips that take longer", cells.share(limit), share)
    add("kept", f"IF(ISNUMBER({late}),IF({late}<={meant!r},1,0),0)", float(share <= meant))


def _constant(name: str) -> str:
    return "NA()" if name == "UNDEFINED" else repr(float(getattr(constants, name)))


def _erlang(add: Callable[[str, str, float], str], texts: list[str], servers: float, load: float, spots: tuple[int, int]) -> str:
    """Add the steps of Erlang's block as columns, and return the last one's place; the integral is one cell over the points' columns."""
    places: dict[str, str] = {}
    first, last = spots
    for step in cell_steps("erlang_c", "e", texts, [servers, load], _POINTS):
        formula = re.sub(r"\be_(\w+)\b", lambda found: places[f"e_{found[1]}"], step.formula)
        if _POINTS in formula:
            over, weights = (f"${xl_col_to_name(column)}${first}:${xl_col_to_name(column)}${last}" for column in (_PLACES, _WEIGHTS))
            formula = formula.replace(_POINTS, _integral(places, over, weights))
        places[step.name] = add(step.meaning, formula, step.value)
    return places["e"]


_POINTS = "SUM_OF_POINTS"


def _integral(places: dict[str, str], over: str, weights: str) -> str:
    """Return the sum over all points in one formula: without IF, which not every spreadsheet takes over a range."""
    d = f"({places['e_low']}+({places['e_high']}-{places['e_low']})*{over})"
    series = "1"
    for term in range(EXP_TERMS, 2, -1):
        series = f"1+{d}/{term}*({series})" if series != "1" else f"1+{d}/{term}"
    bend = f"((ABS({d})<{SMALL})*{d}^2/2*({series})+(ABS({d})>={SMALL})*(EXP({d})-1-{d}))"
    return f"SUMPRODUCT({weights},EXP(-({places['e_fleet']}+1)*{bend}))"
