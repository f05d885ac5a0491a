"""Tokens and FLOPs -> GPU-seconds of a clip, stage by stage.

What it is checked against, and how far off it is: docs/accuracy.md.
"""

from t2v_capacity.engine.constants import ACTIVATION_BYTES, FLOPS_PER_MULTIPLY_ADD, REFERENCE_HEAD_SIZE, VIDEOS_PER_PASS
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import ceil, floor, log, maximum, minimum, where


@figure("frame", "Latent frames", whole=True, stages="last")
def latent_frames(frames_at_a_time: float, vae_compression_frames: float) -> float:
    """Latent frames that are made at a time: the first, and one for every whole temporal stride of the VAE after it.

    A causal video VAE encodes the first frame alone: the configurations of Wan, HunyuanVideo, Mochi, CogVideoX.

    >>> latent_frames(frames_at_a_time=84, vae_compression_frames=6)
    14
    """
    return floor((frames_at_a_time - 1) / vae_compression_frames) + 1


@figure("token/frame", "Visual tokens of a latent frame", whole=True, stages="last")
def tokens_per_frame(
    height: float,
    width: float,
    vae_compression_height: float,
    vae_compression_width: float,
    patch_height: float,
    patch_width: float,
) -> float:
    """Patches that a latent frame is cut into; a patch at an edge counts whole.

    Pipelines pad or crop to a multiple of compression and patch; this is the padded case.

    >>> tokens_per_frame(
    ...     height=480, width=848, vae_compression_height=8, vae_compression_width=8, patch_height=2, patch_width=2
    ... )
    1590
    """
    return ceil(height / (vae_compression_height * patch_height)) * ceil(width / (vae_compression_width * patch_width))


@main_figure("token", "Visual tokens", whole=True, stages="last")
def visual_tokens(latent_frames: float, tokens_per_frame: float, patch_frames: float) -> float:
    """Tokens of the clip, or of a chunk of it, that the transformer sees: one a patch of the latent video.

    Mochi's paper prints 44,520 for 163 frames of 848x480; CogVideoX 1.5 patches two latent frames into one.

    >>> visual_tokens(latent_frames=28, tokens_per_frame=1590, patch_frames=1)
    44520
    """
    return ceil(latent_frames / patch_frames) * tokens_per_frame


@figure("token", "Tokens in self-attention", stages="last")
def sequence_tokens(visual_tokens: float, text_tokens: float, text_in_sequence: float) -> float:
    """Tokens that attend to each other: the visual ones, and the text where attention is joint.

    >>> sequence_tokens(visual_tokens=44_520, text_tokens=256, text_in_sequence=1)
    44776
    """
    return visual_tokens + text_in_sequence * text_tokens


@figure("key", "Keys that a token attends to", stages="last")
def keys_per_token(
    sequence_tokens: float,
    tokens_per_frame: float,
    latent_frames: float,
    patch_frames: float,
    hidden_size: float,
    heads: float,
    window_chunks: float,
    chunks_per_video: float,
    full_attention: float,
    factorised_attention: float,
    linear_attention: float,
) -> float:
    """Keys that a token attends to: all of the sequence, or what the scope of attention lets it see.

    Full: a chunk sees itself and those of its window before it, which the first chunks don't have yet. Factorised: a
    frame, then one place through time (Latte). Linear: the state of a head is its size squared, so a token costs as
    much as head-size keys (SANA-Video).

    >>> keys_per_token(
    ...     sequence_tokens=16_384, tokens_per_frame=1_024, latent_frames=16, patch_frames=1, hidden_size=1_152,
    ...     heads=16, window_chunks=3, chunks_per_video=4, full_attention=0.5, factorised_attention=0.25,
    ...     linear_attention=0.5
    ... )
    18728.0
    """
    return (
        full_attention
        * sequence_tokens
        * (window_chunks - window_chunks * (window_chunks - 1) / (2 * chunks_per_video))
        + factorised_attention * (tokens_per_frame + ceil(latent_frames / patch_frames))
        + linear_attention * hidden_size / heads
    )


