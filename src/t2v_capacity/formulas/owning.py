"""An owned server -> cost per GPU-hour."""

from t2v_capacity.engine.constants import HOURS_PER_YEAR, MONTHS_PER_YEAR, SECONDS_PER_HOUR, UNDEFINED, YEAR
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import growth_sum, maximum, minimum, where


@figure("ratio", "Part of a server's price that a year of it costs")
def capital_rate(cost_of_capital: float, residual_share: float, service_life: float) -> float:
    """Interest on the price, and equal payments that make up for what is lost by the end of its life.

    The payments do so with their interest. This is the capital recovery factor less the residual value's sinking fund:
    k / (1 - (1 + k)^-n) - residual k / ((1 + k)^n - 1); Blank and Tarquin, Engineering Economy, 8th edition, 2018.

    >>> capital_rate(cost_of_capital=0.1, residual_share=0.1, service_life=157_680_000)
    0.24741773271527082
    """
    return cost_of_capital + (1 - residual_share) / growth_sum(cost_of_capital, service_life / YEAR)


@figure("USD/gpu-hour", "Price of a GPU-hour that the server costs")
def owned_server_price(
    server_price: float, gpus_per_server: float, capital_rate: float, maintenance_share: float
) -> float:
    """A server's yearly capital and maintenance over the hours of its GPUs, at work or not.

    Without a price of the server the figure has no value.

    >>> owned_server_price(server_price=300_000, gpus_per_server=8, capital_rate=0.25, maintenance_share=0.05)
    1.2842465753424657
    """
    return (
        where(server_price > 0, server_price, UNDEFINED)
        / gpus_per_server
        * (capital_rate + maintenance_share)
        / HOURS_PER_YEAR
    )


@figure("USD/gpu-hour", "Price of a GPU-hour that its place costs")
def owned_place_price(
    colocation_price: float, gpu_power: float, host_power_factor: float, rated_power_factor: float
) -> float:
    """A colocation is paid for the rated power of what stands there, whatever it draws.

    >>> owned_place_price(colocation_price=0.15, gpu_power=700, host_power_factor=1.45, rated_power_factor=1.82)
    0.2617808219178082
    """
    return (
        colocation_price * gpu_power * maximum(host_power_factor, rated_power_factor) * MONTHS_PER_YEAR / HOURS_PER_YEAR
    )


@figure("USD/gpu-hour", "Price of a GPU-hour that its electricity costs")
def owned_electricity_price(
    electricity_price: float, average_utilization: float, making_share: float, working_power: float, idle_power: float
) -> float:
    """A GPU of one's own is always on: at work for the fleet's average utilization, idle for the rest.

    A stream that is made faster than it plays leaves it idle too. The building's part is in both.

    >>> owned_electricity_price(
    ...     electricity_price=2.5e-8, average_utilization=0.75, making_share=0.8, working_power=1085, idle_power=200
    ... )
    0.06579
    """
    return (
        electricity_price
        * (idle_power + minimum(1, average_utilization * making_share) * (working_power - idle_power))
        * SECONDS_PER_HOUR
    )


@main_figure("USD/gpu-hour", "Price of an owned GPU-hour")
def owned_price(owned_server_price: float, owned_place_price: float, owned_electricity_price: float) -> float:
    """The server, its place and its electricity, for each hour of a GPU, at work or not.

    >>> owned_price(owned_server_price=1.0625, owned_place_price=0.25, owned_electricity_price=0.0625)
    1.375
    """
    return owned_server_price + owned_place_price + owned_electricity_price
