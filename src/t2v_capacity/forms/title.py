"""Describe a plan in two lines: the clip and its generation, then the GPUs, their price, the software and the day."""

import math
from collections.abc import Mapping

from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.scenario.settings import Scenario

# Number formats that go without saying, and runtimes whose name says too little.
_USUAL = ("bf16", "fp16")
_RUNTIMES = {"eager": "plain PyTorch", "fused": "fused PyTorch"}


def title(scenario: Scenario, known: Mapping[str, float]) -> tuple[str, str]:
    """Return the two lines; a `*` marks an input that was left to its default. `results.js` writes them alike.

    A kernel that picks another, as `sdpa` does, has that one in brackets.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> clip, fleet = title(plan.scenario, plan.values)
    >>> clip
    'mochi-1-preview, 848x480, 5 s, 64 steps of 2 passes (guidance), weights fp32'
    >>> fleet
    'h100-sxm, 4.50 USD/h*; plain PyTorch*, fa3 attention*; level demand'
    """
    return ", ".join(_clip(scenario, known)), "; ".join(_fleet(scenario, known))


def _clip(scenario: Scenario, known: Mapping[str, float]) -> list[str]:
    """Return the model and what it makes."""
    if stages := scenario.stages:  # the clip is as the last one leaves it
        known = {**known, **stages[-1].over(known)}
    seconds = f"{digits(known['duration'], exact=False)} s"
    clip = [
        f"{scenario.option('model')}{_star(scenario, 'model')}",
        f"{digits(known['width'])}x{digits(known['height'])}",
        f"streams of {seconds}" if scenario.streams else seconds,
        _steps(scenario, known),
    ]
    if scenario.parts:
        clip.append(f"of {len(scenario.parts)} parts")
    for word, name in (("weights", "precision"), ("arithmetic", "compute_precision")):
        if scenario.option(name) not in _USUAL:
            clip.append(f"{word} {scenario.option(name)}")
    return clip


def _steps(scenario: Scenario, known: Mapping[str, float]) -> str:
    """Return the steps of a clip and their passes, or its stages."""
    if scenario.stages:
        return f"{len(scenario.stages)} stages"
    if known["passes_per_step"] == 1:
        return show(known["steps"], "step")
    return f"{show(known['steps'], 'step')} of {show(known['passes_per_step'], 'pass')} (guidance)"


def _fleet(scenario: Scenario, known: Mapping[str, float]) -> tuple[str, str, str]:
    """Return the GPUs with their price, the software, and how uneven the day is."""
    gpus = [f"{scenario.option('gpu')}{_star(scenario, 'gpu')}"]
    if known["gpus_per_replica"] != 1:
        gpus.append(f"{show(known['gpus_per_replica'], 'gpu')} per {'replica' if scenario.streams else 'clip'}")
    if known["regions"] != 1:
        gpus.append(show(known["regions"], "region"))
    price = known["gpu_price"]
    if math.isnan(price):
        gpus.append("no list price")
    else:
        gpus.append(f"{price_text(price)} USD/h{'*' if scenario.at_list_price else ''}")
    if held := known.get("reserved_part", known["reserved_fraction"]) and (
        known["reserved_price"] or known["reserved_3_year_price"]
    ):
        gpus.append(f"{price_text(held)} reserved")

    runtime = scenario.option("runtime")
    picked = scenario.catalogue.delegated_kernel(scenario.chosen())
    kernel = f"{scenario.option('attention_kernel')}{f' ({picked})' if picked else ''}"
    software = (
        f"{_RUNTIMES.get(runtime, runtime)}{_star(scenario, 'runtime')}, "
        f"{kernel} attention{_star(scenario, 'attention_kernel')}"
    )
    peak = "level demand" if known["peak_to_average"] == 1 else f"peak {digits(known['peak_to_average'])} x average"
    return ", ".join(gpus), software, f"{peak}{_star(scenario, 'peak_to_average')}"


def _star(scenario: Scenario, name: str) -> str:
    """Return the mark of a choice or an assumption that was left to its default."""
    return "" if scenario.by_hand(name) else "*"


def price_text(price: float) -> str:
    """Return a price with cents, or with as many digits as it has.

    >>> price_text(5.4), price_text(0.125)
    ('5.40', '0.125')
    """
    cents = f"{price:.2f}"
    return cents if math.isclose(float(cents), price) else digits(price, 4)
