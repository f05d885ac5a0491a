"""A log whose growth is written by hand, day by day, gives it back; one that only varies has none."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared import Program, write
from t2v_capacity.measured.logs.fit import fit
from t2v_capacity.measured.logs.fit_answer import fit_notes
from t2v_capacity.scenario.load import load_scenario

pytestmark = pytest.mark.usefixtures("folder")
FIRST = date(2026, 3, 2)  # a Monday
DAYS = range(42)


def log_of(requests: Sequence[float]) -> str:
    """Write a log with so many requests on each day, evenly from midnight to midnight, of two per user."""
    lines = ["time,user"]
    for day, number in enumerate(map(round, requests)):
        midnight = datetime.combine(FIRST + timedelta(day), time())
        lines += [
            f"{midnight + timedelta(seconds=86_399 * at / (number - 1)):%Y-%m-%dT%H:%M:%S}Z,u{at // 2}"
            for at in range(number)
        ]
    return write("\n".join(lines), "requests.csv")


@pytest.mark.wide
@pytest.mark.parametrize(("factor", "weekend"), [(1.25, 1.0), (1.25, 0.5), (0.8, 1.0), (2.5, 1.0)])
def test_growth_is_planned_from_the_last_day(factor: float, weekend: float, t2v_cap: Program) -> None:
    """From 400 requests on a weekday, growth in a month is the factor; the plan has the last day's requests."""
    level = [400 * factor ** (day / (365 / 12)) for day in DAYS]
    name = log_of([each * (weekend if day % 7 > 4 else 1) for day, each in zip(DAYS, level, strict=True)])
    fitted = {known: found.value for known, found in fit(name).fitted.items()}

    assert fitted["growth_per_month"] == pytest.approx(factor - 1, rel=0.03)
    assert fitted["day_variability"] < 0.01
    assert fitted.get("weekend_level", 1) == pytest.approx(weekend, rel=0.01)
    weekly = level[-1] * (5 + 2 * weekend) / 7
    assert fitted["dau"] * fitted["videos_per_user_per_day"] == pytest.approx(weekly, rel=0.02)

    word = "grow" if factor > 1 else "fall"
    assert f"requests {word} by {abs(factor - 1):.0%} per month" in t2v_cap("fit", name, "-o", "traffic.yaml").err
    assert load_scenario("traffic.yaml").values()["growth_per_month"] == pytest.approx(fitted["growth_per_month"])


@pytest.mark.parametrize(("days", "weekend"), [(19, 0.4), (16, 0.4), (19, 2.0)])
def test_users_are_those_of_a_whole_week(days: int, weekend: float) -> None:
    """A log that ends amid a week has the users and requests of a whole one: (5 * 400 + 2 * weekend) / 7 requests."""
    name = log_of([400 * (weekend if day % 7 > 4 else 1) for day in range(days)])
    week = 400 * (5 + 2 * weekend) / 7
    users = fit(name).fitted["dau"]
    without = write(Path(name).read_text(encoding="utf-8").replace("user", "other"), "others.csv")

    assert users.value == pytest.approx(week / 2, rel=1e-4)
    assert users.low is None or users.high is None or users.low <= users.value <= users.high
    assert any(f"product is {week:.4g} requests" in note for note in fit_notes(fit(without)))


