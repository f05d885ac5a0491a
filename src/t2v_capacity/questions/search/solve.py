"""The question turned around: the largest or smallest value of an assumption that keeps conditions, or any change.

Values between the assumption's bounds are tried until a condition's figure crosses its limit. Halving down to
neighboring floats, or whole numbers for a count, then finds the last value that keeps all. What is compared is what
`estimate` computes, steps included, and a condition on draws sees the same draws at every trial.

Where no assumption is named, the answer is the single changes that reach conditions: of each input that a planner can
turn, followed to both bounds, the nearest value found that keeps all. What is off is not tried: an input at 0, or at a
neutral default that is no decision of every fleet.

An answer keeps the plan's own target too, or carries its peak; conditions on how late a peak may be replace that.
A single change also fits its GPU, is surely in time, and keeps the budgets, where the plan does.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import ASSUMPTION, CHOICE, figures_in, finite, name_in, unknown
from t2v_capacity.assumptions.parts import SHARE, assumption, definition_of, is_of_a_part, plain_name, within
from t2v_capacity.engine.figures import FIGURES, ancestors
from t2v_capacity.errors import Mistakes, Place, enumeration, quote
from t2v_capacity.plan.candidates import PRICE, SIZES, divided_evenly
from t2v_capacity.plan.cells import SAMPLING, SIZE, Sampling, moved_by
from t2v_capacity.plan.conditions import Condition, check_parts, parse_condition, parse_conditions, result_at
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.pins import measured_pins
from t2v_capacity.plan.rules import figure_budgets
from t2v_capacity.plan.trials import WAITS, change, trials_over
from t2v_capacity.plan.uncertain import draws_used
from t2v_capacity.plan.verdict import LATE_BY, MEASURED_ELSEWHERE, SURE, broken, deferred_late
from t2v_capacity.questions.search.trials import Lever, Search, Solution, bills_of, choose, pins_against, wait_notes
from t2v_capacity.questions.what_if.sensitivity import without_swing
from t2v_capacity.scenario.load import with_flags
from t2v_capacity.scenario.mix import check_of_a_part
from t2v_capacity.scenario.settings import Scenario

# The model's own error, its frames and passes, facts of the service, the GPU, kernels and RGB, and a frame's sides.
_NOT_TURNED = (
    *("time_factor", "fps", "passes_per_step", "service_age", "gpu_load_share", "softmax_share"),
    *("least_encoder_bytes", "bytes_per_pixel", *SIZE),
)
# What a plan decides of any fleet, though its default is neutral.
_GROUP = "gpus_per_replica"
_SERVER = "gpus_per_server"  # rented whole, or by the group
_FLEET = (_GROUP, "reserved_fraction")
_GROUPS = (*SIZES, 16)  # tried as a change: those of a comparison, and two servers of eight
# Of what changes the picture or the product, and then of demand.
_LATE = {"video": 3, "generation": 3, "traffic": 4}
_OTHER_PRODUCT = ("model", "text_attention", "attention_scope")  # choices that change the product, not its serving


def reach(plan: Estimate, conditions: Sequence[Condition], sampling: Sampling = SAMPLING) -> Solution:
    """Return single changes of a plan that keep all conditions: options of choices, and values of inputs.

    A plan that keeps them needs none. Changes of what was set by hand come first. The others follow by what they cost
    the user: choices, price and how GPUs work together, the picture, demand. The nearest of each come first.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> reached = reach(estimate(load_scenario("scenarios/lesson.yaml")), [parse_condition("rule_of_thumb_gpus <= 5K")])
    >>> [lever.text for lever in reached.levers if lever.name == "steps"]
    ['30 steps/video']
    """
    check_parts(plan.scenario, conditions)
    drawn = plan.likely([limit.figure for limit in conditions if limit.of_draws], *sampling)
    outcomes = tuple(result_at(limit, plan.figure(limit.figure), drawn.get(limit.figure)) for limit in conditions)
    kept, (samples, seed) = all(outcome.kept for outcome in outcomes), draws_used(drawn, sampling)
    changes, notes = list[Lever](), tuple[str, ...]()
    if not kept:
        # What the plan does now, a change does too. A stream that is made slower starts sooner, at twice the bill.
        fits = f"memory_needed <= {plan.known['memory_usable']!r} B"
        plays = f"generated_fps >= {plan.known['generated_fps'] if plan.scenario.streams else 0!r}"
        jobs = *_own(plan.scenario, conditions), *map(parse_condition, (fits, plays)), *figure_budgets(plan.scenario)
        held = [*conditions, *(own for own in jobs if own.holds(plan.figure(own.figure)))]
        both_ways = ([*_values(plan, name, held, sampling)] for name in _inputs_to_turn(plan, conditions))
        nearest = [min(both, key=attrgetter("far")) for both in both_ways if both]
        changes = sorted([*_options(plan.scenario, conditions, sampling), *nearest], key=_place)
        notes = (*wait_notes(plan.scenario, {}, outcomes), *_left_out(plan.scenario, conditions, changes))
    return Solution(
        plan.scenario,
        "",
        "",
        feasible=kept or bool(changes),
        conditions=outcomes,
        plan=plan,
        levers=tuple(changes),
        notes=notes,
        samples=samples,
        seed=seed,
    )


def _own(scenario: Scenario, conditions: Sequence[Condition]) -> list[Condition]:
    """Return the conditions with which a plan does its job, without those on lateness that others replace."""
    asked, jobs = {plain_name(limit.figure) for limit in conditions}, list[str]()
    if asked.isdisjoint((*LATE_BY, *WAITS, "overload_time", "refused_share")):
        jobs.append("latency_slack >= 0 s" if scenario.promises else "utilization < 100%")
    if scenario.by_hand("target_deferred_wait") and asked.isdisjoint(("deferred_slack", "fluid_deferred_wait")):
        jobs.append("deferred_slack >= 0 s")
    return [*map(parse_condition, jobs)]


def _exact(scenario: Scenario, name: str, conditions: Sequence[Condition]) -> Iterator[str]:
    """Yield a note of the range that an answer is without, where a condition is on draws."""
    spread = scenario.ranges().get(name)
    if spread and any(condition.of_draws for condition in conditions):
        low, high = map(assumption(name).show, spread[:2])
        yield f"`{name}` is exact there: its range, {low} to {high}, is dropped"


def _left_out(scenario: Scenario, conditions: Sequence[Condition], changes: Sequence[Lever]) -> Iterator[str]:
    """Yield notes of the ranges that changes are without, and of the pins that no change may outlive."""
    for lever in changes:
        yield from _exact(scenario, lever.name, conditions)
    billed = bills_of(scenario, (condition.figure for condition in conditions))
    if pins := [*(pin.called for pin in measured_pins(scenario)), *billed]:
        names = enumeration(map(quote, pins))
        yield f"{MEASURED_ELSEWHERE}: changes of what {names} was measured or billed at are left out"


def _place(lever: Lever) -> tuple[int, float]:
    """Return the place of a lever's kind (by hand, choices, price and group, picture, demand), and how far it goes."""
    if lever.origin.by_hand:
        return 0, lever.far
    if isinstance(lever.value, str):
        return 1, lever.far
    return _LATE.get(assumption(lever.name).section, 2), lever.far


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
        if plain_name(name) in reached
        and not math.isnan(plan.values[name])
        and _can_turn(scenario, name)
        and without_swing(name, setting) in ("", "forever")  # what is kept may be deleted
    ]


