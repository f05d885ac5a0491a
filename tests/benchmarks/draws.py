"""A million draws of every figure, against the same formulas called in one numpy loop; exits with 1 over a limit.

Run it alone on a quiet machine: `python tests/benchmarks/draws.py`.
"""

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from t2v_capacity.engine.figures import FIGURES, Number, ordered
from t2v_capacity.questions.plan.cells import CHUNK
from t2v_capacity.questions.plan.ranges import draws, sampled
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario

SCENARIO = str(Path(__file__).resolve().parent.parent.parent / "scenarios" / "mochi.yaml")
RANGES = ["dau=50M to 200M", "videos_per_user_per_day=1 to 4", "peak_to_average=1.3 to 2", "time_factor=0.9 to 1.2", "gpu_price=2 to 5"]
SAMPLES, RUNS = 1_000_000, 3
RATIO, GIGABYTES = 2.0, 1.0


def by_hand(plan: Scenario) -> Iterator[tuple[str, Number]]:
    """Yield each figure's least and most over the draws, every formula called in order on the chunks."""
    drawn = draws(plan.ranges(), SAMPLES)
    formulas = [(f.name, f.formula, f.parameters) for f in ordered()]
    ends: dict[str, tuple[float, float]] = {}
    for begin in range(0, SAMPLES, CHUNK):
        values = {**plan.values(), **{name: array[begin : begin + CHUNK] for name, array in drawn.items()}}
        with np.errstate(invalid="ignore", divide="ignore"):
            for name, formula, parameters in formulas:
                if name not in values:
                    values[name] = formula(*[values[parameter] for parameter in parameters])
        for name in FIGURES:
            least, most = ends.get(name, (np.inf, -np.inf))
            ends[name] = float(np.minimum(least, np.min(values[name]))), float(np.maximum(most, np.max(values[name])))
    yield from ends.items()


def by_module(plan: Scenario) -> Iterator[tuple[str, Number]]:
    """Yield the same of what the program draws."""
    for name, array in sampled(plan, samples=SAMPLES):
        yield name, (float(np.min(array)), float(np.max(array)))


def peak_gigabytes() -> float:
    """Return the most memory that the process has held."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes * (1 if sys.platform == "darwin" else 1_024) / 1e9


def main() -> int:
    """Measure, print, and return 1 where a limit is exceeded."""
    plan = load_scenario(SCENARIO, RANGES)
    draws(plan.ranges(), SAMPLES)  # the normal quantiles are kept for both
    found: list[dict[str, Number]] = [{}, {}]
    taken, peak = [np.inf, np.inf], 0.0
    for _run in range(RUNS):
        for index, way in enumerate((by_module, by_hand)):
            start = time.perf_counter()
            found[index] = dict(way(plan))
            taken[index] = min(taken[index], time.perf_counter() - start)
            peak = peak or peak_gigabytes()
    same = all(np.allclose(found[0][name], found[1][name], rtol=1e-12, equal_nan=True) for name in FIGURES)
    ratio = taken[0] / taken[1]
    sys.stdout.write(
        f"{SAMPLES} draws of {len(FIGURES)} figures, {len(RANGES)} ranges: {taken[0]:.1f} s, by hand {taken[1]:.1f} s, the best of {RUNS}\n"
    )
    sys.stdout.write(f"ratio {ratio:.2f}, at most {RATIO}{'  EXCEEDED' if ratio > RATIO else ''}\n")
    sys.stdout.write(f"peak memory {peak:.2f} GB, at most {GIGABYTES}{'  EXCEEDED' if peak > GIGABYTES else ''}\n")
    if not same:
        sys.stdout.write("the two ways differ\n")
    return int(ratio > RATIO or peak > GIGABYTES or not same)


if __name__ == "__main__":
    sys.exit(main())
