"""The oracle of the day: fleets that are simulated clip by clip over days, and large ones as a fluid, beside what the program says.

Clicks are Poisson at the rate of the day's curve (by thinning), one clip each or four; replicas take the first class that waits, first
come, first served within it, and no clip is broken off. A day warms up, the next are measured, one more lets them end. The engine is a
heap of replicas; `library_waits` is the same in SimPy, and a test holds the two together path by path. A fluid's parcels are worked off
second by second. `python tests/day_grid.py` records the grid again, some minutes; tests/write_day.py makes the page of it.
"""

import csv
import heapq
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import simpy

import t2v_capacity as t2v
from places import AUTHORITIES
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.questions.what_if.pool import Pool
from t2v_capacity.questions.what_if.total import total
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS

RECORDED = AUTHORITIES / "day_grid.csv"
SEED = 20261125
DAY = 86_400
HALF_HOUR = 1_800
CLIPS = 1_000_000  # simulated for a row, about
GROUPS = 10  # of days, from whose spread the error of a percentile is known
OVERLOAD, DEFERRAL, PROMISE, POOL, MIX = "overload", "deferral", "promise", "pool", "mix"
# What is measured, and the figure of the program that it is held against.
MEASURES = {
    "overload_time": "overload_time",  # seconds of a day in which more arrives than is made
    "backlog": "backlog",  # clips that wait when the overload ends, mean over days
    "longest_wait": "longest_wait",  # of a day, mean over days
    "late_wait": "longest_wait",  # 95th percentile over all requests of all days
    "latency_p95": "latency_p95",  # of urgent requests in the hour around the peak
    "longest_deferral": "deferred_wait",  # of a day, mean over days
    "late_deferral": "deferred_wait",  # 95th percentile over all that can wait
    "replicas_by_latency": "replicas_by_latency",  # the fewest that keep the promise
    "latency_first": "latency",  # of a pool's classes, as latency_p95
    "latency_second": "latency",
    "longest_free": "longest_wait",  # of a pool's last class, which waits for all
}


@dataclass(frozen=True)
class Cell:
    """A fleet and its day. `load` is the mean work over the replicas; of a promise, the replicas at work at the peak."""

    kind: str
    engine: str  # simulated, or fluid
    replicas: int  # 0 where a promise finds them
    peak: float  # over the mean, of all classes
    load: float
    share: float = 0.0  # of the work that is the second class's: can wait, is free, or longer
    seconds: float = 120.0  # a clip takes
    second: float = 120.0  # and one of the second class
    batch: int = 1  # clips a click asks for
    allowance: float = 0.0  # the promise, in times of a clip

    def random(self) -> np.random.Generator:
        """Return the cell's own generator, the same in every run."""
        numbers = [round(1_000 * value) for value in astuple(self)[2:]]
        return np.random.default_rng([SEED, *map(ord, self.kind), *numbers])


class Row(NamedTuple):
    """What a simulation says of a cell."""

    cell: Cell
    measure: str
    replicas: int
    value: float
    error: float  # standard error; 0 of a fluid
    days: int


class Served(NamedTuple):
    """Requests of measured days: the day and its second at which each came, its class, its wait, its own work."""

    day: Any
    second: Any
    place: Any
    wait: Any
    work: Any


# The day, by clips.


def curve(peak: float, at: Any) -> Any:
    """Return the day's load over its mean at seconds of a day: middle - swing cos, in the hours that a peak beyond 2 fills."""
    filled, middle = min(1.0, 2 / peak), max(1.0, peak / 2)
    hour = at % DAY / DAY
    return np.where(hour < filled, middle - (peak - middle) * np.cos(2 * np.pi * hour / filled), 0.0)


def peak_second(peak: float) -> float:
    """Return the second of the day at which it peaks."""
    return DAY * min(1.0, 2 / peak) / 2


