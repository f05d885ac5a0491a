"""The assumptions: one Pydantic model a section, one field an assumption.

A field's default is written as a person would write it, with its unit, label, both bounds and source beside
it. Flags, help, the JSON Schema, the documentation and every error about a value come from here.
"""

import math
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import core_schema

from t2v_capacity.vocabulary.quantities import QuantityError, Range, parse, parse_range, show


class Assumption(NamedTuple):
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
    other: str = ""  # another value that planners usually take, where the default is a guess that decides
    name: str = ""
    section: str = ""

    @property
    def forever(self) -> bool:
        """Whether `forever` is a value: a default that says so."""
        return self.default == "forever"

    @property
    def write(self) -> str:
        """The unit in which its default is written, to suggest where a unit is missing."""
        return "d" if self.forever else self.default.lstrip("0123456789._e+-").strip()

    @property
    def example(self) -> str:
        """How a value is written: as its default is; where that is `forever`, as a number of days."""
        return "30 d" if self.forever else self.default

    def read(self, value: object) -> float | Range:
        """Return a value, or a range of them, in base units; raise QuantityError where it isn't one."""
        if isinstance(value, Range):
            return self._checked(value)
        if isinstance(value, dict):
            return self._checked(Range(**{end: self._one(text) for end, text in value.items()}))
        if isinstance(value, str) and (ends := parse_range(value)):
            return self._checked(Range(self._one(ends[0]), self._one(ends[1])))
        return self._one(value)

    def number(self, text: str) -> float:
        """Return the number that a text says, whatever the bounds are."""
        return self.high if self.forever and text == "forever" else parse(text, self.unit, bare=self.bare, write=self.write)

    def _one(self, value: object) -> float:
        number = float(value) if isinstance(value, (int, float)) else self.number(str(value))
        for bound in (self.low, self.high):  # 99.9% is 0.9990000000000001 in binary
            number = float(bound) if math.isclose(number, bound, rel_tol=1e-12) else number
        if not self.low <= number <= self.high:
            raise QuantityError(f"{self.show(number)} is out of bounds; `{self.name}` is {self.bounds()}{self._percent(value)}")
        if self.whole and number != int(number):
            raise QuantityError(f"`{value}` is not a whole number, and `{self.name}` is a count")
        return number

    def _percent(self, value: object) -> str:
        """Return that a share was meant in percent, where it would fit then."""
        text = str(value).strip()
        try:
            fits = self.unit == "share" and self.low <= float(text) / 100 <= self.high
        except ValueError:
            fits = False
        return f"; did you mean {text}%?" if fits else ""

    def _checked(self, value: Range) -> Range:
        low, high, mid = self.show(value.low), self.show(value.high), value.mid
        if self.whole:
            raise QuantityError(f"`{self.name}` is a whole number and takes no range; write one value")
        if value.low >= value.high:
            raise QuantityError(f"{low} to {high} is not a range: its lower end must be below its upper end")
        if mid is not None and not value.low < mid < value.high:
            raise QuantityError(f"the median {self.show(mid)} must lie between {low} and {high}")
        if value.low <= self.low or (value.high >= self.high and not self.unlimited):
            raise QuantityError(f"{low} to {high} touches a bound; `{self.name}` is {self.bounds()}, and a range stays within")
        return value

    def median(self, value: Range) -> float:
        """Return a range's point, which is its median: what a person would say.

        Of an amount the geometric mean of its ends, of what may be negative their arithmetic mean, and between two bounds of
        nature the middle of their logits.
        """
        if value.mid is not None:
            return value.mid
        if self.low < 0:
            return (value.low + value.high) / 2
        if self.unlimited:
            return math.sqrt(value.low * value.high)
        odds = 1.0
        for end in (value.low, value.high):
            odds *= (end - self.low) / (self.high - end)
        return self.low + (self.high - self.low) * math.sqrt(odds) / (1 + math.sqrt(odds))

    def show(self, number: float) -> str:
        """Return a number as a person reads it, with enough digits to tell it from a bound."""
        return "forever" if self.forever and number == self.high else show(number, self.unit, 6)

    def exact(self, number: float) -> str:
        """Return a number as a person reads it, with as many digits as it takes to read it back."""
        return next(
            (text for n in range(6, 17) if (text := show(number, self.unit, n)) and self._one(text) == number), f"{number!r} {self.unit}"
        )

    def bounds(self) -> str:
        """Return both bounds in words."""
        return f"from {self.show(self.low)} to {self.show(self.high)}"


