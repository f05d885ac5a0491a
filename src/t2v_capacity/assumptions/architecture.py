"""Assumptions of the section `architecture`: the model, in numbers."""

from t2v_capacity.assumptions.assumption import MODEL, Quantity, Section, assume, count, ratio, switch

# The work of encoding a clip's pixels over that of decoding them: an image's that is padded to a clip, or a stage's
# clip that was decoded.
ENCODE_OF_DECODE = 0.575
ENCODE_SOURCE = "Wan 2.2 I2V measured 1.38 s to 2.4 s, docs/accuracy.md, 2026-11"


class Architecture(Section):
    """The model, in numbers."""

    model_params: Quantity = assume(
        "10_027_677_744", "parameter", "Parameters of the diffusion model", 1e6, 1e13, MODEL
    )
    text_encoder_params: Quantity = assume(
        "4_762_310_656", "parameter", "Parameters of the text encoder", 0, 1e13, MODEL
    )
    vae_params: Quantity = assume("459_748_611", "parameter", "Parameters of the VAE", 0, 1e12, MODEL)
    active_share: Quantity = ratio("1", "Weights that one pass uses over all of them", 0.01, 1, MODEL)
    layers: Quantity = count("48", "layer", "Layers of the transformer", 1, 500)
    hidden_size: Quantity = count("3_072", "key", "Hidden size", 64, 65_536)
    heads: Quantity = count("24", "head", "Attention heads", 1, 512)
    kv_head_share: Quantity = ratio(
        "1", "Keys and values that attention stores, over one of each per head", 0.01, 1, MODEL
    )
    ffn_size: Quantity = count("8_192", "key", "Feed-forward size", 64, 262_144)
    ffn_matrices: Quantity = count("3", "matrix", "Feed-forward matrices: 2 plain, 3 gated", 1, 8)
    counted_passes_per_layer: Quantity = assume(
        "201", "pass/layer", "Reads and writes of hidden-size activations in a layer, counted", 0, 10_000, MODEL
    )
    text_tokens: Quantity = count("256", "token", "Text tokens", 0, 8_192)
    text_in_sequence: Quantity = switch("1", "Text tokens are in the self-attention")
    chunk_frames: Quantity = assume("0", "frame", "Frames of a chunk; 0 makes the whole clip at once", 0, 10_000, MODEL)
    window_frames: Quantity = assume("0", "frame", "Frames that a chunk sees; 0 sees all before it", 0, 1e6, MODEL)
    cache_passes: Quantity = assume(
        "0", "pass/video", "Passes that write a chunk's keys and values for the next ones", 0, 8, MODEL
    )
    full_attention: Quantity = switch("1", "Attention is full")
    factorised_attention: Quantity = switch("0", "Attention is factorised")
    linear_attention: Quantity = switch("0", "Attention is linear")
    patch_frames: Quantity = count("1", "frame", "Latent frames in a patch", 1, 16)
    patch_height: Quantity = count("2", "pixel", "Latent height of a patch", 1, 16)
    patch_width: Quantity = count("2", "pixel", "Latent width of a patch", 1, 16)
    vae_compression_frames: Quantity = assume("6", "frame", "Frames in a latent frame", 1, 64, MODEL)
    vae_compression_height: Quantity = count("8", "pixel", "Pixels in a latent pixel, by height", 1, 128)
    vae_compression_width: Quantity = count("8", "pixel", "Pixels in a latent pixel, by width", 1, 128)
    vae_decode_flops_per_pixel: Quantity = assume(
        "15_805_000", "FLOP/pixel", "FLOPs of decoding a pixel", 1, 1e9, MODEL
    )
    vae_bytes_per_pixel: Quantity = assume(
        "48_700 B", "byte/pixel", "Bytes that decoding a pixel reads and writes", 1, 1e7, MODEL
    )
    vae_bytes_per_number: Quantity = assume(
        "2 B", "byte", "Bytes of a number that the VAE computes with: 2 in 16 bits, 4 in 32", 1, 8, MODEL
    )
    vae_matrix_fill: Quantity = ratio(
        "0.998", "Share of 128-wide matrices that the VAE's channels fill", 0.05, 1, MODEL
    )
    vae_tiling_factor: Quantity = ratio("1", "Work of a tiled VAE decode over an untiled one", 1, 20, MODEL)
    vae_frames_at_once: Quantity = assume("168", "frame", "Frames that the VAE decodes at once", 1, 10_000, MODEL)
    vae_tile_pixels: Quantity = assume(
        "11_010_048", "pixel", "Pixels of a VAE tile; more than a clip has where it works untiled", 1e3, 1e12, MODEL
    )
    vae_decode_bytes_per_pixel: Quantity = assume("1_690 B", "byte/pixel", "VAE decode buffers a pixel", 1, 1e6, MODEL)
    vae_encode_share: Quantity = ratio(
        "0",
        f"VAE encode over decode: 0 for text-to-video, {ENCODE_OF_DECODE} measured for image-to-video",
        0,
        4,
        f"text-to-video encodes nothing; {ENCODE_SOURCE}",
    )