@pytest.mark.wide
@pytest.mark.parametrize("factor", [1.0, 1.25])
@pytest.mark.parametrize("weekend", [0.0, 0.01, 0.04])
def test_weekends_of_few_requests_are_no_holes(weekend: float, factor: float) -> None:
    """From 1,000 requests on a weekday, drawn at random, weekends of hardly any are days of a week all the same."""
    level = [factor ** (day / (365 / 12)) for day in DAYS[:33]]  # to a Friday
    drawn = np.random.default_rng(4).poisson(
        [1_000 * each * (weekend if day % 7 > 4 else 1) for day, each in enumerate(level)]
    )
    found = fit(log_of(drawn.tolist()))
    fitted = {known: each.value for known, each in found.fitted.items()}

    assert fitted["dau"] * fitted["videos_per_user_per_day"] == pytest.approx(
        1_000 * level[-1] * (5 + 2 * weekend) / 7, rel=0.03
    )
    assert fitted["weekend_level"] == pytest.approx(weekend, abs=0.005)
    assert fitted["day_variability"] < 0.03
    assert fitted.get("growth_per_month", 0) == pytest.approx(factor - 1, abs=0.04)
    assert not found.partial_days
    silent = ["8 days between without a request: weekends count as 0 requests"] if weekend == 0 else []
    assert [note for note in fit_notes(found) if "without a request" in note] == silent


@pytest.mark.parametrize(("weekday", "weekend"), [(2_000, 80), (500, 2_000)])
def test_users_spread_as_on_the_busier_days(weekday: int, weekend: int) -> None:
    """Requests of 800 users at random: users and requests per user spread as a kind of day does, not as a week."""
    random, lines, users, per_user = np.random.default_rng(5), ["time,user"], list[int](), list[float]()
    for day in range(21):
        requests = int(random.poisson(weekend if day % 7 > 4 else weekday))
        names = random.integers(800, size=requests).tolist()
        midnight = datetime.combine(FIRST + timedelta(day), time(), UTC)
        lines += [f"{midnight + timedelta(days=at / requests)},u{name}" for at, name in enumerate(names)]
        if (day % 7 > 4) == (weekend > weekday):
            users.append(len({*names}))
            per_user.append(requests / users[-1])
    fitted = fit(write("\n".join(lines), "requests.csv")).fitted

    for name, days in (("dau", users), ("videos_per_user_per_day", per_user)):
        ends = fitted[name].low, fitted[name].high
        assert ends == pytest.approx(np.quantile(days, [0.05, 0.95]) / np.mean(days) * fitted[name].value, rel=0.003)


@pytest.mark.wide
def test_days_that_vary_have_no_trend() -> None:
    """Of 20 logs whose days vary by 20% at random none grows, and all their days count alike."""
    random = np.random.default_rng(3)
    for _ in range(20):
        found = fit(log_of((100 * random.gamma(25, 1 / 25, len(DAYS))).tolist()))

        assert "growth_per_month" not in found.fitted
        assert found.fitted["dau"].value == pytest.approx(sum(day.users for day in found.whole) / len(found.whole))
        assert not any("per month" in note for note in fit_notes(found))


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_a_step_is_no_growth(factor: float) -> None:
    """Two weeks of 400 requests a day, weekends 0.6, and two of another level: users are the last weeks', and stay."""
    week = [1, 1, 1, 1, 1, 0.6, 0.6]
    drawn = np.random.default_rng(9).poisson([400 * each * level for level in (1, 1, factor, factor) for each in week])
    found = fit(log_of(drawn.tolist()))

    assert "growth_per_month" not in found.fitted
    assert found.fitted["dau"].value == pytest.approx(np.mean(drawn[14:]) / 2, rel=0.02)
    assert found.fitted["videos_per_user_per_day"].value == pytest.approx(2, rel=0.01)
    assert found.fitted["weekend_level"].value == pytest.approx(0.6, abs=0.05)
    assert found.fitted["day_variability"].value < 0.05
    assert [note for note in fit_notes(found) if "at once" in note and "since 2026-03-16" in note]


HOUR = np.arange(1_440) / 60
MORNING, EVENING = (0.15 + 1.6 * np.exp(-(((HOUR - peak) / width) ** 2)) for peak, width in ((11, 1.6), (21, 2)))


