"""Replicas and load -> how long requests wait, at the peak with all regions up.

What no formula says, simulated days do (questions/what_if/days.py). Held against them: tests/formulas/test_waiting.py.
"""

from t2v_capacity.engine.constants import (
    CLIPS_AT_A_TIME,
    LATE_SHARE,
    MOST_INTERRUPTIONS,
    PASSING_PEAK,
    SECONDS_PER_DAY,
    SMALLEST_CHANCE,
    SMALLEST_SPREAD,
    SWING_PER_DAY,
    UNDEFINED,
)
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import exp, floor, log, maximum, minimum, sqrt, where


@figure("share", "Urgent part of the load at the peak", better="")
def urgent_share(peak_over_level: float, deferrable_share: float) -> float:
    """All that the peak carries is urgent, until so much can wait that the fleet is planned for the day's mean.

    >>> urgent_share(peak_over_level=1.5, deferrable_share=0.5)
    0.75
    """
    return peak_over_level * (1 - deferrable_share)


@figure("ratio", "Bend of the load at its peak", better="")
def peak_bend(zoned_peak: float, generation_latency: float) -> float:
    """How soon the peak is over: the second derivative of the day's curve there, over the peak.

    It is in clips' times squared.

    >>> peak_bend(zoned_peak=3, generation_latency=3_600)
    0.07710628438351062
    """
    return (1 - maximum(1, zoned_peak / 2) / zoned_peak) * (
        SWING_PER_DAY * maximum(1, zoned_peak / 2) * generation_latency * CLIPS_AT_A_TIME / SECONDS_PER_DAY
    ) ** 2


@figure("share", "Idle share that a passing peak is worth", better="higher")
def peak_relief(
    peak_bend: float,
    utilization: float,
    peak_over_level: float,
    replicas: float,
    regions: float,
    arrival_variability: float,
    work_variability: float,
) -> float:
    """A queue takes time to grow, and the peak passes: it grows as if this share of the replicas were idle.

    A queue at a peak is Brownian motion with a floor, whose drift bends as the load does; its natural scale is
    (variance / bend^2)^(1/5) (G. F. Newell, Journal of Applied Probability 5, 1968, page 436). Without it `latency_p95`
    is near in 106 of 179 recorded fleets, with it in 173 (decision 22).

    >>> peak_relief(0.04, 0.8, peak_over_level=1, replicas=10, regions=1, arrival_variability=1, work_variability=0.25)
    0.151102638618961
    """
    return PASSING_PEAK * minimum(
        1,
        (
            utilization
            * peak_over_level
            * peak_bend
            * ((arrival_variability + work_variability) * regions / replicas) ** 2
        )
        ** (1 / 5),
    )


@figure("share", "Share of the replicas that urgent work leaves at the peak", better="higher")
def idle_share(utilization: float, urgent_share: float, peak_relief: float) -> float:
    """What the urgent work of the peak leaves idle, and the gain from the passing peak, added as squares.

    A fleet that urgent work overloads has no steady state, and so no waiting time. The rest goes last.

    >>> idle_share(utilization=0.8, urgent_share=0.5, peak_relief=0.8)
    1.0
    >>> [idle_share(utilization, urgent_share=0.5, peak_relief=0) for utilization in (1.2, 2)]
    [0.4, nan]
    """
    return where(
        utilization * urgent_share < 1, sqrt((1 - utilization * urgent_share) ** 2 + peak_relief**2), UNDEFINED
    )


@figure("second-second/video/video", "Square of a clip's time", mix="mean", better="")
def squared_latency(generation_latency: float) -> float:
    """The square of a clip's time, whose mean over a mix says how far its clips' times lie apart.

    >>> squared_latency(generation_latency=300)
    90000
    """
    return generation_latency**2


@figure("ratio", "Spread of the clips' times", better="")
def clip_variability(service_variability: float, squared_latency: float, generation_latency: float) -> float:
    """Squared coefficient of variation of all clips: the mean of the squares over the square of the mean, less 1.

    Each part of a mix has `service_variability` of its own.

    >>> clip_variability(service_variability=0.25, squared_latency=180_000, generation_latency=300)
    1.5
    """
    return service_variability + (1 + service_variability) * maximum(0, squared_latency / generation_latency**2 - 1)


@figure("ratio", "Spread of the work of clips, all their runs among it")
def work_variability(clip_variability: float, failed_share: float) -> float:
    """Squared coefficient of variation of what a clip keeps a replica busy for.

    A queue varies by it in the long run. A clip of K runs, of which a share f fails, takes K times its own time:
    (1 + f) (1 + cs) - 1 (Reiman, A multiclass feedback queue in heavy traffic, 1988).

    >>> work_variability(clip_variability=0.25, failed_share=0.2)
    0.5
    """
    return (1 + failed_share) * (1 + clip_variability) - 1