def _read(value: object, info: ValidationInfo) -> float | Range:
    return ASSUMPTIONS[str(info.field_name)].read(value)


class _Reader:
    """Tells Pydantic that a field is read by its own assumption; one schema serves every field, which start-up feels."""

    schema = core_schema.with_info_plain_validator_function(_read)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        """Return the schema."""
        return cls.schema


# The annotation is a float: what a model holds after validation is one, or a Range of them.
Quantity = Annotated[Any, _Reader]


class Section(BaseModel):
    """A group of assumptions that stand together in a scenario file."""

    # Built when first used: a scenario seldom has all sections.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


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
    other: str = "",
) -> Any:
    """Declare an assumption; `low` and `high` are in the unit's base, everything else as a person reads it."""
    about: Any = Assumption(unit, label, default, low, high, source, bare, whole, unlimited, other)
    return Field(default, json_schema_extra=about)  # kept beside the field, where ASSUMPTIONS finds it


def share(default: str, label: str, source: str, *, low: float = 0, high: float = 1, other: str = "") -> Any:
    """Declare an assumption that is a share of something: 0 to 1 at most, also written in percent."""
    return assume(default, "share", label, low, high, source, bare=True, unlimited=False, other=other)


def ratio(default: str, label: str, low: float, high: float, source: str, *, unlimited: bool = True, other: str = "") -> Any:
    """Declare an assumption that is one amount over another of its kind, written as a plain number."""
    return assume(default, "ratio", label, low, high, source, bare=True, unlimited=unlimited, other=other)


LESSON = "the lesson that the project began from: a system-design chapter on a text-to-video service"
MODEL = "model mochi-1-preview in the catalogue, 2026-11"
GPU = "gpu h100-sxm in the catalogue, 2026-11"
OPTION = "what the default choice means in the catalogue, 2026-11"
GPU_PRICE = "Prices read from the pages of RunPod and others, https://raw.githubusercontent.com/datareceipts/data-receipts/main/109-gpu-pricing/vendors.json, 2026-11-09"
FIT = "fitted on published runs, docs/accuracy.md, 2026-11"


def switch(default: str, label: str) -> Any:
    """Declare a number that a choice supplies: 1 where something holds, 0 where it does not."""
    return assume(default, "ratio", label, 0, 1, OPTION, bare=True, whole=True, unlimited=False)


def model_number(default: str, unit: str, label: str, low: float, high: float) -> Any:
    """Declare a count of a model's architecture, which the model supplies."""
    return assume(default, unit, label, low, high, MODEL, bare=True, whole=True)


def egress_from(which: str) -> Any:
    """Declare the bytes of a month from which a tier's price holds, which the choice `egress` supplies; without tiers there are never so many."""
    return assume("1e28 TB/month", "byte/month", f"Bytes sent in a month from which the {which} price holds", 1, 1e40, OPTION)


def egress_tier(which: str) -> Any:
    """Declare the price of a byte in a tier, which the choice `egress` supplies."""
    return assume("0 USD/GB", "USD/byte", f"Price of a byte sent, the {which} in a month's order", 0, 1e-8, OPTION)


