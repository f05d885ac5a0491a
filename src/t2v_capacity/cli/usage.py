"""Report errors of the command line's form as Mistakes, from the fields of Typer's errors: their wording may change."""

import re
from typing import Any

from t2v_capacity.errors import Mistake


def usage_message(error: Any, words: list[str], program: Any) -> str:
    """Return the mistake of a command line that Typer could not parse, with its help command.

    Typer's own sentence stands where an error is of a kind that this program doesn't know.
    """
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return str(error.format_message())
    tell = {
        "NoSuchOption": _unknown,
        "BadOptionUsage": _value,
        "MissingParameter": _missing,
        "BadParameter": _whole_number,
        "UsageError": _surplus,
    }.get(kind)
    message = (tell and tell(error, words, program)) or str(error.format_message()).rstrip(".")
    context = getattr(error, "ctx", None)
    hint = f"; `{context.command_path} --help` shows what it takes" if context and "; " not in message else ""
    return str(Mistake(message + hint))


def _unknown(error: Any, words: list[str], _program: Any) -> str:
    from t2v_capacity.assumptions.names import no_option
    from t2v_capacity.cli.flags import known_flags

    if error.option_name in ("-o", "--output") and any((one.metavar or "").endswith("FILE") for one in error.ctx.command.params):
        return f"`{error.option_name}` is not an option here; write the file alone, as the last argument"
    return no_option(error.option_name, known_flags(error), _value_behind(error.option_name, words))


def _value(error: Any, words: list[str], program: Any) -> str:
    """Return the message that an option lacks a value, with the allowed words if they are few; or that it takes none."""
    option = error.option_name
    command = program.get_command(None, words[0]) if words[0] in program.list_commands(None) else program
    known = next((one for one in command.params if option in one.opts), None)
    if known is None or known.is_flag:
        return f"option `{option}` does not take a value"
    choices = (known.metavar or "").split("|") if (known.metavar or "").islower() else []
    return f"`{option}` needs a value{'; write ' if choices else ''}{', '.join(choices)}"


def _missing(error: Any, _words: list[str], _program: Any) -> str:
    """Return the name of the missing argument; arguments in brackets are optional."""
    needed = re.sub(r"\[.*\]", "", error.param.metavar if error.param else "").strip()
    return f"{needed} is missing" if needed else ""


def _whole_number(error: Any, _words: list[str], _program: Any) -> str:
    """Return the message that an option takes a whole number: the only type apart from text that a command asks Typer for."""
    return f"`{error.param.opts[0]}` takes a whole number, such as 1000" if error.param else ""


def _surplus(error: Any, words: list[str], _program: Any) -> str:
    """Return the unexpected words: parse again with a context that keeps them."""
    name = error.ctx.info_name
    if name not in words:
        return ""
    behind = words[words.index(name) + 1 :]
    left = error.ctx.command.make_context(name, behind, resilient_parsing=True).args
    return f"`{' '.join(left)}` is more than the command takes" if left else ""


def _value_behind(option: str, words: list[str]) -> str:
    """Return the typed value of an option."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == option and not following.startswith("-"):
            return following
        if word.startswith(f"{option}="):
            return word.removeprefix(f"{option}=")
    return ""
