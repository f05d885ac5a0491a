"""Everything that an answer advises, each as the estimate with those flags: remedies, alternatives and drivers."""

from collections.abc import Iterable, Iterator
from itertools import islice

from t2v_capacity.plan.drivers import Alternative, Driver
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.fixes import FIXES, latency_fixes, memory_fixes
from t2v_capacity.plan.trials import Trial
from t2v_capacity.plan.verdict import no_value

# The warnings that name remedies.
_FIXED = {"memory-does-not-fit": memory_fixes, "misses-target-latency": latency_fixes}


def advice(plan: Estimate, drivers: Iterable[Driver], alternatives: Iterable[Alternative]) -> tuple[Trial, ...]:
    """Return all changes that a plan's answer names, each once: its remedies, alternatives and drivers."""
    return tuple(
        {
            trial.change: trial for trial in (*_remedies(plan), *(one.trial for one in alternatives), *(one.trial for one in drivers))
        }.values()
    )


def _remedies(plan: Estimate) -> Iterator[Trial]:
    for warning in plan.warnings:
        if warning.code in _FIXED and not (warning.code == "misses-target-latency" and no_value(plan.known["latency_p95"])):
            yield from islice(_FIXED[warning.code](plan.scenario, plan.known, plan.memo), FIXES)
