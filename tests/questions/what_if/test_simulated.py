"""Simulated days of a mix have the clips of each of its parts, each with its own time off the GPU."""

import pytest

from shared import plan_of_text
from t2v_capacity.questions.what_if.simulated import simulated

DRAFTS = """
dau: 20K
resolution: 832x480
encoding_seconds_per_pixel: 6e-8
mix:
  draft: {share: 90%, duration: 2 s, pins: {gpu_seconds_per_video: 60 s}}
  final: {duration: 20 s, resolution: 1280x720, pins: {gpu_seconds_per_video: 600 s}}
"""


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
def test_a_draft_is_not_as_long_in_encoding_as_a_final_clip() -> None:
    """Nine in ten clips are drafts of which the median waits for nothing: it is ready once it is made and encoded."""
    plan = plan_of_text(DRAFTS)
    draft, final = (part.figures for part in plan.parts)
    days = simulated(plan, ["latency_p50", "latency_p99"])

    assert draft["off_gpu_seconds"] == pytest.approx(6e-8 * 832 * 480 * draft["frames_per_video"])
    assert days["latency_p50"].value == pytest.approx(60 + draft["off_gpu_seconds"])
    assert days["latency_p99"].value == pytest.approx(600 + final["off_gpu_seconds"], rel=0.01)
