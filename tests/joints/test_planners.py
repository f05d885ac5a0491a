"""Two questions that planners ask of the bill and the site, from the command line to the last digit."""

import pytest

from shared import Program, plan_of, write
from t2v_capacity.plan.drivers import PRICE, drivers

SERVICE = "model: wan2.2-t2v-a14b\nruntime: engine\ndau: 5M\npeak_to_average: 1.7\nreserved_price: {value: 2, as_of: 2026-11-01}\n"
BILLS = ("gpu_cost_on_demand", "gpu_cost_following", "gpu_cost_reserved")


@pytest.mark.usefixtures("folder")
def test_three_bills_of_a_service_of_five_million(t2v_cap: Program) -> None:
    """Five million users a day cost less as the fleet follows the day, and least at the cheapest reserve; JSON and screen say all three."""
    path = write(SERVICE, "five.yaml")
    figures = t2v_cap("estimate", path, "--format", "json").json["figures"]
    held, following, reserved = (figures[name]["value"] for name in BILLS)
    fraction = figures["cheapest_reserved_fraction"]["value"]
    chosen = plan_of(path, [f"reserved_fraction={fraction!r}"]).figures["gpu_cost_per_month"]

    assert held == pytest.approx(figures["gpus"]["value"] * 3.99 * 720, rel=1e-12)
    assert following == pytest.approx(held / 1.7, rel=0.01)
    assert held > following > reserved
    assert reserved == pytest.approx(chosen, rel=0.01)


@pytest.mark.usefixtures("folder")
def test_the_range_of_prices_is_a_driver(t2v_cap: Program) -> None:
    """The lowest and the highest listed price of a GPU that nobody priced drive the bill; a price of one's own has no range."""
    plan, own = plan_of(write("dau: 1M\ngpu: h100-sxm\nprecision: bf16\n")), plan_of("my.yaml", ["gpu_price=3"])
    listed = plan.scenario.catalogue.listed_prices("h100-sxm")
    found, none = ([one.other for one in drivers(of.scenario, of.known, of.memo) if one.name == PRICE] for of in (plan, own))

    assert sorted(float(other.partition(" ")[0]) for other in found) == [min(listed), max(listed)]
    assert f"gpu_price* {min(listed):.2f} to {max(listed):.2f}" in t2v_cap("estimate", "my.yaml").out
    assert none == []
