"""Checks: budgets pass, fail or are refused with the right exit code, and CI can read every form of the answer."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from places import shipped
from shared import Program, check_rows, plan_of, some, write
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.plan.conditions import Condition, parse_condition
from t2v_capacity.plan.estimate import with_bands
from t2v_capacity.questions.review.check import Checked, budgets, check, own_budgets
from texts import Recorded

pytestmark = pytest.mark.usefixtures("folder")
# A clip's time and the fleet as if they were measured: what is checked here is then arithmetic.
PINNED = "pins: {gpus: 6000, cost_per_month: 3M USD, average_utilization: 55%}\n"


def _judged(text: str, *asked: str, samples: int = 1_000) -> Checked:
    plan = plan_of(write(text))
    return check(plan, budgets(plan.scenario, map(parse_condition, asked)), (), (samples, 0))


@pytest.mark.parametrize(("chance", "at_risk"), [(0.9, False), (0.899, True), (None, False)])
def test_a_budget_is_at_risk_below_nine_in_ten(
    chance: float | None,
    at_risk: bool,  # noqa: FBT001 - a table's column
) -> None:
    """A budget that is met with a chance of exactly 90% is not at risk."""
    (row,) = _judged(PINNED, "gpus <= 6000").rows
    assert row._replace(chance=chance).at_risk == at_risk


@pytest.mark.wide
def test_a_budget_may_be_of_a_simulated_day() -> None:
    """A budget on a day's longest wait is judged by the simulation.

    One on a part that the plan lacks fails and says so.
    """
    plan = plan_of(shipped("start-up"))
    asked = [parse_condition(text, simulated=True) for text in ("longest_wait <= 30 min", "mix.none.gpus <= 8")]
    day, none = check(plan, budgets(plan.scenario, asked), (), (1_000, 0)).rows
    assert day.value is not None
    assert day.value > 0
    assert (none.passed, none.message) == (False, "the plan has no part `none`")


def test_a_budget_at_risk_says_of_what() -> None:
    """A budget's chance is of the published runs if the model's error alone is uncertain, and of draws if more is."""
    plan = plan_of(shipped("start-up"))
    budget = f"gpus <= {plan.figures['gpus']}"
    alone, drawn = (
        _judged(f"extends: {shipped('start-up')}\n{more}", budget).rows[0]
        for more in ("", "dau: {low: 9K, mid: 10K, high: 11K}\n")
    )
    chance = round(100 * (alone.chance or 0))
    assert alone.at_risk
    assert alone.message.startswith(f"met in {chance}% of {plan.model_error.whose}; ")
    assert "% of draws; " in drawn.message


def test_a_row_says_how_far(t2v_cap: Program, recorded: Recorded) -> None:
    """A row says whether a budget holds, how far the value is from its limit and on which side."""
    counts = (
        "gpus <= 5000, gpus >= 7000, gpus <= 8K, gpus < 6000, gpus <= 6000, "
        "gpus = 6000, gpus = 6000.000001, gpus = 7000, gpus > 0"
    )
    others = (
        "cost_per_month <= 2M USD, average_utilization <= 50%, average_utilization >= 60%, average_utilization <= 60%"
    )
    drawn = (
        "p95(gpus) <= 5000, p95(gpus) <= 6000, P(gpus <= 5000) >= 0.9, P(gpus <= 6000) >= 90%, P(gpus > 5000) <= 10%"
    )
    rows = check_rows(t2v_cap, 3, write(f"{PINNED}budgets: [{counts}, {others}, {drawn}]\n"))
    recorded(f"{row['name']}: {'holds' if row['passed'] else 'fails'}, {row['message']}" for row in rows)


def test_a_failed_budget_is_told_what_the_estimate_offers() -> None:
    """The first change that the estimate offers and that keeps a budget is named.

    It has the value of the estimate with its flags.
    """
    plan = "model: wan2.2-t2v-a14b\ndau: 1M\npeak_to_average: 1\n"
    rows = _judged(plan, "gpus <= 7K", "cost_per_month <= 1 USD", "P(gpus <= 1) >= 90%").rows
    there = plan_of("my.yaml", ["runtime=engine"]).known["gpus"]

    assert rows[0].message.endswith(f"; try --runtime engine: {show(there, 'gpu')}")
    assert there <= 7_000
    assert not any("try " in row.message for row in rows[1:])


@pytest.mark.parametrize("name", some(["mochi", "million-clips", "final"], 3))
def test_every_figure_can_be_a_budget(name: str) -> None:
    """Whatever the figure, a budget that can't hold fails with a message.

    One that must hold passes unless there is no value.
    """
    plan = plan_of(shipped(name))
    for limit, passed in ((-1e300, False), (1e300, True)):
        asked = [Condition(figure, "<=", limit, f"{figure} <= {limit}") for figure in FIGURES]
        rows = check(plan, budgets(plan.scenario, asked), (), (100, 0)).rows
        assert [row.name for row in rows] == [condition.text for condition in asked]
        assert [row.passed for row in rows] == [passed and plan.figures[figure] is not None for figure in FIGURES]
        assert all(row.message for row in rows)


def test_a_figure_without_a_value_fails_with_the_reason(t2v_cap: Program, recorded: Recorded) -> None:
    """A null figure keeps no budget, whichever way it is written, and the message says why it is null."""
    texts = ["latency_p95 <= 1h", "latency_p95 >= 1 s", "p5(latency_p95) >= 0 s", "P(latency_p95 > 1h) <= 100%"]
    path = write("dau: 1M\n")
    rows = check_rows(t2v_cap, 3, path, "--pin", "replicas=1", *(f"--budget={text}" for text in texts))
    assert [(row["passed"], row["value"]) for row in rows] == [(False, None)] * 4
    recorded(row["message"] for row in rows)


def test_percentiles_and_chances_are_of_the_draws() -> None:
    """Over a lognormal range, the 95th percentile and the chance below the median are what the distribution says."""
    text = "dau: 1M to 4M\nvideos_per_user_per_day: 1\n"
    found = _judged(
        text,
        "p95(requests_per_day) <= 3.9M",
        "P(requests_per_day <= 2M) >= 51%",
        "requests_per_day <= 2M",
        samples=10_000,
    )
    p95, chance, median = found.rows
    assert p95.value == pytest.approx(4e6, rel=1e-2)
    assert chance.value == pytest.approx(0.5, abs=1e-3)
    assert median.value == pytest.approx(2e6)
    assert [row.passed for row in found.rows] == [False, False, True]
    assert (found.samples, found.seed) == (10_000, 0)
    assert not any("point value" in row.message for row in found.rows)
    assert (
        "the point value is what is judged"
        in _judged(text, "P(frames_per_video <= 1M) >= 0.9", "p95(gpus) <= 1B").rows[0].message
    )


@pytest.mark.parametrize(("samples", "seed"), [(1_000, 7), (20_000, 0)])
def test_a_plans_own_budgets_are_of_the_draws_that_its_bands_are_of(samples: int, seed: int) -> None:
    """A percentile that a plan is held to is the end of the band that its estimate shows.

    Without draws of its own those are 20,000 by seed 0, as of a plain `estimate`.
    """
    plan = plan_of(write("dau: 1M to 4M\nvideos_per_user_per_day: 1 to 3\nbudgets: ['p95(requests_per_day) <= 1M']\n"))
    drawn = with_bands(plan, samples, seed)

    assert [row.value for row in own_budgets(drawn)] == [drawn.bands["requests_per_day"][2]]
    if seed == 0:
        assert own_budgets(plan) == own_budgets(drawn)


def test_a_chance_is_no_whole_number(t2v_cap: Program) -> None:
    """A count is whole in JSON; a chance of it is a share, which is written with its point."""
    rows = check_rows(t2v_cap, 0, write("dau: 1M to 4M\n"), "--budget", "P(gpus >= 1) >= 90%", "--budget", "gpus >= 1")
    assert [type(row["value"]) for row in rows] == [float, int]
    assert rows[0]["value"] == 1


def test_draws_without_a_value_count_against_a_budget() -> None:
    """Where half of the draws have no latency, no budget on latency passes for that half, however it is written."""
    text = "dau: 1M to 4M\npins: {replicas: 5000, gpu_seconds_per_video: 120 s}\n"
    share = _judged(text, "P(latency_p95 <= 1000 d) >= 0%").rows[0].value
    assert share is not None
    assert 0.05 < share < 0.95
    rows = _judged(
        text, "P(latency_p95 > 1000 d) <= 1%", "p99(latency_p95) <= 1000 d", "p1(latency_slack) >= -1000 d"
    ).rows
    assert [row.passed for row in rows] == [False] * 3
    assert rows[0].value == pytest.approx(1 - share)


HOSTILE = 'name: "<a b=\'c\'>&amp; ]]> \\"q\\" \\e[31m\\x00 | `x` [l](u) \\nnext"\n'


def test_junit_parses_and_counts(t2v_cap: Program) -> None:
    """JUnit's XML has a suite a scenario and a case a budget or finding, and its counts are those of its cases."""
    one = write(
        f"{HOSTILE}{PINNED}budgets: ['gpus <= 5000', 'gpus <= 7000']\n"
        "waivers: {no-source: {dau: '<&>'}}\ndau: 1M\n",
        "<&>.yaml",
    )
    files = (one, write("name: tidy\n"), write("duu: 1\n", "wrong.yaml"))
    assert t2v_cap("check", *files, "--strict", "--format", "junit", "--output", "out.xml", code=2).out == ""
    root = ET.fromstring(Path("out.xml").read_text(encoding="utf-8"))  # noqa: S314 - our own
    first, second, third = root.findall("testsuite")
    assert (first.get("file"), second.get("name"), third.get("errors")) == (one, "tidy", "1")
    assert (first.get("name") or "").startswith("<a b='c'>&amp; ]]> \"q\"  [31m  | `x`")
    for element in (root, first, second, third):
        found = [str(len(element.findall(f".//{kind}"))) for kind in ("testcase", "failure", "error", "skipped")]
        assert [element.get(kind) for kind in ("tests", "failures", "errors", "skipped")] == found
    assert [message.get("message") for message in root.iter("skipped")] == ["waived: <&>"]
    cases = {case.get("name"): case for case in first}
    assert [cases[name].find("failure") is None for name in ("gpus <= 5000", "gpus <= 7000")] == [False, True]


