"""The assumptions: one Pydantic model a section, one field an assumption.

A field's default is written as a person would write it, with its unit, label, both bounds and source beside
it. Flags, help, the JSON Schema, the documentation and every error about a value come from here.
"""

import math
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo

from t2v_capacity.quantities import QuantityError, Range, parse, parse_range, show


@dataclass(frozen=True, slots=True)
class Assumption:
    """What is known of an assumption besides its value."""

    unit: str
    label: str
    default: str
    low: float
    high: float
    source: str
    bare: bool  # a number may stand without a unit
    whole: bool
    unlimited: bool  # `high` is a ceiling of plausibility, not a limit of nature
    name: str = ""
    section: str = ""

    def __call__(self, schema: dict[str, Any]) -> None:
        """Describe the field in a JSON Schema: Pydantic calls this."""
        schema.update(title=self.label, description=f"{self.label}, {self.bounds()}; default {self.default}", default=self.default)

    @property
    def write(self) -> str:
        """The unit in which its default is written, to suggest where a unit is missing."""
        return self.default.lstrip("0123456789._e+-").strip()

    def read(self, value: object) -> float | Range:
        """Return a value, or a range of them, in base units; raise QuantityError where it isn't one."""
        if isinstance(value, Range):
            return self._checked(value)
        if isinstance(value, dict):
            return self._checked(Range(**{end: self._one(text) for end, text in value.items()}))
        if isinstance(value, str) and (ends := parse_range(value)):
            return self._checked(Range(self._one(ends[0]), self._one(ends[1])))
        return self._one(value)

    def _one(self, value: object) -> float:
        number = float(value) if isinstance(value, (int, float)) else parse(str(value), self.unit, bare=self.bare, write=self.write)
        if not self.low <= number <= self.high:
            raise QuantityError(f"{self.show(number)} is out of bounds; `{self.name}` is {self.bounds()}")
        if self.whole and number != int(number):
            raise QuantityError(f"`{value}` is not a whole number, and `{self.name}` is a count")
        return number

    def _checked(self, value: Range) -> Range:
        low, high, mid = self.show(value.low), self.show(value.high), value.mid
        if self.whole:
            raise QuantityError(f"`{self.name}` is a whole number and takes no range; write one value")
        if value.low >= value.high:
            raise QuantityError(f"{low} to {high} is not a range: its lower end must be below its upper end")
        if mid is not None and not value.low < mid < value.high:
            raise QuantityError(f"the median {self.show(mid)} must lie between {low} and {high}")
        if value.low <= self.low or (value.high >= self.high and not self.unlimited):
            raise QuantityError(f"{low} to {high} touches a bound; the ends must lie inside {self.bounds()}")
        return value

    def median(self, value: Range) -> float:
        """Return a range's median: of a lognormal above the lower bound, or a logit-normal between both."""
        if value.mid is not None:
            return value.mid
        if self.unlimited:
            return self.low + math.sqrt((value.low - self.low) * (value.high - self.low))
        odds = 1.0
        for end in (value.low, value.high):
            odds *= (end - self.low) / (self.high - end)
        return self.low + (self.high - self.low) * math.sqrt(odds) / (1 + math.sqrt(odds))

    def show(self, number: float) -> str:
        """Return a number as a person reads it, with enough digits to tell it from a bound."""
        return show(number, self.unit, 6)

    def bounds(self) -> str:
        """Return both bounds in words."""
        return f"from {self.show(self.low)} to {self.show(self.high)}"


def _read(value: object, info: ValidationInfo) -> float | Range:
    return ASSUMPTIONS[str(info.field_name)].read(value)


# The annotation is a float: what a model holds after validation is one, or a Range of them.
Quantity = Annotated[Any, PlainValidator(_read)]


class Section(BaseModel):
    """A group of assumptions that stand together in a scenario file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def assume(
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
) -> Any:
    """Declare an assumption; `low` and `high` are in the unit's base, everything else as a person reads it."""
    return Field(default, json_schema_extra=Assumption(unit, label, default, low, high, source, bare, whole, unlimited))


def share(default: str, label: str, source: str, *, high: float = 1) -> Any:
    """Declare an assumption that is a share of something: 0 to 1, also written in percent."""
    return assume(default, "share", label, 0, high, source, bare=True, unlimited=False)


LESSON = "the lesson that the project began from: a system-design chapter on a text-to-video service"


