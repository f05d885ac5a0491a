"""Forecasts: the months are estimates, limits are crossed where they are, and what is shown is what was computed."""

import csv
import io
import json
import math
import re
from pathlib import Path

import pytest

from places import shipped
from shared import Program, answer, plan_of, write
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.plan.conditions import parse_condition
from t2v_capacity.questions.what_if.forecast import Forecast, forecast
from t2v_capacity.questions.what_if.months import Calendar
from texts import Recorded

SCENARIOS = ("mochi", "start-up", "million-clips")
GROWTHS = ("0%", "8%", "-4%")
# A clip's time as if it were measured: months of crossings are then arithmetic on users, whatever the model of a clip
# says.
MEASURED = "gpu_seconds_per_video=120"


def _forecast(
    name: str, sets: tuple[str, ...] = (), pins: tuple[str, ...] = (), months: int = 25, limits: tuple[str, ...] = ()
) -> Forecast:
    return forecast(plan_of(shipped(name), sets, pins), months, map(parse_condition, limits))


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("growth", GROWTHS)
def test_a_month_is_the_estimate_of_an_older_and_larger_service(name: str, growth: str) -> None:
    """Month 0 is the estimate to the last bit; a month is, within 1e-12, that with its users and age set by hand."""
    found = _forecast(name, (f"growth_per_month={growth}",))
    assert {figure: found.series.figures[figure][0] for figure in FIGURES} == found.plan.figures
    for month in (1, 2, 7, 24):
        dau, age = (found.series.figures[moved][month] for moved in ("dau", "service_age"))
        sets = [f"growth_per_month={growth}", f"dau={dau!r}", f"service_age={age!r} s"]
        by_hand = plan_of(shipped(name), sets)
        for figure, expected in by_hand.figures.items():
            value = found.series.figures[figure][month]
            assert (value is None) == (expected is None)
            assert value is None or expected is None or math.isclose(value, expected, rel_tol=1e-12), (figure, month)


@pytest.mark.parametrize(
    ("months", "start", "expires"),
    [(3, "2026-12", 0), (4, "2026-12", 1), (2, "2027-02", 1), (1, "2027-02", 0), (3, None, 1)],
)
def test_a_price_that_expires_within_the_months_is_warned_of(
    months: int, start: str | None, expires: int, folder: Path
) -> None:
    """A contract to the end of February 2027 is warned of where March is forecast; month 0 is that of `as_of` else."""
    contract = "{value: 1.5, source: contract, as_of: 2026-11-20, expires: 2027-02-28}"
    write(f"as_of: 2027-01-15\ndau: 100K\nreserved_price: {contract}\n", folder / "my.yaml")
    ahead = forecast(plan_of(folder / "my.yaml"), months, calendar=Calendar(start))

    assert [one.names for one in ahead.warnings if one.code == "expired"] == [("reserved_price",)] * expires


def test_a_pin_stays_as_it_is() -> None:
    """A pinned figure has its value in every month, and what depends on it follows."""
    found = _forecast("mochi", ("growth_per_month=10%",), ("requests_per_day=1000", "cost_per_month=5M USD"))

    assert set(found.series.figures["requests_per_day"]) == {1000}
    assert set(found.series.figures["cost_per_month"]) == {5e6}
    assert len(set(found.series.figures["trps"])) == 1
    assert found.series.figures["cost_per_user"][24] == pytest.approx(5e6 / (found.series.figures["dau"][24] or 1))


@pytest.mark.parametrize(
    ("pins", "named"),
    [
        (("gpu_cost_per_month=1M USD",), "gpu_cost_per_month"),  # a part of the cost that is shown
        (("gpus=800", "gpu_cost_per_month=1M USD"), "gpus, gpu_cost_per_month"),
        (("video_size=1.4 MB", "gpu_seconds_per_video=120"), ""),  # users move neither
    ],
)
def test_pins_that_users_would_move_are_named(t2v_cap: Program, pins: tuple[str, ...], named: str) -> None:
    """A pinned figure that would grow with users is named, shown or not; one of a clip is the same without its pin."""
    flags = [flag for pin in pins for flag in ("--pin", pin)]
    out = answer(t2v_cap, "forecast", shipped("start-up"), "--growth-per-month", "8%", "--months", "3", *flags)

    assert re.findall(r"^pinned: (.*?), the same in every month", out, re.MULTILINE) == [named] * bool(named)


@pytest.mark.parametrize(
    ("limit", "month"),
    [
        ("gpus <= 100", 2),
        ("gpus <= 1M", None),
        ("gpus <= 10", 0),
        ("storage_held <= 30 TB", 4),
        ("cost_per_month < 200K USD", 4),
        ("trps >= 0.1", None),
        ("cost_per_user >= 15.3 USD", 7),
    ],
)
def test_a_limit_is_crossed_in_the_first_month_that_breaks_it(limit: str, month: int | None) -> None:
    """The month of a limit is the first whose figure doesn't meet it, or none where all months do."""
    sets = ("growth_per_month=8%", "dau=10K", "gpu_price=2.5")
    found = _forecast("start-up", sets, (MEASURED,), limits=(limit,))
    condition = parse_condition(limit)
    broken = [m for m, value in enumerate(found.series.figures[condition.figure]) if not condition.holds(value)]

    assert found.crossed == {condition: broken[0] if broken else None}
    assert found.crossed[condition] == month


