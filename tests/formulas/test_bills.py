"""Bills of public price pages, worked by hand to the cent.

Each product in a bill is a line of the page: what is used of it, in the page's own unit, times its price there.

- CloudFront: Amazon CloudFront pricing, http://aws.amazon.com/cloudfront/pricing, United States; its first TB and 10,000,000 requests are
  free; HTTPS requests 0.0100 USD per 10,000, https://wring.co/blog/aws-cloudfront-pricing-guide; read 2026-11-27. A GB of AWS has 2^30 bytes.
- bunny.net: CDN pricing, volume tier, https://docs.bunny.net/cdn/pricing.md, read 2026-11-27; requests are free.
- Google Cloud Storage: https://cloud.google.com/storage/pricing as read on 2026-09-20,
  https://raw.githubusercontent.com/api-evangelist/gcp-cloud-storage/013caa28c7a3b15d2c48095b6ddefabad6011feb/plans/gcp-cloud-storage-plans-pricing.yml,
  read 2026-11-27: by the GiB-hour, of an account that uses its 5 free GB and free operations elsewhere.
- Cloudflare R2: https://developers.cloudflare.com/r2/pricing/, read 2026-11-27, Infrequent Access, which has no free tier.
- Hyperstack: https://www.hyperstack.cloud/gpu-pricing as read on 2026-08-26,
  https://raw.githubusercontent.com/api-evangelist/nexgen-cloud/0fa0509ef79e8b096a7dd124750e4fc508c61fa0/plans/nexgen-cloud-plans-pricing.yml,
  read 2026-11-27: H100 SXM, on demand and reserved.
"""

from math import fsum

import pytest

from shared import plan_of_text

GIB = 2**30
PARTS = ("storage_cost_per_month", "egress_cost_per_month", "request_cost_per_month")


def billed(text: str, *pins: str) -> dict[str, float]:
    """Return each part of a month's bill of 100,000 clips per day, in USD to the cent, and their sum as `total`."""
    figures = plan_of_text(f"dau: 100_000\nvideos_per_user_per_day: 1\n{text}", pins=pins).figures
    found = {name: figures[name] or 0.0 for name in PARTS}
    return {name: round(value, 2) for name, value in found.items()} | {"total": round(fsum(found.values()), 2)}


@pytest.mark.usefixtures("folder")
def test_cloudfront_bill() -> None:
    """3,000,000 clips of 4 MiB, seen ten times, are 117,187.5 GiB and 30,000,000 requests at CloudFront."""
    bill = billed(
        "egress: cloudfront\nviews_per_video: 10\nrequest_price: 0 USD/Mrequest\nstorage_price: 0 USD/GB-month\n", "video_size=4 MiB"
    )

    # 1,024 GB free; 10,240 x 0.085 = 870.40; 40,960 x 0.080 = 3,276.80; 64,963.5 x 0.060 = 3,897.81
    assert bill["egress_cost_per_month"] == 8_045.01
    # 10,000,000 free; 20,000,000 / 10,000 x 0.0100
    assert bill["request_cost_per_month"] == 20.00
    assert bill["total"] == 8_065.01


@pytest.mark.usefixtures("folder")
def test_a_small_service_sends_for_nothing_at_cloudfront() -> None:
    """3,000,000 clips of 300 KiB are 858 GiB, within the free TB and the free ten million requests, and none costs a cent."""
    bill = billed("egress: cloudfront\nviews_per_video: 1\nrequest_price: 0 USD/Mrequest\n", "video_size=300 KiB")

    assert (bill["egress_cost_per_month"], bill["request_cost_per_month"]) == (0, 0)


@pytest.mark.usefixtures("folder")
def test_bunny_bill() -> None:
    """3,000,000 clips of 5 MB, seen fifty times, are 750 TB at bunny.net, whose GB has 10^9 bytes."""
    bill = billed("egress: bunny\nviews_per_video: 50\nrequest_price: 0 USD/Mrequest\nstorage_price: 0 USD/GB-month\n", "video_size=5 MB")

    # 500,000 GB x 0.005 = 2,500.00; 250,000 GB x 0.004 = 1,000.00; requests are free
    assert bill == {"storage_cost_per_month": 0, "egress_cost_per_month": 3_500.00, "request_cost_per_month": 0, "total": 3_500.00}


@pytest.mark.usefixtures("folder")
def test_google_storage_bill() -> None:
    """100 TiB held in a month of 730 h, 1,000,000 uploads and 10,000,000 reads in the same region cost what Google's page says."""
    text = (
        "days_per_month: 30.4166666666666667\nviews_per_video: 10\negress_price: 0 USD/GB\nread_price: 0.0004 USD/Krequest\n"
        f"request_price: 0.005 USD/Krequest\nstorage_price: {0.000027397 * 730!r} USD/GiB-month\n"
    )
    bill = billed(text, f"storage_held={100 * 1_024 * GIB} B", f"delivered_per_day={1_000_000 / (730 / 24)!r} videos/day")

    # 102,400 GiB x 730 h x 0.000027397
    assert bill["storage_cost_per_month"] == 2_047.98
    # 1,000,000 / 1,000 x 0.005 = 5.00; 10,000,000 / 1,000 x 0.0004 = 4.00
    assert bill["request_cost_per_month"] == 9.00
    assert bill["total"] == 2_056.98


@pytest.mark.usefixtures("folder")
def test_defaults_are_googles_page() -> None:
    """Without a price in the plan a GiB is held and a clip is uploaded at what Google asks: 0.02 USD a month, 0.005 per thousand."""
    bill = billed("views_per_video: 0\n", f"storage_held={1_000 * GIB} B")

    assert bill["storage_cost_per_month"] == 20.00
    assert bill["request_cost_per_month"] == 3_000 * 0.005


@pytest.mark.usefixtures("folder")
def test_r2_infrequent_access_bill() -> None:
    """1,000,000 clips of 1 MB in Infrequent Access, each read twice in the month, cost what R2 asks for bytes, requests and retrieval."""
    text = (
        "views_per_video: 2\negress_price: 0 USD/GB\nhot_retention: 0 d\ncold_storage_price: 0.01 USD/GB-month\ncold_view_share: 100%\n"
        "retrieval_price: 0.01 USD/GB\ncold_request_price: 0 USD/Mrequest\nrequest_price: 9 USD/Mrequest\nread_price: 0.9 USD/Mrequest\n"
    )
    bill = billed(text, "video_size=1 MB", "storage_held=1_000 GB", f"delivered_per_day={1e6 / 30!r} videos/day")

    # 1,000 GB-months x 0.01 = 10.00; 2,000 GB read x 0.01 = 20.00
    assert bill["storage_cost_per_month"] == 30.00
    # 1,000,000 writes x 9.00 per million = 9.00; 2,000,000 reads x 0.90 per million = 1.80
    assert bill["request_cost_per_month"] == 10.80
    assert bill["total"] == 40.80


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("reserved", "cost"), [("", 233_600.00), ("reserved_price: 2.72\n", 198_560.00)])
def test_hyperstack_bill(reserved: str, cost: float) -> None:
    """100 H100s held through a month of 730 h cost 100 x 730 x 3.20 on demand and 100 x 730 x 2.72 reserved."""
    text = f"gpu: h100-sxm\ndays_per_month: {730 / 24!r}\ngpu_price: 3.20\n{reserved}"
    figures = plan_of_text(text, pins=("gpus=100",)).figures

    assert round(figures["gpu_cost_per_month"] or 0, 2) == cost
