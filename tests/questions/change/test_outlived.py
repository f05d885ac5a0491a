"""Pins that outlive what they measured, and what of a request is none of a gate's business: benign pull requests."""

from pathlib import Path
from typing import Any

import pytest

import t2v_capacity as t2v
from shared import Program, branched, commit, over, write

PLAN = "name: Ours\nextends: base.yaml\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: 100K\nsteps: 20\n"
PINNED = f"{PLAN}pins: {{gpu_seconds_per_video: 80 s}}\n"
BASE = """abstract: true
gates:
  fail_on:
    growth: gpus > +60% and > +5
    sum: total(gpus) > +60%
"""
OWN = "gpus:\n  mine: {extends: h100-sxm, peak_flops: {bf16: 900 TFLOP/s}, gpu_price: 2 USD}\n"
RESPELLED = "gpus:\n  mine: {gpu_price: 2 USD, peak_flops: {bf16: 0.9 PFLOP/s}, extends: h100-sxm}\n"
OURS = PLAN.replace("gpu: h100-sxm", "catalogue: own.yaml\ngpu: mine")
MEASURED = "gpu_seconds_per_video: {value: 80 s, at: {steps: 20, gpu: h100-sxm, model: wan2.2-ti2v-5b}}"
# What a request changes of a plan that pins a clip's seconds, and what it then is of.
OUTLIVING = {
    "steps": ("steps: 20", "steps: 40"),
    "gpu": ("gpu: h100-sxm", "gpu: h200-sxm"),
    "duration": ("steps: 20", "steps: 20\nduration: 3 s"),
    "runtime": ("steps: 20", "steps: 20\nruntime: compiled"),
    "gpus_per_replica": ("steps: 20", "steps: 20\ngpus_per_replica: 2"),
}
ON_PINNED_GPUS, ON_PINNED_REPLICAS = f"{PLAN}pins: {{gpus: 400}}\n", f"{PLAN}pins: {{replicas: 400}}\n"
AT = f"{PLAN}pins: {{{MEASURED}}}\n"
# The base's plan and the head's: each meets the gates, and no pin of it speaks for something else.
BENIGN = {
    "more users on pinned GPUs": (ON_PINNED_GPUS, ON_PINNED_GPUS.replace("100K", "120K")),
    "more steps on pinned replicas": (ON_PINNED_REPLICAS, ON_PINNED_REPLICAS.replace("steps: 20", "steps: 24")),
    "more users with pinned seconds": (PINNED, PINNED.replace("100K", "120K")),
    "more users with seconds measured at": (AT, AT.replace("100K", "120K")),
    "a new pin": (PLAN, f"{PLAN}pins: {{video_size: 1 MB}}\n"),
    "a new pin with what it was measured at": (PLAN, AT),
    "a pin in another unit": (PINNED, PINNED.replace("80 s", "80_000 ms")),
    "a pin with its source": (PINNED, PINNED.replace("80 s", "{value: 80 s, source: our clip}")),
    "another price": (PINNED, f"{PINNED}gpu_price: 2.5 USD\n"),
    "another target": (PINNED, f"{PINNED}target_latency: 10 min\n"),
    "more spares": (PINNED, f"{PINNED}spare_fraction: 6%\n"),
    "another order": (PINNED, "\n".join(reversed(PINNED.splitlines())) + "\n"),
    "a comment": (PINNED, f"# ours\n{PINNED}"),
    "another peak": (PINNED, f"{PINNED}peak_to_average: 1.1\n"),
    "longer storage": (PINNED, f"{PINNED}retention: 60 d\n"),
    "an alias": (PINNED, PINNED.replace("h100-sxm", "h100")),
    "a default written out": (PINNED, f"{PINNED}videos_per_user_per_day: 2\n"),
    "more steps of an unpinned clip": (PLAN, PLAN.replace("steps: 20", "steps: 24")),
    "another spelling of a catalogue": (OURS, OURS),
    "a name": (PINNED, PINNED.replace("name: Ours", "name: Us")),
}


