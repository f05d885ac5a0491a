"""The table of buying: its rows add up, by hand; over months a commitment is owed for its term."""

import itertools
import math
from typing import Any

import pytest

from places import PLAIN, shipped
from shared import Program, answer
from t2v_capacity import estimate
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.questions.what_if.buying import Bill, buying

# A level day: nothing comes and goes, so that each bill is a product of three numbers.
LEVEL: Any = {
    "dau": "100K",
    "peak_to_average": 1,
    "gpu_price": 4,
    "reserved_price": 3,
    "reserved_3_year_price": "2",
    "server_price": "240K USD",
    "service_life": "5 years",
    "cost_of_capital": "0%",
    "maintenance_share": "5%",
    "colocation_price": "0 USD/kW-month",
    "spot_fraction": "25%",
    "spot_price": 0.5,
    "interruptions_per_hour": 0,
}


def bills(months: int = 12, **values: Any) -> tuple[dict[str, Bill], float]:
    """Return the ways to buy of a level day by name, the cheapest now of each, and the GPUs that are bought."""
    plan = estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", **{**LEVEL, **values})
    return {bill["name"]: bill for bill in reversed(buying(plan.at_points, months))}, plan.gpus


def test_the_rows_add_up_by_hand() -> None:
    """On a level day each of the bills is GPUs times a price times 720 hours.

    An owned GPU-hour is its part of a server's years; servers are whole, with spot too.
    """
    found, gpus = bills()
    own = 240_000 / 8 * (1 / 5 + 0.05) / 8_760
    rented = {"on demand": 4, "autoscaled": 4, "one year": 3, "three years": 2}
    kept = math.ceil(0.75 * gpus / 8) * 8 / gpus
    by_hand = {**rented, "own": own, "base and burst": own, "with spot": kept * own + 0.25 * 0.5, "committed": 2.72}

    assert {name: bill["per_month"] for name, bill in found.items()} == pytest.approx(
        {name: gpus * price * 720 for name, price in by_hand.items()}
    )
    assert {name: bill["over_months"] for name, bill in found.items()} == pytest.approx(
        {name: 12 * gpus * price * 720 for name, price in by_hand.items()}
    )
    servers = {
        "own": gpus / 8 * 240_000,
        "base and burst": gpus / 8 * 240_000,
        "with spot": kept * gpus / 8 * 240_000,
    }
    for paid in ("paid_at_first", "paid_by_end"):
        assert {name: bill[paid] for name, bill in found.items() if bill[paid]} == pytest.approx(servers)
    assert [bill["term"] for bill in reversed(found.values())] == [0, 0, 12, 36, 60, 60, 60, 0]
    assert [(name, bill["seller"]) for name, bill in found.items() if bill["seller"]] == [("committed", "Hyperstack")]
    assert [name for name, bill in found.items() if bill["cheapest"]] == ["with spot"]


def test_a_committed_price_is_owed_as_the_fleet_shrinks() -> None:
    """Users who fall by a tenth a month leave the GPUs of month 0 committed: 12 months of them at 2.72 USD an hour."""
    plan = estimate(shipped("start-up"), growth_per_month="-10%", gpus_per_server=8)
    committed = buying(plan.at_points, 12)[-1]

    assert (committed["name"], committed["base_price"]) == ("committed", 2.72)
    assert committed["over_months"] == pytest.approx(12 * 720 * 2.72 * plan.gpus)


