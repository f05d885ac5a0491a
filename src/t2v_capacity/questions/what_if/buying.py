"""Rent, reserve or own: the bill of a fleet's GPUs by each way to buy them, now and over the months ahead."""

import math
from collections.abc import Iterator, Sequence

from typing_extensions import TypedDict

from t2v_capacity.assumptions.names import finite
from t2v_capacity.catalogue.kinds import COMMITTED
from t2v_capacity.engine.constants import HOURS_PER_DAY, HOURS_PER_YEAR, MONTHS_PER_YEAR, YEAR
from t2v_capacity.engine.figures import FIGURES, Known
from t2v_capacity.engine.verbs import growth_sum
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.verdict import serves_nothing
from t2v_capacity.plan.warnings.register import ROUNDING_ERROR
from t2v_capacity.scenario.load import with_flags

_COMMITTED = {"one year": "reserved_price", "three years": "reserved_3_year_price", "own": "owned_price"}
_MIXED = ("base and burst", SPOT := "with spot")
# Of the best base of each month, what a mix is tried with. Without a base and spot it would be autoscaled.
_PARTS = [tenths / 10 for tenths in range(10, -1, -1)]
# What has to be given for a way.
_GIVEN = {**_COMMITTED, "own": "server_price", SPOT: "spot_fraction"}
_TERMS = {
    "": 0.0,
    "reserved_price": 12.0,
    COMMITTED: 12.0,
    "reserved_3_year_price": 36.0,
}  # months; a server serves its life
WAYS = ("on demand", _AUTOSCALED := "autoscaled", *_COMMITTED, *_MIXED)
# Figures that a month's bills are computed from, besides assumptions.
_DAY_BY = ("week_peak", "fleet_share", "cold_start_share", "server_share", "not_on_demand_share", "spot_following")
_BY = ("gpus", "servers", "owned_price", "capital_rate", "spot_part", *_DAY_BY)


class Bill(TypedDict):
    """A way to buy a plan's GPUs: USD; null where a price is not known."""

    name: str
    """Twice that of a mix which has one base at the lowest bill now, and another over the months"""
    base_gpus: float | None
    """Held at every hour"""
    base_price: float | None
    """USD per GPU-hour"""
    burst_gpus: float | None
    """That come and go with the day, on average"""
    burst_price: float | None
    per_month: float | None
    over_months: float | None
    """The sum over the months ahead, month 0 the first"""
    owed_after: float | None
    """For the rest of each term after the last month, used or not; of servers of one's own the capital that is left"""
    paid_at_first: float
    """For servers of one's own in month 0; their price, where the bills have what it costs a month"""
    paid_by_end: float
    """The same by the last month: servers are bought as the fleet grows, and again at the end of their life"""
    term: float
    """Months for which the base is committed"""
    needs: str
    """The assumption that has to be given for it"""
    seller: str
    """Who lists a committed price, "from" and without a term; else empty. It is never the cheapest"""
    cheapest: bool
    """Whether no other costs less now"""
    cheapest_over_months: bool
    """Whether no other costs less over the months, with what is owed after them"""


_NO_BILL: Bill = {
    "name": "",
    "base_gpus": None,
    "base_price": None,
    "burst_gpus": None,
    "burst_price": None,
    "per_month": None,
    "over_months": None,
    "owed_after": None,
    "paid_at_first": 0.0,
    "paid_by_end": 0.0,
    "term": 0.0,
    "needs": "",
    "seller": "",
    "cheapest": False,
    "cheapest_over_months": False,
}


