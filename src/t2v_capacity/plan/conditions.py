"""The one grammar of conditions, in which limits, budgets, gates and searches are written.

gpus <= 10000           a figure, a comparison, and a person's quantity in a unit that is the figure's
p95(gpus) <= 10000      the same of a percentile over the ranges of the assumptions
P(gpus <= 10000) >= 0.9 how likely it is over those ranges
mix.hd.gpus <= 500      the same of a part of a mix
total(gpus) <= 10000    the same of the sum over all scenarios, in a gate
"""

import math
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from t2v_capacity.assumptions.names import OF_DAYS, finite, kind_of, not_a_figure, read_amount, unit_of
from t2v_capacity.assumptions.parts import is_of_a_part, not_had_by_a_part, plain_name
from t2v_capacity.assumptions.quantities import QuantityError, parse
from t2v_capacity.engine.figures import FIGURES, Number
from t2v_capacity.engine.verbs import where
from t2v_capacity.errors import Mistakes, Place, collected, gathered, quote
from t2v_capacity.plan.uncertain import percentiles_of
from t2v_capacity.scenario.mix import part_called
from t2v_capacity.scenario.settings import Scenario

# A figure this near to a limit, relatively, has reached it and no more: 0.1 + 0.2 is not above 0.3.
LIMIT_TOLERANCE = 1e-9
_COMPARISONS: dict[str, Callable[[Number, float, float], Number]] = {
    "<": lambda value, limit, slack: value < limit - slack,
    "<=": lambda value, limit, slack: value <= limit + slack,
    ">": lambda value, limit, slack: value > limit + slack,
    ">=": lambda value, limit, slack: value >= limit - slack,
    "=": lambda value, limit, slack: abs(value - limit) <= slack,
}
_UPPER = ("<", "<=")
_SPELLED = {"==": "=", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">="}
# The pattern of a condition or a part of a gate: a figure, a comparison, an amount.
SHAPE = re.compile(r"([^<>=!≤≥]*)([<>=!≤≥]+)(.*)", re.DOTALL)
_PERCENTILE = re.compile(r"p(\d+) ?\( ?(.*?) ?\)", re.ASCII)
_TOTAL = re.compile(r"total ?\( ?(.*?) ?\)")
_CHANCE = re.compile(r"P ?\((.*)\) ?([<>=!≤≥]+)([^()<>=!≤≥]*)")
_DOTS = 2  # of a part's figure
_EXAMPLE = "write it as `gpus <= 10000`"


class Condition(NamedTuple):
    """A condition on a figure, on its percentile, or on the chance that it meets a limit, with its text."""

    figure: str
    comparison: str
    limit: float  # in the figure's unit
    text: str
    percentile: float | None = None
    chance: float | None = None
    chance_comparison: str = ">="
    of_total: bool = False  # of the sum over all scenarios

    @property
    def subject(self) -> str:
        """The subject of the limit, as written: a figure, a percentile of it or its total."""
        if self.percentile is not None:
            return f"p{round(self.percentile * 100)}({self.figure})"
        return f"total({self.figure})" if self.of_total else self.figure

    @property
    def measured(self) -> str:
        """What is held against its threshold, as written: the subject, or the chance."""
        return self.subject if self.chance is None else self.text[: self.text.rindex(")") + 1]

    @property
    def of_draws(self) -> bool:
        """Whether it applies to many draws, not to one value."""
        return self.percentile is not None or self.chance is not None

    @property
    def wants_less(self) -> bool:
        """Whether a smaller figure meets it, not a larger one."""
        upper = self.comparison in _UPPER
        return upper if self.chance is None else upper != (self.chance_comparison in _UPPER)

    @property
    def threshold(self) -> float:
        """The value to compare with: the limit, or the required chance."""
        return self.limit if self.chance is None else self.chance

    def keeps_limit(self, number: Number) -> Number:
        """Return whether a value, or each of an array, keeps the limit; what is not a number does not."""
        return _COMPARISONS[self.comparison](number, self.limit, LIMIT_TOLERANCE * abs(self.limit))

    def holds(self, number: float | None) -> bool:
        """Return whether a value of the figure meets the condition; what has no value meets none.

        >>> parse_condition("gpus <= 10K").holds(10_000), parse_condition("gpus < 10K").holds(10_000)
        (True, False)
        """
        return number is not None and bool(self.keeps_limit(number))

    def measure(self, draws: Number) -> float | None:
        """Return what to compare with the limit, from a figure's draws: the median, another percentile, or the chance.

        Return nothing if the figure has a value at none of the even points of the model's error. Elsewhere each draw
        without a value counts against the condition.
        """
        beyond = math.inf if self.wants_less or (self.comparison == "=" and self.chance is None) else -math.inf
        if isinstance(draws, list):
            if all(map(math.isnan, draws)):
                return None
            draws = [beyond if math.isnan(draw) else draw for draw in draws]
        else:
            draws = where(draws != draws, beyond, draws)  # noqa: PLR0124 - what is not a number
        if self.chance is not None:
            return self.share_kept(draws)
        return percentiles_of(draws, (0.5 if self.percentile is None else self.percentile,))[0]

    def share_kept(self, draws: Number) -> float:
        """Return in what share of a figure's draws the limit is kept."""
        if isinstance(draws, list):
            return sum(bool(self.keeps_limit(draw)) for draw in draws) / len(draws)
        kept = self.keeps_limit(draws)
        return float(kept.mean() if hasattr(kept, "mean") else kept)

    def holds_of(self, draws: Number) -> bool:
        """Return whether a figure's draws meet the condition."""
        return self.meets(self.measure(draws))

    def meets(self, measured: float | None) -> bool:
        """Return whether what was measured, a value or a chance, is on its side of the threshold."""
        if self.chance is None or measured is None:
            return self.holds(measured)
        return bool(_COMPARISONS[self.chance_comparison](measured, self.chance, LIMIT_TOLERANCE))