def test_what_is_held_and_what_bursts_is_the_bill() -> None:
    """In every row GPUs times prices times hours are the month.

    The row with spot is a figure of the plan. Three are of the plan without spot, whose clips are not interrupted.
    """
    for path, server in itertools.product(PLAIN, ("0 USD", "300K USD")):
        prices: dict[str, Any] = {"reserved_price": 2.5, "server_price": server}
        steady = estimate(path, **prices)
        plan = estimate(path, **prices, spot_fraction="20%", spot_price=1.2, interruptions_per_hour=0.1)
        found = {bill["name"]: bill for bill in reversed(buying(plan.at_points, 1))}
        hours = 24 * plan.days_per_month

        for bill in found.values():
            if bill["per_month"] is not None:
                parts = [
                    (bill["base_gpus"] or 0) * (bill["base_price"] or 0) * hours,
                    (bill["burst_gpus"] or 0) * (bill["burst_price"] or 0) * hours,
                ]
                assert sum(parts) == pytest.approx(bill["per_month"]) == bill["over_months"]
        for name, bought, figure in (
            ("on demand", steady, "gpu_cost_on_demand"),
            ("autoscaled", steady, "gpu_cost_following"),
            ("base and burst", steady, "gpu_cost_reserved"),
            ("with spot", plan, "gpu_cost_mixed"),
        ):
            # Of servers of one's own the figure may have a part of one.
            part_of_a_server = bought["owned_server_price"] * bought["gpus_per_server"] * hours if "0K" in server else 0
            more = (found[name]["per_month"] or 0) - bought[figure]
            assert -1e-5 * bought[figure] <= more <= part_of_a_server + 1e-9 * bought[figure], path


def test_interruptions_are_paid_for_with_spot_alone() -> None:
    """Two an hour stretch a clip of 1,018 s by (e^x - 1) / x of x = 0.566: a third of the GPUs are spot's alone.

    The fleet without spot is by hand 2,480 GPUs at 3 USD for 720 hours. Owned servers are bought for it too.
    """
    spot: dict[str, Any] = {"spot_fraction": "100%", "spot_price": 2.7, "server_price": "250K USD"}
    choices: dict[str, Any] = {
        "model": "wan2.2-t2v-a14b",
        "gpu": "h100-sxm",
        "attention_kernel": "fa3",
        "offload": "all",
    }
    fleet: dict[str, Any] = {
        "resolution": "1280x720",
        "dau": "50K",
        "videos_per_user_per_day": 2,
        "peak_to_average": 1.8,
    }
    plan = estimate(**choices, **fleet, gpu_price=3, price_per_video_second=0.2, interruptions_per_hour=2, **spot)
    found = {bill["name"]: bill for bill in buying(plan.at_points, 1)}
    x = plan.generation_latency * 2 / 3600
    stretch = math.expm1(x) / x

    assert plan.gpus / 2480 == pytest.approx(stretch, rel=0.01)
    assert found["on demand"]["per_month"] == pytest.approx(2480 * 3 * 720)
    assert found["own"]["paid_at_first"] == 2480 / 8 * 250_000
    assert plan.forecast(1).cash["owned"]["bought"] == [2480 / 8]
    assert [name for name, bill in found.items() if bill["cheapest"]] != ["with spot"]


def test_what_follows_demand_is_bought_as_the_plan_is() -> None:
    """A plan on spot that follows demand is on spot: a reserve of nothing has that bill."""
    spot: dict[str, Any] = {"gpu_price": 3, "spot_fraction": "60%", "spot_price": 1.2, "interruptions_per_hour": 0.5}
    for path in PLAIN:
        plan, unreserved = (estimate(path, **spot, reserved_fraction=share) for share in ("100%", "0%"))

        assert plan.gpu_cost_following == pytest.approx(unreserved.gpu_cost_per_month, rel=1e-12)


def test_what_cannot_be_had_on_demand_is_held_at_the_price_of_a_reserve() -> None:
    """Of 2,756 GPUs 300 can be had on demand, at 5.40 USD: those follow the day, and 2,456 have a reserve at 2.50."""
    choices: dict[str, Any] = {
        "model": "wan2.2-t2v-a14b",
        "gpu": "h200-sxm",
        "pins": {"gpu_seconds_per_video": "600 s"},
    }
    fleet: dict[str, Any] = {"dau": "200K", "videos_per_user_per_day": 1, "gpus_per_server": 1}
    plan = estimate(**choices, **fleet, gpu_price=5.4, on_demand_limit=300, reserved_price=2.5)
    held = plan.gpus - 300
    by_hand = (held * 2.5 + (plan["gpus_following"] - held) * 5.4) * 720

    assert (plan.gpus, round(by_hand, -4)) == (2_756, 4.61e6)
    assert plan.gpu_cost_following == pytest.approx(by_hand)
    found = {bill["name"]: bill for bill in buying(plan.at_points, 1)}
    assert found["autoscaled"]["per_month"] == pytest.approx(by_hand)
    assert found["autoscaled"]["base_gpus"] == pytest.approx(held)


