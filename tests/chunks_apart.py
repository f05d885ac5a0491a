"""Seconds of a streaming model's chunk, by arithmetic of its own: forward by forward, apart from plans.

Sizes are those of the published configurations. Only what a catalogue says of hardware, kernels and runtimes is a
plan's, so that both have the same constants.
"""

import math
from typing import Any, NamedTuple

TEXT_TOKENS = 512
# An 8x8 VAE and patches of 2x2; four frames a latent one.
PIXELS_OF_A_TOKEN = 16
FRAMES_OF_A_LATENT = 4
# FLOPs of a multiplication and its sum; bytes of a 16-bit number, and of the float32 in which frames are copied.
FLOPS, HALF, SINGLE = 2, 2, 4
# What GPUs that share matrices add up in a layer of Wan: self-attention, cross-attention, feed-forward.
SUMS = 3


class Sizes(NamedTuple):
    """A transformer: layers, channels, channels of its feed-forward, and squares of the channels that it adds."""

    layers: int
    hidden: int
    feed_forward: int
    added: int = 0


SIZES = {
    "wan2.1-t2v-1.3b": Sizes(30, 1_536, 8_960),
    "wan2.1-t2v-14b": Sizes(40, 5_120, 13_824),
    # The camera's matrices.
    "lingbot-world-2-14b": Sizes(40, 5_120, 13_824, 4),
}


def forward_seconds(reading: dict[str, Any], known: dict[str, float]) -> float:
    """Return the seconds of one forward of a chunk by the reading's group."""
    sizes = SIZES[reading["model"]]
    layers, hidden = sizes.layers, sizes.hidden
    gpus: int = reading["gpus"]
    frame = math.ceil(reading["height"] / PIXELS_OF_A_TOKEN) * math.ceil(reading["width"] / PIXELS_OF_A_TOKEN)
    tokens: int = reading["latents"] * frame
    keys: float = reading["window"] * frame
    numbers = layers * tokens * hidden

    own = tokens * ((4 + sizes.added) * hidden**2 + 2 * hidden * sizes.feed_forward)
    across = (tokens + TEXT_TOKENS) * 2 * hidden**2
    matrices = FLOPS * layers * (own + across) / (known["peak_flops"] * known["linear_efficiency"])
    pairs = 2 * FLOPS * numbers * (keys + TEXT_TOKENS)
    # Heads have 128 channels, at which the share of the exponentials is written.
    exponentials = 1 - known["softmax_share"] + known["softmax_share"] / known["exponential_rate"]
    attention = pairs * exponentials / (known["attention_peak_flops"] * known["attention_efficiency"])
    passes = (known["counted_passes_per_layer"] + known["uncounted_passes_per_layer"]) * known["elementwise_factor"]
    between = HALF * numbers * passes / known["memory_bandwidth"]
    start = layers * known["launch_latency"]
    computing = (matrices + attention) / known["sustained_share"]
    if gpus == 1:
        return computing + between + start

    tensor = reading.get("how") == "tensor"
    if tensor:
        between *= gpus - known["tensor_divided_share"] * (gpus - 1)
    return (
        (computing + between) / gpus * (1 + known["parallel_loss"] * math.log2(gpus))
        + sent_bytes(HALF * numbers, gpus, reading.get("sums", SUMS) if tensor else 0)
        / (known["interconnect_bandwidth"] / 2)
        / known["communication_efficiency"]
        + start
        + layers * known["exchange_latency"]
    )


def sent_bytes(activations: float, gpus: int, sums: int) -> float:
    """Return what a GPU sends in a forward, of the activations of one tensor of all layers.

    A shared sequence sends all but its own part of queries, keys, values and outputs (DeepSpeed-Ulysses). Shared
    matrices add up results: in a ring, or by a switch that does it (NCCL), whichever sends less.
    """
    if not sums:
        return 4 * activations / gpus * (1 - 1 / gpus)
    ring, by_switch = 2 * (gpus - 1) / gpus, 1 + 1 / gpus
    return sums * activations * min(ring, by_switch)


def chunk_seconds_apart(reading: dict[str, Any], known: dict[str, float]) -> float:
    """Return the seconds of a chunk: of its forwards, and where all was timed, of decoding it and of its copy."""
    forwards = sum(forward_seconds(reading, known) for _ in range(reading["forwards"]))
    if reading["part"] != "all":
        return forwards

    pixels: int = reading["latents"] * FRAMES_OF_A_LATENT * reading["height"] * reading["width"]
    work = pixels * known["decoder_work_share"]
    flops = known["vae_peak_flops"] * known["vae_efficiency"] * known["vae_matrix_fill"] * known["sustained_share"]
    decoding = known["vae_decode_flops_per_pixel"] / flops
    decoding += known["vae_bytes_per_pixel"] * known["vae_bytes_factor"] / known["memory_bandwidth"]
    copy = SINGLE * 3 * pixels / min(known["host_copy_rate"], known["host_link_bandwidth"])
    return forwards + work * known["vae_tiling_factor"] * decoding + copy
