"""Pins that contradict each other, or what they are of."""

import pytest

from shared import plan_of, write

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        ((), None),
        (("requests_per_day=2M",), None),
        (("trps=100",), None),
        # 400,000 runs of which a tenth is rejected are 360,000 clips; of 2 million, 1.8 million.
        (("generations_per_day=400K", "delivered_per_day=350K"), None),
        (("generations_per_day=2M", "delivered_per_day=1.8M"), None),
        (("delivered_per_day=2M",), ("360K", "2M")),
        (("delivered_per_day=180K",), ("360K", "180K")),
        (("generations_per_day=2M",), ("1.8M", "360K")),
    ],
)
def test_deliveries_that_the_runs_do_not_give_are_named(pins: tuple[str, ...], said: tuple[str, str] | None) -> None:
    """A pin from which the fleet or its deliveries differ by over a tenth is warned of, with both numbers."""
    plan = plan_of(write("dau: 400K\nvideos_per_user_per_day: 1\nrejected_output_share: 10%\n"), pins=pins)
    warnings = [warning.message for warning in plan.warnings if warning.code == "pins-disagree"]

    assert len(warnings) == bool(said)
    for number in said or ():
        assert f"{number} videos/day" in warnings[0]


def test_a_small_fleet_delivers_what_it_makes() -> None:
    """A fleet below its demand delivers less than was asked for, and no pin disagrees."""
    plan = plan_of(write("dau: 400K\nvideos_per_user_per_day: 1\ngpu_limit: 40\n"))

    assert plan.known["served_share"] < 1
    assert "pins-disagree" not in {warning.code for warning in plan.warnings}
