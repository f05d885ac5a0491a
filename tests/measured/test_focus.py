"""FOCUS bills: their sums against a script's, days, GPUs, and what is refused at its line."""

import csv
import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from places import shipped
from shared import Program, answer, plan_of, write
from texts import Recorded

PLAN = shipped("start-up")
COLUMNS = (
    *("EffectiveCost", "BillingCurrency", "ChargePeriodStart", "ChargePeriodEnd", "ServiceCategory"),
    *("SkuId", "ResourceName", "ChargeCategory", "ChargeFrequency", "ConsumedQuantity", "ConsumedUnit"),
    *("BilledCost", "ChargeClass"),
)
FIGURE_OF = {
    "Compute": "gpu_cost_per_month",
    "AI and Machine Learning": "gpu_cost_per_month",
    "Storage": "storage_cost_per_month",
    "Networking": "egress_cost_per_month",
}
HEAD = "EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceCategory"


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
        _charge(EffectiveCost=cost, ChargePeriodStart=f"{day}T00:00:00Z", ChargePeriodEnd=f"{day + timedelta(days=1)}")
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
                EffectiveCost=str(cost),
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
    _written([*_days(date(2026, 10, 1), 10), _charge(EffectiveCost="500", ServiceCategory="Other", **month)])
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
    _written([_charge(EffectiveCost="5", ChargePeriodStart=start, ChargePeriodEnd=end)])

    assert t2v_cap("actuals", PLAN, "bill.csv", "--json").json["months"][0]["bill"]["days"] == days


@pytest.mark.usefixtures("folder")
def test_a_commitment_does_not_make_a_month_whole(t2v_cap: Program) -> None:
    """A fee of 6,000 for GPUs in November and ten days of 100 are 9,000; a fee of once is no day.

    Ten days are 10 of 30 on the screen.
    """
    month = {"ChargePeriodStart": "2026-11-01", "ChargePeriodEnd": "2026-12-01"}
    once = {"ChargePeriodStart": "2026-11-20", "ChargePeriodEnd": "2026-11-21", "ChargeFrequency": "One-Time"}
    charges = [*_days(date(2026, 11, 1), 10), _charge(EffectiveCost="6000", ChargeCategory="Purchase", **month)]
    _written([*charges, _charge(EffectiveCost="70", ServiceCategory="Other", **once)])
    document = t2v_cap("actuals", PLAN, "bill.csv", "--json").json
    actual = {row["name"]: row["actual"] for row in document["rows"]}

    assert document["months"][0]["bill"]["days"] == 10
    assert actual["gpu_cost_per_month"] == pytest.approx(9_000)
    assert actual["cost_per_month"] == pytest.approx(9_070)
    assert "of EffectiveCost in 10 of 30 days" in t2v_cap("actuals", PLAN, "bill.csv").out


OCTOBER = {"ChargePeriodStart": "2026-10-01T00:00:00Z", "ChargePeriodEnd": "2026-11-01T00:00:00Z"}
H100 = {"SkuId": "gpu_8xH100_SXM5", "ConsumedUnit": "GPU-Hours"}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("kind", ["Usage", "Purchase"])
def test_a_burst_is_not_stretched_over_the_month_of_a_commitment(t2v_cap: Program, kind: str) -> None:
    """152 GPUs of a month at 2 USD and 40 more at 3.50 for five days are 117,888 GPU-hours and 242,976 USD.

    A purchase is billed before its month ends: storage of 31 days says that it did.
    """
    charges = [_charge(EffectiveCost="226176", ConsumedQuantity="113088", ChargeCategory=kind, **H100, **OCTOBER)]
    charges += [charge | H100 | {"ConsumedQuantity": "960"} for charge in _days(date(2026, 10, 9), 5, "3360")]
    storage = [{**charge, "ServiceCategory": "Storage"} for charge in _days(date(2026, 10, 1), 31, "40")]
    _written(charges + (storage if kind == "Purchase" else []))
    write(f"extends: {PLAN}\ngpu: h100-sxm\n", "plan.yaml")
    document = t2v_cap("actuals", "plan.yaml", "bill.csv", "--json").json
    actual = {row["name"]: row["actual"] for row in document["rows"]}

    assert document["months"][0]["bill"]["days"] == 31
    assert actual["gpu_hours_per_month"] == pytest.approx(152 * 744 + 40 * 120)
    assert actual["gpu_cost_per_month"] == pytest.approx(152 * 744 * 2 + 40 * 120 * 3.5)


