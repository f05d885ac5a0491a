"""The oracle of the day: a grid of fleets, what their simulated days say (recorded), and what the program says of the same.

`python tests/day_grid.py` records the grid again, some minutes; tests/write_day.py makes docs/day.md of it.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import simpy

import t2v_capacity as t2v
from day_fleet import CAP, DAY, DEFERRAL, GROUPS, LIMIT, MIX, OVERLOAD, POOL, PROMISE, SEED, Cell, fluid, measured, simulated, streams
from places import AUTHORITIES
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.waits import REFUSED_BY, UNCERTAIN_BY
from t2v_capacity.questions.what_if.pool import Pool
from t2v_capacity.questions.what_if.total import total

RECORDED = AUTHORITIES / "day_grid.csv"
SAID = AUTHORITIES / "day_pools.csv"  # what `total --pooled` says of the recorded pools, which takes half a second for each
CLIPS = 1_000_000  # simulated for a row, about
# What is measured, and the figure of the program that it is held against.
MEASURES = {
    "overload_time": "overload_time",  # seconds of a day in which more arrives than is made
    "backlog": "backlog",  # clips that wait when the overload ends, mean over days
    "longest_wait": "longest_wait",  # of a day, mean over days
    "bad_wait": "longest_wait_p95",  # of a day, 95th percentile over days
    "latency_p50": "latency_p50",  # of urgent requests in the hour around the peak
    "latency_p99": "latency_p99",
    "latency_p95": "latency_p95",  # of urgent requests in the hour around the peak
    "longest_deferral": "deferred_wait",  # of a day, mean over days
    "bad_deferral": "deferred_wait_p95",  # of a day, 95th percentile over days
    "replicas_by_latency": "replicas_by_latency",  # the fewest that keep the promise
    "latency_first": "latency",  # of a pool's classes, as latency_p95
    "latency_second": "latency",
    "longest_free": "longest_wait",  # of a pool's last class, which waits for all
    "bad_free": "longest_wait_p95",
    "refused_share": "refused_share",  # of requests, those that come to a full queue
}
# Of requests; where fewer are refused, an error is a part of this many.
LEAST_REFUSED = 0.05
OF_A_CLIP = 0.01  # of a clip's time, which no user notices
POOLS = (POOL, MIX, CAP)  # what `total --pooled` says


class Row(NamedTuple):
    """What a simulation says of a cell."""

    cell: Cell
    measure: str
    replicas: int
    value: float
    error: float  # standard error; 0 of a fluid
    days: int


# The written grid.


def grid() -> list[Cell]:
    """Return the written grid."""
    fleets = (3, 8, 25)
    found = [Cell(OVERLOAD, "simulated", 3, 2.5, 0.62, seconds=115)]  # 700 users on 3 GPUs, a clip of the start-up's model
    short = ((1.7, 0.7), (1.7, 0.8), (1.7, 0.9), (2.5, 0.5), (2.5, 0.7))
    found += [Cell(OVERLOAD, "simulated", fleet, *day) for fleet in fleets for day in short]
    found += [Cell(OVERLOAD, "simulated", fleet, 1.7, 0.8, batch=4) for fleet in fleets]
    waiting = ((1.7, 0.9, 0.4), (1.7, 0.8, 0.4), (1.7, 0.68, 0.2), (2.5, 0.6, 0.4), (1.7, 0.9, 0.7))
    found += [Cell(DEFERRAL, "simulated", fleet, *day) for fleet in (*fleets, 100) for day in waiting]
    found += [
        Cell(PROMISE, "simulated", 0, 1.7, load, batch=batch, allowance=allowance)
        for batch in (1, 4)
        for load in (2.2, 6.5, 21.0)
        for allowance in (1.25, 1.6, 2.5)
    ]
    free = ((1.7, 0.9, 0.4, 120, 120), (1.7, 0.85, 0.5, 120, 300), (2.5, 0.6, 0.4, 120, 60))
    found += [Cell(POOL, "simulated", fleet, *day) for fleet in fleets for day in free]
    longer = ((1.7, 0.5, 0.5, 120, 360), (1.7, 0.53, 0.3, 120, 600))
    found += [Cell(MIX, "simulated", fleet, *day) for fleet in fleets for day in longer]
    found += [Cell(OVERLOAD, "fluid", 1_000_000, *day) for day in short]
    found += [Cell(DEFERRAL, "fluid", 1_000_000, *day) for day in waiting]
    found += [Cell(POOL, "fluid", 1_000_000, *day) for day in free]
    limits = ((1.7, 0.57, 2), (1.7, 0.7, 5), (1.7, 0.8, 20), (1.7, 0.9, 2), (2.5, 0.6, 10), (1.7, 1.1, 5))  # of clips per replica
    found += [
        Cell(LIMIT, "simulated", fleet, peak, load, batch=batch, limit=float(limit * fleet))
        for fleet in fleets
        for peak, load, limit in limits
        for batch in ((1, 4) if load == 0.7 else (1,))
    ]
    capped = ((1.7, 0.85, 0.4, 120, 120), (1.7, 0.75, 0.4, 120, 600), (2.5, 0.6, 0.4, 120, 300))
    caps = ((3, 2), (8, 4), (25, 11))
    found += [Cell(CAP, "simulated", fleet, *day, cap=float(cap)) for fleet, cap in caps for day in capped]
    found += [Cell(LIMIT, "fluid", 1_000_000, peak, load, limit=limit * 1e6) for peak, load, limit in limits[1:]]
    return found + [Cell(CAP, "fluid", 1_000_000, *day, cap=4.4e5) for day in capped]


def days_of(cell: Cell, replicas: int) -> int:
    """Return of how many days a row is made."""
    clips = sum(rate * DAY for rate, _seconds in streams(cell, replicas))
    return int(max(40, min(600, CLIPS / clips)) // GROUPS * GROUPS)


def rows_of(cell: Cell) -> Iterator[Row]:
    """Simulate a cell. A promise tries fleets around the one that the program finds, until one keeps it and the next smaller doesn't."""
    if cell.engine == "fluid":
        yield from (Row(cell, measure, cell.replicas, *value, 1) for measure, value in fluid(cell))
        return
    if cell.kind != PROMISE:
        yield from simulated_rows(cell, cell.replicas, days_of(cell, cell.replicas))
        return
    tried: dict[int, Row] = {}

    def keeps(replicas: int) -> bool:
        if replicas <= cell.load / cell.peak:  # less than the day's mean
            return False
        if replicas not in tried:
            (tried[replicas],) = simulated_rows(cell, replicas, days_of(cell, replicas))
        return tried[replicas].value <= cell.allowance * cell.seconds

    # A fleet of one stands in until one is found: what the promise asks for does not depend on it, and no fleet has no utilization.
    fewest = found = round(predicted([Row(cell, "replicas_by_latency", 1, 0, 0, 0)])[0])
    keeps(found - 1)
    while not keeps(fewest):
        fewest += 1
    while keeps(fewest - 1):
        fewest -= 1
    yield Row(cell, "replicas_by_latency", fewest, fewest, 0.0, tried[fewest].days)
    yield from (tried[replicas] for replicas in sorted(tried))


