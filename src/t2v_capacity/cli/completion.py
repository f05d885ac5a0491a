"""Completion of the words of a command line, on Typer's scripts for bash, zsh, fish and PowerShell.

A script calls the program with the words in variables and `_T2V_CAP_COMPLETE` set to `complete_SHELL`, and Typer's class for that
shell reads and writes what the script expects. What a word may be is said here, since each assumption is a flag without being one of
Typer's options. Where nothing is offered a shell offers files.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from typer import _completion_classes as typers
from typer._completion_shared import get_completion_script

from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.names import ASSUMPTION, CHOICE, FIGURE, names_of
from t2v_capacity.catalogue import KINDS, Catalogue
from t2v_capacity.errors import Mistakes, nearest, quote
from t2v_capacity.formulas import FIGURES, GROUPS
from t2v_capacity.plan.guides import guides
from t2v_capacity.questions.estimate import TABLES

_CLASSES: Any = (typers.BashComplete, typers.ZshComplete, typers.FishComplete, typers.PowerShellComplete)
SHELLS = {one.name: one for one in _CLASSES}
VARIABLE = "_T2V_CAP_COMPLETE"
_ASKS = "complete_"


def _shown_figures() -> list[str]:
    """Return the figures that a reader asks for; `explain` has the rest."""
    return [name for name, figure in FIGURES.items() if not figure.detail]


# The words that a name of a value in the help stands for; of long tables the module that has it, imported on demand.
_WORDS: dict[str, Callable[[], Iterable[str]]] = {
    **dict.fromkeys(("FIGURE", "FIGURE,..."), _shown_figures),
    "NAME,NAME,...": lambda: names_of(FIGURE, ASSUMPTION),
    "NAME": lambda: names_of(ASSUMPTION, CHOICE),
    "FIGURE|NAME|CODE": lambda: [*guides(), *names_of(FIGURE, ASSUMPTION, CHOICE)],
    "GROUP|FIGURE": lambda: [*(group.replace(" ", "-") for group in GROUPS), *TABLES, *_shown_figures()],
    "ID,ID,...": lambda: Catalogue().options("gpu"),
    "LIST": lambda: import_module("t2v_capacity.answers.list").LISTINGS,
    "SCHEMA": lambda: import_module("t2v_capacity.schema.documents").SCHEMAS,
}


def script(shell: str) -> str:
    """Return the script that a shell reads. Raise Mistakes if there is none for it."""
    if shell not in SHELLS:
        raise Mistakes(f"{quote(shell)}: there is completion for {', '.join(SHELLS)}{nearest(shell, SHELLS)}")
    return f"{get_completion_script(prog_name='t2v-cap', complete_var=VARIABLE, shell=shell)}\n"


def answer(asked: str, program: Any) -> int:
    """Tell a shell how the last word may go on."""
    shell = asked.removeprefix(_ASKS)
    if shell not in SHELLS or shell == asked:
        fix = "unset it, or let a shell set it: `t2v-cap --show-completion bash`"
        raise Mistakes(f"`{VARIABLE}` is set, and asks for no completion that there is; {fix}")
    line = SHELLS[shell](program, {}, "t2v-cap", VARIABLE)
    line.get_completions = lambda words, last: [SimpleNamespace(value=word, help="") for word in offers(program, [*words, last])]
    sys.stdout.write(f"{line.complete()}\n")
    return 0


def offers(program: Any, words: Sequence[str]) -> list[str]:
    """Return the completions of the last word; nothing if it is a file, or any text."""
    *before, last = words
    commands = program.list_commands(None)
    if before and before[0] in commands:
        command, before = program.get_command(None, before[0]), before[1:]
    elif last.startswith("-"):
        command = program
    else:
        return _beginning(last, commands if before == [program.HELP] else () if before else [*commands, *program.words])
    flags: dict[str, str] = getattr(command, "flags", {})
    own = {option: one for one in command.params for option in one.opts if option.startswith("-")}
    if last.startswith("-"):
        return _beginning(last, [*(option for option in own if option.startswith("--")), "--help", *flags])
    taking = {option: one.metavar or "" for option, one in own.items() if not one.is_flag} | flags
    option = before[-1] if before else ""
    if option in taking:
        return _beginning(last, _known(taking[option]))
    arguments = [one.metavar or "" for one in command.params if one.param_type_name == "argument"]
    given = [word for previous, word in pairwise(["", *before]) if previous not in taking and (word == "-" or word[:1] != "-")]
    if not arguments:
        return []
    kind = arguments[min(len(given), len(arguments) - 1)]
    return _beginning(last, _known(f"{kind} {given[-1]}" if kind == "NAME" and given else kind))


def _known(metavar: str) -> Iterable[str]:
    """Return the words that a name of a value in the help stands for, or a choice, where it is one of known words."""
    kind, _, listed = metavar.partition(" ")
    if kind == "NAME" and listed:
        return Catalogue().names(listed) if listed in KINDS else ()
    if metavar in CHOICES or metavar == "resolution":
        return Catalogue().options(metavar)
    return _WORDS[metavar]() if metavar in _WORDS else metavar.split("|") if metavar.islower() and "|" in metavar else ()


def _beginning(last: str, known: Iterable[str]) -> list[str]:
    """Return the words that begin with the last one; in a list, complete the last item and keep those before it."""
    head, comma, begun = last.rpartition(",")
    spelled = begun if begun.startswith("-") else begun.replace("-", "_")
    return [f"{head}{comma}{word}" for word in known if word.startswith((begun, spelled))]
