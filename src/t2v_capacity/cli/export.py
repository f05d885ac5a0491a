"""`t2v-cap export`: a plan to hand over, as a workbook, a page or a section of a design document."""

import os
from typing import Annotated

from t2v_capacity.api.plan import plan_of
from t2v_capacity.cli.flags import AsOf, Catalogues, Pins, Samples, Seed, Sets, argument, check_paths
from t2v_capacity.cli.output import write_file, wrote
from t2v_capacity.errors import Mistakes, quote
from t2v_capacity.handover.export import check_file


def command(
    files: Annotated[
        list[str],
        argument("A scenario, or two for a page, or flags alone; then the file.", "[SCENARIO [SCENARIO]] FILE"),
    ],
    *,
    sets: Sets,
    pins: Pins,
    catalogues: Catalogues,
    as_of: AsOf = None,
    samples: Samples = 20_000,
    seed: Seed = 0,
) -> None:
    """Write a plan to hand over: a workbook, a page or a section.

    A workbook (.xlsx) and a page (.html) recalculate; a section (.md) is pasted into a document.

    \b
    Examples:
      t2v-cap export scenarios/mochi.yaml plan.xlsx
      t2v-cap export scenarios/mochi.yaml plan.html --dau 200e6
      t2v-cap export scenarios/mochi.yaml scenarios/mochi-bf16.yaml plan.html
      t2v-cap export scenarios/wan2.2-h100.yaml plan.md
    """
    *scenarios, file = files
    check_file(file, len(scenarios) or bool(sets or pins))
    check_paths(scenarios)
    if os.path.realpath(file) in map(os.path.realpath, scenarios):
        raise Mistakes(f"{quote(file)} is the scenario itself; write the plan to a file of another name")
    given: list[str | None] = [*scenarios] or [None]
    plans = [plan_of(path, sets, pins, catalogues, as_of, samples, seed) for path in given]
    write_file(plans[0].export(file, *plans[1:]), file, f"`{file}`")
    wrote(file)
