"""Writes docs/schema/scenario.json, which editors read.

`python tests/write_schemas.py FOLDER` writes what a release holds: all schemas.
"""

import sys
from pathlib import Path

from places import SCHEMA_FOLDER
from t2v_capacity.forms.data import as_json
from t2v_capacity.schema.documents import SCHEMAS


def write_schemas() -> None:
    """Write the schema of a scenario, to which the first line of a shipped one leads."""
    (SCHEMA_FOLDER / "scenario.json").write_text(as_json(SCHEMAS["scenario"]()), encoding="utf-8")


def write_all(folder: Path) -> None:
    """Write every schema into a folder."""
    folder.mkdir(exist_ok=True)
    for name, made in SCHEMAS.items():
        (folder / f"{name}.schema.json").write_text(as_json(made()), encoding="utf-8")


if __name__ == "__main__":
    write_all(Path(sys.argv[1])) if len(sys.argv) > 1 else write_schemas()
