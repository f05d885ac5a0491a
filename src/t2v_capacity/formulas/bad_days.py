"""A day's queue and its chance -> the waits of one day in twenty, which the means over days do not tell.

Held against simulated days: docs/day.md.
"""

from t2v_capacity.engine.constants import CLIPS_AT_A_TIME, DAY, LATE_QUEUES, LATE_SHARE, NORMAL_P95, PI, SMALLEST_SPREAD
from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import acos, log, maximum, minimum, sqrt, where
from t2v_capacity.formulas.day import longest_deferral


@figure("ratio", label="Growth of the queue that chance makes, on one day in twenty", group="waiting", detail=True)
def chance_growth(queues_of_day: float, longest_over_tail: float) -> float:
    """How much longer than its mean over days the longest of a day's exponential queues is on one day in twenty.

    Of N queues none is longer than x scales with the chance exp(-N exp(-x)), which is 0.95 at log(N / -log 0.95).

    >>> chance_growth(queues_of_day=6, longest_over_tail=2.4)
    0.8100992461111751
    """
    return (
        log(1 + LATE_QUEUES * maximum(SMALLEST_SPREAD, queues_of_day) / -log(1 - LATE_SHARE)) / maximum(SMALLEST_SPREAD, longest_over_tail)
        - 1
    )


@figure("second", label="Longest wait of the day, 95th percentile over days", group="waiting", better="lower")
def longest_wait_p95(
    longest_wait: float,
    urgent_chance_wait: float,
    chance_growth: float,
    overload_time: float,
    arrival_variability: float,
    work_variability: float,
    generation_capacity: float,
    regions: float,
    full_queue_wait: float,
) -> float:
    """The 95th percentile over days of the longest wait, whose mean is `longest_wait`: the larger of two chances beyond that.

    Near capacity it is the longest of chance's queues. In an overload no replica is idle until the last clip of it begins, so that all
    work that came since its start counts: as many clips as the fleet makes in that time, which vary by (ca + cs) of their number.

    >>> longest_wait_p95(
    ...     longest_wait=4_200, urgent_chance_wait=80, chance_growth=1.2, overload_time=20_000, arrival_variability=1, work_variability=0.25,
    ...     generation_capacity=2, regions=2, full_queue_wait=1e18
    ... )
    4486.107071303734
    >>> longest_wait_p95(
    ...     longest_wait=240, urgent_chance_wait=200, chance_growth=1.2, overload_time=0, arrival_variability=1, work_variability=0.25,
    ...     generation_capacity=2, regions=2, full_queue_wait=1e18
    ... )
    480.0
    """
    return minimum(
        full_queue_wait,
        longest_wait
        + maximum(
            urgent_chance_wait * chance_growth,
            NORMAL_P95
            * sqrt(
                (arrival_variability + work_variability) * CLIPS_AT_A_TIME * (overload_time + longest_wait) * regions / generation_capacity
            ),
        ),
    )


@figure("second", label="Time of overload in a day, of all work", group="waiting", detail=True, better="lower")
def work_overload_time(generation_capacity: float, generation_rate: float, zoned_peak: float) -> float:
    """The same as `overload_time`, of work that can wait too.

    >>> work_overload_time(generation_capacity=1.35, generation_rate=1, zoned_peak=1.7)
    28800.0
    >>> work_overload_time(generation_capacity=4.5, generation_rate=2, zoned_peak=4)
    19876.618612450016
    """
    return (
        DAY
        * minimum(1, 2 / zoned_peak)
        * acos(
            maximum(
                -1,
                minimum(
                    1,
                    (generation_capacity / generation_rate - maximum(1, zoned_peak / 2))
                    / maximum(SMALLEST_SPREAD, zoned_peak - maximum(1, zoned_peak / 2)),
                ),
            )
        )
        / PI
    )


@figure("second", label="Wait that an overload's work varies by, 95th percentile over days", group="waiting", detail=True, better="lower")
def work_spread(
    deferred_wait: float,
    work_overload_time: float,
    arrival_variability: float,
    work_variability: float,
    generation_capacity: float,
    regions: float,
) -> float:
    """How much longer than its mean work that can wait waits where all work since the overload's start varies, as in `longest_wait_p95`.

    >>> work_spread(
    ...     deferred_wait=9_000, work_overload_time=11_250, arrival_variability=4, work_variability=0.5, generation_capacity=2, regions=1
    ... )
    351.1314056909464
    """
    return NORMAL_P95 * sqrt(
        (arrival_variability + work_variability) * CLIPS_AT_A_TIME * (work_overload_time + deferred_wait) * regions / generation_capacity
    )


@figure("second", label="Longest wait of work that can wait, 95th percentile over days", group="waiting", better="lower")
def deferred_wait_p95(
    deferred_wait: float,
    chance_wait: float,
    chance_growth: float,
    work_spread: float,
    zoned_peak: float,
    deferrable_share: float,
    generation_capacity: float,
    generation_rate: float,
    longest_queue_time: float,
) -> float:
    """The 95th percentile over days of the longest wait of deferred work: `deferred_wait` with more of chance before it.

    >>> deferred_wait_p95(
    ...     deferred_wait=16_699, chance_wait=90, chance_growth=1.2, work_spread=350, zoned_peak=1.7, deferrable_share=0.4,
    ...     generation_capacity=2.5, generation_rate=2, longest_queue_time=2_000
    ... )
    17347.71514543381
    >>> deferred_wait_p95(
    ...     deferred_wait=9_000, chance_wait=900, chance_growth=1.2, work_spread=350, zoned_peak=1.7, deferrable_share=0.4,
    ...     generation_capacity=0.75, generation_rate=0.5, longest_queue_time=8_000
    ... )
    8799.496564858508
    """
    return where(
        deferred_wait > 0,
        DAY
        * longest_deferral(
            zoned_peak,
            deferrable_share,
            generation_capacity / generation_rate,
            (chance_wait + maximum(chance_wait * chance_growth, work_spread)) / DAY * generation_capacity / generation_rate,
            longest_queue_time / DAY,
        ),
        deferred_wait,
    )


@figure("second", label="Wait left under the target of work that can wait", group="waiting", detail=True, better="higher")
def deferred_slack(target_deferred_wait: float, deferred_wait_p95: float) -> float:
    """Target minus the longest wait that deferred work has on one day in twenty; if negative, the target is missed.

    >>> deferred_slack(target_deferred_wait=43_200, deferred_wait_p95=28_800)
    14400
    """
    return target_deferred_wait - deferred_wait_p95