def buying(plan: Estimate, months: int) -> list[Bill]:
    """Return each way to buy a plan's GPUs, with the sum over a number of months from month 0.

    Raise Mistakes as a forecast does.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> bills = buying(estimate(load_scenario("scenarios/outgrown.yaml")), 12)
    >>> len(bills), [bill["name"] for bill in bills if bill["cheapest"]]
    (8, ['autoscaled'])
    """
    from t2v_capacity.questions.what_if.months import check_months, series  # which a start without them need not read

    check_months(months)
    if serves_nothing(plan.known):
        return [{**_NO_BILL, "name": way} for way in WAYS]

    interrupted = known = series(plan, range(months), _BY).by_month()
    if plan.values["spot_fraction"]:
        known = series(with_numbers(plan, spot_fraction=0.0), range(months), _BY).by_month()
    bills = [bill for way in WAYS for bill in _bills(way, interrupted if way == SPOT else known)]
    if priced := [bill for bill in bills if bill["per_month"] is not None]:
        now, over_months = _cheapest(priced)
        now["cheapest"] = over_months["cheapest_over_months"] = True

    return [*bills, *_committed_bills(plan, known)]


def _bills(way: str, known: Sequence[Known]) -> list[Bill]:
    """Return the bill of a way; of a mix with the base that costs least now, and with that over the months if another.

    Its base may have each price of a commitment, if below that on demand of some month. It is each month's best, or a
    part of that: less is held for a term in which the load or the price falls, or which ends long after the months.
    """
    now, prices, parts = known[0], [_COMMITTED.get(way, "")], _PARTS[:1]
    if way == _AUTOSCALED:
        prices = [_held_at(now)]
    if way in _MIXED:
        dearest = max(month["gpu_price"] for month in known)
        prices = [price for price in _COMMITTED.values() if 0 < now[price] < dearest] or prices
        parts = _PARTS if way == SPOT else _PARTS[:-1]
    bills = list[Bill]()
    for price in prices:
        bases = [*zip(_bases(way, price, known), known, strict=True)]
        for part in parts:
            wanted = [max(_whole(part * base, price, month), min(base, _not_on_demand(month))) for base, month in bases]
            bills.append(_bill(way, price, known, wanted))
    return [*{id(bill): bill for bill in _cheapest(bills)}.values()]


def _bases(way: str, price: str, known: Sequence[Known]) -> list[float]:
    """Return the base that is best in each month; no less is held in it.

    A mix adds to its first only while a GPU on demand, busy at every hour that is left, would cost a whole term.
    """
    bases = [_base(way, price, month) for month in known]
    term, owed = _term(price, known[0]), known[0].get(price, 0.0)
    for month in range(1, len(known) if way in _MIXED else 1):
        if term * owed > math.fsum(ahead["gpu_price"] for ahead in known[month : month + math.ceil(term)]):
            bases[month] = _not_on_demand(known[month])
    return bases


def _term(price: str, now: Known) -> float:
    """Return the months for which a price is committed to."""
    return float(_TERMS.get(price, now["service_life"] / YEAR * MONTHS_PER_YEAR))


def _held_at(known: Known) -> str:
    """Return whose price `held_price` is: that of a year, else of three; empty where it is the one on demand."""
    return next((price for price in ("reserved_price", "reserved_3_year_price") if known[price]), "")


def _cheapest(bills: Sequence[Bill]) -> tuple[Bill, Bill]:
    """Return the bill that is the lowest now, and the lowest over the months with what is owed after them."""
    return min(bills, key=lambda bill: bill["per_month"] or 0.0), min(bills, key=_whole_cost)


def _whole_cost(bill: Bill) -> float:
    """Return what a bill costs over the months, with what is owed after them."""
    return (bill["over_months"] or 0.0) + (bill["owed_after"] or 0.0)


def with_numbers(plan: Estimate, **numbers: float) -> Estimate:
    """Return a plan with other assumptions, in base units; without spot GPUs no clip is interrupted: it needs fewer.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> with_numbers(estimate(load_scenario("scenarios/lesson.yaml")), dau=2.0).values["dau"]
    2.0
    """
    return estimate(with_flags(plan.scenario, numbers=numbers))


