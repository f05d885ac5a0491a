"""A plan against its months: what was planned of each month, what came, and whether the plan's band held it."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import t2v_capacity as t2v
from places import GOLDEN, ROOT, shipped
from shared import Program, answer, write
from t2v_capacity.plan.estimate import estimate
from texts import Recorded

START_UP = shipped("start-up")
OCTOBER, NOVEMBER = (str((GOLDEN / f"{name}.yaml").relative_to(ROOT)) for name in ("october", "november"))


def test_a_month_is_planned_as_the_forecast_has_it(t2v_cap: Program) -> None:
    """What was planned of a month, with its band, is what `forecast` says of it, whatever has a range."""
    ranges = ("--growth-per-month", "4% to 12%", "--videos-per-user-per-day", "1 to 3")
    flags = (*ranges, "--samples", "300", "--seed", "5", "--format", "json")
    months = t2v_cap("forecast", START_UP, *flags, "--months", "3").json["months"]
    rows = t2v_cap("actuals", START_UP, OCTOBER, NOVEMBER, *flags, "--start", "2026-09").json["rows"]

    for row in rows:
        there = months[{"2026-10": 1, "2026-11": 2}[row["month"]]]
        band = there["bands"][row["name"]]
        planned = {**there["assumptions"], **there["figures"]}[row["name"]]
        assert row["planned"] == pytest.approx(planned, rel=1e-12)
        assert (row["low"], row["high"]) == (
            pytest.approx(band["p5"], rel=1e-12),
            pytest.approx(band["p95"], rel=1e-12),
        )
        assert row["ratio"] == pytest.approx(row["actual"] / planned, rel=1e-12)
        assert row["inside"] == (band["p5"] <= row["actual"] <= band["p95"])
    assert {row["inside"] for row in rows} == {True, False}


@pytest.mark.usefixtures("folder")
def test_month_0_is_the_one_that_was_said_then_the_plan_s_then_the_first(t2v_cap: Program) -> None:
    """Growth counts from `--start`, else the month of the plan's own `as_of`, else the first month measured."""
    write("dau: 1000\ngrowth_per_month: 10%\n", "plain.yaml")
    write("extends: plain.yaml\nas_of: 2026-09-12\n", "dated.yaml")
    write("month: 2026-10\nactuals: {dau: 1000}\n", "october.yaml")

    def planned(*line: str) -> tuple[str, int]:
        document = t2v_cap("actuals", *line, "october.yaml", "--format", "json").json
        return document["start"], round(document["rows"][0]["planned"])

    assert planned("plain.yaml") == ("2026-10", 1000)
    assert planned("dated.yaml") == ("2026-09", 1100)
    assert planned("dated.yaml", "--start", "2026-08") == ("2026-08", 1210)


def test_python_takes_values_as_a_file_does() -> None:
    """A mapping says what a file of the same form says, numbers and texts alike, and is refused as one."""
    plan = t2v.estimate(START_UP)
    found = plan.actuals(
        {"month": "2026-10", "source": "mine", "actuals": {"dau": 12_000, "gpus": {"value": "98", "source": "theirs"}}}
    )

    assert [(row["name"], row["actual"], row["source"]) for row in found] == [
        ("dau", 12_000.0, "mine"),
        ("gpus", 98, "theirs"),
    ]
    assert len(found) == 2
    with pytest.raises(t2v.Mistakes, match="did you mean `dau`"):
        plan.actuals({"actuals": {"dauu": 1}})
    with pytest.raises(t2v.Mistakes, match="name a file"):
        plan.actuals()


PLAN = (
    "name: A service\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\n"
    "dau: 100K\nvideos_per_user_per_day: 2\npeak_to_average: 1.8\ngrowth_per_month: 5%\n"
)