def requested(t2v_cap: Program, base: str, head: str, code: int, *more: str) -> dict[str, Any]:
    """Return what the gate says of a request; it must end with a code."""
    branched({"s/base.yaml": BASE, "s/plan.yaml": base, "s/own.yaml": OWN}, {})
    own = RESPELLED if "catalogue: own.yaml" in head else OWN
    commit({"s/plan.yaml": head, "s/own.yaml": own})
    return dict(t2v_cap("diff", "--against", "main", "s", *more, "--format", "json", code=code).json["scenarios"][0])


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", OUTLIVING)
def test_a_pin_fails_that_stays_while_its_clip_changes(name: str, t2v_cap: Program) -> None:
    """A request that changes what a pinned time was measured at fails, names both, and passes by the head's rules."""
    head = PINNED.replace(*OUTLIVING[name])
    entry = requested(t2v_cap, PINNED, head, 3)
    (rule,) = (one for one in entry["rules"] if one["kind"] == "outlived pin")

    assert rule["rule"] == "gpu_seconds_per_video"
    assert name in rule["head"]
    t2v_cap("diff", "--against", "main", "s", "--gates-from", "head", code=0)


MIX = "mix: {a: {}, b: {share: 10%, steps: 10, stages: {c: {}}}}\n"
# A plan, what a request changes of it, and what it pins at once.
HIDING = [
    (PLAN, ("steps: 20", "steps: 40"), ("name", "pins: {gpu_seconds_per_video: 80 s}\nname")),
    (PLAN, ("dau: 100K", "dau: 300K"), ("name", "pins: {trps: 3}\nname")),
    (PLAN + MIX, ("steps: 20", "steps: 20\nduration: 8 s"), ("share", "pins: {gpu_seconds_per_video: 40 s}, share")),
    (PLAN + MIX, ("steps: 10", "steps: 30"), ("share", "pins: {gpu_seconds_per_video: 40 s}, share")),
    (PLAN + MIX, ("steps: 10", "steps: 30"), ("c: {", "c: {pins: {denoising_seconds: 40 s}")),
    (PLAN, ("steps: 20", "steps: 20"), ("name", "pins: {gpu_seconds_per_video: {value: 80 s, at: {steps: 10}}}\nname")),
]


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("plan", HIDING)
def test_a_new_pin_fails_that_hides_what_changes(
    plan: tuple[str, tuple[str, str], tuple[str, str]], t2v_cap: Program
) -> None:
    """A pin that comes with another clip or demand than it was measured at fails; alone it passes.

    In a new scenario it fails too: no base shows what it hides.
    """
    base, change, pin = plan
    pinned = base.replace(*pin)
    (rule,) = requested(t2v_cap, base, pinned.replace(*change), 3)["rules"]
    assert (rule["kind"], rule["base"]) == ("pin", None)

    commit({"s/plan.yaml": pinned, "s/new.yaml": pinned.replace("Ours", "New")})
    entries = t2v_cap("diff", "--against", "main", "s", "--format", "json", code=3).json["scenarios"]
    rules = {entry["pairing"]: [one["kind"] for one in entry["rules"]] for entry in entries}
    assert rules == {"same": ["pin"] if "at:" in pinned else [], "new": ["pin"]}


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
def test_pinned_requests_outlive_the_users(t2v_cap: Program) -> None:
    """Three times the users behind a pinned rate of requests fail, whatever the gates say of GPUs."""
    pinned = f"{PLAN}pins: {{trps: 3}}\n"
    entry = requested(t2v_cap, pinned, pinned.replace("100K", "300K"), 3)

    assert [one["kind"] for one in entry["rules"]] == ["outlived pin"]


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", BENIGN)
def test_a_benign_request_passes(name: str, t2v_cap: Program) -> None:
    """What changes nothing that judges, or stands in the model's place, passes: twenty requests."""
    requested(t2v_cap, *BENIGN[name], 0)


