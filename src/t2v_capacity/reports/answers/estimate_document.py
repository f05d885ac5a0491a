"""A plan as the contract's `estimate` document."""

from typing import Any

from t2v_capacity.catalogue import ListPrice
from t2v_capacity.catalogue.published import Published
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.plan.drivers import Driver
from t2v_capacity.questions.plan.evidence import ModelError
from t2v_capacity.questions.review.check import Row
from t2v_capacity.questions.search.apis import MakeOrBuy
from t2v_capacity.reports.forms.data import (
    choice_data,
    document,
    figures_data,
    origin_data,
    scenario_data,
    setting_data,
    warning_data,
    whole,
)


def estimate_document(record: PlanRecord) -> dict[str, Any]:
    """Return a plan as the contract's `estimate` document."""
    estimate, scenario = record.plan, record.plan.scenario
    return document(
        "estimate",
        scenario.as_of,
        estimate.seed,
        estimate.samples,
        scenario=scenario_data(scenario),
        choices={name: choice_data(setting) for name, setting in scenario.choices.items()},
        assumptions={name: setting_data(name, setting) for name, setting in scenario.settings.items()},
        figures=figures_data(scenario, estimate.figures, estimate.bands),
        evidence=estimate.evidence,
        evidence_reason=record.evidence_reason,
        warnings=[warning_data(warning) for warning in estimate.warnings],
        decides=[_driver_data(one) for one in record.drivers],
        model_error=_error_data(estimate.model_error),
        nearest=[_near_data(run) for run in record.nearest],
        apis=_apis_data(record.apis),
        budgets=[_budget_data(row) for row in record.budgets],
        advice=[trial.data for trial in record.advice],
    )


def _error_data(error: ModelError) -> dict[str, Any]:
    """Return how far off the predicted seconds may be, as data."""
    return {"low": error.low, "high": error.high, "share": error.share, "class": error.kind}


def _apis_data(found: MakeOrBuy | None) -> dict[str, Any] | None:
    """Return the cost of a delivered second beside list prices as data; null where the plan has none."""
    if found is None:
        return None
    return {
        "own": found.own,
        "own_autoscaled": found.own_autoscaled,
        "low": found.low,
        "high": found.high,
        "below": _list_price(found.below),
        "above": _list_price(found.above),
        "alike": [_list_price(one) for one in found.alike],
        "break_even_price": found.break_even_price,
        "against": found.against.id,
        "clips_per_day": found.clips_per_day,
        "verdict": {
            name: found.verdict(own, found.against.price) for name, own in (("own", found.own), ("own_autoscaled", found.own_autoscaled))
        },
    }


def _list_price(one: ListPrice | None) -> dict[str, Any] | None:
    return {"id": one.id, "label": one.label, "price": one.price} if one else None


def _near_data(run: Published) -> dict[str, Any]:
    """Return a published run near a plan, as data."""
    return {"id": run.id, "source": run.source, "measured": run.measured, "predicted": run.predicted}


def _driver_data(one: Driver) -> dict[str, Any]:
    """Return what was left at a default, and what another value would make of the headline, as data."""
    return {"name": one.name, "value": one.value, "origin": origin_data(one.origin), "other": one.other, "figures": dict(one.figures)}


def _budget_data(row: Row) -> dict[str, Any]:
    value, limit = (whole(number) if row.whole else number for number in (row.value, row.limit))
    return {"name": row.name, "passed": row.passed, "chance": row.chance, "value": value, "limit": limit}
