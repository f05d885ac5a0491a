"""What a full queue refuses, held against M/M/c/K and against itself.

Simulated days are in tests/formulas/test_days.py.
"""

import heapq
import itertools
from typing import Any

import numpy as np
import pytest

from shared import over, plan_of_text
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.constants import FEWEST_REFUSED, NO_QUEUE_LIMIT
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.questions.what_if.simulated import simulated

pytestmark = pytest.mark.usefixtures("folder")
DAY, CLIP = 86_400, 120.0
SMALL = "dau: 100K\npeak_to_average: 1.7\nmodel: wan2.2-ti2v-5b\n"


def level(servers: int, load: float, limit: int, figure: str = "refused_share", spread: float = 1.0) -> float:
    """Return a figure, the share that is refused, of a level day: Poisson arrivals, exponential clips."""
    rate = servers * load / CLIP
    known: dict[str, Any] = {name: one.read(one.default) for name, one in ASSUMPTIONS.items()}
    known |= {
        "peak_to_average": 1.0,
        "generation_rate": rate,
        "generations_per_day": rate * DAY,
        "generation_latency": CLIP,
        "gpu_seconds_per_video": CLIP,
    }
    known |= {"replicas": float(servers), "service_variability": spread, "queue_limit": float(limit)}
    return float(evaluate(known)[figure])


def exact(servers: int, load: float, limit: int) -> float:
    """Return the share of arrivals that M/M/c/K refuses, by its states from empty to full."""
    state = whole = 1.0
    for number in range(1, servers + limit + 1):
        state *= servers * load / min(number, servers)
        whole += state
    return state / whole


@over(("times", [0.5, 1, 2, 3]), ("load", [0.7, 0.8, 0.9, 0.95, 0.99]), ("servers", [3, 10, 30, 100]))
def test_a_level_day_refuses_what_the_textbook_says(servers: int, load: float, times: float) -> None:
    """On a level day it is M/M/c/K's share."""
    limit = max(1, round(times / (1 - load)))

    assert level(servers, load, limit) == pytest.approx(exact(servers, load, limit), rel=1e-9)


def exact_p95(servers: int, load: float, limit: int) -> float:
    """Return the 95th percentile of the waits of M/M/c/K: who finds n waiting waits for n + 1 clips to end."""
    logs = np.log([servers * load / min(number, servers) for number in range(1, servers + limit)])
    states = np.exp(np.concatenate([[0.0], np.cumsum(logs)]) - np.sum(logs))
    random = np.random.default_rng(81)
    met = random.choice(len(states), 200_000, p=states / states.sum()) - servers
    waits = np.where(met >= 0, random.gamma(np.maximum(met, 0) + 1) * CLIP / servers, 0.0)
    return float(np.percentile(waits, 95))


@over(("servers", [10, 48, 640]), ("limit", [20, 100]), ("load", [1.02, 1.1, 1.5]))
def test_a_full_queue_keeps_requests_as_long_as_the_textbook_says(servers: int, limit: int, load: float) -> None:
    """Within a tenth of M/M/c/K's percentile; clips of one length take the queue over the rate."""
    mean = limit * CLIP / servers

    assert level(servers, load, limit, "overload_wait") == pytest.approx(exact_p95(servers, load, limit), rel=0.11)
    assert level(servers, load, limit, "overload_wait", spread=0) == pytest.approx(mean)
    assert load < 1.1 or exact_p95(servers, load, limit) > 1.1 * mean


def test_a_longer_queue_refuses_less_and_waits_longer() -> None:
    """From no queue to one of any length, less is refused, more served and the longest wait longer.

    None is refused without a limit.
    """
    limits = ("0", "10", "100", "1000", "10K", "50K", "1M", "1e18")
    found = [plan_of_text(f"{SMALL}gpu_limit: 500\nqueue_limit: {limit}\n").known for limit in limits]

    for less, more in itertools.pairwise(found):
        assert less["refused_share"] >= more["refused_share"]
        assert less["served_share"] <= more["served_share"]
        assert less["fluid_wait"] <= more["fluid_wait"]
    assert found[0]["refused_share"] > 0.05
    assert found[-1] == plan_of_text(f"{SMALL}gpu_limit: 500\n").known
    assert (found[-1]["refused_share"], found[-1]["served_share"]) == (0, 1)
    assert ASSUMPTIONS["queue_limit"].read(ASSUMPTIONS["queue_limit"].default) == NO_QUEUE_LIMIT


@pytest.mark.parametrize(
    ("gpus", "limit", "warned"), [(250, 500, True), (500, 500, True), (500, 90_000, False), (2_000, 500, False)]
)
def test_what_is_refused_is_warned_of_and_not_served(
    gpus: int,
    limit: int,
    warned: bool,  # noqa: FBT001 - a case
) -> None:
    """Where a full queue refuses, deliveries leave that out and a warning names it.

    So it is too where the fleet is below the day's mean.
    """
    plan = plan_of_text(f"{SMALL}gpu_limit: {gpus}\nqueue_limit: {limit}\n")
    known, asked = plan.known, plan.known["requests_per_day"]

    assert ("requests-refused" in {one.code for one in plan.warnings}) == warned
    assert (known["served_share"] < 1) == warned == (known["refused_share"] > FEWEST_REFUSED)
    assert known["delivered_per_day"] == pytest.approx(asked - (known["refused_per_day"] if warned else 0))
    assert known["refused_per_day"] >= asked - known["generation_capacity"] * DAY
    if known["utilization"] >= 1 and warned:
        assert known["fluid_wait"] == pytest.approx(limit / known["generation_capacity"])


