"""Help: a screen that can be read, by whatever word it is asked for."""

from typing import Any

import pytest
from typer.main import get_command

from shared import Program
from t2v_capacity.cli.app import COMMANDS, SUMMARIES, app


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_one_screen(command: str, t2v_cap: Program) -> None:
    """A command's help has at most 45 lines of at most 80 columns, and an example."""
    lines = t2v_cap(command, "--help").out.splitlines()

    assert len(lines) <= 45
    assert [line for line in lines if len(line) > 80] == []
    assert any(line.startswith(f"    t2v-cap {command}") for line in lines)


def test_a_summary_is_the_first_line_of_its_command() -> None:
    """What the program's help says of a command is what the command's own help begins with."""
    program: Any = get_command(app)

    assert {name: program.get_command(None, name).help.splitlines()[0] for name in COMMANDS} == SUMMARIES


def test_help_is_a_word_too(t2v_cap: Program) -> None:
    """`help`, `-h` and `version` say what `--help` and `--version` say, of the program and of each command."""
    for command in (*COMMANDS, ""):
        words = [command] if command else []
        said = t2v_cap(*words, "--help").out

        assert said
        assert t2v_cap("help", *words).out == t2v_cap(*words, "-h").out == said
    assert t2v_cap("help", "help").out == t2v_cap("--help").out
    assert t2v_cap("version").out == t2v_cap("--version").out != ""