class Traffic(Section):
    """How many ask for how much."""

    dau: Quantity = assume(
        "1M", "user", "Daily active users", 1, 1e11, "assumption: a service past its launch, 2026-11", bare=True, other="10M"
    )
    videos_per_user_per_day: Quantity = assume(
        "2",
        "request/user/day",
        "Videos a user asks for in a day",
        1e-3,
        1e4,
        "assumption: 1 to 4 follow from press reports of Sora's users and spending, 2025-11",
        bare=True,
        other="4",
    )
    days_per_month: Quantity = assume(
        "30", "day/month", "Days in a month", 28, 31, "convention of capacity plans, 2026-11", bare=True, unlimited=False
    )
    prompt_size: Quantity = assume("2 KB", "byte/request", "Bytes of a prompt", 1, 1e9, f"{LESSON}, 2026-11")
    request_share: Quantity = share(
        "100%", "Share of requests that goes to this product or stage", "neutral: one product, 2026-11", low=1e-6
    )
    rejected_prompt_share: Quantity = share("0%", "Prompts rejected before any GPU", "neutral: none, 2026-11", high=0.99)
    failed_share: Quantity = share("0%", "Runs that fail and are run again", "neutral: none, 2026-11", high=0.99)
    rejected_output_share: Quantity = share("0%", "Clips rejected after the GPU made them", "neutral: none, 2026-11", high=0.99)
    peak_to_average: Quantity = ratio(
        "1",
        "Peak over average of a day, in one time zone",
        1,
        100,
        "assumption: level, as in the lesson; users around the globe swing 1.5 to 1.7, one region 2 to 3, "
        "https://robustperception.io/do-you-know-your-peak-to-mean-ratio, 2026-11",
        other="1.7",
    )
    time_zones: Quantity = ratio(
        "0", "Time zones, an hour each, that users spread over evenly", 0, 24, "neutral: one time zone, or a worldwide trace, 2026-11"
    )
    deferrable_share: Quantity = share("0%", "Work that can wait for a quiet hour", "neutral: none, 2026-11")
    growth_per_month: Quantity = assume("0%", "share", "Growth of users in a month", -0.3, 2, "neutral: none, 2026-11", bare=True)


class Architecture(Section):
    """The model, in numbers."""

    model_params: Quantity = assume("10_027_677_744", "parameter", "Parameters of the diffusion model", 1e6, 1e13, MODEL, bare=True)
    text_encoder_params: Quantity = assume("4_762_310_656", "parameter", "Parameters of the text encoder", 0, 1e13, MODEL, bare=True)
    vae_params: Quantity = assume("459_748_611", "parameter", "Parameters of the VAE", 0, 1e12, MODEL, bare=True)
    active_share: Quantity = ratio("1", "Weights that one pass uses over all of them", 0.01, 1, MODEL, unlimited=False)
    layers: Quantity = model_number("48", "layer", "Layers of the transformer", 1, 500)
    hidden_size: Quantity = model_number("3_072", "key", "Hidden size", 64, 65_536)
    heads: Quantity = model_number("24", "head", "Attention heads", 1, 512)
    ffn_size: Quantity = model_number("8_192", "key", "Feed-forward size", 64, 262_144)
    ffn_matrices: Quantity = model_number("3", "matrix", "Feed-forward matrices: 2 plain, 3 gated", 1, 8)
    text_tokens: Quantity = model_number("256", "token", "Text tokens", 0, 8_192)
    text_in_sequence: Quantity = switch("1", "Text tokens are in the self-attention")
    attention_window: Quantity = assume("0", "token", "Tokens that a windowed attention sees", 0, 1e7, MODEL, bare=True)
    full_attention: Quantity = switch("1", "Attention is full")
    factorised_attention: Quantity = switch("0", "Attention is factorised")
    windowed_attention: Quantity = switch("0", "Attention is windowed")
    linear_attention: Quantity = switch("0", "Attention is linear")
    patch_frames: Quantity = model_number("1", "frame", "Latent frames in a patch", 1, 16)
    patch_height: Quantity = model_number("2", "pixel", "Latent height of a patch", 1, 16)
    patch_width: Quantity = model_number("2", "pixel", "Latent width of a patch", 1, 16)
    vae_compression_frames: Quantity = assume("6", "frame", "Frames in a latent frame", 1, 64, MODEL, bare=True)
    vae_compression_height: Quantity = model_number("8", "pixel", "Pixels in a latent pixel, by height", 1, 128)
    vae_compression_width: Quantity = model_number("8", "pixel", "Pixels in a latent pixel, by width", 1, 128)
    vae_decode_flops_per_pixel: Quantity = assume("15_805_000", "FLOP/pixel", "FLOPs of decoding a pixel", 1, 1e9, MODEL, bare=True)
    vae_tiling_factor: Quantity = ratio("1", "Work of a tiled VAE decode over an untiled one", 1, 20, MODEL)
    vae_frames_at_once: Quantity = assume("12", "frame", "Frames that the VAE decodes at once", 1, 10_000, MODEL, bare=True)
    vae_tile_pixels: Quantity = assume(
        "1e12", "pixel", "Pixels of a VAE tile; more than a clip has where it works untiled", 1e3, 1e12, MODEL, bare=True
    )
    vae_decode_bytes_per_pixel: Quantity = assume("4_352 B", "byte/pixel", "VAE decode buffers a pixel", 1, 1e6, MODEL)
    vae_encode_share: Quantity = ratio(
        "0",
        "VAE encode over decode: 0 for text-to-video, 0.575 measured for image-to-video",
        0,
        4,
        "text-to-video encodes nothing; Wan 2.2 I2V measured 1.38 s to 2.4 s, docs/accuracy.md, 2026-11",
    )


