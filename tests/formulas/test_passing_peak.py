"""A queue at a peak that passes: Brownian motion with a floor under a bent drift, solved by itself, and the formulas' forms of it."""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from shared import some
from t2v_capacity.engine.constants import ABOVE_A_LINE, LONGEST_QUEUE, PASSING_PEAK
from t2v_capacity.formulas.bad_days import chance_growth
from t2v_capacity.formulas.overload import backlog, chance_backlog, longest_over_tail, longest_queue_time, queues_at_peak
from t2v_capacity.formulas.waiting import felt_idle_share, peak_relief

# Room at the peak in natural scales of the drift.
ROOMS = (0.0, 0.5, 1.0, 2.0, 4.0)
STEP = 0.02


def at_the_peak(room: float) -> float:
    """Return the 95th percentile at time 0 of motion with floor 0, variance 1 and drift -room - t^2 / 2, on a lattice of steps up or down."""
    height, start = 400, 4 + math.sqrt(room)
    chances = np.zeros(height)
    chances[0] = 1.0
    for step in range(int(start / STEP**2)):
        t = step * STEP**2 - start
        up = 0.5 * (1 + max(-1.0, (-room - t * t / 2) * STEP))
        moved = np.append(0.0, chances[:-1] * up)
        moved[:-1] += chances[1:] * (1 - up)
        moved[0] += chances[0] * (1 - up)
        chances = moved
    return float(np.interp(0.95, np.cumsum(chances), np.arange(height) * STEP + STEP / 2))


class Longest(NamedTuple):
    """The longest of that motion: its mean and 95th percentile, the mean of where it is when the drift turns down, and when, by its length."""

    mean: float
    late: float
    end: float
    when: float


@cache
def longest(room: float, paths: int = 6_000, dt: float = 0.004) -> Longest:
    """Return that of many paths."""
    random, edge = np.random.default_rng(5), math.sqrt(max(0.0, -2 * room))
    queue, most, ends, when = np.zeros(paths), np.zeros(paths), np.zeros(paths), np.zeros(paths)
    begins = -(4 + edge + math.sqrt(max(0.0, room)))
    for t in np.arange(begins, 5 + edge, dt):
        moved = (-room - t * t / 2) * dt + math.sqrt(dt) * random.standard_normal(paths)
        low, high = (  # between two steps, as of a bridge
            (moved + sign * np.sqrt(moved**2 - 2 * dt * np.log(random.random(paths)))) / 2 for sign in (-1, 1)
        )
        when = np.where(queue + high > most, t, when)
        most = np.maximum(most, queue + high)
        queue = np.maximum(0.0, queue + moved + np.maximum(0.0, -(queue + low)))
        if t < edge:
            ends = queue
    return Longest(float(most.mean()), float(np.quantile(most, 0.95)), float(ends.mean()), float((most * when).mean() / most.mean()))


@pytest.mark.parametrize("room", ROOMS)
def test_a_passing_peak_is_a_level_one_with_more_room(room: float) -> None:
    """The 95th percentile at the peak is that of a level drift of the room and the relief, added as squares, within 10 %; at no room 0.5 %."""
    level = math.log(20) / 2 / math.hypot(room, PASSING_PEAK)

    assert level == pytest.approx(at_the_peak(room), rel=0.1 if room else 0.005)


def test_the_formulas_are_of_that_scale() -> None:
    """Relief is the drift's natural scale of a region's load, whose bend and variance it is made of; a full fleet feels nothing else."""
    bend, variance, servers = 0.02, 1.5, 20.0  # a clip's time is 1: drift and variance of the queue, in clips
    time = (variance * servers / (bend * servers) ** 2) ** 0.2
    relief = peak_relief(bend, 0.0, 1.7, 1.0, 1.0, 2 * servers, 2, 1.0, 0.5)

    assert relief * servers == pytest.approx(PASSING_PEAK * bend * servers * time**2, rel=1e-12)
    assert felt_idle_share(0.0, relief, 1.0, 1.0, 1.7) == relief


