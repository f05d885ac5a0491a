"""A queue at a peak that passes: Brownian motion with a floor under a bent drift, solved by itself, and the formulas' forms of it."""

import math

import numpy as np
import pytest

from t2v_capacity.engine.constants import PASSING_PEAK
from t2v_capacity.formulas.waiting import idle_share, peak_relief

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


@pytest.mark.parametrize("room", ROOMS)
def test_a_passing_peak_is_a_level_one_with_more_room(room: float) -> None:
    """The 95th percentile at the peak is that of a level drift of the room and the relief, added as squares, within 10 %; at no room 0.5 %."""
    level = math.log(20) / 2 / math.hypot(room, PASSING_PEAK)

    assert level == pytest.approx(at_the_peak(room), rel=0.1 if room else 0.005)


def test_the_formulas_are_of_that_scale() -> None:
    """Relief is the drift's natural scale of a region's load, whose bend and variance it is made of; a full fleet feels nothing else."""
    bend, variance, servers = 0.02, 1.5, 20.0  # a clip's time is 1: drift and variance of the queue, in clips
    time = (variance * servers / (bend * servers) ** 2) ** 0.2
    relief = peak_relief(bend, 1.0, 1.0, 2 * servers, 2, 1.0, 0.5)

    assert relief * servers == pytest.approx(PASSING_PEAK * bend * servers * time**2, rel=1e-12)
    assert idle_share(1.0 - 1e-12, 1.0, relief) == pytest.approx(relief)
