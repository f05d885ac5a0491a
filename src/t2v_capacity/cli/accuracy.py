"""`t2v-cap accuracy`: how near the predictions are to measured runs."""

from typing import Annotated

from t2v_capacity.api import ask
from t2v_capacity.cli.command_options import shown_in
from t2v_capacity.cli.flags import Catalogues, argument, check_paths
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import AnyAnswer


@shown_in(plotted=True)
def command(
    files: Annotated[
        list[str] | None,
        argument("Your own runs, and their scenario; default: the published runs.", "[[SCENARIO] RUNS]"),
    ] = None,
    *,
    catalogues: Catalogues,
) -> AnyAnswer:
    """Compare predictions with measured runs.

    Uses the published runs unless you give your own. Runs without a scenario each name their model and GPU;
    with one, they state their differences from it, as for calibrate.

    \b
    Examples:
      t2v-cap accuracy
      t2v-cap accuracy --all --format csv
      t2v-cap accuracy runs.yaml --catalogue calibrated.yaml
      t2v-cap accuracy plan.yaml runs.yaml
      t2v-cap accuracy --plot accuracy.svg
    """
    files = files or []
    if len(files) > 2:  # noqa: PLR2004
        raise Mistakes(f"{len(files)} files: name the runs, or a scenario and its runs")
    check_paths(files)
    *scenarios, runs = files or (None,)
    return ask.accuracy(runs, scenarios[0] if scenarios else None, catalogue=catalogues)
