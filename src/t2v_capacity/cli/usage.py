"""Report errors of the command line's form as Mistakes, in Typer's words.

An option that there is not is named with the nearest, or with what to write for it.
"""

from itertools import pairwise
from typing import Any

from t2v_capacity.cli.flags import first_example
from t2v_capacity.errors import Mistake, quote
from t2v_capacity.files.source import ENDINGS


def usage_message(error: Any, arguments: list[str]) -> str:
    """Return the mistake of a command line that Typer could not parse, with what to write or its help command."""
    message = str(error.format_message())
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return message
    context: Any = getattr(error, "ctx", None)
    if kind == "NoSuchOption":
        message = _no_option(error.option_name, context, arguments)
    elif kind == "MissingParameter" and (example := first_example(context.command.help)):
        message = f"{message.rstrip('.')}; example: `{example}`"
    elif kind == "UsageError" and (line := _meant_line(context, arguments)):
        message = line
    hint = f"; `{context.command_path} --help` shows what it takes" if context and "; " not in message else ""
    return str(Mistake(message.rstrip(".").replace("(s)", "s") + hint))


def _no_option(flag: str, context: Any, arguments: list[str]) -> str:
    """Return that there is no such option: with what to write for one of other programs, or with the nearest."""
    from t2v_capacity.assumptions.names import no_option
    from t2v_capacity.assumptions.synonyms import REMEDIES

    if remedy := REMEDIES.get(flag):
        words = (word for argument in arguments for word in argument.split("=", 1))
        typed = dict(pairwise(words)).get(flag, "...")
        return f"{quote(flag)} is not an option; {remedy.format(value=typed)}"
    own = [option for parameter in context.command.params for option in parameter.opts]
    return no_option(flag, [*own, *getattr(context.command, "flags", ())])


def _meant_line(context: Any, arguments: list[str]) -> str:
    """Return what to write for an axis without its sign, or for a second scenario; nothing for other lines."""
    for option, name, values in zip(arguments, arguments[1:], arguments[2:], strict=False):
        if option == "--over" and "=" not in name and not values.endswith(ENDINGS):
            return f"`--over {name} {values}` has no `=`; write `--over {name}={values}`"
    files = [argument for argument in arguments if argument.endswith(ENDINGS) and not argument.startswith("-")]
    if len(files) > 1 and "scenario" in {parameter.name for parameter in context.command.params}:
        both = " ".join(files)
        return (
            f"`{context.command.name}` takes one scenario; "
            f"`t2v-cap total {both}` adds them, `t2v-cap diff {both}` compares them"
        )
    return ""