def test_no_more_spot_than_can_be_had() -> None:
    """Of 2,664 GPUs 500 can be had on demand or spot: those are spot, and the others cost what is held."""
    spot: dict[str, Any] = {"gpu_price": 3, "spot_price": 2.2, "spot_fraction": "100%", "interruptions_per_hour": 0.5}
    plan = estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", **spot)
    limited = estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", **spot, on_demand_limit=500)

    assert plan.gpu_cost_per_month == pytest.approx(plan.gpus * 2.2 * 720)
    assert limited.gpu_cost_per_month == pytest.approx((500 * 2.2 + (limited.gpus - 500) * 3) * 720)
    held = limited.gpus - 500
    by_hand = (held * 3 + (limited["gpus_following"] - held) * 2.2) * 720
    with_spot = next(bill for bill in buying(limited.at_points, 1) if bill["name"] == "with spot")
    assert limited.gpu_cost_following == pytest.approx(by_hand)
    assert limited["gpu_cost_mixed"] == pytest.approx(by_hand)
    assert with_spot["per_month"] == pytest.approx(by_hand)
    assert with_spot["base_gpus"] == pytest.approx(held)


def test_a_commitment_is_owed_for_its_term() -> None:
    """A fleet that shrinks pays on for what it committed to within the term, and on demand for what it has.

    One that grows adds.
    """
    less, _gpus = bills(24, growth_per_month="-20%")
    fleets = [bills(1, dau=100_000 * 0.8**month)[1] for month in range(24)]
    by_hand = {
        "on demand": sum(fleets) * 4 * 720,
        "one year": 12 * (fleets[0] + fleets[12]) * 3 * 720,
        "three years": 24 * fleets[0] * 2 * 720,
    }
    more, _gpus = bills(3, growth_per_month="50%")

    assert {name: less[name]["over_months"] for name in by_hand} == pytest.approx(by_hand)
    grown = [bills(1, dau=100_000 * 1.5**month)[1] for month in range(3)]
    added = grown[0], grown[1] - grown[0], grown[2] - grown[1]
    owed = sum(gpus * (12 + month - 3) for month, gpus in enumerate(added)) * 3 * 720

    assert more["one year"]["over_months"] == pytest.approx(sum(grown) * 3 * 720)
    assert more["one year"]["owed_after"] == pytest.approx(owed)
    assert more["on demand"]["owed_after"] == less["one year"]["owed_after"] == 0
    assert less["three years"]["owed_after"] == pytest.approx(12 * fleets[0] * 2 * 720)


def test_what_an_autoscaled_fleet_holds_is_owed_for_its_term() -> None:
    """Beyond 50 GPUs on demand at 4 USD all have a year's price, 3: it is owed for a year where the fleet shrinks too.

    What a fleet that grows adds is owed for the rest of its year.
    """
    shrunk, grown = ([bills(1, dau=100_000 * (1 + rate) ** month)[1] for month in range(3)] for rate in (-0.2, 0.5))
    less, more = (bills(3, on_demand_limit=50, growth_per_month=rate)[0]["autoscaled"] for rate in ("-20%", "50%"))
    held = shrunk[0] - 50
    added = held, *(after - before for before, after in itertools.pairwise(grown))

    assert less["over_months"] == pytest.approx(sum(held * 3 + max(0, gpus - held) * 4 for gpus in shrunk) * 720)
    assert less["owed_after"] == pytest.approx(held * 9 * 3 * 720)
    assert more["over_months"] == pytest.approx(sum((gpus - 50) * 3 + 50 * 4 for gpus in grown) * 720)
    assert more["owed_after"] == pytest.approx(
        sum(gpus * (12 + month - 3) for month, gpus in enumerate(added)) * 3 * 720
    )
    assert (less["term"], more["term"]) == (12, 12)


