"""The grammar of conditions: what is read, what is refused and how, and what a condition holds for."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.conditions import Condition, parse_condition, parse_conditions
from t2v_capacity.questions.search.solve import solve
from t2v_capacity.scenario.load import load_scenario

COMPARISONS = ("<", "<=", ">", ">=", "=")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gpus<=10K", ("gpus", "<=", 10_000, "gpus <= 10K")),
        ("gpus > 5K GPUs", ("gpus", ">", 5_000, "gpus > 5K GPUs")),
        ("  latency-p95   <  2  min ", ("latency_p95", "<", 120, "latency_p95 < 2 min")),
        ("egress_bandwidth < 100 Gbps", ("egress_bandwidth", "<", 1e11, "egress_bandwidth < 100 Gbps")),
        ("average_utilization >= 60%", ("average_utilization", ">=", 0.6, "average_utilization >= 60%")),
        ("gross_margin >= -10%", ("gross_margin", ">=", -0.1, "gross_margin >= -10%")),
        ("replicas_per_server = 8", ("replicas_per_server", "=", 8, "replicas_per_server = 8")),
        ("gpus ≤ 8", ("gpus", "<=", 8, "gpus <= 8")),
        ("gpus ≥ 8", ("gpus", ">=", 8, "gpus >= 8")),
        ("p95( gpus )<=5K", ("gpus", "<=", 5_000, "p95(gpus) <= 5K")),
        ("p5(latency-p95) < 2 min", ("latency_p95", "<", 120, "p5(latency_p95) < 2 min")),
        ("P(gpus<=5K)>=90%", ("gpus", "<=", 5_000, "P(gpus <= 5K) >= 90%")),
        ("P( wait_p95 > 5 s ) < 0.1", ("wait_p95", ">", 5, "P(wait_p95 > 5 s) < 0.1")),
    ],
)
def test_a_condition_is_read(text: str, expected: tuple[str, str, float, str]) -> None:
    """A condition is read in a person's units, with or without blanks, and said again in one form."""
    figure, comparison, limit, said = expected
    read = parse_condition(text)

    assert (read.figure, read.comparison, read.text) == (figure, comparison, said)
    assert math.isclose(read.limit, limit)
    assert parse_condition(read.text) == read


def test_a_simulated_figure_is_asked_for_by_name() -> None:
    """A figure of simulated days is read where a day is simulated, and refused elsewhere."""
    assert parse_condition("longest_wait <= 5 min", simulated=True).figure == "longest_wait"
    with pytest.raises(Mistakes, match="--only waiting"):
        parse_condition("longest_wait <= 5 min")


def test_conditions_are_read_together() -> None:
    """Several wrong conditions are refused together, each at its place; one in two spellings of blanks counts once."""
    with pytest.raises(Mistakes) as refused:
        parse_conditions(["gpus <= x", "gpus <= 5", "zebra"], "--budget")

    assert [str(mistake.place) for mistake in refused.value.mistakes] == ["--budget 'gpus <= x'", "--budget 'zebra'"]
    assert len(parse_conditions(["gpus <= 5", "gpus<=5"], "--limit")) == 1


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_no_value_meets_no_condition(comparison: str) -> None:
    """A figure without a value meets no condition, whichever way it compares."""
    condition = parse_condition(f"wait_p95 {comparison} 5 s")
    assert not condition.holds(None)
    assert not condition.holds(math.nan)


@given(value=st.floats(-1e12, 1e12), limit=st.floats(-1e12, 1e12))
def test_comparisons_complement_each_other(value: float, limit: float) -> None:
    """Of below, at and above a limit exactly one holds; at most and at least are what their names say."""
    below, most, above, least, at = (Condition("gpus", c, limit, "").holds(value) for c in COMPARISONS)

    assert below + at + above == 1
    assert (most, least) == (below or at, above or at)


def test_a_rounding_error_crosses_no_limit() -> None:
    """A sum of tenths that should be 0.3 is at 0.3 and not above it; 0.300001 is above."""
    assert parse_condition("utilization = 30%").holds(0.1 + 0.2)
    assert not parse_condition("utilization > 30%").holds(0.1 + 0.2)
    assert parse_condition("utilization > 30%").holds(0.300001)


def test_percentiles_and_chances_are_asked_of_draws() -> None:
    """A percentile is that of the draws, and a chance is the share of them that keeps the limit.

    A draw without a value keeps none.
    """
    draws = np.arange(1.0, 101.0)
    holed = np.where(draws > 90, np.nan, draws)

    assert [parse_condition(text).of_draws for text in ("gpus <= 5", "p95(gpus) <= 5", "P(gpus <= 5) >= 0.9")] == [
        False,
        True,
        True,
    ]
    assert parse_condition("p90(gpus) <= 95").measure(draws) == pytest.approx(90.1)
    assert parse_condition("gpus <= 60").measure(draws) == 50.5
    assert parse_condition("P(gpus <= 95) >= 95%").holds_of(draws)
    assert not parse_condition("P(gpus <= 94) >= 95%").holds_of(draws)
    assert parse_condition("P(gpus <= 1000) >= 0%").measure(holed) == 0.9
    assert not parse_condition("p95(gpus) <= 1000").holds_of(holed)
    assert [parse_condition(text).measure([math.nan] * 3) for text in ("p95(gpus) <= 5", "P(gpus <= 5) >= 90%")] == [
        None,
        None,
    ]
    assert parse_condition("P(gpus <= 5) >= 90%").measure([4.0, math.nan]) == 0.5
    assert parse_condition("p5(gpus) >= 5").holds_of(7.0)
    assert parse_condition("P(gpus > 5) > 99%").holds_of(7.0)


@pytest.mark.parametrize("text", ["mix.hd.trps <= 1/s", "total(mix.hd.gpus) <= 5"])
def test_a_condition_is_of_what_a_part_has(text: str) -> None:
    """A figure of the service is none of a part, and a part's figure adds up over no scenarios."""
    with pytest.raises(Mistakes, match=r"is of the whole service|doesn't add up over scenarios"):
        parse_condition(text, gate=True)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("P(latency_p95 > 5 min) <= 10%", False),
        ("P(latency_p95 <= 5 min) >= 90%", False),
        ("P(latency_p95 > 5 min) <= 60%", True),
        ("p5(latency_p95) >= 1 s", False),
    ],
)
def test_a_draw_without_a_value_counts_against_a_condition(text: str, kept: bool) -> None:  # noqa: FBT001 - a column
    """Where half of the draws are overloaded, a wait has no value there, which keeps nothing."""
    condition = parse_condition(text)
    draws = [100.0, math.nan] * 10
    assert condition.holds_of(draws) == condition.holds_of(np.array(draws)) == kept


def test_no_limit_on_waits_is_kept_by_an_overload() -> None:
    """Of a fleet that is held, the users that it carries are those of the condition the other way around."""
    asked = ("P(latency_p95 > 5 min) <= 10%", "P(latency_p95 <= 5 min) >= 90%")
    plan = load_scenario("scenarios/start-up.yaml", ["gpu_limit=64"])
    most = [solve(plan, "dau", [parse_condition(text)]).value for text in asked]
    assert most[0] == pytest.approx(most[1], rel=1e-3)


def test_an_equality_of_a_percentile_counts_what_has_no_value_as_beyond() -> None:
    """Of 21 points three are overloaded: the 95th percentile has no value, and equals no limit."""
    condition = parse_condition("p95(latency_p95) = 100 s")
    assert condition.holds_of([100.0] * 21)
    assert not condition.holds_of([100.0] * 18 + [math.nan] * 3)
