"""`t2v-cap diff --against`: every scenario of a request against the revision that it left."""

import sys
from collections.abc import Sequence

import typer

from t2v_capacity import RELEASED
from t2v_capacity.commands.app import GATE
from t2v_capacity.commands.diff import tell
from t2v_capacity.commands.output import check_format, on_terminal, write
from t2v_capacity.errors import UserError, printable
from t2v_capacity.questions.change.diff_against import Against, Flags, against
from t2v_capacity.questions.change.judge import Asked

_FORMATS = ("table", "json", "markdown", "csv", "junit")


def compare_request(
    revision: str,
    paths: Sequence[str],
    asked: Asked,
    flags: tuple[Sequence[str], Sequence[str], Sequence[str]],
    form: str,
    output: str | None,
    *,
    exit_code: bool,
    color: bool,
) -> None:
    """Write the whole answer, then end with 2 where a file can't be read or judged, else with 3 where a rule fails."""
    check_format(form, _FORMATS)
    if "-" in paths:
        raise UserError("`--against` compares files of a repository; standard input is none")
    found = against(revision, paths, asked, Flags(*flags))
    _write(found, form, output, color=color)
    from t2v_capacity.reports.answers.diff_against import mistake_lines

    lines = [*mistake_lines(found.entries)]
    sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))
    for entry in found.entries:
        if entry.judged:
            tell(entry.judged, {}, "junit", f"{entry.file}: ")
    if code := found.code or (GATE if exit_code and not found.unchanged else 0):
        raise typer.Exit(code)


def _write(found: Against, form: str, output: str | None, *, color: bool) -> None:
    from t2v_capacity.reports.answers import diff_against as reports

    if form == "json":
        from t2v_capacity.reports.forms.data import as_json

        plans = [entry.judged.difference.head for entry in found.entries if entry.judged]
        write(as_json(reports.against_document(found, max((plan.as_of for plan in plans if plan.as_of), default=RELEASED))), output)
    elif form == "csv":
        from t2v_capacity.reports.forms.data import as_csv

        write(as_csv(reports.HEADING, reports.against_rows(found)), output)
    elif form == "junit":
        write(reports.against_junit(found), output)
    elif form == "markdown":
        write(reports.against_comment(found), output)
    elif on_terminal(output):
        from t2v_capacity.reports.forms.terminal import show

        show(reports.against_report(found), color=color)
    else:
        from t2v_capacity.reports.forms.text import plain

        write(plain(reports.against_report(found)), output)
