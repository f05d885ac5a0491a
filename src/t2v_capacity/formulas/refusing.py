"""A queue of limited length -> the requests that find it full and are refused.

Held against simulated days: docs/day.md.
"""

from t2v_capacity.engine.constants import (
    CLIPS_AT_A_TIME,
    DAY,
    EULER_GAMMA,
    NO_QUEUE_LIMIT,
    PEAK_QUEUES,
    SECONDS_PER_DAY,
    SMALLEST_CHANCE,
    SMALLEST_SPREAD,
)
from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import exp, floor, log, maximum, minimum, sqrt, where


@figure("video", label="Clips by which a queue of chance becomes e times as rare", group="waiting", detail=True, better="lower")
def queue_scale(utilization: float, urgent_share: float, peak_relief: float, arrival_variability: float, work_variability: float) -> float:
    """The queue of a region in heavy traffic is exponential; its mean is half the variability over the share of idle replicas.

    J. F. C. Kingman, Proceedings of the Cambridge Philosophical Society 57, 1961. A passing peak is worth idle replicas too, also where
    it exceeds the fleet.

    >>> queue_scale(utilization=0.94, urgent_share=1, peak_relief=0.08, arrival_variability=1, work_variability=0.5)
    7.499999999999997
    """
    return (
        CLIPS_AT_A_TIME
        * (arrival_variability + work_variability)
        / 2
        / maximum(SMALLEST_SPREAD, sqrt(maximum(0, 1 - utilization * urgent_share) ** 2 + peak_relief**2))
    )


@figure("ratio", label="Day's longest queue above its limit", group="waiting", detail=True, better="lower", least=-1e300)
def queue_excess(
    overload_clips: float,
    urgent_chance_wait: float,
    generation_capacity: float,
    queue_limit: float,
    regions: float,
    queue_scale: float,
    queues_at_peak: float,
) -> float:
    """How far the longest queue of a region, if none were refused, would exceed its limit, in `queue_scale`; for one of the queues of a peak.

    It is followed down to where a queue that long has no chance.

    >>> queue_excess(
    ...     overload_clips=900, urgent_chance_wait=60, generation_capacity=2, queue_limit=1_000, regions=2, queue_scale=5, queues_at_peak=18
    ... )
    1.249694405600106
    """
    return maximum(
        log(SMALLEST_CHANCE),
        (overload_clips + urgent_chance_wait * generation_capacity - queue_limit) / regions / queue_scale
        - log(maximum(1, queues_at_peak / PEAK_QUEUES)),
    )


@figure("video/day", label="Requests that a day refuses at the most", group="waiting", adds=True, detail=True, better="lower")
def refused_bound(
    overload_clips: float,
    queue_limit: float,
    regions: float,
    generation_rate: float,
    generation_capacity: float,
    loaded_share: float,
    arrival_variability: float,
    work_variability: float,
    utilization: float,
) -> float:
    """A queue never refuses more than arrives above capacity and, at a load of capacity all day, the variance over twice its limit.

    J. M. Harrison, Brownian Motion and Stochastic Flow Systems, 1985: motion between two barriers. Nor does it refuse more than a fleet
    without a queue, of which one replica with Poisson arrivals refuses a / (1 + a), and more replicas less.

    >>> refused_bound(
    ...     overload_clips=900, queue_limit=100, regions=2, generation_rate=3, generation_capacity=2, loaded_share=0.75,
    ...     arrival_variability=1.5, work_variability=0.5, utilization=1.2
    ... )
    2196.0
    >>> refused_bound(
    ...     overload_clips=900, queue_limit=0, regions=2, generation_rate=3, generation_capacity=2, loaded_share=0.75,
    ...     arrival_variability=1.5, work_variability=0.5, utilization=0.5
    ... )
    65700.0
    >>> refused_bound(
    ...     overload_clips=900, queue_limit=0, regions=2, generation_rate=0.5, generation_capacity=2, loaded_share=0.75,
    ...     arrival_variability=1.5, work_variability=0.5, utilization=0.5
    ... )
    18514.285714285717
    """
    return minimum(
        (
            overload_clips
            + (arrival_variability + work_variability)
            * generation_capacity
            * DAY
            * loaded_share
            * CLIPS_AT_A_TIME
            / 2
            / maximum(CLIPS_AT_A_TIME * regions, queue_limit)
        )
        * SECONDS_PER_DAY
        / DAY,
        generation_rate * SECONDS_PER_DAY * (1 - 1 / (1 + utilization * maximum(1, arrival_variability))),
    )


