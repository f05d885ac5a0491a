"""`t2v-cap accuracy`: how near the predictions are to measured runs."""

from typing import Annotated

import typer

from t2v_capacity.commands.flags import Catalogues
from t2v_capacity.commands.output import All, Format, NoColor, Output, write_answer
from t2v_capacity.questions.accuracy import accuracy

app = typer.Typer(rich_markup_mode=None)
File = Annotated[str | None, typer.Argument(metavar="[FILE]", help="Runs of your own, or - for standard input; else the published ones.")]
By = Annotated[str | None, typer.Option("--by", metavar="WHAT", help="Sum up by model, gpu, kernel or option too.")]


@app.command("accuracy")
def command(
    file: File = None,
    by: By = None,
    catalogues: Catalogues = None,
    form: Format = "table",
    output: Output = None,
    everything: All = False,
    no_color: NoColor = False,
) -> None:
    """Hold the predicted seconds and memory against measured runs: those that were published, or your own.

    \b
    Examples:
      t2v-cap accuracy
      t2v-cap accuracy --by kernel
      t2v-cap accuracy --by option --format markdown
      t2v-cap accuracy runs.yaml --catalogue calibrated.yaml
    """
    found = accuracy(file, by, catalogues or ())
    from t2v_capacity.reports.accuracy import accuracy_document, accuracy_report

    write_answer(form, output, no_color, lambda: accuracy_report(found, everything=everything), lambda: accuracy_document(found))
