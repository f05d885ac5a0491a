"""The record of simulated days (tests/day_fleet.py), and what the program says of the same fleets.

python tests/recorded_days.py         # simulates every recorded fleet again, half an hour
python tests/recorded_days.py table   # how near the program is, as docs/day.md has it, ten minutes
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from day_fleet import DAY, MIX, POOL, Cell, measured, simulated, streams
from places import AUTHORITIES
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.traffic import cosine
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.formulas import FIGURES  # noqa: F401 - which evaluate needs
from t2v_capacity.questions.what_if.days import RequestClass, SimulatedValue, days

RECORDED = AUTHORITIES / "days.csv"
COLUMNS = (*(one.name for one in fields(Cell)), "measure", "fleet", "simulated", "standard_error", "days")
# What is recorded -> of which class, and by which name the program's days have it.
SAID = {
    **{
        name: (0, name)
        for name in ("latency_p50", "latency_p95", "latency_p99", "longest_wait", "backlog", "refused_share")
    },
    "bad_wait": (0, "longest_wait_p95"),
    "latency_first": (0, "latency_p95"),
    "latency_second": (1, "latency_p95"),
    **dict.fromkeys(("longest_deferral", "longest_free"), (1, "longest_wait")),
    **dict.fromkeys(("bad_deferral", "bad_free"), (1, "longest_wait_p95")),
}
# Of requests; where fewer are refused, an error is a part of this many. And of a clip's time, a wait that no user
# notices.
LEAST_REFUSED, OF_A_CLIP = 0.05, 0.01
_WHOLE = ("replicas", "batch")
BUSY = 0.95  # of the replicas at the peak, above which the program warns that waits are uncertain


class Row(NamedTuple):
    """What a simulation says of a cell."""

    cell: Cell
    measure: str
    replicas: int
    value: float
    error: float  # standard error
    days: int


@cache
def recorded() -> tuple[Row, ...]:
    """Return the recorded rows."""
    with RECORDED.open(encoding="utf-8") as file:
        file.readline()
        return tuple(read_row(row) for row in csv.DictReader(file))


def read_row(row: Mapping[str, str]) -> Row:
    """Return a recorded row."""
    numbers = {
        one.name: (int if row[one.name].isdecimal() and one.name in _WHOLE else float)(row[one.name])
        for one in fields(Cell)[1:]
    }
    cell = Cell(row["kind"], **numbers)  # type: ignore[arg-type]
    return Row(
        cell, row["measure"], int(row["fleet"]), float(row["simulated"]), float(row["standard_error"]), int(row["days"])
    )


def made_again(cell: Cell, replicas: int, of_days: int) -> Iterator[Row]:
    """Yield what the simulation measures of a cell."""
    for measure, (value, error) in measured(cell, simulated(cell, replicas, of_days), of_days, replicas):
        yield Row(cell, measure, replicas, value, error, of_days)


def written(row: Row) -> tuple[Any, ...]:
    """Return a row as it is recorded."""
    return (*astuple(row.cell), row.measure, row.replicas, f"{row.value:.6g}", f"{row.error:.3g}", row.days)


def record() -> None:
    """Simulate every recorded cell again, from its own seed."""
    with RECORDED.open(encoding="utf-8") as file:
        head = file.readline()
    cells = dict.fromkeys((row.cell, row.replicas, row.days) for row in recorded())
    rows = [written(row) for cell in cells for row in made_again(*cell)]
    with RECORDED.open("w", encoding="utf-8", newline="") as file:
        file.write(head)
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


# What the program says.


def known_of(rows: Sequence[Row], wanted: tuple[str, ...]) -> list[dict[str, float]]:
    """Return figures of each row's fleet, by the formulas."""

    def column(of: Any) -> Any:
        return np.array([float(of(row)) for row in rows])

    known: dict[str, Any] = {name: one.read(one.default) for name, one in ASSUMPTIONS.items()}
    rate = column(lambda row: sum(rate for rate, _seconds in streams(row.cell, row.replicas)) / (1 - row.cell.failed))
    seconds = column(lambda row: row.cell.seconds)
    known |= {
        **dict.fromkeys(("generation_latency", "gpu_seconds_per_video"), seconds),
        "generation_rate": rate,
        "replicas": column(lambda row: row.replicas),
        "peak_to_average": column(lambda row: row.cell.peak),
        "deferrable_share": column(lambda row: row.cell.share),
        "arrival_variability": column(lambda row: row.cell.batch),
        "service_variability": column(lambda row: row.cell.spread),
        "failed_share": column(lambda row: row.cell.failed),
        "spot_fraction": column(lambda row: row.cell.spot),
        "interruptions_per_hour": column(lambda row: row.cell.interruptions),
        "encoding_seconds": 0.0,  # which no queue knows of
        "generations_per_day": rate * DAY,
    }
    known["queue_limit"] = column(lambda row: row.cell.limit or known["queue_limit"])
    found = {name: np.broadcast_to(value, rate.shape) for name, value in evaluate(known, wanted).items()}
    return [{name: float(value[place]) for name, value in found.items()} for place in range(len(rows))]


