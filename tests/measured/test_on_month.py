"""The plan on a month: it meets what was measured and explains what differs; over drawn plans."""

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import t2v_capacity as t2v
from places import SHIPPED, shipped
from shared import quiet
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistakes, Place
from t2v_capacity.measured.months.actuals_answer import overlay
from t2v_capacity.measured.months.month import Actual
from t2v_capacity.measured.months.on_month import HOURS, SPLIT, on_month, split
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.scenario.load import load_scenario, with_flags

# What somebody could measure.
MEASURED = (
    "requests_per_day trps generations_per_day delivered_per_day gpu_seconds_per_video generation_latency "
    "replicas servers gpus gpu_hours_per_month gpu_cost_per_month storage_held storage_cost_per_month view_bandwidth "
    "cost_per_month cost_per_video cost_per_user latency_p95 average_utilization fleet_power "
    "dau videos_per_user_per_day time_factor gpu_price peak_to_average views_per_video steps"
).split()
# What differs of a month that is computed from a changed plan.
CHANGED = (
    "dau videos_per_user_per_day time_factor gpu_price peak_to_average "
    "views_per_video steps max_utilization storage_price"
).split()
# How a file writes those that take a unit.
UNITS = {
    "view_bandwidth": " bit/s",
    "storage_held": " B",
    "fleet_power": " W",
    "latency_p95": " s",
    "generation_latency": " s",
}
FACTORS = st.floats(0.5, 2)


@cache
def plan_at(name: str) -> Estimate:
    """Return a shipped scenario's plan, whose warnings nobody looks for."""
    return quiet(load_scenario(shipped(name)))


def actual(name: str, value: float) -> Actual:
    """Return a value as if it had been measured."""
    return Actual(name, value, None, Place("a test"), "measured")


def of_plan(plan: Estimate, name: str, factor: float = 1) -> Actual | None:
    """Return a plan's value times a factor, where it has one and the product is within the bounds of the name."""
    value = plan.known[name] * factor
    known = FIGURES[name] if name in FIGURES else ASSUMPTIONS[name]
    least, most = (known.least, known.most) if name in FIGURES else (known.low, known.high)  # type: ignore[union-attr]
    value = float(round(value)) if known.whole and math.isfinite(value) else value
    return actual(name, value) if math.isfinite(value) and max(least, 1e-9) <= value <= most else None


def present(*found: Actual | None) -> dict[str, Actual]:
    """Return what has a value, by name."""
    return {one.name: one for one in found if one}


PLANS = st.sampled_from([path.stem for path in SHIPPED])
NAMES = st.lists(st.sampled_from(MEASURED), min_size=1, max_size=8, unique=True)


@pytest.mark.wide
@given(PLANS, NAMES)
@settings(max_examples=60, deadline=None)
def test_a_month_that_went_as_planned_changes_and_explains_nothing(shipped_plan: str, names: list[str]) -> None:
    """Actuals that are the plan's own leave every figure as it is, pin nothing, and have nothing to explain."""
    plan = plan_at(shipped_plan)
    actuals = present(*(of_plan(plan, name) for name in names))
    actuals = {name: one for name, one in actuals.items() if one.value == plan.known[name]}
    on = on_month(plan.scenario, actuals)

    assert on.pins == {}
    assert estimate(on.scenario).figures == plan.figures
    assert [
        parts for parts in split(plan, on, actuals).values() if parts not in ((), "it has no value on one side")
    ] == []


