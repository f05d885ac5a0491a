"""Warn the reader of a plan. Each code is stable; `warnings.md` in the folder above explains it."""

from itertools import chain

from t2v_capacity.assumptions.parts import PROMISE_BY
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import FIGURES, Known, parameters_of
from t2v_capacity.plan.mix import of_any
from t2v_capacity.plan.trials import Memo
from t2v_capacity.plan.verdict import at_risk
from t2v_capacity.plan.warnings import bill, model, picture, service, sources
from t2v_capacity.plan.warnings.register import REGISTER, Case, Test
from t2v_capacity.scenario.settings import PlanWarning, Scenario

# The order in which they are defined, module by module, is the order in which a plan reports them.
_MODULES = (service, bill, model, picture, sources)
_WARNINGS = [entry for module in _MODULES for entry in REGISTER.values() if entry.write.__module__ == module.__name__]
# Every code: also those of layers, bands, pools and changes. `warnings.md` has a section on each.
WARNING_CODES = sorted((*REGISTER, "model-error-ignored", "override-replaced", "pool-long-clips", "rules-changed"))
_TESTED = (
    *PROMISE_BY,
    *(name for entry in _WARNINGS for name in (*entry.by, *(parameters_of(entry.due) if entry.due else ()))),
)
# The figures that the tests ask for.
DUE_BY = tuple(name for name in dict.fromkeys(_TESTED) if name in FIGURES)


def plan_warnings(
    scenario: Scenario, known: Known, memo: Memo | None = None, *, notes: bool = True
) -> tuple[PlanWarning, ...]:
    """Return the warnings of a plan, those of its scenario first.

    `known` are all of its values as floats, and `memo` is what was tried of it. Without `notes`, what drives it is not
    looked for, which takes longer than all else.
    """
    case = Case(scenario, known, memo, notes, scenario, known)
    return (*scenario.warnings, *chain.from_iterable(entry.warnings(case) for entry in _WARNINGS))


def due(scenario: Scenario, error: Range | None) -> dict[str, Test]:
    """Return, by code, the tests of the warnings that numbers decide; what was chosen and set decides the others.

    A test takes assumptions and the figures of `DUE_BY`; `error` is that of the promise.
    """
    tests = dict[str, Test]()
    for entry in _WARNINGS:
        if test := of_any(scenario, entry.test, entry.of):
            tests[entry.code] = test
        elif error and entry.code == "target-latency-uncertain":
            tests[entry.code] = lambda known: at_risk(scenario, known, error)
    return tests
