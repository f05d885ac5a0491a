"""Verbs that search: a block's named steps, and below them a table with a halving in each row.

A cell has its formula, and its present value by the same arithmetic, for readers that do not recalculate.
"""

import math
import re
from collections.abc import Callable
from itertools import count, zip_longest
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name

from t2v_capacity.engine import constants
from t2v_capacity.engine.verbs import TOLERANCE, floor
from t2v_capacity.forms.formula_text import SHEET, expression, written
from t2v_capacity.formulas.day import ARRIVAL_HALVINGS, EXIT_HALVINGS, longest_deferral
from t2v_capacity.formulas.queueing import SMALL
from t2v_capacity.formulas.staffing import HALVINGS, keeping, margin, waiting_figures, waiting_inputs
from t2v_capacity.handover.workbook.cell_functions import EXP_TERMS, Step, cell_steps, points

# A cell: its formula and its present value.
Cell = tuple[str, float]


class Search(NamedTuple):
    """A block that searches: its steps, the heads and rows of its table, and its result, for which the table is read."""

    steps: list[Step]
    heads: list[str]
    rows: list[list[Cell]]
    result: Step


def search(verb: str, me: str, texts: list[str], values: list[float], first: int) -> Search:
    """Return a verb's block, whose table's first row is `first` (counted from 1) and whose arguments' formulas are `texts`.

    >>> search("servers_for", "x", ["10", "2", "1", "0", "0", "1", "1", "1", "1", "0", "0"], [10, 2, 1, 0, 0, 1, 1, 1, 1, 0, 0], 20).result.value
    12.0
    """
    return SEARCHES[verb](me, texts, values, first)


# ------------------------------------------------------------------------------------------------------------ servers_for

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
    "rerun": "share of runs that are begun again",
}


def _servers_for(me: str, texts: list[str], values: list[float], first: int) -> Search:
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
    load, allowance, *about = values
    known = {"replicas": servers, **waiting_inputs(load, *about)}
    places = {"replicas": f"{xl_col_to_name(_MIDDLE)}{row}", "busy_replicas": f"{me}_load", "regions": "1", "generation_latency": "1"}
    places |= {"zoned_peak": f"{me}_peak", "peak_bend": f"{me}_bend", "rerun_share": f"{me}_rerun"}
    places |= {"off_gpu_seconds": "0", "arrival_variability": f"{me}_arrivals", "service_variability": f"{me}_services"}
    places |= {"clip_variability": f"{me}_clips", "slowest_seconds": f"{me}_slowest"}
    places |= {"urgent_share": f"{me}_urgent", "peak_over_level": f"{me}_all_of_it"}
    heads, cells, columns = [*_HEADS], list[Cell](), count(_MIDDLE + 1)

    def add(head: str, formula: str, value: float) -> str:
        heads.append(head)
        cells.append((formula, value))
        return f"{xl_col_to_name(next(columns))}{row}"

    def call(verb: str, texts: list[str]) -> str:
        return _erlang(add, texts, servers, load, spots) if verb == "erlang_c" else SHEET.call(verb, texts)

    for one in waiting_figures():
        formula = written(expression(one), lambda name: places.get(name) or _constant(name), SHEET._replace(call=call))
        try:
            known[one.name] = one.formula(*[known[parameter] for parameter in one.parameters])
        except ArithmeticError:  # no servers at all
            known[one.name] = math.nan
        places[one.name] = add(one.name, formula, known[one.name])
    kept = known["latency_p95"] <= allowance
    add("kept", f"IF(ISNUMBER({places['latency_p95']}),IF({places['latency_p95']}<={me}_allowance,1,0),0)", float(kept))
    return heads, cells


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


# ------------------------------------------------------------------------------------------------------- longest_deferral

# A row's columns: the arrival, what waits then, what that asks for, the halvings of the end of its wait, and whether the wait grows.
_END, _GROWS = xl_col_to_name(3 + EXIT_HALVINGS), xl_col_to_name(4 + EXIT_HALVINGS)


