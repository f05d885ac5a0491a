"""Assumptions of the section `energy`: what it burns."""

from t2v_capacity.assumptions.assumption import Quantity, Section, assume, ratio, share


class Energy(Section):
    """Power and carbon."""

    gpu_load_share: Quantity = share(
        "93%",
        "Share of its rated power that a GPU at work draws",
        "0.85 to 0.98 in eight runs on H100 and B200, "
        "https://raw.githubusercontent.com/ml-energy/leaderboard/0cd52da/public/data/tasks/text-to-video.json, "
        "2026-02-27",
        low=0.05,
    )
    host_power_factor: Quantity = ratio(
        "1.45",
        "Power of a server over that of its GPUs",
        1,
        3,
        "assumption: hosts add 40 to 50 %, https://doi.org/10.1145/3620666.3651329; "
        "8.4 kW measured over 5.6 kW of GPUs is 1.5, https://doi.org/10.1109/ACCESS.2025.3554728, 2026-11",
    )
    rated_power_factor: Quantity = ratio(
        "1.82",
        "Rated power of a server over that of its GPUs",
        1,
        5,
        "assumption where the catalogue says nothing of a GPU's server: "
        "as DGX H100, 10.2 kW at most over 8 GPUs of 700 W, "
        "https://unanswered.io/guide/nvidia-dgx-power-consumption-watts, 2026-11",
    )
    pue: Quantity = ratio(
        "1.15",
        "Power of the site over that of its servers",
        1,
        3,
        "AWS in 2024, https://sustainability.aboutamazon.com/products-services/aws-cloud, read 2026-11",
    )
    carbon_intensity: Quantity = assume(
        "481 g/kWh",
        "kg/joule",
        "CO2 equivalent of electricity",
        0,
        5.6e-7,
        "world, 2023, Ember, https://ourworldindata.org/grapher/carbon-intensity-electricity, read 2026-11",
    )
