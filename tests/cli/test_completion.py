"""Completion: commands, options, flags and figures are offered, in each shell, without a word on standard error."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from shared import shell, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import flag_of
from t2v_capacity.cli.app import COMMANDS, app, run
from t2v_capacity.cli.flags import ScenarioCommand
from t2v_capacity.formulas import FIGURES

PROGRAM: Any = get_command(app)
ON_A_SCENARIO = [
    name
    for name in COMMANDS
    if isinstance(PROGRAM.get_command(PROGRAM.make_context("t2v-cap", ["list"]), name), ScenarioCommand)
]
SHOWN = [name for name, figure in FIGURES.items() if not figure.detail]
# A line as it is typed, and what its last word may become; where nothing is offered a shell offers files.
BEGUN = {
    "estim": ["estimate"],
    "hel": ["help"],
    "": [*COMMANDS, "help", "version"],
    "estimate --peak-to-a": ["--peak-to-average"],
    "compare --gpu-price": ["--gpu-price", "--gpu-price-change-per-year"],
    "solve plan.yaml --unt": ["--until"],
    "sensitivity plan.yaml ": SHOWN,
    "explain plan.yaml rule_of_thumb_g": ["rule_of_thumb_gpus"],
    "estimate pla": [],
    "estimate --set nope --dau ": [],
    "zebra pla": [],
}


def offered(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what the program offers a bash for the last word of a line."""
    words = ["t2v-cap", *line.split(" ")]
    monkeypatch.setenv("_T2V_CAP_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "\n".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    ended = run([])
    said = capsys.readouterr()
    assert (ended, said.err) == (0, "")
    return said.out.split("\n")[:-1] if said.out.strip() else []


@pytest.mark.parametrize("line", BEGUN)
def test_a_word_is_completed(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole words are offered that a begun one may become; a mistake earlier on the line is not told."""
    assert offered(line, monkeypatch, capsys) == BEGUN[line]


def test_every_assumption_and_choice_is_offered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each flag of a command on a scenario is offered."""
    for command in ON_A_SCENARIO:
        flags = {flag_of(name) for name in (*ASSUMPTIONS, *CHOICES, *SHORTHANDS)}
        assert flags <= {*offered(f"{command} --", monkeypatch, capsys)}, command


@pytest.mark.wide
def test_bash_completes(folder: Path) -> None:
    """In a real bash the script makes of a begun word the whole one."""
    program = folder / "t2v-cap"
    write(f'#!/bin/sh\nexec "{sys.executable}" -m t2v_capacity "$@"\n', program)
    program.chmod(0o755)
    asked = (
        'COMP_WORDS=(t2v-cap estimate --peak-to-a) COMP_CWORD=2; _t2v_cap_completion t2v-cap; echo "${COMPREPLY[@]}"'
    )
    done = shell(f'eval "$(t2v-cap --show-completion)"; {asked}', PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")

    assert (done.stdout, done.stderr) == (b"--peak-to-average\n", b"")
