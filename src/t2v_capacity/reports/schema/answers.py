"""JSON Schemas of what the program answers, the documents of `estimate` and `diff`; and the table of all schemas."""

from collections.abc import Callable
from typing import Any

from t2v_capacity.formulas import FIGURES
from t2v_capacity.questions.change.judge import SOURCES
from t2v_capacity.questions.plan.drivers import HEADLINE
from t2v_capacity.questions.plan.evidence import CLASSES, EXTRAPOLATED, MEASURED, SAME_GENERATION
from t2v_capacity.questions.review.rules import ADDED, GONE, LOOSENED, TIGHTENED
from t2v_capacity.reports.forms.data import VERSION
from t2v_capacity.reports.schema.runs import runs_schema
from t2v_capacity.reports.schema.scenario import CODE, DATE, DRAFT, Schema, catalogue_schema, object_of, ref, scenario_schema
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.choices import CHOICES

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": ["number", "null"]}
COUNT: Schema = {"type": ["integer", "null"]}
FLAG: Schema = {"type": "boolean"}
ORIGINS = ("default", "catalogue", "file", "flag", "shorthand")


def _whole(properties: dict[str, Schema], **more: Any) -> Schema:
    """Return the schema of a mapping that has all of these keys and no others: no flag changes a document's shape."""
    return object_of(properties, required=properties, **more)


DEFS: dict[str, Schema] = {
    "origin": _whole(
        {
            "kind": {"enum": list(ORIGINS)},
            "file": {"type": ["string", "null"]},
            "line": COUNT,
            "column": COUNT,
            "entry": {"type": ["string", "null"], "description": "The entry of the catalogue that supplied it"},
        },
        description="Where a value came from",
    ),
    "choice": _whole({"value": TEXT, "origin": ref("origin")}),
    "warning": _whole(
        {
            "code": {"type": "string", "pattern": CODE, "description": "Stable; docs/warnings.md explains each"},
            "severity": {"enum": ["info", "warning"]},
            "names": {"type": "array", "items": TEXT, "description": "The assumptions and figures that it is about"},
            "message": TEXT,
        }
    ),
}


def _head(command: str) -> dict[str, Schema]:
    """Return what every document begins with."""
    return {
        "version": {"const": VERSION, "description": "Of the document's shape"},
        "tool": {"type": "string", "pattern": r"^t2v-cap [0-9]+\.[0-9]+\.[0-9]+"},
        "command": {"const": command},
        "as_of": {"type": "string", "pattern": DATE, "description": "The day of the answer"},
        "seed": {**COUNT, "description": "Of the draws; null where nothing was drawn"},
        "samples": {"type": "integer", "minimum": 0, "description": "Draws; 0 where no assumption has a range"},
    }


def _document(command: str, title: str, properties: dict[str, Schema], defs: dict[str, Schema]) -> Schema:
    return {"$schema": DRAFT, "title": title, **_whole({**_head(command), **properties}), "$defs": defs}


def estimate_schema() -> Schema:
    """Return the schema of the JSON that `estimate` writes."""
    assumptions = {
        name: {"description": f"{known.label}, {known.bounds()}", **ref("whole" if known.whole else "assumption")}
        for name, known in ASSUMPTIONS.items()
    }
    assumptions["gpu_price"] |= ref("price")
    figures = {name: {"description": figure.label, **ref("count" if figure.whole else "figure")} for name, figure in FIGURES.items()}
    choices = {name: {"description": choice.label, **ref("choice")} for name, choice in CHOICES.items()}
    ends = {"low": {**NUMBER, "description": "5th percentile"}, "high": {**NUMBER, "description": "95th percentile"}}
    about = {"unit": TEXT, **ends, "origin": ref("origin"), "source": TEXT}
    bands = {"p5": NUMBER, "p50": NUMBER, "p95": NUMBER}
    told = {"unit": TEXT, "label": TEXT, "pinned": FLAG, **bands}
    defs = {
        **DEFS,
        "assumption": _whole({"value": {"type": "number"}, **about}),
        "price": _whole({"value": {**NUMBER, "description": "Null where nobody knows it"}, **about}),
        "whole": _whole({"value": {"type": "integer"}, **about}),
        "figure": _whole({"value": NUMBER, **told}),
        "count": _whole({"value": COUNT, **told}),
    }
    properties = {
        "scenario": _whole({"name": TEXT, "file": TEXT}),
        "choices": _whole(choices),
        "assumptions": _whole(assumptions, description="In base units; a range's value is its median"),
        "figures": _whole(figures, description="In base units; null has a warning that names it"),
        "evidence": {"enum": [MEASURED, SAME_GENERATION, EXTRAPOLATED], "description": "What the generation model rests on"},
        "evidence_reason": {"type": "string", "description": "Why it is no more; empty where it is measured"},
        "warnings": {"type": "array", "items": ref("warning")},
        "decides": {
            "type": "array",
            "items": _decides(),
            "description": "What was left at a default and moves a headline figure by a tenth",
        },
        "model_error": _whole(
            {"low": {"type": "number"}, "high": {"type": "number"}, "share": {"type": "number"}, "class": {"enum": list(CLASSES)}},
            description="True over predicted seconds, in so large a share of the published runs of the class",
        ),
        "nearest": {
            "type": "array",
            "items": _whole({"id": TEXT, "source": TEXT, "measured": {"type": "number"}, "predicted": {"type": "number"}}),
            "description": "The published runs nearest to the plan, in seconds",
        },
        "apis": {
            "anyOf": [_apis(), {"type": "null"}],
            "description": "Make or buy: public APIs and the plan; null where a second has no cost",
        },
        "advice": {
            "type": "array",
            "items": _whole({"flags": {"type": "array", "items": TEXT}, "figures": {"type": "object", "additionalProperties": NUMBER}}),
            "description": "Everything that the answer advises: flags, and the figures of the estimate with them",
        },
        "budgets": {
            "type": "array",
            "items": _whole({"name": TEXT, "passed": {"type": "boolean"}, "chance": NUMBER, "value": NUMBER, "limit": NUMBER}),
            "description": "The scenario's budgets, judged",
        },
    }
    return _document("estimate", "What t2v-cap estimate --format json writes", properties, defs)