@figure("FLOP/pass", "FLOPs of linear layers in a pass", stages="last")
def linear_flops_per_pass(
    sequence_tokens: float,
    visual_tokens: float,
    text_tokens: float,
    text_in_sequence: float,
    layers: float,
    hidden_size: float,
    ffn_size: float,
    ffn_matrices: float,
) -> float:
    """FLOPs of the linear layers: attention projections and feed-forward matrices.

    Each layer multiplies every token by four attention projections and the feed-forward matrices. Cross-attention adds
    two projections of the visual tokens and two of the text. Modulation acts once a sample, not once a token, and is
    left out. Within 1% of counting on the real models: tests/authorities/forward_flops.json.

    >>> linear_flops_per_pass(
    ...     sequence_tokens=32_760, visual_tokens=32_760, text_tokens=512, text_in_sequence=0, layers=40,
    ...     hidden_size=5_120, ffn_size=13_824, ffn_matrices=2
    ... )
    785358258176000.0
    """
    return (
        FLOPS_PER_MULTIPLY_ADD
        * layers
        * (
            sequence_tokens * (4 * hidden_size**2 + ffn_matrices * hidden_size * ffn_size)
            + (1 - text_in_sequence) * (visual_tokens + text_tokens) * 2 * hidden_size**2
        )
    )


@figure("FLOP/pass", "FLOPs of attention in a pass", stages="last")
def attention_flops_per_pass(
    sequence_tokens: float,
    keys_per_token: float,
    visual_tokens: float,
    text_tokens: float,
    text_in_sequence: float,
    layers: float,
    hidden_size: float,
) -> float:
    """FLOPs of attention: a score and a weighted sum for every pair of query and key, in every channel.

    With cross-attention the visual tokens also attend to the text.

    >>> attention_flops_per_pass(
    ...     sequence_tokens=44_776, keys_per_token=44_776, visual_tokens=44_520, text_tokens=256, text_in_sequence=1,
    ...     layers=48, hidden_size=3_072
    ... )
    1182532343169024.0
    """
    return (
        FLOPS_PER_MULTIPLY_ADD
        * 2
        * layers
        * hidden_size
        * (sequence_tokens * keys_per_token + (1 - text_in_sequence) * visual_tokens * text_tokens)
    )


@main_figure("FLOP/pass", "FLOPs of a pass", mix="mean")
def flops_per_pass(linear_flops_per_pass: float, attention_flops_per_pass: float) -> float:
    """FLOPs of one pass of the transformer; element-wise work is bytes, not FLOPs, and a stage of its own.

    >>> flops_per_pass(linear_flops_per_pass=486e12, attention_flops_per_pass=1_182e12)
    1668000000000000.0
    """
    return linear_flops_per_pass + attention_flops_per_pass


@figure("pass/video", "Passes of a clip", stages="sum")
def passes_per_video(
    steps: float, passes_per_step: float, cached_step_share: float, cache_passes: float, chunks_per_video: float
) -> float:
    """Passes of the transformer that a clip takes, less the steps whose result is taken from a cache.

    Guidance doubles the passes; caches such as TeaCache skip the transformer on a share of the steps. Each chunk takes
    all of them, and passes that write its keys and values for the chunks after it.

    >>> passes_per_video(steps=50, passes_per_step=2, cached_step_share=0.25, cache_passes=1, chunks_per_video=2)
    152.0
    """
    return (steps * passes_per_step * (1 - cached_step_share) + cache_passes) * chunks_per_video


@figure("pixel/video", "Pixels that the VAE decodes", stages="sum", role="decode")
def decoded_pixels(
    latent_frames: float, vae_compression_frames: float, width: float, height: float, chunks_per_video: float
) -> float:
    """Pixels that the VAE decodes: those of whole latent frames, a few frames more than the clip keeps.

    Counted on Mochi, where 163 frames cost exactly twice 84: 28 and 14 latent frames.

    >>> decoded_pixels(latent_frames=14, vae_compression_frames=6, width=848, height=480, chunks_per_video=2)
    68382720.0
    """
    return latent_frames * vae_compression_frames * width * height * chunks_per_video / VIDEOS_PER_PASS


@figure("FLOP/video", "FLOPs of the VAE decode", stages="sum", role="decode")
def vae_decode_flops(decoded_pixels: float, vae_decode_flops_per_pixel: float, decoder_work_share: float) -> float:
    """FLOPs of decoding the latent video: convolutions cost the same for every pixel.

    A light decoder does a share of them. Within 1% of every count in tests/authorities/vae_decode_flops.json, tiling
    apart.

    >>> vae_decode_flops(decoded_pixels=68_382_720, vae_decode_flops_per_pixel=15_805_000, decoder_work_share=0.5)
    540394444800000.0
    """
    return decoded_pixels * vae_decode_flops_per_pixel * decoder_work_share


