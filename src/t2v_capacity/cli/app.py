"""The `t2v-cap` program: its commands, each imported when it is called, and how it ends."""

import codecs
import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from t2v_capacity.errors import Mistakes, quote, unspoken
from t2v_capacity.files.places import ENDINGS, was_read
from t2v_capacity.release import __version__

# What each command does, in the order in which a newcomer meets them: the first line of its help, which a test compares, so that
# the program's own help imports none of them.
SUMMARIES = {
    "estimate": "Turn a scenario into a capacity plan.",
    "explain": "Show where a figure or an assumption comes from.",
    "sensitivity": "Show what moves a figure, and what to measure first.",
    "sweep": "Compute a plan over axes of values.",
    "solve": "Find the input value that meets your conditions.",
    "compare": "Compare GPUs: fit, speed and cost.",
    "forecast": "Forecast a service month by month.",
    "total": "Show several scenarios side by side and as one service.",
    "check": "Check scenarios against their budgets.",
    "diff": "Compare two plans: changes, causes, gates.",
    "export": "Write a plan to hand over: a workbook, a page or a section.",
    "accuracy": "Compare predictions with measured runs.",
    "calibrate": "Fit the efficiencies of your GPUs to clips that you timed.",
    "fit": "Fit users, peak and clustering to a request log.",
    "actuals": "Compare a plan with its measured months.",
    "init": "Write a scenario, or a catalogue, to start from.",
    "schema": "Print a JSON Schema for your editor or your scripts.",
    "list": "List models, GPUs, prices, figures and assumptions.",
}
COMMANDS = {name: f"t2v_capacity.cli.{name}" for name in SUMMARIES}
# Libraries that some questions take, by the module that is missing: their names, and the extra that installs each.
EXTRAS = {"numpy": ("NumPy", "ranges"), "xlsxwriter": ("XlsxWriter", "xlsx"), "matplotlib": ("Matplotlib", "plot")}
# Replacements for the drawing characters of answers, for encodings that lack them.
TWINS = {
    **dict(zip("\u2500\u2502\u2514\u251c\u2026\u00b7\u00d7", "-|`|~.x", strict=True)),  # trees, and where something is cut
    **dict(zip("\u2588\u2592", "#-", strict=True)),  # bars
    "\u2192": "->",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2705": "+",
    "\u274c": "x",
    "\u26a0": "!",
    "\U0001f6ab": "x",
    "\ufe0f": "",
    "\u200b": "",  # marks of a comment
}
FINE, WRONG, GATE, INTERRUPTED = 0, 2, 3, 130


