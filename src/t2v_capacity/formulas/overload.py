"""Replicas and a day's load -> the queue of a peak above capacity, deferred work, and what a full queue refuses.

Without chance, except for a full queue; simulated days add it (questions/what_if/days.py). Of 264 simulated fleets the
`overload_wait` of 255 lies between the 95th percentiles at the peak and in the half-hour that waits longest within 15%;
a little above a `failed_share` of 5% it may be a third too long.
"""

from t2v_capacity.engine.constants import (
    CLIPS_AT_A_TIME,
    DAY,
    DAYS_PER_WEEK,
    ENDLESS_ROOM,
    FULL,
    LATE_SHARE,
    NO_QUEUE_LIMIT,
    PI,
    SECONDS_PER_DAY,
    SMALLEST_CHANCE,
    SMALLEST_SPREAD,
    UNDEFINED,
    WEEKDAYS,
)
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import acos, exp, log, maximum, minimum, sqrt, where
from t2v_capacity.formulas.day import longest_deferral


@figure("video/s", "Clips that the fleet can make", better="higher")
def generation_capacity(replicas: float, generation_latency: float, spot_work: float) -> float:
    """Every replica makes one clip after the other; what spot GPUs do twice makes none.

    >>> generation_capacity(replicas=60, generation_latency=120, spot_work=1.25)
    0.4
    """
    return replicas / generation_latency / spot_work


@figure("second", "Wait that a full queue gives, 95th percentile")
def longest_queue(
    queue_limit: float, generation_capacity: float, queue_room: float, utilization: float, work_variability: float
) -> float:
    """What comes to the last place of a queue waits until all before it have begun.

    Where clips differ in length it takes longer by chance: of n clips by sqrt(8 / (3 n)), 95% of a bell curve. Near
    capacity, where a queue is seldom full, by sqrt(y / (1 + y)) of that, where y is sqrt(n) (utilization - 1).

    >>> longest_queue(queue_limit=120, generation_capacity=0.5, queue_room=120, utilization=1.5, work_variability=0)
    240.0
    >>> longest_queue(queue_limit=100, generation_capacity=0.5, queue_room=100, utilization=1.1, work_variability=1)
    223.0364913488363
    """
    return (
        queue_limit
        / generation_capacity
        * (
            1
            + sqrt(
                8
                / 3
                * minimum(1, work_variability)
                / (1 + queue_room + sqrt(queue_room) / maximum(SMALLEST_SPREAD, utilization - 1))
            )
        )
    )


@figure("ratio", "Depth of the overload", better="higher")
def overload_depth(generation_capacity: float, urgent_day_rate: float, zoned_peak: float) -> float:
    """Where capacity cuts the day's curve of urgent work, in swings from its middle.

    Capacity at 1 and more carries the peak, at -1 it never carries the load. The load is mid + swing sin: mid is the
    mean and swing the peak less it, up to a peak of twice the mean; beyond, both are half the peak.

    >>> overload_depth(generation_capacity=1.35, urgent_day_rate=1, zoned_peak=1.7)
    0.5000000000000001
    """
    return maximum(
        -1,
        minimum(
            1,
            (generation_capacity / urgent_day_rate - maximum(1, zoned_peak / 2))
            / maximum(SMALLEST_SPREAD, zoned_peak - maximum(1, zoned_peak / 2)),
        ),
    )


@figure("second", "Time of overload in a day")
def overload_time(overload_depth: float, zoned_peak: float) -> float:
    """The part of the day in which urgent work exceeds capacity; the backlog is worked off later.

    >>> overload_time(overload_depth=0.5, zoned_peak=2.5)
    23040.000000000004
    """
    return DAY / maximum(1, zoned_peak / 2) * acos(maximum(-1, minimum(1, overload_depth))) / PI


@figure("video", "Clips that arrive above capacity in a day", adds=True)
def overload_clips(overload_depth: float, overload_time: float, urgent_day_rate: float, zoned_peak: float) -> float:
    """The area of the day's curve of urgent work above capacity.

    >>> overload_clips(overload_depth=0.5, overload_time=20_000, urgent_day_rate=2, zoned_peak=2.5)
    22634.816564442837
    >>> overload_clips(overload_depth=0.5, overload_time=20_000, urgent_day_rate=2, zoned_peak=1.5)
    13817.408282221419
    """
    return (
        urgent_day_rate
        * (zoned_peak - maximum(1, zoned_peak / 2))
        * (
            DAY / maximum(1, zoned_peak / 2) / PI * sqrt(maximum(0, 1 - overload_depth**2))
            - overload_depth * overload_time
        )
    )


