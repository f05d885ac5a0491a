"""Weights and activations -> bytes on one GPU, stage by stage."""

from t2v_capacity.engine.constants import ACTIVATION_BYTES, UNDEFINED, VIDEOS_PER_PASS
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import maximum, minimum, where


@figure("gpu", "GPUs that divide the weights", better="")
def weight_shards(gpus_per_replica: float, weights_sharded: float, tensor_split: float) -> float:
    """GPUs that hold a part of the weights each: tensor parallelism divides them, sequence parallelism alone does not.

    >>> weight_shards(gpus_per_replica=8, weights_sharded=1, tensor_split=2)
    8
    """
    return maximum(tensor_split, weights_sharded * gpus_per_replica)


@figure("byte", "Text encoder on a GPU", stages="max")
def encoder_weights(
    text_encoder_size: float,
    gpus_per_replica: float,
    encoder_sharded: float,
    tensor_split: float,
    encoder_at_once: float,
    unified_memory: float,
) -> float:
    """Bytes of the text encoder on a GPU: all of a group divide it, or those that divide the model's matrices.

    Where its layers come to the GPU one after another, a part of them is there at once.

    >>> encoder_weights(
    ...     text_encoder_size=11.2e9, gpus_per_replica=8, encoder_sharded=0, tensor_split=2, encoder_at_once=0.5,
    ...     unified_memory=0
    ... )
    2800000000.0
    >>> encoder_weights(
    ...     text_encoder_size=11.2e9, gpus_per_replica=8, encoder_sharded=1, tensor_split=2, encoder_at_once=0.5,
    ...     unified_memory=0
    ... )
    700000000.0
    """
    return (
        maximum(unified_memory, encoder_at_once)
        * text_encoder_size
        / maximum(tensor_split, encoder_sharded * gpus_per_replica)
    )


@main_figure("byte", "Memory at text encoding", stages="max")
def text_encoding_memory(
    model_size: float, encoder_weights: float, vae_size: float, model_resident: float, weight_shards: float
) -> float:
    """Bytes on a GPU while the prompt is encoded: the text encoder and the other resident parts.

    Its activations are megabytes: a prompt is a few hundred tokens.

    >>> text_encoding_memory(
    ...     model_size=28e9, encoder_weights=5.5e9, vae_size=0.25e9, model_resident=0.5, weight_shards=2
    ... )
    12625000000.0
    """
    return encoder_weights + model_resident * (model_size / weight_shards + vae_size)


@figure("byte", "Activations of a pass", stages="max")
def activation_memory(
    activation_buffers: float,
    activation_share: float,
    sequence_tokens: float,
    hidden_size: float,
    sequence_split: float,
    guidance_split: float,
    passes_per_step: float,
    passes_per_forward: float,
) -> float:
    """Bytes of the activations that a forward holds on a GPU.

    They are 16-bit copies, divided over the GPUs that share its sequence. Flash kernels keep attention linear in
    memory. Eager code with 32-bit norms holds the most copies, and conditional and unconditional passes in one batch
    hold them twice.

    >>> activation_memory(
    ...     activation_buffers=40, activation_share=0.5, sequence_tokens=75_600, hidden_size=5_120, sequence_split=4,
    ...     guidance_split=1, passes_per_step=2, passes_per_forward=2
    ... )
    7741440000.0
    """
    return (
        ACTIVATION_BYTES
        * activation_buffers
        * activation_share
        * sequence_tokens
        * hidden_size
        / sequence_split
        * maximum(1, minimum(passes_per_forward, passes_per_step) / guidance_split)
    )


@figure("byte", "Gathered blocks", stages="max")
def gathered_weights(
    model_size: float, active_share: float, layers: float, weight_shards: float, weights_sharded: float
) -> float:
    """Bytes of the blocks that a GPU gathers from the others of its group: the one that it computes, and the next.

    FSDP gathers the weights of a block before it runs, and prefetches one (PyTorch, `fully_shard`).

    >>> gathered_weights(model_size=56e9, active_share=0.5, layers=40, weight_shards=4, weights_sharded=1)
    1050000000.0
    """
    return weights_sharded * minimum(1, 2 / layers) * model_size * active_share * (1 - 1 / weight_shards)


