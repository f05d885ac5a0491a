"""A fleet -> GPU cost per month: always on, autoscaled, or partly reserved; and spot GPUs."""

from t2v_capacity.engine.constants import (
    CLIPS_AT_A_TIME,
    DAY,
    HOURS_PER_DAY,
    MOST_INTERRUPTIONS,
    PI,
    SECONDS_PER_HOUR,
    SLICES_OF_A_RUN,
    SMALLEST_SPREAD,
)
from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import growth_sum, maximum, minimum, sqrt, where


@figure("USD/gpu-hour", label="Price of an on-demand GPU-hour a year from now", group="money", detail=True, better="lower")
def gpu_price_next_year(gpu_price: float, gpu_price_change_per_year: float) -> float:
    """Prices of GPUs on demand and spot change by the same part every year; `forecast` has them month by month.

    >>> gpu_price_next_year(gpu_price=4, gpu_price_change_per_year=-0.25)
    3.0
    """
    return gpu_price * (1 + gpu_price_change_per_year)


@figure("share", label="Cold start over a day", group="money", detail=True, better="lower")
def cold_start_share(cold_start: float) -> float:
    """A GPU that comes and goes with the day is paid for from its order, a cold start before it is needed; never for more than the day.

    >>> cold_start_share(cold_start=864)
    0.01
    """
    return minimum(1, cold_start / DAY)


@figure("share", label="Mean root of the day's load over the root of its peak", group="money", detail=True)
def root_share(levelled_peak: float) -> float:
    """The square-root rule's margin follows the root of the load: 1 - s^2 / 16 of its mean's for a sine of swing s, 2 / pi of a full one's.

    Within 1.5% of the integral.

    >>> root_share(levelled_peak=1.5)
    0.8037388218507304
    >>> root_share(levelled_peak=4)
    0.3183098861837907
    """
    return minimum((1 - (minimum(2, levelled_peak) - 1) ** 2 / 4 / 4) / sqrt(levelled_peak), 4 / (PI * levelled_peak))


@figure("share", label="Hours of the margin that a fleet keeps at every hour, over the fleet's", group="money", detail=True, better="lower")
def margin_share(
    levelled_peak: float,
    root_share: float,
    regions: float,
    region_load: float,
    replicas_needed: float,
    replicas_by_latency: float,
    replicas_by_waiting: float,
) -> float:
    """GPUs that an autoscaled fleet holds beyond its share of the load: waiting needs a margin of the load's square root.

    At every hour utilization asks for its part of the load, and waiting for the load and that margin; the larger counts.

    >>> margin_share(
    ...     levelled_peak=2, root_share=0.64, regions=2, region_load=100, replicas_needed=240, replicas_by_latency=0, replicas_by_waiting=120
    ... )
    0.023333333333333317
    """
    return maximum(
        0,
        minimum(
            1,
            regions
            / replicas_needed
            * (
                region_load / levelled_peak
                + root_share * maximum(0, where(replicas_by_latency > 0, replicas_by_latency, replicas_by_waiting) - region_load)
            ),
        )
        - 1 / levelled_peak,
    )


@figure("gpu", label="GPUs held where the fleet follows the day, on average", group="money", adds=True, detail=True, better="lower")
def gpus_following(
    gpus: float, levelled_peak: float, margin_share: float, load_floor: float, cold_start_share: float, fleet_share: float
) -> float:
    """The fleet shrinks and grows with the day's load, and what it grows by starts a cold start ahead.

    A fleet below its peak works as much in all, for what it can't make at the peak it makes later.

    Each GPU between the quietest load and the peak is held for the hours of its load and once a cold start (`gpus_started_ahead` is
    how many are on their way at once). Within 1% of an integrated day of such orders.

    >>> gpus_following(gpus=3_200, levelled_peak=4, margin_share=0.0625, load_floor=0.2, cold_start_share=0.01, fleet_share=0.5)
    2019.2
    """
    return minimum(
        gpus, gpus / fleet_share * (1 / levelled_peak + margin_share) + gpus * maximum(0, 1 - load_floor / fleet_share) * cold_start_share
    )


@figure("share", label="Most burst GPU-hours over the fleet's, at the cheapest reserve", group="money", detail=True)
def cheapest_burst_limit(cheapest_reserved_fraction: float, worked_share: float) -> float:
    """No more hours are worked above a reserve than this: the whole work's part, as if all hours were like their mean.

    >>> cheapest_burst_limit(cheapest_reserved_fraction=0.5, worked_share=0.75)
    0.375
    """
    return (1 - cheapest_reserved_fraction) * worked_share