@pytest.mark.usefixtures("folder")
def test_a_fleet_that_rests_on_weekends_is_billed_for_weekdays(t2v_cap: Program) -> None:
    """Of 100 USD on the 22 weekdays of October, the 1st to the 30th, 2,200 are billed in 30 of 31 days."""
    weeks = [(1, 2), (5, 5), (12, 5), (19, 5), (26, 5)]
    _written([charge for first, days in weeks for charge in _days(date(2026, 10, first), days)])
    rows = {row["name"]: row["actual"] for row in t2v_cap("actuals", PLAN, "bill.csv", "--json").json["rows"]}

    assert rows["gpu_cost_per_month"] == pytest.approx(2_200 * 31 / 30)


@pytest.mark.usefixtures("folder")
def test_what_is_paid_upfront_is_a_cost_of_the_hours_that_it_covers(t2v_cap: Program) -> None:
    """A year of 152 GPUs at 2 USD is billed at once: that month and the next have a price of 2 USD."""
    write(f"extends: {PLAN}\ngpu: h100-sxm\n", "plan.yaml")
    year = {"ChargeCategory": "Purchase", "ChargeFrequency": "One-Time", "BilledCost": str(152 * 2 * 8_760)}
    covered = {**H100, "ConsumedQuantity": str(152 * 24), "BilledCost": "0"}
    days = [charge | covered for charge in _days(date(2026, 10, 1), 61, str(152 * 24 * 2))]
    _written([_charge(EffectiveCost="0", **year, **OCTOBER), *days])
    document = t2v_cap("actuals", "plan.yaml", "bill.csv", "--json", "--output", "on.yaml").json
    costs = [row["actual"] for row in document["rows"] if row["name"] == "gpu_cost_per_month"]

    assert costs == pytest.approx([152 * 744 * 2, 152 * 720 * 2])
    assert plan_of("on.yaml").values["gpu_price"] == pytest.approx(2)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("first", "count", "kind"),
    [(date(2026, 9, 1), 30, "Correction"), (date(2026, 11, 1), 1, ""), (date(2026, 9, 30), 1, "")],
)
def test_what_reaches_into_another_month_is_no_month(t2v_cap: Program, first: date, count: int, kind: str) -> None:
    """Corrections of September and hours of November are no months in October's bill; one in October is its cost."""
    stray = [charge | {"ChargeClass": kind} for charge in _days(first, count, "500")]
    corrected = _days(date(2026, 10, 5), 1, "-50")[0] | {"ChargeClass": "Correction"}
    _written([*_days(date(2026, 10, 1), 31), corrected, *stray])
    document = t2v_cap("actuals", PLAN, "bill.csv", "--json").json

    assert [month["month"] for month in document["months"]] == ["2026-10"]
    assert document["months"][0]["bill"]["sums"]["cost_per_month"] == pytest.approx(3_050)
    _written(stray)
    assert len(t2v_cap("actuals", PLAN, "bill.csv", "--json").json["months"]) == 1


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("days", "hours", "month"),
    [
        ([24, 24, 2], range(24), 720 / 50),
        ([24] * 30, range(24), 1),
        ([12] * 30, range(8, 20), 1),
        ([12] * 10 + [3], range(8, 20), 30 / 10.25),
    ],
)
def test_the_last_day_is_counted_in_hours(t2v_cap: Program, days: list[int], hours: range, month: float) -> None:
    """Fifty hours from November 1 are 50 of 720; GPUs that are off at night are no fewer days for it."""
    starts = [f"2026-11-{day:02}T{hour:02}" for day, count in enumerate(days, 1) for hour in hours[:count]]
    _written(
        [
            _charge(EffectiveCost="10", ChargePeriodStart=f"{start}:00:00Z", ChargePeriodEnd=f"{start}:59:59Z")
            for start in starts
        ]
    )
    rows = {row["name"]: row["actual"] for row in t2v_cap("actuals", PLAN, "bill.csv", "--json").json["rows"]}

    assert rows["gpu_cost_per_month"] == pytest.approx(10 * len(starts) * month)


