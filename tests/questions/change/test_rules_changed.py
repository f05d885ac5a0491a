"""What judges a request, or stands in the model's place.

Each change of it is listed with both texts and fails, and nothing else is.
"""

from pathlib import Path

import pytest

from shared import Program, branched, commit, git
from texts import Recorded

pytestmark = pytest.mark.wide

BASE = "abstract: true\ngates:\n  fail_on: {growth: gpus > +1000%}\n"
PLAN = "name: Ours\nextends: base.yaml\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: 100K\n"
OWN = "gpus:\n  mine: {{extends: h100-sxm, peak_flops: {{bf16: {peak} TFLOP/s}}}}\n"


@pytest.fixture(autouse=True)
def repository(folder: Path) -> Path:
    """Run in a repository whose `main` has a plan under a gate that nothing here trips, on a branch."""
    branched({"s/base.yaml": BASE, "s/plan.yaml": PLAN})
    return folder


def changed(t2v_cap: Program, file: str, *more: str, code: int = 3) -> list[str]:
    """Return in words what judges a scenario and changed."""
    entries = t2v_cap("diff", "--against", "main", "s", *more, "--format", "json", code=code).json["scenarios"]
    (found,) = [entry for entry in entries if entry["file"] == file]
    return [
        f"{one['kind']} {one['rule']}: {one['base']} -> {one['head']}, {one['file']}:{one['line']}"
        for one in found["rules"]
    ]


WHOLE = (
    "pins: {gpus: 100}\ntime_factor: 1\npeak_flops: 90 PFLOP/s\nlayers: 3\n"
    "as_of: 2026-01-01\nwaivers: {no-source: a sketch}\n"
)
PARTS = "time_factor: 0.8 to 1.1\npatch: [1, 4, 4]\nmix: {a: {}, b: {cached_step_share: 0%, share: 5%}}\n"
STAGES = "stages: {a: {vae_encode_share: 0.1}, b: {}}\n"


@pytest.mark.parametrize("more", [WHOLE, PARTS, STAGES], ids=["whole", "parts", "stages"])
def test_what_stands_in_the_model_s_place(more: str, t2v_cap: Program, recorded: Recorded) -> None:
    """A pin, a date, a waiver, and a value typed by hand where another is supplied fail.

    They do so at the top, in a part, in a stage and in a new scenario, which has a date of its own.
    """
    commit({"s/plan.yaml": PLAN + more, "s/new.yaml": PLAN.replace("Ours", "New") + more})
    said = changed(t2v_cap, "s/plan.yaml")
    recorded(said)
    assert {one.replace("s/plan", "s/new") for one in said if not one.startswith("as_of")} <= {
        *changed(t2v_cap, "s/new.yaml")
    }
    git("branch", "-f", "main")
    commit({"s/plan.yaml": PLAN.replace("100K", "101K") + more})
    assert changed(t2v_cap, "s/plan.yaml", code=0) == []
    commit({"s/plan.yaml": PLAN})
    assert (
        len(changed(t2v_cap, "s/plan.yaml")) == len(changed(t2v_cap, "s/plan.yaml", "--gates-from", "head", code=0)) > 0
    )


def test_a_new_service_has_its_own_date(t2v_cap: Program) -> None:
    """The date of a new scenario is no change, whether it states one or takes that of a base."""
    base, new = f"{BASE}as_of: 2026-12-01\n", PLAN.replace("Ours", "New")
    commit({"s/base.yaml": base}, base=True)
    commit({"s/new.yaml": new})
    assert changed(t2v_cap, "s/new.yaml", code=0) == []

    commit({"s/new.yaml": f"{new}as_of: 2026-11-01\n"})
    assert changed(t2v_cap, "s/new.yaml", code=0) == []


def test_what_figures_judge(t2v_cap: Program) -> None:
    """What the figures show is no change of what judges, nor is a rule that is only added, or another GPU."""
    rest = "passes_per_step: 1\ngpu_price: 1\ngpu_power: 100 W\nbudgets: [gpus <= 5M]\n"
    for more in ("steps: 5\nresolution: 480p\nduration: 2 s\n", rest):
        commit({"s/plan.yaml": PLAN.replace("h100-sxm", "h200-sxm") + more})
        assert changed(t2v_cap, "s/plan.yaml", code=0) == []


def test_an_entry_of_a_catalogue(t2v_cap: Program) -> None:
    """An entry of a catalogue of one's own counts where it differs, by flag or by the scenario.

    It counts too where a new scenario brings it.
    """
    commit({"own.yaml": OWN.format(peak=900), "s/plan.yaml": PLAN.replace("h100-sxm", "mine")}, base=True)
    commit({"own.yaml": f"# ours\n{OWN.format(peak=9000)}"})
    (said,) = changed(t2v_cap, "s/plan.yaml", "--catalogue", "own.yaml")
    peak = "{extends: h100-sxm, peak_flops: {bf16: %s TFLOP/s}}"
    assert said == f"catalogue gpus.mine: {peak % 900} -> {peak % 9000}, own.yaml:3"
    commit({"own.yaml": OWN.format(peak=900), "s/new.yaml": f"{PLAN.replace('Ours', 'New')}catalogue: ../own.yaml\n"})
    assert [one.partition(":")[0] for one in changed(t2v_cap, "s/new.yaml", "--catalogue", "own.yaml")] == [
        "catalogue gpus.mine"
    ]


def test_every_form_lists_it(t2v_cap: Program, recorded: Recorded) -> None:
    """Standard error, the table, an annotation and JUnit have each change.

    With `--gates-from head` they have it as a warning that fails nothing.
    """
    commit({"s/plan.yaml": PLAN + "pins: {gpus: 100}\n"})
    for more in ((), ("--gates-from", "head")):
        for form in ("table", "github", "junit"):
            out, err = t2v_cap("diff", "--against", "main", "s", *more, "--format", form, code=0 if more else 3)
            recorded(f"{out}{err}")
    assert "rules-changed" not in t2v_cap("diff", "main:s/plan.yaml", "s/plan.yaml").err  # a pair is no request
