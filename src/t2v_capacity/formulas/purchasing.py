"""How GPU-hours are bought: beyond the on-demand limit, committed, and the cheapest mix of both with spot."""

from t2v_capacity.engine.constants import HOURS_PER_DAY, SMALLEST_SPREAD
from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import maximum, minimum, where


@figure("share", "Share of the fleet that can't be had on demand")
def not_on_demand_share(gpus: float, on_demand_limit: float) -> float:
    """GPUs beyond what a cloud gives on demand are held at every hour, whatever the load.

    >>> not_on_demand_share(gpus=8_000, on_demand_limit=2_000)
    0.75
    """
    return 1 - minimum(gpus, on_demand_limit) / gpus


@figure("share", "Spot share of the GPUs that can be had on demand", better="")
def spot_part(spot_fraction: float, not_on_demand_share: float) -> float:
    """Spot GPUs count toward the on-demand limit: GPUs beyond it are no spot GPUs.

    >>> spot_part(spot_fraction=0.125, not_on_demand_share=0.75)
    0.5
    """
    return minimum(1, spot_fraction / maximum(SMALLEST_SPREAD, 1 - not_on_demand_share))


@figure("share", "Share of the fleet that is spot", better="")
def spot_share(spot_part: float, not_on_demand_share: float) -> float:
    """Of the GPUs that can be had on demand, the spot part.

    >>> spot_share(spot_part=0.5, not_on_demand_share=0.75)
    0.125
    """
    return spot_part * (1 - not_on_demand_share)


@figure("share", "Share of the fleet that is held at every hour", better="")
def held_fraction(reserved_fraction: float, not_on_demand_share: float) -> float:
    """GPUs that are reserved or exceed the on-demand limit.

    >>> held_fraction(reserved_fraction=0.5, not_on_demand_share=0.75)
    0.75
    """
    return maximum(reserved_fraction, not_on_demand_share)


@figure("share", "Share of the fleet that is reserved", better="")
def reserved_part(held_fraction: float, spot_part: float, not_on_demand_share: float) -> float:
    """Of the GPUs that are held, those that are not spot: all beyond the on-demand limit are reserved.

    >>> reserved_part(held_fraction=1, spot_part=0.5, not_on_demand_share=0.75)
    0.875
    """
    return held_fraction - spot_part * maximum(0, held_fraction - not_on_demand_share)


@figure("USD/gpu-hour", "Price of the cheapest GPU-hour that is held")
def committed_price(held_price: float, reserved_3_year_price: float, server_price: float, owned_price: float) -> float:
    """A GPU reserved for a year or for three, or a server of one's own: whichever costs least today.

    One whose price is not known is left out. Three years at one price are dear where prices fall: `forecast` shows when
    on demand is below it.

    >>> committed_price(held_price=3, reserved_3_year_price=2, server_price=300_000, owned_price=1.5)
    1.5
    """
    return minimum(
        minimum(held_price, where(reserved_3_year_price > 0, reserved_3_year_price, held_price)),
        where(server_price > 0, owned_price, held_price),
    )


@figure("USD/month", "GPU cost per month, cheapest buying mix")
def gpu_cost_mixed(
    gpu_cost_reserved: float,
    gpus: float,
    not_on_demand_share: float,
    committed_price: float,
    spot_part: float,
    spot_following: float,
    spot_price: float,
    days_per_month: float,
) -> float:
    """The part that may be taken away follows the day at the spot price, and the rest has the cheapest reserve.

    That part has the cheapest reserve too, unless spot costs less. GPUs beyond the on-demand limit stay committed. What
    interruptions cost is in the fleet.

    >>> gpu_cost_mixed(
    ...     gpu_cost_reserved=3_600_000, gpus=1_000, not_on_demand_share=0.5, committed_price=4, spot_part=0.75,
    ...     spot_following=250, spot_price=1, days_per_month=30
    ... )
    2160000.0
    """
    return gpu_cost_reserved - maximum(
        0,
        where(
            spot_part > 0,
            spot_part
            * (gpu_cost_reserved - gpus * not_on_demand_share * committed_price * HOURS_PER_DAY * days_per_month)
            - spot_following * spot_price * HOURS_PER_DAY * days_per_month,
            0,
        ),
    )