def test_hostile_names_keep_markdown_and_tables_whole(t2v_cap: Program) -> None:
    """A scenario's name and reasons can't break a table's row, write HTML, or move a terminal's cursor."""
    path = write(f"{HOSTILE}{PINNED}budgets: ['gpus <= 5000']\nwaivers: {{no-source: 'a | b <i> \n\n  c'}}\ndau: 1M\n")
    out = t2v_cap("check", path, "--strict", "--format", "markdown", code=3).out
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {5}
    assert "<" not in out.replace("<sub>", "").replace("</sub>", "")
    assert len([line for line in out.splitlines() if line.startswith("### ")]) == 1
    assert "\x1b" not in "".join(t2v_cap("check", path, "--strict", code=3))


def test_csv_has_a_row_a_check(t2v_cap: Program, recorded: Recorded) -> None:
    """CSV has a heading, also where there is nothing to check, and a row a budget."""
    for more in ([], ["--budget", "gpus <= 6000"]):
        recorded(t2v_cap("check", write(PINNED), *more, "--format", "csv").out)


def test_a_name_is_not_inherited(t2v_cap: Program, recorded: Recorded) -> None:
    """A scenario without a name has its file's, whatever the file that it extends is called."""
    write("name: Base\nabstract: true\ndau: 1M\n", "base.yaml")
    assert t2v_cap("estimate", write("extends: base.yaml\n"), "--format", "json").json["scenario"]["name"] == "my"
    recorded(t2v_cap("estimate", write("abstract: perhaps\n"), code=2).err)


