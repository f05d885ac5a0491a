"""Completion of the words of a command line in bash, zsh and fish.

A shell calls the program with the words up to the cursor and `_T2V_CAP_COMPLETE` set to its name, and is answered a line for each
way to go on. Where there is none, it offers files.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from t2v_capacity.errors import Mistakes, nearest, quote

_BASH = """\
_t2v_cap() {
    local IFS=$'\\n'
    COMPREPLY=($(_T2V_CAP_COMPLETE=bash "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o default -F _t2v_cap t2v-cap
"""
# The file is the function itself where zsh finds it on its path, and defines it where it is sourced.
_ZSH = """\
#compdef t2v-cap
_t2v-cap() {
    local -a found how
    found=("${(@f)$(_T2V_CAP_COMPLETE=zsh "${(Q)words[1]}" "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -z $found[1] ]]; then
        _files
    else
        [[ ${found[1]%%:*} == *= ]] && how=(-S '')
        _describe '' found "${how[@]}"
    fi
}
if [[ $funcstack[1] == _t2v-cap ]]; then _t2v-cap "$@"; else compdef _t2v-cap t2v-cap; fi
"""
_FISH = """\
function __t2v_cap
    set -l before (commandline -opc)
    set -l found (env _T2V_CAP_COMPLETE=fish $before (commandline -ct | string unescape) 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete --command t2v-cap --no-files --arguments '(__t2v_cap)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
# Where a shell's script is kept, the file that a shell reads when it starts, and the line there that it needs.
_HOMES = {
    "bash": (".bash_completions/t2v-cap.sh", ".bashrc", "source ~/.bash_completions/t2v-cap.sh"),
    "zsh": (".zfunc/_t2v-cap", ".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit"),
    "fish": (".config/fish/completions/t2v-cap.fish", "", ""),
}
Offers = dict[str, str]  # what a word may be, and what that means


def script(shell: str) -> str:
    """Return the script that a shell reads; raise Mistakes where there is none for it."""
    if shell not in SCRIPTS:
        raise Mistakes(f"{quote(shell)}: there is completion for {', '.join(SCRIPTS)}{nearest(shell, SCRIPTS)}")
    return SCRIPTS[shell]


def install(shell: str) -> str:
    """Write the script where a shell finds it, and return what was done."""
    text = script(shell)
    kept, start, line = _HOMES[shell]
    file = Path.home() / kept
    _write(file, text)
    if start:
        begun = Path.home() / start
        said = begun.read_text(encoding="utf-8") if begun.is_file() else ""
        if line not in said:
            _write(begun, f"{said.rstrip()}\n{line}\n".lstrip("\n"))
    return f"completion for {shell} is in {file}; it begins with the next {shell}"


def _write(file: Path, text: str) -> None:
    from t2v_capacity.commands.output import write_file

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Mistakes(f"`{file.parent}` can't be made: {(error.strerror or str(error)).lower()}") from error
    write_file(text, str(file), f"`{file}`")


def answer(shell: str, program: Any, words: Sequence[str]) -> int:
    """Tell a shell how the last word may go on; say nothing where the rest is wrong."""
    if shell not in SCRIPTS:
        fix = "unset it, or let a shell set it: `t2v-cap --install-completion bash`"
        raise Mistakes(f"`_T2V_CAP_COMPLETE` is set, and asks for no completion that there is; {fix}")
    words, cut = _rejoined(words) if shell == "bash" else (list(words), 0)
    try:
        found = offers(program, words)
    except Mistakes:  # which are told when the line is run
        return 0
    for word, meaning in found.items():
        sys.stdout.write(f"{_line(shell, word[cut:], meaning)}\n")
    return 0


def _line(shell: str, word: str, meaning: str) -> str:
    if shell == "fish" and meaning:
        return f"{word}\t{meaning}"
    if shell == "zsh":
        return word.replace(":", r"\:") + (f":{meaning}" if meaning else "")
    return word


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
    """Return what the last of some words of a program may be; nothing where it is a file, or anything."""
    *before, last = words or [""]
    commands = program.list_commands(None)
    if not before:
        return _beginning(last, _options(program) if last.startswith("-") else _words(commands))
    if before[0] not in commands:
        return _of_metavar(_metavars(program).get(before[-1], ""), last, ())
    return _of_command(program.get_command(None, before[0]), before[1:], last)


def _of_command(command: Any, before: Sequence[str], last: str) -> Offers:
    """Return what a word may be behind a command and other words of it."""
    flags: Mapping[str, str] = getattr(command, "flags", {})
    metavars = _metavars(command)
    option, equals, value = last.partition("=") if last.startswith("-") else ("", "", last)
    if option and not equals:
        return _beginning(last, {**_options(command), **{flag: _meaning(name) for flag, name in flags.items()}})
    lead = f"{option}=" if equals else ""
    catalogues = [value for name, value in pairwise(before) if name == "--catalogue"]
    option = option or (before[-1] if before and (before[-1] in metavars or before[-1] in flags) else "")
    if option in flags:
        return _values(flags[option], value, catalogues, lead)
    if option:
        return _of_metavar(metavars.get(option, ""), value, catalogues, lead)
    taken = sum(1 for index, word in enumerate(before) if not _is_of_option(word, before[:index], {**metavars, **flags}))
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    if not arguments:
        return {}
    kind = arguments[min(taken, len(arguments) - 1)].metavar
    previous = before[-1] if taken else ""
    return _of_metavar(f"{kind} {previous}" if kind == "NAME" else kind or "", value, catalogues)


def _is_of_option(word: str, before: Sequence[str], taking: Mapping[str, str]) -> bool:
    """Return whether a word is an option, or the value of the one before it."""
    return (word.startswith("-") and word != "-") or (bool(before) and before[-1] in taking)


def _metavars(command: Any) -> dict[str, str]:
    """Return the options of a command that take a value, and what."""
    return {option: one.metavar or "" for one in command.params for option in one.opts if option[:1] == "-" and not one.is_flag}


def _options(command: Any) -> Offers:
    own = {option: one.help or "" for one in command.params for option in one.opts if option.startswith("--")}
    return {**own, "--help": "Show this message and exit."}


def _of_metavar(metavar: str, last: str, catalogues: Sequence[str], lead: str = "") -> Offers:
    """Return what a word may be that is called so in the help."""
    if metavar == "ID,ID,...":
        return _values("gpu", last, catalogues, lead)
    if metavar in ("NAME=VALUE", "AXIS", "FIGURE=VALUE"):
        name, equals, value = last.partition("=")
        from t2v_capacity.vocabulary.names import name_in

        names = _named(*(("FIGURE",) if metavar == "FIGURE=VALUE" else ("ASSUMPTION", "CHOICE", "SHORTHAND")))
        if equals:
            return _values(name_in(name), value, catalogues, f"{lead}{name}=")
        return _beginning(last, {f"{name}=": meaning for name, meaning in names.items()}, lead)
    if metavar.startswith("NAME "):
        return _beginning(last, _entries(metavar.removeprefix("NAME "), catalogues), lead)
    known = _KNOWN.get(metavar) or ((lambda: _words(metavar.split("|"))) if metavar.islower() else None)
    return _beginning(last, known(), lead, listed="," in metavar) if known else {}


def _entries(listed: str, catalogues: Sequence[str]) -> Offers:
    from t2v_capacity.catalogue import KINDS, Catalogue

    return dict.fromkeys(Catalogue(tuple(catalogues)).names(listed), "") if listed in KINDS else {}


def _values(name: str, last: str, catalogues: Sequence[str], lead: str = "") -> Offers:
    """Return the values of a choice; of an assumption none, which is a number."""
    from t2v_capacity.catalogue import Catalogue
    from t2v_capacity.vocabulary.choices import CHOICES

    if name not in CHOICES and name != "resolution":
        return {}
    return _beginning(last, dict.fromkeys(Catalogue(tuple(catalogues)).options(name), ""), lead, listed=True)


def _beginning(last: str, known: Mapping[str, str], lead: str = "", *, listed: bool = False) -> Offers:
    """Return what begins as the word does; of a list its last item, the items before it kept."""
    head, comma, last = last.rpartition(",") if listed else ("", "", last)
    spelled = last if last.startswith("-") else last.replace("-", "_")
    return {f"{lead}{head}{comma}{word}": said for word, said in known.items() if word.startswith((last, spelled))}


def _named(*kinds: str) -> Offers:
    """Return the names of these kinds, which are called as in `vocabulary.names`, and what each means."""
    from t2v_capacity.vocabulary import names

    return {name: _meaning(name) for name in names.names_of(*(getattr(names, kind) for kind in kinds))}


def _meaning(name: str) -> str:
    from t2v_capacity.formulas import FIGURES
    from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
    from t2v_capacity.vocabulary.choices import CHOICES

    table: Mapping[str, Any] = FIGURES if name in FIGURES else ASSUMPTIONS if name in ASSUMPTIONS else CHOICES
    return table[name].label if name in table else ""


def _words(words: Iterable[str]) -> Offers:
    return dict.fromkeys(words, "")


def _only() -> Offers:
    from t2v_capacity.formulas import GROUPS

    return {**_words(group.replace(" ", "-") for group in GROUPS), **_named("FIGURE")}


def _schemas() -> Offers:
    from t2v_capacity.reports.schema.answers import SCHEMAS

    return _words(SCHEMAS)


def _columns() -> Offers:
    from t2v_capacity.questions.measured.trace import COLUMNS

    return _words(f"{part}=" for part in COLUMNS)


def _lists() -> Offers:
    from t2v_capacity.reports.answers.list import LISTINGS

    return _words(LISTINGS)


# What a metavar of the help stands for, where it is one of known words.
_KNOWN = {
    "FIGURE": lambda: _named("FIGURE"),
    "FIGURE,...": lambda: _named("FIGURE"),
    "FIGURE|NAME": lambda: _named("FIGURE", "ASSUMPTION"),
    "GROUP|FIGURE": _only,
    "NAME,NAME,...": lambda: _named("FIGURE", "ASSUMPTION"),
    "NAME": lambda: _named("ASSUMPTION", "CHOICE"),
    "LIST": _lists,
    "PART=COLUMN,...": _columns,
    "SCHEMA": _schemas,
}
