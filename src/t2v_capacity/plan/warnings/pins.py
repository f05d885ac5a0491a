"""Warn of pins that hide what was set by hand, that nothing can have, or that outlive what they measured."""

from collections.abc import Callable, Iterable, Iterator

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import FIGURES, Known, Number, ancestors
from t2v_capacity.plan.measured_pins import as_written, at_now, input_of, pins_measured_at
from t2v_capacity.plan.warnings.register import NEAR, Case, Said, Test, any_of, warning
from t2v_capacity.scenario.settings import Scenario


@warning("pin-bypasses")
def _bypassing_pins(plan: Case) -> Iterator[Said]:
    """Warn of an assumption set by hand that counts nowhere, since a pin stands before every figure that uses it."""
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
        yield Said(
            f"pinned {pins}: {', '.join(f'`{called(name)}`' for name in idle)} no longer counts",
            tuple(map(called, idle)),
        )


def _least(known: Known) -> dict[str, tuple[Number, str]]:
    """Return the least that each latency can be, and why."""
    work = known["gpu_seconds_per_video"] / known["gpus_per_replica"]
    return {
        "latency_p95": (known["generation_latency"], "a clip takes {} to make"),
        "generation_latency": (work, "its GPU-seconds take {} on the GPUs of a replica"),
    }


def _is_impossible(scenario: Scenario) -> Test:
    """Return the test of a pin below what is possible, or of less than a pass per step."""

    def impossible(known: Known) -> dict[str, Number]:
        least = _least(known)
        below = {name: known[name] < least[name][0] * (1 - NEAR) for name in least if name in scenario.pins}
        return {**below, "passes_per_step": known["passes_per_step"] < 1}

    return any_of(impossible)


@warning("pin-impossible", due_in=_is_impossible, by=("latency_p95", "generation_latency", "gpu_seconds_per_video"))
def _impossible_pin(plan: Case) -> Iterator[Said]:
    """Warn of a pinned latency below the time that a clip takes to make, and of less than a pass per step."""
    for name, (least, why) in _least(plan.known).items():
        if name in plan.scenario.pins and plan[name] < least * (1 - NEAR):
            said = f"{name} is pinned at {show(plan[name], 'second')}, and {why.format(show(least, 'second'))}"
            yield Said(f"{said}; correct the pin", (name, "generation_latency"))
    if plan["passes_per_step"] < 1:
        passes = f"passes_per_step is {plan['passes_per_step']:g}, and a step takes one pass at least"
        yield Said(f"{passes}; write steps that are skipped as `cached_step_share`", ("passes_per_step",))


def _is_outlived(scenario: Scenario) -> Test | None:
    """Return the test of a pin that was measured at other inputs; none if no pin says what it was measured at."""
    pins = pins_measured_at(scenario)
    if not pins:
        return None

    def test(known: Known) -> Number:
        outlived: Number = False
        for pin in pins:
            for differs in pin.differing(scenario, known).values():
                outlived = outlived | differs
        return outlived

    return test


@warning("pin-outlived", due_in=_is_outlived)
def _outlived_pins(plan: Case) -> Iterator[Said]:
    """Warn of a pin that speaks for another clip, or for another demand, than the plan's."""
    for pin in pins_measured_at(plan.scenario):
        own, differing = pin.scenario(plan.scenario), pin.differing(plan.scenario, plan.known)
        names = [name for name, differs in differing.items() if differs]
        if names:
            at = dict(pin.at)
            measured = ", ".join(
                f"{name} {as_written(name, at[name])} (now {as_written(name, input_of(own, name))})" for name in names
            )
            yield Said(
                f"`{pin.called}` was measured at {measured}: measure it again, and write `at: {at_now(own, pin.name)}`",
                (pin.called, *names),
            )
