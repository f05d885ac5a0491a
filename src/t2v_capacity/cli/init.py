"""`t2v-cap init`: a scenario to begin with, or a catalogue with a model from its configuration."""

from pathlib import Path
from typing import Annotated

from t2v_capacity.api.plan import plan_of
from t2v_capacity.cli.flags import AsOf, Catalogues, Pins, Sets, argument, option
from t2v_capacity.cli.output import tell, write, write_file
from t2v_capacity.errors import Mistakes, quote
from t2v_capacity.files.document import STANDARD_INPUT


def command(
    file: Annotated[str, argument("The file to write, or - for standard output.", "FILE")],
    *,
    config: Annotated[
        str | None,
        option("Write a catalogue with the model of a transformer's config.json, as in diffusers.", "--from", "FILE"),
    ] = None,
    sets: Sets,
    pins: Pins,
    catalogues: Catalogues,
    as_of: AsOf = None,
    force: Annotated[bool, option("Overwrite the file if it is there.", "--force")] = False,
) -> None:
    """Write a scenario, or a catalogue, to start from.

    The scenario lists the inputs to decide, each with its unit, default and source. Flags and --pin
    are written into it, so a plan made of flags can be saved.

    \b
    Examples:
      t2v-cap init my.yaml
      t2v-cap init my.yaml --model wan2.2-t2v-a14b --gpu h200 --dau 1M
      t2v-cap init my.yaml --force
      t2v-cap init --from transformer/config.json acme.yaml
    """
    if not file.strip():
        raise Mistakes("the name of the file is empty; write a file's name, or - for standard output")
    printed = file == STANDARD_INPUT
    if config is not None:
        from t2v_capacity.handover.init_from import OWN_MODEL, entry_from

        if sets or pins or catalogues or as_of:
            raise Mistakes(
                "`--from` writes what the file says, and goes with no other flag; change the catalogue that it writes"
            )
        text, use = entry_from(config), f"a scenario uses it by `catalogue: {file}` and `model: {OWN_MODEL}`"
    else:
        from t2v_capacity.handover.init import starter

        plan, use = plan_of(None, sets, pins, catalogues, as_of), f"`t2v-cap estimate {file}` turns it into a plan"
        path = Path("scenario" if printed else file)
        text = starter(path.stem, plan.scenario, str(path.parent))
    if printed:
        write(text, None)
        return
    if Path(file).exists() and not force:
        raise Mistakes(f"`{file}` is there already; `--force` overwrites it")
    write_file(text, file, quote(file))
    tell(f"{file} is written; {use}\n")
