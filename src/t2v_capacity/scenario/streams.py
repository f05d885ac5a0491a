"""What chunks and streams can't have, each with what to write instead."""

from collections.abc import Iterator, Mapping, Sequence

from t2v_capacity.assumptions.parts import MIX, STAGES
from t2v_capacity.errors import Mistake
from t2v_capacity.scenario.layers import Layer
from t2v_capacity.scenario.settings import Setting, point

# What a stream has none of, and why.
OF_CLIPS = {
    "deferrable_share": "a viewer does not wait for a quiet hour",
    "spot_fraction": "a stream stops where a spot GPU is taken back",
}
OF_PARTS = {
    STAGES: "a stream is made in one stage",
    MIX: "streams have no parts; write a scenario for each, and `t2v-cap total` adds them up",
}


def stream_mistakes(settings: Mapping[str, Setting], layers: Sequence[Layer]) -> Iterator[Mistake]:
    """Yield what is wrong with a scenario's chunks, and what a stream of it can't have."""
    values = {name: point(name, settings[name].value) for name in _ASKED}
    yield from _of_chunks(settings, values)
    if not values["streamed"]:
        return
    for name, reason in OF_CLIPS.items():
        if values[name] > 0:
            message = f"`{name}` is of clips: {reason}; write `{name}: 0`, or `delivery: clip`"
            yield Mistake(message, settings[name].origin.place)
    for home, reason in OF_PARTS.items():
        parts = [part for layer in layers for part in layer.inner[home].values() if not part.gone]
        if parts:
            yield Mistake(f"`{home}` is of clips: {reason}; or write `delivery: clip`", parts[0].place)


def _of_chunks(settings: Mapping[str, Setting], values: Mapping[str, float]) -> Iterator[Mistake]:
    chunk, window = values["chunk_frames"], values["window_frames"]
    if chunk > 0 and 0 < window < chunk:
        message = (
            f"`window_frames` is {window:g}, less than `chunk_frames`, which is {chunk:g}: a chunk sees itself; "
            f"write {chunk:g} or more, or 0 for all before it"
        )
        yield Mistake(message, settings["window_frames"].origin.place or settings["chunk_frames"].origin.place)
    for name in ("window_frames", "cache_passes"):
        if chunk <= 0 and values[name] > 0:
            message = f"`{name}` is of chunks, and there are none; write `chunk_frames`, such as 12, or `{name}: 0`"
            yield Mistake(message, settings[name].origin.place or settings["chunk_frames"].origin.place)


_ASKED = ("streamed", "chunk_frames", "window_frames", "cache_passes", *OF_CLIPS)