@figure("FLOP/video", "FLOPs of denoising", stages="sum")
def denoising_flops(
    passes_per_video: float, linear_flops_per_pass: float, attention_flops_per_pass: float, attention_sparsity: float
) -> float:
    """FLOPs of a clip's passes; sparse attention leaves out its share.

    >>> denoising_flops(
    ...     passes_per_video=100, linear_flops_per_pass=785e12, attention_flops_per_pass=893e12, attention_sparsity=0.5
    ... )
    1.2315e+17
    """
    return passes_per_video * (linear_flops_per_pass + attention_flops_per_pass * (1 - attention_sparsity))


@main_figure("FLOP/video", "FLOPs of a clip", mix="mean")
def flops_per_video(denoising_flops: float, vae_decode_flops: float) -> float:
    """FLOPs of a clip: its passes and the VAE decode; the text encoder's, at most 0.4% of them, do not count.

    >>> flops_per_video(denoising_flops=1.678e17, vae_decode_flops=275e12)
    1.68075e+17
    """
    return denoising_flops + vae_decode_flops


@main_figure("second/video", "Linear layers", stages="sum")
def linear_seconds(
    passes_per_video: float,
    linear_flops_per_pass: float,
    peak_flops: float,
    linear_efficiency: float,
    sustained_share: float,
) -> float:
    """Seconds in the linear layers of a clip on one GPU, at the share of the dense peak that a GPU generation reaches.

    The share is lower below 16 bits, where scaling and casts are added, and on boards with little power for their peak.

    >>> linear_seconds(
    ...     passes_per_video=100, linear_flops_per_pass=785e12, peak_flops=989.4e12, linear_efficiency=0.7,
    ...     sustained_share=1
    ... )
    113.3443067948829
    """
    return passes_per_video * linear_flops_per_pass / (peak_flops * linear_efficiency * sustained_share)


@main_figure("second/video", "Attention", stages="sum")
def attention_seconds(
    passes_per_video: float,
    attention_flops_per_pass: float,
    attention_peak_flops: float,
    attention_efficiency: float,
    sustained_share: float,
    hidden_size: float,
    heads: float,
    softmax_share: float,
    exponential_rate: float,
    attention_sparsity: float,
    sparse_kernel_efficiency: float,
) -> float:
    """Seconds in attention of a clip on one GPU, at the kernel's share of the peak of its own number format.

    Exponentials are counted per pair of tokens and head, so small heads pay more of them: `softmax_share` is their part
    of the time at a head size of 128. A sparse kernel does a part of the work, less efficiently.

    >>> attention_seconds(
    ...     passes_per_video=100, attention_flops_per_pass=893e12, attention_peak_flops=989.4e12,
    ...     attention_efficiency=0.5, sustained_share=1, hidden_size=5_120, heads=80, softmax_share=0.3,
    ...     exponential_rate=1, attention_sparsity=0.25, sparse_kernel_efficiency=0.8
    ... )
    220.00075803517282
    """
    return (
        passes_per_video
        * attention_flops_per_pass
        / (attention_peak_flops * attention_efficiency * sustained_share)
        * (1 - softmax_share + softmax_share * REFERENCE_HEAD_SIZE * heads / hidden_size / exponential_rate)
        * where(attention_sparsity > 0, (1 - attention_sparsity) / sparse_kernel_efficiency, 1)
    )


@figure("second/video", "Slowness of linear attention", stages="sum")
def linear_attention_seconds(
    linear_attention: float,
    linear_attention_slowdown: float,
    passes_per_video: float,
    layers: float,
    sequence_tokens: float,
    hidden_size: float,
    heads: float,
    attention_peak_flops: float,
    attention_efficiency: float,
    sustained_share: float,
) -> float:
    """Seconds that linear attention takes longer on one GPU than its FLOPs would in a softmax kernel.

    It multiplies small matrices, in 32 bits. Its kernel reaches about 0.16 of the 32-bit peak where softmax attention
    reaches 0.7 of the 16-bit one. Counted on SANA-Video: 0.5% of the FLOPs, a seventh of the time.

    >>> linear_attention_seconds(
    ...     linear_attention=1, linear_attention_slowdown=65, passes_per_video=100, layers=20, sequence_tokens=32_760,
    ...     hidden_size=2_240, heads=20, attention_peak_flops=989.4e12, attention_efficiency=0.7, sustained_share=1
    ... )
    6.075890648878108
    """
    return (
        linear_attention
        * (linear_attention_slowdown - 1)
        * passes_per_video
        * FLOPS_PER_MULTIPLY_ADD
        * 2
        * layers
        * sequence_tokens
        * hidden_size**2
        / heads
        / (attention_peak_flops * attention_efficiency * sustained_share)
    )