def test_a_queue_with_work_that_can_wait_refuses_as_simulated_days_do() -> None:
    """Of 3,000 requests a day on 24 replicas 40% can wait: the rest refuses at its own peak, a 400th of all."""
    text = "dau: 1500\nvideos_per_user_per_day: 2\npeak_to_average: 2\ndeferrable_share: 40%\n"
    plan = plan_of_text(f"{text}gpu_limit: 24\ngpus_per_server: 1\nqueue_limit: 20\n", ["gpu_seconds_per_video=567 s"])
    of_urgent = simulated(plan, ["refused_share"])["refused_share"].value

    assert plan.known["refused_share"] == pytest.approx(0.6 * of_urgent, rel=0.2)
    assert 0.001 < of_urgent < 0.01


def test_a_full_queue_that_breaks_a_promise_is_to_be_shorter() -> None:
    """20 replicas of 567 s begin a clip each 28.35 s: of 1,200 s a full queue of 21 places and a clip take 1,162 s.

    The file takes 6 s to encode. The peak asks for twice the fleet, so that no longer queue is advised.
    """
    text = "dau: 3K\nvideos_per_user_per_day: 1\npeak_to_average: 2\ngpus_per_server: 1\ngpu_limit: 20\n"
    said = {}
    for limit in (10, 22, 23, 100):
        plan = plan_of_text(
            f"{text}target_latency: 20 min\nqueue_limit: {limit}\n",
            ["gpu_seconds_per_video=567 s", "off_gpu_seconds=6 s"],
        )
        said[limit] = {one.code: one.message for one in plan.warnings}
        assert ("misses-target-latency" in said[limit]) == (limit * 28.35 + 567 + 6 > 1_200)
        assert said[limit]["requests-refused"].endswith("; raise `gpu_limit`")

    assert "target 20 min; a lower `queue_limit` waits less, and refuses more" in said[100]["misses-target-latency"]


def _accepted_p95(replicas: int, limit: int, per_second: float, seconds: float) -> float:
    """Return the 95th percentile of the time in a queue and on a replica of what is not refused, request by request."""
    random = np.random.default_rng(7)
    free, waiting, done = [0.0] * replicas, list[float](), list[float]()
    time = 0.0
    for gap in random.exponential(1 / per_second, 60_000):
        time += gap
        waiting = [start for start in waiting if start > time]
        if free[0] <= time or len(waiting) < limit:
            start = max(time, free[0])
            waiting.append(start)
            done.append(start + seconds - time)
            heapq.heapreplace(free, start + seconds)
    return float(np.quantile(done, 0.95))


@pytest.mark.parametrize(
    ("replicas", "limit", "load"), [(5, 0, 0.7), (5, 0, 0.9), (5, 5, 0.95), (10, 2, 0.95), (20, 5, 0.97), (2, 2, 0.9)]
)
def test_a_full_queue_ends_every_wait(replicas: int, limit: int, load: float) -> None:
    """What is not refused waits about as long as a full queue takes, or less: simulated at a level load."""
    users = load * replicas / 200 * 86_400
    known = plan_of_text(
        f"model: wan2.2-ti2v-5b\ndau: {users}\nvideos_per_user_per_day: 1\npeak_to_average: 1\ngpus_per_server: 1\n"
        f"queue_limit: {limit}\nspare_fraction: 0\npins: {{gpu_seconds_per_video: 200 s, replicas: {replicas}}}\n"
    ).known
    there = _accepted_p95(replicas, limit, load * replicas / 200, 200)

    assert known["utilization"] == pytest.approx(load)
    assert there <= (known["latency_p95"] - known["off_gpu_seconds"]) * 1.03
    assert known["latency_p95"] - known["off_gpu_seconds"] == pytest.approx(there, rel=0.06 if limit else 1e-9)


@pytest.mark.parametrize(
    ("settings", "cure", "typed"),
    [
        ("dau: 3K\nqueue_limit: 2\n", "raise `queue_limit` or lower `max_utilization`", "max_utilization: 40%\n"),
        ("dau: 3K\nqueue_limit: 2\n", "raise `queue_limit` or lower `max_utilization`", "queue_limit: 200\n"),
        ("dau: 9K\nqueue_limit: 2\ngpu_limit: 2\n", "raise `gpu_limit`", "gpu_limit: 24\n"),
    ],
)
def test_what_a_refusal_offers_refuses_less(settings: str, cure: str, typed: str) -> None:
    """Each way out that the warning names, typed, refuses less than half of what was refused."""
    text = (
        f"model: wan2.2-ti2v-5b\ngpu: h100-sxm\ngpus_per_server: 1\npins: {{gpu_seconds_per_video: 60 s}}\n{settings}"
    )
    plan = plan_of_text(text)
    (said,) = [warning.message for warning in plan.warnings if warning.code == "requests-refused"]
    name = typed.partition(":")[0]
    changed = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(f"{name}:")) + typed

    assert said.endswith(f"; {cure}")
    assert plan_of_text(changed).known["refused_share"] < plan.known["refused_share"] / 2


def test_a_pinned_fleet_that_refuses_is_to_be_raised_itself() -> None:
    """No limit and no utilization moves replicas that are pinned."""
    text = (
        "model: wan2.2-ti2v-5b\ndau: 9K\nqueue_limit: 0\ngpu_limit: 400\npins: {gpu_seconds_per_video: 60 s, replicas: "
    )
    few, more = (plan_of_text(f"{text}{replicas}}}\n") for replicas in (16, 32))

    (said,) = [warning.message for warning in few.warnings if warning.code == "requests-refused"]
    assert said.endswith("raise the pinned `replicas`")
    assert more.known["refused_share"] < few.known["refused_share"] / 2
