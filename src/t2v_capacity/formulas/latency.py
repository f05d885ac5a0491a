"""Waits and a clip's own time -> the latency of one request in twenty, and what a target leaves of it.

All of 24 simulated fleets that do not carry their peak, with cs from 0.25 to 2, lie between the 95th percentiles at the
peak and in the half-hour that waits longest within 8%.
"""

from t2v_capacity.engine.constants import CLIPS_AT_A_TIME
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import minimum, sqrt, where


@figure("second/video", "Seconds of the slowest clip, on and off the GPU", mix="max")
def delivery_seconds(first_play_seconds: float, off_gpu_seconds: float) -> float:
    """From a clip's start to its delivery, of a stream to its first frame; of a mix, that of its slowest part.

    >>> delivery_seconds(first_play_seconds=300, off_gpu_seconds=2)
    302
    """
    return first_play_seconds + off_gpu_seconds


@main_figure("second/video", "Latency, 95th percentile of urgent requests", role="promise")
def latency_p95(
    slowest_seconds: float,
    runs_latency_p95: float,
    clip_excess: float,
    delivery_seconds: float,
    longest_queue: float,
    runs_p95: float,
    lost_p95: float,
) -> float:
    """From click to clip for the slowest request in twenty; of a mix, of the slowest part.

    Waits and a clip's own time are independent, so what they add to its runs adds as squares. Each run waits no longer
    than a full queue takes; without a queue it begins at once, or is refused.

    >>> latency_p95(300, 700, clip_excess=600, delivery_seconds=302, longest_queue=1e18, runs_p95=1.5, lost_p95=0)
    1102.0
    >>> [latency_p95(300, 900, 0, delivery_seconds=302, longest_queue=60, runs_p95=runs, lost_p95=0) for runs in (1, 2)]
    [362.0, 722.0]
    """
    return (
        delivery_seconds
        + slowest_seconds * (runs_p95 - 1)
        + sqrt(
            minimum(
                runs_latency_p95 - slowest_seconds * runs_p95,
                runs_p95 * longest_queue / CLIPS_AT_A_TIME + slowest_seconds * lost_p95,
            )
            ** 2
            + clip_excess**2
        )
    )


@figure("second/video", "Room that the target leaves to wait", better="higher", mix="min")
def latency_room(target_latency: float, off_gpu_seconds: float, first_play_seconds: float) -> float:
    """The wait that the latency target allows, after a clip's own time and its time off the GPU.

    If it is negative, no fleet meets the target.

    >>> latency_room(target_latency=600, off_gpu_seconds=20, first_play_seconds=280)
    300
    """
    return target_latency - off_gpu_seconds - first_play_seconds


@figure("second/video", "Latency left under the target", better="higher", role="promise", mix="min")
def latency_slack(
    latency_room: float,
    delivery_seconds: float,
    latency_p95: float,
    utilization: float,
    urgent_share: float,
    fluid_wait: float,
    overload_wait: float,
    slowest_seconds: float,
    lost_p95: float,
    clip_excess: float,
) -> float:
    """Target minus p95 latency; if negative, the target is missed.

    Of a mix it is the least of the parts', each with its own latency. Where the peak is not carried, it is that of the
    overload's end: chance and the spread of clips add as squares to the fluid's wait.

    >>> latency_slack(300, delivery_seconds=300, latency_p95=322, utilization=0.9, urgent_share=1, fluid_wait=0,
    ...     overload_wait=0, slowest_seconds=298, lost_p95=0, clip_excess=0)
    278
    >>> latency_slack(300, 300, 0, utilization=1.1, urgent_share=1, fluid_wait=100, overload_wait=130,
    ...     slowest_seconds=300, lost_p95=0.5, clip_excess=40)
    0.0
    >>> latency_slack(300, 300, 400, utilization=1.1, urgent_share=0.5, fluid_wait=100, overload_wait=130,
    ...     slowest_seconds=300, lost_p95=0.5, clip_excess=40)
    200
    """
    return latency_room - where(
        utilization * urgent_share >= 1,
        fluid_wait / CLIPS_AT_A_TIME
        + sqrt(((overload_wait - fluid_wait) / CLIPS_AT_A_TIME) ** 2 + clip_excess**2)
        + slowest_seconds * lost_p95,
        latency_p95 - delivery_seconds,
    )
