"""Replicas and a day's load -> the queue of a peak above capacity, from the load and from chance.

Held against simulated days: docs/day.md, and tests/formulas/test_passing_peak.py.
"""

from t2v_capacity.engine.constants import (
    ABOVE_A_LINE,
    CLIPS_AT_A_TIME,
    DAY,
    EULER_GAMMA,
    LONGEST_QUEUE,
    NO_QUEUE_LIMIT,
    OVERLOAD_EDGE,
    OVERLOAD_END,
    PEAK_QUEUES,
    PI,
    ROOMY_QUEUES,
    SMALLEST_CHANCE,
    SMALLEST_SPREAD,
    UNDEFINED,
)
from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import acos, exp, log, maximum, minimum, sqrt, where
from t2v_capacity.formulas.day import longest_deferral


@figure("video/s", label="Clips that the fleet can make", group="waiting", adds=True, detail=True, better="higher")
def generation_capacity(replicas: float, generation_latency: float, spot_work: float) -> float:
    """Every replica makes one clip after the other; what spot GPUs do twice makes none.

    >>> generation_capacity(replicas=60, generation_latency=120, spot_work=1.25)
    0.4
    """
    return replicas / generation_latency / spot_work


@figure("ratio", label="Depth of the overload", group="waiting", detail=True, better="higher")
def overload_depth(generation_capacity: float, generation_rate: float, levelled_peak: float) -> float:
    """Where capacity cuts the day's curve, in swings from its middle: 1 and more carries the peak, -1 never carries the load.

    The load is mid + swing sin: mid is the mean and swing the peak less it, up to a peak of twice the mean; beyond, both are half the peak.

    >>> overload_depth(generation_capacity=1.35, generation_rate=1, levelled_peak=1.7)
    0.5000000000000001
    """
    return maximum(
        -1,
        minimum(
            1,
            (generation_capacity / generation_rate - maximum(1, levelled_peak / 2))
            / maximum(SMALLEST_SPREAD, levelled_peak - maximum(1, levelled_peak / 2)),
        ),
    )


@figure("second", label="Time of overload in a day", group="waiting", detail=True, better="lower")
def overload_time(overload_depth: float, loaded_share: float) -> float:
    """The part of the day in which arrivals exceed capacity; the backlog is worked off later.

    >>> overload_time(overload_depth=0.5, loaded_share=0.75)
    21600.000000000004
    """
    return DAY * loaded_share * acos(maximum(-1, minimum(1, overload_depth))) / PI


@figure("video", label="Clips that arrive above capacity in a day", group="waiting", adds=True, detail=True, better="lower")
def overload_clips(overload_depth: float, overload_time: float, generation_rate: float, levelled_peak: float, loaded_share: float) -> float:
    """The area of the day's curve above capacity.

    >>> overload_clips(overload_depth=0.5, overload_time=20_000, generation_rate=2, levelled_peak=1.5, loaded_share=0.75)
    7863.056211666062
    """
    return (
        generation_rate
        * (levelled_peak - maximum(1, levelled_peak / 2))
        * (DAY * loaded_share / PI * sqrt(maximum(0, 1 - overload_depth**2)) - overload_depth * overload_time)
    )


@figure(
    "video", label="Clips that wait at the end of the overload, without chance", group="waiting", adds=True, detail=True, better="lower"
)
def fluid_backlog(overload_clips: float, generation_rate: float, generation_capacity: float, queue_limit: float) -> float:
    """What arrived above capacity; where the fleet is below the day's mean it never ends, unless a limit refuses what comes beyond it.

    >>> fluid_backlog(overload_clips=7_863, generation_rate=2, generation_capacity=4, queue_limit=1e18)
    7863
    >>> fluid_backlog(overload_clips=7_863, generation_rate=2, generation_capacity=1.5, queue_limit=9_000)
    9000
    """
    return where(generation_capacity > generation_rate, overload_clips, where(queue_limit < NO_QUEUE_LIMIT, queue_limit, UNDEFINED))


@figure("share", label="Share of the replicas that all work leaves at the peak", group="waiting", detail=True, better="higher")
def edge_room(utilization: float, peak_over_level: float, peak_smoothing: float) -> float:
    """The same as `idle_share` of all work, also of what can wait; none in an overload.

    >>> edge_room(utilization=0.75, peak_over_level=1.25, peak_smoothing=0.04)
    0.10000000000000009
    """
    return maximum(0, 1 - utilization * peak_over_level * (1 - peak_smoothing))


