"""All of it -> cost per month, video and user; margin."""

import math

from t2v_capacity.engine.constants import BITS_PER_BYTE, HOURS_PER_DAY, SECONDS_PER_DAY, UNDEFINED
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import where
from t2v_capacity.formulas.burst import paid_burst


@figure("USD/gpu-hour", "Price of a reserved GPU-hour")
def held_price(reserved_price: float, reserved_3_year_price: float, gpu_price: float) -> float:
    """A reserved GPU costs its price for one year, else that for three, or on demand where none is given (0).

    >>> held_price(reserved_price=0, reserved_3_year_price=1.5, gpu_price=3.99)
    1.5
    >>> held_price(reserved_price=2, reserved_3_year_price=1.5, gpu_price=3.99)
    2
    >>> held_price(reserved_price=0, reserved_3_year_price=0, gpu_price=3.99)
    3.99
    """
    return where(reserved_price > 0, reserved_price, where(reserved_3_year_price > 0, reserved_3_year_price, gpu_price))


@figure("share", "Burst GPU-hours over the fleet's, cold starts among them")
def paid_burst_share(
    held_fraction: float, week_peak: float, fleet_share: float, cold_start_share: float, server_share: float
) -> float:
    """Above the reserve GPUs come and go with the day in whole servers, each paid for from its order.

    >>> paid_burst_share(held_fraction=0.25, week_peak=4, fleet_share=1, cold_start_share=1, server_share=0.1)
    0.75
    """
    return paid_burst(held_fraction, week_peak, fleet_share, cold_start_share, server_share)


@figure("gpu", "GPUs paid for, on average", adds=True)
def gpus_held(gpus: float, held_fraction: float, paid_burst_share: float) -> float:
    """The reserved base is paid for at every hour, burst GPUs from their order until they are handed back.

    >>> gpus_held(gpus=6400, held_fraction=1, paid_burst_share=0)
    6400
    """
    return gpus * (held_fraction + paid_burst_share)


@figure("gpu-hour/month", "GPU-hours per month")
def gpu_hours_per_month(gpus_held: float, days_per_month: float) -> float:
    """The hours that a bill counts: of every GPU that is paid for, at work or not.

    >>> gpu_hours_per_month(gpus_held=14_200, days_per_month=30)
    10224000.0
    """
    return gpus_held * HOURS_PER_DAY * days_per_month


@main_figure("USD/month", "GPU cost per month")
def gpu_cost_per_month(
    gpus: float,
    held_fraction: float,
    reserved_part: float,
    paid_burst_share: float,
    held_price: float,
    gpu_price: float,
    spot_part: float,
    spot_share: float,
    spot_price: float,
    days_per_month: float,
    clip_runs: float,
) -> float:
    """GPUs are rented by the hour of the fleet, not by the second of work.

    The fleet is a base that is held, and burst above it. A part of both is spot, but for GPUs beyond the on-demand
    limit. GPUs that are not rented cost nothing, even if their price is unknown.

    >>> gpu_cost_per_month(
    ...     gpus=6400, held_fraction=0.5, reserved_part=0.375, paid_burst_share=0.25, held_price=2, gpu_price=4,
    ...     spot_part=0.25, spot_share=0.25, spot_price=1, days_per_month=30, clip_runs=1
    ... )
    7776000.0
    """
    return (
        clip_runs
        * gpus
        * (
            where(reserved_part > 0, reserved_part * held_price, 0)
            + where(spot_part < 1, (1 - spot_part) * where(paid_burst_share > 0, paid_burst_share * gpu_price, 0), 0)
            + where(spot_share > 0, (held_fraction - reserved_part + spot_part * paid_burst_share) * spot_price, 0)
        )
        * HOURS_PER_DAY
        * days_per_month
    )


@main_figure("USD/month", "Storage cost per month")
def storage_cost_per_month(storage_held: float, storage_price: float) -> float:
    """A cloud bills the bytes held; its price includes its copies.

    >>> storage_cost_per_month(storage_held=1e17, storage_price=2.5e-11)
    2500000.0
    """
    return storage_held * storage_price


@main_figure("USD/month", "Egress cost per month")
def egress_cost_per_month(view_bandwidth: float, egress_price: float, days_per_month: float) -> float:
    """Every view is egress, whether a cache or the origin serves it.

    >>> egress_cost_per_month(view_bandwidth=2e9, egress_price=2e-11, days_per_month=30)
    12960.0
    """
    return view_bandwidth / BITS_PER_BYTE * SECONDS_PER_DAY * egress_price * days_per_month


