"""The generation model's work is what the real models do: counted FLOPs, and tokens that a paper prints."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import pytest

from places import AUTHORITIES
from shared import over
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.scenario.layers import flag_layer
from t2v_capacity.scenario.load import merged

PASSES: dict[str, dict[str, Any]] = json.loads((AUTHORITIES / "forward_flops.json").read_text(encoding="utf-8"))
DECODES: dict[str, int] = json.loads((AUTHORITIES / "vae_decode_flops.json").read_text(encoding="utf-8"))
VAE_BYTES: dict[str, dict[str, Any]] = json.loads((AUTHORITIES / "vae_decode_bytes.json").read_text(encoding="utf-8"))[
    "counts"
]
ACTIVATIONS: dict[str, dict[str, Any]] = json.loads(
    (AUTHORITIES / "activation_counts.json").read_text(encoding="utf-8")
)["counts"]
TOLERANCE = 0.01
# What a count's key calls a model -> the catalogue's id, where they differ.
MODELS = {
    "wan2.1-1.3b": "wan2.1-t2v-1.3b",
    "wan14b": "wan2.1-t2v-14b",
    "wan2.1": "wan2.1-t2v-14b",
    "wan2.2-5b": "wan2.2-ti2v-5b",
    "mochi": "mochi-1-preview",
    "cosmos-predict2-2b": "cosmos-predict2-2b-video2world",
    "cogvideox": "cogvideox-5b",
    "hunyuan": "hunyuanvideo",
    "hunyuan1.5": "hunyuanvideo-1.5",
    "ltx0.9.0": "ltx-video-2b",
    "cosmos-predict2-14b": "cosmos-predict2-14b-video2world",
}
# Models whose linear layers do more than the formula says: how much more, and why.
MORE = {
    "wan2.2-ti2v-5b": (0.02, "an embedding of each token's time"),
    "wan2.1-vace-14b": (0.02, "projections between control blocks"),
    "hunyuanvideo-1.5": (0.03, "its refiner of text tokens"),
    "helios-14b": (0.05, "tokens of the history"),
    "ltx-2-19b": (0.14, "an audio stream, which the catalogue leaves out"),
    "ltx-2.3-22b": (0.14, "an audio stream, which the catalogue leaves out"),
}


def figures(key: str) -> Mapping[str, float]:
    """Return the figures of the model and clip that a count's key names."""
    name, _space, clip = key.partition(" ")
    width, height, *frames = re.findall(r"\d+", clip.partition("latent")[0])
    latent = re.search(r"latent_frames=(\d+)", clip)
    count = int(frames[0]) if frames else 1 + 4 * (int(latent[1]) - 1) if latent else 0
    sets = (f"model={MODELS.get(name, name)}", f"width={width}", f"height={height}")
    return evaluate(merged([flag_layer(sets, (f"frames_per_video={count}",), [])], []).values())


@over(("key", PASSES))
def test_a_pass_costs_what_was_counted(key: str) -> None:
    """The FLOPs of a pass, and of attention alone, are within 1 % of the count on the real model.

    Attention is counted by the batched products.
    """
    assert figures(key)["flops_per_pass"] == pytest.approx(PASSES[key]["total"], rel=TOLERANCE)
    assert figures(key)["attention_flops_per_pass"] == pytest.approx(PASSES[key]["parts"]["bmm"], rel=TOLERANCE)


@pytest.mark.parametrize("key", [key for key in DECODES if not key.endswith("params")])
def test_a_decode_costs_what_was_counted(key: str) -> None:
    """The FLOPs of a VAE decode are within 1 % of the count on the real VAE."""
    assert figures(key.replace("vae decode ", ""))["vae_decode_flops"] == pytest.approx(DECODES[key], rel=TOLERANCE)


def test_every_count_is_used() -> None:
    """No count of the two files goes unread: 18 passes and 10 decodes, each with its decoder's parameters."""
    assert len(PASSES) == 18
    assert len([key for key in DECODES if key.endswith("params")]) == 10
    assert len(DECODES) == 20


def test_mochi_has_the_tokens_of_its_paper() -> None:
    """Mochi's 163 frames of 848x480 are 44,520 tokens, and a pass over them is 1.668e15 FLOPs."""
    mochi = figures("mochi 848x480x163")

    assert mochi["visual_tokens"] == 44_520
    assert mochi["flops_per_pass"] == pytest.approx(1.668e15, rel=TOLERANCE)


ELEMENTWISE: dict[str, Any] = json.loads((AUTHORITIES / "elementwise_counts.json").read_text(encoding="utf-8"))[
    "counts"
]