def _can_turn(scenario: Scenario, name: str) -> bool:
    """Return whether a planner can change an input: no convention, nor what the model, the GPU or a fit gives."""
    known, setting = ASSUMPTIONS[plain_name(name)], scenario.setting(name)
    if name == _SERVER:
        return setting.origin.kind == "default"
    off = setting.neutral and not setting.origin.by_hand and plain_name(name) not in _FLEET
    of_the_gpu = name != PRICE and setting.origin.entry == scenario.option("gpu")  # sellers differ in the price alone
    given = known.supplied or known.source.startswith("convention") or of_the_gpu
    if given or off or plain_name(name) in _NOT_TURNED:
        return False
    # Parts and stages have bitrates of their own, by their frame sizes.
    return not (name == "bitrate" and scenario.inner and scenario.bitrate_follows)


def _values(plan: Estimate, name: str, conditions: Sequence[Condition], sampling: Sampling) -> Iterator[Lever]:
    """Yield the nearest smaller and larger value of an input that keeps all; growth moves toward its default alone."""
    search, now, known = Search(plan.scenario, name, conditions, sampling), plan.values[name], assumption(name)
    current = " to ".join(map(known.show, plan.scenario.ranges().get(name, [now])[:2]))
    fact = known.section == "traffic" and known.source.startswith("neutral")
    for up in (False, True):
        away = fact and up != (known.number(known.default) > now)
        answer = None if away else _nearest(search, plan.scenario, name, now, up=up)
        if answer is None:
            continue
        (trial,) = trials_over(plan.scenario, change(), [(change(), {name: answer})])
        figures = [condition.figure for condition in conditions]
        # Conditions on lateness replace the target.
        unsure = figures.count("latency_slack") and not trial.sure and (plan.verdict.target or 0) >= SURE
        if not (unsure or pins_against(trial, plan.scenario, figures)):
            far = abs(math.log(answer / now)) if now * answer > 0 else math.inf
            origin, text = plan.scenario.setting(name).origin, search.text_of(answer, up=up)
            yield Lever(name, origin, current, text, answer, finite(trial.figures.get("cost_per_month", math.nan)), far)


