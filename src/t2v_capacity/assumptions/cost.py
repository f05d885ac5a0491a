"""Assumptions of the section `cost`: what it costs and earns."""

from t2v_capacity.assumptions.assumption import GPU_PRICE, SPOT_PRICE, Quantity, Section, assume, count, share
from t2v_capacity.engine.constants import NO_GPU_LIMIT

# Google's prices of storage and its requests, on a public page.
GCS = (
    "https://raw.githubusercontent.com/api-evangelist/gcp-cloud-storage/013caa28c7a3b15d2c48095b6ddefabad6011feb/plans/"
    "gcp-cloud-storage-plans-pricing.yml"
)

# The price of each way to pay for a GPU, as a term of `prices:`.
ON_DEMAND = "on-demand"
TERMS = {
    ON_DEMAND: "gpu_price",
    "reserved": "reserved_price",
    "reserved-3-year": "reserved_3_year_price",
    "spot": "spot_price",
    "server": "server_price",
}


class Cost(Section):
    """Prices, commitments and revenue."""

    gpu_price: Quantity = assume(
        "4.5 USD/GPU-hour", "USD/gpu-hour", "Price of a GPU-hour on demand", 1e-3, 1e3, GPU_PRICE, bare=True
    )
    gpu_price_change_per_year: Quantity = share(
        "0%",
        "Yearly change of GPU prices",
        "neutral: none, 2026-11",
        low=-0.9,
    )
    reserved_price: Quantity = assume(
        "0 USD/GPU-hour",
        "USD/gpu-hour",
        "Price of a reserved GPU-hour; 0 where none is known",
        0,
        1e3,
        "neutral: the on-demand price is paid, 2026-11",
        bare=True,
    )
    reserved_3_year_price: Quantity = assume(
        "0 USD/GPU-hour",
        "USD/gpu-hour",
        "Three-year price of a reserved GPU-hour, or 0",
        0,
        1e3,
        "neutral: none, 2026-11",
        bare=True,
    )
    on_demand_limit: Quantity = count(
        "none", "gpu", "GPUs on demand at most, spot included", 0, NO_GPU_LIMIT, "neutral: unlimited, 2026-11"
    )
    reserved_fraction: Quantity = share(
        "100%", "Reserved share of the fleet", "neutral: all of it is always on, 2026-11"
    )
    spot_fraction: Quantity = share("0%", "Spot share of the fleet", "neutral: none, 2026-11")
    spot_price: Quantity = assume(
        "6.571 USD/GPU-hour", "USD/gpu-hour", "Price of a spot GPU-hour", 1e-3, 1e3, SPOT_PRICE, bare=True
    )
    interruptions_per_hour: Quantity = assume(
        "0", "interruption/server/hour", "Interruptions per spot server and hour", 0, 60, "neutral: never, 2026-11"
    )
    storage_price: Quantity = assume(
        "0.02 USD/GiB-month",
        "USD/byte-month",
        "Price of a byte held for a month",
        0,
        1e-9,
        f"Google Cloud Storage, Standard, us-central1, {GCS}, 2026-09-20",
    )
    request_price: Quantity = assume(
        "5 USD/Mrequest",
        "USD/request",
        "Price of an upload request, one per clip",
        0,
        1e-2,
        f"0.005 USD per 1,000 class A operations of Google Cloud Storage, Standard, {GCS}, 2026-09-20",
    )
    egress_price: Quantity = assume(
        "0.04 USD/GiB",
        "USD/byte",
        "Price of a byte sent to a viewer",
        0,
        1e-8,
        "CloudFront at 150 to 500 TiB a month; 0.085 for little, 0.02 beyond 5 PiB, "
        "https://aws.amazon.com/cloudfront/pricing/, read 2026-11",
    )
    price_per_video_second: Quantity = assume(
        "0 USD/s",
        "USD/second",
        "Price asked for a second of video",
        0,
        1e3,
        "neutral: nothing is sold; APIs ask 0.04 to 0.40, 2026-11",
        bare=True,
    )
    server_price: Quantity = assume(
        "0 USD",
        "USD/server",
        "Price of a server of one's own, with its GPUs, network and installation; 0 where none is known",
        0,
        1e9,
        "neutral: GPUs are rented, 2026-11",
        bare=True,
    )
    service_life: Quantity = assume(
        "5 years",
        "second",
        "Years that a server of one's own is used",
        7.776e6,
        1.5768e9,
        "assumption: usual depreciation is 4 to 6 years, 2026-11",
    )
    residual_share: Quantity = share("0%", "Residual share of a server's price", "neutral: nothing, 2026-11", high=0.99)
    maintenance_share: Quantity = share(
        "7.5%",
        "Yearly maintenance over a server's price",
        "assumption: the middle of 5 to 10%, https://www.vultrbonus.com.br/es/blog/cloud-gpu-vs-on-prem, read 2026-11",
    )
    cost_of_capital: Quantity = share("10%", "Cost of capital per year", "assumption: between debt and equity, 2026-11")
    colocation_price: Quantity = assume(
        "150 USD/kW-month",
        "USD/watt-month",
        "Price of a place for a kW of rated power, per month",
        0,
        100,
        "assumption: between 100 and 200 for large halls; counts only with a server_price, 2026-11",
    )
    electricity_price: Quantity = assume(
        "0 USD/kWh",
        "USD/joule",
        "Price of electricity that the place does not include",
        0,
        1e-6,
        "neutral: the place includes it, 2026-11",
    )
    paid_share: Quantity = share("100%", "Share of clips that are paid for", "neutral: all of them, 2026-11")
    other_cost_per_video: Quantity = assume(
        "0 USD", "USD/video", "Other cost of a delivered clip", 0, 1e3, "neutral: none, 2026-11", bare=True
    )
    moderation_cost_per_video: Quantity = assume(
        "0 USD", "USD/video", "Cost of checking a clip, rejected ones too", 0, 1e3, "neutral: none, 2026-11", bare=True
    )
