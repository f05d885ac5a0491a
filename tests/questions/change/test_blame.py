"""Which change a rule fails by: one that moves what the rule is on to the side where it fails, and no other."""

from pathlib import Path

import pytest

from places import shipped
from shared import Program, branched, commit, plan_of, write
from t2v_capacity.answers.diff_report import look_at
from t2v_capacity.questions.change.diff import side
from t2v_capacity.questions.change.diff_against import SAME_PATH, Cause, ScenarioDiff, causes
from t2v_capacity.questions.change.judge import GateOptions, Judged, Ruling, judge_change
from t2v_capacity.questions.review.check import CheckLine

pytestmark = pytest.mark.usefixtures("folder")

PLAN = """name: Paid
model: wan2.2-ti2v-5b
gpu: h100-sxm
attention_kernel: fa3
runtime: compiled
gpus_per_server: 1
target_latency: 5 min
peak_to_average: 2.5
dau: 10K
videos_per_user_per_day: 2
budgets: ["gpus <= 80", "P(gpus <= 105) >= 90%"]
gates: {fail_on: ["gpus > +10%", "p95(gpus) > +20%", new-warnings]}
"""
MORE, FEWER = ("dau: 10K", "dau: 20K"), ("per_day: 2", "per_day: 1.9")
LOWER_PEAK = ("average: 2.5", "average: 2.4")


def judged_with(*changes: tuple[str, str]) -> Judged:
    """Return the plan with changed lines, held to its rules."""
    head = PLAN
    for before, after in changes:
        assert before in head
        head = head.replace(before, after)
    sides = [side(plan_of(write(text, name))) for name, text in (("base.yaml", PLAN), ("head.yaml", head))]
    return judge_change(sides[0], sides[1], GateOptions())


def causes_of(judged: Judged) -> list[Cause]:
    """Return the changed lines of one scenario."""
    return list(causes([ScenarioDiff("head.yaml", "base.yaml", SAME_PATH, judged)]))


def by_rule(judged: Judged) -> dict[str, Ruling | CheckLine]:
    """Return what trips, by its name."""
    return {rule.gate.name if isinstance(rule, Ruling) else rule.name: rule for rule in judged.tripped}


def test_a_line_that_moves_no_gpu_fails_no_rule_on_them() -> None:
    """81 GPUs are more than 80 on both sides: the budget says so, and how long clips are kept is not why."""
    judged = judged_with(("dau: 10K", "dau: 10K\nretention: 30 d"))
    ((name, row),) = by_rule(judged).items()
    (cause,) = causes_of(judged)

    assert isinstance(row, CheckLine)
    assert (name, row.message.endswith("; failed before, at 81 GPUs")) == ("gpus <= 80", True)
    assert (cause.failing, cause.verdict) == ((), "pass")
    assert [*look_at(judged, row)] == []


def test_a_cut_is_no_cause_of_growth() -> None:
    """A lower peak and twice the users: of all that trips the users alone are why, and they stand first."""
    judged = judged_with(LOWER_PEAK, MORE)
    dau, peak = causes_of(judged)

    assert {judged.causes(rule) for rule in judged.tripped} == {("dau",)}
    assert [(cause.verdict, len(cause.failing)) for cause in (dau, peak)] == [("fail", 4), ("pass", 0)]


def test_what_failed_before_and_got_better_has_no_cause() -> None:
    """A budget of 80 GPUs fails before and after two cuts. They are not why, though together they save less."""
    base = side(plan_of(write(PLAN.replace("dau: 10K", "dau: 12K"), "base.yaml")))
    head = side(plan_of(write(PLAN.replace("dau: 10K", "dau: 11.5K").replace(*LOWER_PEAK), "head.yaml")))
    judged = judge_change(base, head, GateOptions())
    rules = by_rule(judged)

    assert (base.figures["gpus"] or 0) > (head.figures["gpus"] or 0) > 80
    assert judged.causes(rules["gpus <= 80"]) == ()
    assert [cause.verdict for cause in causes_of(judged)] == ["pass", "pass"]