def _apis() -> Schema:
    service = _whole({"id": TEXT, "label": TEXT, "price": {"type": "number", "description": "USD per second of video"}})
    one: Schema = {"anyOf": [service, {"type": "null"}]}
    return _whole(
        {
            "own": {"type": "number", "description": "GPU cost in USD per delivered second, always on"},
            "own_autoscaled": {"type": "number", "description": "The same, autoscaled"},
            "low": {"type": "number", "description": "The model's error, as a factor on both: the low end"},
            "high": {"type": "number", "description": "The high end"},
            "below": {**one, "description": "The service with the highest list price that is no more than own"},
            "above": {**one, "description": "The one with the lowest list price above own"},
            "alike": {"type": "array", "items": service, "description": "Services of the same model family and frame size"},
            "break_even_price": {**NUMBER, "description": "What a paid second must bring, in USD; null where nobody pays"},
            "against": {**TEXT, "description": "The service that clips_per_day and verdict are of"},
            "clips_per_day": {**NUMBER, "description": "From so many clips per day own costs no more; null where it never does"},
            "verdict": _whole({"own": TEXT, "own_autoscaled": TEXT}),
        }
    )


def _decides() -> Schema:
    factors = {
        "type": "object",
        "propertyNames": {"enum": list(HEADLINE)},
        "additionalProperties": {"type": "number"},
        "description": "The factor of the other value on each headline figure",
    }
    return _whole({"name": TEXT, "value": TEXT, "origin": ref("origin"), "other": TEXT, "figures": factors})


def diff_schema() -> Schema:
    """Return the schema of the JSON that `diff` writes."""
    value: Schema = {"type": ["number", "string", "null"]}
    moved = {"base": NUMBER, "head": NUMBER, "change": NUMBER, "relative_change": {**NUMBER, "description": "Null from 0"}}
    warnings = {"type": "array", "items": ref("warning")}
    ends: Schema = {"type": ["array", "null"], "items": {"type": "number"}, "description": "The ends of a range"}
    optional = {"type": ["string", "null"]}
    clause = _whole({"text": TEXT, "kind": TEXT, "figure": optional, "limit": NUMBER, "holds": FLAG})
    clauses = {"type": "array", "items": clause, "minItems": 1, "description": "All of them at once trip the gate"}
    defs = {
        "warning": DEFS["warning"],
        "side": _whole(
            {"name": TEXT, "file": TEXT, "revision": {**optional, "description": "Of git, where it was read there"}, "tool": TEXT}
        ),
        "gate": _whole(
            {
                "name": TEXT,
                "place": optional,
                "severity": {"enum": ["fail", "warn"]},
                "passed": FLAG,
                "value": NUMBER,
                "limit": NUMBER,
                "clauses": clauses,
            }
        ),
    }
    properties = {
        "base": ref("side"),
        "head": ref("side"),
        "assumptions": {
            "type": "object",
            "additionalProperties": _whole({"base": value, "head": value, "base_range": ends, "head_range": ends}),
            "description": "Choices, assumptions, pins, catalogue values and fitted constants that differ",
        },
        "figures": {
            "type": "object",
            "additionalProperties": _whole({**moved, "unit": TEXT, "label": TEXT}),
            "description": "Those that changed, or that one side alone has",
        },
        "warnings": _whole({"new": warnings, "gone": warnings}),
        "gates": {"type": "array", "items": ref("gate")},
        "why": {
            "type": "object",
            "propertyNames": {"enum": list(FIGURES)},
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "number"}},
            "description": "A figure's change, split over what changed",
        },
        "gates_from": {"enum": list(SOURCES), "description": "Whose rules count"},
        "rules": {"type": "array", "items": _rule(), "description": "Rules that the head changed"},
        "budgets": {"type": "array", "items": _budget()},
    }
    return _document("diff", "What t2v-cap diff --format json writes", properties, defs)


def _rule() -> Schema:
    optional = {"type": ["string", "null"]}
    kinds, changes = ["fail", "warn", "budget", "waiver"], [GONE, LOOSENED, TIGHTENED, ADDED]
    return _whole(
        {
            "rule": TEXT,
            "kind": {"enum": kinds},
            "base": optional,
            "head": optional,
            "file": TEXT,
            "line": COUNT,
            "change": {"enum": changes},
        }
    )


def _budget() -> Schema:
    told = {"severity": {"enum": ["error", "warning", "info"]}, "message": TEXT, "place": TEXT}
    return _whole({"name": TEXT, "passed": FLAG, "value": NUMBER, "limit": NUMBER, **told})


SCHEMAS: dict[str, Callable[[], Schema]] = {
    "scenario": scenario_schema,
    "catalogue": catalogue_schema,
    "runs": runs_schema,
    "estimate": estimate_schema,
    "diff": diff_schema,
}
