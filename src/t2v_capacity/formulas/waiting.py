"""Replicas and load -> how long requests wait, at the peak with all regions up.

Held against a discrete-event simulation: tests/formulas/test_waiting.py.
"""

from t2v_capacity.engine.constants import (
    CLIPS_AT_A_TIME,
    COSMETATOS_SCALE,
    LATE_SHARE,
    LATEST_PEAK,
    LATEST_SHARE,
    MEDIAN_PEAK,
    MOST_INTERRUPTIONS,
    NORMAL_P99,
    PASSING_PEAK,
    PI,
    SECONDS_PER_DAY,
    SMALLEST_CHANCE,
    SMALLEST_SPREAD,
    SWING_PER_DAY,
    UNDEFINED,
)
from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import exp, log, maximum, minimum, sqrt, where
from t2v_capacity.formulas.queueing import erlang_c
from t2v_capacity.formulas.runs import latency_in_runs


@figure("share", label="Urgent part of the load at the peak", group="waiting", detail=True)
def urgent_share(zoned_peak: float, deferrable_share: float, levelled_peak: float) -> float:
    """All that the peak carries is urgent, until so much can wait that the fleet is planned for the day's mean.

    >>> urgent_share(zoned_peak=1.5, deferrable_share=0.5, levelled_peak=1)
    0.75
    """
    return zoned_peak * (1 - deferrable_share) / levelled_peak


@figure("ratio", label="Bend of the load at its peak", group="waiting", detail=True)
def peak_bend(zoned_peak: float, generation_latency: float) -> float:
    """How soon the peak is over: the second derivative of the day's curve there, over the peak, in clips' times squared.

    >>> peak_bend(zoned_peak=3, generation_latency=3_600)
    0.07710628438351062
    """
    return (1 - maximum(1, zoned_peak / 2) / zoned_peak) * (
        SWING_PER_DAY * maximum(1, zoned_peak / 2) * generation_latency * CLIPS_AT_A_TIME / SECONDS_PER_DAY
    ) ** 2


@figure("share", label="Part of the peak that long clips level out", group="waiting", detail=True, better="higher")
def peak_smoothing(peak_bend: float, zoned_peak: float, work_variability: float, replicas: float, regions: float) -> float:
    """Clips that run at the peak were begun before it, when fewer came: by this share the peak of what runs is below that of what comes.

    What runs is the mean of the load over the time since its clips began, which leaves 1 / sqrt(1 + w^2 v) of a wave of frequency w
    (S. G. Eick, W. A. Massey and W. Whitt, Management Science 39, 1993): exactly so for exponential clips. The variance v of that time is
    (1 + cs) (1 + 5 cs) / 12 clips' times squared for a gamma's; of its clips (1 + s w^2 v)^(-1 / (2 s)) is left, with s the root of cs, on the
    long side for cs above 1. One replica alone levels nothing.

    >>> peak_smoothing(peak_bend=0.04, zoned_peak=3, work_variability=1, replicas=40, regions=2)
    0.01793103689154628
    >>> peak_smoothing(peak_bend=0.04, zoned_peak=1.7, work_variability=4, replicas=3, regions=1)
    0.06036037600986915
    >>> peak_smoothing(peak_bend=0.04, zoned_peak=1.7, work_variability=0, replicas=3, regions=1)
    0.0011083059431110588
    """
    return (
        (1 - regions / maximum(regions, replicas))
        * (1 - maximum(1, zoned_peak / 2) / zoned_peak)
        * (
            1
            - exp(
                -log(
                    1
                    + maximum(1 / 8, sqrt(work_variability))
                    * (1 + work_variability)
                    * (1 + 5 * work_variability)
                    / 3
                    / 4
                    * peak_bend
                    / maximum(SMALLEST_SPREAD, 1 - maximum(1, zoned_peak / 2) / zoned_peak)
                )
                / 2
                / maximum(1 / 8, sqrt(work_variability))
            )
        )
    )


@figure("share", label="Share of the replicas that urgent work leaves at the peak", group="waiting", detail=True, better="higher")
def idle_share(utilization: float, urgent_share: float, peak_smoothing: float) -> float:
    """Share of the replicas that the urgent work of the peak leaves idle; an overloaded fleet has no steady state, and so no waiting time.

    >>> idle_share(utilization=0.75, urgent_share=0.5, peak_smoothing=0.2)
    0.7
    """
    return where(utilization < 1, 1 - utilization * urgent_share * (1 - peak_smoothing), UNDEFINED)


