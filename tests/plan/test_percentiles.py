"""Percentiles of numbers that come in parts, against numpy's of all of them together."""

from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from t2v_capacity.assumptions.names import finite
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.plan import ranges
from t2v_capacity.plan.percentiles import Percentiles
from t2v_capacity.plan.ranges import SHARES, band, bands, sampled
from t2v_capacity.scenario.load import load_scenario

COUNT, PART = 40_000, 1_000
RANGED = ["dau=50M to 200M", "time_factor=0.9 to 1.2", "gpu_price=2 to 5"]


def by_numpy(values: np.ndarray) -> list[float]:
    """Return what numpy's quantile gives, with infinity for what has no value."""
    known = np.where(np.isnan(values), np.inf, values)
    return [float(one) for one in np.quantile(known, SHARES, method="inverted_cdf" if np.isinf(known).any() else "linear")]


def in_parts(values: np.ndarray) -> list[float] | None:
    """Return what is found of the same values a part at a time."""
    kept = Percentiles(SHARES, len(values))
    for begin in range(0, len(values), PART):
        kept.add(values[begin : begin + PART])
    return kept.found()


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    kinds=st.sampled_from([1, 2, 7, 300, COUNT]),
    holes=st.sampled_from([0.0, 0.02, 0.3, 0.97, 1.0]),
    hole=st.sampled_from([np.nan, np.inf]),
)
def test_parts_give_the_percentiles_of_the_whole(seed: int, kinds: int, holes: float, hole: float) -> None:
    """To the last digit, of numbers in random order: all different or a few over and over, with holes or without."""
    random = np.random.default_rng(seed)
    values = random.lognormal(sigma=2, size=kinds)[random.integers(0, kinds, COUNT)]
    values[random.random(COUNT) < holes] = hole

    assert in_parts(values) == by_numpy(values)
    assert band(values) == [finite(one) for one in by_numpy(values)]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(values=st.lists(st.floats(-1e9, 1e9) | st.sampled_from([np.nan, np.inf, 0.0, 1.0]), min_size=1, max_size=12))
def test_few_numbers(values: list[float]) -> None:
    """The same holds of a handful, whatever they are."""
    assert band(np.array(values)) == [finite(one) for one in by_numpy(np.array(values))]


@pytest.mark.parametrize("turn", [1, -1])
def test_what_was_let_go_is_told(turn: int) -> None:
    """Numbers whose beginning misleads give no percentile, rather than a wrong one."""
    assert in_parts(np.arange(COUNT, dtype=float)[::turn]) is None


@pytest.mark.slow
def test_bands_do_not_depend_on_how_they_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bands of a plan are the same whether every draw is kept, few are, or those few misled and all are drawn again."""
    plan, samples = load_scenario("scenarios/lesson.yaml", RANGED), 60_000
    whole = bands(plan, samples)
    monkeypatch.setattr(ranges, "_WHOLE", 0)

    assert bands(plan, samples) == whole
    monkeypatch.setattr(Percentiles, "found", lambda _kept: None)
    assert bands(plan, samples) == whole


def test_an_order_is_that_of_a_stable_sort() -> None:
    """The draws take their strata in the order of raw bits, however those are sorted."""
    plan = load_scenario("scenarios/lesson.yaml", RANGED)
    for name in RANGED[:2]:
        order = ranges._order(name, 30_000, 4)
        own = int.from_bytes(sha256(f"4:{name}".encode()).digest()[:16], "big")
        assert (order == np.argsort(np.random.PCG64(own).random_raw(30_000), kind="stable")).all()
    assert set(dict(sampled(plan, samples=10))) == set(FIGURES)
