"""What people type that is not quite the command line.

It is done where it is certain, else told in one line that can be pasted.
"""

import json
import re
import shlex
from pathlib import Path

import pytest

from places import ROOT, shipped
from shared import Program
from t2v_capacity.assumptions.quantities import parse
from t2v_capacity.cli.app import COMMANDS
from texts import Recorded

# What was typed, and the command line that it means.
DONE = {
    "estimate scenarios/mochi.yaml --json": "estimate scenarios/mochi.yaml --format json",
    "estimate scenarios/mochi.yaml --target 60s": "estimate scenarios/mochi.yaml --target-latency 60s",
    "estimate scenarios/mochi.yaml --clips-per-day 200M": "estimate scenarios/mochi.yaml --videos-per-user-per-day 2",
    "estimate scenarios/mochi.yaml --resolution 1920*1080": "estimate scenarios/mochi.yaml --resolution 1920x1080",
    "estimate scenarios/mochi.yaml --bitrate 5mbps": "estimate scenarios/mochi.yaml --bitrate 5Mbps",
    "estimate scenarios/mochi.yaml --only trps,gpus": "estimate scenarios/mochi.yaml --only trps --only gpus",
    "compare scenarios/mochi.yaml h100 b200": "compare scenarios/mochi.yaml --gpu h100,b200",
    "compare scenarios/mochi.yaml --gpus h100,b200": "compare scenarios/mochi.yaml --gpu h100,b200",
    "forecast scenarios/mochi.yaml --months 2y": "forecast scenarios/mochi.yaml --months 24",
}
# A line of each command that writes JSON, where it is not one on a scenario.
JSON = {
    "list": "list",
    "list gpus": "list",
    "list models mochi": "list",
    "accuracy": "accuracy",
    "explain gpus": "explain",
    "sweep scenarios/mochi.yaml --over dau=1M,2M": "sweep",
    "check scenarios/mochi.yaml": "check",
    "diff scenarios/mochi.yaml scenarios/mochi-bf16.yaml": "diff",
    "total scenarios/mochi.yaml": "total",
    "fit tests/authorities/requests.csv": "fit",
}
NEAR = ("mochi", "scenario/mochi.yaml")


