"""What is odd with a fleet and its bill: prices that are not known, reserves, spot, regions, spares."""

from collections.abc import Iterator

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.catalogue.kinds import COMMITTED
from t2v_capacity.engine.figures import FIGURES, Known, Number
from t2v_capacity.engine.verbs import floor
from t2v_capacity.plan.cells import ancestry
from t2v_capacity.plan.verdict import no_value, unpriced
from t2v_capacity.plan.warnings.register import ROUNDING_ERROR, Case, Test, Text, any_of, note, warning
from t2v_capacity.scenario.settings import Scenario

# Figures of revenue, absent if nothing is sold.
SELLING = ("gross_margin", "profit_per_month", "break_even_price")
# Parts of a mix differ by more than this squared coefficient of variation.
# A spread of so much of it may be the same one.
_APART, _ALIKE = 0.1, 0.8
# A region is smaller than the mean of all by more than this share of it.
_UNEQUAL = 0.1


@warning(
    "hit-ratio-impossible",
    "cdn_hit_ratio views_per_video",
    lambda cdn_hit_ratio, hit_ratio_limit: cdn_hit_ratio > hit_ratio_limit + ROUNDING_ERROR,
)
def _hit_ratio(plan: Case) -> str:
    return (
        f"a cache can't serve {show(plan['cdn_hit_ratio'], 'share')} "
        f"of {show(plan['views_per_video'], 'view')} a clip: "
        f"the first view comes from the origin, so {show(plan['hit_ratio_limit'], 'share')} is the most "
        "if every clip is viewed, and origin_bandwidth takes that"
    )


@warning("price-unknown", due=any_of(unpriced), by=("gpu_price", "spot_price", "spot_share"))
def _missing_price(plan: Case) -> Iterator[Text]:
    """Warn that costs have no value because a price of the GPU is unknown."""
    price = next(name for name, unknown in unpriced(plan.known).items() if unknown)
    names = tuple(name for name in FIGURES if no_value(plan[name]) and price in ancestry(name, plan.scenario))
    what = f"{'spot ' if price == 'spot_price' else ''}price of {plan.scenario.option('gpu')}"
    yield Text(f"no {what} is known, so what follows from it has no value; set `{price}`", (price, *names))


def _unsold(known: Known) -> dict[str, Number]:
    """Return whether each figure of sales has no value since nothing is sold."""
    sold = dict.fromkeys(SELLING, "revenue_per_month") | {"break_even_price": "paid_seconds_per_month"}
    return {name: no_value(known[name]) & (known[of] <= 0) for name, of in sold.items()}


@note("no-revenue", due=any_of(_unsold), by=(*SELLING, "revenue_per_month", "paid_seconds_per_month"))
def _selling(plan: Case) -> Iterator[Text]:
    """Tell why a service that sells nothing has no margin."""
    names = tuple(name for name, unsold in _unsold(plan.known).items() if unsold)
    paid = " and paid_share" if "break_even_price" in names else ""
    yield Text(f"nothing is sold, so there is no {', no '.join(names)}; set price_per_video_second{paid}", names)


@warning("no-region-left", "regions_lost regions", lambda regions_lost, regions: regions_lost >= regions)
def _none_left(plan: Case) -> str:
    return (
        f"of {show(plan['regions'], 'region')} as many as {show(plan['regions_lost'], 'region')} may be lost, "
        "which leaves none; the fleet is that of one left: set `regions_lost` below `regions`"
    )


@note(
    "limit-drops-spares",
    "servers gpu_limit",
    lambda servers, regions, servers_per_region, spares_per_region, regions_lost, replicas, replicas_needed: (
        ((spares_per_region > 0) & (servers < regions * (servers_per_region + spares_per_region)))
        | ((regions_lost > 0) & (replicas < replicas_needed))
    ),
)
def _no_room(plan: Case) -> Iterator[Text]:
    """Note what a limit has no room for; warn if a region may be lost, whose load the others then don't carry."""
    spares = plan["regions"] * plan["spares_per_region"]
    short = min(spares, plan["regions"] * plan["servers_per_region"] + spares - plan["servers"])
    dropped = [f"{show(short, 'server')} of the spares"] if short > 0 else []
    left = ""
    if plan["regions_lost"] and plan["replicas"] < plan["replicas_needed"]:
        dropped.append("replicas for a lost region")
        load = plan["region_load"] * plan["regions"] / plan["replicas"]
        left = f", so the regions that are left would be {show(load, 'share')} busy at the peak"
    message = f"the fleet has no room for {' and '.join(dropped)}{left}; give it more GPUs, or plan without them"
    yield Text(message, severity="warning" if left else "")


