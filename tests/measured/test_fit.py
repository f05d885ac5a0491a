"""A trace of requests gives back the service that it was made from, and what can't be read in it is said."""

import gzip
import io
import json
import re
import sqlite3
import sys
import tracemalloc
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from shared import Program, plan_of, refusal, some, write
from t2v_capacity.errors import Mistakes
from t2v_capacity.measured.logs import trace
from t2v_capacity.measured.logs.fit import fit
from t2v_capacity.measured.logs.fit_answer import fit_notes, overlay
from t2v_capacity.scenario.load import load_scenario
from texts import Recorded
from traces import Service

pytestmark = pytest.mark.usefixtures("folder")
HEADER = "time,user\n"


def daily(days: int, first: str = "2026-11-0") -> str:
    """Return requests by one user at the beginning, the middle and the end of some days."""
    return HEADER + "".join(
        f"{first}{day}T{at}Z,ana\n" for day in range(1, days + 1) for at in ("00:00:00", "12:00:00", "23:59:00")
    )


@pytest.mark.parametrize("clips", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_a_trace_gives_its_service_back(clips: int) -> None:
    """The users, requests, peak, clusters, durations and shares of a trace come out within a few percent."""
    service = Service(days=4, clips=clips, clicks=6 / clips, dau=1000, blocked=0.05, failed=0.04)
    found = fit(service.write("requests.csv")).fitted
    value = {name: one.value for name, one in found.items()}

    assert value["dau"] == pytest.approx(1000, rel=0.1)  # four days that spread by a tenth
    assert value["videos_per_user_per_day"] == pytest.approx(6 * (1 - 0.04), rel=0.03)
    assert value["peak_to_average"] == pytest.approx(busiest_hour("requests.csv"), rel=0.04)
    assert value["arrival_variability"] == pytest.approx(clips, rel=0.1)
    assert value["service_variability"] == pytest.approx(0.5, rel=0.06)
    assert value["failed_share"] == pytest.approx(0.04 / 0.95, rel=0.1)
    assert value["rejected_prompt_share"] == pytest.approx(0.05 / 0.96, rel=0.1)
    assert "rejected_output_share" not in value  # no clip of the log was rejected
    for one in found.values():
        assert one.low is None or one.high is None or one.low < one.value < one.high
    assert found["dau"].low is not None


def busiest_hour(file: str) -> float:
    """Return the busiest hour of a trace over its mean hour, of requests that did not fail; it was drawn from 1.5."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()[1:]
    hours = Counter(line[11:13] for line in lines if ",failed," not in line)
    return max(hours.values()) * len(hours) / hours.total()


def test_a_plan_of_a_trace_makes_what_the_trace_made(t2v_cap: Program) -> None:
    """A scenario that extends what is written asks for the trace's runs and delivers its clips."""
    trace = Service(days=3, dau=200, spread=0.2).write("requests.csv")
    t2v_cap("fit", trace, "--output", "traffic.yaml")
    write("extends: traffic.yaml\nmodel: wan2.1\n", "plan.yaml")
    plan = plan_of("plan.yaml")
    log = Path(trace).read_text(encoding="utf-8")

    assert "day-unlike-cosine" in [warning.code for warning in plan.warnings]
    assert plan.figures["generations_per_day"] == pytest.approx(
        (log.count(",succeeded,") + log.count(",failed,")) / 3, rel=1e-4
    )
    assert plan.figures["delivered_per_day"] == pytest.approx(log.count(",succeeded,") / 3, rel=1e-4)


HUMPS = (
    0.3 + np.exp(-(((np.arange(1440) / 60 - 11) / 2.5) ** 2)) + 1.4 * np.exp(-(((np.arange(1440) / 60 - 20) / 2) ** 2))
)


def drawn(days: int, requests: int, *, curve: Any = HUMPS, between: float = 0, burst: int = 1, seed: int = 1) -> str:
    """Write a log drawn from a curve of a day's minutes, a factor for each day, and bursts of ten minutes."""
    rng = np.random.default_rng(seed)
    times = [0.0, 86_400 * days - 1]
    for day in range(days):
        level = rng.gamma(1 / between**2, between**2) if between else 1
        starts = rng.choice(len(curve), rng.poisson(requests * level / burst), p=curve / curve.sum())
        within = rng.random((len(starts), burst)) * (10 if burst > 1 else 1)
        times += (86_400 * day + 60 * (starts[:, None] + within)).ravel().tolist()
    return write(
        "time\n" + "".join(f"{1_793_491_200 + int(time)}\n" for time in times if time < 86_400 * days), "requests.csv"
    )


@pytest.mark.wide
def test_the_truth_behind_a_log() -> None:
    """The peak of the curve, spread of days and bursts behind a log come out, and its file makes the same plan."""
    found = fit(drawn(60, 4000, between=0.15, burst=10))
    value = {name: one.value for name, one in found.fitted.items()}

    assert value["peak_to_average"] == pytest.approx(np.max(HUMPS) / np.mean(HUMPS), rel=0.05)
    assert value["day_variability"] == pytest.approx(0.15, abs=0.05)
    assert value["arrival_variability"] == pytest.approx(10, rel=0.2)
    assert len(found.day_curve) == 48
    assert 60 <= found.window_seconds <= 3600
    plan = load_scenario(write(overlay(found), "traffic.yaml"), ["gpus_per_replica=1"])
    assert plan.day_curve == pytest.approx([rate * 48 / sum(found.day_curve) for rate in found.day_curve])
    assert plan.values()["time_zones"] == 0
    for name in ("peak_to_average", "day_variability", "arrival_variability"):
        assert plan.values()[name] == pytest.approx(value[name], rel=1e-5)
    assert all(len(digits.lstrip("0.").replace(".", "")) <= 3 for digits in map(str, found.day_curve))


@pytest.mark.parametrize("days", some([3, 14], 2))
@pytest.mark.parametrize("seed", some([1, 2, 3], 3))
@pytest.mark.parametrize("curve", [HUMPS, np.ones(1440)], ids=["humps", "level"])
def test_independent_requests_have_no_bursts(days: int, seed: int, curve: Any) -> None:
    """A log of independent requests, its days alike, fits to 1 and to no spread of days; a level day has a low peak."""
    found = fit(drawn(days, 3000, curve=curve, seed=seed))

    assert 0.9 < found.fitted["arrival_variability"].value < 1.15
    assert found.fitted["day_variability"].value < 0.03
    assert found.fitted["peak_to_average"].value == pytest.approx(curve.max() / curve.mean(), rel=0.15)


@pytest.mark.parametrize(
    ("days", "requests", "bins"),
    some(
        [
            (1, 400, 0),
            (2, 20_000, 96),
            (2, 30_000, 144),
            (2, 620, 24),
            (3, 40_000, 288),
            (2, 4700, 24),
            (2, 10_000, 48),
        ],
        3,
    ),
)
def test_a_curve_has_as_many_rates_as_requests_show(days: int, requests: int, bins: int) -> None:
    """A rate rests on 400 requests at least, an hour's on 50.

    With fewer there is no curve, and the peak is that of an hour.
    """
    text = overlay(found := fit(drawn(days, requests, curve=np.ones(1440))))

    assert len(found.day_curve) == bins
    assert ("day_curve:" in text, "peak_to_average:" in text) == (bins > 0, not bins)
    assert ("day_variability:" in text, "; a range and day_variability need 3" in text) == (days > 2, days < 3)


@pytest.mark.slow
def test_requests_of_one_minute_of_the_day_have_a_curve_that_loads() -> None:
    """A peak beyond the bound of peak_to_average has a coarser curve."""
    found = fit(drawn(3, 60_000, curve=np.eye(1440)[720] + 1e-9))

    assert found.fitted["peak_to_average"].value == pytest.approx(96, rel=0.01)
    assert load_scenario(write(overlay(found), "traffic.yaml")).day_curve


def test_a_hole_is_no_whole_day() -> None:
    """A day of a few requests among days of many is no whole day."""
    rows = [f"2026-11-0{day}T{minute // 60:02}:{minute % 60:02}:00Z\n" for day in range(1, 5) for minute in range(1440)]
    found = fit(write("time\n" + "".join(rows[:8] + rows[1440:]), "requests.csv"))

    assert (found.partial_days, len(found.whole)) == (("2026-11-01",), 3)


@pytest.mark.parametrize(("quotes", "last"), [((7,), 5002), ((7, 900), 903), ((7, 20), 0)])
def test_a_stray_quote_takes_few_lines(quotes: tuple[int, ...], last: int) -> None:
    """A quote that is never closed takes the lines up to the next one, and is refused where these are many.

    Quoted lines are one row.
    """
    rows = [f"{1_793_491_200 + 60 * n},user {n % 40},well\n" for n in range(5000)]
    for line in quotes:
        rows[line] = rows[line].replace(",user", ',"user')
    rows[5] = '1793491500,ana,"two\nlines"\n'
    log = write("time,user,prompt\n" + "".join(rows), "requests.csv")
    if last:
        with pytest.raises(Mistakes, match=rf"the lines from here to {last} are one row") as refused:
            fit(log)
        assert refused.value.mistakes[0].line == 10
        return
    found = fit(log).trace
    assert (found.requests, [line for line, _reason in found.unread.first]) == (4986, [10])


def test_every_way_to_write_a_trace_is_read_alike(monkeypatch: pytest.MonkeyPatch, recorded: Recorded) -> None:
    """Epochs, milliseconds, zones, other names, a byte order mark, compression and standard input change nothing."""
    rows = [
        ("1793491200", "2026-11-01 00:00:00"),
        ("1793530800.5", "2026-11-01 11:00:00.5"),
        ("1793577540", "2026-11-01 23:59:00"),
    ]
    epochs = "\ufefftime,user\n" + "".join(f"{epoch},ana\n" for epoch, _text in rows)
    write(epochs, "epochs.csv")
    write("user,time\r\n" + "".join(f"ana,{float(epoch) * 1000:.0f}\r\n" for epoch, _text in rows), "ms.csv")
    write("When,user\n" + "".join(f"{text}+00:00,ana\n" for _epoch, text in rows) + "\n", "zoned.csv")
    write("Created At,User ID\n" + "".join(f"{text} UTC,ana\n" for _epoch, text in rows), "utc.csv")
    write("timestamp,uid\n" + "".join(f"{text},ana\n" for _epoch, text in rows), "naive.csv")
    Path("packed.csv.gz").write_bytes(gzip.compress(epochs.encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(epochs.encode())))
    expected = fit("epochs.csv").whole

    assert (expected[0].requests, expected[0].users) == (3, 1)
    for name in ("ms.csv", "utc.csv", "naive.csv", "packed.csv.gz", "-"):
        assert fit(name).whole == expected, name
    assert fit("zoned.csv", {"time": "When"}).whole == expected
    recorded([*fit_notes(fit("naive.csv"))])


def test_days_are_those_of_the_first_zone(recorded: Recorded) -> None:
    """A trace that says its zone has that zone's days."""
    write(
        "time,user\n2026-11-01T00:00:00+09:00,a\n2026-11-01T12:00:00+09:00,b\n2026-11-01T23:59:00+09:00,a\n",
        "tokyo.csv",
    )
    found = fit("tokyo.csv")

    assert [(day.date, day.users) for day in found.whole] == [("2026-11-01", 2)]
    recorded([*fit_notes(found)])


def test_what_cannot_be_read_is_counted_and_named(recorded: Recorded) -> None:
    """Broken rows are left out with their lines, and a broken duration leaves its request in.

    An unknown word is in no share.
    """
    broken = "time,user,status,duration\n2026-11-01T00:00:00Z,a,done,5\nyesterday,b,done,5\n2026-11-01,b,done,5\n"
    broken += "2026-11-01T09:00:00Z,c,done\n2026-11-01T10:00:00Z,c,odd,soon\n"
    broken += '"1\n2",e,done,5\n12,e,done,5\n2026-11-01T23:59:30Z,,failed,350 ms\n'
    write(broken, "requests.csv")
    found = fit("requests.csv")
    said = [*fit_notes(found)]

    assert found.trace.requests == 3
    assert [line for line, _reason in found.trace.unread.first] == [3, 4, 5, 7, 9]
    recorded(said)
    recorded(overlay(found))
    assert fit("requests.csv", statuses={"odd": "failed"}).fitted["failed_share"].value == pytest.approx(
        2 / 3, rel=1e-5
    )


def test_a_part_of_a_day_is_left_out_and_said(recorded: Recorded) -> None:
    """Days at the ends that the trace holds in part count in nothing by the day; a day without a request is named."""
    text = (
        daily(4).replace(HEADER, f"{HEADER}2026-10-31T20:00:00Z,x\n2026-10-31T20:00:01Z,y\n")
        + "2026-11-06T09:00:00Z,z\n"
    )
    write(text, "requests.csv")
    found = fit("requests.csv")

    assert found.partial_days == ("2026-10-31", "2026-11-06")
    assert found.silent_days == 1
    assert found.fitted["dau"].value == 1
    recorded([*fit_notes(found)])
    rows = "".join(f"2026-10-31T{hour}:{minute:02d}:00Z,x\n" for hour in (20, 21, 22) for minute in range(60))
    write(HEADER + rows, "short.csv")
    assert "dau" not in fit("short.csv").fitted
    recorded([*fit_notes(fit("short.csv"))])


def test_order_makes_no_difference() -> None:
    """Rows of three hosts one after the other, backwards or shuffled make the same days."""
    header, *rows = Path(Service(days=5, dau=300).write("requests.csv")).read_text(encoding="utf-8").splitlines()
    expected = fit("requests.csv")
    for order in ([row for host in range(3) for row in rows[host::3]], rows[::-1], Random(1).sample(rows, len(rows))):
        found = fit(write("\n".join([header, *order, ""]), "late.csv"))

        assert {key: one.value for key, one in found.fitted.items()} == pytest.approx(
            {k: o.value for k, o in expected.fitted.items()}
        )
        assert [day._replace(seconds={}) for day in found.whole] == [day._replace(seconds={}) for day in expected.whole]
        assert (found.partial_days, found.day_curve, found.window_seconds) == (
            expected.partial_days,
            expected.day_curve,
            expected.window_seconds,
        )


def test_a_table_without_room_is_refused(monkeypatch: pytest.MonkeyPatch, recorded: Recorded) -> None:
    """Where the rows of a trace find no room, the mistake names the folder and what to set."""
    write(daily(1), "requests.csv")
    monkeypatch.setattr(trace, "gettempdir", lambda: "/tmp")  # noqa: S108 - a name, not a file
    full = Mock()
    full.execute.side_effect = sqlite3.OperationalError("database or disk is full")
    monkeypatch.setattr(sqlite3, "connect", lambda *_given, **_named: full)
    recorded(refusal(fit, "requests.csv"))


def test_lines_of_json_are_rows(recorded: Recorded) -> None:
    """A line of JSON is a row: nested keys are joined by dots, what is missing is empty, and gzip changes nothing."""
    _header, *rows = Path(Service(days=3, dau=200).write("requests.csv")).read_text(encoding="utf-8").splitlines()
    lines = []
    for row in rows:
        when, user, status, took = row.split(",")
        metrics = {"predict_time": float(took)} if took else {}
        lines.append(
            json.dumps({"created_at": when, "user_id": user, "status": status, "metrics": metrics, "tags": [1]})
        )
    text = "\n".join([*lines[:50], "", *lines[50:], ""])
    write(text, "requests.jsonl")
    Path("requests.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    expected = fit("requests.csv")

    for name in ("requests.jsonl", "requests.jsonl.gz"):
        found = fit(name)
        assert found.trace.columns == {
            "time": "created_at",
            "user": "user_id",
            "status": "status",
            "duration": "metrics.predict_time",
        }
        assert found.whole == expected.whole
        assert {name: one.value for name, one in found.fitted.items()} == {
            name: one.value for name, one in expected.fitted.items()
        }
    broken = [*lines[:20], lines[20][:-1], "7", *lines[20:]]
    found = fit(write("\n".join(broken), "broken.jsonl"))
    assert [line for line, _reason in found.trace.unread.first] == [21, 22]
    assert found.trace.requests == len(rows)
    recorded([reason for _line, reason in found.trace.unread.first])


@pytest.mark.parametrize(
    "header",
    [
        "time_iso8601,email,http_status,gpu_time_ms",
        "@timestamp,username,response_code,inference_seconds",
        "Received,End User,Result,Elapsed (s)",
    ],
)
def test_usual_columns_are_found(header: str) -> None:
    """Columns are found by the names that logs of gateways and workers have, however they are spelled."""
    rows = "".join(f"2026-11-01T{hour:02}:59:00Z,u{hour},200,5\n" for hour in range(24))
    found = fit(write(f"{header}\n2026-11-01T00:00:00Z,a,200,5\n{rows}", "requests.csv"))

    assert found.trace.columns == dict(zip(("time", "user", "status", "duration"), header.split(","), strict=True))


@pytest.mark.parametrize(
    "time", some(["          nan", "inf", "1e300", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"], 3)
)
def test_a_time_that_no_service_has(time: str) -> None:
    """A time that is no number or beyond the calendar is a row that can't be read, even after rows all alike."""
    rows = "".join(f"{1_793_491_200 + 4 * n},u{n % 50}\n" for n in range(20_000))
    found = fit(write(f"{HEADER}{rows}1793581200,u1\n{time},u1\n1793581201,u1\n", "requests.csv"))
    assert (found.trace.unread.count, found.trace.requests) == (1, 20_002)


@pytest.mark.parametrize("duration", ["1e200", "1e-320", "1e9", "1e-12", "nan", "-5"])
def test_a_duration_that_no_clip_has(duration: str) -> None:
    """A duration beyond all clips is counted as one that can't be read, and no spread of durations comes of it."""
    times = (
        f"2026-11-{day:02}T{hour:02}:{minute}:00Z"
        for day in range(1, 6)
        for hour in range(24)
        for minute in ("00", "30")
    )
    found = fit(write("time,user,duration\n" + "".join(f"{time},ana,{duration}\n" for time in times), "requests.csv"))
    assert found.trace.unread_durations.count == 240
    assert "service_variability" not in found.fitted


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("line", [b"a", b"a,", b'"'])
def test_an_endless_line_is_refused(line: bytes, packed: bool) -> None:  # noqa: FBT001 - a table's column
    """A line without an end is refused at its number before it fills the memory, compressed or not."""
    data = b"time,user\n2026-11-01T01:30:00Z,a\n" + line * 8_000_000
    Path("requests.csv").write_bytes(gzip.compress(data) if packed else data)
    tracemalloc.start()
    try:
        with pytest.raises(Mistakes, match="this line is longer than 1 MB") as refused:
            fit("requests.csv")
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()
    assert [mistake.line for mistake in refused.value.mistakes] == [3]


@pytest.mark.parametrize("later", [6, 1_200])
def test_clicks_whose_runs_fail_are_as_bursty_as_one_end_of_the_note(later: int) -> None:
    """Clicks of 4 clips, of which 15% fail and run again at once, or 20 minutes later, are bursts of 4."""
    chance, lines = np.random.default_rng(5), ["time,user,status"]
    for asked in np.sort(chance.uniform(0, 4 * 86_400, 8_000)).tolist():
        for _clip in range(4):
            at = asked + 1.8e9
            while chance.random() < 0.15:
                lines.append(f"{at:.0f},ana,failed")
                at += later
            lines.append(f"{at:.0f},ana,done")
    found = fit(write("\n".join(lines), "clicks.csv"))
    (note,) = [note for note in fit_notes(found) if note.startswith("arrival_variability is")]
    at_once, if_later = re.findall(r"\d\.\d|\d", note)

    assert float(at_once if later < 60 else if_later) == pytest.approx(4, rel=0.08)


@pytest.mark.parametrize("failing", [0.2, 0.5])
def test_reruns_are_no_bursts_and_kinds_that_fail_more_are_named(failing: float) -> None:
    """Runs of independent users that fail and come again at once fit to 1; a kind that fails more is named.

    Each failed run is a row of 6 s, and its rerun the next one: a fifth of the short clips' runs fail.
    """
    chance, lines = np.random.default_rng(7), ["time,user,kind,status,gpu_seconds"]
    for asked in np.sort(chance.uniform(0, 4 * 86_400, 16_000)).tolist():
        kind, seconds, share = ("hd", 600, failing) if chance.random() < 0.1 else ("sd", 60, 0.2)
        user, at = chance.integers(2_000), asked + 1.8e9
        while chance.random() < share:
            lines.append(f"{at:.2f},{user},{kind},failed,6")
            at += 6
        lines.append(f"{at:.2f},{user},{kind},done,{seconds}")
    Path("reruns.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    fitted = fit("reruns.csv")

    assert 0.9 < fitted.fitted["arrival_variability"].value < 1.1
    shares = {kind["name"]: kind["failed_share"] for kind in fitted.mix}
    assert shares == pytest.approx({"sd": 0.2, "hd": failing}, abs=0.02)
    notes = [note for note in fit_notes(fitted) if note.startswith("failed runs differ by kind: sd ")]
    assert len(notes) == (failing > 0.2)
