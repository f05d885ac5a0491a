"""What is wrong with a bill: unknown, old or odd prices, tiers, and what has no value since nothing is sold."""

import re
from collections.abc import Iterator
from datetime import date

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.catalogue import read_date
from t2v_capacity.catalogue.kinds import COMMITTED
from t2v_capacity.engine.figures import FIGURES, Known, Number
from t2v_capacity.plan.cells import ancestry
from t2v_capacity.plan.verdict import no_value, price_unknown
from t2v_capacity.plan.warnings.register import NEAR, Case, Said, Test, any_of, note, warning
from t2v_capacity.scenario.settings import Scenario, Setting

# Figures of revenue, absent if nothing is sold.
SELLING = ("gross_margin", "break_even_price")
# Figures of the bill named first if no price is known.
_BILLED = ("cost_per_month", "cost_per_video")
_OLDEST_PRICE = 180  # days
# A price by hand this many times outside the range of the list is far outside.
_FAR = 2


@warning(
    "hit-ratio-impossible",
    "cdn_hit_ratio views_per_video",
    lambda cdn_hit_ratio, hit_ratio_limit: cdn_hit_ratio > hit_ratio_limit + NEAR,
)
def _hit_ratio(plan: Case) -> str:
    return (
        f"a cache can't serve {show(plan['cdn_hit_ratio'], 'share')} "
        f"of {show(plan['views_per_video'], 'view')} a clip: "
        f"the first view comes from the origin, so {show(plan['hit_ratio_limit'], 'share')} is the most, "
        "and origin_bandwidth takes that"
    )


def _no_price(known: Known) -> dict[str, Number]:
    """Return of each price that the bill rests on whether it is unknown."""
    return {
        "gpu_price": no_value(known["gpu_price"]),
        "spot_price": no_value(known["spot_price"]) & (known["spot_fraction"] > 0),
    }


@warning("price-unknown", due=any_of(_no_price), by=("gpu_price", "spot_price"))
def _unpriced(plan: Case) -> Iterator[Said]:
    """Warn that costs have no value because a price of the GPU is unknown."""
    price = next(name for name, unknown in _no_price(plan.known).items() if unknown)
    names = tuple(name for name in FIGURES if no_value(plan[name]) and price in ancestry(name, plan.scenario))
    first = [name for name in _BILLED if name in names] or list(names[:1])
    more = f" and {len(names) - len(first)} more figures" if len(names) > len(first) else ""
    without = f", so there is no {', no '.join(first)}{more}" if names else ""
    what = f"no {'spot ' if price == 'spot_price' else ''}price of {plan.scenario.choices['gpu'].value}"
    yield Said(f"{what} is known{without}; set `{price}`", (price, *names))


def _asked(scenario: Scenario) -> tuple[float, ...]:
    """Return what sellers ask for the plan's GPU, where its price is by hand."""
    by_hand = scenario.settings["gpu_price"].origin.by_hand
    return tuple(scenario.catalogue.sellers(scenario.choices["gpu"].value).values()) if by_hand else ()


def _off_the_list(scenario: Scenario) -> Test | None:
    """Return the test of a price far outside what sellers ask; none where it is the list's own."""
    asked = _asked(scenario)
    if not asked:
        return None
    return lambda known: (known["gpu_price"] < min(asked) / _FAR) | (known["gpu_price"] > max(asked) * _FAR)


@warning("price-below-list", "gpu_price", due_in=_off_the_list)
def _unlike_the_list(plan: Case) -> str:
    """Warn of a GPU price by hand that is far outside what sellers ask for that GPU, below or above."""
    asked, price = _asked(plan.scenario), plan["gpu_price"]
    side = "below" if price < min(asked) else "above"
    return (
        f"{ASSUMPTIONS['gpu_price'].show(price)} is far {side} what sellers ask for "
        f"{plan.scenario.choices['gpu'].value}, {digits(min(asked))} to {digits(max(asked))}; "
        "check `gpu_price` and its unit"
    )


def _counted(known: Known) -> dict[str, Number]:
    """Return of each price whether the bill rests on it."""
    return {
        "gpu_price": (known["paid_burst_share"] != 0) | (known["reserved_price"] == 0),
        "reserved_price": known["reserved_price"] * known["held_fraction"] != 0,
        "spot_price": known["spot_fraction"] != 0,
        "storage_price": known["storage_price"] != 0,
        "request_price": known["request_price"] != 0,
        "egress_price": known["egress_price"] * known["views_per_video"] != 0,
    }


