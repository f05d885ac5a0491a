"""The attention kernels: the usual one was timed, a choice stands for one at a time, and each number says its runs."""

import re
from collections import Counter
from pathlib import Path

from fit.shipped import shipped_runs
from shared import Program, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import published
from t2v_capacity.measured.runs.reading import INCLUDES
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.evidence import ALIKE
from t2v_capacity.scenario.load import load_scenario, with_flags


def _kernel(as_of: str, *sets: str) -> float:
    return load_scenario(None, ["attention_kernel=sdpa", *sets], as_of=as_of).values()["attention_efficiency"]


def test_sdpa_is_the_kernel_that_pytorch_takes_on_that_day() -> None:
    """On Hopper and data-center Blackwell that is cuDNN from 2026 and FlashAttention-2 before.

    Elsewhere it is FlashAttention-2. Each has its own numbers.
    """
    kernels = Catalogue().entries("kernels")
    for entry in kernels.values():
        if "runs" in entry.about:
            taken = kernels[f"{entry.id.partition('/')[0]}/{entry.about['runs']}"]
            assert {name: fact.text for name, fact in entry.facts.items()} == {
                name: fact.text for name, fact in taken.facts.items()
            }
    for gpu, of in (
        ("h100-sxm", "hopper"),
        ("h20-sxm", "hopper-h20"),
        ("b200-hgx", "blackwell"),
        ("a100-80gb-sxm", "ampere"),
    ):
        before, since = _kernel("2025-12-31", f"gpu={gpu}"), _kernel("2026-01-01", f"gpu={gpu}")
        assert before == float(kernels[f"{of}/fa2"].facts["attention_efficiency"].text)
        assert since == (before if of == "ampere" else float(kernels[f"{of}/cudnn"].facts["attention_efficiency"].text))


def test_a_users_sdpa_is_theirs(tmp_path: Path) -> None:
    """A user's catalogue that says another efficiency of `sdpa` is asked, not the kernel that PyTorch would take."""
    own = write("kernels: {hopper/sdpa: {attention_efficiency: 0.5}}\n", tmp_path / "own.yaml")

    plan = load_scenario(None, ["gpu=h100-sxm", "attention_kernel=sdpa"], catalogues=[own])
    assert plan.values()["attention_efficiency"] == 0.5


def test_the_usual_kernel_is_the_one_that_was_timed_most() -> None:
    """By generation and runtime it has the most published clips whose kernel is known; ties stay as they are."""
    catalogue, timed = Catalogue(), Counter[tuple[str, str, str]]()
    clips = {run.id for run in shipped_runs() if run.figure == INCLUDES["clip"]}
    for row in published().rows:
        if row.id in clips and row.judged and row.kernel_known in ("stated", "unambiguous"):
            timed[row.generation, ALIKE.get(row.runtime, row.runtime), row.kernel] += 1
    gpus = {gpu.about["generation"]: gpu.id for gpu in catalogue.entries("gpus").values()}
    for generation, runtime in {key[:2] for key in timed}:
        chosen = {"gpu": gpus[generation], "runtime": runtime}
        usual = {"attention_kernel": catalogue.usual_kernel(chosen), **chosen}
        of_kernel = {kernel: count for (*key, kernel), count in timed.items() if key == [generation, runtime]}
        assert of_kernel.get(catalogue.kernel(usual).id.partition("/")[2], 0) == max(of_kernel.values()), usual


def test_a_mask_decides_before_the_gpu_does() -> None:
    """HunyuanVideo in diffusers passes a mask, whatever the day; an engine does not, and no other kernel is touched."""
    kernels = Catalogue().entries("kernels")
    for gpu, of in (
        ("h100-sxm", "hopper/masked"),
        ("gb200-nvl72", "blackwell/cudnn-masked"),
        ("rtx-4090", "ada/masked"),
    ):
        for day in ("2025-12-31", "2026-01-01"):
            masked = _kernel(day, f"gpu={gpu}", "model=hunyuanvideo")
            assert masked == float(kernels[of].facts["attention_efficiency"].text)
            own = load_scenario(None, [f"gpu={gpu}", "attention_kernel=sdpa"], as_of=day)
            assert with_flags(own, ["model=hunyuanvideo"]).values()["attention_efficiency"] == masked
            back = with_flags(own, ["model=hunyuanvideo", "runtime=engine", "attention_kernel=sdpa"])
            assert back.values()["attention_efficiency"] == _kernel(day, f"gpu={gpu}")
    assert load_scenario(None, ["gpu=h100-sxm", "model=hunyuanvideo"]).values()["attention_efficiency"] > 0.6


def test_the_day_moves_no_seconds_in_silence(t2v_cap: Program) -> None:
    """A plan of a dated kernel names the kernel in its title, and so does `explain`; other plans don't move."""
    mochi = "scenarios/mochi.yaml"
    plans = [estimate(load_scenario(mochi, as_of=day)) for day in ("2025-01-01", "2026-11-29")]
    assert len({plan.figures["gpu_seconds_per_video"] for plan in plans}) == 1
    for day, kernel in (("2025-12-31", "fa2"), ("2026-01-01", "cudnn")):
        flags = ("--attention-kernel", "sdpa", "--as-of", day)
        assert f"plain PyTorch*, sdpa ({kernel}) attention; " in t2v_cap("estimate", mochi, *flags).out
        explained = t2v_cap("explain", mochi, "attention_kernel", *flags).out
        assert f"  picks {kernel}\n" in explained


def test_a_number_says_how_many_runs_are_behind_it() -> None:
    """The source of a kernel's efficiency counts the runs of its note; one without a run says that it is assumed."""
    for entry in Catalogue().entries("kernels").values():
        source, rows = entry.facts["attention_efficiency"].source, int(entry.about["rows"])
        ids = re.search(r"rows? ((?:[\w-]+ ?)+)", entry.about["note"])
        if source.startswith(("fitted on", "derived from")):
            assert rows
            assert f" {rows} published runs" in source
            assert not ids or len(ids[1].split()) == rows, entry.id
        elif "runs" not in entry.about:
            assert source.startswith("assumption"), entry.id
            assert not rows, entry.id
    default = ASSUMPTIONS["softmax_share"].source
    assert default.startswith("assumption")