def simulated_rows(cell: Cell, replicas: int, days: int) -> Iterator[Row]:
    """Yield what so many days of a fleet measure."""
    for measure, (value, error) in measured(cell, simulated(cell, replicas, days), days, replicas):
        yield Row(cell, measure, replicas, value, error, days)


# The record.

COLUMNS = (*(one.name for one in fields(Cell)), "measure", "fleet", "simulated", "standard_error", "days")


def written(row: Row) -> tuple[Any, ...]:
    """Return a row as it is recorded."""
    return (*astuple(row.cell), row.measure, row.replicas, f"{row.value:.6g}", f"{row.error:.3g}", row.days)


@cache
def recorded() -> tuple[Row, ...]:
    """Return the recorded rows."""
    with RECORDED.open(encoding="utf-8") as file:
        file.readline()
        return tuple(read_row(row) for row in csv.DictReader(file))


def read_row(row: dict[str, str]) -> Row:
    """Return a recorded row."""
    numbers = {one.name: (int if one.name in ("replicas", "batch") else float)(row[one.name]) for one in fields(Cell)[2:]}
    cell = Cell(row["kind"], row["engine"], **numbers)  # type: ignore[arg-type]
    return Row(cell, row["measure"], int(row["fleet"]), float(row["simulated"]), float(row["standard_error"]), int(row["days"]))


def head() -> str:
    """Return the record's first line: when, with what and from which seed it was made."""
    with RECORDED.open(encoding="utf-8") as file:
        return file.readline().removeprefix("# ").strip()


def record() -> None:
    """Simulate the grid and write it down."""
    rows = []
    for cell in grid():
        rows += [written(row) for row in rows_of(cell)]
        sys.stderr.write(f"{cell}\n")
    made = f"# {datetime.now(UTC):%Y-%m-%d}, simpy {simpy.__version__}, numpy {np.__version__}, seed {SEED}; times in seconds\n"
    with RECORDED.open("w", encoding="utf-8", newline="") as file:
        file.write(made)
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


# What the program says.


def predicted(rows: Sequence[Row]) -> list[float]:
    """Return what the program says of rows: of a pool's by `total --pooled`, of the others by the figures."""
    alone = [row for row in rows if row.cell.kind not in POOLS]
    said = iter(_of_figures(alone))
    return [_of_pool(row) if row.cell.kind in POOLS else next(said) for row in rows]


def _of_figures(rows: Sequence[Row]) -> list[float]:
    return [known[MEASURES[row.measure]] for row, known in zip(rows, known_of(rows), strict=True)]


