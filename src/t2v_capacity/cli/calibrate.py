"""`t2v-cap calibrate`: a user's own measured runs become that user's efficiencies."""

from typing import Annotated, Any

import typer

from t2v_capacity.cli.command_options import JSON, TABLE, shown_in
from t2v_capacity.cli.flags import AsOf, Catalogues, Pins, Sets
from t2v_capacity.forms.answer import Answer
from t2v_capacity.questions.measured.calibrate import calibrate

RunsFile = Annotated[str, typer.Argument(metavar="RUNS", help="A list of runs, {seconds: 120, differences}, or vLLM-Omni's JSON.")]


def _catalogue(answer: Answer[Any, Any], _folder: str) -> str:
    from t2v_capacity.answers.calibrate import overlay

    return overlay(answer.found)


@shown_in((TABLE, JSON), overlay=_catalogue)
def command(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or - for standard input.")],
    runs: RunsFile,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
) -> Answer[Any, Any]:
    """Fit the efficiencies of your GPUs to clips that you timed.

    --output FILE.yaml writes the efficiencies as a catalogue.

    A run gives its seconds (per clip; or `includes: denoising`, or gpu_seconds) and its settings that differ from the
    scenario. One run scales both efficiencies; runs of several sizes separate linear layers from attention.

    \b
    Examples:
      t2v-cap calibrate scenarios/mochi.yaml runs.yaml --output calibrated.yaml
      t2v-cap estimate scenarios/mochi.yaml --catalogue calibrated.yaml
      t2v-cap calibrate scenarios/mochi.yaml runs.yaml --gpu h200 --format json
    """
    from t2v_capacity.answers.calibrate import calibrate_answer

    return calibrate_answer(calibrate(scenario, runs, sets or (), pins or (), catalogues or (), as_of))