def test_failures_are_annotations(t2v_cap: Program, recorded: Recorded) -> None:
    """With `--format github` each failed budget, and each mistake, is one workflow command at its file and line.

    What passes is none.
    """
    write("model: wan2.2-ti2v-5b\ndau: 1M\nbudgets: [gpus <= 8, gpus <= 1B]\n", "plan.yaml")
    write("duu: 1\n", "wrong.yaml")
    recorded(t2v_cap("check", "plan.yaml", "wrong.yaml", "--format", "github", code=2).out)
    assert t2v_cap("check", "plan.yaml", "--format", "github", "--pin", "gpus=8").out == ""
    assert [row["passed"] for row in check_rows(t2v_cap, 2, "plan.yaml", "wrong.yaml", "--budget", "gpus < x")] == [
        False
    ] * 2


# A start-up that got three GPUs: a clip takes 110 s, and 4.4 GPUs would be at work at the peak.
THREE_GPUS = """
model: wan2.2-ti2v-5b
attention_kernel: fa3
runtime: compiled
dau: 690
peak_to_average: 2.5
gpus_per_server: 1
gpu_limit: 3
"""


def test_a_budget_on_latency_fails_below_the_peak_and_names_the_longest_wait(
    t2v_cap: Program, recorded: Recorded
) -> None:
    """Where the peak isn't carried, a budget on latency fails and says the longest wait.

    It names the figure that can be held to a limit.
    """
    recorded(t2v_cap("check", write(f"{THREE_GPUS}budgets: ['latency_p95 <= 10 min']\n"), code=3).err)
    judged = check_rows(
        t2v_cap, 3, write(THREE_GPUS), "--budget", "longest_wait_p95 <= 3 h", "--budget", "longest_wait_p95 <= 1 h"
    )
    assert [one["passed"] for one in judged] == [True, False]


