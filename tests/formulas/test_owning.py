"""Owning against a loan that is paid off year by year."""

import pytest

import t2v_capacity.formulas  # noqa: F401 - registers the figures
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import evaluate

DEFAULTS = {name: float(a.read(a.default)) for name, a in ASSUMPTIONS.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize("years", [1, 3, 5, 10])
@pytest.mark.parametrize("rate", [0.0, 0.05, 0.1, 0.3])
@pytest.mark.parametrize("left", [0.0, 0.2])
def test_yearly_payments_pay_off_the_server(years: int, rate: float, left: float) -> None:
    """What a server costs a year, paid at each year's end, and its residual value pay off a loan of its price to the last cent."""
    known = {**DEFAULTS, "server_price": 250_000.0, "residual_share": left, "cost_of_capital": rate, "service_life": years * 31_536_000.0}
    yearly = evaluate(known, ("owned_server_price",))["owned_server_price"] * 8 * 8_760
    owed = 250_000.0
    for _year in range(years):
        owed = owed * (1 + rate) - yearly

    assert owed == pytest.approx(left * 250_000, abs=0.01)


def test_electricity_is_that_of_an_owned_fleet_through_a_year() -> None:
    """Electricity of all owned GPU-hours of a day is the fleet's energy, where every GPU is held."""
    known = {**DEFAULTS, "dau": 3e6, "peak_to_average": 1.7, "electricity_price": 0.08 / 3.6e6}
    plan = evaluate(known, ("owned_electricity_price", "gpus", "fleet_power"))

    assert plan["owned_electricity_price"] * plan["gpus"] * 24 == pytest.approx(plan["fleet_power"] * 86_400 * 0.08 / 3.6e6, rel=1e-12)
