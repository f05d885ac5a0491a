"""Make or buy: what a delivered second costs on a fleet of one's own, and what public APIs ask for one."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import digits, second_text, show
from t2v_capacity.catalogue import ListPrice
from t2v_capacity.plan.cells import SAMPLING
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import PartFigures, View, stages_of, views
from t2v_capacity.plan.warnings.register import ROUNDING_ERROR

# GPU cost per delivered second: storage, egress and moderation are paid either way.
# Whoever pays the service plays no part.
OWN, AUTOSCALED, SOUGHT = "gpu_cost_per_second", "autoscaled_cost_per_second", "dau"
BUY, BUILD, TOO_CLOSE = "buy", "build", "too close to call"
# Frames whose heights differ by at most this factor are the same size to a buyer.
_SAME_SIZE = 1.1
# How many numbers of users are tried, in equal ratios and in equal steps.
# Each takes a twentieth of a millisecond.
_TRIED = 48


class PartPrice(NamedTuple):
    """A part of a mix: its GPU cost per delivered second, and the services of its model at its size.

    The cost is that of GPUs always on, and autoscaled.
    """

    name: str
    own: float
    own_autoscaled: float
    alike: tuple[ListPrice, ...]


class MakeOrBuy(NamedTuple):
    """The GPU cost per delivered second of a plan and the list prices of public APIs, in USD per second of video.

    `alike` are the services of the same model at its frame size, of a mix at that of all parts. Without one there is no
    verdict: another model's clip is another product, so `others` of this size are named alone. `below` and `above` ask
    next less and next more than own costs. From `clips_per_day` on, own costs no more than the first service of
    `alike`; none where it never does. `bought_per_month` is what that service asks for the plan's seconds, in USD.
    """

    own: float
    own_autoscaled: float
    low: float  # the model's error, as factors on both
    high: float
    model: str
    alike: tuple[ListPrice, ...]
    others: tuple[ListPrice, ...]
    below: ListPrice | None
    above: ListPrice | None
    clips_per_day: float | None
    break_even_price: float | None
    bought_per_month: float | None
    parts: tuple[PartPrice, ...]

    @property
    def against(self) -> ListPrice | None:
        """The service that a verdict is of: the cheapest of the same model at this size."""
        return next(iter(self.alike), None)

    def verdict(self, own: float, price: float) -> str:
        """Return whether to buy at a price or to build, where a second costs so much on one's own fleet."""
        if price < own * self.low:
            return BUY
        return BUILD if price > own * self.high else TOO_CLOSE

    def in_words(self, *, following: bool = True) -> str:
        """Return it in a sentence; `following` has the cost of GPUs that follow demand, where a verdict is of it."""
        always, by_demand = (
            " to ".join(dict.fromkeys(second_text(cost * end) for end in (self.low, self.high)))
            for cost in (self.own, self.own_autoscaled)
        )
        own = f"own GPUs cost {always}"
        if self.against and self.bought_per_month:
            if always != by_demand and following:
                own += f" always on, {by_demand} if they follow demand"
            asked = f"an API asks {digits(self.against.price)} USD per second of video"
            month = show(self.bought_per_month, "USD", exact=False)
            return f"{self._verdict_text}: {asked} ({month} per month); {own}"
        others = self._others_text
        if not others:
            return f"no API has {self.model}; {own} USD per second of video"
        return f"no API has {self.model}; {others} per second of video; {own}"

    @property
    def _verdict_text(self) -> str:
        """Return the verdict on the cheapest service of the plan's model."""
        always, following = (self.verdict(cost, self.alike[0].price) for cost in (self.own, self.own_autoscaled))
        return always if always == following else f"{always} if always on, else {following}"

    @property
    def _others_text(self) -> str:
        """What other models of this size cost: the cheapest and the most expensive."""
        if not self.others:
            return ""
        prices = [
            f"{digits(service.price)} USD ({service.label.partition(',')[0]})"
            for service in dict.fromkeys((self.others[0], self.others[-1]))
        ]
        ask = "others ask" if len(prices) > 1 else "another asks"
        return f"at {self.others[0].frame_height}p {ask} {' to '.join(prices).replace(' USD', '', len(prices) - 1)}"