@pytest.mark.usefixtures("folder")
def test_the_plan_on_a_month_is_written_beside_the_answer(t2v_cap: Program) -> None:
    """`--output` of a .yaml file writes the plan on the last month, with flags, sources and dates.

    The answer is printed all the same.
    """
    write(PLAN, "plan.yaml")
    write("month: 2026-10\nsource: the log\nactuals: {dau: 120K, requests_per_day: 300K}\n", "october.yaml")
    flags = ("--gpu", "h200", "--pin", "video_size=1.4 MB", "--start", "2026-08")
    Path("later").mkdir()
    said = t2v_cap("actuals", "plan.yaml", "october.yaml", *flags, "--output", "later/on.yaml")
    on = t2v.estimate("later/on.yaml")

    assert said.out == t2v_cap("actuals", "plan.yaml", "october.yaml", *flags).out
    assert said.err == "wrote later/on.yaml\n"
    assert (on.dau, on.videos_per_user_per_day, on.requests_per_day, on.video_size) == (120_000, 2.5, 300_000, 1.4e6)
    assert (on.gpu, on.scenario.as_of, on.scenario.name) == ("h200-sxm", "2026-10-31", "A service, 2026-10")
    for name, note in (("dau", ""), ("videos_per_user_per_day", "from requests_per_day")):
        setting = on.scenario.settings[name]
        assert (setting.source, setting.as_of, setting.note) == ("the log", "2026-10-31", note)
    assert on.service_age == t2v.estimate("plan.yaml").service_age + 60 * 86_400
    assert t2v_cap("actuals", "later/on.yaml", "october.yaml", "--format", "json").json["start"] == "2026-10"


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("measured", ["gpu_seconds_per_video: 190 s", "generation_latency: 190 s"])
def test_seconds_of_a_month_are_those_of_its_gpu(t2v_cap: Program, measured: str) -> None:
    """190 s of clips on one H100 are pinned as they were measured; on another GPU or runtime the plan warns."""
    write(PLAN, "plan.yaml")
    write(f"month: 2026-10\nactuals: {{{measured}}}\n", "october.yaml")
    printed = t2v_cap("actuals", "plan.yaml", "october.yaml", "--output", "on.yaml").out
    on = t2v.estimate("on.yaml")

    assert "updated: gpu_seconds_per_video" in printed
    assert on.gpu_seconds_per_video == pytest.approx(190, rel=1e-9)
    assert on.time_factor == 1
    assert "pin-outlived" not in {warning.code for warning in on.warnings}
    for other in ({"gpu": "b200-hgx"}, {"runtime": "compiled"}, {"steps": 25}):
        assert "pin-outlived" in {warning.code for warning in on.but(**other).warnings}
    rows = t2v_cap("compare", "on.yaml", "--json").json["rows"]
    assert {row["gpu"] for row in rows if row["marks"]} == {"h100-sxm"}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("factor", ["1.3", "0.9 to 1.2"])
@pytest.mark.parametrize("flags", [(), ("--time-factor", "2")])
def test_measured_seconds_replace_a_factor_of_the_plan(t2v_cap: Program, factor: str, flags: tuple[str, ...]) -> None:
    """A factor of the file or of a flag counts no longer next to pinned seconds, and leaves the plan."""
    write(f"{PLAN}time_factor: {factor}\n", "plan.yaml")
    write("month: 2026-10\nactuals: {gpu_seconds_per_video: 500 s}\n", "october.yaml")
    t2v_cap("actuals", "plan.yaml", "october.yaml", *flags, "--output", "on.yaml")
    on = t2v.estimate("on.yaml")

    assert (on.gpu_seconds_per_video, on.time_factor) == (500, 1)
    assert "pin-bypasses" not in {warning.code for warning in on.warnings}


