"""Public APIs beside a fleet of one's own: between which two its break-even price lies, and from how many clips a day own pays."""

from collections.abc import Sequence
from typing import NamedTuple

from t2v_capacity.catalogue import Asked
from t2v_capacity.questions.plan.cells import SAMPLES, SEED
from t2v_capacity.questions.plan.conditions import TOLERANCE, Condition
from t2v_capacity.questions.plan.estimate import Estimate
from t2v_capacity.questions.search.trials import Line, Trials
from t2v_capacity.vocabulary.quantities import digits, show

PRICE, SOUGHT = "break_even_price", "dau"
# Values of the users that are tried on the way from one to the most, in equal steps and as many in equal ratios.
_TRIED = 48


class Beside(NamedTuple):
    """The APIs that ask next less and next more than a plan's break-even price, and from how many clips a day own pays against one.

    That one is the cheaper of the two, or the cheapest of all where none asks less; no clips where own never pays against it.
    """

    price: float  # USD a second of video, at which the plan breaks even
    below: Asked | None
    above: Asked | None
    against: Asked
    clips_per_day: float | None

    def __str__(self) -> str:
        """Return it in a line of a screen, prices in USD a second."""
        clips = "" if self.clips_per_day is None else show(self.clips_per_day, "video/day").partition(" ")[0]
        pays = f"own pays from {clips} clips a day" if clips else "own never pays"
        asked = [f"{one.id} {digits(one.price)}{f' ({pays})' if one == self.against else ''}" for one in (self.below, self.above) if one]
        beside = ":" if len(asked) > 1 else ", above" if self.below else ", below"
        return f"break-even {digits(self.price)}{beside} {', '.join(asked)}"


def apis(plan: Estimate) -> Beside | None:
    """Return what public services ask beside a plan's break-even price; nothing where it has none.

    >>> from t2v_capacity.questions.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> found = apis(estimate(load_scenario("scenarios/mochi.yaml")))
    >>> (found.below.label, found.above.label) if found and found.below and found.above else None
    ('Runway Gen-4.5', 'Wan 2.1, 720p')
    """
    even, asked = plan.figures[PRICE], plan.scenario.catalogue.asked_for_video()
    if even is None or not asked:
        return None
    below, above = _neighbours(even, asked)
    against = below or above or asked[0]
    return Beside(even, below, above, against, _clips(plan, against.price))


def _neighbours(even: float, asked: Sequence[Asked]) -> tuple[Asked | None, Asked | None]:
    """Return the dearest service that asks no more than the price, and the cheapest that asks more; the services are in order."""
    less = [one for one in asked if one.price <= even * (1 + TOLERANCE)]
    return (less[-1] if less else None), (asked[len(less)] if len(less) < len(asked) else None)


def _clips(plan: Estimate, price: float) -> float | None:
    """Return the clips a day from which a fleet breaks even at a price; none where no number of users gives that."""
    # A fleet that has reached its limit costs little a clip, and doesn't make them all; first it loses its spares.
    whole, limit = min(1.0, plan.figures["fleet_share"] or 1.0), plan.values["gpu_limit"]
    conditions = [
        Condition(PRICE, "<=", price, f"{PRICE} <= {price!r}"),
        Condition("fleet_share", ">=", whole, f"fleet_share >= {whole!r}"),
    ]
    if (plan.figures["gpus"] or 0) < limit:
        conditions.append(Condition("gpus", "<", limit, f"gpus < {limit!r}"))
    trials, line = Trials(plan.scenario, [SOUGHT], conditions, SAMPLES, SEED), Line(SOUGHT)
    before = line.ends[0]
    for rank in sorted(line.spread(line.value(before), line.value(line.ends[1]), _TRIED)):
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
