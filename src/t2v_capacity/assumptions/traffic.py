"""Assumptions of the section `traffic`: how many ask for how much."""

import math

from t2v_capacity.assumptions.assumption import LESSON, Quantity, Section, assume, ratio, share
from t2v_capacity.assumptions.quantities import QuantityError
from t2v_capacity.engine.constants import DAYS_PER_WEEK, WEEKDAYS
from t2v_capacity.errors import quote

FEWEST_RATES, MOST_RATES = 24, 288  # an hour each, or five minutes


class Traffic(Section):
    """How many ask for how much."""

    dau: Quantity = assume(
        "1M", "user", "Daily active users", 1, 1e11, "assumption: a service past its launch, 2026-11", other="10M"
    )
    videos_per_user_per_day: Quantity = assume(
        "2",
        "request/user/day",
        "Videos requested per user and day",
        1e-3,
        1e4,
        "assumption: 1 to 4 follow from press reports of Sora's users and spending, 2025-11",
        other="4",
    )
    days_per_month: Quantity = assume(
        "30",
        "day/month",
        "Days in a month",
        28,
        31,
        "convention of capacity plans; a cloud's month of 730 h is 30.4167 days, 2026-11",
        unlimited=False,
    )
    prompt_size: Quantity = assume(
        "2 KB", "byte/request", "Bytes of a prompt, images too", 1, 1e9, f"{LESSON}, 2026-11"
    )
    request_share: Quantity = share(
        "100%", "Share of requests that goes to this product or stage", "neutral: one product, 2026-11", low=1e-6
    )
    rejected_prompt_share: Quantity = share(
        "0%", "Prompts rejected before any GPU", "neutral: none, 2026-11", high=0.99
    )
    failed_share: Quantity = share("0%", "Runs that fail and are run again", "neutral: none, 2026-11", high=0.99)
    rejected_output_share: Quantity = share(
        "0%", "Clips rejected after the GPU made them", "neutral: none, 2026-11", high=0.99
    )
    peak_to_average: Quantity = ratio(
        "1.7",
        "Peak over average of a day, in one time zone",
        1,
        100,
        "users around the globe swing 1.5 to 1.7, one region 2 to 3, "
        "https://robustperception.io/do-you-know-your-peak-to-mean-ratio, 2026-11",
        other="2.5",
    )
    time_zones: Quantity = ratio(
        "0",
        "Time zones, an hour each, that users of each region spread over evenly",
        0,
        24,
        "neutral: one time zone, or a worldwide trace, 2026-11",
    )
    day_variability: Quantity = ratio(
        "0", "Coefficient of variation of requests between days", 0, 3, "neutral: days alike, 2026-11"
    )
    weekend_level: Quantity = ratio(
        "1", "Requests of a weekend day over a weekday's", 0, 10, "neutral: days alike, 2026-11"
    )
    deferrable_share: Quantity = share("0%", "Work that can wait for a quiet hour", "neutral: none, 2026-11")
    growth_per_month: Quantity = assume("0%", "share", "Growth of users per month", -0.3, 2, "neutral: none, 2026-11")


def rates_of(curve: object) -> tuple[float, ...]:
    """Return a day's curve, scaled to a mean of 1. Raise QuantityError if it is none.

    >>> rates_of(["0.5"] * 12 + ["1.5"] * 12)[::12]
    (0.5, 1.5)
    """
    texts = curve if isinstance(curve, list) else [curve]
    if not FEWEST_RATES <= len(texts) <= MOST_RATES:
        fix = f"write {FEWEST_RATES} to {MOST_RATES}, for equal parts of the day from midnight"
        raise QuantityError(
            f"a curve of {len(texts)} rates is too {'short' if len(texts) < FEWEST_RATES else 'long'}; {fix}"
        )
    rates = [_rate(str(text)) for text in texts]
    if not any(rates):
        raise QuantityError("all rates of the day are 0; write at least one above 0")
    return tuple(rate * len(rates) / sum(rates) for rate in rates)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 <= rate < math.inf:
        raise QuantityError(f"{quote(text, 40)} is not a rate; write a number of at least 0, such as 0.8")
    return rate


def week_levels(weekend: float) -> tuple[float, float]:
    """Return the load of a weekday and of a weekend day over the week's mean.

    >>> week_levels(0.5)
    (1.1666666666666667, 0.5833333333333334)
    """
    weekday_sum = WEEKDAYS + (DAYS_PER_WEEK - WEEKDAYS) * weekend
    return DAYS_PER_WEEK / weekday_sum, weekend * DAYS_PER_WEEK / weekday_sum


def cosine(peak: float, parts: int = MOST_RATES, hour: float = 0.0) -> tuple[float, ...]:
    """Return a day's load over its mean in the middles of equal parts, of five minutes unless a number is given.

    It peaks at an hour, a part of the day.

    The load is middle - swing cos in the hours that it fills. A peak beyond twice the mean fills a part of the day.

    >>> max(cosine(3.0)) < 3, round(sum(cosine(3.0)) / 288, 3)
    (True, 1.0)
    """
    filled, middle = min(1.0, 2 / peak), max(1.0, peak / 2)
    after = [((part + 0.5) / parts - hour + filled / 2) % 1 for part in range(parts)]
    return tuple(middle - (peak - middle) * math.cos(2 * math.pi * at / filled) if at < filled else 0.0 for at in after)
