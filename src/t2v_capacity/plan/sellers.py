"""Whether enough sellers ask a price for a GPU to be recommended at it."""

from t2v_capacity.catalogue import Catalogue, Entry
from t2v_capacity.engine.figures import Known
from t2v_capacity.plan.verdict import Objection
from t2v_capacity.scenario.settings import Scenario

FEW_SELLERS = "few sellers"  # the code of the objection
# A list price that fewer ask recommends no GPU: a choice must not hang on one seller.
ENOUGH_SELLERS = 3
SOLD_BY_FEW = f"fewer than {ENOUGH_SELLERS} sellers ask its list price; set a GPU price"
SPOT_BY_FEW = f"fewer than {ENOUGH_SELLERS} sellers ask its list spot price; set a spot price, or a provider"


def few_sellers(scenario: Scenario, known: Known) -> tuple[Objection, ...]:
    """Return the objection to choosing a GPU at a list price, on demand or spot, that too few sellers ask."""
    entry = scenario.catalogue.find("gpus", scenario.option("gpu"))
    if scenario.at_list_price and sold_by_few(entry):
        return (Objection(FEW_SELLERS, SOLD_BY_FEW),)
    if scenario.at_list("spot_price") and known["spot_share"] > 0 and spot_by_few(scenario.catalogue, entry):
        return (Objection(FEW_SELLERS, SPOT_BY_FEW),)
    return ()


def sold_by_few(gpu: Entry) -> bool:
    """Return whether too few sellers ask the list price of a GPU."""
    sellers = gpu.about.get("sellers")
    return sellers is not None and int(sellers) < ENOUGH_SELLERS


def spot_by_few(catalogue: Catalogue, gpu: Entry) -> bool:
    """Return whether too few sellers ask the list's spot price of a GPU; never where a user's catalogue has it."""
    return len(catalogue.sellers(gpu.id, "spot")) < ENOUGH_SELLERS and "spot_price" not in gpu.changed
