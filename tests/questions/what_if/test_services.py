"""Services month by month and their sum: each is its own forecast, and the sum is by hand."""

import csv
import io
import math
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import t2v_capacity as t2v
from places import ROOT, shipped
from shared import Program, answer
from t2v_capacity.engine.figures import FIGURES
from texts import Recorded

FIVE = [shipped(name) for name in ("start-up", "mochi", "million-clips", "price-list", "outgrown")]
GROWN = ("--growth-per-month", "5%", "--months", "18", "--start", "2027-02")


@pytest.mark.wide
def test_each_service_is_its_own_forecast_and_the_sum_adds(t2v_cap: Program) -> None:
    """Of five services over 18 months a figure that adds is the sum of five forecasts made apart; flags are in all."""
    document = t2v_cap("forecast", *FIVE, *GROWN, "--json").json
    apart = [t2v_cap("forecast", path, *GROWN, "--json").json["months"] for path in FIVE]

    assert [service["name"] for service in document["services"]] == [
        "start-up",
        "mochi",
        "million-clips",
        "price-list",
        "outgrown",
    ]
    for service, months in zip(document["services"], apart, strict=True):
        assert [month["figures"] for month in service["months"]] == [month["figures"] for month in months]
    assert [month["date"] for month in document["total"]][::17] == ["2027-02", "2028-07"]
    for month, total in enumerate(document["total"]):
        for name in (figure.name for figure in FIGURES.values() if figure.adds):
            services = [months[month]["figures"] for months in apart]
            own = [figures[name] for figures in services]
            if name == "paid_seconds_per_month":  # what has no price is free next to what has one
                own = [figures[name] for figures in services if figures["revenue_per_month"]]
            if name == "profit_per_month":  # what is free has a loss
                own = [total["figures"]["revenue_per_month"], -total["figures"]["cost_per_month"]]
            expected = None if None in own else math.fsum(own)
            assert total["figures"][name] == (expected if expected is None else pytest.approx(expected, rel=1e-12))
        bill, clips = total["figures"]["cost_per_month"], total["figures"]["delivered_per_day"] * 30
        assert total["figures"]["cost_per_video"] == pytest.approx(bill / clips)
        assert total["figures"]["latency_p95"] is None
    bills = math.fsum(month["figures"]["cost_per_month"] for months in apart for month in months)
    assert document["sums"]["cost_per_month"] == pytest.approx(bills)


def test_csv_has_a_column_a_service(t2v_cap: Program) -> None:
    """CSV has a row a figure and month; its columns of services add up to its last."""
    rows = [*csv.DictReader(io.StringIO(answer(t2v_cap, "forecast", *FIVE, *GROWN, "--format", "csv")))]

    assert [*rows[0]] == [
        *("figure", "month", "date"),
        *("start-up", "mochi", "million-clips", "price-list", "outgrown", "sum"),
    ]
    assert [row["figure"] for row in rows] == ["gpus"] * 18 + ["cost_per_month"] * 18
    for row in rows:
        figure, _month, _date, *services, total = row.values()
        assert math.fsum(map(float, services)) == pytest.approx(float(total)), figure


def test_a_limit_is_on_the_sum(t2v_cap: Program) -> None:
    """Two services of one plan cross twice its limit in the month in which it crosses it."""
    path, grown = shipped("start-up"), ("--growth-per-month", "10%", "--months", "12")
    one = t2v_cap("forecast", path, *grown, "--limit", "gpus <= 120", "--json").json
    two = t2v_cap("forecast", path, path, *grown, "--limit", "gpus <= 240", "--json").json

    assert one["crossed"] == {"gpus <= 120": 5}
    assert two["crossed"] == {"gpus <= 240": 5}
    assert [service["name"] for service in two["services"]] == ["start-up 1", "start-up 2"]


@pytest.mark.parametrize("limit", ["p95(gpus) <= 100", "mix.hd.gpus <= 5"])
def test_a_sum_has_no_draws_and_no_parts(t2v_cap: Program, recorded: Recorded, limit: str) -> None:
    """A limit of draws, or of a part, is refused."""
    recorded(t2v_cap("forecast", *FIVE, "--limit", limit, code=2).err)


def test_the_tables(t2v_cap: Program, recorded: Recorded) -> None:
    """A table per figure; what does not add is blank and named."""
    shown = ("--show", "gpus,cost_per_video,latency_p95,dau", "--limit", "gpus <= 3000", "--lead-time", "3 months")
    two = (shipped("start-up"), shipped("price-list"))
    recorded(answer(t2v_cap, "forecast", *two, "--months", "3", "--start", "2027-02", *shown))


def test_a_sum_has_the_unit_of_its_months(t2v_cap: Program) -> None:
    """Energy of months is in MWh, and so is their sum."""
    out = answer(t2v_cap, "forecast", *FIVE[::4], "--months", "3", "--show", "energy_per_month")
    months = [float(amount) for amount in re.findall(r"^ +\d .+  (\S+) MWh$", out, re.MULTILINE)]
    (total,) = re.findall(r"together: energy_per_month (\S+) GWh", out)

    assert len(months) == 3
    assert float(total) * 1_000 == pytest.approx(sum(months), rel=0.01)


def test_a_folder_is_its_scenarios(t2v_cap: Program, tmp_path: Path) -> None:
    """The scenarios of a folder are services, in the order of their names; a folder of one is one forecast."""
    for name in ("mochi", "start-up"):
        shutil.copy(ROOT / shipped(name), tmp_path)
    document = t2v_cap("forecast", str(tmp_path), "--months", "2", "--json").json
    (tmp_path / "mochi.yaml").unlink()

    assert [service["name"] for service in document["services"]] == ["mochi", "start-up"]
    assert "services" not in t2v_cap("forecast", str(tmp_path), "--months", "2", "--json").json


def test_python_has_the_forecasts_and_a_plot() -> None:
    """In Python the answer has the names, the forecasts and their sum, and draws a panel per figure."""
    plans = t2v.forecast(t2v.estimate(FIVE[0]), FIVE[1], months=2)

    assert plans.names == ("start-up", "mochi")
    assert plans.total.series.of("gpus")[0] == sum(t2v.estimate(path).gpus for path in FIVE[:2])
    panels = plans.drawing().panels
    assert len(panels) == 2
    months = plans.document()["total"]
    drawn = next(one for one in panels[1].lines if one.get_gid() == "line sum")
    assert np.asarray(drawn.get_ydata()).tolist() == [month["figures"]["cost_per_month"] for month in months]