@figure("byte", "Weights at denoising", stages="max")
def denoising_weights(
    model_size: float,
    active_share: float,
    encoder_weights: float,
    vae_size: float,
    model_resident: float,
    blocks_streamed: float,
    layers: float,
    encoder_resident: float,
    weight_shards: float,
    gathered_weights: float,
    unified_memory: float,
) -> float:
    """Bytes of weights on a GPU while denoising: the transformer, and the other resident parts.

    A mixture of two experts that is offloaded keeps the one that runs; where blocks are streamed, two of them are
    there. Blocks that sharded weights gather come on top. What is offloaded from a memory that is the CPU's too stays
    in it.

    >>> denoising_weights(
    ...     model_size=57.2e9, active_share=0.5, encoder_weights=5.7e9, vae_size=0.25e9, model_resident=0.25,
    ...     blocks_streamed=1, layers=40, encoder_resident=0.5, weight_shards=2, gathered_weights=1e9, unified_memory=0
    ... )
    11598750000.0
    """
    return (
        model_size
        * maximum(
            unified_memory,
            model_resident + (1 - model_resident) * active_share * maximum(1 - blocks_streamed, minimum(1, 2 / layers)),
        )
        / weight_shards
        + gathered_weights
        + maximum(unified_memory, encoder_resident) * encoder_weights
        + maximum(unified_memory, model_resident) * vae_size
    )


@main_figure("byte", "Memory at denoising", stages="max")
def denoising_memory(denoising_weights: float, activation_memory: float, session_memory: float) -> float:
    """Bytes on a GPU while denoising: weights, the activations of a pass, and keys and values of chunks before it.

    >>> denoising_memory(denoising_weights=41e9, activation_memory=31e9, session_memory=2e9)
    74000000000.0
    """
    return denoising_weights + activation_memory + session_memory


@figure("pixel", "Pixels that the VAE decodes at once", stages="max", role="decode")
def pixels_at_once(
    width: float, height: float, vae_frames_at_once: float, frames_per_video: float, vae_tile_pixels: float
) -> float:
    """Pixels that the VAE decodes at once: those of a few frames, or of a tile where it works in tiles.

    >>> pixels_at_once(width=1_280, height=720, vae_frames_at_once=4, frames_per_video=81, vae_tile_pixels=1e12)
    3686400
    """
    return minimum(width * height * minimum(vae_frames_at_once, frames_per_video * VIDEOS_PER_PASS), vae_tile_pixels)


@figure("byte", "Weights at VAE decode", stages="max", role="decode")
def vae_decode_weights(
    model_size: float,
    encoder_weights: float,
    vae_size: float,
    model_resident: float,
    encoder_resident: float,
    weight_shards: float,
    unified_memory: float,
) -> float:
    """Bytes of weights on a GPU while the VAE decodes: the VAE, and the other resident parts.

    >>> vae_decode_weights(
    ...     model_size=28.6e9, encoder_weights=5.7e9, vae_size=0.25e9, model_resident=0.5, encoder_resident=0.5,
    ...     weight_shards=2, unified_memory=0
    ... )
    10250000000.0
    """
    return (
        maximum(unified_memory, model_resident) * model_size / weight_shards
        + maximum(unified_memory, encoder_resident) * encoder_weights
        + vae_size
    )


@figure("byte", "Buffers of the VAE's decoder", stages="max", role="decode")
def vae_decode_buffers(
    pixels_at_once: float,
    vae_decode_bytes_per_pixel: float,
    vae_bytes_per_number: float,
    decoder_memory_share: float,
    decoded_pixels: float,
    bytes_per_pixel: float,
    chunks_per_video: float,
) -> float:
    """Bytes of the decoder's buffers at full resolution, and of the decoded clip or chunk.

    Buffers are counted in 16 bits; numbers of 32 bits double them. The clip is held in 32 bits, four bytes for each
    byte of a raw pixel.

    >>> vae_decode_buffers(
    ...     pixels_at_once=3_686_400, vae_decode_bytes_per_pixel=3_250, vae_bytes_per_number=4,
    ...     decoder_memory_share=0.5, decoded_pixels=154_828_800, bytes_per_pixel=3, chunks_per_video=2
    ... )
    12909772800.0
    """
    return (
        pixels_at_once * vae_decode_bytes_per_pixel * vae_bytes_per_number / ACTIVATION_BYTES * decoder_memory_share
        + 4 * bytes_per_pixel * decoded_pixels / chunks_per_video * VIDEOS_PER_PASS
    )


