"""Completion of the words of a command line, on Typer's scripts for bash, zsh, fish and PowerShell.

A script calls the program with the words in variables and `_T2V_CAP_COMPLETE` set to `complete_SHELL`, and Typer's class for that
shell reads and writes what the script expects. What a word may be is said here, not by Typer: each assumption is a flag without
being one of Typer's options, and bash takes words apart at `=`. Where nothing is offered a shell offers files.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from typer import _completion_classes as typers
from typer._completion_shared import get_completion_script
from typer._completion_shared import install as install_script

from t2v_capacity.errors import Mistakes, nearest, quote

_CLASSES: Any = (typers.BashComplete, typers.ZshComplete, typers.FishComplete, typers.PowerShellComplete)
SHELLS = {one.name: one for one in _CLASSES}
VARIABLE = "_T2V_CAP_COMPLETE"
# The first time, zsh runs the file as the function itself; Typer's script does not handle that.
_FIRST = 'if [[ $funcstack[1] == _t2v-cap ]]; then _t2v_cap_completion "$@"; fi\n'
_ASKS = "complete_"
# The table whose keys complete a word of the help: its module, imported on demand, and its name.
_TABLES = {"LIST": ("answers.list", "LISTINGS"), "SCHEMA": ("schema.documents", "SCHEMAS")}
Offers = dict[str, str]  # what a word may be, and what that means


def script(shell: str) -> str:
    """Return the script that a shell reads. Raise Mistakes if there is none for it."""
    if shell not in SHELLS:
        raise Mistakes(f"{quote(shell)}: there is completion for {', '.join(SHELLS)}{nearest(shell, SHELLS)}")
    text = get_completion_script(prog_name="t2v-cap", complete_var=VARIABLE, shell=shell)
    return f"{text}\n{_FIRST if shell == 'zsh' else ''}"


def install(shell: str) -> str:
    """Write the script where a shell finds it, and return what was done."""
    text = script(shell)
    if shell == "powershell":  # where Typer would let all scripts run, for good
        raise Mistakes("PowerShell reads its profile: `t2v-cap --show-completion powershell >> $PROFILE`")
    try:
        _shell, file = install_script(shell, "t2v-cap", VARIABLE)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Mistakes(f"`{error.filename}` can't be written: {(error.strerror or str(error)).lower()}") from error
    return f"completion for {shell} is in {file}; it begins with the next {shell}"


def answer(asked: str, program: Any) -> int:
    """Tell a shell how the last word may go on; say nothing where the rest is wrong."""
    shell = asked.removeprefix(_ASKS)
    if shell not in SHELLS or shell == asked:
        fix = "unset it, or let a shell set it: `t2v-cap --install-completion bash`"
        raise Mistakes(f"`{VARIABLE}` is set, and asks for no completion that there is; {fix}")

    def found(args: list[str], incomplete: str) -> list[Any]:
        words, cut = _rejoined([*args, incomplete]) if shell == "bash" else ([*args, incomplete], 0)
        try:
            return [SimpleNamespace(value=word[cut:], help=meaning) for word, meaning in offers(program, words).items()]
        except Mistakes:  # reported when the line is run
            return []

    typers._sanitize_help_text = lambda text: text  # noqa: SLF001 - no meaning has Rich's markup, and Rich takes longer than the rest
    line = SHELLS[shell](program, {}, "t2v-cap", VARIABLE)
    line.get_completions = found
    sys.stdout.write(f"{line.complete()}\n")
    return 0


def _rejoined(words: Sequence[str]) -> tuple[list[str], int]:
    """Return words that bash took apart at `=`, and how much of the last one stands already.

    >>> _rejoined(["estimate", "--gpu", "=", "h1"])
    (['estimate', '--gpu=h1'], 6)
    """
    joined = [""]
    cut = 0
    for word in words:
        if word == "=" or (cut and joined[-1].endswith("=")):
            joined[-1] += word
        else:
            joined.append(word)
            cut = 0
        cut = len(joined[-1]) if word == "=" else cut
    return joined[1:], cut


def offers(program: Any, words: Sequence[str]) -> Offers:
    """Return the completions of the last word; nothing if it is a file, or any text."""
    *before, last = words or [""]
    command = program
    if before and before[0] in program.list_commands(None):
        command, before = program.get_command(None, before[0]), before[1:]
    elif not before and not last.startswith("-"):
        return _beginning(last, _words([*program.list_commands(None), *program.words]))
    elif before == [program.HELP]:
        return _beginning(last, _words(program.list_commands(None)))
    flags: Mapping[str, str] = getattr(command, "flags", {})
    own = {option: one for one in command.params for option in one.opts if option[:1] == "-"}
    taking = {option: one.metavar or "" for option, one in own.items() if not one.is_flag} | {
        flag: f"OF {name}" for flag, name in flags.items()
    }
    option, equals, value = last.partition("=") if last.startswith("-") else ("", "", last)
    if option and not equals:
        known = {option: one.help or "" for option, one in own.items() if option.startswith("--")}
        known |= {"--help": "Show this message and exit.", **{flag: _meaning(name) for flag, name in flags.items()}}
        return _beginning(last, known)
    lead = f"{option}=" if equals else ""
    catalogues = [value for name, value in pairwise(before) if name == "--catalogue"]
    option = option or (before[-1] if before and before[-1] in taking else "")
    if option:
        return _of_metavar(taking.get(option, ""), value, catalogues, lead)
    arguments = [one.metavar or "" for one in command.params if one.param_type_name == "argument"]
    given = [word for previous, word in pairwise(["", *before]) if previous not in taking and (word == "-" or not word.startswith("-"))]
    if not arguments:
        return {}
    kind = arguments[min(len(given), len(arguments) - 1)]
    return _of_metavar(f"{kind} {given[-1]}" if kind == "NAME" and given else kind, value, catalogues)


def _of_metavar(metavar: str, last: str, catalogues: Sequence[str], lead: str = "") -> Offers:
    """Return the completions of an argument by its name in the help, or of an assumption's or a choice's value."""
    if metavar.startswith("OF "):
        return _beginning(last, _values(metavar.removeprefix("OF "), catalogues), lead, listed=True)
    if metavar not in ("NAME=VALUE", "AXIS", "FIGURE=VALUE"):
        return _beginning(last, _known(metavar, catalogues), lead, listed="," in metavar)
    name, equals, value = last.partition("=")
    if equals:
        from t2v_capacity.assumptions.names import name_in

        return _beginning(value, _values(name_in(name), catalogues), f"{lead}{name}=", listed=True)
    names = _named("FIGURE") if metavar == "FIGURE=VALUE" else _named("ASSUMPTION", "CHOICE", "SHORTHAND")
    return _beginning(last, {f"{name}=": meaning for name, meaning in names.items()}, lead)


def _known(metavar: str, catalogues: Sequence[str]) -> Offers:
    """Return the words that a metavar stands for, where it is one of known words."""
    names: tuple[str, ...] = ()
    words: Iterable[str] = metavar.split("|") if metavar.islower() else ()
    match metavar.split():
        case ["FIGURE" | "FIGURE,..."]:
            names = ("FIGURE",)
        case ["NAME,NAME,..."]:
            names = ("FIGURE", "ASSUMPTION")
        case ["FIGURE|NAME|CODE"]:
            from t2v_capacity.plan.guides import guides

            names, words = ("FIGURE", "ASSUMPTION", "CHOICE"), guides()
        case ["NAME"]:
            names = ("ASSUMPTION", "CHOICE")
        case ["NAME", listed]:
            from t2v_capacity.catalogue import KINDS, Catalogue

            words = Catalogue(tuple(catalogues)).names(listed) if listed in KINDS else ()
        case ["ID,ID,..."]:
            return _values("gpu", catalogues)
        case ["GROUP|FIGURE"]:
            from t2v_capacity.formulas import GROUPS

            names, words = ("FIGURE",), (group.replace(" ", "-") for group in GROUPS)
        case ["LIST" | "SCHEMA" as listed]:
            module, table = _TABLES[listed]
            words = getattr(import_module(f"t2v_capacity.{module}"), table)
        case ["PART=COLUMN,..."]:
            from t2v_capacity.questions.measured.trace import COLUMNS

            words = (f"{part}=" for part in COLUMNS)
    return {**_words(words), **(_named(*names) if names else {})}


def _values(name: str, catalogues: Sequence[str]) -> Offers:
    """Return the values of a choice; of an assumption none, which is a number."""
    from t2v_capacity.assumptions.choices import CHOICES
    from t2v_capacity.catalogue import Catalogue

    return _words(Catalogue(tuple(catalogues)).options(name) if name in CHOICES or name == "resolution" else ())


def _beginning(last: str, known: Mapping[str, str], lead: str = "", *, listed: bool = False) -> Offers:
    """Return the candidates that begin with the word; in a list, complete the last item and keep those before it."""
    head, comma, last = last.rpartition(",") if listed else ("", "", last)
    spelled = last if last.startswith("-") else last.replace("-", "_")
    found = {f"{lead}{head}{comma}{word}": said for word, said in known.items() if word.startswith((last, spelled))}
    # Shells add a blank after the only match; none may follow `=`.
    return found | {f"{word}...": "" for word in found if len(found) == 1 and word.endswith("=")}


def _named(*kinds: str) -> Offers:
    """Return the names of these kinds, which are called as in `assumptions.names`, and what each means."""
    from t2v_capacity.assumptions import names

    return {name: _meaning(name) for name in names.names_of(*(getattr(names, kind) for kind in kinds))}


def _meaning(name: str) -> str:
    from t2v_capacity.assumptions import ASSUMPTIONS
    from t2v_capacity.assumptions.choices import CHOICES
    from t2v_capacity.formulas import FIGURES

    table: Mapping[str, Any] = FIGURES if name in FIGURES else ASSUMPTIONS if name in ASSUMPTIONS else CHOICES
    return table[name].label if name in table else ""


def _words(words: Iterable[str]) -> Offers:
    return dict.fromkeys(words, "")