@pytest.mark.usefixtures("folder")
def test_a_plain_diff_warns_of_an_outlived_pin(t2v_cap: Program) -> None:
    """`diff` of two files warns, naming pin and input, and fails by no rule."""
    base = write(PINNED.replace("extends: base.yaml\n", ""), "a.yaml")
    head = write(PINNED.replace("extends: base.yaml\n", "").replace("steps: 20", "steps: 40"), "b.yaml")
    document = t2v_cap("diff", base, head, "--format", "json").json
    (warning,) = (one for one in document["warnings"]["new"] if one["code"] == "pin-outlived")

    assert warning["names"] == ["gpu_seconds_per_video", "steps"]
    flags = t2v_cap("diff", base, head, "--pin", "gpu_seconds_per_video=80s", "--format", "json").json
    assert "pin-outlived" not in {one["code"] for one in flags["warnings"]["new"]}


@pytest.mark.usefixtures("folder")
@over(
    ("change", [{}, {"steps": 40}, {"gpu": "h200-sxm"}, {"dau": "9M"}, {"gpu_price": 1}]),
    ("door", ["plan", "sweep"]),
)
def test_a_pin_is_measured_at_what_it_says(change: dict[str, object], door: str) -> None:
    """A plan that is not what `at` says warns, in the estimate as in a cell; demand and prices are no clip's."""
    file = write(f"model: wan2.2-ti2v-5b\ngpu: h100-sxm\nsteps: 20\npins: {{{MEASURED}}}\n")
    changes: Any = change
    plan = t2v.estimate(file).but(**changes)
    outlived = any(name in change for name in ("steps", "gpu"))
    if door == "plan":
        found = [warning for warning in plan.warnings if warning.code == "pin-outlived"]
        assert bool(found) == outlived
        assert all(warning.names == ("gpu_seconds_per_video", *change) for warning in found)
    elif change:
        (name, value) = next(iter(change.items()))
        before = {"steps": 20, "gpu": "h100-sxm"}.get(name, value)
        axis: Any = {name: [value, before]}
        rows = t2v.estimate(file).sweep(**axis).rows
        assert ["pin-outlived" in row["warnings"] for row in rows] == [outlived, False]


@pytest.mark.usefixtures("folder")
def test_a_part_says_what_its_pin_was_measured_at() -> None:
    """A part's own pin is compared with the part, and one of the plan with the plan."""
    pin = "pins: {gpu_seconds_per_video: {value: 80 s, at: {steps: 20}}}"
    parts = f"mix: {{hd: {{share: 20%, steps: 40, {pin}}}, sd: {{steps: 20, {pin}}}}}\n"
    plan = t2v.estimate(write(f"model: wan2.2-ti2v-5b\ngpu: h100-sxm\n{parts}"))

    found = [warning for warning in plan.warnings if warning.code == "pin-outlived"]
    assert [warning.names for warning in found] == [("mix.hd.gpu_seconds_per_video", "steps")]


@pytest.mark.usefixtures("folder")
@over(("name", ["steps", "duration", "resolution"]))
def test_a_part_is_held_against_the_pin_that_it_takes(name: str) -> None:
    """Seconds at 20 steps and 5 s speak for no part of others; one with a pin of its own is not asked."""
    own, after = {"steps": ("40", "steps"), "duration": ("8 s", "duration"), "resolution": ("480p", "width")}[name]
    said = "{value: 80 s, at: {steps: 20, duration: 5 s, width: 1280}}"
    frame = "model: wan2.2-ti2v-5b\ngpu: h100-sxm\nsteps: 20\nduration: 5 s\nwidth: 1280\nheight: 704\n"
    hd = f"share: 20%, {name}: {own}"
    parts = f"mix: {{sd: {{}}, hd: {{{hd}}}, own: {{{hd}, pins: {{gpu_seconds_per_video: 9 s}}}}}}\n"
    plan = t2v.estimate(write(f"{frame}pins: {{gpu_seconds_per_video: {said}}}\n{parts}"))

    found = [warning.names for warning in plan.warnings if warning.code == "pin-outlived"]
    assert found == [("mix.hd.gpu_seconds_per_video", after)]
    assert all("pinned" in option.against for option in plan.compare(["h200-sxm", "h100-sxm"]).options)


