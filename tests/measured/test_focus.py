"""FOCUS bills: their sums against a script's, days, GPUs, and what is refused at its line."""

import csv
import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from places import shipped
from shared import Program, answer, write
from texts import Recorded

PLAN = shipped("start-up")
COLUMNS = (
    *("BilledCost", "BillingCurrency", "ChargePeriodStart", "ChargePeriodEnd", "ServiceCategory"),
    *("SkuId", "ResourceName", "ChargeCategory", "ConsumedQuantity", "ConsumedUnit"),
)
FIGURE_OF = {
    "Compute": "gpu_cost_per_month",
    "AI and Machine Learning": "gpu_cost_per_month",
    "Storage": "storage_cost_per_month",
    "Networking": "egress_cost_per_month",
}
HEAD = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceCategory"


def _charge(**cells: str) -> dict[str, str]:
    usual = {"BillingCurrency": "USD", "ServiceCategory": "Compute", "ChargeCategory": "Usage"}
    return {**dict.fromkeys(COLUMNS, ""), **usual, **cells}


def _written(charges: list[dict[str, str]]) -> None:
    with Path("bill.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(charges)


def _days(first: date, count: int, cost: str = "100") -> list[dict[str, str]]:
    days = [first + timedelta(days=number) for number in range(count)]
    return [
        _charge(BilledCost=cost, ChargePeriodStart=f"{day}T00:00:00Z", ChargePeriodEnd=f"{day + timedelta(days=1)}")
        for day in days
    ]


@pytest.mark.usefixtures("folder")
def test_a_bill_of_1000_rows_has_the_sums_of_a_script(t2v_cap: Program) -> None:
    """Sums by month and figure, and GPU cost by GPU, are those of a few lines of Python over the same rows."""
    drawn, charges, sums = random.Random(70), list[dict[str, str]](), Counter[tuple[str, str]]()
    for number in range(1000):
        day = date(2026, 10, 1) + timedelta(days=number % 61)
        category = drawn.choice([*FIGURE_OF, "Databases"])
        kind = drawn.choice(["Usage"] * 6 + ["Purchase", "Credit", "Tax", "Adjustment"])
        sku = drawn.choice(["gpu_8xH100_SXM5", "L40S.1", "m5.large"])
        cost = round(drawn.uniform(-10, 900), 4)
        charges.append(
            _charge(
                BilledCost=str(cost),
                ChargePeriodStart=f"{day}T0{number % 10}:00:00Z",
                ServiceCategory=category,
                SkuId=sku,
                ChargeCategory=kind,
            )
        )
        figure = "other_cost_per_month" if kind in ("Credit", "Tax", "Adjustment") else FIGURE_OF.get(category)
        sums[f"{day:%Y-%m}", figure or "other_cost_per_month"] += cost  # type: ignore[assignment]
        sums[f"{day:%Y-%m}", "cost_per_month"] += cost  # type: ignore[assignment]
        if figure == "gpu_cost_per_month":
            gpu = {"gpu_8xH100_SXM5": "h100-sxm", "L40S.1": "l40s"}.get(sku, "")
            sums[f"{day:%Y-%m}", f"of {gpu}"] += cost  # type: ignore[assignment]
    _written(charges)
    document = t2v_cap("actuals", PLAN, "bill.csv", "--json").json

    billed = {
        (month["month"], name): amount for month in document["months"] for name, amount in month["bill"]["sums"].items()
    } | {
        (month["month"], f"of {gpu}"): amount
        for month in document["months"]
        for gpu, amount in month["bill"]["by_gpu"].items()
    }
    assert billed == pytest.approx(dict(sums), rel=1e-9)
    assert [(month["bill"]["days"], month["bill"]["days_in_month"]) for month in document["months"]] == [
        (31, 31),
        (30, 30),
    ]
    actual = {(row["month"], row["name"]): row["actual"] for row in document["rows"]}
    assert actual["2026-11", "days_per_month"] == 30
    assert actual["2026-10", "storage_cost_per_month"] == pytest.approx(sums["2026-10", "storage_cost_per_month"])


@pytest.mark.usefixtures("folder")
def test_a_month_that_is_not_whole_is_compared_per_day(t2v_cap: Program, recorded: Recorded) -> None:
    """Thirty days of 100 USD are 3,000 billed, and 3,100 of a month of 31 days."""
    _written(_days(date(2026, 10, 2), 30))
    document = t2v_cap("actuals", PLAN, "bill.csv", "--json").json
    (month,) = document["months"]

    assert (month["bill"]["days"], month["bill"]["sums"]["cost_per_month"]) == (30, 3000)
    assert {row["name"]: row["actual"] for row in document["rows"]} == {
        "days_per_month": 31,
        "gpu_cost_per_month": pytest.approx(3100),
        "cost_per_month": pytest.approx(3100),
    }
    recorded(answer(t2v_cap, "actuals", PLAN, "bill.csv"))


@pytest.mark.usefixtures("folder")
def test_a_charge_of_the_month_is_no_day_of_gpus(t2v_cap: Program) -> None:
    """Ten days of 100 USD are 3,100 in a month of 31; a fee of 500 for the month is 500, and no other day of GPUs."""
    month = {"ChargePeriodStart": "2026-10-01", "ChargePeriodEnd": "2026-11-01"}
    _written([*_days(date(2026, 10, 1), 10), _charge(BilledCost="500", ServiceCategory="Other", **month)])
    document = t2v_cap("actuals", PLAN, "bill.csv", "--json").json
    actual = {row["name"]: row["actual"] for row in document["rows"]}

    assert document["months"][0]["bill"]["days"] == 10
    assert actual["gpu_cost_per_month"] == pytest.approx(3_100)
    assert actual["other_cost_per_month"] == pytest.approx(500)
    assert actual["cost_per_month"] == pytest.approx(3_600)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", 31),
        ("2026-10-01", "", 31),
        ("2026-10-12T05:00:00Z", "2026-10-12T06:00:00Z", 1),
        ("2026-10-12T05:00:00Z", "", 1),
        ("2026-10-30T00:00:00Z", "2026-11-04T00:00:00Z", 2),
        ("2026-10-01T00:30:00+01:00", "2026-10-01T23:00:00Z", 1),
    ],
)
def test_the_days_of_a_charge(t2v_cap: Program, start: str, end: str, days: int) -> None:
    """A charge covers the days of its period in its month (UTC); without an end one of the first day its month."""
    _written([_charge(BilledCost="5", ChargePeriodStart=start, ChargePeriodEnd=end)])

    assert t2v_cap("actuals", PLAN, "bill.csv", "--json").json["months"][0]["bill"]["days"] == days


