"""Describe a plan in two lines: the clip and its generation, then the GPUs and the software."""

from collections.abc import Mapping

from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.scenario.settings import Scenario

# Number formats that go without saying.
_USUAL = ("bf16", "fp16")


def title(scenario: Scenario, known: Mapping[str, float]) -> tuple[str, str]:
    """Return the two lines; a `*` marks a choice that was left to its default. `results.js` writes them alike.

    A kernel that picks another, as `sdpa` does, has that one in brackets.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> title(plan.scenario, plan.values)
    ('mochi-1-preview, 848x480, 5 s, 64 steps x 2 passes, weights fp32', 'h100-sxm, 1 GPU per clip; fa3*, eager*')
    """
    stages, parts, chosen = scenario.stages, scenario.parts, scenario.choices
    marked = {name: f"{choice.value}{'' if choice.origin.by_hand else '*'}" for name, choice in chosen.items()}
    if stages:  # the clip is as the last one leaves it
        known = {**known, **stages[-1].over(known)}
    seconds = f"{digits(known['duration'], exact=False)} s"
    clip = [
        marked["model"],
        f"{digits(known['width'])}x{digits(known['height'])}",
        f"streams of {seconds}" if scenario.streams else seconds,
    ]
    clip.append(_steps(scenario, known))
    if parts:
        clip.append(f"of {len(parts)} parts")
    for word, name in (("weights", "precision"), ("arithmetic", "compute_precision")):
        if chosen[name].value not in _USUAL:
            clip.append(f"{word} {chosen[name].value}")

    what = "replica" if scenario.streams else "clip"
    fleet = [marked["gpu"], f"{show(known['gpus_per_replica'], 'gpu')} per {what}"]
    if known["regions"] != 1:
        fleet.append(show(known["regions"], "region"))
    if picked := scenario.catalogue.picked(scenario.chosen()):
        marked["attention_kernel"] += f" ({picked})"
    return ", ".join(clip), f"{', '.join(fleet)}; {marked['attention_kernel']}, {marked['runtime']}"


def _steps(scenario: Scenario, known: Mapping[str, float]) -> str:
    """Return the steps of a clip and their passes, or its stages."""
    if scenario.stages:
        return f"{len(scenario.stages)} stages"
    if scenario.streams and known["passes_per_step"] == 1:
        return show(known["steps"], "step")
    return f"{show(known['steps'], 'step')} x {show(known['passes_per_step'], 'pass')}"