class Traffic(Section):
    """How many ask for how much."""

    dau: Quantity = assume("1M", "user", "Daily active users", 1, 1e11, "assumption: a service past its launch, 2026-11", bare=True)
    videos_per_user_per_day: Quantity = assume(
        "2",
        "request/user/day",
        "Videos a user asks for in a day",
        1e-3,
        1e4,
        "assumption: 1 to 4 follow from press reports of Sora's users and spending, 2025-11",
        bare=True,
    )
    days_per_month: Quantity = assume(
        "30", "day/month", "Days in a month", 28, 31, "convention of capacity plans, 2026-11", bare=True, unlimited=False
    )
    prompt_size: Quantity = assume("2 KB", "byte/request", "Bytes of a prompt", 1, 1e9, f"{LESSON}, 2026-11")


class Architecture(Section):
    """The model, in numbers."""

    model_params: Quantity = assume(
        "10_027_677_744",
        "parameter",
        "Parameters of the diffusion model",
        1e6,
        1e13,
        "model mochi-1-preview in the catalogue, 2026-11",
        bare=True,
    )
    text_encoder_params: Quantity = assume(
        "4_762_310_656",
        "parameter",
        "Parameters of the text encoder",
        0,
        1e13,
        "model mochi-1-preview in the catalogue, 2026-11",
        bare=True,
    )


class Video(Section):
    """The clip that is asked for."""

    width: Quantity = assume(
        "848",
        "pixel",
        "Width of a frame",
        16,
        16_384,
        "model mochi-1-preview in the catalogue, 2026-11",
        bare=True,
        whole=True,
        unlimited=False,
    )
    height: Quantity = assume(
        "480",
        "pixel",
        "Height of a frame",
        16,
        16_384,
        "model mochi-1-preview in the catalogue, 2026-11",
        bare=True,
        whole=True,
        unlimited=False,
    )
    fps: Quantity = assume(
        "30", "frame/s", "Frames a second", 1, 240, "model mochi-1-preview in the catalogue, 2026-11", bare=True, unlimited=False
    )
    duration: Quantity = assume("5 s", "second/video", "Length of a clip", 1, 7_200, f"{LESSON}, 2026-11", bare=True)
    bitrate: Quantity = assume(
        "2.5 Mbps",
        "bit/s",
        "Bitrate of the top rendition",
        1e3,
        1e10,
        "480p at 24 to 30 frames a second; https://support.google.com/youtube/answer/1722171, read 2026-11",
    )
    bytes_per_pixel: Quantity = assume(
        "3", "byte/pixel", "Bytes of a raw pixel", 0.5, 16, "8-bit RGB, 3 bytes; the lesson, 2026-11", bare=True
    )


class Generation(Section):
    """How a clip is generated."""

    steps: Quantity = assume(
        "64", "step/video", "Denoising steps", 1, 1_000, "model mochi-1-preview in the catalogue, 2026-11", bare=True, whole=True
    )
    bytes_per_parameter: Quantity = assume(
        "2", "byte/parameter", "Bytes of a stored weight", 0.25, 8, "bf16, 2 bytes; the precision in the catalogue, 2026-11", bare=True
    )


class Storage(Section):
    """What is kept."""

    user_profile_size: Quantity = assume("10 KB", "byte/user", "Bytes of a user's profile", 0, 1e12, f"{LESSON}, 2026-11")
    indexing: Quantity = assume("25%", "share", "Index bytes over clip bytes", 0, 10, f"{LESSON}, 2026-11", bare=True)


class Serving(Section):
    """What it runs on."""

    gpus_per_server: Quantity = assume(
        "8",
        "gpu/server",
        "GPUs in a server",
        1,
        1_024,
        "HGX and DGX boards hold 8; https://www.nvidia.com/en-us/data-center/hgx/, 2026-11",
        bare=True,
        whole=True,
    )
    peak_flops: Quantity = assume(
        "989.4 TFLOP/s", "FLOP/s", "Dense peak of a GPU at the compute precision", 1e9, 1e18, "gpu h100-sxm in the catalogue, 2026-11"
    )


SECTIONS: dict[str, type[Section]] = {
    model.__name__.lower(): model for model in (Traffic, Architecture, Video, Generation, Storage, Serving)
}

ASSUMPTIONS: dict[str, Assumption] = {}
for _section, _model in SECTIONS.items():
    for _name, _field in _model.model_fields.items():
        _declared = _field.json_schema_extra
        assert isinstance(_declared, Assumption)
        ASSUMPTIONS[_name] = replace(_declared, name=_name, section=_section)