@pytest.mark.usefixtures("folder")
def test_gpus_of_ten_days_are_the_months_where_storage_is_of_all(t2v_cap: Program) -> None:
    """Thirty days of 1 USD of storage are 31 USD in a month of 31: the GPUs of ten of them ran on no other day.

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
    assert rows["gpu_cost_per_month"] == pytest.approx(1000 * 31 / 30)
    assert rows["cost_per_month"] == pytest.approx(1030 * 31 / 30)
    bill = t2v_cap("actuals", PLAN, "moment.csv", "--json").json["months"][0]["bill"]
    assert (bill["days"], bill["sums"]) == (1, {"gpu_cost_per_month": 100, "cost_per_month": 100})


@pytest.mark.usefixtures("folder")
def test_gpu_hours_count_where_all_gpus_have_them(t2v_cap: Program) -> None:
    """GPU-hours are summed if the unit says so of each SKU that names a GPU; hours of an instance are not."""
    gpu, month = {"SkuId": "h100", "ConsumedQuantity": "720"}, {"EffectiveCost": "5", "ChargePeriodStart": "2026-11-01"}
    processor = _charge(**month, SkuId="m5.large", ConsumedQuantity="9", ConsumedUnit="Hours")

    def hours(*charges: dict[str, str]) -> float | None:
        _written([*charges])
        sums: dict[str, float] = t2v_cap("actuals", PLAN, "bill.csv", "--json").json["months"][0]["bill"]["sums"]
        return sums.get("gpu_hours_per_month")

    counted = _charge(**month, **gpu, ConsumedUnit="GPU-Hours")
    assert hours(counted, counted, processor) == 1440
    assert hours(counted, _charge(**month, **gpu, ConsumedUnit="Hours")) is None


@pytest.mark.usefixtures("folder")
def test_other_compute_is_in_no_price(t2v_cap: Program) -> None:
    """100 H100 at 2.80 USD are billed, 40 A100 at 1.50 and processors at 1,000 a day: the price and fleet are H100's.

    In 31 days the rest is 31 * (40 * 24 * 1.5 + 1000) = 75,640 USD, and a fee of 310 is no compute. A commitment of
    7,440 is 0.10 USD an hour of an H100.
    """
    write(f"extends: {PLAN}\ngpu: h100-sxm\ngpu_price: 2.9\nmodel: wan2.2-ti2v-5b\n", "plan.yaml")
    charges = list[dict[str, str]]()
    for sku, count, price in (("gpu_8xH100_SXM5", 100, 2.8), ("gpu_8xA100_80GB_SXM4", 40, 1.5)):
        hours = {"SkuId": sku, "ConsumedQuantity": str(24 * count), "ConsumedUnit": "GPU-Hours"}
        charges += [charge | hours for charge in _days(date(2026, 10, 1), 31, str(24 * count * price))]
    fees = [charge | {"ServiceCategory": "Other"} for charge in _days(date(2026, 10, 1), 31, "10")]
    month = {"ChargePeriodStart": "2026-10-01", "ChargePeriodEnd": "2026-11-01"}
    commitment = _charge(EffectiveCost="7440", ChargeCategory="Purchase", SkuId="savings-plan", **month)
    _written([*charges, *_days(date(2026, 10, 1), 31, "1000"), *fees, commitment])
    document = t2v_cap("actuals", "plan.yaml", "bill.csv", "--json", "--output", "on.yaml").json
    rows = {row["name"]: row for row in document["rows"]}
    on = plan_of("on.yaml")
    cost = 100 * 744 * 2.9

    assert rows["gpu_hours_per_month"]["actual"] == pytest.approx(100 * 744)
    assert rows["gpu_cost_per_month"]["actual"] == pytest.approx(cost + 75_640)
    for name, why in document["why"].items():
        assert why["other_compute"] == pytest.approx(75_640)
        assert "gpu_price" not in why
        assert sum(why.values()) == pytest.approx(rows[name]["actual"] - rows[name]["planned"])
    assert document["why"]["cost_per_month"]["other_cost_per_month"] == pytest.approx(310)
    assert on.values["gpu_price"] == pytest.approx(2.9)
    assert on.figures["gpus"] == 100
    assert on.figures["other_cost_per_month"] == pytest.approx((75_640 + 310) * 30 / 31)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("unit", ["Hours", "GPU-Hours"])
@pytest.mark.parametrize(("machine", "unnamed"), [("gpu_1xH100_SXM5", "300K"), ("p5.4xlarge", "303K")])
def test_one_machine_does_not_take_the_fleet_out_of_the_price(
    t2v_cap: Program, unit: str, machine: str, unnamed: str
) -> None:
    """A fleet of 136 GPUs is billed 300,000 USD by a name without one, and a machine of one GPU 3,000 by its name.

    Both are the price of 136 * 744 GPU-hours; 50,000 USD of another GPU are not.
    """
    write(f"extends: {PLAN}\ngpu: h100-sxm\n", "plan.yaml")
    write("month: 2026-10\nactuals: {gpus: 136}\n", "october.yaml")
    month = {"ChargePeriodStart": "2026-10-01", "ChargePeriodEnd": "2026-11-01", "ConsumedQuantity": "744"}
    charges = [
        _charge(EffectiveCost="300000", SkuId="p5.48xlarge", ConsumedUnit="Hours", **month),
        _charge(EffectiveCost="50000", SkuId="gpu_l40s", ConsumedUnit=unit, **month),
        _charge(EffectiveCost="3000", SkuId=machine, ConsumedUnit=unit, **month),
    ]
    _written(charges)
    document = t2v_cap("actuals", "plan.yaml", "october.yaml", "bill.csv", "--json", "--output", "on.yaml").json
    (measured,) = document["months"]

    assert plan_of("on.yaml").values["gpu_price"] == pytest.approx(303_000 / (136 * 744))
    assert document["why"]["cost_per_month"]["other_compute"] == pytest.approx(50_000)
    assert "gpu_hours_per_month" not in {row["name"] for row in document["rows"]}
    assert f"{unnamed} USD of compute that names no GPU is taken as h100-sxm" in measured["source"]


@pytest.mark.usefixtures("folder")
def test_a_bill_stands_beside_a_file_of_its_month(t2v_cap: Program) -> None:
    """A file with GPUs and the bill of a month are one month, and give a price; the same figure twice is refused."""
    _written(_days(date(2026, 10, 1), 31, "1000"))
    write("month: 2026-10\nsource: inventory\nactuals: {gpus: 10}\n", "october.yaml")
    write("month: 2026-10\nactuals: {cost_per_month: 10}\n", "twice.yaml")
    document = t2v_cap("actuals", PLAN, "october.yaml", "bill.csv", "--json").json

    assert {row["name"] for row in document["rows"]} >= {"gpus", "gpu_cost_per_month"}
    assert document["months"][0]["source"] == "inventory; FOCUS bill, bill.csv"
    assert f"gpu_price: {{value: {31_000 / (10 * 24 * 31):.11f} USD/GPU-hour" in document["overlay"]
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


@pytest.mark.usefixtures("folder")
def test_the_days_of_february_are_not_those_of_a_year(t2v_cap: Program) -> None:
    """100 GPUs at 2 USD cost 134,400 USD in 28 days and 144,000 in 30: 12 months of 30 days are 1,728,000.

    The bill has neither storage nor egress: they stay the plan's.
    """
    write(f"extends: {PLAN}\ngpu_price: 2\ngrowth_per_month: 0%\npins: {{gpus: 100}}\n", "plan.yaml")
    _written(_days(date(2027, 2, 1), 28, "4800"))
    t2v_cap("actuals", "plan.yaml", "bill.csv", "--start", "2027-02", "--output", "on.yaml")
    line = ("on.yaml", "--months", "12", "--show", "gpu_cost_per_month,cost_per_month", "--json")
    months = t2v_cap("forecast", *line).json["months"]

    assert "days_per_month" not in Path("on.yaml").read_text(encoding="utf-8")
    assert sum(month["figures"]["gpu_cost_per_month"] for month in months) == pytest.approx(1_728_000)
    assert sum(month["figures"]["cost_per_month"] for month in months) == pytest.approx(1_728_000, rel=0.01)