def _nearest(search: Search, scenario: Scenario, name: str, now: float, *, up: bool) -> float | None:
    """Return the nearest larger value that keeps all conditions, or the nearest smaller one; none where none does."""
    if plain_name(name) not in (_GROUP, _SERVER):
        return _first_kept(search, now, search.ends[up], _ON_THE_WAY)
    # Groups but the usual ones leave GPUs of a server idle, or have attention heads left over.
    usual = [min(now, scenario.values()[_GROUP])] if name == _SERVER else divided_evenly(scenario, _GROUPS)
    sizes = [float(size) for size in usual if (size > now) == up and search.keeps(size)]
    return min(sizes, key=lambda size: abs(size - now), default=None)


def _options(scenario: Scenario, conditions: Sequence[Condition], sampling: Sampling) -> Iterator[Lever]:
    """Yield the choices with an option that keeps all conditions, and runs, fits and has a price."""
    for name in CHOICES:
        if name not in _OTHER_PRODUCT:
            current = scenario.choices[name]
            solution = choose(scenario, name, conditions[0].figure, conditions, alone=True, sampling=sampling)
            for option, _value, against, bill, text in solution.options:
                if against is None:
                    yield Lever(name, current.origin, current.value, text, option, finite(bill))


# Values that are tried first, half in equal steps, half in equal ratios; fewer where each takes thousands of draws.
_TRIED, _TRIED_ON_DRAWS = 1_000, 80
_FEW = 20  # values over the bounds and near an answer, which show whether keeping comes and goes
_NEAR = 2  # times a value: within it, a larger one from which all are kept is the better answer
_ON_THE_WAY = 80  # values on the way of an input to a bound, in a search of any change
_HALVINGS = 12  # of the way between two of them, to the step of whole servers there; draws smooth it


def solution_of(
    plan: Estimate,
    sought: str | None,
    until: Sequence[str],
    *,
    smallest: bool,
    minimize: str | None,
    maximize: str | None,
    sampling: Sampling,
) -> Solution:
    """Return the value or the option of a name that keeps conditions.

    Without a name, return the single changes that keep them. Raise Mistakes if the name is unknown, or doesn't fit.
    """
    scenario, name = plan.uncertain, name_in(sought or "")
    if sought is None and until and not (smallest or minimize or maximize):
        return reach(plan._replace(scenario=scenario), parse_conditions(until, "--until"), sampling)
    conditions = [parse_condition(text, Place(f"--until {text}")) for text in until]
    if name in CHOICES:
        if smallest:
            raise Mistakes(f"`{name}` is a choice, which has no smallest; name a figure with --minimize or --maximize")
        if (minimize is None) == (maximize is None):
            raise Mistakes(f"`{name}` is a choice; name one figure to go by, such as --minimize cost_per_month")
        (figure,) = figures_in([minimize or maximize or ""], "what is sought is")
        return choose(scenario, name, figure, conditions, most=maximize is not None, sampling=sampling)
    check_of_a_part(scenario, name)
    if not definition_of(name) or name == SHARE:
        raise Mistakes(_unknown(name))
    if minimize is not None or maximize is not None:
        raise Mistakes(
            "--minimize and --maximize are for choices; "
            f"of `{name}` solve gives the largest value, or with --smallest the smallest"
        )
    if not conditions:
        raise Mistakes("`--until` is missing; name what must hold, such as --until 'gpus <= 10000'")
    return _answer(plan, name, conditions, smallest=smallest, sampling=sampling)


