"""What verbs are tried on: one table of inputs for every form of a verb."""

import math

from places import AUTHORITIES

NAN, INF = math.nan, math.inf
NUMBERS = (0.0, 0.1, 0.29 * 100, 0.5, 1.0, 28.9, 100 * 1.1, 110.1, 1e-12, 1e12 + 0.5, 3e15)
SIGNED = (*NUMBERS, *(-number for number in NUMBERS))
PAIRS = tuple((x, y) for x in SIGNED for y in (-1.0, 0.0, 0.1, 110.1))
FLEETS = tuple(
    (float(servers), load)
    for load in (0.001, 0.5, 1.0, 9.0, 99.5, 999.0, 1_000.0, 1_000.5, 2_000.0, 1e4, 1e5, 1e6, 1e8, 1e10)
    for margin in (-1, -0.01, 0, 0.01, 0.1, 0.5, 1, 1.7, 3, 5, 8, 12, 20, 25, 40)
    for servers in (math.floor(load + margin * math.sqrt(load)),)
)
GROWTHS = tuple(
    (rate, periods)
    for rate in (-0.9, -0.13, -1e-9, 0.0, 1e-18, 1e-12, 1e-6, 0.15, 2.0)
    for periods in (0.0, 0.37, 1.0, 12.0, 60.5, 600.0)
)
# A load, a latency in multiples of a clip's time, the variability of arrivals, of all work and of like work, the
# slowest work over the mean, the urgent part and all of the load, as multiples of it, the day's peak and its bend, runs
# that fail, and runs that interruptions take: kept at once, by some waiting, or never.
ONCE = (0.0, 0.0, 0.0)
PROMISES = (
    *(
        (load, allowance, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, *ONCE)
        for load in (0.3, 1.0, 4.5, 66.6, 999.5, 1e5)
        for allowance in (0.9, 1.0, 1.004, 1.7, 30.0)
    ),
    *(
        (load, 2.6, arrivals, work, work, 1.0, 1.0, 1.0, 1.0, 0.0, *ONCE)
        for load in (2.0, 66.6)
        for arrivals, work in ((0.1, 0.0), (4.0, 0.0), (100.0, 0.0), (1.0, 3.0), (4.0, 0.2))
    ),
    *(
        (load, allowance, 1.0, 0.0, 0.0, 1.0, urgent, whole, 1.0, 0.0, *ONCE)
        for load in (2.0, 66.6)
        for allowance in (1.0, 1.2)
        for urgent, whole in ((1, 1.4), (0.6, 1.7))
    ),
    *(
        (66.6, allowance, 1.0, 0.9, like, slowest, 1.0, 1.0, 1.0, 0.0, *ONCE)
        for allowance in (2.4, 2.6, 3.5)
        for like in (0.0, 0.1)
        for slowest in (1.0, 2.5)
    ),
    *(
        (load, 1.7, arrivals, work, work, 1.0, 1.0, 1.0, peak, bend, *runs)
        for load in (2.0, 66.6)
        for arrivals, work in ((1.0, 0.0), (4.0, 1.5))
        for peak in (1.7, 3.0)
        for bend, runs in ((1e-5, ONCE), (0.05, (0.02, 0.0, 0.0)), (0.05, (0.2, 0.1, 0.6)))
    ),
    (0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, *ONCE),
)
# A day's peak, the share that waits, and the capacity, in multiples of the mean.
DAYS = (
    *(
        (peak, share, max(1.0, (1 - share) * peak) * over)
        for peak in (1.3, 1.7, 2.0, 3.0)
        for share in (0.2, 0.5, 1.0)
        for over in (1.02, 1.1)
    ),
    *((1.7, 0.4, 1.8), (1.7, 0.0, 1.5), (1.0, 0.4, 1.1)),
)
# The day's peak over its mean, the part of the fleet that there is, a cold start over a day, and one server per region
# over the fleet.
FLEETS_OF_A_DAY = tuple(
    (peak, *rest)
    for peak in (1.0, 1.3, 1.7, 2.0, 4.0)
    for rest in ((1.0, 0.0, 0.0), (1.0, 0.01, 0.02), (0.7, 0.3, 0.1), (0.2, 1.0, 1.0))
)
# Every verb's inputs, for each of its forms.
TABLE: dict[str, tuple[tuple[float, ...], ...]] = {
    "ceil": tuple((x,) for x in (*SIGNED, NAN)),
    "floor": tuple((x,) for x in (*SIGNED, NAN)),
    "sqrt": tuple((x,) for x in NUMBERS),
    "exp": tuple((x,) for x in (-700.0, -1.0, 0.0, 1e-9, 1.0, 700.0)),
    "log": tuple((x,) for x in (1e-250, 0.05, 1.0, 2.0, 1e250)),
    "sin": tuple((x,) for x in (-3.0, -1e-9, 0.0, 1e-9, 0.5, 1.5707963267948966, 3.141592653589793, 20.0)),
    "acos": tuple((x,) for x in (-1.0, -0.5, 0.0, 1e-9, 0.7, 1 - 1e-9, 1.0)),
    "minimum": (*PAIRS, (NAN, 1.0), (1.0, NAN)),
    "maximum": (*PAIRS, (NAN, 1.0), (1.0, NAN)),
    "where": tuple((x > 0, x, y) for x, y in PAIRS),
    "erlang_c": (
        *FLEETS,
        (0.0, 0.0),
        (0.0, 1.0),
        (5.0, 0.0),
        (4.5, 3.0),
        (3 - 1e-12, 2.5),
        (5.0, NAN),
        (NAN, 5.0),
        (NAN, NAN),
    ),
    "growth_sum": (*GROWTHS, (-0.1, 1e6), (0.0, 1e6), (1e-11, 1e9), (-9e-6, 1e6), (2e-5, 1e5)),
    "servers_for": (
        *PROMISES,
        (NAN, 2.6, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, *ONCE),
        (66.6, NAN, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, *ONCE),
    ),
    "longest_deferral": DAYS,
    "paid_burst": (
        *((held, *day) for held in (0.0, 0.3, 0.9, 1.0) for day in FLEETS_OF_A_DAY),
        *((NAN, 1.7, 1.0, 0.01, 0.02), (0.5, NAN, 1.0, 0.01, 0.02), (0.5, 1.7, NAN, 0.01, 0.02)),
    ),
    "cheapest_reserve": (
        *(
            (price, least, *day)
            for price in (0.0, 0.31, 0.67, 1.5)
            for least in (0.0, 0.4, 1.0)
            for day in FLEETS_OF_A_DAY
        ),
        (NAN, 0.4, 1.7, 1.0, 0.01, 0.02),
    ),
}
# Erlang's chance of waiting by servers and load, in all the digits of a double.
_WAITING = (AUTHORITIES / "waiting_chance.csv").read_text(encoding="utf-8").splitlines()[2:]
PRECISE = tuple(
    (int(servers), float(load), float(chance)) for servers, load, chance in (line.split(",") for line in _WAITING)
)
