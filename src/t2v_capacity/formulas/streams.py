"""Chunks and windows -> frames per second, and the sessions that a replica plays at once.

A session is a request whose seconds are its clip: its viewer holds a place on a replica while it plays.
Guidance keeps two sets of keys and values: `kv_cache_pos` and `kv_cache_neg`, each of the whole window, in
guandeh17/Self-Forcing, pipeline/causal_diffusion_inference.py. MAGI-1's `forward_3cfg` (SandAI-org/MAGI-1) lets one of
its passes write, and all read that. LingBot-World on an H200 is reported with 21.42 GiB.
"""

from t2v_capacity.engine.constants import ACTIVATION_BYTES, LATE_SHARE, ONE_BYTE, TURNS_SPREAD, VIDEOS_PER_PASS
from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import ceil, floor, maximum, minimum, sqrt, where


@figure("frame", "Frames that are made at a time", stages="last")
def frames_at_a_time(chunk_frames: float, frames_per_video: float) -> float:
    """Frames of a chunk, or of the whole clip where it is not made in chunks.

    >>> frames_at_a_time(chunk_frames=12, frames_per_video=81)
    12
    """
    return where(
        chunk_frames > 0,
        minimum(chunk_frames, frames_per_video * VIDEOS_PER_PASS),
        frames_per_video * VIDEOS_PER_PASS,
    )


@figure("ratio", "Chunks of a clip", stages="last", better="")
def chunks_per_video(frames_per_video: float, frames_at_a_time: float) -> float:
    """Chunks that a clip is made in, one after the other; the last counts by its part.

    >>> chunks_per_video(frames_per_video=9_600, frames_at_a_time=12)
    800.0
    """
    return frames_per_video * VIDEOS_PER_PASS / frames_at_a_time


@figure("ratio", "Chunks that a chunk sees", stages="last", better="")
def window_chunks(window_frames: float, frames_at_a_time: float, chunks_per_video: float) -> float:
    """Chunks that a chunk attends to, itself among them: those of its window, or all before it.

    >>> window_chunks(window_frames=72, frames_at_a_time=12, chunks_per_video=800)
    6.0
    """
    return maximum(
        1,
        minimum(where(window_frames > 0, window_frames / frames_at_a_time, chunks_per_video), chunks_per_video),
    )


@figure("byte", "Keys and values of a session", stages="max")
def session_memory(
    window_chunks: float,
    layers: float,
    hidden_size: float,
    kv_head_share: float,
    visual_tokens: float,
    passes_per_step: float,
    cache_passes: float,
    gpus_per_replica: float,
) -> float:
    """Bytes on a GPU of the keys and values that chunks leave for those after them: of each layer, in 16 bits.

    Its group divides them, and heads that share theirs store a part. A clip whose chunks see themselves alone leaves
    nothing. With guidance each text has its own, unless they are written while denoising.

    >>> session_memory(
    ...     window_chunks=6, layers=40, hidden_size=5_120, kv_head_share=0.5, visual_tokens=4_680, passes_per_step=1,
    ...     cache_passes=1, gpus_per_replica=1
    ... )
    11501568000.0
    """
    return where(
        window_chunks > 1,
        2
        * ACTIVATION_BYTES
        * layers
        * hidden_size
        * kv_head_share
        * visual_tokens
        * window_chunks
        / gpus_per_replica
        * where(cache_passes > 0, minimum(2, ceil(passes_per_step)), 1),
        0,
    )


@figure("frame/second", "Frames per second that a replica makes", better="higher", mix="mean")
def generated_fps(frames_per_video: float, gpus_per_replica: float, gpu_seconds_per_video: float) -> float:
    """Frames over the seconds that a group takes for them, decoded. Pin it once it is measured.

    >>> generated_fps(frames_per_video=9_600, gpus_per_replica=2, gpu_seconds_per_video=1_200)
    16.0
    """
    return frames_per_video * gpus_per_replica / gpu_seconds_per_video


@figure("ratio", "Speed of making a stream over that of playing it", better="higher", mix="mean")
def playing_speed(streamed: float, generated_fps: float, duration: float, frames_per_video: float) -> float:
    """Below 1 a stream stops while its viewer watches. A clip is played once it is made, and counts as 1.

    >>> playing_speed(streamed=1, generated_fps=12, duration=600, frames_per_video=9_600)
    0.75
    """
    return where(streamed > 0, generated_fps * duration / frames_per_video, 1)


