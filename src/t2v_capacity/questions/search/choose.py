"""The option of a choice that has the least of a figure, or the most, and keeps conditions."""

import math
from collections.abc import Iterator, Sequence

from t2v_capacity.engine.figures import ancestors, evaluate
from t2v_capacity.errors import Mistakes
from t2v_capacity.questions.plan.cells import SAMPLES, SEED
from t2v_capacity.questions.plan.conditions import Condition
from t2v_capacity.questions.plan.estimate import estimate
from t2v_capacity.questions.plan.serving import MEMORY, NO_PRICE, against
from t2v_capacity.questions.search.trials import Kept, Solution, Trials, Tried
from t2v_capacity.scenario.load import laid
from t2v_capacity.scenario.settings import Scenario
from t2v_capacity.vocabulary.choices import CHOICES
from t2v_capacity.vocabulary.names import finite


def choose(
    scenario: Scenario,
    choice: str,
    figure: str,
    conditions: Sequence[Condition],
    *,
    most: bool = False,
    samples: int = SAMPLES,
    seed: int = SEED,
) -> Solution:
    """Return the option of a choice with the least of a figure, or the most, that keeps all conditions.

    An option that doesn't run, whose memory doesn't suffice, or whose unknown price the figure or a condition needs, is set
    aside with the reason. Where no option is left, the one that misses the conditions by least.
    """
    tried: list[tuple[Tried, tuple[Kept, ...], Scenario | None]] = []
    on_draws = False
    for option in _options(scenario, choice):
        try:
            there = laid(scenario, [f"{choice}={option}"])
        except Mistakes as error:
            tried.append((Tried(option, None, error.mistakes[0].message), (), None))
            continue
        trials = Trials(there, (), conditions, samples, seed)
        on_draws = on_draws or trials.on_draws
        value = evaluate(there.values(), (figure,))[figure]
        spoken = "; ".join(_against(there, (figure, *(condition.figure for condition in conditions))))
        known = finite(value)
        tried.append((Tried(option, known, spoken or (None if known is not None else f"{figure} has no value")), trials.at(), there))

    def order(index: int) -> tuple[float, int]:
        value = tried[index][0].value
        return (math.inf if value is None else -value if most else value), index

    able = [index for index, (tries, _kept, ready) in enumerate(tried) if ready and tries.against is None]
    keeping = [index for index in able if all(kept.kept for kept in tried[index][1])]
    runs = [index for index, (_tries, _kept, ready) in enumerate(tried) if ready]
    if not runs:
        raise Mistakes(f"no option of `{choice}` can be computed; {tried[0][0].option}: {tried[0][0].against}")
    if keeping:
        best = min(keeping, key=order)
    else:
        best = min(able or runs, key=lambda index: (max((kept.excess for kept in tried[index][1]), default=0.0), *order(index)))
    answer, kept, chosen = tried[best]
    assert chosen is not None
    better = min((index for index in able if order(index) < order(best)), key=order, default=None)
    binding = kept if not keeping else () if better is None else tried[better][1]
    plan = estimate(chosen)
    return Solution(
        chosen,
        choice,
        answer.option,
        feasible=bool(keeping),
        conditions=kept,
        figures=plan.figures,
        warnings=plan.warnings,
        binding=tuple(k.condition for k in binding if not k.kept),
        tried=tuple(Tried(o.option, o.value, o.against or _broken(k)) for o, k, _ready in tried),
        samples=samples if on_draws else 0,
        seed=seed if on_draws else None,
        sought=figure,
    )


def _options(scenario: Scenario, choice: str) -> list[str]:
    entries = list(scenario.catalogue.entries(CHOICES[choice].kind))
    if choice != "attention_kernel":
        return entries
    generation = scenario.catalogue.generation({name: setting.value for name, setting in scenario.choices.items()}).id
    return [entry.partition("/")[2] for entry in entries if entry.startswith(f"{generation}/")]


def _against(scenario: Scenario, asked: Sequence[str]) -> Iterator[str]:
    """Yield what speaks against an option whatever is asked of it, and the price where that is needed for it."""
    priced = "gpu_price" in ancestors(asked, stop=scenario.pins)
    values = scenario.values()
    known = values | evaluate(values, ("memory_needed", "memory_usable", "latency_p95"))
    yield from (f"{reason}: {text}" for reason, text in against(scenario, known, "") if reason == MEMORY or (reason == NO_PRICE and priced))


def _broken(kept: Sequence[Kept]) -> str | None:
    return "; ".join(f"misses {k.condition.text}" for k in kept if not k.kept) or None
