"""Writes docs/schema/*.json, the JSON Schemas that `t2v-cap schema` prints; tests/write_docs.py calls it too."""

from pathlib import Path

from t2v_capacity.reports.forms.data import as_json
from t2v_capacity.reports.schema.answers import SCHEMAS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schema"


def write_schemas() -> None:
    """Write every schema."""
    FOLDER.mkdir(exist_ok=True)
    for name, made in SCHEMAS.items():
        (FOLDER / f"{name}.json").write_text(as_json(made()), encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
