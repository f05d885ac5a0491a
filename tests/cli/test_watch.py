"""`estimate --watch` computes again when a file that it read is saved."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shared import Program, write


@pytest.fixture
def saves(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Callable[..., None]:  # noqa: ARG001 - a place to write in
    """Return what says which files are saved while the program waits, one a look; then it is interrupted."""

    def between(*steps: Callable[[], object]) -> None:
        waiting = iter(steps)

        def look(_seconds: float) -> None:
            step = next(waiting, None)
            if step is None:
                raise KeyboardInterrupt
            step()

        monkeypatch.setattr(time, "sleep", look)

    return between


LINE = ("estimate", "plan.yaml", "--only", "requests_per_day", "--format", "csv", "--watch")


def requests(out: str) -> list[float]:
    """Return the requests per day of each answer, one after the other."""
    return [float(line.split(",")[1]) for line in out.splitlines() if line.startswith("requests_per_day,")]


def test_a_saved_file_is_computed_again(saves: Callable[..., None], t2v_cap: Program) -> None:
    """The answer comes at once, and again when the scenario or its base is saved, not in between.

    The end is an interruption.
    """
    write("dau: 1M\nvideos_per_user_per_day: 1\n", "base.yaml")
    write("extends: base.yaml\n", "plan.yaml")
    saves(
        lambda: write("extends: base.yaml\ndau: 2M\n", "plan.yaml"),
        lambda: None,
        lambda: write("dau: 1M\nvideos_per_user_per_day: 3\n", "base.yaml"),
        lambda: write("dau: 9M\n", "another.yaml"),
    )
    said = t2v_cap(*LINE, code=130)

    assert requests(said.out) == [1e6, 2e6, 6e6]
    assert said.err.count("watching 2 files") == 3


def test_a_mistake_is_told_and_the_next_save_is_waited_for(saves: Callable[..., None], t2v_cap: Program) -> None:
    """A file that is wrong for a while, or gone, is told as always; once it is right its answer comes."""
    write("dau: 1M\nvideos_per_user_per_day: 1\n", "plan.yaml")
    saves(
        lambda: write("dau: many\nvideos_per_user_per_day: 1\n", "plan.yaml"),
        lambda: Path("plan.yaml").unlink(),
        lambda: write("dau: 2M\nvideos_per_user_per_day: 1\n", "plan.yaml"),
    )
    said = t2v_cap(*LINE, code=130)

    assert requests(said.out) == [1e6, 2e6]
    assert "`many` is not a number" in said.err
    assert "plan.yaml: there is no such file" in said.err
