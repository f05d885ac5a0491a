"""What is served: on any fleet, full or not, deliveries, money and energy are of the clips that it makes."""

import math
import random
from collections.abc import Iterator

import pytest

from laws import plans
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.verdict import below_limit
from t2v_capacity.scenario.load import load_scenario

# What a delivered clip costs, in money and in energy: none is cheaper on a full fleet that is smaller.
PER_CLIP = ("cost_per_video", "break_even_price", "gpu_cost_per_second", "energy_per_video", "carbon_per_video")
MODELS = ("wan2.2-ti2v-5b", "wan2.1-t2v-14b", "hunyuanvideo", "ltx-video-2b", "cogvideox-5b")
GPUS = ("h100-sxm", "a100-80gb-sxm", "l40s", "b200-hgx")


def _drawn(chance: random.Random) -> dict[str, float]:
    """Return the values of a plan drawn from what services do, with a limit of GPUs that may be far too small."""
    sets = [f"model={chance.choice(MODELS)}", f"gpu={chance.choice(GPUS)}", "memory_error=1e6"]
    values = load_scenario(None, sets).values()
    known = {
        "dau": math.exp(chance.uniform(math.log(20), math.log(1e8))),
        "gpu_limit": float(round(math.exp(chance.uniform(0, math.log(1e5))))),
        "gpus_per_replica": float(chance.choice((1, 1, 2, 4, 8, 12))),
        "gpus_per_server": float(chance.choice((1, 4, 8, 8, 72))),
        "regions": float(chance.choice((1, 1, 2, 3))),
        "peak_to_average": chance.uniform(1, 3),
        "deferrable_share": chance.choice((0.0, 0.0, chance.uniform(0, 0.9))),
        "growth_per_month": chance.choice((0.0, chance.uniform(-0.2, 0.4))),
        "retention": chance.uniform(1e6, 1e8),
        "reserved_fraction": chance.choice((1.0, 1.0, chance.uniform(0, 1))),
        "failed_share": chance.uniform(0, 0.2),
        "rejected_output_share": chance.uniform(0, 0.2),
        "paid_share": chance.uniform(0.01, 1),
        "price_per_video_second": chance.uniform(0.01, 0.5),
        "gpu_price": chance.uniform(0.5, 8),
        "spot_fraction": chance.choice((0.0, 0.0, chance.uniform(0, 1))),
        "spot_price": chance.uniform(0.3, 8),
        "interruptions_per_hour": chance.uniform(0, 0.2),
        "provision_time": chance.uniform(0, 7200),
    }
    return {**values, **known}


def _fleets(count: int, seed: int) -> Iterator[tuple[dict[str, float], dict[str, float]]]:
    """Yield the values and the figures of drawn plans whose limit holds a replica per region."""
    chance = random.Random(seed)
    while count:
        values = _drawn(chance)
        found = evaluate(values)
        if not below_limit(values | found):
            count -= 1
            yield values, found


def _check(values: dict[str, float], found: dict[str, float]) -> None:
    share = found["served_share"]
    assert 0 < share <= 1
    made = found["delivered_per_day"] / (1 - values["rejected_output_share"]) / (1 - values["failed_share"])
    assert made <= found["generation_capacity"] * 86_400 * (1 + 1e-9)
    assert found["average_utilization"] <= 1 + 1e-9
    assert found["energy_per_video"] >= found["active_energy_per_video"] * (1 - 1e-9)
    urgent = found["urgent_day_rate"] / found["busy_day_level"]
    assert share == 1 or urgent < found["generation_capacity"] or math.isnan(found["fluid_wait"])
    if share == 1:
        return
    # A fleet that is full and smaller, with no fewer GPUs per replica.
    fewer = {**values, "gpu_limit": float(max(1, round(values["gpu_limit"] / 2)))}
    smaller = evaluate(fewer)
    held = smaller["gpus"] / smaller["replicas"] >= found["gpus"] / found["replicas"] * (1 - 1e-9)
    if held and not below_limit(fewer | smaller):
        for name in PER_CLIP:
            assert smaller[name] >= found[name] * (1 - 1e-9), name


@pytest.mark.wide
@pytest.mark.parametrize(("count", "seed"), [(300, 1), pytest.param(2_000, 2, marks=pytest.mark.slow)])
def test_what_a_limit_leaves_undone_is_not_paid_for(count: int, seed: int) -> None:
    """On drawn plans nothing is delivered beyond capacity, and no GPU works more than always.

    No clip is cheaper on a smaller full fleet.
    """
    full = 0
    for values, found in _fleets(count, seed):
        _check(values, found)
        full += found["served_share"] < 1
    assert 0.2 < full / count < 0.8


def test_a_pinned_fleet_is_no_cheaper_than_a_limited_one() -> None:
    """A fleet that is pinned below the day's demand delivers as much as one that is limited to it."""
    sets = ["model=wan2.2-ti2v-5b", "dau=1M"]
    limited, pinned = (
        load_scenario(None, [*sets, *more], pins).values() for more, pins in ((["gpu_limit=64"], []), ([], ["gpus=64"]))
    )

    for name in ("delivered_per_day", "cost_per_video", "energy_per_video", "storage_held"):
        assert evaluate(pinned)[name] == pytest.approx(evaluate(limited)[name], rel=1e-12)


def test_nothing_is_different_where_nothing_is_limited() -> None:
    """Where the fleet serves the day, every figure is what the same formulas give with all demand served."""
    for plan in plans():
        if plan["served_share"] == 1:
            values = {name: plan[name] for name in ASSUMPTIONS}
            without = evaluate({**values, "served_share": 1.0, "full_months": 0.0})
            assert all(
                one == plan[name] or (math.isnan(one) and math.isnan(plan[name])) for name, one in without.items()
            )


@pytest.mark.parametrize(("growth", "months"), [(0.1, 12.0), (0.25, 5.5), (0.0, 3.0), (-0.1, 4.5), (0.4, 30.0)])
@pytest.mark.parametrize("share", [1.0, 0.9, 0.3, 1e-6])
def test_what_is_held_was_written_month_by_month(growth: float, months: float, share: float) -> None:
    """Bytes held are the sum over past months of what was asked for or what the fleet could make, whichever is less."""
    values = {
        **load_scenario(None, ["model=wan2.2-ti2v-5b", f"growth_per_month={growth}"]).values(),
        "retention": months * 30 * 86_400,
        "service_age": 1e9,
        "served_share": share,
    }
    found = evaluate(values, ("storage_held", "storage_per_month", "months_held"))
    demand = found["storage_per_month"] / share
    past = [demand / (1 + growth) ** month for month in range(math.ceil(found["months_held"]))]
    written = [min(one, demand * share) if growth > 0 or share < 1 else one for one in past]
    written[-1] *= found["months_held"] - (len(written) - 1)

    assert found["storage_held"] == pytest.approx(sum(written), rel=1e-9)
