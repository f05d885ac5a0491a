"""A fleet -> GPU cost per month: always on, autoscaled, or partly reserved; and spot GPUs."""

from t2v_capacity.engine.constants import (
    CLIPS_AT_A_TIME,
    DAY,
    HOURS_PER_DAY,
    MOST_INTERRUPTIONS,
    SECONDS_PER_HOUR,
    SLICES_OF_A_RUN,
    SMALLEST_SPREAD,
)
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import ceil, growth_sum, log, maximum, minimum, where
from t2v_capacity.formulas.burst import cheapest_reserve, paid_burst


@figure("USD/gpu-hour", "Price of an on-demand GPU-hour a year from now")
def gpu_price_next_year(gpu_price: float, gpu_price_change_per_year: float) -> float:
    """Prices of GPUs on demand and spot change by the same part every year; `forecast` has them month by month.

    >>> gpu_price_next_year(gpu_price=4, gpu_price_change_per_year=-0.25)
    3.0
    """
    return gpu_price * (1 + gpu_price_change_per_year)


@figure("second", "Seconds in which a server that leaves plays its sessions out", mix="mean")
def emptying_seconds(
    streamed: float,
    duration: float,
    service_variability: float,
    sessions_per_replica: float,
    replicas_per_server: float,
) -> float:
    """A session cannot be moved: a server that leaves accepts no more, and is paid for to the end of its last one.

    Of n sessions whose lengths are exponential the last takes about ln n of them, of equal ones 1 - 1/n. Other spreads
    lie between, or beyond. Simulated days take 0.5 to 1.3 times this: less where sessions go to the fullest server,
    more where they go to the emptiest (tests/formulas/test_streams.py).

    >>> emptying_seconds(
    ...     streamed=1, duration=600, service_variability=1, sessions_per_replica=4, replicas_per_server=8
    ... )
    2079.441541679836
    >>> [round(emptying_seconds(1, 600, spread, 4, replicas_per_server=8), 2) for spread in (0, 2)]
    [581.25, 3577.63]
    """
    return where(
        streamed > 0,
        duration
        * CLIPS_AT_A_TIME
        * (
            (1 - service_variability) * (1 - 1 / sessions_per_replica / replicas_per_server)
            + service_variability * log(sessions_per_replica * replicas_per_server)
        ),
        0,
    )


@figure("share", "Cold start and playing out over a day")
def cold_start_share(cold_start: float, emptying_seconds: float) -> float:
    """A GPU that comes and goes with the day is paid for from its order, a cold start before it is needed.

    One of streams is paid for until it is empty. It is never paid for longer than the day.

    >>> cold_start_share(cold_start=364, emptying_seconds=500)
    0.01
    """
    return minimum(1, (cold_start + emptying_seconds) / DAY)


@figure("share", "One server per region and its spares, over the fleet", better="")
def server_share(
    regions: float,
    servers_per_replica: float,
    spare_servers: float,
    spare_fraction: float,
    gpus_had_per_server: float,
    gpus: float,
) -> float:
    """A fleet that follows the day keeps a server in each region with its spares, and is rounded up to whole ones.

    Where a replica spans several servers, a region keeps all of them. Spares are whole at every hour.

    >>> server_share(
    ...     regions=2, servers_per_replica=1, spare_servers=0, spare_fraction=0, gpus_had_per_server=8, gpus=160
    ... )
    0.1
    >>> server_share(
    ...     regions=2, servers_per_replica=4, spare_servers=1, spare_fraction=0.3, gpus_had_per_server=8, gpus=1600
    ... )
    0.07
    """
    return minimum(
        1,
        regions
        * (servers_per_replica + spare_servers + ceil(spare_fraction * servers_per_replica))
        * gpus_had_per_server
        / gpus,
    )


@figure("gpu", "GPUs held where the fleet follows the day, on average", adds=True)
def gpus_following(
    gpus: float,
    not_on_demand_share: float,
    week_peak: float,
    fleet_share: float,
    cold_start_share: float,
    server_share: float,
) -> float:
    """The fleet shrinks and grows with the day's load in whole servers.

    GPUs beyond the on-demand limit are held at every hour.

    >>> gpus_following(
    ...     gpus=3_200, not_on_demand_share=0, week_peak=4, fleet_share=1, cold_start_share=0.01,
    ...     server_share=0.0625
    ... )
    980.0000000000001
    """
    return gpus * (
        not_on_demand_share + paid_burst(not_on_demand_share, week_peak, fleet_share, cold_start_share, server_share)
    )