def test_what_is_owed_after_the_months_decides() -> None:
    """Servers for five years are no way through a year: without interest the cost and what is owed are their price."""
    bare = {"cost_of_capital": 0, "residual_share": 0, "maintenance_share": 0, "days_per_month": 365 / 12}
    year, gpus = bills(12, **bare, colocation_price=0, electricity_price=0, reserved_3_year_price=3.5, spot_fraction=0)
    own = year["own"]

    assert own["over_months"] == pytest.approx(gpus / 8 * 240_000 / 5)
    assert own["owed_after"] == pytest.approx(gpus / 8 * 240_000 * 4 / 5)
    # One year at 3 USD an hour is less than five years of servers, and more than one of them.
    assert [bill["name"] for bill in year.values() if bill["cheapest_over_months"]] == ["one year"]
    assert (own["over_months"] or 0) < (year["one year"]["over_months"] or 0) < gpus / 8 * 240_000


@pytest.mark.parametrize("price", [100_000, 200_000, 300_000])
def test_the_base_counts_what_is_owed_afterwards(price: int) -> None:
    """Over a year servers for five cost their price. So few are bought, by a search over each number of them.

    One server is held; the load moves the others between none and all in a sine. Each is paid for a cold start a day.
    """
    bare: dict[str, Any] = {"cost_of_capital": 0, "residual_share": 0, "maintenance_share": 0, "colocation_price": 0}
    day: dict[str, Any] = {"electricity_price": 0, "days_per_month": 365 / 12, "gpu_price": 4, "peak_to_average": 2}
    fleet: dict[str, Any] = {"dau": "20K", "spare_servers": 0, "spare_fraction": 0}
    plan = estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", server_price=f"{price} USD", **fleet, **bare, **day)
    servers = int(plan.servers)
    swings = [(1 + math.sin(2 * math.pi * minute / 1440)) / 2 for minute in range(1440)]

    def year(owned: int) -> float:
        rented = math.fsum(max(0, 1 + (servers - 1) * swing - owned) for swing in swings) / 1440
        rented += (servers - max(1, owned)) * plan.cold_start / 86_400
        return owned * price + rented * 8 * 4 * 8760

    (least,) = (bill for bill in buying(plan.at_points, 12) if bill["cheapest_over_months"])
    assert servers > 8
    assert (least["over_months"] or 0) + (least["owed_after"] or 0) < 1.01 * min(map(year, range(servers + 1)))


def test_a_further_quote_makes_no_way_dearer() -> None:
    """The mix has the base of the lowest sum: over a year that of a year, over three that of three, else servers.

    With all prices it costs what it does with the best of them alone.
    """
    quotes: dict[str, Any] = {"reserved_price": 2.2, "reserved_3_year_price": 1.75, "server_price": "280K USD"}
    day: dict[str, Any] = {"gpu_price": 3, "peak_to_average": 1.5, "dau": "100K", "spot_fraction": 0}
    none = dict.fromkeys(quotes, 0)

    def lowest(months: int, given: dict[str, Any]) -> tuple[float, float]:
        plan = estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", **day, **{**none, **given})
        mixes = [bill for bill in buying(plan.at_points, months) if bill["name"] == "base and burst"]
        return min(((bill["over_months"] or 0) + (bill["owed_after"] or 0), bill["term"]) for bill in mixes)

    for months, term in ((12, 12), (36, 36), (60, 60)):
        alone = [lowest(months, {name: quote}) for name, quote in quotes.items()]
        assert lowest(months, quotes) == min(alone)
        assert min(alone)[1] == term


@pytest.mark.wide
@pytest.mark.parametrize("reserved", [3.9, 4.01, 4.2])
def test_a_base_that_pays_only_in_later_months_is_in_the_mix(reserved: float) -> None:
    """On demand costs 40% more each year: over three years a cosine's day saves as much as minute by minute.

    Each month has the base that is cheapest at its price, and keeps what it held for a year before. Of all last months
    in which to commit, the best with what is owed after is found by hand.
    """
    prices: dict[str, Any] = {"gpu_price": 4, "reserved_price": reserved, "gpu_price_change_per_year": "40%"}
    plan = estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", dau="1M", peak_to_average=1.5, **prices)
    found = {
        bill["name"]: (bill["over_months"] or 0) + (bill["owed_after"] or 0) for bill in buying(plan.at_points, 36)
    }
    day = [1 + 0.5 * math.cos(2 * math.pi * (minute + 0.5) / 1_440) for minute in range(1_440)]
    prices_on_demand = [4 * 1.4 ** (month * 30 / 365) for month in range(36)]

    def hourly(held: float, on_demand: float) -> float:
        return reserved * held + on_demand * math.fsum(max(0, load - held) for load in day) / len(day)

    def cheapest_base(on_demand: float) -> float:
        return min((share / 100 for share in range(151)), key=lambda held: hourly(held, on_demand))

    cheapest = [cheapest_base(on_demand) for on_demand in prices_on_demand]

    def in_all(until: int) -> float:
        bought, bill = list[float](), 0.0
        for month, on_demand in enumerate(prices_on_demand):
            bought.append(max(0.0, (cheapest[month] if month < until else 0) - sum(bought[-11:])))
            bill += hourly(sum(bought[-12:]), on_demand)
        return bill + sum(base * max(0, month + 12 - 36) * reserved for month, base in enumerate(bought))

    mixed = found["base and burst"] / found["autoscaled"]
    assert mixed == pytest.approx(min(map(in_all, range(1, 37))) / sum(prices_on_demand), rel=0.02)