def _answer(plan: Estimate, name: str, conditions: Sequence[Condition], **how: Any) -> Solution:
    """Return the solution: on GPUs rented one by one where whole servers are too many, and one that does the job."""
    solution, scenario, note = solve(plan.uncertain, name, conditions, **how), plan.scenario, ""
    known = solution.plan.known
    fails = broken(known) if scenario.promises else known["utilization"] >= 1
    late = {"deferred_slack": deferred_late(known)}
    missed = [own for own in _own(scenario, conditions) if late.get(own.figure, fails)]
    if solution.feasible:
        if missed:
            conditions, note = [*conditions, *missed], f"`{missed[0].text}` is held too, so that the plan does its job"
    elif not scenario.by_hand(_SERVER) and {"gpus", "cost_per_month"} & {kept.figure for kept in conditions}:
        plan = estimate(with_flags(scenario, ["gpus_per_server=1"]))
        note = "whole servers with a spare one are too many; GPUs are rented one by one: `--gpus-per-server 1`"
    other = _answer(plan, name, conditions, **how) if note else solution
    return other._replace(notes=(*other.notes, note)) if note and other.feasible else solution


def _unknown(name: str) -> str:
    if not name:
        return "`--for` is missing; name an assumption or a choice, such as --for dau"
    if name in FIGURES:
        return (
            f"`{name}` is a figure, which is computed; "
            f"write --for dau --until '{name} <= 1000': an assumption to seek, and what to keep"
        )
    if (plain := plain_name(name)) in SHORTHANDS:
        return f"`{plain}` stands for {', '.join(SHORTHANDS[plain][1])}; seek one of them"
    return unknown(name, ASSUMPTION, CHOICE)


def solve(
    scenario: Scenario,
    name: str,
    conditions: Sequence[Condition],
    *,
    smallest: bool = False,
    sampling: Sampling = SAMPLING,
) -> Solution:
    """Return the largest value of an assumption that keeps all conditions, or the smallest.

    If no value keeps them, return the nearest to it. Where they hold at the upper bound alone, as with a price that
    reaches a margin, return the smallest from which all tried larger ones keep them, if that is near the smallest.

    >>> from t2v_capacity.plan.conditions import parse_condition
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> solve(load_scenario("scenarios/lesson.yaml"), "steps", [parse_condition("rule_of_thumb_gpus <= 5000")]).value
    30.0
    """
    _check_depends(scenario, name, conditions)
    whose = [_whose(scenario, name)]
    search, current = Search(scenario, name, conditions, sampling), _current(scenario, name)
    from_there_on = not smallest and list(map(search.keeps, search.ends)) == [False, True]
    smallest = smallest or from_there_on
    ends = search.ends if smallest else reversed(search.ends)
    first = last = _first_kept(search, *ends, _TRIED_ON_DRAWS if search.on_draws else _TRIED, current)
    while from_there_on and last is not None and (missing := _missing(search, last, current, smallest=True)):
        last = search.first(missing[-1], search.ends[1], _FEW)
    if first is not None and first != last:
        if last is None or last > _NEAR * first:
            last = first  # what comes and goes, such as a utilization, is missed at whole servers of any fleet
        else:
            whose.append(f"from which all tried keep conditions; the least tried is {search.text_of(first, up=True)}")
    bound = ""
    answer = beyond = search.nearest(current) if last is None else last
    if last == search.ends[not smallest]:
        bound = "lower" if smallest else "upper"
    elif last is not None:  # what binds is missed at the next value
        beyond = search.next_to(answer, up=not smallest)
    missed = [kept for kept in sorted(search.at(beyond), key=lambda kept: -kept.excess) if not kept.kept]
    return Solution(
        scenario,
        name,
        answer,
        feasible=last is not None,
        conditions=search.at(answer),
        plan=estimate(with_flags(scenario, (), {name: answer})),
        binding=tuple(kept.condition for kept in missed),
        bound=bound,
        notes=(*wait_notes(scenario, {name: beyond}, missed), *_notes(scenario, name, search, last, smallest=smallest)),
        samples=search.used[0],
        seed=search.used[1],
        text=assumption(name).show(answer) if last is None else search.text_of(answer, up=smallest),
        smallest=smallest,
        whose="; ".join(filter(None, whose)),
    )