@figure("share", label="Share of the replicas left, as the queue of all work feels the peak", group="waiting", detail=True, better="higher")
def edge_idle_share(edge_room: float, peak_relief: float, utilization: float, peak_over_level: float, zoned_peak: float) -> float:
    """The same as `felt_idle_share` of all work, at a peak that is carried, or at most just carried.

    >>> edge_idle_share(edge_room=0.06, peak_relief=0.08, utilization=0.75, peak_over_level=1.25, zoned_peak=1.7)
    0.1
    >>> edge_idle_share(edge_room=0.06, peak_relief=0.3, utilization=0.75, peak_over_level=1.25, zoned_peak=1.2)
    0.21875
    """
    return maximum(SMALLEST_SPREAD, minimum(sqrt(edge_room**2 + peak_relief**2), 1 - utilization * peak_over_level / zoned_peak))


@figure("ratio", label="Staffing margin of all work, as the queue feels the peak", group="waiting", detail=True, better="higher")
def edge_margin(edge_idle_share: float, replicas: float, regions: float, arrival_variability: float, work_variability: float) -> float:
    """Replicas of a region beyond its load, in standard deviations of that load.

    >>> edge_margin(edge_idle_share=0.1, replicas=800, regions=2, arrival_variability=4, work_variability=0)
    1.0
    """
    return edge_idle_share * sqrt(replicas / regions / (1 + (arrival_variability - 1) / (1 + work_variability)))


@figure("share", label="Share of all work that would wait, as the queue feels the peak", group="waiting", detail=True, better="lower")
def edge_wait_probability(edge_margin: float) -> float:
    """The square-root rule, as in `wait_probability`; it says how often idle replicas keep a queue from beginning.

    >>> edge_wait_probability(edge_margin=1.7)
    0.05118536192060168
    """
    return exp(-edge_margin * (edge_margin + sqrt(edge_margin**2 + 8 * PI)) / 4)


@figure("ratio", label="Queues that the peak of a day has time for", group="waiting", detail=True, better="lower")
def queues_at_peak(
    edge_idle_share: float,
    edge_room: float,
    peak_relief: float,
    replicas: float,
    regions: float,
    generation_latency: float,
    arrival_variability: float,
    work_variability: float,
) -> float:
    """PEAK_QUEUES of a full fleet; a fleet with room has more and shorter ones, until a level day is full of them.

    Such a day has as many as its drift has time for, 2 (drift / variance)^2 times the variance per time, and at least one.

    >>> queues_at_peak(
    ...     edge_idle_share=0.1, edge_room=0.09, peak_relief=0.1, replicas=20, regions=2, generation_latency=600, arrival_variability=4,
    ...     work_variability=0.5
    ... )
    8.14
    >>> queues_at_peak(
    ...     edge_idle_share=0.1, edge_room=0.09, peak_relief=0.03, replicas=20, regions=2, generation_latency=600, arrival_variability=4,
    ...     work_variability=0.5
    ... )
    7.250000000000001
    """
    return minimum(
        PEAK_QUEUES
        + ROOMY_QUEUES * edge_room / maximum(SMALLEST_SPREAD, peak_relief) * (edge_room / maximum(SMALLEST_SPREAD, peak_relief) - 1),
        PEAK_QUEUES / (1 + (edge_room / maximum(SMALLEST_SPREAD, peak_relief)) ** 2)
        + maximum(
            1,
            2
            * edge_idle_share**2
            * DAY
            / (generation_latency * CLIPS_AT_A_TIME)
            * replicas
            / regions
            / (arrival_variability + work_variability),
        ),
    )


@figure("video", label="Clips by which a day's longest queue becomes e times as rare", group="waiting", detail=True, better="lower")
def chance_tail(edge_idle_share: float, arrival_variability: float, work_variability: float) -> float:
    """The scale of a region's queue, as `wait_tail` is of a wait: Kingman's, less the second term of its decay.

    >>> chance_tail(edge_idle_share=0.1, arrival_variability=2, work_variability=0.5)
    12.25
    """
    return CLIPS_AT_A_TIME * (
        (arrival_variability + work_variability) / 2 / edge_idle_share - maximum(0, arrival_variability - work_variability) / 6
    )