@figure("USD/month", "Request fees per month")
def request_cost_per_month(delivered_per_day: float, request_price: float, days_per_month: float) -> float:
    """A store bills each upload, one per clip.

    >>> request_cost_per_month(delivered_per_day=1_000_000, request_price=5e-6, days_per_month=30)
    150.0
    """
    return delivered_per_day * days_per_month * request_price


@figure("USD/month", "Other cost per month")
def other_cost_per_month(
    delivered_per_day: float,
    rejected_output_share: float,
    other_cost_per_video: float,
    moderation_cost_per_video: float,
    days_per_month: float,
) -> float:
    """A delivered clip costs music and licenses, and each clip that was made costs moderation.

    Moderation is paid for the clips that it rejects too.

    >>> other_cost_per_month(
    ...     delivered_per_day=1_000_000, rejected_output_share=0.2, other_cost_per_video=0.001,
    ...     moderation_cost_per_video=0.004, days_per_month=30
    ... )
    180000.0
    """
    return (
        delivered_per_day
        * (other_cost_per_video + moderation_cost_per_video / (1 - rejected_output_share))
        * days_per_month
    )


@main_figure("USD/month", "Cost per month")
def cost_per_month(
    gpu_cost_per_month: float,
    storage_cost_per_month: float,
    egress_cost_per_month: float,
    request_cost_per_month: float,
    other_cost_per_month: float,
) -> float:
    """GPUs, storage, egress, requests and the rest.

    >>> cost_per_month(
    ...     gpu_cost_per_month=18_000_000, storage_cost_per_month=2000, egress_cost_per_month=15_000,
    ...     request_cost_per_month=500, other_cost_per_month=0
    ... )
    18017500
    """
    return (
        gpu_cost_per_month
        + storage_cost_per_month
        + egress_cost_per_month
        + request_cost_per_month
        + other_cost_per_month
    )


@main_figure("USD/video", "Cost of a delivered video")
def cost_per_video(cost_per_month: float, delivered_per_day: float, days_per_month: float) -> float:
    """The month's bill over the month's delivered clips, so that idle GPUs, failed runs and rejected clips all show.

    >>> cost_per_video(cost_per_month=18_000_000, delivered_per_day=1_000_000, days_per_month=30)
    0.6
    """
    return cost_per_month / (delivered_per_day * days_per_month)


@main_figure("USD/user/month", "Cost per daily user and month", adds=False)
def cost_per_user(cost_per_month: float, dau: float) -> float:
    """The month's bill over the users of a day.

    >>> cost_per_user(cost_per_month=18_000_000, dau=500_000)
    36.0
    """
    return cost_per_month / dau


@figure("second/video", "Seconds of video per clip", better="higher", mix="mean")
def delivered_seconds_per_video(duration: float) -> float:
    """Every delivered clip has its duration.

    >>> delivered_seconds_per_video(duration=5)
    5
    """
    return duration


@figure("second/video", "Seconds of video sold per clip", better="higher", mix="mean")
def paid_seconds_per_video(delivered_seconds_per_video: float, paid_share: float) -> float:
    """A share of the clips is paid for.

    >>> paid_seconds_per_video(delivered_seconds_per_video=5, paid_share=0.2)
    1.0
    """
    return delivered_seconds_per_video * paid_share


@figure("second/video", "Seconds of video sold at a price, per clip", better="higher", mix="mean")
def priced_seconds_per_video(paid_seconds_per_video: float, price_per_video_second: float) -> float:
    """A clip at a price of 0 is free.

    >>> priced_seconds_per_video(paid_seconds_per_video=5, price_per_video_second=0.1)
    5
    >>> priced_seconds_per_video(paid_seconds_per_video=5, price_per_video_second=0)
    0
    """
    return where(price_per_video_second > 0, paid_seconds_per_video, 0)


@figure("USD/video", "Revenue per clip", better="higher", mix="mean")
def revenue_per_video(paid_seconds_per_video: float, price_per_video_second: float) -> float:
    """Clips are sold by the second of video.

    >>> revenue_per_video(paid_seconds_per_video=1, price_per_video_second=0.1)
    0.1
    """
    return paid_seconds_per_video * price_per_video_second


