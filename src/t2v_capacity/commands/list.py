"""`t2v-cap list`: what there is to choose from, to set and to ask for."""

from typing import Annotated, Any

import typer

from t2v_capacity.commands.door import shown_in
from t2v_capacity.commands.flags import Catalogues
from t2v_capacity.reports.forms.answer import Answer

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("list")
@shown_in()
def command(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="models, gpus, prices, figures or assumptions.")],
    catalogues: Catalogues = None,
) -> Answer[Any]:
    """List what can be chosen, set and asked for.

    \b
    Examples:
      t2v-cap list gpus
      t2v-cap list assumptions --format json
    """
    from t2v_capacity.reports.answers.list import list_answer

    return list_answer(what, tuple(catalogues or ()))
