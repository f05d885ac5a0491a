"""`t2v-cap export`: a plan to hand over, as a workbook, a page or a section of a design document."""

import os
from pathlib import Path
from typing import Annotated

import typer

from t2v_capacity.commands.flags import (
    MOST_SAMPLES,
    AsOf,
    Catalogues,
    Pins,
    Samples,
    ScenarioCommand,
    Seed,
    Sets,
    check_paths,
    check_samples,
    check_seed,
    scenario_of,
)
from t2v_capacity.commands.output import progress, write_file
from t2v_capacity.errors import UserError, quote
from t2v_capacity.questions.plan.estimate import Estimate, estimate, with_bands

app = typer.Typer(rich_markup_mode=None)

Files = Annotated[list[str], typer.Argument(metavar="SCENARIO [SCENARIO] FILE", help="A scenario, or two for a page; then the file.")]
# How many scenarios a file of each kind holds.
_MOST = {".xlsx": 1, ".html": 2, ".md": 1}


@app.command("export", cls=ScenarioCommand)
def command(
    files: Files,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    samples: Samples = 20_000,
    seed: Seed = 0,
) -> None:
    """Write a plan to hand over: a workbook (.xlsx) and a page (.html) that recalculate, or a section to paste (.md).

    \b
    Examples:
      t2v-cap export scenarios/mochi.yaml plan.xlsx
      t2v-cap export scenarios/mochi.yaml plan.html --dau 200e6
      t2v-cap export scenarios/mochi.yaml scenarios/mochi-bf16.yaml plan.html
      t2v-cap export scenarios/wan2.2-h100.yaml plan.md
    """
    *scenarios, file = files
    ending = _ending(scenarios, file)
    _check_inputs(scenarios, file)
    check_samples(samples, MOST_SAMPLES)
    check_seed(seed)
    plans = [estimate(scenario_of(path, sets, pins, catalogues, as_of)) for path in scenarios]
    with progress(samples) as told:
        plans = [with_bands(plan, samples, seed, told) for plan in plans]
    write_file(_content(plans, ending, file), file, f"`{file}`")


def _ending(scenarios: list[str], file: str) -> str:
    """Return what the file's name ends in; raise UserError where that, or the number of scenarios, can't be."""
    ending = Path(file).suffix
    if ending not in _MOST:
        raise UserError(f"{quote(file)}: the last argument is the file to write; its name must end in .xlsx, .html or .md")
    if not scenarios:
        raise UserError(f"SCENARIO is missing; write `t2v-cap export SCENARIO {file}`")
    if len(scenarios) > _MOST[ending]:
        most = (
            "a page shows two side by side at most"
            if ending == ".html"
            else f"{quote(file)} holds one; a page (.html) shows two side by side"
        )
        raise UserError(f"{len(scenarios)} scenarios: {most}")
    return ending


def _check_inputs(scenarios: list[str], file: str) -> None:
    """Raise UserError where a scenario would be written over, or standard input read twice."""
    check_paths(scenarios)
    if os.path.realpath(file) in map(os.path.realpath, scenarios):
        raise UserError(f"{quote(file)} is the scenario itself; write the plan to a file of another name")


def _content(plans: list[Estimate], ending: str, file: str) -> str | bytes:
    if ending == ".xlsx":
        from t2v_capacity.reports.handover.workbook import workbook

        return workbook(plans[0])
    if ending == ".html":
        from t2v_capacity.reports.handover.page import page

        return page(plans)
    from t2v_capacity.reports.handover.brief import brief

    return brief(plans[0], Path(file).name)
