"""The lesson's estimate of servers: 2 x parameters x iterations over the peak. Hundreds of times too low for video.

It counts one token a frame, one pass a step, no attention and the whole peak. It is kept for the gap between it
and a physical model, the most useful thing that a reader learns here.
"""

from t2v_capacity.engine.constants import FLOPS_PER_MULTIPLY_ADD, VIDEOS_PER_PASS
from t2v_capacity.engine.figures import main_figure
from t2v_capacity.engine.verbs import ceil


@main_figure("iteration/video", "Iterations, by rule of thumb", stages="sum")
def rule_of_thumb_iterations(frames_per_video: float, steps: float) -> float:
    """Times that the lesson runs every parameter for one clip: frames times denoising steps.

    >>> rule_of_thumb_iterations(frames_per_video=150, steps=50)
    7500.0
    """
    return frames_per_video * steps * VIDEOS_PER_PASS


@main_figure("second/video", "Inference time, by rule of thumb", mix="mean")
def rule_of_thumb_seconds(
    model_params: float, text_encoder_params: float, rule_of_thumb_iterations: float, peak_flops: float
) -> float:
    """Seconds that one GPU takes for one clip by the lesson's rule, at the GPU's full peak.

    >>> rule_of_thumb_seconds(
    ...     model_params=10e9, text_encoder_params=4.7e9, rule_of_thumb_iterations=7_500, peak_flops=312e12
    ... )
    0.7067307692307693
    """
    return FLOPS_PER_MULTIPLY_ADD * (model_params + text_encoder_params) * rule_of_thumb_iterations / peak_flops


@main_figure("gpu", "GPUs, by rule of thumb", adds=True, whole=True)
def rule_of_thumb_gpus(trps: float, rule_of_thumb_seconds: float) -> float:
    """GPUs that the lesson's rule asks for: every one busy all day, no peak, no spare.

    >>> rule_of_thumb_gpus(trps=11574.074074074075, rule_of_thumb_seconds=0.7067307692307693)
    8180
    """
    return ceil(trps * rule_of_thumb_seconds)


@main_figure("server", "Servers, by rule of thumb", adds=True, whole=True)
def rule_of_thumb_servers(rule_of_thumb_gpus: float, gpus_per_server: float) -> float:
    """Whole servers that hold the rule of thumb's GPUs; the lesson has one GPU a server.

    >>> rule_of_thumb_servers(rule_of_thumb_gpus=8_180, gpus_per_server=8)
    1023
    """
    return ceil(rule_of_thumb_gpus / gpus_per_server)
