"""Conditions: what a budget, a limit or a search asks of a figure. One grammar, read in one place.

gpus <= 5000            a figure, a comparison, an amount in units that fit the figure
p95(gpus) <= 5000       the same of a percentile over the ranges of the assumptions
P(gpus <= 5000) >= 0.9  how likely it is over those ranges
"""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from t2v_capacity.errors import Mistake, Place, UserError, nearest
from t2v_capacity.figures import FIGURES, Number
from t2v_capacity.layers import read_amount
from t2v_capacity.quantities import QuantityError, parse

COMPARISONS: dict[str, Callable[[Number, Number], Number]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_FORM = re.compile(
    r"\s*(?:p(?P<percentile>\d{1,2})\(\s*(?P<inner>\w+)\s*\)|(?P<figure>\w+))\s*(?P<comparison><=|>=|<|>|==|=)\s*(?P<limit>.+?)\s*"
)
_CHANCE = re.compile(r"\s*P\((?P<inner>.+)\)\s*(?P<comparison><=|>=|<|>)\s*(?P<limit>.+?)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """What is asked of one figure: of its value, of a percentile of it, or of the chance that it keeps a limit."""

    text: str
    figure: str
    comparison: str
    limit: float
    percentile: float | None = None
    chance: float | None = None
    chance_comparison: str = ">="

    @property
    def of_draws(self) -> bool:
        """Whether it is asked of many draws, not of one value."""
        return self.percentile is not None or self.chance is not None

    def kept(self, value: Number) -> Number:
        """Return whether a value, or each of an array of them, keeps the limit; what has no value does not."""
        return COMPARISONS[self.comparison](value, self.limit)

    def holds(self, value: float | None) -> bool:
        """Return whether a figure's value holds the condition; a null never does."""
        return value is not None and not math.isnan(value) and bool(self.kept(value))

    def measure(self, draws: Number) -> float | None:
        """Return what is held against the limit, of a figure's draws: the value, its percentile, or the chance."""
        from t2v_capacity.questions.ranges import band

        if self.chance is not None:
            return float(_mean(self.kept(draws)))
        return band(draws, (0.5 if self.percentile is None else self.percentile,))[0]

    def holds_of(self, draws: Number) -> bool:
        """Return whether a figure's draws hold the condition."""
        found = self.measure(draws)
        if self.chance is None:
            return self.holds(found)
        return found is not None and bool(COMPARISONS[self.chance_comparison](found, self.chance))


def _mean(kept: Number) -> Number:
    return kept.mean() if hasattr(kept, "mean") else float(kept)


def parse_condition(text: str, place: Place | None = None) -> Condition:
    """Return the condition that a text states.

    Raises UserError, at `place`, where it isn't one: an unknown figure with the nearest name, a limit in units that don't fit.

    >>> parse_condition("latency_p95 <= 2 min").limit
    120.0
    >>> parse_condition("P(gpus <= 5K) >= 90%").chance
    0.9
    """
    if match := _CHANCE.fullmatch(text):
        inner = parse_condition(match["inner"], place)
        if inner.of_draws:
            raise _refused(f"`{text}` asks a chance of a chance; write P(figure <= amount) >= 0.9", place)
        chance = _share(match["limit"], text, place)
        return Condition(text, inner.figure, inner.comparison, inner.limit, chance=chance, chance_comparison=match["comparison"])
    match = _FORM.fullmatch(text)
    if not match:
        raise _refused(f"`{text}` is not a condition; write a figure, a comparison and an amount, such as gpus <= 5000", place)
    name = (match["inner"] or match["figure"]).strip()
    if name not in FIGURES:
        more = nearest(name, FIGURES) or "; `t2v-cap list figures` shows them all"
        raise _refused(f"`{name}` is not a figure{more}", place)
    try:
        limit = read_amount(name, match["limit"])
    except QuantityError as error:
        raise _refused(f"`{name}`: {error.message}", place) from error
    percentile = int(match["percentile"]) / 100 if match["percentile"] else None
    if percentile == 0:
        raise _refused(f"`{text}`: percentiles run from p1 to p99", place)
    return Condition(text, name, match["comparison"].replace("==", "="), limit, percentile)


def _share(text: str, whole: str, place: Place | None) -> float:
    try:
        chance = parse(text, "share")
    except QuantityError as error:
        raise _refused(f"`{whole}`: {error.message}", place) from error
    if not 0 <= chance <= 1:
        raise _refused(f"`{whole}`: a chance lies between 0 and 1", place)
    return chance


def _refused(message: str, place: Place | None) -> UserError:
    return UserError(Mistake(message, place))
