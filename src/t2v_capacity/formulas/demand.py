"""Users -> requests, generations and delivered videos per day; requests per second, on average and at the peak."""

from t2v_capacity.engine.constants import (
    DAYS_PER_WEEK,
    PI,
    SECONDS_PER_DAY,
    SMALLEST_SPREAD,
    WEEKDAYS,
    ZONES_OF_THE_GLOBE,
)
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import maximum, minimum, sin


@main_figure("request/day", "Requests per day")
def requests_per_day(dau: float, videos_per_user_per_day: float, request_share: float) -> float:
    """Every daily user asks for so many videos, and a share of those requests goes to this product or stage.

    >>> requests_per_day(dau=100_000_000, videos_per_user_per_day=10, request_share=1)
    1000000000
    """
    return dau * videos_per_user_per_day * request_share


@main_figure("request/s", "Total requests per second (TRPS)")
def trps(requests_per_day: float) -> float:
    """Average arrival rate over a day.

    >>> trps(requests_per_day=1_000_000_000)
    11574.074074074075
    """
    return requests_per_day / SECONDS_PER_DAY


@figure("ratio", "Time zones over the hours that a zone's load fills", better="")
def zone_span(time_zones: float, peak_to_average: float) -> float:
    """A peak beyond twice the mean fills only 2 / peak of a zone's day; beyond 1, some zone is always without load.

    >>> zone_span(time_zones=12, peak_to_average=3)
    0.75
    """
    return time_zones / (ZONES_OF_THE_GLOBE * minimum(1, 2 / peak_to_average))


@figure("ratio", "Part of the swing that is left over the time zones")
def zone_flattening(zone_span: float) -> float:
    """Users spread evenly over time zones see the mean of the day's curve over those hours.

    Of a sine's swing it leaves sin(x) / x.

    >>> zone_flattening(zone_span=0.5)
    0.6366197723675814
    """
    return sin(PI * maximum(SMALLEST_SPREAD, minimum(1, zone_span))) / (
        PI * maximum(SMALLEST_SPREAD, minimum(1, zone_span))
    )


@figure("ratio", "Peak over average, over all time zones", least=1)
def zoned_peak(peak_to_average: float, zone_span: float, zone_flattening: float) -> float:
    """The day of users in many time zones swings less than that of one zone, whose peak `peak_to_average` is.

    The curve is middle + swing sin: the middle is the mean and the swing the peak less it, up to a peak of twice the
    mean; beyond, both are half the peak. Where zones are wider than a zone's load is long, only the middle is left,
    spread over all of them. No peak is below the mean.

    >>> zoned_peak(peak_to_average=1.6, zone_span=1.25, zone_flattening=0.5)
    1.04
    """
    return maximum(
        1,
        (maximum(1, peak_to_average / 2) + (peak_to_average - maximum(1, peak_to_average / 2)) * zone_flattening)
        / maximum(1, zone_span),
    )


@figure("ratio", "Peak over average, after deferral", least=1)
def levelled_peak(zoned_peak: float, deferrable_share: float) -> float:
    """Work that can wait for a quiet hour leaves the peak, which cannot fall below the day's mean.

    A day whose peak is 1.7 times its mean peaks at 1.36 with a fifth of the work deferrable, and at 1.02 with two
    fifths.

    >>> levelled_peak(zoned_peak=1.7, deferrable_share=0.2)
    1.36
    """
    return maximum(1, zoned_peak * (1 - deferrable_share))


@figure("ratio", "Busier kind of day over the week's mean", least=1)
def busy_day_level(weekend_level: float) -> float:
    """Users and requests are means of the week; weekdays have more than that where weekends are quiet.

    With weekends of a quarter of a weekday, five days at 1.27 and two at 0.32 have a mean of 1.

    >>> busy_day_level(weekend_level=0.25)
    1.2727272727272727
    >>> busy_day_level(weekend_level=1.5)
    1.3125
    """
    return DAYS_PER_WEEK / (WEEKDAYS + (DAYS_PER_WEEK - WEEKDAYS) * weekend_level) * maximum(1, weekend_level)


