"""The single changes that reach conditions.

Of each input that a planner can turn, they have the nearest value that keeps all conditions. An input that a missed
condition follows from is followed to both of its bounds. The first value on the way that keeps all conditions is found
between the values tried.
"""

import math
from collections.abc import Iterator, Sequence
from operator import attrgetter

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.parts import assumption, is_of_a_part, plain_name
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.plan.cells import SAMPLING, SIZE, Sampling
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.swings import without_swing
from t2v_capacity.questions.search.choose import choose
from t2v_capacity.questions.search.trials import Lever, Solution, Trials, check_parts
from t2v_capacity.scenario.settings import Scenario

# The model's own error, its frames per second and its passes, and the sides of a frame.
# The sides move together as `resolution`.
_NOT_TURNED = ("time_factor", "fps", "passes_per_step", *SIZE)
# Inputs that change the picture or the product, then those that change demand.
# They are changed last, in this order, unless set by hand.
_PICTURE = ("video", "generation")
DEMAND = ("traffic",)
# Values that are tried on the way to a bound: in equal steps, and as many in equal ratios.
_TRIED = 24
# Choices that change the product, not its serving.
_OTHER_PRODUCT = ("model", "text_attention", "attention_scope")


def reach(plan: Estimate, conditions: Sequence[Condition], sampling: Sampling = SAMPLING) -> Solution:
    """Return the single changes of a plan that keep all conditions: options of choices, and values of inputs.

    A plan that keeps them needs none.

    >>> from t2v_capacity.plan.conditions import parse_condition
    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/lesson.yaml"))
    >>> found = reach(plan, [parse_condition("rule_of_thumb_gpus <= 5000")])
    >>> [lever.text for lever in found.levers if lever.name == "steps"]
    ['30 steps/video']
    """
    check_parts(plan.scenario, conditions)
    trials = Trials(plan.scenario, "", conditions, sampling)
    kept, (samples, seed) = trials.keeps(), trials.used
    found = () if kept else tuple(levers(plan, conditions, sampling))
    return Solution(
        plan.scenario,
        "",
        "",
        feasible=kept or bool(found),
        conditions=trials.at(),
        plan=plan,
        levers=found,
        samples=samples,
        seed=seed,
    )


def levers(plan: Estimate, conditions: Sequence[Condition], sampling: Sampling) -> list[Lever]:
    """Return the single changes of a plan that keep all conditions, in order.

    Changes of what was set by hand come first, then the others by what they cost the user: choices, price and how GPUs
    work together, then the picture, then demand. The nearest of each come first.
    """
    found = ([*_values(plan, name, conditions, sampling)] for name in _followed(plan, conditions))
    nearest = [min(both, key=attrgetter("far")) for both in found if both]
    return sorted([*_options(plan.scenario, conditions, sampling), *nearest], key=_order)


def _order(lever: Lever) -> tuple[int, float]:
    """Return the place of a lever's kind: by hand, choices, price and group, picture, demand; and how far it goes."""
    if lever.origin.by_hand:
        return 0, lever.far
    if isinstance(lever.value, str):
        return 1, lever.far
    section = assumption(lever.name).section
    return 4 if section in DEMAND else 3 if section in _PICTURE else 2, lever.far


def _followed(plan: Estimate, conditions: Sequence[Condition]) -> list[str]:
    """Return the inputs that a planner can turn and that a missed condition follows from."""
    scenario = plan.scenario
    missed = [c.figure for c in conditions if not c.holds(plan.figure(c.figure))] or [c.figure for c in conditions]
    reached = ancestors(map(plain_name, missed), stop=scenario.pins)
    # In addition to the plan's inputs, those of the parts in question.
    whose = tuple({name.removesuffix(plain_name(name)) for name in missed if is_of_a_part(name)})
    own = {name: setting for name, setting in scenario.of_parts().items() if name.startswith(whose)}
    return [
        name
        for name, setting in {**scenario.settings, **own}.items()
        if plain_name(name) in reached and _turned(scenario, name) and not without_swing(name, setting)
    ]


def _turned(scenario: Scenario, name: str) -> bool:
    """Return whether a planner can change an input.

    Conventions can't be changed, nor what the model, the GPU or a fit of measurements gives.
    """
    known, setting = ASSUMPTIONS[plain_name(name)], scenario.setting(name)
    given = (
        known.supplied or known.source.startswith("convention") or setting.origin.entry == scenario.choices["gpu"].value
    )
    if given or plain_name(name) in _NOT_TURNED or (setting.neutral and not setting.origin.by_hand):
        return False
    several = scenario.parts or scenario.stages  # which have bitrates of their own, by their frame sizes
    return not (name == "bitrate" and several and scenario.bitrate_follows)


def _values(plan: Estimate, name: str, conditions: Sequence[Condition], sampling: Sampling) -> Iterator[Lever]:
    """Yield the nearest smaller and larger value of an input that keeps all conditions, those that there are."""
    trials, now = Trials(plan.scenario, name, conditions, sampling), plan.values[name]
    line = trials.line
    for up, end in zip((False, True), line.ends, strict=True):
        rank = trials.first(line.rank(now), end, _TRIED)
        if rank is not None:
            value = line.value(rank)
            far = abs(math.log(value / now)) if now > 0 and value > 0 else math.inf
            origin, text = plan.scenario.setting(name).origin, trials.said(value, up=up)
            yield Lever(name, origin, assumption(name).show(now), text, value, far)


def _options(scenario: Scenario, conditions: Sequence[Condition], sampling: Sampling) -> Iterator[Lever]:
    """Yield the choices with an option that keeps all conditions, and runs, fits and has a price."""
    for name in CHOICES:
        if name not in _OTHER_PRODUCT:
            current = scenario.choices[name]
            found = choose(scenario, name, conditions[0].figure, conditions, alone=True, sampling=sampling)
            good = [tried.option for tried in found.options if tried.against is None and tried.option != current.value]
            yield from (Lever(name, current.origin, current.value, option, option) for option in good)
