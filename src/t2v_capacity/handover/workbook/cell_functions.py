"""Verbs that take more than a cell, as named steps in functions that all spreadsheets have.

Each step has its formula, and its present value by the same arithmetic, for readers that do not recalculate.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from t2v_capacity.engine.figures import Number
from t2v_capacity.engine.verbs import FLOATS, TOLERANCE, VERBS, floor, maximum, minimum
from t2v_capacity.formulas.queueing import GAUSS, HUGE, SMALL
from t2v_capacity.formulas.runs import MOST_LOST, MOST_RUNS, NEGLIGIBLE, RUN_HALVINGS, longest_span, share_longer

# Below SMALL a difference is taken from its series, of so many terms: the next one would be below 1e-16 of it.
_LOG_TERMS, EXP_TERMS, _PEAK_TERMS = 16, 10, 16
# Of exp(-(c+1) (e^d - 1 - d)) nothing is left beyond this many widths of the bell, and beyond this exponent.
_WIDTHS, _NOTHING = 9, 37
# So many panels of the verbs' Gauss-Legendre nodes.
_PANELS = 12
# Steps of Erlang's block, below which its points stand.
STEPS = 12


class Step(NamedTuple):
    """A named cell of a block: what it holds, its formula, and its present value."""

    name: str
    meaning: str
    formula: str
    value: float


# A cell: its formula and its present value.
Cell = tuple[str, float]


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


def sum_of_points(head: int) -> str:
    """Return the sum over the points, whose own head stands in this row."""
    first, last = head + 2, head + 1 + 2 * len(GAUSS) * _PANELS
    return f"SUMPRODUCT(B{first}:B{last},D{first}:D{last})"


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


def _erlang_c(me: str, texts: list[str], values: list[float], points_sum: str) -> Iterator[Step]:
    """Yield the steps of Erlang C, by the integral for 1/B (Jagerman 1974) with its peak taken out.

    1/B = R e^K times the integral of exp(-(c+1) (e^d - 1 - d)) over d from -ln((c+1)/R) on, a bell around 0 for every load.
    """
    servers, load = values
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


def _growth_sum(me: str, texts: list[str], values: list[float], _points: str) -> Iterator[Step]:
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


def _latency_in_runs(me: str, texts: list[str], values: list[float], _points: str) -> Iterator[Step]:
    """Yield the halvings of the latency of the latest clips."""
    late, failed, interrupted, lost_again, chance, tail = values
    least, counted = NEGLIGIBLE, not any(map(math.isnan, values))
    yield Step(f"{me}_late", "share of clips that takes longer", texts[0], late)
    yield Step(f"{me}_failed", "share of runs that fails", texts[1], failed)
    yield Step(f"{me}_interrupted", "share of runs that is interrupted", texts[2], interrupted)
    yield Step(f"{me}_lost", "of those, the share that loses more than a run", texts[3], lost_again)
    yield Step(f"{me}_chance", "chance to wait", f"MAX({least:.0E},{texts[4]})", maximum(least, chance))
    yield Step(f"{me}_tail", "scale of the wait, in runs", f"MAX({least:.0E},{texts[5]})", maximum(least, tail))
    at_once = 1 + tail * maximum(0.0, math.log(maximum(least, chance) / late))
    yield Step(f"{me}_once", "the latency of clips that run once", f"1+{me}_tail*MAX(0,LN({me}_chance/{me}_late))", at_once)
    of_failed, of_lost = (f"LN(MIN(MAX({me}_{name},{least:.0E}),1-{least:.0E}))" for name in ("failed", "lost"))
    runs = f"MIN({MOST_RUNS},1+LN({me}_late/4)/{of_failed})"
    whole = f"MIN({MOST_LOST},1+MAX(0,LN({me}_late/4/MAX({me}_interrupted,{least:.0E}))/{of_lost}))"
    span = longest_span(FLOATS, *values) if counted else math.nan
    yield Step(f"{me}_span", "how far beyond one run it lies", f"{runs}*(1+{whole}+{me}_tail*MAX(0,LN({me}_chance/({me}_late/4))))-1", span)
    longer = share_longer(FLOATS, *values[1:]) if counted else lambda _latency: math.nan
    name, latency = f"{me}_1", 1 + span / 2
    yield Step(name, "halving 1", f"1+{me}_span/2", latency)
    known = LongerCells(f"{me}_failed", f"{me}_interrupted", f"{me}_lost", f"{me}_chance", f"{me}_tail")
    for k in range(2, RUN_HALVINGS + 2):
        longer_cells = known.share(name)
        if failed > 0 or interrupted > 0:
            latency += (1 if longer(latency) > late * (1 - TOLERANCE) else -1) * span / 2**k
        formula = f"IF({me}_failed+{me}_interrupted>0,{name}+IF({longer_cells}>{me}_late*(1-{TOLERANCE:.0E}),1,-1)*{me}_span/2^{k},{name})"
        name = f"{me}_{k}"
        yield Step(name, f"halving {k}", formula, latency)
    found = f"IF({me}_failed+{me}_interrupted>0,{name}-{me}_span/2^{RUN_HALVINGS + 1},{me}_once)"
    checked = f"IF(ISNUMBER({me}_once+{me}_failed+{me}_interrupted+{me}_lost),{found},NA())"
    yield Step(me, "the latency, in times of a run", checked, float(VERBS["latency_in_runs"](*values)))


class LongerCells(NamedTuple):
    """The cells from which the share of clips follows that takes longer: `share_longer` of them."""

    failed: str
    interrupted: str
    lost_again: str
    chance: str
    tail: str

    def share(self, latency: str) -> str:
        """Return a sum over the runs of a clip, down, and what each loses, across: without IF, which not every spreadsheet takes over a range."""
        run, lost = ("{" + by.join(map(str, numbers)) + "}" for by, numbers in ((";", range(1, MOST_RUNS + 1)), (",", range(MOST_LOST))))
        # 0^0 has no value in a spreadsheet, and a power that is too small for it none in LibreOffice.
        of_run, of_lost = (
            f"MAX({share},1E-13)^{exponent}*(1-MAX({share},1E-13)*({exponent}<{most - 1}))"
            for share, exponent, most in ((self.failed, f"({run}-1)", MOST_RUNS), (self.lost_again, lost, MOST_LOST))
        )
        wait = f"({latency}/{run}-1-{self.tail}*MAX(0,LN({self.chance})))"
        waits = f"(({wait}<0)+({wait}>=0)*MIN(1,{self.chance})*EXP(-ABS({wait})/{self.tail}))"

        def until(x: str) -> str:
            return f"(({x}-ABS({x}))/2+MIN(1,{self.chance})*{self.tail}*(1-EXP(-({x}+ABS({x}))/2/{self.tail})))"

        beyond = f"({until(f'({wait}-{lost})')}-{until(f'({wait}-{lost}-1)')})"
        interrupted = f"IF({self.interrupted}>0,{self.interrupted}*SUMPRODUCT({of_run}*{of_lost}*{beyond}),0)"
        return f"((1-{self.interrupted})*SUMPRODUCT({of_run}*{waits})+{interrupted})"


BLOCKS: dict[str, Callable[[str, list[str], list[float], str], Iterator[Step]]] = {
    "erlang_c": _erlang_c,
    "growth_sum": _growth_sum,
    "latency_in_runs": _latency_in_runs,
}


def cell_steps(verb: str, name: str, texts: list[str], values: list[float], points_sum: str = "") -> list[Step]:
    """Return the steps of one call, the last one its result; `texts` are the formulas of its arguments, `points_sum` that of the integral.

    >>> [step.name for step in cell_steps("growth_sum", "g", ["0", "12"], [0, 12])][-2:]
    ['g_full', 'g']
    """
    return list(BLOCKS[verb](name, texts, values, points_sum))
