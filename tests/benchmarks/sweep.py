"""Sweeps of as many cells as there may be, as CSV and JSON; exits with 1 where a goal is missed.

Run it alone on a quiet machine: `python tests/benchmarks/sweep.py`. What is measured is the whole program, its start included.
"""

import sys
from functools import partial

from measure import MOCHI, Goal, medians, program, verdict

from t2v_capacity.questions.what_if.axes import read_axes
from t2v_capacity.questions.what_if.sweep import SHOWN, sweep
from t2v_capacity.scenario.load import load_scenario

AXES = {
    "two numbers": ["dau=1M..1B log 100", "duration=2 s..12 s 100"],
    "numbers and a choice": ["dau=1M..1B log 50", "max_utilization=50%..95% 50", "gpu=h100-sxm,b200-hgx,a100-80gb-sxm,l40s"],
}
SECONDS, MEGABYTES = {"csv": 5.0, "json": 5.0}, 500


def swept(axes: list[str], form: str) -> tuple[float, float]:
    """Return the seconds and the megabytes of a sweep in a form."""
    return program(["sweep", MOCHI, *(part for axis in axes for part in ("--over", axis)), "--format", form])


def main() -> int:
    """Measure, print, and return 1 where a goal is missed."""
    goals = []
    plan = load_scenario(MOCHI)
    for name, texts in AXES.items():
        axes = read_axes(texts, plan)
        goals.append(Goal(f"{name}: the sweep alone", medians({"": partial(sweep, plan, axes, SHOWN)})[""], "s"))
        for form, most in SECONDS.items():
            seconds, megabytes = swept(texts, form)
            goals += [
                Goal(f"{name}: 10,000 cells as {form.upper()}", seconds, "s", most),
                Goal(f"{name}: its memory", megabytes, "MB", MEGABYTES),
            ]
    return verdict(goals)


if __name__ == "__main__":
    sys.exit(main())
