"""`t2v-cap init`: the scenario that it writes is ready to use, says what it rests on, and harms no other file."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from shared import Program, write
from t2v_capacity.reports.handover.init import DECIDE, OFTEN, starter
from t2v_capacity.reports.schema.answers import SCHEMAS
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.choices import CHOICES

pytestmark = pytest.mark.usefixtures("folder")
PAIRS = [("mochi-1-preview", "h100-sxm"), ("wan2.1-t2v-14b", "h100-sxm"), ("ltx-video-2b", "l40s"), ("wan2.2-ti2v-5b", "mi300x")]


def _plan(t2v_cap: Program, *arguments: str) -> dict[str, Any]:
    plan: dict[str, Any] = t2v_cap("estimate", *arguments, "--format", "json").json
    return plan


@pytest.mark.parametrize(("model", "gpu"), PAIRS)
def test_written_scenario_is_ready(model: str, gpu: str, t2v_cap: Program) -> None:
    """The scenario gives the figures that its model and GPU give alone, as written and with all of its comments in effect."""
    assert "t2v-cap estimate my.yaml" in t2v_cap("init", "--model", model, "--gpu", gpu, "my.yaml").err
    text = Path("my.yaml").read_text(encoding="utf-8")
    in_effect = re.sub(r"^# (?=[a-z_]+:(?:$| ))|^# (?=  [a-z_]+: )", "", text, flags=re.MULTILINE)
    write(re.sub(r"^(?:budgets|gates): .*\n", "", in_effect, flags=re.MULTILINE), "all.yaml")
    write(f"model: {model}\ngpu: {gpu}\n", "alone.yaml")

    alone = _plan(t2v_cap, "alone.yaml")
    assert alone["figures"] == _plan(t2v_cap, "my.yaml")["figures"]
    assert alone["figures"] == _plan(t2v_cap, "all.yaml")["figures"]
    changed = yaml.safe_load(Path("all.yaml").read_text(encoding="utf-8"))
    assert {name for part in changed.values() if isinstance(part, dict) for name in part} == {*DECIDE, *OFTEN}


def test_written_scenario_is_valid() -> None:
    """The scenario is valid by the schema, and so are the budget and the gate that it proposes."""
    text = starter('ours: "50 %"', "wan2.1-t2v-14b", "h100-sxm")
    document = yaml.load(re.sub(r"^# (?=budgets|gates)", "", text, flags=re.MULTILINE), yaml.BaseLoader)  # noqa: S506 - texts alone

    assert document["name"] == 'ours: "50 %"'
    assert document["budgets"]
    assert document["gates"]
    assert [error.message for error in Draft202012Validator(SCHEMAS["scenario"]()).iter_errors(document)] == []


def test_proposed_budget_and_gate_are_read(t2v_cap: Program) -> None:
    """The budget and the gate that the scenario proposes are read by `check` and `diff`."""
    text = starter("ours", "mochi-1-preview", "h100-sxm")
    write(re.sub(r"^# (?=budgets|gates)", "", text, flags=re.MULTILINE), "ours.yaml")

    t2v_cap("check", "ours.yaml", code=3)
    t2v_cap("diff", "ours.yaml", "ours.yaml", code=3)  # the budget fails there too


def test_what_must_be_decided_stands_out() -> None:
    """What must be decided is written out, each line below its unit, bounds and source; the rest is in comments."""
    lines = starter("ours", "mochi-1-preview", "h100-sxm").splitlines()
    for name in DECIDE:
        known, at = ASSUMPTIONS[name], next(number for number, line in enumerate(lines) if line.startswith(f"  {name}: "))

        assert f"# {known.label}. Unit: {known.unit}; {known.bounds()}." in lines[at - 1]
        assert known.default in f"{lines[at - 1]}{lines[at]}"
        assert known.source in f"{lines[at - 1]}{lines[at]}" or "source: " in lines[at]
    for name in OFTEN:
        at = next(number for number, line in enumerate(lines) if line.startswith(f"#   {name}: "))
        assert (ASSUMPTIONS.get(name) or CHOICES[name]).label in lines[at - 1]


def test_default_pair_is_that_of_a_scenario(t2v_cap: Program) -> None:
    """Without options the scenario names the model and the GPU that a scenario has where it names none; - prints it."""
    assert t2v_cap("init", "-").out == starter("scenario", CHOICES["model"].default, CHOICES["gpu"].default)


def test_nothing_is_overwritten_unasked(t2v_cap: Program) -> None:
    """A file that is there is left as it was, unless `--force` says otherwise."""
    write("dau: 5M\n", "my.yaml")

    assert "--force" in t2v_cap("init", "my.yaml", code=2).err
    assert Path("my.yaml").read_text(encoding="utf-8") == "dau: 5M\n"
    t2v_cap("init", "my.yaml", "--force")
    assert Path("my.yaml").read_text(encoding="utf-8") == starter("my", CHOICES["model"].default, CHOICES["gpu"].default)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["my.yaml", "--model", "wan2.1-t2v-41b"], "did you mean `wan2.1-t2v-14b`?"),
        (["my.yaml", "--gpu", "h100-sxn"], "did you mean `h100-sxm`?"),
        (["my.yaml", "--gpu", "zebra"], "`t2v-cap list gpus` shows them"),
        (["nowhere/my.yaml"], "`nowhere/my.yaml` can't be written: there is no directory `nowhere`; make it first"),
        ([".", "--force"], "`.` can't be written: it is a directory; name a file in it"),
        ([""], "the name of the file is empty"),
        ([], "FILE is missing"),
    ],
)
def test_mistakes_write_nothing(arguments: list[str], said: str, t2v_cap: Program) -> None:
    """An unknown model or GPU, or a file that can't be written, ends with 2, the likely fix and no file."""
    assert said in t2v_cap("init", *arguments, code=2).err
    assert list(Path().iterdir()) == []
