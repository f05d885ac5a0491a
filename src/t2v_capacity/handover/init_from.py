"""A model of one's own from the configuration of its transformer, as diffusers writes it: `transformer/config.json`.

What the file says becomes facts, and the parameters are counted from them. What it can't say is taken from a known
model of the same class.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from t2v_capacity.errors import Mistake, Mistakes, Place, printable, quote
from t2v_capacity.files.document import read_text
from t2v_capacity.questions.review.findings import today

OWN_MODEL = "my-model"
# Inputs of the embedding of time, and how much wider a feed-forward is than its block; of a gated one, two thirds.
_TIME, _WIDER = 256, 4
_PIXELS = 8  # of a frame's side per latent, by the VAE of CogVideoX


class _Config(dict[str, int]):
    """Hold the whole numbers of a configuration by key; note a missing key and use 1 until the mistakes are raised."""

    def __init__(self, given: Mapping[str, object]) -> None:
        super().__init__({key: number for key, number in given.items() if type(number) is int and number > 0})
        self.lacking: list[str] = []

    def __missing__(self, key: str) -> int:
        self.lacking.append(key)
        return 1

    @property
    def hidden(self) -> int:
        return self["num_attention_heads"] * self["attention_head_dim"]


_Facts = tuple[dict[str, object], int]  # the facts of an entry, and the parameters of its matrices


def _wan(c: _Config) -> _Facts:
    d, f, text = c.hidden, c["ffn_dim"], c["text_dim"]
    image = 2 * d * c.get("added_kv_proj_dim", 0)
    return {"ffn_size": f}, c["num_layers"] * (8 * d * d + 2 * d * f + image) + d * (8 * d + text + _TIME)


def _hunyuan(c: _Config) -> _Facts:
    d, text = c.hidden, c["text_embed_dim"]
    f, double, single, refiner = _WIDER * d, c["num_layers"], c["num_single_layers"], c["num_refiner_layers"]
    blocks = double * (20 * d * d + 4 * d * f) + single * (7 * d * d + 2 * d * f) + refiner * (6 * d * d + 2 * d * f)
    return {"layers": double + single, "ffn_size": f}, blocks + d * (7 * d + 2 * text + c["pooled_projection_dim"])


def _cogvideox(c: _Config) -> _Facts:
    d, time = c.hidden, c["time_embed_dim"]
    f = _WIDER * d
    facts: dict[str, object] = {"ffn_size": f, "text_tokens": c["max_text_seq_length"]}
    if "patch_size_t" not in c:  # CogVideoX 1.5 has the grid from which it cuts its positions, 300 x 300, and no frame
        sides = {side: c[f"sample_{side}"] * _PIXELS for side in ("width", "height")}
        facts |= sides | {"frames": c["sample_frames"]}
    return facts, c["num_layers"] * (4 * d * d + 2 * d * f + 12 * d * time) + d * (c["text_embed_dim"] + 2 * time)


def _ltx(c: _Config) -> _Facts:
    d, text = c.hidden, c["cross_attention_dim"]
    f = _WIDER * d
    return {"ffn_size": f}, c["num_layers"] * (6 * d * d + 2 * d * text + 2 * d * f) + d * (
        8 * d + c["caption_channels"] + _TIME
    )


def _mochi(c: _Config) -> _Facts:
    d, t, text = c.hidden, c["pooled_projection_dim"], c["text_embed_dim"]
    f, of_text = 2 * _WIDER * d // 3, 2 * _WIDER * t // 3
    last = 4 * d * t + 3 * t * of_text  # the text stream ends before the last block
    blocks = c["num_layers"] * (8 * d * d + 8 * d * t + 3 * d * f + 3 * t * of_text) - last
    return {"ffn_size": f, "text_tokens": c["max_sequence_length"]}, blocks + 3 * d * d + 3 * text * text + text * (
        d + t
    )


def _cosmos(c: _Config) -> _Facts:
    d, norms = c.hidden, 12 * c["adaln_lora_dim"]
    f = _WIDER * d
    return {"ffn_size": f}, c["num_layers"] * (
        6 * d * d + 2 * d * c["text_embed_dim"] + 2 * d * f + norms * d
    ) + 4 * d * d


# The class that a configuration names -> how it is read, and the known model that says the rest.
MODEL_CLASSES: dict[str, tuple[Callable[[_Config], _Facts], str]] = {
    "WanTransformer3DModel": (_wan, "wan2.1-t2v-14b"),
    "HunyuanVideoTransformer3DModel": (_hunyuan, "hunyuanvideo"),
    "CogVideoXTransformer3DModel": (_cogvideox, "cogvideox-5b"),
    "LTXVideoTransformer3DModel": (_ltx, "ltx-video-2b"),
    "MochiTransformer3DModel": (_mochi, "mochi-1-preview"),
    "CosmosTransformer3DModel": (_cosmos, "cosmos-predict2-2b-video2world"),
}
# A key whose number tells another model of a class: channels of Wan 2.2's own VAE, those of a clip and its first image,
# frames of a patch of CogVideoX 1.5.
_OTHER_MODEL = {
    ("WanTransformer3DModel", "in_channels", 48): "wan2.2-ti2v-5b",
    ("WanTransformer3DModel", "in_channels", 36): "wan2.1-i2v-14b",
    ("CogVideoXTransformer3DModel", "patch_size_t", 2): "cogvideox1.5-5b",
}


def entry_from(path: str) -> str:
    """Return a catalogue with one model from a transformer's configuration.

    Raise Mistakes if the file is none that is known.
    """
    given = _json_object(path)
    name = str(given.get("_class_name", ""))
    if name not in MODEL_CLASSES:
        known = ", ".join(MODEL_CLASSES)
        raise Mistakes(f"`_class_name` is {quote(printable(name))}; the classes that are read are {known}", Place(path))
    read, like = MODEL_CLASSES[name]
    config = _Config(given)
    facts, params = read(config)
    patch = given.get("patch_size")
    if not isinstance(patch, list):
        patch = [config.get("patch_size_t", 1), config["patch_size"], config["patch_size"]]
    facts = {
        "model_params": params,
        "layers": config["num_layers"],
        "hidden_size": config.hidden,
        "heads": config["num_attention_heads"],
        "patch": patch,
        **facts,
    }
    if config.lacking:
        raise Mistakes(
            [
                Mistake(f"`{key}` is missing, or is no whole number", Place(path))
                for key in dict.fromkeys(config.lacking)
            ]
        )
    for (of, key, number), other in _OTHER_MODEL.items():
        if of == name and config.get(key) == number:
            like = other
    return "\n".join(
        [
            f"# A model from {printable(path)} ({name}). `model_params` counts the matrices of one such file: a",
            "# mixture of experts has several, and loads all of them.",
            "sources:",
            f"  config: {{title: {json.dumps(printable(path), ensure_ascii=False)}, accessed: {today()}}}",
            "models:",
            f"  {OWN_MODEL}:",
            f"    extends: {like}  # what the file does not say, until you write it: `t2v-cap list models {like}`",
            f"    label: My model ({name})",
            "    source: config",
            *(f"    {key}: {fact}" for key, fact in facts.items()),
            "",
        ]
    )


def _json_object(path: str) -> Mapping[str, object]:
    """Return a file's JSON object."""
    text, _source = read_text(path, "config.json")
    with suppress(ValueError, RecursionError):
        if isinstance(config := json.loads(text), dict):
            return config
    raise Mistakes("this is no JSON object; name the `config.json` of a transformer's folder", Place(path))
