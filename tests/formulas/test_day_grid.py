"""What the program says of a day, held against the recorded simulations that docs/day.md shows, and these against themselves.

The engine is held against SimPy on the same requests; `python tests/day_grid.py` records the grid again.
"""

import numpy as np
import pytest

from day_fleet import DAY, DEFERRAL, MIX, OVERLOAD, POOL, Cell, clicks, curve, heap_waits, library_waits, requests
from day_grid import grid, promises, recorded, rows_of, written
from write_day import FLUID, SIMULATED, groups

# Of the simulated values of each measure, those within 10 % of which the program is; a row more or less is told.
HELD = {
    "backlog": (18, 19),
    "longest_wait": (16, 19),
    "late_wait": (12, 19),
    "latency_p95": (18, 20),
    "longest_deferral": (18, 20),
    "late_deferral": (16, 20),
    "latency_first": (6, 15),
    "latency_second": (5, 6),
    "longest_free": (9, 9),
}
# A large fleet's day has no chance in it, only the second by which it is counted.
EXACT = 1e-3


@pytest.mark.parametrize(
    "cell",
    [
        Cell(OVERLOAD, SIMULATED, 3, 1.7, 0.8, batch=4),
        Cell(DEFERRAL, SIMULATED, 3, 1.7, 0.9, 0.4),
        Cell(POOL, SIMULATED, 8, 2.5, 0.6, 0.4, 600, 300),
        Cell(MIX, SIMULATED, 3, 1.7, 0.5, 0.5, 600, 1_800),
    ],
    ids=lambda cell: cell.kind,
)
def test_the_engine_is_the_library_wait_by_wait(cell: Cell) -> None:
    """On the same requests every wait is SimPy's, whichever class it is of."""
    arrivals, places, works = requests(cell, cell.replicas, 2)
    asked = arrivals[:1_500], places[:1_500], works[:1_500]
    ours = heap_waits(cell.replicas, *asked)

    assert max(ours) > 0
    assert library_waits(cell.replicas, *asked) == pytest.approx(ours, abs=1e-6)


@pytest.mark.parametrize("peak", [1.0, 1.7, 2.5])
def test_clicks_come_as_the_day_goes(peak: float) -> None:
    """In every hour as many requests come as the day's curve says, within five standard deviations; none in its empty hours."""
    days, rate = 200, 0.02
    times = clicks(rate, peak, days, 1, np.random.default_rng(1)) % DAY
    wanted = rate * days * curve(peak, np.arange(DAY) + 0.5).reshape(24, -1).sum(axis=1)
    came = np.bincount((times // 3_600).astype(int), minlength=24)

    assert len(times) == pytest.approx(rate * days * DAY, rel=0.01)
    assert (abs(came - wanted) <= 5 * np.sqrt(wanted)).all()


def test_the_recorded_grid_is_the_written_one() -> None:
    """Every cell of the written grid is recorded, in its order, over 40 days at least, and known to 7 %, half of them to 1.5 %."""
    rows = recorded()

    assert list(dict.fromkeys(row.cell for row in rows)) == grid()
    assert min(row.days for row in rows if row.cell.engine == SIMULATED) >= 40
    spread = [row.error / row.value for row in rows if row.cell.engine == SIMULATED and row.measure != "replicas_by_latency"]
    assert max(spread) < 0.07
    assert np.median(spread) < 0.015


def test_the_figures_hold_as_often_as_the_page_says() -> None:
    """Within 10 % of the simulated value are so many rows of each measure, no more and no fewer."""
    found = {one.measure: (one.near, len(one.rows)) for one in groups() if one.engine == SIMULATED}

    assert found == HELD


def test_a_large_fleet_has_the_day_of_a_fluid() -> None:
    """Time of overload, backlog and longest waits are those of a fluid that fills and drains, whatever the class."""
    fluid = [one for one in groups() if one.engine == FLUID]

    assert {one.measure for one in fluid} == {"overload_time", "backlog", "longest_wait", "longest_deferral", "longest_free"}
    assert max(abs(error) for one in fluid for error in one.errors) < EXACT


def test_the_fleet_that_is_found_is_the_smallest_that_keeps_the_promise() -> None:
    """Of 18 promises the fleet found is the simulated smallest in 14, one replica away in the others, and keeps 15; the rest miss by 2 %."""
    found = list(promises(recorded()))
    away = [abs(said - fewest) for _cell, said, fewest, _kept, _fewer in found]
    latencies = {(row.cell, row.replicas): row.value for row in recorded() if row.measure == "latency_p95"}
    over = [latencies[cell, said] / cell.seconds / cell.allowance - 1 for cell, said, *_rest in found]

    assert (len(found), away.count(0), away.count(1)) == (18, 14, 4)
    assert sum(one <= 0 for one in over) == 15
    assert max(over) < 0.02


@pytest.mark.slow
@pytest.mark.parametrize("cell", grid()[::9], ids=str)
def test_a_row_is_made_again(cell: Cell) -> None:
    """A recorded cell, simulated again from its seed, gives the same digits."""
    assert [written(row) for row in rows_of(cell)] == [written(row) for row in recorded() if row.cell == cell]
