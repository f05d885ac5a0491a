"""What a clip takes however few its steps are: its prompt's encoding, and its copy to the host."""

from t2v_capacity.engine.constants import FLOPS_PER_MULTIPLY_ADD, VIDEOS_PER_PASS
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import ceil, maximum, minimum


@figure("second/video", "Text encoding", stages="last")
def text_encoding_seconds(
    text_encoder_params: float,
    text_encoder_size: float,
    text_tokens: float,
    passes_per_step: float,
    vae_peak_flops: float,
    vae_efficiency: float,
    sustained_share: float,
    memory_bandwidth: float,
) -> float:
    """Seconds of the text encoder on a GPU: its matrices for every token, or the reading of its weights if longer.

    Guidance encodes a negative prompt too. Matrices of 16 bits run at the rate of the VAE's.

    >>> text_encoding_seconds(
    ...     text_encoder_params=25e9, text_encoder_size=50e9, text_tokens=512, passes_per_step=1, vae_peak_flops=989e12,
    ...     vae_efficiency=0.5, sustained_share=1, memory_bandwidth=3.35e12
    ... )
    0.051769464105156725
    """
    return (
        minimum(2, ceil(passes_per_step))
        * maximum(
            FLOPS_PER_MULTIPLY_ADD
            * text_encoder_params
            * text_tokens
            / (vae_peak_flops * vae_efficiency * sustained_share),
            text_encoder_size / memory_bandwidth,
        )
        / VIDEOS_PER_PASS
    )


@figure("second/video", "Copy of the clip to the host", stages="last")
def clip_copy_seconds(
    width: float,
    height: float,
    frames_per_video: float,
    bytes_per_pixel: float,
    host_copy_rate: float,
    host_link_bandwidth: float,
) -> float:
    """Seconds in which the decoded clip goes to host memory: in 32 bits, four bytes for each of a raw pixel.

    >>> clip_copy_seconds(
    ...     width=1_280, height=720, frames_per_video=100, bytes_per_pixel=3, host_copy_rate=6e9,
    ...     host_link_bandwidth=64e9
    ... )
    0.18432
    """
    return 4 * width * height * frames_per_video * bytes_per_pixel / minimum(host_copy_rate, host_link_bandwidth)


@main_figure("second/video", "Encoding of the prompt and copy of the clip", stages="last")
def fixed_seconds(text_encoding_seconds: float, clip_copy_seconds: float) -> float:
    """Seconds of a clip that its steps do not change: in shipped scenarios 0.01 to 7% of a GPU's time.

    >>> fixed_seconds(text_encoding_seconds=0.05, clip_copy_seconds=0.2)
    0.25
    """
    return text_encoding_seconds + clip_copy_seconds
