"""An option is read however it is spelled; help is a screen that can be read, by whatever word it is asked for."""

from typing import Any

import pytest

from t2v_capacity.cli.app import COMMANDS


def test_an_underscore_is_a_hyphen_in_every_option(t2v_cap: Any) -> None:
    """An option typed with underscores is that with hyphens: an assumption's flag, and an option that Typer knows."""
    line = ["estimate", "--model", "mochi", "--only", "cost_per_month", "--format", "json"]
    said = t2v_cap(*line, "--gpu-price", "3", "--as-of", "2026-11-01").out

    assert t2v_cap(*line, "--gpu_price", "3", "--as_of", "2026-11-01").out == said
    assert t2v_cap(*line, "--gpu_price=3", "--as_of=2026-11-01").out == said


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_one_screen(command: str, t2v_cap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns a command's help has at most 45 lines, none wider, and an example."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = t2v_cap(command, "--help").out.splitlines()

    assert len(lines) <= 45
    assert [line for line in lines if len(line) > 80] == []
    assert any(line.startswith(f"    t2v-cap {command}") for line in lines)


def test_help_is_a_word_too(t2v_cap: Any) -> None:
    """`help`, `-h` and `version` say what `--help` and `--version` say, of the program and of each command.

    A line without a word is told the same.
    """
    for command in (*COMMANDS, ""):
        words = [command] if command else []
        said = t2v_cap(*words, "--help").out

        assert said
        assert t2v_cap("help", *words).out == t2v_cap(*words, "-h").out == said
    assert t2v_cap("help", "help").out == t2v_cap("--help").out
    assert t2v_cap(code=2).err == t2v_cap("--help").out
    assert t2v_cap("version").out == t2v_cap("--version").out != ""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_offers_clips_per_day_where_it_is_taken(command: str, t2v_cap: Any) -> None:
    """A command whose help names `--clips-per-day` knows it; of no other does it say so."""
    offered = "--clips-per-day 400K" in " ".join(t2v_cap(command, "--help").out.split())
    said = t2v_cap(command, "--clips-per-day", "many", "scenarios/mochi.yaml", code=2).err

    assert offered == ("`--clips-per-day` is not an option" not in said)