@pytest.mark.usefixtures("folder")
def test_no_plan_is_extended_that_is_no_file(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan from standard input is held against a month, and has no plan on it."""
    write("actuals: {dau: 120K}\n", "october.yaml")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PLAN.encode())))
    assert not t2v_cap("actuals", "-", "october.yaml", "--format", "json").json["overlay"]


def test_hours_alone_say_how_many_gpus_there_were() -> None:
    """Without GPUs, a bill's GPU-hours give the fleet to a whole GPU, and the bill over the hours is the price."""
    plan = t2v.estimate(START_UP)
    found = plan.actuals({"actuals": {"gpu_hours_per_month": "72.1K", "gpu_cost_per_month": "216.3K USD"}})
    on = found.found.months[0].on

    assert {name: one.value for name, one in on.pins.items()} == {
        "paid_burst_share": pytest.approx(72_100 / 72_000 - 1)
    }
    assert estimate(on.scenario).known["gpus"] == 100
    assert on.assumptions["gpu_price"].value == pytest.approx(216_300 / 72_100)


@pytest.mark.parametrize("gpus", [{}, {"gpus": 200}])
@pytest.mark.parametrize("hours", [30_000, 90_000])
@pytest.mark.parametrize("reserved", ["0%", "30%"])
def test_a_bill_of_more_hours_is_no_other_price(gpus: dict[str, int], hours: int, reserved: str) -> None:
    """An autoscaled fleet of 200 GPUs whose bill is 2.9 USD for each of its hours was paid for longer, not dearer."""
    plan = t2v.estimate(START_UP, gpu_price=2.9, reserved_fraction=reserved, pins={"gpus": 200})
    bill = 2.9 * hours
    month = plan.actuals(
        {"actuals": {**gpus, "gpu_hours_per_month": hours, "gpu_cost_per_month": f"{bill} USD"}}
    ).months[0]
    (part,) = month.why["gpu_cost_per_month"]

    assert (part.name, part.actual) == ("gpu_hours_per_month", pytest.approx(hours))
    assert part.part == pytest.approx(bill - 2.9 * plan.gpu_hours_per_month)
    assert month.on.assumptions["gpu_price"].value == pytest.approx(2.9)


def test_more_hours_of_a_reserved_fleet_are_no_price_on_demand() -> None:
    """100 GPUs reserved at 2 USD that cost 5% more, with 0.4% more hours, leave the on-demand price as it is.

    The bill over the 72,000 hours of the reserve is its price.
    """
    plan = t2v.estimate(START_UP, gpu_price=3, reserved_price=2, reserved_fraction="100%", pins={"gpus": 100})
    on = plan.actuals({"actuals": {"gpu_hours_per_month": 72_300, "gpu_cost_per_month": "151830 USD"}}).months[0].on

    assert {name: settled.value for name, settled in on.assumptions.items()} == {
        "reserved_price": pytest.approx(151_830 / 72_000)
    }


def test_several_months_have_a_row_each(t2v_cap: Program, recorded: Recorded) -> None:
    """Several months have a table by name with a row a month, and CSV a row of each name and month."""
    line = ("actuals", START_UP, OCTOBER, NOVEMBER, "--growth-per-month", "8%", "--start", "2026-09")
    recorded(answer(t2v_cap, *line))
    heading, *rows = answer(t2v_cap, *line, "--format", "csv").splitlines()
    assert heading == "name,planned,actual,ratio,low,high,inside,month,unit,source"
    assert len(rows) == 11
    assert rows[0].startswith("dau,10800.0,11200.0,1.037")


BUDGET = (
    "model: wan2.2-t2v-a14b\ngpu: h100-sxm\nruntime: engine\noffload: encoder\ndau: 20K\nvideos_per_user_per_day: 2\n"
    "peak_to_average: 1.7\ngpu_price: 2.9\nretention: 90 d\nservice_age: 180 d\ngrowth_per_month: 5%\n"
)
HEAD = "ChargePeriodStart,ChargePeriodEnd,ServiceCategory,ChargeCategory,SkuId,ConsumedQuantity,ConsumedUnit"


def _billed(gpus: int, **daily: float) -> str:
    """Return a FOCUS bill of November for so many H100 at 2.90 USD, and what else costs so much a day."""
    rows = [f"{HEAD},EffectiveCost,BillingCurrency"]
    for day in range(1, 31):
        begins, ends = (datetime(2026, 11, day, tzinfo=UTC) + timedelta(days=days) for days in (0, 1))
        hours = f"Compute,Usage,gpu_8xH100_SXM5,{gpus * 24},GPU-Hours,{gpus * 24 * 2.9}"
        charges = [hours, *(f"{name},Usage,any,,,{cost}" for name, cost in daily.items())]
        rows += [f"{begins:%Y-%m-%dT%H:%M:%SZ},{ends:%Y-%m-%dT%H:%M:%SZ},{charge},USD" for charge in charges]
    return "\n".join(rows)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("gpus", [264, 296, 312, 400])
@pytest.mark.parametrize("daily", [{"Storage": 63.1, "Networking": 90, "Other": 900}, {"Storage": 5}, {}])
@pytest.mark.parametrize("counted", ["gpus: {}", "requests_per_day: 50K"])
def test_the_bill_of_a_month_grows_with_its_users(
    t2v_cap: Program, gpus: int, daily: dict[str, float], counted: str
) -> None:
    """A year after a month whose bill is whole, GPUs and cost have grown as users have: 1.05^12 is 1.8.

    By hand the month costs its GPUs for 720 hours at 2.90 USD and thirty days of the rest. Storage and egress grow with
    clips, and other cost stays. Rounding to servers of 8 is within 4% of the fleet.
    """
    write(BUDGET, "plan.yaml")
    write(_billed(gpus, **daily), "bill.csv")
    write(f"month: 2026-11\nactuals: {{dau: 24K, {counted.format(gpus)}}}\n", "november.yaml")
    t2v_cap("actuals", "plan.yaml", "bill.csv", "november.yaml", "--start", "2026-08", "--output", "next.yaml")
    months = [month["figures"] for month in t2v_cap("forecast", "next.yaml", "--months", "13", "--json").json["months"]]
    fixed, grown = 30 * daily.get("Other", 0), 30 * sum(cost for name, cost in daily.items() if name != "Other")
    rent = gpus * 720 * 2.9

    assert months[0]["gpus"] == gpus
    assert months[0]["cost_per_month"] == pytest.approx(rent + grown + fixed, rel=0.001)
    assert months[12]["gpus"] / gpus == pytest.approx(1.05**12, rel=0.04)
    assert months[12]["cost_per_month"] == pytest.approx((rent + grown) * 1.05**12 + fixed, rel=0.04)


@pytest.mark.usefixtures("folder")
def test_what_a_bill_has_beyond_its_gpus_is_a_cost_of_clips(t2v_cap: Program) -> None:
    """Of 700,000 USD for 50,000 clips a day, 2.90 USD an hour for 296 GPUs and the plan's storage are not the rest."""
    write(BUDGET, "plan.yaml")
    rent = 296 * 720 * 2.9
    month = f"dau: 25K, delivered_per_day: 50K, gpus: 296, gpu_cost_per_month: {rent} USD, cost_per_month: 700K USD"
    write(f"month: 2026-11\nactuals: {{{month}}}\n", "november.yaml")
    t2v_cap("actuals", "plan.yaml", "november.yaml", "--output", "next.yaml")
    on = t2v.estimate("next.yaml")
    rest = 700_000 - rent - on.storage_cost_per_month - on.egress_cost_per_month - on.request_cost_per_month

    assert on.cost_per_month == pytest.approx(700_000)
    assert on.other_cost_per_video == pytest.approx(rest / (50_000 * 30))
    assert not on.scenario.pins


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("paid", "price"),
    [
        ("gpu_price: 2.9", "gpu_price"),
        ("reserved_price: 2.5", "reserved_price"),
        ("reserved_3_year_price: 2", "reserved_3_year_price"),
        ("reserved_price: 2.5, reserved_3_year_price: 2", "reserved_price"),
        ("spot_price: 2, spot_fraction: 100%", "spot_price"),
    ],
)
def test_a_bill_grows_with_its_fleet_at_whichever_price_is_paid(t2v_cap: Program, paid: str, price: str) -> None:
    """Half a year after 400 GPUs that cost 1M USD of 1.05M, the rent has grown as GPUs have and the rest as clips have.

    The price is the bill over 400 x 720 hours, and the crossing of a limit between both bills is said.
    """
    write(f"{BUDGET}cost: {{{paid}}}\n".replace("gpu_price: 2.9\n", ""), "plan.yaml")
    month = "dau: 24K, requests_per_day: 50K, gpus: 400, gpu_cost_per_month: 1M USD, cost_per_month: 1.05M USD"
    write(f"month: 2026-11\nactuals: {{{month}}}\n", "november.yaml")
    t2v_cap("actuals", "plan.yaml", "november.yaml", "--output", "next.yaml")
    on = t2v.estimate("next.yaml")
    line = ("forecast", "next.yaml", "--months", "7", "--limit", "cost_per_month <= 1.2M", "--json")
    ahead = t2v_cap(*line).json
    first, *_, last = (month["figures"] for month in ahead["months"])

    assert on[price] == pytest.approx(1_000_000 / (400 * 720), rel=1e-6)
    assert not on.scenario.pins
    assert (first["gpus"], first["cost_per_month"]) == (400, pytest.approx(1_050_000))
    assert last["cost_per_month"] == pytest.approx(1e6 * last["gpus"] / 400 + 50_000 * 1.05**6, rel=0.001)
    assert ahead["crossed"]["cost_per_month <= 1.2M"]