def known_of(rows: Sequence[Row]) -> Iterator[dict[str, float]]:
    """Yield the values and figures of each row's fleet: those that are measured, and those by which waits are uncertain."""
    if not rows:
        return

    def column(of: Any) -> Any:
        return np.array([float(of(row)) for row in rows])

    known: dict[str, Any] = {name: one.read(one.default) for name, one in ASSUMPTIONS.items()}
    rate = column(lambda row: sum(rate for rate, _seconds in streams(row.cell, row.replicas)) / (1 - row.cell.failed))
    seconds = column(lambda row: row.cell.seconds)
    known |= {
        "generation_rate": rate,
        "generation_latency": seconds,
        "gpu_seconds_per_video": seconds,
        "replicas": column(lambda row: row.replicas),
        "peak_to_average": column(lambda row: row.cell.peak),
        "deferrable_share": column(lambda row: row.cell.share),
        "arrival_variability": column(lambda row: row.cell.batch),
        "service_variability": column(lambda row: row.cell.spread),
        "failed_share": column(lambda row: row.cell.failed),
        "spot_fraction": column(lambda row: row.cell.spot),
        "interruptions_per_hour": column(lambda row: row.cell.interruptions),
        "sized_by_latency": 1.0,
        "encoding_seconds": 0.0,  # which no queue knows of
        "target_latency": column(lambda row: row.cell.allowance * row.cell.seconds),
        "generations_per_day": rate * DAY,
    }
    known["queue_limit"] = column(lambda row: row.cell.limit or known["queue_limit"])
    wanted = tuple(dict.fromkeys((*(MEASURES[row.measure] for row in rows), *UNCERTAIN_BY, *REFUSED_BY)))
    columns = {name: np.broadcast_to(value, rate.shape) for name, value in {**known, **evaluate(known, wanted)}.items()}
    yield from ({name: float(column[place]) for name, column in columns.items()} for place in range(len(rows)))


def _of_pool(row: Row) -> float:
    said = said_of_pools().get((row.cell, row.measure))
    return of_pool(row) if said is None else said


def of_pool(row: Row) -> float:
    """Return what `total --pooled` says of a row."""
    place = {"latency_first": 0, "latency_second": 1, "longest_free": -1, "bad_free": -1}[row.measure]
    value = getattr(pool_of(row.cell).classes[place], MEASURES[row.measure])
    assert value is not None
    return float(value)


@cache
def said_of_pools() -> dict[tuple[Cell, str], float]:
    """Return what is recorded of that."""
    if not SAID.exists():
        return {}
    with SAID.open(encoding="utf-8") as file:
        return {(row.cell, row.measure): row.value for row in map(read_row, csv.DictReader(file))}


def record_pools(rows: Iterable[Row]) -> None:
    """Ask `total --pooled` of the pools in rows, and write down what it says."""
    found = [(*astuple(row.cell), row.measure, row.replicas, of_pool(row), 0, row.days) for row in rows if row.cell.kind in POOLS]
    with SAID.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *found])


@cache
def pool_of(cell: Cell) -> Pool:
    """Return a cell's pool: scenarios in their order, on so many GPUs as there are."""
    # A fleet that asks for more than there is takes what there is.
    more = {
        "encoding_seconds_per_pixel": 0,
        "gpu_limit": cell.replicas,
        "gpus_per_server": 1,
        "target_wait_probability": 1e-6,
        "max_utilization": 0.05,
    }
    plans = []
    for place, (rate, seconds) in enumerate(streams(cell, cell.replicas)):
        traffic = {"dau": rate * DAY, "videos_per_user_per_day": 1, "peak_to_average": cell.peak, "failed_share": 0}
        promise = {} if cell.kind in (POOL, CAP) and place else {"target_latency": "1 h"}
        capped = {"gpu_limit": int(cell.cap)} if cell.cap and place else {}
        values: dict[str, Any] = {**traffic, **more, **promise, **capped}
        plans.append(t2v.estimate(pins={"gpu_seconds_per_video": f"{seconds} s"}, **values).at_points)
    found = total(plans, pooled=True).pool
    assert found is not None
    assert found.figures["replicas"] == cell.replicas, (cell, found.figures["replicas"])
    return found


def errors(rows: Sequence[Row]) -> list[float]:
    """Return predicted over simulated less 1; of what is refused, the same of at least `LEAST_REFUSED` of requests."""
    return [error_of(row, said) for said, row in zip(predicted(rows), rows, strict=True)]


def error_of(row: Row, said: float) -> float:
    """Return what is said over what was simulated, less 1; a wait of next to nothing counts as `OF_A_CLIP`."""
    of_a_clip = OF_A_CLIP * row.cell.seconds
    least = {"refused_share": LEAST_REFUSED, "longest_wait": of_a_clip, "bad_wait": of_a_clip}.get(row.measure, 0.0)
    return (said - row.value) / max(row.value, least)


def promises(rows: Sequence[Row]) -> Iterator[tuple[Cell, int, int, bool | None, bool | None]]:
    """Yield of each promise the program's fleet, the simulated fewest, whether its fleet keeps it, and whether one fewer does."""
    fewest = [row for row in rows if row.measure == "replicas_by_latency"]
    for row, said in zip(fewest, predicted(fewest), strict=True):
        kept = {
            one.replicas: one.value <= row.cell.allowance * row.cell.seconds
            for one in rows
            if one.cell == row.cell and one.measure == "latency_p95"
        }
        yield row.cell, round(said), row.replicas, kept.get(round(said)), kept.get(round(said) - 1)


if __name__ == "__main__":
    record()
