"""Wrong command lines are told by what Typer's errors hold: a newer Typer that holds something else is found here, by name."""

import re
from importlib import import_module
from operator import attrgetter
from typing import Any, get_type_hints

import pytest
import typer

from t2v_capacity.cli.app import COMMANDS, app
from t2v_capacity.cli.usage import usage_message

# Of each kind of mistake a command line, where Typer's error holds what is told, and what stands there.
KINDS: dict[str, tuple[list[str], str, object]] = {
    "NoArgsIsHelpError": ([], "ctx.command_path", "t2v-cap"),
    "NoSuchOption": (["estimate", "--nope"], "option_name", "--nope"),
    "BadOptionUsage": (["estimate", "--output"], "option_name", "--output"),
    "MissingParameter": (["init"], "param.metavar", "FILE"),
    "BadParameter": (["estimate", "--samples", "many"], "param.opts", ["--samples"]),
    "UsageError": (["estimate", "a.yaml", "b.yaml", "c.yaml"], "ctx.info_name", "estimate"),
}
TOLD = {
    "NoSuchOption": "error: `--nope` is not an option; `t2v-cap estimate --help` shows what it takes",
    "BadOptionUsage": "error: `--output` needs a value",
    "MissingParameter": "error: FILE is missing; `t2v-cap init --help` shows what it takes",
    "BadParameter": "error: `--samples` takes a whole number, such as 1000; `t2v-cap estimate --help` shows what it takes",
    "UsageError": "error: `b.yaml c.yaml` is more than the command takes; `t2v-cap estimate --help` shows what it takes",
}
TEXTS = (str, str | None, list[str], list[str] | None, bool)


def _error(line: list[str]) -> Any:
    """Return what Typer raises for a wrong command line."""
    with pytest.raises(typer.exceptions.TyperException) as raised:
        typer.main.get_command(app).main(line, prog_name="t2v-cap", standalone_mode=False)
    return raised.value


@pytest.mark.parametrize("kind", KINDS)
def test_typer_holds_what_is_told(kind: str) -> None:
    """Typer's error of each kind of mistake has the class and the attribute by which this program tells it."""
    line, where, wanted = KINDS[kind]
    error = _error(line)
    changed = (
        f"Typer {typer.__version__} tells of `t2v-cap {' '.join(line)}` in another way; let commands/usage.py read what its error holds:"
    )

    assert type(error).__name__ == kind, f"{changed} a {type(error).__name__} in the place of a {kind}"
    try:
        found = attrgetter(where)(error)
    except AttributeError as lacks:
        pytest.fail(f"{changed} {lacks}")
    assert found == wanted, f"{changed} {where} is {found!r}, not {wanted!r}"


@pytest.mark.parametrize("kind", TOLD)
def test_no_word_of_typer_is_read(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever words Typer has for a mistake, what this program says of it stays the same."""
    line = KINDS[kind][0]
    error = _error(line)
    monkeypatch.setattr(type(error), "format_message", lambda _error: "Quelque chose ne va pas")

    assert usage_message(error, line, typer.main.get_command(app)) == TOLD[kind]


def test_a_mistake_of_an_unknown_kind_keeps_its_words() -> None:
    """An error of a kind that this program doesn't know is told in Typer's words, and is no crash."""
    assert (
        usage_message(typer.exceptions.TyperException("Something new."), ["estimate"], typer.main.get_command(app))
        == "error: Something new"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_typer_reads_texts_and_whole_numbers_alone(command: str) -> None:
    """Every option's value is a text, or else a whole number, so that a value which Typer refuses is a whole number that is none."""
    (registered,) = import_module(COMMANDS[command]).app.registered_commands
    kinds = {name: kind for name, kind in get_type_hints(registered.callback).items() if name != "return"}

    assert {name for name, kind in kinds.items() if kind not in (*TEXTS, int, int | None)} == set()


def test_an_underscore_is_a_hyphen_in_every_option(t2v_cap: Any) -> None:
    """An option typed with underscores is that with hyphens: a flag of an assumption, and an option that Typer knows."""
    line = ["estimate", "--model", "mochi", "--only", "cost_per_month", "--format", "json"]
    said = t2v_cap(*line, "--gpu-price", "3", "--as-of", "2026-11-01").out

    assert t2v_cap(*line, "--gpu_price", "3", "--as_of", "2026-11-01").out == said
    assert t2v_cap(*line, "--gpu_price=3", "--as_of=2026-11-01").out == said


@pytest.mark.parametrize("option", ["--watch", "--interactive", "--verbose", "--region", "--timeout", "--year", "--margin"])
@pytest.mark.parametrize("command", ["solve", "total", "check", "diff"])
def test_nothing_absurd_is_suggested(option: str, command: str, t2v_cap: Any) -> None:
    """An option that no command has, or this one has not, is answered without a name that merely rhymes with it."""
    said = t2v_cap(command, "plan.yaml", option, code=2).err

    assert f"`{option}` is not an option" in said
    assert all(found.startswith(option[:3]) for found in re.findall(r"did you mean `(.*?)`", said))


@pytest.mark.parametrize("command", COMMANDS)
def test_an_output_has_a_short_form(command: str) -> None:
    """Where a command writes its answer to a file by `--output`, `-o` does so too, and no command means anything else by it."""
    program: Any = typer.main.get_command(app)
    for one in program.get_command(None, command).params:
        assert ("--output" in one.opts) == ("-o" in one.opts)
