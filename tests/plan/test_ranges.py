"""Ranges in, bands out: families, seeds, percentiles against closed forms."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import some
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.estimate import estimate, with_bands
from t2v_capacity.plan.uncertain import SHARES, draw, draws, percentiles_of, sampled
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario

LESSON = "scenarios/lesson.yaml"


def scenario(*sets: str, pins: tuple[str, ...] = ()) -> Scenario:
    """Return the lesson with flags over it."""
    return load_scenario(LESSON, sets, pins)


def test_product_of_lognormals() -> None:
    """Percentiles of a product of lognormals are within 1 % of their closed form at 100,000 draws."""
    plan = scenario("dau=50M to 200M", "videos_per_user_per_day=5 to 20", "prompt_size=1 KB to 8 KB")
    found = sampled(plan, ("ingress_bandwidth",), samples=100_000)["ingress_bandwidth"]
    ends = [(50e6, 200e6), (5, 20), (1e3, 8e3)]
    z95 = NormalDist().inv_cdf(0.95)
    mean = sum(math.log(low * high) / 2 for low, high in ends) + math.log(8 / 86_400)
    spread = math.hypot(*(math.log(high / low) / (2 * z95) for low, high in ends))

    for value, share in zip(percentiles_of(found, (0.05, 0.5, 0.95)), (0.05, 0.5, 0.95), strict=True):
        assert value == pytest.approx(math.exp(mean + spread * NormalDist().inv_cdf(share)), rel=0.01)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(values=st.lists(st.floats(-1e9, 1e9) | st.sampled_from([math.nan, math.inf, 0.0, 1.0]), min_size=1, max_size=12))
def test_percentiles(values: list[float]) -> None:
    """Percentiles of an array and of a list are numpy's own.

    They are straight between numbers, the number itself where one is endless, and null beyond.
    """
    known = [math.inf if math.isnan(value) else value for value in values]
    found = np.quantile(known, SHARES, method="inverted_cdf" if math.inf in known else "linear")

    assert percentiles_of(values) == percentiles_of(np.array(values)) == [finite(value) for value in found.tolist()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dau", Range(50e6, 200e6)),
        ("indexing", Range(0.1, 0.4)),
        ("spare_fraction", Range(0.02, 0.15)),
        ("dau", Range(50e6, 200e6, 80e6)),
    ],
)
def test_ends_are_percentiles(name: str, value: Range) -> None:
    """The ends of a range are the 5th and 95th percentile of its draws, and its median is the point value."""
    low, middle, high = percentiles_of(draw(name, value, 20_000, 0))

    assert (low, middle, high) == pytest.approx((value.low, ASSUMPTIONS[name].median(value), value.high), rel=1e-3)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("dau", "20K to 80K", 4e4),
        ("videos_per_user_per_day", "1 to 4", 2),
        ("growth_per_month", "-2% to 12%", 0.05),
        ("indexing", "10% to 40%", 0.2),
        ("cdn_hit_ratio", "50% to 90%", 0.75),
        ("time_factor", "0.8 to 1.25", 1),
    ],
)
def test_a_point_is_what_a_person_would_say(name: str, text: str, said: float) -> None:
    """A range's point is the geometric mean of its ends, or the arithmetic one where there are negatives.

    Between bounds it is the middle of odds.
    """
    assert scenario(f"{name}={text}").values()[name] == pytest.approx(said, rel=1e-15)


@pytest.mark.wide
@pytest.mark.parametrize("name", some([name for name, known in ASSUMPTIONS.items() if not known.whole], 12))
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_the_point_is_the_median_and_no_draw_leaves_the_bounds(name: str, data: st.DataObject) -> None:
    """Of any range of any assumption the point lies within, and half of the draws lie above it.

    All draws lie within the assumption's bounds.
    """
    known = ASSUMPTIONS[name]
    reach = 1e3 * (known.high - known.low) ** 0.5 if known.unlimited else known.high - known.low
    shares = sorted(
        data.draw(st.lists(st.floats(0.001, 0.999), min_size=2, max_size=2, unique_by=lambda share: round(share, 3)))
    )
    low, high = (known.low + reach * share for share in shares)
    value = Range(low, high)
    middle = known.median(value)
    drawn = draw(name, value, 1_001, 3)
    assert low < middle < high
    assert np.median(drawn) == pytest.approx(middle, rel=1e-9)
    assert known.low <= drawn.min()
    assert known.unlimited or drawn.max() <= known.high


def test_draws_are_their_own() -> None:
    """Draws of one assumption do not move when another gets a range, and differ from another's."""
    alone = draws({"dau": Range(1e6, 2e6)}, 500)["dau"]
    together = draws({"prompt_size": Range(1e3, 2e3), "dau": Range(1e6, 2e6)}, 500)

    assert (alone == together["dau"]).all()
    assert np.corrcoef(together["dau"], together["prompt_size"])[0, 1] == pytest.approx(0, abs=0.15)


