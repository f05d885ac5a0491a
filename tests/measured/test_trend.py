"""A log whose growth is written by hand, day by day, gives it back; one that only varies has none."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

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


def test_days_that_vary_have_no_trend() -> None:
    """Of 20 logs whose days vary by 20% at random none grows, and all their days count alike."""
    random = np.random.default_rng(3)
    for _ in range(20):
        found = fit(log_of((100 * random.gamma(25, 1 / 25, len(DAYS))).tolist()))

        assert "growth_per_month" not in found.fitted
        assert found.fitted["dau"].value == pytest.approx(sum(day.users for day in found.whole) / len(found.whole))
        assert not any("per month" in note for note in fit_notes(found))