@pytest.mark.slow
@given(PLANS, st.dictionaries(st.sampled_from(CHANGED), FACTORS, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_month_of_a_changed_plan_is_explained_by_the_change(shipped_plan: str, factors: Mapping[str, float]) -> None:
    """The parts of each figure are of what was changed alone, sum to its difference within 1e-6, and leave no rest."""
    plan = plan_at(shipped_plan)
    changed = present(*(of_plan(plan, name, factor) for name, factor in factors.items()))
    head = estimate(with_flags(plan.scenario, numbers={name: one.value for name, one in changed.items()}))
    actuals = {**changed, **present(*(of_plan(head, name) for name in SPLIT))}

    check(plan, head, actuals, {*changed})


@pytest.mark.slow
@given(PLANS, *(FACTORS for _ in range(4)))
@settings(max_examples=60, deadline=None)
def test_a_change_is_found_from_the_figures_that_it_moved(
    shipped_plan: str, users: float, clips: float, seconds: float, price: float
) -> None:
    """Changed users, clips per user, seconds and price explain users, requests, GPU-seconds, GPUs and the bill."""
    plan = plan_at(shipped_plan)
    names = ("dau", "videos_per_user_per_day", "time_factor", "gpu_price")
    numbers = {
        name: plan.values[name] * factor for name, factor in zip(names, (users, clips, seconds, price), strict=True)
    }
    head = estimate(with_flags(plan.scenario, numbers=numbers))
    measured = ("dau", "requests_per_day", "gpu_seconds_per_video", *SPLIT)

    check(plan, head, present(*(of_plan(head, name) for name in measured)), {*names})


def check(plan: Estimate, head: Estimate, actuals: Mapping[str, Actual], causes: set[str]) -> None:
    """Check that a month is explained by these causes alone."""
    on = on_month(plan.scenario, actuals)
    for figure, parts in split(plan, on, actuals).items():
        if isinstance(parts, str):
            assert None in (plan.figures[figure], head.figures[figure])
            continue
        difference = head.known[figure] - plan.known[figure]
        assert abs(math.fsum(part.part for part in parts) - difference) <= 1e-6 * abs(head.known[figure])
        assert [
            part for part in parts if part.name not in causes and abs(part.part) > 1e-6 * abs(head.known[figure])
        ] == []


@pytest.mark.slow
@given(PLANS, st.dictionaries(st.sampled_from(MEASURED), FACTORS, min_size=1, max_size=8), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_the_file_of_a_month_is_the_plan_on_it(shipped_plan: str, factors: Mapping[str, float], months: int) -> None:
    """The scenario that is written, read again, meets every actual, and is as old as the service was by then.

    Parts sum to each difference.
    """
    plan = t2v.estimate(shipped(shipped_plan), growth_per_month="5%")
    actuals = present(*(of_plan(plan_at(shipped_plan), name, factor) for name, factor in factors.items()))
    if not actuals:
        return
    written = {name: f"{one.value!r}{UNITS.get(name, '')}" for name, one in actuals.items()}
    found = plan.actuals({"month": f"2026-{1 + months:02}", "actuals": written}, start="2026-01")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "on.yaml"
        file.write_text(overlay(found.found, folder), encoding="utf-8")
        now = t2v.estimate(file)
    off = {one.name for one in actuals.values() if not math.isclose(now[one.name], one.value, rel_tol=1e-9)}

    # No shown figure follows from a bill's hours: they settle a whole number of GPUs, and stay as those make them. A
    # bill's total is the sum of its parts where its GPU cost was measured.
    assert off <= {HOURS, *(["cost_per_month"] if "gpu_cost_per_month" in actuals else [])}
    (month,) = found.found.months
    for figure, parts in month.why.items():
        if not isinstance(parts, str):
            value = actuals[figure].value
            difference = value - month.plan.known[figure]
            assert abs(math.fsum(part.part for part in parts) - difference) <= 1e-6 * max(abs(difference), value)
    assert now.service_age == plan.service_age + months * plan.days_per_month * 86_400
    assert "dau" in actuals or math.isclose(now.dau, plan.dau * 1.05**months, rel_tol=1e-9)


def test_a_shift_of_the_mix_is_no_error_of_the_model(tmp_path: Path) -> None:
    """Long clips that went from 20% to 35%, and 4% more seconds, come out as these.

    Without the share the mix is named as a suspect.
    """
    (tmp_path / "plan.yaml").write_text(
        "model: wan2.2-t2v-a14b\ngpu: h100-sxm\noffload: all\ndau: 100K\n"
        "mix: {short: {}, long: {share: 20%, duration: 10 s}}\n",
        encoding="utf-8",
    )
    plan = t2v.estimate(tmp_path / "plan.yaml")
    came = plan.but(sets={"mix.long.share": "35%", "time_factor": 1.04})
    month = {
        "gpu_seconds_per_video": f"{came.gpu_seconds_per_video} s",
        "gpus": came.gpus,
        "latency_p95": f"{came.latency_p95} s",
    }
    found, blind = plan.actuals({"actuals": {**month, "mix.long.share": "35%"}}), plan.actuals({"actuals": month})
    why = {part.name: part for part in found.months[0].why["gpus"]}

    assert why["time_factor"].actual == pytest.approx(1.04)
    assert sum(part.part for part in why.values()) == pytest.approx(came.gpus - plan.gpus)
    assert {*why} == {"mix.long.share", "time_factor"}
    assert "time_factor may be the mix" in str(blind)
    assert "time_factor may be the mix" not in str(found)
    assert "of its slowest part" in str(found)
    (tmp_path / "next.yaml").write_text(overlay(found.found, str(tmp_path)), encoding="utf-8")
    assert t2v.estimate(tmp_path / "next.yaml").gpus == came.gpus
    for wrong in ({"mix.none.share": "3%"}, {"mix.long.share": "300%"}, {"mix.long.steps": 3}):
        with pytest.raises(Mistakes):
            plan.actuals({"actuals": wrong})


def test_runs_beyond_clips_are_runs_that_failed() -> None:
    """Generations above delivered clips say which share of runs failed; each of several months is explained."""
    plan = t2v.estimate(shipped("wan2.2-h100"))
    came = plan.but(failed_share="8%", videos_per_user_per_day=2.2)
    actuals = {name: came[name] for name in ("generations_per_day", "delivered_per_day", "gpus")}
    months = [{"month": f"2026-1{month}", "actuals": actuals} for month in range(2)]
    found = plan.actuals(*months)

    for month in found.months:
        assert {name: one.value for name, one in month.on.assumptions.items()} == pytest.approx(
            {"videos_per_user_per_day": 2.2, "failed_share": 0.08}
        )
    assert str(found).count("failed_share  ") == 2


def test_deliveries_and_views_of_a_month_move_the_plan() -> None:
    """Deliveries alone are the demand, on the fleet that carries it; a measured rate of views is in the bill."""
    plan = t2v.estimate(shipped("wan2.2-h100"))
    month = {"delivered_per_day": 3 * plan.delivered_per_day, "view_bandwidth": "4 Gbps"}
    on = quiet(plan.actuals({"actuals": month}).found.months[0].on.scenario)

    # A rate of 4e9 bit/s is 5e8 B/s, for 86,400 seconds on each of so many days.
    sent = 4e9 / 8 * 86_400 * plan.days_per_month
    assert on.known["egress_cost_per_month"] == pytest.approx(sent * plan.egress_price)
    assert on.known["generations_per_day"] == pytest.approx(3 * plan.generations_per_day)
    assert on.known["gpus"] > 2.5 * plan.gpus
    assert on.scenario.pins == plan.scenario.pins


def test_the_file_of_a_month_has_the_shares_of_all_parts(tmp_path: Path) -> None:
    """30, 50 and 20 of 100 requests, of which the last are 40 by then, are 22.5, 37.5 and 40."""
    (tmp_path / "plan.yaml").write_text(
        "model: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: 100K\n"
        "mix: {draft: {share: 30%, steps: 10}, clip: {share: 50%}, long: {share: 20%, duration: 8 s}}\n",
        encoding="utf-8",
    )
    plan = t2v.estimate(tmp_path / "plan.yaml")
    found = plan.actuals({"actuals": {"mix.long.share": "40%"}}).found
    (tmp_path / "next.yaml").write_text(overlay(found, str(tmp_path)), encoding="utf-8")
    after = t2v.estimate(tmp_path / "next.yaml")

    assert {part.name: part.share.value for part in after.scenario.parts} == pytest.approx(
        {"draft": 0.225, "clip": 0.375, "long": 0.4}
    )
    assert after.gpus == plan.but(sets={"mix.long.share": "40%"}).gpus