class Video(Section):
    """The clip that is asked for."""

    width: Quantity = assume("848", "pixel", "Width of a frame", 16, 16_384, MODEL, bare=True, whole=True, unlimited=False)
    height: Quantity = assume("480", "pixel", "Height of a frame", 16, 16_384, MODEL, bare=True, whole=True, unlimited=False)
    fps: Quantity = assume("30", "frame/s", "Frames a second", 1, 240, MODEL, bare=True, unlimited=False)
    duration: Quantity = assume("5 s", "second/video", "Length of a clip", 1, 7_200, f"{LESSON}, 2026-11", bare=True, other="10 s")
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

    steps: Quantity = assume("64", "step/video", "Denoising steps", 1, 1_000, MODEL, bare=True, whole=True)
    bytes_per_parameter: Quantity = assume(
        "2", "byte/parameter", "Bytes of a stored weight", 0.25, 8, "bf16, 2 bytes; the precision in the catalogue, 2026-11", bare=True
    )
    passes_per_step: Quantity = assume(
        "2", "pass/step", "Passes a step: 2 with guidance, 1 where it is distilled away", 1, 8, MODEL, bare=True
    )
    cached_step_share: Quantity = share("0", "Steps whose result is taken from a cache", "neutral: nothing is cached, 2026-11", high=0.95)
    attention_sparsity: Quantity = share(
        "0", "Attention left out by a sparse kernel, over steps and layers", "neutral: dense attention, 2026-11", high=0.99
    )
    sparse_kernel_efficiency: Quantity = ratio(
        "1",
        "Rate of a sparse kernel over the dense one",
        0.05,
        1,
        "neutral: counts only where attention is sparse, 2026-11",
        unlimited=False,
    )
    linear_efficiency: Quantity = ratio("0.6886", "Share of the peak that linear layers reach", 0.01, 1, FIT, unlimited=False)
    attention_efficiency: Quantity = ratio("0.3706", "Share of the peak that the attention kernel reaches", 0.01, 1, FIT, unlimited=False)
    softmax_share: Quantity = share("0.14", "Part of attention's time in exponentials, at head size 128", FIT, high=0.9)
    hidden_passes_per_layer: Quantity = ratio("232.3", "Reads and writes of hidden-size activations in a layer", 0, 1_000, FIT)
    cross_passes_per_layer: Quantity = ratio("44.82", "The same that a cross-attention block adds", 0, 1_000, FIT)
    ffn_passes_per_layer: Quantity = ratio("5.983", "Reads and writes of feed-forward-size activations in a layer", 0, 100, FIT)
    elementwise_factor: Quantity = ratio("1.0", "Element-wise work left after fusing", 0, 2, OPTION)
    vae_efficiency: Quantity = ratio("0.2269", "Share of the peak that the VAE's convolutions reach", 0.001, 1, FIT, unlimited=False)
    linear_attention_slowdown: Quantity = ratio(
        "65",
        "Time of a FLOP of linear attention over one of a softmax kernel",
        1,
        1_000,
        "SGLang pull request 35728, fused linear attention of SANA-Video: 0.16 of the 32-bit peak of an H200, https://github.com/sgl-project/sglang/pull/35728, 2026-08",
    )
    vae_bytes_per_flop: Quantity = assume("0.01723", "byte/FLOP", "Bytes that a VAE decode moves for a FLOP", 0, 1, FIT, bare=True)
    vae_parallel_gpus: Quantity = assume(
        "1",
        "gpu",
        "GPUs of a group that share the VAE decode",
        1,
        64,
        "convention: most pipelines decode on one GPU; docs/accuracy.md, 2026-11",
        bare=True,
        whole=True,
    )
    guidance_groups: Quantity = assume(
        "1",
        "gpu",
        "Guidance passes that a group runs side by side",
        1,
        4,
        OPTION,
        bare=True,
        whole=True,
    )
    exchange_latency: Quantity = assume(
        "0.00202", "second", "Start of the exchanges of a layer in a pass shared by GPUs", 0, 0.1, FIT, bare=True
    )
    host_seconds_per_pixel: Quantity = assume(
        "4.596e-08", "second/pixel", "Work of the host for each decoded pixel", 0, 1e-6, FIT, bare=True
    )
    parallel_loss: Quantity = ratio("0.009983", "Computing time lost for each GPU added to a group", 0, 1, FIT)
    communication_efficiency: Quantity = ratio(
        "0.4518", "Share of one direction of the link that exchanges reach", 0.01, 1, FIT, unlimited=False
    )
    activation_buffers: Quantity = ratio("40", "Copies of the activations that a pass holds", 1, 1_000, FIT)
    host_copy_rate: Quantity = assume("6 GB/s", "byte/s", "Rate of copies to and from ordinary host memory", 1e8, 1e12, FIT)
    model_resident: Quantity = switch("1", "The model and the VAE stay on the GPU")
    encoder_resident: Quantity = switch("1", "The text encoder stays on the GPU")
    time_factor: Quantity = ratio(
        "1", "True over predicted seconds: the model's own error", 0.1, 10, "neutral; docs/accuracy.md has its range by class, 2026-11"
    )
    other_gpu_seconds_per_video: Quantity = assume(
        "0 s", "second/video", "GPU-seconds that are not modelled: another model's upscaling", 0, 1e5, "neutral, 2026-11", bare=True
    )
    other_seconds_per_video: Quantity = assume(
        "0 s", "second/video", "Seconds off the GPU: prompt rewriting, moderation", 0, 1e5, "neutral, 2026-11", bare=True
    )


