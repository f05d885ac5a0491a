"""What is wrong with what was set, or wasn't: inputs that contradict each other, count nowhere, or drive the answer as defaults."""

from collections.abc import Callable, Collection, Iterable, Iterator

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import FIGURES, Number, ancestors
from t2v_capacity.plan.drivers import drivers
from t2v_capacity.plan.warnings.register import NEAR, Case, Known, Said, note, warning
from t2v_capacity.scenario.settings import PlanWarning, Scenario

# Parameters of a transformer lie within this factor of those that its layers imply; audio streams and embeddings are the rest.
_UNLIKE = 1.5
# Matrices of a block's adaptive norms, which modulate before and after its two halves; Peebles and Xie, arXiv:2212.09748, 2022.
_MODULATION = 6


def _implied_params(known: Known) -> tuple[Number, Number]:
    """Return the fewest and the most parameters that layers, width and feed-forward imply: joint attention may hold text apart."""
    hidden, joint = known["hidden_size"], known["text_in_sequence"]
    block = (8 - 4 * joint) * hidden**2 + known["ffn_matrices"] * hidden * known["ffn_size"]
    layers = known["layers"] / known["active_share"]
    return layers * block, layers * (block + joint * (block + 2 * _MODULATION * hidden**2))


def _unlike(known: Known) -> Number:
    least, most = _implied_params(known)
    return (known["model_params"] * _UNLIKE < least) | (known["model_params"] > most * _UNLIKE)


@warning("parameters-unlike-architecture", "model_params layers hidden_size ffn_size ffn_matrices", _unlike)
def _parameters(plan: Case) -> str:
    least, most = _implied_params(plan.known)
    implied = show(least, "parameter") if least == most else f"{show(least, 'parameter')} to {show(most, 'parameter')}"
    return (
        f"model_params is {show(plan['model_params'], 'parameter')}, but {plan['layers']:.0f} layers of hidden_size "
        f"{plan['hidden_size']:.0f} imply {implied}; sizes follow the one and seconds the other, so correct whichever is wrong"
    )


@warning("pin-bypasses")
def _bypassing_pins(plan: Case) -> Iterator[Said]:
    """Warn where an assumption was set by hand but counts nowhere, since a pin stands before every figure that uses it."""
    yield from _bypassed(plan.scenario, [*plan.scenario.settings], lambda name: name)
    for part in (*plan.scenario.parts, *plan.scenario.stages):
        yield from _bypassed(part.scenario, [name for name in part.scenario.settings if name in part.own], part.called)


def _bypassed(scenario: Scenario, names: Iterable[str], called: Callable[[str], str]) -> Iterator[Said]:
    if not scenario.pins:
        return
    reaching = ancestors(FIGURES) - ancestors(FIGURES, stop=scenario.pins)
    idle = [name for name in names if scenario.settings[name].origin.by_hand and name in reaching]
    if idle:
        pins = ", ".join(f"`{pin}`" for pin in scenario.pins if set(idle) & ancestors([pin]))
        yield Said(f"pinned {pins}: {', '.join(f'`{called(name)}`' for name in idle)} no longer counts", tuple(map(called, idle)))


@warning("pin-impossible", "latency_p95 generation_latency")
def _impossible_pin(plan: Case) -> str:
    """Warn of a pinned latency that is shorter than a clip takes to make."""
    latency, making = plan["latency_p95"], plan["generation_latency"]
    if "latency_p95" not in plan.scenario.pins or not latency < making * (1 - NEAR):
        return ""
    return f"latency_p95 is pinned at {show(latency, 'second')}, and a clip takes {show(making, 'second')} to make; correct the pin"


@note("default-decides")
def _deciding_defaults(plan: Case) -> Iterator[Said]:
    """Name the defaults that drive the answer: the model, the GPU, and the drivers' list.

    What a catalogue supplies is no default; its price is dated, and `price-stale` watches that.
    """
    if not plan.notes:
        return
    chosen = {name: plan.scenario.choices[name].value for name in ("model", "gpu") if plan.scenario.choices[name].origin.kind == "default"}
    driving = {one.name: one.value for one in drivers(plan.scenario, plan.known, plan.memo, priced=False) if one.origin.kind == "default"}
    if not chosen and not driving:
        return
    shown = ", ".join(f"{name} = {value}" for name, value in {**chosen, **driving}.items())
    yield Said(f"these defaults drive the answer: {shown}", (*chosen, *driving))


def model_error_ignored(scenario: Scenario, ranges: Collection[str]) -> Iterator[PlanWarning]:
    """Warn where figures have a band that leaves out the model's error, since `time_factor` was set to one number by hand."""
    behind = ancestors(FIGURES, stop=scenario.pins)
    if "time_factor" in ranges or "time_factor" not in behind:
        return
    names = tuple(name for name in FIGURES if "time_factor" in ancestors([name], stop=scenario.pins))
    message = "time_factor is one number, set by hand, so the bands leave out the generation model's own error; without it they hold the published one"
    yield PlanWarning("model-error-ignored", message, ("time_factor", *names), "info")