@main_figure("second/video", "Element-wise work", stages="sum")
def elementwise_seconds(
    passes_per_video: float,
    sequence_tokens: float,
    layers: float,
    hidden_size: float,
    counted_passes_per_layer: float,
    uncounted_passes_per_layer: float,
    elementwise_factor: float,
    memory_bandwidth: float,
) -> float:
    """Seconds in norms, modulation, rotary embedding, gates and activations of a clip on one GPU: bytes over bandwidth.

    Reads and writes of 16-bit activations of the hidden size in a layer. Those of the model's own blocks are counted
    (tests/authorities/elementwise_counts.json); runs take more. Compilation fuses them.

    >>> elementwise_seconds(
    ...     passes_per_video=100, sequence_tokens=32_760, layers=40, hidden_size=5_120, counted_passes_per_layer=180,
    ...     uncounted_passes_per_layer=100, elementwise_factor=0.5, memory_bandwidth=3.35e12
    ... )
    56.07729671641791
    """
    return (
        passes_per_video
        * ACTIVATION_BYTES
        * sequence_tokens
        * layers
        * hidden_size
        * (counted_passes_per_layer + uncounted_passes_per_layer)
        * elementwise_factor
        / memory_bandwidth
    )


@main_figure("second/video", "VAE decode", stages="sum", role="decode")
def vae_decode_seconds(
    vae_decode_flops: float,
    vae_tiling_factor: float,
    vae_peak_flops: float,
    vae_efficiency: float,
    vae_float32_slowdown: float,
    sustained_share: float,
    decoded_pixels: float,
    vae_bytes_per_pixel: float,
    vae_bytes_per_number: float,
    decoder_work_share: float,
    vae_bytes_factor: float,
    vae_matrix_fill: float,
    memory_bandwidth: float,
    vae_starting_seconds: float,
) -> float:
    """Seconds of the VAE decode on one GPU: convolutions at a share of the peak, and the bytes between them.

    Bytes and `vae_matrix_fill` are counted on the real decoder. One of 256 channels (Wan 2.2) fills a GPU's matrices,
    and moves fewer bytes per FLOP than one of 96 (Wan 2.1). 32 bits take twice as long: TF32 has half of the 16-bit
    rate, and a number twice the bytes. HunyuanVideo-1.5 on an H20 took 6.19 s, in 16 bits 3.55 s. ROCm runs them in
    full precision: `vae_float32_slowdown`. Overlapping tiles repeat both. Kernels start while others run, and count
    only where they outlast them.

    >>> vae_decode_seconds(
    ...     vae_decode_flops=276e12, vae_tiling_factor=1, vae_peak_flops=989.4e12, vae_efficiency=0.22,
    ...     vae_float32_slowdown=4, sustained_share=1, decoded_pixels=33.5e6, vae_bytes_per_pixel=72_000,
    ...     vae_bytes_per_number=4, decoder_work_share=0.5, vae_bytes_factor=1.5, vae_matrix_fill=0.75,
    ...     memory_bandwidth=3.35e12, vae_starting_seconds=4
    ... )
    14.605185144348274

    In 16 bits nothing is slowed:

    >>> vae_decode_seconds(
    ...     vae_decode_flops=276e12, vae_tiling_factor=1, vae_peak_flops=989.4e12, vae_efficiency=0.22,
    ...     vae_float32_slowdown=4, sustained_share=1, decoded_pixels=33.5e6, vae_bytes_per_pixel=72_000,
    ...     vae_bytes_per_number=2, decoder_work_share=0.5, vae_bytes_factor=1.5, vae_matrix_fill=0.75,
    ...     memory_bandwidth=3.35e12, vae_starting_seconds=0
    ... )
    2.2306481430435343
    """
    return maximum(
        vae_starting_seconds,
        vae_tiling_factor
        * vae_bytes_per_number
        / ACTIVATION_BYTES
        * (
            vae_decode_flops
            / (vae_peak_flops * vae_efficiency * vae_matrix_fill * sustained_share)
            * maximum(1, (vae_bytes_per_number / ACTIVATION_BYTES - 1) * vae_float32_slowdown)
            + decoded_pixels * vae_bytes_per_pixel * decoder_work_share * vae_bytes_factor / memory_bandwidth
        ),
    )


