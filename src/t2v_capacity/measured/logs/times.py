"""Times as logs write them."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import repeat

from t2v_capacity.errors import quote

_NAIVE, _ZONED = datetime(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)  # noqa: DTZ001 - of times without a zone
_SOONEST, _LATEST = 946_684_800.0, 4_102_444_800.0  # 2000 and 2100, between which an epoch's unit shows
_DAY = len("2026-11-01")
_SCALES = (1.0, 1e-3, 1e-6, 1e-9)
# Seconds since 1970, and the offset from UTC in seconds of a time that has one.
Time = tuple[float, float | None]


def times_of(texts: Sequence[str]) -> list[Time | str]:
    """Return each text as a time, or why it is none.

    >>> times_of(["2026-11-01T09:00:00Z", "noon"])[0]
    (1793523600.0, 0.0)
    """
    with suppress(ValueError):
        return _dates_alike(texts)
    times = list[Time | str]()
    for text in texts:
        try:
            times.append(time_of(text))
        except ValueError as error:
            times.append(str(error))
    return times


def _dates_alike(texts: Sequence[str]) -> list[Time | str]:
    """Return texts that are all dates with a time, in one zone, much faster than each by itself. Raise ValueError."""
    if any(text[4:5] != "-" or len(text) <= _DAY for text in texts):
        raise ValueError("one is no date with a time")
    moments = list(map(datetime.fromisoformat, texts))
    zone, *others = {moment.tzinfo for moment in moments}
    epoch = _NAIVE.replace(tzinfo=zone)
    offset = epoch.utcoffset()
    ahead = 0.0 if offset is None else offset.total_seconds()
    whens = [(moment - epoch).total_seconds() - ahead for moment in moments]
    if others or not _SOONEST <= min(whens) <= max(whens) < _LATEST:
        raise ValueError("they are in several zones, or long ago")
    return [*zip(whens, repeat(None if offset is None else ahead))]


def time_of(text: str) -> Time:
    """Return a time in seconds since 1970, and its offset from UTC in seconds if it has one.

    Raise ValueError if the text is not a time.

    >>> time_of("2026-11-01T09:00:00+09:00"), time_of("1793491200"), time_of("1793491200000")
    ((1793491200.0, 32400.0), (1793491200.0, 0.0), (1793491200.0, 0.0))
    """
    text = text.strip()
    if not text:
        raise ValueError("it has no time")
    try:
        number = float(text) if text[4:5] != "-" else None  # most are dates, and a number that fails takes long
    except ValueError:
        number = None
    if number is None:
        return _time_of_date(text)
    for scale in _SCALES:
        if _SOONEST <= number * scale < _LATEST:
            return number * scale, 0.0
    raise ValueError(f"{quote(text, 40)} is no time; write ISO 8601, or seconds since 1970")


def _time_of_date(text: str) -> Time:
    """Return a time that is written with its date. Raise ValueError if it is none, or long ago."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\s*(UTC|GMT)$", "+00:00", text) if text[-1] in "CT" else text)
    except ValueError:
        raise ValueError(
            f"{quote(text, 40)} is no time; write it as 2026-11-01T09:30:00Z, or in seconds since 1970"
        ) from None
    if len(text) <= _DAY:
        raise ValueError(f"{quote(text, 40)} is a day without a time")
    offset = moment.utcoffset()
    when = (moment - (_NAIVE if offset is None else _ZONED)).total_seconds()
    if not _SOONEST <= when < _LATEST:
        raise ValueError(f"{quote(text, 40)} is not between 2000 and 2100")
    return when, None if offset is None else offset.total_seconds()
