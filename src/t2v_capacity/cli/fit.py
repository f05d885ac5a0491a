"""`t2v-cap fit`: a trace of requests becomes assumptions of traffic and waiting."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from t2v_capacity.api import ask
from t2v_capacity.cli.output import Force, check_format, check_replaced, on_terminal, write
from t2v_capacity.errors import Mistakes, quote

app = typer.Typer(rich_markup_mode=None, add_completion=False)
Trace = Annotated[str, typer.Argument(metavar="TRACE", help="Requests as CSV or lines of JSON (.gz too), or - for standard input.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", metavar="PART=COLUMN,...", help="Column names of time, user, status, duration."),
]
Statuses = Annotated[
    list[str] | None,
    typer.Option("--statuses", metavar="WORD=STATUS,...", help="Words for done, failed, rejected_prompt, rejected_output."),
]
Overlay = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the scenario to a file.")]
Form = Annotated[str, typer.Option("--format", metavar="table|json", help="A table shows the scenario and how it was fitted.")]


@app.command("fit")
def command(
    trace: Trace, columns: Columns = None, statuses: Statuses = None, form: Form = "table", output: Overlay = None, force: Force = False
) -> None:
    """Fit users, peak and clustering to a request log.

    Writes a scenario for others to extend: dau, videos_per_user_per_day, day_curve (or peak_to_average), day_variability and
    arrival_variability. Run durations (not clip lengths) add service_variability; statuses add rejected_prompt_share,
    failed_share and rejected_output_share. With three or more whole days, each number has the range of its days.

    Columns are found by their usual names; rows may come in any order. Times without a zone are UTC; numbers are seconds since 1970.

    \b
    Examples:
      t2v-cap fit requests.csv --output traffic.yaml
      t2v-cap fit requests.csv.gz --columns time=created_at,user=uid
      t2v-cap fit requests.jsonl --columns time=event.time
      t2v-cap fit requests.csv --statuses nsfw=rejected_output
      zcat requests.csv.gz | t2v-cap fit - --format json
    """
    check_format(form, ("table", "json"))
    check_replaced(output, "yaml" if form == "table" else form, force=force)
    found = ask.fit(trace, columns=_pairs("--columns", columns), statuses=_pairs("--statuses", statuses))
    if form == "json":
        write(found.json(), output)
        return
    from t2v_capacity.answers.fit import overlay

    write(overlay(found.found), output)
    if output is not None or not on_terminal(output):
        sys.stderr.write(str(found))
    else:
        sys.stdout.write("\n" + str(found))


def _pairs(option: str, texts: Sequence[str] | None) -> dict[str, str]:
    """Return an option's pairs of name and value. Raise Mistakes if a name has no value, or two."""
    found: dict[str, str] = {}
    for text in texts or ():
        for part in text.split(","):
            name, equals, value = (one.strip() for one in part.partition("="))
            if not (equals and name and value):
                form = "time=created_at,user=uid" if option == "--columns" else "nsfw=rejected_output"
                raise Mistakes(f"`{option}`: {quote(part)} is no pair; write {form}")
            if name in found:
                raise Mistakes(f"`{option}`: {quote(name)} is given twice")
            found[name] = value
    return found