@figure("second/video", "VAE encode", stages="sum")
def vae_encode_seconds(vae_decode_seconds: float, decoder_work_share: float, vae_encode_share: float) -> float:
    """Seconds of the VAE encode: image-to-video encodes a padded clip first, text-to-video nothing.

    Measured on Wan 2.2 I2V: 1.38 s of encode to 2.4 s of decode, a share of 0.575. A light decoder leaves the encode as
    it is.

    >>> vae_encode_seconds(vae_decode_seconds=1.2, decoder_work_share=0.5, vae_encode_share=0.575)
    1.38
    """
    return vae_decode_seconds / decoder_work_share * vae_encode_share


@figure("second/video", "Encoding of the file, off the GPU", mix="max", stages="last")
def encoding_seconds(
    width: float,
    height: float,
    frames_per_video: float,
    encoding_seconds_per_pixel: float,
    streamed: float,
    chunks_per_video: float,
) -> float:
    """Seconds in which a server encodes the file while its GPUs make the next clip; of a stream, its first chunk.

    They lengthen the latency and keep no replica busy. A script that encodes before its next clip keeps its GPUs
    waiting: write these seconds in `other_gpu_seconds_per_video` too.

    >>> encoding_seconds(1280, 720, 100, encoding_seconds_per_pixel=8e-9, streamed=0, chunks_per_video=10)
    0.73728
    >>> encoding_seconds(1280, 720, 100, encoding_seconds_per_pixel=8e-9, streamed=1, chunks_per_video=10)
    0.073728
    """
    return width * height * frames_per_video * encoding_seconds_per_pixel / where(streamed > 0, chunks_per_video, 1)


@figure("second/video", "Seconds off the GPU", mix="max")
def off_gpu_seconds(other_seconds_per_video: float, encoding_seconds: float) -> float:
    """Seconds of a request outside its wait and its generation.

    They go to prompt rewriting and moderation, and to the encoding of the file.

    >>> off_gpu_seconds(other_seconds_per_video=2, encoding_seconds=5.5)
    7.5
    """
    return other_seconds_per_video + encoding_seconds


@figure("gpu", "Passes side by side", stages="max", better="")
def guidance_split(
    guidance_groups: float, gpus_per_replica: float, tensor_parallel: float, passes_per_step: float
) -> float:
    """Passes of a step that a group runs side by side, on GPUs that divided matrices leave.

    Such passes ("CFG 2 x Ulysses 4") exchange their result alone. SGLang's `--tp-size 8` runs none so.

    >>> guidance_split(guidance_groups=4, gpus_per_replica=8, tensor_parallel=1, passes_per_step=1.5)
    2
    >>> guidance_split(guidance_groups=2, gpus_per_replica=8, tensor_parallel=8, passes_per_step=2)
    1
    """
    return minimum(
        guidance_groups, minimum(maximum(1, floor(gpus_per_replica / tensor_parallel)), ceil(passes_per_step))
    )


@figure("gpu", "GPUs that share a pass", stages="max", better="")
def gpus_per_pass(gpus_per_replica: float, guidance_split: float) -> float:
    """GPUs of a group over the passes that it runs side by side.

    >>> gpus_per_pass(gpus_per_replica=8, guidance_split=2)
    4.0
    """
    return gpus_per_replica / guidance_split


@figure("gpu", "GPUs that divide a layer's matrices", stages="max", better="")
def tensor_split(tensor_parallel: float, gpus_per_pass: float) -> float:
    """GPUs of a group that divide each layer's matrices: no more than run a pass.

    >>> tensor_split(tensor_parallel=8, gpus_per_pass=4)
    4
    """
    return minimum(tensor_parallel, gpus_per_pass)


@figure("gpu", "GPUs that share a sequence", stages="max", better="")
def sequence_split(gpus_per_pass: float, tensor_split: float) -> float:
    """GPUs of a group that share the tokens of a pass, where they don't divide the matrices of a layer.

    >>> sequence_split(gpus_per_pass=4, tensor_split=2)
    2.0
    """
    return gpus_per_pass / tensor_split