@figure("video", "Clips that wait at the end of the overload, without chance", adds=True)
def fluid_backlog(
    overload_clips: float,
    urgent_day_rate: float,
    busy_day_level: float,
    weekend_level: float,
    generation_capacity: float,
    queue_limit: float,
) -> float:
    """What arrived above capacity.

    Where the fleet is below the mean of a weekday, it grows until the weekend, or through a weekend that is busier.
    Where it is below the week's mean, it never ends, unless a limit refuses what comes beyond it. Work that can wait
    is made after it, and does not count.

    >>> fluid_backlog(7_863, 2, busy_day_level=1, weekend_level=1, generation_capacity=4, queue_limit=1e18)
    7863.0
    >>> fluid_backlog(7_863, 2.5, busy_day_level=1.25, weekend_level=0.2, generation_capacity=2.25, queue_limit=1e18)
    94263.0
    >>> fluid_backlog(7_863, 2.5, busy_day_level=1.25, weekend_level=1.5, generation_capacity=2.25, queue_limit=1e18)
    29463.0
    >>> fluid_backlog(7_863, 2, busy_day_level=1, weekend_level=1, generation_capacity=1.5, queue_limit=9_000)
    9000
    >>> fluid_backlog(7_863, 2, busy_day_level=1, weekend_level=1, generation_capacity=1.5, queue_limit=1e18)
    nan
    """
    return where(
        generation_capacity > urgent_day_rate / busy_day_level,
        minimum(
            overload_clips
            + (where(weekend_level > 1, DAYS_PER_WEEK - WEEKDAYS, WEEKDAYS) - 1)
            * DAY
            * maximum(0, urgent_day_rate - generation_capacity),
            queue_limit,
        ),
        where(queue_limit < NO_QUEUE_LIMIT, queue_limit, UNDEFINED),
    )


@main_figure("second", "Wait at the end of the overload, without chance")
def fluid_wait(fluid_backlog: float, generation_capacity: float) -> float:
    """The last clip that arrives above capacity waits until all before it are made.

    >>> fluid_wait(fluid_backlog=6_592, generation_capacity=1.6)
    4120.0
    """
    return fluid_backlog / generation_capacity


@main_figure("second", "Wait at the end of the overload, 95th percentile")
def overload_wait(
    utilization: float,
    urgent_share: float,
    fluid_wait: float,
    click_wait: float,
    generation_latency: float,
    replicas: float,
    regions: float,
    peak_relief: float,
    arrival_variability: float,
    work_variability: float,
    longest_queue: float,
    runs_p95: float,
) -> float:
    """What waits at the end of an overload waits as the fluid does and as at the peak of a full fleet, by chance.

    Near capacity nearly all of it is chance, which no backlog of a fluid shows. A queue's limit ends each wait. A run
    that fails takes its time and waits again, where half of the queue is left: one clip in twenty needs `runs_p95`.

    >>> overload_wait(
    ...     utilization=1.02, urgent_share=1, fluid_wait=67, click_wait=0, generation_latency=109, replicas=62,
    ...     regions=2, peak_relief=0.018, arrival_variability=1, work_variability=0.5, longest_queue=1e18, runs_p95=1
    ... )
    505.8908841631519
    >>> [overload_wait(1.02, 1, 600, 40, 100, 64, 2, *last) for last in ((0.02, 1, 0, 20, 3), (1, 1, 0, 1e18, 2))]
    [260.0, 1060.0]
    >>> overload_wait(1.02, 0.9, 600, 40, 100, 64, 2, 1, 1, 0, 1e18, 2)
    0
    """
    return where(
        utilization * urgent_share >= 1,
        minimum(
            (2 - 2 / 2**runs_p95)
            * (
                fluid_wait
                + CLIPS_AT_A_TIME
                * maximum(
                    click_wait,
                    generation_latency
                    / (replicas / regions)
                    / maximum(SMALLEST_SPREAD, peak_relief)
                    * (arrival_variability + work_variability)
                    / 2
                    * -log(LATE_SHARE),
                )
            ),
            runs_p95 * longest_queue,
        )
        + CLIPS_AT_A_TIME * generation_latency * (runs_p95 - 1),
        0,
    )