class Storage(Section):
    """What is kept."""

    user_profile_size: Quantity = assume("10 KB", "byte/user", "Bytes of a user's profile", 0, 1e12, f"{LESSON}, 2026-11")
    indexing: Quantity = assume("25%", "share", "Index bytes over clip bytes", 0, 10, f"{LESSON}, 2026-11", bare=True)
    rendition_factor: Quantity = ratio(
        "1",
        "Bytes of all renditions over the top one",
        1,
        10,
        "neutral: one file a clip; a full ladder is 3.3, "
        "https://developer.apple.com/documentation/http_live_streaming/hls_authoring_specification_for_apple_devices, 2026-11",
    )
    replication: Quantity = ratio(
        "1",
        "Bytes on disk for a logical byte",
        1,
        10,
        "neutral: a cloud's price includes its copies; own disks 1.4, 2.1 or 3, "
        "https://www.usenix.org/conference/osdi14/technical-sessions/presentation/muralidhar, 2026-11",
    )
    retention: Quantity = assume(
        "forever", "second", "How long a clip is kept", 3_600, 3.1536e11, "assumption: nothing is deleted unless a policy says so, 2026-11"
    )
    service_age: Quantity = assume(
        "360 d", "second", "Age of the service", 3_600, 1.5768e9, "assumption: twelve months, the usual planning horizon, 2026-11"
    )