@figure("ratio", "Passes at once, at the mean", stages="max", better="")
def passes_at_once(passes_per_step: float, guidance_split: float) -> float:
    """Passes that a group runs at the same time: fewer than its GPUs allow where these don't divide a step's passes.

    Three passes in two groups take two turns. Guidance on half of the steps is 1.5 passes a step: half of the GPUs
    wait in steps of one pass. Of more than two passes a part of one counts as a whole.

    >>> passes_at_once(passes_per_step=3, guidance_split=2)
    1.5
    >>> passes_at_once(passes_per_step=1.5, guidance_split=2)
    1.5
    """
    return where(guidance_split > 1, passes_per_step / ceil(passes_per_step / guidance_split), 1)


@figure("pass/video", "Forwards of a clip on a GPU", stages="sum")
def forwards_per_video(
    passes_per_video: float, passes_per_step: float, passes_per_forward: float, passes_at_once: float
) -> float:
    """Forwards of the transformer that a GPU runs for a clip, one after another.

    Passes side by side or in one batch share one. A pipeline that batches conditional and unconditional passes starts
    kernels and exchanges half as often (CogVideoX, Mochi and LTX-Video in diffusers).

    >>> forwards_per_video(passes_per_video=100, passes_per_step=2, passes_per_forward=2, passes_at_once=1)
    50.0
    """
    return passes_per_video / maximum(passes_at_once, minimum(passes_per_forward, passes_per_step))


@figure("byte/video", "Bytes that a GPU of a group sends", stages="sum")
def exchanged_bytes(
    passes_per_video: float,
    layers: float,
    sequence_tokens: float,
    hidden_size: float,
    passes_at_once: float,
    gpus_per_pass: float,
    sequence_split: float,
    reduced_copies: float,
    kv_head_share: float,
) -> float:
    """Bytes that each GPU of a group sends for a clip.

    They are activations. GPUs that share a sequence (DeepSpeed-Ulysses, arXiv:2309.14509) hold a part each of queries,
    keys, values and outputs, and send all but their own share of it. Those that share matrices (Megatron-LM,
    arXiv:1909.08053) add up what they have: `reduced_copies`.

    >>> exchanged_bytes(
    ...     passes_per_video=100, layers=40, sequence_tokens=75_600, hidden_size=5_120, passes_at_once=2,
    ...     gpus_per_pass=4, sequence_split=4, reduced_copies=0, kv_head_share=1
    ... )
    1161216000000.0
    """
    return (
        2
        * ACTIVATION_BYTES
        * passes_per_video
        * layers
        * sequence_tokens
        * hidden_size
        / passes_at_once
        / gpus_per_pass
        * (reduced_copies + (1 + kv_head_share) * (1 - 1 / sequence_split))
    )


@figure("second/video", "Exchange between GPUs", stages="sum")
def communication_seconds(
    exchanged_bytes: float,
    gpus_per_pass: float,
    gpus_per_server: float,
    bridged_gpus: float,
    interconnect_bandwidth: float,
    host_link_bandwidth: float,
    group_bandwidth: float,
    communication_efficiency: float,
) -> float:
    """Seconds that the GPUs of a pass exchange activations for a clip.

    They are bytes over a share of one direction of the link. Data sheets print both directions together, so half of it
    counts. Passes side by side exchange one result a step, so each keeps to its server or bridge where its GPUs fit
    there: engines number them in a row (the order of ranks in SGLang and xDiT is tp-sp-pp-cfg-dp).

    >>> communication_seconds(
    ...     exchanged_bytes=1.35e12, gpus_per_pass=8, gpus_per_server=8, bridged_gpus=16, interconnect_bandwidth=900e9,
    ...     host_link_bandwidth=64e9, group_bandwidth=100e9, communication_efficiency=0.6
    ... )
    5.0
    >>> communication_seconds(192e9, 8, 8, 2, 600e9, 64e9, 100e9, 0.6)
    5.0
    """
    return (
        2
        * exchanged_bytes
        / (
            where(
                gpus_per_pass > gpus_per_server,
                group_bandwidth,
                where(
                    gpus_per_pass > bridged_gpus,
                    minimum(interconnect_bandwidth, 2 * host_link_bandwidth),
                    interconnect_bandwidth,
                ),
            )
            * communication_efficiency
        )
    )


