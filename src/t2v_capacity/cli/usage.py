"""A mistake in the command line's form, told as one of ours: by what Typer's errors hold, not by their words, which may change."""

import re
from typing import Any

from t2v_capacity.errors import Mistake


def usage_message(error: Any, words: list[str], program: Any) -> str:
    """Return what is wrong with a command line whose words Typer could not sort, and where its help is.

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

    return no_option(error.option_name, known_flags(error), _value_behind(error.option_name, words))


def _value(error: Any, words: list[str], program: Any) -> str:
    """Return that an option has no value, with the words that it may be where they are few; or that it takes none."""
    option = error.option_name
    command = program.get_command(None, words[0]) if words[0] in program.list_commands(None) else program
    known = next((one for one in command.params if option in one.opts), None)
    if known is None or known.is_flag:
        return f"option `{option}` does not take a value"
    choices = (known.metavar or "").split("|") if (known.metavar or "").islower() else []
    return f"`{option}` needs a value{'; write ' if choices else ''}{', '.join(choices)}"


def _missing(error: Any, _words: list[str], _program: Any) -> str:
    """Return which word is missing; what stands in brackets may be left out."""
    needed = re.sub(r"\[.*\]", "", error.param.metavar if error.param else "").strip()
    return f"{needed} is missing" if needed else ""


def _whole_number(error: Any, _words: list[str], _program: Any) -> str:
    """Return that an option takes a whole number: the one kind of value, beside texts, that a command asks Typer for."""
    return f"`{error.param.opts[0]}` takes a whole number, such as 1000" if error.param else ""


def _surplus(error: Any, words: list[str], _program: Any) -> str:
    """Return which words are left over: read again, a context that forgives keeps them."""
    name = error.ctx.info_name
    if name not in words:
        return ""
    behind = words[words.index(name) + 1 :]
    left = error.ctx.command.make_context(name, behind, resilient_parsing=True).args
    return f"`{' '.join(left)}` is more than the command takes" if left else ""


def _value_behind(option: str, words: list[str]) -> str:
    """Return what was typed as the value of an option."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == option and not following.startswith("-"):
            return following
        if word.startswith(f"{option}="):
            return word.removeprefix(f"{option}=")
    return ""
