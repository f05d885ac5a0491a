"""Clips -> bytes written and indexed."""

from t2v_capacity.figures import Number, figure


@figure("byte", label="User profiles", group="storage", adds=True)
def user_profile_storage(dau: Number, user_profile_size: Number) -> Number:
    """Bytes of the users' profiles: constant, so not part of what a day adds.

    >>> user_profile_storage(dau=100_000_000, user_profile_size=10_000)
    1000000000000
    """
    return dau * user_profile_size


@figure("byte/day", label="Interactions written", group="storage", adds=True)
def interaction_storage_per_day(requests_per_day: Number, video_size: Number) -> Number:
    """Bytes of the clips that a day adds.

    >>> interaction_storage_per_day(requests_per_day=1_000_000_000, video_size=1_250_000)
    1250000000000000
    """
    return requests_per_day * video_size


@figure("byte/day", label="Index written", group="storage", adds=True)
def index_storage_per_day(interaction_storage_per_day: Number, indexing: Number) -> Number:
    """Bytes that a day adds to the index over the clips.

    >>> index_storage_per_day(interaction_storage_per_day=1_250_000_000_000_000, indexing=0.25)
    312500000000000.0
    """
    return interaction_storage_per_day * indexing


@figure("byte/day", label="Storage written", group="storage", adds=True)
def storage_per_day(interaction_storage_per_day: Number, index_storage_per_day: Number) -> Number:
    """Bytes that a day adds: clips and index; the model and the profiles are constant and left out.

    >>> storage_per_day(interaction_storage_per_day=1_250_000_000_000_000, index_storage_per_day=312_500_000_000_000)
    1562500000000000
    """
    return interaction_storage_per_day + index_storage_per_day


@figure("byte/month", label="Storage written in a month", group="storage", adds=True)
def storage_per_month(storage_per_day: Number, days_per_month: Number) -> Number:
    """Bytes that a month adds.

    >>> storage_per_month(storage_per_day=1_562_500_000_000_000, days_per_month=30)
    46875000000000000
    """
    return storage_per_day * days_per_month