@main_figure("byte", "Memory at VAE decode", stages="max", role="decode")
def vae_decode_memory(vae_decode_weights: float, vae_decode_buffers: float, session_memory: float) -> float:
    """Bytes on a GPU while the VAE decodes: weights, buffers, and what the next chunk needs; often the peak.

    >>> vae_decode_memory(vae_decode_weights=10e9, vae_decode_buffers=13e9, session_memory=2e9)
    25000000000.0
    """
    return vae_decode_weights + vae_decode_buffers + session_memory


@main_figure("byte", "Memory needed on a GPU", mix="max")
def memory_needed(text_encoding_memory: float, denoising_memory: float, vae_decode_memory: float) -> float:
    """Bytes that a GPU must hold: the worst of its stages.

    The context, the allocator and communication are part of `usable_memory_share`.

    >>> memory_needed(text_encoding_memory=40e9, denoising_memory=71e9, vae_decode_memory=66e9)
    71000000000.0
    """
    return maximum(maximum(text_encoding_memory, denoising_memory), vae_decode_memory)


@main_figure("byte", "Memory that a GPU has for it", better="higher")
def memory_usable(gpu_memory: float, usable_memory_share: float) -> float:
    """Bytes of a GPU that weights and activations can use.

    >>> memory_usable(gpu_memory=85_520_000_000, usable_memory_share=0.95)
    81244000000.0
    """
    return gpu_memory * usable_memory_share


@figure("byte", "Weights that a GPU must hold", mix="max")
def resident_weights(text_encoding_memory: float, denoising_weights: float, vae_decode_weights: float) -> float:
    """Bytes of weights on a GPU at the worst stage: exact arithmetic, which no error of a model makes smaller.

    >>> resident_weights(text_encoding_memory=40e9, denoising_weights=42e9, vae_decode_weights=41e9)
    42000000000.0
    """
    return maximum(maximum(text_encoding_memory, denoising_weights), vae_decode_weights)


@figure("byte", "Least memory in which a clip may run", mix="max")
def least_memory(
    text_encoding_memory: float,
    denoising_weights: float,
    activation_memory: float,
    vae_decode_weights: float,
    vae_decode_buffers: float,
    memory_error: float,
    memory_needed: float,
    session_memory: float,
) -> float:
    """Bytes below which no clip runs.

    Weights, keys and values count as they are, activations and buffers as small as the model's error allows. Where
    `memory_needed` is pinned, what was measured is enough, and is off by no more than that error.

    >>> least_memory(
    ...     text_encoding_memory=40e9, denoising_weights=40e9, activation_memory=24e9, vae_decode_weights=40e9,
    ...     vae_decode_buffers=8e9, memory_error=8, memory_needed=66e9, session_memory=2e9
    ... )
    45000000000.0
    """
    return minimum(
        memory_needed,
        maximum(
            maximum(text_encoding_memory, memory_needed / memory_error),
            session_memory
            + maximum(
                denoising_weights + activation_memory / memory_error,
                vae_decode_weights + vae_decode_buffers / memory_error,
            ),
        ),
    )


@figure("ratio", "A clip can run: 1, or no value", better="higher")
def can_run(least_memory: float, memory_usable: float) -> float:
    """A clip that needs more than a GPU has at the least cannot run, so that no fleet makes it and no bill pays for it.

    >>> can_run(least_memory=68.8e9, memory_usable=81.2e9)
    1
    """
    return where(least_memory > memory_usable, UNDEFINED, 1)