@pytest.mark.parametrize("months", [12, 24])
def test_a_growing_fleet_commits_its_base_for_a_year(months: int) -> None:
    """GPUs that are busy at every hour of twelve months cost less reserved, and nothing is owed after them.

    By hand: any base is committed once, for the first twelve months; each month's bill is an estimate's.
    """
    given: dict[str, Any] = {"gpus_per_replica": 4, "runtime": "engine", "reserved_price": 2.8, "gpu_price": 4.5}
    plan = estimate(model="wan2.2-t2v-a14b", gpu="h100-sxm", dau="3K", videos_per_user_per_day=3, **given)
    found = buying(plan.but(growth_per_month="15%").at_points, months)
    grown = [plan.but(dau=3_000 * 1.15**month, reserved_fraction=0) for month in range(months)]

    def in_all(base: float) -> float:
        held = [month.but(reserved_fraction=base / month.gpus) for month in grown[:12]]
        return math.fsum(month.gpu_cost_per_month for month in [*held, *grown[12:]])

    (cheapest,) = (bill for bill in found if bill["cheapest_over_months"])
    total = (cheapest["over_months"] or 0) + (cheapest["owed_after"] or 0)
    assert cheapest["name"] == "base and burst"
    assert total <= 1.03 * min(map(in_all, (0, 16, 32, 48, 64)))
    assert total < 0.9 * in_all(0)
    autoscaled = next(bill for bill in found if bill["name"] == "autoscaled")
    assert autoscaled["over_months"] == pytest.approx(in_all(0), rel=0.01)


@pytest.mark.wide
@pytest.mark.parametrize(
    "falls", [{"growth_per_month": -0.1}, {"gpu_price_change_per_year": -0.4}], ids=lambda of: next(iter(of))
)
def test_no_reserve_costs_less_over_a_year_in_which_load_or_price_falls(falls: dict[str, Any]) -> None:
    """Reserves of 0 to 40 GPUs are each held for a year: a month is the estimate of its users, price and reserve."""
    plan = estimate(shipped("start-up"), reserved_price=2.5, **falls)
    known: dict[str, float] = {"growth_per_month": 0.0, "gpu_price_change_per_year": 0.0, **falls}
    fleets = [
        plan.but(
            dau=10_000 * (1 + known["growth_per_month"]) ** month,
            gpu_price=4.5 * (1 + known["gpu_price_change_per_year"]) ** (month * 30 / 365),
        )
        for month in range(12)
    ]

    def bill(reserve: int) -> float:
        part = [fleet.but(reserved_fraction=min(1, reserve / fleet.gpus)) for fleet in fleets]
        unused = [max(0, reserve - fleet.gpus) * 2.5 * 720 for fleet in fleets]
        return math.fsum(month.gpu_cost_per_month for month in part) + sum(unused)

    by_hand = min(map(bill, range(0, 41, 4)))
    (cheapest,) = [bill for bill in buying(plan.at_points, 12) if bill["cheapest_over_months"]]
    assert cheapest["name"] == "base and burst"
    assert cheapest["over_months"] == pytest.approx(by_hand, rel=0.005)