@warning(
    "regions-unequal",
    "wait_p95 latency_p95 gpu_limit regions",
    lambda servers_available, servers_per_replica, replicas, regions, replicas_per_server: (
        (replicas >= servers_available // servers_per_replica * replicas_per_server)
        & (servers_available // servers_per_replica % regions > _UNEQUAL * (servers_available // servers_per_replica))
    ),
)
def _unequal_regions(plan: Case) -> str:
    groups, regions = plan["servers_available"] // plan["servers_per_replica"], plan["regions"]
    fewest, most = (rounded * plan["replicas_per_server"] for rounded in (groups // regions, -(-groups // regions)))
    return (
        f"{show(regions, 'region')} can't share {show(groups * plan['servers_per_replica'], 'server')} equally: "
        f"some have {most:g} replicas and some {fewest:g}; waits are those of {plan['replicas'] / regions:.3g} "
        "in each, and longer in the smaller regions"
    )


def _region_alone(regions_lost: float) -> str:
    """Return how regions are planned that serve only the users near them."""
    if regions_lost > 0:  # which a region alone has no other to make up for
        return "write the `day_curve` of all users, as regions take over from each other"
    return "plan it alone, with its own `dau`, `time_zones`, and `regions: 1`"


@warning(
    "regions-share-zones",
    "zoned_peak time_zones regions",
    lambda time_zones, regions: (time_zones > 0) & (regions > 1),
)
def _shared_zones(plan: Case) -> str:
    return (
        f"the peak is {show(plan['zoned_peak'], 'ratio')} times the mean if each region serves users of all "
        f"{plan['time_zones']:g} time zones; if it serves only those near it, "
        f"{_region_alone(plan['regions_lost'])}"
    )


@warning(
    "spread-counted-twice",
    "service_variability",
    lambda service_variability, squared_latency, generation_latency: (
        (squared_latency / generation_latency**2 > 1 + _APART)
        & (service_variability > _ALIKE * (squared_latency / generation_latency**2 - 1))
    ),
)
def _spread(plan: Case) -> str:
    """Warn of a spread as large as that between a mix's parts: it may have been measured over all."""
    between = plan["squared_latency"] / plan["generation_latency"] ** 2 - 1
    return (
        f"service_variability {show(plan['service_variability'], 'ratio')} is of clips of one kind, "
        f"and the parts of the mix spread by {show(between, 'ratio')} besides: "
        "measured over all kinds it counts twice; `t2v-cap fit LOG` measures it within kinds"
    )


@warning("reserve-dearer", "reserved_price gpu_price", lambda reserved_price, gpu_price: reserved_price > gpu_price)
def _dear_reserve(plan: Case) -> str:
    return f"{_both_prices(plan, 'reserved')}, so that reserving never pays; look at both prices"


def _both_prices(plan: Case, kind: str) -> str:
    """Return what a reserved or a spot GPU costs, and one on demand."""
    price, demanded = (show(plan[name], "USD/gpu-hour") for name in (f"{kind}_price", "gpu_price"))
    return f"a {kind} GPU costs {price} and one on demand {demanded}"


def _without_a_reserve(scenario: Scenario) -> Test | None:
    """Return the test of a reserve that has no price; none of a plan that was not given a reserve."""
    if not scenario.by_hand("reserved_fraction"):
        return None
    return lambda known: (known["reserved_fraction"] > 0) & (known["held_price"] == known["gpu_price"])


@note("reserve-unpriced", "reserved_fraction reserved_price", due=_without_a_reserve, by=("held_price",))
def _unpriced_reserve(plan: Case) -> str:
    """Tell that a reserve is billed at the on-demand price, and what the list asks for one."""
    gpu = plan.scenario.option("gpu")
    asked = _listed_prices(plan, COMMITTED, "from {:.2f} USD, term not stated")
    return f"no reserved price of {gpu} is given, so the reserved part is billed on demand{asked}; set `reserved_price`"


def _listed_prices(plan: Case, kind: str, price: str) -> str:
    """Return what each seller of the list asks for the plan's GPU."""
    listed = plan.scenario.catalogue.sellers(plan.scenario.option("gpu"), kind)
    return "".join(f"; {seller} asks {price.format(asked)}" for seller, asked in listed.items())


@warning(
    "spot-dearer",
    "spot_price gpu_price",
    lambda spot_share, spot_price, gpu_price: (spot_share > 0) & (spot_price >= gpu_price),
)
def _dear_spot(plan: Case) -> str:
    """Warn of a spot price that saves nothing; another seller's may."""
    return (
        f"{_both_prices(plan, 'spot')}, so spot saves nothing at these prices"
        f"{_listed_prices(plan, 'spot', '{:.2f} USD for spot')}; set `spot_price` or `gpu_price`, or name a `provider`"
    )


@note(
    "spot-without-promise",
    "spot_fraction gpus",
    lambda spot_share, gpu_seconds_per_video: (spot_share > 0) & (gpu_seconds_per_video >= 0),
)
def _spot(plan: Case) -> Iterator[Text]:
    """Tell what the fleet does without its spot GPUs, which may all be taken away at once.

    Warn of a promised latency that needs them.
    """
    spot, left = plan["spot_share"], floor(plan["gpus"] * (1 - plan["spot_share"]))
    urgent = plan["peak_busy_gpus"] * plan["urgent_share"] / plan["spot_work"]
    message = (
        f"{show(spot, 'share')} of the fleet is spot and carries no promise: without it {show(left, 'gpu')} are left; "
        f"urgent work takes {show(urgent, 'gpu')} at the peak, "
        f"the day's mean is {show(plan['busy_gpus'] / plan['spot_work'], 'gpu')}"
    )
    # Each is away until another has started.
    absence = plan["interruptions_per_run"] * plan["cold_start"] / plan["generation_latency"]
    away = plan["gpus"] * spot * absence / (1 + absence)
    spare = plan["gpus"] - plan["replicas"] * plan["gpus_per_replica"]
    if away:
        message += f"; interruptions keep {show(away, 'gpu')} away, which waits omit; {show(spare, 'gpu')} are spare"
    missed = plan.scenario.promises and (left < urgent or away > spare)
    yield Text(message, severity="warning" if missed else "")