@main_figure("second", "Longest wait of work that can wait, without chance")
def fluid_deferred_wait(
    zoned_peak: float, deferrable_share: float, generation_capacity: float, busy_day_rate: float, utilization: float
) -> float:
    """Work that can wait is made when the rest, always served first, leaves capacity.

    >>> fluid_deferred_wait(
    ...     zoned_peak=1.7, deferrable_share=0.4, generation_capacity=2.2, busy_day_rate=2, utilization=0.9
    ... )
    26125.89240056941
    """
    return where(
        maximum(utilization, busy_day_rate / generation_capacity) < 1,
        DAY * longest_deferral(zoned_peak, deferrable_share, generation_capacity / busy_day_rate),
        UNDEFINED,
    )


@figure("second", "Wait left under the target of work that can wait", better="higher")
def deferred_slack(target_deferred_wait: float, fluid_deferred_wait: float) -> float:
    """Target minus the longest wait of deferred work; if negative, the target is missed.

    >>> deferred_slack(target_deferred_wait=43_200, fluid_deferred_wait=28_800)
    14400
    """
    return target_deferred_wait - fluid_deferred_wait


@figure("ratio", "Clips that a region's queue holds, over their variability", better="higher")
def queue_room(
    queue_limit: float,
    regions: float,
    replicas: float,
    arrival_variability: float,
    work_variability: float,
    sessions_per_replica: float,
) -> float:
    """A queue of clustered arrivals is as full as one of Poisson arrivals whose limit is smaller by the variability.

    The spread of clips counts by the limit over the limit and the square root of the replicas: without a queue it does
    not matter (W. Whitt, Mathematics of Operations Research 9, 1984; the weight is this project's assumption). Replicas
    of several sessions are so many servers.

    >>> queue_room(queue_limit=120, regions=2, replicas=1_800, arrival_variability=2, work_variability=1,
    ...     sessions_per_replica=1)
    40.0
    >>> queue_room(queue_limit=120, regions=2, replicas=3_600, arrival_variability=2, work_variability=3,
    ...     sessions_per_replica=2)
    30.0
    >>> queue_room(queue_limit=1e18, regions=2, replicas=7_200, arrival_variability=2, work_variability=1,
    ...     sessions_per_replica=1)
    1e+18
    """
    return where(
        queue_limit < NO_QUEUE_LIMIT,
        queue_limit
        / (CLIPS_AT_A_TIME * regions)
        * 2
        / (
            arrival_variability
            + 1
            + (work_variability - 1)
            * queue_limit
            / (queue_limit + CLIPS_AT_A_TIME * sqrt(replicas * sessions_per_replica * regions))
        ),
        ENDLESS_ROOM,
    )


@figure("share", "Requests that find the queue full, at the peak")
def blocked_share(utilization: float, urgent_share: float, click_wait_probability: float, queue_room: float) -> float:
    """M/M/c/K, by Erlang's chance C to wait and the load r: (1 - r) r^Q / (1 / C - r^(Q + 1)).

    D. Gross et al., Fundamentals of Queueing Theory, 2008, section 2.5. At capacity it is B / (1 + B Q), by Erlang's
    loss B; what comes above capacity is counted as a fluid.

    >>> blocked_share(utilization=0.8, urgent_share=0.75, click_wait_probability=0.5, queue_room=2)
    0.08071748878923769
    >>> round(blocked_share(utilization=1.6, urgent_share=0.75, click_wait_probability=1, queue_room=3), 3)
    0.25
    >>> blocked_share(utilization=0, urgent_share=0.75, click_wait_probability=0, queue_room=0)
    1e-250
    """
    return (
        (1 - minimum(FULL, utilization * urgent_share))
        * exp(queue_room * log(maximum(SMALLEST_CHANCE, minimum(FULL, utilization * urgent_share))))
        / (
            1 / maximum(SMALLEST_CHANCE, click_wait_probability)
            - exp((queue_room + 1) * log(maximum(SMALLEST_CHANCE, minimum(FULL, utilization * urgent_share))))
        )
    )


