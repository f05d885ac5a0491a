"""What the tests of `check` share: a scenario written to the folder at hand, and the rows that `check` answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from t2v_capacity.commands.app import run


def scenario_file(text: str, name: str = "my.yaml") -> str:
    """Write a scenario into the folder at hand and return its name."""
    Path(name).write_text(text, encoding="utf-8")
    return name


def check_rows(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> list[dict[str, Any]]:
    """Return the rows that `check --format json` prints, which must end with that code."""
    assert run(["check", *arguments, "--format", "json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert list(document)[:6] == ["version", "tool", "command", "as_of", "seed", "samples"]
    assert document["command"] == "check"
    rows: list[dict[str, Any]] = document["rows"]
    return rows
