"""Levers: the single changes that reach a condition reach it, are the nearest, and are ones that a planner can turn."""

from pathlib import Path

import pytest

from places import SHIPPED
from shared import Program, plan_of, some
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.questions.search.solve import _can_turn, reach
from t2v_capacity.questions.search.trials import Lever
from t2v_capacity.scenario.load import load_scenario, with_flags
from t2v_capacity.scenario.settings import Scenario
from texts import Recorded

# A figure, and what part of its value is asked for.
ASKED = [
    ("gpus", 0.8),
    ("cost_per_month", 0.5),
    ("latency_p95", 0.7),
    ("storage_on_disk", 0.9),
    ("average_utilization", 1.2),
]


def _keeps(scenario: Scenario, condition: Condition) -> bool:
    return condition.holds(estimate(scenario).figures[condition.figure])


def _kind(lever: Lever) -> int:
    """The order in which levers are named: by hand, choices, what the user doesn't see, the picture, demand."""
    if lever.origin.by_hand:
        return 0
    if isinstance(lever.value, str):
        return 1
    return {"video": 3, "generation": 3, "traffic": 4}.get(ASSUMPTIONS[lever.name].section, 2)


def _farthest(plan: Estimate, lever: Lever) -> float:
    """The value before, of the part that has farthest to go.

    Parts and stages whose bitrate follows from their frame sizes have several values.
    """
    assert isinstance(lever.value, float)
    parts = [part for part in plan.scenario.parts or plan.scenario.stages if not part.holds(lever.name)]
    values = [part.over(plan.values)[lever.name] for part in parts] or [plan.values[lever.name]]
    return float(max(values) if lever.value < max(values) else min(values))


def _condition(plan: Estimate, figure: str, share: float) -> Condition:
    comparison = "<=" if share < 1 else ">="
    return Condition(figure, comparison, (plan.figures[figure] or 0) * share, f"{figure} {comparison} {share}")


# A few scenarios are asked one of them here, and all of them among the slow tests.
KEPT_BY_NONE = ("stream", "storage_on_disk", 0.9)  # a stream stores nothing, so that its condition holds before too
PAIRS = [(path, *ASKED[index % len(ASKED)]) for index, path in enumerate(SHIPPED)]
PAIRS = [pair for pair in PAIRS if (pair[0].stem, *pair[1:]) != KEPT_BY_NONE]
OTHERS = [
    (path, *asked)
    for path in SHIPPED
    for asked in ASKED
    if (path, *asked) not in PAIRS and (path.stem, *asked) != KEPT_BY_NONE
]


@pytest.mark.wide
@pytest.mark.parametrize(
    ("path", "figure", "share"),
    [*some(PAIRS, 3), *(pytest.param(*other, marks=pytest.mark.slow) for other in OTHERS)],
)
def test_each_lever_alone_reaches_the_condition(path: Path, figure: str, share: float) -> None:
    """The printed value of each lever, given as a flag, keeps the condition, and the value before it does not.

    No lever is an input that a planner holds fixed.
    """
    plan = plan_of(path)
    condition = _condition(plan, figure, share)
    found = reach(plan, [condition], (200, 0))
    assert [kept.kept for kept in found.conditions] == [False]
    for lever in found.levers:
        assert _keeps(with_flags(plan.scenario, [f"{lever.name}={lever.text}"]), condition), lever
        if isinstance(lever.value, str):
            continue
        here = _farthest(plan, lever)
        before = (
            lever.value + (1 if here > lever.value else -1)
            if ASSUMPTIONS[lever.name].whole
            else lever.value + (here - lever.value) * 1e-6
        )
        assert not _keeps(with_flags(plan.scenario, (), {lever.name: before}), condition), lever
    kinds = [_kind(lever) for lever in found.levers]
    assert kinds == sorted(kinds)
    for kind in set(kinds):
        far = [lever.far for lever in found.levers if _kind(lever) == kind and not isinstance(lever.value, str)]
        assert far == sorted(far)
    assert not {"fps", "passes_per_step", "time_factor"} & {lever.name for lever in found.levers}
    assert all(ASSUMPTIONS[lever.name].section != "architecture" for lever in found.levers if lever.name in ASSUMPTIONS)


def test_what_a_planner_does_not_turn() -> None:
    """What a model, a GPU or a fit supplies, conventions and neutral defaults are no levers.

    What was written by hand is one.
    """
    plan = load_scenario("scenarios/start-up.yaml", ["days_per_month=28", "layers=30", "gpu_price=2", "regions=2"])
    turned = {name for name in ASSUMPTIONS if _can_turn(plan, name)}
    assert turned.isdisjoint(
        {"days_per_month", "layers", "gpu_power", "peak_flops", "linear_efficiency", "memory_error", "failed_share"}
    )
    assert {"gpu_price", "regions", "dau", "steps", "duration", "max_utilization", "spare_fraction"} <= turned
    assert not _can_turn(load_scenario("scenarios/start-up.yaml"), "gpu_price")


@pytest.mark.wide
def test_solve_without_a_name_lists_the_changes(t2v_cap: Program, recorded: Recorded) -> None:
    """`solve --until` lists the single changes, in JSON too; what is kept already, or out of reach, it says."""
    line = ["solve", "scenarios/start-up.yaml", "--until"]
    for until, code in (("gpus <= 50", 0), ("gpus <= 500", 0), ("cost_per_month <= 1 USD", 3)):
        recorded(t2v_cap(*line, until, code=code).out, until)
    recorded(
        [f"{one['name']} {one['text']}" for one in t2v_cap(*line, "gpus <= 50", "--format", "json").json["changes"]],
        "json",
    )


def test_another_product_is_no_change_of_a_plan() -> None:
    """A smaller model would keep the limit at once; what is offered makes the same clips."""
    plan = plan_of("scenarios/mochi.yaml")
    limit = Condition("gpus", "<=", plan.known["gpus"] / 2, "gpus")

    assert {lever.name for lever in reach(plan, [limit]).levers}.isdisjoint({"model", "text_attention"})
    small = plan_of("scenarios/mochi.yaml", ["model=wan2.1-t2v-1.3b"])
    assert _keeps(small.scenario, limit)
