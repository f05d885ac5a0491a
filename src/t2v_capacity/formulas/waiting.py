"""Replicas and load -> how long requests wait, at the peak with all regions up.

Held against a discrete-event simulation: tests/formulas/test_waiting.py.
"""

from t2v_capacity.engine.constants import COSMETATOS_SCALE, DAY, LATE_SHARE, PI, SMALLEST_CHANCE, SMALLEST_SPREAD, UNDEFINED
from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import acos, exp, log, maximum, minimum, sqrt, where
from t2v_capacity.formulas.day import longest_deferral
from t2v_capacity.formulas.queueing import erlang_c


@figure("share", label="Urgent part of the load at the peak", group="waiting", detail=True)
def urgent_share(zoned_peak: float, deferrable_share: float, levelled_peak: float) -> float:
    """All that the peak carries is urgent, until so much can wait that the fleet is planned for the day's mean.

    >>> urgent_share(zoned_peak=1.5, deferrable_share=0.5, levelled_peak=1)
    0.75
    """
    return zoned_peak * (1 - deferrable_share) / levelled_peak


@figure("share", label="Share of the replicas that urgent work leaves at the peak", group="waiting", detail=True, better="higher")
def idle_share(utilization: float, urgent_share: float) -> float:
    """What the urgent work of the peak leaves of the replicas; an overloaded fleet has no steady state, and so no waiting time.

    >>> idle_share(utilization=0.75, urgent_share=0.5)
    0.625
    """
    return where(utilization < 1, 1 - utilization * urgent_share, UNDEFINED)


@figure("share", label="Share that would wait, arrivals one by one", group="waiting", detail=True, better="lower")
def erlang_wait_probability(replicas: float, busy_replicas: float, regions: float, peak_over_level: float) -> float:
    """Chance that every replica of a region is busy at the peak, if requests arrive one by one (Erlang C).

    It is certain where work that can wait is behind at the peak: that takes every replica that the urgent work leaves.

    >>> erlang_wait_probability(replicas=200, busy_replicas=180, regions=2, peak_over_level=1.1)
    0.21694048090636658
    >>> erlang_wait_probability(replicas=200, busy_replicas=180, regions=2, peak_over_level=1.2)
    1
    """
    return where(busy_replicas * peak_over_level > replicas, 1, erlang_c(replicas / regions, busy_replicas / regions))


@figure("second-second/video/video", label="Square of a clip's time", group="waiting", detail=True, mix="mean")
def squared_latency(generation_latency: float) -> float:
    """The square of a clip's time, whose mean over a mix says how far its clips' times lie apart.

    >>> squared_latency(generation_latency=300)
    90000
    """
    return generation_latency**2


@figure("ratio", label="Spread of the clips' times", group="waiting", detail=True)
def clip_variability(service_variability: float, squared_latency: float, generation_latency: float) -> float:
    """Squared coefficient of variation of all clips, short and long: the mean of the squares over the square of the mean, less 1.

    Each part of a mix has `service_variability` of its own; without a mix that is all.

    >>> clip_variability(service_variability=0.25, squared_latency=180_000, generation_latency=300)
    1.5
    """
    return service_variability + (1 + service_variability) * maximum(0, squared_latency / generation_latency**2 - 1)


@figure("ratio", label="Staffing margin at the peak", group="waiting", detail=True, better="higher")
def peak_margin(erlang_wait_probability: float, arrival_variability: float, clip_variability: float) -> float:
    """Margin that a region has, in spreads of its load: Erlang's chance of waiting read back through the square-root rule.

    Clustered arrivals spread the load by z = 1 + (ca - 1) / (1 + cs), after Hayward's peakedness (Fredericks 1980,
    https://doi.org/10.1002/j.1538-7305.1980.tb03365.x); with Poisson arrivals z is 1 and Erlang's chance is met exactly.

    >>> peak_margin(erlang_wait_probability=0.2168, arrival_variability=4, clip_variability=0.5)
    0.577595229785014
    """
    return -log(maximum(SMALLEST_CHANCE, erlang_wait_probability)) * sqrt(
        2 / (PI - log(maximum(SMALLEST_CHANCE, erlang_wait_probability))) / (1 + (arrival_variability - 1) / (1 + clip_variability))
    )


@figure("share", label="Share of requests that wait", group="waiting", better="lower")
def wait_probability(peak_margin: float) -> float:
    """A request finds every replica of its region busy, at the peak, with this chance.

    It is the square-root rule solved for the chance: y of margin = y sqrt(2 / (pi + y)), and the chance is exp(-y).

    >>> wait_probability(peak_margin=1.7)
    0.05118536192060168
    """
    return exp(-peak_margin * (peak_margin + sqrt(peak_margin**2 + 8 * PI)) / 4)