def apis(plan: Estimate) -> MakeOrBuy | None:
    """Return a plan's GPU cost per second and the list prices of public services; nothing if it has no cost.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> prices = apis(estimate(load_scenario("scenarios/million-clips.yaml")))
    >>> [service.label for service in prices.alike] if prices else None
    ['Wan 2.2 A14B, 720p']
    """
    own, autoscaled = plan.figures[OWN], plan.figures[AUTOSCALED]
    known, duration = plan.known, plan.known["delivered_seconds_per_video"]
    listed = plan.scenario.catalogue.video_list_prices(duration)
    if own is None or autoscaled is None or not listed:
        return None

    model = plan.scenario.choices["model"].value
    sizes = {view.of_a_mix: _size(view) for view in views(plan.scenario, plan.known)}
    others = _services_of_size(listed, sizes.values())
    alike = _services_of_model(others, model)
    above = next((service for service in listed if service.price > own * (1 + ROUNDING_ERROR)), None)
    below = next((service for service in reversed(listed) if service.price <= own * (1 + ROUNDING_ERROR)), None)
    error = plan.verdict.error
    parts = tuple(_part(plan, part, model, sizes[part.name]) for part in plan.parts if part.name in sizes)
    clips = _clips(plan, alike[0].price) if alike else None

    return MakeOrBuy(
        own,
        autoscaled,
        error.low,
        error.high,
        plan.scenario.catalogue.find("models", model).label,
        alike,
        others,
        below,
        above,
        clips,
        plan.figures["break_even_price"],
        alike[0].price * (known["delivered_per_day"] * duration * known["days_per_month"]) if alike else None,
        parts,
    )


def _size(view: View) -> float:
    """Return the shorter side of a clip's frame, as its last stage makes it."""
    last = stages_of(view)[-1].known
    return float(min(last["width"], last["height"]))


def _part(plan: Estimate, part: PartFigures, model: str, size: float) -> PartPrice:
    """Return a part's GPU cost per delivered second: the plan's, by the part's GPU-seconds over its video seconds."""
    known, duration = plan.known, part.values["duration"]
    factor = part.figures["gpus"] / known["gpus"] * known["delivered_seconds_per_video"] / (duration * part.share)
    others = _services_of_size(plan.scenario.catalogue.video_list_prices(duration), [size])
    return PartPrice(part.name, known[OWN] * factor, known[AUTOSCALED] * factor, _services_of_model(others, model))


def _services_of_model(listed: Iterable[ListPrice], model: str) -> tuple[ListPrice, ...]:
    """Return the services of a model."""
    return tuple(service for service in listed if model in service.models.split())


def _services_of_size(listed: Iterable[ListPrice], heights: Collection[float]) -> tuple[ListPrice, ...]:
    """Return the services that make clips of a frame size, or of all of several."""
    least, most = max(heights) / _SAME_SIZE, min(heights) * _SAME_SIZE
    return tuple(service for service in listed if service.frame_height and least <= float(service.frame_height) <= most)


def _clips(plan: Estimate, price: float) -> float | None:
    """Return the clips per day from which own costs no more than a price; none if no number of users gives that."""
    from t2v_capacity.plan.conditions import Condition
    from t2v_capacity.questions.search.trials import Trials

    # A fleet that has reached its limit costs little per clip, and doesn't make them all; first it loses its spares.
    whole, limit = min(1.0, plan.figures["fleet_share"] or 1.0), plan.values["gpu_limit"]
    conditions = [
        Condition(OWN, "<=", price, f"{OWN} <= {price!r}"),
        Condition("fleet_share", ">=", whole, f"fleet_share >= {whole!r}"),
    ]
    if (plan.figures["gpus"] or 0) < limit:
        conditions.append(Condition("gpus", "<", limit, f"gpus < {limit!r}"))

    trials = Trials(plan.scenario, SOUGHT, conditions, SAMPLING)
    rank = trials.first(*trials.line.ends, _TRIED)
    users, clips = plan.values[SOUGHT], plan.figures["delivered_per_day"]
    return None if rank is None or clips is None else clips / users * trials.line.value(rank)
