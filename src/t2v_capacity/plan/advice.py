"""Everything that an answer advises, each as the estimate with those flags: remedies, alternatives and drivers."""

from collections.abc import Iterable, Iterator
from itertools import islice

from t2v_capacity.plan.drivers import Alternative, Driver
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.fixes import FIXES, latency_fixes, limit_fixes, memory_fixes
from t2v_capacity.plan.trials import Trial
from t2v_capacity.plan.verdict import no_value

# The warnings that name remedies.
_FIXED = {"memory-does-not-fit": memory_fixes, "misses-target-latency": latency_fixes, "overloaded": limit_fixes}


def advice(
    remedies: Iterable[Trial], alternatives: Iterable[Alternative], drivers: Iterable[Driver]
) -> tuple[Trial, ...]:
    """Return all changes that a plan's answer names, each once."""
    changes = (*remedies, *(alternative.trial for alternative in alternatives), *(driver.trial for driver in drivers))
    return tuple({trial.change: trial for trial in changes}.values())


def remedies(plan: Estimate) -> Iterator[Trial]:
    """Yield the changes that mend what a plan is warned of, the cheapest of each first."""
    for warning in plan.warnings:
        hopeless = warning.code == "misses-target-latency" and no_value(plan.known["latency_p95"])
        if warning.code in _FIXED and not hopeless:
            yield from islice(_FIXED[warning.code](plan.scenario, plan.known, plan.memo), FIXES)
