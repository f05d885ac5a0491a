"""The second grid of the day: fleets drawn from all that a planner may have, long clips and hard days among them.

Every second cell was looked at while the formulas were found; the others judge them, and tests/write_day.py shows both apart. Two draws
of other seeds came after all formulas and warnings stood; there work also waits where the fleet carries all of its peak. A third came
after the figures of one day in twenty, a fourth after those of a day's longest queue and of runs that are run again, a last one, of
deferred work and of such runs, after those of their work.
`python tests/day_drawn.py` records what is not recorded yet, half an hour in all; `python tests/day_drawn.py 150` stops after so many seconds;
`python tests/day_drawn.py pools` records what the program says of all pools, a minute and a half.
"""

import csv
import random
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import day_grid
from day_fleet import CAP, CARRIED, DAY, DEFERRAL, GROUPS, LIMIT, MIX, OVERLOAD, POOL, RERUN, SEED, Cell, streams
from day_grid import COLUMNS, Row, read_row, record_pools, simulated_rows, written
from places import AUTHORITIES

RECORDED, RECORDED_LATER = AUTHORITIES / "day_drawn.csv", AUTHORITIES / "day_drawn_later.csv"
CLIPS = 1_000_000  # simulated for a row, about, over so many days
OF_THE_HOUR = 4  # times as many where percentiles are measured, for which a day has one hour
FEWEST, MOST = 80, 1_500
BUSIEST = 15_000  # clips a day, so that days enough can be simulated
# How many of each kind are drawn; of a fleet, a clip, a day's peak, clips a click, the spread of clips, and the load at the peak.
LATER_NUMBER = {CARRIED: 6, OVERLOAD: 6, DEFERRAL: 14, POOL: 14, MIX: 6, RERUN: 6, CAP: 6}
BAD_DAYS_SEED, BAD_DAYS_NUMBER = 20261201, {OVERLOAD: 16, DEFERRAL: 16}
LAST_SEED, LAST_NUMBER = 20261202, {CARRIED: 64, OVERLOAD: 32, DEFERRAL: 16, RERUN: 48}
WORK_SEED, WORK_NUMBER = 20261203, {DEFERRAL: 48, RERUN: 48}
LATER = {
    20261129: LATER_NUMBER,
    20261130: LATER_NUMBER,
    BAD_DAYS_SEED: BAD_DAYS_NUMBER,
    LAST_SEED: LAST_NUMBER,
    WORK_SEED: WORK_NUMBER,
}
NUMBER = {CARRIED: 64, OVERLOAD: 56, DEFERRAL: 32, POOL: 32, MIX: 28, RERUN: 32, LIMIT: 56, CAP: 24}
FLEETS = (2, 3, 5, 10, 20, 40, 100, 300)
SECONDS = (60, 120, 300, 600, 1_800, 3_600)
PEAKS = (1.3, 1.7, 2.0, 3.0)
BATCHES = (1, 1, 1, 4)
SPREADS = (0.0, 0.0, 0.25, 1.0, 4.0)
CARRYING = (0.75, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99)
OVER = (1.002, 1.005, 1.01, 1.02, 1.03, 1.05, 1.08, 1.12, 1.2, 1.3)
_ALL_LOADS = (*CARRYING, *OVER)
MEAN, URGENT = 0.97, 0.95  # of a day's work, and of the peak's that can't wait, at the most
MORE = 1.25  # work in all over that, in half of the fleets in which some can wait
LONGER = (2, 5, 10)  # times a first class's clip
LIMITS = (0.5, 1, 2, 5, 20)  # clips that may wait, per replica
LOADS = (*CARRYING[2:], *OVER, 1.5, 1.8)  # of the peak, where a queue has a limit
CAPS = (0.3, 0.4, 0.5, 0.7)  # of the replicas


@cache
def drawn() -> tuple[Cell, ...]:
    """Return the drawn cells, in their order."""
    return tuple(cell for kind, number in NUMBER.items() for cell in _of_kind(kind, number))


@cache
def drawn_later() -> tuple[Cell, ...]:
    """Return the cells of the later draws, in their order."""
    found = (
        cell for seed, numbers in LATER.items() for kind, number in numbers.items() for cell in _of_kind(kind, number, seed, _ALL_LOADS)
    )
    return tuple(cell for cell in dict.fromkeys(found) if cell not in drawn())


@cache
def drawn_last() -> frozenset[Cell]:
    """Return those of each kind's last draw."""
    last = {kind: (number, seed) for seed, numbers in LATER.items() for kind, number in numbers.items() if seed >= LAST_SEED}
    return frozenset(cell for kind, (number, seed) in last.items() for cell in _of_kind(kind, number, seed, _ALL_LOADS))


