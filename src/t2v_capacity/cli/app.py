"""The `t2v-cap` program: its commands, each imported when it is called, and how it ends."""

import io
import os
import sys
from importlib import import_module
from inspect import signature
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from t2v_capacity.errors import Mistakes, quote
from t2v_capacity.files.source import ENDINGS, WAS_READ
from t2v_capacity.release import __version__

# What each command does, in the order in which a newcomer meets them. It is the first line of the command's help, as a
# test compares. So the program's own help imports no command.
COMMANDS = {
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
    "measure": "Print the commands that time a plan's clip on your GPUs.",
    "calibrate": "Fit the efficiencies of your GPUs to clips that you timed.",
    "fit": "Fit users, peak and clustering to a request log.",
    "actuals": "Compare a plan with its measured months.",
    "init": "Write a scenario, or a catalogue, to start from.",
    "schema": "Print a JSON Schema for your editor or your scripts.",
    "list": "List models, GPUs, prices, figures and assumptions.",
}
# Libraries that some questions take, by the module that is missing: their names, and the extra that installs each.
EXTRAS = {"numpy": ("NumPy", "ranges"), "xlsxwriter": ("XlsxWriter", "xlsx"), "matplotlib": ("Matplotlib", "plot")}
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

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command. Raise Mistakes with the nearest where there is none of that name."""
        if cmd_name in COMMANDS:
            from t2v_capacity.cli.flags import AnswerCommand, ScenarioCommand

            call = import_module(f"t2v_capacity.cli.{cmd_name}").command
            command_app = typer.Typer(rich_markup_mode=None, add_completion=False)
            # What takes `--set` takes every assumption and choice as a flag too.
            takes_flags = "sets" in signature(call).parameters
            command_app.command(cmd_name, cls=ScenarioCommand if takes_flags else AnswerCommand)(call)
            return typer.main.get_command(command_app)
        if cmd_name.startswith("-") or ctx.resilient_parsing:
            return None
        raise Mistakes(_no_command(cmd_name))

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:  # noqa: ARG002 - Typer's signature
        """Return the commands that a word may become, of which none is imported for that."""
        from t2v_capacity.cli.flags import completions

        return completions([*COMMANDS, *self.words], incomplete)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """Write the summary of each command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _no_command(name: str) -> str:
    """Return the message that there is no such command: with the nearest, or with what to do with a file."""
    from t2v_capacity.assumptions.synonyms import COMMAND_SYNONYMS, REMEDIES, meant

    if name.endswith(ENDINGS) or os.path.isfile(name):  # noqa: PTH113 - pathlib costs a start
        return f"{quote(name)} is not a command; `t2v-cap estimate {name}` makes a plan of a scenario"
    if name in REMEDIES:
        return f"{quote(name)} is not a command; {REMEDIES[name]}"
    more = meant(name, [*COMMANDS, "--help", "--version", "--show-completion"], COMMAND_SYNONYMS)
    listed = ", ".join(COMMANDS)
    return f"{quote(name)} is not a command{more or f'; the commands are {listed}'}"


app = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    # Of every command, since contexts inherit both.
    context_settings={
        "help_option_names": ["-h", "--help"],
        "token_normalize_func": lambda option: option.replace("_", "-"),
    },
)


def _version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it with the flag's value
    if asked:
        sys.stdout.write(f"t2v-cap {__version__}\n")
        raise typer.Exit


@app.callback(no_args_is_help=True)
def t2v_cap(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
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
    WAS_READ.clear()
    try:
        code = typer.main.get_command(app).main(arguments, prog_name="t2v-cap", standalone_mode=False)
        sys.stdout.flush()
    except Mistakes as error:
        code = _refuse(str(error))
    except ModuleNotFoundError as error:
        if (missing := EXTRAS.get(error.name or "")) is None:
            raise
        library, extra = missing
        fix = f"`pip install 't2v-cap[{extra}]'` installs it"
        code = _refuse(str(Mistakes(f"this takes {library}, which is not installed; {fix}")))
    except TyperException as error:
        from t2v_capacity.cli.usage import usage_message

        code = _refuse(usage_message(error, sys.argv[1:] if arguments is None else arguments))
    except (BrokenPipeError, SystemExit) as end:
        code = _code_at_end(end)
    except OSError as error:
        # Files have their own messages. What is left is standard output, and the folder in which all are looked for.
        _drop()
        why = f"the answer can't be written: {(error.strerror or str(error)).lower()}"
        gone = isinstance(error, FileNotFoundError)
        code = _refuse(f"error: {'the working folder is gone; change to one that is there' if gone else why}")
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    return code if isinstance(code, int) else FINE


def _code_at_end(end: BaseException) -> int:
    """Return the exit code of an end that is no mistake."""
    if isinstance(end, SystemExit) and not isinstance(end.__context__, BrokenPipeError):
        # Typer's completion ends with 1 where the variable that a shell sets is wrong.
        return WRONG if end.code else FINE
    _drop()  # the reader has seen enough; Typer would end with 1
    return FINE


def _drop() -> None:
    from t2v_capacity.cli.output import drop_output

    drop_output()


def _refuse(message: str) -> int:
    from t2v_capacity.cli.output import tell

    tell(message.rstrip("\n") + "\n")
    return WRONG


def main() -> None:
    """Run the program and exit with its code."""
    sys.stdout, sys.stderr = (
        stream or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        for stream in (sys.stdout, sys.stderr)
    )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that is no text is written in escapes
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = run()
    # The process ends at once: taking apart what it made is a tenth of a start (docs/decisions/0007-start-up.md).
    if sys.getprofile() or sys.gettrace():  # a profiler reports at the end
        sys.exit(code)
    os._exit(code)
