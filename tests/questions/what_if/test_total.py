"""Totals: what adds up is added, ratios are those of the sums, and what has no total says why."""

import csv
import io
import math
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import plans
from places import shipped
from shared import Program, answer, plan_of
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import FIGURES, figure, ordered
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.questions.what_if.total import total
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario
from texts import Recorded

ADDED = {name for name, figure in FIGURES.items() if figure.adds}
# What one compares services by.
RATIOS = "cost_per_video average_utilization break_even_price energy_per_video carbon_per_video".split()
SOLD = ("price_per_video_second=0.1",)


def _value(plan: Estimate, name: str) -> float:
    value = plan.figures[name]
    assert value is not None
    return value


def _summed(plans: Iterable[Estimate], name: str) -> float:
    return sum(_value(plan, name) for plan in plans)


BASE = load_scenario(shipped("mochi"))
# The size of a drawn service stays within what can be computed on. Everything else goes where its bounds let it.
names_to_draw = st.sets(st.sampled_from([name for name in ASSUMPTIONS if name != "dau"]), max_size=12)
drawn = st.tuples(st.integers(0, len(plans()) - 1), names_to_draw, st.floats(1e3, 1e9))


def _drawn(draw: tuple[int, set[str], float]) -> Scenario:
    """Return a scenario with some of its assumptions anywhere inside their bounds."""
    index, names, users = draw
    values = {**{name: plans()[index][name] for name in names}, "dau": users}
    return BASE.but(
        settings={**BASE.settings, **{name: BASE.settings[name]._replace(value=v) for name, v in values.items()}}
    )


@pytest.mark.wide
@settings(max_examples=60, deadline=None, derandomize=True)
@given(one=drawn, other=drawn)
def test_two_scenarios_add_and_their_ratios_lie_between(
    one: tuple[int, set[str], float], other: tuple[int, set[str], float]
) -> None:
    """Whatever two services are, or one twice, what adds is their sum, and a ratio's total is between their own."""
    apart = [estimate(_drawn(one)), estimate(_drawn(other))]
    for both in (apart, apart[:1] * 2):
        found = total(both)

        # Where one is sold at a price, what is free sells nothing.
        priced = [plan for plan in both if plan.figures["priced_seconds_per_video"]] or both
        for name in ADDED & set(found.figures) - {"profit_per_month"}:  # what is free has none, and a loss in the sum
            adding = priced if name == "paid_seconds_per_month" else both
            assert math.isclose(found.figures[name], _summed(adding, name), rel_tol=1e-9), name
        if "break_even_price" in found.figures:  # what is sold carries what is free too
            carrying = _summed(both, "cost_per_month") / _summed(priced, "paid_seconds_per_month")
            assert math.isclose(found.figures["break_even_price"], carrying, rel_tol=1e-9)
        for name in {*RATIOS, "utilization"} & set(found.figures) - {"break_even_price"}:
            own = [_value(plan, name) for plan in both if plan.figures[name] is not None]
            assert not own[1:] or min(own) * (1 - 1e-9) <= found.figures[name] <= max(own) * (1 + 1e-9), name
        assert set(found.figures) | set(found.not_added) == set(FIGURES)
        assert not set(found.figures) & set(found.not_added)
    assert {name for name in (*ADDED, *RATIOS) if apart[0].figures[name] is not None} <= set(found.figures)
    for name in found.figures.keys() - ADDED:
        same = math.isclose(found.figures[name], _value(apart[0], name), rel_tol=1e-9)
        # A load in replicas doubles, and so do the clicks that start on them at once.
        assert same or FIGURES[name].unit == "replica" or name == "clicks_at_once", name


def test_ratios_are_those_of_the_sums() -> None:
    """Cost, energy, utilization and margin of two services are their sums over sums, not sums or means of ratios."""
    both = [plan_of(shipped("start-up"), SOLD), plan_of(shipped("million-clips"), SOLD)]
    found = total(both).figures
    delivered = _summed(both, "delivered_per_day")
    cost = _summed(both, "cost_per_month")

    assert math.isclose(found["cost_per_video"], cost / (30 * delivered))
    assert math.isclose(found["energy_per_video"], _summed(both, "fleet_power") * 86_400 / delivered)
    assert math.isclose(found["average_utilization"], _summed(both, "busy_gpus") / _summed(both, "gpus"))
    assert math.isclose(found["gross_margin"], 1 - cost / _summed(both, "revenue_per_month"))


