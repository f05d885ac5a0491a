"""How GPU-hours are bought: beyond the on-demand limit, committed, and the cheapest mix of both with spot."""

from t2v_capacity.engine.constants import HOURS_PER_DAY
from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import maximum, minimum, where
from t2v_capacity.formulas.burst import paid_burst


@figure("share", label="Share of the fleet that can't be had on demand", group="money", detail=True, better="lower")
def not_on_demand_share(gpus: float, on_demand_limit: float) -> float:
    """GPUs beyond what a cloud gives on demand are held at every hour, whatever the load.

    >>> not_on_demand_share(gpus=8_000, on_demand_limit=2_000)
    0.75
    """
    return maximum(0, 1 - on_demand_limit / gpus)


@figure("share", label="Share of the fleet that is held at every hour", group="money", detail=True)
def held_fraction(reserved_fraction: float, not_on_demand_share: float) -> float:
    """GPUs that are reserved or exceed the on-demand limit.

    >>> held_fraction(reserved_fraction=0.5, not_on_demand_share=0.75)
    0.75
    """
    return maximum(reserved_fraction, not_on_demand_share)


@figure("gpu", label="GPUs held idle since they can't be had on demand, on average", group="money", adds=True, detail=True, better="lower")
def gpus_held_idle(
    gpus: float, gpus_following: float, levelled_peak: float, fleet_share: float, cold_start_share: float, server_share: float
) -> float:
    """Idle GPUs that autoscaling can't release: what follows the day now, less what would follow it if all could be had on demand.

    >>> gpus_held_idle(gpus=8_000, gpus_following=6_500, levelled_peak=2, fleet_share=1, cold_start_share=0.01, server_share=0.05)
    2220.0
    """
    return maximum(0, gpus_following - gpus * paid_burst(0, levelled_peak, fleet_share, cold_start_share, server_share))


@figure("USD/gpu-hour", label="Price of the cheapest GPU-hour that is held", group="money", detail=True, better="lower")
def committed_price(held_price: float, reserved_3_year_price: float, server_price: float, owned_price: float) -> float:
    """Reserved for a year or for three, or a server of one's own: whichever costs least today, where its price is known.

    Three years at one price are dear where prices fall: `forecast` shows when on demand is below it.

    >>> committed_price(held_price=3, reserved_3_year_price=2, server_price=300_000, owned_price=1.5)
    1.5
    """
    return minimum(
        minimum(held_price, where(reserved_3_year_price > 0, reserved_3_year_price, held_price)),
        where(server_price > 0, owned_price, held_price),
    )


@figure("USD/month", label="Committed part of the cheapest buying mix", group="money", adds=True, detail=True, better="lower")
def mix_committed_cost(
    spot_fraction: float,
    committed_price: float,
    gpu_price: float,
    gpus: float,
    cheapest_reserved_fraction: float,
    gpu_cost_reserved: float,
    days_per_month: float,
) -> float:
    """GPUs that work for so many hours that holding them costs least: reserved or owned, at the cheapest of their prices.

    >>> mix_committed_cost(
    ...     spot_fraction=0.25, committed_price=2, gpu_price=4, gpus=6400, cheapest_reserved_fraction=0.5, gpu_cost_reserved=6_000_000,
    ...     days_per_month=30
    ... )
    3456000.0
    """
    return (1 - spot_fraction) * minimum(
        gpu_cost_reserved,
        where(committed_price < gpu_price, gpus * cheapest_reserved_fraction * committed_price * HOURS_PER_DAY * days_per_month, 0),
    )


@figure("USD/month", label="On-demand part of the cheapest buying mix", group="money", adds=True, detail=True, better="lower")
def mix_on_demand_cost(spot_fraction: float, gpu_cost_reserved: float, mix_committed_cost: float) -> float:
    """GPUs above what is committed come and go with the day.

    >>> mix_on_demand_cost(spot_fraction=0.25, gpu_cost_reserved=6_000_000, mix_committed_cost=3_456_000)
    1044000.0
    """
    return maximum(0, (1 - spot_fraction) * gpu_cost_reserved - mix_committed_cost)


@figure("USD/month", label="Part of the cheapest buying mix that may be spot", group="money", adds=True, detail=True, better="lower")
def mix_spot_cost(
    spot_fraction: float, gpu_cost_following: float, gpu_price: float, paid_spot_price: float, gpu_cost_reserved: float
) -> float:
    """The part of the fleet that may be taken away follows the day at the spot price, or is bought as the rest where that costs less.

    What interruptions cost is in the fleet.

    >>> mix_spot_cost(spot_fraction=0.25, gpu_cost_following=9_000_000, gpu_price=4, paid_spot_price=1, gpu_cost_reserved=6_000_000)
    562500.0
    """
    return spot_fraction * minimum(gpu_cost_reserved, gpu_cost_following * paid_spot_price / gpu_price)


@figure("USD/month", label="GPU cost per month, cheapest buying mix", group="money", adds=True, detail=True, better="lower")
def gpu_cost_mixed(mix_committed_cost: float, mix_on_demand_cost: float, mix_spot_cost: float) -> float:
    """The cheapest way to pay for each hour of the day: committed up to a load that is there for most hours, on demand above, spot for its part.

    >>> gpu_cost_mixed(mix_committed_cost=3_456_000, mix_on_demand_cost=1_044_000, mix_spot_cost=562_500)
    5062500
    """
    return mix_committed_cost + mix_on_demand_cost + mix_spot_cost
