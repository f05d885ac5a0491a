"""The single changes that reach conditions: of each input that a planner can turn, the nearest value that keeps them all.

An input that brings a missed condition nearer when it moves by 10 % (a count by one) is followed to its bound, and the first
value on the way that keeps all conditions is found between the values tried.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.assumption import FIT, GPU
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.parts import assumption, is_of_a_part, plain_name
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.plan.cells import SAMPLES, SEED, SIZE
from t2v_capacity.plan.conditions import Condition, Kept
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.swings import Input, inputs_of, no_guess, without_swing
from t2v_capacity.questions.search.choose import choose
from t2v_capacity.questions.search.trials import Trials, ValueOrder, check_parts, said
from t2v_capacity.scenario.settings import Origin, Part, Scenario

# The model's own error, its frames per second and its passes, and the sides of a frame, which move together as `resolution`.
_NOT_TURNED = ("time_factor", "fps", "passes_per_step", *SIZE)
# Inputs that change the picture or the product, then those that change demand: changed last, in this order, unless set by hand.
_PICTURE = ("video", "generation")
DEMAND = ("traffic",)
# Values that are tried on the way to a bound: in equal steps, and as many in equal ratios.
_TRIED = 24
# Choices that change the product, not its serving.
_OTHER_PRODUCT = ("model", "text_attention", "attention_scope")


class Lever(NamedTuple):
    """An input, and the nearest value of it that keeps the conditions; or the options of a choice that do."""

    name: str
    origin: Origin
    current: str
    to: str
    value: float | str
    far: float  # how far that is from the current value, in proportion; nothing of a choice


class Reach(NamedTuple):
    """A plan, what is asked of it and whether it keeps that now, and the single changes that would."""

    plan: Estimate
    now: tuple[Kept, ...]
    levers: tuple[Lever, ...]
    samples: int = 0
    seed: int | None = None

    @property
    def feasible(self) -> bool:
        """Whether the conditions are met now, or by a single change."""
        return bool(self.levers) or all(kept.kept for kept in self.now)


def reach(plan: Estimate, conditions: Sequence[Condition], samples: int = SAMPLES, seed: int = SEED) -> Reach:
    """Return the single changes of a plan that keep all conditions: options of choices, and values of inputs; none if it keeps them.

    >>> from t2v_capacity.plan.conditions import parse_condition
    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/lesson.yaml"))
    >>> [lever.to for lever in reach(plan, [parse_condition("rule_of_thumb_gpus <= 5000")]).levers if lever.name == "steps"]
    ['30 steps/video']
    """
    check_parts(plan.scenario, conditions)
    trials = Trials(plan.scenario, (), conditions, samples, seed)
    now = trials.at()
    found = () if all(kept.kept for kept in now) else tuple(levers(plan, conditions, samples, seed, options=True))
    return Reach(plan, now, found, *trials.used)


def levers(plan: Estimate, conditions: Sequence[Condition], samples: int, seed: int, *, options: bool = False) -> list[Lever]:
    """Return the single changes of a plan that keep all conditions: of what was set by hand, then by what they cost the user.

    That is: price and how GPUs work together, then the picture, then demand, and the nearest of each first. With `options` those
    of choices come before defaults.
    """
    scenario = plan.scenario
    found = [lever for name, direction in _helping(plan, conditions) if (lever := _reach(plan, name, direction, conditions, samples, seed))]
    nearest: dict[str, Lever] = {}
    for lever in sorted(found, key=lambda lever: lever.far):
        nearest.setdefault(lever.name, lever)
    chosen = list(_options(scenario, conditions, samples, seed)) if options else []
    return sorted([*chosen, *nearest.values()], key=_order)


def _order(lever: Lever) -> int:
    """Return the place of a lever's kind: by hand, choices, price and group, picture, demand."""
    if lever.origin.by_hand:
        return 0
    if isinstance(lever.value, str):
        return 1
    section = assumption(lever.name).section
    return 4 if section in DEMAND else 3 if section in _PICTURE else 2


