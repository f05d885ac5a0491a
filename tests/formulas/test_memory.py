"""Memory on a GPU: what a group divides, what a forward holds, and which VAE a plan decodes with."""

import pytest

from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.verdict import CANNOT_RUN
from t2v_capacity.scenario.load import load_scenario

GB = 1e9


def figures(*settings: str) -> dict[str, float]:
    """Return the figures and assumptions of a plan of these settings."""
    return dict(estimate(load_scenario(None, settings)).known)


WAN = ("model=wan2.2-t2v-a14b", "gpus_per_replica=4")


@pytest.mark.parametrize(
    ("settings", "model", "encoder"),
    [
        ((), 1, 1),
        (("sharding=weights",), 4, 4),
        (("sharding=model",), 4, 1),
        (("sharding=encoder",), 1, 4),
        (("tensor_parallel=4",), 4, 4),
    ],
)
def test_a_group_divides_what_its_sharding_names(settings: tuple[str, ...], model: int, encoder: int) -> None:
    """FSDP and tensor parallelism divide model and encoder, HSDP the model, SGLang's encoders themselves.

    The VAE stays whole. What FSDP shards gathers two blocks: those of one expert of 40 layers, but for its own quarter.
    """
    plan = figures(*WAN, *settings)

    gathered = plan["model_size"] / 2 * 2 / 40 * 3 / 4 if {"sharding=weights", "sharding=model"} & {*settings} else 0
    held = plan["model_size"] / model + plan["text_encoder_size"] / encoder + plan["vae_size"]

    assert plan["encoder_weights"] == plan["text_encoder_size"] / encoder
    assert plan["resident_weights"] == pytest.approx(held + gathered)


def test_passes_side_by_side_share_a_sequence_with_fewer_gpus() -> None:
    """Four GPUs on a pass hold a quarter of its sequence each, and two groups of two a half."""
    one, together, apart = (
        figures(*WAN[:1], *rest)["activation_memory"]
        for rest in ((), ("gpus_per_replica=4",), ("gpus_per_replica=4", "guidance_groups=2"))
    )

    assert [together, apart] == pytest.approx([one / 4, one / 2])


def test_passes_in_one_batch_hold_activations_each() -> None:
    """CogVideoX batches its two passes: two GPUs with one each hold as much as two that share both.

    Without guidance there is one pass.
    """
    plain, guided = (
        figures("model=cogvideox-5b", f"passes_per_step={passes}")["activation_memory"] for passes in (1, 2)
    )
    apart = figures("model=cogvideox-5b", "gpus_per_replica=2", "guidance_groups=2")["activation_memory"]

    assert guided == pytest.approx(2 * plain)
    assert apart == pytest.approx(plain)


@pytest.mark.parametrize(
    ("model", "size", "gpu"),
    [("cogvideox1.5-5b", "1360x768", "l20"), ("latte-1", "1024x1024", "l20"), ("minimax-h3", "1344x768", "h200")],
)
def test_decoders_work_in_the_tiles_of_their_pipelines(model: str, size: str, gpu: str) -> None:
    """What a decoder holds beside the weights fits, and no run is impossible.

    Published runs decoded these models on these GPUs.
    """
    plan = estimate(load_scenario(None, [f"model={model}", f"resolution={size}", f"gpu={gpu}", "runtime=engine"]))

    assert plan.verdict.memory != CANNOT_RUN
    assert plan.known["vae_decode_buffers"] < plan.known["gpu_memory"] / 2


BY_HAND = ("layers=40", "hidden_size=5120", "model_params=14B", "ffn_size=13824")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (BY_HAND, ["mochi-1-preview"]),
        ((*BY_HAND, "model=wan2.1-t2v-14b"), []),
        ((*BY_HAND, "vae_params=127M"), []),
        (("model_params=14B",), []),
    ],
)
def test_an_inherited_vae_is_named(settings: tuple[str, ...], named: list[str]) -> None:
    """An architecture by hand without a model or a VAE is warned of, and the default model is named."""
    said = [
        one.message for one in estimate(load_scenario(None, settings)).warnings if one.code == "vae-of-default-model"
    ]

    assert [model for message in said for model in ("mochi-1-preview",) if model in message] == named
    assert len(said) == len(named)


H3 = ("model=minimax-h3", "resolution=1344x768", "duration=5.1667 s", "steps=4", "runtime=engine")


@pytest.mark.parametrize(
    ("settings", "peak"),
    [
        # SGLang's cookbook of MiniMax-H3, @52668f3: GB a GPU; the first with 20 of 50 blocks resident.
        (("gpu=rtx-5090", "gpus_per_replica=2", "tensor_parallel=2", "offload=layers", "model_resident=0.4"), 28.24),
        (("gpu=h100-sxm", "gpus_per_replica=4", "tensor_parallel=4"), 49.8),
        (("gpu=b300-hgx", "gpus_per_replica=8"), 124.158),
        (("gpu=b300-hgx", "gpus_per_replica=8", "precision=fp8"), 92.506),
        # NVlabs/Sana@7b286ef, SGLang with FSDP, as allocated.
        (("gpu=gb200-nvl72", "gpus_per_replica=4", "sharding=weights"), 42.04),
    ],
)
def test_peaks_of_minimax_h3_are_near_published_ones(settings: tuple[str, ...], peak: float) -> None:
    """A text encoder that is cut, that tensors divide and that stays in 16 bits: within 15% of what runs held."""
    assert figures(*H3, *settings)["memory_needed"] == pytest.approx(peak * 1e9, rel=0.15)