@figure("second/video", "Mean wait of those that wait")
def delayed_wait(
    generation_latency: float,
    replicas: float,
    regions: float,
    idle_share: float,
    arrival_variability: float,
    work_variability: float,
) -> float:
    """A delayed request waits the time a region takes to free a replica, over its idle share, times the variability.

    Allen-Cunneen: (ca + cs) / 2 times the wait of M/M/c (A. O. Allen, Probability, Statistics, and Queueing Theory,
    1990). It waits for urgent requests alone, and for whatever clip ends next.

    >>> delayed_wait(300, replicas=200, regions=2, idle_share=0.1, arrival_variability=2, work_variability=0.5)
    37.5
    """
    return generation_latency / (replicas / regions) / idle_share * (arrival_variability + work_variability) / 2


@main_figure("second/video", "Wait, 95th percentile of urgent requests")
def wait_p95(
    click_wait_probability: float,
    delayed_wait: float,
    click_wait: float,
    generation_latency: float,
    clicks_at_once: float,
    sessions_per_replica: float,
    longest_queue: float,
) -> float:
    """One request in twenty waits longer than this at the peak; none at all where fewer than one in twenty wait.

    The tail of a click's wait is exponential. Half of its clips wait for half of their rounds (J. Medhi, Stochastic
    Models in Queueing Theory, section 7.3; J. C. W. van Ommeren, Operations Research 38, 1990, page 678).

    >>> wait_p95(0.2, 15, 0, generation_latency=60, clicks_at_once=10, sessions_per_replica=1, longest_queue=1e18)
    20.79441541679836
    >>> [round(wait_p95(0.2, 150, 180, 60, 0.25, *last), 3) for last in ((1, 1e18), (2, 1e18), (2, 120))]
    [297.944, 387.944, 120.0]
    """
    return minimum(
        longest_queue / CLIPS_AT_A_TIME,
        maximum(
            click_wait,
            delayed_wait * log(maximum(1, click_wait_probability / LATE_SHARE))
            + generation_latency * sessions_per_replica * maximum(0, 1 / clicks_at_once - 1) / 2,
        ),
    )


@figure("second/video", "Latency of the slowest clip", mix="max")
def slowest_seconds(first_play_seconds: float) -> float:
    """A clip's time from a group's start on it to its end; of a mix, that of its slowest part.

    Of a stream it ends with the first frame.

    >>> slowest_seconds(first_play_seconds=300)
    300
    """
    return first_play_seconds


@figure("ratio", "Interruptions of the slowest clip's run on spot GPUs", role="promise")
def slowest_interruptions(interruptions_per_run: float, slowest_seconds: float, generation_latency: float) -> float:
    """The same as `interruptions_per_run`, of the slowest clip: a longer run has more of them.

    >>> slowest_interruptions(interruptions_per_run=0.25, slowest_seconds=720, generation_latency=360)
    0.5
    """
    return minimum(MOST_INTERRUPTIONS, interruptions_per_run * slowest_seconds / generation_latency)


@figure("share", "Runs of the slowest clip that are interrupted", role="promise")
def interrupted_share(
    spot_fraction: float, on_demand_limit: float, peak_busy_gpus: float, slowest_interruptions: float
) -> float:
    """A run on a spot GPU is not interrupted with the chance exp(-x), where x interruptions come in one on average.

    GPUs beyond the on-demand limit are no spot GPUs.

    >>> interrupted_share(spot_fraction=0.5, on_demand_limit=100, peak_busy_gpus=1_000, slowest_interruptions=0.2)
    0.01812692469220182
    >>> interrupted_share(spot_fraction=0.5, on_demand_limit=900, peak_busy_gpus=1_000, slowest_interruptions=0.2)
    0.09063462346100909
    """
    return minimum(
        spot_fraction, minimum(peak_busy_gpus, on_demand_limit) / maximum(SMALLEST_SPREAD, peak_busy_gpus)
    ) * (1 - exp(-slowest_interruptions))


@figure("share", "Lost runs after which one more is lost", role="promise")
def lost_again(slowest_interruptions: float) -> float:
    """A run begins again where it was interrupted, on its replica and at once: no server is away meanwhile.

    Of (e^x - 1) / x runs all but one are lost.

    >>> lost_again(slowest_interruptions=1)
    0.41802329313067355
    """
    return 1 - maximum(SMALLEST_SPREAD, slowest_interruptions) / (
        exp(maximum(SMALLEST_SPREAD, slowest_interruptions)) - 1
    )


@figure("ratio", "Runs that interruptions take from a clip, 95th percentile", role="promise")
def lost_p95(interrupted_share: float, lost_again: float, late_allowance: float) -> float:
    """An interrupted clip loses n whole runs and any part of one more, with the chance (1 - a) a^n.

    Up to one run the loss is spread evenly, beyond it falls by a.

    >>> lost_p95(interrupted_share=0.2, lost_again=0.5, late_allowance=0.05)
    2.0
    >>> [lost_p95(*shares) for shares in ((0.08, 0.5, 0.05), (0.04, 0.2, 0.05), (0.04, 0.2, 0.02))]
    [0.75, 0.0, 0.625]
    """
    return maximum(
        minimum(
            1,
            (1 - late_allowance / maximum(late_allowance, interrupted_share))
            / maximum(SMALLEST_SPREAD, 1 - lost_again),
        ),
        log(maximum(1, interrupted_share / maximum(LATE_SHARE, late_allowance)))
        / maximum(SMALLEST_SPREAD, -log(maximum(SMALLEST_SPREAD, lost_again))),
    )