@pytest.mark.usefixtures("folder")
def test_storage_is_stretched_by_its_own_days(t2v_cap: Program) -> None:
    """Thirty days of 1 USD of storage are 31 USD in a month of 31, though GPUs were billed on ten days.

    A charge that ends where it begins is one of that day, and a bill without quantities has no hours.
    """
    storage = [{**charge, "ServiceCategory": "Storage"} for charge in _days(date(2026, 10, 2), 30, "1")]
    _written([*_days(date(2026, 10, 2), 10), *storage])
    rows = {row["name"]: row["actual"] for row in t2v_cap("actuals", PLAN, "bill.csv", "--json").json["rows"]}
    moment = "2026-10-05T00:00:00Z"
    Path("moment.csv").write_text(
        f"{HEAD},ChargePeriodEnd,ConsumedUnit,SkuId\n100,USD,{moment},Compute,{moment},GPU-hours,h100\n",
        encoding="utf-8",
    )

    assert rows["storage_cost_per_month"] == pytest.approx(31)
    assert rows["gpu_cost_per_month"] == pytest.approx(3100)
    assert rows["cost_per_month"] == pytest.approx(3131)
    bill = t2v_cap("actuals", PLAN, "moment.csv", "--json").json["months"][0]["bill"]
    assert (bill["days"], bill["sums"]) == (1, {"gpu_cost_per_month": 100, "cost_per_month": 100})


