"""How long a sweep of a million cells takes; exits with 1 over a limit.

Run it alone on a quiet machine: `python tests/benchmarks/sweep.py`.
"""

import sys
import time
from pathlib import Path

import numpy as np

from t2v_capacity.questions.what_if.axes import read_axes
from t2v_capacity.questions.what_if.sweep import SHOWN, sweep
from t2v_capacity.scenario.load import load_scenario

SCENARIO = str(Path(__file__).resolve().parent.parent.parent / "scenarios" / "mochi.yaml")
AXES = {
    "two numbers": ["dau=1M..1B log 1000", "duration=2 s..12 s 1000"],
    "numbers and a choice": ["dau=1M..1B log 500", "max_utilization=50%..95% 500", "gpu=h100-sxm,b200-hgx,a100-80gb-sxm,l40s"],
}
SECONDS = 20


def main() -> int:
    """Measure, print, and return 1 where the limit is exceeded."""
    plan = load_scenario(SCENARIO)
    exceeded = False
    for name, texts in AXES.items():
        start = time.perf_counter()
        found = sweep(plan, read_axes(texts, plan), SHOWN)
        taken = time.perf_counter() - start
        over = taken > SECONDS
        exceeded = exceeded or over
        sys.stdout.write(f"{name}: {found.cells} cells, {len(SHOWN)} figures, {taken:.1f} s{'  EXCEEDED' if over else ''}\n")
    sys.stdout.write(f"at most {SECONDS} s; Python {sys.version.split()[0]}, numpy {np.__version__}\n")
    return int(exceeded)


if __name__ == "__main__":
    sys.exit(main())