def test_seeds() -> None:
    """The same seed gives the recorded draws, and another seed gives others."""
    value = Range(1e6, 2e6)

    assert (draw("dau", value, 100, 0) != draw("dau", value, 100, 1)).any()
    # On any machine: the order comes from raw bits of PCG64, the quantiles from the standard library.
    assert [round(x) for x in draw("dau", value, 5, 0)] == [1079554, 1414214, 1579433, 1266277, 1852616]


@pytest.mark.wide
def test_chunks_do_not_show() -> None:
    """Figures computed in parts are what they are computed at once."""
    plan = scenario("dau=50M to 200M", "time_factor=0.9 to 1.2")
    drawn = draws(plan.ranges(), 60_000)
    whole = evaluate({**plan.values(), **drawn})

    for name, values in sampled(plan, samples=60_000).items():
        np.testing.assert_array_equal(np.broadcast_to(values, 60_000), np.broadcast_to(whole[name], 60_000))


def test_draws_equal_estimates() -> None:
    """Each draw of every figure is the estimate with those values."""
    plan = scenario("dau=50M to 200M", "duration=4 s to 9 s")
    drawn = draws(plan.ranges(), 5)
    found = dict(sampled(plan, samples=5))

    for index in range(5):
        one = estimate(scenario(f"dau={float(drawn['dau'][index])!r}", f"duration={float(drawn['duration'][index])!r}"))
        for name in one.figures:
            assert np.broadcast_to(found[name], 5)[index] == pytest.approx(one.known[name], rel=1e-12, nan_ok=True), (
                name
            )


def test_pins_have_ranges() -> None:
    """A pinned figure may have a range, which moves what follows from it and nothing else."""
    plan = with_bands(estimate(scenario(pins=("gpu_seconds_per_video=200 s to 400 s",))), 2_000, 0)
    low, _middle, high = plan.bands["busy_gpus"]

    assert high == pytest.approx((low or 0) * 2, rel=0.01)
    assert plan.bands["trps"][0] == plan.bands["trps"][2]
    assert plan.bands["flops_per_video"][0] == plan.figures["flops_per_video"]


def test_model_error_is_not_forgotten() -> None:
    """A band beside one number for `time_factor`, by hand, says that the model's own error is ignored.

    A band beside a range of it, or beside none, does not.
    """
    for more, warned in ((["time_factor=1"], True), ([], False), (["time_factor=0.9 to 1.1"], False)):
        plan = with_bands(estimate(scenario("dau=50M to 200M", *more)), 100, 0)
        assert ("model-error-ignored" in {warning.code for warning in plan.warnings}) is warned


@pytest.mark.wide
def test_strata_earn_their_place() -> None:
    """At equal draws the median of a plan is at least half again nearer with strata than with independent draws."""
    plan = scenario("dau=50M to 200M", "videos_per_user_per_day=5 to 20", "time_factor=0.9 to 1.2")
    ranges = plan.ranges()

    def median(samples: int, seed: int = 0) -> float:
        return float(np.median(sampled(plan, ("busy_gpus",), samples=samples, seed=seed)["busy_gpus"]))

    strata, independent = [], []
    for seed in range(20):
        strata.append(median(1_000, seed))
        picks = np.random.default_rng(seed)
        loose = {name: picks.choice(draw(name, value, 50_000, 0), 1_000) for name, value in ranges.items()}
        independent.append(float(np.median(evaluate({**plan.values(), **loose}, ("busy_gpus",))["busy_gpus"])))
    errors = [np.sqrt(np.mean((np.array(found) / median(200_000) - 1) ** 2)) for found in (strata, independent)]

    assert errors[0] * 1.5 < errors[1], errors