@pytest.mark.parametrize("name", ["p95(gpus) > +20%", "P(gpus <= 105) >= 90%"])
def test_a_range_is_the_cause_of_a_longer_tail(name: str) -> None:
    """Fewer clips lower the 95th percentile and raise the chance. The wider range does the opposite, and is why.

    Each part is that of a plan with this line alone, within the error of the draws.
    """
    wider = "dau: 10K", "dau: {low: 5K, mid: 10K, high: 40K}"
    judged = judged_with(wider, FEWER)
    rule = by_rule(judged)[name]
    condition, parts = rule.condition, judged.why_of(rule).parts
    assert condition is not None
    near = 2 if condition.chance is None else 0.03

    base = condition.measure(plan_of("base.yaml").likely(["gpus"])["gpus"])
    for changed, line in (("dau", wider), ("videos_per_user_per_day", FEWER)):
        head = plan_of(write(PLAN.replace(*line), "alone.yaml"))
        alone = condition.measure(head.likely(["gpus"])["gpus"])
        assert parts[changed] == pytest.approx((alone or 0) - (base or 0), abs=near), changed
    assert judged.causes(rule) == ("dau",)
    assert [text.partition(" (")[0] for text in look_at(judged, rule)] == ["dau"]


def test_what_only_two_changes_do_has_both_as_causes() -> None:
    """Six times the users on a fleet that stays as it is: neither alone overloads it."""
    judged = judged_with(("dau: 10K", "dau: 60K\ngpu_limit: 81"))
    rule = by_rule(judged)["new-warnings"]

    assert judged.causes(rule) == ("dau", "gpu_limit", "together")
    (text,) = look_at(judged, rule)
    assert text.startswith("dau, gpu_limit together, which moved utilization by +")


def test_a_new_warning_is_of_the_input_that_it_names() -> None:
    """A target that is kept less surely is why a warning says so: how long clips are stored is not."""
    judged = judged_with(("target_latency: 5 min", "target_latency: 2 min\nretention: 30 d\nstorage_price: 30 USD/TB"))
    rule = by_rule(judged)["new-warnings"]

    for line in ("target_latency=2 min", "retention=30 d", "storage_price=30 USD/TB"):
        codes = {warning.code for warning in plan_of("base.yaml", [line]).warnings}
        assert ("target-latency-uncertain" in codes) == line.startswith("target"), line
    assert judged.causes(rule) == ("target_latency",)


def test_what_alone_leaves_no_value_is_the_cause() -> None:
    """A stream of 40 frames per second stops on a replica that makes 32: a fifth more users are not why.

    The new warning is of the stop, and not of the first frame.
    """
    rules = 'budgets: [gpus <= 1050, "p50(gpus) <= 1000"]\ngates: {fail_on: [gpus > +10%, "p50(gpus) > +10%", '
    plan = f"{Path(shipped('stream')).read_text(encoding='utf-8')}\n{rules}new-warnings]}}\n"
    base = side(plan_of(write(plan, "base.yaml")))
    head = side(plan_of(write(plan.replace("dau: 100K", "dau: 120K").replace("fps: 16", "fps: 40"), "head.yaml")))
    judged = judge_change(base, head, GateOptions())
    fps, dau = causes_of(judged)

    assert side(plan_of("base.yaml", ["dau=120K"])).figures["gpus"] is not None
    assert side(plan_of("base.yaml", ["fps=40"])).figures["gpus"] is None
    assert {name: judged.causes(rule) for name, rule in by_rule(judged).items()} == dict.fromkeys(
        ("gpus <= 1050", "p50(gpus) <= 1000", "gpus > +10%", "p50(gpus) > +10%", "new-warnings"), ("fps",)
    )
    assert [(cause.verdict, len(cause.failing)) for cause in (fps, dau)] == [("fail", 5), ("pass", 0)]
    assert [text for rule in judged.tripped for text in look_at(judged, rule)] == []


@pytest.mark.wide
def test_a_request_says_what_is_alone_and_what_failed_before(t2v_cap: Program) -> None:
    """With a limit on GPUs six times the users move none, so their 447% are theirs alone.

    A line of the base that judges is its own cause, and no other line's.
    """
    plan = f"extends: base.yaml\n{PLAN.partition('budgets')[0]}"
    budgets = 'abstract: true\nbudgets: {few: gpus <= 80, quick: "latency_p95 <= 3 min"}\n'
    branched({"s/base.yaml": budgets, "s/a.yaml": plan})
    grown = plan.replace("10K", "60K") + "gpu_limit: 81\n"
    commit({"s/base.yaml": budgets.replace("3 min", "3 h"), "s/a.yaml": grown})
    table, err = t2v_cap("diff", "--against", "main", "s", code=3)
    rows = [line for line in table.splitlines() if line[:4] in ("fail", "pass")]

    assert any(row.startswith("fail  budget `quick`") and row.endswith(": s/a.yaml, 1 rule changed") for row in rows)
    (dau,) = (row for row in rows if "`dau`" in row)
    assert "GPUs +447% alone" in dau
    assert "rule changed" not in dau
    assert "few (gpus <= 80): 81 GPUs, 1 GPU (1.25%) over" in err
    assert "failed before, at 81 GPUs" in err