@pytest.mark.parametrize("typed", DONE)
def test_what_is_certain_is_done(typed: str, t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives what the command line that it means gives."""
    monkeypatch.chdir(ROOT)
    answers = [
        re.sub(r"--\S+ 2\b|--clips-per-day 200M", "", t2v_cap(*line.split()).out) for line in (typed, DONE[typed])
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("clips", ["3", "500", "5000", "100K"])
def test_clips_of_a_day_need_no_users(clips: str, t2v_cap: Program, folder: Path) -> None:
    """So many clips are planned whoever asks for them: no other users or clips per user would move the fleet.

    What keeps the plan in a file keeps the clips too.
    """
    line = ("--model", "wan2.2-t2v-a14b", "--gpu", "h100-sxm", "--clips-per-day", clips)
    said = t2v_cap("estimate", *line).out
    kept = shlex.split(said.replace("\\\n", "").partition("t2v-cap ")[2].partition("GB = ")[0])
    t2v_cap(*kept)
    plans = [t2v_cap("estimate", *plan, "--json").json["figures"] for plan in (line, [str(folder / "my.yaml")])]

    assert [plan["requests_per_day"]["value"] for plan in plans] == [pytest.approx(parse(clips, "video"))] * 2
    assert plans[0]["gpus"] == plans[1]["gpus"]
    assert "users*" not in said
    assert "clips per user*" not in said


def test_clips_that_users_cannot_ask_for_are_refused_by_their_flag(t2v_cap: Program) -> None:
    """500 clips of 1M users are 0.0005 of each, below the least: the flag that was typed is named."""
    said = t2v_cap("estimate", "--dau", "1M", "--clips-per-day", "500", code=2).err

    assert "`videos_per_user_per_day`: 0.0005 requests/user/day is out of bounds" in said
    assert said.endswith(" --> --clips-per-day 500\n")


@pytest.mark.parametrize(
    "flags", ["--gpu h100 --gpu b200 --gpu l40s", "h100 --gpu b200,l40s", "--gpus h100 --gpu b200,l40s"]
)
def test_gpus_to_compare_add_up(flags: str, t2v_cap: Program) -> None:
    """Every GPU that is named has a row, however often the option is given."""
    rows = t2v_cap("compare", shipped("mochi"), *flags.split(), "--json").json["rows"]
    assert sorted({row["gpu"] for row in rows}) == ["b200-hgx", "h100-sxm", "l40s"]


@pytest.mark.parametrize(
    "command", ["compare", "forecast", "sweep --over dau=1M,2M", "sensitivity gpus", "estimate --all"]
)
def test_an_answer_of_flags_is_titled_by_model_and_gpu(command: str, t2v_cap: Program) -> None:
    """A plan without a file has the name of what was chosen, its alias written out; JSON has it too."""
    line = [*command.split(), "--model", "wan2.2-t2v-a14b", "--gpu-limit", "90", "--set", "gpu=b200", "--dau", "10K"]
    assert t2v_cap(*line).out.partition("\n")[0] == "wan2.2-t2v-a14b on b200-hgx"
    scenario = t2v_cap(*line, "--json").json["scenario"]
    assert scenario == {"name": "wan2.2-t2v-a14b on b200-hgx", "file": ""}


@pytest.mark.parametrize("line", JSON)
def test_json_is_a_word_of_every_command(line: str, t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--json` writes a document that a reader of JSON takes, of the command that was asked."""
    monkeypatch.chdir(ROOT)
    assert json.loads(t2v_cap(*line.split(), "--json").out)["command"] == JSON[line]


def test_json_is_documented_with_every_format(t2v_cap: Program) -> None:
    """The help of a command with formats names `--json`; of the others, two write files and refuse it by its name."""
    without = []
    for name in COMMANDS:
        said = t2v_cap(name, "--help").out
        if "--format" not in said:
            without.append(name)
            assert t2v_cap(name, "--json", code=2).err.startswith("error: `--json` is not an option")
        assert ("--json is --format json" in " ".join(said.split())) == ("--format" in said)
    assert without == ["export", "init"]
    assert '"$schema"' in t2v_cap("schema", "list", "--json").out


@pytest.mark.parametrize("typed", NEAR)
def test_a_scenario_is_found_by_a_name_near_its_own(
    typed: str, t2v_cap: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What names no file is refused with the scenario that it means."""
    monkeypatch.chdir(ROOT)
    said = t2v_cap("estimate", typed, code=2).err
    assert said == f"error: {typed}: there is no such file; did you mean scenarios/mochi.yaml?\n"


def test_a_figure_is_defined_without_a_plan(t2v_cap: Program, recorded: Recorded) -> None:
    """`explain gpus` says what it is: its unit, its formula and its inputs; of an assumption its bounds and default."""
    recorded(t2v_cap("explain", "gpus").out)
    recorded(t2v_cap("explain", "dau").out)
    found = t2v_cap("explain", "gpus", "--format", "json").json["figure"]
    assert [one["name"] for one in found["inputs"]] == ["servers", "gpus_had_per_server"]
    assert found["formula"]["names"] == "servers x gpus_had_per_server"


@pytest.mark.parametrize(("precision", "bits"), [("mxfp8", 8 + 8 / 32), ("mxfp4", 4 + 8 / 32), ("nvfp4", 4 + 8 / 16)])
def test_formats_with_block_scales(precision: str, bits: float, t2v_cap: Program) -> None:
    """A weight takes its bits and its part of its block's scale; its arithmetic runs at the peak of its numbers."""
    line = ("estimate", shipped("wan2.2-h100"), "--gpu", "b200-hgx", "--format", "json")
    plain, scaled = (
        t2v_cap(*line, "--precision", one, "--compute-precision", one).json for one in (f"fp{bits:.0f}", precision)
    )
    sizes = [one["figures"]["model_size"]["value"] for one in (plain, scaled)]
    assert sizes[1] / sizes[0] == pytest.approx(bits / int(bits), rel=1e-12)
    assert scaled["assumptions"]["peak_flops"]["value"] == plain["assumptions"]["peak_flops"]["value"]


@pytest.mark.parametrize("gpu", ["h100-sxm", "l40s", "mi300x"])
def test_blocks_with_a_scale_need_a_gpu_that_has_them(gpu: str, t2v_cap: Program) -> None:
    """Hopper, Ada and CDNA 3 have fp8 and no MXFP8: https://nvidia.github.io/TransformerEngine/support_matrix.html."""
    line = ("estimate", shipped("wan2.2-h100"), "--gpu", gpu, "--compute-precision")
    t2v_cap(*line, "fp8")
    refused = t2v_cap(*line, "mxfp8", code=2)
    assert f"`{gpu}` computes no blocks with a scale, as GPUs with an fp4 peak do" in refused.err


def test_nobody_set_what_the_model_brings(t2v_cap: Program) -> None:
    """The default of an input is named where a hand set it, and not where the model or the list brings its own."""
    for name in ("steps", "duration", "gpu_price"):
        assert "unless set" not in t2v_cap("explain", shipped("start-up"), name).out
    assert "unless set, 1M" in t2v_cap("explain", shipped("start-up"), "dau").out


@pytest.mark.wide
def test_a_range_that_becomes_exact_is_shown_as_one(t2v_cap: Program) -> None:
    """A change to the middle of a range is no row from 10,000 users to 10,000 users."""
    said = t2v_cap("solve", shipped("start-up"), "--dau", "5K to 20K", "--until", "p95(gpus) <= 100").out
    (row,) = [line for line in said.splitlines() if line.startswith("dau")]
    assert row.split()[1:6] == ["5000", "users", "to", "20000", "users"]


@pytest.mark.wide
def test_a_cure_of_a_part_is_not_given_another_part_s_seconds(t2v_cap: Program) -> None:
    """868 s are those of the part hd: no cure of a target of 720 s for the part long names them."""
    flags = ("--failed-share", "10%", "--until", "mix.long.latency_p95 <= 12 min")
    said = t2v_cap("solve", shipped("price-list"), *flags).out
    assert "met with `--gpus-per-replica 2`" in said
    assert "868 s" not in said


@pytest.mark.parametrize(
    ("ranges", "whose"),
    [
        ((), "published runs"),
        (("--peak-to-average", "1.5 to 3"), "draws"),
        (("--gpu-price", "2 to 5"), "draws"),
    ],
)
def test_a_limit_that_is_just_met_says_in_how_many(ranges: tuple[str, ...], whose: str, t2v_cap: Program) -> None:
    """At the largest number of users a bill is kept in about half of runs, as a check of that plan says.

    With ranges by hand it is half of draws.
    """
    said = t2v_cap("solve", shipped("start-up"), *ranges, "--for", "dau", "--until", "cost_per_month <= 500K").out
    users = re.search(r"largest dau +([\d.]+K?) users", said)
    chance = re.search(rf"is met in (\d+)% of {whose};", said)
    assert users
    assert chance
    flags = (*ranges, "--dau", users[1], "--budget", "cost_per_month <= 500K", "--format", "json")
    (row,) = t2v_cap("check", shipped("start-up"), *flags, code=(0, 3)).json["rows"]
    assert row["chance"] * 100 == pytest.approx(float(chance[1]), abs=0.6)
    assert row["chance"] < 0.6


def test_a_limit_that_no_run_moves_has_no_surer_form(t2v_cap: Program) -> None:
    """Bytes of a store do not follow from seconds: the 95th percentile of the same bytes gives the same days."""
    until = ("storage_held <= 30 TB", "p95(storage_held) <= 30 TB")
    point, sure = (t2v_cap("solve", shipped("start-up"), "--for", "retention", "--until", text).out for text in until)

    days = [re.findall(r"largest retention +(.+)", out) for out in (point, sure)]
    assert days[0] == days[1] != []
    assert "surer" not in point
