"""Clicks for several clips, and what is refused, against requests simulated apart and against Erlang's loss."""

from typing import Any

import numpy as np
import pytest

from day_fleet import DAY, curve, library_waits
from recorded_clicks import (
    PAGE,
    Setting,
    Steady,
    compared,
    first_come_waits,
    recorded_steady,
    requests,
    settings,
    write_table,
)
from shared import over
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.constants import FEWEST_REFUSED
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.questions.what_if.days import RequestClass, days

CLIP = 120.0


def figures_of(names: tuple[str, ...], **known: Any) -> dict[str, Any]:
    """Return figures of fleets whose clips take a known time, at a level load unless a peak is known."""
    at_defaults: dict[str, Any] = {name: one.read(one.default) for name, one in ASSUMPTIONS.items()}
    return evaluate({**at_defaults, "encoding_seconds": 0.0, "peak_to_average": 1.0, **known}, names)


def latencies(rows: list[Steady]) -> Any:
    """Return `latency_p95` of settings, in units of a clip's mean time."""
    replicas, busy, batch, spread = np.array([row.setting for row in rows]).T
    known = {"arrival_variability": batch, "service_variability": spread, "generation_latency": 1.0}
    return figures_of(("latency_p95",), replicas=replicas, busy_replicas=replicas * busy, **known)["latency_p95"]


def test_the_record_is_of_the_drawn_settings() -> None:
    """The recorded steady queues are the drawn ones, from one replica to hundreds and clicks for one clip to many."""
    rows = recorded_steady()

    assert [row.setting for row in rows] == settings()
    assert min(row.requests for row in rows) >= 50_000
    assert {1, 2, 3} <= {row.setting.replicas for row in rows}
    assert max(row.setting.batch for row in rows) > 90


@pytest.mark.wide
@pytest.mark.parametrize("setting", [Setting(1, 0.8, 1.34, 0.5), Setting(5, 0.7, 12.5, 0), Setting(40, 0.9, 3.0, 2)])
def test_waits_are_those_of_the_library(setting: Setting) -> None:
    """On the same requests every wait is SimPy's."""
    arrivals, works = (column[:4_000] for column in requests(setting, 0))
    waits = first_come_waits(setting.replicas, arrivals, works)

    assert max(waits) > 0
    theirs = library_waits(setting.replicas, arrivals.tolist(), [0] * 4_000, works.tolist())
    np.testing.assert_allclose(theirs, waits, atol=1e-6)


def test_latencies_of_clicks_are_near_the_simulated_ones() -> None:
    """`latency_p95` is within 20% of the simulated one in 95% of 200 drawn settings, and never below three quarters."""
    rows = recorded_steady()
    ratios = latencies(rows) / np.array([row.latency_p95 for row in rows])

    assert np.mean(abs(ratios - 1) <= 0.2) >= 0.95
    assert ratios.min() > 0.75


@pytest.mark.wide
def test_more_replicas_never_wait_longer_and_larger_clicks_never_less() -> None:
    """Over 100,000 random points a replica more lengthens no wait, and a larger click shortens none."""
    chance = np.random.default_rng(1)
    number = 100_000
    replicas = np.floor(np.exp(chance.uniform(0, np.log(600), number)))
    load = replicas * chance.uniform(0.01, 0.99, number)
    batch = np.exp(chance.uniform(0, np.log(100), number))
    about = {"busy_replicas": load, "service_variability": chance.uniform(0, 3, number), "generation_latency": 1.0}

    def waits(**known: Any) -> Any:
        return figures_of(("wait_p95",), **{**about, "replicas": replicas, "arrival_variability": batch, **known})[
            "wait_p95"
        ]

    wait = waits()
    assert (waits(replicas=replicas + 1) <= wait * (1 + 1e-9)).all()
    assert (waits(arrival_variability=batch * 1.1) >= wait * (1 - 1e-9)).all()


def lost_over_the_day(replicas: int, mean_load: float, peak: float) -> float:
    """Return the share that a fleet without a queue refuses: Erlang's loss at each moment of the day's cosine."""
    loads = mean_load * curve(peak, (np.arange(288) + 0.5) / 288 * DAY)
    blocked = np.ones(288)
    for k in range(1, replicas + 1):
        blocked = loads * blocked / (k + loads * blocked)
    return float(sum(loads * blocked) / sum(loads))


@over(("replicas", [1, 5, 20, 100, 400]), ("busy", [0.75, 0.9, 1.0, 1.2, 1.5]), ("peak", [1.0, 1.3, 1.7, 2.5, 4.0]))
def test_a_fleet_without_a_queue_loses_what_erlang_says(replicas: int, busy: float, peak: float) -> None:
    """At `queue_limit: 0` the refused share of a day is within 20% of Erlang's loss over that day."""
    rate = busy * replicas / CLIP / peak
    known = {"generation_latency": CLIP, "gpu_seconds_per_video": CLIP, "replicas": float(replicas), "queue_limit": 0.0}
    demand = {"generation_rate": rate, "generations_per_day": rate * DAY, "peak_to_average": peak}
    lost = lost_over_the_day(replicas, rate * CLIP, peak)

    share = figures_of(("refused_share",), **known, **demand)["refused_share"]

    assert share == pytest.approx(lost, rel=0.2, abs=FEWEST_REFUSED)


@pytest.mark.slow
def test_the_table_of_the_page_is_what_the_program_says() -> None:
    """docs/day.md has the 20 drawn fleets: closed forms within 20% in nine of ten, simulated days within 15%."""
    fleets = compared()
    closed, simulated = (
        np.array([known[0] / one.fleet.latency_p95 for known, one in zip(column, fleets, strict=True)])
        for column in ([one.closed for one in fleets], [one.days for one in fleets])
    )

    assert np.mean(abs(closed - 1) <= 0.2) >= 0.9
    assert closed.min() > 0.75
    assert (abs(simulated - 1) <= 0.15).all()
    assert PAGE.read_text(encoding="utf-8") == write_table()


@pytest.mark.slow
@over(("seconds", [1.4, 5.0, 15.0]), ("replicas", [2, 30]))
def test_simulated_days_see_the_waits_of_short_clips(seconds: float, replicas: int) -> None:
    """A level day of short clips waits as Erlang's formula says, within 10% of the latency and the noise."""
    rate, busy = 0.9 * replicas / seconds, 0.9 * replicas
    [found] = days([RequestClass(rate, ((1.0, seconds),), (1.0,), service_variability=1.0)], replicas)
    known = {"generation_latency": seconds, "replicas": float(replicas), "busy_replicas": busy}

    wait = figures_of(("wait_p95",), service_variability=1.0, **known)["wait_p95"]

    assert wait > 0
    noise = 3 * found["wait_p95"].error
    assert found["wait_p95"].value == pytest.approx(wait, abs=0.1 * (wait + seconds) + noise)
