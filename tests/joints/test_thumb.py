"""From the rule of thumb's GPUs to the model's: factors that multiply to the quotient, as a command and in README."""

import math
import re

import pytest

from places import ROOT, SHIPPED, shipped
from shared import Program, plan_of, some
from t2v_capacity.plan.gpu_waterfall import thumb_to_gpus

# The GPUs of the lesson by its rule, and by the model.
RULE, MODEL = 8_180, 11_299_213


@pytest.mark.parametrize("path", some(SHIPPED, 4), ids=lambda path: path.stem)
def test_the_factors_multiply_to_the_quotient(path: str) -> None:
    """In every shipped scenario, of mixes and stages too."""
    plan = plan_of(path)
    known, factors = plan.known, thumb_to_gpus(plan)

    assert math.prod(factors.values()) == pytest.approx(known["gpus"] / known["rule_of_thumb_gpus"], rel=1e-12)


def test_a_small_fleet_has_the_peak_and_the_spares_of_its_work() -> None:
    """81 GPUs are 3.21 times the work of 20,000 clips a day of 109.09 s: the peak's 2.5, 77 GPUs for it, 4 in spare.

    The rule's 0.0302 GPUs round up to 1.
    """
    plan = plan_of(shipped("start-up"))
    factors = thumb_to_gpus(plan)
    rule = 20_000 / 86_400 * 2 * (4.99979e9 + 5.68091e9) * 121 * 50 / 989.4e12
    work = 20_000 / 86_400 * 109.0896

    assert plan.known["gpu_seconds_per_video"] == pytest.approx(109.09, abs=0.01)
    assert (factors["peak"], factors["queue"]) == pytest.approx((2.5, 77 / (2.5 * work)), rel=1e-5)
    assert factors["spare"] == pytest.approx(81 / 77)
    assert factors["the rule rounds 0.0302 GPUs up to 1"] == pytest.approx(rule, rel=1e-5)


def test_attention_multiplies_what_a_token_meets_of_the_weights() -> None:
    """Of Wan's two experts one runs; its 40 layers and their attention are counted here from its configuration."""
    factors = thumb_to_gpus(plan_of(shipped("wan2.2-h100")))
    tokens, text, wide, feed = 32_760, 512, 5_120, 13_824
    linear = 40 * 2 * (tokens * (4 * wide**2 + 2 * wide * feed) + (tokens + text) * 2 * wide**2)
    attention = 40 * 4 * wide * (tokens**2 + tokens * text)

    assert factors["weights that a token does not use"] == pytest.approx(linear / (2 * 28.577e9 * tokens), rel=1e-4)
    assert factors["attention"] == pytest.approx((linear + attention) / linear, rel=1e-9)


def test_a_stream_holds_its_place_while_it_plays() -> None:
    """800 chunks of 4,680 tokens in 9,600 frames; 4 steps and a pass for the cache; 600 s that hold 301 s of work."""
    plan = plan_of(shipped("stream"))
    factors = thumb_to_gpus(plan)

    assert factors["the rule takes a frame for one token; it is 390 (3,744,000 tokens in 9,600 frames)"] == 390
    assert factors["passes per step"] == pytest.approx(5 / 4)
    assert factors["a stream holds its place while it plays"] == pytest.approx(
        600 / plan.known["gpu_seconds_per_video"], rel=1e-12
    )
    assert factors["peak"] == pytest.approx(2)


def test_the_frames_of_stages_are_a_factor_of_their_own() -> None:
    """Eight passes over a quarter of the pixels and three over all, one per step; a decode adds work."""
    plan = plan_of(shipped("two-stage"))
    factors = thumb_to_gpus(plan)
    base, refine = (stage.figures["denoising_flops"] / steps for stage, steps in zip(plan.stages, (8, 3), strict=True))

    assert "passes per step" not in factors  # one a step, which is no factor
    decode = plan.known["vae_decode_flops"] / (8 * base + 3 * refine)
    assert factors["VAE"] == pytest.approx(1 + decode)
    assert factors["parts or stages differ in frames and passes"] == pytest.approx(
        (8 * base + 3 * refine) / (11 * refine)
    )
    assert refine / 16 < base < refine / 4  # a quarter of the tokens; attention grows with their square


def test_what_is_printed_multiplies_to_the_quotient(t2v_cap: Program) -> None:
    """The lesson's nine factors, as they are printed, give 1382 times 8180; README shows the same ones."""
    out = t2v_cap("explain", shipped("lesson"), "rule_of_thumb_gpus", "--depth", "0").out
    printed = re.findall(r"^  x (\S+)  (.*)$", out, re.MULTILINE)

    assert plan_of(shipped("lesson")).figures["rule_of_thumb_gpus"] == RULE
    assert plan_of(shipped("lesson")).figures["gpus"] == MODEL
    assert round(math.prod(float(factor) for factor, _cause in printed)) == round(MODEL / RULE)
    assert re.findall(r"^  x (\S+)  (.*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE) == printed