@figure("second/video", "Clip's time beyond its mean, 95th percentile", role="promise")
def clip_excess(slowest_seconds: float, service_variability: float, streamed: float) -> float:
    """It is 2 sqrt(cs) of the mean, nothing for equal clips and right to 0.2% for exponential ones.

    Where few clips are long, the excess can be sqrt(19 cs). First frames of streams take the same time, however long
    the sessions are.

    >>> clip_excess(slowest_seconds=300, service_variability=0.25, streamed=0)
    300.0
    """
    # A clip that does not wait takes its time to 4% where that is a gamma's of cs up to 4.
    return (1 - streamed) * slowest_seconds * 2 * sqrt(service_variability)


@figure("ratio", "Runs of a clip, 95th percentile")
def runs_p95(failed_share: float, clip_excess: float, slowest_seconds: float) -> float:
    """An equal clip needs more than n runs with the chance f^n. Just one in twenty counts.

    Where clips' times vary, failures add four times the runs that they add on average, for a long clip is as long
    again.

    >>> runs_p95(failed_share=0.2, clip_excess=75, slowest_seconds=300)
    2.0
    >>> [round(runs_p95(*known, slowest_seconds=300), 3) for known in ((0.05, 0), (0.3, 0), (0.05, 75), (0.05, 300))]
    [2.0, 3.0, 1.605, 1.211]
    """
    # Right to 6% for gamma times with cs from 0.1 to 3 and f up to 0.3.
    return (
        1
        + (1 - minimum(1, 2 * clip_excess / slowest_seconds))
        * floor(log(LATE_SHARE) / log(maximum(SMALLEST_CHANCE, failed_share)))
        + minimum(1, 2 * clip_excess / slowest_seconds) * 4 * failed_share / (1 - failed_share)
    )


@figure("share", "Clips of so many runs that may be late")
def late_allowance(failed_share: float, runs_p95: float) -> float:
    """Clips that need one run more are late, and take their part of the one in twenty.

    With n runs that is f^n; what it leaves falls to the f^(n-1) (1 - f) that need n.

    >>> late_allowance(failed_share=0.25, runs_p95=3)
    0.7333333333333334
    >>> [round(late_allowance(failed_share=failed, runs_p95=runs), 6) for failed, runs in ((0.04, 1), (0.3, 3))]
    [0.010417, 0.365079]
    """
    return maximum(
        SMALLEST_SPREAD,
        (LATE_SHARE - failed_share**runs_p95)
        / (maximum(SMALLEST_CHANCE, maximum(SMALLEST_CHANCE, failed_share) ** (runs_p95 - 1)) * (1 - failed_share)),
    )


@figure("second/video", "Latency of equal clips, 95th percentile of urgent requests", role="promise")
def runs_latency_p95(
    slowest_seconds: float,
    wait_p95: float,
    failed_share: float,
    runs_p95: float,
    late_allowance: float,
    click_wait_probability: float,
    delayed_wait: float,
    interrupted_share: float,
    lost_p95: float,
) -> float:
    """The wait and the runs of the slowest clip in twenty, if all clips took the same time.

    A clip waits for each of its 1 / (1 - f) runs; so many exponential waits are an exponential one. Or it needs n runs.
    Then clips that wait long, fail once more or are interrupted share the one in twenty, up to one run more.

    >>> runs_latency_p95(300, wait_p95=20, failed_share=0.25, runs_p95=3, late_allowance=0.73,
    ...     click_wait_probability=0.8, delayed_wait=15, interrupted_share=0.04, lost_p95=0)
    906.5261597422616
    >>> [runs_latency_p95(300, 60, 0.04, 1, 0.0104, 0.2, delayed, 0, 0) for delayed in (0, 60, 150)]
    [362.5, 477.39069362404257, 600]
    >>> [runs_latency_p95(300, 50, 0, 1, 0.05, 0.4, 30, share, lost) for share, lost in ((0.04, 0), (0.2, 0.5))]
    [400.5722165247817, 450.0]
    """
    return maximum(
        slowest_seconds + wait_p95 / (1 - failed_share),
        slowest_seconds * runs_p95
        + maximum(
            minimum(
                slowest_seconds,
                runs_p95
                * delayed_wait
                * log(
                    maximum(
                        1,
                        click_wait_probability
                        / maximum(
                            SMALLEST_CHANCE,
                            maximum(0, late_allowance - interrupted_share)
                            + interrupted_share * minimum(1, delayed_wait / slowest_seconds),
                        ),
                    )
                ),
            ),
            slowest_seconds * lost_p95,
        ),
    )