@pytest.mark.wide
@pytest.mark.parametrize(("weekend", "busy"), [(0.8, MORNING), (1.0, MORNING), (1.3, EVENING)])
def test_weekdays_and_weekends_have_a_curve_each(weekend: float, busy: Any) -> None:
    """Single requests, weekdays about 11 h and weekends about 21 h, fit to no bursts and the busier kind's peak.

    Of weekends of 0.8 the evening is the higher peak. Of as many requests the kind with the higher peak is the busier.
    """
    random, times = np.random.default_rng(2), list[Any]()
    for day in range(21):
        curve, level = (EVENING, weekend) if day % 7 > 4 else (MORNING, 1.0)
        minutes = random.choice(1_440, random.poisson(5_000 * level), p=curve / curve.sum())
        times.append(1_440 * day + minutes + random.random(len(minutes)))
    start = datetime.combine(FIRST, time(), UTC).timestamp()
    lines = [str(start + 60 * at) for at in (0, *np.concatenate(times).tolist(), 1_440 * 21 - 0.1)]
    found = fit(write("\n".join(["time", *lines]), "requests.csv"))
    peaks = [curve.max() / curve.mean() * level for curve, level in ((MORNING, 1.0), (EVENING, weekend))]

    assert ("weekend_level" in found.fitted) == (weekend != 1)
    assert found.weekend == pytest.approx(weekend, rel=0.03)
    assert found.fitted["arrival_variability"].value == pytest.approx(1, abs=0.1)
    assert found.fitted["peak_to_average"].value == pytest.approx(busy.max() / busy.mean(), rel=0.06)
    noted = [note for note in fit_notes(found) if note.startswith("day_curve is of the average weekday, but")]
    assert len(noted) == (weekend < 1 and peaks[1] > peaks[0])


@pytest.mark.parametrize(("monday", "before", "after"), [((2026, 10, 12), 2, 1), ((2026, 3, 16), 1, 2)])
def test_days_follow_clocks_that_change(monday: tuple[int, int, int], before: int, after: int) -> None:
    """Single requests of four weeks whose evening hour has 0.2 of the day, on clocks changed on the second Sunday."""
    random, lines = np.random.default_rng(6), ["time,user"]
    shares = np.full(24, 0.8 / 23)
    shares[20] = 0.2
    for day in range(28):
        for hour in random.choice(24, random.poisson(1_500), p=shares).tolist():
            zone = timezone(timedelta(hours=after if (day, hour) > (13, 2) else before))
            second = int(random.integers(3_600))
            at = datetime(*monday, hour, tzinfo=zone) + timedelta(day, second)
            lines.append(f"{at.isoformat()},u{second % 500}")
    for end, ahead in ((timedelta(0), before), (timedelta(28, -1), after)):
        lines.insert(1, f"{(datetime(*monday, tzinfo=timezone(timedelta(hours=ahead))) + end).isoformat()},first")
    found = fit(write("\n".join([lines[0], *random.permutation(lines[1:])]), "requests.csv"))

    assert (len(found.whole), found.partial_days) == (28, ())
    assert found.fitted["peak_to_average"].value == pytest.approx(24 * 0.2, rel=0.05)
    assert found.fitted["arrival_variability"].value == pytest.approx(1, abs=0.1)
    assert any("rows after a change of clocks by their own offset" in note for note in fit_notes(found))


def test_zones_of_an_hour_apart_are_no_change_of_clocks() -> None:
    """Two hosts an hour apart, with all requests between 20 h and 21 h of the first, have one busy hour a day."""
    midnights = [datetime(2026, 10, 12, tzinfo=timezone(timedelta(hours=2))) + timedelta(day) for day in range(3)]
    minutes = [midnight + timedelta(minutes=1_200 + at) for midnight in midnights for at in range(60)]
    minutes = [midnights[0], *minutes, midnights[-1] + timedelta(minutes=1_439)]
    hosts = [minutes, [at.astimezone(timezone(timedelta(hours=1))) for at in minutes]]
    found = fit(write("\n".join(["time", *(at.isoformat() for host in hosts for at in host)]), "requests.csv"))

    assert [day.hours[20] for day in found.whole] == [120, 120, 120]
    assert any("UTC+2 h, the first row's of several offsets" in note for note in fit_notes(found))