@figure("view/replica", "Sessions of a replica", better="higher", whole=True, mix="min")
def sessions_per_replica(
    playing_speed: float, memory_usable: float, memory_needed: float, session_memory: float
) -> float:
    """Whole sessions that it makes as fast as they play, and whose keys and values fit; the first one is in its memory.

    Chunks of sessions take turns. A batch of them would gain some more, which is not counted.

    >>> sessions_per_replica(playing_speed=3.1, memory_usable=76e9, memory_needed=60e9, session_memory=9e9)
    2
    """
    return maximum(
        1,
        minimum(
            floor(playing_speed),
            1 + floor((memory_usable - memory_needed) / maximum(ONE_BYTE, session_memory)),
        ),
    )


@figure("second/video", "GPU-seconds that a clip holds", mix="mean")
def held_seconds(
    streamed: float,
    gpus_per_replica: float,
    duration: float,
    sessions_per_replica: float,
    gpu_seconds_per_video: float,
) -> float:
    """A clip holds its group while it is made; a stream holds its place in a group while it plays.

    >>> held_seconds(
    ...     streamed=1, gpus_per_replica=4, duration=600, sessions_per_replica=2, gpu_seconds_per_video=900
    ... )
    1200.0
    """
    return where(streamed > 0, gpus_per_replica * duration / sessions_per_replica, gpu_seconds_per_video)


@figure("second/video", "Seconds to the first frame", mix="mean")
def first_frame_seconds(
    streamed: float,
    frames_per_video: float,
    chunks_per_video: float,
    generated_fps: float,
    text_encoding_seconds: float,
    generation_latency: float,
) -> float:
    """Seconds that a group takes for the first chunk of a stream; of a clip, for all of it.

    A session's text is encoded once: its first chunk waits for all of that, and frames per second hold a chunk's share.

    >>> first_frame_seconds(
    ...     streamed=1, frames_per_video=9_600, chunks_per_video=800, generated_fps=16, text_encoding_seconds=0.16,
    ...     generation_latency=300
    ... )
    0.9097999999999999
    """
    return where(
        streamed > 0,
        frames_per_video / chunks_per_video / generated_fps + text_encoding_seconds * (1 - 1 / chunks_per_video),
        generation_latency,
    )


@figure("second/video", "Seconds to the first frame among other sessions", mix="mean")
def first_play_seconds(
    first_frame_seconds: float,
    sessions_per_replica: float,
    playing_speed: float,
    frames_per_video: float,
    chunks_per_video: float,
    generated_fps: float,
) -> float:
    """A first chunk waits its turn among those of the n - 1 others, 95% no longer than this adds.

    Chunks are served as they come, and each session's come once in a time in which `playing_speed` of them are made.
    Such a queue is N*D/D/1 (J. W. Roberts and J. T. Virtamo, IEEE Transactions on Communications 39, 1991). The last
    term of its sum is exact where one or two others play, and a Brownian bridge is near for more.

    >>> first_play_seconds(
    ...     first_frame_seconds=0.5, sessions_per_replica=2, playing_speed=3, frames_per_video=9_600,
    ...     chunks_per_video=800, generated_fps=48
    ... )
    0.7125
    >>> [round(first_play_seconds(0.5, sessions, 4.5, 9_600, 800, generated_fps=72), 4) for sessions in (1, 4)]
    [0.5, 0.7607]
    """
    return first_frame_seconds + frames_per_video / chunks_per_video / generated_fps * maximum(
        maximum(0, sessions_per_replica - 1 - playing_speed * LATE_SHARE ** (1 / maximum(1, sessions_per_replica - 1))),
        (
            sqrt((playing_speed - sessions_per_replica + 1) ** 2 + TURNS_SPREAD * (sessions_per_replica - 1))
            - (playing_speed - sessions_per_replica + 1)
        )
        / 4,
    )


@figure("view", "Sessions at the peak", adds=True)
def peak_sessions(busy_replicas: float, sessions_per_replica: float) -> float:
    """Sessions that play at once at the peak; of clips, those that are made at once.

    >>> peak_sessions(busy_replicas=150, sessions_per_replica=2)
    300
    """
    return busy_replicas * sessions_per_replica