@pytest.mark.usefixtures("folder")
def test_a_measured_price_at_which_no_gpu_is_rented_settles_no_bill(t2v_cap: Program) -> None:
    """All GPUs are reserved: 1M USD of 400 x 720 hours is their price, whatever an hour on demand costs."""
    write(f"{BUDGET}cost: {{reserved_price: 2.5}}\n", "plan.yaml")
    month = "dau: 24K, requests_per_day: 50K, gpus: 400, gpu_price: 4.2, gpu_cost_per_month: 1M USD"
    write(f"month: 2026-11\nactuals: {{{month}}}\n", "november.yaml")
    t2v_cap("actuals", "plan.yaml", "november.yaml", "--output", "next.yaml")
    on = t2v.estimate("next.yaml")

    assert on.reserved_price == pytest.approx(1_000_000 / (400 * 720), rel=1e-6)
    assert (on.gpu_price, on.other_cost_per_video, dict(on.scenario.pins)) == (4.2, 0, {})


@pytest.mark.usefixtures("folder")
def test_the_rest_of_a_total_is_other_cost_on_a_fleet_that_is_not_known(t2v_cap: Program) -> None:
    """Of 900,000 USD with 800,000 for GPUs, whose number no one counted, the rest but the plan's is of 50,000 clips."""
    write(BUDGET, "plan.yaml")
    month = "dau: 25K, delivered_per_day: 50K, gpu_cost_per_month: 800K USD, cost_per_month: 900K USD"
    write(f"month: 2026-11\nactuals: {{{month}}}\n", "november.yaml")
    t2v_cap("actuals", "plan.yaml", "november.yaml", "--output", "next.yaml")
    on = t2v.estimate("next.yaml")
    rest = 100_000 - on.storage_cost_per_month - on.egress_cost_per_month - on.request_cost_per_month

    assert on.other_cost_per_video == pytest.approx(rest / (50_000 * 30))
    assert {*on.scenario.pins} == {"gpu_cost_per_month"}