def _longest_deferral(me: str, texts: list[str], values: list[float], first: int) -> Search:
    """Return the halvings of the arrival that waits longest, a row each, with those of the end of its wait in the row's columns; chance comes last."""
    peak, deferred, capacity, queued, after = values
    waits = deferred > 0 and capacity > 1 and (capacity < peak or queued > 0)
    over = waits and capacity < peak
    middle, filled = max(1.0, peak / 2), min(1.0, 2 / peak)
    swing, turn, rest = peak - middle, 2 * math.pi / filled, 1 - deferred
    start = -math.acos((capacity - middle) / swing) / turn if over else 0.0
    left = capacity - rest if waits else 1.0
    day = _Day(me, middle, swing, filled, turn)
    before = day.arrived(start)
    found = [
        Step(f"{me}_peak", "peak over mean", texts[0], peak),
        Step(f"{me}_deferred", "d: share of the work that can wait", texts[1], deferred),
        Step(f"{me}_capacity", "c: capacity over the mean", texts[2], capacity),
        Step(f"{me}_queued", "what chance queues, in days of the mean's work", texts[3], queued),
        Step(f"{me}_after", "when its queue is longest, in days after the peak", texts[4], after),
        Step(
            f"{me}_waits",
            "whether anything waits",
            f"IF({me}_deferred>0,IF({me}_capacity>1,IF(OR({me}_capacity<{me}_peak,{me}_queued>0),1,0),0),0)",
            waits,
        ),
        Step(f"{me}_middle", "middle of the day's curve", f"MAX(1,{me}_peak/2)", middle),
        Step(f"{me}_swing", "its swing", f"{me}_peak-{me}_middle", swing),
        Step(f"{me}_filled", "share of the day with load", f"MIN(1,2/{me}_peak)", filled),
        Step(f"{me}_turn", "2 pi over that", f"{2 * math.pi!r}/{me}_filled", turn),
        Step(f"{me}_rest", "1 - d", f"1-{me}_deferred", rest),
        Step(f"{me}_left", "capacity that the rest leaves in a day", f"IF({me}_waits,{me}_capacity-{me}_rest,1)", left),
        Step(
            f"{me}_start",
            "t0: when load rises above capacity",
            f"IF({me}_waits,IF({me}_capacity<{me}_peak,-ACOS(({me}_capacity-{me}_middle)/{me}_swing),0),0)/{me}_turn",
            start,
        ),
        Step(f"{me}_before", "L(t0): what arrived by then", day.arrived_in(f"{me}_start"), before),
    ]
    rows, t = list[list[Cell]](), 0.0
    for row in range(ARRIVAL_HALVINGS + 1):
        at, last = first + row, row == ARRIVAL_HALVINGS
        formula = f"A{at - 1}+IF({_GROWS}{at - 1},1,-1)*(-2*{me}_start)/2^{row + 1}" if row else "0"
        if last:
            formula, t = f"MAX({formula},MIN({me}_after,{me}_filled/2))", max(t, min(after, filled / 2))
        behind = max(0.0, day.arrived(t) - before - capacity * (t - start)) + (queued if last else 0.0)
        behind_in = f"MAX(0,{day.arrived_in(f'A{at}')}-{me}_before-{me}_capacity*(A{at}-{me}_start)){f'+{me}_queued' if last else ''}"
        cells, end = _exit(me, day, (t, behind), (at, formula, behind_in), (rest, capacity, left))
        grows = deferred * day.load(t) + rest * day.load(end) > capacity
        condition = f"{me}_deferred*({day.load_in(f'A{at}')})+{me}_rest*({day.load_in(f'{_END}{at}')})>{me}_capacity"
        rows.append([*cells, (f"IF({condition},1,0)", float(grows))])
        t += (-2 if grows else 2) * start / 2 ** (row + 2)
    heads = [
        "t",
        "what waits then",
        "what is asked of the capacity",
        *(f"halving {n}" for n in range(1, EXIT_HALVINGS + 2)),
        "whether it grows",
    ]
    final = first + ARRIVAL_HALVINGS
    value = float(longest_deferral(peak, deferred, capacity, queued, after))
    days = f"INT(B{final}/{me}_left)"
    return Search(found, heads, rows, Step(me, "the longest wait, in days", f"IF({me}_waits,{days}+{_END}{final}-A{final},0)", value))


class _Day(NamedTuple):
    """The day's curve, as numbers and as formulas."""

    me: str
    middle: float
    swing: float
    filled: float
    turn: float

    def _within(self, x: float) -> tuple[float, float]:
        half = self.filled / 2
        return max(-half, min(half, x)), max(-half, min(half, x - 1))

    def load(self, x: float) -> float:
        return self.middle + self.swing * (1 + sum(math.cos(self.turn * at) for at in self._within(x)))

    def arrived(self, x: float) -> float:
        return self.middle * sum(self._within(x)) + self.swing / self.turn * sum(math.sin(self.turn * at) for at in self._within(x))

    def _within_in(self, x: str) -> tuple[str, str]:
        half = f"{self.me}_filled/2"
        return f"MAX(-{half},MIN({half},{x}))", f"MAX(-{half},MIN({half},{x}-1))"

    def load_in(self, x: str) -> str:
        today, tomorrow = self._within_in(x)
        return f"{self.me}_middle+{self.me}_swing*(1+COS({self.me}_turn*{today})+COS({self.me}_turn*{tomorrow}))"

    def arrived_in(self, x: str) -> str:
        me, (today, tomorrow) = self.me, self._within_in(x)
        return f"{me}_middle*({today}+{tomorrow})+{me}_swing/{me}_turn*(SIN({me}_turn*{today})+SIN({me}_turn*{tomorrow}))"


def _exit(me: str, day: _Day, numbers: tuple[float, float], here: tuple[int, str, str], of: tuple[float, ...]) -> tuple[list[Cell], float]:
    """Return the cells of one arrival: its time, what waits then, what is asked for, and the halvings of when that is made; and that time."""
    (t, behind), (at, formula, behind_in), (rest, capacity, left) = numbers, here, of
    asked = capacity * t - rest * day.arrived(t) + behind - behind // left * left
    asked_in = f"{me}_capacity*A{at}-{me}_rest*({day.arrived_in(f'A{at}')})+B{at}-INT(B{at}/{me}_left)*{me}_left"
    x = t + 1 / 2
    cells: list[Cell] = [(formula, t), (behind_in, behind), (asked_in, asked), (f"A{at}+1/2", x)]
    for k in range(2, EXIT_HALVINGS + 2):
        was = f"{xl_col_to_name(len(cells) - 1)}{at}"
        x += (1 if capacity * x - rest * day.arrived(x) < asked else -1) / 2**k
        cells.append((f"{was}+IF({me}_capacity*{was}-{me}_rest*({day.arrived_in(was)})<C{at},1,-1)/2^{k}", x))
    return cells, x


SEARCHES: dict[str, Callable[[str, list[str], list[float], int], Search]] = {
    "servers_for": _servers_for,
    "longest_deferral": _longest_deferral,
}
# Steps of each, below which its result, the heads of its table and the table itself stand.
STEPS_OF = {"servers_for": 15, "longest_deferral": 14}
__all__ = ["SEARCHES", "STEPS_OF", "Search", "search"]