@figure("gpu", "Spot GPUs where the fleet follows the day, on average", adds=True)
def spot_following(gpus: float, gpus_following: float, not_on_demand_share: float, spot_part: float) -> float:
    """Of the GPUs that come and go the same part is spot as of all that can be had on demand.

    >>> spot_following(gpus=1_000, gpus_following=700, not_on_demand_share=0.5, spot_part=0.5)
    100.0
    """
    return spot_part * (gpus_following - gpus * not_on_demand_share)


@main_figure("USD/month", "GPU cost per month, held at the peak on demand")
def gpu_cost_on_demand(gpus: float, gpu_price: float, days_per_month: float, clip_runs: float) -> float:
    """Cost of a month with every GPU of the peak rented on demand and kept all day.

    >>> gpu_cost_on_demand(gpus=6400, gpu_price=3.99, days_per_month=30, clip_runs=1)
    18385920.0
    """
    return clip_runs * gpus * gpu_price * HOURS_PER_DAY * days_per_month


@main_figure("USD/month", "GPU cost per month, autoscaled")
def gpu_cost_following(
    gpus: float,
    not_on_demand_share: float,
    held_price: float,
    gpus_following: float,
    spot_following: float,
    gpu_price: float,
    spot_price: float,
    days_per_month: float,
) -> float:
    """Cost of a month with GPUs rented as the day's load needs them, each one cold start ahead.

    They are on demand, and the spot part of them has its price. Those beyond the on-demand limit are held.

    >>> gpu_cost_following(
    ...     gpus=6000, not_on_demand_share=0.25, held_price=2, gpus_following=4000, spot_following=1000, gpu_price=4,
    ...     spot_price=1, days_per_month=30
    ... )
    7200000.0
    """
    return (
        (
            where(not_on_demand_share > 0, gpus * not_on_demand_share * (held_price - gpu_price), 0)
            + where(gpus_following <= spot_following, 0, (gpus_following - spot_following) * gpu_price)
            + where(spot_following <= 0, 0, spot_following * spot_price)
        )
        * HOURS_PER_DAY
        * days_per_month
    )


@figure("USD/month", "GPU cost per month, all of it reserved")
def gpu_cost_all_reserved(gpus: float, committed_price: float, days_per_month: float, clip_runs: float) -> float:
    """Cost of a month with every GPU of the fleet reserved.

    >>> gpu_cost_all_reserved(gpus=6400, committed_price=2, days_per_month=30, clip_runs=1)
    9216000.0
    """
    return clip_runs * gpus * committed_price * HOURS_PER_DAY * days_per_month


@figure("share", "Reserved fraction that costs least", better="")
def cheapest_reserved_fraction(
    committed_price: float,
    gpu_price: float,
    not_on_demand_share: float,
    week_peak: float,
    fleet_share: float,
    cold_start_share: float,
    server_share: float,
) -> float:
    """Reserving pays for GPUs that are held for most hours.

    Shares are tried with the bill itself, cold starts among it.

    >>> cheapest_reserved_fraction(
    ...     committed_price=2, gpu_price=4, not_on_demand_share=0, week_peak=2, fleet_share=1,
    ...     cold_start_share=0.01, server_share=0.1
    ... )
    0.55
    """
    return cheapest_reserve(
        committed_price / gpu_price, not_on_demand_share, week_peak, fleet_share, cold_start_share, server_share
    )


@main_figure("USD/month", "GPU cost per month, at the cheapest reserve")
def gpu_cost_reserved(
    gpus: float,
    cheapest_reserved_fraction: float,
    week_peak: float,
    fleet_share: float,
    cold_start_share: float,
    server_share: float,
    committed_price: float,
    gpu_price: float,
    days_per_month: float,
    gpus_following: float,
) -> float:
    """Cost of a month with the cheapest share of the fleet reserved and the rest autoscaled; that share can be zero.

    >>> gpu_cost_reserved(
    ...     gpus=6400, cheapest_reserved_fraction=0.5, week_peak=1.7, fleet_share=1, cold_start_share=0.01,
    ...     server_share=0.1, committed_price=2, gpu_price=4, days_per_month=30, gpus_following=3300
    ... )
    8201062.890392581
    """
    return (
        minimum(
            gpus_following * gpu_price,
            gpus
            * (
                cheapest_reserved_fraction * committed_price
                + paid_burst(cheapest_reserved_fraction, week_peak, fleet_share, cold_start_share, server_share)
                * gpu_price
            ),
        )
        * HOURS_PER_DAY
        * days_per_month
    )


