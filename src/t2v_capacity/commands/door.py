"""The door of every command: the options that commands share, and the answer in the form asked for.

A command is a function of a plan and of its own options that returns an answer. What all of them take stands here, once.
"""

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from inspect import Parameter, Signature, signature
from shutil import get_terminal_size
from typing import Annotated, Any, NamedTuple, TypeVar

import typer

from t2v_capacity.api.plan import Plan, Progress, plan_of
from t2v_capacity.commands.flags import MOST_SAMPLES, AsOf, Catalogues, File, Pins, Samples, Seed, Sets, check_samples, check_seed
from t2v_capacity.commands.output import All, NoColor, Output, check_format, on_terminal, progress, write
from t2v_capacity.questions.plan.cells import SAMPLES, SEED
from t2v_capacity.reports.forms.answer import Answer, Page

TABLE, JSON, MARKDOWN, CSV, JUNIT = "table", "json", "markdown", "csv", "junit"
ALL_FORMS = (TABLE, JSON, MARKDOWN, CSV)
Told = TypeVar("Told")


class Draws(NamedTuple):
    """How many draws a command makes at least and at most; with `shown`, their progress is told."""

    fewest: int = 1
    most: int = MOST_SAMPLES


def _option(name: str, kind: Any, *, default: object = None) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)


LAID = (_option("sets", Sets), _option("pins", Pins), _option("catalogues", Catalogues))
DRAWN = (_option("samples", Samples, default=SAMPLES), _option("seed", Seed, default=SEED))


def _form(forms: tuple[str, ...]) -> Parameter:
    said = f"How to write the answer: {', '.join(forms[:-1])} or {forms[-1]}."
    return _option("form", Annotated[str, typer.Option("--format", metavar="FORMAT", help=said)], default=TABLE)


def shown_in(
    forms: tuple[str, ...] = ALL_FORMS, *, everything: bool = False
) -> Callable[[Callable[..., Answer[Any]]], Callable[..., None]]:
    """Let a function be a command that writes the answer it returns: its own options, then those of the answer's form."""
    shared = [_form(forms), _option("output", Output), *([_option("everything", All, default=False)] if everything else [])]
    shared.append(_option("no_color", NoColor, default=False))

    def decorate(ask: Callable[..., Answer[Any]]) -> Callable[..., None]:
        def command(**given: Any) -> None:
            how = {one.name: given.pop(one.name) for one in shared}
            check_format(how["form"], forms)
            show(ask(**given), **how)

        return _dressed(command, ask, [*signature(ask).parameters.values(), *shared])

    return decorate


def on_scenario(
    forms: tuple[str, ...] = ALL_FORMS, *, draws: Draws | None = None, everything: bool = False
) -> Callable[[Callable[..., Answer[Any]]], Callable[..., None]]:
    """Let a function of a plan be a command on one scenario, with the flags that lay other values on it."""

    def decorate(ask: Callable[..., Answer[Any]]) -> Callable[..., None]:
        laid = [*LAID, _option("as_of", AsOf), *(DRAWN if draws else ())]

        def asked(scenario: str, **given: Any) -> Answer[Any]:
            flags = {one.name: given.pop(one.name) for one in laid}
            if draws:
                check_samples(flags["samples"], draws.most, draws.fewest)
                check_seed(flags["seed"])
            plan = plan_of(scenario, **{name: value for name, value in flags.items() if value is not None})
            return ask(plan, **given)

        own = list(signature(ask).parameters.values())[1:]
        file = Parameter("scenario", Parameter.POSITIONAL_OR_KEYWORD, annotation=File)
        return shown_in(forms, everything=everything)(_dressed(asked, ask, [file, *own, *laid]))

    return decorate


def _dressed(command: Callable[..., Any], ask: Callable[..., Any], parameters: Iterable[Parameter]) -> Callable[..., Any]:
    """Return a function under another's name and docstring, with these parameters: what Typer makes options of."""
    parameters = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in parameters]
    dressed = wraps(ask)(command)
    dressed.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    dressed.__annotations__ = {one.name: one.annotation for one in parameters}
    return dressed


def show(answer: Answer[Any], form: str, output: str | None, *, no_color: bool, everything: bool = False) -> None:
    """Write an answer in a form, then what belongs on standard error; end with the answer's code."""
    if form == TABLE and on_terminal(output):
        from t2v_capacity.reports.forms.terminal import show as show_on_terminal

        blocks = (sys.stdout.encoding or "").lower().startswith("utf")
        page = Page("terminal", get_terminal_size().columns, blocks, everything)
        show_on_terminal(answer.report(page), color=not no_color)
    elif form == TABLE:
        write(answer.text(Page(everything=everything)), output)
    elif form == MARKDOWN:
        write(answer.markdown(everything=everything), output)
    else:
        write({JSON: answer.json, CSV: answer.csv, JUNIT: answer.junit}[form](), output)
    if lines := answer.told(form):
        sys.stderr.write("".join(f"{line}\n" for line in lines))
    if answer.code:
        raise typer.Exit(answer.code)


def told(plan: Plan, ask: Callable[[Progress | None], Told]) -> Told:
    """Return what a question of draws answers, with a bar where it takes long and standard error is a terminal."""
    with progress(plan.samples) as bar:
        return ask(bar)
