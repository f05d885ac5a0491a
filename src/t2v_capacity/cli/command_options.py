"""Define the options that commands share, and write the answer in the requested form.

A command is a function of a plan and of its own options that returns an answer. What all of them take stands here.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial, wraps
from inspect import Parameter, Signature, signature
from shutil import get_terminal_size
from typing import Annotated, Any

import typer

from t2v_capacity.api.plan import Plan, plan_of
from t2v_capacity.assumptions.quantities import parse
from t2v_capacity.cli.flags import (
    AsOf,
    Catalogues,
    ClipsPerDay,
    File,
    Others,
    Pins,
    Samples,
    Seed,
    Sets,
    check_paths,
    first_example,
    option,
)
from t2v_capacity.cli.output import (
    CSV,
    GITHUB,
    JSON,
    JUNIT,
    MARKDOWN,
    TABLE,
    All,
    FileForm,
    FileOutput,
    Force,
    NoColor,
    Output,
    Plotted,
    check_plot,
    check_replaced,
    forces_color,
    on_terminal,
    refuses_color,
    summarize,
    tell,
    write,
    written_form,
)
from t2v_capacity.errors import Mistakes, Place, collected, count_of, gathered, placed
from t2v_capacity.files.document import STANDARD_INPUT
from t2v_capacity.files.source import ENDINGS, WAS_READ, is_yaml
from t2v_capacity.forms.answer import AnyAnswer, Page
from t2v_capacity.plan.cells import SAMPLES, SEED
from t2v_capacity.scenario.folders import is_there, scenarios_of

FORMS_OF_ONE = (TABLE, JSON, MARKDOWN)  # of an answer that has no rows
ALL_FORMS = (*FORMS_OF_ONE, CSV)
FORMS_OF_CHECKS = (*ALL_FORMS, JUNIT, GITHUB)
_PACE = 0.25  # seconds between two looks at whether a file was saved
_CLEARED = "\x1b[2J\x1b[H"
Ask = Callable[..., AnyAnswer]
Command = Callable[..., None]


def shown_in(
    forms: tuple[str, ...] = ALL_FORMS,
    *,
    plotted: bool = False,
    overlay: Callable[[Any, str], str] | None = None,
) -> Callable[[Ask], Command]:
    """Let a function be a command: its answer is written. Options of form and plot follow those of its own.

    `overlay` gives the YAML file that an answer is, for the folder of `--output`, where that names a YAML file. The
    answer is printed all the same.
    """
    has = {"plot": plotted, "given": False}

    def decorate(ask: Ask) -> Command:
        def command(
            *,
            asked_form: Annotated[
                str | None, option("A table by default; --json is --format json.", "--format", "|".join(forms))
            ] = None,
            output: Output = None,
            force: Force = False,
            all_of_it: All = False,
            plot: Plotted = None,
            no_color: NoColor = False,
            **given: Any,
        ) -> None:
            laid_over = overlay if output and is_yaml(output) else None
            form = written_form(asked_form, output, forms, (asked_form or TABLE) if overlay else None)
            check_replaced(output, "yaml" if laid_over else form, force=force)
            check_plot(plot, force=force)
            answer = ask(**given)
            if plot is not None:
                write(answer.plot(plot), plot, "--plot")
            if output and laid_over:
                write(laid_over(answer.found, os.path.dirname(output)), output)  # noqa: PTH120 - as it was typed
                output = None
            show_answer(answer, form, output, no_color=no_color, everything=all_of_it)

        shared = [parameter for name, parameter in signature(command).parameters.items() if has.get(name, True)]
        return _with_parameters(command, ask, [*signature(ask).parameters.values(), *shared])

    return decorate


def written_as_yaml(overlay: Callable[[Any], str]) -> Callable[[Ask], Command]:
    """Let a function be a command whose answer is a YAML file, which `overlay` gives, or JSON.

    What the answer says of the file goes to standard error, or below it on a terminal.
    """

    def decorate(ask: Ask) -> Command:
        def command(
            *,
            asked_form: FileForm = None,
            output: FileOutput = None,
            force: Force = False,
            all_of_it: All = False,
            **given: Any,
        ) -> None:
            form = written_form(asked_form, output, (TABLE, JSON), TABLE)
            check_replaced(output, "yaml" if form == TABLE else form, force=force)
            answer = ask(**given)
            if form == JSON:
                write(answer.json(), output)
                return
            write(overlay(answer.found), output)
            text = answer.text(Page(everything=all_of_it))
            if on_terminal(output):
                sys.stdout.write(f"\n{text}")
            else:
                tell(text)

        *shared, _given = signature(command).parameters.values()
        return _with_parameters(command, ask, [*signature(ask).parameters.values(), *shared])

    return decorate


def _scenario_flags(
    *, sets: Sets, pins: Pins, catalogues: Catalogues, as_of: AsOf = None, samples: Samples = SAMPLES, seed: Seed = SEED
) -> None:
    """Declare the flags that set other values, and the two of draws; only its signature is read."""


def on_scenario(
    forms: tuple[str, ...] = ALL_FORMS,
    *,
    drawn: bool = False,
    alone: Callable[..., AnyAnswer | None] | None = None,
    several: bool = False,
    **look: Any,
) -> Callable[[Ask], Command]:
    """Let a function of a plan be a command on one scenario, with the flags that set other values.

    It looks as `shown_in` says. One that draws takes `--samples` and `--seed`. `alone` answers what takes no plan.
    With `several` there may be more scenarios and folders of them, and the function takes the plans of all.
    """

    def decorate(ask: Ask) -> Command:
        flags_of_all = [*signature(_scenario_flags).parameters.values()]
        common = flags_of_all if drawn else flags_of_all[:-2]

        def answer_on_plan(
            scenario: File = None, others: Others = None, *, clips_per_day: ClipsPerDay = None, **given: Any
        ) -> AnyAnswer:
            flags = {parameter.name: given.pop(parameter.name) for parameter in common}
            # The only argument is what is asked about, and the flags say of what plan.
            if of_figure and given["figure"] is None:
                given["figure"], scenario = scenario, None
            is_plan = scenario is not None or any((flags["sets"], flags["pins"], clips_per_day))
            if not is_plan and alone and (answer := alone(**given)):
                return answer
            command = f"t2v-cap {ask.__module__.rpartition('.')[2]}"
            _check_asked(command, first_example(ask.__doc__), scenario, given.get("figure", ""), is_plan=is_plan)
            paths: Sequence[str | None] = [scenario]
            if several and scenario:
                paths = scenarios_of([scenario, *(others or ())]).scenarios
            plans = _plans(paths, clips_per_day, **flags)
            return ask(plans if several else plans[0], **given)

        own = list(signature(ask).parameters.values())[1:]
        of_figure = any(parameter.name == "figure" for parameter in own)
        file, others, clips, _given = signature(answer_on_plan).parameters.values()
        files = [file, others] if several else [file]
        return shown_in(forms, **look)(_with_parameters(answer_on_plan, ask, [*files, *own, clips, *common]))

    return decorate


def _plans(paths: Sequence[str | None], clips: str | None, **flags: Any) -> list[Plan]:
    """Return the plans of files with flags. Raise Mistakes with the mistakes of all of them."""
    check_paths([path or "" for path in paths])
    plans = list[Plan]()
    with gathered() as mistakes:
        for path in paths:
            with collected(mistakes):
                plan = plan_of(path, **flags)
                plans.append(plan if clips is None else _of_clips(plan, clips, flags["sets"]))
    return plans


def _of_clips(plan: Plan, clips: str, sets: Iterable[str]) -> Plan:
    """Return a plan with so many requests a day: of its users, if it has any by hand, or of as many as make them."""
    if any(text.startswith("videos_per_user_per_day=") for text in sets):
        raise Mistakes("`--clips-per-day` stands for `videos_per_user_per_day`; keep one of them")
    with placed(Place(f"--clips-per-day {clips}")):
        clips_per_day = parse(clips, "video")
        if not plan.scenario.by_hand("dau"):
            plan = plan.but(dau=clips_per_day / plan.videos_per_user_per_day)
        return plan.but(videos_per_user_per_day=clips_per_day / plan.dau)


def watchable(command: Command) -> Command:
    """Let a command run again whenever a file that it read is saved: the option `--watch`."""

    def watched(
        *,
        watch: Annotated[
            bool, option("Compute again whenever the file, or one that it extends, is saved.", "--watch")
        ] = False,
        **given: Any,
    ) -> None:
        if not watch:
            command(**given)
            return
        if given["scenario"] in (None, STANDARD_INPUT):
            raise Mistakes("`--watch` waits until a file is saved; name a scenario file")
        _run_again(partial(command, **given))

    return _with_parameters(
        watched, command, [*signature(command).parameters.values(), signature(watched).parameters["watch"]]
    )


def _run_again(run: Callable[[], None]) -> None:
    """Run at once, and whenever a file that was read changes, until it is interrupted.

    Report mistakes in a file and wait for the next save. Raise Mistakes if no file was read.
    """
    files = set[str]()
    while True:
        WAS_READ.clear()
        if sys.stdout.isatty():
            sys.stdout.write(_CLEARED)
        try:
            run()
        except Mistakes as error:
            if not WAS_READ:
                raise
            tell(f"{error}\n")
        except typer.Exit:  # a gate: there is no code before the end
            pass
        files |= WAS_READ
        sys.stdout.flush()
        tell(f"watching {count_of(len(files), 'file')}; Ctrl-C ends it\n")
        known = _times_saved(files)
        while _times_saved(files) == known:
            time.sleep(_PACE)


def _times_saved(files: Iterable[str]) -> dict[str, int]:
    """Return when each file was saved; none of a file that is missing."""
    times = dict[str, int]()
    for file in files:
        with suppress(OSError):
            times[file] = os.stat(file).st_mtime_ns  # noqa: PTH116 - as it was read
    return times


def _check_asked(command: str, example: str, scenario: str | None, figure: str | None, *, is_plan: bool) -> None:
    """Refuse a command line that names no plan, or not the figure that is asked about, with what to write."""
    if figure is None or (figure and scenario is None and (is_there(figure) or figure.endswith(ENDINGS))):
        raise Mistakes("missing FIGURE, such as `gpus`")
    if not is_plan:
        raise Mistakes(
            f"there is nothing to plan; name a scenario, such as `{example}`, or say what it is: "
            f"`{f'{command} {figure}'.rstrip()} --model wan2.2-t2v-a14b --gpu h200 --dau 1M`"
        )


def _with_parameters(
    command: Callable[..., Any], ask: Callable[..., Any], parameters: Iterable[Parameter]
) -> Callable[..., Any]:
    """Return a function under another's name and docstring, with the parameters that Typer makes options of."""
    parameters = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in parameters]
    function = wraps(ask)(command)
    function.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return function


def show_answer(answer: AnyAnswer, form: str, output: str | None, *, no_color: bool, everything: bool) -> None:
    """Write an answer in a form, then what belongs on standard error; end with the answer's code."""
    forced = output is None and not no_color and forces_color()
    if form == TABLE and (forced or on_terminal(output)):
        from t2v_capacity.tables.terminal import print_report

        report = answer.report(Page("terminal", get_terminal_size().columns, everything))
        print_report(report, color=not (no_color or refuses_color()), forced=forced)
    elif form == TABLE:
        write(answer.text(Page(everything=everything)), output)
    elif form == MARKDOWN:
        write(answer.markdown(everything=everything), output)
    elif form in answer.forms:
        write(answer.forms[form](answer.found), output)
    else:
        write(answer.csv() if form == CSV else answer.json(), output)
    if form == GITHUB:
        summarize(answer.markdown(everything=everything))
    if lines := answer.stderr(form):
        tell("".join(f"{line}\n" for line in lines))
    if answer.code:
        raise typer.Exit(answer.code)
