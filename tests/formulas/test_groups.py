"""Holds what a group divides, and what a clip takes whatever its steps, to counts by hand and to published runs."""

import json
from math import ceil
from pathlib import Path

import pytest

from places import AUTHORITIES
from shared import write
from t2v_capacity.measured.runs.accuracy import accuracy
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.scenario.load import load_scenario

H3 = ("model=minimax-h3", "resolution=1344x768")
FRAMES = {107: "4.4583 s", 124: "5.1667 s"}


def figures(*settings: str) -> dict[str, float]:
    """Return the figures and assumptions of a plan of these settings."""
    return dict(estimate(load_scenario(None, settings)).known)


def test_the_residual_stream_alone_repeats() -> None:
    """Two norms and two sums of a layer of Cosmos 3 are on every GPU; the rest that was counted is divided.

    A norm in 32 bits reads and writes its 16-bit input 16 times: 3 and 3 for the copies, 4 for the square, 2 for the
    mean and 4 for the product. A sum does so 3 times. Norms of queries and keys are of 32 and 8 of 32 heads.
    """
    counts = json.loads((AUTHORITIES / "elementwise_counts.json").read_text(encoding="utf-8"))["counts"]
    layer = counts["cosmos3-nano 1280x720x189"]
    norm, heads = 16, 1 + 8 / 32

    assert layer["passes_by_operation"]["pow"] == pytest.approx(4 * (2 + heads), rel=0.01)
    assert layer["passes_by_operation"]["_to_copy"] == pytest.approx(6 * (2 + heads), rel=0.01)
    divided = 1 - (2 * norm + 2 * 3) / layer["passes_per_layer"]
    assert figures("model=cosmos3-nano")["tensor_divided_share"] == pytest.approx(divided, abs=0.01)
    assert figures("model=cosmos3-nano", "gpus_per_replica=8", "tensor_parallel=8")[
        "elementwise_repeats"
    ] == pytest.approx(8 - 0.57 * 7)


@pytest.mark.parametrize(
    ("gpu", "gpus", "sent"),
    [
        ("a100-80gb-sxm", 8, 2 * 7 / 8),  # a ring: its switch adds up nothing
        ("h100-sxm", 2, 2 * 1 / 2),  # of two GPUs the ring sends less
        ("h100-sxm", 4, 1 + 1 / 4),
        ("h100-sxm", 8, 1 + 1 / 8),
        ("h100-sxm", 16, 2 * 15 / 16),  # beyond a server
    ],
)
def test_a_switch_adds_up_what_tensors_send(gpu: str, gpus: int, sent: float) -> None:
    """Each GPU sends so much of a layer's activations, twice a layer, in 16 bits."""
    plan = figures("model=cosmos3-nano", f"gpu={gpu}", f"gpus_per_replica={gpus}", f"tensor_parallel={gpus}")
    activations = 2 * plan["sequence_tokens"] * plan["hidden_size"]

    assert plan["exchanged_bytes"] == pytest.approx(plan["passes_per_video"] * plan["layers"] * 2 * sent * activations)


def test_a_decoder_of_small_tiles_waits_for_python() -> None:
    """MiniMax-H3 decodes 7 chunks of 7 x 4 tiles by 36 layers, each started from Python, or compiled.

    GB200: 7.857 s in diffusers (NVlabs/Sana@01d4bfa) and 6.815 s in FastVideo (pull request 1703); compiled 2.78 s.
    """
    eager, compiled = (
        figures(*H3, f"duration={FRAMES[124]}", "gpu=gb200-nvl72", f"runtime={runtime}")
        for runtime in ("eager", "compiled")
    )

    assert eager["vae_starting_seconds"] == pytest.approx(7 * 7 * 4 * 36 * eager["launch_latency"], rel=0.06)
    assert 6.815 / 1.2 < eager["vae_decode_seconds"] < 7.857
    assert compiled["vae_decode_seconds"] == pytest.approx(2.78, rel=0.2)


def test_an_engine_decodes_minimax_h3_over_its_group() -> None:
    """Two H100 took 2.185 s of SGLang for 107 frames (pull request 34817); one that is asked alone takes it all."""
    plan = (*H3, f"duration={FRAMES[107]}", "gpu=h100-sxm", "gpus_per_replica=2", "runtime=engine")
    shared, alone = figures(*plan), figures(*plan, "vae_parallel_gpus=1")

    assert shared["group_decode_seconds"] == pytest.approx(2.185, rel=0.2)
    assert alone["group_decode_seconds"] == pytest.approx(2 * shared["group_decode_seconds"])
    assert figures("model=wan2.2-t2v-a14b", "gpus_per_replica=4", "runtime=engine")["vae_group_share"] == 1


