"""`t2v-cap list`: what there is to choose from, to set and to ask for."""

from typing import Annotated

from t2v_capacity.cli.command_options import shown_in
from t2v_capacity.cli.flags import Catalogues, argument
from t2v_capacity.forms.answer import AnyAnswer


@shown_in()
def command(
    what: Annotated[
        str | None, argument("Such as models, gpus, prices, figures or assumptions; omit it for a menu.", "LIST")
    ] = None,
    name: Annotated[str | None, argument("One entry of the catalogue, as YAML to copy.", "NAME")] = None,
    *,
    catalogues: Catalogues,
) -> AnyAnswer:
    """List models, GPUs, prices, figures and assumptions.

    Entries of your own catalogue are listed too. NAME prints one entry with its sources, to copy into a catalogue.

    \b
    Examples:
      t2v-cap list
      t2v-cap list gpus
      t2v-cap list choices
      t2v-cap list assumptions --format json
      t2v-cap list gpus h100-sxm > my-catalogue.yaml
    """
    from t2v_capacity.answers.list import list_answer

    return list_answer(what or "", name, tuple(catalogues))