def test_a_ratio_without_a_value_may_have_a_total(recorded: Recorded) -> None:
    """A service that sells nothing has no margin, and one that sells has one; both together have one.

    An amount without a value says where.
    """
    both = [plan_of(shipped("start-up")), plan_of(shipped("million-clips"), SOLD)]

    assert both[0].figures["gross_margin"] is None
    assert "gross_margin" in total(both).figures
    recorded(total([both[0], both[0]]).not_added["gross_margin"])
    recorded(total([both[0], plan_of(shipped("mochi"), ("dau=10K",), ("replicas=1",))]).not_added["wait_p95"])


def test_users_of_several_files_are_not_added() -> None:
    """Drafts and finals are of the same 200,000 users, whose cost is 1.0 + 86.3 USD each; others may have their own.

    The sum of the users would have half of it. One file has what it has.
    """
    both = total([plan_of(shipped("draft")), plan_of(shipped("final"))])
    alone = total([plan_of(shipped("final"))]).figures

    assert both.figures["cost_per_month"] / 200_000 == pytest.approx(0.9881 + 86.3438, rel=1e-4)
    for name in ("cost_per_user", "user_profile_storage"):
        assert both.not_added[name] == "`dau` may be the same users in several files"
    assert alone["cost_per_user"] == pytest.approx(86.3438, rel=1e-4)


def test_what_is_free_has_a_loss_in_the_sum() -> None:
    """What sells for 1,000 USD and costs 400 has, with what is free and costs 700, a loss of 100."""
    sold = plan_of(shipped("start-up"), SOLD, ("revenue_per_month=1000 USD", "cost_per_month=400 USD"))
    free = plan_of(shipped("start-up"), (), ("cost_per_month=700 USD",))

    assert free.figures["profit_per_month"] is None
    assert total([sold, free]).figures["profit_per_month"] == -100
    assert total([free, sold]).figures["gross_margin"] == pytest.approx(-0.1)
    assert "profit_per_month" in total([free, free]).not_added


def test_what_is_free_is_carried_by_what_has_a_price() -> None:
    """At the break-even price of a plan and one without a price, 20K clips of 121 / 24 s a day bring what both cost."""
    sold, free = (plan_of(shipped("start-up"), sets) for sets in (SOLD, ()))
    price = total([sold, free]).figures["break_even_price"]

    assert price == pytest.approx(2 * _value(sold, "cost_per_month") / (30 * 20_000 * 121 / 24))
    at_break_even = plan_of(shipped("start-up"), (f"price_per_video_second={price}",))
    assert total([at_break_even, free]).figures["profit_per_month"] == pytest.approx(0, abs=1e-3)
    assert total([free, free]).figures["break_even_price"] == pytest.approx(price / 2)


def test_an_amount_that_is_not_the_sum_has_no_total(recorded: Recorded) -> None:
    """The larger of two amounts grows as they do.

    It is still no sum where one scenario has more of one, another of the other.
    """

    def larger(busy_gpus: float, requests_per_day: float) -> float:
        return max(1_000 * busy_gpus, requests_per_day)

    figure("USD/user", "Larger")(larger)
    try:
        few, many = plan_of(shipped("draft")), plan_of(shipped("mochi"))
        assert (few.figures["larger"], many.figures["larger"]) == (1_000_000, 1_000 * _value(many, "busy_gpus"))
        recorded(total([few, many]).not_added["larger"])
        assert total([few, few]).figures["larger"] == 2_000_000
    finally:
        del FIGURES["larger"]
        ordered.cache_clear()


