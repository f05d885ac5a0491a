"""Days that were simulated clip by clip and recorded, held against the formulas and against the program's own days.

The engine of the record is held against SimPy on the same requests; `python tests/recorded_days.py` makes the record
again.
"""

import math

import numpy as np
import pytest

from day_fleet import (
    DAY,
    DEFERRAL,
    MIX,
    OVERLOAD,
    POOL,
    RERUN,
    Cell,
    clicks,
    curve,
    heap_latencies,
    heap_waits,
    library_waits,
    requests,
)
from recorded_days import SAID, by_formula, error_of, error_of_days, known_of, made_again, recorded, written
from t2v_capacity.assumptions.traffic import cosine
from t2v_capacity.questions.what_if.days import RequestClass, days

PARTS, OF_THEM = 12, 4  # of every fourth of the recorded fleets, each a slow test; `recorded_days.py table` takes all


@pytest.mark.parametrize(
    "cell",
    [
        Cell(OVERLOAD, 3, 1.7, 0.8, batch=4),
        Cell(DEFERRAL, 3, 1.7, 0.9, 0.4),
        Cell(POOL, 8, 2.5, 0.6, 0.4, 600, 300),
        Cell(MIX, 3, 1.7, 0.5, 0.5, 600, 1_800),
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


@pytest.mark.parametrize("limit", [0, 7])
def test_the_engine_with_a_limit_is_the_library_wait_by_wait(limit: float) -> None:
    """With a full queue the same requests are refused by SimPy, and all others wait as long."""
    cell = Cell(OVERLOAD, 5, 1.7, 0.9, 0.0, 600, 300, batch=4)
    arrivals, places, works = requests(cell, cell.replicas, 2)
    asked = arrivals[:1_500], places[:1_500], works[:1_500]
    ours = heap_waits(cell.replicas, *asked, limit=limit)

    assert sum(map(math.isnan, ours)) > 0
    assert ours != heap_waits(cell.replicas, *asked)
    assert library_waits(cell.replicas, *asked, limit=limit) == pytest.approx(ours, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("peak", [1.0, 1.7, 2.5])
def test_clicks_come_as_the_day_goes(peak: float) -> None:
    """In every hour as many requests come as the day's curve says, within five standard deviations.

    None come in its empty hours.
    """
    days, rate = 200, 0.02
    times = clicks(rate, peak, days, 1, np.random.default_rng(1)) % DAY
    wanted = rate * days * curve(peak, np.arange(DAY) + 0.5).reshape(24, -1).sum(axis=1)
    came = np.bincount((times // 3_600).astype(int), minlength=24)

    assert len(times) == pytest.approx(rate * days * DAY, rel=0.01)
    assert (abs(came - wanted) <= 5 * np.sqrt(wanted)).all()


def test_a_run_that_fails_is_queued_again() -> None:
    """Where no run fails, latencies are the heap's waits and the work.

    A run that fails is as long again, and spot loses what it is given.
    """
    cell = Cell(RERUN, 3, 1.7, 0.55, batch=4)
    arrivals, places, works = requests(cell, 3, 2)
    waits = heap_waits(3, arrivals, places, works)
    once = heap_latencies(3, arrivals, works, [1] * len(works))

    assert once == pytest.approx([wait + work for wait, work in zip(waits, works, strict=True)], abs=1e-6)
    assert heap_latencies(2, [0.0, 1.0], [10.0, 10.0], [2, 1]) == [20.0, 10.0]
    assert heap_latencies(1, [0.0, 1.0], [10.0, 10.0], [2, 1]) == [30.0, 19.0]
    assert heap_latencies(2, [0.0, 1.0], [10.0, 10.0], [1, 1], spot=1, lost=[5.0, 5.0]) == [15.0, 10.0]


def test_a_flash_hour_waits_as_clip_by_clip() -> None:
    """24 rates are level in their hours: 85 s clips of a flash hour on 3 replicas, 200 days of a heap."""
    rates = [0.6] * 20 + [4.0] + [0.6] * 3
    random = np.random.default_rng(3)
    counts = random.poisson(np.tile(np.array(rates) * 600 / sum(rates), 200))
    came = np.sort(3_600 * (np.repeat(np.arange(len(counts)), counts) + random.random(counts.sum())))
    waits = np.array(heap_waits(3, came.tolist(), [0] * len(came), [85.0] * len(came)))
    longest = np.zeros(200)
    np.maximum.at(longest, (came // DAY).astype(int), waits)
    (met,) = days([RequestClass(600 / DAY, ((1.0, 85.0),), tuple(rates))], 3)

    assert met["longest_wait"].value == pytest.approx(longest.mean(), rel=0.05)
    assert met["longest_wait_p95"].value == pytest.approx(np.quantile(longest, 0.95), rel=0.1)
    in_the_hour = waits[came % DAY // 3_600 == 20]
    assert met["latency_p95"].value == pytest.approx(np.quantile(in_the_hour, 0.95) + 85, rel=0.05)


@pytest.mark.wide
@pytest.mark.parametrize("varies", [0.0, 0.15])
def test_the_longest_wait_is_that_of_all_regions(varies: float) -> None:
    """Five queues apart share good and bad days: the longest wait of 250 days is that of the worst of them."""
    rates, regions, number = [0.5] * 8 + [1.6] * 8 + [0.9] * 8, 5, 250
    random, longest = np.random.default_rng(4), np.zeros(number)
    levels = random.gamma(1 / varies**2, varies**2, number) if varies else np.ones(number)
    for _region in range(regions):
        counts = random.poisson(np.outer(levels, np.array(rates) * 300 / sum(rates)).ravel())
        came = np.sort(3_600 * (np.repeat(np.arange(len(counts)), counts) + random.random(counts.sum())))
        waits = np.array(heap_waits(2, came.tolist(), [0] * len(came), [300.0] * len(came)))
        np.maximum.at(longest, (came // DAY).astype(int), waits)
    (met,) = days([RequestClass(300 / DAY, ((1.0, 300.0),), tuple(rates), day_variability=varies)], 2, regions=regions)

    worst, error = met["longest_wait"], longest.std() / number**0.5
    assert worst.value == pytest.approx(longest.mean(), abs=2 * math.hypot(worst.error, error))
    assert met["longest_wait_p95"].value == pytest.approx(np.quantile(longest, 0.95), rel=0.15)
    assert worst.error < 0.1 * worst.value


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in recorded() if row.days < 700][::60], ids=str)
def test_a_row_is_made_again(row: object) -> None:
    """A recorded cell, simulated again from its seed, gives the same digits."""
    cell, replicas, days = row.cell, row.replicas, row.days  # type: ignore[attr-defined]
    again = [one for one in recorded() if (one.cell, one.replicas) == (cell, replicas)]

    assert [written(one) for one in made_again(cell, replicas, days)] == [written(one) for one in again]


def test_nine_in_ten_latencies_by_the_formulas_are_near() -> None:
    """`latency_p95` is near the simulated one in nine of ten fleets that are busy up to 95% at their peak.

    Near is within 15%, or 2% of a clip's time.
    """
    near, number = by_formula()["up to 95%"]

    assert number > 300
    assert near >= 0.9 * number


def test_what_is_refused_by_the_formula_is_as_near_as_is_published() -> None:
    """Half of the recorded shares are within 3% of the closed form, or 0.15% of requests; docs/day.md says so."""
    rows = [row for row in recorded() if row.measure == "refused_share"]
    errors = [
        abs(error_of(row, known["refused_share"]))
        for row, known in zip(rows, known_of(rows, ("refused_share",)), strict=True)
    ]

    assert len(rows) == 77
    assert np.median(errors) < 0.03


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_days_are_near_the_record(part: int) -> None:
    """Of a part of the record 85% of the values of the program's own days are within 10%.

    Of all values 95% are, as docs/day.md says.
    """
    cells = list(dict.fromkeys((row.cell, row.replicas) for row in recorded()))[::OF_THEM][part::PARTS]
    rows = [row for row in recorded() if row.measure in SAID and (row.cell, row.replicas) in cells]
    near = [abs(error_of_days(row)) <= 0.1 for row in rows]

    assert sum(near) >= 0.85 * len(near)


@pytest.mark.wide
@pytest.mark.parametrize(("servers", "busy"), [(40, 0.9), (168, 0.95), (672, 0.99), (2_000, 1.0)])
def test_days_without_a_queue_refuse_erlangs_loss(servers: int, busy: float) -> None:
    """By the recursion of 1917, of every five minutes of the day. 2,000 servers get 67 arrivals in a step."""

    def lost(load: float) -> float:
        blocked = 1.0
        for server in range(1, servers + 1):
            blocked = load * blocked / (server + load * blocked)
        return blocked

    day, rate = cosine(2.0), busy * servers / 600 / 2
    expected = sum(load * lost(rate * 600 * load) for load in day) / sum(day)
    (of_days,) = days([RequestClass(rate, ((1.0, 600.0),), day)], servers, 0)
    assert of_days["refused_share"].value == pytest.approx(expected, rel=0.04)


@pytest.mark.wide
@pytest.mark.parametrize(("clip", "servers", "places"), [(20, 64, 300), (37, 64, 500), (52, 64, 300), (112, 100, 400)])
def test_a_full_queue_waits_for_all_that_stand_in_it(clip: float, servers: int, places: int) -> None:
    """Who takes its last place waits for `places` clips of `servers` at a time, whatever the steps of the day are."""
    requests = RequestClass(1.2 * servers / clip / 1.7, ((1.0, clip),), cosine(1.7))
    (of_days,) = days([requests], servers, places)
    assert of_days["longest_wait"].value == pytest.approx(places * clip / servers, rel=0.03)
