"""Verbs that search: a block's named steps, and below them a table with a halving in each row.

A cell has its formula, and its present value by the same arithmetic, for readers that do not recalculate.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name

from t2v_capacity.formulas.day import ARRIVAL_HALVINGS, EXIT_HALVINGS, longest_deferral
from t2v_capacity.handover.workbook.cell_functions import AT_ONCE, SLICE_ENDS, SLICES, Cell, Search, Step
from t2v_capacity.handover.workbook.fewest_servers import servers_for


def search(verb: str, me: str, texts: list[str], values: list[float], first: int) -> Search:
    """Return a verb's block, whose table's first row is `first` (counted from 1) and whose arguments' formulas are `texts`.

    >>> search("servers_for", "x", ["10", "2", *"1001111000", "1"], [10, 2, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1], 20).result.value
    12.0
    """
    return SEARCHES[verb](me, texts, values, first)


# A row's columns: the arrival, what waits then, what that asks for, the parts in which its wait ends, and whether the wait grows. Next to the
# first row stand the ends of the parts of an interval.
_TRIES = EXIT_HALVINGS // AT_ONCE
_END, _GROWS, _PART, _LAST_PART = (xl_col_to_name(column) for column in (3 + _TRIES, 4 + _TRIES, 5 + _TRIES, 3 + _TRIES + SLICES))


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
        cells, end = _exit(
            me, day, (t, behind), (at, formula, behind_in), (rest, capacity, left), f"${_PART}${first}:${_LAST_PART}${first}"
        )
        grows = deferred * day.load(t) + rest * day.load(end) > capacity
        condition = f"{me}_deferred*({day.load_in(f'A{at}')})+{me}_rest*({day.load_in(f'{_END}{at}')})>{me}_capacity"
        rows.append([*cells, (f"IF({condition},1,0)", float(grows)), *([] if row else SLICE_ENDS)])
        t += (-2 if grows else 2) * start / 2 ** (row + 2)
    heads = [
        "t",
        "what waits then",
        "what is asked of the capacity",
        *(f"the part in which it ends, of {SLICES}^{n}" for n in range(1, _TRIES + 1)),
        "middle of the last",
        "whether it grows",
        "parts of an interval",
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

    def arrived_in(self, x: str, *, each: bool = False) -> str:
        """Return what arrived by a time, or by each of a range of them, over which MAX and MIN have one value."""
        half = f"{self.me}_filled/2"
        each_within = f"((ABS({x}+{half})-ABS({x}-{half}))/2)", f"((ABS({x}-1+{half})-ABS({x}-1-{half}))/2)"
        me, (today, tomorrow) = self.me, each_within if each else self._within_in(x)
        return f"{me}_middle*({today}+{tomorrow})+{me}_swing/{me}_turn*(SIN({me}_turn*{today})+SIN({me}_turn*{tomorrow}))"


def _exit(
    me: str, day: _Day, numbers: tuple[float, float], here: tuple[int, str, str], of: tuple[float, ...], parts: str
) -> tuple[list[Cell], float]:
    """Return the cells of one arrival: its time, what waits then, what is asked for, and the parts in which that is made; and when it is."""
    (t, behind), (at, formula, behind_in), (rest, capacity, left) = numbers, here, of
    asked = capacity * t - rest * day.arrived(t) + behind - behind // left * left
    asked_in = f"{me}_capacity*A{at}-{me}_rest*({day.arrived_in(f'A{at}')})+B{at}-INT(B{at}/{me}_left)*{me}_left"
    x, low = t, f"A{at}"
    cells: list[Cell] = [(formula, t), (behind_in, behind), (asked_in, asked)]
    for k in range(_TRIES):
        for halving in range(AT_ONCE * k + 1, AT_ONCE * (k + 1) + 1):
            tried = x + 1 / 2**halving
            x = tried if capacity * tried - rest * day.arrived(tried) < asked else x
        ends = f"({low}+{parts}/{SLICES}^{k})"
        below = f"SUMPRODUCT(({me}_capacity*{ends}-{me}_rest*({day.arrived_in(ends, each=True)})<C{at})*1)"
        cells.append((f"{low}+{below}/{SLICES}^{k + 1}", x))
        low = f"{xl_col_to_name(len(cells) - 1)}{at}"
    x += 1 / 2 ** (EXIT_HALVINGS + 1)
    return [*cells, (f"{low}+1/2^{EXIT_HALVINGS + 1}", x)], x


SEARCHES: dict[str, Callable[[str, list[str], list[float], int], Search]] = {
    "servers_for": servers_for,
    "longest_deferral": _longest_deferral,
}
# Steps of each, below which its result, the heads of its table and the table itself stand.
STEPS_OF = {"servers_for": 17, "longest_deferral": 14}
__all__ = ["SEARCHES", "STEPS_OF", "Search", "search"]