@pytest.mark.parametrize(
    "settings",
    [
        ("gpu=rtx-5090", "gpus_per_replica=2", "tensor_parallel=2", "offload=blocks"),
        ("gpu=rtx-5090", "gpus_per_replica=2", "tensor_parallel=2", "offload=layers", "model_resident=0.4"),
        ("gpu=rtx-5090", "offload=layers"),
        ("gpu=rtx-4090", "offload=layers"),
        ("gpu=rtx-pro-5000-blackwell", "gpus_per_replica=4", "tensor_parallel=4"),
        ("gpu=h100-sxm", "gpus_per_replica=2", "tensor_parallel=2"),
    ],
)
def test_plans_that_ran_are_not_refused(settings: tuple[str, ...]) -> None:
    """SGLang ran MiniMax-H3 so, by its cookbook and by NVlabs/Sana@1f1e0a9."""
    assert estimate(load_scenario(None, (*H3, *settings))).verdict.memory != CANNOT_RUN


def test_engines_cut_the_text_encoder_of_minimax_h3() -> None:
    """50 of Qwen3-VL-32B's 64 layers, its embeddings and its vision, by the sizes of FastVideo's request 1711."""
    layer = 2 * 5120 * 64 * 128 + 2 * 5120 * 8 * 128 + 3 * 5120 * 25_600 + 2 * 128 + 2 * 5120
    embeddings = 151_936 * 5120
    whole = figures("model=minimax-h3", "runtime=eager")["text_encoder_params"]
    vision = whole - 64 * layer - 2 * embeddings - 5120

    assert figures(*H3)["text_encoder_params"] == 50 * layer + embeddings + vision
    assert figures(*H3, "precision=fp8")["text_encoder_size"] == 2 * (50 * layer + embeddings + vision)
    assert (
        figures(*H3, "precision=fp8", "least_encoder_bytes=1")["text_encoder_size"] == 50 * layer + embeddings + vision
    )


@pytest.mark.parametrize(
    ("settings", "reported", "off"),
    [
        (("model=allegro",), 27.5, 0.1),  # README of rhymes-ai/Allegro: the VAE computes in float32
        (("model=ovi-11b", "resolution=720x720", "offload=all"), 32, 0.2),  # README of character-ai/Ovi, "~32 GB"
    ],
)
def test_a_readme_says_what_its_model_holds(settings: tuple[str, ...], reported: float, off: float) -> None:
    """No card of 24 GB holds either as it is published, and the memory is near what the README says."""
    plan = estimate(load_scenario(None, [*settings, "gpu=rtx-4090"]))

    assert plan.figures["memory_needed"] == pytest.approx(reported * GB, rel=off)
    assert "memory-does-not-fit" in {warning.code for warning in plan.warnings}
    assert "parameters-unlike-architecture" not in {warning.code for warning in plan.warnings}


@pytest.mark.parametrize("by_hand", ["layers=15", "model_params=22B"])
def test_sizes_of_a_user_are_held_to_each_other(by_hand: str) -> None:
    """Ovi's entry says why it has the parameters of two streams; half the layers, or twice the parameters, is wrong."""
    plan = estimate(load_scenario(None, ["model=ovi-11b", by_hand]))

    assert "parameters-unlike-architecture" in {warning.code for warning in plan.warnings}


@pytest.mark.parametrize(
    "settings",
    [
        ("model=magi-1-24b", "gpus_per_replica=8"),
        ("model=magi-1-24b", "precision=fp8", "gpus_per_replica=4"),
        ("model=magi-1-24b", "precision=fp8", "gpu=rtx-4090", "gpus_per_replica=8", "sharding=weights"),
        ("model=magi-1-4.5b", "gpu=rtx-4090", "offload=encoder"),  # its configuration: t5_device: cpu
    ],
)
def test_a_model_fits_the_machines_that_its_readme_recommends(settings: tuple[str, ...]) -> None:
    """The README of MAGI-1: 8 H100, 4 H100 or 8 RTX 4090 in FP8, and one RTX 4090 for 4.5B."""
    assert "memory-does-not-fit" not in {warning.code for warning in estimate(load_scenario(None, settings)).warnings}


@pytest.mark.parametrize(("model", "height", "width"), [("magi-1-24b", 720, 1280), ("magi-1-4.5b", 720, 720)])
def test_tiles_that_overlap_are_those_of_the_published_loop(model: str, height: int, width: int) -> None:
    """MAGI-1 cuts latents of 8 pixels into tiles of 32, one every 24: what it decodes over what it shows."""
    cut = [sum(min(32, side // 8 - start) for start in range(0, side // 8, 24)) for side in (height, width)]
    plan = figures(f"model={model}")

    assert plan["vae_tiling_factor"] == pytest.approx(cut[0] * cut[1] * 64 / height / width, rel=0.005)
    assert plan["pixels_at_once"] == 256 * 256 * 12


@pytest.mark.parametrize("offload", ["encoder", "all", "blocks", "layers"])
def test_offload_frees_nothing_where_the_cpu_has_no_memory_of_its_own(offload: str) -> None:
    """By hand: a GB10 holds all parts of MiniMax-H3 while it denoises, wherever these are said to be.

    They are more than it has, and other groups are named, no offload.
    """
    plan = estimate(load_scenario(None, ["model=minimax-h3", "gpu=gb10", f"offload={offload}"]))
    known = plan.known
    parts = known["model_size"] + known["text_encoder_size"] + known["vae_size"]
    (text,) = [warning.message for warning in plan.warnings if warning.code == "memory-does-not-fit"]

    assert known["resident_weights"] == pytest.approx(parts)
    assert parts > known["memory_usable"]
    assert known["memory_needed"] == pytest.approx(parts + known["activation_memory"])
    assert plan.verdict.memory == CANNOT_RUN
    assert "--gpus-per-replica 2 --sharding weights" in text
    assert "--offload" not in text
