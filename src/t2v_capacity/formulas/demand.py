"""Users -> requests a day and a second."""

from t2v_capacity.constants import SECONDS_PER_DAY
from t2v_capacity.figures import Number, figure


@figure("request/day", label="Requests", group="demand", adds=True)
def requests_per_day(dau: Number, videos_per_user_per_day: Number) -> Number:
    """Requests that the users of a day make; a request asks for one video.

    >>> requests_per_day(dau=100_000_000, videos_per_user_per_day=10)
    1000000000
    """
    return dau * videos_per_user_per_day


@figure("request/s", label="Total requests per second (TRPS)", group="demand", adds=True)
def trps(requests_per_day: Number) -> Number:
    """Average arrival rate over a day.

    >>> trps(requests_per_day=1_000_000_000)
    11574.074074074075
    """
    return requests_per_day / SECONDS_PER_DAY
