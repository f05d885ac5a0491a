"""Assumptions of the section `video`: the clip that is asked for."""

from t2v_capacity.assumptions.assumption import LESSON, MODEL, Quantity, Section, assume, count


class Video(Section):
    """The clip that is asked for."""

    width: Quantity = count("848", "pixel", "Width of a frame", 16, 16_384, unlimited=False)
    height: Quantity = count("480", "pixel", "Height of a frame", 16, 16_384, unlimited=False)
    fps: Quantity = assume("30", "frame/s", "Frames per second", 1, 240, MODEL, unlimited=False)
    duration: Quantity = assume(
        "5 s", "second/video", "Length of a clip", 1, 7_200, f"{LESSON}, 2026-11", bare=True, other="10 s"
    )
    bitrate: Quantity = assume(
        "2.5 Mbps",
        "bit/s",
        "Bitrate of the top rendition",
        1e3,
        1e10,
        "for uploads of 480p, https://support.google.com/youtube/answer/1722171; files of generators have 0.1 to 1.3 "
        "of it, 2026-12",
    )
    bytes_per_pixel: Quantity = assume(
        "3", "byte/pixel", "Bytes of a raw pixel", 0.5, 16, "8-bit RGB, 3 bytes; the lesson, 2026-11"
    )
