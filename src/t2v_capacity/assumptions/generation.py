"""Assumptions of the section `generation`: how a clip is generated."""

from t2v_capacity.assumptions.assumption import (
    FIT,
    MODEL,
    OPTION,
    Quantity,
    Section,
    assume,
    count,
    ratio,
    share,
    switch,
)

# Of so few steps none resembles another: a clip of no more was distilled, and a cache has nothing to skip.
FEW_STEPS = 8


class Generation(Section):
    """How a clip is generated."""

    steps: Quantity = count("64", "step/video", "Denoising steps", 1, 1_000)
    bytes_per_parameter: Quantity = assume(
        "2",
        "byte/parameter",
        "Bytes of a stored weight",
        0.25,
        8,
        "bf16, 2 bytes; the precision in the catalogue, 2026-11",
    )
    least_encoder_bytes: Quantity = assume(
        "2",
        "byte/parameter",
        "Fewest bytes of a weight of the text encoder, below which the model's format leaves it",
        0.25,
        8,
        "SGLang, cookbook of MiniMax-H3: FP8 weights leave the text encoder in bf16, 2026-09",
    )
    passes_per_step: Quantity = assume(
        "2", "pass/step", "Passes per step: 2 with guidance, 1 without, less at a smaller size", 0.05, 8, MODEL
    )
    passes_per_forward: Quantity = assume(
        "2", "pass", "Passes of a step that the pipeline runs in one batch", 1, 8, MODEL
    )
    cached_step_share: Quantity = share(
        "0", "Steps whose result is taken from a cache", "neutral: nothing is cached, 2026-11", high=0.95
    )
    attention_sparsity: Quantity = share(
        "0",
        "Attention left out by a sparse kernel, over steps and layers",
        "neutral: dense attention, 2026-11",
        high=0.99,
    )
    sparse_kernel_efficiency: Quantity = ratio(
        "1",
        "Rate of a sparse kernel over the dense one",
        0.05,
        1,
        "neutral: counts only where attention is sparse, 2026-11",
    )
    decoder_work_share: Quantity = ratio(
        "1",
        "FLOPs and bytes of the decode that a light decoder leaves",
        0.001,
        1,
        "neutral: the model's own VAE, 2026-11",
    )
    decoder_memory_share: Quantity = ratio(
        "1", "Memory of the decode that a light decoder leaves", 0.001, 1, "neutral: the model's own VAE, 2026-11"
    )
    linear_efficiency: Quantity = ratio("0.6904", "Share of the peak that linear layers reach", 0.01, 1, FIT)
    attention_efficiency: Quantity = ratio(
        "0.6736", "Share of the peak that the attention kernel reaches", 0.01, 1, FIT
    )
    softmax_share: Quantity = share(
        "0.3",
        "Part of attention's time in exponentials, at head size 128",
        "assumption: from the exponentials that published kernels can do, 2026-11",
        high=0.9,
    )
    exponential_rate: Quantity = ratio(
        "1", "Rate of exponentials over that of the GPU's generation", 0.1, 10, "neutral, 2026-11"
    )
    uncounted_passes_per_layer: Quantity = ratio(
        "95.9", "Reads and writes of hidden-size activations in a layer beyond those counted", 0, 1_000, FIT
    )
    elementwise_factor: Quantity = ratio("1.0", "Element-wise work left after fusing", 0, 2, OPTION)
    vae_efficiency: Quantity = ratio("0.6747", "Share of the peak that the VAE's convolutions reach", 0.001, 1, FIT)
    linear_attention_slowdown: Quantity = ratio(
        "65",
        "Time of a FLOP of linear attention over one of a softmax kernel",
        1,
        1_000,
        "SGLang pull request 35728, fused linear attention of SANA-Video: 0.16 of the 32-bit peak of an H200, "
        "https://github.com/sgl-project/sglang/pull/35728, 2026-08",
    )
    vae_bytes_factor: Quantity = ratio(
        "2.542", "Bytes that a VAE decode moves over those that were counted", 0.1, 20, FIT
    )
    vae_parallel_gpus: Quantity = count(
        "1",
        "gpu",
        "GPUs of a group that share the VAE decode, at most all of them",
        1,
        64,
        "convention: most pipelines decode on one GPU; docs/accuracy.md, 2026-11",
    )
    vae_layers_per_pixel: Quantity = assume(
        "0",
        "layer/pixel",
        "Layers of its decoder that a VAE starts for each pixel",
        0,
        1,
        "neutral: a decoder of few calls, 2026-11",
    )
    vae_serial_share: Quantity = share(
        "0", "VAE decode that the GPUs of a group do not share", "neutral: all of it is shared, 2026-11"
    )
    guidance_groups: Quantity = count(
        "1", "gpu", "Guidance passes that a group runs side by side, at most one per GPU", 1, 4, OPTION
    )
    tensor_parallel: Quantity = count(
        "1",
        "gpu",
        "GPUs of a group that divide each layer's matrices; passes take the rest",
        1,
        64,
        "convention: engines share sequences of video; matrices where the weights do not fit, 2026-11",
    )
    tensor_divided_share: Quantity = share(
        "0.7",
        "Element-wise work that the GPUs of a divided matrix share",
        "assumption: 0.57 was counted on Cosmos 3; docs/decisions/0027-groups-and-decodes.md, 2026-11",
    )
    exchange_latency: Quantity = assume(
        "0.001386", "second", "Start of the exchanges of a layer in a pass shared by GPUs", 0, 0.1, FIT
    )
    launch_latency: Quantity = assume("0.0009388", "second", "Start of a layer's kernels in a forward", 0, 0.1, FIT)
    encoding_seconds_per_pixel: Quantity = assume(
        "8e-09",
        "second/pixel",
        "Encoding of the file by a server, for each pixel",
        0,
        1e-5,
        "x264 in servers: 5.4 to 12.4 ns, https://github.com/vllm-project/vllm-omni/pull/6776, 2026-11",
    )
    parallel_loss: Quantity = assume("0.03127", "ratio", "Computing time lost each time a group doubles", 0, 1, FIT)
    communication_efficiency: Quantity = ratio(
        "0.5691", "Share of one direction of the link that exchanges reach", 0.01, 1, FIT
    )
    activation_buffers: Quantity = ratio("16.6", "Copies of the activations that a pass holds", 1, 1_000, MODEL)
    activation_share: Quantity = ratio("1", "Copies of the activations left after fusing", 0.05, 2, OPTION)
    host_copy_rate: Quantity = assume(
        "6 GB/s",
        "byte/s",
        "Rate of copies to and from ordinary host memory, at most that of the link",
        1e8,
        1e12,
        FIT,
    )
    blocks_streamed: Quantity = switch("0", "The model's blocks come to the GPU one after another, in every forward")
    model_resident: Quantity = ratio("1", "Share of the model, and of the VAE, that stays on the GPU", 0, 1, OPTION)
    encoder_resident: Quantity = switch("1", "The text encoder stays on the GPU")
    encoder_at_once: Quantity = ratio("1", "Part of the text encoder that is on the GPU at once", 0.001, 1, OPTION)
    time_factor: Quantity = ratio(
        "1",
        "True over predicted seconds: the model's own error",
        0.1,
        10,
        "neutral; docs/accuracy.md has its range by class, 2026-11",
    )
    other_gpu_seconds_per_video: Quantity = assume(
        "0 s",
        "second/video",
        "GPU-seconds that are not modelled: another model's upscaling",
        0,
        1e5,
        "neutral, 2026-11",
        bare=True,
    )
    other_seconds_per_video: Quantity = assume(
        "0 s",
        "second/video",
        "Seconds off the GPU: prompt rewriting, moderation",
        0,
        1e5,
        "neutral, 2026-11",
        bare=True,
    )