@over(("key", ELEMENTWISE))
def test_linear_work_is_what_was_counted(key: str) -> None:
    """The FLOPs of linear layers are within 1.5% of a count on the real blocks, but for what is known.

    Pointwise convolutions are among them.
    """
    counted = sum(ELEMENTWISE[key]["flops"].get(kind, 0) for kind in ("linear", "convolution"))
    within, _why = MORE.get(key.partition(" ")[0], (0.015, ""))

    assert figures(key)["linear_flops_per_pass"] == pytest.approx(counted, rel=within)


def test_element_wise_passes_are_those_counted() -> None:
    """Each model whose blocks were counted has the count in the catalogue, norms in 32 bits apart."""
    models = Catalogue().entries("models")
    wanted = {
        MODELS.get(name := key.partition(" ")[0], name): one["passes_per_layer_norm_apart"]
        for key, one in ELEMENTWISE.items()
    }

    assert {name: float(models[name].facts["counted_passes_per_layer"].text) for name in wanted} == pytest.approx(
        wanted, rel=0.01
    )


@pytest.mark.parametrize("key", VAE_BYTES)
def test_a_decoder_moves_and_holds_what_was_counted(key: str) -> None:
    """The catalogue's models have the bytes per pixel and the fill of matrices of their VAE.

    They have the peak of its live tensors where that was counted.
    """
    counted = VAE_BYTES[key]
    values = merged([flag_layer((f"model={counted['model']}",), [], [])], []).values()

    assert values["vae_bytes_per_pixel"] == pytest.approx(counted["bytes_per_pixel"], rel=0.01)
    assert values["vae_matrix_fill"] == pytest.approx(counted["fill"], rel=0.01)
    if "peak_bytes_per_pixel" in counted:
        assert values["vae_decode_bytes_per_pixel"] == pytest.approx(counted["peak_bytes_per_pixel"], rel=0.01)
        assert values["vae_tiling_factor"] == pytest.approx(counted.get("tiled_work", 1), rel=0.01)


@pytest.mark.parametrize("key", [key for key, one in ACTIVATIONS.items() if "model" in one])
def test_a_forward_holds_what_was_counted(key: str) -> None:
    """The catalogue's models have the copies of activations of one pass that were counted on their class, within 1%."""
    counted = ACTIVATIONS[key]
    values = merged([flag_layer((f"model={counted['model']}",), [], [])], []).values()

    assert values["activation_buffers"] == pytest.approx(counted["copies"] / counted["batch"], rel=0.01)


def test_encoding_takes_what_servers_publish() -> None:
    """The default time per pixel is the geometric mean of the least and the most that servers publish, within 10%.

    A core alone takes longer than any of them: they encode on several.
    """
    measured = json.loads((AUTHORITIES / "encoding_seconds.json").read_text(encoding="utf-8"))
    servers = [row["seconds"] / row["width"] / row["height"] / row["frames"] for row in measured["servers"]]
    core = [value * 1e-9 for row in measured["rows"] for value in row["ns_per_pixel"]]
    assumption = ASSUMPTIONS["encoding_seconds_per_pixel"]

    assert assumption.read(assumption.default) == pytest.approx(math.sqrt(min(servers) * max(servers)), rel=0.1)
    assert max(servers) < min(core)


@pytest.mark.parametrize(
    ("gpu", "two_bytes"),
    [
        ("mi300x", 1307.4 / 163.4),  # AMD's data sheets: the rate of matrices in 16 bits over that in 32
        ("mi355x", 2516.6 / 157.3),
        ("h100-sxm", 989.4 / 494.7),  # TF32
        ("rtx-4090", 165.2 / 82.6),
    ],
)
def test_products_of_a_decode_in_32_bits_run_at_the_rate_of_their_format(gpu: str, two_bytes: float) -> None:
    """PyTorch runs convolutions of 32 bits in TF32 on NVIDIA, and in full precision on ROCm (pull request 190711)."""
    # With a byte a pixel the copies between the products take no time.
    sets = [f"model=wan2.1-t2v-1.3b gpu={gpu} vae_bytes_per_pixel=1B vae_bytes_per_number={size}B" for size in (2, 4)]
    in_16, in_32 = (evaluate(merged([flag_layer(text.split(), (), [])], []).values()) for text in sets)

    assert in_32["vae_decode_seconds"] / in_16["vae_decode_seconds"] == pytest.approx(two_bytes, rel=0.002)


def test_a_decode_in_32_bits_on_an_mi300x_takes_what_sglang_logged() -> None:
    """SGLang, pull request 15252: 6.7722 s of Wan 2.1 1.3B at 832x480x81; the rate was known before the row."""
    sets = ("model=wan2.1-t2v-1.3b", "gpu=mi300x", "width=832", "height=480")
    values = merged([flag_layer(sets, (), [])], []).values()

    assert evaluate(values)["vae_decode_seconds"] == pytest.approx(6.7722, rel=0.05)
