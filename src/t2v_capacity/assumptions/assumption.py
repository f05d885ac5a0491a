"""Define an assumption, and its declaration as a field.

A field's default is written as a person would write it, with its unit, label, both bounds and source. Flags, help, the
JSON Schema, the documentation, and every error about a value come from the fields.
"""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from t2v_capacity.assumptions.quantities import COUNTS, QuantityError, Range, digits, parse, range_in, show

# A model or a GPU suggests these, and a planner decides them: the figures show what they cost.
_DECIDED = ("width", "height", "fps", "steps", "passes_per_step", "gpu_power", "gpu_idle_power")
# A growth above 1 and below this was meant as a factor.
_FACTOR_BELOW = 1.5
# Counts whose upper bound is no limit, and is written `none`.
LIMITS = ("gpu_limit", "queue_limit", "vae_tile_pixels", "on_demand_limit")
# Constants of speed and memory with a source of their own.
_ALSO_SUPPLIED = (
    "time_factor bytes_per_parameter cached_step_share attention_sparsity sparse_kernel_efficiency decoder_work_share "
    "decoder_memory_share exponential_rate linear_attention_slowdown encoding_seconds_per_pixel usable_memory_share "
    "memory_error server_link_bandwidth"
).split()


class Assumption(NamedTuple):
    """The facts of an assumption apart from its value."""

    unit: str
    label: str
    default: str
    low: float
    high: float
    source: str
    bare: bool  # a number may stand without a unit
    whole: bool
    unlimited: bool  # `high` is a ceiling of plausibility, not a limit of nature
    other: str = ""  # another value that planners usually take, where the default is a guess that decides
    name: str = ""
    section: str = ""

    @property
    def endless(self) -> str:
        """The word for an upper bound that is no limit: `forever` or `none`."""
        if self.name in LIMITS:
            return "none"
        return "forever" if self.default == "forever" else ""

    @property
    def supplied(self) -> bool:
        """Whether a catalogue or the fit supplies it.

        A value typed by hand stands in the model's place, and hides what other changes cost.
        """
        by_source = (
            self.section == "architecture"
            or self.source in (FIT, MODEL, GPU)
            or (self.source == OPTION and self.section != "cost")
        )
        return (by_source and self.name not in _DECIDED) or self.name in _ALSO_SUPPLIED

    @property
    def write(self) -> str:
        """The unit in which its default is written, to suggest where a unit is missing."""
        return _after_number(self.example).strip()

    @property
    def example(self) -> str:
        """The notation of a number: that of its default; if that is a word, of days or of a count."""
        return {"forever": "30 d", "none": "1000"}.get(self.default, self.default)

    def read(self, value: object) -> float | Range:
        """Return a value, or a range of them, in base units. Raise QuantityError if it isn't one."""
        ends = range_in(value, self._number_in_bounds)
        return self._number_in_bounds(value) if ends is None else self._range_in_bounds(ends)

    def number(self, text: str) -> float:
        """Return the number that a text says, whatever the bounds are."""
        if self.endless and text == self.endless:
            return self.high
        return parse(text, self.unit, bare=self.bare, write=self.write)

    def _number_in_bounds(self, amount: object) -> float:
        """Return a number in base units. Raise QuantityError if it is out of bounds."""
        number = float(amount) if isinstance(amount, (int, float)) else self.number(str(amount))
        for bound in (self.low, self.high):  # 99.9% is 0.9990000000000001 in binary
            number = float(bound) if math.isclose(number, bound, rel_tol=1e-12) else number
        if not self.low <= number <= self.high:
            percent = self._percent(str(amount), number)
            raise QuantityError(f"{self.show(number)} is out of bounds; `{self.name}` is {self.bounds()}{percent}")
        if self.name == "growth_per_month" and number > 1 and isinstance(amount, str) and "%" not in amount:
            raise QuantityError(self._factor_or_share(amount, number))
        if self.whole and number != int(number):
            raise QuantityError(f"`{amount}` is not a whole number, and `{self.name}` is a count")
        return number

    def _factor_or_share(self, text: str, number: float) -> str:
        """Return the message that a growth above 1 may be a factor or percents."""
        meant = number - 1 if number < _FACTOR_BELOW else number / 100
        percents = f"{digits(100 * meant)}%"
        return f"`{text}` is {digits(100 * number)}% per month; for {percents} write {percents}"

    def _percent(self, text: str, number: float) -> str:
        """Return a hint that a share was meant in percent, if it would fit then."""
        fits = self.unit == "share" and text[-1:].isdecimal() and self.low <= number / 100 <= self.high
        return f"; did you mean {text}%?" if fits else ""

    def _range_in_bounds(self, ends: Range) -> Range:
        """Return a range. Raise QuantityError if it is none, or touches a bound."""
        low, high, mid = self.show(ends.low), self.show(ends.high), ends.mid
        if self.whole:
            raise QuantityError(f"`{self.name}` is a whole number and takes no range; write one value")
        if ends.low >= ends.high:
            raise QuantityError(f"{low} to {high} is not a range: its lower end must be below its upper end")
        if mid is not None and not ends.low < mid < ends.high:
            raise QuantityError(f"the median {self.show(mid)} must lie between {low} and {high}")
        if ends.low <= self.low or (ends.high >= self.high and not self.unlimited):
            raise QuantityError(
                f"{low} to {high} touches a bound; "
                f"`{self.name}` is {self.bounds()}, and both ends of a range must lie inside"
            )
        return ends

    def median(self, ends: Range) -> float:
        """Return a range's point, which is its median: what a person would say.

        The median of an amount is the geometric mean of its ends. Of what may be negative it is their arithmetic mean.
        Between two bounds of nature it is the middle of their logits.
        """
        if ends.mid is not None:
            return ends.mid
        if self.low < 0:
            return (ends.low + ends.high) / 2
        if self.unlimited:
            return math.sqrt(ends.low * ends.high)
        odds = math.sqrt(math.prod((end - self.low) / (self.high - end) for end in (ends.low, ends.high)))
        return self.low + (self.high - self.low) * odds / (1 + odds)

    def show(self, number: float) -> str:
        """Return a number as a person reads it, with enough digits to tell it from a bound."""
        return self.endless if self.endless and number == self.high else show(number, self.unit, 6)

    def exact(self, number: float) -> str:
        """Return a number as a person reads it, with as many digits as it takes to read it back."""
        texts = (show(number, self.unit, significant) for significant in range(6, 17))
        return next(
            (text for text in texts if self._number_in_bounds(text) == number),
            f"{number!r} {self.unit}",
        )

    def bounds(self) -> str:
        """Return both bounds in words."""
        if self.endless == "none":
            return f"{self.show(self.low)} or more, or `none`"
        return f"from {self.show(self.low)} to {self.show(self.high)}"


