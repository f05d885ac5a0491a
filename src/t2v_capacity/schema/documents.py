"""JSON Schemas of what the program answers, made by Pydantic from the documents' types; and the table of all schemas."""

from collections.abc import Callable
from functools import partial
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from t2v_capacity.answers.accuracy import AccuracyDocument
from t2v_capacity.answers.actuals import ActualsDocument
from t2v_capacity.answers.calibrate import CalibrateDocument
from t2v_capacity.answers.check import CheckDocument
from t2v_capacity.answers.compare import CompareDocument
from t2v_capacity.answers.diff_document import AgainstDocument, DiffDocument
from t2v_capacity.answers.estimate_document import EstimateDocument
from t2v_capacity.answers.explain import ExplainDocument
from t2v_capacity.answers.fit import FitDocument
from t2v_capacity.answers.forecast import ForecastDocument
from t2v_capacity.answers.list import ListDocument
from t2v_capacity.answers.sensitivity import SensitivityDocument
from t2v_capacity.answers.solve import SolveDocument
from t2v_capacity.answers.sweep import SweepDocument
from t2v_capacity.answers.total import TotalDocument
from t2v_capacity.forms.data import Head
from t2v_capacity.schema.scenario import Schema, scenario_schema

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: dict[str, Any] = {
    "accuracy": AccuracyDocument,
    "actuals": ActualsDocument,
    "calibrate": CalibrateDocument,
    "check": CheckDocument,
    "compare": CompareDocument,
    "diff": DiffDocument,
    "diff-against": AgainstDocument,
    "estimate": EstimateDocument,
    "explain": ExplainDocument,
    "fit": FitDocument,
    "forecast": ForecastDocument,
    "list": ListDocument,
    "sensitivity": SensitivityDocument,
    "solve": SolveDocument,
    "sweep": SweepDocument,
    "total": TotalDocument,
}


class _Generator(GenerateJsonSchema):
    """Makes schemas whose keys have no titles, which would repeat their names."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """Return False: keys have no titles."""
        return False


def document_schema(name: str) -> Schema:
    """Return the schema of the JSON that a command writes: all of a document's keys and no others, since no flag changes its shape."""
    # A part of a document takes the settings of the document that holds it.
    Head.__pydantic_config__ = ConfigDict(extra="forbid", use_attribute_docstrings=True)  # type: ignore[attr-defined]
    made, head = (TypeAdapter(one).json_schema(schema_generator=_Generator) for one in (DOCUMENTS[name], Head))
    parts = {made["title"]: made, **made.get("$defs", {})}
    for document in DOCUMENTS.values():
        if document.__name__ in parts:
            parts[document.__name__]["properties"] |= head["properties"]  # whose descriptions are read in their own class alone
    made["properties"]["command"] = {"const": name.partition("-")[0]}
    return {"$schema": DRAFT, **made, "title": made.pop("description").rstrip(".")}


SCHEMAS: dict[str, Callable[[], Schema]] = {
    "scenario": scenario_schema,
    **{name: partial(document_schema, name) for name in DOCUMENTS},
}