@figure("share", label="Idle share that a passing peak is worth", group="waiting", detail=True, better="higher")
def peak_relief(
    peak_bend: float,
    peak_smoothing: float,
    zoned_peak: float,
    utilization: float,
    peak_over_level: float,
    replicas: float,
    regions: float,
    arrival_variability: float,
    work_variability: float,
) -> float:
    """A queue takes time to grow, and the peak passes: it grows as if this share of the replicas were idle at the peak of a full fleet.

    A queue at a peak is Brownian motion with a floor, whose drift bends as the load does; time and queue have one natural scale,
    (variance / bend^2)^(1/5), and so does the drift (G. F. Newell, Journal of Applied Probability 5, 1968, page 436). A peak that long
    clips level out bends less, by as much as it is lower.

    >>> peak_relief(
    ...     peak_bend=0.04, peak_smoothing=0.25, zoned_peak=3, utilization=0.8, peak_over_level=1, replicas=10, regions=1,
    ...     arrival_variability=1, work_variability=0.25
    ... )
    0.13154248716526717
    """
    return PASSING_PEAK * minimum(
        1,
        (
            utilization
            * peak_over_level
            * peak_bend
            * maximum(0, 1 - peak_smoothing / maximum(SMALLEST_SPREAD, 1 - maximum(1, zoned_peak / 2) / zoned_peak))
            * ((arrival_variability + work_variability) * regions / replicas) ** 2
        )
        ** (1 / 5),
    )


@figure("share", label="Share of the replicas left, as the queue feels the peak", group="waiting", detail=True, better="higher")
def felt_idle_share(idle_share: float, peak_relief: float, utilization: float, urgent_share: float, zoned_peak: float) -> float:
    """Idle share at the peak and the gain from the passing peak, added as squares; never more than the idle share at the day's mean.

    Within 10% of the Brownian motion's 95th percentile from a full fleet to an idle one, on the long side in between (tests).

    >>> felt_idle_share(idle_share=0.06, peak_relief=0.08, utilization=0.94, urgent_share=1, zoned_peak=1.7)
    0.1
    """
    return minimum(sqrt(idle_share**2 + peak_relief**2), 1 - utilization * urgent_share / zoned_peak)


@figure("share", label="Share that would wait, arrivals one by one", group="waiting", detail=True, better="lower")
def erlang_wait_probability(replicas: float, utilization: float, peak_over_level: float, edge_idle_share: float, regions: float) -> float:
    """Chance that every replica of a region is busy at the peak, as the queue feels it, if requests arrive one by one (Erlang C).

    Work that can wait keeps replicas busy too. If it has a backlog at the peak, that takes every replica that the urgent work leaves: then
    the chance is certain.

    >>> erlang_wait_probability(replicas=200, utilization=0.92, peak_over_level=1, edge_idle_share=0.1, regions=2)
    0.21694048090636658
    >>> erlang_wait_probability(replicas=200, utilization=0.92, peak_over_level=1.2, edge_idle_share=0.01, regions=2)
    1
    """
    return where(
        utilization * peak_over_level < 1,
        erlang_c(replicas / regions, replicas / regions * (1 - edge_idle_share)),
        1,
    )


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


@figure("ratio", label="Spread of the work of clips, all their runs among it", group="waiting", detail=True, better="lower")
def work_variability(clip_variability: float, failed_share: float, spot_fraction: float, interruptions_per_run: float) -> float:
    """Squared coefficient of variation of what a clip keeps a replica busy for, by which a queue varies in the long run.

    A clip of K runs, of which a share f fails, takes K times its own time: (1 + f) (1 + cs) - 1 (Reiman, A multiclass feedback queue in heavy
    traffic, 1988). On spot a run that x interruptions come in varies by (e^2x - 1 - 2x e^x) / (e^x - 1)^2, which is x / 3 while x is small
    and 1 where it is large: tanh(x / 3), within 2%.

    >>> work_variability(clip_variability=0.25, failed_share=0.2, spot_fraction=0, interruptions_per_run=0.3)
    0.5
    >>> work_variability(clip_variability=0, failed_share=0, spot_fraction=0.5, interruptions_per_run=0.3)
    0.04983399731247795
    """
    return (1 + failed_share) * (
        1 + clip_variability + spot_fraction * (1 - exp(-2 * interruptions_per_run / 3)) / (1 + exp(-2 * interruptions_per_run / 3))
    ) - 1