@figure("second/month", "Seconds of video delivered per month", better="higher")
def delivered_seconds_per_month(
    delivered_per_day: float, days_per_month: float, delivered_seconds_per_video: float
) -> float:
    """The seconds of a month's delivered clips.

    >>> delivered_seconds_per_month(delivered_per_day=1_000_000, days_per_month=30, delivered_seconds_per_video=5)
    150000000
    """
    return delivered_per_day * days_per_month * delivered_seconds_per_video


@figure("second/month", "Seconds of video sold per month", better="higher")
def paid_seconds_per_month(
    delivered_per_day: float, days_per_month: float, paid_seconds_per_video: float, priced_seconds_per_video: float
) -> float:
    """The seconds of the delivered clips that are paid for: those at a price, or all where nothing has one yet.

    >>> paid_seconds_per_month(
    ...     delivered_per_day=1_000_000, days_per_month=30, paid_seconds_per_video=3, priced_seconds_per_video=1
    ... )
    30000000
    >>> paid_seconds_per_month(
    ...     delivered_per_day=1_000_000, days_per_month=30, paid_seconds_per_video=3, priced_seconds_per_video=0
    ... )
    90000000
    """
    return (
        delivered_per_day
        * days_per_month
        * where(priced_seconds_per_video > 0, priced_seconds_per_video, paid_seconds_per_video)
    )


@main_figure("USD/month", "Revenue per month", better="higher")
def revenue_per_month(delivered_per_day: float, days_per_month: float, revenue_per_video: float) -> float:
    """Revenue from the clips delivered in a month.

    >>> revenue_per_month(delivered_per_day=1_000_000, days_per_month=30, revenue_per_video=0.1)
    3000000.0
    """
    return delivered_per_day * days_per_month * revenue_per_video


@figure("share", "Egress's share of the cost", better="")
def egress_cost_share(egress_cost_per_month: float, cost_per_month: float) -> float:
    """Share of the bill for egress: where it is small, a provider's tiers decide nothing.

    >>> egress_cost_share(egress_cost_per_month=1, cost_per_month=10)
    0.1
    """
    return egress_cost_per_month / cost_per_month


@main_figure("share", "Gross margin", better="higher", least=-math.inf)
def gross_margin(revenue_per_month: float, cost_per_month: float) -> float:
    """Share of the revenue that remains after the bill; a service without revenue has no margin.

    >>> gross_margin(revenue_per_month=3_000_000, cost_per_month=1_800_000)
    0.4
    """
    return 1 - cost_per_month / where(revenue_per_month > 0, revenue_per_month, UNDEFINED)


@main_figure("USD/month", "Profit per month", better="higher", least=-math.inf)
def profit_per_month(revenue_per_month: float, cost_per_month: float) -> float:
    """The revenue less the bill, negative where the bill is larger; a service without revenue has no profit.

    >>> profit_per_month(revenue_per_month=3_000_000, cost_per_month=1_800_000)
    1200000
    """
    return where(revenue_per_month > 0, revenue_per_month, UNDEFINED) - cost_per_month


@figure("USD/second", "GPU cost per delivered second, always on")
def gpu_cost_per_second(gpu_cost_per_month: float, delivered_seconds_per_month: float) -> float:
    """The GPU bill over the seconds of video delivered, whoever pays for them.

    It is what a public API's list price per second replaces.

    >>> gpu_cost_per_second(gpu_cost_per_month=1_500_000, delivered_seconds_per_month=150_000_000)
    0.01
    """
    return gpu_cost_per_month / delivered_seconds_per_month


@figure("USD/second", "GPU cost per delivered second, autoscaled over the cheapest commitment")
def autoscaled_cost_per_second(gpu_cost_mixed: float, delivered_seconds_per_month: float) -> float:
    """The same where GPUs are rented as the day's load asks for them, above those whose commitment costs less.

    >>> autoscaled_cost_per_second(gpu_cost_mixed=750_000, delivered_seconds_per_month=150_000_000)
    0.005
    """
    return gpu_cost_mixed / delivered_seconds_per_month


@main_figure("USD/second", "Break-even price of a second of video")
def break_even_price(cost_per_month: float, paid_seconds_per_month: float) -> float:
    """At this price the seconds that are paid for carry the whole bill, those that are free included.

    >>> break_even_price(cost_per_month=1_800_000, paid_seconds_per_month=30_000_000)
    0.06
    """
    return cost_per_month / where(paid_seconds_per_month > 0, paid_seconds_per_month, UNDEFINED)
