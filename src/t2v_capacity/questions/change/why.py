"""Why a figure changed: what each change does to it alone, and what they do together beyond that.

The parts sum to the change.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from t2v_capacity.assumptions.choices import SHORTHANDS, shorthand_of
from t2v_capacity.assumptions.parts import MIX, SHARE, STAGES, is_own, plain_name, within
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.figures import FIGURES, ancestors
from t2v_capacity.errors import Mistakes, Place
from t2v_capacity.files.document import tidy
from t2v_capacity.plan.cells import SIZE, quiet
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.tree import PlanNode, evaluated, own_figures
from t2v_capacity.plan.trials import at_own_prices, change
from t2v_capacity.plan.uncertain import draws, error_alone, error_points
from t2v_capacity.questions.change.diff import Change, Difference, Side
from t2v_capacity.scenario.load import PRICES, with_flags
from t2v_capacity.scenario.settings import ChoiceSetting, Origin, Part, Scenario, Setting

# Choices that another choice makes.
_IMPLIED = {"attention_kernel": ("gpu", "runtime"), "text_attention": ("model",), "attention_scope": ("model",)}
# Choices that have prices of their own, so that another one sets aside what was typed.
_PRICED_BY = ("gpu", "provider")
_NEXT_TO = " + "
# What changes do together beyond what each does alone; below this share of the greatest part it is rounding.
TOGETHER, _ROUNDING = "together", 1e-9


class Why(NamedTuple):
    """A figure's change in parts, the biggest first and what they do together last.

    A change that can't be split has a reason in place of parts.
    """

    figure: str
    parts: Mapping[str, float]
    reason: str = ""
    decisive: tuple[str, ...] = ()  # the inputs that alone take the value away

    @property
    def total(self) -> float:
        """The sum of the parts: the figure's change."""
        return math.fsum(self.parts.values())

    def towards(self, direction: float) -> tuple[str, ...]:
        """Return the inputs whose part has a sign, the biggest first.

        Where what they do together is the most of it, those are all of them, and `together`.

        >>> Why("gpus", {"steps": -5.0, "dau": 0.5}).towards(+1)
        ('dau',)
        >>> Why("gpus", {"steps": -5.0, "dau": 0.0, "together": 8.0}).towards(+1)
        ('steps', 'dau', 'together')
        """
        parts = {name: abs(part) for name, part in self.parts.items() if part * direction > 0}
        if self.total * direction > 0 and max(parts, key=parts.__getitem__) == TOGETHER:
            return tuple(self.parts)
        return tuple(name for name in parts if name != TOGETHER)


def why(difference: Difference, figure: str, drawn: Condition | None = None) -> Why:
    """Return the change in parts of a figure, or of what a condition makes of its draws."""
    if figure not in FIGURES:
        return Why(figure, {}, "it is no figure of the whole plan")
    base, head = difference.ends(figure)
    if drawn:
        base, head = difference.base.measured(drawn), difference.head.measured(drawn)
    reached = {figure, *ancestors([figure])}
    inputs = {
        name: keys
        for name, keys in names_by_input(difference).items()
        if not reached.isdisjoint(_moved_directly(name, keys))
    }
    start = _figure_after(difference, figure, drawn) if inputs else math.nan
    parts = {name: _figure_after(difference, figure, drawn, name, keys) - start for name, keys in inputs.items()}
    if base is None or head is None:
        return Why(
            figure, {}, "it has no value on one side", tuple(name for name, part in parts.items() if math.isnan(part))
        )
    if len(inputs) == 1:
        return Why(figure, dict.fromkeys(inputs, head - base))

    if not all(map(math.isfinite, parts.values())):
        return Why(figure, {}, "with some of the changes alone it has no value")

    parts = dict(sorted(parts.items(), key=lambda part: -abs(part[1])))
    rest = head - base - math.fsum(parts.values())
    together = abs(rest) > _ROUNDING * max(map(abs, parts.values()), default=0.0)
    return Why(figure, parts | {TOGETHER: rest} if together else parts)


def _figure_after(
    difference: Difference, figure: str, drawn: Condition | None, changed: str = "", keys: Iterable[str] = ()
) -> float:
    """Return a figure of the base, or what a condition makes of its draws, with one input as it is in the head.

    Return nan if it has no value.
    """
    before, after = difference.base.scenario, difference.head.scenario
    assert before is not None
    assert after is not None
    sides = difference.base, difference.head
    alone = all(side.plan and error_alone(side.plan.uncertain) for side in sides)
    known, changes = (_known(side, drawn, alone=alone) for side in sides)
    for key in keys:
        known.pop(key, None)
        if key in changes:
            known[key] = changes[key]
    known |= _kernel_alone(difference, before, after, {*changed.split(_NEXT_TO)})

    plan = after if changed == _structure(before, after) else before
    try:
        with quiet():
            values = evaluated(plan, known, (figure,), _inputs_over)[figure]
    except (ArithmeticError, ValueError):
        return math.nan
    if not drawn:
        return float(values)
    measured = drawn.measure([*values] if alone and hasattr(values, "shape") else values)
    return math.nan if measured is None else measured


