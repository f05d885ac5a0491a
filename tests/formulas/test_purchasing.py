"""GPUs that can't all be had on demand, and the cheapest reserve, against an integrated day and every reserve of a grid."""

import numpy as np
import pytest

import t2v_capacity.formulas  # noqa: F401 - registers the figures
from places import shipped
from shared import plan_of
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import evaluate

# Prices that are easily told apart, and no cold start, so that a day is its load.
KNOWN = {name: float(a.read(a.default)) for name, a in ASSUMPTIONS.items()} | {  # type: ignore[arg-type]
    "dau": 5e6,
    "gpu_price": 4.0,
    "provision_time": 0.0,
    "warm_up_time": 0.0,
    "load_rate": 1e12,
    "target_wait_probability": 0.99,
}
TIMES = (np.arange(20_000) + 0.5) / 20_000
NAMES = ("gpu_cost_following", "gpu_cost_reserved", "gpus", "committed_price", "cheapest_reserved_fraction")


def day(peak: float) -> np.ndarray:
    """Return a day's load over its peak: a sine around its mean; beyond twice the mean it fills part of the hours."""
    if peak <= 2:
        return np.asarray((1 + (peak - 1) * np.sin(2 * np.pi * TIMES)) / peak)
    return np.where(2 / peak > TIMES, 0.5 - 0.5 * np.cos(2 * np.pi * TIMES * peak / 2), 0)


@pytest.mark.parametrize("peak", [1.0, 1.3, 1.7, 2.0, 2.5, 4.0])
@pytest.mark.parametrize("had", [0.0, 0.1, 0.3, 0.6, 0.9, 1.0])
def test_what_cannot_be_had_on_demand_is_held(peak: float, had: float) -> None:
    """The autoscaled bill is that of an integrated day of which no hour holds fewer GPUs than can't be had on demand, to 1 %."""
    gpus = evaluate({**KNOWN, "peak_to_average": peak}, ("gpus",))["gpus"]
    plan = evaluate({**KNOWN, "peak_to_average": peak, "on_demand_limit": float(round(gpus * had))}, NAMES)
    least = 1 - round(gpus * had) / gpus
    held = float(np.maximum(day(peak), least).mean())

    assert plan["gpu_cost_following"] == pytest.approx(gpus * 720 * 4 * held, rel=0.01)
    assert plan["cheapest_reserved_fraction"] >= least - 1e-12


@pytest.mark.parametrize("peak", [1.0, 1.4, 1.7, 2.5])
@pytest.mark.parametrize(
    ("reserved", "had"), [*((price, 0.4) for price in (0.0, 1.2, 3.6)), *((price, 1.0) for price in (0.0, 1.2, 2.4, 3.6, 5.0))]
)
def test_no_reserve_of_a_grid_is_cheaper(peak: float, reserved: float, had: float) -> None:
    """Committed and on-demand GPUs of an integrated day cost what the cheapest reserve says, to 1 %, and no other commitment is 1 % cheaper."""
    known = {**KNOWN, "peak_to_average": peak, "reserved_price": reserved}
    gpus = evaluate(known, ("gpus",))["gpus"]
    plan = evaluate({**known, "on_demand_limit": float(round(gpus * had))}, NAMES)
    price = plan["committed_price"]
    bills = [720 * gpus * (base * price + 4 * float(np.maximum(day(peak) - base, 0).mean())) for base in np.linspace(1 - had, 1, 201)]

    assert plan["gpu_cost_reserved"] == pytest.approx(min(bills), rel=0.01)


def test_the_cheapest_commitment_is_taken() -> None:
    """Of a year, three years and a server of one's own the cheapest hour is committed, and each that has no price is left out."""

    def price(**prices: float) -> float:
        return float(evaluate({**KNOWN, **prices}, ("committed_price",))["committed_price"])

    owned = evaluate({**KNOWN, "server_price": 300_000.0}, ("owned_price",))["owned_price"]
    assert price() == 4.0
    assert price(reserved_price=3.0) == price(reserved_price=3.0, reserved_3_year_price=3.5) == 3.0
    assert price(reserved_price=3.0, reserved_3_year_price=2.0) == 2.0
    assert price(reserved_price=3.0, server_price=300_000.0) == owned < 2.0
    assert price(reserved_price=1.0, server_price=300_000.0) == 1.0


def test_a_plan_on_demand_holds_what_it_cannot_have() -> None:
    """A plan without a reserve is billed for what a cloud can't give on demand at every hour; without a limit nothing moves."""
    sets = ("peak_to_average=1.7", "reserved_fraction=0")
    plain = plan_of(shipped("wan2.2-h100"), sets)
    limited = plan_of(shipped("wan2.2-h100"), [*sets, "on_demand_limit=2000"])

    assert plain.known["held_fraction"] == plain.known["not_on_demand_share"] == 0
    assert (limited.figures["gpu_cost_per_month"] or 0) > 1.4 * (plain.figures["gpu_cost_per_month"] or 0)


@pytest.mark.parametrize("spot", [0.5, 2.0, 3.9, 4.1, 30.0])
@pytest.mark.parametrize("reserved", [0.0, 1.2, 5.0])
def test_no_spot_is_bought_that_is_dearer(spot: float, reserved: float) -> None:
    """A mix with a spot part never costs more than the cheapest reserve, whatever spot costs, and less where spot is cheaper than both."""
    known = {**KNOWN, "peak_to_average": 2.0, "reserved_price": reserved, "spot_price": spot, "spot_fraction": 0.5}
    plan = evaluate(known, ("gpu_cost_mixed", "gpu_cost_reserved"))

    assert plan["gpu_cost_mixed"] <= plan["gpu_cost_reserved"] * (1 + 1e-12)
    assert (plan["gpu_cost_mixed"] < 0.9 * plan["gpu_cost_reserved"]) == (spot == 0.5 or (spot == 2.0 and reserved != 1.2))
