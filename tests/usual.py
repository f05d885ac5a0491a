"""Values of assumptions as a person writes them, for drawn plans."""

import math
from random import Random

from t2v_capacity.assumptions import ASSUMPTIONS

_TENTHS, _HALVES, _DAYS, _HOURLY = ["1%", "5%", "12%"], ["5%", "20%", "50%"], ["30 d", "365 d"], ["1.2", "1.9", "2.6"]
# Values of assumptions whose default says nothing of a usual one.
USUAL: dict[str, list[str]] = {
    "request_share": ["20%", "60%"],
    **dict.fromkeys("rejected_prompt_share failed_share rejected_output_share".split(), _TENTHS),
    **dict.fromkeys("deferrable_share reserved_fraction spot_fraction residual_share".split(), _HALVES),
    **dict.fromkeys("cached_step_share attention_sparsity paid_share spare_fraction cdn_hit_ratio".split(), _HALVES),
    **{
        name: ["0.3", "0.7"]
        for name in "decoder_work_share decoder_memory_share sparse_kernel_efficiency active_share".split()
    },
    **dict.fromkeys("spot_price reserved_price reserved_3_year_price".split(), _HOURLY),
    "retention": _DAYS,
    "peak_to_average": ["1.3", "1.7", "2.5", "4"],
    "time_zones": ["3", "8", "24"],
    "growth_per_month": ["3%", "10%", "-5%", "2% to 6%"],
    "arrival_variability": ["0.5", "3", "12"],
    "service_variability": ["0.1", "0.6", "2"],
    "queue_limit": ["3", "40", "600", "5000"],
    "target_latency": ["30 s", "2 min", "10 min", "40 min"],
    "target_deferred_wait": ["20 min", "2 h", "8 h"],
    "max_utilization": ["60%", "80%", "95%", "99%"],
    "target_wait_probability": ["1%", "20%", "60%"],
    "regions": ["2", "3"],
    "regions_lost": ["1"],
    "spare_servers": ["1", "3"],
    "gpus_per_server": ["1", "2", "4"],
    "gpus_per_replica": ["2", "4", "8"],
    "guidance_groups": ["2"],
    "tensor_parallel": ["2", "4"],
    "on_demand_limit": ["40", "1000"],
    "interruptions_per_hour": ["0.02", "0.3"],
    "gpu_price_change_per_year": ["-20%", "5%"],
    "server_price": ["180K USD", "320K USD"],
    "electricity_price": ["0.08 USD/kWh", "0.2 USD/kWh"],
    "views_per_video": ["2", "50"],
    "price_per_video_second": ["0.05", "0.4"],
    "other_cost_per_video": ["0.01", "0.1"],
    "other_gpu_seconds_per_video": ["2", "15"],
    "other_seconds_per_video": ["3", "20"],
    "vae_encode_share": ["0.5"],
    "vae_tile_pixels": ["1e6"],
    "attention_window": ["5000", "20000"],
    "counted_passes_per_layer": ["150", "250"],
}
# Groups of assumptions that say little alone.
TOGETHER = (
    {"spot_fraction": "50%", "spot_price": "1.4", "interruptions_per_hour": "0.1"},
    {"deferrable_share": "30%", "target_deferred_wait": "4 h", "peak_to_average": "2"},
    {"reserved_fraction": "60%", "reserved_price": "2.1", "peak_to_average": "2"},
    {"regions": "3", "regions_lost": "1", "spare_servers": "1"},
    {"server_price": "300K USD", "electricity_price": "0.1 USD/kWh"},
    {"target_latency": "90 s"},
    {"attention_sparsity": "50%", "sparse_kernel_efficiency": "0.5"},
    {"price_per_video_second": "0.3", "paid_share": "40%"},
)
PINNED = (
    "gpus servers replicas trps peak_trps video_size gpu_seconds_per_video memory_needed "
    "generations_per_day storage_per_day"
).split()
LIMITED = "gpus latency_p95 cost_per_month cost_per_video fleet_power storage_per_month".split()


def text_of(name: str, chance: Random) -> str:
    """Return a value of an assumption as a person writes it, now and then as a range."""
    known = ASSUMPTIONS[name]
    if name in USUAL:
        return chance.choice(USUAL[name])
    number = known.number(known.default) * math.exp(chance.gauss(0, 0.3))
    number = min(max(number, known.low), known.high)
    if known.whole:
        return known.exact(float(round(number)))
    if chance.random() < 0.15 and known.low < number * 0.8 and number * 1.25 < known.high:
        return f"{known.exact(number * 0.8)} to {known.exact(number * 1.25)}"
    return known.exact(number)