@figure("ratio", "Interruptions of a clip's run on spot GPUs", mix="mean")
def interruptions_per_run(
    interruptions_per_hour: float, servers_per_replica: float, generation_latency: float
) -> float:
    """A group stops where any of its servers is taken away, so it has the sum of their rates.

    >>> interruptions_per_run(interruptions_per_hour=0.5, servers_per_replica=2, generation_latency=720)
    0.2
    """
    return interruptions_per_hour * servers_per_replica * generation_latency * CLIPS_AT_A_TIME / SECONDS_PER_HOUR


@figure("ratio", "GPU-seconds of a clip on spot GPUs over those of one run", mix="mean")
def interrupted_work(interruptions_per_run: float) -> float:
    """A clip that is interrupted begins again: it takes (exp(x) - 1) / x of its run where x interruptions come in one.

    They come as a Poisson process. The mean time to the first undisturbed stretch of S seconds is (exp(r S) - 1) / r;
    Ross, Stochastic Processes, 2nd edition, 1996.

    >>> interrupted_work(interruptions_per_run=1)
    1.7182818148676366
    """
    # The sum of a run's slices, each of which costs so much more by what comes before it: to 1e-8 where x is 1, 2e-6
    # where it is 20.
    return (
        growth_sum(minimum(interruptions_per_run, MOST_INTERRUPTIONS) / SLICES_OF_A_RUN, SLICES_OF_A_RUN)
        / SLICES_OF_A_RUN
    )


@figure("second/video", "GPU-seconds of a clip, interruptions among them", mix="mean")
def spot_seconds_per_video(
    gpu_seconds_per_video: float, spot_fraction: float, on_demand_limit: float, interrupted_work: float
) -> float:
    """The spot part of a fleet makes fewer clips, for some of its work is lost, so that a clip takes more GPU-seconds.

    A long clip is interrupted more often than its length says, so that each part of a mix has its own. Without a GPU on
    demand there is no spot GPU.

    >>> spot_seconds_per_video(
    ...     gpu_seconds_per_video=300, spot_fraction=0.5, on_demand_limit=1_000, interrupted_work=1.5
    ... )
    360.00000000000006
    """
    return gpu_seconds_per_video / where(
        minimum(1, on_demand_limit) > 0, 1 - spot_fraction + spot_fraction / interrupted_work, 1
    )


@figure("ratio", "GPUs at work over those without interruptions")
def spot_work(
    spot_seconds_per_video: float,
    gpu_seconds_per_video: float,
    spot_fraction: float,
    on_demand_limit: float,
    gpu_limit: float,
    peak_generation_rate: float,
    held_seconds: float,
) -> float:
    """Clips lost on spot GPUs are made again, so the same output needs more GPUs.

    GPUs beyond the on-demand limit are no spot GPUs. The fleet is at least its work at the peak.

    >>> spot_work(
    ...     spot_seconds_per_video=360, gpu_seconds_per_video=300, spot_fraction=0.5, on_demand_limit=150,
    ...     gpu_limit=9_000, peak_generation_rate=10, held_seconds=300
    ... )
    1.0169491525423728
    >>> spot_work(
    ...     spot_seconds_per_video=360, gpu_seconds_per_video=300, spot_fraction=0.5, on_demand_limit=1_500,
    ...     gpu_limit=9_000, peak_generation_rate=10, held_seconds=300
    ... )
    1.2
    """
    return spot_seconds_per_video / (
        spot_seconds_per_video
        - (spot_seconds_per_video - gpu_seconds_per_video)
        * minimum(spot_fraction * minimum(peak_generation_rate * held_seconds, gpu_limit), on_demand_limit)
        / maximum(SMALLEST_SPREAD, spot_fraction * minimum(peak_generation_rate * held_seconds, gpu_limit))
    )