@figure("ratio", "Peak of the busier kind of day over the week's mean", least=1)
def week_peak(levelled_peak: float, busy_day_level: float) -> float:
    """A fleet that carries the busiest hour of a week carries that of its busier days.

    >>> week_peak(levelled_peak=1.7, busy_day_level=1.25)
    2.125
    """
    return levelled_peak * busy_day_level


@main_figure("request/s", "Peak requests per second")
def peak_trps(trps: float, week_peak: float) -> float:
    """The busiest moment of the week carries a multiple of the average rate.

    A request that can wait counts when its clip is made. What takes requests, such as an API gateway, meets the peak of
    clicks, `zoned_peak`.

    >>> peak_trps(trps=10_000, week_peak=1.7)
    17000.0
    """
    return trps * week_peak


@figure("ratio", "Arrivals over requests", better="")
def arrivals_over_requests(trps: float, requests_per_day: float) -> float:
    """Exactly 1, unless `trps` is pinned: then what follows from requests follows from the pinned rate.

    >>> arrivals_over_requests(trps=50, requests_per_day=864_000)
    5.0
    """
    return trps / (requests_per_day / SECONDS_PER_DAY)


@main_figure("video/day", "Generations per day", better="")
def generations_per_day(
    requests_per_day: float, arrivals_over_requests: float, rejected_prompt_share: float, failed_share: float
) -> float:
    """A rejected prompt never reaches a GPU, and a run that fails is run again until it works.

    Runs until the first success are geometric: 1 / (1 - failed share) on average.

    >>> generations_per_day(
    ...     requests_per_day=1_000_000, arrivals_over_requests=1, rejected_prompt_share=0.02, failed_share=0.05
    ... )
    1031578.9473684211
    """
    return requests_per_day * arrivals_over_requests * (1 - rejected_prompt_share) / (1 - failed_share)


@main_figure("video/day", "Videos delivered per day", better="higher")
def delivered_per_day(
    requests_per_day: float,
    arrivals_over_requests: float,
    rejected_prompt_share: float,
    rejected_output_share: float,
    served_share: float,
) -> float:
    """Clips that pass the checks of prompt and clip reach their users, as far as the fleet serves the day's demand.

    >>> delivered_per_day(
    ...     requests_per_day=1_000_000, arrivals_over_requests=1, rejected_prompt_share=0.02,
    ...     rejected_output_share=0.01, served_share=0.5
    ... )
    485100.0
    """
    return (
        requests_per_day
        * arrivals_over_requests
        * (1 - rejected_prompt_share)
        * (1 - rejected_output_share)
        * served_share
    )


@figure("video/s", "Generations per second")
def generation_rate(generations_per_day: float) -> float:
    """Runs start on the fleet at this rate, averaged over a day.

    >>> generation_rate(generations_per_day=86_400)
    1.0
    """
    return generations_per_day / SECONDS_PER_DAY


@figure("video/s", "Generations per second of a busy day")
def busy_day_rate(generation_rate: float, busy_day_level: float) -> float:
    """Runs start on the fleet at this rate, averaged over a day of the busier kind.

    >>> busy_day_rate(generation_rate=2, busy_day_level=1.25)
    2.5
    """
    return generation_rate * busy_day_level


@figure("video/s", "Urgent generations per second of a busy day")
def urgent_day_rate(busy_day_rate: float, deferrable_share: float) -> float:
    """Runs that cannot wait for a quiet hour; they are served before the others, and fill the queue.

    >>> urgent_day_rate(busy_day_rate=2, deferrable_share=0.25)
    1.5
    """
    return busy_day_rate * maximum(SMALLEST_SPREAD, 1 - deferrable_share)


@figure("video/s", "Peak generations per second")
def peak_generation_rate(generation_rate: float, peak_trps: float, trps: float) -> float:
    """Runs start on the fleet at this rate at the busiest moment of the day: as often per request as on average.

    >>> peak_generation_rate(generation_rate=10, peak_trps=34, trps=20)
    17.0
    """
    return peak_trps / trps * generation_rate