@figure("video/day", label="Requests refused per day", group="waiting", adds=True, detail=True, better="lower")
def refused_per_day(
    queue_excess: float,
    queue_scale: float,
    queues_at_peak: float,
    regions: float,
    refused_bound: float,
    queue_limit: float,
    generation_rate: float,
    generation_capacity: float,
) -> float:
    """A full queue refuses what would have made it longer: the day's longest queue above its limit, and at least what no day can make.

    What a limit refuses from the first request to the last of an overload is the maximum of the queue without it, less the limit
    (A. V. Skorokhod, Theory of Probability and Its Applications 6, 1961). That maximum varies: with tails of a scale s its mean excess is
    s log(1 + e^x), x the excess of the mean in scales. Of a limit far above it that counts 0.5772 scales too many, since the mean of the
    longest queue lies so far above its mode; and a queue that is cut off at K scales refuses 1 / (1 - e^-K) of what one above them all
    would, as in M/M/c/K.

    >>> refused_per_day(
    ...     queue_excess=0.5, queue_scale=5, queues_at_peak=7, regions=2, refused_bound=900, queue_limit=6, generation_rate=1,
    ...     generation_capacity=2
    ... )
    15.507296333530958
    >>> refused_per_day(
    ...     queue_excess=0.5, queue_scale=5, queues_at_peak=7, regions=2, refused_bound=900, queue_limit=1, generation_rate=1,
    ...     generation_capacity=2
    ... )
    31.153194335498846
    >>> refused_per_day(
    ...     queue_excess=2, queue_scale=5, queues_at_peak=18, regions=2, refused_bound=900, queue_limit=1_000, generation_rate=1,
    ...     generation_capacity=2
    ... )
    45.0408284691453
    >>> refused_per_day(
    ...     queue_excess=-2, queue_scale=5, queues_at_peak=18, regions=2, refused_bound=900, queue_limit=1_000, generation_rate=1,
    ...     generation_capacity=2
    ... )
    1.609125216260426
    >>> refused_per_day(
    ...     queue_excess=2, queue_scale=5, queues_at_peak=18, regions=2, refused_bound=900, queue_limit=100, generation_rate=3,
    ...     generation_capacity=2
    ... )
    86400.0
    >>> refused_per_day(
    ...     queue_excess=2, queue_scale=5, queues_at_peak=18, regions=2, refused_bound=900, queue_limit=1e18, generation_rate=3,
    ...     generation_capacity=2
    ... )
    0
    """
    return where(
        queue_limit < NO_QUEUE_LIMIT,
        maximum(
            (generation_rate - generation_capacity) * SECONDS_PER_DAY,
            minimum(
                refused_bound,
                regions
                * maximum(1, queues_at_peak / PEAK_QUEUES)
                * queue_scale
                * (
                    maximum(0, queue_excess)
                    + minimum(exp(minimum(0, queue_excess) - EULER_GAMMA), log(1 + exp(-maximum(queue_excess, -queue_excess))))
                    / (1 - exp(-maximum(CLIPS_AT_A_TIME * regions, queue_limit) / regions / queue_scale))
                )
                * SECONDS_PER_DAY
                / DAY,
            ),
        ),
        0,
    )


@figure("share", label="Demand that is refused", group="waiting", detail=True, better="lower")
def refused_share(refused_per_day: float, generations_per_day: float) -> float:
    """Runs that find the queue full over those that are asked for; a run that failed asks again.

    >>> refused_share(refused_per_day=21_600, generations_per_day=86_400)
    0.25
    """
    return refused_per_day / generations_per_day


@figure("second", label="Longest wait of a full queue", group="waiting", detail=True, better="lower")
def full_queue_wait(
    queue_limit: float,
    generation_capacity: float,
    replicas: float,
    regions: float,
    work_variability: float,
    refused_per_day: float,
) -> float:
    """The last that a full queue takes waits until all before it are begun; of so many as find it full on a day, the slowest.

    The time of Q clips on c replicas varies as a sum of clips does, and since replicas are not in step, by c f (1 - f) clips where Q is
    not a multiple of c but f more. The largest of N such times is sqrt(2 log N) standard deviations above their mean.

    >>> full_queue_wait(queue_limit=45, generation_capacity=0.5, replicas=20, regions=2, work_variability=0.5, refused_per_day=20)
    121.73509121737821
    """
    return (
        queue_limit
        + sqrt(2 * log(1 + refused_per_day * DAY / SECONDS_PER_DAY / CLIPS_AT_A_TIME / regions))
        * sqrt(
            regions
            * (
                work_variability * queue_limit * CLIPS_AT_A_TIME
                + replicas
                * CLIPS_AT_A_TIME**2
                * maximum(
                    0,
                    (queue_limit / CLIPS_AT_A_TIME / replicas - floor(queue_limit / CLIPS_AT_A_TIME / replicas))
                    * (1 - queue_limit / CLIPS_AT_A_TIME / replicas + floor(queue_limit / CLIPS_AT_A_TIME / replicas)),
                )
            )
        )
    ) / generation_capacity