def _committed_bills(plan: Estimate, known: Sequence[Known]) -> Iterator[Bill]:
    """Yield the bill at each committed price that the list has for the GPU.

    Its term is not stated. It is owed for a year, as the shortest that GPUs are sold for.
    """
    for seller, price in plan.scenario.catalogue.sellers(plan.scenario.option("gpu"), COMMITTED).items():
        months = [{**month, COMMITTED: price} for month in known]
        bill = _bill(COMMITTED, COMMITTED, months, [month["gpus"] for month in known])
        yield {**bill, "term": 0.0, "seller": seller}


def _bill(way: str, price: str, known: Sequence[Known], wanted: Sequence[float]) -> Bill:
    """Return the bill of a way with a price of what is committed, of which each month wants so much.

    That is owed whatever the load: when it is needed for a whole term, and then again.
    """
    now, term = known[0], _term(price, known[0])
    bases = held_for_terms(wanted, max(1, math.ceil(term)))
    sides = [_sides(way, price, base, month) for base, month in zip(bases, known, strict=True)]
    costs = [HOURS_PER_DAY * now["days_per_month"] * _hourly(both) for both in sides]
    held = [gpus for (gpus, _price), _burst in sides]
    paid, owed, interest = [0.0], now.get(price, 0.0), 0.0
    if price == "owned_price":
        owned = [round(gpus / now["gpus"] * needed_servers(now)) for gpus in held]
        paid = [servers * now["server_price"] for servers in bought_servers(owned, math.ceil(term))]
        # A server that is not used needs no place.
        capital = now["server_price"] / now["gpus_per_server"] * now["capital_rate"]
        owed, interest = capital / HOURS_PER_YEAR, now["cost_of_capital"]

    base, burst = sides[0]
    bill: Bill = {
        **_NO_BILL,
        "name": way,
        "base_gpus": finite(base[0]),
        "burst_gpus": finite(burst[0]),
        "burst_price": finite(burst[1]) if burst[0] else None,
        "paid_at_first": paid[0],
        "paid_by_end": math.fsum(paid),
        "term": term if base[0] else 0.0,
    }
    if way in _GIVEN and not now[_GIVEN[way]]:
        return {**bill, "needs": _GIVEN[way]}
    bill["base_price"] = finite(base[1]) if base[0] else None
    bill["per_month"], bill["over_months"] = finite(costs[0]), finite(math.fsum(costs))
    bill["owed_after"] = _owed_after(held, term, owed, now, interest)
    if bill["per_month"] is None:
        bill["needs"] = "gpu_price" if math.isnan(now["gpu_price"]) else "spot_price"
    return bill


def _whole(gpus: float, price: str, known: Known) -> float:
    """Return the committed GPUs that are paid for: those of whole servers where they are one's own."""
    if price != "owned_price":
        return gpus
    of_a_server: float = known["gpus"] / needed_servers(known)
    return math.ceil(gpus / of_a_server * (1 - ROUNDING_ERROR)) * of_a_server


def needed_servers(known: Known) -> float:
    """Return the servers that a month's GPUs stand in: the plan's, and more where more GPUs are pinned."""
    return float(max(known["servers"], math.ceil(known["gpus"] / known["gpus_per_server"])))


def _base(way: str, price: str, known: Known) -> float:
    """Return the GPUs that a month has committed: of a mix those of the lowest bill, one's own in whole servers."""
    held = _not_on_demand(known)
    if way == _AUTOSCALED:
        return held
    if way not in _MIXED:
        return float(known["gpus"] * (way in _COMMITTED))
    asked = {**known, "committed_price": known[price or "gpu_price"]}
    base = known["gpus"] * FIGURES["cheapest_reserved_fraction"].of(asked)
    if price != "owned_price":
        return float(base)
    bases = list[float]()
    for kept in (1.0, 1 - known["spot_part"]):
        above = _whole(held + kept * (base - held), price, known)
        whole = (above, above - known["gpus"] / needed_servers(known))
        bases += [held + max(0.0, gpus - held) / (kept or 1.0) for gpus in whole]
    return min(bases, key=lambda gpus: _hourly(_sides(way, price, gpus, known)))


