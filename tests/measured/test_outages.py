"""Logs of clicks whose requests were refused or failed, and came again: fit gives back the clicks."""

from collections.abc import Iterable
from pathlib import Path
from random import Random

import numpy as np
import pytest

from shared import write
from t2v_capacity.errors import Mistakes
from t2v_capacity.measured.logs.fit import fit
from t2v_capacity.measured.logs.fit_answer import fit_notes, fitted_note

pytestmark = pytest.mark.usefixtures("folder")
START = 1_793_577_600  # a Monday
DAY, HOUR = 86_400, 3_600
Row = tuple[float, int, int]


def clicks(days: int, a_day: int, weekend: float = 1.0) -> list[tuple[float, int]]:
    """Return when clicks come, in seconds, and whose they are: most of them about 20 h, as many of 1,500 users."""
    random = np.random.default_rng(8)
    curve = 1 + 0.8 * np.cos(2 * np.pi * (np.arange(1_440) / 1_440 - 20 / 24))
    drawn = list[tuple[float, int]]()
    for day in range(days):
        count = int(random.poisson(a_day * (weekend if day % 7 > 4 else 1)))
        minutes = random.choice(1_440, count, p=curve / curve.sum()) + random.random(count)
        drawn += zip((DAY * day + 60 * minutes).tolist(), random.integers(1_500, size=count).tolist(), strict=True)
    return sorted([(0.0, 0), *drawn, (DAY * days - 1.0, 0)])


def log_of(rows: Iterable[Row], name: str) -> str:
    """Write a log of requests in the order of their times."""
    lines = (f"{START + at:.3f},u{user},{status}" for at, user, status in sorted(rows))
    return write("\n".join(["time,user,status", *lines]), name)


def test_a_refused_request_that_is_sent_again_is_no_other_one() -> None:
    """From 17 h to 23 h half of the tries are refused, and sent again after 10 s, five times at most.

    Without users all of them count, and the answer says so. Of a click that gives up the last is demand, refused.
    """
    random, rows, given_up = Random(3), list[Row](), 0
    for at, user in (drawn := clicks(3, 3_000)):
        tries = next((number for number in range(6) if not 17 <= at % DAY / HOUR < 23 or random.random() < 0.5), 6)
        rows += [(at + 10 * number, user, 429) for number in range(tries)]
        if tries < 6:
            rows.append((at + 10 * tries, user, 200))
        given_up += tries == 6
    truth = fit(log_of([(at, user, 200) for at, user in drawn], "clicks.csv")).fitted
    found = fit(file := log_of(rows, "tries.csv"))

    assert len(rows) > 1.25 * len(drawn)
    assert found.trace.requests == len(rows)
    assert found.refused_share * len(drawn) == pytest.approx(given_up, rel=0.05)
    assert found.fitted["arrival_variability"].value == pytest.approx(1, abs=0.15)
    for name in ("dau", "videos_per_user_per_day", "peak_to_average"):
        assert found.fitted[name].value == pytest.approx(truth[name].value, rel=0.05), name
    assert any(f"but for {found.trace.repeats} more that a user" in note for note in fit_notes(found))

    unknown = fit(write(Path(file).read_text(encoding="utf-8").replace("user", "other", 1), "without.csv"))
    assert not any("but for" in note for note in fit_notes(unknown))
    assert unknown.refused_share == pytest.approx(1 - len(drawn) / len(rows), abs=0.01)


@pytest.mark.wide
@pytest.mark.parametrize("status", [503, 500])
def test_an_outage_of_one_day_is_no_traffic(status: int) -> None:
    """From 17 h to 21 h of one of 21 days each click fails nine times: the days, their peak and weekends stay."""
    down, rows = range(9 * DAY + 17 * HOUR, 9 * DAY + 21 * HOUR), list[Row]()
    for at, user in (drawn := clicks(21, 1_500, 0.7)):
        out = int(at) in down
        rows += [(at + 15 * number, user, status if out else 200) for number in range(9 if out else 1)]
    truth = fit(log_of([(at, user, 200) for at, user in drawn], "clicks.csv")).fitted
    found = fit(log_of(rows, "outage.csv"))

    assert found.fitted["peak_to_average"].value == pytest.approx(truth["peak_to_average"].value, rel=0.05)
    assert found.fitted["videos_per_user_per_day"].value == pytest.approx(
        truth["videos_per_user_per_day"].value, rel=0.05
    )
    assert found.fitted["weekend_level"].value == pytest.approx(0.7, abs=0.03)
    assert found.fitted["day_variability"].value < 0.1
    if status == 503:  # refused before any run
        assert "failed_share" not in found.fitted
        return
    share = found.fitted["failed_share"]
    assert share.value == 0
    assert share.measured == pytest.approx(sum(row[2] == 500 for row in rows) / len(rows))
    assert "most of it on few days" in fitted_note(found, share)


def test_a_log_of_failures_alone_shows_no_traffic() -> None:
    """Where no run was served, there is nothing to plan from, and the answer says so."""
    file = log_of([(HOUR * at, at, 500) for at in range(72)], "down.csv")

    with pytest.raises(Mistakes, match="or all of them failed"):
        fit(file)
