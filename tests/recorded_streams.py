"""The record of sessions on a day: `stream_days.csv`, simulated event by event from a heap, with no formula.

Sessions come at random under a cosine of the day, hold a place while they play, and leave. One that finds no place
waits for one, first come first served, or is refused.

    python tests/recorded_streams.py          # simulates all again, ten minutes
"""

import csv
import heapq
import math
import random
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from places import AUTHORITIES
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.scenario.load import load_scenario

DAYS = AUTHORITIES / "stream_days.csv"
DAY = 86_400.0
SEED = 7
# Sessions that are simulated of a case at the least, unless they take more than 2,000 days.
SESSIONS = 1_000_000
# Two places a replica.
FPS = 33.0
SHAPES = ("exponential", "lognormal", "fixed")


class Case(NamedTuple):
    """A day of sessions: on average so many at its peak hour, their seconds and how these vary."""

    concurrent: int
    seconds: int
    shape: str
    peak: float
    load: float  # sessions at the peak over places; 1 leaves the fleet to the plan
    refuses: bool


class Simulated(NamedTuple):
    """What the days of a case were."""

    case: Case
    places: int
    sessions: int
    refused: float  # share of the day's sessions
    waited: float  # share of those in the hour of the peak
    busy: float  # places that are taken in the hour of the peak


def cases() -> Iterator[Case]:
    """Yield sessions up to ten minutes, on the plan's own fleets and on smaller ones."""
    for refuses in (True, False):
        for concurrent in (5, 30, 150, 600):
            for seconds in (120, 600):
                for shape in SHAPES:
                    yield Case(concurrent, seconds, shape, 1.7, 1.0, refuses)
    for concurrent in (30, 150):
        for load in (0.9, 1.1, 1.3):
            yield Case(concurrent, 600, "exponential", 2.5, load, refuses=True)


def plan_of(case: Case, places: int | None = None) -> Estimate:
    """Return the plan of a case, on so many places or on those that it rents."""
    sets = [
        *("model=wan2.1-t2v-1.3b", "gpu=h100-sxm", "delivery=stream", "chunk_frames=12", "window_frames=72"),
        *("cache_passes=1", "steps=4", "passes_per_step=1", "runtime=engine", "decoder=taehv", "fps=16"),
        *("gpus_per_server=1", "spare_fraction=0%", "videos_per_user_per_day=1", "target_latency=5 s"),
        *(f"duration={case.seconds} s", f"dau={round(sessions_per_day(case))}", f"peak_to_average={case.peak}"),
        *(["queue_limit=0"] if case.refuses else []),
    ]
    pins = [f"generated_fps={FPS}", *([] if places is None else [f"replicas={places // 2}"])]
    return estimate(load_scenario(None, sets, pins))


def sessions_per_day(case: Case) -> float:
    """Return the sessions of a day of which so many play at the peak (Little's law)."""
    return case.concurrent * DAY / case.seconds / case.peak


def simulated(case: Case, places: int) -> Simulated:  # noqa: C901 - one loop of events
    """Return days of a case, after a quarter of a day to fill the places."""
    chance = random.Random(SEED)
    rate = round(sessions_per_day(case)) / DAY
    days = max(6, min(2_000, int(SESSIONS / (rate * DAY))))
    time, ends, waiting = -DAY / 4, list[float](), deque[tuple[float, float]]()
    sessions = refused = at_peak = waited = 0
    busy = account = 0.0

    def pass_to(moment: float) -> None:
        nonlocal busy, account
        if is_peak(account) and account >= 0:
            busy += len(ends) * (moment - account)
        account = moment

    while time < days * DAY:
        time += chance.expovariate(rate * case.peak)
        while ends and ends[0] <= time:
            pass_to(ends[0])
            end = heapq.heappop(ends)
            if waiting:
                _came, seconds = waiting.popleft()
                heapq.heappush(ends, end + seconds)
        pass_to(time)
        if chance.random() * case.peak > level(time, case.peak):
            continue
        counted, seconds = time >= 0, length(chance, case)
        sessions += counted
        at_peak += counted and is_peak(time)
        if len(ends) < places:
            heapq.heappush(ends, time + seconds)
        elif case.refuses:
            refused += counted
        else:
            waiting.append((time, seconds))
            waited += counted and is_peak(time)
    return Simulated(case, places, sessions, refused / sessions, waited / at_peak, busy / (days * DAY / 24))


def is_peak(moment: float) -> bool:
    """Return whether a moment is in the hour of the peak."""
    return abs(moment / DAY % 1.0 - 0.5) < 0.5 / 24


def level(moment: float, peak: float) -> float:
    """Return the load over its mean: a cosine about noon."""
    middle, filled, off = max(1.0, peak / 2), min(1.0, 2 / peak), abs(moment / DAY % 1.0 - 0.5)
    return 0.0 if off > filled / 2 else middle + (peak - middle) * math.cos(2 * math.pi * off / filled)


def length(chance: random.Random, case: Case) -> float:
    """Return the seconds of a session: of one length, exponential, or lognormal with a variation of 1.5."""
    if case.shape == "exponential":
        return chance.expovariate(1 / case.seconds)
    if case.shape == "lognormal":
        squared = math.log(1 + 1.5**2)
        return chance.lognormvariate(math.log(case.seconds) - squared / 2, math.sqrt(squared))
    return float(case.seconds)


def recorded() -> list[Simulated]:
    """Return what was simulated."""
    with DAYS.open(encoding="utf-8") as file:
        rows = [*csv.reader(line for line in file if not line.startswith("#"))][1:]
    return [
        Simulated(
            Case(int(row[0]), int(row[1]), row[2], float(row[3]), float(row[4]), row[5] == "True"),
            *(int(row[6]), int(row[7])),
            *map(float, row[8:]),
        )
        for row in rows
    ]


def main() -> None:
    """Simulate all cases, and write them down."""
    with DAYS.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# tests/recorded_streams.py, seed {SEED}: sessions on a day; shares, and places that are taken\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*Case._fields, *Simulated._fields[1:]])
        for case in cases():
            places = int(plan_of(case).known["replicas"]) * 2
            if case.load != 1:
                places = 2 * max(1, round(case.concurrent / 2 / case.load))
            row = simulated(case, places)
            writer.writerow([*case, row.places, row.sessions, *(f"{share:.6f}" for share in row[3:])])


if __name__ == "__main__":
    main()
