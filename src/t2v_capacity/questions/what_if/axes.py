"""The axes of a sweep, read from text, and a scenario with other values along them.

dau=10M..100M 10      ten values in equal steps
dau=10M..1B log 9     nine values in equal ratios
steps=20,30,50        a list
gpu=h100-sxm,b200-hgx options of a choice
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import name_in
from t2v_capacity.assumptions.parts import OWN_PRICES, assumption, known_of, plain_name
from t2v_capacity.assumptions.quantities import QuantityError, parse_range
from t2v_capacity.errors import Mistake, Mistakes, Place, collected, gathered, quote, refuse
from t2v_capacity.scenario.layers import flag_layer
from t2v_capacity.scenario.mix import check_of_a_part
from t2v_capacity.scenario.settings import Scenario

_SPAN = re.compile(r"(?P<low>.+?) ?\.\. ?(?P<high>.+?)(?: (?P<scale>log|linear))?(?: (?P<count>[0-9]+))?", re.ASCII)
# Computed values have this many digits, so that 0.1..0.9 9 holds 0.3 and not 0.30000000000000004.
_DIGITS = 15
_MOST = 2_000_000
_NAMED = 12


class Axis(NamedTuple):
    """One name and the values that it takes in turn: numbers in base units, or options of a choice.

    A value that the assumption's bounds refuse stays, with the reason in `errors`.
    """

    name: str
    values: tuple[float | str, ...]
    errors: Mapping[float | str, str] = {}

    @property
    def numeric(self) -> bool:
        """Whether it is an assumption's axis, whose values are numbers."""
        return known_of(self.name) is not None

    @property
    def fine(self) -> list[int]:
        """The places of the values that the assumption's bounds allow."""
        return [place for place, coordinate in enumerate(self.values) if coordinate not in self.errors]


def read_axis(text: str, scenario: Scenario) -> Axis:
    """Return the axis that a text describes. Raise Mistakes if it is invalid.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> read_axis("dau=10M..1B log 3", load_scenario("scenarios/lesson.yaml")).values
    (10000000.0, 100000000.0, 1000000000.0)
    """
    place = Place(f"--over {text}")
    name, equals, values = text.partition("=")
    name, values = name_in(name), values.strip()
    if not equals or not values:
        raise Mistakes(f"{quote(text)} has no values; write it as dau=10M..1B log 9, or steps=20,30,50", place)
    try:
        check_of_a_part(scenario, name)
        if known_of(name):
            return _numbers(name, values)
        if plain_name(name) in CHOICES or plain_name(name) == "resolution":
            return _options(name, values, scenario)
    except Mistakes as error:
        raise Mistakes(Mistake(mistake.message, place) for mistake in error.mistakes) from error
    if text.startswith(f"{OWN_PRICES}."):
        raise Mistakes("a price in `prices` is written, not varied; sweep `gpu_price`, that of the plan's GPU", place)
    if name in SHORTHANDS:
        raise Mistakes(f"`{name}` stands for {', '.join(SHORTHANDS[name][1])}; sweep one of them", place)
    mistakes = list[Mistake]()
    flag_layer([text], (), mistakes)
    raise Mistakes([Mistake(mistake.message, place) for mistake in mistakes])


def _numbers(name: str, text: str) -> Axis:
    text = " ".join(text.split())
    known, span = assumption(name), _SPAN.fullmatch(text)

    if ends := parse_range(text):
        raise QuantityError(f"{quote(text)} is a range; an axis is written {ends[0]}..{ends[1]} log 9")
    if ".." in text and not span:
        raise QuantityError(f"{quote(text)} is not a span; write it as {name}=10..100 10, or {name}=10..1000 log 3")

    numbers = _spread(name, text, span) if span else [known.number(part.strip()) for part in text.split(",")]
    if known.whole and (broken := [number for number in numbers if number != int(number)]):
        near = list(dict.fromkeys(round(number) for number in numbers))
        fix = ",".join(map(str, near)) if len(near) <= _NAMED else f"{near[0]}..{near[-1]} {near[-1] - near[0] + 1}"
        raise QuantityError(f"{quote(text)} gives {broken[0]:g}, and `{name}` is a count; write {name}={fix}")

    errors = dict[float | str, str]()
    for number in numbers:
        try:
            known.read(number)
        except QuantityError as error:
            errors[number] = error.message
    return Axis(name, tuple(numbers), errors)


def _spread(name: str, text: str, span: re.Match[str]) -> list[float]:
    low, high = (assumption(name).number(span[end].strip()) for end in ("low", "high"))
    if span["count"] is None:
        more = "" if text.endswith(" log") else f", or {name}={text} log 10"
        raise QuantityError(f"{quote(text)} doesn't say how many values; write {name}={text} 10{more}")
    count = int(span["count"][:9])
    if not 2 <= count <= _MOST:  # noqa: PLR2004 - the two ends
        raise QuantityError(f"{quote(text)}: a span has 2 to {_MOST} values")
    if low >= high:
        raise QuantityError(f"{quote(text)}: the lower end stands first, and below the upper one")
    if span["scale"] == "log" and low <= 0:
        raise QuantityError(f"{quote(text)}: equal ratios need an end above 0; begin above it, or leave `log` out")

    shares = [step / (count - 1) for step in range(1, count - 1)]
    inner = (low * (high / low) ** share if span["scale"] == "log" else low + (high - low) * share for share in shares)
    return [low, *(float(f"{number:.{_DIGITS}g}") for number in inner), high]


def _options(name: str, text: str, scenario: Scenario) -> Axis:
    options = [option.strip().lower() for option in text.split(",")]
    choice = plain_name(name)

    if choice == "attention_kernel":
        from t2v_capacity.assumptions.synonyms import VALUE_SYNONYMS, meant

        known = scenario.catalogue.options("attention_kernel")
        for option in options:
            if option not in known:
                raise Mistakes(f"{quote(option)} is not among the known kernels{meant(option, known, VALUE_SYNONYMS)}")
    elif choice in CHOICES:
        options = [scenario.catalogue.find(CHOICES[choice].kind, option).id for option in options]
    else:
        for option in options:
            scenario.catalogue.shorthand(choice, option)

    return Axis(name, tuple(options))


def read_axes(texts: Iterable[str], scenario: Scenario) -> list[Axis]:
    """Return the axes that texts describe. Raise Mistakes with the mistakes of all of them."""
    axes = list[Axis]()
    with gathered() as mistakes:
        for text in texts:
            with collected(mistakes):
                axes.append(read_axis(text, scenario))

        names = [axis.name for axis in axes]
        mistakes += [
            Mistake(f"`{name}` has two axes; put its values in one list")
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]

        flagged = {name for name in (*scenario.layers[-1].shorthands, *names) if name in SHORTHANDS}
        for shorthand in sorted(flagged):
            parts = [name for name in names if name in SHORTHANDS[shorthand][1]]
            mistakes += [Mistake(f"`{shorthand}` stands for `{part}` too; keep one of them") for part in parts]

        cells = math.prod(len(axis.values) for axis in axes)
        if cells > _MOST:
            refuse(mistakes, f"{cells} cells are more than a sweep takes; leave at most {_MOST}")
    return axes
