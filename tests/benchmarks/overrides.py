"""Overrides of one scenario in a loop, a plan each; exits with 1 where a goal is missed.

Run it alone on a quiet machine: `python tests/benchmarks/overrides.py`.
"""

import sys
from collections.abc import Callable, Iterator

from measure import MOCHI, Goal, medians, verdict

import t2v_capacity as t2v

COUNT = 200
A_SECOND = 1_000


def main() -> int:
    """Measure, print, and return 1 where a goal is missed."""
    plan, users = t2v.estimate(MOCHI), _users()
    # What is asked of each plan: whether it must keep the goal, and how it is made.
    loops: dict[str, tuple[bool, Callable[[], object]]] = {
        "plan.but(dau=...).gpus": (True, lambda: plan.but(dau=next(users)).gpus),
        "t2v.estimate(file, dau=...).gpus": (True, lambda: t2v.estimate(MOCHI, dau=next(users)).gpus),
        "plan.but(dau=...).warnings": (False, lambda: plan.but(dau=next(users)).warnings),
        "plan.but(dau=...).json()": (False, lambda: plan.but(dau=next(users)).json()),
    }
    swept = [row["gpus"] for row in plan.sweep(dau=[1e6, 2e6], show="gpus").document()["rows"]]
    if swept != [plan.but(dau=value).gpus for value in (1e6, 2e6)]:
        raise SystemExit("a sweep and a plan each differ")
    found = medians({name: lambda ask=ask: [ask() for _one in range(COUNT)] for name, (_goal, ask) in loops.items()})  # type: ignore[misc]
    most = 1e3 / A_SECOND
    return verdict(Goal(name, found[name] / COUNT * 1e3, "ms", most if goal else None) for name, (goal, _ask) in loops.items())


def _users() -> Iterator[float]:
    value = 1e6
    while True:
        value += 1
        yield value


if __name__ == "__main__":
    sys.exit(main())
