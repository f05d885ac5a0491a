"""Every answer ends with its warnings, and counts its notes by the same words; `--all` prints them."""

import re

import pytest

from places import shipped
from shared import Program, plan_of, write
from t2v_capacity.cli.app import COMMANDS
from t2v_capacity.plan.glossary import GUIDES_FILE

# The page of warnings, which is written by hand, says which codes are notes.
PAGE = GUIDES_FILE.read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `(\S+)`\n\nSeverity: (.+?)^Example", PAGE, re.MULTILINE | re.DOTALL))
ANSWERS = (
    "sweep PLAN --over dau=1M,2M",
    "solve PLAN --for dau --until gpus<=1000",
    "solve PLAN --until gpus<=1000",
    "compare PLAN",
    "forecast PLAN --months 3",
    "sensitivity PLAN gpus",
    "sensitivity PLAN trps",
    "check PLAN",
    "total PLAN",
    "total PLAN PLAN",
    "actuals PLAN month.yaml",
)


@pytest.mark.parametrize("line", ANSWERS)
@pytest.mark.usefixtures("folder")
def test_notes_are_counted_and_all_prints_them(line: str, t2v_cap: Program) -> None:
    """The last paragraph before the foot counts them; with `--all` so many more lines say `note` and the code."""
    write("month: 2026-10\nsource: our meter\nactuals: {dau: 90M}\n", "month.yaml")
    words = [shipped("mochi") if word == "PLAN" else word for word in line.split()]
    brief, whole = t2v_cap(*words).out, t2v_cap(*words, "--all").out

    *_paragraphs, counted, _foot = brief.strip().split("\n\n")
    assert re.fullmatch(r"\d+ notes?: --all", counted)
    codes = re.findall(r"^note (\S+): ", whole, re.MULTILINE)
    assert int(counted.split()[0]) == len(codes) > 0
    assert [code for code in codes if not re.search(r"\binfo\b", SECTIONS[code])] == []
    assert not re.search(r"\d notes?: --all", whole)


@pytest.mark.usefixtures("folder")
def test_a_screen_counts_its_notes_and_a_group_prints_its_own(t2v_cap: Program) -> None:
    """The first screen has them in brackets; of a group, `--all` prints those about it."""
    assert re.search(r"`--all` \(\d+ notes\)", t2v_cap("estimate", "--model", "mochi").out)
    line = ("estimate", shipped("mochi"), "--only", "gross_margin,gpus")
    counted = re.findall(r"^(\d+) notes?: --all$", t2v_cap(*line).out, re.MULTILINE)
    assert [int(count) for count in counted] == [t2v_cap(*line, "--all").out.count("\nnote ")]


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("export", "init", "schema")])
def test_every_answer_takes_all(command: str, t2v_cap: Program) -> None:
    """The help of every command that answers has `--all`."""
    assert "\n  --all " in t2v_cap(command, "--help").out


@pytest.mark.usefixtures("folder")
def test_frames_between_strides_of_the_vae_are_named() -> None:
    """By hand: of 80 frames a stride of 4 makes 1 + 4 x 19 = 77, and 81 in tools that round up (80 // 4 * 4 + 1).

    The 20 latents of the first take 20/21 of the tokens of the second.
    """
    path = write("model: wan2.2-t2v-a14b\n")
    even, odd = (plan_of(path, [f"duration={seconds} s"]) for seconds in (81 / 16, 5))

    (note,) = (warning.message for warning in odd.warnings if warning.code == "frames-left-out")
    assert "77 of 80 frames" in note
    assert "makes 81 takes longer: `duration: 5.0625 s`" in note
    assert "frames-left-out" not in {warning.code for warning in even.warnings}
    assert odd.known["visual_tokens"] == pytest.approx(even.known["visual_tokens"] * 20 / 21)
    for pin in ("gpu_seconds_per_video=300", "latent_frames=21", "frames_per_video=80"):
        pinned = plan_of(path, ["duration=5 s"], [pin])
        assert "frames-left-out" not in {warning.code for warning in pinned.warnings}
    # Allegro makes 22 x 4 = 88 frames, Open-Sora 1.2 six times 17.
    for model in ("allegro", "open-sora-1.2"):
        assert "frames-left-out" not in {warning.code for warning in plan_of(write(f"model: {model}\n")).warnings}
    lines = "label: Mine, source: own, patch: [1, 2, 2], vae_compression: [4, 8, 8], width: 832, height: 480, fps: 16"
    sizes = (
        "model_params: 10e9, text_encoder_params: 4.7e9, vae_params: 0.1e9, layers: 40, hidden_size: 5120, heads: 40"
    )
    rest = "ffn_size: 13824, ffn_matrices: 2, text_tokens: 512, steps: 50, passes_per_step: 2"
    own = f"mine: {{{lines}, {sizes}, {rest}, vae_decode_flops_per_pixel: 1e6}}"
    catalogue = write(f"models:\n  {own}\nsources: {{own: {{title: ours, accessed: 2026-11-01}}}}\n", "own.yaml")
    plan = plan_of(write("model: mine\n"), ["duration=5 s"], catalogues=[catalogue])
    assert "frames-left-out" in {warning.code for warning in plan.warnings}
