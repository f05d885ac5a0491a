"""Times as logs write them."""

import re
from datetime import UTC, datetime

from t2v_capacity.errors import quote

_NAIVE, _ZONED = datetime(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)  # noqa: DTZ001 - of times without a zone
_SOONEST, _LATEST = 946_684_800.0, 4_102_444_800.0  # 2000 and 2100, between which an epoch's unit shows
_DAY = len("2026-11-01")
_SCALES = (1.0, 1e-3, 1e-6, 1e-9)
# Seconds since 1970, and the offset from UTC in seconds of a time that has one.
Time = tuple[float, float | None]


def time_of(text: str) -> Time | str:
    """Return a time in seconds since 1970, and its offset from UTC in seconds if it has one; or why it is none.

    >>> time_of("2026-11-01T09:00:00+09:00"), time_of("1793491200"), time_of("1793491200000")
    ((1793491200.0, 32400.0), (1793491200.0, 0.0), (1793491200.0, 0.0))
    """
    text = text.strip()
    if not text:
        return "it has no time"
    try:
        number = float(text) if text[4:5] != "-" else None  # most are dates, and a number that fails takes long
    except ValueError:
        number = None
    if number is None:
        return _time_of_date(text)
    for scale in _SCALES:
        if _SOONEST <= number * scale < _LATEST:
            return number * scale, 0.0
    return f"{quote(text, 40)} is no time; write ISO 8601, or seconds since 1970"


def _time_of_date(text: str) -> Time | str:
    """Return a time that is written with its date; or why it is none."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\s*(UTC|GMT)$", "+00:00", text) if text[-1] in "CT" else text)
    except ValueError:
        return f"{quote(text, 40)} is no time; write it as 2026-11-01T09:30:00Z, or in seconds since 1970"
    if len(text) <= _DAY:
        return f"{quote(text, 40)} is a day without a time"
    offset = moment.utcoffset()
    when = (moment - (_NAIVE if offset is None else _ZONED)).total_seconds()
    if not _SOONEST <= when < _LATEST:
        return f"{quote(text, 40)} is not between 2000 and 2100"
    return when, None if offset is None else offset.total_seconds()
