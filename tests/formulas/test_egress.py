"""Egress by marginal tiers, against a plain loop over them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import t2v_capacity.formulas  # noqa: F401 - registers the figures
from shared import plan_of_text
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.engine.figures import FIGURES, evaluate

DEFAULTS = {name: float(a.read(a.default)) for name, a in ASSUMPTIONS.items()}  # type: ignore[arg-type]
PROVIDERS = [name for name in Catalogue().entries("egresses") if name != "flat"]
LATER = range(2, 8)


def looped(sent: float, tiers: list[tuple[float, float]]) -> float:
    """Return what a month's bytes cost, tier by tier: each is a beginning and a price, in order."""
    cost = 0.0
    for (begins, price), (ends, _price) in zip(tiers, [*tiers[1:], (float("inf"), 0.0)], strict=True):
        if sent > begins:
            cost += (min(sent, ends) - begins) * price
    return cost


def tiers_of(known: dict[str, float]) -> list[tuple[float, float]]:
    """Return the tiers that assumptions say."""
    free = known["egress_free"]
    return [(0.0, 0.0), (free, known["egress_price"]), *((free + known[f"egress_from_{k}"], known[f"egress_price_{k}"]) for k in LATER)]


@given(
    sent=st.floats(1e6, 1e18),
    begins=st.lists(st.floats(1e9, 1e17), min_size=6, max_size=6).map(sorted),
    prices=st.lists(st.floats(1e-12, 1e-10), min_size=7, max_size=7),
    free=st.one_of(st.just(0.0), st.floats(1e6, 1e16)),
)
def test_tiers_are_those_of_a_loop(sent: float, begins: list[float], prices: list[float], free: float) -> None:
    """Whatever the tiers, dearer later ones too, a month costs what a loop over them says, and nothing of it what is free before them."""
    known = {"egress_free": free, "egress_price": prices[0], **{f"egress_from_{k}": begins[k - 2] for k in LATER}}
    known |= {f"egress_price_{k}": prices[k - 1] for k in LATER}
    discount = FIGURES["egress_discount"](egress_per_month=sent, **known)

    assert sent * prices[0] - discount == pytest.approx(looped(sent, tiers_of(known)), rel=1e-9, abs=1e-9 * sent * prices[0])


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("dau", [1e3, 1e6, 3e7, 1e9])
def test_a_provider_is_its_tiers(provider: str, dau: float) -> None:
    """A provider's prices go in with its tiers in order, and a plan's egress costs what a loop over them says."""
    plan = plan_of_text(f"dau: {dau!r}\nviews_per_video: 9\negress: {provider}\n")
    tiers = tiers_of(dict(plan.values))

    assert [begins for begins, _price in tiers] == sorted(begins for begins, _price in tiers)
    assert plan.figures["egress_cost_per_month"] == pytest.approx(looped(plan.known["egress_per_month"], tiers), rel=1e-12)


def test_one_price_stands_to_the_digit() -> None:
    """Without a choice nothing is taken off, whatever the service, and the bill is the product that it was."""
    for dau in (1.0, 1e5, 1e9, 1e11):
        plan = evaluate({**DEFAULTS, "dau": dau, "views_per_video": 7.0})
        product = plan["delivered_per_day"] * 7.0 * plan["video_size"] * DEFAULTS["egress_price"] * DEFAULTS["days_per_month"]

        assert plan["egress_cost_per_month"] == product
