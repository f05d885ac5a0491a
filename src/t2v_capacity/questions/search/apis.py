"""Make or buy: what a delivered second costs on a fleet of one's own, and what public APIs ask for one."""

from collections.abc import Iterable
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.catalogue import ListPrice
from t2v_capacity.plan.cells import SAMPLING
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.mix import PartFigures, View, stages_of, views
from t2v_capacity.plan.warnings.register import NEAR

# GPU cost per delivered second: storage, egress and moderation are paid either way.
# Whoever pays the service plays no part.
OWN, AUTOSCALED, SOUGHT = "gpu_cost_per_second", "autoscaled_cost_per_second", "dau"
BUY, BUILD, TOO_CLOSE = "buy", "build", "too close to call"
# Frames whose heights differ by less than this factor are the same size to a buyer.
_SAME_SIZE = 1.15
# Values of the users that are tried from one to the most, in equal ratios and in equal steps.
# Each takes a twentieth of a millisecond.
_TRIED = 48
# List prices that are named where none is of this model at this size.
_NAMED = 2


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

    `alike` are the services of the same model at its frame size, of a mix at that of all parts; without one there is no
    verdict. `below` and `above` ask next less and next more than own costs, and `near` are the nearest to name where
    none is alike. `clips_per_day` is from how many on own costs no more than the first that is alike; none where it
    never does.
    """

    own: float
    own_autoscaled: float
    low: float  # the model's error, as factors on both
    high: float
    model: str
    alike: tuple[ListPrice, ...]
    near: tuple[ListPrice, ...]
    below: ListPrice | None
    above: ListPrice | None
    clips_per_day: float | None
    break_even_price: float | None
    parts: tuple[PartPrice, ...] = ()

    @property
    def against(self) -> ListPrice | None:
        """The service that a verdict is of: the cheapest of the same model at this size."""
        return next(iter(self.alike), None)

    def verdict(self, own: float, price: float) -> str:
        """Return whether to buy at a price or to build, where a second costs so much on one's own fleet."""
        return BUY if price < own * self.low else BUILD if price > own * self.high else TOO_CLOSE

    def __str__(self) -> str:
        """Return it in a sentence of a screen."""
        always, following = (
            f"{digits(one * self.low)} to {digits(one * self.high)}" for one in (self.own, self.own_autoscaled)
        )
        own = f"own {always}" if always == following else f"own {always} always on, {following} autoscaled"
        pays = (
            ""
            if self.clips_per_day is None
            else f"; own costs less from {show(self.clips_per_day, 'video/day').partition(' ')[0]} clips per day"
        )
        near = next(iter(self.near), None)
        none = "no API of this model at this size" + (f"; {near.label}: {digits(near.price)} USD/s" if near else "")
        of_parts = [
            f"{one.name}: {self._listed(one.alike[0], one.own, one.own_autoscaled)}" for one in self.parts if one.alike
        ]
        listed = (
            self._listed(self.against, self.own, self.own_autoscaled) if self.against else "; ".join(of_parts) or none
        )
        return f"{listed}; {own}{pays}"

    def _listed(self, one: ListPrice, own: float, own_autoscaled: float) -> str:
        always, following = (self.verdict(cost, one.price) for cost in (own, own_autoscaled))
        said = always if always == following else f"{always} if always on, else {following}"
        return f"{one.label} API {digits(one.price)} USD/s: {said}"


def apis(plan: Estimate) -> MakeOrBuy | None:
    """Return a plan's GPU cost per second and the list prices of public services; nothing if it has no cost.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> found = apis(estimate(load_scenario("scenarios/million-clips.yaml")))
    >>> [one.label for one in found.alike] if found else None
    ['Wan 2.2 A14B, 720p']
    """
    own, autoscaled = plan.figures[OWN], plan.figures[AUTOSCALED]
    listed = plan.scenario.catalogue.video_list_prices(plan.known["delivered_seconds_per_video"])
    if own is None or autoscaled is None or not listed:
        return None
    model = plan.scenario.choices["model"].value
    sizes = {view.of_a_mix: _size(view) for view in views(plan.scenario, plan.known)}
    alike = tuple(one for one in listed if _is_alike(model, one, sizes.values()))
    family = [one for one in listed if one.family and model.startswith(one.family)]
    above = next((one for one in listed if one.price > own * (1 + NEAR)), None)
    below = next((one for one in reversed(listed) if one.price <= own * (1 + NEAR)), None)
    near = tuple(dict.fromkeys(one for one in (*family, below, above) if one))[:_NAMED]
    error = plan.verdict.error
    parts = tuple(_part(plan, part, model, sizes[part.name]) for part in plan.parts if part.name in sizes)
    clips = _clips(plan, alike[0].price) if alike else None
    return MakeOrBuy(
        own,
        autoscaled,
        error.low,
        error.high,
        model,
        alike,
        near,
        below,
        above,
        clips,
        plan.figures["break_even_price"],
        parts,
    )


def _size(view: View) -> float:
    """Return the shorter side of a clip's frame, as its last stage makes it."""
    last = stages_of(view)[-1].known
    return float(min(last["width"], last["height"]))


def _part(plan: Estimate, part: PartFigures, model: str, size: float) -> PartPrice:
    """Return a part's GPU cost per delivered second: the plan's, by the part's GPU-seconds over its video seconds."""
    known, duration = plan.known, plan.of_part(part.name).values["duration"]
    factor = part.figures["gpus"] / known["gpus"] * known["delivered_seconds_per_video"] / (duration * part.share)
    alike = tuple(one for one in plan.scenario.catalogue.video_list_prices(duration) if _is_alike(model, one, [size]))
    return PartPrice(part.name, known[OWN] * factor, known[AUTOSCALED] * factor, alike)


def _is_alike(model: str, one: ListPrice, heights: Iterable[float]) -> bool:
    """Return whether a service serves this model at a frame size, or at all of several."""
    served = model in one.models.split() and bool(one.frame_height)
    return served and all(1 / _SAME_SIZE < height / float(one.frame_height) < _SAME_SIZE for height in heights)


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
