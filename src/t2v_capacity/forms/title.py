"""Describe a plan in two lines: the clip and its generation, then the GPUs and the software."""

from collections.abc import Mapping

from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.scenario.settings import Scenario

# Arithmetic that goes without saying.
_USUAL = ("bf16", "fp16")


def title(scenario: Scenario, known: Mapping[str, float]) -> tuple[str, str]:
    """Return the two lines; a `*` marks a choice that was left to its default, a `!` a pinned figure. `results.js` writes them alike.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> title(plan.scenario, plan.values)[0]
    'mochi-1-preview, 848x480, 5 s at 30 fps, 64 steps x 2 passes, weights fp32'
    """
    stages, parts, chosen = scenario.stages, scenario.parts, scenario.choices
    if stages:  # the clip is as the last one leaves it
        known = {**known, **stages[-1].over(known)}
    left = {name: "" if chosen[name].origin.by_hand else "*" for name in ("attention_kernel", "runtime")}
    clip = (
        chosen["model"].value,
        f"{digits(known['width'])}x{digits(known['height'])}",
        f"{digits(known['duration'], exact=False)} s at {digits(known['fps'])} fps",
        f"{len(stages)} stages" if stages else f"{show(known['steps'], 'step')} x {show(known['passes_per_step'], 'pass')}",
        f"of {len(parts)} parts" if parts else "",
        f"weights {chosen['precision'].value}",
        "" if chosen["compute_precision"].value in _USUAL else f"arithmetic {chosen['compute_precision'].value}",
    )
    fleet = (
        chosen["gpu"].value,
        f"{show(known['gpus_per_replica'], 'gpu')} per clip",
        f"{digits(known['gpus_per_server'])} per server",
        "" if known["regions"] == 1 else show(known["regions"], "region"),
    )
    software = "; kernel {}{}, runtime {}{}".format(*(part for name, star in left.items() for part in (chosen[name].value, star)))
    marks = ", ".join([*["* default"] * any(left.values()), *["! pinned"] * bool(scenario.pins)])
    return ", ".join(filter(None, clip)), ", ".join(filter(None, fleet)) + software + (f"  ({marks})" if marks else "")
