"""An answer as data: the JSON documents of the contract, and CSV."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from t2v_capacity.catalogue import ListPrice
from t2v_capacity.catalogue.published import Published
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.questions.measured.near import nearest_here
from t2v_capacity.questions.plan.advice import advice
from t2v_capacity.questions.plan.drivers import Driver, drivers
from t2v_capacity.questions.plan.estimate import Estimate
from t2v_capacity.questions.plan.evidence import ModelError, judge, model_error
from t2v_capacity.questions.search.apis import MakeOrBuy, apis
from t2v_capacity.release import __version__
from t2v_capacity.scenario.settings import ChoiceSetting, Origin, PlanWarning, Scenario, Setting, point
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.names import plain
from t2v_capacity.vocabulary.quantities import Range

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from t2v_capacity.questions.review.check import Row

VERSION = 1
# How a cell of a spreadsheet begins that is computed.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def document(command: str, as_of: str, seed: int | None = None, samples: int = 0, **parts: Any) -> dict[str, Any]:
    """Return a JSON document with the head that every answer has."""
    head = {"version": VERSION, "tool": f"t2v-cap {__version__}", "command": command, "as_of": as_of, "seed": seed, "samples": samples}
    return head | parts


def as_json(value: Mapping[str, Any]) -> str:
    """Return a document as text: finite numbers or null, keys in their order."""
    try:
        return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError:  # a number beyond what a float holds is none that a reader could use
        return json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_csv(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV: numbers at full precision, nothing for null, true and false as in JSON."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([spreadsheet_cell(cell) for cell in heading])
    writer.writerows([spreadsheet_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def spreadsheet_cell(value: object) -> object:
    """Return a value as a cell of CSV: nothing that a spreadsheet would compute."""
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"  # a spreadsheet would compute it
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def as_junit(root: "Element", *counts: str) -> str:
    """Return a tree of suites as JUnit's XML, with the sums of these counts of theirs."""
    from xml.etree import ElementTree as ET

    for key in counts:
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def estimate_document(estimate: Estimate) -> dict[str, Any]:
    """Return a plan as the contract's `estimate` document."""
    scenario = estimate.scenario
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
        evidence_reason=judge(scenario, estimate.known).reason,
        warnings=[warning_data(warning) for warning in estimate.warnings],
        decides=[driver_data(one) for one in drivers(scenario, estimate.known, estimate.memo)],
        model_error=error_data(model_error(scenario, estimate.evidence, estimate.known)),
        nearest=[near_data(run) for run in nearest_here(scenario, estimate.known)],
        apis=apis_data(apis(estimate)),
        budgets=[budget_data(row) for row in budgets_of(estimate)],
        advice=[trial.data for trial in advice(estimate)],
    )


def budgets_of(plan: Estimate) -> "tuple[Row, ...]":
    """Return a plan's own budgets, judged; nothing is loaded for a plan that has none."""
    if not plan.scenario.rules:
        return ()
    from t2v_capacity.questions.review.check import own_budgets

    return own_budgets(plan)


def budget_data(row: "Row") -> dict[str, Any]:
    """Return a judged budget as data."""
    value, limit = (whole(number) if row.whole else number for number in (row.value, row.limit))
    return {"name": row.name, "passed": row.passed, "chance": row.chance, "value": value, "limit": limit}


def error_data(error: ModelError) -> dict[str, Any]:
    """Return how far off the predicted seconds may be, as data."""
    return {"low": error.low, "high": error.high, "share": error.share, "class": error.kind}


def apis_data(found: MakeOrBuy | None) -> dict[str, Any] | None:
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


def near_data(run: Published) -> dict[str, Any]:
    """Return a published run near a plan, as data."""
    return {"id": run.id, "source": run.source, "measured": run.measured, "predicted": run.predicted}


def driver_data(one: Driver) -> dict[str, Any]:
    """Return what was left at a default, and what another value would make of the headline, as data."""
    return {"name": one.name, "value": one.value, "origin": origin_data(one.origin), "other": one.other, "figures": dict(one.figures)}


def scenario_data(scenario: Scenario) -> dict[str, Any]:
    """Return what a scenario is called and where it stands."""
    return {"name": scenario.name, "file": scenario.file}


def choice_data(setting: ChoiceSetting) -> dict[str, Any]:
    """Return a choice as data."""
    return {"value": setting.value, "origin": origin_data(setting.origin)}


def setting_data(name: str, setting: Setting) -> dict[str, Any]:
    """Return an assumption as data."""
    value = setting.value
    ends = (value.low, value.high) if isinstance(value, Range) else (None, None)
    return {
        "value": plain(name, point(name, value)),
        "unit": ASSUMPTIONS[name].unit,
        "low": ends[0],
        "high": ends[1],
        "origin": origin_data(setting.origin),
        "source": setting.source,
    }


def origin_data(origin: Origin) -> dict[str, Any]:
    """Return where a value came from as data."""
    place = origin.place
    return {
        "kind": origin.kind,
        "file": place.file if place and place.line else None,  # a flag stands in no file
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
        "entry": origin.entry or None,
    }


def figures_data(
    scenario: Scenario, figures: Mapping[str, float | None], bands: Mapping[str, tuple[float | None, ...]] | None = None
) -> dict[str, Any]:
    """Return the figures of a scenario as data, by their names."""
    return {name: figure_data(name, value, (bands or {}).get(name), pinned=name in scenario.pins) for name, value in figures.items()}


def figure_data(name: str, value: float | None, band: tuple[float | None, ...] | None = None, *, pinned: bool) -> dict[str, Any]:
    """Return a figure as data."""
    figure = FIGURES[name]
    return {
        "value": plain(name, value),
        "unit": figure.unit,
        "label": figure.label,
        "pinned": pinned,
        **dict(zip(("p5", "p50", "p95"), band or (None, None, None), strict=True)),
    }


def whole(value: float | None) -> float | None:
    """Return a whole number as an integer, which JSON writes without a fraction."""
    return int(value) if value is not None and value == int(value) else value


def warning_data(warning: PlanWarning) -> dict[str, Any]:
    """Return a warning as data."""
    return {"code": warning.code, "severity": warning.severity, "names": list(warning.names), "message": warning.message}