@figure("ratio", label="Queues of a day, on average", group="waiting", detail=True, better="lower")
def queues_of_day(
    edge_wait_probability: float,
    edge_margin: float,
    edge_room: float,
    edge_idle_share: float,
    queues_at_peak: float,
    chance_tail: float,
    arrival_variability: float,
    work_variability: float,
) -> float:
    """How many queues a day has, each exponential with a scale of `chance_tail`, so that the longest of them is the day's.

    They begin while no replica is idle. That chance, exp(-y) with y = m (m + sqrt(m^2 + 8 pi)) / 4 at a margin m, falls with the load as a
    queue's length does, so that the peak is shorter for them: sqrt(l / (l + r)) of it by Laplace's method, with l the longest queue in
    scales and r the room times y' over the idle share. A request sees the queue before it joins, of which 1 / (1 + 1 / (a load)) are as
    long (M/G/1, a the scale in clips). Where the scale is shorter than the mean queue there are more. Equal clips level a queue in the
    long run, but many replicas end them as if by chance: a queue shorter than a clip, as at a margin of 1, varies by ca + 1.

    >>> queues_of_day(
    ...     edge_wait_probability=0.4, edge_margin=0.6, edge_room=0.06, edge_idle_share=0.1, queues_at_peak=12, chance_tail=10,
    ...     arrival_variability=1, work_variability=0.3
    ... )
    3.334387504520059
    """
    return (
        edge_wait_probability
        * queues_at_peak
        / sqrt(
            1
            + edge_room
            / edge_idle_share
            * edge_margin
            * (2 * edge_margin + sqrt(edge_margin**2 + 8 * PI) + edge_margin**2 / sqrt(edge_margin**2 + 8 * PI))
            / 4
            / maximum(SMALLEST_SPREAD, log(1 + edge_wait_probability * queues_at_peak * exp(EULER_GAMMA)))
        )
        * (arrival_variability + work_variability + edge_margin * maximum(0, 1 - work_variability))
        / 2
        / edge_idle_share
        / (chance_tail / CLIPS_AT_A_TIME + 1 / maximum(SMALLEST_SPREAD, 1 - edge_room))
    )


@figure("ratio", label="Longest queue of a day, in scales of its tail", group="waiting", detail=True, better="lower")
def longest_over_tail(queues_of_day: float) -> float:
    """The mean of the longest of N exponential queues, N a Poisson number: log N + 0.5772 + E1(N) scales (Abramowitz and Stegun, 5.1.39).

    Within 3% for all N by a form with its two ends, N - N^2 / 4 and log N + 0.5772.

    >>> longest_over_tail(queues_of_day=5)
    2.1286431730804023
    """
    return log(1 + queues_of_day * (1 + (exp(EULER_GAMMA) - 1) * queues_of_day / (queues_of_day + 4 * (exp(EULER_GAMMA) - 1))))


@figure("video", label="Clips that chance queues in a region at the worst moment of a day", group="waiting", detail=True, better="lower")
def chance_backlog(
    longest_over_tail: float,
    chance_tail: float,
    edge_wait_probability: float,
    peak_bend: float,
    utilization: float,
    peak_over_level: float,
    replicas: float,
    regions: float,
    arrival_variability: float,
    work_variability: float,
) -> float:
    """The mean of a day's longest queue beyond `fluid_backlog`: by chance there is one where the fleet carries its peak too.

    Up to the edge it is the longest of the day's exponential queues. In an overload chance adds at its end the height of Brownian motion over
    a falling line, at its beginning as much, as far as no idle replicas take it (H. E. Daniels and T. H. R. Skyrme, Advances in Applied
    Probability 17, 1985, page 85).

    >>> chance_backlog(
    ...     longest_over_tail=2, chance_tail=10, edge_wait_probability=0.5, peak_bend=0.03, utilization=0.7, peak_over_level=1.3,
    ...     replicas=20, regions=2, arrival_variability=4, work_variability=0.5
    ... )
    20
    >>> chance_backlog(
    ...     longest_over_tail=2, chance_tail=200, edge_wait_probability=0.5, peak_bend=0.03, utilization=0.8, peak_over_level=1.5,
    ...     replicas=20, regions=2, arrival_variability=4, work_variability=0.5
    ... )
    38.32825585678481
    """
    return minimum(
        chance_tail * longest_over_tail,
        CLIPS_AT_A_TIME
        * (1 + edge_wait_probability)
        * ABOVE_A_LINE
        * (
            ((arrival_variability + work_variability) * replicas / regions) ** 2
            / maximum(
                SMALLEST_CHANCE,
                sqrt(2 * peak_bend * utilization * peak_over_level * maximum(0, utilization * peak_over_level - 1)),
            )
        )
        ** (1 / 3),
    )