def test_accuracy_counts_the_gpus_of_a_decode(tmp_path: Path) -> None:
    """A decode alone on four GPUs is held against a fourth of one GPU's: SGLang's two H100 took 2.185 s."""
    run = "- {{id: d{0}, model: minimax-h3, width: 1344, height: 768, frames: 107, runtime: engine, gpu: h100-sxm, "
    run += "gpus: {0}, includes: vae_decode, seconds: 2.185}}\n"
    one, two, four = accuracy(write("".join(run.format(gpus) for gpus in (1, 2, 4)), tmp_path / "runs.yaml")).rows

    assert two.predicted == pytest.approx(2.185, rel=0.2)
    assert [one.predicted, four.predicted] == pytest.approx([2 * two.predicted, two.predicted / 2])


def test_tensor_parallelism_is_near_a_published_run() -> None:
    """Cosmos 3 Super on eight H200 took 181 s with the matrices divided by eight (vLLM-Omni's recipe); 272 s before."""
    settings = ("model=cosmos3-super", "resolution=1280x720", "steps=50", "gpu=h200-sxm", "runtime=engine")
    plan = figures(*settings, "duration=7.875 s", "guidance_groups=1", "gpus_per_replica=8", "tensor_parallel=8")

    assert plan["generation_latency"] == pytest.approx(181, rel=0.25)


@pytest.mark.parametrize(("gpus", "seconds"), [(4, 705.68), (8, 556.81)])
def test_matrices_are_divided_before_passes_and_added_up_thrice(gpus: int, seconds: float) -> None:
    """SGLang's `--tp-size` on a Google G4 runs no passes side by side (wan22-g4 of runs.yaml): 81 frames of 720p.

    By hand: a layer of Wan adds up after self-attention, cross-attention and its feed-forward part. A ring sends
    2 (t - 1) / t of 75,600 tokens x 5,120 x 2 B each time, in 40 layers of 80 passes.
    """
    settings = ("model=wan2.2-t2v-a14b", "resolution=720p", "gpu=rtx-pro-6000-server", "runtime=engine")
    plan = figures(*settings, "attention_kernel=fa2", f"gpus_per_replica={gpus}", f"tensor_parallel={gpus}")
    sent = 80 * 40 * 3 * 2 * (gpus - 1) / gpus * 75_600 * 5_120 * 2

    assert (plan["guidance_split"], plan["tensor_split"]) == (1, gpus)
    assert plan["exchanged_bytes"] == pytest.approx(sent)
    assert plan["generation_latency"] == pytest.approx(seconds, rel=0.1)


def test_a_layer_without_cross_attention_adds_up_twice() -> None:
    """By hand: a ring of two sends the activations of all tokens, text with them, twice in each layer."""
    plan = figures("model=hunyuanvideo", "gpu=l40s", "gpus_per_replica=2", "tensor_parallel=2")
    sent = plan["passes_per_video"] * plan["layers"] * 2 * plan["sequence_tokens"] * plan["hidden_size"] * 2

    assert plan["exchanged_bytes"] == pytest.approx(sent)


def test_a_clip_of_no_steps_still_takes_its_prompt_and_its_copy() -> None:
    """By hand: 25.75 billion weights times 512 tokens, and 124 frames of 1344x768 in 32 bits over the host's memory."""
    plan = figures(*H3, f"duration={FRAMES[124]}", "gpu=h100-sxm", "runtime=engine")
    computing = 2 * 25_753_095_920 * 512 / (989.4e12 * plan["vae_efficiency"])
    copying = 124 * 1344 * 768 * 3 * 4 / 28e9

    assert plan["fixed_seconds"] == pytest.approx(computing + copying)
    assert figures("model=wan2.2-t2v-a14b", "gpu=h100-sxm")["text_encoding_seconds"] == pytest.approx(
        2 * 2 * 5_680_910_336 * 512 / (989.4e12 * plan["vae_efficiency"])
    )


