"""Pins, `time_factor` and efficiencies along with growth: the head is judged with the base's too, and each change is named."""

from pathlib import Path

import pytest

from shared import Program, commit, git

pytestmark = pytest.mark.wide

BASE = "abstract: true\ngates:\n  fail_on: [{when: gpus > +10%, name: growth}]\n"
PLAN = "name: Ours\nextends: base.yaml\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: {dau}\n"
SMALL, LARGE = PLAN.format(dau="100K"), PLAN.format(dau="1M")
OWN = "gpus:\n  mine: {{extends: h100-sxm, peak_flops: {{bf16: {peak} TFLOP/s}}, linear_efficiency: {{bf16: {share}}}}}\n"


@pytest.fixture(autouse=True)
def repository(folder: Path) -> Path:
    """Run in a repository whose `main` has a plan under a gate on growth, on a branch."""
    git("init", "-q")
    commit({"s/base.yaml": BASE, "s/plan.yaml": SMALL})
    git("checkout", "-q", "-b", "feature")
    return folder


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("pins: {requests_per_day: 200K}\n", "pin `requests_per_day`: none -> 200K requests/day"),
        ("pins: {gpus: 100}\n", "pin `gpus`: none -> 100 GPUs"),
        ("pins: {gpu_seconds_per_video: 1 s}\n", "pin `gpu_seconds_per_video`: none -> 1 s"),
        ("time_factor: 0.1\n", "calibration `time_factor`: 1 -> 0.1"),
        ("peak_flops: 90 PFLOP/s\nattention_peak_flops: 90 PFLOP/s\nvae_peak_flops: 90 PFLOP/s\n", "calibration `peak_flops`: "),
    ],
)
def test_growth_beside_a_calibration(more: str, named: str, t2v_cap: Program) -> None:
    """Ten times the users fail though a pin or a calibration hides them; a comment, JSON and the table name it with both values."""
    commit({"s/plan.yaml": LARGE + more})
    out, err = t2v_cap("diff", "--against", "main", "s", code=3)
    assert named in out
    assert "with the base's `" in err or "peak" in more  # faster GPUs alone don't hide all of it
    assert named in t2v_cap("diff", "--against", "main", "s", "--format", "markdown", code=3).out.replace("\\", "").replace("&gt;", ">")
    document = t2v_cap("diff", "--against", "main", "s", "--format", "json", code=3).json
    assert named in document["scenarios"][0]["notes"][0]
    assert named in t2v_cap("diff", "main:s/plan.yaml", "s/plan.yaml", code=3).out
    t2v_cap("diff", "--against", "main", "s", "--gates-from", "head", code=(0, 3))


def test_an_honest_calibration_passes(t2v_cap: Program) -> None:
    """A calibration alone passes where the base's numbers pass too, and is named all the same; so is one that is taken back."""
    commit({"s/plan.yaml": SMALL + "time_factor: 0.8\nlinear_efficiency: 0.7\n"})
    comment = t2v_cap("diff", "--against", "main", "s", "--format", "markdown").out.replace("\\", "").replace("&gt;", ">")
    assert "calibration `time_factor`: 1 -> 0.8" in comment
    assert "calibration `linear_efficiency`: " in comment
    git("branch", "-f", "main")
    commit({"s/plan.yaml": SMALL})
    assert "with the base's" not in t2v_cap("diff", "--against", "main", "s", code=3).err  # slower than it was, as it is written
    commit({"s/plan.yaml": PLAN.format(dau="120K") + "time_factor: 0.5\nlinear_efficiency: 0.7\n"})
    assert "with the base's `time_factor`" in t2v_cap("diff", "--against", "main", "s", code=3).err


def test_a_pin_of_the_base_that_goes(t2v_cap: Program) -> None:
    """A pin that the head takes away, or moves, is judged with the base's as well."""
    commit({"s/plan.yaml": SMALL + "pins: {gpu_seconds_per_video: 100 s}\n"})
    git("branch", "-f", "main")
    commit({"s/plan.yaml": LARGE + "pins: {gpu_seconds_per_video: 10 s}\n"})
    out, err = t2v_cap("diff", "--against", "main", "s", code=3)
    assert "pin `gpu_seconds_per_video`: 100 s -> 10 s" in out
    assert "with the base's `gpu_seconds_per_video`" in err
    commit({"s/plan.yaml": LARGE})
    t2v_cap("diff", "--against", "main", "s", code=3)


def test_a_catalogue_that_says_how_fast(t2v_cap: Program) -> None:
    """Efficiencies and peaks of a catalogue of one's own are calibration too; another GPU of the package is a choice and none."""
    commit({"own.yaml": OWN.format(peak=900, share=0.6), "s/plan.yaml": SMALL.replace("h100-sxm", "mine")})
    git("branch", "-f", "main")
    commit({"own.yaml": OWN.format(peak=9000, share=0.9), "s/plan.yaml": LARGE.replace("h100-sxm", "mine")})
    out, err = t2v_cap("diff", "--against", "main", "s", "--catalogue", "own.yaml", code=3)
    assert "calibration `peak_flops`: 900 TFLOP/s -> 9 PFLOP/s" in out
    assert "growth" in err
    commit({"s/plan.yaml": SMALL.replace("h100-sxm", "b200-hgx"), "own.yaml": OWN.format(peak=900, share=0.6)})
    git("branch", "-f", "main")
    commit({"s/plan.yaml": SMALL.replace("h100-sxm", "h200-sxm")})
    assert "calibration" not in t2v_cap("diff", "main:s/plan.yaml", "s/plan.yaml", code=(0, 3)).out


def test_a_budget_that_a_pin_keeps(t2v_cap: Program) -> None:
    """A budget holds with the base's pins too, of all scenarios and of one."""
    commit({"s/base.yaml": "abstract: true\nbudgets: [gpus <= 1000]\n"})
    git("branch", "-f", "main")
    commit({"s/plan.yaml": LARGE + "pins: {gpus: 100}\n"})
    for asked in (("--against", "main", "s"), ("main:s/plan.yaml", "s/plan.yaml")):
        assert "with the base's `gpus`: " in t2v_cap("diff", *asked, code=3).err


def test_a_budget_that_holds_both_ways_is_told_once(t2v_cap: Program) -> None:
    """Of a budget that holds as it is written and with the base's calibration the answer is the written plan's."""
    commit({"s/base.yaml": "abstract: true\nbudgets: [gpus <= 1M]\n"})
    git("branch", "-f", "main")
    commit({"s/plan.yaml": SMALL + "time_factor: 0.5\n"})
    (entry,) = t2v_cap("diff", "--against", "main", "s", "--format", "json").json["scenarios"]
    (budget,) = entry["diff"]["budgets"]
    assert budget["passed"]
    assert "with the base's" not in budget["message"]
    assert budget["value"] == t2v_cap("estimate", "s/plan.yaml", "--format", "json").json["figures"]["gpus"]["value"]


def test_a_new_scenario_that_pins(t2v_cap: Program) -> None:
    """A pin and a calibration of a new scenario count for nothing in a gate on the total, and the pin is named."""
    for more in ("pins: {gpus: 1}\n", "time_factor: 0.1\npins: {gpus: null}\n"):
        commit({"s/new.yaml": LARGE.replace("Ours", "New") + more})
        out, err = t2v_cap(
            "diff", "--against", "main", "s", "--fail-on", "total(gpus) > +1000%" if "time" in more else "total(gpus) > +5%", code=(0, 3)
        )
        if "time" not in more:
            assert "pin `gpus`: none -> 1 GPU" in out
            assert "without the calibration that the head changes" in err
