"""Months over draws and on the calendar.

Month 0 has the estimate's bands, and later months those of an older and larger service.
"""

from datetime import date

import numpy as np
import pytest

from places import shipped
from shared import Program, answer, plan_of
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.plan.conditions import parse_condition
from t2v_capacity.plan.estimate import with_bands
from t2v_capacity.plan.uncertain import sampled
from t2v_capacity.questions.what_if.forecast import Forecast, forecast
from t2v_capacity.questions.what_if.months import Calendar, calendar_of
from texts import Recorded

SAMPLES, SEED = 3_000, 5


def _forecast(
    name: str, sets: tuple[str, ...], months: int = 6, limits: tuple[str, ...] = (), samples: int = SAMPLES
) -> Forecast:
    return forecast(plan_of(shipped(name), sets), months, map(parse_condition, limits), samples=samples, seed=SEED)


@pytest.mark.wide
def test_a_month_has_the_bands_of_an_older_and_larger_service() -> None:
    """With growth certain, a month's bands are those that an estimate gives with its users and age set by hand."""
    sets = ("duration=4 s to 6 s", "growth_per_month=8%")
    found = _forecast("start-up", sets)
    bands = found.series.bands(FIGURES)
    for month in (0, 1, 5):
        dau, age = (found.series.figures[name][month] for name in ("dau", "service_age"))
        there = with_bands(
            plan_of(shipped("start-up"), [*sets, f"dau={dau!r}", f"service_age={age!r} s"]), SAMPLES, SEED
        )
        for name, band in there.bands.items():
            for end, expected in zip(bands[name][month], band, strict=True):
                assert end == (None if expected is None else pytest.approx(expected, rel=1e-12)), name


def test_users_grow_draw_by_draw() -> None:
    """A month's users are the draws of users, each grown by its own growth, and month 0 is the estimate's draws."""
    found = _forecast(
        "start-up", ("dau=50K to 200K", "growth_per_month=3% to 12%", "service_age=100 d to 300 d", "retention=90 d")
    )
    assert found.series.drawn
    names = ("requests_per_day", "storage_held")
    start = dict(sampled(found.plan.scenario, names, SAMPLES, SEED))
    first, last = found.series.drawn.by_month((0, 6), (*names, "dau"))
    assert all(np.array_equal(first[name], start[name]) for name in names)
    growth = (last["dau"] / first["dau"]) ** (1 / 6) - 1
    assert np.quantile(growth, (0.05, 0.95)) == pytest.approx([0.03, 0.12], rel=0.02)


def test_prices_fall_month_by_month() -> None:
    """A year of 365 days on, GPUs on demand and spot cost what a year's change leaves of their price.

    What is reserved stays as it is.
    """
    sets = (
        "gpu_price=4",
        "spot_price=2",
        "reserved_price=3",
        "gpu_price_change_per_year=-30%",
        "days_per_month=30.4166666666666667",
    )
    found = _forecast("start-up", sets, 25)
    own = {name: series for name, series in found.series.figures.items() if name.endswith("_price")}

    assert own["gpu_price"][12] == pytest.approx(4 * 0.7, rel=1e-12)
    assert own["gpu_price"][12] == pytest.approx(found.plan.figures["gpu_price_next_year"], rel=1e-12)
    assert own["spot_price"][24] == pytest.approx(2 * 0.7**2, rel=1e-12)
    assert {*found.series.of("reserved_price")} == {3.0}
    there = plan_of(shipped("start-up"), [*sets, f"gpu_price={own['gpu_price'][18]!r}"]).figures["gpu_cost_on_demand"]
    assert found.series.figures["gpu_cost_on_demand"][18] == pytest.approx(there, rel=1e-12)


