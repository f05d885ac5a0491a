"""No correction without an effect: a figure of detail moves a headline that follows from it.

It moves one by a tenth of the model's own error. Each of waiting, fleet and generation is neutralized in turn, over the
shipped scenarios and over plans that each set one assumption. What a user asks for by an assumption (a lost region, a
spare) is found by the plan that sets it.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random

from places import SHIPPED, shipped
from shared import over
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import FIGURES, ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.tree import evaluated
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario
from usual import text_of

HEADLINES = ("gpus", "latency_p95", "cost_per_month", "cost_per_video", "fleet_power")
A_TENTH = 0.01  # of the model's error, 10% of the seconds at best
# A busy fleet whose clips fail, vary, come together and can wait, so that no correction is idle because another is.
BUSY = ["max_utilization=97%", "peak_to_average=1.7", "gpu_limit=48", "dau=20K"]
# What a choice brings in, or a plan that is out of the ordinary.
CHOSEN = [
    ("wan2.2-h100", ["sharding=weights", "gpus_per_replica=4"]),
    ("wan2.2-h100", ["sharding=weights", "gpus_per_replica=2", "gpu=l40s", "resolution=480x320", "duration=1 s"]),
    ("wan2.2-h100", ["offload=blocks", "steps=4"]),
    ("stream", ["model=lingbot-world", "gpus_per_replica=4", "fps=2"]),
    ("wan2.2-h100", ["reserved_fraction=10%", "load_rate=5 MB/s", "peak_to_average=4"]),
    (
        "wan2.2-h100",
        [
            "sized_by=latency",
            "target_latency=20 min",
            "target_wait_probability=90%",
            "max_utilization=99.9%",
            "dau=500",
        ],
    ),
    ("wan2.2-h100", ["queue_limit=20", "dau=60K", "gpu_limit=48", "peak_to_average=2.5"]),
    ("price-list", ["max_utilization=99.9%", "target_wait_probability=95%", "dau=150"]),
    ("draft", ["steps=1", "duration=1 s"]),
    ("wan2.2-h100", ["spot_fraction=80%", "spot_price=1", "interruptions_per_hour=2"]),
]
# What is not tried, and why.
LEFT = {
    "squared_latency": "a mix joins it from its parts; `clip_variability`, which it makes, is tried",
}
DETAIL = [
    name
    for name, one in FIGURES.items()
    if one.detail
    and one.group in ("waiting", "fleet", "generation")
    and name in ancestors(HEADLINES)
    and name not in LEFT
]


@cache
def plans() -> tuple[tuple[Scenario, Mapping[str, float], Mapping[str, float]], ...]:
    """Return the shipped scenarios and plans that set each assumption, with their values and headlines."""
    found = []
    for scenario in _scenarios():
        try:
            plan = estimate(scenario)
        except Mistakes:
            continue
        found.append((scenario, plan.values, {name: plan.known[name] for name in HEADLINES}))
    return tuple(found)


def _scenarios() -> Iterator[Scenario]:
    yield from (load_scenario(str(path)) for path in SHIPPED)
    yield from (load_scenario(shipped(name), sets) for name, sets in CHOSEN)
    for name in ASSUMPTIONS:
        for more in ([], BUSY):
            try:
                yield load_scenario(shipped("wan2.2-h100"), [f"{name}={text_of(name, Random(name))}", *more])
            except Mistakes:
                continue


@over(("name", DETAIL))
def test_a_figure_of_detail_moves_a_headline(name: str) -> None:
    """With the figure at 0, at 1 or at its least, a headline of some plan is another, or has no value.

    It is another by a tenth of the model's error.
    """
    assert any(_moves(name, *plan) for plan in plans()), name


def _moves(name: str, scenario: Scenario, values: Mapping[str, float], headlines: Mapping[str, float]) -> bool:
    for neutral in (0.0, 1.0):
        try:
            now = evaluated(scenario, {**values, name: neutral}, HEADLINES)
        except (ArithmeticError, ValueError):
            return True
        if not all(
            math.isclose(now[one], value, rel_tol=A_TENTH) for one, value in headlines.items() if math.isfinite(value)
        ):
            return True
    return False
