"""`t2v-cap export`: a plan to hand over, as a workbook, a page or a section of a design document."""

from typing import Annotated

from t2v_capacity.api.plan import plan_of
from t2v_capacity.cli.flags import AsOf, Catalogues, Pins, Samples, Seed, Sets, argument, check_paths, number_of, option
from t2v_capacity.cli.output import write_file, wrote
from t2v_capacity.errors import Mistakes
from t2v_capacity.handover.export import WORKBOOK, check_file, file_among
from t2v_capacity.scenario.folders import scenarios_of

_SEVERAL = 2


def command(
    files: Annotated[
        list[str],
        argument("Scenarios or flags, and the file: .xlsx, .html or .md.", "[SCENARIO...] FILE"),
    ],
    *,
    months: Annotated[
        str | None, option("Months of a workbook of several services, 24 by default.", "--months", "N")
    ] = None,
    start: Annotated[str | None, option("The calendar month of their month 0.", "--start", "YYYY-MM")] = None,
    sets: Sets,
    pins: Pins,
    catalogues: Catalogues,
    as_of: AsOf = None,
    samples: Samples = 20_000,
    seed: Seed = 0,
) -> None:
    """Write a plan to hand over: a workbook, a page or a section.

    A workbook (.xlsx) and a page (.html) recalculate; a section (.md) is pasted into a document.
    A workbook of several scenarios has a sheet for each, by month, and a live sum.

    \b
    Examples:
      t2v-cap export scenarios/mochi.yaml plan.xlsx
      t2v-cap export scenarios/mochi.yaml plan.html --dau 200e6
      t2v-cap export scenarios/mochi.yaml scenarios/mochi-bf16.yaml plan.html
      t2v-cap export scenarios/wan2.2-h100.yaml plan.md
      t2v-cap export plan.xlsx a.yaml b.yaml --months 18 --start 2027-02
    """
    file = file_among(files)
    named = list(files)
    named.remove(file)
    check_file(file, len(named) or bool(sets or pins))
    check_paths(named)
    scenarios: list[str | None] = [*scenarios_of(named).scenarios] if named else [None]
    if (months or start) and (len(scenarios) < _SEVERAL or not file.endswith(WORKBOOK)):
        raise Mistakes("`--months` and `--start` are of a workbook of several services; leave them out")
    plans = [plan_of(path, sets, pins, catalogues, as_of, samples, seed) for path in scenarios]
    write_file(plans[0].export(file, *plans[1:], months=number_of(months or "24"), start=start), file, f"`{file}`")
    wrote(file)