class Serving(Section):
    """What it runs on."""

    gpus_per_server: Quantity = assume(
        "8",
        "gpu/server",
        "GPUs in a server",
        1,
        1_024,
        "convention: HGX and DGX boards hold 8; https://www.nvidia.com/en-us/data-center/hgx/, 2026-11",
        bare=True,
        whole=True,
    )
    peak_flops: Quantity = assume("989.4 TFLOP/s", "FLOP/s", "Dense peak of a GPU at the compute precision", 1e9, 1e18, GPU)
    attention_peak_flops: Quantity = assume(
        "989.4 TFLOP/s", "FLOP/s", "Dense peak of a GPU at the attention kernel's format", 1e9, 1e18, GPU
    )
    vae_peak_flops: Quantity = assume("989.4 TFLOP/s", "FLOP/s", "Dense 16-bit peak of a GPU, at which the VAE runs", 1e9, 1e18, GPU)
    sustained_share: Quantity = ratio(
        "1", "Rate that a board's power lets it sustain, over its generation's", 0.05, 1, GPU, unlimited=False
    )
    gpu_memory: Quantity = assume("81_559 MiB", "byte", "Memory of a GPU, as its driver reports it", 1e9, 1e13, GPU)
    usable_memory_share: Quantity = share(
        "95%", "Memory left after context, allocator and communication", "assumption: about 5 % for context and allocator, 2026-11", low=0.1
    )
    memory_error: Quantity = ratio(
        "1.15",
        "Predicted over true memory, at most: a clip that is short by more cannot run",
        1,
        1e6,
        "scripts on one GPU, nine of ten published peaks, docs/accuracy.md, 2026-11",
    )
    group_memory_error: Quantity = ratio(
        "2.2",
        "The same where several GPUs make one clip",
        1,
        1e6,
        "groups and engines that ran with 1.5 to 2.2 times less than predicted, catalogue/runs.yaml, 2026-11",
    )
    memory_bandwidth: Quantity = assume("3_350 GB/s", "byte/s", "Memory bandwidth of a GPU", 1e9, 1e15, GPU)
    interconnect_bandwidth: Quantity = assume("900 GB/s", "byte/s", "Link between GPUs, both directions", 1e8, 1e15, GPU)
    server_link_bandwidth: Quantity = assume(
        "100 GB/s",
        "byte/s",
        "Network of a GPU to other servers, both directions",
        1e8,
        1e15,
        "assumption, recalled and not opened: 400 Gbit/s a GPU, one ConnectX-7 each, NVIDIA DGX H100 user guide, https://docs.nvidia.com/dgx/dgxh100-user-guide/, 2026-11",
    )
    host_link_bandwidth: Quantity = assume("64 GB/s", "byte/s", "Link between a GPU and its host, one direction", 1e8, 1e15, GPU)
    gpu_power: Quantity = assume("700 W", "watt/gpu", "Rated power of a GPU", 1, 1e5, GPU)
    gpu_idle_power: Quantity = assume("120 W", "watt/gpu", "Power of a GPU that holds weights and waits", 0, 1e5, GPU)
    gpus_per_replica: Quantity = assume(
        "1", "gpu", "GPUs that make one clip together", 1, 1_024, "neutral: one GPU makes a clip, 2026-11", bare=True, whole=True
    )
    gpu_limit: Quantity = assume(
        "1e9", "gpu", "GPUs that can be had", 1, 1e9, "neutral: as many as are needed, 2026-11", bare=True, whole=True
    )
    weights_sharded: Quantity = switch("0", "The GPUs of a group divide the weights")
    max_utilization: Quantity = share(
        "90%",
        "Highest utilization at the peak",
        "assumption: lets the square-root rule decide for large fleets, 2026-11",
        low=0.05,
        high=0.999,
        other="80%",
    )
    target_wait_probability: Quantity = share(
        "5%", "Share of requests that may wait at the peak", "assumption: nineteen in twenty start at once, 2026-11", low=1e-6, high=0.99
    )
    arrival_variability: Quantity = ratio(
        "1", "Squared coefficient of variation of arrivals", 0.1, 100, "neutral: independent users; n clips a click give n, 2026-11"
    )
    service_variability: Quantity = ratio(
        "0",
        "Squared coefficient of variation of a clip's time",
        0,
        100,
        "neutral: clips of one kind; a pool of 10 s and 470 s clips reaches 3, 2026-11",
    )
    target_latency: Quantity = assume(
        "1 h",
        "second/video",
        "Latency promised to 95 % of requests",
        0.1,
        2.592e6,
        "neutral: warns of nothing until a promise is written, 2026-11",
        bare=True,
    )
    target_deferred_wait: Quantity = assume(
        "forever",
        "second",
        "Longest wait promised to work that can wait",
        1,
        1e9,
        "neutral: warns of nothing until a promise is written, 2026-11",
    )
    sized_by_latency: Quantity = switch("0", "The promised latency sizes the fleet, in place of the share that starts at once")
    regions: Quantity = assume("1", "region", "Regions", 1, 1_000, "neutral: one, 2026-11", bare=True, whole=True)
    regions_lost: Quantity = assume("0", "region", "Regions that may be lost", 0, 999, "neutral: none, 2026-11", bare=True, whole=True)
    spare_servers: Quantity = assume("0", "server", "Spare servers in a region", 0, 1e5, "neutral: none, 2026-11", bare=True, whole=True)
    spare_fraction: Quantity = share(
        "5%",
        "Spare share of the servers",
        "assumption: failures alone take under 1 %, https://arxiv.org/abs/2407.21783, maintenance and deploys the rest, 2026-11",
    )
    provision_time: Quantity = assume(
        "5 min", "second", "Time to get a server", 0, 2.592e6, "assumption: nodes of a cloud's GPU pool start in minutes, 2026-11"
    )
    load_rate: Quantity = assume(
        "1 GB/s",
        "byte/s",
        "Rate at which weights are loaded",
        1e6,
        1e12,
        "15 GB in 14.3 s from general-purpose disks with concurrent reads, "
        "https://developer.nvidia.com/blog/reducing-cold-start-latency-for-llm-inference-with-nvidia-runai-model-streamer, read 2026-11",
    )
    warm_up_time: Quantity = assume(
        "1 min", "second", "Compilation and first passes", 0, 86_400, "assumption: compiling takes a minute or so, 2026-11"
    )


