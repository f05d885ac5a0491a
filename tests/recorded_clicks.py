"""The record of clicks that ask for several clips: steady queues and days, simulated request by request.

`clicks.csv` has 200 drawn settings of a steady queue, in units of a clip's mean time; `day_table.csv` 20 drawn fleets
and their days, in seconds. All are drawn by a seed before anything is predicted.

    python tests/recorded_clicks.py           # simulates both again, four minutes
    python tests/recorded_clicks.py table     # writes the table of docs/day.md
"""

import csv
import heapq
import math
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from day_fleet import CARRIED, HALF_HOUR, LIMIT, Cell, late, peak_second, simulated
from places import AUTHORITIES, ROOT
from recorded_days import Row, known_of, said_of

SEED = 20261130
STEADY, DAYS = AUTHORITIES / "clicks.csv", AUTHORITIES / "day_table.csv"
SETTINGS, FLEETS = 200, 20
MEASURES = ("latency_p95", "refused_share")
PAGE, MARKS = ROOT / "docs" / "day.md", ("<!-- fleets: written by tests/recorded_clicks.py -->\n", "<!-- /fleets -->")


class Setting(NamedTuple):
    """A region's replicas, their busy share, the clips of a click (E[n^2] / E[n]), and the spread of a clip's time."""

    replicas: int
    busy: float
    batch: float
    spread: float


class Steady(NamedTuple):
    """What a simulation says of a setting, in units of a clip's mean time."""

    setting: Setting
    requests: int
    wait_p95: float
    latency_p95: float
    standard_error: float


def settings() -> list[Setting]:
    """Return the drawn settings of a steady queue."""
    drawn = list[Setting]()
    for place in range(SETTINGS):
        chance = np.random.default_rng([SEED, place])
        replicas, busy = round(math.exp(chance.uniform(0, math.log(600)))), round(chance.uniform(0.01, 0.97), 3)
        batch = round(math.exp(chance.uniform(0, math.log(100))), 2) if chance.random() < 0.85 else 1.0
        drawn.append(Setting(replicas, busy, batch, float(chance.choice([0, 0, 0.25, 0.5, 1, 2, 3]))))
    return drawn


def first_come_waits(replicas: int, arrivals: Any, works: Any) -> list[float]:
    """Return the waits of requests: each takes the replica that is free first."""
    free, waits = [0.0] * replicas, list[float]()
    for arrival, work in zip(arrivals.tolist(), works.tolist(), strict=True):
        start = max(arrival, free[0])
        heapq.heapreplace(free, start + work)
        waits.append(start - arrival)
    return waits


def requests(setting: Setting, place: int) -> tuple[Any, Any]:
    """Return when the requests of a setting arrive, and their work: more where the queue is slow to settle."""
    chance = np.random.default_rng([SEED, place, 1])
    k = int(setting.batch)
    larger = k * (setting.batch - k) / (2 * k + 1 - setting.batch)
    number = int(min(max(60_000, 150 / (1 - setting.busy) ** 2), 8e6 / setting.batch))
    clips = k + (chance.random(number) < larger)
    clicks = np.cumsum(chance.exponential((k + larger) / (setting.replicas * setting.busy), number))
    arrivals = np.repeat(clicks, clips)
    spread = setting.spread
    return arrivals, chance.gamma(1 / spread, spread, len(arrivals)) if spread else np.ones(len(arrivals))


