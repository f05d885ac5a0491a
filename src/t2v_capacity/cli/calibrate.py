"""`t2v-cap calibrate`: a user's own measured runs become that user's efficiencies."""

from typing import Annotated

from t2v_capacity.cli.command_options import written_as_yaml
from t2v_capacity.cli.flags import AsOf, Catalogues, Pins, Sets, argument
from t2v_capacity.forms.answer import AnyAnswer
from t2v_capacity.measured.runs.calibrate import calibrate
from t2v_capacity.measured.runs.calibrate_answer import calibrate_answer, overlay


@written_as_yaml(overlay)
def command(
    scenario: Annotated[str, argument("A scenario file, or - for standard input.", "SCENARIO")],
    runs: Annotated[str, argument("A list of {seconds: 120, differences}, a CSV, or a benchmark's file.", "RUNS")],
    *,
    sets: Sets,
    pins: Pins,
    catalogues: Catalogues,
    as_of: AsOf = None,
) -> AnyAnswer:
    """Fit the efficiencies of your GPUs to clips that you timed.

    Writes the efficiencies as a catalogue.

    A run gives its seconds (per clip; or `includes: denoising`, or gpu_seconds) and its settings that differ from the
    scenario. One run scales both efficiencies; runs of several sizes separate linear layers from attention.

    \b
    Examples:
      t2v-cap calibrate scenarios/mochi.yaml runs.yaml --output calibrated.yaml
      t2v-cap estimate scenarios/mochi.yaml --catalogue calibrated.yaml
      t2v-cap calibrate scenarios/mochi.yaml runs.yaml --gpu h200 --format json
    """
    return calibrate_answer(calibrate(scenario, runs, sets, pins, catalogues, as_of))
