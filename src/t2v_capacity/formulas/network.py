"""Requests and views -> bandwidth."""

from t2v_capacity.engine.constants import BITS_PER_BYTE, SECONDS_PER_DAY
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import maximum, minimum


@main_figure("bit/s", "Ingress", better="")
def ingress_bandwidth(trps: float, prompt_size: float) -> float:
    """Average bandwidth of the prompts that come in.

    The default size is that of a text. Where images come with it, as for a model that animates one, set `prompt_size`.

    >>> ingress_bandwidth(trps=11574.074074074075, prompt_size=2_000)
    185185185.1851852
    """
    return trps * prompt_size * BITS_PER_BYTE


@main_figure("bit/s", "Egress of generation")
def egress_bandwidth(delivered_per_day: float, video_size: float) -> float:
    """Every delivered clip goes out once, on average over a day.

    >>> egress_bandwidth(delivered_per_day=1_000_000_000, video_size=1_250_000)
    115740740740.74074
    """
    return delivered_per_day * video_size * BITS_PER_BYTE / SECONDS_PER_DAY


@main_figure("bit/s", "Peak ingress")
def peak_ingress_bandwidth(ingress_bandwidth: float, zoned_peak: float, busy_day_level: float) -> float:
    """Prompts come in at this rate at the busiest moment, also those whose clips can wait.

    >>> peak_ingress_bandwidth(ingress_bandwidth=185_185_185.2, zoned_peak=1.7, busy_day_level=1)
    314814814.84
    """
    return ingress_bandwidth * zoned_peak * busy_day_level


@main_figure("bit/s", "Peak egress of generation")
def peak_egress_bandwidth(egress_bandwidth: float, week_peak: float, supply_ratio: float, served_share: float) -> float:
    """Clips go out at this rate at the busiest moment: as they are asked for, or as fast as a smaller fleet makes them.

    >>> peak_egress_bandwidth(egress_bandwidth=115_740_740_740, week_peak=1.75, supply_ratio=1.25, served_share=1)
    144675925925.0
    >>> peak_egress_bandwidth(egress_bandwidth=115_740_740_740, week_peak=1.75, supply_ratio=2, served_share=1)
    202546296295.0
    """
    return egress_bandwidth * minimum(week_peak, supply_ratio / served_share)


@main_figure("bit/s", "Egress of views")
def view_bandwidth(egress_bandwidth: float, views_per_video: float) -> float:
    """Every view sends the clip again, on average over a day.

    >>> view_bandwidth(egress_bandwidth=115_740_740_740.7, views_per_video=20)
    2314814814814.0
    """
    return egress_bandwidth * views_per_video


@main_figure("bit/s", "Peak egress of views")
def peak_view_bandwidth(view_bandwidth: float, zoned_peak: float, busy_day_level: float) -> float:
    """Viewers keep the hours, the time zones and the days of users, and a view cannot be deferred.

    >>> peak_view_bandwidth(view_bandwidth=2.3e12, zoned_peak=1.7, busy_day_level=1)
    3910000000000.0
    """
    return view_bandwidth * zoned_peak * busy_day_level


@figure("share", "Highest hit ratio a cache can have", better="higher")
def hit_ratio_limit(views_per_video: float) -> float:
    """The first view of a clip has to come from the origin, so a cache serves at most 1 - 1 / views.

    >>> hit_ratio_limit(views_per_video=20)
    0.95
    """
    return 1 - 1 / maximum(1, views_per_video)


@main_figure("bit/s", "Egress of the origin")
def origin_bandwidth(view_bandwidth: float, cdn_hit_ratio: float, hit_ratio_limit: float) -> float:
    """The origin sends what the content delivery network does not hold.

    A hit ratio beyond the possible is held to it, with a warning.

    >>> origin_bandwidth(view_bandwidth=2.3e12, cdn_hit_ratio=0.9, hit_ratio_limit=0.95)
    229999999999.99994
    """
    return view_bandwidth * (1 - minimum(cdn_hit_ratio, hit_ratio_limit))
