"""The lesson's numbers to full precision, through the program's JSON, from the three scenarios."""

from typing import Any

import pytest

from places import shipped
from shared import Program

DAY = 86_400
# What all three scenarios say: users, clips, bytes and bandwidths.
SAME: dict[str, float] = {
    "requests_per_day": 1_000_000_000,
    "generations_per_day": 1_000_000_000,
    "delivered_per_day": 1_000_000_000,
    "trps": 1_000_000_000 / DAY,
    "text_encoder_size": 4_700_000_000 * 4,
    "model_size": 10_000_000_000 * 4,
    "model_and_encoder_size": 58_800_000_000,
    "frames_per_video": 150,
    "video_size": 1_250_000,
    "user_profile_storage": 1_000_000_000_000,
    "interaction_storage_per_day": 1_250_000_000_000_000,
    "index_storage_per_day": 312_500_000_000_000,
    "storage_per_day": 1_562_500_000_000_000,
    "storage_per_month": 46_875_000_000_000_000,
    "ingress_bandwidth": 1_000_000_000 / DAY * 2_000 * 8,
    "egress_bandwidth": 1_000_000_000 * 1_250_000 * 8 / DAY,
    "peak_trps": 1_000_000_000 / DAY,
}
PRINTED: dict[str, dict[str, float]] = {
    "mochi": {"raw_video_size": 848 * 480 * 3 * 150},
    "mochi-bf16": {
        "model_size": 20_000_000_000,
        "text_encoder_size": 9_400_000_000,
        "model_and_encoder_size": 29_400_000_000,
        "raw_video_size": 183_168_000,
    },
    "lesson": {
        "raw_video_size": 184_464_000,
        "rule_of_thumb_iterations": 7_500,
        "rule_of_thumb_seconds": 2 * 14.7e9 * 7_500 / 312e12,
        "rule_of_thumb_gpus": 8_180,
        "rule_of_thumb_servers": 8_180,
    },
}
# What twice the users double, exactly, of the lesson's figures; the rest of them stay.
DOUBLED = (
    "requests_per_day generations_per_day delivered_per_day trps peak_trps "
    "user_profile_storage interaction_storage_per_day index_storage_per_day storage_per_day storage_per_month "
    "ingress_bandwidth egress_bandwidth rule_of_thumb_gpus rule_of_thumb_servers"
).split()


def figures(t2v_cap: Program, scenario: str, *flags: str) -> dict[str, Any]:
    """Return the values of all figures as the program's JSON gives them."""
    return {
        name: figure["value"]
        for name, figure in t2v_cap("estimate", shipped(scenario), "--format", "json", *flags).json["figures"].items()
    }


@pytest.mark.parametrize("scenario", PRINTED)
def test_scenarios_give_the_lessons_numbers(scenario: str, t2v_cap: Program) -> None:
    """Every number of the lesson comes out to the last digits, and whole numbers exactly."""
    given = figures(t2v_cap, scenario)

    for name, value in {**SAME, **PRINTED[scenario]}.items():
        assert given[name] == (value if isinstance(value, int) else pytest.approx(value, rel=1e-15)), name


def test_more_parts_leave_the_totals_alone(t2v_cap: Program) -> None:
    """What the lesson leaves out never touches its totals.

    It leaves out copies, renditions, retention, regions, spares, a cache and prices.
    """
    flags = (
        "--replication 3 --rendition-factor 3.3 --retention 90d --regions 3 --spare-servers 2 "
        "--cdn-hit-ratio 50% --views-per-video 20"
    )
    given = figures(t2v_cap, "lesson", *flags.split(), "--gpu-price", "9", "--peak-to-average", "1.7")

    for name, value in {**SAME, **PRINTED["lesson"]}.items():
        if name != "peak_trps":
            assert given[name] == (value if isinstance(value, int) else pytest.approx(value, rel=1e-15)), name


def test_twice_the_users_double_what_users_decide_and_nothing_else(t2v_cap: Program) -> None:
    """`--dau 200e6` doubles exactly the listed figures of the lesson, and its others stay as they are."""
    once, twice = figures(t2v_cap, "lesson"), figures(t2v_cap, "lesson", "--dau", "200e6")
    lessons = {**SAME, **PRINTED["lesson"]}

    assert {name for name in lessons if twice[name] == 2 * once[name]} == set(DOUBLED)
    assert {name for name in lessons if twice[name] == once[name]} == set(lessons) - set(DOUBLED)


def test_sister_service_of_texts(t2v_cap: Program) -> None:
    """The same chain gives 112 GPUs and 926 Mbps for a text model.

    It has 3 billion parameters, and 500 tokens an answer of 10 KB.
    """
    flags = "--model-params 3e9 --text-encoder-params 0 --pin rule_of_thumb_iterations=500"
    given = figures(t2v_cap, "lesson", *flags.split(), "--pin", "video_size=10 KB")

    assert given["rule_of_thumb_gpus"] == 112
    assert given["egress_bandwidth"] == pytest.approx(1_000_000_000 * 10_000 * 8 / DAY, rel=1e-15)
