"""Writes docs/schema/*.json, the JSON Schemas that `t2v-cap schema` prints; tests/write_docs.py calls it too."""

from places import SCHEMA_FOLDER
from t2v_capacity.reports.forms.data import as_json
from t2v_capacity.reports.schema.answers import SCHEMAS


def write_schemas() -> None:
    """Write every schema."""
    SCHEMA_FOLDER.mkdir(exist_ok=True)
    for name, made in SCHEMAS.items():
        (SCHEMA_FOLDER / f"{name}.json").write_text(as_json(made()), encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
