"""Report errors of the command line's form as Mistakes, in Typer's words.

An option that there is not is named with the nearest.
"""

from typing import Any

from t2v_capacity.errors import Mistake


def usage_message(error: Any) -> str:
    """Return the mistake of a command line that Typer could not parse, with its help command."""
    message = str(error.format_message())
    if type(error).__name__ == "NoArgsIsHelpError":
        return message
    context: Any = getattr(error, "ctx", None)
    if type(error).__name__ == "NoSuchOption":
        from t2v_capacity.assumptions.names import no_option

        own = [option for parameter in context.command.params for option in parameter.opts]
        message = no_option(error.option_name, [*own, *getattr(context.command, "flags", ())])
    hint = f"; `{context.command_path} --help` shows what it takes" if context and "; " not in message else ""
    return str(Mistake(message.rstrip(".").replace("(s)", "s") + hint))
