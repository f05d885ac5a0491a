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


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        ("generation_latency: 200 s", "a clip holds its replica for 200 s, and the fleet counts 109 s of a GPU"),
        (
            "peak_trps: 0.9",
            "at the peak 98.2 GPUs are at work, and the day's curve has 1.7 times the mean of 30.3",
        ),
        ("busy_gpus: 60", "at the peak 51.5 GPUs are at work, and the day's curve has 1.7 times the mean of 60"),
    ],
)
def test_a_pin_that_leaves_the_fleet_as_it_was_is_named(pins: str, said: str) -> None:
    """The plan counts 24K clips of 109 s a day, 30.3 GPUs at work, and 1.7 times their mean at the peak."""
    plan = plan_of(write(f"model: wan2.2-ti2v-5b\ngpu: h100-sxm\nruntime: compiled\ndau: 12K\npins: {{{pins}}}\n"))
    (warning,) = [warning for warning in plan.warnings if warning.code == "pins-disagree"]

    assert round(24_000 / 86_400 * 109.1, 1) == 30.3
    assert warning.message.startswith(said)


def test_what_is_advised_of_a_pinned_latency_carries_its_load() -> None:
    """24K clips a day of 200 s keep 94.4 GPUs at work at 1.7 times their mean."""
    text = "model: wan2.2-ti2v-5b\ngpu: h100-sxm\nruntime: compiled\ndau: 12K\npins: {gpu_seconds_per_video: 200 s}\n"
    plan = plan_of(write(text))

    assert plan.known["peak_busy_gpus"] == pytest.approx(24_000 / 86_400 * 1.7 * 200)
    assert plan.known["gpus"] > plan.known["peak_busy_gpus"]
    assert "pins-disagree" not in {warning.code for warning in plan.warnings}