def test_the_longest_forecast_is_allowed() -> None:
    """A young service can be forecast for 600 months."""
    assert len(_forecast("mochi", ("service_age=1 d",), months=600).series.figures["gpus"]) == 600


def test_a_figure_that_loses_its_value_has_a_warning() -> None:
    """Every figure with a value in month 0 and none later is named by a warning with the first such month.

    The promise that is missed then is named beside it.
    """
    found = _forecast("start-up", ("growth_per_month=8%",), (MEASURED, "replicas=100"))
    warning, missed = (one for one in found.warnings[len(found.plan.warnings) :] if one.code != "waits-uncertain")
    month = min(
        values.index(None) for values in found.series.figures.values() if None in values and values[0] is not None
    )

    assert (warning.code, missed.code) == ("overloaded", "misses-target-latency")
    lost = {name for name, values in found.series.figures.items() if values[month] is None and values[0] is not None}
    assert lost <= set(warning.names)
    assert warning.message.startswith(f"from month {month} on, for ")
    assert _forecast("start-up", ("growth_per_month=8%",)).warnings == _forecast("start-up").plan.warnings


def test_csv_has_a_row_a_month(t2v_cap: Program) -> None:
    """CSV has the columns that are shown, at full precision, and a row for every month with its date."""
    given = [
        shipped("mochi"),
        "--months",
        "30",
        "--start",
        "2027-11",
        "--show",
        "dau,gpus,latency-p95,steps",
        "--time-factor",
        "1",
    ]
    heading, *rows = csv.reader(
        io.StringIO(answer(t2v_cap, "forecast", *given, "--growth-per-month", "8%", "--format", "csv"))
    )
    found = _forecast("mochi", ("growth_per_month=8%",), months=30)

    assert heading == ["month", "dau", "gpus", "latency_p95", "steps", "date"]
    assert [int(row[0]) for row in rows] == list(range(30))
    assert [float(row[1]) for row in rows] == list(found.series.figures["dau"])
    assert [int(row[2]) for row in rows] == list(found.series.figures["gpus"])
    assert {float(row[4]) for row in rows} == {found.plan.values["steps"]}
    assert [row[5] for row in rows] == [f"{2027 + (10 + m) // 12}-{(10 + m) % 12 + 1:02}" for m in range(30)]


def test_ranges_are_told(t2v_cap: Program, recorded: Recorded) -> None:
    """A scenario with a range says that its months are those of the median."""
    out = answer(t2v_cap, "forecast", shipped("mochi"), "--set", "duration=4 s to 6 s", "--months", "2")

    recorded(out)


def test_a_limit_that_holds_again_says_from_when_on(t2v_cap: Program) -> None:
    """20,000 clips a day of users who leave by a tenth a month: 18,000, then 16,200, below 17,000."""
    flags = ("--dau", "10K", "--videos-per-user-per-day", "2", "--growth-per-month", "-10%", "--months", "6")
    limits = ("--limit", "requests_per_day <= 17K", "--limit", "requests_per_day >= 17K")
    out = answer(t2v_cap, "forecast", shipped("start-up"), *flags, *limits)

    assert "requests_per_day <= 17K does not hold in month 0: 20000 requests/day; holds from month 2 on\n" in out
    crossed = "requests_per_day >= 17K is crossed in month 2"
    assert f"{crossed}: 16200 requests/day, after 18000 requests/day in month 1\n" in out


def test_a_launch_has_not_stored_a_year_yet(t2v_cap: Program) -> None:
    """Clips are kept forever: a launch stores half a month's in the mean of month 0, then a month's more each month.

    A service that has run for a year stores twelve months' in month 0. The forecast says so where that is much.
    """
    given = ("forecast", shipped("ltx-distilled-l40s"), "--growth-per-month", "0%", "--months", "12")
    note = "storage begins with the clips of 360 d (`service_age`, a default); for a launch: `--service-age '15 d'`"
    stored = [
        [month["figures"]["storage_cost_per_month"] for month in json.loads(answer(t2v_cap, *line, "--json"))["months"]]
        for line in (given, (*given, "--service-age", "15 d"))
    ]

    of_a_month = stored[0][0] / 12
    assert stored[1] == pytest.approx([(month + 1 / 2) * of_a_month for month in range(12)])
    assert note in answer(t2v_cap, *given)
    for quiet in ((*given, "--service-age", "15 d"), (*given, "--storage-price", "0"), ("forecast", shipped("mochi"))):
        assert "storage begins" not in answer(t2v_cap, *quiet)


def test_a_fleet_within_its_own_limit_says_when_it_is_overloaded(t2v_cap: Program) -> None:
    """40 replicas of 100 s a clip carry 20,329 clips a day with a peak of 1.7; 12,000 grow beyond that."""
    service = ("--model", "wan2.2-ti2v-5b", "--clips-per-day", "12000", "--growth-per-month", "8%", "--gpu-limit", "40")
    pins = ("--pin", "gpu_seconds_per_video=100", "--pin", "generation_latency=100 s")
    command = ("forecast", *service, *pins, "--limit", "gpus <= 40", "--months")

    carried = 40 / 100 * 86_400 / 1.7
    month = next(month for month in range(12) if 12_000 * 1.08**month >= carried)
    late = f"gpus <= 40 holds for 12 months: 40 GPUs in month 11; the fleet is overloaded first in month {month}"
    assert late in answer(t2v_cap, *command, "12")
    assert "overloaded first" not in answer(t2v_cap, *command, f"{month}")
