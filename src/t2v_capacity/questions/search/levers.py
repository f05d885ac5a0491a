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
    >>> solution = reach(plan, [parse_condition("rule_of_thumb_gpus <= 5000")])
    >>> [lever.text for lever in solution.levers if lever.name == "steps"]
    ['30 steps/video']
    """
    check_parts(plan.scenario, conditions)
    trials = Trials(plan.scenario, "", conditions, sampling)
    kept, (samples, seed) = trials.keeps(), trials.used
    changes = () if kept else tuple(levers(plan, conditions, sampling))
    return Solution(
        plan.scenario,
        "",
        "",
        feasible=kept or bool(changes),
        conditions=trials.at(),
        plan=plan,
        levers=changes,
        samples=samples,
        seed=seed,
    )


def levers(plan: Estimate, conditions: Sequence[Condition], sampling: Sampling) -> list[Lever]:
    """Return the single changes of a plan that keep all conditions, in order.

    Changes of what was set by hand come first. The others follow by what they cost the user: choices, price and how
    GPUs work together, the picture, demand. The nearest of each come first.
    """
    both_ways = ([*_values(plan, name, conditions, sampling)] for name in _inputs_to_turn(plan, conditions))
    nearest = [min(both, key=attrgetter("far")) for both in both_ways if both]
    return sorted([*_options(plan.scenario, conditions, sampling), *nearest], key=_place)


def _place(lever: Lever) -> tuple[int, float]:
    """Return the place of a lever's kind, and how far it goes.

    Kinds in order: set by hand, choices, price and group, picture, demand.
    """
    if lever.origin.by_hand:
        return 0, lever.far
    if isinstance(lever.value, str):
        return 1, lever.far
    section = assumption(lever.name).section
    if section in DEMAND:
        return 4, lever.far
    return 3 if section in _PICTURE else 2, lever.far


def _inputs_to_turn(plan: Estimate, conditions: Sequence[Condition]) -> list[str]:
    """Return the inputs that a planner can turn and that a missed condition follows from."""
    scenario = plan.scenario
    missed = [condition for condition in conditions if not condition.holds(plan.figure(condition.figure))]
    figures = [condition.figure for condition in missed or conditions]
    reached = ancestors(map(plain_name, figures), stop=scenario.pins)

    # In addition to the plan's inputs, those of the parts in question.
    whose = tuple({name.removesuffix(plain_name(name)) for name in figures if is_of_a_part(name)})
    own = {name: setting for name, setting in scenario.of_parts().items() if name.startswith(whose)}
    return [
        name
        for name, setting in {**scenario.settings, **own}.items()
        if plain_name(name) in reached and _can_turn(scenario, name) and not without_swing(name, setting)
    ]


def _can_turn(scenario: Scenario, name: str) -> bool:
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
            answer = line.value(rank)
            far = abs(math.log(answer / now)) if now > 0 and answer > 0 else math.inf
            origin, text = plan.scenario.setting(name).origin, trials.text_of(answer, up=up)
            yield Lever(name, origin, assumption(name).show(now), text, answer, far)


def _options(scenario: Scenario, conditions: Sequence[Condition], sampling: Sampling) -> Iterator[Lever]:
    """Yield the choices with an option that keeps all conditions, and runs, fits and has a price."""
    for name in CHOICES:
        if name not in _OTHER_PRODUCT:
            current = scenario.choices[name]
            solution = choose(scenario, name, conditions[0].figure, conditions, alone=True, sampling=sampling)
            others = [
                tried.option for tried in solution.options if tried.against is None and tried.option != current.value
            ]
            yield from (Lever(name, current.origin, current.value, option, option) for option in others)
