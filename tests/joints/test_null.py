"""`name: null` takes an inherited value, choice or pin away."""

from pathlib import Path

import pytest

from shared import write
from t2v_capacity.scenario.load import load_scenario


@pytest.mark.parametrize("nothing", ["null", "~", ""])
def test_null_takes_away(tmp_path: Path, nothing: str) -> None:
    """A null in a file takes away what the file that it extends has set: a number, a choice, a pin."""
    write("dau: 5M\nmodel: wan2.2\npins: {video_size: 1 MB}\n", tmp_path / "base.yaml")
    text = f"extends: base.yaml\ndau: {nothing}\nmodel: {nothing}\npins:\n  video_size: {nothing}\n"
    write(text, tmp_path / "child.yaml")
    child = load_scenario(str(tmp_path / "child.yaml"))

    assert child.settings["dau"].origin.kind == "default"
    assert child.choices["model"].origin.kind == "default"
    assert child.pins == {}