def _whose(scenario: Scenario, name: str) -> str:
    """Return of which parts or stages a value is sought, where others set their own. Raise Mistakes if all do."""
    for parts in (scenario.parts, scenario.stages):
        own = [part for part in parts if part.holds(name)]
        if not own:
            continue
        keeping, several = enumeration(part.name for part in own), len(own) > 1
        if following := [part.name for part in parts if part not in own]:
            return f"of {enumeration(following)}; {keeping} {'keep theirs' if several else 'keeps its own'}"
        noun = name.partition("_per_")[0].replace("_", " ")
        verb = "set their own" if several else "sets its own"
        raise Mistakes(f"{keeping} {verb} {noun}; solve for {own[0].called(name)}")
    return ""


def _current(scenario: Scenario, name: str) -> float:
    """Return a part's own value or the plan's; of an unknown price the usual one."""
    values, known = scenario.values(), assumption(name)
    current = next(values[level] for level in within(name) if level in values)
    return known.number(known.default) if math.isnan(current) else current


def _first_kept(search: Search, start: float, end: float, tries: int, *also: float) -> float | None:
    """Return the first value from one to another that keeps all conditions; none where no tried value does."""
    previous, level = None, search.first(start, end, tries // 2, *also)
    # Keeping may come and go: more is tried before the value until no earlier one keeps all.
    while level is not None and level != previous:
        previous = level
        level = search.first(start, previous, tries // 2)
    return level


def _check_depends(scenario: Scenario, name: str, conditions: Sequence[Condition]) -> None:
    check_parts(scenario, conditions)
    if any(_reaches(scenario, name, condition) for condition in conditions):
        return
    asked = list(dict.fromkeys(plain_name(condition.figure) for condition in conditions))
    independent = f"{enumeration(map(quote, asked))} {'do' if len(asked) > 1 else 'does'} not depend on `{name}`"
    pinned = [figure for figure in asked if figure in scenario.pins]
    if pinned:
        raise Mistakes(f"{independent}: `{pinned[0]}` is pinned; `--pin {pinned[0]}=null` lets it be computed")
    raise Mistakes(f"{independent}; `t2v-cap explain {scenario.file} {asked[0]}` shows what it depends on")


def _reaches(scenario: Scenario, name: str, condition: Condition) -> bool:
    """Return whether an assumption may move what a condition asks for."""
    asked = plain_name(condition.figure)
    return not {asked, *ancestors([asked], stop=scenario.pins)}.isdisjoint(moved_by(scenario, [name]))


def _notes(scenario: Scenario, name: str, search: Search, answer: float | None, *, smallest: bool) -> Iterator[str]:
    """Yield the notes on the search."""
    for condition in search.conditions:
        if not _reaches(scenario, name, condition):
            yield f"`{condition.text}` does not depend on `{name}`"
    yield from _exact(scenario, name, search.conditions)
    if any(condition.of_draws for condition in search.conditions) and not search.on_draws:
        yield "no assumption that matters here has a range, so a percentile or a chance is that of one value"

    if answer is None:
        return
    if missing := _missing(search, answer, _current(scenario, name), smallest=smallest):
        text = assumption(name).show(missing[0 if smallest else -1])
        yield f"not every {'larger' if smallest else 'smaller'} value keeps all conditions: {text} does not"
    (trial,) = trials_over(scenario, change(), [(change(), {name: answer})])
    pins = pins_against(trial, scenario, [condition.figure for condition in search.conditions])
    yield from (f"{pin}, and says nothing of this answer" for pin in pins)


def _missing(search: Search, answer: float, current: float, *, smallest: bool) -> list[float]:
    """Return the larger values than an answer that miss a condition, or the smaller ones, of those that are tried.

    They are over the bounds, and within twice or half the answer and the plan's value: whole servers come in steps.
    """
    few = _FEW // 4 if search.on_draws else _FEW
    factors = [(1 + 2 ** (-step / 2)) ** way for step in range(few) for way in (-1, 1)]
    near = sorted({answer, *(search.within(level * factor) for level in (answer, current) for factor in factors)})
    steps = set() if search.on_draws else {search.worst(*pair, _HALVINGS) for pair in pairwise(near)}
    tried = sorted({*search.spread(*search.ends, _FEW), *near, *steps})
    return [level for level in tried if (level > answer if smallest else level < answer) and not search.keeps(level)]