class Commands(TyperGroup):
    """A group that imports a command's module only when that command is called."""

    HELP, VERSION = words = "help", "version"  # in the place of a command, for options

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read `help COMMAND` as `COMMAND --help`, and `version` as `--version`; then parse."""
        match args:
            case [word, *others] if word == self.HELP:
                args = [*(other for other in others[:1] if other not in self.words), "--help"]
            case [word] if word == self.VERSION:
                args = ["--version"]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        """Return the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's signature
        """Return a command. Raise Mistakes with the nearest where there is none of that name."""
        if cmd_name in COMMANDS:
            return typer.main.get_command(import_module(COMMANDS[cmd_name]).app)
        if cmd_name.startswith("-"):
            return None
        raise Mistakes(_no_command(cmd_name))

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """Write the summary of each command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


def _no_command(name: str) -> str:
    """Return the message that there is no such command: with the nearest, or with what to do with a file."""
    from t2v_capacity.assumptions.synonyms import COMMANDS as WORDS
    from t2v_capacity.assumptions.synonyms import meant

    if name.endswith(ENDINGS) or os.path.isfile(name):  # noqa: PTH113 - pathlib costs a start
        return f"{quote(name)} is not a command; `t2v-cap estimate {name}` makes a plan of a scenario"
    if name == "groups":  # was a command until 0.3
        return "`groups` is not a command; `t2v-cap compare plan.yaml --gpu h100-sxm` compares the group sizes of one GPU"
    more = meant(name, [*COMMANDS, "--help", "--version", "--install-completion"], WORDS)
    listed = ", ".join(COMMANDS)
    return f"{quote(name)} is not a command{more or f'; the commands are {listed}'}"


app = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    # Of every command, since contexts inherit both.
    context_settings={"help_option_names": ["-h", "--help"], "token_normalize_func": lambda option: option.replace("_", "-")},
)


def _version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it with the flag's value
    if asked:
        sys.stdout.write(f"t2v-cap {__version__}\n")
        raise typer.Exit


def _install_completion(shell: str | None) -> None:
    if shell is not None:
        from t2v_capacity.cli.completion import install

        sys.stderr.write(f"{install(shell)}\n")
        raise typer.Exit


def _show_completion(shell: str | None) -> None:
    if shell is not None:
        from t2v_capacity.cli.completion import script

        sys.stdout.write(script(shell))
        raise typer.Exit


_SHELLS: dict[str, Any] = {"metavar": "bash|zsh|fish|powershell", "is_eager": True}


@app.callback(no_args_is_help=True)
def t2v_cap(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
    install_completion: Annotated[
        str | None, typer.Option(callback=_install_completion, help="Let a shell complete names and values.", **_SHELLS)
    ] = None,
    show_completion: Annotated[str | None, typer.Option(callback=_show_completion, help="Print what does so.", **_SHELLS)] = None,
) -> None:
    """Capacity plans for text-to-video services, from a YAML file of assumptions.

    \b
    Examples:
      t2v-cap estimate scenarios/mochi.yaml
      t2v-cap estimate scenarios/mochi.yaml --dau 200e6 --precision fp16
      t2v-cap explain scenarios/mochi.yaml storage_per_day
      t2v-cap sweep scenarios/mochi.yaml --over 'dau=10M..1B log 9'
      t2v-cap solve scenarios/mochi.yaml --for dau --until 'gpus <= 10000'
      t2v-cap compare scenarios/wan2.2-h100.yaml --gpu h100-sxm,b200-hgx
      t2v-cap check scenarios/mochi.yaml --budget 'gpus <= 10M'
      t2v-cap diff scenarios/mochi.yaml scenarios/mochi-bf16.yaml
      t2v-cap export scenarios/mochi.yaml plan.xlsx
      t2v-cap init --model wan2.1-t2v-14b --gpu h100-sxm my.yaml
      t2v-cap list choices
    """


def run(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit code: 0 fine, 2 wrong input, 3 a gate, 130 interrupted."""
    was_read().clear()
    try:
        command = typer.main.get_command(app)
        if asked := os.environ.get("_T2V_CAP_COMPLETE"):
            from t2v_capacity.cli.completion import answer

            return answer(asked, command)
        code = command.main(arguments, prog_name="t2v-cap", standalone_mode=False)
        sys.stdout.flush()
    except Mistakes as error:
        return _refuse(str(error))
    except ModuleNotFoundError as error:
        if (missing := EXTRAS.get(error.name or "")) is None:
            raise
        return _refuse(str(Mistakes(f"this takes {missing[0]}, which is not installed; `pip install 't2v-cap[{missing[1]}]'` installs it")))
    except TyperException as error:
        from t2v_capacity.cli.usage import usage_message

        return _refuse(usage_message(error, sys.argv[1:] if arguments is None else arguments, command))
    except (BrokenPipeError, SystemExit) as end:
        code = _ended(end)
    except OSError as error:  # files have their own messages; what is left is standard output, on a full disk for example
        _drop()
        code = _refuse(_unwritten(error))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return code if isinstance(code, int) else FINE


def _ended(end: BaseException) -> int:
    """Return the code of a run that was ended from within; raise what is not ours to judge."""
    # The reader has seen enough; Typer would end with 1.
    if isinstance(end.__context__ if isinstance(end, SystemExit) else end, BrokenPipeError):
        _drop()
        return FINE
    raise end


def _drop() -> None:
    from t2v_capacity.cli.output import drop_output

    drop_output()


def _unwritten(error: OSError) -> str:
    """Return why an answer could not be written."""
    try:
        os.getcwd()  # noqa: PTH109 - whether it is there
    except FileNotFoundError:
        return "error: the working folder is gone; change to one that is there"
    return f"error: the answer can't be written: {(error.strerror or str(error)).lower()}"


def _refuse(message: str) -> int:
    sys.stderr.write(message.rstrip("\n") + "\n")
    return WRONG


class _SafeStderr:
    """Standard error that may be full or closed: lost messages leave the exit code unchanged."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            self.stream.write(unspoken(text))
            self.stream.flush()
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _twin(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return the replacement for a character that an encoding lacks: a twin of the same width, or an escape if there is none."""
    assert isinstance(error, UnicodeEncodeError)
    wanted = error.object[error.start]
    if wanted in TWINS:
        return TWINS[wanted], error.start + 1
    return codecs.backslashreplace_errors(UnicodeEncodeError(error.encoding, error.object, error.start, error.start + 1, error.reason))


def main() -> None:
    """Run the program and exit with its code."""
    codecs.register_error("twin", _twin)
    sys.stdout, sys.stderr = (stream or open(os.devnull, "w", encoding="utf-8") for stream in (sys.stdout, sys.stderr))  # noqa: SIM115, PTH123
    sys.stderr = _SafeStderr(sys.stderr)
    for stream in (sys.stdout, sys.stderr.stream):
        if isinstance(stream, io.TextIOWrapper):  # what the terminal can't show has a twin, or is written in escapes
            stream.reconfigure(errors="twin")
    _leave(run())


def _leave(code: int) -> None:
    """End the process at once, its answer flushed: taking apart what it made is a tenth of a start (docs/decisions/0007-start-up.md)."""
    sys.stderr.flush()
    if sys.getprofile() or sys.gettrace():  # a profiler reports at the end
        sys.exit(code)
    os._exit(code)
