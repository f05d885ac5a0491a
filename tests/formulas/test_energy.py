"""Energy of the work against runs whose GPUs were metered, and identities of power and carbon."""

from statistics import median
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import t2v_capacity.formulas  # noqa: F401 - registers the figures
from places import AUTHORITIES
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.scenario.load import load_scenario

MEASURED: dict[str, Any] = yaml.safe_load((AUTHORITIES / "energy_measurements.yaml").read_text(encoding="utf-8"))
ROWS: list[dict[str, Any]] = MEASURED["rows"]
GPUS = {"H100": "h100-sxm", "B200": "b200-hgx"}
WATT_HOUR = 3_600
DEFAULTS = {name: float(a.read(a.default)) for name, a in ASSUMPTIONS.items()}  # type: ignore[arg-type]


def error(row: dict[str, Any]) -> float:
    """Return the relative error of a run's energy, given its GPU-seconds.

    Only its GPUs were metered: no host, no building.
    """
    power = Catalogue().find("gpus", GPUS[row["gpu"]]).facts["gpu_power"].text
    known = {
        **DEFAULTS,
        "gpu_power": float(ASSUMPTIONS["gpu_power"].read(power)),  # type: ignore[arg-type]
        "host_power_factor": 1.0,
        "pue": 1.0,
        "gpu_seconds_per_video": float(row["b1_latency_s"] * row["n_gpus"]),
    }
    return float(evaluate(known)["active_energy_per_video"] / WATT_HOUR / row["b1_wh"]) - 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['gpu']} x {row['n_gpus']}")
def test_energy_of_the_work_is_what_was_measured(row: dict[str, Any]) -> None:
    """Given its GPU-seconds, a run's energy is within 10 % of what its meters read."""
    assert abs(error(row)) < 0.1, f"{error(row):+.1%}"


def test_energy_of_the_work_leans_to_neither_side() -> None:
    """Over all measured runs the median error is under 2 %, and half of the errors are under 5 %."""
    errors = [error(row) for row in ROWS]

    assert len(errors) == 8
    assert abs(median(errors)) < 0.02, errors
    assert median(map(abs, errors)) < 0.05, errors


def test_measured_rows_agree_with_themselves() -> None:
    """The measured energy of a run is its GPUs' average power over its time, to 2 %: the copy has no slip."""
    for row in ROWS:
        assert row["w_per_gpu"] * row["n_gpus"] * row["b1_latency_s"] / WATT_HOUR == pytest.approx(
            row["b1_wh"], rel=0.02
        )


@pytest.mark.parametrize(
    ("clip", "seconds", "watt_hours"),
    [
        ("model=wan2.1-t2v-14b resolution=1280x720 duration=5.0625s steps=50", 1874.8, 359.7),
        ("model=wan2.1-t2v-1.3b resolution=1280x720 duration=5.0625s steps=50", 410.0, 78.8),
        ("model=mochi-1-preview resolution=848x480 duration=2.8s steps=64 offload=all", 263.2, 44.7),
        ("model=cogvideox-5b resolution=720x480 duration=6.125s fps=8 offload=all vae_tiling=tiled", 124.3, 21.6),
        ("model=cogvideox-2b resolution=720x480 duration=6.125s fps=8 offload=all vae_tiling=tiled", 50.6, 8.3),
    ],
)
def test_predicted_clips_take_the_energy_that_meters_read(clip: str, seconds: float, watt_hours: float) -> None:
    """The GPU's part of five models in "Video Killed the Energy Budget", arXiv:2509.19222, one H100 of August 2025."""
    alone = ("gpu=h100-sxm", "attention_kernel=fa2", "host_power_factor=1", "pue=1")
    plan = estimate(load_scenario(None, (*clip.split(), *alone))).known

    assert plan["gpu_seconds_per_video"] == pytest.approx(seconds, rel=0.1)
    assert plan["active_energy_per_video"] / WATT_HOUR == pytest.approx(watt_hours, rel=0.1)


def test_a_replica_of_streams_idles_between_chunks() -> None:
    """By hand: at 24 frames per second a GPU makes a stream of 16 for two thirds of the time that it plays.

    50,000 sessions of 10 min a day play 347.2 at a time, 694.4 at the peak, each on a GPU of 700 W at 93%, or 120 W
    idle, with its host's part (1.45) and the building's (1.15).
    """
    plan = estimate(load_scenario("scenarios/stream.yaml", pins=["generated_fps=24"])).known
    played, host = 50_000 * 600 / 86_400, 1.45 * 1.15
    idle, more = 120 * host, (700 * 0.93 - 120) * host

    assert plan["sessions_per_replica"] == 1
    assert plan["fleet_power"] == pytest.approx(816 * idle + played * 16 / 24 * more, rel=1e-6)
    assert plan["peak_fleet_power"] == pytest.approx(816 * idle + 2 * played * 16 / 24 * more, rel=1e-6)
    assert plan["energy_per_video"] == pytest.approx(plan["fleet_power"] * 86_400 / 50_000)


FLEETS = st.fixed_dictionaries(
    {
        "dau": st.floats(1e3, 1e8),
        "peak_to_average": st.floats(1, 3),
        "reserved_fraction": st.floats(0, 1),
        "failed_share": st.floats(0, 0.3),
        "rejected_output_share": st.floats(0, 0.3),
    }
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(changes=FLEETS)
def test_energy_adds_up(changes: dict[str, float]) -> None:
    """A month's energy is its delivered videos' energy, no less than their work's.

    Carbon follows it. Power stays below the most.
    """
    known = {**DEFAULTS, **changes}
    plan = evaluate(known)
    month = plan["delivered_per_day"] * known["days_per_month"]

    assert plan["energy_per_month"] == pytest.approx(plan["energy_per_video"] * month, rel=1e-9)
    assert plan["carbon_per_month"] == pytest.approx(plan["carbon_per_video"] * month, rel=1e-9)
    assert plan["carbon_per_video"] == pytest.approx(plan["energy_per_video"] * known["carbon_intensity"], rel=1e-12)
    assert plan["fleet_power"] <= plan["gpus"] * plan["working_power"] * (1 + 1e-9)
    assert plan["fleet_power"] <= plan["peak_fleet_power"] * (1 + 1e-9) <= plan["nameplate_power"]
    if plan["busy_gpus"] <= plan["gpus_held"]:
        work = plan["active_energy_per_video"] * plan["generations_per_day"] / plan["delivered_per_day"]
        assert plan["energy_per_video"] >= work * (1 - 1e-9)


def test_a_month_follows_a_metered_clip() -> None:
    """400,000 clips a day of 100 Wh each are 1,200 MWh in a month of 30 days."""
    metered = {"energy_per_video": 100 * 3_600.0, "delivered_per_day": 400_000.0}
    month = evaluate({**DEFAULTS, **metered}, ("energy_per_month",))

    assert month["energy_per_month"] == 1_200 * 3.6e9