@figure("second/video", label="Mean wait of those that wait", group="waiting", detail=True, better="lower")
def delayed_wait(
    generation_latency: float,
    replicas: float,
    busy_replicas: float,
    regions: float,
    idle_share: float,
    urgent_share: float,
    arrival_variability: float,
    clip_variability: float,
) -> float:
    """A request that has to wait waits the time a region takes to free a replica, over its idle share, times the variability.

    It waits for urgent requests alone, and for whatever clip ends next.

    Allen-Cunneen: (ca + cs) / 2 times the wait of M/M/c. Work that is far from exponential, all clips equal or a pool of short and
    long ones, waits longer than that in a fleet, by Cosmetatos' factor for equal work (1976, https://doi.org/10.1057/jors.1976.131),
    at most twice as long, its limit in an idle fleet. Work with a long tail (lognormal) waits up to a third less than this.

    >>> delayed_wait(
    ...     generation_latency=300, replicas=200, busy_replicas=240, regions=2, idle_share=0.1, urgent_share=0.75,
    ...     arrival_variability=2, clip_variability=0.25
    ... )
    36.4190772055215
    """
    return (
        generation_latency
        / (replicas / regions)
        / idle_share
        * (arrival_variability + clip_variability)
        / 2
        * (
            1
            + minimum(1, (1 - clip_variability) ** 2)
            * minimum(
                1,
                idle_share
                * (maximum(1, replicas / regions) - 1)
                * (sqrt(4 + 5 * replicas / regions) - 2)
                / (COSMETATOS_SCALE * busy_replicas * maximum(SMALLEST_CHANCE, urgent_share) / regions),
            )
        )
    )


@figure("second/video", label="Scale of the tail of the wait", group="waiting", detail=True, better="lower")
def wait_tail(
    delayed_wait: float,
    generation_latency: float,
    replicas: float,
    regions: float,
    arrival_variability: float,
    clip_variability: float,
) -> float:
    """Beyond its bulk the wait falls off exponentially on this scale, shorter than its mean where service varies less than arrivals.

    Second term of the decay rate of M/G/1 with batches, (m3 / 3 m2) in heavy traffic: the mean less (ca - cs) / 6 of a clip's time over the servers.

    >>> wait_tail(
    ...     delayed_wait=15.5, generation_latency=300, replicas=200, regions=2, arrival_variability=2, clip_variability=0.5
    ... )
    14.75
    """
    return delayed_wait - generation_latency / (replicas / regions) * maximum(0, arrival_variability - clip_variability) / 6


@figure("second/video", label="Mean wait", group="waiting", detail=True, better="lower")
def wait_mean(wait_probability: float, delayed_wait: float) -> float:
    """Requests wait this long on average at the peak, those that do not wait counted as none.

    >>> wait_mean(wait_probability=0.2, delayed_wait=15)
    3.0
    """
    return wait_probability * delayed_wait


@figure("second/video", label="Wait, 95th percentile of urgent requests", group="waiting", better="lower")
def wait_p95(wait_mean: float, wait_tail: float) -> float:
    """One request in twenty waits longer than this at the peak; none at all where fewer than one in twenty wait.

    The tail is an exponential with the right mean and the right decay, so its height is mean over scale.
    Within 10 %, or 1 % of a clip's time, of a discrete-event simulation in 98 % of a grid of fleets (tests).

    >>> wait_p95(wait_mean=3, wait_tail=15)
    20.79441541679836
    """
    return maximum(0, wait_tail * log(maximum(SMALLEST_CHANCE, wait_mean / wait_tail / LATE_SHARE)))


@figure("second/video", label="Latency of the slowest clip", group="waiting", detail=True, better="lower", mix="max")
def slowest_seconds(generation_latency: float) -> float:
    """A clip's time from a group's start on it to its end; of a mix, that of its slowest part.

    >>> slowest_seconds(generation_latency=300)
    300
    """
    return generation_latency


