"""Fits the two constants of memory that no count gives.

These are the copies of activations in Wan's own scripts, and the share that an engine keeps. Each has the value on a
grid at which the peaks of its runs are nearest, every source alike. For Wan's scripts the runs are those of its own two
tables. tests/fit/test_memory.py holds the catalogue to them.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from statistics import mean

from fit.shipped import shipped_runs
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.measured.runs.accuracy import predicted
from t2v_capacity.measured.runs.reading import Run

# The constant -> values that are tried.
GRID: dict[str, list[float]] = {
    "activation_buffers": [*range(20, 81)],
    "activation_share": [share / 100 for share in range(20, 101)],
}
# Sources that ran no script of Wan as its own tables did: with more on the GPU, or in ComfyUI.
_OTHERS = ("lightx2v-benchmark", "comfyui-templates")
PEAK = ("activation_memory", "denoising_memory", "memory_needed")

Values = Mapping[str, float]


def constant_of(chosen: Mapping[str, str]) -> str:
    """Return the fitted constant that a run's peak follows from; nothing where its copies are counted."""
    if not chosen["model"].startswith("wan"):
        return ""
    return "activation_share" if chosen["runtime"] == "engine" else "activation_buffers"


@cache
def fits() -> tuple[tuple[Run, str, Values], ...]:
    """Return the runs that a constant is fitted on: with a peak, without an option."""
    found = []
    for run in shipped_runs():
        if run.peak_memory and "option" not in run.about and run.about["confidence"] != "low":
            scenario, values = predicted(run, Catalogue())
            plain = values["resident_weights"] <= run.peak_memory and run.about["source"] not in _OTHERS
            if plain and (name := constant_of(scenario.chosen())):
                found.append((run, name, values))
    return tuple(found)


def needed(values: Values, constant: str, value: float) -> float:
    """Return the bytes that a run needs with another value of a constant."""
    given = {name: one for name, one in values.items() if name not in PEAK}
    return float(evaluate({**given, constant: value}, PEAK)["memory_needed"])


def fitted(constant: str, runs: Iterable[tuple[Run, str, Values]]) -> float | None:
    """Return the value at which the runs' peaks are nearest, each source alike; nothing without runs."""
    of_source = defaultdict(list)
    for run, name, values in runs:
        if name == constant:
            of_source[run.about["source"]].append((run.peak_memory or 0, values))
    if not of_source:
        return None

    def off(value: float) -> float:
        return mean(
            mean(abs(math.log(needed(values, constant, value) / peak)) for peak, values in of_it)
            for of_it in of_source.values()
        )

    return min(GRID[constant], key=off)


@cache
def without(source: str, constant: str) -> float | None:
    """Return a constant as the runs of the other sources give it."""
    return fitted(constant, (one for one in fits() if one[0].about["source"] != source))