def clicks(rate: float, peak: float, days: int, batch: int, random: np.random.Generator) -> Any:
    """Return when requests come, in order: clicks by thinning the busiest second's rate, each of so many requests."""
    most = rate / batch * peak
    times = random.random(random.poisson(most * days * DAY)) * days * DAY
    return np.repeat(np.sort(times[random.random(len(times)) * peak < curve(peak, times)]), batch)


def streams(cell: Cell, replicas: int) -> list[tuple[float, float]]:
    """Return requests a second, and seconds of a clip, of each class, the first served first."""
    if cell.kind == PROMISE:
        return [(cell.load / cell.peak / cell.seconds, cell.seconds)]
    work = replicas * cell.load
    first = (work * (1 - cell.share) / cell.seconds, cell.seconds)
    return [first, (work * cell.share / cell.second, cell.second)] if cell.share else [first]


def heap_waits(replicas: int, arrivals: Sequence[float], places: Sequence[int], works: Sequence[float]) -> list[float]:
    """Return the waits of requests, in their order of arrival: a free replica takes the first class that waits."""
    free, queues = [0.0] * replicas, [deque[int]() for _ in range(max(places) + 1)]
    waits, coming, queued, now, number = [0.0] * len(arrivals), 0, 0, 0.0, len(arrivals)
    for _ in range(number):
        now = max(now, free[0])
        if not queued:
            now = max(now, arrivals[coming])
        while coming < number and arrivals[coming] <= now:
            queues[places[coming]].append(coming)
            coming += 1
            queued += 1
        taken = next(queue for queue in queues if queue).popleft()
        queued -= 1
        waits[taken] = now - arrivals[taken]
        heapq.heapreplace(free, now + works[taken])
    return waits


def library_waits(replicas: int, arrivals: Sequence[float], places: Sequence[int], works: Sequence[float]) -> list[float]:
    """Return the same by SimPy."""
    environment, waits = simpy.Environment(), [0.0] * len(arrivals)
    pool = simpy.PriorityResource(environment, capacity=replicas)

    def request(k: int) -> Iterator[Any]:
        with pool.request(priority=places[k]) as turn:
            yield turn
            waits[k] = environment.now - arrivals[k]
            yield environment.timeout(works[k])

    def source() -> Iterator[Any]:
        for k, at in enumerate(arrivals):
            if at > environment.now:
                yield environment.timeout(at - environment.now)
            environment.process(request(k))  # type: ignore[arg-type]

    environment.process(source())  # type: ignore[arg-type]
    environment.run()
    return waits


def requests(cell: Cell, replicas: int, days: int) -> tuple[list[float], list[int], list[float]]:
    """Return the arrivals, classes and seconds of work of so many days, in order of arrival."""
    random, known = cell.random(), streams(cell, replicas)
    times = [clicks(rate, cell.peak, days, cell.batch, random) for rate, _seconds in known]
    order = np.argsort(np.concatenate(times), kind="stable")
    places = np.repeat(np.arange(len(times)), [len(one) for one in times])[order]
    works = np.array([seconds for _rate, seconds in known])[places]
    return np.concatenate(times)[order].tolist(), places.tolist(), works.tolist()


def simulated(cell: Cell, replicas: int, days: int) -> Served:
    """Return the requests of so many measured days."""
    arrivals, places, works = requests(cell, replicas, days + 2)
    waits = np.array(heap_waits(replicas, arrivals, places, works))
    day, second = np.divmod(np.array(arrivals), DAY)
    kept = (day >= 1) & (day <= days)
    return Served(day[kept] - 1, second[kept], np.array(places)[kept], waits[kept], np.array(works)[kept])


# What is measured of it.


