"""The record of clips that fail and are interrupted: fleets drawn before anything was predicted, on a level load.

Simulated run by run (`heap_latencies` of tests/day_fleet.py), with no formula.

    python tests/recorded_runs.py          # simulates all again, ten minutes
"""

import csv
import math
import random
from collections.abc import Iterator

from day_fleet import DAY, RERUN, Cell, late, simulated
from places import AUTHORITIES
from recorded_days import COLUMNS, Row, read_row, written

RUNS = AUTHORITIES / "runs.csv"
SEED = 20261201
FLEETS, CLIPS, SECONDS = 160, 100_000, 600
SHARES = (0.005, 0.01, 0.02, 0.03, 0.04, 0.045, 0.049, 0.055, 0.07, 0.1, 0.15, 0.2, 0.22, 0.25, 0.3)


def cells() -> Iterator[Cell]:
    """Yield drawn fleets: every second one has spot replicas, and a quarter of those have no failures."""
    chance = random.Random(SEED)
    for place in range(FLEETS):
        replicas = round(math.exp(chance.uniform(math.log(2), math.log(300))))
        load, failed = round(chance.uniform(0.6, 0.95), 3), chance.choice(SHARES)
        spot = chance.randint(1, replicas) / replicas
        often = round(math.exp(chance.uniform(math.log(0.06), math.log(4))), 3)  # 0.01 to 0.67 of a run
        if place % 2 == 0:
            spot = often = 0.0
        elif place % 8 == 1:
            failed = 0.0
        yield Cell(RERUN, replicas, 1.0, load, seconds=SECONDS, failed=failed, spot=spot, interruptions=often)


def made(cell: Cell) -> Row:
    """Simulate the days of a fleet."""
    days = max(12, round(CLIPS / (cell.replicas * cell.load * DAY / SECONDS)))
    served = simulated(cell, cell.replicas, days)
    return Row(cell, "latency_p95", cell.replicas, *late(served.wait + served.work, served.day.astype(int), days), days)


def recorded() -> list[Row]:
    """Return what was simulated."""
    with RUNS.open(encoding="utf-8") as file:
        file.readline()
        return [read_row(row) for row in csv.DictReader(file)]


def main() -> None:
    """Simulate all fleets, and write them down."""
    with RUNS.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# tests/recorded_runs.py, seed {SEED}: times in seconds\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for cell in cells():
            writer.writerow(written(made(cell)))
            file.flush()


if __name__ == "__main__":
    main()
