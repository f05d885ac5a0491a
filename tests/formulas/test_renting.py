"""The three bills against an integrated day."""

import numpy as np
import pytest

import t2v_capacity.formulas  # noqa: F401 - registers the figures
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS

DEFAULTS = {name: float(a.read(a.default)) for name, a in ASSUMPTIONS.items()}  # type: ignore[arg-type]
STEPS = 1_440  # minutes
TIMES = (np.arange(STEPS) + 0.5) / STEPS
BILLS = ("gpu_cost_on_demand", "gpu_cost_following", "gpu_cost_reserved")


def day(peak: float) -> np.ndarray:
    """Return a day's load over its peak: a sine around its mean; beyond twice the mean it fills part of the hours."""
    if peak <= 2:
        return np.asarray((1 + (peak - 1) * np.sin(2 * np.pi * TIMES)) / peak)
    return np.where(2 / peak > TIMES, 0.5 - 0.5 * np.cos(2 * np.pi * TIMES * peak / 2), 0)


def held(peak: float, cold_start: float, base: float) -> float:
    """Integrate what is held above a base, over the peak, where all that the load will ask for is ordered a cold start ahead."""
    load, ahead = day(peak), round(cold_start / 86_400 * STEPS)
    ordered = np.max([np.roll(load, -shift) for shift in range(ahead + 1)], axis=0)
    return float(np.maximum(ordered - base, 0).mean())


@pytest.mark.parametrize("peak", [1.0, 1.3, 1.7, 2.0, 2.5, 4.0])
@pytest.mark.parametrize("minutes", [6, 60])
@pytest.mark.parametrize("reserved", [0.0, 1.2, 2.4, 3.6])
def test_three_bills_are_those_of_an_integrated_day(peak: float, minutes: int, reserved: float) -> None:
    """Each bill is within 1 % of a day of orders that come a cold start ahead, and no fraction's is 1 % below the cheapest reserve's."""
    prices = {"gpu_price": 4.0, "reserved_price": reserved}
    cold = {"provision_time": 60.0 * minutes - 60, "load_rate": 1e12}
    plan = evaluate({**DEFAULTS, **prices, **cold, "peak_to_average": peak, "dau": 5e6}, (*BILLS, "gpus", "cheapest_reserved_fraction"))
    month = plan["gpus"] * 720
    price = reserved or 4.0

    def bill(base: float) -> float:
        return month * (base * price + held(peak, 60.0 * minutes, base) * 4.0)

    assert plan["gpu_cost_on_demand"] == pytest.approx(month * 4.0, rel=1e-12)
    assert plan["gpu_cost_following"] == pytest.approx(month * held(peak, 60.0 * minutes, 0) * 4.0, rel=0.01)
    assert plan["gpu_cost_reserved"] == pytest.approx(bill(plan["cheapest_reserved_fraction"]), rel=0.01)
    assert plan["gpu_cost_reserved"] <= min(bill(float(base)) for base in np.linspace(0, 1, 51)) * 1.01


@pytest.mark.parametrize("peak", [1.0, 1.4, 1.8, 3.0])
def test_bills_are_in_order(peak: float) -> None:
    """Following the day is never dearer than the peak held on demand, nor the cheapest reserve than following the day."""
    for reserved in (0.0, 0.5, 2.0, 3.9, 4.5):
        plan = evaluate({**DEFAULTS, "gpu_price": 4.0, "reserved_price": reserved, "peak_to_average": peak}, BILLS)
        first, second, third = (plan[name] for name in BILLS)

        assert second <= first * (1 + 1e-9)
        assert third <= second * 1.002