def _doubtful(scenario: Scenario) -> dict[str, date | None]:
    """Return the prices that are old, each with its date, and those that have none.

    A price that is not known at all is neither.
    """
    reached, today = ancestry("cost_per_month", scenario), read_date(scenario.as_of)
    prices = ("gpu_price", "reserved_price", "spot_price", "storage_price", "request_price", "egress_price")
    dates = {name: _dated(scenario.settings[name]) for name in prices if name in reached}
    if price_unknown(scenario):
        dates.pop("gpu_price", None)
    return {
        name: dated for name, dated in dates.items() if not dated or (today and (today - dated).days > _OLDEST_PRICE)
    }


def _dated(setting: Setting) -> date | None:
    """Return the date of a value: its own, else the one that its source ends with."""
    found = re.search(r"(\d{4}(?:-\d\d){0,2})$", setting.as_of or setting.source, re.ASCII)
    return read_date(found.group(1)) if found else None


def _in_doubt(scenario: Scenario) -> Test | None:
    """Return the test of a bill that rests on a price which is old or has no date; none if there is none."""
    names = _doubtful(scenario)
    return (
        any_of(lambda known: {name: counts for name, counts in _counted(known).items() if name in names})
        if names
        else None
    )


@warning("price-stale", due_in=_in_doubt, by=("paid_burst_share", "held_fraction"))
def _prices(plan: Case) -> Iterator[Said]:
    """Warn of the prices that the bill rests on and that are old or undated."""
    counted = _counted(plan.known)
    dates = {name: dated for name, dated in _doubtful(plan.scenario).items() if counted[name]}
    if old := [name for name, dated in dates.items() if dated]:
        ages = ", ".join(f"{name} ({dates[name]})" for name in old)
        yield Said(
            f"older than {_OLDEST_PRICE} days on {plan.scenario.as_of}: {ages}; "
            "look the price up, and set it with its `as_of`",
            (*old,),
        )
    if undated := [name for name, dated in dates.items() if not dated]:
        yield Said(f"without a date: {', '.join(undated)}; add `as_of` to the value", (*undated,), "info")


def _unsold(known: Known) -> dict[str, Number]:
    """Return of each figure of what is sold whether it has no value since nothing is."""
    sold = {"gross_margin": "revenue_per_month", "break_even_price": "paid_seconds_per_month"}
    return {name: no_value(known[name]) & (known[of] <= 0) for name, of in sold.items()}


@note("no-revenue", due=any_of(_unsold), by=(*SELLING, "revenue_per_month", "paid_seconds_per_month"))
def _selling(plan: Case) -> Iterator[Said]:
    """Tell why a service that sells nothing has no margin."""
    names = tuple(name for name, unsold in _unsold(plan.known).items() if unsold)
    fix = "set price_per_video_second" if names == ("gross_margin",) else "set price_per_video_second and paid_share"
    yield Said(f"nothing is sold, so there is no {' and no '.join(names)}; {fix}", names)


@warning(
    "spot-dearer",
    "spot_price gpu_price",
    lambda spot_fraction, spot_price, gpu_price: (spot_fraction > 0) & (spot_price >= gpu_price),
)
def _dear_spot(plan: Case) -> str:
    spot, demanded = (show(plan[name], "USD/gpu-hour") for name in ("spot_price", "gpu_price"))
    return f"a spot GPU costs {spot} and one on demand {demanded}, so spot never pays; look at both prices"


@warning("reserve-dearer", "reserved_price gpu_price", lambda reserved_price, gpu_price: reserved_price > gpu_price)
def _dear_reserve(plan: Case) -> str:
    reserved, demanded = (show(plan[name], ASSUMPTIONS[name].unit) for name in ("reserved_price", "gpu_price"))
    return (
        f"a reserved GPU costs {reserved} and one on demand {demanded}, "
        "so that reserving never pays; look at both prices"
    )


def _without_a_reserve(scenario: Scenario) -> Test | None:
    """Return the test of a reserve that has no price; none of a plan that was not given a reserve."""
    if not scenario.settings["reserved_fraction"].origin.by_hand:
        return None
    return lambda known: (known["reserved_fraction"] > 0) & (known["reserved_price"] == 0)


@note("reserve-unpriced", "reserved_fraction reserved_price", due_in=_without_a_reserve)
def _unpriced_reserve(plan: Case) -> str:
    """Tell that a reserve is billed at the on-demand price, and what the list asks for one."""
    gpu = plan.scenario.choices["gpu"].value
    listed = plan.scenario.catalogue.sellers(gpu, COMMITTED)
    asked = "".join(f"; {seller} asks from {price:.2f} USD, term not stated" for seller, price in listed.items())
    return f"no reserved price of {gpu} is given, so the reserved part is billed on demand{asked}; set `reserved_price`"