def steady(place: int) -> Steady:
    """Simulate a setting; the first twentieth of its requests fills the queue."""
    setting = settings()[place]
    arrivals, works = requests(setting, place)
    waits = np.array(first_come_waits(setting.replicas, arrivals, works))[len(arrivals) // 20 :]
    latencies = waits + works[len(arrivals) // 20 :]
    groups = [np.quantile(group, 0.95) for group in np.array_split(latencies, 10)]
    error = float(np.std(groups, ddof=1) / 10**0.5)
    return Steady(setting, len(waits), float(np.quantile(waits, 0.95)), float(np.quantile(latencies, 0.95)), error)


def recorded_steady() -> list[Steady]:
    """Return the recorded steady queues."""
    with STEADY.open(encoding="utf-8") as file:
        file.readline()
        rows = [[float(text) for text in row] for row in list(csv.reader(file))[1:]]
    return [
        Steady(Setting(round(replicas), busy, batch, spread), round(number), wait, latency, error)
        for replicas, busy, batch, spread, number, wait, latency, error in rows
    ]


# Days.


def fleets() -> list[tuple[Cell, int]]:
    """Return 20 drawn fleets, and how many of their days are simulated; every fourth has a limit."""
    drawn = list[tuple[Cell, int]]()
    for place in range(FLEETS):
        chance = np.random.default_rng([SEED, place, 2])
        replicas = round(math.exp(chance.uniform(math.log(2), math.log(600))))
        batch = round(math.exp(chance.uniform(0, math.log(100))), 2) if place % 2 else 1.0
        spread = float(chance.choice([0, 0.5, 1, 2]))
        peak, busy = round(chance.uniform(1.2, 3), 1), round(chance.uniform(0.5, 0.97), 2)
        limit = float(round(math.exp(chance.uniform(0, math.log(200))))) if place % 4 == 3 else 0.0
        # Below 30 s the days of a limited queue have no values.
        seconds = round(math.exp(chance.uniform(math.log(30 if limit else 5), math.log(600))))
        kind = LIMIT if limit else CARRIED
        cell = Cell(kind, replicas, peak, round(busy / peak, 4), 0.0, seconds, batch=batch, spread=spread, limit=limit)
        per_day = replicas * cell.load / seconds * 86_400
        drawn.append((cell, round(min(2_000, max(40, 4e6 / per_day)))))
    return drawn


class Fleet(NamedTuple):
    """A drawn fleet, its 95th percentile of latency at the peak as simulated apart, and its share refused."""

    cell: Cell
    latency_p95: float
    standard_error: float
    refused_share: float


def of_days(drawn: tuple[Cell, int]) -> Fleet:
    """Simulate the days of a fleet; requests that are refused have no latency."""
    cell, days = drawn
    served = simulated(cell, cell.replicas, days)
    refused = np.isnan(served.wait)
    at_peak = ~refused & (abs(served.second - peak_second(cell.peak)) <= HALF_HOUR)
    latencies, day = (served.wait + served.work)[at_peak], served.day[at_peak].astype(int)
    return Fleet(cell, *late(latencies, day, days), float(np.mean(refused)))


def recorded_days() -> list[Fleet]:
    """Return the recorded fleets of the table."""
    with DAYS.open(encoding="utf-8") as file:
        file.readline()
        values = [[float(text) for text in row] for row in list(csv.reader(file))[1:]]
    return [Fleet(cell, *row) for (cell, _days), row in zip(fleets(), values, strict=True)]


class Compared(NamedTuple):
    """A fleet of the table, with its latency and its share refused by the closed forms and by the program's days."""

    fleet: Fleet
    closed: tuple[float, float]
    days: tuple[float, float]


def compared() -> list[Compared]:
    """Return the fleets of the table as the program sees them."""
    found = recorded_days()
    rows = [Row(fleet.cell, "", fleet.cell.replicas, *fleet[1:3], 0) for fleet in found]
    answers = list[Compared]()
    for fleet, known in zip(found, known_of(rows, MEASURES), strict=True):
        simulated_days = said_of(fleet.cell, fleet.cell.replicas)[0]
        latency, refused = (simulated_days[name].value for name in MEASURES)
        answers.append(Compared(fleet, (known[MEASURES[0]], known[MEASURES[1]]), (latency, refused)))
    return answers


HEADS = (
    *("replicas", "clip", "clicks for", "spread", "peak", "busy", "limit"),
    *("latency p95", "closed form", "days", "refused", "closed form", "days"),
)


def table_lines() -> Iterator[str]:
    """Yield the table of docs/day.md."""
    yield f"| {' | '.join(HEADS)} |"
    yield f"|{'--:|' * len(HEADS)}"
    for fleet, closed, days in compared():
        cell = fleet.cell
        about = [f"{value:g}" for value in (cell.replicas, cell.seconds, cell.batch, cell.spread, cell.peak)]
        about += [f"{cell.load * cell.peak:.0%}", f"{cell.limit:g}" if cell.limit else ""]
        about += [f"{fleet.latency_p95:.0f} s", *(f"{known[0] / fleet.latency_p95:.2f}" for known in (closed, days))]
        refused = [f"{share:.3%}" for share in (fleet.refused_share, closed[1], days[1])]
        yield f"| {' | '.join((*about, *(refused if cell.limit else [''] * 3)))} |"


def write_table(page: Path = PAGE) -> str:
    """Return the page with its table as the program has it."""
    lines = "\n".join(table_lines())
    before, rest = page.read_text(encoding="utf-8").split(MARKS[0])
    return f"{before}{MARKS[0]}\n{lines}\n\n{MARKS[1]}{rest.partition(MARKS[1])[2]}"


def record() -> None:
    """Simulate all again."""
    note = f"# numpy {np.__version__}, seed {SEED}; {{}}\n"
    with ProcessPoolExecutor() as pool:
        queues, days = list(pool.map(steady, range(SETTINGS))), list(pool.map(of_days, fleets()))
    with STEADY.open("w", encoding="utf-8", newline="") as file:
        file.write(note.format("times in units of a clip's mean time"))
        rows = [(*one.setting, one.requests, *(f"{value:.5g}" for value in one[2:])) for one in queues]
        csv.writer(file, lineterminator="\n").writerows([(*Setting._fields, *Steady._fields[1:]), *rows])
    with DAYS.open("w", encoding="utf-8", newline="") as file:
        file.write(note.format("the fleets are drawn in tests/recorded_clicks.py"))
        csv.writer(file, lineterminator="\n").writerows(
            [Fleet._fields[1:], *([f"{value:.5g}" for value in row[1:]] for row in days)]
        )


if __name__ == "__main__":
    if "table" in sys.argv:
        PAGE.write_text(write_table(), encoding="utf-8")
    else:
        record()
