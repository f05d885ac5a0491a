"""The gate `new-warnings` in a git repository: what becomes worse without becoming another warning."""

import pytest

from shared import Program, branched, commit

pytestmark = [pytest.mark.wide, pytest.mark.usefixtures("folder")]

BASE = "abstract: true\ngates: {fail_on: [new-warnings]}\n"
PLAN = "name: Ours\nextends: base.yaml\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\nruntime: compiled\ndau: 30K\n"


def code_of(t2v_cap: Program, more: str, change: tuple[str, str], code: int) -> str:
    """Return what the gate says of a change of a plan; it must end with a code."""
    branched({"s/base.yaml": BASE, "s/plan.yaml": PLAN + more})
    commit({"s/plan.yaml": (PLAN + more).replace(*change)})
    return t2v_cap("diff", "--against", "main", "s", code=code).err


SPOT = "target_latency: 3 min\nspot_fraction: 10%\nspot_price: 2\npeak_to_average: 2\n"
CLIP = "duration: 5 s\ntarget_latency: 20 min\n"


@pytest.mark.parametrize(
    ("more", "change", "warning"),
    [
        # 30K users' 60K clips of 109 s take 152 GPUs at twice the mean. 90% of 192 carry that; 30% do not.
        (SPOT, ("10%", "70%"), "spot-without-promise"),
        # No published run of the model has a clip of 16 s, or half of one: a timed clip has 5 s.
        (CLIP, ("5 s", "16 s"), "extrapolated"),
    ],
)
def test_a_note_that_becomes_a_warning(more: str, change: tuple[str, str], warning: str, t2v_cap: Program) -> None:
    """A note of the base that is a warning of the head is new; a warning that becomes a note is not."""
    assert f"failed: new-warnings; new warning {warning}" in code_of(t2v_cap, more, change, 3)


@pytest.mark.parametrize(("more", "change"), [(SPOT, ("10%", "70%")), (CLIP, ("5 s", "16 s"))])
def test_a_warning_that_becomes_a_note(more: str, change: tuple[str, str], t2v_cap: Program) -> None:
    """The way back passes."""
    code_of(t2v_cap, more.replace(*change), (change[1], change[0]), 0)


LAUNCH = "target_latency: 3 min\npeak_to_average: 3\ngpus_per_server: 1\ngpu_limit: 120\nqueue_limit: 300\n"
PARTS = f"{LAUNCH}mix: {{short: {{}}, long: {{share: 10%, duration: 8 s, target_latency: 4 min}}}}\n"


@pytest.mark.parametrize("plan", [LAUNCH, PARTS])
@pytest.mark.parametrize("longer", ["queue_limit: 3000\n", ""])
def test_an_overload_that_waits_longer(plan: str, longer: str, t2v_cap: Program) -> None:
    """A full queue of an overloaded fleet is served in queue / (replicas / clip) seconds, however full the day is.

    Of 300 that is 300 / (120 / 109 s) = 273 s: with a clip 3.5 minutes over the target of 3. Of 3,000 it is 45 minutes,
    without a limit it is hours. A queue that is a few requests longer passes. A shorter one refuses more requests.
    """
    assert "worse" not in code_of(t2v_cap, plan, ("queue_limit: 300\n", "queue_limit: 310\n"), 0)
    commit({"s/plan.yaml": (PLAN + plan).replace("queue_limit: 300\n", longer)})
    err = t2v_cap("diff", "--against", "main", "s", code=3).err
    assert "failed: new-warnings; new warning misses-target-latency" in err
    commit({}, base=True)
    commit({"s/plan.yaml": PLAN + plan})
    assert "misses-target-latency" not in t2v_cap("diff", "--against", "main", "s", code=3).err


def test_a_part_that_misses_its_own_target(t2v_cap: Program) -> None:
    """A part of twice the steps takes about twice as long, also where another part is the slowest of the plan."""
    parts = "mix:\n  quick: {steps: 20, target_latency: 10 s}\n  slow: {share: 10%, duration: 16 s}\n"
    assert "misses-target-latency: mix.quick" in code_of(t2v_cap, parts, ("steps: 20", "steps: 40"), 3)


@pytest.mark.parametrize("plan", ["", "mix:\n  slow: {share: 30%, steps: 200}\n  quick:\n    "])
def test_a_part_that_misses_the_plans_target_by_more(plan: str, t2v_cap: Program) -> None:
    """Twice the steps miss a target by far more, as a plan alone does, though a slower part misses it by most."""
    err = code_of(t2v_cap, f"target_latency: 100 s\n{plan}steps: 100\n", ("steps: 100", "steps: 150"), 3)
    assert "slow:" not in err
    assert f"new warning misses-target-latency: {'mix.quick: ' if plan else ''}p95" in err


@pytest.mark.parametrize("plan", ["", "mix:\n  hd: {share: 30%, resolution: 1280x720}\n  sd:\n    "])
def test_a_part_that_no_longer_fits(plan: str, t2v_cap: Program) -> None:
    """A part that grows out of its GPU is new, whatever another part lacks: a plan of that part alone warns of it.

    Both parts of 720 lines need 100 GB, of which an H100 has 81.
    """
    clip = f"name: Ours\nextends: base.yaml\nmodel: wan2.2-t2v-a14b\ngpu: h100-sxm\n{plan}duration: 3 s\n"
    branched({"s/base.yaml": BASE, "s/plan.yaml": clip})
    commit({"s/plan.yaml": clip.replace("duration: 3 s", "resolution: 1280x704")})
    err = t2v_cap("diff", "--against", "main", "s", code=3).err
    assert "mix.hd" not in err
    assert f"new warning memory-does-not-fit: {'mix.sd: ' if plan else ''}may not fit" in err


def test_an_overload_without_a_target_that_lasts_longer(t2v_cap: Program) -> None:
    """60K clips a day of 109 s ask at three times their mean for 227 of 120 GPUs, 72K for 273."""
    plan = "peak_to_average: 3\ngpus_per_server: 1\ngpu_limit: 120\n"
    assert "failed: new-warnings; new warning overloaded" in code_of(t2v_cap, plan, ("dau: 30K", "dau: 36K"), 3)
    commit({}, base=True)
    commit({"s/plan.yaml": PLAN + plan})
    assert "overloaded" not in t2v_cap("diff", "--against", "main", "s", code=0).err
