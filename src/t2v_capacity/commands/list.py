"""`t2v-cap list`: what there is to choose from, to set and to ask for."""

from typing import Annotated

import typer

from t2v_capacity import RELEASED
from t2v_capacity.commands.flags import Catalogues
from t2v_capacity.commands.output import Format, NoColor, Output, check_format, write_answer
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
    from t2v_capacity.reports.answers.list import LISTINGS

    if what not in LISTINGS:
        raise UserError(f"`{what}` is not a list; there are {', '.join(LISTINGS)}{nearest(what, LISTINGS)}")
    check_format(form, ("table", "json", "markdown", "csv"))
    rows, report = LISTINGS[what](tuple(catalogues or ()))
    from t2v_capacity.reports.forms.data import document

    write_answer(form, output, no_color, lambda: report, lambda: document("list", RELEASED, list=what, rows=rows))
