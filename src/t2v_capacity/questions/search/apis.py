"""Make or buy: what a delivered second costs on a fleet of one's own, and what public APIs ask for one."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from typing_extensions import TypedDict

from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.quantities import digits, second_text, show
from t2v_capacity.catalogue import ListPrice
from t2v_capacity.plan.cells import SAMPLING
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import PartFigures, View, stages_of, views
from t2v_capacity.plan.uncertain import NO_BAND, error_bands
from t2v_capacity.plan.verdict import renting_in_words
from t2v_capacity.plan.warnings.register import ROUNDING_ERROR

# GPU cost per delivered second: storage, egress and moderation are paid either way.
# Whoever pays the service plays no part. The second is that of the cheapest way to buy that the plan has a price for.
OWN, AUTOSCALED, SOUGHT = "gpu_cost_per_second", "autoscaled_cost_per_second", "dau"
BUY, BUILD, TOO_CLOSE = "buy", "build", "too close to call"
# Frames whose heights differ by at most this factor are the same size to a buyer.
_SAME_SIZE = 1.1
# How many numbers of users are tried, in equal ratios and in equal steps.
# Each takes a twentieth of a millisecond.
_TRIED = 48

_Ends = tuple[float, float]  # the least and the most over what is uncertain: a band's


class BuyData(TypedDict):
    """Whether to buy or to build, with GPUs as the plan rents them, and as they cost least."""

    own: str
    own_autoscaled: str


class PartPrice(NamedTuple):
    """A part of a mix: its GPU cost per delivered second, and the services of its model at its size.

    The cost is that of GPUs as the plan rents them, and autoscaled over the cheapest commitment, each with its least
    and its most over what is uncertain.
    """

    name: str
    own: float
    own_autoscaled: float
    own_ends: _Ends
    autoscaled_ends: _Ends
    alike: tuple[ListPrice, ...]
    verdict: BuyData | None


class MakeOrBuy(NamedTuple):
    """The GPU cost per delivered second of a plan and the list prices of public APIs, in USD per second of video.

    `alike` are the services of the same model at its frame size, of a mix at that of all parts. Without one there
    is no verdict: another model's clip is another product, so `others` of this size are named alone. `below` and
    `above` ask next less and next more than own costs. At `clips_per_day`, the fewest that are tried, own costs no more
    than the first service of `alike`, until a further server is needed; none where it never does. `bought_per_month` is
    what that service asks for the plan's seconds, in USD.
    """

    own: float
    own_autoscaled: float
    own_ends: _Ends  # a fleet is whole servers, so they don't follow the factors of the model's error
    autoscaled_ends: _Ends
    model: str
    alike: tuple[ListPrice, ...]
    others: tuple[ListPrice, ...]
    below: ListPrice | None
    above: ListPrice | None
    clips_per_day: float | None
    break_even_price: float | None
    bought_per_month: float | None
    verdict: BuyData | None
    parts: tuple[PartPrice, ...]
    rented: str  # in words, as the plan has its GPUs
    mixed: str  # and at the least

    @property
    def low(self) -> float:
        """The least cost, as a factor on it."""
        return self.own_ends[0] / self.own

    @property
    def high(self) -> float:
        """The most."""
        return self.own_ends[1] / self.own

    @property
    def against(self) -> ListPrice | None:
        """The service that a verdict is of: the cheapest of the same model at this size."""
        return next(iter(self.alike), None)

    def in_words(self, *, following: bool = True) -> str:
        """Return it in a sentence; `following` has the cost of the cheapest GPUs, where a verdict is of it."""
        always, by_demand = (
            " to ".join(dict.fromkeys(map(second_text, ends))) for ends in (self.own_ends, self.autoscaled_ends)
        )
        own = f"own GPUs cost {always}"
        if self.against and self.verdict and self.bought_per_month:
            if always != by_demand and following:
                own += f" {self.rented}, {by_demand} {self.mixed}"
            asked = f"an API asks {digits(self.against.price)} USD per second of video"
            month = show(self.bought_per_month, "USD", exact=False)
            verdict, by_demand = self.verdict["own"], self.verdict["own_autoscaled"]
            if verdict != by_demand:
                verdict += f", but {by_demand} {self.mixed}"
            return f"{verdict}: {asked} ({month} per month); {own}"
        if not self.others:
            return f"none listed has {self.model} at this size; {own} USD per second of video"
        none = f"none listed has {self.model} at {self.others[0].frame_height}p"
        return f"{none}; {self._others_text} per second of video; {own}"

    @property
    def _others_text(self) -> str:
        """What other models of this size cost: the cheapest and the most expensive."""
        prices = [
            f"{digits(service.price)} USD ({service.label.partition(',')[0]})"
            for service in dict.fromkeys((self.others[0], self.others[-1]))
        ]
        ask = "others ask" if len(prices) > 1 else "another asks"
        return f"{ask} {' to '.join(prices).replace(' USD', '', len(prices) - 1)}"


def _buy_or_build(own: _Ends, autoscaled: _Ends, alike: Sequence[ListPrice]) -> BuyData | None:
    """Return of each cost whether to buy from the cheapest service that is alike; nothing if none is."""
    if not alike:
        return None
    price = alike[0].price
    return {"own": _verdict(own, price), "own_autoscaled": _verdict(autoscaled, price)}


def _verdict(ends: _Ends, price: float) -> str:
    """Return whether to buy at a price or to build, where a second costs so much on own GPUs."""
    low, high = ends
    if price < low:
        return BUY
    return BUILD if price > high else TOO_CLOSE


def apis(plan: Estimate) -> MakeOrBuy | None:
    """Return a plan's GPU cost per second and the list prices of public services; nothing if it has no cost.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> prices = apis(estimate(load_scenario("scenarios/million-clips.yaml")))
    >>> [service.label for service in prices.alike] if prices else None
    ['Wan 2.2 A14B, 720p']
    """
    own, autoscaled = plan.figures[OWN], plan.figures[AUTOSCALED]
    known, catalogue = plan.known, plan.scenario.catalogue
    model, checkpoint = (plan.scenario.option(name) for name in ("model", "distilled"))
    label = catalogue.find("models", model).label
    if checkpoint != CHOICES["distilled"].default:  # makes another picture than what APIs sell under the model's name
        model, label = "", f"{label} with {checkpoint}"
    seconds, made = known["delivered_seconds_per_video"], [part for part in plan.parts if part.share > 0]
    clips = [*map(_clip, made)] or [(1.0, seconds, known["frames_per_video"])]
    listed = catalogue.video_list_prices(clips, known["rejected_output_share"], model)
    if own is None or autoscaled is None or not listed:
        return None

    sizes = {view.of_a_mix: _size(view) for view in views(plan.scenario, plan.known)}
    others = _services_of_size(listed, sizes.values())
    alike = _services_of_model(others, model)
    as_much = own * (1 + ROUNDING_ERROR)
    above = next((service for service in listed if service.price > as_much), None)
    below = next((service for service in reversed(listed) if service.price <= as_much), None)
    ends = _ends(plan, OWN), _ends(plan, AUTOSCALED)
    parts = tuple(_part(plan, part, model, sizes[part.name], ends) for part in made)
    fewest = _clips(plan, alike[0].price) if alike else None

    return MakeOrBuy(
        own,
        autoscaled,
        *ends,
        label,
        alike,
        others,
        below,
        above,
        fewest,
        plan.figures["break_even_price"],
        alike[0].price * (known["delivered_per_day"] * seconds * known["days_per_month"]) if alike else None,
        _buy_or_build(*ends, alike),
        parts,
        renting_in_words(known),
        "in the cheapest mix" if known["committed_price"] < known["gpu_price"] else "if they follow demand",
    )


def _size(view: View) -> float:
    """Return the shorter side of a clip's frame, as its last stage makes it."""
    last = stages_of(view)[-1].known
    return float(min(last["width"], last["height"]))


