"""Wrong command lines are told with what to write."""

import re
from typing import Any

import pytest

# A command line that Typer can't parse, and what is named in its words.
TOLD = {
    ("estimate", "--nope"): "--nope",
    ("estimate", "--output"): "--output",
    ("init",): "FILE",
    ("estimate", "--samples", "many"): "--samples",
    ("estimate", "a.yaml", "b.yaml", "c.yaml"): "b.yaml c.yaml",
}


@pytest.mark.parametrize("line", TOLD)
def test_a_wrong_command_line_is_told(line: tuple[str, ...], t2v_cap: Any) -> None:
    """What Typer can't parse ends with 2, in one sentence that names what is wrong."""
    said = t2v_cap(*line, code=2).err

    assert said.startswith("error: ")
    assert TOLD[line] in said
    assert said.count("\n") == 1


def test_an_underscore_is_a_hyphen_in_every_option(t2v_cap: Any) -> None:
    """An option typed with underscores is that with hyphens: a flag of an assumption, and an option that Typer knows."""
    line = ["estimate", "--model", "mochi", "--only", "cost_per_month", "--format", "json"]
    said = t2v_cap(*line, "--gpu-price", "3", "--as-of", "2026-11-01").out

    assert t2v_cap(*line, "--gpu_price", "3", "--as_of", "2026-11-01").out == said
    assert t2v_cap(*line, "--gpu_price=3", "--as_of=2026-11-01").out == said


@pytest.mark.parametrize("option", ["--watch", "--interactive", "--verbose", "--region", "--timeout", "--year", "--margin"])
@pytest.mark.parametrize("command", ["solve", "diff"])
def test_nothing_absurd_is_suggested(option: str, command: str, t2v_cap: Any) -> None:
    """An option that no command has, or this one has not, is answered without a name that merely rhymes with it."""
    said = t2v_cap(command, "plan.yaml", option, code=2).err

    assert f"`{option}` is not an option" in said
    assert all(found.startswith(option[:3]) for found in re.findall(r"did you mean `(.*?)`", said))