@pytest.mark.parametrize(("gpu", "link", "outlasts"), [("l40s", 32e9, True), ("h100-sxm", 450e9, False)])
def test_sharded_weights_are_fetched_in_every_forward(gpu: str, link: float, *, outlasts: bool) -> None:
    """LTX-2.5 on 8 steps: each of four GPUs fetches three quarters of 37.98 GB eight times, over one way of its link.

    On PCIe that is 7.1 s at the least, more than the rest takes. NVLink is done before the computation is.
    """
    settings = ("model=ltx-2.5-22b", "distilled=distilled-8", f"gpu={gpu}", "gpus_per_replica=4", "sharding=weights")
    plan, free = figures(*settings), figures(*settings, "communication_efficiency=100%")

    assert free["gathering_seconds"] == pytest.approx(8 * 37.98e9 * 3 / 4 / link, rel=1e-3)
    fetched = plan["gathering_seconds"] + plan["starting_seconds"]
    assert (plan["denoising_seconds"] == pytest.approx(fetched)) is outlasts
    assert plan["denoising_seconds"] >= fetched
    assert figures(*settings, "sharding=none")["gathering_seconds"] == 0


@pytest.mark.parametrize(
    ("gpu", "gpus", "link"),
    [
        ("h100-nvl", 2, 600e9),  # NVIDIA PB-11773: bridges join two boards
        ("h100-nvl", 4, 128e9),  # then 16 lanes of PCIe 5, 64 GB/s each way
        ("h100-pcie", 8, 128e9),
        ("h200-nvl", 4, 900e9),  # or four
        ("h200-nvl", 8, 128e9),
        ("a100-80gb-pcie", 4, 64e9),  # 16 lanes of PCIe 4
        ("a100-40gb-pcie", 16, 64e9),  # beyond a server too, slower than its network
        ("rtx-a6000", 4, 64e9),
        ("h100-sxm", 8, 900e9),
        ("h100-sxm", 16, 100e9),
    ],
)
def test_bridges_join_few_boards(gpu: str, gpus: int, link: float) -> None:
    """A group that the bridges do not join exchanges over PCIe, as data sheets have it, both directions."""
    plan = figures("model=hunyuanvideo", f"gpu={gpu}", f"gpus_per_replica={gpus}")

    sent = plan["exchanged_bytes"] / (link / 2 * plan["communication_efficiency"])
    assert plan["communication_seconds"] == pytest.approx(sent)


def test_a_link_by_hand_says_where_it_moves_nothing() -> None:
    """Eight boards go over PCIe whatever the bridges carry; if eight share the link, 900 GB/s is 7 times PCIe.

    Four that run two passes side by side are two pairs, and each has a bridge.
    """
    eight, link = ("model=hunyuanvideo", "gpu=h100-pcie", "gpus_per_replica=8"), "interconnect_bandwidth=900 GB/s"
    plain, linked, joined = (
        estimate(load_scenario(None, (*eight, *more))) for more in ((), (link,), (link, "bridged_gpus=8"))
    )

    assert linked.known["communication_seconds"] == plain.known["communication_seconds"]
    assert joined.known["communication_seconds"] == pytest.approx(plain.known["communication_seconds"] * 128 / 900)
    warned = [[warning.code for warning in plan.warnings].count("link-not-used") for plan in (plain, linked, joined)]
    assert warned == [0, 1, 0]
    pairs = ("model=wan2.1-t2v-14b", "gpu=h100-pcie", "gpus_per_replica=4", "guidance_groups=2", link)
    assert "link-not-used" not in [warning.code for warning in estimate(load_scenario(None, pairs)).warnings]


@pytest.mark.parametrize(
    ("layout", "model", "encoder"),
    [("sharding=none", 1, 1), ("sharding=encoder", 1, 8), ("sharding=weights", 8, 8), ("tensor_parallel=4", 4, 4)],
)
def test_a_gpu_offloads_its_part_of_divided_weights(layout: str, model: int, encoder: int) -> None:
    """By hand, MiniMax-H3 in 16 bits on eight GPUs: parts of the model and the encoder, the whole VAE, in and out."""
    sizes = 2 * 33_122_992_896 / model + 2 * 25_753_095_920 / encoder + 2 * 2_603_868_984
    plan = figures(*H3, "gpu=h100-sxm", "runtime=engine", "gpus_per_replica=8", layout, "offload=all")

    assert plan["offload_seconds"] == pytest.approx(2 * sizes / 28e9)