@figure("second/video", "Gathering of sharded weights", stages="sum")
def gathering_seconds(
    forwards_per_video: float,
    model_size: float,
    active_share: float,
    tensor_split: float,
    weight_shards: float,
    group_bandwidth: float,
    communication_efficiency: float,
) -> float:
    """Seconds in which a GPU fetches the weights that others of its group hold: again in every forward (FSDP).

    It keeps two blocks of them, and its own part of the matrices needs no gathering. One direction of the link counts.

    >>> gathering_seconds(
    ...     forwards_per_video=50, model_size=57.2e9, active_share=0.5, tensor_split=2, weight_shards=8,
    ...     group_bandwidth=64e9, communication_efficiency=0.6
    ... )
    27.9296875
    """
    return (
        2
        * forwards_per_video
        * model_size
        * active_share
        * (1 / tensor_split - 1 / weight_shards)
        / (group_bandwidth * communication_efficiency)
    )


@figure("second/video", "Start of kernels and exchanges", stages="sum")
def starting_seconds(
    forwards_per_video: float,
    layers: float,
    launch_latency: float,
    exchange_latency: float,
    gpus_per_pass: float,
) -> float:
    """Seconds of a clip in which GPUs wait for the start of a layer: of its kernels, and of a group's exchanges.

    What was missing in measured groups of 2, 4 and 8 GPUs is the same time per layer: latency, not bandwidth. Graphs of
    kernels, as compilers and engines record them, leave little of it.

    >>> starting_seconds(
    ...     forwards_per_video=50, layers=40, launch_latency=0.0005, exchange_latency=0.001, gpus_per_pass=4
    ... )
    3.0
    """
    return forwards_per_video * layers * (launch_latency + where(gpus_per_pass > 1, exchange_latency, 0))


@figure("second/video", "Denoising by the group", stages="sum")
def denoising_seconds(
    can_run: float,
    linear_seconds: float,
    attention_seconds: float,
    linear_attention_seconds: float,
    elementwise_seconds: float,
    passes_at_once: float,
    gpus_per_pass: float,
    elementwise_repeats: float,
    parallel_loss: float,
    communication_seconds: float,
    streaming_seconds: float,
    gathering_seconds: float,
    starting_seconds: float,
) -> float:
    """Seconds of a group's denoising: GPUs share each pass, lose a little each time their number doubles, and exchange.

    `parallel_loss` is imbalance and smaller matrices, the same for 2 to 72 GPUs per doubling; passes side by side share
    nothing. GPUs that share matrices repeat a part of the element-wise work between these. Streamed and sharded weights
    are fetched ahead, so that they count only where they outlast the rest: those of a group do on PCIe, not on NVLink.
    Eight RTX 4090 take the longer of fetching and the rest, not the sum (Wan 2.2 5B: 157 s). A clip that cannot run has
    no seconds; where they are pinned, they were measured, and it ran.

    >>> denoising_seconds(
    ...     can_run=1, linear_seconds=270, attention_seconds=714, linear_attention_seconds=0, elementwise_seconds=250,
    ...     passes_at_once=2, gpus_per_pass=4, elementwise_repeats=1,
    ...     parallel_loss=0.02, communication_seconds=5, streaming_seconds=10, gathering_seconds=20, starting_seconds=2
    ... )
    167.42000000000002
    """
    return can_run * (
        maximum(
            (linear_seconds + attention_seconds + linear_attention_seconds + elementwise_seconds * elementwise_repeats)
            / passes_at_once
            / gpus_per_pass
            * (1 + parallel_loss * log(gpus_per_pass) / log(2))
            + communication_seconds,
            maximum(streaming_seconds, gathering_seconds),
        )
        + starting_seconds
    )


