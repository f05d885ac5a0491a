"""`t2v-cap total`: several scenarios as one service."""

from typing import Annotated

from t2v_capacity.api import ask
from t2v_capacity.cli.command_options import shown_in
from t2v_capacity.cli.flags import Catalogues, Pins, Sets, argument, check_paths, option
from t2v_capacity.forms.answer import AnyAnswer


@shown_in()
def command(
    scenarios: Annotated[list[str], argument("The scenarios to add, and folders of them.", "SCENARIO")],
    *,
    pooled: Annotated[
        bool, option("They share one fleet, served in the order given: its size, and each one's wait.", "--pooled")
    ] = False,
    sets: Sets,
    pins: Pins,
    catalogues: Catalogues,
) -> AnyAnswer:
    """Show several scenarios side by side and as one service.

    Figures that add up are summed; ratios are recomputed.

    \b
    Examples:
      t2v-cap total scenarios/start-up.yaml scenarios/million-clips.yaml
      t2v-cap total --pooled paid.yaml free.yaml
      t2v-cap total free.yaml paid.yaml --set growth_per_month=5% --format json
    """
    check_paths(scenarios)
    return ask.total_of(scenarios, (sets, pins, catalogues), pooled=pooled)
