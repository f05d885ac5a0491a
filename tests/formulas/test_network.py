"""Bandwidth by hand."""

import pytest

from shared import plan_of_text

pytestmark = pytest.mark.usefixtures("folder")


def test_prompts_come_when_users_click() -> None:
    """Work that can wait leaves the fleet's peak, and not that of the prompts: a request arrives before it waits."""
    plan = plan_of_text(
        "dau: 432K\nvideos_per_user_per_day: 1\nprompt_size: 3 MB\npeak_to_average: 1.7\ndeferrable_share: 60%"
    )

    # 432,000 / 86,400 s = 5 requests a second, of 3 MB or 24 Mbit each
    assert round(plan.known["peak_ingress_bandwidth"]) == 5 * 24_000_000 * 1.7
    assert plan.known["week_peak"] == 1
