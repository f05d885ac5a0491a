"""Profit and cash by month: sums by hand, a ledger written apart, and the same numbers at every door."""

import csv
import io
import json
import math
import re
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook

from places import shipped
from shared import Program, answer, plan_of
from t2v_capacity.assumptions.quantities import parse
from t2v_capacity.questions.what_if.forecast import CashData, forecast
from texts import Recorded

# Clips and other costs whose money is arithmetic: 30,000 clips of month 0, each sold at 2 USD, and nothing but GPUs to
# pay for.
BY_HAND = ("dau=1000", "videos_per_user_per_day=1", "storage_price=0", "egress_price=0", "request_price=0")
OF_SERVERS = ("server_price=40K", "maintenance_share=0", "colocation_price=0", "electricity_price=0")


def _cash(sets: tuple[str, ...], pins: tuple[str, ...], months: int) -> dict[str, CashData]:
    plan = plan_of(shipped("start-up"), (*BY_HAND, "price_per_video_second=1", *sets), ("revenue_per_video=2", *pins))
    return forecast(plan, months).cash


def test_rented_gpus_are_paid_for_in_their_month() -> None:
    """Revenue of 60K, 90K and 135K less a bill of 100K: cash of -40K, -50K and -15K USD, lowest in month 1."""
    cash = _cash(("growth_per_month=50%",), ("cost_per_month=100K USD",), 3)["rented"]

    assert cash["balances"] == pytest.approx([-40_000, -50_000, -15_000])
    assert cash["lowest"] == pytest.approx(-50_000)
    assert cash["month"] == 1


def test_what_earns_from_the_start_is_never_below_zero() -> None:
    """Revenue of 60K a month less a bill of 45K: 15K, 30K and 45K USD."""
    cash = _cash((), ("cost_per_month=45K USD",), 3)

    assert cash["rented"]["balances"] == pytest.approx([15_000, 30_000, 45_000])
    assert "owned" not in cash


def test_servers_are_paid_for_when_they_are_bought() -> None:
    """Ten servers of 40K, used for 90 days: -340K, then +60K a month, and in month 3 ten more for 300K net.

    Before month 3 earns its 60K, there are 520K to pay. A single month needs all of its 400K.
    """
    sets = (*OF_SERVERS, "service_life=90 d", "residual_share=25%")
    cash = _cash(sets, ("servers=10",), 5)["owned"]

    assert cash["bought"] == [10, 0, 0, 10, 0]
    assert cash["balances"] == pytest.approx([-340_000, -280_000, -220_000, -460_000, -400_000])
    assert cash["lowest"] == pytest.approx(-520_000)
    assert cash["month"] == 3
    assert _cash(sets, ("servers=10",), 1)["owned"]["lowest"] == pytest.approx(-400_000)


def test_a_server_costs_its_maintenance_its_place_and_its_electricity() -> None:
    """Ten servers without a price to speak of: a year's 7.3% of 40K is 240 USD in 30 days, and a kW 120 USD.

    A server of one GPU has 700 W at 1.82 times its rated power, so its place costs 720 h of 8,760 h of a year.
    """
    sets = ("server_price=40K", "maintenance_share=7.3%", "colocation_price=100 USD/kW-month")
    now = _cash(sets, ("servers=10", "average_utilization=0"), 1)["owned"]["balances"][0]
    place = 10 * 0.7 * 1.82 * 100 * 12 * 720 / 8760

    assert now == pytest.approx(60_000 - 400_000 - 10 * 240 - place)


@pytest.mark.wide
@pytest.mark.parametrize("growth", ["8%", "-10%"])
def test_cash_is_a_ledger_of_the_months(t2v_cap: Program, growth: str) -> None:
    """A ledger of cohorts has the balances of the JSON; a server that stands unused costs nothing more."""
    flags = ("--growth-per-month", growth, "--server-price", "300K", "--service-life", "2 years", "--months", "40")
    document = json.loads(answer(t2v_cap, "forecast", shipped("price-list"), *flags, "--json"))
    plan = plan_of(shipped("price-list"), ["server_price=300K"])
    rented, owned, cohorts, balances = 0.0, 0.0, list[tuple[int, float]](), list[tuple[float, float]]()
    lows = list[float]()  # once a month's servers are paid for

    for month, figures in enumerate(row["figures"] for row in document["months"]):
        cohorts = [(bought, servers) for bought, servers in cohorts if month - bought < 24]
        missing = max(0, figures["servers"] - sum(servers for _month, servers in cohorts))
        cohorts.append((month, missing))
        used = figures["servers"]
        assert used <= sum(servers for _month, servers in cohorts)
        hours = 720 * 8 * used
        running = hours * (figures["owned_place_price"] + figures["owned_electricity_price"])
        running += used * 300_000 * plan.values["maintenance_share"] * 720 / 8760
        others = figures["cost_per_month"] - figures["gpu_cost_per_month"]
        rented += figures["revenue_per_month"] - figures["cost_per_month"]
        owned -= 300_000 * missing
        lows.append(owned)
        owned += figures["revenue_per_month"] - others - running
        balances.append((rented, owned))

    for way, expected in zip(("rented", "owned"), zip(*balances, strict=True), strict=True):
        cash = document["cash"][way]
        assert cash["balances"] == pytest.approx(list(expected), rel=1e-9)
        dips = lows if way == "owned" else []
        assert cash["lowest"] == pytest.approx(min(*cash["balances"], *dips), rel=1e-9)