def test_what_is_owed_of_a_server_is_the_capital_that_is_left() -> None:
    """A loan by hand: a year's interest is added, a year's payment taken; what the server is sold for pays its part."""
    loan: dict[str, Any] = {"cost_of_capital": "10%", "residual_share": "20%", "days_per_month": 365 / 12}
    found, gpus = bills(12, **loan, maintenance_share=0, colocation_price=0, electricity_price=0)
    price, factor = gpus / 8 * 240_000, 1.1**5
    payment = (price * factor - 0.2 * price) * 0.1 / (factor - 1)

    assert found["own"]["over_months"] == pytest.approx(payment)
    assert found["own"]["owed_after"] == pytest.approx(price * 1.1 - payment - 0.2 * price / 1.1**4)


def test_more_gpus_than_are_needed_stand_in_servers_too() -> None:
    """96 pinned GPUs are 12 servers of 8 at 240K USD, in the table and in the cash of month 0."""
    plan = estimate(
        model="wan2.2-ti2v-5b", gpu="h100-sxm", dau="10K", server_price="240K USD", price_per_video_second=1
    ).but(pins={"gpus": 96})
    own = {bill["name"]: bill for bill in buying(plan.at_points, 12)}["own"]
    cash = plan.forecast(12).cash["owned"]

    assert plan.servers < 12
    assert own["paid_at_first"] == own["paid_by_end"] == 12 * 240_000
    assert cash["bought"] == [12, *[0] * 11]
    assert cash["lowest"] == -12 * 240_000


def test_what_cannot_be_had_on_demand_is_said(t2v_cap: Program) -> None:
    """Of 81 GPUs 30 can be had on demand; where all can, nothing is said."""
    given = ("estimate", shipped("start-up"), "--only", "buying", "--on-demand-limit")
    said = "Only 30 GPUs can be had on demand"

    assert said in answer(t2v_cap, *given, "30")
    assert "can be had on demand" not in answer(t2v_cap, *given, "81")


def test_the_screen_says_what_the_bill_reserves(t2v_cap: Program) -> None:
    """By hand, with half reserved: 320 of 480 GPUs can't be had on demand; of a fleet that is half spot, half the rest.

    `compare` says it of the option that it recommends.
    """
    plan = ["--model", "wan2.2-ti2v-5b", "--gpu", "h100-sxm", "--dau", "60K", "--videos-per-user-per-day", "3"]
    plan += ["--peak-to-average", "1.8", "--pin", "gpu_seconds_per_video=109 s", "--reserved-fraction", "50%"]
    plan += ["--reserved-price", "2", "--spot-price", "1.2", "--interruptions-per-hour", "0"]

    for asked, reserved in (("on_demand_limit=160", "66.7%"), ("spot_fraction=50%", "25%")):
        for command in ("estimate", "compare"):
            text = " ".join(t2v_cap(command, *plan, "--set", asked).out.split())
            assert f"with {reserved} of GPUs reserved" in text


def test_servers_are_whole_in_a_mix_with_burst() -> None:
    """Of two servers one is bought, and the other's 8 GPUs are rented for a third of the hours, and a cold start a day.

    The day's peak is three times its mean. One server runs at no load; the other follows it, by hand. Either whole
    fleet costs more: both owned, or one server held and one following on demand.
    """
    day: dict[str, Any] = {"gpu_price": 3, "peak_to_average": 3, "spare_fraction": 0, "dau": 1_000}
    plan = estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", **day, server_price="300K USD", gpu_limit=16)
    found = {bill["name"]: bill for bill in buying(plan.at_points, 12)}
    mixed, owned_price = found["base and burst"], plan["owned_price"]

    assert plan.gpus == 16
    assert (mixed["base_gpus"], mixed["paid_at_first"]) == (8, 300_000)
    by_hand = [
        (16 * owned_price) * 720,
        (8 * owned_price + 8 * (1 / 3 + plan.cold_start / 86_400) * 3) * 720,
        (8 * 3 + 8 * (1 / 3 + plan.cold_start / 86_400) * 3) * 720,
    ]
    assert mixed["per_month"] == pytest.approx(by_hand[1])
    assert by_hand[1] < min(by_hand[0], by_hand[2])