@figure("video", label="Clips that wait at the end of the overload", group="waiting", adds=True, detail=True, better="lower")
def backlog(
    fluid_backlog: float,
    chance_backlog: float,
    edge_wait_probability: float,
    peak_relief: float,
    utilization: float,
    peak_over_level: float,
    regions: float,
    queue_limit: float,
) -> float:
    """Clips that arrived above capacity and those that chance had queued by then: half of its longest queue and more, less what idle replicas took.

    Of an overload that is over at once it is less, OVERLOAD_EDGE; chance has more time by the root of the load above capacity. Clips are
    begun whole: while all replicas are busy, that lags a steady flow by half a clip. No more than the queue may hold.

    >>> backlog(
    ...     fluid_backlog=7_000, chance_backlog=9, edge_wait_probability=0.25, peak_relief=0.1, utilization=0.9, peak_over_level=1.25, regions=2,
    ...     queue_limit=9_000
    ... )
    7005.11
    >>> backlog(
    ...     fluid_backlog=10, chance_backlog=9, edge_wait_probability=0.25, peak_relief=0.16, utilization=0.9, peak_over_level=1.1222222222222222,
    ...     regions=2, queue_limit=9_000
    ... )
    14.66
    >>> backlog(
    ...     fluid_backlog=0, chance_backlog=9, edge_wait_probability=0.25, peak_relief=0.16, utilization=0.5, peak_over_level=1.5,
    ...     regions=2, queue_limit=9_000
    ... )
    0
    """
    return minimum(
        queue_limit,
        fluid_backlog
        + where(
            utilization * peak_over_level < 1,
            0,
            regions
            * (
                (
                    OVERLOAD_EDGE
                    + (OVERLOAD_END - OVERLOAD_EDGE)
                    * minimum(1, 2 * sqrt(maximum(0, utilization * peak_over_level - 1) / maximum(SMALLEST_SPREAD, peak_relief)))
                )
                * chance_backlog
                * sqrt(edge_wait_probability)
                + CLIPS_AT_A_TIME / 2 * edge_wait_probability
            ),
        ),
    )


@figure("second", label="Wait that chance adds to the longest of the day", group="waiting", detail=True, better="lower")
def chance_wait(chance_backlog: float, regions: float, generation_capacity: float) -> float:
    """Clips that chance queues at the worst moment of a day, over the rate at which they are made.

    >>> chance_wait(chance_backlog=27, regions=2, generation_capacity=2)
    27.0
    """
    return chance_backlog * regions / generation_capacity


@figure("second", label="Wait that chance adds to the longest of urgent requests", group="waiting", detail=True, better="lower")
def urgent_chance_wait(chance_wait: float, utilization: float, edge_idle_share: float, felt_idle_share: float) -> float:
    """Where the fleet carries its peak, urgent requests pass those that can wait, and chance queues the fewer of them.

    >>> urgent_chance_wait(chance_wait=80, utilization=0.9, edge_idle_share=0.1, felt_idle_share=0.2)
    40.0
    >>> urgent_chance_wait(chance_wait=80, utilization=1.1, edge_idle_share=0.1, felt_idle_share=0.2)
    80
    """
    return where(utilization < 1, chance_wait * edge_idle_share / felt_idle_share, chance_wait)


