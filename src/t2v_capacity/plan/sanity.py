"""Check whether a plan is possible: against its GPU's peak and the world's supply."""

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.constants import (
    CLOUD_SPENDING_PER_YEAR,
    GPUS_SHIPPED_PER_YEAR,
    LARGEST_SITE_POWER,
    MONTHS_PER_YEAR,
    WORLD_DATA_CENTER_POWER,
    Constant,
)
from t2v_capacity.engine.figures import Number
from t2v_capacity.scenario.settings import PlanWarning, Scenario

Known = Mapping[str, Number]
# The figures by which a plan is faster than its GPU.
PEAK_BY = (
    *("gpu_seconds_per_video", "passes_per_video", "linear_flops_per_pass", "attention_flops_per_pass"),
    *("text_encoder_flops", "vae_decode_flops"),
)
# Those that are compared with the world's supply.
BEYOND_BY = ("gpus", "fleet_power", "cost_per_month")
_NEAR = 1e-9
# Inputs that can make a clip faster than its GPU if set by hand.
_SPEEDS = (
    "time_factor",
    "linear_efficiency",
    "attention_efficiency",
    "vae_efficiency",
    "peak_flops",
    "attention_peak_flops",
    "vae_peak_flops",
)


def at_peak(known: Known) -> Number:
    """Return the GPU-seconds of a clip if every GPU worked at the whole of its dense peak: no plan is faster."""
    attention = known["attention_flops_per_pass"] * (1 - known["attention_sparsity"])
    denoising = known["passes_per_video"] * (
        known["linear_flops_per_pass"] / known["peak_flops"] + attention / known["attention_peak_flops"]
    )
    return denoising + known["text_encoder_flops"] / known["peak_flops"] + known["vae_decode_flops"] / known["vae_peak_flops"]


def faster_than_peak(known: Known) -> Number:
    """Return whether a plan asks more of a GPU than its peak: of floats, or of each of an array of cells."""
    return known["gpu_seconds_per_video"] * (1 + _NEAR) < at_peak(known)


def tell_faster(scenario: Scenario, known: Known) -> PlanWarning:
    """Warn of a plan that is faster than its GPU, naming what was set by hand."""
    seconds, least, gpu = known["gpu_seconds_per_video"], at_peak(known), scenario.choices["gpu"].value
    pinned = [name for name in (*PEAK_BY, "denoising_seconds") if name in scenario.pins]
    names = [*pinned, *(name for name in _SPEEDS if scenario.settings[name].origin.by_hand)]
    fix = f"correct {', '.join(names)}" if names else f"correct the efficiencies of {gpu} in the catalogue"
    message = f"a clip takes {show(seconds, 'second/video')} of GPU time, but at least {show(least, 'second/video')} at the whole peak of {gpu}; {fix}"
    return PlanWarning("faster-than-the-gpu", message, ("gpu_seconds_per_video", *names))


class Reference(NamedTuple):
    """Something that the world has: so much of it, and the words that say what and when, around the amount."""

    figure: str
    most: Constant
    what: str


_REFERENCES = (
    Reference("gpus", GPUS_SHIPPED_PER_YEAR, "one class's shipments in a year, {} (2025)"),
    Reference("site", LARGEST_SITE_POWER, "the largest site, {} (2026)"),
    Reference("fleet_power", WORLD_DATA_CENTER_POWER, "all data centers, {} (2025)"),
    Reference("cost_per_month", CLOUD_SPENDING_PER_YEAR, "the world's cloud spending, {} (2025)"),
)


def _amount(reference: Reference, known: Known) -> Number:
    """Return a plan's amount to compare with a reference, in the reference's unit."""
    if reference.figure == "site":
        return known["fleet_power"] / known["regions"]
    return known[reference.figure] * (MONTHS_PER_YEAR if reference.figure == "cost_per_month" else 1)


def beyond(known: Known) -> Number:
    """Return whether a plan exceeds something that the world has: of floats, or of each of an array of cells."""
    return reduce(or_, (_amount(one, known) > float(one.most) for one in _REFERENCES))


def tell_beyond(_scenario: Scenario, known: Known) -> PlanWarning:
    """Warn of a plan beyond dated references, one clause for each that it exceeds."""
    exceeded = [one for one in _REFERENCES if _amount(one, known) > float(one.most)]
    message = f"{'; '.join(_clauses(exceeded, known))}. Check dau and gpu_seconds_per_video"
    names = ("fleet_power" if one.figure == "site" else one.figure for one in exceeded)
    return PlanWarning("beyond-reference", message, tuple(dict.fromkeys(names)))


def _clauses(exceeded: list[Reference], known: Known) -> Iterator[str]:
    per = {"cost_per_month": " per year", "site": " per region" if known["regions"] > 1 else ""}
    for one in exceeded:
        amount, unit = _amount(one, known), one.most.unit
        yield f"{show(amount, unit)}{per.get(one.figure, '')}: {show(amount / one.most, 'ratio')} times {one.what.format(show(float(one.most), unit))}"
