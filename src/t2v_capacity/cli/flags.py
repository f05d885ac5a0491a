"""Flags made from the fields: every assumption and choice is one, and each is `--set` spelled short."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.engine.constants import MONTHS_PER_YEAR
from t2v_capacity.errors import Mistakes
from t2v_capacity.files.document import STANDARD_INPUT


def number_of(months: str) -> int:
    """Return a number of months, or of years as 2y. Raise Mistakes if it is neither."""
    duration = re.fullmatch(r"\s*(\d+)\s*(|m|months?|y|years?)\s*", months, re.ASCII)
    if not duration:
        raise Mistakes(f"`--months {months}`: write a number of months, or of years as 2y")
    return int(duration[1]) * (int(MONTHS_PER_YEAR) if duration[2].startswith("y") else 1)


def option(says: str, name: str, metavar: str | None = None, *also: str, **more: Any) -> Any:
    """Return an option: its help, its name, the name of its value (a switch has none), and its other names."""
    return typer.Option(name, *also, metavar=metavar, help=says, **more)


# An option that may be repeated, a list of what is given.
list_option = partial(option, default_factory=list, show_default=False)


def argument(says: str, metavar: str) -> Any:
    """Return an argument: what the help says of it, and its name there; a shell completes figures."""
    return typer.Argument(metavar=metavar, help=says, autocompletion=_figures if metavar.startswith("FIGURE") else None)


def first_example(help_text: str | None) -> str:
    """Return the first example of a command's help."""
    return (help_text or "").partition("Examples:")[2].strip().partition("\n")[0]


def completions(words: Iterable[str], begun: str) -> list[Any]:
    """Return the words that begin so, as a shell's completion takes them."""
    return [SimpleNamespace(value=word, type="plain", help="") for word in words if word.startswith(begun)]


def _figures() -> list[str]:
    from t2v_capacity.formulas import FIGURES

    return [name for name, figure in FIGURES.items() if not figure.detail]


Sets = Annotated[list[str], list_option("Set an assumption or a choice.", "--set", "NAME=VALUE")]
Pins = Annotated[list[str], list_option("Give a figure a value of its own.", "--pin", "FIGURE=VALUE")]
Catalogues = Annotated[list[str], list_option("Add a catalogue of your own models and GPUs.", "--catalogue", "FILE")]
AsOf = Annotated[str | None, option("Date of the answer, unless the scenario has one.", "--as-of", "DATE")]
File = Annotated[str | None, argument("A scenario file, or - for standard input; flags alone make one.", "SCENARIO")]
Others = Annotated[list[str] | None, argument("More of them, or folders: services and their sum.", "SCENARIO")]
# The foot of the help names this one.
ClipsPerDay = Annotated[str | None, typer.Option("--clips-per-day", metavar="N", hidden=True)]
Samples = Annotated[int, option("Draws, where an assumption has a range.", "--samples", "N")]
Seed = Annotated[int, option("Seed of the draws: the same seed, the same answer.", "--seed", "N")]
# What people type for a flag, and for a format.
_FLAG_MEANT = {"--target": "--target-latency"}
_FORMATS = {"--json": ("--format", "json"), "--csv": ("--format", "csv")}
_FLAGS = (
    "Every assumption and every choice is a flag too, such as --dau 200M or --precision fp16%s: "
    "`t2v-cap list assumptions`."
)
_CLIPS = ", and so is --clips-per-day 400K"


class AnswerCommand(TyperCommand):
    """A command that takes `--json` for `--format json`, where it has a format."""

    @property
    def own(self) -> set[str]:
        """The options of the command's own."""
        return {option for parameter in self.params for option in parameter.opts}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write out the format, then parse; a line that a shell completes stays as it is."""
        if not ctx.resilient_parsing and "--format" in self.own:
            args = [word for argument in args for word in _FORMATS.get(argument, (argument,))]
        return super().parse_args(ctx, args)


class ScenarioCommand(AnswerCommand):
    """A command on scenarios: takes every assumption and choice as a flag.

    The flags are rewritten to `--set` before they are parsed. So they keep their order on the command line, and Typer
    is spared a hundred options at every start. `list assumptions` shows them, and a shell completes them.
    """

    @property
    def flags(self) -> dict[str, str]:
        """The flags and the name that each sets, `--dau` -> `dau`.

        An option of the command's own is left out: `compare --gpu`.
        """
        flags = {f"--{name.replace('_', '-')}": name for name in (*ASSUMPTIONS, *CHOICES, *SHORTHANDS)}
        return {flag: name for flag, name in flags.items() if flag not in self.own}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Rewrite the flags, then parse; a line that a shell completes stays as it is."""
        return super().parse_args(ctx, args if ctx.resilient_parsing else _as_sets(args, self.flags))

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return the options and the flags that a word may become."""
        return [*super().shell_complete(ctx, incomplete), *completions(self.flags, incomplete)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Show the command's own options, then where the flags are listed."""
        super().format_options(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(_FLAGS % (_CLIPS if "--clips-per-day" in self.own else ""))


def _as_sets(arguments: list[str], known: Mapping[str, str]) -> list[str]:
    rewritten, given = list[str](), set[str]()
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            return [*rewritten, argument, *waiting]
        flag, equals, setting = argument.partition("=")
        flag = _FLAG_MEANT.get(flag, flag.replace("_", "-"))
        if flag not in known:
            rewritten.append(argument)
            continue
        if not equals:
            setting = next(waiting, "")
            if not setting or setting.startswith("--"):
                raise Mistakes(f"`{flag}` needs a value; `t2v-cap list assumptions` shows what it takes")
        if flag in given:
            raise Mistakes(f"`{flag}` is given twice; keep one of them")
        given.add(flag)
        rewritten += ["--set", f"{known[flag]}={setting}"]
    return rewritten


def check_paths(paths: Sequence[str]) -> None:
    """Raise Mistakes if standard input is to be read twice."""
    if paths.count(STANDARD_INPUT) > 1:
        raise Mistakes(
            f"`{STANDARD_INPUT}` is given twice; standard input can be read once, save one of the scenarios in a file"
        )
