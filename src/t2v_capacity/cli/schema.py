"""`t2v-cap schema`: JSON Schemas of what the program reads and of what it answers."""

from typing import Annotated

from t2v_capacity.cli.flags import argument, option
from t2v_capacity.cli.output import JSON, Force, check_replaced, write, written_form
from t2v_capacity.errors import Mistakes, nearest


def command(
    what: Annotated[str | None, argument("scenario, or a command that writes JSON.", "SCHEMA")] = None,
    form: Annotated[str | None, option("JSON alone; --json is --format json.", "--format", "json")] = None,
    output: Annotated[str | None, option("Write the schema to a file.", "--output", "FILE", "-o")] = None,
    force: Force = False,
) -> None:
    """Print a JSON Schema for your editor or your scripts.

    For editors: scenario. For scripts: the JSON that a command writes, such as `estimate` or `sweep`.

    \b
    Examples:
      t2v-cap schema scenario
      t2v-cap schema estimate --output estimate.schema.json
    """
    from t2v_capacity.forms.data import as_json
    from t2v_capacity.schema.documents import SCHEMAS

    if what not in SCHEMAS:
        wrong = f"`{what}` is not a schema" if what else "SCHEMA is missing"
        raise Mistakes(f"{wrong}; there are {', '.join(SCHEMAS)}{nearest(what or '', SCHEMAS)}")
    check_replaced(output, written_form(form, output, (JSON,)), force=force)
    write(as_json(SCHEMAS[what]()), output)
