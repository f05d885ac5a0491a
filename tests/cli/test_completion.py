"""Completion: every name is offered, in the form of each shell, without a word on standard error."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from shared import Program, shell, write
from t2v_capacity.answers.list import LISTINGS
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import flag_of
from t2v_capacity.catalogue import KINDS, Catalogue
from t2v_capacity.cli.app import COMMANDS, app
from t2v_capacity.cli.completion import SHELLS
from t2v_capacity.cli.completion import offers as offers_of
from t2v_capacity.cli.flags import ScenarioCommand
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.guides import guides

PROGRAM: Any = get_command(app)
ON_A_SCENARIO = [name for name in COMMANDS if isinstance(PROGRAM.get_command(None, name), ScenarioCommand)]
# What a metavar stands for that nobody can list: files (which shells offer), numbers, pairs, and sentences of conditions.
FREE = {"FILE", "SCENARIO", "RUNS", "BASE [HEAD]", "[SCENARIO [SCENARIO]] FILE", "[[SCENARIO] RUNS]"}
FREE |= {"N", "N,N,...", "WORD=STATUS,...", "PART=COLUMN,...", "NAME=VALUE", "FIGURE=VALUE", "AXIS"}
FREE |= {"YYYY-MM", "TIME", "DATE", "REV", "CONDITION", "GATE"}
# A line as it is typed, and what its last word may become; where nothing is offered a shell offers files.
BEGUN = {
    "t2v-cap estim": ["estimate"],
    "t2v-cap estimate --peak-to-a": ["--peak-to-average"],
    "t2v-cap estimate --runtime ea": ["eager"],
    "t2v-cap explain plan.yaml rule_of_thumb_g": ["rule_of_thumb_gpus"],
    "t2v-cap list gpus h100-n": ["h100-nvl"],
    "t2v-cap list kernels hopper/fa3-": ["hopper/fa3-fp8"],
    "t2v-cap compare plan.yaml --gpu h100-sxm,b200": ["h100-sxm,b200-hgx"],
    "t2v-cap estimate pla": [],
    "t2v-cap estimate --set nope --dau ": [],
}


def offers(words: list[str]) -> list[str]:
    """Return what the program offers for the last of some words."""
    return offers_of(PROGRAM, words)


@pytest.mark.parametrize("command", ON_A_SCENARIO)
def test_every_assumption_and_choice_is_offered(command: str) -> None:
    """Each flag of a command on a scenario is offered, and each value of a choice behind its flag."""
    assert {flag_of(name) for name in (*ASSUMPTIONS, *CHOICES, *SHORTHANDS)} <= {*offers([command, "--"])}
    for name in CHOICES:
        assert offers([command, "plan.yaml", flag_of(name), ""]) == Catalogue().options(name)


def test_every_name_is_offered_where_it_is_asked_for() -> None:
    """Commands, figures, assumptions, lists and their entries are offered whole, and once a word is begun those alone that begin so."""
    assert offers([""]) == [*COMMANDS, "help", "version"]
    assert offers(["help", ""]) == list(COMMANDS)
    assert offers(["sensitivity", "plan.yaml", ""]) == [name for name, figure in FIGURES.items() if not figure.detail]
    assert offers(["explain", "plan.yaml", ""]) == [*guides(), *FIGURES, *ASSUMPTIONS, *CHOICES]
    assert offers(["list", ""]) == list(LISTINGS)
    for kind in LISTINGS:
        assert offers(["list", kind, ""]) == (Catalogue().names(kind) if kind in KINDS else [])
    assert all(name.startswith("--d") for name in offers(["estimate", "--d"]))


@pytest.mark.parametrize("command", COMMANDS)
def test_what_help_asks_for_is_offered(command: str) -> None:
    """Behind every option whose value is a known word the words are offered; none is left out by the name that help gives it."""
    for parameter in PROGRAM.get_command(None, command).params:
        for option in parameter.opts:
            if option.startswith("--") and not parameter.is_flag and parameter.metavar not in FREE:
                assert offers([command, "x", option, ""]), f"{option} {parameter.metavar}"


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("line", BEGUN)
def test_a_shell_is_answered(line: str, name: str, monkeypatch: pytest.MonkeyPatch, t2v_cap: Program) -> None:
    """Asked as the script of each shell asks, the program offers the whole word, and says nothing of a mistake earlier on the line."""
    words = line.split(" ")
    monkeypatch.setenv("_T2V_CAP_COMPLETE", f"complete_{name}")
    monkeypatch.setenv("COMP_WORDS", "\n".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    monkeypatch.setenv("_TYPER_COMPLETE_WORD_TO_COMPLETE", words[-1])
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    form = {"zsh": "_arguments '*: :((\"{}\"))'", "powershell": "{}::: "}.get(name, "{}")
    said = t2v_cap()

    assert said.out.split("\n")[:-1] == ([form.format(word) for word in BEGUN[line]] or ["_files" if name == "zsh" else ""])
    assert said.err == ""
    monkeypatch.delenv("_T2V_CAP_COMPLETE")
    assert f"complete_{name}" in t2v_cap("--show-completion", name).out


@pytest.mark.wide
def test_bash_completes(folder: Path) -> None:
    """In a real bash the script makes of a begun word the whole one."""
    program = folder / "t2v-cap"
    write(f'#!/bin/sh\nexec "{sys.executable}" -m t2v_capacity "$@"\n', program)
    program.chmod(0o755)
    asked = 'COMP_WORDS=(t2v-cap estimate --peak-to-a) COMP_CWORD=2; _t2v_cap_completion t2v-cap; echo "${COMPREPLY[@]}"'
    done = shell(f'eval "$(t2v-cap --show-completion bash)"; {asked}', PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")

    assert (done.stdout, done.stderr) == (b"--peak-to-average\n", b"")