@figure("ratio", label="Staffing margin at the peak", group="waiting", detail=True, better="higher")
def peak_margin(erlang_wait_probability: float, arrival_variability: float, work_variability: float) -> float:
    """Margin that a region has, in spreads of its load: Erlang's chance of waiting read back through the square-root rule.

    Clustered arrivals spread the load by z = 1 + (ca - 1) / (1 + cs), after Hayward's peakedness (Fredericks 1980,
    https://doi.org/10.1002/j.1538-7305.1980.tb03365.x); with Poisson arrivals z is 1 and Erlang's chance is met exactly.

    >>> peak_margin(erlang_wait_probability=0.2168, arrival_variability=4, work_variability=0.5)
    0.577595229785014
    """
    return -log(maximum(SMALLEST_CHANCE, erlang_wait_probability)) * sqrt(
        2 / (PI - log(maximum(SMALLEST_CHANCE, erlang_wait_probability))) / (1 + (arrival_variability - 1) / (1 + work_variability))
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
    regions: float,
    felt_idle_share: float,
    arrival_variability: float,
    work_variability: float,
) -> float:
    """A request that has to wait waits the time a region takes to free a replica, over its idle share, times the variability.

    It waits for urgent requests alone, and for whatever clip ends next.

    Allen-Cunneen: (ca + cs) / 2 times the wait of M/M/c. Work that is far from exponential, all clips equal or a pool of short and
    long ones, waits longer than that in a fleet, by Cosmetatos' factor for equal work (1976, https://doi.org/10.1057/jors.1976.131),
    at most twice as long, its limit in an idle fleet. Work with a long tail (lognormal) waits up to a third less than this.

    >>> delayed_wait(
    ...     generation_latency=300, replicas=200, regions=2, felt_idle_share=0.1, arrival_variability=2, work_variability=0.25
    ... )
    36.4190772055215
    """
    return (
        generation_latency
        / (replicas / regions)
        / felt_idle_share
        * (arrival_variability + work_variability)
        / 2
        * (
            1
            + minimum(1, (1 - work_variability) ** 2)
            * minimum(
                1,
                felt_idle_share
                * (maximum(1, replicas / regions) - 1)
                * (sqrt(4 + 5 * replicas / regions) - 2)
                / (COSMETATOS_SCALE * maximum(SMALLEST_CHANCE, (1 - felt_idle_share) * replicas / regions)),
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
    work_variability: float,
) -> float:
    """Beyond its bulk the wait falls off exponentially on this scale, shorter than its mean where service varies less than arrivals.

    Second term of the decay rate of M/G/1 with batches, (m3 / 3 m2) in heavy traffic: the mean less (ca - cs) / 6 of a clip's time over the servers.

    >>> wait_tail(
    ...     delayed_wait=15.5, generation_latency=300, replicas=200, regions=2, arrival_variability=2, work_variability=0.5
    ... )
    14.75
    """
    return delayed_wait - generation_latency / (replicas / regions) * maximum(0, arrival_variability - work_variability) / 6


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
    Within 10%, or 1% of a clip's time, of a discrete-event simulation in 98% of a grid of fleets (tests).

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


@figure("share", label="Share of requests that wait, by the tail of the wait", group="waiting", detail=True, better="lower")
def wait_chance(wait_mean: float, wait_tail: float, wait_p95: float) -> float:
    """The height of the tail, so that its mean is `wait_mean`, as far as `wait_p95` is that of the tail.

    >>> wait_chance(wait_mean=3, wait_tail=15, wait_p95=20.79441541679836)
    0.2
    >>> wait_chance(wait_mean=0.3, wait_tail=15, wait_p95=0)
    0.02
    """
    return where(wait_p95 > 0, LATE_SHARE * exp(wait_p95 / wait_tail), minimum(LATE_SHARE, wait_mean / wait_tail))


@figure("share", label="Runs that are interrupted", group="waiting", detail=True, better="lower")
def interrupted_share(spot_fraction: float, interruptions_per_run: float) -> float:
    """A run on a spot GPU is not interrupted with the chance exp(-x), where x interruptions come in one on average.

    >>> interrupted_share(spot_fraction=0.5, interruptions_per_run=0.2)
    0.09063462346100909
    """
    return spot_fraction * (1 - exp(-minimum(interruptions_per_run, MOST_INTERRUPTIONS)))


@figure("second/video", label="Latency of equal clips, 95th percentile of urgent requests", group="waiting", detail=True, better="lower")
def runs_latency_p95(
    slowest_seconds: float, failed_share: float, interrupted_share: float, interrupted_work: float, wait_chance: float, wait_tail: float
) -> float:
    """The wait and the generation of the slowest clip in twenty, with its runs that are run again, if all clips took the same time.

    >>> runs_latency_p95(
    ...     slowest_seconds=300, failed_share=0, interrupted_share=0, interrupted_work=1, wait_chance=0.2, wait_tail=15
    ... )
    320.79441541679836
    >>> runs_latency_p95(
    ...     slowest_seconds=300, failed_share=0, interrupted_share=0.3, interrupted_work=1.25, wait_chance=0.2, wait_tail=15
    ... )
    665.6507984611915
    """
    return slowest_seconds * latency_in_runs(
        LATE_SHARE, failed_share, interrupted_share, 1 - 1 / interrupted_work, wait_chance, wait_tail / slowest_seconds
    )


@figure("second/video", label="Mean latency of clips", group="waiting", detail=True, better="lower")
def runs_latency_mean(
    slowest_seconds: float, wait_mean: float, failed_share: float, interrupted_share: float, interrupted_work: float
) -> float:
    """A run waits and takes its time, 1 / (1 - f) times.

    >>> runs_latency_mean(slowest_seconds=300, wait_mean=3, failed_share=0.01, interrupted_share=0.2, interrupted_work=1.1)
    342.4242424242425
    """
    return (wait_mean + slowest_seconds * (1 + interrupted_share * (interrupted_work - 1 / 2))) / (1 - failed_share)


@figure("second/video", label="Clip's time beyond its mean, 95th percentile", group="waiting", detail=True, better="lower")
def clip_excess(slowest_seconds: float, service_variability: float, failed_share: float) -> float:
    """It is 2 sqrt(cs) of the mean, nothing for equal clips and right to 0.2% for exponential ones, until the longer clips of a pool bound it.

    They do at cs. So it is for the sum of a clip's runs.

    >>> clip_excess(slowest_seconds=300, service_variability=0.25, failed_share=0.2)
    335.4101966249685
    """
    return slowest_seconds * minimum(2 * sqrt(service_variability), maximum(2, service_variability)) / sqrt(1 - failed_share)


@figure("second/video", label="Latency, 95th percentile of urgent requests", group="waiting", better="lower")
def latency_p95(runs_latency_mean: float, runs_latency_p95: float, clip_excess: float, off_gpu_seconds: float) -> float:
    """From click to clip for the slowest request in twenty: waits, generation, runs that are run again, and what happens off the GPU.

    Wait and generation are independent, so their excesses over the mean add as squares; a mean beyond the 95th percentile is that of the
    few, and not counted. Of a mix it is the latency of the slowest part: each part's own is its time with the same wait.

    >>> latency_p95(runs_latency_mean=303, runs_latency_p95=320, clip_excess=300, off_gpu_seconds=2)
    605.4812806149495
    >>> latency_p95(runs_latency_mean=303, runs_latency_p95=302, clip_excess=300, off_gpu_seconds=2)
    604.0
    """
    return (
        off_gpu_seconds
        + minimum(runs_latency_p95, runs_latency_mean)
        + sqrt(maximum(0, runs_latency_p95 - runs_latency_mean) ** 2 + clip_excess**2)
    )


@figure("second/video", label="Scale of the tail of the wait, as its median feels the peak", group="waiting", detail=True, better="lower")
def median_tail(wait_tail: float, felt_idle_share: float, idle_share: float, peak_relief: float) -> float:
    """The queue of a passing peak is not exponential: its median feels less of the relief than its 95th percentile does.

    >>> median_tail(wait_tail=16, felt_idle_share=0.1, idle_share=0.06, peak_relief=0.08)
    19.53373710625515
    """
    return wait_tail * felt_idle_share / sqrt(idle_share**2 + (MEDIAN_PEAK * peak_relief) ** 2)


@figure("second/video", label="Latency of equal clips, median of urgent requests", group="waiting", detail=True, better="lower")
def runs_latency_p50(
    generation_latency: float,
    failed_share: float,
    interrupted_share: float,
    interrupted_work: float,
    wait_chance: float,
    median_tail: float,
) -> float:
    """The same as `runs_latency_p95` for half of the requests, of all clips and not of the slowest.

    >>> runs_latency_p50(
    ...     generation_latency=300, failed_share=0, interrupted_share=0, interrupted_work=1, wait_chance=0.9375, median_tail=20
    ... )
    312.5721731884475
    >>> runs_latency_p50(
    ...     generation_latency=300, failed_share=0, interrupted_share=0.6, interrupted_work=1.5, wait_chance=0.2, median_tail=20
    ... )
    380.0244243443449
    """
    return generation_latency * latency_in_runs(
        1 / 2, failed_share, interrupted_share, 1 - 1 / interrupted_work, wait_chance, median_tail / generation_latency
    )


@figure("ratio", label="Spread of the latency, in clips' times squared", group="waiting", detail=True, better="lower")
def latency_spread(clip_variability: float, wait_mean: float, wait_tail: float, median_tail: float, generation_latency: float) -> float:
    """Variance of clip and wait, which are independent, over the square of a clip: of a wait with chance p and tail t, t^2 p (2 - p).

    >>> latency_spread(clip_variability=0.5, wait_mean=75, wait_tail=150, median_tail=200, generation_latency=400)
    0.6875
    """
    return maximum(
        SMALLEST_SPREAD,
        clip_variability
        + (median_tail / generation_latency) ** 2 * minimum(1, wait_mean / wait_tail) * (2 - minimum(1, wait_mean / wait_tail)),
    )


@figure("ratio", label="Skew of the latency, in clips' times cubed", group="waiting", detail=True, better="lower")
def latency_skew(clip_variability: float, wait_mean: float, wait_tail: float, median_tail: float, generation_latency: float) -> float:
    """Third cumulants add too: 2 cs^2 of a gamma's clip, and t^3 p (6 - p (6 - 2 p)) of the wait.

    >>> latency_skew(clip_variability=0.5, wait_mean=40, wait_tail=160, median_tail=200, generation_latency=400)
    0.64453125
    """
    return maximum(
        SMALLEST_SPREAD,
        2 * clip_variability**2
        + (median_tail / generation_latency) ** 3
        * minimum(1, wait_mean / wait_tail)
        * (6 - minimum(1, wait_mean / wait_tail) * (6 - 2 * minimum(1, wait_mean / wait_tail))),
    )


@figure("second/video", label="Latency, median of urgent requests", group="waiting", detail=True, better="lower")
def latency_p50(
    generation_latency: float,
    clip_variability: float,
    wait_mean: float,
    wait_tail: float,
    median_tail: float,
    runs_latency_p50: float,
    latency_spread: float,
    latency_skew: float,
    off_gpu_seconds: float,
) -> float:
    """From click to clip for half of the requests: of wait and generation, what varies more is its median, and the other its mean.

    Where both vary, their sum is longer: a gamma distribution with its mean, variance v and third cumulant k has its median
    2 v^2 / k (1 - (1 - k^2 / (36 v^3))^3) below the mean. The median of a gamma's clip is (1 - cs / 9)^3 of its mean (Wilson and
    Hilferty 1931).

    >>> latency_p50(
    ...     generation_latency=300, clip_variability=0.9, wait_mean=20, wait_tail=40, median_tail=50, runs_latency_p50=307, latency_spread=0.9,
    ...     latency_skew=1.75, off_gpu_seconds=2
    ... )
    240.70000000000002
    >>> latency_p50(
    ...     generation_latency=300, clip_variability=0.1, wait_mean=20, wait_tail=40, median_tail=40, runs_latency_p50=307, latency_spread=0.5,
    ...     latency_skew=0.5, off_gpu_seconds=2
    ... )
    309
    >>> latency_p50(
    ...     generation_latency=300, clip_variability=0.1, wait_mean=200, wait_tail=200, median_tail=200, runs_latency_p50=440, latency_spread=0.5,
    ...     latency_skew=0.5, off_gpu_seconds=2
    ... )
    454.72633744855966
    """
    return off_gpu_seconds + maximum(
        minimum(
            runs_latency_p50,
            generation_latency * maximum(0, 1 - clip_variability / 3**2) ** 3 + maximum(wait_mean, runs_latency_p50 - generation_latency),
        ),
        generation_latency
        + median_tail * minimum(1, wait_mean / wait_tail)
        - generation_latency
        * 2
        * latency_spread**2
        / latency_skew
        * (1 - maximum(0, 1 - latency_skew**2 / (6**2 * latency_spread**3)) ** 3),
    )


@figure(
    "second/video",
    label="Scale of the tail of the wait, as its 99th percentile feels the peak",
    group="waiting",
    detail=True,
    better="lower",
)
def latest_tail(wait_tail: float, felt_idle_share: float, idle_share: float, peak_relief: float) -> float:
    """One run in a hundred feels more of a passing peak's relief than one in twenty does.

    >>> latest_tail(wait_tail=15, felt_idle_share=0.1, idle_share=0.06, peak_relief=0.08)
    13.68172557319719
    """
    return wait_tail * felt_idle_share / sqrt(idle_share**2 + (LATEST_PEAK * peak_relief) ** 2)


@figure("second/video", label="Latency of equal clips, 99th percentile of urgent requests", group="waiting", detail=True, better="lower")
def runs_latency_p99(
    slowest_seconds: float, failed_share: float, interrupted_share: float, interrupted_work: float, wait_chance: float, latest_tail: float
) -> float:
    """The same as `runs_latency_p95` for the slowest clip in a hundred.

    >>> runs_latency_p99(
    ...     slowest_seconds=300, failed_share=0, interrupted_share=0, interrupted_work=1, wait_chance=0.2, latest_tail=15
    ... )
    344.93598410330986
    >>> runs_latency_p99(
    ...     slowest_seconds=300, failed_share=0, interrupted_share=0.3, interrupted_work=1.25, wait_chance=0.2, latest_tail=15
    ... )
    965.6507984406676
    """
    return slowest_seconds * latency_in_runs(
        LATEST_SHARE, failed_share, interrupted_share, 1 - 1 / interrupted_work, wait_chance, latest_tail / slowest_seconds
    )


@figure("ratio", label="Clip's time beyond its mean, 99th percentile", group="waiting", detail=True, better="lower")
def latest_excess(service_variability: float) -> float:
    """A gamma's clip takes (1 - cs / 9 + 2.326 sqrt(cs) / 3)^3 of its mean (Wilson and Hilferty 1931); beyond, as an exponential's by sqrt(cs).

    >>> latest_excess(service_variability=0.25)
    1.5148395170356657
    >>> latest_excess(service_variability=16)
    14.420680743952364
    """
    return maximum(
        (1 - service_variability / 3**2 + NORMAL_P99 * sqrt(service_variability) / 3) ** 3 - 1,
        where(service_variability < 1, 0, (-log(LATEST_SHARE) - 1) * sqrt(service_variability)),
    )


@figure("second/video", label="Latency, 99th percentile of urgent requests", group="waiting", detail=True, better="lower")
def latency_p99(
    runs_latency_mean: float,
    runs_latency_p95: float,
    runs_latency_p99: float,
    slowest_seconds: float,
    latest_excess: float,
    failed_share: float,
    off_gpu_seconds: float,
) -> float:
    """The same as `latency_p95` for the slowest request in a hundred.

    >>> latency_p99(
    ...     runs_latency_mean=303, runs_latency_p95=320, runs_latency_p99=340, slowest_seconds=300, latest_excess=1.8, failed_share=0.2,
    ...     off_gpu_seconds=2
    ... )
    909.8710606401996
    """
    return (
        off_gpu_seconds
        + minimum(runs_latency_p95, runs_latency_mean)
        + sqrt(
            (runs_latency_p99 - minimum(runs_latency_p95, runs_latency_mean)) ** 2
            + (slowest_seconds * latest_excess) ** 2 / (1 - failed_share)
        )
    )


@figure("second/video", label="Room that the target leaves to wait", group="waiting", detail=True, better="higher", mix="min")
def latency_room(target_latency: float, off_gpu_seconds: float, generation_latency: float) -> float:
    """The wait that the latency target allows, after a clip's own time and its time off the GPU; if negative, no fleet meets it.

    >>> latency_room(target_latency=600, off_gpu_seconds=20, generation_latency=280)
    300
    """
    return target_latency - off_gpu_seconds - generation_latency


@figure("second/video", label="Latency left under the target", group="waiting", detail=True, better="higher")
def latency_slack(latency_room: float, off_gpu_seconds: float, slowest_seconds: float, latency_p95: float) -> float:
    """Target minus p95 latency; if negative, the target is missed.

    The target is the room and what is taken of it: in a mix, of the promise that leaves the least.

    >>> latency_slack(latency_room=300, off_gpu_seconds=20, slowest_seconds=280, latency_p95=322)
    278
    """
    return latency_room + off_gpu_seconds + slowest_seconds - latency_p95