@pytest.mark.parametrize(
    ("gpu", "gpus", "link"),
    [
        ("b200-hgx", 16, 1800e9),  # eight GPUs of a pass are a server
        ("h100-sxm", 32, 100e9),  # sixteen are two
        ("h100-nvl", 4, 600e9),  # two are a pair with a bridge
        ("h100-nvl", 8, 128e9),
        ("h100-pcie", 16, 128e9),  # eight GPUs of a pass in a server, beyond its bridges
    ],
)
def test_passes_side_by_side_exchange_over_their_own_link(gpu: str, gpus: int, link: float) -> None:
    """By hand: half of a group shares a pass and exchanges over its server or bridge; all of it gathers weights."""
    settings = ("model=wan2.1-t2v-14b", f"gpu={gpu}", "runtime=engine", "sharding=weights", "guidance_groups=2")
    plan = figures(*settings, f"gpus_per_replica={gpus}")
    whole = figures(*settings[:-1], "guidance_groups=1", f"gpus_per_replica={gpus}")

    sent = plan["exchanged_bytes"] / (link / 2 * plan["communication_efficiency"])
    assert plan["communication_seconds"] == pytest.approx(sent)
    assert 2 * plan["gathering_seconds"] == pytest.approx(whole["gathering_seconds"])


def test_shared_keys_and_values_are_exchanged_once() -> None:
    """Of 48 heads 8 have keys and values: queries and outputs go whole, and a sixth of the other two parts."""
    settings = ("model=magi-1-24b", "gpu=h100-sxm", "runtime=engine", "gpus_per_replica=8", "guidance_groups=1")
    own, full = (figures(*settings, *more) for more in ((), ("kv_head_share=1",)))

    assert own["exchanged_bytes"] / full["exchanged_bytes"] == pytest.approx((2 + 2 / 6) / 4, rel=1e-5)


def test_a_switch_adds_up_the_matrices_of_each_server() -> None:
    """Two servers run a pass of guidance each: eight H100 send 1 + 1/8 of the activations, as one server alone does."""
    settings = ("model=cosmos3-nano", "gpu=h100-sxm", "tensor_parallel=8")
    two, server = (
        figures(*settings, f"gpus_per_replica={8 * groups}", f"guidance_groups={groups}") for groups in (2, 1)
    )

    assert two["communication_seconds"] == pytest.approx(server["communication_seconds"] / 2)
    assert two["reduced_copies"] == 2 * 8 * (1 + 1 / 8) / 2


@pytest.mark.parametrize(
    ("steps", "groups"),
    [
        ([2] * 50, 2),
        ([3] * 50, 2),  # the last turn of each step leaves a GPU idle
        ([3] * 50, 3),
        ([4] * 50, 3),
        ([2] * 25 + [1] * 25, 2),  # guidance on half of the steps
    ],
)
def test_passes_side_by_side_take_whole_turns(steps: list[int], groups: int) -> None:
    """Step by step: a GPU a group runs a pass in each turn, as long as one GPU takes for a pass."""
    passes = sum(steps) / len(steps)
    settings = ("model=open-sora-2.0", "gpu=h200-sxm", "steps=50", f"passes_per_step={passes}", "passes_per_forward=1")
    alone, group = (
        figures(*settings, f"gpus_per_replica={gpus}", f"guidance_groups={gpus}", "exchange_latency=0 s")
        for gpus in (1, groups)
    )
    turns = sum(ceil(of_step / groups) for of_step in steps)

    assert group["denoising_seconds"] == pytest.approx(alone["denoising_seconds"] * turns / sum(steps))


def test_gpus_that_share_a_pass_exchange_in_each_turn() -> None:
    """Three passes over two pairs of GPUs take two turns: a pair sends two thirds of what it sends for all three."""
    settings = ("model=open-sora-2.0", "gpu=h200-sxm")
    pair, pairs = (
        figures(*settings, f"gpus_per_replica={2 * groups}", f"guidance_groups={groups}") for groups in (1, 2)
    )

    assert pairs["exchanged_bytes"] == pytest.approx(pair["exchanged_bytes"] * 2 / 3)


@pytest.mark.parametrize(("gpus", "passes", "warned"), [(5, 2, True), (6, 2, True), (8, 2, False), (8, 1.5, False)])
def test_gpus_divide_over_the_passes_and_heads_over_these(gpus: int, passes: float, *, warned: bool) -> None:
    """Of 40 heads: 2.5 GPUs a pass are none, three leave a head over, four have ten each; 1.5 passes are two groups."""
    settings = ("model=wan2.1-t2v-14b", "guidance_groups=2", f"gpus_per_replica={gpus}", f"passes_per_step={passes}")
    warnings = [warning.code for warning in estimate(load_scenario(None, settings)).warnings]

    assert ("heads-not-divisible" in warnings) is warned
