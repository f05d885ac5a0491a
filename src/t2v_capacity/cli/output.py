"""Where an answer goes: standard output or a file, in the format asked for."""

import os
import stat
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated

from t2v_capacity.cli.flags import option
from t2v_capacity.errors import Mistakes, nearest, printable, unspoken, unwritable
from t2v_capacity.files.source import ENDINGS, WAS_READ

Output = Annotated[str | None, option("To a file; .json, .csv, .md set the format.", "--output", "FILE", "-o")]
Force = Annotated[bool, option("Let --output replace a file of another form.", "--force")]
NoColor = Annotated[bool, option("Use no color (as NO_COLOR does).", "--no-color")]
Plotted = Annotated[str | None, option("Draw the answer too: a .svg, .png or .pdf.", "--plot", "FILE")]
FileOutput = Annotated[str | None, option("Write the YAML to a file.", "--output", "FILE", "-o")]
FileForm = Annotated[
    str | None,
    option("A table, the default, shows the YAML and its fit; --json is --format json.", "--format", "table|json"),
]
All = Annotated[bool, option("Show everything, notes too.", "--all")]


TABLE, JSON, MARKDOWN, CSV, JUNIT, GITHUB = "table", "json", "markdown", "csv", "junit", "github"
# How the names of files of a form end; those of the first four set the form.
_ENDINGS = {
    JSON: (".json",),
    CSV: (".csv",),
    MARKDOWN: (".md", ".markdown"),
    JUNIT: (".xml",),
    TABLE: (".txt",),
    GITHUB: (".txt", ".log"),
    "yaml": ENDINGS,
}
# What writes the files that no answer is.
_WRITERS = {
    ".xlsx": "`t2v-cap export plan.yaml {file}` writes a workbook",
    ".html": "`t2v-cap export plan.yaml {file}` writes a page",
    **dict.fromkeys(
        ENDINGS, "`t2v-cap init {file}` writes a scenario, `t2v-cap list gpus h100-sxm > {file}` an entry to copy"
    ),
    **dict.fromkeys(
        (".svg", ".png", ".pdf"),
        "`--plot {file}` draws it, of sweep, forecast, sensitivity, compare, accuracy, and estimate with "
        "`--only scaling` or `--only failures`",
    ),
}


def written_form(form: str | None, output: str | None, forms: tuple[str, ...], of_yaml: str | None = None) -> str:
    """Return the form of an answer: by `--format`, else by the ending of `--output`, else the command's first.

    `of_yaml` is the form of a command that writes YAML. Raise Mistakes if the command has no such form, or if format
    and ending differ.
    """
    if form and form not in forms:
        raise Mistakes(f"`--format {form}`: this command has {', '.join(forms)}{nearest(form, forms)}")
    ending = os.path.splitext(output or "")[1].lower()  # noqa: PTH122 - as it was typed
    by_ending = next((form for form in (JSON, CSV, MARKDOWN, JUNIT) if ending in _ENDINGS[form]), None)
    if of_yaml and ending in ENDINGS:
        by_ending = of_yaml
    elif ending in _WRITERS:
        raise Mistakes(f"`--output {output}`: no answer is such a file; {_WRITERS[ending].format(file=output)}")

    if by_ending and by_ending not in forms:
        raise Mistakes(f"`--output {output}` would be {by_ending}; this command has {', '.join(forms)}")
    if form and by_ending and form != by_ending:
        raise Mistakes(f"`--format {form}`, but `--output {output}` ends in `{ending}`; leave one of them out")
    return form or by_ending or forms[0]


def check_replaced(output: str | None, form: str, *, force: bool, option: str = "--output") -> None:
    """Raise Mistakes if an answer would replace a non-empty file whose name has another form."""
    if not output or force:
        return
    # Of a link, the target is what it would be written to.
    target, endings = os.path.realpath(output), _ENDINGS.get(form, (f".{form}",))
    holds = os.path.isfile(target) and os.path.getsize(target)  # noqa: PTH113, PTH202 - of any text
    if holds and not target.lower().endswith(endings):
        raise Mistakes(
            f"`{option} {output}` is there already, and this answer is a file that ends in `{endings[0]}`; "
            "name another file, or replace it with `--force`"
        )


def check_plot(plot: str | None, *, force: bool) -> None:
    """Raise Mistakes if a plot's name has another form, or is that of a file that is no plot.

    Import the plotting library, before anything is computed.
    """
    if plot is None:
        return
    from t2v_capacity.forms.plot import form_of

    check_replaced(plot, form_of(plot), force=force, option="--plot")
    import_module("matplotlib")  # before anything is computed


def forces_color() -> bool:
    """Return whether the environment asks for color in a pipe too; NO_COLOR beats it."""
    forced = os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE") or "0"
    return forced != "0" and not refuses_color()


def refuses_color() -> bool:
    """Return whether the environment asks for no color."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("FORCE_COLOR") == "0"


def on_terminal(output: str | None) -> bool:
    """Return whether the answer goes to a terminal, where it may have colour and its width."""
    return output is None and sys.stdout.isatty()


def write(content: str | bytes, output: str | None, option: str = "--output") -> None:
    """Write an answer; a file, which an option names, whole or not at all. Raise Mistakes if it can't be written."""
    if output is None:
        try:
            sys.stdout.write(str(content))
            sys.stdout.flush()
        except BrokenPipeError:  # the reader has seen enough; a gate that failed has failed all the same
            drop_output()
        return
    if not output:
        raise Mistakes(f"`{option}` needs the name of a file")
    write_file(content, output, f"`{option} {output}`")
    wrote(output)


def summarize(markdown: str) -> None:
    """Append an answer to the summary of a step of GitHub's workflows, where there is one.

    Raise Mistakes if it can't be written.
    """
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(file).open("a", encoding="utf-8", errors="replace") as summary:
                summary.write(markdown)
        except OSError as error:
            raise unwritable("GITHUB_STEP_SUMMARY", file, error) from None


def drop_output() -> None:
    """Let nothing more be written to standard output: Python would complain when it flushes at exit."""
    with suppress(OSError, ValueError):  # one that is no file has nothing to drop
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def wrote(file: str) -> None:
    """Say on standard error which file was written."""
    tell(f"wrote {printable(file)}\n")


def tell(text: str) -> None:
    """Write on standard error, which may be full or closed: a lost message leaves the exit code as it is."""
    with suppress(OSError, ValueError):
        sys.stderr.write(unspoken(text))
        sys.stderr.flush()


def write_file(content: str | bytes, file: str, named: str) -> None:
    """Write a file whole, or not at all; raise Mistakes, which names it so, where that can't be done."""
    if file.endswith(("/", os.sep)):
        raise unwritable(named, file, IsADirectoryError())
    target = Path(os.path.realpath(file))  # a link stays one
    if str(target) in WAS_READ:
        raise Mistakes(f"{named} would be written over {file}, from which the answer is computed; name another file")
    # A name that is no text, of a file say, is written in escapes.
    written = content if isinstance(content, bytes) else content.encode(errors="backslashreplace")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(written)  # a device or a pipe; a directory says so
            return
        draft = target.with_name(f".t2v-cap.{os.getpid()}")  # short, whatever the file is called
        try:
            draft.write_bytes(written)
            if target.exists():
                draft.chmod(stat.S_IMODE(target.stat().st_mode))
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(named, file, error) from error