def test_profit_is_revenue_less_cost_at_every_door(t2v_cap: Program) -> None:
    """JSON, CSV and the first workbook's formula subtract the cost; the sum of profit is the cash of renting."""
    given = ("forecast", shipped("price-list"), "--growth-per-month", "5%", "--months", "18")
    months = json.loads(answer(t2v_cap, *given, "--json"))["months"]
    rows = [*csv.DictReader(io.StringIO(answer(t2v_cap, *given, "--format", "csv")))]

    for month, row in zip(months, rows, strict=True):
        figures = month["figures"]
        profit = figures["revenue_per_month"] - figures["cost_per_month"]
        assert figures["profit_per_month"] == pytest.approx(profit)
        assert float(row["profit_per_month"]) == figures["profit_per_month"]
        assert math.fsum(month["profit_by_part"].values()) == pytest.approx(profit)
    for before, after in pairwise(rows):
        step = float(after["cash_rented"]) - float(before["cash_rented"])
        assert step == pytest.approx(float(after["profit_per_month"]))


def test_the_workbook_subtracts_the_cost(tmp_path: Path, t2v_cap: Program) -> None:
    """The cell of profit_per_month subtracts that of the cost, and holds the difference of the export."""
    t2v_cap("export", shipped("price-list"), str(tmp_path / "plan.xlsx"))
    formulas, values = (
        {row[0].value: row[1].value for row in load_workbook(tmp_path / "plan.xlsx", data_only=shown)["Figures"].rows}
        for shown in (False, True)
    )

    assert str(formulas["profit_per_month"]).endswith(",revenue_per_month,NA()) - cost_per_month")
    profit = float(str(values["revenue_per_month"])) - float(str(values["cost_per_month"]))
    assert values["profit_per_month"] == pytest.approx(profit)


def test_a_free_part_costs_what_it_costs() -> None:
    """A preview that is not paid for has a loss: its cost per clip times its clips of a month."""
    plan = plan_of(shipped("price-list"))
    preview = next(part for part in plan.parts if part.name == "preview")
    clips = 0.3 * plan.known["delivered_per_day"] * 30

    assert preview.figures["profit_per_month"] == pytest.approx(-clips * preview.figures["cost_per_video"])
    assert math.isnan(
        plan_of(shipped("price-list"), ["paid_share=0", "mix.hd.price_per_video_second=0"])
        .parts[0]
        .figures["profit_per_month"]
    )


def test_nothing_sold_has_no_profit() -> None:
    """A plan without a price has no profit and no cash."""
    found = forecast(plan_of(shipped("start-up")), 2)

    assert found.plan.figures["profit_per_month"] is None
    assert found.cash == {}


@pytest.mark.parametrize("months", ["6", "1"])
@pytest.mark.parametrize("price", ["0.08", "0.09", "1"])
def test_the_table_is_that_of_a_founder(t2v_cap: Program, recorded: Recorded, price: str, months: str) -> None:
    """A price has revenue, profit, its sum and the lowest points of cash in the table."""
    sold = ("--growth-per-month", "10%", "--price-per-video-second", price, "--server-price", "4K")
    recorded(answer(t2v_cap, "forecast", shipped("start-up"), *sold, "--months", months))


@pytest.mark.parametrize(
    ("growth", "cost", "lowest"),
    [
        ("-30%", "40K", "never below zero, still falling at the end"),  # 20K, 22K and 11.4K USD
        ("50%", "100K", "lowest in month 1, -50K USD"),  # -40K, -50K and -15K
        ("-30%", "50K", "lowest in month 2, -18.6K USD, still falling at the end"),  # 10K, 2K and -18.6K
        ("0%", "45K", "never below zero"),  # 15K, 30K and 45K
    ],
)
def test_cash_that_falls_in_the_last_month_says_so(t2v_cap: Program, growth: str, cost: str, lowest: str) -> None:
    """Revenue begins with 60K a month, and cash with nothing; what still falls is not over, above zero either."""
    sets = [flag for each in (*BY_HAND, "price_per_video_second=1") for flag in ("--set", each)]
    pins = ("--pin", "revenue_per_video=2", "--pin", f"cost_per_month={cost} USD")
    text = answer(t2v_cap, "forecast", shipped("start-up"), *sets, *pins, "--growth-per-month", growth, "--months", "3")

    assert f"\ncash, rented: {lowest}\n" in text


