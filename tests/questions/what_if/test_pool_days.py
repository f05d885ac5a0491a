"""A pool's days, in steps: held against days that were simulated clip by clip, one class at a time and several."""

import pytest

import day_drawn
from day_fleet import CARRIED, DEFERRAL, OVERLOAD, Cell, streams
from day_grid import OF_A_CLIP, Row
from t2v_capacity.questions.what_if.pool_days import Stream, Waited, waits_of_days

SIMILAR = 0.1  # of a simulated wait


def stepped(cell: Cell) -> list[Waited]:
    """Return what a drawn fleet's classes wait."""
    return waits_of_days(
        [Stream(rate, seconds, cell.spread, cell.batch, cell.peak, cell.replicas) for rate, seconds in streams(cell, cell.replicas)],
        cell.replicas,
    )


def test_who_comes_first_waits_least_and_always_the_same() -> None:
    """Of equal classes an earlier one waits no longer than a later one; the same pool has the same waits, more replicas have shorter ones."""
    classes = [Stream(0.0004, 1_800, 0.25, 2, 1.7, 6)] * 3
    found = waits_of_days(classes, 3)

    assert [one.p95 for one in found] == sorted(one.p95 for one in found)
    assert [one.longest for one in found] == sorted(one.longest for one in found)
    assert waits_of_days(classes, 3) == found
    assert all(less.longest_p95 < more.longest_p95 for less, more in zip(waits_of_days(classes, 4), found, strict=True))
    assert all(0 <= one.mean <= one.p95 <= one.longest_p95 and one.longest <= one.longest_p95 for one in found)


def test_a_cap_holds_back_its_class_alone() -> None:
    """A later class with a cap waits longer than without, and the class before it no longer."""
    first, second = Stream(0.001, 600, 0, 1, 1.7, 2), Stream(0.0001, 6_000, 0, 1, 1.7, 2)
    free = waits_of_days([first, second], 2)
    capped = waits_of_days([first, second._replace(most=1)], 2)

    assert capped[0].p95 <= free[0].p95
    assert capped[1].longest > free[1].longest


@pytest.mark.parametrize("seconds", [1, 90_000])
def test_very_short_and_very_long_clips_have_waits_too(seconds: float) -> None:
    """Clips of a second at a load of a half wait for seconds at the most, clips of a day for some days."""
    (found,) = waits_of_days([Stream(1.5 / seconds, seconds, 0, 1, 1.2, 3)], 3)

    assert 0 < found.longest < 3 * seconds + 15
    assert found.mean <= found.longest


@pytest.mark.slow
@pytest.mark.parametrize(("clips", "near", "of"), [("equal", 211, 221), ("varied", 93, 106)])
def test_days_of_one_class_or_two_are_those_of_the_record(clips: str, near: int, of: int) -> None:
    """Longest waits, mean and one day in twenty, and latencies of equal clips: so many of each third drawn fleet's are within 10%."""
    rows = [*day_drawn.recorded(), *day_drawn.recorded_later()]
    cells = [one for one in dict.fromkeys(row.cell for row in rows) if one.kind in (CARRIED, OVERLOAD, DEFERRAL)][::3]
    judged = [
        _near(row, found)
        for cell in cells
        if bool(cell.spread) == (clips == "varied")
        for found in [stepped(cell)]
        for row in rows
        if row.cell == cell
    ]
    known = [one for one in judged if one is not None]

    assert (sum(known), len(known)) == (near, of)


def _near(row: Row, found: list[Waited]) -> bool | None:
    said = {
        "latency_p95": None if row.cell.spread else found[0].p95 + row.cell.seconds,
        "longest_wait": found[-1].longest,
        "bad_wait": found[-1].longest_p95,
        "longest_deferral": found[-1].longest,
        "bad_deferral": found[-1].longest_p95,
    }.get(row.measure)
    return None if said is None else abs(said - row.value) <= max(SIMILAR * row.value, OF_A_CLIP * row.cell.seconds)