@figure("second/video", label="Latency, 95th percentile of urgent requests", group="waiting", better="lower")
def latency_p95(
    slowest_seconds: float, other_seconds_per_video: float, wait_mean: float, wait_p95: float, service_variability: float
) -> float:
    """From click to clip for the slowest request in twenty: the wait, the generation, and what happens off the GPU.

    Wait and generation are independent, so their excesses over the mean add as squares. A generation's own excess is 2 sqrt(cs) of
    its mean, nothing for equal clips and right to 0.2 % for exponential ones, until the longer clips of a pool bound it, at cs. Of a
    mix it is the latency of the slowest part: each part's own is its time with the same wait.

    >>> latency_p95(slowest_seconds=300, other_seconds_per_video=2, wait_mean=3, wait_p95=20, service_variability=0.25)
    605.4812806149495
    """
    return (
        slowest_seconds
        + other_seconds_per_video
        + minimum(wait_mean, wait_p95)
        + sqrt(
            (wait_p95 - minimum(wait_mean, wait_p95)) ** 2
            + (slowest_seconds * minimum(2 * sqrt(service_variability), maximum(2, service_variability))) ** 2
        )
    )


@figure("second/video", label="Room that the target leaves to wait", group="waiting", detail=True, better="higher", mix="min")
def latency_room(target_latency: float, other_seconds_per_video: float, generation_latency: float) -> float:
    """What the promise leaves beside a clip's own time and what happens off the GPU; below nothing, no fleet keeps it.

    >>> latency_room(target_latency=600, other_seconds_per_video=20, generation_latency=280)
    300
    """
    return target_latency - other_seconds_per_video - generation_latency


@figure("second/video", label="Latency left under the target", group="waiting", detail=True, better="higher")
def latency_slack(latency_room: float, other_seconds_per_video: float, slowest_seconds: float, latency_p95: float) -> float:
    """What the target leaves at the 95th percentile; below nothing, the target is missed.

    The target is the room and what is taken of it: in a mix, of the promise that leaves the least.

    >>> latency_slack(latency_room=300, other_seconds_per_video=20, slowest_seconds=280, latency_p95=322)
    278
    """
    return latency_room + other_seconds_per_video + slowest_seconds - latency_p95


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
    """The part of the day in which more arrives than can be made; what is behind by then is worked off later.

    >>> overload_time(overload_depth=0.5, loaded_share=0.75)
    21600.000000000004
    """
    return DAY * loaded_share * acos(maximum(-1, minimum(1, overload_depth))) / PI


@figure("video", label="Clips that wait at the end of the overload", group="waiting", adds=True, detail=True, better="lower")
def backlog(
    overload_depth: float,
    overload_time: float,
    generation_rate: float,
    levelled_peak: float,
    loaded_share: float,
    generation_capacity: float,
) -> float:
    """Clips that arrived above capacity: the area of the day's curve above it; none that ends where the fleet is below the day's mean.

    >>> backlog(
    ...     overload_depth=0.5, overload_time=20_000, generation_rate=2, levelled_peak=1.5, loaded_share=0.75, generation_capacity=4
    ... )
    7863.056211666062
    """
    return where(
        generation_capacity > generation_rate,
        generation_rate
        * (levelled_peak - maximum(1, levelled_peak / 2))
        * (DAY * loaded_share / PI * sqrt(maximum(0, 1 - overload_depth**2)) - overload_depth * overload_time),
        UNDEFINED,
    )


@figure("second", label="Longest wait of the day", group="waiting", better="lower")
def longest_wait(backlog: float, generation_capacity: float) -> float:
    """The last clip of the overload waits until all before it are made; nothing waits so where the fleet carries the peak.

    >>> longest_wait(backlog=6_592, generation_capacity=1.35)
    4882.962962962963
    """
    return backlog / generation_capacity


@figure("second", label="Longest wait of work that can wait", group="waiting", better="lower")
def deferred_wait(
    zoned_peak: float, deferrable_share: float, generation_capacity: float, generation_rate: float, utilization: float
) -> float:
    """Work that can wait is made when the rest, always served first, leaves capacity; nothing waits so where the fleet carries the whole peak.

    In a large fleet one in twenty of the deferred waits within 1 % of this, so that it is their 95th percentile too; a small fleet has
    bad days, and one in twenty waits longer (docs/day.md). Within 0.1 % of a day that is integrated second by second (tests).

    >>> deferred_wait(zoned_peak=1.7, deferrable_share=0.4, generation_capacity=2.2, generation_rate=2, utilization=0.9)
    26125.892400568475
    """
    return where(
        maximum(utilization, generation_rate / generation_capacity) < 1,
        longest_deferral(zoned_peak, deferrable_share, generation_capacity / generation_rate) * DAY,
        UNDEFINED,
    )


@figure("second", label="Wait left under the target of work that can wait", group="waiting", detail=True, better="higher")
def deferred_slack(target_deferred_wait: float, deferred_wait: float) -> float:
    """What the target leaves of the longest wait of work that can wait; below nothing, the target is missed.

    >>> deferred_slack(target_deferred_wait=43_200, deferred_wait=28_800)
    14400
    """
    return target_deferred_wait - deferred_wait