def test_cash_at_the_ends_of_the_error_is_that_of_the_factor(t2v_cap: Program) -> None:
    """A plan that seems to carry itself may lose all: each end says what the same plan says with that factor by hand.

    With seconds that were measured there are no ends.
    """
    sold = ("--growth-per-month", "10%", "--price-per-video-second", "0.09", "--server-price", "4K", "--months", "6")
    asked = ("forecast", shipped("start-up"), *sold)
    ends = re.findall(r"\nat (\S+) times the predicted seconds: rented (.+); owned (.+)", answer(t2v_cap, *asked))
    assert [rented.split(",")[0] for _factor, rented, _owned in ends] == ["never below zero", "lowest in month 5"]

    plan = plan_of(shipped("start-up"), ["growth_per_month=10%", "price_per_video_second=0.09", "server_price=4K"])
    error = plan.model_error
    for (shown, *lowest), factor in zip(ends, (error.low, error.high), strict=True):
        assert shown == f"{factor:.2f}"
        text = answer(t2v_cap, *asked, "--time-factor", repr(factor))
        assert re.findall(r"\ncash, (?:rented|own servers at 4K USD): ([^;\n]+)", text) == lowest
    assert "predicted seconds" not in answer(t2v_cap, *asked, "--pin", "gpu_seconds_per_video=120")


DRAWN = re.compile(r"\ncash, rented, over the draws of ranges: below zero in (\d+)%, 5th percentile (\S+) USD;")


def test_cash_over_ranges_is_that_of_a_simulation(t2v_cap: Program) -> None:
    """A year of 100K to 400K clips a day of 300 s, of which each is sold for 5 s, simulated apart: servers of 8.

    At the medians it carries itself; in two of five draws it does not.
    """
    flags = ("--gpu", "h100-sxm", "--dau", "100K to 400K", "--gpu-price", "2 to 4", "--growth-per-month", "5%")
    sold = ("--price-per-video-second", "0.07 to 0.2", "--duration", "5 s", "--videos-per-user-per-day", "1")
    free = [flag for name in ("storage_price=0", "egress_price=0", "request_price=0") for flag in ("--set", name)]
    pins = ("--pin", "gpu_seconds_per_video=300 s", "--peak-to-average", "2", "--gpus-per-server", "8")
    text = answer(t2v_cap, "forecast", "--model", "wan2.2-t2v-a14b", *flags, *sold, *free, *pins, "--months", "12")

    numbers, end = np.random.default_rng(84), NormalDist().inv_cdf(0.95)

    def between(least: float, most: float) -> Any:
        return math.sqrt(least * most) * (most / least) ** (numbers.standard_normal(100_000) / 2 / end)

    users, price, asked = between(1e5, 4e5), between(2, 4), between(0.07, 0.2)
    balance = lowest = np.zeros(100_000)
    for month in range(12):
        clips = users * 1.05**month
        servers = np.ceil(clips / 86_400 * 300 * 2 / 0.9 / 8)
        servers += np.ceil(servers / 20)
        balance = balance + 30 * (clips * 5 * asked - servers * 8 * 24 * price)
        lowest = np.minimum(lowest, balance)
    (share, percentile) = DRAWN.findall(text)[0]

    assert "\ncash, rented: never below zero\n" in text
    assert float(share) / 100 == pytest.approx((lowest < 0).mean(), abs=0.01)
    assert parse(f"{percentile} USD", "USD") == pytest.approx(np.quantile(lowest, 0.05), rel=0.03)


def test_a_range_that_does_not_reach_the_first_month_counts(t2v_cap: Program) -> None:
    """Profits of -40K and of 60K times the growth less 100K: the 5th percentile of 10% to 50% is 10%, so -74K USD.

    The error of seconds that move nothing is no range: without one there is no such line.
    """
    sets = [flag for each in (*BY_HAND, "price_per_video_second=1") for flag in ("--set", each)]
    pins = ("--pin", "revenue_per_video=2", "--pin", "cost_per_month=100K USD", "--months", "2")
    asked = ("forecast", shipped("start-up"), *sets, *pins, "--growth-per-month")

    assert DRAWN.findall(answer(t2v_cap, *asked, "10% to 50%")) == [("100", "-74K")]
    assert not DRAWN.findall(answer(t2v_cap, *asked, "10%"))


@pytest.mark.parametrize(("gpus", "size"), [("1", "1 GPU\n"), ("72", "72 GPUs\n")])
def test_no_price_of_a_server_is_made_up(t2v_cap: Program, gpus: str, size: str) -> None:
    """A price of a server of eight would be a tenth of a rack's: the remedy has the server's size, and no price."""
    sold = ("--price-per-video-second", "0.1", "--months", "2", "--gpus-per-server", gpus)
    text = answer(t2v_cap, "forecast", shipped("start-up"), *sold)

    assert f"\ncash, own servers: set `--server-price` to a quote of one with {size}" in text


def test_parts_have_a_table_of_their_profit(t2v_cap: Program, recorded: Recorded) -> None:
    """A mix that is sold has a second table: the profit of each part, by month."""
    recorded(answer(t2v_cap, "forecast", shipped("price-list"), "--start", "2027-02", "--months", "3"))