@figure("share", label="Cheapest reserve over the peak of the load", group="money", detail=True)
def cheapest_reserved_load(cheapest_reserved_fraction: float, fleet_share: float) -> float:
    """A reserved share of a fleet below its peak is a smaller share of the load's GPUs.

    >>> cheapest_reserved_load(cheapest_reserved_fraction=0.5, fleet_share=0.75)
    0.375
    """
    return cheapest_reserved_fraction * fleet_share


@figure("share", label="Burst GPU-hours over the fleet's, at the cheapest reserve", group="money", detail=True, better="lower")
def cheapest_burst_share(
    cheapest_reserved_load: float,
    load_floor: float,
    loaded_share: float,
    fleet_share: float,
    cheapest_burst_limit: float,
    margin_share: float,
) -> float:
    """Hours above the cheapest reserve over those of a fleet held at its peak, as `burst_share` has them for the plan's own.

    >>> cheapest_burst_share(cheapest_reserved_load=0.4, load_floor=0.17647058823529416, loaded_share=1, fleet_share=0.8, cheapest_burst_limit=0.7, margin_share=0.05)
    0.3434857011871297
    """
    return minimum(
        where(fleet_share < 1, cheapest_burst_limit, 1),
        (
            maximum(0, load_floor - cheapest_reserved_load)
            + margin_share * (1 - maximum(cheapest_reserved_load, load_floor)) / maximum(SMALLEST_SPREAD, 1 - load_floor)
            + loaded_share
            / maximum(SMALLEST_SPREAD, 1 - load_floor)
            * (
                (1 - maximum(cheapest_reserved_load, load_floor)) ** 2 / 2
                + (4 / PI - 1)
                * maximum(0, (1 - maximum(cheapest_reserved_load, load_floor)) * (maximum(cheapest_reserved_load, load_floor) - load_floor))
                ** (3 / 2)
                / maximum(SMALLEST_SPREAD, 1 - load_floor)
            )
        )
        / fleet_share,
    )


@figure("gpu", label="GPUs starting above the cheapest reserve, on average", group="money", adds=True, detail=True, better="lower")
def cheapest_starting(
    gpus: float,
    cheapest_reserved_fraction: float,
    cheapest_burst_share: float,
    load_floor: float,
    cold_start_share: float,
    fleet_share: float,
) -> float:
    """GPUs above the reserve start one cold start ahead, once a day, and no GPU is paid for more than the day.

    >>> cheapest_starting(
    ...     gpus=6400, cheapest_reserved_fraction=0.25, cheapest_burst_share=0.25, load_floor=0.5, cold_start_share=0.01, fleet_share=0.8
    ... )
    24.0
    >>> cheapest_starting(
    ...     gpus=6400, cheapest_reserved_fraction=0.25, cheapest_burst_share=0.5, load_floor=0.2, cold_start_share=1, fleet_share=0.8
    ... )
    1600.0
    """
    return gpus * minimum(
        maximum(0, 1 - cheapest_reserved_fraction - cheapest_burst_share),
        maximum(0, 1 - maximum(cheapest_reserved_fraction, load_floor / fleet_share)) * cold_start_share,
    )


@figure("USD/month", label="GPU cost per month, held at the peak on demand", group="money", adds=True, better="lower")
def gpu_cost_on_demand(gpus: float, gpu_price: float, days_per_month: float) -> float:
    """Cost of a month with every GPU of the peak rented on demand and kept all day.

    >>> gpu_cost_on_demand(gpus=6400, gpu_price=3.99, days_per_month=30)
    18385920.0
    """
    return gpus * gpu_price * HOURS_PER_DAY * days_per_month


@figure("USD/month", label="GPU cost per month, autoscaled", group="money", adds=True, better="lower")
def gpu_cost_following(gpus: float, gpus_following: float, gpus_held_idle: float, gpu_price: float, days_per_month: float) -> float:
    """Cost of a month with GPUs rented on demand as the day's load needs them, each one cold start ahead.

    GPUs beyond the on-demand limit are paid for at every hour, so they count as no saving.

    >>> gpu_cost_following(gpus=6400, gpus_following=4000, gpus_held_idle=500, gpu_price=4, days_per_month=30)
    12960000.0
    """
    return minimum(gpus, gpus_following + gpus_held_idle) * gpu_price * HOURS_PER_DAY * days_per_month


@figure("USD/month", label="GPU cost per month, all of it reserved", group="money", adds=True, detail=True, better="lower")
def gpu_cost_all_reserved(gpus: float, committed_price: float, days_per_month: float) -> float:
    """Cost of a month with every GPU of the fleet reserved.

    >>> gpu_cost_all_reserved(gpus=6400, committed_price=2, days_per_month=30)
    9216000.0
    """
    return gpus * committed_price * HOURS_PER_DAY * days_per_month