def _ends(plan: Estimate, name: str) -> _Ends:
    """Return the ends of the band of a second's cost: over draws where the plan has ranges.

    A plan without bands has those of the model's error.
    """
    low, _point, high = (plan.bands or error_bands(plan.uncertain, plan.known)).get(name, NO_BAND)
    return low or plan.known[name], high or plan.known[name]


def _part(plan: Estimate, part: PartFigures, model: str, size: float, ends: tuple[_Ends, _Ends]) -> PartPrice:
    """Return a part's GPU cost per delivered second: the plan's, by the part's GPU-seconds over its video seconds."""
    known, clip = plan.known, _clip(part)
    share, duration, _frames = clip
    factor = part.figures["gpus"] / known["gpus"] * known["delivered_seconds_per_video"] / (duration * share)
    listed = plan.scenario.catalogue.video_list_prices([clip], known["rejected_output_share"], model)
    own, autoscaled = ((low * factor, high * factor) for low, high in ends)
    alike = _services_of_model(_services_of_size(listed, [size]), model)
    costs = known[OWN] * factor, known[AUTOSCALED] * factor
    return PartPrice(part.name, *costs, own, autoscaled, alike, _buy_or_build(own, autoscaled, alike))


def _clip(part: PartFigures) -> tuple[float, float, float]:
    """Return the share of a part, and the seconds and frames of its clips."""
    return part.share, part.values["duration"], part.figures["frames_per_video"]


def _services_of_model(listed: Iterable[ListPrice], model: str) -> tuple[ListPrice, ...]:
    """Return the services of a model."""
    return tuple(service for service in listed if model in service.models.split())


def _services_of_size(listed: Iterable[ListPrice], heights: Collection[float]) -> tuple[ListPrice, ...]:
    """Return the services that make clips of a frame size, or of all of several."""
    least, most = max(heights) / _SAME_SIZE, min(heights) * _SAME_SIZE
    return tuple(service for service in listed if service.frame_height and least <= float(service.frame_height) <= most)


def _clips(plan: Estimate, price: float) -> float | None:
    """Return the fewest clips per day, of those tried, at which own costs no more than a price; none if none does."""
    from t2v_capacity.plan.conditions import parse_condition
    from t2v_capacity.questions.search.trials import Search

    # A fleet that has reached its limit costs little per clip, and doesn't make them all; first it loses its spares.
    whole, limit = min(1.0, plan.figures["fleet_share"] or 1.0), plan.values["gpu_limit"]
    conditions = [f"{OWN} <= {price!r}", f"fleet_share >= {whole!r}"]
    if plan.known["gpus"] < limit:
        conditions.append(f"gpus < {limit!r}")

    search = Search(plan.scenario, SOUGHT, [*map(parse_condition, conditions)], SAMPLING)
    level = search.first(*search.ends, _TRIED)
    return level and plan.known["delivered_per_day"] / plan.values[SOUGHT] * level