@pytest.mark.wide
def test_the_longest_queue_comes_after_the_peak() -> None:
    """Of a full fleet the motion is longest LONGEST_QUEUE of its natural scale of time after the peak, as the formula says of a clip's time."""
    bend, variance, servers = 0.02, 1.5, 20.0
    time = (variance * servers / (bend * servers) ** 2) ** 0.2

    assert longest(0.0).when == pytest.approx(LONGEST_QUEUE, abs=0.02)
    assert longest_queue_time(bend, 1.0, 1.0, 2 * servers, 2, 60.0, 1.0, 0.5) == pytest.approx(LONGEST_QUEUE * time * 60, rel=1e-12)


@pytest.mark.wide
@pytest.mark.parametrize("room", some(ROOMS, 3))
def test_the_longest_queue_up_to_the_edge(room: float) -> None:
    """The longest queue of a peak that is carried is within 8 % of the motion's: its mean, and its 95th percentile."""
    felt = math.hypot(room, PASSING_PEAK)
    queues = queues_at_peak(felt, room, PASSING_PEAK, 1e12, 1, 60, 1, 0)  # so many replicas that a day has time for any number
    mean = longest_over_tail(queues)

    assert mean / 2 / felt == pytest.approx(longest(room).mean, rel=0.08)
    assert mean * (1 + chance_growth(queues, mean)) / 2 / felt == pytest.approx(longest(room).late, rel=0.08)


@pytest.mark.parametrize("queues", [1e-6, 1e-3, 0.1, 1.0, 3.0, 10.0, 100.0, 1e6])
def test_the_longest_of_a_poisson_number_of_queues(queues: float) -> None:
    """The mean of the longest is within 3 % of its integral, the chance that one of them is longer than x, over all x."""
    step = 1e-4
    longer = -np.expm1(-queues * np.exp(-np.arange(step / 2, 40, step)))

    assert longest_over_tail(queues) == pytest.approx(float(longer.sum() * step), rel=0.03)


@pytest.mark.wide
@pytest.mark.parametrize("over", some([0.5, 1.0, 2.0, 4.0], 4))
def test_the_longest_queue_of_an_overload(over: float) -> None:
    """Beyond the edge chance adds Daniels' height at the end and at the beginning to the fluid's, within 5 % of the motion's in all."""
    fluid, slope = 4 * math.sqrt(2) / 3 * over**1.5, math.sqrt(2 * over)
    most = longest(-over).mean

    assert fluid + 2 * ABOVE_A_LINE / slope ** (1 / 3) == pytest.approx(most, rel=0.05)


@pytest.mark.wide
@pytest.mark.parametrize("over", [0.0, 0.1, 0.25, 0.5, 1.0])
def test_what_chance_has_queued_at_the_end_of_an_overload(over: float) -> None:
    """Of its longest queue there is from OVERLOAD_EDGE to OVERLOAD_END when the drift turns, as the load above capacity rises, within 0.03."""
    fluid, motion = 4 * math.sqrt(2) / 3 * over**1.5, longest(-over)
    said = backlog(0, motion.mean - fluid, 1.0, PASSING_PEAK, 1 + over, 1.0, 1.0, 1e18) - 1 / 2

    assert said == pytest.approx(motion.end - fluid, abs=0.03 * (motion.mean - fluid))


def test_an_overload_goes_over_into_the_edge() -> None:
    """Without idle servers the formula's longest queue is the lesser of both, and steps nowhere as the load goes through capacity."""
    bend, servers = 1e-4, 10.0
    scale = (bend / servers**2) ** 0.2
    loads = np.linspace(0.99, 1.01, 2_001)
    relief = PASSING_PEAK * scale
    found = []
    for load in loads:
        room = max(0.0, 1 - load)
        felt = math.hypot(room, relief)
        queues = queues_at_peak(felt, room, relief, servers, 1.0, 60.0, 1.0, 0.0)
        found.append(chance_backlog(longest_over_tail(queues), 1 / 2 / felt, 1.0, bend, load, 1.0, servers, 1.0, 1.0, 0.0))

    assert max(abs(np.diff(found))) < 0.01 * max(found)
    assert min(found) > 0.4 * max(found)