# Two parts whose clips pass two stages; the plan's stages are pinned at its clip of 5 s, or at one of its parts.
PASSED = """model: wan2.2-t2v-a14b
gpu: h100-sxm
runtime: engine
offload: all
dau: 20K
stages:
  base:
    resolution: 640x368
    steps: 40
    pins: {{denoising_seconds: {{value: 98 s, at: {{duration: {at}, steps: 40}}}}}}
  refine: {{resolution: 832x480, steps: 10, pins: {{denoising_seconds: {{value: 57 s, at: {{duration: {at}}}}}}}}}
mix:
  short: {{share: 50%{short}}}
  long: {{share: 50%{long}}}
"""
_OF_LONG = ("mix.long.stages.base.denoising_seconds", "mix.long.stages.refine.denoising_seconds")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("at", "short", "long", "outlived"),
    [
        ("5.0625 s", "", "", []),
        ("5.0625 s", "", ", duration: 9 s", [(name, "duration") for name in _OF_LONG]),
        ("5.0625 s", "", ", stages: {base: {steps: 20}}", [(_OF_LONG[0], "steps")]),
        (
            "5.0625 s",
            "",
            ", duration: 9 s, stages: {base: {pins: {denoising_seconds: null}}}",
            [(_OF_LONG[1], "duration")],
        ),
        ("3 s", ", duration: 3 s", ", duration: 3 s", []),
        ("3 s", ", duration: 3 s", ", duration: 9 s", [(name, "duration") for name in _OF_LONG]),
    ],
    ids=["same", "longer", "fewer steps", "computed", "of no part", "of one part"],
)
def test_a_part_is_held_against_the_pins_of_stages(
    at: str, short: str, long: str, outlived: list[tuple[str, str]]
) -> None:
    """Seconds of a stage at 5 s and 40 steps speak for no part of others; a clip that no part makes is not asked."""
    plan = t2v.estimate(write(PASSED.format(at=at, short=short, long=long)))

    assert [warning.names for warning in plan.warnings if warning.code == "pin-outlived"] == outlived


@pytest.mark.usefixtures("folder")
def test_what_a_pin_of_a_parts_stage_bypasses_is_named() -> None:
    """A share of cached steps that one part's stage has moves no figure, since that stage's passes are pinned."""
    pinned = ", stages: {base: {pins: {passes_per_video: 60}, cached_step_share: %s}}"
    few, many = (
        t2v.estimate(write(PASSED.format(at="5.0625 s", short="", long=pinned % share))) for share in ("10%", "30%")
    )

    assert few.flops_per_video == many.flops_per_video
    bypassed = [warning.names for warning in few.warnings if warning.code == "pin-bypasses"]
    assert bypassed == [("mix.long.stages.base.cached_step_share",)]


@pytest.mark.usefixtures("folder")
def test_the_printed_at_is_of_the_plan() -> None:
    """The `at` that the warning prints, pasted, ends the warning."""
    text = f"model: wan2.2-ti2v-5b\ngpu: h200-sxm\nsteps: 40\npins: {{{MEASURED}}}\n"
    (warning,) = (one for one in t2v.estimate(write(text)).warnings if one.code == "pin-outlived")
    at = warning.message.partition("`at: ")[2].partition("}`")[0]
    mended = write(text.replace(MEASURED, f"gpu_seconds_per_video: {{value: 80 s, at: {at}}}}}"), "mended.yaml")

    assert "pin-outlived" not in {one.code for one in t2v.estimate(mended).warnings}


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
def test_what_is_not_read_is_named(t2v_cap: Program) -> None:
    """A scenario in capitals is read; JSON and hidden folders are named among what is left out."""
    branched({"s/plan.yaml": PLAN.replace("extends: base.yaml\n", "")}, {})
    write(PLAN.replace("extends: base.yaml\n", "").replace("Ours", "More"), "s/more.YAML")
    write("{}", "s/plan.json")
    Path("s/.drafts").mkdir()
    write(PLAN, "s/.drafts/plan.yaml")
    commit({})
    answer = t2v_cap("diff", "--against", "main", "s", "--format", "markdown")

    assert "s/more.YAML" in answer.out
    assert "left out: 1 hidden folder (s/.drafts), 1 JSON file (s/plan.json)" in answer.out.replace("\\", "")
    assert "JSON file" in t2v_cap("check", "s").out