@figure("byte/video", "Bytes over the host link", stages="sum")
def offloaded_bytes(
    model_size: float,
    vae_size: float,
    encoder_weights: float,
    encoder_at_once: float,
    unified_memory: float,
    model_resident: float,
    blocks_streamed: float,
    encoder_resident: float,
    weight_shards: float,
    streamed: float,
    chunks_per_video: float,
) -> float:
    """Bytes that offloading moves over a GPU's host link for a clip: what does not stay on it goes in and out once.

    GPUs that divide weights move a part each. A stream is decoded chunk by chunk, so its model and its VAE go in and
    out for each. Blocks that are streamed while the model denoises are another stage.

    >>> offloaded_bytes(
    ...     model_size=57.2e9, vae_size=0.25e9, encoder_weights=5.7e9, encoder_at_once=0.5, unified_memory=0,
    ...     model_resident=0, blocks_streamed=0, encoder_resident=0, weight_shards=1, streamed=0, chunks_per_video=10
    ... )
    137700000000.0
    >>> offloaded_bytes(
    ...     model_size=57.2e9, vae_size=0.25e9, encoder_weights=5.7e9, encoder_at_once=0.5, unified_memory=0,
    ...     model_resident=0, blocks_streamed=0, encoder_resident=0, weight_shards=1, streamed=1, chunks_per_video=10
    ... )
    1171800000000.0
    """
    return (
        2
        * (
            (1 - model_resident)
            * ((1 - blocks_streamed) * model_size / weight_shards + vae_size)
            * where(streamed > 0, chunks_per_video, 1)
            + (1 - encoder_resident) * encoder_weights / maximum(unified_memory, encoder_at_once)
        )
        / VIDEOS_PER_PASS
    )


@figure("second/video", "Streaming of blocks", stages="sum")
def streaming_seconds(
    blocks_streamed: float,
    model_resident: float,
    forwards_per_video: float,
    model_size: float,
    active_share: float,
    weight_shards: float,
    host_copy_rate: float,
    host_link_bandwidth: float,
) -> float:
    """Seconds in which a GPU copies blocks that don't stay on it from host memory.

    It does so in every forward, parallel to the block that it computes. GPUs that divide the weights copy a part each
    and gather the rest from each other (vLLM-Omni, distributed layerwise offload).

    >>> streaming_seconds(
    ...     blocks_streamed=1, model_resident=0.25, forwards_per_video=80, model_size=57.2e9, active_share=0.5,
    ...     weight_shards=1, host_copy_rate=20e9, host_link_bandwidth=32e9
    ... )
    85.8
    """
    return (
        (blocks_streamed * (1 - model_resident) * forwards_per_video * model_size * active_share)
        / weight_shards
        / minimum(host_copy_rate, host_link_bandwidth)
    )


@figure("second/video", "Offloading", stages="sum")
def offload_seconds(offloaded_bytes: float, host_link_bandwidth: float, host_copy_rate: float) -> float:
    """Seconds that offloading adds to a clip, at the rate of ordinary host memory or of the link where that is slower.

    Pinned memory copies at the link's rate: raise `host_copy_rate` then.

    >>> offload_seconds(offloaded_bytes=137.7e9, host_link_bandwidth=64e9, host_copy_rate=6e9)
    22.95
    """
    return offloaded_bytes / minimum(host_copy_rate, host_link_bandwidth)


@main_figure("second/video", "GPU-seconds of a clip", mix="mean")
def gpu_seconds_per_video(
    gpus_per_replica: float,
    time_factor: float,
    denoising_seconds: float,
    vae_decode_seconds: float,
    vae_encode_seconds: float,
    vae_group_share: float,
    offload_seconds: float,
    fixed_seconds: float,
    other_gpu_seconds_per_video: float,
) -> float:
    """GPU-seconds of a clip: its group is busy from the first pass to the end of the VAE decode, all its GPUs with it.

    Stages that do not parallelise leave the other GPUs of the group idle, and these are paid all the same.
    `time_factor` is true over predicted seconds: the model's own error.

    >>> gpu_seconds_per_video(
    ...     gpus_per_replica=8, time_factor=1, denoising_seconds=186, vae_decode_seconds=6, vae_encode_seconds=0,
    ...     vae_group_share=0.5, offload_seconds=0, fixed_seconds=0, other_gpu_seconds_per_video=2
    ... )
    1514.0
    """
    return (
        gpus_per_replica
        * time_factor
        * (
            denoising_seconds
            + (vae_decode_seconds + vae_encode_seconds) * vae_group_share
            + offload_seconds
            + fixed_seconds
        )
        + other_gpu_seconds_per_video
    )


@main_figure("second/video", "Latency of a generation", mix="mean")
def generation_latency(held_seconds: float, gpus_per_replica: float) -> float:
    """Seconds from a group's start on a clip to its end; of a stream, its part of the group's time.

    They leave out the wait for a group, and what happens off the GPU.

    >>> generation_latency(held_seconds=1_539, gpus_per_replica=8)
    192.375
    """
    return held_seconds / gpus_per_replica
