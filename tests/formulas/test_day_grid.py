"""What the program says of a day, held against the recorded simulations that docs/day.md shows, and these against themselves.

The engine is held against SimPy on the same requests; `python tests/day_grid.py` records the grid again.
"""

import numpy as np
import pytest

from day_grid import (
    DAY,
    DEFERRAL,
    MIX,
    OVERLOAD,
    POOL,
    PROMISE,
    Cell,
    clicks,
    curve,
    grid,
    heap_waits,
    library_waits,
    promises,
    recorded,
    requests,
    rows_of,
    written,
)
from write_day import FLUID, SIMULATED, groups

# Of the simulated values of each measure, those within 10 % of which the program is; a row more or less is told.
HELD = {}
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
    arrivals, places, works = (column[:1_500] for column in requests(cell, cell.replicas, 2))
    ours = heap_waits(cell.replicas, arrivals, places, works)

    assert max(ours) > 0
    np.testing.assert_allclose(library_waits(cell.replicas, arrivals, places, works), ours, atol=1e-6)


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
    """Every cell of the written grid is recorded, in its order, over 40 days at least, and to 6 % where it is of chance."""
    rows = recorded()

    assert list(dict.fromkeys(row.cell for row in rows)) == grid()
    assert min(row.days for row in rows if row.cell.engine == SIMULATED) >= 40
    assert max(row.error / row.value for row in rows) < 0.06


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
    """Of the fleets found for a promise so many are the simulated smallest, and so many keep it."""
    found = list(promises(recorded()))

    assert len(found) == 18


@pytest.mark.slow
@pytest.mark.parametrize("cell", grid()[::9], ids=str)
def test_a_row_is_made_again(cell: Cell) -> None:
    """A recorded cell, simulated again from its seed, gives the same digits."""
    assert [written(row) for row in rows_of(cell)] == [written(row) for row in recorded() if row.cell == cell]