def test_a_rounded_number_adds_or_has_no_total(recorded: Recorded) -> None:
    """A count that follows from the size of a service is summed where it adds, and is never rounded again."""
    both = [plan_of(shipped("start-up")), plan_of(shipped("million-clips"))]
    found = total(both)

    assert found.figures["gpus"] == _summed(both, "gpus")
    assert found.not_added["servers_per_region"]
    recorded(total([both[0]] * 2).not_added["servers_per_region"])
    assert total([both[0]] * 2).figures["frames_per_video"] == both[0].figures["frames_per_video"]


def test_what_differs_is_named(recorded: Recorded) -> None:
    """A figure whose inputs differ between scenarios says which, up to two by name."""
    plan = plan_of(shipped("mochi"))
    found = total([plan, plan_of(shipped("mochi"), ("bitrate=4 Mbps",))])
    assert found.not_added["video_size"] == "`bitrate` differs"
    assert "gpu_seconds_per_video" in found.figures

    found = total([plan, plan_of(shipped("mochi"), ("bitrate=4 Mbps", "duration=6 s"))])
    recorded(found.not_added["video_size"])

    found = total([plan, plan_of(shipped("mochi"), ("width=16", "height=16", "fps=24", "bytes_per_pixel=4"))])
    recorded(found.not_added["raw_video_size"])

    found = total([plan, plan_of(shipped("mochi"), ("days_per_month=31",))])
    assert found.not_added["cost_per_video"] == "`days_per_month` differs"
    assert "cost_per_month" in found.figures


def test_pins_count(recorded: Recorded) -> None:
    """A pinned amount is summed, and a ratio that all pin alike stays.

    A ratio that some pin, or pin otherwise, has no total.
    """
    pins = ("gpus=800", "gpu_seconds_per_video=60", "cost_per_video=1 USD")
    free, (pinned, other, priced) = plan_of(shipped("mochi")), (plan_of(shipped("mochi"), (), (pin,)) for pin in pins)

    assert total([pinned, pinned]).figures["gpus"] == 1_600
    assert total([pinned, free]).figures["gpus"] == 800 + _value(free, "gpus")
    assert total([other, other]).figures["gpu_seconds_per_video"] == 60
    recorded(total([free, other]).not_added["gpu_seconds_per_video"])
    recorded(total([priced, priced]).not_added["cost_per_video"])


def test_ranges_are_noted() -> None:
    """A scenario with a range says that its plan here is the one at the medians."""
    both = [plan_of(shipped("draft"), ("duration=4 s to 6 s",)), plan_of(shipped("final"))]
    assert total(both).notes == ("ranges of duration in draft: every plan here is the one at the medians",)


def test_peaks_of_other_hours_are_not_one_peak() -> None:
    """Two thirds of a day's requests within 12 hours, and of the other plan within the other 12: no hour has both.

    Each peaks at 4/3 of its mean, and both together are level: three quarters of the sum of their peaks.
    """
    days = [2] * 12 + [1] * 12, [1] * 12 + [2] * 12
    night, day = (plan_of(shipped("start-up"), ("dau=86400", f"day_curve={hours}")) for hours in days)
    level = 2 * night.figures["trps"]  # type: ignore[operator]

    (note,) = total([night, day]).notes
    assert note == (
        f"peaks are added, each of its own hour: all requests together peak at {level:g} requests/s, 75% of `peak_trps`"
    )
    assert total([night, night]).notes == ()


def test_csv_has_a_column_a_scenario(t2v_cap: Program) -> None:
    """CSV has a row a figure with each scenario's value, the total or the reason for having none, and the pool's."""
    paths = [shipped("start-up"), shipped("start-up"), shipped("free")]
    rows = {
        row["figure"]: row
        for row in csv.DictReader(io.StringIO(answer(t2v_cap, "total", "--pooled", *paths, "--format", "csv")))
    }
    gpus, waits = rows["gpus"], rows["wait_p95"]

    assert list(gpus) == ["figure", "start-up 1", "start-up 2", "free", "total", "unit", "label", "not_added", "pool"]
    assert list(rows) == list(FIGURES)
    assert (
        int(gpus["total"]) == int(gpus["start-up 1"]) + int(gpus["start-up 2"]) + int(gpus["free"]) > int(gpus["pool"])
    )
    assert (waits["total"], bool(waits["not_added"])) == ("", True)