@pytest.mark.parametrize(("share", "months"), [(1, 12), (0.5, 12), (0.5, 24)])
def test_a_forecast_warns_of_a_reserve_that_falls(share: float, months: int) -> None:
    """A forecast bills each month's own reserve and says what a term's commitment to the largest costs more.

    The term is a year, or three where no price of a year is given. On a level day all GPUs above the reserve are on
    demand, at 4 USD; it costs 3 and replaces them, by hand.
    """
    plan = estimate(
        model="wan2.2-ti2v-5b",
        gpu="h100-sxm",
        reserved_fraction=share,
        growth_per_month="-20%",
        **{**LEVEL, "spot_fraction": 0, "server_price": 0, "reserved_3_year_price": 3},
    )
    if months > 12:
        plan = plan.but(reserved_price=0)
    fleets = [bills(1, dau=100_000 * 0.8**month, spot_fraction=0)[1] for month in range(months)]
    reserve = share * fleets[0]
    committed = sum(reserve * 3 + max(0, gpus - reserve) * 4 for gpus in fleets)
    by_month = sum(gpus * (share * 3 + (1 - share) * 4) for gpus in fleets)
    ahead = plan.forecast(months)
    (message,) = [warning.message for warning in ahead.warnings if warning.code == "reserve-falls"]

    assert ahead.sums["gpu_cost_per_month"] == pytest.approx(by_month * 720)
    assert f"costs {show((committed - by_month) * 720, 'USD')} more over {months} months" in message
    level = estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", reserved_fraction=share, growth_per_month="20%", **LEVEL)
    assert "reserve-falls" not in {warning.code for warning in level.forecast(12).warnings}


def test_a_way_without_a_price_says_what_to_set() -> None:
    """Without prices of commitments only rent is compared.

    Where the price of a GPU is unknown, what is reserved has a bill.
    """
    found = buying(estimate(shipped("start-up")).at_points, 12)
    unpriced = buying(estimate(model="wan2.2-t2v-a14b", gpu="mi350x", dau="100K", reserved_price=2).at_points, 12)

    assert [bill["needs"] for bill in found] == [
        "",
        "",
        "reserved_price",
        "reserved_3_year_price",
        "server_price",
        "",
        "spot_fraction",
        "",
    ]
    assert [bill["name"] for bill in found if bill["cheapest"]] == ["autoscaled"]
    assert [bill["name"] for bill in unpriced if bill["per_month"] is not None] == ["one year"]
    assert unpriced[0]["needs"] == "gpu_price"


def test_servers_of_ones_own_are_paid_for_as_the_fleet_grows() -> None:
    """The cash by the last month is the price of all servers then; over a whole amortization the cost is that cash.

    At 12% growth over 18 months; a level fleet buys its servers again when their life is over.
    """
    grown, first = bills(18, growth_per_month="12%")
    last = bills(1, dau=100_000 * 1.12**17)[1]
    bare = {"cost_of_capital": 0, "residual_share": 0, "maintenance_share": 0, "days_per_month": 365 / 12}
    whole, gpus = bills(60, **bare, colocation_price=0, electricity_price=0)
    again, _gpus = bills(61, **bare)

    assert grown["own"]["paid_at_first"] == pytest.approx(first / 8 * 240_000)
    assert grown["own"]["paid_by_end"] == pytest.approx(last / 8 * 240_000)
    assert whole["own"]["over_months"] == pytest.approx(gpus / 8 * 240_000) == whole["own"]["paid_by_end"]
    assert again["own"]["paid_by_end"] == pytest.approx(2 * gpus / 8 * 240_000)


def test_a_month_of_money_is_the_same_at_every_door() -> None:
    """Sums of `forecast` are those of buying, to the cent, over the same months; month 0 is the estimate's."""
    plan = estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", growth_per_month="12%", dau="100K")
    found = {bill["name"]: bill for bill in buying(plan.at_points, 18)}
    months = plan.forecast(18)

    assert len(months.series.months) == 18
    assert found["on demand"]["over_months"] == pytest.approx(months.sums["gpu_cost_on_demand"], abs=0.01)
    assert found["autoscaled"]["over_months"] == pytest.approx(months.sums["gpu_cost_following"], abs=0.01)
    assert months.series.of("cost_per_month")[0] == plan.cost_per_month
