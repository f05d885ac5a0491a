"""Clips -> bytes written, indexed, held and on disk."""

from t2v_capacity.engine.constants import SECONDS_PER_DAY, SMALLEST_SPREAD
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import ceil, growth_sum, log, maximum, minimum


@main_figure("byte", "User profiles", better="")
def user_profile_storage(dau: float, user_profile_size: float) -> float:
    """Bytes of the users' profiles: constant, so not part of what a day adds.

    >>> user_profile_storage(dau=100_000_000, user_profile_size=10_000)
    1000000000000
    """
    return dau * user_profile_size


@main_figure("byte/day", "Interactions written")
def interaction_storage_per_day(delivered_per_day: float, video_size: float, streamed: float) -> float:
    """Bytes of the clips that a day adds: each that is delivered is written once, and no stream is.

    >>> interaction_storage_per_day(delivered_per_day=1_000_000_000, video_size=1_250_000, streamed=0)
    1250000000000000
    """
    return delivered_per_day * video_size * (1 - streamed)


@main_figure("byte/day", "Index written")
def index_storage_per_day(interaction_storage_per_day: float, indexing: float) -> float:
    """Bytes that a day adds to the index over the clips.

    >>> index_storage_per_day(interaction_storage_per_day=1_250_000_000_000_000, indexing=0.25)
    312500000000000.0
    """
    return interaction_storage_per_day * indexing


@main_figure("byte/day", "Storage written")
def storage_per_day(interaction_storage_per_day: float, index_storage_per_day: float) -> float:
    """Bytes that a day adds: clips and index; the model and the profiles are constant and left out.

    >>> storage_per_day(interaction_storage_per_day=1_250_000_000_000_000, index_storage_per_day=312_500_000_000_000)
    1562500000000000
    """
    return interaction_storage_per_day + index_storage_per_day


@main_figure("byte/month", "Storage written in a month")
def storage_per_month(storage_per_day: float, days_per_month: float) -> float:
    """Bytes that a month adds.

    >>> storage_per_month(storage_per_day=1_562_500_000_000_000, days_per_month=30)
    46875000000000000
    """
    return storage_per_day * days_per_month


@figure("month", "Months of clips held")
def months_held(retention: float, service_age: float, days_per_month: float) -> float:
    """A clip is held through its retention, and none is older than the service.

    >>> months_held(retention=7_776_000, service_age=31_104_000, days_per_month=30)
    3.0
    """
    return minimum(retention, service_age) / (days_per_month * SECONDS_PER_DAY)


@figure("month", "Months held in which the fleet was full", better="")
def full_months(served_share: float, growth_per_month: float, months_held: float) -> float:
    """A fleet that is below demand today was full back to the month in which a growing demand passed it.

    Where demand shrinks, the fleet was always full. k months ago demand was 1 / (1 + growth)^k of today's, and above
    what is served while (1 + growth)^k < 1 / served share.

    >>> full_months(served_share=0.75, growth_per_month=0.1, months_held=12)
    4
    >>> full_months(served_share=0.75, growth_per_month=0, months_held=12)
    12
    """
    return minimum(months_held, ceil(log(1 / served_share) / log(1 + maximum(SMALLEST_SPREAD, growth_per_month))))


@figure("month", "Months of today's writing that are held")
def months_written(months_held: float, growth_per_month: float, full_months: float, served_share: float) -> float:
    """The service was smaller in the months past: k months ago it wrote 1 / (1 + growth)^k of what it writes now.

    Its writing is level within a month. A fleet that was full wrote what it writes now, and before that what was asked
    for.

    >>> months_written(months_held=2.5, growth_per_month=0.15, full_months=0, served_share=1)
    2.2476370510396975
    >>> months_written(months_held=5.5, growth_per_month=0.25, full_months=3, served_share=0.6)
    4.809066666666666
    """
    # To mypy a power of two floats is Any, since it may be complex.
    return full_months + growth_sum(  # type: ignore[no-any-return]
        -growth_per_month / (1 + growth_per_month), months_held - full_months
    ) / (served_share * (1 + maximum(0, growth_per_month)) ** full_months)


@main_figure("byte", "Storage held", adds=True)
def storage_held(
    storage_per_month: float,
    interaction_storage_per_day: float,
    days_per_month: float,
    rendition_factor: float,
    months_written: float,
) -> float:
    """Bytes written and not yet expired, clips in all renditions; a cloud's price per byte is for these bytes.

    The index is of clips, and their other renditions need no other.

    >>> storage_held(
    ...     storage_per_month=37.5e15, interaction_storage_per_day=1e15, days_per_month=30, rendition_factor=2,
    ...     months_written=2
    ... )
    1.35e+17
    """
    return (storage_per_month + interaction_storage_per_day * days_per_month * (rendition_factor - 1)) * months_written


@main_figure("byte", "Storage on disk", adds=True)
def storage_on_disk(storage_held: float, replication: float) -> float:
    """On disks of one's own each byte is stored with its copies or its erasure code.

    >>> storage_on_disk(storage_held=1e17, replication=1.4)
    1.3999999999999998e+17
    """
    return storage_held * replication
