"""Named conversions and constants, each with its unit and where it comes from."""

import math
from typing import Self


class Constant(float):
    """A number that is the same in every plan: a plain float that also knows its unit and source."""

    unit: str
    source: str

    def __new__(cls, number: float, unit: str, source: str) -> Self:
        """Return the number with its unit and source attached."""
        constant = super().__new__(cls, number)
        constant.unit = unit
        constant.source = source
        return constant

    def __reduce__(self) -> tuple[object, ...]:
        """Return what copies and pickles it."""
        return Constant, (float(self), self.unit, self.source)


SECONDS_PER_DAY = Constant(
    86_400, "second/day", "a day of 24 h; BIPM, The International System of Units, 9th edition, table 8"
)
DAYS_PER_WEEK = Constant(7, "ratio", "ISO 8601-1:2019, a calendar week")
WEEKDAYS = Constant(5, "ratio", "convention: Monday to Friday; a weekend is what is left of a week")
BITS_PER_BYTE = Constant(8, "bit/byte", "IEC 80000-13:2008, an octet")
HALF_FRAME = Constant(0.5, "frame/video", "rounds fps x duration to the nearest whole frame, halves upwards")
VIDEOS_PER_PASS = Constant(
    1,
    "video/pass",
    "clips are denoised one by one: batching full-length clips gains 0-2 %; ML.ENERGY leaderboard v3, 2026-02",
)
FLOPS_PER_MULTIPLY_ADD = Constant(
    2, "FLOP", "one multiplication and one addition; Hoffmann et al., arXiv:2203.15556, appendix F"
)
ACTIVATION_BYTES = Constant(
    2,
    "byte",
    "activations are 16-bit whatever the weights are stored in: the configurations of every model in the catalogue",
)
ONE_BYTE = Constant(1, "byte", "keeps a division whole for a clip that leaves no keys and values for the next chunk")
REFERENCE_HEAD_SIZE = Constant(
    128, "key", "head size at which attention efficiencies are stated; FlashAttention-3, arXiv:2407.08608"
)
HOURS_PER_DAY = Constant(24, "hour/day", "BIPM, The International System of Units, 9th edition, table 8")
PI = Constant(math.pi, "ratio", "the circle's number")
HALFIN_WHITT_BEND = Constant(
    0.2382,
    "ratio",
    "chosen so that staffing_margin inverts Halfin and Whitt's formula at 0.05; "
    "within 0.2 % of the margin from 1e-6 to 0.99",
)
PASSING_PEAK = Constant(
    0.691,
    "ratio",
    "Brownian motion of variance 1 per time, a floor at 0 and drift -t^2 / 2, at time 0: "
    "its 95th percentile is log(20) / 2 / 0.691, that of a steady drift of -0.691; "
    "solved on a lattice, tests/formulas/test_waiting.py",
)
SHORT_CLIP = Constant(
    30, "second", "of a clip: shorter ones may wait for less than the step in which whole days are simulated"
)
NO_GPU_LIMIT = Constant(1e18, "gpu", "as many GPUs as are needed: more than any plan asks for")
NO_SERVER_LIMIT = Constant(1e18, "server", "servers without end, as `NO_GPU_LIMIT` is their limit")
NO_QUEUE_LIMIT = Constant(1e18, "video", "a queue of any length: more than the most users ask for in a day")
ENDLESS_ROOM = Constant(1e18, "ratio", "room of a queue of any length, as `NO_QUEUE_LIMIT` is its limit")
FEWEST_REFUSED = Constant(
    1e-3,
    "share",
    "assumption: a service that serves 999 of 1,000 requests serves all; formulas of a day know no better",
)
FULL = Constant(
    1 - 1e-9, "share", "so near a load of all servers that formulas of queues have their limit, and still a value"
)
LATE_SHARE = Constant(0.05, "share", "what a 95th percentile means: one request in twenty is later")
TURNS_SPREAD = Constant(
    19.3,
    "ratio",
    "fitted: the first frame among one to eight other sessions is within 2% of the 95th percentile of N*D/D/1",
)
SMALLEST_CHANCE = Constant(1e-250, "share", "a chance below this is none, and still has a logarithm")
SMALLEST_SPREAD = Constant(
    1e-12, "share", "keeps a division whole for a day without a peak, where both sides are nothing"
)
UNDEFINED = Constant(math.nan, "ratio", "has no value: an overloaded fleet has no waiting time; shown as null")
SWING_PER_DAY = Constant(2 * math.pi, "ratio/day", "the steepest rise of a sine of one day: 2 pi times its amplitude")
DAY = Constant(
    86_400, "second", "a day as a length of time; BIPM, The International System of Units, 9th edition, table 8"
)
ZONES_OF_THE_GLOBE = Constant(
    24, "ratio", "time zones of an hour around the globe, by their definition: 15 degrees each"
)
SECONDS_PER_HOUR = Constant(3_600, "second/hour", "BIPM, The International System of Units, 9th edition, table 8")
CLIPS_AT_A_TIME = Constant(1, "video/replica", "a group of GPUs makes one clip at a time")
SLICES_OF_A_RUN = Constant(
    1e8, "ratio", "so fine that a run that is interrupted between slices is one that is interrupted at any time"
)
MOST_INTERRUPTIONS = Constant(
    20, "ratio", "a clip interrupted so often takes 24 million times its work: it is never finished"
)
YEAR = Constant(31_536_000, "second", "convention: a year of 365 days, as in a duration that is written in years")
DAYS_PER_YEAR = Constant(365, "day/year", "a calendar year, as in a duration that is written in years")
HOURS_PER_YEAR = Constant(8_760, "hour", "365 days of 24 h, as is usual for capital costs")
MONTHS_PER_YEAR = Constant(12, "month", "the months of a calendar year, by which colocation is billed")
# The world's supply, for scale: above it a plan needs more than exists, by a page that quotes who counted it.
GPUS_SHIPPED_PER_YEAR = Constant(
    6e6,
    "gpu",
    "NVIDIA Blackwell GPUs shipped in four quarters, J. Huang at GTC Washington, 2025-10, as quoted by IC Components, "
    "https://www.ic-components.com/news/nvidia-s-blackwell-chips-enter-full-production-in-arizona.jsp; "
    "secondary, read 2026-11-26",
)