@figure("share", "Part of the day that refuses as its peak does", better="")
def refusing_part(
    zoned_peak: float,
    queue_room: float,
    clicks_at_once: float,
    utilization: float,
    urgent_share: float,
    blocked_share: float,
) -> float:
    """A queue refuses while the load is near its peak: the sharper its share bends with the load, the shorter.

    Laplace's method on the cosine of the day: the share's logarithm falls with the load by 1, by the queue's room, and
    by the clicks in service that are not refused.

    >>> refusing_part(1.5, queue_room=0, clicks_at_once=4, utilization=0.8, urgent_share=0.9, blocked_share=0.25)
    0.5690609552825829
    >>> refusing_part(1, queue_room=10, clicks_at_once=20, utilization=0.5, urgent_share=1, blocked_share=0.1)
    1
    """
    return minimum(
        1,
        minimum(2, zoned_peak)
        / sqrt(
            1
            + 2
            * PI
            * (
                1
                + queue_room
                + maximum(1, clicks_at_once) * (1 - minimum(FULL, utilization * urgent_share) * (1 - blocked_share))
            )
            * (1 - maximum(1, zoned_peak / 2) / zoned_peak)
        ),
    )


@figure("share", "Clips of a click beyond all replicas and the queue")
def overflowing_share(clicks_at_once: float, queue_limit: float, regions: float, arrival_variability: float) -> float:
    """A click for more clips than there are replicas and places to wait is refused in part, at any time of the day.

    >>> overflowing_share(clicks_at_once=0.25, queue_limit=2, regions=2, arrival_variability=4)
    0.5
    """
    return maximum(0, 1 - clicks_at_once - queue_limit / (CLIPS_AT_A_TIME * regions) / maximum(1, arrival_variability))


@figure("video/day", "Requests refused per day, without chance")
def fluid_refused(
    overload_clips: float, queue_limit: float, urgent_day_rate: float, generation_capacity: float
) -> float:
    """What arrives above capacity in a day beyond what the queue holds, and at least what no day can make.

    >>> fluid_refused(overload_clips=9_000, queue_limit=360, urgent_day_rate=1, generation_capacity=2)
    8640.0
    """
    return where(
        queue_limit < NO_QUEUE_LIMIT,
        maximum(
            (overload_clips - queue_limit) * SECONDS_PER_DAY / DAY,
            maximum(0, urgent_day_rate - generation_capacity) * SECONDS_PER_DAY,
        ),
        0,
    )


@figure("video/day", "Requests refused per day")
def refused_per_day(
    fluid_refused: float,
    queue_limit: float,
    urgent_day_rate: float,
    blocked_share: float,
    refusing_part: float,
    overflowing_share: float,
    clip_runs: float,
) -> float:
    """A full queue refuses what arrives above capacity beyond its limit, and of the rest a share.

    The share is that of the peak while it lasts, and what overflows at any time. Where weekends differ, the day is one
    of the busier kind.

    >>> refused_per_day(8_640, 360, 1, blocked_share=0.1, refusing_part=0.5, overflowing_share=0, clip_runs=1)
    12528.0
    >>> refused_per_day(0, 0, 1, blocked_share=0.5, refusing_part=0.5, overflowing_share=0.5, clip_runs=1)
    54000.0
    >>> refused_per_day(0, 1e18, 1, blocked_share=0.1, refusing_part=0.5, overflowing_share=0, clip_runs=1)
    0
    """
    return clip_runs * where(
        queue_limit < NO_QUEUE_LIMIT,
        fluid_refused
        + (urgent_day_rate * SECONDS_PER_DAY - fluid_refused)
        * (overflowing_share + (1 - overflowing_share) * blocked_share * refusing_part),
        0,
    )


@figure("share", "Demand that is refused")
def refused_share(refused_per_day: float, generations_per_day: float, busy_day_level: float) -> float:
    """Runs that find the queue full over those that are asked for on a busy day; a run that failed asks again.

    >>> refused_share(refused_per_day=21_600, generations_per_day=86_400, busy_day_level=1)
    0.25
    """
    return refused_per_day / (generations_per_day * busy_day_level)
