"""The one grammar of conditions: `figure comparison quantity`, as in `gpus <= 10000` or `latency_p95 <= 120 s`.

Limits, budgets, gates and searches are written in it. The quantity is a person's, and its unit must be the figure's.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import CHOICES
from t2v_capacity.errors import Mistake, Place, UserError, nearest, quote
from t2v_capacity.figures import Number
from t2v_capacity.formulas import FIGURES
from t2v_capacity.quantities import QuantityError, parse

# At this relative distance from a limit a figure has reached it and no more: 0.1 + 0.2 is not above 0.3.
_TOLERANCE = 1e-9
_COMPARISONS: dict[str, Callable[[Number, float, float], bool]] = {
    "<": lambda value, limit, slack: value < limit - slack,
    "<=": lambda value, limit, slack: value <= limit + slack,
    ">": lambda value, limit, slack: value > limit + slack,
    ">=": lambda value, limit, slack: value >= limit - slack,
    "=": lambda value, limit, slack: abs(value - limit) <= slack,
}
_SPELLED = {"==": "=", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">="}
_SHAPE = re.compile(r"([^<>=!≤≥]*)([<>=!≤≥]+)(.*)", re.DOTALL)
_EXAMPLE = "write it as `gpus <= 10000`"
# Units in which a number alone could be anything: bytes or gigabytes, seconds or minutes.
_WRITTEN = {"byte": "MB", "bit": "Mbps", "joule": "", "watt": "", "second": "s"}


@dataclass(frozen=True, slots=True)
class Condition:
    """What is asked of a figure: a comparison and a limit in the figure's unit, and the text that says so."""

    figure: str
    comparison: str
    limit: float
    text: str

    def holds(self, value: float | None) -> bool:
        """Return whether a value of the figure meets the condition; what has no value meets none.

        >>> parse_condition("gpus <= 10K").holds(10_000), parse_condition("gpus < 10K").holds(10_000)
        (True, False)
        """
        return value is not None and bool(_COMPARISONS[self.comparison](value, self.limit, _TOLERANCE * abs(self.limit)))


def parse_condition(text: str, place: Place | None = None) -> Condition:
    """Return the condition that a text states; `place` is where it was written.

    Raises UserError where the text has another form, no figure has that name, or the limit is in another unit.

    >>> parse_condition("latency_p95<=2 min")
    Condition(figure='latency_p95', comparison='<=', limit=120.0, text='latency_p95 <= 2 min')
    """
    shape = _SHAPE.fullmatch(text)
    if not shape:
        raise UserError(Mistake(f"{quote(text)} has no comparison; {_EXAMPLE}", place))
    subject, comparison, quantity = (part.strip() for part in shape.groups())
    if comparison not in _COMPARISONS and comparison not in ("≤", "≥"):
        fix = f"write `{_SPELLED[comparison]}`" if comparison in _SPELLED else f"there are {', '.join(_COMPARISONS)}"
        raise UserError(Mistake(f"{quote(comparison)} is not a comparison; {fix}", place))
    comparison, name = _SPELLED.get(comparison, comparison), subject.replace("-", "_")
    if name not in FIGURES:
        raise UserError(Mistake(_not_a_figure(subject, comparison), place))
    try:
        limit = _limit(name, quantity)
    except QuantityError as error:
        raise UserError(Mistake(f"`{name}` is in {FIGURES[name].unit}: {error.message}", place)) from None
    return Condition(name, comparison, limit, f"{name} {comparison} {' '.join(quantity.split())}")


def parse_conditions(texts: Iterable[str], option: str) -> tuple[Condition, ...]:
    """Return the conditions given to an option, each once; raise UserError with the mistakes of all of them."""
    found: list[Condition] = []
    mistakes: list[Mistake] = []
    for text in texts:
        try:
            found.append(parse_condition(text, Place(f"{option} '{text}'")))
        except UserError as error:
            mistakes += error.mistakes
    if mistakes:
        raise UserError(mistakes)
    return tuple(dict.fromkeys(found))


def _not_a_figure(subject: str, comparison: str) -> str:
    name = subject.replace("-", "_")
    if not name:
        return f"a figure is missing before the `{comparison}`; {_EXAMPLE}"
    if name in ASSUMPTIONS or name in CHOICES:
        kind = "an assumption" if name in ASSUMPTIONS else "a choice"
        return f"`{name}` is {kind}, and a condition is for figures; `t2v-cap list figures` shows them all"
    return f"{quote(subject)} is not a figure{nearest(name, FIGURES) or '; `t2v-cap list figures` shows them all'}"


def _limit(name: str, quantity: str) -> float:
    """Return a limit in its figure's unit; a bare number is fine where the name or a count says the unit."""
    unit = FIGURES[name].unit.split("/")[0]
    bare = unit not in _WRITTEN or (unit == "second" and "second" in name)
    return parse(quantity, FIGURES[name].unit, bare=bare, write=_WRITTEN.get(unit, ""))