class ConditionResult(NamedTuple):
    """A condition at a value: what was held against its limit, and whether that keeps it."""

    condition: Condition
    measured: float | None
    kept: bool

    @property
    def limit(self) -> float:
        """The value to compare with: the limit, or the required chance."""
        return self.condition.threshold

    @property
    def side(self) -> tuple[bool, bool | None]:
        """Whether it is met, and for an equality its side; both change where it crosses its limit."""
        if self.measured is None:
            return False, None
        return self.kept, self.condition.comparison == "=" and not self.kept and self.measured > self.limit

    @property
    def slack(self) -> float:
        """By how much it is kept, relative to the limit; below 0 where it is missed."""
        if self.measured is None:
            return -math.inf
        far = abs(self.measured - self.limit) / (abs(self.limit) or 1)
        return far if self.kept else -far

    @property
    def excess(self) -> float:
        """By how much it is missed, relative to the limit."""
        return max(0.0, -self.slack)


def result_at(condition: Condition, point: Number | None, drawn: Number = None) -> ConditionResult:
    """Return a condition at a value, none where there is none, and at its draws where it is asked of them."""
    point = math.nan if point is None else point
    drawn = point if drawn is None else drawn
    measured = condition.measure(drawn) if condition.of_draws else finite(point)
    return ConditionResult(condition, measured, condition.meets(measured))


def check_parts(scenario: Scenario, conditions: Iterable[Condition]) -> None:
    """Raise Mistakes if a condition names a part that the scenario's mix lacks."""
    for condition in conditions:
        if is_of_a_part(condition.figure):
            part_called(scenario.parts, condition.figure.split(".")[1])


def parse_condition(text: str, place: Place | None = None, *, gate: bool = False, simulated: bool = False) -> Condition:
    """Return the condition that a text states.

    `place` is where it was written. A `gate` may be of a total, and a budget of what is `simulated`.

    Raise Mistakes if the text has another form, no figure has that name, or the limit is in another unit.

    >>> parse_condition("latency_p95<=2 min").limit, parse_condition("P(gpus <= 5K) >= 90%").chance
    (120.0, 0.9)
    """
    text = " ".join(text.split())  # so that no pattern has to try where blanks end
    if chance := _CHANCE.fullmatch(text):
        return _of_chance(text, *(part.strip() for part in chance.groups()), place=place)
    shape = SHAPE.fullmatch(text)
    if not shape:
        raise Mistakes(f"{quote(text)} has no comparison; {_EXAMPLE}", place)
    subject, comparison, quantity = (part.strip() for part in shape.groups())
    comparison, (subject, percentile) = _comparison(comparison, place), _percentile(subject, place)
    total = _TOTAL.fullmatch(subject)
    subject = total[1] if total else subject
    whole = subject.replace("-", "_")
    name = plain_name(whole)
    _check_part(whole, name, place)

    of_days = simulated and kind_of(name) == OF_DAYS and not (percentile or total or is_of_a_part(whole))
    if name not in FIGURES and not of_days:
        missing = f"a figure is missing before the `{comparison}`; {_EXAMPLE}"
        raise Mistakes(not_a_figure(subject, "a condition is") if name else missing, place)
    try:
        limit = read_amount(name, quantity)
    except QuantityError as error:
        raise Mistakes(f"`{name}` is in {unit_of(name)}: {error.message}", place) from None

    share = None if percentile is None else percentile / 100
    condition = Condition(whole, comparison, limit, "", share, of_total=bool(total))
    if total:
        _check_total(condition, name, place, gate=gate)
    return condition._replace(text=f"{condition.subject} {comparison} {' '.join(quantity.split())}")


