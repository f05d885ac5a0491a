"""Bytes held against a store that is simulated day by day: what is written each day, and what has expired."""

import math
from collections import deque

import pytest

import t2v_capacity.formulas  # noqa: F401 - registers the figures
from shared import plan_of_text
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import evaluate

DAY = 86_400.0
FOREVER = ASSUMPTIONS["retention"].high
DEFAULTS = {name: float(a.read(a.default)) for name, a in ASSUMPTIONS.items()}  # type: ignore[arg-type]


def held(growth: float, age: float, retention: float, **more: float) -> dict[str, float]:
    """Return the figures of a service so many days old that keeps clips so many days.

    It writes 1 kB a day now.
    """
    known = {
        **DEFAULTS,
        "growth_per_month": growth,
        "service_age": age * DAY,
        "retention": retention * DAY,
        "storage_per_day": 1_000.0,
    }
    return evaluate(known | more, ("storage_held", "storage_on_disk", "storage_per_month", "months_held"))


def store(growth: float, age: int, retention: float, days_per_month: int = 30) -> float:
    """Live through the service's days: each writes what its month does, and what is too old goes.

    Months are counted back from now.
    """
    kept: deque[tuple[int, float]] = deque()
    for day in range(age):
        ago = age - day - 1
        kept.append((day, 1_000.0 * (1 + growth) ** -(ago // days_per_month)))
        while day - kept[0][0] >= retention:
            kept.popleft()
    return math.fsum(size for _day, size in kept)


@pytest.mark.wide
@pytest.mark.parametrize("growth", [0.0, 0.02, 0.15, 1.0, -0.1, -0.3])
@pytest.mark.parametrize("age", [1, 30, 45, 75, 360, 367, 1_000])
def test_held_is_what_a_day_by_day_store_holds(growth: float, age: int) -> None:
    """storage_held equals the store to 1e-12, for whole and fractional months, any retention, growth 0 and not."""
    for retention in (1, 7, 30, 75, 90, 365, FOREVER / DAY):
        assert held(growth, age, retention)["storage_held"] == pytest.approx(store(growth, age, retention), rel=1e-12)


@pytest.mark.parametrize("days_per_month", [28, 31])
def test_a_month_is_as_long_as_the_plan_says(days_per_month: int) -> None:
    """With months of 28 or 31 days storage_held equals the store with such months."""
    for age, retention in ((100, 45), (360, FOREVER / DAY), (days_per_month * 5, days_per_month * 2)):
        one = held(0.15, age, retention, days_per_month=float(days_per_month))
        assert one["storage_held"] == pytest.approx(store(0.15, age, retention, days_per_month), rel=1e-12)


def test_forever_is_as_long_as_the_service_is_old() -> None:
    """Retention `forever` holds everything that was ever written, to the largest age that a service may have."""
    assert ASSUMPTIONS["retention"].read("forever") == FOREVER
    assert ASSUMPTIONS["service_age"].high < FOREVER
    assert held(0, 360, FOREVER / DAY)["storage_held"] == 360_000
    assert held(0, 18_250, FOREVER / DAY)["storage_held"] == pytest.approx(18_250_000, rel=1e-12)


@pytest.mark.parametrize("factor", [1.0, 1.4, 3.3])
def test_an_index_has_no_renditions(factor: float) -> None:
    """A store of 30 days holds each clip in all renditions, and an index of a quarter of its top one."""
    known = {"rendition_factor": factor, "delivered_per_day": 1_000.0, "video_size": 4.0, "indexing": 0.25}
    clips, index = 30 * 1_000 * 4 * factor, 30 * 1_000
    figures = evaluate({**DEFAULTS, **known, "months_written": 1.0}, ("storage_held",))

    assert figures["storage_held"] == pytest.approx(clips + index, rel=1e-12)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("frame", "seconds", "megabytes"),
    [
        ("1280x720", 81 / 16, 1.74),  # Wan 2.2, x264 veryfast at CRF 23: tt-inference-server's pull request 4895
        ("832x480", 81 / 16, 1.333764),  # Wan 2.2, the export of diffusers: its issue 1084
        ("1792x1024", 121 / 24, 1.147531),  # LTX-2, the median of 13 files: TurboDiffusion's teacher_5.mp4
    ],
)
def test_a_generators_file_is_smaller_than_an_upload_should_be(frame: str, seconds: float, megabytes: float) -> None:
    """The usual bitrate is a target for uploads; what generators wrote has 0.2 to 1 of its bytes."""
    plan = plan_of_text(f"video: {{resolution: {frame}, duration: {seconds} s}}\n")

    assert 0.2 < megabytes * 1e6 / plan.known["video_size"] < 1
