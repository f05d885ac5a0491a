"""Bills of public price pages, worked by hand to the cent.

Each product in a bill is a line of the page: what is used of it, in the page's own unit, times its price there.

- Google Cloud Storage: https://cloud.google.com/storage/pricing as read on 2026-09-20, in the file
  plans/gcp-cloud-storage-plans-pricing.yml of
  https://raw.githubusercontent.com/api-evangelist/gcp-cloud-storage/013caa28c7a3b15d2c48095b6ddefabad6011feb/,
  read 2026-11-27: by the GiB-hour, of an account that uses its 5 free GB and free operations elsewhere.
- Hyperstack: https://www.hyperstack.cloud/gpu-pricing as read on 2026-08-26, in the file
  plans/nexgen-cloud-plans-pricing.yml of
  https://raw.githubusercontent.com/api-evangelist/nexgen-cloud/0fa0509ef79e8b096a7dd124750e4fc508c61fa0/,
  read 2026-11-27: H100 SXM, on demand and reserved.
"""

from math import fsum

import pytest

from shared import plan_of_text

pytestmark = pytest.mark.usefixtures("folder")
GIB = 2**30
PARTS = ("storage_cost_per_month", "egress_cost_per_month", "request_cost_per_month")


def billed(text: str, *pins: str) -> list[float]:
    """Return each part of a month's bill of 100,000 clips per day, in USD to the cent, and their sum."""
    figures = plan_of_text(f"dau: 100_000\nvideos_per_user_per_day: 1\n{text}", pins=pins).known
    found = [figures[name] for name in PARTS]
    return [round(value, 2) for value in (*found, fsum(found))]


def test_google_storage_bill() -> None:
    """100 TiB held in a month of 730 h, 1,000,000 uploads in the same region cost what Google's page says."""
    text = (
        "days_per_month: 30.4166666666666667\negress_price: 0 USD/GB\n"
        f"request_price: 0.005 USD/Krequest\nstorage_price: {0.000027397 * 730!r} USD/GiB-month\n"
    )
    bill = billed(
        text, f"storage_held={100 * 1_024 * GIB} B", f"delivered_per_day={1_000_000 / (730 / 24)!r} videos/day"
    )

    # 102,400 GiB x 730 h x 0.000027397, nothing sent, 1,000,000 / 1,000 x 0.005
    assert bill == [2_047.98, 0, 5.00, 2_052.98]


def test_defaults_are_googles_page() -> None:
    """Without a price in the plan a GiB is held and a clip is uploaded at what Google asks.

    That is 0.02 USD a month, and 0.005 per thousand.
    """
    assert billed("views_per_video: 0\n", f"storage_held={1_000 * GIB} B") == [20.00, 0, 3_000 * 0.005, 35.00]


@pytest.mark.parametrize(("reserved", "cost"), [("", 233_600.00), ("reserved_price: 2.72\n", 198_560.00)])
def test_hyperstack_bill(reserved: str, cost: float) -> None:
    """100 H100s held through a month of 730 h cost 100 x 730 x 3.20 on demand and 100 x 730 x 2.72 reserved."""
    text = f"gpu: h100-sxm\ndays_per_month: {730 / 24!r}\ngpu_price: 3.20\n{reserved}"
    assert round(plan_of_text(text, pins=("gpus=100",)).known["gpu_cost_per_month"], 2) == cost


@pytest.mark.parametrize(("pin", "terabytes"), [("view_bandwidth=12Gbps", 3_888), ("egress_bandwidth=1Gbps", 6_480)])
def test_pinned_bandwidth_is_billed(pin: str, terabytes: int) -> None:
    """At 0.02 USD per GB a month of 30 days costs what its pinned rate sends: 12, or 20 times 1 Gbit/s."""
    bill = billed("views_per_video: 20\negress_price: 0.02 USD/GB\n", pin)

    # 12e9 / 8 x 86,400 s x 30 days = 3.888e15 B
    assert bill[1] == terabytes * 1_000 * 0.02
