"""GPUs that come and go with the day: what is paid for above a reserve, and the reserve that costs least."""

from collections.abc import Callable

from t2v_capacity.engine.constants import PI, SMALLEST_SPREAD
from t2v_capacity.engine.verbs import acos, maximum, minimum, sin, sqrt, verb, where

# Reserves that are tried, evenly spaced in the hours for which the load exceeds them. Of 20,000 drawn days the bill is
# within 0.04% of the lowest in 99 of 100, and within 0.25% in all.
RESERVES = 32


@verb
def paid_burst(held: float, peak: float, fleet: float, start: float, server: float) -> float:
    """Return the GPU-hours paid for above a held share of the fleet, over those of the whole fleet.

    `peak` is the day's over its mean, `fleet` the part of its GPUs that there is, `start` a cold start over a day,
    `server` one server per region and its spares over the fleet. A fleet holds these at no load and all of it at the
    peak, in a straight line between: then it is right on average that servers and spares are whole. Two things are
    paid for, never more than the rest of the fleet:

    - what is needed above the held share. The load swings like a sine, beyond twice the mean in part of the hours. The
      area of a sine of half swing 1 above x is (sqrt(1 - x^2) - x acos x) / pi. A fleet below its peak makes the rest
      later, at most all the work.
    - a cold start of each GPU that comes and goes with the day, once a day.

    >>> [round(paid_burst(held, 1.7, 1, 0.01, 0.02), 4) for held in (0, 0.5, 0.9, 1)], paid_burst(0, 4, 1, 0, 0.5)
    ([0.6045, 0.1854, 0.0161, 0], 0.625)
    """
    return _burst_of(peak, fleet, start, server)(held)


def _burst_of(peak: float, fleet: float, start: float, server: float) -> Callable[[float], float]:
    """Return `paid_burst` by the held share alone."""
    middle = 1 / minimum(2, peak)
    swing, quietest = 1 - middle, 2 * middle - 1
    spread, sine = maximum(SMALLEST_SPREAD, swing), minimum(1, 2 / peak) * swing / PI
    swings, later = maximum(0, 1 - quietest / fleet), where(fleet < 1, minimum(1, 1 / peak / fleet), 1)
    following = maximum(SMALLEST_SPREAD, 1 - server)

    def paid(held: float) -> float:
        above = maximum(0, held - server) / following  # of what follows the day, the share that is held
        depth = maximum(-1, minimum(1, (above * fleet - middle) / spread))
        area = maximum(0, quietest - above * fleet) + sine * (sqrt(1 - depth**2) - depth * acos(depth))
        worked = minimum((1 - above) * later, area / fleet)
        started = minimum(1 - above, swings) * start
        return minimum(1 - held, maximum(0, server - held) + following * (worked + started))

    return paid


@verb
def cheapest_reserve(price: float, least: float, peak: float, fleet: float, start: float, server: float) -> float:
    """Return the share of the fleet that is reserved at the lowest bill.

    A reserved GPU costs `price` times one on demand. Tried are the `least` share, which can't be had on demand, and
    shares from the quietest load to the whole fleet. Above each the bill is that of `paid_burst`.

    >>> [round(cheapest_reserve(price, 0.1, 1.7, 1, 0.01, 0.02), 3) for price in (1.5, 0.6, 0.01)]
    [0.1, 0.479, 1.0]
    """
    paid = _burst_of(peak, fleet, start, server)
    quietest = server + (1 - server) * minimum(1, maximum(0, 2 / peak - 1) / fleet)
    cheapest, lowest = least, least * price + paid(least)
    for k in range(RESERVES + 1):
        share = maximum(least, quietest + (1 - quietest) * (1 + sin(PI * (k / RESERVES - 1 / 2))) / 2)
        bill = share * price + paid(share)
        cheapest = cheapest + (share - cheapest) * (bill < lowest - SMALLEST_SPREAD)
        lowest = minimum(bill, lowest)
    return cheapest + 0 * price  # without a price there is none
