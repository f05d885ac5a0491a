"""`t2v-cap init`: a scenario to begin with."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from t2v_capacity.commands.output import write, write_file
from t2v_capacity.errors import Mistakes, quote
from t2v_capacity.files.document import STANDARD_INPUT
from t2v_capacity.vocabulary.choices import CHOICES

app = typer.Typer(rich_markup_mode=None)


@app.command("init")
def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The scenario to write, or - for standard output.")],
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="A model of the catalogue.")] = CHOICES["model"].default,
    gpu: Annotated[str, typer.Option("--gpu", metavar="GPU", help="A GPU of the catalogue.")] = CHOICES["gpu"].default,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = False,
) -> None:
    """Write a scenario to begin with: what must be decided, each line with its unit, default and source.

    \b
    Examples:
      t2v-cap init my.yaml
      t2v-cap init --model wan2.1-t2v-14b --gpu h100-sxm my.yaml
      t2v-cap init my.yaml --force
    """
    from t2v_capacity.reports.handover.init import starter

    if not file.strip():
        raise Mistakes("the name of the file is empty; write a file's name, or - for standard output")
    if file == STANDARD_INPUT:
        write(starter("scenario", model, gpu), None)
        return
    text = starter(Path(file).stem, model, gpu)
    if Path(file).exists() and not force:
        raise Mistakes(f"`{file}` is there already; `--force` overwrites it")
    write_file(text, file, quote(file))
    sys.stderr.write(f"{file} is written; `t2v-cap estimate {file}` turns it into a plan\n")