@pytest.mark.parametrize(
    "limit", ["p95(gpus) <= 120", "p5(gpus) <= 120", "P(gpus <= 120) >= 0.9", "p50(storage_held) <= 6 TB"]
)
def test_a_condition_on_draws_is_a_limit(limit: str) -> None:
    """A limit on a percentile or a chance is crossed in the first month whose draws don't keep it.

    Where nothing is uncertain it is crossed as a limit on the figure is.
    """
    condition = parse_condition(limit)
    found = _forecast("start-up", ("growth_per_month=3% to 12%", "dau=10K"), 13, (limit,))
    assert found.series.drawn
    kept = [
        condition.holds_of(one[condition.figure]) for one in found.series.drawn.by_month(range(13), (condition.figure,))
    ]
    assert found.crossed[condition] == (kept.index(False) if False in kept else None)
    plain = (
        limit.split("(")[1].replace(")", "").split(" >=")[0]
        if limit.startswith("P")
        else limit.split("(")[1].replace(")", "")
    )
    certain = _forecast("outgrown", ("growth_per_month=8%", "dau=8K", "time_factor=1"), 13, (limit, plain))
    assert not certain.series.drawn
    assert certain.crossed[condition] == certain.crossed[parse_condition(plain)]


@pytest.mark.wide
def test_a_fleet_is_outgrown_in_month_8(t2v_cap: Program, recorded: Recorded) -> None:
    """The shipped fleet is outgrown in month 8 and in none before, and the order is due five months before.

    Over its ranges one draw in 20 is in month 5. By hand: 664 GPUs that grow by 13.3% a month are 1,094 in month 4.
    """
    limits = ["--limit", "gpus <= 1200", "--limit", "p95(gpus) <= 1200"]
    given = ["--months", "10", *limits, "--start", "2027-03", "--lead-time", "5 months"]
    text = answer(t2v_cap, "forecast", shipped("outgrown"), *given)
    recorded(text)

    of_the_point, of_95_percent = (
        next(month for month in range(10) if 664 * (1 + growth) ** month > 1_200) for growth in (0.08, 0.133)
    )
    assert f"\ngpus <= 1200 is crossed in month {of_the_point}, " in text
    assert f"p95(gpus) <= 1200 is crossed in month {of_95_percent}, " in text


@pytest.mark.parametrize(
    ("as_of", "order"),
    [("2027-01-31", "2027-02-01\n"), ("2027-02-01", "2027-02-01\n"), ("2027-02-02", "2027-02-01 (overdue)\n")],
)
def test_an_order_is_overdue_after_its_day(t2v_cap: Program, as_of: str, order: str) -> None:
    """Two months before April 2027, whose fleet is over its limit, is February 1: overdue from the second."""
    given = ("--start", "2027-04", "--lead-time", "2 months", "--limit", "gpus <= 20", "--as-of", as_of)

    assert f"; order by {order}" in answer(t2v_cap, "forecast", shipped("draft"), *given)


@pytest.mark.parametrize("start", ["1970-01", "2027-12", "2028-02", "2999-12"])
@pytest.mark.parametrize("days", [0, 1, 150, 365])
def test_an_order_is_a_lead_time_before_its_month(start: str, days: int) -> None:
    """The day to order is so many days before the first of the month in which it is needed.

    It lies in the month that is named.
    """
    calendar = Calendar(start, days * 86_400)
    for month in (12, 13, 30):
        when = calendar.when(month)
        assert when["order_by"]
        assert when["order_month"] is not None
        assert (date.fromisoformat(f"{when['date']}-01") - date.fromisoformat(when["order_by"])).days == days
        assert calendar.date(when["order_month"]) == when["order_by"][:7]
        assert Calendar(None, days * 86_400).when(month)["order_month"] == (month * 30 - days) // 30


@pytest.mark.parametrize(
    ("lead_time", "day"),
    [
        ("5 months", "2027-06-01"),
        ("1 month", "2027-10-01"),
        ("12 months", "2026-11-01"),
        ("1 year", "2026-11-01"),
        ("2.5 months", "2027-08-17"),
        ("150 days", "2027-06-04"),
        ("0", "2027-11-01"),
    ],
)
def test_a_lead_time_in_months_is_of_the_calendar(lead_time: str, day: str) -> None:
    """Five months before November 1 is June 1, as a calendar on the wall has it; 150 days are June 4."""
    when = calendar_of("2027-03", lead_time, limited=True).when(8)

    assert (when["order_by"], when["date"]) == (day, "2027-11")
