"""`t2v-cap estimate`: the plan of a scenario."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario, watchable
from t2v_capacity.cli.flags import option
from t2v_capacity.forms.answer import AnyAnswer

Only = Annotated[list[str] | None, option("Show a group of figures whole, or one figure. May be repeated.", "--only", "GROUP|FIGURE")]


@watchable
@on_scenario(drawn=True, everything=True)
def command(plan: Plan, only: Only = None) -> AnyAnswer:
    """Turn a scenario into a capacity plan.

    \b
    Examples:
      t2v-cap estimate scenarios/mochi.yaml
      t2v-cap estimate scenarios/mochi.yaml --dau 200e6 --precision fp16
      t2v-cap estimate scenarios/mochi.yaml --pin video_size=1.25MB
      t2v-cap estimate scenarios/mochi.yaml --format json --output plan.json
      t2v-cap estimate scenarios/mochi.yaml --dau '50M to 200M'
      cat scenarios/mochi.yaml | t2v-cap estimate -
    """
    return plan.table(only=only or ())