def over_days(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean over days, and its standard error."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / len(values) ** 0.5)


def late(values: Any, day: Any, days: int) -> tuple[float, float]:
    """Return the 95th percentile, and its standard error from groups of days."""
    groups = [np.quantile(values[(day * GROUPS // days) == group], 0.95) for group in range(GROUPS)]
    return float(np.quantile(values, 0.95)), float(np.std(groups, ddof=1) / GROUPS**0.5)


def longest(served: Served, mine: Any, days: int) -> tuple[float, float]:
    """Return the longest wait of a day, mean over days, of some of the requests."""
    found = np.zeros(days)
    np.maximum.at(found, served.day[mine].astype(int), served.wait[mine])
    return over_days(found.tolist())


def measured(cell: Cell, served: Served, days: int, replicas: int) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield what a cell's kind asks for."""
    at_peak = abs(served.second - peak_second(cell.peak)) <= HALF_HOUR
    latency, everyone = served.wait + served.work, served.place >= 0
    first = served.place == 0
    if cell.kind == OVERLOAD:
        ends = overload(cell, replicas)[1]
        behind = (served.second <= ends) & (served.second + served.wait > ends)
        yield "backlog", over_days(np.bincount(served.day[behind].astype(int), minlength=days).tolist())
        yield "longest_wait", longest(served, everyone, days)
        yield "late_wait", late(served.wait, served.day, days)
        return
    yield (
        "latency_p95" if cell.kind in (DEFERRAL, PROMISE) else "latency_first",
        late(latency[first & at_peak], served.day[first & at_peak], days),
    )
    if cell.kind == DEFERRAL:
        yield "longest_deferral", longest(served, ~first, days)
        yield "late_deferral", late(served.wait[~first], served.day[~first], days)
    elif cell.kind == POOL:
        yield "longest_free", longest(served, ~first, days)
    elif cell.kind == MIX:
        yield "latency_second", late(latency[~first & at_peak], served.day[~first & at_peak], days)


def overload(cell: Cell, replicas: int) -> tuple[float, float]:
    """Return for how many seconds of a day more arrives than is made, and in which of them that ends; counted second by second."""
    seconds = np.arange(DAY) + 0.5
    above = sum(rate * clip for rate, clip in streams(cell, replicas)) * curve(cell.peak, seconds) > replicas
    return float(above.sum()), float(seconds[above].max() + 0.5)


# The day of a large fleet, as a fluid.


def fluid(cell: Cell, days: int = 3) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield the same of a fluid: each second's work is a parcel, worked off in its turn; the second of three days is measured."""
    arriving = curve(cell.peak, np.arange(days * DAY) + 0.5)
    flows = [rate * clip * arriving for rate, clip in streams(cell, cell.replicas)]
    waited, behind, most = [0.0] * len(flows), 0.0, 0.0
    queues: list[deque[list[float]]] = [deque() for _ in flows]
    for second in range(days * DAY):
        left = float(cell.replicas)
        for place, (flow, queue) in enumerate(zip(flows, queues, strict=True)):
            queue.append([second, float(flow[second])])
            behind += queue[-1][1]
            while queue and left > 0:
                made = min(left, queue[0][1])
                queue[0][1] -= made
                left -= made
                behind -= made
                if queue[0][1] <= 0:
                    came = queue.popleft()[0]
                    if DAY <= came < 2 * DAY:
                        waited[place] = max(waited[place], second - came)
        most = max(most, behind / cell.seconds)
    if cell.kind == OVERLOAD:
        yield "overload_time", (overload(cell, cell.replicas)[0], 0.0)
        yield "backlog", (most, 0.0)
        yield "longest_wait", (waited[0], 0.0)
    else:
        yield "longest_deferral" if cell.kind == DEFERRAL else "longest_free", (waited[1], 0.0)


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
    found += [Cell(OVERLOAD, "fluid", 1_000, *day) for day in short]
    found += [Cell(DEFERRAL, "fluid", 1_000, *day) for day in waiting]
    return found + [Cell(POOL, "fluid", 1_000, *day) for day in free]


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
        yield from _simulated_rows(cell, cell.replicas)
        return
    tried: dict[int, Row] = {}

    def keeps(replicas: int) -> bool:
        if replicas <= cell.load / cell.peak:  # less than the day's mean
            return False
        if replicas not in tried:
            (tried[replicas],) = _simulated_rows(cell, replicas)
        return tried[replicas].value <= cell.allowance * cell.seconds

    fewest = found = round(predicted([Row(cell, "replicas_by_latency", 0, 0, 0, 0)])[0])
    keeps(found - 1)
    while not keeps(fewest):
        fewest += 1
    while keeps(fewest - 1):
        fewest -= 1
    yield Row(cell, "replicas_by_latency", fewest, fewest, 0.0, tried[fewest].days)
    yield from (tried[replicas] for replicas in sorted(tried))


def _simulated_rows(cell: Cell, replicas: int) -> Iterator[Row]:
    days = days_of(cell, replicas)
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
        return tuple(_read(row) for row in csv.DictReader(file))


def _read(row: dict[str, str]) -> Row:
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
    made = f"# {datetime.now(UTC):%Y-%m-%d}, numpy {np.__version__}, seed {SEED}; times in seconds\n"
    with RECORDED.open("w", encoding="utf-8", newline="") as file:
        file.write(made)
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


# What the program says.


def predicted(rows: Sequence[Row]) -> list[float]:
    """Return what the program says of rows: of a pool's by `total --pooled`, of the others by the figures."""
    alone = [row for row in rows if row.cell.kind not in (POOL, MIX)]
    said = iter(_of_figures(alone))
    return [_of_pool(row) if row.cell.kind in (POOL, MIX) else next(said) for row in rows]


def _of_figures(rows: Sequence[Row]) -> list[float]:
    if not rows:
        return []

    def column(of: Any) -> Any:
        return np.array([float(of(row)) for row in rows])

    known: dict[str, Any] = {name: one.read(one.default) for name, one in ASSUMPTIONS.items()}
    rate = column(lambda row: sum(rate for rate, _seconds in streams(row.cell, row.replicas)))
    seconds = column(lambda row: row.cell.seconds)
    known |= {
        "generation_rate": rate,
        "generation_latency": seconds,
        "gpu_seconds_per_video": seconds,
        "replicas": column(lambda row: row.replicas),
        "peak_to_average": column(lambda row: row.cell.peak),
        "deferrable_share": column(lambda row: row.cell.share),
        "arrival_variability": column(lambda row: row.cell.batch),
        "sized_by_latency": 1.0,
        "target_latency": column(lambda row: row.cell.allowance * row.cell.seconds),
    }
    wanted = tuple(dict.fromkeys(MEASURES[row.measure] for row in rows))
    found = evaluate(known, wanted)
    return [float(np.broadcast_to(found[MEASURES[row.measure]], rate.shape)[place]) for place, row in enumerate(rows)]


def _of_pool(row: Row) -> float:
    place = {"latency_first": 0, "latency_second": 1, "longest_free": -1}[row.measure]
    value = getattr(pool_of(row.cell).classes[place], MEASURES[row.measure])
    assert value is not None
    return float(value)


@cache
def pool_of(cell: Cell) -> Pool:
    """Return a cell's pool: scenarios in their order, on so many GPUs as there are."""
    plans = []
    for place, (rate, seconds) in enumerate(streams(cell, cell.replicas)):
        promise = {} if cell.kind == POOL and place else {"target_latency": "1 h"}
        pins = {"gpu_seconds_per_video": f"{seconds} s"}
        # A fleet that asks for more than there is takes what there is.
        more = {"gpu_limit": cell.replicas, "gpus_per_server": 1, "target_wait_probability": 1e-6, "max_utilization": 0.5}
        plan = t2v.estimate(
            dau=rate * DAY, videos_per_user_per_day=1, peak_to_average=cell.peak, failed_share=0, pins=pins, **promise, **more
        )
        plans.append(plan.at_points)
    found = total(plans, pooled=True).pool
    assert found is not None
    assert found.figures["replicas"] == cell.replicas, (cell, found.figures["replicas"])
    return found


def errors(rows: Sequence[Row]) -> list[float]:
    """Return predicted over simulated less 1."""
    return [said / row.value - 1 for said, row in zip(predicted(rows), rows, strict=True)]


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
