"""Layers: what a choice replaces and what stays, and that every way to lay a flag gives one plan."""

from pathlib import Path

import pytest

from shared import write
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.scenario.load import DEFAULT_KERNEL, laid, load_scenario
from t2v_capacity.scenario.settings import Scenario
from t2v_capacity.vocabulary.choices import CHOICES

BASE = """
model: wan2.2-t2v-a14b
gpu: h100-sxm
resolution: 720p
fps: 24
steps: 4
gpu_price: 1
gpus_per_server: 4
attention_kernel: fa3
"""


@pytest.fixture
def base(tmp_path: Path) -> str:
    """Return a scenario in which numbers were written by hand beside the choices that supply them."""
    file = tmp_path / "base.yaml"
    write(BASE, file)
    return str(file)


def _values(scenario: Scenario, *names: str) -> list[float]:
    return [scenario.values()[name] for name in names]


@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_in_force_changes_nothing_but_its_origin(base: str, choice: str) -> None:
    """Naming a choice that is in force already, by default or by an earlier layer, changes no value and warns of nothing."""
    for file in (base, "scenarios/start-up.yaml", "scenarios/lesson.yaml"):
        plan = load_scenario(file)
        again = load_scenario(file, [f"{choice}={plan.choices[choice].value}"])
        assert again.values() == plan.values()
        assert again.warnings == plan.warnings
        assert again.choices[choice].origin.kind == "flag"


@pytest.mark.parametrize("choice", CHOICES)
def test_a_default_that_is_named_changes_nothing(tmp_path: Path, choice: str) -> None:
    """A scenario that names a default is the scenario that leaves it out, and one that takes a choice away again."""
    empty, other = tmp_path / "empty.yaml", tmp_path / "other.yaml"
    write("dau: 1M\n", empty)
    write("dau: 1M\nmodel: wan2.1-t2v-14b\ngpu: b200-hgx\nprecision: fp8\n", other)
    plain = load_scenario(str(empty))
    named = load_scenario(str(empty), [f"{choice}={CHOICES[choice].default or DEFAULT_KERNEL}"])
    assert named.values() == plain.values()
    taken = load_scenario(str(other), ["model=null", "gpu=null", "precision=null"])
    assert taken.values() == plain.values()


def test_what_is_asked_of_a_model_stays(base: str) -> None:
    """Another model brings its own steps, with a warning; the frame and the frame rate that were asked for stay."""
    plan = load_scenario(base, ["model=hunyuanvideo"])
    assert _values(plan, "width", "height", "fps", "steps") == [1280, 720, 24, 50]
    (warning,) = plan.warnings
    assert (warning.code, warning.names) == ("override-replaced", ("model", "steps"))
    assert f"`steps` ({base}:6:8)" in warning.message
    assert "`model: hunyuanvideo` (--model hunyuanvideo)" in warning.message


def test_how_gpus_are_rented_stays(base: str) -> None:
    """Another GPU brings its own price, with a warning; the GPUs a server stay, and so does a kernel that runs there."""
    plan = load_scenario(base, ["gpu=h200"])
    assert _values(plan, "gpus_per_server") == [4]
    assert _values(plan, "gpu_price") != [1]
    assert plan.choices["attention_kernel"].value == "fa3"
    assert [warning.names for warning in plan.warnings] == [("gpu", "gpu_price")]


@pytest.mark.parametrize("gpu", Catalogue().names("gpus"))
def test_a_gpu_says_how_many_stand_in_a_server(base: str, gpu: str, tmp_path: Path) -> None:
    """A rack's GPUs come by the tray of four, others by the usual board, until a number is written; a further GPU brings its own."""
    expected = 4 if gpu in ("gb200-nvl72", "gb300-nvl72") else 8
    later = tmp_path / "later.yaml"
    write(f"gpu: {gpu}\ndau: 1M\n", later)
    assert _values(load_scenario(str(later)), "gpus_per_server") == [expected]
    assert _values(load_scenario(str(later), ["gpu=gb300"]), "gpus_per_server") == [4]
    assert _values(load_scenario(str(later), ["gpu=h200"]), "gpus_per_server") == [8]
    assert _values(load_scenario(str(later), ["gpu=null"]), "gpus_per_server") == [8]
    assert _values(load_scenario(str(later), ["gpus_per_server=2"]), "gpus_per_server") == [2]
    assert not load_scenario(str(later), ["gpus_per_server=2", f"gpu={gpu}"]).warnings
    assert _values(load_scenario(base, [f"gpu={gpu}", "gpus_per_server=null"]), "gpus_per_server") == [expected]


def test_the_default_gpu_of_a_catalogue_of_ones_own_says_so_too(tmp_path: Path) -> None:
    """Servers that a user's entry writes for the GPU that is the default count where nobody names a GPU, and where somebody does."""
    own, plan = tmp_path / "own.yaml", tmp_path / "plan.yaml"
    write("sources:\n  ours: {title: Our order, accessed: 2026-11-24}\ngpus:\n  h100-sxm: {source: ours, gpus_per_server: 2}\n", own)
    write("catalogue: own.yaml\ndau: 1M\n", plan)
    for sets in ([], ["gpu=h100-sxm"], ["gpu=null"]):
        assert _values(load_scenario(str(plan), sets), "gpus_per_server") == [2]
    assert _values(load_scenario(str(plan), ["gpu=h200"]), "gpus_per_server") == [8]


def test_a_kernel_that_does_not_run_there_is_replaced_with_a_warning(base: str) -> None:
    """A kernel written by hand gives way to the GPU's usual one where it doesn't run on the new GPU, and both are named."""
    plan = load_scenario(base, ["gpu=l40s"])
    assert plan.choices["attention_kernel"].value != "fa3"
    assert ("gpu", "attention_kernel") in [warning.names for warning in plan.warnings]


def test_a_choice_that_another_implies_warns_too(tmp_path: Path) -> None:
    """A number written by hand that an implied choice replaces is named, beside the choice that implied it."""
    file = tmp_path / "base.yaml"
    write("model: mochi-1-preview\ntext_in_sequence: 1\n", file)
    plan = load_scenario(str(file), ["model=wan2.1-t2v-14b"])
    assert ("model", "text_in_sequence") in [warning.names for warning in plan.warnings]
    assert _values(plan, "text_in_sequence") == [0]


def test_laid_flags_are_one_layer_with_those_before() -> None:
    """Flags that are laid later stand beside the scenario's own: a price stays through a change of GPU, the later of two counts."""
    file = "scenarios/wan2.2-h100.yaml"
    plan = load_scenario(file, ["gpu_price=1", "steps=20"])
    there = laid(plan, ["gpu=b200-hgx", "steps=30"], {"dau": 5e5})
    assert there.values() == load_scenario(file, ["gpu_price=1", "gpu=b200-hgx", "steps=30", "dau=500K"]).values()
    assert there.warnings == load_scenario(file, ["gpu_price=1", "gpu=b200-hgx", "steps=30", "dau=500K"]).warnings