def _not_on_demand(known: Known) -> float:
    """Return the GPUs that are held at every hour, since they cannot be had on demand."""
    return float(known["gpus"] * known["not_on_demand_share"])


def _hourly(sides: tuple[tuple[float, float], tuple[float, float]]) -> float:
    """Return the bill of an hour; GPUs that are not rented cost nothing, even if their price is unknown."""
    return sum(gpus * paid for gpus, paid in sides if gpus)


def held_for_terms(gpus: Sequence[float], term: int) -> list[float]:
    """Return what each month has of what is bought for so many months when it is needed, GPUs or servers, and again."""
    bought = bought_servers(gpus, term)
    return [math.fsum(bought[max(0, month - term + 1) : month + 1]) for month in range(len(gpus))]


def _owed_after(held: Sequence[float], term: float, price: float, now: Known, interest: float) -> float | None:
    """Return the USD that are owed after the last month for GPUs whose terms of so many months end later.

    Payments with a yearly interest are as much as they are worth then: the capital that is left.
    """
    bought = enumerate(bought_servers(held, math.ceil(term)))
    left = ((gpus, max(0.0, month + term - len(held)) / MONTHS_PER_YEAR) for month, gpus in bought)
    owed = math.fsum(gpus * growth_sum(interest, years) / (1 + interest) ** years for gpus, years in left)
    return finite(owed * MONTHS_PER_YEAR * price * HOURS_PER_DAY * now["days_per_month"])


def owed_beyond_months(known: Sequence[Known]) -> float:
    """Return what a reserve that is owed for its term bills beyond months that are each billed by themselves, in USD.

    It replaces GPUs on demand where it is larger than a month's own.
    """
    rented = [{**month, "gpus": month["gpus"] * month["clip_runs"] * (1 - month["spot_share"])} for month in known]
    reserved = [month["gpus"] * month["reserved_part"] for month in known]
    owed = 0.0
    term = _TERMS[_held_at(known[0])]
    for month, *reserves in zip(rented, reserved, held_for_terms(reserved, int(term)), strict=True):
        own, largest = (_hourly(_sides(_MIXED[0], "held_price", gpus, month)) for gpus in reserves)
        owed += (largest - own) * HOURS_PER_DAY * month["days_per_month"]
    return owed


def bought_servers(owned: Sequence[float], life: int) -> list[float]:
    """Return what is bought in each month, servers or terms of GPUs, so that what is younger than `life` is had."""
    bought = list[float]()
    for month, servers in enumerate(owned):
        bought.append(max(0.0, servers - sum(bought[max(0, month - life + 1) :])))
    return bought


def _sides(way: str, price: str, committed: float, known: Known) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return a month's committed GPUs and those that come and go, each with the price of a GPU-hour."""
    gpus, demanded = known["gpus"], known["gpu_price"]
    base = _whole(committed, price, known), known[price or "gpu_price"]
    if way not in (_AUTOSCALED, *_MIXED):
        return base, (gpus * (way == "on demand"), demanded)

    burst = gpus * FIGURES["paid_burst_share"].of({**known, "held_fraction": min(1.0, committed / (gpus or 1.0))})
    part, spot_gpus, held = known["spot_part"], known["spot_following"], _not_on_demand(known)
    spot_cost = spot_gpus * known["spot_price"]
    if way != SPOT or not part or spot_cost >= part * ((committed - held) * base[1] + burst * demanded):
        return base, (burst, demanded)

    both = (1 - part) * burst + spot_gpus
    mean_price = ((1 - part) * burst * demanded + spot_cost) / both
    return (_whole(held + (1 - part) * (committed - held), price, known), base[1]), (both, mean_price)
