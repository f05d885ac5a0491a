"""Owning against a loan that is paid off year by year, and the power of a site."""

import pytest

import t2v_capacity.formulas  # noqa: F401 - registers the figures
from shared import plan_of_text
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import evaluate

pytestmark = pytest.mark.usefixtures("folder")
DEFAULTS = {name: float(a.read(a.default)) for name, a in ASSUMPTIONS.items()}  # type: ignore[arg-type]
OWNED = ("owned_server_price", "owned_place_price", "owned_electricity_price", "owned_price", "owning_utilization")


def test_owned_price_of_an_example() -> None:
    """A server of 300,000 USD with 8 GPUs, 5 years, 10 % left and 10 % a year is 1.06 USD a GPU-hour, and 0.26 of colocation."""
    plan = evaluate({**DEFAULTS, "server_price": 300_000.0, "residual_share": 0.1, "gpu_price": 3.99}, OWNED)

    assert round(plan["owned_server_price"], 2) == 1.06
    assert round(plan["owned_place_price"], 2) == 0.26
    assert plan["owned_electricity_price"] == 0
    assert plan["owning_utilization"] == pytest.approx((plan["owned_server_price"] + plan["owned_place_price"]) / 3.99, rel=1e-12)


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


def test_no_server_price_is_told() -> None:
    """Without a server's price there is no owned price and the plan says so as info; with one the line is gone."""
    plan = plan_of_text("dau: 1M\n")
    (told,) = [warning for warning in plan.warnings if warning.code == "no-server-price"]

    assert told.severity == "info"
    assert [name for name in OWNED if plan.figures[name] is None] == list(told.names)
    assert "no-server-price" not in {warning.code for warning in plan_of_text("server_price: 300_000\n").warnings}


def test_a_site_is_planned_by_what_is_written_on_it() -> None:
    """Rated power is never below the peak's."""
    plan = plan_of_text("dau: 1M\nregions: 2\n").known
    assert plan["nameplate_power"] == pytest.approx(plan["gpus"] * 700 * 1.82 * 1.15, rel=1e-12)
    assert plan["nameplate_power"] >= plan["peak_fleet_power"]
