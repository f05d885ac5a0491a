"""Pixels, frames and bitrate -> bytes of a clip."""

from t2v_capacity.engine.constants import BITS_PER_BYTE, HALF_FRAME
from t2v_capacity.engine.figures import main_figure
from t2v_capacity.engine.verbs import floor


@main_figure("frame/video", "Frames of a clip", whole=True, stages="last")
def frames_per_video(fps: float, duration: float) -> float:
    """Frames of a clip, to the nearest whole one.

    >>> frames_per_video(fps=24, duration=5.04)
    121
    """
    return floor(fps * duration + HALF_FRAME)


@main_figure("byte/video", "Raw clip", stages="last")
def raw_video_size(width: float, height: float, bytes_per_pixel: float, frames_per_video: float) -> float:
    """Bytes of a clip before it is encoded: what the VAE hands to the encoder.

    >>> raw_video_size(width=854, height=480, bytes_per_pixel=3, frames_per_video=150)
    184464000
    """
    return width * height * bytes_per_pixel * frames_per_video


@main_figure("byte/video", "Stored clip", stages="last")
def video_size(bitrate: float, duration: float) -> float:
    """Bytes of an encoded clip, in its top rendition.

    >>> video_size(bitrate=2_000_000, duration=5)
    1250000.0
    """
    return bitrate * duration / BITS_PER_BYTE
