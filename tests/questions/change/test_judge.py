"""A change held to rules: each verdict with its limit, the head's excess over it, and the reason if there is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from places import shipped
from shared import plan_of, write
from t2v_capacity.answers.diff_document import gate_data
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.questions.change.diff import NOBODY, Difference, Side, diff, side
from t2v_capacity.questions.change.judge import BASE, HEAD, GateOptions, Judged, Ruling, judge_change, judge_difference
from t2v_capacity.questions.review.check import Rules
from t2v_capacity.questions.review.gates import Gate, read_gates
from t2v_capacity.scenario.settings import PlanWarning

pytestmark = pytest.mark.usefixtures("folder")
Ends = tuple[float | None, float | None]


def _change(base: float | None, head: float | None, *codes: str) -> Difference:
    warnings = tuple(PlanWarning(code, "as it is", ("gpus", "servers")) for code in codes)
    plain = Side("a plan", "a.yaml", "2026-11-24", {}, {}, {}, {"gpus": base, "servers": 5.0})
    return diff(plain, plain._replace(figures={"gpus": head, "servers": 5.0}, plan=_warned(*warnings)))


def _warned(*warnings: PlanWarning) -> Estimate:
    """Return a plan that has these warnings."""
    plan = plan_of(write("{}"))
    vars(plan)["brief_warnings"] = warnings
    return plan


def judge(gates: tuple[Gate, ...], difference: Difference) -> tuple[Ruling, ...]:
    """Return the result of each gate of a base."""
    return judge_difference(difference, Rules(gates), (), BASE).rulings


@pytest.mark.parametrize(
    ("gate", "ends", "passed", "far", "reason"),
    [
        ("gpus > +10%", (1000, 1200), False, (1100, 100), ""),
        ("gpus > +10%", (1000, 1000), True, (1100, 100), ""),
        ("gpus > +10%", (1000, 1100), True, (1100, 0), ""),  # reached, not passed
        ("gpus >= +10%", (1000, 1100), False, (1100, 0), ""),
        ("gpus > +10%", (-1000, -950), True, (-900, 50), ""),  # in proportion to the size of the base
        ("gpus > +10%", (-1000, -850), False, (-900, 50), ""),
        ("gpus < -50", (1000, 940), False, (950, 10), ""),
        ("gpus > +10% and > +150", (1000, 1200), False, (1150, 50), ""),
        ("gpus > +10% and > +150", (1000, 1120), True, (1150, 30), ""),
        ("gpus > +10% and > +150", (2000, 2160), True, (2200, 40), ""),
        ("gpus < -10% and < -150", (1000, 800), False, (850, 50), ""),
        ("gpus > 1100 and > +10%", (1000, 1250), False, (1100, 150), ""),
        ("gpus > 1150", (1250, 1150), True, (1150, 0), ""),
        ("gpus > +10% and servers > +90%", (1000, 1250), True, (1100, 150), ""),
        ("servers > +90% and gpus > +10%", (1000, 1250), True, (9.5, 4.5), ""),
        ("gpus > +10%", (None, 5), False, (None, None), "from nothing, where any change is infinite in proportion"),
        ("gpus > +1000000%", (0, 1), False, (None, None), "from 0, where any change is infinite in proportion"),
        ("gpus < -10%", (0, 1), True, (None, None), "from 0, where any change is infinite in proportion"),
        ("gpus < -10%", (0, -1), False, (None, None), "from 0, where any change is infinite in proportion"),
        ("gpus > +10%", (0, 0), True, (None, None), "from 0, where any change is infinite in proportion"),
        ("gpus > +10% and > +3", (0, 5), False, (3, 2), "from 0, where any change is infinite in proportion"),
        ("gpus > +10%", (5, None), False, (5.5, None), "it has no value any more"),
        ("gpus < -10%", (5, None), False, (4.5, None), "it has no value any more"),
        ("gpus > +10%", (None, None), True, (None, None), "it has no value"),
        ("gpus > 3", (None, None), False, (3, None), "it has no value"),
        ("warning:overloaded and gpus > +10%", (1000, 1200), True, (1100, 100), ""),
    ],
)
def test_a_verdict_says_how_far(
    gate: str,
    ends: Ends,
    passed: bool,  # noqa: FBT001 - a table's column
    far: Ends,
    reason: str,
) -> None:
    """A ruling has the head's value at which all clauses begin to hold, and how far from it the head is.

    It also has the reason if that can't be told.
    """
    (ruling,) = judge(read_gates([gate]), _change(*ends))
    assert (ruling.passed, ruling.reason) == (passed, reason)
    assert (ruling.limit, ruling.excess) == pytest.approx(far)


@pytest.mark.wide
@given(base=st.floats(1, 1e9), rise=st.floats(-0.9, 5), share=st.integers(1, 300))
def test_a_rise_trips_one_gate_and_a_fall_the_other(base: float, rise: float, share: int) -> None:
    """For any base and change, `> +x%` trips if the change over the base is above x %, and `< -x%` if below -x %."""
    if abs(abs(rise) - share / 100) > 1e-6:
        up, down = judge(read_gates([f"gpus > +{share}%", f"gpus < -{share}%"]), _change(base, base * (1 + rise)))
        assert (up.passed, down.passed) == (rise <= share / 100, rise >= -share / 100)


def test_a_new_plan_is_held_to_values_alone() -> None:
    """Where one side is not there no change is judged, only values of the head.

    The ruling says that there is nothing to compare. A limit trips on what has no value.
    """
    gates = read_gates(["gpus > +10%", "gpus > 3", "gpus > 9", "gpus > 3 and > +1", "new-warnings"])
    unshown = judge(gates, _change(None, None)._replace(base=NOBODY))
    assert [ruling.passed for ruling in unshown] == [True, False, False, True, True]
    found = judge(gates, _change(None, 5)._replace(base=NOBODY))
    assert [ruling.passed for ruling in found] == [True, False, True, True, True]
    alone, since = "nothing to compare", "from nothing, where any change is infinite in proportion"
    assert [ruling.reason for ruling in found] == [alone, since, since, alone, ""]


def test_a_warning_that_trips_is_named() -> None:
    """A gate on warnings names what they are about, each once.

    `new-warnings` trips on one that the base has not and that doesn't only tell.
    """
    gates = read_gates(
        ["new-warnings", "warning:overloaded", "warning:extrapolated", "warning:overloaded and gpus > +1%"]
    )
    change = _change(5, 5, "overloaded", "memory-does-not-fit")
    found = judge(gates, change)
    assert [ruling.passed for ruling in found] == [False, False, True, True]
    assert [ruling.names for ruling in found] == [("gpus", "servers"), ("gpus", "servers"), (), ("gpus", "servers")]
    assert [ruling.passed for ruling in judge(gates, diff(change.head, change.head))] == [True, False, True, True]
    assert [ruling.passed for ruling in judge(gates, diff(change.head, change.base))] == [True, True, True, True]
    warned, grown = gate_data(found[3])["clauses"]
    assert warned == {"text": "warning:overloaded", "kind": "warning", "figure": None, "limit": None, "holds": True}
    assert grown == {"text": "gpus > +1%", "kind": "relative", "figure": "gpus", "limit": 0.01, "holds": False}
    note = PlanWarning("extrapolated", "as it is", ("gpus",), "info")
    noted = diff(change.base, change.base._replace(plan=_warned(note)))
    assert [ruling.passed for ruling in judge(gates[:1], noted)] == [True]


def _judged(base: str, head: str, gates_from: str) -> Judged:
    sides = [
        side(plan_of(write(f"dau: 1M\npins: {{gpus: 50}}\n{text}", f"{name}.yaml")))
        for name, text in (("base", base), ("head", head))
    ]
    return judge_change(sides[0], sides[1], GateOptions(gates_from=gates_from))


def test_whose_rules_count() -> None:
    """The rules of the base count, or those of the head."""
    base = "budgets: [gpus <= 10, servers <= 99K]\ngates: {fail_on: [gpus > 20]}\n"
    head = "budgets: [gpus <= 90]\ngates: {fail_on: [gpus > 10]}\n"
    asked = [_judged(base, head, source) for source in (BASE, HEAD)]
    assert [[row.name for row in found.budgets] for found in asked] == [
        ["gpus <= 10", "servers <= 99K"],
        ["gpus <= 90"],
    ]
    assert [[ruling.gate.name for ruling in found.rulings] for found in asked] == [["gpus > 20"], ["gpus > 10"]]
    assert [(found.fails, found.warns, found.unchanged) for found in asked] == [(True, True, True)] * 2
    quiet = _judged("", "", BASE)
    assert (quiet.fails, quiet.warns, quiet.unchanged) == (False, False, True)
    warned = _judged("gates: {warn_on: [gpus > 10]}\n", "", BASE)
    assert (warned.fails, warned.warns, warned.unchanged) == (False, True, True)


def _stream(*sets: str) -> Side:
    return side(plan_of(shipped("stream"), sets))


@pytest.mark.parametrize(("figure", "ends"), [("gpus", (5, 95)), ("gross_margin", (95, 5))])
def test_a_percentile_gate_counts_no_value_as_the_worst(figure: str, ends: tuple[int, int]) -> None:
    """At the slow end of the model's error a stream stops, so a fleet has no 95th percentile and a margin no 5th.

    The others are those of a plan with the factor by hand. At 40 frames per second the median has no value either.
    """
    base, head, (best, worst) = _stream(), _stream("fps=40"), ends
    assert base.plan is not None
    error = base.plan.uncertain.ranges()["time_factor"]
    quick, slow = (_stream(f"time_factor={factor:.9f}").figures[figure] for factor in (error.low, error.high))
    texts = [f"p{percent}({figure}) {change}" for percent in (best, 50) for change in ("< -1%", "> +1%")]
    limits = [f"p{worst}({figure}) {way} 0" for way in "<>"]
    rulings = judge(read_gates([*texts, *limits]), diff(base, head))

    assert [ruling.base for ruling in rulings] == [quick, quick, base.figures[figure], base.figures[figure], None, None]
    assert slow is None
    assert [ruling.value for ruling in rulings[2:]] == [None] * 4
    assert [ruling.passed for ruling in rulings[2:]] == [False] * 4
    reasons = ["it has no value any more"] * 2 + ["it has no value"] * 2
    assert [ruling.reason for ruling in rulings[2:]] == reasons


@pytest.mark.parametrize("dau", ["dau: 30K", "dau: 20K to 40K"])
def test_a_percentile_of_a_part_that_is_gone_trips(dau: str) -> None:
    """A part under another name has no value any more, as a gate on its plain figure says too."""
    text = f"model: wan2.2-ti2v-5b\n{dau}\nmix: {{hd: {{share: 30%, steps: 60}}, sd: {{}}}}\n"
    base, head = (side(plan_of(write(text.replace("hd", name)))) for name in ("hd", "uhd"))
    rulings = judge(read_gates(["p95(mix.hd.gpus) > +20%", "mix.hd.latency_p95 > +20%"]), diff(base, head))

    assert [(ruling.passed, ruling.value, ruling.reason) for ruling in rulings] == [
        (False, None, "it has no value any more")
    ] * 2


def test_a_stream_that_stops_is_worse_than_a_late_first_frame() -> None:
    """A stream that misses 400 ms on both sides trips `new-warnings` where it stops, not the way back."""
    late, stopped = _stream("target_latency=0.4"), _stream("target_latency=0.4", "fps=40")
    gates = read_gates(["new-warnings"])
    assert (late.figures["latency_p95"] or 0) * 1.1 > (stopped.figures["latency_p95"] or 0) > 0.4
    assert [judge(gates, diff(*ends))[0].passed for ends in ((late, stopped), (stopped, late))] == [False, True]


@pytest.mark.parametrize(
    ("base", "head", "worse"),
    [
        ("gpu_limit: 104", "gpu_limit: 96", True),
        ("gpu_limit: 96", "gpu_limit: 104", False),
        ("target_latency: 150 s", "target_latency: 100 s", True),
        ("target_latency: 150 s", "target_latency: 149 s", False),
    ],
)
def test_a_warning_that_got_worse_is_new(base: str, head: str, worse: bool) -> None:  # noqa: FBT001 - a table's column
    """A warning of both sides trips `new-warnings` if less is served, or a target is missed by over a tenth more."""
    plan = "model: wan2.2-ti2v-5b\ngpu: h100-sxm\nattention_kernel: fa2\ndau: 100K\n"
    sides = [side(plan_of(write(f"{plan}{text}\n", f"{name}.yaml"))) for name, text in (("base", base), ("head", head))]
    found = diff(*sides)
    code = "overloaded" if "limit" in base else "misses-target-latency"
    assert code in {warning.code for warning in found.base.warnings}
    assert (code in {warning.code for warning in found.new_warnings}) == worse
    assert judge(read_gates(["new-warnings"]), found)[0].passed != worse