def test_a_budget_on_latency_of_a_fleet_that_never_catches_up_names_no_wait(
    t2v_cap: Program, recorded: Recorded
) -> None:
    """Below the day's mean there is no longest wait, and none is named."""
    overloaded = THREE_GPUS.replace("gpu_limit: 3", "gpu_limit: 1")
    mix = "mix:\n  short: {share: 60%}\n  hd: {steps: 20}\n"
    budgets = [f"--budget={name} <= 10 min" for name in ("latency_p95", "longest_wait", "mix.hd.latency_p95")]
    rows = check_rows(t2v_cap, 3, write(f"{overloaded}{mix}"), *budgets)

    assert [(row["passed"], row["value"]) for row in rows] == [(False, None)] * 3
    recorded(row["message"] for row in rows)


def test_a_shipped_scenario_has_a_budget() -> None:
    """The fleet that is outgrown is held to the 1,200 GPUs that its contract has, and keeps them now."""
    plan = plan_of(shipped("outgrown"))
    (row,) = check(plan, budgets(plan.scenario), (), (1_000, 0)).rows

    assert "1,200 contracted GPUs" in plan.scenario.description
    assert (row.name, row.limit, row.passed, row.at_risk) == ("contract (gpus <= 1200)", 1_200, True, False)


def test_strict_fails_what_is_at_risk_alone() -> None:
    """A budget that is met at the point and too seldom over the error fails with `strict`, and says so."""
    plan = plan_of(shipped("start-up"))
    asked = budgets(plan.scenario, [parse_condition(f"gpus <= {plan.figures['gpus']}"), parse_condition("gpus <= 1M")])

    usual, strict = (check(plan, asked, (), (1_000, 0), strict=strict).rows for strict in (False, True))
    assert [row.passed for row in usual] == [True, True]
    assert [row.passed for row in strict] == [False, True]
    assert strict[0].message == f"{usual[0].message}; --strict fails a budget at risk"


def test_a_chance_has_two_digits_and_what_is_kept_no_cure() -> None:
    """Of 21 even points 13 keep it, or 62%; a budget that is kept is told no change that would keep it."""
    plan = plan_of(shipped("start-up"))
    limits = sorted(plan.likely(["cost_per_month"])["cost_per_month"])
    row = _judged(f"extends: {shipped('start-up')}\n", f"cost_per_month <= {limits[12]!r}").rows[0]
    assert row.message.startswith(f"met in 62% of {plan.model_error.whose}; ")
    assert (row.passed, "try " in row.message) == (True, False)


def test_a_cure_by_another_checkpoint_says_that_it_makes_another_picture() -> None:
    """Of a plan at risk whose bill is over a budget, only FastWan's three steps cost less: the picture is another."""
    row = _judged(
        "model: wan2.2-ti2v-5b\ngpu: h100-sxm\nruntime: engine\ndau: 60K\npeak_to_average: 2\n"
        "other_gpu_seconds_per_video: {value: 20 s to 40 s, source: our upscaler}\ntarget_latency: 135 s\n",
        "cost_per_month <= 1M",
    ).rows[0]

    assert "; try another picture: --distilled fastwan-3: " in row.message
