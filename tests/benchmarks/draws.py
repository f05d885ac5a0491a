"""The bands of every figure over draws, against the same formulas in one hand-written numpy loop; exits with 1 where a goal is missed.

Run it alone on a quiet machine: `python tests/benchmarks/draws.py`.
"""

import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from measure import MOCHI, RANGES, Goal, medians, spent, verdict

from t2v_capacity.assumptions.names import finite
from t2v_capacity.engine.figures import FIGURES, ordered
from t2v_capacity.plan.ranges import bands, draws
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario

SAMPLES = (10_000, 100_000)
RATIO, MEGABYTES = 1.2, 500


def by_hand(plan: Scenario, samples: int) -> dict[str, tuple[float | None, ...]]:
    """Return the same bands: every formula called in order, then one sort of each figure."""
    drawn = draws(plan.ranges(), samples)
    formulas = [(f.name, f.formula, f.parameters) for f in ordered()]
    values = {**plan.values(), **drawn}
    with np.errstate(all="ignore"):
        for name, formula, parameters in formulas:
            if name not in values:
                values[name] = formula(*[values[parameter] for parameter in parameters])
    whole = {name: values[name] for name in FIGURES if isinstance(values[name], np.ndarray)}
    fixed = {name: (finite(float(values[name])),) * 3 for name in FIGURES if name not in whole}
    return fixed | {name: tuple(_band(array)) for name, array in whole.items()}


def _band(array: Any) -> Iterator[float | None]:
    """Yield the percentiles by one sort."""
    array.sort()
    unending = np.isnan(array[-1]) or np.isinf(array[[0, -1]]).any()
    for share in (0.05, 0.5, 0.95):
        place = (len(array) - 1) * share
        low, high, part = array[int(place)], array[min(int(place) + 1, len(array) - 1)], place % 1
        one = array[max(int(np.ceil(len(array) * share - 1)), 0)] if unending else low + (high - low) * part
        yield finite(float(one if part < 1 / 2 or unending else high - (high - low) * (1 - part)))


def main() -> int:
    """Measure, print, and return 1 where a goal is missed."""
    plan = load_scenario(MOCHI, RANGES)
    goals = []
    for samples in SAMPLES:
        if bands(plan, samples) != by_hand(plan, samples):
            raise SystemExit(f"{samples} draws: the two ways differ")
        found = medians({"module": partial(bands, plan, samples), "hand": partial(by_hand, plan, samples)})
        goals += [
            Goal(f"{samples:,} draws, bands of {len(FIGURES)} figures", found["module"], "s"),
            Goal(f"{samples:,} draws by hand", found["hand"], "s"),
            Goal(f"{samples:,} draws, over those by hand", found["module"] / found["hand"], "x", RATIO),
        ]
    sets = [part for text in RANGES for part in ("--set", text)]
    seconds, megabytes = spent(["estimate", MOCHI, *sets, "--samples", str(SAMPLES[-1]), "--format", "json"])
    goals += [
        Goal(f"estimate of {SAMPLES[-1]:,} draws, the whole program", seconds, "s"),
        Goal(f"its memory, {len(RANGES)} ranges", megabytes, "MB", MEGABYTES),
    ]
    return verdict(goals)


if __name__ == "__main__":
    sys.exit(main())
