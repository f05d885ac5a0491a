"""Checks: budgets pass, fail or are refused with the right exit code; findings are found, placed and waived; CI can read it all."""

import csv
import io
import json
import math
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from t2v_capacity.commands.app import run
from t2v_capacity.figures import FIGURES
from t2v_capacity.questions import hygiene
from t2v_capacity.questions.check import Checked, budgets, check
from t2v_capacity.questions.conditions import parse_condition
from t2v_capacity.questions.estimate import estimate
from t2v_capacity.scenario import load_scenario

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = sorted(str(path) for path in (ROOT / "scenarios").glob("*.yaml"))
DAY = date(2026, 11, 24)
# A clip's time and the fleet as if they were measured: what is checked here is then arithmetic.
PINNED = "pins: {gpus: {value: 6000, source: counted}, cost_per_month: {value: 3M USD, source: the bill}}\n"
# A scenario in which strict has nothing to find: all that decides is set, with a source.
TIDY = """name: tidy
model: wan2.1-t2v-14b
gpu: h100-sxm
dau: {value: 1M, source: counted}
videos_per_user_per_day: {value: 2, source: counted}
peak_to_average: {value: 2, source: counted}
max_utilization: {value: 80%, source: our own limit}
duration: {value: 5 s, source: the product}
bitrate: {value: 2 Mbps, source: the encoder}
gpu_price: {value: 2.5, source: contract, as_of: 2026-11-01}
reserved_price: {value: 2, source: contract, as_of: 2026-11-01}
storage_price: {value: 0.02 USD/GB-month, source: contract, as_of: 2026-11-01}
egress_price: {value: 0.04 USD/GB, source: contract, as_of: 2026-11-01}
"""


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in an empty folder, on one day."""
    monkeypatch.setattr(hygiene, "today", lambda: DAY)
    monkeypatch.chdir(tmp_path)


def _file(text: str, name: str = "my.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def _rows(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> list[dict[str, Any]]:
    """Return the rows that `check --format json` prints, which must end with that code."""
    assert run(["check", *arguments, "--format", "json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert list(document)[:6] == ["version", "tool", "command", "as_of", "seed", "samples"]
    assert document["command"] == "check"
    rows: list[dict[str, Any]] = document["rows"]
    return rows


def _judged(text: str, *asked: str, samples: int = 1_000) -> Checked:
    plan = estimate(load_scenario(_file(text)))
    return check(plan, budgets(plan.scenario, map(parse_condition, asked)), (), samples, 0)


@pytest.mark.parametrize(
    ("budget", "passed"),
    [
        ("gpus <= 6000", True),
        ("gpus <= 6K", True),
        ("gpus < 6000", False),
        ("gpus <= 5000", False),
        ("gpus >= 6001", False),
        ("gpus = 6000", True),
        ("cost_per_month <= 3M USD", True),
        ("cost_per_month <= 2M USD", False),
        ("p95(gpus) <= 5000", False),
        ("p95(gpus) <= 6000", True),
        ("P(gpus <= 5000) >= 0.9", False),
        ("P(gpus <= 6000) >= 90%", True),
        ("P(gpus > 5000) <= 10%", False),
    ],
)
def test_a_budget_ends_with_0_or_3(budget: str, passed: bool, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: FBT001
    """A budget that holds ends with 0 and one that fails with 3, from the command line as from the file."""
    path = _file(PINNED)
    (row,) = _rows(capsys, 0 if passed else 3, path, "--budget", budget)
    assert (row["scenario"], row["name"], row["passed"]) == (path, parse_condition(budget).text, passed)
    (own,) = _rows(capsys, 0 if passed else 3, _file(f"{PINNED}budgets: ['{budget}']\n", "own.yaml"))
    assert {**own, "scenario": path, "place": row["place"]} == row
    assert own["place"] == "own.yaml:2:11"


def test_rows_keep_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    """A row has the contract's keys in their order, counts as integers, and a chance beside the chance that is asked for."""
    rows = _rows(capsys, 3, _file(PINNED), "--budget", "gpus <= 5000", "--budget", "P(gpus <= 5000) >= 0.9")
    assert [list(row)[:7] for row in rows] == [["scenario", "name", "passed", "value", "limit", "severity", "message"]] * 2
    assert [(row["value"], row["limit"]) for row in rows] == [(6000, 5000), (0.0, 0.9)]
    assert isinstance(rows[0]["value"], int)
    assert all("the point value" in row["message"] for row in rows[1:])
    assert "the point value" not in rows[0]["message"]


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("gpu_count <= 5", "`gpu_count` is not a figure"),
        ("gpsu <= 5", "did you mean `gpus`?"),
        ("gpus <= 5 GB", "`gpus` is in gpu"),
        ("dau <= 5M", "`dau` is an assumption"),
        ("gpus", "has no comparison"),
        ("gpus != 5", "is not a comparison"),
        ("P(gpus <= 5) >= 120%", "is not a chance"),
    ],
)
def test_a_wrong_budget_ends_with_2(budget: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A budget that can't be judged ends with 2 and its place, never with a pass; its JSON has no row that passed."""
    path = _file(f"dau: 1M\nbudgets:\n  - '{budget}'\n")
    assert run(["check", path]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "my.yaml:3:5" in err
    assert run(["check", _file("dau: 1M\n", "other.yaml"), "--budget", budget]) == 2
    assert f"--budget '{budget}'" in capsys.readouterr().err
    (row,) = _rows(capsys, 2, path)
    assert (row["passed"], row["place"]) == (False, "my.yaml:3:5")


def test_all_mistakes_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Mistakes of several scenarios, of their budgets and waivers, and of the command line are all in one answer."""
    _file("dau: 1M\nbudgets: ['gpsu <= 5', {gpus: 5}]\nwaivers: {no-sorce: x}\n", "one.yaml")
    _file("duu: 1M\n", "two.yaml")
    arguments = ["one.yaml", "two.yaml", "three.yaml", "--budget", "gpus < x", "--samples", "0", "--seed", "-1"]
    assert len(_rows(capsys, 2, *arguments)) == 8
    assert run(["check", *arguments]) == 2
    err = capsys.readouterr().err
    for said in ("--budget 'gpus < x'", "one.yaml:2:11", "one.yaml:2:24", "one.yaml:3:11", "two.yaml:1:1", "three.yaml", "--samples 0"):
        assert said in err


def test_a_failing_line_says_what_to_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard error has scenario, budget, value, excess and the assumption that moves the figure most, after the full answer."""
    path = _file("model: wan2.1-t2v-14b\ndau: 1M\nsteps: 25\nbudgets: ['requests_per_day <= 1M', 'requests_per_day <= 1B']\n")
    assert run(["check", path]) == 3
    out, err = capsys.readouterr()
    assert err == (
        "failed: my.yaml: requests_per_day <= 1M: 2M requests/day, 1M requests/day (100%) over; "
        "look at `dau` (my.yaml:2:6): 10% more of it changes requests_per_day by +10% (my.yaml:4:11)\n"
    )
    assert "requests_per_day <= 1B" in out
    assert out.startswith("1 of 2 checks fails\n")


def test_the_assumption_that_moves_a_figure_most_is_named() -> None:
    """Of the assumptions set by hand and the guesses, the named one is the one with the largest effect of 10% more."""
    text = "dau: 1M\nduration: 5 s\nfps: 24\nbitrate: 2 Mbps\n"
    assert "look at `duration` (my.yaml:2:11)" in _judged(text, "gpus <= 1").rows[0].message
    assert "look at `steps`" not in _judged(text, "gpus <= 1").rows[0].message
    assert "10% less of it" in _judged("cdn_hit_ratio: 95%\nviews_per_video: 30\n", "origin_bandwidth <= 1 Mbps").rows[0].message
    assert "which is pinned (my.yaml:1:22)" in _judged(PINNED, "gpus <= 1").rows[0].message


@pytest.mark.parametrize("name", ["mochi", "million-clips", "final"])
def test_every_figure_can_be_a_budget(name: str) -> None:
    """Whatever the figure, a budget that can't hold fails with a message, and one that must hold passes unless there is no value."""
    plan = estimate(load_scenario(str(ROOT / "scenarios" / f"{name}.yaml")))
    units = {figure: 1 for figure in FIGURES}
    asked = [budgets(plan.scenario)] and [
        parse_condition(f"{figure} <= 1").__class__(figure, "<", -1e300, f"{figure} < least") for figure in units
    ]
    rows = check(plan, budgets(plan.scenario, asked), (), 100, 0).rows
    assert [row.name for row in rows] == [condition.text for condition in asked]
    assert all(not row.passed and row.message for row in rows)


def test_a_figure_without_a_value_fails_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """A null figure keeps no budget, whichever way it is written, and the message says why it is null."""
    texts = ["latency_p95 <= 1h", "latency_p95 >= 1 s", "p5(latency_p95) >= 0 s", "P(latency_p95 > 1h) <= 100%"]
    path = _file("dau: 1M\n")
    rows = _rows(capsys, 3, path, "--pin", "replicas=1", *(f"--budget={text}" for text in texts))
    assert [(row["passed"], row["value"]) for row in rows] == [(False, None)] * 4
    assert all("latency_p95 has no value: the load at the peak is" in row["message"] for row in rows)


def test_percentiles_and_chances_are_of_the_draws() -> None:
    """Over a lognormal range, the 95th percentile and the chance below the median are what the distribution says."""
    text = "dau: 1M to 4M\nvideos_per_user_per_day: 1\n"
    found = _judged(text, "p95(requests_per_day) <= 3.9M", "P(requests_per_day <= 2M) >= 51%", "requests_per_day <= 2M", samples=10_000)
    p95, chance, median = found.rows
    assert p95.value == pytest.approx(4e6, rel=1e-2)
    assert chance.value == pytest.approx(0.5, abs=1e-3)
    assert median.value is not None
    assert math.isclose(median.value, 2e6)
    assert [row.passed for row in found.rows] == [False, False, True]
    assert (found.samples, found.seed) == (10_000, 0)
    assert not any("point value" in row.message for row in found.rows)
    assert "the point value" in _judged(text, "P(frames_per_video <= 1M) >= 0.9", "p95(gpus) <= 1B").rows[0].message


def test_draws_without_a_value_count_against_a_budget() -> None:
    """Where half of the draws have no latency, no budget on latency passes for that half, whichever way it is written."""
    text = "dau: 1M to 4M\npins: {replicas: 5000, gpu_seconds_per_video: 120 s}\n"
    share = _judged(text, "P(latency_p95 <= 1000 d) >= 0%").rows[0].value
    assert share is not None
    assert 0.05 < share < 0.95
    rows = _judged(text, "P(latency_p95 > 1000 d) <= 1%", "p99(latency_p95) <= 1000 d", "p1(latency_slack) >= -1000 d").rows
    assert [row.passed for row in rows] == [False] * 3
    assert rows[0].value == pytest.approx(1 - share)


def test_seed_and_samples_are_in_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """The head tells the draws that were needed, and none where a plain figure was asked for; the same seed gives the same answer."""
    path = _file("dau: 1M to 4M\n")
    heads = []
    for budget in ("P(gpus <= 1B) >= 0.9", "gpus <= 1B"):
        for _again in range(2):
            assert run(["check", path, "--budget", budget, "--samples", "500", "--seed", "7", "--format", "json"]) == 0
            heads.append(capsys.readouterr().out)
    assert heads[0] == heads[1]
    assert [(json.loads(text)["seed"], json.loads(text)["samples"]) for text in heads[1:3]] == [(7, 500), (None, 0)]


def test_shipped_scenarios_pass(capsys: pytest.CaptureFixture[str]) -> None:
    """Every shipped scenario passes its own budgets in one call, which says nothing on standard error."""
    assert len(SCENARIOS) >= 11
    assert run(["check", *SCENARIOS]) == 0
    assert capsys.readouterr().err == ""


def test_strict_is_off_by_default_and_finds_nothing_in_a_tidy_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    """Without `--strict` nothing is found in a careless scenario; with it nothing in a tidy one, and that is said."""
    assert _rows(capsys, 0, _file("dau: 1M\n")) == []
    assert _rows(capsys, 0, _file(TIDY), "--strict") == []
    assert run(["check", "my.yaml", "--strict"]) == 0
    assert capsys.readouterr().out.startswith("nothing fails\nmy.yaml\n")


@pytest.mark.parametrize(
    ("old", "new", "name", "place"),
    [
        ("{value: 5 s, source: the product}", "5 s", "no-source duration", "my.yaml:8:11"),
        ("source: the product", "note: the product", "no-source duration", "my.yaml:8:19"),
        ("source: the product", "source: ' '", "no-source duration", "my.yaml:8:19"),
        ("name: tidy", "resolution: 832x480", "no-source resolution", "my.yaml:1:13"),
        ("name: tidy", "pins: {video_size: 1 MB}", "no-source video_size", "my.yaml:1:20"),
        ("source: the product", "source: x, as_of: 2025-11-23", "as-of-old duration", "my.yaml:8:19"),
        ("source: the product", "source: x, as_of: 2025-11-24", "", ""),
        ("source: the product", "source: x, expires: 2026-11-23", "expired duration", "my.yaml:8:19"),
        ("source: the product", "source: x, expires: 2026-11-24", "", ""),
        ("contract, as_of: 2026-11-01}\nreserved", "contract, as_of: 2026-05-01}\nreserved", "price-stale gpu_price", "my.yaml:10:20"),
        ("contract, as_of: 2026-11-01}\nreserved", "contract}\nreserved", "price-stale gpu_price", "my.yaml:10:20"),
        ("gpu: h100-sxm\n", "", "default-decides gpu", "my.yaml"),
        ("peak_to_average: {value: 2, source: counted}\n", "", "default-decides peak_to_average", "my.yaml"),
    ],
)
def test_strict_finds(old: str, new: str, name: str, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One careless line in a tidy scenario is one finding with its code, name and place, and ends with 3."""
    assert old in TIDY
    found = _rows(capsys, 3 if name else 0, _file(TIDY.replace(old, new, 1)), "--strict")
    pinned = [row for row in found if row["name"].split()[0] != "default-decides" or "default-decides" in name]
    assert [(row["name"], row["place"]) for row in pinned] == ([(name, place)] if name else [])
    assert all((row["passed"], row["severity"], row["value"], row["limit"]) == (False, "warning", None, None) for row in found)


def test_prices_age_until_today(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario that was in order is found stale when its prices have grown old by today's date, and only with strict."""
    path = _file(f"as_of: 2026-11-24\n{TIDY}")
    monkeypatch.setattr(hygiene, "today", lambda: date(2027, 9, 1))
    assert "price-stale gpu_price" in [row["name"] for row in _rows(capsys, 3, path, "--strict")]
    assert _rows(capsys, 0, path) == []


def test_values_of_flags_have_no_source(capsys: pytest.CaptureFixture[str]) -> None:
    """A value from the command line is set by hand and is found without a source, at its flag."""
    rows = _rows(capsys, 3, _file(TIDY), "--strict", "--set", "dau=2M")
    assert [(row["name"], row["place"]) for row in rows] == [("no-source dau", "--dau 2M")]
    assert run(["check", "my.yaml", "--strict", "--set", "dau=2M"]) == 3
    assert capsys.readouterr().err.endswith("(--dau 2M)\n")


def test_findings_are_waived_by_name_or_all_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A waiver lets a finding of its code and name pass, or all of its code, and its reason is in the row."""
    careless = TIDY.replace("source: counted", "note: counted").replace("gpu: h100-sxm\n", "")
    waivers = 'waivers:\n  no-source: {dau: "a <target>", videos_per_user_per_day: b, peak_to_average: c}\n  default-decides: a sketch\n'
    rows = _rows(capsys, 0, _file(careless + waivers), "--strict")
    assert [row["name"] for row in rows] == [
        "no-source dau",
        "no-source videos_per_user_per_day",
        "no-source peak_to_average",
        "default-decides gpu",
    ]
    assert [row["message"] for row in rows] == ["waived: a <target>", "waived: b", "waived: c", "waived: a sketch"]
    assert all(row["passed"] and row["severity"] == "info" for row in rows)
    left = _rows(capsys, 3, _file(careless + waivers.replace(", peak_to_average: c", "")), "--strict")
    assert [row["name"] for row in left if not row["passed"]] == ["no-source peak_to_average"]


def test_a_waiver_that_waives_nothing_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    """A waiver without its finding is a finding at its place, and no mistake without strict."""
    path = _file(f"{TIDY}waivers: {{expired: x, no-source: {{dau: y}}}}\n")
    rows = _rows(capsys, 3, path, "--strict")
    assert [(row["name"], row["place"]) for row in rows] == [
        ("waiver-unused expired", "my.yaml:14:11"),
        ("waiver-unused no-source dau", "my.yaml:14:35"),
    ]
    assert _rows(capsys, 0, path) == []


@pytest.mark.parametrize(
    ("waiver", "place", "said"),
    [
        ("no-sources: x", "1:11", "did you mean `no-source`?"),
        ("price_stale: x", "1:11", "did you mean `price-stale`?"),
        ("waiver-unused: x", "1:11", "is not a finding that can be waived"),
        ("memory-does-not-fit: x", "1:11", "is not a finding that can be waived"),
        ("no-source: {duu: x}", "1:23", "did you mean `dau`?"),
        ("no-source: {dau: }", "1:23", "the waiver of `dau` needs a reason"),
        ("no-source: {dau: ' '}", "1:23", "needs a reason"),
        ("no-source: {dau: [x]}", "1:23", "needs a reason"),
        ("no-source: ", "1:11", "needs a reason"),
        ("no-source: [dau]", "1:11", "needs a reason"),
    ],
)
def test_a_wrong_waiver_ends_with_2(waiver: str, place: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown code or name, or no reason, is a mistake at its place, with strict and without."""
    path = _file(f"waivers: {{{waiver}}}\n")
    for more in ([], ["--strict"]):
        assert run(["check", path, *more]) == 2
        err = capsys.readouterr().err
        assert said in err
        assert f"my.yaml:{place}" in err


HOSTILE = 'name: "<a b=\'c\'>&amp; ]]> \\"q\\" \\e[31m\\x00 | `x` [l](u) \\nnext"\n'


def test_junit_parses_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """JUnit's XML has a suite a scenario and a case a budget or finding, and its counts are those of its cases."""
    one = _file(
        f"{HOSTILE}{PINNED}budgets: ['gpus <= 5000', 'gpus <= 7000']\nwaivers: {{no-source: {{dau: '<&>'}}}}\ndau: 1M\n", "<&>.yaml"
    )
    assert run(["check", one, _file(TIDY), "--strict", "--format", "junit", "--output", "out.xml"]) == 3
    assert capsys.readouterr().out == ""
    root = ET.fromstring(Path("out.xml").read_text(encoding="utf-8"))  # noqa: S314 - our own
    first, second = root.findall("testsuite")
    assert (first.get("file"), second.get("name"), second.get("tests")) == (one, "tidy", "0")
    assert (first.get("name") or "").startswith("<a b='c'>&amp; ]]> \"q\"  [31m  | `x`")
    for element in (root, first):
        assert element.get("tests") == str(len(root.findall(".//testcase")))
        assert element.get("failures") == str(len(root.findall(".//failure")))
        assert element.get("skipped") == str(len(root.findall(".//skipped"))) == "1"
    cases = {case.get("name"): case for case in first}
    assert cases["gpus <= 5000"].find("failure") is not None
    assert cases["gpus <= 7000"].find("failure") is None
    skipped = cases["no-source dau"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "waived: <&>"


def test_hostile_names_keep_markdown_and_tables_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario's name and reasons can't break a table's row, write HTML, or move a terminal's cursor."""
    path = _file(f"{HOSTILE}{PINNED}budgets: ['gpus <= 5000']\nwaivers: {{no-source: 'a | b <i> \n\n  c'}}\ndau: 1M\n")
    assert run(["check", path, "--strict", "--format", "markdown"]) == 3
    out = capsys.readouterr().out
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {5}
    assert "<" not in out.replace("<sub>", "").replace("</sub>", "")
    assert len([line for line in out.splitlines() if line.startswith("### ")]) == 1
    assert run(["check", path, "--strict"]) == 3
    assert "\x1b" not in "".join(capsys.readouterr())


def test_csv_has_a_row_a_check(capsys: pytest.CaptureFixture[str]) -> None:
    """CSV has the heading of JSON's keys, also where there is nothing to check, and a row a budget."""
    path = _file(PINNED)
    for more, count in (([], 0), (["--budget", "gpus <= 6000"], 1)):
        assert run(["check", path, *more, "--format", "csv"]) == 0
        heading, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
        assert heading == ["scenario", "name", "passed", "value", "limit", "severity", "message", "place"]
        assert len(rows) == count


def test_many_scenarios_fail_where_one_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """In one call each scenario is held to its own budgets and those of the call, and one failure ends with 3."""
    _file(f"{PINNED}budgets: ['gpus <= 5000']\n", "big.yaml")
    _file("pins: {gpus: 10}\nbudgets: ['gpus <= 20']\n", "small.yaml")
    rows = _rows(capsys, 3, "small.yaml", "big.yaml", "--budget", "gpus <= 20", "--budget", "gpus <= 7K")
    assert [(row["scenario"], row["passed"]) for row in rows] == [
        ("small.yaml", True),
        ("small.yaml", True),
        ("big.yaml", False),
        ("big.yaml", False),
        ("big.yaml", True),
    ]
    assert [row["place"] for row in rows[:2]] == ["small.yaml:2:11", "--budget 'gpus <= 7K'"]


def test_budgets_are_inherited(capsys: pytest.CaptureFixture[str]) -> None:
    """Budgets of a file that is extended hold, at their place in that file, until the scenario writes its own."""
    _file(f"{PINNED}budgets: ['gpus <= 5000']\n", "base.yaml")
    (row,) = _rows(capsys, 3, _file("extends: base.yaml\n"))
    assert (row["scenario"], row["place"]) == ("my.yaml", "base.yaml:2:11")
    (own,) = _rows(capsys, 0, _file("extends: base.yaml\nbudgets: ['gpus <= 7000']\n"))
    assert own["place"] == "my.yaml:2:11"


def test_an_unknown_format_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A format that the command doesn't have ends with 2 and the ones that it has."""
    assert run(["check", _file(PINNED), "--format", "junti"]) == 2
    assert "did you mean `junit`?" in capsys.readouterr().err