@pytest.mark.usefixtures("folder")
def test_growth_that_was_measured_is_said(t2v_cap: Program) -> None:
    """22,000 users that are 25,660 two months later grew by 8% a month: 1.08^2 is 1.1664.

    Two months alone say nothing, nor does the 5% of the plan.
    """
    write(BUDGET, "plan.yaml")

    def said(*users: int) -> str:
        for number, count in enumerate(users, 9):
            write(f"month: 2026-{number:02}\nactuals: {{dau: {count}}}\n", f"{number}.yaml")
        files = [f"{number}.yaml" for number in range(9, 9 + len(users))]
        return answer(t2v_cap, "actuals", "plan.yaml", *files)

    assert "users grew 8% a month, not 5% as planned: forecast it with `--growth-per-month 8%`" in said(
        22_000, 23_760, 25_660
    )
    assert "users grew" not in said(22_000, 23_760)
    assert "users grew" not in said(22_000, 23_100, 24_255)


@pytest.mark.usefixtures("folder")
def test_pins_of_a_month_are_named(t2v_cap: Program) -> None:
    """265 GPUs are no whole servers of 8: the fleet is pinned, which is said, and the flag that is said frees it."""
    write(BUDGET, "plan.yaml")
    write("month: 2026-11\nactuals: {gpus: 265}\n", "november.yaml")
    said = " ".join(t2v_cap("actuals", "plan.yaml", "november.yaml", "--output", "next.yaml").out.split())
    line = ("forecast", "next.yaml", "--months", "13", "--json")

    assert "pinned: gpus, the same in every month of a forecast; `--pin NAME=null` lets one grow" in said
    for flags, grows in ((), False), (("--pin", "gpus=null"), True):
        months = t2v_cap(*line, *flags).json["months"]
        assert (months[0]["figures"]["gpus"] < months[12]["figures"]["gpus"]) == grows