def _check_part(whole: str, name: str, place: Place | None) -> None:
    """Refuse a figure that parts don't have, or that is of something else than a part."""
    if is_of_a_part(whole) and (reason := not_had_by_a_part(name)) and name:
        raise Mistakes(reason, place)
    if "." in whole and (whole.count(".") != _DOTS or not is_of_a_part(whole)) and name in FIGURES:
        raise Mistakes(
            f"a condition is of the plan or of a part of its mix, not of `{whole.rpartition('.')[0]}`; write `{name}`",
            place,
        )


def _check_total(condition: Condition, name: str, place: Place | None, *, gate: bool) -> None:
    """Refuse a total that is no gate's, and the total of what doesn't add up."""
    if not gate:
        raise Mistakes(
            f"`{condition.subject}` is the sum over scenarios, which only a gate is of; write `{name}` here", place
        )
    if condition.of_draws or not FIGURES[name].adds or is_of_a_part(condition.figure):
        message = (
            f"`{condition.figure}` doesn't add up over scenarios; "
            "totals are of figures that do, such as `total(gpus)` and `total(cost_per_month)`"
        )
        raise Mistakes(message, place)


def _of_chance(text: str, inner: str, comparison: str, share: str, *, place: Place | None) -> Condition:
    """Return the condition P(...) >= share, whose inner one is of plain values."""
    comparison = _comparison(comparison, place)
    of = None if _CHANCE.fullmatch(inner) else parse_condition(inner, place)
    if of is None or of.of_draws or comparison == "=":
        raise Mistakes(f"{quote(text)} is not a chance; write it as `P(gpus <= 10000) >= 90%`", place)
    try:
        chance = parse(share, "share")
    except QuantityError as error:
        raise Mistakes(f"a chance is a share: {error.message}", place) from None
    if not 0 <= chance <= 1:
        raise Mistakes(f"{quote(share)} is not a chance, which is from 0% to 100%", place)
    statement = f"P({of.text}) {comparison} {' '.join(share.split())}"
    return Condition(of.figure, of.comparison, of.limit, statement, chance=chance, chance_comparison=comparison)


def _comparison(written: str, place: Place | None) -> str:
    if written not in _COMPARISONS and written not in ("≤", "≥"):
        fix = f"write `{_SPELLED[written]}`" if written in _SPELLED else f"there are {', '.join(_COMPARISONS)}"
        raise Mistakes(f"{quote(written)} is not a comparison; {fix}", place)
    return _SPELLED.get(written, written)


def _percentile(subject: str, place: Place | None) -> tuple[str, int | None]:
    """Return the figure that a condition's left side speaks of, and the percentile of it, if any."""
    match = _PERCENTILE.fullmatch(subject)
    if not match:
        return subject, None
    percentile = int(match[1][:4])
    if not 1 <= percentile <= 99:  # noqa: PLR2004 - of a hundred
        raise Mistakes(f"{quote(f'p{match[1]}')} is not a percentile; there are p1 to p99", place)
    return match[2], percentile


def parse_conditions(texts: Iterable[str], option: str, *, simulated: bool = False) -> tuple[Condition, ...]:
    """Return the conditions given to an option, each once. Raise Mistakes with the mistakes of all of them."""
    conditions = list[Condition]()
    with gathered() as mistakes:
        for text in texts:
            with collected(mistakes):
                conditions.append(parse_condition(text, Place(f"{option} '{text}'"), simulated=simulated))
    return tuple(dict.fromkeys(conditions))
