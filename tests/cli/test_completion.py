"""Completion: every name is offered, in the shell that is used, without a word on standard error."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from shared import Program
from t2v_capacity.answers.list import LISTINGS
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import flag_of
from t2v_capacity.catalogue import KINDS, Catalogue
from t2v_capacity.cli.app import COMMANDS, app
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
# A line as it is typed, and how it stands after the tab key.
TYPED = {
    "t2v-cap estim": "t2v-cap estimate ",
    "t2v-cap estimate --peak-to-a": "t2v-cap estimate --peak-to-average ",
    "t2v-cap estimate --runtime ea": "t2v-cap estimate --runtime eager ",
    "t2v-cap explain plan.yaml rule_of_thumb_g": "t2v-cap explain plan.yaml rule_of_thumb_gpus ",
    "t2v-cap list gpus h100-n": "t2v-cap list gpus h100-nvl ",
    "t2v-cap list kernels hopper/fa3-": "t2v-cap list kernels hopper/fa3-fp8 ",
    "t2v-cap compare plan.yaml --gpu h100-sxm,b200": "t2v-cap compare plan.yaml --gpu h100-sxm,b200-hgx ",
    "t2v-cap estimate pla": "t2v-cap estimate plan.yaml ",
    "t2v-cap estimate --set nope --dau ": "t2v-cap estimate --set nope --dau ",
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


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a scenario, a home, and the program on the path."""
    folder = tmp_path_factory.mktemp("shells")
    (folder / "plan.yaml").write_text("dau: 1M\n", encoding="utf-8")
    program = folder / "bin" / "t2v-cap"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m t2v_capacity "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def environment(place: Path) -> dict[str, str]:
    """Return the environment of a shell at home in that folder."""
    path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
    own = {"HOME": str(place), "PATH": path, "TERM": "dumb", "PS1": "> ", "ENV": "", "XDG_CONFIG_HOME": str(place / ".config")}
    return {**os.environ, **own}


def typed(shell: list[str], first: str, line: str, place: Path) -> str:
    """Return what a terminal shows of a line and a tab, after a first line that sets the shell up."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(place)
        os.execvpe(shell[0], shell, environment(place))  # noqa: S606 - the shell itself is what is tried
    try:
        os.write(terminal, f"{first}; echo re''ady\n".encode())
        _until(terminal, "\nready")
        os.write(terminal, f"{line}\t".encode())
        shown = _until(terminal, None)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)
    return shown


def _until(terminal: int, wanted: str | None, most: float = 20, quiet: float = 1.5) -> str:
    """Return what a terminal shows until it shows a text, or until it has been quiet after showing something."""
    shown, end = "", time.monotonic() + most
    while time.monotonic() < end and (wanted is None or wanted not in shown):
        if not select.select([terminal], [], [], quiet)[0]:
            if wanted is None and shown:
                break
            continue
        shown += re.sub(
            r"\x1b\[[0-9;?]*[A-Za-z]|\x07|\r(?!\n)", "", os.read(terminal, 65_536).decode(errors="replace").replace("\r\n", "\n")
        )
    return shown


def _backed(shown: str) -> str:
    """Return a text as it stands after its backspaces."""
    while "\b" in shown:
        shown = re.sub(r"[^\b]\b|^\b", "", shown, count=1)
    return shown


# Lines in shells that are there; a shell at a terminal takes two seconds, so all but the first line in bash are slow.
IN_SHELLS = [
    pytest.param(shell, line, marks=[] if shell == "bash" and not number else pytest.mark.slow)
    for shell in ("bash", "zsh", "fish")
    if shutil.which(shell)
    for number, line in enumerate(TYPED)
]


@pytest.mark.wide
@pytest.mark.parametrize(("shell", "line"), IN_SHELLS)
def test_the_tab_key_completes(shell: str, line: str, place: Path) -> None:
    """In a real shell the tab key makes of a begun word the whole one, and a mistake earlier on the line says nothing."""
    if shell == "fish":
        assert offered_by_fish(line, place)[:1] == [TYPED[line].split()[-1]] or line == TYPED[line]
        return
    begun = {"bash": (["bash", "--norc", "--noprofile", "-i"], ""), "zsh": (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u; ")}
    start, first = begun[shell]
    shown = _backed(typed(start, f'{first}eval "$(t2v-cap --show-completion {shell})"', line, place))

    assert TYPED[line].rstrip() in shown
    assert "= " not in shown
    assert "error" not in shown


def offered_by_fish(line: str, place: Path) -> list[str]:
    """Return what fish, asked for it, would offer for a line; it says nothing on standard error."""
    asked = f"t2v-cap --show-completion fish | source; complete --do-complete '{line}'"
    call = [shutil.which("fish") or "", "--no-config", "-c", asked]
    done = subprocess.run(call, cwd=place, env=environment(place), capture_output=True, check=False, timeout=60)

    assert done.stderr == b""
    return [row.split("\t")[0] for row in done.stdout.decode().splitlines()]


def test_powershell_is_answered(place: Path, t2v_cap: Program) -> None:
    """PowerShell is given each word, and its script is printed."""
    asked = {"_T2V_CAP_COMPLETE": "complete_powershell", "_TYPER_COMPLETE_ARGS": "t2v-cap esti", "_TYPER_COMPLETE_WORD_TO_COMPLETE": "esti"}
    line = [sys.executable, "-m", "t2v_capacity"]
    done = subprocess.run(line, env={**environment(place), **asked}, capture_output=True, check=True, timeout=60)

    assert done.stdout.decode().split() == ["estimate:::"]
    assert "Register-ArgumentCompleter -Native -CommandName t2v-cap" in t2v_cap("--show-completion", "powershell").out