@pytest.mark.usefixtures("folder")
def test_gpu_hours_count_where_all_gpus_have_them(t2v_cap: Program) -> None:
    """GPU-hours are summed if the unit says so of each SKU that names a GPU; hours of an instance are not."""
    gpu, month = {"SkuId": "h100", "ConsumedQuantity": "720"}, {"BilledCost": "5", "ChargePeriodStart": "2026-11-01"}
    processor = _charge(**month, SkuId="m5.large", ConsumedQuantity="9", ConsumedUnit="Hours")

    def hours(*charges: dict[str, str]) -> float | None:
        _written([*charges])
        sums: dict[str, float] = t2v_cap("actuals", PLAN, "bill.csv", "--json").json["months"][0]["bill"]["sums"]
        return sums.get("gpu_hours_per_month")

    counted = _charge(**month, **gpu, ConsumedUnit="GPU-Hours")
    assert hours(counted, counted, processor) == 1440
    assert hours(counted, _charge(**month, **gpu, ConsumedUnit="Hours")) is None


@pytest.mark.usefixtures("folder")
def test_a_bill_stands_beside_a_file_of_its_month(t2v_cap: Program) -> None:
    """A file with GPUs and the bill of a month are one month, and give a price; the same figure twice is refused."""
    _written(_days(date(2026, 10, 1), 31, "1000"))
    write("month: 2026-10\nsource: inventory\nactuals: {gpus: 10}\n", "october.yaml")
    write("month: 2026-10\nactuals: {cost_per_month: 10}\n", "twice.yaml")
    document = t2v_cap("actuals", PLAN, "october.yaml", "bill.csv", "--json").json

    assert {row["name"] for row in document["rows"]} >= {"gpus", "gpu_cost_per_month"}
    assert document["months"][0]["source"] == "inventory; FOCUS bill, bill.csv"
    assert f"gpu_price: {{value: '{31_000 / (10 * 24 * 31):.11f}" in document["overlay"]
    assert "is measured twice" in t2v_cap("actuals", PLAN, "twice.yaml", "bill.csv", code=2).err
    assert "is measured twice" in t2v_cap("actuals", PLAN, "bill.csv", "bill.csv", code=2).err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "text",
    [
        "BillingCurrency,ServiceCategory\nUSD,Compute\n",
        "",
        f"{HEAD}\n",
        f"{HEAD}\n5,EUR,2026-10-01,Compute\n",
        f"{HEAD}\n5,USD,2026-10-01,Compute\n5,EUR,2026-10-01,Compute\n",
        f"{HEAD}\n5,USD,2026-10-01,Compute\nfive,USD,2026-10-01,Compute\n",
        f'{HEAD}\n"1,000",USD,2026-10-01,Compute\nnan,USD,2026-10-01,Compute\n',
        f"{HEAD}\n5,USD,10/01/2026,Compute\n5,USD,1926-10-01,Compute\n",
        f"{HEAD},ChargePeriodEnd\n5,USD,2026-10-01,Compute,then\n",
        f"{HEAD}\n5,USD,2026-10-01\n",
        f"{HEAD}\n" + "x,USD,2026-10-01,Compute\n" * 30,
    ],
)
def test_a_bad_bill_is_refused_at_its_line(t2v_cap: Program, recorded: Recorded, text: str) -> None:
    """Missing columns are named; a wrong currency, cost, time or row has its line, and ten at most are printed."""
    write(text, "bill.csv")
    recorded(t2v_cap("actuals", PLAN, "bill.csv", code=2).err)
