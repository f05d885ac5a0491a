"""Make or buy: what a delivered second costs on a fleet of one's own, and what public APIs ask for one."""

from collections.abc import Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.catalogue import ListPrice
from t2v_capacity.plan.cells import SAMPLES, SEED
from t2v_capacity.plan.conditions import TOLERANCE, Condition
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import model_error
from t2v_capacity.plan.mix import stages_of, views
from t2v_capacity.questions.search.trials import Trials, ValueOrder

# GPU cost per delivered second: storage, egress and moderation are paid either way, and whoever pays the service plays no part.
OWN, AUTOSCALED, SOUGHT = "gpu_cost_per_second", "autoscaled_cost_per_second", "dau"
BUY, BUILD, TOO_CLOSE = "buy", "build", "too close to call"
# Frames whose heights differ by less than this factor are the same size to a buyer.
_SAME_SIZE = 1.15
# Values of the users that are tried on the way from one to the most, in equal ratios: each takes a twentieth of a millisecond of a start.
_TRIED = 48


class MakeOrBuy(NamedTuple):
    """The GPU cost per delivered second of a plan and the list prices of public APIs, in USD per second of video.

    `alike` are the services of the same model family and frame size; `below` and `above` ask next less and next more than own costs.
    `clips_per_day` is from how many on own costs no more than `against`: the first that is alike, else the nearest below, else above;
    none where it never does.
    """

    own: float
    own_autoscaled: float
    low: float  # the model's error, as factors on both
    high: float
    alike: tuple[ListPrice, ...]
    below: ListPrice | None
    above: ListPrice | None
    against: ListPrice
    clips_per_day: float | None
    break_even_price: float | None

    def verdict(self, own: float, price: float) -> str:
        """Return whether to buy at a price or to build, where a second costs so much on one's own fleet."""
        return BUY if price < own * self.low else BUILD if price > own * self.high else TOO_CLOSE

    def __str__(self) -> str:
        """Return it in a sentence of a screen."""
        always, following = (f"{digits(one * self.low)} to {digits(one * self.high)}" for one in (self.own, self.own_autoscaled))
        pays = (
            ""
            if self.clips_per_day is None
            else f"; own costs less from {show(self.clips_per_day, 'video/day').partition(' ')[0]} clips per day"
        )
        return f"own {always} USD/s always on, {following} autoscaled; {self._listed()}{pays}"

    def _listed(self) -> str:
        always, following = (self.verdict(one, self.against.price) for one in (self.own, self.own_autoscaled))
        said = always if always == following else f"{always} if always on, else {following}"
        return f"{self.against.label} API {digits(self.against.price)}: {said}"


def apis(plan: Estimate) -> MakeOrBuy | None:
    """Return a plan's GPU cost per second and the list prices of public services; nothing if it has no cost.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> found = apis(estimate(load_scenario("scenarios/wan2.2-h100.yaml")))
    >>> [one.label for one in found.alike] if found else None
    ['Wan 2.1, 480p']
    """
    own, autoscaled, listed = plan.figures[OWN], plan.figures[AUTOSCALED], plan.scenario.catalogue.video_list_prices()
    if own is None or autoscaled is None or not listed:
        return None
    last = [stages_of(view)[-1].known for view in views(plan.scenario, plan.known)]
    sizes = [min(known["width"], known["height"]) for known in last]
    alike = tuple(one for one in listed if _is_alike(plan, one, sizes))
    below, above = _neighbors(own, listed)
    against = next(one for one in (*alike, below, above) if one)
    error = model_error(plan.scenario, plan.evidence, plan.known)
    clips = _clips(plan, against.price)
    return MakeOrBuy(own, autoscaled, error.low, error.high, alike, below, above, against, clips, plan.figures["break_even_price"])


def _is_alike(plan: Estimate, one: ListPrice, heights: Sequence[float]) -> bool:
    """Return whether a service runs a model of the plan's family, at its frame size: in a mix at that of all parts."""
    family = bool(one.family) and plan.scenario.choices["model"].value.startswith(one.family)
    return family and bool(one.frame_height) and all(1 / _SAME_SIZE < height / float(one.frame_height) < _SAME_SIZE for height in heights)


def _neighbors(own: float, listed: Sequence[ListPrice]) -> tuple[ListPrice | None, ListPrice | None]:
    """Return the dearest service that asks no more than own costs, and the cheapest that asks more; the services are in order."""
    less = [one for one in listed if one.price <= own * (1 + TOLERANCE)]
    return (less[-1] if less else None), (listed[len(less)] if len(less) < len(listed) else None)


def _clips(plan: Estimate, price: float) -> float | None:
    """Return the clips per day from which own costs no more than a price; none if no number of users gives that."""
    # A fleet that has reached its limit costs little per clip, and doesn't make them all; first it loses its spares.
    whole, limit = min(1.0, plan.figures["fleet_share"] or 1.0), plan.values["gpu_limit"]
    conditions = [
        Condition(OWN, "<=", price, f"{OWN} <= {price!r}"),
        Condition("fleet_share", ">=", whole, f"fleet_share >= {whole!r}"),
    ]
    if (plan.figures["gpus"] or 0) < limit:
        conditions.append(Condition("gpus", "<", limit, f"gpus < {limit!r}"))
    trials, line = Trials(plan.scenario, [SOUGHT], conditions, SAMPLES, SEED), ValueOrder(SOUGHT)
    before = line.ends[0]
    for rank in sorted(line.ratios(*line.ends, _TRIED)):
        if trials.keeps(line.value(rank)):
            break
        before = rank
    else:
        return None
    while rank - before > 1 and line.value(rank) > line.value(before) * (1 + TOLERANCE):
        middle = (rank + before) // 2
        rank, before = (middle, before) if trials.keeps(line.value(middle)) else (rank, middle)
    users, clips = plan.values[SOUGHT], plan.figures["delivered_per_day"]
    return None if clips is None else clips / users * line.value(rank)