@cache
def said_of(cell: Cell, replicas: int) -> list[Mapping[str, SimulatedValue]]:
    """Return what the program's days say of a fleet, of each class."""
    asked = [
        RequestClass(
            rate / (1 - cell.failed),
            holding_times=((1.0, seconds),),
            load_curve=cosine(cell.peak),
            service_variability=cell.spread,
            arrival_variability=cell.batch,
            failed_share=cell.failed,
            spot_share=cell.spot,
            interruptions_per_second=cell.interruptions / 3_600,
        )
        for rate, seconds in streams(cell, replicas)
    ]
    return days(asked, replicas, cell.limit or np.inf)


def error_of(row: Row, said: float) -> float:
    """Return what is said over what was simulated, less 1.

    Of next to nothing, the error is a part of `LEAST_REFUSED` or `OF_A_CLIP`.
    """
    least = LEAST_REFUSED if row.measure == "refused_share" else OF_A_CLIP * row.cell.seconds
    return (said - row.value) / max(row.value, least)


def error_of_days(row: Row) -> float:
    """Return how far the program's days are off."""
    place, name = SAID[row.measure]
    return error_of(row, said_of(row.cell, row.replicas)[place][name].value)


def by_formula() -> dict[str, tuple[int, int]]:
    """Return how many latencies by the formulas are near, of how many.

    There are two groups: fleets up to `BUSY` at their peak, and busier ones. Near is within 15%, or 2% of a clip's
    time. A fleet of two classes is no plan.
    """
    rows = [row for row in recorded() if row.measure == "latency_p95" and row.cell.kind not in (POOL, MIX)]
    found = {"up to 95%": (0, 0), "above 95%": (0, 0)}
    for row, known in zip(rows, known_of(rows, ("latency_p95", "utilization")), strict=True):
        if known["utilization"] < 1:
            name = "up to 95%" if known["utilization"] <= BUSY + 1e-6 else "above 95%"
            near, number = found[name]
            within = abs(known["latency_p95"] - row.value) <= max(0.15 * row.value, 0.02 * row.cell.seconds)
            found[name] = near + within, number + 1
    return found


def table() -> str:
    """Return how many values of the program's days are within 10%, of all recorded ones, by kind of fleet."""
    rows = [row for row in recorded() if row.measure in SAID]
    of = Counter(row.cell.kind for row in rows)
    near = Counter(row.cell.kind for row in rows if abs(error_of_days(row)) <= 0.1)
    return "\n".join(f"| {kind} | {near[kind]} | {of[kind]} |" for kind in of)


if __name__ == "__main__":
    if "table" in sys.argv:
        sys.stdout.write(f"{by_formula()}\n{table()}\n")
    else:
        record()
