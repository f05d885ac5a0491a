"""`t2v-cap init`: the scenario that it writes is ready to use, says what it rests on, and harms no other file."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from shared import Program, write
from t2v_capacity.handover.init import starter
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.schema.documents import SCHEMAS

pytestmark = pytest.mark.usefixtures("folder")
# Plans that are asked from flags alone.
ASKED = [
    "--dau 5M",
    "--model wan2.2-t2v-a14b --gpu b200-hgx --dau 1M --retention '90 d' --precision fp8",
    "--gpu l40s --resolution 720p --patch 1,2,2 --layers 30 --attention-kernel fa2 --growth-per-month=-5%",
    "--model wan2.1-t2v-14b --dau '50M to 200M' --gpu-price 2.10 --resolution 832x480 --cdn-hit-ratio '30% to 90%'",
    "--gpu mi300x --storage-price '0.023 USD/GB-month' --views-per-video 7 --pin video_size=1.4MB --as-of 2026-12-01",
    "--model mochi --gpu h200 --set 'duration = 3 s' --set dau=1M --dau null --offload all --pin 'trps=1 to 4'",
    "--gpu a100 --gpus-per-replica 4 --sharding weights --runtime engine --fps 24 --width 640",
]


def _document(text: str) -> dict[str, Any]:
    """Return a scenario's texts by name; a section of comments alone is null."""
    document = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - texts alone
    return {name: entry or None for name, entry in document.items()}


def _plan(t2v_cap: Program, *arguments: str) -> dict[str, Any]:
    plan: dict[str, Any] = t2v_cap("estimate", *arguments, "--format", "json").json
    return plan


def test_written_scenario_is_valid(t2v_cap: Program) -> None:
    """The scenario is valid by the schema, and so are the budget and the gate that it proposes.

    `check` and `diff` read these.
    """
    text = re.sub(r"^# (?=budgets|gates)", "", starter('ours: "50 %"', load_scenario(None)), flags=re.MULTILINE)
    document = _document(text)
    write(text, "ours.yaml")

    assert document["name"] == 'ours: "50 %"'
    assert document["budgets"]
    assert document["gates"]
    assert [error.message for error in Draft202012Validator(SCHEMAS["scenario"]()).iter_errors(document)] == []
    t2v_cap("check", "ours.yaml", code=3)
    t2v_cap("diff", "ours.yaml", "ours.yaml", code=3)  # the budget fails there too


def test_nothing_is_overwritten_unasked(t2v_cap: Program) -> None:
    """A file that is there is left as it was, unless `--force` says otherwise."""
    write("dau: 5M\n", "my.yaml")

    assert "--force" in t2v_cap("init", "my.yaml", code=2).err
    assert Path("my.yaml").read_text(encoding="utf-8") == "dau: 5M\n"
    t2v_cap("init", "my.yaml", "--force")
    assert Path("my.yaml").read_text(encoding="utf-8") == t2v_cap("init", "-").out.replace('"scenario"', '"my"')


@pytest.mark.parametrize("line", ASKED)
def test_a_plan_of_flags_alone_is_kept(line: str, t2v_cap: Program) -> None:
    """The scenario that flags are written into gives the figures, ranges and choices of the flags themselves."""
    write("name: Nothing\n", "empty.yaml")
    flags = shlex.split(line)
    t2v_cap("init", "my.yaml", *flags)
    asked, kept = (
        _plan(t2v_cap, "empty.yaml", *flags, "--samples", "100"),
        _plan(t2v_cap, "my.yaml", "--samples", "100"),
    )

    assert kept["as_of"] == asked["as_of"]
    assert {name: one["value"] for name, one in kept["choices"].items()} == {
        name: one["value"] for name, one in asked["choices"].items()
    }
    for part, keys in (("assumptions", ("value", "low", "high")), ("figures", ("value", "pinned", "p5", "p50", "p95"))):
        assert list(kept[part]) == list(asked[part])
        for name, one in asked[part].items():
            for key in keys:
                wanted = one[key] if one[key] is None else pytest.approx(one[key], rel=1e-12, abs=0)
                assert kept[part][name][key] == wanted, (name, key)


def test_a_plan_with_a_catalogue_of_one_s_own_is_kept(t2v_cap: Program) -> None:
    """The command that the screen ends with writes the catalogue's place, as seen from the new file's folder."""
    Path("ours").mkdir()
    Path("plans").mkdir()
    write(
        "models: {small: {extends: wan2.1-t2v-1.3b, layers: 20, source: config}}\n"
        "sources: {config: {title: config.json, accessed: 2026-11-30}}\n",
        "ours/own models.yaml",
    )
    flags = ("--model", "small", "--catalogue", "ours/own models.yaml")
    asked = t2v_cap("estimate", *flags).out
    shown = re.search(
        r"to keep this plan: t2v-cap (init my\.yaml .*?) GB =", " ".join(asked.replace("\\\n", "").split())
    )
    assert shown is not None

    t2v_cap(*shlex.split(shown[1].replace("my.yaml", "plans/my.yaml")))

    assert "\ncatalogue: [../ours/own models.yaml]\n" in Path("plans/my.yaml").read_text(encoding="utf-8")
    assert _plan(t2v_cap, "plans/my.yaml")["figures"] == _plan(t2v_cap, *flags)["figures"]


@pytest.mark.parametrize("line", ["", "--dau 50K --gpu h200", "--model wan2.2-t2v-a14b --offload encoder"])
def test_a_default_stays_in_doubt(line: str, t2v_cap: Program) -> None:
    """The first screen of the file is that of the flags: what is not decided has its star and its line of doubt.

    Only `name` stands in the file of no flags. Its lines of defaults say the same where their # is taken away.
    """
    flags = shlex.split(line)
    t2v_cap("init", "my.yaml", *flags)
    asked, kept = (t2v_cap("estimate", *plan).out for plan in (flags or ["--dau", "1M"], ["my.yaml"]))
    text = Path("my.yaml").read_text(encoding="utf-8")

    doubts = [re.findall(r"\S+\*|sellers ask .*|no target set|would take .*", out) for out in (asked, kept)]
    assert "no target set" in doubts[0]
    if line:
        assert doubts[0] == doubts[1]
    else:
        assert re.findall(r"^ *\w+: ?\S.*", text, re.MULTILINE) == ['name: "my"']
    write(
        re.sub(r"^( *)# (?=(model|gpu|\w+_\w+|dau|duration|retention): )", r"\1", text, flags=re.MULTILINE), "all.yaml"
    )
    assert _plan(t2v_cap, "all.yaml")["figures"]["gpus"] == _plan(t2v_cap, "my.yaml")["figures"]["gpus"]


def test_what_flags_ask_for_stands_as_it_was_written(t2v_cap: Program) -> None:
    """A flag's value is written as it was typed, in its section, and what a shorthand stands for is not said twice."""
    text = t2v_cap(
        "init", "-", "--dau", "50M to 200M", "--resolution", "720p", "--layers", "30", "--pin", "video_size=1.4 MB"
    ).out
    document = _document(text)

    assert document["traffic"]["dau"] == "50M to 200M"
    assert document["architecture"] == {"layers": "30"}
    assert document["video"]["resolution"] == "720p"
    assert document["pins"] == {"video_size": {"value": "1.4 MB", "at": {"duration": "5 s"}}}
    assert not re.search(r"^#?\s+(width|height): ", text, re.MULTILINE)
    assert [error.message for error in Draft202012Validator(SCHEMAS["scenario"]()).iter_errors(document)] == []
