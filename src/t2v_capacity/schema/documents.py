"""JSON Schemas of what the program answers, made by Pydantic from the documents' types.

This module also has the table of all schemas.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from t2v_capacity.forms.data import Head
from t2v_capacity.schema.scenario import Schema, scenario_schema

DRAFT = "https://json-schema.org/draft/2020-12/schema"
# Of what `t2v-cap NAME --format json` writes, and of a request's: each stands where its answer does.
_NAMES = "check compare diff estimate explain forecast forecast-services list sensitivity solve sweep total".split()
_ELSEWHERE = {
    "diff-against": "answers.diff",
    "accuracy": "measured.runs.accuracy_answer",
    "actuals": "measured.months.actuals_answer",
    "calibrate": "measured.runs.calibrate_answer",
    "fit": "measured.logs.fit_answer",
    "measure": "measured.runs.measure_answer",
}
_HOMES = {name: f"answers.{name.replace('-', '_')}" for name in _NAMES} | _ELSEWHERE
DOCUMENTS: dict[str, Any] = {
    name: getattr(import_module(f"t2v_capacity.{home}"), f"{name.rpartition('-')[2].title()}Document")
    for name, home in sorted(_HOMES.items())
}


class _Generator(GenerateJsonSchema):
    """Makes schemas whose keys have no titles, which would repeat their names."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """Return False: keys have no titles."""
        return False


def document_schema(name: str) -> Schema:
    """Return the schema of the JSON that a command writes.

    It has all of a document's keys and no others, since no flag changes its shape.
    """
    # A part of a document takes the settings of the document that holds it.
    Head.__pydantic_config__ = ConfigDict(extra="forbid", use_attribute_docstrings=True)  # type: ignore[attr-defined]
    schema, head = (TypeAdapter(form).json_schema(schema_generator=_Generator) for form in (DOCUMENTS[name], Head))
    parts = {schema["title"]: schema, **schema.get("$defs", {})}
    for document in DOCUMENTS.values():
        if document.__name__ in parts:
            # Descriptions are read in their own class alone.
            parts[document.__name__]["properties"] |= head["properties"]
    schema["properties"]["command"] = {"const": name.partition("-")[0]}
    return {
        "$schema": DRAFT,
        "$id": f"urn:t2v-cap:schema:{name}",
        **schema,
        "title": schema.pop("description").rstrip("."),
    }


SCHEMAS: dict[str, Callable[[], Schema]] = {
    "scenario": scenario_schema,
    **{name: partial(document_schema, name) for name in DOCUMENTS},
}
