"""The cash of a service that sells its clips: the sum of what came in less what was paid, month by month."""

import math
from itertools import accumulate
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.engine.constants import HOURS_PER_DAY, HOURS_PER_YEAR, MONTHS_PER_YEAR, YEAR
from t2v_capacity.plan.mix import COSTS, OF_THE_WORK
from t2v_capacity.questions.what_if.buying import bought_servers
from t2v_capacity.questions.what_if.months import Series

# What the cash of a month follows from.
CASH_BY = (
    *("profit_per_month", "revenue_per_month", *COSTS),
    *("servers", "gpus_per_server", "server_price", "maintenance_share", "service_life", "residual_share"),
    *("owned_place_price", "owned_electricity_price", "days_per_month"),
)


class Cash(NamedTuple):
    """A way to have GPUs: the cash at the end of each month, in USD, and the servers bought in it."""

    balances: tuple[float | None, ...]
    bought: tuple[float, ...]

    @property
    def lowest(self) -> float | None:
        """The lowest point, or nothing if a month has no value; before month 0 there is none and nothing is owed."""
        known = [balance for balance in self.balances if balance is not None]
        return min(known) if len(known) == len(self.balances) else None

    @property
    def month(self) -> int | None:
        """The month of the lowest point."""
        return None if self.lowest is None else self.balances.index(self.lowest)


def cash_of(series: Series) -> dict[str, Cash]:
    """Return the cash of a plan by month where GPUs are rented, and where servers are owned.

    Rented GPUs are paid for in their month, so their cash is the sum of profit. Servers are paid for when they are
    bought: as the fleet grows, and again at the end of their life, when the old one is sold for its residual share.
    Their maintenance, place and electricity are paid monthly. Cash has no interest.
    """
    known = [
        {name: math.nan if (number := series.of(name)[place]) is None else number for name in CASH_BY}
        for place in range(len(series.months))
    ]
    now = known[0]
    rented = _cash([month["profit_per_month"] for month in known])
    if not now["server_price"]:
        return {"rented": rented}

    life = math.ceil(now["service_life"] / YEAR * MONTHS_PER_YEAR)
    bought = bought_servers([month["servers"] for month in known], life)
    profits = list[float]()
    for place, month in enumerate(known):
        owned, sold = sum(bought[max(0, place - life + 1) : place + 1]), bought[place - life] if place >= life else 0
        servers = now["server_price"] * (bought[place] - now["residual_share"] * sold)
        other_costs = sum(month[name] for name in COSTS if name not in OF_THE_WORK)
        profits.append(month["revenue_per_month"] - other_costs - owned * _running_cost(month) - servers)
    return {"rented": rented, "owned": _cash(profits, bought)}


def _running_cost(month: dict[str, float]) -> float:
    """Return a month's maintenance, place and electricity of a server of one's own."""
    of_a_gpu = month["owned_place_price"] + month["owned_electricity_price"]
    maintenance = month["server_price"] * month["maintenance_share"] / HOURS_PER_YEAR
    return (maintenance + month["gpus_per_server"] * of_a_gpu) * HOURS_PER_DAY * month["days_per_month"]


def _cash(profits: list[float], bought: list[float] | None = None) -> Cash:
    return Cash(tuple(map(finite, accumulate(profits))), tuple(bought or ()))