def _of_kind(kind: str, number: int, seed: int = SEED, waiting_loads: tuple[float, ...] = OVER) -> Iterator[Cell]:
    draw = random.Random(f"{seed} {kind}")
    found: set[Cell] = set()
    while len(found) < number:
        cell = _cell(kind, draw, waiting_loads if kind in (DEFERRAL, POOL, CAP) else OVER)
        urgent = cell.load * cell.peak * (1 - cell.share)
        waits = kind not in (DEFERRAL, POOL, CAP) or urgent < URGENT
        made = not cell.cap or cell.load * cell.share < MEAN * cell.cap / cell.replicas
        if clips_of(cell) <= BUSIEST and (cell.load < MEAN or kind == LIMIT) and waits and made and cell not in found:
            found.add(cell)
            yield cell


def _cell(kind: str, draw: random.Random, overs: tuple[float, ...]) -> Cell:
    """Return a cell whose load is that of its peak."""
    fleet, seconds, peak = draw.choice(FLEETS), float(draw.choice(SECONDS)), draw.choice(PEAKS)
    batch, spread = draw.choice(BATCHES), draw.choice(SPREADS)
    over, carried = draw.choice(overs), draw.choice(CARRYING)
    failed, spot, interruptions = draw.choice(
        ((0.02, 0.0, 0.0), (0.05, 0.0, 0.0), (0.1, 0.0, 0.0), (0.3, 0.0, 0.0), (0.0, 0.5, 0.5), (0.0, 1.0, 0.2))
    )
    share, longer = draw.choice((0.2, 0.4, 0.6)), draw.choice(LONGER)
    known: dict[str, Any] = {"batch": batch, "seconds": seconds, "second": seconds}
    if kind in (CARRIED, OVERLOAD):
        return Cell(kind, "simulated", fleet, peak, round((over if kind == OVERLOAD else carried) / peak, 6), spread=spread, **known)
    if kind == RERUN:
        spot = round(spot * fleet) / fleet
        return Cell(
            kind, "simulated", fleet, peak, round(carried / peak, 6), failed=failed, spot=spot, interruptions=interruptions, **known
        )
    if kind == MIX:
        return Cell(kind, "simulated", fleet, peak, round(carried / peak, 6), share, seconds, seconds * longer)
    if kind == LIMIT:
        limit = max(1.0, float(int(draw.choice(LIMITS) * fleet)))
        return Cell(kind, "simulated", fleet, peak, round(draw.choice(LOADS) / peak, 6), spread=spread, limit=limit, **known)
    load = round((over if draw.random() < 0.5 else over * MORE) / peak, 6)
    if kind == DEFERRAL:
        return Cell(kind, "simulated", fleet, peak, load, share, **known)
    cap = max(1.0, float(int(draw.choice(CAPS) * fleet))) if kind == CAP else 0.0
    return Cell(kind, "simulated", fleet, peak, load, share, seconds, seconds * longer, cap=cap)


def clips_of(cell: Cell) -> float:
    """Return the clips of a day."""
    return sum(rate * DAY for rate, _seconds in streams(cell, cell.replicas))


def days_of(cell: Cell) -> int:
    """Return over how many days a cell is simulated."""
    clips = CLIPS * (OF_THE_HOUR if cell.kind in (CARRIED, RERUN) else 1)
    return int(max(FEWEST, min(MOST, clips / clips_of(cell))) // GROUPS * GROUPS)


@cache
def recorded() -> tuple[Row, ...]:
    """Return the recorded rows."""
    return _read(RECORDED)


@cache
def recorded_later() -> tuple[Row, ...]:
    """Return the recorded rows of the later draws."""
    return _read(RECORDED_LATER)


def _read(path: Path) -> tuple[Row, ...]:
    if not path.exists():
        return ()
    with path.open(encoding="utf-8") as file:
        return tuple(read_row(row) for row in csv.DictReader(file))


def judging(cell: Cell) -> bool:
    """Return whether a cell judges the formulas; the others were looked at while these were found."""
    return drawn().index(cell) % 2 == 1


def record(seconds: float) -> None:
    """Simulate what is not recorded yet, for so long."""
    begun = time.monotonic()
    for path, cells, rows in ((RECORDED, drawn(), recorded()), (RECORDED_LATER, drawn_later(), recorded_later())):
        done = {row.cell for row in rows}
        if not path.exists():
            path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
        for cell in cells:
            if cell in done:
                continue
            if time.monotonic() - begun > seconds:
                return
            with path.open("a", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(written(row) for row in simulated_rows(cell, cell.replicas, days_of(cell)))


if __name__ == "__main__":
    if sys.argv[1:] == ["pools"]:
        record_pools((*day_grid.recorded(), *recorded(), *recorded_later()))
    else:
        record(float(sys.argv[1]) if len(sys.argv) > 1 else 1e9)
