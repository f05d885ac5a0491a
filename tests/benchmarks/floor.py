"""The floor that start-up is measured against: the least that a program on the same stack does.

A Typer app with one argument reads the scenario with PyYAML's C loader, validates a Pydantic model of one field
and prints it.
"""

from pathlib import Path
from typing import Annotated

import typer
import yaml
from pydantic import BaseModel


class Named(BaseModel):
    """The one field."""

    name: str


def main(scenario: Annotated[str, typer.Argument(help="A scenario file.")]) -> None:
    """Print the name of a scenario."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(Path(scenario).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    typer.echo(Named(name=data["name"]).model_dump_json())


if __name__ == "__main__":
    typer.run(main)
