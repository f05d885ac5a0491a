"""`t2v-cap list`: what there is to choose from, to set and to ask for."""

from typing import Annotated, Any

import typer

from t2v_capacity import RELEASED
from t2v_capacity.commands.flags import Catalogues
from t2v_capacity.commands.output import Format, NoColor, Output, check_format, on_terminal, write
from t2v_capacity.errors import UserError, nearest

app = typer.Typer(rich_markup_mode=None)


@app.command("list")
def command(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="models, gpus, prices, figures or assumptions.")],
    catalogues: Catalogues = None,
    form: Format = "table",
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """List the models, GPUs and prices of the catalogue, the figures, or the assumptions.

    \b
    Examples:
      t2v-cap list gpus
      t2v-cap list assumptions --format json
    """
    from t2v_capacity.reports.listing import LISTINGS

    if what not in LISTINGS:
        raise UserError(f"`{what}` is not a list; there are {', '.join(LISTINGS)}{nearest(what, LISTINGS)}")
    check_format(form, ("table", "json", "markdown", "csv"))
    rows, report = LISTINGS[what](tuple(catalogues or ()))
    if form == "json":
        from t2v_capacity.reports.data import as_json, document

        write(as_json(document("list", RELEASED, list=what, rows=rows)), output)
    elif form == "csv":
        from t2v_capacity.reports.data import as_csv

        write(as_csv(rows[0], (_flat(row) for row in rows)), output)
    elif form == "table" and on_terminal(output):
        from t2v_capacity.reports.terminal import show

        show(report, color=not no_color)
    else:
        from t2v_capacity.reports.text import markdown, plain

        write(markdown(report) if form == "markdown" else plain(report), output)


def _flat(row: dict[str, Any]) -> list[Any]:
    """Return a row's cells, lists joined by spaces."""
    return [" ".join(map(str, cell)) if isinstance(cell, list) else cell for cell in row.values()]