class Network(Section):
    """How clips reach those who watch them."""

    views_per_video: Quantity = assume(
        "1", "view", "Views of a clip", 0, 1e9, "assumption: who asked for it watches it once, 2026-11", bare=True
    )
    cdn_hit_ratio: Quantity = share(
        "0%",
        "Share of views that caches serve",
        "neutral: no cache; 71 % of what reached Facebook's photo caches, "
        "https://research.fb.com/publications/an-analysis-of-facebook-photo-caching/, 2026-11",
    )


class Cost(Section):
    """What it costs and earns."""

    gpu_price: Quantity = assume("3.99 USD/GPU-hour", "USD/gpu-hour", "Price of a GPU-hour on demand", 1e-3, 1e3, GPU_PRICE, bare=True)
    reserved_price: Quantity = assume(
        "0 USD/GPU-hour",
        "USD/gpu-hour",
        "Price of a reserved GPU-hour; 0 where none is known",
        0,
        1e3,
        "neutral: the on-demand price is paid, 2026-11",
        bare=True,
    )
    reserved_fraction: Quantity = share(
        "100%", "Share of the fleet that is held at every hour", "neutral: the fleet is held at its peak, 2026-11"
    )
    spot_fraction: Quantity = share("0%", "Share of the fleet that is spot and may be taken away", "neutral: none, 2026-11")
    spot_price: Quantity = assume(
        "0 USD/GPU-hour",
        "USD/gpu-hour",
        "Price of a spot GPU-hour; 0 where none is known",
        0,
        1e3,
        "neutral: the on-demand price is paid, 2026-11",
        bare=True,
    )
    interruptions_per_hour: Quantity = assume(
        "0", "interruption/server/hour", "Times an hour that a spot server is taken away", 0, 60, "neutral: never, 2026-11", bare=True
    )
    storage_price: Quantity = assume(
        "0.02 USD/GB-month",
        "USD/byte-month",
        "Price of a byte held for a month",
        0,
        1e-9,
        "Google Cloud Storage, Standard, us-central1, "
        "https://raw.githubusercontent.com/api-evangelist/gcp-cloud-storage/013caa28c7a3b15d2c48095b6ddefabad6011feb/plans/gcp-cloud-storage-plans-pricing.yml, 2026-09-20",
    )
    egress_price: Quantity = assume(
        "0.04 USD/GB",
        "USD/byte",
        "Price of a byte sent to a viewer",
        0,
        1e-8,
        "CloudFront at 150 to 500 TB a month; 0.085 for little, 0.02 beyond 5 PB, https://aws.amazon.com/cloudfront/pricing/, read 2026-11",
    )
    egress_from_2: Quantity = egress_from("second")
    egress_from_3: Quantity = egress_from("third")
    egress_from_4: Quantity = egress_from("fourth")
    egress_from_5: Quantity = egress_from("fifth")
    egress_from_6: Quantity = egress_from("sixth")
    egress_from_7: Quantity = egress_from("seventh")
    egress_price_2: Quantity = egress_tier("second")
    egress_price_3: Quantity = egress_tier("third")
    egress_price_4: Quantity = egress_tier("fourth")
    egress_price_5: Quantity = egress_tier("fifth")
    egress_price_6: Quantity = egress_tier("sixth")
    egress_price_7: Quantity = egress_tier("seventh")
    price_per_video_second: Quantity = assume(
        "0 USD/s",
        "USD/second",
        "Price asked for a second of video",
        0,
        1e3,
        "neutral: nothing is sold; APIs ask 0.04 to 0.40, 2026-11",
        bare=True,
    )
    server_price: Quantity = assume(
        "0 USD",
        "USD/server",
        "Price of a server of one's own, with its GPUs, network and installation; 0 where none is known",
        0,
        1e9,
        "neutral: GPUs are rented, 2026-11",
        bare=True,
    )
    service_life: Quantity = assume(
        "5 years",
        "second",
        "Years that a server of one's own is used",
        7.776e6,
        1.5768e9,
        "assumption: usual depreciation is 4 to 6 years, 2026-11",
    )
    residual_share: Quantity = share("0%", "Part of a server's price that is left at the end", "neutral: nothing, 2026-11", high=0.99)
    cost_of_capital: Quantity = share("10%", "Cost of capital a year", "assumption: between debt and equity, 2026-11")
    colocation_price: Quantity = assume(
        "150 USD/kW-month",
        "USD/watt-month",
        "Price of a place for a kW of rated power, a month",
        0,
        100,
        "assumption: between 100 and 200 for large halls; counts only with a server_price, 2026-11",
    )
    electricity_price: Quantity = assume(
        "0 USD/kWh",
        "USD/joule",
        "Price of electricity that the place does not include",
        0,
        1e-6,
        "neutral: the place includes it, 2026-11",
    )
    paid_share: Quantity = share("100%", "Share of clips that are paid for", "neutral: all of them, once there is a price, 2026-11")
    other_cost_per_video: Quantity = assume(
        "0 USD", "USD/video", "Other cost of a delivered clip", 0, 1e3, "neutral: none, 2026-11", bare=True
    )


