"""Rent, reserve or own: the bill of a fleet's GPUs by each way to buy them, now and over the months ahead."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.engine.constants import HOURS_PER_DAY, MONTHS_PER_YEAR, YEAR
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.formulas.burst import paid_burst
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.questions.what_if.months import check_months, series

ON_DEMAND, AUTOSCALED, BASE_AND_BURST, WITH_SPOT = "on demand", "autoscaled", "base and burst", "with spot"
# What is committed whole, with its price, and what has to be given for one.
_COMMITTED = {"one year": "reserved_price", "three years": "reserved_3_year_price", "own": "owned_price"}
_GIVEN = {"one year": "reserved_price", "three years": "reserved_3_year_price", "own": "server_price", WITH_SPOT: "spot_fraction"}
WAYS = (ON_DEMAND, AUTOSCALED, *_COMMITTED, BASE_AND_BURST, WITH_SPOT)
_DAY_BY = ("levelled_peak", "fleet_share", "cold_start_share", "server_share")
# What a month's bills are computed from.
_BY = (
    *("gpus", "servers", "gpus_following", "cheapest_reserved_fraction", "owned_price", "committed_price", "paid_spot_price", *_DAY_BY),
    *("gpu_price", "reserved_price", "reserved_3_year_price", "spot_fraction", "server_price", "service_life", "days_per_month"),
)
_Known = Mapping[str, float]


class Hours(NamedTuple):
    """GPUs that are paid for on average, and the price of each GPU-hour."""

    gpus: float
    price: float

    def per_month(self, days: float) -> float:
        """Return the cost of a month of so many days; of no GPUs it is 0, even if their price is unknown."""
        return self.gpus * self.price * HOURS_PER_DAY * days if self.gpus else 0.0


class Bill(NamedTuple):
    """A way to buy a fleet's GPUs: a base that is held at every hour, and a burst that comes and goes; USD, nothing if a price is unknown.

    A base is committed for `term` months. What is committed is owed whatever the load, so that a month has the largest base of those before
    it within the term. An owned server is paid first. `needs` names what has to be given for the way.
    """

    name: str
    base: Hours
    burst: Hours
    per_month: float | None
    over_months: float | None
    paid_first: float
    term: float
    needs: str = ""


def buying(plan: Estimate, months: int) -> tuple[Bill, ...]:
    """Return each way to buy a plan's GPUs, with the sum over so many months, the first of which is month 0. Raise Mistakes as a forecast does.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> found = buying(estimate(load_scenario("scenarios/outgrown.yaml")), 12)
    >>> len(found), cheapest(found).name
    (7, 'base and burst')
    """
    check_months(months)
    ahead = series(plan, range(months), [name for name in _BY if name in FIGURES])
    known = [{name: math.nan if (value := ahead.of(name)[month]) is None else value for name in _BY} for month in range(months)]
    return tuple(_bill(way, known) for way in WAYS)


def cheapest(bills: Sequence[Bill]) -> Bill:
    """Return the bill that costs least now, the simplest of equal ones."""
    return min(bills, key=lambda bill: math.inf if bill.per_month is None else bill.per_month)


def _bill(way: str, known: Sequence[_Known]) -> Bill:
    now, days = known[0], known[0]["days_per_month"]
    price = _price_of(way, now)
    term = {"reserved_price": MONTHS_PER_YEAR, "reserved_3_year_price": 3 * MONTHS_PER_YEAR}.get(
        price, now["service_life"] / YEAR * MONTHS_PER_YEAR
    )
    bases = [_base(way, month) for month in known]
    held = [max(bases[max(0, at - math.ceil(term) + 1) : at + 1]) for at in range(len(known))]
    hours = [_hours(way, price, base, month) for base, month in zip(held, known, strict=True)]
    costs = [math.fsum(one.per_month(days) for one in pair) for pair in hours]
    lacks = way in _GIVEN and not now[_GIVEN[way]]
    per_month, over_months = (None, None) if lacks else (finite(costs[0]), finite(math.fsum(costs)))
    base, burst = hours[0]
    paid_first = base.gpus / now["gpus"] * now["servers"] * now["server_price"] if price == "owned_price" else 0.0
    needs = _GIVEN[way] if lacks else "" if per_month is not None else "gpu_price"
    return Bill(way, base, burst, per_month, over_months, paid_first, term if price and base.gpus else 0.0, needs)


def _price_of(way: str, known: _Known) -> str:
    """Return the name of the price at which a way commits; nothing if it commits to none."""
    if way in (BASE_AND_BURST, WITH_SPOT):
        return next((name for name in _COMMITTED.values() if known[name] == known["committed_price"] < known["gpu_price"]), "")
    return _COMMITTED.get(way, "")


def _base(way: str, known: _Known) -> float:
    """Return the GPUs that a way holds at every hour."""
    if way in _COMMITTED:
        return known["gpus"]
    return known["cheapest_reserved_fraction"] * known["gpus"] if way in (BASE_AND_BURST, WITH_SPOT) else 0.0


def _hours(way: str, price: str, held: float, known: _Known) -> tuple[Hours, Hours]:
    """Return the base and the burst of a month in which so many GPUs are held."""
    gpus, demanded = known["gpus"], known["gpu_price"]
    base = Hours(held, known[price] if price else demanded)
    if way in (ON_DEMAND, AUTOSCALED):
        return base, Hours(gpus if way == ON_DEMAND else known["gpus_following"], demanded)
    if way in _COMMITTED:
        return base, Hours(0.0, demanded)
    burst = Hours(paid_burst(min(1.0, held / gpus), *(known[name] for name in _DAY_BY)) * gpus, demanded)
    spot, days, share = Hours(known["gpus_following"], known["paid_spot_price"]), known["days_per_month"], known["spot_fraction"]
    if way == BASE_AND_BURST or not share or not spot.per_month(days) < base.per_month(days) + burst.per_month(days):
        return base, burst
    both = (1 - share) * burst.gpus + share * spot.gpus
    paid = (1 - share) * burst.gpus * burst.price + share * spot.gpus * spot.price
    return Hours((1 - share) * held, base.price), Hours(both, paid / both)