def _helping(plan: Estimate, conditions: Sequence[Condition]) -> Iterator[tuple[str, int]]:
    """Yield the inputs that bring a missed condition nearer, and in which direction."""
    scenario = plan.scenario
    missed = [c for c in conditions if not c.holds(plan.figure(c.figure))] or list(conditions)
    figures = tuple(dict.fromkeys(condition.figure for condition in missed))
    known = {**plan.known, **{name: math.nan if (value := plan.figure(name)) is None else value for name in figures}}
    reached = ancestors(map(plain_name, figures), stop=scenario.pins)
    # In addition to the plan's inputs, those of the parts in question.
    whose = tuple({f"{name.removesuffix(plain_name(name))}" for name in figures if is_of_a_part(name)})
    own = {name: setting for name, setting in scenario.of_parts().items() if whose and name.startswith(whose)}
    names = [
        name
        for name, setting in (*scenario.settings.items(), *own.items())
        if plain_name(name) in reached and _turned(name) and not no_guess(scenario, name) and not without_swing(name, setting)
    ]
    for name, inputs in zip(names, inputs_of(scenario, known, figures, names), strict=True):
        for direction in (-1, 1):
            if any(
                _nearer(condition, inputs[condition.figure], known[condition.figure], direction)
                for condition in missed
                if condition.figure in inputs
            ):
                yield name, direction


def _turned(name: str) -> bool:
    """Return whether a planner can change an assumption: not one given by a model, a GPU or a fit of measurements, even if typed."""
    known = assumption(name)
    return plain_name(name) not in _NOT_TURNED and known.section != "architecture" and known.source not in (FIT, GPU)


def _nearer(condition: Condition, one: Input, here: float, direction: int) -> bool:
    """Return whether a step in a direction brings a figure nearer to what is asked of it."""
    there = one.at_low if direction < 0 else one.at_high
    if there is None or math.isnan(here):
        return there is not None
    fewer = condition.wants_less if condition.comparison != "=" else here > condition.limit
    return there < here if fewer else there > here


def _reach(plan: Estimate, name: str, direction: int, conditions: Sequence[Condition], samples: int, seed: int) -> Lever | None:
    """Return the nearest value of an input in a direction that keeps all conditions, or nothing where none does."""
    trials, line = Trials(plan.scenario, [name], conditions, samples, seed), ValueOrder(name)
    least, most = _now(plan, name)
    # One value for all parts of a mix is sought from the part that has farthest to go; where that already keeps them, from the other.
    now = most if direction < 0 else least
    if least != most and trials.keeps(now):
        return None
    here = line.rank(now)
    end = line.ends[0] if direction < 0 else line.ends[1]
    ranks = sorted(line.spread(min(here, end), max(here, end), _TRIED) - {here}, reverse=direction < 0)
    rank = trials.first(line, here, ranks)
    if rank is None:
        return None
    value = line.value(rank)
    setting = plan.scenario.setting(name)
    to = said(name, value, trials.keeps, up=direction > 0)
    shown = assumption(name).show
    current = shown(plan.values[name]) if least == most else f"{shown(least)} to {shown(most)}"
    return Lever(name, setting.origin, current, to, value, _far(now, value))


def _now(plan: Estimate, name: str) -> tuple[float, float]:
    """Return the least and the most that an input is now where the plan gives it: parts have other bitrates by their frame sizes."""
    values = [*_given(plan.scenario.parts or plan.scenario.stages, plan.values, name)] or [plan.values[name]]
    return min(values), max(values)


def _given(parts: Sequence[Part], known: Mapping[str, float], name: str) -> Iterator[float]:
    """Yield an input of each part and stage that does not hold it itself."""
    for part in parts:
        own = part.over(known)
        if part.stages:
            yield from _given(part.stages, own, name)
        elif name in own and not part.holds(name):
            yield own[name]


def _far(here: float, there: float) -> float:
    """Return the distance between two values: as a ratio if both are above 0, else larger than any ratio."""
    return abs(math.log(there / here)) if here > 0 and there > 0 else 1e9


def _options(scenario: Scenario, conditions: Sequence[Condition], samples: int, seed: int) -> Iterator[Lever]:
    """Yield the choices with an option that keeps all conditions, and runs, fits and has a price."""
    for name in CHOICES:
        if name in _OTHER_PRODUCT:
            continue
        found = choose(scenario, name, conditions[0].figure, conditions, alone=True, samples=samples, seed=seed)
        current = scenario.choices[name]
        for tried in found.tried:
            if tried.against is None and tried.option != current.value:
                yield Lever(name, current.origin, current.value, tried.option, tried.option, 0.0)