@figure("USD/month", label="GPU cost per month, at the cheapest reserve", group="money", adds=True, better="lower")
def gpu_cost_reserved(
    gpus: float,
    cheapest_reserved_fraction: float,
    cheapest_burst_share: float,
    cheapest_starting: float,
    committed_price: float,
    gpu_price: float,
    days_per_month: float,
    gpu_cost_following: float,
    gpu_cost_all_reserved: float,
    fleet_share: float,
) -> float:
    """Cost of a month with the cheapest share of the fleet reserved and the rest autoscaled; that share can be zero.

    A fleet below its peak is at work for longer than its load is above it, so that all of it may be reserved for less.

    >>> gpu_cost_reserved(
    ...     gpus=6400, cheapest_reserved_fraction=0.5, cheapest_burst_share=0.125, cheapest_starting=30, committed_price=2, gpu_price=4,
    ...     days_per_month=30, gpu_cost_following=9_000_000, gpu_cost_all_reserved=9_216_000, fleet_share=0.9
    ... )
    6998400.0
    """
    return minimum(
        minimum(gpu_cost_following, where(fleet_share < 1, gpu_cost_all_reserved, gpu_cost_following)),
        (gpus * (cheapest_reserved_fraction * committed_price + cheapest_burst_share * gpu_price) + cheapest_starting * gpu_price)
        * HOURS_PER_DAY
        * days_per_month,
    )


@figure("ratio", label="Interruptions of a clip's run on spot GPUs", group="money", detail=True, better="lower", mix="mean")
def interruptions_per_run(interruptions_per_hour: float, servers_per_replica: float, generation_latency: float) -> float:
    """A group stops where any of its servers is taken away, so it has the sum of their rates.

    >>> interruptions_per_run(interruptions_per_hour=0.5, servers_per_replica=2, generation_latency=720)
    0.2
    """
    return interruptions_per_hour * servers_per_replica * generation_latency * CLIPS_AT_A_TIME / SECONDS_PER_HOUR


@figure("ratio", label="GPU-seconds of a clip on spot GPUs over those of one run", group="money", detail=True, better="lower", mix="mean")
def interrupted_work(interruptions_per_run: float) -> float:
    """A clip that is interrupted begins again: it takes (exp(x) - 1) / x of its run where x interruptions come in one, as a Poisson process.

    The mean time to the first undisturbed stretch of S seconds is (exp(r S) - 1) / r; Ross, Stochastic Processes, 2nd edition, 1996. It is
    the sum of a run's slices, each of which costs so much more by what comes before it: to 1e-8 where x is 1, 2e-6 where it is 20.

    >>> interrupted_work(interruptions_per_run=1)
    1.7182818148676366
    """
    return growth_sum(minimum(interruptions_per_run, MOST_INTERRUPTIONS) / SLICES_OF_A_RUN, SLICES_OF_A_RUN) / SLICES_OF_A_RUN


@figure("second/video", label="GPU-seconds of a clip, interruptions among them", group="money", detail=True, better="lower", mix="mean")
def spot_seconds_per_video(gpu_seconds_per_video: float, spot_fraction: float, interrupted_work: float) -> float:
    """The spot part of a fleet makes fewer clips, for some of its work is lost, so that a clip takes more GPU-seconds.

    A long clip is interrupted more often than its length says, so that each part of a mix has its own.

    >>> spot_seconds_per_video(gpu_seconds_per_video=300, spot_fraction=0.5, interrupted_work=1.5)
    360.00000000000006
    """
    return gpu_seconds_per_video / (1 - spot_fraction + spot_fraction / interrupted_work)


@figure("ratio", label="GPUs at work over those without interruptions", group="money", detail=True, better="lower")
def spot_work(spot_seconds_per_video: float, gpu_seconds_per_video: float) -> float:
    """Clips lost on spot GPUs are made again, so the same output needs more GPUs.

    >>> spot_work(spot_seconds_per_video=360, gpu_seconds_per_video=300)
    1.2
    """
    return spot_seconds_per_video / gpu_seconds_per_video


@figure("USD/gpu-hour", label="Price of a spot GPU-hour, paid", group="money", detail=True, better="lower")
def paid_spot_price(spot_price: float, gpu_price: float) -> float:
    """A spot GPU costs its spot price, or the on-demand price where none is given (0).

    >>> paid_spot_price(spot_price=0, gpu_price=3.99)
    3.99
    """
    return where(spot_price > 0, spot_price, gpu_price)