def _known(side: Side, drawn: Condition | None, *, alone: bool) -> dict[str, Any]:
    """Return the inputs of a side's figures; an input without a value is nan.

    If draws are asked for, what is uncertain is draws, or even points where the model's error is `alone` on both sides.
    """
    known = {name: math.nan if number is None else number for name, number in {**side.assumptions, **side.pins}.items()}
    if not drawn or not side.plan:
        return known
    uncertain = side.plan.uncertain
    return known | (error_points(uncertain) if alone else draws(uncertain.ranges()))


def _moved_directly(name: str, keys: Iterable[str]) -> set[str]:
    """Return the assumptions and figures that move first with an input.

    A share moves what is joined, and so do parts and stages.
    """
    plain = {plain_name(key) for key in keys}
    if plain_name(name) == STAGES:
        return {*plain, *own_figures(STAGES)}
    return {*plain, *own_figures(MIX)} if name == MIX or SHARE in plain else plain


def _inputs_over(part: Part, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a part's or a stage's clips, whichever side has them.

    An input that is not its own is the plan's. A stage takes no pin of the whole clip.
    """
    prefix = part.called("")
    siblings = {name for name in known if name.startswith(f"{part.home}.")}
    pins = {name for name in known if part.home == STAGES and name in FIGURES and FIGURES[name].stages}

    own = {name.removeprefix(prefix): number for name, number in known.items() if name.startswith(prefix)}
    return {name: number for name, number in known.items() if name not in siblings | pins} | own


def _structure(before: Scenario, after: Scenario) -> str:
    """Return the input that stands for parts or stages that came, went or moved.

    It is the mix, or the stages of the plan or of one part.
    """
    if [part.name for part in before.parts] != [part.name for part in after.parts]:
        return MIX
    staged = _stages_by_name(after)
    moved = [name for name, stages in _stages_by_name(before).items() if stages != staged[name]]
    return MIX if len(moved) > 1 else "".join(moved)


def _stages_by_name(scenario: Scenario) -> dict[str, str]:
    """Return the stages of a plan and of each part of its mix, in words, by the name that they have together."""
    nodes: dict[str, PlanNode] = {STAGES: scenario, **{part.called(STAGES): part for part in scenario.parts}}
    return {name: ", ".join(map(str, node.stages)) for name, node in nodes.items()}


def names_by_input(difference: Difference) -> dict[str, list[str]]:
    """Return the inputs that changed, each with the assumptions and pins that it moves.

    A choice is an input with all that it supplies or implies. Choices that supply the same assumption are a single
    input. So are another GPU or provider and the prices typed for it: alone it has the head's prices. So are the parts
    of a shorthand, the shares of a mix, and parts or stages that came or went. A pin that changed, came or went is an
    input too.
    """
    before, after = difference.base.scenario, difference.head.scenario
    if before is None or after is None:
        return {}
    structure, by_choice = _structure(before, after), _by_choice(difference, before, after)
    settings = [side.all_settings() for side in (after, before)]

    def owner(name: str) -> str:
        plain, origins = plain_name(name), [side[name].origin for side in settings if name in side]
        if plain == SHARE:
            return MIX
        if structure and is_own(name) and len(origins) < len(settings):
            return structure
        if name in by_choice:
            return by_choice[name]
        prefix = name.removesuffix(plain)
        if any(origin.of_the_frame for origin in origins):
            side = next((side for side in SIZE if f"{prefix}{side}" in difference.assumptions), "")
            return owner(f"{prefix}{side}") if side else name
        of_a_shorthand = any(origin.kind == "shorthand" for origin in origins)
        return f"{prefix}{shorthand_of(plain)}" if of_a_shorthand else name

    inputs: dict[str, list[str]] = {structure: []} if structure else {}
    for name in (*difference.assumptions, *difference.pins):
        inputs.setdefault(owner(name), []).append(name)
    return inputs


def _by_choice(difference: Difference, before: Scenario, after: Scenario) -> dict[str, str]:
    """Return the changed choice, or the several inputs that belong together, that moved each assumption."""
    roots = {name: _root(name, difference, after) for name in difference.choices}
    priced = _prices_of(difference, before, after)
    movers = dict[str, set[str]]()
    for choice, root in roots.items():
        supplied = {name for side in (before, after) for name in side.catalogue.supplied(choice, side.chosen())}
        prices = PRICES if choice in _PRICED_BY else ()
        for name in supplied.union(prices).intersection(difference.assumptions):
            typed = name not in priced and after.by_hand(name)
            if name in prices or not typed:
                movers.setdefault(name, set()).update([root, name] if typed else [root])

    groups = {root: {root} for by in movers.values() for root in by}
    for by in movers.values():
        group = set().union(*(groups[root] for root in by))
        groups |= dict.fromkeys(group, group)
    return {
        name: _NEXT_TO.join(root for root in (*difference.choices, *difference.assumptions) if root in groups[min(by)])
        for name, by in movers.items()
    }


def _prices_of(difference: Difference, before: Scenario, after: Scenario) -> set[str]:
    """Return the prices that another GPU or provider brings by itself: the base with it has those of the head."""
    swapped = _swapped(difference, before, after, _PRICED_BY)
    return {name for name in PRICES if swapped and swapped.settings[name].value == after.settings[name].value}


def _kernel_alone(difference: Difference, before: Scenario, after: Scenario, changed: set[str]) -> dict[str, float]:
    """Return what the kernel supplies that a choice implies alone, where it and another one imply a third together."""
    roots = difference.choices.keys() & _IMPLIED["attention_kernel"]
    if not set() < roots & changed < roots or not (swapped := _swapped(difference, before, after, changed)):
        return {}
    supplied = swapped.catalogue.supplied("attention_kernel", swapped.chosen())
    return {name: swapped.values()[name] for name in supplied}


def _swapped(difference: Difference, before: Scenario, after: Scenario, names: Iterable[str]) -> Scenario | None:
    """Return the base with choices of the head and the prices that they bring, unless it refuses them."""
    swap = change(**{name: after.option(name) for name in names if name in difference.choices})
    try:
        return with_flags(before, at_own_prices(before, swap).sets)
    except Mistakes:
        return None


def _root(choice: str, difference: Difference, after: Scenario) -> str:
    """Return the changed choice that made another one, or that one itself where it was made by hand."""
    if after.by_hand(choice):
        return choice
    return next((root for root in _IMPLIED.get(choice, ()) if root in difference.choices), choice)


class ChangedInput(NamedTuple):
    """An input that differs between two sides: its value on each, and the line that states it.

    The line is in the head, or in the base if no line of the head states it.
    """

    name: str  # an assumption, a choice or several, a shorthand, or a pin
    change: Change
    place: Place | None
    origin: str  # in words, where no file states it

    @property
    def where(self) -> str:
        """The line that states it, or where else it is from."""
        if not self.place:
            return self.origin
        return f"{self.place.file}:{self.place.line}" if self.place.line else self.place.file


def inputs(difference: Difference) -> dict[str, ChangedInput]:
    """Return by name what changed between two scenarios: inputs that move figures, other choices, and calibrations."""
    names, after = list(names_by_input(difference)), difference.head.scenario
    known = {part for name in names for part in name.split(_NEXT_TO)}
    names += [name for name in difference.choices if name not in known and after and after.by_hand(name)]
    return {name: _input(name, difference) for name in names}


def _input(name: str, difference: Difference) -> ChangedInput:
    base, head = difference.base, difference.head
    change = difference.assumed.get(name) or Change(_text(base, name), _text(head, name))
    origins = [origin for side in (head, base) if side.scenario for origin in _origins(side.scenario, name)]
    place = next((origin.place for origin in origins if origin.place), None)
    return ChangedInput(name, change, place and tidy(place), str(origins[0]) if origins and not place else "")


def _text(side: Side, name: str) -> str:
    """Return on a side what several choices and prices, a shorthand, the mix or stages are, in words."""
    known: dict[str, Any] = {**side.choices, **side.assumptions, **side.pins}
    names, plain = _names_of(name, known), plain_name(name)
    if plain in SHORTHANDS:
        numbers = [next(known[level] for level in within(part) if level in known) for part in names]
        return (", " if plain == "day_curve" else "x").join(digits(number, 6) for number in numbers)
    if name == MIX:
        return ", ".join(f"{key.split('.')[1]} {show(known[key], SHARE)}" for key in names) or "no mix"
    if plain == STAGES:
        return (side.scenario and _stages_by_name(side.scenario).get(name)) or "none"
    known |= {part: show(known[part], "USD", 6) for part in names if side.assumptions.get(part)}
    return ", ".join(str(known.get(part) or "none") for part in names)


def _names_of(name: str, known: Iterable[str]) -> list[str]:
    """Return the names that an input is of: shares, parts of a shorthand, several choices, or its own."""
    plain = plain_name(name)
    if name == MIX:
        return [key for key in known if plain_name(key) == SHARE]
    if plain == STAGES:
        return [key for key in known if key.startswith(f"{name}.")]
    if plain in SHORTHANDS:
        return [f"{name.removesuffix(plain)}{part}" for part in SHORTHANDS[plain][1]]
    return name.split(_NEXT_TO)


def _origins(scenario: Scenario, name: str) -> list[Origin]:
    known: dict[str, Setting | ChoiceSetting] = {**scenario.all_settings(), **scenario.choices}
    return [known[key].origin for key in _names_of(name, known) if key in known]