class Energy(Section):
    """What it burns."""

    gpu_load_share: Quantity = share(
        "93%",
        "Share of its rated power that a GPU at work draws",
        "0.85 to 0.98 in eight runs on H100 and B200, "
        "https://raw.githubusercontent.com/ml-energy/leaderboard/0cd52da/public/data/tasks/text-to-video.json, 2026-02-27",
        low=0.05,
    )
    host_power_factor: Quantity = ratio(
        "1.45",
        "Power of a server over that of its GPUs",
        1,
        3,
        "assumption: hosts add 40 to 50 %, https://doi.org/10.1145/3620666.3651329; 8.4 kW measured over 5.6 kW of GPUs is 1.5, "
        "https://doi.org/10.1109/ACCESS.2025.3554728, 2026-11",
    )
    rated_power_factor: Quantity = ratio(
        "1.82",
        "Rated power of a server over that of its GPUs",
        1,
        5,
        "assumption, recalled and not opened: 10.2 kW at most over 8 GPUs of 700 W, NVIDIA DGX H100 user guide, https://docs.nvidia.com/dgx/dgxh100-user-guide/, 2026-11",
    )
    site_power_limit: Quantity = assume(
        "1 TW", "watt", "Power that a region's site may take", 1e3, 1e12, "neutral: as much as is needed, 2026-11"
    )
    pue: Quantity = ratio(
        "1.15",
        "Power of the site over that of its servers",
        1,
        3,
        "AWS in 2024, https://sustainability.aboutamazon.com/products-services/aws-cloud, read 2026-11",
    )
    carbon_intensity: Quantity = assume(
        "481 g/kWh",
        "kg/joule",
        "CO2 equivalent of electricity",
        0,
        5.6e-7,
        "world, 2023, Ember, https://ourworldindata.org/grapher/carbon-intensity-electricity, read 2026-11",
    )


SECTIONS: dict[str, type[Section]] = {
    model.__name__.lower(): model for model in (Traffic, Architecture, Video, Generation, Storage, Serving, Network, Cost, Energy)
}

ASSUMPTIONS: dict[str, Assumption] = {}
for _section, _model in SECTIONS.items():
    for _name, _field in _model.model_fields.items():
        _declared = _field.json_schema_extra
        assert isinstance(_declared, Assumption)
        ASSUMPTIONS[_name] = _declared._replace(name=_name, section=_section)