def _after_number(default: str) -> str:
    return default.lstrip("0123456789._e+-")


# Every assumption by its name, as the fields of the sections declare it.
ASSUMPTIONS: dict[str, Assumption] = {}


# In base units. A range of values is held by the field too; whoever computes takes its point.
Quantity = float


if TYPE_CHECKING:  # a plan has the assumptions of each section as attributes, and nothing else of it

    class Section:
        """A group of assumptions that stand together in a scenario file."""

else:

    class Section(BaseModel):
        """A group of assumptions that stand together in a scenario file."""

        # Built when first used: a scenario seldom has all sections.
        model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def assume(  # noqa: PLR0913 - all that an assumption declares of itself
    default: str,
    unit: str,
    label: str,
    low: float,
    high: float,
    source: str,
    *,
    bare: bool = False,
    whole: bool = False,
    unlimited: bool = True,
    other: str = "",
) -> Any:
    """Declare an assumption; `low` and `high` are in the unit's base, everything else as a person reads it.

    A number may stand without a unit where it is `bare`, or where the default has none.
    """
    bare = bare or _after_number(default) in ("", "%", *COUNTS)
    definition: Any = Assumption(unit, label, default, low, high, source, bare, whole, unlimited, other)
    return Field(default, json_schema_extra=definition)  # kept with the field, where ASSUMPTIONS finds it


def share(default: str, label: str, source: str, *, low: float = 0, high: float = 1, other: str = "") -> Any:
    """Declare an assumption that is a share of something: 0 to 1 at most, also written in percent."""
    return assume(default, "share", label, low, high, source, unlimited=False, other=other)


def ratio(default: str, label: str, low: float, high: float, source: str, *, other: str = "") -> Any:
    """Declare an assumption that is one amount over another of its kind, written as a plain number.

    A `high` of 1 is a limit of nature.
    """
    return assume(default, "ratio", label, low, high, source, unlimited=high > 1, other=other)


LESSON = "the lesson that the project began from: a system-design chapter on a text-to-video service"
MODEL = "model mochi-1-preview in the catalogue, 2026-11"
GPU = "gpu h100-sxm in the catalogue, 2026-11"
OPTION = "set by the default option, from the catalogue, 2026-11"
GPU_PRICE = (
    "Median of ten providers' list prices, that of Nebius, "
    "https://raw.githubusercontent.com/renshuBTC/compute-screener/main/data/gpu_providers_latest.csv, 2026-10-24"
)
SPOT_PRICE = (
    "Median of two providers' list prices, the higher, that of Google Cloud, "
    "https://raw.githubusercontent.com/tgarg01/silybench-data/045df3bf56b8d62c58f108fc43cb397306b83331/derived/csv/"
    "gpu_prices.csv, 2026-09-26"
)
FIT = "fitted on published runs, docs/accuracy.md, 2026-11"


def count(
    default: str, unit: str, label: str, low: float, high: float, source: str = MODEL, *, unlimited: bool = True
) -> Any:
    """Declare an assumption that is a count; the model supplies one without another source."""
    return assume(default, unit, label, low, high, source, bare=True, whole=True, unlimited=unlimited)


def switch(default: str, label: str) -> Any:
    """Declare a number that a choice supplies: 1 where something holds, 0 where it does not."""
    return count(default, "ratio", label, 0, 1, OPTION, unlimited=False)
