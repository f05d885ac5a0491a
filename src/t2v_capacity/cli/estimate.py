"""`t2v-cap estimate`: the plan of a scenario."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario, watchable
from t2v_capacity.cli.flags import list_option, number_of, option
from t2v_capacity.forms.answer import AnyAnswer


@watchable
@on_scenario(drawn=True, plotted=True)
def command(
    plan: Plan,
    *,
    only: Annotated[
        list[str],
        list_option(
            "A group, a figure, or `buying`, `alerts`, `scaling` or `failures`; repeatable.", "--only", "GROUP|FIGURE"
        ),
    ],
    months: Annotated[str, option("How many months `--only buying` sums, or 2y.", "--months", "N")] = "12",
) -> AnyAnswer:
    """Turn a scenario into a capacity plan.

    \b
    Examples:
      t2v-cap estimate scenarios/mochi.yaml
      t2v-cap estimate scenarios/mochi.yaml --dau 200e6 --precision fp16
      t2v-cap estimate scenarios/mochi.yaml --pin video_size=1.25MB
      t2v-cap estimate scenarios/mochi.yaml --output plan.json
      t2v-cap estimate scenarios/mochi.yaml --dau '50M to 200M'
      t2v-cap estimate scenarios/mochi.yaml --only buying --months 2y
      t2v-cap estimate scenarios/mochi.yaml --only scaling --plot day.svg
      cat scenarios/mochi.yaml | t2v-cap estimate -
    """
    return plan.table(only, number_of(months))
