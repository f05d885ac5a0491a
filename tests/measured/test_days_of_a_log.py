"""A log of a real day, its fit and the plan's simulated days: three programs that have to agree.

The first of them is not the product's. The log is what an event simulator written apart (tests/day_fleet.py) served.
`fit` reads it, and the plan that its file makes has the waits.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from day_fleet import heap_waits
from shared import write
from t2v_capacity.measured.logs.fit import fit
from t2v_capacity.measured.logs.fit_answer import overlay
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.questions.what_if.simulated import simulated
from t2v_capacity.scenario.load import load_scenario

pytestmark = pytest.mark.usefixtures("folder")
DAY, START, CLIP, REPLICAS, DAYS = 86_400, 1_793_491_200, 300.0, 20, 84
MINUTE = (np.arange(1_440) + 0.5) / 1_440
COSINE = 1 - 0.7 * np.cos(2 * np.pi * MINUTE)
CURVES: dict[str, tuple[Any, Callable[[np.random.Generator, int], Any], int]] = {
    "two humps": (
        0.3 + np.exp(-(((MINUTE - 0.4) / 0.06) ** 2)) + 1.4 * np.exp(-(((MINUTE - 0.8) / 0.08) ** 2)),
        lambda _r, n: np.ones(n),
        1,
    ),
    "a plateau of 12 hours": (np.where((MINUTE > 0.3) & (MINUTE < 0.8), 1.6, 0.4), lambda _r, n: np.ones(n), 1),
    "a flash hour": (COSINE + 1.5 * ((MINUTE > 0.5) & (MINUTE < 0.5 + 1 / 24)), lambda _r, n: np.ones(n), 1),
    "days that vary by 15%": (COSINE, lambda r, n: r.gamma(1 / 0.15**2, 0.15**2, n), 1),
    "bursts of ten minutes": (COSINE, lambda _r, n: np.ones(n), 10),
    # The log begins on a Sunday.
    "a usual week": (COSINE, lambda _r, n: np.where((np.arange(n) % 7) % 6 > 0, 1.1, 0.75), 1),
}


def served(name: str, days: int = DAYS, load: float = 0.97) -> tuple[Any, Any]:
    """Return when requests of a log came, in seconds, and what each waited.

    The busiest hour takes so much of the fleet, days alike.
    """
    curve, levels, burst = CURVES[name]
    rng = np.random.default_rng(7)
    at_peak = np.convolve(np.tile(curve, 2), np.ones(60) / 60, "valid").max() / curve.mean()
    a_day = load * REPLICAS * DAY / CLIP / at_peak
    times = []
    for day, level in enumerate(levels(rng, days)):
        starts = rng.choice(1_440, rng.poisson(a_day * level / burst), p=curve / curve.sum())
        within = rng.random((len(starts), burst)) * (10 if burst > 1 else 1)
        times.append((DAY * day + 60 * (starts[:, None] + within)).ravel())
    came = np.sort(np.concatenate(times))
    return came, np.array(heap_waits(REPLICAS, came.tolist(), [0] * len(came), [CLIP] * len(came)))


@pytest.mark.slow
@pytest.mark.parametrize("name", CURVES)
def test_the_plan_of_a_log_waits_as_the_log_did(name: str) -> None:
    """The 95th percentile of the busiest hour and the mean of days' longest waits are within 15% of the log's.

    They are means of three seeds: one seed's percentile of a day with bursts is off by 4%.
    """
    came, waits = served(name)
    log = write(
        "time\n" + "".join(f"{START + int(time)}\n" for time in [0, *came, DAYS * DAY - 1] if time < DAYS * DAY),
        "requests.csv",
    )
    sets = [
        f"dau={len(came) / DAYS}",
        "videos_per_user_per_day=1",
        "model=wan2.2-ti2v-5b",
        "gpus_per_replica=1",
        "gpus_per_server=1",
    ]
    pins = [f"gpu_seconds_per_video={CLIP} s", f"generation_latency={CLIP} s", f"replicas={REPLICAS}"]
    plan = estimate(
        load_scenario(write(overlay(fit(log)), "traffic.yaml"), [*sets, "encoding_seconds_per_pixel=0"], pins)
    )
    names = ("latency_p95", "longest_wait")
    of_seeds = [simulated(plan, names, seed) for seed in (1, 2, 3)]
    found = {name: np.mean([of_seed[name].value for of_seed in of_seeds]) for name in names}
    curve = np.repeat(plan.scenario.day_curve, 1_440 // len(plan.scenario.day_curve))
    hour = 60 * int(np.argmax(np.convolve(np.concatenate([curve, curve[:59]]), np.ones(60), "valid")))
    busiest = (came - hour) % DAY < 3_600
    p95 = np.quantile(waits[busiest], 0.95) + CLIP
    longest = np.zeros(DAYS + 1)
    np.maximum.at(longest, (came // DAY).astype(int), waits)

    assert found["latency_p95"] == pytest.approx(p95, rel=0.15)
    assert found["longest_wait"] == pytest.approx(longest[:DAYS].mean(), rel=0.15)