@figure("second", label="Wait that chance adds to the longest of work that can wait", group="waiting", detail=True, better="lower")
def deferred_chance_wait(
    chance_wait: float,
    deferrable_share: float,
    regions: float,
    generation_capacity: float,
    arrival_variability: float,
    work_variability: float,
) -> float:
    """The day's longest queue is longer than the longest that such work meets, and the more so the fewer of it comes.

    The maximum of Brownian motion with a variance of v per time is on average sqrt(v / (2 l)) above the largest of l values per time at
    random times (Janssen and van Leeuwaarden, arXiv:1303.3773). `chance_wait` is what requests of all work meet, so the difference d of the
    two counts. Of a wait w it leaves w - d where d is small, and something where it is not: w^2 / (w + d).

    >>> deferred_chance_wait(
    ...     chance_wait=90, deferrable_share=0.25, regions=2, generation_capacity=0.5, arrival_variability=4, work_variability=1
    ... )
    78.90959745724743
    """
    return chance_wait**2 / (
        chance_wait
        + CLIPS_AT_A_TIME
        * regions
        / generation_capacity
        * maximum(
            SMALLEST_CHANCE,
            (1 / sqrt(maximum(SMALLEST_SPREAD, deferrable_share)) - 1)
            * sqrt((arrival_variability + work_variability) * arrival_variability / 2),
        )
    )


@figure("second", label="Longest wait of the day", group="waiting", better="lower")
def longest_wait(fluid_backlog: float, generation_capacity: float, urgent_chance_wait: float, full_queue_wait: float) -> float:
    """The last clip of the overload waits until all before it are made, and chance adds to that, also where the fleet carries the peak.

    It is the mean over days; where some work can wait, the longest of those that can't, who pass it (as in `total --pooled`). A full queue
    takes no more requests, so that the wait is at most that of one.

    >>> longest_wait(fluid_backlog=6_592, generation_capacity=1.6, urgent_chance_wait=80, full_queue_wait=1e18)
    4200.0
    >>> longest_wait(fluid_backlog=6_592, generation_capacity=1.6, urgent_chance_wait=80, full_queue_wait=2_500)
    2500
    """
    return minimum(full_queue_wait, fluid_backlog / generation_capacity + urgent_chance_wait)


@figure("second", label="Time after the peak at which the queue that chance makes is longest", group="waiting", detail=True)
def longest_queue_time(
    peak_bend: float,
    utilization: float,
    peak_over_level: float,
    replicas: float,
    regions: float,
    generation_latency: float,
    arrival_variability: float,
    work_variability: float,
) -> float:
    """LONGEST_QUEUE of the motion's natural scale of time, (variance / bend^2)^(1/5), as its drift's is `peak_relief`; at most a day.

    >>> longest_queue_time(
    ...     peak_bend=0.02, utilization=0.8, peak_over_level=1.25, replicas=20, regions=2, generation_latency=600, arrival_variability=1,
    ...     work_variability=0.25
    ... )
    1249.2955420707826
    """
    return minimum(
        DAY,
        LONGEST_QUEUE
        * generation_latency
        * CLIPS_AT_A_TIME
        * (
            (arrival_variability + work_variability)
            * regions
            / replicas
            / maximum(SMALLEST_SPREAD, utilization * peak_over_level * peak_bend) ** 2
        )
        ** (1 / 5),
    )


@figure("second", label="Longest wait of work that can wait", group="waiting", better="lower")
def deferred_wait(
    zoned_peak: float,
    deferrable_share: float,
    generation_capacity: float,
    generation_rate: float,
    utilization: float,
    deferred_chance_wait: float,
    longest_queue_time: float,
) -> float:
    """Work that can wait is made when the rest, always served first, leaves capacity; so is what chance queues before it.

    That stands there when its queue is longest, or at the arrival that waits longest without it, if that is later. In a large fleet one
    in twenty of the deferred waits within 1% of this, so that it is their 95th percentile too; a small fleet has bad days, and one in
    twenty waits longer (docs/day.md). Without chance within 0.1% of a day that is integrated second by second (tests).

    >>> deferred_wait(
    ...     zoned_peak=1.7, deferrable_share=0.4, generation_capacity=2.5, generation_rate=2, utilization=0.8, deferred_chance_wait=90,
    ...     longest_queue_time=2_000
    ... )
    16698.65483624171
    """
    return where(
        maximum(utilization, generation_rate / generation_capacity) < 1,
        where(
            deferrable_share > 0,
            DAY
            * longest_deferral(
                zoned_peak,
                deferrable_share,
                generation_capacity / generation_rate,
                deferred_chance_wait / DAY * generation_capacity / generation_rate,
                longest_queue_time / DAY,
            ),
            0,
        ),
        UNDEFINED,
    )
